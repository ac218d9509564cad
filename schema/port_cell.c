/*
 * port_cell.c - a table cell that should hold ports: "3001", "3006-3009", "3017, 3019 (reserved)".
 *
 * Nothing is guessed: what is not exactly a port is BAD, with the form that was perhaps meant.
 */
#include "reader.h"

#include "base/port.h"

#include <string.h>

size_t pm_dash_len(struct pm_str s, size_t i)
{
	static const char *const dashes[] = {
		"\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x92", "\xe2\x80\x93", "\xe2\x80\x94",
		"\xe2\x80\x95", "\xe2\x88\x92", "\xe2\x80\xa6", "...", "..", "--", "-", "~",
	};

	for (size_t k = 0; k < sizeof(dashes) / sizeof(dashes[0]); k++) {
		size_t n = strlen(dashes[k]);

		if (i + n <= s.n && memcmp(s.p + i, dashes[k], n) == 0)
			return n;
	}
	return 0;
}

static size_t skip_space(struct pm_str s, size_t i)
{
	while (i < s.n && (strchr(" \t\r\n", s.p[i]) ||
			   (i + 1 < s.n && memcmp(s.p + i, "\xc2\xa0", 2) == 0)))
		i += s.p[i] == '\xc2' ? 2 : 1;
	return i;
}

static size_t digits_end(struct pm_str s, size_t i)
{
	while (i < s.n && pm_is_digit(s.p[i]))
		i++;
	return i;
}

static struct pm_str sub(struct pm_str s, size_t from, size_t to)
{
	return (struct pm_str){ s.p + from, to - from };
}

bool pm_lost_dash(struct pm_str d, unsigned *lo, unsigned *hi)
{
	if (d.n < 6 || d.n % 2)
		return false;
	*lo = pm_port_parse(sub(d, 0, d.n / 2));
	*hi = pm_port_parse(sub(d, d.n / 2, d.n));
	return *lo && *lo < *hi;
}

/* Digits of other scripts and invisible characters: they look like a port and are none. */
static const char *confusable(struct pm_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i + 1 < s.n; i++) {
		unsigned c = p[i], d = p[i + 1], e = i + 2 < s.n ? p[i + 2] : 0;

		if (c == 0xef && d == 0xbc && e >= 0x90 && e <= 0x99)
			return "full-width digits";
		if ((c == 0xd9 && d >= 0xa0 && d <= 0xa9) || (c == 0xdb && d >= 0xb0 && d <= 0xb9))
			return "Arabic-Indic digits";
		if (c == 0xe0 && d == 0xa5 && e >= 0xa6 && e <= 0xaf)
			return "Devanagari digits";
		if (c == 0xf0 && d == 0x9d && e == 0x9f)
			return "mathematical digits";
		if ((c == 0xe2 && d == 0x80 && e >= 0x8b && e <= 0x8f) ||
		    (c == 0xe2 && d == 0x81 && e >= 0xa0) || (c == 0xc2 && d == 0xad) ||
		    (c == 0xef && d == 0xbb && e == 0xbf))
			return "an invisible character";
	}
	return NULL;
}

struct cursor {
	struct pm_port_cell *out;
	struct pm_arena *a;
	const struct pm_md_text *t;
	struct pm_str s;
	size_t i;
	bool zero;
};

static bool bad(struct cursor *c, const char *rule, const char *meant, const char *problem)
{
	c->out->kind = PM_CELL_BAD;
	c->out->rule = rule;
	c->out->problem = problem;
	c->out->meant = meant;
	c->out->n = 0;
	return false;
}

/* One number at the cursor, which stands on a digit. */
static bool number(struct cursor *c, unsigned *port, size_t *from)
{
	size_t end = digits_end(c->s, c->i);
	struct pm_str d = sub(c->s, c->i, end);
	unsigned lo, hi;

	*from = c->i;
	c->i = end;
	*port = pm_port_parse(d);
	if (end < c->s.n && (pm_is_word(c->s.p[end]) || (c->s.p[end] & 0x80 &&
	    !pm_dash_len(c->s, end) && memcmp(c->s.p + end, "\xc2\xa0", 2) != 0 &&
	    c->s.p[end] != '\xe2')))
		return bad(c, "malformed-port", NULL, "letters follow the digits");
	if (end + 1 < c->s.n && c->s.p[end] == '.' && pm_is_digit(c->s.p[end + 1]))
		return bad(c, "malformed-port", NULL, "a port has no decimals");
	if (*port || (c->zero && pm_str_eq(d, "0")))
		return true;
	if (pm_lost_dash(d, &lo, &hi))
		return bad(c, "malformed-range", pm_arena_printf(c->a, "%u-%u", lo, hi),
			   "not a port; a dash seems to be lost");
	if (d.p[0] == '0')
		return bad(c, "malformed-port", NULL,
			   d.n == 1 ? "0 is not a port" : "a port has no leading zero");
	return bad(c, "malformed-port", NULL, "a port is between 1 and 65535");
}

static bool ends(struct cursor *c, size_t i)
{
	return skip_space(c->s, i) >= c->s.n;
}

