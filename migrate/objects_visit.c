/*
 * objects_visit.c - every object of a list, once, on several threads.
 *
 * Threads take work from one counter and share nothing else but what does not change.
 */
#include "objects_impl.h"

#include <stdatomic.h>
#include <stdlib.h>

struct visit {
	struct pm_objects *o;
	const struct pm_oid *ids;
	size_t n;
	uint64_t max_size;
	pm_visit_fn fn;
	void *data;
	atomic_size_t next;
	atomic_int stop; /* what `fn` returned first */
};

struct worker {
	struct visit *v;
	struct pm_objreader *rd;
	unsigned thread;
	pthread_t id;
};

static void give(struct worker *w, struct pm_visited *seen)
{
	int none = 0, rc;

	seen->thread = w->thread;
	rc = w->v->fn(w->v->data, seen);
	if (rc)
		atomic_compare_exchange_strong(&w->v->stop, &none, rc);
}

/* One object by itself. */
static void visit_one(struct worker *w, size_t index)
{
	const struct pm_oid *id = &w->v->ids[index];
	struct pm_visited seen = { .index = index };
	struct pm_err err = { 0 };

	seen.rc = pm_objreader_size(w->rd, id, &seen.type, &seen.size, &err);
	if (seen.rc == 0 && seen.size > w->v->max_size)
		seen.rc = pm_object_large(id, seen.type, seen.size, w->v->max_size, &err);
	else if (seen.rc == 0)
		seen.rc = pm_objreader_get(w->rd, id, &seen.type, &seen.bytes, &err);
	if (seen.rc == 0)
		seen.size = seen.bytes.n;
	seen.err = seen.rc ? &err : NULL;
	give(w, &seen);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct visit *v = w->v;
	size_t i;

	w->rd = pm_objreader_open(v->o, 0);
	while (!atomic_load_explicit(&v->stop, memory_order_relaxed) &&
	       (i = atomic_fetch_add(&v->next, 1)) < v->n)
		visit_one(w, i);
	pm_objreader_free(w->rd);
	return NULL;
}

int pm_objects_visit(struct pm_objects *o, const struct pm_oid *ids, size_t n, unsigned jobs,
		     uint64_t max_size, pm_visit_fn fn, void *data)
{
	struct visit v = { .o = o, .ids = ids, .n = n, .max_size = max_size, .fn = fn,
			   .data = data };
	struct worker *w;
	unsigned started = 1;

	if (jobs < 1)
		jobs = 1;
	if (jobs > n)
		jobs = n ? (unsigned)n : 1;
	w = pm_xcalloc(jobs, sizeof(*w));
	for (unsigned i = 0; i < jobs; i++)
		w[i] = (struct worker){ .v = &v, .thread = i };
	/* fewer threads than wanted do the same work */
	while (started < jobs && pthread_create(&w[started].id, NULL, work, &w[started]) == 0)
		started++;
	work(&w[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(w[i].id, NULL);
	free(w);
	return atomic_load(&v.stop);
}
