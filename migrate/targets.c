/*
 * targets.c - the services that move, and which of them a name, a word, an identifier or a
 * directory means in this file. Gives no evidence; that is for weigh_*.c.
 */
#include "attribute_impl.h"

#include <string.h>

/* ---- targets ---- */

/* What the words of its name say, with its entities known. */
static void read_name(struct pm_target *t, const struct pm_registry *r, const char *name)
{
	struct pm_word w[12];
	bool roles = false;
	unsigned n = pm_registry_words(r, pm_str_of(name), w, 12);

	t->name = name;
	for (unsigned i = 0; i < n; i++) {
		enum pm_word_class c = pm_registry_word_class(r, w[i].text);

		if (!w[i].text)
			continue;
		t->full[t->n_full++] = w[i].text;
		if (c != PM_WORD_PROJECT)
			t->all[t->n_all++] = w[i].text;
		if (c == PM_WORD_OTHER || c == PM_WORD_ROLE)
			t->words[t->n_words++] = w[i].text;
		if (c == PM_WORD_ROLE && t->role && t->role != pm_role_group(w[i].text))
			roles = true;
		if (c == PM_WORD_ROLE)
			t->role = pm_role_group(w[i].text);
	}
	if (roles) /* "socket-proxy" */
		t->role = 0;
	if (t->n_words == 1 && t->role && n == 2 && pm_registry_is_part(r, w[0].text)) {
		/* "shop-api" where most names begin with shop, but bank-api runs, too */
		t->of_part = true;
		t->n_words = t->n_all = 2;
		memcpy(t->words, t->full, 2 * sizeof(t->words[0]));
		memcpy(t->all, t->full, 2 * sizeof(t->all[0]));
		t->app[t->n_app++] = w[0].text;
		t->app_role = t->role, t->role = 0;
		return;
	}
	if (!t->n_all) { /* named like the project itself */
		t->is_project = true;
		for (unsigned i = 0; i < n; i++)
			if (w[i].text)
				t->all[t->n_all++] = w[i].text;
	}
	for (unsigned i = 0; i < t->n_words; i++)
		if (pm_registry_word_class(r, t->words[i]) == PM_WORD_OTHER)
			t->app[t->n_app++] = t->words[i];
	if (t->n_app == t->n_words)
		t->n_app = 0;
	else if (t->n_app)
		t->app_role = t->role, t->role = 0;
	if (t->n_words && t->n_app == 0 &&
	    pm_registry_word_class(r, t->words[0]) == PM_WORD_OTHER)
		t->role = 0;
}

void pm_target_init(struct pm_target *t, struct pm_registry *r, const char *name)
{
	memset(t, 0, sizeof(*t));
	t->n_entities = pm_registry_resolve(r, name, t->entities, 16);
	read_name(t, r, name);
}

void pm_target_of(struct pm_target *t, const struct pm_registry *r, const char *name,
		  const unsigned *entities, unsigned n)
{
	memset(t, 0, sizeof(*t));
	t->n_entities = n < 16 ? n : 16;
	memcpy(t->entities, entities, t->n_entities * sizeof(*entities));
	read_name(t, r, name);
}

/* A file inside another stack (a directory with a Compose file of its own that knows nothing of
 * the target): there only the target's full name means it. */
bool pm_ev_is_foreign(const struct pm_ev_work *w, const struct pm_target *t)
{
	const char *stack = pm_registry_stack(w->reg, w->file->path);

	for (unsigned i = 0; *stack && i < t->n_entities; i++) {
		const struct pm_entity *e = pm_registry_entity(w->reg, t->entities[i]);

		/* nobody knows where it lives: it may be here */
		if (pm_registry_in_stack(w->reg, t->entities[i], stack) ||
		    (!e->n_dirs && !e->n_stacks))
			return false;
	}
	return *stack != '\0';
}

bool pm_ev_leaves_port(const struct pm_target *t, unsigned port)
{
	for (unsigned i = 0; i < t->n_from; i++)
		if (t->from[i] == port)
			return true;
	return !t->n_from;
}

/* ---- from an alias, an entity or a role ---- */

/* "shop" while "shop-api" leaves this port: the application, so its part. */
int pm_ev_app_target(const struct pm_ev_work *w, const struct pm_name_alias *al)
{
	for (unsigned t = 0; t < w->n_targets; t++) {
		const struct pm_target *x = &w->targets[t];
		unsigned k = 0;

		while (k < x->n_app && k < al->n && al->words[k] == x->app[k])
			k++;
		if (x->n_app && k == x->n_app && k == al->n && !w->foreign[t] &&
		    pm_ev_leaves_port(x, w->hit->port))
			return (int)t;
	}
	return -1;
}

