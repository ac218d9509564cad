/*
 * config.c - see config.h and docs/configuration.md. The file is data of a repository: it can name
 * places inside the commit and nothing else, and what it says is either understood or an error.
 */
#include "config_impl.h"

#include "base/port.h"
#include "base/re.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 1 << 20, MAX_REGEX = 4096 };

int pm_conf_fail(struct pm_conf *r, const struct pm_yaml_node *at, const char *fmt, ...)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_loc loc = { r->path, 0, 0 };
	va_list ap;

	if (at) {
		loc.line = pm_lines_line(&r->lines, at->span.off);
		loc.col = pm_lines_col(&r->lines, at->span.off);
	}
	va_start(ap, fmt);
	pm_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	return pm_err_set(r->err, PM_E_USAGE, loc, "configuration: %s", pm_buf_str(&b));
}

/* ---- shapes ---- */

int pm_conf_plain(struct pm_conf *r, const struct pm_yaml_node *n)
{
	if (n->tag)
		return pm_conf_fail(r, n, "tags such as '%.100s' are not used here", n->tag);
	if (n->aliased)
		return pm_conf_fail(r, n, "aliases ('*name') are not used here; write the value out");
	return 0;
}

int pm_conf_kind(struct pm_conf *r, const struct pm_yaml_node *n, enum pm_yaml_kind kind,
		     const char *what)
{
	static const char *const names[] = { "one value", "a list", "a map" };
	int rc = pm_conf_plain(r, n);

	if (rc)
		return rc;
	if (n->kind != kind)
		return pm_conf_fail(r, n, "%s must be %s", what, names[kind]);
	return 0;
}

/* A text of one line without control bytes. */
int pm_conf_text(struct pm_conf *r, const struct pm_yaml_node *n, const char *what,
		    const char **out)
{
	int rc = pm_conf_kind(r, n, PM_YAML_SCALAR, what);

	if (rc)
		return rc;
	if (!n->text.n || (n->style == PM_YAML_PLAIN && pm_str_eq(n->text, "~")) ||
	    (n->style == PM_YAML_PLAIN && pm_str_eq(n->text, "null")))
		return pm_conf_fail(r, n, "%s is empty", what);
	for (size_t i = 0; i < n->text.n; i++)
		if ((unsigned char)n->text.p[i] < 0x20 || n->text.p[i] == 0x7f)
			return pm_conf_fail(r, n, "%s has a control character", what);
	*out = pm_arena_strndup(&r->c->arena, n->text.p, n->text.n);
	return 0;
}

/* A path or glob inside the commit. */
int pm_conf_path(struct pm_conf *r, const struct pm_yaml_node *n, const char *what,
		    const char **out)
{
	const char *p;
	int rc = pm_conf_text(r, n, what, out);

	if (rc)
		return rc;
	if (**out == '/')
		return pm_conf_fail(r, n, "%s '%.200s' must be relative to the root of the commit",
				    what, *out);
	for (p = *out; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || !p[2]))
			return pm_conf_fail(r, n, "%s '%.200s' must not have '..'", what, *out);
	}
	return 0;
}

int pm_conf_glob(struct pm_conf *r, const struct pm_yaml_node *n, const char *what,
		    const char **out)
{
	struct pm_re *re = NULL;
	struct pm_err why;
	int rc = pm_conf_path(r, n, what, out);

	if (rc)
		return rc;
	if (pm_re_glob(&re, *out, &why) < 0)
		return pm_conf_fail(r, n, "%s '%.200s': %s", what, *out, why.text);
	pm_re_free(re);
	return 0;
}

int pm_conf_list(struct pm_conf *r, const struct pm_yaml_node *n, const char *what,
		 pm_conf_get get, const char ***out, size_t *n_out)
{
	int rc = pm_conf_kind(r, n, PM_YAML_SEQ, what);

	if (rc)
		return rc;
	*out = PM_NEW_N(&r->c->arena, const char *, n->n + 1);
	for (size_t i = 0; i < n->n; i++) {
		rc = get(r, n->items[i], what, &(*out)[i]);
		if (rc)
			return rc;
	}
	*n_out = n->n;
	return 0;
}

