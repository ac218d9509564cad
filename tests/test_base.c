/* test_base.c - port numbers, quoting, lines. */
#include "cases.h"

#include "base/port.h"
#include "base/re.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static const struct { const char *name, *in; unsigned want; } ports[] = {
	{ "port ordinary", "4000", 4000 },
	{ "port one digit", "1", 1 },
	{ "port highest", "65535", 65535 },
	{ "port too high", "65536", 0 },
	{ "port zero", "0", 0 },
	{ "port leading zero", "04000", 0 },
	{ "port wraps 32 bits", "4294971296", 0 },
	{ "port decimals", "4000.0", 0 },
	{ "port letters", "4000abc", 0 },
	{ "port empty", "", 0 },
	{ "port sign", "-1", 0 },
};

static void port_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;

	assert_int_equal(pm_port_parse(pm_str_of(ports[i].in)), ports[i].want);
}

static const struct { const char *name, *in, *want; } quotes[] = {
	{ "quote plain", "docs/a b.md", "docs/a b.md" },
	{ "quote escape", "a\033[31mb", "\"a\\033[31mb\"" },
	{ "quote newline", "a\nb", "\"a\\nb\"" },
	{ "quote bidi", "a\xe2\x80\xae" "b", "\"a\\342\\200\\256b\"" },
	{ "quote invalid utf8", "a\xff", "\"a\\377\"" },
	{ "quote umlaut stays", "\xc3\xbc", "\xc3\xbc" },
	{ "quote quote", "a\"b", "\"a\\\"b\"" },
};

static void quote_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	struct pm_buf b = { 0 };

	pm_quote_text(&b, pm_str_of(quotes[i].in));
	assert_string_equal(pm_buf_str(&b), quotes[i].want);
	pm_buf_release(&b);
}

static void refused_ports(void **state)
{
	(void)state;
	assert_true(pm_port_browser_refused(4190));
	assert_true(pm_port_browser_refused(5060));
	assert_true(pm_port_browser_refused(6000));
	assert_true(pm_port_browser_refused(10080));
	assert_false(pm_port_browser_refused(10081));
	assert_false(pm_port_browser_refused(4600));
}

static void next_port_skips_long_runs(void **state)
{
	struct pm_str s = pm_str_of("id 123456 then 4000, 04000 and 4900");
	size_t pos = 0, len;

	(void)state;
	assert_int_equal(pm_port_next(s, &pos, &len), 4000);
	pos += len;
	assert_int_equal(pm_port_next(s, &pos, &len), 4900);
	pos += len;
	assert_int_equal(pm_port_next(s, &pos, &len), 0);
}

/* Passwords, also where the excerpt is cut in the middle of one: at every column, none of it. */
static void excerpt_cuts_credentials(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{ "  DB=postgres://mana:secret@localhost:5432/x", "DB=postgres://***@localhost:5432/x" },
		{ "amqp://a:secret@b:1, amqp://c:secret@d:2", "amqp://***@b:1, amqp://***@d:2" },
		{ "http://a:p@secret@host:80", "http://***@host:80" },
		{ "redis://cache:6379?owner=a@b", "redis://cache:6379?owner=a@b" },
		{ "http://secret@", "http://***@" },
	};
	static const char long_line[] = "const db = connect('postgres://shopkeeper:SECRETSECRETSECRETSECRET"
					"SECRETSECRETSECRET@localhost:5432/orchard', { retries: 5, port: 5432 });";
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pm_buf_clear(&b);
		pm_excerpt(&b, pm_str_of(rows[i].in), 30, 120);
		assert_string_equal(pm_buf_str(&b), rows[i].want);
	}
	for (size_t max = 8; max < 60; max += 13)
		for (size_t col = 0; col < sizeof(long_line); col++) {
			pm_buf_clear(&b);
			pm_excerpt(&b, pm_str_of(long_line), col, max);
			if (strstr(pm_buf_str(&b), "SECRET") || strstr(pm_buf_str(&b), "shopk"))
				fail_msg("column %zu, %zu bytes: %s", col, max, pm_buf_str(&b));
		}
}

static void glob_stars(void **state)
{
	struct pm_err err;
	struct pm_re *re = NULL;
	struct pm_span g[1];

	(void)state;
	assert_int_equal(pm_re_glob(&re, "docs/*.md", &err), 0);
	assert_int_equal(pm_re_match(re, pm_str_of("docs/a.md"), 0, g, 1), 1);
	assert_int_equal(pm_re_match(re, pm_str_of("docs/x/a.md"), 0, g, 1), 0);
	pm_re_free(re);
	assert_int_equal(pm_re_glob(&re, "docs/**/*.md", &err), 0);
	assert_int_equal(pm_re_match(re, pm_str_of("docs/x/y/a.md"), 0, g, 1), 1);
	pm_re_free(re);
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		pm_cases_add(&c, ports[i].name, port_row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		pm_cases_add(&c, quotes[i].name, quote_row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "browser-refused ports", refused_ports, NULL);
	pm_cases_add(&c, "next port skips long runs", next_port_skips_long_runs, NULL);
	pm_cases_add(&c, "excerpt cuts credentials", excerpt_cuts_credentials, NULL);
	pm_cases_add(&c, "glob stars", glob_stars, NULL);
	return pm_cases_run(&c, "base");
}
