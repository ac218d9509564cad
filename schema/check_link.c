/*
 * check_link.c - statements of the document that speak of each other: pairs, the migration guide and
 * notes, numbered resources, standard variables, dates; and what was not understood.
 */
#include "check_impl.h"

#include "base/port.h"

#include <string.h>

/* ---- pairs ---- */

static void broken_pair(struct pm_doc_check *c, const struct pm_endpoint *e)
{
	const struct pm_endpoint *o = pm_schema_owner(c->s, e->pair_port, NULL);
	const struct pm_endpoint *named = NULL;
	struct pm_diag *d;

	if (e->pair_name)
		named = pm_schema_endpoint(c->s, e->pair_name, NULL);
	if (o && (!e->pair_name || named == o))
		return;
	if (!o)
		d = pm_doc_say_row(c, "pair-broken", PM_WARNING, e, NULL,
				   "%s pairs with %u, which no row has", e->name, e->pair_port);
	else
		d = pm_doc_say_row(c, "pair-broken", PM_WARNING, e, NULL,
				   "%s pairs with %u %s; %u is %s (line %u)", e->name, e->pair_port,
				   e->pair_name, e->pair_port, o->name, o->src.line);
	if (o)
		pm_doc_also(c, d, &o->src, "%s", o->name);
	if (named && named != o) {
		pm_doc_also(c, d, &named->src, "%s", named->name);
		d->hint = pm_arena_printf(c->a, "%s is at %u", named->name, named->lo);
	}
}

/* "Matching last digits where possible": one remark, where they do not. */
static void pair_digits(struct pm_doc_check *c, const struct pm_principle *p)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t n = 0, differ = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct pm_endpoint *e = c->rows[i].e;

		if (!e->pair_port || !pm_row_is_target(e))
			continue;
		n++;
		if (e->lo % 10 == e->pair_port % 10)
			continue;
		if (differ++ < 6)
			pm_buf_addf(&b, "%s%s %u/%u", differ > 1 ? ", " : "", e->name, e->lo,
				    e->pair_port);
	}
	if (differ)
		pm_diag_key(pm_doc_say(c, "pair-digit", PM_NOTE, &p->src,
				       "%zu of %zu pairs end in the same digit; not so %s%s",
				       n - differ, n, pm_buf_str(&b), differ > 6 ? " ..." : ""),
			    c->a, NULL, 0, "pairs");
}

void pm_doc_check_pairs(struct pm_doc_check *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].e->pair_port)
			broken_pair(c, c->rows[i].e);
	for (size_t i = 0; i < c->s->principles.n; i++)
		if (c->s->principles.v[i].kind == PM_PRINCIPLE_PAIR_DIGITS)
			pair_digits(c, &c->s->principles.v[i]);
}

/* ---- the guide ---- */

enum { MAX_STEPS = 512 };

static struct pm_diag *say_step(struct pm_doc_check *c, const char *rule, enum pm_severity sev,
				const struct pm_step *st, size_t pair, const char *text)
{
	struct pm_diag *d = pm_doc_say(c, rule, sev, &st->src, "%s", text);

	pm_diag_key(d, c->a, st->service, st->from[pair], NULL);
	return d;
}

#define SAY_STEP(c, rule, sev, st, pair, ...) \
	say_step(c, rule, sev, st, pair, pm_arena_printf((c)->a, __VA_ARGS__))

static bool same_service(const struct pm_schema *s, const char *a, const char *b)
{
	const struct pm_service *v = pm_schema_service(s, a);

	return pm_str_ieq(pm_str_of(a), b) || (v && v == pm_schema_service(s, b));
}

static const struct pm_endpoint *row_at(const struct pm_service *v, unsigned port)
{
	for (size_t i = 0; i < v->n; i++)
		if (pm_row_is_target(&v->endpoints[i]) && port >= v->endpoints[i].lo &&
		    port <= v->endpoints[i].hi)
			return &v->endpoints[i];
	return NULL;
}

