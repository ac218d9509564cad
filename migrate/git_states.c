/*
 * git_states.c - states that no commit has yet: the index, and a merge; as commits that exist in
 * memory only, so that everything else reads them like any other. And branches.
 */
#include "git_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- commits in memory ---- */

/* A commit object for a tree: in memory, never signed, the same bytes each time. */
static int wrap_tree(struct pm_repo *r, const git_oid *tree, const char *const *parents, size_t n,
		     char commit[PM_OID_HEX], struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	char hex[PM_OID_HEX];
	git_oid id;

	pm_git_hex(hex, tree);
	pm_buf_addf(&b, "tree %s\n", hex);
	for (size_t i = 0; i < n; i++)
		if (parents[i] && *parents[i])
			pm_buf_addf(&b, "parent %s\n", parents[i]);
	pm_buf_adds(&b, "author portmig <> 0 +0000\ncommitter portmig <> 0 +0000\n\n"
			"in memory only\n");
	if (git_odb_write(&id, r->odb, pm_buf_str(&b), b.n, GIT_OBJECT_COMMIT) < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot keep a commit in memory");
	pm_git_hex(commit, &id);
	return 0;
}

static void done_index(git_index **i)
{
	git_index_free(*i);
}
#define CLEAN_INDEX __attribute__((cleanup(done_index))) git_index *

/* ---- the index ---- */

/* Why libgit2 cannot read an index that Git can: names of extensions are in Git's
 * Documentation/gitformat-index.txt. */
static int no_index(struct pm_err *err)
{
	const char *said = pm_git_message();

	if (strstr(said, "sdir")) {
		pm_err_set(err, PM_E_REPO, PM_NOWHERE, "the index is a sparse one, which libgit2 "
			   "cannot read");
		return pm_err_hint(err, "git sparse-checkout reapply --no-sparse-index; or check a "
				   "commit: portmig check --since HEAD~1");
	}
	if (strstr(said, "link")) {
		pm_err_set(err, PM_E_REPO, PM_NOWHERE, "the index is a split one, which libgit2 "
			   "cannot read");
		return pm_err_hint(err, "git update-index --no-split-index; or check a commit: "
				   "portmig check --since HEAD~1");
	}
	return pm_git_fail(err, PM_E_REPO, "cannot read the index");
}

/* Apart from the repository's own handle, so that nothing is ever written back. */
static int open_index(struct pm_repo *r, const char *file, git_index **out, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };

	if (!file && git_repository_is_bare(r->git)) {
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "a bare repository has no index");
		return pm_err_hint(err, "check a commit instead: --since REV");
	}
	if (file)
		pm_buf_adds(&path, file);
	else
		pm_buf_addf(&path, "%sindex", git_repository_path(r->git));
	return git_index_open(out, pm_buf_str(&path)) < 0 ? no_index(err) : 0;
}

/* `git add --intent-to-add`: nothing is staged for these paths. */
static void drop_intents(git_index *index)
{
	size_t i = 0;

	while (i < git_index_entrycount(index)) {
		const git_index_entry *e = git_index_get_byindex(index, i);

		if (!(e->flags_extended & GIT_INDEX_ENTRY_INTENT_TO_ADD) ||
		    git_index_remove(index, e->path, 0) < 0)
			i++;
	}
}

int pm_repo_index_commit(struct pm_repo *r, const char *index_file, char head[PM_OID_HEX],
			 char commit[PM_OID_HEX], struct pm_err *err)
{
	CLEAN_INDEX index = NULL;
	const char *parents[1] = { head };
	git_oid tree;
	int rc = open_index(r, index_file, &index, err);

	if (rc)
		return rc;
	if (git_index_has_conflicts(index)) {
		pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "the index has unmerged paths");
		return pm_err_hint(err, "resolve them and git add them");
	}
	head[0] = '\0';
	if (git_repository_head_unborn(r->git) != 1) {
		rc = pm_repo_commit(r, "HEAD", head, err);
		if (rc)
			return rc;
	}
	rc = pm_repo_write_in_memory(r, err);
	if (rc)
		return rc;
	drop_intents(index);
	if (git_index_write_tree_to(&tree, index, r->git) < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot read the index as a tree");
	return wrap_tree(r, &tree, parents, 1, commit, err);
}

/* ---- a merge ---- */

