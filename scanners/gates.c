/* gates.c - see gates.h. */
#include "gates.h"

#include "base/err.h"

enum {
	WORDS = 64 * PM_GATE_SETS,
	CLASSES = 64
};

/*
 * The words of all gates, found in one pass over a text: bytes that begin a word, or are the
 * second of one, have classes of their own, and a pair of classes leads to the words that begin
 * so. `next` chains words with the same pair; 0 ends a chain, entry i is word i - 1.
 */
static struct {
	struct { const char *p; uint8_t n; } words[WORDS];
	uint16_t next[WORDS + 1];
	unsigned n, n_classes;
	uint8_t class[256];
	uint16_t single[CLASSES], pair[CLASSES * CLASSES];
} gates = { .n_classes = 1 };

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static unsigned class_of(char c)
{
	unsigned char l = lower(c);

	if (!gates.class[l]) {
		PM_ASSERT(gates.n_classes < CLASSES, "gates begin with too many bytes");
		gates.class[l] = (uint8_t)gates.n_classes++;
		if (l >= 'a' && l <= 'z')
			gates.class[l - 32] = gates.class[l];
	}
	return gates.class[l];
}

static bool same_word(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

unsigned pm_gate_word(const char *p, size_t n)
{
	uint16_t *chain;

	PM_ASSERT(n > 0 && n < 256, "gate of a pattern");
	for (unsigned i = 0; i < gates.n; i++)
		if (gates.words[i].n == n && same_word(gates.words[i].p, p, n))
			return i;
	PM_ASSERT(gates.n < WORDS, "too many words in gates");
	gates.words[gates.n].p = p;
	gates.words[gates.n].n = (uint8_t)n;
	gates.n++;
	chain = n == 1 ? &gates.single[class_of(p[0])]
		       : &gates.pair[class_of(p[0]) * CLASSES + class_of(p[1])];
	gates.next[gates.n] = *chain;
	*chain = (uint16_t)gates.n;
	return gates.n - 1;
}

void pm_gate_find(struct pm_str text, uint64_t words[PM_GATE_SETS])
{
	const char *s = text.p;
	size_t n = text.n;
	unsigned a = n ? gates.class[(unsigned char)s[0]] : 0;

	for (size_t i = 0; i < n; i++) {
		unsigned b = i + 1 < n ? gates.class[(unsigned char)s[i + 1]] : 0;

		if (a && gates.single[a]) {
			unsigned w = gates.single[a] - 1u;

			words[w / 64] |= UINT64_C(1) << (w % 64);
		}
		for (unsigned k = a && b ? gates.pair[a * CLASSES + b] : 0; k; k = gates.next[k]) {
			size_t len = gates.words[k - 1].n;

			if (len <= n - i && same_word(s + i + 2, gates.words[k - 1].p + 2, len - 2))
				words[(k - 1) / 64] |= UINT64_C(1) << ((k - 1) % 64);
		}
		a = b;
	}
}
