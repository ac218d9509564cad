/*
 * doc_md.c - the tables of a Markdown schema: ports changed where they stand, rows moved to the
 * table they belong to, new rows in the order and the looks of their neighbours, rows removed, names
 * changed. The bytes of every other line stay as they are.
 */
#include "doc_impl.h"

#include "base/port.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { NO_WISH = -1 };

/* A line of a table of services. */
struct row {
	unsigned line, table; /* table: index */
	unsigned was, port;   /* its lowest port, before and after */
	unsigned n_ports;
	bool reserved;        /* a reservation, no service */
	bool changes, leaves;
	long wish;            /* the one that moves or removes it */
};

/* Digits, or a name, to be replaced where they stand. */
struct word {
	struct pm_span span;
	struct pm_str with;
	size_t wish;
};

/* A row to be written in a table. */
struct fresh {
	unsigned table, port;
	unsigned from;      /* line of the row that moves here; 0: a new one */
	struct pm_str text; /* of a new one, without line end */
	size_t wish;
};

struct md {
	struct pm_doc *d;
	struct { struct row *v; size_t n, cap; } rows;   /* by line */
	struct { struct word *v; size_t n, cap; } words; /* by place, once all are there */
	struct { struct fresh *v; size_t n, cap; } fresh;
	struct pm_layout **layouts; /* of each table, made when first needed */
};

/* ---- what is there ---- */

static int by_line(const void *x, const void *y)
{
	const struct row *a = x, *b = y;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->was < b->was ? -1 : a->was > b->was;
}

static void add_line(struct md *m, unsigned table, unsigned line, unsigned port, bool reserved)
{
	struct row *r = PM_VEC_ADD(&m->rows);

	*r = (struct row){ .line = line, .table = table - 1, .was = port, .port = port,
			   .n_ports = 1, .reserved = reserved, .wish = NO_WISH };
}

static void collect(struct md *m)
{
	const struct pm_schema *s = m->d->s;
	size_t n = 0;

	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];

			if (e->table)
				add_line(m, e->table, e->src.line, e->lo, false);
		}
	for (size_t i = 0; i < s->reserved.n; i++)
		if (s->reserved.v[i].table)
			add_line(m, s->reserved.v[i].table, s->reserved.v[i].src.line,
				 s->reserved.v[i].lo, true);
	if (m->rows.n)
		qsort(m->rows.v, m->rows.n, sizeof(*m->rows.v), by_line);
	for (size_t i = 0; i < m->rows.n; i++)
		if (n && m->rows.v[n - 1].line == m->rows.v[i].line)
			m->rows.v[n - 1].n_ports++;
		else
			m->rows.v[n++] = m->rows.v[i];
	m->rows.n = n;
}

static struct row *row_at(struct md *m, unsigned line)
{
	size_t lo = 0, hi = m->rows.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->rows.v[mid].line < line)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < m->rows.n && m->rows.v[lo].line == line ? &m->rows.v[lo] : NULL;
}

static const struct pm_layout *layout_of(struct md *m, unsigned table)
{
	if (!m->layouts[table]) {
		m->layouts[table] = PM_NEW(m->d->a, struct pm_layout);
		if (!pm_layout_of(m->layouts[table], m->d, &m->d->s->tables.v[table]))
			m->layouts[table]->n = 0;
	}
	return m->layouts[table]->n ? m->layouts[table] : NULL;
}

static const struct pm_table *table_of(const struct md *m, unsigned index)
{
	return &m->d->s->tables.v[index];
}

/* The table under a range's heading: the one with the nearest port below, else the first. -1. */
static int table_for(const struct md *m, int range, unsigned port)
{
	const struct pm_schema *s = m->d->s;
	unsigned nearest = 0;
	int best = -1;

	for (size_t i = 0; i < s->tables.n; i++)
		if (s->tables.v[i].kind == PM_TABLE_SERVICES && s->tables.v[i].range == range &&
		    best < 0)
			best = (int)i;
	for (size_t i = 0; i < m->rows.n; i++) {
		const struct row *r = &m->rows.v[i];

		if (s->tables.v[r->table].range == range && !r->reserved && r->was <= port &&
		    r->was > nearest) {
			nearest = r->was;
			best = (int)r->table;
		}
	}
	return best;
}

/* ---- wishes that change a row ---- */

