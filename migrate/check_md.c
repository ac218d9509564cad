/*
 * check_md.c - a check as GitHub Markdown, for a comment on a change: one section per rule, the
 * worst first. A comment takes 65,536 characters: sections beyond max_bytes are left out whole, and
 * the end names them.
 */
#include "check_report.h"

#include "rules.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 50, TAIL_ROOM = 1500, MAX_NAMED = 12 };

/* The findings of one rule at one severity. */
struct group {
	const char *rule;
	enum pm_severity severity;
	size_t first, n; /* among `v` */
};

struct md {
	const struct pm_check_report *r;
	struct pm_buf *out;
	const struct pm_finding **v; /* by severity, rule, place */
	size_t n;
	struct { struct group *v; size_t n, cap; } groups;
	struct pm_buf cut; /* names of sections that were left out */
	size_t n_cut;
};

static void text(struct pm_buf *b, const char *s)
{
	PM_CLEAN_BUF struct pm_buf safe = { 0 };

	pm_excerpt(&safe, pm_str_of(s), 0, 400);
	pm_quote_md(b, (struct pm_str){ pm_buf_str(&safe), safe.n });
}

static void place(struct pm_buf *b, const char *path, unsigned line)
{
	pm_quote_md(b, pm_str_of(path ? path : ""));
	if (line)
		pm_buf_addf(b, ":%u", line);
}

/* ---- sections ---- */

static void section(struct md *m, const struct pm_buf *s, const char *name, size_t findings)
{
	if (!m->r->max_bytes || m->out->n + s->n + TAIL_ROOM <= m->r->max_bytes) {
		pm_buf_add(m->out, pm_buf_str(s), s->n);
		return;
	}
	if (m->n_cut < MAX_NAMED)
		pm_buf_addf(&m->cut, "%s%s", m->n_cut ? ", " : "", name);
	if (m->n_cut < MAX_NAMED && findings)
		pm_buf_addf(&m->cut, " (%zu)", findings);
	m->n_cut++;
}

static int by_rule(const void *pa, const void *pb)
{
	const struct pm_finding *a = *(const struct pm_finding *const *)pa;
	const struct pm_finding *b = *(const struct pm_finding *const *)pb;
	int c;

	if (a->d.severity != b->d.severity)
		return a->d.severity > b->d.severity ? -1 : 1;
	c = strcmp(a->d.rule, b->d.rule);
	return c ? c : pm_diag_compare(&a->d, &b->d);
}

static int most_first(const void *pa, const void *pb)
{
	const struct group *a = pa, *b = pb;

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return strcmp(a->rule, b->rule);
}

static void group(struct md *m)
{
	if (m->n)
		qsort(m->v, m->n, sizeof(const struct pm_finding *), by_rule);
	for (size_t i = 0; i < m->n; i++) {
		const struct pm_diag *d = &m->v[i]->d;
		struct group *last = m->groups.n ? &m->groups.v[m->groups.n - 1] : NULL;

		if (!last || last->severity != d->severity || strcmp(last->rule, d->rule) != 0)
			*PM_VEC_ADD(&m->groups) = (struct group){ d->rule, d->severity, i, 1 };
		else
			last->n++;
	}
	if (m->groups.n)
		qsort(m->groups.v, m->groups.n, sizeof(*m->groups.v), most_first);
}

static void row(struct pm_buf *b, const struct pm_diag *d)
{
	pm_buf_adds(b, "| ");
	place(b, d->path, d->line);
	pm_buf_adds(b, " | ");
	text(b, d->text);
	if (d->hint) {
		pm_buf_adds(b, "<br>try: ");
		text(b, d->hint);
	}
	pm_buf_adds(b, " | ");
	for (size_t i = 0; i < d->n_also; i++) {
		pm_buf_adds(b, i ? "<br>" : "");
		place(b, d->also[i].path, d->also[i].line);
		pm_buf_addc(b, ' ');
		text(b, d->also[i].text);
	}
	pm_buf_adds(b, " |\n");
}

