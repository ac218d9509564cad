/*
 * git_ident.c - who commits, and when: the environment first, then the configuration, as Git
 * does. Dates: https://git-scm.com/docs/git-commit#_date_formats (raw, ISO 8601, RFC 2822).
 */
#include "git_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* "+0200", "-03:30", "Z", or nothing (`*off` stays). False when something else stands there. */
static bool read_zone(const char *s, int *off)
{
	unsigned h, m;
	char sign;

	while (*s == ' ')
		s++;
	if (!*s)
		return true;
	if (strcmp(s, "Z") == 0 || strcmp(s, "UTC") == 0 || strcmp(s, "GMT") == 0) {
		*off = 0;
		return true;
	}
	sign = *s;
	if ((sign != '+' && sign != '-') ||
	    (strlen(s) != 5 && !(strlen(s) == 6 && s[3] == ':')) ||
	    sscanf(s + 1, strlen(s) == 5 ? "%2u%2u" : "%2u:%2u", &h, &m) != 2 || m > 59)
		return false;
	*off = (int)(h * 60 + m) * (sign == '-' ? -1 : 1);
	return true;
}

static int local_offset(time_t t)
{
	struct tm tm = { 0 };

	return localtime_r(&t, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

/* "1700000000 +0100" or "@17". Short numbers without the sign are years and such to Git. */
static bool read_raw_date(const char *s, int64_t *when, int *off)
{
	bool sign = *s == '@';
	size_t n = strspn(s += sign, "0123456789");

	if (!n || n > 12 || (!sign && n < 9))
		return false;
	*when = strtoll(s, NULL, 10);
	*off = 0;
	return (s[n] == '\0' || s[n] == ' ') && read_zone(s + n, off);
}

static bool read_date(const char *s, int64_t *when, int *off)
{
	static const char *const forms[] = {
		"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%a, %d %b %Y %H:%M:%S",
		"%d %b %Y %H:%M:%S", "%a %b %d %H:%M:%S %Y",
	};

	if (read_raw_date(s, when, off))
		return true;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct tm tm = { 0 };
		const char *end = strptime(s, forms[i], &tm);
		struct tm local = tm;
		time_t guess;

		if (!end)
			continue;
		local.tm_isdst = -1;
		guess = mktime(&local);
		*off = local_offset(guess);
		if (!read_zone(end, off))
			return false;
		*when = (int64_t)timegm(&tm) - (int64_t)*off * 60;
		return true;
	}
	return false;
}

/* First of: $GIT_<ROLE>_<WHAT>, <role>.<what>, user.<what>. */
static bool find(struct pm_repo *r, pm_env_fn env, bool committer, const char *what_env,
		 const char *what, struct pm_buf *out)
{
	char key[64];
	const char *value;

	snprintf(key, sizeof(key), "GIT_%s_%s", committer ? "COMMITTER" : "AUTHOR", what_env);
	value = env ? env(key) : NULL;
	if (value && *value) {
		pm_buf_clear(out);
		pm_buf_adds(out, value);
		return true;
	}
	snprintf(key, sizeof(key), "%s.%s", committer ? "committer" : "author", what);
	if (pm_git_setting(r, key, out))
		return true;
	snprintf(key, sizeof(key), "user.%s", what);
	return pm_git_setting(r, key, out);
}

static int take(char *out, size_t cap, const struct pm_buf *value, const char *what,
		struct pm_err *err)
{
	struct pm_str s = pm_str_trim((struct pm_str){ pm_buf_str(value), value->n });
	PM_CLEAN_BUF struct pm_buf shown = { 0 };

	pm_quote_text(&shown, s);
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f || strchr("<>", s.p[i]))
			return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
					  "%s %s has characters that a commit cannot hold", what,
					  pm_buf_str(&shown));
	if (s.n >= cap)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "%s is longer than %zu bytes", what,
				  cap - 1);
	memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return 0;
}

static int nobody(bool committer, const char *what, struct pm_err *err)
{
	const char *role = committer ? "COMMITTER" : "AUTHOR";

	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "no %s for the %s of the commit", what,
		   committer ? "committer" : "author");
	return pm_err_hint(err, "git config --global user.name \"Your Name\" and user.email "
			   "you@example.org, or set GIT_%s_NAME and GIT_%s_EMAIL", role, role);
}

static int set_when(pm_env_fn env, bool committer, struct pm_ident *out, struct pm_err *err)
{
	const char *name = committer ? "GIT_COMMITTER_DATE" : "GIT_AUTHOR_DATE";
	const char *s = env ? env(name) : NULL;

	if (!s || !*s) {
		name = "SOURCE_DATE_EPOCH";
		s = env ? env(name) : NULL;
	}
	if (!s || !*s) {
		out->when = (int64_t)time(NULL);
		out->offset_min = local_offset((time_t)out->when);
		return 0;
	}
	if (read_date(s, &out->when, &out->offset_min))
		return 0;
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "%s is not a date: '%.60s'", name, s);
	return pm_err_hint(err, "1700000000 +0100, or 2023-11-14T23:13:20+01:00");
}

int pm_repo_ident(struct pm_repo *r, pm_env_fn env, bool committer, struct pm_ident *out,
		  struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf value = { 0 };
	struct pm_ident id = { 0 };
	int rc = 0;

	if (!find(r, env, committer, "NAME", "name", &value))
		rc = nobody(committer, "name", err);
	else
		rc = take(id.name, sizeof(id.name), &value, "the name", err);
	if (rc == 0 && !find(r, env, committer, "EMAIL", "email", &value)) {
		const char *mail = env ? env("EMAIL") : NULL;

		pm_buf_clear(&value);
		pm_buf_adds(&value, mail ? mail : "");
	}
	if (rc == 0)
		rc = take(id.email, sizeof(id.email), &value, "the mail address", err);
	if (rc == 0 && !*id.name)
		rc = nobody(committer, "name", err);
	if (rc == 0 && !*id.email)
		rc = nobody(committer, "mail address", err);
	if (rc == 0)
		rc = set_when(env, committer, &id, err);
	if (rc == 0)
		*out = id;
	return rc;
}

static bool is_set(pm_env_fn env, const char *name)
{
	return env && env(name) && *env(name);
}

static int day_of_commit(struct pm_repo *r, const char *commit, struct pm_ident *out,
			 struct pm_err *err)
{
	git_commit *c = NULL;
	git_oid id;
	int rc = pm_git_oid(&id, commit, err);

	if (rc == 0 && git_commit_lookup(&c, r->git, &id) < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot read commit");
	if (rc == 0) {
		out->when = git_commit_time(c);
		out->offset_min = git_commit_time_offset(c);
	}
	git_commit_free(c);
	return rc;
}

int pm_repo_day(struct pm_repo *r, pm_env_fn env, const char *commit, char day[11],
		struct pm_err *err)
{
	struct pm_ident id = { 0 };
	struct tm tm;
	time_t local;
	int rc = is_set(env, "GIT_COMMITTER_DATE") || is_set(env, "SOURCE_DATE_EPOCH")
		 ? set_when(env, true, &id, err) : day_of_commit(r, commit, &id, err);

	if (rc < 0)
		return rc;
	local = (time_t)(id.when + (int64_t)id.offset_min * 60);
	if (!gmtime_r(&local, &tm) || strftime(day, 11, "%Y-%m-%d", &tm) != 10)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "the date of the commit is in no year of four digits");
	return 0;
}
