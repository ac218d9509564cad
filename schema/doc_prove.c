/*
 * doc_prove.c - does a changed document say what was wished? The old text is read, the wishes are
 * carried out on its values, the new text is read, and the two sets of values must be equal. Places
 * and order do not count here; everything else does.
 */
#include "doc.h"

#include "reader.h"

#include <stdlib.h>
#include <string.h>

/* ---- values as lines ---- */

struct lines { char **v; size_t n, cap; struct pm_arena *a; };

static void add(struct lines *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct lines *l, const char *fmt, ...)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	pm_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	*PM_VEC_ADD(l) = pm_arena_strndup(l->a, pm_buf_str(&b), b.n);
}

static const char *or_none(const char *s)
{
	return s ? s : "";
}

static void facts(struct lines *l, const struct pm_schema *s)
{
	add(l, "the title '%s'", or_none(s->title));
	add(l, "the date of its update '%s'", or_none(s->updated));
	add(l, "the date of its draft '%s'", or_none(s->drafted));
	add(l, "the date of its reconciliation '%s'", or_none(s->reconciled));
	add(l, "the date of its real ports '%s'", or_none(s->real_date));
	add(l, "the version '%s'", or_none(s->version));
	add(l, "that it %s what runs", s->aspirational ? "does not match" : "matches");
	for (size_t i = 0; i < s->hosts.n; i++)
		add(l, "host '%s' at '%s', %s", s->hosts.v[i].name,
		    or_none(s->hosts.v[i].address), or_none(s->hosts.v[i].platform));
}

static void ranges(struct lines *l, const struct pm_schema *s)
{
	static const char *const strength[] = { "kept free", "may conflict", "never used" };

	for (size_t i = 0; i < s->ranges.n; i++) {
		const struct pm_range *g = &s->ranges.v[i];

		add(l, "range %u-%u '%s' (%s), kind %d, number %zu in %d%s", g->lo, g->hi, g->name,
		    or_none(g->note), (int)g->kind, i, g->parent, g->from_table ? ", listed" : "");
	}
	for (size_t i = 0; i < s->reserved.n; i++)
		add(l, "reservation %u-%u, %s (%s)", s->reserved.v[i].lo, s->reserved.v[i].hi,
		    strength[s->reserved.v[i].strength], or_none(s->reserved.v[i].reason));
	for (size_t i = 0; i < s->offsets.n; i++)
		add(l, "offset %u-%u '%s'%s in %d", s->offsets.v[i].lo, s->offsets.v[i].hi,
		    s->offsets.v[i].purpose, s->offsets.v[i].reserved ? ", reserved" : "",
		    s->offsets.v[i].range);
	for (size_t i = 0; i < s->principles.n; i++)
		add(l, "principle %d of %u", (int)s->principles.v[i].kind, s->principles.v[i].size);
}

static void endpoint(struct lines *l, const struct pm_schema *s, const struct pm_service *v,
		     const struct pm_endpoint *e)
{
	static const char *const state[] = { "planned", "real", "not deployed", "future",
					     "dynamic" };
	const struct pm_range *g = e->range >= 0 ? &s->ranges.v[e->range] : NULL;

	add(l, "a port of '%s': %u-%u%s%s%s, %s, %s, role '%s', container '%s', on '%s', public '%s', "
	    "beside %u '%s', under %u-%u '%s', note '%s'", v->name, e->lo, e->hi, e->proto ? "/" : "",
	    e->proto ? e->proto : "", e->claims_collision ? " collides" : "", state[e->state],
	    e->exposure == PM_EXPOSE_INTERNAL ? "internal" : "published", e->role,
	    or_none(e->container), or_none(e->host), or_none(e->public_name), e->pair_port,
	    or_none(e->pair_name), g ? g->lo : 0, g ? g->hi : 0, g ? g->name : "",
	    or_none(e->note));
}

static void services(struct lines *l, const struct pm_schema *s)
{
	for (size_t i = 0; i < s->services.n; i++) {
		const struct pm_service *v = &s->services.v[i];

		if (!v->n)
			continue;
		add(l, "service '%s', written '%s', of '%s', inside '%s'", v->name, v->title,
		    or_none(v->project), or_none(v->inside));
		for (size_t k = 0; k < v->n; k++)
			endpoint(l, s, v, &v->endpoints[k]);
	}
}

