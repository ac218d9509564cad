/* history_keep.c - see history_keep.h. */
#include "history_keep.h"

#include "cache.h"
#include "record.h"

#include "base/digest.h"

#include <string.h>

enum mode { MODE_USUAL = 'c', MODE_MAINLINE = 'm' };
enum { DELTA_MERGED = 1, DELTA_BLIND = 2 };
enum { END_SIZE = 8 + 3 * 4, FILE_SIZE = 1 + PM_OID_RAW, DELTA_SIZE = 1 + 3 * 4 }; /* at least */

/* ---- settings ---- */

static void hash(char out[PM_HKEEP_HASH], const struct pm_buf *b)
{
	char hex[PM_SHA256_HEX];

	pm_sha256_hex((struct pm_str){ pm_buf_str(b), b->n }, PM_STR(""), hex);
	memcpy(out, hex, PM_HKEEP_HASH - 1);
	out[PM_HKEEP_HASH - 1] = '\0';
}

static void put_texts(struct pm_buf *b, const char *const *v, size_t n)
{
	pm_put_u32(b, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		pm_put_text(b, v[i]);
}

void pm_hkeep_init(struct pm_hkeep *k, const struct pm_hist_options *o)
{
	static const struct pm_config none;
	const struct pm_config *c = o->config ? o->config : &none;
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t n_schemas = 0;

	*k = (struct pm_hkeep){ .cache = o->cache };
	if (!o->cache)
		return;
	for (size_t i = 0; i < c->patterns.n; i++) {
		pm_put_text(&b, c->patterns.v[i].name);
		pm_put_text(&b, c->patterns.v[i].regex);
		pm_put_text(&b, c->patterns.v[i].glob);
	}
	pm_buf_addc(&b, '\n');
	put_texts(&b, c->exclude, c->n_exclude);
	put_texts(&b, c->past, c->n_past);
	while (o->schema_paths && o->schema_paths[n_schemas])
		n_schemas++;
	put_texts(&b, o->schema_paths, n_schemas);
	hash(k->settings, &b);
}

/* ---- statements ---- */

static void put_seen(struct pm_buf *b, const struct pm_seen *s)
{
	pm_put_u64(b, s->slot);
	pm_put_u32(b, s->line);
	pm_put_u32(b, s->col);
	pm_put_u32(b, s->what->n);
	pm_buf_add(b, s->what->bytes, s->what->n);
}

static void get_seen(struct pm_record *r, struct pm_evidence_table *t, struct pm_seen *s)
{
	const char *bytes;
	uint32_t n;

	s->slot = pm_get_u64(r);
	s->line = pm_get_u32(r);
	s->col = pm_get_u32(r);
	n = pm_get_u32(r);
	bytes = pm_get_bytes(r, n);
	s->what = bytes ? pm_evidence_get(t, (const unsigned char *)bytes, n) : NULL;
	r->bad |= !s->what;
}

/* ---- commits ---- */

static void commit_key(struct pm_buf *b, const struct pm_hkeep *k, enum mode mode,
		       const struct pm_oid *id)
{
	pm_buf_clear(b);
	pm_buf_add(b, k->settings, PM_HKEEP_HASH - 1);
	pm_buf_addc(b, (char)mode);
	pm_put_oid(b, id);
}

static bool find_commit(const struct pm_hkeep *k, enum mode mode, const struct pm_oid *id,
			struct pm_record *r)
{
	PM_CLEAN_BUF struct pm_buf key = { 0 };
	struct pm_str value;

	if (!k->cache)
		return false;
	commit_key(&key, k, mode, id);
	if (!pm_cache_get(k->cache, PM_CACHE_COMMIT, (struct pm_str){ key.v, key.n }, &value))
		return false;
	*r = pm_record_of(value);
	return true;
}

static void put_head(struct pm_buf *b, const struct pm_hcommit *c)
{
	pm_put_oid(b, &c->tree);
	pm_put_u64(b, (uint64_t)c->when);
	pm_put_u32(b, c->n_parents);
	for (uint32_t i = 0; i < c->n_parents; i++)
		pm_put_oid(b, &c->parents[i]);
}

static bool get_head(struct pm_record *r, struct pm_known_commit *out)
{
	const struct pm_oid *tree = pm_get_oids(r, 1);

	out->when = (int64_t)pm_get_u64(r);
	out->n_parents = pm_get_count(r, PM_OID_RAW);
	out->parents = pm_get_oids(r, out->n_parents);
	if (!r->bad)
		out->tree = *tree;
	return !r->bad;
}

bool pm_hkeep_head(void *data, const struct pm_oid *id, struct pm_known_commit *out)
{
	struct pm_record r;

	return find_commit(data, MODE_USUAL, id, &r) && get_head(&r, out);
}

static struct pm_hkept_file *get_files(struct pm_record *r, struct pm_arena *a, size_t *n)
{
	struct pm_hkept_file *v;

	*n = pm_get_count(r, FILE_SIZE);
	v = PM_NEW_N(a, struct pm_hkept_file, *n + 1);
	for (size_t i = 0; i < *n && !r->bad; i++) {
		const struct pm_oid *id;

		v[i].path = pm_get_word(r);
		id = pm_get_oids(r, 1);
		if (id)
			v[i].blob = *id;
	}
	return v;
}

static struct pm_hseen *get_ends(struct pm_record *r, struct pm_evidence_table *t,
				 struct pm_arena *a, size_t n)
{
	struct pm_hseen *v = PM_NEW_N(a, struct pm_hseen, n + 1);

	for (size_t i = 0; i < n && !r->bad; i++) {
		get_seen(r, t, &v[i].seen);
		v[i].owner = -1;
	}
	return v;
}

static void get_delta(struct pm_record *r, struct pm_evidence_table *t, struct pm_arena *a,
		      bool first_parent, struct pm_delta *d)
{
	uint32_t flags;

	d->path = pm_get_word(r);
	flags = pm_get_u32(r);
	d->merged = (flags & DELTA_MERGED) && !first_parent;
	d->blind = flags & DELTA_BLIND;
	d->quiet = d->merged || d->blind;
	d->n_gone = pm_get_count(r, END_SIZE);
	d->gone = get_ends(r, t, a, d->n_gone);
	d->n_came = pm_get_count(r, END_SIZE);
	d->came = get_ends(r, t, a, d->n_came);
}

bool pm_hkeep_commit(const struct pm_hkeep *k, struct pm_evidence_table *t, struct pm_arena *a,
		     const struct pm_oid *id, bool first_parent, struct pm_hkept *out)
{
	struct pm_record r;

	if (!find_commit(k, MODE_USUAL, id, &r) &&
	    !(first_parent && find_commit(k, MODE_MAINLINE, id, &r)))
		return false;
	if (!get_head(&r, &out->head))
		return false;
	out->n_blobs = pm_get_count(&r, PM_OID_RAW);
	out->blobs = pm_get_oids(&r, out->n_blobs);
	out->manifests = get_files(&r, a, &out->n_manifests);
	out->large = get_files(&r, a, &out->n_large);
	out->n_deltas = pm_get_count(&r, DELTA_SIZE);
	out->deltas = PM_NEW_N(a, struct pm_delta, out->n_deltas + 1);
	for (size_t i = 0; i < out->n_deltas && !r.bad; i++)
		get_delta(&r, t, a, first_parent, &out->deltas[i]);
	return pm_record_ends(&r);
}

static bool is_missing(const struct pm_hread *all, int32_t version)
{
	return version != PM_NO_VERSION && all->versions.v[version].read == PM_HREAD_MISSING;
}

static bool is_whole(const struct pm_hread *all, const struct pm_hcommit *c)
{
	if (c->lost || c->kind == PM_PARENT_LOST || c->n_others + 1 < c->n_parents)
		return false;
	for (size_t i = 0; i < c->n_changes; i++)
		if (is_missing(all, c->changes[i].before) || is_missing(all, c->changes[i].after))
			return false;
	return true;
}

enum file_list { BLOBS, MANIFESTS, LARGE };

static bool is_in(const struct pm_hread *all, enum file_list list, int32_t version)
{
	const struct pm_version *v;
	const struct pm_hpath *p;

	if (version == PM_NO_VERSION)
		return false;
	v = &all->versions.v[version];
	p = &all->paths.v[v->path];
	return list == BLOBS ? !p->skipped
	     : list == MANIFESTS ? p->manifest
				 : !p->skipped && v->read == PM_HREAD_SKIPPED;
}

/* Of the versions that the commit wrote, and, of large ones, took away. */
static void put_files(struct pm_buf *b, const struct pm_hread *all, const struct pm_hcommit *c,
		      enum file_list list)
{
	const size_t count_at = b->n;
	uint32_t n = 0;

	pm_put_u32(b, 0);
	for (size_t i = 0; i < 2 * c->n_changes; i++) {
		const struct pm_hchange *x = &c->changes[i / 2];
		const int32_t version = i % 2 ? x->after : list == LARGE ? x->before : PM_NO_VERSION;

		if (!is_in(all, list, version))
			continue;
		if (list != BLOBS)
			pm_put_text(b, all->paths.v[x->path].text);
		pm_put_oid(b, &all->versions.v[version].blob);
		n++;
	}
	memcpy(b->v + count_at, &n, sizeof(n));
}

static void put_delta(struct pm_buf *b, const struct pm_delta *d)
{
	pm_put_text(b, d->path);
	pm_put_u32(b, (d->merged ? DELTA_MERGED : 0u) | (d->blind ? DELTA_BLIND : 0u));
	pm_put_u32(b, (uint32_t)d->n_gone);
	for (size_t i = 0; i < d->n_gone; i++)
		put_seen(b, &d->gone[i].seen);
	pm_put_u32(b, (uint32_t)d->n_came);
	for (size_t i = 0; i < d->n_came; i++)
		put_seen(b, &d->came[i].seen);
}

void pm_hkeep_put_commit(const struct pm_hkeep *k, const struct pm_hread *all,
			 const struct pm_hcommit *c, const struct pm_hdeltas *d, bool first_parent)
{
	const enum mode mode = first_parent && c->n_parents > 1 ? MODE_MAINLINE : MODE_USUAL;
	PM_CLEAN_BUF struct pm_buf key = { 0 }, b = { 0 };

	if (!k->cache || c->kept || !is_whole(all, c))
		return;
	commit_key(&key, k, mode, &c->id);
	put_head(&b, c);
	put_files(&b, all, c, BLOBS);
	put_files(&b, all, c, MANIFESTS);
	put_files(&b, all, c, LARGE);
	pm_put_u32(&b, (uint32_t)d->n);
	for (size_t i = 0; i < d->n; i++)
		put_delta(&b, &d->v[i]);
	pm_cache_put(k->cache, PM_CACHE_COMMIT, (struct pm_str){ key.v, key.n },
		     (struct pm_str){ b.v, b.n });
}

/* ---- versions and manifests ---- */

static void file_key(struct pm_buf *b, const char *settings, const struct pm_oid *blob,
		     const char *path)
{
	pm_buf_adds(b, settings);
	pm_put_oid(b, blob);
	pm_buf_adds(b, path);
}

static bool find_version(const struct pm_hkeep *k, const char *path, const struct pm_oid *blob,
			 struct pm_str *value)
{
	PM_CLEAN_BUF struct pm_buf key = { 0 };

	if (!k->cache)
		return false;
	file_key(&key, k->settings, blob, path);
	return pm_cache_get(k->cache, PM_CACHE_VERSION, (struct pm_str){ key.v, key.n }, value);
}

bool pm_hkeep_has_version(const struct pm_hkeep *k, const char *path, const struct pm_oid *blob)
{
	struct pm_str value;

	return find_version(k, path, blob, &value);
}

bool pm_hkeep_version(const struct pm_hkeep *k, struct pm_evidence_table *t, const char *path,
		      struct pm_version *v)
{
	struct pm_seen_list seen = { 0 };
	struct pm_record r;
	struct pm_str value;
	uint32_t state, n;

	if (!find_version(k, path, &v->blob, &value))
		return false;
	r = pm_record_of(value);
	state = pm_get_u32(&r);
	n = pm_get_count(&r, END_SIZE);
	for (uint32_t i = 0; i < n && !r.bad; i++)
		get_seen(&r, t, PM_VEC_ADD(&seen));
	if (!pm_record_ends(&r) || (state != PM_HREAD_YES && state != PM_HREAD_SKIPPED)) {
		PM_VEC_FREE(&seen);
		return false;
	}
	v->seen = seen;
	v->read = (uint8_t)state;
	return true;
}

void pm_hkeep_put_version(const struct pm_hkeep *k, const char *path, const struct pm_version *v)
{
	PM_CLEAN_BUF struct pm_buf key = { 0 }, b = { 0 };

	if (!k->cache || v->read == PM_HREAD_MISSING)
		return;
	file_key(&key, k->settings, &v->blob, path);
	pm_put_u32(&b, v->read);
	pm_put_u32(&b, (uint32_t)v->seen.n);
	for (size_t i = 0; i < v->seen.n; i++)
		put_seen(&b, &v->seen.v[i]);
	pm_cache_put(k->cache, PM_CACHE_VERSION, (struct pm_str){ key.v, key.n },
		     (struct pm_str){ b.v, b.n });
}

bool pm_hkeep_manifest(const struct pm_hkeep *k, const char *path, const struct pm_oid *blob,
		       struct pm_past *past)
{
	PM_CLEAN_BUF struct pm_buf key = { 0 };
	struct pm_record r;
	struct pm_decl *v;
	struct pm_str value;
	size_t n;

	if (!k->cache)
		return false;
	file_key(&key, "", blob, path);
	if (!pm_cache_get(k->cache, PM_CACHE_NAMES, (struct pm_str){ key.v, key.n }, &value))
		return false;
	r = pm_record_of(value);
	v = pm_get_decls(&r, &past->arena, pm_arena_strdup(&past->arena, path), &n);
	if (!pm_record_ends(&r))
		return false;
	for (size_t i = 0; i < n; i++)
		*PM_VEC_ADD(&past->decls) = v[i];
	return true;
}

void pm_hkeep_put_manifest(const struct pm_hkeep *k, const char *path, const struct pm_oid *blob,
			   const struct pm_decl *v, size_t n)
{
	PM_CLEAN_BUF struct pm_buf key = { 0 }, b = { 0 };

	if (!k->cache)
		return;
	file_key(&key, "", blob, path);
	pm_put_decls(&b, v, n);
	pm_cache_put(k->cache, PM_CACHE_NAMES, (struct pm_str){ key.v, key.n },
		     (struct pm_str){ b.v, b.n });
}

/* ---- owners ---- */

void pm_hkeep_names(struct pm_hkeep *k, struct pm_arena *a, const struct pm_inventory *names,
		    const char *about)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	const char **paths;
	size_t n;

	if (!k->cache)
		return;
	paths = pm_registry_paths(a, names->paths, names->n_paths, &n);
	pm_put_text(&b, about);
	put_texts(&b, paths, n);
	for (size_t i = 0; i < names->decls.n; i++)
		pm_put_text(&b, names->decls.v[i].path);
	pm_put_decls(&b, names->decls.v, names->decls.n);
	hash(k->names, &b);
}

