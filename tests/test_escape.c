/*
 * test_escape.c - strings that try to act on what shows them, in every output format: what comes
 * out is written down, and nothing that acts is left in it.
 */
#include "cases.h"

#include "base/json.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* NULL: as the input. */
static const struct hostile {
	const char *name, *in;
	const char *text, *json, *md, *html, *uri, *data, *property;
} rows[] = {
	{ "empty", "", NULL, "\"\"", NULL, NULL, NULL, NULL, NULL },
	{ "plain path", "docs/a.md", NULL, "\"docs/a.md\"", NULL, NULL, NULL, NULL, NULL },
	{ "space", "a b", NULL, "\"a b\"", NULL, NULL, "a%20b", NULL, NULL },
	{ "umlaut", "\xc3\xbc", NULL, "\"\xc3\xbc\"", NULL, NULL, "%C3%BC", NULL, NULL },
	{ "escape sequence", "a\033[31m", "\"a\\033[31m\"", "\"a\\u001B[31m\"", "a\\\\033\\[31m",
	  "\"a\\033[31m\"", "a%1B%5B31m", "a\\033[31m", "a\\033[31m" },
	{ "line feed", "a\nb", "\"a\\nb\"", "\"a\\nb\"", "a\\\\nb", "\"a\\nb\"", "a%0Ab", "a\\nb",
	  "a\\nb" },
	{ "carriage return", "a\rb", "\"a\\rb\"", "\"a\\rb\"", "a\\\\rb", "\"a\\rb\"", "a%0Db",
	  "a\\rb", "a\\rb" },
	{ "right-to-left override", "a\xe2\x80\xae" "b", "\"a\\342\\200\\256b\"",
	  "\"a\\u202Eb\"", "a\\\\342\\\\200\\\\256b", "\"a\\342\\200\\256b\"",
	  "a%E2%80%AEb", "a\\342\\200\\256b", "a\\342\\200\\256b" },
	{ "invalid UTF-8", "a\xff", "\"a\\377\"", "\"a\xef\xbf\xbd\"", "a\\\\377", "\"a\\377\"",
	  "a%FF", "a\\377", "a\\377" },
	{ "quote", "a\"b", "\"a\\\"b\"", "\"a\\\"b\"", NULL, "\"a\\\"b\"", "a%22b", NULL, NULL },
	{ "backslash", "a\\b", "\"a\\\\b\"", "\"a\\\\b\"", "a\\\\b", "\"a\\\\b\"", "a%5Cb", NULL,
	  NULL },
	{ "HTML", "<b>&", NULL, "\"<b>&\"", "&lt;b&gt;&amp;", "&lt;b&gt;&amp;", "%3Cb%3E%26", NULL,
	  NULL },
	{ "mention", "@team", NULL, "\"@team\"", "&#64;team", "&#64;team", "%40team", NULL, NULL },
	{ "table and code", "a|b`c", NULL, "\"a|b`c\"", "a&#124;b&#96;c", NULL, "a%7Cb%60c", NULL,
	  NULL },
	{ "emphasis and link", "*a*[b]_c_", NULL, "\"*a*[b]_c_\"", "\\*a\\*\\[b\\]\\_c\\_", NULL,
	  "%2Aa%2A%5Bb%5D_c_", NULL, NULL },
	{ "workflow command", "::error::x", "\"::error::x\"", "\"::error::x\"", NULL,
	  "\"::error::x\"", "%3A%3Aerror%3A%3Ax", NULL, "%3A%3Aerror%3A%3Ax" },
	{ "older command", "a ##[error]x", "\"a \\043#[error]x\"", "\"a \\u0023#[error]x\"",
	  "a \\\\043\\#\\[error\\]x", "\"a \\043#[error]x\"", "a%20%23%23%5Berror%5Dx",
	  "a \\043#[error]x", "a \\043#[error]x" },
	{ "separators of properties", "a,b:c%d", NULL, "\"a,b:c%d\"", NULL, NULL, "a%2Cb%3Ac%25d",
	  "a,b:c%25d", "a%2Cb%3Ac%25d" },
};
enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

static void want(struct pm_buf *got, const char *format, const char *text)
{
	if (strcmp(pm_buf_str(got), text) != 0)
		fail_msg("%s: got '%s', want '%s'", format, pm_buf_str(got), text);
	pm_buf_clear(got);
}

static void row(void **state)
{
	const struct hostile *r = &rows[(size_t)(uintptr_t)*state];
	const struct pm_str s = pm_str_of(r->in);
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_quote_text(&b, s);
	want(&b, "text", r->text ? r->text : r->in);
	pm_json_write(&b, pm_json_text(r->in), JSON_ENCODE_ANY);
	want(&b, "json", r->json);
	pm_quote_md(&b, s);
	want(&b, "md", r->md ? r->md : r->in);
	pm_quote_html(&b, s);
	want(&b, "html", r->html ? r->html : r->in);
	pm_quote_uri(&b, s);
	want(&b, "uri", r->uri ? r->uri : r->in);
	pm_quote_action(&b, s, false);
	want(&b, "data", r->data ? r->data : r->in);
	pm_quote_action(&b, s, true);
	want(&b, "property", r->property ? r->property : r->in);
}

/* Every byte, alone and between letters: what comes out is UTF-8 without control bytes. */
static void every_byte(void **state)
{
	void (*const all[])(struct pm_buf *, struct pm_str) = { pm_quote_text, pm_quote_md,
								pm_quote_html, pm_quote_uri };

	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		const char in[3] = { 'a', (char)c, 'b' };

		for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			PM_CLEAN_BUF struct pm_buf b = { 0 };

			all[i](&b, (struct pm_str){ in, 3 });
			assert_true(pm_is_utf8(b.v, b.n));
			for (size_t k = 0; k < b.n; k++)
				assert_true((unsigned char)b.v[k] >= 0x20 && b.v[k] != 0x7f);
		}
	}
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < N_ROWS; i++)
		pm_cases_add(&c, rows[i].name, row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "every byte", every_byte, NULL);
	return pm_cases_run(&c, "escape");
}
