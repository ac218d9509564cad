/*
 * report_text.c - a plan for a terminal: moves, order, places by disposition and file, findings,
 * what was read. Short unless asked: applied places are one line per file then.
 */
#include "report.h"
#include "resource_plan.h"
#include "report_doc.h"

#include "questions.h"
#include "rollout.h"
#include "suggest.h"

#include <stdlib.h>
#include <string.h>

enum color { PLAIN, BOLD, DIM, GREEN, YELLOW, RED };

struct out {
	struct pm_buf *b;
	const struct pm_plan *p;
	const struct pm_report_options *o;
};

static void color(const struct out *w, enum color c)
{
	static const char *const codes[] = { "\033[0m", "\033[1m", "\033[2m", "\033[32m",
					     "\033[33m", "\033[31m" };

	if (w->o->color)
		pm_buf_adds(w->b, codes[c]);
}

static void colored(const struct out *w, enum color c, const char *text)
{
	color(w, c);
	pm_buf_adds(w->b, text);
	color(w, PLAIN);
}

static void safe(const struct out *w, const char *text)
{
	pm_excerpt(w->b, pm_str_of(text), 0, 400);
}

static void heading(const struct out *w, const char *text)
{
	if (w->b->n)
		pm_buf_addc(w->b, '\n');
	colored(w, BOLD, text);
	pm_buf_addc(w->b, '\n');
}

/* ---- moves ---- */

static void move_line(const struct out *w, const struct pm_move *m)
{
	pm_buf_adds(w->b, "  ");
	color(w, BOLD);
	safe(w, m->service);
	color(w, PLAIN);
	pm_buf_addf(w->b, "  %u -> %u  (%s", m->from, m->to, pm_move_source_name(m->source));
	if (m->source_text && m->source != PM_MOVE_COMMAND) {
		pm_buf_adds(w->b, ": ");
		safe(w, m->source_text);
	}
	pm_buf_adds(w->b, ")\n");
}

static void move_counts(const struct out *w, size_t index)
{
	struct pm_report_counts c;

	pm_report_count(w->p, (int)index, &c);
	pm_buf_adds(w->b, "      ");
	for (int k = 0; k < PM_WORK_COUNT; k++)
		pm_buf_addf(w->b, "%s%s %zu", k ? ", " : "", pm_work_name((enum pm_work)k),
			    c.work[k]);
	pm_buf_addf(w->b, "; to review %zu\n", c.by[PM_REVIEW]);
	if (w->p->moves.v[index].from_note) {
		pm_buf_adds(w->b, "      ");
		color(w, YELLOW);
		safe(w, w->p->moves.v[index].from_note);
		color(w, PLAIN);
		pm_buf_addc(w->b, '\n');
	}
}

static void moves(const struct out *w)
{
	if (!w->p->moves.n)
		return;
	heading(w, "moves");
	for (size_t i = 0; i < w->p->moves.n; i++) {
		move_line(w, &w->p->moves.v[i]);
		move_counts(w, i);
	}
}

static void order(const struct out *w)
{
	bool any = false, said;

	for (size_t i = 0; i < w->p->moves.n; i++) {
		const struct pm_move *m = &w->p->moves.v[i];

		if (m->after < 0)
			continue;
		if (!any)
			heading(w, "order");
		any = true;
		pm_buf_adds(w->b, "  ");
		safe(w, m->service);
		pm_buf_addf(w->b, " takes %u, which ", m->to);
		safe(w, w->p->moves.v[m->after].service);
		pm_buf_adds(w->b, " leaves in the same plan\n");
	}
	for (size_t i = 0; i < w->p->diags.n; i++) {
		if (!pm_report_is_order(w->p, &w->p->diags.v[i], &said) || said)
			continue;
		if (!any)
			heading(w, "order");
		any = true;
		pm_buf_adds(w->b, "  ");
		safe(w, w->p->diags.v[i].text);
		pm_buf_addc(w->b, '\n');
	}
}

/* After `apply`, on its branch: said in words, not only by what is missing. */
static void nothing_to_do(const struct out *w)
{
	for (size_t i = 0; i < w->p->edits.n; i++)
		if (w->p->edits.v[i].disposition != PM_KEEP)
			return;
	if (w->p->moves.n)
		pm_buf_adds(w->b, "\nnothing to do: no place of these moves is left to change\n");
}

/* ---- places ---- */

