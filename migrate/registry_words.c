/*
 * registry_words.c - splitting a text into words, interning them, and what a word says by itself.
 * Which words are roles or noise is words.c's; which are the project's, registry_project.c's.
 */
#include "registry_impl.h"

#include <string.h>

/* ---- interning ---- */

struct pm_reg_word *pm_reg_find_word(const struct pm_registry *r, const char *p, size_t n)
{
	struct pm_reg_word *e = NULL;

	HASH_FIND(hh, r->words, p, (unsigned)n, e);
	return e;
}

struct pm_reg_word *pm_reg_intern(struct pm_registry *r, const char *p, size_t n)
{
	struct pm_reg_word *e = pm_reg_find_word(r, p, n);

	if (e)
		return e;
	e = PM_NEW(r->arena, struct pm_reg_word);
	e->text = pm_arena_strndup(r->arena, p, n);
	HASH_ADD_KEYPTR(hh, r->words, e->text, (unsigned)n, e);
	return e;
}

void pm_reg_intern_vocabulary(struct pm_registry *r)
{
	const char *w;

	for (size_t i = 0; (w = pm_word_noise_at(i)); i++)
		pm_reg_intern(r, w, strlen(w));
	for (size_t i = 0; (w = pm_word_role_at(i)); i++)
		pm_reg_intern(r, w, strlen(w));
}

/* ---- splitting ---- */

char pm_reg_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_alpha(char c)
{
	c = pm_reg_lower(c);
	return c >= 'a' && c <= 'z';
}

/* A letter, or the first byte of a two-byte one (German and Greek names are words, too; arrows,
 * boxes and emoji, which take three and four bytes, are not). */
static bool is_letter(char c)
{
	return is_alpha(c) || ((unsigned char)c >= 0xc3 && (unsigned char)c <= 0xdf);
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

bool pm_reg_is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* End of the word that starts at i: camelCase humps and acronyms ("URLPath" -> URL, Path). */
static size_t word_end(struct pm_str s, size_t i)
{
	size_t k = i + 1;

	if (pm_reg_is_capital(s.p[i])) {
		while (k < s.n && pm_reg_is_capital(s.p[k]))
			k++;
		if (k - i > 1) {
			if (k < s.n && is_alpha(s.p[k]) && !(s.p[k] == 's' && (k + 1 == s.n ||
			    !is_alpha(s.p[k + 1]))))
				return k - 1;
			goto digits;
		}
	}
	while (k < s.n && !pm_reg_is_capital(s.p[k]) &&
	       (is_letter(s.p[k]) || (is_continuation(s.p[k]) && !is_alpha(s.p[k - 1]) &&
				      (is_letter(s.p[k - 1])))))
		k++;
digits:
	while (k < s.n && pm_is_digit(s.p[k]))
		k++;
	/* "e2e", "k8s" are one word */
	for (size_t end = k; pm_is_digit(s.p[k - 1]) && end < s.n && end < k + 2; end++) {
		if (!is_alpha(s.p[end]))
			break;
		if (end + 1 == s.n || !is_alpha(s.p[end + 1]))
			return end + 1;
	}
	return k;
}

unsigned pm_reg_split(const struct pm_registry *r, struct pm_registry *add,
		      struct pm_str text, struct pm_word *out, unsigned max)
{
	unsigned n = 0;

	for (size_t i = 0; i < text.n && n < max;) {
		char lower[64];
		size_t end, len;
		struct pm_reg_word *e;

		if (!is_letter(text.p[i])) {
			i++;
			continue;
		}
		end = word_end(text, i);
		len = end - i < sizeof(lower) ? end - i : sizeof(lower);
		for (size_t k = 0; k < len; k++)
			lower[k] = pm_reg_lower(text.p[i + k]);
		e = add ? pm_reg_intern(add, lower, len) : pm_reg_find_word(r, lower, len);
		out[n++] = (struct pm_word){ e ? e->text : NULL, (uint32_t)i,
					     (uint32_t)(end - i) };
		i = end;
	}
	return n;
}

unsigned pm_registry_words(const struct pm_registry *r, struct pm_str text, struct pm_word *out,
			   unsigned max)
{
	return pm_reg_split(r, NULL, text, out, max);
}

/* ---- classes ---- */

enum pm_word_class pm_registry_word_class(const struct pm_registry *r, const char *lower)
{
	const struct pm_reg_word *e;

	if (!lower)
		return PM_WORD_OTHER;
	e = pm_reg_find_word(r, lower, strlen(lower));
	if (e && e->project)
		return PM_WORD_PROJECT;
	if (pm_role_group(lower))
		return PM_WORD_ROLE;
	return pm_word_is_noise(lower) ? PM_WORD_NOISE : PM_WORD_OTHER;
}

bool pm_registry_is_part(const struct pm_registry *r, const char *lower)
{
	const struct pm_reg_word *e = lower ? pm_reg_find_word(r, lower, strlen(lower)) : NULL;

	return e && e->project && !e->whole;
}

/* Has the name a word that is neither a role nor common, or two roles ("docs-api")? */
bool pm_reg_tells_apart(const struct pm_registry *r, const char *name)
{
	const char *all[PM_REG_WORDS];
	unsigned n_all = 0;
	struct pm_word w[PM_REG_WORDS];
	unsigned n = pm_reg_split(r, NULL, pm_str_of(name), w, PM_REG_WORDS);

	for (unsigned i = 0; i < n; i++) {
		enum pm_word_class c = pm_registry_word_class(r, w[i].text);

		if (c == PM_WORD_OTHER || c == PM_WORD_PROJECT)
			return true;
		all[n_all++] = w[i].text;
	}
	return pm_reg_has_two_roles(all, n_all);
}

bool pm_reg_has_own_word(struct pm_registry *r, const char *name)
{
	struct pm_word w[PM_REG_WORDS];
	unsigned n = pm_reg_split(r, r, pm_str_of(name), w, PM_REG_WORDS);

	for (unsigned i = 0; i < n; i++) {
		enum pm_word_class c = pm_registry_word_class(r, w[i].text);

		if (c == PM_WORD_OTHER || c == PM_WORD_ROLE)
			return true;
	}
	return false;
}

bool pm_reg_is_role_only(struct pm_registry *r, const char *name)
{
	struct pm_word w[PM_REG_WORDS];
	unsigned n = pm_reg_split(r, r, pm_str_of(name), w, PM_REG_WORDS);

	for (unsigned i = 0; i < n; i++)
		if (pm_registry_word_class(r, w[i].text) == PM_WORD_OTHER)
			return false;
	return true;
}
