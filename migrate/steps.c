/* steps.c - see steps.h. */
#include "steps.h"

#include "base/path.h"
#include "reader.h"

#include <string.h>

static bool is_adding(const struct pm_checklist_item *c)
{
	static const char *const words[] = { "adding", "add", "new service", "new", NULL };

	return !c->ticked && c->section && pm_has_any(pm_str_of(c->section), words);
}

static bool in_path(char c)
{
	return pm_is_word(c) || strchr("./-@+", c) != NULL;
}

/* The path of the commit that a word of a step means: itself, or the only one with that name. */
static const char *path_of(struct pm_str word, const char *const *paths, size_t n)
{
	const char *found = NULL;
	size_t count = 0;

	while (word.n && strchr("./", word.p[0]) && !(word.n > 1 && word.p[0] == '.' &&
						      pm_is_word(word.p[1])))
		word = (struct pm_str){ word.p + 1, word.n - 1 };
	while (word.n && strchr(".-", word.p[word.n - 1]))
		word.n--;
	if (word.n < 3 || (!memchr(word.p, '.', word.n) && !memchr(word.p, '/', word.n)))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		struct pm_str base = pm_path_base(paths[i]);

		if (strlen(paths[i]) == word.n && memcmp(paths[i], word.p, word.n) == 0)
			return paths[i];
		if (base.n == word.n && memcmp(base.p, word.p, word.n) == 0) {
			found = paths[i];
			count++;
		}
	}
	return count == 1 ? found : NULL;
}

static void add_step(struct pm_step_files *out, const struct pm_checklist_item *c, const char *path,
		     bool document, bool pick)
{
	*PM_VEC_ADD(out) = (struct pm_step_file){ .item = c, .path = path, .document = document,
						  .pick = pick, .done = document || pick };
}

static void add_files(struct pm_step_files *out, const struct pm_schema *s,
		      const struct pm_checklist_item *c, const char *const *paths, size_t n)
{
	static const char *const picks[] = { "free port", "available port", "unused port",
					     "next port", "free slot", NULL };
	static const char *const selves[] = { "this document", "this file", "this table", NULL };
	const size_t before = out->n;
	size_t to;

	for (size_t i = 0; c->text[i]; i = to + (c->text[to] != '\0')) {
		const char *path;

		for (to = i; c->text[to] && in_path(c->text[to]); to++)
			;
		path = to > i ? path_of((struct pm_str){ c->text + i, to - i }, paths, n) : NULL;
		if (path)
			add_step(out, c, path, strcmp(path, s->path) == 0, false);
	}
	if (out->n == before)
		add_step(out, c, NULL, pm_has_any(pm_str_of(c->text), selves),
			 pm_has_any(pm_str_of(c->text), picks));
}

void pm_steps_find(struct pm_step_files *out, const struct pm_schema *s, const char *const *paths,
		   size_t n_paths)
{
	for (size_t i = 0; i < s->checklist.n; i++)
		if (is_adding(&s->checklist.v[i]))
			add_files(out, s, &s->checklist.v[i], paths, n_paths);
}

/* Length of the name where it begins in `s` (case and separators do not count), or 0. */
static size_t spelled(struct pm_str s, const char *name)
{
	size_t i = 0;

	while (*name) {
		const bool sign = !pm_is_word(*name) || *name == '_';

		if (sign) {
			name++;
			if (i < s.n && strchr("-_. ", s.p[i]))
				i++;
			continue;
		}
		if (i >= s.n || pm_lower(s.p[i]) != pm_lower(*name))
			return 0;
		i++;
		name++;
	}
	return i;
}

unsigned pm_steps_mention(struct pm_str text, const char *name)
{
	unsigned line = 1;

	for (size_t i = 0; i < text.n; i++) {
		size_t n;

		if (text.p[i] == '\n')
			line++;
		if (i && pm_is_word(text.p[i - 1]))
			continue;
		n = spelled((struct pm_str){ text.p + i, text.n - i }, name);
		if (n && (i + n == text.n || !pm_is_word(text.p[i + n]) || text.p[i + n] == '_'))
			return line;
	}
	return 0;
}
