/*
 * diff.c - what changes from one schema to another, endpoint by endpoint.
 *
 * The same endpoint: same service with the same container and role, or the same role, or the only
 * one of its service. A port that only changed its name is a rename.
 */
#include "schema.h"

#include "base/err.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

struct old_endpoint {
	const struct pm_service *service;
	const struct pm_endpoint *e;
	bool matched;
};

struct old_service {
	const char *name;
	size_t first, n; /* in the list of old endpoints */
	UT_hash_handle hh;
};

struct differ {
	struct pm_arena arena;
	bool real; /* compare what is listed as running today; else what is planned */
	struct old_service *services;
	struct { struct old_endpoint *v; size_t n, cap; } old;
	struct pm_changes *out;
};

static bool is_compared(const struct differ *d, const struct pm_endpoint *e)
{
	return d->real ? e->state == PM_STATE_REAL
		       : e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void index_old(struct differ *d, const struct pm_schema *a)
{
	for (size_t i = 0; i < a->services.n; i++) {
		const struct pm_service *v = &a->services.v[i];
		struct old_service *s = PM_NEW(&d->arena, struct old_service);

		s->name = v->name;
		s->first = d->old.n;
		for (size_t k = 0; k < v->n; k++) {
			struct old_endpoint *o;

			if (!is_compared(d, &v->endpoints[k]))
				continue;
			o = PM_VEC_ADD(&d->old);
			o->service = v;
			o->e = &v->endpoints[k];
		}
		s->n = d->old.n - s->first;
		HASH_ADD_KEYPTR(hh, d->services, s->name, strlen(s->name), s);
	}
}

/* How surely two endpoints of one service are the same: 0 not at all. */
static int likeness(const struct differ *d, const struct pm_endpoint *a, const struct pm_endpoint *b,
		    bool only)
{
	int points = 0;

	if (!same(a->host, b->host))
		return d->real && only; /* it runs on another machine now */
	if (a->container && same(a->container, b->container))
		points += 4;
	if (same(a->role, b->role))
		points += *a->role || only ? 3 : 1;
	if (a->lo == b->lo)
		points += 1;
	return points ? points : only;
}

static struct old_endpoint *match(struct differ *d, const struct pm_service *v,
				  const struct pm_endpoint *e, size_t n_targets)
{
	struct old_service *s = NULL;
	struct old_endpoint *best = NULL;
	int most = 0;

	HASH_FIND_STR(d->services, v->name, s);
	for (size_t i = 0; s && i < s->n; i++) {
		struct old_endpoint *o = &d->old.v[s->first + i];
		int points = o->matched ? 0 : likeness(d, o->e, e, s->n == 1 && n_targets == 1);

		if (points > most) {
			most = points;
			best = o;
		}
	}
	if (best)
		best->matched = true;
	return best;
}

static struct pm_change *add(struct differ *d, enum pm_change_kind kind,
			     const struct pm_service *v, const struct pm_endpoint *e)
{
	struct pm_change *c = PM_VEC_ADD(d->out);

	c->kind = kind;
	c->service = v->name;
	c->endpoint = e->name;
	return c;
}

static size_t n_compared(const struct differ *d, const struct pm_service *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += is_compared(d, &v->endpoints[i]);
	return n;
}

struct pending { const struct pm_service *v; const struct pm_endpoint *e; };

static void match_all(struct differ *d, const struct pm_schema *b, struct pending *left,
		      size_t *n_left)
{
	for (size_t i = 0; i < b->services.n; i++) {
		const struct pm_service *v = &b->services.v[i];
		size_t n = n_compared(d, v);

		for (size_t k = 0; k < v->n; k++) {
			const struct pm_endpoint *e = &v->endpoints[k];
			struct old_endpoint *o;
			struct pm_change *c;

			if (!is_compared(d, e))
				continue;
			o = match(d, v, e, n);
			if (!o) {
				left[(*n_left)++] = (struct pending){ v, e };
				continue;
			}
			if (o->e->lo == e->lo && o->e->hi == e->hi)
				continue;
			c = add(d, PM_CHANGE_MOVED, v, e);
			c->from = o->e->lo;
			c->to = e->lo;
			c->old_src = o->e->src;
			c->new_src = e->src;
		}
	}
}

/* What is left on both sides: the same port under another name, or new, or gone. */
static void rename_or_add(struct differ *d, const struct pending *left, size_t n_left)
{
	struct old_endpoint **by_port = PM_NEW_N(&d->arena, struct old_endpoint *, 65536);

	for (size_t i = 0; i < d->old.n; i++)
		if (!d->old.v[i].matched && !by_port[d->old.v[i].e->lo])
			by_port[d->old.v[i].e->lo] = &d->old.v[i];
	for (size_t i = 0; i < n_left; i++) {
		struct old_endpoint *o = by_port[left[i].e->lo];
		struct pm_change *c;

		/* that others use the port today is no new name */
		if (o && !d->real && !o->matched && o->e->hi == left[i].e->hi) {
			o->matched = true;
			c = add(d, PM_CHANGE_RENAMED, left[i].v, left[i].e);
			c->old_name = same(o->service->name, left[i].v->name) ? o->e->name
									      : o->service->name;
			c->from = o->e->lo;
			c->old_src = o->e->src;
		} else {
			c = add(d, PM_CHANGE_ADDED, left[i].v, left[i].e);
		}
		c->to = left[i].e->lo;
		c->new_src = left[i].e->src;
	}
	for (size_t i = 0; i < d->old.n; i++) {
		struct pm_change *c;

		if (d->old.v[i].matched)
			continue;
		c = add(d, PM_CHANGE_REMOVED, d->old.v[i].service, d->old.v[i].e);
		c->from = d->old.v[i].e->lo;
		c->old_src = d->old.v[i].e->src;
	}
}

static int by_place(const void *x, const void *y)
{
	const struct pm_change *a = x, *b = y;
	bool gone_a = a->kind == PM_CHANGE_REMOVED, gone_b = b->kind == PM_CHANGE_REMOVED;
	const struct pm_src *p = gone_a ? &a->old_src : &a->new_src;
	const struct pm_src *q = gone_b ? &b->old_src : &b->new_src;

	if (gone_a != gone_b)
		return gone_a ? 1 : -1;
	if (p->line != q->line)
		return p->line < q->line ? -1 : 1;
	return p->col < q->col ? -1 : p->col > q->col;
}

static void diff(const struct pm_schema *a, const struct pm_schema *b, bool real,
		 struct pm_changes *out)
{
	struct differ d = { .real = real, .out = out };
	struct pending *left;
	size_t n = 0, n_left = 0;

	for (size_t i = 0; i < b->services.n; i++)
		n += b->services.v[i].n;
	left = PM_NEW_N(&d.arena, struct pending, n + 1);
	index_old(&d, a);
	match_all(&d, b, left, &n_left);
	rename_or_add(&d, left, n_left);
	HASH_CLEAR(hh, d.services);
	PM_VEC_FREE(&d.old);
	pm_arena_release(&d.arena);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_place);
}

void pm_schema_diff(const struct pm_schema *a, const struct pm_schema *b, struct pm_changes *out)
{
	diff(a, b, false, out);
}

void pm_schema_diff_real(const struct pm_schema *a, const struct pm_schema *b,
			 struct pm_changes *out)
{
	diff(a, b, true, out);
}
