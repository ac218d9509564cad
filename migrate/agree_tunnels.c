/*
 * agree_tunnels.c - public names that are routed to ports of the machine (cloudflared): something
 * must listen there, and it must be what the name says.
 */
#include "agree_impl.h"

#include <stdlib.h>
#include <string.h>

struct route {
	const struct pm_inv_file *file;
	const struct pm_hit *hit;
	struct pm_where where;
	const char *name; /* hostname */
};

static const char *fact_of(const struct pm_hit *h, enum pm_fact_kind kind)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == kind && !h->facts[i].depth)
			return h->facts[i].text;
	return NULL;
}

struct routes { struct route *v; size_t n, cap; };

/* Whether a stack that may stand on the same machine publishes the port. */
static bool is_published(const struct pm_agree *g, const struct route *r)
{
	for (size_t i = 0; i < g->n_stacks; i++) {
		const struct pm_agree_stack *k = &g->stacks[i];

		if (k->is_aside || !pm_where_meet(&k->where, &r->where))
			continue;
		for (size_t s = 0; s < k->stack.n; s++)
			for (size_t p = 0; p < k->stack.v[s].n_ports; p++) {
				const struct pm_stack_port *x = &k->stack.v[s].ports[p];

				if (x->lo && x->lo <= r->hit->port && r->hit->port <= x->hi)
					return true;
			}
	}
	return false;
}

/* Does the name begin with all own words of the service: events.example.org of shop-events? */
static bool names(const struct pm_agree *g, const struct route *r, const struct pm_target *t)
{
	struct pm_str label = { r->name, strcspn(r->name, ".") };
	struct pm_word w[12];
	unsigned n = pm_registry_words(g->in->registry, label, w, 12), own = 0;

	for (unsigned i = 0; i < n; i++) {
		bool found = false;

		if (!w[i].text)
			return false;
		if (pm_registry_word_class(g->in->registry, w[i].text) != PM_WORD_OTHER)
			continue;
		for (unsigned k = 0; k < t->n_words && !found; k++)
			found = t->words[k] == w[i].text;
		if (!found)
			return false;
		own++;
	}
	return own > 0;
}

/* A port that this service publishes on the machine, as far as is known; NULL: none. */
static const struct pm_use *published_by(const struct pm_agree *g, const struct route *r,
					 size_t service)
{
	const struct pm_survey_service *v = &g->survey.services[service];

	for (size_t i = 0; i < v->n_uses; i++)
		if (v->uses[i].kind == PM_USE_PUBLISHED && !pm_agree_is_aside(&v->uses[i]) &&
		    pm_where_meet(&v->uses[i].where, &r->where))
			return &v->uses[i];
	return NULL;
}

static struct pm_diag *say(struct pm_agree *g, const char *rule, enum pm_severity severity,
			   const struct route *r, const char *service, const char *text)
{
	struct pm_diag *d = pm_diag_add(g->out, g->a, rule, severity, r->file->path, r->hit->line,
					r->hit->col, "%s", text);

	pm_diag_key(d, g->a, service, r->hit->port, r->name);
	return d;
}

#define SAY(g, rule, severity, r, service, ...) \
	say(g, rule, severity, r, service, pm_arena_printf((g)->a, __VA_ARGS__))

/* The service of this name publishes another port there. */
static bool check_mismatch(struct pm_agree *g, const struct routes *all, const struct route *r)
{
	const struct pm_use *found = NULL;
	struct pm_diag *d;

	for (size_t i = 0; i < g->survey.n; i++) {
		const struct pm_use *u = names(g, r, &g->survey.targets[i])
						 ? published_by(g, r, i)
						 : NULL;

		if (u && found)
			return false; /* chat.example.org: of chat-web or of chat-api? */
		found = u ? u : found;
	}
	/* one name may be routed by path: the other route leads to the service */
	for (size_t i = 0; found && i < all->n; i++)
		if (all->v[i].file == r->file && strcmp(all->v[i].name, r->name) == 0 &&
		    all->v[i].hit->port == found->hit->port)
			return false;
	if (!found)
		return false;
	d = SAY(g, "tunnel-mismatch", PM_WARNING, r, g->survey.services[found->service].name,
		"%s is routed to %u, where nothing of this repository listens; %s publishes %u",
		r->name, r->hit->port, g->survey.services[found->service].name, found->hit->port);
	pm_agree_also(g, d, found);
	return true;
}

static void check_route(struct pm_agree *g, const struct routes *all, const struct route *r)
{
	const struct pm_endpoint *row = pm_agree_row_at(g, r->hit->port);
	struct pm_diag *d;

	if (is_published(g, r) || check_mismatch(g, all, r))
		return;
	if (row && !pm_agree_related_name(g, r->name, row)) {
		d = SAY(g, "collision-latent", PM_WARNING, r, row->name,
			"%s is routed to %u, which the document gives to %s: whoever puts %s there "
			"creates the collision",
			r->name, r->hit->port, row->name, row->name);
		pm_agree_also_row(g, d, row);
	}
}

/* All of a file that lead to ports of nobody, as one finding. */
static void check_unowned(struct pm_agree *g, const struct routes *all, size_t from, size_t to)
{
	struct pm_diag *d = NULL;
	size_t n = 0;

	for (size_t i = from; i < to; i++) {
		const struct route *r = &all->v[i];

		if (pm_agree_row_at(g, r->hit->port) || g->owner[r->hit->port] != PM_NOBODY ||
		    is_published(g, r) ||
		    pm_agree_said(g, r->file->path, r->hit->line, r->hit->col))
			continue;
		n++;
		if (!d)
			d = SAY(g, "port-unowned", PM_NOTE, r, NULL, " ");
		else if (d->n_also < 100)
			pm_diag_also(d, g->a, r->file->path, r->hit->line, r->hit->col, "%s: %u",
				     r->name, r->hit->port);
	}
	if (d)
		d->text = pm_arena_printf(g->a, "%zu public name%s routed to ports that no row and "
					  "no manifest gives to anybody: %s to %u%s",
					  n, n == 1 ? " is" : "s are", d->key, d->port,
					  n > 1 ? ", ..." : "");
}

static void collect(struct pm_agree *g, struct routes *all, const struct pm_inv_file *f)
{
	for (size_t k = 0; k < f->n_hits; k++) {
		struct route r = { .file = f, .hit = &f->hits[k] };
		const char *host = fact_of(r.hit, PM_FACT_HOST);

		if (strcmp(r.hit->rule, "yaml/tunnel") != 0 || r.hit->role != PM_ROLE_ROUTE ||
		    !host || (strcmp(host, "localhost") != 0 && strcmp(host, "127.0.0.1") != 0))
			continue;
		r.where = pm_where_of(g->in->config, g->schema, f->path);
		r.name = fact_of(r.hit, PM_FACT_BLOCK);
		if (r.name)
			*PM_VEC_ADD(all) = r;
	}
}

void pm_agree_tunnels(struct pm_agree *g)
{
	struct routes all = { 0 };

	for (size_t i = 0; i < g->in->inv->files.n; i++) {
		size_t from = all.n;

		if (g->in->inv->files.v[i].class != PM_CLASS_ORDINARY)
			continue;
		collect(g, &all, &g->in->inv->files.v[i]);
		for (size_t k = from; k < all.n; k++)
			check_route(g, &all, &all.v[k]);
		if (g->schema && !g->outside)
			check_unowned(g, &all, from, all.n);
	}
	PM_VEC_FREE(&all);
}
