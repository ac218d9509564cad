/*
 * agree_kube.c - the four places of Kubernetes that must agree, or traffic is dropped without a
 * word: what a container exposes, what its probes ask, where a Service sends, what a network policy
 * lets in; and that names of ports name something.
 */
#include "agree_impl.h"

#include "kube.h"

#include <stdlib.h>
#include <string.h>

struct kube {
	struct pm_agree *g;
	struct pm_kube all;
	struct pm_where *where; /* of each object */
};

/* ---- who belongs together ---- */

static bool is(const struct pm_kube_object *o, const char *kind)
{
	return strcmp(o->kind, kind) == 0;
}

static bool same_space(const struct pm_kube_object *a, const struct pm_kube_object *b)
{
	return !a->space || !b->space || strcmp(a->space, b->space) == 0;
}

/* All labels of the selector are on the pods; an empty one is told apart by the caller. */
static bool selects(const struct pm_kube_object *selector, const struct pm_kube_object *pods)
{
	for (size_t i = 0; i < selector->n_labels; i++) {
		bool found = false;

		for (size_t k = 0; k < pods->n_labels && !found; k++)
			found = strcmp(selector->labels[i].key, pods->labels[k].key) == 0 &&
				strcmp(selector->labels[i].value, pods->labels[k].value) == 0;
		if (!found)
			return false;
	}
	return selector->n_labels > 0;
}

/* How many leading folders two files share; one file: more than any. */
static size_t nearness(const struct pm_kube_object *a, const struct pm_kube_object *b)
{
	size_t n = 0;

	if (strcmp(a->path, b->path) == 0)
		return SIZE_MAX;
	for (size_t i = 0; a->path[i] && a->path[i] == b->path[i]; i++)
		n += a->path[i] == '/';
	return n;
}

typedef bool match_fn(const struct pm_kube_object *o, const struct pm_kube_object *other);

/* The objects that match, of those only the nearest: repositories hold a base, overlays and old
 * copies side by side. Returns how many, in `out`. */
static size_t find(struct kube *k, size_t of, match_fn *match, const struct pm_kube_object **out,
		   size_t max)
{
	const struct pm_kube_object *o = &k->all.v[of];
	size_t best = 0, n = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < k->all.n; i++) {
			const struct pm_kube_object *x = &k->all.v[i];
			size_t near;

			if (i == of || !same_space(o, x) ||
			    !pm_where_meet(&k->where[of], &k->where[i]) || !match(o, x))
				continue;
			near = nearness(o, x);
			if (!pass)
				best = near > best ? near : best;
			else if (near == best && n < max)
				out[n++] = x;
		}
	return n;
}

static bool pods_of(const struct pm_kube_object *o, const struct pm_kube_object *x)
{
	return x->n_containers && selects(o, x);
}

static bool exposes_any(const struct pm_kube_object *pods)
{
	for (size_t i = 0; i < pods->n_containers; i++)
		if (pods->containers[i].n_ports)
			return true;
	return false;
}

/* ---- findings ---- */

static struct pm_diag *say(struct kube *k, const char *rule, enum pm_severity severity,
			   const struct pm_kube_object *o, const struct pm_kube_ref *at,
			   const char *what, const char *message)
{
	struct pm_diag *d = pm_diag_add(k->g->out, k->g->a, rule, severity, o->path, at->line,
					at->col, "%s", message);

	pm_diag_key(d, k->g->a, o->name, at->number,
		    pm_arena_printf(k->g->a, "%s/%s/%s", o->kind, what, at->name ? at->name : ""));
	return d;
}

#define SAY(k, rule, severity, o, at, what, ...) \
	say(k, rule, severity, o, at, what, pm_arena_printf((k)->g->a, __VA_ARGS__))

/* "http 4000, 9090" */
static const char *list_ports(struct kube *k, const struct pm_kube_port *v, size_t n)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	for (size_t i = 0; i < n; i++)
		pm_buf_addf(&b, "%s%s%s%u", i ? ", " : "", v[i].name ? v[i].name : "",
			    v[i].name ? " " : "", v[i].number.number);
	return pm_arena_strndup(k->g->a, pm_buf_str(&b), b.n);
}

static bool has_port(const struct pm_kube_port *v, size_t n, const struct pm_kube_ref *ref)
{
	for (size_t i = 0; i < n; i++)
		if (ref->name ? v[i].name && strcmp(v[i].name, ref->name) == 0
			      : v[i].number.number == ref->number)
			return true;
	return false;
}

static bool pods_have(const struct pm_kube_object *pods, const struct pm_kube_ref *ref)
{
	for (size_t i = 0; i < pods->n_containers; i++)
		if (has_port(pods->containers[i].ports, pods->containers[i].n_ports, ref))
			return true;
	return false;
}

