/*
 * context.c - see context.h. Works on any text: it knows lines, indentation, brackets, quotes and
 * comment marks, and no file format.
 */
#include "context.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

enum {
	MAX_ANCESTORS = 6,  /* enclosing header lines reported */
	CLOSE_ANCESTORS = 2, /* of them, where only the statement itself is asked for */
	MAX_LOOK_UP = 400,  /* lines looked at above a hit */
	MAX_SIBLINGS = 8,   /* earlier entries of enclosing blocks */
	MAX_LINE = 2000     /* bytes of a line that are looked at */
};

static bool is_host_char(char c)
{
	return pm_is_word(c) || c == '.' || c == '-';
}

static bool is_blank(struct pm_str s)
{
	return pm_str_trim(s).n == 0;
}

/* Column of the first byte that is not white space; tabs count as four. */
static unsigned indent_of(struct pm_str line)
{
	unsigned width = 0;

	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == ' ')
			width++;
		else if (line.p[i] == '\t')
			width += 4;
		else
			break;
	}
	return width;
}

static bool has_fact(const struct pm_hit *h, enum pm_fact_kind kind)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == kind)
			return true;
	return false;
}

/* ---- the address around the number ---- */

/* Start of the host whose ':' stands at `colon`: "name", "${NAME}", "[::1]", or `colon` itself. */
static size_t host_start(struct pm_str line, size_t colon)
{
	size_t i = colon;

	if (i > 1 && (line.p[i - 1] == '}' || line.p[i - 1] == ']')) {
		char open = line.p[i - 1] == '}' ? '{' : '[';

		/* "${PORT:-4900}:4900" has a port in front, no host */
		if (open == '{' && pm_is_digit(line.p[i - 2]))
			return colon;
		for (size_t k = i - 1; k > 0 && i - k < 80; k--)
			if (line.p[k - 1] == open)
				return k - 1;
		return colon;
	}
	while (i && is_host_char(line.p[i - 1]))
		i--;
	return i;
}

static void add_address(struct pm_sink *s, struct pm_hit *h, struct pm_str line)
{
	size_t at = h->col - 1, end = at + h->span.len, start;
	struct pm_str host;

	if (end < line.n && line.p[end] == '/') {
		size_t to = end;

		while (to < line.n && !strchr(" \t\"'`<>)|,;\\", line.p[to]))
			to++;
		pm_sink_fact(s, h, PM_FACT_URLPATH, (struct pm_str){ line.p + end, to - end },
			     h->line, 0);
	}
	if (at == 0 || line.p[at - 1] != ':' || has_fact(h, PM_FACT_HOST))
		return;
	start = host_start(line, at - 1);
	host = (struct pm_str){ line.p + start, at - 1 - start };
	/* "${SERVER_PORT:4000}" has a variable in front, "lsof -ti:4000" an option */
	if (start > 1 && line.p[start - 1] == '{' && line.p[start - 2] == '$')
		return;
	if (host.n && host.p[0] != '-' && !pm_str_all_digits(host))
		pm_sink_fact(s, h, PM_FACT_HOST, host, h->line, 0);
}

/* ---- identifiers ---- */

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Looks like a name that a program gives: has '_' or an inner capital, or is all capitals. */
static bool is_identifier(struct pm_str w)
{
	bool lower = false, upper = false, under = false, hump = false;

	if (w.n < 2 || pm_is_digit(w.p[0]))
		return false;
	for (size_t i = 0; i < w.n; i++) {
		upper |= is_upper(w.p[i]);
		lower |= w.p[i] >= 'a' && w.p[i] <= 'z';
		under |= w.p[i] == '_' && i > 0 && i + 1 < w.n;
		hump |= i > 0 && is_upper(w.p[i]) && w.p[i - 1] >= 'a' && w.p[i - 1] <= 'z';
	}
	return under || hump || (upper && !lower && w.n >= 4);
}

/* A word that is assigned to: followed by '=', ':' (not "::", "//") or, in XML, closed by '>'. */
static bool is_assigned(struct pm_str line, size_t end)
{
	while (end < line.n && (line.p[end] == ' ' || line.p[end] == '"' || line.p[end] == '\''))
		end++;
	if (end >= line.n)
		return false;
	if (line.p[end] == '=')
		return end + 1 >= line.n || line.p[end + 1] != '>';
	return line.p[end] == ':' && end + 1 < line.n && line.p[end + 1] == ' ';
}

/*
 * Names on a line that hold or select the value before column `before`, nearest first in depth.
 * A word inside a URL is part of the address, not a name.
 */
