/* fault.c - see fault.h. */
#include "fault.h"

#include "base/arena.h"
#include "cases.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUN_MS = 60000 };

/* A file that is already gone from its folder. */
static int nameless(void)
{
	char name[] = "/tmp/pm-fault-XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	return fd;
}

static void read_back(int fd, struct pm_buf *out)
{
	char chunk[65536];
	ssize_t n;

	pm_buf_clear(out);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		pm_buf_add(out, chunk, (size_t)n);
	close(fd);
}

/* This process's environment, with the shim and where its page is. */
static char **environment(const char *page)
{
	struct { char **v; size_t n, cap; } env = { 0 };
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	for (char **e = environ; *e; e++)
		*PM_VEC_ADD(&env) = pm_xstrdup(*e);
	*PM_VEC_ADD(&env) = pm_xstrdup("LD_PRELOAD=" PM_FAULT_LIBRARY);
	pm_buf_addf(&b, PM_FAULT_ENV "=%s", page);
	*PM_VEC_ADD(&env) = pm_xstrdup(b.v);
	*PM_VEC_ADD(&env) = NULL;
	return env.v;
}

static int wait_for(pid_t pid)
{
	struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int status, ready;

	assert_true(p.fd >= 0);
	ready = poll(&p, 1, RUN_MS);
	close(p.fd);
	if (ready != 1)
		kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(ready, 1);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static pid_t spawn(const char *dir, const char *const *argv, const char *page, int out, int err)
{
	posix_spawn_file_actions_t act;
	char **env = environment(page);
	pid_t pid;

	posix_spawn_file_actions_init(&act);
	posix_spawn_file_actions_addchdir_np(&act, dir);
	posix_spawn_file_actions_addopen(&act, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&act, out, 1);
	posix_spawn_file_actions_adddup2(&act, err, 2);
	assert_int_equal(posix_spawn(&pid, argv[0], &act, NULL, (char *const *)(uintptr_t)argv,
				     env), 0);
	posix_spawn_file_actions_destroy(&act);
	for (char **e = env; *e; e++)
		free(*e);
	free(env);
	return pid;
}

void pm_fault_exec(struct pm_fault_run *run, const char *dir, const char *const *argv,
		   const struct pm_fault *f)
{
	char name[] = "/tmp/pm-page-XXXXXX";
	int fd = mkstemp(name), out = nameless(), err = nameless();
	struct pm_fault_page *page;

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, sizeof(*page)), 0);
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(page != MAP_FAILED);
	page->fault = *f;
	run->status = wait_for(spawn(dir, argv, name, out, err));
	memcpy(&run->seen, page, sizeof(run->seen));
	munmap(page, sizeof(*page));
	close(fd);
	unlink(name);
	read_back(out, &run->out);
	read_back(err, &run->err);
}

void pm_fault_run_release(struct pm_fault_run *run)
{
	pm_buf_release(&run->out);
	pm_buf_release(&run->err);
}

void pm_fault_tell(struct pm_buf *out, const struct pm_fault_run *run)
{
	const struct pm_fault *f = &run->seen.fault;

	pm_buf_addf(out, "%s %s at call %llu (%s): status %d\n",
		    f->kind == PM_FAULT_KILL ? "SIGKILL"
					     : f->kind == PM_FAULT_SHORT ? "short"
									 : strerror(f->error),
		    f->forever ? "from then on" : "once", (unsigned long long)f->at,
		    run->seen.call, run->status);
	pm_buf_adds(out, pm_buf_str(&run->err));
}
