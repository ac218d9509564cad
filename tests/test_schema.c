/* test_schema.c - look-ups, checks and differences of schemas. */
#include "cases.h"
#include "schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char orchard[] =
	"# Ports\n\n## Ranges\n\n| Range | Layer |\n|---|---|\n| 4100-4299 | Ground |\n\n"
	"Reserved ports (never use):\n\n- `4200-4209`: bundler\n\n"
	"## Layer 1: Ground - 4100-4299\n\n### Gate (Identity) - 4100-4199\n\n"
	"| Port | Service | Container | Purpose |\n|---|---|---|---|\n"
	"| 4100 | API | gate-api | x |\n| 4101 | Web | gate-web | x |\n| 4190 | Metrics | gate-metrics | x |\n\n"
	"### Crane Works - 4200-4299\n\n"
	"| Port | Service | Container | Purpose |\n|---|---|---|---|\n"
	"| 4200 | API | crane-api | x |\n| 4220-4229 | Workers | crane-worker-{n} | x |\n";

static void read_schema(struct pm_schema *s, const char *text)
{
	struct pm_err err = { 0 };

	memset(s, 0, sizeof(*s));
	if (pm_schema_parse_md(s, "P.md", pm_str_of(text), &err))
		fail_msg("%s", err.text);
}

/* A name and the ports of what it means: service / endpoint. */
static const struct { const char *name, *service; unsigned endpoint; } names[] = {
	{ "gate", "gate", 0 },
	{ "Gate", "gate", 0 },
	{ "gate-api", "gate", 4100 },
	{ "GATE API", "gate", 4100 },
	{ "gate_web", "gate", 4101 },
	{ "crane works", "crane-works", 0 },
	{ "crane", "crane-works", 0 },
	{ "crane-works-api", "crane-works", 4200 },
	{ "crane-worker-n", "crane-works", 4220 },
	{ "crane-work", NULL, 0 },
	{ "", NULL, 0 },
	{ "-", NULL, 0 },
};

static void name_row(void **state)
{
	size_t row = (size_t)(uintptr_t)*state;
	struct pm_schema s;
	const struct pm_service *v, *owner = NULL;
	const struct pm_endpoint *e;

	read_schema(&s, orchard);
	v = pm_schema_service(&s, names[row].name);
	e = pm_schema_endpoint(&s, names[row].name, &owner);
	if (names[row].service) {
		assert_non_null(v);
		assert_string_equal(v->name, names[row].service);
	} else {
		assert_null(v);
	}
	if (names[row].endpoint) {
		assert_non_null(e);
		assert_int_equal(e->lo, names[row].endpoint);
		assert_ptr_equal(owner, v);
	} else {
		assert_null(e);
	}
	pm_schema_release(&s);
}

static void owners(void **state)
{
	struct pm_schema s;
	const struct pm_service *v = NULL;

	(void)state;
	read_schema(&s, orchard);
	assert_string_equal(pm_schema_owner(&s, 4225, &v)->name, "crane-worker-{n}");
	assert_string_equal(v->name, "crane-works");
	assert_null(pm_schema_owner(&s, 4230, NULL));
	assert_null(pm_schema_owner(&s, 0, NULL));
	assert_int_equal(pm_schema_reserved(&s, 4205)->strength, PM_RESERVED_NEVER);
	assert_null(pm_schema_reserved(&s, 4210));
	pm_schema_release(&s);
}

#define T "| Port | Service |\n|---|---|\n"
#define HEAD "# P\n\n"

