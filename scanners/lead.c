/*
 * lead.c - see lead.h. A small reader of the part of PCRE2's syntax that the tables use; it errs on
 * the side of more bytes: letters stand for both cases, assertions for nothing at all.
 *
 * Syntax: https://www.pcre.org/current/doc/html/pcre2syntax.html
 */
#include "lead.h"

#include "base/text.h"

#include <string.h>

enum { DEPTH = 40 };

/* What is known of a part of a pattern. */
struct part {
	struct pm_lead last; /* bytes it can end with */
	bool empty;          /* it can match nothing */
	bool port;           /* the group stands in it, and: */
	struct pm_lead lead; /*   what can precede it inside this part */
	bool open;           /*   it can stand at the beginning of this part */
	bool needs;          /* every match holds the reader's `needle` */
};

struct reader {
	const char *p;
	const char *needle; /* or NULL */
	bool lost;          /* not understood */
	bool icase;         /* case may be ignored here */
	unsigned depth;
};

static void join(struct pm_lead *to, const struct pm_lead *from)
{
	for (unsigned i = 0; i < PM_LEAD_SETS; i++)
		to->v[i] |= from->v[i];
}

static void add_letter(struct pm_lead *l, unsigned char c)
{
	pm_lead_add(l, c);
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		pm_lead_add(l, c ^ 0x20u);
}

static void invert(struct pm_lead *l)
{
	for (unsigned i = 0; i < PM_LEAD_START / 64; i++)
		l->v[i] = ~l->v[i];
}

