/*
 * verify.c - proof of one changed file before anything is published. Three independent looks: the
 * bytes, the scanners, and the structure. A difference that was not planned is a bug of ours and
 * stops everything.
 */
#include "apply.h"

#include "base/path.h"
#include "base/yaml.h"
#include "resource.h"
#include "resource_plan.h"
#include "scanner.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct proof {
	const struct pm_file_change *c;
	const char *path;
	struct pm_str before, after;
	struct pm_splice *v; /* what changes, in order */
	size_t n;
	size_t *new_off; /* of each, in `after` */
	struct pm_err *err;
};

static int not_proved(const struct proof *p, size_t off, const char *what)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };

	pm_quote_text(&shown, pm_str_of(p->path));
	pm_err_set(p->err, PM_E_BUG, PM_NOWHERE,
		   "the result cannot be proved: %s (%s, byte %zu)", what, pm_buf_str(&shown), off);
	return pm_err_hint(p->err, "nothing was published; please report this");
}

/* ---- bytes ---- */

static int prove_bytes(const struct proof *p)
{
	size_t a = 0, b = 0;

	for (size_t i = 0; i <= p->n; i++) {
		size_t to = i < p->n ? p->v[i].span.off : p->before.n;
		size_t len = to - a;
		struct pm_str new;

		if (to < a || to > p->before.n || len > p->after.n - b ||
		    memcmp(p->before.p + a, p->after.p + b, len) != 0)
			return not_proved(p, a, "bytes outside the plan differ");
		a += len;
		b += len;
		if (i == p->n)
			break;
		new = p->v[i].new;
		if (new.n > p->after.n - b || memcmp(p->after.p + b, new.p, new.n) != 0)
			return not_proved(p, a, p->v[i].edit ? "the new number is not in its place"
							     : "the new text is not in its place");
		p->new_off[i] = b;
		a += p->v[i].span.len;
		b += new.n;
	}
	return b == p->after.n ? 0 : not_proved(p, a, "the new file is longer than planned");
}

/* ---- scanners ---- */

/* How many changes begin before byte `off` of the old text (or, `new`, of the new one). */
static size_t changes_before(const struct proof *p, size_t off, bool new)
{
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if ((new ? p->new_off[mid] : p->v[mid].span.off) < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The edit of digits at byte `off`, or NULL. */
static const struct pm_edit *edit_at(const struct proof *p, size_t off, bool new)
{
	for (size_t i = changes_before(p, off, new);
	     i < p->n && (new ? p->new_off[i] : p->v[i].span.off) == off; i++)
		if (p->v[i].edit)
			return p->v[i].edit;
	return NULL;
}

/* Is byte `off` part of a text that a patch takes away (or, `new`, puts there)? */
static bool in_patch(const struct proof *p, size_t off, bool new)
{
	for (size_t i = changes_before(p, off + 1, new); i-- > 0;) {
		const size_t from = new ? p->new_off[i] : p->v[i].span.off;
		const size_t len = new ? p->v[i].new.n : p->v[i].span.len;

		if (len)
			return p->v[i].patch && off < from + len;
	}
	return false;
}

/* Where byte `off` of the old text, outside or at the start of a place, stands in the new one. */
static size_t moved_to(const struct proof *p, size_t off)
{
	size_t i = changes_before(p, off, false);

	while (i < p->n && p->v[i].span.off == off && !p->v[i].span.len)
		i++; /* what is inserted here stands before it */
	if (i == 0)
		return off;
	return off - (p->v[i - 1].span.off + p->v[i - 1].span.len) + p->new_off[i - 1] +
	       p->v[i - 1].new.n;
}

static bool same_hit(const struct proof *p, const struct pm_hit *a, const struct pm_hit *b)
{
	const struct pm_edit *e = edit_at(p, a->span.off, false);

	return b->span.off == moved_to(p, a->span.off) &&
	       b->port == (e ? e->new_port : a->port) && a->role == b->role &&
	       a->side == b->side && strcmp(a->rule, b->rule) == 0;
}

/* The text of patches is for the reader of documents to prove. */
static bool passed_over(const struct proof *p, size_t off, bool new, bool planned_too)
{
	return in_patch(p, off, new) || (!planned_too && edit_at(p, off, new));
}

static int compare_hits(const struct proof *p, const struct pm_sink *a, const struct pm_sink *b,
			bool planned_too)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < a->hits.n && passed_over(p, a->hits.v[i].span.off, false, planned_too))
			i++;
		while (k < b->hits.n && passed_over(p, b->hits.v[k].span.off, true, planned_too))
			k++;
		if (i == a->hits.n && k == b->hits.n)
			return 0;
		if (i == a->hits.n)
			return not_proved(p, b->hits.v[k].span.off, "a new place appeared");
		if (k == b->hits.n || !same_hit(p, &a->hits.v[i], &b->hits.v[k]))
			return not_proved(p, a->hits.v[i].span.off,
					  "a place reads otherwise than planned");
		i++;
		k++;
	}
}

