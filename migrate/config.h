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

/* A machine that stacks run on. */
struct pm_config_host { const char *name, *platform; unsigned line; }; /* platform or NULL */
/* Which environment the files of a glob are for, and which host they run on; either may be NULL. */
struct pm_config_env {
	const char *glob, *environment, *host;
	unsigned line;
	struct pm_re *re; /* the glob */
};
/* Kinds of evidence for the port of a service, in the order in which they win unless `sources`
 * says otherwise: what deploys a service decides what runs; env files override defaults; a default
 * holds where nothing else says anything; EXPOSE, routes and documents follow. */
enum pm_origin {
	PM_ORIGIN_COMPOSE, PM_ORIGIN_KUBERNETES, PM_ORIGIN_ENV, PM_ORIGIN_CODE, PM_ORIGIN_DOCKER,
	PM_ORIGIN_ROUTES, PM_ORIGIN_DOCS, PM_ORIGIN_COUNT
};
const char *pm_origin_name(enum pm_origin s); /* as in portmig.yaml: "compose", "code", ... */

/* `rules`: how severe the findings of one rule are, or PM_RULE_OFF. */
enum { PM_RULE_OFF = -1 };
struct pm_config_rule { const char *rule; int severity; unsigned line; };
/* `allow`: findings of `rule` that are accepted, where all that is given matches. */
struct pm_config_allow {
	const char *rule, *glob, *service, *reason;
	unsigned port, line;
	struct pm_re *re; /* the glob, or NULL */
};

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
	struct { struct pm_config_host *v; size_t n, cap; } hosts;
	struct { struct pm_config_env *v; size_t n, cap; } environments;
	struct { struct pm_config_rule *v; size_t n, cap; } rules;
	struct { struct pm_config_allow *v; size_t n, cap; } allow;
	enum pm_origin sources[PM_ORIGIN_COUNT]; /* the most authoritative first */
	unsigned n_sources;
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

/* What `environments` says of this file: the first glob that covers it, or NULL. `c` may be NULL. */
const struct pm_config_env *pm_config_env(const struct pm_config *c, const char *path);
/* Less is more authoritative. Those that `sources` leaves out follow in their own order. `c` may be
 * NULL. */
unsigned pm_config_origin_rank(const struct pm_config *c, enum pm_origin s);

/* Globs that match none of the commit's paths (config-dead), and an exclude that hides the schema
 * (config-hides-schema). */
void pm_config_check(const struct pm_config *c, const char *const *paths, size_t n,
		     struct pm_arena *a, struct pm_diags *out);

#endif
