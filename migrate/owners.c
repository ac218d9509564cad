/* owners.c - see owners.h. Only services that are named anywhere near the place are asked. */
#include "owners.h"

#include "base/hash.h"
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CANDIDATES = 16, MAX_SAME = 16 };

struct service {
	struct pm_target target;
	bool declared;
	const char *key; /* the words of the name: "mana events" */
	UT_hash_handle hh;
};

struct pm_owners {
	const struct pm_registry *reg;
	const struct pm_config *config;
	struct service *v;
	unsigned n;
	int *of_entity; /* service of each entity, -1 */
};

/* ---- building ---- */

/* "@shop/api", "shop-api" and "shopApi" are one name; and, where "shop" is the whole project, so are
 * "shop-billing" and "billing-service". */
static const char *key_of(struct pm_arena *a, const struct pm_registry *r, const char *name)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_word w[16];
	unsigned n = pm_registry_words(r, pm_str_of(name), w, 16);
	const char *core = pm_registry_core(r, a, name);

	if (core)
		return core;
	for (unsigned i = 0; i < n; i++) {
		if (i)
			pm_buf_addc(&b, ' ');
		for (uint32_t k = 0; k < w[i].len; k++)
			pm_buf_addc(&b, pm_lower(name[w[i].off + k]));
	}
	return pm_arena_strndup(a, pm_buf_str(&b), b.n);
}

struct pm_owners *pm_owners_build(struct pm_arena *a, const struct pm_registry *r,
				  const struct pm_config *config)
{
	const unsigned n = pm_registry_count(r);
	struct pm_owners *o = PM_NEW(a, struct pm_owners);
	unsigned (*same)[MAX_SAME] = pm_arena_alloc(a, pm_size_mul(n + 1, sizeof(*same)));
	unsigned *n_same = PM_NEW_N(a, unsigned, n + 1);
	struct service *by_key = NULL, *s;

	*o = (struct pm_owners){ .reg = r, .config = config };
	o->v = PM_NEW_N(a, struct service, n + 1);
	o->of_entity = PM_NEW_N(a, int, n + 1);
	for (unsigned i = 0; i < n; i++) {
		const struct pm_entity *e = pm_registry_entity(r, i);
		const char *key = e->name ? key_of(a, r, e->name) : "";
		unsigned k;

		o->of_entity[i] = -1;
		if (!*key)
			continue;
		HASH_FIND_STR(by_key, key, s);
		if (!s) {
			s = &o->v[o->n++];
			s->key = key;
			s->target.name = e->name;
			s->declared = e->declared;
			HASH_ADD_KEYPTR(hh, by_key, s->key, (unsigned)strlen(key), s);
		}
		k = (unsigned)(s - o->v);
		o->of_entity[i] = (int)k;
		/* what runs gives the name */
		if (e->declared && !s->declared) {
			s->target.name = e->name;
			s->declared = true;
		}
		if (n_same[k] < MAX_SAME)
			same[k][n_same[k]++] = i;
	}
	HASH_CLEAR(hh, by_key);
	for (unsigned k = 0; k < o->n; k++)
		pm_target_of(&o->v[k].target, r, o->v[k].target.name, same[k], n_same[k]);
	return o;
}

unsigned pm_owners_count(const struct pm_owners *o)
{
	return o->n;
}

const char *pm_owners_name(const struct pm_owners *o, unsigned i)
{
	return o->v[i].target.name;
}

bool pm_owners_declared(const struct pm_owners *o, unsigned i)
{
	return o->v[i].declared;
}

static bool has_words(const char *key, const char *words)
{
	size_t n = strlen(words);

	for (const char *p = key; (p = strstr(p, words)); p++)
		if ((p == key || p[-1] == ' ') && (!p[n] || p[n] == ' '))
			return true;
	return false;
}

unsigned pm_owners_named(const struct pm_owners *o, const char *name, unsigned *out, unsigned max)
{
	struct pm_arena a = { 0 };
	const char *key = key_of(&a, o->reg, name);
	unsigned found = 0;

	for (unsigned i = 0; i < o->n && !found && max; i++)
		if (strcmp(o->v[i].key, key) == 0)
			out[found++] = i;
	for (unsigned i = 0; *key && !(found && strcmp(o->v[out[0]].key, key) == 0) && i < o->n &&
			     found < max; i++)
		if (has_words(o->v[i].key, key))
			out[found++] = i;
	pm_arena_release(&a);
	return found;
}

/* ---- asking ---- */

struct candidates {
	const struct pm_owners *o;
	const char *path;
	unsigned v[MAX_CANDIDATES], n;
};

static void add_entity(struct candidates *c, int entity)
{
	int s = entity >= 0 ? c->o->of_entity[entity] : -1;
	unsigned i = 0;

	if (s < 0)
		return;
	while (i < c->n && c->v[i] != (unsigned)s)
		i++;
	if (i == c->n && c->n < MAX_CANDIDATES)
		c->v[c->n++] = (unsigned)s;
}

static void add_named(struct candidates *c, struct pm_str text)
{
	struct pm_mention m[24];
	unsigned n = pm_registry_find(c->o->reg, text, m, 24);

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < m[i].alias->n_entities; k++)
			if (pm_registry_means(c->o->reg, m[i].alias, m[i].alias->entities[k],
					      c->path))
				add_entity(c, (int)m[i].alias->entities[k]);
}

/* The nearest first, for the case that there are too many. */
static void collect(struct candidates *c, const struct pm_inv_file *f, const struct pm_hit *h)
{
	const struct pm_registry *r = c->o->reg;
	struct pm_str line = pm_lines_get(&f->lines, h->line);

	for (size_t i = 0; c->o->config && i < c->o->config->owners.n; i++)
		if (pm_config_covers(c->o->config->owners.v[i].glob, c->o->config->owners.v[i].re,
				     f->path))
			add_named(c, pm_str_of(c->o->config->owners.v[i].service));
	for (uint32_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *x = &h->facts[i];

		if (x->kind == PM_FACT_BUILD)
			add_entity(c, pm_registry_dir_owner(r, x->text));
		else if (x->kind == PM_FACT_IDENT)
			add_entity(c, pm_registry_variable_owner(r, x->text));
		if (x->kind != PM_FACT_HEADING && x->kind != PM_FACT_NEAR && x->depth < 100)
			add_named(c, pm_str_of(x->text));
	}
	add_entity(c, pm_registry_dir_owner(r, f->path));
	add_named(c, line.n > 2000 ? (struct pm_str){ line.p, 2000 } : line);
	add_named(c, pm_str_of(f->path));
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_HEADING || h->facts[i].kind == PM_FACT_NEAR ||
		    h->facts[i].depth >= 100)
			add_named(c, pm_str_of(h->facts[i].text));
}

int pm_owner_of(const struct pm_owners *o, struct pm_arena *scratch, const struct pm_inv_file *f,
		const struct pm_hit *h)
{
	struct candidates c = { .o = o, .path = f->path };
	int best = -1, best_score = 0;
	bool tie = false;

	collect(&c, f, h);
	for (unsigned i = 0; i < c.n; i++) {
		struct pm_claim claim;
		int score;

		pm_attribute(&claim, scratch, o->reg, &o->v[c.v[i]].target, 1, o->config, f, h);
		if (pm_verdict_strong(&claim, h) != 0)
			continue;
		score = pm_claim_target(&claim, 0)->score;
		if (score >= best_score) {
			tie = score == best_score && best >= 0;
			best = (int)c.v[i];
			best_score = score;
		}
	}
	return tie ? -1 : best;
}
