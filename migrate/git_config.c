/*
 * git_config.c - where settings are read from. libgit2 knows neither the environment
 * (https://git-scm.com/docs/git-config#ENVIRONMENT) nor, before 1.8, the file of a working tree
 * (https://git-scm.com/docs/git-worktree#_configuration_file). The repository's own files count; what
 * of them is believed is decided where it is used.
 */
#include "git_impl.h"

#include <git2/sys/repository.h>

#include <stdio.h>
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
	int rc, of_tree = 0;

	pm_buf_addf(&path, "%sconfig", git_repository_commondir(git));
	rc = add_file(cfg, pm_buf_str(&path), GIT_CONFIG_LEVEL_LOCAL, git, err);
	if (rc == 0 && git_config_get_bool(&of_tree, cfg, "extensions.worktreeconfig") == 0 && of_tree) {
		pm_buf_clear(&path);
		pm_buf_addf(&path, "%sconfig.worktree", git_repository_path(git));
		/* the level above LOCAL that all versions have */
		rc = add_file(cfg, pm_buf_str(&path), GIT_CONFIG_LEVEL_APP, git, err);
	}
	return rc;
}

/* ---- settings of the environment ---- */

/* Keys without case, but for what stands between the first and the last dot. */
static void add_setting(struct pm_repo *r, const char *key, const char *value)
{
	struct pm_setting *s = PM_VEC_ADD(&r->said);
	char *first, *last;

	s->key = pm_xstrdup(key);
	s->value = pm_xstrdup(value);
	first = strchr(s->key, '.');
	last = strrchr(s->key, '.');
	for (char *c = s->key; *c; c++)
		if ((c < first || c > last) && *c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
}

static int malformed(struct pm_err *err, const char *name)
{
	return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "%s is malformed", name);
}

/* GIT_CONFIG_COUNT, and so many GIT_CONFIG_KEY_<n> and GIT_CONFIG_VALUE_<n>. */
static int add_counted(struct pm_repo *r, pm_env_fn env, struct pm_err *err)
{
	const char *count = env("GIT_CONFIG_COUNT"), *key, *value;
	char name[64];
	long n;
	char *end;

	if (!count || !*count)
		return 0;
	n = strtol(count, &end, 10);
	if (*end || n < 0 || n > 10000)
		return malformed(err, "GIT_CONFIG_COUNT");
	for (long i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "GIT_CONFIG_KEY_%ld", i);
		key = env(name);
		if (!key || !strchr(key, '.'))
			return malformed(err, name);
		snprintf(name, sizeof(name), "GIT_CONFIG_VALUE_%ld", i);
		value = env(name);
		if (!value)
			return malformed(err, name);
		add_setting(r, key, value);
	}
	return 0;
}

/* One word in Git's quotes: 'it'\''s'; what needs no quotes has none. NULL when it does not end. */
static const char *unquote(const char *s, struct pm_buf *out)
{
	pm_buf_clear(out);
	while (*s && *s != ' ' && *s != '=') {
		const char *end;

		if (*s == '\\' && s[1]) {
			pm_buf_addc(out, s[1]);
			s += 2;
			continue;
		}
		if (*s != '\'' || !(end = strchr(s + 1, '\'')))
			return NULL;
		pm_buf_add(out, s + 1, (size_t)(end - s) - 1);
		s = end + 1;
	}
	return s;
}

/* GIT_CONFIG_PARAMETERS, which `git -c` sets: 'key'='value', or of older versions 'key=value'. A key
 * alone is true. */
static int add_parameters(struct pm_repo *r, const char *s, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf key = { 0 }, value = { 0 };

	while (s && *(s += strspn(s, " "))) {
		const char *is = NULL;

		s = unquote(s, &key);
		if (s && *s == '=') {
			s = unquote(s + 1, &value);
			is = pm_buf_str(&value);
		} else if (s && (is = strchr(pm_buf_str(&key), '='))) {
			key.v[is++ - key.v] = '\0';
		}
		if (!s || *s == '=' || !strchr(pm_buf_str(&key), '.'))
			return malformed(err, "GIT_CONFIG_PARAMETERS");
		add_setting(r, pm_buf_str(&key), is ? is : "true");
	}
	return 0;
}

