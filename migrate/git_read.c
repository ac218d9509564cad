/*
 * git_read.c - revisions, blobs and single files of a commit. The walk over a whole tree is in
 * git_walk.c.
 */
#include "git_impl.h"

#include <stdlib.h>
#include <string.h>

const char *pm_skip_text(enum pm_skip_reason r)
{
	static const char *const texts[] = {
		[PM_SKIP_NONE] = "read",
		[PM_SKIP_BINARY] = "binary",
		[PM_SKIP_LARGE] = "over the size limit",
		[PM_SKIP_SUBMODULE] = "submodule: run portmig inside it",
		[PM_SKIP_SYMLINK] = "symbolic link",
		[PM_SKIP_LFS] = "Git LFS pointer",
		[PM_SKIP_ATTR] = "-portmig in .gitattributes",
		[PM_SKIP_MISSING] = "object is not in this repository",
		[PM_SKIP_ENCODING] = "UTF-16 or UTF-32",
		[PM_SKIP_DEPTH] = "directories nested too deep",
		[PM_SKIP_CONFIG] = "excluded by portmig.yaml",
	};

	return texts[r];
}

int pm_git_oid(git_oid *out, const char *hex, struct pm_err *err)
{
	if (strlen(hex) != PM_OID_HEX - 1 || git_oid_fromstr(out, hex) < 0)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "'%.60s' is not an object id", hex);
	return 0;
}

void pm_git_hex(char out[PM_OID_HEX], const git_oid *oid)
{
	git_oid_tostr(out, PM_OID_HEX, oid);
}

const char *pm_repo_missing_hint(const struct pm_repo *r)
{
	return r->promisor ? "this is a partial clone: git fetch --refetch --no-filter"
			   : "git fsck shows what is missing; fetch it, or clone again";
}

int pm_git_missing(struct pm_repo *r, const char *what, const char *oid, struct pm_err *err)
{
	pm_err_set(err, PM_E_REPO, PM_NOWHERE, "%s %s is not in this repository", what, oid);
	return pm_err_hint(err, "%s", pm_repo_missing_hint(r));
}

/* A ref whose object is lost is another failure than a wrong name. */
static int check_ref(struct pm_repo *r, const char *rev, struct pm_err *err)
{
	git_reference *ref = NULL;
	const git_oid *id = NULL;
	char hex[PM_OID_HEX];
	int rc = 0;

	if (git_reference_dwim(&ref, r->git, rev) == 0)
		id = git_reference_target(ref);
	if (id && !git_odb_exists(r->odb, id)) {
		pm_git_hex(hex, id);
		rc = pm_git_missing(r, "commit", hex, err);
	}
	git_reference_free(ref);
	return rc;
}

/* Why a revision gave no commit: an unborn branch, damage, or just a wrong name. */
static int no_commit(struct pm_repo *r, const char *rev, int rc, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };

	pm_quote_text(&shown, pm_str_of(rev));
	if (rc != GIT_ENOTFOUND && rc != GIT_EAMBIGUOUS && rc != GIT_EINVALIDSPEC &&
	    rc != GIT_EPEEL && rc != GIT_EUNBORNBRANCH)
		return pm_err_set(err, PM_E_REPO, PM_NOWHERE, "cannot read revision %s: %s",
				  pm_buf_str(&shown), pm_git_message());
	if (strncmp(rev, "HEAD", 4) == 0 && git_repository_head_unborn(r->git) == 1) {
		pm_err_set(err, PM_E_REPO, PM_NOWHERE, "no commit yet in %s", r->dir);
		return pm_err_hint(err, "commit something first, or name a revision with --rev");
	}
	return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "revision %s is not %s",
			  pm_buf_str(&shown),
			  rc == GIT_EAMBIGUOUS ? "unique" : rc == GIT_EPEEL ? "a commit" : "known");
}

int pm_repo_commit(struct pm_repo *r, const char *rev, char oid[PM_OID_HEX], struct pm_err *err)
{
	git_object *any = NULL, *commit = NULL;
	int rc;

	if (strstr(rev, "..") && !strchr(rev, ':'))
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "'%.200s' names a range, not one commit", rev);
	rc = check_ref(r, rev, err);
	if (rc < 0)
		return rc;
	rc = git_revparse_single(&any, r->git, rev);
	if (rc == 0) {
		rc = git_object_peel(&commit, any, GIT_OBJECT_COMMIT);
		if (rc < 0 && rc != GIT_ENOTFOUND)
			rc = GIT_EPEEL;
	}
	if (rc == 0)
		pm_git_hex(oid, git_object_id(commit));
	else
		rc = no_commit(r, rev, rc, err);
	git_object_free(any);
	git_object_free(commit);
	return rc;
}

