/*
 * history.c - see history.h: from what was read to events. Owners are found once for each distinct
 * statement and path; then every commit is folded with the state of its first parent, going down
 * and up again the forest that first parents make.
 */
#include "history_keep.h"

#include "parallel.h"

#include <stdlib.h>
#include <string.h>

static uint64_t lap(const struct pm_hbuild *b, uint64_t *since)
{
	uint64_t was = *since;

	*since = b->o->now ? b->o->now() : 0;
	return *since - was;
}

/* ---- differences ---- */

static const struct pm_seen_list *seen_of(const struct pm_hbuild *b, int32_t version)
{
	static const struct pm_seen_list nothing;

	return version == PM_NO_VERSION ? &nothing : &b->all.versions.v[version].seen;
}

static bool is_blind(const struct pm_hbuild *b, int32_t version)
{
	return version != PM_NO_VERSION && b->all.versions.v[version].read != PM_HREAD_YES;
}

static void make_deltas(struct pm_hbuild *b)
{
	const bool first_parent = b->o->first_parent;

	b->deltas = PM_NEW_N(&b->arena, struct pm_hdeltas, b->all.commits.n + 1);
	for (size_t i = 0; i < b->all.commits.n; i++) {
		const struct pm_hcommit *c = &b->all.commits.v[i];
		struct { struct pm_delta *v; size_t n, cap; } list = { 0 };

		if (c->kept) {
			b->deltas[i] = (struct pm_hdeltas){ c->kept->deltas, c->kept->n_deltas };
			continue;
		}
		for (size_t k = 0; k < c->n_changes; k++) {
			const struct pm_hchange *x = &c->changes[k];
			const struct pm_seen_list *before = seen_of(b, x->before);
			const struct pm_seen_list *after = seen_of(b, x->after);
			struct pm_delta d;

			if (!before->n && !after->n)
				continue;
			pm_delta_make(&d, &b->arena, b->all.paths.v[x->path].text, before, after);
			d.path_index = x->path;
			d.merged = x->merged;
			d.blind = is_blind(b, x->before) || is_blind(b, x->after);
			d.quiet = d.merged || d.blind;
			if (d.n_gone || d.n_came)
				*PM_VEC_ADD(&list) = d;
		}
		b->deltas[i].n = list.n;
		b->deltas[i].v = PM_NEW_N(&b->arena, struct pm_delta, list.n + 1);
		if (list.n)
			memcpy(b->deltas[i].v, list.v, list.n * sizeof(*list.v));
		PM_VEC_FREE(&list);
		pm_hkeep_put_commit(&b->keep, &b->all, c, &b->deltas[i], first_parent);
	}
}

static void count_unread(struct pm_hbuild *b)
{
	size_t missing = 0, skipped = 0;

	for (size_t i = 0; i < b->all.versions.n; i++) {
		missing += b->all.versions.v[i].read == PM_HREAD_MISSING;
		skipped += b->all.versions.v[i].read == PM_HREAD_SKIPPED;
	}
	b->h->n_missing += missing;
	b->h->n_skipped += skipped;
}

/* ---- owners ---- */

static struct pm_hquestion *question_of(const struct pm_hbuild *b, const struct pm_evidence *what,
					uint32_t path)
{
	struct pm_hquestion probe, *q;

	memset(&probe, 0, sizeof(probe));
	probe.key.what = what;
	probe.key.path = path;
	HASH_FIND(hh, b->asked, &probe.key, sizeof(probe.key), q);
	return q;
}

int pm_hist_owner(const struct pm_hbuild *b, const struct pm_evidence *what, uint32_t path)
{
	const struct pm_hquestion *q = question_of(b, what, path);

	return q ? q->owner : -1;
}

static void ask(struct pm_hbuild *b, const struct pm_evidence *what, uint32_t path)
{
	struct pm_hquestion *q = question_of(b, what, path);

	if (q)
		return;
	q = PM_NEW(&b->arena, struct pm_hquestion);
	q->key.what = what;
	q->key.path = path;
	q->owner = -1;
	HASH_ADD(hh, b->asked, key, sizeof(q->key), q);
	*PM_VEC_ADD(&b->questions) = q;
}

static void ask_all(struct pm_hbuild *b, const int32_t *versions, size_t n, bool declared_only)
{
	for (size_t i = 0; i < n; i++) {
		const struct pm_version *v = &b->all.versions.v[versions[i]];

		for (size_t k = 0; k < v->seen.n; k++)
			if (!declared_only ||
			    pm_stmt_declares((enum pm_stmt)v->seen.v[k].what->use))
				ask(b, v->seen.v[k].what, v->path);
	}
}

