/*
 * history_loose.c - ranges of a document that cannot be read as a schema: wherever a heading or a
 * row of a table has a range and a name. Only names are compared that stand at one range in either
 * version, word by word, since headings and tables word them differently.
 */
#include "history_impl.h"

#include "base/md.h"
#include "base/path.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

struct spot { /* a word of a name, and the only range that it stands at */
	const char *word;    /* lower case */
	const char *written; /* as in the document */
	unsigned lo, hi, line;
	bool several;
	UT_hash_handle hh;
};

struct loose {
	struct pm_arena arena;
	struct spot *spots;
};

/* Only dashes and spaces: "-", "–", "—". */
static bool is_dash(struct pm_str s)
{
	bool any = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ' ')
			continue;
		if (s.p[i] != '-' && (i + 3 > s.n || (memcmp(s.p + i, "\xe2\x80\x93", 3) != 0 &&
						      memcmp(s.p + i, "\xe2\x80\x94", 3) != 0)))
			return false;
		i += s.p[i] == '-' ? 0 : 2;
		any = true;
	}
	return any;
}

/* The first range in a text; its place is [*from, *to). */
static bool find_range(struct pm_str s, unsigned *lo, unsigned *hi, size_t *from, size_t *to)
{
	size_t a = 0, n_a, b, n_b;

	for (; (*lo = pm_port_next(s, &a, &n_a)); a += n_a) {
		b = a + n_a;
		*hi = pm_port_next(s, &b, &n_b);
		if (*hi > *lo && is_dash((struct pm_str){ s.p + a + n_a, b - a - n_a })) {
			*from = a;
			*to = b + n_b;
			return true;
		}
	}
	return false;
}

static void add_words(struct loose *l, struct pm_str name, unsigned lo, unsigned hi, unsigned line)
{
	for (size_t i = 0, n; i < name.n; i += n ? n : 1) {
		char lower[48];
		struct spot *s;

		n = 0;
		while (i + n < name.n && n < sizeof(lower) - 1 &&
		       (pm_is_word(name.p[i + n]) && name.p[i + n] != '_')) {
			lower[n] = pm_lower(name.p[i + n]);
			n++;
		}
		lower[n] = '\0';
		if (n < 4 || pm_is_digit(lower[0]) || pm_role_group(lower) || pm_word_is_noise(lower))
			continue;
		HASH_FIND_STR(l->spots, lower, s);
		if (s) {
			s->several |= s->lo != lo || s->hi != hi;
			continue;
		}
		s = PM_NEW(&l->arena, struct spot);
		s->word = pm_arena_strdup(&l->arena, lower);
		s->written = pm_arena_strndup(&l->arena, name.p + i, n);
		s->lo = lo;
		s->hi = hi;
		s->line = line;
		HASH_ADD_KEYPTR(hh, l->spots, s->word, (unsigned)n, s);
	}
}

static struct pm_str text_of(const struct pm_md_text *t)
{
	return (struct pm_str){ t->p, t->n };
}

static void add_heading(struct loose *l, const struct pm_md_block *b)
{
	struct pm_str s = text_of(&b->text);
	unsigned lo, hi;
	size_t from, to;

	if (!find_range(s, &lo, &hi, &from, &to))
		return;
	add_words(l, (struct pm_str){ s.p, from }, lo, hi, b->line);
	add_words(l, (struct pm_str){ s.p + to, s.n - to }, lo, hi, b->line);
}

/* A cell that is a range, and the next one, which names it. */
static void add_row(struct loose *l, const struct pm_md_row *row, size_t n_cols)
{
	unsigned lo, hi;
	size_t from, to;

	for (size_t i = 0; i < n_cols; i++) {
		struct pm_str s = pm_str_trim(text_of(&row->cells[i].text));

		if (!find_range(s, &lo, &hi, &from, &to) || from || to != s.n)
			continue;
		if (i + 1 < n_cols)
			add_words(l, text_of(&row->cells[i + 1].text), lo, hi, row->line);
		return;
	}
}

static void read(struct loose *l, const char *path, struct pm_str text)
{
	struct pm_md md = { 0 };

	if (!pm_path_is_markdown(path) || pm_md_parse(&md, &l->arena, path, text, NULL) < 0)
		return;
	for (size_t i = 0; i < md.n; i++) {
		if (md.v[i].kind == PM_MD_HEADING)
			add_heading(l, &md.v[i]);
		for (size_t k = 1; md.v[i].kind == PM_MD_TABLE && k < md.v[i].n_rows; k++)
			add_row(l, &md.v[i].rows[k], md.v[i].n_cols);
	}
	pm_md_release(&md);
}

static int by_line(const void *pa, const void *pb)
{
	const struct pm_loose_move *a = pa, *b = pb;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return strcmp(a->name, b->name);
}

void pm_loose_moves(struct pm_loose_moves *out, struct pm_arena *a, const char *old_path,
		    struct pm_str old, const char *new_path, struct pm_str new)
{
	struct loose before = { 0 }, after = { 0 };
	struct spot *s, *tmp, *was;

	read(&before, old_path, old);
	read(&after, new_path, new);
	HASH_ITER(hh, after.spots, s, tmp) {
		HASH_FIND_STR(before.spots, s->word, was);
		if (!was || was->several || s->several ||
		    (was->lo <= s->hi && s->lo <= was->hi))
			continue; /* not one range, or one within the other */
		*PM_VEC_ADD(out) = (struct pm_loose_move){
			pm_arena_strdup(a, s->written), was->lo, was->hi, s->lo, s->hi, s->line,
		};
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_line);
	HASH_CLEAR(hh, before.spots);
	HASH_CLEAR(hh, after.spots);
	pm_arena_release(&before.arena);
	pm_arena_release(&after.arena);
}
