/*
 * test_pack.c - packs that are not as they should be: entries, deltas and indexes as bytes, packs
 * made by hand, and good packs with bits turned over. An answer is right or an error.
 */
#include "cases.h"
#include "graph_impl.h"
#include "objects_impl.h"
#include "repo.h"

#include "base/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <zlib.h>

/* ---- bytes ---- */

#define BYTES(s) (s), sizeof(s) - 1

static const struct entry_row {
	const char *name, *bytes;
	size_t len, at;
	bool ok;
	unsigned type;
	uint64_t size, base, data;
} entries[] = {
	{ "entry: nothing there", BYTES(""), 0, false, 0, 0, 0, 0 },
	{ "entry: behind the end", BYTES("\x35"), 1, false, 0, 0, 0, 0 },
	{ "entry: far behind the end", BYTES("\x35"), 1 << 20, false, 0, 0, 0, 0 },
	{ "entry: small blob", BYTES("\x35xxxxx"), 0, true, PM_OBJECT_BLOB, 5, 0, 1 },
	{ "entry: size in two bytes", BYTES("\x91\x01xx"), 0, true, PM_OBJECT_COMMIT, 17, 0, 2 },
	{ "entry: size goes on behind the end", BYTES("\xb5\x80"), 0, false, 0, 0, 0, 0 },
	{ "entry: size of 64 bits", BYTES("\xb5\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"), 0, false,
	  0, 0, 0, 0 },
	{ "entry: more than its bytes can hold", BYTES("\xb5\xff\x7fxx"), 0, false, 0, 0, 0, 0 },
	{ "entry: type 0", BYTES("\x05xxxxx"), 0, false, 0, 0, 0, 0 },
	{ "entry: type 5", BYTES("\x55xxxxx"), 0, false, 0, 0, 0, 0 },
	{ "entry: offset delta", BYTES("12345\x65\x03xxxxx"), 5, true, PM_PACK_OFFSET_DELTA, 5, 2, 7 },
	{ "entry: base is itself", BYTES("12345\x65\x80"), 5, false, 0, 0, 0, 0 },
	{ "entry: base at distance 0", BYTES("12345\x65\x00xxxxx"), 5, false, 0, 0, 0, 0 },
	{ "entry: base before the pack", BYTES("12345\x65\x05xxxxx"), 5, false, 0, 0, 0, 0 },
	{ "entry: distance without end", BYTES("12345\x65\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 5,
	  false, 0, 0, 0, 0 },
	{ "entry: id delta", BYTES("\x75" "12345678901234567890xxxxx"), 0, true, PM_PACK_ID_DELTA, 5,
	  0, 21 },
	{ "entry: id cut off", BYTES("\x75" "1234567890123456789"), 0, false, 0, 0, 0, 0 },
};

/* A copy at the end of its own memory, so that a sanitizer sees what is read behind it. */
static unsigned char *copy_of(const char *bytes, size_t n)
{
	unsigned char *p = malloc(n ? n : 1);

	assert_non_null(p);
	memcpy(p, bytes, n);
	return p;
}

static void entry(void **state)
{
	const struct entry_row *row = *state;
	unsigned char *p = copy_of(row->bytes, row->len);
	struct pm_pack_entry e;
	bool ok = pm_pack_entry_parse(&e, p, row->len, row->at);

	assert_int_equal(ok, row->ok);
	if (ok) {
		assert_int_equal(e.type, row->type);
		assert_int_equal(e.size, row->size);
		assert_int_equal(e.base, row->base);
		assert_int_equal(e.data, row->data);
		assert_int_equal(e.base_id != NULL, e.type == PM_PACK_ID_DELTA);
	}
	free(p);
}

static const struct delta_row {
	const char *name, *delta;
	size_t len;
	const char *want; /* of the base "orchards"; NULL: malformed */
} deltas[] = {
	{ "delta: nothing", BYTES(""), NULL },
	{ "delta: only a size", BYTES("\x08"), NULL },
	{ "delta: makes nothing", BYTES("\x08\x00"), "" },
	{ "delta: sizes without end", BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), NULL },
	{ "delta: literal bytes", BYTES("\x08\x03\x03new"), "new" },
	{ "delta: copy", BYTES("\x08\x04\x91\x02\x04"), "char" },
	{ "delta: copy from the beginning", BYTES("\x08\x02\x90\x02"), "or" },
	{ "delta: copy and literal", BYTES("\x08\x08\x90\x07\x01!"), "orchard!" },
	{ "delta: made for another base", BYTES("\x09\x02\x90\x02"), NULL },
	{ "delta: makes less than it says", BYTES("\x08\x03\x90\x02"), NULL },
	{ "delta: makes more than it says", BYTES("\x08\x01\x90\x02"), NULL },
	{ "delta: literal over the size", BYTES("\x08\x01\x02no"), NULL },
	{ "delta: literal cut off", BYTES("\x08\x03\x03ne"), NULL },
	{ "delta: copy cut off", BYTES("\x08\x04\x91\x02"), NULL },
	{ "delta: copy over the base's end", BYTES("\x08\x04\x91\x05\x04"), NULL },
	{ "delta: copy from behind the base", BYTES("\x08\x01\x91\x09\x01"), NULL },
	{ "delta: copy from 4 GiB", BYTES("\x08\x01\x9f\xff\xff\xff\xff\x01"), NULL },
	{ "delta: copy of length 0 is 64 KiB", BYTES("\x08\x80\x80\x04\x80"), NULL },
	{ "delta: copy of 16 MiB", BYTES("\x08\x08\xf0\xff\xff\xff"), NULL },
	{ "delta: reserved instruction", BYTES("\x08\x01\x00"), NULL },
};