/* Whose move is it, to a port that is his, from one that is not his already? */
static void check_target(struct pm_doc_check *c, const struct pm_step *st, size_t p)
{
	const struct pm_service *v = pm_schema_service(c->s, st->service);
	const struct pm_endpoint *e = v ? row_at(v, st->to[p]) : NULL;
	const struct pm_range *g;

	if (!v) {
		SAY_STEP(c, "guide-service-unknown", PM_WARNING, st, p,
			 "no row is named like '%s', which shall move from %u to %u", st->service,
			 st->from[p], st->to[p])->hint = "correct the name here or in the table";
		return;
	}
	if (!e) {
		SAY_STEP(c, "guide-target-unknown", PM_WARNING, st, p,
			 "%s shall move from %u to %u, but no row of it has %u", st->service,
			 st->from[p], st->to[p], st->to[p])->hint = "correct the guide or the table";
		return;
	}
	g = e->range >= 0 ? &c->s->ranges.v[e->range] : NULL;
	if (g && g->kind == PM_RANGE_BLOCK && st->from[p] >= g->lo && st->from[p] <= g->hi &&
	    st->from[p] != st->to[p])
		SAY_STEP(c, "from-inside-target-block", PM_NOTE, st, p,
			 "%s shall leave %u, which is inside its own block %u-%u", st->service,
			 st->from[p], g->lo, g->hi);
}

/* The step of the guide for a port that a note moves, and where it sends it. */
static const struct pm_step *in_guide(const struct pm_schema *s, size_t n,
				      const struct pm_step *note, size_t p, unsigned *to)
{
	const struct pm_step *found = NULL;

	for (size_t k = 0; k < n; k++)
		for (size_t q = 0; q < s->steps.v[k].n; q++)
			if (!s->steps.v[k].is_note && s->steps.v[k].from[q] == note->from[p] &&
			    same_service(s, note->service, s->steps.v[k].service)) {
				found = &s->steps.v[k];
				*to = found->to[q];
			}
	return found;
}

static void check_note(struct pm_doc_check *c, size_t n, const struct pm_step *note, size_t p)
{
	unsigned to = 0;
	const struct pm_step *found = in_guide(c->s, n, note, p, &to);
	struct pm_diag *d;

	if (!found)
		SAY_STEP(c, "guide-incomplete", PM_NOTE, note, p,
			 "the note moves %s from %u to %u; the guide does not", note->service,
			 note->from[p], note->to[p])->hint = "complete the guide";
	if (!found || to == note->to[p])
		return;
	d = SAY_STEP(c, "guide-disagrees", PM_WARNING, note, p,
		     "the note moves %s from %u to %u; the guide at line %u to %u", note->service,
		     note->from[p], note->to[p], found->src.line, to);
	pm_doc_also(c, d, &found->src, "the guide");
}

void pm_doc_check_guide(struct pm_doc_check *c)
{
	const struct pm_schema *s = c->s;
	const size_t n = s->steps.n < MAX_STEPS ? s->steps.n : MAX_STEPS;
	bool guide = false;

	for (size_t i = 0; i < n; i++)
		guide |= !s->steps.v[i].is_note && s->steps.v[i].n;
	for (size_t i = 0; i < n; i++)
		for (size_t p = 0; p < s->steps.v[i].n; p++) {
			/* a note that the guide repeats is checked there */
			unsigned to = 0;
			const struct pm_step *st = &s->steps.v[i];

			if (!st->is_note || !in_guide(s, n, st, p, &to))
				check_target(c, st, p);
			if (st->is_note && guide)
				check_note(c, n, st, p);
		}
}

/* ---- numbered resources ---- */

enum { REDIS_DATABASES = 16, MAX_RESOURCES = 4096 };

static void duplicate_resource(struct pm_doc_check *c, size_t i)
{
	const struct pm_resource *r = &c->s->resources.v[i];

	for (size_t k = 0; k < i; k++) {
		const struct pm_resource *o = &c->s->resources.v[k];
		struct pm_diag *d;

		if (o->number != r->number || strcmp(o->kind, r->kind) != 0)
			continue;
		d = pm_doc_say(c, "resource-duplicate", PM_ERROR, &r->src,
			       "%s %u belongs to %s here and to %s at line %u", r->kind, r->number,
			       r->service, o->service, o->src.line);
		pm_diag_key(d, c->a, r->service, 0, pm_arena_printf(c->a, "%s/%u", r->kind,
								    r->number));
		pm_doc_also(c, d, &o->src, "%s", o->service);
		return;
	}
}

