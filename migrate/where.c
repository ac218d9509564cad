/* where.c - see where.h. */
#include "where.h"

#include "base/path.h"

#include <string.h>

enum { MAX_NAME = 128, SHORTEST_HOST = 5 };

/* Words of names and what they say. `folder`: as a whole folder's name, too. */
static const struct { const char *word, *environment; } env_words[] = {
	{ "dev", "development" },     { "develop", "development" },
	{ "development", "development" }, { "local", "development" },
	{ "prod", "production" },     { "production", "production" },
	{ "live", "production" },     { "stage", "staging" },
	{ "staging", "staging" },     { "preview", "preview" },
	{ "test", "test" },           { "testing", "test" },
	{ "ci", "test" },             { "e2e", "test" },
};

static const char *env_of_word(struct pm_str word)
{
	for (size_t i = 0; i < sizeof(env_words) / sizeof(env_words[0]); i++)
		if (pm_str_ieq(word, env_words[i].word))
			return env_words[i].environment;
	return NULL;
}

static bool is_alnum(char c)
{
	return pm_is_digit(c) || (pm_lower(c) >= 'a' && pm_lower(c) <= 'z');
}

/* The next run of letters and digits at or after *pos. */
static struct pm_str next_word(struct pm_str s, size_t *pos)
{
	size_t from = *pos;

	while (from < s.n && !is_alnum(s.p[from]))
		from++;
	*pos = from;
	while (*pos < s.n && is_alnum(s.p[*pos]))
		(*pos)++;
	return (struct pm_str){ s.p + from, *pos - from };
}

/* Files whose names speak of environments; "local-storage.ts" does not. */
static bool is_settings(struct pm_str base)
{
	static const char *const tails[] = { ".yml", ".yaml", ".env", ".json", ".toml", ".conf",
					     ".ini", ".properties", ".tf", ".tfvars", ".hcl" };

	if (pm_str_find(base, ".env", true) == 0 || pm_str_find(base, "dockerfile", true) == 0 ||
	    pm_str_find(base, "caddyfile", true) == 0)
		return true;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		if (pm_str_iends(base, tails[i]))
			return true;
	return false;
}

static const char *env_of_path(const char *path)
{
	struct pm_str base = pm_path_base(path), word;
	const char *found = NULL, *env;
	size_t pos = 0;

	if (is_settings(base))
		while ((word = next_word(base, &pos)).n)
			if ((env = env_of_word(word)))
				return env;
	/* the innermost folder of that name */
	for (const char *p = path, *s; (s = strchr(p, '/')); p = s + 1)
		if ((env = env_of_word((struct pm_str){ p, (size_t)(s - p) })))
			found = env;
	return found;
}

/* ---- hosts ---- */

/* Letters and digits alone, lower case: "Mac Mini" and "mac-mini" are macmini. */
static size_t squeeze(char *out, size_t size, const char *s)
{
	size_t n = 0;

	for (; *s && n + 1 < size; s++)
		if (is_alnum(*s))
			out[n++] = pm_lower(*s);
	out[n] = '\0';
	return n;
}

static bool same_host(const char *a, const char *b)
{
	char x[MAX_NAME], y[MAX_NAME];

	return squeeze(x, sizeof(x), a) && squeeze(y, sizeof(y), b) && strcmp(x, y) == 0;
}

const char *pm_where_host(const struct pm_config *config, const struct pm_schema *schema,
			  const char *name)
{
	for (size_t i = 0; name && config && i < config->hosts.n; i++)
		if (same_host(config->hosts.v[i].name, name))
			return config->hosts.v[i].name;
	for (size_t i = 0; name && schema && i < schema->hosts.n; i++)
		if (same_host(schema->hosts.v[i].name, name))
			return schema->hosts.v[i].name;
	return name;
}

static bool holds(const char *squeezed, const char *host)
{
	char x[MAX_NAME];

	return squeeze(x, sizeof(x), host) >= SHORTEST_HOST && strstr(squeezed, x);
}