static void delta(void **state)
{
	const struct delta_row *row = *state;
	unsigned char *d = copy_of(row->delta, row->len), *base = copy_of(BYTES("orchards"));
	size_t n = row->want ? strlen(row->want) : row->len > 1 ? row->delta[1] & 0x7f : 3;
	unsigned char *out = copy_of("0123456789abcdefghijklmnopqrstuvwxyz", n < 35 ? n + 1 : 36);
	unsigned char behind;

	if (n > 35)
		n = 35;
	behind = out[n];
	assert_int_equal(pm_pack_delta_apply(d, row->len, base, 8, out, n), row->want != NULL);
	if (row->want)
		assert_memory_equal(out, row->want, n);
	assert_int_equal(out[n], behind); /* not even of a delta that is refused */
	free(out);
	free(base);
	free(d);
}

/* An index of `n` objects, all of whose ids begin with a zero byte, and what is wrong with it. */
static const struct index_row {
	const char *name;
	uint32_t n;
	int extra;         /* bytes more than it should have */
	size_t at;         /* a byte to change ... */
	unsigned char bits;
	bool ok;
} indexes[] = {
	{ "index: empty", 0, 0, 0, 0, true },
	{ "index: one", 1, 0, 0, 0, true },
	{ "index: one large offset", 1, 8, 0, 0, true },
	{ "index: more large offsets than objects", 1, 16, 0, 0, false },
	{ "index: half a large offset", 1, 4, 0, 0, false },
	{ "index: one byte short", 1, -1, 0, 0, false },
	{ "index: no room for its objects", 9, -28 * 9, 0, 0, false },
	{ "index: not one", 1, 0, 0, 1, false },
	{ "index: version 3", 1, 0, 7, 1, false },
	{ "index: counts that go down", 1, 0, 8 + 3, 2, false },
	{ "index: four billion objects", 0, 0, 8 + 255 * 4, 0xff, false },
};

static void index_bytes(void **state)
{
	const struct index_row *row = *state;
	size_t n = (size_t)((int)(8 + 1024 + 28 * row->n + 40) + row->extra);
	unsigned char *p = copy_of("", 0);
	struct pm_pack_index x;
	struct pm_oid id = { { 0 } };
	uint64_t at;

	p = pm_xrealloc(p, n);
	memset(p, 0, n);
	memcpy(p, "\377tOc\0\0\0\2", 8);
	for (size_t i = 0; i < 256; i++)
		p[8 + 4 * i + 3] = (unsigned char)row->n;
	p[row->at] ^= row->bits;
	assert_int_equal(pm_pack_index_parse(&x, p, n), row->ok);
	if (row->ok)
		assert_int_equal(pm_pack_index_find(&x, &id, &at), row->n != 0);
	free(p);
}

static void a_stream_must_fit(void **state)
{
	struct pm_inflater *z = pm_inflater_new();
	unsigned char packed[64], bad[64], out[32];
	uLongf n = sizeof(packed);

	(void)state;
	assert_int_equal(compress(packed, &n, (const Bytef *)"orchards orchards", 17), Z_OK);
	assert_true(pm_inflate(z, packed, n, out, 17));
	assert_memory_equal(out, "orchards orchards", 17);
	assert_true(pm_inflate(z, packed, sizeof(packed), out, 17)); /* more behind it */
	assert_false(pm_inflate(z, packed, n, out, 16));
	assert_false(pm_inflate(z, packed, n, out, 18));
	assert_false(pm_inflate(z, packed, 0, out, 17));
	for (size_t i = 0; i < n; i++) {
		assert_false(pm_inflate(z, packed, i, out, 17));
		memcpy(bad, packed, n);
		bad[i] ^= 0x10;
		/* whatever it says, it is not something else */
		if (pm_inflate(z, bad, n, out, 17))
			assert_memory_equal(out, "orchards orchards", 17);
	}
	bad[n - 1] = packed[n - 1] ^ 1; /* the checksum alone */
	memcpy(bad, packed, n - 1);
	assert_false(pm_inflate(z, bad, n, out, 17));
	assert_int_equal(pm_inflate_head(z, packed, n, out, 4), 4);
	assert_memory_equal(out, "orch", 4);
	assert_int_equal(pm_inflate_head(z, packed, n, out, sizeof(out)), 17);
	assert_int_equal(pm_inflate_head(z, (const unsigned char *)"xxxx", 4, out, 4), 0);
	pm_inflater_free(z);
}

