/*
 * lead.h - which bytes can stand right in front of the number of a pattern? Read off the pattern's
 * text, so that a line is only matched where one of its numbers follows such a byte.
 */
#ifndef PM_LEAD_H
#define PM_LEAD_H

#include <stdbool.h>
#include <stdint.h>

/* Bit b: byte b; bit PM_LEAD_START: nothing, the text begins with the number. */
enum { PM_LEAD_START = 256, PM_LEAD_SETS = 5 };
struct pm_lead {
	uint64_t v[PM_LEAD_SETS];
};

static inline void pm_lead_add(struct pm_lead *l, unsigned byte)
{
	l->v[byte / 64] |= UINT64_C(1) << (byte % 64);
}

static inline bool pm_lead_has(const struct pm_lead *l, unsigned byte)
{
	return l->v[byte / 64] >> (byte % 64) & 1;
}

static inline bool pm_lead_meet(const struct pm_lead *a, const struct pm_lead *b)
{
	uint64_t both = 0;

	for (unsigned i = 0; i < PM_LEAD_SETS; i++)
		both |= a->v[i] & b->v[i];
	return both != 0;
}

/* Does every match of the pattern hold a match of `part`, which is spelled in it as a group
 * "(?:...)"? false when that cannot be told, or case is ignored there. */
bool pm_lead_needs(const char *pattern, const char *part);

/* All bytes that can precede the group `port` of a PCRE2 pattern, at least: whatever is not
 * understood (back references, \Q, conditions ...) gives every byte. */
struct pm_lead pm_lead_of(const char *pattern);

#endif