static void add_idents(struct pm_sink *s, struct pm_hit *h, struct pm_str line, size_t before,
		       unsigned at_line, unsigned base_depth)
{
	struct pm_str found[8];
	size_t n = 0;

	for (size_t i = 0; i < before;) {
		size_t end = i;
		struct pm_str w;

		while (end < line.n && pm_is_word(line.p[end]))
			end++;
		if (end == i) {
			i++;
			continue;
		}
		w = (struct pm_str){ line.p + i, end - i };
		if (end <= before && !(i && line.p[i - 1] == '/') && w.n < 80 &&
		    (is_identifier(w) || (is_assigned(line, end) && !pm_str_all_digits(w)))) {
			if (n == 8) {
				memmove(found, found + 1, sizeof(found) - sizeof(found[0]));
				n--;
			}
			found[n++] = w;
		}
		i = end;
	}
	for (size_t i = n; i-- > 0;)
		pm_sink_fact(s, h, PM_FACT_IDENT, found[i], at_line,
			     base_depth + (unsigned)(n - 1 - i));
}

/* The line goes on from the one above: it starts with an operator, a bracketed or quoted value. */
static bool continues(struct pm_str line, unsigned col)
{
	struct pm_str t = pm_str_trim(line);

	if (t.n > 1 && t.p[0] == '|' && t.p[t.n - 1] == '|')
		return false; /* the row of a table */
	if (!t.n || strchr("|?:.&+", t.p[0]))
		return t.n != 0;
	/* nothing but the value itself before the number */
	if (strchr("'\"`", t.p[0]))
		return true;
	if (t.n >= 6 && memcmp(t.p, "return", 6) == 0)
		return true;
	return col <= indent_of(line) + 1;
}

/* ---- enclosing lines ---- */

static bool is_comment(struct pm_str t)
{
	return t.n && (t.p[0] == '#' || t.p[0] == ';' ||
		       (t.n > 1 && t.p[0] == '/' && (t.p[1] == '/' || t.p[1] == '*')) ||
		       (t.n > 1 && t.p[0] == '-' && t.p[1] == '-') ||
		       (t.n > 1 && t.p[0] == '*' && t.p[1] == ' ') ||
		       (t.n > 3 && memcmp(t.p, "<!--", 4) == 0));
}

static bool is_closer(struct pm_str t)
{
	return t.n && (t.p[0] == '}' || t.p[0] == ')' || t.p[0] == ']') ;
}

static unsigned heading_level(struct pm_str line)
{
	unsigned n = 0;

	while (n < line.n && line.p[n] == '#')
		n++;
	return n >= 1 && n <= 6 && n < line.n && line.p[n] == ' ' ? n : 0;
}

static bool is_fence(struct pm_str t)
{
	return t.n >= 3 && (memcmp(t.p, "```", 3) == 0 || memcmp(t.p, "~~~", 3) == 0);
}

/* The headings of a Markdown file; those inside code fences are comments, not headings. */
struct heading {
	unsigned line, level;
	size_t parent; /* index of the one above with a lower level; SIZE_MAX */
};

struct outline {
	struct heading *v;
	size_t n, cap;
};

static void read_outline(struct outline *o, struct pm_sink *s)
{
	const struct pm_lines *l = pm_sink_lines(s);
	bool fenced = false;

	for (unsigned i = 1; i <= l->n; i++) {
		struct pm_str line = pm_lines_get(l, i);
		unsigned level = fenced ? 0 : heading_level(line);
		size_t parent = o->n ? o->n - 1 : SIZE_MAX;

		fenced ^= is_fence(pm_str_trim(line));
		if (!level)
			continue;
		while (parent != SIZE_MAX && o->v[parent].level >= level)
			parent = o->v[parent].parent;
		*PM_VEC_ADD(o) = (struct heading){ i, level, parent };
	}
}

/* Headings above a hit, nearest first. */
static void add_headings(struct pm_sink *s, struct pm_hit *h, const struct outline *o)
{
	size_t lo = 0, hi = o->n;
	unsigned depth = 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->v[mid].line <= h->line)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (size_t k = lo ? lo - 1 : SIZE_MAX; k != SIZE_MAX && !(s->close && depth);
	     k = o->v[k].parent)
		pm_sink_line_fact(s, h, PM_FACT_HEADING, o->v[k].line, depth++);
}

/* Lines with less indentation that enclose the hit, nearest first. */
static void add_ancestors(struct pm_sink *s, struct pm_hit *h)
{
	const struct pm_lines *l = pm_sink_lines(s);
	unsigned limit = indent_of(pm_lines_get(l, h->line)), depth = 0;
	unsigned stop = h->line > MAX_LOOK_UP ? h->line - MAX_LOOK_UP : 1;
	unsigned most = s->close ? CLOSE_ANCESTORS : MAX_ANCESTORS;
	unsigned siblings = s->close ? MAX_SIBLINGS : 0;
	bool closed = false;

	for (unsigned i = h->line; limit > 0 && i-- > stop && depth < most;) {
		struct pm_str line = pm_lines_get(l, i);
		struct pm_str t = pm_str_trim(line);
		unsigned indent = indent_of(line);

		if (t.n && indent == limit && depth && siblings < MAX_SIBLINGS) {
			/* an earlier entry of the block that the last ancestor stands in */
			closed |= is_closer(t);
			if (!closed && !is_comment(t)) {
				pm_sink_line_fact(s, h, PM_FACT_NEAR, i, 20);
				siblings++;
			}
		}
		if (!t.n || is_closer(t) || indent >= limit || is_comment(t))
			continue;
		pm_sink_line_fact(s, h, PM_FACT_BLOCK, i, 100 + depth++);
		limit = indent;
		closed = false;
	}
}

