/*
 * inventory.c - read a commit once: walk, load, classify, scan, and keep what has hits.
 */
#include "inventory.h"

#include "config.h"

#include "base/re.h"
#include "own.h"

#include <stdlib.h>
#include <string.h>

struct globs {
	struct { struct pm_re **v; size_t n, cap; } re;
};

struct build {
	struct pm_inventory *inv;
	struct pm_repo *repo;
	const struct pm_inv_options *opt;
	struct globs exclude, past;
	struct pm_own own;   /* patterns of portmig.yaml */
	struct pm_buf bytes; /* of the current file */
};

static int globs_compile(struct globs *g, const char **patterns, size_t n, struct pm_err *err)
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

static void globs_release(struct globs *g)
{
	for (size_t i = 0; i < g->re.n; i++)
		pm_re_free(g->re.v[i]);
	PM_VEC_FREE(&g->re);
}

/* Does the path, or one of its directories, match? */
static bool globs_match(const struct globs *g, const char *path)
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

/* What the clock says has passed since `*since`, which is now. */
static uint64_t lap(const struct build *b, uint64_t *since)
{
	uint64_t was = *since;

	*since = b->opt->now ? b->opt->now() : 0;
	return *since - was;
}

static void add_skip(struct build *b, const struct pm_entry *e, const char *why, bool readable)
{
	*PM_VEC_ADD(&b->inv->skips) = (struct pm_skip){
		.path = e->path, .why = why, .size = e->size, .readable = readable,
	};
}

static void classify(struct build *b, const struct pm_entry *e, const struct pm_file *f,
		     struct pm_inv_file *out)
{
	bool not_generated = e->attrs & PM_ATTR_NOT_GENERATED;
	bool not_vendored = e->attrs & PM_ATTR_NOT_VENDORED;

	if (strcmp(e->path, "portmig.yaml") == 0) {
		/* ports in there say what shall happen to others' */
		out->class = PM_CLASS_PAST;
		out->class_why = "portmig's own configuration";
	} else if (globs_match(&b->past, e->path)) {
		out->class = PM_CLASS_PAST;
		out->class_why = "listed as past in portmig.yaml";
	} else if (e->attrs & PM_ATTR_GENERATED) {
		out->class = PM_CLASS_GENERATED;
		out->class_why = "linguist-generated in .gitattributes";
	} else if (e->attrs & PM_ATTR_VENDORED) {
		out->class = PM_CLASS_VENDORED;
		out->class_why = "linguist-vendored in .gitattributes";
	} else {
		out->class = pm_file_classify(f, &b->inv->arena, &out->class_why);
		if ((out->class == PM_CLASS_GENERATED && not_generated) ||
		    (out->class == PM_CLASS_VENDORED && not_vendored)) {
			out->class = PM_CLASS_ORDINARY;
			out->class_why = NULL;
		}
	}
}

/* Keep a scanned file: bytes and hits move into the arena. */
static void keep_file(struct build *b, const struct pm_entry *e, const struct pm_file *f,
		      struct pm_sink *sink)
{
	struct pm_inventory *inv = b->inv;
	struct pm_inv_file *out = PM_VEC_ADD(&inv->files);

	pm_sink_lines(sink);
	out->path = e->path;
	memcpy(out->oid, e->oid, PM_OID_HEX);
	out->mode = e->mode;
	out->bytes = pm_arena_strndup(&inv->arena, f->bytes, f->len);
	out->len = f->len;
	out->lines = sink->lines;
	out->lines.p = out->bytes;
	out->n_hits = sink->hits.n;
	out->hits = PM_NEW_N(&inv->arena, struct pm_hit, sink->hits.n);
	memcpy(out->hits, sink->hits.v, sink->hits.n * sizeof(*out->hits));
	inv->n_hits += sink->hits.n;
	classify(b, e, f, out);
}

static void scan_file(struct build *b, const struct pm_entry *e, const struct pm_file *f)
{
	struct pm_inventory *inv = b->inv;
	struct pm_err err = { 0 };
	struct pm_sink sink;

	pm_sink_init(&sink, &inv->arena, f, b->opt->want);
	sink.bare = b->opt->bare;
	if (pm_own_scan(&b->own, f, &sink, &err) < 0 ||
	    pm_scan_file(&sink, f, b->opt->numbers, &err) < 0) {
		add_skip(b, e, pm_arena_strdup(&inv->arena, err.text), true);
	} else {
		if (sink.hits.n)
			keep_file(b, e, f, &sink);
		for (size_t i = 0; i < sink.diags.n; i++)
			*PM_VEC_ADD(&inv->diags) = sink.diags.v[i];
	}
	pm_sink_release(&sink);
	pm_allow_find(&inv->allows, &inv->arena, f);
}

