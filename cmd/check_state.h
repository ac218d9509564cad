/*
 * check_state.h - which states of the repository `check` looks at: the one that is checked, and the
 * older ones that it is compared with.
 */
#ifndef PM_CHECK_STATE_H
#define PM_CHECK_STATE_H

#include "opt.h"
#include "source.h"

struct pm_check_states {
	const char *rev, *since, *merge; /* options, or NULL */
	bool staged, all_branches;
	/* filled */
	struct pm_view view;             /* what is checked; taken over by the caller */
	struct pm_buf what, compared;    /* in words; "" when nothing is compared */
	char old[2][PM_OID_HEX];         /* the states that are compared with */
	size_t n_old;
	struct pm_diags diags;           /* merge-conflict, branch-collision; strings in `arena` */
	struct pm_arena arena;
};
void pm_check_states_release(struct pm_check_states *s);
#define PM_CLEAN_STATES __attribute__((cleanup(pm_check_states_release)))

/* PM_E_USAGE for options that exclude each other. */
int pm_check_states_open(struct pm_check_states *s, const struct pm_ctx *ctx, struct pm_err *err);

/* Compare the rows of the schema `path` over the branches that `s` asks for: all of them, or that of
 * --merge. What cannot be read on a branch is a remark. */
int pm_check_states_branches(struct pm_check_states *s, const struct pm_ctx *ctx, const char *path,
			     struct pm_err *err);

#endif
