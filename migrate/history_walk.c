/*
 * history_walk.c - the commits of a walk, and which paths each of them changed against its first
 * parent. Threads compare trees, each a run of neighbouring commits; what they find is put
 * together in the order of the commits, so that nothing depends on their number.
 */
#include "history_impl.h"

#include "parallel.h"

#include "base/path.h"
#include "base/re.h"

#include <stdlib.h>
#include <string.h>

/* ---- commits ---- */

static int add_rev(struct pm_repo *repo, const char *rev, size_t n, struct pm_oid *out,
		   struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	char hex[PM_OID_HEX];
	int rc;

	pm_buf_add(&b, rev, n);
	rc = pm_repo_commit(repo, n ? pm_buf_str(&b) : "HEAD", hex, err);
	if (rc == 0)
		PM_ASSERT(pm_oid_parse(out, hex), "a commit id");
	return rc;
}

/* "A..B" or "B"; the ends of a range may be left out, as in Git. */
static int parse_range(struct pm_repo *repo, const char *range, struct pm_oid *tip,
		       struct pm_oid *hide, size_t *n_hide, struct pm_err *err)
{
	const char *dots = strstr(range, "..");
	int rc;

	*n_hide = 0;
	if (!dots || strchr(range, ':'))
		return add_rev(repo, range, strlen(range), tip, err);
	if (dots[2] == '.') {
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
			   "'%.200s': a history has no two sides", range);
		return pm_err_hint(err, "A..B: the commits of B that A has not");
	}
	rc = add_rev(repo, range, (size_t)(dots - range), hide, err);
	*n_hide = 1;
	return rc < 0 ? rc : add_rev(repo, dots + 2, strlen(dots + 2), tip, err);
}

static void add_horizon(struct pm_history *h, const struct pm_oid *id, const char *why)
{
	struct pm_hist_horizon *z = PM_VEC_ADD(&h->horizon);

	pm_oid_hex(z->commit, id);
	z->why = why;
}

/* The tree of a commit that is not walked; PM_E_NOTFOUND. */
static int outer_tree(struct pm_objreader *rd, const struct pm_oid *id, struct pm_oid *tree,
		      struct pm_err *err)
{
	struct pm_commit_text text;
	struct pm_str bytes;
	int rc = pm_objreader_need(rd, id, PM_OBJECT_COMMIT, &bytes, err);

	if (rc == 0 && !pm_commit_parse(&text, bytes))
		return pm_err_set(err, PM_E_REPO, PM_NOWHERE, "the repository is damaged: a commit");
	if (rc == 0)
		*tree = text.tree;
	return rc;
}

static int take_parents(struct pm_hread *all, struct pm_history *h, struct pm_objreader *rd,
			const struct pm_commits *list, size_t at, struct pm_err *err)
{
	const struct pm_commit *c = &list->v[at];
	struct pm_hcommit *out = &all->commits.v[list->n - 1 - at];
	int rc = 0;

	out->kind = c->n_parents ? PM_PARENT_OUTSIDE : PM_PARENT_NONE;
	if (c->flags & PM_COMMIT_SHALLOW) {
		out->kind = PM_PARENT_LOST;
		add_horizon(h, &c->id, "shallow");
		return 0;
	}
	out->others = PM_NEW_N(&all->arena, struct pm_oid, c->n_parents + 1);
	for (uint32_t i = 0; rc == 0 && i < c->n_parents; i++) {
		const struct pm_parent *p = &list->parents.v[c->first + i];
		struct pm_oid tree;

		if (p->at != PM_COMMIT_NONE)
			tree = list->v[p->at].tree;
		else
			rc = outer_tree(rd, &p->id, &tree, err);
		if (rc == PM_E_NOTFOUND) {
			rc = 0;
			if (i == 0) {
				out->kind = PM_PARENT_LOST;
				add_horizon(h, &c->id, "its parent is not in this repository");
			}
			continue;
		}
		if (i) {
			out->others[out->n_others++] = tree;
			continue;
		}
		out->parent_tree = tree;
		if (p->at != PM_COMMIT_NONE) {
			out->kind = PM_PARENT_WALKED;
			out->parent = (int)(list->n - 1 - p->at);
		}
	}
	return rc;
}

