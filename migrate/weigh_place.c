/*
 * weigh_place.c - evidence of the place itself: the host of the address, the blocks that the format
 * defines, the identifiers that hold the value. Free text around it is for weigh_words.c.
 */
#include "attribute_impl.h"

#include <string.h>

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
		"server", "domain", "address", "docker.for.mac.localhost",
		"kubernetes.docker.internal", NULL
	};

	for (size_t i = 0; local[i]; i++)
		if (pm_str_ieq(host, local[i]))
			return true;
	return !host.n || pm_is_placeholder_host(host) || host.p[0] == '$' || host.p[0] == '{' ||
	       host.p[0] == '[' || host.p[0] == '<' || host.p[0] == '%';
}

static bool is_ip(struct pm_str host)
{
	for (size_t i = 0; i < host.n; i++)
		if (!pm_is_digit(host.p[i]) && host.p[i] != '.')
			return false;
	return true;
}

void pm_weigh_host(struct pm_ev_work *w, const struct pm_fact *f)
{
	struct pm_str host = pm_str_of(f->text), label;
	bool known;
	int t;

	if (is_ip(host) || (is_local(host) && host.p[0] != '$' && host.p[0] != '{'))
		return;
	label = (struct pm_str){ host.p, strcspn(host.p, ".") };
	if (host.p[0] == '$' || host.p[0] == '{')
		label = host;
	t = pm_ev_whole_name(w, label, &known, false);
	if (t >= 0)
		pm_ev_add(w, NULL, t, PM_BY_HOST, W.host, "host", host);
	else if (known && host.p[0] != '$' && host.p[0] != '{')
		pm_ev_add(w, f->text, -1, PM_BY_HOST,
			  label.n < host.n ? W.public_host : W.unknown_host, "host", host);
}

/* ---- blocks that the format defines ---- */

/* The file lies in a stack whose directory is itself what moves: its parts are the target's. */
static bool in_own_stack(const struct pm_ev_work *w)
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
static bool nearer_block_names(const struct pm_ev_work *w, const struct pm_fact *f)
{
	for (uint32_t i = 0; i < w->hit->n_facts; i++) {
		const struct pm_fact *o = &w->hit->facts[i];
		struct pm_word own[4];

		if (o->kind == PM_FACT_BLOCK && o->depth < f->depth &&
		    pm_ev_own_words(w, pm_str_of(o->text), own, 4))
			return true;
	}
	return false;
}

/* The jobs and steps of a workflow are tasks; only one that is called like a service may be one. */
static bool is_ci_job(const struct pm_ev_work *w, struct pm_str text)
{
	struct pm_mention m[4];

	return (strstr(w->file->path, ".github/") || strstr(w->file->path, ".gitlab-ci") ||
		strstr(w->file->path, ".circleci/")) &&
	       !pm_registry_find(w->reg, text, m, 4);
}

void pm_weigh_block(struct pm_ev_work *w, const struct pm_fact *f)
{
	struct pm_str text = pm_str_of(f->text);
	int weight = f->depth ? W.block_outer : W.block;
	bool known;
	int t;

	if (f->depth && nearer_block_names(w, f))
		weight /= 2;
	if (!pm_ev_is_block_bound(w->hit))
		weight = weight * W.block_url_percent / 100;
	if (f->kind == PM_FACT_BUILD) {
		t = pm_ev_entity_target(w, pm_registry_dir_owner(w->reg, f->text));
		if (t >= 0)
			pm_ev_add(w, NULL, t, PM_BY_BLOCK, weight, "built from", text);
		return;
	}
	t = pm_ev_dotted_name(w, text, &known);
	if (t >= 0)
		pm_ev_add(w, NULL, t, PM_BY_BLOCK, weight,
			  f->kind == PM_FACT_CONTAINER ? "container" : "block", text);
	else if (known && f->kind == PM_FACT_BLOCK && !is_ci_job(w, text))
		pm_ev_add(w, f->text, -1, PM_BY_BLOCK, in_own_stack(w) ? weight * 4 / 10 : weight,
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

static bool names_address(const struct pm_ev_work *w, struct pm_str ident)
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

/* quoteUrl: a variable of the lines around it. Settings are called QUOTE_URL, or quote_url. */
static bool is_of_program(struct pm_str name)
{
	return name.n > 3 && pm_str_iends(name, "url") && !memchr(name.p, '_', name.n) &&
	       name.p[0] >= 'a' && name.p[0] <= 'z';
}

/* Whoever the variable is called after, nobody else speaks for: unless a known name comes, too. */
static void mark_stranger(struct pm_claim *c, const char *name)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->party[i].target < 0 && strcasecmp(c->party[i].name, name) == 0)
			c->party[i].stranger = true;
}

