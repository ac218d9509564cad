/* moves.c - see moves.h. */
#include "moves.h"

#include "resource.h"
#include "resource_plan.h"

#include <stdlib.h>
#include <string.h>

/* ---- adding ---- */

/* The move of this service away from `from`, or NULL. */
static struct pm_move *find(struct pm_plan *p, const char *service, unsigned from)
{
	for (size_t i = 0; i < p->moves.n; i++)
		if (p->moves.v[i].from == from && strcmp(p->moves.v[i].service, service) == 0)
			return &p->moves.v[i];
	return NULL;
}

static void add(struct pm_plan *p, const char *service, unsigned from, unsigned to,
		enum pm_move_source source, const char *source_text)
{
	struct pm_move *m;

	if (from == to || find(p, service, from))
		return;
	m = PM_VEC_ADD(&p->moves);
	m->service = pm_arena_strdup(&p->arena, service);
	m->from = from;
	m->to = to;
	m->source = source;
	m->source_text = source_text;
	m->order = (unsigned)p->moves.n - 1;
	m->after = -1;
}

/* ---- --move ---- */

static int bad_move(const char *text, const char *why, struct pm_err *err)
{
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--move '%.200s': %s", text, why);
	return pm_err_hint(err, "--move SERVICE=FROM[,FROM...]:TO, such as --move api=4900:4600");
}

/* A number of the move: of a port, or of what `kind` names. */
static bool number_of(struct pm_str s, const char *kind, unsigned *out)
{
	if (kind)
		return pm_resource_number(s, out);
	*out = pm_port_parse(s);
	return *out != 0;
}

static int bad_number(const char *text, struct pm_str port, const char *kind, struct pm_err *err)
{
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--move '%.200s': '%.*s' is not a %s", text,
		   (int)(port.n < 40 ? port.n : 40), port.p,
		   kind ? "number from 0 on" : "port from 1 to 65535");
	return pm_err_hint(err, "--move SERVICE=FROM[,FROM...]:TO, such as --move api=4900:4600; for a "
				"database of Redis, --move api:redis-db=5:7");
}

int pm_moves_parse(struct pm_plan *p, const char *text, struct pm_err *err)
{
	const char *colon = strrchr(text, ':'), *eq = NULL, *at;
	struct pm_str name, to_text, bare;
	const char *kind;
	char *service;
	unsigned to;

	/* the last '=' before the last ':' : a name may hold either */
	for (const char *c = text; colon && c < colon; c++)
		if (*c == '=')
			eq = c;
	if (!eq)
		return bad_move(text, "no SERVICE=FROM:TO", err);
	name = pm_str_trim((struct pm_str){ text, (size_t)(eq - text) });
	if (!name.n)
		return bad_move(text, "no service", err);
	to_text = pm_str_of(colon + 1);
	service = pm_arena_strndup(&p->arena, name.p, name.n);
	kind = pm_move_resource(service, &bare);
	if (p->moves.n && pm_plan_is_resource(p) != (kind != NULL))
		return bad_move(text, "ports and other numbers are planned one after the other", err);
	if (!number_of(to_text, kind, &to))
		return bad_number(text, to_text, kind, err);
	for (at = eq + 1;; at++) {
		struct pm_str one = { at, strcspn(at, ",:") };
		const struct pm_move *old;
		unsigned from;

		if (!number_of(one, kind, &from))
			return bad_number(text, one, kind, err);
		if (from == to)
			return bad_move(text, "it already is there: FROM equals TO", err);
		old = find(p, service, from);
		if (old && old->to != to)
			return bad_move(text, "another --move sends the same port elsewhere", err);
		add(p, service, from, to, PM_MOVE_COMMAND,
		    pm_arena_printf(&p->arena, "--move %s", text));
		at += one.n;
		if (at >= colon)
			return 0;
	}
}

/* ---- the difference of two schemas ---- */