static int take_list(struct pm_hread *all, struct pm_history *h, struct pm_objects *objects,
		     const struct pm_commits *list, struct pm_err *err)
{
	struct pm_objreader *rd = pm_objreader_open(objects, 0);
	int rc = 0;

	for (size_t i = list->n; i-- > 0;)
		*PM_VEC_ADD(&all->commits) =
			(struct pm_hcommit){ .id = list->v[i].id, .tree = list->v[i].tree,
					     .parent = -1 };
	for (size_t i = list->n; rc == 0 && i-- > 0;)
		rc = take_parents(all, h, rd, list, i, err);
	pm_objreader_free(rd);
	h->n_commits = list->n;
	return rc;
}

/* All references; those that lead nowhere are findings. */
static int add_refs(struct pm_history *h, struct pm_repo *repo, struct pm_oid **ids, size_t *n,
		    struct pm_err *err)
{
	struct pm_tips tips = { 0 };
	int rc = pm_repo_tips(repo, &h->arena, &tips, err);

	*ids = pm_xrealloc(*ids, pm_size_mul(tips.n + *n + 1, sizeof(**ids)));
	for (size_t i = 0; rc == 0 && i < tips.n; i++) {
		if (tips.v[i].rc == 0)
			(*ids)[(*n)++] = tips.v[i].id;
		else
			pm_diag_add(&h->diags, &h->arena, "history-ref-unreadable", PM_WARNING,
				    NULL, 0, 0, "%s: its object cannot be read", tips.v[i].ref);
	}
	pm_tips_release(&tips);
	return rc;
}

int pm_hist_list(struct pm_hread *all, struct pm_history *h, struct pm_repo *repo,
		 struct pm_objects *objects, const struct pm_hist_options *o, struct pm_err *err)
{
	struct pm_oid *tips = pm_xcalloc(1, sizeof(*tips)), hide;
	struct pm_commits_options opt = { .n_tips = 1, .first_parent = o->first_parent };
	struct pm_commits list = { 0 };
	int rc = parse_range(repo, o->range ? o->range : "HEAD", tips, &hide, &opt.n_hide, err);

	PM_ASSERT(pm_oid_parse(&all->newest, o->newest), "a commit id");
	if (rc == 0 && o->all)
		rc = add_refs(h, repo, &tips, &opt.n_tips, err);
	opt.tips = tips;
	opt.hide = &hide;
	if (rc == 0)
		rc = pm_commits_list(&list, objects, &opt, err);
	if (rc == 0)
		rc = take_list(all, h, objects, &list, err);
	pm_commits_release(&list);
	free(tips);
	return rc;
}

/* ---- what a thread finds ---- */

struct path_key {
	const char *text;
	uint32_t index;
	UT_hash_handle hh;
};

struct raw_change {
	uint32_t path; /* of the run */
	bool before, after, merged;
	struct pm_oid old, new;
};
struct raw_changes { struct raw_change *v; size_t n, cap; };

/* A run of neighbouring commits, or a whole tree. */
struct run {
	size_t from, to;
	struct pm_arena arena; /* paths */
	struct path_key *keys;
	struct { const char **v; size_t n, cap; } paths;
	struct raw_changes changes;
	size_t *ends; /* of each commit's changes */
	size_t lost;  /* trees that are not here */
	int rc;
	struct pm_err err;
};

struct walk {
	struct pm_hread *all;
	struct pm_objects *objects;
	const struct pm_hist_options *o;
	struct run *runs;
	size_t n_runs;
	struct pm_objreader **readers; /* one per thread */
	/* putting together */
	struct path_key *paths;
	struct version_key *versions;
	struct pm_arena keys;
	struct pm_re **globs;
	size_t n_globs;
};