void pm_weigh_ident(struct pm_ev_work *w, const struct pm_fact *f)
{
	struct pm_str text = pm_str_of(f->text);
	struct pm_mention m[6];
	struct pm_word own[12];
	unsigned n = pm_registry_find(w->reg, text, m, 6);
	unsigned n_own = pm_ev_own_words(w, text, own, 12);
	unsigned n_other = 0;
	bool known;
	int owner = pm_registry_variable_owner(w->reg, f->text);
	int t = owner >= 0 ? pm_ev_entity_target(w, owner) : -1;

	if (owner >= 0) {
		pm_ev_add(w, pm_registry_entity(w->reg, (unsigned)owner)->name, t, PM_BY_IDENT,
			  decayed(W.ident_full, f->depth), "port variable", text);
		return;
	}
	t = pm_ev_whole_name(w, text, &known, true);

	for (unsigned i = 0; i < n_own; i++)
		n_other += pm_registry_word_class(w->reg, own[i].text) == PM_WORD_OTHER;
	if (t >= 0 && n) {
		static const int *const by_class[] = { &W.ident_full, &W.ident_core,
						       &W.ident_role, &W.ident_core };

		pm_ev_add(w, NULL, t, PM_BY_IDENT, decayed(*by_class[m[0].alias->class], f->depth),
			  "name", text);
	} else if (t >= 0) {
		pm_ev_add(w, NULL, t, PM_BY_IDENT, decayed(W.ident_role, f->depth), "name", text);
	} else if ((t = pm_ev_part_target(w, own, n_own)) >= 0) {
		pm_ev_add(w, NULL, t, PM_BY_IDENT, decayed(W.ident_part, f->depth), "name", text);
	} else if (n >= 2 && (t = pm_ev_target(w, m[n - 1].alias)) >= 0) {
		/* SHOP_LEDGER_URL: the shop's setting for the ledger's address */
		pm_ev_add(w, NULL, t, PM_BY_IDENT,
			  decayed(m[n - 1].alias->class == PM_ALIAS_ROLE ? W.ident_role : W.ident_core,
				  f->depth),
			  "name", text);
		pm_ev_add(w, m[0].alias->shown, -1, PM_BY_IDENT,
			  decayed(W.ident_other / 2, f->depth), "name", text);
	} else if (n && n_other && pm_ev_names_service(w, m[0].alias)) {
		if (names_address(w, text) || m[0].alias->class == PM_ALIAS_FULL)
			pm_ev_add(w, m[0].alias->shown, -1, PM_BY_IDENT,
				  decayed(W.ident_other, f->depth), "name", text);
	} else if (n_other && names_address(w, text) && !pm_ev_is_browser_setting(text) &&
		   !pm_str_iends(text, "ports")) { /* REQUIRED_PORTS are many services' */
		pm_ev_add(w, f->text, -1, PM_BY_IDENT,
			  decayed(is_of_program(text) ? W.ident_own : W.ident_unknown, f->depth),
			  "name", text);
		mark_stranger(w->claim, f->text);
	} else if (n_own && pm_ev_contrasts(w, own[0].text) && names_address(w, text)) {
		pm_ev_add(w, f->text, -1, PM_BY_IDENT, decayed(W.ident_conflict, f->depth), "name",
			  text);
	}
}
