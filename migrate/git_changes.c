/* git_changes.c - the commits that changed one file, the newest first. */
#include "git_impl.h"

#include <string.h>

enum { MAX_COMMITS = 20000 };

/* Blob of a path in a commit; a zero id when there is none. */
static int blob_at(git_commit *c, const char *path, git_oid *out)
{
	git_tree_entry *e = NULL;
	git_tree *tree = NULL;
	int rc = git_commit_tree(&tree, c);

	memset(out, 0, sizeof(*out));
	if (rc == 0) {
		rc = git_tree_entry_bypath(&e, tree, path);
		if (rc == 0)
			git_oid_cpy(out, git_tree_entry_id(e));
		git_tree_entry_free(e);
	}
	git_tree_free(tree);
	return rc == GIT_ENOTFOUND ? 0 : rc;
}

/* Did this commit change the file: does it differ from that of each parent? A parent that is cut
 * off tells nothing. */
static bool changed(git_commit *c, const char *path, git_oid *now, git_oid *before)
{
	const unsigned n = git_commit_parentcount(c);

	if (blob_at(c, path, now) < 0)
		return false;
	memset(before, 0, sizeof(*before));
	for (unsigned i = n; i-- > 0;) {
		git_commit *parent = NULL;
		int rc = git_commit_parent(&parent, c, i);

		if (rc == 0)
			rc = blob_at(parent, path, before);
		git_commit_free(parent);
		if (rc < 0 || git_oid_equal(now, before))
			return false;
	}
	return n > 0;
}

static void hex_or_none(char out[PM_OID_HEX], const git_oid *id)
{
	out[0] = '\0';
	if (!git_oid_is_zero(id))
		pm_git_hex(out, id);
}

static int walk(struct pm_repo *r, git_revwalk *w, const char *path, int64_t since,
		pm_path_commit_fn fn, void *data)
{
	git_oid id, now, before;
	int rc = 0;

	for (unsigned n = 0; rc == 0 && n < MAX_COMMITS && git_revwalk_next(&id, w) == 0; n++) {
		struct pm_path_commit x = { .when = 0 };
		git_commit *c = NULL;

		if (git_commit_lookup(&c, r->git, &id) < 0)
			break;
		x.when = git_commit_time(c);
		x.offset_min = git_commit_time_offset(c);
		if (x.when < since) {
			git_commit_free(c);
			break; /* in order of time: all others are older */
		}
		if (changed(c, path, &now, &before)) {
			pm_git_hex(x.commit, &id);
			hex_or_none(x.now, &now);
			hex_or_none(x.before, &before);
			rc = fn(data, &x);
		}
		git_commit_free(c);
	}
	return rc;
}

int pm_repo_path_commits(struct pm_repo *r, const char *commit, const char *path, int64_t since,
			 pm_path_commit_fn fn, void *data, struct pm_err *err)
{
	git_revwalk *w = NULL;
	git_oid id;
	int rc = pm_git_oid(&id, commit, err);

	if (rc)
		return rc;
	if (git_revwalk_new(&w, r->git) < 0 || git_revwalk_sorting(w, GIT_SORT_TIME) < 0 ||
	    git_revwalk_push(w, &id) < 0)
		rc = pm_git_fail(err, PM_E_REPO, "cannot walk the history");
	else
		rc = walk(r, w, path, since, fn, data);
	git_revwalk_free(w);
	return rc;
}
