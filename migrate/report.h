/* report.h - what the reports have in common: counting. */
#ifndef PM_REPORT_H
#define PM_REPORT_H

#include "plan.h"

/* "none", or "3 (2 binary, 1 over 4 MiB)": how many were not read, by reason, most first. */
void pm_report_skips(struct pm_buf *b, const struct pm_skip *v, size_t n);

/* Kinds of work that a migration has, as reports count them. */
enum pm_work { PM_WORK_COMPOSE, PM_WORK_ENV, PM_WORK_DOCS, PM_WORK_TUNNEL, PM_WORK_CONFIG,
	       PM_WORK_CODE, PM_WORK_COUNT };
const char *pm_work_name(enum pm_work w); /* "compose", "env", ... */
enum pm_work pm_work_of(const char *path);

/* Places of one move (-1: of the whole plan): by disposition, and those to be applied by the kind
 * of work. */
struct pm_report_counts {
	size_t by[PM_KEEP + 1];
	size_t work[PM_WORK_COUNT];
};
void pm_report_count(const struct pm_plan *p, int move, struct pm_report_counts *out);

/* First reasons of kept places with how often each stands, most first; strings belong to the
 * plan. Free with PM_VEC_FREE. */
struct pm_report_reason { const char *what; size_t n; };
struct pm_report_reasons { struct pm_report_reason *v; size_t n, cap; };
void pm_report_kept(const struct pm_plan *p, struct pm_report_reasons *out);

/* "found 214 = apply 187 + review 9 + keep 18" */
void pm_report_arithmetic(const struct pm_plan *p, struct pm_buf *b);

/* A finding that the order of the moves tells: listed there, not among the findings. `*said` when
 * the moves of this plan say it by themselves. */
bool pm_report_is_order(const struct pm_plan *p, const struct pm_diag *d, bool *said);

#endif
