/*
 * k8s.c - Kubernetes manifests: workloads, Services, probes, network policies, Ingress, Istio,
 * ConfigMaps, Kustomize patches.
 *
 * A recursive walk over each document; keys decide what a number does, the kind decides what
 * `port` means. Helm templates that are not YAML are read line by line.
 * https://kubernetes.io/docs/reference/kubernetes-api/
 */
#include "formats.h"

#include <string.h>

/* What a document or a part of it is about. */
enum about {
	ABOUT_OTHER,   /* ports are routes: Service, Ingress, Gateway, ServiceMonitor */
	ABOUT_WORK,    /* a pod: ports are the container's */
	ABOUT_PROBE,
	ABOUT_POLICY,
	ABOUT_CONFIG   /* data of a ConfigMap */
};

struct k8s {
	struct pm_place place;
	enum about about;
	const struct pm_yaml_node *own; /* selector of the policy's own pods */
	const struct pm_yaml_node *list; /* the innermost list: variables beside each other */
	size_t base; /* facts of the file */
	unsigned budget;
};

static void walk(struct k8s *k, const struct pm_yaml_node *n, struct pm_str key);

static const struct { const char *key, *rule; enum pm_role role; enum pm_side side; } numbers[] = {
	{ "containerPort", "k8s/container-port", PM_ROLE_CONTAINER, PM_SIDE_CONTAINER },
	{ "hostPort", "k8s/host-port", PM_ROLE_HOST_PORT, PM_SIDE_HOST },
	{ "nodePort", "k8s/node-port", PM_ROLE_HOST_PORT, PM_SIDE_HOST },
	{ "healthCheckNodePort", "k8s/node-port", PM_ROLE_HOST_PORT, PM_SIDE_HOST },
	{ "targetPort", "k8s/target-port", PM_ROLE_CONTAINER, PM_SIDE_CONTAINER },
	{ "servicePort", "k8s/ingress", PM_ROLE_ROUTE, PM_SIDE_CONTAINER },
};

/* What is known so far encloses what comes now. */
static void deepen(struct k8s *k)
{
	for (size_t i = k->base; i < k->place.n; i++)
		if (k->place.v[i].kind == PM_FACT_BLOCK)
			k->place.v[i].depth++;
}

static void undeepen(struct k8s *k, size_t facts)
{
	k->place.n = facts;
	for (size_t i = k->base; i < k->place.n; i++)
		if (k->place.v[i].kind == PM_FACT_BLOCK && k->place.v[i].depth)
			k->place.v[i].depth--;
}

