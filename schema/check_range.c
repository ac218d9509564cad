/*
 * check_range.c - ranges: rows that stand under another one, overlaps, headings against the
 * strategy table, sizes against what the document promises, and how full each range is.
 */
#include "check_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- rows outside ---- */

/* The narrowest heading's range that would hold the port, or NULL. */
static const struct pm_range *home_of(const struct pm_schema *s, const struct pm_endpoint *e)
{
	const struct pm_range *best = NULL;

	for (size_t i = 0; i < s->ranges.n; i++) {
		const struct pm_range *g = &s->ranges.v[i];

		if (!g->from_table && e->lo >= g->lo && e->hi <= g->hi &&
		    (!best || g->hi - g->lo < best->hi - best->lo))
			best = g;
	}
	return best;
}

void pm_doc_check_outside(struct pm_doc_check *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct pm_endpoint *e = c->rows[i].e;
		const struct pm_range *g, *home;
		struct pm_diag *d;

		if (!pm_row_is_target(e) || e->range < 0 || (size_t)e->range >= c->s->ranges.n)
			continue;
		g = &c->s->ranges.v[e->range];
		if (e->lo >= g->lo && e->hi <= g->hi)
			continue;
		d = pm_doc_say_row(c, "port-outside-range", e->fixed ? PM_NOTE : PM_WARNING, e, NULL,
				   "%s at %u stands under %u-%u (%s)%s", e->name, e->lo, g->lo,
				   g->hi, g->name, e->fixed ? ": a third party's default" : "");
		home = e->fixed ? NULL : home_of(c->s, e);
		if (home)
			d->hint = pm_arena_printf(c->a, "give it a port of %u-%u, or let it stand "
						  "under %u-%u (%s)", g->lo, g->hi, home->lo,
						  home->hi, home->name);
		else if (!e->fixed)
			d->hint = pm_arena_printf(c->a, "give it a port of %u-%u; no heading has "
						  "%u", g->lo, g->hi, e->lo);
	}
}

/* ---- overlaps ---- */

struct placed {
	const struct pm_range *g;
	size_t table; /* rows of one strategy table stand line by line; 0 for headings */
};

/* Lists inside of each other are told apart by their tables. */
static struct placed *place(struct pm_doc_check *c)
{
	struct placed *v = PM_NEW_N(c->a, struct placed, c->s->ranges.n + 1);
	size_t table = 0;
	unsigned last = 0;

	for (size_t i = 0; i < c->s->ranges.n; i++) {
		v[i].g = &c->s->ranges.v[i];
		if (!v[i].g->from_table)
			continue;
		table += v[i].g->src.line > last + 1 || !last;
		v[i].table = table;
		last = v[i].g->src.line;
	}
	return v;
}

static int by_table_parent_lo(const void *x, const void *y)
{
	const struct placed *p = x, *q = y;
	const struct pm_range *a = p->g, *b = q->g;

	if (p->table != q->table)
		return p->table < q->table ? -1 : 1;
	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return a->src.line < b->src.line ? -1 : a->src.line > b->src.line;
}

static void overlap(struct pm_doc_check *c, const struct pm_range *wide, const struct pm_range *g)
{
	struct pm_diag *d;

	d = pm_doc_say(c, "range-overlap", PM_WARNING, &g->src,
		       "%s (%u-%u) and %s (%u-%u, line %u) both claim %u-%u", g->name, g->lo, g->hi,
		       wide->name, wide->lo, wide->hi, wide->src.line, g->lo,
		       g->hi < wide->hi ? g->hi : wide->hi);
	d->hint = wide->lo <= g->lo && wide->hi >= g->hi
		  ? "let it stand below the other's heading if it is a part of it, or shorten one"
		  : "shorten one of them";
	pm_diag_key(d, c->a, NULL, 0, pm_arena_printf(c->a, "%s / %s", wide->name, g->name));
	pm_doc_also(c, d, &wide->src, "%s", wide->name);
}

void pm_doc_check_overlaps(struct pm_doc_check *c)
{
	struct placed *v = place(c);
	const struct placed *widest = NULL;

	if (c->s->ranges.n)
		qsort(v, c->s->ranges.n, sizeof(*v), by_table_parent_lo);
	for (size_t i = 0; i < c->s->ranges.n; i++) {
		bool group = widest && widest->table == v[i].table &&
			     widest->g->parent == v[i].g->parent;

		if (group && v[i].g->lo <= widest->g->hi)
			overlap(c, widest->g, v[i].g);
		if (!group || v[i].g->hi > widest->g->hi)
			widest = &v[i];
	}
}

/* ---- levels ---- */

