/*
 * bounds.c - what surrounds digits: may they be a whole port number, do they carry a unit, do they
 * stand in a comment?
 */
#include "pattern.h"

#include <string.h>

static bool alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool hex_or_colon(char c)
{
	return pm_is_digit(c) || c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static char at(struct pm_str s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

/* Does the text before `end` end so? Does the text at `from` begin so? */
static bool ends_with(struct pm_str s, size_t end, const char *suffix)
{
	size_t n = strlen(suffix);

	return end >= n && memcmp(s.p + end - n, suffix, n) == 0;
}

static bool starts_with(struct pm_str s, size_t from, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n - from >= n && memcmp(s.p + from, prefix, n) == 0;
}

/* "fe80::4000:1", a MAC address: groups, not ports. "[::1]:4000" is no run of groups. */
bool pm_in_ipv6(struct pm_str s, size_t off, size_t len)
{
	size_t b = off, e = off + len, colons = 0;

	while (b && hex_or_colon(s.p[b - 1]))
		b--;
	while (e < s.n && hex_or_colon(s.p[e]))
		e++;
	/* "std::4000" is no address either */
	if (b && alpha(s.p[b - 1]))
		return false;
	/* "address already in use :::4000": any address, then the port */
	if (off == b + 3 && memcmp(s.p + b, ":::", 3) == 0)
		return false;
	for (size_t i = b; i < e; i++) {
		colons += s.p[i] == ':';
		if (s.p[i] == ':' && i + 1 < e && s.p[i + 1] == ':' && e - b > 2)
			return true;
	}
	return colons >= 5;
}

/* "${PORT-4000}", "${PORT:-4000}" */
static bool shell_default(struct pm_str s, size_t dash)
{
	size_t i = dash;

	if (i && s.p[i - 1] == ':')
		return true;
	while (i && pm_is_word(s.p[i - 1]))
		i--;
	return i < dash && i >= 2 && s.p[i - 1] == '{' && s.p[i - 2] == '$';
}

static bool dash_before_ok(struct pm_str s, size_t off, size_t len)
{
	char b2 = off >= 2 ? s.p[off - 2] : '\0';

	if (shell_default(s, off - 1))
		return true;
	if (at(s, off + len) == '-')
		return false; /* UUID, date, phone number */
	if (pm_is_digit(b2))
		return true; /* 3000-3010 */
	return ends_with(s, off - 1, "port") || ends_with(s, off - 1, "PORT");
}

static bool before_ok(struct pm_str s, size_t off, size_t len)
{
	char b = off ? s.p[off - 1] : '\0', b2 = off >= 2 ? s.p[off - 2] : '\0';

	if (pm_is_digit(b))
		return false;
	if (alpha(b) || b == '_')
		return (b == 'p' && b2 == '-' && !(off >= 3 && pm_is_word(s.p[off - 3]))) ||
		       ends_with(s, off, "%3A") || ends_with(s, off, "\\n");
	if (b == '.')
		return b2 == '.';
	if (b == ',')
		return !(len == 3 && pm_is_digit(b2));
	if (b == '-')
		return dash_before_ok(s, off, len);
	if (b == '#' || b == '$' || b == '@' || b == '+')
		return false;
	/* euro, pound, yen in UTF-8 */
	return !ends_with(s, off, "\xe2\x82\xac") && !ends_with(s, off, "\xc2\xa3") &&
	       !ends_with(s, off, "\xc2\xa5");
}

static bool after_ok(struct pm_str s, size_t end, size_t len)
{
	char a = at(s, end), a2 = at(s, end + 1);

	if (pm_is_digit(a) || alpha(a) || a == '_')
		return false;
	if (a == '%') /* percent, or percent encoding */
		return starts_with(s, end, "%2F") || starts_with(s, end, "%3F");
	if (a == '.')
		return !pm_is_digit(a2);
	if (a == ',' && len <= 3)
		return !(pm_is_digit(a2) && pm_is_digit(at(s, end + 2)) &&
			 pm_is_digit(at(s, end + 3)) && !pm_is_digit(at(s, end + 4)));
	if (a == '-')
		return !alpha(a2);
	return !starts_with(s, end, "\xe2\x82\xac");
}

bool pm_port_bounded(struct pm_str s, size_t off, size_t len)
{
	return before_ok(s, off, len) && after_ok(s, off + len, len) && !pm_in_ipv6(s, off, len);
}

/* "8000 ms", "4000 tokens", "3000 USD". */
bool pm_has_unit(struct pm_str s, size_t end)
{
	static const char *const units[] = {
		"ms", "msec", "millis", "milliseconds", "millisekunden", "s", "sec", "secs",
		"seconds", "sekunden", "segundos", "min", "mins", "minutes", "minuten", "hours",
		"days", "tage", "px", "bytes", "kb", "mb", "gb", "kib", "mib", "gib", "usd", "eur",
		"euro", "mxn", "tokens", "token", "chars", "characters", "zeichen", "words",
		"requests", "users", "rows", "records", "items", "lines", "rpm", "rps", "iops",
		"files", "times", "x", "%", "km", "kg", "hz", "mhz", "watts", "steps", "tests",
		"loc", "zeilen", "nodes", "iterations", "samples", "points", "events/s", NULL
	};
	struct pm_str word;
	size_t i = end;

	if (at(s, i) != ' ')
		return false;
	i++;
	for (end = i; end < s.n && (alpha(s.p[end]) || s.p[end] == '%'); end++)
		;
	word = (struct pm_str){ s.p + i, end - i };
	for (size_t k = 0; units[k]; k++)
		if (pm_str_ieq(word, units[k]))
			return true;
	return false;
}

static bool hash_comments(unsigned kind)
{
	return kind & (PM_KIND_PYTHON | PM_KIND_RUBY | PM_KIND_ELIXIR | PM_KIND_SHELL | PM_KIND_PHP |
		       PM_KIND_POWERSHELL | PM_KIND_YAML | PM_KIND_TOML | PM_KIND_INI |
		       PM_KIND_HCL | PM_KIND_DOCKER | PM_KIND_OTHER);
}

static bool slash_comments(unsigned kind)
{
	return kind & (PM_KIND_JS | PM_KIND_GO | PM_KIND_RUST | PM_KIND_JVM | PM_KIND_DOTNET |
		       PM_KIND_PHP | PM_KIND_C | PM_KIND_SWIFT | PM_KIND_DART | PM_KIND_JSON |
		       PM_KIND_HCL | PM_KIND_CSS);
}

bool pm_in_comment(unsigned kind, struct pm_str line, size_t pos)
{
	struct pm_str t = pm_str_trim(line);
	bool hash = hash_comments(kind), slash = slash_comments(kind), quoted = false;

	if ((slash && (at(t, 0) == '*' || (at(t, 0) == '/' && at(t, 1) == '*'))) ||
	    (kind == PM_KIND_INI && at(t, 0) == ';') ||
	    (kind == PM_KIND_SQL && at(t, 0) == '-' && at(t, 1) == '-') ||
	    ((kind & (PM_KIND_XML | PM_KIND_HTML)) && t.n > 3 && memcmp(t.p, "<!--", 4) == 0))
		return true;
	for (size_t i = 0; i < pos && i < line.n; i++) {
		char c = line.p[i], prev = i ? line.p[i - 1] : ' ';

		if (c == '"')
			quoted = !quoted;
		if (quoted || (prev != ' ' && prev != '\t'))
			continue;
		if ((hash && c == '#') || (slash && c == '/' && at(line, i + 1) == '/'))
			return true;
	}
	return false;
}