static uint32_t run_path(struct run *r, struct pm_str path)
{
	struct path_key *k;

	HASH_FIND(hh, r->keys, path.p, (unsigned)path.n, k);
	if (k)
		return k->index;
	k = PM_NEW(&r->arena, struct path_key);
	k->text = pm_arena_strndup(&r->arena, path.p, path.n);
	k->index = (uint32_t)r->paths.n;
	*PM_VEC_ADD(&r->paths) = k->text;
	HASH_ADD_KEYPTR(hh, r->keys, k->text, (unsigned)path.n, k);
	return k->index;
}

static bool is_file(uint32_t mode)
{
	return (mode & PM_MODE_TYPE) == PM_MODE_FILE;
}

/* Links and submodules are no files: there is nothing, as far as ports go. */
static int add_change(void *data, const struct pm_tree_change *c)
{
	struct run *r = data;
	struct raw_change x = {
		.before = c->old_id && is_file(c->old_mode),
		.after = c->new_id && is_file(c->new_mode),
	};

	if (x.before)
		x.old = *c->old_id;
	if (x.after)
		x.new = *c->new_id;
	if ((!x.before && !x.after) ||
	    (x.before && x.after && pm_oid_eq(&x.old, &x.new)))
		return 0;
	x.path = run_path(r, c->path);
	*PM_VEC_ADD(&r->changes) = x;
	return 0;
}

static int add_lost(void *data, struct pm_str path, const struct pm_oid *id, int rc,
		    const struct pm_err *err)
{
	struct run *r = data;

	(void)path;
	(void)id;
	(void)err;
	if (rc != PM_E_NOTFOUND)
		return rc;
	r->lost++;
	return 0;
}

/* ---- merges ---- */

/* The changes of a merge that another parent does not have: all others are marked. */
struct other_side {
	struct run *run;
	size_t first;      /* of the merge's changes */
	const char **dirs; /* of them, sorted */
	size_t n_dirs;
	bool *differs;     /* by change */
};

