/*
 * lenient.c - YAML as people commit it: Helm templates, and files with a broken line.
 *
 * What is no YAML is overwritten in a copy, byte for byte, so that spans stay those of the file:
 * lines that hold only a template action become blanks, actions inside a line underscores, and a
 * line that libyaml rejects becomes blanks if nothing hangs below it. A line with something below
 * it must not go: its children would move to another parent.
 */
#include "formats.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ROUNDS = 16, MAX_LENGTH = 1 << 20 };

struct lenient {
	struct pm_sink *s;
	char *v; /* the copy */
	size_t n;
	struct pm_err err;
	unsigned blanked;
};

/* "path:12:3" or "path:12" as an offset; SIZE_MAX when there is no line. */
static size_t offset_of(struct pm_sink *s, const char *where)
{
	const struct pm_lines *l = pm_sink_lines(s);
	const char *rest = where + strlen(s->file->path);
	unsigned long line, col = 1;
	char *end;

	if (strncmp(where, s->file->path, strlen(s->file->path)) != 0 || *rest != ':')
		return SIZE_MAX;
	line = strtoul(rest + 1, &end, 10);
	if (*end == ':')
		col = strtoul(end + 1, NULL, 10);
	if (line < 1 || line > l->n || col < 1)
		return SIZE_MAX;
	return l->start[line - 1] + col - 1 <= l->len ? l->start[line - 1] + col - 1
						      : l->start[line - 1];
}

/* Try the copy; nodes of failed attempts do not stay. */
static bool parses(struct lenient *x)
{
	struct pm_arena a = { 0 };
	struct pm_yaml y = { 0 };
	int rc = pm_yaml_parse(&y, &a, x->s->file->path, (struct pm_str){ x->v, x->n }, &x->err);

	pm_arena_release(&a);
	return rc == 0;
}

static void fill(char *p, size_t n, char c)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != '\n' && p[i] != '\r')
			p[i] = c;
}

/* A line that is one action and nothing else. */
static bool is_action(struct pm_str line)
{
	line = pm_str_trim(line);
	return line.n >= 4 && memcmp(line.p, "{{", 2) == 0 &&
	       memcmp(line.p + line.n - 2, "}}", 2) == 0;
}

static void take_out_actions(struct lenient *x)
{
	const struct pm_lines *l = pm_sink_lines(x->s);

	for (unsigned i = 1; i <= l->n; i++) {
		struct pm_str line = pm_lines_get(l, i);
		char *copy = x->v + (line.p - l->p);
		size_t at;

		if (is_action(line)) {
			fill(copy, line.n, ' ');
			continue;
		}
		while ((at = pm_str_find((struct pm_str){ copy, line.n }, "{{", false)) !=
		       SIZE_MAX) {
			struct pm_str rest = { copy + at, line.n - at };
			size_t end = pm_str_find(rest, "}}", false);

			fill(copy + at, end == SIZE_MAX ? rest.n : end + 2, '_');
		}
	}
}

static size_t indent_of(struct pm_str line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] == ' ')
		i++;
	return i;
}

/* The line of the copy, 1-based. */
static struct pm_str copy_line(const struct lenient *x, unsigned line)
{
	const struct pm_lines *l = pm_sink_lines(x->s);
	struct pm_str s = pm_lines_get(l, line);

	return (struct pm_str){ x->v + (s.p - l->p), s.n };
}

static bool has_children(const struct lenient *x, unsigned line)
{
	const size_t n = pm_sink_lines(x->s)->n;
	size_t indent = indent_of(copy_line(x, line));

	for (unsigned i = line + 1; i <= n; i++) {
		struct pm_str below = copy_line(x, i);

		if (pm_str_trim(below).n)
			return indent_of(below) > indent;
	}
	return false;
}

/* Blank one line if that gets the parser further than `reached`. */
static bool drop_line(struct lenient *x, unsigned line, size_t reached)
{
	struct pm_str s;
	char *kept;
	bool better;

	if (line < 1 || line > pm_sink_lines(x->s)->n || has_children(x, line))
		return false;
	s = copy_line(x, line);
	if (!pm_str_trim(s).n)
		return false;
	kept = pm_xrealloc(NULL, s.n);
	memcpy(kept, s.p, s.n);
	fill(x->v + (s.p - x->v), s.n, ' ');
	better = parses(x);
	if (!better) {
		size_t now = offset_of(x->s, x->err.where);

		better = now != SIZE_MAX && now > reached;
	}
	if (!better)
		memcpy(x->v + (s.p - x->v), kept, s.n);
	free(kept);
	x->blanked += better;
	return better;
}

/* Neither "key: value" nor "key:" nor an item. */
static bool is_odd(struct pm_str line)
{
	line = pm_str_trim(line);
	return line.n && line.p[0] != '-' && line.p[0] != '#' && line.p[line.n - 1] != ':' &&
	       pm_str_find(line, ": ", false) == SIZE_MAX;
}

/* The rejected line, or the one above it: a key without its colon is noticed one line later. */
static bool drop_culprit(struct lenient *x)
{
	size_t at = offset_of(x->s, x->err.where);
	unsigned line;

	if (at == SIZE_MAX)
		return false;
	line = pm_lines_line(pm_sink_lines(x->s), at);
	if (line > 1 &&
	    (strstr(x->err.text, "expected ':'") || is_odd(copy_line(x, line - 1))) &&
	    drop_line(x, line - 1, at))
		return true;
	return drop_line(x, line, at) || drop_line(x, line - 1, at);
}

static bool recover(struct lenient *x)
{
	if (pm_str_find((struct pm_str){ x->v, x->n }, "{{", false) != SIZE_MAX) {
		take_out_actions(x);
		if (parses(x))
			return true;
	}
	for (int i = 0; i < MAX_ROUNDS; i++) {
		if (!drop_culprit(x))
			return false;
		if (parses(x))
			return true;
	}
	return false;
}

enum pm_yaml_parsed pm_formats_yaml(struct pm_yaml *out, struct pm_sink *s)
{
	struct lenient x = { .s = s, .n = s->file->len };
	struct pm_str text = { s->file->bytes, s->file->len };
	const char *why;
	bool ok = false;
	size_t at;

	memset(out, 0, sizeof(*out));
	if (pm_yaml_parse(out, &s->scratch, s->file->path, text, &x.err) == 0)
		return PM_YAML_WHOLE;
	at = offset_of(s, x.err.where);
	why = pm_arena_strdup(s->arena, x.err.text);
	pm_sink_diag(s, "yaml-unparsed", PM_NOTE, at,
		     pm_arena_printf(s->arena, "%s; read line by line instead", why));
	if (x.n && x.n <= MAX_LENGTH) {
		x.v = pm_xrealloc(NULL, x.n);
		memcpy(x.v, text.p, x.n);
		ok = recover(&x) && pm_yaml_parse(out, &s->scratch, s->file->path,
						  (struct pm_str){ x.v, x.n }, &x.err) == 0;
		free(x.v);
	}
	if (ok && !x.blanked)
		s->diags.v[s->diags.n - 1].text = pm_arena_printf(
			s->arena, "a template: %s; read without its actions", why);
	else if (ok)
		s->diags.v[s->diags.n - 1].text = pm_arena_printf(
			s->arena, "%s; read without template actions and %u broken line%s",
			why, x.blanked, x.blanked == 1 ? "" : "s");
	return ok ? PM_YAML_PART : PM_YAML_NONE;
}
