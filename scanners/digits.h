/*
 * digits.h - numbers that stand free, found 64 bytes at a time: the bytes right around most digits of
 * a file already tell that they are no port.
 */
#ifndef PM_DIGITS_H
#define PM_DIGITS_H

#include "base/text.h"

/* Where the search in a text stands. */
struct pm_digits {
	struct pm_str s;
	size_t base;            /* of the block at hand */
	uint64_t digits, starts; /* of the block: digits; where a run begins, if not looked at yet */
};

void pm_digits_init(struct pm_digits *d, struct pm_str s);

/* The next port number (as pm_port_next tells) with no byte before or behind that pm_port_bounded
 * never accepts there; 0 at the end. */
unsigned pm_digits_next(struct pm_digits *d, size_t *off, size_t *len);

/* Go on at `pos`, which is not before the last number told. */
void pm_digits_seek(struct pm_digits *d, size_t pos);

#endif