static void also_containers(struct kube *k, struct pm_diag *d, const struct pm_kube_object *pods)
{
	for (size_t i = 0; i < pods->n_containers && i < 4; i++) {
		const struct pm_kube_container *c = &pods->containers[i];

		if (c->n_ports)
			pm_diag_also(d, k->g->a, pods->path, c->ports[0].number.line,
				     c->ports[0].number.col, "%s exposes %s",
				     c->name ? c->name : pods->name,
				     list_ports(k, c->ports, c->n_ports));
	}
}

/* One reference to the ports of pods: fine if any of the nearest pods has it. */
static void check_ref(struct kube *k, size_t of, const struct pm_kube_ref *ref, const char *what,
		      enum pm_severity severity, const struct pm_kube_object **pods, size_t n)
{
	const struct pm_kube_object *o = &k->all.v[of], *told = NULL;
	struct pm_diag *d;

	for (size_t i = 0; i < n; i++) {
		if (pods_have(pods[i], ref))
			return;
		if (exposes_any(pods[i]))
			told = pods[i];
		else if (!ref->name)
			return; /* containers need not list what they listen on */
	}
	if (!n || (!told && !ref->name))
		return;
	told = told ? told : pods[0];
	if (ref->name)
		d = SAY(k, "k8s-port-name", PM_ERROR, o, ref, what,
			"%s of %s %s names the port '%s', which no container of %s has", what,
			o->kind, o->name, ref->name, told->name);
	else
		d = SAY(k, "k8s-port-group", severity, o, ref, what,
			"%s of %s %s is %u, which no container of %s exposes", what, o->kind,
			o->name, ref->number, told->name);
	also_containers(k, d, told);
}

static void check_service(struct kube *k, size_t of)
{
	const struct pm_kube_object *o = &k->all.v[of], *pods[8];
	size_t n = find(k, of, pods_of, pods, 8);

	for (size_t i = 0; i < o->n_ports; i++)
		check_ref(k, of, &o->ports[i].target, "targetPort", PM_WARNING, pods, n);
}

/* ---- probes and PORT ---- */

static void check_pod(struct kube *k, size_t of)
{
	const struct pm_kube_object *o = &k->all.v[of];

	for (size_t i = 0; i < o->n_containers; i++) {
		const struct pm_kube_container *c = &o->containers[i];
		struct pm_diag *d;

		for (size_t q = 0; q < c->n_probes; q++) {
			const struct pm_kube_use *p = &c->probes[q];

			/* a probe may ask a sidecar's port, and ports need not be listed */
			if (pods_have(o, &p->ref) || (!p->ref.name && !c->n_ports))
				continue;
			if (p->ref.name)
				d = SAY(k, "k8s-port-name", PM_ERROR, o, &p->ref, p->what,
					"%s of %s names the port '%s', which the container has not",
					p->what, o->name, p->ref.name);
			else
				d = SAY(k, "k8s-port-group", PM_WARNING, o, &p->ref, p->what,
					"%s of %s asks %u, which the container does not expose",
					p->what, o->name, p->ref.number);
			also_containers(k, d, o);
		}
		if (c->told.number && c->n_ports && !has_port(c->ports, c->n_ports, &c->told)) {
			d = SAY(k, "k8s-port-group", PM_WARNING, o, &c->told, "PORT",
				"%s is told to listen on %u and exposes %s", o->name,
				c->told.number, list_ports(k, c->ports, c->n_ports));
			also_containers(k, d, o);
		}
	}
}

/* ---- Ingress ---- */

static void check_ingress(struct kube *k, size_t of)
{
	const struct pm_kube_object *o = &k->all.v[of];

	for (size_t i = 0; i < o->n_uses; i++) {
		const struct pm_kube_use *u = &o->uses[i];
		const struct pm_kube_object *best = NULL;
		struct pm_diag *d;
		bool ok = false;

		for (size_t q = 0; u->service && q < k->all.n; q++) {
			const struct pm_kube_object *s = &k->all.v[q];

			if (!is(s, "Service") || !same_space(o, s) ||
			    strcmp(s->name, u->service) != 0)
				continue;
			ok |= has_port(s->ports, s->n_ports, &u->ref);
			if (!best || nearness(o, s) > nearness(o, best))
				best = s;
		}
		if (!best || ok || !best->n_ports)
			continue;
		d = u->ref.name
			    ? SAY(k, "k8s-port-name", PM_ERROR, o, &u->ref, u->service,
				  "Ingress %s sends to port '%s' of %s, which has %s", o->name,
				  u->ref.name, u->service,
				  list_ports(k, best->ports, best->n_ports))
			    : SAY(k, "k8s-port-group", PM_ERROR, o, &u->ref, u->service,
				  "Ingress %s sends to port %u of %s, which has %s", o->name,
				  u->ref.number, u->service,
				  list_ports(k, best->ports, best->n_ports));
		pm_diag_also(d, k->g->a, best->path, best->ports[0].number.line,
			     best->ports[0].number.col, "Service %s", best->name);
	}
}

/* ---- policies ---- */

static bool any_have(const struct pm_kube_object **pods, size_t n, const struct pm_kube_ref *ref)
{
	for (size_t i = 0; i < n; i++)
		if (pods_have(pods[i], ref))
			return true;
	return false;
}

