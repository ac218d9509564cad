/* revert.c - see revert.h. */
#include "revert.h"

#include "proof.h"

#include <stdlib.h>
#include <string.h>

/* ---- what a commit put in place ---- */

static int puts_of_file(struct pm_puts *out, struct pm_repo *r, const struct pm_path_change *f,
			struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf before = { 0 };
	PM_CLEAN_BUF struct pm_buf after = { 0 };
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	struct pm_digit_edits d = { 0 };
	bool digits = f->old_mode == f->new_mode && f->old_oid[0] && f->new_oid[0];
	int rc = digits ? pm_repo_blob(r, f->old_oid, &before, err) : 0;

	if (rc == 0 && digits)
		rc = pm_repo_blob(r, f->new_oid, &after, err);
	if (rc < 0)
		return rc == PM_E_NOTFOUND ? PM_E_REPO : rc;
	/* seen from the result: where the new numbers stand */
	digits = digits && pm_digit_diff(&d, (struct pm_str){ pm_buf_str(&after), after.n },
					 (struct pm_str){ pm_buf_str(&before), before.n });
	for (size_t i = 0; digits && i < d.n; i++) {
		struct pm_put *p = PM_VEC_ADD(out);

		*p = (struct pm_put){ .path = f->path, .off = d.v[i].off, .was = d.v[i].to,
				      .now = d.v[i].from };
		memcpy(p->blob, f->new_oid, PM_OID_HEX);
	}
	PM_VEC_FREE(&d);
	if (digits)
		return 0;
	pm_quote_text(&shown, pm_str_of(f->path));
	pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
		   "the commit changes more than port numbers in %s", pm_buf_str(&shown));
	return pm_err_hint(err, "git revert takes back such a commit");
}

int pm_puts_read(struct pm_puts *out, struct pm_repo *r, const struct pm_commit_info *text,
		 struct pm_arena *a, struct pm_err *err)
{
	struct pm_path_changes d = { 0 };
	char before[PM_OID_HEX];
	int rc = pm_repo_tree_of(r, text->parent, before, err);

	if (rc == 0)
		rc = pm_repo_tree_diff(r, before, text->tree, a, &d, err);
	for (size_t i = 0; rc == 0 && i < d.n; i++)
		rc = puts_of_file(out, r, &d.v[i], err);
	PM_VEC_FREE(&d);
	return rc;
}

/* ---- fitting a plan ---- */

struct fit {
	struct pm_plan *p;
	const char *commit;
	const struct pm_puts *puts;
	struct pm_path_changes since; /* between the commit and the plan's base */
};

static int compare_change(const void *path, const void *change)
{
	return strcmp(path, ((const struct pm_path_change *)change)->path);
}

static bool changed_since(const struct fit *f, const char *path)
{
	return f->since.n && bsearch(path, f->since.v, f->since.n, sizeof(*f->since.v),
				     compare_change);
}

static int compare_put(const void *key, const void *put)
{
	const struct pm_edit *e = key;
	const struct pm_put *p = put;
	int d = strcmp(e->path, p->path);

	return d ? d : e->span.off < p->off ? -1 : e->span.off > p->off;
}

/* They are in order of path and place, as the diff of two trees gives them. */
static const struct pm_put *put_at(const struct fit *f, const struct pm_edit *e)
{
	return f->puts->n ? bsearch(e, f->puts->v, f->puts->n, sizeof(*f->puts->v), compare_put)
			  : NULL;
}

/* One number that was put in place of several: the other ways back. */
static void add_ways(struct fit *f, const struct pm_stated *s)
{
	for (size_t i = 0; i < s->moves.n; i++) {
		const struct pm_stated_move *m = &s->moves.v[i];
		bool known = m->elsewhere;

		for (size_t k = 0; k < f->p->moves.n && !known; k++)
			known = strcmp(f->p->moves.v[k].service, m->service) == 0 &&
				f->p->moves.v[k].from == m->to && f->p->moves.v[k].to == m->from;
		if (!known)
			*PM_VEC_ADD(&f->p->moves) = (struct pm_move){
				.service = pm_arena_strdup(&f->p->arena, m->service),
				.from = m->to, .to = m->from, .source = PM_MOVE_COMMAND,
				.order = (unsigned)f->p->moves.n, .after = -1,
			};
	}
}

