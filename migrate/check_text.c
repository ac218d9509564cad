/* check_text.c - a check for a terminal: findings as compilers print them, then the sums. */
#include "check_report.h"

static const char *const colors[] = { "\033[36m", "\033[33m", "\033[31m" };

static void add_safe(struct pm_buf *out, const char *s)
{
	pm_excerpt(out, pm_str_of(s), 0, 4096);
}

static void add_place(struct pm_buf *out, const char *path, unsigned line, unsigned col)
{
	if (!path || !*path)
		return;
	pm_quote_text(out, pm_str_of(path));
	if (line)
		pm_buf_addf(out, ":%u", line);
	if (line && col)
		pm_buf_addf(out, ":%u", col);
	pm_buf_adds(out, ": ");
}

static void finding(const struct pm_check_report *r, const struct pm_diag *d, struct pm_buf *out)
{
	add_place(out, d->path, d->line, d->col);
	pm_buf_addf(out, "%s%s%s: ", r->color ? colors[d->severity] : "",
		    pm_severity_name(d->severity), r->color ? "\033[0m" : "");
	add_safe(out, d->text);
	pm_buf_addf(out, " [%s]\n", d->rule);
	for (size_t i = 0; i < d->n_also; i++) {
		pm_buf_adds(out, "  see ");
		add_place(out, d->also[i].path, d->also[i].line, d->also[i].col);
		add_safe(out, d->also[i].text);
		pm_buf_addc(out, '\n');
	}
	if (d->hint) {
		pm_buf_adds(out, "  try: ");
		add_safe(out, d->hint);
		pm_buf_addc(out, '\n');
	}
}

/* "range 3010-3019 Core: 7 used, 1 reserved, 2 free (3018-3019)" */
static void ranges(const struct pm_check_report *r, struct pm_buf *out)
{
	for (size_t i = 0; i < r->stats->fill.n; i++) {
		const struct pm_range_fill *f = &r->stats->fill.v[i];

		pm_buf_addf(out, "range %u-%u ", f->range->lo, f->range->hi);
		add_safe(out, f->range->name);
		pm_buf_addf(out, ": %u used, %u reserved, %u free", f->used, f->reserved,
			    f->size - f->used - f->reserved);
		for (size_t k = 0; r->gaps && k < f->n_gaps; k++) {
			pm_buf_addf(out, "%s%u", k ? ", " : " (", f->gaps[k].lo);
			if (f->gaps[k].hi != f->gaps[k].lo)
				pm_buf_addf(out, "-%u", f->gaps[k].hi);
		}
		pm_buf_adds(out, r->gaps && f->n_gaps ? ")\n" : "\n");
	}
}

static void gone(const struct pm_check_report *r, struct pm_buf *out)
{
	for (size_t i = 0; r->gone && i < r->gone->n; i++) {
		pm_buf_adds(out, "fixed since the baseline: ");
		for (const char *p = r->gone->v[i].fingerprint; *p; p++)
			pm_buf_addc(out, *p == '\t' ? ' ' : *p);
		pm_buf_addf(out, " (%u)\n", r->gone->v[i].count);
	}
}

static void last_lines(const struct pm_check_report *r, struct pm_buf *out)
{
	const size_t notes = pm_findings_count(r->findings, PM_NOTE), at = out->n;

	pm_check_matching(r, out);
	if (out->n > at)
		pm_buf_addc(out, '\n');
	pm_buf_adds(out, "checked ");
	for (size_t i = 0; i < r->n_schemas; i++) {
		pm_buf_adds(out, i ? ", " : "");
		pm_quote_text(out, pm_str_of(r->schemas[i].path));
	}
	pm_buf_addf(out, " and %s", r->what);
	if (r->compared) {
		pm_buf_adds(out, " against ");
		add_safe(out, r->compared);
	}
	pm_buf_adds(out, ": ");
	pm_check_coverage(r, out);
	pm_buf_addc(out, '\n');
	pm_check_arithmetic(r, out);
	if (notes && !r->notes)
		pm_buf_adds(out, notes == 1 ? "; -v shows the note" : "; -v shows the notes");
	pm_buf_addc(out, '\n');
}

void pm_check_text(const struct pm_check_report *r, struct pm_buf *out)
{
	for (size_t i = 0; i < r->findings->n; i++) {
		const struct pm_finding *f = &r->findings->v[i];

		if (f->hidden == PM_SHOWN && (f->d.severity > PM_NOTE || r->notes ||
					      r->fail_on == PM_NOTE))
			finding(r, &f->d, out);
	}
	if (r->notes || r->gaps)
		ranges(r, out);
	gone(r, out);
	last_lines(r, out);
}
