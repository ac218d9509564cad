/* parallel.c - see parallel.h. */
#include "parallel.h"

#include "base/arena.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct share {
	void (*fn)(void *data, unsigned thread, size_t index);
	void *data;
	size_t n;
	atomic_size_t next;
};

struct worker {
	struct share *share;
	unsigned thread;
	pthread_t id;
};

static void *work(void *arg)
{
	const struct worker *w = arg;
	size_t i;

	while ((i = atomic_fetch_add(&w->share->next, 1)) < w->share->n)
		w->share->fn(w->share->data, w->thread, i);
	return NULL;
}

void pm_parallel(unsigned jobs, size_t n, void (*fn)(void *data, unsigned thread, size_t index),
		 void *data)
{
	const unsigned most = jobs > n ? (unsigned)n : jobs ? jobs : 1;
	struct share share = { .fn = fn, .data = data, .n = n };
	struct worker *w = pm_xcalloc(most + 1, sizeof(*w));
	unsigned started = 1;

	for (unsigned i = 0; i < most; i++)
		w[i] = (struct worker){ .share = &share, .thread = i };
	while (started < most && pthread_create(&w[started].id, NULL, work, &w[started]) == 0)
		started++;
	w[0].share = &share;
	work(&w[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(w[i].id, NULL);
	free(w);
}
