/*
 * history_list.c - the commits of a walk: a range, or all references; where it begins though there
 * is more.
 */
#include "history_keep.h"

#include <stdlib.h>
#include <string.h>

static int add_rev(struct pm_repo *repo, const char *rev, size_t n, struct pm_oid *out,
		   struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	char hex[PM_OID_HEX];
	int rc;

	pm_buf_add(&b, rev, n);
	rc = pm_repo_commit(repo, n ? pm_buf_str(&b) : "HEAD", hex, err);
	if (rc == 0)
		PM_ASSERT(pm_oid_parse(out, hex), "a commit id");
	return rc;
}

/* "A..B" or "B"; the ends of a range may be left out, as in Git. */
static int parse_range(struct pm_repo *repo, const char *range, struct pm_oid *tip,
		       struct pm_oid *hide, size_t *n_hide, struct pm_err *err)
{
	const char *dots = strstr(range, "..");
	int rc;

	*n_hide = 0;
	if (!dots || strchr(range, ':'))
		return add_rev(repo, range, strlen(range), tip, err);
	if (dots[2] == '.') {
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
			   "'%.200s': a history has no two sides", range);
		return pm_err_hint(err, "A..B: the commits of B that A has not");
	}
	rc = add_rev(repo, range, (size_t)(dots - range), hide, err);
	*n_hide = 1;
	return rc < 0 ? rc : add_rev(repo, dots + 2, strlen(dots + 2), tip, err);
}

static void add_horizon(struct pm_history *h, const struct pm_oid *id, const char *why)
{
	struct pm_hist_horizon *z = PM_VEC_ADD(&h->horizon);

	pm_oid_hex(z->commit, id);
	z->why = why;
}

int pm_hist_outer_tree(struct pm_objreader *rd, const struct pm_oid *id, struct pm_oid *tree,
		       struct pm_err *err)
{
	struct pm_commit_text text;
	struct pm_str bytes;
	int rc = pm_objreader_need(rd, id, PM_OBJECT_COMMIT, &bytes, err);

	if (rc == 0 && !pm_commit_parse(&text, bytes))
		return pm_err_set(err, PM_E_REPO, PM_NOWHERE, "the repository is damaged: a commit");
	if (rc == 0)
		*tree = text.tree;
	return rc;
}

static int take_parents(struct pm_hread *all, struct pm_history *h, struct pm_objreader *rd,
			const struct pm_commits *list, size_t at, struct pm_err *err)
{
	const struct pm_commit *c = &list->v[at];
	struct pm_hcommit *out = &all->commits.v[list->n - 1 - at];
	int rc = 0;

	out->kind = c->n_parents ? PM_PARENT_OUTSIDE : PM_PARENT_NONE;
	out->when = c->when;
	out->n_parents = c->n_parents;
	if (all->keep->cache)
		out->parents = PM_NEW_N(&all->arena, struct pm_oid, c->n_parents + 1);
	for (uint32_t i = 0; out->parents && i < c->n_parents; i++)
		out->parents[i] = list->parents.v[c->first + i].id;
	if (c->flags & PM_COMMIT_SHALLOW) {
		out->kind = PM_PARENT_LOST;
		add_horizon(h, &c->id, "shallow");
		return 0;
	}
	if (c->n_parents > 1)
		out->others = PM_NEW_N(&all->arena, struct pm_oid, c->n_parents - 1);
	for (uint32_t i = 0; rc == 0 && i < c->n_parents; i++) {
		const struct pm_parent *p = &list->parents.v[c->first + i];
		struct pm_oid tree;

		if (p->at != PM_COMMIT_NONE)
			tree = list->v[p->at].tree;
		else
			rc = pm_hist_outer_tree(rd, &p->id, &tree, err);
		if (rc == PM_E_NOTFOUND) {
			rc = 0;
			if (i == 0) {
				out->kind = PM_PARENT_LOST;
				add_horizon(h, &c->id, "its parent is not in this repository");
			}
			continue;
		}
		if (i) {
			out->others[out->n_others++] = tree;
			continue;
		}
		out->parent_tree = tree;
		if (p->at != PM_COMMIT_NONE) {
			out->kind = PM_PARENT_WALKED;
			out->parent = (int)(list->n - 1 - p->at);
		}
	}
	return rc;
}

static int take_list(struct pm_hread *all, struct pm_history *h, struct pm_objects *objects,
		     const struct pm_commits *list, struct pm_err *err)
{
	struct pm_objreader *rd = pm_objreader_open(objects, 0);
	int rc = 0;

	for (size_t i = list->n; i-- > 0;)
		*PM_VEC_ADD(&all->commits) =
			(struct pm_hcommit){ .id = list->v[i].id, .tree = list->v[i].tree,
					     .parent = -1 };
	for (size_t i = list->n; rc == 0 && i-- > 0;)
		rc = take_parents(all, h, rd, list, i, err);
	pm_objreader_free(rd);
	h->n_commits = list->n;
	return rc;
}

/* All references; those that lead nowhere are findings. */
static int add_refs(struct pm_history *h, struct pm_repo *repo, struct pm_oid **ids, size_t *n,
		    struct pm_err *err)
{
	struct pm_tips tips = { 0 };
	int rc = pm_repo_tips(repo, &h->arena, &tips, err);

	*ids = pm_xrealloc(*ids, pm_size_mul(tips.n + *n + 1, sizeof(**ids)));
	for (size_t i = 0; rc == 0 && i < tips.n; i++) {
		if (tips.v[i].rc == 0)
			(*ids)[(*n)++] = tips.v[i].id;
		else
			pm_diag_add(&h->diags, &h->arena, "history-ref-unreadable", PM_WARNING,
				    NULL, 0, 0, "%s: its object cannot be read", tips.v[i].ref);
	}
	pm_tips_release(&tips);
	return rc;
}

int pm_hist_list(struct pm_hread *all, struct pm_history *h, struct pm_repo *repo,
		 struct pm_objects *objects, const struct pm_hist_options *o, struct pm_err *err)
{
	struct pm_oid *tips = pm_xcalloc(1, sizeof(*tips)), hide;
	struct pm_commits_options opt = { .n_tips = 1, .first_parent = o->first_parent };
	struct pm_commits list = { 0 };
	int rc = parse_range(repo, o->range ? o->range : "HEAD", tips, &hide, &opt.n_hide, err);

	PM_ASSERT(pm_oid_parse(&all->newest, o->newest), "a commit id");
	if (rc == 0 && o->all)
		rc = add_refs(h, repo, &tips, &opt.n_tips, err);
	opt.tips = tips;
	opt.hide = &hide;
	opt.known = all->keep->cache ? pm_hkeep_head : NULL;
	opt.data = all->keep;
	if (rc == 0)
		rc = pm_commits_list(&list, objects, &opt, err);
	if (rc == 0)
		rc = take_list(all, h, objects, &list, err);
	pm_commits_release(&list);
	free(tips);
	return rc;
}
