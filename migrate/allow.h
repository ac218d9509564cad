/*
 * allow.h - exceptions written beside what they except: a comment
 *
 *     portmig:allow RULE[,RULE...] reason
 *
 * at the end of a line, or alone above it. In Markdown and HTML it is an HTML comment, and what
 * stands in a fenced code block is an example. Exceptions of portmig.yaml: config.h.
 */
#ifndef PM_ALLOW_H
#define PM_ALLOW_H

#include "base/arena.h"
#include "scanner.h"

struct pm_allow {
	const char *path;
	unsigned line, col; /* of "portmig:allow" */
	unsigned covers;    /* the line that it speaks of */
	const char *rules;  /* "port-duplicate" or "a,b"; "" when there is none */
	const char *reason; /* "" when there is none */
};
struct pm_allows { struct pm_allow *v; size_t n, cap; }; /* PM_VEC_FREE */

/* Add the exceptions of one file; strings are copied into `a`. */
void pm_allow_find(struct pm_allows *out, struct pm_arena *a, const struct pm_file *f);

/* Does it name the rule? */
bool pm_allow_names(const struct pm_allow *x, const char *rule);

#endif
