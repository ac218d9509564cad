/*
 * cache_dir.c - the directory of the cache: what is there, merging and forgetting.
 *
 * Names: sixteen digits of the generation, a dash, what makes the name unique, ".seg"; ".tmp" while
 * it is being written. Everything else in the directory is somebody else's.
 */
#include "cache_impl.h"

#include "base/arena.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SEGMENTS = 6,             /* of a generation, before small ones are merged */
	MERGED_MAX = 64 << 20,    /* bytes of a segment that merging makes, at most */
	TMP_SECONDS = 3600,       /* a .tmp older than this was left by a killed process */
	FOREIGN_SECONDS = 30 * 86400 /* other generations unused for so long are gone */
};

/* The generation that a name tells; false when it is no name of ours. */
static bool read_name(const char *name, const char *ending, uint64_t *generation)
{
	size_t n = strlen(name);
	char *end;

	if (n < 16 + 1 + 1 + 4 || n >= PM_SEGMENT_NAME || name[16] != '-' ||
	    strcmp(name + n - 4, ending) != 0)
		return false;
	for (unsigned i = 0; i < 16; i++)
		if (!pm_is_digit(name[i]) && (name[i] < 'a' || name[i] > 'f'))
			return false;
	*generation = strtoull(name, &end, 16);
	return end == name + 16;
}

static int latest_first(const void *pa, const void *pb)
{
	const struct pm_segment_file *a = pa, *b = pb;

	if (a->when.tv_sec != b->when.tv_sec)
		return a->when.tv_sec > b->when.tv_sec ? -1 : 1;
	if (a->when.tv_nsec != b->when.tv_nsec)
		return a->when.tv_nsec > b->when.tv_nsec ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void look_at(struct pm_segment_files *out, int dir, const char *name, time_t now)
{
	struct pm_segment_file f = { .size = 0 };
	bool tmp = false;
	struct stat st;

	if (!read_name(name, ".seg", &f.generation)) {
		tmp = read_name(name, ".tmp", &f.generation);
		if (!tmp)
			return;
	}
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return;
	if (tmp) {
		if (st.st_mtim.tv_sec < now - TMP_SECONDS)
			unlinkat(dir, name, 0);
		return;
	}
	memcpy(f.name, name, strlen(name) + 1);
	f.size = (uint64_t)st.st_size;
	f.when = st.st_mtim;
	*PM_VEC_ADD(out) = f;
}

int pm_segment_list(struct pm_segment_files *out, int dir, struct pm_err *err)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const time_t now = time(NULL);
	const struct dirent *e;

	if (!d) {
		pm_err_set(err, PM_E_IO, PM_NOWHERE, "cannot list the cache: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return PM_E_IO;
	}
	while ((e = readdir(d)))
		look_at(out, dir, e->d_name, now);
	closedir(d);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), latest_first);
	return 0;
}

/* ---- merging ---- */

struct merge {
	int dir;
	uint64_t generation;
	struct pm_segment_draft draft;
	struct { struct pm_segment *v; size_t n, cap; } from;
	/* records to keep, all of them at first */
	struct { struct entry { uint64_t hash; const struct pm_segment_record *r; } *v;
		 size_t n, cap; } entries;
};

static int same_key_together(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->r < b->r ? -1 : a->r > b->r;
}

static bool same_key(const struct entry *a, const struct entry *b)
{
	return a->hash == b->hash && a->r->kind == b->r->kind && a->r->key_len == b->r->key_len &&
	       memcmp(a->r + 1, b->r + 1, a->r->key_len) == 0;
}

static void collect(struct merge *m)
{
	for (size_t i = 0; i < m->from.n; i++)
		for (size_t k = 0; k < m->from.v[i].n; k++) {
			const struct pm_segment_record *r =
				pm_segment_record(&m->from.v[i], k, m->generation);

			if (r)
				*PM_VEC_ADD(&m->entries) = (struct entry){
					pm_segment_hash((enum pm_cache_kind)r->kind,
							pm_segment_key(r)), r,
				};
		}
	if (m->entries.n)
		qsort(m->entries.v, m->entries.n, sizeof(*m->entries.v), same_key_together);
}

/* What was worked out twice is the same. */
static bool merge(struct merge *m)
{
	collect(m);
	for (size_t i = 0; i < m->entries.n; i++) {
		const struct pm_segment_record *r = m->entries.v[i].r;
		struct pm_str key = pm_segment_key(r);

		if (i && same_key(&m->entries.v[i], &m->entries.v[i - 1]))
			continue;
		pm_draft_add(&m->draft, m->generation, (enum pm_cache_kind)r->kind, key,
			     (struct pm_str){ key.p + key.n, r->value_len });
	}
	return pm_draft_write(&m->draft, m->dir, m->generation, NULL) == 0;
}

static int smallest_first(const void *pa, const void *pb)
{
	const struct pm_segment_file *a = pa, *b = pb;

	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* From the smallest on, as long as the next one is not much larger than all before: so everything is
 * copied seldom. */
static void merge_small(int dir, uint64_t generation, const struct pm_segment_files *all)
{
	struct merge m = { .dir = dir, .generation = generation };
	struct pm_segment_files own = { 0 };
	uint64_t sum = 0;

	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].generation == generation)
			*PM_VEC_ADD(&own) = all->v[i];
	if (own.n > SEGMENTS)
		qsort(own.v, own.n, sizeof(*own.v), smallest_first);
	for (size_t i = 0; own.n > SEGMENTS && i < own.n; i++) {
		struct pm_segment s;

		if (sum + own.v[i].size > MERGED_MAX || (i > 1 && own.v[i].size > 2 * sum))
			break;
		sum += own.v[i].size;
		if (pm_segment_open(&s, dir, own.v[i].name, generation))
			memcpy(PM_VEC_ADD(&m.from), &s, sizeof(s));
		else
			unlinkat(dir, own.v[i].name, 0); /* damaged */
	}
	if (m.from.n > 1 && merge(&m))
		for (size_t i = 0; i < m.from.n; i++)
			unlinkat(dir, m.from.v[i].name, 0);
	for (size_t i = 0; i < m.from.n; i++)
		pm_segment_close(&m.from.v[i]);
	PM_VEC_FREE(&m.from);
	PM_VEC_FREE(&m.entries);
	PM_VEC_FREE(&own);
	pm_draft_release(&m.draft);
}

/* ---- forgetting ---- */

static void forget(int dir, uint64_t generation, uint64_t max_bytes,
		   const struct pm_segment_files *all)
{
	const time_t now = time(NULL);
	uint64_t sum = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct pm_segment_file *f = &all->v[i];

		sum += f->size;
		if (sum > max_bytes ||
		    (f->generation != generation && f->when.tv_sec < now - FOREIGN_SECONDS))
			unlinkat(dir, f->name, 0);
	}
}

void pm_cache_tidy(int dir, uint64_t generation, uint64_t max_bytes)
{
	int lock = openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct pm_segment_files all = { 0 };

	if (lock < 0)
		return;
	if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
		if (pm_segment_list(&all, dir, NULL) == 0)
			merge_small(dir, generation, &all);
		all.n = 0;
		if (pm_segment_list(&all, dir, NULL) == 0)
			forget(dir, generation, max_bytes, &all);
	}
	PM_VEC_FREE(&all);
	close(lock);
}
