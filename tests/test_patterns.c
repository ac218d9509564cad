/* test_patterns.c - every pattern row hits its line and misses the other; boundaries of numbers. */
#include "cases.h"

#include "around.h"
#include "memo.h"
#include "own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One test: a row of a table. */
struct row_case {
	const struct pm_table *table;
	size_t row;
};

/* A path for a kind that the row accepts: the first of these that it runs on. */
static const char *const paths[] = {
	"a.ts", "run.sh", "x.yaml", "x.conf", "x.md", "x.json", "main.tf", "Dockerfile", "x.toml",
	"x.xml", "x.go", "x.sql",
};

static const char *path_for(const struct pm_row *row)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct pm_file f = { paths[i], "", 0 };

		if (pm_file_kind(&f) & row->kinds)
			return paths[i];
	}
	return "noname";
}

/* Does the row find the number 4000 in `text`? */
static bool row_hits(const struct row_case *c, const char *text)
{
	const struct pm_row *row = &c->table->rows[c->row];
	struct pm_file f = { path_for(row), text, strlen(text) };
	struct pm_arena arena = { 0 };
	struct pm_sink sink;
	struct pm_err err = { 0 };
	bool found = false;

	pm_sink_init(&sink, &arena, &f, NULL);
	if (pm_row_scan(c->table, c->row, &f, &sink, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < sink.hits.n; i++) {
		assert_string_equal(sink.hits.v[i].rule, row->id);
		found |= sink.hits.v[i].port == 4000;
	}
	pm_sink_release(&sink);
	pm_arena_release(&arena);
	return found;
}

static void row_test(void **state)
{
	const struct row_case *c = *state;
	const struct pm_row *row = &c->table->rows[c->row];

	assert_non_null(strstr(row->hit, "4000"));
	if (!row_hits(c, row->hit))
		fail_msg("%s does not hit: %s", row->id, row->hit);
	if (row_hits(c, row->miss))
		fail_msg("%s hits: %s", row->id, row->miss);
}

static void ids_are_unique(void **state)
{
	static const struct pm_table *const tables[] = {
		&pm_table_address, &pm_table_source, &pm_table_config, &pm_table_docs,
	};

	(void)state;
	for (size_t t = 0; t < 4; t++)
		for (size_t i = 0; i < tables[t]->n; i++)
			for (size_t k = 0; k < i; k++)
				assert_string_not_equal(tables[t]->rows[i].id,
							tables[t]->rows[k].id);
}

static const struct { const char *name, *line; bool want; } bounds[] = {
	{ "bound plain", "port 4000 ", true },
	{ "bound url", "http://a:4000/", true },
	{ "bound sentence end", "on 4000.", true },
	{ "bound list", "3000,4000,5000", true },
	{ "bound range", "3000-4000", true },
	{ "bound dots range", "3000..4000", true },
	{ "bound shell default", "${PORT:-4000}", true },
	{ "bound shell default without colon", "${PORT-4000}", true },
	{ "bound slash", "4000/tcp", true },
	{ "bound ipv6 brackets", "[::1]:4000", true },
	{ "bound percent encoding", "localhost%3A4000", true },
	{ "bound dash p", "-p4000", true },
	{ "bound cpu", "cpu: 4000m", false },
	{ "bound pixels", "4000px", false },
	{ "bound version", "v4000", false },
	{ "bound error code", "'P4000'", false },
	{ "bound decimals after", "4000.00", false },
	{ "bound decimals before", "100.4000", false },
	{ "bound dollar", "$4000", false },
	{ "bound euro before", "\xe2\x82\xac" "4000", false },
	{ "bound euro after", "4000\xe2\x82\xac", false },
	{ "bound percent", "4000%", false },
	{ "bound negative", "x = -4000", false },
	{ "bound uuid", "00000000-0000-4000-8000-000000000000", false },
	{ "bound color", "#4000", false },
	{ "bound phone", "+4000", false },
	{ "bound ipv6 group", "fe80::4000:1", false },
	{ "bound mac", "00:11:22:33:4000:55", false },
	{ "bound hash", "9f4000ab", false },
	{ "bound word", "4000abc", false },
	{ "bound digit before", "14000", false },
	{ "bound digit after", "40001", false },
	{ "bound at", "pkg@4000", false },
};

static void bound_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	struct pm_str s = pm_str_of(bounds[i].line);

	assert_int_equal(pm_port_bounded(s, pm_str_find(s, "4000", false), 4), bounds[i].want);
}

