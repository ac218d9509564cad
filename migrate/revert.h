/*
 * revert.h - a commit of ours taken back on a later commit: its moves the other way round, planned
 * and proved like any others. In files that nobody touched since, exactly what the commit changed
 * goes back; in others attribution decides, as in every plan.
 */
#ifndef PM_REVERT_H
#define PM_REVERT_H

#include "plan.h"
#include "stated.h"

/* Numbers that a commit put in place of others. `off` is in the commit's own file. */
struct pm_put { const char *path; char blob[PM_OID_HEX]; uint32_t off; unsigned was, now; };
struct pm_puts { struct pm_put *v; size_t n, cap; };

/* What `commit` changed against its parent; paths in `a`. PM_E_REFUSED when it changed anything but
 * whole numbers in files: it is not as portmig made it. */
int pm_puts_read(struct pm_puts *out, struct pm_repo *r, const struct pm_commit_info *text,
		 struct pm_arena *a, struct pm_err *err);

/*
 * Fit a plan of the reversed moves (`p`, made on the commit to revert on) to what the commit did:
 * places it put there are applied, equal numbers that stood there before it are kept. Where it put
 * one number in place of several, `p` has the first of these ways back and gets the others; which
 * of them is meant in a file that changed since is for a person to say. The schema
 * still gives the old port away, often, or two services shared it: warnings here
 * (`target-occupied`, `move-collides`); that somebody took it meanwhile is an error
 * (`target-in-use`). Returns 0, PM_E_REFUSED for errors
 * among the findings, or PM_E_REPO.
 */
int pm_revert_fit(struct pm_plan *p, struct pm_repo *r, const struct pm_commit_info *text,
		  const struct pm_stated *stated, const char *commit, const struct pm_puts *puts,
		  struct pm_err *err);

#endif
