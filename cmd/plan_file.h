/* plan_file.h - a plan that was saved to a file. */
#ifndef PM_PLAN_FILE_H
#define PM_PLAN_FILE_H

#include "plan.h"

#define PM_CLEAN_PLAN __attribute__((cleanup(pm_plan_release)))

/* Read a plan ("-": standard input). PM_E_USAGE when the file cannot be opened, PM_E_REFUSED when
 * it is not a plan as portmig wrote it, PM_E_LIMIT over 256 MiB. */
int pm_plan_load(struct pm_plan *out, const char *path, struct pm_err *err);

#endif
