/*
 * portmap.c - see portmap.h. What says that the entries of a list are ports stands lines above them.
 */
#include "portmap.h"

#include "spot.h"

#include <string.h>

enum {
	LOOK_UP = 60,   /* lines above an entry */
	MAX_NAME = 48,  /* bytes of an entry's name */
	MAX_LINE = 300
};

static bool is_letter(char c)
{
	return pm_is_word(c) && !pm_is_digit(c) && c != '_';
}

/* "port" in the languages that tables and comments are written in; Latin ones are words of their
 * own. */
bool pm_says_port(struct pm_str s)
{
	static const char *const words[] = { "port", "puerto", "porta", NULL };
	static const char *const others[] = {
		"\xd0\xbf\xd0\xbe\xd1\x80\xd1\x82",         /* Russian */
		"\xd0\x9f\xd0\xbe\xd1\x80\xd1\x82",
		"\xe7\xab\xaf\xe5\x8f\xa3",                 /* Chinese */
		"\xe3\x83\x9d\xe3\x83\xbc\xe3\x83\x88",     /* Japanese */
		"\xed\x8f\xac\xed\x8a\xb8", NULL            /* Korean */
	};

	for (size_t k = 0; words[k]; k++) {
		const size_t n = strlen(words[k]);

		for (size_t from = 0, at; from < s.n; from += at + n) {
			struct pm_str rest = { s.p + from, s.n - from };
			size_t end;

			at = pm_str_find(rest, words[k], true);
			if (at == SIZE_MAX)
				break;
			end = at + n;
			if (end < rest.n && pm_lower(rest.p[end]) == 's')
				end++;
			/* '_' ends a word: API_PORT, PORT_SCHEMA */
			if ((from + at == 0 || !is_letter(s.p[from + at - 1])) &&
			    (end == rest.n || !is_letter(rest.p[end])))
				return true;
		}
	}
	for (size_t k = 0; others[k]; k++)
		if (pm_str_find(s, others[k], false) != SIZE_MAX)
			return true;
	return false;
}

/* ---- one line ---- */

static bool is_blank_char(char c)
{
	return c == ' ' || c == '\t';
}

/* Behind the blanks and the mark of a comment; 0 when the line is no comment. */
static size_t comment_text(struct pm_str s)
{
	size_t i = 0;

	while (i < s.n && is_blank_char(s.p[i]))
		i++;
	if (i < s.n && s.p[i] == '#')
		return i + 1;
	if (i + 1 < s.n && ((s.p[i] == '/' && (s.p[i + 1] == '/' || s.p[i + 1] == '*')) ||
			    (s.p[i] == '-' && s.p[i + 1] == '-')))
		return i + 2;
	return i + 1 < s.n && s.p[i] == '*' && is_blank_char(s.p[i + 1]) ? i + 1 : 0;
}

static size_t skip(struct pm_str s, size_t i, const char *set)
{
	while (i < s.n && strchr(set, s.p[i]))
		i++;
	return i;
}

static bool is_name_char(char c)
{
	return pm_is_word(c) || c == '-' || c == '.' || c == '/' || c == '@' || c == ' ';
}

/* What may stand behind an entry: nothing, a comma, a remark. */
static bool ends_entry(struct pm_str s, size_t i)
{
	i = skip(s, i, "\"'`*");
	if (i < s.n && !strchr(" \t,;#(}", s.p[i]) && !(s.p[i] == '/' && i + 1 < s.n &&
						      s.p[i + 1] == '/'))
		return false;
	i = skip(s, i, " \t,;}");
	return i == s.n || s.p[i] == '#' || s.p[i] == '(' || s.p[i] == '-' || s.p[i] == '/' ||
	       (unsigned char)s.p[i] >= 0x80;
}

