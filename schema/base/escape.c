/* escape.c - see escape.h. */
#include "base/escape.h"

#include <string.h>

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

/* Runners of CI read commands from what programs print: "::error" at the start of a line, "##[error]"
 * anywhere in it. https://github.com/actions/runner (ActionCommand.cs) */
static bool is_command(struct pm_str s, size_t i)
{
	return s.n - i >= 3 && memcmp(s.p + i, "##[", 3) == 0;
}

static bool text_is_plain(struct pm_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.n >= 2 && memcmp(s.p, "::", 2) == 0)
		return false;
	for (size_t i = 0; i < s.n;) {
		size_t len = pm_utf8_len(p + i, s.n - i);

		if (!len || p[i] < 0x20 || p[i] == 0x7f || p[i] == '"' || p[i] == '\\' ||
		    is_deceptive(p + i, len) || is_command(s, i))
			return false;
		i += len;
	}
	return true;
}

static void quote_inner(struct pm_buf *b, struct pm_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n;) {
		size_t len = pm_utf8_len(p + i, s.n - i);

		if (len > 1 && !is_deceptive(p + i, len)) {
			pm_buf_add(b, p + i, len);
		} else if (is_command(s, i)) {
			pm_buf_adds(b, "\\043");
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
		size_t len = pm_utf8_len(p + i, s.n - i);

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

/* Bytes of an acting sequence that JSON has as they are; 0 where none begins. */
static size_t acting_in_json(struct pm_str s, size_t i)
{
	const unsigned char *p = (const unsigned char *)s.p + i;
	size_t len;

	if (*p < 0x7f)
		return *p == '#' && is_command(s, i);
	if (*p == 0x7f)
		return 1;
	len = pm_utf8_len(p, s.n - i);
	return len > 1 && is_deceptive(p, len) ? len : 0;
}

bool pm_acts(struct pm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (acting_in_json(s, i))
			return true;
	return false;
}

void pm_json_inert(struct pm_buf *b, size_t from)
{
	const struct pm_str s = { pm_buf_str(b), b->n };
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	size_t kept = from;

	for (size_t i = from; i < s.n; i++) {
		const unsigned char *p = (const unsigned char *)s.p + i;
		size_t len = acting_in_json(s, i);
		unsigned c = *p;

		if (!len)
			continue;
		if (len == 2)
			c = (c & 0x1fu) << 6 | (p[1] & 0x3fu);
		else if (len == 3)
			c = (c & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
		pm_buf_add(&out, s.p + kept, i - kept);
		pm_buf_addf(&out, "\\u%04X", c);
		i += len - 1;
		kept = i + 1;
	}
	if (kept == from)
		return;
	pm_buf_add(&out, s.p + kept, s.n - kept);
	b->n = from;
	pm_buf_add(b, out.v, out.n);
}

/* Escape only what acts on a terminal: quotes and backslashes are ordinary in code. */
static void escape_acting(struct pm_buf *b, struct pm_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t from = 0;

	for (size_t i = 0; i < s.n;) {
		size_t len;

		if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '#') {
			i++;
			continue;
		}
		len = pm_utf8_len(p + i, s.n - i);
		if (len && p[i] >= 0x20 && p[i] != 0x7f && !is_deceptive(p + i, len) &&
		    !is_command(s, i)) {
			i += len;
			continue;
		}
		pm_buf_add(b, p + from, i - from);
		if (is_command(s, i)) {
			pm_buf_adds(b, "\\043");
			from = ++i;
			continue;
		}
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

void pm_quote_html(struct pm_buf *b, struct pm_str s)
{
	PM_CLEAN_BUF struct pm_buf safe = { 0 };

	pm_quote_text(&safe, s);
	for (size_t i = 0; i < safe.n; i++)
		switch (safe.v[i]) {
		case '<': pm_buf_adds(b, "&lt;"); break;
		case '>': pm_buf_adds(b, "&gt;"); break;
		case '&': pm_buf_adds(b, "&amp;"); break;
		case '@': pm_buf_adds(b, "&#64;"); break;
		default: pm_buf_addc(b, safe.v[i]);
		}
}

void pm_quote_uri(struct pm_buf *b, struct pm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (pm_is_word(s.p[i]) || memchr("/.-~", s.p[i], 4))
			pm_buf_addc(b, s.p[i]);
		else
			pm_buf_addf(b, "%%%02X", (unsigned char)s.p[i]);
}

void pm_quote_action(struct pm_buf *b, struct pm_str s, bool property)
{
	PM_CLEAN_BUF struct pm_buf safe = { 0 };

	escape_acting(&safe, s);
	for (size_t i = 0; i < safe.n; i++)
		if (strchr("%\r\n", safe.v[i]) || (property && strchr(":,", safe.v[i])))
			pm_buf_addf(b, "%%%02X", (unsigned char)safe.v[i]);
		else
			pm_buf_addc(b, safe.v[i]);
}

/* Does the address of a URL end here? Not at '@': passwords may hold one where nobody escapes. */
static bool ends_address(char c)
{
	return c && strchr("/?# \t\"'`<>,|", c);
}

/* The '@' that ends the userinfo of a URL whose address begins at `i`; SIZE_MAX: it has none. */
static size_t userinfo_end(struct pm_str s, size_t i)
{
	size_t at = SIZE_MAX;

	for (; i < s.n && !ends_address(s.p[i]); i++)
		if (s.p[i] == '@')
			at = i;
	return at;
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
		end = userinfo_end(s, i);
		if (end != SIZE_MAX) {
			pm_buf_adds(b, "***");
			i = end;
		}
	}
}

enum { USERINFO_MAX = 4096 };

/* Is byte `i` a part of "://user:password@"? Then where that begins, and the byte behind it. */
static bool in_userinfo(struct pm_str s, size_t i, size_t *from, size_t *to)
{
	const size_t least = i > USERINFO_MAX ? i - USERINFO_MAX : 0;
	size_t begin = i;
	struct pm_str near = { s.p, s.n - i > USERINFO_MAX ? i + USERINFO_MAX : s.n };

	/* within "://" itself */
	while (begin < s.n && begin < i + 3 && strchr(":/", s.p[begin]))
		begin++;
	if (begin < 3 || memcmp(s.p + begin - 3, "://", 3) != 0)
		for (begin = i; begin > least && !ends_address(s.p[begin - 1]); begin--)
			;
	if (begin < 3 || memcmp(s.p + begin - 3, "://", 3) != 0)
		return false;
	*from = begin - 3;
	*to = userinfo_end(near, begin);
	if (*to == SIZE_MAX || *to < i)
		return false;
	++*to;
	return true;
}

void pm_excerpt(struct pm_buf *b, struct pm_str line, size_t col, size_t max)
{
	PM_CLEAN_BUF struct pm_buf cut = { 0 };
	const size_t whole = line.n;
	size_t from = 0, to = line.n, begin, end;

	if (line.n > max) {
		from = col > max / 2 ? col - max / 2 : 0;
		to = from + max < line.n ? from + max : line.n;
		while (from > 0 && ((unsigned char)line.p[from] & 0xc0) == 0x80)
			from--;
		while (to < line.n && ((unsigned char)line.p[to] & 0xc0) == 0x80)
			to++;
		/* half of a password would not be known as one */
		if (from && in_userinfo(line, from, &begin, &end))
			from = begin;
		if (to < line.n && in_userinfo(line, to, &begin, &end))
			to = end;
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
