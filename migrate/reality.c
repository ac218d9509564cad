/* reality.c - see reality.h. */
#include "reality.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct finder {
	struct pm_arena *a;
	const struct pm_survey_input *in;
	struct pm_survey survey;
	struct pm_realities *out;
};

/* ---- what a place says about the host side ---- */

static bool is_real(const struct pm_endpoint *e)
{
	return e->state == PM_STATE_REAL;
}

static bool is_target(const struct pm_endpoint *e)
{
	return e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE;
}

/* Does the block publish a port? Then what its process binds is inside of the container. */
static bool publishes(const struct pm_survey_service *v, const struct pm_use *u)
{
	for (size_t i = 0; i < v->n_uses; i++) {
		const struct pm_use *o = &v->uses[i];

		if (o->kind == PM_USE_PUBLISHED && o->file == u->file &&
		    (o->unit == u->unit || (o->unit && u->unit && strcmp(o->unit, u->unit) == 0)))
			return true;
	}
	return false;
}

static bool publishes_anywhere(const struct pm_survey_service *v)
{
	for (size_t i = 0; i < v->n_uses; i++)
		if (v->uses[i].kind == PM_USE_PUBLISHED && !v->uses[i].where.aside)
			return true;
	return false;
}

static bool counts(const struct pm_survey_service *v, const struct pm_use *u)
{
	if (!pm_use_declares(u) || u->where.aside || u->kind == PM_USE_INNER ||
	    u->origin == PM_ORIGIN_DOCS || u->hit->side == PM_SIDE_CONTAINER)
		return false;
	if (u->kind == PM_USE_PUBLISHED)
		return true;
	/* inside a pod or an image the number is not the host's */
	if (u->origin == PM_ORIGIN_KUBERNETES || u->origin == PM_ORIGIN_DOCKER)
		return !publishes_anywhere(v);
	return u->origin != PM_ORIGIN_COMPOSE || !publishes(v, u);
}

/* ---- ports ---- */

static struct pm_real_port *port_of(struct pm_reality *r, unsigned port)
{
	struct pm_real_port *p;

	for (size_t i = 0; i < r->n_ports; i++)
		if (r->ports[i].port == port)
			return &r->ports[i];
	p = &r->ports[r->n_ports++];
	*p = (struct pm_real_port){ .port = port, .rank = UINT_MAX };
	return p;
}

/* What the document says of today ranks with documents: last, unless a team says otherwise. */
static void add_list(struct finder *f, struct pm_reality *r, const struct pm_endpoint *e)
{
	struct pm_real_port *p = port_of(r, e->lo);
	const unsigned rank = pm_config_origin_rank(f->in->config, PM_ORIGIN_DOCS);

	p->list = p->list ? p->list : e;
	p->rank = rank < p->rank ? rank : p->rank;
}

static void add_use(struct finder *f, struct pm_reality *r, const struct pm_use *u)
{
	struct pm_real_port *p = port_of(r, u->hit->port);
	const unsigned rank = pm_config_origin_rank(f->in->config, u->origin);

	p->n_uses++;
	p->n_code += u->origin == PM_ORIGIN_CODE;
	p->n_deployed += u->origin == PM_ORIGIN_COMPOSE || u->origin == PM_ORIGIN_KUBERNETES;
	if (!p->use || rank < pm_config_origin_rank(f->in->config, p->use->origin))
		p->use = u;
	p->rank = rank < p->rank ? rank : p->rank;
}

static int by_rank(const void *x, const void *y)
{
	const struct pm_real_port *a = x, *b = y;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->n_uses != b->n_uses)
		return a->n_uses > b->n_uses ? -1 : 1;
	return a->port < b->port ? -1 : a->port > b->port;
}

static void collect(struct finder *f, struct pm_reality *r, const struct pm_survey_service *v)
{
	r->ports = PM_NEW_N(f->a, struct pm_real_port, v->n_rows + v->n_uses + 1);
	for (size_t i = 0; r->owner && i < r->owner->n; i++)
		if (is_real(&r->owner->endpoints[i]) && r->owner->endpoints[i].lo)
			add_list(f, r, &r->owner->endpoints[i]);
	for (size_t i = 0; i < v->n_uses; i++)
		if (counts(v, &v->uses[i]))
			add_use(f, r, &v->uses[i]);
	if (r->n_ports)
		qsort(r->ports, r->n_ports, sizeof(*r->ports), by_rank);
}

/* ---- the verdict ---- */

bool pm_reality_is_strong(const struct pm_real_port *p)
{
	return p->list || p->n_deployed || p->n_code;
}

