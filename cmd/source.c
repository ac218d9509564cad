/* source.c - see source.h. */
#include "source.h"
#include "timing.h"
#include "user_cache.h"

#include "output.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DOCUMENT = 8 << 20 };

/* Names under which teams keep a port schema, most explicit first. */
const char *const pm_source_usual[] = {
	"docs/PORT_SCHEMA.md",	    "PORT_SCHEMA.md",	   "docs/PORT_ALLOCATION.md",
	"PORT_ALLOCATION.md",	    "docs/PORTS.md",	   "PORTS.md",
	"docs/ports.md",	    "ports.md",		   "docs/PORT_ASSIGNMENTS.md",
	"PORT_ASSIGNMENTS.md",	    "docs/PORT_REGISTRY.md", "PORT_REGISTRY.md",
	"docs/PORT_MAP.md",	    "PORT_MAP.md",	   "docs/port-allocation.md",
	"docs/port-schema.md",	    "docs/port-registry.md", "docs/port-assignments.md",
	"ports.yaml",		    "ports.yml",	   "docs/ports.yaml",
	"docs/ports.yml",	    "config/ports.yaml",   "config/ports.yml",
	NULL
};

/* The word of `s` at *i, which moves behind it; runs of letters and digits are words. */
static struct pm_str next_word(struct pm_str s, size_t *i)
{
	size_t from;

	while (*i < s.n && (!pm_is_word(s.p[*i]) || s.p[*i] == '_'))
		++*i;
	for (from = *i; *i < s.n && pm_is_word(s.p[*i]) && s.p[*i] != '_'; ++*i)
		;
	return (struct pm_str){ s.p + from, *i - from };
}

static bool is_one_of(struct pm_str s, const char *const *words)
{
	for (; *words; words++)
		if (pm_str_ieq(s, *words))
			return true;
	return false;
}

bool pm_source_is_usual(const char *path)
{
	static const char *const dirs[] = { "", "docs", "doc", "config", NULL };
	static const char *const exts[] = { "md", "markdown", "yaml", "yml", NULL };
	static const char *const kinds[] = { "schema", "scheme", "allocation", "allocations",
		"assignment", "assignments", "registry", "map", NULL };
	struct pm_str base = pm_path_base(path), word;
	size_t i = 0, before = 0;

	if (!is_one_of(pm_path_dir(path), dirs))
		return false;
	while ((word = next_word(base, &i)).n && !pm_str_ieq(word, "port") &&
	       !pm_str_ieq(word, "ports"))
		before++;
	if (!word.n || before > 2)
		return false;
	word = next_word(base, &i);
	if (is_one_of(word, kinds))
		word = next_word(base, &i);
	return is_one_of(word, exts) && i == base.n;
}

void pm_source_release(struct pm_source *s)
{
	pm_buf_release(&s->text);
	pm_buf_release(&s->shown);
}

/* ---- files on disk ---- */

static int file_error(const char *path, struct pm_err *err)
{
	const int e = errno;

	return pm_err_set(err, e == ENOENT || e == ENOTDIR ? PM_E_USAGE : PM_E_IO,
			  (struct pm_loc){ path, 0, 0 }, "cannot read '%.300s': %s", path,
			  strerror(e));
}