static bool has_entity(const struct pm_target *t, unsigned entity)
{
	for (unsigned i = 0; i < t->n_entities; i++)
		if (t->entities[i] == entity)
			return true;
	return false;
}

/* "api" where two services of one project go by it is neither of them. */
static bool is_shared_role(const struct pm_ev_work *w, const struct pm_name_alias *al,
			   const struct pm_target *t)
{
	for (unsigned i = 0; al->class == PM_ALIAS_ROLE && i < al->n_entities; i++) {
		const struct pm_entity *e = pm_registry_entity(w->reg, al->entities[i]);

		if (e->declared && !has_entity(t, al->entities[i]) &&
		    pm_registry_means(w->reg, al, al->entities[i], w->file->path))
			return true;
	}
	return false;
}

/* Does the name mean this target in this file? */
static bool means(const struct pm_ev_work *w, const struct pm_name_alias *al, unsigned t)
{
	const struct pm_target *x = &w->targets[t];

	if ((w->foreign[t] && al->class != PM_ALIAS_FULL) || is_shared_role(w, al, x))
		return false;
	for (unsigned i = 0; i < x->n_entities; i++)
		if (pm_registry_means(w->reg, al, x->entities[i], w->file->path))
			return true;
	return false;
}

static bool is_its_name(const struct pm_target *t, const struct pm_name_alias *al)
{
	return al->n == t->n_full &&
	       memcmp(al->words, t->full, al->n * sizeof(*al->words)) == 0;
}

/* The target that is meant where nothing is said about ports: "postgres" of three databases is
 * none of them, unless one is called just that. */
static int unambiguous(const struct pm_ev_work *w, const struct pm_name_alias *al, int found)
{
	for (unsigned t = (unsigned)found + 1; t < w->n_targets; t++)
		if (!w->targets[t].n_from && means(w, al, t)) {
			if (is_its_name(&w->targets[found], al))
				continue;
			if (!is_its_name(&w->targets[t], al))
				return -1;
			found = (int)t;
		}
	return found;
}

/* The moved service that a name means in this file, or -1. */
int pm_ev_target(const struct pm_ev_work *w, const struct pm_name_alias *al)
{
	int found = -1, app;

	if (al->class == PM_ALIAS_APP)
		return pm_ev_app_target(w, al);
	for (unsigned t = 0; t < w->n_targets && found < 0; t++)
		if (means(w, al, t))
			found = (int)t;
	if (found >= 0 && !w->targets[found].n_from)
		return unambiguous(w, al, found);
	if (found >= 0 && pm_ev_leaves_port(&w->targets[found], w->hit->port))
		return found;
	app = pm_ev_app_target(w, al);
	return app >= 0 ? app : found;
}

int pm_ev_entity_target(const struct pm_ev_work *w, int entity)
{
	for (unsigned t = 0; entity >= 0 && t < w->n_targets; t++)
		for (unsigned i = 0; i < w->targets[t].n_entities; i++)
			if (w->targets[t].entities[i] == (unsigned)entity)
				return (int)t;
	return -1;
}

/* A package that runs nowhere owns no port, and the services of one stack are not meant in
 * another: such names in a text are no evidence. */
bool pm_ev_names_service(const struct pm_ev_work *w, const struct pm_name_alias *al)
{
	const char *stack = pm_registry_stack(w->reg, w->file->path);

	for (unsigned i = 0; i < al->n_entities; i++) {
		const struct pm_entity *e = pm_registry_entity(w->reg, al->entities[i]);
		bool elsewhere = *stack && e->scope && *e->scope &&
				 !pm_registry_in_stack(w->reg, al->entities[i], stack);

		if ((e->declared || e->n_ports) && !elsewhere)
			return true;
	}
	return false;
}

bool pm_ev_runs(const struct pm_ev_work *w, const struct pm_name_alias *al)
{
	for (unsigned i = 0; al->class == PM_ALIAS_FULL && i < al->n_entities; i++) {
		const struct pm_entity *e = pm_registry_entity(w->reg, al->entities[i]);

		if (e->declared || e->n_ports)
			return true;
	}
	return false;
}

static bool has_words(const struct pm_ev_work *w, struct pm_str text, const char *const *words,
		      unsigned n_words)
{
	struct pm_word all[32];
	unsigned n = pm_registry_words(w->reg, text, all, 32), k = 0;

	for (unsigned i = 0; i < n && k < n_words; i++)
		k = all[i].text && all[i].text == words[k] ? k + 1 : 0;
	return n_words && k == n_words;
}

/* The place belongs to the application: by its path, the block around it, or the nearest heading that
 * names any application. */
