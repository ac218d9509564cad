/* test_edit.c - bytes and edits to new bytes, and the proof of one file. */
#include "apply.h"
#include "cases.h"

#include <stdio.h>
#include <string.h>

enum { MAX = 4 };
struct place { unsigned off, old, new; };

static const struct row {
	const char *name, *in;
	struct place places[MAX];
	const char *want; /* NULL: refused */
} rows[] = {
	{ "one", "PORT=4900\n", { { 5, 4900, 4600 } }, "PORT=4600\n" },
	{ "whole text", "80", { { 0, 80, 65535 } }, "65535" },
	{ "neighbours", "80 81,80", { { 0, 80, 443 }, { 3, 81, 1 }, { 6, 80, 4430 } }, "443 1,4430" },
	{ "none", "x", { { 0 } }, "x" },
	{ "nothing in nothing", "", { { 0 } }, "" },
	{ "another number", "PORT=4901", { { 5, 4900, 4600 } }, NULL },
	{ "part of a longer number, behind", "49001", { { 0, 4900, 4600 } }, NULL },
	{ "part of a longer number, before", "14900", { { 1, 4900, 4600 } }, NULL },
	{ "past the end", "490", { { 0, 4900, 4600 } }, NULL },
	{ "far past the end", "4900", { { 4000000000u, 4900, 4600 } }, NULL },
	{ "overlapping", "4900", { { 0, 4900, 4600 }, { 0, 4900, 4600 } }, NULL },
	{ "backwards", "80 81", { { 3, 81, 82 }, { 0, 80, 81 } }, NULL },
};

static size_t make(const struct place *places, struct pm_edit *v, const struct pm_edit **list)
{
	size_t n = 0;

	for (; n < MAX && places[n].old; n++) {
		char digits[8];

		v[n] = (struct pm_edit){ .path = "x", .line = 1, .col = places[n].off + 1,
					 .old_port = places[n].old, .new_port = places[n].new };
		v[n].span.off = places[n].off;
		v[n].span.len = (uint32_t)snprintf(digits, sizeof(digits), "%u", places[n].old);
		list[n] = &v[n];
	}
	return n;
}

static void edits(void **state)
{
	const struct row *row = *state;
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	const struct pm_edit *list[MAX];
	struct pm_edit v[MAX];
	struct pm_err err = { 0 };
	size_t n = make(row->places, v, list);
	int rc;

	pm_buf_adds(&out, "before ");
	rc = pm_edit_bytes(pm_str_of(row->in), &(struct pm_file_change){ "x", list, n }, &out, &err);
	if (!row->want) {
		assert_int_equal(rc, PM_E_REFUSED);
		assert_int_equal(out.n, strlen("before "));
		return;
	}
	assert_int_equal(rc, 0);
	assert_string_equal(out.v + strlen("before "), row->want);
}

/* What a broken editor would hand to the proof. */
static const struct wrong {
	const char *name, *path, *before, *after;
	struct place place;
	const char *say; /* NULL: proved */
} wrongs[] = {
	{ "proved", "x.env", "PORT=4900\n", "PORT=4600\n", { 5, 4900, 4600 }, NULL },
	{ "proved, two more digits", "x.env", "P=80 #80\n", "P=8080 #80\n", { 2, 80, 8080 }, NULL },
	{ "another byte changed", "x.env", "PORT=4900\n", "PORt=4600\n", { 5, 4900, 4600 }, "outside" },
	{ "a byte behind changed", "x.env", "PORT=4900\n", "PORT=4600 ", { 5, 4900, 4600 }, "outside" },
	{ "a byte more", "x.env", "PORT=4900\n", "PORT=4600\n\n", { 5, 4900, 4600 }, "longer" },
	{ "a byte less", "x.env", "PORT=4900\n", "PORT=4600", { 5, 4900, 4600 }, "outside" },
	{ "another number", "x.env", "PORT=4900\n", "PORT=4601\n", { 5, 4900, 4600 }, "not in its place" },
	{ "not edited", "x.env", "PORT=4900\n", "PORT=4900\n", { 5, 4900, 4600 }, "not in its place" },
	{ "JSON key twice", "x.json", "{\"80\":1,\"81\":2}", "{\"81\":1,\"81\":2}", { 2, 80, 81 }, "JSON" },
	{ "YAML key twice", "x.yaml", "80: a\n81: b\n", "81: a\n81: b\n", { 0, 80, 81 }, "YAML key" },
	{ "YAML key once", "x.yaml", "80: a\n81: b\n", "82: a\n81: b\n", { 0, 80, 82 }, NULL },
	{ "YAML that does not parse", "x.yaml", "a: [80\n", "a: [81\n", { 4, 80, 81 }, NULL },
};

static void proof(void **state)
{
	const struct wrong *row = *state;
	const struct place places[MAX] = { row->place };
	const struct pm_edit *list[MAX];
	struct pm_edit v[MAX];
	struct pm_err err = { 0 };
	size_t n = make(places, v, list);
	struct pm_file_change c = { row->path, list, n };
	int rc = pm_verify_file(pm_str_of(row->before), pm_str_of(row->after), &c, &err);

	if (!row->say) {
		if (rc)
			print_error("%s\n", err.text);
		assert_int_equal(rc, 0);
		return;
	}
	assert_int_equal(rc, PM_E_BUG);
	if (!strstr(err.text, row->say))
		print_error("%s\n", err.text);
	assert_non_null(strstr(err.text, row->say));
}

/* Patches of the document, one behind the other, with nothing between, over each other. */
static void patches(void **state)
{
	struct pm_patch v[2] = {
		{ .span = { 0, 4 }, .old = PM_STR("abcd"), .new = PM_STR("x") },
		{ .span = { 4, 2 }, .old = PM_STR("ef"), .new = PM_STR("y") },
	};
	const struct pm_patch *list[] = { &v[0], &v[1] };
	struct pm_file_change c = { .path = "x", .patches = list, .n_patches = 2 };
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	struct pm_err err = { 0 };

	(void)state;
	assert_int_equal(pm_edit_bytes(PM_STR("abcdefg"), &c, &out, &err), 0);
	assert_string_equal(pm_buf_str(&out), "xyg");
	v[1] = (struct pm_patch){ .span = { 3, 2 }, .old = PM_STR("de"), .new = PM_STR("y") };
	assert_int_equal(pm_edit_bytes(PM_STR("abcdefg"), &c, &out, &err), PM_E_REFUSED);
	assert_non_null(strstr(err.text, "overlap"));
}

int main(void)
{
	struct pm_cases c = { 0 };
	char name[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(name, sizeof(name), "edit: %s", rows[i].name);
		pm_cases_add(&c, name, edits, &rows[i]);
	}
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(*wrongs); i++) {
		snprintf(name, sizeof(name), "proof: %s", wrongs[i].name);
		pm_cases_add(&c, name, proof, &wrongs[i]);
	}
	pm_cases_add(&c, "patches", patches, NULL);
	return pm_cases_run(&c, "edit");
}
