/*
 * report_md.c - a plan as GitHub Markdown. Whole sections are left out when the text would be
 * longer than max_bytes (a GitHub comment takes 65,536 characters), and it says which.
 */
#include "report.h"
#include "resource_plan.h"
#include "report_doc.h"

#include "questions.h"

#include <stdlib.h>
#include <string.h>

enum { TAIL_ROOM = 400, MAX_REASONS = 4 };

struct md {
	struct pm_buf *out;
	const struct pm_plan *p;
	size_t max;          /* 0: no limit */
	size_t cut, cut_places;
};

static void text(struct pm_buf *b, const char *s)
{
	PM_CLEAN_BUF struct pm_buf safe = { 0 };

	pm_excerpt(&safe, pm_str_of(s), 0, 400);
	pm_quote_md(b, (struct pm_str){ pm_buf_str(&safe), safe.n });
}

/* Inside an HTML element GitHub reads no Markdown. */
static void html(struct pm_buf *b, const char *s)
{
	pm_quote_html(b, pm_str_of(s));
}

/* Take a finished section if there is room for it. */
static void section(struct md *m, const struct pm_buf *s, size_t places)
{
	if (m->max && m->out->n + s->n + TAIL_ROOM > m->max) {
		m->cut++;
		m->cut_places += places;
		return;
	}
	pm_buf_add(m->out, pm_buf_str(s), s->n);
}

static void moves(struct md *m)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	if (!m->p->moves.n) {
		pm_buf_adds(m->out, m->p->changes.n ? "" : "Nothing to move.\n");
		return;
	}
	pm_buf_adds(&b, "## Moves\n\n| service | from | to | source |");
	for (int k = 0; k < PM_WORK_COUNT; k++)
		pm_buf_addf(&b, " %s |", pm_work_name((enum pm_work)k));
	pm_buf_adds(&b, " review |\n|---|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|\n");
	for (size_t i = 0; i < m->p->moves.n; i++) {
		const struct pm_move *v = &m->p->moves.v[i];
		struct pm_report_counts c;

		pm_report_count(m->p, (int)i, &c);
		pm_buf_adds(&b, "| ");
		text(&b, v->service);
		pm_buf_addf(&b, " | %u | %u | ", v->from, v->to);
		text(&b, v->source_text ? v->source_text : pm_move_source_name(v->source));
		pm_buf_adds(&b, " |");
		for (int k = 0; k < PM_WORK_COUNT; k++)
			pm_buf_addf(&b, " %zu |", c.work[k]);
		pm_buf_addf(&b, " %zu |\n", c.by[PM_REVIEW]);
	}
	pm_buf_addc(&b, '\n');
	section(m, &b, 0);
}

static void item(struct pm_buf *b, const char *s)
{
	pm_buf_adds(b, "- ");
	text(b, s);
	pm_buf_addc(b, '\n');
}

static void order_and_sides(struct md *m)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	bool said;

	for (size_t i = 0; i < m->p->moves.n; i++) {
		const struct pm_move *v = &m->p->moves.v[i];

		if (v->after >= 0) {
			pm_buf_adds(&b, "- ");
			text(&b, v->service);
			pm_buf_addf(&b, " takes %u, which ", v->to);
			text(&b, m->p->moves.v[v->after].service);
			pm_buf_adds(&b, " leaves in the same plan\n");
		}
		if (v->from_note)
			item(&b, v->from_note);
	}
	for (size_t i = 0; i < m->p->diags.n; i++)
		if (pm_report_is_order(m->p, &m->p->diags.v[i], &said) && !said)
			item(&b, m->p->diags.v[i].text);
	if (b.n) {
		pm_buf_addc(&b, '\n');
		section(m, &b, 0);
	}
}

