/*
 * moves_verify.c - does the tree agree with the from-side of a move? A guide is often written from
 * memory: the documents say one number, the code another. Counts the clear uses of every port by
 * the service that moves.
 */
#include "moves.h"

#include "attribute.h"
#include "report.h"
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

/* Uses of one port by one target. */
struct use {
	int target;
	unsigned port;
	size_t n, n_docs;   /* all; those in documents */
	size_t declared;    /* defaults, listeners, published and container ports */
	size_t bound;       /* defaults and listeners alone */
	size_t addressed;   /* addresses in code and configuration that name the service */
	bool work[PM_WORK_COUNT];
	const char *path;   /* first declaring place */
	unsigned line, col;
};
struct uses { struct use *v; size_t n, cap; };

struct verify {
	struct pm_plan *p;
	const struct pm_inventory *inv;
	const struct pm_schema *s;
	const struct pm_config *config;
	struct pm_registry *reg;
	struct pm_arena arena;   /* of the claims */
	struct pm_target *targets;
	unsigned n_targets;
	struct uses uses;
};

static bool declares(const struct pm_hit *h)
{
	return h->certainty >= PM_LIKELY &&
	       (h->role == PM_ROLE_LISTEN || h->role == PM_ROLE_DEFAULT ||
		h->role == PM_ROLE_HOST_PORT || h->role == PM_ROLE_CONTAINER);
}

/* An address whose surroundings name the service; its directory alone says little about whom it
 * calls. */
static bool addresses(const struct pm_claim *c, int target, const struct pm_hit *h)
{
	const struct pm_party *p = pm_claim_target(c, target);

	return p && h->certainty >= PM_LIKELY &&
	       (h->role == PM_ROLE_URL || h->role == PM_ROLE_ROUTE) &&
	       (p->weight[PM_BY_HOST] || p->weight[PM_BY_BLOCK] || p->weight[PM_BY_IDENT] ||
		p->weight[PM_BY_WORDS] || p->weight[PM_BY_HEADING]);
}

static struct use *use_of(struct verify *v, int target, unsigned port)
{
	struct use *u;

	for (size_t i = 0; i < v->uses.n; i++)
		if (v->uses.v[i].target == target && v->uses.v[i].port == port)
			return &v->uses.v[i];
	u = PM_VEC_ADD(&v->uses);
	u->target = target;
	u->port = port;
	return u;
}

static bool leaves(const struct verify *v, unsigned port)
{
	for (size_t i = 0; i < v->p->moves.n; i++)
		if (v->p->moves.v[i].from == port)
			return true;
	return false;
}

static void count(struct verify *v, const struct pm_inv_file *f, const struct pm_hit *h)
{
	enum pm_work work = pm_work_of(f->path);
	struct pm_claim claim;
	struct use *u;
	int target;

	if (h->certainty < PM_MAYBE)
		return;
	/* of other numbers, only those places are counted that bind or address something */
	if (!leaves(v, h->port) &&
	    (work == PM_WORK_DOCS ||
	     (!declares(h) && h->role != PM_ROLE_URL && h->role != PM_ROLE_ROUTE)))
		return;
	pm_attribute(&claim, &v->arena, v->reg, v->targets, v->n_targets, v->config, f, h);
	target = pm_verdict_strong(&claim, h);
	if (target < 0)
		return;
	u = use_of(v, target, h->port);
	u->n++;
	u->n_docs += work == PM_WORK_DOCS;
	if (work == PM_WORK_DOCS || (!declares(h) && !addresses(&claim, target, h)))
		return;
	if (!u->declared++ || (!u->bound && declares(h))) {
		u->path = f->path;
		u->line = h->line;
		u->col = h->col;
	}
	u->addressed += !declares(h);
	u->bound += h->role == PM_ROLE_LISTEN || h->role == PM_ROLE_DEFAULT;
	u->work[work] = true;
}

static void count_all(struct verify *v)
{
	for (size_t i = 0; i < v->inv->files.n; i++) {
		const struct pm_inv_file *f = &v->inv->files.v[i];

		if (f->class != PM_CLASS_ORDINARY)
			continue;
		for (size_t k = 0; k < f->n_hits; k++)
			count(v, f, &f->hits[k]);
	}
}

