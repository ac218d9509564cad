/*
 * drift.c - the document as a whole against the tree: services of the one that the other does not
 * have, and moves of its guide whose old port nobody uses. Port by port, agree_groups.c compares.
 */
#include "agree_impl.h"

#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* ---- rows without a service ---- */

static bool is_expected(const struct pm_survey_service *v)
{
	for (size_t i = 0; i < v->n_rows; i++)
		if (v->rows[i]->lo && (v->rows[i]->state == PM_STATE_PLANNED ||
				       v->rows[i]->state == PM_STATE_REAL))
			return true;
	return false;
}

static struct pm_diag *say_row(struct pm_agree *g, const struct pm_survey_service *v,
			       const char *text)
{
	const struct pm_src *at = &v->rows[0]->src;
	struct pm_diag *d = pm_diag_add(g->out, g->a, "service-unused", PM_NOTE, at->path, at->line,
					at->col, "%s", text);

	pm_diag_key(d, g->a, v->name, v->rows[0]->lo, NULL);
	return d;
}

/* A project, or a document of another repository, of which nothing is here: one finding. */
static bool is_absent_group(const struct pm_agree *g, const struct pm_survey_service *v, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < g->survey.n; i++) {
		const struct pm_survey_service *o = &g->survey.services[i];

		if (!o->n_rows || !same_text(o->entry->project, v->entry->project))
			continue;
		if (o->n_uses)
			return false;
		*n += is_expected(o);
	}
	return true;
}

static void check_unused(struct pm_agree *g)
{
	const char *said = NULL;
	size_t n, absent = 0;
	const struct pm_survey_service *first = NULL;

	for (size_t i = 0; i < g->survey.n; i++) {
		const struct pm_survey_service *v = &g->survey.services[i];

		if (!v->n_rows || v->n_uses || !is_expected(v))
			continue;
		first = first ? first : v;
		absent++;
		if (g->outside)
			continue;
		if (v->entry->project && is_absent_group(g, v, &n)) {
			if (!same_text(said, v->entry->project))
				say_row(g, v,
					pm_arena_printf(g->a, "nothing of %s is in the tree (%zu "
							"services)", v->entry->project, n));
			said = v->entry->project;
			continue;
		}
		say_row(g, v, pm_arena_printf(g->a, "%s: no place of the tree names it with a port",
					      v->name));
	}
	if (g->outside && first)
		say_row(g, first, pm_arena_printf(g->a, "%zu services of the document are not in "
						  "this repository", absent))
			->hint = "nothing, where they live in other repositories; if one of them is "
				 "here, name it in portmig.yaml";
}

/* ---- services without a row ---- */

static bool has_known_service(const struct pm_agree *g)
{
	for (size_t i = 0; i < g->survey.n; i++)
		if (g->survey.services[i].n_rows && g->survey.services[i].n_uses)
			return true;
	return false;
}

/* The document has the service under another name: a row has its port, or shares its own word. */
static bool has_row(const struct pm_agree *g, const struct pm_agree_stack *k, size_t i)
{
	const struct pm_stack_service *s = &k->stack.v[i];
	const struct pm_survey_service *v =
		k->services[i] >= 0 ? &g->survey.services[k->services[i]] : NULL;

	if (v && v->n_rows)
		return true;
	for (size_t q = 0; q < s->n_ports; q++) {
		const struct pm_endpoint *row = pm_agree_row_at(g, s->ports[q].lo);

		if (row && pm_agree_related(g, s, row))
			return true;
	}
	return pm_schema_service(g->schema, s->name) ||
	       (s->container && pm_schema_service(g->schema, s->container));
}

/* Said of it already, in an earlier file. */
static bool is_repeated(const struct pm_agree *g, size_t stack, size_t i)
{
	const struct pm_agree_stack *k = &g->stacks[stack];

	for (size_t a = 0; a < stack; a++)
		for (size_t b = 0; b < g->stacks[a].stack.n; b++)
			if (!g->stacks[a].is_aside && g->stacks[a].stack.v[b].n_ports &&
			    ((k->services[i] >= 0 && k->services[i] == g->stacks[a].services[b]) ||
			     strcmp(k->stack.v[i].name, g->stacks[a].stack.v[b].name) == 0))
				return true;
	return false;
}

/* A row that shares a word of its own with the service: perhaps its, under another name. */
static const struct pm_endpoint *similar(const struct pm_agree *g, const struct pm_stack_service *s)
{
	for (size_t i = 0; i < g->schema->services.n; i++)
		for (size_t k = 0; k < g->schema->services.v[i].n; k++) {
			const struct pm_endpoint *e = &g->schema->services.v[i].endpoints[k];

			if (pm_agree_shares_word(g, s->name, e))
				return e;
		}
	return NULL;
}