static void place(const struct out *w, const struct pm_edit *e, size_t reasons)
{
	pm_buf_addf(w->b, "%u:%u  %u", e->line, e->col, e->old_port);
	if (pm_edit_has_new(e))
		pm_buf_addf(w->b, " -> %u", e->new_port);
	pm_buf_adds(w->b, "  ");
	if (e->service) {
		safe(w, e->service);
		pm_buf_adds(w->b, "  ");
	}
	pm_buf_addf(w->b, "%s  ", e->role ? e->role : "number");
	color(w, DIM);
	pm_excerpt(w->b, pm_str_of(e->excerpt), 0, 120);
	color(w, PLAIN);
	if (e->answer)
		pm_buf_addf(w->b, "  [answered %s]", *e->answer == 'y' ? "yes" : "no");
	pm_buf_addc(w->b, '\n');
	for (size_t i = 0; i < e->n_reasons && i < reasons; i++) {
		pm_buf_adds(w->b, "        ");
		safe(w, e->reasons[i]);
		pm_buf_addc(w->b, '\n');
	}
}

/* ---- the document ---- */

static void change_line(const struct out *w, const struct pm_doc_change *c)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	const size_t most = w->o->verbose > 0 ? SIZE_MAX : 4;
	const unsigned line = pm_report_change_line(w->p, c);

	pm_report_change(&b, c);
	if (line)
		pm_buf_addf(w->b, "  line %-5u ", line);
	else
		pm_buf_adds(w->b, "             ");
	color(w, BOLD);
	safe(w, pm_buf_str(&b));
	color(w, PLAIN);
	if (c->answer)
		pm_buf_addf(w->b, "  [answered %s]", *c->answer == 'y' ? "yes" : "no");
	pm_buf_addc(w->b, '\n');
	for (size_t i = 0; i < c->n_reasons && i < most; i++) {
		pm_buf_adds(w->b, "               ");
		safe(w, c->reasons[i]);
		pm_buf_addc(w->b, '\n');
	}
	if (c->group) {
		pm_buf_adds(w->b, "               ");
		color(w, DIM);
		safe(w, c->group);
		color(w, PLAIN);
		pm_buf_addc(w->b, '\n');
	}
}

static void changes(const struct out *w, enum pm_disposition d, enum color c, const char *title)
{
	size_t n = 0;

	for (size_t i = 0; i < w->p->changes.n; i++)
		n += w->p->changes.v[i].disposition == d;
	if (!n)
		return;
	pm_buf_addc(w->b, '\n');
	color(w, c);
	pm_buf_addf(w->b, "%s (%zu)", title, n);
	color(w, PLAIN);
	pm_buf_addc(w->b, '\n');
	for (size_t i = 0; i < w->p->changes.n; i++)
		if (w->p->changes.v[i].disposition == d)
			change_line(w, &w->p->changes.v[i]);
}

static void document(const struct out *w)
{
	if (!w->p->changes.n)
		return;
	pm_buf_adds(w->b, "the document: ");
	pm_quote_text(w->b, pm_str_of(w->p->schema_path));
	pm_buf_addc(w->b, '\n');
	changes(w, PM_APPLY, GREEN, "change");
	changes(w, PM_REVIEW, YELLOW, "review");
	changes(w, PM_KEEP, DIM, "stay");
}

/* ---- questions ---- */

static void held_place(const struct out *w, const struct pm_edit *e, size_t reasons)
{
	pm_buf_adds(w->b, "    ");
	pm_quote_text(w->b, pm_str_of(e->path));
	pm_buf_addc(w->b, ':');
	place(w, e, reasons);
}

enum { SHORT_PLACES = 8 };

static void question_head(const struct out *w, const struct pm_question *q)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_question_text(&b, w->p, q, q->n);
	pm_buf_adds(w->b, "  ");
	color(w, BOLD);
	safe(w, pm_buf_str(&b));
	color(w, PLAIN);
	if (q->n_open < q->n)
		pm_buf_addf(w->b, "  (%zu answered)", q->n - q->n_open);
	if (q->key) {
		pm_buf_adds(w->b, "\n    ");
		color(w, DIM);
		safe(w, q->key);
		color(w, PLAIN);
	}
	pm_buf_addc(w->b, '\n');
}

