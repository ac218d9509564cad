/* stated.c - see stated.h. */
#include "stated.h"

#include "base/port.h"
#include "resource.h"
#include "resource_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_plain(char c)
{
	return pm_is_word(c) || c == '.' || c == '/' || c == '-';
}

void pm_stated_add_move(struct pm_buf *b, const char *service, unsigned from, unsigned to)
{
	for (const char *p = service; *p; p++)
		if (is_plain(*p))
			pm_buf_addc(b, *p);
		else
			pm_buf_addf(b, "%%%02X", (unsigned char)*p);
	pm_buf_addf(b, " %u->%u", from, to);
}

static int hex_value(char c)
{
	const char *digits = "0123456789ABCDEF", *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* The name back; NULL when it is not one as pm_stated_add_move writes it. */
static const char *name_of(struct pm_arena *a, struct pm_str s)
{
	char *out = pm_arena_strndup(a, s.p, s.n);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (is_plain(s.p[i])) {
			out[n++] = s.p[i];
			continue;
		}
		if (s.p[i] != '%' || s.n - i < 3 || hex_value(s.p[i + 1]) < 0 ||
		    hex_value(s.p[i + 2]) < 0)
			return NULL;
		out[n++] = (char)(hex_value(s.p[i + 1]) * 16 + hex_value(s.p[i + 2]));
		i += 2;
	}
	out[n] = '\0';
	return n && strlen(out) == n ? out : NULL;
}

/* "SERVICE FROM->TO"; ports that are none come out as 0. */
static bool read_pair(const char **service, unsigned *from, unsigned *to, struct pm_arena *a,
		      struct pm_str s)
{
	size_t space = pm_str_find(s, " ", false), arrow = pm_str_find(s, "->", false);

	if (space == SIZE_MAX || arrow == SIZE_MAX || arrow < space)
		return false;
	*service = name_of(a, (struct pm_str){ s.p, space });
	*from = pm_port_parse((struct pm_str){ s.p + space + 1, arrow - space - 1 });
	*to = pm_port_parse((struct pm_str){ s.p + arrow + 2, s.n - arrow - 2 });
	return *service != NULL;
}

/* Numbers of a resource begin at 0. */
static bool are_numbers(struct pm_str s)
{
	size_t space = pm_str_find(s, " ", false), arrow = pm_str_find(s, "->", false);
	unsigned n;

	return pm_resource_number((struct pm_str){ s.p + space + 1, arrow - space - 1 }, &n) &&
	       pm_resource_number((struct pm_str){ s.p + arrow + 2, s.n - arrow - 2 }, &n);
}

static bool read_move(struct pm_stated_move *m, struct pm_arena *a, struct pm_str s)
{
	struct pm_str bare;

	return read_pair(&m->service, &m->from, &m->to, a, s) &&
	       ((m->from && m->to) ||
		(pm_move_resource(m->service, &bare) && are_numbers(s)));
}

static bool read_row(struct pm_stated_row *r, struct pm_arena *a, struct pm_str s)
{
	size_t space = pm_str_find(s, " ", false);

	if (space == SIZE_MAX)
		return false;
	r->kind = pm_arena_strndup(a, s.p, space);
	return read_pair(&r->service, &r->from, &r->to, a,
			 (struct pm_str){ s.p + space + 1, s.n - space - 1 });
}

/* The next part of a list with ';' between; false at its end. */
static bool next_part(struct pm_str *rest, struct pm_str *part)
{
	size_t at = pm_str_find(*rest, ";", false), len = at == SIZE_MAX ? rest->n : at;

	if (!rest->n)
		return false;
	*part = pm_str_trim((struct pm_str){ rest->p, len });
	len += len < rest->n;
	*rest = (struct pm_str){ rest->p + len, rest->n - len };
	return true;
}

static int read_rows(struct pm_stated *out, struct pm_arena *a, const char *text,
		     struct pm_err *err)
{
	struct pm_str rest = pm_str_of(text), part;

