/*
 * err.h - how a function says that it could not do its job.
 *
 * A *failure* is a negative PM_E* code and a filled struct pm_err; `out` arguments are then
 * untouched. A *finding* about a user's file is not a failure: see diag.h.
 */
#ifndef PM_ERR_H
#define PM_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* Failure codes. The exit status of the program follows from them (pm_err_exit). */
enum pm_code {
	PM_OK = 0,
	PM_E_USAGE = -1,    /* command line, configuration: exit 2 */
	PM_E_PARSE = -2,    /* a document that we need cannot be understood: exit 2 */
	PM_E_SCHEMA = -3,   /* the schema contradicts itself or the request: exit 2 */
	PM_E_REFUSED = -4,  /* stale plan, branch exists, holds open, not proved: exit 3 */
	PM_E_REPO = -5,     /* the repository cannot be read (fully): exit 4 */
	PM_E_IO = -6,       /* disk, pipe, permissions: exit 5 */
	PM_E_LIMIT = -7,    /* one of our stated limits: exit 5 */
	PM_E_BUG = -8,      /* a promise of ours does not hold: exit 70 */
	PM_E_NOTFOUND = -9  /* asked-for thing does not exist: exit 2 unless the caller handles it */
};

/* Where in a file: 1-based line and byte column; 0 means unknown. `path` may be NULL. */
struct pm_loc {
	const char *path;
	unsigned line, col;
};

/* One error: what failed (context is added in front by wrapping), where, what to do. */
struct pm_err {
	enum pm_code code;
	char text[1024];
	char where[512];
	char hint[1024];
};

#define PM_NOWHERE ((struct pm_loc){ NULL, 0, 0 })

/* Fill `err` (may be NULL) and return `code`, so that `return pm_err_set(...)` works. */
int pm_err_set(struct pm_err *err, enum pm_code code, struct pm_loc loc, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Put "context: " in front of the text; returns the code already in `err`. */
int pm_err_wrap(struct pm_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Name the way out ("try: ..."). Returns the code already in `err`. */
int pm_err_hint(struct pm_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Exit status for a code: 0, 2, 3, 4, 5 or 70. */
int pm_err_exit(enum pm_code code);

/* From here on the messages of the two functions below no longer say that nothing was published. */
void pm_published(void);
bool pm_is_published(void);

/* Release-build assertion: a broken promise of ours prints "bug" and exits 70. */
#define PM_ASSERT(cond, what) ((cond) ? (void)0 : pm_bug(__FILE__, __LINE__, what))
_Noreturn void pm_bug(const char *file, int line, const char *what);

/* Ends the process (exit 5) without allocating; allocation failure ends here. */
_Noreturn void pm_die_oom(void);

#endif