/* Does the move's service have another way back from the same port? */
static bool is_forked(const struct pm_plan *p, int move)
{
	for (size_t i = 0; i < p->moves.n; i++)
		if (move >= 0 && (int)i != move && p->moves.v[i].from == p->moves.v[move].from &&
		    strcmp(p->moves.v[i].service, p->moves.v[move].service) == 0)
			return true;
	return false;
}

static int move_of(const struct pm_plan *p, unsigned from, unsigned to)
{
	for (size_t i = 0; i < p->moves.n; i++)
		if (p->moves.v[i].from == from && p->moves.v[i].to == to)
			return (int)i;
	return -1;
}

static void decide(struct fit *f, struct pm_edit *e, enum pm_disposition d, int move,
		   const char *reason)
{
	e->disposition = d;
	e->move = move;
	e->new_port = move >= 0 ? f->p->moves.v[move].to : 0;
	e->service = move >= 0 ? f->p->moves.v[move].service : NULL;
	e->group = NULL;
	e->reasons = PM_NEW(&f->p->arena, const char *);
	e->reasons[0] = reason;
	e->n_reasons = 1;
}

static void fit_edit(struct fit *f, struct pm_edit *e)
{
	const struct pm_put *put;
	int move;

	if (changed_since(f, e->path)) {
		if (e->disposition == PM_APPLY && is_forked(f->p, e->move))
			decide(f, e, PM_REVIEW, e->move,
			       pm_arena_printf(&f->p->arena, "%.12s put %u in place of several; %u "
					       "is the first of them", f->commit, e->old_port,
					       e->new_port));
		return;
	}
	put = put_at(f, e);
	move = put ? move_of(f->p, put->now, put->was) : -1;
	if (move >= 0)
		decide(f, e, PM_APPLY, move,
		       pm_arena_printf(&f->p->arena, "%.12s put it here", f->commit));
	else if (e->disposition != PM_KEEP)
		decide(f, e, PM_KEEP, -1,
		       pm_arena_printf(&f->p->arena, "read %u before %.12s already", e->old_port,
				       f->commit));
}

/* The document's plans for the old port are no obstacle to going back, nor is that two services
 * shared it before; somebody who took it since is. */
static int weigh_findings(struct pm_plan *p, struct pm_err *err)
{
	const struct pm_diag *first = NULL;

	for (size_t i = 0; i < p->diags.n; i++) {
		struct pm_diag *d = &p->diags.v[i];

		if (strcmp(d->rule, "target-occupied") == 0 ||
		    strcmp(d->rule, "target-reserved") == 0 ||
		    strcmp(d->rule, "move-collides") == 0)
			d->severity = PM_WARNING;
		else if (strcmp(d->rule, "target-in-use") == 0)
			d->severity = PM_ERROR;
		if (d->severity == PM_ERROR && !first)
			first = d;
	}
	if (!first)
		return 0;
	pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "the way back is not free: %s", first->text);
	return pm_err_hint(err, "move that service first, or this one to a free port with plan --move");
}

int pm_revert_fit(struct pm_plan *p, struct pm_repo *r, const struct pm_commit_info *text,
		  const struct pm_stated *stated, const char *commit, const struct pm_puts *puts,
		  struct pm_err *err)
{
	struct fit f = { .p = p, .commit = commit, .puts = puts };
	int rc = pm_repo_tree_diff(r, text->tree, p->base_tree, &p->arena, &f.since, err);

	if (rc < 0)
		return rc;
	add_ways(&f, stated);
	for (size_t i = 0; i < p->edits.n; i++)
		fit_edit(&f, &p->edits.v[i]);
	PM_VEC_FREE(&f.since);
	for (size_t i = 0; i < p->moves.n; i++)
		p->moves.v[i].source_text =
			pm_arena_printf(&p->arena, "the way back from %s", commit);
	p->reverts = pm_arena_strdup(&p->arena, commit);
	pm_plan_count(p);
	return weigh_findings(p, err);
}
