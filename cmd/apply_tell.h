/* apply_tell.h - what the commands that make a branch have in common. */
#ifndef PM_APPLY_TELL_H
#define PM_APPLY_TELL_H

#include "cmd.h"

#include "apply.h"

/* Refuse (PM_E_REFUSED) to make a branch inside a hook, where Git says where it is. */
int pm_apply_check_hook(const struct pm_ctx *ctx, struct pm_err *err);

/* Say on standard output what was done, or would be, and what comes next. */
int pm_apply_tell(const struct pm_ctx *ctx, struct pm_repo *repo, bool dry_run,
		  const struct pm_apply_result *r, struct pm_err *err);

#endif
