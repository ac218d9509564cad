/*
 * plan_json.c - a plan as JSON text, and back: docs/plan.schema.json. One place a line, so that two
 * plans compare well. The last line has the SHA-256 of the text with that digest left empty:
 * a plan changed by anything but `portmig review` is refused.
 */
#include "plan_json_impl.h"
#include "resource_plan.h"
#include "questions.h"

#include "base/digest.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, VERSION_DOCUMENT = 2, DIGEST = 64 };
static const char digest_head[] = "\t\"digest\": \"";
static const char digest_tail[] = "\"\n}\n";

/* ---- writing ---- */

json_t *pm_pj_text(const char *s)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	if (!s)
		return json_null();
	pm_quote_json(&b, pm_str_of(s), NULL);
	return json_stringn(pm_buf_str(&b), b.n);
}

/* Like pm_pj_text(), with nothing for the empty string. */
static json_t *id(const char *s)
{
	return *s ? pm_pj_text(s) : json_null();
}

json_t *pm_pj_port(unsigned n)
{
	char s[16];

	snprintf(s, sizeof(s), "%u", n);
	return n ? json_string(s) : json_null();
}

/* Of a move: a resource has 0, too. */
static json_t *number(unsigned n)
{
	char s[16];

	snprintf(s, sizeof(s), "%u", n);
	return json_string(s);
}

void pm_pj_set_bytes(json_t *o, const char *key, struct pm_str s)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 }, hex = { 0 }, name = { 0 };

	pm_quote_json(&text, s, NULL);
	json_object_set_new(o, key, json_stringn(pm_buf_str(&text), text.n));
	if (pm_is_utf8(s.p, s.n))
		return;
	for (size_t i = 0; i < s.n; i++)
		pm_buf_addf(&hex, "%02x", (unsigned char)s.p[i]);
	pm_buf_addf(&name, "%s_bytes", key);
	json_object_set_new(o, name.v, json_string(hex.v));
}

void pm_pj_set_path(json_t *o, const char *path)
{
	if (path)
		pm_pj_set_bytes(o, "path", pm_str_of(path));
	else
		json_object_set_new(o, "path", json_null());
}

json_t *pm_pj_reasons(const char *const *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, pm_pj_text(v[i]));
	return list;
}

static json_t *move_json(const struct pm_move *m)
{
	json_t *o = json_object();

	json_object_set_new(o, "service", pm_pj_text(m->service));
	json_object_set_new(o, "from", number(m->from));
	json_object_set_new(o, "to", number(m->to));
	json_object_set_new(o, "source", pm_pj_text(pm_move_source_name(m->source)));
	json_object_set_new(o, "source_text", pm_pj_text(m->source_text));
	json_object_set_new(o, "order", json_integer(m->order));
	json_object_set_new(o, "apply", json_integer(m->n_apply));
	json_object_set_new(o, "review", json_integer(m->n_review));
	json_object_set_new(o, "keep", json_integer(m->n_keep));
	json_object_set_new(o, "note", pm_pj_text(m->from_note));
	json_object_set_new(o, "after", m->after < 0 ? json_null() : json_integer(m->after));
	return o;
}

static json_t *edit_json(const struct pm_edit *e)
{
	json_t *o = json_object();

	pm_pj_set_path(o, e->path);
	json_object_set_new(o, "line", json_integer(e->line));
	json_object_set_new(o, "column", json_integer(e->col));
	json_object_set_new(o, "old", number(e->old_port));
	json_object_set_new(o, "new", pm_edit_has_new(e) ? number(e->new_port) : json_null());
	json_object_set_new(o, "service", pm_pj_text(e->service));
	json_object_set_new(o, "role", pm_pj_text(e->role));
	json_object_set_new(o, "disposition", pm_pj_text(pm_disposition_name(e->disposition)));
	json_object_set_new(o, "score", json_integer(e->score));
	json_object_set_new(o, "reasons", pm_pj_reasons(e->reasons, e->n_reasons));
	json_object_set_new(o, "answer", pm_pj_text(e->answer));
	json_object_set_new(o, "group", pm_pj_text(e->group));
	json_object_set_new(o, "rule", pm_pj_text(e->rule));
	json_object_set_new(o, "move", e->move < 0 ? json_null() : json_integer(e->move));
	json_object_set_new(o, "offset", json_integer(e->span.off));
	json_object_set_new(o, "length", json_integer(e->span.len));
	json_object_set_new(o, "blob", pm_pj_text(e->blob));
	json_object_set_new(o, "fingerprint", pm_pj_text(e->fingerprint));
	json_object_set_new(o, "excerpt", pm_pj_text(e->excerpt));
	return o;
}

