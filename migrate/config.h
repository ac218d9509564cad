/*
 * config.h - portmig.yaml at the root of the commit: lasting answers of a team. Documented in
 * docs/configuration.md. Unknown keys are errors. It cannot name files to write, commands,
 * absolute paths or limits.
 */
#ifndef PM_CONFIG_H
#define PM_CONFIG_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>

struct pm_alias { const char *service; const char **names; size_t n; };
struct pm_re;
struct pm_path_owner { const char *glob, *service; struct pm_re *re; }; /* re: the glob, or NULL */
/* An exception: what matches all that is given stays. Zero and NULL match anything. */
struct pm_exception {
	const char *glob, *rule, *reason;
	unsigned port, line;
	struct pm_re *re; /* the glob, or NULL */
};
struct pm_pattern { const char *name, *regex, *glob; unsigned line; }; /* groups: port, service */

struct pm_config {
	struct pm_arena arena;
	const char *path;
	const char *schema;           /* path of the schema document, or NULL */
	const char **exclude, **past; /* globs */
	size_t n_exclude, n_past;
	struct { struct pm_alias *v; size_t n, cap; } aliases;
	struct { struct pm_path_owner *v; size_t n, cap; } owners;
	struct { struct pm_pattern *v; size_t n, cap; } patterns;
	struct { struct pm_exception *v; size_t n, cap; } keep;
};
int pm_config_parse(struct pm_config *out, const char *path, struct pm_str text,
		    struct pm_err *err);
void pm_config_release(struct pm_config *c);

/* Does a glob cover this path: the path itself, or a directory above it? `re` is the compiled glob,
 * NULL to compile it here. */
bool pm_config_covers(const char *glob, struct pm_re *re, const char *path);
/* The first exception that this place falls under, or NULL; `c` may be NULL. */
const struct pm_exception *pm_config_keeps(const struct pm_config *c, const char *path,
					   const char *rule, unsigned port);

/* Globs that match none of the commit's paths (config-dead), and an exclude that hides the schema
 * (config-hides-schema). */
void pm_config_check(const struct pm_config *c, const char *const *paths, size_t n,
		     struct pm_arena *a, struct pm_diags *out);

#endif
