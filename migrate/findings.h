/*
 * findings.h - the findings of a check as users get them: with the severities and exceptions of
 * portmig.yaml and of comments, without what a baseline knows and what is older than a change. Pure.
 *
 * Nothing is dropped: a finding that is not shown says why, and reports count it.
 */
#ifndef PM_FINDINGS_H
#define PM_FINDINGS_H

#include "allow.h"
#include "config.h"

enum pm_hidden {
	PM_SHOWN,
	PM_HIDDEN_OFF,     /* its rule is off */
	PM_HIDDEN_ALLOWED, /* an exception covers it */
	PM_HIDDEN_OLD,     /* the state that is compared with has it, too */
	PM_HIDDEN_KNOWN,   /* the baseline has it */
	PM_HIDDEN_COUNT
};

struct pm_finding {
	struct pm_diag d;        /* severity: the effective one */
	const char *fingerprint; /* pm_diag_fingerprint */
	enum pm_hidden hidden;
	const char *reason;      /* PM_HIDDEN_ALLOWED: of the exception */
};
struct pm_findings { struct pm_finding *v; size_t n, cap; }; /* PM_VEC_FREE */

/* Sorted by place, each once. What is wrong with the exceptions themselves is added: allow-unused,
 * allow-without-reason, rule-unknown. `config` may be NULL. Strings are borrowed, or in `a`. */
void pm_findings_settle(struct pm_findings *out, struct pm_arena *a, const struct pm_diags *diags,
			const struct pm_config *config, const struct pm_allows *allows);

/* Hide what older states have already: of each fingerprint as many as the state with most of it. */
void pm_findings_hide_old(struct pm_findings *f, const struct pm_findings *const *old, size_t n);

/* Those of one kind that ask for one answer (fifty templates) become one with the others' places: of
 * what is shown, when nothing is compared any more. */
void pm_findings_fold(struct pm_findings *f, struct pm_arena *a);

size_t pm_findings_count(const struct pm_findings *f, enum pm_severity severity); /* shown */
size_t pm_findings_hidden(const struct pm_findings *f, enum pm_hidden why);

/* ---- baseline (baseline.c) ---- */

/* How often a fingerprint is known. */
struct pm_known { const char *fingerprint; unsigned count; };
struct pm_baseline { struct pm_known *v; size_t n, cap; }; /* sorted, each once; PM_VEC_FREE */

/* Read the JSON that pm_baseline_write makes; strings in `a`. PM_E_USAGE with what is wrong. */
int pm_baseline_parse(struct pm_baseline *out, struct pm_arena *a, const char *path,
		      struct pm_str text, struct pm_err *err);
/* Hide what the baseline knows; `gone` gets what it knows and nobody finds any more. */
void pm_baseline_hide(const struct pm_baseline *b, struct pm_findings *f,
		      struct pm_baseline *gone);
/* The baseline that knows all findings which are shown, or hidden by one already. */
void pm_baseline_of(struct pm_baseline *out, const struct pm_findings *f);
/* The findings of `b` that the baseline `gone` does not have: what --prune leaves. */
void pm_baseline_minus(struct pm_baseline *out, const struct pm_baseline *b,
		       const struct pm_baseline *gone);
/* One line per fingerprint, sorted: differences are easy to review. */
void pm_baseline_write(const struct pm_baseline *b, struct pm_buf *out);

#endif