static json_t *skip_json(const struct pm_skip *s)
{
	json_t *o = json_object();

	pm_pj_set_path(o, s->path);
	json_object_set_new(o, "why", pm_pj_text(s->why));
	json_object_set_new(o, "size", json_integer((json_int_t)s->size));
	json_object_set_new(o, "readable", json_boolean(s->readable));
	return o;
}

static json_t *finding_json(const struct pm_diag *d)
{
	json_t *o = json_object();

	json_object_set_new(o, "rule", pm_pj_text(d->rule));
	json_object_set_new(o, "severity", pm_pj_text(pm_severity_name(d->severity)));
	pm_pj_set_path(o, d->path);
	json_object_set_new(o, "line", json_integer(d->line));
	json_object_set_new(o, "column", json_integer(d->col));
	json_object_set_new(o, "text", pm_pj_text(d->text));
	json_object_set_new(o, "hint", pm_pj_text(d->hint));
	return o;
}

static json_t *counts_json(const struct pm_plan *p)
{
	size_t n[3] = { 0 }, answered = 0;
	json_t *o = json_object();

	for (size_t i = 0; i < p->edits.n; i++) {
		n[p->edits.v[i].disposition]++;
		answered += p->edits.v[i].disposition == PM_REVIEW && p->edits.v[i].answer;
	}
	json_object_set_new(o, "files", json_integer((json_int_t)p->n_files));
	json_object_set_new(o, "bytes", json_integer((json_int_t)p->n_bytes));
	json_object_set_new(o, "apply", json_integer((json_int_t)n[PM_APPLY]));
	json_object_set_new(o, "review", json_integer((json_int_t)n[PM_REVIEW]));
	json_object_set_new(o, "keep", json_integer((json_int_t)n[PM_KEEP]));
	json_object_set_new(o, "answered", json_integer((json_int_t)answered));
	json_object_set_new(o, "skipped", json_integer((json_int_t)p->skips.n));
	json_object_set_new(o, "findings", json_integer((json_int_t)p->diags.n));
	return o;
}

/* One value on the current line; `v` is released. */
static void put(struct pm_buf *out, json_t *v)
{
	pm_json_write(out, v, JSON_ENCODE_ANY);
}

static void put_member(struct pm_buf *out, const char *key, json_t *v)
{
	pm_buf_addf(out, "\t\"%s\": ", key);
	put(out, v);
	pm_buf_adds(out, ",\n");
}

#define PUT_LIST(out, key, list, make) do { \
		pm_buf_addf((out), "\t\"%s\": [", (key)); \
		for (size_t i_ = 0; i_ < (list)->n; i_++) { \
			pm_buf_adds((out), i_ ? ",\n\t\t" : "\n\t\t"); \
			put((out), make(&(list)->v[i_])); \
		} \
		pm_buf_adds((out), (list)->n ? "\n\t],\n" : "],\n"); \
	} while (0)

static json_t *pair(const char *ka, const char *a, const char *kb, const char *b)
{
	json_t *o = json_object();

	json_object_set_new(o, ka, pm_pj_text(a));
	json_object_set_new(o, kb, pm_pj_text(b));
	return o;
}

static void put_questions(struct pm_buf *out, const struct pm_plan *p)
{
	struct pm_questions all;

	pm_questions_list(&all, p);
	pm_buf_adds(out, "\t\"questions\": [");
	for (size_t i = 0; i < all.n; i++) {
		PM_CLEAN_BUF struct pm_buf words = { 0 };
		json_t *o = json_object();

		pm_question_text(&words, p, &all.v[i], all.v[i].n);
		json_object_set_new(o, "group", pm_pj_text(all.v[i].key));
		json_object_set_new(o, "text", pm_pj_text(pm_buf_str(&words)));
		json_object_set_new(o, "places", json_integer((json_int_t)all.v[i].n));
		json_object_set_new(o, "open", json_integer((json_int_t)all.v[i].n_open));
		pm_buf_adds(out, i ? ",\n\t\t" : "\n\t\t");
		put(out, o);
	}
	pm_buf_adds(out, all.n ? "\n\t],\n" : "],\n");
	PM_VEC_FREE(&all);
}