static int read_fd(int fd, const char *path, struct pm_buf *out, struct pm_err *err)
{
	char block[65536];

	for (;;) {
		ssize_t n = read(fd, block, sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_error(path, err);
		if (!n)
			return 0;
		pm_buf_add(out, block, (size_t)n);
		if (out->n > MAX_DOCUMENT)
			return pm_err_set(err, PM_E_LIMIT, (struct pm_loc){ path, 0, 0 },
					  "'%.300s' is larger than 8 MiB", path);
	}
}

static int check_size(const struct pm_source *s, const char *path, struct pm_err *err)
{
	if (s->text.n > MAX_DOCUMENT)
		return pm_err_set(err, PM_E_LIMIT, (struct pm_loc){ path, 0, 0 },
				  "'%.300s' is larger than 8 MiB", path);
	return 0;
}

/* A document is text; what else it may be is said before a parser stumbles over it. */
static int check_text(const struct pm_source *s, const char *path, struct pm_err *err)
{
	const enum pm_skip_reason why = pm_content_skip(pm_buf_str(&s->text), s->text.n);

	if (check_size(s, path, err) < 0)
		return PM_E_LIMIT;
	if (why == PM_SKIP_NONE)
		return 0;
	pm_err_set(err, PM_E_USAGE, (struct pm_loc){ path, 0, 0 }, "'%.300s' cannot be read as text: %s", path,
		   pm_skip_text(why));
	if (why == PM_SKIP_LFS)
		return pm_err_hint(err, "name the file itself, fetched with: git lfs pull");
	return PM_E_USAGE;
}

static int read_disk(struct pm_source *out, const char *path, struct pm_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	int rc;

	if (fd < 0)
		return file_error(path, err);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		return pm_err_set(err, PM_E_USAGE, (struct pm_loc){ path, 0, 0 },
				  "'%.300s' is a directory", path);
	}
	rc = read_fd(fd, path, &out->text, err);
	close(fd);
	if (!rc)
		rc = check_text(out, path, err);
	if (rc)
		return rc;
	pm_buf_adds(&out->shown, path);
	pm_blob_id((struct pm_str){ pm_buf_str(&out->text), out->text.n }, out->oid);
	return 0;
}

/* ---- files of commits ---- */

int pm_source_commit(struct pm_source *out, const struct pm_view *t, const char *path,
		     struct pm_err *err)
{
	int rc = pm_repo_file(t->repo, t->commit, path, out->oid, &out->text, err);

	if (rc == PM_E_REPO)
		return pm_err_wrap(err, "%s", path);
	if (rc)
		return rc;
	pm_buf_clear(&out->shown);
	pm_buf_adds(&out->shown, path);
	out->in_commit = true;
	return check_size(out, path, err);
}

static int read_document(struct pm_source *out, const struct pm_view *t, const char *path,
			 struct pm_err *err)
{
	int rc = pm_source_commit(out, t, path, err);

	return rc ? rc : check_text(out, path, err);
}

void pm_source_note_disk(const struct pm_source *s, const struct pm_ctx *ctx,
			 const struct pm_view *v)
{
	PM_CLEAN_SOURCE struct pm_source disk = { 0 };
	PM_CLEAN_BUF struct pm_buf path = { 0 };
	const char *shown = pm_buf_str(&s->shown), *dir = ctx->env("GIT_WORK_TREE");
	struct stat st;

	if (!s->in_commit)
		return;
	if (!dir && ctx->env("GIT_DIR"))
		dir = "."; /* as Git has it */
	if (!dir) {
		dir = pm_repo_dir(v->repo);
		pm_buf_addf(&path, "%s/.git", dir);
		if (lstat(pm_buf_str(&path), &st) < 0)
			return; /* bare: there is no working tree */
	}
	pm_buf_clear(&path);
	pm_buf_addf(&path, "%s/%s", dir, shown);
	if (lstat(pm_buf_str(&path), &st) < 0 || !S_ISREG(st.st_mode) ||
	    read_disk(&disk, pm_buf_str(&path), NULL) < 0 || strcmp(disk.oid, s->oid) == 0)
		return;
	pm_cmd_note(ctx, "uncommitted changes to %s are ignored; the commit counts", shown);
}

/* Repository part of "OTHER-REPO@REV", or 0: length up to the '@'. */
static size_t repo_part(struct pm_str left)
{
	for (size_t i = left.n; i-- > 1;)
		if (left.p[i] == '@' && i + 1 < left.n && left.p[i + 1] != '{')
			return i;
	return 0;
}

