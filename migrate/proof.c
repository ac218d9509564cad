/* proof.c - see proof.h. */
#include "proof.h"

#include "base/port.h"
#include "resource.h"

#include <stdlib.h>
#include <string.h>

/* ---- numbers in place of numbers ---- */

static size_t digits_at(struct pm_str s, size_t i)
{
	size_t n = 0;

	while (i + n < s.n && pm_is_digit(s.p[i + n]))
		n++;
	return n;
}

bool pm_digit_diff(struct pm_digit_edits *out, struct pm_str a, struct pm_str b)
{
	size_t i = 0, k = 0;

	for (;;) {
		size_t na, nb;
		unsigned from, to;

		while (i < a.n && k < b.n && a.p[i] == b.p[k])
			i++, k++;
		if (i == a.n && k == b.n)
			return true;
		/* back to the start of the number; what is before is equal */
		while (i && pm_is_digit(a.p[i - 1]))
			i--, k--;
		na = digits_at(a, i);
		nb = digits_at(b, k);
		if (!pm_resource_number((struct pm_str){ a.p + i, na }, &from) ||
		    !pm_resource_number((struct pm_str){ b.p + k, nb }, &to) || from == to)
			return false;
		*PM_VEC_ADD(out) = (struct pm_digit_edit){ (uint32_t)i, from, to };
		i += na;
		k += nb;
	}
}

/* ---- the digest ---- */

bool pm_proof_covers(const char *key)
{
	return (strncmp(key, "Portmig-", 8) == 0 && strcmp(key, "Portmig-Proof") != 0) ||
	       strcmp(key, "Reviewed-by") == 0;
}

void pm_proof_digest(const char *parent, struct pm_str trailers, const struct pm_places *places,
		     char out[PM_SHA256_HEX])
{
	PM_CLEAN_BUF struct pm_buf head = { 0 };
	PM_CLEAN_BUF struct pm_buf list = { 0 };

	pm_buf_addf(&head, "portmig-proof 1\nparent %s\n", parent);
	pm_buf_add(&head, trailers.p, trailers.n);
	for (size_t i = 0; i < places->n; i++) {
		const struct pm_place *p = &places->v[i];

		pm_quote_text(&list, pm_str_of(p->path));
		pm_buf_addf(&list, " %u %u %u\n", p->off, p->from, p->to);
	}
	pm_sha256_hex((struct pm_str){ pm_buf_str(&head), head.n },
		      (struct pm_str){ pm_buf_str(&list), list.n }, out);
}

/* ---- what a commit changed ---- */

struct check {
	struct pm_repo *r;
	const char *commit;
	const struct pm_commit_info *text;
	const struct pm_stated *s;
	const struct pm_plan *plan;
	struct pm_arena *a;
	struct pm_diags *diags;
	struct pm_err *err;
	struct pm_proof_counts n;
	struct pm_places mine; /* of this commit alone */
};

static void fault(struct check *c, const char *rule, const char *path, unsigned line,
		  unsigned col, const char *text)
{
	pm_diag_add(c->diags, c->a, rule, PM_ERROR, path, line, col, "%s", text);
}

/* Numbers of one changed file, or a finding that more than numbers changed. */
static int places_of_file(struct check *c, const struct pm_path_change *f, bool tell,
			  struct pm_places *out)
{
	PM_CLEAN_BUF struct pm_buf before = { 0 };
	PM_CLEAN_BUF struct pm_buf after = { 0 };
	struct pm_digit_edits d = { 0 };
	bool digits = f->old_mode == f->new_mode && f->old_oid[0] && f->new_oid[0];
	int rc;

	/* the document's text is looked at by itself */
	if (digits && c->s->document_path && strcmp(f->path, c->s->document_path) == 0)
		return 0;
	rc = digits ? pm_repo_blob(c->r, f->old_oid, &before, c->err) : 0;

	if (rc == 0 && digits)
		rc = pm_repo_blob(c->r, f->new_oid, &after, c->err);
	if (rc < 0)
		return rc == PM_E_NOTFOUND ? PM_E_REPO : rc;
	digits = digits && pm_digit_diff(&d, (struct pm_str){ pm_buf_str(&before), before.n },
					 (struct pm_str){ pm_buf_str(&after), after.n });
	if (!digits && tell)
		fault(c, "commit-foreign", f->path, 0, 0,
		      "the commit changes more here than port numbers");
	for (size_t i = 0; digits && i < d.n; i++)
		*PM_VEC_ADD(out) = (struct pm_place){ f->path, d.v[i].off, d.v[i].from, d.v[i].to };
	PM_VEC_FREE(&d);
	return 0;
}