void pm_plan_write(struct pm_plan *p, struct pm_buf *out)
{
	size_t from = out->n, at;

	pm_buf_adds(out, "{\n");
	put_member(out, "format", json_string("portmig-plan"));
	put_member(out, "version", json_integer(p->changes.n ? VERSION_DOCUMENT : VERSION));
	put_member(out, "base", pm_pj_text(p->base));
	put_member(out, "base_tree", pm_pj_text(p->base_tree));
	put_member(out, "schema", p->schema_path ? pair("path", p->schema_path, "blob",
							 p->schema_blob) : json_null());
	put_member(out, "config", id(p->config_blob));
	put_member(out, "scope", json_string(p->host_scope ? "host" : "all"));
	if (p->reverts)
		put_member(out, "reverts", pm_pj_text(p->reverts));
	put_member(out, "complete", json_boolean(p->complete));
	put_member(out, "review", p->reviewer ? pair("reviewer", p->reviewer, "at",
						      p->reviewed_at) : json_null());
	put_member(out, "counts", counts_json(p));
	if (p->directions.known)
		put_member(out, "directions", pm_pj_directions(&p->directions));
	put_questions(out, p);
	PUT_LIST(out, "moves", &p->moves, move_json);
	PUT_LIST(out, "edits", &p->edits, edit_json);
	if (p->changes.n) {
		PUT_LIST(out, "changes", &p->changes, pm_pj_change);
		PUT_LIST(out, "patches", &p->texts, pm_pj_patch);
	}
	PUT_LIST(out, "skipped", &p->skips, skip_json);
	PUT_LIST(out, "findings", &p->diags, finding_json);
	pm_buf_adds(out, digest_head);
	at = out->n;
	pm_sha256_hex((struct pm_str){ out->v + from, at - from }, PM_STR("\"\n}\n"), p->digest);
	pm_buf_adds(out, p->digest);
	pm_buf_adds(out, digest_tail);
}

/* ---- reading ---- */

static int refuse(struct pm_err *err, const char *shown_as, const char *why)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };

	pm_quote_text(&shown, pm_str_of(shown_as));
	pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "plan %s %s", pm_buf_str(&shown), why);
	return pm_err_hint(err, "make the plan again: portmig plan --format json -o PLAN.json");
}

/* The first wrong member decides; later reads still return harmless values. */
void pm_pj_wrong(struct pm_pj *r, const char *key, const char *what)
{
	char why[200];

	if (r->rc < 0)
		return;
	if (r->list)
		snprintf(why, sizeof(why), "has a wrong %s[%zu].%s: %s", r->list, r->index, key,
			 what);
	else
		snprintf(why, sizeof(why), "has a wrong %s: %s", key, what);
	r->rc = refuse(r->err, r->shown_as, why);
}

const char *pm_pj_get_text(struct pm_pj *r, const json_t *o, const char *key, int may)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_string(v))
		return pm_arena_strndup(&r->p->arena, json_string_value(v), json_string_length(v));
	if (!may || !json_is_null(v))
		pm_pj_wrong(r, key, "not a text");
	return may ? NULL : "";
}

void pm_pj_get_id(struct pm_pj *r, const json_t *o, const char *key, char out[PM_OID_HEX],
		   int may)
{
	const char *s = pm_pj_get_text(r, o, key, may);

	out[0] = '\0';
	if (!s)
		return;
	if (strlen(s) != PM_OID_HEX - 1 || strspn(s, "0123456789abcdef") != PM_OID_HEX - 1)
		pm_pj_wrong(r, key, "not an object id");
	else
		memcpy(out, s, PM_OID_HEX);
}