static void judge(struct pm_reality *r)
{
	const struct pm_real_port *best = &r->ports[0];
	size_t equals = 0;

	if (!r->n_ports)
		return;
	for (size_t i = 0; i < r->n_ports; i++)
		equals += r->ports[i].rank == best->rank;
	r->port = best->port;
	/* among several the row's own is as good as another */
	for (size_t i = 0; r->row && equals > 1 && i < r->n_ports; i++)
		if (r->ports[i].port == r->row->lo) {
			r->verdict = PM_REAL_SAME;
			r->port = r->row->lo;
			return;
		}
	if (equals > 1) {
		r->verdict = PM_REAL_UNCLEAR;
		r->why = "the best sources do not agree";
	} else if (r->row && best->port == r->row->lo) {
		r->verdict = PM_REAL_SAME;
	} else {
		r->verdict = r->n_ports > 1 || !pm_reality_is_strong(best) ? PM_REAL_DOUBT : PM_REAL_OTHER;
	}
}

static bool has_port(const struct pm_reality *r)
{
	return r->verdict == PM_REAL_SAME || r->verdict == PM_REAL_OTHER ||
	       r->verdict == PM_REAL_DOUBT;
}

/* Does `b` stand in the way of `a` having its port? On two hosts they do not meet, and what an env
 * file alone says is nothing against more. */
static bool in_the_way(const struct pm_reality *a, const struct pm_reality *b)
{
	if (a->port != b->port || !has_port(b))
		return false;
	if (a->ports[0].list && b->ports[0].list && a->ports[0].list->host != b->ports[0].list->host)
		return false;
	return b->verdict == PM_REAL_SAME || pm_reality_is_strong(&b->ports[0]) || !pm_reality_is_strong(&a->ports[0]);
}

/* Two services that would have one port: it is not clear whose it is. */
static void find_shared(struct finder *f)
{
	for (size_t i = 0; i < f->out->n; i++)
		for (size_t k = 0; k < f->out->n; k++) {
			struct pm_reality *a = &f->out->v[i];
			const struct pm_reality *b = &f->out->v[k];

			if (i == k || (a->verdict != PM_REAL_OTHER && a->verdict != PM_REAL_DOUBT) ||
			    !in_the_way(a, b))
				continue;
			a->shared = b;
		}
	for (size_t i = 0; i < f->out->n; i++) {
		struct pm_reality *a = &f->out->v[i];

		if (!a->shared)
			continue;
		a->verdict = PM_REAL_UNCLEAR;
		a->why = pm_arena_printf(f->a, "%s has %u, too", a->shared->service, a->port);
	}
}

/* ---- services ---- */

static size_t planned_rows(const struct pm_survey_service *v, const struct pm_endpoint **row)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_rows; i++)
		if (is_target(v->rows[i])) {
			*row = v->rows[i];
			n++;
		}
	return n;
}

static const char *local_name(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash ? slash + 1 : name;
}

static void add_service(struct finder *f, const struct pm_survey_service *v, bool missing)
{
	const struct pm_endpoint *row = NULL;
	const size_t n = planned_rows(v, &row);
	struct pm_reality r = { .service = v->name, .owner = v->entry, .row = n ? row : NULL };

	if (n > 1 || (row && (row->state != PM_STATE_PLANNED || row->lo != row->hi || row->fixed ||
			      row->exposure == PM_EXPOSE_INTERNAL || !row->lo)))
		return;
	if (!n && !v->entry && !missing)
		return;
	r.service = local_name(row ? row->name : v->name);
	collect(f, &r, v);
	judge(&r);
	*PM_VEC_ADD(f->out) = r;
}

void pm_reality_find(struct pm_realities *out, struct pm_arena *a,
		     const struct pm_survey_input *in, bool missing)
{
	struct finder f = { .a = a, .in = in, .out = out };

	pm_survey_build(&f.survey, a, in);
	out->left_out = f.survey.left_out;
	for (size_t i = 0; i < f.survey.n; i++)
		add_service(&f, &f.survey.services[i], missing);
	find_shared(&f);
}

/* ---- in words ---- */

static const char *verb(const struct pm_use *u)
{
	return u->kind == PM_USE_PUBLISHED ? "publishes" : "says";
}

const char *pm_reality_said(struct pm_arena *a, const struct pm_real_port *p)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	if (p->use) {
		pm_buf_addf(&b, "%s:%u %s %u", p->use->file->path, p->use->hit->line, verb(p->use),
			    p->port);
		if (p->n_uses > 1)
			pm_buf_addf(&b, " (%zu places)", p->n_uses);
	}
	if (p->list)
		pm_buf_addf(&b, "%s%s:%u says that it runs at %u%s%s", b.n ? "; " : "",
			    p->list->src.path, p->list->src.line, p->port,
			    p->list->host ? " on " : "", p->list->host ? p->list->host : "");
	return pm_arena_strndup(a, pm_buf_str(&b), b.n);
}
