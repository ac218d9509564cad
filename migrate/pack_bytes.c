/* pack_bytes.c - entries, deltas and indexes of packs as bytes. See pack_impl.h. */
#include "pack_impl.h"

enum {
	INFLATES_TO = 1032, /* deflate makes at most so many bytes from one */
	FANOUT = 256 * 4, INDEX_HEAD = 8 + FANOUT, INDEX_TAIL = 2 * PM_OID_RAW,
	PER_OBJECT = PM_OID_RAW + 4 + 4 /* id, CRC, offset */
};

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* ---- entries ---- */

/* Type and size: 4 bits of size in the first byte, 7 in each that follows. */
static bool parse_size(struct pm_pack_entry *out, const unsigned char *pack, uint64_t end,
		       uint64_t *at)
{
	unsigned shift = 4;
	unsigned char c = pack[(*at)++];

	out->type = c >> 4 & 7;
	out->size = c & 15;
	while (c & 0x80) {
		if (*at >= end || shift > 57)
			return false;
		c = pack[(*at)++];
		out->size |= (uint64_t)(c & 0x7f) << shift;
		shift += 7;
	}
	return true;
}

/* How far back the base is: 7 bits a byte, the highest first, one added between them. */
static bool parse_distance(uint64_t *out, const unsigned char *pack, uint64_t end, uint64_t *at)
{
	unsigned char c;
	uint64_t n;

	if (*at >= end)
		return false;
	c = pack[(*at)++];
	n = c & 0x7f;
	while (c & 0x80) {
		if (*at >= end || n >= (uint64_t)1 << 56)
			return false;
		c = pack[(*at)++];
		n = (n + 1) << 7 | (c & 0x7f);
	}
	*out = n;
	return true;
}

bool pm_pack_entry_parse(struct pm_pack_entry *out, const unsigned char *pack, uint64_t end,
			 uint64_t at)
{
	uint64_t from = at, back = 0;

	if (at >= end || !parse_size(out, pack, end, &at))
		return false;
	out->base = 0;
	out->base_id = NULL;
	switch (out->type) {
	case PM_OBJECT_COMMIT: case PM_OBJECT_TREE: case PM_OBJECT_BLOB: case PM_OBJECT_TAG:
		break;
	case PM_PACK_OFFSET_DELTA:
		if (!parse_distance(&back, pack, end, &at) || back == 0 || back >= from)
			return false;
		out->base = from - back;
		break;
	case PM_PACK_ID_DELTA:
		if (end - at < PM_OID_RAW)
			return false;
		out->base_id = (const struct pm_oid *)(pack + at);
		at += PM_OID_RAW;
		break;
	default:
		return false;
	}
	out->data = at;
	return out->size <= INFLATES_TO * (end - at);
}

/* ---- deltas ---- */

static bool delta_size(const unsigned char *delta, size_t n, size_t *at, uint64_t *out)
{
	unsigned shift = 0;
	unsigned char c;

	*out = 0;
	do {
		if (*at >= n || shift > 56)
			return false;
		c = delta[(*at)++];
		*out |= (uint64_t)(c & 0x7f) << shift;
		shift += 7;
	} while (c & 0x80);
	return true;
}

bool pm_pack_delta_sizes(const unsigned char *delta, size_t n, uint64_t *base, uint64_t *result,
			 size_t *at)
{
	*at = 0;
	return delta_size(delta, n, at, base) && delta_size(delta, n, at, result);
}

/* Offset and length of a copy: the low bits of the instruction say which bytes are there. */
static const unsigned char *copy_args(const unsigned char *p, const unsigned char *end,
				      unsigned char op, size_t *off, size_t *len)
{
	*off = *len = 0;
	if (end - p < 7 && end - p < __builtin_popcount(op & 0x7f))
		return NULL;
	for (unsigned i = 0; i < 4; i++)
		if (op & 1u << i)
			*off |= (size_t)*p++ << 8 * i;
	for (unsigned i = 0; i < 3; i++)
		if (op & 0x10u << i)
			*len |= (size_t)*p++ << 8 * i;
	if (*len == 0)
		*len = 0x10000;
	return p;
}

