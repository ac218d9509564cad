/*
 * agree_groups.c - the ports of one service, over the whole commit. Ports that one manifest names
 * together (both halves of a mapping, the health check inside) are one *group*. A service with one
 * group tells one story; every further group is one finding, with all its places: a drift from the
 * document where a row says which is right, else a disagreement. Places that only speak to the
 * service, at a port that no group has, are callers to be told.
 */
#include "agree_impl.h"

#include <stdlib.h>
#include <string.h>

/* One port of the service, as a node of a forest. */
struct node {
	unsigned port;
	size_t parent;
};

/* Uses of one group: `chief` is the most authoritative one that declares its port. */
struct group {
	const struct pm_use **uses;
	size_t n, n_declaring;
	const struct pm_use *chief;
	bool known;    /* one of its ports is in a row to compare with */
	bool deployed; /* a manifest publishes it or tells the process */
};

struct service {
	struct pm_agree *g;
	const struct pm_survey_service *v;
	struct node *nodes;
	size_t n_nodes;
	struct group *groups; /* one per node; those of roots count */
	size_t winner;        /* SIZE_MAX: none declares anything */
};

/* ---- grouping ---- */

static size_t node_of(struct service *s, unsigned port)
{
	size_t i = 0;

	while (i < s->n_nodes && s->nodes[i].port != port)
		i++;
	if (i == s->n_nodes)
		s->nodes[s->n_nodes++] = (struct node){ port, i };
	return i;
}

static size_t root(struct service *s, size_t i)
{
	while (s->nodes[i].parent != i)
		i = s->nodes[i].parent = s->nodes[s->nodes[i].parent].parent;
	return i;
}

static void unite(struct service *s, unsigned a, unsigned b)
{
	size_t x = root(s, node_of(s, a)), y = root(s, node_of(s, b));

	if (x != y)
		s->nodes[x > y ? x : y].parent = x < y ? x : y;
}

/* One block of a manifest, or one image. A caller in a block speaks of another one's port. */
static bool same_manifest(const struct pm_use *a, const struct pm_use *b)
{
	if (a->file != b->file || a->kind == PM_USE_CALL || b->kind == PM_USE_CALL ||
	    a->kind == PM_USE_DOC || b->kind == PM_USE_DOC)
		return false;
	if (a->unit && b->unit)
		return strcmp(a->unit, b->unit) == 0;
	return a->origin == PM_ORIGIN_DOCKER && b->origin == PM_ORIGIN_DOCKER;
}

static void group_ports(struct service *s)
{
	const struct pm_survey_service *v = s->v;

	for (size_t i = 0; i < v->n_uses; i++) {
		size_t k = i;

		node_of(s, v->uses[i].hit->port);
		while (k > 0 && v->uses[k - 1].file == v->uses[i].file)
			if (same_manifest(&v->uses[--k], &v->uses[i])) {
				unite(s, v->uses[k].hit->port, v->uses[i].hit->port);
				break;
			}
	}
	/* rows of one kind are different ports of one service, not rivals */
	for (size_t i = 0; i < v->n_rows; i++)
		for (size_t k = 0; k < i; k++)
			if (v->rows[i]->lo && v->rows[k]->lo &&
			    v->rows[i]->state == v->rows[k]->state &&
			    v->rows[i]->host == v->rows[k]->host)
				unite(s, v->rows[i]->lo, v->rows[k]->lo);
}

static bool in_rows(const struct service *s, unsigned port)
{
	for (size_t i = 0; i < s->v->n_rows; i++) {
		const struct pm_endpoint *e = s->v->rows[i];

		if (e->lo <= port && port <= e->hi && pm_agree_counts(s->g, s->v, e))
			return true;
	}
	return false;
}

