/*
 * agree_callers.c - who speaks to a service at a port that it does not have, or that it has inside
 * its container only.
 */
#include "agree_impl.h"

#include <string.h>

static int index_of(const struct pm_agree_service *s)
{
	return (int)(s->v - s->g->survey.services);
}

/* ---- what is known of each port ---- */

static bool publishes(const struct pm_stack_service *v, unsigned port)
{
	for (size_t i = 0; i < v->n_ports; i++)
		if (v->ports[i].lo <= port && port <= v->ports[i].hi)
			return true;
	return false;
}

/* A service of a stack that has a word of this one's name is published there: it may be meant. */
static bool is_namesakes(const struct pm_agree_service *s, unsigned port)
{
	for (size_t i = 0; i < s->g->n_stacks; i++)
		for (size_t k = 0; k < s->g->stacks[i].stack.n; k++) {
			const struct pm_stack_service *v = &s->g->stacks[i].stack.v[k];

			if (publishes(v, port) && pm_agree_same_word(s->g, v->name, s->v->name))
				return true;
		}
	return false;
}

/* Who runs the program without a container has it at this port, too. */
static bool is_bare(const struct pm_use *u)
{
	return pm_use_declares(u) && (u->kind == PM_USE_PUBLISHED || u->origin == PM_ORIGIN_CODE ||
				      u->origin == PM_ORIGIN_ENV);
}

static void know_mappings(struct pm_agree_service *s)
{
	for (size_t i = 0; i < s->g->n_stacks; i++) {
		const struct pm_agree_stack *k = &s->g->stacks[i];

		for (size_t q = 0; q < k->stack.n && !k->is_aside; q++)
			for (size_t p = 0; p < k->stack.v[q].n_ports; p++) {
				const struct pm_stack_port *x = &k->stack.v[q].ports[p];
				struct pm_agree_node *n =
					x->lo && x->in_lo && k->services[q] == index_of(s)
						? pm_agree_node_of(s, x->in_lo)
						: NULL;

				if (n && !n->outer)
					n->outer = x->lo;
			}
	}
}

static void know_ports(struct pm_agree_service *s)
{
	for (size_t i = 0; i < s->v->n_uses; i++)
		if (is_bare(&s->v->uses[i]))
			pm_agree_node_of(s, s->v->uses[i].hit->port)->bare = true;
	know_mappings(s);
}

static bool in_any_row(const struct pm_agree_service *s, unsigned port)
{
	for (size_t i = 0; i < s->v->n_rows; i++)
		if (s->v->rows[i]->lo <= port && port <= s->v->rows[i]->hi)
			return true;
	return false;
}

/* Does somebody else have this port, by a row or by what it declares? */
static bool is_others(const struct pm_agree_service *s, unsigned port)
{
	const int owner = s->g->owner[port];

	return pm_agree_row_at(s->g, port) != NULL ||
	       (owner != PM_NOBODY && owner != index_of(s));
}

/* ---- a port that the service does not have ---- */

static bool is_caller(const struct pm_use *u)
{
	static const char *const others[] = { "cors", "origin", "allowed", "callback", "redirect" };
	const char *ident = pm_use_fact(u, PM_FACT_IDENT);

	/* 80 and 443 are those of the proxy in front; a forwarded port is anybody's choice */
	if ((u->kind != PM_USE_CALL && u->kind != PM_USE_ROUTE) || u->hit->port < 1024 ||
	    strstr(u->hit->rule, "forward"))
		return false;
	/* a public name says little about whom it leads to: agree_tunnels.c looks at these */
	if (strcmp(u->hit->rule, "yaml/tunnel") == 0)
		return false;
	/* a list of those who may call the service names them, not it */
	for (size_t i = 0; ident && !u->by_host && i < sizeof(others) / sizeof(others[0]); i++)
		if (pm_str_find(pm_str_of(ident), others[i], true) != SIZE_MAX)
			return false;
	return (u->sure || u->variable) && u->hit->certainty >= PM_LIKELY;
}

/* "gateway:8000" is whoever is called just so, not every service that has this role. */
static bool is_role_host(const struct pm_agree_service *s, const struct pm_use *u)
{
	const char *host = pm_use_fact(u, PM_FACT_HOST);

	return host && pm_role_group(host) && strcmp(host, s->v->name) != 0;
}

/* The address is checked where its host is known: in the stack (agree_units.c). A product's own port
 * inside a network is not to be seen in any mapping. */
