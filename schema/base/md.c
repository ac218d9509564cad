/* md.c - see md.h. Collects md4c's callbacks into blocks; what a block means is not decided here. */
#include "base/md.h"

#include <md4c.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DOC = 8 << 20, MAX_LINE = 64 << 10, MAX_COLS = 256, MAX_LISTS = 64,
       MAX_REPAIR = 6 };

/* What md4c reads in place of text[off, ...): delimiter rows have at least three dashes in each
 * cell, as md4c wants them (GitHub takes one). From offset `at` on it is `delta` bytes longer; the
 * last `added` bytes before that are not in the file. */
struct widened {
	struct pm_buf buf;
	struct { struct { size_t at, delta, added; } *v; size_t n, cap; } shifts;
	size_t off;
};

struct collector {
	struct pm_md *out;
	struct pm_arena *a;
	struct pm_str text; /* whole file */
	const struct widened *wide;
	struct { char *v; size_t n, cap; } chars;
	struct { uint32_t *v; size_t n, cap; } at;
	struct pm_md_block next;  /* attributes of the block being collected */
	bool item_open;           /* the first text of a list item is still to come */
	unsigned quote, lists;
	unsigned counter[MAX_LISTS]; /* next number of each open list; 0: bullets */
	struct pm_md_block *table;
	size_t row, col;
	bool html; /* inside a block of HTML */
	bool too_wide;
};

static void put(struct collector *c, char byte, uint32_t at)
{
	*PM_VEC_ADD(&c->chars) = byte;
	*PM_VEC_ADD(&c->at) = at;
}

static struct pm_md_text take(struct collector *c)
{
	struct pm_md_text t;
	uint32_t *at;

	while (c->chars.n && strchr(" \t\n", c->chars.v[c->chars.n - 1]))
		c->chars.n--;
	t.n = c->chars.n;
	t.p = pm_arena_strndup(c->a, c->chars.n ? c->chars.v : "", t.n);
	at = PM_NEW_N(c->a, uint32_t, t.n + 1);
	if (t.n)
		memcpy(at, c->at.v, t.n * sizeof(*at));
	t.at = at;
	c->chars.n = c->at.n = 0;
	return t;
}

static size_t first_at(const struct pm_md_text *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->at[i] != PM_MD_NOWHERE)
			return t->at[i];
	return SIZE_MAX;
}

/* Ends the block that is being collected, if there is text for one. */
static void flush(struct collector *c, enum pm_md_kind kind)
{
	struct pm_md_block *b;
	size_t at;

	if (!c->chars.n && kind != PM_MD_CODE)
		return;
	b = PM_VEC_ADD(c->out);
	*b = c->next;
	b->kind = kind;
	b->quote = c->quote;
	if (kind == PM_MD_PARA && c->item_open)
		b->kind = PM_MD_ITEM;
	if (kind != PM_MD_HEADING)
		b->level = c->lists;
	if (b->kind != PM_MD_ITEM)
		b->number = 0, b->task = 0;
	c->item_open = false;
	b->text = take(c);
	at = first_at(&b->text);
	b->line = at == SIZE_MAX ? 0 : pm_lines_line(&c->out->lines, at);
	c->next = (struct pm_md_block){ 0 };
}

static void enter_item(struct collector *c, const MD_BLOCK_LI_DETAIL *d)
{
	unsigned depth = c->lists && c->lists <= MAX_LISTS ? c->lists - 1 : 0;

	c->next = (struct pm_md_block){ 0 };
	c->next.number = c->counter[depth];
	if (c->counter[depth])
		c->counter[depth]++;
	if (d->is_task)
		c->next.task = d->task_mark == ' ' ? ' ' : 'x';
	c->item_open = true;
}