static int by_text(const void *pa, const void *pb)
{
	return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

/* Is there a changed path in or below this directory ("a/b/")? */
static bool enter_changed(void *data, struct pm_str dir)
{
	const struct other_side *s = data;
	size_t lo = 0, hi = s->n_dirs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strncmp(s->dirs[mid], dir.p, dir.n) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->n_dirs && strncmp(s->dirs[lo], dir.p, dir.n) == 0;
}

static int mark_differs(void *data, const struct pm_tree_change *c)
{
	struct other_side *s = data;
	struct path_key *k;

	HASH_FIND(hh, s->run->keys, c->path.p, (unsigned)c->path.n, k);
	if (k && is_file(c->old_id ? c->old_mode : c->new_mode))
		s->differs[k->index] = true;
	return 0;
}

static int compare_other(struct walk *w, unsigned thread, struct other_side *s,
			 const struct pm_hcommit *c, const struct pm_oid *other)
{
	struct run *r = s->run;
	const struct pm_tree_diff d = {
		.a = other, .b = &c->tree, .data = s, .change = mark_differs,
		.enter = enter_changed,
	};
	int rc;

	s->differs = pm_xcalloc(r->paths.n + 1, sizeof(*s->differs));
	rc = pm_tree_compare(w->readers[thread], &d, &r->err);
	for (size_t i = s->first; rc == 0 && i < r->changes.n; i++)
		r->changes.v[i].merged |= !s->differs[r->changes.v[i].path];
	free(s->differs);
	return rc == PM_E_NOTFOUND ? 0 : rc;
}

static int mark_merged(struct walk *w, unsigned thread, struct run *r, const struct pm_hcommit *c,
		       size_t first)
{
	struct other_side s = { .run = r, .first = first, .n_dirs = r->changes.n - first };
	int rc = 0;

	if (!s.n_dirs)
		return 0;
	s.dirs = pm_xcalloc(s.n_dirs, sizeof(*s.dirs));
	for (size_t i = 0; i < s.n_dirs; i++)
		s.dirs[i] = r->paths.v[r->changes.v[first + i].path];
	qsort(s.dirs, s.n_dirs, sizeof(*s.dirs), by_text);
	for (unsigned i = 0; rc == 0 && i < c->n_others; i++)
		rc = compare_other(w, thread, &s, c, &c->others[i]);
	free(s.dirs);
	return rc;
}

/* ---- runs ---- */

static int compare(struct walk *w, unsigned thread, struct run *r, const struct pm_oid *a,
		   const struct pm_oid *b)
{
	const struct pm_tree_diff d = {
		.a = a, .b = b, .data = r, .change = add_change, .lost = add_lost,
	};

	return pm_tree_compare(w->readers[thread], &d, &r->err);
}

static void walk_run(void *data, unsigned thread, size_t index)
{
	struct walk *w = data;
	struct run *r = &w->runs[index];

	if (!w->readers[thread])
		w->readers[thread] = pm_objreader_open(w->objects, 0);
	r->ends = pm_xcalloc(r->to - r->from + 1, sizeof(*r->ends));
	for (size_t i = r->from; r->rc == 0 && i < r->to; i++) {
		const struct pm_hcommit *c = &w->all->commits.v[i];
		const size_t first = r->changes.n;

		if (c->kind != PM_PARENT_LOST)
			r->rc = compare(w, thread, r,
					c->kind == PM_PARENT_NONE ? NULL : &c->parent_tree,
					&c->tree);
		if (r->rc == 0 && c->n_others && !w->o->first_parent)
			r->rc = mark_merged(w, thread, r, c, first);
		r->ends[i - r->from] = r->changes.n;
	}
}

/* ---- paths and versions ---- */

struct version_key {
	struct { uint32_t path; struct pm_oid blob; } key;
	uint32_t index;
	UT_hash_handle hh;
};

/* Names whose content is no text, whatever repository they stand in. */
static bool is_binary_name(const char *path)
{
	static const char *const ends[] = {
		".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico", ".icns", ".bmp", ".tiff",
		".woff", ".woff2", ".ttf", ".otf", ".eot", ".mp3", ".mp4", ".m4a", ".wav", ".ogg",
		".webm", ".mov", ".avi", ".pdf", ".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z",
		".jar", ".war", ".class", ".so", ".dll", ".dylib", ".exe", ".wasm", ".pyc", ".onnx",
		".sqlite", ".sqlite3", ".psd", ".sketch", ".fig", NULL
	};

	for (size_t i = 0; ends[i]; i++)
		if (pm_path_has_ext(path, ends[i]))
			return true;
	return false;
}

static bool is_excluded(const struct walk *w, const char *path)
{
	struct pm_str s = pm_str_of(path);

	for (size_t i = 0; i < w->n_globs; i++)
		for (size_t n = 1; n <= s.n; n++)
			if ((n == s.n || s.p[n] == '/') &&
			    pm_re_match(w->globs[i], (struct pm_str){ s.p, n }, 0, NULL, 0) == 1)
				return true;
	return false;
}

/* Is the file, by its name alone, one whose content is passed over? */
static bool is_passed_over(struct walk *w, const char *path)
{
	const struct pm_file f = { path, "", 0 };
	const char *why;

	return is_binary_name(path) || strcmp(path, "portmig.yaml") == 0 ||
	       is_excluded(w, path) || pm_file_classify(&f, &w->keys, &why) != PM_CLASS_ORDINARY;
}

static uint32_t path_index(struct walk *w, const char *text)
{
	struct path_key *k;
	struct pm_hpath *p;

	HASH_FIND_STR(w->paths, text, k);
	if (k)
		return k->index;
	k = PM_NEW(&w->keys, struct path_key);
	k->index = (uint32_t)w->all->paths.n;
	k->text = pm_arena_strdup(&w->all->arena, text);
	HASH_ADD_KEYPTR(hh, w->paths, k->text, (unsigned)strlen(k->text), k);
	p = PM_VEC_ADD(&w->all->paths);
	p->text = k->text;
	p->last = PM_NO_VERSION;
	p->manifest = pm_names_accepts(text);
	for (const char *const *s = w->o->schema_paths; s && *s; s++)
		p->schema |= strcmp(*s, text) == 0;
	p->skipped = !p->schema && is_passed_over(w, text);
	return k->index;
}

static int32_t version_index(struct walk *w, uint32_t path, bool there, const struct pm_oid *blob)
{
	struct version_key probe, *k;
	struct pm_version *v;

	if (!there)
		return PM_NO_VERSION;
	memset(&probe, 0, sizeof(probe));
	probe.key.path = path;
	probe.key.blob = *blob;
	HASH_FIND(hh, w->versions, &probe.key, sizeof(probe.key), k);
	if (k)
		return (int32_t)k->index;
	k = PM_NEW(&w->keys, struct version_key);
	k->key = probe.key;
	k->index = (uint32_t)w->all->versions.n;
	HASH_ADD(hh, w->versions, key, sizeof(k->key), k);
	v = PM_VEC_ADD(&w->all->versions);
	v->path = path;
	v->blob = *blob;
	return (int32_t)k->index;
}

static void take_change(struct walk *w, struct pm_hcommit *c, uint32_t path,
			const struct raw_change *x)
{
	struct pm_hpath *p = &w->all->paths.v[path];
	struct pm_hchange *out;

	if (p->skipped && !p->manifest)
		return;
	out = &c->changes[c->n_changes++];
	out->path = path;
	out->before = version_index(w, path, x->before, &x->old);
	out->after = version_index(w, path, x->after, &x->new);
	out->merged = x->merged;
	if (out->after != PM_NO_VERSION)
		p->last = out->after;
}

static void take_run(struct walk *w, struct run *r)
{
	uint32_t *index = pm_xcalloc(r->paths.n + 1, sizeof(*index));
	size_t at = 0;

	for (size_t i = 0; i < r->paths.n; i++)
		index[i] = path_index(w, r->paths.v[i]);
	for (size_t i = r->from; i < r->to; i++) {
		struct pm_hcommit *c = &w->all->commits.v[i];
		const size_t end = r->ends[i - r->from];

		c->changes = PM_NEW_N(&w->all->arena, struct pm_hchange, end - at + 1);
		for (; at < end; at++)
			take_change(w, c, index[r->changes.v[at].path], &r->changes.v[at]);
	}
	free(index);
}

static void run_release(struct run *r)
{
	HASH_CLEAR(hh, r->keys);
	pm_arena_release(&r->arena);
	PM_VEC_FREE(&r->paths);
	PM_VEC_FREE(&r->changes);
	free(r->ends);
	r->ends = NULL;
}

/* ---- whole trees ---- */

/* The versions of all files of a tree. */
static int take_tree(struct walk *w, struct pm_history *h, const struct pm_oid *tree, bool today,
		     int32_t **out, size_t *n, struct pm_err *err)
{
	struct run r = { 0 };

	if (!w->readers[0])
		w->readers[0] = pm_objreader_open(w->objects, 0);
	r.rc = compare(w, 0, &r, NULL, tree);
	*out = PM_NEW_N(&w->all->arena, int32_t, r.changes.n + 1);
	*n = 0;
	for (size_t i = 0; r.rc == 0 && i < r.changes.n; i++) {
		const struct raw_change *x = &r.changes.v[i];
		uint32_t path = path_index(w, r.paths.v[x->path]);

		w->all->paths.v[path].today |= today;
		if (!w->all->paths.v[path].skipped)
			(*out)[(*n)++] = version_index(w, path, x->after, &x->new);
	}
	h->n_missing += r.lost;
	if (r.rc < 0 && err)
		*err = r.err;
	run_release(&r);
	return r.rc;
}

static int take_bases(struct walk *w, struct pm_history *h, struct pm_err *err)
{
	struct pm_hread *all = w->all;
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < all->commits.n; i++)
		n += all->commits.v[i].kind >= PM_PARENT_OUTSIDE;
	all->bases = PM_NEW_N(&all->arena, struct pm_hbase, n + 1);
	for (size_t i = 0; rc == 0 && i < all->commits.n; i++) {
		const struct pm_hcommit *c = &all->commits.v[i];
		struct pm_hbase *b = &all->bases[all->n_bases];

		if (c->kind < PM_PARENT_OUTSIDE)
			continue;
		b->commit = (unsigned)i;
		rc = take_tree(w, h, c->kind == PM_PARENT_LOST ? &c->tree : &c->parent_tree, false,
			       &b->versions, &b->n, err);
		all->n_bases++;
	}
	return rc;
}

