/* test_schema_md.c - reading Markdown schemas: case folders, single cells, faults, the seeds. */
#include "cases.h"
#include "schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int parse(struct pm_schema *s, const char *text, struct pm_err *err)
{
	memset(err, 0, sizeof(*err));
	memset(s, 0, sizeof(*s));
	return pm_schema_parse_md(s, "PORTS.md", pm_str_of(text), err);
}

/* Every span spells the port that it stands for. */
static void assert_spans(const struct pm_schema *s, struct pm_str text)
{
	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];
			char port[16];
			int n = snprintf(port, sizeof(port), "%u", e->lo);

			if (e->state == PM_STATE_DYNAMIC)
				continue;
			assert_int_equal(e->src.span.len, n);
			assert_true(e->src.span.off + e->src.span.len <= text.n);
			assert_memory_equal(text.p + e->src.span.off, port, (size_t)n);
		}
}

static void add_diags(const struct pm_schema *s, struct pm_buf *out)
{
	for (size_t i = 0; i < s->diags.n; i++) {
		const struct pm_diag *d = &s->diags.v[i];

		pm_buf_addf(out, "%u:%u: %s: %s [%s]\n", d->line, d->col,
			    pm_severity_name(d->severity), d->text, d->rule);
	}
}

/* What was read can be written in our own form and read again. */
static void assert_reads_back(const struct pm_schema *s)
{
	PM_CLEAN_BUF struct pm_buf yaml = { 0 };
	struct pm_schema again = { 0 };
	struct pm_err err = { 0 };

	pm_schema_export_yaml(s, &yaml);
	if (pm_schema_parse_yaml(&again, "again.yaml", (struct pm_str){ yaml.v, yaml.n }, &err))
		fail_msg("%s (%s)\n%s", err.text, err.where, yaml.v);
	assert_int_equal(again.services.n, s->services.n);
	assert_int_equal(again.steps.n, s->steps.n);
	pm_schema_release(&again);
}

static void folder(void **state)
{
	char path[4096];
	struct pm_schema s = { 0 };
	struct pm_err err = { 0 };
	struct pm_buf got = { 0 };
	size_t n;
	char *text;

	snprintf(path, sizeof(path), "%s/input.md", (const char *)*state);
	text = pm_read_file(path, &n);
	assert_non_null(text);
	if (pm_schema_parse_md(&s, "input.md", (struct pm_str){ text, n }, &err))
		fail_msg("%s (%s)", err.text, err.where);
	pm_schema_show(&s, &got);
	pm_buf_adds(&got, "\n");
	add_diags(&s, &got);
	assert_spans(&s, (struct pm_str){ text, n });
	assert_reads_back(&s);
	snprintf(path, sizeof(path), "%s/expected", (const char *)*state);
	pm_assert_golden(path, pm_buf_str(&got));
	pm_buf_release(&got);
	pm_schema_release(&s);
	free(text);
}

/* Each case cut at every byte: an answer, right spans, no crash. */
static void folder_cut(void **state)
{
	char path[4096];
	size_t n;
	char *text;

	snprintf(path, sizeof(path), "%s/input.md", (const char *)*state);
	text = pm_read_file(path, &n);
	assert_non_null(text);
	for (size_t i = 0; i < n; i++) {
		char *cut = malloc(i + 1);
		struct pm_schema s = { 0 };
		struct pm_err err = { 0 };

		assert_non_null(cut);
		memcpy(cut, text, i);
		if (pm_schema_parse_md(&s, "input.md", (struct pm_str){ cut, i }, &err) == 0) {
			assert_spans(&s, (struct pm_str){ cut, i });
			if (i % 8 == 0)
				assert_reads_back(&s);
			pm_schema_release(&s);
		} else {
			assert_true(err.code == PM_E_SCHEMA);
			assert_true(*err.text);
		}
		free(cut);
	}
	free(text);
}