/* Every question once, with its places behind it. */
static void questions(const struct out *w)
{
	const size_t reasons = w->o->verbose > 0 ? SIZE_MAX : 3;
	struct pm_questions all;
	size_t total = 0;

	pm_questions_list(&all, w->p);
	for (size_t i = 0; i < all.n; i++)
		total += all.v[i].n;
	if (all.n) {
		pm_buf_addc(w->b, '\n');
		color(w, YELLOW);
		pm_buf_addf(w->b, "review (%zu in %zu question%s)", total, all.n,
			    all.n == 1 ? "" : "s");
		color(w, PLAIN);
		pm_buf_addc(w->b, '\n');
	}
	for (size_t i = 0; i < all.n; i++) {
		const size_t most = w->o->verbose > 0 || all.v[i].n <= SHORT_PLACES + 1
					    ? all.v[i].n : SHORT_PLACES;
		size_t shown = 0;

		question_head(w, &all.v[i]);
		for (size_t k = all.v[i].first; k < w->p->edits.n && shown < most; k++)
			if (pm_question_has(w->p, &all.v[i], &w->p->edits.v[k])) {
				held_place(w, &w->p->edits.v[k], reasons);
				shown++;
			}
		if (shown < all.v[i].n)
			pm_buf_addf(w->b, "    and %zu more (-v shows them)\n",
				    all.v[i].n - shown);
	}
	PM_VEC_FREE(&all);
}

/* "  path  line 4, 9 (2), 11" for one file's edits [from, to) of a disposition. */
static void file_short(const struct out *w, size_t from, size_t to, enum pm_disposition d)
{
	size_t n = 0, same;

	pm_buf_adds(w->b, "  ");
	pm_quote_text(w->b, pm_str_of(w->p->edits.v[from].path));
	pm_buf_adds(w->b, "  line ");
	for (size_t i = from; i < to; i += same) {
		const struct pm_edit *e = &w->p->edits.v[i];
		size_t here = 0;

		for (same = 0; i + same < to && e[same].line == e->line; same++)
			here += e[same].disposition == d;
		if (!here)
			continue;
		n++;
		if (n <= 12)
			pm_buf_addf(w->b, "%s%u", n > 1 ? ", " : "", e->line);
		if (n <= 12 && here > 1)
			pm_buf_addf(w->b, " (%zu)", here);
	}
	if (n > 12)
		pm_buf_addf(w->b, " and %zu more", n - 12);
	pm_buf_addc(w->b, '\n');
}

static void file_long(const struct out *w, size_t from, size_t to, enum pm_disposition d)
{
	const size_t reasons = w->o->verbose > 0 ? SIZE_MAX : 3;

	pm_buf_adds(w->b, "  ");
	pm_quote_text(w->b, pm_str_of(w->p->edits.v[from].path));
	pm_buf_addc(w->b, '\n');
	for (size_t i = from; i < to; i++)
		if (w->p->edits.v[i].disposition == d) {
			pm_buf_adds(w->b, "    ");
			place(w, &w->p->edits.v[i], reasons);
		}
}

static void places(const struct out *w, enum pm_disposition d, enum color c)
{
	const struct pm_plan *p = w->p;
	size_t total = 0, end;

	for (size_t i = 0; i < p->edits.n; i++)
		total += p->edits.v[i].disposition == d;
	if (!total)
		return;
	pm_buf_addc(w->b, '\n');
	color(w, c);
	pm_buf_addf(w->b, "%s (%zu)", pm_disposition_name(d), total);
	color(w, PLAIN);
	pm_buf_addc(w->b, '\n');
	for (size_t i = 0; i < p->edits.n; i = end) {
		bool any = false;

		for (end = i; end < p->edits.n &&
			      strcmp(p->edits.v[end].path, p->edits.v[i].path) == 0; end++)
			any = any || p->edits.v[end].disposition == d;
		if (any && d == PM_APPLY && w->o->verbose <= 0)
			file_short(w, i, end, d);
		else if (any)
			file_long(w, i, end, d);
	}
}

/* Kept places, short: how many for which first reason. */
static void kept_short(const struct out *w)
{
	struct pm_report_reasons r = { 0 };
	size_t total = 0;

	pm_report_kept(w->p, &r);
	for (size_t i = 0; i < r.n; i++)
		total += r.v[i].n;
	if (total) {
		pm_buf_addf(w->b, "\nkeep (%zu)\n", total);
		for (size_t i = 0; i < r.n && i < 20; i++) {
			pm_buf_addf(w->b, "  %5zu  ", r.v[i].n);
			safe(w, r.v[i].what);
			pm_buf_addc(w->b, '\n');
		}
		if (r.n > 20)
			pm_buf_addf(w->b, "  and %zu other reasons (-v shows every place)\n",
				    r.n - 20);
	}
	PM_VEC_FREE(&r);
}

/* ---- suggestions ---- */

