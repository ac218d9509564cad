/*
 * fuzz_escape.c - text of a repository in each output format: valid UTF-8 in which nothing acts, and
 * where it was quoted, the same bytes when the quoting is taken off.
 */
#include "base/json.h"
#include "fuzz.h"

/* What pm_quote_text says, read as C does. */
static void unquote(struct pm_buf *out, struct pm_str s)
{
	static const char from[] = "abtnvfr\"\\", to[] = "\a\b\t\n\v\f\r\"\\";

	if (s.n < 2 || s.p[0] != '"') {
		pm_buf_add(out, s.p, s.n);
		return;
	}
	FUZZ_CHECK(s.p[s.n - 1] == '"');
	for (size_t i = 1; i + 1 < s.n; i++) {
		const char *at;

		FUZZ_CHECK(s.p[i] != '"');
		if (s.p[i] != '\\') {
			pm_buf_addc(out, s.p[i]);
			continue;
		}
		FUZZ_CHECK(++i + 1 < s.n);
		at = strchr(from, s.p[i]);
		if (at) {
			pm_buf_addc(out, to[at - from]);
			continue;
		}
		FUZZ_CHECK(i + 3 < s.n && s.p[i] >= '0' && s.p[i] <= '3');
		pm_buf_addc(out, (char)((s.p[i] - '0') * 64 + (s.p[i + 1] - '0') * 8 +
					(s.p[i + 2] - '0')));
		i += 2;
	}
}

static void inert(const struct pm_buf *b)
{
	FUZZ_CHECK(pm_is_utf8(pm_buf_str(b), b->n));
	FUZZ_CHECK(!pm_acts((struct pm_str){ pm_buf_str(b), b->n }));
	for (size_t i = 0; i < b->n; i++)
		FUZZ_CHECK((unsigned char)b->v[i] >= 0x20 && b->v[i] != 0x7f);
}

/* A JSON text of it says the same as its valid UTF-8. */
static void check_json(struct pm_str s)
{
	PM_CLEAN_BUF struct pm_buf valid = { 0 };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	bool lossy = false;
	json_t *v;

	pm_quote_json(&valid, s, &lossy);
	FUZZ_CHECK(pm_is_utf8(pm_buf_str(&valid), valid.n));
	FUZZ_CHECK(lossy || (valid.n == s.n && memcmp(pm_buf_str(&valid), s.p, s.n) == 0));
	pm_json_write(&b, json_stringn(pm_buf_str(&valid), valid.n), JSON_ENCODE_ANY);
	inert(&b);
	v = json_loadb(b.v, b.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	FUZZ_CHECK(v && json_string_length(v) == valid.n &&
		   memcmp(json_string_value(v), pm_buf_str(&valid), valid.n) == 0);
	json_decref(v);
}

static void check_excerpt(struct pm_str s, size_t col)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_excerpt(&b, s, col, 120);
	inert(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	void (*const formats[])(struct pm_buf *, struct pm_str) = { pm_quote_text, pm_quote_md,
								    pm_quote_html, pm_quote_uri };
	const struct pm_str s = fuzz_str(data, n);
	PM_CLEAN_BUF struct pm_buf back = { 0 };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		PM_CLEAN_BUF struct pm_buf b = { 0 };

		formats[i](&b, s);
		inert(&b);
		if (formats[i] != pm_quote_text)
			continue;
		unquote(&back, (struct pm_str){ pm_buf_str(&b), b.n });
		FUZZ_CHECK(back.n == n && memcmp(pm_buf_str(&back), s.p, n) == 0);
	}
	for (int property = 0; property < 2; property++) {
		PM_CLEAN_BUF struct pm_buf b = { 0 };

		pm_quote_action(&b, s, property);
		inert(&b);
	}
	check_json(s);
	check_excerpt(s, 0);
	check_excerpt(s, n / 2 + 1);
	check_excerpt(s, n);
	return 0;
}
