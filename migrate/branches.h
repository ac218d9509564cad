/*
 * branches.h - ports that branches take independently of each other: two rows in different places of
 * a table merge without a conflict, and one port has two owners. Pure.
 */
#ifndef PM_BRANCHES_H
#define PM_BRANCHES_H

#include "schema.h"

/* The schema document on one branch, and where the branch left the first of them: NULL when it has
 * none there, or is the first itself. */
struct pm_branch_doc {
	const char *name; /* "HEAD", or the branches with this document: "press, origin/press" */
	const struct pm_schema *tip, *base;
};

/* Rows that a branch has added and another branch gives to somebody else (branch-collision). v[0] is
 * the state that is checked: all of its rows count that the other branch did not know. */
void pm_check_branches(const struct pm_branch_doc *v, size_t n, struct pm_arena *a,
		       struct pm_diags *out);

#endif
