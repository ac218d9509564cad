/*
 * weigh_path.c - evidence that does not stand in the text near the place: the directory and the
 * path of the file, what is done with the address, and what portmig.yaml says of the path.
 */
#include "attribute_impl.h"

#include <string.h>

/* ---- path ---- */

/* Documents, scripts and settings in a service's directory speak of the service itself; its code
 * also calls others. */
static bool is_caller(const struct pm_ev_work *w)
{
	return w->hit->role == PM_ROLE_URL || w->hit->role == PM_ROLE_DEFAULT ||
	       w->hit->role == PM_ROLE_POLICY || w->hit->role == PM_ROLE_ROUTE;
}

/* The setting itself is called after another service that is known, WEB_PORT in the API's files; or the
 * record carries another's whole name: { name: "shop-web", port: 3000 }. */
static bool named_after_other(const struct pm_ev_work *w, int target, const char *owner)
{
	for (unsigned i = 0; i < w->claim->n; i++) {
		const struct pm_party *p = &w->claim->party[i];

		if ((p->weight[PM_BY_WORDS] >= W.full_joined ||
		     (p->weight[PM_BY_IDENT] >= W.ident_part && !p->stranger)) &&
		    (target >= 0 ? p->target != target
				 : p->target >= 0 || strcasecmp(p->name, owner) != 0))
			return true;
	}
	return false;
}

static void add_dir_evidence(struct pm_ev_work *w, int target, const char *owner, bool service)
{
	bool named = named_after_other(w, target, owner);
	bool declares = pm_ev_is_declaration(w->hit) && !named;
	int own = declares ? W.dir_declares : is_caller(w) ? W.dir_caller : W.dir;
	int other = !service ? W.package_dir : declares ? W.other_dir_declares
		    : w->hit->role == PM_ROLE_DOC && !named ? W.other_dir_doc : W.other_dir;

	if (target >= 0)
		pm_ev_add(w, NULL, target, PM_BY_DIR, own, "in the directory of",
			  pm_str_of(w->targets[target].name));
	else
		pm_ev_add(w, owner, -1, PM_BY_DIR, other, "in the directory of", pm_str_of(owner));
}

/* Nothing but common words is left of the name: "@shop/e2e", "config". Such packages run nowhere. */
static bool is_tool(const struct pm_ev_work *w, const char *name)
{
	struct pm_word all[12];
	unsigned n = pm_registry_words(w->reg, pm_str_of(name), all, 12), noise = 0, own = 0;

	for (unsigned i = 0; i < n; i++) {
		enum pm_word_class c = pm_registry_word_class(w->reg, all[i].text);

		noise += c == PM_WORD_NOISE;
		own += c == PM_WORD_OTHER || c == PM_WORD_ROLE;
	}
	return noise && !own;
}

/* The deepest directory that a service owns, or that carries a moved service's whole name. */
static void weigh_dirs(struct pm_ev_work *w)
{
	const char *path = w->file->path;
	int owner = pm_registry_dir_owner(w->reg, path), t = pm_ev_entity_target(w, owner);
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
		int named = (size_t)(to - path) > owned
				    ? pm_ev_whole_name(w, name, &known, false) : -1;

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
		    pm_ev_app_target(w, m[0].alias) >= 0)
			return;
		add_dir_evidence(w, t, e->name, e->declared && !is_tool(w, e->name));
	}
}

/* A document beside directories of services that are not moved, in the same folder: theirs. */
static void weigh_beside(struct pm_ev_work *w)
{
	const char *path = w->file->path;

	for (size_t n = strlen(path); n; n--) {
		const char *found = NULL;

		if (path[n] != '/')
			continue;
		for (unsigned i = 0; i < pm_registry_count(w->reg); i++) {
			const struct pm_entity *e = pm_registry_entity(w->reg, i);

			for (unsigned k = 0; k < e->n_dirs; k++)
				if (strncmp(e->dirs[k], path, n) == 0 && e->dirs[k][n] == '/') {
					if (pm_ev_entity_target(w, (int)i) >= 0)
						return;
					found = e->declared || !found ? e->name : found;
				}
		}
		if (found) {
			pm_ev_add(w, found, -1, PM_BY_DIR, W.other_dir_doc, "beside",
				  pm_str_of(found));
			return;
		}
	}
}

static bool in_dir_of(const struct pm_ev_work *w, int target)
{
	const struct pm_party *p = target >= 0 ? pm_claim_target(w->claim, target) : NULL;

	return p && p->weight[PM_BY_DIR];
}