static bool is_seen_elsewhere(const struct pm_agree_service *s, const struct pm_use *u)
{
	const char *host = pm_use_fact(u, PM_FACT_HOST);

	return host && ((!u->local && pm_survey_product_port(u->hit->port)) ||
			pm_agree_is_host(s->g, host));
}

/* One finding per port, with all its places; SIZE_MAX: the next place begins it. */
static void say(struct pm_agree_service *s, size_t *finding, const struct pm_use *u,
		const char *rule, enum pm_severity severity, const char *text,
		const struct pm_use *chief)
{
	struct pm_diag *d;

	if (*finding != SIZE_MAX) {
		pm_agree_also(s->g, &s->g->out->v[*finding], u);
		return;
	}
	*finding = s->g->out->n;
	d = pm_agree_at(s->g, rule, severity, u, NULL, "%s", text);
	if (chief)
		pm_agree_also(s->g, d, chief);
}

static void check_caller(struct pm_agree_service *s, struct pm_agree_node *n,
			 const struct pm_use *u)
{
	const struct pm_agree_group *own = pm_agree_group_of(s, n->port);
	const struct pm_use *chief = s->groups[s->winner].chief;

	if (own->chief || in_any_row(s, n->port) || !is_caller(u) || (u->foreign && !u->by_host) ||
	    (!u->by_host && is_others(s, n->port)) || is_seen_elsewhere(s, u) || is_role_host(s, u))
		return;
	if (n->finding == SIZE_MAX && is_namesakes(s, n->port))
		return;
	/* a number in code may be one of many that a program knows */
	say(s, &n->finding, u, "caller-disagrees",
	    chief->origin == PM_ORIGIN_CODE ? PM_NOTE : PM_WARNING,
	    pm_arena_printf(s->g->a, "%u is taken for %s here, which uses %u (%s:%u)", n->port,
			    s->v->name, chief->hit->port, chief->file->path, chief->hit->line),
	    chief);
}

/* ---- a port that it has inside only ---- */

/* "kubectl exec shop -- curl localhost:8000": said inside. Of what the line says before the number. */
static bool is_said_inside(const struct pm_use *u)
{
	static const char *const tools[] = { "docker", "podman", "nerdctl", "kubectl", "compose", "oc" };
	const struct pm_str line = pm_lines_get(&u->file->lines, u->hit->line);
	const struct pm_str head = { line.p, u->hit->col <= line.n ? u->hit->col - 1 : line.n };
	const size_t exec = pm_str_find(head, " exec ", false);

	for (size_t i = 0; exec != SIZE_MAX && i < sizeof(tools) / sizeof(tools[0]); i++)
		if (pm_str_find((struct pm_str){ head.p, exec }, tools[i], false) != SIZE_MAX)
			return true;
	return false;
}

/* "kubectl port-forward svc/shop 8000:8000" in this file makes it the machine's, too. */
static bool is_forwarded(const struct pm_use *u)
{
	for (size_t i = 0; i < u->file->n_hits; i++)
		if (u->file->hits[i].port == u->hit->port && strstr(u->file->hits[i].rule, "forward"))
			return true;
	return false;
}

/* localhost:8000 of a service that is published as 16080:8000. What a scrape configuration calls
 * localhost is the container that reads it. */
static void check_inner(struct pm_agree_service *s, struct pm_agree_node *n, const struct pm_use *u)
{
	if (!n->outer || n->outer == n->port || n->bare || pm_agree_in_rows(s, n->port) ||
	    !u->local || u->unit || !u->sure || u->hit->certainty < PM_LIKELY ||
	    (u->kind != PM_USE_CALL && u->kind != PM_USE_DOC && u->kind != PM_USE_ROUTE) ||
	    strstr(u->hit->rule, "scrape") || is_said_inside(u) || is_forwarded(u))
		return;
	say(s, &n->inner_finding, u, "inner-port-outside", PM_NOTE,
	    pm_arena_printf(s->g->a, "%s is at %u on the machine; %u is its port inside the "
			    "container", s->v->name, n->outer, n->port),
	    NULL);
}

void pm_agree_callers(struct pm_agree_service *s)
{
	if (s->winner == SIZE_MAX)
		return;
	know_ports(s);
	for (size_t i = 0; i < s->v->n_uses; i++) {
		const struct pm_use *u = &s->v->uses[i];
		struct pm_agree_node *n = pm_agree_node_of(s, u->hit->port);

		if (pm_agree_is_aside(u))
			continue;
		check_caller(s, n, u);
		check_inner(s, n, u);
	}
}