static void ask_deltas(struct pm_hbuild *b)
{
	for (size_t i = 0; i < b->all.commits.n; i++)
		for (size_t k = 0; k < b->deltas[i].n; k++) {
			const struct pm_delta *d = &b->deltas[i].v[k];

			for (size_t q = 0; q < d->n_gone; q++)
				if (pm_delta_needs(d, &d->gone[q]))
					ask(b, d->gone[q].seen.what, d->path_index);
			for (size_t q = 0; q < d->n_came; q++)
				if (pm_delta_needs(d, &d->came[q]))
					ask(b, d->came[q].seen.what, d->path_index);
		}
}

enum { ASK_AT_ONCE = 64 };

static void answer(void *data, unsigned thread, size_t index)
{
	struct pm_hbuild *b = data;
	const size_t end = (index + 1) * ASK_AT_ONCE;

	for (size_t i = index * ASK_AT_ONCE; i < end && i < b->questions.n; i++) {
		struct pm_hquestion *q = b->questions.v[i];
		const char *path = b->all.paths.v[q->key.path].text;
		struct pm_evidence_hit hit;

		if (pm_hkeep_owner(&b->keep, path, q->key.what, pm_owners_count(b->owners),
				   &q->owner))
			continue;
		pm_evidence_hit(&hit, &b->scratch[thread], q->key.what, path);
		q->owner = pm_owner_of(b->owners, &b->scratch[thread], &hit.file, &hit.hit);
		pm_hkeep_put_owner(&b->keep, path, q->key.what, q->owner);
	}
	pm_arena_release(&b->scratch[thread]);
}

static void take_answers(struct pm_hbuild *b, struct pm_hseen *v, size_t n, const struct pm_delta *d)
{
	for (size_t i = 0; i < n; i++)
		if (pm_delta_needs(d, &v[i]))
			v[i].owner = pm_hist_owner(b, v[i].seen.what, d->path_index);
}

static void find_owners(struct pm_hbuild *b)
{
	ask_deltas(b);
	for (size_t i = 0; i < b->all.n_bases; i++)
		ask_all(b, b->all.bases[i].versions, b->all.bases[i].n, true);
	ask_all(b, b->all.today, b->all.n_today, false);
	b->scratch = pm_xcalloc(b->o->jobs, sizeof(*b->scratch));
	pm_parallel(b->o->jobs, (b->questions.n + ASK_AT_ONCE - 1) / ASK_AT_ONCE, answer, b);
	free(b->scratch);
	for (size_t i = 0; i < b->all.commits.n; i++)
		for (size_t k = 0; k < b->deltas[i].n; k++) {
			struct pm_delta *d = &b->deltas[i].v[k];

			take_answers(b, d->gone, d->n_gone, d);
			take_answers(b, d->came, d->n_came, d);
		}
}

static int build_registry(struct pm_hbuild *b, struct pm_err *err)
{
	static const char *const no_path[] = { NULL };
	const struct pm_inv_options opt = {
		.names = true, .only_paths = no_path, .config = b->o->config,
		.limits = PM_LIMITS_DEFAULT, .cache = b->o->cache, .jobs = b->o->jobs,
	};
	int rc = pm_inventory_build(&b->tip, b->repo, b->o->newest, &opt, err);

	if (rc < 0)
		return rc;
	pm_past_names(&b->names, &b->arena, &b->all.past, &b->tip, b->o->schema, b->o->config);
	b->reg = pm_registry_build(&b->arena, &b->names, b->o->schema, b->o->config);
	pm_hkeep_names(&b->keep, &b->arena, &b->names, b->o->about);
	b->owners = pm_owners_build(&b->arena, b->reg, b->o->config);
	if (pm_owners_count(b->owners) > UINT16_MAX - 1)
		return pm_err_set(err, PM_E_LIMIT, PM_NOWHERE, "over %u names of services",
				  UINT16_MAX - 1);
	return 0;
}

/* ---- folding along first parents ---- */

static void tally_versions(const struct pm_hbuild *b, struct pm_tally *t, const int32_t *versions,
			   size_t n, int sign)
{
	for (size_t i = 0; i < n; i++) {
		const struct pm_version *v = &b->all.versions.v[versions[i]];

		for (size_t k = 0; k < v->seen.n; k++) {
			const struct pm_evidence *e = v->seen.v[k].what;

			if (pm_stmt_declares((enum pm_stmt)e->use))
				pm_tally_add(t, pm_hist_owner(b, e, v->path), e->port, sign);
		}
	}
}

