/* gates.c - see gates.h. */
#include "gates.h"

#include "base/err.h"

#include <string.h>

enum {
	WORDS = 64 * PM_GATE_SETS,
	SHORT = 32,    /* words of one and two bytes */
	BUCKETS = 8192 /* by three bytes */
};

/*
 * Words of three bytes and more are found by a hash of their first three, which tells most places of
 * a text off by one bit; `next` chains the words of a bucket, 0 ends a chain, entry i is word i - 1.
 * Shorter ones, which are few, have a bit each: set in `first` of their first byte and in `second` of
 * their second, or of all bytes.
 */
static struct {
	struct { const char *p; uint8_t n; } words[WORDS];
	unsigned n;
	uint64_t filter[BUCKETS / 64];
	uint16_t bucket[BUCKETS], next[WORDS + 1];
	uint32_t first[256], second[256];
	uint16_t shorts[SHORT]; /* the word of each bit */
	unsigned n_shorts;
} gates;

/* The lower three of four bytes, letters without case, by hash. */
static unsigned bucket_of(uint32_t four)
{
	return (((four & 0xffffffu) | 0x202020u) * 0x9e3779b1u) >> 19;
}

_Static_assert(BUCKETS == 1 << 13, "bucket_of gives 13 bits");

/* Four bytes, the first in the lowest bits; fewer at the end of a text. */
static uint32_t load(const char *p, size_t n)
{
	unsigned char u[4] = { 0 };
	uint32_t v;

	memcpy(u, p, n < 4 ? n : 4);
	v = (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
	return v;
}

static bool same_word(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (pm_lower(a[i]) != pm_lower(b[i]))
			return false;
	return true;
}

static void add_short(const char *p, size_t n, unsigned word)
{
	const uint32_t bit = UINT32_C(1) << gates.n_shorts;

	for (unsigned b = 0; b < 256; b++) {
		if (pm_lower((char)b) == pm_lower(p[0]))
			gates.first[b] |= bit;
		if (n == 1 || pm_lower((char)b) == pm_lower(p[1]))
			gates.second[b] |= bit;
	}
	gates.shorts[gates.n_shorts++] = (uint16_t)word;
}

unsigned pm_gate_word(const char *p, size_t n)
{
	unsigned b;

	PM_ASSERT(n > 0 && n < 256, "gate of a pattern");
	for (unsigned i = 0; i < gates.n; i++)
		if (gates.words[i].n == n && same_word(gates.words[i].p, p, n))
			return i;
	PM_ASSERT(gates.n < WORDS && gates.n_shorts < SHORT, "too many words in gates");
	gates.words[gates.n].p = p;
	gates.words[gates.n].n = (uint8_t)n;
	if (n < 3) {
		add_short(p, n, gates.n);
		return gates.n++;
	}
	b = bucket_of(load(p, n));
	gates.next[++gates.n] = gates.bucket[b];
	gates.bucket[b] = (uint16_t)gates.n;
	gates.filter[b / 64] |= UINT64_C(1) << (b % 64);
	return gates.n - 1;
}

static void add(uint64_t words[PM_GATE_SETS], unsigned w)
{
	words[w / 64] |= UINT64_C(1) << (w % 64);
}

static void try_bucket(unsigned b, const char *p, size_t left, uint64_t words[PM_GATE_SETS])
{
	for (unsigned k = gates.bucket[b]; k; k = gates.next[k]) {
		const size_t n = gates.words[k - 1].n;

		if (n <= left && same_word(p, gates.words[k - 1].p, n))
			add(words, k - 1);
	}
}

static void find_long(struct pm_str text, uint64_t words[PM_GATE_SETS])
{
	const char *s = text.p;
	size_t i = 0;

	for (; i + 4 <= text.n; i++) {
		unsigned b = bucket_of(load(s + i, 4));

		if (gates.filter[b / 64] >> (b % 64) & 1)
			try_bucket(b, s + i, text.n - i, words);
	}
	if (i + 3 == text.n)
		try_bucket(bucket_of(load(s + i, 3)), s + i, 3, words);
}

static void find_short(struct pm_str text, uint64_t words[PM_GATE_SETS])
{
	const unsigned char *s = (const unsigned char *)text.p;
	uint32_t found = 0;

	for (size_t i = 0; i + 1 < text.n; i++)
		found |= gates.first[s[i]] & gates.second[s[i + 1]];
	/* behind the last byte stands none that is a word's second */
	if (text.n)
		found |= gates.first[s[text.n - 1]] & gates.second[0];
	for (; found; found &= found - 1)
		add(words, gates.shorts[__builtin_ctz(found)]);
}

void pm_gate_find(struct pm_str text, uint64_t words[PM_GATE_SETS])
{
	find_short(text, words);
	find_long(text, words);
}