/* The same with the places of resources, which the scanners of ports do not know. */
static int prove_resources(const struct proof *p)
{
	struct pm_file fa = { p->path, p->before.p, p->before.n };
	struct pm_file fb = { p->path, p->after.p, p->after.n };
	struct pm_arena arena = { 0 };
	struct pm_sink a, b;
	int rc;

	pm_sink_init(&a, &arena, &fa, NULL);
	pm_sink_init(&b, &arena, &fb, NULL);
	pm_resource_scan(&a, &fa);
	pm_resource_scan(&b, &fb);
	rc = compare_hits(p, &a, &b, true);
	pm_sink_release(&a);
	pm_sink_release(&b);
	pm_arena_release(&arena);
	return rc;
}

static int prove_scan(const struct proof *p, const struct pm_port_set *want, bool numbers)
{
	struct pm_file fa = { p->path, p->before.p, p->before.n };
	struct pm_file fb = { p->path, p->after.p, p->after.n };
	struct pm_arena arena = { 0 };
	struct pm_sink a, b;
	int rc;

	pm_sink_init(&a, &arena, &fa, want);
	pm_sink_init(&b, &arena, &fb, want);
	rc = pm_scan_file(&a, &fa, numbers, p->err);
	if (rc == 0)
		rc = pm_scan_file(&b, &fb, numbers, p->err);
	if (rc == 0)
		rc = compare_hits(p, &a, &b, numbers);
	pm_sink_release(&a);
	pm_sink_release(&b);
	pm_arena_release(&arena);
	return rc;
}

/* ---- structure ---- */

static bool touched(const struct proof *p, struct pm_span s)
{
	size_t i = changes_before(p, s.off, false);

	return i < p->n && p->v[i].span.off < (uint64_t)s.off + s.len;
}

