/* alloc_place.c - where a new port may be: the range, the neighbour, the offsets of its role. */
#include "alloc_impl.h"

#include "base/port.h"
#include "reader.h"
#include "where.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 12 };

struct placer {
	struct pm_arena *a;
	const struct pm_schema *s;
	const struct pm_alloc_request *r;
	struct pm_err *err;
};

/* ---- ranges by name ---- */

static bool has_table(const struct pm_schema *s, int range)
{
	for (size_t i = 0; i < s->tables.n; i++)
		if (s->tables.v[i].kind == PM_TABLE_SERVICES && s->tables.v[i].range == range)
			return true;
	for (size_t i = 0; i < s->services.n; i++) /* of a document without tables */
		for (size_t k = 0; k < s->services.v[i].n && !s->tables.n; k++)
			if (s->services.v[i].endpoints[k].range == range)
				return true;
	return false;
}

/* "orchard/api-tier": the parent's name, where one name is not enough. */
static bool is_named(const struct placer *p, const struct pm_range *g, const char *text, bool whole)
{
	const char *slash = strchr(text, '/');
	const char *want = pm_slug(p->a, pm_str_of(slash ? slash + 1 : text));
	const char *have = pm_slug(p->a, pm_str_of(g->name));
	const char *at = whole ? NULL : strstr(have, want);
	const size_t n = strlen(want);
	bool yes = strcmp(have, want) == 0 ||
		   (at && n && (at == have || at[-1] == '-') && (!at[n] || at[n] == '-'));
	char *left;

	if (!yes || !slash)
		return yes;
	left = pm_arena_strndup(p->a, text, (size_t)(slash - text));
	return g->parent >= 0 && is_named(p, &p->s->ranges.v[g->parent], left, whole);
}

static const char *shown(const struct placer *p, const struct pm_range *g)
{
	const struct pm_range *up = g->parent >= 0 ? &p->s->ranges.v[g->parent] : NULL;

	return pm_arena_printf(p->a, "%u-%u %s%s%s", g->lo, g->hi, up ? up->name : "",
			       up ? "/" : "", g->name);
}

/* The choices, with how much is free in each by the document alone. */
static int which(const struct placer *p, const char *problem)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < p->s->ranges.n; i++) {
		const struct pm_range *g = &p->s->ranges.v[i];
		const struct pm_port_uses none = { 0 };
		struct pm_alloc_request any = { .n = 0 };
		struct pm_alloc_place all = { .lo = g->lo, .hi = g->hi, .range = (int)i };
		struct pm_alloc x;

		if (!has_table(p->s, (int)i) || n++ >= SHOWN)
			continue;
		pm_alloc_ports(&x, p->a, p->s, &any, &all, &none);
		pm_buf_addf(&b, "%s%s (%u free)", b.n ? ", " : "", shown(p, g), x.n_free);
		pm_alloc_release(&x);
	}
	pm_err_set(p->err, PM_E_USAGE, PM_NOWHERE, "%s", problem);
	if (!n)
		return pm_err_hint(p->err, "--range LO-HI");
	return pm_err_hint(p->err, "--range with a name or numbers: %s%s", b.v,
			   n > SHOWN ? " and more" : "");
}

static int find_range(const struct placer *p, const char *text, int *out)
{
	size_t found = 0;

	for (int pass = 0; pass < 4 && !found; pass++)
		for (size_t i = 0; i < p->s->ranges.n; i++) {
			/* a heading over rows is meant rather than one over headings */
			if (has_table(p->s, (int)i) != (pass % 2 == 0) ||
			    p->s->ranges.v[i].from_table ||
			    !is_named(p, &p->s->ranges.v[i], text, pass < 2))
				continue;
			*out = (int)i;
			found++;
		}
	if (found == 1)
		return 0;
	return which(p, found ? pm_arena_printf(p->a, "--range %.200s: %zu ranges are called so",
						text, found)
			      : pm_arena_printf(p->a, "--range %.200s: no range is called so", text));
}

/* "3000-3009": a heading's range, or any numbers inside of one. */
static bool read_numbers(const char *text, unsigned *lo, unsigned *hi)
{
	const char *dash = strchr(text, '-');

	if (!dash)
		return false;
	*lo = pm_port_parse((struct pm_str){ text, (size_t)(dash - text) });
	*hi = pm_port_parse(pm_str_of(dash + 1));
	return *lo && *hi >= *lo;
}

