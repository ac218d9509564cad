/*
 * where.h - for which environment is a file, and on which host does it run? portmig.yaml says so,
 * else names of files and folders do (docs/configuration.md).
 */
#ifndef PM_WHERE_H
#define PM_WHERE_H

#include "config.h"
#include "schema.h"

/* NULL: any, or not known. Strings are static, the configuration's or the schema's. */
struct pm_where {
	const char *environment; /* "production", "development", "staging", "preview", "test" */
	const char *host;
	const char *platform;    /* of the host: "macos", "linux", "windows" */
	bool aside;              /* for tests, or put aside: pm_where_is_aside */
};

/* `schema` and `config` may be NULL and are borrowed by the result. */
struct pm_where pm_where_of(const struct pm_config *config, const struct pm_schema *schema,
			    const char *path);

/* Could both hold at one time at one place: nothing that is known of them differs. */
bool pm_where_meet(const struct pm_where *a, const struct pm_where *b);
/* One name for the same host, however it is written: the configuration's, else the schema's. NULL
 * gives NULL. */
const char *pm_where_host(const struct pm_config *config, const struct pm_schema *schema,
			  const char *name);
/* Tests, examples, templates, old copies kept aside: numbers there say nothing about what runs. */
bool pm_where_is_aside(const char *path);

#endif
