/* kube.c - see kube.h. */
#include "kube.h"

#include "formats.h"

#include <string.h>

struct reader {
	struct pm_kube *out;
	struct pm_arena *a;
	const struct pm_file *f;
};

typedef const struct pm_yaml_node node;

static const char *text(struct reader *r, node *n)
{
	return n && n->kind == PM_YAML_SCALAR && n->text.n
		       ? pm_arena_strndup(r->a, n->text.p, n->text.n)
		       : NULL;
}

static bool is_seq(node *n)
{
	return n && n->kind == PM_YAML_SEQ;
}

static bool is_map(node *n)
{
	return n && n->kind == PM_YAML_MAP;
}

static size_t length(node *n)
{
	return is_seq(n) ? n->n : 0;
}

static struct pm_kube_ref read_ref(struct reader *r, node *n)
{
	struct pm_kube_ref ref = { 0 };
	size_t i;

	if (!n || n->kind != PM_YAML_SCALAR || !n->text.n)
		return ref;
	ref.number = pm_port_parse(n->text);
	if (!ref.number && !pm_str_all_digits(n->text))
		ref.name = text(r, n);
	for (i = n->span.off; i > 0 && r->f->bytes[i - 1] != '\n'; i--)
		;
	ref.line = n->line;
	ref.col = (unsigned)(n->span.off - i) + 1;
	return ref;
}

static void read_labels(struct reader *r, struct pm_kube_object *o, node *map)
{
	if (!is_map(map))
		return;
	o->labels = PM_NEW_N(r->a, struct pm_kube_label, map->n / 2 + 1);
	for (size_t i = 0; i + 1 < map->n; i += 2) {
		struct pm_kube_label l = { text(r, map->items[i]), text(r, map->items[i + 1]) };

		if (l.key && l.value)
			o->labels[o->n_labels++] = l;
	}
}

/* ---- pods ---- */

static void read_probe(struct reader *r, struct pm_kube_container *c, node *container,
		       const char *what)
{
	static const char *const ways[] = { "httpGet", "tcpSocket", "grpc" };
	node *probe = pm_yaml_get(container, what);

	for (size_t i = 0; i < 3; i++) {
		node *way = pm_yaml_get(probe, ways[i]);
		struct pm_kube_ref ref = read_ref(r, pm_yaml_get(way, "port"));

		/* with a host of its own it does not look into this container */
		if ((ref.number || ref.name) && !pm_yaml_get(way, "host"))
			c->probes[c->n_probes++] = (struct pm_kube_use){ what, NULL, 0, ref };
	}
}

static void read_told(struct reader *r, struct pm_kube_container *c, node *env)
{
	for (size_t i = 0; i < length(env); i++)
		if (pm_str_eq(pm_yaml_get_str(env->items[i], "name"), "PORT"))
			c->told = read_ref(r, pm_yaml_get(env->items[i], "value"));
	if (c->told.name)
		c->told = (struct pm_kube_ref){ 0 };
}

static void read_container(struct reader *r, struct pm_kube_container *c, node *n)
{
	node *ports = pm_yaml_get(n, "ports");

	c->name = text(r, pm_yaml_get(n, "name"));
	c->ports = PM_NEW_N(r->a, struct pm_kube_port, length(ports) + 1);
	for (size_t i = 0; i < length(ports); i++) {
		struct pm_kube_port p = { text(r, pm_yaml_get(ports->items[i], "name")),
					  read_ref(r, pm_yaml_get(ports->items[i],
								  "containerPort")),
					  { 0 } };

		if (p.number.number)
			c->ports[c->n_ports++] = p;
	}
	c->probes = PM_NEW_N(r->a, struct pm_kube_use, 9);
	read_probe(r, c, n, "livenessProbe");
	read_probe(r, c, n, "readinessProbe");
	read_probe(r, c, n, "startupProbe");
	read_told(r, c, pm_yaml_get(n, "env"));
}

static void read_pod(struct reader *r, struct pm_kube_object *o, node *spec)
{
	node *list = pm_yaml_get(spec, "containers");

	o->containers = PM_NEW_N(r->a, struct pm_kube_container, length(list) + 1);
	for (size_t i = 0; i < length(list); i++)
		if (is_map(list->items[i]))
			read_container(r, &o->containers[o->n_containers++], list->items[i]);
}

/* ---- what leads to pods ---- */

static void read_service(struct reader *r, struct pm_kube_object *o, node *spec)
{
	node *list = pm_yaml_get(spec, "ports");

	read_labels(r, o, pm_yaml_get(spec, "selector"));
	o->ports = PM_NEW_N(r->a, struct pm_kube_port, length(list) + 1);
	for (size_t i = 0; i < length(list); i++) {
		node *n = list->items[i];
		struct pm_kube_port p = { text(r, pm_yaml_get(n, "name")),
					  read_ref(r, pm_yaml_get(n, "port")),
					  read_ref(r, pm_yaml_get(n, "targetPort")) };

		if (!p.target.number && !p.target.name)
			p.target = p.number;
		if (p.number.number)
			o->ports[o->n_ports++] = p;
	}
}