/* Is `a` more authoritative than `b`, which may be NULL? */
static bool outranks(const struct service *s, const struct pm_use *a, const struct pm_use *b)
{
	unsigned x, y;

	if (!b)
		return true;
	x = pm_config_origin_rank(s->g->in->config, a->origin);
	y = pm_config_origin_rank(s->g->in->config, b->origin);
	if (x != y)
		return x < y;
	if ((a->kind == PM_USE_PUBLISHED) != (b->kind == PM_USE_PUBLISHED))
		return a->kind == PM_USE_PUBLISHED;
	return a->named && !b->named;
}

/* A number in code that names nobody, and another service's port: said of that one. */
static bool is_strangers(const struct service *s, const struct pm_use *u)
{
	return u->origin == PM_ORIGIN_CODE && !u->sure && !in_rows(s, u->hit->port) &&
	       (pm_agree_row_at(s->g, u->hit->port) ||
		(s->g->owner[u->hit->port] != PM_NOBODY &&
		 s->g->owner[u->hit->port] != u->service));
}

/* 80 and the like inside a container say nothing: only published they are a service's choice. */
static bool is_inner_standard(const struct service *s, const struct pm_use *u)
{
	return u->hit->port < 1024 && u->kind != PM_USE_PUBLISHED && !in_rows(s, u->hit->port);
}

static void fill_groups(struct service *s)
{
	s->groups = PM_NEW_N(s->g->a, struct group, s->n_nodes + 1);
	for (size_t i = 0; i < s->n_nodes; i++)
		s->groups[root(s, i)].known |= in_rows(s, s->nodes[i].port);
	for (size_t i = 0; i < s->v->n_uses; i++) {
		const struct pm_use *u = &s->v->uses[i];
		struct group *x = &s->groups[root(s, node_of(s, u->hit->port))];

		if (pm_agree_is_aside(u))
			continue;
		if (!x->uses)
			x->uses = PM_NEW_N(s->g->a, const struct pm_use *, s->v->n_uses);
		x->uses[x->n++] = u;
		if (!pm_use_declares(u) || is_strangers(s, u) || is_inner_standard(s, u))
			continue;
		x->n_declaring++;
		x->deployed |= u->origin == PM_ORIGIN_COMPOSE || u->origin == PM_ORIGIN_KUBERNETES;
		if (outranks(s, u, x->chief))
			x->chief = u;
	}
}

/* The group that is right: of a row, else the most authoritative, else the one with most places. */
static void choose_winner(struct service *s)
{
	s->winner = SIZE_MAX;
	for (size_t i = 0; i < s->n_nodes; i++) {
		const struct group *x = &s->groups[i];
		const struct group *best = s->winner == SIZE_MAX ? NULL : &s->groups[s->winner];

		if (root(s, i) != i || !x->chief)
			continue;
		if (!best || (x->known && !best->known) ||
		    (x->known == best->known &&
		     (outranks(s, x->chief, best->chief) ||
		      (!outranks(s, best->chief, x->chief) && x->n > best->n))))
			s->winner = i;
	}
}

/* ---- findings ---- */

/* "3 places: compose 2, docs 1" */
static const char *count_text(struct service *s, const struct group *x)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	unsigned by[PM_ORIGIN_COUNT] = { 0 };
	bool first = true;

	pm_buf_addf(&b, "%zu place%s: ", x->n, x->n == 1 ? "" : "s");
	for (size_t i = 0; i < x->n; i++)
		by[x->uses[i]->origin]++;
	for (unsigned k = 0; k < PM_ORIGIN_COUNT; k++)
		if (by[k]) {
			pm_buf_addf(&b, "%s%s %u", first ? "" : ", ",
				    pm_origin_name((enum pm_origin)k), by[k]);
			first = false;
		}
	return pm_arena_strndup(s->g->a, b.v, b.n);
}

static void add_places(struct service *s, struct pm_diag *x, const struct group *group)
{
	for (size_t i = 0; i < group->n; i++)
		if (group->uses[i] != group->chief)
			pm_agree_also(s->g, x, group->uses[i]);
}

static const struct pm_endpoint *row_of(const struct service *s)
{
	for (size_t i = 0; i < s->v->n_rows; i++)
		if (pm_agree_counts(s->g, s->v, s->v->rows[i]))
			return s->v->rows[i];
	return NULL;
}

