/*
 * cmd.h - the commands of the program: one row per command, one file cmd_<name>.c each.
 *
 * A command parses its own words with opt.h, writes results with output.h and returns the exit
 * status, or a negative PM_E* code with `err` filled; main.c prints that error, once, and turns
 * the code into the exit status.
 *
 * Exit status: 0 done; 1 findings, or changes under --exit-code; 2 usage, configuration or
 * schema; 3 refused; 4 repository cannot be read fully; 5 disk, memory, limits; 70 a bug of ours.
 */
#ifndef PM_CMD_H
#define PM_CMD_H

#include "base/diag.h"
#include "base/err.h"

#include <stdbool.h>

/* What the global options and the environment say. `-C DIR` has been done already (chdir, as Git
 * does it), so every path in the arguments is relative to it. */
struct pm_ctx {
	const char *dir;    /* where to look for the repository: argument of pm_repo_open */
	const char *config; /* --config FILE, or NULL: portmig.yaml of the commit */
	bool color_out, color_err;
	struct pm_timing *timing; /* --timings, else NULL; timing.h */
	int verbose;        /* -1 with -q, 0, 1 with -v, 2 with -vv */
	const char *(*env)(const char *name); /* getenv; a pm_env_fn */
};

struct pm_command {
	const char *name;
	/* argv[0] is the command's name, argv[argc] is NULL. */
	int (*run)(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
	const char *summary; /* one line for `portmig --help` */
};

/* The rows of the table in main.c, cmd_<name>.c each. */
int pm_cmd_alloc(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_apply(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_cache(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_check(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_explain(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_history(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_init(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_plan(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_reconcile(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_revert(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_review(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_scan(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_schema(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
int pm_cmd_verify(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);

/* A remark on stderr, "portmig: ...", escaped; not with -q. */
void pm_cmd_note(const struct pm_ctx *ctx, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* All findings on stderr, "path:line:col: severity: text [rule]" with the hint below; notes only
 * with -v, nothing below an error with -q. Returns how many were errors. */
size_t pm_cmd_diags(const struct pm_ctx *ctx, const struct pm_diags *d);

#endif