/* "-3009", "- 3009" behind a number; an em dash followed by words is an annotation. */
static bool range_end(struct cursor *c, struct pm_port_item *item)
{
	size_t at = skip_space(c->s, c->i), dash = pm_dash_len(c->s, at), next, from;

	if (!dash && at > c->i && at + 3 < c->s.n && pm_str_ieq(sub(c->s, at, at + 3), "to "))
		dash = 3;
	if (!dash)
		return true;
	next = skip_space(c->s, at + dash);
	if (next < c->s.n && pm_is_digit(c->s.p[next])) {
		c->out->odd_dash |= c->s.p[at] != '-' && pm_dash_len(c->s, at);
		c->i = next;
		if (!number(c, &item->hi, &from))
			return false;
		if (item->hi < item->lo)
			return bad(c, "malformed-range",
				   pm_arena_printf(c->a, "%u-%u", item->hi, item->lo),
				   "the range ends before it begins");
		return true;
	}
	if (next >= c->s.n || at == c->i)
		return bad(c, "malformed-range", NULL, "the range has no end");
	return true;
}

/* "/tcp", and the container side of "8080:80": not part of the number. */
static void skip_suffix(struct cursor *c, struct pm_port_item *item)
{
	static const char *const protocols[] = { "/tcp", "/http", "/udp", "/sctp" };

	if (c->i + 1 < c->s.n && c->s.p[c->i] == ':' && pm_is_digit(c->s.p[c->i + 1]))
		c->i = digits_end(c->s, c->i + 1);
	for (size_t k = 0; k < sizeof(protocols) / sizeof(protocols[0]); k++) {
		size_t n = strlen(protocols[k]);

		if (c->i + n <= c->s.n && pm_str_ieq(sub(c->s, c->i, c->i + n), protocols[k])) {
			c->i += n;
			item->proto = k < 2 ? NULL : protocols[k] + 1;
			return;
		}
	}
}

/* Moves to the next number of a list; false at the end of the ports. */
static bool separator(struct cursor *c)
{
	size_t i = skip_space(c->s, c->i);

	if (i < c->s.n && strchr(",/;&+|", c->s.p[i]))
		i = skip_space(c->s, i + 1);
	if (i + 4 < c->s.n && pm_str_ieq(sub(c->s, i, i + 4), "and "))
		i = skip_space(c->s, i + 4);
	if (i < c->s.n && c->s.p[i] == ':' && i + 1 < c->s.n && pm_is_digit(c->s.p[i + 1]))
		i++;
	if (i >= c->s.n || !pm_is_digit(c->s.p[i]))
		return false;
	c->i = i;
	return true;
}

static bool ports(struct cursor *c)
{
	do {
		struct pm_port_item *item;
		size_t from, digits;

		if (c->out->n == PM_CELL_MAX)
			return bad(c, "malformed-port", NULL, "more than 64 ports in one cell");
		item = &c->out->v[c->out->n];
		if (!number(c, &item->lo, &from))
			return false;
		digits = c->i;
		item->hi = item->lo;
		item->span = pm_md_span(c->t, from, digits);
		if (!item->span.len)
			return bad(c, "malformed-port", NULL, "markup interrupts the digits");
		if (!range_end(c, item))
			return false;
		c->out->n++;
		skip_suffix(c, item);
	} while (separator(c));
	return true;
}

static void words(struct cursor *c, size_t i)
{
	static const char *const none[] = { "", "-", "n/a", "none", "na", "\xe2\x80\x94",
					    "\xe2\x80\x93", "tbd", "?", "x", NULL };
	static const char *const dynamic[] = { "dynamic", "random", "ephemeral", "auto", "varies",
					       "any", "assigned", "os-assigned", NULL };
	struct pm_str rest = pm_str_trim(sub(c->s, i, c->s.n));

	c->out->kind = PM_CELL_TEXT;
	for (size_t k = 0; none[k]; k++)
		if (pm_str_ieq(rest, none[k]))
			c->out->kind = PM_CELL_EMPTY;
	if (pm_has_any(rest, dynamic))
		c->out->kind = PM_CELL_DYNAMIC;
	c->out->note = pm_arena_str(c->a, rest);
}

void pm_port_cell_parse(struct pm_port_cell *out, struct pm_arena *a, const struct pm_md_text *t,
			bool zero)
{
	struct cursor c = { out, a, t, { t->p, t->n }, 0, zero };
	const char *what = confusable(c.s);
	size_t i = skip_space(c.s, 0), dash;

	memset(out, 0, sizeof(*out));
	out->note = "";
	if (what) {
		bad(&c, "confusable", NULL, pm_arena_printf(a, "%s in a port cell", what));
		return;
	}
	if (i < c.s.n && c.s.p[i] == ':')
		i++;
	if (i >= c.s.n || !pm_is_digit(c.s.p[i])) {
		dash = i < c.s.n ? pm_dash_len(c.s, i) : 0;
		if (dash && i + dash < c.s.n && pm_is_digit(c.s.p[i + dash]))
			bad(&c, "malformed-port", NULL, "a port is not negative");
		else
			words(&c, i);
		return;
	}
	c.i = i;
	if (!ports(&c))
		return;
	out->kind = PM_CELL_PORTS;
	if (!ends(&c, c.i))
		out->note = pm_arena_str(a, pm_str_trim(sub(c.s, c.i, c.s.n)));
}