static int places_between(struct check *c, const char *tree_a, const char *tree_b, bool tell,
			  struct pm_places *out)
{
	struct pm_path_changes d = { 0 };
	int rc = pm_repo_tree_diff(c->r, tree_a, tree_b, c->a, &d, c->err);

	for (size_t i = 0; rc == 0 && i < d.n; i++)
		rc = places_of_file(c, &d.v[i], tell, out);
	PM_VEC_FREE(&d);
	return rc;
}

static int compare_places(const struct pm_place *a, const char *path, uint32_t off)
{
	int d = strcmp(a->path, path);

	return d ? d : a->off < off ? -1 : a->off > off;
}

/* What `all` has and the commits before this one had not. */
static void take_own(struct check *c, const struct pm_places *all, const struct pm_places *before)
{
	size_t k = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct pm_place *p = &all->v[i];

		while (k < before->n && compare_places(&before->v[k], p->path, p->off) < 0)
			k++;
		if (k < before->n && compare_places(&before->v[k], p->path, p->off) == 0 &&
		    before->v[k].to == p->to)
			continue;
		*PM_VEC_ADD(&c->mine) = *p;
	}
}

/* A commit that does not stand on its base stands on another commit of the same plan. */
static int check_parent(struct check *c, char tree[PM_OID_HEX])
{
	struct pm_commit_info parent;
	struct pm_stated s = { 0 };
	int rc = pm_repo_commit_info(c->r, c->text->parent, c->a, &parent, c->err);

	if (rc < 0)
		return rc;
	memcpy(tree, parent.tree, PM_OID_HEX);
	if (pm_stated_read(&s, c->a, parent.message, NULL) < 0 ||
	    strcmp(s.plan, c->s->plan) != 0 || strcmp(s.base, c->s->base) != 0) {
		c->n.astray = true;
		fault(c, "commit-base", NULL, 0, 0,
		      pm_arena_printf(c->a, "the commit states that it was made on %.12s, and stands "
				      "on %.12s: rebased, or picked from another branch",
				      c->s->base, c->text->parent));
	}
	pm_stated_release(&s);
	return 0;
}

/* What this commit changed, in places of the base. */
static int own_places(struct check *c)
{
	struct pm_places all = { 0 }, before = { 0 };
	char base_tree[PM_OID_HEX], parent_tree[PM_OID_HEX];
	bool on_base = strcmp(c->text->parent, c->s->base) == 0;
	int rc = pm_repo_tree_of(c->r, c->s->base, base_tree, c->err);

	if (rc == 0 && !on_base)
		rc = check_parent(c, parent_tree);
	if (rc < 0 || c->n.astray)
		return rc;
	rc = places_between(c, base_tree, c->text->tree, true, &all);
	if (rc == 0 && !on_base)
		rc = places_between(c, base_tree, parent_tree, false, &before);
	if (rc == 0)
		take_own(c, &all, &before);
	PM_VEC_FREE(&all);
	PM_VEC_FREE(&before);
	return rc;
}

/* ---- against the plan ---- */

static bool is_elsewhere(const struct check *c, const struct pm_edit *e)
{
	return e->move >= 0 && (size_t)e->move < c->s->moves.n &&
	       c->s->moves.v[e->move].elsewhere;
}

/* A place of the plan that the commit did not change. */
static void not_changed(struct check *c, const struct pm_edit *e)
{
	if (is_elsewhere(c, e) || e->disposition == PM_KEEP)
		return;
	if (e->disposition == PM_REVIEW) {
		c->n.left++;
		return;
	}
	fault(c, "commit-dropped", e->path, e->line, e->col,
	      pm_arena_printf(c->a, "the plan moves %u to %u here for %s; the commit does not",
			      e->old_port, e->new_port, e->service));
}

/* A place that both know. */
static void changed(struct check *c, const struct pm_edit *e, const struct pm_place *p)
{
	if (is_elsewhere(c, e) || e->disposition == PM_KEEP)
		fault(c, "commit-unplanned", e->path, e->line, e->col,
		      pm_arena_printf(c->a, "the commit moves %u to %u here; the plan keeps it%s%s",
				      p->from, p->to, e->n_reasons ? ": " : "",
				      e->n_reasons ? e->reasons[0] : ""));
	else if (p->to != e->new_port)
		fault(c, "commit-amended", e->path, e->line, e->col,
		      pm_arena_printf(c->a, "the plan moves %u to %u here; the commit has %u",
				      e->old_port, e->new_port, p->to));
	else if (e->disposition == PM_REVIEW)
		c->n.decided++;
	else
		c->n.planned++;
}

