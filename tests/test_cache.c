/*
 * test_cache.c - the store of results: what is put comes back, and what is damaged, of another
 * generation or somebody else's does not.
 */
#include "cases.h"

#include "cache_impl.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GENERATION = 7 };

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/portmig-cache.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static struct pm_cache *open_cache(uint64_t generation)
{
	struct pm_cache *c = NULL;
	struct pm_err err = { 0 };

	if (pm_cache_open(&c, dir, generation, PM_CACHE_SIZE_DEFAULT, &err) < 0)
		print_error("%s\n", err.text);
	assert_non_null(c);
	return c;
}

static void put(struct pm_cache *c, const char *key, const char *value)
{
	pm_cache_put(c, PM_CACHE_FILE, pm_str_of(key), pm_str_of(value));
}

/* The value as a string, or "-" when there is none. */
static const char *get(struct pm_cache *c, const char *key)
{
	static char text[256];
	struct pm_str value;

	if (!pm_cache_get(c, PM_CACHE_FILE, pm_str_of(key), &value))
		return "-";
	snprintf(text, sizeof(text), "%.*s", (int)value.n, value.p);
	return text;
}

static void put_one(const char *key, const char *value)
{
	struct pm_cache *c = open_cache(GENERATION);

	put(c, key, value);
	assert_int_equal(pm_cache_close(c, NULL), 0);
}

/* The n-th file with this ending, in `path`; false when there are fewer. */
static bool nth_file(const char *ending, unsigned nth, char path[512])
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool found = false;

	while (!found && (e = readdir(d))) {
		size_t n = strlen(e->d_name), m = strlen(ending);

		if (n > m && strcmp(e->d_name + n - m, ending) == 0 && nth-- == 0) {
			snprintf(path, 512, "%s/%s", dir, e->d_name);
			found = true;
		}
	}
	closedir(d);
	return found;
}

static unsigned count_files(const char *ending)
{
	char path[512];
	unsigned n = 0;

	while (nth_file(ending, n, path))
		n++;
	return n;
}

/* ---- */

static void nothing_at_first(void **state)
{
	struct pm_cache *c = open_cache(GENERATION);
	struct pm_str value;

	(void)state;
	assert_string_equal(get(c, "shop"), "-");
	assert_int_equal(pm_cache_close(c, NULL), 0);
	assert_int_equal(count_files(".seg"), 0);
	/* no cache at all */
	assert_false(pm_cache_get(NULL, PM_CACHE_FILE, PM_STR("shop"), &value));
	pm_cache_put(NULL, PM_CACHE_FILE, PM_STR("shop"), PM_STR("1"));
	assert_int_equal(pm_cache_close(NULL, NULL), 0);
}

static void comes_back(void **state)
{
	struct pm_cache *c = open_cache(GENERATION);
	struct pm_str value;

	(void)state;
	put(c, "shop", "4000");
	put(c, "", "empty key");
	put(c, "empty value", "");
	assert_string_equal(get(c, "shop"), "-"); /* not before it is written */
	assert_int_equal(pm_cache_close(c, NULL), 0);
	c = open_cache(GENERATION);
	assert_string_equal(get(c, "shop"), "4000");
	assert_string_equal(get(c, ""), "empty key");
	assert_string_equal(get(c, "empty value"), "");
	assert_string_equal(get(c, "shop2"), "-");
	assert_false(pm_cache_get(c, PM_CACHE_KINDS, PM_STR("shop"), &value));
	assert_int_equal(pm_cache_close(c, NULL), 0);
	assert_int_equal(count_files(".tmp"), 0);
}

static void many(void **state)
{
	struct pm_cache *c = open_cache(GENERATION);
	char key[32], value[32];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(key, sizeof(key), "key %u", i);
		snprintf(value, sizeof(value), "value %u", i * 7);
		put(c, key, value);
	}
	assert_int_equal(pm_cache_close(c, NULL), 0);
	c = open_cache(GENERATION);
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(key, sizeof(key), "key %u", i);
		snprintf(value, sizeof(value), "value %u", i * 7);
		assert_string_equal(get(c, key), value);
		snprintf(key, sizeof(key), "key %u.", i);
		assert_string_equal(get(c, key), "-");
	}
	assert_int_equal(pm_cache_close(c, NULL), 0);
}

static void other_generation(void **state)
{
	struct pm_cache *c;
	char from[512], to[512];

	(void)state;
	put_one("shop", "4000");
	c = open_cache(GENERATION + 1);
	assert_string_equal(get(c, "shop"), "-");
	pm_cache_close(c, NULL);
	/* not even under its name */
	assert_true(nth_file(".seg", 0, from));
	snprintf(to, sizeof(to), "%s/0000000000000008-moved.seg", dir);
	assert_int_equal(rename(from, to), 0);
	c = open_cache(GENERATION + 1);
	assert_string_equal(get(c, "shop"), "-");
	pm_cache_close(c, NULL);
}

