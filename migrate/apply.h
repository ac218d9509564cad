/*
 * apply.h - make it so: plan -> edited blobs -> proof -> commit(s) -> one new branch.
 */
#ifndef PM_APPLY_H
#define PM_APPLY_H

#include "git.h"
#include "plan.h"

struct pm_apply_options {
	const char *rev;     /* what must still be the plan's base; NULL: HEAD */
	const char *branch;  /* NULL: portmig/<first moved service>-<to> or portmig/<n>-moves */
	bool split;          /* one commit per service in order; chains and swaps together */
	bool signoff, dry_run;
	bool skip_holds;     /* --accept-holds=skip: open holds stay as they are */
	bool allow_incomplete;
	pm_env_fn env;
};

struct pm_apply_result {
	bool already;        /* the branch's tree is the planned tree: nothing done */
	char branch[256];
	char commit[PM_OID_HEX]; /* tip */
	char tree[PM_OID_HEX];
	unsigned n_commits, n_edits, n_files;
};

/* Apply edits to bytes: `edits` sorted by offset and disjoint, all of one file; old bytes are
 * compared. Appends the new content to `out`. PM_E_REFUSED when the old bytes differ. */
int pm_edit_bytes(struct pm_str old, const struct pm_edit *const *edits, size_t n,
		  struct pm_buf *out, struct pm_err *err);

/* Prove one changed file: outside the edited spans all bytes agree; a rescan finds the planned
 * places reading the new port and every other hit as before; YAML and JSON keep their structure.
 * PM_E_BUG-class failure otherwise (nothing is published). Patterns of portmig.yaml take no part:
 * they may know the old numbers only, and their places are whole numbers to the rescan anyway. */
int pm_verify_file(const char *path, struct pm_str before, struct pm_str after,
		   const struct pm_edit *const *edits, size_t n, struct pm_err *err);

/* The whole thing. Nothing to change: no branch, n_edits is 0. Refuses (PM_E_REFUSED) a stale plan
 * (naming files that differ), open holds, an incomplete plan, an existing branch. Publishes one
 * ref, last. */
int pm_apply(struct pm_repo *r, const struct pm_plan *p, const struct pm_apply_options *o,
	     struct pm_apply_result *out, struct pm_err *err);

#endif