static void change_word(struct md *m, size_t wish, struct pm_span span, struct pm_str with)
{
	*PM_VEC_ADD(&m->words) = (struct word){ span, with, wish };
}

static struct pm_str digits_of(struct md *m, unsigned port)
{
	return pm_str_of(pm_arena_printf(m->d->a, "%u", port));
}

/* Rows that name the moved one with its port. */
static void follow(struct md *m, size_t wish, const struct pm_endpoint *to)
{
	const struct pm_schema *s = m->d->s;

	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];

			if (!pm_doc_refers(s, e, to))
				continue;
			if (!e->pair_span.len)
				pm_doc_refuse(m->d, wish, "line %u refers to it with markup inside "
					      "the number", e->src.line);
			else
				change_word(m, wish, e->pair_span, digits_of(m, m->d->w[wish].to));
		}
}

/* The table the row shall stand in: -1 after a refusal. */
static int target_table(struct md *m, size_t wish, const struct pm_endpoint *e, const struct row *r)
{
	const struct pm_wish *w = &m->d->w[wish];
	const struct pm_table *from = table_of(m, r->table), *to;
	const int range = pm_doc_range(m->d->s, w->under);
	int t;

	if (w->under == PM_DOC_NONE || range == e->range)
		return (int)r->table;
	t = range < 0 ? -1 : table_for(m, range, w->to);
	if (t < 0) {
		pm_doc_refuse(m->d, wish, "no table of services stands under %u-%u",
			      range < 0 ? 0 : m->d->s->ranges.v[range].lo,
			      range < 0 ? 0 : m->d->s->ranges.v[range].hi);
		return -1;
	}
	to = table_of(m, (unsigned)t);
	if ((from->service || to->service) &&
	    (!from->service || !to->service || strcmp(from->service, to->service) != 0)) {
		pm_doc_refuse(m->d, wish, "under %u-%u the row would be one of %s",
			      m->d->s->ranges.v[range].lo, m->d->s->ranges.v[range].hi,
			      to->service ? to->service : "nobody's block");
		return -1;
	}
	if ((from->project || to->project) &&
	    (!from->project || !to->project || strcmp(from->project, to->project) != 0)) {
		pm_doc_refuse(m->d, wish, "under %u-%u the row would belong to %s",
			      m->d->s->ranges.v[range].lo, m->d->s->ranges.v[range].hi,
			      to->project ? to->project : "no project");
		return -1;
	}
	if (r->n_ports > 1) {
		pm_doc_refuse(m->d, wish, "line %u has other ports, too", r->line);
		return -1;
	}
	return t;
}

static void wish_move(struct md *m, size_t wish, const struct pm_endpoint *e)
{
	const struct pm_wish *w = &m->d->w[wish];
	struct row *r = e->table ? row_at(m, e->src.line) : NULL;
	int t;

	if (e->lo != w->from || e->lo != e->hi) {
		pm_doc_refuse(m->d, wish, "line %u has %u-%u", e->src.line, e->lo, e->hi);
		return;
	}
	change_word(m, wish, e->src.span, digits_of(m, w->to));
	if (pm_doc_is_target(e))
		follow(m, wish, e);
	if (!r)
		return;
	t = target_table(m, wish, e, r);
	if (t < 0)
		return;
	r->changes = true;
	r->wish = (long)wish;
	r->port = r->was == w->from || w->to < r->was ? w->to : r->was;
	if ((unsigned)t == r->table)
		return;
	r->leaves = true;
	*PM_VEC_ADD(&m->fresh) = (struct fresh){ (unsigned)t, w->to, r->line, { NULL, 0 },
						 wish };
}

static void wish_remove(struct md *m, size_t wish, const struct pm_endpoint *e)
{
	struct row *r = e->table ? row_at(m, e->src.line) : NULL;

	if (!r || r->n_ports > 1) {
		pm_doc_refuse(m->d, wish, r ? "line %u has other ports, too"
					    : "line %u is no row of a table", e->src.line);
		return;
	}
	r->leaves = true;
	r->wish = (long)wish;
}