/* A document and what the checks say: "line rule severity" joined with commas. */
static const struct { const char *name, *in, *want; } checks[] = {
	{ "check: clean", HEAD T "| 7101 | a |\n| 7102 | b |\n", "" },
	{ "check: duplicate", HEAD T "| 7101 | a |\n| 7101 | b |\n", "6 port-duplicate error" },
	{ "check: duplicate inside a span", HEAD T "| 7101-7105 | a |\n| 7103 | b |\n",
	  "6 port-duplicate error" },
	{ "check: span behind a span", HEAD T "| 7101-7110 | a |\n| 7102 | b |\n| 7109 | c |\n",
	  "6 port-duplicate error,7 port-duplicate error" },
	{ "check: same port on two hosts",
	  HEAD "| Port | Service | Host |\n|---|---|---|\n| 7101 | a | x |\n| 7101 | b | y |\n", "" },
	{ "check: internal does not collide",
	  HEAD "| Port | Service | Notes |\n|---|---|---|\n| 7101 | a | internal only |\n| 7101 | b | |\n", "" },
	{ "check: outside", HEAD "## 7100-7109: A\n\n" T "| 7101 | a |\n| 7110 | b |\n",
	  "8 port-outside-range warning" },
	{ "check: conventional outside", HEAD "## 7100-7109: A\n\n" T "| 5432 | postgres |\n",
	  "7 port-outside-range note" },
	{ "check: overlap", HEAD "## 7100-7109: A\n\n" T "| 7101 | a |\n\n## 7105-7119: B\n\n" T
	  "| 7110 | b |\n", "9 range-overlap warning" },
	{ "check: reserved never", HEAD "Reserved (NEVER USE):\n\n- 7100-7109: taken\n\n" T
	  "| 7101 | a |\n", "9 reserved-used error" },
	{ "check: reserved slot", HEAD T "| 7100-7109 | *(reserved)* |\n| 7101 | a |\n",
	  "6 reserved-used warning" },
	{ "check: refused web", HEAD T "| 6000 | shop-web |\n", "5 browser-refused error,5 iana-name note" },
	{ "check: refused database", HEAD T "| 6000 | tcp-database |\n", "5 browser-refused note,5 iana-name note" },
	{ "check: refused unknown", HEAD T "| 6000 | thing |\n", "5 browser-refused warning,5 iana-name note" },
	{ "check: refused inside a span", HEAD T "| 5990-6010 | shop-web |\n",
	  "5 browser-refused error" },
	{ "check: ephemeral", HEAD T "| 36000 | a |\n", "5 ephemeral-range warning" },
	{ "check: NodePort", HEAD T "| 30001 | a |\n", "5 nodeport-range note" },
	{ "check: AirPlay", HEAD T "| 5000 | a |\n", "5 airplay note" },
	{ "check: pair", HEAD "| Port | Service | Corresponds to |\n|---|---|---|\n"
	  "| 7101 | a | 7102 b |\n| 7102 | b | |\n", "" },
	{ "check: pair with nothing", HEAD "| Port | Service | Corresponds to |\n|---|---|---|\n"
	  "| 7101 | a | 7199 b |\n| 7102 | b | |\n", "5 pair-broken warning" },
	{ "check: pair with another", HEAD "| Port | Service | Corresponds to |\n|---|---|---|\n"
	  "| 7101 | a | 7103 b |\n| 7102 | b | |\n| 7103 | c | |\n", "5 pair-broken warning" },
	{ "check: strategy disagrees",
	  HEAD "| Range | Layer |\n|---|---|\n| 7100-7149 | L |\n| 7150-7199 | M |\n\n"
	  "## Layer L - 7100-7199\n\n### A - 7100-7109\n\n" T "| 7101 | a |\n",
	  "8 range-disagrees warning" },
	{ "check: block leaves its layer",
	  HEAD "## Layer L - 7100-7199\n\n### A - 7190-7209\n\n" T "| 7191 | a |\n",
	  "5 block-outside-layer warning" },
	{ "check: note the guide lacks",
	  HEAD T "| 7101 | a |\n\nA currently uses 6101/6102. Migrate to 7101/7102.\n\n"
	  "## Migration Order\n\n1. A (6101 -> 7101)\n", "7 guide-incomplete note,7 guide-target-unknown warning" },
	{ "check: note against the guide",
	  HEAD T "| 7101 | a |\n\nA currently uses 6101. Migrate to 7109.\n\n"
	  "## Migration Order\n\n1. A (6101 -> 7101)\n", "7 guide-disagrees warning" },
	{ "check: database twice",
	  HEAD T "| 7101 | a |\n\n| DB | Service |\n|---|---|\n| 1 | a |\n| 1 | b |\n",
	  "10 resource-duplicate error" },
	{ "check: real collision on one host",
	  HEAD "## Real ports today\n\nBox:\n\n- one `7101`\n- two `7101`\n\n## Plan\n\n" T "| 7102 | a |\n",
	  "8 port-duplicate error" },
	{ "check: real collision, hosts unknown",
	  HEAD "## Real ports today\n\n- one `7101`\n- two `7101`\n\n## Plan\n\n" T "| 7102 | a |\n",
	  "6 collision-latent warning" },
};

