/* test_config.c - portmig.yaml: what is understood, and where exactly the rest is wrong. */
#include "cases.h"

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is wrong, as "line:col text"; "ok" when it can be read. */
static const struct { const char *name, *in, *want; } rows[] = {
	{ "config schema", "schema: docs/PORTS.md\n", "ok" },
	{ "config all keys",
	  "schema: PORTS.md\nexclude: ['third_party/**']\npast: [docs/log/*.md]\n"
	  "aliases:\n  shop-api: [shop, store]\nowners:\n  apps/api/**: shop-api\n"
	  "patterns:\n  - name: radio\n    regex: 'radio (?<port>\\d+)'\n    files: '*.txt'\n",
	  "ok" },
	{ "config empty list", "exclude: []\n", "ok" },
	{ "config byte order mark", "\xef\xbb\xbfschema: PORTS.md\n", "ok" },
	{ "config empty file", "", "0:0 configuration: the file is empty" },
	{ "config only a comment", "# later\n", "0:0 configuration: the file is empty" },
	{ "config is a list", "- schema\n", "1:1 configuration: the file must be a map" },
	{ "config is a word", "schema\n", "1:1 configuration: the file must be a map" },
	{ "config unknown key", "schema: a\nschemas: b\n",
	  "2:1 configuration: unknown key 'schemas'" },
	{ "config key of output", "output: /etc/passwd\n",
	  "1:1 configuration: unknown key 'output'" },
	{ "config duplicate key", "schema: a\npast: []\nschema: b\n",
	  "3:1 configuration: key 'schema' is there twice, first at line 1" },
	{ "config merge key", "<<: {schema: a}\n", "1:1 configuration: unknown key '<<'" },
	{ "config wrong type", "schema: [a]\n", "1:9 configuration: schema must be one value" },
	{ "config list expected", "exclude: a\n", "1:10 configuration: exclude must be a list" },
	{ "config nested list", "exclude: [[a]]\n",
	  "1:11 configuration: exclude must be one value" },
	{ "config null", "schema: ~\n", "1:9 configuration: schema is empty" },
	{ "config absolute path", "schema: /etc/ports.md\n",
	  "1:9 configuration: schema '/etc/ports.md' must be relative to the root of the commit" },
	{ "config parent path", "schema: docs/../../x.md\n",
	  "1:9 configuration: schema 'docs/../../x.md' must not have '..'" },
	{ "config dots in a name are fine", "schema: docs/..x/a.md\n", "ok" },
	{ "config tag", "schema: !!str a\n",
	  "1:15 configuration: tags such as 'tag:yaml.org,2002:str' are not used here" },
	{ "config alias", "exclude: &a [x]\npast: *a\n",
	  "1:10 configuration: aliases ('*name') are not used here; write the value out" },
	{ "config two documents", "schema: a\n---\nschema: b\n",
	  "3:1 configuration: there is a second document ('---')" },
	{ "config alias of two services", "aliases:\n  a: [x]\n  b: [y, x]\n",
	  "3:10 configuration: 'x' is an alias of 'a' already" },
	{ "config regex does not compile", "patterns: [{name: a, regex: '('}]\n",
	  "1:30 configuration: regex:" },
	{ "config regex without port", "patterns: [{name: a, regex: 'x\\d+'}]\n",
	  "1:30 configuration: regex needs a group (?<port>...) around the digits" },
	{ "config regex matches empty", "patterns: [{name: a, regex: '(?<port>\\d*)'}]\n",
	  "1:30 configuration: regex:" },
	{ "config pattern without name", "patterns: [{regex: '(?<port>\\d+)'}]\n",
	  "1:12 configuration: a pattern needs a name and a regex" },
	{ "config pattern unknown key", "patterns: [{nam: a}]\n",
	  "1:13 configuration: unknown key 'nam' in a pattern; known are name, regex, files" },
	{ "config pattern twice",
	  "patterns:\n- {name: a, regex: '(?<port>\\d+)'}\n- {name: a, regex: '(?<port>\\d+)'}\n",
	  "3:3 configuration: two patterns are named 'a', the first at line 2" },
	{ "config keep", "keep:\n- {path: load/**, rule: text/url, port: 4000, reason: recorded}\n"
	  "- {port: 80, reason: x}\n", "ok" },
	{ "config keep without reason", "keep: [{port: 80}]\n",
	  "1:8 configuration: an exception needs a reason" },
	{ "config keep of everything", "keep: [{reason: x}]\n",
	  "1:8 configuration: an exception needs a path, a rule or a port" },
	{ "config keep no port", "keep: [{port: 080, reason: x}]\n",
	  "1:15 configuration: '080' is no port" },
	{ "config keep bad glob", "keep: [{path: /x, reason: x}]\n",
	  "1:15 configuration: path '/x' must be relative to the root of the commit" },
	{ "config keep unknown key", "keep: [{file: x}]\n",
	  "1:9 configuration: unknown key 'file' in an exception; known are path, rule, port, "
	  "reason" },
	{ "config hosts",
	  "hosts:\n  attic: {platform: macos}\n  cellar: {}\nenvironments:\n"
	  "  compose.attic.yml: {environment: production, host: attic}\n  lab/**: {host: cellar}\n"
	  "sources: [docs, compose]\n", "ok" },
	{ "config hosts are a list", "hosts: [attic]\n", "1:8 configuration: hosts must be a map" },
	{ "config host is a word", "hosts: {attic: macos}\n",
	  "1:16 configuration: a host must be a map" },
	{ "config platform unknown", "hosts: {attic: {platform: beos}}\n",
	  "1:27 configuration: platform 'beos' is none of linux, macos, windows" },
	{ "config host unknown key", "hosts: {attic: {address: x}}\n",
	  "1:17 configuration: unknown key 'address' in a host; known is platform" },
	{ "config environment empty", "environments: {a.yml: {}}\n",
	  "1:23 configuration: an environment needs a name or a host" },
	{ "config environment unknown key", "environments: {a.yml: {on: x}}\n",
	  "1:24 configuration: unknown key 'on' in an environment; known are environment, host" },
	{ "config environment bad glob", "environments: {/a: {host: x}}\n",
	  "1:16 configuration: path of an environment '/a' must be relative to the root of the "
	  "commit" },
	{ "config source unknown", "sources: [schema]\n",
	  "1:11 configuration: source 'schema' is none of compose, kubernetes, env, code, docker, "
	  "routes, docs" },
	{ "config source twice", "sources: [env, env]\n",
	  "1:16 configuration: source 'env' is there twice" },
	{ "config rules", "rules: {port-duplicate: warning, airplay: off}\n"
	  "allow:\n- {rule: a, path: x/**, port: 80, service: s, reason: r}\n- {rule: b, reason: r}\n",
	  "ok" },
	{ "config rules are a list", "rules: [airplay]\n", "1:8 configuration: rules must be a map" },
	{ "config rule severity unknown", "rules: {airplay: fatal}\n",
	  "1:18 configuration: severity 'fatal' is none of off, note, warning, error" },
	{ "config rule twice", "rules: {airplay: off, airplay: note}\n",
	  "1:23 configuration: key 'airplay' is there twice, first at line 1" },
	{ "config allow is a map", "allow: {rule: a}\n", "1:8 configuration: allow must be a list" },
	{ "config allow without reason", "allow: [{rule: a, port: 80}]\n",
	  "1:9 configuration: an exception needs a reason" },
	{ "config allow without rule", "allow: [{path: a, reason: b}]\n",
	  "1:9 configuration: an exception needs a rule" },
	{ "config allow unknown key", "allow: [{rule: a, line: 3}]\n",
	  "1:19 configuration: unknown key 'line' in an exception; known are rule, path, port, "
	  "service, reason" },
	{ "config allow no port", "allow: [{rule: a, port: 0}]\n",
	  "1:25 configuration: '0' is no port" },
	{ "config control character", "schema: \"a\\nb\"\n",
	  "1:9 configuration: schema has a control character" },
};

