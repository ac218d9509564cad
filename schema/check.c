/*
 * check.c - findings about the document itself: does it contradict itself, its own ranges, or facts
 * about ports? Each rule has a section in docs/rules.md. Files of the repository are not looked at.
 *
 * Here: two rows with one port, and what the document says runs today. The other groups of rules
 * stand in check_*.c.
 */
#include "check_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- saying it ---- */

__attribute__((format(printf, 5, 0)))
static struct pm_diag *add(struct pm_doc_check *c, const char *rule, enum pm_severity severity,
			   const struct pm_src *at, const char *fmt, va_list ap)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_buf_vaddf(&b, fmt, ap);
	return pm_diag_add(c->out, c->a, rule, severity, c->s->path, at->line, at->col, "%s",
			   pm_buf_str(&b));
}

struct pm_diag *pm_doc_say(struct pm_doc_check *c, const char *rule, enum pm_severity severity,
			   const struct pm_src *at, const char *fmt, ...)
{
	struct pm_diag *d;
	va_list ap;

	va_start(ap, fmt);
	d = add(c, rule, severity, at, fmt, ap);
	va_end(ap);
	return d;
}

struct pm_diag *pm_doc_say_row(struct pm_doc_check *c, const char *rule,
			       enum pm_severity severity, const struct pm_endpoint *e,
			       const char *key, const char *fmt, ...)
{
	struct pm_diag *d;
	va_list ap;

	va_start(ap, fmt);
	d = add(c, rule, severity, &e->src, fmt, ap);
	va_end(ap);
	pm_diag_key(d, c->a, e->name, e->lo, key);
	return d;
}

void pm_doc_also(struct pm_doc_check *c, struct pm_diag *d, const struct pm_src *at,
		 const char *fmt, ...)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	pm_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	pm_diag_also(d, c->a, c->s->path, at->line, at->col, "%s", pm_buf_str(&b));
}

/* ---- rows ---- */

bool pm_row_is_target(const struct pm_endpoint *e)
{
	return e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE;
}

bool pm_same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static const struct pm_host *host_of(const struct pm_schema *s, const char *name)
{
	for (size_t i = 0; name && i < s->hosts.n; i++)
		if (strcmp(s->hosts.v[i].name, name) == 0)
			return &s->hosts.v[i];
	return NULL;
}

const char *pm_row_platform(const struct pm_doc_check *c, const struct pm_row *r)
{
	const struct pm_host *h = host_of(c->s, r->e->host);

	/* a row of the tables runs where the document says that its service runs today */
	for (size_t i = 0; !h && i < r->v->n; i++)
		if (r->v->endpoints[i].state == PM_STATE_REAL)
			h = host_of(c->s, r->v->endpoints[i].host);
	return h ? h->platform : NULL;
}

/* ---- duplicates ---- */

static int by_host_port(const void *x, const void *y)
{
	const struct pm_endpoint *a = ((const struct pm_row *)x)->e;
	const struct pm_endpoint *b = ((const struct pm_row *)y)->e;
	int d = pm_row_is_target(b) - pm_row_is_target(a);

	if (!d)
		d = strcmp(a->host ? a->host : "", b->host ? b->host : "");
	if (!d)
		d = strcmp(a->proto ? a->proto : "", b->proto ? b->proto : "");
	if (d)
		return d;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return a->src.line < b->src.line ? -1 : a->src.line > b->src.line;
}

static void duplicate(struct pm_doc_check *c, const struct pm_row *first,
		      const struct pm_row *second)
{
	const struct pm_endpoint *a = first->e, *b = second->e;
	const bool unknown = !pm_row_is_target(b) && !b->host;
	const unsigned port = a->lo > b->lo ? a->lo : b->lo;
	struct pm_diag *d;

	if (a->src.line > b->src.line) {
		a = second->e;
		b = first->e;
	}
	if (unknown)
		d = pm_doc_say_row(c, "collision-latent", PM_WARNING, b, a->name,
				   "%s and %s (line %u) both use %u today; the document does not "
				   "say on which hosts", b->name, a->name, a->src.line, port);
	else
		d = pm_doc_say_row(c, "port-duplicate",
				   first->v == second->v ? PM_WARNING : PM_ERROR, b, a->name,
				   "%u belongs to %s here and to %s at line %u", port, b->name,
				   a->name, a->src.line);
	pm_doc_also(c, d, &a->src, "%s", a->name);
}

/* Published rows that something listens on, by host, protocol and port. */
static struct pm_row *published(struct pm_doc_check *c, size_t *n)
{
	struct pm_row *v = PM_NEW_N(c->a, struct pm_row, c->n + 1);

	*n = 0;
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].e->exposure == PM_EXPOSE_HOST &&
		    c->rows[i].e->state != PM_STATE_NOT_DEPLOYED)
			v[(*n)++] = c->rows[i];
	if (*n)
		qsort(v, *n, sizeof(*v), by_host_port);
	return v;
}

