/* cases.c - see cases.h. */
#include "cases.h"

#include "base/arena.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void pm_cases_add(struct pm_cases *c, const char *name, CMUnitTestFunction fn, const void *row)
{
	struct CMUnitTest *t = PM_VEC_ADD(c);

	t->name = pm_xstrdup(name);
	t->test_func = fn;
	t->initial_state = (void *)(uintptr_t)row;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void pm_cases_add_folders(struct pm_cases *c, const char *dir, CMUnitTestFunction fn)
{
	struct { char **v; size_t n, cap; } names = { 0 };
	char path[4096];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/cases/%s", PM_TEST_DIR, dir);
	d = opendir(path);
	if (!d) {
		fprintf(stderr, "no case folder %s\n", path);
		exit(1);
	}
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			*PM_VEC_ADD(&names) = pm_xstrdup(e->d_name);
	closedir(d);
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	for (size_t i = 0; i < names.n; i++) {
		char folder[8192];

		snprintf(folder, sizeof(folder), "%s/%s", path, names.v[i]);
		pm_cases_add(c, names.v[i], fn, pm_xstrdup(folder));
		free(names.v[i]);
	}
	PM_VEC_FREE(&names);
}

int pm_cases_run(struct pm_cases *c, const char *group)
{
	const char *only = getenv("PM_ONLY");

	if (only)
		cmocka_set_test_filter(only);
	return _cmocka_run_group_tests(group, c->v, c->n, NULL, NULL);
}

char *pm_read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *bytes = NULL;
	size_t n = 0;

	if (!f)
		return NULL;
	for (;;) {
		size_t got;

		bytes = pm_xrealloc(bytes, n + 65536 + 1);
		got = fread(bytes + n, 1, 65536, f);
		n += got;
		if (!got)
			break;
	}
	fclose(f);
	bytes[n] = '\0';
	if (len)
		*len = n;
	return bytes;
}

static void show_diff(const char *path, const char *got)
{
	char tmp[] = "/tmp/pm-golden-XXXXXX", command[8192];
	int fd = mkstemp(tmp);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");

	if (!f)
		return;
	fputs(got, f);
	fclose(f);
	snprintf(command, sizeof(command), "diff -u '%s' '%s' >&2", path, tmp);
	if (system(command) == -1)
		perror("diff");
	remove(tmp);
}

void pm_assert_golden(const char *path, const char *got)
{
	char *want;

	if (getenv("PM_UPDATE")) {
		FILE *f = fopen(path, "wb");

		assert_non_null(f);
		fputs(got, f);
		fclose(f);
		return;
	}
	want = pm_read_file(path, NULL);
	if (!want || strcmp(want, got) != 0)
		show_diff(path, got);
	assert_non_null(want);
	assert_string_equal(want, got);
	free(want);
}
