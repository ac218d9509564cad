/* cache.c - see cache.h. */
#include "cache_impl.h"

#include "base/arena.h"
#include "base/re.h"
#include "base/yaml.h"

#include <code_hash.h> /* made while building: scripts/code_hash.cmake */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OPEN_MAX = 64,       /* segments looked into, the latest used */
	WAITING = 16 << 20,  /* bytes put and not written yet */
	USED_SECONDS = 86400 /* how exactly it is known when a segment was used */
};

struct pm_cache {
	int dir;
	uint64_t generation, max_bytes;
	struct pm_segment segments[OPEN_MAX]; /* the latest used first */
	size_t n;
	pthread_mutex_t lock; /* of what follows */
	struct pm_segment_draft draft;
	bool written, failed;
	struct pm_err err; /* when failed */
};

/* ---- the directory ---- */

static int cannot(const char *what, const char *dir, struct pm_err *err)
{
	return pm_err_set(err, PM_E_IO, PM_NOWHERE, "cannot %s cache '%.300s': %s", what, dir,
			  strerror(errno));
}

/* Make the directory and its parents, for this user only. */
static int make_dirs(const char *dir, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };

	for (const char *p = dir; *p; p++)
		if (*p == '/' && p > dir) {
			pm_buf_clear(&path);
			pm_buf_add(&path, dir, (size_t)(p - dir));
			if (mkdir(pm_buf_str(&path), 0700) < 0 && errno != EEXIST && errno != EROFS &&
			    errno != EACCES)
				return cannot("make", dir, err);
		}
	return mkdir(dir, 0700) < 0 && errno != EEXIST ? cannot("make", dir, err) : 0;
}

/* What others can write to is not believed. */
static int open_dir(const char *dir, struct pm_err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return cannot("open", dir, err);
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022))
		return fd;
	close(fd);
	return pm_err_set(err, PM_E_IO, PM_NOWHERE, "cache '%.300s' can be written by others", dir);
}

/* ---- the store ---- */

uint64_t pm_cache_generation(void)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_buf_addf(&b, "%s %s ", PM_CODE_HASH, pm_yaml_version());
	pm_re_version(&b);
	return pm_segment_hash(0, (struct pm_str){ pm_buf_str(&b), b.n });
}

int pm_cache_open(struct pm_cache **out, const char *dir, uint64_t generation, uint64_t max_bytes,
		  struct pm_err *err)
{
	struct pm_segment_files files = { 0 };
	struct pm_cache *c;
	int fd, rc = make_dirs(dir, err);

	fd = rc < 0 ? rc : open_dir(dir, err);
	if (fd < 0)
		return PM_E_IO;
	rc = pm_segment_list(&files, fd, err);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	c = pm_xcalloc(1, sizeof(*c));
	c->dir = fd;
	c->generation = generation;
	c->max_bytes = max_bytes;
	pthread_mutex_init(&c->lock, NULL);
	for (size_t i = 0; i < files.n && c->n < OPEN_MAX; i++)
		if (files.v[i].generation == generation)
			c->n += pm_segment_open(&c->segments[c->n], fd, files.v[i].name, generation);
	PM_VEC_FREE(&files);
	*out = c;
	return 0;
}

bool pm_cache_get(struct pm_cache *c, enum pm_cache_kind kind, struct pm_str key,
		  struct pm_str *value)
{
	uint64_t hash;

	if (!c || key.n > PM_CACHE_KEY_MAX)
		return false;
	hash = pm_segment_hash(kind, key);
	for (size_t i = 0; i < c->n; i++)
		if (pm_segment_find(&c->segments[i], c->generation, hash, kind, key, value)) {
			atomic_store_explicit(&c->segments[i].used, true, memory_order_relaxed);
			return true;
		}
	return false;
}

/* With the lock held. What cannot be written once is not tried again. */
static void write_draft(struct pm_cache *c)
{
	if (c->failed || !c->draft.slots.n)
		return;
	if (pm_draft_write(&c->draft, c->dir, c->generation, &c->err) < 0)
		c->failed = true;
	else
		c->written = true;
}

