/*
 * apply.c - a plan becomes one new branch, or nothing happens. In this order: the plan is one that
 * may be carried out; it fits the repository as it is; every changed file is edited and proved,
 * trees and commits are made and compared with the base, all in memory; then objects are written, the
 * ref last.
 */
#include "apply.h"

#include "message.h"
#include "stale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One file that changes: its edits that are carried out. */
struct target {
	const char *path, *blob;
	struct pm_buf before;
	const struct pm_edit **edits; /* a part of run.edits */
	const struct pm_patch **patches;
	size_t n, n_patches;
	char new_blob[PM_OID_HEX]; /* with all edits */
};

struct run {
	struct pm_repo *r;
	const struct pm_plan *p;
	const struct pm_apply_options *o;
	struct pm_err *err;
	struct pm_arena arena;
	struct { struct target *v; size_t n, cap; } files; /* by path */
	const struct pm_edit **edits;   /* those that are carried out */
	const struct pm_patch **patches;
	const struct pm_wish **wishes; /* of the document's changes that are carried out */
	size_t n_wishes;
	unsigned *group;   /* of each move; groups are numbered in the order of their commits */
	unsigned n_groups;
	char tree[PM_OID_HEX];   /* the planned one */
	char digest[65];
};

static void run_release(struct run *run)
{
	for (size_t i = 0; i < run->files.n; i++)
		pm_buf_release(&run->files.v[i].before);
	PM_VEC_FREE(&run->files);
	pm_arena_release(&run->arena);
}

/* ---- may this plan be carried out? ---- */

static int check_allowed(const struct run *run)
{
	const struct pm_plan *p = run->p;
	size_t open = 0, errors = 0;
	const char *first = NULL;

	for (size_t i = 0; i < p->diags.n; i++)
		if (p->diags.v[i].severity == PM_ERROR && !errors++)
			first = p->diags.v[i].text;
	if (errors) {
		pm_err_set(run->err, PM_E_REFUSED, PM_NOWHERE, "%s: %s%s",
			   p->moves.n ? "the moves conflict" : "the plan has errors", first,
			   errors > 1 ? ", and more" : "");
		return pm_err_hint(run->err, "the plan's findings list all conflicts");
	}
	if (!p->complete && !run->o->allow_incomplete) {
		pm_err_set(run->err, PM_E_REFUSED, PM_NOWHERE,
			   "the plan is incomplete: some files could not be read");
		return pm_err_hint(run->err, "%s; then plan again, or --allow-incomplete",
				   pm_repo_missing_hint(run->r));
	}
	for (size_t i = 0; i < p->edits.n; i++)
		open += p->edits.v[i].disposition == PM_REVIEW && !p->edits.v[i].answer;
	for (size_t i = 0; i < p->changes.n; i++)
		open += p->changes.v[i].disposition == PM_REVIEW && !p->changes.v[i].answer;
	if (open && !run->o->skip_holds) {
		pm_err_set(run->err, PM_E_REFUSED, PM_NOWHERE,
			   "%zu place%s in the plan still wait%s for a decision", open,
			   open == 1 ? "" : "s", open == 1 ? "s" : "");
		return pm_err_hint(run->err, "portmig review PLAN.json, or --accept-holds=skip to "
				   "leave them as they are");
	}
	return 0;
}

/* The file of this path, added behind the last one when it is another. */
static struct target *target_at(struct run *run, const char *path, const char *blob)
{
	struct target *f = run->files.n ? &run->files.v[run->files.n - 1] : NULL;

	if (f && strcmp(f->path, path) == 0)
		return f;
	f = PM_VEC_ADD(&run->files);
	f->path = path;
	f->blob = blob;
	return f;
}

static void add_edit(struct run *run, const struct pm_edit *e, size_t n)
{
	struct target *f = target_at(run, e->path, e->blob);

	run->edits[n] = e;
	f->edits = f->n++ ? f->edits : &run->edits[n];
}

static void add_patch(struct run *run, const struct pm_text_edit *t, size_t n)
{
	struct target *f = target_at(run, t->path, t->blob);

	run->patches[n] = &t->patch;
	f->patches = f->n_patches++ ? f->patches : &run->patches[n];
}

