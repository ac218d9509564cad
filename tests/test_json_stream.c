/* test_json_stream.c - JSON written in parts has the bytes of jansson's. */
#include "cases.h"

#include "base/json.h"
#include "base/json_stream.h"

#include <string.h>


static const char *const texts[] = {
	"", "plain", "quote \" backslash \\ slash /", "\b\f\n\r\t", "\x01\x1f\x7f", "umlaut \xc3\xbc",
	"\xf0\x9f\x9a\xa2", "cut \xc3", "\xff\xfe", "seven 7", "eight  8", "longer than eight \xc3\xa4\x80",
};

static json_t *one_object(struct pm_json_stream *j, const char *key, size_t i)
{
	json_t *o = pm_json_object(), *list = pm_json_array();

	pm_js_object(j, key);
	pm_js_string(j, texts[i], texts[(i + 1) % 12]);
	pm_json_set_text(o, texts[i], texts[(i + 1) % 12]);
	pm_js_number(j, "n", i * 1000003);
	pm_json_set_number(o, "n", i * 1000003);
	pm_js_array(j, "list");
	for (size_t k = 0; k < i % 3; k++) {
		pm_js_string(j, NULL, texts[k]);
		pm_json_append(list, pm_json_text(texts[k]));
	}
	pm_js_end(j, ']');
	pm_json_set(o, "list", list);
	pm_js_object(j, "empty");
	pm_js_end(j, '}');
	pm_json_set(o, "empty", pm_json_object());
	pm_js_end(j, '}');
	return o;
}

static void same_bytes(void **state)
{
	const bool indented = *state != NULL;
	PM_CLEAN_BUF struct pm_buf stream = { 0 };
	PM_CLEAN_BUF struct pm_buf tree = { 0 };
	struct pm_json_stream j = { &stream, indented };
	json_t *all = pm_json_array();

	pm_js_array(&j, NULL);
	for (size_t i = 0; i < 12; i++)
		if (i != 7 && i != 8 && i != 11) /* keys must be UTF-8 */
			pm_json_append(all, one_object(&j, NULL, i));
	for (size_t i = 0; i < 12; i++) {
		pm_js_string(&j, NULL, texts[i]);
		pm_json_append(all, pm_json_text(texts[i]));
	}
	pm_js_end(&j, ']');
	pm_json_write(&tree, all, indented ? JSON_INDENT(1) : JSON_COMPACT);
	assert_string_equal(pm_buf_str(&stream), pm_buf_str(&tree));
}

static void every_byte(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 256; c++) {
		PM_CLEAN_BUF struct pm_buf stream = { 0 };
		PM_CLEAN_BUF struct pm_buf tree = { 0 };
		struct pm_json_stream j = { &stream, false };
		const char text[] = { 'a', (char)c, 'b', '\0' };

		pm_js_string(&j, NULL, text);
		pm_json_write(&tree, pm_json_text(text), JSON_ENCODE_ANY);
		assert_string_equal(pm_buf_str(&stream), pm_buf_str(&tree));
	}
}

static void nothing(void **state)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_json_stream j = { &b, true };

	(void)state;
	pm_js_object(&j, NULL);
	pm_js_end(&j, '}');
	assert_string_equal(pm_buf_str(&b), "{}");
}

static void paths(void **state)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_json_stream j = { &b, false };

	(void)state;
	pm_js_object(&j, NULL);
	pm_js_path(&j, "a\xff");
	pm_js_end(&j, '}');
	pm_js_object(&j, NULL);
	pm_js_path(&j, "\xc3\xbc");
	pm_js_end(&j, '}');
	assert_string_equal(pm_buf_str(&b), "{\"path\":\"a\xef\xbf\xbd\",\"path_hex\":\"61ff\"},"
					    "{\"path\":\"\xc3\xbc\"}");
}

int main(void)
{
	struct pm_cases c = { 0 };

	pm_cases_add(&c, "the bytes of jansson, compact", same_bytes, NULL);
	pm_cases_add(&c, "the bytes of jansson, indented", same_bytes, "");
	pm_cases_add(&c, "every byte", every_byte, NULL);
	pm_cases_add(&c, "nothing", nothing, NULL);
	pm_cases_add(&c, "paths", paths, NULL);
	return pm_cases_run(&c, "json stream");
}
