/*
 * report_diff.c - the applied edits as a unified diff that `git apply` reads. An edit changes
 * digits only, so line k of the old text is line k of the new one.
 * With color the reader is a terminal: control bytes are escaped and long lines cut.
 */
#include "apply.h"

#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 3, SHOWN_MAX = 400 };

struct sides {
	struct pm_lines old, new;
	unsigned *changed; /* line numbers, ascending, each once */
	size_t n;
};

/* The line with its line feed. */
static struct pm_str raw_line(const struct pm_lines *l, unsigned line)
{
	size_t from = l->start[line - 1], to = line < l->n ? l->start[line] : l->len;

	return (struct pm_str){ l->p + from, to - from };
}

/* After a final line feed there is an empty line that is none. */
static unsigned line_count(const struct pm_lines *l)
{
	return (unsigned)(l->n - (l->start[l->n - 1] == l->len));
}

static void add_line(struct pm_buf *out, char mark, const struct pm_lines *l, unsigned line,
		     bool color)
{
	struct pm_str s = raw_line(l, line);
	bool ends = s.n && s.p[s.n - 1] == '\n';

	if (color) {
		size_t indent = 0;

		while (indent < s.n && (s.p[indent] == ' ' || s.p[indent] == '\t'))
			indent++;
		pm_buf_adds(out, mark == '-' ? "\033[31m" : mark == '+' ? "\033[32m" : "");
		pm_buf_addc(out, mark);
		pm_buf_add(out, s.p, indent);
		pm_excerpt(out, (struct pm_str){ s.p + indent, s.n - indent }, 0, SHOWN_MAX);
		pm_buf_adds(out, mark == ' ' ? "\n" : "\033[0m\n");
	} else {
		pm_buf_addc(out, mark);
		pm_buf_add(out, s.p, s.n);
		pm_buf_adds(out, ends ? "" : "\n");
	}
	if (!ends)
		pm_buf_adds(out, "\\ No newline at end of file\n");
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

/* The changed lines [lo, hi) of one hunk with their context. */
static void add_hunk(struct pm_buf *out, const struct sides *s, size_t lo, size_t hi, bool color)
{
	unsigned count = line_count(&s->old);
	unsigned from = s->changed[lo] > CONTEXT ? s->changed[lo] - CONTEXT : 1;
	unsigned to = s->changed[hi - 1] + CONTEXT < count ? s->changed[hi - 1] + CONTEXT : count;

	pm_buf_addf(out, "%s@@ -%u,%u +%u,%u @@%s\n", color ? "\033[36m" : "", from,
		    to - from + 1, from, to - from + 1, color ? "\033[0m" : "");
	for (unsigned line = from; line <= to;) {
		unsigned end = line;

		while (lo < hi && s->changed[lo] == end) {
			end++;
			lo++;
		}
		for (unsigned i = line; i < end; i++)
			add_line(out, '-', &s->old, i, color);
		for (unsigned i = line; i < end; i++)
			add_line(out, '+', &s->new, i, color);
		if (end == line)
			add_line(out, ' ', &s->old, end++, color);
		line = end;
	}
}

static void add_file(struct pm_buf *out, const char *path, const struct sides *s, bool color)
{
	add_header(out, path, color);
	for (size_t lo = 0; lo < s->n;) {
		size_t hi = lo + 1;

		while (hi < s->n && s->changed[hi] - s->changed[hi - 1] <= 2 * CONTEXT)
			hi++;
		add_hunk(out, s, lo, hi, color);
		lo = hi;
	}
}

static int diff_file(struct pm_repo *r, const struct pm_edit *const *edits, size_t n, bool color,
		     struct pm_buf *out, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf old = { 0 };
	PM_CLEAN_BUF struct pm_buf new = { 0 };
	struct pm_arena arena = { 0 };
	struct sides s = { 0 };
	int rc = pm_repo_blob(r, edits[0]->blob, &old, err);

	if (rc == 0)
		rc = pm_edit_bytes((struct pm_str){ pm_buf_str(&old), old.n }, edits, n, &new,
				   err);
	if (rc == 0) {
		pm_lines_init(&s.old, &arena, pm_buf_str(&old), old.n);
		pm_lines_init(&s.new, &arena, pm_buf_str(&new), new.n);
		s.changed = PM_NEW_N(&arena, unsigned, n);
		for (size_t i = 0; i < n; i++) {
			unsigned line = pm_lines_line(&s.old, edits[i]->span.off);

			if (!s.n || s.changed[s.n - 1] != line)
				s.changed[s.n++] = line;
		}
		add_file(out, edits[0]->path, &s, color);
	}
	pm_arena_release(&arena);
	return rc;
}

int pm_report_diff(const struct pm_plan *p, struct pm_repo *r, const struct pm_report_options *o,
		   struct pm_buf *out, struct pm_err *err)
{
	const struct pm_edit **edits = pm_xrealloc(NULL, (p->edits.n + 1) * sizeof(*edits));
	size_t n = 0, from = 0;
	int rc = pm_plan_check(p, err);

	for (size_t i = 0; i < p->edits.n; i++)
		if (pm_edit_final(&p->edits.v[i]) == PM_APPLY)
			edits[n++] = &p->edits.v[i];
	while (rc == 0 && from < n) {
		size_t to = from + 1;

		while (to < n && strcmp(edits[to]->path, edits[from]->path) == 0)
			to++;
		rc = diff_file(r, edits + from, to - from, o->color, out, err);
		from = to;
	}
	free(edits);
	return rc;
}
