/*
 * fault_shim.c - stands between a program and the C library, and lets the n-th call fail; see
 * fault.h. Loaded by LD_PRELOAD. For shell tests, words in PM_FAULT say the same: "write kill 0 17" is
 * SIGKILL at the 17th writing call, "memory error 12 5 forever" ENOMEM from the 5th allocation on, and
 * PM_FAULT_CLOCK="1000 -1" is a clock that shows 1000 and goes back a second at each look. Calls that the C library makes for itself pass by: stdio's write,
 * mkstemp's open (mkstemp itself is here).
 */
#define PM_FAULT_SHIM
#include "fault.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* glibc's own allocator, as dlsym may need memory itself */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

static struct pm_fault_page *page;

static struct { bool set; long now, step; } fake_clock;

/* "write|read|memory error|short|kill ERRNO AT [forever]" */
static void read_words(const char *words)
{
	static struct pm_fault_page own;
	char calls[16], kind[16], more[16] = "";
	unsigned long long at;
	int error;

	if (sscanf(words, "%15s %15s %d %llu %15s", calls, kind, &error, &at, more) < 4)
		abort();
	own.fault.calls = *calls == 'w' ? PM_CALLS_WRITE : *calls == 'r' ? PM_CALLS_READ
									  : PM_CALLS_MEMORY;
	own.fault.kind = *kind == 'k' ? PM_FAULT_KILL : *kind == 's' ? PM_FAULT_SHORT
								      : PM_FAULT_ERROR;
	own.fault.error = error;
	own.fault.at = at;
	own.fault.forever = *more != '\0';
	page = &own;
}

static void shim_words(void)
{
	const char *time = getenv("PM_FAULT_CLOCK"), *words = getenv("PM_FAULT");

	if (time && sscanf(time, "%ld %ld", &fake_clock.now, &fake_clock.step) == 2)
		fake_clock.set = true;
	if (words)
		read_words(words);
	unsetenv("PM_FAULT");
	unsetenv("PM_FAULT_CLOCK");
}

time_t time(time_t *out)
{
	struct timespec t;

	if (fake_clock.set)
		fake_clock.now += fake_clock.step;
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &t);
	t.tv_sec = fake_clock.set ? fake_clock.now : t.tv_sec;
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

__attribute__((constructor)) static void shim_init(void)
{
	const char *name = getenv(PM_FAULT_ENV);
	int fd = name ? (int)syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC, 0) : -1;
	void *p;

	/* children, such as a signing program, are left alone */
	unsetenv("LD_PRELOAD");
	unsetenv(PM_FAULT_ENV);
	shim_words();
	if (fd < 0)
		return;
	p = (void *)syscall(SYS_mmap, NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    (off_t)0);
	syscall(SYS_close, fd);
	if (p != MAP_FAILED)
		page = p;
}

static void note(const char *call, const char *path)
{
	size_t n = strlen(call), m = path ? strlen(path) : 0;

	if (m > sizeof(page->call) - n - 2) {
		path += m - (sizeof(page->call) - n - 2);
		m = sizeof(page->call) - n - 2;
	}
	memcpy(page->call, call, n);
	page->call[n] = ' ';
	if (m)
		memcpy(page->call + n + 1, path, m);
	page->call[n + 1 + m] = '\0';
	atomic_store(&page->fired, true);
}

/* Count one call; true when it is to fail, with errno set. */
static bool strike(enum pm_fault_calls calls, const char *call, const char *path)
{
	uint64_t n;

	if (!page)
		return false;
	n = atomic_fetch_add(&page->count[calls], 1) + 1;
	if (calls != page->fault.calls || !page->fault.at || n < page->fault.at ||
	    (n > page->fault.at && !page->fault.forever))
		return false;
	if (n == page->fault.at)
		note(call, path);
	if (page->fault.kind == PM_FAULT_KILL) {
		syscall(SYS_kill, getpid(), SIGKILL);
		for (;;)
			syscall(SYS_pause);
	}
	if (page->fault.kind == PM_FAULT_SHORT ||
	    (page->fault.error == ENOSPC && (*call == 'u' || strcmp(call, "rmdir") == 0)))
		return false; /* a full disk hinders no unlink */
	errno = page->fault.error;
	return true;
}

/* The size for a read or write that is to be a short one. */
static size_t shorter(enum pm_fault_calls calls, size_t n)
{
	uint64_t seen;

	if (!page || page->fault.kind != PM_FAULT_SHORT || page->fault.calls != calls)
		return n;
	seen = atomic_load(&page->count[calls]);
	if (seen == page->fault.at || (page->fault.forever && seen > page->fault.at))
		return n > 1 ? (n + 1) / 2 : n;
	return n;
}

/* The next definition of a function, of the type of `name`. */
#define NEXT(name) \
	static __typeof__(&name) next; \
	if (!next) \
		next = (__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name)

/* ---- opening ---- */

