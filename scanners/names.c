/*
 * names.c - what manifests say about names that belong together: package and directory, compose
 * service and container and image, job and target. Each block gives one pm_decl; the union of
 * them over a commit is the registry's business. What does not parse says nothing.
 *
 * TOML, XML, go.mod and the like are read line by line: only a name is wanted from them.
 */
#include "formats.h"

#include "portspec.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* More than this many names or ports in one block are data, not one service. */
enum { MAX_NAMES = 64, MAX_PORTS = 64 };

struct reader {
	struct pm_decls *out;
	struct pm_arena *a;
	const struct pm_file *f;
	struct { struct pm_name *v; size_t n, cap; } names;
	struct { unsigned *v; size_t n, cap; } ports;
};

static struct pm_str text_of(const struct reader *r)
{
	return (struct pm_str){ r->f->bytes, r->f->len };
}

static unsigned line_at(const struct reader *r, const char *p)
{
	unsigned line = 1;

	for (const char *q = r->f->bytes; q < p; q++)
		line += *q == '\n';
	return line;
}

/* Names with variables in them are nobody's name. */
static void add_name(struct reader *r, enum pm_name_kind kind, struct pm_str name, unsigned line)
{
	struct pm_name *n;

	name = pm_str_trim(name);
	if (r->names.n == MAX_NAMES || !name.n || name.n > 256 ||
	    memchr(name.p, '$', name.n) || memchr(name.p, '{', name.n) ||
	    memchr(name.p, '}', name.n))
		return;
	for (size_t i = 0; i < r->names.n; i++)
		if (r->names.v[i].kind == kind && pm_str_eq(name, r->names.v[i].text))
			return;
	n = PM_VEC_ADD(&r->names);
	n->kind = kind;
	n->text = pm_arena_strndup(r->a, name.p, name.n);
	n->line = line;
}

static void add_port(struct reader *r, unsigned port)
{
	if (!port || r->ports.n == MAX_PORTS)
		return;
	for (size_t i = 0; i < r->ports.n; i++)
		if (r->ports.v[i] == port)
			return;
	*PM_VEC_ADD(&r->ports) = port;
}

/* The directory of a manifest or build: the root holds everything, so it names nothing. */
static void add_dir(struct reader *r, struct pm_str dir, unsigned line)
{
	if (dir.n)
		add_name(r, PM_NAME_DIR, dir, line);
}

/* End of a block: what was collected becomes one declaration. */
static void finish(struct reader *r)
{
	if (r->names.n) {
		struct pm_decl *d = PM_VEC_ADD(r->out);

		d->path = pm_arena_strdup(r->a, r->f->path);
		d->n = r->names.n;
		d->names = PM_NEW_N(r->a, struct pm_name, d->n);
		memcpy(d->names, r->names.v, d->n * sizeof(*d->names));
		d->n_ports = r->ports.n;
		d->ports = PM_NEW_N(r->a, unsigned, d->n_ports ? d->n_ports : 1);
		if (d->n_ports)
			memcpy(d->ports, r->ports.v, d->n_ports * sizeof(*d->ports));
	}
	r->names.n = r->ports.n = 0;
}

/* A package name, its directory, and at the root the project. */
static void add_package(struct reader *r, struct pm_str name, unsigned line)
{
	struct pm_str dir = pm_path_dir(r->f->path);

	add_name(r, PM_NAME_PACKAGE, name, line);
	if (!dir.n)
		add_name(r, PM_NAME_PROJECT, name, line);
	add_dir(r, dir, 0);
}

/* Ports after flags and assignments of a command line. */
static void add_command_ports(struct reader *r, struct pm_str command)
{
	struct pm_spot o;
	size_t pos = 0;

	while (pm_spot_next(command, &pos, &o))
		if (o.kind == PM_SPOT_FLAG || o.kind == PM_SPOT_ASSIGN ||
		    (o.kind == PM_SPOT_DEFAULT && pm_key_classify(o.name) == PM_KEY_PORT))
			add_port(r, o.port);
}