int pm_alloc_range(struct pm_arena *a, const struct pm_schema *s, const char *text, unsigned *lo,
		   unsigned *hi, int *range, struct pm_err *err)
{
	const struct placer p = { .a = a, .s = s, .err = err };
	int rc;

	*range = -1;
	if (read_numbers(text, lo, hi)) {
		for (size_t i = 0; i < s->ranges.n; i++) {
			const struct pm_range *g = &s->ranges.v[i];
			const struct pm_range *best = *range >= 0 ? &s->ranges.v[*range] : NULL;

			if (has_table(s, (int)i) && g->lo <= *lo && *hi <= g->hi &&
			    (!best || g->hi - g->lo < best->hi - best->lo))
				*range = (int)i;
		}
		return 0;
	}
	rc = find_range(&p, text, range);
	if (rc == 0) {
		*lo = s->ranges.v[*range].lo;
		*hi = s->ranges.v[*range].hi;
	}
	return rc;
}

/* ---- services ---- */

static void take_range(const struct placer *p, struct pm_alloc_place *out, int range)
{
	out->range = range;
	if (range >= 0) {
		out->lo = p->s->ranges.v[range].lo;
		out->hi = p->s->ranges.v[range].hi;
	}
}

static bool is_target(const struct pm_endpoint *e)
{
	return e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE;
}

static const struct pm_endpoint *first_row(const struct pm_service *v)
{
	for (size_t i = 0; v && i < v->n; i++)
		if (is_target(&v->endpoints[i]) && v->endpoints[i].lo)
			return &v->endpoints[i];
	return NULL;
}

static int place_like(const struct placer *p, struct pm_alloc_place *out)
{
	const struct pm_endpoint *e = pm_schema_endpoint(p->s, p->r->like, NULL);

	if (!e || !is_target(e))
		e = first_row(pm_schema_service(p->s, p->r->like));
	if (!e)
		return pm_err_set(p->err, PM_E_USAGE, PM_NOWHERE,
				  "--like %.200s: no row is called so", p->r->like);
	out->like = e;
	take_range(p, out, e->range);
	if (e->range < 0 && !p->r->range)
		return which(p, pm_arena_printf(p->a, "%s stands under no range", e->name));
	return 0;
}

static bool is_block(const struct pm_schema *s, int range)
{
	return range >= 0 && s->ranges.v[range].kind == PM_RANGE_BLOCK;
}

/* The service whose block a new "gate-export" belongs into: gate. */
static const struct pm_service *owner_of_name(const struct placer *p)
{
	const char *name = pm_slug(p->a, pm_str_of(p->r->service));
	const struct pm_service *best = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < p->s->services.n; i++) {
		const struct pm_service *v = &p->s->services.v[i];
		const struct pm_endpoint *e = first_row(v);

		if (!e || !is_block(p->s, e->range))
			continue;
		for (size_t k = 0; k <= v->n_aliases; k++) {
			const char *own = k ? v->aliases[k - 1] : v->name;
			const size_t n = strlen(own);

			if (n > longest && strncmp(name, own, n) == 0 && (name[n] == '-' || !name[n])) {
				longest = n;
				best = v;
			}
		}
	}
	return best;
}

static int place_by_name(const struct placer *p, struct pm_alloc_place *out)
{
	const struct pm_endpoint *e = first_row(owner_of_name(p));
	int only = -1;

	if (e) {
		take_range(p, out, e->range);
		return 0;
	}
	for (size_t i = 0; i < p->s->ranges.n; i++)
		if (has_table(p->s, (int)i))
			only = only == -1 ? (int)i : -2;
	if (only < 0)
		return which(p, pm_arena_printf(p->a, "the document does not say where '%s' "
						"belongs", p->r->service));
	take_range(p, out, only);
	return 0;
}

/* ---- offsets ---- */

/* "worker" is a word of "Background Workers". */
static bool is_purpose(const struct placer *p, const char *purpose, const char *word)
{
	const struct pm_str s = pm_str_of(purpose);
	const size_t n = strlen(word);

	if (!n || pm_has_word(s, word))
		return n > 0;
	return pm_has_word(s, pm_arena_printf(p->a, "%ss", word)) ||
	       (word[n - 1] == 's' && pm_has_word(s, pm_arena_strndup(p->a, word, n - 1)));
}