/* ---- packs made by hand ---- */

/* An object called `id`: "<20 times the letter>". */
struct made {
	char id;
	unsigned type;
	char base;         /* of an id delta */
	int distance;      /* of an offset delta: entries back, or bytes when negative */
	const char *bytes; /* NULL ends the list */
	size_t n;
	int64_t lie;       /* added to the size announced */
	bool broken;       /* checksum of the stream */
};

static void put_be32(struct pm_buf *b, uint32_t n)
{
	pm_buf_addc(b, (char)(n >> 24));
	pm_buf_addc(b, (char)(n >> 16));
	pm_buf_addc(b, (char)(n >> 8));
	pm_buf_addc(b, (char)n);
}

static void put_id(struct pm_buf *b, char id)
{
	pm_buf_pad(b, id, PM_OID_RAW);
}

static void put_distance(struct pm_buf *b, uint64_t n)
{
	unsigned char v[10];
	unsigned at = sizeof(v) - 1;

	v[at] = n & 0x7f;
	while (n >>= 7)
		v[--at] = 0x80 | (--n & 0x7f);
	pm_buf_add(b, v + at, sizeof(v) - at);
}

static void put_entry(struct pm_buf *pack, const struct made *m, const uint32_t *offsets, size_t i)
{
	uint64_t size = m->n + (uint64_t)m->lie, at = pack->n;
	unsigned char packed[1024];
	uLongf n = sizeof(packed);
	unsigned char c = (unsigned char)(m->type << 4 | (size & 15));

	for (size >>= 4; size; size >>= 7) {
		pm_buf_addc(pack, (char)(c | 0x80));
		c = size & 0x7f;
	}
	pm_buf_addc(pack, (char)c);
	if (m->type == PM_PACK_ID_DELTA)
		put_id(pack, m->base);
	if (m->type == PM_PACK_OFFSET_DELTA)
		put_distance(pack, m->distance < 0 ? (uint64_t)-m->distance
						   : at - offsets[i - (size_t)m->distance]);
	assert_int_equal(compress(packed, &n, (const Bytef *)m->bytes, m->n), Z_OK);
	packed[n - 1] ^= m->broken;
	pm_buf_add(pack, packed, n);
}

static void write_file(const char *dir, const char *name, const struct pm_buf *b)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/objects/pack/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(b->v, 1, b->n, f), b->n);
	assert_int_equal(fclose(f), 0);
}

/* Write a pack and its index; ids ascend. Their checksums are not those of their bytes. */
static void write_pack(const char *dir, const struct made *m)
{
	PM_CLEAN_BUF struct pm_buf pack = { 0 };
	PM_CLEAN_BUF struct pm_buf index = { 0 };
	uint32_t offsets[64], n = 0;

	while (m[n].bytes)
		n++;
	pm_buf_adds(&pack, "PACK");
	put_be32(&pack, 2);
	put_be32(&pack, n);
	pm_buf_add(&index, "\377tOc\0\0\0\2", 8);
	for (uint32_t i = 0; i < n; i++) {
		offsets[i] = (uint32_t)pack.n;
		put_entry(&pack, &m[i], offsets, i);
	}
	pm_buf_pad(&pack, 'P', PM_OID_RAW);
	for (unsigned b = 0; b < 256; b++) {
		uint32_t below = 0;

		while (below < n && (unsigned char)m[below].id <= b)
			below++;
		put_be32(&index, below);
	}
	for (uint32_t i = 0; i < n; i++)
		put_id(&index, m[i].id);
	pm_buf_pad(&index, 0, 4 * (size_t)n);
	for (uint32_t i = 0; i < n; i++)
		put_be32(&index, offsets[i]);
	pm_buf_pad(&index, 'P', PM_OID_RAW);
	pm_buf_pad(&index, 'I', PM_OID_RAW);
	write_file(dir, "pack-x.pack", &pack);
	write_file(dir, "pack-x.idx", &index);
}