static void read_json(struct reader *r)
{
	static const char *const scripts[] = { "dev", "start", "serve", "preview", "start:dev" };
	json_error_t e;
	json_t *root = json_loadb(r->f->bytes, r->f->len, 0, &e);
	json_t *name = json_object_get(root, "name"), *all = json_object_get(root, "scripts");

	if (json_is_string(name)) {
		size_t at = pm_str_find(text_of(r), "\"name\"", false);

		add_package(r, pm_str_of(json_string_value(name)),
			    at == SIZE_MAX ? 0 : line_at(r, r->f->bytes + at));
	}
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		const char *s = json_string_value(json_object_get(all, scripts[i]));

		if (s)
			add_command_ports(r, pm_str_of(s));
	}
	json_decref(root);
	finish(r);
}

/* Calls fn for each trimmed line until it returns false. */
typedef bool line_fn(struct reader *r, struct pm_str line, unsigned number, void *state);
static void each_line(struct reader *r, line_fn *fn, void *state)
{
	const char *p = r->f->bytes, *end = p + r->f->len;

	for (unsigned number = 1; p < end; number++) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		struct pm_str line = { p, (size_t)((lf ? lf : end) - p) };

		if (!fn(r, pm_str_trim(line), number, state))
			return;
		p = lf ? lf + 1 : end;
	}
}

/* Value of `key = "value"`, without quotes; empty when the line is something else. */
static struct pm_str value_of(struct pm_str line, const char *key, char sep)
{
	size_t n = strlen(key);
	struct pm_str v;

	if (line.n <= n || memcmp(line.p, key, n) != 0)
		return (struct pm_str){ "", 0 };
	v = pm_str_trim((struct pm_str){ line.p + n, line.n - n });
	if (!v.n || v.p[0] != sep)
		return (struct pm_str){ "", 0 };
	v = pm_str_trim((struct pm_str){ v.p + 1, v.n - 1 });
	if (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'')) {
		const char *q = memchr(v.p + 1, v.p[0], v.n - 1);

		v = (struct pm_str){ v.p + 1, q ? (size_t)(q - v.p) - 1 : 0 };
	}
	return v;
}

struct section {
	const char *const *wanted; /* sections whose `name` counts */
	bool in;
};

static bool toml_line(struct reader *r, struct pm_str line, unsigned number, void *state)
{
	struct section *s = state;
	struct pm_str name;

	if (line.n && line.p[0] == '[') {
		s->in = false;
		for (size_t i = 0; s->wanted[i]; i++)
			s->in |= pm_str_eq(line, s->wanted[i]);
		return true;
	}
	name = s->in ? value_of(line, "name", '=') : (struct pm_str){ "", 0 };
	if (!name.n)
		return true;
	add_package(r, name, number);
	return false;
}

static void read_toml(struct reader *r)
{
	static const char *const wanted[] = { "[package]", "[project]", "[tool.poetry]",
					      "[metadata]", NULL };
	struct section s = { wanted, false };

	each_line(r, toml_line, &s);
	finish(r);
}

static bool go_line(struct reader *r, struct pm_str line, unsigned number, void *state)
{
	struct pm_str path;
	size_t from;

	(void)state;
	if (pm_str_find(line, "module ", false) != 0)
		return true;
	path = pm_str_trim((struct pm_str){ line.p + 7, line.n - 7 });
	for (size_t i = 0; i + 1 < path.n; i++)
		if (path.p[i] == '/' && path.p[i + 1] == '/')
			path = pm_str_trim((struct pm_str){ path.p, i });
	for (from = path.n; from > 0 && path.p[from - 1] != '/'; from--)
		;
	/* example.org/api/v2 is called api */
	if (from > 1 && path.n - from >= 2 && path.p[from] == 'v' &&
	    pm_is_digit(path.p[from + 1])) {
		path.n = from - 1;
		for (from = path.n; from > 0 && path.p[from - 1] != '/'; from--)
			;
	}
	add_package(r, (struct pm_str){ path.p + from, path.n - from }, number);
	return false;
}

static void read_go(struct reader *r)
{
	each_line(r, go_line, NULL);
	finish(r);
}

/* The own artifactId of a POM: before or after its parent's, and before the dependencies. */
static void read_pom(struct reader *r)
{
	static const char *const bodies[] = { "<dependencies>", "<dependencyManagement>",
					      "<properties>", "<build>", NULL };
	struct pm_str s = text_of(r);
	size_t parent, at, end;

	for (size_t i = 0; bodies[i]; i++) {
		size_t body = pm_str_find(s, bodies[i], false);

		s.n = body < s.n ? body : s.n;
	}
	parent = pm_str_find(s, "<parent>", false);
	at = pm_str_find(s, "<artifactId>", false);
	if (parent < at && (end = pm_str_find(s, "</parent>", false)) != SIZE_MAX)
		s = (struct pm_str){ s.p + end, s.n - end };
	at = pm_str_find(s, "<artifactId>", false);
	end = at == SIZE_MAX ? at
			     : pm_str_find((struct pm_str){ s.p + at, s.n - at }, "</", false);
	if (end != SIZE_MAX)
		add_package(r, (struct pm_str){ s.p + at + 12, end - 12 },
			    line_at(r, s.p + at));
	finish(r);
}