/* Any byte flipped, and cut at any length: the value or nothing, never another one. */
static void damaged(void **state)
{
	char path[512];
	size_t len;
	char *was;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct pm_cache *c = open_cache(GENERATION);

		put(c, "shop", "4000");
		put(c, "forum", "4100");
		put(c, "orchard", "4200");
		pm_cache_close(c, NULL);
		if (i < 2)
			pm_cache_clear(dir, NULL);
	}
	assert_true(nth_file(".seg", 0, path));
	was = pm_read_file(path, &len);
	assert_non_null(was);
	for (size_t i = 0; i < 2 * len; i++) {
		const size_t cut = i < len ? len : i - len;
		FILE *f = fopen(path, "wb");
		struct pm_cache *c;
		unsigned there = 0;

		if (i < len)
			was[i] ^= (char)(1 << (i % 8));
		assert_int_equal(fwrite(was, 1, cut, f), cut);
		fclose(f);
		if (i < len)
			was[i] ^= (char)(1 << (i % 8));
		c = open_cache(GENERATION);
		for (unsigned k = 0; k < 3; k++) {
			static const char *const in[][2] = {
				{ "shop", "4000" }, { "forum", "4100" }, { "orchard", "4200" } };
			const char *got = get(c, in[k][0]);

			there += strcmp(got, "-") != 0;
			if (strcmp(got, "-") != 0)
				assert_string_equal(got, in[k][1]);
		}
		if (i >= len)
			assert_int_equal(there, 0); /* a part of a segment is none */
		pm_cache_close(c, NULL);
	}
	free(was);
}

/* Two keys of one hash, as could happen: each has its own value or none. */
static void same_hash(void **state)
{
	const uint64_t hash = pm_segment_hash(PM_CACHE_FILE, PM_STR("shop"));
	char path[512], *name;
	struct pm_segment s;
	struct pm_str value;
	int fd;

	(void)state;
	put_one("shop", "4000");
	assert_true(nth_file(".seg", 0, path));
	name = strrchr(path, '/');
	*name++ = '\0';
	fd = open(path, O_RDONLY | O_DIRECTORY);
	assert_true(pm_segment_open(&s, fd, name, GENERATION));
	assert_true(pm_segment_find(&s, GENERATION, hash, PM_CACHE_FILE, PM_STR("shop"), &value));
	assert_false(pm_segment_find(&s, GENERATION, hash, PM_CACHE_FILE, PM_STR("shoe"), &value));
	assert_false(pm_segment_find(&s, GENERATION + 1, hash, PM_CACHE_FILE, PM_STR("shop"), &value));
	pm_segment_close(&s);
	close(fd);
}

static void small_ones_are_merged(void **state)
{
	struct pm_cache *c;
	char key[32];

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		snprintf(key, sizeof(key), "key %u", i % 30);
		put_one(key, key);
		assert_in_range(count_files(".seg"), 1, 7);
	}
	c = open_cache(GENERATION);
	for (unsigned i = 0; i < 30; i++) {
		snprintf(key, sizeof(key), "key %u", i);
		assert_string_equal(get(c, key), key);
	}
	pm_cache_close(c, NULL);
}

static void size_is_kept(void **state)
{
	char value[1000];
	unsigned found = 0;
	struct pm_cache *c;

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (unsigned i = 0; i < 20; i++) {
		char key[32];

		assert_int_equal(pm_cache_open(&c, dir, GENERATION, 8000, NULL), 0);
		snprintf(key, sizeof(key), "key %u", i);
		put(c, key, value);
		pm_cache_close(c, NULL);
		c = open_cache(GENERATION);
		/* the newest stays */
		assert_true(strcmp(get(c, key), "-") != 0);
		pm_cache_close(c, NULL);
	}
	c = open_cache(GENERATION);
	for (unsigned i = 0; i < 20; i++) {
		char key[32];

		snprintf(key, sizeof(key), "key %u", i);
		found += strcmp(get(c, key), "-") != 0;
	}
	pm_cache_close(c, NULL);
	assert_in_range(found, 1, 8);
}

