/* plan_json_doc.c - the part of a plan that changes the schema document, as JSON and back. */
#include "plan_json_impl.h"

#include <string.h>

/* ---- writing ---- */

static void set_string(json_t *o, const char *key, const char *s)
{
	if (s)
		pm_pj_set_bytes(o, key, pm_str_of(s));
	else
		json_object_set_new(o, key, json_null());
}

static json_t *place(uint32_t off)
{
	return off == PM_DOC_NONE ? json_null() : json_integer(off);
}

json_t *pm_pj_change(const struct pm_doc_change *c)
{
	const struct pm_wish *w = &c->wish;
	json_t *o = json_object();

	json_object_set_new(o, "kind", json_string(pm_wish_kind_name(w->kind)));
	set_string(o, "service", w->service);
	json_object_set_new(o, "from", pm_pj_port(w->from));
	json_object_set_new(o, "to", pm_pj_port(w->to));
	json_object_set_new(o, "row", place(w->row));
	json_object_set_new(o, "under", place(w->under));
	set_string(o, "container", w->container);
	set_string(o, "note", w->note);
	json_object_set_new(o, "pair_port", pm_pj_port(w->pair_port));
	set_string(o, "pair_name", w->pair_name);
	set_string(o, "date", w->date);
	set_string(o, "text", w->text);
	set_string(o, "author", w->author);
	json_object_set_new(o, "unit", json_integer(c->unit));
	json_object_set_new(o, "disposition", pm_pj_text(pm_disposition_name(c->disposition)));
	json_object_set_new(o, "answer", pm_pj_text(c->answer));
	json_object_set_new(o, "group", pm_pj_text(c->group));
	json_object_set_new(o, "reasons", pm_pj_reasons(c->reasons, c->n_reasons));
	return o;
}

json_t *pm_pj_patch(const struct pm_text_edit *t)
{
	json_t *o = json_object();

	pm_pj_set_path(o, t->path);
	json_object_set_new(o, "line", json_integer(t->patch.line));
	json_object_set_new(o, "column", json_integer(t->patch.col));
	json_object_set_new(o, "offset", json_integer(t->patch.span.off));
	json_object_set_new(o, "length", json_integer(t->patch.span.len));
	pm_pj_set_bytes(o, "old", t->patch.old);
	pm_pj_set_bytes(o, "new", t->patch.new);
	json_object_set_new(o, "unit", json_integer(t->patch.unit));
	json_object_set_new(o, "blob", pm_pj_text(t->blob));
	return o;
}

json_t *pm_pj_directions(const struct pm_directions *d)
{
	json_t *o = json_object(), *execute = json_object(), *accept = json_object();

	json_object_set_new(execute, "edits", json_integer((json_int_t)d->edits));
	json_object_set_new(execute, "review", json_integer((json_int_t)d->edits_held));
	json_object_set_new(execute, "files", json_integer((json_int_t)d->files));
	json_object_set_new(accept, "rows", json_integer((json_int_t)d->rows));
	json_object_set_new(accept, "review", json_integer((json_int_t)d->rows_held));
	json_object_set_new(o, "execute", execute);
	json_object_set_new(o, "accept", accept);
	return o;
}

/* ---- reading ---- */

void pm_pj_read_directions(struct pm_pj *r, const json_t *o)
{
	const json_t *execute = json_object_get(o, "execute"), *accept = json_object_get(o, "accept");
	struct pm_directions *d = &r->p->directions;

	d->known = true;
	d->edits = (size_t)pm_pj_get_int(r, execute, "edits", 0, INT64_MAX);
	d->edits_held = (size_t)pm_pj_get_int(r, execute, "review", 0, INT64_MAX);
	d->files = (size_t)pm_pj_get_int(r, execute, "files", 0, INT64_MAX);
	d->rows = (size_t)pm_pj_get_int(r, accept, "rows", 0, INT64_MAX);
	d->rows_held = (size_t)pm_pj_get_int(r, accept, "review", 0, INT64_MAX);
}

static const char *kind_name(int i)
{
	return pm_wish_kind_name((enum pm_wish_kind)i);
}

static const char *get_string(struct pm_pj *r, const json_t *o, const char *key)
{
	return pm_pj_get_bytes(r, o, key, MAY).p;
}

static uint32_t get_place(struct pm_pj *r, const json_t *o, const char *key)
{
	if (json_is_null(json_object_get(o, key)))
		return PM_DOC_NONE;
	return (uint32_t)pm_pj_get_int(r, o, key, 0, PM_DOC_NONE - 1);
}