int pm_git_commit_tree(struct pm_repo *r, const char *commit, git_tree **out, struct pm_err *err)
{
	git_commit *c = NULL;
	char hex[PM_OID_HEX];
	git_oid id;
	int rc = pm_git_oid(&id, commit, err);

	if (rc < 0)
		return rc;
	rc = git_commit_lookup(&c, r->git, &id);
	if (rc == GIT_ENOTFOUND)
		return pm_git_missing(r, "commit", commit, err);
	if (rc < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot read commit");
	rc = git_commit_tree(out, c);
	pm_git_hex(hex, git_commit_tree_id(c));
	git_commit_free(c);
	if (rc == GIT_ENOTFOUND)
		return pm_git_missing(r, "tree", hex, err);
	return rc < 0 ? pm_git_fail(err, PM_E_REPO, "cannot read tree") : 0;
}

int pm_repo_tree_of(struct pm_repo *r, const char *commit, char tree[PM_OID_HEX],
		    struct pm_err *err)
{
	PM_CLEAN_TREE t = NULL;
	int rc = pm_git_commit_tree(r, commit, &t, err);

	if (rc == 0)
		pm_git_hex(tree, git_tree_id(t));
	return rc;
}

static int read_blob(struct pm_repo *r, const git_oid *id, struct pm_buf *out,
		     struct pm_err *err)
{
	git_odb_object *obj = NULL;
	char hex[PM_OID_HEX];
	int rc = git_odb_read(&obj, r->odb, id);

	pm_git_hex(hex, id);
	pm_buf_clear(out);
	if (rc == GIT_ENOTFOUND) {
		pm_git_missing(r, "blob", hex, err);
		if (err)
			err->code = PM_E_NOTFOUND;
		return PM_E_NOTFOUND;
	}
	if (rc < 0) {
		pm_git_fail(err, PM_E_REPO, "the repository is damaged");
		return pm_err_wrap(err, "blob %s", hex);
	}
	if (git_odb_object_type(obj) != GIT_OBJECT_BLOB)
		rc = pm_err_set(err, PM_E_REPO, PM_NOWHERE,
				"the repository is damaged: object %s is not a blob", hex);
	else
		pm_buf_add(out, git_odb_object_data(obj), git_odb_object_size(obj));
	git_odb_object_free(obj);
	return rc;
}

int pm_repo_blob(struct pm_repo *r, const char *oid, struct pm_buf *out, struct pm_err *err)
{
	git_oid id;
	int rc = pm_git_oid(&id, oid, err);

	return rc < 0 ? rc : read_blob(r, &id, out, err);
}

uint64_t pm_repo_blob_size(struct pm_repo *r, const char *oid)
{
	git_object_t type;
	size_t size;
	git_oid id;

	if (pm_git_oid(&id, oid, NULL) < 0 || git_odb_read_header(&size, &type, r->odb, &id) < 0 ||
	    type != GIT_OBJECT_BLOB)
		return UINT64_MAX;
	return size;
}

/* A path that names no file we could read: say what it is. */
static int odd_file(struct pm_repo *r, const git_tree_entry *e, const char *path,
		    struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	PM_CLEAN_BUF struct pm_buf target = { 0 };
	PM_CLEAN_BUF struct pm_buf quoted = { 0 };

	pm_quote_text(&shown, pm_str_of(path));
	switch (git_tree_entry_filemode_raw(e)) {
	case GIT_FILEMODE_TREE:
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "%s is a directory",
				  pm_buf_str(&shown));
	case GIT_FILEMODE_COMMIT:
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "%s is a submodule",
				  pm_buf_str(&shown));
	default:
		if (read_blob(r, git_tree_entry_id(e), &target, err) == 0)
			pm_quote_text(&quoted, (struct pm_str){ pm_buf_str(&target), target.n });
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "%s is a symbolic link to %s",
			   pm_buf_str(&shown), pm_buf_str(&quoted));
		return pm_err_hint(err, "name the file itself");
	}
}

int pm_repo_file(struct pm_repo *r, const char *commit, const char *path, char oid[PM_OID_HEX],
		 struct pm_buf *out, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	PM_CLEAN_TREE root = NULL;
	git_tree_entry *e = NULL;
	char hex[PM_OID_HEX];
	git_filemode_t mode;
	int rc = pm_git_commit_tree(r, commit, &root, err);

	if (rc < 0)
		return rc;
	pm_quote_text(&shown, pm_str_of(path));
	rc = git_tree_entry_bypath(&e, root, path);
	if (rc == GIT_ENOTFOUND)
		return pm_err_set(err, PM_E_NOTFOUND, PM_NOWHERE, "no file %s in commit %.12s",
				  pm_buf_str(&shown), commit);
	if (rc < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot read tree");
	mode = git_tree_entry_filemode_raw(e);
	if (git_tree_entry_type(e) != GIT_OBJECT_BLOB || mode == GIT_FILEMODE_LINK) {
		rc = odd_file(r, e, path, err);
	} else {
		pm_git_hex(hex, git_tree_entry_id(e));
		rc = read_blob(r, git_tree_entry_id(e), out, err);
		if (rc == 0 && oid)
			memcpy(oid, hex, PM_OID_HEX);
		/* the path exists: that its object does not is another failure */
		if (rc == PM_E_NOTFOUND)
			rc = pm_git_missing(r, "blob", hex, err);
	}
	git_tree_entry_free(e);
	return rc;
}

enum pm_skip_reason pm_content_skip(const char *bytes, size_t len)
{
	static const char lfs[] = "version https://git-lfs.github.com/spec/";

	if (len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
		return PM_SKIP_ENCODING;
	if (len >= 4 && memcmp(bytes, "\0\0\xfe\xff", 4) == 0)
		return PM_SKIP_ENCODING;
	if (len && memchr(bytes, '\0', len))
		return PM_SKIP_BINARY;
	/* the specification limits a pointer file to 1024 bytes */
	if (len < 1024 && len >= sizeof(lfs) - 1 && memcmp(bytes, lfs, sizeof(lfs) - 1) == 0)
		return PM_SKIP_LFS;
	return PM_SKIP_NONE;
}

void pm_blob_id(struct pm_str bytes, char oid[PM_OID_HEX])
{
	git_oid id;

	PM_ASSERT(pm_git_start(NULL) == 0 &&
		  git_odb_hash(&id, bytes.p, bytes.n, GIT_OBJECT_BLOB) == 0, "cannot hash");
	pm_git_hex(oid, &id);
	git_libgit2_shutdown();
}
