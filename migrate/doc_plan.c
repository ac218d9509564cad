/* doc_plan.c - see doc_plan.h. */
#include "doc_plan.h"

#include <stdlib.h>
#include <string.h>

static const char *copy(struct pm_plan *p, const char *s)
{
	return s ? pm_arena_strdup(&p->arena, s) : NULL;
}

struct pm_doc_change *pm_plan_add_change(struct pm_plan *p, struct pm_wish w)
{
	struct pm_doc_change *c = PM_VEC_ADD(&p->changes);

	w.service = copy(p, w.service);
	w.container = copy(p, w.container);
	w.note = copy(p, w.note);
	w.pair_name = copy(p, w.pair_name);
	w.date = copy(p, w.date);
	w.text = copy(p, w.text);
	w.author = copy(p, w.author);
	c->wish = w;
	c->unit = (unsigned)p->changes.n - 1;
	c->disposition = PM_APPLY;
	return c;
}

void pm_change_because(struct pm_plan *p, struct pm_doc_change *c, const char *fmt, ...)
{
	const char **v = PM_NEW_N(&p->arena, const char *, c->n_reasons + 1);
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	pm_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (c->n_reasons)
		memcpy(v, c->reasons, c->n_reasons * sizeof(*v));
	v[c->n_reasons++] = pm_arena_strndup(&p->arena, pm_buf_str(&b), b.n);
	c->reasons = v;
}

/* ---- patches ---- */

static void add_texts(struct pm_plan *p, const struct pm_doc_edits *e, const size_t *index)
{
	for (size_t i = 0; i < e->patches.n; i++) {
		struct pm_text_edit *t = PM_VEC_ADD(&p->texts);
		const struct pm_patch *from = &e->patches.v[i];

		t->path = p->schema_path;
		memcpy(t->blob, p->schema_blob, PM_OID_HEX);
		t->patch = *from;
		t->patch.old.p = pm_arena_strndup(&p->arena, from->old.p, from->old.n);
		t->patch.new.p = pm_arena_strndup(&p->arena, from->new.p, from->new.n);
		t->patch.unit = (unsigned)index[from->unit];
	}
}

static void cannot_write(struct pm_plan *p, const struct pm_schema *s, struct pm_doc_change *c,
			 const char *why)
{
	const struct pm_endpoint *e = NULL;

	for (size_t i = 0; i < s->services.n && c->wish.row != PM_DOC_NONE; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++)
			if (s->services.v[i].endpoints[k].src.span.len &&
			    s->services.v[i].endpoints[k].src.span.off == c->wish.row)
				e = &s->services.v[i].endpoints[k];
	c->disposition = PM_KEEP;
	c->group = NULL;
	pm_change_because(p, c, "not written: %s", why);
	pm_diag_add(&p->diags, &p->arena, "row-not-written", PM_WARNING, p->schema_path,
		    e ? e->src.line : 0, e ? e->src.col : 0, "%s%scannot be written: %s",
		    c->wish.service ? c->wish.service : "", c->wish.service ? " " : "this ", why)
		->hint = "edit the document by hand; bytes that portmig cannot vouch for stay";
}

/* What touches the same words as a change that waits, waits too. */
static void wait_together(struct pm_plan *p)
{
	for (size_t i = 0; i < p->changes.n; i++) {
		const struct pm_doc_change *held = &p->changes.v[i];

		for (size_t k = 0; held->disposition == PM_REVIEW && k < p->changes.n; k++) {
			struct pm_doc_change *c = &p->changes.v[k];

			if (c->unit != held->unit || c->disposition != PM_APPLY)
				continue;
			c->disposition = PM_REVIEW;
			c->group = pm_arena_printf(&p->arena, "%s:%u:row:%s",
						   c->wish.service ? c->wish.service : "", c->wish.to,
						   p->schema_path);
			pm_change_because(p, c, "it changes the same words as %s, which waits",
					  held->wish.service ? held->wish.service : "another change");
		}
	}
}

/* ---- does the document contradict itself then? ---- */