static void row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	struct pm_config c = { 0 };
	struct pm_err err = { 0 };
	char got[2048] = "ok", want[600] = "ok";
	unsigned line = 0, col = 0;
	int rc = pm_config_parse(&c, "p.yaml", pm_str_of(rows[i].in), &err);

	if (rc) {
		assert_int_equal(pm_err_exit(err.code), 2);
		assert_int_equal(rc, err.code);
		sscanf(err.where, "p.yaml:%u:%u", &line, &col);
		snprintf(got, sizeof(got), "%u:%u %s", line, col, err.text);
	}
	snprintf(want, sizeof(want), "%s", rows[i].want);
	if (want[strlen(want) - 1] == ':') /* the library's words follow */
		got[strlen(want)] = '\0';
	assert_string_equal(got, want);
	pm_config_release(&c);
}

static void values(void **state)
{
	struct pm_config c = { 0 };
	struct pm_err err = { 0 };

	(void)state;
	assert_int_equal(pm_config_parse(&c, "portmig.yaml", pm_str_of(rows[1].in), &err), 0);
	assert_string_equal(c.path, "portmig.yaml");
	assert_string_equal(c.schema, "PORTS.md");
	assert_int_equal(c.n_exclude, 1);
	assert_string_equal(c.exclude[0], "third_party/**");
	assert_int_equal(c.n_past, 1);
	assert_string_equal(c.past[0], "docs/log/*.md");
	assert_int_equal(c.aliases.n, 1);
	assert_string_equal(c.aliases.v[0].service, "shop-api");
	assert_int_equal(c.aliases.v[0].n, 2);
	assert_string_equal(c.aliases.v[0].names[1], "store");
	assert_int_equal(c.owners.n, 1);
	assert_string_equal(c.owners.v[0].glob, "apps/api/**");
	assert_string_equal(c.owners.v[0].service, "shop-api");
	assert_int_equal(c.patterns.n, 1);
	assert_string_equal(c.patterns.v[0].name, "radio");
	assert_string_equal(c.patterns.v[0].regex, "radio (?<port>\\d+)");
	assert_string_equal(c.patterns.v[0].glob, "*.txt");
	assert_int_equal(c.patterns.v[0].line, 9);
	pm_config_release(&c);
}

