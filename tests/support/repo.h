/*
 * repo.h - small Git repositories for tests: bare, in a temporary directory, made with the git
 * program and with a clock that ticks by itself, so that ids are the same in every run.
 */
#ifndef PM_TEST_REPO_H
#define PM_TEST_REPO_H

#include "git.h"

struct pm_test_repo {
	char dir[64];  /* the bare repository */
	char home[64]; /* an empty home directory for git */
	unsigned clock; /* seconds since the first commit */
};

struct pm_test_file {
	const char *path; /* NULL ends a list */
	const char *text;
	size_t len;       /* 0: strlen(text) */
	uint32_t mode;    /* 0: 0100644; 0160000: `text` is a commit id */
};

/* Make an empty one. Also sets HOME and the like, so that no configuration of the user counts. */
void pm_test_repo_init(struct pm_test_repo *r);
void pm_test_repo_done(struct pm_test_repo *r); /* removes it */

/* Commit exactly these files on refs/heads/main, on top of what is there. */
void pm_test_repo_commit(struct pm_test_repo *r, const struct pm_test_file *files,
			 char oid[PM_OID_HEX]);

/* Run `git <fmt...>` in the repository through the shell; its output (both streams) goes to `out`
 * when that is not NULL. Returns the exit status. */
int pm_test_git(const struct pm_test_repo *r, struct pm_buf *out, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Any command, in the current directory. */
int pm_test_run(struct pm_buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Everything that must not change when something is refused: refs, HEAD, configuration. */
void pm_test_repo_state(const struct pm_test_repo *r, struct pm_buf *out);

/* Identity and time of commits that portmig makes in tests: a pm_env_fn. */
const char *pm_test_env(const char *name);

#endif