static void owner_key(struct pm_buf *b, const struct pm_hkeep *k, const char *path,
		      const struct pm_evidence *what)
{
	pm_buf_adds(b, k->names);
	pm_put_text(b, path);
	pm_buf_add(b, what->bytes, what->n);
}

bool pm_hkeep_owner(const struct pm_hkeep *k, const char *path, const struct pm_evidence *what,
		    unsigned n_owners, int *owner)
{
	PM_CLEAN_BUF struct pm_buf key = { 0 };
	struct pm_record r;
	struct pm_str value;
	uint32_t n;

	if (!k->cache)
		return false;
	owner_key(&key, k, path, what);
	if (!pm_cache_get(k->cache, PM_CACHE_OWNER, (struct pm_str){ key.v, key.n }, &value))
		return false;
	r = pm_record_of(value);
	n = pm_get_u32(&r);
	if (!pm_record_ends(&r) || n > n_owners)
		return false;
	*owner = (int)n - 1;
	return true;
}

void pm_hkeep_put_owner(const struct pm_hkeep *k, const char *path, const struct pm_evidence *what,
			int owner)
{
	PM_CLEAN_BUF struct pm_buf key = { 0 };
	const uint32_t n = (uint32_t)(owner + 1);

	if (!k->cache)
		return;
	owner_key(&key, k, path, what);
	pm_cache_put(k->cache, PM_CACHE_OWNER, (struct pm_str){ key.v, key.n },
		     (struct pm_str){ (const char *)&n, sizeof(n) });
}
