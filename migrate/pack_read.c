/*
 * pack_read.c - one object of a pack: down the chain of deltas to something whole, and up again.
 *
 * What was made on the way is kept, the least recently used going first: the neighbours of an
 * object, a file's or directory's versions, are mostly made from each other.
 */
#include "pack_impl.h"

#include "base/hash.h"

#include <stdlib.h>

enum {
	SHARE = 16,              /* one object may take this part of the cache */
	SCRATCH_KEPT = 8 << 20,  /* bytes */
	DELTA_HEAD = 20          /* two sizes of at most ten bytes */
};

/* An unpacked object. */
struct pm_pack_cached {
	uint64_t key; /* pm_pack_key */
	enum pm_object_type type;
	size_t n;
	UT_hash_handle hh;
	unsigned char bytes[]; /* n, and a NUL */
};

struct pm_pack_step {
	uint64_t at;
	struct pm_pack_entry e;
};

void pm_pack_reader_init(struct pm_pack_reader *r, const struct pm_packs *packs, size_t cache_max)
{
	*r = (struct pm_pack_reader){ .packs = packs, .cache_max = cache_max };
	r->z = pm_inflater_new();
}

static size_t cost(size_t n)
{
	return n + sizeof(struct pm_pack_cached) + 2 * sizeof(void *);
}

static void drop(struct pm_pack_reader *r, struct pm_pack_cached *c)
{
	HASH_DEL(r->cache, c);
	r->cached -= cost(c->n);
	free(c);
}

static void drop_held(struct pm_pack_reader *r)
{
	free(r->held);
	r->held = NULL;
}

void pm_pack_reader_release(struct pm_pack_reader *r)
{
	while (r->cache)
		drop(r, r->cache);
	drop_held(r);
	free(r->delta);
	PM_VEC_FREE(&r->chain);
	pm_inflater_free(r->z);
}

/* ---- cache ---- */

static struct pm_pack_cached *cache_find(struct pm_pack_reader *r, uint32_t pack, uint64_t at)
{
	uint64_t key = pm_pack_key(pack, at);
	struct pm_pack_cached *c;

	HASH_FIND(hh, r->cache, &key, sizeof(key), c);
	if (!c)
		return NULL;
	/* in the order of use */
	HASH_DEL(r->cache, c);
	HASH_ADD(hh, r->cache, key, sizeof(c->key), c);
	return c;
}

/* Keep an object, or hold it until the next one when it is large. */
static void cache_put(struct pm_pack_reader *r, struct pm_pack_cached *c)
{
	if (cost(c->n) > r->cache_max / SHARE) {
		drop_held(r);
		r->held = c;
		return;
	}
	while (r->cache && r->cached + cost(c->n) > r->cache_max)
		drop(r, r->cache);
	HASH_ADD(hh, r->cache, key, sizeof(c->key), c);
	r->cached += cost(c->n);
}

static struct pm_pack_cached *new_object(uint32_t pack, uint64_t at, enum pm_object_type type,
					 size_t n)
{
	struct pm_pack_cached *c = pm_xrealloc(NULL, sizeof(*c) + n + 1);

	c->key = pm_pack_key(pack, at);
	c->type = type;
	c->n = n;
	c->bytes[n] = '\0';
	return c;
}

/* ---- unpacking ---- */

const unsigned char *pm_pack_delta(struct pm_pack_reader *r, const struct pm_pack *p,
				   const struct pm_pack_entry *e, uint64_t *base, uint64_t *result)
{
	size_t at;

	if (e->size > PM_OBJECT_MAX)
		return NULL;
	if (r->delta_cap < e->size + 1 || r->delta_cap > SCRATCH_KEPT) {
		free(r->delta);
		r->delta_cap = e->size < 4096 ? 4096 : e->size + 1;
		r->delta = pm_xrealloc(NULL, r->delta_cap);
	}
	if (!pm_inflate(r->z, p->bytes + e->data, p->end - e->data, r->delta, e->size) ||
	    !pm_pack_delta_sizes(r->delta, e->size, base, result, &at))
		return NULL;
	return r->delta;
}

static enum pm_pack_rc unpack_whole(struct pm_pack_reader *r, uint32_t pack, uint64_t at,
				    const struct pm_pack_entry *e, struct pm_pack_cached **out)
{
	const struct pm_pack *p = &r->packs->v[pack];
	struct pm_pack_cached *c;

	if (e->size > PM_OBJECT_MAX)
		return PM_PACK_LARGE;
	c = new_object(pack, at, (enum pm_object_type)e->type, e->size);
	if (!pm_inflate(r->z, p->bytes + e->data, p->end - e->data, c->bytes, c->n)) {
		free(c);
		return PM_PACK_BAD;
	}
	*out = c;
	return PM_PACK_OK;
}

