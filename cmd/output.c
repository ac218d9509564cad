/* output.c - see output.h. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool reader_left;

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k == 0) /* nothing, and no reason: no use to ask again */
			errno = EIO;
		if (k <= 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

int pm_out_stdout(const struct pm_buf *b, struct pm_err *err)
{
	if (reader_left || !b->n)
		return 0;
	if (write_all(STDOUT_FILENO, b->v, b->n) == 0)
		return 0;
	if (errno == EPIPE) {
		reader_left = true;
		return 0;
	}
	return pm_err_set(err, PM_E_IO, PM_NOWHERE, "cannot write to standard output: %s",
			  strerror(errno));
}

int pm_out_close(struct pm_err *err)
{
	if (close(STDOUT_FILENO) == 0 || errno == EBADF || reader_left)
		return 0;
	return pm_err_set(err, PM_E_IO, PM_NOWHERE, "cannot write to standard output: %s",
			  strerror(errno));
}

static int file_error(const char *path, const char *what, struct pm_err *err)
{
	return pm_err_set(err, PM_E_IO, (struct pm_loc){ path, 0, 0 }, "cannot %s '%.300s': %s",
			  what, path, strerror(errno));
}

/* A device or a pipe has no "whole or not at all". */
static int write_device(const char *path, const struct pm_buf *b, struct pm_err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	int rc;

	if (fd < 0)
		return file_error(path, "open", err);
	rc = write_all(fd, pm_buf_str(b), b->n) < 0 ? file_error(path, "write", err) : 0;
	if (close(fd) < 0 && !rc)
		rc = file_error(path, "write", err);
	return rc;
}

static mode_t new_file_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int write_beside(const char *path, mode_t mode, const struct pm_buf *b,
			struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf tmp = { 0 };
	int fd, rc = 0;

	pm_buf_addf(&tmp, "%s.XXXXXX", path);
	fd = mkstemp(tmp.v);
	if (fd < 0)
		return file_error(path, "create", err);
	if (fchmod(fd, mode) < 0 || write_all(fd, pm_buf_str(b), b->n) < 0 || fsync(fd) < 0)
		rc = file_error(path, "write", err);
	if (close(fd) < 0 && !rc)
		rc = file_error(path, "write", err);
	if (!rc && rename(tmp.v, path) < 0)
		rc = file_error(path, "replace", err);
	if (rc)
		unlink(tmp.v);
	return rc;
}

int pm_out_file(const char *path, const struct pm_buf *b, struct pm_err *err)
{
	const struct pm_loc at = { path, 0, 0 };
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (errno != ENOENT)
			return file_error(path, "write", err);
		return write_beside(path, new_file_mode(), b, err);
	}
	if (S_ISLNK(st.st_mode)) {
		pm_err_set(err, PM_E_USAGE, at, "'%.300s' is a symbolic link; it is not followed",
			   path);
		return pm_err_hint(err, "name the file itself");
	}
	if (S_ISDIR(st.st_mode))
		return pm_err_set(err, PM_E_USAGE, at, "'%.300s' is a directory", path);
	if (!S_ISREG(st.st_mode))
		return write_device(path, b, err);
	return write_beside(path, st.st_mode & 0777, b, err);
}

int pm_out(const char *path, const struct pm_buf *b, struct pm_err *err)
{
	if (!path || strcmp(path, "-") == 0)
		return pm_out_stdout(b, err);
	return pm_out_file(path, b, err);
}

/* ---- progress ---- */

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void pm_progress_init(struct pm_progress *p, bool on, const char *what)
{
	const char *term = getenv("TERM");

	*p = (struct pm_progress){ .what = what };
	p->on = on && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	p->next_ms = p->on ? now_ms() + 500 : 0; /* quick runs show nothing */
}

void pm_progress_show(void *progress, size_t done, size_t total)
{
	struct pm_progress *p = progress;
	const size_t width = 24;
	size_t filled = total ? done * width / total : 0;

	if (!p->on || now_ms() < p->next_ms)
		return;
	p->next_ms = now_ms() + 100;
	p->drawn = true;
	fprintf(stderr, "\r%s [", p->what);
	for (size_t i = 0; i < width; i++)
		fputc(i < filled ? '#' : '.', stderr);
	fprintf(stderr, "] %zu/%zu", done, total);
}

void pm_progress_end(struct pm_progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->on = p->drawn = false;
}
