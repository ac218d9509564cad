/*
 * check.c - findings about the schema alone: one row of the table per check.
 *
 * Facts about numbers come from base/port.h. What the tree says is not looked at here.
 */
#include "reader.h"

#include "base/port.h"

#include <stdlib.h>
#include <string.h>

struct row {
	const struct pm_service *v;
	const struct pm_endpoint *e;
};

struct check {
	const struct pm_schema *s;
	struct pm_arena *a;
	struct pm_diags *out;
	struct row *rows; /* all endpoints with a port, in document order */
	size_t n;
};

static struct pm_diag *say(struct check *c, const char *rule, enum pm_severity sev,
			   const struct pm_src *at, const char *text)
{
	return pm_diag_add(c->out, c->a, rule, sev, c->s->path, at->line, at->col, "%s", text);
}

#define SAY(c, rule, sev, at, ...) say(c, rule, sev, at, pm_arena_printf((c)->a, __VA_ARGS__))

static bool is_target(const struct pm_endpoint *e)
{
	return e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE;
}

static int by_host_port(const void *x, const void *y)
{
	const struct pm_endpoint *a = ((const struct row *)x)->e, *b = ((const struct row *)y)->e;
	int real_a = !is_target(a), real_b = !is_target(b), d;

	if (real_a != real_b)
		return real_a - real_b;
	d = strcmp(a->host ? a->host : "", b->host ? b->host : "");
	if (d)
		return d;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return a->src.line < b->src.line ? -1 : a->src.line > b->src.line;
}

static void duplicate(struct check *c, const struct row *first, const struct row *second)
{
	const struct pm_endpoint *a = first->e, *b = second->e;
	unsigned port = a->lo > b->lo ? a->lo : b->lo;

	if (a->src.line > b->src.line) {
		const struct row *t = first;

		first = second;
		second = t;
		a = first->e;
		b = second->e;
	}
	if (!is_target(b) && !b->host) {
		SAY(c, "collision-latent", PM_WARNING, &b->src,
		    "%s and %s (line %u) both use %u today; the document does not say on which hosts",
		    b->name, a->name, a->src.line, port);
		return;
	}
	SAY(c, "port-duplicate", first->v == second->v ? PM_WARNING : PM_ERROR, &b->src,
	    "%u belongs to %s here and to %s at line %u", port, b->name, a->name, a->src.line);
}

static void check_duplicates(struct check *c)
{
	struct row *v = PM_NEW_N(c->a, struct row, c->n + 1);
	const struct row *widest = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].e->exposure == PM_EXPOSE_HOST &&
		    c->rows[i].e->state != PM_STATE_NOT_DEPLOYED)
			v[n++] = c->rows[i];
	if (n)
		qsort(v, n, sizeof(*v), by_host_port);
	for (size_t i = 0; i < n; i++) {
		bool group = widest && is_target(widest->e) == is_target(v[i].e) &&
			     strcmp(widest->e->host ? widest->e->host : "",
				    v[i].e->host ? v[i].e->host : "") == 0;

		if (group && v[i].e->lo <= widest->e->hi)
			duplicate(c, widest, &v[i]);
		if (!group || v[i].e->hi > widest->e->hi)
			widest = &v[i];
	}
}

static void check_outside(struct check *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct pm_endpoint *e = c->rows[i].e;
		const struct pm_range *g;

		if (!is_target(e) || e->range < 0 || (size_t)e->range >= c->s->ranges.n)
			continue;
		g = &c->s->ranges.v[e->range];
		if (e->lo >= g->lo && e->hi <= g->hi)
			continue;
		SAY(c, "port-outside-range", e->fixed ? PM_NOTE : PM_WARNING, &e->src,
		    "%s at %u stands under %u-%u (%s)%s", e->name, e->lo, g->lo, g->hi, g->name,
		    e->fixed ? ": a third party's default" : "");
	}
}

struct range_ref {
	const struct pm_range *g;
};

static int by_parent_lo(const void *x, const void *y)
{
	const struct pm_range *a = ((const struct range_ref *)x)->g;
	const struct pm_range *b = ((const struct range_ref *)y)->g;

	if (a->from_table != b->from_table)
		return a->from_table - b->from_table;
	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return a->src.line < b->src.line ? -1 : a->src.line > b->src.line;
}

