/* cache_segment.c - one segment of the cache: found in, and written; see cache_impl.h. */
#include "cache_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t pm_segment_hash(enum pm_cache_kind kind, struct pm_str key)
{
	return XXH3_64bits_withSeed(key.p, key.n, kind);
}

static uint64_t header_sum(const struct pm_segment_header *h)
{
	return XXH3_64bits(h, offsetof(struct pm_segment_header, sum));
}

static uint64_t record_sum(const struct pm_segment_record *r, uint64_t generation)
{
	const size_t from = offsetof(struct pm_segment_record, kind);

	return XXH3_64bits_withSeed((const char *)r + from,
				    sizeof(*r) - from + r->key_len + r->value_len, generation);
}

size_t pm_segment_record_size(size_t key_len, size_t value_len)
{
	return (sizeof(struct pm_segment_record) + key_len + value_len + 7) / 8 * 8;
}

/* ---- reading ---- */

static bool check_header(struct pm_segment *s, uint64_t generation)
{
	const struct pm_segment_header *h = (const void *)s->map;

	if (memcmp(h->magic, PM_SEGMENT_MAGIC, sizeof(h->magic)) != 0 ||
	    h->order != PM_SEGMENT_ORDER || h->generation != generation || h->sum != header_sum(h))
		return false;
	if (h->index_at < sizeof(*h) || h->index_at % 8 || h->index_at > s->size ||
	    h->n != (s->size - h->index_at) / sizeof(struct pm_segment_slot) ||
	    (s->size - h->index_at) % sizeof(struct pm_segment_slot))
		return false;
	s->slots = (const void *)(s->map + h->index_at);
	s->n = h->n;
	return true;
}

bool pm_segment_open(struct pm_segment *out, int dir, const char *name, uint64_t generation)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	struct stat st;
	void *map;

	if (fd < 0)
		return false;
	memset(out, 0, sizeof(*out));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_size < (off_t)sizeof(struct pm_segment_header)) {
		close(fd);
		return false;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return false;
	out->map = map;
	out->size = (size_t)st.st_size;
	out->when = st.st_mtim;
	snprintf(out->name, sizeof(out->name), "%s", name);
	if (check_header(out, generation))
		return true;
	pm_segment_close(out);
	return false;
}

void pm_segment_close(struct pm_segment *s)
{
	if (s->map)
		munmap((void *)(uintptr_t)s->map, s->size);
	s->map = NULL;
}

struct pm_str pm_segment_key(const struct pm_segment_record *r)
{
	return (struct pm_str){ (const char *)(r + 1), r->key_len };
}

/* The record of a slot when it lies within the segment, its sum not looked at yet. */
static const struct pm_segment_record *record_at(const struct pm_segment *s, size_t i)
{
	const size_t end = (size_t)((const unsigned char *)s->slots - s->map);
	const struct pm_segment_record *r;
	uint64_t at = s->slots[i].at;

	if (at % 8 || at < sizeof(struct pm_segment_header) || at > end || end - at < sizeof(*r))
		return NULL;
	r = (const void *)(s->map + at);
	if (r->key_len > PM_CACHE_KEY_MAX || r->value_len > PM_CACHE_VALUE_MAX ||
	    (size_t)r->key_len + r->value_len > end - at - sizeof(*r))
		return NULL;
	return r;
}

const struct pm_segment_record *pm_segment_record(const struct pm_segment *s, size_t i,
						  uint64_t generation)
{
	const struct pm_segment_record *r = record_at(s, i);

	return r && r->sum == record_sum(r, generation) ? r : NULL;
}

/* The first slot with this hash or a greater one. Hashes are spread evenly: look where it should
 * be, and from there in growing steps. */
