/* text.c - see text.h. */
#include "base/text.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct pm_str pm_str_of(const char *s)
{
	return (struct pm_str){ s ? s : "", s ? strlen(s) : 0 };
}

bool pm_str_eq(struct pm_str a, const char *s)
{
	size_t n = strlen(s);

	return a.n == n && (n == 0 || memcmp(a.p, s, n) == 0);
}

bool pm_str_ieq(struct pm_str a, const char *s)
{
	for (size_t i = 0; i < a.n; i++)
		if (s[i] == '\0' || pm_lower(a.p[i]) != pm_lower(s[i]))
			return false;
	return s[a.n] == '\0';
}

struct pm_str pm_str_trim(struct pm_str s)
{
	while (s.n && pm_is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && pm_is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static struct pm_str tail_of(struct pm_str s, size_t n)
{
	return n < s.n ? (struct pm_str){ s.p + s.n - n, n } : s;
}

bool pm_str_ends(struct pm_str s, const char *tail)
{
	return pm_str_eq(tail_of(s, strlen(tail)), tail);
}

bool pm_str_iends(struct pm_str s, const char *tail)
{
	return pm_str_ieq(tail_of(s, strlen(tail)), tail);
}

bool pm_str_all_digits(struct pm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!pm_is_digit(s.p[i]))
			return false;
	return true;
}

static bool same_letters(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (pm_lower(a[i]) != pm_lower(b[i]))
			return false;
	return true;
}

/* The first two bytes tell most places off, sixteen at a time where the processor can. */
static size_t find_letters(struct pm_str s, const char *needle, size_t n)
{
	size_t i = 0;

#ifdef __SSE2__
	const __m128i bit = _mm_set1_epi8(0x20);
	const __m128i a = _mm_or_si128(_mm_set1_epi8(needle[0]), bit);
	const __m128i b = _mm_or_si128(_mm_set1_epi8(needle[n > 1]), bit);

	for (; i + 16 + n <= s.n; i += 16) {
		const __m128i *p = (const __m128i *)(s.p + i);
		const __m128i *q = (const __m128i *)(s.p + i + (n > 1));
		__m128i u = _mm_or_si128(_mm_loadu_si128(p), bit);
		__m128i v = _mm_or_si128(_mm_loadu_si128(q), bit);
		unsigned m = (unsigned)_mm_movemask_epi8(
			_mm_and_si128(_mm_cmpeq_epi8(u, a), _mm_cmpeq_epi8(v, b)));

		for (; m; m &= m - 1) {
			size_t at = i + (unsigned)__builtin_ctz(m);

			if (same_letters(s.p + at, needle, n))
				return at;
		}
	}
#endif
	for (; i + n <= s.n; i++)
		if (same_letters(s.p + i, needle, n))
			return i;
	return SIZE_MAX;
}

size_t pm_str_find(struct pm_str s, const char *needle, bool icase)
{
	size_t n = strlen(needle);
	const char *at;

	if (n > s.n)
		return SIZE_MAX;
	if (!n)
		return 0;
	if (icase)
		return find_letters(s, needle, n);
	at = memmem(s.p, s.n, needle, n);
	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

void pm_lines_init(struct pm_lines *l, struct pm_arena *a, const char *p, size_t len)
{
	size_t n = 1;

	for (const char *q = p; q < p + len && (q = memchr(q, '\n', (size_t)(p + len - q))); q++)
		n++;
	l->start = PM_NEW_N(a, uint32_t, n);
	l->n = 1;
	l->p = p;
	l->len = len;
	for (const char *q = p; q < p + len && (q = memchr(q, '\n', (size_t)(p + len - q))); q++)
		l->start[l->n++] = (uint32_t)(q - p + 1);
}

unsigned pm_lines_line(const struct pm_lines *l, size_t off)
{
	size_t lo = 0, hi = l->n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->start[mid] <= off)
			lo = mid;
		else
			hi = mid;
	}
	return (unsigned)lo + 1;
}

unsigned pm_lines_col(const struct pm_lines *l, size_t off)
{
	return (unsigned)(off - l->start[pm_lines_line(l, off) - 1]) + 1;
}

struct pm_str pm_lines_get(const struct pm_lines *l, unsigned line)
{
	size_t from, to;

	if (line < 1 || line > l->n)
		return (struct pm_str){ "", 0 };
	from = l->start[line - 1];
	to = line < l->n ? l->start[line] - 1 : l->len;
	if (to > from && l->p[to - 1] == '\r')
		to--;
	return (struct pm_str){ l->p + from, to - from };
}

size_t pm_utf8_len(const unsigned char *p, size_t n)
{
	unsigned char c = p[0];
	size_t len = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : (c & 0xf0) == 0xe0 ? 3
		   : c >= 0xf0 && c <= 0xf4 ? 4 : 0;

	if (!len || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) ||
	    (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

bool pm_is_utf8(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;

	while (n) {
		uint64_t eight;
		size_t len;

		if (n >= sizeof(eight)) {
			memcpy(&eight, u, sizeof(eight));
			if (!(eight & 0x8080808080808080u)) {
				u += sizeof(eight);
				n -= sizeof(eight);
				continue;
			}
		}
		len = pm_utf8_len(u, n);
		if (!len)
			return false;
		u += len;
		n -= len;
	}
	return true;
}
