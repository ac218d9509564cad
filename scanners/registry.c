/*
 * registry.c - the table of scanners, most specific first. Each one looks at the path (and the
 * first bytes) itself; where two report the same digits, the surer one stays.
 */
#include "pattern.h"
#include "scanner.h"

extern const struct pm_scanner pm_scanner_compose, pm_scanner_dockerfile, pm_scanner_env,
	pm_scanner_k8s, pm_scanner_yaml;

const struct pm_scanner *const pm_scanners[] = {
	&pm_scanner_compose,
	&pm_scanner_dockerfile,
	&pm_scanner_env,
	&pm_scanner_k8s,
	&pm_scanner_yaml,
	&pm_scanner_config,
	&pm_scanner_source,
	&pm_scanner_docs,
	&pm_scanner_address,
	NULL,
};
const size_t pm_scanners_n = sizeof(pm_scanners) / sizeof(pm_scanners[0]) - 1;
