/*
 * cache_impl.h - what the cache*.c files share: segments, and the list of them in a directory.
 *
 * A segment is a header, records, and an index of (hash, offset) sorted by hash, all in the byte
 * order of the machine that wrote it; `order` tells, and another machine's segment is not ours.
 */
#ifndef PM_CACHE_IMPL_H
#define PM_CACHE_IMPL_H

#include "cache.h"

#include <stdatomic.h>
#include <time.h>

#define PM_SEGMENT_MAGIC "pmcache1"
enum { PM_SEGMENT_ORDER = 0x01020304, PM_SEGMENT_NAME = 64 };

struct pm_segment_header {
	char magic[8];
	uint32_t order, zero;
	uint64_t generation;
	uint64_t n;        /* slots */
	uint64_t index_at; /* of the first slot; the slots end the file */
	uint64_t sum;      /* of the bytes above */
};
struct pm_segment_slot {
	uint64_t hash; /* of kind and key */
	uint64_t at;   /* of the record, a multiple of 8 */
};
/* Followed by key and value, then zeros up to a multiple of 8. */
struct pm_segment_record {
	uint64_t sum; /* of the rest up to the end of the value; seeded with the generation */
	uint32_t kind, key_len, value_len, zero;
};

/* A mapped segment. */
struct pm_segment {
	char name[PM_SEGMENT_NAME];
	const unsigned char *map;
	size_t size;
	const struct pm_segment_slot *slots;
	size_t n;
	struct timespec when; /* last used, to the day */
	atomic_bool used;     /* by this process */
};

uint64_t pm_segment_hash(enum pm_cache_kind kind, struct pm_str key);
/* Map `name` of the directory; false when it is not a whole segment of this generation. */
bool pm_segment_open(struct pm_segment *out, int dir, const char *name, uint64_t generation);
void pm_segment_close(struct pm_segment *s);
/* The value of a key, checked. */
bool pm_segment_find(const struct pm_segment *s, uint64_t generation, uint64_t hash,
		     enum pm_cache_kind kind, struct pm_str key, struct pm_str *value);
/* The whole record of slot i, checked against everything; NULL when it is damaged. */
const struct pm_segment_record *pm_segment_record(const struct pm_segment *s, size_t i,
						  uint64_t generation);
struct pm_str pm_segment_key(const struct pm_segment_record *r);
/* Bytes that a record takes, with its key, value and padding. */
size_t pm_segment_record_size(size_t key_len, size_t value_len);

/* Records on their way into a segment. */
struct pm_segment_draft {
	struct pm_buf records; /* at offsets behind the header */
	struct { struct pm_segment_slot *v; size_t n, cap; } slots;
};
void pm_draft_add(struct pm_segment_draft *d, uint64_t generation, enum pm_cache_kind kind,
		  struct pm_str key, struct pm_str value);
/* Write it as a new segment and empty it; PM_E_IO. */
int pm_draft_write(struct pm_segment_draft *d, int dir, uint64_t generation, struct pm_err *err);
void pm_draft_release(struct pm_segment_draft *d);

/* ---- the directory (cache_dir.c) ---- */

struct pm_segment_file {
	char name[PM_SEGMENT_NAME];
	uint64_t generation, size;
	struct timespec when;
};
struct pm_segment_files {
	struct pm_segment_file *v;
	size_t n, cap;
};
/* All segments, the latest used first. */
int pm_segment_list(struct pm_segment_files *out, int dir, struct pm_err *err);
/* Merge small segments of the generation and keep all within `max_bytes`; does nothing while another
 * process does it. */
void pm_cache_tidy(int dir, uint64_t generation, uint64_t max_bytes);

#endif
