/* test_registry.c - names of services: joining declarations, aliases, projects, roles. */
#include "cases.h"

#include "registry.h"

#include <stdlib.h>
#include <string.h>

/* A small repository "acme": two apps with their own web part, and services. */
static struct pm_name compose_api[] = {
	{ PM_NAME_COMPOSE, "api", 3 }, { PM_NAME_CONTAINER, "acme-api", 4 },
	{ PM_NAME_DIR, "apps/api", 5 },
};
static struct pm_name package_api[] = {
	{ PM_NAME_PACKAGE, "@acme/api", 1 }, { PM_NAME_DIR, "apps/api", 0 },
};
static struct pm_name billing[] = {
	{ PM_NAME_COMPOSE, "acme-billing", 9 }, { PM_NAME_CONTAINER, "acme-billing", 9 },
};
static struct pm_name billing_dir[] = {
	{ PM_NAME_PACKAGE, "acme-billing", 1 }, { PM_NAME_DIR, "services/acme-billing", 0 },
};
static struct pm_name worker[] = { { PM_NAME_COMPOSE, "billing-worker", 12 } };
static struct pm_name shop_web[] = {
	{ PM_NAME_DIR, "shop/web", 0 }, { PM_NAME_PACKAGE, "@shop/web", 1 },
};
static struct pm_name project[] = { { PM_NAME_PROJECT, "acme", 1 } };

static struct pm_decl decls[] = {
	{ "docker-compose.yml", compose_api, 3, NULL, 0 },
	{ "apps/api/package.json", package_api, 2, NULL, 0 },
	{ "docker-compose.yml", billing, 2, NULL, 0 },
	{ "services/acme-billing/package.json", billing_dir, 2, NULL, 0 },
	{ "docker-compose.yml", worker, 1, NULL, 0 },
	{ "shop/web/package.json", shop_web, 2, NULL, 0 },
	{ "package.json", project, 1, NULL, 0 },
};

struct row {
	const char *name, *service, *text, *path;
	bool want; /* the text names the service */
};

static const struct row rows[] = {
	{ "snake case", "acme-billing", "ACME_BILLING_URL", "x", true },
	{ "camel case", "acme-billing", "acmeBillingUrl", "x", true },
	{ "without the project's word", "acme-billing", "BILLING_URL", "x", true },
	{ "prose", "acme-billing", "the Billing service on", "x", true },
	{ "a longer name is another service", "acme-billing", "billing-worker", "x", false },
	{ "role within the project", "api", "API server at", "README.md", true },
	{ "project and role", "acme-api", "acme-api", "README.md", true },
	{ "role by the full name", "acme-api", "API server", "README.md", true },
	{ "role in another project", "web", "web", "shop/web/x.ts", true },
	{ "other role", "api", "web", "README.md", false },
	{ "service by directory name", "acme-billing", "services/acme-billing", "x", true },
};

static void names_row(void **state)
{
	const struct row *row = *state;
	struct pm_arena a = { 0 };
	struct pm_inventory inv = { .decls = { decls, sizeof(decls) / sizeof(decls[0]), 0 } };
	struct pm_registry *r = pm_registry_build(&a, &inv, NULL, NULL);
	struct pm_mention m[8];
	unsigned e[8], n_e = pm_registry_resolve(r, row->service, e, 8), n;
	bool got = false;

	n = pm_registry_find(r, pm_str_of(row->text), m, 8);
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < n_e; k++)
			got |= pm_registry_means(r, m[i].alias, e[k], row->path);
	assert_int_equal(got, row->want);
	pm_registry_release(r);
	pm_arena_release(&a);
}

static void joins_directory_and_container(void **state)
{
	struct pm_arena a = { 0 };
	struct pm_inventory inv = { .decls = { decls, sizeof(decls) / sizeof(decls[0]), 0 } };
	struct pm_registry *r = pm_registry_build(&a, &inv, NULL, NULL);
	unsigned e[8];

	(void)state;
	assert_int_equal(pm_registry_resolve(r, "acme-api", e, 8), 1);
	assert_int_equal(pm_registry_dir_owner(r, "apps/api/src/main.ts"), e[0]);
	assert_true(pm_registry_entity(r, e[0])->declared);
	pm_registry_release(r);
	pm_arena_release(&a);
}

static void unknown_service_is_made(void **state)
{
	struct pm_arena a = { 0 };
	struct pm_inventory inv = { .decls = { decls, sizeof(decls) / sizeof(decls[0]), 0 } };
	struct pm_registry *r = pm_registry_build(&a, &inv, NULL, NULL);
	unsigned e[8], before = pm_registry_count(r);

	(void)state;
	assert_int_equal(pm_registry_resolve(r, "ledger", e, 8), 1);
	assert_int_equal(pm_registry_count(r), before + 1);
	pm_registry_release(r);
	pm_arena_release(&a);
}

static void word_tables_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; pm_word_noise_at(i); i++)
		assert_true(strcmp(pm_word_noise_at(i - 1), pm_word_noise_at(i)) < 0);
	for (size_t i = 1; pm_word_role_at(i); i++)
		assert_true(strcmp(pm_word_role_at(i - 1), pm_word_role_at(i)) < 0);
	for (size_t i = 1; pm_word_affix_at(i); i++)
		assert_true(strcmp(pm_word_affix_at(i - 1), pm_word_affix_at(i)) < 0);
	assert_true(pm_word_is_noise("service"));
	assert_false(pm_word_is_noise("billing"));
	assert_int_equal(pm_role_group("web"), pm_role_group("frontend"));
}

/* A file more in a known directory tells nothing new, unless its name does. */
static void paths_that_tell(void **state)
{
	static const char *const paths[] = {
		"README.md", "apps/api/.env", "apps/api/main.js", "apps/api/x/y.js", "apps/web/a.js",
		"apps/web/vite.config.ts", "apps/web/z.js", "go.mod", "my.env",
	};
	static const char *const want[] = {
		"", "apps/api/.env", "apps/api/x/", "apps/web/vite.config.ts",
	};
	struct pm_arena a = { 0 };
	const char **got;
	size_t n;

	(void)state;
	got = pm_registry_paths(&a, paths, sizeof(paths) / sizeof(*paths), &n);
	assert_int_equal(n, sizeof(want) / sizeof(*want));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(got[i], want[i]);
	pm_registry_paths(&a, NULL, 0, &n);
	assert_int_equal(n, 0);
	pm_arena_release(&a);
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		pm_cases_add(&c, rows[i].name, names_row, &rows[i]);
	pm_cases_add(&c, "joins directory and container", joins_directory_and_container, NULL);
	pm_cases_add(&c, "unknown service is made", unknown_service_is_made, NULL);
	pm_cases_add(&c, "paths that tell", paths_that_tell, NULL);
	pm_cases_add(&c, "word tables are sorted", word_tables_are_sorted, NULL);
	return pm_cases_run(&c, "registry");
}