static int read_rev(struct pm_source *out, struct pm_repo *repo, const char *rev,
		    const char *path, struct pm_err *err)
{
	char commit[PM_OID_HEX];
	int rc;

	if (!*path)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "no path behind '%.200s:'", rev);
	rc = pm_repo_commit(repo, *rev ? rev : "HEAD", commit, err);
	if (!rc)
		rc = pm_repo_file(repo, commit, path, out->oid, &out->text, err);
	return rc ? rc : check_text(out, path, err);
}

/* "REV:PATH" or "OTHER-REPO@REV:PATH"; `colon` is in `src`. */
static int read_spec(struct pm_source *out, const struct pm_view *t, const char *src,
		     const char *colon, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf rev = { 0 }, dir = { 0 };
	struct pm_str left = { src, (size_t)(colon - src) };
	const size_t at = repo_part(left);
	struct pm_repo *other = NULL;
	int rc;

	pm_buf_add(&rev, left.p + (at ? at + 1 : 0), left.n - (at ? at + 1 : 0));
	if (at) {
		pm_buf_add(&dir, left.p, at);
		rc = pm_repo_open(&other, pm_buf_str(&dir), err);
		if (rc)
			return rc;
	}
	rc = read_rev(out, other ? other : t->repo, pm_buf_str(&rev), colon + 1, err);
	pm_repo_free(other);
	pm_buf_adds(&out->shown, src);
	/* the user named it: not there is wrong usage, whatever the layer below calls it */
	if (rc == PM_E_NOTFOUND)
		err->code = PM_E_USAGE;
	return rc == PM_E_NOTFOUND ? PM_E_USAGE : rc;
}

int pm_source_read(struct pm_source *out, const struct pm_view *t, const char *src,
		   struct pm_err *err)
{
	const char *colon = strchr(src, ':');
	struct stat st;
	int rc;

	if (stat(src, &st) == 0)
		return read_disk(out, src, err);
	if (colon)
		return read_spec(out, t, src, colon, err);
	rc = read_document(out, t, src, err);
	if (rc != PM_E_NOTFOUND)
		return rc;
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
		   "'%.300s' is neither a file nor a path of commit %.12s", src, t->commit);
	return pm_err_hint(err, "FILE, REV:PATH or OTHER-REPO@REV:PATH");
}

int pm_source_schema(struct pm_source *out, const struct pm_view *t, struct pm_buf *others,
		     struct pm_err *err)
{
	const char *configured = t->has_config ? t->config.schema : NULL;
	bool found = false;
	int rc;

	if (configured) {
		rc = read_document(out, t, configured, err);
		if (rc == PM_E_NOTFOUND) {
			pm_err_set(err, PM_E_USAGE, (struct pm_loc){ t->config.path, 0, 0 },
				   "the configured schema '%.300s' is not in commit %.12s",
				   configured, t->commit);
			return PM_E_USAGE;
		}
		if (rc)
			return rc;
		found = true;
	}
	for (const char *const *name = pm_source_usual; *name; name++) {
		PM_CLEAN_SOURCE struct pm_source s = { 0 };

		if (configured && strcmp(configured, *name) == 0)
			continue;
		rc = read_document(found ? &s : out, t, *name, err);
		if (rc == PM_E_NOTFOUND || (rc && found))
			continue;
		if (rc)
			return rc;
		if (found)
			pm_buf_addf(others, "%s%s", others->n ? ", " : "", *name);
		found = true;
	}
	if (found)
		return 0;
	pm_err_set(err, PM_E_NOTFOUND, PM_NOWHERE, "no port schema in commit %.12s", t->commit);
	return pm_err_hint(err, "--schema SRC, or 'schema: PATH' in portmig.yaml; looked for "
				"docs/PORT_SCHEMA.md, PORT_ALLOCATION.md, docs/PORTS.md, "
				"ports.yaml and the like");
}

/* ---- the commit ---- */

