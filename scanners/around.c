/*
 * around.c - see around.h. A small reader of the part of PCRE2's syntax that the tables use; it errs
 * on the side of more bytes: letters stand for both cases, negative assertions for nothing at all.
 *
 * Syntax: https://www.pcre.org/current/doc/html/pcre2syntax.html
 */
#include "around.h"

#include "base/text.h"

#include <string.h>

enum { DEPTH = 40 };

/* What is known of a part of a pattern. */
struct part {
	struct pm_bytes last;  /* bytes it can end with */
	struct pm_bytes first; /* bytes that can follow where it begins */
	bool empty;            /* it can match nothing: look further to the left */
	bool pass;             /* nothing of it need follow: look further to the right */
	bool zero;             /* it never takes a byte: an assertion */
	unsigned run;          /* as many digits follow where it begins, at least ... */
	bool pure;             /* ... and they are all of it */
	bool needs;            /* every match holds the reader's `needle` */
	/* the group: it stands in this part, and then: */
	bool port;
	struct pm_bytes before, after; /* what can stand around it, inside this part */
	bool open, close;              /* it can stand at the beginning, at the end */
	bool behind;                   /* something that takes a byte may come first */
	unsigned digits;
};

struct reader {
	const char *p;
	const char *needle; /* or NULL */
	bool blanks;        /* what can match white space counts as not there */
	bool lost;          /* not understood */
	bool icase;         /* case may be ignored here */
	unsigned depth;
};

static void join(struct pm_bytes *to, const struct pm_bytes *from)
{
	for (unsigned i = 0; i < PM_BYTES_SETS; i++)
		to->v[i] |= from->v[i];
}

static void add_letter(struct pm_bytes *l, unsigned char c)
{
	pm_bytes_add(l, c);
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		pm_bytes_add(l, c ^ 0x20u);
}

static void invert(struct pm_bytes *l)
{
	for (unsigned i = 0; i < PM_BYTES_EDGE / 64; i++)
		l->v[i] = ~l->v[i];
}

/* The bytes of \w, \s, \d and their opposites; false for another letter. */
static bool add_class_escape(struct pm_bytes *l, char c)
{
	static const struct { char c; struct pm_bytes bytes; } classes[] = {
		{ 'w', { { 0x03ff000000000000, 0x07fffffe87fffffe } } },
		{ 's', { { 0x0000000100003e00 } } },
		{ 'd', { { 0x03ff000000000000 } } },
	};

	for (unsigned i = 0; i < 3; i++) {
		struct pm_bytes s = classes[i].bytes;

		if (pm_lower(c) != classes[i].c)
			continue;
		if (c != classes[i].c)
			invert(&s);
		join(l, &s);
		return true;
	}
	return false;
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
static int class_byte(struct reader *r, struct pm_bytes *l)
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

/* An atom that takes one byte of `last`. */
static void finish_byte(const struct reader *r, struct part *out)
{
	const uint64_t digits = 0x03ff000000000000;

	out->pure = !(out->last.v[0] & ~digits);
	for (unsigned i = 1; i < PM_BYTES_SETS; i++)
		out->pure &= out->last.v[i] == 0;
	out->run = out->pure;
	out->first = out->last;
	out->pass = r->blanks && (pm_bytes_has(&out->last, ' ') || pm_bytes_has(&out->last, '\t'));
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
		struct pm_bytes as_written = out.last;

		/* case may not have counted: then [^a] still takes an A */
		invert(&out.last);
		for (unsigned c = 'A'; c <= 'Z'; c++)
			if (pm_bytes_has(&as_written, c)) {
				pm_bytes_add(&out.last, c);
				pm_bytes_add(&out.last, c ^ 0x20u);
			}
	}
	finish_byte(r, &out);
	return out;
}

static struct part read_alternatives(struct reader *r);

/* Nothing, and anything may come next. */
static struct part nothing(void)
{
	return (struct part){ .empty = true, .pass = true, .zero = true, .pure = true };
}