static bool in_application(const struct pm_ev_work *w, const struct pm_target *t)
{
	struct pm_mention m[1];
	bool headed = false;

	for (uint32_t i = 0; i < w->hit->n_facts; i++) {
		const struct pm_fact *f = &w->hit->facts[i];

		if (f->depth < 100 && (f->kind == PM_FACT_BLOCK || f->kind == PM_FACT_CONTAINER) &&
		    has_words(w, pm_str_of(f->text), t->app, t->n_app))
			return true;
		if (f->kind == PM_FACT_HEADING && !headed) {
			headed = pm_registry_find(w->reg, pm_str_of(f->text), m, 1);
			if (has_words(w, pm_str_of(f->text), t->app, t->n_app))
				return true;
		}
	}
	return has_words(w, pm_str_of(w->file->path), t->app, t->n_app);
}

/* The moved service with only a role for a name, whose role this word is, in its project. */
int pm_ev_role_target(const struct pm_ev_work *w, const char *word)
{
	unsigned group = word ? pm_role_group(word) : 0;

	for (unsigned t = 0; group && t < w->n_targets; t++) {
		const struct pm_target *x = &w->targets[t];

		if (x->role == group && !w->foreign[t])
			return (int)t;
		if (x->n_app && x->app_role == group && !w->foreign[t] &&
		    pm_ev_leaves_port(x, w->hit->port) && in_application(w, x))
			return (int)t;
	}
	return -1;
}

/* A role word that a moved service's role could be contrasted with ("API_URL" while "web" or
 * "shop-web" moves) is evidence for somebody else. */
bool pm_ev_contrasts(const struct pm_ev_work *w, const char *word)
{
	if (!word || !pm_role_group(word) || !pm_registry_has_role(w->reg, pm_role_group(word)))
		return false;
	for (unsigned t = 0; t < w->n_targets; t++) {
		const struct pm_target *x = &w->targets[t];
		unsigned role = x->role ? x->role : x->n_app ? x->app_role : 0;

		if (role && role != pm_role_group(word) && pm_ev_leaves_port(x, w->hit->port))
			return true;
	}
	return false;
}

/* ---- from a text that is a name ---- */

/* What is left of a name when words that tell no service apart are taken away. */
unsigned pm_ev_own_words(const struct pm_ev_work *w, struct pm_str text, struct pm_word *out,
			 unsigned max)
{
	struct pm_word all[24];
	unsigned n = pm_registry_words(w->reg, text, all, 24), kept = 0;

	for (unsigned i = 0; i < n && kept < max; i++) {
		enum pm_word_class c = pm_registry_word_class(w->reg, all[i].text);

		if (c == PM_WORD_OTHER || c == PM_WORD_ROLE)
			out[kept++] = all[i];
	}
	return kept;
}

/* All own words of a text are words of one target's name ("BUILDER" of page-builder). */
int pm_ev_part_target(const struct pm_ev_work *w, const struct pm_word *words, unsigned n)
{
	for (unsigned t = 0; n && t < w->n_targets; t++) {
		unsigned hit = 0, own = 0;

		for (unsigned i = 0; i < n; i++) {
			for (unsigned k = 0; k < w->targets[t].n_words; k++)
				if (words[i].text && words[i].text == w->targets[t].words[k]) {
					hit++;
					own += k == 0 ||
					       pm_registry_word_class(w->reg, words[i].text) ==
						       PM_WORD_OTHER;
					break;
				}
		}
		if (hit == n && own)
			return (int)t;
	}
	return -1;
}

/* The letters of some words, one after the other; false when they do not fit or one is unknown. */
static bool join_words(char *out, size_t size, const char *const *words, unsigned n)
{
	size_t len = 0;

	for (unsigned i = 0; i < n; i++) {
		size_t more = words[i] ? strlen(words[i]) : size;

		if (len + more >= size)
			return false;
		memcpy(out + len, words[i], more);
		len += more;
	}
	out[len] = '\0';
	return n > 0;
}

/* "home_assistant" and "homeassistant". */
static bool same_letters(const char *const *a, unsigned na, const char *const *b, unsigned nb)
{
	char x[128], y[128];

	return join_words(x, sizeof(x), a, na) && join_words(y, sizeof(y), b, nb) &&
	       strlen(x) >= 6 && strcmp(x, y) == 0;
}

/* Word by word, with those of the project: of two services called "api" but for that, one. */
static bool is_full_name(const struct pm_target *t, const struct pm_word *w, unsigned n)
{
	if (n != t->n_full)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (!w[i].text || w[i].text != t->full[i])
			return false;
	return n > 0;
}