void pm_moves_from_diff(struct pm_plan *p, const struct pm_schema *old,
			const struct pm_schema *target)
{
	struct pm_changes changes = { 0 };

	pm_schema_diff(old, target, &changes);
	for (size_t i = 0; i < changes.n; i++) {
		const struct pm_change *c = &changes.v[i];
		const char *name = c->endpoint && *c->endpoint ? c->endpoint : c->service;

		if (!c->from || !c->to || c->from == c->to)
			continue;
		add(p, name, c->from, c->to, PM_MOVE_DIFF,
		    pm_arena_printf(&p->arena, "%s:%u: %u in %s:%u", c->new_src.path,
				    c->new_src.line, c->from, c->old_src.path, c->old_src.line));
	}
	free(changes.v);
}

/* ---- guide and notes ---- */

static const char *cite(struct pm_plan *p, const struct pm_step *st)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_buf_addf(&b, "%s:%u: ", st->src.path, st->src.line);
	pm_excerpt(&b, pm_str_of(st->text ? st->text : st->service), 0, 160);
	return pm_arena_strndup(&p->arena, b.v, b.n);
}

static struct pm_diag *finding(struct pm_plan *p, const char *rule, enum pm_severity severity,
			       const struct pm_step *st, const char *text)
{
	return pm_diag_add(&p->diags, &p->arena, rule, severity, st->src.path, st->src.line,
			   st->src.col, "%s", text);
}

static const struct pm_endpoint *endpoint_at(const struct pm_service *sv, unsigned port)
{
	for (size_t i = 0; i < sv->n; i++)
		if (sv->endpoints[i].lo <= port && port <= sv->endpoints[i].hi &&
		    sv->endpoints[i].state == PM_STATE_PLANNED)
			return &sv->endpoints[i];
	for (size_t i = 0; i < sv->n; i++)
		if (sv->endpoints[i].lo <= port && port <= sv->endpoints[i].hi)
			return &sv->endpoints[i];
	return NULL;
}

/* Another step of the same service that has one half of the pair and not the other. */
static const struct pm_step *contradiction(const struct pm_schema *s, const struct pm_step *st,
					   const struct pm_service *sv, size_t pair)
{
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct pm_step *o = &s->steps.v[i];

		if (o == st || !o->n || pm_schema_service(s, o->service) != sv)
			continue;
		for (size_t k = 0; k < o->n; k++)
			if ((o->from[k] == st->from[pair]) != (o->to[k] == st->to[pair]))
				return o;
	}
	return NULL;
}

static void check_block(struct pm_plan *p, const struct pm_schema *s, const struct pm_step *st,
			const struct pm_endpoint *e, unsigned from)
{
	const struct pm_range *r;

	if (e->range < 0 || (size_t)e->range >= s->ranges.n)
		return;
	r = &s->ranges.v[e->range];
	if (r->kind == PM_RANGE_BLOCK && r->lo <= from && from <= r->hi)
		finding(p, "from-inside-target-block", PM_NOTE, st,
			pm_arena_printf(&p->arena, "%s already is inside its block %u-%u at %u",
					e->name, r->lo, r->hi, from));
}

static void hint_move(struct pm_plan *p, struct pm_diag *d, const char *service, unsigned from,
		      unsigned to)
{
	d->hint = pm_arena_printf(&p->arena, "--move %s=%u:%u, if that is meant", service, from,
				  to);
}

/* One pair of one step: a move, or a finding that says why not. */
static void add_pair(struct pm_plan *p, const struct pm_schema *s, const struct pm_step *st,
		     const struct pm_service *sv, size_t pair, bool in_guide)
{
	const unsigned from = st->from[pair], to = st->to[pair];
	const struct pm_endpoint *e = endpoint_at(sv, to);
	const struct pm_step *other;
	const char *text;

	if (from == to || !from || !to)
		return;
	if (!e) {
		text = pm_arena_printf(&p->arena, "%s shall move from %u to %u, but no row gives "
				       "it %u; not planned", sv->title, from, to, to);
		hint_move(p, finding(p, "guide-target-unknown", PM_WARNING, st, text), sv->name,
			  from, to);
		return;
	}
	other = contradiction(s, st, sv, pair);
	if (other) {
		text = pm_arena_printf(&p->arena, "%s: '%u to %u' here, but line %u says '%s'; not "
				       "planned", sv->title, from, to, other->src.line,
				       other->text);
		hint_move(p, finding(p, "guide-contradicted", PM_WARNING, st, text), e->name,
			  from, to);
		return;
	}
	if (find(p, e->name, from))
		return;
	if (st->is_note && in_guide)
		finding(p, "guide-incomplete", PM_WARNING, st,
			pm_arena_printf(&p->arena, "the guide's step for %s lacks %u to %u, which "
					"this note has; planned", sv->title, from, to));
	check_block(p, s, st, e, from);
	add(p, e->name, from, to, st->is_note ? PM_MOVE_NOTE : PM_MOVE_GUIDE, cite(p, st));
}