/* What a group is for, behind "(". */
struct group {
	bool port, ahead, zero; /* the group `port`; (?=...); any assertion */
};

/* Read up to the group's content; false when there is none: "(?i)". */
static bool open_group(struct reader *r, struct group *g)
{
	if (*r->p != '?')
		return true;
	r->p++;
	if (*r->p == ':' || *r->p == '>') {
		r->p++;
	} else if (*r->p == '=' || *r->p == '!') {
		g->ahead = *r->p == '=';
		g->zero = true;
		r->p++;
	} else if (*r->p == '<' && (r->p[1] == '=' || r->p[1] == '!')) {
		g->zero = true;
		r->p += 2;
	} else if (*r->p == '<') {
		const char *end = strchr(r->p, '>');

		g->port = strncmp(r->p, "<port>", 6) == 0;
		r->lost |= !end;
		r->p = end ? end + 1 : r->p;
	} else if (*r->p == 'i' && (r->p[1] == ':' || r->p[1] == ')')) {
		r->p += 2;
		r->icase = true;
		return r->p[-1] == ':';
	} else {
		r->lost = true;
	}
	return true;
}

/* Behind "(": the group, with its ')'. */
static struct part read_group(struct reader *r)
{
	bool needle = r->needle && strncmp(r->p - 1, r->needle, strlen(r->needle)) == 0;
	struct group g = { .port = false };
	struct part in, out = nothing();
	const bool icase = r->icase;

	if (*r->p == '*' || ++r->depth > DEPTH) {
		r->lost = true;
		return out;
	}
	if (!open_group(r, &g)) {
		r->depth--;
		return out;
	}
	if (r->lost)
		return out;
	in = read_alternatives(r);
	r->lost |= *r->p != ')' || (g.zero && in.port);
	r->p += !r->lost;
	r->depth--;
	r->icase = icase;
	in.needs |= needle && !icase;
	if (g.port) {
		in.port = in.open = in.close = true;
		in.behind = false;
		in.digits = in.run ? in.run : 1;
		in.before = in.after = out.before;
	}
	if (g.ahead) {
		out.first = in.first;
		out.pass = in.pass;
		out.run = in.run;
	}
	return g.zero ? out : in;
}

/* Behind a backslash. */
static struct part read_escape(struct reader *r)
{
	struct part out = { .empty = false };
	const char c = *r->p;
	int b;

	if (c && strchr("bBzZA", c)) {
		r->p++;
		out = nothing();
		if (c == 'z' || c == 'Z') {
			pm_bytes_add(&out.first, PM_BYTES_EDGE);
			pm_bytes_add(&out.first, '\n');
			out.pass = false;
		}
		return out;
	}
	if (add_class_escape(&out.last, c)) {
		r->p++;
		finish_byte(r, &out);
		return out;
	}
	b = escaped_byte(c);
	if (b < 0)
		r->lost = true;
	else
		pm_bytes_add(&out.last, (unsigned)b);
	r->p += b >= 0;
	finish_byte(r, &out);
	return out;
}

static struct part read_atom(struct reader *r)
{
	struct part out = { .empty = false };
	char c = *r->p++;

	switch (c) {
	case '(':
		return read_group(r);
	case '[':
		return read_class(r);
	case '\\':
		return read_escape(r);
	case '.':
		invert(&out.last);
		break;
	case '^':
		out = nothing();
		out.empty = false;
		pm_bytes_add(&out.last, PM_BYTES_EDGE);
		return out;
	case '$':
		out = nothing();
		out.pass = false;
		pm_bytes_add(&out.first, PM_BYTES_EDGE);
		pm_bytes_add(&out.first, '\n');
		return out;
	default:
		r->lost |= strchr("*+?{", c) != NULL && c != '{';
		add_letter(&out.last, (unsigned char)c);
	}
	finish_byte(r, &out);
	return out;
}

/* Is this "{2,5}" a quantifier, and what is its least, and may it be many? Anything else is taken
 * for bytes. */
static bool read_braces(struct reader *r, unsigned *least, bool *many)
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
	*least = lo;
	r->p = p + 1;
	return true;
}