/* Edits and patches, both in the order of their paths, merged. */
static void collect_files(struct run *run)
{
	const struct pm_plan *p = run->p;
	size_t n_edits = 0, n_patches = 0;

	run->wishes = PM_NEW_N(&run->arena, const struct pm_wish *, p->changes.n + 1);
	run->edits = PM_NEW_N(&run->arena, const struct pm_edit *, p->edits.n + 1);
	run->patches = PM_NEW_N(&run->arena, const struct pm_patch *, p->texts.n + 1);
	for (size_t i = 0; i < p->changes.n; i++)
		if (pm_unit_applies(p, p->changes.v[i].unit))
			run->wishes[run->n_wishes++] = &p->changes.v[i].wish;
	for (size_t i = 0, k = 0; i < p->edits.n || k < p->texts.n;) {
		const struct pm_edit *e = i < p->edits.n ? &p->edits.v[i] : NULL;
		const struct pm_text_edit *t = k < p->texts.n ? &p->texts.v[k] : NULL;

		if (!t || (e && strcmp(e->path, t->path) <= 0)) {
			i++;
			if (pm_edit_final(e) == PM_APPLY)
				add_edit(run, e, n_edits++);
		} else {
			k++;
			if (pm_unit_applies(p, t->patch.unit))
				add_patch(run, t, n_patches++);
		}
	}
}

/* ---- groups: what must be in one commit ---- */

static unsigned root_of(const unsigned *up, unsigned i)
{
	while (up[i] != i)
		i = up[i];
	return i;
}

/* Moves of one service, and moves where one takes the port that another leaves: between two commits
 * both would have the same port. */
static bool belong_together(const struct pm_move *a, const struct pm_move *b)
{
	return a->to == b->from || b->to == a->from || strcmp(a->service, b->service) == 0;
}

static void make_groups(struct run *run)
{
	const struct pm_plan *p = run->p;
	size_t n = p->moves.n;
	unsigned *up = PM_NEW_N(&run->arena, unsigned, n + 1);
	unsigned *number = PM_NEW_N(&run->arena, unsigned, n + 1);

	run->group = PM_NEW_N(&run->arena, unsigned, n + 1);
	for (unsigned i = 0; i < n; i++) {
		up[i] = i;
		for (unsigned k = 0; k < i; k++)
			if (!run->o->split || belong_together(&p->moves.v[i], &p->moves.v[k]))
				up[root_of(up, i)] = root_of(up, k);
	}
	/* in guide order: the first move of a group decides */
	for (unsigned done = 0; done < n;) {
		unsigned best = UINT32_MAX;

		for (unsigned i = 0; i < n; i++)
			if (!number[root_of(up, i)] &&
			    (best == UINT32_MAX || p->moves.v[i].order < p->moves.v[best].order))
				best = i;
		number[root_of(up, best)] = ++run->n_groups;
		for (unsigned i = 0; i < n; i++)
			done += root_of(up, i) == root_of(up, best);
	}
	for (unsigned i = 0; i < n; i++)
		run->group[i] = number[root_of(up, i)] - 1;
	run->n_groups = run->n_groups ? run->n_groups : 1; /* changes of the document alone */
}

/* ---- editing and proof in memory ---- */

/* The file with the edits of the first `groups` groups; patches go with the last one. */
static int edit_file(const struct run *run, const struct target *f, unsigned groups,
		     struct pm_buf *out, size_t *n_changes)
{
	const struct pm_edit **some = pm_xcalloc(f->n + 1, sizeof(*some));
	const bool last = groups == run->n_groups;
	struct pm_str before = { pm_buf_str(&f->before), f->before.n };
	struct pm_file_change c = {
		.path = f->path, .edits = some, .patches = f->patches, .wishes = run->wishes,
		.n_patches = last ? f->n_patches : 0, .n_wishes = last ? run->n_wishes : 0,
	};
	int rc;

	for (size_t i = 0; i < f->n; i++)
		if (run->group[f->edits[i]->move] < groups)
			some[c.n_edits++] = f->edits[i];
	*n_changes = c.n_edits + c.n_patches;
	pm_buf_clear(out);
	rc = pm_edit_bytes(before, &c, out, run->err);
	if (rc == 0 && *n_changes)
		rc = pm_verify_file(before, (struct pm_str){ pm_buf_str(out), out->n }, &c,
				    run->err);
	free(some);
	return rc;
}

