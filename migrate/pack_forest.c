/*
 * pack_forest.c - which entries of packs are made from which, for a set of ids: a forest, the roots
 * of which are whole. A walk over it inflates every entry once, in the order of the pack.
 *
 * Only wanted entries and their bases are in it. Time and memory are in proportion to these: 16
 * bytes an id, and about 40 a node.
 */
#include "pack_impl.h"

#include <stdlib.h>

/* ---- places, in order ---- */

/* Least digit first, a byte at a time; bytes in which no key differs from another are passed over. */
static void sort_items(struct pm_pack_item *v, size_t n)
{
	struct pm_pack_item *from = v, *to = n ? pm_xcalloc(n, sizeof(*to)) : NULL, *spare = to;
	uint64_t differ = 0;

	for (size_t i = 1; i < n; i++)
		differ |= v[i].key ^ v[0].key;
	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t at[257] = { 0 };

		if (!(differ >> shift & 0xff))
			continue;
		for (size_t i = 0; i < n; i++)
			at[(from[i].key >> shift & 0xff) + 1]++;
		for (unsigned b = 0; b < 256; b++)
			at[b + 1] += at[b];
		for (size_t i = 0; i < n; i++)
			to[at[from[i].key >> shift & 0xff]++] = from[i];
		spare = from;
		from = to;
		to = spare;
	}
	if (from != v) {
		memcpy(v, from, n * sizeof(*v));
		to = from;
	}
	free(to);
}

static void find_items(struct pm_pack_forest *f, const struct pm_packs *packs,
		       const struct pm_oid *ids, size_t n)
{
	uint32_t last = 0;

	for (size_t i = 0; i < n; i++) {
		struct pm_pack_place place;
		uint32_t tried = 0;

		if (!pm_packs_find(packs, &ids[i], last, &tried, &place)) {
			f->others[f->n_others++] = (uint32_t)i;
			continue;
		}
		last = place.pack;
		f->items[f->n_items++] =
			(struct pm_pack_item){ pm_pack_key(place.pack, place.at), (uint32_t)i };
	}
	sort_items(f->items, f->n_items);
}

/* ---- nodes ---- */

/* Open addressing by key: index of a node plus 1; 0 is free. */
struct table {
	uint32_t *v;
	size_t n; /* power of two */
};

static size_t slot_of(const struct table *t, const struct pm_pack_forest *f, uint64_t key)
{
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 20) & (t->n - 1);

	while (t->v[i] && f->nodes.v[t->v[i] - 1].key != key)
		i = (i + 1) & (t->n - 1);
	return i;
}

static void grow(struct table *t, const struct pm_pack_forest *f, size_t want)
{
	if (t->n >= want)
		return;
	free(t->v);
	for (t->n = t->n ? t->n : 64; t->n < want;)
		t->n *= 2;
	t->v = pm_xcalloc(t->n, sizeof(*t->v));
	for (size_t i = 0; i < f->nodes.n; i++)
		t->v[slot_of(t, f, f->nodes.v[i].key)] = (uint32_t)i + 1;
}

static uint32_t node_of(struct pm_pack_forest *f, struct table *t, uint64_t key)
{
	size_t slot;

	grow(t, f, f->nodes.n * 3 / 2 + 64);
	slot = slot_of(t, f, key);
	if (!t->v[slot]) {
		struct pm_pack_node *n = PM_VEC_ADD(&f->nodes);

		n->key = key;
		n->child = n->sibling = PM_PACK_NONE;
		t->v[slot] = (uint32_t)f->nodes.n;
	}
	return t->v[slot] - 1;
}

/* A node for every place, with the wanted ids there. */
static void add_wanted(struct pm_pack_forest *f, struct table *t)
{
	grow(t, f, f->n_items * 3 / 2 + 64);
	for (size_t i = 0, k; i < f->n_items; i = k) {
		uint32_t at = node_of(f, t, f->items[i].key);

		for (k = i; k < f->n_items && f->items[k].key == f->items[i].key;)
			k++;
		f->nodes.v[at].item = (uint32_t)i;
		f->nodes.v[at].n_items = (uint32_t)(k - i);
	}
}

/* The base of every node, added when it is new; PM_PACK_NONE for roots, and for what is damaged,
 * which is found out when it is read. */
