/* plan_file.c - see plan_file.h. */
#include "plan_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MAX = 256 << 20 };

static int read_all(FILE *f, const char *path, struct pm_buf *out, struct pm_err *err)
{
	char chunk[65536];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
		pm_buf_add(out, chunk, n);
		if (out->n > MAX)
			return pm_err_set(err, PM_E_LIMIT, PM_NOWHERE,
					  "plan '%.300s' is longer than 256 MiB", path);
	}
	if (ferror(f))
		return pm_err_set(err, PM_E_IO, PM_NOWHERE, "cannot read plan '%.300s': %s", path,
				  strerror(errno));
	return 0;
}

int pm_plan_load(struct pm_plan *out, const char *path, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "rb");
	int rc;

	if (!f) {
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "cannot open plan '%.300s': %s", path,
			   strerror(errno));
		return pm_err_hint(err, "make one: portmig plan --format json -o PLAN.json");
	}
	rc = read_all(f, path, &text, err);
	if (!is_stdin)
		fclose(f);
	if (rc == 0)
		rc = pm_plan_read(out, (struct pm_str){ pm_buf_str(&text), text.n }, path, err);
	return rc;
}