static int read_config(struct pm_view *t, const struct pm_ctx *ctx, bool is_head,
		       struct pm_err *err)
{
	PM_CLEAN_SOURCE struct pm_source s = { 0 };
	int rc;

	if (ctx->config) {
		rc = read_disk(&s, ctx->config, err);
		if (rc)
			return rc;
	} else {
		rc = pm_source_commit(&s, t, "portmig.yaml", err);
		if (rc == PM_E_NOTFOUND)
			return 0;
		if (rc)
			return rc;
		if (is_head)
			pm_source_note_disk(&s, ctx, t);
	}
	rc = pm_config_parse(&t->config, pm_buf_str(&s.shown),
			     (struct pm_str){ pm_buf_str(&s.text), s.text.n }, err);
	if (rc)
		return rc;
	t->has_config = true;
	memcpy(t->config_blob, s.oid, PM_OID_HEX);
	return 0;
}

/* Colon-separated directories of objects. */
static int add_objects(struct pm_repo *repo, const char *dirs, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf one = { 0 };
	int rc = 0;

	for (const char *p = dirs; rc == 0 && p && *p;) {
		size_t n = strcspn(p, ":");

		pm_buf_clear(&one);
		pm_buf_add(&one, p, n);
		if (n)
			rc = pm_repo_add_objects(repo, pm_buf_str(&one), err);
		p += n + (p[n] == ':');
	}
	return rc;
}

int pm_repo_of(struct pm_repo **out, const struct pm_ctx *ctx, struct pm_err *err)
{
	const char *git_dir = ctx->env("GIT_DIR");
	int rc = git_dir && *git_dir ? pm_repo_open_at(out, git_dir, err)
				     : pm_repo_open(out, ctx->dir, err);

	if (rc && git_dir && *git_dir)
		return pm_err_hint(err, "GIT_DIR is set to it; unset it to look for a repository");
	if (!rc)
		rc = pm_repo_use_config(*out, ctx->env, err);
	if (!rc)
		rc = add_objects(*out, ctx->env("GIT_OBJECT_DIRECTORY"), err);
	if (!rc)
		rc = add_objects(*out, ctx->env("GIT_ALTERNATE_OBJECT_DIRECTORIES"), err);
	return rc;
}

/* Where the current directory is in the working tree: "" at its root or outside. */
static void add_prefix(const struct pm_view *v, struct pm_buf *out)
{
	char here[PATH_MAX], root[PATH_MAX];
	size_t n;

	if (!realpath(".", here) || !realpath(pm_repo_dir(v->repo), root))
		return;
	n = strlen(root);
	if (strncmp(here, root, n) == 0 && here[n] == '/')
		pm_buf_adds(out, here + n + 1);
}

const char *pm_view_path(const struct pm_view *v, struct pm_arena *a, const char *word,
			 struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	const char *p = word;
	size_t n;

	if (strcmp(p, ".") == 0 || strcmp(p, "..") == 0 || strncmp(p, "./", 2) == 0 ||
	    strncmp(p, "../", 3) == 0)
		add_prefix(v, &b);
	for (; *p; p += n + strspn(p + n, "/")) {
		n = strcspn(p, "/");
		if (!n || (n == 1 && *p == '.'))
			continue;
		if (n == 2 && memcmp(p, "..", 2) == 0) {
			const char *slash = b.n ? strrchr(pm_buf_str(&b), '/') : NULL;

			if (!b.n) {
				pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
					   "'%.300s' is above the root of the commit", word);
				return NULL;
			}
			b.n = slash ? (size_t)(slash - b.v) : 0;
			b.v[b.n] = '\0';
			continue;
		}
		if (b.n)
			pm_buf_addc(&b, '/');
		pm_buf_add(&b, p, n);
	}
	return pm_arena_strndup(a, pm_buf_str(&b), b.n);
}

