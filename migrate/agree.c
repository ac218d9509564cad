/*
 * agree.c - does the repository agree with the document, and with itself? See check.h. Surveys the
 * commit once and has each group of rules look at it.
 */
#include "agree_impl.h"

#include <string.h>

/* ---- findings ---- */

enum { MAX_ALSO = 40 };

struct pm_diag *pm_agree_at(struct pm_agree *g, const char *rule, enum pm_severity severity,
			    const struct pm_use *u, const char *key, const char *fmt, ...)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_diag *x;
	va_list ap;

	va_start(ap, fmt);
	pm_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	x = pm_diag_add(g->out, g->a, rule, severity, u->file->path, u->hit->line, u->hit->col,
			"%s", pm_buf_str(&b));
	pm_diag_key(x, g->a, g->survey.services[u->service].name, u->hit->port, key);
	return x;
}

void pm_agree_also(struct pm_agree *g, struct pm_diag *x, const struct pm_use *u)
{
	const char *where = pm_agree_where(g, &u->where);

	if (x->n_also < MAX_ALSO)
		pm_diag_also(x, g->a, u->file->path, u->hit->line, u->hit->col, "%s %u%s%s",
			     pm_use_kind_name(u->kind), u->hit->port, *where ? ", " : "", where);
}

void pm_agree_also_row(struct pm_agree *g, struct pm_diag *x, const struct pm_endpoint *e)
{
	pm_diag_also(x, g->a, e->src.path, e->src.line, e->src.col, "the row of %s: %u", e->name,
		     e->lo);
}

const char *pm_agree_where(struct pm_agree *g, const struct pm_where *w)
{
	if (w->environment && w->host)
		return pm_arena_printf(g->a, "%s on %s", w->environment, w->host);
	return w->environment ? w->environment : w->host ? w->host : "";
}

bool pm_agree_is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (!path[n] || path[n] == '/');
}

bool pm_agree_is_data(const struct pm_inv_file *f, const struct pm_hit *h)
{
	return pm_lines_get(&f->lines, h->line).n > PM_SURVEY_LINE;
}

bool pm_agree_said(const struct pm_agree *g, const char *path, unsigned line, unsigned col)
{
	for (size_t i = 0; i < g->out->n; i++) {
		const struct pm_diag *d = &g->out->v[i];

		if (d->line == line && d->col == col && d->path && strcmp(d->path, path) == 0)
			return true;
	}
	return false;
}

bool pm_agree_is_aside(const struct pm_use *u)
{
	return u->where.aside;
}

/* ---- rows ---- */

static bool is_real(const struct pm_endpoint *e)
{
	return e->state == PM_STATE_REAL || e->state == PM_STATE_NOT_DEPLOYED;
}

bool pm_agree_is_aspirational(const struct pm_agree *g, const struct pm_endpoint *e)
{
	return g->schema && g->schema->aspirational && !is_real(e);
}

bool pm_agree_counts(const struct pm_agree *g, const struct pm_survey_service *v,
		     const struct pm_endpoint *e)
{
	if (!e->lo || e->state == PM_STATE_DYNAMIC)
		return false;
	if (g->in->real)
		return is_real(e);
	/* what the tables leave out is known from the list of what runs */
	for (size_t i = 0; i < v->n_rows; i++)
		if (v->rows[i]->lo && !is_real(v->rows[i]))
			return !is_real(e);
	return true;
}

const struct pm_endpoint *pm_agree_row_at(const struct pm_agree *g, unsigned port)
{
	const struct pm_endpoint *e = g->schema ? pm_schema_owner(g->schema, port, NULL) : NULL;

	for (size_t i = 0; !e && g->schema && i < g->schema->services.n; i++) {
		const struct pm_service *v = &g->schema->services.v[i];

		for (size_t k = 0; k < v->n && !e; k++)
			if (v->endpoints[k].lo <= port && port <= v->endpoints[k].hi)
				e = &v->endpoints[k];
	}
	return e;
}

enum { MAX_WORDS = 16 };

/* Words of a name; `own`: only those that tell it from others. */
static unsigned words_of(const struct pm_agree *g, const char *name, bool own, const char **out)
{
	struct pm_word w[MAX_WORDS];
	unsigned n = pm_registry_words(g->in->registry, pm_str_of(name), w, MAX_WORDS), found = 0;

	for (unsigned i = 0; i < n; i++) {
		enum pm_word_class c = w[i].text ? pm_registry_word_class(g->in->registry, w[i].text)
						 : PM_WORD_PROJECT;

		if (own ? c == PM_WORD_OTHER : c != PM_WORD_PROJECT)
			out[found++] = w[i].text;
	}
	return found;
}

/* "postgres" and "postgresql" are one. */
static bool same_word(const char *a, const char *b)
{
	size_t x = strlen(a), y = strlen(b), n = x < y ? x : y;

	return a == b || (n >= 4 && strncmp(a, b, n) == 0);
}

/* How many words of the name are in the row's texts; *any tells whether both have some. */
static unsigned shared_words(const struct pm_agree *g, const char *name,
			     const struct pm_endpoint *row, bool own, bool notes, bool *any)
{
	const char *texts[] = { row->name, row->container, row->public_name, row->note };
	const char *mine[MAX_WORDS], *theirs[MAX_WORDS];
	unsigned n = words_of(g, name, own, mine), shared = 0, all = 0;

	for (size_t i = 0; i < (notes ? 4 : 2); i++) {
		unsigned m = texts[i] ? words_of(g, texts[i], own, theirs) : 0;

		all += i < 2 ? m : 0;
		for (unsigned k = 0; k < m; k++)
			for (unsigned q = 0; q < n; q++)
				shared += same_word(mine[q], theirs[k]);
	}
	*any = n && all;
	return shared;
}

