/*
 * inventory_cache.c - what reading a file told, kept for the next time that the same blob stands at
 * the same path; see cache.h. Three records, each put when it was worked out anyway:
 *
 *   digest   by blob: whether it is text, its size, its port numbers, exceptions in comments
 *   finds    by settings, blob and path: places of ports without facts, excerpts, findings, class
 *   names    by blob and path: what a manifest declares
 *
 * Settings are what portmig.yaml changes in scanning. A record that does not read as expected is
 * none.
 */
#include "inventory_impl.h"
#include "record.h"

#include "base/digest.h"
#include "base/port.h"

#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

static const char *some(const char *s)
{
	return s ? s : "";
}

/* ---- keys ---- */

enum { PART_DIGEST = 1, PART_FINDS, PART_NAMES };

static struct pm_str key_of(struct pm_inv_build *b, struct pm_inv_worker *w, char part, size_t i)
{
	struct pm_oid id;

	pm_oid_parse(&id, b->tree.v[i].oid);
	pm_buf_clear(&w->key);
	pm_buf_addc(&w->key, part);
	pm_buf_add(&w->key, id.id, sizeof(id.id));
	if (part == PART_FINDS)
		pm_buf_adds(&w->key, b->settings);
	if (part != PART_DIGEST)
		pm_buf_adds(&w->key, b->tree.v[i].path);
	return (struct pm_str){ w->key.v, w->key.n };
}

void pm_inv_settings(struct pm_inv_build *b)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	char hex[PM_SHA256_HEX];

	for (size_t i = 0; i < b->own.rows.n; i++) {
		const struct pm_pattern *p = &b->opt->config->patterns.v[i];

		pm_put_text(&text, p->name);
		pm_put_text(&text, p->regex);
		pm_put_text(&text, p->glob);
	}
	pm_sha256_hex((struct pm_str){ pm_buf_str(&text), text.n }, PM_STR(""), hex);
	memcpy(b->settings, hex, sizeof(b->settings) - 1);
}

static bool get(struct pm_inv_build *b, struct pm_inv_worker *w, char part, size_t i,
		struct pm_record *r)
{
	struct pm_str value;

	if (!pm_cache_get(b->opt->cache, PM_CACHE_FILE, key_of(b, w, part, i), &value))
		return false;
	*r = pm_record_of(value);
	return true;
}

static void put(struct pm_inv_build *b, struct pm_inv_worker *w, char part, size_t i)
{
	pm_cache_put(b->opt->cache, PM_CACHE_FILE, key_of(b, w, part, i),
		     (struct pm_str){ w->value.v, w->value.n });
}

/* ---- digest ---- */

/* What the digest of a blob tells. */
struct digest {
	enum pm_skip_reason skip;
	bool allows, wanted; /* an exception; a number that is wanted */
	uint64_t len;
};

static bool get_digest(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i, struct digest *d)
{
	struct pm_record r;
	uint32_t n;

	if (!get(b, w, PART_DIGEST, i, &r))
		return false;
	d->skip = (enum pm_skip_reason)pm_get_u32(&r);
	d->allows = pm_get_u32(&r) != 0;
	d->len = pm_get_u32(&r);
	n = pm_get_count(&r, sizeof(uint16_t));
	d->wanted = n && !b->opt->want;
	for (uint32_t k = 0; b->opt->want && k < n && !d->wanted; k++) {
		uint16_t port;

		memcpy(&port, r.p + k * sizeof(port), sizeof(port));
		d->wanted = pm_port_set_has(b->opt->want, port);
	}
	return !r.bad && d->skip <= PM_SKIP_CONFIG;
}

/* The port numbers of a text, each once. */
static void put_ports(struct pm_buf *b, struct pm_str text)
{
	struct pm_port_set seen = { { 0 } };
	const size_t count_at = b->n;
	uint32_t n = 0;
	size_t pos = 0, len;
	unsigned port;

	pm_put_u32(b, 0);
	for (; (port = pm_port_next(text, &pos, &len)); pos += len) {
		uint16_t two = (uint16_t)port;

		if (pm_port_set_has(&seen, port))
			continue;
		pm_port_set_add(&seen, port);
		pm_buf_add(b, &two, sizeof(two));
		n++;
	}
	memcpy(b->v + count_at, &n, sizeof(n));
}

