/*
 * rules.h - every rule that a finding can name: one table. What it means and what to do about it
 * is a section of docs/rules.md; tests hold the two together.
 */
#ifndef PM_RULES_H
#define PM_RULES_H

#include "base/diag.h"
#include "base/text.h"

#include <stddef.h>

/* `severity` is the highest it has unless portmig.yaml says otherwise: circumstances that make a
 * case milder are told in docs/rules.md. */
struct pm_rule {
	const char *id;
	enum pm_severity severity;
	const char *summary; /* one line, without a full stop */
	const char *advice;  /* what to do, where a finding does not know better */
};

extern const struct pm_rule pm_rules[]; /* sorted by id */
extern const size_t pm_rules_n;

const struct pm_rule *pm_rule_find(const char *id); /* NULL when there is none */
/* The section of docs/rules.md: Markdown below the heading, trimmed; empty when there is none. */
struct pm_str pm_rule_page(const char *id);

#endif