static void add_use(struct pm_kube_object *o, const char *what, const char *service,
		    unsigned rule, struct pm_kube_ref ref)
{
	if (ref.number || ref.name)
		o->uses[o->n_uses++] = (struct pm_kube_use){ what, service, rule, ref };
}

/* networking.k8s.io/v1 and the older form with serviceName. */
static void read_backend(struct reader *r, struct pm_kube_object *o, node *backend)
{
	node *service = pm_yaml_get(backend, "service"), *port = pm_yaml_get(service, "port");

	if (!backend)
		return;
	if (service) {
		add_use(o, "backend", text(r, pm_yaml_get(service, "name")), 0,
			read_ref(r, pm_yaml_get(port, "number")));
		add_use(o, "backend", text(r, pm_yaml_get(service, "name")), 0,
			read_ref(r, pm_yaml_get(port, "name")));
	} else {
		add_use(o, "backend", text(r, pm_yaml_get(backend, "serviceName")), 0,
			read_ref(r, pm_yaml_get(backend, "servicePort")));
	}
}

static void read_ingress(struct reader *r, struct pm_kube_object *o, node *spec)
{
	node *rules = pm_yaml_get(spec, "rules");
	size_t n = 2;

	for (size_t i = 0; i < length(rules); i++)
		n += 2 * length(pm_yaml_get(pm_yaml_get(rules->items[i], "http"), "paths"));
	o->uses = PM_NEW_N(r->a, struct pm_kube_use, n + 2);
	read_backend(r, o, pm_yaml_get(spec, "defaultBackend"));
	for (size_t i = 0; i < length(rules); i++) {
		node *paths = pm_yaml_get(pm_yaml_get(rules->items[i], "http"), "paths");

		for (size_t k = 0; k < length(paths); k++)
			read_backend(r, o, pm_yaml_get(paths->items[k], "backend"));
	}
}

static void read_policy(struct reader *r, struct pm_kube_object *o, node *spec)
{
	node *rules = pm_yaml_get(spec, "ingress");
	size_t n = 0;

	read_labels(r, o, pm_yaml_get(pm_yaml_get(spec, "podSelector"), "matchLabels"));
	for (size_t i = 0; i < length(rules); i++)
		n += length(pm_yaml_get(rules->items[i], "ports"));
	o->uses = PM_NEW_N(r->a, struct pm_kube_use, n + 1);
	for (size_t i = 0; i < length(rules); i++) {
		node *ports = pm_yaml_get(rules->items[i], "ports");

		o->open |= !length(ports);
		for (size_t k = 0; k < length(ports); k++) {
			o->open |= pm_yaml_get(ports->items[k], "endPort") != NULL ||
				   !pm_yaml_get(ports->items[k], "port");
			add_use(o, "ingress", NULL, (unsigned)i,
				read_ref(r, pm_yaml_get(ports->items[k], "port")));
		}
	}
}

/* ---- documents ---- */

static void read_object(struct reader *r, node *doc)
{
	node *meta = pm_yaml_get(doc, "metadata"), *spec = pm_yaml_get(doc, "spec");
	node *template = pm_yaml_get(spec, "template"), *items = pm_yaml_get(doc, "items");
	struct pm_kube_object *o;
	struct pm_str kind = pm_yaml_get_str(doc, "kind");

	if (pm_str_eq(kind, "List")) {
		for (size_t i = 0; i < length(items); i++)
			if (is_map(items->items[i]))
				read_object(r, items->items[i]);
		return;
	}
	if (!kind.n || !pm_yaml_get_str(meta, "name").n || !is_map(spec))
		return;
	o = PM_VEC_ADD(r->out);
	o->path = pm_arena_strdup(r->a, r->f->path);
	o->kind = pm_arena_strndup(r->a, kind.p, kind.n);
	o->name = text(r, pm_yaml_get(meta, "name"));
	o->space = text(r, pm_yaml_get(meta, "namespace"));
	o->line = pm_yaml_get(meta, "name")->line;
	if (pm_str_eq(kind, "Service")) {
		read_service(r, o, spec);
	} else if (pm_str_eq(kind, "Ingress")) {
		read_ingress(r, o, spec);
	} else if (pm_str_eq(kind, "NetworkPolicy")) {
		read_policy(r, o, spec);
	} else if (pm_str_eq(kind, "Pod")) {
		read_labels(r, o, pm_yaml_get(meta, "labels"));
		read_pod(r, o, spec);
	} else {
		read_labels(r, o, pm_yaml_get(pm_yaml_get(template, "metadata"), "labels"));
		read_pod(r, o, pm_yaml_get(template, "spec"));
	}
}

void pm_kube_read(struct pm_kube *out, struct pm_arena *a, const struct pm_file *f)
{
	struct reader r = { out, a, f };
	struct pm_yaml y = { 0 };

	if (pm_is_compose(f) || !pm_is_k8s(f) ||
	    pm_yaml_parse(&y, a, f->path, (struct pm_str){ f->bytes, f->len }, NULL) < 0)
		return;
	for (size_t i = 0; i < y.n; i++)
		if (is_map(y.docs[i]))
			read_object(&r, y.docs[i]);
}
