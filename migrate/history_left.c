/*
 * history_left.c - what moves left behind: the plan of the same move, made on the commit that moved,
 * says which places still were the service's at the old port. Each is then followed through the
 * later commits: who fixed it, who took it away, or is it there still?
 */
#include "history_impl.h"

#include "parallel.h"
#include "plan.h"

#include <stdlib.h>
#include <string.h>

struct spot { /* a statement at its place, while it is followed */
	const struct pm_evidence *what;
	uint64_t slot;
	uint32_t path;
};

struct job { /* one move */
	unsigned event;
	bool reversed;
	const struct pm_hist_event *e;
	struct { struct pm_hist_left *v; size_t n, cap; } left;
	struct { struct spot *v; size_t n, cap; } spots; /* of each */
	int rc;
	struct pm_err err;
};

struct left {
	struct pm_hbuild *b;
	struct job *jobs;
	size_t n;
	struct pm_objreader **readers; /* one per thread */
	const char **dirs;  /* paths that ever stated a port, sorted */
	size_t n_dirs;
	/* changes by path: those of path i are order[first[i]..first[i + 1]) */
	struct { unsigned commit; const struct pm_hchange *change; } *order;
	size_t *first;
	int32_t *today; /* version of each path at the newest commit */
};

/* ---- the commit of a move ---- */

struct tree_read {
	const struct left *l;
	unsigned port;
	struct { int32_t *v; size_t n, cap; } versions;
};

static bool enter_stating(void *data, struct pm_str dir)
{
	const struct tree_read *t = data;
	size_t lo = 0, hi = t->l->n_dirs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strncmp(t->l->dirs[mid], dir.p, dir.n) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->l->n_dirs && strncmp(t->l->dirs[lo], dir.p, dir.n) == 0;
}

/* Keep a file that states the port. */
static int add_file(void *data, const struct pm_tree_change *c)
{
	struct tree_read *t = data;
	const struct pm_hread *all = &t->l->b->all;
	int32_t v = c->new_id ? pm_hist_version(all, c->path, c->new_id) : PM_NO_VERSION;

	for (size_t i = 0; v != PM_NO_VERSION && i < all->versions.v[v].seen.n; i++)
		if (all->versions.v[v].seen.v[i].what->port == t->port) {
			*PM_VEC_ADD(&t->versions) = v;
			break;
		}
	return 0;
}

static int lost_tree(void *data, struct pm_str path, const struct pm_oid *id, int rc,
		     const struct pm_err *err)
{
	(void)data;
	(void)path;
	(void)id;
	(void)err;
	return rc == PM_E_NOTFOUND ? 0 : rc;
}

static int by_path(const void *pa, const void *pb)
{
	const struct pm_inv_file *a = pa, *b = pb;

	return strcmp(a->path, b->path);
}

static int add_inventory_file(struct pm_inventory *inv, struct left *l, unsigned thread,
			      int32_t version, const struct pm_port_set *want, struct pm_err *err)
{
	const struct pm_version *v = &l->b->all.versions.v[version];
	const struct pm_hpath *path = &l->b->all.paths.v[v->path];
	struct pm_inv_file *f;
	struct pm_file file;
	struct pm_sink sink;
	struct pm_str bytes;
	int rc = pm_objreader_need(l->readers[thread], &v->blob, PM_OBJECT_BLOB, &bytes, err);

	if (rc < 0)
		return rc == PM_E_NOTFOUND ? 0 : rc;
	file = (struct pm_file){ path->text, pm_arena_strndup(&inv->arena, bytes.p, bytes.n),
				 bytes.n };
	pm_sink_init(&sink, &inv->arena, &file, want);
	rc = pm_scan_file(&sink, &file, true, err);
	if (rc == 0 && sink.hits.n) {
		f = PM_VEC_ADD(&inv->files);
		f->path = path->text;
		pm_oid_hex(f->oid, &v->blob);
		f->bytes = file.bytes;
		f->len = file.len;
		pm_lines_init(&f->lines, &inv->arena, f->bytes, f->len);
		f->class = path->schema ? PM_CLASS_SCHEMA
					: pm_file_classify(&file, &inv->arena, &f->class_why);
		f->n_hits = sink.hits.n;
		f->hits = PM_NEW_N(&inv->arena, struct pm_hit, sink.hits.n);
		memcpy(f->hits, sink.hits.v, sink.hits.n * sizeof(*f->hits));
		inv->n_hits += sink.hits.n;
	}
	pm_sink_release(&sink);
	return rc == PM_E_LIMIT ? 0 : rc;
}

