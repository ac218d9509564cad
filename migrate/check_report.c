/* check_report.c - see check_report.h: counting and ordering. */
#include "check_report.h"

#include "report.h"

#include <stdlib.h>

bool pm_check_failed(const struct pm_check_report *r)
{
	for (int s = r->fail_on; s <= PM_ERROR; s++)
		if (pm_findings_count(r->findings, (enum pm_severity)s))
			return true;
	return false;
}

static int worst_first(const void *pa, const void *pb)
{
	const struct pm_finding *a = *(const struct pm_finding *const *)pa;
	const struct pm_finding *b = *(const struct pm_finding *const *)pb;

	if (a->d.severity != b->d.severity)
		return a->d.severity > b->d.severity ? -1 : 1;
	return pm_diag_compare(&a->d, &b->d);
}

const struct pm_finding **pm_check_worst_first(const struct pm_check_report *r, size_t *n)
{
	const struct pm_findings *f = r->findings;
	const struct pm_finding **v = pm_xcalloc(f->n + 1, sizeof(const struct pm_finding *));

	*n = 0;
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].hidden == PM_SHOWN)
			v[(*n)++] = &f->v[i];
	if (*n)
		qsort(v, *n, sizeof(const struct pm_finding *), worst_first);
	return v;
}

static void add_count(struct pm_buf *out, size_t n, const char *what)
{
	pm_buf_addf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

void pm_check_arithmetic(const struct pm_check_report *r, struct pm_buf *out)
{
	static const char *const why[PM_HIDDEN_COUNT] = {
		[PM_HIDDEN_OFF] = "of rules that are off", [PM_HIDDEN_ALLOWED] = "allowed",
		[PM_HIDDEN_OLD] = "not new", [PM_HIDDEN_KNOWN] = "in the baseline",
	};
	const char *sep = " = ";
	size_t hidden = 0;

	pm_buf_addf(out, "found %zu", r->findings->n);
	for (int s = PM_ERROR; s >= PM_NOTE; s--) {
		const size_t n = pm_findings_count(r->findings, (enum pm_severity)s);

		if (!n)
			continue;
		pm_buf_adds(out, sep);
		add_count(out, n, pm_severity_name((enum pm_severity)s));
		sep = " + ";
	}
	for (int h = PM_SHOWN + 1; h < PM_HIDDEN_COUNT; h++)
		hidden += pm_findings_hidden(r->findings, (enum pm_hidden)h);
	if (!hidden)
		return;
	pm_buf_addf(out, "%s%zu hidden (", sep, hidden);
	sep = "";
	for (int h = PM_SHOWN + 1; h < PM_HIDDEN_COUNT; h++) {
		const size_t n = pm_findings_hidden(r->findings, (enum pm_hidden)h);

		if (!n)
			continue;
		pm_buf_addf(out, "%s%zu %s", sep, n, why[h]);
		sep = ", ";
	}
	pm_buf_addc(out, ')');
}

void pm_check_matching(const struct pm_check_report *r, struct pm_buf *out)
{
	const struct pm_check_stats *s = r->stats;

	if (!s->services && !s->absent)
		return;
	if (!s->services) {
		pm_buf_addf(out, "no service of the document is in the tree (%u)", s->absent);
		return;
	}
	pm_buf_addf(out, "%u of %u service%s match their rows", s->matching, s->services,
		    s->services == 1 ? "" : "s");
	if (s->absent)
		pm_buf_addf(out, ", %u %s not in the tree", s->absent,
			    s->absent == 1 ? "is" : "are");
}

void pm_check_coverage(const struct pm_check_report *r, struct pm_buf *out)
{
	pm_buf_adds(out, "read ");
	add_count(out, r->inv->n_files, "file");
	pm_buf_addf(out, ", %llu bytes; not read: ", (unsigned long long)r->inv->n_bytes);
	pm_report_skips(out, r->inv->skips.v, r->inv->skips.n);
}
