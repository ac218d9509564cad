/* inventory_file.c - one file of a commit, on whichever thread it comes: classify, scan, keep. */
#include "inventory_impl.h"

#include "base/escape.h"
#include "resource.h"

#include <string.h>

/* What the clock says has passed since `*since`, which is now. */
static uint64_t lap(const struct pm_inv_build *b, uint64_t *since)
{
	uint64_t was = *since;

	*since = b->opt->now ? b->opt->now() : 0;
	return *since - was;
}

struct pm_inv_seen *pm_inv_seen(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i)
{
	if (!b->seen[i])
		b->seen[i] = PM_NEW(&w->arena, struct pm_inv_seen);
	return b->seen[i];
}

void pm_inv_class_settle(struct pm_inv_build *b, const struct pm_entry *e,
			 const struct pm_inv_class *own, struct pm_inv_file *out)
{
	bool not_generated = e->attrs & PM_ATTR_NOT_GENERATED;
	bool not_vendored = e->attrs & PM_ATTR_NOT_VENDORED;

	if (strcmp(e->path, "portmig.yaml") == 0) {
		/* ports in there say what shall happen to others' */
		out->class = PM_CLASS_PAST;
		out->class_why = "portmig's own configuration";
	} else if (pm_globs_match(&b->past, e->path)) {
		out->class = PM_CLASS_PAST;
		out->class_why = "listed as past in portmig.yaml";
	} else if (e->attrs & PM_ATTR_GENERATED) {
		out->class = PM_CLASS_GENERATED;
		out->class_why = "linguist-generated in .gitattributes";
	} else if (e->attrs & PM_ATTR_VENDORED) {
		out->class = PM_CLASS_VENDORED;
		out->class_why = "linguist-vendored in .gitattributes";
	} else {
		const bool denied = (own->class == PM_CLASS_GENERATED && not_generated) ||
				    (own->class == PM_CLASS_VENDORED && not_vendored);

		out->class = denied ? PM_CLASS_ORDINARY : own->class;
		out->class_why = denied ? NULL : own->why;
	}
}

/* All of the file: whoever weighs its hits looks around. */
static void keep_bytes(struct pm_inv_worker *w, struct pm_inv_file *out, const struct pm_file *f)
{
	const struct pm_lines *l = pm_sink_lines(&w->sink);

	out->bytes = pm_arena_strndup(&w->arena, f->bytes, f->len);
	out->lines = *l;
	out->lines.p = out->bytes;
	out->lines.start = PM_NEW_N(&w->arena, uint32_t, l->n);
	memcpy(out->lines.start, l->start, l->n * sizeof(*l->start));
}

/* What a report shows of each hit's line. */
static const char *const *excerpts_of(struct pm_inv_worker *w)
{
	const struct pm_lines *l = pm_sink_lines(&w->sink);
	const char **texts = PM_NEW_N(&w->arena, const char *, w->sink.hits.n);
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	for (size_t i = 0; i < w->sink.hits.n; i++) {
		const struct pm_hit *h = &w->sink.hits.v[i];

		pm_buf_clear(&b);
		pm_excerpt(&b, pm_lines_get(l, h->line), h->col, PM_INV_EXCERPT);
		texts[i] = pm_arena_strndup(&w->arena, pm_buf_str(&b), b.n);
	}
	return texts;
}

static struct pm_inv_file *keep_file(struct pm_inv_build *b, struct pm_inv_worker *w,
				     const struct pm_entry *e, const struct pm_file *f,
				     const struct pm_inv_class *class)
{
	struct pm_inv_file *out = PM_NEW(&w->arena, struct pm_inv_file);

	out->path = e->path;
	memcpy(out->oid, e->oid, PM_OID_HEX);
	out->mode = e->mode;
	out->len = f->len;
	out->n_hits = w->sink.hits.n;
	out->hits = PM_NEW_N(&w->arena, struct pm_hit, out->n_hits);
	memcpy(out->hits, w->sink.hits.v, out->n_hits * sizeof(*out->hits));
	if (!b->opt->bare)
		keep_bytes(w, out, f);
	pm_inv_class_settle(b, e, class, out);
	return out;
}

static int run_scanners(struct pm_inv_build *b, struct pm_inv_worker *w, const struct pm_file *f,
			struct pm_err *err)
{
	int rc;