static void check_overlaps(struct check *c)
{
	struct range_ref *v = PM_NEW_N(c->a, struct range_ref, c->s->ranges.n + 1);
	const struct pm_range *widest = NULL;

	for (size_t i = 0; i < c->s->ranges.n; i++)
		v[i].g = &c->s->ranges.v[i];
	if (c->s->ranges.n)
		qsort(v, c->s->ranges.n, sizeof(*v), by_parent_lo);
	for (size_t i = 0; i < c->s->ranges.n; i++) {
		const struct pm_range *g = v[i].g;
		bool group = widest && widest->parent == g->parent &&
			     widest->from_table == g->from_table;

		if (group && g->lo <= widest->hi)
			SAY(c, "range-overlap", PM_WARNING, &g->src,
			    "%s (%u-%u) and %s (%u-%u, line %u) both claim %u-%u", g->name, g->lo,
			    g->hi, widest->name, widest->lo, widest->hi, widest->src.line, g->lo,
			    g->hi < widest->hi ? g->hi : widest->hi);
		if (!group || g->hi > widest->hi)
			widest = g;
	}
}

/* A block that leaves its layer, and headings that differ from the strategy table. */
static void check_nesting(struct check *c)
{
	for (size_t i = 0; i < c->s->ranges.n; i++) {
		const struct pm_range *g = &c->s->ranges.v[i], *up;

		if (g->from_table || g->parent < 0)
			continue;
		up = &c->s->ranges.v[g->parent];
		if (g->lo < up->lo || g->hi > up->hi)
			SAY(c, "block-outside-layer", PM_WARNING, &g->src,
			    "%s (%u-%u) leaves %s (%u-%u, line %u)", g->name, g->lo, g->hi,
			    up->name, up->lo, up->hi, up->src.line);
	}
}

static void check_disagreement(struct check *c)
{
	const struct pm_schema *s = c->s;

	for (size_t i = 0; i < s->ranges.n; i++) {
		const struct pm_range *g = &s->ranges.v[i], *other = NULL;
		bool equal = false;

		if (g->from_table || (g->kind != PM_RANGE_LAYER && g->kind != PM_RANGE_PROJECT))
			continue;
		for (size_t k = 0; k < s->ranges.n && !equal; k++) {
			const struct pm_range *t = &s->ranges.v[k];

			if (!t->from_table || t->lo > g->hi || t->hi < g->lo)
				continue;
			equal = t->lo == g->lo && t->hi == g->hi;
			other = other ? other : t;
		}
		if (!equal && other)
			SAY(c, "range-disagrees", PM_WARNING, &g->src,
			    "the heading says %s is %u-%u; the table at line %u says %s is %u-%u",
			    g->name, g->lo, g->hi, other->src.line, other->name, other->lo,
			    other->hi);
	}
}

static void check_reserved(struct check *c)
{
	static const char *const how[] = { "kept free", "may conflict", "never to be used" };

	for (size_t i = 0; i < c->n; i++) {
		const struct pm_endpoint *e = c->rows[i].e;
		const struct pm_reserved *r = is_target(e) ? pm_schema_reserved(c->s, e->lo) : NULL;
		enum pm_severity sev;

		if (!r || e->exposure == PM_EXPOSE_INTERNAL)
			continue;
		sev = r->strength == PM_RESERVED_NEVER && !e->fixed ? PM_ERROR : PM_WARNING;
		SAY(c, "reserved-used", sev, &e->src, "%s at %u: %u-%u is %s (line %u%s%s)", e->name,
		    e->lo, r->lo, r->hi, how[r->strength], r->src.line, r->reason ? ": " : "",
		    r->reason ? r->reason : "");
	}
}

static enum pm_severity refusal(const struct row *r)
{
	static const enum pm_severity how[] = { PM_ERROR, PM_NOTE, PM_WARNING };

	return how[pm_schema_speaks(r->e->name, r->e->role, r->e->note)];
}

static void check_numbers(struct check *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct pm_endpoint *e = c->rows[i].e;

		if (!is_target(e))
			continue;
		for (unsigned p = e->lo; p <= e->hi; p++)
			if (pm_port_browser_refused(p)) {
				SAY(c, "browser-refused", refusal(&c->rows[i]), &e->src,
				    "%s at %u: browsers and Node's fetch refuse this port", e->name,
				    p)->hint = "curl will work, browsers will not; take another port";
				break;
			}
		if (pm_port_ephemeral(e->lo))
			SAY(c, "ephemeral-range", PM_NOTE, &e->src,
			    "%s at %u: Linux hands out 32768-60999 to clients", e->name, e->lo)
				->hint = "reserve it with net.ipv4.ip_local_reserved_ports";
		if (pm_port_nodeport(e->lo))
			SAY(c, "nodeport-range", PM_NOTE, &e->src,
			    "%s at %u: Kubernetes hands out 30000-32767 as NodePorts", e->name, e->lo);
		if (pm_port_airplay(e->lo))
			SAY(c, "airplay", PM_NOTE, &e->src,
			    "%s at %u: macOS listens there for AirPlay", e->name, e->lo);
	}
}

