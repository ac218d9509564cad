/* agree_stacks.c - the Compose files of the commit, with where they run and whose they are. */
#include "agree_impl.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

/* ---- variables ---- */

struct env {
	const struct pm_inv_file *file; /* ".env" beside the Compose file, or NULL */
	struct pm_arena *a;
};

/* The value of a port variable in the committed .env, which Compose reads by itself. */
static const char *value(void *data, const char *name)
{
	const struct env *e = data;

	for (size_t i = 0; e->file && i < e->file->n_hits; i++) {
		const struct pm_hit *h = &e->file->hits[i];

		for (uint32_t k = 0; k < h->n_facts; k++)
			if (h->role == PM_ROLE_LISTEN && h->facts[k].kind == PM_FACT_IDENT &&
			    strcmp(h->facts[k].text, name) == 0)
				return pm_arena_printf(e->a, "%u", h->port);
	}
	return NULL;
}

static const struct pm_inv_file *file_at(const struct pm_inventory *inv, const char *path)
{
	size_t lo = 0, hi = inv->files.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = strcmp(path, inv->files.v[mid].path);

		if (!d)
			return &inv->files.v[mid];
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static const char *beside(struct pm_arena *a, const char *path, const char *name)
{
	struct pm_str dir = pm_path_dir(path);

	return dir.n ? pm_arena_printf(a, "%.*s/%s", (int)dir.n, dir.p, name) : name;
}

/* ---- reading ---- */

/* Its first use in the file, or where that would stand: they are in path order. */
static size_t first_in(const struct pm_survey_service *v, const struct pm_inv_file *f)
{
	size_t lo = 0, hi = v->n_uses;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(v->uses[mid].file->path, f->path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The service that the survey takes the block for: most of its places agree. */
static int service_of(const struct pm_agree *g, const struct pm_inv_file *f, const char *unit)
{
	int best = PM_NOBODY;
	size_t most = 0;

	for (size_t i = 0; i < g->survey.n; i++) {
		const struct pm_survey_service *v = &g->survey.services[i];
		size_t n = 0;

		for (size_t k = first_in(v, f); k < v->n_uses && v->uses[k].file == f; k++)
			n += v->uses[k].unit && v->uses[k].kind != PM_USE_CALL &&
			     strcmp(v->uses[k].unit, unit) == 0;
		if (n > most) {
			most = n;
			best = (int)i;
		}
	}
	return best;
}

static void read_one(struct pm_agree *g, struct pm_agree_stack *k, const struct pm_inv_file *f)
{
	struct env e = { file_at(g->in->inv, beside(g->a, f->path, ".env")), g->a };
	struct pm_file file = { f->path, f->bytes, f->len };

	if (!f->bytes || f->class != PM_CLASS_ORDINARY ||
	    !pm_stack_read(&k->stack, g->a, &file, value, &e))
		return;
	k->file = f;
	k->where = pm_where_of(g->in->config, g->schema, f->path);
	k->configured = pm_config_env(g->in->config, f->path) != NULL;
	k->is_aside = k->where.aside;
	k->services = PM_NEW_N(g->a, int, k->stack.n + 1);
	for (size_t i = 0; i < k->stack.n; i++)
		k->services[i] = service_of(g, f, k->stack.v[i].name);
	g->n_stacks++;
}

/* "compose.override.yml" extends "compose.yml" beside it, without being asked to. */
static void find_bases(struct pm_agree *g)
{
	for (size_t i = 0; i < g->n_stacks; i++) {
		const char *path = g->stacks[i].file->path, *mark = strstr(path, ".override.");
		const char *base;

		if (!mark)
			continue;
		base = pm_arena_printf(g->a, "%.*s%s", (int)(mark - path), path, mark + 9);
		for (size_t k = 0; k < g->n_stacks; k++)
			if (strcmp(g->stacks[k].file->path, base) == 0)
				g->stacks[i].base = &g->stacks[k];
	}
}

/* ---- rows under another name ---- */

static struct pm_survey_service *owner_of(struct pm_agree *g, const struct pm_endpoint *row)
{
	for (size_t i = 0; i < g->survey.n; i++)
		for (size_t k = 0; k < g->survey.services[i].n_rows; k++)
			if (g->survey.services[i].rows[k] == row)
				return &g->survey.services[i];
	return NULL;
}

/* "Neo4j Bolt" has the port that the stack's neo4j publishes, and nothing else has that name. */
static void adopt(struct pm_agree *g, const struct pm_agree_stack *k, size_t i)
{
	const struct pm_stack_service *s = &k->stack.v[i];
	struct pm_survey_service *v =
		k->services[i] >= 0 ? &g->survey.services[k->services[i]] : NULL;

	for (size_t p = 0; v && p < s->n_ports; p++) {
		const struct pm_endpoint *row =
			s->ports[p].lo ? pm_agree_row_at(g, s->ports[p].lo) : NULL;
		struct pm_survey_service *o = row ? owner_of(g, row) : NULL;
		const struct pm_endpoint **rows;

		if (!o || o == v || o->n_uses || o->adopted || !pm_agree_related(g, s, row))
			continue;
		rows = PM_NEW_N(g->a, const struct pm_endpoint *, v->n_rows + o->n_rows);
		if (v->n_rows)
			memcpy(rows, v->rows, v->n_rows * sizeof(*rows));
		memcpy(rows + v->n_rows, o->rows, o->n_rows * sizeof(*rows));
		v->rows = rows;
		v->n_rows += o->n_rows;
		v->entry = v->entry ? v->entry : o->entry;
		o->adopted = true;
		o->n_rows = 0;
	}
}

/* ---- names ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool pm_agree_is_host(const struct pm_agree *g, const char *name)
{
	return g->n_hosts &&
	       bsearch(&name, g->hosts, g->n_hosts, sizeof(*g->hosts), by_text) != NULL;
}

static void collect_hosts(struct pm_agree *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_stacks; i++)
		n += 2 * g->stacks[i].stack.n;
	g->hosts = PM_NEW_N(g->a, const char *, n + 1);
	for (size_t i = 0; i < g->n_stacks; i++)
		for (size_t k = 0; k < g->stacks[i].stack.n; k++) {
			const struct pm_stack_service *s = &g->stacks[i].stack.v[k];

			g->hosts[g->n_hosts++] = s->name;
			if (s->container)
				g->hosts[g->n_hosts++] = s->container;
		}
	if (g->n_hosts)
		qsort(g->hosts, g->n_hosts, sizeof(*g->hosts), by_text);
}

void pm_agree_read_stacks(struct pm_agree *g)
{
	g->stacks = PM_NEW_N(g->a, struct pm_agree_stack, g->in->inv->files.n + 1);
	for (size_t i = 0; i < g->in->inv->files.n; i++)
		read_one(g, &g->stacks[g->n_stacks], &g->in->inv->files.v[i]);
	find_bases(g);
	collect_hosts(g);
	for (size_t i = 0; i < g->n_stacks; i++)
		for (size_t k = 0; !g->stacks[i].is_aside && k < g->stacks[i].stack.n; k++)
			adopt(g, &g->stacks[i], k);
}
