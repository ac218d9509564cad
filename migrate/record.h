/*
 * record.h - values of the cache (cache.h) as bytes: numbers as they are in memory, strings with
 * their NUL. Who reads asks `bad` at the end: a value that does not read as expected is none.
 */
#ifndef PM_RECORD_H
#define PM_RECORD_H

#include "objects.h"
#include "scanner.h"

#include "base/arena.h"
#include "base/buf.h"

void pm_put_u32(struct pm_buf *b, uint32_t n);
void pm_put_u64(struct pm_buf *b, uint64_t n);
void pm_put_oid(struct pm_buf *b, const struct pm_oid *id);
void pm_put_text(struct pm_buf *b, const char *s); /* NULL as "" */
void pm_put_decls(struct pm_buf *b, const struct pm_decl *v, size_t n);

struct pm_record {
	const char *p, *end;
	bool bad;
};
static inline struct pm_record pm_record_of(struct pm_str value)
{
	return (struct pm_record){ value.p, value.p + value.n, false };
}
static inline bool pm_record_ends(const struct pm_record *r)
{
	return !r->bad && r->p == r->end;
}
/* The next n bytes; NULL, and bad, when there are not so many. */
const char *pm_get_bytes(struct pm_record *r, size_t n);
uint32_t pm_get_u32(struct pm_record *r);
uint64_t pm_get_u64(struct pm_record *r);
const struct pm_oid *pm_get_oids(struct pm_record *r, size_t n); /* borrowed; NULL when bad */
/* How many things of at least `size` bytes follow; never more than there is room for. */
uint32_t pm_get_count(struct pm_record *r, size_t size);
/* Borrowed from the value; NULL when bad. */
const char *pm_get_word(struct pm_record *r);
/* Copied; NULL when it is empty or bad. */
const char *pm_get_text(struct pm_record *r, struct pm_arena *a);
/* In `a`, with this path. */
struct pm_decl *pm_get_decls(struct pm_record *r, struct pm_arena *a, const char *path, size_t *n);

#endif
