/*
 * inventory.c - read a commit once: walk, load and scan on several threads, and put together in the
 * order of paths what has hits.
 */
#include "inventory_impl.h"

#include "base/re.h"

#include <stdlib.h>
#include <string.h>

static int globs_compile(struct pm_globs *g, const char **patterns, size_t n, struct pm_err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct pm_re *re;
		int rc = pm_re_glob(&re, patterns[i], err);

		if (rc < 0)
			return rc;
		*PM_VEC_ADD(&g->re) = re;
	}
	return 0;
}

static void globs_release(struct pm_globs *g)
{
	for (size_t i = 0; i < g->re.n; i++)
		pm_re_free(g->re.v[i]);
	PM_VEC_FREE(&g->re);
}

bool pm_globs_match(const struct pm_globs *g, const char *path)
{
	struct pm_str s = pm_str_of(path);

	for (size_t i = 0; i < g->re.n; i++)
		for (size_t n = 1; n <= s.n; n++)
			if ((n == s.n || s.p[n] == '/') &&
			    pm_re_match(g->re.v[i], (struct pm_str){ s.p, n }, 0, NULL, 0) == 1)
				return true;
	return false;
}

/* Path prefixes the user asked for: a file, or a directory with everything below. */
static bool is_asked_for(const struct pm_inv_options *opt, const char *path)
{
	if (!opt->only_paths)
		return true;
	for (const char *const *p = opt->only_paths; *p; p++) {
		size_t n = strlen(*p);

		while (n && (*p)[n - 1] == '/')
			n--;
		if (strncmp(path, *p, n) == 0 && (n == 0 || path[n] == '/' || !path[n]))
			return true;
	}
	return false;
}

/* What the clock says. */
static uint64_t now(const struct pm_inv_build *b)
{
	return b->opt->now ? b->opt->now() : 0;
}

/* ---- before ---- */

static struct pm_inv_job job_of(const struct pm_inv_build *b, const struct pm_entry *e)
{
	const bool asked = is_asked_for(b->opt, e->path);
	struct pm_inv_job j = {
		.asked = asked, .wanted = asked,
		.names = b->opt->names && pm_names_accepts(e->path),
		.skip = e->skip,
	};

	if ((j.asked || j.names) && j.skip == PM_SKIP_NONE && pm_globs_match(&b->exclude, e->path))
		j.skip = PM_SKIP_CONFIG;
	return j;
}

static int prepare(struct pm_inv_build *b, struct pm_err *err)
{
	const struct pm_config *c = b->opt->config;
	struct pm_inventory *inv = b->inv;
	int rc = 0;

	if (c) {
		rc = globs_compile(&b->exclude, c->exclude, c->n_exclude, err);
		if (rc == 0)
			rc = globs_compile(&b->past, c->past, c->n_past, err);
		for (size_t i = 0; rc == 0 && i < c->patterns.n; i++)
			rc = pm_own_add(&b->own,
					pm_arena_printf(&inv->arena, "own/%s", c->patterns.v[i].name),
					c->patterns.v[i].regex, c->patterns.v[i].glob, err);
	}
	if (rc < 0)
		return rc;
	memcpy(inv->commit, b->tree.commit, PM_OID_HEX);
	memcpy(inv->tree, b->tree.tree, PM_OID_HEX);
	inv->paths = PM_NEW_N(&inv->arena, const char *, b->tree.n);
	b->jobs = pm_xrealloc(NULL, pm_size_mul(b->tree.n + 1, sizeof(*b->jobs)));
	b->seen = pm_xcalloc(b->tree.n + 1, sizeof(*b->seen));
	pm_inv_settings(b);
	for (size_t i = 0; i < b->tree.n; i++) {
		inv->paths[inv->n_paths++] = b->tree.v[i].path;
		b->jobs[i] = job_of(b, &b->tree.v[i]);
	}
	return 0;
}

/* What is not known yet. */
static void choose(struct pm_inv_build *b)
{
	uint64_t t = now(b);

	for (size_t i = 0; i < b->tree.n; i++)
		if ((b->jobs[i].asked || b->jobs[i].names) && b->jobs[i].skip == PM_SKIP_NONE &&
		    !pm_inv_recall(b, &b->workers[0], i))
			*PM_VEC_ADD(&b->entries) = i;
	b->inv->times.recall = now(b) - t;
}

/* ---- reading ---- */

static int visit(void *data, const struct pm_visited *v)
{
	struct pm_inv_build *b = data;
	struct pm_inv_worker *w = &b->workers[v->thread];
	const size_t i = b->entries.v[v->index];
	size_t done = atomic_fetch_add_explicit(&b->done, 1, memory_order_relaxed);

	if (v->thread == 0 && b->opt->progress)
		b->opt->progress(b->opt->progress_data, done, b->entries.n);
	if (v->rc == PM_E_NOTFOUND) {
		pm_inv_seen(b, w, i)->skip = PM_SKIP_MISSING;
	} else if (v->rc == PM_E_LIMIT) {
		pm_inv_seen(b, w, i)->skip = PM_SKIP_LARGE;
	} else if (v->rc < 0) {
		pm_inv_seen(b, w, i)->rc = v->rc;
		b->seen[i]->err = PM_NEW(&w->arena, struct pm_err);
		*b->seen[i]->err = *v->err;
	} else {
		pm_inv_read(b, w, i, v->bytes);
	}
	return 0;
}

