/* report.h - what the reports have in common. */
#ifndef PM_REPORT_H
#define PM_REPORT_H

#include "plan.h"

/* "none", or "3 (2 binary, 1 over 4 MiB)": how many were not read, by reason, most first. */
void pm_report_skips(struct pm_buf *b, const struct pm_skip *v, size_t n);

#endif