	while (next_part(&rest, &part)) {
		struct pm_stated_row r = { 0 };

		if (!read_row(&r, a, part))
			return pm_err_set(err, PM_E_PARSE, PM_NOWHERE,
					  "the commit's trailer does not name rows: '%.200s'", text);
		*PM_VEC_ADD(&out->rows) = r;
	}
	return 0;
}

static int read_moves(struct pm_stated *out, struct pm_arena *a, const char *text, bool elsewhere,
		      struct pm_err *err)
{
	struct pm_str rest = pm_str_of(text), part;

	while (next_part(&rest, &part)) {
		struct pm_stated_move m = { .elsewhere = elsewhere };

		if (!read_move(&m, a, part))
			return pm_err_set(err, PM_E_PARSE, PM_NOWHERE,
					  "the commit's trailer does not name moves: '%.200s'",
					  text);
		*PM_VEC_ADD(&out->moves) = m;
	}
	return 0;
}

/* "BLOB PATH"; a path that needs quotes is none that can be looked up, and stays NULL. */
static void read_file(const char **blob, const char **path, struct pm_arena *a, const char *text)
{
	size_t id = strspn(text, "0123456789abcdef");

	if (id != PM_OID_HEX - 1 || (text[id] && text[id] != ' '))
		return;
	*blob = pm_arena_strndup(a, text, id);
	if (text[id] && text[id + 1] != '"')
		*path = text + id + 1;
}

static int take(struct pm_stated *out, struct pm_arena *a, const struct pm_trailer *t,
		struct pm_err *err)
{
	const struct { const char *key, **to; } texts[] = {
		{ "Portmig-Version", &out->version }, { "Portmig-Plan", &out->plan },
		{ "Portmig-Base", &out->base },	      { "Portmig-Config", &out->config_blob },
		{ "Portmig-Reverts", &out->reverts }, { "Portmig-Proof", &out->proof },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (strcmp(t->key, texts[i].key) == 0)
			*texts[i].to = t->value;
	if (strcmp(t->key, "Portmig-Schema") == 0)
		read_file(&out->schema_blob, &out->schema_path, a, t->value);
	if (strcmp(t->key, "Portmig-Document") == 0)
		read_file(&out->document_blob, &out->document_path, a, t->value);
	if (strcmp(t->key, "Portmig-Scope") == 0)
		out->host_scope = strcmp(t->value, "host") == 0;
	if (strcmp(t->key, "Portmig-Moves") == 0)
		return read_moves(out, a, t->value, false, err);
	if (strcmp(t->key, "Portmig-Other-Moves") == 0)
		return read_moves(out, a, t->value, true, err);
	if (strcmp(t->key, "Portmig-Rows") == 0)
		return read_rows(out, a, t->value, err);
	return 0;
}

static bool is_oid(const char *s)
{
	return s && strlen(s) == PM_OID_HEX - 1 &&
	       strspn(s, "0123456789abcdef") == PM_OID_HEX - 1;
}

int pm_stated_read(struct pm_stated *out, struct pm_arena *a, const char *message,
		   struct pm_err *err)
{
	struct pm_stated s = { .all = pm_trailers_read(a, message) };
	int rc = 0;

	for (size_t i = 0; i < s.all.n && rc == 0; i++)
		rc = take(&s, a, &s.all.v[i], err);
	if (rc == 0 && (!s.plan || !s.base || (!s.moves.n && !s.document_path)))
		rc = pm_err_set(err, PM_E_NOTFOUND, PM_NOWHERE,
				"the commit's message states no plan of portmig's");
	else if (rc == 0 && (!is_oid(s.base) || (s.reverts && !is_oid(s.reverts))))
		rc = pm_err_set(err, PM_E_PARSE, PM_NOWHERE,
				"the commit's trailer does not name a commit: '%.60s'",
				is_oid(s.base) ? s.reverts : s.base);
	if (rc < 0) {
		pm_stated_release(&s);
		return rc;
	}
	*out = s;
	return 0;
}

void pm_stated_release(struct pm_stated *s)
{
	PM_VEC_FREE(&s->moves);
	PM_VEC_FREE(&s->rows);
}