static void wish_rename(struct md *m, size_t wish)
{
	const struct pm_wish *w = &m->d->w[wish];
	const struct pm_schema *s = m->d->s;
	const char *old = pm_slug(m->d->a, pm_str_of(w->service));
	size_t found = 0;

	for (size_t i = 0; i < s->services.n; i++) {
		const struct pm_service *v = &s->services.v[i];
		const char *slash = strchr(v->name, '/');
		const bool is = strcmp(slash ? slash + 1 : v->name, old) == 0;

		for (size_t k = 0; k < v->n; k++) {
			const struct pm_endpoint *e = &v->endpoints[k];
			const bool pair = e->pair_name &&
					  strcmp(pm_slug(m->d->a, pm_str_of(e->pair_name)), old) == 0;

			if (is && !e->name_span.len)
				pm_doc_refuse(m->d, wish, "line %u has the name with markup inside, "
					      "or in its heading", e->src.line);
			else if (is)
				change_word(m, wish, e->name_span, pm_str_of(w->text));
			if (pair && e->pair_name_span.len)
				change_word(m, wish, e->pair_name_span, pm_str_of(w->text));
			found += is;
		}
	}
	if (!found)
		pm_doc_refuse(m->d, wish, "no row is named so");
}

/* ---- new rows ---- */

/* The row of a service with one port that a new one at this port shall look like: of the same
 * table, the one before it; else any. NULL. */
static const struct pm_endpoint *model_row(struct md *m, unsigned table, unsigned port)
{
	const struct pm_schema *s = m->d->s;
	const struct pm_endpoint *best = NULL;
	int most = -1;

	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];
			int points;

			if (!e->table || e->lo != e->hi || !e->src.span.len)
				continue;
			points = (e->table - 1 == table) * 4 + (e->lo < port) * 2;
			if (points > most || (points == most && e->lo < port && e->lo > best->lo)) {
				most = points;
				best = e;
			}
		}
	return best;
}

static struct pm_str dressed(struct md *m, struct pm_str like, struct pm_str text, bool digits)
{
	struct pm_str before, inner, after;

	pm_cell_markup(like, &before, &inner, &after);
	if (digits ? !pm_str_all_digits(inner) || !inner.n : !inner.n)
		before.n = after.n = 0;
	return pm_str_of(pm_arena_printf(m->d->a, "%.*s%.*s%.*s", (int)before.n, before.p,
					 (int)text.n, text.p, (int)after.n, after.p));
}

static struct pm_str new_row(struct md *m, size_t wish, unsigned table)
{
	const struct pm_wish *w = &m->d->w[wish];
	const struct pm_table *t = table_of(m, table), *of;
	const struct pm_layout *l = layout_of(m, table);
	const struct pm_endpoint *like = model_row(m, table, w->to);
	struct pm_str *cells = PM_NEW_N(m->d->a, struct pm_str, PM_ROW_CELLS);
	struct pm_row row = { 0 };

	of = like ? table_of(m, like->table - 1) : t;
	if (like)
		pm_row_split(&row, pm_lines_get(&m->d->lines, like->src.line));
	for (size_t c = 0; c < l->n; c++) {
		const int i = (int)c;

		cells[c] = (struct pm_str){ "", 0 };
		if (i == t->port)
			cells[c] = dressed(m, of->port < 0 ? cells[c]
					   : pm_row_cell(&row, (size_t)of->port),
					   digits_of(m, w->to), true);
		else if (i == t->name)
			cells[c] = dressed(m, of->name < 0 ? cells[c]
					   : pm_row_cell(&row, (size_t)of->name),
					   pm_cell_escaped(m->d->a, w->service), false);
		else if (i == t->container && w->container)
			cells[c] = dressed(m, of->container < 0 ? cells[c]
					   : pm_row_cell(&row, (size_t)of->container),
					   pm_cell_escaped(m->d->a, w->container), false);
		else if (i == t->note && w->note)
			cells[c] = pm_cell_escaped(m->d->a, w->note);
		else if (i == t->pair && w->pair_port)
			cells[c] = pm_str_of(pm_arena_printf(m->d->a, "%u%s%s", w->pair_port,
							     w->pair_name ? " " : "",
							     w->pair_name ? w->pair_name : ""));
		else
			cells[c] = l->col[c].empty;
	}
	return pm_str_of(pm_layout_row(m->d->a, l, cells));
}

