/*
 * alloc_block.c - whole blocks of ports for new services, of the size and alignment that the document
 * gives its blocks.
 */
#include "alloc_impl.h"

#include "base/port.h"

#include <stdlib.h>
#include <string.h>

static int by_number(const void *x, const void *y)
{
	const unsigned a = *(const unsigned *)x, b = *(const unsigned *)y;

	return a < b ? -1 : a > b;
}

/* The size that most blocks (or else projects) have: 0 when there are none. */
static unsigned usual_size(const struct pm_schema *s, struct pm_arena *a, enum pm_range_kind kind)
{
	unsigned *v = PM_NEW_N(a, unsigned, s->ranges.n + 1), best = 0;
	size_t n = 0, most = 0, to;

	for (size_t i = 0; i < s->ranges.n; i++)
		if (s->ranges.v[i].kind == kind && !s->ranges.v[i].from_table)
			v[n++] = s->ranges.v[i].hi - s->ranges.v[i].lo + 1;
	if (n)
		qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 0; i < n; i = to) {
		for (to = i; to < n && v[to] == v[i]; to++)
			;
		if (to - i > most) {
			most = to - i;
			best = v[i];
		}
	}
	return best;
}

struct pool { unsigned lo, hi; };
struct pools { struct pool *v; size_t n, cap; };

static bool is_future(const struct pm_reserved *r, unsigned size)
{
	return r->strength == PM_RESERVED_SLOT && r->hi - r->lo + 1 >= size;
}

/* Where blocks may come from: what is asked for, what is kept for the future, or the layers. */
static int find_pools(struct pools *out, const struct pm_schema *s, struct pm_arena *a,
		      const char *asked, unsigned size, struct pm_err *err)
{
	unsigned lo, hi;
	int range, rc;

	if (asked) {
		rc = pm_alloc_range(a, s, asked, &lo, &hi, &range, err);
		if (rc == 0)
			*PM_VEC_ADD(out) = (struct pool){ lo, hi };
		return rc;
	}
	for (size_t i = 0; i < s->reserved.n; i++)
		if (is_future(&s->reserved.v[i], size))
			*PM_VEC_ADD(out) = (struct pool){ s->reserved.v[i].lo, s->reserved.v[i].hi };
	for (size_t i = 0; i < s->ranges.n && !out->n; i++)
		if (s->ranges.v[i].kind == PM_RANGE_LAYER && !s->ranges.v[i].from_table)
			*PM_VEC_ADD(out) = (struct pool){ s->ranges.v[i].lo, s->ranges.v[i].hi };
	if (out->n)
		return 0;
	pm_err_set(err, PM_E_USAGE, (struct pm_loc){ s->path, 0, 0 },
		   "--block: the document keeps no ports for services to come");
	return pm_err_hint(err, "--range LO-HI says where a block of %u may be", size);
}

/* A range of the document, or a reservation, that reaches into [lo, hi]; `pool` is no obstacle. */
static const char *obstacle(const struct pm_alloc_search *x, const struct pool *pool, unsigned lo, unsigned hi,
			    enum pm_alloc_why *why)
{
	for (size_t i = 0; i < x->s->ranges.n; i++) {
		const struct pm_range *g = &x->s->ranges.v[i];

		*why = PM_ALLOC_ROW;
		if (!g->from_table && g->lo <= hi && lo <= g->hi && g->kind != PM_RANGE_LAYER &&
		    g->kind != PM_RANGE_PROJECT)
			return pm_arena_printf(x->a, "block of %s (%u-%u)", g->name, g->lo, g->hi);
	}
	for (size_t i = 0; i < x->s->reserved.n; i++) {
		const struct pm_reserved *r = &x->s->reserved.v[i];
		const bool is_pool = r->strength == PM_RESERVED_SLOT && r->lo <= pool->lo &&
				     r->hi >= pool->hi;

		*why = r->strength == PM_RESERVED_NEVER ? PM_ALLOC_NEVER
		     : r->strength == PM_RESERVED_MAY ? PM_ALLOC_MAY : PM_ALLOC_SLOT;
		if (r->lo <= hi && lo <= r->hi && !is_pool &&
		    !(r->strength == PM_RESERVED_SLOT && x->r->from_reserved))
			return pm_arena_printf(x->a, "%s%u-%u, line %u%s%s", pm_alloc_head(*why),
					       r->lo, r->hi, r->src.line, r->reason ? ": " : "",
					       r->reason ? r->reason : "");
	}
	for (unsigned p = lo; p <= hi; p++) {
		*why = x->rows[p] ? PM_ALLOC_ROW : x->runs[p] ? PM_ALLOC_RUNS
		     : x->tree[p] ? PM_ALLOC_TREE : x->branch[p] ? PM_ALLOC_BRANCH : PM_ALLOC_FREE;
		if (*why != PM_ALLOC_FREE)
			return pm_arena_printf(x->a, "%u is %s%s", p, *why == PM_ALLOC_ROW
					       ? "the row of " : pm_alloc_head(*why),
					       pm_alloc_detail(x, p, *why));
	}
	return NULL;
}