static int unfit(const struct run *run, const char *path)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };

	pm_quote_text(&shown, pm_str_of(path));
	pm_err_set(run->err, PM_E_REFUSED, PM_NOWHERE, "the plan does not fit its own base commit%s%s",
		   *path ? ": " : "", pm_buf_str(&shown));
	return pm_err_hint(run->err, "make the plan again, and leave it as portmig writes it");
}

/* Old bytes of every file, checked against their ids: reading did not check. */
static int load_files(struct run *run)
{
	for (size_t i = 0; i < run->files.n; i++) {
		struct target *f = &run->files.v[i];
		char oid[PM_OID_HEX], real[PM_OID_HEX];
		int rc = pm_repo_file(run->r, run->p->base, f->path, oid, &f->before, run->err);

		if (rc < 0 && rc != PM_E_NOTFOUND && rc != PM_E_USAGE)
			return rc;
		if (rc < 0 || strcmp(oid, f->blob) != 0)
			return unfit(run, f->path);
		pm_blob_id((struct pm_str){ pm_buf_str(&f->before), f->before.n }, real);
		if (strcmp(real, oid) != 0)
			return pm_err_set(run->err, PM_E_REPO, PM_NOWHERE,
					  "the repository is damaged: blob %s", oid);
	}
	return 0;
}

/* The tree of the base with the edits of the first `groups` groups. */
static int build_tree(struct run *run, unsigned groups, char tree[PM_OID_HEX])
{
	struct pm_blob_edit *e = PM_NEW_N(&run->arena, struct pm_blob_edit, run->files.n);
	struct pm_buf *bytes = PM_NEW_N(&run->arena, struct pm_buf, run->files.n);
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < run->files.n; i++) {
		struct target *f = &run->files.v[i];
		size_t n_edits;

		rc = edit_file(run, f, groups, &bytes[i], &n_edits);
		e[n] = (struct pm_blob_edit){ f->path, f->blob,
					      { pm_buf_str(&bytes[i]), bytes[i].n } };
		if (groups == run->n_groups)
			pm_blob_id(e[n].bytes, f->new_blob);
		n += n_edits > 0;
	}
	if (rc == 0)
		rc = pm_repo_write_tree(run->r, run->p->base_tree, e, n, tree, run->err);
	for (size_t i = 0; i < run->files.n; i++)
		pm_buf_release(&bytes[i]);
	return rc;
}

/* The whole trees: exactly the planned files differ, in nothing but their content. */
static int prove_tree(struct run *run)
{
	struct pm_path_changes d = { 0 };
	int rc = pm_repo_tree_diff(run->r, run->p->base_tree, run->tree, &run->arena, &d,
				   run->err);
	bool same = rc == 0 && d.n == run->files.n;

	for (size_t i = 0; same && i < d.n; i++) {
		const struct target *f = &run->files.v[i];

		same = strcmp(d.v[i].path, f->path) == 0 && d.v[i].old_mode == d.v[i].new_mode &&
		       strcmp(d.v[i].old_oid, f->blob) == 0 &&
		       strcmp(d.v[i].new_oid, f->new_blob) == 0;
	}
	PM_VEC_FREE(&d);
	if (rc == 0 && !same)
		return pm_err_set(run->err, PM_E_BUG, PM_NOWHERE,
				  "the new tree differs from the plan; nothing was published");
	return rc;
}

/* ---- the branch ---- */

static void plain_branch(char *out)
{
	for (char *c = out + strlen("portmig/"); *c; c++)
		if (!pm_is_word(*c) && *c != '-' && *c != '.')
			*c = '-';
	/* "..", a leading dot and ".lock" are not allowed in names of refs */
	for (char *c = out; *c; c++)
		if (*c == '.' && (c[1] == '.' || c[1] == '\0' || c[-1] == '/' ||
				  strcmp(c, ".lock") == 0))
			*c = '-';
}

/* Of a plan for the document alone: one new row is an allocation, anything else accepts what is. */
static void document_branch(const struct run *run, char *out, size_t cap)
{
	const struct pm_wish *only = NULL;
	size_t n = 0;

	for (size_t i = 0; i < run->n_wishes; i++)
		if (pm_wish_is_row(run->wishes[i]->kind)) {
			only = run->wishes[i];
			n++;
		}
	if (n == 1 && only->kind == PM_WISH_ADD)
		snprintf(out, cap, "portmig/alloc-%.150s-%u", only->service, only->to);
	else
		snprintf(out, cap, "portmig/document-%zu-row%s", n, n == 1 ? "" : "s");
	plain_branch(out);
}

