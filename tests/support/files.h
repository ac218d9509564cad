/*
 * files.h - all files below a folder, in memory: to compare what was with what is, and to put
 * everything back as it was, times included, without a process for each.
 */
#ifndef PM_TEST_FILES_H
#define PM_TEST_FILES_H

#include "base/buf.h"

#include <sys/stat.h>

struct pm_test_entry {
	char *path;       /* below the folder */
	struct stat st;
	struct pm_buf bytes; /* of a regular file */
};
struct pm_test_files {
	struct pm_test_entry *v; /* by path; a folder stands before what is in it */
	size_t n, cap;
};

/* Files and folders below `dir`; regular ones and folders are all there may be. */
void pm_test_files_load(struct pm_test_files *out, const char *dir);
/* Make them below `dir`, which is emptied first. */
void pm_test_files_write(const struct pm_test_files *f, const char *dir);
/* Remove a folder with all that is in it; none is fine. */
void pm_test_files_remove(const char *dir);
void pm_test_files_release(struct pm_test_files *f);
/* The entry of this path, or NULL. */
const struct pm_test_entry *pm_test_files_get(const struct pm_test_files *f, const char *path);

#endif
