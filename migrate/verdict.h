/*
 * verdict.h - from evidence to a disposition: apply, review or keep, with the reason in words.
 */
#ifndef PM_VERDICT_H
#define PM_VERDICT_H

#include "attribute.h"
#include "plan.h"

/* What the whole commit says about one number: clear claims by one target, by everybody else who is
 * known, and by whoever does not move, variables with unknown names included. */
struct pm_number_stats {
	unsigned target, others, strangers;
	unsigned published, published_others; /* of these, ports published on the host */
	unsigned published_elsewhere; /* by others in any stack of the repository */
	/* and ports that a program listens on outside of containers; also by nobody knows whom */
	unsigned listens, listens_others;
};

/* Why a place is put up for review: what `group` says then. */
#define PM_ASK_TWO "two services could own it"
#define PM_ASK_LITTLE "little says whose it is"
#define PM_ASK_DATA "data"
#define PM_ASK_LEFT "names a moved service at a port it was not said to use"

struct pm_verdict {
	enum pm_disposition disposition;
	int target;        /* index of the moved service it is taken for, -1 */
	int score;
	const char *reason; /* the deciding sentence; arena or static */
	const char *group;  /* question for a reviewer, NULL unless PM_REVIEW */
};

/* A claim that needs no help from statistics: clearly somebody's. Returns the target, -1 for
 * somebody else, -2 for nobody clearly. */
int pm_verdict_strong(const struct pm_claim *c, const struct pm_hit *h);

/* A clear claim by somebody else who is only a variable's name: perhaps nobody at all. */
bool pm_verdict_is_stranger(const struct pm_claim *c);

/* Why a place says nothing about what is used now, whoever owns it: it tells the past, records a move,
 * stands in a file of the past, or is one end of a range. NULL when it does not. */
const char *pm_verdict_is_record(struct pm_arena *a, const struct pm_inv_file *f,
				 const struct pm_hit *h);

/* Evidence that only the whole commit gives: who else owns this number. `stats` has one entry per
 * target; those that do not leave this port are zero. Call once, before pm_verdict. */
void pm_verdict_add_number(struct pm_claim *c, struct pm_arena *a, const struct pm_hit *h,
			   const struct pm_target *targets, unsigned n_targets,
			   const struct pm_number_stats *stats);

/* `wanted[t]` tells whether target t leaves this hit's port. */
struct pm_verdict pm_verdict(const struct pm_claim *c, struct pm_arena *a,
			     const struct pm_inv_file *f, const struct pm_hit *h,
			     const bool *wanted, unsigned n_targets, bool host_scope);

#endif
