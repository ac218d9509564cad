/* git_message.c - what a commit says of itself: parents, message, trailers. */
#include "git_impl.h"

#include <string.h>

int pm_repo_commit_info(struct pm_repo *r, const char *commit, struct pm_arena *a,
			struct pm_commit_info *out, struct pm_err *err)
{
	git_commit *c = NULL;
	git_oid id;
	int rc = pm_git_oid(&id, commit, err);

	if (rc < 0)
		return rc;
	rc = git_commit_lookup(&c, r->git, &id);
	if (rc == GIT_ENOTFOUND)
		return pm_git_missing(r, "commit", commit, err);
	if (rc < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot read commit");
	memset(out, 0, sizeof(*out));
	pm_git_hex(out->tree, git_commit_tree_id(c));
	out->n_parents = git_commit_parentcount(c);
	if (out->n_parents)
		pm_git_hex(out->parent, git_commit_parent_id(c, 0));
	out->message = pm_arena_strdup(a, git_commit_message(c));
	git_commit_free(c);
	return 0;
}

struct pm_trailers pm_trailers_read(struct pm_arena *a, const char *message)
{
	git_message_trailer_array found = { 0 };
	struct pm_trailers out = { 0 };

	/* it allocates and cannot fail otherwise */
	if (git_message_trailers(&found, message) < 0)
		pm_die_oom();
	out.v = PM_NEW_N(a, struct pm_trailer, found.count + 1);
	for (; out.n < found.count; out.n++) {
		out.v[out.n].key = pm_arena_strdup(a, found.trailers[out.n].key);
		out.v[out.n].value = pm_arena_strdup(a, found.trailers[out.n].value);
	}
	git_message_trailer_array_free(&found);
	return out;
}

/* Does the message have the line "Portmig-Plan: DIGEST" among its trailers? */
static bool states(git_repository *git, const git_oid *id, const char *digest)
{
	struct pm_arena a = { 0 };
	git_commit *c = NULL;
	bool found = false;

	if (git_commit_lookup(&c, git, id) == 0 && strstr(git_commit_message(c), digest)) {
		struct pm_trailers t = pm_trailers_read(&a, git_commit_message(c));

		for (size_t i = 0; i < t.n && !found; i++)
			found = strcmp(t.v[i].key, "Portmig-Plan") == 0 &&
				strcmp(t.v[i].value, digest) == 0;
	}
	git_commit_free(c);
	pm_arena_release(&a);
	return found;
}

int pm_repo_find_stated(struct pm_repo *r, const char *tip, const char *base, const char *digest,
			char commit[PM_OID_HEX], size_t *n, struct pm_err *err)
{
	git_revwalk *walk = NULL;
	git_oid id;
	int rc = pm_git_oid(&id, tip, err);

	*n = 0;
	if (rc < 0)
		return rc;
	rc = git_revwalk_new(&walk, r->git);
	if (rc == 0)
		rc = git_revwalk_push(walk, &id);
	if (rc == 0 && (git_oid_fromstr(&id, base) < 0 || !git_odb_exists(r->odb, &id)))
		rc = pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
				"the plan is for another repository: no commit %s here", base);
	if (rc == 0)
		rc = git_revwalk_hide(walk, &id);
	while (rc == 0 && (rc = git_revwalk_next(&id, walk)) == 0)
		if (states(r->git, &id, digest) && !(*n)++)
			pm_git_hex(commit, &id);
	git_revwalk_free(walk);
	if (rc == GIT_ITEROVER)
		return 0;
	return rc == PM_E_REFUSED ? rc : pm_git_fail(err, PM_E_REPO, "cannot read the history");
}