int pm_conf_word(struct pm_conf *r, const struct pm_yaml_node *n, const char *what,
		 const char *const *words, size_t n_words, size_t *out)
{
	PM_CLEAN_BUF struct pm_buf known = { 0 };
	const char *text = NULL;
	int rc = pm_conf_text(r, n, what, &text);

	if (rc)
		return rc;
	for (size_t i = 0; i < n_words; i++) {
		if (strcmp(words[i], text) == 0) {
			*out = i;
			return 0;
		}
		pm_buf_addf(&known, "%s%s", i ? ", " : "", words[i]);
	}
	return pm_conf_fail(r, n, "%s '%.100s' is none of %s", what, text, pm_buf_str(&known));
}

int pm_conf_unknown(struct pm_conf *r, const struct pm_yaml_node *key, const char *where,
		    const char *known)
{
	return pm_conf_fail(r, key, "unknown key '%.*s' in %s; known %s %s",
			    (int)(key->text.n < 100 ? key->text.n : 100), key->text.p, where,
			    strchr(known, ',') ? "are" : "is", known);
}

/* Keys of a map: scalars, each once. */
int pm_conf_map(struct pm_conf *r, const struct pm_yaml_node *map, const char *what)
{
	int rc = pm_conf_kind(r, map, PM_YAML_MAP, what);

	if (rc)
		return rc;
	for (size_t i = 0; i < map->n; i += 2) {
		const struct pm_yaml_node *key = map->items[i];

		rc = pm_conf_plain(r, key);
		if (rc)
			return rc;
		if (key->kind != PM_YAML_SCALAR || !key->text.n)
			return pm_conf_fail(r, key, "a key of %s must be a word", what);
		for (size_t k = 0; k < i; k += 2) {
			const struct pm_str other = map->items[k]->text;

			if (other.n == key->text.n && memcmp(other.p, key->text.p, other.n) == 0)
				return pm_conf_fail(r, key, "key '%.*s' is there twice, first at line %u",
					    (int)(key->text.n < 100 ? key->text.n : 100),
					    key->text.p,
					    pm_lines_line(&r->lines, map->items[k]->span.off));
		}
	}
	return 0;
}

/* ---- the keys ---- */

static int read_schema(struct pm_conf *r, const struct pm_yaml_node *v)
{
	return pm_conf_path(r, v, "schema", &r->c->schema);
}

static int read_exclude(struct pm_conf *r, const struct pm_yaml_node *v)
{
	return pm_conf_list(r, v, "exclude", pm_conf_glob, &r->c->exclude, &r->c->n_exclude);
}

static int read_past(struct pm_conf *r, const struct pm_yaml_node *v)
{
	return pm_conf_list(r, v, "past", pm_conf_glob, &r->c->past, &r->c->n_past);
}

/* A name cannot stand for two services. */
static int check_names(struct pm_conf *r, const struct pm_yaml_node *list,
		       const struct pm_alias *a)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t s = 0; s < r->c->aliases.n; s++) {
			const struct pm_alias *b = &r->c->aliases.v[s];

			for (size_t k = 0; b != a && k < b->n; k++)
				if (strcmp(a->names[i], b->names[k]) == 0)
					return pm_conf_fail(r, list->items[i],
						    "'%.100s' is an alias of '%.100s' already",
						    a->names[i], b->service);
		}
	return 0;
}

static int read_aliases(struct pm_conf *r, const struct pm_yaml_node *v)
{
	int rc = pm_conf_map(r, v, "aliases");

	for (size_t i = 0; !rc && i < v->n; i += 2) {
		struct pm_alias *a = PM_VEC_ADD(&r->c->aliases);

		rc = pm_conf_text(r, v->items[i], "service", &a->service);
		if (!rc)
			rc = pm_conf_list(r, v->items[i + 1], "aliases of a service", pm_conf_text,
				      &a->names, &a->n);
		if (!rc)
			rc = check_names(r, v->items[i + 1], a);
	}
	return rc;
}

static int read_owners(struct pm_conf *r, const struct pm_yaml_node *v)
{
	int rc = pm_conf_map(r, v, "owners");

	for (size_t i = 0; !rc && i < v->n; i += 2) {
		struct pm_path_owner *o = PM_VEC_ADD(&r->c->owners);

		rc = pm_conf_glob(r, v->items[i], "path of an owner", &o->glob);
		if (!rc)
			rc = pm_conf_text(r, v->items[i + 1], "owner", &o->service);
		if (!rc)
			rc = pm_re_glob(&o->re, o->glob, r->err);
	}
	return rc;
}

