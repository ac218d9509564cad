/*
 * registry_alias.c - the aliases that one name gives: itself, its core, its stem, its words joined.
 * Which names an entity has is registry.c's; what an alias means in a file, registry_find.c's.
 */
#include "registry_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- the table ---- */

static int longer_first(const void *pa, const void *pb)
{
	const struct pm_name_alias *a = *(struct pm_name_alias *const *)pa;
	const struct pm_name_alias *b = *(struct pm_name_alias *const *)pb;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	for (unsigned i = 0; i < a->n; i++) {
		int c = strcmp(a->words[i], b->words[i]);

		if (c)
			return c;
	}
	return 0;
}

struct pm_name_alias *pm_reg_find_alias(const struct pm_registry *r, const char *const *words,
					unsigned n)
{
	struct pm_reg_alias *e = NULL;

	HASH_FIND(hh, r->aliases, words[0], (unsigned)strlen(words[0]), e);
	for (size_t i = 0; e && i < e->list.n; i++) {
		struct pm_name_alias *al = e->list.v[i];
		unsigned k = 0;

		while (al->n == n && k < n && al->words[k] == words[k])
			k++;
		if (al->n == n && k == n)
			return al;
	}
	return NULL;
}

static void add_entity_to(struct pm_registry *r, struct pm_name_alias *al, unsigned entity)
{
	unsigned *grown;

	for (unsigned i = 0; i < al->n_entities; i++)
		if (al->entities[i] == entity)
			return;
	grown = PM_NEW_N(r->arena, unsigned, al->n_entities + 1);
	if (al->n_entities)
		memcpy(grown, al->entities, al->n_entities * sizeof(*grown));
	grown[al->n_entities++] = entity;
	al->entities = grown;
}

static void add_alias(struct pm_registry *r, const char *const *words, unsigned n,
		      enum pm_alias_class class, unsigned entity, const char *shown)
{
	struct pm_name_alias *al;
	struct pm_reg_alias *e = NULL;

	if (!n)
		return;
	al = pm_reg_find_alias(r, words, n);
	if (!al) {
		al = PM_NEW(r->arena, struct pm_name_alias);
		al->words = PM_NEW_N(r->arena, const char *, n);
		memcpy(al->words, words, n * sizeof(*words));
		al->n = n;
		al->class = class;
		al->shown = shown;
		HASH_FIND(hh, r->aliases, words[0], (unsigned)strlen(words[0]), e);
		if (!e) {
			e = PM_NEW(r->arena, struct pm_reg_alias);
			e->first = words[0];
			HASH_ADD_KEYPTR(hh, r->aliases, e->first, (unsigned)strlen(e->first), e);
		}
		*PM_VEC_ADD(&e->list) = al;
		qsort(e->list.v, e->list.n, sizeof(*e->list.v), longer_first);
	}
	if (class == PM_ALIAS_APP && al->class != PM_ALIAS_APP)
		return; /* somebody's very name */
	if (class != PM_ALIAS_APP && al->class == PM_ALIAS_APP)
		al->n_entities = 0;
	if (class < al->class)
		al->class = class;
	add_entity_to(r, al, entity);
}

/* ---- from a name to its aliases ---- */

/* "s3", "se4": a few letters and a number. */
static bool is_ordinal(const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz");

	return n >= 1 && n <= 3 && word[n] && !word[n + strspn(word + n, "0123456789")];
}

/* What is left of a name without the project's words and without affixes: the part that tells
 * it from its neighbours. "acme-mail-out-service" -> mail out. */
unsigned pm_reg_core(const struct pm_registry *r, const struct pm_word *w, unsigned n,
		     const char **core)
{
	unsigned kept = 0, from = 0;

	for (unsigned i = 0; i < n; i++)
		if (pm_registry_word_class(r, w[i].text) != PM_WORD_PROJECT)
			core[kept++] = w[i].text;
	/* "s3-billing", "se4-billing": the fourth of them */
	if (kept > 2 && is_ordinal(core[0])) {
		memmove(core, core + 1, (kept - 1) * sizeof(*core));
		kept--;
	}
	while (kept > 1 && pm_word_is_affix(core[kept - 1]))
		kept--;
	while (from + 1 < kept && pm_word_is_affix(core[from]))
		from++;
	for (unsigned i = from; from && i < kept; i++)
		core[i - from] = core[i];
	kept -= from;
	return kept == 1 && (pm_word_is_affix(core[0]) || pm_word_is_noise(core[0])) ? 0 : kept;
}

const char *pm_registry_core(const struct pm_registry *r, struct pm_arena *a, const char *name)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_word w[PM_REG_WORDS];
	const char *core[PM_REG_WORDS];
	unsigned n = pm_reg_split(r, NULL, pm_str_of(name), w, PM_REG_WORDS), n_core,
		 count[PM_WORD_NOISE + 1];

	for (unsigned i = 0; i < n; i++)
		if (!w[i].text)
			return NULL;
	n_core = pm_reg_core(r, w, n, core);
	pm_reg_classes(r, core, n_core, count);
	if (!count[PM_WORD_OTHER] && !pm_reg_has_two_roles(core, n_core))
		return NULL;
	for (unsigned i = 0; i < n_core; i++)
		pm_buf_addf(&b, "%s%s", i ? " " : "", core[i]);
	return pm_arena_strndup(a, pm_buf_str(&b), b.n);
}

