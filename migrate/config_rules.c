/* config_rules.c - the keys of portmig.yaml about findings: their severity, and exceptions. */
#include "config_impl.h"

#include "base/re.h"

#include <string.h>

int pm_conf_read_rules(struct pm_conf *r, const struct pm_yaml_node *v)
{
	static const char *const words[] = { "off", "note", "warning", "error" };
	int rc = pm_conf_map(r, v, "rules");

	for (size_t i = 0, at = 0; !rc && i < v->n; i += 2) {
		struct pm_config_rule *x = PM_VEC_ADD(&r->c->rules);

		x->line = pm_lines_line(&r->lines, v->items[i]->span.off);
		rc = pm_conf_text(r, v->items[i], "name of a rule", &x->rule);
		if (!rc)
			rc = pm_conf_word(r, v->items[i + 1], "severity", words, 4, &at);
		x->severity = at ? (int)at - 1 : PM_RULE_OFF;
	}
	return rc;
}

static int read_one(struct pm_conf *r, const struct pm_yaml_node *v)
{
	struct pm_config_allow *x = PM_VEC_ADD(&r->c->allow);
	int rc = pm_conf_map(r, v, "an exception");

	x->line = pm_lines_line(&r->lines, v->span.off);
	for (size_t i = 0; !rc && i < v->n; i += 2) {
		const struct pm_yaml_node *key = v->items[i], *value = v->items[i + 1];

		if (pm_str_eq(key->text, "rule")) {
			rc = pm_conf_text(r, value, "rule", &x->rule);
		} else if (pm_str_eq(key->text, "path")) {
			rc = pm_conf_glob(r, value, "path", &x->glob);
			if (!rc)
				rc = pm_re_glob(&x->re, x->glob, r->err);
		} else if (pm_str_eq(key->text, "port")) {
			rc = pm_conf_port(r, value, &x->port);
		} else if (pm_str_eq(key->text, "service")) {
			rc = pm_conf_text(r, value, "service", &x->service);
		} else if (pm_str_eq(key->text, "reason")) {
			rc = pm_conf_text(r, value, "reason", &x->reason);
		} else {
			return pm_conf_unknown(r, key, "an exception",
					       "rule, path, port, service, reason");
		}
	}
	if (rc)
		return rc;
	if (!x->rule)
		return pm_conf_fail(r, v, "an exception needs a rule");
	if (!x->reason)
		return pm_conf_fail(r, v, "an exception needs a reason");
	return 0;
}

int pm_conf_read_allow(struct pm_conf *r, const struct pm_yaml_node *v)
{
	int rc = pm_conf_kind(r, v, PM_YAML_SEQ, "allow");

	for (size_t i = 0; !rc && i < v->n; i++)
		rc = read_one(r, v->items[i]);
	return rc;
}
