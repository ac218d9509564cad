/*
 * yamlconf.c - YAML that is neither Compose nor Kubernetes: prometheus, cloudflared, traefik,
 * GitHub Actions, OpenAPI, Spring, Helm values, and anything else by the words of its keys.
 *
 * One walk; a table says what certain keys of certain formats mean, the rest follows from
 * pm_key_classify. Enclosing keys and the names of list items go along as blocks.
 */
#include "formats.h"

#include <string.h>

enum format { GENERIC, PROMETHEUS, TUNNEL, ACTIONS, OPENAPI, TRAEFIK, SPRING, HELM };

struct conf {
	struct pm_place place;
	enum format format;
	enum pm_side local; /* whose localhost this file speaks of */
	const struct pm_yaml_node *image; /* that a workflow's steps are about, or NULL */
	unsigned budget;
};

/* Keys that a format gives a meaning. `under`: a part of the key path, or NULL. */
static const struct rule {
	enum format format;
	const char *key, *under, *rule;
	enum pm_role role;
	enum pm_side side; /* of a bare number */
} rules[] = {
	{ PROMETHEUS, "targets", NULL, "yaml/scrape", PM_ROLE_ROUTE, PM_SIDE_UNKNOWN },
	{ PROMETHEUS, "replacement", NULL, "yaml/scrape", PM_ROLE_ROUTE, PM_SIDE_UNKNOWN },
	{ TUNNEL, "service", "ingress", "yaml/tunnel", PM_ROLE_ROUTE, PM_SIDE_HOST },
	{ TUNNEL, "metrics", NULL, "yaml/tunnel", PM_ROLE_LISTEN, PM_SIDE_HOST },
	{ OPENAPI, "url", "servers", "yaml/openapi", PM_ROLE_URL, PM_SIDE_HOST },
	{ OPENAPI, "host", NULL, "yaml/openapi", PM_ROLE_URL, PM_SIDE_HOST },
	{ TRAEFIK, "url", NULL, "yaml/traefik", PM_ROLE_ROUTE, PM_SIDE_HOST },
	{ TRAEFIK, "address", "ervices", "yaml/traefik", PM_ROLE_ROUTE, PM_SIDE_HOST },
	{ TRAEFIK, "address", "ntry", "yaml/traefik", PM_ROLE_LISTEN, PM_SIDE_UNKNOWN },
	{ SPRING, "port", "server", "yaml/spring", PM_ROLE_LISTEN, PM_SIDE_UNKNOWN },
	{ HELM, "port", "ervice", "yaml/helm", PM_ROLE_ROUTE, PM_SIDE_CONTAINER },
	{ GENERIC, "containerPort", NULL, "yaml/container-port", PM_ROLE_CONTAINER,
	  PM_SIDE_CONTAINER },
	{ GENERIC, "targetPort", NULL, "yaml/container-port", PM_ROLE_CONTAINER,
	  PM_SIDE_CONTAINER },
	{ GENERIC, "servicePort", NULL, "yaml/service-port", PM_ROLE_ROUTE, PM_SIDE_CONTAINER },
	{ GENERIC, "hostPort", NULL, "yaml/host-port", PM_ROLE_HOST_PORT, PM_SIDE_HOST },
	{ GENERIC, "nodePort", NULL, "yaml/host-port", PM_ROLE_HOST_PORT, PM_SIDE_HOST },
	{ GENERIC, "upstream", NULL, "yaml/route", PM_ROLE_ROUTE, PM_SIDE_UNKNOWN },
	{ GENERIC, "upstreams", NULL, "yaml/route", PM_ROLE_ROUTE, PM_SIDE_UNKNOWN },
	{ GENERIC, "backend", NULL, "yaml/route", PM_ROLE_ROUTE, PM_SIDE_UNKNOWN },
	{ GENERIC, "proxy_pass", NULL, "yaml/route", PM_ROLE_ROUTE, PM_SIDE_UNKNOWN },
	{ GENERIC, "targets", NULL, "yaml/route", PM_ROLE_ROUTE, PM_SIDE_UNKNOWN },
	{ GENERIC, "target", NULL, "yaml/route", PM_ROLE_ROUTE, PM_SIDE_UNKNOWN },
};

static struct pm_str path_of(const struct conf *c)
{
	return (struct pm_str){ c->place.path.n ? c->place.path.v : "", c->place.path.n };
}