/* The rows' own group beside this one. */
static const char *agreeing(struct service *s)
{
	const struct group *x = s->winner == SIZE_MAX ? NULL : &s->groups[s->winner];
	const char *where;

	if (!x || !x->known || !x->chief)
		return "";
	where = pm_agree_where(s->g, &x->chief->where);
	return pm_arena_printf(s->g->a, ", as do %s, first %s:%u%s%s", count_text(s, x),
			       x->chief->file->path, x->chief->hit->line, *where ? ", " : "",
			       where);
}

static void say_drift(struct service *s, const struct group *x)
{
	const struct pm_endpoint *row = row_of(s);
	const char *where = pm_agree_where(s->g, &x->chief->where), *name = s->v->name;
	enum pm_severity severity = PM_WARNING;
	struct pm_diag *d;

	/* a manifest is what runs; the rest may be a template, or a default that is overridden */
	if (x->chief->kind == PM_USE_PUBLISHED && x->chief->origin == PM_ORIGIN_COMPOSE &&
	    !s->g->schema->aspirational && !s->g->in->real)
		severity = PM_ERROR;
	/* inside a cluster the number on the host does not matter */
	if (pm_agree_is_aspirational(s->g, row) || x->chief->origin == PM_ORIGIN_KUBERNETES ||
	    x->chief->origin == PM_ORIGIN_DOCKER || row->exposure == PM_EXPOSE_INTERNAL)
		severity = PM_NOTE;
	d = pm_agree_at(s->g, s->g->in->real ? "real-stale" : "port-drift", severity, x->chief, NULL,
			"%s uses %u here%s%s (%s); %s:%u says %u%s", name, x->chief->hit->port,
			*where ? ", " : "", where, count_text(s, x), row->src.path, row->src.line,
			row->lo, agreeing(s));
	pm_agree_also_row(s->g, d, row);
	add_places(s, d, x);
	d->hint = pm_arena_printf(s->g->a,
				  "move it: portmig plan --move %s=%u:%u; or accept it: portmig "
				  "reconcile --service %s",
				  name, x->chief->hit->port, row->lo, name);
}

/* Where the places of a group hold, when they all agree on it. */
static const char *environment_of(const struct group *x)
{
	const char *env = NULL;

	for (size_t i = 0; i < x->n; i++) {
		const struct pm_where *w = &x->uses[i]->where;
		const char *mine = w->environment ? w->environment : w->host;

		if (!pm_use_declares(x->uses[i]) || !mine)
			continue;
		if (env && strcmp(env, mine) != 0)
			return NULL;
		env = mine;
	}
	return env;
}

/* The process is told its port where it runs: the default in code does not matter there. */
static bool is_overridden(const struct group *loser, const struct group *winner)
{
	for (size_t i = 0; i < loser->n; i++)
		if (pm_use_declares(loser->uses[i]) && loser->uses[i]->origin != PM_ORIGIN_CODE)
			return false;
	for (size_t i = 0; i < winner->n; i++)
		if (winner->uses[i]->kind == PM_USE_LISTEN &&
		    winner->uses[i]->origin != PM_ORIGIN_CODE)
			return true;
	return false;
}

static void say_disagreement(struct service *s, const struct group *x)
{
	const struct group *best = &s->groups[s->winner];
	const char *mine = environment_of(x), *other = environment_of(best);
	bool split = mine && other && strcmp(mine, other) != 0;
	struct pm_diag *d;

	if (pm_agree_said(s->g, x->chief->file->path, x->chief->hit->line, x->chief->hit->col))
		return;
	d = pm_agree_at(s->g, "ports-disagree",
			split || is_overridden(x, best) ? PM_NOTE : PM_WARNING, x->chief, NULL,
			"%s uses %u here%s%s (%s), and %u at %s:%u%s%s (%s)", s->v->name,
			x->chief->hit->port, mine ? ", " : "", mine ? mine : "", count_text(s, x),
			best->chief->hit->port, best->chief->file->path, best->chief->hit->line,
			other ? ", " : "", other ? other : "", count_text(s, best));
	pm_agree_also(s->g, d, best->chief);
	add_places(s, d, x);
}

