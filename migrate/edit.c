/* edit.c - bytes and edits to new bytes. Only digits are replaced. */
#include "apply.h"

#include <stdio.h>
#include <string.h>

static int differs(const struct pm_edit *e, struct pm_str found, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };
	PM_CLEAN_BUF struct pm_buf shown = { 0 };

	pm_quote_text(&path, pm_str_of(e->path));
	pm_quote_text(&shown, found);
	return pm_err_set(err, PM_E_REFUSED,
			  (struct pm_loc){ pm_buf_str(&path), e->line, e->col },
			  "the plan expects %u here, the file has '%s'", e->old_port,
			  pm_buf_str(&shown));
}

/* The old digits, whole: a digit on either side would make it another number. */
static int check_place(struct pm_str old, const struct pm_edit *e, struct pm_err *err)
{
	size_t end = (size_t)e->span.off + e->span.len;
	char digits[16];
	int n = snprintf(digits, sizeof(digits), "%u", e->old_port);

	if (end > old.n)
		return differs(e, PM_STR("end of file"), err);
	if (e->span.len != (uint32_t)n || memcmp(old.p + e->span.off, digits, e->span.len) != 0 ||
	    (e->span.off && pm_is_digit(old.p[e->span.off - 1])) ||
	    (end < old.n && pm_is_digit(old.p[end])))
		return differs(e, (struct pm_str){ old.p + e->span.off, e->span.len }, err);
	return 0;
}

int pm_edit_bytes(struct pm_str old, const struct pm_edit *const *edits, size_t n,
		  struct pm_buf *out, struct pm_err *err)
{
	const size_t start = out->n;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		const struct pm_edit *e = edits[i];
		int rc = check_place(old, e, err);

		if (rc == 0 && e->span.off < at)
			rc = pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
					"the places of the plan in %s overlap", e->path);
		if (rc < 0) {
			out->n = start;
			return rc;
		}
		PM_ASSERT(e->new_port >= 1 && e->new_port <= 65535, "edit without a new port");
		pm_buf_add(out, old.p + at, e->span.off - at);
		pm_buf_addf(out, "%u", e->new_port);
		at = (size_t)e->span.off + e->span.len;
	}
	pm_buf_add(out, old.p + at, old.n - at);
	return 0;
}
