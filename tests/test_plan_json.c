/*
 * test_plan_json.c - plans as text: what is written is read back, follows docs/plan.schema.json,
 * and whatever touched it in between is noticed.
 */
#include "cases.h"
#include "plan.h"
#include "repo.h"

#include <jansson.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char oid_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char oid_b[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static void add_edit(struct pm_plan *p, const char *path, uint32_t off, unsigned old, int move,
		     enum pm_disposition d)
{
	static const char *reasons[] = { "compose service 'api' +80", "quote \" \\ \x01 \xff" };
	struct pm_edit *e = PM_VEC_ADD(&p->edits);
	char digits[8];

	*e = (struct pm_edit){ .path = path, .line = 3, .col = off + 1, .old_port = old,
			       .new_port = move < 0 ? 0 : p->moves.v[move].to, .move = move,
			       .service = move < 0 ? NULL : "api", .role = "url",
			       .rule = "url/authority", .disposition = d, .score = -7,
			       .reasons = reasons, .n_reasons = 2, .excerpt = "x: 4900" };
	e->span = (struct pm_span){ off, (uint32_t)snprintf(digits, sizeof(digits), "%u", old) };
	memcpy(e->blob, oid_b, PM_OID_HEX);
	if (d == PM_REVIEW) {
		e->group = "is it the host side?";
		e->fingerprint = "url/authority|a|api|x";
		e->answer = off > 50 ? "y" : NULL;
	}
}

/* A plan with something in every member. */
static void make_plan(struct pm_plan *p)
{
	memset(p, 0, sizeof(*p));
	memcpy(p->base, oid_a, PM_OID_HEX);
	memcpy(p->base_tree, oid_b, PM_OID_HEX);
	memcpy(p->schema_blob, oid_b, PM_OID_HEX);
	memcpy(p->config_blob, oid_a, PM_OID_HEX);
	p->schema_path = "docs/PORTS.md";
	p->host_scope = p->complete = true;
	p->n_files = 12;
	p->n_bytes = 5000000000;
	*PM_VEC_ADD(&p->moves) = (struct pm_move){ "api", 4900, 4600, PM_MOVE_GUIDE, "P.md:3", 0,
						   1, 2, 1, "guide says 4900", 1 };
	*PM_VEC_ADD(&p->moves) = (struct pm_move){ "web", 443, 16910, PM_MOVE_COMMAND, NULL, 1,
						   0, 0, 0, NULL, -1 };
	add_edit(p, "a", 10, 4900, 0, PM_APPLY);
	add_edit(p, "a", 14, 4900, 0, PM_REVIEW);
	add_edit(p, "a", 60, 443, 1, PM_REVIEW);
	add_edit(p, "b \xff\n\"", 0, 65535, -1, PM_KEEP);
	*PM_VEC_ADD(&p->skips) = (struct pm_skip){ "x.png", "binary", 77, true };
	*PM_VEC_ADD(&p->skips) = (struct pm_skip){ "y\xfe", "object is missing", 0, false };
	pm_diag_add(&p->diags, &p->arena, "straggler", PM_WARNING, "a", 1, 2, "4000 stays")->hint =
		"add a move";
	pm_diag_add(&p->diags, &p->arena, "note", PM_NOTE, NULL, 0, 0, "whole plan");
	p->reviewer = "R. Eader <r@example.org>";
	p->reviewed_at = "2026-01-02T03:04:05Z";
	p->reverts = oid_b;
}

/* The same with changes of the schema document. */
static void make_document_plan(struct pm_plan *p)
{
	static const char *reasons[] = { "docs/PORTS.md:9 says 3061", "docker-compose.yml:4" };
	struct pm_doc_change *c;
	struct pm_text_edit *t;

	make_plan(p);
	p->directions = (struct pm_directions){ true, 187, 5, 61, 9, 2 };
	c = PM_VEC_ADD(&p->changes);
	c->wish = PM_WISH(PM_WISH_MOVE);
	c->wish.service = "shop-cart \xe9";
	c->wish.row = 210;
	c->wish.under = 150;
	c->wish.from = 3002;
	c->wish.to = 3061;
	c->reasons = reasons;
	c->n_reasons = 2;
	c = PM_VEC_ADD(&p->changes);
	c->wish = PM_WISH(PM_WISH_ADD);
	c->wish.service = "shop-mail";
	c->wish.to = 3007;
	c->wish.container = "mail-1";
	c->wish.note = "";
	c->wish.pair_port = 5001;
	c->wish.pair_name = "mail-web";
	c->unit = 1;
	c->disposition = PM_REVIEW;
	c->group = "shop-mail:3007:row:docs/PORTS.md";
	c->answer = "y";
	c = PM_VEC_ADD(&p->changes);
	c->wish = PM_WISH(PM_WISH_LOG);
	c->wish.date = "2026-02-05";
	c->wish.text = "A \"change\"";
	c->wish.author = "Ann";
	c->unit = 1;
	for (unsigned i = 0; i < 2; i++) {
		t = PM_VEC_ADD(&p->texts);
		t->path = "docs/PORTS.md";
		memcpy(t->blob, oid_b, PM_OID_HEX);
		t->patch.span = (struct pm_span){ 210 + i * 7, i ? 0 : 4 };
		t->patch.old = pm_str_of(i ? "" : "3002");
		t->patch.new = pm_str_of(i ? "| 3007 | caf\xe9 |\r\n" : "3061");
		t->patch.line = 9 + i;
		t->patch.col = 3;
		t->patch.unit = i;
	}
}

