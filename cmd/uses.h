/* uses.h - which ports the commit, and the branches, use: what alloc must stay away from. */
#ifndef PM_USES_H
#define PM_USES_H

#include "plan_options.h"

#include "alloc.h"

/* Uses of the place's ports in the files of the commit; out->inv of `d` is filled, for its paths. */
int pm_uses_of_commit(struct pm_port_uses *out, struct pm_arena *a, const struct pm_ctx *ctx,
		      const struct pm_view *v, struct pm_planned *d,
		      const struct pm_alloc_place *place, struct pm_err *err);
/* Uses on all local and remote-tracking branches: rows of the document there, and files that differ
 * from those of the commit. */
int pm_uses_of_branches(struct pm_port_uses *out, struct pm_branches *looked_at,
			struct pm_arena *a, const struct pm_ctx *ctx, const struct pm_view *v,
			const struct pm_planned *d, const struct pm_alloc_place *place,
			struct pm_err *err);

#endif