/* "name: 4000": the place of the number, 0 when the line (from `i`) is no entry. */
static size_t entry_number(struct pm_str s, size_t i)
{
	static const char *const amounts[] = { "timeout", "ms", "seconds", "interval", "retries",
					       "count", "size", "limit", "max", "min", "ttl", "delay",
					       "duration", "version", "year", NULL };
	size_t from, end;

	i = skip(s, i, " \t-*[\"'`");
	for (from = i; i < s.n && is_name_char(s.p[i]); i++)
		;
	for (end = i; end > from && s.p[end - 1] == ' '; end--)
		;
	if (end == from || end - from > MAX_NAME || pm_is_digit(s.p[from]) ||
	    pm_key_has_word((struct pm_str){ s.p + from, end - from }, amounts))
		return 0;
	i = skip(s, i, "\"'`*]");
	i = skip(s, i, " \t");
	if (i >= s.n || (s.p[i] != ':' && s.p[i] != '='))
		return 0;
	i = skip(s, i, ":=> \t\"'`*");
	return i < s.n && pm_is_digit(s.p[i]) ? i : 0;
}

static size_t digits(struct pm_str s, size_t i)
{
	size_t n = 0;

	while (i + n < s.n && pm_is_digit(s.p[i + n]))
		n++;
	return n;
}

/* ---- what stands above ---- */

/* The line above the one that begins at `*from`, which becomes its beginning. False at the top. */
static bool line_above(const struct pm_file *f, size_t *from, struct pm_str *out)
{
	const size_t end = *from - 1;
	const char *lf;

	if (*from == 0)
		return false;
	lf = memrchr(f->bytes, '\n', end);
	*from = lf ? (size_t)(lf - f->bytes) + 1 : 0;
	*out = (struct pm_str){ f->bytes + *from, end - *from };
	if (out->n && out->p[out->n - 1] == '\r')
		out->n--;
	return out->n <= MAX_LINE;
}

static bool is_ruler(struct pm_str s, size_t i)
{
	return skip(s, i, " \t=-_*#~") >= s.n;
}

static bool is_entry(struct pm_str s, size_t from)
{
	size_t at = entry_number(s, from);

	return at && ends_entry(s, at + digits(s, at));
}

bool pm_portmap_comment(const struct pm_file *f, struct pm_str line)
{
	size_t from = (size_t)(line.p - f->bytes), text;
	struct pm_str s;

	if (!is_entry(line, comment_text(line)))
		return false;
	for (unsigned k = 0; k < LOOK_UP && line_above(f, &from, &s); k++) {
		text = comment_text(s);
		if (!text)
			return false;
		if (!is_ruler(s, text) && !is_entry(s, text))
			return pm_says_port(s);
	}
	return false;
}

static size_t indent_of(struct pm_str s)
{
	return skip(s, 0, " \t");
}

static bool opens_block(struct pm_str s)
{
	s = pm_str_trim(s);
	return s.n && strchr("{([:=", s.p[s.n - 1]);
}

/* A word of the line is a key for ports: PORTS, servicePorts, "ports". */
static bool has_port_key(struct pm_str s)
{
	for (size_t i = 0, end; i < s.n; i = end + 1) {
		for (end = i; end < s.n && (pm_is_word(s.p[end]) || s.p[end] == '-'); end++)
			;
		if (end > i && pm_key_classify((struct pm_str){ s.p + i, end - i }) == PM_KEY_PORT)
			return true;
	}
	return false;
}

bool pm_portmap_block(const struct pm_file *f, struct pm_str line)
{
	const size_t indent = indent_of(line);
	size_t from = (size_t)(line.p - f->bytes);
	struct pm_str s;

	if (comment_text(line) || !is_entry(line, 0))
		return false;
	for (unsigned k = 0; k < LOOK_UP && line_above(f, &from, &s); k++) {
		if (!pm_str_trim(s).n || comment_text(s) || indent_of(s) > indent)
			continue;
		if (indent_of(s) < indent)
			return opens_block(s) && has_port_key(s);
		if (!entry_number(s, 0))
			return false;
	}
	return false;
}