/* Is this number explained: a port in the tables, or in a move of its own? */
static bool is_known(const struct verify *v, const struct pm_move *m, unsigned port)
{
	const struct pm_service *sv = NULL;

	for (size_t i = 0; i < v->p->moves.n; i++)
		if (strcmp(v->p->moves.v[i].service, m->service) == 0 &&
		    (v->p->moves.v[i].from == port || v->p->moves.v[i].to == port))
			return true;
	if (!v->s)
		return false;
	if (pm_schema_owner(v->s, port, NULL))
		return true; /* somebody's row: whoever calls it calls that one */
	if (!pm_schema_endpoint(v->s, m->service, &sv))
		sv = pm_schema_service(v->s, m->service);
	for (size_t i = 0; sv && i < sv->n; i++)
		if (sv->endpoints[i].lo <= port && port <= sv->endpoints[i].hi)
			return true;
	return false;
}

/* The port, other than the known ones, that the service itself declares most often. Only what it
 * binds counts as a sign: a published debugger or a database is no second home. */
static const struct use *straggler(const struct verify *v, const struct pm_move *m, int target)
{
	const struct use *best = NULL;

	for (size_t i = 0; i < v->uses.n; i++) {
		const struct use *u = &v->uses.v[i];

		if (u->target != target || (!u->bound && !u->addressed) ||
		    is_known(v, m, u->port))
			continue;
		/* 80 and 443 are the proxy's in front of it */
		if (u->port < 1024 && m->from >= 1024)
			continue;
		/* what it binds says more than how others call it */
		if (best && (best->bound != 0) != (u->bound != 0)) {
			best = u->bound ? u : best;
			continue;
		}
		if (!best || u->declared > best->declared ||
		    (u->declared == best->declared && u->port < best->port))
			best = u;
	}
	return best;
}

/* "compose, env and code"; returns whether there are several. */
static bool add_works(struct pm_buf *b, const struct use *u)
{
	unsigned n = 0, all = 0;

	for (int k = 0; k < PM_WORK_COUNT; k++)
		all += u->work[k];
	for (int k = 0; k < PM_WORK_COUNT; k++)
		if (u->work[k]) {
			pm_buf_addf(b, "%s%s", !n ? "" : n + 1 == all ? " and " : ", ",
				    pm_work_name((enum pm_work)k));
			n++;
		}
	return all > 1;
}

static void verify_move(struct verify *v, struct pm_move *m, int target)
{
	static const char *const says[] = { "the command", "the older schema", "the guide",
					    "the note", "the manifest" };
	const struct use *mine = use_of(v, target, m->from);
	const size_t n_mine = mine->n, n_docs = mine->n_docs;
	const struct use *other = straggler(v, m, target);
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	bool several;

	if (!other)
		return;
	pm_buf_addf(&b, "%s says %u (%zu place%s", says[m->source], m->from, n_mine,
		    n_mine == 1 ? "" : "s");
	if (n_docs)
		pm_buf_addf(&b, ", %zu in docs", n_docs);
	pm_buf_adds(&b, "); ");
	several = add_works(&b, other);
	pm_buf_addf(&b, " %s %u (%zu place%s, first %s:%u)", several ? "say" : "says",
		    other->port, other->declared, other->declared == 1 ? "" : "s", other->path,
		    other->line);
	m->from_note = pm_arena_strndup(&v->p->arena, b.v, b.n);
	pm_diag_add(&v->p->diags, &v->p->arena, "from-side-disagrees", PM_WARNING, other->path,
		    other->line, other->col, "%s: %s", m->service, m->from_note)->hint =
		pm_arena_printf(&v->p->arena, "--move %s=%u,%u:%u, if both are %s", m->service,
				m->from, other->port, m->to, m->service);
}