static bool is_space(unsigned c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The bytes of \w, \s, \d and their opposites; false for another letter. */
static bool add_class_escape(struct pm_lead *l, char c)
{
	struct pm_lead s = { { 0 } };

	for (unsigned b = 0; b < 256; b++)
		switch (c) {
		case 'w': case 'W':
			if (pm_is_word((char)b))
				pm_lead_add(&s, b);
			break;
		case 's': case 'S':
			if (is_space(b))
				pm_lead_add(&s, b);
			break;
		case 'd': case 'D':
			if (pm_is_digit((char)b))
				pm_lead_add(&s, b);
			break;
		default:
			return false;
		}
	if (c == 'W' || c == 'S' || c == 'D')
		invert(&s);
	join(l, &s);
	return true;
}

/* The byte that an escape other than a class stands for; -1 when it is something else. */
static int escaped_byte(char c)
{
	switch (c) {
	case 'n': return '\n';
	case 't': return '\t';
	case 'r': return '\r';
	default:
		return pm_is_word(c) || c == '\0' ? -1 : (unsigned char)c;
	}
}

/* One byte of a class, behind the '[' or a '-'; -1 for a class escape, which was added. */
static int class_byte(struct reader *r, struct pm_lead *l)
{
	int b;

	if (*r->p != '\\')
		return (unsigned char)*r->p++;
	r->p++;
	if (add_class_escape(l, *r->p)) {
		r->p++;
		return -1;
	}
	b = escaped_byte(*r->p);
	if (b < 0)
		r->lost = true;
	else
		r->p++;
	return b;
}

static struct part read_class(struct reader *r)
{
	struct part out = { .empty = false };
	bool not = *r->p == '^', first = true;

	r->p += not;
	for (; *r->p && (*r->p != ']' || first) && !r->lost; first = false) {
		int a, b;

		if (r->p[0] == '[' && strchr(":.=", r->p[1])) {
			r->lost = true;
			break;
		}
		a = b = class_byte(r, &out.last);
		if (a >= 0 && r->p[0] == '-' && r->p[1] && r->p[1] != ']') {
			r->p++;
			b = class_byte(r, &out.last);
			r->lost |= b < a;
		}
		for (; a >= 0 && a <= b; a++)
			add_letter(&out.last, (unsigned char)a);
	}
	r->lost |= *r->p != ']';
	r->p += !r->lost;
	if (not) {
		struct pm_lead as_written = out.last;

		/* case may not have counted: then [^a] still takes an A */
		invert(&out.last);
		for (unsigned c = 'A'; c <= 'Z'; c++)
			if (pm_lead_has(&as_written, c)) {
				pm_lead_add(&out.last, c);
				pm_lead_add(&out.last, c ^ 0x20u);
			}
	}
	return out;
}

static struct part read_alternatives(struct reader *r);

/* Behind "(": the group, with its ')'. Assertions match nothing. */
static struct part read_group(struct reader *r)
{
	struct part out, none = { .empty = true };
	bool port = false, assertion = false, icase = r->icase;
	bool needle = r->needle && strncmp(r->p - 1, r->needle, strlen(r->needle)) == 0;

	if (*r->p == '*' || ++r->depth > DEPTH) {
		r->lost = true;
		return none;
	}
	if (*r->p == '?') {
		r->p++;
		if (*r->p == ':' || *r->p == '>') {
			r->p++;
		} else if (*r->p == '=' || *r->p == '!') {
			assertion = true;
			r->p++;
		} else if (*r->p == '<' && (r->p[1] == '=' || r->p[1] == '!')) {
			assertion = true;
			r->p += 2;
		} else if (*r->p == '<') {
			const char *end = strchr(r->p, '>');

			port = strncmp(r->p, "<port>", 6) == 0;
			r->lost |= !end;
			r->p = end ? end + 1 : r->p;
		} else if (*r->p == 'i' && (r->p[1] == ':' || r->p[1] == ')')) {
			r->p += 2;
			r->icase = true;
			if (r->p[-1] == ')') {
				r->depth--;
				return none;
			}
		} else {
			r->lost = true;
		}
	}
	if (r->lost)
		return none;
	out = read_alternatives(r);
	r->lost |= *r->p != ')' || (assertion && out.port);
	r->p += !r->lost;
	r->depth--;
	r->icase = icase;
	out.needs |= needle && !icase;
	if (port) {
		out.port = out.open = true;
		out.lead = none.lead;
	}
	return assertion ? none : out;
}

static struct part read_atom(struct reader *r)
{
	struct part out = { .empty = false };
	char c = *r->p++;
	int b;

	switch (c) {
	case '(':
		return read_group(r);
	case '[':
		return read_class(r);
	case '.':
		invert(&out.last);
		return out;
	case '^':
		pm_lead_add(&out.last, PM_LEAD_START);
		return out;
	case '$':
		out.empty = true;
		return out;
	case '\\':
		c = *r->p;
		if (c && strchr("bBzZA", c)) {
			r->p++;
			out.empty = true;
			return out;
		}
		if (add_class_escape(&out.last, c)) {
			r->p++;
			return out;
		}
		b = escaped_byte(c);
		if (b < 0)
			r->lost = true;
		else
			pm_lead_add(&out.last, (unsigned)b);
		r->p += b >= 0;
		return out;
	default:
		r->lost |= strchr("*+?{", c) != NULL && c != '{';
		add_letter(&out.last, (unsigned char)c);
		return out;
	}
}

/* Is this "{2,5}" a quantifier, and may it be none, or many? Anything else is taken for bytes. */
static bool read_braces(struct reader *r, bool *none, bool *many)
{
	const char *p = r->p + 1;
	unsigned lo = 0;

	if (!pm_is_digit(*p))
		return false;
	for (; pm_is_digit(*p); p++)
		lo = lo * 10 + (unsigned)(*p - '0');
	*many = !(lo <= 1 && p[0] == '}');
	if (*p == ',')
		for (p++; pm_is_digit(*p); p++)
			;
	if (*p != '}')
		return false;
	*none = lo == 0;
	r->p = p + 1;
	return true;
}

static void read_quantifier(struct reader *r, struct part *part)
{
	bool none = false, many = false;

	if (*r->p == '?' || *r->p == '*' || *r->p == '+') {
		none = *r->p != '+';
		many = *r->p != '?';
		r->p++;
	} else if (*r->p != '{' || !read_braces(r, &none, &many)) {
		return;
	}
	if (*r->p == '?' || *r->p == '+')
		r->p++;
	/* the group again behind itself: not followed here */
	r->lost |= many && part->port;
	part->empty |= none;
	part->needs &= !none;
}

static struct part read_sequence(struct reader *r)
{
	struct part all = { .empty = true };

	while (*r->p && *r->p != '|' && *r->p != ')' && !r->lost) {
		struct part one = read_atom(r);

		read_quantifier(r, &one);
		if (one.port) {
			all.port = true;
			join(&all.lead, &one.lead);
			if (one.open)
				join(&all.lead, &all.last);
			all.open |= one.open && all.empty;
		}
		all.needs |= one.needs;
		if (!one.empty)
			all.last = (struct pm_lead){ { 0 } };
		join(&all.last, &one.last);
		all.empty &= one.empty;
	}
	return all;
}

static struct part read_alternatives(struct reader *r)
{
	struct part all = read_sequence(r);

	while (*r->p == '|' && !r->lost) {
		struct part one;

		r->p++;
		one = read_sequence(r);
		join(&all.last, &one.last);
		join(&all.lead, &one.lead);
		all.empty |= one.empty;
		all.port |= one.port;
		all.needs &= one.needs;
		all.open |= one.open;
	}
	return all;
}

bool pm_lead_needs(const char *pattern, const char *part)
{
	struct reader r = { .p = pattern, .needle = part };
	struct part all = read_alternatives(&r);

	return all.needs && !r.lost && !*r.p;
}

struct pm_lead pm_lead_of(const char *pattern)
{
	struct reader r = { .p = pattern };
	struct part all = read_alternatives(&r);

	if (r.lost || *r.p || !all.port || all.open)
		memset(&all.lead, 0xff, sizeof(all.lead));
	return all.lead;
}