/* Redis has 16 databases unless `databases` in redis.conf says otherwise:
 * https://redis.io/docs/latest/commands/select/ */
static void redis_limit(struct pm_doc_check *c)
{
	bool used[REDIS_DATABASES] = { false };
	const struct pm_resource *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->s->resources.n; i++) {
		const struct pm_resource *r = &c->s->resources.v[i];

		if (strcmp(r->kind, "redis-db") != 0)
			continue;
		last = r;
		if (r->number >= REDIS_DATABASES) {
			pm_diag_key(pm_doc_say(c, "resource-full", PM_WARNING, &r->src,
					       "%s has database %u; Redis has 0 to 15 unless "
					       "'databases' says otherwise", r->service, r->number),
				    c->a, r->service, 0, "beyond");
			continue;
		}
		n += !used[r->number];
		used[r->number] = true;
	}
	if (n == REDIS_DATABASES)
		pm_diag_key(pm_doc_say(c, "resource-full", PM_NOTE, &last->src,
				       "all 16 databases of Redis are taken"), c->a, NULL, 0,
			    "redis-db");
}

static bool has_resource(const struct pm_schema *s, const struct pm_service *v)
{
	for (size_t i = 0; i < s->resources.n; i++)
		if (pm_schema_service(s, s->resources.v[i].service) == v)
			return true;
	return false;
}

/* Where most services with an API or a worker have one, the others are missed. */
static void missing_resources(struct pm_doc_check *c)
{
	size_t with = 0, without = 0;

	for (int say = 0; say < 2; say++)
		for (size_t i = 0; i < c->s->services.n; i++) {
			const struct pm_service *v = &c->s->services.v[i];
			const struct pm_endpoint *e = NULL;

			for (size_t k = 0; k < v->n && !e; k++)
				if (pm_row_is_target(&v->endpoints[k]) && !v->endpoints[k].fixed &&
				    (pm_role_of_row(&v->endpoints[k]) &
				     (PM_IS_API | PM_IS_WORKER)))
					e = &v->endpoints[k];
			if (!e)
				continue;
			if (say && with > without && !has_resource(c->s, v))
				pm_diag_key(pm_doc_say(c, "resource-missing", PM_NOTE, &v->src,
						       "%s has no %s; %zu of %zu such services have "
						       "one", v->title, c->s->resources.v[0].kind,
						       with, with + without),
					    c->a, v->name, 0, c->s->resources.v[0].kind);
			if (!say && has_resource(c->s, v))
				with++;
			else if (!say)
				without++;
		}
}

void pm_doc_check_resources(struct pm_doc_check *c)
{
	if (!c->s->resources.n || c->s->resources.n > MAX_RESOURCES)
		return;
	for (size_t i = 0; i < c->s->resources.n; i++)
		duplicate_resource(c, i);
	redis_limit(c);
	missing_resources(c);
}

/* ---- standard variables ---- */

static const struct pm_envvar *variable(const struct pm_schema *s, const char *prefix, size_t n,
					const char *suffix)
{
	for (size_t i = 0; i < s->envvars.n; i++)
		if (strncmp(s->envvars.v[i].name, prefix, n) == 0 &&
		    strcmp(s->envvars.v[i].name + n, suffix) == 0)
			return &s->envvars.v[i];
	return NULL;
}

/* Rows of the container or service `host`; true when one has the port, or there is none at all. */
static bool host_has(const struct pm_doc_check *c, struct pm_str host, unsigned port,
		     const struct pm_endpoint **row)
{
	*row = NULL;
	for (size_t i = 0; i < c->n; i++) {
		const struct pm_endpoint *e = c->rows[i].e;

		if (!pm_str_eq(host, e->name) && !(e->container && pm_str_eq(host, e->container)))
			continue;
		if (port >= e->lo && port <= e->hi)
			return true;
		*row = *row ? *row : e;
	}
	return *row == NULL;
}

static void check_address(struct pm_doc_check *c, const struct pm_envvar *v, struct pm_str host,
			  unsigned port)
{
	const struct pm_endpoint *e;
	struct pm_diag *d;

	if (host_has(c, host, port, &e))
		return;
	d = pm_doc_say(c, "variable-disagrees", PM_WARNING, &v->src,
		       "%s sends to %.*s at %u; its row says %u (line %u)", v->name, (int)host.n,
		       host.p, port, e->lo, e->src.line);
	pm_diag_key(d, c->a, e->name, port, v->name);
	pm_doc_also(c, d, &e->src, "%s", e->name);
}

