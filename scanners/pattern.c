/*
 * pattern.c - see pattern.h. Lines are looked at only where a wanted number stands, and of a long
 * line only the neighbourhood of the number.
 */
#include "pattern.h"

#include "pieces.h"

#include <stdio.h>
#include <string.h>

enum {
	GROUPS = 12,
	LOOK_BACK = 4 /* lines above that `before` sees */
};

/* A piece of the file at hand. */
struct piece {
	const struct pm_file *f;
	const struct pm_lines *lines;
	const struct pm_pieces *all;
	const struct pm_piece *p;
	unsigned kind;
};

/* ---- which rows may match a piece ---- */

/* Split the gate "a|b" of a row. */
static void index_gate(struct pm_table_index *x, const struct pm_row *row, size_t i)
{
	const char *g = row->gate;

	if (!g)
		x->always.v[i / 64] |= UINT64_C(1) << (i % 64);
	while (g && *g) {
		size_t n = strcspn(g, "|");
		unsigned w = pm_gate_word(g, n);

		x->by_word[w].v[i / 64] |= UINT64_C(1) << (i % 64);
		g += n + (g[n] == '|');
	}
}

static void index_table(const struct pm_table *t)
{
	PM_ASSERT(t->n <= 64 * PM_ROW_SETS, "too many rows in a table");
	for (size_t i = 0; i < t->n; i++) {
		index_gate(t->index, &t->rows[i], i);
		t->index->lead[i] = pm_lead_of(t->rows[i].re);
		if (pm_lead_needs(t->rows[i].re, PM_PW))
			t->index->port_word.v[i / 64] |= UINT64_C(1) << (i % 64);
		for (unsigned k = 0; k < 32; k++)
			if (t->rows[i].kinds >> k & 1)
				t->index->by_kind[k].v[i / 64] |= UINT64_C(1) << (i % 64);
	}
}

/* All gates at once, before the first file: pieces know the words of every table. */
static void index_tables(void)
{
	static bool done;

	if (done)
		return;
	index_table(&pm_table_address);
	index_table(&pm_table_source);
	index_table(&pm_table_config);
	index_table(&pm_table_docs);
	done = true;
}

static struct pm_row_set rows_for(const struct pm_table *t, const struct pm_piece *p,
				  unsigned kind)
{
	const struct pm_table_index *x = t->index;
	struct pm_row_set rows = x->always;
	const unsigned k = (unsigned)__builtin_ctz(kind);

	for (unsigned s = 0; s < PM_GATE_SETS; s++)
		for (uint64_t bits = p->words[s]; bits; bits &= bits - 1) {
			const struct pm_row_set *w =
				&x->by_word[s * 64 + (unsigned)__builtin_ctzll(bits)];

			for (unsigned i = 0; i < PM_ROW_SETS; i++)
				rows.v[i] |= w->v[i];
		}
	for (unsigned i = 0; i < PM_ROW_SETS; i++)
		rows.v[i] &= x->by_kind[k].v[i] & (p->port_word ? UINT64_MAX : ~x->port_word.v[i]);
	return rows;
}

/* ---- one row ---- */

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
				   : (struct pm_str){ p->p->text.p + g.off, g.len };
}

/* The role that a pattern gives is that of running text; documentation and comments only tell. */
static void emit(const struct pm_row *row, const struct piece *p, struct pm_sink *out,
		 const struct pm_row_re *re, const struct pm_span *g)
{
	const struct pm_str text = p->p->text, line = p->p->line;
	struct pm_span port = g[re->port];
	size_t in_line = (size_t)(text.p - line.p) + port.off;
	enum pm_role role = row->role;
	enum pm_side side = row->side;
	struct pm_hit *h;

	/* a project's own pattern may capture anything */
	if (port.off == UINT32_MAX || !pm_port_parse((struct pm_str){ text.p + port.off, port.len }))
		return;
	if (!pm_port_bounded(line, in_line, port.len) ||
	    (row->certainty < PM_SURE && pm_has_unit(line, in_line + port.len)))
		return;
	if (side == PM_SIDE_UNKNOWN &&
	    (role == PM_ROLE_URL || role == PM_ROLE_ROUTE || role == PM_ROLE_DEFAULT))
		side = side_of_host(line, in_line);
	if (side == PM_SIDE_UNKNOWN && role == PM_ROLE_LISTEN && says_container(p->kind, line))
		side = PM_SIDE_CONTAINER;
	if (p->kind == PM_KIND_DOC || pm_in_comment(p->kind, line, in_line)) {
		if (role == PM_ROLE_HOST_PORT)
			side = PM_SIDE_HOST;
		else if (role == PM_ROLE_CONTAINER)
			side = PM_SIDE_CONTAINER;
		role = PM_ROLE_DOC;
	}
	h = pm_sink_add(out, (size_t)(line.p - p->f->bytes) + in_line, port.len, role, side,
			row->certainty, row->id);
	if (h && re->ident > 0)
		pm_sink_fact(out, h, PM_FACT_IDENT, bare_ident(group(p, g[re->ident])), h->line, 0);
	if (h && re->service > 0)
		pm_sink_fact(out, h, PM_FACT_BLOCK, group(p, g[re->service]), h->line, 0);
}

