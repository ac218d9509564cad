/* objects.c - ids, readers, and what is said about objects that cannot be read. See objects.h. */
#include "objects_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int hex_value(char c)
{
	if (pm_is_digit(c))
		return c - '0';
	c = pm_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool pm_oid_parse(struct pm_oid *out, const char *hex)
{
	struct pm_oid id;

	for (size_t i = 0; i < PM_OID_RAW; i++) {
		int hi = hex_value(hex[2 * i]);
		int lo = hi < 0 ? -1 : hex_value(hex[2 * i + 1]);

		if (lo < 0)
			return false;
		id.id[i] = (unsigned char)(hi << 4 | lo);
	}
	if (hex[PM_OID_HEX - 1] != '\0')
		return false;
	*out = id;
	return true;
}

void pm_oid_hex(char out[PM_OID_HEX], const struct pm_oid *id)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < PM_OID_RAW; i++) {
		out[2 * i] = digits[id->id[i] >> 4];
		out[2 * i + 1] = digits[id->id[i] & 15];
	}
	out[PM_OID_HEX - 1] = '\0';
}

const char *pm_object_type_name(enum pm_object_type t)
{
	static const char *const names[] = { "object", "commit", "tree", "blob", "tag" };

	return names[t];
}

int pm_object_damaged(const struct pm_oid *id, enum pm_object_type what, const char *why,
		      struct pm_err *err)
{
	char hex[PM_OID_HEX];
	int rc = pm_objects_openable(err);

	if (rc < 0)
		return rc;
	pm_oid_hex(hex, id);
	pm_err_set(err, PM_E_REPO, PM_NOWHERE, "%s %s: the repository is damaged: %s",
		   pm_object_type_name(what), hex, why);
	return pm_err_hint(err, "git fsck --full tells what is damaged");
}

int pm_object_missing(const struct pm_objects *o, const struct pm_oid *id,
		      enum pm_object_type what, struct pm_err *err)
{
	char hex[PM_OID_HEX];
	int rc = pm_objects_openable(err);

	if (rc < 0)
		return rc;
	pm_oid_hex(hex, id);
	pm_err_set(err, PM_E_NOTFOUND, PM_NOWHERE, "%s %s is not in this repository",
		   pm_object_type_name(what), hex);
	pm_err_hint(err, "%s", o->promisor
		    ? "this is a partial clone: git fetch --refetch --no-filter"
		    : "git fsck shows what is missing; fetch it, or clone again");
	return PM_E_NOTFOUND;
}

int pm_object_large(const struct pm_oid *id, enum pm_object_type what, uint64_t size, uint64_t max,
		    struct pm_err *err)
{
	char hex[PM_OID_HEX];

	pm_oid_hex(hex, id);
	return pm_err_set(err, PM_E_LIMIT, PM_NOWHERE,
			  "%s %s has %" PRIu64 " bytes, over the limit of %" PRIu64,
			  pm_object_type_name(what), hex, size, max);
}

struct pm_objreader *pm_objreader_open(struct pm_objects *o, size_t cache)
{
	struct pm_objreader *rd = pm_xcalloc(1, sizeof(*rd));

	rd->o = o;
	pm_pack_reader_init(&rd->packs, &o->packs, cache ? cache : PM_OBJREADER_CACHE);
	return rd;
}

void pm_objreader_free(struct pm_objreader *rd)
{
	if (!rd)
		return;
	pm_pack_reader_release(&rd->packs);
	pm_fallback_free(rd->fallback);
	pm_buf_release(&rd->spare);
	for (size_t i = 0; i < rd->levels.n; i++)
		pm_buf_release(&rd->levels.v[i]);
	PM_VEC_FREE(&rd->levels);
	free(rd);
}

static int too_large(const struct pm_oid *id, enum pm_object_type what, struct pm_err *err)
{
	char hex[PM_OID_HEX];

	pm_oid_hex(hex, id);
	return pm_err_set(err, PM_E_LIMIT, PM_NOWHERE,
			  "%s %s, or an object that it is stored as a difference from, has over %"
			  PRIu64 " bytes", pm_object_type_name(what), hex, PM_OBJECT_MAX);
}

/* What no pack gave: libgit2 may have it, and a loose copy of something damaged will do. */
static int ask_others(struct pm_objreader *rd, const struct pm_oid *id, enum pm_object_type what,
		      bool damaged, enum pm_object_type *type, uint64_t *size, struct pm_err *err)
{
	struct pm_wanted want = { id, what, damaged };
	int rc = pm_fallback_read(rd, &want, type, size, err);

	if (rc == PM_E_NOTFOUND && damaged)
		return pm_object_damaged(id, what, "what its pack has cannot be unpacked", err);
	return rc;
}

int pm_objreader_get_as(struct pm_objreader *rd, const struct pm_oid *id, enum pm_object_type what,
			enum pm_object_type *type, struct pm_str *bytes, struct pm_err *err)
{
	enum pm_pack_rc found = pm_pack_get(&rd->packs, id, type, bytes);
	int rc;

	if (found == PM_PACK_OK)
		return 0;
	if (found == PM_PACK_LARGE)
		return too_large(id, what, err);
	rc = ask_others(rd, id, what, found == PM_PACK_BAD, type, NULL, err);
	if (rc == 0)
		*bytes = (struct pm_str){ pm_buf_str(&rd->spare), rd->spare.n };
	return rc;
}

int pm_objreader_get(struct pm_objreader *rd, const struct pm_oid *id, enum pm_object_type *type,
		     struct pm_str *bytes, struct pm_err *err)
{
	return pm_objreader_get_as(rd, id, PM_OBJECT_NONE, type, bytes, err);
}

int pm_objreader_need(struct pm_objreader *rd, const struct pm_oid *id, enum pm_object_type type,
		      struct pm_str *bytes, struct pm_err *err)
{
	enum pm_object_type real;
	char why[32];
	int rc = pm_objreader_get_as(rd, id, type, &real, bytes, err);

	if (rc < 0 || real == type)
		return rc;
	snprintf(why, sizeof(why), "it is a %s", pm_object_type_name(real));
	return pm_object_damaged(id, type, why, err);
}

bool pm_objreader_has(struct pm_objreader *rd, const struct pm_oid *id)
{
	struct pm_wanted want = { id, PM_OBJECT_NONE, false };
	struct pm_pack_place place;
	enum pm_object_type type;
	uint32_t tried = 0;
	uint64_t size;

	return pm_packs_find(&rd->o->packs, id, rd->packs.last, &tried, &place) ||
	       pm_fallback_read(rd, &want, &type, &size, NULL) == 0;
}

int pm_objreader_size(struct pm_objreader *rd, const struct pm_oid *id, enum pm_object_type *type,
		      uint64_t *size, struct pm_err *err)
{
	enum pm_pack_rc found = pm_pack_size(&rd->packs, id, type, size);

	if (found == PM_PACK_OK)
		return 0;
	return ask_others(rd, id, PM_OBJECT_NONE, found == PM_PACK_BAD, type, size, err);
}