bool pm_agree_same_word(const struct pm_agree *g, const char *a, const char *b)
{
	const char *x[MAX_WORDS], *y[MAX_WORDS];
	unsigned n = words_of(g, a, true, x), m = words_of(g, b, true, y);

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < m; k++)
			if (x[i] == y[k])
				return true;
	return false;
}

bool pm_agree_shares_word(const struct pm_agree *g, const char *name, const struct pm_endpoint *row)
{
	bool any;

	return shared_words(g, name, row, true, false, &any) > 0;
}

bool pm_agree_related_name(const struct pm_agree *g, const char *name,
			   const struct pm_endpoint *row)
{
	bool any;

	if (shared_words(g, name, row, true, true, &any) > 0)
		return true;
	/* "api" and "API Gateway": without a word of its own, any word */
	return !any && (shared_words(g, name, row, false, false, &any) > 0 || !any);
}

bool pm_agree_related(const struct pm_agree *g, const struct pm_stack_service *s,
		      const struct pm_endpoint *row)
{
	return pm_agree_related_name(g, s->name, row) ||
	       (s->container && pm_agree_related_name(g, s->container, row)) ||
	       (s->image && pm_agree_related_name(g, s->image, row)) ||
	       (s->build && *s->build && pm_agree_related_name(g, s->build, row));
}

/* Whose each port is by what declares it. */
static void find_owners(struct pm_agree *g)
{
	g->owner = PM_NEW_N(g->a, int, 65536);
	for (size_t i = 0; i < 65536; i++)
		g->owner[i] = PM_NOBODY;
	for (size_t i = 0; i < g->survey.n_uses; i++) {
		const struct pm_use *u = &g->survey.uses[i];
		int *o = &g->owner[u->hit->port];

		/* a program's number without a name may be anybody's */
		if (!pm_use_declares(u) || (u->origin == PM_ORIGIN_CODE && !u->sure))
			continue;
		*o = *o == PM_NOBODY || *o == u->service ? u->service : PM_SEVERAL;
	}
	/* what a stack publishes has an owner, known by name or not */
	for (size_t i = 0; i < g->n_stacks; i++)
		for (size_t k = 0; k < g->stacks[i].stack.n; k++)
			for (size_t p = 0; p < g->stacks[i].stack.v[k].n_ports; p++) {
				int *o = &g->owner[g->stacks[i].stack.v[k].ports[p].lo];

				if (*o != g->stacks[i].services[k])
					*o = *o == PM_NOBODY ? g->stacks[i].services[k] : PM_SEVERAL;
				if (*o == PM_NOBODY)
					*o = PM_SEVERAL;
			}
}

/* ---- what is not looked at ---- */

/* Services that there are too many of. */
static void say_left_out(struct pm_agree *g)
{
	const struct pm_use *u = g->survey.n_uses ? &g->survey.uses[0] : NULL;
	struct pm_diag *d;

	if (!g->survey.left_out || !u)
		return;
	d = pm_diag_add(g->out, g->a, "not-compared", PM_WARNING, u->file->path, u->hit->line,
			u->hit->col, "%zu services of the tree are not compared: there are more than "
			"%d", g->survey.left_out, PM_MAX_TARGETS);
	pm_diag_key(d, g->a, NULL, 0, "services");
}

/* Files with ports of which only collisions inside themselves are told. */
static void say_aside(struct pm_agree *g)
{
	struct pm_diag *d = NULL;
	size_t n = 0;

	for (size_t i = 0; i < g->in->inv->files.n; i++) {
		const struct pm_inv_file *f = &g->in->inv->files.v[i];

		if (f->class != PM_CLASS_ORDINARY || !f->n_hits ||
		    !pm_where_of(g->in->config, g->schema, f->path).aside)
			continue;
		n++;
		if (!d)
			d = pm_diag_add(g->out, g->a, "put-aside", PM_NOTE, f->path,
					f->hits[0].line, f->hits[0].col, " ");
		else if (d->n_also < MAX_ALSO)
			pm_diag_also(d, g->a, f->path, f->hits[0].line, f->hits[0].col, "put aside");
	}
	if (!d)
		return;
	pm_diag_key(d, g->a, NULL, 0, "aside");
	d->text = pm_arena_printf(g->a, "%zu file%s with ports %s taken for tests, examples or old "
				  "copies, and not compared", n, n == 1 ? "" : "s",
				  n == 1 ? "is" : "are");
	d->hint = "if one of them runs, say so: environments in portmig.yaml";
}

/* ---- the whole ---- */

void pm_check_tree(const struct pm_check_input *in, struct pm_arena *a, struct pm_diags *out,
		   struct pm_check_stats *stats)
{
	struct pm_agree g = { .in = in, .a = a, .out = out, .stats = stats };
	struct pm_survey_input s = { .inv = in->inv, .registry = in->registry,
				     .config = in->config };

	g.schema = s.schema = in->n_schemas ? &in->schemas[0] : NULL;
	g.outside = g.schema != NULL;
	for (size_t i = 0; g.outside && i < in->inv->n_paths; i++)
		g.outside = strcmp(in->inv->paths[i], g.schema->path) != 0;
	pm_survey_build(&g.survey, a, &s);
	pm_agree_read_stacks(&g);
	find_owners(&g);
	pm_agree_units(&g);
	pm_agree_kube(&g);
	pm_agree_groups(&g);
	pm_agree_collisions(&g);
	pm_agree_tunnels(&g);
	pm_agree_document(&g);
	pm_agree_settings(&g);
	say_aside(&g);
	say_left_out(&g);
}