static void check_pairs(struct check *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct pm_endpoint *e = c->rows[i].e, *o, *named = NULL;

		if (!e->pair_port)
			continue;
		o = pm_schema_owner(c->s, e->pair_port, NULL);
		if (e->pair_name)
			named = pm_schema_endpoint(c->s, e->pair_name, NULL);
		if (!o)
			SAY(c, "pair-broken", PM_WARNING, &e->src,
			    "%s pairs with %u, which no row has", e->name, e->pair_port);
		else if (e->pair_name && named != o)
			SAY(c, "pair-broken", PM_WARNING, &e->src,
			    "%s pairs with %u %s; %u is %s (line %u)", e->name, e->pair_port,
			    e->pair_name, e->pair_port, o->name, o->src.line);
	}
}

static bool same_service(const struct pm_schema *s, const char *a, const char *b)
{
	const struct pm_service *v = pm_schema_service(s, a);

	return pm_str_ieq(pm_str_of(a), b) || (v && v == pm_schema_service(s, b));
}

/* A note in prose against the guide: another target, or a move that the guide leaves out. */
static void check_guide(struct check *c)
{
	const struct pm_schema *s = c->s;
	size_t n = s->steps.n < 512 ? s->steps.n : 512;
	bool guide = false;

	for (size_t i = 0; i < n; i++)
		guide |= !s->steps.v[i].is_note && s->steps.v[i].n;
	for (size_t i = 0; i < n && guide; i++) {
		const struct pm_step *note = &s->steps.v[i];

		for (size_t p = 0; note->is_note && p < note->n; p++) {
			const struct pm_step *found = NULL;
			unsigned to = 0;

			for (size_t k = 0; k < n; k++)
				for (size_t q = 0; q < s->steps.v[k].n; q++)
					if (!s->steps.v[k].is_note && s->steps.v[k].from[q] == note->from[p] &&
					    same_service(s, note->service, s->steps.v[k].service)) {
						found = &s->steps.v[k];
						to = found->to[q];
					}
			if (!found)
				SAY(c, "guide-incomplete", PM_NOTE, &note->src,
				    "the note moves %s from %u to %u; the guide does not", note->service,
				    note->from[p], note->to[p]);
			else if (to != note->to[p])
				SAY(c, "guide-disagrees", PM_WARNING, &note->src,
				    "the note moves %s from %u to %u; the guide at line %u to %u",
				    note->service, note->from[p], note->to[p], found->src.line, to);
		}
	}
}

static void check_resources(struct check *c)
{
	const struct pm_schema *s = c->s;

	for (size_t i = 0; i < s->resources.n && i < 4096; i++)
		for (size_t k = 0; k < i; k++)
			if (s->resources.v[i].number == s->resources.v[k].number &&
			    strcmp(s->resources.v[i].kind, s->resources.v[k].kind) == 0) {
				SAY(c, "resource-duplicate", PM_ERROR, &s->resources.v[i].src,
				    "%s %u belongs to %s here and to %s at line %u",
				    s->resources.v[i].kind, s->resources.v[i].number,
				    s->resources.v[i].service, s->resources.v[k].service,
				    s->resources.v[k].src.line);
				break;
			}
}

/* What each check reports, for docs/rules.md. */
static const struct { const char *rules; void (*run)(struct check *c); } checks[] = {
	{ "port-duplicate collision-latent", check_duplicates },
	{ "port-outside-range", check_outside },
	{ "range-overlap", check_overlaps },
	{ "block-outside-layer", check_nesting },
	{ "range-disagrees", check_disagreement },
	{ "reserved-used", check_reserved },
	{ "browser-refused ephemeral-range nodeport-range airplay", check_numbers },
	{ "pair-broken", check_pairs },
	{ "guide-incomplete guide-disagrees", check_guide },
	{ "resource-duplicate", check_resources },
};

void pm_schema_check(const struct pm_schema *s, struct pm_arena *a, struct pm_diags *out)
{
	struct check c = { .s = s, .a = a, .out = out };
	size_t n = 0;

	for (size_t i = 0; i < s->services.n; i++)
		n += s->services.v[i].n;
	c.rows = PM_NEW_N(a, struct row, n + 1);
	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++)
			if (s->services.v[i].endpoints[k].lo)
				c.rows[c.n++] = (struct row){ &s->services.v[i],
							      &s->services.v[i].endpoints[k] };
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i].run(&c);
	pm_diags_sort(out);
}
