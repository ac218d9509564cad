/* test_yaml.c - spans of the YAML tree, in bytes, and its limits. */
#include "cases.h"

#include "base/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The tree in one line: each scalar as its bytes at the span, marked = when exact, ~ when not,
 * with the line; collections in brackets and braces. */
static void show(struct pm_buf *b, const struct pm_yaml_node *n, const char *bytes)
{
	if (n->kind == PM_YAML_SCALAR) {
		pm_buf_addc(b, n->exact ? '=' : '~');
		pm_buf_add(b, bytes + n->span.off, n->span.len);
		pm_buf_addf(b, "@%u%s", n->line, n->aliased ? "*" : "");
		return;
	}
	pm_buf_adds(b, n->kind == PM_YAML_SEQ ? "[" : "{");
	for (size_t i = 0; i < n->n; i++) {
		if (i)
			pm_buf_addc(b, ' ');
		show(b, n->items[i], bytes);
	}
	pm_buf_adds(b, n->kind == PM_YAML_SEQ ? "]" : "}");
	pm_buf_adds(b, n->aliased ? "*" : "");
}

struct row {
	const char *name, *in, *want;
};
static const struct row trees[] = {
	{ "empty", "", "" },
	{ "only comment", "# 4000\n", "" },
	{ "plain", "a: 4000\n", "{=a@1 =4000@1}" },
	{ "quotes are outside", "a: '4000'\nb: \"x:1\"\n", "{=a@1 =4000@1 =b@2 =x:1@2}" },
	{ "escape is not exact", "a: \"\\x34000\"\n", "{=a@1 ~\"\\x34000\"@1}" },
	{ "doubled quote is not exact", "a: 'it''s'\n", "{=a@1 ~'it''s'@1}" },
	{ "folded plain is not exact", "a: b\n  c\nd: 1\n", "{=a@1 ~b\n  c@1 =d@3 =1@3}" },
	{ "bytes before are characters", "é: ü # ß\nb: [4000]\n", "{=é@1 =ü@1 =b@2 [=4000@2]}" },
	{ "bom", "\xef\xbb\xbf# caf\xc3\xa9\nkey: 1\n", "{=key@2 =1@2}" },
	{ "emoji", "a: \"\xf0\x9f\x98\x80 4000\"\nb: 1\n",
	  "{=a@1 =\xf0\x9f\x98\x80 4000@1 =b@2 =1@2}" },
	{ "crlf", "a: 1\r\nb: '2'\r\n", "{=a@1 =1@1 =b@2 =2@2}" },
	{ "lines end at LF only", "a: \"x\xe2\x80\xa8y\"\nb: 1\n# \xc2\x85\nc: 1\n",
	  "{=a@1 =x\xe2\x80\xa8y@1 =b@2 =1@2 =c@4 =1@4}" },
	{ "literal", "a: |\n  x 4000\n  y\nb: 1\n", "{=a@1 ~  x 4000\n  y@2 =b@4 =1@4}" },
	{ "literal with hints and comment", "a: |2- # c\n    x\n\n# d\nb: 1\n",
	  "{=a@1 ~    x@2 =b@5 =1@5}" },
	{ "folded", "a: >\n  x\n  y\n", "{=a@1 ~  x\n  y@2}" },
	{ "empty literal", "a: |\nb: 1\n", "{=a@1 =@2 =b@2 =1@2}" },
	{ "anchor and tag are outside", "a: &x !!str 4000\nb: *x\n",
	  "{=a@1 =4000@1 =b@2 =4000@1*}" },
	{ "anchor above its value", "a: &x # why\n  '40'\n", "{=a@1 =40@2}" },
	{ "anchored map", "a: &m\n  p: 1\nb:\n  <<: *m\n",
	  "{=a@1 {=p@2 =1@2} =b@3 {=<<@4 {=p@2 =1@2}*}}" },
	{ "alias inside its own anchor is empty", "a: &m [ *m ]\n", "{=a@1 [[]*]}" },
	{ "null values", "a:\nb: ~\n", "{=a@1 =@1 =b@2 =~@2}" },
	{ "two documents", "a: 1\n---\nb: 2\n", "{=a@1 =1@1}|{=b@3 =2@3}" },
	{ "flow", "[4000:4000, {a: 1}]", "[=4000:4000@1 {=a@1 =1@1}]" },
	{ "helm value is nested flow", "a: {{ .Values.port }}\n",
	  "{=a@1 {{=.Values.port@1 =@1} =@1}}" },
};

static char *parse_and_show(const char *in, size_t n, int *rc, struct pm_err *err)
{
	struct pm_arena a = { 0 };
	struct pm_yaml y = { 0 };
	struct pm_buf b = { 0 };

	*rc = pm_yaml_parse(&y, &a, "t.yml", (struct pm_str){ in, n }, err);
	for (size_t i = 0; i < y.n; i++) {
		if (i)
			pm_buf_addc(&b, '|');
		show(&b, y.docs[i], in);
	}
	pm_arena_release(&a);
	pm_buf_adds(&b, "");
	return b.v ? b.v : pm_xstrdup("");
}

