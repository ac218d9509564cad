/* allow.c - see allow.h. */
#include "allow.h"

#include "base/path.h"

#include <string.h>

static const char word[] = "portmig:allow";
enum { WORD = sizeof(word) - 1 };

/* What begins a comment, longest first. */
static const char *const openers[] = { "{{/*", "<!--", "{#", "//", "/*", "--", "#", ";", "*", "%",
				       NULL };
static const char *const closers[] = { "*/}}", "-->", "*/", "#}", NULL };

/* Length of the comment opener that ends `before`, 0 for none. */
static size_t opener_len(struct pm_str before, bool markup)
{
	for (size_t i = 0; openers[i]; i++) {
		if (!pm_str_ends(before, openers[i]))
			continue;
		if (markup && strcmp(openers[i], "<!--") != 0)
			return 0;
		/* the middle of a comment over several lines */
		if (strcmp(openers[i], "*") == 0 && pm_str_trim(before).n != 1)
			return 0;
		return strlen(openers[i]);
	}
	return 0;
}

static struct pm_str until_closer(struct pm_str s)
{
	for (size_t i = 0; closers[i]; i++) {
		size_t at = pm_str_find(s, closers[i], false);

		if (at != SIZE_MAX)
			s.n = at;
	}
	return pm_str_trim(s);
}

/* Fenced code: https://github.github.com/gfm/#fenced-code-blocks */
static bool in_fence(const struct pm_lines *l, unsigned line)
{
	char open = 0;

	for (unsigned i = 1; i < line; i++) {
		struct pm_str s = pm_str_trim(pm_lines_get(l, i));

		if (s.n < 3 || (s.p[0] != '`' && s.p[0] != '~') || s.p[1] != s.p[0] ||
		    s.p[2] != s.p[0])
			continue;
		if (!open)
			open = s.p[0];
		else if (open == s.p[0])
			open = 0;
	}
	return open != 0;
}

struct finder {
	struct pm_allows *out;
	struct pm_arena *a;
	const struct pm_file *f;
	struct pm_lines lines;
	bool markup, fences;
	size_t first; /* of this file, in `out` */
};

static void take(struct finder *k, size_t off)
{
	const unsigned line = pm_lines_line(&k->lines, off);
	const size_t start = k->lines.start[line - 1];
	struct pm_str all = pm_lines_get(&k->lines, line), rest, before;
	struct pm_allow *x;
	size_t n = 0;
	size_t opener;

	before = (struct pm_str){ k->f->bytes + start, off - start };
	while (before.n && pm_is_space(before.p[before.n - 1]))
		before.n--;
	opener = opener_len(before, k->markup);
	if (!opener || (k->fences && in_fence(&k->lines, line)))
		return;
	before.n -= opener;
	rest = (struct pm_str){ all.p + (off - start) + WORD, all.n - (off - start) - WORD };
	if (rest.n && !pm_is_space(rest.p[0]) && rest.p[0] != ':')
		return; /* another word */
	rest = until_closer((struct pm_str){ rest.p + (rest.n > 0), rest.n - (rest.n > 0) });
	while (n < rest.n && !pm_is_space(rest.p[n]))
		n++;
	x = PM_VEC_ADD(k->out);
	x->path = k->f->path;
	x->line = line;
	x->col = (unsigned)(off - start) + 1;
	x->covers = pm_str_trim(before).n ? line : line + 1;
	x->rules = pm_arena_strndup(k->a, rest.p, n);
	rest = pm_str_trim((struct pm_str){ rest.p + n, rest.n - n });
	x->reason = pm_arena_strndup(k->a, rest.p, rest.n);
}

void pm_allow_find(struct pm_allows *out, struct pm_arena *a, const struct pm_file *f)
{
	struct pm_arena scratch = { 0 };
	struct finder k = { .out = out, .a = a, .f = f, .first = out->n };
	struct pm_str all = { f->bytes, f->len };
	size_t off = pm_str_find(all, word, false);

	if (off == SIZE_MAX)
		return;
	k.fences = pm_path_is_markdown(f->path);
	k.markup = k.fences || pm_path_has_ext(f->path, ".html") ||
		   pm_path_has_ext(f->path, ".xml");
	pm_lines_init(&k.lines, &scratch, f->bytes, f->len);
	while (off != SIZE_MAX) {
		size_t next;

		take(&k, off);
		next = pm_str_find((struct pm_str){ all.p + off + WORD, all.n - off - WORD }, word,
				   false);
		off = next == SIZE_MAX ? next : off + WORD + next;
	}
	/* several above one line speak of the same */
	for (size_t i = out->n; i-- > k.first + 1;)
		if (out->v[i - 1].covers == out->v[i].line && out->v[i].covers > out->v[i].line)
			out->v[i - 1].covers = out->v[i].covers;
	pm_arena_release(&scratch);
}

bool pm_allow_names(const struct pm_allow *x, const char *rule)
{
	const size_t n = strlen(rule);

	for (const char *p = x->rules; *p; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ','))
		if (strcspn(p, ",") == n && memcmp(p, rule, n) == 0)
			return true;
	return false;
}
