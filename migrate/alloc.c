/* alloc.c - see alloc.h. Candidates one by one, each against every rule. */
#include "alloc_impl.h"

#include "base/port.h"
#include "report.h"
#include "where.h"

#include <stdlib.h>
#include <string.h>

const char *pm_alloc_why_name(enum pm_alloc_why w)
{
	static const char *const names[] = {
		[PM_ALLOC_ROW] = "row", [PM_ALLOC_RUNS] = "runs", [PM_ALLOC_NEVER] = "never",
		[PM_ALLOC_SLOT] = "reserved", [PM_ALLOC_MAY] = "may-conflict",
		[PM_ALLOC_OFFSET] = "offset", [PM_ALLOC_TREE] = "tree",
		[PM_ALLOC_BRANCH] = "branch", [PM_ALLOC_REFUSED] = "browser-refused",
		[PM_ALLOC_AIRPLAY] = "airplay", [PM_ALLOC_EPHEMERAL] = "ephemeral-range",
		[PM_ALLOC_NODEPORT] = "nodeport-range", [PM_ALLOC_FREE] = "free",
	};

	return names[w];
}

/* ---- what the tree uses ---- */

bool pm_alloc_uses_port(const struct pm_hit *h)
{
	if (h->certainty < PM_LIKELY || h->side == PM_SIDE_CONTAINER)
		return false;
	return h->role == PM_ROLE_HOST_PORT || h->role == PM_ROLE_LISTEN ||
	       h->role == PM_ROLE_DEFAULT || h->role == PM_ROLE_URL || h->role == PM_ROLE_ROUTE ||
	       h->role == PM_ROLE_PROBE;
}

bool pm_alloc_reads(const char *path)
{
	return pm_work_of(path) != PM_WORK_DOCS;
}

static bool counts(const struct pm_inv_file *f, const struct pm_schema *s)
{
	return f->class == PM_CLASS_ORDINARY && strcmp(f->path, s->path) != 0 &&
	       pm_alloc_reads(f->path);
}

void pm_alloc_tree_uses(struct pm_port_uses *out, const struct pm_inventory *inv,
			const struct pm_schema *s, const struct pm_config *config)
{
	struct pm_arena a = { 0 };
	size_t *last = PM_NEW_N(&a, size_t, 65536); /* 1 + index in out */

	for (size_t i = 0; i < inv->files.n; i++) {
		const struct pm_inv_file *f = &inv->files.v[i];
		const struct pm_where where = pm_where_of(config, s, f->path);
		const char *host = where.host;

		if (!counts(f, s) || where.aside)
			continue;
		for (size_t k = 0; k < f->n_hits; k++) {
			const struct pm_hit *h = &f->hits[k];
			const size_t before = last[h->port];

			if (!pm_alloc_uses_port(h) || (before && (!out->v[before - 1].host ||
							 out->v[before - 1].host == host)))
				continue;
			*PM_VEC_ADD(out) = (struct pm_port_use){ .port = h->port, .path = f->path,
								 .line = h->line, .host = host };
			last[h->port] = out->n;
		}
	}
	pm_arena_release(&a);
}

/* ---- one candidate ---- */

static bool is_target(const struct pm_endpoint *e)
{
	return e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE;
}

/* Could somebody on that host get in the way? */
static bool same_host(const struct pm_alloc_search *x, const char *of)
{
	return !x->host || !of ||
	       strcmp(x->host, pm_where_host(x->r->config, x->s, of)) == 0;
}

static void index_rows(struct pm_alloc_search *x)
{
	x->rows = PM_NEW_N(x->a, const struct pm_endpoint *, 65536);
	x->runs = PM_NEW_N(x->a, const struct pm_endpoint *, 65536);
	for (size_t i = 0; i < x->s->services.n; i++)
		for (size_t k = 0; k < x->s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &x->s->services.v[i].endpoints[k];
			const struct pm_endpoint **v = is_target(e) ? x->rows : x->runs;

			if (!is_target(e) && !same_host(x, e->host))
				continue;
			for (unsigned port = e->lo; port && port <= e->hi; port++)
				v[port] = v[port] ? v[port] : e;
		}
}