static void lists(struct lines *l, const struct pm_schema *s)
{
	for (size_t i = 0; i < s->resources.n; i++)
		add(l, "%s %u of '%s' (%s)", s->resources.v[i].kind, s->resources.v[i].number,
		    s->resources.v[i].service, or_none(s->resources.v[i].note));
	for (size_t i = 0; i < s->envvars.n; i++)
		add(l, "variable %s='%s'", s->envvars.v[i].name, s->envvars.v[i].value);
	for (size_t i = 0; i < s->depends.n; i++)
		add(l, "'%s' depends on '%s'", s->depends.v[i].service, s->depends.v[i].on);
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct pm_step *st = &s->steps.v[i];

		for (size_t k = 0; k < st->n || !k; k++)
			add(l, "migration step %u of '%s': %u to %u", st->order, st->service,
			    st->from[k], st->to[k]);
	}
	for (size_t i = 0; i < s->checklist.n; i++)
		add(l, "step '%s'%s under '%s'", s->checklist.v[i].text,
		    s->checklist.v[i].ticked ? ", done," : "", or_none(s->checklist.v[i].section));
	for (size_t i = 0; i < s->changelog.n; i++)
		add(l, "change of '%s': '%s' by '%s'", s->changelog.v[i].date,
		    s->changelog.v[i].text, or_none(s->changelog.v[i].author));
}

