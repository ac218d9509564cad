/*
 * diag.h - findings: facts about a user's files. Never silent, never fatal.
 */
#ifndef PM_DIAG_H
#define PM_DIAG_H

#include "base/arena.h"

enum pm_severity { PM_NOTE, PM_WARNING, PM_ERROR };

/* One finding. `rule` is a stable id of docs/rules.md such as "port-duplicate". Strings belong
 * to the arena of the list's owner. line/col 0: the whole file. */
struct pm_diag {
	const char *rule;
	enum pm_severity severity;
	const char *path;
	unsigned line, col;
	const char *text;
	const char *hint; /* or NULL */
};

struct pm_diags {
	struct pm_diag *v;
	size_t n, cap;
};

/* Add one finding; the texts are copied into `a`. Returns it (to set ->hint). */
struct pm_diag *pm_diag_add(struct pm_diags *d, struct pm_arena *a, const char *rule,
			    enum pm_severity severity, const char *path, unsigned line,
			    unsigned col, const char *fmt, ...)
	__attribute__((format(printf, 8, 9)));
void pm_diags_release(struct pm_diags *d);
void pm_diags_sort(struct pm_diags *d); /* by path, line, column, rule */
const char *pm_severity_name(enum pm_severity s); /* "note", "warning", "error" */

#endif