void pm_moves_verify(struct pm_plan *p, const struct pm_inventory *inv,
		     const struct pm_schema *s, const struct pm_config *config)
{
	struct verify v = { .p = p, .inv = inv, .s = s, .config = config };
	int *target_of = PM_NEW_N(&v.arena, int, p->moves.n + 1);

	v.reg = pm_registry_build(&v.arena, inv, s, config);
	v.targets = PM_NEW_N(&v.arena, struct pm_target, p->moves.n + 1);
	for (size_t i = 0; i < p->moves.n; i++) {
		unsigned t = 0;

		while (t < v.n_targets &&
		       strcmp(v.targets[t].name, p->moves.v[i].service) != 0)
			t++;
		if (t == v.n_targets)
			pm_target_init(&v.targets[v.n_targets++], v.reg, p->moves.v[i].service);
		target_of[i] = (int)t;
	}
	count_all(&v);
	for (size_t i = 0; i < p->moves.n; i++)
		verify_move(&v, &p->moves.v[i], target_of[i]);
	PM_VEC_FREE(&v.uses);
	pm_registry_release(v.reg);
	pm_arena_release(&v.arena);
}

/* ---- the schema's own lines ---- */

static bool states_move(const struct pm_schema *s, const struct pm_edit *e)
{
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct pm_step *st = &s->steps.v[i];

		if (st->src.line != e->line || strcmp(st->src.path, e->path) != 0)
			continue;
		for (size_t k = 0; k < st->n; k++)
			if (st->from[k] == e->old_port || st->to[k] == e->old_port)
				return true;
	}
	return false;
}

/* The endpoint whose row has its port exactly here. */
static const struct pm_endpoint *row_at(const struct pm_schema *s, const struct pm_edit *e,
					const struct pm_service **owner)
{
	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *ep = &s->services.v[i].endpoints[k];

			if (ep->src.span.len && ep->src.span.off == e->span.off &&
			    strcmp(ep->src.path, e->path) == 0) {
				*owner = &s->services.v[i];
				return ep;
			}
		}
	return NULL;
}

/* "analytics-dashboard" begins with "analytics". */
static bool starts_with_name(const char *longer, const char *name)
{
	size_t n = strlen(name);

	return strncasecmp(longer, name, n) == 0 && longer[n] == '-';
}

static bool is_service(const struct pm_schema *s, const char *name,
		       const struct pm_endpoint *ep, const struct pm_service *owner)
{
	const struct pm_service *of = NULL;
	const struct pm_endpoint *mine = pm_schema_endpoint(s, name, &of);

	/* one endpoint may have two rows: planned, and as it runs today */
	if (mine)
		return mine == ep || (of == owner && strcmp(mine->name, ep->name) == 0);
	if (!pm_schema_service(s, name))
		return starts_with_name(ep->name, name); /* the document's longer word for it */
	return pm_schema_service(s, name) == owner;
}

static void keep(struct pm_plan *p, struct pm_edit *e, const char *reason)
{
	if (e->move >= 0 && e->disposition == PM_APPLY)
		p->moves.v[e->move].n_apply--;
	else if (e->move >= 0)
		p->moves.v[e->move].n_review--;
	if (e->move >= 0)
		p->moves.v[e->move].n_keep++;
	e->disposition = PM_KEEP;
	e->group = NULL;
	e->reasons = PM_NEW(&p->arena, const char *);
	e->reasons[0] = reason;
	e->n_reasons = 1;
}

static bool is_reserved_line(const struct pm_schema *s, const struct pm_edit *e)
{
	for (size_t i = 0; i < s->reserved.n; i++)
		if (s->reserved.v[i].src.line == e->line &&
		    strcmp(s->reserved.v[i].src.path, e->path) == 0)
			return true;
	return false;
}

void pm_moves_keep_schema(struct pm_plan *p, const struct pm_schema *s)
{
	for (size_t i = 0; i < p->edits.n; i++) {
		struct pm_edit *e = &p->edits.v[i];
		const struct pm_service *owner = NULL;
		const struct pm_endpoint *ep;

		if (e->disposition == PM_KEEP || strcmp(e->path, s->path) != 0)
			continue;
		ep = row_at(s, e, &owner);
		if (states_move(s, e))
			keep(p, e, "the migration guide states this move");
		else if (is_reserved_line(s, e))
			keep(p, e, "the schema says here what is reserved");
		else if (ep && e->move >= 0 &&
			 !is_service(s, p->moves.v[e->move].service, ep, owner))
			keep(p, e, pm_arena_printf(&p->arena, "the schema's row of %s",
						   ep->name));
	}
}
