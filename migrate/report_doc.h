/* report_doc.h - the part of a report that tells what a plan changes in the schema document. */
#ifndef PM_REPORT_DOC_H
#define PM_REPORT_DOC_H

#include "plan.h"

/* Line of the row that the change is about, as the patches give it; 0 for a new row. */
unsigned pm_report_change_line(const struct pm_plan *p, const struct pm_doc_change *c);
/* "shop-cart  3002 -> 3061", "shop-mail  new at 3042", "date reconciled 2026-02-05", unescaped. */
void pm_report_change(struct pm_buf *b, const struct pm_doc_change *c);
/* "9 rows of docs/PORTS.md; 2 wait for review, 3 stay", unescaped; "" when there are no changes. */
void pm_report_changes_sum(struct pm_buf *b, const struct pm_plan *p);
/* "execute: 187 edits in 61 files; accept: 9 table rows"; "" when the plan does not know. */
void pm_report_directions(struct pm_buf *b, const struct pm_plan *p);

#endif
