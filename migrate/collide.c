/*
 * collide.c - who meets whom on a port of a host. Published ports of the stacks against each other,
 * against the rows and reservations of the document, and against what browsers accept.
 */
#include "agree_impl.h"

#include <stdlib.h>
#include <string.h>

/* One published port or range of a stack. */
struct pub {
	const struct pm_agree_stack *stack;
	const struct pm_stack_service *s;
	const struct pm_stack_port *p;
	int service; /* of the survey, -1: nobody clearly */
};

struct collide {
	struct pm_agree *g;
	struct { struct pub *v; size_t n, cap; } pubs;
};

/* ---- collecting ---- */

/* Ports that an override file takes away: "ports: !override" of the same service beside it. */
static bool is_replaced(const struct pm_agree *g, const struct pm_agree_stack *k,
			const struct pm_stack_service *s)
{
	for (size_t i = 0; i < g->n_stacks; i++) {
		const struct pm_agree_stack *o = &g->stacks[i];

		if (o == k || o->base != k)
			continue;
		for (size_t q = 0; q < o->stack.n; q++)
			if (o->stack.v[q].replaces && strcmp(o->stack.v[q].name, s->name) == 0)
				return true;
	}
	return false;
}

/* In the host's network there are no mappings: what it is told to listen on is the host's. */
static void collect_host_network(struct collide *c, const struct pm_agree_stack *k,
				 const struct pm_stack_service *s, int service)
{
	const struct pm_survey_service *v = service >= 0 ? &c->g->survey.services[service] : NULL;

	for (size_t i = 0; v && i < v->n_uses; i++) {
		const struct pm_use *u = &v->uses[i];
		struct pm_stack_port *p;

		if (u->file != k->file || u->kind != PM_USE_LISTEN || !u->main || !u->unit ||
		    strcmp(u->unit, s->name) != 0)
			continue;
		p = PM_NEW(c->g->a, struct pm_stack_port);
		*p = (struct pm_stack_port){ .ip = "", .lo = u->hit->port, .hi = u->hit->port,
					     .in_lo = u->hit->port, .in_hi = u->hit->port,
					     .line = u->hit->line, .col = u->hit->col };
		*PM_VEC_ADD(&c->pubs) = (struct pub){ k, s, p, service };
	}
}

static void collect(struct collide *c)
{
	struct pm_agree *g = c->g;

	for (size_t i = 0; i < g->n_stacks; i++)
		for (size_t k = 0; k < g->stacks[i].stack.n; k++) {
			const struct pm_stack_service *s = &g->stacks[i].stack.v[k];

			if (is_replaced(g, &g->stacks[i], s))
				continue;
			for (size_t q = 0; q < s->n_ports && !s->host_network; q++)
				if (s->ports[q].lo)
					*PM_VEC_ADD(&c->pubs) = (struct pub){
						&g->stacks[i], s, &s->ports[q],
						g->stacks[i].services[k] };
			if (s->host_network)
				collect_host_network(c, &g->stacks[i], s, g->stacks[i].services[k]);
		}
}

static int by_port(const void *x, const void *y)
{
	const struct pub *a = x, *b = y;
	int d;

	if (a->p->lo != b->p->lo)
		return a->p->lo < b->p->lo ? -1 : 1;
	d = strcmp(a->stack->stack.path, b->stack->stack.path);
	if (d)
		return d;
	return a->p->line < b->p->line ? -1 : a->p->line > b->p->line;
}

/* ---- two of them ---- */

static bool binds_all(const char *ip)
{
	return !*ip || strcmp(ip, "0.0.0.0") == 0 || strcmp(ip, "::") == 0;
}

static bool overlap(const struct pm_stack_port *a, const struct pm_stack_port *b)
{
	return a->lo <= b->hi && b->lo <= a->hi && a->udp == b->udp &&
	       (binds_all(a->ip) || binds_all(b->ip) || strcmp(a->ip, b->ip) == 0);
}

/* Profiles that never run at once, as far as the file says. */
static bool are_alternatives(const struct pm_stack_service *a, const struct pm_stack_service *b)
{
	if (!a->n_profiles || !b->n_profiles)
		return false;
	for (size_t i = 0; i < a->n_profiles; i++)
		for (size_t k = 0; k < b->n_profiles; k++)
			if (strcmp(a->profiles[i], b->profiles[k]) == 0)
				return false;
	return true;
}

static bool is_third_party(const struct pm_stack_service *s)
{
	return s->image && !s->build;
}

/* One service in two files: by its key, its container, or as the survey knows it. */
static bool is_same(const struct pub *a, const struct pub *b)
{
	if (a->stack == b->stack)
		return a->s == b->s;
	if (a->service >= 0 && a->service == b->service)
		return true;
	if (a->s->container && b->s->container)
		return strcmp(a->s->container, b->s->container) == 0;
	if (is_third_party(a->s) && is_third_party(b->s) &&
	    strcmp(a->s->image, b->s->image) == 0)
		return true; /* each stack's own database */
	return strcmp(a->s->name, b->s->name) == 0;
}