/* ---- the whole ---- */

enum { RUN = 256 };

static int compile_globs(struct walk *w, struct pm_err *err)
{
	const struct pm_config *c = w->o->config;
	int rc = 0;

	if (!c)
		return 0;
	w->globs = pm_xcalloc(c->n_exclude + c->n_past + 1, sizeof(struct pm_re *));
	for (size_t i = 0; rc == 0 && i < c->n_exclude + c->n_past; i++) {
		rc = pm_re_glob(&w->globs[i],
				i < c->n_exclude ? c->exclude[i] : c->past[i - c->n_exclude], err);
		w->n_globs += rc == 0;
	}
	return rc;
}

static int take_runs(struct walk *w, struct pm_history *h, struct pm_err *err)
{
	const size_t n = w->all->commits.n;

	w->n_runs = (n + RUN - 1) / RUN;
	w->runs = pm_xcalloc(w->n_runs + 1, sizeof(*w->runs));
	for (size_t i = 0; i < w->n_runs; i++) {
		w->runs[i].from = i * RUN;
		w->runs[i].to = (i + 1) * RUN < n ? (i + 1) * RUN : n;
	}
	pm_parallel(w->o->jobs, w->n_runs, walk_run, w);
	for (size_t i = 0; i < w->n_runs; i++) {
		if (w->runs[i].rc < 0) {
			*err = w->runs[i].err;
			return w->runs[i].rc;
		}
		h->n_missing += w->runs[i].lost;
		take_run(w, &w->runs[i]);
		run_release(&w->runs[i]);
	}
	return 0;
}