/* ---- callers ---- */

static bool is_own(struct service *s, unsigned port)
{
	for (size_t i = 0; i < s->n_nodes; i++)
		if (s->nodes[i].port == port)
			return s->groups[root(s, i)].chief != NULL;
	return false;
}

static bool in_any_row(const struct service *s, unsigned port)
{
	for (size_t i = 0; i < s->v->n_rows; i++)
		if (s->v->rows[i]->lo <= port && port <= s->v->rows[i]->hi)
			return true;
	return false;
}

/* Does somebody else have this port, by a row or by what it declares? */
static bool is_others(struct service *s, unsigned port)
{
	const int owner = s->g->owner[port];

	return pm_agree_row_at(s->g, port) != NULL ||
	       (owner != PM_NOBODY && owner != (int)(s->v - s->g->survey.services));
}

static bool is_caller(const struct pm_use *u)
{
	static const char *const others[] = { "cors", "origin", "allowed", "callback", "redirect" };
	const char *ident = pm_use_fact(u, PM_FACT_IDENT);

	/* 80 and 443 are those of the proxy in front; a forwarded port is anybody's choice */
	if ((u->kind != PM_USE_CALL && u->kind != PM_USE_ROUTE) || u->hit->port < 1024 ||
	    strstr(u->hit->rule, "forward"))
		return false;
	/* a public name says little about whom it leads to: pm_agree_tunnels looks at these */
	if (strcmp(u->hit->rule, "yaml/tunnel") == 0)
		return false;
	/* a list of those who may call the service names them, not it */
	for (size_t i = 0; ident && !u->by_host && i < sizeof(others) / sizeof(others[0]);
	     i++)
		if (pm_str_find(pm_str_of(ident), others[i], true) != SIZE_MAX)
			return false;
	return (u->sure || u->variable) && u->hit->certainty >= PM_LIKELY;
}

static bool publishes(const struct pm_stack_service *v, unsigned port)
{
	for (size_t i = 0; i < v->n_ports; i++)
		if (v->ports[i].lo <= port && port <= v->ports[i].hi)
			return true;
	return false;
}

/* The address is checked where its host is known (agree_units.c), or means a service of a stack that
 * has a word of its name in common and is published there. */
static bool is_seen_elsewhere(const struct service *s, const struct pm_use *u)
{
	const char *host = pm_use_fact(u, PM_FACT_HOST);

	/* a product's own port inside a network is not to be seen in any mapping */
	if (host && !u->local && pm_survey_product_port(u->hit->port))
		return true;
	for (size_t i = 0; i < s->g->n_stacks; i++)
		for (size_t k = 0; k < s->g->stacks[i].stack.n; k++) {
			const struct pm_stack_service *v = &s->g->stacks[i].stack.v[k];

			if (host && (strcmp(v->name, host) == 0 ||
				     (v->container && strcmp(v->container, host) == 0)))
				return true;
			if (publishes(v, u->hit->port) && pm_agree_same_word(s->g, v->name, s->v->name))
				return true;
		}
	return false;
}

static void say_callers(struct service *s)
{
	const struct group *best = s->winner == SIZE_MAX ? NULL : &s->groups[s->winner];

	for (size_t i = 0; best && i < s->n_nodes; i++) {
		const unsigned port = s->nodes[i].port;
		struct pm_diag *d = NULL;

		if (is_own(s, port) || in_any_row(s, port))
			continue;
		for (size_t k = 0; k < s->v->n_uses; k++) {
			const struct pm_use *u = &s->v->uses[k];

			if (u->hit->port != port || pm_agree_is_aside(u) || !is_caller(u) ||
			    (!u->by_host && is_others(s, port)) ||
			    is_seen_elsewhere(s, u))
				continue;
			if (d) {
				pm_agree_also(s->g, d, u);
				continue;
			}
			d = pm_agree_at(s->g, "caller-disagrees", PM_WARNING, u, NULL,
					"%u is taken for %s here, which uses %u (%s:%u)", port,
					s->v->name, best->chief->hit->port, best->chief->file->path,
					best->chief->hit->line);
			pm_agree_also(s->g, d, best->chief);
		}
	}
}

