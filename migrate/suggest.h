/*
 * suggest.h - which lines of portmig.yaml would settle most held places.
 *
 * Candidates come from the held places: an unknown name that stands there (aliases), a folder of
 * theirs (owners), a folder of dated files (past). Each is tried: the plan is built again in memory
 * with the line, and counted. Whether a line is true, only a person knows.
 */
#ifndef PM_SUGGEST_H
#define PM_SUGGEST_H

#include "inventory.h"
#include "plan.h"

#define PM_SUGGEST_RULE "settle-held"
enum { PM_MAX_SUGGESTIONS = 3 };

/* Add to p->diags at most PM_MAX_SUGGESTIONS notes of this rule, best first. Their hint is
 * "KEY: {ENTRY}" or "past: [ENTRY]", valid in portmig.yaml. `p` was built from `inv` with `opt`. */
void pm_suggest(struct pm_plan *p, const struct pm_inventory *inv,
		const struct pm_plan_options *opt);

#endif