static void index_uses(struct pm_alloc_search *x, const struct pm_port_uses *uses)
{
	x->tree = PM_NEW_N(x->a, const struct pm_port_use *, 65536);
	x->branch = PM_NEW_N(x->a, const struct pm_port_use *, 65536);
	for (size_t i = 0; i < uses->n; i++) {
		const struct pm_port_use *u = &uses->v[i];
		const struct pm_port_use **v = u->branch ? x->branch : x->tree;

		if (u->port <= 65535 && !v[u->port] && same_host(x, u->host))
			v[u->port] = u;
	}
}

/* Is the host, or any when none is named, a Mac? One of an unknown kind may be. */
static bool may_be_mac(const struct pm_alloc_search *x)
{
	const char *platform = NULL;

	for (size_t i = 0; x->host && i < x->s->hosts.n; i++)
		if (same_host(x, x->s->hosts.v[i].name))
			platform = x->s->hosts.v[i].platform;
	for (size_t i = 0; x->host && x->r->config && i < x->r->config->hosts.n; i++)
		if (same_host(x, x->r->config->hosts.v[i].name) && x->r->config->hosts.v[i].platform)
			platform = x->r->config->hosts.v[i].platform;
	return !platform || strcmp(platform, "macos") == 0;
}

static enum pm_alloc_why reserved_why(const struct pm_alloc_search *x, unsigned port)
{
	const struct pm_reserved *v = pm_schema_reserved(x->s, port);

	if (!v)
		return PM_ALLOC_FREE;
	if (v->strength == PM_RESERVED_SLOT)
		return x->r->from_reserved ? PM_ALLOC_FREE : PM_ALLOC_SLOT;
	return v->strength == PM_RESERVED_NEVER ? PM_ALLOC_NEVER : PM_ALLOC_MAY;
}

static enum pm_alloc_why fact_why(const struct pm_alloc_search *x, unsigned port)
{
	if (pm_port_browser_refused(port) && x->speaks != PM_SPEAKS_OTHER)
		return PM_ALLOC_REFUSED;
	if (pm_port_airplay(port) && may_be_mac(x))
		return PM_ALLOC_AIRPLAY;
	if (pm_port_ephemeral(port) && !x->soft[PM_ALLOC_EPHEMERAL])
		return PM_ALLOC_EPHEMERAL;
	if (pm_port_nodeport(port) && !x->r->nodeport && !x->soft[PM_ALLOC_NODEPORT])
		return PM_ALLOC_NODEPORT;
	return PM_ALLOC_FREE;
}

/* The first reason against a port. */
static enum pm_alloc_why why_not(const struct pm_alloc_search *x, unsigned port)
{
	enum pm_alloc_why r = reserved_why(x, port);

	if (x->rows[port])
		return PM_ALLOC_ROW;
	if (x->runs[port])
		return PM_ALLOC_RUNS;
	if (r != PM_ALLOC_FREE && !x->soft[r])
		return r;
	if (x->place->by_offset && !x->place->allowed[port - x->place->lo])
		return PM_ALLOC_OFFSET; /* is_candidate */
	if (x->tree[port])
		return PM_ALLOC_TREE;
	if (x->branch[port])
		return PM_ALLOC_BRANCH;
	return fact_why(x, port);
}

