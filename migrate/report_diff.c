/*
 * report_diff.c - what a plan would change as a unified diff that `git apply` reads.
 * With color the reader is a terminal: control bytes are escaped and long lines cut.
 */
#include "apply.h"

#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 3, SHOWN_MAX = 400 };

struct out {
	struct pm_buf *b;
	bool color;
};

static void add_line(void *data, char mark, struct pm_str s)
{
	const struct out *o = data;
	const bool ends = s.n && s.p[s.n - 1] == '\n';

	if (o->color) {
		size_t indent = 0;

		while (indent < s.n && (s.p[indent] == ' ' || s.p[indent] == '\t'))
			indent++;
		pm_buf_adds(o->b, mark == '-' ? "\033[31m" : mark == '+' ? "\033[32m" : "");
		pm_buf_addc(o->b, mark);
		pm_buf_add(o->b, s.p, indent);
		pm_excerpt(o->b, (struct pm_str){ s.p + indent, s.n - indent }, 0, SHOWN_MAX);
		pm_buf_adds(o->b, mark == ' ' ? "\n" : "\033[0m\n");
	} else {
		pm_buf_addc(o->b, mark);
		pm_buf_add(o->b, s.p, s.n);
		pm_buf_adds(o->b, ends ? "" : "\n");
	}
	if (!ends)
		pm_buf_adds(o->b, "\\ No newline at end of file\n");
}

static void add_hunk(void *data, unsigned old_from, unsigned old_n, unsigned new_from,
		     unsigned new_n)
{
	const struct out *o = data;

	pm_buf_addf(o->b, "%s@@ -%u,%u +%u,%u @@%s\n", o->color ? "\033[36m" : "", old_from, old_n,
		    new_from, new_n, o->color ? "\033[0m" : "");
}

/* A name as Git writes it: quoted when needed, a tab behind one with spaces. */
static void add_name(struct pm_buf *out, const char *head, const char *side, const char *path)
{
	PM_CLEAN_BUF struct pm_buf name = { 0 };

	pm_buf_addf(&name, "%s%s", side, path);
	pm_buf_adds(out, head);
	pm_quote_text(out, (struct pm_str){ name.v, name.n });
	if (*head != 'd' && *head != ' ' && strchr(path, ' ') && out->v[out->n - 1] != '"')
		pm_buf_addc(out, '\t');
}

static void add_header(struct pm_buf *out, const char *path, bool color)
{
	pm_buf_adds(out, color ? "\033[1m" : "");
	add_name(out, "diff --git ", "a/", path);
	add_name(out, " ", "b/", path);
	pm_buf_addc(out, '\n');
	add_name(out, "--- ", "a/", path);
	pm_buf_addc(out, '\n');
	add_name(out, "+++ ", "b/", path);
	pm_buf_adds(out, color ? "\033[0m\n" : "\n");
}

static int diff_file(struct pm_repo *r, const struct pm_file_change *c, const char *blob,
		     bool color, struct pm_buf *b, struct pm_err *err)
{
	static const struct pm_diff_sink sink = { add_hunk, add_line };
	PM_CLEAN_BUF struct pm_buf old = { 0 }, new = { 0 };
	struct out o = { b, color };
	int rc = pm_repo_blob(r, blob, &old, err);

	if (rc == 0)
		rc = pm_edit_bytes((struct pm_str){ pm_buf_str(&old), old.n }, c, &new, err);
	if (rc < 0)
		return rc;
	add_header(b, c->path, color);
	return pm_repo_diff(r, (struct pm_str){ pm_buf_str(&old), old.n },
			    (struct pm_str){ pm_buf_str(&new), new.n }, CONTEXT, &sink, &o, err);
}

int pm_report_diff(const struct pm_plan *p, struct pm_repo *r, const struct pm_report_options *o,
		   struct pm_buf *out, struct pm_err *err)
{
	const struct pm_edit **edits = pm_xcalloc(p->edits.n + 1, sizeof(*edits));
	const struct pm_patch **patches = pm_xcalloc(p->texts.n + 1, sizeof(*patches));
	size_t i = 0, k = 0;
	int rc = pm_plan_check(p, err);

	while (rc == 0 && (i < p->edits.n || k < p->texts.n)) {
		const char *e = i < p->edits.n ? p->edits.v[i].path : NULL;
		const char *t = k < p->texts.n ? p->texts.v[k].path : NULL;
		const char *path = !t || (e && strcmp(e, t) < 0) ? e : t, *blob = NULL;
		struct pm_file_change c = { .path = path, .edits = edits, .patches = patches };

		for (; i < p->edits.n && strcmp(p->edits.v[i].path, path) == 0; i++) {
			blob = p->edits.v[i].blob;
			if (pm_edit_final(&p->edits.v[i]) == PM_APPLY)
				edits[c.n_edits++] = &p->edits.v[i];
		}
		for (; k < p->texts.n && strcmp(p->texts.v[k].path, path) == 0; k++) {
			blob = p->texts.v[k].blob;
			if (pm_unit_applies(p, p->texts.v[k].patch.unit))
				patches[c.n_patches++] = &p->texts.v[k].patch;
		}
		if (c.n_edits || c.n_patches)
			rc = diff_file(r, &c, blob, o->color, out, err);
	}
	free(edits);
	free(patches);
	return rc;
}