static const struct rule *find_rule(const struct conf *c, struct pm_str key)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if ((rules[i].format == c->format || rules[i].format == GENERIC) &&
		    pm_str_eq(key, rules[i].key) &&
		    (!rules[i].under ||
		     pm_str_find(path_of(c), rules[i].under, false) != SIZE_MAX))
			return &rules[i];
	return NULL;
}

/* Enter a named block: what encloses it is one further away. */
static void enter(struct conf *c, struct pm_str name, unsigned line)
{
	for (size_t i = 0; i < c->place.n; i++)
		if (c->place.v[i].kind == PM_FACT_BLOCK)
			c->place.v[i].depth++;
	pm_place_push(&c->place, PM_FACT_BLOCK, name, line, 0);
}

/* Back to `facts` entries, undoing the `entered` blocks since. */
static void leave(struct conf *c, size_t facts, unsigned entered)
{
	c->place.n = facts;
	for (size_t i = 0; i < c->place.n; i++)
		if (c->place.v[i].kind == PM_FACT_BLOCK)
			c->place.v[i].depth -= entered;
}

/* Keys that say nothing about whose block it is. */
static bool is_structure(struct pm_str key)
{
	static const char *const words[] = {
		"ports", "port", "service", "services", "env", "environment", "config",
		"configs", "settings", "server", "servers", "spec", "data", "jobs", "steps",
		"with", "http", "https", "tcp", "static_configs", "scrape_configs", "targets",
		"ingress", "values", "global", "default", "defaults", "options", "url", "urls",
		"loadBalancer", "livenessProbe", "readinessProbe", "startupProbe", "httpGet",
		"deployment", "container", "containers", "vars", "params", "properties", "on",
		"variables", "labels", "annotations", "metadata", "items", "list", "hosts",
		"paths", "backend", "upstream", "upstreams", "endpoints", "routers", "routes",
		"healthcheck", "health", "probes", "resources", "image", "spring", "management",
		"components", "info", "relabel_configs", "strategy", "matrix", "run", NULL,
	};

	for (size_t i = 0; words[i]; i++)
		if (pm_str_eq(key, words[i]))
			return true;
	return pm_key_classify(key) == PM_KEY_PORT;
}

/* The scalar that names a map: a job's job_name, a rule's hostname, an item's name. */
static const struct pm_yaml_node *name_of(const struct pm_yaml_node *map)
{
	static const char *const keys[] = { "job_name", "hostname", "container_name", "name",
					    "alias", "app", "id" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const struct pm_yaml_node *n = pm_yaml_get(map, keys[i]);

		if (n && n->kind == PM_YAML_SCALAR && n->text.n)
			return n;
	}
	return NULL;
}

