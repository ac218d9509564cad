/*
 * check_report.h - the result of a check in the forms that people and programs take it. Values in,
 * text out; which strings come from a repository is known, and escape.h makes them harmless.
 */
#ifndef PM_CHECK_REPORT_H
#define PM_CHECK_REPORT_H

#include "check.h"
#include "findings.h"

/* Everything is borrowed. */
struct pm_check_report {
	const char *what;            /* "commit 0123456789ab", "the index" */
	const char *commit, *tree;   /* hexadecimal; commit "" when it is none yet */
	const char *compared;        /* what older findings were taken from, or NULL */
	const struct pm_schema *schemas;
	size_t n_schemas;
	const struct pm_inventory *inv;
	const struct pm_findings *findings;
	const struct pm_baseline *gone; /* of the baseline, and found no more; or NULL */
	const struct pm_check_stats *stats;
	enum pm_severity fail_on;    /* a finding as severe as this, shown, fails the check */
	bool real;
	/* of the text form */
	bool notes;                  /* show notes, ranges and files that were not read */
	bool gaps;                   /* list the free ports of every range */
	bool color;
	size_t max_bytes;            /* of the Markdown form; 0: no limit */
};

bool pm_check_failed(const struct pm_check_report *r);

void pm_check_text(const struct pm_check_report *r, struct pm_buf *out);
/* docs/check.schema.json */
void pm_check_json(const struct pm_check_report *r, struct pm_buf *out);
/* Of a comment: whole sections are left out beyond max_bytes, and it says which. */
void pm_check_markdown(const struct pm_check_report *r, struct pm_buf *out);
/* SARIF 2.1.0, at most 25,000 results, the worst first.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 * https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support */
void pm_check_sarif(const struct pm_check_report *r, struct pm_buf *out);
/* GitHub workflow commands: at most 10 of each kind, which is what GitHub shows of one step, the
 * last of them "and n more".
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
void pm_check_github(const struct pm_check_report *r, struct pm_buf *out);

/* ---- what the forms share (check_report.c) ---- */

/* The findings that are shown, the worst first, then by place; heap, `*n` of them. */
const struct pm_finding **pm_check_worst_first(const struct pm_check_report *r, size_t *n);
/* "found 12 = 1 error + 4 warnings + 2 notes + 5 hidden (2 allowed, 3 not new)" */
void pm_check_arithmetic(const struct pm_check_report *r, struct pm_buf *out);
/* "14 of 23 services match their rows, 3 are not in the tree"; nothing without services. */
void pm_check_matching(const struct pm_check_report *r, struct pm_buf *out);
/* "read 12 files, 3456 bytes; not read: 3 (2 binary, 1 over 4 MiB)" */
void pm_check_coverage(const struct pm_check_report *r, struct pm_buf *out);

#endif