static void wish_add(struct md *m, size_t wish)
{
	const struct pm_wish *w = &m->d->w[wish];
	const struct pm_endpoint *beside = pm_doc_endpoint(m->d->s, w->row, NULL);
	const int range = pm_doc_range(m->d->s, w->under);
	int t = -1;

	if (beside && beside->table && (range < 0 || beside->range == range))
		t = (int)beside->table - 1;
	else if (w->under == PM_DOC_NONE || range >= 0)
		t = table_for(m, range, w->to);
	if (t < 0 || !layout_of(m, (unsigned)t)) {
		pm_doc_refuse(m->d, wish, "no table of services stands under the range");
		return;
	}
	if ((w->container && table_of(m, (unsigned)t)->container < 0) ||
	    (w->note && *w->note && table_of(m, (unsigned)t)->note < 0)) {
		pm_doc_refuse(m->d, wish, "the table at line %u has no column for a %s",
			      table_of(m, (unsigned)t)->head,
			      w->container && table_of(m, (unsigned)t)->container < 0
			      ? "container" : "description");
		return;
	}
	*PM_VEC_ADD(&m->fresh) = (struct fresh){ (unsigned)t, w->to, 0,
						 new_row(m, wish, (unsigned)t), wish };
}

/* ---- reservations ---- */

/* One item of a list of reserved ports: [from, to) in the text. */
struct item { size_t from, to; const struct pm_reserved *r; };

static bool item_of(const struct pm_doc *d, const struct pm_reserved *r, struct item *out)
{
	size_t i = (size_t)r->src.span.off + r->src.span.len, digits;
	unsigned hi = r->lo;

	*out = (struct item){ r->src.span.off, i, r };
	if (r->lo == r->hi)
		return r->src.span.len > 0;
	while (i < d->text.n && d->text.p[i] == ' ')
		i++;
	digits = pm_dash_len(d->text, i);
	if (!digits)
		return false;
	for (i += digits; i < d->text.n && d->text.p[i] == ' '; i++)
		;
	for (digits = i; i < d->text.n && pm_is_digit(d->text.p[i]); i++)
		;
	hi = pm_port_parse((struct pm_str){ d->text.p + digits, i - digits });
	out->to = i;
	return hi == r->hi;
}

/* "3041-3059" without the ports that are taken: "3041, 3043-3059", with the dash as it is. */
static void write_rest(struct md *m, struct pm_buf *b, const struct item *it, const bool *taken,
		       struct pm_str between, unsigned *lowest)
{
	const char *text = m->d->text.p;
	size_t dash = it->from, end = it->to;

	while (dash < it->to && pm_is_digit(text[dash]))
		dash++;
	while (end > dash && pm_is_digit(text[end - 1]))
		end--;
	for (unsigned lo = it->r->lo, hi; lo <= it->r->hi; lo = hi + 1) {
		for (hi = lo; hi < it->r->hi && taken[hi + 1] == taken[lo]; hi++)
			;
		if (taken[lo])
			continue;
		if (b->n)
			pm_buf_add(b, between.p, between.n);
		*lowest = lo < *lowest ? lo : *lowest;
		pm_buf_addf(b, "%u", lo);
		if (hi > lo) {
			pm_buf_add(b, text + dash, end - dash);
			pm_buf_addf(b, "%u", hi);
		}
	}
}

/* Rewrite the reservations on one line. `wish` is one of those that take a port there. */
static void cut_line(struct md *m, struct row *row, size_t wish, const bool *taken)
{
	const struct pm_schema *s = m->d->s;
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_str between = PM_STR(", ");
	struct item first = { 0 }, last = { 0 }, it;
	unsigned lowest = UINT_MAX;
	bool any = false;

	for (size_t i = 0; i < s->reserved.n; i++) {
		if (s->reserved.v[i].src.line != row->line || !s->reserved.v[i].table)
			continue;
		if (!item_of(m->d, &s->reserved.v[i], &it)) {
			pm_doc_refuse(m->d, wish, "the reserved ports at line %u cannot be edited",
				      row->line);
			return;
		}
		if (any && last.to < it.from)
			between = (struct pm_str){ m->d->text.p + last.to, it.from - last.to };
		first = any ? first : it;
		last = it;
		any = true;
	}
	for (size_t i = 0; i < s->reserved.n; i++)
		if (s->reserved.v[i].src.line == row->line && s->reserved.v[i].table &&
		    item_of(m->d, &s->reserved.v[i], &it))
			write_rest(m, &b, &it, taken, between, &lowest);
	if (!b.n) {
		row->leaves = true;
		row->wish = (long)wish;
		return;
	}
	row->port = lowest;
	change_word(m, wish, (struct pm_span){ (uint32_t)first.from,
					       (uint32_t)(last.to - first.from) },
		    pm_str_of(pm_arena_strndup(m->d->a, pm_buf_str(&b), b.n)));
}

