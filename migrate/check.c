/*
 * check.c - see check.h: the rules that need documents only. What one document says about itself is
 * in schema/check.c; here it is compared with the other documents, and with the day on which Git saw
 * its tables change.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

/* ---- names in two documents ---- */

enum { MAX_WORDS = 12 };

struct words {
	struct pm_str v[MAX_WORDS];
	size_t n;
};

/* Words that many services share: they make no two the same. */
static bool says_little(struct pm_str w)
{
	static const char *const common[] = { "api", "service", "server", "app", "web", "ui", "core",
		"main", "dev", "http", "https", "client", "backend", "frontend", "database", "data",
		"management", "the", "and", "for", "with", "port", "application", NULL };

	for (const char *const *c = common; *c; c++)
		if (pm_str_ieq(w, *c))
			return true;
	return w.n < 2;
}

static void add_words(struct words *out, const char *text, bool all)
{
	struct pm_str s = pm_str_of(text);

	for (size_t i = 0; i < s.n;) {
		size_t from = i;

		while (i < s.n && pm_is_word(s.p[i]) && s.p[i] != '_')
			i++;
		if (i > from && out->n < MAX_WORDS &&
		    (all || !says_little((struct pm_str){ s.p + from, i - from })))
			out->v[out->n++] = (struct pm_str){ s.p + from, i - from };
		i += i == from;
	}
}

static void names_of(struct words *out, const struct pm_service *v, const struct pm_endpoint *e)
{
	const char *slash = strchr(v->name, '/');

	out->n = 0;
	for (int all = 0; all < 2 && !out->n; all++) {
		add_words(out, v->title, all);
		add_words(out, slash ? slash + 1 : v->name, all);
		add_words(out, e->role, all);
		add_words(out, e->name, all);
	}
}

static bool one_word_in(struct pm_str a, struct pm_str b)
{
	/* "postgres" and "PostgreSQL", "prom" and "Prometheus" */
	const size_t n = a.n < b.n ? a.n : b.n;

	if (n < 4 && a.n != b.n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (pm_lower(a.p[i]) != pm_lower(b.p[i]))
			return false;
	return true;
}

static bool share_word(const struct words *a, const struct words *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (one_word_in(a->v[i], b->v[k]))
				return true;
	return false;
}

/* Do two rows speak of one service? Documents word it differently: one word in common will do,
 * also between the name in one and the description in the other. */
static bool same_service(const struct pm_service *v, const struct pm_endpoint *e,
			 const struct pm_service *w, const struct pm_endpoint *f)
{
	struct words a, b, a_note = { .n = 0 }, b_note = { .n = 0 };

	names_of(&a, v, e);
	names_of(&b, w, f);
	add_words(&a_note, e->note, false);
	add_words(&b_note, f->note, false);
	return share_word(&a, &b) || share_word(&a, &b_note) || share_word(&a_note, &b);
}

/* ---- documents that disagree ---- */

struct compare {
	const struct pm_schema *first, *other;
	struct pm_arena *a;
	struct pm_diags *out;
};

static bool is_target(const struct pm_endpoint *e)
{
	return e->lo && (e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE);
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* A port that the two give to different services. */
static bool other_owner(struct compare *k, const struct pm_service *v,
			const struct pm_endpoint *e)
{
	const struct pm_service *w = NULL;
	const struct pm_endpoint *f = pm_schema_owner(k->first, e->lo, &w);
	struct pm_diag *d;

	if (!f || !same_text(e->proto, f->proto) ||
	    (e->host && f->host && !same_text(e->host, f->host)))
		return false;
	if (same_service(v, e, w, f))
		return true; /* they agree: nothing more to say about this row */
	d = pm_diag_add(k->out, k->a, "schema-disagree", PM_WARNING, e->src.path, e->src.line,
			e->src.col, "%u is %s here, and %s in %s (line %u)", e->lo,
			*e->role ? e->name : v->title, *f->role ? f->name : w->title,
			k->first->path, f->src.line);
	d->hint = "correct one of the two documents, or remove one";
	pm_diag_key(d, k->a, e->name, e->lo, k->first->path);
	pm_diag_also(d, k->a, f->src.path, f->src.line, f->src.col, "%s", f->name);
	return true;
}

/* The row of the other document that has the same name, when there is one only. */
static void other_port(struct compare *k, const struct pm_service *v, const struct pm_endpoint *e)
{
	const struct pm_service *w = NULL;
	const struct pm_endpoint *f = pm_schema_endpoint(k->first, e->name, &w);
	struct pm_diag *d;

	/* a name that one of the documents has several times identifies nobody */
	if (pm_schema_endpoint(k->other, e->name, NULL) != e || !f || !is_target(f) || (f->lo <= e->lo && e->lo <= f->hi) ||
	    (e->host && f->host && !same_text(e->host, f->host)))
		return;
	/* the same service of another project is another one */
	if (v->project && w->project && strcmp(v->project, w->project) != 0)
		return;
	d = pm_diag_add(k->out, k->a, "schema-disagree", PM_WARNING, e->src.path, e->src.line,
			e->src.col, "%s is at %u here, and at %u in %s (line %u)", e->name, e->lo,
			f->lo, k->first->path, f->src.line);
	d->hint = "correct one of the two documents, or remove one";
	pm_diag_key(d, k->a, e->name, e->lo, k->first->path);
	pm_diag_also(d, k->a, f->src.path, f->src.line, f->src.col, "%s at %u", f->name, f->lo);
}

static void compare(const struct pm_schema *first, const struct pm_schema *other,
		    struct pm_arena *a, struct pm_diags *out)
{
	struct compare k = { first, other, a, out };

	for (size_t i = 0; i < other->services.n; i++) {
		const struct pm_service *v = &other->services.v[i];

		for (size_t p = 0; p < v->n; p++)
			if (is_target(&v->endpoints[p]) && !other_owner(&k, v, &v->endpoints[p]))
				other_port(&k, v, &v->endpoints[p]);
	}
}

/* ---- the day ---- */

static void check_day(const struct pm_check_input *in, struct pm_arena *a, struct pm_diags *out)
{
	const struct pm_schema *s = in->schemas;
	const unsigned stated = pm_schema_day(s), seen = in->table_day;
	const struct pm_src *at = s->updated_src.line ? &s->updated_src
				: s->reconciled_src.line ? &s->reconciled_src : NULL;
	struct pm_diag *d;

	if (!stated || seen <= stated)
		return;
	d = pm_diag_add(out, a, "schema-date-older-than-table", PM_WARNING, s->path,
			at ? at->line : 0, at ? at->col : 0,
			"the document says that it was right on %04u-%02u-%02u; commit %.12s changed "
			"rows of its tables on %04u-%02u-%02u", stated / 10000, stated / 100 % 100,
			stated % 100, in->table_commit, seen / 10000, seen / 100 % 100, seen % 100);
	d->hint = "set the date when a row changes";
	pm_diag_key(d, a, NULL, 0, "date");
}

void pm_check_document(const struct pm_check_input *in, struct pm_arena *a, struct pm_diags *out,
		       struct pm_check_stats *stats)
{
	for (size_t i = 0; i < in->n_schemas; i++)
		pm_schema_check(&in->schemas[i], a, out);
	for (size_t i = 1; i < in->n_schemas; i++)
		compare(&in->schemas[0], &in->schemas[i], a, out);
	if (!in->n_schemas)
		return;
	check_day(in, a, out);
	pm_schema_fill(&in->schemas[0], a, &stats->fill);
}