static void default_branch(const struct run *run, char *out, size_t cap)
{
	const struct pm_move *only = NULL;
	size_t services = 0;

	if (!run->p->moves.n && run->n_wishes) {
		document_branch(run, out, cap);
		return;
	}
	for (size_t i = 0; i < run->p->moves.n; i++) {
		const struct pm_move *m = &run->p->moves.v[i];

		if (!m->n_apply && run->p->moves.n > 1)
			continue;
		services += !only || strcmp(only->service, m->service) != 0;
		only = only ? only : m;
	}
	if (services == 1 && only)
		snprintf(out, cap, "portmig/%.150s-%u", only->service, only->to);
	else
		snprintf(out, cap, "portmig/%zu-moves", run->p->moves.n);
	plain_branch(out);
}

static int name_branch(const struct run *run, struct pm_apply_result *out)
{
	const char *asked = run->o->branch;

	if (!asked) {
		default_branch(run, out->branch, sizeof(out->branch));
		return 0;
	}
	if ((size_t)snprintf(out->branch, sizeof(out->branch), "%s", asked) < sizeof(out->branch))
		return 0;
	pm_err_set(run->err, PM_E_REFUSED, PM_NOWHERE, "the branch name is longer than %zu bytes",
		   sizeof(out->branch) - 1);
	return pm_err_hint(run->err, "choose another name with --branch");
}

/* Does the commit have the planned tree, as an earlier run would have left it? */
static bool has_planned_tree(struct run *run, const char *commit)
{
	char tree[PM_OID_HEX];

	return pm_repo_tree_of(run->r, commit, tree, NULL) == 0 && strcmp(tree, run->tree) == 0;
}

static void already(const char *commit, const struct run *run, struct pm_apply_result *out)
{
	out->already = true;
	memcpy(out->commit, commit, PM_OID_HEX);
	memcpy(out->tree, run->tree, PM_OID_HEX);
}

/* An existing branch of that name: ours from before, or in the way. */
static int check_branch(struct run *run, struct pm_apply_result *out)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	char tip[PM_OID_HEX], name[256];
	int rc = pm_repo_branch(run->r, out->branch, tip, run->err);

	if (rc == PM_E_NOTFOUND)
		return pm_repo_may_create(run->r, out->branch, run->err);
	if (rc < 0)
		return rc;
	if (has_planned_tree(run, tip)) {
		already(tip, run, out);
		return 0;
	}
	pm_repo_free_branch(run->r, out->branch, name, sizeof(name));
	pm_quote_text(&shown, pm_str_of(out->branch));
	pm_err_set(run->err, PM_E_REFUSED, PM_NOWHERE,
		   "branch %s exists and is not the result of this plan", pm_buf_str(&shown));
	return pm_err_hint(run->err, "--branch %s", name);
}

/* ---- commits ---- */

/* Edits and patches. */
static size_t size_of_group(const struct run *run, unsigned group)
{
	size_t n = 0;

	for (size_t i = 0; i < run->files.n; i++) {
		for (size_t k = 0; k < run->files.v[i].n; k++)
			n += run->group[run->files.v[i].edits[k]->move] == group;
		if (group + 1 == run->n_groups)
			n += run->files.v[i].n_patches;
	}
	return n;
}

/* The file whose text changes beside numbers, or NULL. */
static const struct target *document_of(const struct run *run)
{
	for (size_t i = 0; i < run->files.n; i++)
		if (run->files.v[i].n_patches)
			return &run->files.v[i];
	return NULL;
}