static void not_planned(struct check *c, const struct pm_place *p)
{
	fault(c, "commit-unplanned", p->path, 0, 0,
	      pm_arena_printf(c->a, "the commit changes %u to %u at byte %u; the plan does not "
			      "know the place", p->from, p->to, p->off));
}

static void compare(struct check *c)
{
	size_t i = 0, k = 0;

	while (i < c->plan->edits.n || k < c->mine.n) {
		const struct pm_edit *e = i < c->plan->edits.n ? &c->plan->edits.v[i] : NULL;
		const struct pm_place *p = k < c->mine.n ? &c->mine.v[k] : NULL;
		int d = !p ? 1 : !e ? -1 : compare_places(p, e->path, e->span.off);

		if (d > 0)
			not_changed(c, e);
		else if (d < 0)
			not_planned(c, p);
		else
			changed(c, e, p);
		i += d >= 0;
		k += d <= 0;
		c->n.files += d <= 0 && (k == 1 || strcmp(p->path, c->mine.v[k - 2].path) != 0);
	}
}

/* ---- the document ---- */

struct row { const char *name; unsigned port; };
struct rows { struct row *v; size_t n, cap; };

static int compare_rows(const void *x, const void *y)
{
	const struct row *a = x, *b = y;

	return a->port != b->port ? (a->port < b->port ? -1 : 1) : strcmp(a->name, b->name);
}

static void rows_of(struct rows *out, const struct pm_schema *s)
{
	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];

			*PM_VEC_ADD(out) = (struct row){ e->name, e->lo };
		}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), compare_rows);
}

/* How many rows of `a` are not in `b`; *last gets the last of them. */
static size_t beyond(const struct rows *a, const struct rows *b, const struct row **last)
{
	size_t k = 0, n = 0;

	for (size_t i = 0; i < a->n; i++) {
		while (k < b->n && compare_rows(&b->v[k], &a->v[i]) < 0)
			k++;
		if (k < b->n && compare_rows(&b->v[k], &a->v[i]) == 0) {
			k++;
			continue;
		}
		*last = &a->v[i];
		n++;
	}
	return n;
}

/* Rows that the commit says to have taken away, and to have put in. */
static size_t stated_rows(const struct pm_stated *s, bool gone)
{
	size_t n = 0;

	for (size_t i = 0; i < s->rows.n; i++) {
		const char *kind = s->rows.v[i].kind;

		n += strcmp(kind, "move") == 0 || strcmp(kind, gone ? "remove" : "add") == 0;
	}
	return n;
}

/* Call the rows of the old document as the commit says that they are called now: "OLD=NEW". */
static void rename_rows(struct check *c, struct rows *v)
{
	for (size_t i = 0; i < c->s->rows.n; i++) {
		const char *eq = strcmp(c->s->rows.v[i].kind, "rename") == 0
				 ? strchr(c->s->rows.v[i].service, '=') : NULL;
		const char *old, *new;
		size_t n;

		if (!eq)
			continue;
		old = pm_slug(c->a, (struct pm_str){ c->s->rows.v[i].service,
						     (size_t)(eq - c->s->rows.v[i].service) });
		new = pm_slug(c->a, pm_str_of(eq + 1));
		n = strlen(old);
		for (size_t k = 0; k < v->n; k++)
			if (strncmp(v->v[k].name, old, n) == 0 &&
			    (!v->v[k].name[n] || v->v[k].name[n] == '-'))
				v->v[k].name = pm_arena_printf(c->a, "%s%s", new, v->v[k].name + n);
	}
	if (v->n)
		qsort(v->v, v->n, sizeof(*v->v), compare_rows);
}

static void compare_documents(struct check *c, const struct pm_schema *before,
			      const struct pm_schema *after)
{
	const struct row *gone = NULL, *come = NULL;
	struct rows a = { 0 }, b = { 0 };

	rows_of(&a, before);
	rows_of(&b, after);
	rename_rows(c, &a);
	if (beyond(&a, &b, &gone) != stated_rows(c->s, true) ||
	    beyond(&b, &a, &come) != stated_rows(c->s, false)) {
		const struct row *r = come ? come : gone;

		fault(c, "commit-rows", c->s->document_path, 0, 0,
		      pm_arena_printf(c->a, "rows of the document changed otherwise than stated%s%s",
				      r ? ", such as that of " : "", r ? r->name : ""));
	}
	for (size_t i = 0; i < c->s->rows.n; i++) {
		const struct pm_stated_row *r = &c->s->rows.v[i];
		bool found = !r->to;

		for (size_t k = 0; k < b.n && !found; k++)
			found = b.v[k].port == r->to;
		if (!found)
			fault(c, "commit-rows", c->s->document_path, 0, 0,
			      pm_arena_printf(c->a, "the commit states a row of %s at %u; there is "
					      "none", r->service, r->to));
	}
	PM_VEC_FREE(&a);
	PM_VEC_FREE(&b);
}

