/*
 * memo.c - see memo.h. A table of places by hash, one line each; a new line takes the place of an
 * older one. Finds and texts stand behind each other, and when there is no more room all is forgotten.
 */
#include "memo.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { PLACES = 1 << 14, TEXT = 8 << 20 };

struct place {
	uint32_t text, hash; /* where the finds stand, then the line; the upper half of its hash */
	uint16_t len, n_finds;
	uint8_t kind;        /* number of its bit + 1; 0: free */
	struct pm_row_set rows;
};

struct pm_memo {
	struct place places[PLACES];
	size_t n; /* bytes of text */
	_Alignas(struct pm_find) char text[TEXT];
};

struct pm_memo *pm_memo_new(void)
{
	/* untouched pages take no memory */
	return pm_xcalloc(1, sizeof(struct pm_memo));
}

void pm_memo_free(struct pm_memo *m)
{
	free(m);
}

static uint64_t hash_of(unsigned kind, struct pm_str line)
{
	return XXH3_64bits_withSeed(line.p, line.n, kind);
}

static uint8_t number_of(unsigned kind)
{
	return (uint8_t)(__builtin_ctz(kind) + 1);
}

bool pm_memo_get(const struct pm_memo *m, unsigned kind, struct pm_str line,
		 struct pm_row_set *rows, const struct pm_find **finds, size_t *n)
{
	const uint64_t hash = hash_of(kind, line);
	const struct place *p = &m->places[hash % PLACES];

	if (p->hash != hash >> 32 || p->kind != number_of(kind) || p->len != line.n ||
	    memcmp(m->text + p->text + p->n_finds * sizeof(**finds), line.p, line.n) != 0)
		return false;
	*rows = p->rows;
	*finds = (const void *)(m->text + p->text);
	*n = p->n_finds;
	return true;
}

void pm_memo_put(struct pm_memo *m, unsigned kind, struct pm_str line,
		 const struct pm_row_set *rows, const struct pm_find *finds, size_t n)
{
	const uint64_t hash = hash_of(kind, line);
	const size_t size = n * sizeof(*finds), whole = (size + line.n + 1) / 2 * 2;
	struct place *p = &m->places[hash % PLACES];

	if (m->n + whole > TEXT) {
		memset(m->places, 0, sizeof(m->places));
		m->n = 0;
	}
	if (n)
		memcpy(m->text + m->n, finds, size);
	memcpy(m->text + m->n + size, line.p, line.n);
	*p = (struct place){
		.text = (uint32_t)m->n, .hash = (uint32_t)(hash >> 32), .len = (uint16_t)line.n,
		.n_finds = (uint16_t)n, .kind = number_of(kind), .rows = *rows,
	};
	m->n += whole;
}
