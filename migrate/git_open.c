/*
 * git_open.c - opening a repository, in the order of Git's own discovery but stricter, and plain
 * words for what cannot be opened.
 */
#include "git_impl.h"
#include "objects_impl.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *pm_git_message(void)
{
	const git_error *e = git_error_last();

	/* zlib's memory is not ours to give; see git_memory.c */
	if (e && e->klass == GIT_ERROR_NOMEMORY)
		pm_die_oom();
	return e && e->message && *e->message ? e->message : "no reason given (disk full?)";
}

int pm_git_fail(struct pm_err *err, enum pm_code code, const char *what)
{
	return pm_err_set(err, code, PM_NOWHERE, "%s: %s", what, pm_git_message());
}

void pm_git_tree_done(git_tree **t)
{
	git_tree_free(*t);
}

static bool is_there(const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	return n > 0 && (size_t)n < sizeof(path) && lstat(path, &st) == 0;
}

/* A Git directory itself: bare, or the administrative one of a linked working tree. */
static bool is_git_dir(const char *dir)
{
	return is_there(dir, "HEAD") && ((is_there(dir, "objects") && is_there(dir, "refs")) ||
					 is_there(dir, "commondir"));
}

/* The directory to open at or above `start`, in `dir`. Above the start only a `.git` counts: a
 * bare repository that someone committed into a tree must not be taken for the user's
 * (safe.bareRepository). Stops at a mount point, as Git does. */
static bool discover(char dir[PATH_MAX])
{
	struct stat st, up;
	bool first = true;

	if (stat(dir, &st) != 0)
		return false;
	for (;;) {
		char *slash;

		if (is_there(dir, ".git") || (first && is_git_dir(dir)))
			return true;
		first = false;
		slash = strrchr(dir, '/');
		if (!slash || dir[1] == '\0')
			return false;
		slash[slash == dir] = '\0';
		if (stat(dir, &up) != 0 || up.st_dev != st.st_dev)
			return false;
	}
}

/* Extensions that change nothing for a reader of objects and refs. */
static void allow_extensions(void)
{
#if LIBGIT2_VER_MAJOR > 1 || LIBGIT2_VER_MINOR >= 2
	const char *names[] = { "partialclone", "worktreeconfig" };

	git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, (size_t)2);
#endif
}

/* Objects are read once each, so the cache only costs; zlib's checksum stays, and what apply
 * edits is hashed again by apply. What is written goes to the disk for good. */
static void set_options(void)
{
	git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
	allow_extensions();
}

static bool is_owner_problem(int rc, const char *text)
{
#if LIBGIT2_VER_MAJOR > 1 || LIBGIT2_VER_MINOR >= 5
	if (rc == GIT_EOWNER)
		return true;
#endif
	/* 1.5.1 reports the missing safe.directory setting instead */
	return rc < 0 && (strstr(text, "safe.directory") || strstr(text, "is not owned by"));
}

static int open_failed(int rc, const char *dir, struct pm_err *err)
{
	static const struct { const char *sign, *say, *hint; } known[] = {
		{ "extensions.objectformat", "its objects have SHA-256 ids",
		  "this build reads SHA-1 repositories only" },
		{ "extensions.refstorage", "its refs are stored as a reftable",
		  "convert a clone with: git refs migrate --ref-format=files" },
		{ "unsupported repository version", "its format is newer than this build knows",
		  "see core.repositoryFormatVersion in its config" },
		{ "unsupported extension", "it uses a format extension unknown to this build",
		  "see the extensions.* lines in its config" },
	};
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	const char *text = pm_git_message();

	pm_quote_text(&shown, pm_str_of(dir));
	if (is_owner_problem(rc, text)) {
		pm_err_set(err, PM_E_REPO, PM_NOWHERE,
			   "repository %s belongs to another user", pm_buf_str(&shown));
		return pm_err_hint(err, "git config --global --add safe.directory %s",
				   pm_buf_str(&shown));
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strstr(text, known[i].sign)) {
			pm_err_set(err, PM_E_REPO, PM_NOWHERE,
				   "cannot read repository %s: %s (%s)", pm_buf_str(&shown),
				   known[i].say, text);
			return pm_err_hint(err, "%s", known[i].hint);
		}
	return pm_err_set(err, PM_E_REPO, PM_NOWHERE, "cannot open repository %s: %s",
			  pm_buf_str(&shown), text);
}