/* What one port has against it, in words. */
const char *pm_alloc_detail(const struct pm_alloc_search *x, unsigned port, enum pm_alloc_why why)
{
	const struct pm_endpoint *e = why == PM_ALLOC_ROW ? x->rows[port] : x->runs[port];
	const struct pm_port_use *u = why == PM_ALLOC_TREE ? x->tree[port] : x->branch[port];
	const struct pm_reserved *r = pm_schema_reserved(x->s, port);

	switch (why) {
	case PM_ALLOC_ROW: return e->name;
	case PM_ALLOC_RUNS:
		return e->host ? pm_arena_printf(x->a, "%s on %s", e->name, e->host) : e->name;
	case PM_ALLOC_NEVER: case PM_ALLOC_SLOT: case PM_ALLOC_MAY:
		return pm_arena_printf(x->a, "line %u%s%s", r->src.line, r->reason ? ": " : "",
				       r->reason ? r->reason : "");
	case PM_ALLOC_TREE:
		return pm_arena_printf(x->a, "%s:%u", u->path, u->line);
	case PM_ALLOC_BRANCH:
		return pm_arena_printf(x->a, "%s%s%s (%s:%u)", u->who ? u->who : "",
				       u->who ? " on " : "", u->branch, u->path, u->line);
	default: return "";
	}
}

/* ---- telling ---- */

struct seen {
	unsigned port;
	enum pm_alloc_why why;
	const char *detail;
};
struct seens { struct seen *v; size_t n, cap; };

static int by_port(const void *x, const void *y)
{
	const struct seen *a = x, *b = y;

	return a->port < b->port ? -1 : a->port > b->port;
}

const char *pm_alloc_head(enum pm_alloc_why w)
{
	static const char *const heads[] = {
		[PM_ALLOC_ROW] = "row of ", [PM_ALLOC_RUNS] = "in use by ",
		[PM_ALLOC_NEVER] = "reserved, never to be used: ", [PM_ALLOC_SLOT] = "kept free: ",
		[PM_ALLOC_MAY] = "reserved, may conflict: ",
		[PM_ALLOC_OFFSET] = "kept free by the table of offsets",
		[PM_ALLOC_TREE] = "used in ", [PM_ALLOC_BRANCH] = "taken by ",
		[PM_ALLOC_REFUSED] = "browsers and Node's fetch refuse it",
		[PM_ALLOC_AIRPLAY] = "macOS listens there for AirPlay",
		[PM_ALLOC_EPHEMERAL] = "Linux gives it to clients (32768-60999)",
		[PM_ALLOC_NODEPORT] = "Kubernetes gives it to NodePorts (30000-32767)",
		[PM_ALLOC_FREE] = "",
	};

	return heads[w];
}

/* v[from, to) stand for neighbours with one reason: "row of a, b, c and 4 more". */
static void add_pass(struct pm_alloc *out, struct pm_arena *a, const struct seen *v, size_t from,
		     size_t to)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_alloc_pass *p = PM_VEC_ADD(&out->passed);
	size_t n = 0, more = 0;

	pm_buf_adds(&b, pm_alloc_head(v[from].why));
	for (size_t i = from; i < to; i++) {
		if (i > from && strcmp(v[i].detail, v[i - 1].detail) == 0)
			continue;
		if (n < 4)
			pm_buf_addf(&b, "%s%s", n ? ", " : "", v[i].detail);
		more += n++ >= 4;
	}
	if (more)
		pm_buf_addf(&b, " and %zu more", more);
	p->lo = v[from].port;
	p->hi = v[to - 1].port;
	p->why = v[from].why;
	p->text = pm_arena_strndup(a, pm_buf_str(&b), b.n);
}

static void tell_passed(struct pm_alloc *out, struct pm_arena *a, struct seens *all)
{
	size_t to;

	if (all->n)
		qsort(all->v, all->n, sizeof(*all->v), by_port);
	for (size_t i = 0; i < all->n; i = to) {
		for (to = i + 1; to < all->n && all->v[to].port == all->v[to - 1].port + 1 &&
				 all->v[to].why == all->v[i].why; to++)
			;
		add_pass(out, a, all->v, i, to);
	}
}