void pm_doc_check_nesting(struct pm_doc_check *c)
{
	for (size_t i = 0; i < c->s->ranges.n; i++) {
		const struct pm_range *g = &c->s->ranges.v[i], *up;
		struct pm_diag *d;

		if (g->from_table || g->parent < 0)
			continue;
		up = &c->s->ranges.v[g->parent];
		if (g->lo >= up->lo && g->hi <= up->hi)
			continue;
		d = pm_doc_say(c, "block-outside-layer", PM_WARNING, &g->src,
			       "%s (%u-%u) leaves %s (%u-%u, line %u)", g->name, g->lo, g->hi,
			       up->name, up->lo, up->hi, up->src.line);
		pm_diag_key(d, c->a, NULL, 0, g->name);
		pm_doc_also(c, d, &up->src, "%s", up->name);
	}
}

/* The heading of a layer or project against the rows of strategy tables that it touches. */
static void disagrees(struct pm_doc_check *c, const struct pm_range *g)
{
	const struct pm_range *first = NULL;
	PM_CLEAN_BUF struct pm_buf said = { 0 };
	struct pm_diag *d;
	size_t n = 0;

	for (size_t k = 0; k < c->s->ranges.n; k++) {
		const struct pm_range *t = &c->s->ranges.v[k];

		if (!t->from_table || t->lo > g->hi || t->hi < g->lo)
			continue;
		if (t->lo == g->lo && t->hi == g->hi)
			return;
		first = first ? first : t;
		if (n++ < 4)
			pm_buf_addf(&said, "%s%u-%u (%s)", n > 1 ? ", " : "", t->lo, t->hi, t->name);
	}
	if (!first)
		return;
	d = pm_doc_say(c, "range-disagrees", PM_WARNING, &g->src,
		       "the heading says %s is %u-%u; the table at line %u has %s", g->name, g->lo,
		       g->hi, first->src.line, pm_buf_str(&said));
	pm_diag_key(d, c->a, NULL, 0, g->name);
	pm_doc_also(c, d, &first->src, "%s", first->name);
}

void pm_doc_check_disagreement(struct pm_doc_check *c)
{
	for (size_t i = 0; i < c->s->ranges.n; i++) {
		const struct pm_range *g = &c->s->ranges.v[i];

		if (!g->from_table && (g->kind == PM_RANGE_LAYER || g->kind == PM_RANGE_PROJECT))
			disagrees(c, g);
	}
}

/* ---- sizes ---- */

static bool has_children(const struct pm_schema *s, size_t range)
{
	for (size_t i = 0; i < s->ranges.n; i++)
		if (s->ranges.v[i].parent == (int)range)
			return true;
	return false;
}

/* Does a principle speak of this range? */
static bool is_meant(const struct pm_schema *s, size_t i, enum pm_principle_kind kind)
{
	const struct pm_range *g = &s->ranges.v[i];

	if (g->from_table)
		return false;
	switch (kind) {
	case PM_PRINCIPLE_RANGE_SIZE: return !has_children(s, i);
	case PM_PRINCIPLE_SERVICE_SIZE: return g->kind == PM_RANGE_BLOCK;
	case PM_PRINCIPLE_PROJECT_SIZE: return g->kind == PM_RANGE_PROJECT;
	case PM_PRINCIPLE_LAYER_SIZE: return g->kind == PM_RANGE_LAYER;
	case PM_PRINCIPLE_PAIR_DIGITS: break;
	}
	return false;
}

static void one_size(struct pm_doc_check *c, const struct pm_principle *p,
		     const struct pm_range *g)
{
	const unsigned size = g->hi - g->lo + 1;
	struct pm_diag *d;

	if (size != p->size)
		d = pm_doc_say(c, "block-size", PM_WARNING, &g->src,
			       "%s (%u-%u) has %u ports; the document promises %u (line %u)",
			       g->name, g->lo, g->hi, size, p->size, p->src.line);
	else if (g->lo % p->size)
		d = pm_doc_say(c, "block-alignment", PM_WARNING, &g->src,
			       "%s (%u-%u) does not begin at a multiple of %u, as blocks of the "
			       "promised size would (line %u)", g->name, g->lo, g->hi, p->size,
			       p->src.line);
	else
		return;
	pm_diag_key(d, c->a, NULL, 0, g->name);
	pm_doc_also(c, d, &p->src, "%s", p->text);
}

