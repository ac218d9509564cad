/*
 * cases.h - table rows and case folders as named cmocka tests.
 *
 * pm_cases_run collects tests at run time; each row or folder becomes one test with its name.
 */
#ifndef PM_CASES_H
#define PM_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct pm_cases {
	struct CMUnitTest *v;
	size_t n, cap;
};

/* Add one test; `name` is copied, `row` is handed to `fn` as *state. */
void pm_cases_add(struct pm_cases *c, const char *name, CMUnitTestFunction fn, const void *row);
/* One test for every folder below tests/cases/`dir` (sorted); *state is the folder's path. */
void pm_cases_add_folders(struct pm_cases *c, const char *dir, CMUnitTestFunction fn);
/* Run them as one group, or, with PM_ONLY=PATTERN in the environment, those whose name matches it;
 * the value for main to return. */
int pm_cases_run(struct pm_cases *c, const char *group);

/* Whole file as a malloc'ed, NUL-terminated string, or NULL. */
char *pm_read_file(const char *path, size_t *len);
/* Compare with the file `path`; shows a diff on failure. PM_UPDATE=1 in the environment rewrites
 * the file instead. */
void pm_assert_golden(const char *path, const char *got);

#endif
