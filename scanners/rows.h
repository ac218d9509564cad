/*
 * rows.h - which rows of the pattern tables may match a line? Told by what stands around its
 * numbers, by its first byte, by the words in it and by the kind of the file: sets of bits, so that
 * most lines are turned away by a few operations. Errs on the side of more rows.
 */
#ifndef PM_ROWS_H
#define PM_ROWS_H

#include "base/text.h"

struct pm_table;

/* Bit i: row i, the rows of all tables behind each other. */
enum { PM_ROW_SETS = 3 };
struct pm_row_set {
	uint64_t v[PM_ROW_SETS];
};

static inline bool pm_rows_any(const struct pm_row_set *s)
{
	uint64_t any = 0;

	for (unsigned i = 0; i < PM_ROW_SETS; i++)
		any |= s->v[i];
	return any != 0;
}

/* The number of a table's first row. Only of the four tables. */
unsigned pm_rows_base(const struct pm_table *t);

/* Rows that may find the whole number at [off, off + len) of a text, in addition to those in `s`. */
void pm_rows_add(struct pm_row_set *s, struct pm_str text, size_t off, size_t len);
/* Of these, those that may match the text in a file of this kind. */
void pm_rows_keep(struct pm_row_set *s, struct pm_str text, unsigned kind);
/* May row `row` find the number? */
bool pm_row_may(unsigned row, struct pm_str text, size_t off, size_t len);

#endif