	if (!w->has_sink) {
		pm_sink_init(&w->sink, &w->arena, f, b->opt->want);
		w->sink.bare = b->opt->bare;
		w->has_sink = true;
	} else {
		pm_sink_next(&w->sink, f);
	}
	if (b->opt->resources) {
		pm_resource_scan(&w->sink, f);
		if (w->sink.over)
			return pm_err_set(err, PM_E_LIMIT, (struct pm_loc){ f->path, 0, 0 },
					  "over %d numbers of databases", PM_RESOURCE_MAX);
		return 0;
	}
	rc = pm_own_scan(&b->own, f, &w->sink, err);
	return rc < 0 ? rc : pm_scan_file(&w->sink, f, b->opt->numbers, err);
}

static void scan_file(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i,
		      const struct pm_file *f)
{
	/* finds of all ports are kept for the next time */
	const bool keep = b->opt->cache && !b->opt->want && !b->opt->numbers;
	struct pm_inv_class class = { PM_CLASS_ORDINARY, NULL };
	const char *const *excerpts = NULL;
	const char *gave_up = NULL;
	struct pm_err err = { 0 };
	struct pm_inv_seen *seen;

	if (run_scanners(b, w, f, &err) < 0)
		gave_up = pm_arena_strdup(&w->arena, err.text);
	else if (w->sink.hits.n)
		class.class = pm_file_classify(f, &w->arena, &class.why);
	if (!gave_up && w->sink.hits.n && (keep || b->opt->bare))
		excerpts = excerpts_of(w);
	if (keep)
		pm_inv_keep_finds(b, w, i, f->len, gave_up, excerpts, &class);
	if (!gave_up && !w->sink.hits.n && !w->sink.diags.n)
		return;
	seen = pm_inv_seen(b, w, i);
	seen->gave_up = gave_up;
	if (gave_up)
		return;
	if (w->sink.hits.n) {
		seen->file = keep_file(b, w, &b->tree.v[i], f, &class);
		seen->file->excerpts = b->opt->bare ? excerpts : NULL;
	}
	seen->n_diags = w->sink.diags.n;
	seen->diags = PM_NEW_N(&w->arena, struct pm_diag, seen->n_diags + 1);
	if (seen->n_diags)
		memcpy(seen->diags, w->sink.diags.v, seen->n_diags * sizeof(*seen->diags));
}

static void read_names(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i,
		       const struct pm_file *f)
{
	struct pm_inv_seen *seen;

	w->decls.n = 0;
	pm_names_read(&w->decls, &w->arena, f);
	if (b->opt->cache)
		pm_inv_keep_names(b, w, i);
	if (!w->decls.n)
		return;
	seen = pm_inv_seen(b, w, i);
	seen->n_decls = w->decls.n;
	seen->decls = PM_NEW_N(&w->arena, struct pm_decl, seen->n_decls);
	memcpy(seen->decls, w->decls.v, seen->n_decls * sizeof(*seen->decls));
}

static void read_allows(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i,
			const struct pm_file *f)
{
	struct pm_inv_seen *seen;

	w->allows.n = 0;
	pm_allow_find(&w->allows, &w->arena, f);
	if (!w->allows.n)
		return;
	seen = pm_inv_seen(b, w, i);
	seen->n_allows = w->allows.n;
	seen->allows = PM_NEW_N(&w->arena, struct pm_allow, seen->n_allows);
	memcpy(seen->allows, w->allows.v, seen->n_allows * sizeof(*seen->allows));
}

void pm_inv_read(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i, struct pm_str bytes)
{
	const enum pm_skip_reason skip = pm_content_skip(bytes.p, bytes.n);
	struct pm_file f = { .path = b->tree.v[i].path, .bytes = bytes.p, .len = bytes.n };
	uint64_t t = 0;

	pm_inv_keep_bytes(b, w, i, skip, bytes);
	if (skip != PM_SKIP_NONE) {
		pm_inv_seen(b, w, i)->skip = skip;
		return;
	}
	w->n_files++;
	w->n_bytes += bytes.n;
	lap(b, &t);
	pm_file_look(&f);
	if (b->jobs[i].names)
		read_names(b, w, i, &f);
	w->names += lap(b, &t);
	if (b->jobs[i].asked)
		scan_file(b, w, i, &f);
	if (b->jobs[i].asked && b->opt->allows)
		read_allows(b, w, i, &f);
	w->scan += lap(b, &t);
}
