/*
 * git_write.c - commits and the one new branch. Trees are in git_tree.c.
 */
#include "git_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* ---- commits ---- */

static int make_signature(git_signature **out, const struct pm_ident *id, struct pm_err *err)
{
	if (git_signature_new(out, id->name, id->email, id->when, id->offset_min) < 0)
		return pm_git_fail(err, PM_E_USAGE, "identity");
	return 0;
}

static int lookup_parents(struct pm_repo *r, const char *tree, const char *parent, git_tree **t,
			  git_commit **c, struct pm_err *err)
{
	git_oid id;
	int rc = pm_git_oid(&id, tree, err);

	if (rc == 0 && git_tree_lookup(t, r->git, &id) < 0)
		rc = pm_git_fail(err, PM_E_REPO, "cannot read the new tree");
	if (rc == 0)
		rc = pm_git_oid(&id, parent, err);
	if (rc == 0 && git_commit_lookup(c, r->git, &id) < 0)
		rc = pm_git_fail(err, PM_E_REPO, "cannot read the parent commit");
	return rc;
}

/* The commit with its signature as the last header: lines of a value go on behind a blank. */
static void add_signature(struct pm_buf *out, struct pm_str commit, struct pm_str signature)
{
	const char *body = memmem(commit.p, commit.n, "\n\n", 2);

	PM_ASSERT(body, "a commit without an empty line");
	pm_buf_add(out, commit.p, (size_t)(body - commit.p) + 1);
	pm_buf_adds(out, "gpgsig ");
	for (size_t i = 0; i < signature.n; i++) {
		pm_buf_addc(out, signature.p[i]);
		if (signature.p[i] == '\n')
			pm_buf_addc(out, ' ');
	}
	pm_buf_add(out, body, commit.n - (size_t)(body - commit.p));
}

static int store_commit(struct pm_repo *r, const git_buf *text, const struct pm_ident *committer,
			git_oid *id, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf signature = { 0 }, bytes = { 0 };
	struct pm_str commit = { text->ptr, text->size };
	bool wants;
	int rc = pm_git_wants_signature(r, &wants, err);

	if (rc == 0 && wants)
		rc = pm_git_sign(r, committer, commit, &signature, err);
	if (rc < 0)
		return rc;
	if (wants)
		add_signature(&bytes, commit, (struct pm_str){ signature.v, signature.n });
	else
		pm_buf_add(&bytes, commit.p, commit.n);
	if (git_odb_write(id, r->odb, bytes.v, bytes.n, GIT_OBJECT_COMMIT) < 0)
		return pm_git_fail(err, PM_E_IO, "cannot write the commit");
	pm_git_keep(r, id, (struct pm_str){ bytes.v, bytes.n }, GIT_OBJECT_COMMIT);
	return 0;
}

int pm_repo_write_commit(struct pm_repo *r, const char *tree, const char *parent,
			 const struct pm_ident *author, const struct pm_ident *committer,
			 const char *message, char commit[PM_OID_HEX], struct pm_err *err)
{
	git_signature *by = NULL, *with = NULL;
	git_commit *c = NULL;
	git_tree *t = NULL;
	git_buf text = { 0 };
	git_oid id;
	int rc = make_signature(&by, author, err);

	if (rc == 0)
		rc = make_signature(&with, committer, err);
	if (rc == 0)
		rc = lookup_parents(r, tree, parent, &t, &c, err);
	if (rc == 0) {
		const git_commit *parents[] = { c };

		if (git_commit_create_buffer(&text, r->git, by, with, NULL, message, t, 1,
					     (void *)parents) < 0)
			rc = pm_git_fail(err, PM_E_IO, "cannot make the commit");
	}
	if (rc == 0)
		rc = store_commit(r, &text, committer, &id, err);
	if (rc == 0)
		pm_git_hex(commit, &id);
	git_buf_dispose(&text);
	git_signature_free(by);
	git_signature_free(with);
	git_commit_free(c);
	git_tree_free(t);
	return rc;
}

/* ---- the branch ---- */

enum { REF_MAX = 1024 };

static bool ref_name(char out[REF_MAX], const char *branch)
{
	int n = snprintf(out, REF_MAX, "refs/heads/%s", branch);

	return n > 0 && n < REF_MAX;
}

int pm_repo_branch(struct pm_repo *r, const char *branch, char commit[PM_OID_HEX],
		   struct pm_err *err)
{
	char name[REF_MAX];
	git_oid id;
	int rc = ref_name(name, branch) ? git_reference_name_to_id(&id, r->git, name)
					: GIT_ENOTFOUND;