static bool takes(const struct md *m, size_t wish, const struct pm_reserved *r)
{
	const struct pm_wish *w = &m->d->w[wish];
	const struct pm_endpoint *e;

	if (m->d->why_not[wish] || r->strength != PM_RESERVED_SLOT || !r->table ||
	    w->to < r->lo || w->to > r->hi)
		return false;
	e = w->kind == PM_WISH_MOVE ? pm_doc_endpoint(m->d->s, w->row, NULL) : NULL;
	return w->kind == PM_WISH_ADD || (e && e->table);
}

/* Ports that were kept free and are taken leave their reservations. */
static void cut_reservations(struct md *m)
{
	const struct pm_schema *s = m->d->s;
	bool *taken = PM_NEW_N(m->d->a, bool, 65537);

	for (size_t k = 0; k < m->rows.n; k++) {
		struct row *row = &m->rows.v[k];
		long first = NO_WISH;

		for (size_t i = 0; i < s->reserved.n && row->reserved; i++)
			for (size_t w = 0; s->reserved.v[i].src.line == row->line && w < m->d->n; w++) {
				if (!takes(m, w, &s->reserved.v[i]))
					continue;
				taken[m->d->w[w].to] = true;
				if (first >= 0)
					pm_doc_join(m->d, (size_t)first, w);
				first = first >= 0 ? first : (long)w;
			}
		if (first >= 0)
			cut_line(m, row, (size_t)first, taken);
	}
}

/* ---- order: others are seen as they are when doubtful changes are not made ---- */

static bool is_doubtful(const struct md *m, const struct row *r)
{
	return r->wish >= 0 && m->d->doubtful && m->d->doubtful[r->wish];
}

static unsigned seen_port(const struct md *m, const struct row *r)
{
	return is_doubtful(m, r) ? r->was : r->port;
}

static bool seen_leaving(const struct md *m, const struct row *r)
{
	return r->leaves && !is_doubtful(m, r);
}

static bool is_ordered(const struct md *m, unsigned table, bool reserved)
{
	unsigned last = 0;

	for (size_t i = 0; i < m->rows.n; i++) {
		const struct row *r = &m->rows.v[i];

		if (r->table != table || (r->reserved && !reserved))
			continue;
		if (r->was < last)
			return false;
		last = r->was;
	}
	return true;
}

/* Would the row, with its new port, stand out of order? */
static bool misplaced(const struct md *m, size_t at, bool reserved)
{
	const struct row *r = &m->rows.v[at];

	for (size_t i = 0; i < m->rows.n; i++) {
		const struct row *o = &m->rows.v[i];

		if (i == at || o->table != r->table || (o->reserved && !reserved) ||
		    seen_leaving(m, o) || (o->changes && i > at && !is_doubtful(m, o)))
			continue;
		if (i < at ? seen_port(m, o) > r->port : seen_port(m, o) < r->port)
			return true;
	}
	return false;
}

static void keep_order(struct md *m)
{
	for (size_t i = 0; i < m->rows.n; i++) {
		struct row *r = &m->rows.v[i];

		/* what is kept free often stands last, whatever its ports */
		if (!r->changes || r->leaves || r->n_ports > 1 || !is_ordered(m, r->table, false) ||
		    !misplaced(m, i, is_ordered(m, r->table, true)))
			continue;
		r->leaves = true;
		*PM_VEC_ADD(&m->fresh) = (struct fresh){ r->table, r->port, r->line,
							 { NULL, 0 }, (size_t)r->wish };
	}
}

/* ---- moved rows ---- */

static int by_span(const void *x, const void *y)
{
	const struct word *a = x, *b = y;

	return a->span.off < b->span.off ? -1 : a->span.off > b->span.off;
}

/* The line with all its words changed; whoever changes one joins the row's wish. */
static struct pm_str changed_line(struct md *m, unsigned line, size_t wish)
{
	const size_t from = pm_doc_line_start(m->d, line);
	const struct pm_str s = pm_lines_get(&m->d->lines, line);
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t at = from;