static void read_quantifier(struct reader *r, struct part *part)
{
	unsigned least = 1;
	bool many = false;

	if (*r->p == '?' || *r->p == '*' || *r->p == '+') {
		least = *r->p == '+';
		many = *r->p != '?';
		r->p++;
	} else if (*r->p != '{' || !read_braces(r, &least, &many)) {
		return;
	}
	if (*r->p == '?' || *r->p == '+')
		r->p++;
	/* the group again behind itself: not followed here */
	r->lost |= many && part->port;
	part->run = part->pure ? part->run * (least < 5 ? least : 5) : least ? part->run : 0;
	part->pure &= least != 0;
	part->empty |= least == 0;
	part->pass |= least == 0;
	part->needs &= least != 0;
}

/* `one` comes behind all before. */
static void append(struct part *all, const struct part *one, unsigned *ahead)
{
	if (one->port) {
		all->port = true;
		join(&all->before, &one->before);
		if (one->open)
			join(&all->before, &all->last);
		join(&all->after, &one->after);
		all->open |= one->open && all->empty;
		all->close = one->close;
		all->behind |= one->behind || !all->zero;
		all->digits = !one->behind && *ahead > one->digits ? *ahead : one->digits;
	} else if (all->port && all->close) {
		join(&all->after, &one->first);
		all->close = one->pass;
	}
	/* digits that an assertion saw, up to what takes them */
	*ahead = !one->zero ? 0 : one->run > *ahead ? one->run : *ahead;
	all->needs |= one->needs;
	if (all->pass)
		join(&all->first, &one->first);
	all->pass &= one->pass;
	if (all->pure && !one->zero)
		all->run += one->run;
	all->pure &= one->pure;
	if (!one->empty)
		all->last = (struct pm_bytes){ { 0 } };
	join(&all->last, &one->last);
	all->empty &= one->empty;
	all->zero &= one->zero;
}

static struct part read_sequence(struct reader *r)
{
	struct part all = nothing();
	unsigned ahead = 0;

	while (*r->p && *r->p != '|' && *r->p != ')' && !r->lost) {
		struct part one = read_atom(r);

		read_quantifier(r, &one);
		append(&all, &one, &ahead);
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
		join(&all.first, &one.first);
		all.empty |= one.empty;
		all.pass |= one.pass;
		all.zero &= one.zero;
		all.run = one.run < all.run ? one.run : all.run;
		all.pure &= one.pure && one.run == all.run;
		all.needs &= one.needs;
		if (!one.port)
			continue;
		join(&all.before, &one.before);
		join(&all.after, &one.after);
		all.digits = all.port && all.digits < one.digits ? all.digits : one.digits;
		all.port = true;
		all.open |= one.open;
		all.close |= one.close;
		all.behind |= one.behind;
	}
	return all;
}

/* The first visible byte, of a pattern that begins where the text does: "^...". */
static struct pm_bytes first_of(const char *pattern)
{
	struct reader r = { .p = pattern, .blanks = true };
	struct part all = nothing();

	if (*pattern == '^') {
		r.p++;
		all = read_sequence(&r); /* with alternatives, the others begin anywhere */
	}
	if (r.lost || *r.p || all.pass)
		memset(&all.first, 0xff, sizeof(all.first));
	return all.first;
}

struct pm_around pm_around_of(const char *pattern, const char *part)
{
	struct reader r = { .p = pattern, .needle = part };
	struct part all = read_alternatives(&r);
	struct pm_around out = { .before = all.before, .after = all.after, .digits = all.digits };
	const bool known = !r.lost && !*r.p && all.port;

	if (!known || all.open)
		memset(&out.before, 0xff, sizeof(out.before));
	if (!known || all.close)
		memset(&out.after, 0xff, sizeof(out.after));
	if (!known || out.digits < 1 || out.digits > 5)
		out.digits = 1;
	out.first = first_of(pattern);
	out.needs = part && all.needs && !r.lost && !*r.p;
	return out;
}
