/*
 * resource_plan.h - moves of numbers that services share, such as Redis databases: whose each place is,
 * and what happens to it. Pure.
 *
 * A move of one is written SERVICE:KIND, as in "orders:redis-db" from 5 to 7. A plan has either moves
 * of ports or such ones; everything after it (review, apply, verify, revert) is the same. Numbers may
 * be 0.
 */
#ifndef PM_RESOURCE_PLAN_H
#define PM_RESOURCE_PLAN_H

#include "plan.h"

/* The kind of "orders:redis-db", and its service without it; NULL: the name of a service alone. */
const char *pm_move_resource(const char *service, struct pm_str *name);
/* Has the plan moves of resources? */
bool pm_plan_is_resource(const struct pm_plan *p);
/* Does the edit change such a number, by its rule? Then 0 is a number, too. */
bool pm_edit_is_resource(const struct pm_edit *e);
/* Is there something that the place would change to? */
bool pm_edit_has_new(const struct pm_edit *e);

/*
 * As pm_plan_build, with an inventory of resources: a record for every place that has a moved number.
 * The nearest thing that names a service decides: the variable, the enclosing blocks, the directory.
 * Where nothing does, the place is the whole repository's when the service is, else a question. In
 * the schema document the row of the service changes.
 */
int pm_resource_plan(struct pm_plan *out, const struct pm_inventory *inv,
		     const struct pm_plan_options *opt);

/* Moves that cannot work, as findings: PM_E_REFUSED as pm_plan_conflicts. */
int pm_resource_conflicts(struct pm_plan *p, const struct pm_schema *s, struct pm_err *err);

#endif