static void thousands_are_one_number(void **state)
{
	(void)state;
	assert_false(pm_port_bounded(pm_str_of("4,321"), 0, 1));
	assert_false(pm_port_bounded(pm_str_of("4,321"), 2, 3));
	assert_true(pm_port_bounded(pm_str_of("443, 445"), 0, 3));
}

/* A line longer than the window, and a longer one that is only reported. */
static void long_lines(void **state)
{
	struct pm_buf b = { 0 };
	struct pm_arena arena = { 0 };
	struct pm_sink sink;
	struct pm_err err;
	struct pm_file f = { "a.js", NULL, 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		pm_buf_adds(&b, "f(1234);");
	pm_buf_adds(&b, "u='http://localhost:4000/';");
	pm_buf_pad(&b, 'x', 3000);
	f.bytes = b.v;
	f.len = b.n;
	pm_sink_init(&sink, &arena, &f, NULL);
	assert_int_equal(pm_scanner_address.scan(&f, &sink, &err), 0);
	pm_sink_settle(&sink);
	assert_int_equal(sink.hits.n, 1);
	assert_int_equal(sink.hits.v[0].port, 4000);
	assert_int_equal(sink.diags.n, 0);
	pm_sink_release(&sink);
	pm_buf_pad(&b, 'x', 70000);
	f.bytes = b.v;
	f.len = b.n;
	pm_sink_init(&sink, &arena, &f, NULL);
	assert_int_equal(pm_scanner_address.scan(&f, &sink, &err), 0);
	assert_int_equal(sink.hits.n, 0);
	assert_int_equal(sink.diags.n, 1);
	pm_sink_release(&sink);
	pm_arena_release(&arena);
	pm_buf_release(&b);
}

/* A project's own pattern: groups port and service, only in its files. */
static void own_pattern(void **state)
{
	static const char text[] = "gate shop at 4000, gate 14000\n";
	struct pm_file f = { "gates/list.txt", text, sizeof(text) - 1 };
	struct pm_arena arena = { 0 };
	struct pm_own own = { 0 };
	struct pm_sink sink;
	struct pm_err err;

	(void)state;
	assert_int_equal(pm_own_add(&own, "own/none", "gate [0-9]+", NULL, &err), PM_E_USAGE);
	assert_int_equal(pm_own_add(&own, "own/gate", "gate (?<service>\\w+) at (?<port>[0-9]+)",
				    "gates/*", &err), 0);
	assert_int_equal(pm_own_add(&own, "own/any", "(?<port>4?)000", NULL, &err), 0);
	pm_sink_init(&sink, &arena, &f, NULL);
	assert_int_equal(pm_own_scan(&own, &f, &sink, &err), 0);
	assert_int_equal(sink.hits.n, 1);
	assert_string_equal(sink.hits.v[0].rule, "own/gate");
	assert_int_equal(sink.hits.v[0].n_facts, 1);
	assert_string_equal(sink.hits.v[0].facts[0].text, "shop");
	pm_sink_release(&sink);
	f.path = "other/list.txt";
	pm_sink_init(&sink, &arena, &f, NULL);
	assert_int_equal(pm_own_scan(&own, &f, &sink, &err), 0);
	assert_int_equal(sink.hits.n, 0);
	pm_sink_release(&sink);
	pm_own_release(&own);
	pm_arena_release(&arena);
}

static const struct { const char *path, *head; unsigned want; } kinds[] = {
	{ "src/main.ts", "", PM_KIND_JS },
	{ "README.md", "", PM_KIND_DOC },
	{ "Dockerfile", "", PM_KIND_DOCKER },
	{ "docker/Dockerfile.web", "", PM_KIND_DOCKER },
	{ "web.Dockerfile", "", PM_KIND_DOCKER },
	{ ".env.example", "", PM_KIND_INI },
	{ "src/env.ts", "", PM_KIND_JS },
	{ "nginx.conf.template", "", PM_KIND_INI },
	{ "prometheus.yml.j2", "", PM_KIND_YAML },
	{ "bin/start", "#!/usr/bin/env bash\n", PM_KIND_SHELL },
	{ "bin/tool", "#!/usr/bin/python3\n", PM_KIND_PYTHON },
	{ "LICENSE", "", PM_KIND_OTHER },
};

static void kind_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	struct pm_file f = { kinds[i].path, kinds[i].head, strlen(kinds[i].head) };

	assert_int_equal(pm_file_kind(&f), kinds[i].want);
}