static int enter_table(struct collector *c, const MD_BLOCK_TABLE_DETAIL *d)
{
	struct pm_md_block *b;
	size_t n = (size_t)d->head_row_count + d->body_row_count;

	if (d->col_count > MAX_COLS) {
		c->too_wide = true;
		return 1;
	}
	b = PM_VEC_ADD(c->out);
	*b = (struct pm_md_block){ .kind = PM_MD_TABLE, .quote = c->quote, .level = c->lists };
	b->n_rows = n;
	b->n_cols = d->col_count;
	b->rows = PM_NEW_N(c->a, struct pm_md_row, n);
	c->table = b;
	c->row = 0;
	return 0;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct collector *c = arg;

	if (type != MD_BLOCK_TH && type != MD_BLOCK_TD)
		flush(c, PM_MD_PARA);
	switch (type) {
	case MD_BLOCK_QUOTE: c->quote++; break;
	case MD_BLOCK_UL: case MD_BLOCK_OL:
		if (c->lists < MAX_LISTS)
			c->counter[c->lists] = type == MD_BLOCK_UL ? 0
				: ((MD_BLOCK_OL_DETAIL *)detail)->start;
		if (type == MD_BLOCK_OL && c->lists < MAX_LISTS && !c->counter[c->lists])
			c->counter[c->lists] = 1;
		c->lists++;
		break;
	case MD_BLOCK_LI: enter_item(c, detail); break;
	case MD_BLOCK_HTML: c->html = true; break;
	case MD_BLOCK_H: c->next.level = ((MD_BLOCK_H_DETAIL *)detail)->level; break;
	case MD_BLOCK_CODE: {
		const MD_ATTRIBUTE *info = &((MD_BLOCK_CODE_DETAIL *)detail)->info;

		c->next.info.p = pm_arena_strndup(c->a, info->text ? info->text : "",
						  info->text ? info->size : 0);
		c->next.info.n = info->text ? info->size : 0;
		break;
	}
	case MD_BLOCK_TABLE: return enter_table(c, detail);
	case MD_BLOCK_TR:
		c->col = 0;
		if (c->table && c->row < c->table->n_rows)
			c->table->rows[c->row].cells =
				PM_NEW_N(c->a, struct pm_md_cell, c->table->n_cols);
		break;
	default: break;
	}
	return 0;
}

static bool escaped(struct pm_str text, size_t i)
{
	size_t n = 0;

	while (i > n && text.p[i - 1 - n] == '\\')
		n++;
	return n & 1;
}

/* From the text of a cell out to its pipes (or the ends of the line), without the padding. */
static struct pm_span raw_of(struct pm_str s, const struct pm_md_text *t)
{
	size_t from = first_at(t), to = pm_md_at(t, t->n ? t->n - 1 : 0) + 1;

	if (from == SIZE_MAX)
		return (struct pm_span){ 0, 0 };
	/* in a document cut off inside a row, a position may lie past its end */
	to = to > s.n ? s.n : to;
	from = from > to ? to : from;
	while (from && s.p[from - 1] != '\n' && (s.p[from - 1] != '|' || escaped(s, from - 1)))
		from--;
	while (to < s.n && s.p[to] != '\n' && (s.p[to] != '|' || escaped(s, to)))
		to++;
	while (from < to && strchr(" \t", s.p[from]))
		from++;
	while (to > from && strchr(" \t\r", s.p[to - 1]))
		to--;
	return (struct pm_span){ (uint32_t)from, (uint32_t)(to - from) };
}

static unsigned cells_written(struct pm_str line)
{
	unsigned pipes = 0;

	line = pm_str_trim(line);
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '|' && !escaped(line, i) && i && i + 1 < line.n)
			pipes++;
	return pipes + 1;
}