static void where(void **state)
{
	struct pm_config c = { 0 };
	struct pm_err err = { 0 };
	const char *text = "hosts: {attic: {platform: macos}}\nenvironments:\n"
			   "  run/**: {environment: production, host: attic}\n  run/x.yml: {host: no}\n"
			   "sources: [docs, code]\n";

	(void)state;
	assert_int_equal(pm_config_parse(&c, "portmig.yaml", pm_str_of(text), &err), 0);
	assert_string_equal(c.hosts.v[0].name, "attic");
	assert_string_equal(c.hosts.v[0].platform, "macos");
	assert_ptr_equal(pm_config_env(&c, "run/x.yml"), &c.environments.v[0]); /* the first */
	assert_string_equal(c.environments.v[0].environment, "production");
	assert_string_equal(c.environments.v[0].host, "attic");
	assert_null(pm_config_env(&c, "other.yml"));
	assert_null(pm_config_env(NULL, "run/x.yml"));
	assert_int_equal(pm_config_origin_rank(&c, PM_ORIGIN_DOCS), 0);
	assert_int_equal(pm_config_origin_rank(&c, PM_ORIGIN_CODE), 1);
	assert_true(pm_config_origin_rank(&c, PM_ORIGIN_COMPOSE) > 1);
	assert_true(pm_config_origin_rank(NULL, PM_ORIGIN_COMPOSE) <
		    pm_config_origin_rank(NULL, PM_ORIGIN_DOCS));
	pm_config_release(&c);
}

/* Cut at every byte: an error or a value, never a crash. */
static void cut(void **state)
{
	const char *text = rows[1].in;
	size_t good = 0;

	(void)state;
	for (size_t n = 0; n <= strlen(text); n++) {
		struct pm_config c = { 0 };
		struct pm_err err = { 0 };
		char *copy = pm_xrealloc(NULL, n + 1);

		memcpy(copy, text, n);
		if (pm_config_parse(&c, "p", (struct pm_str){ copy, n }, &err) == 0)
			good++;
		else
			assert_int_equal(pm_err_exit(err.code), 2);
		pm_config_release(&c);
		free(copy);
	}
	assert_true(good > 0 && good < strlen(text));
}

static void too_large(void **state)
{
	struct pm_config c = { 0 };
	struct pm_err err = { 0 };
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	(void)state;
	pm_buf_pad(&b, '#', (1 << 20) + 1);
	assert_int_equal(pm_config_parse(&c, "p", (struct pm_str){ b.v, b.n }, &err), PM_E_USAGE);
	assert_string_equal(err.text, "configuration: the file is larger than 1 MiB");
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		pm_cases_add(&c, rows[i].name, row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "config values", values, NULL);
	pm_cases_add(&c, "config where things run", where, NULL);
	pm_cases_add(&c, "config cut at every byte", cut, NULL);
	pm_cases_add(&c, "config too large", too_large, NULL);
	return pm_cases_run(&c, "config");
}