static void push_labels(struct k8s *k, const struct pm_yaml_node *labels, unsigned depth)
{
	static const char *const keys[] = {
		"app.kubernetes.io/name", "app", "k8s-app", "io.kompose.service", "component",
		"app.kubernetes.io/component", "app.kubernetes.io/instance", "name",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		pm_place_push_node(&k->place, PM_FACT_BLOCK, pm_yaml_get(labels, keys[i]), depth);
}

static const struct pm_yaml_node *match_labels(const struct pm_yaml_node *selector)
{
	return pm_yaml_get(selector, "matchLabels");
}

/* Selectors of the peers in `from`, `to`, `toEndpoints` ...: a list of podSelector and
 * namespaceSelector, or of selectors. */
static void push_peers(struct k8s *k, const struct pm_yaml_node *list, unsigned depth)
{
	for (size_t i = 0; list && list->kind == PM_YAML_SEQ && i < list->n; i++) {
		const struct pm_yaml_node *p = list->items[i];
		const struct pm_yaml_node *pod = match_labels(pm_yaml_get(p, "podSelector"));
		const struct pm_yaml_node *ns = match_labels(pm_yaml_get(p, "namespaceSelector"));

		push_labels(k, pod ? pod : match_labels(p), depth);
		pm_place_push_node(&k->place, PM_FACT_BLOCK,
				   pm_yaml_get(ns, "kubernetes.io/metadata.name"),
				   pod ? depth + 1 : depth);
		push_labels(k, ns, pod ? depth + 1 : depth);
	}
}

/* One rule of a policy. What it lets in reaches the policy's own pods, whoever sends it; what it
 * lets out reaches the peers. */
static void read_policy_rules(struct k8s *k, const struct pm_yaml_node *rules, bool egress)
{
	static const char *const out[] = { "to", "toEndpoints", "toServices" };

	for (size_t i = 0; rules->kind == PM_YAML_SEQ && i < rules->n; i++) {
		const struct pm_yaml_node *r = rules->items[i];
		size_t facts = k->place.n, was = pm_place_index(&k->place, i);

		deepen(k);
		if (!egress)
			push_labels(k, k->own, 0);
		for (size_t j = 0; egress && j < sizeof(out) / sizeof(*out); j++)
			push_peers(k, pm_yaml_get(r, out[j]), 0);
		walk(k, r, PM_STR("rule"));
		undeepen(k, facts);
		pm_place_cut(&k->place, was);
	}
}

/* Value of the variable with the host that goes with the port `key`. */
static struct pm_str host_beside(struct k8s *k, struct pm_str key)
{
	const char *name = pm_place_host_key(k->place.sink->arena, key);

	for (size_t i = 0; name && k->list && i < k->list->n; i++)
		if (pm_str_eq(pm_yaml_get_str(k->list->items[i], "name"), name))
			return pm_yaml_get_str(k->list->items[i], "value");
	return (struct pm_str){ "", 0 };
}

/* { name: PORT, value: "4900" }; false when the map is something else. */
static bool read_variable(struct k8s *k, const struct pm_yaml_node *map)
{
	const struct pm_yaml_node *name = pm_yaml_get(map, "name");
	const struct pm_yaml_node *value = pm_yaml_get(map, "value");
	size_t facts = k->place.n;

	if (!name || !value || name->kind != PM_YAML_SCALAR || value->kind != PM_YAML_SCALAR)
		return false;
	k->place.rule = "k8s/env";
	pm_place_peer(&k->place, name->text, host_beside(k, name->text));
	pm_place_push_node(&k->place, PM_FACT_IDENT, name, 0);
	pm_place_setting(&k->place, value->span, name->text);
	k->place.peer.n = 0;
	k->place.n = facts;
	return true;
}

static void read_containers(struct k8s *k, const struct pm_yaml_node *list)
{
	enum about was_about = k->about;

	k->about = ABOUT_WORK;
	for (size_t i = 0; i < list->n; i++) {
		const struct pm_yaml_node *c = list->items[i];
		struct pm_str image = pm_yaml_get_str(c, "image");
		size_t facts = k->place.n, was = pm_place_index(&k->place, i);

		deepen(k);
		pm_place_push_node(&k->place, PM_FACT_BLOCK, pm_yaml_get(c, "name"), 0);
		if (image.n)
			pm_place_push(&k->place, PM_FACT_IMAGE, pm_image_untagged(image),
				      pm_yaml_get(c, "image")->line, 0);
		walk(k, c, PM_STR("container"));
		undeepen(k, facts);
		pm_place_cut(&k->place, was);
	}
	k->about = was_about;
}

static void read_annotations(struct k8s *k, const struct pm_yaml_node *map)
{
	k->place.rule = "k8s/annotation";
	for (size_t i = 0; i + 1 < map->n; i += 2) {
		const struct pm_yaml_node *key = map->items[i], *value = map->items[i + 1];
		size_t facts = k->place.n, was = pm_place_key(&k->place, key->text);

		pm_place_push_node(&k->place, PM_FACT_IDENT, key, 0);
		if (value->kind == PM_YAML_SCALAR && value->style >= PM_YAML_LITERAL)
			pm_formats_lines(&k->place, value->span, "k8s/annotation");
		else if (value->kind == PM_YAML_SCALAR &&
			 pm_key_classify(key->text) == PM_KEY_PORT &&
			 pm_port_parse(value->text))
			pm_place_number(&k->place, value, PM_ROLE_ROUTE, PM_SIDE_CONTAINER,
					PM_SURE);
		else if (value->kind == PM_YAML_SCALAR)
			pm_place_setting(&k->place, value->span, key->text);
		k->place.n = facts;
		pm_place_cut(&k->place, was);
	}
}

/* Data of a ConfigMap: settings, and whole files as text. */
static void read_data(struct k8s *k, const struct pm_yaml_node *map)
{
	k->place.rule = "k8s/config";
	for (size_t i = 0; i + 1 < map->n; i += 2) {
		const struct pm_yaml_node *key = map->items[i], *value = map->items[i + 1];
		size_t facts = k->place.n, was = pm_place_key(&k->place, key->text);

		if (value->kind == PM_YAML_SCALAR && value->style >= PM_YAML_LITERAL) {
			pm_place_push_node(&k->place, PM_FACT_NEAR, key, 0);
			pm_formats_lines(&k->place, value->span, "k8s/config-file");
		} else if (value->kind == PM_YAML_SCALAR) {
			const char *host = pm_place_host_key(k->place.sink->arena, key->text);

			pm_place_push_node(&k->place, PM_FACT_IDENT, key, 0);
			if (host)
				pm_place_peer(&k->place, key->text, pm_yaml_get_str(map, host));
			pm_place_setting(&k->place, value->span, key->text);
			k->place.peer.n = 0;
		}
		k->place.n = facts;
		pm_place_cut(&k->place, was);
	}
}

static bool is_seq(const struct pm_yaml_node *n)
{
	return n->kind == PM_YAML_SEQ;
}

static bool is_map(const struct pm_yaml_node *n)
{
	return n->kind == PM_YAML_MAP;
}

static void read_port(struct k8s *k, const struct pm_yaml_node *n, struct pm_str key)
{
	struct pm_place *p = &k->place;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (pm_str_eq(key, numbers[i].key)) {
			p->rule = numbers[i].rule;
			pm_place_number(p, n, numbers[i].role, numbers[i].side, PM_SURE);
			return;
		}
	switch (k->about) {
	case ABOUT_PROBE:
		p->rule = "k8s/probe";
		pm_place_number(p, n, PM_ROLE_PROBE, PM_SIDE_CONTAINER, PM_SURE);
		return;
	case ABOUT_POLICY:
		p->rule = "k8s/policy";
		pm_place_number(p, n, PM_ROLE_POLICY, PM_SIDE_CONTAINER, PM_SURE);
		return;
	case ABOUT_WORK:
		p->rule = "k8s/port";
		pm_place_number(p, n, PM_ROLE_LISTEN, PM_SIDE_CONTAINER, PM_LIKELY);
		return;
	default:
		p->rule = "k8s/port";
		pm_place_number(p, n, PM_ROLE_ROUTE, PM_SIDE_CONTAINER, PM_SURE);
	}
}

/* `number` below a key that names a port: Ingress backends, Istio. */
static void read_scalar(struct k8s *k, const struct pm_yaml_node *n, struct pm_str key)
{
	struct pm_str path = { k->place.path.v, k->place.path.n };
	size_t facts = k->place.n;

	if (pm_str_eq(key, "image") || pm_str_eq(key, "name") ||
	    !pm_place_wanted(&k->place, n->span))
		return;
	if (n->style >= PM_YAML_LITERAL) {
		pm_formats_lines(&k->place, n->span, "k8s/text");
	} else if (pm_port_parse(n->text)) {
		if (pm_key_classify(key) == PM_KEY_PORT || pm_str_eq(key, "endPort") ||
		    (pm_str_eq(key, "number") && pm_str_find(path, "port", true) != SIZE_MAX))
			read_port(k, n, key);
	} else {
		k->place.rule = "k8s/value";
		if (k->about == ABOUT_PROBE)
			pm_place_address(&k->place, n->span, PM_ROLE_PROBE, PM_SIDE_CONTAINER);
		pm_place_push(&k->place, PM_FACT_IDENT, key, n->line, 0);
		pm_place_setting(&k->place, n->span, key);
		k->place.n = facts;
	}
}

/* portLevelMtls: { 8000: { mode: STRICT } } of Istio: the keys are ports. */
static void read_port_keys(struct k8s *k, const struct pm_yaml_node *map)
{
	k->place.rule = "k8s/policy";
	for (size_t i = 0; i + 1 < map->n; i += 2)
		pm_place_number(&k->place, map->items[i], PM_ROLE_POLICY, PM_SIDE_CONTAINER,
				PM_SURE);
}

/* Keys with a reader of their own. false: walk on. */
static bool read_special(struct k8s *k, const struct pm_yaml_node *n, struct pm_str key)
{
	if (is_seq(n) && (pm_str_eq(key, "containers") || pm_str_eq(key, "initContainers") ||
			  pm_str_eq(key, "ephemeralContainers"))) {
		read_containers(k, n);
	} else if (pm_str_eq(key, "command") || pm_str_eq(key, "args")) {
		k->place.rule = k->about == ABOUT_PROBE ? "k8s/probe" : "k8s/command";
		pm_place_argv(&k->place, n,
			      k->about == ABOUT_PROBE ? PM_ROLE_PROBE : PM_ROLE_URL);
	} else if (is_map(n) && pm_str_eq(key, "annotations")) {
		read_annotations(k, n);
	} else if (is_map(n) && pm_str_eq(key, "portLevelMtls")) {
		read_port_keys(k, n);
	} else if (is_map(n) && k->about == ABOUT_CONFIG &&
		   (pm_str_eq(key, "data") || pm_str_eq(key, "stringData"))) {
		read_data(k, n);
	} else if (k->about == ABOUT_POLICY && is_seq(n) &&
		   (pm_str_eq(key, "ingress") || pm_str_eq(key, "egress"))) {
		read_policy_rules(k, n, pm_str_eq(key, "egress"));
	} else {
		return false;
	}
	return true;
}

/* The service that a route's port belongs to: Istio destination, Ingress backend. */
static void push_target(struct k8s *k, const struct pm_yaml_node *n, struct pm_str key)
{
	if (pm_str_eq(key, "destination"))
		pm_place_push_node(&k->place, PM_FACT_HOST, pm_yaml_get(n, "host"), 0);
	else if (pm_str_eq(key, "service") && pm_yaml_get(n, "port"))
		pm_place_push_node(&k->place, PM_FACT_HOST, pm_yaml_get(n, "name"), 0);
	else
		pm_place_push_node(&k->place, PM_FACT_HOST, pm_yaml_get(n, "serviceName"), 0);
}

static void walk_map(struct k8s *k, const struct pm_yaml_node *n, struct pm_str map_key)
{
	size_t facts = k->place.n;

	push_target(k, n, map_key);
	for (size_t i = 0; i + 1 < n->n; i += 2) {
		const struct pm_yaml_node *value = n->items[i + 1];
		struct pm_str key = n->items[i]->text;
		size_t was = pm_place_key(&k->place, key);
		enum about about = k->about;

		if (is_map(value) && (pm_str_ends(key, "Probe") || pm_str_eq(key, "lifecycle")))
			k->about = ABOUT_PROBE;
		if (!read_special(k, value, key))
			walk(k, value, key);
		k->about = about;
		pm_place_cut(&k->place, was);
	}
	k->place.n = facts;
}

/* { name: shop-api, port: 4900 } in a list of services, backends or routes: the name is whose the port
 * is. In a list of ports it is the port's own. */
static bool names_owner(const struct pm_yaml_node *item, struct pm_str list)
{
	return is_map(item) && !pm_str_eq(list, "ports") &&
	       pm_yaml_get_str(item, "name").n && pm_port_parse(pm_yaml_get_str(item, "port"));
}

static void walk_list(struct k8s *k, const struct pm_yaml_node *list, struct pm_str key)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct pm_yaml_node *item = list->items[i];
		const size_t facts = k->place.n, was = pm_place_index(&k->place, i);
		const bool owned = names_owner(item, key);

		k->list = list;
		if (owned) {
			deepen(k);
			pm_place_push_node(&k->place, PM_FACT_BLOCK, pm_yaml_get(item, "name"), 0);
		}
		walk(k, item, key);
		if (owned)
			undeepen(k, facts);
		pm_place_cut(&k->place, was);
	}
}