static void read_csproj(struct reader *r)
{
	struct pm_str base = pm_path_base(r->f->path);

	add_package(r, (struct pm_str){ base.p, base.n - 7 }, 0);
	finish(r);
}

static bool mix_line(struct reader *r, struct pm_str line, unsigned number, void *state)
{
	struct pm_str v = value_of(line, "app", ':');

	(void)state;
	if (v.n < 2 || v.p[0] != ':')
		return true;
	v = (struct pm_str){ v.p + 1, v.n - 1 };
	if (v.p[v.n - 1] == ',')
		v.n--;
	add_package(r, v, number);
	return false;
}

static void read_mix(struct reader *r)
{
	each_line(r, mix_line, NULL);
	finish(r);
}

static bool pubspec_line(struct reader *r, struct pm_str line, unsigned number, void *state)
{
	struct pm_str v = value_of(line, "name", ':');

	(void)state;
	if (!v.n)
		return true;
	add_package(r, v, number);
	return false;
}

static void read_pubspec(struct reader *r)
{
	each_line(r, pubspec_line, NULL);
	finish(r);
}

/* "api" of Dockerfile.api and api.Dockerfile, unless it names a kind of build. */
static struct pm_str dockerfile_suffix(struct pm_str base)
{
	static const char *const kinds[] = {
		"dev", "development", "prod", "production", "test", "testing", "local", "base",
		"ci", "staging", "debug", "release", "alpine", "slim", "build", "builder", "gpu",
		"cuda", "cpu", "multi", "simple", "optimized", "dockerignore", "template", NULL,
	};
	struct pm_str s = base;

	if (pm_str_find(base, "Dockerfile.", true) == 0)
		s = (struct pm_str){ base.p + 11, base.n - 11 };
	else if (base.n > 11 && pm_str_ieq((struct pm_str){ base.p + base.n - 11, 11 },
					   ".Dockerfile"))
		s.n -= 11;
	else
		s.n = 0;
	return pm_key_has_word(s, kinds) ? (struct pm_str){ "", 0 } : s;
}

static bool expose_line(struct reader *r, struct pm_str line, unsigned number, void *state)
{
	unsigned port;
	size_t pos = 0, len;

	(void)number;
	(void)state;
	if (line.n > 7 && pm_str_ieq((struct pm_str){ line.p, 7 }, "EXPOSE "))
		while ((port = pm_port_next(line, &pos, &len))) {
			add_port(r, port);
			pos += len;
		}
	return true;
}

static void read_dockerfile(struct reader *r)
{
	add_name(r, PM_NAME_IMAGE, dockerfile_suffix(pm_path_base(r->f->path)), 0);
	if (!r->names.n)
		add_dir(r, pm_path_dir(r->f->path), 0);
	each_line(r, expose_line, NULL);
	finish(r);
}

static struct pm_str last_segment(struct pm_str s)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == '/')
			return (struct pm_str){ s.p + i, s.n - i };
	return s;
}

/* Official images ("postgres") are used by anybody: only one of a registry or organisation, or
 * one that is built here, names a service. */
static void add_image(struct reader *r, const struct pm_yaml_node *n, bool built)
{
	if (n && n->kind == PM_YAML_SCALAR && (built || memchr(n->text.p, '/', n->text.n)))
		add_name(r, PM_NAME_IMAGE, last_segment(pm_image_untagged(n->text)), n->line);
}

static void add_scalar(struct reader *r, enum pm_name_kind kind, const struct pm_yaml_node *n)
{
	if (n && n->kind == PM_YAML_SCALAR)
		add_name(r, kind, n->text, n->line);
}