bool pm_pack_delta_apply(const unsigned char *delta, size_t n, const unsigned char *base,
			 size_t base_n, unsigned char *out, size_t out_n)
{
	const unsigned char *p, *end = delta + n;
	uint64_t base_size, result;
	size_t at, made = 0;

	if (!pm_pack_delta_sizes(delta, n, &base_size, &result, &at) || base_size != base_n ||
	    result != out_n)
		return false;
	for (p = delta + at; p < end;) {
		unsigned char op = *p++;
		const unsigned char *from;
		size_t off, len;

		if (op & 0x80) {
			p = copy_args(p, end, op, &off, &len);
			if (!p || off > base_n || len > base_n - off)
				return false;
			from = base + off;
		} else {
			len = op; /* literal bytes; 0 is reserved */
			if (!len || (size_t)(end - p) < len)
				return false;
			from = p;
			p += len;
		}
		if (len > out_n - made)
			return false;
		memcpy(out + made, from, len);
		made += len;
	}
	return made == out_n;
}

/* ---- indexes ---- */

bool pm_pack_index_parse(struct pm_pack_index *out, const unsigned char *bytes, size_t n)
{
	size_t rest;
	uint32_t last = 0;

	if (n < INDEX_HEAD + INDEX_TAIL || memcmp(bytes, "\377tOc\0\0\0\2", 8) != 0)
		return false;
	out->fanout = bytes + 8;
	for (int i = 0; i < 256; i++) {
		uint32_t next = be32(out->fanout + 4 * i);

		if (next < last)
			return false;
		last = next;
	}
	out->n = last;
	rest = n - INDEX_HEAD - INDEX_TAIL;
	if (rest / PER_OBJECT < out->n)
		return false;
	rest -= (size_t)out->n * PER_OBJECT;
	if (rest % 8 || rest / 8 > out->n)
		return false;
	out->n_large = (uint32_t)(rest / 8);
	out->ids = out->fanout + FANOUT;
	out->offsets = out->ids + (size_t)out->n * (PM_OID_RAW + 4);
	out->large = out->offsets + (size_t)out->n * 4;
	out->pack_sum = bytes + n - INDEX_TAIL;
	return true;
}

static bool offset_of(const struct pm_pack_index *x, uint32_t i, uint64_t *at)
{
	uint32_t off = be32(x->offsets + (size_t)i * 4);
	const unsigned char *p;

	if (!(off & 0x80000000)) {
		*at = off;
		return true;
	}
	off &= 0x7fffffff;
	if (off >= x->n_large)
		return false;
	p = x->large + (size_t)off * 8;
	*at = (uint64_t)be32(p) << 32 | be32(p + 4);
	return true;
}

/*
 * Ids are evenly spread: guess the place of an id among those with its first byte, then look at
 * larger and larger steps from there, then bisect what is left. All of it works, only slower, with
 * ids that are not spread or not in order.
 */
bool pm_pack_index_find(const struct pm_pack_index *x, const struct pm_oid *id, uint64_t *at)
{
	uint32_t lo = id->id[0] ? be32(x->fanout + 4 * (id->id[0] - 1)) : 0;
	uint32_t hi = be32(x->fanout + 4 * id->id[0]), step = 4;
	uint32_t i = lo + (uint32_t)((uint64_t)be32(id->id + 1) * (hi - lo) >> 32);

	while (lo < hi) {
		int c = memcmp(x->ids + (size_t)i * PM_OID_RAW, id->id, PM_OID_RAW);

		if (c == 0)
			return offset_of(x, i, at);
		if (c < 0)
			lo = i + 1;
		else
			hi = i;
		if (step > hi - lo)
			i = lo + (hi - lo) / 2;
		else
			i = c < 0 ? lo + step - 1 : hi - step;
		step = step < 0x10000000 ? step * 4 : step;
	}
	return false;
}