static void walk(struct k8s *k, const struct pm_yaml_node *n, struct pm_str key)
{
	if (k->budget == 0)
		return;
	k->budget--;
	if (n->kind == PM_YAML_SCALAR)
		read_scalar(k, n, key);
	else if (is_map(n) && !read_variable(k, n))
		walk_map(k, n, key);
	else if (is_seq(n))
		walk_list(k, n, key);
}

static enum about about_of(struct pm_str kind)
{
	if (pm_str_ends(kind, "NetworkPolicy") || pm_str_ends(kind, "AuthorizationPolicy") ||
	    pm_str_eq(kind, "CiliumClusterwideNetworkPolicy"))
		return ABOUT_POLICY;
	if (pm_str_eq(kind, "ConfigMap") || pm_str_eq(kind, "Secret"))
		return ABOUT_CONFIG;
	return ABOUT_OTHER;
}

/* Last part of "/spec/template/spec/containers/0/ports/0/containerPort". */
static struct pm_str pointer_key(struct pm_str path)
{
	size_t end = path.n, from;

	for (;;) {
		for (from = end; from > 0 && path.p[from - 1] != '/'; from--)
			;
		if (from == end || (!pm_is_digit(path.p[from]) && path.p[from] != '-'))
			break;
		end = from - 1;
	}
	return (struct pm_str){ path.p + from, end - from };
}