/* What the reader did not understand, or warned of: without its text, which cites lines. */
static void remarks(struct lines *l, const struct pm_schema *s)
{
	for (size_t i = 0; i < s->leftovers.n; i++)
		add(l, "a line that is not understood (%s): %s", s->leftovers.v[i].why,
		    s->leftovers.v[i].text);
	for (size_t i = 0; i < s->diags.n; i++)
		add(l, "a finding %s", s->diags.v[i].rule);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void say_all(struct lines *l, const struct pm_schema *s)
{
	facts(l, s);
	ranges(l, s);
	services(l, s);
	lists(l, s);
	remarks(l, s);
	qsort(l->v, l->n, sizeof(*l->v), by_text);
}

/* ---- wishes come true on the values ---- */

struct wished {
	struct pm_schema *s; /* of the old text; its values are changed in place */
	const struct pm_wish *const *w;
	size_t n;
	struct pm_arena *a;
	const char *problem;
};

static struct pm_endpoint *endpoint_at(struct pm_schema *s, uint32_t off, size_t *service)
{
	for (size_t i = 0; i < s->services.n && off != PM_DOC_NONE; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			struct pm_endpoint *e = &s->services.v[i].endpoints[k];

			if (e->src.span.len && e->src.span.off == off) {
				*service = i;
				return e;
			}
		}
	return NULL;
}

static int range_at(const struct pm_schema *s, uint32_t off, int otherwise)
{
	for (size_t i = 0; i < s->ranges.n && off != PM_DOC_NONE; i++)
		if (s->ranges.v[i].src.span.len && s->ranges.v[i].src.span.off == off)
			return (int)i;
	return otherwise;
}

/* Does `from` refer to the row `to`, at its port? */
static bool refers(const struct pm_schema *s, const struct pm_endpoint *from,
		   const struct pm_endpoint *to)
{
	const struct pm_endpoint *named;

	if (!from->pair_port || from->pair_port != to->lo)
		return false;
	named = from->pair_name ? pm_schema_endpoint(s, from->pair_name, NULL) : NULL;
	return !named || named == to;
}

/* A port that is taken leaves the reservation that kept it free. */
static void take_reserved(struct wished *d, unsigned port)
{
	for (size_t i = 0; i < d->s->reserved.n; i++) {
		struct pm_reserved *r = &d->s->reserved.v[i], rest;

		if (r->strength != PM_RESERVED_SLOT || !r->table || port < r->lo || port > r->hi)
			continue;
		rest = *r;
		if (r->lo == r->hi) {
			*r = d->s->reserved.v[--d->s->reserved.n];
		} else if (port == r->lo) {
			r->lo++;
		} else if (port == r->hi) {
			r->hi--;
		} else {
			r->hi = port - 1;
			rest.lo = port + 1;
			*PM_VEC_ADD(&d->s->reserved) = rest;
		}
		return;
	}
}

/* Ports and references are changed at once, from the old values: moves may be a chain or a swap. */
static void move_all(struct wished *d)
{
	struct { struct pm_endpoint *e; unsigned to; } *pairs;
	size_t n_pairs = 0, all = 0, service;

	for (size_t i = 0; i < d->s->services.n; i++)
		all += d->s->services.v[i].n;
	pairs = pm_arena_alloc(d->a, pm_size_mul(sizeof(*pairs), all + 1));
	for (size_t k = 0; k < d->n; k++) {
		const struct pm_endpoint *e = d->w[k]->kind == PM_WISH_MOVE
			? endpoint_at(d->s, d->w[k]->row, &service) : NULL;

		for (size_t i = 0; e && i < d->s->services.n; i++)
			for (size_t q = 0; q < d->s->services.v[i].n && n_pairs < all; q++) {
				struct pm_endpoint *o = &d->s->services.v[i].endpoints[q];

				if ((e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE) &&
				    refers(d->s, o, e)) {
					pairs[n_pairs].e = o;
					pairs[n_pairs++].to = d->w[k]->to;
				}
			}
	}
	for (size_t k = 0; k < d->n; k++) {
		struct pm_endpoint *e;

		if (d->w[k]->kind != PM_WISH_MOVE)
			continue;
		e = endpoint_at(d->s, d->w[k]->row, &service);
		if (!e || e->lo != d->w[k]->from || e->lo != e->hi) {
			d->problem = "a row that shall move is not there";
			continue;
		}
		e->lo = e->hi = d->w[k]->to;
		e->range = range_at(d->s, d->w[k]->under, e->range);
		if (e->table)
			take_reserved(d, d->w[k]->to);
	}
	for (size_t i = 0; i < n_pairs; i++)
		pairs[i].e->pair_port = pairs[i].to;
}

/* The service that a row with this first cell belongs to in the table it shall stand in. */
static size_t service_for(struct wished *d, const struct pm_wish *w, const struct pm_table *t)
{
	const char *slug = t && t->service ? t->service : pm_slug(d->a, pm_str_of(w->service));
	struct pm_service *v;

	if (t && !t->service && t->project)
		slug = pm_arena_printf(d->a, "%s/%s", t->project, slug);
	for (size_t i = 0; i < d->s->services.n; i++)
		if (strcmp(d->s->services.v[i].name, slug) == 0)
			return i;
	v = PM_VEC_ADD(&d->s->services);
	v->name = slug;
	v->title = w->service;
	v->project = t ? t->project : NULL;
	if (t && t->service && t->range >= 0)
		v->title = d->s->ranges.v[t->range].name;
	return d->s->services.n - 1;
}

static const struct pm_table *table_for(const struct pm_schema *s, int range,
					const struct pm_endpoint *like)
{
	if (like && like->table && (range < 0 || like->range == range))
		return &s->tables.v[like->table - 1];
	for (size_t i = 0; i < s->tables.n; i++)
		if (s->tables.v[i].kind == PM_TABLE_SERVICES &&
		    (range < 0 || s->tables.v[i].range == range))
			return &s->tables.v[i];
	return NULL;
}

static void add_row(struct wished *d, const struct pm_wish *w)
{
	size_t service = 0;
	const struct pm_endpoint *like = endpoint_at(d->s, w->row, &service);
	const int range = range_at(d->s, w->under, like ? like->range : -1);
	const struct pm_table *t = table_for(d->s, range, like);
	struct pm_endpoint e = { .state = PM_STATE_PLANNED, .role = "", .lo = w->to, .hi = w->to };
	struct pm_service *v;

	e.range = t ? t->range : range;
	e.container = w->container;
	e.note = w->note ? w->note : "";
	e.pair_port = w->pair_port;
	e.pair_name = w->pair_name;
	if (t && t->service)
		e.role = w->service;
	take_reserved(d, w->to);
	v = &d->s->services.v[service_for(d, w, t)];
	v->endpoints = pm_vec_grow(v->endpoints, v->n, &v->cap, sizeof(*v->endpoints));
	v->endpoints[v->n++] = e;
}

static void remove_row(struct wished *d, const struct pm_wish *w)
{
	size_t i;
	struct pm_endpoint *e = endpoint_at(d->s, w->row, &i);
	struct pm_service *v;

	if (!e) {
		d->problem = "a row that shall go is not there";
		return;
	}
	v = &d->s->services.v[i];
	memmove(e, e + 1, (size_t)(v->endpoints + v->n - (e + 1)) * sizeof(*e));
	v->n--;
}

static void rename_service(struct wished *d, const struct pm_wish *w)
{
	const char *old = pm_slug(d->a, pm_str_of(w->service)), *slash;
	const char *new = pm_slug(d->a, pm_str_of(w->text));

	for (size_t i = 0; i < d->s->services.n; i++) {
		struct pm_service *v = &d->s->services.v[i];

		slash = strchr(v->name, '/');
		if (strcmp(slash ? slash + 1 : v->name, old) == 0) {
			v->name = slash ? pm_arena_printf(d->a, "%.*s/%s", (int)(slash - v->name),
							  v->name, new) : new;
			v->title = w->text;
		}
		for (size_t k = 0; k < v->n; k++) {
			struct pm_endpoint *e = &v->endpoints[k];

			if (e->pair_name && strcmp(pm_slug(d->a, pm_str_of(e->pair_name)), old) == 0)
				e->pair_name = w->text;
		}
	}
}

static void set_date(struct wished *d, const struct pm_wish *w)
{
	const char **what = strcmp(w->service, "updated") == 0 ? &d->s->updated
			  : strcmp(w->service, "reconciled") == 0 ? &d->s->reconciled
			  : strcmp(w->service, "real") == 0 ? &d->s->real_date : NULL;

	if (!what || !*what)
		d->problem = "a date that shall change is not there";
	else
		*what = w->date;
}

static void add_change(struct wished *d, const struct pm_wish *w)
{
	struct pm_change_note *v = PM_VEC_ADD(&d->s->changelog);

	v->date = w->date;
	v->text = w->text;
	for (size_t i = 0; i < d->s->tables.n; i++)
		if (d->s->tables.v[i].kind == PM_TABLE_CHANGES && d->s->tables.v[i].author >= 0)
			v->author = w->author;
}

static void come_true(struct wished *d)
{
	move_all(d);
	for (size_t i = 0; i < d->n; i++)
		switch (d->w[i]->kind) {
		case PM_WISH_MOVE: case PM_WISH_KINDS: break;
		case PM_WISH_ADD: add_row(d, d->w[i]); break;
		case PM_WISH_REMOVE: remove_row(d, d->w[i]); break;
		case PM_WISH_RENAME: rename_service(d, d->w[i]); break;
		case PM_WISH_DATE: set_date(d, d->w[i]); break;
		case PM_WISH_NOTE: break;
		case PM_WISH_LOG: add_change(d, d->w[i]); break;
		}
}

/* ---- comparing ---- */

/* A paragraph that was wished may hold numbers that the reader lists as not understood. */
static bool is_noted(const struct wished *d, const char *line)
{
	for (size_t i = 0; i < d->n; i++) {
		const char *text = strstr(line, ": ");

		if (d->w[i]->kind == PM_WISH_NOTE && text &&
		    strncmp(line, "a line that is not", 18) == 0 && strstr(d->w[i]->text, text + 2))
			return true;
	}
	return false;
}

static int compare(const struct wished *d, const struct lines *want, const struct lines *got,
		   const char *path, struct pm_err *err)
{
	size_t i = 0, k = 0;

	while (i < want->n || k < got->n) {
		int c = i == want->n ? 1 : k == got->n ? -1 : strcmp(want->v[i], got->v[k]);
		PM_CLEAN_BUF struct pm_buf b = { 0 };

		if (c == 0) {
			i++;
			k++;
			continue;
		}
		if (c > 0 && is_noted(d, got->v[k])) {
			k++;
			continue;
		}
		pm_excerpt(&b, pm_str_of(c < 0 ? want->v[i] : got->v[k]), 0, 300);
		return pm_err_set(err, PM_E_SCHEMA, (struct pm_loc){ path, 0, 0 },
				  "the changed document would %s %s",
				  c < 0 ? "no longer say" : "also say", pm_buf_str(&b));
	}
	return 0;
}

int pm_doc_prove(const char *path, struct pm_str before, struct pm_str after,
		 const struct pm_wish *const *w, size_t n, struct pm_err *err)
{
	struct pm_arena a = { 0 };
	struct lines want = { .a = &a }, got = { .a = &a };
	struct pm_schema old = { 0 }, new = { 0 };
	struct wished d = { .s = &old, .w = w, .n = n, .a = &a };
	int rc = pm_schema_parse(&old, path, before, err);

	if (rc == 0)
		rc = pm_schema_parse(&new, path, after, err);
	if (rc == 0) {
		come_true(&d);
		say_all(&want, &old);
		say_all(&got, &new);
		rc = d.problem ? pm_err_set(err, PM_E_SCHEMA, (struct pm_loc){ path, 0, 0 }, "%s",
					    d.problem)
			       : compare(&d, &want, &got, path, err);
	}
	pm_schema_release(&new);
	pm_schema_release(&old);
	PM_VEC_FREE(&want);
	PM_VEC_FREE(&got);
	pm_arena_release(&a);
	return rc;
}