	if (rc == GIT_ENOTFOUND || rc == GIT_EINVALIDSPEC)
		return pm_err_set(err, PM_E_NOTFOUND, PM_NOWHERE, "no branch '%.200s'", branch);
	if (rc < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot read the branch");
	pm_git_hex(commit, &id);
	return 0;
}

void pm_repo_free_branch(struct pm_repo *r, const char *branch, char *out, size_t cap)
{
	char oid[PM_OID_HEX];

	snprintf(out, cap, "%s", branch);
	for (unsigned i = 2; i < 10000 && pm_repo_branch(r, out, oid, NULL) == 0; i++)
		snprintf(out, cap, "%.900s-%u", branch, i);
}

/* Branches that a team protects, and names that confuse. */
static const char *bad_name(const char *branch, const char *ref)
{
	static const char *const taken[] = { "HEAD", "main", "master" };
	int valid = 0;

	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		if (strcmp(branch, taken[i]) == 0)
			return "is kept for other uses";
	if (strncmp(branch, "release/", 8) == 0)
		return "is kept for other uses";
	if (*branch == '-' || strcmp(branch, "@") == 0 || git_reference_name_is_valid(&valid, ref) < 0 || !valid)
		return "is not a valid branch name";
	return NULL;
}

/* Does this file say "ref: REF"? */
static bool head_names(const char *path, const char *ref)
{
	char line[REF_MAX + 8] = "";
	FILE *f = fopen(path, "re");

	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	return strncmp(line, "ref: ", 5) == 0 && strcmp(line + 5, ref) == 0;
}

/* HEAD, here or in another working tree, may name a branch that has no commit yet: creating it would
 * change what is checked out. */
static bool is_unborn_head(struct pm_repo *r, const char *ref)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };
	git_strarray trees = { 0 };
	bool same;

	pm_buf_addf(&path, "%sHEAD", git_repository_commondir(r->git));
	same = head_names(pm_buf_str(&path), ref);
	if (git_worktree_list(&trees, r->git) < 0)
		trees.count = 0;
	for (size_t i = 0; !same && i < trees.count; i++) {
		pm_buf_clear(&path);
		pm_buf_addf(&path, "%sworktrees/%s/HEAD", git_repository_commondir(r->git),
			    trees.strings[i]);
		same = head_names(pm_buf_str(&path), ref);
	}
	git_strarray_dispose(&trees);
	return same;
}

static int locked(struct pm_repo *r, const char *ref, struct pm_err *err)
{
	char path[4096];
	struct stat st;
	long age = -1;

	snprintf(path, sizeof(path), "%s%s.lock", git_repository_commondir(r->git), ref);
	if (stat(path, &st) == 0)
		age = (long)(time(NULL) - st.st_mtime);
	pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
		   "another Git holds the branch: %s exists (%ld s old)", path, age);
	return pm_err_hint(err, "choose another name with --branch; delete the file only when no "
			   "Git runs");
}

static int not_created(struct pm_repo *r, int rc, const char *branch, const char *ref,
		       struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	char name[REF_MAX];

	pm_quote_text(&shown, pm_str_of(branch));
	switch (rc) {
	case GIT_EEXISTS: case GIT_EMODIFIED:
		pm_repo_free_branch(r, branch, name, sizeof(name));
		pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "branch %s exists", pm_buf_str(&shown));
		return pm_err_hint(err, "--branch %s", name);
	case GIT_EDIRECTORY:
		pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
			   "branch %s is in the way of another branch: one is a folder of the "
			   "other", pm_buf_str(&shown));
		return pm_err_hint(err, "choose another name with --branch");
	case GIT_EINVALIDSPEC:
		return pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "'%s' is not a valid branch name",
				  pm_buf_str(&shown));
	case GIT_ELOCKED:
		return locked(r, ref, err);
	default:
		return pm_git_fail(err, PM_E_IO, "cannot create the branch");
	}
}

/* The branch that would be a folder of this one, or have it as a folder; "" when there is none. */
static void find_clash(struct pm_repo *r, const char *branch, char out[REF_MAX])
{
	git_reference_iterator *it = NULL;
	char oid[PM_OID_HEX], glob[REF_MAX + 2];
	const char *name;

	for (const char *slash = strchr(branch, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(out, REF_MAX, "%.*s", (int)(slash - branch), branch);
		if (pm_repo_branch(r, out, oid, NULL) == 0)
			return;
	}
	*out = '\0';
	snprintf(glob, sizeof(glob), "refs/heads/%s/*", branch);
	if (git_reference_iterator_glob_new(&it, r->git, glob) == 0 &&
	    git_reference_next_name(&name, it) == 0)
		snprintf(out, REF_MAX, "%s", name + strlen("refs/heads/"));
	git_reference_iterator_free(it);
}

/* "a/b" beside a branch "a": "a-b" is offered. */
static int clashes(struct pm_repo *r, const char *branch, const char *with, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 }, other = { 0 };
	char flat[REF_MAX], name[REF_MAX];

	pm_quote_text(&shown, pm_str_of(branch));
	pm_quote_text(&other, pm_str_of(with));
	snprintf(flat, sizeof(flat), "%s", branch);
	for (char *c = flat; *c; c++)
		*c = *c == '/' ? '-' : *c;
	if (strcmp(flat, branch) == 0)
		snprintf(flat, sizeof(flat), "%.900s-2", branch);
	pm_repo_free_branch(r, flat, name, sizeof(name));
	pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "branch %s is in the way of %s: to Git, one would "
		   "be a folder of the other", pm_buf_str(&other), pm_buf_str(&shown));
	return pm_err_hint(err, "--branch %s", name);
}