static void keep_digest(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i,
			enum pm_skip_reason skip, struct pm_str bytes)
{
	pm_buf_clear(&w->value);
	pm_put_u32(&w->value, skip);
	pm_put_u32(&w->value, skip == PM_SKIP_NONE && pm_str_find(bytes, "portmig:allow", false) != SIZE_MAX);
	pm_put_u32(&w->value, (uint32_t)bytes.n);
	put_ports(&w->value, skip == PM_SKIP_NONE ? bytes : (struct pm_str){ "", 0 });
	put(b, w, PART_DIGEST, i);
}

/* ---- finds ---- */

/* Sizes on disk of what repeats, without its strings' letters. */
enum { HIT_SIZE = 4 * 4 + 2 + 3 + 2, DIAG_SIZE = 3 * 4 + 2 };

static void put_hit(struct pm_buf *b, const struct pm_hit *h, const char *excerpt)
{
	const uint8_t small[] = { (uint8_t)h->port, (uint8_t)(h->port >> 8), h->role, h->side,
				  h->certainty };

	pm_put_u32(b, h->span.off);
	pm_put_u32(b, h->span.len);
	pm_put_u32(b, h->line);
	pm_put_u32(b, h->col);
	pm_buf_add(b, small, sizeof(small));
	pm_put_text(b, h->rule);
	pm_put_text(b, excerpt);
}

static void get_hit(struct pm_record *r, struct pm_arena *a, struct pm_hit *h, const char **excerpt)
{
	uint8_t small[5] = { 0 };

	h->span.off = pm_get_u32(r);
	h->span.len = pm_get_u32(r);
	h->line = pm_get_u32(r);
	h->col = pm_get_u32(r);
	if ((size_t)(r->end - r->p) < sizeof(small)) {
		r->bad = true;
		return;
	}
	memcpy(small, r->p, sizeof(small));
	r->p += sizeof(small);
	h->port = (uint16_t)(small[0] | small[1] << 8);
	h->role = small[2];
	h->side = small[3];
	h->certainty = small[4];
	h->rule = some(pm_get_text(r, a));
	*excerpt = some(pm_get_text(r, a));
	r->bad |= h->role >= PM_ROLE_COUNT || h->side > PM_SIDE_CONTAINER ||
		  h->certainty > PM_SURE;
}

void pm_inv_keep_finds(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i, size_t len,
		       const char *gave_up, const char *const *excerpts,
		       const struct pm_inv_class *class)
{
	struct pm_buf *v = &w->value;
	const size_t n_hits = gave_up ? 0 : w->sink.hits.n;
	const size_t n_diags = gave_up ? 0 : w->sink.diags.n;

	pm_buf_clear(v);
	pm_put_u32(v, (uint32_t)len);
	pm_put_text(v, gave_up);
	pm_put_u32(v, class->class);
	pm_put_text(v, class->why);
	pm_put_u32(v, (uint32_t)n_hits);
	for (size_t k = 0; k < n_hits; k++)
		put_hit(v, &w->sink.hits.v[k], excerpts[k]);
	pm_put_u32(v, (uint32_t)n_diags);
	for (size_t k = 0; k < n_diags; k++) {
		const struct pm_diag *d = &w->sink.diags.v[k];

		pm_put_u32(v, d->severity);
		pm_put_u32(v, d->line);
		pm_put_u32(v, d->col);
		pm_put_text(v, d->rule);
		pm_put_text(v, d->text);
	}
	put(b, w, PART_FINDS, i);
}

static void get_file(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i, struct pm_record *r,
		     size_t len, size_t n, struct pm_inv_class *class, struct pm_inv_seen *seen)
{
	const struct pm_entry *e = &b->tree.v[i];
	struct pm_inv_file *f = PM_NEW(&w->arena, struct pm_inv_file);
	const char **excerpts = PM_NEW_N(&w->arena, const char *, n);

	f->path = e->path;
	memcpy(f->oid, e->oid, PM_OID_HEX);
	f->mode = e->mode;
	f->len = len;
	f->n_hits = n;
	f->hits = PM_NEW_N(&w->arena, struct pm_hit, n);
	f->excerpts = excerpts;
	for (size_t k = 0; k < n && !r->bad; k++)
		get_hit(r, &w->arena, &f->hits[k], &excerpts[k]);
	pm_inv_class_settle(b, e, class, f);
	seen->file = f;
}

