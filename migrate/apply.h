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
	unsigned n_changes; /* of what the schema document says */
};

/* What happens to one file: digits of moves, patches of the schema document, and what these
 * patches are meant to make it say. Sorted by place, borrowed. */
struct pm_file_change {
	const char *path;
	const struct pm_edit *const *edits;
	size_t n_edits;
	const struct pm_patch *const *patches;
	size_t n_patches;
	const struct pm_wish *const *wishes;
	size_t n_wishes;
};

/* One replacement of bytes; exactly one of `edit` and `patch` is set. */
struct pm_splice {
	struct pm_span span;
	struct pm_str new;
	const struct pm_edit *edit;
	const struct pm_patch *patch;
	char digits[8]; /* of an edit: what `new` points to */
};
/* All replacements of a file in order; `old` is compared with what they expect. PM_E_REFUSED when
 * it differs or they overlap. Free *out with free(). */
int pm_splices(struct pm_splice **out, size_t *n, struct pm_str old,
	       const struct pm_file_change *c, struct pm_err *err);

/* Append the new content to `out`. PM_E_REFUSED as above. */
int pm_edit_bytes(struct pm_str old, const struct pm_file_change *c, struct pm_buf *out,
		  struct pm_err *err);

/* Prove one changed file: outside the edited spans all bytes agree; a rescan finds the planned
 * places reading the new port and every other hit as before; YAML and JSON keep their structure; a
 * patched document, read again, says what was wished and nothing else. PM_E_BUG-class failure
 * otherwise (nothing is published). Patterns of portmig.yaml take no part: they may know the old
 * numbers only, and their places are whole numbers to the rescan anyway. */
int pm_verify_file(struct pm_str before, struct pm_str after, const struct pm_file_change *c,
		   struct pm_err *err);

/* The whole thing. Nothing to change: no branch, n_edits and n_changes are 0. Refuses (PM_E_REFUSED) a stale plan
 * (naming files that differ), open holds, an incomplete plan, an existing branch. Publishes one
 * ref, last. */
int pm_apply(struct pm_repo *r, const struct pm_plan *p, const struct pm_apply_options *o,
	     struct pm_apply_result *out, struct pm_err *err);

#endif
