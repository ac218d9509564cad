/*
 * history_recall.c - what the cache knows of the commits of a walk: on all threads, each a run of
 * neighbouring commits. All of it or nothing: where an object of some record is not in this
 * repository, the whole history is read, and what is missing found.
 */
#include "history_keep.h"

#include "parallel.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct recall {
	struct pm_hread *all;
	struct pm_objects *objects;
	const struct pm_hist_options *o;
	struct pm_objreader **readers; /* one per thread */
	atomic_bool missing;
};

/* Is everything here that the record was made of? */
static bool is_here(struct pm_objreader *rd, const struct pm_hkept *k)
{
	for (size_t i = 0; i < k->n_blobs; i++)
		if (!pm_objreader_has(rd, &k->blobs[i]))
			return false;
	return pm_objreader_has(rd, &k->head.tree);
}

static void recall_run(void *data, unsigned thread, size_t index)
{
	struct recall *r = data;
	struct pm_arena *a = &r->all->kept[index];
	const size_t end = (index + 1) * PM_HIST_RUN;

	if (!r->readers[thread])
		r->readers[thread] = pm_objreader_open(r->objects, 0);
	for (size_t i = index * PM_HIST_RUN; i < end && i < r->all->commits.n; i++) {
		struct pm_hcommit *c = &r->all->commits.v[i];
		struct pm_hkept k;

		if (atomic_load_explicit(&r->missing, memory_order_relaxed))
			return;
		if (c->kind == PM_PARENT_LOST || c->n_others + 1 < c->n_parents ||
		    !pm_hkeep_commit(r->all->keep, r->all->table, a, &c->id, r->o->first_parent, &k) ||
		    !pm_oid_eq(&k.head.tree, &c->tree))
			continue;
		if (!is_here(r->readers[thread], &k))
			atomic_store(&r->missing, true);
		c->kept = PM_NEW(a, struct pm_hkept);
		*c->kept = k;
	}
}

void pm_hist_forget(struct pm_hread *all)
{
	for (size_t i = 0; i < all->commits.n; i++)
		all->commits.v[i].kept = NULL;
}

void pm_hist_recall(struct pm_hread *all, struct pm_objects *objects, const struct pm_hist_options *o)
{
	struct recall r = { .all = all, .objects = objects, .o = o };
	const size_t n = (all->commits.n + PM_HIST_RUN - 1) / PM_HIST_RUN;

	/* rows and what was left are followed through all versions */
	if (!all->keep->cache || o->rows || o->left)
		return;
	all->kept = pm_xcalloc(n + 1, sizeof(*all->kept));
	all->n_kept = n;
	r.readers = pm_xcalloc(o->jobs + 1, sizeof(struct pm_objreader *));
	pm_parallel(o->jobs, n, recall_run, &r);
	for (unsigned i = 0; i < o->jobs; i++)
		pm_objreader_free(r.readers[i]);
	free(r.readers);
	if (atomic_load(&r.missing))
		pm_hist_forget(all);
}