void pm_reg_classes(const struct pm_registry *r, const char *const *words, unsigned n,
		    unsigned *count)
{
	memset(count, 0, (PM_WORD_NOISE + 1) * sizeof(*count));
	for (unsigned i = 0; i < n; i++)
		count[pm_registry_word_class(r, words[i])]++;
}

/* "mail-out" is also written "mailout". */
static void add_joined(struct pm_registry *r, const char *const *words, unsigned n,
		       enum pm_alias_class class, unsigned entity, const char *name)
{
	char joined[64];
	size_t len = 0;
	const char *word;

	for (unsigned i = 0; i < n; i++) {
		if (len + strlen(words[i]) >= sizeof(joined))
			return;
		memcpy(joined + len, words[i], strlen(words[i]));
		len += strlen(words[i]);
	}
	if (n < 2 || len < 6)
		return;
	word = pm_reg_intern(r, joined, len)->text;
	add_alias(r, &word, 1, class, entity, name);
}

/* "cartservice" is also "cart". */
static void add_stem(struct pm_registry *r, const char *word, unsigned entity, const char *name)
{
	static const char *const ends[] = { "service", "svc", "server", NULL };
	size_t n = strlen(word);

	for (size_t i = 0; ends[i]; i++) {
		size_t len = strlen(ends[i]);
		const char *stem;

		if (n < len + 3 || strcmp(word + n - len, ends[i]) != 0)
			continue;
		stem = pm_reg_intern(r, word, n - len)->text;
		if (pm_registry_word_class(r, stem) == PM_WORD_OTHER)
			add_alias(r, &stem, 1, PM_ALIAS_CORE, entity, name);
	}
}

/* "shop-api", "shop-web": both are parts of "shop". */
static bool add_app(struct pm_registry *r, const char *const *words, unsigned n, unsigned entity,
		    const char *name)
{
	unsigned own = 0;

	while (own < n && (pm_registry_word_class(r, words[own]) == PM_WORD_OTHER ||
			   pm_registry_is_part(r, words[own])))
		own++;
	if (!own || own + 1 != n || pm_registry_word_class(r, words[own]) != PM_WORD_ROLE)
		return false;
	add_alias(r, words, own, PM_ALIAS_APP, entity, name);
	return true;
}

/* "socket-proxy", "api-gateway": two different roles make a name. */
bool pm_reg_has_two_roles(const char *const *words, unsigned n)
{
	unsigned first = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned group = pm_role_group(words[i]);

		if (first && group && group != first)
			return true;
		first = first ? first : group;
	}
	return false;
}

/* The aliases one name gives: itself, and its core. */
void pm_reg_add_name(struct pm_registry *r, const char *name, unsigned entity)
{
	struct pm_word w[PM_REG_WORDS];
	const char *all[PM_REG_WORDS], *core[PM_REG_WORDS];
	unsigned n = pm_reg_split(r, r, pm_str_of(name), w, PM_REG_WORDS), n_core;
	unsigned whole[PM_WORD_NOISE + 1], part[PM_WORD_NOISE + 1];

	for (unsigned i = 0; i < n; i++) {
		all[i] = w[i].text;
		r->roles |= UINT32_C(1) << (pm_role_group(all[i]) & 31);
	}
	if (n == 1)
		add_stem(r, all[0], entity, name);
	for (size_t i = 0; n == 1 && pm_word_also(all[0], i); i++) {
		const char *also = pm_word_also(all[0], i);

		also = pm_reg_intern(r, also, strlen(also))->text;
		add_alias(r, &also, 1, PM_ALIAS_CORE, entity, name);
	}
	n_core = pm_reg_core(r, w, n, core);
	/* "config-server": nothing but common words, yet a name; so is the project's own */
	if (!n_core && (n >= 2 || (n == 1 && pm_registry_word_class(r, all[0]) == PM_WORD_PROJECT)))
		add_alias(r, all, n, n >= 2 ? PM_ALIAS_FULL : PM_ALIAS_ROLE, entity, name);
	if (!n_core)
		return;
	pm_reg_classes(r, all, n, whole);
	pm_reg_classes(r, core, n_core, part);
	if (part[PM_WORD_OTHER] || part[PM_WORD_NOISE] || pm_reg_has_two_roles(core, n_core)) {
		enum pm_alias_class c = n_core > 1 ? PM_ALIAS_FULL : PM_ALIAS_CORE;

		if (n_core == 1 && part[PM_WORD_NOISE])
			return;
		add_alias(r, all, n, n > 1 ? PM_ALIAS_FULL : PM_ALIAS_CORE, entity, name);
		add_alias(r, core, n_core, c, entity, name);
		add_joined(r, core, n_core, PM_ALIAS_CORE, entity, name);
		add_app(r, core, n_core, entity, name);
	} else {
		add_alias(r, all, n, whole[PM_WORD_PROJECT] ? PM_ALIAS_FULL : PM_ALIAS_ROLE, entity,
			  name);
		if (!add_app(r, all, n, entity, name))
			add_alias(r, core, n_core, PM_ALIAS_ROLE, entity, name);
	}
}
