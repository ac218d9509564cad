/* review_doc.h - deciding about held changes of the schema document. */
#ifndef PM_REVIEW_DOC_H
#define PM_REVIEW_DOC_H

#include "cmd.h"

#include "plan.h"

size_t pm_review_changes_open(const struct pm_plan *p);
/* The open questions with their keys, one a line. */
void pm_review_changes_list(const struct pm_plan *p, struct pm_buf *b);
/* Answer "y" or "n" to all open changes with this key; returns how many. */
size_t pm_review_changes_answer(struct pm_plan *p, struct pm_str key, const char *answer);
/* Ask for each; false when the person stops. `answered` is raised. */
bool pm_review_changes_ask(const struct pm_ctx *ctx, struct pm_plan *p, int (*ask)(void),
			   size_t *answered);

#endif