int64_t pm_pj_get_int(struct pm_pj *r, const json_t *o, const char *key, int64_t lo,
		       int64_t hi)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_integer(v) && json_integer_value(v) >= lo && json_integer_value(v) <= hi)
		return json_integer_value(v);
	pm_pj_wrong(r, key, "not a number in its range");
	return lo;
}

static int get_index(struct pm_pj *r, const json_t *o, const char *key)
{
	return json_is_null(json_object_get(o, key)) ? -1 : (int)pm_pj_get_int(r, o, key, 0, 1 << 24);
}

static bool get_bool(struct pm_pj *r, const json_t *o, const char *key)
{
	if (!json_is_boolean(json_object_get(o, key)))
		pm_pj_wrong(r, key, "not true or false");
	return json_is_true(json_object_get(o, key));
}

unsigned pm_pj_get_port(struct pm_pj *r, const json_t *o, const char *key, int may)
{
	const char *s = pm_pj_get_text(r, o, key, may);
	unsigned n = s ? pm_port_parse(pm_str_of(s)) : 0;

	if (s && !n && strcmp(s, "0") != 0) /* a number of a resource: pm_plan_check */
		pm_pj_wrong(r, key, "not a port");
	return n;
}

/* Index of the text among `n` names. */
int pm_pj_get_name(struct pm_pj *r, const json_t *o, const char *key,
		    const char *(*name)(int), int n)
{
	const char *s = pm_pj_get_text(r, o, key, MUST);

	for (int i = 0; i < n; i++)
		if (strcmp(name(i), s) == 0)
			return i;
	pm_pj_wrong(r, key, "not one of the known words");
	return 0;
}