/* What a kind cannot do without. */
static void check_wish(struct pm_pj *r, const struct pm_wish *w)
{
	bool ok = true;

	switch (w->kind) {
	case PM_WISH_MOVE:
		ok = w->service && w->from && w->to && w->row != PM_DOC_NONE;
		break;
	case PM_WISH_ADD: ok = w->service && w->to; break;
	case PM_WISH_REMOVE: ok = w->service && w->row != PM_DOC_NONE; break;
	case PM_WISH_RENAME: ok = w->service && w->text; break;
	case PM_WISH_DATE: ok = w->service && w->date; break;
	case PM_WISH_NOTE: ok = w->text != NULL; break;
	case PM_WISH_LOG: ok = w->date && w->text; break;
	case PM_WISH_KINDS: break;
	}
	if (!ok)
		pm_pj_wrong(r, "kind", "its values are not all there");
}

void pm_pj_read_change(struct pm_pj *r, const json_t *o)
{
	struct pm_doc_change *c = PM_VEC_ADD(&r->p->changes);
	struct pm_wish *w = &c->wish;

	w->kind = (enum pm_wish_kind)pm_pj_get_name(r, o, "kind", kind_name, PM_WISH_KINDS);
	w->service = get_string(r, o, "service");
	w->from = pm_pj_get_port(r, o, "from", MAY);
	w->to = pm_pj_get_port(r, o, "to", MAY);
	w->row = get_place(r, o, "row");
	w->under = get_place(r, o, "under");
	w->container = get_string(r, o, "container");
	w->note = get_string(r, o, "note");
	w->pair_port = pm_pj_get_port(r, o, "pair_port", MAY);
	w->pair_name = get_string(r, o, "pair_name");
	w->date = get_string(r, o, "date");
	w->text = get_string(r, o, "text");
	w->author = get_string(r, o, "author");
	c->unit = (unsigned)pm_pj_get_int(r, o, "unit", 0, 1 << 24);
	c->disposition = (enum pm_disposition)pm_pj_get_name(r, o, "disposition",
							     pm_pj_disposition, PM_KEEP + 1);
	c->answer = pm_pj_get_text(r, o, "answer", MAY);
	c->group = pm_pj_get_text(r, o, "group", MAY);
	c->reasons = pm_pj_get_reasons(r, o, &c->n_reasons);
	check_wish(r, w);
}

void pm_pj_read_patch(struct pm_pj *r, const json_t *o)
{
	struct pm_text_edit *t = PM_VEC_ADD(&r->p->texts);

	t->path = pm_pj_get_path(r, o, MUST);
	t->patch.line = (unsigned)pm_pj_get_int(r, o, "line", 1, UINT32_MAX);
	t->patch.col = (unsigned)pm_pj_get_int(r, o, "column", 1, UINT32_MAX);
	t->patch.span.off = (uint32_t)pm_pj_get_int(r, o, "offset", 0, UINT32_MAX);
	t->patch.span.len = (uint32_t)pm_pj_get_int(r, o, "length", 0, UINT32_MAX);
	t->patch.old = pm_pj_get_bytes(r, o, "old", MUST);
	t->patch.new = pm_pj_get_bytes(r, o, "new", MUST);
	t->patch.unit = (unsigned)pm_pj_get_int(r, o, "unit", 0, 1 << 24);
	pm_pj_get_id(r, o, "blob", t->blob, MUST);
	if (t->patch.old.n != t->patch.span.len)
		pm_pj_wrong(r, "old", "not as long as its place");
}

/* ---- checks ---- */

static int bad(const struct pm_text_edit *t, const char *why, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };

	pm_quote_text(&shown, pm_str_of(t->path));
	return pm_err_set(err, PM_E_REFUSED,
			  (struct pm_loc){ pm_buf_str(&shown), t->patch.line, t->patch.col },
			  "the change of text %s", why);
}

static int check_texts(const struct pm_plan *p, struct pm_err *err)
{
	for (size_t i = 0; i < p->texts.n; i++) {
		const struct pm_text_edit *t = &p->texts.v[i], *last = i ? t - 1 : NULL;

		if (t->patch.unit >= p->changes.n)
			return bad(t, "belongs to a change that is not in the plan", err);
		if (!p->schema_path || strcmp(t->path, p->schema_path) != 0 ||
		    strcmp(t->blob, p->schema_blob) != 0)
			return bad(t, "is not in the plan's schema", err);
		if (!t->patch.span.len && !t->patch.new.n)
			return bad(t, "changes nothing", err);
		if (last && last->patch.span.off + (uint64_t)last->patch.span.len >
				    t->patch.span.off)
			return bad(t, "is out of order, or overlaps the one before it", err);
	}
	return 0;
}

int pm_pj_check_document(const struct pm_plan *p, struct pm_err *err)
{
	for (size_t i = 0; i < p->changes.n; i++) {
		const struct pm_doc_change *c = &p->changes.v[i];
		const struct pm_doc_change *u = c->unit <= i ? &p->changes.v[c->unit] : NULL;

		if (!u || u->unit != c->unit)
			return pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
					  "change %zu of the document is in a unit that is none", i);
		if (c->answer && strcmp(c->answer, "y") != 0 && strcmp(c->answer, "n") != 0)
			return pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
					  "change %zu of the document has an answer that is not y or n",
					  i);
	}
	return check_texts(p, err);
}
