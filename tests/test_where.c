/* test_where.c - for which environment and host a file is, by its name and by portmig.yaml. */
#include "cases.h"

#include "where.h"

#include <stdio.h>
#include <string.h>

static const char config[] = "hosts:\n  attic-server: {platform: macos}\nenvironments:\n"
			     "  run/**: {environment: production, host: Attic Server}\n"
			     "  tests/real/**: {environment: staging}\n  box.yml: {host: cellar}\n";

/* "environment host platform", "-" where nothing is known, and "aside". */
static const struct { const char *path, *want; } rows[] = {
	{ "compose.yml", "- - -" },
	{ "compose.prod.yml", "production - -" },
	{ "docker-compose.production.yaml", "production - -" },
	{ ".env.development", "development - -" },
	{ ".env.local", "development - -" },
	{ "deploy/staging/app.yaml", "staging - -" },
	{ "k8s/overlays/prod/kustomization.yaml", "production - -" },
	{ "k8s/overlays/dev/prod/x.yaml", "production - -" },
	{ "src/local-storage.ts", "- - -" },
	{ "src/dev-tools/x.ts", "- - -" },
	{ "producer.yml", "- - -" },
	{ "compose.test.yml", "test - - aside" },
	{ "compose.ci.yml", "test - - aside" },
	{ "compose.attic-server.yml", "- attic-server macos" },
	{ "docker-compose.atticserver.yml", "- attic-server macos" },
	{ "attic-server/compose.prod.yml", "production attic-server macos" },
	{ "run/attic.yml", "production attic-server macos" },
	{ "run/tests/x.yml", "production attic-server macos" },
	{ "tests/real/attic-server.yml", "staging - -" },
	{ "box.yml", "- cellar -" },
	{ "tests/x.js", "- - - aside" },
	{ "src/__tests__/x.js", "- - - aside" },
	{ "src/a.test.ts", "- - - aside" },
	{ "src/test_a.py", "- - - aside" },
	{ "config/test.exs", "- - - aside" },
	{ "examples/compose.yml", "- - - aside" },
	{ ".legacy-backup/compose.yml", "- - - aside" },
	{ "old/compose.yml", "- - - aside" },
	{ "services/backup/compose.yml", "- - -" },
	{ "backup-service/compose.yml", "- - -" },
	{ "compose-template.yml", "- - - aside" },
	{ "k8s/metric-templates.yaml", "- - -" },
	{ "src/contest.ts", "- - -" },
	{ "latest/compose.yml", "- - -" },
};

static void row(void **state)
{
	const char *path = rows[(uintptr_t)*state].path;
	struct pm_config c = { 0 };
	struct pm_err err = { 0 };
	struct pm_where w;
	char got[200];

	assert_int_equal(pm_config_parse(&c, "portmig.yaml", pm_str_of(config), &err), 0);
	w = pm_where_of(&c, NULL, path);
	snprintf(got, sizeof(got), "%s %s %s%s", w.environment ? w.environment : "-",
		 w.host ? w.host : "-", w.platform ? w.platform : "-", w.aside ? " aside" : "");
	assert_string_equal(got, rows[(uintptr_t)*state].want);
	pm_config_release(&c);
}

static void meeting(void **state)
{
	const struct pm_where any = { 0 }, prod = { .environment = "production" };
	const struct pm_where dev = { .environment = "development" };
	const struct pm_where attic = { .host = "attic" }, cellar = { .host = "cellar" };

	(void)state;
	assert_true(pm_where_meet(&any, &any));
	assert_true(pm_where_meet(&any, &prod));
	assert_true(pm_where_meet(&prod, &attic));
	assert_false(pm_where_meet(&prod, &dev));
	assert_false(pm_where_meet(&attic, &cellar));
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		pm_cases_add(&c, rows[i].path, row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "what meets", meeting, NULL);
	return pm_cases_run(&c, "where");
}