/* Bytes of interest that are in a set; '^' is the edge of the text. */
static const char some_bytes[] = "^:=aZ5 '\n";

static void assert_bytes(const struct pm_bytes *set, const char *want)
{
	char got[sizeof(some_bytes)] = "";
	size_t n = 0;

	for (const char *b = some_bytes; *b; b++)
		if (pm_bytes_has(set, *b == '^' ? (unsigned)PM_BYTES_EDGE : (unsigned char)*b))
			got[n++] = *b;
	assert_string_equal(got, want);
}

/* What may stand in front of the number. */
static const struct { const char *re, *want; } befores[] = {
	{ "x:(?<port>[0-9]+)", ":" },
	{ "://\\w+:" PM_N "(?=/)", ":" },
	{ "(?:z|b=):?" PM_N, ":=Z" }, /* letters stand for both cases */
	{ "port\\s*[:=]\\s*'?" PM_N, ":= '\n" },
	{ "^" PM_N, "^" },
	{ "^\\s*(?:-p\\s+)?" PM_N, "^ \n" },
	{ "(?:^|(?<=x)):(?!19)" PM_N, ":" },
	{ "(?:x:" PM_N "|y)", ":" },
	{ "(?:x|=(?:" PM_N "))", "=" },
	{ "[^:A]" PM_N, "=aZ5 '\n" },
	{ "x." PM_N "\\z", ":=aZ5 '\n" },
	{ "x{2}" PM_N, "" },
	{ "x{2,3}?:{0,1}" PM_N, ":" },
	{ "=x*+" PM_N, "=" },
	/* every byte: nothing in front, or not understood */
	{ PM_N, "^:=aZ5 '\n" },
	{ "(?<=:)" PM_N, "^:=aZ5 '\n" },
	{ "(?i)x?" PM_N, "^:=aZ5 '\n" },
	{ "(?:=" PM_N ")+", "^:=aZ5 '\n" },
	{ "(x)\\1" PM_N, "^:=aZ5 '\n" },
	{ "\\Q=\\E" PM_N, "^:=aZ5 '\n" },
	{ "[[:digit:]]" PM_N, "^:=aZ5 '\n" },
};

static void before_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	const struct pm_around a = pm_around_of(befores[i].re, NULL);

	assert_bytes(&a.before, befores[i].want);
}

/* What may stand behind it. */
static const struct { const char *re, *want; } afters[] = {
	{ "x" PM_N ":", ":" },
	{ "x" PM_N "(?:=|:z)", ":=" },
	{ "x" PM_N "'?:", ":'" },
	{ "x" PM_N "\\s*:", ": \n" },
	{ "x" PM_N "$", "^\n" },
	{ "x" PM_N "'?$", "^'\n" },
	{ "x" PM_N "(?=[:=]|$)", "^:=\n" },
	{ "x" PM_N "(?!z)(?:(?=:)|=)", ":=" },
	{ "x(?:" PM_N "):", ":" },
	{ "x(?:" PM_N "|y" PM_N "=):", ":=" },
	{ "x(?:=|:" PM_N "')Z", "'" },
	{ "(?:x" PM_N "'?):", ":'" },
	{ "x" PM_N "\\z", "^\n" },
	{ "x" PM_N "'{2}", "'" },
	{ "x" PM_N "(?::'){1}", ":" },
	/* anything: nothing behind, or not understood */
	{ "x" PM_N, "^:=aZ5 '\n" },
	{ "x" PM_N ":?", "^:=aZ5 '\n" },
	{ "x" PM_N "(?!:)", "^:=aZ5 '\n" },
	{ "x" PM_N "\\b", "^:=aZ5 '\n" },
	{ "x" PM_N ":|" PM_N, "^:=aZ5 '\n" },
	{ "(x)" PM_N "\\1", "^:=aZ5 '\n" },
};