static void read_files(struct pm_inv_build *b, unsigned jobs)
{
	const uint64_t max = b->opt->limits.max_file ? b->opt->limits.max_file
						     : PM_LIMITS_DEFAULT.max_file;
	uint64_t names = 0, scan = 0, all;
	unsigned threads = 0;
	struct pm_oid *ids;

	b->workers = pm_xcalloc(jobs, sizeof(*b->workers));
	choose(b);
	all = now(b);
	ids = pm_xcalloc(b->entries.n, sizeof(*ids));
	for (size_t k = 0; k < b->entries.n; k++)
		pm_oid_parse(&ids[k], b->tree.v[b->entries.v[k]].oid);
	if (b->entries.n)
		pm_objects_visit(pm_repo_objects(b->repo), ids, b->entries.n, jobs, max, visit, b);
	free(ids);
	all = now(b) - all;
	for (unsigned k = 0; k < jobs; k++) {
		struct pm_inv_worker *w = &b->workers[k];

		threads += w->scan || w->names;
		names += w->names;
		scan += w->scan;
		b->inv->n_files += w->n_files;
		b->inv->n_bytes += w->n_bytes;
	}
	threads += !threads;
	b->inv->times.names = names / threads;
	b->inv->times.scan = scan / threads;
	b->inv->times.read = all - b->inv->times.names - b->inv->times.scan;
}

/* ---- after ---- */

static void add_skip(struct pm_inv_build *b, const struct pm_entry *e, const char *why,
		     bool readable)
{
	*PM_VEC_ADD(&b->inv->skips) = (struct pm_skip){
		.path = e->path, .why = why, .size = e->size, .readable = readable,
	};
}

/* What came of entry i. */
static int collect_entry(struct pm_inv_build *b, size_t i, struct pm_err *err)
{
	const struct pm_entry *e = &b->tree.v[i];
	const struct pm_inv_seen *seen = b->seen[i];
	enum pm_skip_reason skip = seen ? seen->skip : b->jobs[i].skip;
	struct pm_inventory *inv = b->inv;

	if (seen && seen->rc < 0) {
		*err = *seen->err;
		return pm_err_wrap(err, "%s", e->path);
	}
	if (skip != PM_SKIP_NONE && (b->jobs[i].wanted || (skip == PM_SKIP_MISSING && b->jobs[i].names)))
		add_skip(b, e, pm_skip_text(skip), skip != PM_SKIP_MISSING);
	if (!seen)
		return 0;
	if (seen->gave_up)
		add_skip(b, e, seen->gave_up, true);
	for (size_t k = 0; k < seen->n_decls; k++)
		*PM_VEC_ADD(&inv->decls) = seen->decls[k];
	for (size_t k = 0; k < seen->n_allows; k++)
		*PM_VEC_ADD(&inv->allows) = seen->allows[k];
	for (size_t k = 0; k < seen->n_diags; k++)
		*PM_VEC_ADD(&inv->diags) = seen->diags[k];
	if (seen->file) {
		*PM_VEC_ADD(&inv->files) = *seen->file;
		inv->n_hits += seen->file->n_hits;
	}
	return 0;
}

static int collect(struct pm_inv_build *b, unsigned jobs, struct pm_err *err)
{
	struct pm_err none;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < b->tree.n; i++)
		rc = collect_entry(b, i, err ? err : &none);
	for (unsigned k = 0; k < jobs; k++) {
		struct pm_inv_worker *w = &b->workers[k];

		if (w->has_sink)
			pm_sink_release(&w->sink);
		PM_VEC_FREE(&w->decls);
		PM_VEC_FREE(&w->allows);
		pm_buf_release(&w->key);
		pm_buf_release(&w->value);
		*PM_VEC_ADD(&b->inv->parts) = w->arena;
	}
	return rc;
}

int pm_inventory_build(struct pm_inventory *out, struct pm_repo *repo, const char *commit,
		       const struct pm_inv_options *opt, struct pm_err *err)
{
	struct pm_limits limits = opt->limits.max_file ? opt->limits : PM_LIMITS_DEFAULT;
	const unsigned jobs = opt->jobs ? opt->jobs : 1;
	struct pm_inventory inv = { 0 };
	struct pm_inv_build b = { .inv = &inv, .repo = repo, .opt = opt };
	uint64_t t = now(&b);
	int rc = pm_repo_walk(repo, commit, &limits, &inv.arena, &b.tree, err);

	inv.times.walk = now(&b) - t;
	if (rc == 0)
		rc = prepare(&b, err);
	if (rc == 0) {
		read_files(&b, jobs);
		rc = collect(&b, jobs, err);
	}
	pm_tree_release(&b.tree);
	globs_release(&b.exclude);
	globs_release(&b.past);
	pm_own_release(&b.own);
	PM_VEC_FREE(&b.entries);
	free(b.jobs);
	free(b.seen);
	free(b.workers);
	if (rc < 0) {
		pm_inventory_release(&inv);
		return rc;
	}
	pm_diags_sort(&inv.diags);
	*out = inv;
	return 0;
}

void pm_inventory_release(struct pm_inventory *inv)
{
	PM_VEC_FREE(&inv->files);
	PM_VEC_FREE(&inv->decls);
	PM_VEC_FREE(&inv->skips);
	PM_VEC_FREE(&inv->allows);
	pm_diags_release(&inv->diags);
	for (size_t i = 0; i < inv->parts.n; i++)
		pm_arena_release(&inv->parts.v[i]);
	PM_VEC_FREE(&inv->parts);
	pm_arena_release(&inv->arena);
	memset(inv, 0, sizeof(*inv));
}
