/*
 * fuzz_cache.c - a segment of the cache. Its header's checksum is made right first; a record is given
 * out only when its own is.
 */
#include "cache_impl.h"
#include "fuzz.h"

#include <fcntl.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { GENERATION = 7 };
#define NAME "0000000000000007-x.seg"

/* A folder of its own, gone at the end. */
static char where[] = "/tmp/portmig-fuzz-XXXXXX";
static int dir = -1;

static void leave(void)
{
	unlinkat(dir, NAME, 0);
	rmdir(where);
}

static void write_segment(char *bytes, size_t n)
{
	struct pm_segment_header h;
	int fd;

	if (n >= sizeof(h)) {
		memcpy(&h, bytes, sizeof(h));
		h.generation = GENERATION;
		h.sum = XXH3_64bits(&h, offsetof(struct pm_segment_header, sum));
		memcpy(bytes, &h, sizeof(h));
	}
	fd = openat(dir, NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FUZZ_CHECK(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	close(fd);
}

static void check_record(const struct pm_segment *s, size_t i)
{
	const struct pm_segment_record *r = pm_segment_record(s, i, GENERATION);
	struct pm_str key, value;

	if (!r)
		return;
	key = pm_segment_key(r);
	FUZZ_CHECK((const unsigned char *)key.p + key.n + r->value_len <= s->map + s->size);
	if (pm_segment_find(s, GENERATION, s->slots[i].hash, (enum pm_cache_kind)r->kind, key, &value))
		FUZZ_CHECK((const unsigned char *)value.p + value.n <= s->map + s->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *copy = fuzz_copy(fuzz_str(data, n));
	struct pm_segment s;

	if (dir < 0) {
		FUZZ_CHECK(mkdtemp(where));
		dir = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		atexit(leave);
	}
	write_segment(copy, n);
	if (pm_segment_open(&s, dir, NAME, GENERATION)) {
		struct pm_str value;

		for (size_t i = 0; i < s.n; i++)
			check_record(&s, i);
		pm_segment_find(&s, GENERATION, 0, PM_CACHE_FILE, PM_STR("key"), &value);
		pm_segment_find(&s, GENERATION, UINT64_MAX, PM_CACHE_FILE, PM_STR("key"), &value);
		pm_segment_close(&s);
	}
	free(copy);
	return 0;
}