static void after_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	const struct pm_around a = pm_around_of(afters[i].re, NULL);

	assert_bytes(&a.after, afters[i].want);
}

/* The first byte that is no white space. */
static const struct { const char *re, *want; } firsts[] = {
	{ "^" PM_N, "5" },
	{ "^\\s*" PM_N, "5 \n" },
	{ "^\\s*:\\s*" PM_N, ": \n" },
	{ "^\\s*:?\\s*" PM_N, ":5 \n" },
	{ "^\\s*[ :]'" PM_N, ":' \n" },
	{ "^\\s+(?:a\\s|=)" PM_N, "= a\n" },
	{ "^\\s*(?=:)" PM_N, ": \n" },
	{ "^\\s*(?=.z)" PM_N, ":=aZ5 '\n" },
	{ "x" PM_N, "^:=aZ5 '\n" },
	{ "^x|" PM_N, "^:=aZ5 '\n" },
	{ "^\\s*\\Q:\\E" PM_N, "^:=aZ5 '\n" },
};

static void first_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	const struct pm_around a = pm_around_of(firsts[i].re, NULL);
	char got[sizeof(some_bytes)] = "";

	/* order of some_bytes */
	for (const char *b = some_bytes; *b; b++)
		if (strchr(firsts[i].want, *b))
			got[strlen(got)] = *b;
	assert_bytes(&a.first, got);
}

static const struct { const char *re; unsigned want; } digits[] = {
	{ PM_N, 1 },
	{ "x(?=[1-9][0-9]{3})" PM_N, 4 },
	{ "x(?=[1-9][0-9]{3})(?!2)" PM_N, 4 },
	{ "x(?=[0-9]+[0-9])" PM_N, 2 },
	{ "x(?=[1-9][0-9]{2}|80(?![0-9]))" PM_N, 2 },
	{ "x(?=[1-9][0-9]{3})(?:" PM_N "|y)", 4 },
	{ "x(?<port>[0-9]{2,5})", 2 },
	{ "x(?=[1-9][0-9]{3})[0-9]:" PM_N, 1 },
	{ "x(?=[1-9][0-9]{3})(?:[0-9]+:)?" PM_N, 1 },
	{ "x(?=[0-9]{4})(?:[0-9]+:" PM_N ")", 1 },
	{ "x(?:(?=[0-9]{4})" PM_N "|=" PM_N ")", 1 },
	{ "x(?=[0-9]*[a-z]{4})" PM_N, 1 },
	{ "x(?=.[0-9]{4})" PM_N, 1 },
	{ "x(?=[0-9]{4})?" PM_N, 1 },
	{ "x(?![0-9]{4})" PM_N, 1 },
};

static void digits_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;

	assert_int_equal(pm_around_of(digits[i].re, NULL).digits, digits[i].want);
}

/* ---- what is turned away unseen would not have been found ---- */

static bool has_gate(const struct pm_row *row, const char *text)
{
	const char *g = row->gate;
	bool found = !g;

	while (g && *g && !found) {
		size_t n = strcspn(g, "|");
		char word[32] = "";

		memcpy(word, g, n);
		found = pm_str_find(pm_str_of(text), word, true) != SIZE_MAX;
		g += n + (g[n] == '|');
	}
	return found;
}

