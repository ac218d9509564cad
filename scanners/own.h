/*
 * own.h - a project's own patterns (portmig.yaml, `patterns`): one line each, with a group `port`
 * around the digits and optionally `service` and `ident`.
 */
#ifndef PM_OWN_H
#define PM_OWN_H

#include "pattern.h"

struct pm_own_row {
	struct pm_row row;
	struct pm_row_re re;
	struct pm_re *files; /* glob of the paths it is for; NULL: all */
};

struct pm_own {
	struct { struct pm_own_row *v; size_t n, cap; } rows;
};

/* Add one; `id` (the rule of its hits) must outlive the hits. PM_E_USAGE when it does not compile
 * or has no group `port`. */
int pm_own_add(struct pm_own *o, const char *id, const char *regex, const char *glob,
	       struct pm_err *err);
/* Add hits, PM_LIKELY. Call before pm_scan_file, which settles them with all others. */
int pm_own_scan(struct pm_own *o, const struct pm_file *f, struct pm_sink *out,
		struct pm_err *err);
void pm_own_release(struct pm_own *o);

#endif
