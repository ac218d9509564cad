/*
 * history_read.c - everything that a history needs from the repository, read once: what each commit
 * of the walk changed (history_walk.c), and what each version of each file states. Nothing is
 * decided here.
 */
#include "history_keep.h"

#include "memo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- contents ---- */

struct by_blob {
	const struct pm_oid *blob;
	uint32_t version;
};

struct contents {
	struct pm_hread *all;
	const struct pm_hist_options *o;
	struct by_blob *order; /* versions to be read */
	size_t *groups;      /* first of each blob in `order` */
	size_t n_groups;
	struct pm_own **own;   /* one per thread */
	struct pm_memo **memo; /* likewise */
	pthread_mutex_t lock; /* of what follows, and of all->past */
	size_t done;
};

static int by_blob(const void *pa, const void *pb)
{
	const struct by_blob *a = pa, *b = pb;
	int c = pm_oid_cmp(a->blob, b->blob);

	return c ? c : a->version < b->version ? -1 : a->version > b->version;
}

static bool wants_names(const struct pm_hread *all, uint32_t version)
{
	const struct pm_hpath *p = &all->paths.v[all->versions.v[version].path];

	return p->manifest && !p->today && p->last == (int32_t)version;
}

static bool wants_seen(const struct pm_hread *all, uint32_t version)
{
	const struct pm_version *v = &all->versions.v[version];

	return v->wanted && !v->known && !all->paths.v[v->path].skipped;
}

static void read_version(struct contents *c, uint32_t index, unsigned thread, struct pm_str bytes)
{
	struct pm_version *v = &c->all->versions.v[index];
	const struct pm_hpath *p = &c->all->paths.v[v->path];
	const struct pm_file f = { p->text, bytes.p, bytes.n };
	size_t n;

	if (wants_names(c->all, index) && !p->named) {
		struct pm_past *past = &c->all->past;

		pthread_mutex_lock(&c->lock);
		n = past->decls.n;
		pm_names_read(&past->decls, &past->arena, &f);
		pm_hkeep_put_manifest(c->all->keep, p->text, &v->blob, past->decls.v + n,
				      past->decls.n - n);
		pthread_mutex_unlock(&c->lock);
	}
	if (wants_seen(c->all, index) &&
	    pm_seen_read(&v->seen, c->all->table, &f, c->own[thread], c->memo[thread], p->schema,
			 NULL) < 0)
		v->read = PM_HREAD_SKIPPED;
}

static int visit(void *data, const struct pm_visited *o)
{
	struct contents *c = data;
	const size_t from = c->groups[o->index], to = c->groups[o->index + 1];

	if (o->rc == PM_E_REPO || o->rc == PM_E_IO)
		return o->rc;
	for (size_t i = from; i < to; i++) {
		struct pm_version *v = &c->all->versions.v[c->order[i].version];

		if (o->rc == PM_E_LIMIT)
			v->read = PM_HREAD_SKIPPED;
		else if (o->rc < 0 || o->type != PM_OBJECT_BLOB)
			v->read = PM_HREAD_MISSING;
		else if (pm_content_skip(o->bytes.p, o->bytes.n) == PM_SKIP_NONE)
			read_version(c, c->order[i].version, o->thread, o->bytes);
		if (v->whole && wants_seen(c->all, c->order[i].version))
			pm_hkeep_put_version(c->all->keep, c->all->paths.v[v->path].text, v);
	}
	if (c->o->progress && o->thread == 0)
		c->o->progress(c->o->progress_data, o->index, c->n_groups);
	return 0;
}

static bool named_path(const struct pm_hread *all, uint32_t version)
{
	return all->paths.v[all->versions.v[version].path].named;
}

/* Files of whole trees, and manifests that are gone, as they were read before. */
static void recall_files(struct pm_hread *all, struct pm_objects *objects)
{
	struct pm_objreader *rd = pm_objreader_open(objects, 0);

	for (uint32_t i = 0; all->keep->cache && i < all->versions.n; i++) {
		struct pm_version *v = &all->versions.v[i];
		struct pm_hpath *p = &all->paths.v[v->path];
		const bool seen = v->whole && wants_seen(all, i), names = wants_names(all, i);

		if ((!seen && !names) || !pm_objreader_has(rd, &v->blob))
			continue;
		if (seen)
			v->known = pm_hkeep_version(all->keep, all->table, p->text, v);
		if (names)
			p->named = pm_hkeep_manifest(all->keep, p->text, &v->blob, &all->past);
	}
	pm_objreader_free(rd);
}

/* The versions to be read, those of one blob together; returns the blobs. */
static struct pm_oid *group(struct contents *c)
{
	struct pm_hread *all = c->all;
	struct pm_oid *ids = pm_xcalloc(all->versions.n + 1, sizeof(*ids));
	size_t n = 0;

	c->order = pm_xcalloc(all->versions.n + 1, sizeof(*c->order));
	c->groups = pm_xcalloc(all->versions.n + 2, sizeof(*c->groups));
	for (uint32_t i = 0; i < all->versions.n; i++)
		if (wants_seen(all, i) || (wants_names(all, i) && !named_path(all, i)))
			c->order[n++] = (struct by_blob){ &all->versions.v[i].blob, i };
	qsort(c->order, n, sizeof(*c->order), by_blob);
	for (size_t i = 0; i < n; i++) {
		if (c->n_groups && pm_oid_eq(c->order[i].blob, &ids[c->n_groups - 1]))
			continue;
		ids[c->n_groups] = *c->order[i].blob;
		c->groups[c->n_groups++] = i;
	}
	c->groups[c->n_groups] = n;
	return ids;
}