static void findings(struct md *m)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	bool said;

	for (size_t i = 0; i < m->p->diags.n; i++) {
		const struct pm_diag *d = &m->p->diags.v[i];

		if (pm_report_is_order(m->p, d, &said))
			continue;
		pm_buf_addf(&b, "%s- **%s** ", b.n ? "" : "## Findings\n\n",
			    pm_severity_name(d->severity));
		if (d->path && *d->path) {
			pm_quote_md(&b, pm_str_of(d->path));
			pm_buf_addf(&b, d->line ? ":%u: " : ": ", d->line);
		}
		text(&b, d->text);
		pm_buf_adds(&b, " (");
		text(&b, d->rule);
		pm_buf_adds(&b, ")\n");
	}
	if (b.n) {
		pm_buf_addc(&b, '\n');
		section(m, &b, 0);
	}
}

static void row(struct pm_buf *b, const struct pm_edit *e)
{
	pm_buf_addf(b, "%u:%u | %u | ", e->line, e->col, e->old_port);
	if (pm_edit_has_new(e))
		pm_buf_addf(b, "%u", e->new_port);
	pm_buf_adds(b, " | ");
	text(b, e->service ? e->service : "");
	pm_buf_addf(b, " | %s | ", e->role ? e->role : "number");
	text(b, e->excerpt);
	pm_buf_adds(b, " | ");
	for (size_t i = 0; i < e->n_reasons && i < MAX_REASONS; i++) {
		pm_buf_adds(b, i ? "; " : "");
		text(b, e->reasons[i]);
	}
	if (e->answer)
		pm_buf_adds(b, *e->answer == 'y' ? "; answered yes" : "; answered no");
	pm_buf_adds(b, " |\n");
}

static const char table_head[] =
	"</summary>\n\n| place | old | new | service | role | line | why |\n"
	"|---|--:|--:|---|---|---|---|\n";

/* One section per question, open. */
static void questions(struct md *m)
{
	const struct pm_plan *p = m->p;
	struct pm_questions all;
	bool titled = false;

	pm_questions_list(&all, p);
	for (size_t i = 0; i < all.n; i++) {
		PM_CLEAN_BUF struct pm_buf b = { 0 }, words = { 0 };
		const size_t before = m->out->n;

		pm_question_text(&words, p, &all.v[i], all.v[i].n);
		pm_buf_adds(&b, titled ? "" : "## To review\n\n");
		pm_buf_adds(&b, "<details open><summary>");
		html(&b, pm_buf_str(&words));
		if (all.v[i].key) {
			pm_buf_adds(&b, " <code>");
			html(&b, all.v[i].key);
			pm_buf_adds(&b, "</code>");
		}
		pm_buf_adds(&b, table_head);
		for (size_t k = all.v[i].first, n = 0; n < all.v[i].n; k++) {
			if (!pm_question_has(p, &all.v[i], &p->edits.v[k]))
				continue;
			n++;
			pm_buf_adds(&b, "| ");
			pm_quote_md(&b, pm_str_of(p->edits.v[k].path));
			pm_buf_addc(&b, ':');
			row(&b, &p->edits.v[k]);
		}
		pm_buf_adds(&b, "\n</details>\n\n");
		section(m, &b, all.v[i].n);
		titled = titled || m->out->n > before;
	}
	PM_VEC_FREE(&all);
}

/* One section per file, folded away. */
static void places(struct md *m, enum pm_disposition d, const char *title)
{
	const struct pm_plan *p = m->p;
	bool titled = false;
	size_t end;

	for (size_t i = 0; i < p->edits.n; i = end) {
		PM_CLEAN_BUF struct pm_buf b = { 0 }, rows = { 0 };
		const char *path = p->edits.v[i].path;
		const size_t before = m->out->n;
		size_t n = 0;

		for (end = i; end < p->edits.n && strcmp(p->edits.v[end].path, path) == 0; end++)
			if (p->edits.v[end].disposition == d) {
				pm_buf_adds(&rows, "| ");
				row(&rows, &p->edits.v[end]);
				n++;
			}
		if (!n)
			continue;
		if (!titled)
			pm_buf_addf(&b, "## %s\n\n", title);
		pm_buf_adds(&b, "<details><summary>");
		html(&b, path);
		pm_buf_addf(&b, ": %zu place%s%s", n, n == 1 ? "" : "s", table_head);
		pm_buf_add(&b, pm_buf_str(&rows), rows.n);
		pm_buf_adds(&b, "\n</details>\n\n");
		section(m, &b, n);
		titled = titled || m->out->n > before;
	}
}