/* Keep our side of a conflict, or theirs where ours has nothing, so that the rest can be read. */
static int settle_conflicts(git_index *index, struct pm_arena *a, struct pm_paths *conflicts)
{
	git_index_conflict_iterator *it = NULL;
	const git_index_entry *base, *ours, *theirs;
	struct { git_index_entry *v; size_t n, cap; } keep = { 0 };
	int rc = git_index_conflict_iterator_new(&it, index);

	while (rc == 0 && (rc = git_index_conflict_next(&base, &ours, &theirs, it)) == 0) {
		const git_index_entry *e = ours ? ours : theirs ? theirs : base;
		git_index_entry *copy = PM_VEC_ADD(&keep);

		*copy = *e;
		copy->path = pm_arena_strdup(a, e->path);
		*PM_VEC_ADD(conflicts) = copy->path;
	}
	git_index_conflict_iterator_free(it);
	rc = rc == GIT_ITEROVER ? 0 : rc;
	for (size_t i = 0; rc == 0 && i < keep.n; i++) {
		rc = git_index_conflict_remove(index, keep.v[i].path);
		keep.v[i].flags &= (uint16_t)~GIT_INDEX_ENTRY_STAGEMASK;
		if (rc == 0)
			rc = git_index_add(index, &keep.v[i]);
	}
	PM_VEC_FREE(&keep);
	return rc;
}

int pm_repo_merge_commit(struct pm_repo *r, const char *ours, const char *theirs,
			 struct pm_arena *a, struct pm_paths *conflicts, char commit[PM_OID_HEX],
			 struct pm_err *err)
{
	git_merge_options opt = GIT_MERGE_OPTIONS_INIT;
	git_commit *c[2] = { NULL, NULL };
	const char *parents[2] = { ours, theirs };
	CLEAN_INDEX index = NULL;
	git_oid id[2], tree;
	int rc = pm_git_oid(&id[0], ours, err);

	if (!rc)
		rc = pm_git_oid(&id[1], theirs, err);
	if (!rc)
		rc = pm_repo_write_in_memory(r, err);
	if (rc)
		return rc;
	if (git_commit_lookup(&c[0], r->git, &id[0]) < 0 ||
	    git_commit_lookup(&c[1], r->git, &id[1]) < 0 ||
	    git_merge_commits(&index, r->git, c[0], c[1], &opt) < 0 ||
	    settle_conflicts(index, a, conflicts) < 0 ||
	    git_index_write_tree_to(&tree, index, r->git) < 0) {
		rc = pm_git_fail(err, PM_E_REPO, "cannot merge in memory");
		if (pm_repo_is_shallow(r))
			pm_err_hint(err, "this clone is shallow: git fetch --unshallow");
	}
	git_commit_free(c[0]);
	git_commit_free(c[1]);
	return rc ? rc : wrap_tree(r, &tree, parents, 2, commit, err);
}

int pm_repo_merge_base(struct pm_repo *r, const char *one, const char *two, char base[PM_OID_HEX],
		       struct pm_err *err)
{
	git_oid a, b, out;
	int rc = pm_git_oid(&a, one, err);

	if (!rc)
		rc = pm_git_oid(&b, two, err);
	if (rc)
		return rc;
	if (git_merge_base(&out, r->git, &a, &b) < 0)
		/* also where history ends early: a shallow clone */
		return pm_err_set(err, PM_E_NOTFOUND, PM_NOWHERE,
				  "%.12s and %.12s have no commit in common here", one, two);
	pm_git_hex(base, &out);
	return 0;
}

/* ---- branches ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct pm_branch *)a)->name, ((const struct pm_branch *)b)->name);
}

int pm_repo_branches(struct pm_repo *r, struct pm_arena *a, struct pm_branches *out,
		     struct pm_err *err)
{
	git_branch_iterator *it = NULL;
	git_reference *ref = NULL;
	git_branch_t type;
	int rc;

	if (git_branch_iterator_new(&it, r->git, GIT_BRANCH_ALL) < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot list the branches");
	while ((rc = git_branch_next(&ref, &type, it)) == 0) {
		git_object *commit = NULL;
		const char *name = NULL;

		/* origin/HEAD only points at another one */
		if (git_reference_type(ref) == GIT_REFERENCE_DIRECT &&
		    git_branch_name(&name, ref) == 0 &&
		    git_reference_peel(&commit, ref, GIT_OBJECT_COMMIT) == 0) {
			struct pm_branch *b = PM_VEC_ADD(out);

			b->name = pm_arena_strdup(a, name);
			pm_git_hex(b->commit, git_object_id(commit));
		}
		git_object_free(commit);
		git_reference_free(ref);
	}
	git_branch_iterator_free(it);
	if (rc != GIT_ITEROVER)
		return pm_git_fail(err, PM_E_REPO, "cannot list the branches");
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_name);
	return 0;
}