/* A cell in the column Port; what comes of it. "ports" or "rule: part of the message | hint". */
static const struct { const char *name, *in, *want; } cells[] = {
	{ "cell: plain", "3001", "3001" },
	{ "cell: bold", "**3001**", "3001" },
	{ "cell: code", "`3001`", "3001" },
	{ "cell: link", "[3001](http://a.test:99)", "3001" },
	{ "cell: footnote", "3001[^1]", "3001" },
	{ "cell: colon", ":3001", "3001" },
	{ "cell: protocol", "3001/tcp", "3001" },
	{ "cell: container side", "3001:80", "3001" },
	{ "cell: range", "3001-3009", "3001-3009" },
	{ "cell: en dash and spaces", "3001 \xe2\x80\x93 3009", "3001-3009" },
	{ "cell: em dash", "3001\xe2\x80\x94" "3009", "3001-3009" },
	{ "cell: ellipsis", "3001\xe2\x80\xa6" "3009", "3001-3009" },
	{ "cell: to", "3001 to 3009", "3001-3009" },
	{ "cell: bold range", "**3001**-**3009**", "3001-3009" },
	{ "cell: list", "3017, 3019", "3017,3019" },
	{ "cell: slash", "3017/3019", "3017,3019" },
	{ "cell: and", "3017 and 3019", "3017,3019" },
	{ "cell: break", "3017<br>3019", "3017,3019" },
	{ "cell: mixture", "3001-3003, 3010", "3001-3003,3010" },
	{ "cell: remark behind a dash", "3001 \xe2\x80\x94 main", "3001" },
	{ "cell: low ports", "443", "443" },
	{ "cell: highest", "65535", "65535" },
	{ "cell: lost dash", "30003009", "malformed-range: '30003009' is not a port|did you mean 3000-3009?" },
	{ "cell: lost dash of five digits", "1000010099", "malformed-range: |did you mean 10000-10099?" },
	{ "cell: backwards", "3009-3006", "malformed-range: ends before|did you mean 3006-3009?" },
	{ "cell: no end", "3000-", "malformed-range: no end|" },
	{ "cell: too high", "70000", "malformed-port: '70000' is not a port: a port is between 1 and 65535|" },
	{ "cell: zero", "0", "malformed-port: 0 is not a port|" },
	{ "cell: leading zero", "03001", "malformed-port: leading zero|" },
	{ "cell: negative", "-1", "malformed-port: not negative|" },
	{ "cell: thousand", "3k", "malformed-port: letters|" },
	{ "cell: wraps 32 bits", "4294971296", "malformed-port: between 1 and 65535|" },
	{ "cell: full-width", "\xef\xbc\x93\xef\xbc\x90\xef\xbc\x90\xef\xbc\x91", "confusable: full-width|" },
	{ "cell: Arabic-Indic", "\xd9\xa3\xd9\xa0\xd9\xa0\xd9\xa1", "confusable: Arabic-Indic|" },
	{ "cell: zero width", "30\xe2\x80\x8b" "01", "confusable: invisible|" },
	{ "cell: markup inside", "30**0**1", "malformed-port: markup interrupts|" },
	{ "cell: escapes are quoted", "70000\x1b[2J", "malformed-port: \\033[2J|" },
};