/* "http://shop-api:4600/x": host and port. */
static bool split_url(const char *value, struct pm_str *host, unsigned *port)
{
	struct pm_str s = pm_str_of(value);
	size_t i = pm_str_find(s, "://", false), end;

	if (i == SIZE_MAX)
		return false;
	s = (struct pm_str){ s.p + i + 3, s.n - i - 3 };
	for (end = 0; end < s.n && !strchr("/?#\"'", s.p[end]); end++)
		if (s.p[end] == '@') {
			s = (struct pm_str){ s.p + end + 1, s.n - end - 1 };
			end = SIZE_MAX; /* begin anew behind the user */
		}
	s.n = end;
	i = pm_str_find(s, ":", false);
	if (i == SIZE_MAX)
		return false;
	*host = (struct pm_str){ s.p, i };
	*port = pm_port_parse((struct pm_str){ s.p + i + 1, s.n - i - 1 });
	return *port != 0;
}

void pm_doc_check_variables(struct pm_doc_check *c)
{
	for (size_t i = 0; i < c->s->envvars.n; i++) {
		const struct pm_envvar *v = &c->s->envvars.v[i], *of = NULL;
		const size_t n = strlen(v->name);
		struct pm_str host;
		unsigned port = pm_port_parse(pm_str_of(v->value));

		if (split_url(v->value, &host, &port)) {
			check_address(c, v, host, port);
			continue;
		}
		/* NAME_PORT beside NAME_HOST */
		if (port && n > 5 && strcmp(v->name + n - 5, "_PORT") == 0)
			of = variable(c->s, v->name, n - 5, "_HOST");
		if (of)
			check_address(c, v, pm_str_of(of->value), port);
	}
}

/* ---- dates ---- */

/* The last statement about when the document was true: of these, the newest day. */
unsigned pm_schema_day(const struct pm_schema *s)
{
	unsigned day = pm_day(s->updated), other = pm_day(s->reconciled);

	day = other > day ? other : day;
	for (size_t i = 0; i < s->changelog.n; i++) {
		other = pm_day(s->changelog.v[i].date);
		day = other > day ? other : day;
	}
	return day;
}

void pm_doc_check_dates(struct pm_doc_check *c)
{
	const struct pm_schema *s = c->s;
	const unsigned drafted = pm_day(s->drafted), updated = pm_day(s->updated);
	const unsigned reconciled = pm_day(s->reconciled);
	const struct pm_src whole = { s->path, 0, 0, { 0, 0 } };
	const struct pm_src *at = s->updated_src.line ? &s->updated_src : &whole;

	if (drafted && updated && updated < drafted)
		pm_doc_say(c, "schema-dates", PM_WARNING, at,
			   "updated on %s, before it was drafted on %s", s->updated, s->drafted);
	at = s->reconciled_src.line ? &s->reconciled_src : &whole;
	if (drafted && reconciled && reconciled < drafted)
		pm_doc_say(c, "schema-dates", PM_WARNING, at,
			   "reconciled on %s, before it was drafted on %s", s->reconciled,
			   s->drafted);
	for (size_t i = 0; updated && i < s->changelog.n; i++)
		if (pm_day(s->changelog.v[i].date) > updated) {
			pm_doc_say(c, "schema-dates", PM_WARNING, &s->changelog.v[i].src,
				   "a change of %s; the document says that it was last updated on "
				   "%s", s->changelog.v[i].date, s->updated);
			break;
		}
}

/* ---- what was not understood ---- */

void pm_doc_check_leftovers(struct pm_doc_check *c)
{
	for (size_t i = 0; i < c->s->leftovers.n; i++) {
		const struct pm_leftover *l = &c->s->leftovers.v[i];
		PM_CLEAN_BUF struct pm_buf b = { 0 };

		pm_excerpt(&b, pm_str_of(l->text), 0, 80);
		pm_diag_key(pm_doc_say(c, "schema-not-understood", PM_NOTE, &l->src, "%s: %s",
				       l->why, pm_buf_str(&b)), c->a, NULL, 0, pm_buf_str(&b));
	}
}