void pm_weigh_path(struct pm_ev_work *w)
{
	struct pm_str text = pm_str_of(w->file->path);
	const char *base = strrchr(w->file->path, '/');
	struct pm_mention m[16];
	unsigned n = pm_registry_find(w->reg, text, m, 16);

	weigh_dirs(w);
	if (w->hit->role == PM_ROLE_DOC && pm_registry_dir_owner(w->reg, w->file->path) < 0)
		weigh_beside(w);
	for (unsigned i = 0; i < n; i++) {
		bool in_base = !base || text.p + m[i].off > base;
		int weight = m[i].alias->class == PM_ALIAS_FULL ? W.path_full
			   : m[i].alias->class == PM_ALIAS_ROLE ? W.path_role : W.path_core;
		struct pm_str seen = { text.p + m[i].off, m[i].len };
		int who = pm_ev_target(w, m[i].alias);

		if (who < 0 && m[i].alias->class == PM_ALIAS_ROLE) {
			who = in_base ? pm_ev_role_target(w, m[i].alias->words[0]) : -1;
			if (who < 0 && !(in_base && pm_ev_contrasts(w, m[i].alias->words[0])))
				continue;
		} else if (who < 0 && (m[i].alias->class == PM_ALIAS_APP ||
				       !pm_ev_names_service(w, m[i].alias))) {
			continue;
		}
		if (in_base && pm_ev_is_declaration(w->hit))
			weight += W.path_declares;
		else if (!in_base && in_dir_of(w, who))
			continue; /* said already */
		pm_ev_add(w, m[i].alias->shown, who, PM_BY_PATH, in_base ? weight : weight / 2,
			  "path names", seen);
	}
}

/* ---- use ---- */

/* Words of settings that hold the address a browser opens: origins and return addresses. */
bool pm_ev_is_browser_setting(struct pm_str s)
{
	static const char *const words[] = {
		"cors", "origins", "allowed_origin", "allowedorigin", "success_url", "successurl",
		"cancel_url", "cancelurl", "return_url", "returnurl", "app_url", "appurl",
		"site_url", "siteurl", "nextauth_url", "redirect_uri", "redirecturi", "callback_url", "page.goto",
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

/* ":8080/oscar" in OSCAR_SETUP.md: what the document is about, which is nobody that we know. */
static void weigh_product(struct pm_ev_work *w, struct pm_str segment)
{
	const char *base = strrchr(w->file->path, '/');
	struct pm_mention m[2];
	char word[32];

	if (w->hit->role != PM_ROLE_DOC || segment.n < 4 || segment.n >= sizeof(word) ||
	    pm_registry_find(w->reg, segment, m, 2))
		return;
	memcpy(word, segment.p, segment.n);
	word[segment.n] = '\0';
	if (pm_str_find(pm_str_of(base ? base + 1 : w->file->path), word, true) == SIZE_MAX)
		return;
	pm_ev_add(w, pm_arena_strdup(w->arena, word), -1, PM_BY_USE, W.url_path, "path of the address",
		  segment);
	pm_ev_add(w, pm_arena_strdup(w->arena, word), -1, PM_BY_PATH, W.path_core, "path names", segment);
}

/* "postgres://user@localhost:5432/shop": what is called postgres speaks so. */
static void weigh_scheme(struct pm_ev_work *w, struct pm_str line)
{
	size_t at = w->hit->col - 1, from, end;
	struct pm_str scheme;
	bool known;
	int t;

	if (line.n > 2000 || !pm_ev_has_address(w->hit))
		return;
	for (end = at; end > 2 && !strchr(" \t\"'`(<>,;=", line.p[end - 1]); end--)
		if (line.p[end - 1] == '/' && line.p[end - 2] == '/' && line.p[end - 3] == ':')
			break;
	if (end < 4 || line.p[end - 1] != '/')
		return;
	end -= 3;
	for (from = end; from && pm_is_word(line.p[from - 1]); from--)
		;
	scheme = (struct pm_str){ line.p + from, end - from };
	t = scheme.n ? pm_ev_whole_name(w, scheme, &known, false) : -1;
	if (t >= 0 && pm_ev_leaves_port(&w->targets[t], w->hit->port))
		pm_ev_add(w, NULL, t, PM_BY_USE, W.scheme, "protocol", scheme);
}

/* What is done with the address: browsers open front ends; a path may name the service. */
void pm_weigh_use(struct pm_ev_work *w)
{
	const struct pm_hit *h = w->hit;
	struct pm_str line = pm_lines_get(&w->file->lines, h->line);
	bool browser = pm_ev_has_address(h) && line.n < 2000 && pm_ev_is_browser_setting(line);
	bool known;

	for (uint32_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *f = &h->facts[i];
		struct pm_str text = pm_str_of(f->text);

		if (f->kind == PM_FACT_IDENT && pm_ev_has_address(h) && f->depth < 30)
			browser |= pm_ev_is_browser_setting(text);
		if (f->kind == PM_FACT_URLPATH && text.n > 1) {
			struct pm_str first = { text.p + 1, strcspn(text.p + 1, "/?#") };
			int t = pm_ev_whole_name(w, first, &known, false);

			if (t >= 0 && !w->targets[t].role)
				pm_ev_add(w, NULL, t, PM_BY_USE, W.url_path, "path of the address",
					  text);
			else if (t < 0)
				weigh_product(w, first);
		}
	}
	weigh_scheme(w, line);
	for (unsigned t = 0; browser && t < w->n_targets; t++)
		if (is_front(&w->targets[t]) && pm_ev_leaves_port(&w->targets[t], h->port))
			pm_ev_add(w, NULL, (int)t, PM_BY_USE, W.browser, "a browser opens",
				  pm_str_of("it"));
}

/* ---- configuration ---- */

void pm_weigh_config(struct pm_ev_work *w)
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
			t = pm_ev_whole_name(w, pm_str_of(o->service), &known, false);
		pm_ev_add(w, o->service, t, PM_BY_CONFIG, W.config, "portmig.yaml: owner of",
			  pm_str_of(o->glob));
	}
}