static void get_diags(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i, struct pm_record *r,
		      size_t n, struct pm_inv_seen *seen)
{
	seen->diags = PM_NEW_N(&w->arena, struct pm_diag, n);
	seen->n_diags = n;
	for (size_t k = 0; k < n; k++) {
		struct pm_diag *d = &seen->diags[k];

		d->path = b->tree.v[i].path;
		d->severity = (enum pm_severity)pm_get_u32(r);
		d->line = pm_get_u32(r);
		d->col = pm_get_u32(r);
		d->rule = some(pm_get_text(r, &w->arena));
		d->text = some(pm_get_text(r, &w->arena));
		r->bad |= d->severity > PM_ERROR;
	}
}

/* The places of the file as they were found before; with facts when there are none to have. */
static bool recall_finds(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i, size_t *len)
{
	struct pm_inv_seen seen = { .skip = PM_SKIP_NONE };
	struct pm_inv_class class;
	struct pm_record r;
	size_t n;

	if (!get(b, w, PART_FINDS, i, &r))
		return false;
	*len = pm_get_u32(&r);
	seen.gave_up = pm_get_text(&r, &w->arena);
	class.class = (enum pm_file_class)pm_get_u32(&r);
	class.why = pm_get_text(&r, &w->arena);
	n = pm_get_count(&r, HIT_SIZE);
	if (r.bad || class.class > PM_CLASS_SCHEMA || (n && !b->opt->bare))
		return false;
	if (n)
		get_file(b, w, i, &r, *len, n, &class, &seen);
	n = pm_get_count(&r, DIAG_SIZE);
	if (n && !r.bad)
		get_diags(b, w, i, &r, n, &seen);
	if (!pm_record_ends(&r))
		return false;
	if (seen.file || seen.gave_up || seen.n_diags) {
		struct pm_inv_seen *out = pm_inv_seen(b, w, i);

		out->file = seen.file;
		out->gave_up = seen.gave_up;
		out->diags = seen.diags;
		out->n_diags = seen.n_diags;
	}
	return true;
}

/* ---- names ---- */

void pm_inv_keep_names(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i)
{
	struct pm_buf *v = &w->value;

	pm_buf_clear(v);
	pm_put_decls(v, w->decls.v, w->decls.n);
	put(b, w, PART_NAMES, i);
}

static bool recall_names(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i)
{
	struct pm_decl *decls;
	struct pm_record r;
	size_t n;

	if (!get(b, w, PART_NAMES, i, &r))
		return false;
	decls = pm_get_decls(&r, &w->arena, b->tree.v[i].path, &n);
	if (!pm_record_ends(&r))
		return false;
	if (n) {
		struct pm_inv_seen *seen = pm_inv_seen(b, w, i);

		seen->decls = decls;
		seen->n_decls = n;
	}
	return true;
}

/* ---- an entry ---- */

void pm_inv_keep_bytes(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i,
		       enum pm_skip_reason skip, struct pm_str bytes)
{
	if (b->opt->cache && !b->jobs[i].digested)
		keep_digest(b, w, i, skip, bytes);
}

/* Is nothing to be found in a file of which only this is known? */
static bool is_empty(const struct pm_inv_build *b, const struct digest *d)
{
	return !d->wanted && !(d->allows && b->opt->allows);
}

/* The places of a text, without its bytes: none, or as before. */
static bool recall_places(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i,
			  const struct digest *d)
{
	size_t len;

	if (is_empty(b, d))
		return true;
	return !b->opt->want && !b->opt->numbers && !(d->allows && b->opt->allows) &&
	       recall_finds(b, w, i, &len);
}

bool pm_inv_recall(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i)
{
	struct pm_inv_job *j = &b->jobs[i];
	struct digest d;

	if (!b->opt->cache || !get_digest(b, w, i, &d))
		return false;
	j->digested = true;
	if (d.skip != PM_SKIP_NONE) {
		pm_inv_seen(b, w, i)->skip = d.skip;
		return true;
	}
	if (j->names && recall_names(b, w, i))
		j->names = false;
	if (j->asked && recall_places(b, w, i, &d))
		j->asked = false;
	if (j->names || j->asked)
		return false;
	w->n_files++;
	w->n_bytes += d.len;
	return true;
}