void pm_alloc_note(struct pm_alloc *out, const char *text)
{
	*PM_VEC_ADD(&out->notes) = text;
}

/* Facts that hold for every candidate are the document's choice. */
static void soften(struct pm_alloc_search *x, struct pm_alloc *out)
{
	const struct { enum pm_alloc_why why; bool (*is)(unsigned); const char *text; } facts[] = {
		{ PM_ALLOC_EPHEMERAL, pm_port_ephemeral,
		  "all of the range lies where Linux takes ports for clients (32768-60999): "
		  "net.ipv4.ip_local_reserved_ports keeps them" },
		{ PM_ALLOC_NODEPORT, pm_port_nodeport,
		  "all of the range lies where Kubernetes takes NodePorts (30000-32767)" },
	};

	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		bool all = true;

		for (unsigned p = x->place->lo; p <= x->place->hi && all; p++)
			all = facts[i].is(p);
		x->soft[facts[i].why] = all;
		if (all && !(facts[i].why == PM_ALLOC_NODEPORT && x->r->nodeport))
			pm_alloc_note(out, facts[i].text);
	}
}

/* ---- the search ---- */

/* How well a port suits: the partner's last digits, the static band. Less is better. */
static unsigned rank(const struct pm_alloc_search *x, unsigned port)
{
	unsigned r = 0;

	if (x->place->prefer)
		r = port % 100 == x->place->prefer % 100 ? 0
		  : port % 10 == x->place->prefer % 10 ? 1 : 2;
	return r * 2 + (x->r->nodeport && !pm_port_nodeport_static(port));
}

/* Within a block only those ports are looked at that its offsets give to the role. */
static bool is_candidate(const struct pm_alloc_place *place, unsigned port)
{
	const unsigned i = port - place->lo;

	return !place->by_offset || place->allowed[i] || place->kept[i];
}

static void look(struct pm_alloc_search *x, struct pm_alloc *out, struct seens *passed)
{
	out->ports = PM_NEW_N(x->a, unsigned, x->r->n + 1);
	for (unsigned want = 0; want <= 5; want++)
		for (unsigned p = x->place->lo; p <= x->place->hi; p++) {
			enum pm_alloc_why why;

			if (rank(x, p) != want || !is_candidate(x->place, p))
				continue;
			why = why_not(x, p);
			out->n_free += why == PM_ALLOC_FREE;
			if (out->n == x->r->n)
				continue;
			if (why == PM_ALLOC_FREE)
				out->ports[out->n++] = p;
			else
				*PM_VEC_ADD(passed) = (struct seen){ p, why, pm_alloc_detail(x, p, why) };
		}
}

void pm_alloc_start(struct pm_alloc_search *x, struct pm_arena *a, const struct pm_schema *s,
		  const struct pm_alloc_request *r, const struct pm_port_uses *uses)
{
	*x = (struct pm_alloc_search){ .a = a, .s = s, .r = r };
	x->host = pm_where_host(r->config, s, r->host);
	x->speaks = pm_schema_speaks(r->service ? r->service : "", r->role ? r->role : "", NULL);
	index_rows(x);
	index_uses(x, uses);
}

void pm_alloc_ports(struct pm_alloc *out, struct pm_arena *a, const struct pm_schema *s,
		    const struct pm_alloc_request *r, const struct pm_alloc_place *place,
		    const struct pm_port_uses *uses)
{
	struct seens passed = { 0 };
	struct pm_alloc_search x;

	memset(out, 0, sizeof(*out));
	pm_alloc_start(&x, a, s, r, uses);
	x.place = place;
	soften(&x, out);
	if (place->note)
		pm_alloc_note(out, place->note);
	look(&x, out, &passed);
	tell_passed(out, a, &passed);
	PM_VEC_FREE(&passed);
}

void pm_alloc_release(struct pm_alloc *x)
{
	PM_VEC_FREE(&x->passed);
	PM_VEC_FREE(&x->notes);
}