/* Lines of a table follow each other, so one known line gives all. */
static void number_rows(struct collector *c, struct pm_md_block *t)
{
	for (size_t r = 0; r < t->n_rows && !t->line; r++)
		for (size_t k = 0; k < t->n_cols && !t->line; k++) {
			size_t at = t->rows[r].cells ? first_at(&t->rows[r].cells[k].text)
						     : SIZE_MAX;

			if (at != SIZE_MAX)
				t->line = pm_lines_line(&c->out->lines, at) -
					  (unsigned)(r ? r + 1 : 0);
		}
	for (size_t r = 0; r < t->n_rows; r++) {
		t->rows[r].line = t->line ? t->line + (unsigned)(r ? r + 1 : 0) : 0;
		t->rows[r].written = (unsigned)t->n_cols;
		if (t->line && !t->quote)
			t->rows[r].written =
				cells_written(pm_lines_get(&c->out->lines, t->rows[r].line));
	}
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct collector *c = arg;
	struct pm_md_row *row;

	(void)detail;
	switch (type) {
	case MD_BLOCK_QUOTE: flush(c, PM_MD_PARA); c->quote--; break;
	case MD_BLOCK_UL: case MD_BLOCK_OL:
		flush(c, PM_MD_PARA);
		c->lists--;
		c->item_open = false;
		break;
	case MD_BLOCK_H: flush(c, PM_MD_HEADING); break;
	case MD_BLOCK_CODE: flush(c, PM_MD_CODE); break;
	case MD_BLOCK_HTML: flush(c, PM_MD_HTML); c->html = false; break;
	case MD_BLOCK_TH: case MD_BLOCK_TD:
		row = c->table && c->row < c->table->n_rows ? &c->table->rows[c->row] : NULL;
		if (row && row->cells && c->col < c->table->n_cols) {
			struct pm_md_cell *cell = &row->cells[c->col++];

			cell->text = take(c);
			cell->raw = raw_of(c->text, &cell->text);
		}
		break;
	case MD_BLOCK_TR: c->row++; break;
	case MD_BLOCK_TABLE:
		number_rows(c, c->table);
		c->table = NULL;
		break;
	default: flush(c, PM_MD_PARA);
	}
	return 0;
}

static int span_edge(MD_SPANTYPE type, void *detail, void *arg)
{
	(void)type; (void)detail; (void)arg;
	return 0;
}

static const char *entity_text(const char *s, size_t n)
{
	static const char *const known[][2] = {
		{ "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" },
		{ "&nbsp;", " " }, { "&ndash;", "\xe2\x80\x93" }, { "&mdash;", "\xe2\x80\x94" },
		{ "&rarr;", "\xe2\x86\x92" }, { "&hellip;", "\xe2\x80\xa6" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i][0]) == n && memcmp(known[i][0], s, n) == 0)
			return known[i][1];
	return NULL;
}

/* PM_MD_NOWHERE for what was added. */
static size_t file_offset(const struct widened *w, size_t at)
{
	size_t lo = 0, hi = w->shifts.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->shifts.v[mid].at <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < w->shifts.n && at + w->shifts.v[lo].added >= w->shifts.v[lo].at)
		return PM_MD_NOWHERE;
	return w->off + at - (lo ? w->shifts.v[lo - 1].delta : 0);
}

/* Bytes at offset `at` of what md4c reads, without those that were added; SIZE_MAX: its own. */
static void put_run(struct collector *c, const char *s, size_t n, size_t at)
{
	size_t off = PM_MD_NOWHERE, last = PM_MD_NOWHERE;

	if (at != SIZE_MAX && n) {
		off = file_offset(c->wide, at);
		last = file_offset(c->wide, at + n - 1);
	}
	if (at == SIZE_MAX || (off != PM_MD_NOWHERE && last == off + n - 1)) {
		for (size_t i = 0; i < n; i++)
			put(c, s[i], at == SIZE_MAX ? PM_MD_NOWHERE : (uint32_t)(off + i));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		off = file_offset(c->wide, at + i);
		if (off != PM_MD_NOWHERE)
			put(c, s[i], (uint32_t)off);
	}
}