static int hex_digit(char c)
{
	return pm_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct pm_str pm_pj_get_bytes(struct pm_pj *r, const json_t *o, const char *key, int may)
{
	PM_CLEAN_BUF struct pm_buf name = { 0 };
	const char *text = pm_pj_get_text(r, o, key, may), *hex;
	size_t n;
	char *out;

	pm_buf_addf(&name, "%s_bytes", key);
	if (!json_object_get(o, name.v))
		return (struct pm_str){ text, text ? strlen(text) : 0 };
	hex = pm_pj_get_text(r, o, name.v, MUST);
	n = strlen(hex) / 2;
	out = pm_arena_alloc(&r->p->arena, n + 1);
	for (size_t i = 0; i < n; i++) {
		int hi = hex_digit(hex[2 * i]), lo = hex_digit(hex[2 * i + 1]);

		out[i] = (char)(hi * 16 + lo);
		if (hi < 0 || lo < 0 || !out[i])
			pm_pj_wrong(r, name.v, "not bytes in hex");
	}
	if (strlen(hex) % 2)
		pm_pj_wrong(r, name.v, "not bytes in hex");
	return (struct pm_str){ out, n };
}

const char *pm_pj_get_path(struct pm_pj *r, const json_t *o, int may)
{
	return pm_pj_get_bytes(r, o, "path", may).p;
}

static const char *source_name(int i) { return pm_move_source_name((enum pm_move_source)i); }
const char *pm_pj_disposition(int i) { return pm_disposition_name((enum pm_disposition)i); }
static const char *severity_name(int i) { return pm_severity_name((enum pm_severity)i); }

static void read_move(struct pm_pj *r, const json_t *o)
{
	struct pm_move *m = PM_VEC_ADD(&r->p->moves);

	m->service = pm_pj_get_text(r, o, "service", MUST);
	m->from = pm_pj_get_port(r, o, "from", MUST);
	m->to = pm_pj_get_port(r, o, "to", MUST);
	m->source = (enum pm_move_source)pm_pj_get_name(r, o, "source", source_name,
						  PM_MOVE_DECLARED + 1);
	m->source_text = pm_pj_get_text(r, o, "source_text", MAY);
	m->order = (unsigned)pm_pj_get_int(r, o, "order", 0, 1 << 24);
	m->n_apply = (unsigned)pm_pj_get_int(r, o, "apply", 0, UINT32_MAX);
	m->n_review = (unsigned)pm_pj_get_int(r, o, "review", 0, UINT32_MAX);
	m->n_keep = (unsigned)pm_pj_get_int(r, o, "keep", 0, UINT32_MAX);
	m->from_note = pm_pj_get_text(r, o, "note", MAY);
	m->after = get_index(r, o, "after");
}

const char **pm_pj_get_reasons(struct pm_pj *r, const json_t *o, size_t *n)
{
	const json_t *list = json_object_get(o, "reasons"), *v;
	const char **out = PM_NEW_N(&r->p->arena, const char *, json_array_size(list) + 1);
	size_t i;

	*n = 0;
	if (!json_is_array(list))
		pm_pj_wrong(r, "reasons", "not a list");
	json_array_foreach(list, i, v) {
		if (!json_is_string(v))
			pm_pj_wrong(r, "reasons", "not a list of texts");
		else
			out[(*n)++] = pm_arena_strdup(&r->p->arena, json_string_value(v));
	}
	return out;
}

static void read_edit(struct pm_pj *r, const json_t *o)
{
	struct pm_edit *e = PM_VEC_ADD(&r->p->edits);

	e->path = pm_pj_get_path(r, o, MUST);
	e->line = (unsigned)pm_pj_get_int(r, o, "line", 1, UINT32_MAX);
	e->col = (unsigned)pm_pj_get_int(r, o, "column", 1, UINT32_MAX);
	e->old_port = pm_pj_get_port(r, o, "old", MUST);
	e->new_port = pm_pj_get_port(r, o, "new", MAY);
	e->service = pm_pj_get_text(r, o, "service", MAY);
	e->role = pm_pj_get_text(r, o, "role", MUST);
	e->disposition = (enum pm_disposition)pm_pj_get_name(r, o, "disposition", pm_pj_disposition,
						       PM_KEEP + 1);
	e->score = (int)pm_pj_get_int(r, o, "score", -1000000, 1000000);
	e->reasons = pm_pj_get_reasons(r, o, &e->n_reasons);
	e->answer = pm_pj_get_text(r, o, "answer", MAY);
	e->group = pm_pj_get_text(r, o, "group", MAY);
	e->rule = pm_pj_get_text(r, o, "rule", MUST);
	e->move = get_index(r, o, "move");
	e->span.off = (uint32_t)pm_pj_get_int(r, o, "offset", 0, UINT32_MAX);
	e->span.len = (uint32_t)pm_pj_get_int(r, o, "length", 1, 5);
	pm_pj_get_id(r, o, "blob", e->blob, MUST);
	e->fingerprint = pm_pj_get_text(r, o, "fingerprint", MAY);
	e->excerpt = pm_pj_get_text(r, o, "excerpt", MAY);
}

static void read_skip(struct pm_pj *r, const json_t *o)
{
	struct pm_skip *s = PM_VEC_ADD(&r->p->skips);

	s->path = pm_pj_get_path(r, o, MUST);
	s->why = pm_pj_get_text(r, o, "why", MUST);
	s->size = (uint64_t)pm_pj_get_int(r, o, "size", 0, INT64_MAX);
	s->readable = get_bool(r, o, "readable");
}

static void read_finding(struct pm_pj *r, const json_t *o)
{
	struct pm_diag *d = PM_VEC_ADD(&r->p->diags);

	d->rule = pm_pj_get_text(r, o, "rule", MUST);
	d->severity = (enum pm_severity)pm_pj_get_name(r, o, "severity", severity_name, PM_ERROR + 1);
	d->path = pm_pj_get_path(r, o, MAY);
	d->line = (unsigned)pm_pj_get_int(r, o, "line", 0, UINT32_MAX);
	d->col = (unsigned)pm_pj_get_int(r, o, "column", 0, UINT32_MAX);
	d->text = pm_pj_get_text(r, o, "text", MUST);
	d->hint = pm_pj_get_text(r, o, "hint", MAY);
}

static void read_list(struct pm_pj *r, const json_t *root, const char *key,
		      void (*read)(struct pm_pj *, const json_t *))
{
	const json_t *list = json_object_get(root, key), *v;
	size_t i;

	if (!json_is_array(list)) {
		pm_pj_wrong(r, key, "not a list");
		return;
	}
	r->list = key;
	json_array_foreach(list, i, v) {
		r->index = i;
		read(r, v);
		if (r->rc < 0)
			return;
	}
	r->list = NULL;
}

static void read_root(struct pm_pj *r, const json_t *root)
{
	const json_t *schema = json_object_get(root, "schema");
	const json_t *review = json_object_get(root, "review");
	const json_t *counts = json_object_get(root, "counts");
	const char *scope = pm_pj_get_text(r, root, "scope", MUST);
	struct pm_plan *p = r->p;

	pm_pj_get_id(r, root, "base", p->base, MUST);
	pm_pj_get_id(r, root, "base_tree", p->base_tree, MUST);
	if (!json_is_null(schema)) {
		p->schema_path = pm_pj_get_text(r, schema, "path", MUST);
		/* a schema from the disk has no blob */
		if (strcmp(pm_pj_get_text(r, schema, "blob", MUST), "") != 0)
			pm_pj_get_id(r, schema, "blob", p->schema_blob, MUST);
	}
	pm_pj_get_id(r, root, "config", p->config_blob, MAY);
	p->host_scope = strcmp(scope, "host") == 0;
	if (!p->host_scope && strcmp(scope, "all") != 0)
		pm_pj_wrong(r, "scope", "not one of the known words");
	if (json_object_get(root, "reverts")) {
		char id[PM_OID_HEX];

		pm_pj_get_id(r, root, "reverts", id, MUST);
		p->reverts = pm_arena_strdup(&p->arena, id);
	}
	p->complete = get_bool(r, root, "complete");
	if (!json_is_null(review)) {
		p->reviewer = pm_pj_get_text(r, review, "reviewer", MUST);
		p->reviewed_at = pm_pj_get_text(r, review, "at", MAY);
	}
	p->n_files = (size_t)pm_pj_get_int(r, counts, "files", 0, INT64_MAX);
	p->n_bytes = (uint64_t)pm_pj_get_int(r, counts, "bytes", 0, INT64_MAX);
	if (json_object_get(root, "directions"))
		pm_pj_read_directions(r, json_object_get(root, "directions"));
	read_list(r, root, "moves", read_move);
	read_list(r, root, "edits", read_edit);
	if (pm_pj_get_int(r, root, "version", VERSION, VERSION_DOCUMENT) == VERSION_DOCUMENT) {
		read_list(r, root, "changes", pm_pj_read_change);
		read_list(r, root, "patches", pm_pj_read_patch);
	}
	read_list(r, root, "skipped", read_skip);
	read_list(r, root, "findings", read_finding);
}

/* What changed the text, if not portmig. */
static int check_text(struct pm_str s, char digest[DIGEST + 1], const char *shown_as,
		      struct pm_err *err)
{
	const size_t tail = sizeof(digest_tail) - 1, head = sizeof(digest_head) - 1;
	size_t at;

	if (!s.n)
		return refuse(err, shown_as, "is empty");
	if (s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		return refuse(err, shown_as, "was saved with a byte order mark; it must not be "
			      "changed");
	if (memchr(s.p, '\r', s.n))
		return refuse(err, shown_as, "had its line ends converted to CRLF; it must not be "
			      "changed");
	if (s.n < tail + DIGEST + head || memcmp(s.p + s.n - tail, digest_tail, tail) != 0 ||
	    memcmp(s.p + s.n - tail - DIGEST - head, digest_head, head) != 0)
		return refuse(err, shown_as, "does not end like a plan: cut off, or formatted anew");
	at = s.n - tail - DIGEST;
	pm_sha256_hex((struct pm_str){ s.p, at }, (struct pm_str){ digest_tail, tail }, digest);
	if (memcmp(digest, s.p + at, DIGEST) != 0)
		return refuse(err, shown_as, "was changed after portmig wrote it (its digest does "
			      "not match)");
	return 0;
}

int pm_plan_read(struct pm_plan *out, struct pm_str s, const char *shown_as,
		 struct pm_err *err)
{
	struct pm_plan p = { 0 };
	struct pm_pj r = { .p = &p, .shown_as = shown_as, .err = err };
	json_error_t je;
	json_t *root;
	int64_t version;
	int rc = check_text(s, p.digest, shown_as, err);

	if (rc < 0)
		return rc;
	root = json_loadb(s.p, s.n, JSON_REJECT_DUPLICATES, &je);
	if (!root)
		return refuse(err, shown_as, "is not JSON");
	if (strcmp(pm_pj_get_text(&r, root, "format", MUST), "portmig-plan") != 0)
		r.rc = refuse(err, shown_as, "is not a plan of portmig");
	version = r.rc ? VERSION : pm_pj_get_int(&r, root, "version", 0, INT64_MAX);
	if (r.rc == 0 && version != VERSION && version != VERSION_DOCUMENT)
		r.rc = refuse(err, shown_as, "has another version; this portmig reads versions 1 "
			      "and 2");
	if (r.rc == 0)
		read_root(&r, root);
	json_decref(root);
	if (r.rc == 0 && pm_plan_check(&p, err) < 0) {
		r.rc = pm_err_wrap(err, "plan %s", shown_as);
		pm_err_hint(err, "make the plan again: portmig plan --format json -o PLAN.json");
	}
	if (r.rc < 0) {
		pm_plan_release(&p);
		return r.rc;
	}
	*out = p;
	return 0;
}

/* ---- checks ---- */

static int bad_edit(const struct pm_edit *e, const char *why, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };

	pm_quote_text(&shown, pm_str_of(e->path));
	return pm_err_set(err, PM_E_REFUSED,
			  (struct pm_loc){ pm_buf_str(&shown), e->line, e->col },
			  "the place %s", why);
}

static int check_edit(const struct pm_plan *p, const struct pm_edit *e, struct pm_err *err)
{
	char digits[16];
	int n = snprintf(digits, sizeof(digits), "%u", e->old_port);

	if ((e->old_port < 1 && !pm_edit_is_resource(e)) || e->old_port > 65535 || e->new_port > 65535)
		return bad_edit(e, "has a number that is no port", err);
	if (e->span.len != (uint32_t)n)
		return bad_edit(e, "is not as long as its number", err);
	if (e->move < -1 || e->move >= (int)p->moves.n)
		return bad_edit(e, "belongs to a move that is not in the plan", err);
	if (e->answer && strcmp(e->answer, "y") != 0 && strcmp(e->answer, "n") != 0)
		return bad_edit(e, "has an answer that is not y or n", err);
	if (pm_edit_final(e) != PM_APPLY)
		return 0;
	if (!pm_edit_has_new(e))
		return bad_edit(e, "is to change, but no move says to what", err);
	/* the old port may be another: one that nobody said the service uses, and a person confirmed */
	if (e->new_port != p->moves.v[e->move].to)
		return bad_edit(e, "is to change otherwise than its move says", err);
	return 0;
}

static int check_move(const struct pm_plan *p, size_t i, struct pm_err *err)
{
	const struct pm_move *m = &p->moves.v[i];

	const unsigned least = pm_plan_is_resource(p) ? 0 : 1;

	if (m->from < least || m->from > 65535 || m->to < least || m->to > 65535 || m->from == m->to)
		return pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
				  "move %zu is not from one port to another", i);
	if (m->after < -1 || m->after >= (int)p->moves.n)
		return pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
				  "move %zu waits for one that is not in the plan", i);
	return 0;
}

int pm_plan_check(const struct pm_plan *p, struct pm_err *err)
{
	for (size_t i = 0; i < p->moves.n; i++) {
		int rc = check_move(p, i, err);

		if (rc < 0)
			return rc;
	}
	for (size_t i = 0; i < p->edits.n; i++) {
		const struct pm_edit *e = &p->edits.v[i], *last = i ? e - 1 : NULL;
		int c = last ? strcmp(last->path, e->path) : -1;
		int rc = check_edit(p, e, err);

		if (rc < 0)
			return rc;
		if (c > 0 || (c == 0 && last->span.off > e->span.off))
			return bad_edit(e, "is out of order", err);
		if (c == 0 && last->span.off + (uint64_t)last->span.len > e->span.off)
			return bad_edit(e, "overlaps the one before it", err);
		if (c == 0 && strcmp(last->blob, e->blob) != 0)
			return bad_edit(e, "is in another version of its file", err);
	}
	return pm_pj_check_document(p, err);
}