static const struct hand_row {
	const char *name;
	struct made made[6];
	const char *want[6]; /* content, NULL: PM_E_REPO */
} hands[] = {
	{ "whole objects", { { 'a', 3, 0, 0, BYTES("one"), 0, false },
			     { 'b', 1, 0, 0, BYTES("two"), 0, false } }, { "one", "two" } },
	{ "announces one byte too many", { { 'a', 3, 0, 0, BYTES("one"), 1, false } }, { NULL } },
	{ "announces one byte too few", { { 'a', 3, 0, 0, BYTES("one"), -1, false } }, { NULL } },
	{ "announces a terabyte", { { 'a', 3, 0, 0, BYTES("one"), (int64_t)1 << 40, false } },
	  { NULL } },
	{ "wrong checksum of a stream", { { 'a', 3, 0, 0, BYTES("one"), 0, true },
					  { 'b', 3, 0, 0, BYTES("two"), 0, false } },
	  { NULL, "two" } },
	{ "unknown type", { { 'a', 5, 0, 0, BYTES("one"), 0, false } }, { NULL } },
	{ "deltas", { { 'a', 3, 0, 0, BYTES("orchards"), 0, false },
		      { 'b', 7, 'a', 0, BYTES("\x08\x04\x91\x02\x04"), 0, false },
		      { 'c', 6, 0, 2, BYTES("\x08\x02\x90\x02"), 0, false },
		      { 'd', 6, 0, 1, BYTES("\x02\x01\x90\x01"), 0, false },
		      { 'e', 7, 'b', 0, BYTES("\x04\x01\x90\x01"), 0, false } },
	  { "orchards", "char", "or", "o", "c" } },
	{ "bases come later", { { 'a', 7, 'b', 0, BYTES("\x04\x01\x90\x01"), 0, false },
				{ 'b', 7, 'c', 0, BYTES("\x08\x04\x91\x02\x04"), 0, false },
				{ 'c', 3, 0, 0, BYTES("orchards"), 0, false } },
	  { "c", "char", "orchards" } },
	{ "delta of a damaged base", { { 'a', 3, 0, 0, BYTES("orchards"), 0, true },
				       { 'b', 7, 'a', 0, BYTES("\x08\x04\x91\x02\x04"), 0, false },
				       { 'c', 7, 'b', 0, BYTES("\x04\x01\x90\x01"), 0, false } },
	  { NULL, NULL, NULL } },
	{ "damaged delta between good ones",
	  { { 'a', 3, 0, 0, BYTES("orchards"), 0, false },
	    { 'b', 7, 'a', 0, BYTES("\x09\x04\x91\x02\x04"), 0, false },
	    { 'c', 7, 'b', 0, BYTES("\x04\x01\x90\x01"), 0, false },
	    { 'd', 7, 'a', 0, BYTES("\x08\x02\x90\x02"), 0, false } },
	  { "orchards", NULL, NULL, "or" } },
	{ "a delta of itself", { { 'a', 7, 'a', 0, BYTES("\x08\x02\x90\x02"), 0, false } }, { NULL } },
	{ "deltas in a circle", { { 'a', 7, 'c', 0, BYTES("\x02\x02\x90\x02"), 0, false },
				  { 'b', 7, 'a', 0, BYTES("\x02\x02\x90\x02"), 0, false },
				  { 'c', 7, 'b', 0, BYTES("\x02\x02\x90\x02"), 0, false },
				  { 'd', 7, 'b', 0, BYTES("\x02\x02\x90\x02"), 0, false },
				  { 'e', 3, 0, 0, BYTES("fine"), 0, false } },
	  { NULL, NULL, NULL, NULL, "fine" } },
	{ "base is not in the pack", { { 'a', 7, 'z', 0, BYTES("\x08\x02\x90\x02"), 0, false } },
	  { NULL } },
	{ "base is in the middle of an entry",
	  { { 'a', 3, 0, 0, BYTES("orchards"), 0, false },
	    { 'b', 6, 0, -3, BYTES("\x08\x02\x90\x02"), 0, false } }, { "orchards", NULL } },
	{ "base is the head of the pack", { { 'a', 6, 0, -12, BYTES("\x08\x02\x90\x02"), 0, false } },
	  { NULL } },
};

struct seen { const struct hand_row *row; unsigned calls[6]; };

static int see(void *data, const struct pm_visited *v)
{
	struct seen *s = data;
	const char *want = s->row->want[v->index];

	s->calls[v->index]++; /* each thread another */
	if (want)
		return v->rc || v->bytes.n != strlen(want) ||
		       memcmp(v->bytes.p, want, v->bytes.n) != 0 ? 1 + (int)v->index : 0;
	return v->rc == PM_E_REPO && v->err && strstr(v->err->text, "damaged") ? 0 : 100;
}