static void cell_row(void **state)
{
	size_t row = (size_t)(uintptr_t)*state;
	struct pm_buf doc = { 0 }, got = { 0 };
	struct pm_schema s;
	struct pm_err err;
	const char *colon = strstr(cells[row].want, ": "), *bar = strchr(cells[row].want, '|');
	int rc;

	pm_buf_addf(&doc, "# Ports\n\n| Port | Service |\n|---|---|\n| %s | api |\n| 9999 | other |\n",
		    cells[row].in);
	rc = parse(&s, pm_buf_str(&doc), &err);
	if (bar) {
		char *part = strndup(colon + 2, (size_t)(bar - colon - 2));

		assert_int_equal(rc, PM_E_SCHEMA);
		if (!strstr(err.text, part))
			fail_msg("'%s' lacks '%s'", err.text, part);
		assert_non_null(strstr(err.where, "PORTS.md:5:3"));
		if (bar[1])
			assert_string_equal(err.hint, bar + 1);
		free(part);
	} else {
		assert_int_equal(rc, 0);
		assert_spans(&s, (struct pm_str){ doc.v, doc.n });
		for (size_t i = 0; i < s.services.v[0].n; i++) {
			const struct pm_endpoint *e = &s.services.v[0].endpoints[i];

			pm_buf_addf(&got, e->lo == e->hi ? "%s%u" : "%s%u-%u", i ? "," : "", e->lo,
				    e->hi);
		}
		assert_string_equal(pm_buf_str(&got), cells[row].want);
		pm_schema_release(&s);
	}
	pm_buf_release(&doc);
	pm_buf_release(&got);
}

/* Whole documents that cannot be read: code, part of the message, place. */
static const struct { const char *name, *in; int code; const char *text, *where; } faults[] = {
	{ "empty", "", PM_E_SCHEMA, "no service row understood", "PORTS.md" },
	{ "prose only", "# Ports\n\nWe use 3001.\n", PM_E_SCHEMA, "no service row understood", "" },
	{ "rows only in a fence", "# P\n\n```\n| Port | Service |\n|--|--|\n| 3001 | a |\n```\n",
	  PM_E_SCHEMA, "no service row understood", "" },
	{ "rows only in a comment", "# P\n\n<!--\n| Port | Service |\n|--|--|\n| 3001 | a |\n-->\n",
	  PM_E_SCHEMA, "no service row understood", "" },
	{ "duplicate service",
	  "# P\n\n| Port | Service |\n|--|--|\n| 3001 | api |\n| 3002 | api |\n", PM_E_SCHEMA,
	  "duplicate service 'api': 3002 here, 3001 at line 5", "PORTS.md:6" },
	{ "flattened",
	  "# Port Schema Ports of all services of the shop, in one line. ## 3000-3009: Core | Port | Service | "
	  "|------|---------| | 3001 | shop-auth | | 3002 | shop-cart |", PM_E_SCHEMA,
	  "schema-flattened", "PORTS.md:1" },
	{ "two bad cells", "# P\n\n| Port | Service |\n|--|--|\n| 3k | a |\n| 0 | b |\n| 1 | c |\n",
	  PM_E_SCHEMA, "(and 1 more cells)", "PORTS.md:5" },
};

static void fault_row(void **state)
{
	size_t row = (size_t)(uintptr_t)*state;
	struct pm_schema s;
	struct pm_err err;

	assert_int_equal(parse(&s, faults[row].in, &err), faults[row].code);
	if (!strstr(err.text, faults[row].text))
		fail_msg("'%s' lacks '%s'", err.text, faults[row].text);
	assert_non_null(strstr(err.where, faults[row].where));
	assert_null(s.services.v); /* `out` is untouched */
}

static void same_service_two_roles(void **state)
{
	struct pm_schema s;
	struct pm_err err;

	(void)state;
	assert_int_equal(parse(&s, "# P\n\n| Port | Service |\n|--|--|\n| 9000 | store (API) |\n"
				   "| 9001 | store (Console) |\n", &err), 0);
	assert_int_equal(s.services.n, 1);
	assert_int_equal(s.services.v[0].n, 2);
	assert_string_equal(s.services.v[0].endpoints[1].name, "store-console");
	pm_schema_release(&s);
}

static void limit_of_size(void **state)
{
	size_t n = (8u << 20) + 1;
	char *text = malloc(n);
	struct pm_schema s = { 0 };
	struct pm_err err = { 0 };

	(void)state;
	assert_non_null(text);
	memset(text, '\n', n);
	assert_int_equal(pm_schema_parse_md(&s, "P.md", (struct pm_str){ text, n }, &err),
			 PM_E_LIMIT);
	assert_non_null(strstr(err.text, "8 MB"));
	free(text);
}