static void check_row(void **state)
{
	size_t row = (size_t)(uintptr_t)*state;
	struct pm_schema s;
	struct pm_arena a = { 0 };
	struct pm_diags d = { 0 };
	struct pm_buf got = { 0 };

	read_schema(&s, checks[row].in);
	pm_schema_check(&s, &a, &d);
	for (size_t i = 0; i < d.n; i++)
		pm_buf_addf(&got, "%s%u %s %s", i ? "," : "", d.v[i].line, d.v[i].rule,
			    pm_severity_name(d.v[i].severity));
	assert_string_equal(pm_buf_str(&got), checks[row].want);
	pm_buf_release(&got);
	pm_diags_release(&d);
	pm_arena_release(&a);
	pm_schema_release(&s);
}

/* Two documents and their difference. */
static const struct { const char *name, *a, *b, *want; } diffs[] = {
	{ "diff: none", "| 7101 | a |\n", "| 7101 | a |\n", "" },
	{ "diff: moved", "| 7101 | a |\n", "| 7201 | a |\n", "moved a 7101 7201;" },
	{ "diff: added", "| 7101 | a |\n", "| 7101 | a |\n| 7102 | b |\n", "added b 0 7102;" },
	{ "diff: removed", "| 7101 | a |\n| 7102 | b |\n", "| 7101 | a |\n", "removed b 7102 0;" },
	{ "diff: renamed", "| 7101 | a |\n", "| 7101 | z |\n", "renamed z 7101 7101 (a);" },
	{ "diff: swapped", "| 7101 | a |\n| 7102 | b |\n", "| 7102 | a |\n| 7101 | b |\n",
	  "moved a 7101 7102;moved b 7102 7101;" },
	{ "diff: taken over", "| 7101 | a |\n", "| 7102 | a |\n| 7101 | b |\n",
	  "moved a 7101 7102;added b 0 7101;" },
	{ "diff: one of two roles", "| 7101 | a (API) |\n| 7102 | a (UI) |\n",
	  "| 7101 | a (API) |\n| 7109 | a (UI) |\n", "moved a-ui 7102 7109;" },
	{ "diff: order of rows does not matter", "| 7101 | a |\n| 7102 | b |\n",
	  "| 7102 | b |\n| 7101 | a |\n", "" },
	{ "diff: removed come last", "| 7101 | a |\n| 7102 | b |\n", "| 7103 | c |\n| 7109 | b |\n",
	  "added c 0 7103;moved b 7102 7109;removed a 7101 0;" },
};

static void diff_row(void **state)
{
	static const char *const kinds[] = { "added", "removed", "moved", "renamed" };
	size_t row = (size_t)(uintptr_t)*state;
	struct pm_buf a = { 0 }, b = { 0 }, got = { 0 };
	struct pm_schema x, y;
	struct pm_changes c = { 0 };

	pm_buf_addf(&a, HEAD T "%s", diffs[row].a);
	pm_buf_addf(&b, HEAD T "%s", diffs[row].b);
	read_schema(&x, pm_buf_str(&a));
	read_schema(&y, pm_buf_str(&b));
	pm_schema_diff(&x, &y, &c);
	for (size_t i = 0; i < c.n; i++) {
		pm_buf_addf(&got, "%s %s %u %u", kinds[c.v[i].kind], c.v[i].endpoint, c.v[i].from,
			    c.v[i].to);
		if (c.v[i].old_name)
			pm_buf_addf(&got, " (%s)", c.v[i].old_name);
		pm_buf_adds(&got, ";");
	}
	assert_string_equal(pm_buf_str(&got), diffs[row].want);
	free(c.v);
	pm_schema_release(&x);
	pm_schema_release(&y);
	pm_buf_release(&a);
	pm_buf_release(&b);
	pm_buf_release(&got);
}

/* The documents that the project's design started from, where they are at hand: findings of a rule and
 * severity, each of them known. All errors are listed. */
