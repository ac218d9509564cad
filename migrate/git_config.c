/*
 * git_config.c - which files the configuration is read from, where the environment says otherwise
 * than libgit2 looks: https://git-scm.com/docs/git-config#ENVIRONMENT. The repository's own file
 * stays; what of it is believed is decided where it is used.
 */
#include "git_impl.h"

#include <git2/sys/repository.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One file, if it can be read, as a level of `cfg`. */
static int add_file(git_config *cfg, const char *path, git_config_level_t level,
		    git_repository *git, struct pm_err *err)
{
	if (!*path || access(path, R_OK) != 0)
		return 0;
	if (git_config_add_file_ondisk(cfg, path, level, git, 0) < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot read the configuration");
	return 0;
}

static int add_found(git_config *cfg, int (*find)(git_buf *), git_config_level_t level,
		     git_repository *git, struct pm_err *err)
{
	git_buf path = { 0 };
	int rc = find(&path) == 0 ? add_file(cfg, path.ptr, level, git, err) : 0;

	git_buf_dispose(&path);
	return rc;
}

static int add_own(git_config *cfg, git_repository *git, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };

	pm_buf_addf(&path, "%sconfig", git_repository_commondir(git));
	return add_file(cfg, pm_buf_str(&path), GIT_CONFIG_LEVEL_LOCAL, git, err);
}

int pm_repo_use_config(struct pm_repo *r, const struct pm_config_files *f, struct pm_err *err)
{
	git_config *cfg = NULL;
	int rc = 0;

	if (git_config_new(&cfg) < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot read the configuration");
	if (f->system)
		rc = add_file(cfg, f->system, GIT_CONFIG_LEVEL_SYSTEM, r->git, err);
	else if (!f->no_system)
		rc = add_found(cfg, git_config_find_system, GIT_CONFIG_LEVEL_SYSTEM, r->git, err);
	if (rc == 0 && f->global) {
		rc = add_file(cfg, f->global, GIT_CONFIG_LEVEL_GLOBAL, r->git, err);
	} else if (rc == 0) {
		rc = add_found(cfg, git_config_find_xdg, GIT_CONFIG_LEVEL_XDG, r->git, err);
		if (rc == 0)
			rc = add_found(cfg, git_config_find_global, GIT_CONFIG_LEVEL_GLOBAL, r->git, err);
	}
	if (rc == 0)
		rc = add_own(cfg, r->git, err);
	if (rc == 0 && git_repository_set_config(r->git, cfg) < 0)
		rc = pm_git_fail(err, PM_E_REPO, "cannot read the configuration");
	git_config_free(cfg);
	return rc;
}