/* One table for each disposition. */
static void changes(struct md *m, enum pm_disposition d, const char *title)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < m->p->changes.n; i++) {
		const struct pm_doc_change *c = &m->p->changes.v[i];
		PM_CLEAN_BUF struct pm_buf words = { 0 };
		const unsigned line = pm_report_change_line(m->p, c);

		if (c->disposition != d)
			continue;
		if (!n++)
			pm_buf_addf(&b, "## %s\n\n| line | change | why |\n|--:|---|---|\n", title);
		pm_report_change(&words, c);
		pm_buf_addf(&b, line ? "| %u | " : "| | ", line);
		text(&b, pm_buf_str(&words));
		pm_buf_adds(&b, " | ");
		for (size_t k = 0; k < c->n_reasons; k++) {
			pm_buf_adds(&b, k ? "; " : "");
			text(&b, c->reasons[k]);
		}
		if (c->answer)
			pm_buf_adds(&b, *c->answer == 'y' ? "; answered yes" : "; answered no");
		pm_buf_adds(&b, " |\n");
	}
	if (n) {
		pm_buf_addc(&b, '\n');
		section(m, &b, n);
	}
}

static void sums(struct md *m)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	if (m->p->moves.n || m->p->edits.n || !m->p->changes.n) {
		pm_report_arithmetic(m->p, m->out);
		pm_buf_adds(m->out, "\n\n");
	}
	pm_report_changes_sum(&b, m->p);
	if (b.n) {
		text(m->out, b.v);
		pm_buf_adds(m->out, "\n\n");
	}
	pm_buf_clear(&b);
	pm_report_directions(&b, m->p);
	if (b.n) {
		text(m->out, b.v);
		pm_buf_adds(m->out, "\n\n");
	}
}

static void coverage(struct md *m)
{
	const struct pm_plan *p = m->p;

	pm_buf_addf(m->out, "Read %zu file%s, %llu bytes; not read: ", p->n_files,
		    p->n_files == 1 ? "" : "s", (unsigned long long)p->n_bytes);
	pm_report_skips(m->out, p->skips.v, p->skips.n);
	pm_buf_adds(m->out, ".");
	if (!p->complete)
		pm_buf_adds(m->out, " **The plan is incomplete: some objects could not be "
				    "read.**");
	pm_buf_adds(m->out, "\n\n");
}

void pm_report_markdown(const struct pm_plan *p, const struct pm_report_options *o,
			struct pm_buf *out)
{
	struct md m = { out, p, o->max_bytes, 0, 0 };

	pm_buf_addf(out, p->moves.n || !p->changes.n ? "# Port migration of %.12s\n\n"
						     : "# Port schema of %.12s\n\n", p->base);
	sums(&m);
	coverage(&m);
	moves(&m);
	changes(&m, PM_APPLY, "The document");
	changes(&m, PM_REVIEW, "The document, to review");
	changes(&m, PM_KEEP, "The document, as it is");
	order_and_sides(&m);
	findings(&m);
	questions(&m);
	places(&m, PM_APPLY, "To apply");
	places(&m, PM_KEEP, "Kept");
	if (m.cut)
		pm_buf_addf(out, "**%zu section%s left out** for size, with %zu place%s; "
			    "`portmig plan --format json` has all.\n", m.cut, m.cut == 1 ? "" : "s",
			    m.cut_places, m.cut_places == 1 ? "" : "s");
}
