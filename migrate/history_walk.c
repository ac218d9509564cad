/*
 * history_walk.c - which paths each commit of a walk changed against its first parent, and where
 * they are as they were before and are now. Threads compare trees, each a run of neighbouring commits; what they find is put
 * together in the order of the commits, so that nothing depends on their number.
 */
#include "history_keep.h"

#include "parallel.h"

#include "base/path.h"
#include "base/re.h"

#include <stdlib.h>
#include <string.h>

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
	size_t lost;  /* trees that are not here, of the first parents and of the others */
	size_t lost_others;
	int rc;
	struct pm_err err;
};

struct walk {
	struct pm_hread *all;
	struct pm_objects *objects;
	const struct pm_hist_options *o;
	struct run *runs;
	size_t n_runs, begun;
	struct pm_objreader **readers; /* one per thread */
	struct pm_arena names; /* reasons of classes: not needed */
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
	r->lost_others += rc == PM_E_NOTFOUND;
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
	struct run *r = &w->runs[w->begun + index];

	if (!w->readers[thread])
		w->readers[thread] = pm_objreader_open(w->objects, 0);
	r->ends = pm_xcalloc(r->to - r->from + 1, sizeof(*r->ends));
	for (size_t i = r->from; r->rc == 0 && i < r->to; i++) {
		struct pm_hcommit *c = &w->all->commits.v[i];
		const size_t first = r->changes.n, lost = r->lost + r->lost_others;

		if (c->kind != PM_PARENT_LOST && !c->kept)
			r->rc = compare(w, thread, r,
					c->kind == PM_PARENT_NONE ? NULL : &c->parent_tree,
					&c->tree);
		if (r->rc == 0 && c->n_others && !w->o->first_parent && !c->kept)
			r->rc = mark_merged(w, thread, r, c, first);
		c->lost = r->lost + r->lost_others > lost;
		r->ends[i - r->from] = r->changes.n;
	}
}

/* ---- paths and versions ---- */

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
	       is_excluded(w, path) || pm_file_classify(&f, &w->names, &why) != PM_CLASS_ORDINARY;
}

static uint32_t path_index(struct walk *w, const char *text)
{
	struct pm_hpath_key *k;
	struct pm_hpath *p;

	HASH_FIND_STR(w->all->path_keys, text, k);
	if (k)
		return k->index;
	k = PM_NEW(&w->all->arena, struct pm_hpath_key);
	k->index = (uint32_t)w->all->paths.n;
	k->text = pm_arena_strdup(&w->all->arena, text);
	HASH_ADD_KEYPTR(hh, w->all->path_keys, k->text, (unsigned)strlen(k->text), k);
	p = PM_VEC_ADD(&w->all->paths);
	p->text = k->text;
	p->last = PM_NO_VERSION;
	p->manifest = pm_names_accepts(text);
	for (const char *const *s = w->o->schema_paths; s && *s; s++)
		p->schema |= strcmp(*s, text) == 0;
	return k->index;
}

/* Is the content of the path passed over? Told by its name, when it is first asked. */
static bool is_skipped(struct walk *w, uint32_t path)
{
	struct pm_hpath *p = &w->all->paths.v[path];

	if (!p->classified)
		p->skipped = !p->schema && is_passed_over(w, p->text);
	p->classified = true;
	return p->skipped;
}

/* Nothing is kept of what is passed over. */
static void know_read(struct walk *w, uint32_t path)
{
	w->all->paths.v[path].classified = true;
}

static struct pm_hversion_key *find_version(const struct pm_hread *all, uint32_t path,
					    const struct pm_oid *blob)
{
	struct pm_hversion_key probe, *k;

	memset(&probe, 0, sizeof(probe));
	probe.key.path = path;
	probe.key.blob = *blob;
	HASH_FIND(hh, all->version_keys, &probe.key, sizeof(probe.key), k);
	return k;
}

int32_t pm_hist_version(const struct pm_hread *all, struct pm_str path, const struct pm_oid *blob)
{
	const struct pm_hversion_key *v;
	struct pm_hpath_key *p;

	HASH_FIND(hh, all->path_keys, path.p, (unsigned)path.n, p);
	v = p ? find_version(all, p->index, blob) : NULL;
	return v ? (int32_t)v->index : PM_NO_VERSION;
}

static int32_t version_index(struct walk *w, uint32_t path, bool there, const struct pm_oid *blob)
{
	struct pm_hversion_key *k;
	struct pm_version *v;

	if (!there)
		return PM_NO_VERSION;
	k = find_version(w->all, path, blob);
	if (k)
		return (int32_t)k->index;
	k = PM_NEW(&w->all->arena, struct pm_hversion_key);
	k->key.path = path;
	k->key.blob = *blob;
	k->index = (uint32_t)w->all->versions.n;
	HASH_ADD(hh, w->all->version_keys, key, sizeof(k->key), k);
	v = PM_VEC_ADD(&w->all->versions);
	v->path = path;
	v->blob = *blob;
	return (int32_t)k->index;
}