/* JSON 6902 patches: the path is the key. */
static void read_patch(struct k8s *k, const struct pm_yaml_node *doc)
{
	for (size_t i = 0; i < doc->n; i++) {
		const struct pm_yaml_node *value = pm_yaml_get(doc->items[i], "value");
		struct pm_str path = pm_yaml_get_str(doc->items[i], "path");
		size_t was;

		if (!value)
			continue;
		was = pm_place_key(&k->place, path);
		k->about = pm_str_find(path, "Probe", false) != SIZE_MAX ? ABOUT_PROBE
									 : ABOUT_OTHER;
		if (!read_special(k, value, pointer_key(path)))
			walk(k, value, pointer_key(path));
		pm_place_cut(&k->place, was);
	}
}

/* Labels of the pods that an object is about. */
static const struct pm_yaml_node *own_labels(const struct pm_yaml_node *spec)
{
	static const char *const keys[] = { "podSelector", "endpointSelector", "selector" };

	for (size_t i = 0; i < 3; i++) {
		const struct pm_yaml_node *s = pm_yaml_get(spec, keys[i]), *m = match_labels(s);

		if (s && s->kind == PM_YAML_MAP)
			return m ? m : s;
	}
	return NULL;
}

static void read_document(struct k8s *k, const struct pm_yaml_node *doc)
{
	const struct pm_yaml_node *meta = pm_yaml_get(doc, "metadata");
	const struct pm_yaml_node *spec = pm_yaml_get(doc, "spec");
	struct pm_str kind = pm_yaml_get_str(doc, "kind");

	k->place.n = k->base;
	k->about = about_of(kind);
	k->own = NULL;
	if (is_seq(doc)) {
		read_patch(k, doc);
		return;
	}
	pm_place_push_node(&k->place, PM_FACT_BLOCK, pm_yaml_get(meta, "name"), 0);
	push_labels(k, pm_yaml_get(meta, "labels"), 1);
	k->own = own_labels(spec);
	/* a Service, ServiceMonitor, PeerAuthentication is about the pods that it selects */
	if (k->about != ABOUT_POLICY && !pm_yaml_get(spec, "template")) {
		if (k->own)
			deepen(k);
		push_labels(k, k->own, 0);
	}
	if (pm_yaml_get(pm_yaml_get(spec, "build"), "dockerfile"))
		pm_formats_build(&k->place, pm_yaml_get(spec, "build"));
	walk(k, doc, PM_STR(""));
}

