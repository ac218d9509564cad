/*
 * test_check.c - the forms of a check: one report with every kind of finding and hostile strings in
 * all of them, as golden files in tests/cases/check-report; and the limits of Markdown, SARIF and GitHub.
 */
#include "cases.h"

#include "check_report.h"
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world {
	struct pm_arena a;
	struct pm_diags diags;
	struct pm_inventory inv;
	struct pm_schema schema;
	struct pm_range range;
	struct pm_gap gap;
	struct pm_findings findings;
	struct pm_check_stats stats;
	struct pm_known gone;
	struct pm_baseline baseline;
	struct pm_check_report r;
};

static const char hostile[] = "docs/\033[31m|x`@team<b>,a:%\n.md";

static void fill(struct world *w)
{
	struct pm_diag *d;

	d = pm_diag_add(&w->diags, &w->a, "port-duplicate", PM_ERROR, "docs/PORTS.md", 9, 3,
			"4600 belongs to press here and to shop-api at line 5");
	pm_diag_key(d, &w->a, "press", 4600, "");
	pm_diag_also(d, &w->a, "docs/PORTS.md", 5, 3, "shop-api");
	d = pm_diag_add(&w->diags, &w->a, "browser-refused", PM_ERROR, hostile, 2, 7,
			"\033]0;x\007 ::error::no ##[error]@team <img> | `code`");
	d->hint = "say \"::warning::\" 100%";
	pm_diag_also(d, &w->a, "a b#c?.md", 1, 1, "%s", hostile);
	d = pm_diag_add(&w->diags, &w->a, "port-outside-range", PM_WARNING, "docs/PORTS.md", 9, 3,
			"press at 4600 stands under 4610-4619");
	pm_diag_key(d, &w->a, "press", 4600, NULL);
	pm_diag_add(&w->diags, &w->a, "nothing-found", PM_WARNING, NULL, 0, 0, "no file has a port");
	d = pm_diag_add(&w->diags, &w->a, "airplay", PM_NOTE, "docs/\xc3\xbc.md", 4, 8, "5000");
	pm_diag_key(d, &w->a, "gallery", 5000, NULL);
	d = pm_diag_add(&w->diags, &w->a, "airplay", PM_NOTE, "docs/\xff.md", 1, 1, "not UTF-8: \xff");
	(void)d;
}

static void hide(struct world *w)
{
	static const struct { const char *text; enum pm_hidden why; } rows[] = {
		{ "an old one", PM_HIDDEN_OLD }, { "a known one", PM_HIDDEN_KNOWN },
		{ "an allowed one", PM_HIDDEN_ALLOWED }, { "one of a rule that is off",
		PM_HIDDEN_OFF },
	};

	for (size_t i = 0; i < 4; i++)
		pm_diag_add(&w->diags, &w->a, "range-overlap", PM_WARNING, "z.md", (unsigned)i + 1,
			    1, "%s", rows[i].text);
	pm_findings_settle(&w->findings, &w->a, &w->diags, NULL, &w->inv.allows);
	for (size_t i = 0; i < w->findings.n; i++)
		for (size_t k = 0; k < 4; k++)
			if (strcmp(w->findings.v[i].d.text, rows[k].text) == 0) {
				w->findings.v[i].hidden = rows[k].why;
				w->findings.v[i].reason = k == 2 ? "because @team" : NULL;
			}
}

static void make(struct world *w)
{
	static const char line[] = "# a\n\nx\n\xc3\xbc \xe2\x82\xac: 5000\n";
	struct pm_inv_file *f = PM_VEC_ADD(&w->inv.files);

	f->path = "docs/\xc3\xbc.md";
	f->bytes = line;
	f->len = sizeof(line) - 1;
	pm_lines_init(&f->lines, &w->a, f->bytes, f->len);
	w->inv.n_files = 12;
	w->inv.n_bytes = 3456;
	*PM_VEC_ADD(&w->inv.skips) = (struct pm_skip){ "logo\n.png", "binary", 7, true };
	w->schema.path = "docs/PORTS.md";
	w->range = (struct pm_range){ .lo = 4600, .hi = 4609, .name = "Shop | <b>" };
	w->gap = (struct pm_gap){ 4602, 4609 };
	*PM_VEC_ADD(&w->stats.fill) = (struct pm_range_fill){ &w->range, 10, 2, 0, &w->gap, 1 };
	w->stats.services = 23;
	w->stats.matching = 14;
	w->stats.absent = 3;
	w->gone = (struct pm_known){ "airplay\tdocs/PORTS.md\t\t7000\t", 2 };
	w->baseline = (struct pm_baseline){ &w->gone, 1, 1 };
	w->r = (struct pm_check_report){
		.what = "commit 0123456789ab", .commit = "0123456789abcdef0123456789abcdef01234567",
		.tree = "89abcdef0123456789abcdef0123456789abcdef", .compared = "main (abc)",
		.schemas = &w->schema, .n_schemas = 1, .inv = &w->inv, .findings = &w->findings,
		.gone = &w->baseline, .stats = &w->stats, .fail_on = PM_ERROR, .max_bytes = 60000,
	};
}