static void say_undocumented(struct pm_agree *g, const struct pm_agree_stack *k, size_t i)
{
	const struct pm_stack_service *s = &k->stack.v[i];
	const struct pm_stack_port *p = &s->ports[0];
	PM_CLEAN_BUF struct pm_buf ports = { 0 };
	const char *name = k->services[i] >= 0 ? g->survey.services[k->services[i]].name : s->name;
	const struct pm_endpoint *like = similar(g, s);
	struct pm_diag *d;

	for (size_t q = 0; q < s->n_ports; q++)
		pm_buf_addf(&ports, "%s%u", q ? ", " : "", s->ports[q].lo);
	d = pm_diag_add(g->out, g->a, "service-undocumented",
			s->build && !like ? PM_WARNING : PM_NOTE, k->file->path, p->line, p->col,
			"%s publishes %s; the document has no row for it", name, pm_buf_str(&ports));
	if (like)
		pm_agree_also_row(g, d, like);
	pm_diag_key(d, g->a, name, p->lo, NULL);
	d->hint = "add the row: portmig reconcile; or portmig alloc for a port of a range";
}

static void check_undocumented(struct pm_agree *g)
{
	if (g->outside && !has_known_service(g))
		return;
	for (size_t i = 0; i < g->n_stacks; i++)
		for (size_t k = 0; k < g->stacks[i].stack.n; k++) {
			const struct pm_stack_service *s = &g->stacks[i].stack.v[k];

			if (g->stacks[i].is_aside || !s->n_ports || !s->ports[0].lo ||
			    has_row(g, &g->stacks[i], k) || is_repeated(g, i, k))
				continue;
			say_undocumented(g, &g->stacks[i], k);
		}
}

/* ---- the guide ---- */

/* The use of the service that declares a port and is most authoritative; NULL: none. */
static const struct pm_use *declared(const struct pm_agree *g, const struct pm_survey_service *v,
				     unsigned port, size_t *n)
{
	const struct pm_use *best = NULL;

	*n = 0;
	for (size_t i = 0; i < v->n_uses; i++) {
		const struct pm_use *u = &v->uses[i];

		if (pm_agree_is_aside(u) || (port && u->hit->port != port))
			continue;
		*n += 1;
		if (pm_use_declares(u) &&
		    (!best || pm_config_origin_rank(g->in->config, u->origin) <
				      pm_config_origin_rank(g->in->config, best->origin)))
			best = u;
	}
	return best;
}

static void check_pair(struct pm_agree *g, const struct pm_step *st, unsigned from, unsigned to)
{
	for (size_t i = 0; i < g->survey.n; i++) {
		const struct pm_survey_service *v = &g->survey.services[i];
		size_t n_from, n_to, n;
		const struct pm_use *at;
		struct pm_diag *d;
		bool row = false;

		for (size_t k = 0; k < v->n_rows; k++)
			row |= v->rows[k]->lo <= to && to <= v->rows[k]->hi;
		if (!row || declared(g, v, from, &n_from) || declared(g, v, to, &n_to))
			continue;
		at = declared(g, v, 0, &n);
		if (!at)
			continue;
		declared(g, v, at->hit->port, &n);
		d = pm_diag_add(g->out, g->a, "from-side-disagrees", PM_WARNING, st->src.path,
				st->src.line, st->src.col,
				"%s: the document moves it from %u (%zu place%s); the tree declares "
				"%u (%zu place%s)",
				v->name, from, n_from, n_from == 1 ? "" : "s", at->hit->port, n,
				n == 1 ? "" : "s");
		pm_diag_key(d, g->a, v->name, from, NULL);
		pm_agree_also(g, d, at);
		d->hint = pm_arena_printf(g->a, "correct the document, or: portmig plan --move "
					  "%s=%u:%u", v->name, at->hit->port, to);
	}
}

static void check_guide(struct pm_agree *g)
{
	for (size_t i = 0; i < g->schema->steps.n; i++) {
		const struct pm_step *st = &g->schema->steps.v[i];

		for (size_t k = 0; k < st->n; k++)
			check_pair(g, st, st->from[k], st->to[k]);
	}
}

void pm_agree_document(struct pm_agree *g)
{
	if (!g->schema)
		return;
	check_unused(g);
	check_undocumented(g);
	check_guide(g);
}
