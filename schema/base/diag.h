/*
 * diag.h - findings: facts about a user's files. Never silent, never fatal.
 */
#ifndef PM_DIAG_H
#define PM_DIAG_H

#include "base/arena.h"
#include "base/buf.h"

enum pm_severity { PM_NOTE, PM_WARNING, PM_ERROR };

/* Another place that a finding speaks of; `text` says what stands there: "first", "the other
 * owner". */
struct pm_diag_place {
	const char *path;
	unsigned line, col;
	const char *text;
};

/*
 * One finding. `rule` is a stable id of docs/rules.md such as "port-duplicate". Strings belong
 * to the arena of the list's owner. line/col 0: the whole file.
 *
 * `service`, `port` and `key` (a key path, a host, a name: what does not change when lines move)
 * make its fingerprint, with rule and path: see pm_diag_fingerprint. Exceptions of portmig.yaml
 * match `service` and `port`, too.
 */
struct pm_diag {
	const char *rule;
	enum pm_severity severity;
	const char *path;
	unsigned line, col;
	const char *text;
	const char *hint; /* or NULL */
	const char *service; /* or NULL */
	unsigned port;       /* or 0 */
	const char *key;     /* or NULL */
	struct pm_diag_place *also; /* in the arena; pm_diag_also */
	size_t n_also;
};

struct pm_diags {
	struct pm_diag *v;
	size_t n, cap;
};

/* Add one finding; the texts are copied into `a`. Returns it, valid until the next one is added,
 * to set ->hint and what follows. */
struct pm_diag *pm_diag_add(struct pm_diags *d, struct pm_arena *a, const char *rule,
			    enum pm_severity severity, const char *path, unsigned line,
			    unsigned col, const char *fmt, ...)
	__attribute__((format(printf, 8, 9)));
/* What identifies it; the strings are copied into `a`, NULL and 0 where there is none. */
void pm_diag_key(struct pm_diag *x, struct pm_arena *a, const char *service, unsigned port,
		 const char *key);
/* Add another place that it speaks of. */
void pm_diag_also(struct pm_diag *x, struct pm_arena *a, const char *path, unsigned line,
		  unsigned col, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* One line "rule<TAB>path<TAB>service<TAB>port<TAB>key" that stays the same when lines of the file
 * move; without service, port and key, the text with every number replaced by '#'. */
void pm_diag_fingerprint(struct pm_buf *out, const struct pm_diag *x);
void pm_diags_release(struct pm_diags *d);
/* By path, line, column, rule, text. */
int pm_diag_compare(const struct pm_diag *a, const struct pm_diag *b);
void pm_diags_sort(struct pm_diags *d);
const char *pm_severity_name(enum pm_severity s); /* "note", "warning", "error" */

#endif
