/*
 * registry.c - the table of scanners, most specific first. Each one looks at the path (and the
 * first bytes) itself; where two report the same digits, the surer one stays.
 */
#include "scanner.h"

const struct pm_scanner *const pm_scanners[] = {
	NULL,
};
const size_t pm_scanners_n = sizeof(pm_scanners) / sizeof(pm_scanners[0]) - 1;
