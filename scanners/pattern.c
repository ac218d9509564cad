/*
 * pattern.c - see pattern.h. Lines are looked at only where a wanted number stands, and of a long
 * line only the neighbourhood of the number.
 */
#include "pattern.h"

#include "pieces.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
	GROUPS = 12,
	LOOK_BACK = 4 /* lines above that `before` sees */
};
#define NO_INDEX UINT32_MAX

/* A piece of the file at hand. */
struct piece {
	const struct pm_file *f;
	struct pm_pieces *all;
	struct pm_piece *p;
	unsigned kind;
};

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

static int compile_now(const struct pm_row *row, struct pm_row_re *re, struct pm_err *err)
{
	int rc = pm_re_compile(&re->re, row->re, 0, err);

	if (rc == 0 && row->before)
		rc = pm_re_compile(&re->before, row->before, 0, err);
	re->at_each = pm_row_at_each(row);
	if (rc < 0)
		return pm_err_wrap(err, "pattern %s", row->id);
	return pm_row_groups(re, row->id, err);
}

/* At its first need, whichever thread has it: most rows of a run are never needed. */
static int compile(const struct pm_row *row, struct pm_row_re *re, struct pm_err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	int rc = 0;

	if (atomic_load_explicit(&re->ready, memory_order_acquire))
		return 0;
	pthread_mutex_lock(&lock);
	if (!atomic_load_explicit(&re->ready, memory_order_relaxed)) {
		rc = compile_now(row, re, err);
		atomic_store_explicit(&re->ready, rc == 0, memory_order_release);
	}
	pthread_mutex_unlock(&lock);
	return rc;
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

/* Note what a row found, for the memo. */
static void note(const struct pm_row *row, const struct piece *p, const struct pm_row_re *re,
		 unsigned index, const struct pm_span *g)
{
	const int groups[] = { re->port, re->ident, re->service };
	struct pm_find f = { .row = (uint16_t)index };

	if (!p->p->kept || index == NO_INDEX || row->before)
		return;
	for (unsigned i = 0; i < 3; i++)
		if (groups[i] >= 0 && g[groups[i]].off != UINT32_MAX) {
			f.at[i] = (uint16_t)g[groups[i]].off;
			f.len[i] = (uint16_t)g[groups[i]].len;
		}
	if (f.len[0])
		pm_piece_found(p->all, p->p, &f);
}

/* What the row found in the same line before. */
static void find_again(const struct pm_row *row, const struct pm_row_re *re, unsigned index,
		       const struct piece *p, struct pm_sink *out)
{
	const int groups[] = { re->port, re->ident, re->service };

	for (uint32_t i = p->p->found; i; i = p->all->found.v[i - 1].next) {
		const struct pm_find *f = &p->all->found.v[i - 1].find;
		struct pm_span g[GROUPS] = { { 0 } };

		if (f->row != index)
			continue;
		for (unsigned k = 0; k < 3; k++)
			if (groups[k] >= 0)
				g[groups[k]] = (struct pm_span){ f->at[k], f->len[k] };
		emit(row, p, out, re, g);
	}
}

static int too_hard(const struct pm_row *row, const struct piece *p, struct pm_sink *out)
{
	char text[200];

	p->p->hard = true;
	snprintf(text, sizeof(text), "pattern %s gave up on this line; check it by eye", row->id);
	pm_sink_diag(out, "pattern-limit", PM_WARNING,
		     (size_t)(p->p->text.p - p->f->bytes), text);
	return 0;
}

bool pm_row_at_each(const struct pm_row *row)
{
	size_t n = strlen(row->re);

	return n > 2 && row->re[n - 2] == '\\' && row->re[n - 1] == 'z';
}

/* `index`: the number of the row among all tables' rows, or NO_INDEX. */
static int match_at_each(const struct pm_row *row, const struct pm_row_re *re, unsigned index,
			 const struct piece *p, struct pm_sink *out, bool *matched)
{
	const struct pm_str text = p->p->text;
	const size_t base = (size_t)(text.p - p->f->bytes);

	for (uint32_t i = 0; i < p->p->n; i++) {
		const struct pm_number *n = &p->all->numbers.v[p->p->first + i];
		const struct pm_str up_to = { text.p, n->off - base + n->len };
		struct pm_span g[GROUPS];
		int rc = 0;

		if (index == NO_INDEX || pm_row_may(index, up_to, n->off - base, n->len))
			rc = pm_re_match(re->re, up_to, 0, g, GROUPS);
		*matched |= rc != 0;
		if (rc < 0)
			return too_hard(row, p, out);
		if (rc == 1 && g[re->port].off == n->off - base) {
			note(row, p, re, index, g);
			emit(row, p, out, re, g);
		}
	}
	return 0;
}

/* The few lines above, without blank ones at the ends. */
static struct pm_str lines_above(const struct piece *p)
{
	const char *bytes = p->f->bytes, *from = p->p->line.p;
	struct pm_str s;

	for (unsigned i = 0; i < LOOK_BACK && from > bytes; i++) {
		const char *lf = memrchr(bytes, '\n', (size_t)(from - bytes) - 1);

		from = lf ? lf + 1 : bytes;
	}
	s = pm_str_trim((struct pm_str){ from, (size_t)(p->p->line.p - from) });
	return s.n > PM_PIECE_MAX ? (struct pm_str){ s.p + s.n - PM_PIECE_MAX, PM_PIECE_MAX } : s;
}

/* `*matched`: whether the row matches the line, whatever stands above it. */
static int match_row(const struct pm_row *row, struct pm_row_re *re, unsigned index,
		     const struct piece *p, struct pm_sink *out, bool *matched, struct pm_err *err)
{
	struct pm_span g[GROUPS];
	size_t from = 0, next;
	int rc = compile(row, re, err);

	*matched = false;
	if (rc < 0)
		return rc;
	if (p->p->known && !row->before) {
		find_again(row, re, index, p, out);
		return 0;
	}
	if (re->at_each)
		return match_at_each(row, re, index, p, out, matched);
	while ((rc = pm_re_match(re->re, p->p->text, from, g, GROUPS)) == 1) {
		*matched = true;
		if (row->above && !row->above(p->f, p->p->line))
			return 0;
		if (row->before && !from) {
			struct pm_span above[1];

			rc = pm_re_match(re->before, lines_above(p), 0, above, 1);
			if (rc <= 0)
				break;
		}
		note(row, p, re, index, g);
		emit(row, p, out, re, g);
		/* on behind the number, so that the next may use the same words; always on */
		next = g[re->port].off == UINT32_MAX ? 0 : (size_t)g[re->port].off + g[re->port].len;
		from = next > from ? next : from + 1;
	}
	*matched |= rc < 0;
	return rc < 0 ? too_hard(row, p, out) : 0;
}

/* ---- a table ---- */

/* Rows [from, to) of a table whose first row is number `base` of all. */
static int scan_rows(const struct pm_table *t, unsigned base, unsigned from, unsigned to,
		     const struct pm_file *f, struct pm_sink *out, struct pm_err *err)
{
	struct piece p = { .f = f, .kind = pm_file_kind(f), .all = pm_sink_pieces(out) };

	for (size_t i = 0; i < p.all->pieces.n; i++) {
		p.p = &p.all->pieces.v[i];
		for (unsigned s = (base + from) / 64; s * 64 < base + to; s++) {
			uint64_t bits = p.p->rows.v[s];

			for (; bits; bits &= bits - 1) {
				unsigned n = s * 64 + (unsigned)__builtin_ctzll(bits), row = n - base;
				bool matched = false;
				int rc = 0;

				if (n >= base + from && n < base + to)
					rc = match_row(&t->rows[row], &t->compiled[row], n, &p, out,
						       &matched, err);
				if (rc < 0)
					return rc;
				p.p->matched.v[s] |= (uint64_t)matched << (n % 64);
			}
		}
	}
	return 0;
}

/* A wanted number in the line? */
static bool has_wanted(struct pm_str line, const struct pm_port_set *want)
{
	size_t pos = 0, len;
	unsigned port;

	for (; (port = pm_port_next(line, &pos, &len)); pos += len)
		if (pm_port_set_has(want, port))
			return true;
	return false;
}

void pm_long_lines_report(struct pm_sink *out)
{
	const char *bytes = out->file->bytes, *end = bytes + out->file->len, *p = bytes;

	while ((size_t)(end - p) > PM_PIECE_LINE_MAX) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		struct pm_str line = { p, (size_t)((lf ? lf : end) - p) };

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n > PM_PIECE_LINE_MAX && has_wanted(line, out->want))
			pm_sink_diag(out, "line-too-long", PM_NOTE, (size_t)(p - bytes),
				     "line over 64 KiB: no patterns looked at it");
		p = lf ? lf + 1 : end;
	}
}

int pm_table_scan(const struct pm_table *t, const struct pm_file *f, struct pm_sink *out,
		  struct pm_err *err)
{
	return scan_rows(t, pm_rows_base(t), 0, (unsigned)t->n, f, out, err);
}

int pm_row_scan(const struct pm_table *t, size_t row, const struct pm_file *f,
		struct pm_sink *out, struct pm_err *err)
{
	return scan_rows(t, pm_rows_base(t), (unsigned)row, (unsigned)row + 1, f, out, err);
}

int pm_row_scan_all(const struct pm_row *row, struct pm_row_re *re, const struct pm_file *f,
		    struct pm_sink *out, struct pm_err *err)
{
	struct piece p = { .f = f, .kind = pm_file_kind(f) };
	int rc = 0;

	out->every_line = true;
	p.all = pm_sink_pieces(out);
	for (size_t i = 0; rc == 0 && i < p.all->pieces.n; i++) {
		bool matched;

		p.p = &p.all->pieces.v[i];
		rc = match_row(row, re, NO_INDEX, &p, out, &matched, err);
	}
	return rc;
}