static int which_role(const struct placer *p, const char *problem)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	for (size_t i = 0; i < p->s->offsets.n; i++) {
		const struct pm_offset *o = &p->s->offsets.v[i];

		if (!o->reserved)
			pm_buf_addf(&b, o->lo == o->hi ? "%s%s (+%02u)" : "%s%s (+%02u-%02u)",
				    b.n ? ", " : "", o->purpose, o->lo, o->hi);
	}
	pm_err_set(p->err, PM_E_USAGE, PM_NOWHERE, "%s", problem);
	return pm_err_hint(p->err, "--role with a word of: %s", pm_buf_str(&b));
}

/* Offset of the role in the other blocks of the layer, when all that have it agree: -1. */
static int usual_offset(const struct placer *p, int range, const char *role, const char **where)
{
	const int layer = p->s->ranges.v[range].parent;
	const char *slug = pm_slug(p->a, pm_str_of(role));
	int at = -1, blocks = 0;

	for (size_t i = 0; i < p->s->services.n && layer >= 0; i++)
		for (size_t k = 0; k < p->s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &p->s->services.v[i].endpoints[k];
			const struct pm_range *g = e->range >= 0 ? &p->s->ranges.v[e->range] : NULL;
			int offset;

			if (!g || e->range == range || g->parent != layer || !is_target(e) ||
			    e->lo < g->lo || strcmp(pm_slug(p->a, pm_str_of(e->role)), slug) != 0)
				continue;
			offset = (int)(e->lo - g->lo);
			if (at >= 0 && at != offset)
				return -1;
			at = offset;
			blocks++;
		}
	*where = layer >= 0 ? p->s->ranges.v[layer].name : NULL;
	return blocks >= 2 ? at : -1;
}

static void allow(struct pm_alloc_place *out, bool *allowed, unsigned lo, unsigned hi)
{
	for (unsigned o = lo; o <= hi && out->lo + o <= out->hi; o++)
		allowed[o] = true;
}

/* The offsets for a role; how many rows of the table speak of it. */
static size_t allow_role(const struct placer *p, struct pm_alloc_place *out, bool *allowed,
			 bool *kept, const char *role)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < p->s->offsets.n; i++) {
		const struct pm_offset *o = &p->s->offsets.v[i];

		if (!is_purpose(p, o->purpose, role))
			continue;
		allow(out, o->reserved && !p->r->from_reserved ? kept : allowed, o->lo, o->hi);
		pm_buf_addf(&b, "%s%s", n++ ? ", " : "", o->purpose);
	}
	out->role = pm_arena_strndup(p->a, pm_buf_str(&b), b.n);
	return n;
}

/* Words of the name behind that of the block's service: "gate-worker-mail" is a worker. */
static size_t role_of_name(const struct placer *p, struct pm_alloc_place *out, bool *allowed,
			   bool *kept)
{
	const char *name = pm_slug(p->a, pm_str_of(p->r->service)), *end;

	for (const char *w = name; *w; w = *end ? end + 1 : end) {
		size_t n;

		end = w + strcspn(w, "-");
		n = w == name ? 0 : allow_role(p, out, allowed, kept,
					       pm_arena_strndup(p->a, w, (size_t)(end - w)));
		if (n)
			return n;
	}
	return 0;
}

static int place_in_block(const struct placer *p, struct pm_alloc_place *out)
{
	bool *allowed = PM_NEW_N(p->a, bool, out->hi - out->lo + 1);
	bool *kept = PM_NEW_N(p->a, bool, out->hi - out->lo + 1);
	const char *where = NULL;
	int usual;

	if (!is_block(p->s, out->range) || !p->s->offsets.n) {
		if (!p->r->role)
			return 0;
		return pm_err_set(p->err, PM_E_USAGE, PM_NOWHERE, p->s->offsets.n
				  ? "--role: %u-%u is no block of a service"
				  : "--role: the document has no table of offsets", out->lo, out->hi);
	}
	out->by_offset = true;
	out->allowed = allowed;
	out->kept = kept;
	usual = p->r->role ? usual_offset(p, out->range, p->r->role, &where) : -1;
	if (usual >= 0) {
		allow(out, allowed, (unsigned)usual, (unsigned)usual);
		out->role = p->r->role;
		out->note = pm_arena_printf(p->a, "the blocks of %s have '%s' at +%02d", where,
					    p->r->role, usual);
		return 0;
	}
	if (p->r->role ? allow_role(p, out, allowed, kept, p->r->role)
		       : role_of_name(p, out, allowed, kept))
		return 0;
	return which_role(p, p->r->role
			  ? pm_arena_printf(p->a, "--role %.200s: no offset is for it", p->r->role)
			  : pm_arena_printf(p->a, "which part of the block %u-%u is '%s' for?",
					    out->lo, out->hi, p->r->service));
}

