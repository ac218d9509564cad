/*
 * test_doc.c - editing schema documents in place: case folders with a document, wishes and the bytes
 * that come out of it. pm_doc_edit proves its own result; here the proof is made to fail, too.
 */
#include "cases.h"
#include "doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WISHES = 32 };

static uint32_t row_of(const struct pm_schema *s, const char *name, unsigned port)
{
	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];

			if (e->lo == port && (strcmp(e->name, name) == 0 ||
					      strcmp(s->services.v[i].name, name) == 0))
				return e->src.span.off;
		}
	return PM_DOC_NONE;
}

static uint32_t range_of(const struct pm_schema *s, unsigned lo)
{
	uint32_t off = PM_DOC_NONE;

	for (size_t i = 0; i < s->ranges.n; i++) /* the innermost */
		if (s->ranges.v[i].lo == lo && !s->ranges.v[i].from_table)
			off = s->ranges.v[i].src.span.off;
	return off;
}

/* The next word of a line; "-" is nothing. A word may be quoted. */
static char *word(char **at)
{
	char *w = *at + strspn(*at, " ");
	const char end = *w == '"' ? '"' : ' ';

	w += *w == '"';
	*at = w + strcspn(w, end == '"' ? "\"" : " ");
	if (**at)
		*(*at)++ = '\0';
	return *w && strcmp(w, "-") != 0 ? w : NULL;
}

static unsigned number(char **at)
{
	const char *w = word(at);

	return w ? (unsigned)atoi(w) : 0;
}

/*
 * move NAME FROM TO [UNDER]; add NAME PORT [UNDER] [CONTAINER] [NOTE] [PAIRPORT PAIRNAME];
 * remove NAME PORT; rename NAME NEW; date WHICH DATE; note TEXT; log DATE TEXT AUTHOR
 */
static struct pm_wish read_wish(const struct pm_schema *s, char *line)
{
	char *at = line;
	const char *kind = word(&at);
	struct pm_wish w = PM_WISH(PM_WISH_MOVE);

	while (w.kind < PM_WISH_KINDS && strcmp(pm_wish_kind_name(w.kind), kind) != 0)
		w.kind++;
	assert_true(w.kind < PM_WISH_KINDS);
	switch (w.kind) {
	case PM_WISH_MOVE:
	case PM_WISH_REMOVE:
		w.service = word(&at);
		w.from = number(&at);
		w.to = number(&at);
		w.row = row_of(s, w.service, w.from);
		w.under = range_of(s, number(&at));
		break;
	case PM_WISH_ADD:
		w.service = word(&at);
		w.to = number(&at);
		w.under = range_of(s, number(&at));
		w.container = word(&at);
		w.note = word(&at);
		w.pair_port = number(&at);
		w.pair_name = word(&at);
		break;
	case PM_WISH_RENAME:
		w.service = word(&at);
		w.text = word(&at);
		break;
	case PM_WISH_DATE:
		w.service = word(&at);
		w.date = word(&at);
		break;
	case PM_WISH_NOTE: w.text = word(&at); break;
	case PM_WISH_LOG:
		w.date = word(&at);
		w.text = word(&at);
		w.author = word(&at);
		break;
	case PM_WISH_KINDS: break;
	}
	return w;
}

static size_t read_wishes(const struct pm_schema *s, char *text, struct pm_wish *out)
{
	size_t n = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_true(n < MAX_WISHES);
		for (char *c = strchr(line, '%'); c; c = strchr(c, '%')) /* a line end in a note */
			*c = '\n';
		out[n++] = read_wish(s, line);
	}
	return n;
}

static void assert_patches(const struct pm_doc_edits *e, struct pm_str text)
{
	size_t at = 0;

	for (size_t i = 0; i < e->patches.n; i++) {
		const struct pm_patch *p = &e->patches.v[i];

		assert_true(p->span.off >= at);
		at = p->span.off + p->span.len;
		assert_true(at <= text.n);
		assert_int_equal(p->old.n, p->span.len);
		assert_true(p->old.p == text.p + p->span.off);
		assert_true(p->line && p->col);
	}
}

