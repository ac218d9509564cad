/* portspec.c - see portspec.h. */
#include "portspec.h"

#include "base/port.h"

#include <string.h>

enum { MAX_FIELDS = 12, MAX_NESTING = 4 };

struct reader {
	struct pm_portspec *out;
	struct pm_str s; /* the whole string: offsets count from its start */
};

/* What a field inherits from the variable it stands in. */
struct inside {
	bool fallback;
	struct pm_str name;
	int nesting;
};

static bool read_spec(struct reader *r, size_t from, size_t to, struct inside in);

static bool add_number(struct reader *r, size_t from, size_t to, bool host, struct inside in)
{
	if (from == to)
		return true;
	for (size_t i = from; i < to; i++)
		if (!pm_is_digit(r->s.p[i]))
			return false;
	if (!pm_port_parse((struct pm_str){ r->s.p + from, to - from }))
		return to - from == 1 && r->s.p[from] == '0'; /* 0: any port, nothing to find */
	if (r->out->n < PM_PORTSPEC_MAX)
		r->out->v[r->out->n++] = (struct pm_portnum){
			.off = from, .len = to - from, .host = host,
			.fallback = in.fallback, .name = in.name,
		};
	return true;
}

/* End of the "${...}" that starts at `from`, past the brace; or `to`. */
static size_t variable_end(struct pm_str s, size_t from, size_t to)
{
	int depth = 0;

	for (size_t i = from; i < to; i++) {
		if (s.p[i] == '{')
			depth++;
		else if (s.p[i] == '}' && --depth == 0)
			return i + 1;
	}
	return to;
}

/* Split ${NAME:-word} at [from, to): the name, and where the word stands (empty if none). */
static bool split_variable(struct pm_str s, size_t from, size_t to, struct pm_str *name,
			   size_t *word)
{
	size_t i = from + 2;

	if (to - from < 4 || s.p[from] != '$' || s.p[from + 1] != '{' || s.p[to - 1] != '}' ||
	    variable_end(s, from, to) != to)
		return false;
	while (i < to && pm_is_word(s.p[i]))
		i++;
	*name = (struct pm_str){ s.p + from + 2, i - from - 2 };
	if (i < to && s.p[i] == ':')
		i++;
	*word = i < to && s.p[i] == '-' ? i + 1 : to - 1;
	return true;
}

/* One half: a number, a range, or a variable whose fallback is one (or has an IP in front). */
static bool read_half(struct reader *r, size_t from, size_t to, bool host, struct inside in)
{
	struct pm_str name;
	size_t word, dash;

	if (from < to && r->s.p[from] == '$') {
		if (to - from > 1 && r->s.p[from + 1] != '{')
			return true; /* $NAME */
		if (in.nesting >= MAX_NESTING || !split_variable(r->s, from, to, &name, &word))
			return false;
		for (size_t i = word; i < to - 1; i++)
			if (host && r->s.p[i] == ':' && pm_is_digit(r->s.p[i + 1]))
				word = i + 1;
		in = (struct inside){ true, name, in.nesting + 1 };
		return read_half(r, word, to - 1, host, in);
	}
	for (dash = from; dash < to && r->s.p[dash] != '-'; dash++)
		;
	if (dash == to)
		return add_number(r, from, to, host, in);
	return dash > from && dash + 1 < to && add_number(r, from, dash, host, in) &&
	       add_number(r, dash + 1, to, host, in);
}

/* Starts of the fields between colons that stand outside "${}" and "[]"; 0 if too many. */
static size_t split_fields(struct pm_str s, size_t from, size_t to, size_t *starts)
{
	size_t n = 0;

	starts[n++] = from;
	for (size_t i = from; i < to;) {
		if (s.p[i] == '$' && i + 1 < to && s.p[i + 1] == '{') {
			i = variable_end(s, i, to);
		} else if (s.p[i] == '[') {
			while (i < to && s.p[i] != ']')
				i++;
		} else if (s.p[i++] == ':') {
			if (n == MAX_FIELDS)
				return 0;
			starts[n++] = i;
		}
	}
	return n;
}

static bool read_spec(struct reader *r, size_t from, size_t to, struct inside in)
{
	size_t starts[MAX_FIELDS], n, word;
	struct pm_str name;

	for (size_t i = to; i > from && r->s.p[i - 1] != '}'; i--)
		if (r->s.p[i - 1] == '/') {
			to = i - 1;
			break;
		}
	n = split_fields(r->s, from, to, starts);
	if (n == 0 || starts[n - 1] >= to)
		return false;
	if (n == 1 && split_variable(r->s, from, to, &name, &word) && in.nesting < MAX_NESTING)
		return word == to - 1 ||
		       read_spec(r, word, to - 1, (struct inside){ true, name, in.nesting + 1 });
	if (n > 1 && !read_half(r, starts[n - 2], starts[n - 1] - 1, true, in))
		return false;
	return read_half(r, starts[n - 1], to, false, in);
}

/* YAML 1.1 reads digits:dd with dd below 60 as one number in base 60. */
static bool is_base60(struct pm_str s)
{
	size_t colon = pm_str_find(s, ":", false), i;

	if (colon == SIZE_MAX || colon == 0)
		return false;
	for (i = 0; i < s.n; i++)
		if (i != colon && !pm_is_digit(s.p[i]))
			return false;
	return s.n - colon - 1 == 1 || (s.n - colon - 1 == 2 && s.p[colon + 1] < '6');
}

bool pm_portspec_parse(struct pm_portspec *out, struct pm_str s)
{
	struct reader r = { out, s };

	memset(out, 0, sizeof(*out));
	if (s.n > 512)
		return false;
	out->base60 = is_base60(s);
	return read_spec(&r, 0, s.n, (struct inside){ false, { s.p, 0 }, 0 });
}