static void add_step(struct pm_plan *p, const struct pm_schema *s, const struct pm_step *st,
		     bool in_guide)
{
	const struct pm_service *sv = st->n ? pm_schema_service(s, st->service) : NULL;
	const char *text;

	if (!st->n)
		return; /* only orders */
	if (!sv) {
		text = pm_arena_printf(&p->arena, "no row of the document is named '%s'; its move "
				       "from %u to %u is not planned", st->service, st->from[0],
				       st->to[0]);
		hint_move(p, finding(p, "guide-service-unknown", PM_WARNING, st, text), "NAME",
			  st->from[0], st->to[0]);
		return;
	}
	for (size_t k = 0; k < st->n; k++)
		add_pair(p, s, st, sv, k, in_guide);
}

static int by_order(const void *a, const void *b)
{
	const struct pm_step *x = *(const struct pm_step *const *)a;
	const struct pm_step *y = *(const struct pm_step *const *)b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Is there a step with pairs for the note's service in the guide? */
static bool has_guide(const struct pm_schema *s, const struct pm_service *sv)
{
	for (size_t i = 0; i < s->steps.n; i++)
		if (!s->steps.v[i].is_note && s->steps.v[i].n &&
		    pm_schema_service(s, s->steps.v[i].service) == sv)
			return true;
	return false;
}

void pm_moves_from_guide(struct pm_plan *p, const struct pm_schema *s)
{
	struct { const struct pm_step **v; size_t n, cap; } guide = { 0 };

	for (size_t i = 0; i < s->steps.n; i++)
		if (!s->steps.v[i].is_note)
			*PM_VEC_ADD(&guide) = &s->steps.v[i];
	if (guide.n)
		qsort(guide.v, guide.n, sizeof(*guide.v), by_order);
	for (size_t i = 0; i < guide.n; i++) {
		const struct pm_service *sv = pm_schema_service(s, guide.v[i]->service);

		add_step(p, s, guide.v[i], true);
		for (size_t k = 0; sv && k < s->steps.n; k++)
			if (s->steps.v[k].is_note &&
			    pm_schema_service(s, s->steps.v[k].service) == sv)
				add_step(p, s, &s->steps.v[k], has_guide(s, sv));
	}
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct pm_step *st = &s->steps.v[i];
		const struct pm_service *sv = pm_schema_service(s, st->service);
		bool done = false;

		if (!st->is_note)
			continue;
		for (size_t k = 0; sv && k < guide.n && !done; k++)
			done = pm_schema_service(s, guide.v[k]->service) == sv;
		if (!done)
			add_step(p, s, st, false);
	}
	PM_VEC_FREE(&guide);
}

/* ---- what is real ---- */

static bool is_moved(const struct pm_plan *p, const char *name)
{
	for (size_t m = 0; m < p->moves.n; m++)
		if (strcmp(p->moves.v[m].service, name) == 0)
			return true;
	return false;
}

static void ambiguous(struct pm_plan *p, const struct pm_reality *r)
{
	PM_CLEAN_BUF struct pm_buf said = { 0 }, ports = { 0 };
	struct pm_diag *d;

	for (size_t i = 0; i < r->n_ports && i < 4; i++) {
		if (r->ports[i].port == r->row->lo)
			continue;
		pm_buf_addf(&ports, "%s%u", ports.n ? "," : "", r->ports[i].port);
	}
	for (size_t i = 0; i < r->n_ports && i < 4; i++)
		pm_buf_addf(&said, "%s%s", i ? "; " : "",
			    pm_reality_said(&p->arena, &r->ports[i]));
	d = pm_diag_add(&p->diags, &p->arena, "declared-ambiguous", PM_WARNING, r->row->src.path,
			r->row->src.line, r->row->src.col, "%s should be at %u; %s%s%s; not planned",
			r->row->name, r->row->lo, pm_buf_str(&said), r->why ? "; " : "",
			r->why ? r->why : "");
	d->hint = pm_arena_printf(&p->arena, "--move %s=%s:%u, if that is its port", r->row->name,
				  pm_buf_str(&ports), r->row->lo);
	pm_diag_key(d, &p->arena, r->row->name, r->row->lo, NULL);
}

