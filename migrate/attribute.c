/* attribute.c - see attribute.h. */
#include "attribute.h"

#include "weights.h"

#include <stdlib.h>
#include <string.h>

#define W pm_weights

struct work {
	struct pm_claim *claim;
	struct pm_arena *arena;
	const struct pm_registry *reg;
	const struct pm_target *targets;
	unsigned n_targets;
	const struct pm_config *config;
	const struct pm_inv_file *file;
	const struct pm_hit *hit;
	bool *foreign;    /* per target: the file lies in another stack */
	bool line_speaks; /* the line or a defined block names somebody: neighbours matter less */
};

/* ---- claims ---- */

static int by_weight(const void *a, const void *b)
{
	return *(const int *)b - *(const int *)a;
}

static void rescore(struct pm_party *p)
{
	int sorted[PM_BY_COUNT], score = 0;

	memcpy(sorted, p->weight, sizeof(sorted));
	qsort(sorted, PM_BY_COUNT, sizeof(sorted[0]), by_weight);
	for (unsigned i = 0; i < 4; i++)
		score += sorted[i] >> i;
	p->score = score;
}

void pm_claim_add(struct pm_claim *c, const char *name, int target, enum pm_level level,
		  int weight, const char *why)
{
	struct pm_party *p = NULL;

	for (unsigned i = 0; i < c->n && !p; i++)
		if (c->party[i].target == target &&
		    (target >= 0 || strcasecmp(c->party[i].name, name) == 0))
			p = &c->party[i];
	if (!p) {
		if (c->n == PM_MAX_PARTIES)
			return;
		p = &c->party[c->n++];
		p->name = name;
		p->target = target;
	}
	if (weight > p->weight[level]) {
		p->weight[level] = weight;
		p->why[level] = why;
		rescore(p);
	}
}

const struct pm_party *pm_claim_target(const struct pm_claim *c, int target)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->party[i].target == target)
			return &c->party[i];
	return NULL;
}

const struct pm_party *pm_claim_rival(const struct pm_claim *c, int target)
{
	const struct pm_party *best = NULL;

	for (unsigned i = 0; i < c->n; i++)
		if (c->party[i].target != target && (!best || c->party[i].score > best->score))
			best = &c->party[i];
	return best;
}

static void add(struct work *w, const char *name, int target, enum pm_level level, int weight,
		const char *what, struct pm_str seen)
{
	const char *why;
	int n = seen.n < 60 ? (int)seen.n : 60;

	if (weight <= 0)
		return;
	if (target >= 0)
		name = w->targets[target].name;
	why = pm_arena_printf(w->arena, "%s '%.*s'", what, n, seen.p);
	pm_claim_add(w->claim, name, target, level, weight, why);
}

/* ---- names and targets ---- */

