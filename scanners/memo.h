/*
 * memo.h - what rows found in a line, remembered: many lines of a tree, and most of a history, are
 * there more than once. What a row finds depends on the line and the kind of its file alone; rows
 * that look above stay in the set when the line itself matches, and are matched again.
 *
 * Worth it for many versions of the same files; the files of one commit have too few lines in common.
 * One thread's, and for one set of wanted ports. Lines are compared byte by byte, never by hash.
 */
#ifndef PM_MEMO_H
#define PM_MEMO_H

#include "rows.h"

enum {
	PM_MEMO_LINE_MAX = 400, /* bytes of a line that is remembered as a whole */
	PM_MEMO_MAX = 8192      /* bytes of what is remembered */
};

struct pm_memo;
struct pm_memo *pm_memo_new(void); /* takes about 9 MiB at most, less for small trees */
void pm_memo_free(struct pm_memo *m); /* NULL allowed */

/* What a row found: bytes of the line, of the groups port, ident and service; length 0: none. */
struct pm_find {
	uint16_t row, at[3], len[3];
};

/* False when the line is not known. `line` is at most PM_MEMO_MAX bytes: a line, or any bytes that
 * decide what is found and are no line. The finds stand until the next put. */
bool pm_memo_get(const struct pm_memo *m, unsigned kind, struct pm_str line,
		 struct pm_row_set *rows, const struct pm_find **finds, size_t *n);
void pm_memo_put(struct pm_memo *m, unsigned kind, struct pm_str line,
		 const struct pm_row_set *rows, const struct pm_find *finds, size_t n);

#endif
