/* schema_draft.c - see schema_draft.h. */
#include "schema_draft.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 100 }; /* ports in a heading's range */

struct row {
	const struct pm_survey_service *service;
	const struct pm_use *use; /* the first that says so */
	unsigned port;
	bool extra;               /* not the service's only one */
};
struct rows { struct row *v; size_t n, cap; };

static bool is_usable(const struct pm_use *u)
{
	return u->file->class == PM_CLASS_ORDINARY && !pm_where_is_aside(u->file->path) &&
	       !(u->where.environment && strcmp(u->where.environment, "test") == 0);
}

static bool has(const struct rows *r, size_t from, unsigned port)
{
	for (size_t i = from; i < r->n; i++)
		if (r->v[i].port == port)
			return true;
	return false;
}

/* What a build machine starts for its own jobs. */
static bool is_ci(const struct pm_use *u)
{
	return strncmp(u->file->path, ".github/", 8) == 0 ||
	       strncmp(u->file->path, ".gitlab", 7) == 0;
}

static void add_kind(struct rows *r, const struct pm_survey_service *s, enum pm_use_kind kind,
		     bool ci, size_t from)
{
	for (size_t i = 0; i < s->n_uses; i++) {
		const struct pm_use *u = &s->uses[i];

		if (u->kind != kind || is_ci(u) != ci || !is_usable(u) ||
		    (kind == PM_USE_LISTEN && !u->main) || has(r, from, u->hit->port))
			continue;
		*PM_VEC_ADD(r) = (struct row){ s, u, u->hit->port, false };
		if (kind == PM_USE_LISTEN)
			return;
	}
}

static void add_service(struct rows *r, const struct pm_survey_service *s)
{
	const size_t from = r->n;

	add_kind(r, s, PM_USE_PUBLISHED, false, from);
	if (r->n == from)
		add_kind(r, s, PM_USE_LISTEN, false, from);
	if (r->n == from)
		add_kind(r, s, PM_USE_PUBLISHED, true, from);
	for (size_t i = from; r->n - from > 1 && i < r->n; i++)
		r->v[i].extra = true;
}

static int by_port(const void *x, const void *y)
{
	const struct row *a = x, *b = y;

	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	return strcmp(a->service->name, b->service->name);
}

/* Without a column of containers: with it the heading would be one service's block. */
static void add_heading(struct pm_buf *b, unsigned port)
{
	unsigned lo = port / BLOCK * BLOCK, hi = lo + BLOCK - 1;

	pm_buf_addf(b, "\n## %u-%u: to be named\n\n| Port | Service | Found in |\n"
		       "|------|---------|----------|\n", lo ? lo : 1,
		    hi < 65535 ? hi : 65535);
}

static void add_row(struct pm_buf *b, const struct row *r)
{
	pm_buf_addf(b, "| %u | ", r->port);
	pm_quote_md(b, pm_str_of(r->service->name));
	if (r->extra)
		pm_buf_addf(b, " (%u)", r->port);
	pm_buf_adds(b, " | ");
	pm_quote_md(b, pm_str_of(r->use->file->path));
	pm_buf_adds(b, " |\n");
}

static void add_title(struct pm_buf *b, const char *commit)
{
	pm_buf_addf(b, "# Port schema\n\n"
		       "Drafted by `portmig init` from what commit %.12s declares: the ports that each "
		       "service\npublishes, or else listens on. Give the ranges names, say what is "
		       "reserved, correct what\nis not meant to be so; `portmig check` tells what does "
		       "not agree.\n", commit);
}

void pm_schema_draft(struct pm_buf *out, struct pm_draft_counts *counts, const struct pm_survey *survey,
		    const char *commit)
{
	struct rows rows = { 0 };

	memset(counts, 0, sizeof(*counts));
	for (size_t i = 0; i < survey->n; i++) {
		const size_t before = rows.n;

		add_service(&rows, &survey->services[i]);
		counts->services += rows.n > before;
	}
	if (rows.n)
		qsort(rows.v, rows.n, sizeof(*rows.v), by_port);
	add_title(out, commit);
	for (size_t i = 0; i < rows.n; i++) {
		const bool same = i && rows.v[i - 1].port == rows.v[i].port;

		if (!i || rows.v[i].port / BLOCK != rows.v[i - 1].port / BLOCK)
			add_heading(out, rows.v[i].port);
		add_row(out, &rows.v[i]);
		counts->shared += same && (i < 2 || rows.v[i - 2].port != rows.v[i].port);
	}
	counts->rows = rows.n;
	PM_VEC_FREE(&rows);
}
