/* branches.c - see branches.h. */
#include "branches.h"

#include <stdlib.h>
#include <string.h>

struct row {
	const struct pm_branch_doc *branch;
	const struct pm_endpoint *e;
};

static bool is_same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool is_planned(const struct pm_endpoint *e)
{
	return e->lo && (e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE);
}

/* Does the document have this very row: name and port? */
static bool has_row(const struct pm_schema *s, const struct pm_endpoint *e)
{
	for (size_t i = 0; s && i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *x = &s->services.v[i].endpoints[k];

			if (is_planned(x) && x->lo == e->lo && x->hi == e->hi &&
			    is_same(x->name, e->name) && is_same(x->host, e->host))
				return true;
		}
	return false;
}

static int by_port(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;
	int c = strcmp(a->e->host ? a->e->host : "", b->e->host ? b->e->host : "");

	if (c)
		return c;
	if (a->e->lo != b->e->lo)
		return a->e->lo < b->e->lo ? -1 : 1;
	if (a->branch != b->branch)
		return a->branch < b->branch ? -1 : 1;
	return a->e->src.line < b->e->src.line ? -1 : a->e->src.line > b->e->src.line;
}

/* The row is news to the other branch. */
static bool is_news(const struct row *r, const struct pm_branch_doc *other)
{
	return !has_row(other->base, r->e) && !has_row(other->tip, r->e);
}

static void compare(const struct row *x, const struct row *y, struct pm_arena *a,
		    struct pm_diags *out)
{
	const unsigned port = x->e->lo > y->e->lo ? x->e->lo : y->e->lo;
	struct pm_diag *d;

	if (x->branch == y->branch || is_same(x->e->name, y->e->name) ||
	    !is_same(x->e->host, y->e->host) || !is_news(x, y->branch) || !is_news(y, x->branch))
		return;
	if (y->branch < x->branch) {
		const struct row *t = x;

		x = y;
		y = t;
	}
	d = pm_diag_add(out, a, "branch-collision", PM_ERROR, x->e->src.path, x->e->src.line,
			x->e->src.col, "%u is %s on %s and %s on %s: merging both gives it two "
			"owners", port, x->e->name, x->branch->name, y->e->name, y->branch->name);
	d->hint = "give one of them another port before they meet";
	pm_diag_key(d, a, x->e->name, port, y->e->name);
	pm_diag_also(d, a, y->e->src.path, y->e->src.line, y->e->src.col, "%s on %s", y->e->name,
		     y->branch->name);
}

void pm_check_branches(const struct pm_branch_doc *v, size_t n, struct pm_arena *a,
		       struct pm_diags *out)
{
	struct { struct row *v; size_t n, cap; } rows = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t s = 0; v[i].tip && s < v[i].tip->services.n; s++)
			for (size_t k = 0; k < v[i].tip->services.v[s].n; k++) {
				const struct pm_endpoint *e =
					&v[i].tip->services.v[s].endpoints[k];

				if (is_planned(e) && (!i || !has_row(v[i].base, e)))
					*PM_VEC_ADD(&rows) = (struct row){ &v[i], e };
			}
	if (rows.n)
		qsort(rows.v, rows.n, sizeof(*rows.v), by_port);
	for (size_t i = 0; i < rows.n; i++)
		for (size_t k = i + 1; k < rows.n && rows.v[k].e->lo <= rows.v[i].e->hi &&
				       is_same(rows.v[k].e->host, rows.v[i].e->host); k++)
			compare(&rows.v[i], &rows.v[k], a, out);
	PM_VEC_FREE(&rows);
}