void pm_target_init(struct pm_target *t, struct pm_registry *r, const char *name)
{
	struct pm_word w[12];
	bool roles = false;
	unsigned n;

	memset(t, 0, sizeof(*t));
	t->name = name;
	t->n_entities = pm_registry_resolve(r, name, t->entities, 16);
	n = pm_registry_words(r, pm_str_of(name), w, 12);
	for (unsigned i = 0; i < n; i++) {
		enum pm_word_class c = pm_registry_word_class(r, w[i].text);

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
	if (!t->n_all) { /* named like the project itself */
		t->is_project = true;
		for (unsigned i = 0; i < n; i++)
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

/* A file inside another stack (a directory with a Compose file of its own that knows nothing of
 * the target): there only the target's full name means it. */
static bool is_foreign(const struct work *w, const struct pm_target *t)
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

static bool leaves_port(const struct pm_target *t, unsigned port)
{
	for (unsigned i = 0; i < t->n_from; i++)
		if (t->from[i] == port)
			return true;
	return !t->n_from;
}

/* "shop" while "shop-api" leaves this port: the application, so its part. */
static int target_of_app(const struct work *w, const struct pm_name_alias *al)
{
	for (unsigned t = 0; t < w->n_targets; t++) {
		const struct pm_target *x = &w->targets[t];
		unsigned k = 0;

		while (k < x->n_app && k < al->n && al->words[k] == x->app[k])
			k++;
		if (x->n_app && k == x->n_app && k == al->n && !w->foreign[t] &&
		    leaves_port(x, w->hit->port))
			return (int)t;
	}
	return -1;
}

/* The moved service that a name means in this file, or -1. */
static int target_of(const struct work *w, const struct pm_name_alias *al)
{
	int found = -1, app;

	for (unsigned t = 0; t < w->n_targets && found < 0; t++)
		for (unsigned i = 0; i < w->targets[t].n_entities && found < 0; i++)
			if ((!w->foreign[t] || al->class == PM_ALIAS_FULL) &&
			    pm_registry_means(w->reg, al, w->targets[t].entities[i],
					      w->file->path))
				found = (int)t;
	if (found >= 0 && leaves_port(&w->targets[found], w->hit->port))
		return found;
	app = target_of_app(w, al);
	return app >= 0 ? app : found;
}

static int target_of_entity(const struct work *w, int entity)
{
	for (unsigned t = 0; entity >= 0 && t < w->n_targets; t++)
		for (unsigned i = 0; i < w->targets[t].n_entities; i++)
			if (w->targets[t].entities[i] == (unsigned)entity)
				return (int)t;
	return -1;
}

static bool has_words(const struct work *w, struct pm_str text, const char *const *words,
		      unsigned n_words)
{
	struct pm_word all[32];
	unsigned n = pm_registry_words(w->reg, text, all, 32), k = 0;

	for (unsigned i = 0; i < n && k < n_words; i++)
		k = all[i].text && all[i].text == words[k] ? k + 1 : 0;
	return n_words && k == n_words;
}

/* The place belongs to the application: by its path, or by the block around it. */
static bool in_application(const struct work *w, const struct pm_target *t)
{
	for (uint32_t i = 0; i < w->hit->n_facts; i++) {
		const struct pm_fact *f = &w->hit->facts[i];

		if (f->depth < 100 && (f->kind == PM_FACT_BLOCK || f->kind == PM_FACT_CONTAINER) &&
		    has_words(w, pm_str_of(f->text), t->app, t->n_app))
			return true;
	}
	return has_words(w, pm_str_of(w->file->path), t->app, t->n_app);
}

/* The moved service with only a role for a name, whose role this word is, in its project. */
static int target_of_role(const struct work *w, const char *word)
{
	unsigned group = word ? pm_role_group(word) : 0;

	for (unsigned t = 0; group && t < w->n_targets; t++) {
		const struct pm_target *x = &w->targets[t];

		if (x->role == group && !w->foreign[t])
			return (int)t;
		if (x->n_app && x->app_role == group && !w->foreign[t] &&
		    leaves_port(x, w->hit->port) && in_application(w, x))
			return (int)t;
	}
	return -1;
}

/* A role word that only a moved role service could be contrasted with ("API_URL" while "web"
 * moves) is evidence for somebody else. */
static bool contrasts(const struct work *w, const char *word)
{
	if (!word || !pm_role_group(word) || strcmp(word, "server") == 0)
		return false;
	for (unsigned t = 0; t < w->n_targets; t++)
		if (w->targets[t].role && w->targets[t].role != pm_role_group(word))
			return true;
	return false;
}

/* What is left of a name when words that tell no service apart are taken away. */
static unsigned own_words(const struct work *w, struct pm_str text, struct pm_word *out,
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

/* All own words of a text are words of one target's name ("BUILDER" of landing-builder). */
static int target_of_part(const struct work *w, const struct pm_word *words, unsigned n)
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

/* The very words of a target's name, common ones too: "config-server". In an identifier, common
 * words may follow (CONFIG_SERVER_URL). */
static int exact_target(const struct work *w, struct pm_str text, bool loose)
{
	struct pm_word all[16];
	const char *kept[16];
	unsigned n = pm_registry_words(w->reg, text, all, 16);

	for (unsigned t = 0; t < w->n_targets; t++) {
		const struct pm_target *x = &w->targets[t];
		unsigned k = 0, rest, n_kept = 0;

		for (unsigned i = 0; i < n; i++)
			if (x->is_project || pm_registry_word_class(w->reg, all[i].text) !=
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
static int whole_name(const struct work *w, struct pm_str text, bool *known, bool loose)
{
	struct pm_mention m[8];
	struct pm_word own[12];
	unsigned n = pm_registry_find(w->reg, text, m, 8), n_own = own_words(w, text, own, 12);
	unsigned covered = 0;
	int target = -1;

	*known = n_own > 0;
	target = exact_target(w, text, loose);
	if (target >= 0)
		return target;
	for (unsigned i = 0; i < n; i++) {
		int t = target_of(w, m[i].alias);
		struct pm_word in[12];
		struct pm_str part = { text.p + m[i].off, m[i].len };
		unsigned k = own_words(w, part, in, 12);

		if (t < 0 && loose && m[i].alias->class == PM_ALIAS_ROLE)
			continue;
		if (t < 0 && k)
			return -1;
		if (t >= 0)
			target = t;
		covered += k;
	}
	if (loose && target >= 0 && !w->targets[target].role)
		for (unsigned i = 0; i < n_own; i++)
			covered += covered < n_own && own[i].text && pm_role_group(own[i].text) != 0;
	if (target >= 0 && covered >= n_own)
		return target;
	if (target < 0 && n_own == 1)
		return target_of_role(w, own[0].text);
	return -1;
}

static bool names_service(const struct work *w, const struct pm_name_alias *al);

/* ---- host ---- */

bool pm_is_placeholder_host(struct pm_str host)
{
	static const char *const words[] = { "host_or_ip", "hostname", "your", "host_ip", "_ip",
					     "ip_address", "_host", "example", NULL };

	for (size_t i = 0; words[i]; i++)
		if (pm_str_find(host, words[i], true) != SIZE_MAX)
			return true;
	return false;
}

static bool is_local(struct pm_str host)
{
	static const char *const local[] = {
		"localhost", "0.0.0.0", "127.0.0.1", "host.docker.internal", "10.0.2.2",
		"[::1]", "[::]", "::1", "host", "hostname", "host.containers.internal", "ip",
		"server", "domain", "address", "docker.for.mac.localhost", "kubernetes.docker.internal",
		NULL
	};

	for (size_t i = 0; local[i]; i++)
		if (pm_str_ieq(host, local[i]))
			return true;
	return !host.n || pm_is_placeholder_host(host) || host.p[0] == '$' || host.p[0] == '{' || host.p[0] == '[' ||
	       host.p[0] == '<' || host.p[0] == '%';
}

static bool is_ip(struct pm_str host)
{
	for (size_t i = 0; i < host.n; i++)
		if (!pm_is_digit(host.p[i]) && host.p[i] != '.')
			return false;
	return true;
}

static void weigh_host(struct work *w, const struct pm_fact *f)
{
	struct pm_str host = pm_str_of(f->text), label;
	bool known;
	int t;

	if (is_ip(host) || (is_local(host) && host.p[0] != '$' && host.p[0] != '{'))
		return;
	label = (struct pm_str){ host.p, strcspn(host.p, ".") };
	if (host.p[0] == '$' || host.p[0] == '{')
		label = host;
	t = whole_name(w, label, &known, false);
	if (t >= 0)
		add(w, NULL, t, PM_BY_HOST, W.host, "host", host);
	else if (known && host.p[0] != '$' && host.p[0] != '{')
		add(w, f->text, -1, PM_BY_HOST,
		    label.n < host.n ? W.public_host : W.unknown_host, "host", host);
}

/* ---- blocks that the format defines ---- */

static bool has_address(const struct pm_hit *h)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_HOST)
			return true;
	return false;
}

/* The place makes its own service use the port, rather than speak to somebody else's. */
static bool is_declaration(const struct pm_hit *h)
{
	switch ((enum pm_role)h->role) {
	case PM_ROLE_HOST_PORT:
	case PM_ROLE_CONTAINER:
	case PM_ROLE_PROBE:
		return true;
	case PM_ROLE_LISTEN:
	case PM_ROLE_DEFAULT:
		return !has_address(h);
	default:
		return false;
	}
}

/* A block defined by the format speaks for routes and policies inside it, too. */
static bool is_block_bound(const struct pm_hit *h)
{
	return is_declaration(h) || h->role == PM_ROLE_POLICY || h->role == PM_ROLE_ROUTE;
}

/* "billing", or a name in dots whose first ("billing.example.org") or last ("org.example.billing")
 * part is the service's. */
static int dotted_name(const struct work *w, struct pm_str text, bool *known)
{
	const char *dot = memchr(text.p, '.', text.n), *last = NULL;
	bool ignored;
	int t = whole_name(w, text, known, false);

	if (t >= 0 || !dot)
		return t;
	for (const char *p = dot; p; p = memchr(p + 1, '.', text.n - (size_t)(p + 1 - text.p)))
		last = p;
	t = whole_name(w, (struct pm_str){ text.p, (size_t)(dot - text.p) }, &ignored, false);
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
	return whole_name(w, (struct pm_str){ last + 1, text.n - (size_t)(last + 1 - text.p) },
			  &ignored, false);
}

/* The file lies in a stack whose directory is itself what moves: its parts are the target's. */
static bool in_own_stack(const struct work *w)
{
	const char *stack = pm_registry_stack(w->reg, w->file->path);

	for (unsigned t = 0; *stack && t < w->n_targets; t++)
		for (unsigned i = 0; i < w->targets[t].n_entities; i++) {
			const struct pm_entity *e =
				pm_registry_entity(w->reg, w->targets[t].entities[i]);

			for (unsigned k = 0; k < e->n_dirs; k++)
				if (strcmp(e->dirs[k], stack) == 0)
					return true;
		}
	return false;
}

/* A rule inside the policy of one service names its peer: the nearest block means most. */
static bool nearer_block_names(const struct work *w, const struct pm_fact *f)
{
	for (uint32_t i = 0; i < w->hit->n_facts; i++) {
		const struct pm_fact *o = &w->hit->facts[i];
		struct pm_word own[4];

		if (o->kind == PM_FACT_BLOCK && o->depth < f->depth &&
		    own_words(w, pm_str_of(o->text), own, 4))
			return true;
	}
	return false;
}

static void weigh_block(struct work *w, const struct pm_fact *f)
{
	struct pm_str text = pm_str_of(f->text);
	int weight = f->depth ? W.block_outer : W.block;
	bool known;
	int t;

	if (f->depth && nearer_block_names(w, f))
		weight /= 2;
	if (!is_block_bound(w->hit))
		weight = weight * W.block_url_percent / 100;
	if (f->kind == PM_FACT_BUILD) {
		t = target_of_entity(w, pm_registry_dir_owner(w->reg, f->text));
		if (t >= 0)
			add(w, NULL, t, PM_BY_BLOCK, weight, "built from", text);
		return;
	}
	t = dotted_name(w, text, &known);
	if (t >= 0)
		add(w, NULL, t, PM_BY_BLOCK, weight,
		    f->kind == PM_FACT_CONTAINER ? "container" : "block", text);
	else if (known && f->kind == PM_FACT_BLOCK)
		add(w, f->text, -1, PM_BY_BLOCK, in_own_stack(w) ? weight * 4 / 10 : weight,
		    "block", text);
}

/* ---- identifiers ---- */

static bool is_address_word(const char *word)
{
	static const char *const words[] = {
		"url", "uri", "port", "ports", "host", "addr", "address", "endpoint", "origin",
		"origins", "urls", "hosts", "target", "upstream", "server", NULL
	};

	for (size_t i = 0; word && words[i]; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static bool names_address(const struct work *w, struct pm_str ident)
{
	struct pm_word all[16];
	unsigned n = pm_registry_words(w->reg, ident, all, 16);

	for (unsigned i = 0; i < n; i++)
		if (is_address_word(all[i].text))
			return true;
	return false;
}

static int decayed(int weight, unsigned depth)
{
	/* depth: 0 nearest on the line, +1 per farther name, +10 per line above */
	for (; depth >= 10; depth -= 10)
		weight = weight * 85 / 100;
	for (; depth; depth--)
		weight = weight * 85 / 100;
	return weight;
}

static void weigh_ident(struct work *w, const struct pm_fact *f)
{
	struct pm_str text = pm_str_of(f->text);
	struct pm_mention m[6];
	struct pm_word own[12];
	unsigned n = pm_registry_find(w->reg, text, m, 6), n_own = own_words(w, text, own, 12);
	unsigned n_other = 0;
	bool known;
	int owner = pm_registry_variable_owner(w->reg, f->text);
	int t = owner >= 0 ? target_of_entity(w, owner) : -1;

	if (owner >= 0) {
		add(w, pm_registry_entity(w->reg, (unsigned)owner)->name, t, PM_BY_IDENT,
		    decayed(W.ident_full, f->depth), "port variable", text);
		return;
	}
	t = whole_name(w, text, &known, true);

	for (unsigned i = 0; i < n_own; i++)
		n_other += pm_registry_word_class(w->reg, own[i].text) == PM_WORD_OTHER;
	if (t >= 0 && n) {
		static const int *const by_class[] = { &W.ident_full, &W.ident_core,
						       &W.ident_role };

		add(w, NULL, t, PM_BY_IDENT, decayed(*by_class[m[0].alias->class], f->depth),
		    "name", text);
	} else if (t >= 0) {
		add(w, NULL, t, PM_BY_IDENT, decayed(W.ident_role, f->depth), "name", text);
	} else if ((t = target_of_part(w, own, n_own)) >= 0) {
		add(w, NULL, t, PM_BY_IDENT, decayed(W.ident_part, f->depth), "name", text);
	} else if (n >= 2 && (t = target_of(w, m[n - 1].alias)) >= 0) {
		/* SHOP_LEDGER_URL: the shop's setting for the ledger's address */
		add(w, NULL, t, PM_BY_IDENT, decayed(W.ident_core, f->depth), "name", text);
		add(w, m[0].alias->shown, -1, PM_BY_IDENT, decayed(W.ident_other / 2, f->depth),
		    "name", text);
	} else if (n && n_other && names_service(w, m[0].alias)) {
		if (names_address(w, text) || m[0].alias->class == PM_ALIAS_FULL)
			add(w, m[0].alias->shown, -1, PM_BY_IDENT,
			    decayed(W.ident_other, f->depth), "name", text);
	} else if (n_other && names_address(w, text)) {
		add(w, f->text, -1, PM_BY_IDENT, decayed(W.ident_unknown, f->depth), "name",
		    text);
	} else if (n_own && contrasts(w, own[0].text) && names_address(w, text)) {
		add(w, f->text, -1, PM_BY_IDENT, decayed(W.ident_conflict, f->depth), "name",
		    text);
	}
}

/* ---- words ---- */

/* A package that runs nowhere owns no port, and the services of one stack are not meant in
 * another: such names in a text are no evidence. */
static bool names_service(const struct work *w, const struct pm_name_alias *al)
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

/* All own words of the target are in this alias: its whole name, though it may be one word. */
static bool is_whole_target(const struct work *w, int target, const struct pm_name_alias *al)
{
	const struct pm_target *t = &w->targets[target];

	for (unsigned i = 0; i < t->n_words; i++) {
		unsigned k = 0;

		while (k < al->n && al->words[k] != t->words[i])
			k++;
		if (k == al->n)
			return false;
	}
	return t->n_words > 0;
}

static int mention_weight(const struct work *w, const struct pm_mention *m, int target)
{
	if (target >= 0 && m->alias->class == PM_ALIAS_CORE && !m->label &&
	    is_whole_target(w, target, m->alias))
		return (W.core + W.core_label) / 2;
	switch (m->alias->class) {
	case PM_ALIAS_FULL:
		return m->joined || m->label ? W.full_joined : W.full;
	case PM_ALIAS_CORE:
		return m->label ? W.core_label : W.core;
	default:
		return m->label ? W.role_label : W.role;
	}
}

/* Another port number stands between the name and the number: the name goes with that one. */
static bool separated(struct pm_str text, const struct pm_mention *m, size_t at, unsigned port)
{
	unsigned other;
	size_t from = m->off + m->len < at ? m->off + m->len : at, len, pos = 0;
	size_t to = m->off + m->len < at ? at : m->off;
	struct pm_str between = { text.p + from, to > from ? to - from : 0 };

	if (at >= text.n || !between.n)
		return false;
	/* the number itself, when the name follows */
	while (pos < between.n && from == at && pm_is_digit(between.p[pos]))
		pos++;
	while ((other = pm_port_next(between, &pos, &len))) {
		if (other >= 1024 && other != port && !(other >= 1990 && other <= 2035))
			return true;
		pos += len;
	}
	return false;
}

/* Inside a URL: the names of buckets, pages and repositories. (The hit's own address is passed over
 * by the caller.) */
static bool in_other_url(struct pm_str text, size_t at)
{
	for (size_t i = at; i > 2; i--) {
		if (strchr(" \t\"'`(<,|=", text.p[i - 1]))
			return false;
		if (text.p[i - 1] == '/' && text.p[i - 2] == '/' && text.p[i - 3] == ':')
			return true;
	}
	return false;
}

/* "deployment/shop-web", "svc/shop-web": the very name of an object. */
static bool is_object(struct pm_str text, size_t off)
{
	static const char *const kinds[] = { "deployment/", "deploy/", "svc/", "service/", "pod/",
					     "statefulset/", "job/", NULL };

	for (size_t i = 0; kinds[i]; i++) {
		size_t n = strlen(kinds[i]);

		if (off >= n && memcmp(text.p + off - n, kinds[i], n) == 0 &&
		    (off == n || text.p[off - n - 1] == ' '))
			return true;
	}
	return false;
}

/* "traefik.http.routers...": whom the label is for, not whose it is. */
static bool is_vendor_prefix(struct pm_str text, size_t end)
{
	static const char *const next[] = { ".http.", ".tcp.", ".udp.", ".io/", NULL };
	struct pm_str rest = { text.p + end, text.n - end };

	for (size_t i = 0; next[i]; i++)
		if (pm_str_find(rest, next[i], false) == 0)
			return true;
	return false;
}

/* Names in a text, the nearest to `at` first; every further one counts less. */
static void weigh_text(struct work *w, struct pm_str text, size_t at, size_t skip_from,
		       size_t skip_to, enum pm_level level, int percent, const char *what)
{
	struct pm_mention m[24];
	unsigned n = pm_registry_find(w->reg, text, m, 24), order[24], kept = 0;
	size_t dist[24];

	for (unsigned i = 0; i < n; i++) {
		size_t end = m[i].off + m[i].len, d;

		if ((end > skip_from && m[i].off < skip_to) || in_other_url(text, m[i].off) ||
		    is_vendor_prefix(text, end))
			continue;
		/* a name that follows is farther than one that leads to the number */
		d = end <= at ? at - end : (m[i].off - at) * 3 / 2 + 2;
		if (d > 200)
			continue;
		order[kept] = i;
		dist[kept++] = d;
	}
	for (unsigned i = 1; i < kept; i++)
		for (unsigned k = i; k && dist[k] < dist[k - 1]; k--) {
			size_t d = dist[k];
			unsigned o = order[k];

			dist[k] = dist[k - 1], dist[k - 1] = d;
			order[k] = order[k - 1], order[k - 1] = o;
		}
	for (unsigned i = 0; i < kept; i++) {
		const struct pm_mention *x = &m[order[i]];
		int t = target_of(w, x->alias);
		int weight = (is_object(text, x->off) ? W.full_joined : mention_weight(w, x, t)) *
			     percent / 100;
		struct pm_str seen = { text.p + x->off, x->len };

		if (t < 0 && x->alias->class != PM_ALIAS_ROLE && !names_service(w, x->alias))
			continue;
		if (separated(text, x, at, w->hit->port))
			weight = weight * 3 / 10;
		if (t < 0 && x->alias->class == PM_ALIAS_ROLE) {
			t = target_of_role(w, x->alias->words[0]);
			if (t < 0 && !contrasts(w, x->alias->words[0]))
				continue;
		}
		weight = i == 0 ? weight : i == 1 ? weight * 6 / 10 : weight * 4 / 10;
		add(w, x->alias->shown, t, level, weight, what, seen);
		if (level == PM_BY_WORDS && weight >= 35)
			w->line_speaks = true;
	}
}

/* "curl localhost:9000   # Ledger (metrics)": a comment of one title names whose it is, known to us
 * or not. */
static void weigh_comment(struct work *w, struct pm_str line, size_t end)
{
	static const char *const marks[] = { "# ", "// ", NULL };
	struct pm_str rest = { line.p + end, line.n - end };

	for (size_t i = 0; marks[i]; i++) {
		size_t at = pm_str_find(rest, marks[i], false), n;
		struct pm_str title;
		struct pm_word own[4];
		struct pm_mention m[2];

		if (at == SIZE_MAX || at == 0 || rest.p[at - 1] != ' ')
			continue;
		at += strlen(marks[i]);
		title = pm_str_trim((struct pm_str){ rest.p + at, rest.n - at });
		for (n = 0; n < title.n && title.p[n] != ' '; n++)
			;
		if (n == title.n || (n + 1 < title.n && title.p[n + 1] == '(')) {
			title.n = n;
			if ((title.n && (title.p[0] < 'A' || title.p[0] > 'Z') &&
			     (unsigned char)title.p[0] < 0x80) ||
			    !own_words(w, title, own, 4) ||
			    pm_registry_word_class(w->reg, own[0].text) != PM_WORD_OTHER ||
			    (pm_registry_find(w->reg, title, m, 2) &&
			     target_of(w, m[0].alias) >= 0))
				return;
			add(w, pm_arena_strndup(w->arena, title.p, title.n), -1, PM_BY_WORDS,
			    W.row_unknown, "comment names", title);
			return;
		}
	}
}

static void weigh_line(struct work *w)
{
	const struct pm_hit *h = w->hit;
	struct pm_str line = pm_lines_get(&w->file->lines, h->line);
	size_t at = h->col - 1, end = at + h->span.len, from = at;

	/* the address itself speaks through its host; its path is not a name */
	while (from && !strchr(" \t\"'`(<>,;|=[", line.p[from - 1]))
		from--;
	while (end < line.n && !strchr(" \t\"'`)<>,;|]", line.p[end]))
		end++;
	if (line.n > 2000) {
		size_t left = at > 200 ? at - 200 : 0;

		line.n = end + 200 < line.n ? end + 200 : line.n;
		line.p += left;
		line.n -= left;
		at -= left;
		from = from > left ? from - left : 0;
		end -= left;
	}
	weigh_text(w, line, at, from, end, PM_BY_WORDS, 100, "line names");
	weigh_comment(w, line, end);
}

/* The row of a table names something that we do not know: not a moved service, anyway. */
static void weigh_unknown_row(struct work *w, const struct pm_fact *f)
{
	struct pm_str text = pm_str_of(f->text);
	struct pm_word own[8];
	struct pm_mention m[4];
	unsigned n = own_words(w, text, own, 8), other = 0;

	for (unsigned i = 0; i < n; i++)
		other += pm_registry_word_class(w->reg, own[i].text) == PM_WORD_OTHER;
	if (other && n <= 3 && text.n < 40 && !pm_registry_find(w->reg, text, m, 4) &&
	    !memchr(text.p, ':', text.n))
		add(w, f->text, -1, PM_BY_WORDS, W.row_unknown, "row names", text);
}

static bool has_other_port(struct pm_str s, unsigned port)
{
	size_t pos = 0, len;
	unsigned p;

	while ((p = pm_port_next(s, &pos, &len))) {
		if (len >= 4 && p != port && !(p >= 1990 && p <= 2035))
			return true;
		pos += len;
	}
	return false;
}

/* The name of a block by its first line: "prometheus:", "service \"billing\" {". Empty when the
 * line is something else. */
static struct pm_str block_key(struct pm_str line)
{
	struct pm_str none = { line.p, 0 };
	size_t from = 0, to = line.n;

	if (line.n < 2)
		return none;
	if (line.p[line.n - 1] == ':' && !memchr(line.p, ' ', line.n)) {
		to--;
	} else if (line.p[line.n - 1] == '{' && memchr(line.p, '"', line.n)) {
		while (to && line.p[to - 1] != '"')
			to--;
		to -= to > 0;
		for (from = to; from && line.p[from - 1] != '"'; from--)
			;
	} else {
		return none;
	}
	while (from < to && strchr("\"'", line.p[from]))
		from++;
	while (to > from && strchr("\"'", line.p[to - 1]))
		to--;
	return (struct pm_str){ line.p + from, to - from };
}

/* A block that carries exactly a moved service's name, in whatever format. */
static bool weigh_key(struct work *w, const struct pm_fact *f, struct pm_str line)
{
	struct pm_str key = block_key(line);
	bool known;
	int t = key.n ? whole_name(w, key, &known, false) : -1;
	int weight = W.block_key - 8 * (f->depth - 100);

	if (t < 0 || (w->line_speaks && w->hit->role == PM_ROLE_URL))
		return false;
	if (!is_block_bound(w->hit) && w->hit->role != PM_ROLE_DOC)
		weight = weight * W.block_url_percent / 100;
	add(w, NULL, t, PM_BY_OUTER, weight, "inside", key);
	return true;
}

static bool is_bullet(struct pm_str s)
{
	return s.n > 2 && (s.p[0] == '*' || s.p[0] == '-' || s.p[0] == '+' || s.p[0] == '|') &&
	       s.p[1] == ' ';
}

static void weigh_surroundings(struct work *w)
{
	static const int above[] = { 0, 50, 40, 30, 25, 25, 25, 25, 25, 25, 25 };
	static const int below[] = { 0, 40, 25, 20, 20 };
	const struct pm_hit *h = w->hit;
	int damp = w->line_speaks ? 40 : 100;
	bool own_bullet = h->role == PM_ROLE_DOC &&
			  is_bullet(pm_str_trim(pm_lines_get(&w->file->lines, h->line)));

	for (uint32_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *f = &h->facts[i];
		struct pm_str text = pm_str_of(f->text);

		if (is_bullet(text) && f->kind != PM_FACT_ROW &&
		    (f->kind == PM_FACT_HEADING || own_bullet))
			continue; /* each point of a list speaks for itself */
		if (f->kind == PM_FACT_BLOCK && f->depth >= 100 && weigh_key(w, f, text))
			continue;
		if (f->kind == PM_FACT_BLOCK && f->depth >= 100) {
			int percent = 80 - 15 * (f->depth - 100);

			weigh_text(w, text, text.n, SIZE_MAX, 0, PM_BY_OUTER,
				   (percent > 20 ? percent : 20) * damp / 100, "inside");
		} else if (f->kind == PM_FACT_HEADING) {
			int percent = f->line + 1 == h->line ? 90 : 70 - 20 * f->depth;

			weigh_text(w, text, 0, SIZE_MAX, 0, PM_BY_HEADING,
				   (percent > 20 ? percent : 20) * damp / 100, "under");
		} else if (f->kind == PM_FACT_NEAR && !has_other_port(text, h->port)) {
			int percent = f->depth >= 20 ? 45
				    : f->line < h->line ? above[f->depth] : below[f->depth];

			weigh_text(w, text, f->line < h->line ? text.n : 0, SIZE_MAX, 0,
				   PM_BY_NEAR, percent * damp / 100, "near");
		} else if (f->kind == PM_FACT_ROW) {
			weigh_text(w, text, 0, SIZE_MAX, 0, PM_BY_WORDS, 60, "row names");
			weigh_unknown_row(w, f);
		}
	}
}

/* ---- path ---- */

/* Documents, scripts and settings in a service's directory speak of the service itself; its code
 * also calls others. */
static bool is_caller(const struct work *w)
{
	return w->hit->role == PM_ROLE_URL || w->hit->role == PM_ROLE_DEFAULT ||
	       w->hit->role == PM_ROLE_POLICY || w->hit->role == PM_ROLE_ROUTE;
}

static void add_dir_evidence(struct work *w, int target, const char *owner, bool service)
{
	bool declares = is_declaration(w->hit);
	int own = declares ? W.dir_declares : is_caller(w) ? W.dir_caller : W.dir;
	int other = !service ? W.package_dir : declares ? W.other_dir_declares : W.other_dir;

	if (target >= 0)
		add(w, NULL, target, PM_BY_DIR, own, "in the directory of",
		    pm_str_of(w->targets[target].name));
	else
		add(w, owner, -1, PM_BY_DIR, other, "in the directory of", pm_str_of(owner));
}

/* The deepest directory that a service owns, or that carries a moved service's whole name. */
static void weigh_dirs(struct work *w)
{
	const char *path = w->file->path;
	int owner = pm_registry_dir_owner(w->reg, path), t = target_of_entity(w, owner);
	size_t owned = 0;

	if (owner >= 0) {
		const struct pm_entity *e = pm_registry_entity(w->reg, (unsigned)owner);

		for (unsigned i = 0; i < e->n_dirs; i++)
			if (strncmp(path, e->dirs[i], strlen(e->dirs[i])) == 0 &&
			    strlen(e->dirs[i]) > owned)
				owned = strlen(e->dirs[i]);
	}
	for (const char *from = path, *to; (to = strchr(from, '/')); from = to + 1) {
		struct pm_str name = { from, (size_t)(to - from) };
		bool known;
		int named = (size_t)(to - path) > owned ? whole_name(w, name, &known, false) : -1;

		if (named >= 0 && !w->targets[named].role) {
			add_dir_evidence(w, named, NULL, true);
			return;
		}
	}
	if (owner >= 0) {
		const struct pm_entity *e = pm_registry_entity(w->reg, (unsigned)owner);
		struct pm_mention m[2];

		/* the directory of the whole application is nobody else's */
		if (t < 0 && pm_registry_find(w->reg, pm_str_of(e->name), m, 2) == 1 &&
		    target_of_app(w, m[0].alias) >= 0)
			return;
		add_dir_evidence(w, t, e->name, e->declared);
	}
}

static bool in_dir_of(const struct work *w, int target)
{
	const struct pm_party *p = target >= 0 ? pm_claim_target(w->claim, target) : NULL;

	return p && p->weight[PM_BY_DIR];
}

static void weigh_path(struct work *w)
{
	struct pm_str text = pm_str_of(w->file->path);
	const char *base = strrchr(w->file->path, '/');
	struct pm_mention m[16];
	unsigned n = pm_registry_find(w->reg, text, m, 16);

	weigh_dirs(w);
	for (unsigned i = 0; i < n; i++) {
		bool in_base = !base || text.p + m[i].off > base;
		int weight = m[i].alias->class == PM_ALIAS_FULL ? W.path_full
			   : m[i].alias->class == PM_ALIAS_CORE ? W.path_core : W.path_role;
		struct pm_str seen = { text.p + m[i].off, m[i].len };
		int who = target_of(w, m[i].alias);

		if (who < 0 && m[i].alias->class == PM_ALIAS_ROLE) {
			who = in_base ? target_of_role(w, m[i].alias->words[0]) : -1;
			if (who < 0 && !(in_base && contrasts(w, m[i].alias->words[0])))
				continue;
		} else if (who < 0 && !names_service(w, m[i].alias)) {
			continue;
		}
		if (in_base && is_declaration(w->hit))
			weight += W.path_declares;
		else if (!in_base && in_dir_of(w, who))
			continue; /* said already */
		add(w, m[i].alias->shown, who, PM_BY_PATH, in_base ? weight : weight / 2,
		    "path names", seen);
	}
}

/* ---- use ---- */

/* Words of settings that hold the address a browser opens: origins and return addresses. */
static bool is_browser_setting(struct pm_str s)
{
	static const char *const words[] = {
		"cors", "origins", "allowed_origin", "allowedorigin", "success_url", "successurl",
		"cancel_url", "cancelurl", "return_url", "returnurl", "app_url", "appurl",
		"site_url", "siteurl", "redirect_uri", "redirecturi", "callback_url", "page.goto",
		"cy.visit", "xdg-open", "browser", NULL
	};

	for (size_t i = 0; words[i]; i++)
		if (pm_str_find(s, words[i], true) != SIZE_MAX)
			return true;
	return false;
}

static bool is_front(const struct pm_target *t)
{
	for (unsigned i = 0; i < t->n_words; i++) {
		unsigned g = pm_role_group(t->words[i]);

		if (g == 1 || g == 3 || g == 5 || g == 8)
			return true;
	}
	return false;
}

/* What is done with the address: browsers open front ends; a path may name the service. */
static void weigh_use(struct work *w)
{
	const struct pm_hit *h = w->hit;
	struct pm_str line = pm_lines_get(&w->file->lines, h->line);
	bool browser = has_address(h) && line.n < 2000 && is_browser_setting(line);
	bool known;

	for (uint32_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *f = &h->facts[i];
		struct pm_str text = pm_str_of(f->text);

		if (f->kind == PM_FACT_IDENT && has_address(h) && f->depth < 30)
			browser |= is_browser_setting(text);
		if (f->kind == PM_FACT_URLPATH && text.n > 1) {
			struct pm_str first = { text.p + 1, strcspn(text.p + 1, "/?#") };
			int t = whole_name(w, first, &known, false);

			if (t >= 0 && !w->targets[t].role)
				add(w, NULL, t, PM_BY_USE, W.url_path, "path of the address", text);
		}
	}
	for (unsigned t = 0; browser && t < w->n_targets; t++)
		if (is_front(&w->targets[t]))
			add(w, NULL, (int)t, PM_BY_USE, W.browser, "a browser opens",
			    pm_str_of("it"));
}

/* ---- configuration ---- */

static void weigh_config(struct work *w)
{
	for (size_t i = 0; w->config && i < w->config->owners.n; i++) {
		const struct pm_path_owner *o = &w->config->owners.v[i];
		bool known;
		int t = -1;

		if (!pm_config_covers(o->glob, o->re, w->file->path))
			continue;
		/* the very name, though it may mean little in this file by itself */
		for (unsigned k = 0; k < w->n_targets && t < 0; k++)
			if (strcasecmp(w->targets[k].name, o->service) == 0)
				t = (int)k;
		if (t < 0)
			t = whole_name(w, pm_str_of(o->service), &known, false);
		add(w, o->service, t, PM_BY_CONFIG, W.config, "portmig.yaml: owner of",
		    pm_str_of(o->glob));
	}
}

void pm_attribute(struct pm_claim *out, struct pm_arena *a, const struct pm_registry *r,
		  const struct pm_target *targets, unsigned n_targets,
		  const struct pm_config *config, const struct pm_inv_file *f,
		  const struct pm_hit *h)
{
	bool foreign[PM_MAX_TARGETS] = { false };
	struct work w = { out, a, r, targets, n_targets, config, f, h, foreign, false };

	memset(out, 0, sizeof(*out));
	for (unsigned t = 0; t < n_targets; t++)
		foreign[t] = is_foreign(&w, &targets[t]);
	weigh_config(&w);
	for (uint32_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *x = &h->facts[i];

		if (x->kind == PM_FACT_HOST)
			weigh_host(&w, x);
		else if ((x->kind == PM_FACT_BLOCK && x->depth < 100) ||
			 x->kind == PM_FACT_CONTAINER || x->kind == PM_FACT_BUILD)
			weigh_block(&w, x);
		else if (x->kind == PM_FACT_IDENT)
			weigh_ident(&w, x);
	}
	for (unsigned i = 0; i < out->n; i++)
		w.line_speaks |= out->party[i].score >= 50;
	weigh_line(&w);
	weigh_surroundings(&w);
	weigh_path(&w);
	weigh_use(&w);
}