/* Does a mapping of the service publish another port and have the old one inside? */
static bool maps_to_old(const struct left *l, const struct job *j, int32_t version)
{
	const struct pm_version *v = &l->b->all.versions.v[version];

	for (size_t i = 0; i + 1 < v->seen.n; i++) {
		const struct pm_seen *out = &v->seen.v[i], *in = &v->seen.v[i + 1];

		if (out->line == in->line && out->what->use == PM_STMT_COMPOSE_HOST &&
		    in->what->use == PM_STMT_COMPOSE_CONTAINER &&
		    out->what->port != j->e->from && in->what->port == j->e->from &&
		    pm_hist_owner(l->b, out->what, v->path) == j->e->service)
			return true;
	}
	return false;
}

/* A move of what is published, only: what stays inside is as it should be. */
static bool is_host_only(const struct left *l, const struct job *j, const int32_t *versions,
			 size_t n)
{
	bool host = true;

	for (size_t i = 0; i < j->e->n; i++)
		host = host && (!pm_stmt_declares((enum pm_stmt)j->e->places[i].use) ||
				j->e->places[i].use == PM_STMT_COMPOSE_HOST ||
				j->e->places[i].use == PM_STMT_HOST);
	for (size_t i = 0; i < n && !host; i++)
		host = maps_to_old(l, j, versions[i]);
	return host;
}

static int read_commit(struct pm_inventory *inv, struct left *l, unsigned thread,
		       const struct job *j, const struct pm_port_set *want, bool *host_only,
		       struct pm_err *err)
{
	struct tree_read t = { .l = l, .port = j->e->from };
	const struct pm_tree_diff d = {
		.b = &l->b->all.commits.v[j->e->commit].tree, .data = &t, .change = add_file,
		.enter = enter_stating, .lost = lost_tree,
	};
	int rc = pm_tree_compare(l->readers[thread], &d, err);

	*host_only = is_host_only(l, j, t.versions.v, t.versions.n);
	for (size_t i = 0; rc == 0 && i < t.versions.n; i++)
		rc = add_inventory_file(inv, l, thread, t.versions.v[i], want, err);
	PM_VEC_FREE(&t.versions);
	if (inv->files.n)
		qsort(inv->files.v, inv->files.n, sizeof(*inv->files.v), by_path);
	return rc;
}

/* ---- the plan ---- */

/* The statement at a place of the plan. */
static const struct pm_seen *seen_at(const struct left *l, const struct pm_edit *e, uint32_t *path)
{
	const struct pm_version *v;
	struct pm_oid blob;
	int32_t index;

	if (!pm_oid_parse(&blob, e->blob))
		return NULL;
	index = pm_hist_version(&l->b->all, pm_str_of(e->path), &blob);
	if (index == PM_NO_VERSION)
		return NULL;
	v = &l->b->all.versions.v[index];
	*path = v->path;
	for (size_t i = 0; i < v->seen.n; i++)
		if (v->seen.v[i].line == e->line && v->seen.v[i].col == e->col)
			return &v->seen.v[i];
	return NULL;
}

static void take_plan(struct left *l, struct job *j, const struct pm_plan *p)
{
	for (size_t i = 0; i < p->edits.n; i++) {
		const struct pm_edit *e = &p->edits.v[i];
		const struct pm_seen *seen;
		uint32_t path;

		if (e->disposition == PM_KEEP || !(seen = seen_at(l, e, &path)))
			continue;
		*PM_VEC_ADD(&j->spots) = (struct spot){ seen->what, seen->slot, path };
		*PM_VEC_ADD(&j->left) = (struct pm_hist_left){
			.at = { l->b->all.paths.v[path].text, seen->line, seen->what->use },
			.doubtful = e->disposition == PM_REVIEW,
		};
	}
}

static int plan_move(struct left *l, unsigned thread, struct job *j, struct pm_err *err)
{
	struct pm_inventory inv = { 0 };
	struct pm_plan plan = { 0 };
	struct pm_plan_options opt = { .schema = l->b->o->schema, .config = l->b->o->config };
	struct pm_port_set *want = PM_NEW(&inv.arena, struct pm_port_set);
	int rc;

	pm_port_set_add(want, j->e->from);
	rc = read_commit(&inv, l, thread, j, want, &opt.host_scope, err);
	inv.paths = l->b->names.paths;
	inv.n_paths = l->b->names.n_paths;
	inv.decls = l->b->names.decls;
	if (rc == 0 && inv.files.n) {
		*PM_VEC_ADD(&plan.moves) = (struct pm_move){
			.service = pm_owners_name(l->b->owners, (unsigned)j->e->service),
			.from = j->e->from, .to = j->e->to, .source = PM_MOVE_COMMAND, .after = -1,
		};
		rc = pm_plan_build(&plan, &inv, &opt, err);
		if (rc == 0)
			take_plan(l, j, &plan);
		pm_plan_release(&plan);
	}
	memset(&inv.decls, 0, sizeof(inv.decls)); /* borrowed */
	pm_inventory_release(&inv);
	return rc;
}