int pm_hist_walk(struct pm_hread *all, struct pm_history *h, struct pm_objects *objects,
		 const struct pm_hist_options *o, struct pm_err *err)
{
	struct walk w = { .all = all, .objects = objects, .o = o };
	struct pm_oid tree;
	int rc;

	w.readers = pm_xcalloc(o->jobs + 1, sizeof(struct pm_objreader *));
	w.readers[0] = pm_objreader_open(objects, 0);
	rc = compile_globs(&w, err);
	if (rc == 0)
		rc = outer_tree(w.readers[0], &all->newest, &tree, err);
	if (rc == 0)
		rc = take_tree(&w, h, &tree, true, &all->today, &all->n_today, err);
	if (rc == 0)
		rc = take_runs(&w, h, err);
	if (rc == 0)
		rc = take_bases(&w, h, err);
	for (size_t i = 0; w.runs && i < w.n_runs; i++)
		run_release(&w.runs[i]);
	for (unsigned i = 0; i < o->jobs; i++)
		pm_objreader_free(w.readers[i]);
	for (size_t i = 0; i < w.n_globs; i++)
		pm_re_free(w.globs[i]);
	HASH_CLEAR(hh, w.paths);
	HASH_CLEAR(hh, w.versions);
	pm_arena_release(&w.keys);
	free(w.globs);
	free(w.readers);
	free(w.runs);
	return rc;
}