/* SELDOM: stacks side by side in folders of their own, of which one is run at a time. */
enum meeting { MEET_NEVER, MEET_OTHER_HOSTS, MEET_SELDOM, MEET_PERHAPS, MEET_SURELY };

static bool is_above(struct pm_str dir, struct pm_str other)
{
	return !dir.n || (other.n >= dir.n && memcmp(dir.p, other.p, dir.n) == 0 &&
			  (other.n == dir.n || other.p[dir.n] == '/'));
}

static enum meeting meeting(const struct pub *a, const struct pub *b)
{
	const struct pm_where *x = &a->stack->where, *y = &b->stack->where;
	struct pm_str in = pm_path_dir(a->stack->stack.path);
	struct pm_str other = pm_path_dir(b->stack->stack.path);

	if (a->stack == b->stack || a->stack->base == b->stack || b->stack->base == a->stack)
		return are_alternatives(a->s, b->s) ? MEET_NEVER : MEET_SURELY;
	if (a->stack->is_aside || b->stack->is_aside)
		return MEET_NEVER;
	if (x->environment && y->environment && strcmp(x->environment, y->environment) != 0)
		return MEET_NEVER;
	if (x->host && y->host && strcmp(x->host, y->host) != 0)
		return MEET_OTHER_HOSTS;
	if (a->stack->configured && b->stack->configured && x->host && y->host)
		return MEET_SURELY;
	return is_above(in, other) || is_above(other, in) ? MEET_PERHAPS : MEET_SELDOM;
}


static struct pm_diag *say(struct collide *c, const char *rule, enum pm_severity severity,
			   const struct pub *p, const char *key, const char *text)
{
	struct pm_diag *d = pm_diag_add(c->g->out, c->g->a, rule, severity, p->stack->stack.path,
					p->p->line, p->p->col, "%s", text);

	pm_diag_key(d, c->g->a, p->s->name, p->p->lo, key);
	return d;
}

#define SAY(c, rule, severity, p, key, ...) \
	say(c, rule, severity, p, key, pm_arena_printf((c)->g->a, __VA_ARGS__))

static void collide(struct collide *c, const struct pub *a, const struct pub *b)
{
	enum meeting m = meeting(a, b);
	unsigned port = a->p->lo > b->p->lo ? a->p->lo : b->p->lo;
	const char *proto = a->p->udp ? "/udp" : "";
	struct pm_diag *d;

	if (m == MEET_NEVER)
		return;
	if (m == MEET_SURELY)
		d = SAY(c, "port-collision", PM_ERROR, b, a->s->name,
			"%s and %s both publish %u%s: only one of them can start", b->s->name,
			a->s->name, port, proto);
	else
		d = SAY(c, "collision-latent",
			m != MEET_PERHAPS || (is_third_party(a->s) && is_third_party(b->s))
				? PM_NOTE
				: PM_WARNING,
			b, a->s->name, "%s and %s both publish %u%s%s", b->s->name,
			a->s->name, port, proto,
			m == MEET_OTHER_HOSTS ? ", on different hosts today"
					      : ": the two stacks cannot run on one host");
	pm_diag_also(d, c->g->a, a->stack->stack.path, a->p->line, a->p->col, "published by %s",
		     a->s->name);
	if (m == MEET_PERHAPS)
		d->hint = "if they never meet, say where they run: environments in portmig.yaml";
}

/* Pairs of one port; of two stacks only the first pair, or each of 20 stacks would meet all. */
static void find_collisions(struct collide *c)
{
	for (size_t i = 0; i < c->pubs.n; i++)
		for (size_t k = i + 1, said = 0; k < c->pubs.n && said < 3; k++) {
			const struct pub *a = &c->pubs.v[i], *b = &c->pubs.v[k];

			if (b->p->lo > a->p->hi)
				break;
			if (!overlap(a->p, b->p) || is_same(a, b))
				continue;
			collide(c, a, b);
			said += a->stack != b->stack;
		}
}

/* ---- against the document ---- */

static bool has_row(const struct collide *c, const struct pub *p, unsigned port)
{
	const struct pm_survey_service *v =
		p->service >= 0 ? &c->g->survey.services[p->service] : NULL;

	for (size_t i = 0; v && i < v->n_rows; i++)
		if (v->rows[i]->lo <= port && port <= v->rows[i]->hi)
			return true;
	return false;
}

