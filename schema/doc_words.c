/*
 * doc_words.c - what a Markdown schema says outside of its rows: dates, a dated paragraph, its own
 * changelog.
 */
#include "doc_impl.h"

#include <string.h>

/* ---- dates ---- */

static void wish_date(struct pm_doc *d, size_t wish)
{
	const struct pm_wish *w = &d->w[wish];
	const struct pm_src *at = strcmp(w->service, "updated") == 0 ? &d->s->updated_src
				: strcmp(w->service, "reconciled") == 0 ? &d->s->reconciled_src
				: &d->s->real_src;

	if (!at->span.len)
		pm_doc_refuse(d, wish, "the document has no such date, or with markup inside");
	else
		pm_doc_put(d, wish, at->span.off, at->span.len, pm_str_of(w->date));
}

/* ---- a paragraph ---- */

/* Quote marks and indentation in front of a line's text. */
static struct pm_str prefix_of(struct pm_str line)
{
	size_t i = 0;

	while (i < line.n && strchr(" \t>", line.p[i]))
		i++;
	return (struct pm_str){ line.p, i };
}

static bool is_blank(struct pm_str line)
{
	return prefix_of(line).n == line.n;
}

/* Behind the paragraph with the dates. */
static void wish_note(struct pm_doc *d, size_t wish)
{
	const struct pm_src *at = d->s->reconciled_src.span.len ? &d->s->reconciled_src
								: &d->s->updated_src;
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_str prefix, eol, bare;
	unsigned line = at->line;
	size_t end;

	if (!at->span.len) {
		pm_doc_refuse(d, wish, "the document has no date to put a paragraph behind");
		return;
	}
	prefix = prefix_of(pm_lines_get(&d->lines, line));
	while (line < d->lines.n && !is_blank(pm_lines_get(&d->lines, line + 1)))
		line++;
	eol = pm_doc_eol(d, at->line);
	if (!eol.n)
		eol = line > 1 ? pm_doc_eol(d, line - 1) : (struct pm_str)PM_STR("\n");
	bare = pm_str_trim(prefix);
	bare = (struct pm_str){ prefix.p, bare.n ? (size_t)(bare.p - prefix.p) + bare.n : 0 };
	if (!pm_doc_eol(d, line).n)
		pm_buf_add(&b, eol.p, eol.n);
	pm_buf_add(&b, bare.p, bare.n);
	pm_buf_add(&b, eol.p, eol.n);
	for (const char *p = d->w[wish].text; *p; p += end + (p[end] == '\n')) {
		end = strcspn(p, "\n");
		pm_buf_add(&b, prefix.p, end ? prefix.n : bare.n);
		pm_buf_add(&b, p, end);
		pm_buf_add(&b, eol.p, eol.n);
	}
	if (!pm_doc_eol(d, line).n)
		b.n -= eol.n; /* the text still ends without a line end */
	pm_doc_put(d, wish, pm_doc_line_end(d, line), 0,
		   pm_str_of(pm_arena_strndup(d->a, pm_buf_str(&b), b.n)));
}

/* ---- the changelog ---- */

/* Its first and last dates as written: the newest stands first unless they say otherwise. */
static bool newest_last(const struct pm_schema *s)
{
	const char *first = NULL, *last = NULL;

	for (size_t i = 0; i < s->changelog.n; i++)
		if (pm_is_digit(*s->changelog.v[i].date)) {
			first = first ? first : s->changelog.v[i].date;
			last = s->changelog.v[i].date;
		}
	return first && strcmp(first, last) < 0;
}

static void wish_log(struct pm_doc *d, size_t wish)
{
	const struct pm_wish *w = &d->w[wish];
	struct pm_layout *l = PM_NEW(d->a, struct pm_layout);
	struct pm_str *cells = PM_NEW_N(d->a, struct pm_str, PM_ROW_CELLS), eol;
	const struct pm_table *t = NULL;
	const char *row;
	unsigned line;
	bool last;

	for (size_t i = 0; i < d->s->tables.n && !t; i++)
		if (d->s->tables.v[i].kind == PM_TABLE_CHANGES)
			t = &d->s->tables.v[i];
	if (!t || !pm_layout_of(l, d, t)) {
		pm_doc_refuse(d, wish, "the document has no changelog");
		return;
	}
	for (size_t c = 0; c < l->n; c++)
		cells[c] = (int)c == t->date ? pm_cell_escaped(d->a, w->date)
			 : (int)c == t->change ? pm_cell_escaped(d->a, w->text)
			 : (int)c == t->author ? pm_cell_escaped(d->a, w->author) : l->col[c].empty;
	row = pm_layout_row(d->a, l, cells);
	line = newest_last(d->s) ? t->last : t->head + 1;
	last = !pm_doc_eol(d, line).n;
	eol = l->eol;
	pm_doc_put(d, wish, pm_doc_line_end(d, line), 0,
		   pm_str_of(last ? pm_arena_printf(d->a, "%.*s%s", (int)eol.n, eol.p, row)
				  : pm_arena_printf(d->a, "%s%.*s", row, (int)eol.n, eol.p)));
}

void pm_doc_words(struct pm_doc *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->why_not[i])
			continue;
		else if (d->w[i].kind == PM_WISH_DATE)
			wish_date(d, i);
		else if (d->w[i].kind == PM_WISH_NOTE)
			wish_note(d, i);
		else if (d->w[i].kind == PM_WISH_LOG)
			wish_log(d, i);
}
