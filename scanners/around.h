/*
 * around.h - what can stand around the number that a pattern finds? Read off the pattern's text, so
 * that a line is only matched where one of its numbers stands so.
 */
#ifndef PM_AROUND_H
#define PM_AROUND_H

#include <stdbool.h>
#include <stdint.h>

/* Bit b: byte b; bit PM_BYTES_EDGE: nothing, the text begins or ends there. */
enum { PM_BYTES_EDGE = 256, PM_BYTES_SETS = 5 };
struct pm_bytes {
	uint64_t v[PM_BYTES_SETS];
};

static inline void pm_bytes_add(struct pm_bytes *s, unsigned byte)
{
	s->v[byte / 64] |= UINT64_C(1) << (byte % 64);
}

static inline bool pm_bytes_has(const struct pm_bytes *s, unsigned byte)
{
	return s->v[byte / 64] >> (byte % 64) & 1;
}

struct pm_around {
	struct pm_bytes before, after; /* right before and behind the number */
	struct pm_bytes first;         /* the first byte of the text that is no white space */
	unsigned digits;               /* the number has at least as many, 1 to 5 */
	bool needs;                    /* every match holds one of `part` */
};

/* What can stand around the group `port` of a PCRE2 pattern, at least: where something is not
 * understood (back references, \Q, conditions ...), anything can. `part` is a group "(?:...)" that
 * the pattern may spell (NULL: none); where case is ignored it is not taken for needed. */
struct pm_around pm_around_of(const char *pattern, const char *part);

#endif
