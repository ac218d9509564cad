/*
 * plans.h - plans made by hand, without attribution: the test says whose a place is by the first
 * folder of its path. In "api/x" every whole number that a move of "api" leaves is an edit; in a
 * file without such a folder a place is kept.
 */
#ifndef PM_TEST_PLANS_H
#define PM_TEST_PLANS_H

#include "plan.h"

struct pm_test_move { const char *service; unsigned from, to; };

/* Plan these moves on a commit. `out` is overwritten; release it. */
void pm_test_plan(struct pm_plan *out, struct pm_repo *repo, const char *commit,
		  const struct pm_test_move *moves, size_t n);

#endif
