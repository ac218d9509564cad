/* edit.c - bytes and changes to new bytes: digits of moves, and patches of the document. */
#include "apply.h"
#include "resource_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- is what the plan expects there? ---- */

static int differs(const char *path, unsigned line, unsigned col, struct pm_str want,
		   struct pm_str found, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf where = { 0 }, wanted = { 0 }, shown = { 0 };

	pm_quote_text(&where, pm_str_of(path));
	pm_excerpt(&wanted, want, 0, 80);
	pm_excerpt(&shown, found, 0, 80);
	pm_err_set(err, PM_E_REFUSED, (struct pm_loc){ pm_buf_str(&where), line, col },
		   "the plan expects %s here, the file has '%s'", pm_buf_str(&wanted),
		   pm_buf_str(&shown));
	return pm_err_hint(err, "make the plan again, and leave it as portmig writes it");
}

/* The old digits, whole: a digit on either side would make it another number. */
static int check_edit(struct pm_str old, const struct pm_edit *e, struct pm_err *err)
{
	size_t end = (size_t)e->span.off + e->span.len;
	char digits[16];
	int n = snprintf(digits, sizeof(digits), "%u", e->old_port);
	struct pm_str want = { digits, (size_t)n };

	if (end > old.n)
		return differs(e->path, e->line, e->col, want, PM_STR("end of file"), err);
	if (e->span.len != (uint32_t)n || memcmp(old.p + e->span.off, digits, e->span.len) != 0 ||
	    (e->span.off && pm_is_digit(old.p[e->span.off - 1])) ||
	    (end < old.n && pm_is_digit(old.p[end])))
		return differs(e->path, e->line, e->col, want,
			       (struct pm_str){ old.p + e->span.off, e->span.len }, err);
	return 0;
}

static int check_patch(struct pm_str old, const char *path, const struct pm_patch *p,
		       struct pm_err *err)
{
	size_t end = (size_t)p->span.off + p->span.len;

	if (end > old.n)
		return differs(path, p->line, p->col, p->old, PM_STR("end of file"), err);
	if (p->old.n != p->span.len ||
	    (p->old.n && memcmp(old.p + p->span.off, p->old.p, p->old.n) != 0))
		return differs(path, p->line, p->col, p->old,
			       (struct pm_str){ old.p + p->span.off, p->span.len }, err);
	return 0;
}

/* ---- replacements in order ---- */

/* Does the patch come first? What it inserts stands before a number at the same place. */
static bool patch_first(const struct pm_patch *p, const struct pm_edit *e)
{
	return !e || (p && (p->span.off < e->span.off ||
			    (p->span.off == e->span.off && !p->span.len)));
}

int pm_splices(struct pm_splice **out, size_t *n, struct pm_str old,
	       const struct pm_file_change *c, struct pm_err *err)
{
	const size_t all = c->n_edits + c->n_patches;
	struct pm_splice *v = pm_xcalloc(all + 1, sizeof(*v));
	size_t at = 0, e = 0, p = 0;
	int rc = 0;

	for (size_t i = 0; i < all && rc == 0; i++) {
		const struct pm_edit *edit = e < c->n_edits ? c->edits[e] : NULL;
		const struct pm_patch *patch = p < c->n_patches ? c->patches[p] : NULL;
		struct pm_splice *s = &v[i];

		if (patch && patch_first(patch, edit)) {
			rc = check_patch(old, c->path, patch, err);
			*s = (struct pm_splice){ patch->span, patch->new, NULL, patch, "" };
			p++;
		} else {
			rc = check_edit(old, edit, err);
			PM_ASSERT(pm_edit_has_new(edit) && edit->new_port <= 65535,
				  "edit without a new port");
			*s = (struct pm_splice){ .span = edit->span, .edit = edit };
			s->new.n = (size_t)snprintf(s->digits, sizeof(s->digits), "%u",
						    edit->new_port);
			s->new.p = s->digits;
			e++;
		}
		if (rc == 0 && s->span.off < at)
			rc = pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
					"the places of the plan in %s overlap", c->path);
		at = (size_t)s->span.off + s->span.len;
	}
	if (rc < 0) {
		free(v);
		return rc;
	}
	*out = v;
	*n = all;
	return 0;
}

int pm_edit_bytes(struct pm_str old, const struct pm_file_change *c, struct pm_buf *out,
		  struct pm_err *err)
{
	struct pm_splice *v;
	size_t at = 0, n;
	int rc = pm_splices(&v, &n, old, c, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n; i++) {
		pm_buf_add(out, old.p + at, v[i].span.off - at);
		pm_buf_add(out, v[i].new.p, v[i].new.n);
		at = (size_t)v[i].span.off + v[i].span.len;
	}
	pm_buf_add(out, old.p + at, old.n - at);
	free(v);
	return 0;
}
