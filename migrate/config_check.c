/* config_check.c - configuration that does nothing, or hides what it should not. */
#include "config.h"

#include "base/re.h"

#include <string.h>

/* As the inventory matches: the path itself, or a directory above it. */
static bool matches(struct pm_re *re, const char *path)
{
	const struct pm_str s = pm_str_of(path);

	for (size_t n = 1; n <= s.n; n++)
		if ((n == s.n || s.p[n] == '/') &&
		    pm_re_match(re, (struct pm_str){ s.p, n }, 0, NULL, 0) == 1)
			return true;
	return false;
}

bool pm_config_covers(const char *glob, struct pm_re *re, const char *path)
{
	struct pm_re *own = NULL;
	bool yes;

	if (!re && pm_re_glob(&own, glob, NULL) < 0)
		return false;
	yes = matches(re ? re : own, path);
	pm_re_free(own);
	return yes;
}

const struct pm_exception *pm_config_keeps(const struct pm_config *c, const char *path,
					   const char *rule, unsigned port)
{
	for (size_t i = 0; c && i < c->keep.n; i++) {
		const struct pm_exception *k = &c->keep.v[i];

		if ((!k->port || k->port == port) && (!k->rule || strcmp(k->rule, rule) == 0) &&
		    (!k->glob || pm_config_covers(k->glob, k->re, path)))
			return k;
	}
	return NULL;
}

struct check {
	const struct pm_config *c;
	const char *const *paths;
	size_t n;
	struct pm_arena *a;
	struct pm_diags *out;
};

static void check_glob(struct check *k, const char *what, const char *glob, unsigned line)
{
	struct pm_re *re = NULL;
	bool any = false;

	if (!glob || pm_re_glob(&re, glob, NULL) < 0)
		return;
	for (size_t i = 0; i < k->n && !any; i++)
		any = matches(re, k->paths[i]);
	if (!any)
		pm_diag_add(k->out, k->a, "config-dead", PM_WARNING, k->c->path, line, 0,
			    "%s '%s' matches no file of the commit", what, glob);
	if (k->c->schema && strcmp(what, "exclude") == 0 && matches(re, k->c->schema))
		pm_diag_add(k->out, k->a, "config-hides-schema", PM_WARNING, k->c->path, line, 0,
			    "exclude '%s' hides the schema %s itself", glob, k->c->schema);
	pm_re_free(re);
}

void pm_config_check(const struct pm_config *c, const char *const *paths, size_t n,
		     struct pm_arena *a, struct pm_diags *out)
{
	struct check k = { c, paths, n, a, out };

	for (size_t i = 0; i < c->n_exclude; i++)
		check_glob(&k, "exclude", c->exclude[i], 0);
	for (size_t i = 0; i < c->n_past; i++)
		check_glob(&k, "past", c->past[i], 0);
	for (size_t i = 0; i < c->owners.n; i++)
		check_glob(&k, "owner of", c->owners.v[i].glob, 0);
	for (size_t i = 0; i < c->keep.n; i++)
		check_glob(&k, "keep", c->keep.v[i].glob, c->keep.v[i].line);
	for (size_t i = 0; i < c->environments.n; i++)
		check_glob(&k, "environment of", c->environments.v[i].glob,
			   c->environments.v[i].line);
	for (size_t i = 0; i < c->allow.n; i++)
		check_glob(&k, "allow", c->allow.v[i].glob, c->allow.v[i].line);
	for (size_t i = 0; i < c->patterns.n; i++)
		check_glob(&k, "files", c->patterns.v[i].glob, c->patterns.v[i].line);
}