static int too_hard(const struct pm_row *row, const struct piece *p, struct pm_sink *out)
{
	char text[200];

	snprintf(text, sizeof(text), "pattern %s gave up on this line; check it by eye", row->id);
	pm_sink_diag(out, "pattern-limit", PM_WARNING,
		     (size_t)(p->p->text.p - p->f->bytes), text);
	return 0;
}

/* A pattern that ends in \z looks at what leads to one number: it is tried at each. */
static bool at_each(const struct pm_row *row)
{
	size_t n = strlen(row->re);

	return n > 2 && row->re[n - 2] == '\\' && row->re[n - 1] == 'z';
}

static int match_at_each(const struct pm_row *row, const struct pm_row_re *re,
			 const struct pm_lead *lead, const struct piece *p, struct pm_sink *out)
{
	const struct pm_str text = p->p->text;
	const size_t base = (size_t)(text.p - p->f->bytes);

	for (uint32_t i = 0; i < p->p->n; i++) {
		const struct pm_number *n = &p->all->numbers.v[p->p->first + i];
		const size_t pos = n->off - base;
		struct pm_span g[GROUPS];
		int rc = 0;

		if (n->bounded && (!lead || pm_lead_has(lead, pos ? (unsigned char)text.p[pos - 1]
								   : (unsigned)PM_LEAD_START)))
			rc = pm_re_match(re->re, (struct pm_str){ text.p, pos + n->len }, 0, g,
					 GROUPS);
		if (rc < 0)
			return too_hard(row, p, out);
		if (rc == 1 && g[re->port].off == pos)
			emit(row, p, out, re, g);
	}
	return 0;
}

/* The few lines above `line` (1-based), without blank ones at the ends. */
static struct pm_str lines_above(const struct pm_lines *l, unsigned line)
{
	struct pm_str first = pm_lines_get(l, line > LOOK_BACK ? line - LOOK_BACK : 1), s;

	s = pm_str_trim((struct pm_str){ first.p, (size_t)(pm_lines_get(l, line).p - first.p) });
	return s.n > PM_PIECE_MAX ? (struct pm_str){ s.p + s.n - PM_PIECE_MAX, PM_PIECE_MAX } : s;
}

static int match_row(const struct pm_row *row, struct pm_row_re *re, const struct pm_lead *lead,
		     const struct piece *p, struct pm_sink *out, struct pm_err *err)
{
	struct pm_span g[GROUPS];
	size_t from = 0, next;
	int rc = compile(row, re, err);

	if (rc < 0)
		return rc;
	if (at_each(row))
		return match_at_each(row, re, lead, p, out);
	while ((rc = pm_re_match(re->re, p->p->text, from, g, GROUPS)) == 1) {
		if (row->before && !from) {
			struct pm_span above[1];

			rc = pm_re_match(re->before, lines_above(p->lines, p->p->number), 0, above, 1);
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

/* ---- a table ---- */

static int scan_rows(const struct pm_table *t, const struct pm_row_set *only,
		     const struct pm_file *f, struct pm_sink *out, struct pm_err *err)
{
	struct piece p = { .f = f, .kind = pm_file_kind(f) };

	index_tables();
	p.all = pm_sink_pieces(out);
	p.lines = pm_sink_lines(out);
	for (size_t i = 0; i < p.all->pieces.n; i++) {
		struct pm_row_set rows = { { 1 } };

		p.p = &p.all->pieces.v[i];
		if (t->index)
			rows = rows_for(t, p.p, p.kind);
		for (unsigned s = 0; s < PM_ROW_SETS; s++) {
			uint64_t bits = rows.v[s] & (only ? only->v[s] : UINT64_MAX);

			for (; bits; bits &= bits - 1) {
				size_t row = s * 64 + (unsigned)__builtin_ctzll(bits);
				const struct pm_lead *lead = t->index ? &t->index->lead[row] : NULL;
				int rc = 0;

				if (!lead || pm_lead_meet(lead, &p.p->lead))
					rc = match_row(&t->rows[row], &t->compiled[row], lead, &p,
						       out, err);
				if (rc < 0)
					return rc;
			}
		}
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

		while (s.n > PM_PIECE_LINE_MAX && (port = pm_port_next(s, &pos, &len))) {
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
	return scan_rows(t, NULL, f, out, err);
}

int pm_row_scan(const struct pm_table *t, size_t row, const struct pm_file *f,
		struct pm_sink *out, struct pm_err *err)
{
	struct pm_row_set only = { { 0 } };

	only.v[row / 64] = UINT64_C(1) << (row % 64);
	return scan_rows(t, &only, f, out, err);
}
