/*
 * fault.h - run a program and let the n-th call of a kind fail, or kill it there.
 *
 * fault_shim.c, loaded into the program before its libraries, counts the calls; what it shall do
 * and what it saw is in a page of memory that both processes share, so that the counts survive a
 * SIGKILL. With `at` 0 nothing fails and the calls are only counted.
 */
#ifndef PM_FAULT_H
#define PM_FAULT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum pm_fault_calls {
	PM_CALLS_WRITE, /* what changes files: open for writing, write, fsync, rename, unlink ... */
	PM_CALLS_READ,  /* what looks at them: open for reading, read, stat, mmap, opendir ... */
	PM_CALLS_MEMORY,
	PM_CALLS_KINDS
};

enum pm_fault_kind {
	PM_FAULT_ERROR, /* fails with `error` (an errno value) and does nothing */
	PM_FAULT_SHORT, /* read and write do a part of it; other calls are as usual */
	PM_FAULT_KILL   /* SIGKILL in place of the call */
};

struct pm_fault {
	enum pm_fault_calls calls;
	enum pm_fault_kind kind;
	int error;
	uint64_t at;  /* 1 is the first call */
	bool forever; /* all calls from there on */
};

/* What the two processes share. */
struct pm_fault_page {
	struct pm_fault fault;
	_Atomic uint64_t count[PM_CALLS_KINDS];
	atomic_bool fired;
	char call[256]; /* where it fired: "rename .git/refs/heads/x.lock" */
};

/* Environment of the shim: file that holds the page. */
#define PM_FAULT_ENV "PM_FAULT_PAGE"

#ifndef PM_FAULT_SHIM /* the shim itself uses none of this */

#include "base/buf.h"

struct pm_fault_run {
	int status; /* exit status, or 128 + number of the signal */
	struct pm_buf out, err;
	struct pm_fault_page seen;
};
/* Run argv in folder `dir` with `f`. Standard input is empty. Fails the test if the program cannot
 * be started or runs longer than a minute. */
void pm_fault_exec(struct pm_fault_run *run, const char *dir, const char *const *argv,
		   const struct pm_fault *f);
void pm_fault_run_release(struct pm_fault_run *run);
/* "EIO at the 12th: rename .git/x" for messages of tests */
void pm_fault_tell(struct pm_buf *out, const struct pm_fault_run *run);

#endif
#endif
