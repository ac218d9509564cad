/* timing.c - see timing.h. */
#include "timing.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

uint64_t pm_timing_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void pm_timing_init(struct pm_timing *t)
{
	memset(t, 0, sizeof(*t));
	t->start = t->last = pm_timing_now();
}

static void add(struct pm_timing *t, const char *phase, uint64_t ns)
{
	unsigned i = 0;

	while (i < t->n && strcmp(t->v[i].phase, phase) != 0)
		i++;
	PM_ASSERT(i < sizeof(t->v) / sizeof(t->v[0]), "too many phases");
	if (i == t->n)
		t->v[t->n++].phase = phase;
	t->v[i].ns += ns;
}

void pm_timing_lap(struct pm_timing *t, const char *phase)
{
	uint64_t now;

	if (!t)
		return;
	now = pm_timing_now();
	add(t, phase, now > t->last ? now - t->last : 0);
	t->last = now;
}

void pm_timing_add(struct pm_timing *t, const char *phase, uint64_t ns)
{
	if (!t)
		return;
	add(t, phase, ns);
	t->last += ns;
}

void pm_timing_print(struct pm_timing *t)
{
	if (!t)
		return;
	pm_timing_lap(t, "other");
	fputs("portmig: timings:", stderr);
	for (unsigned i = 0; i < t->n; i++)
		fprintf(stderr, "%s %s %.1f ms", i ? "," : "", t->v[i].phase,
			(double)t->v[i].ns / 1e6);
	fprintf(stderr, "; %.1f ms in all\n", (double)(t->last - t->start) / 1e6);
}