static int text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE n, void *arg)
{
	struct collector *c = arg;
	uintptr_t p = (uintptr_t)s, base = (uintptr_t)c->wide->buf.v;
	bool inside = p >= base && p + n <= base + c->wide->buf.n;
	const char *plain;

	switch (type) {
	case MD_TEXT_NULLCHAR: put(c, '?', PM_MD_NOWHERE); return 0;
	case MD_TEXT_BR: case MD_TEXT_SOFTBR: put(c, '\n', PM_MD_NOWHERE); return 0;
	case MD_TEXT_ENTITY:
		plain = entity_text(s, n);
		for (; plain && *plain; plain++)
			put(c, *plain, PM_MD_NOWHERE);
		if (entity_text(s, n))
			return 0;
		break;
	case MD_TEXT_HTML:
		/* Tags inside text separate words; whole HTML blocks are kept as they are. */
		if (!c->html) {
			put(c, ' ', PM_MD_NOWHERE);
			return 0;
		}
		break;
	default: break;
	}
	put_run(c, s, n, inside ? p - base : SIZE_MAX);
	return 0;
}

bool pm_md_is_delimiter_row(struct pm_str line)
{
	size_t i = 0, pipes = 0, cells = 0;

	line = pm_str_trim(line);
	while (i < line.n) {
		size_t dashes = 0;

		while (i < line.n && strchr(" \t", line.p[i]))
			i++;
		i += i < line.n && line.p[i] == ':';
		for (; i < line.n && line.p[i] == '-'; i++)
			dashes++;
		i += i < line.n && line.p[i] == ':';
		while (i < line.n && strchr(" \t", line.p[i]))
			i++;
		cells += dashes > 0;
		if (i < line.n && (line.p[i] != '|' || (!dashes && pipes)))
			return false;
		pipes += i < line.n;
		i++;
	}
	return cells && pipes;
}

static void widen_row(struct widened *w, struct pm_str row)
{
	size_t end, delta = w->shifts.n ? w->shifts.v[w->shifts.n - 1].delta : 0;

	for (size_t i = 0; i < row.n; i = end) {
		for (end = i; end < row.n && row.p[end] == '-'; end++)
			;
		pm_buf_add(&w->buf, row.p + i, end - i);
		if (end > i && end - i < 3) {
			const size_t added = 3 - (end - i);

			pm_buf_pad(&w->buf, '-', added);
			delta += added;
			PM_VEC_ADD(&w->shifts)->at = w->buf.n;
			w->shifts.v[w->shifts.n - 1].delta = delta;
			w->shifts.v[w->shifts.n - 1].added = added;
		}
		if (end == i)
			pm_buf_addc(&w->buf, row.p[end++]);
	}
}

static void widen(struct widened *w, struct pm_str s)
{
	bool pipe_above = false;
	size_t end;

	for (size_t i = 0; i < s.n; i = end) {
		const char *nl = memchr(s.p + i, '\n', s.n - i);
		struct pm_str line;

		end = nl ? (size_t)(nl - s.p) + 1 : s.n;
		line = (struct pm_str){ s.p + i, end - i };
		if (!pipe_above || !pm_md_is_delimiter_row(line))
			pm_buf_add(&w->buf, line.p, line.n);
		else
			widen_row(w, line);
		pipe_above = memchr(line.p, '|', line.n) != NULL;
	}
}

static int parse_part(struct pm_md *out, struct pm_arena *a, const char *path,
		      struct pm_str whole, size_t off, size_t len, struct pm_err *err)
{
	const MD_PARSER parser = {
		.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS,
		.enter_block = enter_block, .leave_block = leave_block,
		.enter_span = span_edge, .leave_span = span_edge, .text = text,
	};
	struct widened wide = { .off = off };
	struct collector c = { .out = out, .a = a, .text = whole, .wide = &wide };
	int rc;

