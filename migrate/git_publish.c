/*
 * git_publish.c - what was made in memory becomes objects and one new branch.
 *
 * Git deletes objects that no ref leads to, `git gc --prune=now` at once; between the first object and
 * the ref such a run could take what belongs to the branch. So all of it is written in one go, at the
 * end; meanwhile gc is kept away by the same file that keeps two of it apart, gc.pid
 * (https://github.com/git/git/blob/v2.39.5/builtin/gc.c, lock_repo_for_gc). `git repack` knows no such file,
 * but takes packs only: all is written loose, even what a pack has. `git prune`, by itself, is Git's own
 * unsafe tool: what it took before the ref was there is written again, as every object is looked for once
 * more then; what it takes later is lost, as it would be to `git commit`.
 */
#include "git_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MAX = 30, STALE_SECONDS = 43200, PASSES_MAX = 5, TRIES_MAX = 3,
       MOMENT_SECONDS = 2, LOCK_SECONDS = 60 };

void pm_git_keep(struct pm_repo *r, const git_oid *id, struct pm_str bytes, git_object_t type)
{
	struct pm_made *m = PM_VEC_ADD(&r->made);

	m->id = *id;
	m->type = type;
	pm_buf_add(&m->bytes, bytes.p, bytes.n);
}

void pm_git_forget_made(struct pm_repo *r)
{
	for (size_t i = 0; i < r->made.n; i++)
		pm_buf_release(&r->made.v[i].bytes);
	PM_VEC_FREE(&r->made);
}

/* ---- gc.pid ---- */

/*
 * gc makes gc.pid.lock, reads gc.pid, and replaces it when nobody that runs is named there. We make gc.pid
 * where there is none, and then look for the lock: whoever comes second sees the other.
 */
struct holder { uintmax_t pid; char host[256]; };

static bool is_here(const struct holder *who)
{
	char here[256] = "";

	gethostname(here, sizeof(here) - 1);
	return strcmp(who->host, here) == 0;
}

/* Who is named in the file; `age` in seconds. False when nobody is: it is not there, or not whole. */
static bool read_holder(const char *path, struct holder *who, time_t *age)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	bool whole;

	*age = STALE_SECONDS + 1;
	if (!f)
		return false;
	if (fstat(fileno(f), &st) == 0)
		*age = time(NULL) - st.st_mtime;
	whole = fscanf(f, "%" SCNuMAX " %255s", &who->pid, who->host) == 2;
	fclose(f);
	return whole;
}

/* May somebody who runs hold it? Those of other hosts are believed for half a day, and those who are about
 * to write their name for a moment. */
static bool is_held(const char *path, struct holder *who)
{
	time_t age;

	if (!read_holder(path, who, &age))
		return age <= MOMENT_SECONDS;
	return age <= STALE_SECONDS &&
	       (!is_here(who) || kill((pid_t)who->pid, 0) == 0 || errno == EPERM);
}

/* Did somebody else put a file of his in the place of ours? */
static bool is_others(const char *path)
{
	struct holder who = { 0 };
	time_t age;

	return read_holder(path, &who, &age) && (who.pid != (uintmax_t)getpid() || !is_here(&who));
}

/* gc has its lock for a moment only: an old one was left over. */
static bool is_locked(const char *lock)
{
	struct stat st;

	return stat(lock, &st) == 0 && time(NULL) - st.st_mtime <= LOCK_SECONDS;
}

/* Our process into the new file `fd`, which is closed. */
static bool sign(int fd)
{
	char here[256] = "";
	FILE *f = fdopen(fd, "w");
	bool ok;

	if (!f) {
		close(fd);
		return false;
	}
	gethostname(here, sizeof(here) - 1);
	ok = fprintf(f, "%ju %s", (uintmax_t)getpid(), here) > 0;
	return fclose(f) == 0 && ok;
}

/* One try: 1 it is ours, 0 somebody has it, or a negative errno. */
static int try_to_hold(const char *path, const char *lock, struct holder *who)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), why;

	if (fd < 0 && errno != EEXIST)
		return -errno;
	if (fd < 0) {
		if (!is_held(path, who))
			unlink(path);
		return 0;
	}
	errno = 0;
	if (!sign(fd)) {
		why = errno ? errno : EIO;
		unlink(path);
		return -why;
	}
	if (!is_locked(lock) && !is_others(path))
		return 1;
	if (!is_others(path))
		unlink(path);
	return 0;
}