static void info_and_clear(void **state)
{
	struct pm_cache_info info;
	struct pm_cache *c;
	char path[512];
	FILE *f;

	(void)state;
	put_one("shop", "4000");
	put_one("forum", "4100");
	c = open_cache(GENERATION + 1);
	put(c, "orchard", "4200");
	pm_cache_close(c, NULL);
	snprintf(path, sizeof(path), "%s/notes.txt", dir);
	f = fopen(path, "w");
	fclose(f);
	assert_int_equal(pm_cache_info(&info, dir, GENERATION, NULL), 0);
	assert_int_equal(info.segments, 2);
	assert_int_equal(info.entries, 2);
	assert_int_equal(info.old_segments, 1);
	assert_true(info.bytes > 0 && info.old_bytes > 0);
	assert_int_equal(info.kinds[PM_CACHE_FILE].entries, 2);
	assert_int_equal(info.kinds[PM_CACHE_COMMIT].entries, 0);
	assert_true(info.kinds[PM_CACHE_FILE].bytes < info.bytes);
	assert_int_equal(pm_cache_clear(dir, NULL), 0);
	assert_int_equal(count_files(".seg"), 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(pm_cache_info(&info, "/nonexistent/portmig", GENERATION, NULL), 0);
	assert_int_equal(info.segments + info.old_segments, 0);
	assert_int_equal(pm_cache_clear("/nonexistent/portmig", NULL), 0);
}

static void cannot_be_used(void **state)
{
	struct pm_cache *c = NULL;
	struct pm_err err;
	char path[512];

	(void)state;
	snprintf(path, sizeof(path), "%s/file", dir);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(pm_cache_open(&c, path, GENERATION, 1, &err), PM_E_IO);
	snprintf(path, sizeof(path), "%s/file/below", dir);
	assert_int_equal(pm_cache_open(&c, path, GENERATION, 1, &err), PM_E_IO);
	snprintf(path, sizeof(path), "%s/shared", dir);
	mkdir(path, 0700);
	chmod(path, 0777);
	assert_int_equal(pm_cache_open(&c, path, GENERATION, 1, &err), PM_E_IO);
	assert_non_null(strstr(err.text, "others"));
	assert_null(c);
	/* made with its parents, for nobody else */
	snprintf(path, sizeof(path), "%s/a/b/c", dir);
	assert_int_equal(pm_cache_open(&c, path, GENERATION, 1, &err), 0);
	pm_cache_close(c, NULL);
}

/* A disk that takes only so many bytes: the rest of the program goes on, no half segment stays. */
static void disk_is_full(void **state)
{
	struct rlimit was, none;
	struct pm_cache *c = open_cache(GENERATION);
	struct pm_err err = { 0 };
	int rc;

	(void)state;
	put(c, "shop", "4000");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	none = was;
	none.rlim_cur = 60;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	rc = pm_cache_close(c, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(rc, PM_E_IO);
	assert_int_equal(count_files(".seg"), 0);
	assert_int_equal(count_files(".tmp"), 0);
	put_one("shop", "4000");
	c = open_cache(GENERATION);
	assert_string_equal(get(c, "shop"), "4000");
	pm_cache_close(c, NULL);
}

/* Several processes write, read, merge and are killed at the same time. */
static void at_the_same_time(void **state)
{
	enum { PROCESSES = 5, ROUNDS = 30 };
	pid_t child[PROCESSES];
	unsigned wrong = 0;
	struct pm_cache *c;

	(void)state;
	for (unsigned p = 0; p < PROCESSES; p++) {
		child[p] = fork();
		assert_true(child[p] >= 0);
		for (unsigned i = 0; child[p] == 0 && i < ROUNDS; i++) {
			char key[32];

			if (pm_cache_open(&c, dir, GENERATION, PM_CACHE_SIZE_DEFAULT, NULL) < 0)
				_exit(1);
			snprintf(key, sizeof(key), "key %u", (i * 5 + p) % 20);
			if (strcmp(get(c, key), "-") != 0 && strcmp(get(c, key), key) != 0)
				_exit(2);
			put(c, key, key);
			if (p == 0 && i == ROUNDS / 2)
				kill(getpid(), SIGKILL);
			pm_cache_close(c, NULL);
		}
		if (child[p] == 0)
			_exit(0);
	}
	for (unsigned p = 0; p < PROCESSES; p++) {
		int status;

		assert_int_equal(waitpid(child[p], &status, 0), child[p]);
		wrong += p ? !WIFEXITED(status) || WEXITSTATUS(status) != 0
			   : !WIFSIGNALED(status);
	}
	assert_int_equal(wrong, 0);
	c = open_cache(GENERATION);
	for (unsigned i = 0; i < 20; i++) {
		char key[32];

		snprintf(key, sizeof(key), "key %u", i);
		assert_string_equal(get(c, key), key);
	}
	pm_cache_close(c, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define ROW(fn) cmocka_unit_test_setup_teardown(fn, make_dir, remove_dir)
		ROW(nothing_at_first), ROW(comes_back), ROW(many), ROW(other_generation),
		ROW(damaged), ROW(same_hash), ROW(small_ones_are_merged), ROW(size_is_kept),
		ROW(info_and_clear), ROW(cannot_be_used), ROW(disk_is_full),
		ROW(at_the_same_time),
	};

	return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
