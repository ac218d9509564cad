/*
 * mojibake.c - text that was UTF-8, was read as an 8-bit encoding, and written as UTF-8 again: it is
 * kept as it is, and remarked on. Found by going the way back: characters of the 8-bit encoding
 * whose bytes are UTF-8.
 */
#include "reader.h"

#include <string.h>

/* The upper halves of two encodings, as code points.
 * https://www.unicode.org/Public/MAPPINGS/VENDORS/APPLE/ROMAN.TXT */
static const uint16_t mac_roman[128] = {
	0x00c4, 0x00c5, 0x00c7, 0x00c9, 0x00d1, 0x00d6, 0x00dc, 0x00e1, 0x00e0, 0x00e2, 0x00e4,
	0x00e3, 0x00e5, 0x00e7, 0x00e9, 0x00e8, 0x00ea, 0x00eb, 0x00ed, 0x00ec, 0x00ee, 0x00ef,
	0x00f1, 0x00f3, 0x00f2, 0x00f4, 0x00f6, 0x00f5, 0x00fa, 0x00f9, 0x00fb, 0x00fc, 0x2020,
	0x00b0, 0x00a2, 0x00a3, 0x00a7, 0x2022, 0x00b6, 0x00df, 0x00ae, 0x00a9, 0x2122, 0x00b4,
	0x00a8, 0x2260, 0x00c6, 0x00d8, 0x221e, 0x00b1, 0x2264, 0x2265, 0x00a5, 0x00b5, 0x2202,
	0x2211, 0x220f, 0x03c0, 0x222b, 0x00aa, 0x00ba, 0x03a9, 0x00e6, 0x00f8, 0x00bf, 0x00a1,
	0x00ac, 0x221a, 0x0192, 0x2248, 0x2206, 0x00ab, 0x00bb, 0x2026, 0x00a0, 0x00c0, 0x00c3,
	0x00d5, 0x0152, 0x0153, 0x2013, 0x2014, 0x201c, 0x201d, 0x2018, 0x2019, 0x00f7, 0x25ca,
	0x00ff, 0x0178, 0x2044, 0x20ac, 0x2039, 0x203a, 0xfb01, 0xfb02, 0x2021, 0x00b7, 0x201a,
	0x201e, 0x2030, 0x00c2, 0x00ca, 0x00c1, 0x00cb, 0x00c8, 0x00cd, 0x00ce, 0x00cf, 0x00cc,
	0x00d3, 0x00d4, 0xf8ff, 0x00d2, 0x00da, 0x00db, 0x00d9, 0x0131, 0x02c6, 0x02dc, 0x00af,
	0x02d8, 0x02d9, 0x02da, 0x00b8, 0x02dd, 0x02db, 0x02c7,
};
/* 0x80 to 0x9f; above, code points are bytes; 0: not in use, a control character then.
 * https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT */
static const uint16_t windows_1252[32] = {
	0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

/* The byte that the encoding has for a code point, or 0. */
static unsigned char byte_of(uint32_t c, bool mac)
{
	if (!mac && c >= 0xa0 && c <= 0xff)
		return (unsigned char)c;
	for (unsigned i = 0; i < (mac ? 128u : 32u); i++)
		if ((mac ? mac_roman : windows_1252)[i] == c)
			return (unsigned char)(0x80 + i);
	return 0;
}

static uint32_t code_point(const unsigned char *p, size_t len)
{
	uint32_t c = len == 2 ? p[0] & 0x1fu : len == 3 ? p[0] & 0xfu : p[0] & 7u;

	for (size_t i = 1; i < len; i++)
		c = c << 6 | (p[i] & 0x3fu);
	return c;
}

enum { RUN = 32 };

/* The run of characters above ASCII at s[i]: its length, and its bytes in the encoding; `*n` is 0
 * when a character is not in it. */
static size_t take_run(struct pm_str s, size_t i, bool mac, unsigned char bytes[RUN], size_t *n)
{
	const unsigned char *p = (const unsigned char *)s.p;
	const size_t from = i;
	bool all = true;

	for (*n = 0; i < s.n && p[i] >= 0x80;) {
		const size_t len = pm_utf8_len(p + i, s.n - i);
		unsigned char b = 0;

		if (!len)
			return i - from + 1;
		b = byte_of(code_point(p + i, len), mac);
		all = all && b && *n < RUN;
		if (all)
			bytes[(*n)++] = b;
		i += len;
	}
	*n = all ? *n : 0;
	return i - from;
}

/* Two characters can be right by chance ("CAFÉ»"); three and more that are one are not. */
static bool is_evidence(const unsigned char *b, size_t n)
{
	return n >= 3 && pm_is_utf8((const char *)b, n) && pm_utf8_len(b, n) >= 2 &&
	       (pm_utf8_len(b, n) >= 3 || n >= 4);
}

bool pm_mojibake(struct pm_str s, size_t *off, size_t *len, char meant[PM_MOJIBAKE_MAX])
{
	for (size_t i = 0; i < s.n;) {
		size_t run = 1;

		for (int mac = 0; mac < 2 && (unsigned char)s.p[i] >= 0x80; mac++) {
			unsigned char bytes[RUN];
			size_t n;

			run = take_run(s, i, mac, bytes, &n);
			if (!is_evidence(bytes, n) || n >= PM_MOJIBAKE_MAX)
				continue;
			*off = i;
			*len = run;
			memcpy(meant, bytes, n);
			meant[n] = '\0';
			return true;
		}
		i += run;
	}
	return false;
}