static void tree_row(void **state)
{
	const struct row *r = *state;
	struct pm_err err;
	int rc;
	char *got = parse_and_show(r->in, strlen(r->in), &rc, &err);

	assert_int_equal(rc, 0);
	assert_string_equal(got, r->want);
	free(got);
	for (size_t cut = 0; cut < strlen(r->in); cut++) {
		/* an exact copy, so that a read past the cut is seen */
		char *part = pm_xrealloc(NULL, cut ? cut : 1);

		memcpy(part, r->in, cut);
		free(parse_and_show(part, cut, &rc, &err));
		free(part);
	}
}

static const struct { const char *name, *in; int rc; unsigned line, col; } broken[] = {
	{ "tab indentation", "a: 1\nb:\n\tc: 1\n", PM_E_PARSE, 3, 1 },
	{ "template", "a: 1\n{{- if x }}\nb: 2\n", PM_E_PARSE, 3, 1 },
	{ "invalid utf-8", "a: 1\nb: \xff\n", PM_E_PARSE, 2, 4 },
	{ "utf-16", "\xff\xfe" "a", PM_E_PARSE, 1, 1 },
	{ "unknown alias", "a: 1\nb: *x\n", PM_E_PARSE, 2, 0 },
	{ "anchors end with their document", "a: &x 1\n---\nb: *x\n", PM_E_PARSE, 3, 0 },
	{ "line counts LF after U+2028", "a: \"\xe2\x80\xa8\"\nb: ]\n", PM_E_PARSE, 2, 4 },
};

static void broken_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	struct pm_arena a = { 0 };
	struct pm_yaml y = { 0 };
	struct pm_err err = { 0 };
	char where[64];

	assert_int_equal(pm_yaml_parse(&y, &a, "t.yml", pm_str_of(broken[i].in), &err),
			 broken[i].rc);
	if (broken[i].col)
		snprintf(where, sizeof(where), "t.yml:%u:%u", broken[i].line, broken[i].col);
	else
		snprintf(where, sizeof(where), "t.yml:%u", broken[i].line);
	assert_string_equal(err.where, where);
	pm_arena_release(&a);
}

static void deep_nesting_stops(void **state)
{
	struct pm_arena a = { 0 };
	struct pm_yaml y = { 0 };
	struct pm_buf b = { 0 };
	struct pm_err err = { 0 };

	(void)state;
	pm_buf_pad(&b, '[', 100000);
	assert_int_equal(pm_yaml_parse(&y, &a, "t.yml", (struct pm_str){ b.v, b.n }, &err),
			 PM_E_LIMIT);
	pm_buf_clear(&b);
	pm_buf_pad(&b, '[', 128);
	pm_buf_pad(&b, ']', 128);
	assert_int_equal(pm_yaml_parse(&y, &a, "t.yml", (struct pm_str){ b.v, b.n }, &err), 0);
	pm_buf_release(&b);
	pm_arena_release(&a);
}

static void collections_end_at_their_last_byte(void **state)
{
	const char *in = "a:\n  b: [1, 2]\n  c: 'x'\n\n# end\nd: 1\n";
	struct pm_arena a = { 0 };
	struct pm_yaml y = { 0 };
	struct pm_span s;

	(void)state;
	assert_int_equal(pm_yaml_parse(&y, &a, "t.yml", pm_str_of(in), NULL), 0);
	s = pm_yaml_get(pm_yaml_get(y.docs[0], "a"), "b")->span;
	assert_int_equal(s.len, 6);
	s = pm_yaml_get(y.docs[0], "a")->span;
	assert_int_equal(s.off + s.len, strstr(in, "x'") + 1 - in);
	pm_arena_release(&a);
}

static void merge_keys_are_followed(void **state)
{
	const char *in = "b: &b {p: 1, q: 2}\nc: &c {<<: *b, p: 3}\nd: {<<: [{r: 5}, *c], s: 1}\n";
	struct pm_arena a = { 0 };
	struct pm_yaml y = { 0 };
	const struct pm_yaml_node *d;

	(void)state;
	assert_int_equal(pm_yaml_parse(&y, &a, "t.yml", pm_str_of(in), NULL), 0);
	d = pm_yaml_get(y.docs[0], "d");
	assert_true(pm_str_eq(pm_yaml_get_str(d, "p"), "3"));
	assert_true(pm_str_eq(pm_yaml_get_str(d, "q"), "2"));
	assert_true(pm_str_eq(pm_yaml_get_str(d, "r"), "5"));
	assert_true(pm_str_eq(pm_yaml_get_str(d, "s"), "1"));
	assert_null(pm_yaml_get(d, "t"));
	assert_int_equal(pm_yaml_get_str(y.docs[0], "d").n, 0);
	pm_arena_release(&a);
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(trees) / sizeof(*trees); i++)
		pm_cases_add(&c, trees[i].name, tree_row, &trees[i]);
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++)
		pm_cases_add(&c, broken[i].name, broken_row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "deep nesting stops", deep_nesting_stops, NULL);
	pm_cases_add(&c, "collections end at their last byte", collections_end_at_their_last_byte,
		     NULL);
	pm_cases_add(&c, "merge keys are followed", merge_keys_are_followed, NULL);
	return pm_cases_run(&c, "yaml");
}