static bool strike_open(const char *path, int flags)
{
	bool writes = (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;

	return strike(writes ? PM_CALLS_WRITE : PM_CALLS_READ, writes ? "open for writing" : "open",
		      path);
}

#define MODE(flags, mode) \
	do { \
		va_list ap; \
		va_start(ap, flags); \
		mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(ap, mode_t) : 0; \
		va_end(ap); \
	} while (0)

int open(const char *path, int flags, ...)
{
	mode_t mode;
	NEXT(open);

	MODE(flags, mode);
	return strike_open(path, flags) ? -1 : next(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	mode_t mode;
	NEXT(open64);

	MODE(flags, mode);
	return strike_open(path, flags) ? -1 : next(path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	mode_t mode;
	NEXT(openat);

	MODE(flags, mode);
	return strike_open(path, flags) ? -1 : next(dir, path, flags, mode);
}

int mkstemp(char *path)
{
	NEXT(mkstemp);
	return strike(PM_CALLS_WRITE, "mkstemp", path) ? -1 : next(path);
}

FILE *fopen(const char *path, const char *mode)
{
	NEXT(fopen);
	return strike_open(path, strpbrk(mode, "wa+") ? O_WRONLY : O_RDONLY) ? NULL
									      : next(path, mode);
}

DIR *opendir(const char *path)
{
	NEXT(opendir);
	return strike(PM_CALLS_READ, "opendir", path) ? NULL : next(path);
}

/* ---- calls that return -1 when they fail ---- */

#define CALL1(type, calls, name, A, path) \
	type name(A a) \
	{ \
		NEXT(name); \
		return strike(calls, #name, path) ? -1 : next(a); \
	}
#define CALL2(type, calls, name, A, B, path) \
	type name(A a, B b) \
	{ \
		NEXT(name); \
		return strike(calls, #name, path) ? -1 : next(a, b); \
	}

CALL1(int, PM_CALLS_WRITE, fsync, int, NULL)
CALL1(int, PM_CALLS_WRITE, fdatasync, int, NULL)
CALL1(int, PM_CALLS_WRITE, unlink, const char *, a)
CALL1(int, PM_CALLS_WRITE, rmdir, const char *, a)
CALL2(int, PM_CALLS_WRITE, mkdir, const char *, mode_t, a)
CALL2(int, PM_CALLS_WRITE, rename, const char *, const char *, b)
CALL2(int, PM_CALLS_WRITE, link, const char *, const char *, b)
CALL2(int, PM_CALLS_WRITE, symlink, const char *, const char *, b)
CALL2(int, PM_CALLS_WRITE, chmod, const char *, mode_t, a)
CALL2(int, PM_CALLS_WRITE, fchmod, int, mode_t, NULL)
CALL2(int, PM_CALLS_WRITE, ftruncate, int, off_t, NULL)
CALL2(int, PM_CALLS_WRITE, ftruncate64, int, off64_t, NULL)
CALL2(int, PM_CALLS_WRITE, utimes, const char *, const struct timeval *, a)
CALL2(int, PM_CALLS_READ, stat, const char *, struct stat *, a)
CALL2(int, PM_CALLS_READ, lstat, const char *, struct stat *, a)
CALL2(int, PM_CALLS_READ, fstat, int, struct stat *, NULL)

/* ---- reading and writing ---- */

ssize_t write(int fd, const void *p, size_t n)
{
	NEXT(write);

	/* messages must come out, or no test can see them */
	if (fd == STDERR_FILENO)
		return next(fd, p, n);
	return strike(PM_CALLS_WRITE, "write", fd == STDOUT_FILENO ? "standard output" : NULL)
		       ? -1 : next(fd, p, shorter(PM_CALLS_WRITE, n));
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t off)
{
	NEXT(pwrite);
	return strike(PM_CALLS_WRITE, "pwrite", NULL)
		       ? -1 : next(fd, p, shorter(PM_CALLS_WRITE, n), off);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t off)
{
	NEXT(pwrite64);
	return strike(PM_CALLS_WRITE, "pwrite", NULL)
		       ? -1 : next(fd, p, shorter(PM_CALLS_WRITE, n), off);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
	NEXT(writev);
	return strike(PM_CALLS_WRITE, "writev", NULL) ? -1 : next(fd, v, n);
}

ssize_t read(int fd, void *p, size_t n)
{
	NEXT(read);
	return strike(PM_CALLS_READ, "read", NULL) ? -1
						    : next(fd, p, shorter(PM_CALLS_READ, n));
}

ssize_t pread(int fd, void *p, size_t n, off_t off)
{
	NEXT(pread);
	return strike(PM_CALLS_READ, "pread", NULL) ? -1
						     : next(fd, p, shorter(PM_CALLS_READ, n), off);
}

void *mmap(void *at, size_t n, int prot, int flags, int fd, off_t off)
{
	NEXT(mmap);
	/* memory without a file is counted as memory: PCRE2's compiled code */
	return strike(fd < 0 ? PM_CALLS_MEMORY : PM_CALLS_READ, "mmap", NULL)
		       ? MAP_FAILED : next(at, n, prot, flags, fd, off);
}

/* Closing is where a network file system says that it could not write. */
int close(int fd)
{
	NEXT(close);
	int flags = page ? fcntl(fd, F_GETFL) : -1;

	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || fd == STDERR_FILENO ||
	    !strike(PM_CALLS_WRITE, "close", fd == STDOUT_FILENO ? "standard output" : NULL))
		return next(fd);
	flags = errno;
	next(fd); /* it is closed all the same */
	errno = flags;
	return -1;
}

/* ---- memory ---- */

static bool out_of_memory(const char *call)
{
	if (!strike(PM_CALLS_MEMORY, call, NULL))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n)
{
	return out_of_memory("malloc") ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return out_of_memory("calloc") ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return out_of_memory("realloc") ? NULL : __libc_realloc(p, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	return out_of_memory("aligned_alloc") ? NULL : __libc_memalign(align, n);
}

int posix_memalign(void **out, size_t align, size_t n)
{
	*out = out_of_memory("posix_memalign") ? NULL : __libc_memalign(align, n);
	return *out ? 0 : ENOMEM;
}