int pm_conf_port(struct pm_conf *r, const struct pm_yaml_node *n, unsigned *out)
{
	int rc = pm_conf_kind(r, n, PM_YAML_SCALAR, "port");

	if (rc)
		return rc;
	*out = pm_port_parse(n->text);
	return *out ? 0 : pm_conf_fail(r, n, "'%.*s' is no port",
				       (int)(n->text.n < 100 ? n->text.n : 100), n->text.p);
}

static int read_exception(struct pm_conf *r, const struct pm_yaml_node *v)
{
	struct pm_exception *k = PM_VEC_ADD(&r->c->keep);
	int rc = pm_conf_map(r, v, "an exception");

	for (size_t i = 0; !rc && i < v->n; i += 2) {
		const struct pm_yaml_node *key = v->items[i], *value = v->items[i + 1];

		if (pm_str_eq(key->text, "path")) {
			rc = pm_conf_glob(r, value, "path", &k->glob);
			if (!rc)
				rc = pm_re_glob(&k->re, k->glob, r->err);
		} else if (pm_str_eq(key->text, "rule")) {
			rc = pm_conf_text(r, value, "rule", &k->rule);
		} else if (pm_str_eq(key->text, "port")) {
			rc = pm_conf_port(r, value, &k->port);
		} else if (pm_str_eq(key->text, "reason")) {
			rc = pm_conf_text(r, value, "reason", &k->reason);
		} else {
			return pm_conf_unknown(r, key, "an exception", "path, rule, port, reason");
		}
	}
	if (rc)
		return rc;
	if (!k->reason)
		return pm_conf_fail(r, v, "an exception needs a reason");
	if (!k->glob && !k->rule && !k->port)
		return pm_conf_fail(r, v, "an exception needs a path, a rule or a port");
	k->line = pm_lines_line(&r->lines, v->span.off);
	return 0;
}

static int read_keep(struct pm_conf *r, const struct pm_yaml_node *v)
{
	int rc = pm_conf_kind(r, v, PM_YAML_SEQ, "keep");

	for (size_t i = 0; !rc && i < v->n; i++)
		rc = read_exception(r, v->items[i]);
	return rc;
}

static int check_regex(struct pm_conf *r, const struct pm_yaml_node *at, const char *regex)
{
	struct pm_re *re = NULL;
	struct pm_err why;
	int group;

	if (strlen(regex) > MAX_REGEX)
		return pm_conf_fail(r, at, "regex is longer than %d bytes", MAX_REGEX);
	if (pm_re_compile(&re, regex, PM_RE_USER, &why) < 0)
		return pm_conf_fail(r, at, "regex: %s", why.text);
	group = pm_re_group(re, "port");
	pm_re_free(re);
	if (group < 0)
		return pm_conf_fail(r, at, "regex needs a group (?<port>...) around the digits");
	return 0;
}

static int read_pattern(struct pm_conf *r, const struct pm_yaml_node *v)
{
	struct pm_pattern *p = PM_VEC_ADD(&r->c->patterns);
	int rc = pm_conf_map(r, v, "a pattern");

	for (size_t i = 0; !rc && i < v->n; i += 2) {
		const struct pm_yaml_node *key = v->items[i], *value = v->items[i + 1];

		if (pm_str_eq(key->text, "name")) {
			rc = pm_conf_text(r, value, "name", &p->name);
		} else if (pm_str_eq(key->text, "files")) {
			rc = pm_conf_glob(r, value, "files", &p->glob);
		} else if (pm_str_eq(key->text, "regex")) {
			rc = pm_conf_text(r, value, "regex", &p->regex);
			if (!rc)
				rc = check_regex(r, value, p->regex);
		} else {
			return pm_conf_unknown(r, key, "a pattern", "name, regex, files");
		}
	}
	if (rc)
		return rc;
	if (!p->name || !p->regex)
		return pm_conf_fail(r, v, "a pattern needs a name and a regex");
	p->line = pm_lines_line(&r->lines, v->span.off);
	for (size_t i = 0; i + 1 < r->c->patterns.n; i++)
		if (strcmp(r->c->patterns.v[i].name, p->name) == 0)
			return pm_conf_fail(r, v, "two patterns are named '%.100s', the first at line %u",
				    p->name, r->c->patterns.v[i].line);
	return 0;
}

