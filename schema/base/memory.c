/*
 * memory.c - libraries that allocate for themselves and can be told how: for want of memory they
 * end the process as our own code does. A library that carries on would lose a value here and a
 * match there, and the result would be wrong without a word.
 */
#include "base/arena.h"

#include <jansson.h>
#include <stdlib.h>

static void *take(size_t size)
{
	return pm_xrealloc(NULL, size);
}

void pm_memory_init(void)
{
	json_set_alloc_funcs(take, free);
}
