/* user_cache.c - see user_cache.h. */
#include "user_cache.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int pm_user_cache_dir(const struct pm_ctx *ctx, struct pm_buf *out, struct pm_err *err)
{
	const char *xdg = ctx->env("XDG_CACHE_HOME"), *home = ctx->env("HOME");

	pm_buf_clear(out);
	/* relative paths are to be ignored, says the specification */
	if (xdg && *xdg == '/')
		pm_buf_addf(out, "%s/portmig", xdg);
	else if (home && *home == '/')
		pm_buf_addf(out, "%s/.cache/portmig", home);
	else
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "no place for a cache: neither XDG_CACHE_HOME nor HOME is an "
				  "absolute path");
	return 0;
}

/* The path without symbolic links, of which the end need not exist yet. */
static bool resolve(const char *path, char out[PATH_MAX])
{
	PM_CLEAN_BUF struct pm_buf head = { 0 };
	size_t n;

	pm_buf_adds(&head, path);
	while (!realpath(pm_buf_str(&head), out)) {
		char *slash = strrchr(head.v, '/');

		if (!slash || slash == head.v)
			return false;
		head.n = (size_t)(slash - head.v);
		*slash = '\0';
	}
	n = strlen(out);
	return (size_t)snprintf(out + n, PATH_MAX - n, "%s", path + head.n) < PATH_MAX - n;
}

static bool is_inside(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || !path[n] || dir[n - 1] == '/');
}

static int check_place(const struct pm_repo *repo, const char *dir, struct pm_err *err)
{
	char real[PATH_MAX], top[PATH_MAX];

	if (resolve(dir, real) && (!realpath(pm_repo_dir(repo), top) || !is_inside(real, top)))
		return 0;
	return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
			  "its place is inside the repository, where nothing is written");
}

/* Once: a command may read several commits. */
static void tell(const struct pm_ctx *ctx, const char *what, const struct pm_err *err)
{
	static bool told;

	if (ctx->verbose > 0 && !told)
		pm_cmd_note(ctx, "cache not %s: %s", what, err->text);
	told = true;
}

struct pm_cache *pm_user_cache_open(const struct pm_ctx *ctx, const struct pm_repo *repo)
{
	PM_CLEAN_BUF struct pm_buf dir = { 0 };
	struct pm_cache *c = NULL;
	struct pm_err err = { 0 };
	int rc = pm_user_cache_dir(ctx, &dir, &err);

	if (!rc)
		rc = check_place(repo, pm_buf_str(&dir), &err);
	if (!rc)
		rc = pm_cache_open(&c, pm_buf_str(&dir), pm_cache_generation(),
				   PM_CACHE_SIZE_DEFAULT, &err);
	if (rc)
		tell(ctx, "used", &err);
	return c;
}

void pm_user_cache_close(const struct pm_ctx *ctx, struct pm_cache *c)
{
	struct pm_err err = { 0 };

	if (pm_cache_close(c, &err))
		tell(ctx, "written", &err);
}