static int read_patterns(struct pm_conf *r, const struct pm_yaml_node *v)
{
	int rc = pm_conf_kind(r, v, PM_YAML_SEQ, "patterns");

	for (size_t i = 0; !rc && i < v->n; i++)
		rc = read_pattern(r, v->items[i]);
	return rc;
}

static const struct {
	const char *key;
	int (*read)(struct pm_conf *, const struct pm_yaml_node *);
} keys[] = {
	{ "schema", read_schema },   { "exclude", read_exclude }, { "past", read_past },
	{ "aliases", read_aliases }, { "owners", read_owners },	  { "patterns", read_patterns },
	{ "keep", read_keep },	     { "hosts", pm_conf_read_hosts },
	{ "environments", pm_conf_read_environments }, { "sources", pm_conf_read_sources },
	{ "rules", pm_conf_read_rules }, { "allow", pm_conf_read_allow },
};
enum { N_KEYS = sizeof(keys) / sizeof(keys[0]) };

static int read_key(struct pm_conf *r, const struct pm_yaml_node *key,
		    const struct pm_yaml_node *value)
{
	for (size_t i = 0; i < N_KEYS; i++)
		if (pm_str_eq(key->text, keys[i].key))
			return keys[i].read(r, value);
	pm_conf_fail(r, key, "unknown key '%.*s'", (int)(key->text.n < 100 ? key->text.n : 100),
	     key->text.p);
	return pm_err_hint(r->err, "known keys are schema, exclude, past, aliases, owners, "
				   "keep, patterns, hosts, environments, sources, rules, allow");
}

static int read_root(struct pm_conf *r, const struct pm_yaml *y)
{
	const struct pm_yaml_node *root = y->n ? y->docs[0] : NULL;
	int rc;

	if (!root || (root->kind == PM_YAML_SCALAR && !root->text.n)) {
		pm_conf_fail(r, NULL, "the file is empty");
		return pm_err_hint(r->err, "remove it, or see docs/configuration.md");
	}
	if (y->n > 1)
		return pm_conf_fail(r, y->docs[1], "there is a second document ('---')");
	rc = pm_conf_map(r, root, "the file");
	for (size_t i = 0; !rc && i < root->n; i += 2)
		rc = read_key(r, root->items[i], root->items[i + 1]);
	return rc;
}

int pm_config_parse(struct pm_config *out, const char *path, struct pm_str text,
		    struct pm_err *err)
{
	struct pm_config c = { 0 };
	struct pm_conf r = { &c, path, { 0 }, err };
	struct pm_yaml y = { 0 };
	int rc;

	if (text.n > MAX_BYTES)
		return pm_conf_fail(&r, NULL, "the file is larger than 1 MiB");
	pm_lines_init(&r.lines, &c.arena, text.p, text.n);
	rc = pm_yaml_parse(&y, &c.arena, path, text, err);
	if (rc)
		pm_err_wrap(err, "configuration");
	else
		rc = read_root(&r, &y);
	if (rc) {
		pm_config_release(&c);
		return rc;
	}
	c.path = pm_arena_strdup(&c.arena, path);
	*out = c;
	return 0;
}

void pm_config_release(struct pm_config *c)
{
	for (size_t i = 0; i < c->owners.n; i++)
		pm_re_free(c->owners.v[i].re);
	for (size_t i = 0; i < c->keep.n; i++)
		pm_re_free(c->keep.v[i].re);
	for (size_t i = 0; i < c->environments.n; i++)
		pm_re_free(c->environments.v[i].re);
	for (size_t i = 0; i < c->allow.n; i++)
		pm_re_free(c->allow.v[i].re);
	PM_VEC_FREE(&c->aliases);
	PM_VEC_FREE(&c->owners);
	PM_VEC_FREE(&c->keep);
	PM_VEC_FREE(&c->patterns);
	PM_VEC_FREE(&c->hosts);
	PM_VEC_FREE(&c->environments);
	PM_VEC_FREE(&c->rules);
	PM_VEC_FREE(&c->allow);
	pm_arena_release(&c->arena);
	*c = (struct pm_config){ 0 };
}