static void findings_of(struct pm_diags *out, struct pm_arena *a, const struct pm_schema *s)
{
	pm_schema_check(s, a, out);
}

static size_t count(const struct pm_diags *d, const struct pm_diag *like)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->v[i].severity == PM_ERROR && strcmp(d->v[i].rule, like->rule) == 0;
	return n;
}

static bool is_said(const struct pm_plan *p, const char *text)
{
	for (size_t i = 0; i < p->diags.n; i++)
		if (strcmp(p->diags.v[i].text, text) == 0)
			return true;
	return false;
}

/* Errors that the new document has more of than the old one. */
static void compare_errors(struct pm_plan *p, const struct pm_schema *old,
			   const struct pm_schema *new)
{
	struct pm_diags before = { 0 }, after = { 0 };
	struct pm_arena a = { 0 };

	findings_of(&before, &a, old);
	findings_of(&after, &a, new);
	for (size_t i = 0; i < after.n; i++) {
		const struct pm_diag *d = &after.v[i];
		const char *text = pm_arena_printf(&a, "in the changed document %s", d->text);

		if (d->severity == PM_ERROR && count(&after, d) > count(&before, d) &&
		    !is_said(p, text))
			pm_diag_add(&p->diags, &p->arena, d->rule, PM_ERROR, p->schema_path, 0, 0,
				    "%s", text)->hint =
				"name what is right: --take SERVICE=PORT, or --keep SERVICE";
	}
	pm_diags_release(&before);
	pm_diags_release(&after);
	pm_arena_release(&a);
}

static void check_result(struct pm_plan *p, const struct pm_schema *s, struct pm_str text,
			 const struct pm_doc_edits *e)
{
	PM_CLEAN_BUF struct pm_buf after = { 0 };
	struct pm_schema new = { 0 };

	pm_doc_patch(&after, text, e->patches.v, e->patches.n, NULL);
	if (pm_schema_parse(&new, s->path, (struct pm_str){ pm_buf_str(&after), after.n },
			    NULL) < 0)
		return; /* it was proved to be read: pm_doc_edit */
	compare_errors(p, s, &new);
	pm_schema_release(&new);
}

void pm_plan_document(struct pm_plan *p, const struct pm_schema *s, struct pm_str text)
{
	struct pm_wish *w = PM_NEW_N(&p->arena, struct pm_wish, p->changes.n + 1);
	size_t *index = PM_NEW_N(&p->arena, size_t, p->changes.n + 1), n = 0;
	bool *doubtful = PM_NEW_N(&p->arena, bool, p->changes.n + 1);
	struct pm_doc_edits e;

	p->texts.n = 0;
	for (size_t i = 0; i < p->changes.n; i++)
		if (p->changes.v[i].disposition != PM_KEEP) {
			index[n] = i;
			doubtful[n] = p->changes.v[i].disposition == PM_REVIEW;
			w[n++] = p->changes.v[i].wish;
		}
	pm_doc_edit(&e, &p->arena, s, text, w, doubtful, n);
	for (size_t i = 0; i < n; i++) {
		struct pm_doc_change *c = &p->changes.v[index[i]];

		c->unit = (unsigned)index[e.unit[i]];
		if (e.why_not[i])
			cannot_write(p, s, c, e.why_not[i]);
	}
	wait_together(p);
	add_texts(p, &e, index);
	if (e.patches.n)
		check_result(p, s, text, &e);
	PM_VEC_FREE(&e.patches);
}

struct pm_doc_counts pm_plan_count_changes(const struct pm_plan *p)
{
	struct pm_doc_counts n = { 0 };

	for (size_t i = 0; i < p->changes.n; i++) {
		const struct pm_doc_change *c = &p->changes.v[i];

		if (!pm_wish_is_row(c->wish.kind))
			n.other += pm_unit_applies(p, c->unit);
		else if (pm_unit_applies(p, c->unit))
			n.rows++;
		else if (c->disposition == PM_REVIEW && !c->answer)
			n.held++;
		else
			n.kept++;
	}
	return n;
}