	widen(&wide, (struct pm_str){ whole.p + off, len });
	rc = md_parse(pm_buf_str(&wide.buf), (MD_SIZE)wide.buf.n, &parser, &c);
	pm_buf_release(&wide.buf);
	PM_VEC_FREE(&wide.shifts);
	PM_VEC_FREE(&c.chars);
	PM_VEC_FREE(&c.at);
	if (rc == -1) /* its only own failure; ours are positive */
		pm_die_oom();
	if (c.too_wide)
		return pm_err_set(err, PM_E_LIMIT, (struct pm_loc){ path, 0, 0 },
				  "a table has more than %d columns", MAX_COLS);
	if (rc)
		return pm_err_set(err, PM_E_PARSE, (struct pm_loc){ path, 0, 0 },
				  "the Markdown library could not read the document");
	return 0;
}

/* Does GitHub begin another block with this line, so that a table above it ends? */
static bool begins_block(struct pm_str s)
{
	size_t n = 0;

	s = pm_str_trim(s);
	while (n < s.n && s.p[n] == '#')
		n++;
	if (n)
		return n <= 6 && (n == s.n || s.p[n] == ' ');
	if (!s.n || s.p[0] == '>' || (s.n >= 3 && (!memcmp(s.p, "```", 3) || !memcmp(s.p, "~~~", 3))))
		return s.n > 0;
	if (s.n > 1 && strchr("-*+", s.p[0]) && s.p[1] == ' ')
		return true;
	while (n < s.n && pm_is_digit(s.p[n]))
		n++;
	return n && n + 1 < s.n && strchr(".)", s.p[n]) && s.p[n + 1] == ' ';
}

static int refine(struct pm_md *out, struct pm_md *in, struct pm_arena *a, const char *path,
		  struct pm_str whole, unsigned depth, struct pm_err *err);

/* Parse the lines [from, to] and append their blocks to `out`. */
static int parse_lines(struct pm_md *out, struct pm_arena *a, const char *path,
		       struct pm_str whole, unsigned from, unsigned to, unsigned depth,
		       struct pm_err *err)
{
	struct pm_md part = { .lines = out->lines };
	size_t off = out->lines.start[from - 1];
	size_t end = to < out->lines.n ? out->lines.start[to] : out->lines.len;
	int rc = parse_part(&part, a, path, whole, off, end - off, err);

	if (rc == 0)
		rc = refine(out, &part, a, path, whole, depth + 1, err);
	pm_md_release(&part);
	return rc;
}

/* md4c, unlike GitHub, needs an empty line above a table. The line of the header of a table
 * inside this paragraph, or 0; *end is the paragraph's last line. */
static unsigned table_inside(const struct pm_lines *l, const struct pm_md_block *b, unsigned *end)
{
	if ((b->kind != PM_MD_PARA && b->kind != PM_MD_ITEM) || !b->line || b->quote)
		return 0;
	*end = pm_lines_line(l, pm_md_at(&b->text, b->text.n ? b->text.n - 1 : 0));
	for (unsigned line = b->line + 2; line <= *end; line++)
		if (pm_md_is_delimiter_row(pm_lines_get(l, line)) &&
		    pm_str_find(pm_lines_get(l, line - 1), "|", false) != SIZE_MAX)
			return line - 1;
	return 0;
}

static void cut_text(struct pm_arena *a, struct pm_md_text *t, size_t off)
{
	size_t n = 0;

	while (n < t->n && (t->at[n] == PM_MD_NOWHERE || t->at[n] < off))
		n++;
	while (n && t->p[n - 1] == '\n')
		n--;
	t->p = pm_arena_strndup(a, t->p, n);
	t->n = n;
}

/* md4c, unlike GitHub, needs an empty line below a table, too: it takes all lines to the next
 * empty one for rows. Cut where another block begins, and read what follows piece by piece: each
 * piece ends where a table in it would swallow the next block, so the work stays linear. */
