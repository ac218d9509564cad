/*
 * pack_impl.h - packs, as far as a reader needs them: https://git-scm.com/docs/gitformat-pack
 *
 * Nothing in a pack or an index is believed: every offset, size and checksum is looked at before it
 * is used. The functions on bytes are pure, and read nothing outside of what they are given.
 */
#ifndef PM_PACK_IMPL_H
#define PM_PACK_IMPL_H

#include "objects.h"

enum {
	PM_PACK_OFFSET_DELTA = 6, PM_PACK_ID_DELTA = 7, /* beside enum pm_object_type */
	PM_PACK_CHAIN_MAX = 4096,                       /* deltas on deltas; Git writes up to 4095 */
	PM_PACK_MAX = 65000                             /* packs that are read here */
};

/* ---- bytes (pack_bytes.c) ---- */

/* What stands before the deflated bytes of an entry. */
struct pm_pack_entry {
	unsigned type;               /* enum pm_object_type or a delta */
	uint64_t size;               /* of the object, or of the delta, when inflated */
	uint64_t base;               /* offset of an offset delta's base: before this entry */
	const struct pm_oid *base_id; /* of an id delta, in the pack's bytes */
	uint64_t data;               /* offset of the deflated bytes */
};
/* The entry at offset `at` of a pack whose entries end at `end` (before its checksum). False when
 * it is malformed, or announces more than its bytes can hold. */
bool pm_pack_entry_parse(struct pm_pack_entry *out, const unsigned char *pack, uint64_t end,
			 uint64_t at);

/* Sizes at the beginning of a delta; *at is where its instructions begin. */
bool pm_pack_delta_sizes(const unsigned char *delta, size_t n, uint64_t *base, uint64_t *result,
			 size_t *at);
/* Make an object of exactly `out_n` bytes from its base. False when the delta is malformed or made
 * for other sizes. */
bool pm_pack_delta_apply(const unsigned char *delta, size_t n, const unsigned char *base,
			 size_t base_n, unsigned char *out, size_t out_n);

/* An index of version 2, in borrowed bytes. */
struct pm_pack_index {
	const unsigned char *fanout, *ids, *offsets, *large, *pack_sum;
	uint32_t n, n_large;
};
bool pm_pack_index_parse(struct pm_pack_index *out, const unsigned char *bytes, size_t n);
bool pm_pack_index_find(const struct pm_pack_index *x, const struct pm_oid *id, uint64_t *at);

/* ---- inflating (pack_inflate.c) ---- */

struct pm_inflater;
struct pm_inflater *pm_inflater_new(void);
void pm_inflater_free(struct pm_inflater *z); /* NULL allowed */
/* A zlib stream at the beginning of `in` that gives exactly out_n bytes and has the right checksum.
 * `out` is not NULL. */
bool pm_inflate(struct pm_inflater *z, const unsigned char *in, size_t in_n, unsigned char *out,
		size_t out_n);
/* Its first bytes, at most `cap`; returns how many, 0 when it is damaged before that. */
size_t pm_inflate_head(struct pm_inflater *z, const unsigned char *in, size_t in_n,
		       unsigned char *out, size_t cap);

/* ---- packs of a repository (pack_file.c) ---- */

/* A file of at least one byte, for munmap; NULL when it cannot be had. */
unsigned char *pm_map_file(const char *path, size_t *size);

struct pm_pack {
	unsigned char *bytes, *index_bytes; /* mapped, read only */
	size_t size, index_size;
	uint64_t end; /* of the entries */
	struct pm_pack_index index;
};
/* Does not change after opening. */
struct pm_packs {
	struct pm_pack *v; /* the one with most objects first */
	size_t n, cap;
};
/* Add the packs of an object directory and of its alternates, each directory once. What is not as
 * it should be is left out. */
struct pm_pack_dirs { char **v; size_t n, cap; };
void pm_packs_add(struct pm_packs *packs, struct pm_pack_dirs *seen, const char *objects_dir);
void pm_packs_sort(struct pm_packs *packs);
void pm_packs_release(struct pm_packs *packs);