static int by_value(const void *a, const void *b)
{
	const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

/* Most ranges differ: the document contradicts itself, once. */
static void contradiction(struct pm_doc_check *c, const struct pm_principle *p, size_t n,
			  size_t differ)
{
	unsigned *sizes = PM_NEW_N(c->a, unsigned, c->s->ranges.n + 1);
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t count = 0, shown = 0;

	for (size_t i = 0; i < c->s->ranges.n; i++)
		if (is_meant(c->s, i, p->kind))
			sizes[count++] = c->s->ranges.v[i].hi - c->s->ranges.v[i].lo + 1;
	qsort(sizes, count, sizeof(*sizes), by_value);
	for (size_t i = 0; i < count && shown < 8; i++)
		if (sizes[i] != p->size && (!i || sizes[i] != sizes[i - 1]))
			pm_buf_addf(&b, "%s%u", shown++ ? ", " : "", sizes[i]);
	pm_diag_key(pm_doc_say(c, "block-size", PM_WARNING, &p->src,
			       "the document promises %u ports, and %zu of its %zu ranges have "
			       "another size (%s)", p->size, differ, n, pm_buf_str(&b)),
		    c->a, NULL, 0, "principle");
}

void pm_doc_check_sizes(struct pm_doc_check *c)
{
	for (size_t i = 0; i < c->s->principles.n; i++) {
		const struct pm_principle *p = &c->s->principles.v[i];
		size_t n = 0, differ = 0;

		for (size_t k = 0; k < c->s->ranges.n; k++) {
			const struct pm_range *g = &c->s->ranges.v[k];

			if (!is_meant(c->s, k, p->kind))
				continue;
			n++;
			differ += g->hi - g->lo + 1 != p->size;
		}
		if (differ * 2 > n)
			contradiction(c, p, n, differ);
		for (size_t k = 0; k < c->s->ranges.n && differ * 2 <= n; k++)
			if (is_meant(c->s, k, p->kind))
				one_size(c, p, &c->s->ranges.v[k]);
	}
}

/* ---- fill ---- */

enum { FREE, RESERVED, USED, N_PORTS = 65536 };

static void mark(unsigned char *ports, unsigned lo, unsigned hi, unsigned char as)
{
	for (unsigned p = lo; p <= hi && p < N_PORTS; p++)
		if (ports[p] < as)
			ports[p] = as;
}

static void count(struct pm_range_fill *f, const unsigned char *ports, struct pm_arena *a)
{
	struct { struct pm_gap *v; size_t n, cap; } gaps = { 0 };

	for (unsigned p = f->range->lo; p <= f->range->hi && p < N_PORTS; p++) {
		f->size++;
		f->used += ports[p] == USED;
		f->reserved += ports[p] == RESERVED;
		if (ports[p] != FREE)
			continue;
		if (gaps.n && gaps.v[gaps.n - 1].hi + 1 == p)
			gaps.v[gaps.n - 1].hi = p;
		else
			*PM_VEC_ADD(&gaps) = (struct pm_gap){ p, p };
	}
	f->n_gaps = gaps.n;
	f->gaps = PM_NEW_N(a, struct pm_gap, gaps.n + 1);
	if (gaps.n)
		memcpy(f->gaps, gaps.v, gaps.n * sizeof(*gaps.v));
	PM_VEC_FREE(&gaps);
}

void pm_schema_fill(const struct pm_schema *s, struct pm_arena *a, struct pm_range_fills *out)
{
	unsigned char *ports = pm_xcalloc(N_PORTS, 1);

	for (size_t i = 0; i < s->reserved.n; i++)
		if (s->reserved.v[i].strength != PM_RESERVED_MAY)
			mark(ports, s->reserved.v[i].lo, s->reserved.v[i].hi, RESERVED);
	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++)
			if (pm_row_is_target(&s->services.v[i].endpoints[k]))
				mark(ports, s->services.v[i].endpoints[k].lo,
				     s->services.v[i].endpoints[k].hi, USED);
	for (size_t i = 0; i < s->ranges.n; i++) {
		struct pm_range_fill *f;

		if (s->ranges.v[i].from_table || has_children(s, i))
			continue;
		f = PM_VEC_ADD(out);
		f->range = &s->ranges.v[i];
		count(f, ports, a);
	}
	free(ports);
}

void pm_doc_check_fill(struct pm_doc_check *c)
{
	struct pm_range_fills all = { 0 };

	pm_schema_fill(c->s, c->a, &all);
	for (size_t i = 0; i < all.n; i++) {
		const struct pm_range_fill *f = &all.v[i];
		const struct pm_range *g = f->range;
		const unsigned left = f->size - f->used;
		struct pm_diag *d = NULL;

		if (!left && f->size > 1)
			d = pm_doc_say(c, "range-full", PM_WARNING, &g->src,
				       "%s (%u-%u) is full: all %u ports have a row", g->name, g->lo,
				       g->hi, f->size);
		else if (f->size >= 10 && left * 10 <= f->size)
			d = pm_doc_say(c, "range-nearly-full", PM_NOTE, &g->src,
				       "%s (%u-%u) has %u of %u ports left%s", g->name, g->lo, g->hi,
				       left, f->size, left == f->reserved ? ", all reserved" : "");
		if (d)
			pm_diag_key(d, c->a, NULL, 0, g->name);
	}
	PM_VEC_FREE(&all);
}