static bool is_suggestion(const struct pm_diag *d)
{
	return strcmp(d->rule, PM_SUGGEST_RULE) == 0 && d->hint;
}

/* Lines for portmig.yaml, each with what it would do. */
static void suggestions(const struct out *w)
{
	bool any = false;

	for (size_t i = 0; i < w->p->diags.n; i++) {
		const struct pm_diag *d = &w->p->diags.v[i];
		const char *end = is_suggestion(d) ? strstr(d->text, ": ") : NULL;

		if (!end)
			continue;
		if (!any)
			heading(w, "lines for portmig.yaml, if they are true");
		any = true;
		pm_buf_adds(w->b, "  ");
		safe(w, d->hint);
		pm_buf_adds(w->b, "\n    ");
		pm_excerpt(w->b, (struct pm_str){ d->text, (size_t)(end - d->text) }, 0, 400);
		pm_buf_addc(w->b, '\n');
	}
}

/* ---- findings, coverage ---- */

static void findings(const struct out *w)
{
	static const enum color colors[] = { PLAIN, YELLOW, RED };
	bool any = false, said;

	for (size_t i = 0; i < w->p->diags.n; i++) {
		const struct pm_diag *d = &w->p->diags.v[i];

		if (pm_report_is_order(w->p, d, &said) || is_suggestion(d) ||
		    (d->severity == PM_NOTE && w->o->verbose <= 0))
			continue;
		if (!any)
			heading(w, "findings");
		any = true;
		pm_buf_adds(w->b, "  ");
		if (d->path && *d->path) {
			pm_quote_text(w->b, pm_str_of(d->path));
			pm_buf_addf(w->b, d->line ? ":%u: " : ": ", d->line);
		}
		colored(w, colors[d->severity], pm_severity_name(d->severity));
		pm_buf_adds(w->b, ": ");
		safe(w, d->text);
		pm_buf_addf(w->b, " [%s]\n", d->rule);
		if (d->hint) {
			pm_buf_adds(w->b, "    try: ");
			safe(w, d->hint);
			pm_buf_addc(w->b, '\n');
		}
	}
}

static void coverage(const struct out *w)
{
	const struct pm_plan *p = w->p;

	pm_buf_addf(w->b, "\nread %zu file%s, %llu bytes, of commit %.12s; not read: ", p->n_files,
		    p->n_files == 1 ? "" : "s", (unsigned long long)p->n_bytes, p->base);
	pm_report_skips(w->b, p->skips.v, p->skips.n);
	pm_buf_addc(w->b, '\n');
	for (size_t i = 0; i < p->skips.n && w->o->verbose > 0; i++) {
		pm_buf_adds(w->b, "  ");
		pm_quote_text(w->b, pm_str_of(p->skips.v[i].path));
		pm_buf_adds(w->b, "  ");
		safe(w, p->skips.v[i].why);
		pm_buf_addf(w->b, ", %llu bytes\n", (unsigned long long)p->skips.v[i].size);
	}
	if (!p->complete)
		colored(w, YELLOW, "the plan is incomplete: some objects could not be read\n");
}

static void sums(const struct out *w)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 }, d = { 0 };

	if (w->p->moves.n || w->p->edits.n || (!w->p->changes.n && !w->p->directions.known)) {
		pm_report_arithmetic(w->p, w->b);
		pm_buf_addc(w->b, '\n');
	}
	pm_report_changes_sum(&b, w->p);
	pm_report_directions(&d, w->p);
	safe(w, pm_buf_str(&b));
	pm_buf_adds(w->b, b.n ? "\n" : "");
	safe(w, pm_buf_str(&d));
	pm_buf_adds(w->b, d.n ? "\n" : "");
}

void pm_report_text(const struct pm_plan *p, const struct pm_report_options *o,
		    struct pm_buf *out)
{
	const struct out w = { out, p, o };

	if (!p->moves.n && !p->changes.n)
		pm_buf_adds(out, p->directions.known && !p->edits.n && p->schema_path
				 ? "nothing to change\n" : "nothing to move\n");
	moves(&w);
	order(&w);
	document(&w);
	nothing_to_do(&w);
	places(&w, PM_APPLY, GREEN);
	questions(&w);
	if (o->verbose > 0)
		places(&w, PM_KEEP, DIM);
	else
		kept_short(&w);
	if (o->rollout)
		pm_rollout_write(o->rollout, false, out);
	findings(&w);
	coverage(&w);
	sums(&w);
	suggestions(&w);
}