static int write_commits(struct run *run, struct pm_apply_result *out)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	struct pm_ident author, committer;
	char parent[PM_OID_HEX], tree[PM_OID_HEX];
	size_t done = 0, all = 0;
	int rc = pm_repo_ident(run->r, run->o->env, false, &author, run->err);

	if (rc == 0)
		rc = pm_repo_ident(run->r, run->o->env, true, &committer, run->err);
	memcpy(parent, run->p->base, PM_OID_HEX);
	for (unsigned g = 0; g < run->n_groups; g++)
		all += size_of_group(run, g);
	for (unsigned g = 0; rc == 0 && g < run->n_groups; g++) {
		struct pm_message m = { .plan = run->p, .digest = run->digest,
					.group_of = run->group, .group = g, .parent = parent,
					.last = g + 1 == run->n_groups,
					.signoff = run->o->signoff ? &committer : NULL };
		const struct target *doc = m.last ? document_of(run) : NULL;
		size_t n = size_of_group(run, g);

		if (!n)
			continue;
		m.document = doc ? doc->path : NULL;
		m.document_blob = doc ? doc->new_blob : NULL;
		done += n;
		if (done == all)
			memcpy(tree, run->tree, PM_OID_HEX);
		else
			rc = build_tree(run, g + 1, tree);
		pm_buf_clear(&text);
		pm_message_write(&m, &text);
		if (rc == 0)
			rc = pm_repo_write_commit(run->r, tree, parent, &author, &committer,
						  pm_buf_str(&text), out->commit, run->err);
		memcpy(parent, out->commit, PM_OID_HEX);
		out->n_commits++;
	}
	memcpy(out->tree, run->tree, PM_OID_HEX);
	return rc;
}

/* The repository as it is now: is this still its base, or has it been applied? */
static int check_current(struct run *run, struct pm_apply_result *out)
{
	char tip[PM_OID_HEX];
	int rc = pm_repo_commit(run->r, run->o->rev ? run->o->rev : "HEAD", tip, run->err);

	if (rc < 0)
		return rc;
	if (strcmp(tip, run->p->base) == 0)
		return check_branch(run, out);
	if (has_planned_tree(run, tip)) {
		already(tip, run, out);
		return 0;
	}
	rc = check_branch(run, out);
	if (rc == 0 && !out->already)
		rc = pm_stale(run->r, run->p, tip, run->err);
	return rc;
}

static int check_base(struct run *run)
{
	char id[PM_OID_HEX], tree[PM_OID_HEX];

	if (pm_repo_commit(run->r, run->p->base, id, NULL) < 0) {
		pm_err_set(run->err, PM_E_REFUSED, PM_NOWHERE,
			   "the plan is for another repository: no commit %s here", run->p->base);
		return pm_err_hint(run->err, "fetch it, or make the plan here");
	}
	if (pm_repo_tree_of(run->r, id, tree, run->err) < 0)
		return run->err->code;
	return strcmp(tree, run->p->base_tree) == 0 ? 0 : unfit(run, "");
}

static void take_digest(struct run *run)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	struct pm_plan copy = *run->p;

	/* of the plan as it would be saved now: it may come straight from `plan` */
	pm_plan_write(&copy, &text);
	memcpy(run->digest, copy.digest, sizeof(run->digest));
}

static int carry_out(struct run *run, struct pm_apply_result *out)
{
	int rc = load_files(run);

	if (rc == 0)
		rc = build_tree(run, run->n_groups, run->tree);
	if (rc == 0)
		rc = check_current(run, out);
	if (rc < 0 || out->already)
		return rc;
	rc = prove_tree(run);
	if (rc == 0)
		rc = write_commits(run, out);
	if (rc == 0 && !run->o->dry_run)
		rc = pm_repo_publish(run->r, out->branch, out->commit, run->err);
	return rc;
}

int pm_apply(struct pm_repo *r, const struct pm_plan *p, const struct pm_apply_options *o,
	     struct pm_apply_result *out, struct pm_err *err)
{
	struct run run = { .r = r, .p = p, .o = o, .err = err };
	struct pm_apply_result result = { 0 };
	int rc = pm_plan_check(p, err);

	if (rc == 0)
		rc = check_allowed(&run);
	if (rc == 0)
		rc = check_base(&run);
	if (rc == 0)
		rc = pm_repo_write_in_memory(r, err);
	if (rc == 0) {
		collect_files(&run);
		make_groups(&run);
		take_digest(&run);
		for (size_t i = 0; i < run.files.n; i++)
			result.n_edits += (unsigned)run.files.v[i].n;
		result.n_changes = (unsigned)run.n_wishes;
		result.n_files = (unsigned)run.files.n;
		rc = name_branch(&run, &result);
		if (rc == 0 && run.files.n)
			rc = carry_out(&run, &result);
	}
	run_release(&run);
	if (rc == 0)
		*out = result;
	return rc;
}