static int after_table(struct pm_md *out, struct pm_md_block *b, struct pm_arena *a,
		       const char *path, struct pm_str whole, unsigned depth, struct pm_err *err)
{
	const struct pm_lines *l = &out->lines;
	unsigned last = b->n_rows ? b->rows[b->n_rows - 1].line : 0, from;
	size_t r = 1;
	int rc = 0;

	while (r < b->n_rows && b->line && !b->quote && !b->level &&
	       !begins_block(pm_lines_get(l, b->rows[r].line)))
		r++;
	if (r >= b->n_rows || b->quote || !b->line || b->level)
		return 0;
	from = b->rows[r].line;
	out->v[out->n - 1].n_rows = r;
	while (from <= last && rc == 0) {
		unsigned to = from;
		bool table = false;

		while (to < last && !(table && begins_block(pm_lines_get(l, to + 1)))) {
			to++;
			table |= pm_md_is_delimiter_row(pm_lines_get(l, to));
		}
		rc = parse_lines(out, a, path, whole, from, to, depth, err);
		from = to + 1;
	}
	return rc;
}

/* Move blocks from `in` to `out`, with md4c's two deviations from GitHub's tables undone. */
static int refine(struct pm_md *out, struct pm_md *in, struct pm_arena *a, const char *path,
		  struct pm_str whole, unsigned depth, struct pm_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < in->n && rc == 0; i++) {
		struct pm_md_block *b = PM_VEC_ADD(out);
		unsigned header, end = 0;

		*b = in->v[i];
		if (depth >= MAX_REPAIR)
			continue;
		header = table_inside(&out->lines, b, &end);
		if (header) {
			cut_text(a, &b->text, out->lines.start[header - 1]);
			rc = parse_lines(out, a, path, whole, header, end, depth, err);
		} else if (b->kind == PM_MD_TABLE) {
			rc = after_table(out, &in->v[i], a, path, whole, depth, err);
		}
	}
	return rc;
}

int pm_md_parse_part(struct pm_md *out, struct pm_arena *a, const char *path,
		     struct pm_str whole, size_t off, size_t len, struct pm_err *err)
{
	struct pm_md part = { .lines = out->lines };
	int rc = parse_part(&part, a, path, whole, off, len, err);

	if (rc == 0)
		rc = refine(out, &part, a, path, whole, 0, err);
	pm_md_release(&part);
	return rc;
}

int pm_md_parse(struct pm_md *out, struct pm_arena *a, const char *path, struct pm_str s,
		struct pm_err *err)
{
	size_t bom = s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	if (s.n > MAX_DOC)
		return pm_err_set(err, PM_E_LIMIT, (struct pm_loc){ path, 0, 0 },
				  "the document has %zu bytes; the limit is %d (8 MB)", s.n,
				  MAX_DOC);
	pm_lines_init(&out->lines, a, s.p, s.n);
	for (unsigned i = 1; i <= out->lines.n; i++)
		if (pm_lines_get(&out->lines, i).n > MAX_LINE)
			return pm_err_set(err, PM_E_LIMIT, (struct pm_loc){ path, i, 1 },
					  "the line has %zu bytes; the limit is %d (64 KiB)",
					  pm_lines_get(&out->lines, i).n, MAX_LINE);
	return pm_md_parse_part(out, a, path, s, bom, s.n - bom, err);
}

void pm_md_release(struct pm_md *m)
{
	PM_VEC_FREE(m);
}

size_t pm_md_at(const struct pm_md_text *t, size_t i)
{
	for (size_t k = i < t->n ? i + 1 : t->n; k > 0; k--)
		if (t->at[k - 1] != PM_MD_NOWHERE)
			return t->at[k - 1];
	return first_at(t) == SIZE_MAX ? 0 : first_at(t);
}

struct pm_span pm_md_span(const struct pm_md_text *t, size_t from, size_t to)
{
	struct pm_span none = { 0, 0 };

	if (from >= to || to > t->n || t->at[from] == PM_MD_NOWHERE)
		return none;
	for (size_t i = from + 1; i < to; i++)
		if (t->at[i] != t->at[from] + (i - from))
			return none;
	return (struct pm_span){ t->at[from], (uint32_t)(to - from) };
}
