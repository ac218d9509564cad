/* parallel.h - the same work on many things, on several threads. */
#ifndef PM_PARALLEL_H
#define PM_PARALLEL_H

#include <stddef.h>

/* Call `fn` once for each index below n, on up to `jobs` threads (0 counts as 1; the caller's own is
 * thread 0), the lower indexes first. Where no thread can be had, with fewer. */
void pm_parallel(unsigned jobs, size_t n, void (*fn)(void *data, unsigned thread, size_t index),
		 void *data);

#endif