static void add_build(struct reader *r, const struct pm_yaml_node *build)
{
	struct pm_str context, file = { "", 0 };
	const char *dir, *path;

	if (!build)
		return;
	context = build->kind == PM_YAML_SCALAR ? build->text : pm_yaml_get_str(build, "context");
	if (pm_str_find(context, "://", false) != SIZE_MAX)
		return;
	if (build->kind == PM_YAML_MAP)
		file = pm_yaml_get_str(build, "dockerfile");
	dir = pm_path_join(r->a, pm_path_dir(r->f->path), context);
	dir = dir ? dir : ""; /* outside: perhaps another checkout of this repository */
	path = pm_path_join(r->a, pm_str_of(dir), file);
	if (file.n && path) {
		add_name(r, PM_NAME_IMAGE, dockerfile_suffix(pm_path_base(path)), build->line);
		/* a Dockerfile two levels down says more than the context around everything */
		if (memchr(file.p, '/', file.n) && !dir[0] &&
		    pm_str_find(pm_path_dir(path), "docker", true) == SIZE_MAX)
			add_dir(r, pm_path_dir(path), build->line);
	}
	add_dir(r, pm_str_of(dir), build->line);
	/* files in deploy/ and the like are often run with the root as project directory */
	path = pm_path_join(r->a, (struct pm_str){ "", 0 }, context);
	if (path && strchr(path, '/'))
		add_dir(r, pm_str_of(path), build->line);
}

/* A colon outside of "${...}". */
static bool has_two_halves(struct pm_str s)
{
	int depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		depth += s.p[i] == '{';
		depth -= s.p[i] == '}';
		if (s.p[i] == ':' && depth == 0)
			return true;
	}
	return false;
}

/* The variables of a mapping: "${SHOP_PORT:-4000}:3000", "${ADMIN_PORT}:80". */
static void add_variables(struct reader *r, const struct pm_yaml_node *ports)
{
	for (size_t i = 0; ports && ports->kind == PM_YAML_SEQ && i < ports->n; i++) {
		const struct pm_yaml_node *n = ports->items[i];
		struct pm_str s = n->kind == PM_YAML_MAP ? pm_yaml_get_str(n, "published") : n->text;

		if (n->kind != PM_YAML_MAP && !has_two_halves(s))
			continue; /* "${PORT}" alone publishes at a random number */
		for (size_t at = 0; at + 1 < s.n; at++) {
			size_t from = at + 1 + (s.p[at + 1] == '{'), end = from;

			if (s.p[at] != '$')
				continue;
			while (end < s.n && pm_is_word(s.p[end]))
				end++;
			if (end > from + 2 && (end == s.n || s.p[end] != '.'))
				add_name(r, PM_NAME_VARIABLE, (struct pm_str){ s.p + from, end - from },
					 n->line);
			at = end;
		}
	}
}

static void add_mappings(struct reader *r, const struct pm_yaml_node *ports, bool host)
{
	for (size_t i = 0; ports && ports->kind == PM_YAML_SEQ && i < ports->n; i++) {
		const struct pm_yaml_node *n = ports->items[i];
		struct pm_portspec spec;

		if (n->kind == PM_YAML_MAP) {
			add_port(r, pm_port_parse(pm_yaml_get_str(n, host ? "published"
									  : "target")));
			continue;
		}
		if (!pm_portspec_parse(&spec, n->text))
			continue;
		for (size_t k = 0; k < spec.n; k++)
			if (spec.v[k].host == host)
				add_port(r, pm_port_parse((struct pm_str){
						    n->text.p + spec.v[k].off,
						    spec.v[k].len }));
	}
}

static void read_compose_services(struct reader *r, const struct pm_yaml_node *services)
{
	for (size_t i = 0; services->kind == PM_YAML_MAP && i + 1 < services->n; i += 2) {
		const struct pm_yaml_node *s = services->items[i + 1];

		if (s->kind != PM_YAML_MAP)
			continue;
		add_scalar(r, PM_NAME_COMPOSE, services->items[i]);
		add_scalar(r, PM_NAME_CONTAINER, pm_yaml_get(s, "container_name"));
		add_scalar(r, PM_NAME_CONTAINER, pm_yaml_get(s, "hostname"));
		add_image(r, pm_yaml_get(s, "image"), pm_yaml_get(s, "build") != NULL);
		add_build(r, pm_yaml_get(s, "build"));
		add_mappings(r, pm_yaml_get(s, "ports"), true);
		add_mappings(r, pm_yaml_get(s, "ports"), false);
		add_variables(r, pm_yaml_get(s, "ports"));
		finish(r);
	}
}