void pm_doc_check_duplicates(struct pm_doc_check *c)
{
	const struct pm_row *widest = NULL;
	struct pm_row *v;
	size_t n;

	v = published(c, &n);
	for (size_t i = 0; i < n; i++) {
		const struct pm_endpoint *e = v[i].e, *w = widest ? widest->e : NULL;
		bool group = w && pm_row_is_target(w) == pm_row_is_target(e) &&
			     pm_same_text(w->host, e->host) && pm_same_text(w->proto, e->proto);

		if (group && e->lo <= w->hi)
			duplicate(c, widest, &v[i]);
		if (!group || e->hi > w->hi)
			widest = &v[i];
	}
}

/* ---- what runs today ---- */

static bool overlap(const struct pm_endpoint *a, const struct pm_endpoint *b)
{
	return a->lo <= b->hi && b->lo <= a->hi && pm_same_text(a->proto, b->proto);
}

/* Two that would collide, were they on one host: on different ones, or not deployed. */
static void latent(struct pm_doc_check *c, const struct pm_row *x, const struct pm_row *y)
{
	const struct pm_endpoint *a = x->e, *b = y->e;
	struct pm_diag *d;

	if (x->v == y->v || !overlap(a, b))
		return;
	if (a->state == PM_STATE_NOT_DEPLOYED || b->state == PM_STATE_NOT_DEPLOYED)
		d = pm_doc_say_row(c, "collision-latent", PM_NOTE, b, a->name,
				   "%s and %s (line %u) both have %u; one of them is not deployed",
				   b->name, a->name, a->src.line, b->lo);
	else if (a->host && b->host && !pm_same_text(a->host, b->host))
		d = pm_doc_say_row(c, "collision-latent", PM_NOTE, b, a->name,
				   "%s on %s and %s on %s (line %u) both use %u; on one host they "
				   "could not", b->name, b->host, a->name, a->host, a->src.line,
				   b->lo);
	else
		return;
	pm_doc_also(c, d, &a->src, "%s", a->name);
}

/* A service runs where the tables want another one: that one can come only after it has left. */
static void occupied(struct pm_doc_check *c, const struct pm_row *r)
{
	const struct pm_service *owner = NULL;
	const struct pm_endpoint *e = pm_schema_owner(c->s, r->e->lo, &owner);
	struct pm_diag *d;

	if (r->e->state != PM_STATE_REAL || !e || owner == r->v ||
	    e->exposure == PM_EXPOSE_INTERNAL || !pm_same_text(e->proto, r->e->proto))
		return;
	d = pm_doc_say_row(c, "slot-occupied", c->s->aspirational ? PM_NOTE : PM_WARNING, r->e,
			   e->name, "%s runs at %u today, which the tables give to %s (line %u)",
			   r->e->name, r->e->lo, e->name, e->src.line);
	d->hint = pm_arena_printf(c->a, "move %s first, or give %s another port", r->e->name,
				  e->name);
	pm_doc_also(c, d, &e->src, "the row of %s", e->name);
}

/* "3026 (collision)", when nobody else has it any more. */
static void claim(struct pm_doc_check *c, const struct pm_row *r)
{
	if (!r->e->claims_collision)
		return;
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].v != r->v && overlap(c->rows[i].e, r->e))
			return;
	pm_doc_say_row(c, "claim-outdated", PM_WARNING, r->e, NULL,
		       "the document says that %s at %u collides, but nobody else has that port",
		       r->e->name, r->e->lo)->hint = "remove the remark";
}

enum { MAX_TODAY = 2048 }; /* real ports that are compared with each other */

void pm_doc_check_today(struct pm_doc_check *c)
{
	struct pm_row *v = PM_NEW_N(c->a, struct pm_row, c->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		occupied(c, &c->rows[i]);
		claim(c, &c->rows[i]);
		if (!pm_row_is_target(c->rows[i].e) && n < MAX_TODAY)
			v[n++] = c->rows[i];
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			latent(c, &v[k], &v[i]);
}

/* ---- all ---- */

static void (*const checks[])(struct pm_doc_check *) = {
	pm_doc_check_duplicates, pm_doc_check_today, pm_doc_check_outside, pm_doc_check_overlaps,
	pm_doc_check_nesting, pm_doc_check_disagreement, pm_doc_check_sizes, pm_doc_check_fill,
	pm_doc_check_offsets, pm_doc_check_layouts, pm_doc_check_reserved, pm_doc_check_numbers,
	pm_doc_check_pairs, pm_doc_check_guide, pm_doc_check_resources, pm_doc_check_variables,
	pm_doc_check_dates, pm_doc_check_leftovers,
};

void pm_schema_check(const struct pm_schema *s, struct pm_arena *a, struct pm_diags *out)
{
	struct pm_doc_check c = { .s = s, .a = a, .out = out };
	size_t n = 0;

	for (size_t i = 0; i < s->services.n; i++)
		n += s->services.v[i].n;
	c.rows = PM_NEW_N(a, struct pm_row, n + 1);
	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++)
			if (s->services.v[i].endpoints[k].lo)
				c.rows[c.n++] = (struct pm_row){ &s->services.v[i],
								 &s->services.v[i].endpoints[k] };
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](&c);
	pm_diags_sort(out);
}