/* A part of the block that browsers must reach, at a port that they refuse: "+00 Primary API". */
static const char *refused_part(const struct pm_alloc_search *x, unsigned base)
{
	for (size_t i = 0; i < x->s->offsets.n; i++) {
		const struct pm_offset *o = &x->s->offsets.v[i];

		if (o->lo == o->hi && !o->reserved && pm_port_browser_refused(base + o->lo) &&
		    pm_schema_speaks(o->purpose, "", NULL) != PM_SPEAKS_OTHER)
			return pm_arena_printf(x->a, "+%02u %s would be %u: browsers and Node's fetch "
					       "refuse it", o->lo, o->purpose, base + o->lo);
	}
	if (!x->s->offsets.n && pm_port_browser_refused(base))
		return pm_arena_printf(x->a, "its first port %u: browsers and Node's fetch refuse it",
				       base);
	return NULL;
}

/* Ports of a free block that browsers refuse: to know before its parts are given away. */
static void note_refused(struct pm_alloc *out, const struct pm_alloc_search *x, unsigned base, unsigned size)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	for (unsigned p = base, end; p < base + size; p = end) {
		for (end = p; end < base + size && pm_port_browser_refused(end); end++)
			;
		if (end > p)
			pm_buf_addf(&b, end == p + 1 ? "%s%u" : "%s%u-%u", b.n ? ", " : "", p, end - 1);
		end += end == p;
	}
	if (b.n)
		pm_alloc_note(out, pm_arena_printf(x->a, "in %u-%u browsers refuse %s", base, base + size - 1,
					  b.v));
}

/* What stands against the block [base, base + size); NULL: nothing. */
static const char *against(const struct pm_alloc_search *x, const struct pool *pool, unsigned base,
			   unsigned size, enum pm_alloc_why *why)
{
	const char *text = obstacle(x, pool, base, base + size - 1, why);

	if (text)
		return text;
	*why = PM_ALLOC_REFUSED;
	return refused_part(x, base);
}

static void look_in_pool(struct pm_alloc_search *x, struct pm_alloc *out, const struct pool *pool,
			 unsigned size)
{
	unsigned base = (pool->lo + size - 1) / size * size;

	for (base = base ? base : size; base + size - 1 <= pool->hi; base += size) {
		enum pm_alloc_why why = PM_ALLOC_FREE;
		const char *text = against(x, pool, base, size, &why);

		note_refused(out, x, base, size);
		out->n_free += !text;
		if (out->n == x->r->n)
			continue;
		if (text)
			*PM_VEC_ADD(&out->passed) = (struct pm_alloc_pass){ base, base + size - 1,
									    why, text };
		else
			out->ports[out->n++] = base;
	}
}

int pm_alloc_blocks(struct pm_alloc *out, unsigned *size, struct pm_arena *a,
		    const struct pm_schema *s, const struct pm_alloc_request *r,
		    const struct pm_port_uses *uses, struct pm_err *err)
{
	struct pools pools = { 0 };
	struct pm_alloc_search x;
	int rc;

	*size = usual_size(s, a, PM_RANGE_BLOCK);
	if (!*size)
		*size = usual_size(s, a, PM_RANGE_PROJECT);
	if (!*size)
		return pm_err_set(err, PM_E_USAGE, (struct pm_loc){ s->path, 0, 0 },
				  "--block: the document gives no service a block of ports");
	rc = find_pools(&pools, s, a, r->range, *size, err);
	if (rc == 0) {
		memset(out, 0, sizeof(*out));
		pm_alloc_start(&x, a, s, r, uses);
		out->ports = PM_NEW_N(a, unsigned, r->n + 1);
		for (size_t i = 0; i < pools.n; i++)
			look_in_pool(&x, out, &pools.v[i], *size);
	}
	PM_VEC_FREE(&pools);
	return rc;
}