/* What "port:" means in a file of one kind that does not parse. */
static enum pm_role role_in_lines(const struct pm_file *f)
{
	if (pm_has_line(f, "kind: NetworkPolicy") || pm_has_line(f, "kind: CiliumNetworkPolicy"))
		return PM_ROLE_POLICY;
	if (pm_has_line(f, "kind: Service") || pm_has_line(f, "kind: Ingress"))
		return PM_ROLE_ROUTE;
	return PM_ROLE_NUMBER;
}

static int scan(const struct pm_file *f, struct pm_sink *out, struct pm_err *err)
{
	struct k8s k = { .place = { .sink = out, .inside = PM_SIDE_CONTAINER, .rule = "k8s/value" },
			 .budget = 200000 };
	enum pm_yaml_parsed parsed;
	struct pm_yaml yaml;

	(void)err;
	parsed = pm_formats_yaml(&yaml, out);
	if (parsed == PM_YAML_PART)
		pm_place_push(&k.place, PM_FACT_TEMPLATE, PM_STR("partly parsed"), 0, 0);
	k.base = k.place.n;
	for (size_t i = 0; i < yaml.n; i++)
		read_document(&k, yaml.docs[i]);
	if (parsed != PM_YAML_WHOLE) {
		k.place.n = 0;
		pm_place_push(&k.place, PM_FACT_TEMPLATE, PM_STR("not parsed"), 0, 0);
		k.place.bare = role_in_lines(f);
		pm_formats_lines(&k.place, (struct pm_span){ 0, (uint32_t)f->len }, "k8s/line");
	}
	pm_buf_release(&k.place.path);
	return 0;
}

static bool accepts(const struct pm_file *f)
{
	return !pm_is_compose(f) && pm_is_k8s(f);
}

const struct pm_scanner pm_scanner_k8s = {
	.name = "k8s",
	.summary = "Kubernetes manifests, Helm templates, Kustomize patches",
	.accepts = accepts,
	.scan = scan,
};
