/*
 * fuzz_pack.c - packs. The first byte says what the rest is: 0 an entry, 1 a delta and its base,
 * 2 an index, 3 an index and its pack (two bytes: length of the index), of which every object is read.
 */
#include "fuzz.h"
#include "pack_impl.h"

static void entry(const unsigned char *p, size_t n)
{
	struct pm_pack_entry e;

	for (size_t at = 0; at <= n && at < 64; at++)
		if (pm_pack_entry_parse(&e, p, n, at)) {
			FUZZ_CHECK(e.data > at && e.data <= n);
			FUZZ_CHECK(e.type != PM_PACK_OFFSET_DELTA || e.base < at);
			FUZZ_CHECK((e.type == PM_PACK_ID_DELTA) == (e.base_id != NULL));
		}
}

static void delta(const unsigned char *p, size_t n)
{
	static const unsigned char base[300] = "orchards and forums and shops";
	uint64_t base_n, out_n;
	unsigned char *out;
	size_t at;

	if (!pm_pack_delta_sizes(p, n, &base_n, &out_n, &at))
		return;
	FUZZ_CHECK(at <= n);
	if (base_n > sizeof(base) || out_n > 1 << 20)
		return;
	out = malloc(out_n ? out_n : 1);
	pm_pack_delta_apply(p, n, base, base_n, out, out_n);
	pm_pack_delta_apply(p, n, base, base_n ? base_n - 1 : 1, out, out_n);
	free(out);
}

static void index_only(const unsigned char *p, size_t n)
{
	struct pm_pack_index x;
	uint64_t at;

	if (!pm_pack_index_parse(&x, p, n))
		return;
	for (uint32_t i = 0; i < x.n && i < 64; i++)
		pm_pack_index_find(&x, (const struct pm_oid *)(x.ids + (size_t)i * PM_OID_RAW), &at);
}

static void whole(const unsigned char *p, size_t n)
{
	size_t index_n = n >= 2 ? (size_t)(p[0] << 8 | p[1]) : 0;
	struct pm_pack pack = { 0 };
	struct pm_packs packs = { &pack, 1, 1 };
	struct pm_pack_forest forest;
	struct pm_pack_reader r;

	if (n < 2 || index_n > n - 2 || n - 2 - index_n < 12 + PM_OID_RAW)
		return;
	pack.index_bytes = (unsigned char *)fuzz_copy((struct pm_str){ (const char *)p + 2, index_n });
	pack.index_size = index_n;
	pack.size = n - 2 - index_n;
	pack.bytes = (unsigned char *)fuzz_copy((struct pm_str){ (const char *)p + 2 + index_n,
								 pack.size });
	pack.end = pack.size - PM_OID_RAW;
	if (pm_pack_index_parse(&pack.index, pack.index_bytes, index_n) && pack.index.n <= 256) {
		pm_pack_reader_init(&r, &packs, 1 << 16);
		for (uint32_t i = 0; i < pack.index.n; i++) {
			const struct pm_oid *id = (const void *)(pack.index.ids + (size_t)i * PM_OID_RAW);
			enum pm_object_type type;
			struct pm_str bytes;
			uint64_t size;
			enum pm_pack_rc rc = pm_pack_get(&r, id, &type, &bytes);

			if (rc == PM_PACK_OK) {
				FUZZ_CHECK(type >= PM_OBJECT_COMMIT && type <= PM_OBJECT_TAG);
				FUZZ_CHECK(bytes.p[bytes.n] == '\0');
				FUZZ_CHECK(pm_pack_size(&r, id, &type, &size) == PM_PACK_OK);
				FUZZ_CHECK(size == bytes.n);
			}
		}
		pm_pack_reader_release(&r);
		pm_pack_forest_build(&forest, &packs, (const void *)pack.index.ids, pack.index.n);
		pm_pack_forest_release(&forest);
	}
	free(pack.bytes);
	free(pack.index_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static void (*const kinds[])(const unsigned char *, size_t) = { entry, delta, index_only,
									whole };
	char *copy;

	if (!n)
		return 0;
	copy = fuzz_copy((struct pm_str){ (const char *)data + 1, n - 1 });
	kinds[data[0] % 4]((const unsigned char *)copy, n - 1);
	free(copy);
	return 0;
}