/* The very words of a target's name, common ones too: "config-server". In an identifier, common
 * words may follow (CONFIG_SERVER_URL). */
static int exact_target(const struct pm_ev_work *w, struct pm_str text, bool loose)
{
	struct pm_word all[16];
	const char *kept[16];
	unsigned n = pm_registry_words(w->reg, text, all, 16);

	for (unsigned t = 0; t < w->n_targets; t++)
		if (!w->foreign[t] && is_full_name(&w->targets[t], all, n))
			return (int)t;
	for (unsigned t = 0; t < w->n_targets; t++) {
		const struct pm_target *x = &w->targets[t];
		unsigned k = 0, rest, n_kept = 0;

		for (unsigned i = 0; i < n; i++)
			if (x->is_project || x->of_part || pm_registry_word_class(w->reg, all[i].text) !=
						     PM_WORD_PROJECT)
				kept[n_kept++] = all[i].text;

		if (w->foreign[t] || (loose && x->n_all < 2))
			continue;
		if (!loose && same_letters(kept, n_kept, x->all, x->n_all))
			return (int)t;
		while (k < n_kept && k < x->n_all && kept[k] && kept[k] == x->all[k])
			k++;
		if (!k || k < x->n_all)
			continue;
		for (rest = k; rest < n_kept; rest++)
			if (!loose || pm_registry_word_class(w->reg, kept[rest]) != PM_WORD_NOISE)
				break;
		if (rest == n_kept)
			return (int)t;
	}
	return -1;
}

/*
 * A text that is one name as a whole: block key, host, container. Gives the target, or -1 with
 * *known telling whether it names anybody (noise such as "app" names nobody). `loose`: role words
 * beside a name of its own do not matter (LEDGER_API_URL is ledger's).
 */
int pm_ev_whole_name(const struct pm_ev_work *w, struct pm_str text, bool *known, bool loose)
{
	struct pm_mention m[8];
	struct pm_word own[12];
	unsigned n = pm_registry_find(w->reg, text, m, 8);
	unsigned n_own = pm_ev_own_words(w, text, own, 12);
	unsigned covered = 0;
	int target = -1;

	*known = n_own > 0;
	target = exact_target(w, text, loose);
	if (target >= 0)
		return target;
	for (unsigned i = 0; i < n; i++) {
		int t = pm_ev_target(w, m[i].alias);
		struct pm_word in[12];
		struct pm_str part = { text.p + m[i].off, m[i].len };
		unsigned k = pm_ev_own_words(w, part, in, 12);

		if (t < 0 && loose && m[i].alias->class == PM_ALIAS_ROLE)
			continue;
		if (t < 0 && k)
			return -1;
		/* two services in one name: "memcached-exporter" is neither of them */
		if (t >= 0 && target >= 0 && t != target && k)
			return -1;
		if (t >= 0)
			target = t;
		covered += k;
	}
	if (loose && target >= 0 && !w->targets[target].role)
		for (unsigned i = 0; i < n_own; i++)
			covered += covered < n_own && own[i].text &&
				   pm_role_group(own[i].text) != 0;
	if (target >= 0 && covered >= n_own)
		return target;
	if (target < 0 && n_own == 1)
		return pm_ev_role_target(w, own[0].text);
	return -1;
}

/* "billing", or a name in dots whose first ("billing.example.org") or last ("org.example.billing")
 * part is the service's. */
int pm_ev_dotted_name(const struct pm_ev_work *w, struct pm_str text, bool *known)
{
	const char *dot = memchr(text.p, '.', text.n), *last = NULL;
	bool ignored;
	int t = pm_ev_whole_name(w, text, known, false);

	if (t >= 0 || !dot)
		return t;
	for (const char *p = dot; p; p = memchr(p + 1, '.', text.n - (size_t)(p + 1 - text.p)))
		last = p;
	t = pm_ev_whole_name(w, (struct pm_str){ text.p, (size_t)(dot - text.p) }, &ignored, false);
	if (t >= 0 && !w->targets[t].n_app)
		return t;
	/* "api.shop.example.org" has both words of "shop-api" */
	for (unsigned k = 0; k < w->n_targets; k++) {
		const struct pm_target *x = &w->targets[k];
		unsigned has = 0;

		for (unsigned i = 0; i < x->n_words; i++)
			has += has_words(w, text, &x->words[i], 1);
		if (x->n_app && has == x->n_words)
			return (int)k;
	}
	if (t >= 0)
		return t;
	return pm_ev_whole_name(
		w, (struct pm_str){ last + 1, text.n - (size_t)(last + 1 - text.p) }, &ignored,
		false);
}