static void release(struct world *w)
{
	PM_VEC_FREE(&w->inv.files);
	PM_VEC_FREE(&w->inv.skips);
	PM_VEC_FREE(&w->stats.fill);
	PM_VEC_FREE(&w->findings);
	pm_diags_release(&w->diags);
	pm_arena_release(&w->a);
}

static const struct form {
	const char *name;
	void (*write)(const struct pm_check_report *, struct pm_buf *);
	bool notes, color;
} forms[] = {
	{ "text", pm_check_text, false, false }, { "text-verbose", pm_check_text, true, true },
	{ "json", pm_check_json, false, false }, { "markdown", pm_check_markdown, false, false },
	{ "github", pm_check_github, false, false },
};
enum { N_FORMS = sizeof(forms) / sizeof(forms[0]) };

static void golden(void **state)
{
	const struct form *form = &forms[(size_t)(uintptr_t)*state];
	struct world w = { .r = { 0 } };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	char path[4200];

	make(&w);
	fill(&w);
	hide(&w);
	w.r.notes = w.r.gaps = form->notes;
	w.r.color = form->color;
	form->write(&w.r, &b);
	snprintf(path, sizeof(path), "%s/cases/check-report/%s", PM_TEST_DIR, form->name);
	pm_assert_golden(path, pm_buf_str(&b));
	assert_true(pm_is_utf8(b.v, b.n));
	assert_true(pm_check_failed(&w.r));
	release(&w);
}

/* Without the rules, which are those of docs/rules.md. */
static void sarif(void **state)
{
	struct world w = { .r = { 0 } };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	const char *invocations;

	(void)state;
	make(&w);
	fill(&w);
	hide(&w);
	pm_check_sarif(&w.r, &b);
	assert_true(pm_is_utf8(b.v, b.n));
	invocations = strstr(pm_buf_str(&b), "\"columnKind\"");
	assert_non_null(invocations);
	pm_assert_golden(PM_TEST_DIR "/cases/check-report/sarif", invocations);
	release(&w);
}

/* n findings of one rule, and one of another. */
static void many(struct world *w, size_t n, const char *text)
{
	make(w);
	for (size_t i = 0; i < n; i++)
		pm_diag_add(&w->diags, &w->a, "port-duplicate", PM_ERROR, "docs/PORTS.md",
			    (unsigned)i + 1, 1, "%s", text);
	pm_diag_add(&w->diags, &w->a, "airplay", PM_NOTE, "docs/PORTS.md", 1, 1, "a note");
	pm_findings_settle(&w->findings, &w->a, &w->diags, NULL, &w->inv.allows);
}

static size_t count(const char *s, const char *needle)
{
	size_t n = 0;

	for (; (s = strstr(s, needle)); s++)
		n++;
	return n;
}