/* The finds of one row, as text. `unseen`: without the index of the tables. */
static void finds(struct pm_buf *b, const struct row_case *c, const char *text, bool unseen)
{
	const struct pm_row *row = &c->table->rows[c->row];
	struct pm_file f = { .path = path_for(row), .bytes = text, .len = strlen(text) };
	struct pm_arena arena = { 0 };
	struct pm_sink sink;
	struct pm_err err;
	int rc;

	pm_sink_init(&sink, &arena, &f, NULL);
	rc = unseen ? pm_row_scan_all(row, &c->table->compiled[c->row], &f, &sink, &err)
		    : pm_row_scan(c->table, c->row, &f, &sink, &err);
	assert_int_equal(rc, 0);
	pm_sink_settle(&sink);
	for (size_t i = 0; i < sink.hits.n; i++)
		pm_buf_addf(b, "%u:%u=%u ", sink.hits.v[i].line, sink.hits.v[i].col,
			    sink.hits.v[i].port);
	pm_sink_release(&sink);
	pm_arena_release(&arena);
}

static void compare(const struct row_case *c, const char *text)
{
	const struct pm_row *row = &c->table->rows[c->row];
	PM_CLEAN_BUF struct pm_buf with = { 0 };
	PM_CLEAN_BUF struct pm_buf without = { 0 };

	/* a gate and PM_PW are the row's own conditions, of the line with the number */
	if (strchr(text, '\n') || !has_gate(row, text))
		return;
	finds(&with, c, text, false);
	finds(&without, c, text, true);
	if (strcmp(pm_buf_str(&with), pm_buf_str(&without)) != 0)
		fail_msg("%s in '%s': '%s', without the index '%s'", row->id, text,
			 pm_buf_str(&with), pm_buf_str(&without));
}

/* `line` with `number` in place of 4000. */
static void compare_with(const struct row_case *c, const char *line, const char *number)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	for (const char *at; (at = strstr(line, "4000")); line = at + 4) {
		pm_buf_add(&b, line, (size_t)(at - line));
		pm_buf_adds(&b, number);
	}
	pm_buf_adds(&b, line);
	compare(c, pm_buf_str(&b));
}

/* Every row on the lines of all rows, with numbers of several lengths. */
static void index_row(void **state)
{
	static const struct pm_table *const tables[] = {
		&pm_table_address, &pm_table_source, &pm_table_config, &pm_table_docs,
	};
	static const char *const numbers[] = { "4000", "7", "80", "443", "12345", "4000'", " 4000,",
					       "4000:3000", "3000:4000", "(4000)", "4000/tcp" };
	const struct row_case *c = *state;

	for (size_t t = 0; t < 4; t++)
		for (size_t i = 0; i < tables[t]->n; i++)
			for (size_t k = 0; k < sizeof(numbers) / sizeof(*numbers); k++) {
				compare_with(c, tables[t]->rows[i].hit, numbers[k]);
				compare_with(c, tables[t]->rows[i].miss, numbers[k]);
			}
}

static const struct { const char *re; bool want; } needs[] = {
	{ PM_PW "=" PM_N, true },
	{ "(?<ident>\\w*?" PM_PW "\\w*)=" PM_N, true },
	{ "(?:a" PM_PW "|" PM_PW "b)=" PM_N, true },
	{ "(?i:name)=(?:" PM_PW "){1,2}:" PM_N, true },
	{ "(?:a" PM_PW "|b)=" PM_N, false },
	{ "a|" PM_PW "=" PM_N, false },
	{ "(?:" PM_PW ")?=" PM_N, false },
	{ PM_PW "*=" PM_N, false },
	{ "(?=" PM_PW ")=" PM_N, false },
	{ "(?i)" PM_PW "=" PM_N, false },
	{ "(?i:" PM_PW ")=" PM_N, false },
	{ "port=" PM_N, false },
};

static void needs_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;

	assert_int_equal(pm_around_of(needs[i].re, PM_PW).needs, needs[i].want);
}

/* ---- lines that come again ---- */