struct forest {
	int *child, *next; /* first child and next sibling by commit, -1 */
};

/* All commits below a root, each with the state of its parent. */
static void fold_below(struct pm_hbuild *b, const struct forest *f, int root, struct pm_tally *state)
{
	int at = root;
	bool down = true;

	for (;;) {
		const struct pm_hdeltas *d = &b->deltas[at];

		if (down) {
			if (b->all.commits.v[at].kind != PM_PARENT_LOST)
				pm_history_fold(&b->h->events, &b->h->arena, d->v, d->n, state,
						(unsigned)at);
			pm_tally_change(state, d->v, d->n, 1);
			if (f->child[at] >= 0) {
				at = f->child[at];
				continue;
			}
		}
		pm_tally_change(state, d->v, d->n, -1);
		if (at == root)
			return;
		down = f->next[at] >= 0;
		at = down ? f->next[at] : b->all.commits.v[at].parent;
	}
}

static void fold_all(struct pm_hbuild *b)
{
	const size_t n = b->all.commits.n;
	struct forest f = { PM_NEW_N(&b->arena, int, n + 1), PM_NEW_N(&b->arena, int, n + 1) };
	size_t base = 0;

	for (size_t i = 0; i < n; i++)
		f.child[i] = f.next[i] = -1;
	for (size_t i = n; i-- > 0;) {
		const int p = b->all.commits.v[i].parent;

		if (p < 0)
			continue;
		f.next[i] = f.child[p];
		f.child[p] = (int)i;
	}
	for (size_t i = 0; i < n; i++) {
		const struct pm_hcommit *c = &b->all.commits.v[i];
		struct pm_tally state = { 0 };

		if (c->kind == PM_PARENT_WALKED)
			continue;
		if (c->kind >= PM_PARENT_OUTSIDE) {
			const struct pm_hbase *s = &b->all.bases[base++];

			tally_versions(b, &state, s->versions, s->n, 1);
			tally_versions(b, &b->base, s->versions, s->n, 1);
		}
		fold_below(b, &f, (int)i, &state);
		pm_tally_release(&state);
	}
}

/* ---- results ---- */

static int by_commit(const void *pa, const void *pb)
{
	const struct pm_hist_event *a = pa, *b = pb;

	if (a->commit != b->commit)
		return a->commit < b->commit ? -1 : 1;
	if (a->service != b->service)
		return a->service < b->service ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

/* ---- the whole ---- */

int pm_history_build(struct pm_history *out, struct pm_repo *repo, const struct pm_hist_options *o,
		     struct pm_err *err)
{
	struct pm_history h = { 0 };
	struct pm_hist_options opt = *o;
	struct pm_hbuild b = { .h = &h, .o = &opt, .repo = repo };
	uint64_t t = 0;
	int rc;

	opt.jobs = o->jobs ? o->jobs : 1;
	pm_hkeep_init(&b.keep, &opt);
	b.all.keep = &b.keep;
	memcpy(h.newest, o->newest, PM_OID_HEX);
	rc = pm_hist_read(&b.all, &h, repo, &opt, err);
	lap(&b, &t);
	if (rc == 0)
		rc = build_registry(&b, err);
	if (rc == 0) {
		count_unread(&b);
		make_deltas(&b);
		find_owners(&b);
		h.times.owners = lap(&b, &t);
		fold_all(&b);
		if (h.events.n)
			qsort(h.events.v, h.events.n, sizeof(*h.events.v), by_commit);
		if (opt.rows)
			pm_hist_schema(&b);
		rc = pm_hist_results(&b, err);
		h.times.fold = lap(&b, &t);
	}
	HASH_CLEAR(hh, b.asked);
	PM_VEC_FREE(&b.questions);
	pm_tally_release(&b.base);
	pm_registry_release(b.reg);
	PM_VEC_FREE(&b.names.decls);
	pm_inventory_release(&b.tip);
	pm_hist_read_release(&b.all);
	pm_arena_release(&b.arena);
	if (rc < 0) {
		pm_history_release(&h);
		return rc;
	}
	*out = h;
	return 0;
}

void pm_history_release(struct pm_history *h)
{
	PM_VEC_FREE(&h->commits);
	PM_VEC_FREE(&h->events);
	PM_VEC_FREE(&h->services);
	PM_VEC_FREE(&h->tenures);
	PM_VEC_FREE(&h->horizon);
	PM_VEC_FREE(&h->rows);
	PM_VEC_FREE(&h->moves);
	pm_diags_release(&h->diags);
	pm_arena_release(&h->arena);
	memset(h, 0, sizeof(*h));
}