static int busy(const char *lock, const struct holder *who, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 }, host = { 0 };

	pm_quote_text(&shown, pm_str_of(lock));
	pm_quote_text(&host, pm_str_of(who->host));
	if (who->pid)
		pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "git gc runs here (process %ju on %s): it "
			   "would delete what is not part of a branch yet", who->pid, pm_buf_str(&host));
	else
		pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "git gc begins here again and again: %s",
			   pm_buf_str(&shown));
	return pm_err_hint(err, "try again when it has ended");
}

/* Keep gc away: *held says whether gc.pid is ours, to be removed. Where the directory takes no file, gc
 * cannot run either. */
static int hold_gc(const char *path, bool *held, struct pm_err *err)
{
	const struct timespec nap = { 0, 10000000 }; /* a hundredth of a second */
	PM_CLEAN_BUF struct pm_buf lock = { 0 };
	struct holder who = { 0 };
	int rc = 0;

	*held = false;
	pm_buf_addf(&lock, "%s.lock", path);
	for (int i = 0; i < WAIT_MAX * 100; i++) {
		rc = try_to_hold(path, pm_buf_str(&lock), &who);
		*held = rc > 0;
		if (rc > 0 || rc == -EACCES || rc == -EPERM)
			return 0;
		if (rc < 0)
			return pm_err_set(err, PM_E_IO, PM_NOWHERE, "cannot write %s: %s",
					  path, strerror(-rc));
		nanosleep(&nap, NULL);
	}
	return busy(pm_buf_str(&lock), &who, err);
}

/* ---- objects ---- */

/* `git prune` removes a directory between its making and the rename into it, so the first failure is
 * not the last word. */
static int write_one(git_odb *disk, const struct pm_made *m, struct pm_err *err)
{
	git_oid id;
	int rc = -1;

	for (int i = 0; rc < 0 && i < TRIES_MAX; i++)
		rc = git_odb_write(&id, disk, m->bytes.v, m->bytes.n, m->type);
	return rc < 0 ? pm_git_fail(err, PM_E_IO, "cannot write an object") : 0;
}

static git_odb *loose_objects(const char *dir)
{
	git_odb_backend *b = NULL;
	git_odb *odb = NULL;

	if (git_odb_new(&odb) == 0 && git_odb_backend_loose(&b, dir, -1, 1, 0, 0) == 0 &&
	    git_odb_add_backend(odb, b, 1) == 0)
		return odb;
	git_odb_free(odb);
	return NULL;
}

/* Write those that are not there, as loose objects; *n says how many. With `anywhere` one in a pack is
 * there, too; without it is not, as a pack with what no ref leads to yet may go at any time. What is on
 * the disk is looked at anew. */
static int write_missing(struct pm_repo *r, bool anywhere, size_t *n, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf dir = { 0 };
	git_odb *loose, *all = NULL;
	int rc = 0;

	*n = 0;
	pm_buf_addf(&dir, "%sobjects", git_repository_commondir(r->git));
	loose = loose_objects(pm_buf_str(&dir));
	if (!loose || (anywhere && git_odb_open(&all, pm_buf_str(&dir)) < 0))
		rc = pm_git_fail(err, PM_E_IO, "cannot open the object store");
	for (size_t i = 0; rc == 0 && i < r->made.n; i++) {
		if (git_odb_exists(all ? all : loose, &r->made.v[i].id))
			continue;
		++*n;
		rc = write_one(loose, &r->made.v[i], err);
	}
	git_odb_free(all);
	git_odb_free(loose);
	return rc;
}

static int settle(struct pm_repo *r, struct pm_err *err)
{
	size_t n = 1;
	int rc = 0;

	for (int i = 0; rc == 0 && n && i < PASSES_MAX; i++)
		rc = write_missing(r, true, &n, err);
	if (rc == 0 && n)
		rc = pm_err_set(err, PM_E_IO, PM_NOWHERE, "objects of the branch are deleted again and again");
	if (rc < 0) {
		pm_err_wrap(err, "the branch was created, but not all of it is there");
		pm_err_hint(err, "delete the branch and try again");
	}
	return rc;
}

int pm_repo_publish(struct pm_repo *r, const char *branch, const char *commit, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };
	size_t n;
	bool held;
	int rc;

	pm_buf_addf(&path, "%sgc.pid", git_repository_commondir(r->git));
	rc = hold_gc(pm_buf_str(&path), &held, err);
	if (rc < 0)
		return rc;
	rc = write_missing(r, false, &n, err);
	if (rc == 0)
		rc = pm_repo_create_branch(r, branch, commit, err);
	if (rc == 0)
		rc = settle(r, err);
	if (held && !is_others(pm_buf_str(&path)))
		unlink(pm_buf_str(&path));
	return rc;
}