int pm_repo_may_create(struct pm_repo *r, const char *branch, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	char ref[REF_MAX], clash[REF_MAX];
	const char *why = ref_name(ref, branch) ? bad_name(branch, ref) : "is too long";

	if (why) {
		pm_quote_text(&shown, pm_str_of(branch));
		pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "branch name %s %s", pm_buf_str(&shown),
			   why);
		return pm_err_hint(err, "choose another name with --branch");
	}
	if (is_unborn_head(r, ref))
		return not_created(r, GIT_EEXISTS, branch, ref, err);
	find_clash(r, branch, clash);
	return *clash ? clashes(r, branch, clash, err) : 0;
}

/* After an error: 1 the ref is there all the same, 0 it is not, -1 nobody knows. */
static int points_to(struct pm_repo *r, const char *ref, const git_oid *want)
{
	git_oid id;
	int rc = git_reference_name_to_id(&id, r->git, ref);

	return rc == 0 ? git_oid_equal(&id, want) : rc == GIT_ENOTFOUND ? 0 : -1;
}

/* Creating failed for `why`. Where the ref had been renamed into its place, and then its folder could
 * not be synced, it is there all the same. */
static int failed(struct pm_repo *r, const char *branch, const char *ref, const git_oid *want,
		  const char *why, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	int there = points_to(r, ref, want);

	if (!there)
		return pm_err_set(err, PM_E_IO, PM_NOWHERE, "cannot create the branch: %s", why);
	if (there > 0) {
		pm_published();
		return pm_err_set(err, PM_E_IO, PM_NOWHERE, "it may not survive a power cut: %s", why);
	}
	pm_quote_text(&shown, pm_str_of(branch));
	pm_err_set(err, PM_E_IO, PM_NOWHERE, "it is not known whether the branch was created: %s", why);
	return pm_err_hint(err, "git rev-parse --verify refs/heads/%s", pm_buf_str(&shown));
}

int pm_repo_create_branch(struct pm_repo *r, const char *branch, const char *commit,
			  struct pm_err *err)
{
	static const git_oid nothing; /* the old value must be "no such ref" */
	git_reference *made = NULL;
	char ref[REF_MAX];
	git_oid id;
	int rc = pm_git_oid(&id, commit, err);

	if (rc == 0)
		rc = pm_repo_may_create(r, branch, err);
	if (rc < 0)
		return rc;
	ref_name(ref, branch);
	rc = git_reference_create_matching(&made, r->git, ref, &id, 0, &nothing,
					   "branch: created by portmig");
	git_reference_free(made);
	if (rc == GIT_ERROR) {
		/* looking for the ref makes messages of its own */
		PM_CLEAN_BUF struct pm_buf why = { 0 };

		pm_buf_adds(&why, pm_git_message());
		return failed(r, branch, ref, &id, pm_buf_str(&why), err);
	}
	if (rc < 0)
		return not_created(r, rc, branch, ref, err);
	pm_published();
	return 0;
}

/* ---- hooks ---- */

int pm_repo_hooks(struct pm_repo *r, struct pm_buf *out)
{
	static const char *const names[] = { "pre-commit", "prepare-commit-msg", "commit-msg",
					     "post-commit", "reference-transaction" };
	git_config *cfg = NULL;
	git_buf dir = { 0 };
	char path[4096];
	int n = 0;

	if (git_repository_config_snapshot(&cfg, r->git) < 0 ||
	    git_config_get_path(&dir, cfg, "core.hooksPath") < 0 || !dir.ptr || !*dir.ptr)
		snprintf(path, sizeof(path), "%shooks", git_repository_commondir(r->git));
	else if (dir.ptr[0] == '/' || !git_repository_workdir(r->git))
		snprintf(path, sizeof(path), "%s", dir.ptr);
	else
		snprintf(path, sizeof(path), "%s%s", git_repository_workdir(r->git), dir.ptr);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char file[4096 + 64];
		struct stat st;

		snprintf(file, sizeof(file), "%s/%s", path, names[i]);
		if (stat(file, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111)) {
			pm_buf_addf(out, "%s%s", n ? ", " : "", names[i]);
			n++;
		}
	}
	git_buf_dispose(&dir);
	git_config_free(cfg);
	return n;
}
