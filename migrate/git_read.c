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
	    rc != GIT_EPEEL && rc != GIT_EUNBORNBRANCH) {
		pm_err_set(err, PM_E_REPO, PM_NOWHERE, "cannot read revision %s: %s",
			   pm_buf_str(&shown), pm_git_message());
		return pm_err_hint(err, "git fsck --full tells what is damaged");
	}
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

struct pm_objreader *pm_git_reader(struct pm_repo *r)
{
	if (!r->reader)
		r->reader = pm_objreader_open(pm_repo_objects(r), 0);
	return r->reader;
}

int pm_git_id(struct pm_oid *out, const char *hex, struct pm_err *err)
{
	if (!pm_oid_parse(out, hex))
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "'%.60s' is not an object id", hex);
	return 0;
}

int pm_git_need(struct pm_repo *r, const struct pm_oid *id, enum pm_object_type type,
		struct pm_str *bytes, struct pm_err *err)
{
	int rc = pm_objreader_need(pm_git_reader(r), id, type, bytes, err);

	if (rc != PM_E_NOTFOUND)
		return rc;
	if (err)
		err->code = PM_E_REPO;
	return PM_E_REPO;
}

int pm_git_tree_id(struct pm_repo *r, const char *commit, struct pm_oid *tree, struct pm_err *err)
{
	struct pm_commit_text text;
	struct pm_str bytes;
	struct pm_oid id;
	int rc = pm_git_id(&id, commit, err);

	if (rc == 0)
		rc = pm_git_need(r, &id, PM_OBJECT_COMMIT, &bytes, err);
	if (rc < 0)
		return rc;
	if (!pm_commit_parse(&text, bytes))
		return pm_err_set(err, PM_E_REPO, PM_NOWHERE,
				  "commit %s: the repository is damaged: malformed commit", commit);
	*tree = text.tree;
	return 0;
}

int pm_repo_tree_of(struct pm_repo *r, const char *commit, char tree[PM_OID_HEX],
		    struct pm_err *err)
{
	struct pm_oid id;
	int rc = pm_git_tree_id(r, commit, &id, err);

	if (rc == 0)
		pm_oid_hex(tree, &id);
	return rc;
}

/* ---- blobs ---- */

static int read_blob(struct pm_repo *r, const struct pm_oid *id, struct pm_buf *out,
		     struct pm_err *err)
{
	struct pm_str bytes;
	int rc = pm_objreader_need(pm_git_reader(r), id, PM_OBJECT_BLOB, &bytes, err);

	pm_buf_clear(out);
	if (rc == 0)
		pm_buf_add(out, bytes.p, bytes.n);
	return rc;
}

int pm_repo_blob(struct pm_repo *r, const char *oid, struct pm_buf *out, struct pm_err *err)
{
	struct pm_oid id;
	int rc = pm_git_id(&id, oid, err);

	return rc < 0 ? rc : read_blob(r, &id, out, err);
}

uint64_t pm_repo_blob_size(struct pm_repo *r, const char *oid)
{
	enum pm_object_type type;
	struct pm_oid id;
	uint64_t size;

	if (!pm_oid_parse(&id, oid) ||
	    pm_objreader_size(pm_git_reader(r), &id, &type, &size, NULL) < 0 ||
	    type != PM_OBJECT_BLOB)
		return UINT64_MAX;
	return size;
}

/* ---- files ---- */

/* The entry of a path below a tree; its id is copied. PM_E_NOTFOUND when there is none. */
static int find_path(struct pm_repo *r, const struct pm_oid *root, const char *path,
		     struct pm_oid *id, uint32_t *mode, struct pm_err *err)
{
	*id = *root;
	*mode = PM_MODE_DIR;
	for (;;) {
		size_t n = strcspn(path, "/"), at = 0;
		struct pm_tree_entry e;
		struct pm_str tree;
		bool found = false;
		int rc = pm_git_need(r, id, PM_OBJECT_TREE, &tree, err);

		if (rc < 0)
			return rc;
		while (!found && pm_tree_next(tree, &at, &e))
			found = e.name.n == n && memcmp(e.name.p, path, n) == 0;
		if (!found)
			return PM_E_NOTFOUND;
		*id = *e.id;
		*mode = e.mode;
		if (!path[n])
			return 0;
		if (!pm_mode_is_dir(e.mode))
			return PM_E_NOTFOUND;
		path += n + 1;
	}
}

/* A path that names no file we could read: say what it is. */
static int odd_file(struct pm_repo *r, const struct pm_oid *id, uint32_t mode, const char *path,
		    struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	PM_CLEAN_BUF struct pm_buf target = { 0 };
	PM_CLEAN_BUF struct pm_buf quoted = { 0 };

	pm_quote_text(&shown, pm_str_of(path));
	switch (mode & PM_MODE_TYPE) {
	case PM_MODE_DIR:
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "%s is a directory",
				  pm_buf_str(&shown));
	case PM_MODE_COMMIT:
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "%s is a submodule",
				  pm_buf_str(&shown));
	default:
		if (read_blob(r, id, &target, err) == 0)
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
	struct pm_oid root, id = { { 0 } };
	uint32_t mode = 0;
	int rc = pm_git_tree_id(r, commit, &root, err);

	if (rc == 0)
		rc = find_path(r, &root, path, &id, &mode, err);
	if (rc == PM_E_NOTFOUND) {
		pm_quote_text(&shown, pm_str_of(path));
		return pm_err_set(err, PM_E_NOTFOUND, PM_NOWHERE, "no file %s in commit %.12s",
				  pm_buf_str(&shown), commit);
	}
	if (rc < 0)
		return rc;
	switch (mode & PM_MODE_TYPE) {
	case PM_MODE_DIR: case PM_MODE_COMMIT: case PM_MODE_LINK:
		return odd_file(r, &id, mode, path, err);
	}
	rc = read_blob(r, &id, out, err);
	if (rc == 0 && oid)
		pm_oid_hex(oid, &id);
	/* the path exists: that its object does not is another failure */
	if (rc == PM_E_NOTFOUND) {
		rc = PM_E_REPO;
		if (err)
			err->code = PM_E_REPO;
	}
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