static void scan_into(struct pm_buf *b, const char *path, const char *text, struct pm_memo *memo)
{
	struct pm_file f = { .path = path, .bytes = text, .len = strlen(text) };
	struct pm_arena arena = { 0 };
	struct pm_sink sink;

	pm_sink_init(&sink, &arena, &f, NULL);
	sink.memo = memo;
	assert_int_equal(pm_scan_file(&sink, &f, false, NULL), 0);
	for (size_t i = 0; i < sink.hits.n; i++)
		pm_buf_addf(b, "%s:%u:%u=%u %s\n", path, sink.hits.v[i].line, sink.hits.v[i].col,
			    sink.hits.v[i].port, sink.hits.v[i].rule);
	pm_sink_release(&sink);
	pm_arena_release(&arena);
}

/* A line is a port below one line and none below another; every kind of file has its own rows; the
 * memo forgets when it is full. */
static void memo_changes_nothing(void **state)
{
	static const char *const files[] = { "a.ts", "b.md", "c.yaml", "run.sh", "d.json" };
	static const char *const texts[] = {
		"const port = 4000;\nlisten(4001)\nx = 17\n",
		"  ports: [\n    4002,\n  ]\n  codes: [\n    4002,\n  ]\n",
		"  codes: [\n    4002,\n  ]\n  ports: [\n    4002,\n  ]\n",
		"ports 4003, 4004 and 4005\nports 4003, 4004 and 4005\n",
		"http://shop:4006/x http://shop:4007\n",
	};
	PM_CLEAN_BUF struct pm_buf with = { 0 };
	PM_CLEAN_BUF struct pm_buf without = { 0 };
	struct pm_memo *memo = pm_memo_new();

	(void)state;
	for (unsigned i = 0; i < 3 * 25; i++) {
		scan_into(&with, files[i % 5], texts[i / 5 % 5], memo);
		scan_into(&without, files[i % 5], texts[i / 5 % 5], NULL);
	}
	assert_string_equal(pm_buf_str(&with), pm_buf_str(&without));
	assert_non_null(strstr(pm_buf_str(&with), "4002 config/ports-item"));
	for (unsigned i = 0; i < 12000; i++) {
		char line[300];

		pm_buf_clear(&with);
		snprintf(line, sizeof(line), "const port = %u; // %250u\nx = %u;", 4000 + i % 7, i, i);
		scan_into(&with, "a.ts", line, memo);
		pm_buf_clear(&without);
		scan_into(&without, "a.ts", line, NULL);
		assert_string_equal(pm_buf_str(&with), pm_buf_str(&without));
	}
	pm_memo_free(memo);
}

static void add_table(struct pm_cases *c, struct row_case *rows, const struct pm_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		rows[i] = (struct row_case){ t, i };
		pm_cases_add(c, t->rows[i].id, row_test, &rows[i]);
		pm_cases_add(c, t->rows[i].id, index_row, &rows[i]);
	}
}

int main(void)
{
	static struct row_case rows[4][256];
	struct pm_cases c = { 0 };

	add_table(&c, rows[0], &pm_table_address);
	add_table(&c, rows[1], &pm_table_source);
	add_table(&c, rows[2], &pm_table_config);
	add_table(&c, rows[3], &pm_table_docs);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		pm_cases_add(&c, bounds[i].name, bound_row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		pm_cases_add(&c, kinds[i].path, kind_row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(befores) / sizeof(befores[0]); i++)
		pm_cases_add(&c, befores[i].re, before_row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(afters) / sizeof(afters[0]); i++)
		pm_cases_add(&c, afters[i].re, after_row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++)
		pm_cases_add(&c, firsts[i].re, first_row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++)
		pm_cases_add(&c, digits[i].re, digits_row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		pm_cases_add(&c, needs[i].re, needs_row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "own pattern", own_pattern, NULL);
	pm_cases_add(&c, "ids are unique", ids_are_unique, NULL);
	pm_cases_add(&c, "thousands are one number", thousands_are_one_number, NULL);
	pm_cases_add(&c, "long lines", long_lines, NULL);
	pm_cases_add(&c, "a memo of lines changes nothing", memo_changes_nothing, NULL);
	return pm_cases_run(&c, "patterns");
}