static const char *host_of_path(const struct pm_config *config, const struct pm_schema *schema,
				const char *path)
{
	char name[1024];

	squeeze(name, sizeof(name), path);
	for (size_t i = 0; config && i < config->hosts.n; i++)
		if (holds(name, config->hosts.v[i].name))
			return config->hosts.v[i].name;
	for (size_t i = 0; schema && i < schema->hosts.n; i++)
		if (holds(name, schema->hosts.v[i].name))
			return pm_where_host(config, schema, schema->hosts.v[i].name);
	return NULL;
}

static const char *platform_of(const struct pm_config *config, const struct pm_schema *schema,
			       const char *host)
{
	for (size_t i = 0; host && config && i < config->hosts.n; i++)
		if (config->hosts.v[i].platform && same_host(config->hosts.v[i].name, host))
			return config->hosts.v[i].platform;
	for (size_t i = 0; host && schema && i < schema->hosts.n; i++)
		if (schema->hosts.v[i].platform && same_host(schema->hosts.v[i].name, host))
			return schema->hosts.v[i].platform;
	return NULL;
}

/* ---- the whole ---- */

struct pm_where pm_where_of(const struct pm_config *config, const struct pm_schema *schema,
			    const char *path)
{
	const struct pm_config_env *said = pm_config_env(config, path);
	struct pm_where w = { 0 };

	if (said) {
		w.environment = said->environment;
		w.host = pm_where_host(config, schema, said->host);
	}
	if (!w.environment)
		w.environment = env_of_path(path);
	/* portmig.yaml knows better than names */
	w.aside = said && said->environment ? strcmp(said->environment, "test") == 0
					    : pm_where_is_aside(path) ||
						      (w.environment && strcmp(w.environment, "test") == 0);
	if (!w.host && !(said && said->environment))
		w.host = host_of_path(config, schema, path);
	w.platform = platform_of(config, schema, w.host);
	return w;
}

bool pm_where_meet(const struct pm_where *a, const struct pm_where *b)
{
	if (a->environment && b->environment && strcmp(a->environment, b->environment) != 0)
		return false;
	return !a->host || !b->host || strcmp(a->host, b->host) == 0;
}

static bool is_word(struct pm_str word, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (pm_str_ieq(word, words[i]))
			return true;
	return false;
}

/* ".legacy-backup", "archive": every word says so. services/backup is a service. */
static bool is_old_copy(struct pm_str parent, struct pm_str folder)
{
	static const char *const words[] = { "legacy", "backup", "backups", "deprecated", "obsolete",
					     "archive", "archived", "attic", "snapshots", "bak", "old",
					     NULL };
	static const char *const holders[] = { "services", "apps", "packages", "servers", NULL };
	struct pm_str word;
	size_t pos = 0, n = 0;

	if (is_word(parent, holders))
		return false;
	for (; (word = next_word(folder, &pos)).n; n++)
		if (!is_word(word, words))
			return false;
	return n > 0;
}

bool pm_where_is_aside(const char *path)
{
	static const char *const folders[] = {
		"test", "tests", "__tests__", "spec", "specs", "e2e", "fixtures", "__fixtures__",
		"mocks", "__mocks__", "testdata", "testing", "examples", "example", "samples",
		"benchmarks", "benches", "stories", "templates", NULL
	};
	static const char *const marks[] = { ".test.", ".spec.", "_test.", ".e2e", "-spec.", "_spec.",
					     ".stories.", "playwright.config", "vitest.", "jest.",
					     "conftest.", "cypress.config", ".bak", ".old", NULL };
	struct pm_str base = pm_path_base(path), parent = { "", 0 };

	for (const char *p = path, *s; (s = strchr(p, '/')); p = s + 1) {
		struct pm_str folder = { p, (size_t)(s - p) };

		if (is_word(folder, folders) || is_old_copy(parent, folder))
			return true;
		parent = folder;
	}
	for (size_t i = 0; marks[i]; i++)
		if (pm_str_find(base, marks[i], true) != SIZE_MAX)
			return true;
	return pm_str_find(base, "test_", false) == 0 || pm_str_find(base, "test-", false) == 0 ||
	       pm_str_find(base, "test.", true) == 0 ||
	       pm_str_find(base, "template-", true) == 0 ||
	       (pm_path_is_yaml(path) && pm_str_find(base, "compose", true) != SIZE_MAX &&
		pm_str_find(base, "template", true) != SIZE_MAX);
}