/* ---- following ---- */

static const struct pm_seen *find_seen(const struct left *l, int32_t version,
				       const struct pm_evidence *what)
{
	const struct pm_seen_list *s;

	if (version == PM_NO_VERSION)
		return NULL;
	s = &l->b->all.versions.v[version].seen;
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].what == what)
			return &s->v[i];
	return NULL;
}

/* The same statement, written otherwise or about another port. */
static const struct pm_seen *successor(const struct left *l, const struct pm_hchange *x,
				       const struct spot *s)
{
	const struct pm_seen_list *after;
	const struct pm_seen *best = NULL;

	if (x->after == PM_NO_VERSION)
		return NULL;
	after = &l->b->all.versions.v[x->after].seen;
	for (size_t i = 0; i < after->n; i++) {
		const struct pm_seen *c = &after->v[i];

		if (find_seen(l, x->before, c->what))
			continue; /* it was there before */
		if (c->what->mask == s->what->mask)
			return c;
		if (!best && s->slot && c->slot == s->slot && c->what->use == s->what->use)
			best = c;
	}
	return best;
}

/* The path that the commit gave the statement, having taken it from its file; or none. */
static bool moved_on(const struct left *l, unsigned commit, struct spot *s)
{
	const struct pm_hcommit *c = &l->b->all.commits.v[commit];

	for (size_t i = 0; i < c->n_changes; i++)
		if (c->changes[i].path != s->path && find_seen(l, c->changes[i].after, s->what) &&
		    !find_seen(l, c->changes[i].before, s->what)) {
			s->path = c->changes[i].path;
			return true;
		}
	return false;
}

/* One change of the path; true when the statement's fate is known. */
static bool follow_change(const struct left *l, const struct job *j, unsigned commit,
			  const struct pm_hchange *x, struct spot *s, struct pm_hist_left *out)
{
	const struct pm_seen *next;

	if (x->merged || !find_seen(l, x->before, s->what) || find_seen(l, x->after, s->what))
		return false;
	next = successor(l, x, s);
	if (next && next->what->port == s->what->port) {
		s->what = next->what;
		s->slot = next->slot;
		return false;
	}
	if (!next && moved_on(l, commit, s))
		return false;
	out->fate = !next ? PM_FATE_REMOVED
		  : next->what->port == j->e->to ? PM_FATE_FIXED : PM_FATE_CHANGED;
	out->to = next ? next->what->port : 0;
	out->commit = (int)commit;
	return true;
}

/* The first change of a path behind a commit. */
static size_t first_behind(const struct left *l, uint32_t path, unsigned commit)
{
	size_t lo = l->first[path], hi = l->first[path + 1];

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->order[mid].commit <= commit)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void follow(const struct left *l, const struct job *j, struct spot s,
		   struct pm_hist_left *out)
{
	unsigned commit = j->e->commit;
	const struct pm_seen *now;
	uint32_t path = s.path;

	for (size_t i = first_behind(l, path, commit); i < l->first[path + 1]; i++) {
		commit = l->order[i].commit;
		if (follow_change(l, j, commit, l->order[i].change, &s, out))
			return;
		if (s.path == path)
			continue;
		path = s.path;
		i = first_behind(l, path, commit) - 1;
	}
	now = find_seen(l, l->today[path], s.what);
	out->fate = now ? PM_FATE_STILL : PM_FATE_MERGED;
	if (now)
		out->now = (struct pm_hist_place){ l->b->all.paths.v[path].text, now->line,
						   now->what->use };
}

/* ---- the whole ---- */

static void index_changes(struct left *l)
{
	const struct pm_hread *all = &l->b->all;
	struct pm_arena *a = &l->b->arena;
	size_t n = 0, *at = PM_NEW_N(a, size_t, all->paths.n + 2);

	l->first = PM_NEW_N(a, size_t, all->paths.n + 2);
	for (size_t i = 0; i < all->commits.n; i++)
		for (size_t k = 0; k < all->commits.v[i].n_changes; k++, n++)
			l->first[all->commits.v[i].changes[k].path + 1]++;
	for (size_t i = 0; i < all->paths.n; i++)
		l->first[i + 1] += l->first[i];
	memcpy(at, l->first, all->paths.n * sizeof(*at));
	l->order = pm_arena_alloc(a, pm_size_mul(n + 1, sizeof(*l->order)));
	for (size_t i = 0; i < all->commits.n; i++)
		for (size_t k = 0; k < all->commits.v[i].n_changes; k++) {
			const struct pm_hchange *x = &all->commits.v[i].changes[k];

			l->order[at[x->path]].commit = (unsigned)i;
			l->order[at[x->path]++].change = x;
		}
	l->today = PM_NEW_N(a, int32_t, all->paths.n + 1);
	for (size_t i = 0; i < all->paths.n; i++)
		l->today[i] = PM_NO_VERSION;
	for (size_t i = 0; i < all->n_today; i++)
		l->today[all->versions.v[all->today[i]].path] = all->today[i];
}

