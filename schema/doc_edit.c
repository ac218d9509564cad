/*
 * doc_edit.c - wishes to patches, whatever the format: units, what cannot be done, and the proof of
 * the result before anybody sees it. The formats are in doc_md.c, doc_words.c and doc_yaml.c.
 */
#include "doc_impl.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 16, ONE_BY_ONE = 256 };

const char *pm_wish_kind_name(enum pm_wish_kind k)
{
	static const char *const names[] = { "move", "add", "remove", "rename", "date", "note",
					     "log" };

	return names[k];
}

bool pm_wish_is_row(enum pm_wish_kind k)
{
	return k <= PM_WISH_RENAME;
}

/* ---- for the formats ---- */

void pm_doc_refuse(struct pm_doc *d, size_t wish, const char *fmt, ...)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	va_list ap;

	if (d->why_not[wish])
		return;
	va_start(ap, fmt);
	pm_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	d->why_not[wish] = pm_arena_strndup(d->a, pm_buf_str(&b), b.n);
}

static size_t root_of(const struct pm_doc *d, size_t i)
{
	while (d->up[i] != i)
		i = d->up[i];
	return i;
}

void pm_doc_join(struct pm_doc *d, size_t one, size_t other)
{
	const size_t a = root_of(d, one), b = root_of(d, other);

	d->up[a > b ? a : b] = a > b ? b : a;
}

void pm_doc_put(struct pm_doc *d, size_t wish, size_t off, size_t len, struct pm_str with)
{
	struct pm_patch *p = PM_VEC_ADD(&d->patches);

	PM_ASSERT(off <= d->text.n && len <= d->text.n - off, "a patch outside of its text");
	p->span = (struct pm_span){ (uint32_t)off, (uint32_t)len };
	p->old = (struct pm_str){ d->text.p + off, len };
	p->new = with;
	p->line = pm_lines_line(&d->lines, off);
	p->col = pm_lines_col(&d->lines, off);
	p->unit = (unsigned)wish;
}

const struct pm_endpoint *pm_doc_endpoint(const struct pm_schema *s, uint32_t off,
					  const struct pm_service **owner)
{
	for (size_t i = 0; i < s->services.n && off != PM_DOC_NONE; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];

			if (!e->src.span.len || e->src.span.off != off)
				continue;
			if (owner)
				*owner = &s->services.v[i];
			return e;
		}
	return NULL;
}

int pm_doc_range(const struct pm_schema *s, uint32_t off)
{
	for (size_t i = 0; i < s->ranges.n && off != PM_DOC_NONE; i++)
		if (s->ranges.v[i].src.span.len && s->ranges.v[i].src.span.off == off)
			return (int)i;
	return -1;
}

bool pm_doc_is_target(const struct pm_endpoint *e)
{
	return e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE;
}

bool pm_doc_refers(const struct pm_schema *s, const struct pm_endpoint *from,
		   const struct pm_endpoint *to)
{
	const struct pm_endpoint *named;

	if (!from->pair_port || from->pair_port != to->lo)
		return false;
	named = from->pair_name ? pm_schema_endpoint(s, from->pair_name, NULL) : NULL;
	return !named || named == to;
}

unsigned pm_doc_line(const struct pm_doc *d, size_t off)
{
	return pm_lines_line(&d->lines, off);
}

size_t pm_doc_line_start(const struct pm_doc *d, unsigned line)
{
	return d->lines.start[line - 1];
}

size_t pm_doc_line_end(const struct pm_doc *d, unsigned line)
{
	return line < d->lines.n ? d->lines.start[line] : d->text.n;
}

struct pm_str pm_doc_eol(const struct pm_doc *d, unsigned line)
{
	const size_t from = pm_doc_line_start(d, line), to = pm_doc_line_end(d, line);
	size_t at = to;

	if (at > from && d->text.p[at - 1] == '\n')
		at--;
	if (at < to && at > from && d->text.p[at - 1] == '\r')
		at--;
	return (struct pm_str){ d->text.p + at, to - at };
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

int pm_doc_range_for(const struct pm_schema *s, unsigned port, const struct pm_endpoint *like)
{
	const struct pm_table *home = like && like->table ? &s->tables.v[like->table - 1] : NULL;
	int best = -1;

	for (size_t i = 0; i < s->tables.n; i++) {
		const struct pm_table *t = &s->tables.v[i];
		const struct pm_range *g = t->range >= 0 ? &s->ranges.v[t->range] : NULL;

		if (t->kind != PM_TABLE_SERVICES || !g || port < g->lo || port > g->hi ||
		    (home && (!same(t->service, home->service) || !same(t->project, home->project))))
			continue;
		if (home && home->range == t->range)
			return t->range; /* where it is already */
		if (best < 0 || g->hi - g->lo < s->ranges.v[best].hi - s->ranges.v[best].lo)
			best = t->range;
	}
	return best;
}

/* ---- the patches in order ---- */

static int by_place(const void *x, const void *y)
{
	const struct pm_patch *a = *(const struct pm_patch *const *)x;
	const struct pm_patch *b = *(const struct pm_patch *const *)y;

	if (a->span.off != b->span.off)
		return a->span.off < b->span.off ? -1 : 1;
	if (!a->span.len != !b->span.len)
		return a->span.len ? 1 : -1; /* what is inserted stands before what is replaced */
	return a < b ? -1 : a > b;
}

/* Sort; patches that overlap make their wishes impossible. */
static void settle(struct pm_doc *d, struct pm_doc_edits *out)
{
	const struct pm_patch **v = PM_NEW_N(d->a, const struct pm_patch *, d->patches.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < d->patches.n; i++)
		if (!d->why_not[d->patches.v[i].unit])
			v[n++] = &d->patches.v[i];
	if (n)
		qsort(v, n, sizeof(*v), by_place);
	for (size_t i = 1; i < n; i++)
		if (v[i - 1]->span.off + v[i - 1]->span.len > v[i]->span.off)
			pm_doc_refuse(d, v[i]->unit, "two changes meet at line %u", v[i]->line);
	out->patches.n = 0;
	for (size_t i = 0; i < n; i++)
		*PM_VEC_ADD(&out->patches) = *v[i];
}

/* A wish that cannot be carried out takes its unit along. */
static void drop_units(struct pm_doc *d)
{
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; d->why_not[i] && k < d->n; k++)
			if (root_of(d, k) == root_of(d, i))
				pm_doc_refuse(d, k, "it goes together with %s: %s", d->w[i].service
					      ? d->w[i].service : "another change", d->why_not[i]);
}