	for (size_t i = 0; i < m->words.n; i++) {
		const struct word *w = &m->words.v[i];

		if (w->span.off < at || w->span.off >= from + s.n || m->d->why_not[w->wish])
			continue;
		pm_doc_join(m->d, wish, w->wish);
		pm_buf_add(&b, m->d->text.p + at, w->span.off - at);
		pm_buf_add(&b, w->with.p, w->with.n);
		at = (size_t)w->span.off + w->span.len;
	}
	pm_buf_add(&b, m->d->text.p + at, from + s.n - at);
	return pm_str_of(pm_arena_strndup(m->d->a, pm_buf_str(&b), b.n));
}

/* The column of the other table with the same use or heading: -1. */
static int same_column(struct md *m, const struct pm_table *from, const struct pm_layout *fl,
		       const struct pm_table *to, const struct pm_layout *tl, size_t c)
{
	const int mine[] = { from->port, from->name, from->container, from->note, from->pair };
	const int theirs[] = { to->port, to->name, to->container, to->note, to->pair };
	const char *slug = pm_slug(m->d->a, pm_row_cell(&fl->header, c));

	for (size_t i = 0; i < sizeof(mine) / sizeof(*mine); i++)
		if (mine[i] == (int)c)
			return theirs[i];
	for (size_t k = 0; k < tl->n; k++)
		if (strcmp(slug, pm_slug(m->d->a, pm_row_cell(&tl->header, k))) == 0)
			return (int)k;
	return -1;
}

/* The row, written as the rows of its new table are. */
static struct pm_str fitted(struct md *m, size_t wish, struct pm_str line, unsigned from,
			    unsigned to)
{
	const struct pm_layout *fl = layout_of(m, from), *tl = layout_of(m, to);
	struct pm_str *cells = PM_NEW_N(m->d->a, struct pm_str, PM_ROW_CELLS);
	struct pm_row row;

	if (!fl || !tl || !pm_row_split(&row, line) || row.n > fl->n) {
		pm_doc_refuse(m->d, wish, "its row cannot be taken apart");
		return line;
	}
	for (size_t c = 0; c < tl->n; c++)
		cells[c] = (struct pm_str){ "", 0 };
	for (size_t c = 0; c < row.n; c++) {
		const struct pm_str text = pm_row_cell(&row, c);
		const int k = same_column(m, table_of(m, from), fl, table_of(m, to), tl, c);

		if (k >= 0)
			cells[k] = text;
		else if (text.n)
			pm_doc_refuse(m->d, wish, "the table at line %u has no column '%.*s' for "
				      "'%.*s'", table_of(m, to)->head,
				      (int)pm_row_cell(&fl->header, c).n,
				      pm_row_cell(&fl->header, c).p, (int)text.n, text.p);
	}
	return pm_str_of(pm_layout_row(m->d->a, tl, cells));
}

static bool is_padded(struct md *m, unsigned table)
{
	const struct pm_layout *l = layout_of(m, table);
	size_t n = 0;

	for (size_t c = 0; l && c < l->n; c++)
		n += l->col[c].width > 0;
	return n > 0;
}

/* ---- writing ---- */

/* A changed word of a padded cell gives or takes spaces, so that the table keeps its shape. */
static void keep_width(struct md *m, const struct row *r, const struct word *w)
{
	const struct pm_layout *l = layout_of(m, r->table);
	const size_t start = pm_doc_line_start(m->d, r->line);
	const size_t at = w->span.off - start, was = w->span.len, is = w->with.n;
	struct pm_row row;

	if (!l || was == is || !pm_row_split(&row, pm_lines_get(&m->d->lines, r->line)))
		return;
	for (size_t c = 0; c < row.n && c < l->n; c++) {
		const size_t from = row.cell[c].off, to = from + row.cell[c].len;
		const bool right = l->col[c].align == 'r';
		size_t spare = 0, place;

		if (at < from || at >= to || !l->col[c].width || to >= row.line.n)
			continue;
		while (spare < to - from &&
		       row.line.p[right ? from + spare : to - 1 - spare] == ' ')
			spare++;
		place = start + (right ? from : to);
		if (was > is)
			pm_doc_put(m->d, w->wish, place, 0,
				   pm_str_of(pm_arena_printf(m->d->a, "%*s", (int)(was - is), "")));
		else if (spare >= is - was + (right ? l->col[c].left : l->col[c].right))
			pm_doc_put(m->d, w->wish, right ? place : place - (is - was), is - was,
				   (struct pm_str){ "", 0 });
	}
}