/* The schema document as it was and as it is: it differs in the stated rows. */
static int check_document(struct check *c)
{
	PM_CLEAN_BUF struct pm_buf before = { 0 };
	PM_CLEAN_BUF struct pm_buf after = { 0 };
	const char *path = c->s->document_path;
	struct pm_schema a = { 0 }, b = { 0 };
	char oid[PM_OID_HEX];
	int rc = pm_repo_file(c->r, c->s->base, path, oid, &before, c->err);

	if (rc == 0)
		rc = pm_repo_file(c->r, c->commit, path, oid, &after, c->err);
	if (rc < 0)
		return rc == PM_E_NOTFOUND ? PM_E_REPO : rc;
	if (strcmp(oid, c->s->document_blob) != 0)
		fault(c, "commit-amended", path, 0, 0, "the document is another than the commit states");
	rc = pm_schema_parse(&a, path, (struct pm_str){ pm_buf_str(&before), before.n }, c->err);
	if (rc == 0) {
		rc = pm_schema_parse(&b, path, (struct pm_str){ pm_buf_str(&after), after.n },
				     c->err);
		if (rc == 0)
			compare_documents(c, &a, &b);
		pm_schema_release(&b);
		pm_schema_release(&a);
	}
	return rc;
}

/* ---- what the commit says of itself ---- */

static bool same_or_none(const char *stated, const char *blob)
{
	return strcmp(stated ? stated : "", blob) == 0;
}

static void check_inputs(struct check *c)
{
	if (!same_or_none(c->s->schema_blob, c->plan->schema_blob))
		fault(c, "commit-trailer", NULL, 0, 0,
		      pm_arena_printf(c->a, "the commit states schema %.12s, its base has %.12s",
				      c->s->schema_blob ? c->s->schema_blob : "none",
				      *c->plan->schema_blob ? c->plan->schema_blob : "none"));
	if (!same_or_none(c->s->config_blob, c->plan->config_blob))
		fault(c, "commit-trailer", NULL, 0, 0,
		      pm_arena_printf(c->a, "the commit states portmig.yaml %.12s, its base has "
				      "%.12s", c->s->config_blob ? c->s->config_blob : "none",
				      *c->plan->config_blob ? c->plan->config_blob : "none"));
}

static void check_digest(struct check *c)
{
	PM_CLEAN_BUF struct pm_buf covered = { 0 };
	char digest[PM_SHA256_HEX];

	if (!c->s->proof) {
		fault(c, "commit-trailer", NULL, 0, 0, "the commit has no Portmig-Proof");
		return;
	}
	for (size_t i = 0; i < c->s->all.n && c->s->all.v[i].value != c->s->proof; i++)
		if (pm_proof_covers(c->s->all.v[i].key))
			pm_buf_addf(&covered, "%s: %s\n", c->s->all.v[i].key,
				    c->s->all.v[i].value);
	pm_proof_digest(c->text->parent, (struct pm_str){ pm_buf_str(&covered), covered.n },
			&c->mine, digest);
	if (strcmp(digest, c->s->proof) != 0)
		fault(c, "commit-trailer", NULL, 0, 0,
		      "Portmig-Proof is not that of this commit: its parent, its trailers or its "
		      "changes are others than when portmig made it");
}

int pm_proof_check(struct pm_proof_counts *out, struct pm_repo *r, const char *commit,
		   const struct pm_commit_info *text, const struct pm_stated *s,
		   const struct pm_plan *plan, struct pm_arena *a, struct pm_diags *diags,
		   struct pm_err *err)
{
	struct check c = { .r = r, .commit = commit, .text = text, .s = s, .plan = plan, .a = a, .diags = diags,
			   .err = err };
	int rc = own_places(&c);

	if (rc == 0 && !c.n.astray && s->document_path)
		rc = check_document(&c);
	if (rc == 0 && !c.n.astray) {
		compare(&c);
		check_inputs(&c);
		check_digest(&c);
	}
	if (rc == 0)
		*out = c.n;
	PM_VEC_FREE(&c.mine);
	return rc;
}