/* ---- the port of the container, used on the machine ---- */

/* Somebody who runs the program without a container has it at this port, too. */
static bool runs_bare(const struct service *s, unsigned port)
{
	for (size_t i = 0; i < s->v->n_uses; i++) {
		const struct pm_use *u = &s->v->uses[i];

		if (u->hit->port == port && pm_use_declares(u) &&
		    (u->kind == PM_USE_PUBLISHED || u->origin == PM_ORIGIN_CODE ||
		     u->origin == PM_ORIGIN_ENV))
			return true;
	}
	return false;
}

/* The host side of a mapping whose inner side is this port; 0: there is none. */
static unsigned published_as(const struct service *s, unsigned port)
{
	const int mine = (int)(s->v - s->g->survey.services);

	for (size_t i = 0; i < s->g->n_stacks; i++) {
		const struct pm_agree_stack *k = &s->g->stacks[i];

		for (size_t q = 0; q < k->stack.n && !k->is_aside; q++)
			for (size_t p = 0; p < k->stack.v[q].n_ports; p++)
				if (k->services[q] == mine && k->stack.v[q].ports[p].lo &&
				    k->stack.v[q].ports[p].in_lo == port)
					return k->stack.v[q].ports[p].lo;
	}
	return 0;
}

/* localhost:8000 of a service that is published as 16080:8000. */
static void say_inner_outside(struct service *s)
{
	for (size_t i = 0; i < s->n_nodes; i++) {
		const unsigned port = s->nodes[i].port, outer = published_as(s, port);
		struct pm_diag *d = NULL;

		if (!outer || outer == port || in_rows(s, port) || runs_bare(s, port))
			continue;
		for (size_t k = 0; k < s->v->n_uses; k++) {
			const struct pm_use *u = &s->v->uses[k];

			if (u->hit->port != port || !u->local || u->unit || !u->sure ||
			    u->hit->certainty < PM_LIKELY || pm_agree_is_aside(u) ||
			    (u->kind != PM_USE_CALL && u->kind != PM_USE_DOC &&
			     u->kind != PM_USE_ROUTE))
				continue;
			if (d) {
				pm_agree_also(s->g, d, u);
				continue;
			}
			d = pm_agree_at(s->g, "inner-port-outside", PM_NOTE, u, NULL,
					"%s is at %u on the machine; %u is its port inside the "
					"container", s->v->name, outer, port);
		}
	}
}

/* ---- the whole ---- */

static void check_service(struct pm_agree *g, const struct pm_survey_service *v)
{
	struct service s = { .g = g, .v = v };
	bool drift = false;

	s.nodes = PM_NEW_N(g->a, struct node, v->n_uses + v->n_rows + 1);
	group_ports(&s);
	fill_groups(&s);
	choose_winner(&s);
	for (size_t i = 0; i < s.n_nodes; i++) {
		const struct group *x = &s.groups[i];

		if (root(&s, i) != i || !x->chief || x->known)
			continue;
		if (row_of(&s)) {
			say_drift(&s, x);
			drift = true;
		} else if (i != s.winner && s.winner != SIZE_MAX) {
			say_disagreement(&s, x);
		}
	}
	say_callers(&s);
	say_inner_outside(&s);
	if (!row_of(&s))
		return;
	g->stats->services += s.winner != SIZE_MAX;
	g->stats->matching += s.winner != SIZE_MAX && !drift;
	g->stats->absent += v->n_uses == 0;
}

void pm_agree_groups(struct pm_agree *g)
{
	for (size_t i = 0; i < g->survey.n; i++)
		check_service(g, &g->survey.services[i]);
}