static void want(struct walk *w, int32_t version)
{
	if (version != PM_NO_VERSION)
		w->all->versions.v[version].wanted = true;
}

static void take_change(struct walk *w, struct pm_hcommit *c, uint32_t path,
			const struct raw_change *x)
{
	struct pm_hpath *p = &w->all->paths.v[path];
	struct pm_hchange *out;

	if (is_skipped(w, path) && !p->manifest)
		return;
	out = &c->changes[c->n_changes++];
	out->path = path;
	out->before = version_index(w, path, x->before, &x->old);
	out->after = version_index(w, path, x->after, &x->new);
	out->merged = x->merged;
	want(w, out->before);
	want(w, out->after);
	if (out->after != PM_NO_VERSION)
		p->last = out->after;
}

/* What the cache tells of a commit, instead of its changes. */
static void take_kept(struct walk *w, struct pm_hkept *k)
{
	for (size_t i = 0; i < k->n_manifests; i++) {
		const uint32_t path = path_index(w, k->manifests[i].path);

		w->all->paths.v[path].last = version_index(w, path, true, &k->manifests[i].blob);
	}
	for (size_t i = 0; i < k->n_large; i++) {
		const uint32_t path = path_index(w, k->large[i].path);
		const int32_t v = version_index(w, path, true, &k->large[i].blob);

		know_read(w, path);
		want(w, v);
		w->all->versions.v[v].read = PM_HREAD_SKIPPED;
		w->all->versions.v[v].known = true;
	}
	for (size_t i = 0; i < k->n_deltas; i++) {
		struct pm_delta *d = &k->deltas[i];

		d->path_index = path_index(w, d->path);
		know_read(w, d->path_index);
		d->path = w->all->paths.v[d->path_index].text;
	}
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
		if (c->kept)
			take_kept(w, c->kept);
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

static int32_t take_file(struct walk *w, uint32_t path, const struct pm_oid *blob)
{
	const int32_t v = version_index(w, path, true, blob);

	w->all->versions.v[v].wanted = w->all->versions.v[v].whole = true;
	return v;
}

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
		if (pm_hkeep_has_version(w->all->keep, r.paths.v[x->path], &x->new))
			know_read(w, path);
		if (!is_skipped(w, path))
			(*out)[(*n)++] = take_file(w, path, &x->new);
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

/* Records of commits are made of what their parents had, too. */
static void check_bases(struct walk *w)
{
	const struct pm_hread *all = w->all;

	for (size_t i = 0; w->all->n_kept && i < all->n_bases; i++)
		for (size_t k = 0; k < all->bases[i].n; k++)
			if (!pm_objreader_has(w->readers[0],
					      &all->versions.v[all->bases[i].versions[k]].blob)) {
				pm_hist_forget(w->all);
				return;
			}
}

/* ---- the whole ---- */

enum { AT_ONCE = 16 }; /* runs for each thread */

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

/* The next runs: some at a time, for what they find to be taken before there is too much of it. */
static void walk_some(struct walk *w)
{
	const size_t rest = w->n_runs - w->begun, some = AT_ONCE * (size_t)w->o->jobs;
	const size_t n = rest < some ? rest : some;

	pm_parallel(w->o->jobs, n, walk_run, w);
	w->begun += n;
}

static int take_runs(struct walk *w, struct pm_history *h, struct pm_err *err)
{
	const size_t n = w->all->commits.n;

	w->n_runs = (n + PM_HIST_RUN - 1) / PM_HIST_RUN;
	w->runs = pm_xcalloc(w->n_runs + 1, sizeof(*w->runs));
	for (size_t i = 0; i < w->n_runs; i++) {
		w->runs[i].from = i * PM_HIST_RUN;
		w->runs[i].to = (i + 1) * PM_HIST_RUN < n ? (i + 1) * PM_HIST_RUN : n;
	}
	for (size_t i = 0; i < w->n_runs; i++) {
		if (i == w->begun)
			walk_some(w);
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
		rc = pm_hist_outer_tree(w.readers[0], &all->newest, &tree, err);
	if (rc == 0)
		rc = take_tree(&w, h, &tree, true, &all->today, &all->n_today, err);
	if (rc == 0)
		rc = take_bases(&w, h, err);
	if (rc == 0)
		check_bases(&w);
	if (rc == 0)
		rc = take_runs(&w, h, err);
	for (size_t i = 0; w.runs && i < w.n_runs; i++)
		run_release(&w.runs[i]);
	for (unsigned i = 0; i < o->jobs; i++)
		pm_objreader_free(w.readers[i]);
	for (size_t i = 0; i < w.n_globs; i++)
		pm_re_free(w.globs[i]);
	pm_arena_release(&w.names);
	free(w.globs);
	free(w.readers);
	free(w.runs);
	return rc;
}