/* One entry: what it is read for, or why it is not read. */
struct job {
	bool asked, names;
	enum pm_skip_reason skip;
};

static struct job job_of(const struct build *b, const struct pm_entry *e)
{
	struct job j = {
		.asked = is_asked_for(b->opt, e->path),
		.names = b->opt->names && pm_names_accepts(e->path),
		.skip = e->skip,
	};

	if ((j.asked || j.names) && j.skip == PM_SKIP_NONE && globs_match(&b->exclude, e->path))
		j.skip = PM_SKIP_CONFIG;
	return j;
}

static bool is_read(const struct job *j)
{
	return (j->asked || j->names) && j->skip == PM_SKIP_NONE;
}

static int read_entry(struct build *b, const struct pm_entry *e, struct job j,
		      struct pm_stream *blobs, struct pm_err *err)
{
	struct pm_inventory *inv = b->inv;
	struct pm_file f;
	uint64_t t = 0;
	int rc;

	if (!j.asked && !j.names)
		return 0;
	if (j.skip == PM_SKIP_NONE) {
		lap(b, &t);
		rc = pm_stream_next(blobs, &b->bytes, err);
		inv->times.read += lap(b, &t);
		if (rc == PM_E_NOTFOUND)
			j.skip = PM_SKIP_MISSING;
		else if (rc < 0)
			return pm_err_wrap(err, "%s", e->path);
		else
			j.skip = pm_content_skip(pm_buf_str(&b->bytes), b->bytes.n);
	}
	if (j.skip != PM_SKIP_NONE) {
		if (j.asked || j.skip == PM_SKIP_MISSING)
			add_skip(b, e, pm_skip_text(j.skip), j.skip != PM_SKIP_MISSING);
		return 0;
	}
	inv->n_files++;
	inv->n_bytes += b->bytes.n;
	f = (struct pm_file){ e->path, pm_buf_str(&b->bytes), b->bytes.n };
	lap(b, &t);
	if (j.names)
		pm_names_read(&inv->decls, &inv->arena, &f);
	inv->times.names += lap(b, &t);
	if (j.asked)
		scan_file(b, e, &f);
	inv->times.scan += lap(b, &t);
	return 0;
}

static int read_files(struct build *b, const struct pm_tree *tree, struct pm_err *err)
{
	struct job *jobs = pm_xrealloc(NULL, pm_size_mul(tree->n + 1, sizeof(*jobs)));
	struct { const char **v; size_t n, cap; } oids = { 0 };
	struct pm_stream *blobs;
	int rc = 0;

	for (size_t i = 0; i < tree->n; i++) {
		b->inv->paths[b->inv->n_paths++] = tree->v[i].path;
		jobs[i] = job_of(b, &tree->v[i]);
		if (is_read(&jobs[i]))
			*PM_VEC_ADD(&oids) = tree->v[i].oid;
	}
	blobs = pm_stream_open(b->repo, oids.v, oids.n);
	for (size_t i = 0; rc == 0 && i < tree->n; i++) {
		if (b->opt->progress)
			b->opt->progress(b->opt->progress_data, i, tree->n);
		rc = read_entry(b, &tree->v[i], jobs[i], blobs, err);
	}
	pm_stream_close(blobs);
	PM_VEC_FREE(&oids);
	free(jobs);
	return rc;
}

static int read_tree(struct build *b, const struct pm_tree *tree, struct pm_err *err)
{
	struct pm_inventory *inv = b->inv;
	const struct pm_config *c = b->opt->config;
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
	memcpy(inv->commit, tree->commit, PM_OID_HEX);
	memcpy(inv->tree, tree->tree, PM_OID_HEX);
	inv->paths = PM_NEW_N(&inv->arena, const char *, tree->n);
	return rc < 0 ? rc : read_files(b, tree, err);
}

int pm_inventory_build(struct pm_inventory *out, struct pm_repo *repo, const char *commit,
		       const struct pm_inv_options *opt, struct pm_err *err)
{
	struct pm_limits limits = opt->limits.max_file ? opt->limits : PM_LIMITS_DEFAULT;
	struct pm_inventory inv = { 0 };
	struct build b = { .inv = &inv, .repo = repo, .opt = opt };
	struct pm_tree tree = { 0 };
	uint64_t t = 0;
	int rc;

	lap(&b, &t);
	rc = pm_repo_walk(repo, commit, &limits, &inv.arena, &tree, err);
	inv.times.walk = lap(&b, &t);
	if (rc == 0)
		rc = read_tree(&b, &tree, err);
	pm_tree_release(&tree);
	globs_release(&b.exclude);
	globs_release(&b.past);
	pm_own_release(&b.own);
	pm_buf_release(&b.bytes);
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
	pm_arena_release(&inv->arena);
	memset(inv, 0, sizeof(*inv));
}
