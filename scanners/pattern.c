/*
 * pattern.c - see pattern.h. Lines are looked at only where a wanted number stands, and of a long
 * line only the neighbourhood of the number.
 */
#include "pattern.h"

#include <stdio.h>
#include <string.h>

enum {
	WINDOW = 2000,      /* bytes of a line that one match sees */
	LEAD = 300,         /* of these, before the number */
	LINE_MAX_LEN = 65536,
	GROUPS = 12,
	PAIRS = 4096,
	LOOK_BACK = 4       /* lines above that `before` sees */
};

/* One piece of a line, ready to be matched. */
struct piece {
	const struct pm_file *f;
	struct pm_str text; /* the window */
	size_t off;         /* of its first byte in the file */
	struct pm_str line; /* the whole line, and its offset */
	size_t line_off;
	const struct pm_lines *lines;
	unsigned number;    /* of the line */
	unsigned kind;
	uint64_t pairs[PAIRS / 64]; /* which pairs of bytes the text holds, by hash */
};

static unsigned lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static unsigned pair(char a, char b)
{
	return (lower(a) * 61 + lower(b)) % PAIRS;
}

static void note_pairs(struct piece *p)
{
	memset(p->pairs, 0, sizeof(p->pairs));
	for (size_t i = 0; i + 1 < p->text.n; i++) {
		unsigned k = pair(p->text.p[i], p->text.p[i + 1]);

		p->pairs[k / 64] |= UINT64_C(1) << (k % 64);
	}
}

static bool has_pair(const struct piece *p, unsigned k)
{
	return p->pairs[k / 64] >> (k % 64) & 1;
}

/* Split "a|b" once. */
static void split_gate(const struct pm_row *row, struct pm_row_re *re)
{
	const char *g = row->gate;

	while (g && *g) {
		size_t n = strcspn(g, "|");

		PM_ASSERT(n > 0 && n < 24 && re->n_words < 10, "gate of a pattern");
		re->words[re->n_words].p = g;
		re->words[re->n_words].n = (uint8_t)n;
		re->words[re->n_words].first = n > 1 ? (uint16_t)pair(g[0], g[1]) : 0;
		re->words[re->n_words].last = n > 1 ? (uint16_t)pair(g[n - 2], g[n - 1]) : 0;
		re->n_words++;
		g += n + (g[n] == '|');
	}
	re->ready = true;
}

/* Does the text hold one of the words of the gate? */
static bool gate_open(const struct pm_row *row, struct pm_row_re *re, const struct piece *p)
{
	if (!row->gate)
		return true;
	if (!re->ready)
		split_gate(row, re);
	for (size_t i = 0; i < re->n_words; i++) {
		size_t n = re->words[i].n;
		char word[24];

		if (n == 1) {
			if (memchr(p->text.p, re->words[i].p[0], p->text.n))
				return true;
			continue;
		}
		if (!has_pair(p, re->words[i].first) || !has_pair(p, re->words[i].last))
			continue;
		memcpy(word, re->words[i].p, n);
		word[n] = '\0';
		if (pm_str_find(p->text, word, true) != SIZE_MAX)
			return true;
	}
	return false;
}

int pm_row_groups(struct pm_row_re *re, const char *id, struct pm_err *err)
{
	re->port = pm_re_group(re->re, "port");
	re->ident = pm_re_group(re->re, "ident");
	re->service = pm_re_group(re->re, "service");
	if (re->port < 0)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "pattern '%s' has no group 'port'", id);
	if (re->port >= GROUPS || re->ident >= GROUPS || re->service >= GROUPS)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "pattern '%s' has over %d groups", id,
				  GROUPS - 1);
	return 0;
}

static int compile(const struct pm_row *row, struct pm_row_re *re, struct pm_err *err)
{
	int rc;

	if (re->re)
		return 0;
	rc = pm_re_compile(&re->re, row->re, 0, err);
	if (rc == 0 && row->before)
		rc = pm_re_compile(&re->before, row->before, 0, err);
	if (rc < 0)
		return pm_err_wrap(err, "pattern %s", row->id);
	return pm_row_groups(re, row->id, err);
}

/* Which side does the host in front of the number stand on? "localhost:4000" is this machine,
 * "shop:4000" a name that only a container network knows. */
static enum pm_side side_of_host(struct pm_str s, size_t off)
{
	size_t e, b;
	struct pm_str host;

	if (!off || s.p[off - 1] != ':')
		return PM_SIDE_UNKNOWN;
	for (e = b = off - 1; b && (pm_is_word(s.p[b - 1]) || s.p[b - 1] == '.' || s.p[b - 1] == '-'); b--)
		;
	host = (struct pm_str){ s.p + b, e - b };
	if (pm_str_eq(host, "localhost") || pm_str_eq(host, "127.0.0.1") ||
	    pm_str_eq(host, "0.0.0.0") || pm_str_eq(host, "host.docker.internal"))
		return PM_SIDE_HOST;
	if (host.n && b && pm_is_word(host.p[0]) && !pm_is_digit(host.p[0]) && !memchr(host.p, '.', host.n) &&
	    strchr("/@ \"'", s.p[b - 1]))
		return PM_SIDE_CONTAINER;
	return PM_SIDE_UNKNOWN;
}

