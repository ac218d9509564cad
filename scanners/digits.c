/* digits.c - see digits.h. */
#include "digits.h"

#include "base/port.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { BLOCK = 64 };

/* A number right behind this byte is none of its own; but -p4000, %3A4000, \n4000. */
static bool sticks(char c)
{
	if (pm_is_word(c))
		return c != 'p' && c != 'A' && c != 'n';
	return c == '#' || c == '$' || c == '@' || c == '+';
}

/* Bit i: byte i of the block is a digit. */
static uint64_t digits_of(const char *p)
{
	uint64_t m = 0;

#ifdef __SSE2__
	const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);

	for (unsigned i = 0; i < BLOCK; i += 16) {
		__m128i v = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(p + i)), zero);

		v = _mm_cmpeq_epi8(_mm_min_epu8(v, nine), v);
		m |= (uint64_t)(unsigned)_mm_movemask_epi8(v) << i;
	}
#else
	for (unsigned i = 0; i < BLOCK; i++)
		m |= (uint64_t)pm_is_digit(p[i]) << i;
#endif
	return m;
}

static void look(struct pm_digits *d)
{
	const size_t left = d->s.n - d->base;
	const bool inside = d->base && pm_is_digit(d->s.p[d->base - 1]);
	char padded[BLOCK];

	if (left < BLOCK) {
		memset(padded, 0, sizeof(padded));
		if (left)
			memcpy(padded, d->s.p + d->base, left);
		d->digits = digits_of(padded);
	} else {
		d->digits = digits_of(d->s.p + d->base);
	}
	d->starts = d->digits & ~(d->digits << 1 | inside);
}

void pm_digits_init(struct pm_digits *d, struct pm_str s)
{
	d->s = s;
	d->base = 0;
	look(d);
}

unsigned pm_digits_next(struct pm_digits *d, size_t *off, size_t *len)
{
	for (;;) {
		unsigned port, at;
		uint64_t rest;
		size_t end;

		while (!d->starts) {
			if (d->s.n - d->base <= BLOCK)
				return 0;
			d->base += BLOCK;
			look(d);
		}
		at = (unsigned)__builtin_ctzll(d->starts);
		d->starts &= d->starts - 1;
		*off = d->base + at;
		if (*off && sticks(d->s.p[*off - 1]))
			continue;
		rest = ~(d->digits >> at);
		end = d->base + at + (rest ? (unsigned)__builtin_ctzll(rest) : BLOCK);
		while (end < d->s.n && pm_is_digit(d->s.p[end]))
			end++;
		if (end < d->s.n && pm_is_word(d->s.p[end]))
			continue;
		*len = end - *off;
		port = pm_port_parse((struct pm_str){ d->s.p + *off, *len });
		if (port)
			return port;
	}
}

void pm_digits_seek(struct pm_digits *d, size_t pos)
{
	if (pos - d->base < BLOCK) {
		d->starts &= UINT64_MAX << (pos - d->base);
		return;
	}
	d->base = pos < d->s.n ? pos : d->s.n;
	look(d);
}
