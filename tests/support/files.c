/* files.c - see files.h. */
#include "files.h"

#include "base/arena.h"
#include "cases.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void read_bytes(struct pm_buf *out, const char *path)
{
	char chunk[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		pm_buf_add(out, chunk, (size_t)n);
	assert_int_equal(n, 0);
	close(fd);
}

static void load(struct pm_test_files *out, const char *dir, const char *below)
{
	PM_CLEAN_BUF struct pm_buf full = { 0 };
	struct dirent *e;
	DIR *d;

	pm_buf_addf(&full, "%s/%s", dir, below);
	d = opendir(full.v);
	assert_non_null(d);
	while ((e = readdir(d))) {
		struct pm_test_entry *f;
		PM_CLEAN_BUF struct pm_buf path = { 0 };

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		f = PM_VEC_ADD(out);
		pm_buf_addf(&path, "%s%s%s", below, *below ? "/" : "", e->d_name);
		f->path = pm_xstrdup(path.v);
		pm_buf_clear(&full);
		pm_buf_addf(&full, "%s/%s", dir, path.v);
		assert_int_equal(lstat(full.v, &f->st), 0);
		if (S_ISDIR(f->st.st_mode))
			load(out, dir, path.v);
		else
			read_bytes(&f->bytes, full.v);
	}
	closedir(d);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct pm_test_entry *)a)->path,
		      ((const struct pm_test_entry *)b)->path);
}

void pm_test_files_load(struct pm_test_files *out, const char *dir)
{
	load(out, dir, "");
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_path);
}

void pm_test_files_write(const struct pm_test_files *f, const char *dir)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };

	pm_test_files_remove(dir);
	assert_int_equal(mkdir(dir, 0777), 0);
	for (size_t i = 0; i < f->n; i++) {
		const struct pm_test_entry *e = &f->v[i];
		const struct timespec times[2] = { e->st.st_atim, e->st.st_mtim };
		int fd;

		pm_buf_clear(&path);
		pm_buf_addf(&path, "%s/%s", dir, e->path);
		if (S_ISDIR(e->st.st_mode)) {
			assert_int_equal(mkdir(path.v, e->st.st_mode & 07777), 0);
			continue;
		}
		fd = open(path.v, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, e->st.st_mode & 07777);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, pm_buf_str(&e->bytes), e->bytes.n), e->bytes.n);
		assert_int_equal(futimens(fd, times), 0);
		close(fd);
	}
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

void pm_test_files_remove(const char *dir)
{
	assert_true(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT);
}

void pm_test_files_release(struct pm_test_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].path);
		pm_buf_release(&f->v[i].bytes);
	}
	PM_VEC_FREE(f);
}

const struct pm_test_entry *pm_test_files_get(const struct pm_test_files *f, const char *path)
{
	const struct pm_test_entry key = { .path = (char *)(uintptr_t)path };

	return f->n ? bsearch(&key, f->v, f->n, sizeof(*f->v), by_path) : NULL;
}