static bool in_probe(const struct conf *c)
{
	static const char *const words[] = { "health", "probe", "liveness", "readiness" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (pm_str_find(path_of(c), words[i], true) != SIZE_MAX)
			return true;
	return false;
}

/* Is this an item of a list of port mappings? */
static bool is_mapping(struct pm_str key, struct pm_str text)
{
	return (pm_str_ieq(key, "ports") || pm_str_ieq(key, "published_ports") ||
		pm_str_ieq(key, "publish")) &&
	       memchr(text.p, ':', text.n) != NULL;
}

static void read_by_rule(struct conf *c, const struct pm_yaml_node *n, const struct rule *r)
{
	enum pm_side local = r->side == PM_SIDE_UNKNOWN ? c->local : r->side;

	c->place.rule = r->rule;
	if (r->role == PM_ROLE_URL || r->role == PM_ROLE_ROUTE || r->role == PM_ROLE_LISTEN)
		pm_place_address(&c->place, n->span, r->role, local);
	pm_place_number(&c->place, n, r->role, r->side, PM_SURE);
}

static void read_scalar(struct conf *c, const struct pm_yaml_node *n, struct pm_str key)
{
	const struct rule *r = find_rule(c, key);
	size_t facts = c->place.n;

	pm_place_push(&c->place, PM_FACT_IDENT, key, n->line, 0);
	if (r)
		read_by_rule(c, n, r);
	c->place.rule = "yaml/value";
	if (c->format == ACTIONS && pm_str_eq(key, "run")) {
		c->place.n = facts; /* the script has its own names */
		c->place.rule = "yaml/run";
		pm_place_command(&c->place, n->span, PM_ROLE_URL);
	} else if (n->style >= PM_YAML_LITERAL) {
		pm_formats_lines(&c->place, n->span, "yaml/text");
	} else if (is_mapping(key, n->text)) {
		c->place.rule = "yaml/ports";
		pm_formats_mapping(&c->place, n, PM_SURE);
	} else {
		if (in_probe(c)) {
			c->place.rule = "yaml/probe";
			pm_place_address(&c->place, n->span, PM_ROLE_PROBE, c->place.inside);
			if (pm_str_eq(key, "port"))
				pm_place_number(&c->place, n, PM_ROLE_PROBE, c->place.inside,
						PM_SURE);
			c->place.rule = "yaml/value";
		}
		pm_place_setting(&c->place, n->span, key);
	}
	c->place.n = facts;
}

static void walk(struct conf *c, const struct pm_yaml_node *n, struct pm_str key);

/* Where a step, or all steps of a job, run. */
static void push_directory(struct conf *c, const struct pm_yaml_node *map)
{
	const struct pm_yaml_node *run = pm_yaml_get(pm_yaml_get(map, "defaults"), "run");
	const struct pm_yaml_node *dir = pm_yaml_get(map, "working-directory");
	const char *path;

	dir = dir ? dir : pm_yaml_get(run, "working-directory");
	if (!dir || dir->kind != PM_YAML_SCALAR || memchr(dir->text.p, '$', dir->text.n))
		return;
	path = pm_path_join(c->place.sink->arena, (struct pm_str){ "", 0 }, dir->text);
	pm_place_push(&c->place, PM_FACT_BUILD, pm_str_of(path), dir->line, 0);
}

/* The image that a workflow or job is about: the one variable that names one. Several name
 * several services, and so none. */
static void find_image(struct conf *c, const struct pm_yaml_node *env)
{
	static const char *const words[] = { "image", NULL };
	const struct pm_yaml_node *found = NULL;

	for (size_t i = 0; env && env->kind == PM_YAML_MAP && i + 1 < env->n; i += 2) {
		const struct pm_yaml_node *value = env->items[i + 1];

		if (!pm_key_has_word(env->items[i]->text, words) ||
		    value->kind != PM_YAML_SCALAR || memchr(value->text.p, '$', value->text.n))
			continue;
		if (found)
			return;
		found = value;
	}
	c->image = found ? found : c->image;
}

/* GitHub Actions: the name of a step introduces it, its job is the block. */
static unsigned enter_map(struct conf *c, const struct pm_yaml_node *map)
{
	const struct pm_yaml_node *name = name_of(map);

	if (c->format == ACTIONS) {
		push_directory(c, map);
		find_image(c, pm_yaml_get(map, "env"));
	} else if (pm_yaml_get(pm_yaml_get(map, "build"), "dockerfile")) {
		pm_formats_build(&c->place, pm_yaml_get(map, "build"));
	}
	if (!name)
		return 0;
	if (c->format == ACTIONS) {
		pm_place_push_node(&c->place, PM_FACT_NEAR, name, 0);
		return 0;
	}
	enter(c, name->text, name->line);
	return 1;
}

/* host: db beside port: 5432 */
static void push_peer(struct conf *c, const struct pm_yaml_node *map, struct pm_str key)
{
	const char *host = pm_place_host_key(c->place.sink->arena, key);

	if (host)
		pm_place_peer(&c->place, key, pm_yaml_get_str(map, host));
}

/* A block: a map, or a list of more than scalars. */
static bool has_parts(const struct pm_yaml_node *n)
{
	return n->kind == PM_YAML_MAP ||
	       (n->kind == PM_YAML_SEQ && n->n && n->items[0]->kind != PM_YAML_SCALAR);
}

static void walk_map(struct conf *c, const struct pm_yaml_node *map)
{
	const struct pm_yaml_node *image = c->image;
	size_t outer = c->place.n;
	unsigned named = enter_map(c, map);

	for (size_t i = 0; i + 1 < map->n; i += 2) {
		const struct pm_yaml_node *key = map->items[i], *value = map->items[i + 1];
		size_t was = pm_place_key(&c->place, key->text), facts = c->place.n;
		unsigned entered = 0;

		if (has_parts(value) && !is_structure(key->text)) {
			enter(c, key->text, key->line);
			entered = 1;
		}
		/* the containers beside the steps have images of their own */
		if (c->image && pm_str_eq(key->text, "steps"))
			pm_place_push(&c->place, PM_FACT_IMAGE, pm_image_untagged(c->image->text),
				      c->image->line, 0);
		push_peer(c, map, key->text);
		walk(c, value, key->text);
		c->place.peer.n = 0;
		leave(c, facts, entered);
		pm_place_cut(&c->place, was);
	}
	leave(c, outer, named);
	c->image = image;
}

static void walk(struct conf *c, const struct pm_yaml_node *n, struct pm_str key)
{
	/* an anchored value is read where it stands */
	if (c->budget == 0 || n->aliased || !pm_place_wanted(&c->place, n->span))
		return;
	c->budget--;
	if (n->kind == PM_YAML_SCALAR)
		read_scalar(c, n, key);
	else if (n->kind == PM_YAML_MAP)
		walk_map(c, n);
	for (size_t i = 0; n->kind == PM_YAML_SEQ && i < n->n; i++) {
		size_t was = pm_place_index(&c->place, i);

		walk(c, n->items[i], key);
		pm_place_cut(&c->place, was);
	}
}

static enum format recognise(const struct pm_file *f)
{
	struct pm_str path = pm_str_of(f->path), base = pm_path_base(f->path);
	struct pm_str head = { f->bytes, f->len < 65536 ? f->len : 65536 };
	const unsigned tops = pm_file_tops(f);

	if (pm_str_find(path, ".github/workflows/", false) != SIZE_MAX ||
	    pm_str_find(path, ".gitea/workflows/", false) != SIZE_MAX ||
	    pm_str_find(path, ".forgejo/workflows/", false) != SIZE_MAX ||
	    pm_str_find(base, "action.y", false) == 0)
		return ACTIONS;
	if (tops & PM_TOP_SCRAPE)
		return PROMETHEUS;
	if (tops & PM_TOP_INGRESS && pm_str_find(head, "hostname:", false) != SIZE_MAX)
		return TUNNEL;
	if (tops & PM_TOP_OPENAPI)
		return OPENAPI;
	if (pm_str_find(head, "loadBalancer:", false) != SIZE_MAX ||
	    tops & PM_TOP_ENTRY_POINTS)
		return TRAEFIK;
	if (pm_str_find(base, "application", false) == 0 ||
	    pm_str_find(base, "bootstrap", false) == 0)
		return SPRING;
	return pm_str_find(base, "values", false) == 0 ? HELM : GENERIC;
}

static int scan(const struct pm_file *f, struct pm_sink *out, struct pm_err *err)
{
	struct conf c = { .place = { .sink = out, .rule = "yaml/value" }, .budget = 500000 };
	enum pm_yaml_parsed parsed;
	struct pm_yaml yaml;

	(void)err;
	c.format = recognise(f);
	c.place.inside = c.format == HELM      ? PM_SIDE_CONTAINER
			 : c.format == ACTIONS ? PM_SIDE_HOST
					       : PM_SIDE_UNKNOWN;
	/* these two usually run in containers of their own */
	c.local = c.format == HELM || c.format == PROMETHEUS ? PM_SIDE_UNKNOWN : PM_SIDE_HOST;
	c.place.local = c.local;
	parsed = pm_formats_yaml(&yaml, out);
	if (parsed == PM_YAML_PART)
		pm_place_push(&c.place, PM_FACT_TEMPLATE, PM_STR("partly parsed"), 0, 0);
	for (size_t i = 0; i < yaml.n; i++)
		walk(&c, yaml.docs[i], PM_STR(""));
	if (parsed != PM_YAML_WHOLE) {
		c.place.n = 0;
		pm_place_push(&c.place, PM_FACT_TEMPLATE, PM_STR("not parsed"), 0, 0);
		pm_formats_lines(&c.place, (struct pm_span){ 0, (uint32_t)f->len }, "yaml/line");
	}
	pm_buf_release(&c.place.path);
	return 0;
}

static bool accepts(const struct pm_file *f)
{
	struct pm_str base = pm_path_base(f->path);

	return pm_path_is_yaml(f->path) && !pm_str_eq(base, "pnpm-lock.yaml") &&
	       !pm_str_eq(base, "pnpm-lock.yml") && !pm_is_compose(f) && !pm_is_k8s(f);
}

static const char *const globs[] = { "**/*.yml", "**/*.yaml", NULL };

const struct pm_scanner pm_scanner_yaml = {
	.name = "yaml",
	.summary = "other YAML: prometheus, cloudflared, traefik, Actions, Helm values, ...",
	.globs = globs,
	.accepts = accepts,
	.scan = scan,
};