/* The nearest comment block that stands above at the same or a smaller indentation, with no
 * unrelated block between: the section comment of env files and scripts. */
static void add_section(struct pm_sink *s, struct pm_hit *h)
{
	const struct pm_lines *l = pm_sink_lines(s);
	unsigned indent = indent_of(pm_lines_get(l, h->line));
	unsigned stop = h->line > 25 ? h->line - 25 : 1, blanks = 0, depth = 0;

	for (unsigned i = h->line; i-- > stop && depth < (s->close ? 1 : 3);) {
		struct pm_str line = pm_lines_get(l, i);
		struct pm_str t = pm_str_trim(line);

		if (!t.n) {
			if (++blanks >= 2 || depth)
				break;
			continue;
		}
		if (is_comment(t) && indent_of(line) <= indent) {
			pm_sink_line_fact(s, h, PM_FACT_HEADING, i, depth++);
			continue;
		}
		if (depth)
			break;
	}
}

/*
 * Neighbouring lines, nearest first: up to four above and two below, where a blank line ends a
 * side; inside a block also its other entries, up to ten above and four below.
 */
static void add_near(struct pm_sink *s, struct pm_hit *h)
{
	const struct pm_lines *l = pm_sink_lines(s);
	unsigned indent = indent_of(pm_lines_get(l, h->line));

	for (unsigned k = 1; k <= 10 && k < h->line; k++) {
		struct pm_str line = pm_lines_get(l, h->line - k);

		if (is_blank(line) ? k > 1 : k > 4 && (!indent || indent_of(line) < indent))
			break;
		pm_sink_line_fact(s, h, PM_FACT_NEAR, h->line - k, k);
	}
	for (unsigned k = 1; k <= 4 && h->line + k <= l->n; k++) {
		struct pm_str line = pm_lines_get(l, h->line + k);

		if (is_blank(line) || (k > 2 && (!indent || indent_of(line) < indent)))
			break;
		pm_sink_line_fact(s, h, PM_FACT_NEAR, h->line + k, k);
	}
}

/* Up to three lines above a line that only continues a statement. */
static void add_statement_idents(struct pm_sink *s, struct pm_hit *h)
{
	const struct pm_lines *l = pm_sink_lines(s);
	struct pm_str line = pm_lines_get(l, h->line);

	for (unsigned k = 1; k <= 3 && k < h->line && continues(line, h->col); k++) {
		line = pm_lines_get(l, h->line - k);
		if (is_blank(line) || line.n > MAX_LINE)
			return;
		add_idents(s, h, line, line.n, h->line - k, 10 * k);
	}
}

/* The part of an overlong line around the hit: facts come from there only. */
static struct pm_str window(struct pm_str line, struct pm_hit *h, unsigned *shift)
{
	size_t at = h->col - 1, from = at > MAX_LINE / 2 ? at - MAX_LINE / 2 : 0;

	*shift = 0;
	if (line.n <= MAX_LINE)
		return line;
	*shift = (unsigned)from;
	return (struct pm_str){ line.p + from,
				line.n - from < MAX_LINE ? line.n - from : MAX_LINE };
}

static void add_facts(struct pm_sink *s, struct pm_hit *h, const struct outline *o)
{
	const struct pm_lines *l = pm_sink_lines(s);
	unsigned shift;
	struct pm_str whole = pm_lines_get(l, h->line);
	struct pm_str line = window(whole, h, &shift);

	h->col -= shift;
	add_address(s, h, line);
	add_idents(s, h, line, h->col - 1, h->line, 0);
	h->col += shift;
	if (whole.n > MAX_LINE)
		return; /* minified or data: neighbours say nothing */
	add_statement_idents(s, h);
	add_ancestors(s, h);
	add_headings(s, h, o);
	add_section(s, h);
	if (!s->close)
		add_near(s, h);
}

void pm_context_add(struct pm_sink *s)
{
	struct outline o = { 0 };

	if (s->hits.n && pm_path_is_markdown(s->file->path))
		read_outline(&o, s);
	for (size_t i = 0; i < s->hits.n; i++)
		add_facts(s, &s->hits.v[i], &o);
	PM_VEC_FREE(&o);
}