static void check_reserved(struct collide *c, const struct pub *p)
{
	const struct pm_reserved *r =
		c->g->schema ? pm_schema_reserved(c->g->schema, p->p->lo) : NULL;
	static const char *const how[] = { "kept free", "said to conflict", "never to be used" };
	struct pm_diag *d;

	/* one that leaves for its row leaves this port, too */
	if (!r || pm_agree_row_at(c->g, p->p->lo) || (p->stack->is_aside) ||
	    pm_agree_said(c->g, p->stack->file->path, p->p->line, p->p->col))
		return;
	d = SAY(c, "reserved-used",
		r->strength == PM_RESERVED_NEVER ? PM_ERROR
		: r->strength == PM_RESERVED_MAY ? PM_NOTE
						 : PM_WARNING,
		p, NULL, "%s publishes %u, which is %s%s%s", p->s->name, p->p->lo,
		how[r->strength], r->reason ? ": " : "", r->reason ? r->reason : "");
	pm_diag_also(d, c->g->a, r->src.path, r->src.line, r->src.col, "reserved here");
}

static void check_exposure(struct collide *c, const struct pub *p)
{
	const struct pm_survey_service *v =
		p->service >= 0 ? &c->g->survey.services[p->service] : NULL;
	const struct pm_endpoint *internal = NULL;
	struct pm_diag *d;

	for (size_t i = 0; v && i < v->n_rows; i++) {
		if (v->rows[i]->exposure != PM_EXPOSE_INTERNAL)
			return;
		internal = v->rows[i];
	}
	if (!internal || p->stack->is_aside)
		return;
	d = SAY(c, "exposure-violated", PM_WARNING, p, NULL,
		"%s is internal in the document and is published on the host at %u here%s%s",
		v->name, p->p->lo, *p->p->ip ? ", on " : "", p->p->ip);
	pm_agree_also_row(c->g, d, internal);
	d->hint = "remove the mapping (others reach it inside the network), or correct the row";
}

/* Its slot is somebody else's in the document. */
static void check_slot(struct collide *c, const struct pub *p)
{
	const struct pm_endpoint *row = pm_agree_row_at(c->g, p->p->lo);
	const char *owner = row ? row->name : NULL;
	enum pm_severity severity = PM_WARNING;
	struct pm_diag *d;

	if (!row || has_row(c, p, p->p->lo) || p->stack->is_aside ||
	    row->exposure == PM_EXPOSE_INTERNAL || pm_agree_related(c->g, p->s, row))
		return;
	if (pm_agree_is_aspirational(c->g, row))
		severity = PM_NOTE;
	d = SAY(c, "slot-occupied", severity, p, owner,
		"%s publishes %u here, which the document gives to %s", p->s->name, p->p->lo,
		owner);
	pm_agree_also_row(c->g, d, row);
}

static bool is_database(const struct pm_stack_service *s)
{
	static const char *const words[] = { "postgres", "redis", "mysql", "mariadb", "mongo",
					     "kafka", "rabbit", "nats", "smtp", "mail", "ldap" };

	for (size_t i = 0; s->image && i < sizeof(words) / sizeof(words[0]); i++)
		if (pm_str_find(pm_str_of(s->image), words[i], true) != SIZE_MAX)
			return true;
	return false;
}

static void check_browser(struct collide *c, const struct pub *p)
{
	if (!pm_port_browser_refused(p->p->lo) || p->p->udp || p->p->lo < 1024)
		return;
	SAY(c, "browser-refused", is_database(p->s) ? PM_NOTE : PM_WARNING, p, NULL,
	    "%s publishes %u: browsers and Node's fetch refuse this port", p->s->name, p->p->lo)
		->hint = "curl will work, browsers will not; take another port";
}

static void check_host(struct collide *c, const struct pub *p)
{
	if (pm_port_airplay(p->p->lo) && p->stack->where.platform &&
	    strcmp(p->stack->where.platform, "macos") == 0)
		SAY(c, "airplay", PM_WARNING, p, NULL,
		    "%s publishes %u on %s, where macOS listens for AirPlay", p->s->name,
		    p->p->lo, p->stack->where.host);
}

static void check_twice(struct pm_agree *g, const struct pm_agree_stack *k)
{
	for (size_t i = 0; i < k->stack.n_twice; i++) {
		const struct pm_stack_twice *t = &k->stack.twice[i];
		struct pm_diag *d = pm_diag_add(g->out, g->a, "yaml-duplicate-key", PM_ERROR,
						k->file->path, t->line, t->col,
						"the key '%s' stands twice in one map, first at line "
						"%u: Compose refuses the file", t->key, t->first);

		pm_diag_key(d, g->a, NULL, 0, t->key);
	}
}

void pm_agree_collisions(struct pm_agree *g)
{
	struct collide c = { .g = g };

	for (size_t i = 0; i < g->n_stacks; i++)
		check_twice(g, &g->stacks[i]);
	collect(&c);
	if (c.pubs.n)
		qsort(c.pubs.v, c.pubs.n, sizeof(*c.pubs.v), by_port);
	find_collisions(&c);
	for (size_t i = 0; i < c.pubs.n; i++) {
		check_reserved(&c, &c.pubs.v[i]);
		check_exposure(&c, &c.pubs.v[i]);
		check_slot(&c, &c.pubs.v[i]);
		check_browser(&c, &c.pubs.v[i]);
		check_host(&c, &c.pubs.v[i]);
	}
	PM_VEC_FREE(&c.pubs);
}
