/*
 * owners.h - whose is it, when nobody moves? Every service of a registry is asked in turn as if it
 * were the one that moves, so that the answer is that of `scan --service` and of a plan.
 */
#ifndef PM_OWNERS_H
#define PM_OWNERS_H

#include "attribute.h"

/* The services by name: entities whose names have the same words are one. Built once, then read by
 * any thread; lives in its arena. */
struct pm_owners;
struct pm_owners *pm_owners_build(struct pm_arena *a, const struct pm_registry *r,
				  const struct pm_config *config);
unsigned pm_owners_count(const struct pm_owners *o);
const char *pm_owners_name(const struct pm_owners *o, unsigned i);
/* Does the service run (Compose, Kubernetes, a directory of services), or is it a mere package? */
bool pm_owners_declared(const struct pm_owners *o, unsigned i);
/* The services that a user's name means: the very name, else all whose name has these words in a
 * row. How many of out[0..max) were filled. */
unsigned pm_owners_named(const struct pm_owners *o, const char *name, unsigned *out, unsigned max);

/* The service whose hit this clearly is (pm_verdict_strong); -1 for nobody, or several alike.
 * `scratch` gets what is needed meanwhile. */
int pm_owner_of(const struct pm_owners *o, struct pm_arena *scratch, const struct pm_inv_file *f,
		const struct pm_hit *h);

#endif
