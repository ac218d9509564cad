/*
 * git_memory.c - starting libgit2, with an allocator that ends the process for want of memory.
 *
 * libgit2 1.5 does not survive it: the error that it wants to keep needs memory itself
 * (git_error_set_oom calls itself until the stack is gone), and a configuration that could not be
 * loaded is used. Nothing is published before the last reference, so ending is safe.
 */
#include "git_impl.h"

#include <git2/sys/alloc.h>
#include <stdlib.h>
#include <string.h>

static void *take(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return pm_xrealloc(NULL, n);
}

static void *resize(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return pm_xrealloc(p, n);
}

#ifdef PM_GIT_ALLOC_NINE /* libgit2 1.1 to 1.6: nine functions, later three */
static void *take_zeroed(size_t n, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return pm_xcalloc(n, size);
}

static void *take_array(size_t n, size_t size, const char *file, int line)
{
	return take(pm_size_mul(n, size), file, line);
}

static void *resize_array(void *p, size_t n, size_t size, const char *file, int line)
{
	return resize(p, pm_size_mul(n, size), file, line);
}

static char *copy(const char *s, size_t n, const char *file, int line)
{
	char *p = take(n + 1, file, line);

	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

static char *copy_most(const char *s, size_t n, const char *file, int line)
{
	return copy(s, strnlen(s, n), file, line);
}

static char *copy_all(const char *s, const char *file, int line)
{
	return copy(s, strlen(s), file, line);
}
#endif

static git_allocator ours = {
	.gmalloc = take, .grealloc = resize, .gfree = free,
#ifdef PM_GIT_ALLOC_NINE
	.gcalloc = take_zeroed, .gmallocarray = take_array, .greallocarray = resize_array,
	.gstrdup = copy_all, .gstrndup = copy_most, .gsubstrdup = copy,
#endif
};

int pm_git_start(struct pm_err *err)
{
	git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &ours);
	if (git_libgit2_init() < 0)
		return pm_err_set(err, PM_E_LIMIT, PM_NOWHERE, "cannot start libgit2 (memory?)");
	return 0;
}