/* What a Dockerfile and the command of a container say is said inside the container. */
static bool says_container(unsigned kind, struct pm_str line)
{
	struct pm_str t = pm_str_trim(line);

	if (kind == PM_KIND_DOCKER)
		return true;
	return kind == PM_KIND_YAML && (pm_str_find(t, "command:", false) == 0 ||
					pm_str_find(t, "entrypoint:", false) == 0 ||
					pm_str_find(t, "args:", false) == 0);
}

/* "process.env.API_PORT" is the variable API_PORT. */
static struct pm_str bare_ident(struct pm_str s)
{
	static const char *const prefixes[] = {
		"process.env.", "import.meta.env.", "env.", "this.", "self.", NULL
	};

	for (size_t i = 0; prefixes[i]; i++) {
		size_t n = strlen(prefixes[i]);

		if (s.n > n && memcmp(s.p, prefixes[i], n) == 0)
			return (struct pm_str){ s.p + n, s.n - n };
	}
	return s;
}

/* Text of a group; empty when it took no part. */
static struct pm_str group(const struct piece *p, struct pm_span g)
{
	return g.off == UINT32_MAX ? (struct pm_str){ "", 0 }
				   : (struct pm_str){ p->text.p + g.off, g.len };
}

/* The role that a pattern gives is that of running text; documentation and comments only tell. */
static void emit(const struct pm_row *row, const struct piece *p, struct pm_sink *out,
		 const struct pm_row_re *re, const struct pm_span *g)
{
	struct pm_span port = g[re->port];
	size_t off = p->off + port.off, in_line = off - p->line_off;
	enum pm_role role = row->role;
	enum pm_side side = row->side;
	struct pm_hit *h;

	/* a project's own pattern may capture anything */
	if (port.off == UINT32_MAX || !pm_port_parse((struct pm_str){ p->text.p + port.off, port.len }))
		return;
	if (!pm_port_bounded(p->line, in_line, port.len) ||
	    (row->certainty < PM_SURE && pm_has_unit(p->line, in_line + port.len)))
		return;
	if (side == PM_SIDE_UNKNOWN &&
	    (role == PM_ROLE_URL || role == PM_ROLE_ROUTE || role == PM_ROLE_DEFAULT))
		side = side_of_host(p->line, in_line);
	if (side == PM_SIDE_UNKNOWN && role == PM_ROLE_LISTEN && says_container(p->kind, p->line))
		side = PM_SIDE_CONTAINER;
	if (p->kind == PM_KIND_DOC || pm_in_comment(p->kind, p->line, in_line)) {
		if (role == PM_ROLE_HOST_PORT)
			side = PM_SIDE_HOST;
		else if (role == PM_ROLE_CONTAINER)
			side = PM_SIDE_CONTAINER;
		role = PM_ROLE_DOC;
	}
	h = pm_sink_add(out, off, port.len, role, side, row->certainty, row->id);
	if (h && re->ident > 0)
		pm_sink_fact(out, h, PM_FACT_IDENT, bare_ident(group(p, g[re->ident])), h->line, 0);
	if (h && re->service > 0)
		pm_sink_fact(out, h, PM_FACT_BLOCK, group(p, g[re->service]), h->line, 0);
}

static int too_hard(const struct pm_row *row, const struct piece *p, struct pm_sink *out)
{
	char text[200];

	snprintf(text, sizeof(text), "pattern %s gave up on this line; check it by eye", row->id);
	pm_sink_diag(out, "pattern-limit", PM_WARNING, p->off, text);
	return 0;
}

/* A pattern that ends in \z looks at what leads to one number: it is tried at each. */
static bool at_each(const struct pm_row *row)
{
	size_t n = strlen(row->re);

	return n > 2 && row->re[n - 2] == '\\' && row->re[n - 1] == 'z';
}

static int match_at_each(const struct pm_row *row, const struct pm_row_re *re,
			 const struct piece *p, struct pm_sink *out)
{
	size_t pos = 0, len;
	unsigned port;

	while ((port = pm_port_next(p->text, &pos, &len))) {
		struct pm_span g[GROUPS];
		int rc = 0;

		if (pm_port_set_has(out->want, port))
			rc = pm_re_match(re->re, (struct pm_str){ p->text.p, pos + len }, 0, g,
					 GROUPS);
		if (rc < 0)
			return too_hard(row, p, out);
		if (rc == 1 && g[re->port].off == pos)
			emit(row, p, out, re, g);
		pos += len;
	}
	return 0;
}

