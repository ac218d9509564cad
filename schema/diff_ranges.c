/*
 * diff_ranges.c - what happened to the ranges of a schema: by name, and where a name is new, by the
 * ports. Two that have taken each other's ports have been swapped.
 */
#include "schema.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

struct named {
	const struct pm_range *range;
	const char *slug;
	uint32_t ports;
	const struct named *other; /* in the other schema */
	UT_hash_handle hh, by_ports;
};

struct side {
	struct named *by_slug, *by_ports; /* of several with the same ports, the first */
	struct { struct named **v; size_t n, cap; } in_order;
};

static struct named *with_ports(const struct side *s, uint32_t ports)
{
	struct named *n = NULL;

	HASH_FIND(by_ports, s->by_ports, &ports, sizeof(ports), n);
	return n;
}

/* A range may be stated twice, in a table and by a heading: the first one counts. */
static void index_ranges(struct side *s, struct pm_arena *a, const struct pm_schema *schema)
{
	for (size_t i = 0; i < schema->ranges.n; i++) {
		const struct pm_range *r = &schema->ranges.v[i];
		struct named *n = NULL;
		const char *slug = r->name ? pm_slug(a, pm_str_of(r->name)) : "";

		HASH_FIND_STR(s->by_slug, slug, n);
		if (!*slug || n)
			continue;
		n = PM_NEW(a, struct named);
		n->range = r;
		n->slug = slug;
		n->ports = (uint32_t)r->lo << 16 | r->hi;
		HASH_ADD_KEYPTR(hh, s->by_slug, n->slug, (unsigned)strlen(slug), n);
		*PM_VEC_ADD(&s->in_order) = n;
		if (!with_ports(s, n->ports))
			HASH_ADD(by_ports, s->by_ports, ports, sizeof(n->ports), n);
	}
}

static void match_names(struct side *a, struct side *b)
{
	for (size_t i = 0; i < b->in_order.n; i++) {
		struct named *n = b->in_order.v[i], *o = NULL;

		HASH_FIND_STR(a->by_slug, n->slug, o);
		if (!o)
			continue;
		n->other = o;
		o->other = n;
	}
}

/* A new name for ports whose old name is gone. */
static void match_ports(struct side *a, struct side *b)
{
	for (size_t i = 0; i < b->in_order.n; i++) {
		struct named *n = b->in_order.v[i], *o = with_ports(a, n->ports);

		if (n->other || !o || o->other)
			continue;
		n->other = o;
		o->other = n;
	}
}

static void add(struct pm_range_changes *out, enum pm_range_change_kind kind,
		const struct pm_range *old, const struct pm_range *new, const struct pm_range *with)
{
	*PM_VEC_ADD(out) = (struct pm_range_change){ kind, old, new, with };
}

/* The range that now has the ports which `n` had, while `n` has those that it had. */
static const struct named *swapped_with(const struct side *b, const struct named *n)
{
	const struct named *o = with_ports(b, n->other->ports);

	return o && o != n && o->other && o->other->ports == n->ports ? o : NULL;
}

static void add_changes(struct pm_range_changes *out, const struct side *a, const struct side *b)
{
	for (size_t i = 0; i < b->in_order.n; i++) {
		const struct named *n = b->in_order.v[i], *with;

		if (!n->other) {
			add(out, PM_RANGE_ADDED, NULL, n->range, NULL);
		} else if (n->ports != n->other->ports) {
			with = swapped_with(b, n);
			if (with && with->range->src.line < n->range->src.line)
				continue; /* told there */
			add(out, with ? PM_RANGE_SWAPPED : PM_RANGE_MOVED, n->other->range,
			    n->range, with ? with->range : NULL);
		} else if (strcmp(n->slug, n->other->slug) != 0) {
			add(out, PM_RANGE_RENAMED, n->other->range, n->range, NULL);
		}
	}
	for (size_t i = 0; i < a->in_order.n; i++)
		if (!a->in_order.v[i]->other)
			add(out, PM_RANGE_REMOVED, a->in_order.v[i]->range, NULL, NULL);
}

void pm_schema_diff_ranges(const struct pm_schema *a, const struct pm_schema *b,
			   struct pm_range_changes *out)
{
	struct pm_arena arena = { 0 };
	struct side old = { 0 }, new = { 0 };

	index_ranges(&old, &arena, a);
	index_ranges(&new, &arena, b);
	match_names(&old, &new);
	match_ports(&old, &new);
	add_changes(out, &old, &new);
	HASH_CLEAR(by_ports, old.by_ports);
	HASH_CLEAR(by_ports, new.by_ports);
	HASH_CLEAR(hh, old.by_slug);
	HASH_CLEAR(hh, new.by_slug);
	PM_VEC_FREE(&old.in_order);
	PM_VEC_FREE(&new.in_order);
	pm_arena_release(&arena);
}
