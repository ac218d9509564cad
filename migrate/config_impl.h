/*
 * config_impl.h - what config.c, config_where.c and config_rules.c share: the reader and the shapes of values.
 * Nobody else includes this. All functions return 0, or PM_E_USAGE with the place.
 */
#ifndef PM_CONFIG_IMPL_H
#define PM_CONFIG_IMPL_H

#include "config.h"

#include "base/yaml.h"

/* portmig.yaml while it is read. */
struct pm_conf {
	struct pm_config *c;
	const char *path;
	struct pm_lines lines;
	struct pm_err *err;
};

/* "configuration: ..." at this node; NULL: the whole file. */
int pm_conf_fail(struct pm_conf *r, const struct pm_yaml_node *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Without tag and alias. */
int pm_conf_plain(struct pm_conf *r, const struct pm_yaml_node *n);
int pm_conf_kind(struct pm_conf *r, const struct pm_yaml_node *n, enum pm_yaml_kind kind,
		 const char *what);
/* A map whose keys are words, each once. */
int pm_conf_map(struct pm_conf *r, const struct pm_yaml_node *map, const char *what);
/* One line of text; a path inside the commit; a glob of such paths. */
int pm_conf_text(struct pm_conf *r, const struct pm_yaml_node *n, const char *what,
		 const char **out);
int pm_conf_path(struct pm_conf *r, const struct pm_yaml_node *n, const char *what,
		 const char **out);
int pm_conf_glob(struct pm_conf *r, const struct pm_yaml_node *n, const char *what,
		 const char **out);
int pm_conf_port(struct pm_conf *r, const struct pm_yaml_node *n, unsigned *out);
/* A list of what `get` reads. */
typedef int (*pm_conf_get)(struct pm_conf *, const struct pm_yaml_node *, const char *,
			   const char **);
int pm_conf_list(struct pm_conf *r, const struct pm_yaml_node *n, const char *what,
		 pm_conf_get get, const char ***out, size_t *n_out);
/* One of `words`, as its index. */
int pm_conf_word(struct pm_conf *r, const struct pm_yaml_node *n, const char *what,
		 const char *const *words, size_t n_words, size_t *out);
/* An unknown key of a map: names the known ones. */
int pm_conf_unknown(struct pm_conf *r, const struct pm_yaml_node *key, const char *where,
		    const char *known);

/* ---- keys read in config_where.c ---- */

int pm_conf_read_hosts(struct pm_conf *r, const struct pm_yaml_node *v);
int pm_conf_read_environments(struct pm_conf *r, const struct pm_yaml_node *v);
int pm_conf_read_sources(struct pm_conf *r, const struct pm_yaml_node *v);

/* ---- keys read in config_rules.c ---- */

int pm_conf_read_rules(struct pm_conf *r, const struct pm_yaml_node *v);
int pm_conf_read_allow(struct pm_conf *r, const struct pm_yaml_node *v);

#endif