static void read_compose(struct reader *r, const struct pm_yaml_node *doc)
{
	add_scalar(r, PM_NAME_PROJECT, pm_yaml_get(doc, "name"));
	finish(r);
	for (size_t i = 0; doc->kind == PM_YAML_MAP && i + 1 < doc->n; i += 2)
		if (pm_str_eq(doc->items[i]->text, "services"))
			read_compose_services(r, doc->items[i + 1]);
}

/* A label that the object's name extends ("shop" of "shop-api") is the project's, unless the
 * rest only says what kind of object it is ("shop-service"). */
static void add_label(struct reader *r, struct pm_str label, struct pm_str name, unsigned line)
{
	static const char *const kinds[] = { "service",    "svc",      "headless", "external",
					     "internal",   "nodeport", "lb",       "canary",
					     "deployment", "public",   NULL };
	bool prefix = label.n && name.n > label.n && memcmp(name.p, label.p, label.n) == 0 &&
		      name.p[label.n] == '-';

	if (prefix)
		for (size_t i = 0; kinds[i]; i++)
			if (pm_str_eq((struct pm_str){ name.p + label.n + 1,
						       name.n - label.n - 1 },
				      kinds[i]))
				prefix = false;
	add_name(r, prefix ? PM_NAME_PROJECT : PM_NAME_K8S, label, line);
}

static void add_labels(struct reader *r, const struct pm_yaml_node *labels, struct pm_str name)
{
	static const char *const keys[] = { "app", "app.kubernetes.io/name" };

	for (size_t i = 0; i < 2; i++) {
		const struct pm_yaml_node *n = pm_yaml_get(labels, keys[i]);

		if (n && n->kind == PM_YAML_SCALAR)
			add_label(r, n->text, name, n->line);
	}
}

static void add_port_list(struct reader *r, const struct pm_yaml_node *list)
{
	static const char *const keys[] = { "hostPort", "nodePort", "port", "containerPort",
					    "targetPort" };

	for (size_t i = 0; list && list->kind == PM_YAML_SEQ && i < list->n; i++)
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			add_port(r, pm_port_parse(pm_yaml_get_str(list->items[i], keys[k])));
}

static void read_k8s(struct reader *r, const struct pm_yaml_node *doc)
{
	const struct pm_yaml_node *meta = pm_yaml_get(doc, "metadata");
	const struct pm_yaml_node *spec = pm_yaml_get(doc, "spec"), *pod, *containers;
	struct pm_str kind = pm_yaml_get_str(doc, "kind"), name = pm_yaml_get_str(meta, "name");

	if (pm_str_eq(kind, "Service")) {
		add_scalar(r, PM_NAME_K8S, pm_yaml_get(meta, "name"));
		add_labels(r, pm_yaml_get(spec, "selector"), name);
		add_port_list(r, pm_yaml_get(spec, "ports"));
		finish(r);
		return;
	}
	if (pm_str_eq(kind, "CronJob"))
		spec = pm_yaml_get(pm_yaml_get(spec, "jobTemplate"), "spec");
	pod = pm_yaml_get(spec, "template") ? pm_yaml_get(pm_yaml_get(spec, "template"), "spec")
					    : spec;
	containers = pm_yaml_get(pod, "containers");
	if (!containers || containers->kind != PM_YAML_SEQ || !containers->n)
		return;
	add_scalar(r, PM_NAME_K8S, pm_yaml_get(meta, "name"));
	add_labels(r, pm_yaml_get(meta, "labels"), name);
	/* the first container is the service; others are its helpers */
	add_scalar(r, PM_NAME_CONTAINER, pm_yaml_get(containers->items[0], "name"));
	add_image(r, pm_yaml_get(containers->items[0], "image"), false);
	add_port_list(r, pm_yaml_get(containers->items[0], "ports"));
	finish(r);
}

/* Host and port of an address; false for local hosts and for more than one. */
static bool address_of(struct pm_str s, struct pm_spot *o)
{
	size_t pos = 0;

	while (pm_spot_next(s, &pos, o))
		if (o->kind == PM_SPOT_URL || o->kind == PM_SPOT_HOSTPORT)
			return true;
	return false;
}

static void add_job(struct reader *r, const struct pm_yaml_node *job, const struct pm_spot *o,
		    unsigned line)
{
	add_scalar(r, PM_NAME_JOB, pm_yaml_get(job, "job_name"));
	if (pm_host_classify(o->host) == PM_HOST_NETWORK)
		add_name(r, PM_NAME_CONTAINER, o->host, line);
}