static int by_text(const void *pa, const void *pb)
{
	return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

static void find_dirs(struct left *l)
{
	const struct pm_hread *all = &l->b->all;
	bool *states = PM_NEW_N(&l->b->arena, bool, all->paths.n + 1);

	for (size_t i = 0; i < all->versions.n; i++)
		states[all->versions.v[i].path] |= all->versions.v[i].seen.n > 0;
	l->dirs = PM_NEW_N(&l->b->arena, const char *, all->paths.n + 1);
	for (size_t i = 0; i < all->paths.n; i++)
		if (states[i])
			l->dirs[l->n_dirs++] = all->paths.v[i].text;
	qsort(l->dirs, l->n_dirs, sizeof(*l->dirs), by_text);
}

struct run_key { /* a move that goes on */
	struct { int service; unsigned from, to; } key;
	struct job *on;
	UT_hash_handle hh;
};

static struct run_key *run_of(struct left *l, struct run_key **all, int service, unsigned from,
			      unsigned to)
{
	struct run_key probe, *k;

	memset(&probe, 0, sizeof(probe));
	probe.key.service = service;
	probe.key.from = from;
	probe.key.to = to;
	HASH_FIND(hh, *all, &probe.key, sizeof(probe.key), k);
	if (k)
		return k;
	k = PM_NEW(&l->b->arena, struct run_key);
	k->key = probe.key;
	HASH_ADD(hh, *all, key, sizeof(k->key), k);
	return k;
}

static void find_jobs(struct left *l)
{
	const struct pm_history *h = l->b->h;
	struct run_key *all = NULL, *k;

	l->jobs = pm_xcalloc(h->events.n + 1, sizeof(*l->jobs));
	for (unsigned i = 0; i < h->events.n; i++) {
		const struct pm_hist_event *e = &h->events.v[i];

		if (e->kind != PM_EVENT_MOVED || e->service < 0)
			continue;
		k = run_of(l, &all, e->service, e->to, e->from);
		if (k->on)
			k->on->reversed = true;
		k->on = NULL;
		k = run_of(l, &all, e->service, e->from, e->to);
		if (k->on)
			continue;
		k->on = &l->jobs[l->n++];
		*k->on = (struct job){ .event = i, .e = e };
	}
	HASH_CLEAR(hh, all);
}

static void run_job(void *data, unsigned thread, size_t index)
{
	struct left *l = data;
	struct job *j = &l->jobs[index];

	if (!l->readers[thread])
		l->readers[thread] = pm_objreader_open(pm_repo_objects(l->b->repo), 0);
	j->rc = plan_move(l, thread, j, &j->err);
	for (size_t i = 0; j->rc == 0 && i < j->left.n; i++)
		follow(l, j, j->spots.v[i], &j->left.v[i]);
}

static int take_job(struct left *l, struct job *j, struct pm_err *err)
{
	struct pm_history *h = l->b->h;
	struct pm_hist_move *m;

	if (j->rc < 0) {
		*err = j->err;
		return j->rc;
	}
	m = PM_VEC_ADD(&h->moves);
	m->event = j->event;
	m->commits = l->b->all.commits.n - 1 - j->e->commit;
	m->n_left = j->left.n;
	m->reversed = j->reversed;
	m->left = PM_NEW_N(&h->arena, struct pm_hist_left, j->left.n + 1);
	for (size_t i = 0; i < j->left.n; i++) {
		struct pm_hist_left *x = &m->left[i];

		*x = j->left.v[i];
		x->at.path = pm_arena_strdup(&h->arena, x->at.path);
		x->now.path = pm_arena_strdup(&h->arena, x->now.path);
		m->n_still += x->fate == PM_FATE_STILL && !x->doubtful;
	}
	return 0;
}

int pm_hist_left(struct pm_hbuild *b, struct pm_err *err)
{
	struct left l = { .b = b };
	int rc = 0;

	find_jobs(&l);
	l.readers = pm_xcalloc(b->o->jobs + 1, sizeof(struct pm_objreader *));
	index_changes(&l);
	find_dirs(&l);
	pm_parallel(b->o->jobs, l.n, run_job, &l);
	for (size_t i = 0; i < l.n; i++) {
		if (rc == 0)
			rc = take_job(&l, &l.jobs[i], err);
		PM_VEC_FREE(&l.jobs[i].left);
		PM_VEC_FREE(&l.jobs[i].spots);
	}
	for (unsigned i = 0; i < b->o->jobs; i++)
		pm_objreader_free(l.readers[i]);
	free(l.readers);
	free(l.jobs);
	return rc;
}