static bool says_promisor(const char *name)
{
	size_t n = strlen(name);

	return strcmp(name, "extensions.partialclone") == 0 ||
	       (n > 16 && strncmp(name, "remote.", 7) == 0 && strcmp(name + n - 9, ".promisor") == 0);
}

/*
 * Any remote.<name>.promisor or extensions.partialClone: the other objects are elsewhere. All names
 * are looked at here, because libgit2 1.5's own filter leaks memory at every name that does not
 * match (https://github.com/libgit2/libgit2/pull/6382).
 */
static bool find_promisor(git_repository *git)
{
	git_config_iterator *it = NULL;
	git_config *cfg = NULL;
	git_config_entry *e;
	bool found = false;

	if (git_repository_config_snapshot(&cfg, git) == 0 &&
	    git_config_iterator_new(&it, cfg) == 0)
		while (!found && git_config_next(&e, it) == 0)
			found = says_promisor(e->name);
	git_config_iterator_free(it);
	git_config_free(cfg);
	return found;
}

static int open_found(struct pm_repo **out, const char *found, struct pm_err *err)
{
	struct pm_repo *r;
	int rc = pm_git_start(err);

	if (rc)
		return rc;
	set_options();
	r = pm_xrealloc(NULL, sizeof(*r));
	memset(r, 0, sizeof(*r));
	r->dir = pm_xstrdup(found);
	rc = git_repository_open_ext(&r->git, found, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
	if (rc < 0) {
		rc = open_failed(rc, found, err);
	} else if (git_repository_odb(&r->odb, r->git) < 0) {
		rc = pm_git_fail(err, PM_E_REPO, "cannot open the object store");
	} else {
		r->promisor = find_promisor(r->git);
		*out = r;
		return 0;
	}
	pm_repo_free(r);
	return rc;
}

static int resolve(const char *dir, char found[PATH_MAX], struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };

	if (realpath(dir, found))
		return 0;
	pm_quote_text(&shown, pm_str_of(dir));
	return pm_err_set(err, PM_E_REPO, PM_NOWHERE, "cannot open %s: %s", pm_buf_str(&shown),
			  strerror(errno));
}

int pm_repo_open(struct pm_repo **out, const char *dir, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	char found[PATH_MAX];
	int rc = resolve(dir, found, err);

	if (rc)
		return rc;
	if (discover(found))
		return open_found(out, found, err);
	pm_quote_text(&shown, pm_str_of(dir));
	pm_err_set(err, PM_E_REPO, PM_NOWHERE, "no Git repository at or above %s",
		   pm_buf_str(&shown));
	return pm_err_hint(err, "name one with -C DIR");
}

int pm_repo_open_at(struct pm_repo **out, const char *git_dir, struct pm_err *err)
{
	char found[PATH_MAX];
	struct stat st;
	int rc = resolve(git_dir, found, err);

	/* a file names the real one, as in linked working trees */
	if (!rc && stat(found, &st) == 0 && S_ISDIR(st.st_mode) && !is_git_dir(found)) {
		PM_CLEAN_BUF struct pm_buf shown = { 0 };

		pm_quote_text(&shown, pm_str_of(git_dir));
		return pm_err_set(err, PM_E_REPO, PM_NOWHERE, "%s is not a Git directory",
				  pm_buf_str(&shown));
	}
	return rc ? rc : open_found(out, found, err);
}

int pm_repo_add_objects(struct pm_repo *r, const char *dir, struct pm_err *err)
{
	PM_ASSERT(!r->objects, "objects added after the first was read");
	if (git_odb_add_disk_alternate(r->odb, dir) == 0) {
		*PM_VEC_ADD(&r->added) = pm_xstrdup(dir);
		return 0;
	}
	return pm_git_fail(err, PM_E_REPO, "cannot read the objects that the environment names");
}

void pm_repo_free(struct pm_repo *r)
{
	if (!r)
		return;
	pm_objreader_free(r->reader);
	pm_objects_free(r->objects);
	git_odb_free(r->odb);
	git_repository_free(r->git);
	for (size_t i = 0; i < r->added.n; i++)
		free(r->added.v[i]);
	PM_VEC_FREE(&r->added);
	pm_git_forget_settings(r);
	pm_git_forget_made(r);
	free(r->dir);
	free(r);
	git_libgit2_shutdown();
}

const char *pm_repo_dir(const struct pm_repo *r)
{
	return r->dir;
}

const char *pm_repo_git_dir(const struct pm_repo *r)
{
	return git_repository_path(r->git);
}

bool pm_repo_is_shallow(const struct pm_repo *r)
{
	return git_repository_is_shallow(r->git) == 1;
}