void pm_cache_put(struct pm_cache *c, enum pm_cache_kind kind, struct pm_str key,
		  struct pm_str value)
{
	if (!c || key.n > PM_CACHE_KEY_MAX || value.n > PM_CACHE_VALUE_MAX)
		return;
	pthread_mutex_lock(&c->lock);
	if (!c->failed) {
		pm_draft_add(&c->draft, c->generation, kind, key, value);
		if (c->draft.records.n > WAITING)
			write_draft(c);
	}
	pthread_mutex_unlock(&c->lock);
}

/* The time of use decides what is forgotten first; once a day is enough. */
static void note_use(struct pm_cache *c)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_nsec = UTIME_NOW } };
	const time_t now = time(NULL);

	for (size_t i = 0; i < c->n; i++)
		if (c->segments[i].used && c->segments[i].when.tv_sec < now - USED_SECONDS)
			utimensat(c->dir, c->segments[i].name, times, AT_SYMLINK_NOFOLLOW);
}

int pm_cache_close(struct pm_cache *c, struct pm_err *err)
{
	int rc;

	if (!c)
		return 0;
	write_draft(c);
	note_use(c);
	for (size_t i = 0; i < c->n; i++)
		pm_segment_close(&c->segments[i]);
	if (c->written)
		pm_cache_tidy(c->dir, c->generation, c->max_bytes);
	rc = c->failed ? PM_E_IO : 0;
	if (rc && err)
		*err = c->err;
	pm_draft_release(&c->draft);
	pthread_mutex_destroy(&c->lock);
	close(c->dir);
	free(c);
	return rc;
}

/* ---- looking at it, and away with it ---- */

/* The directory for reading, -1 when there is none. */
static int open_existing(const char *dir, struct pm_segment_files *files, struct pm_err *err,
			 int *rc)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*rc = 0;
	if (fd < 0) {
		*rc = errno == ENOENT ? 0 : cannot("open", dir, err);
		return -1;
	}
	*rc = pm_segment_list(files, fd, err);
	if (*rc == 0)
		return fd;
	close(fd);
	return -1;
}

static void count_kinds(struct pm_cache_info *info, const struct pm_segment *s, uint64_t generation)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct pm_segment_record *r = pm_segment_record(s, i, generation);

		if (!r || r->kind >= PM_CACHE_KINDS)
			continue;
		info->kinds[r->kind].entries++;
		info->kinds[r->kind].bytes += pm_segment_record_size(r->key_len, r->value_len) +
					      sizeof(struct pm_segment_slot);
	}
}

int pm_cache_info(struct pm_cache_info *out, const char *dir, uint64_t generation,
		  struct pm_err *err)
{
	struct pm_segment_files files = { 0 };
	struct pm_cache_info info = { 0 };
	int rc, fd = open_existing(dir, &files, err, &rc);

	for (size_t i = 0; i < files.n; i++) {
		struct pm_segment s;

		if (pm_segment_open(&s, fd, files.v[i].name, generation)) {
			info.segments++;
			info.entries += s.n;
			info.bytes += s.size;
			count_kinds(&info, &s, generation);
			pm_segment_close(&s);
		} else {
			info.old_segments++;
			info.old_bytes += files.v[i].size;
		}
	}
	PM_VEC_FREE(&files);
	if (fd >= 0)
		close(fd);
	if (rc == 0)
		*out = info;
	return rc;
}

int pm_cache_clear(const char *dir, struct pm_err *err)
{
	struct pm_segment_files files = { 0 };
	int rc, fd = open_existing(dir, &files, err, &rc);

	for (size_t i = 0; i < files.n; i++)
		if (unlinkat(fd, files.v[i].name, 0) < 0 && errno != ENOENT)
			rc = cannot("clear", dir, err);
	PM_VEC_FREE(&files);
	if (fd >= 0)
		close(fd);
	return rc;
}