static void hand_made(void **state)
{
	const struct hand_row *row = *state;
	struct pm_oid ids[6];
	struct pm_test_repo r;
	struct pm_objreader *rd;
	struct pm_repo *repo;
	size_t n = 0;

	pm_test_repo_init(&r);
	write_pack(r.dir, row->made);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	rd = pm_objreader_open(pm_repo_objects(repo), 0);
	for (; n < 6 && row->made[n].bytes; n++) {
		enum pm_object_type type;
		struct pm_err err = { 0 };
		struct pm_str bytes;
		uint64_t size;
		int rc;

		memset(ids[n].id, row->made[n].id, PM_OID_RAW);
		rc = pm_objreader_get(rd, &ids[n], &type, &bytes, &err);
		assert_int_equal(rc, row->want[n] ? 0 : PM_E_REPO);
		if (rc == 0) {
			assert_int_equal(bytes.n, strlen(row->want[n]));
			assert_memory_equal(bytes.p, row->want[n], bytes.n + 1);
			assert_int_equal(pm_objreader_size(rd, &ids[n], &type, &size, NULL), 0);
			assert_int_equal(size, bytes.n);
		} else {
			assert_non_null(strstr(err.text, "damaged"));
			pm_objreader_size(rd, &ids[n], &type, &size, NULL);
		}
	}
	for (unsigned jobs = 1; jobs < 3; jobs++) {
		struct seen s = { .row = row };

		assert_int_equal(pm_objects_visit(pm_repo_objects(repo), ids, n, jobs, UINT64_MAX, see,
						  &s), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(s.calls[i], 1);
	}
	pm_objreader_free(rd);
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

/* ---- bits turned over ---- */

struct truth {
	struct { struct thing { struct pm_oid id; enum pm_object_type type; struct pm_buf bytes; } *v;
		 size_t n, cap; } all;
	bool *stream; /* by offset in the pack: deflated bytes, which have a checksum */
	size_t size;
};

static char pack_path[256], index_path[256];

static void only_pack(const struct pm_test_repo *r)
{
	PM_CLEAN_BUF struct pm_buf out = { 0 };

	pm_test_run(&out, "chmod -R u+w %s/objects; ls %s/objects/pack/*.pack", r->dir, r->dir);
	snprintf(pack_path, sizeof(pack_path), "%.*s", (int)strcspn(out.v, "\n"), out.v);
	snprintf(index_path, sizeof(index_path), "%.*sidx", (int)strlen(pack_path) - 4, pack_path);
}

static void learn(struct truth *t, const struct pm_test_repo *r)
{
	struct pm_objects *o;
	struct pm_objreader *rd;
	struct pm_repo *repo;

	memset(t, 0, sizeof(*t));
	assert_int_equal(pm_repo_open(&repo, r->dir, NULL), 0);
	o = pm_repo_objects(repo);
	assert_int_equal(o->packs.n, 1);
	t->size = o->packs.v[0].size;
	t->stream = pm_xcalloc(t->size, sizeof(*t->stream));
	memset(t->stream + 12, 1, t->size - 12 - PM_OID_RAW);
	rd = pm_objreader_open(o, 0);
	for (uint32_t i = 0; i < o->packs.v[0].index.n; i++) {
		struct thing *w = PM_VEC_ADD(&t->all);
		struct pm_pack_entry e;
		struct pm_str bytes;
		uint64_t at;

		memcpy(w->id.id, o->packs.v[0].index.ids + (size_t)i * PM_OID_RAW, PM_OID_RAW);
		assert_int_equal(pm_objreader_get(rd, &w->id, &w->type, &bytes, NULL), 0);
		pm_buf_add(&w->bytes, bytes.p, bytes.n);
		assert_true(pm_pack_index_find(&o->packs.v[0].index, &w->id, &at));
		assert_true(pm_pack_entry_parse(&e, o->packs.v[0].bytes, o->packs.v[0].end, at));
		memset(t->stream + at, 0, e.data - at);
	}
	assert_null(rd->fallback);
	pm_objreader_free(rd);
	pm_repo_free(repo);
}

static void forget(struct truth *t)
{
	for (size_t i = 0; i < t->all.n; i++)
		pm_buf_release(&t->all.v[i].bytes);
	PM_VEC_FREE(&t->all);
	free(t->stream);
}

struct judged { const struct truth *t; bool strict; size_t calls, wrong; };

static int judge(void *data, const struct pm_visited *v)
{
	struct judged *j = data;
	const struct thing *w = &j->t->all.v[v->index];

	j->calls++;
	if (v->rc == 0)
		j->wrong += v->type != w->type || v->bytes.n != w->bytes.n ||
			    memcmp(v->bytes.p, pm_buf_str(&w->bytes), w->bytes.n) != 0;
	return 0;
}

/* Read all that there was, in both ways; nothing may be dropped, and where a checksum covers what
 * was changed, nothing may be wrong. */
static void read_damaged(const struct pm_test_repo *r, const struct truth *t, bool strict)
{
	struct judged j = { .t = t };
	struct pm_oid *ids = pm_xcalloc(t->all.n, sizeof(*ids));
	struct pm_objreader *rd;
	struct pm_repo *repo;

	for (size_t i = 0; i < t->all.n; i++)
		ids[i] = t->all.v[i].id;
	assert_int_equal(pm_repo_open(&repo, r->dir, NULL), 0);
	assert_int_equal(pm_objects_visit(pm_repo_objects(repo), ids, t->all.n, 1, UINT64_MAX, judge,
					  &j), 0);
	assert_int_equal(j.calls, t->all.n);
	rd = pm_objreader_open(pm_repo_objects(repo), 4096);
	for (size_t i = 0; i < t->all.n; i += 7) {
		struct pm_visited v = { .index = i };

		v.rc = pm_objreader_get(rd, &ids[i], &v.type, &v.bytes, NULL);
		judge(&j, &v);
		pm_objreader_size(rd, &ids[i], &v.type, &v.size, NULL);
	}
	if (strict)
		assert_int_equal(j.wrong, 0);
	pm_objreader_free(rd);
	pm_repo_free(repo);
	free(ids);
}

static void flip(const char *path, long at, unsigned char bits)
{
	FILE *f = fopen(path, "r+b");
	int c;

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	c = fgetc(f);
	assert_true(c != EOF);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	fputc(c ^ bits, f);
	assert_int_equal(fclose(f), 0);
}

static void make_small_history(struct pm_test_repo *r)
{
	struct pm_test_file files[] = { { "docs/a", NULL }, { "b", "unchanged\n" }, { NULL } };
	PM_CLEAN_BUF struct pm_buf text = { 0 };

	pm_test_repo_init(r);
	for (unsigned i = 0; i < 12; i++) {
		pm_buf_clear(&text);
		for (unsigned k = 0; k < 40; k++)
			pm_buf_addf(&text, "row %u of orchard %u\n", k,
				    k % 13 == i ? i * 7919 : k * 104729);
		files[0].text = text.v;
		pm_test_repo_commit(r, files, NULL);
	}
}

static const char *const repacks[] = {
	"repack -adfq --depth=50 --window=50",
	"-c repack.useDeltaBaseOffset=false repack -adfq --depth=50 --window=50",
};

static void turned_bits(void **state)
{
	struct pm_test_repo r;
	struct truth t;
	size_t step;

	make_small_history(&r);
	assert_int_equal(pm_test_git(&r, NULL, "%s", *(const char *const *)*state), 0);
	only_pack(&r);
	learn(&t, &r);
	step = t.size / 100 + 1;
	for (size_t at = 0; at < t.size; at += step) {
		unsigned char bits = (unsigned char)(1u << at % 8);

		flip(pack_path, (long)at, bits);
		read_damaged(&r, &t, t.stream[at]);
		flip(pack_path, (long)at, bits);
	}
	read_damaged(&r, &t, true);
	forget(&t);
	pm_test_repo_done(&r);
}

static void turned_bits_of_an_index(void **state)
{
	struct pm_test_repo r;
	struct stat st;
	struct truth t;

	(void)state;
	make_small_history(&r);
	assert_int_equal(pm_test_git(&r, NULL, "%s", repacks[0]), 0);
	only_pack(&r);
	learn(&t, &r);
	assert_int_equal(stat(index_path, &st), 0);
	for (long at = 0; at < st.st_size; at += at < 8 ? 1 : 17) {
		flip(index_path, at, 0x81);
		read_damaged(&r, &t, false);
		flip(index_path, at, 0x81);
	}
	forget(&t);
	pm_test_repo_done(&r);
}

static void cut_off(void **state)
{
	struct pm_test_repo r;
	struct stat st;
	struct truth t;

	(void)state;
	make_small_history(&r);
	assert_int_equal(pm_test_git(&r, NULL, "%s", repacks[1]), 0);
	only_pack(&r);
	learn(&t, &r);
	for (int which = 0; which < 2; which++) {
		const char *path = which ? index_path : pack_path;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(pm_test_run(NULL, "cp %s %s/whole", path, r.dir), 0);
		for (long n = 0; n < st.st_size; n += n < 40 ? 7 : st.st_size / 25 + 1) {
			assert_int_equal(pm_test_run(NULL, "head -c %ld %s/whole >%s", n, r.dir, path), 0);
			read_damaged(&r, &t, true);
		}
		assert_int_equal(pm_test_run(NULL, "cp %s/whole %s", r.dir, path), 0);
	}
	read_damaged(&r, &t, true);
	forget(&t);
	pm_test_repo_done(&r);
}

/* A loose copy of something whose pack is damaged will do. */
static void a_loose_copy_will_do(void **state)
{
	struct pm_test_repo r;
	struct pm_objreader *rd;
	struct pm_repo *repo;
	enum pm_object_type type;
	struct pm_str bytes;
	struct pm_oid id;
	const struct made m[] = { { 'a', 3, 0, 0, BYTES("x"), 0, true }, { 0, 0, 0, 0, NULL, 0, 0, false } };
	const char *hex = "6161616161616161616161616161616161616161";

	(void)state;
	pm_test_repo_init(&r);
	write_pack(r.dir, m);
	assert_int_equal(pm_test_run(NULL, "cd %s && h=$(printf good | git hash-object -w --stdin) && "
				     "mkdir objects/61 && mv objects/$(echo $h | sed 's/../&\\//') "
				     "objects/61/%s", r.dir, hex + 2), 0);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	rd = pm_objreader_open(pm_repo_objects(repo), 0);
	assert_true(pm_oid_parse(&id, hex));
	assert_int_equal(pm_objreader_get(rd, &id, &type, &bytes, NULL), 0);
	assert_int_equal(bytes.n, 4);
	assert_memory_equal(bytes.p, "good", 5);
	pm_objreader_free(rd);
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

/* What is packed anew while we read is found again. */
static void packed_anew(void **state)
{
	struct pm_test_repo r;
	struct pm_objreader *rd;
	struct pm_repo *repo;
	struct truth t;
	enum pm_object_type type;
	struct pm_str bytes;

	(void)state;
	make_small_history(&r);
	assert_int_equal(pm_test_git(&r, NULL, "repack -adfq --window=0"), 0);
	learn(&t, &r);
	assert_int_equal(pm_test_run(NULL, "cd %s && mkdir y && mv objects/pack/* y", r.dir), 0);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	rd = pm_objreader_open(pm_repo_objects(repo), 0);
	assert_int_equal(pm_objreader_get(rd, &t.all.v[0].id, &type, &bytes, NULL), PM_E_NOTFOUND);
	assert_int_equal(pm_test_run(NULL, "cd %s && mv y/* objects/pack", r.dir), 0);
	for (size_t i = 0; i < t.all.n; i++)
		assert_int_equal(pm_objreader_get(rd, &t.all.v[i].id, &type, &bytes, NULL), 0);
	pm_objreader_free(rd);
	pm_repo_free(repo);

	/* and what was mapped is still there when its file is not */
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	rd = pm_objreader_open(pm_repo_objects(repo), 0);
	assert_int_equal(pm_test_run(NULL, "rm -rf %s/objects/pack", r.dir), 0);
	for (size_t i = 0; i < t.all.n; i++)
		assert_int_equal(pm_objreader_get(rd, &t.all.v[i].id, &type, &bytes, NULL), 0);
	pm_objreader_free(rd);
	pm_repo_free(repo);
	forget(&t);
	pm_test_repo_done(&r);
}

/* ---- commit-graph ---- */

static void list_ids(struct pm_buf *out, struct pm_repo *repo, const struct pm_oid *tip, bool plain,
		     struct pm_oid *tree)
{
	struct pm_commits_options opt = { .tips = tip, .n_tips = 1, .plain = plain };
	struct pm_commits list = { 0 };

	if (pm_commits_list(&list, pm_repo_objects(repo), &opt, NULL) == 0) {
		for (size_t i = 0; i < list.n; i++)
			pm_buf_add(out, list.v[i].id.id, PM_OID_RAW);
		if (tree)
			*tree = list.v[0].tree;
	}
	pm_commits_release(&list);
}

/* Offset of the CDAT chunk of a commit-graph file. */
static long commits_at(const char *path)
{
	size_t n, i;
	unsigned char *p = pm_map_file(path, &n);
	struct pm_graph_file f;
	long at;

	assert_non_null(p);
	assert_true(pm_graph_file_parse(&f, p, n));
	at = (long)(f.commits - p);
	/* cut at every byte */
	for (i = 0; i < n; i += 13) {
		unsigned char *part = copy_of((const char *)p, i);

		pm_graph_file_parse(&f, part, i);
		free(part);
	}
	munmap(p, n);
	return at;
}

static bool has_no_parent(const char *path, long at)
{
	size_t n;
	unsigned char *p = pm_map_file(path, &n);
	bool none = memcmp(p + at, "\x70\0\0\0", 4) == 0;

	munmap(p, n);
	return none;
}

/* Make the checksum right again. */
static void seal(const char *path)
{
	unsigned char sum[PM_SHA1_RAW];
	size_t n;
	unsigned char *p = pm_map_file(path, &n);
	FILE *f = fopen(path, "r+b");

	pm_sha1(p, n - sizeof(sum), sum);
	munmap(p, n);
	assert_int_equal(fseek(f, -(long)sizeof(sum), SEEK_END), 0);
	assert_int_equal(fwrite(sum, sizeof(sum), 1, f), 1);
	assert_int_equal(fclose(f), 0);
}

static void flip_and_seal(const char *path, long at, unsigned char mask)
{
	flip(path, at, mask);
	seal(path);
}

/* A small history with a commit-graph, to be damaged. */
struct graph {
	struct pm_test_repo r;
	struct pm_oid tip, tree; /* the newest commit, and its tree */
	struct pm_buf want, got; /* ids as listed from the commits themselves, and as listed now */
	char path[256];
	long commits; /* offset of their records */
};
enum { GRAPH_COMMITS = 12, GRAPH_RECORD = 36 };

/* List the commits in a repository opened anew, into g->got. */
static void list_anew(struct graph *g, bool plain, struct pm_oid *tree)
{
	struct pm_repo *repo;

	assert_int_equal(pm_repo_open(&repo, g->r.dir, NULL), 0);
	g->got.n = 0;
	list_ids(&g->got, repo, &g->tip, plain, tree);
	pm_repo_free(repo);
}

static bool as_wanted(const struct graph *g)
{
	return g->got.n == g->want.n && memcmp(g->got.v, g->want.v, g->want.n) == 0;
}

static void make_graph(struct graph *g)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };

	memset(g, 0, sizeof(*g));
	make_small_history(&g->r);
	assert_int_equal(pm_test_git(&g->r, NULL, "commit-graph write --reachable"), 0);
	snprintf(g->path, sizeof(g->path), "%s/objects/info/commit-graph", g->r.dir);
	assert_int_equal(pm_test_run(NULL, "chmod u+w %s", g->path), 0);
	pm_test_git(&g->r, &text, "rev-parse main");
	text.v[40] = '\0';
	assert_true(pm_oid_parse(&g->tip, text.v));
	list_anew(g, true, &g->tree);
	pm_buf_add(&g->want, g->got.v, g->got.n);
	assert_int_equal(g->want.n, GRAPH_COMMITS * PM_OID_RAW);
	g->commits = commits_at(g->path);
}

static void graph_done(struct graph *g)
{
	pm_buf_release(&g->want);
	pm_buf_release(&g->got);
	pm_test_repo_done(&g->r);
}

/* A changed tree is damage; with the checksum of it, the graph is what is read. */
static void graph_with_other_trees(void **state)
{
	struct pm_oid tree;
	struct graph g;

	(void)state;
	make_graph(&g);
	for (long i = 0; i < GRAPH_COMMITS; i++)
		flip(g.path, g.commits + i * GRAPH_RECORD, 1);
	list_anew(&g, false, &tree);
	assert_true(pm_oid_eq(&g.tree, &tree));
	seal(g.path);
	list_anew(&g, false, &tree);
	assert_int_equal(g.got.n, g.want.n);
	assert_false(pm_oid_eq(&g.tree, &tree));
	graph_done(&g);
}

/* Parents that are no commits, or make a circle: it ends all the same. */
static void graph_with_wild_parents(void **state)
{
	static const unsigned char masks[] = { 0x80, 0x10, 0x01, 0xff };
	struct graph g;

	(void)state;
	make_graph(&g);
	for (long i = 0; i < GRAPH_COMMITS; i++)
		for (int k = 0; k < 8; k++) {
			const long at = g.commits + i * GRAPH_RECORD + PM_OID_RAW + k;

			flip_and_seal(g.path, at, masks[i % 4]);
			list_anew(&g, false, NULL);
			flip_and_seal(g.path, at, masks[i % 4]);
		}
	list_anew(&g, false, NULL);
	assert_true(as_wanted(&g));
	graph_done(&g);
}

/* The first commit becomes the child of another: a circle, so that the graph is not used. */
static void graph_with_circle(void **state)
{
	struct graph g;
	int circles = 0;

	(void)state;
	make_graph(&g);
	for (long i = 0; i < GRAPH_COMMITS; i++) {
		const long at = g.commits + i * GRAPH_RECORD + PM_OID_RAW;

		if (!has_no_parent(g.path, at))
			continue;
		flip_and_seal(g.path, at, 0x70);
		list_anew(&g, false, NULL);
		assert_true(as_wanted(&g));
		flip_and_seal(g.path, at, 0x70);
		circles++;
	}
	assert_int_equal(circles, 1);
	graph_done(&g);
}

/* Any byte: where it or its head is damaged it is as if the graph were not there. */
static void graph_with_any_byte_wrong(void **state)
{
	struct graph g;
	struct stat st;

	(void)state;
	make_graph(&g);
	assert_int_equal(stat(g.path, &st), 0);
	for (long at = 0; at < st.st_size; at += at < 120 ? 1 : 31)
		for (int sealed = 0; sealed < 2; sealed++) {
			(sealed ? flip_and_seal : flip)(g.path, at, 0x41);
			list_anew(&g, false, NULL);
			if (!sealed || at < 8)
				assert_true(as_wanted(&g));
			flip_and_seal(g.path, at, 0x41);
		}
	graph_done(&g);
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++)
		pm_cases_add(&c, entries[i].name, entry, &entries[i]);
	for (size_t i = 0; i < sizeof(deltas) / sizeof(*deltas); i++)
		pm_cases_add(&c, deltas[i].name, delta, &deltas[i]);
	for (size_t i = 0; i < sizeof(indexes) / sizeof(*indexes); i++)
		pm_cases_add(&c, indexes[i].name, index_bytes, &indexes[i]);
	pm_cases_add(&c, "a stream must fit", a_stream_must_fit, NULL);
	for (size_t i = 0; i < sizeof(hands) / sizeof(*hands); i++)
		pm_cases_add(&c, hands[i].name, hand_made, &hands[i]);
	pm_cases_add(&c, "turned bits, offset deltas", turned_bits, &repacks[0]);
	pm_cases_add(&c, "turned bits, id deltas", turned_bits, &repacks[1]);
	pm_cases_add(&c, "turned bits of an index", turned_bits_of_an_index, NULL);
	pm_cases_add(&c, "cut off", cut_off, NULL);
	pm_cases_add(&c, "a loose copy will do", a_loose_copy_will_do, NULL);
	pm_cases_add(&c, "packed anew", packed_anew, NULL);
	pm_cases_add(&c, "commit-graph: other trees", graph_with_other_trees, NULL);
	pm_cases_add(&c, "commit-graph: wild parents", graph_with_wild_parents, NULL);
	pm_cases_add(&c, "commit-graph: a circle", graph_with_circle, NULL);
	pm_cases_add(&c, "commit-graph: any byte wrong", graph_with_any_byte_wrong, NULL);
	return pm_cases_run(&c, "pack");
}
