/*
 * doc_rows.c - lines of Markdown tables as they are written: cells with their padding, and new rows
 * that look like their neighbours. What a cell means is not decided here.
 * Format: https://github.github.com/gfm/#tables-extension-
 */
#include "doc_impl.h"

#include <string.h>

static struct pm_str part(struct pm_str s, size_t from, size_t to)
{
	return (struct pm_str){ s.p + from, to - from };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool pm_row_split(struct pm_row *out, struct pm_str line)
{
	size_t i = 0, from;

	memset(out, 0, sizeof(*out));
	out->line = line;
	while (i < line.n && (is_blank(line.p[i]) || line.p[i] == '>'))
		i++;
	out->prefix = i;
	out->lead = i < line.n && line.p[i] == '|';
	from = i += out->lead;
	for (; i <= line.n; i++) {
		if (i + 1 < line.n && line.p[i] == '\\') {
			i++;
			continue;
		}
		if (i < line.n && line.p[i] != '|')
			continue;
		if (i >= line.n && !pm_str_trim(part(line, from < line.n ? from : line.n,
						     line.n)).n) {
			out->trail = out->n > 0;
			return true;
		}
		if (out->n == PM_ROW_CELLS)
			return false;
		out->cell[out->n].off = (uint32_t)from;
		out->cell[out->n++].len = (uint32_t)((i < line.n ? i : line.n) - from);
		from = i + 1;
	}
	return true;
}

struct pm_str pm_row_cell(const struct pm_row *r, size_t i)
{
	if (i >= r->n)
		return (struct pm_str){ "", 0 };
	return pm_str_trim(part(r->line, r->cell[i].off, r->cell[i].off + r->cell[i].len));
}

/* Columns on a screen, near enough: code points. */
static size_t width_of(struct pm_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void padding(struct pm_str raw, size_t *left, size_t *right)
{
	*left = *right = 0;
	while (*left < raw.n && is_blank(raw.p[*left]))
		++*left;
	while (*right + *left < raw.n && is_blank(raw.p[raw.n - 1 - *right]))
		++*right;
}

static char alignment(struct pm_str delimiter)
{
	const bool left = delimiter.n && delimiter.p[0] == ':';
	const bool right = delimiter.n && delimiter.p[delimiter.n - 1] == ':';

	return right ? left ? 'c' : 'r' : 'l';
}

static bool is_dash(struct pm_str s)
{
	return s.n && (pm_dash_len(s, 0) == s.n || pm_str_ieq(s, "n/a"));
}

/* What the lines of a table say about one of its columns. */
struct votes {
	size_t lines, as_header, dashes, empty;
	struct pm_str dash;
};

static void count(struct pm_layout *l, struct votes *v, const struct pm_row *r, bool header)
{
	for (size_t c = 0; c < l->n && c < r->n; c++) {
		struct pm_str raw = part(r->line, r->cell[c].off, r->cell[c].off + r->cell[c].len);
		struct pm_str text = pm_str_trim(raw);
		size_t left, right;

		v[c].lines++;
		v[c].as_header += width_of(raw) == l->col[c].width;
		if (!text.n) {
			v[c].empty++;
			l->blank = raw.n < l->blank ? raw.n : l->blank;
			continue;
		}
		padding(raw, &left, &right);
		l->col[c].left = left < l->col[c].left ? left : l->col[c].left;
		l->col[c].right = right < l->col[c].right ? right : l->col[c].right;
		l->padded |= left + right > 2;
		if (is_dash(text) && !header) {
			v[c].dashes++;
			v[c].dash = text;
		}
	}
}

/* Columns of one width, filled up with spaces: where they are, one space next to a long text will
 * do. */
static void find_widths(struct pm_layout *l, const struct votes *v)
{
	size_t lines = 0, as_header = 0;

	for (size_t c = 0; c < l->n; c++) {
		lines += v[c].lines;
		as_header += v[c].as_header;
	}
	for (size_t c = 0; c < l->n; c++) {
		struct pm_layout_col *k = &l->col[c];

		if (k->left == SIZE_MAX)
			k->left = k->right = 1;
		if (!l->padded || v[c].lines < 2 || as_header * 5 < lines * 4 ||
		    v[c].as_header * 5 < v[c].lines * 4)
			k->width = 0;
		k->left = k->width && k->left > 1 ? 1 : k->left;
		k->right = k->width && k->right > 1 ? 1 : k->right;
		k->empty = v[c].dashes > v[c].empty ? v[c].dash : (struct pm_str){ "", 0 };
	}
}

bool pm_layout_of(struct pm_layout *out, const struct pm_doc *d, const struct pm_table *t)
{
	struct votes *v = PM_NEW_N(d->a, struct votes, PM_ROW_CELLS);
	struct pm_row row;

	memset(out, 0, sizeof(*out));
	if (t->head + 1 > d->lines.n || t->n_cols > PM_ROW_CELLS ||
	    !pm_row_split(&out->header, pm_lines_get(&d->lines, t->head)) ||
	    !pm_row_split(&row, pm_lines_get(&d->lines, t->head + 1)) ||
	    out->header.n != t->n_cols)
		return false;
	out->n = t->n_cols;
	out->eol = pm_doc_eol(d, t->head);
	out->blank = SIZE_MAX;
	for (size_t c = 0; c < out->n; c++) {
		struct pm_span s = out->header.cell[c];

		out->col[c].left = out->col[c].right = SIZE_MAX;
		out->col[c].width = width_of(part(out->header.line, s.off, s.off + s.len));
		out->col[c].align = alignment(pm_row_cell(&row, c));
	}
	count(out, v, &out->header, true);
	for (unsigned line = t->head + 2; line <= t->last; line++)
		if (pm_row_split(&row, pm_lines_get(&d->lines, line)))
			count(out, v, &row, false);
	find_widths(out, v);
	return true;
}

static void add_cell(struct pm_buf *b, const struct pm_layout *l, size_t c, struct pm_str text)
{
	const struct pm_layout_col *k = &l->col[c];
	const size_t width = width_of(text), least = width + k->left + k->right;
	size_t left = k->left, right = k->right, spare = k->width > least ? k->width - least : 0;

	if (!width && !k->width && l->blank != SIZE_MAX) {
		pm_buf_pad(b, ' ', l->blank);
		return;
	}
	if (k->align == 'r')
		left += spare;
	else if (k->align == 'c')
		left += spare / 2, right += spare - spare / 2;
	else
		right += spare;
	pm_buf_pad(b, ' ', left);
	pm_buf_add(b, text.p, text.n);
	pm_buf_pad(b, ' ', right);
}

const char *pm_layout_row(struct pm_arena *a, const struct pm_layout *l,
			  const struct pm_str *cells)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_buf_add(&b, l->header.line.p, l->header.prefix);
	pm_buf_adds(&b, l->header.lead ? "|" : "");
	for (size_t c = 0; c < l->n; c++) {
		if (c)
			pm_buf_addc(&b, '|');
		/* without a last pipe, an empty last cell would be none */
		if (!cells[c].n && c + 1 == l->n && !l->header.trail)
			add_cell(&b, l, c, PM_STR("-"));
		else
			add_cell(&b, l, c, cells[c]);
	}
	pm_buf_adds(&b, l->header.trail ? "|" : "");
	/* without a last pipe, padding at the end of the line says nothing */
	while (!l->header.trail && b.n && is_blank(b.v[b.n - 1]))
		b.n--;
	return pm_arena_strndup(a, pm_buf_str(&b), b.n);
}

void pm_cell_markup(struct pm_str cell, struct pm_str *before, struct pm_str *inner,
		    struct pm_str *after)
{
	size_t n = 0;

	while (2 * (n + 1) < cell.n && strchr("*_`~", cell.p[n]) && cell.p[n] &&
	       cell.p[n] == cell.p[cell.n - 1 - n])
		n++;
	*before = part(cell, 0, n);
	*inner = part(cell, n, cell.n - n);
	*after = part(cell, cell.n - n, cell.n);
}

struct pm_str pm_cell_escaped(struct pm_arena *a, const char *s)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	for (; s && *s; s++) {
		pm_buf_adds(&b, *s == '|' ? "\\" : "");
		pm_buf_addc(&b, strchr("\n\r\t", *s) ? ' ' : *s);
	}
	return pm_str_of(pm_arena_strndup(a, pm_buf_str(&b), b.n));
}
