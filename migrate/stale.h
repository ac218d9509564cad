/* stale.h - what happened between a plan's base and the commit that is there now. */
#ifndef PM_STALE_H
#define PM_STALE_H

#include "plan.h"

/* Refuse (PM_E_REFUSED) a plan whose base is not `tip`: the text names the plan's files that
 * differ, a changed schema, and new places of the moved numbers; or says that there are none. */
int pm_stale(struct pm_repo *r, const struct pm_plan *p, const char *tip, struct pm_err *err);

#endif