static const struct fact { const char *file, *rule; enum pm_severity severity; size_t n; } facts[] = {
	{ "001_c02a707d28f413fc.txt", "port-outside-range", PM_WARNING, 1 },
	{ "001_c02a707d28f413fc.txt", "port-outside-range", PM_NOTE, 2 },
	{ "001_c02a707d28f413fc.txt", "range-overlap", PM_WARNING, 1 },
	{ "001_c02a707d28f413fc.txt", "airplay", PM_NOTE, 1 },
	{ "001_c02a707d28f413fc.txt", NULL, PM_ERROR, 0 },
	{ "002_8900011d1029f118.txt", "port-outside-range", PM_WARNING, 1 },
	{ "002_8900011d1029f118.txt", "port-outside-range", PM_NOTE, 2 },
	{ "002_8900011d1029f118.txt", "range-overlap", PM_WARNING, 1 },
	{ "002_8900011d1029f118.txt", "airplay", PM_NOTE, 1 },
	{ "002_8900011d1029f118.txt", NULL, PM_ERROR, 0 },
	{ "003_4126515ae0705951.txt", "port-duplicate", PM_ERROR, 1 },
	{ "003_4126515ae0705951.txt", "browser-refused", PM_ERROR, 2 },
	{ "003_4126515ae0705951.txt", "block-size", PM_WARNING, 1 },
	{ "003_4126515ae0705951.txt", "block-alignment", PM_WARNING, 1 },
	{ "003_4126515ae0705951.txt", "range-disagrees", PM_WARNING, 1 },
	{ "003_4126515ae0705951.txt", "resource-full", PM_NOTE, 1 },
	{ "003_4126515ae0705951.txt", "resource-missing", PM_NOTE, 1 },
	{ "003_4126515ae0705951.txt", NULL, PM_ERROR, 3 },
	{ "004_de12234b7a9b9793.txt", "browser-refused", PM_ERROR, 1 },
	{ "004_de12234b7a9b9793.txt", "ephemeral-range", PM_WARNING, 2 },
	{ "004_de12234b7a9b9793.txt", "port-outside-range", PM_WARNING, 9 },
	{ "004_de12234b7a9b9793.txt", "range-overlap", PM_WARNING, 5 },
	{ "004_de12234b7a9b9793.txt", NULL, PM_ERROR, 1 },
};

static void fact_row(void **state)
{
	const struct fact *f = &facts[(size_t)(uintptr_t)*state];
	char path[4096];
	struct pm_schema s = { 0 };
	struct pm_arena a = { 0 };
	struct pm_diags d = { 0 };
	struct pm_err err = { 0 };
	size_t n, found = 0;
	char *text;

	snprintf(path, sizeof(path), PM_SOURCE_DIR "/../shared/seeds/%s", f->file);
	text = pm_read_file(path, &n);
	if (!text) {
		print_message("skipped: %s is not here\n", path);
		skip();
	}
	assert_int_equal(pm_schema_parse_md(&s, path, (struct pm_str){ text, n }, &err), 0);
	pm_schema_check(&s, &a, &d);
	for (size_t i = 0; i < d.n; i++)
		found += d.v[i].severity == f->severity &&
			 (!f->rule || strcmp(d.v[i].rule, f->rule) == 0);
	assert_int_equal(found, f->n);
	pm_diags_release(&d);
	pm_arena_release(&a);
	pm_schema_release(&s);
	free(text);
}

int main(void)
{
	static char titles[sizeof(facts) / sizeof(facts[0])][64];
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		pm_cases_add(&c, names[i].name, name_row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "owners and reservations", owners, NULL);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		pm_cases_add(&c, checks[i].name, check_row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(diffs) / sizeof(diffs[0]); i++)
		pm_cases_add(&c, diffs[i].name, diff_row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		snprintf(titles[i], sizeof(titles[i]), "seed %.3s: %s %s", facts[i].file,
			 facts[i].rule ? facts[i].rule : "all", pm_severity_name(facts[i].severity));
		pm_cases_add(&c, titles[i], fact_row, (void *)(uintptr_t)i);
	}
	return pm_cases_run(&c, "schema");
}
