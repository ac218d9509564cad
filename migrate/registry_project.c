/*
 * registry_project.c - project words: those that many of a repository's names begin with, and that
 * therefore tell none of its services apart.
 */
#include "registry_impl.h"


struct word_count {
	struct pm_reg_word *e;
	unsigned n;       /* names that begin with it */
	unsigned n_other; /* those that go on with a word of their own, not merely a role */
};

/* Was this name met before? One service is named alike in many manifests, and counts once. */
static bool seen_before(struct pm_arena *a, struct pm_reg_key **seen, const struct pm_word *w,
			unsigned n)
{
	const char *key = "";
	struct pm_reg_key *e = NULL;

	for (unsigned i = 0; i < n; i++)
		key = pm_arena_printf(a, "%s %s", key, w[i].text);
	HASH_FIND_STR(*seen, key, e);
	if (e)
		return true;
	e = PM_NEW(a, struct pm_reg_key);
	e->key = key;
	HASH_ADD_KEYPTR(hh, *seen, e->key, (unsigned)strlen(key), e);
	return false;
}

static bool tells_nothing(const char *word)
{
	return pm_role_group(word) || pm_word_is_noise(word);
}

static void set_project(struct pm_reg_word *e, bool whole)
{
	e->project = true;
	e->whole |= whole;
}

/* The name of the whole repository, when a file at its root says so, or of an application in it. */
static void read_project_name(struct pm_registry *r, const char *path, const struct pm_word *w,
			      unsigned n)
{
	for (unsigned i = 0; n <= 2 && i < n; i++)
		if (!tells_nothing(w[i].text))
			set_project(pm_reg_find_word(r, w[i].text, strlen(w[i].text)),
				    !strchr(path, '/'));
}

/* Count the word that follows the project words of a name. False when the name tells nothing. */
static bool count_prefix(struct pm_registry *r, const struct pm_word *w, unsigned n, bool runs,
			 struct word_count *counts, unsigned *n_counts)
{
	unsigned i = 0, c = 0;

	while (i < n && pm_reg_find_word(r, w[i].text, strlen(w[i].text))->project)
		i++;
	if (n - i < 2 || tells_nothing(w[i].text))
		return n > i;
	while (c < *n_counts && counts[c].e->text != w[i].text)
		c++;
	if (c == *n_counts) {
		if (c == 256)
			return true;
		counts[c].e = pm_reg_find_word(r, w[i].text, strlen(w[i].text));
		counts[c].n = counts[c].n_other = 0;
		(*n_counts)++;
	}
	counts[c].n++;
	counts[c].n_other += runs && !tells_nothing(w[i + 1].text);
	return true;
}

/*
 * One pass: words that many of the repository's names begin with tell projects apart, not
 * services: "acme-billing", "acme-ledger". Where only roles follow ("shop-api", "shop-web") the
 * word is one application among others, unless nearly all names begin with it. True when a new
 * word was found.
 */
static bool find_prefix_words(struct pm_registry *r, const struct pm_decls *decls)
{
	struct pm_reg_key *seen = NULL, *e, *tmp;
	struct word_count counts[256];
	unsigned n_counts = 0, total = 0;
	bool found = false;

	for (size_t i = 0; i < decls->n; i++)
		for (size_t k = 0; k < decls->v[i].n; k++) {
			const struct pm_name *nm = &decls->v[i].names[k];
			struct pm_word w[PM_REG_WORDS];
			unsigned n = pm_reg_split(r, r, pm_str_of(nm->text), w, PM_REG_WORDS);

			if (n && nm->kind == PM_NAME_PROJECT)
				read_project_name(r, decls->v[i].path, w, n);
			else if (n && nm->kind != PM_NAME_DIR && nm->kind != PM_NAME_HOSTNAME &&
				 nm->kind != PM_NAME_IMAGE && !seen_before(r->arena, &seen, w, n))
				total += count_prefix(r, w, n,
						      nm->kind == PM_NAME_COMPOSE ||
							      nm->kind == PM_NAME_CONTAINER ||
							      nm->kind == PM_NAME_PACKAGE,
						      counts, &n_counts);
		}
	for (unsigned c = 0; c < n_counts; c++) {
		const bool most = counts[c].n * 5 >= total * 3;

		if (counts[c].n < 4 ||
		    !(most || (counts[c].n * 5 >= total && counts[c].n_other >= 4)))
			continue;
		set_project(counts[c].e, most);
		found = true;
	}
	HASH_ITER(hh, seen, e, tmp)
		HASH_DEL(seen, e);
	return found;
}

/* "acme-shop-": at most three words deep. */
void pm_reg_find_project_words(struct pm_registry *r, const struct pm_decls *decls)
{
	for (unsigned depth = 0; depth < 3 && find_prefix_words(r, decls); depth++)
		;
}