static size_t lower_bound(const struct pm_segment *s, uint64_t hash)
{
	size_t at = (size_t)(((unsigned __int128)hash * s->n) >> 64), step = 8;
	size_t lo = at, hi = at;

	while (lo > 0 && s->slots[lo].hash >= hash) {
		hi = lo;
		lo = lo > step ? lo - step : 0;
		step *= 2;
	}
	while (hi < s->n && s->slots[hi].hash < hash) {
		lo = hi;
		hi = s->n - hi > step ? hi + step : s->n;
		step *= 2;
	}
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->slots[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool pm_segment_find(const struct pm_segment *s, uint64_t generation, uint64_t hash,
		     enum pm_cache_kind kind, struct pm_str key, struct pm_str *value)
{
	if (!s->n)
		return false;
	for (size_t i = lower_bound(s, hash); i < s->n && s->slots[i].hash == hash; i++) {
		const struct pm_segment_record *r = record_at(s, i);

		if (!r || r->kind != kind || r->key_len != key.n ||
		    memcmp(r + 1, key.p, key.n) != 0 || r->sum != record_sum(r, generation))
			continue;
		*value = (struct pm_str){ (const char *)(r + 1) + key.n, r->value_len };
		return true;
	}
	return false;
}

/* ---- writing ---- */

void pm_draft_add(struct pm_segment_draft *d, uint64_t generation, enum pm_cache_kind kind,
		  struct pm_str key, struct pm_str value)
{
	struct pm_segment_record r = {
		.kind = kind, .key_len = (uint32_t)key.n, .value_len = (uint32_t)value.n,
	};
	const size_t at = d->records.n;
	size_t rest = pm_segment_record_size(key.n, value.n) - sizeof(r) - key.n - value.n;

	pm_buf_add(&d->records, &r, sizeof(r));
	pm_buf_add(&d->records, key.p, key.n);
	pm_buf_add(&d->records, value.p, value.n);
	pm_buf_pad(&d->records, '\0', rest);
	r.sum = record_sum((const void *)(d->records.v + at), generation);
	memcpy(d->records.v + at, &r, sizeof(r));
	*PM_VEC_ADD(&d->slots) = (struct pm_segment_slot){
		pm_segment_hash(kind, key), sizeof(struct pm_segment_header) + at,
	};
}

void pm_draft_release(struct pm_segment_draft *d)
{
	pm_buf_release(&d->records);
	PM_VEC_FREE(&d->slots);
}

static int by_hash(const void *pa, const void *pb)
{
	const struct pm_segment_slot *a = pa, *b = pb;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static bool write_all(int fd, const void *p, size_t n)
{
	const char *s = p;

	while (n) {
		ssize_t k = write(fd, s, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		s += k;
		n -= (size_t)k;
	}
	return true;
}

/* A name that nobody has: what makes it so is the file system. */
static int create(int dir, uint64_t generation, char name[PM_SEGMENT_NAME])
{
	struct timespec now;
	int fd = -1;

	for (unsigned i = 0; i < 100 && fd < 0; i++) {
		clock_gettime(CLOCK_REALTIME, &now);
		snprintf(name, PM_SEGMENT_NAME, "%016" PRIx64 "-%" PRIx64 "%05lx%02x.tmp",
			 generation, (uint64_t)now.tv_sec, (unsigned long)now.tv_nsec >> 10, i);
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

static int cannot(const char *what, struct pm_err *err)
{
	return pm_err_set(err, PM_E_IO, PM_NOWHERE, "cannot %s the cache: %s", what,
			  strerror(errno));
}

int pm_draft_write(struct pm_segment_draft *d, int dir, uint64_t generation, struct pm_err *err)
{
	struct pm_segment_header h = {
		.order = PM_SEGMENT_ORDER, .generation = generation, .n = d->slots.n,
		.index_at = sizeof(h) + d->records.n,
	};
	char name[PM_SEGMENT_NAME], final[PM_SEGMENT_NAME];
	int fd = d->slots.n ? create(dir, generation, name) : -1, rc = 0;
	bool ok;

	if (!d->slots.n)
		return 0;
	if (fd < 0)
		return cannot("write to", err);
	memcpy(h.magic, PM_SEGMENT_MAGIC, sizeof(h.magic));
	h.sum = header_sum(&h);
	qsort(d->slots.v, d->slots.n, sizeof(*d->slots.v), by_hash);
	/* without fsync: after a power cut the sums tell what did not reach the disk */
	ok = write_all(fd, &h, sizeof(h)) && write_all(fd, d->records.v, d->records.n) &&
	     write_all(fd, d->slots.v, d->slots.n * sizeof(*d->slots.v));
	ok &= close(fd) == 0;
	memcpy(final, name, sizeof(final));
	memcpy(final + strlen(final) - 3, "seg", 3);
	if (!ok || renameat(dir, name, dir, final) < 0) {
		rc = cannot("write to", err);
		unlinkat(dir, name, 0);
	}
	pm_buf_clear(&d->records);
	d->slots.n = 0;
	return rc;
}