static bool str_same(struct pm_str a, struct pm_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Does a changed key of the map now spell another key of it? */
static bool key_collides(const struct pm_yaml_node *before, const struct pm_yaml_node *after)
{
	for (size_t i = 0; i + 1 < after->n; i += 2) {
		if (str_same(before->items[i]->text, after->items[i]->text))
			continue;
		for (size_t k = 0; k + 1 < after->n; k += 2)
			if (k != i && after->items[k]->kind == PM_YAML_SCALAR &&
			    str_same(after->items[i]->text, after->items[k]->text))
				return true;
	}
	return false;
}

/* Depth is limited by the parser; aliases are looked at where they are anchored. */
static int compare_yaml(const struct proof *p, const struct pm_yaml_node *a,
			const struct pm_yaml_node *b)
{
	int rc = 0;

	if (a->kind != b->kind || a->style != b->style || a->n != b->n ||
	    a->aliased != b->aliased || !a->tag != !b->tag ||
	    (a->tag && strcmp(a->tag, b->tag) != 0))
		return not_proved(p, a->span.off, "the YAML structure changed");
	if (a->aliased)
		return 0;
	if (a->kind == PM_YAML_SCALAR && !str_same(a->text, b->text) && !touched(p, a->span))
		return not_proved(p, a->span.off, "a YAML value changed that was not planned");
	if (a->kind == PM_YAML_MAP && key_collides(a, b))
		return not_proved(p, a->span.off, "a YAML key would be there twice");
	for (size_t i = 0; rc == 0 && i < a->n; i++)
		rc = compare_yaml(p, a->items[i], b->items[i]);
	return rc;
}

static int prove_yaml(const struct proof *p)
{
	struct pm_arena arena = { 0 };
	struct pm_yaml a, b;
	int rc = 0;

	if (pm_yaml_parse(&a, &arena, p->path, p->before, NULL) == 0) {
		if (pm_yaml_parse(&b, &arena, p->path, p->after, NULL) < 0 || a.n != b.n)
			rc = not_proved(p, 0, "the YAML structure changed");
		for (size_t i = 0; rc == 0 && i < a.n; i++)
			rc = compare_yaml(p, a.docs[i], b.docs[i]);
	}
	pm_arena_release(&arena);
	return rc;
}

enum { JSON_DEPTH = 512 };

/* Counts the values and keys that differ; SIZE_MAX when the structure does. */
static size_t compare_json(const json_t *a, const json_t *b, unsigned depth)
{
	size_t n = 0;

	if (json_typeof(a) != json_typeof(b) || depth > JSON_DEPTH)
		return SIZE_MAX;
	if (json_is_object(a)) {
		void *ia = json_object_iter((json_t *)(uintptr_t)a);
		void *ib = json_object_iter((json_t *)(uintptr_t)b);

		if (json_object_size(a) != json_object_size(b))
			return SIZE_MAX;
		while (ia && ib && n != SIZE_MAX) {
			size_t m = compare_json(json_object_iter_value(ia),
						json_object_iter_value(ib), depth + 1);

			n += strcmp(json_object_iter_key(ia), json_object_iter_key(ib)) != 0;
			n = m == SIZE_MAX ? SIZE_MAX : n + m;
			ia = json_object_iter_next((json_t *)(uintptr_t)a, ia);
			ib = json_object_iter_next((json_t *)(uintptr_t)b, ib);
		}
		return n;
	}
	if (!json_is_array(a))
		return json_equal(a, b) ? 0 : 1;
	if (json_array_size(a) != json_array_size(b))
		return SIZE_MAX;
	for (size_t i = 0; i < json_array_size(a) && n != SIZE_MAX; i++) {
		size_t m = compare_json(json_array_get(a, i), json_array_get(b, i), depth + 1);

		n = m == SIZE_MAX ? SIZE_MAX : n + m;
	}
	return n;
}

static int prove_json(const struct proof *p)
{
	json_t *a = json_loadb(p->before.p, p->before.n, JSON_DECODE_ANY, NULL);
	json_t *b = a ? json_loadb(p->after.p, p->after.n, JSON_DECODE_ANY, NULL) : NULL;
	int rc = 0;

	if (a && (!b || compare_json(a, b, 0) > p->n))
		rc = not_proved(p, 0, "the JSON structure changed");
	json_decref(a);
	json_decref(b);
	return rc;
}

/* ---- the document ---- */

static int prove_document(const struct proof *p)
{
	struct pm_err why = { 0 };

	if (pm_doc_prove(p->path, p->before, p->after, p->c->wishes, p->c->n_wishes, &why) == 0)
		return 0;
	return not_proved(p, 0, why.text);
}

static int prove(struct proof *p)
{
	struct pm_port_set *want = pm_xcalloc(1, sizeof(*want));
	int rc = prove_bytes(p);
	bool ports = false;

	for (size_t i = 0; i < p->c->n_edits; i++) {
		if (pm_edit_is_resource(p->c->edits[i]))
			continue;
		pm_port_set_add(want, p->c->edits[i]->old_port);
		pm_port_set_add(want, p->c->edits[i]->new_port);
		ports = true;
	}
	/* every place of the moved numbers, then everything else that looks like a port */
	if (rc == 0 && ports)
		rc = prove_scan(p, want, true);
	else if (rc == 0)
		rc = prove_resources(p);
	if (rc == 0)
		rc = prove_scan(p, NULL, false);
	if (rc == 0 && p->c->n_patches)
		rc = prove_document(p);
	else if (rc == 0 && pm_path_is_yaml(p->path))
		rc = prove_yaml(p);
	else if (rc == 0 && pm_path_has_ext(p->path, ".json"))
		rc = prove_json(p);
	free(want);
	return rc;
}

int pm_verify_file(struct pm_str before, struct pm_str after, const struct pm_file_change *c,
		   struct pm_err *err)
{
	struct proof p = { .c = c, .path = c->path, .before = before, .after = after, .err = err };
	int rc = pm_splices(&p.v, &p.n, before, c, err);

	if (rc < 0)
		return rc;
	p.new_off = pm_xcalloc(p.n + 1, sizeof(*p.new_off));
	rc = prove(&p);
	free(p.new_off);
	free(p.v);
	return rc;
}