static struct pm_str written(struct pm_plan *p, struct pm_buf *b)
{
	pm_plan_write(p, b);
	return (struct pm_str){ pm_buf_str(b), b->n };
}

static void read_gives_what_was_written(void **state)
{
	PM_CLEAN_BUF struct pm_buf a = { 0 };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_plan p, q;
	struct pm_err err = { 0 };

	(void)state;
	make_plan(&p);
	assert_int_equal(pm_plan_read(&q, written(&p, &a), "x", &err), 0);
	assert_string_equal(written(&q, &b).p, a.v);
	assert_string_equal(p.digest, q.digest);
	assert_string_equal(q.edits.v[3].path, "b \xff\n\"");
	assert_string_equal(q.skips.v[1].path, "y\xfe");
	assert_int_equal(q.edits.v[0].score, -7);
	assert_int_equal(q.moves.v[0].after, 1);
	assert_int_equal(q.moves.v[1].after, -1);
	assert_null(q.diags.v[1].path);
	assert_false(q.skips.v[1].readable);
	pm_plan_release(&p);
	pm_plan_release(&q);
}

static void document_is_read_back(void **state)
{
	PM_CLEAN_BUF struct pm_buf a = { 0 }, b = { 0 };
	struct pm_plan p, q;
	struct pm_err err = { 0 };

	(void)state;
	make_document_plan(&p);
	if (pm_plan_read(&q, written(&p, &a), "x", &err))
		fail_msg("%s", err.text);
	assert_string_equal(written(&q, &b).p, a.v);
	assert_string_equal(q.changes.v[0].wish.service, "shop-cart \xe9");
	assert_int_equal(q.changes.v[1].wish.row, PM_DOC_NONE);
	assert_string_equal(q.texts.v[1].patch.new.p, "| 3007 | caf\xe9 |\r\n");
	assert_null(q.changes.v[0].wish.text);
	assert_string_equal(q.changes.v[1].wish.note, "");
	assert_true(pm_unit_applies(&q, 0));
	assert_true(pm_unit_applies(&q, 1));
	q.changes.v[1].answer = "n";
	assert_false(pm_unit_applies(&q, 1)); /* one of two says no */
	assert_false(pm_unit_applies(&q, 2)); /* there is none */
	pm_plan_release(&p);
	pm_plan_release(&q);
}

static void document_golden(void **state)
{
	PM_CLEAN_BUF struct pm_buf a = { 0 };
	struct pm_plan p;

	(void)state;
	make_document_plan(&p);
	pm_assert_golden(PM_TEST_DIR "/cases/apply/plan-document.json", written(&p, &a).p);
	pm_plan_release(&p);
}

static void empty_plan(void **state)
{
	PM_CLEAN_BUF struct pm_buf a = { 0 };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_plan p = { 0 }, q;
	struct pm_err err = { 0 };

	(void)state;
	memcpy(p.base, oid_a, PM_OID_HEX);
	memcpy(p.base_tree, oid_b, PM_OID_HEX);
	assert_int_equal(pm_plan_read(&q, written(&p, &a), "x", &err), 0);
	assert_string_equal(written(&q, &b).p, a.v);
	pm_plan_release(&q);
}

static void golden(void **state)
{
	PM_CLEAN_BUF struct pm_buf a = { 0 };
	struct pm_plan p;

	(void)state;
	make_plan(&p);
	pm_assert_golden(PM_TEST_DIR "/cases/apply/plan.json", written(&p, &a).p);
	pm_plan_release(&p);
}

/* ---- what others do to a file ---- */

