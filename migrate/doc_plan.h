/* doc_plan.h - changes of what the schema document says, as part of a plan. Pure. */
#ifndef PM_DOC_PLAN_H
#define PM_DOC_PLAN_H

#include "plan.h"

/* A new change of the plan; texts of the wish are copied. `disposition` is apply. */
struct pm_doc_change *pm_plan_add_change(struct pm_plan *p, struct pm_wish w);
/* One more reason. */
void pm_change_because(struct pm_plan *p, struct pm_doc_change *c, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Patches for the plan's changes, on the document `s` that was read from `text`: fills p->texts (anew)
 * and the units. A change that cannot be written is kept, with the reason and a finding
 * (row-not-written). What would make the document contradict itself where it does not yet, such as
 * a port with two owners, is a finding of level error, so that apply refuses the plan.
 */
void pm_plan_document(struct pm_plan *p, const struct pm_schema *s, struct pm_str text);

/* Number of changes of rows that are carried out, and that wait. */
struct pm_doc_counts { size_t rows, held, kept, other; };
struct pm_doc_counts pm_plan_count_changes(const struct pm_plan *p);

#endif
