/* report_doc.c - see report_doc.h. */
#include "report_doc.h"

#include "doc_plan.h"

#include <string.h>

unsigned pm_report_change_line(const struct pm_plan *p, const struct pm_doc_change *c)
{
	for (size_t i = 0; i < p->texts.n && c->wish.row != PM_DOC_NONE; i++) {
		const struct pm_patch *t = &p->texts.v[i].patch;

		if (t->unit == c->unit && t->span.off <= c->wish.row &&
		    c->wish.row < (size_t)t->span.off + t->span.len)
			return t->line;
	}
	return 0;
}

void pm_report_change(struct pm_buf *b, const struct pm_doc_change *c)
{
	const struct pm_wish *w = &c->wish;

	switch (w->kind) {
	case PM_WISH_MOVE: pm_buf_addf(b, "%s  %u -> %u", w->service, w->from, w->to); break;
	case PM_WISH_ADD: pm_buf_addf(b, "%s  new at %u", w->service, w->to); break;
	case PM_WISH_REMOVE: pm_buf_addf(b, "%s  %u goes", w->service, w->from); break;
	case PM_WISH_RENAME: pm_buf_addf(b, "%s  is called %s", w->service, w->text); break;
	case PM_WISH_DATE: pm_buf_addf(b, "date (%s)  %s", w->service, w->date); break;
	case PM_WISH_NOTE: pm_buf_adds(b, "a paragraph behind the dates"); break;
	case PM_WISH_LOG: pm_buf_addf(b, "changelog  %s: %s", w->date, w->text); break;
	case PM_WISH_KINDS: break;
	}
}

void pm_report_changes_sum(struct pm_buf *b, const struct pm_plan *p)
{
	const struct pm_doc_counts n = pm_plan_count_changes(p);

	if (!p->changes.n)
		return;
	pm_buf_addf(b, "%zu row%s of %s", n.rows, n.rows == 1 ? "" : "s",
		    p->schema_path ? p->schema_path : "the schema");
	if (n.held)
		pm_buf_addf(b, "; %zu wait%s for review", n.held, n.held == 1 ? "s" : "");
	if (n.kept)
		pm_buf_addf(b, "; %zu stay%s", n.kept, n.kept == 1 ? "s" : "");
}

void pm_report_directions(struct pm_buf *b, const struct pm_plan *p)
{
	const struct pm_directions *d = &p->directions;

	if (!d->known)
		return;
	pm_buf_addf(b, "execute: %zu edit%s in %zu file%s", d->edits, d->edits == 1 ? "" : "s",
		    d->files, d->files == 1 ? "" : "s");
	if (d->edits_held)
		pm_buf_addf(b, " (%zu to review)", d->edits_held);
	pm_buf_addf(b, "; accept: %zu table row%s", d->rows, d->rows == 1 ? "" : "s");
	if (d->rows_held)
		pm_buf_addf(b, " (%zu to review)", d->rows_held);
}