static void replace(struct pm_buf *b, const char *old, const char *new)
{
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	char *at = strstr(b->v, old);

	assert_non_null(at);
	pm_buf_add(&out, b->v, (size_t)(at - b->v));
	pm_buf_adds(&out, new);
	pm_buf_adds(&out, at + strlen(old));
	pm_buf_clear(b);
	pm_buf_add(b, out.v, out.n);
}

static void edit_by_hand(struct pm_buf *b) { replace(b, "\"new\": \"4600\"", "\"new\": \"4601\""); }
static void edit_space(struct pm_buf *b) { replace(b, "\"scope\": ", "\"scope\":  "); }
static void edit_digest(struct pm_buf *b) { b->v[b->n - 5] = b->v[b->n - 5] == '0' ? '1' : '0'; }
static void no_final_newline(struct pm_buf *b) { b->v[--b->n] = '\0'; }
static void two_final_newlines(struct pm_buf *b) { pm_buf_addc(b, '\n'); }
static void empty(struct pm_buf *b) { pm_buf_clear(b); }

static void cut_off(struct pm_buf *b)
{
	b->n /= 2;
	b->v[b->n] = '\0';
}

static void to_crlf(struct pm_buf *b)
{
	PM_CLEAN_BUF struct pm_buf out = { 0 };

	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i] == '\n')
			pm_buf_addc(&out, '\r');
		pm_buf_addc(&out, b->v[i]);
	}
	pm_buf_clear(b);
	pm_buf_add(b, out.v, out.n);
}

static void add_bom(struct pm_buf *b) { replace(b, "{\n", "\xef\xbb\xbf{\n"); }

/* A forger who knows the digest still meets the other checks. */
static void sign_again(struct pm_buf *b)
{
	char hex[65];
	const size_t tail = strlen("\"\n}\n");
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (uint8_t *)b->v, b->n - tail - 64);
	SHA256Update(&ctx, (const uint8_t *)"\"\n}\n", tail);
	SHA256End(&ctx, hex);
	memcpy(b->v + b->n - tail - 64, hex, 64);
}

static void other_version(struct pm_buf *b) { replace(b, "\"version\": 1", "\"version\": 3"); sign_again(b); }
static void version_without_changes(struct pm_buf *b) { replace(b, "\"version\": 1", "\"version\": 2"); sign_again(b); }
static void unknown_unit(struct pm_buf *b) { replace(b, "\"unit\": 1, \"blob\"", "\"unit\": 3, \"blob\""); sign_again(b); }
static void unit_of_nobody(struct pm_buf *b) { replace(b, "\"unit\": 0, \"disposition\"", "\"unit\": 2, \"disposition\""); sign_again(b); }
static void other_file(struct pm_buf *b) { replace(b, "{\"path\": \"docs/PORTS.md\", \"line\"", "{\"path\": \"README.md\", \"line\""); sign_again(b); }
static void other_blob(struct pm_buf *b) { replace(b, "\"unit\": 0, \"blob\": \"bbbb", "\"unit\": 0, \"blob\": \"abbb"); sign_again(b); }
static void short_old(struct pm_buf *b) { replace(b, "\"old\": \"3002\"", "\"old\": \"300\""); sign_again(b); }
static void overlapping_patch(struct pm_buf *b) { replace(b, "\"offset\": 217", "\"offset\": 213"); sign_again(b); }
static void empty_patch(struct pm_buf *b) { replace(b, "| 3007 | caf\xef\xbf\xbd |\\r\\n\", \"new_bytes\": \"7c2033303037207c20636166e9207c0d0a\"", "\""); sign_again(b); }
static void unknown_kind(struct pm_buf *b) { replace(b, "\"kind\": \"log\"", "\"kind\": \"sing\""); sign_again(b); }
static void nothing_to_add(struct pm_buf *b) { replace(b, "\"to\": \"3007\"", "\"to\": null"); sign_again(b); }
static void change_answer(struct pm_buf *b) { replace(b, "\"answer\": \"y\", \"group\": \"shop-mail", "\"answer\": \"?\", \"group\": \"shop-mail"); sign_again(b); }
static void other_format(struct pm_buf *b) { replace(b, "portmig-plan", "terraform"); sign_again(b); }
static void double_key(struct pm_buf *b) { replace(b, "\"version\": 1", "\"version\": 1, \"version\": 1"); sign_again(b); }
static void overlapping(struct pm_buf *b) { replace(b, "\"offset\": 14", "\"offset\": 13"); sign_again(b); }
static void doubled(struct pm_buf *b) { replace(b, "\"offset\": 14", "\"offset\": 10"); sign_again(b); }
static void unsorted(struct pm_buf *b) { replace(b, "\"offset\": 14", "\"offset\": 2"); sign_again(b); }
static void no_port(struct pm_buf *b) { replace(b, "\"new\": \"4600\"", "\"new\": \"70000\""); sign_again(b); }
static void long_span(struct pm_buf *b) { replace(b, "\"length\": 4", "\"length\": 5"); sign_again(b); }
static void bad_answer(struct pm_buf *b) { replace(b, "\"answer\": \"y\"", "\"answer\": \"?\""); sign_again(b); }
static void bad_oid(struct pm_buf *b) { replace(b, oid_a, "../../../etc/passwd"); sign_again(b); }
static void bad_role(struct pm_buf *b) { replace(b, "\"role\": \"url\"", "\"role\": 7"); sign_again(b); }
static void bad_line(struct pm_buf *b) { replace(b, "\"line\": 3", "\"line\": 0"); sign_again(b); }
static void bad_bytes(struct pm_buf *b) { replace(b, "\"path_bytes\": \"62", "\"path_bytes\": \"6x"); sign_again(b); }
static void nul_path(struct pm_buf *b) { replace(b, "\"path_bytes\": \"62", "\"path_bytes\": \"00"); sign_again(b); }
static void no_edits(struct pm_buf *b) { replace(b, "\"edits\": [", "\"other\": ["); sign_again(b); }
static void not_json(struct pm_buf *b) { replace(b, "\"version\": 1,", "\"version\": 1"); sign_again(b); }
static void next_move(struct pm_buf *b) { replace(b, "\"move\": 0", "\"move\": 2"); sign_again(b); }
static void wrong_after(struct pm_buf *b) { replace(b, "\"after\": 1", "\"after\": 2"); sign_again(b); }

