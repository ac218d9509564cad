/* text.c - see text.h. */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

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

size_t pm_str_find(struct pm_str s, const char *needle, bool icase)
{
	size_t n = strlen(needle);
	const char *at;
	char first;

	if (n > s.n)
		return SIZE_MAX;
	if (!n)
		return 0;
	if (!icase) {
		at = memmem(s.p, s.n, needle, n);
		return at ? (size_t)(at - s.p) : SIZE_MAX;
	}
	first = pm_lower(needle[0]);
	for (size_t i = 0; i + n <= s.n; i++) {
		size_t k = 1;

		if (pm_lower(s.p[i]) != first)
			continue;
		while (k < n && pm_lower(s.p[i + k]) == pm_lower(needle[k]))
			k++;
		if (k == n)
			return i;
	}
	return SIZE_MAX;
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

/* Length of the valid UTF-8 sequence at p, or 0; RFC 3629 (no surrogates, no overlongs). */
static size_t utf8_len(const unsigned char *p, size_t n)
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
		size_t len = utf8_len(u, n);

		if (!len)
			return false;
		u += len;
		n -= len;
	}
	return true;
}

/* C1 controls, bidi controls and zero-width characters: they change how a terminal shows text. */
static bool is_deceptive(const unsigned char *p, size_t len)
{
	if (len == 2)
		return p[0] == 0xc2 && p[1] < 0xa0;
	if (len != 3)
		return false;
	if (p[0] == 0xe2 && p[1] == 0x80)
		return (p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xa8 && p[2] <= 0xae);
	if (p[0] == 0xe2 && p[1] == 0x81)
		return p[2] >= 0xa0 && p[2] <= 0xaf;
	return p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf;
}

static void quote_byte(struct pm_buf *b, unsigned char c)
{
	static const char named[] = "\aa\bb\tt\nn\vv\ff\rr\"\"\\\\";

	for (const char *p = named; *p; p += 2)
		if ((unsigned char)*p == c) {
			pm_buf_addf(b, "\\%c", p[1]);
			return;
		}
	if (c < 0x20 || c >= 0x7f)
		pm_buf_addf(b, "\\%03o", c);
	else
		pm_buf_addc(b, (char)c);
}

static bool text_is_plain(struct pm_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n;) {
		size_t len = utf8_len(p + i, s.n - i);

		if (!len || p[i] < 0x20 || p[i] == 0x7f || p[i] == '"' || p[i] == '\\' ||
		    is_deceptive(p + i, len))
			return false;
		i += len;
	}
	return true;
}

static void quote_inner(struct pm_buf *b, struct pm_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n;) {
		size_t len = utf8_len(p + i, s.n - i);

		if (len > 1 && !is_deceptive(p + i, len)) {
			pm_buf_add(b, p + i, len);
		} else {
			len = len ? len : 1;
			for (size_t k = 0; k < len; k++)
				quote_byte(b, p[i + k]);
		}
		i += len;
	}
}

void pm_quote_text(struct pm_buf *b, struct pm_str s)
{
	if (text_is_plain(s)) {
		pm_buf_add(b, s.p, s.n);
		return;
	}
	pm_buf_addc(b, '"');
	quote_inner(b, s);
	pm_buf_addc(b, '"');
}

void pm_quote_json(struct pm_buf *b, struct pm_str s, bool *lossy)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t from = 0;

	for (size_t i = 0; i < s.n;) {
		size_t len = utf8_len(p + i, s.n - i);

		if (len) {
			i += len;
			continue;
		}
		pm_buf_add(b, p + from, i - from);
		pm_buf_adds(b, "\xef\xbf\xbd");
		if (lossy)
			*lossy = true;
		from = ++i;
	}
	if (from < s.n)
		pm_buf_add(b, p + from, s.n - from);
}

/* Escape only what acts on a terminal: quotes and backslashes are ordinary in code. */
static void escape_acting(struct pm_buf *b, struct pm_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t from = 0;

	for (size_t i = 0; i < s.n;) {
		size_t len = utf8_len(p + i, s.n - i);

		if (len && p[i] >= 0x20 && p[i] != 0x7f && !is_deceptive(p + i, len)) {
			i += len;
			continue;
		}
		pm_buf_add(b, p + from, i - from);
		for (len += !len; len; len--)
			quote_byte(b, p[i++]);
		from = i;
	}
	if (from < s.n)
		pm_buf_add(b, p + from, s.n - from);
}

void pm_quote_md(struct pm_buf *b, struct pm_str s)
{
	PM_CLEAN_BUF struct pm_buf safe = { 0 };

	escape_acting(&safe, s);
	for (size_t i = 0; i < safe.n; i++) {
		char c = safe.v[i];

		switch (c) {
		case '<': pm_buf_adds(b, "&lt;"); break;
		case '>': pm_buf_adds(b, "&gt;"); break;
		case '&': pm_buf_adds(b, "&amp;"); break;
		case '@': pm_buf_adds(b, "&#64;"); break;
		case '`': pm_buf_adds(b, "&#96;"); break;
		case '|': pm_buf_adds(b, "&#124;"); break;
		case '*': case '_': case '[': case ']': case '~': case '#': case '!': case '\\':
			pm_buf_addc(b, '\\');
			pm_buf_addc(b, c);
			break;
		default: pm_buf_addc(b, c);
		}
	}
}

/* Append `s` without the userinfo of URLs: what stands between "://" and "@"
 * becomes three asterisks. */
static void cut_credentials(struct pm_buf *b, struct pm_str s)
{
	size_t i = 0;

	while (i < s.n) {
		struct pm_str rest = { s.p + i, s.n - i };
		size_t at = pm_str_find(rest, "://", false);
		size_t end;

		if (at == SIZE_MAX) {
			pm_buf_add(b, rest.p, rest.n);
			return;
		}
		pm_buf_add(b, rest.p, at + 3);
		i += at + 3;
		for (end = i; end < s.n && !strchr("/ \t\"'`@<>,|", s.p[end]); end++)
			;
		if (end < s.n && s.p[end] == '@') {
			pm_buf_adds(b, "***");
			i = end;
		}
	}
}

void pm_excerpt(struct pm_buf *b, struct pm_str line, size_t col, size_t max)
{
	PM_CLEAN_BUF struct pm_buf cut = { 0 };
	const size_t whole = line.n;
	size_t from = 0, to = line.n;

	if (line.n > max) {
		from = col > max / 2 ? col - max / 2 : 0;
		to = from + max < line.n ? from + max : line.n;
		while (from > 0 && ((unsigned char)line.p[from] & 0xc0) == 0x80)
			from--;
		while (to < line.n && ((unsigned char)line.p[to] & 0xc0) == 0x80)
			to++;
	}
	line = pm_str_trim((struct pm_str){ line.p + from, to - from });
	cut_credentials(&cut, line);
	for (size_t i = 0; i < cut.n; i++)
		if (cut.v[i] == '\t')
			cut.v[i] = ' ';
	if (from)
		pm_buf_adds(b, "...");
	escape_acting(b, (struct pm_str){ pm_buf_str(&cut), cut.n });
	if (to < whole)
		pm_buf_adds(b, "...");
}