void pm_git_forget_settings(struct pm_repo *r)
{
	for (size_t i = 0; i < r->said.n; i++) {
		free(r->said.v[i].key);
		free(r->said.v[i].value);
	}
	PM_VEC_FREE(&r->said);
}

static const char *said(const struct pm_repo *r, const char *key)
{
	for (size_t i = r->said.n; i-- > 0;)
		if (strcmp(r->said.v[i].key, key) == 0)
			return r->said.v[i].value;
	return NULL;
}

/* ---- all of it ---- */

static bool is_true(const char *s)
{
	static const char *const no[] = { "", "0", "false", "no", "off" };

	for (size_t i = 0; s && i < sizeof(no) / sizeof(*no); i++)
		if (strcmp(s, no[i]) == 0)
			return false;
	return s != NULL;
}

static int add_files(git_config *cfg, git_repository *git, pm_env_fn env, struct pm_err *err)
{
	const char *global = env("GIT_CONFIG_GLOBAL"), *system = env("GIT_CONFIG_SYSTEM");
	int rc = 0;

	if (is_true(env("GIT_CONFIG_NOSYSTEM")))
		rc = 0;
	else if (system)
		rc = add_file(cfg, system, GIT_CONFIG_LEVEL_SYSTEM, git, err);
	else
		rc = add_found(cfg, git_config_find_system, GIT_CONFIG_LEVEL_SYSTEM, git, err);
	if (rc == 0 && global) {
		rc = add_file(cfg, global, GIT_CONFIG_LEVEL_GLOBAL, git, err);
	} else if (rc == 0) {
		rc = add_found(cfg, git_config_find_xdg, GIT_CONFIG_LEVEL_XDG, git, err);
		if (rc == 0)
			rc = add_found(cfg, git_config_find_global, GIT_CONFIG_LEVEL_GLOBAL, git, err);
	}
	return rc ? rc : add_own(cfg, git, err);
}

int pm_repo_use_config(struct pm_repo *r, pm_env_fn env, struct pm_err *err)
{
	git_config *cfg = NULL;
	int rc;

	if (git_config_new(&cfg) < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot read the configuration");
	rc = add_files(cfg, r->git, env, err);
	if (rc == 0 && git_repository_set_config(r->git, cfg) < 0)
		rc = pm_git_fail(err, PM_E_REPO, "cannot read the configuration");
	git_config_free(cfg);
	if (rc == 0)
		rc = add_counted(r, env, err);
	return rc ? rc : add_parameters(r, env("GIT_CONFIG_PARAMETERS"), err);
}

static bool take(git_config *cfg, const char *key, struct pm_buf *out)
{
	git_buf value = { 0 };
	bool found = git_config_get_string_buf(&value, cfg, key) == 0 && value.ptr && *value.ptr;

	if (found)
		pm_buf_adds(out, value.ptr);
	git_buf_dispose(&value);
	return found;
}

static bool take_said(const struct pm_repo *r, const char *key, struct pm_buf *out)
{
	const char *value = said(r, key);

	pm_buf_clear(out);
	pm_buf_adds(out, value ? value : "");
	return value != NULL;
}

bool pm_git_setting(struct pm_repo *r, const char *key, struct pm_buf *out)
{
	git_config *cfg = NULL;

	if (take_said(r, key, out))
		return out->n > 0;
	if (git_repository_config_snapshot(&cfg, r->git) == 0)
		take(cfg, key, out);
	git_config_free(cfg);
	return out->n > 0;
}

bool pm_git_trusted(struct pm_repo *r, const char *key, struct pm_buf *out)
{
	static const git_config_level_t levels[] = {
		GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_SYSTEM,
		GIT_CONFIG_LEVEL_PROGRAMDATA,
	};
	git_config *cfg = NULL;

	if (take_said(r, key, out))
		return out->n > 0;
	if (git_repository_config(&cfg, r->git) < 0)
		return false;
	for (size_t i = 0; !out->n && i < sizeof(levels) / sizeof(*levels); i++) {
		git_config *one = NULL;

		if (git_config_open_level(&one, cfg, levels[i]) == 0)
			take(one, key, out);
		git_config_free(one);
	}
	git_config_free(cfg);
	return out->n > 0;
}