static void github_keeps_ten(void **state)
{
	static const struct { size_t n, shown; const char *last; } rows[] = {
		{ 0, 0, NULL }, { 9, 9, NULL }, { 10, 10, NULL },
		{ 11, 9, "::error title=portmig::and 2 more errors\n" },
		{ 500, 9, "::error title=portmig::and 491 more errors\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w = { .r = { 0 } };
		PM_CLEAN_BUF struct pm_buf b = { 0 };

		many(&w, rows[i].n, "x");
		pm_check_github(&w.r, &b);
		assert_int_equal(count(pm_buf_str(&b), "::error file="), rows[i].shown);
		assert_int_equal(count(pm_buf_str(&b), "::notice file="), 1);
		if (rows[i].last)
			assert_non_null(strstr(pm_buf_str(&b), rows[i].last));
		else
			assert_null(strstr(pm_buf_str(&b), "more error"));
		release(&w);
	}
}

static void markdown_is_cut_by_sections(void **state)
{
	struct world w = { .r = { 0 } };
	PM_CLEAN_BUF struct pm_buf b = { 0 }, text = { 0 };

	(void)state;
	pm_buf_pad(&text, 'x', 399);
	many(&w, 1000, pm_buf_str(&text));
	pm_check_markdown(&w.r, &b);
	assert_true(b.n < 60000);
	assert_non_null(strstr(pm_buf_str(&b), "and 950 more"));
	pm_buf_clear(&b);
	w.r.max_bytes = 6000;
	pm_check_markdown(&w.r, &b);
	assert_true(b.n < 6000);
	assert_null(strstr(pm_buf_str(&b), "xxx"));
	assert_non_null(strstr(pm_buf_str(&b), "**1 section left out** for size: port-duplicate "
			       "(1000); `portmig check --format json` has all.\n"));
	assert_non_null(strstr(pm_buf_str(&b), "airplay"));
	release(&w);
}

static void sarif_has_a_limit(void **state)
{
	struct world w = { .r = { 0 } };
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	(void)state;
	many(&w, 25001, "x");
	pm_check_sarif(&w.r, &b);
	assert_int_equal(count(pm_buf_str(&b), "\"ruleId\""), 25000);
	assert_int_equal(count(pm_buf_str(&b), "\"ruleId\": \"airplay\""), 0);
	assert_non_null(strstr(pm_buf_str(&b), "2 more findings do not fit into 25000 results"));
	release(&w);
}

/* ---- the table of rules against docs/rules.md ---- */

static void every_rule_has_a_page(void **state)
{
	(void)state;
	for (size_t i = 0; i < pm_rules_n; i++) {
		const struct pm_str page = pm_rule_page(pm_rules[i].id);
		const char *severity = pm_severity_name(pm_rules[i].severity);

		if (!page.n)
			fail_msg("docs/rules.md has no section on %s", pm_rules[i].id);
		if (!pm_str_ieq((struct pm_str){ page.p, strlen(severity) }, severity))
			fail_msg("the section on %s does not begin with '%s'", pm_rules[i].id,
				 severity);
		if (i && strcmp(pm_rules[i - 1].id, pm_rules[i].id) >= 0)
			fail_msg("%s stands out of order", pm_rules[i].id);
		assert_ptr_equal(pm_rule_find(pm_rules[i].id), &pm_rules[i]);
		if (!pm_rules[i].advice || !*pm_rules[i].advice)
			fail_msg("%s does not say what to do", pm_rules[i].id);
	}
	assert_null(pm_rule_find("no-such-rule"));
	assert_int_equal(pm_rule_page("no-such-rule").n, 0);
}

static void every_page_has_a_rule(void **state)
{
	size_t n = 0, length;
	char *text = pm_read_file(PM_SOURCE_DIR "/docs/rules.md", &length);

	(void)state;
	assert_non_null(text);
	for (char *p = text; (p = strstr(p, "\n### ")); n++) {
		char *end = strchr(p += 5, '\n');

		assert_non_null(end);
		*end = '\0';
		if (!pm_rule_find(p))
			fail_msg("docs/rules.md has a section on %s, which is no rule", p);
		p = end;
		*end = '\n';
	}
	assert_int_equal(n, pm_rules_n);
	free(text);
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < N_FORMS; i++)
		pm_cases_add(&c, forms[i].name, golden, (void *)(uintptr_t)i);
	pm_cases_add(&c, "sarif", sarif, NULL);
	pm_cases_add(&c, "github keeps ten", github_keeps_ten, NULL);
	pm_cases_add(&c, "markdown is cut by sections", markdown_is_cut_by_sections, NULL);
	pm_cases_add(&c, "sarif has a limit", sarif_has_a_limit, NULL);
	pm_cases_add(&c, "every rule has a page", every_rule_has_a_page, NULL);
	pm_cases_add(&c, "every page has a rule", every_page_has_a_rule, NULL);
	return pm_cases_run(&c, "check");
}
