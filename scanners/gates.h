/*
 * gates.h - the words that lines must contain before a pattern looks at them, all found in one pass.
 */
#ifndef PM_GATES_H
#define PM_GATES_H

#include "base/text.h"

enum { PM_GATE_SETS = 8 }; /* of 64 words each: all gates of all tables */

/* The id of a gate's word (ASCII case ignored; borrowed), below 64 * PM_GATE_SETS. All words must be
 * known before the first search, by one thread. */
unsigned pm_gate_word(const char *p, size_t n);

/* Set the bit of every word that stands in the text. */
void pm_gate_find(struct pm_str text, uint64_t words[PM_GATE_SETS]);

static inline bool pm_gate_has(const uint64_t words[PM_GATE_SETS], unsigned w)
{
	return words[w / 64] >> (w % 64) & 1;
}

#endif