static const struct damage {
	const char *name;
	void (*change)(struct pm_buf *b);
	const char *say;
	bool document; /* done to a plan that changes the document */
} damages[] = {
	{ "edited by hand", edit_by_hand, "was changed after portmig wrote it" },
	{ "a space more", edit_space, "was changed after portmig wrote it" },
	{ "digest changed", edit_digest, "was changed after portmig wrote it" },
	{ "no final newline", no_final_newline, "does not end like a plan" },
	{ "two final newlines", two_final_newlines, "does not end like a plan" },
	{ "empty", empty, "is empty" },
	{ "cut off", cut_off, "does not end like a plan" },
	{ "CRLF", to_crlf, "CRLF" },
	{ "BOM", add_bom, "byte order mark" },
	{ "other version", other_version, "another version" },
	{ "other format", other_format, "not a plan of portmig" },
	{ "duplicate key", double_key, "is not JSON" },
	{ "not JSON", not_json, "is not JSON" },
	{ "overlapping places", overlapping, "overlaps" },
	{ "place twice", doubled, "overlaps" },
	{ "unsorted places", unsorted, "out of order" },
	{ "no port", no_port, "edits[0].new: not a port" },
	{ "wrong length", long_span, "not as long as its number" },
	{ "unknown answer", bad_answer, "answer" },
	{ "no object id", bad_oid, "not an object id" },
	{ "role of another type", bad_role, "edits[0].role: not a text" },
	{ "line 0", bad_line, "edits[0].line" },
	{ "path bytes that are no hex", bad_bytes, "path_bytes" },
	{ "NUL in a path", nul_path, "path_bytes" },
	{ "move behind the last", next_move, "a move that is not in the plan" },
	{ "no edits", no_edits, "wrong edits" },
	{ "waits for an unknown move", wrong_after, "waits for one" },
	{ "version 2 without changes", version_without_changes, "wrong changes: not a list" },
	{ "document edited by hand", short_old, "not as long as its place", true },
	{ "patch of an unknown change", unknown_unit, "belongs to a change", true },
	{ "unit of nobody", unit_of_nobody, "in a unit that is none", true },
	{ "patch of another file", other_file, "is not in the plan's schema", true },
	{ "patch of another version", other_blob, "is not in the plan's schema", true },
	{ "patches overlap", overlapping_patch, "overlaps the one before it", true },
	{ "patch without a change", empty_patch, "changes nothing", true },
	{ "unknown kind of change", unknown_kind, "changes[2].kind", true },
	{ "a row without a port", nothing_to_add, "its values are not all there", true },
	{ "unknown answer to a change", change_answer, "answer that is not y or n", true },
};