/* The Git directory, too, where it is not simply the .git there: it may be anywhere. */
static void tell_opened(const struct pm_view *v, const struct pm_ctx *ctx)
{
	const char *dir = pm_repo_dir(v->repo), *git = pm_repo_git_dir(v->repo);
	const size_t n = strlen(dir);
	const bool usual = strncmp(git, dir, n) == 0 &&
			   (strcmp(git + n, "/") == 0 || strcmp(git + n, "/.git/") == 0);

	pm_cmd_note(ctx, "reading commit %.12s of %s%s%s", v->commit, dir,
		    usual ? "" : ", Git directory ", usual ? "" : git);
}

int pm_view_open(struct pm_view *out, const struct pm_ctx *ctx, const char *rev,
		   struct pm_err *err)
{
	int rc = pm_repo_of(&out->repo, ctx, err);

	if (!rc)
		rc = pm_repo_commit(out->repo, rev ? rev : "HEAD", out->commit, err);
	if (!rc)
		rc = read_config(out, ctx, !rev, err);
	pm_timing_lap(ctx->timing, "open");
	if (!rc && ctx->verbose > 0)
		tell_opened(out, ctx);
	return rc;
}

void pm_view_tell_missing(const struct pm_view *v, const struct pm_ctx *ctx,
			  const struct pm_skip *skips, size_t n)
{
	size_t missing = 0;

	for (size_t i = 0; i < n; i++)
		missing += !skips[i].readable;
	if (missing)
		pm_cmd_note(ctx, "%zu file%s could not be read; %s", missing,
			    missing == 1 ? "" : "s", pm_repo_missing_hint(v->repo));
}

int pm_view_take(struct pm_view *out, const struct pm_ctx *ctx, struct pm_repo *repo,
		 const char *commit, struct pm_err *err)
{
	out->repo = repo;
	memcpy(out->commit, commit, PM_OID_HEX);
	return read_config(out, ctx, false, err);
}

unsigned pm_reading_jobs(const struct pm_reading *r)
{
	cpu_set_t set;
	int n;

	if (r->jobs)
		return (unsigned)r->jobs;
	n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
	return n < 1 ? 1 : n > PM_JOBS_MAX ? PM_JOBS_MAX : (unsigned)n;
}

int pm_view_inventory(struct pm_inventory *out, const struct pm_ctx *ctx, const struct pm_view *v,
		      struct pm_inv_options opt, const char *what, struct pm_err *err)
{
	struct pm_progress bar;
	int rc;

	pm_progress_init(&bar, ctx->verbose >= 0, what);
	opt.config = v->has_config ? &v->config : NULL;
	opt.limits = PM_LIMITS_DEFAULT;
	opt.jobs = pm_reading_jobs(&v->reading);
	opt.progress = pm_progress_show;
	opt.progress_data = &bar;
	opt.now = ctx->timing ? pm_timing_now : NULL;
	if (!v->reading.no_cache && !opt.resources) /* the cache has ports */
		opt.cache = pm_user_cache_open(ctx, v->repo);
	pm_timing_lap(ctx->timing, "prepare");
	rc = pm_inventory_build(out, v->repo, v->commit, &opt, err);
	pm_progress_end(&bar);
	pm_timing_add(ctx->timing, "walk", out->times.walk);
	if (opt.cache)
		pm_timing_add(ctx->timing, "recall", out->times.recall);
	pm_timing_add(ctx->timing, "read", out->times.read);
	pm_timing_add(ctx->timing, "names", out->times.names);
	pm_timing_add(ctx->timing, "scan", out->times.scan);
	pm_timing_lap(ctx->timing, "collect");
	pm_user_cache_close(ctx, opt.cache);
	if (opt.cache)
		pm_timing_lap(ctx->timing, "keep");
	return rc;
}

void pm_view_release(struct pm_view *t)
{
	if (t->has_config)
		pm_config_release(&t->config);
	pm_repo_free(t->repo);
	memset(t, 0, sizeof(*t));
}
