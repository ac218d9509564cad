/*
 * output.h - where results go: standard output, or a file that appears whole or not at all.
 */
#ifndef PM_OUTPUT_H
#define PM_OUTPUT_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Write a buffer to standard output. A reader that has gone away (`| head`) is not an error:
 * returns 0 and later writes do nothing. PM_E_IO for anything else, such as a full disk. */
int pm_out_stdout(const struct pm_buf *b, struct pm_err *err);

/* Write a file: a temporary one beside it, then rename. Refuses symbolic links and directories;
 * devices and pipes are written directly. PM_E_USAGE or PM_E_IO. */
int pm_out_file(const char *path, const struct pm_buf *b, struct pm_err *err);

/* The file when `path` is given, else (NULL or "-") standard output. */
int pm_out(const char *path, const struct pm_buf *b, struct pm_err *err);

/* At the end of the run: has everything reached its place? */
int pm_out_close(struct pm_err *err);

/* A line on stderr that is overwritten, only on a terminal and only when `on`; `what` is borrowed.
 * pm_progress_show takes a struct pm_progress: it fits pm_inv_options.progress. */
struct pm_progress {
	bool on;
	const char *what;
	int64_t next_ms; /* do not draw before */
	bool drawn;
};
void pm_progress_init(struct pm_progress *p, bool on, const char *what);
void pm_progress_show(void *progress, size_t done, size_t total);
void pm_progress_end(struct pm_progress *p);

#endif