static size_t refused(const struct pm_doc *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->why_not[i] != NULL;
	return n;
}

static void write_once(struct pm_doc *d, struct pm_doc_edits *out)
{
	d->patches.n = 0;
	for (size_t i = 0; i < d->n; i++)
		d->up[i] = i;
	if (pm_path_is_yaml(d->s->path) || pm_path_has_ext(d->s->path, ".json")) {
		pm_doc_yaml(d);
	} else {
		pm_doc_md(d);
		pm_doc_words(d);
	}
	settle(d, out);
}

/* ---- proof ---- */

/* Are the wishes of one unit (or of all, SIZE_MAX), by themselves, what the text then says? */
static int prove(const struct pm_doc *d, const struct pm_doc_edits *e, size_t unit,
		 struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf after = { 0 };
	const struct pm_wish **w = PM_NEW_N(d->a, const struct pm_wish *, d->n + 1);
	bool *take = PM_NEW_N(d->a, bool, d->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		if (!d->why_not[i] && (unit == SIZE_MAX || root_of(d, i) == unit)) {
			w[n++] = &d->w[i];
			take[i] = true;
		}
	pm_doc_patch(&after, d->text, e->patches.v, e->patches.n, take);
	return pm_doc_prove(d->s->path, d->text, (struct pm_str){ pm_buf_str(&after), after.n }, w,
			    n, err);
}

/* Refuse what the document would not say as wished. */
static void refuse_unproved(struct pm_doc *d, const struct pm_doc_edits *e)
{
	struct pm_err all = { 0 }, err = { 0 };
	size_t tried = 0, before = refused(d);

	if (prove(d, e, SIZE_MAX, &all) == 0)
		return;
	for (size_t i = 0; i < d->n && tried < ONE_BY_ONE; i++)
		if (!d->why_not[i] && root_of(d, i) == i) {
			tried++;
			if (prove(d, e, i, &err) < 0)
				pm_doc_refuse(d, i, "%s", err.text);
		}
	for (size_t i = 0; i < d->n && refused(d) == before; i++)
		if (!d->why_not[i])
			pm_doc_refuse(d, i, "%s", all.text);
}

void pm_doc_edit(struct pm_doc_edits *out, struct pm_arena *a, const struct pm_schema *s,
		 struct pm_str text, const struct pm_wish *w, const bool *doubtful, size_t n)
{
	struct pm_doc d = { .a = a, .s = s, .text = text, .w = w, .doubtful = doubtful, .n = n };
	size_t before;

	memset(out, 0, sizeof(*out));
	pm_lines_init(&d.lines, a, text.p, text.n);
	d.up = PM_NEW_N(a, size_t, n + 1);
	d.why_not = PM_NEW_N(a, const char *, n + 1);
	/* what is refused changes what the others find: again, until nothing more is refused */
	for (unsigned round = 0;; round++) {
		before = refused(&d);
		for (size_t i = 0; i < n && round == ROUNDS; i++)
			pm_doc_refuse(&d, i, "the changes get in each other's way");
		write_once(&d, out);
		drop_units(&d);
		if (refused(&d) == before)
			refuse_unproved(&d, out);
		drop_units(&d);
		if (refused(&d) == before)
			break;
	}
	out->unit = PM_NEW_N(a, unsigned, n + 1);
	for (size_t i = 0; i < n; i++)
		out->unit[i] = (unsigned)root_of(&d, i);
	for (size_t i = 0; i < out->patches.n; i++)
		out->patches.v[i].unit = out->unit[out->patches.v[i].unit];
	out->why_not = d.why_not;
	PM_VEC_FREE(&d.patches);
}

void pm_doc_patch(struct pm_buf *out, struct pm_str text, const struct pm_patch *v, size_t n,
		  const bool *take)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (take && !take[v[i].unit])
			continue;
		PM_ASSERT(v[i].span.off >= at, "patches overlap");
		pm_buf_add(out, text.p + at, v[i].span.off - at);
		pm_buf_add(out, v[i].new.p, v[i].new.n);
		at = (size_t)v[i].span.off + v[i].span.len;
	}
	pm_buf_add(out, text.p + at, text.n - at);
}
