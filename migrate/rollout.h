/*
 * rollout.h - what a migration asks of people beside its edits, in the words of the document: its own
 * steps with what the plan does of each, its commands with the new numbers, the public names that lead
 * to moved ports, and services that depend on each other. Pure.
 */
#ifndef PM_ROLLOUT_H
#define PM_ROLLOUT_H

#include "plan.h"

/* Steps are ticked when the plan leaves nothing of their kind: all is applied, or there is nothing. */
struct pm_rollout_step {
	const struct pm_checklist_item *item;
	bool done;
	const char *state; /* "3 places in this plan", "nothing to change", "by hand" */
};

struct pm_rollout {
	struct { struct pm_rollout_step *v; size_t n, cap; } steps;
	struct { const char **v; size_t n, cap; } outside; /* "stt.example.org leads to ..." */
	struct { const char **v; size_t n, cap; } order;   /* "shop depends on gate, ..." */
	struct { const char **v; size_t n, cap; } commands;
};

/* Of a plan that changes something; strings live in `a`, items are the schema's. */
void pm_rollout_find(struct pm_rollout *out, struct pm_arena *a, const struct pm_plan *p,
		     const struct pm_schema *s);
void pm_rollout_release(struct pm_rollout *r);
/* Behind the report of the plan, as text or Markdown; nothing when there is nothing to tell. */
void pm_rollout_write(const struct pm_rollout *r, bool markdown, struct pm_buf *b);

#endif
