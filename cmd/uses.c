/* uses.c - see uses.h. */
#include "uses.h"

#include "timing.h"

#include <string.h>

static struct pm_port_set *wanted(struct pm_arena *a, const struct pm_alloc_place *place)
{
	struct pm_port_set *want = PM_NEW(a, struct pm_port_set);

	for (unsigned p = place->lo; p <= place->hi; p++)
		pm_port_set_add(want, p);
	return want;
}

int pm_uses_of_commit(struct pm_port_uses *out, struct pm_arena *a, const struct pm_ctx *ctx,
		      const struct pm_view *v, struct pm_planned *d,
		      const struct pm_alloc_place *place, struct pm_err *err)
{
	const struct pm_inv_options opt = { .want = wanted(a, place), .bare = true };
	int rc = pm_view_inventory(&d->inv, ctx, v, opt, "looking for uses", err);

	if (rc)
		return rc;
	d->has_inv = true;
	pm_alloc_tree_uses(out, &d->inv, &d->schema, v->has_config ? &v->config : NULL);
	return 0;
}

int pm_uses_of_branches(struct pm_port_uses *out, struct pm_branches *looked_at,
			struct pm_arena *a, const struct pm_ctx *ctx, const struct pm_view *v,
			const struct pm_planned *d, const struct pm_alloc_place *place,
			struct pm_err *err)
{
	const struct pm_alloc_base base = { v->commit, d->plan.base_tree, &d->schema,
					    v->has_config ? &v->config : NULL };
	size_t unread = 0;
	int rc = pm_alloc_branch_uses(out, looked_at, &unread, a, v->repo, &base,
				      wanted(a, place), err);

	pm_timing_lap(ctx->timing, "branches");
	if (!rc && unread)
		pm_cmd_note(ctx, "%zu file%s of branches could not be read: ports there are not known",
			    unread, unread == 1 ? "" : "s");
	return rc;
}