/* The few lines above `line` (1-based), without blank ones at the ends. */
static struct pm_str lines_above(const struct pm_lines *l, unsigned line)
{
	struct pm_str first = pm_lines_get(l, line > LOOK_BACK ? line - LOOK_BACK : 1), s;

	s = pm_str_trim((struct pm_str){ first.p, (size_t)(pm_lines_get(l, line).p - first.p) });
	return s.n > WINDOW ? (struct pm_str){ s.p + s.n - WINDOW, WINDOW } : s;
}

static int match_row(const struct pm_row *row, struct pm_row_re *re, const struct piece *p,
		     struct pm_sink *out, struct pm_err *err)
{
	struct pm_span g[GROUPS];
	size_t from = 0, next;
	int rc;

	if (!(row->kinds & p->kind) || !gate_open(row, re, p))
		return 0;
	rc = compile(row, re, err);
	if (rc < 0)
		return rc;
	if (at_each(row))
		return match_at_each(row, re, p, out);
	while ((rc = pm_re_match(re->re, p->text, from, g, GROUPS)) == 1) {
		if (row->before && !from) {
			struct pm_span above[1];

			rc = pm_re_match(re->before, lines_above(p->lines, p->number), 0, above, 1);
			if (rc <= 0)
				break;
		}
		emit(row, p, out, re, g);
		/* on behind the number, so that the next may use the same words; always on */
		next = g[re->port].off == UINT32_MAX ? 0 : (size_t)g[re->port].off + g[re->port].len;
		from = next > from ? next : from + 1;
	}
	return rc < 0 ? too_hard(row, p, out) : 0;
}

/* The window around the number at `pos` of the file. */
static void cut_window(struct piece *p, size_t pos)
{
	size_t b = p->line_off, e = p->line_off + p->line.n;

	if (p->line.n > WINDOW) {
		if (pos - b > LEAD)
			b = pos - LEAD;
		if (e - b > WINDOW)
			e = b + WINDOW;
		/* a window must not cut a number into a smaller one */
		while (e < p->line_off + p->line.n && pm_is_digit(p->f->bytes[e]))
			e++;
		while (b > p->line_off && pm_is_digit(p->f->bytes[b - 1]))
			b--;
	}
	p->off = b;
	p->text = (struct pm_str){ p->f->bytes + b, e - b };
}

static int scan_rows(const struct pm_table *t, size_t first, size_t last, const struct pm_file *f,
		     struct pm_sink *out, struct pm_err *err)
{
	const struct pm_lines *lines = pm_sink_lines(out);
	struct pm_str all = { f->bytes, f->len };
	struct piece p = { .f = f, .lines = lines, .kind = pm_file_kind(f) };
	size_t pos = 0, len;
	unsigned port;

	while ((port = pm_port_next(all, &pos, &len))) {
		unsigned line;
		int rc;

		if (!pm_port_set_has(out->want, port)) {
			pos += len;
			continue;
		}
		line = pm_lines_line(lines, pos);
		p.line = pm_lines_get(lines, line);
		p.line_off = (size_t)(p.line.p - f->bytes);
		if (p.line.n > LINE_MAX_LEN) {
			pos = p.line_off + p.line.n;
			continue;
		}
		p.number = line;
		cut_window(&p, pos);
		note_pairs(&p);
		for (size_t i = first; i < last; i++) {
			rc = match_row(&t->rows[i], &t->compiled[i], &p, out, err);
			if (rc < 0)
				return rc;
		}
		/* go on behind this line, or inside a long one shortly before the window's end */
		if (p.off + p.text.n >= p.line_off + p.line.n)
			pos = p.line_off + p.line.n;
		else
			pos = p.off + p.text.n - LEAD;
	}
	return 0;
}

void pm_long_lines_report(struct pm_sink *out)
{
	const struct pm_lines *lines = pm_sink_lines(out);

	for (unsigned i = 1; i <= lines->n; i++) {
		struct pm_str s = pm_lines_get(lines, i);
		size_t pos = 0, len;
		unsigned port;

		while (s.n > LINE_MAX_LEN && (port = pm_port_next(s, &pos, &len))) {
			if (pm_port_set_has(out->want, port)) {
				pm_sink_diag(out, "line-too-long", PM_NOTE,
					     (size_t)(s.p - out->file->bytes),
					     "line over 64 KiB: no patterns looked at it");
				break;
			}
			pos += len;
		}
	}
}

int pm_table_scan(const struct pm_table *t, const struct pm_file *f, struct pm_sink *out,
		  struct pm_err *err)
{
	return scan_rows(t, 0, t->n, f, out, err);
}

int pm_row_scan(const struct pm_table *t, size_t row, const struct pm_file *f,
		struct pm_sink *out, struct pm_err *err)
{
	return scan_rows(t, row, row + 1, f, out, err);
}