static void limit_of_line(void **state)
{
	size_t n = (64u << 10) + 2;
	char *text = malloc(n);
	struct pm_schema s = { 0 };
	struct pm_err err = { 0 };

	(void)state;
	assert_non_null(text);
	memset(text, 'x', n);
	text[0] = '\n';
	assert_int_equal(pm_schema_parse_md(&s, "P.md", (struct pm_str){ text, n }, &err),
			 PM_E_LIMIT);
	assert_non_null(strstr(err.text, "64 KiB"));
	assert_non_null(strstr(err.where, "P.md:2"));
	free(text);
}

/* 100,000 rows without an empty line, headings between them: the reading stays linear. */
static void many_rows(void **state)
{
	struct pm_buf doc = { 0 };
	struct pm_schema s = { 0 };
	struct pm_err err = { 0 };

	(void)state;
	pm_buf_adds(&doc, "# P\n");
	for (int i = 0; i < 20000; i++)
		pm_buf_addf(&doc, "## H%d\n| Port | Service |\n|--|--|\n| %d | s%d |\n", i, 1 + i, i);
	assert_int_equal(pm_schema_parse_md(&s, "P.md", (struct pm_str){ doc.v, doc.n }, &err), 0);
	assert_int_equal(s.services.n, 20000);
	assert_int_equal(s.services.v[19999].endpoints[0].lo, 20000);
	pm_schema_release(&s);
	pm_buf_release(&doc);
}

/* The documents that the project's design started from, where they are at hand. */
static const struct { const char *file; int code; size_t ports; } seeds[] = {
	{ "000_174433af5d213f1d.txt", PM_E_SCHEMA, 0 },
	{ "001_c02a707d28f413fc.txt", 0, 69 },
	{ "002_8900011d1029f118.txt", 0, 72 },
	{ "003_4126515ae0705951.txt", 0, 112 },
	{ "004_de12234b7a9b9793.txt", 0, 68 },
};

static void seed(void **state)
{
	size_t row = (size_t)(uintptr_t)*state, n, planned = 0;
	char path[4096];
	struct pm_schema s = { 0 };
	struct pm_err err = { 0 };
	char *text;

	snprintf(path, sizeof(path), PM_SOURCE_DIR "/../shared/seeds/%s", seeds[row].file);
	text = pm_read_file(path, &n);
	if (!text) {
		print_message("skipped: %s is not here\n", path);
		skip();
	}
	assert_int_equal(pm_schema_parse_md(&s, path, (struct pm_str){ text, n }, &err),
			 seeds[row].code);
	assert_spans(&s, (struct pm_str){ text, n });
	for (size_t i = 0; i < s.services.n; i++)
		for (size_t k = 0; k < s.services.v[i].n; k++)
			planned += s.services.v[i].endpoints[k].state == PM_STATE_PLANNED ||
				   s.services.v[i].endpoints[k].state == PM_STATE_FUTURE;
	assert_int_equal(planned, seeds[row].ports);
	pm_schema_release(&s);
	free(text);
}

int main(void)
{
	struct pm_cases c = { 0 };

	pm_cases_add_folders(&c, "schema", folder);
	pm_cases_add_folders(&c, "schema", folder_cut);
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		pm_cases_add(&c, cells[i].name, cell_row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		pm_cases_add(&c, faults[i].name, fault_row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "one service, two roles", same_service_two_roles, NULL);
	pm_cases_add(&c, "limit: 8 MB", limit_of_size, NULL);
	pm_cases_add(&c, "limit: 64 KiB in a line", limit_of_line, NULL);
	pm_cases_add(&c, "20,000 tables without empty lines", many_rows, NULL);
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		pm_cases_add(&c, seeds[i].file, seed, (void *)(uintptr_t)i);
	return pm_cases_run(&c, "schema_md");
}
