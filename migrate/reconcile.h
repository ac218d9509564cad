/*
 * reconcile.h - the document brought to reality: changes of its rows, as part of a plan. The other
 * direction is pm_moves_from_reality. Pure.
 */
#ifndef PM_RECONCILE_H
#define PM_RECONCILE_H

#include "plan.h"
#include "reality.h"

/* What a person has decided. Names are those of rows or services. */
struct pm_reconcile_options {
	const char *const *takes;    /* "SERVICE=PORT", NULL-terminated, or NULL */
	const char *const *keeps;    /* services whose rows stay */
	const char *const *renames;  /* "OLD=NEW": what rows and references call a service; nothing
				      * else changes then */
	const char *const *services; /* only these; or NULL */
	const char *date;            /* of today's edition, "2026-02-03"; or NULL: dates stay */
	const char *commit;          /* that was looked at, for the paragraph */
	const char *author;          /* for the changelog; or NULL */
	bool note, log;              /* a dated paragraph; a row of the changelog */
};

/*
 * Add the changes of rows to p->changes, not yet patches (pm_plan_document). A row gets the port that all
 * sources say; where the best one says it and others differ, the change waits for review; where
 * nobody can tell, or the port is that of a row that stays, the row is kept with the reason and a
 * finding (reality-unclear). PM_E_USAGE for names that no row has.
 */
int pm_reconcile(struct pm_plan *p, const struct pm_schema *s, const struct pm_realities *r,
		 const struct pm_reconcile_options *o, struct pm_err *err);

/* After pm_plan_document, when it is clear which rows change: dates, paragraph, changelog. True when
 * there are such changes, so that the patches must be made again. */
bool pm_reconcile_remarks(struct pm_plan *p, const struct pm_schema *s,
			  const struct pm_reconcile_options *o);

/* After pm_plan_document: findings (mention-left) for other places of the document that still have a
 * port which a row has left. */
void pm_reconcile_mentions(struct pm_plan *p, const struct pm_schema *s, struct pm_str text);

#endif