static void rule_section(struct md *m, const struct group *g)
{
	const struct pm_rule *rule = pm_rule_find(g->rule);
	const bool folded = g->severity == PM_NOTE;
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t rows = g->n < MAX_ROWS ? g->n : MAX_ROWS;

	if (folded)
		pm_buf_addf(&b, "<details><summary>%s: %s (%zu)</summary>\n\n",
			    pm_severity_name(g->severity), g->rule, g->n);
	else
		pm_buf_addf(&b, "### %s: %s (%zu)\n\n", pm_severity_name(g->severity), g->rule,
			    g->n);
	if (rule) {
		text(&b, rule->summary);
		pm_buf_adds(&b, "\n\n");
	}
	pm_buf_adds(&b, "| place | finding | see |\n|---|---|---|\n");
	for (size_t i = 0; i < rows; i++)
		row(&b, &m->v[g->first + i]->d);
	if (rows < g->n)
		pm_buf_addf(&b, "\nand %zu more\n", g->n - rows);
	pm_buf_adds(&b, folded ? "\n</details>\n\n" : "\n");
	section(m, &b, g->rule, g->n);
}

static void fill_section(struct md *m)
{
	const struct pm_check_stats *s = m->r->stats;
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	if (!s->fill.n)
		return;
	pm_buf_adds(&b, "<details><summary>ranges</summary>\n\n"
			"| range | name | used | reserved | free |\n|---|---|--:|--:|--:|\n");
	for (size_t i = 0; i < s->fill.n; i++) {
		const struct pm_range_fill *f = &s->fill.v[i];

		pm_buf_addf(&b, "| %u-%u | ", f->range->lo, f->range->hi);
		text(&b, f->range->name);
		pm_buf_addf(&b, " | %u | %u | %u |\n", f->used, f->reserved,
			    f->size - f->used - f->reserved);
	}
	pm_buf_adds(&b, "\n</details>\n\n");
	section(m, &b, "ranges", 0);
}

/* ---- the head ---- */

static void title(struct md *m)
{
	const char *sep = ": ";

	pm_buf_adds(m->out, "## Port check of ");
	text(m->out, m->r->what);
	for (int s = PM_ERROR; s >= PM_NOTE; s--) {
		const size_t n = pm_findings_count(m->r->findings, (enum pm_severity)s);

		if (!n)
			continue;
		pm_buf_addf(m->out, "%s%zu %s%s", sep, n, pm_severity_name((enum pm_severity)s),
			    n == 1 ? "" : "s");
		sep = ", ";
	}
	pm_buf_adds(m->out, m->n ? "\n\n" : ": nothing to report\n\n");
}

static void head(struct md *m)
{
	struct pm_buf *out = m->out;
	size_t at;

	title(m);
	for (size_t i = 0; i < m->r->n_schemas; i++) {
		pm_buf_adds(out, i ? ", " : "Schema: ");
		pm_quote_md(out, pm_str_of(m->r->schemas[i].path));
	}
	if (m->r->compared) {
		pm_buf_adds(out, m->r->n_schemas ? "; only what is new against "
						 : "Only what is new against ");
		text(out, m->r->compared);
	}
	pm_buf_adds(out, ".\n\n");
	at = out->n;
	pm_check_matching(m->r, out);
	pm_buf_adds(out, out->n > at ? ".\n\n" : "");
	pm_check_arithmetic(m->r, out);
	pm_buf_adds(out, ".\n\n");
	pm_check_coverage(m->r, out);
	pm_buf_adds(out, ".\n\n");
}

void pm_check_markdown(const struct pm_check_report *r, struct pm_buf *out)
{
	struct md m = { .r = r, .out = out };

	m.v = pm_check_worst_first(r, &m.n);
	group(&m);
	head(&m);
	for (size_t i = 0; i < m.groups.n; i++)
		rule_section(&m, &m.groups.v[i]);
	fill_section(&m);
	if (m.n_cut) {
		pm_buf_addf(out, "**%zu section%s left out** for size: %s", m.n_cut,
			    m.n_cut == 1 ? "" : "s", pm_buf_str(&m.cut));
		if (m.n_cut > MAX_NAMED)
			pm_buf_addf(out, " and %zu more", m.n_cut - MAX_NAMED);
		pm_buf_adds(out, "; `portmig check --format json` has all.\n");
	}
	pm_buf_release(&m.cut);
	PM_VEC_FREE(&m.groups);
	free(m.v);
}