/* What the document says runs elsewhere today is to be moved, whatever the tree says by now:
 * pm_moves_verify tells where it disagrees. */
static bool add_listed(struct pm_plan *p, const struct pm_reality *r)
{
	bool any = false;

	for (size_t i = 0; r->owner && i < r->owner->n; i++) {
		const struct pm_endpoint *e = &r->owner->endpoints[i];

		if (e->state != PM_STATE_REAL || !e->lo || e->lo == r->row->lo)
			continue;
		add(p, r->row->name, e->lo, r->row->lo, PM_MOVE_DECLARED,
		    pm_arena_printf(&p->arena, "%s:%u: %u; line %u says that it runs at %u%s%s",
				    r->row->src.path, r->row->src.line, r->row->lo, e->src.line, e->lo,
				    e->host ? " on " : "", e->host ? e->host : ""));
		any = true;
	}
	return any;
}

void pm_moves_from_reality(struct pm_plan *p, const struct pm_realities *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct pm_reality *r = &all->v[i];

		if (!r->row || is_moved(p, r->row->name))
			continue;
		if (add_listed(p, r))
			continue;
		if (r->verdict == PM_REAL_OTHER ||
		    (r->verdict == PM_REAL_DOUBT && pm_reality_is_strong(&r->ports[0])))
			add(p, r->row->name, r->port, r->row->lo, PM_MOVE_DECLARED,
			    pm_arena_printf(&p->arena, "%s:%u: %u; %s", r->row->src.path,
					    r->row->src.line, r->row->lo,
					    pm_reality_said(&p->arena, &r->ports[0])));
		else if (r->verdict == PM_REAL_DOUBT || r->verdict == PM_REAL_UNCLEAR)
			ambiguous(p, r);
	}
}

/* ---- which ---- */

/* Does `name` mean this move: its service as written, its endpoint, its service or project? */
static bool named(const struct pm_move *m, const char *name, const struct pm_schema *s)
{
	const struct pm_service *owner = NULL, *asked = NULL;
	const struct pm_endpoint *mine = s ? pm_schema_endpoint(s, m->service, &owner) : NULL;
	const struct pm_endpoint *one = s ? pm_schema_endpoint(s, name, &asked) : NULL;
	struct pm_arena a = { 0 };
	const char *slug = pm_slug(&a, pm_str_of(name));
	struct pm_str bare;
	const char *kind = pm_move_resource(m->service, &bare);
	bool yes = strcmp(slug, pm_slug(&a, pm_str_of(m->service))) == 0 ||
		   (kind && strcmp(slug, pm_slug(&a, bare)) == 0);

	if (s && !owner)
		owner = pm_schema_service(s, m->service);
	if (s && !one)
		asked = pm_schema_service(s, name);
	if (!yes && one && mine)
		yes = one == mine;
	else if (!yes && owner)
		yes = owner == asked || (owner->project && strcmp(owner->project, slug) == 0);
	pm_arena_release(&a);
	return yes;
}

int pm_moves_only(struct pm_plan *p, const char *const *services, const struct pm_schema *s,
		  struct pm_err *err)
{
	size_t kept = 0;

	for (const char *const *name = services; *name; name++) {
		bool any = false;

		for (size_t i = 0; i < p->moves.n && !any; i++)
			any = named(&p->moves.v[i], *name, s);
		if (!any)
			return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
					  "--service %.200s: no move has this name", *name);
	}
	for (size_t i = 0; i < p->moves.n; i++)
		for (const char *const *name = services; *name; name++)
			if (named(&p->moves.v[i], *name, s)) {
				p->moves.v[kept++] = p->moves.v[i];
				break;
			}
	p->moves.n = kept;
	return 0;
}

void pm_moves_want(const struct pm_plan *p, struct pm_port_set *want)
{
	for (size_t i = 0; i < p->moves.n; i++)
		pm_port_set_add(want, p->moves.v[i].from);
}
