/* own.c - see own.h. */
#include "own.h"

#include <stdlib.h>
#include <string.h>

int pm_own_add(struct pm_own *o, const char *id, const char *regex, const char *glob,
	       struct pm_err *err)
{
	struct pm_own_row r = {
		.row = { .id = id, .kinds = PM_KIND_ANY, .re = regex, .role = PM_ROLE_LISTEN,
			 .side = PM_SIDE_UNKNOWN, .certainty = PM_LIKELY },
	};
	int rc = pm_re_compile(&r.re.re, regex, PM_RE_USER, err);

	if (rc == 0)
		rc = pm_row_groups(&r.re, id, err);
	r.re.at_each = pm_row_at_each(&r.row);
	atomic_init(&r.re.ready, rc == 0);
	if (rc == 0 && glob)
		rc = pm_re_glob(&r.files, glob, err);
	if (rc < 0) {
		pm_re_free(r.re.re);
		return rc;
	}
	*PM_VEC_ADD(&o->rows) = r;
	return 0;
}

int pm_own_scan(struct pm_own *o, const struct pm_file *f, struct pm_sink *out,
		struct pm_err *err)
{
	for (size_t i = 0; i < o->rows.n; i++) {
		struct pm_own_row *r = &o->rows.v[i];
		int rc;

		if (r->files && pm_re_match(r->files, pm_str_of(f->path), 0, NULL, 0) != 1)
			continue;
		rc = pm_row_scan_all(&r->row, &r->re, f, out, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

void pm_own_release(struct pm_own *o)
{
	for (size_t i = 0; i < o->rows.n; i++) {
		pm_re_free(o->rows.v[i].re.re);
		pm_re_free(o->rows.v[i].files);
	}
	PM_VEC_FREE(&o->rows);
}
