/* timing.h - --timings: where the time of a run goes, by phase, on standard error. */
#ifndef PM_TIMING_H
#define PM_TIMING_H

#include "cmd.h"

#include <stdint.h>

struct pm_timing {
	uint64_t start, last; /* nanoseconds of pm_timing_now */
	struct { const char *phase; uint64_t ns; } v[16];
	unsigned n;
};

uint64_t pm_timing_now(void); /* monotonic */
void pm_timing_init(struct pm_timing *t);
/* The time since the last lap, or since the start, was `phase` (a static string), less what was
 * added meanwhile. Without --timings (NULL) nothing happens; so for the next. */
void pm_timing_lap(struct pm_timing *t, const char *phase);
/* `ns` of the lap that goes on were `phase`. */
void pm_timing_add(struct pm_timing *t, const char *phase, uint64_t ns);
/* "timings: open 5.1 ms, walk ...; 290.4 ms in all". What no lap covers is "other". */
void pm_timing_print(struct pm_timing *t);

#endif