/* Where an entry is: number of the pack and offset. */
struct pm_pack_place {
	uint32_t pack;
	uint64_t at;
};
/* Both in one number. A pack is far below 2^48 bytes. */
static inline uint64_t pm_pack_key(uint32_t pack, uint64_t at)
{
	return (uint64_t)pack << 48 | at;
}
static inline struct pm_pack_place pm_pack_place_of(uint64_t key)
{
	return (struct pm_pack_place){ (uint32_t)(key >> 48), key & (((uint64_t)1 << 48) - 1) };
}
/* Look in the packs from `first` on, as if they stood in a circle; *tried counts those looked at, so
 * that the search can go on behind a find. */
bool pm_packs_find(const struct pm_packs *packs, const struct pm_oid *id, uint32_t first,
		   uint32_t *tried, struct pm_pack_place *out);
/* Offset of the base of a delta at `at`; false when there is none in this pack. */
bool pm_pack_base(const struct pm_pack *p, const struct pm_pack_entry *e, uint64_t at,
		  uint64_t *base);

/* ---- one object (pack_read.c) ---- */

/* What a thread needs for it. */
struct pm_pack_reader {
	const struct pm_packs *packs;
	struct pm_inflater *z;
	struct pm_pack_cached *cache; /* uthash, the least recently used first */
	size_t cached, cache_max;     /* bytes */
	struct pm_pack_cached *held;  /* handed out, too large for the cache */
	unsigned char *delta;         /* scratch */
	size_t delta_cap;
	struct { struct pm_pack_step *v; size_t n, cap; } chain;
	uint32_t last; /* pack of the last find */
};
void pm_pack_reader_init(struct pm_pack_reader *r, const struct pm_packs *packs, size_t cache_max);
void pm_pack_reader_release(struct pm_pack_reader *r);

enum pm_pack_rc { PM_PACK_OK, PM_PACK_ABSENT, PM_PACK_BAD, PM_PACK_LARGE };
/* Type and bytes, valid until the next call, a NUL behind. LARGE: it, or what it is made from, is
 * over PM_OBJECT_MAX. */
enum pm_pack_rc pm_pack_get(struct pm_pack_reader *r, const struct pm_oid *id,
			    enum pm_object_type *type, struct pm_str *bytes);
enum pm_pack_rc pm_pack_size(struct pm_pack_reader *r, const struct pm_oid *id,
			     enum pm_object_type *type, uint64_t *size);
/* ---- sets of objects (pack_forest.c) ---- */

enum { PM_PACK_NONE = 0xffffffff };

/* A wanted entry, or one that a wanted one is made from. */
struct pm_pack_node {
	uint64_t key;            /* pm_pack_key */
	uint32_t child, sibling; /* what is made from this one: first those from which nothing is */
	uint32_t item, n_items;  /* of pm_pack_forest.items: the wanted ids, none or several */
	bool parent;             /* there is a base: this is no root */
	bool reached;            /* from a root */
};
struct pm_pack_item {
	uint64_t key;
	uint32_t index; /* of the list of ids */
};
struct pm_pack_forest {
	struct { struct pm_pack_node *v; size_t n, cap; } nodes;
	struct pm_pack_item *items; /* what packs have, by place */
	size_t n_items;
	uint32_t *roots; /* nodes, by place */
	size_t n_roots;
	uint32_t *others; /* indexes of ids that no pack has, and those of damaged entries */
	size_t n_others;
};
/* Which entries are made from which, for a set of ids (n < PM_PACK_NONE). */
void pm_pack_forest_build(struct pm_pack_forest *out, const struct pm_packs *packs,
			  const struct pm_oid *ids, size_t n);
void pm_pack_forest_release(struct pm_pack_forest *f);

/* Inflate a delta into the reader's scratch and look at its sizes; NULL when it is damaged. */
const unsigned char *pm_pack_delta(struct pm_pack_reader *r, const struct pm_pack *p,
				   const struct pm_pack_entry *e, uint64_t *base, uint64_t *result);

#endif