static char *read_input(const char *folder, const char **name, size_t *n)
{
	static const char *const names[] = { "input.md", "input.yaml", "input.json" };
	char path[4096], *text = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !text; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		text = pm_read_file(path, n);
		*name = names[i];
	}
	assert_non_null(text);
	return text;
}

static void folder(void **state)
{
	char path[4096], *text, *wishes;
	struct pm_wish w[MAX_WISHES];
	struct pm_doc_edits e;
	struct pm_schema s = { 0 };
	struct pm_arena a = { 0 };
	struct pm_buf got = { 0 };
	struct pm_err err = { 0 };
	const char *name;
	struct pm_str in;
	size_t n, len;

	text = read_input(*state, &name, &len);
	in = (struct pm_str){ text, len };
	snprintf(path, sizeof(path), "%s/wishes", (const char *)*state);
	wishes = pm_read_file(path, NULL);
	assert_non_null(wishes);
	if (pm_schema_parse(&s, name, in, &err))
		fail_msg("%s (%s)", err.text, err.where);
	n = read_wishes(&s, wishes, w);
	pm_doc_edit(&e, &a, &s, in, w, NULL, n);
	assert_patches(&e, in);
	for (size_t i = 0; i < n; i++)
		pm_buf_addf(&got, "%s %s: %s%s\n", pm_wish_kind_name(w[i].kind),
			    w[i].service ? w[i].service : "", e.why_not[i] ? "no: " :
			    e.unit[i] == i ? "yes" : "yes, with another", e.why_not[i] ? e.why_not[i] : "");
	pm_buf_adds(&got, "----\n");
	pm_doc_patch(&got, in, e.patches.v, e.patches.n, NULL);
	snprintf(path, sizeof(path), "%s/expected", (const char *)*state);
	pm_assert_golden(path, pm_buf_str(&got));
	pm_buf_release(&got);
	free(e.patches.v);
	pm_schema_release(&s);
	pm_arena_release(&a);
	free(text);
	free(wishes);
}

/* The document of a case, cut off anywhere: no crash, and what comes out is proved or nothing. */
static void cut_off(void **state)
{
	char path[4096], *text;
	const char *name;
	size_t len;

	text = read_input(*state, &name, &len);
	snprintf(path, sizeof(path), "%s/wishes", (const char *)*state);
	for (size_t cut = 1; cut < len; cut += 37) {
		char *wishes = pm_read_file(path, NULL);
		struct pm_wish w[MAX_WISHES];
		struct pm_schema s = { 0 };
		struct pm_arena a = { 0 };
		struct pm_doc_edits e;
		struct pm_str in = { text, cut };

		if (pm_schema_parse(&s, name, in, NULL) == 0) {
			size_t n = read_wishes(&s, wishes, w);

			pm_doc_edit(&e, &a, &s, in, w, NULL, n);
			assert_patches(&e, in);
			free(e.patches.v);
			pm_schema_release(&s);
		}
		pm_arena_release(&a);
		free(wishes);
	}
	free(text);
}

/* ---- the proof ---- */

static const char before[] =
	"# Ports\n\n**Last updated:** 2026-02-03\n\n## 3000-3009: Core\n\n"
	"| Port | Service | Description |\n|---|---|---|\n"
	"| 3001 | shop-auth | Sessions |\n| 3002 | shop-cart | |\n| 3005-3009 | *(reserved)* | |\n\n"
	"## 5000-5009: Web\n\n| Port | Service | Corresponds to |\n|---|---|---|\n"
	"| 5001 | auth-web | 3001 shop-auth |\n";

