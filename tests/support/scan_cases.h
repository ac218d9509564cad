/*
 * scan_cases.h - case folders of scanners.
 *
 * tests/cases/scan/<scanner>/<case>/ holds one input file of any name and `expected`:
 *
 *	file: deploy/docker-compose.yml      the path the scanner is told (default: its name)
 *	4:9 4900 host-port host sure compose/ports
 *		block 0: api                 facts, in the order given (depth after the kind)
 *	! 7:1 yaml-unparsed                  findings
 *
 * Only the named scanner runs (not the others, not context.c), so that cases of one scanner do
 * not change with another. Every input is also cut at every byte. PM_UPDATE=1 rewrites.
 */
#ifndef PM_SCAN_CASES_H
#define PM_SCAN_CASES_H

#include "cases.h"

/* One test for every folder of tests/cases/scan/`scanner`. */
void pm_scan_cases_add(struct pm_cases *c, const char *scanner);
/* What one scanner finds in a text, in the form above without the first line; malloc'ed. "not
 * accepted" when the scanner does not want the path. */
char *pm_scan_show(const char *scanner, const char *path, const char *bytes, size_t len);

#endif