static uint32_t *find_bases(struct pm_pack_forest *f, struct table *t, const struct pm_packs *packs)
{
	uint32_t *base = NULL;
	size_t cap = 0;

	for (size_t i = 0; i < f->nodes.n; i++) {
		struct pm_pack_place place = pm_pack_place_of(f->nodes.v[i].key);
		const struct pm_pack *p = &packs->v[place.pack];
		struct pm_pack_entry e;
		uint64_t at;

		base = pm_vec_grow(base, i, &cap, sizeof(*base));
		base[i] = PM_PACK_NONE;
		if (pm_pack_entry_parse(&e, p->bytes, p->end, place.at) &&
		    e.type > PM_OBJECT_TAG && pm_pack_base(p, &e, place.at, &at))
			base[i] = node_of(f, t, pm_pack_key(place.pack, at));
	}
	return base;
}

/* Nodes from which nothing is made come first among the children of one: then it is not needed any
 * more before the walk goes deep. The last ones linked come first. */
static void link_children(struct pm_pack_forest *f, const uint32_t *base)
{
	for (size_t i = 0; i < f->nodes.n; i++)
		if (base[i] != PM_PACK_NONE)
			f->nodes.v[base[i]].reached = true; /* borrowed: has children */
	for (int leaves = 0; leaves < 2; leaves++)
		for (size_t i = f->nodes.n; i-- > 0;) {
			struct pm_pack_node *n = &f->nodes.v[i];

			if (base[i] == PM_PACK_NONE || n->reached == (bool)leaves)
				continue;
			n->parent = true;
			n->sibling = f->nodes.v[base[i]].child;
			f->nodes.v[base[i]].child = (uint32_t)i;
		}
	for (size_t i = 0; i < f->nodes.n; i++)
		f->nodes.v[i].reached = false;
}

static void collect_roots(struct pm_pack_forest *f)
{
	struct pm_pack_item *roots;

	for (size_t i = 0; i < f->nodes.n; i++)
		f->n_roots += !f->nodes.v[i].parent;
	roots = pm_xcalloc(f->n_roots ? f->n_roots : 1, sizeof(*roots));
	f->roots = pm_xcalloc(f->n_roots ? f->n_roots : 1, sizeof(*f->roots));
	for (size_t i = 0, k = 0; i < f->nodes.n; i++)
		if (!f->nodes.v[i].parent)
			roots[k++] = (struct pm_pack_item){ f->nodes.v[i].key, (uint32_t)i };
	sort_items(roots, f->n_roots);
	for (size_t k = 0; k < f->n_roots; k++)
		f->roots[k] = roots[k].index;
	free(roots);
}

/* Id deltas of a damaged pack can be made from each other in a circle: no root leads there. */
static void give_up_circles(struct pm_pack_forest *f)
{
	struct { uint32_t *v; size_t n, cap; } stack = { 0 };

	for (size_t k = 0; k < f->n_roots; k++) {
		*PM_VEC_ADD(&stack) = f->roots[k];
		while (stack.n) {
			struct pm_pack_node *n = &f->nodes.v[stack.v[--stack.n]];

			n->reached = true;
			for (uint32_t c = n->child; c != PM_PACK_NONE; c = f->nodes.v[c].sibling)
				*PM_VEC_ADD(&stack) = c;
		}
	}
	PM_VEC_FREE(&stack);
	for (size_t i = 0; i < f->nodes.n; i++) {
		const struct pm_pack_node *n = &f->nodes.v[i];

		for (uint32_t k = 0; !n->reached && k < n->n_items; k++)
			f->others[f->n_others++] = f->items[n->item + k].index;
	}
}

void pm_pack_forest_build(struct pm_pack_forest *out, const struct pm_packs *packs,
			  const struct pm_oid *ids, size_t n)
{
	struct table t = { 0 };
	uint32_t *base;

	*out = (struct pm_pack_forest){ 0 };
	out->items = pm_xcalloc(n ? n : 1, sizeof(*out->items));
	out->others = pm_xcalloc(n ? n : 1, sizeof(*out->others));
	find_items(out, packs, ids, n);
	add_wanted(out, &t);
	base = find_bases(out, &t, packs);
	free(t.v);
	link_children(out, base);
	free(base);
	collect_roots(out);
	give_up_circles(out);
}

void pm_pack_forest_release(struct pm_pack_forest *f)
{
	PM_VEC_FREE(&f->nodes);
	free(f->items);
	free(f->roots);
	free(f->others);
}
