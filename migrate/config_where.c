/* config_where.c - the keys of portmig.yaml that say what runs where, and which evidence wins. */
#include "config_impl.h"

#include "base/re.h"

#include <string.h>

/* ---- hosts ---- */

static int read_host(struct pm_conf *r, const struct pm_yaml_node *v, struct pm_config_host *h)
{
	static const char *const platforms[] = { "linux", "macos", "windows" };
	int rc = pm_conf_map(r, v, "a host");

	for (size_t i = 0, at = 0; !rc && i < v->n; i += 2) {
		const struct pm_yaml_node *key = v->items[i], *value = v->items[i + 1];

		if (pm_str_eq(key->text, "platform")) {
			rc = pm_conf_word(r, value, "platform", platforms, 3, &at);
			h->platform = rc ? NULL : platforms[at];
		} else {
			rc = pm_conf_unknown(r, key, "a host", "platform");
		}
	}
	return rc;
}

int pm_conf_read_hosts(struct pm_conf *r, const struct pm_yaml_node *v)
{
	int rc = pm_conf_map(r, v, "hosts");

	for (size_t i = 0; !rc && i < v->n; i += 2) {
		struct pm_config_host *h = PM_VEC_ADD(&r->c->hosts);

		h->line = pm_lines_line(&r->lines, v->items[i]->span.off);
		rc = pm_conf_text(r, v->items[i], "name of a host", &h->name);
		if (!rc)
			rc = read_host(r, v->items[i + 1], h);
	}
	return rc;
}

/* ---- environments ---- */

static int read_environment(struct pm_conf *r, const struct pm_yaml_node *v,
			    struct pm_config_env *e)
{
	int rc = pm_conf_map(r, v, "an environment");

	for (size_t i = 0; !rc && i < v->n; i += 2) {
		const struct pm_yaml_node *key = v->items[i], *value = v->items[i + 1];

		if (pm_str_eq(key->text, "environment"))
			rc = pm_conf_text(r, value, "environment", &e->environment);
		else if (pm_str_eq(key->text, "host"))
			rc = pm_conf_text(r, value, "host", &e->host);
		else
			rc = pm_conf_unknown(r, key, "an environment", "environment, host");
	}
	if (!rc && !e->environment && !e->host)
		rc = pm_conf_fail(r, v, "an environment needs a name or a host");
	return rc;
}

int pm_conf_read_environments(struct pm_conf *r, const struct pm_yaml_node *v)
{
	int rc = pm_conf_map(r, v, "environments");

	for (size_t i = 0; !rc && i < v->n; i += 2) {
		struct pm_config_env *e = PM_VEC_ADD(&r->c->environments);

		e->line = pm_lines_line(&r->lines, v->items[i]->span.off);
		rc = pm_conf_glob(r, v->items[i], "path of an environment", &e->glob);
		if (!rc)
			rc = read_environment(r, v->items[i + 1], e);
		if (!rc)
			rc = pm_re_glob(&e->re, e->glob, r->err);
	}
	return rc;
}

/* ---- sources ---- */

static const char *const origin_names[PM_ORIGIN_COUNT] = {
	"compose", "kubernetes", "env", "code", "docker", "routes", "docs"
};

const char *pm_origin_name(enum pm_origin s)
{
	return origin_names[s];
}

int pm_conf_read_sources(struct pm_conf *r, const struct pm_yaml_node *v)
{
	int rc = pm_conf_kind(r, v, PM_YAML_SEQ, "sources");

	for (size_t i = 0, at = 0; !rc && i < v->n; i++) {
		rc = pm_conf_word(r, v->items[i], "source", origin_names, PM_ORIGIN_COUNT, &at);
		for (size_t k = 0; !rc && k < r->c->n_sources; k++)
			if (r->c->sources[k] == (enum pm_origin)at)
				rc = pm_conf_fail(r, v->items[i], "source '%s' is there twice",
						  origin_names[at]);
		if (!rc)
			r->c->sources[r->c->n_sources++] = (enum pm_origin)at;
	}
	return rc;
}

unsigned pm_config_origin_rank(const struct pm_config *c, enum pm_origin s)
{
	for (unsigned i = 0; c && i < c->n_sources; i++)
		if (c->sources[i] == s)
			return i;
	return PM_ORIGIN_COUNT + (unsigned)s;
}

const struct pm_config_env *pm_config_env(const struct pm_config *c, const char *path)
{
	for (size_t i = 0; c && i < c->environments.n; i++)
		if (pm_config_covers(c->environments.v[i].glob, c->environments.v[i].re, path))
			return &c->environments.v[i];
	return NULL;
}