static void write_words(struct md *m)
{
	for (size_t i = 0; i < m->words.n; i++) {
		const struct word *w = &m->words.v[i];
		const struct row *r = row_at(m, pm_doc_line(m->d, w->span.off));

		if (r && r->leaves)
			continue; /* written with its row */
		pm_doc_put(m->d, w->wish, w->span.off, w->span.len, w->with);
		if (r)
			keep_width(m, r, w);
	}
}

static void write_removals(struct md *m)
{
	for (size_t i = 0; i < m->rows.n; i++) {
		const struct row *r = &m->rows.v[i];
		size_t from, to;

		if (!r->leaves)
			continue;
		from = pm_doc_line_start(m->d, r->line);
		to = pm_doc_line_end(m->d, r->line);
		/* the last line of a text without a last line end takes the one before it */
		if (!pm_doc_eol(m->d, r->line).n && r->line > 1)
			from -= pm_doc_eol(m->d, r->line - 1).n;
		pm_doc_put(m->d, (size_t)r->wish, from, to - from, (struct pm_str){ "", 0 });
	}
}

/* The line behind which a row with this port is written. */
static unsigned line_before(const struct md *m, unsigned table, unsigned port)
{
	unsigned last = table_of(m, table)->last;

	for (size_t i = 0; i < m->rows.n; i++) {
		const struct row *r = &m->rows.v[i];

		if (r->table == table && !seen_leaving(m, r) && seen_port(m, r) > port)
			return r->line - 1;
	}
	return last;
}

static int by_gap(const void *x, const void *y)
{
	const struct fresh *a = x, *b = y;

	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	return a->port < b->port ? -1 : a->port > b->port;
}

static void write_fresh(struct md *m)
{
	if (m->fresh.n)
		qsort(m->fresh.v, m->fresh.n, sizeof(*m->fresh.v), by_gap);
	for (size_t i = 0; i < m->fresh.n; i++) {
		struct fresh *f = &m->fresh.v[i];
		unsigned line = line_before(m, f->table, f->port);
		struct pm_str eol = pm_doc_eol(m->d, table_of(m, f->table)->head), text = f->text;
		const bool last = !pm_doc_eol(m->d, line).n;

		if (f->from) {
			const unsigned table = row_at(m, f->from)->table;

			text = changed_line(m, f->from, f->wish);
			if (table != f->table || is_padded(m, table))
				text = fitted(m, f->wish, text, table, f->table);
		}
		text = pm_str_of(last ? pm_arena_printf(m->d->a, "%.*s%.*s", (int)eol.n, eol.p,
							(int)text.n, text.p)
				      : pm_arena_printf(m->d->a, "%.*s%.*s", (int)text.n, text.p,
							(int)eol.n, eol.p));
		pm_doc_put(m->d, f->wish, pm_doc_line_end(m->d, line), 0, text);
	}
}

void pm_doc_md(struct pm_doc *d)
{
	struct md m = { .d = d };

	m.layouts = PM_NEW_N(d->a, struct pm_layout *, d->s->tables.n + 1);
	collect(&m);
	for (size_t i = 0; i < d->n; i++) {
		const struct pm_endpoint *e = pm_doc_endpoint(d->s, d->w[i].row, NULL);

		if (d->why_not[i])
			continue;
		if ((d->w[i].kind == PM_WISH_MOVE || d->w[i].kind == PM_WISH_REMOVE) && !e)
			pm_doc_refuse(d, i, "no row has its port there");
		else if (d->w[i].kind == PM_WISH_MOVE)
			wish_move(&m, i, e);
		else if (d->w[i].kind == PM_WISH_REMOVE)
			wish_remove(&m, i, e);
		else if (d->w[i].kind == PM_WISH_RENAME)
			wish_rename(&m, i);
		else if (d->w[i].kind == PM_WISH_ADD)
			wish_add(&m, i);
	}
	cut_reservations(&m);
	keep_order(&m);
	if (m.words.n)
		qsort(m.words.v, m.words.n, sizeof(*m.words.v), by_span);
	write_words(&m);
	write_removals(&m);
	write_fresh(&m);
	PM_VEC_FREE(&m.rows);
	PM_VEC_FREE(&m.words);
	PM_VEC_FREE(&m.fresh);
}
