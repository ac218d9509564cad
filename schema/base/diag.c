/* diag.c - see diag.h. */
#include "base/diag.h"

#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pm_diag *pm_diag_add(struct pm_diags *d, struct pm_arena *a, const char *rule,
			    enum pm_severity severity, const char *path, unsigned line,
			    unsigned col, const char *fmt, ...)
{
	struct pm_diag *x = PM_VEC_ADD(d);
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	PM_ASSERT(n >= 0, "bad format");
	text = pm_arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	x->rule = rule;
	x->severity = severity;
	x->path = pm_arena_strdup(a, path);
	x->line = line;
	x->col = col;
	x->text = text;
	return x;
}

void pm_diags_release(struct pm_diags *d)
{
	PM_VEC_FREE(d);
}

static int compare(const void *pa, const void *pb)
{
	const struct pm_diag *a = pa, *b = pb;
	int c = strcmp(a->path ? a->path : "", b->path ? b->path : "");

	if (c)
		return c;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->col != b->col)
		return a->col < b->col ? -1 : 1;
	c = strcmp(a->rule, b->rule);
	return c ? c : strcmp(a->text, b->text);
}

void pm_diags_sort(struct pm_diags *d)
{
	if (d->n)
		qsort(d->v, d->n, sizeof(*d->v), compare);
}

const char *pm_severity_name(enum pm_severity s)
{
	static const char *const names[] = { "note", "warning", "error" };

	return names[s];
}