static int read_contents(struct pm_hread *all, struct pm_objects *objects,
			 const struct pm_hist_options *o, struct pm_err *err)
{
	struct contents c = { .all = all, .o = o };
	struct pm_oid *ids;
	int rc = 0;

	recall_files(all, objects);
	ids = group(&c);
	pthread_mutex_init(&c.lock, NULL);
	c.own = pm_xcalloc(o->jobs, sizeof(struct pm_own *));
	c.memo = pm_xcalloc(o->jobs, sizeof(struct pm_memo *));
	for (unsigned t = 0; rc == 0 && t < o->jobs; t++) {
		c.memo[t] = pm_memo_new();
		rc = pm_seen_own(&c.own[t], &all->arena, o->config, err);
	}
	if (rc == 0)
		rc = pm_objects_visit(objects, ids, c.n_groups, o->jobs,
				      PM_LIMITS_DEFAULT.max_file, visit, &c);
	if (rc == PM_E_REPO || rc == PM_E_IO)
		pm_err_set(err, rc, PM_NOWHERE, rc == PM_E_REPO ? "the repository is damaged"
			   : "cannot read the repository: too many open files");
	for (unsigned t = 0; t < o->jobs; t++) {
		pm_seen_own_free(c.own[t]);
		pm_memo_free(c.memo[t]);
	}
	pthread_mutex_destroy(&c.lock);
	free(c.own);
	free(c.memo);
	free(c.order);
	free(c.groups);
	free(ids);
	return rc;
}

/* ---- who was there ---- */

/* `known`: statements that were added already, by number. */
static void add_past(struct pm_hread *all, bool *known, uint32_t path,
		     const struct pm_evidence *what)
{
	struct pm_hpath *p = &all->paths.v[path];

	if (!pm_stmt_declares((enum pm_stmt)what->use))
		return;
	if (!known[what->id])
		pm_past_add_statement(&all->past, what);
	known[what->id] = true;
	if (!p->today && !p->past)
		*PM_VEC_ADD(&all->past.paths) = p->text;
	p->past = true;
}

static void add_kept(struct pm_hread *all, bool *known, const struct pm_hkept *k)
{
	for (size_t i = 0; i < k->n_deltas; i++) {
		const struct pm_delta *d = &k->deltas[i];

		for (size_t q = 0; q < d->n_gone; q++)
			add_past(all, known, d->path_index, d->gone[q].seen.what);
		for (size_t q = 0; q < d->n_came; q++)
			add_past(all, known, d->path_index, d->came[q].seen.what);
	}
}

/* Who declared a port in the past: by what the format names, and by where it stood. */
static void find_past(struct pm_hread *all)
{
	bool *known = pm_xcalloc(pm_evidence_count(all->table) + (size_t)1, sizeof(*known));

	for (size_t i = 0; i < all->versions.n; i++) {
		const struct pm_version *v = &all->versions.v[i];

		for (size_t k = 0; k < v->seen.n; k++)
			add_past(all, known, v->path, v->seen.v[k].what);
	}
	for (size_t i = 0; i < all->commits.n; i++)
		if (all->commits.v[i].kept)
			add_kept(all, known, all->commits.v[i].kept);
	free(known);
}

/* ---- the whole ---- */

static uint64_t lap(const struct pm_hist_options *o, uint64_t *since)
{
	uint64_t was = *since;

	*since = o->now ? o->now() : 0;
	return *since - was;
}

int pm_hist_read(struct pm_hread *all, struct pm_history *h, struct pm_repo *repo,
		 const struct pm_hist_options *o, struct pm_err *err)
{
	struct pm_objects *objects = pm_repo_objects(repo);
	uint64_t t = 0;
	int rc;

	all->table = pm_evidence_table_new();
	lap(o, &t);
	rc = pm_hist_list(all, h, repo, objects, o, err);
	if (rc == 0)
		pm_hist_recall(all, objects, o);
	h->times.commits = lap(o, &t);
	if (rc == 0)
		rc = pm_hist_walk(all, h, objects, o, err);
	h->times.trees = lap(o, &t);
	if (rc == 0)
		rc = read_contents(all, objects, o, err);
	if (rc == 0)
		find_past(all);
	h->times.blobs = lap(o, &t);
	return rc;
}

void pm_hist_read_release(struct pm_hread *all)
{
	for (size_t i = 0; i < all->versions.n; i++)
		PM_VEC_FREE(&all->versions.v[i].seen);
	HASH_CLEAR(hh, all->path_keys);
	HASH_CLEAR(hh, all->version_keys);
	PM_VEC_FREE(&all->commits);
	PM_VEC_FREE(&all->paths);
	PM_VEC_FREE(&all->versions);
	pm_past_release(&all->past);
	for (size_t i = 0; i < all->n_kept; i++)
		pm_arena_release(&all->kept[i]);
	free(all->kept);
	pm_evidence_table_free(all->table);
	pm_arena_release(&all->arena);
}