static void damaged(void **state)
{
	const struct damage *row = *state;
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_plan p, q = { 0 };
	struct pm_err err = { 0 };

	if (row->document)
		make_document_plan(&p);
	else
		make_plan(&p);
	written(&p, &b);
	row->change(&b);
	assert_int_equal(pm_plan_read(&q, (struct pm_str){ pm_buf_str(&b), b.n }, "p.json", &err),
			 PM_E_REFUSED);
	if (!strstr(err.text, row->say))
		print_error("%s\n", err.text);
	assert_non_null(strstr(err.text, row->say));
	assert_non_null(strstr(err.text, "p.json"));
	pm_plan_release(&p);
}

/* No prefix of a plan is a plan. */
static void every_prefix(void **state)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_plan p, q;
	struct pm_err err;

	(void)state;
	make_document_plan(&p);
	written(&p, &b);
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(pm_plan_read(&q, (struct pm_str){ b.v, n }, "x", &err),
				 PM_E_REFUSED);
	pm_plan_release(&p);
}

/* Any member missing or of another type: refused, never a crash. */
static void members_of_wrong_type(void **state)
{
	static const char *const values[] = { "null", "[]", "{}", "-1", "1e99", "\"\"", "true" };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_plan p;
	size_t read = 0;

	(void)state;
	make_document_plan(&p);
	written(&p, &b);
	for (const char *at = b.v; (at = strstr(at, "\": ")); at += 3)
		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
			PM_CLEAN_BUF struct pm_buf x = { 0 };
			size_t from = (size_t)(at - b.v) + 3, to = from;
			struct pm_err err = { 0 };
			struct pm_plan q;

			while (b.v[to] != ',' && b.v[to] != '}' && b.v[to] != '\n')
				to++;
			if (b.n - to < 10)
				continue;
			pm_buf_add(&x, b.v, from);
			pm_buf_adds(&x, values[i]);
			pm_buf_add(&x, b.v + to, b.n - to);
			sign_again(&x);
			if (pm_plan_read(&q, (struct pm_str){ x.v, x.n }, "x", &err) == 0) {
				pm_plan_release(&q);
				read++;
			}
		}
	assert_true(read > 0); /* null where that is allowed */
	pm_plan_release(&p);
}

/* The published schema describes what is written, and refuses something. */
static void published_schema(void **state)
{
	static const char script[] =
		"import json,sys\n"
		"try:\n"
		"    import jsonschema\n"
		"    Validator = jsonschema.Draft202012Validator\n"
		"except (ImportError, AttributeError):\n"
		"    sys.exit(77)\n"
		"schema = json.load(open(sys.argv[1]))\n"
		"Validator.check_schema(schema)\n"
		"v = Validator(schema)\n"
		"v.validate(json.load(open(sys.argv[3])))\n"
		"plan = json.load(open(sys.argv[2]))\n"
		"v.validate(plan)\n"
		"plan[\"changes\"] = []\n"
		"if v.is_valid(plan): sys.exit(4)\n"
		"del plan[\"changes\"]\n"
		"plan[\"edits\"][0][\"old\"] = 4900\n"
		"sys.exit(3 if v.is_valid(plan) else 0)\n";
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	char name[] = "/tmp/pm-validate-XXXXXX";
	int fd = mkstemp(name), status;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, script, sizeof(script) - 1), sizeof(script) - 1);
	close(fd);
	status = pm_test_run(&out, "python3 %s %s/docs/plan.schema.json %s/cases/apply/plan.json "
			     "%s/cases/apply/plan-document.json", name, PM_SOURCE_DIR, PM_TEST_DIR,
			     PM_TEST_DIR);
	unlink(name);
	if (status == 77 || status == 127) {
		print_message("published schema: skipped, python3 with jsonschema is not here\n");
		skip();
	}
	if (status)
		print_error("%s\n", pm_buf_str(&out));
	assert_int_equal(status, 0);
}

int main(void)
{
	struct pm_cases c = { 0 };
	char name[128];

	pm_cases_add(&c, "read gives what was written", read_gives_what_was_written, NULL);
	pm_cases_add(&c, "read gives what was written about the document", document_is_read_back,
		     NULL);
	pm_cases_add(&c, "the text of a change of the document", document_golden, NULL);
	pm_cases_add(&c, "empty plan", empty_plan, NULL);
	pm_cases_add(&c, "the text, one place a line", golden, NULL);
	pm_cases_add(&c, "follows the published schema", published_schema, NULL);
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		snprintf(name, sizeof(name), "refused: %s", damages[i].name);
		pm_cases_add(&c, name, damaged, &damages[i]);
	}
	pm_cases_add(&c, "refused: every prefix", every_prefix, NULL);
	pm_cases_add(&c, "members of a wrong type", members_of_wrong_type, NULL);
	return pm_cases_run(&c, "plan_json");
}