static void check_policy(struct kube *k, size_t of)
{
	const struct pm_kube_object *o = &k->all.v[of], *pods[8];
	size_t n = find(k, of, pods_of, pods, 8);

	for (size_t i = 0; i < o->n_uses; i++) {
		enum pm_severity severity = PM_WARNING;
		bool said = false;

		for (size_t q = 0; q < o->n_uses; q++) {
			/* a rule that lets in the right port, too, drops nothing */
			if (o->uses[q].rule == o->uses[i].rule &&
			    any_have(pods, n, &o->uses[q].ref))
				severity = PM_NOTE;
			said |= q < i && !o->uses[q].ref.name && !o->uses[i].ref.name &&
				o->uses[q].ref.number == o->uses[i].ref.number;
		}
		if (!said)
			check_ref(k, of, &o->uses[i].ref, "ingress", severity, pods, n);
	}
}

/* A policy whose every port is wrong has been told of already. */
static bool is_all_wrong(const struct pm_kube_object *policy, const struct pm_kube_object *pods)
{
	for (size_t i = 0; i < policy->n_uses; i++)
		if (pods_have(pods, &policy->uses[i].ref))
			return false;
	return true;
}

/* Does some policy that selects the pods let this container port in? `*any`: one selects them. */
static bool lets_in(struct kube *k, const struct pm_kube_object *pods, const struct pm_kube_port *p,
		    const struct pm_kube_object **by)
{
	for (size_t i = 0; i < k->all.n; i++) {
		const struct pm_kube_object *o = &k->all.v[i];

		if (!is(o, "NetworkPolicy") || !same_space(o, pods) || !selects(o, pods))
			continue;
		if (!o->n_uses && !o->open)
			continue; /* says nothing about what comes in, or denies all */
		if (o->open)
			return true;
		for (size_t q = 0; q < o->n_uses; q++)
			if (o->uses[q].ref.name
				    ? p->name && strcmp(o->uses[q].ref.name, p->name) == 0
				    : o->uses[q].ref.number == p->number.number)
				return true;
		*by = o;
	}
	return *by == NULL;
}

/* The container port that a reference means, or NULL. */
static const struct pm_kube_port *port_of(const struct pm_kube_object *pods,
					  const struct pm_kube_ref *ref)
{
	for (size_t c = 0; c < pods->n_containers; c++)
		for (size_t i = 0; i < pods->containers[c].n_ports; i++)
			if (has_port(&pods->containers[c].ports[i], 1, ref))
				return &pods->containers[c].ports[i];
	return NULL;
}

/* Where a Service sends to must be let in by the policies of the pods. */
static void check_dropped(struct kube *k, size_t of)
{
	const struct pm_kube_object *o = &k->all.v[of], *pods[8];
	size_t n = find(k, of, pods_of, pods, 8);

	for (size_t i = 0; i < o->n_ports * n; i++) {
		const struct pm_kube_object *p = pods[i % n], *by = NULL;
		const struct pm_kube_ref *target = &o->ports[i / n].target;
		const struct pm_kube_port *port = port_of(p, target);
		struct pm_diag *d;

		if (!port || lets_in(k, p, port, &by) || is_all_wrong(by, p))
			continue;
		d = SAY(k, "k8s-port-group", PM_WARNING, by, &by->uses[0].ref, "dropped",
			"NetworkPolicy %s does not let in %u, where Service %s sends: such traffic "
			"is dropped without a word",
			by->name, port->number.number, o->name);
		pm_diag_also(d, k->g->a, o->path, target->line, target->col, "Service %s", o->name);
		also_containers(k, d, p);
	}
}

/* ---- the whole ---- */

void pm_agree_kube(struct pm_agree *g)
{
	struct kube k = { .g = g };

	for (size_t i = 0; i < g->in->inv->files.n; i++) {
		const struct pm_inv_file *f = &g->in->inv->files.v[i];
		struct pm_file file = { f->path, f->bytes, f->len };

		if (f->bytes && f->class == PM_CLASS_ORDINARY &&
		    !pm_where_of(g->in->config, g->schema, f->path).aside)
			pm_kube_read(&k.all, g->a, &file);
	}
	k.where = PM_NEW_N(g->a, struct pm_where, k.all.n + 1);
	for (size_t i = 0; i < k.all.n; i++)
		k.where[i] = pm_where_of(g->in->config, g->schema, k.all.v[i].path);
	for (size_t i = 0; i < k.all.n; i++) {
		const struct pm_kube_object *o = &k.all.v[i];

		if (is(o, "Service")) {
			check_service(&k, i);
			check_dropped(&k, i);
		} else if (is(o, "Ingress")) {
			check_ingress(&k, i);
		} else if (is(o, "NetworkPolicy")) {
			check_policy(&k, i);
		} else if (o->n_containers) {
			check_pod(&k, i);
		}
	}
	PM_VEC_FREE(&k.all);
}
