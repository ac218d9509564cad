/*
 * memo.h - which rows matched a line, remembered: many lines of a tree, and most of a history, are
 * there more than once. What a row finds depends on the line and the kind of its file alone; rows
 * that look above stay in the set when the line itself matches.
 *
 * Worth it for many versions of the same files; the files of one commit have too few lines in common.
 * One thread's, and for one set of wanted ports. Lines are compared byte by byte, never by hash.
 */
#ifndef PM_MEMO_H
#define PM_MEMO_H

#include "rows.h"

enum { PM_MEMO_LINE_MAX = 400 }; /* bytes of a line that is remembered */

struct pm_memo;
struct pm_memo *pm_memo_new(void); /* takes about 3 MiB at most, less for small trees */
void pm_memo_free(struct pm_memo *m); /* NULL allowed */

/* False when the line is not known. `line` is at most PM_MEMO_LINE_MAX bytes. */
bool pm_memo_get(const struct pm_memo *m, unsigned kind, struct pm_str line,
		 struct pm_row_set *rows);
void pm_memo_put(struct pm_memo *m, unsigned kind, struct pm_str line,
		 const struct pm_row_set *rows);

#endif
