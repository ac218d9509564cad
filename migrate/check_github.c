/*
 * check_github.c - a check as GitHub workflow commands, which become annotations of files.
 *
 * GitHub keeps 10 annotations of a kind from one step and drops the rest without a word
 * (https://github.com/orgs/community/discussions/68471), so the tenth says how many more there are.
 */
#include "check_report.h"

#include <stdlib.h>

enum { MAX_OF_A_KIND = 10 };

static const char *const commands[] = { "notice", "warning", "error" };

static void property(struct pm_buf *out, const char *name, const char *value, bool *any)
{
	pm_buf_addf(out, "%s%s=", *any ? "," : " ", name);
	pm_quote_action(out, pm_str_of(value), true);
	*any = true;
}

static void number(struct pm_buf *out, const char *name, unsigned value, bool *any)
{
	if (value)
		pm_buf_addf(out, "%s%s=%u", *any ? "," : " ", name, value);
	*any |= value > 0;
}

static void annotation(const struct pm_diag *d, struct pm_buf *out)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	bool any = false;

	pm_buf_addf(out, "::%s", commands[d->severity]);
	if (d->path && *d->path) {
		property(out, "file", d->path, &any);
		number(out, "line", d->line, &any);
		number(out, "col", d->col, &any);
	}
	property(out, "title", d->rule, &any);
	pm_buf_adds(&text, d->text);
	for (size_t i = 0; i < d->n_also; i++)
		pm_buf_addf(&text, "; see %s:%u: %s", d->also[i].path ? d->also[i].path : "",
			    d->also[i].line, d->also[i].text);
	if (d->hint)
		pm_buf_addf(&text, "; try: %s", d->hint);
	pm_buf_adds(out, "::");
	pm_quote_action(out, (struct pm_str){ pm_buf_str(&text), text.n }, false);
	pm_buf_addc(out, '\n');
}

void pm_check_github(const struct pm_check_report *r, struct pm_buf *out)
{
	const struct pm_finding **v;
	size_t n, of_a_kind = 0;

	v = pm_check_worst_first(r, &n);
	for (size_t i = 0; i < n; i++) {
		const enum pm_severity s = v[i]->d.severity;
		const size_t all = pm_findings_count(r->findings, s);

		of_a_kind = i && v[i - 1]->d.severity == s ? of_a_kind + 1 : 1;
		if (of_a_kind < MAX_OF_A_KIND || all == MAX_OF_A_KIND)
			annotation(&v[i]->d, out);
		else if (of_a_kind == MAX_OF_A_KIND)
			pm_buf_addf(out, "::%s title=portmig::and %zu more %ss\n", commands[s],
				    all - MAX_OF_A_KIND + 1, pm_severity_name(s));
	}
	free(v);
	/* for the log; nothing of the repository stands in these lines */
	pm_check_arithmetic(r, out);
	pm_buf_addc(out, '\n');
	pm_check_coverage(r, out);
	pm_buf_addc(out, '\n');
}