static void read_prometheus(struct reader *r, const struct pm_yaml_node *doc)
{
	const struct pm_yaml_node *jobs = pm_yaml_get(doc, "scrape_configs");

	for (size_t i = 0; jobs && jobs->kind == PM_YAML_SEQ && i < jobs->n; i++) {
		const struct pm_yaml_node *job = jobs->items[i];
		const struct pm_yaml_node *sc = pm_yaml_get(job, "static_configs"), *targets;
		struct pm_spot o;

		if (!sc || sc->kind != PM_YAML_SEQ || sc->n != 1)
			continue;
		targets = pm_yaml_get(sc->items[0], "targets");
		/* several targets: the job is not one service */
		if (!targets || targets->kind != PM_YAML_SEQ || targets->n != 1 ||
		    !address_of(targets->items[0]->text, &o))
			continue;
		/* an exporter speaks for another service, under a port of its own */
		if (pm_str_find(o.host, "exporter", true) != SIZE_MAX)
			add_name(r, PM_NAME_CONTAINER, o.host, targets->items[0]->line);
		else
			add_job(r, job, &o, targets->items[0]->line);
		add_port(r, o.port);
		finish(r);
	}
}

static void read_tunnel(struct reader *r, const struct pm_yaml_node *doc)
{
	const struct pm_yaml_node *rules = pm_yaml_get(doc, "ingress");

	for (size_t i = 0; rules && rules->kind == PM_YAML_SEQ && i < rules->n; i++) {
		const struct pm_yaml_node *n = pm_yaml_get(rules->items[i], "hostname");
		struct pm_spot o;

		if (!n || !address_of(pm_yaml_get_str(rules->items[i], "service"), &o))
			continue;
		add_scalar(r, PM_NAME_HOSTNAME, n);
		if (pm_host_classify(o.host) == PM_HOST_NETWORK)
			add_name(r, PM_NAME_CONTAINER, o.host, n->line);
		add_port(r, o.port);
		finish(r);
	}
}

static void read_yaml(struct reader *r)
{
	bool compose = pm_is_compose(r->f), k8s = !compose && pm_is_k8s(r->f);
	const unsigned tops = pm_file_tops(r->f);
	bool scrape = tops & PM_TOP_SCRAPE, tunnel = tops & PM_TOP_INGRESS;
	struct pm_yaml y = { 0 };

	if (!compose && !k8s && !scrape && !tunnel)
		return;
	if (pm_yaml_parse(&y, r->a, r->f->path, text_of(r), NULL) < 0)
		return;
	for (size_t i = 0; i < y.n; i++) {
		if (compose)
			read_compose(r, y.docs[i]);
		else if (k8s)
			read_k8s(r, y.docs[i]);
		if (scrape)
			read_prometheus(r, y.docs[i]);
		if (tunnel && !k8s)
			read_tunnel(r, y.docs[i]);
	}
}

/* Units and agents name directories of a machine: the part from a usual folder of services on is
 * the repository's. */
static void add_machine_dir(struct reader *r, struct pm_str path, unsigned line)
{
	static const char *const folders[] = { "/services/", "/apps/", "/packages/", "/servers/" };

	path = pm_str_trim(path);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		size_t at = pm_str_find(path, folders[i], false), end;

		if (at == SIZE_MAX)
			continue;
		for (end = at + strlen(folders[i]); end < path.n && path.p[end] != '/' &&
						    !strchr(" \t<", path.p[end]);
		     end++)
			;
		add_dir(r, (struct pm_str){ path.p + at + 1, end - at - 1 }, line);
		return;
	}
}

static bool plist_line(struct reader *r, struct pm_str line, unsigned number, void *state)
{
	struct pm_str *key = state;
	size_t open = pm_str_find(line, "<key>", false), from, to;

	if (open != SIZE_MAX) {
		to = pm_str_find(line, "</key>", false);
		*key = (struct pm_str){ line.p + open + 5,
					to != SIZE_MAX && to > open + 5 ? to - open - 5 : 0 };
	}
	from = pm_str_find(line, "<string>", false);
	to = pm_str_find(line, "</string>", false);
	if (from == SIZE_MAX || to == SIZE_MAX || to < from + 8)
		return true;
	line = (struct pm_str){ line.p + from + 8, to - from - 8 };
	if (pm_str_eq(*key, "Label"))
		add_name(r, PM_NAME_JOB, line, number);
	else if (pm_str_eq(*key, "WorkingDirectory") || pm_str_eq(*key, "ProgramArguments"))
		add_machine_dir(r, line, number);
	else if (pm_key_classify(*key) == PM_KEY_PORT)
		add_port(r, pm_port_parse(line));
	return true;
}