/* The first `what` of the document replaced: is that shop-auth moving from 3001 to `to`? */
static const struct forged {
	const char *name;
	const char *what[3], *with[3];
	const char *say; /* NULL: proved */
} forged[] = {
	{ "as wished", { "| 3001 |", "| 3001 shop" }, { "| 3004 |", "| 3004 shop" }, NULL },
	{ "nothing done", { NULL }, { NULL }, "also say a port of 'auth-web'" },
	{ "the reference forgotten", { "| 3001 |" }, { "| 3004 |" }, "auth-web" },
	{ "another row, too", { "| 3001 |", "| 3001 shop", "| 3002 |" },
	  { "| 3004 |", "| 3004 shop", "| 3003 |" }, "shop-cart" },
	{ "a word lost", { "| 3001 |", "| 3001 shop", "Sessions" },
	  { "| 3004 |", "| 3004 shop", "" }, "shop-auth" },
	{ "the heading changed", { "| 3001 |", "| 3001 shop", "3000-3009" },
	  { "| 3004 |", "| 3004 shop", "3000-3019" }, "3000-3009 'Core'" },
	{ "a reservation shortened", { "| 3001 |", "| 3001 shop", "3005-3009" },
	  { "| 3004 |", "| 3004 shop", "3005-3008" }, "reservation 3005-3008" },
	{ "the date changed", { "| 3001 |", "| 3001 shop", "2026-02-03" },
	  { "| 3004 |", "| 3004 shop", "2026-02-04" }, "date of its update" },
	{ "a row lost", { "| 3001 |", "| 3001 shop", "| 3002 | shop-cart | |\n" },
	  { "| 3004 |", "| 3004 shop", "" }, "shop-cart" },
	{ "a heading more", { "| 3001 |", "| 3001 shop", "## 5000" },
	  { "| 3004 |", "| 3004 shop", "## 6000-6009: New\n\n## 5000" }, "range" },
	{ "not a schema any more", { "| Port | Service | Description |" }, { "x" }, "" },
};

static void proof(void **state)
{
	const struct forged *f = *state;
	struct pm_buf after = { 0 };
	struct pm_wish w = PM_WISH(PM_WISH_MOVE);
	const struct pm_wish *list[] = { &w };
	struct pm_err err = { 0 };
	int rc;

	pm_buf_adds(&after, before);
	for (size_t i = 0; i < 3 && f->what[i]; i++) {
		char *at = strstr(after.v, f->what[i]);
		struct pm_buf next = { 0 };

		assert_non_null(at);
		pm_buf_add(&next, after.v, (size_t)(at - after.v));
		pm_buf_adds(&next, f->with[i]);
		pm_buf_adds(&next, at + strlen(f->what[i]));
		pm_buf_release(&after);
		after = next;
	}
	w.row = (uint32_t)(strstr(before, "3001 |") - before);
	w.from = 3001;
	w.to = 3004;
	rc = pm_doc_prove("PORTS.md", pm_str_of(before), pm_str_of(pm_buf_str(&after)), list, 1, &err);
	if (!f->say) {
		if (rc)
			fail_msg("%s", err.text);
	} else {
		assert_true(rc < 0);
		if (!strstr(err.text, f->say))
			fail_msg("'%s' does not say '%s'", err.text, f->say);
	}
	pm_buf_release(&after);
}

/* ---- dates ---- */

static const struct date { const char *like, *want; } dates[] = {
	{ "2025-12-18", "2026-02-03" }, { "2025/12/18", "2026/02/03" },
	{ "18.12.2025", "03.02.2026" }, { "December 18, 2025", "February 3, 2026" },
	{ "December 08, 2025", "February 03, 2026" }, { "Dec 18, 2025", "Feb 3, 2026" },
	{ "18 December 2025", "3 February 2026" }, { "8 Dec 2025", "3 Feb 2026" },
	{ "12/18/2025", NULL }, { "Q4 2025", NULL }, { "", NULL }, { "2025-12-18 (draft)", NULL },
	{ "2025-13-18", NULL }, { "18. Dezember 2025", NULL },
};

static void date_like(void **state)
{
	const struct date *d = *state;
	struct pm_arena a = { 0 };
	const char *got = pm_doc_date_like(&a, d->like, "2026-02-03");

	if (d->want)
		assert_string_equal(got, d->want);
	else
		assert_null(got);
	pm_arena_release(&a);
}

int main(void)
{
	struct pm_cases c = { 0 };
	char name[128];

	pm_cases_add_folders(&c, "doc", folder);
	pm_cases_add_folders(&c, "doc", cut_off);
	for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++) {
		snprintf(name, sizeof(name), "proof: %s", forged[i].name);
		pm_cases_add(&c, name, proof, &forged[i]);
	}
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		snprintf(name, sizeof(name), "date like %s", dates[i].like);
		pm_cases_add(&c, name, date_like, &dates[i]);
	}
	return pm_cases_run(&c, "doc");
}