/* ---- the partner ---- */

/* Words that two names have in common at their start. */
static size_t common(const char *a, const char *b)
{
	size_t n = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '-')
			n = i + 1;
	return n;
}

/* "todo-web" like "chat-web", which goes with "chat-server": todo-server is its partner. */
static void find_partner(const struct placer *p, struct pm_alloc_place *out)
{
	const struct pm_endpoint *l = out->like, *other = NULL, *pair;
	const char *mine = pm_slug(p->a, pm_str_of(p->r->service)), *like, *theirs;
	size_t n;

	for (size_t i = 0; l && i < p->s->services.n && !other; i++)
		for (size_t k = 0; k < p->s->services.v[i].n && !other; k++) {
			const struct pm_endpoint *e = &p->s->services.v[i].endpoints[k];

			if (is_target(e) && ((l->pair_port && e->lo == l->pair_port) ||
					     (e->pair_port && e->pair_port == l->lo)))
				other = e;
		}
	if (!other)
		return;
	like = pm_slug(p->a, pm_str_of(l->name));
	theirs = pm_slug(p->a, pm_str_of(other->name));
	n = common(like, theirs);
	/* its own first words, and the partner's last */
	if (!n || strlen(mine) <= strlen(like + n) ||
	    strcmp(mine + strlen(mine) - strlen(like + n), like + n) != 0)
		return;
	pair = pm_schema_endpoint(p->s, pm_arena_printf(p->a, "%.*s%s", (int)(strlen(mine) -
						strlen(like + n)), mine, theirs + n), NULL);
	if (!pair || !is_target(pair))
		return;
	out->prefer = pair->lo;
	out->pair = pair;
}

static int check_host(const struct placer *p)
{
	const struct pm_config *c = p->r->config;
	const char *name = pm_where_host(c, p->s, p->r->host);
	PM_CLEAN_BUF struct pm_buf known = { 0 };
	bool found = false;

	for (size_t i = 0; i < p->s->hosts.n; i++) {
		const char *one = pm_where_host(c, p->s, p->s->hosts.v[i].name);

		found |= name && strcmp(one, name) == 0;
		pm_buf_addf(&known, "%s%s", known.n ? ", " : "", one);
	}
	for (size_t i = 0; c && i < c->hosts.n; i++) {
		found |= name && strcmp(c->hosts.v[i].name, name) == 0;
		if (!strstr(pm_buf_str(&known), c->hosts.v[i].name))
			pm_buf_addf(&known, "%s%s", known.n ? ", " : "", c->hosts.v[i].name);
	}
	if (!name || found)
		return 0;
	pm_err_set(p->err, PM_E_USAGE, PM_NOWHERE, "--host %.200s: neither the document nor "
		   "portmig.yaml knows it", p->r->host);
	return pm_err_hint(p->err, known.n ? "--host with one of: %s" : "'hosts' in portmig.yaml%s",
			   known.n ? known.v : "");
}

int pm_alloc_place(struct pm_alloc_place *out, struct pm_arena *a, const struct pm_schema *s,
		   const struct pm_alloc_request *r, struct pm_err *err)
{
	const struct placer p = { a, s, r, err };
	const struct pm_service *owner = NULL;
	const struct pm_endpoint *e = pm_schema_endpoint(s, r->service, &owner);
	int rc = check_host(&p);

	*out = (struct pm_alloc_place){ .range = -1 };
	if (rc < 0)
		return rc;
	if (e && is_target(e) && e->lo && !r->role) {
		pm_err_set(err, PM_E_REFUSED, (struct pm_loc){ e->src.path, e->src.line, e->src.col },
			   "%s has %u already", e->name, e->lo);
		return pm_err_hint(err, "--like %s finds a neighbour for another name", e->name);
	}
	if (r->like)
		rc = place_like(&p, out);
	if (rc == 0 && r->range)
		rc = pm_alloc_range(a, s, r->range, &out->lo, &out->hi, &out->range, err);
	else if (rc == 0 && !r->like)
		rc = place_by_name(&p, out);
	if (rc == 0 && r->nodeport) {
		out->lo = out->lo < 30000 ? 30000 : out->lo;
		out->hi = out->hi > 32767 ? 32767 : out->hi;
		if (out->lo > out->hi)
			rc = pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
					"--nodeport: the range has no port of 30000-32767");
	}
	if (rc == 0)
		rc = place_in_block(&p, out);
	if (rc == 0)
		find_partner(&p, out);
	return rc;
}