static void read_plist(struct reader *r)
{
	struct pm_str key = { "", 0 };

	each_line(r, plist_line, &key);
	finish(r);
}

static bool unit_line(struct reader *r, struct pm_str line, unsigned number, void *state)
{
	struct pm_str v = value_of(line, "WorkingDirectory", '=');

	(void)state;
	if (v.n)
		add_machine_dir(r, v, number);
	if (value_of(line, "Environment", '=').n || value_of(line, "ExecStart", '=').n)
		add_command_ports(r, line);
	return true;
}

static void read_unit(struct reader *r)
{
	struct pm_str base = pm_path_base(r->f->path);

	add_name(r, PM_NAME_JOB, (struct pm_str){ base.p, base.n - 8 }, 0);
	each_line(r, unit_line, NULL);
	finish(r);
}

static bool procfile_line(struct reader *r, struct pm_str line, unsigned number, void *state)
{
	size_t colon = pm_str_find(line, ":", false);

	(void)state;
	if (colon == SIZE_MAX || !colon || line.p[0] == '#')
		return true;
	add_name(r, PM_NAME_JOB, (struct pm_str){ line.p, colon }, number);
	add_command_ports(r, (struct pm_str){ line.p + colon + 1, line.n - colon - 1 });
	finish(r);
	return true;
}

static void read_procfile(struct reader *r)
{
	each_line(r, procfile_line, NULL);
}

enum match { WHOLE_NAME, NAME_START, EXTENSION };
static const struct manifest {
	enum match match;
	const char *text;
	void (*read)(struct reader *r);
} manifests[] = {
	{ WHOLE_NAME, "package.json", read_json },
	{ WHOLE_NAME, "composer.json", read_json },
	{ WHOLE_NAME, "go.mod", read_go },
	{ WHOLE_NAME, "Cargo.toml", read_toml },
	{ WHOLE_NAME, "pyproject.toml", read_toml },
	{ WHOLE_NAME, "setup.cfg", read_toml },
	{ WHOLE_NAME, "pom.xml", read_pom },
	{ EXTENSION, ".csproj", read_csproj },
	{ WHOLE_NAME, "mix.exs", read_mix },
	{ WHOLE_NAME, "pubspec.yaml", read_pubspec },
	{ WHOLE_NAME, "Dockerfile", read_dockerfile },
	{ WHOLE_NAME, "Containerfile", read_dockerfile },
	{ NAME_START, "Dockerfile.", read_dockerfile },
	{ EXTENSION, ".Dockerfile", read_dockerfile },
	{ WHOLE_NAME, "Procfile", read_procfile },
	{ EXTENSION, ".plist", read_plist },
	{ EXTENSION, ".service", read_unit },
	{ WHOLE_NAME, "pnpm-lock.yaml", NULL },
	{ EXTENSION, ".yml", read_yaml },
	{ EXTENSION, ".yaml", read_yaml },
};

static const struct manifest *find_manifest(const char *path)
{
	struct pm_str base = pm_path_base(path);

	for (size_t i = 0; i < sizeof(manifests) / sizeof(*manifests); i++) {
		const struct manifest *m = &manifests[i];

		if (m->match == WHOLE_NAME	 ? pm_str_eq(base, m->text)
		    : m->match == NAME_START ? pm_str_find(base, m->text, false) == 0
					     : pm_path_has_ext(base.p, m->text))
			return m;
	}
	return NULL;
}

bool pm_names_accepts(const char *path)
{
	const struct manifest *m = find_manifest(path);

	return m && m->read && !strstr(path, "node_modules/");
}

void pm_names_read(struct pm_decls *out, struct pm_arena *a, const struct pm_file *f)
{
	struct reader r = { .out = out, .a = a, .f = f };

	if (!pm_names_accepts(f->path))
		return;
	find_manifest(f->path)->read(&r);
	free(r.names.v);
	free(r.ports.v);
}