static enum pm_pack_rc unpack_delta(struct pm_pack_reader *r, uint32_t pack,
				    const struct pm_pack_step *s, const struct pm_pack_cached *base,
				    struct pm_pack_cached **out)
{
	uint64_t base_size, size;
	const unsigned char *delta = pm_pack_delta(r, &r->packs->v[pack], &s->e, &base_size, &size);
	struct pm_pack_cached *c;

	if (!delta || base_size != base->n)
		return PM_PACK_BAD;
	if (size > PM_OBJECT_MAX)
		return PM_PACK_LARGE;
	c = new_object(pack, s->at, base->type, size);
	if (!pm_pack_delta_apply(delta, s->e.size, base->bytes, base->n, c->bytes, c->n)) {
		free(c);
		return PM_PACK_BAD;
	}
	*out = c;
	return PM_PACK_OK;
}

/* Steps from an entry down to one that is whole or in the cache: `*found` then, else the last step
 * is whole. */
static bool follow(struct pm_pack_reader *r, uint32_t pack, uint64_t at,
		   struct pm_pack_cached **found)
{
	const struct pm_pack *p = &r->packs->v[pack];

	r->chain.n = 0;
	while (!(*found = cache_find(r, pack, at))) {
		struct pm_pack_step *s = PM_VEC_ADD(&r->chain);

		s->at = at;
		if (r->chain.n > PM_PACK_CHAIN_MAX || !pm_pack_entry_parse(&s->e, p->bytes, p->end, at))
			return false;
		if (s->e.type <= PM_OBJECT_TAG)
			break;
		if (!pm_pack_base(p, &s->e, at, &at))
			return false;
	}
	return true;
}

static enum pm_pack_rc unpack(struct pm_pack_reader *r, uint32_t pack, uint64_t at,
			      struct pm_pack_cached **out)
{
	struct pm_pack_cached *c, *next = NULL;
	enum pm_pack_rc rc = PM_PACK_OK;

	drop_held(r);
	if (!follow(r, pack, at, &c))
		return PM_PACK_BAD;
	if (!c) {
		struct pm_pack_step *s = &r->chain.v[--r->chain.n];

		rc = unpack_whole(r, pack, s->at, &s->e, &c);
		if (rc == PM_PACK_OK)
			cache_put(r, c);
	}
	while (rc == PM_PACK_OK && r->chain.n) {
		rc = unpack_delta(r, pack, &r->chain.v[--r->chain.n], c, &next);
		if (rc == PM_PACK_OK)
			cache_put(r, next); /* `c` may go with that */
		c = next;
	}
	if (rc == PM_PACK_OK)
		*out = c;
	return rc;
}

enum pm_pack_rc pm_pack_get(struct pm_pack_reader *r, const struct pm_oid *id,
			    enum pm_object_type *type, struct pm_str *bytes)
{
	enum pm_pack_rc rc = PM_PACK_ABSENT;
	uint32_t tried = 0, first = r->last;
	struct pm_pack_place place;
	struct pm_pack_cached *c;

	/* a damaged copy does not hide a good one in another pack */
	while (rc != PM_PACK_LARGE && pm_packs_find(r->packs, id, first, &tried, &place)) {
		rc = unpack(r, place.pack, place.at, &c);
		if (rc != PM_PACK_OK)
			continue;
		r->last = place.pack;
		*type = c->type;
		*bytes = (struct pm_str){ (const char *)c->bytes, c->n };
		break;
	}
	return rc;
}

/* ---- sizes ---- */

static bool size_at(struct pm_pack_reader *r, uint32_t pack, uint64_t at, enum pm_object_type *type,
		    uint64_t *size)
{
	const struct pm_pack *p = &r->packs->v[pack];
	unsigned char head[DELTA_HEAD];
	struct pm_pack_entry e;
	uint64_t base_size;
	unsigned deltas = 0;
	size_t n, end;

	for (;; deltas++) {
		if (deltas > PM_PACK_CHAIN_MAX || !pm_pack_entry_parse(&e, p->bytes, p->end, at))
			return false;
		if (e.type <= PM_OBJECT_TAG)
			break;
		if (deltas == 0) {
			n = pm_inflate_head(r->z, p->bytes + e.data, p->end - e.data, head,
					    sizeof(head));
			if (!pm_pack_delta_sizes(head, n, &base_size, size, &end))
				return false;
		}
		if (!pm_pack_base(p, &e, at, &at))
			return false;
	}
	if (deltas == 0)
		*size = e.size;
	*type = (enum pm_object_type)e.type;
	return true;
}

enum pm_pack_rc pm_pack_size(struct pm_pack_reader *r, const struct pm_oid *id,
			     enum pm_object_type *type, uint64_t *size)
{
	uint32_t tried = 0, first = r->last;
	struct pm_pack_place place;
	bool found = false;

	while (pm_packs_find(r->packs, id, first, &tried, &place)) {
		found = true;
		if (size_at(r, place.pack, place.at, type, size)) {
			r->last = place.pack;
			return PM_PACK_OK;
		}
	}
	return found ? PM_PACK_BAD : PM_PACK_ABSENT;
}
