/*
 * attribute.c - see attribute.h. Keeps the claims and their scores, and has the facts of a hit
 * weighed in order. Which service a name means is for targets.c; what a fact is worth, for
 * weigh_*.c and weights.c.
 */
#include "attribute_impl.h"

#include <stdlib.h>
#include <string.h>

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

void pm_ev_add(struct pm_ev_work *w, const char *name, int target, enum pm_level level, int weight,
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

/* ---- what kind of place it is ---- */

bool pm_ev_has_address(const struct pm_hit *h)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_HOST)
			return true;
	return false;
}

/* The place makes its own service use the port, rather than speak to somebody else's. */
bool pm_ev_is_declaration(const struct pm_hit *h)
{
	switch ((enum pm_role)h->role) {
	case PM_ROLE_HOST_PORT:
	case PM_ROLE_CONTAINER:
	case PM_ROLE_PROBE:
		return true;
	case PM_ROLE_LISTEN:
	case PM_ROLE_DEFAULT:
		return !pm_ev_has_address(h);
	default:
		return false;
	}
}

/* A block defined by the format speaks for routes and policies inside it, too. */
bool pm_ev_is_block_bound(const struct pm_hit *h)
{
	return pm_ev_is_declaration(h) || h->role == PM_ROLE_POLICY || h->role == PM_ROLE_ROUTE;
}

/* ---- weighing ---- */

/* The names by which a container reaches the machine that it runs on: what it speaks to there is
 * never itself. */
static bool is_host_of_container(const char *host)
{
	static const char *const names[] = { "host.docker.internal", "gateway.docker.internal",
					     "host.containers.internal", "docker.for.mac.localhost",
					     "docker.for.win.localhost", "host.minikube.internal",
					     "host.lima.internal", "host.k3d.internal", NULL };

	for (size_t i = 0; names[i]; i++)
		if (pm_str_ieq(pm_str_of(host), names[i]))
			return true;
	return false;
}

bool pm_reaches_host(const struct pm_hit *h)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_HOST && is_host_of_container(h->facts[i].text))
			return true;
	return false;
}

/* Has the name a word of the block that the place stands in? */
static bool shares_word(const struct pm_ev_work *w, const char *name)
{
	struct pm_word own[12], block[12];
	unsigned n = pm_ev_own_words(w, pm_str_of(name), own, 12);

	for (uint32_t i = 0; i < w->hit->n_facts; i++) {
		const struct pm_fact *f = &w->hit->facts[i];
		unsigned m = f->kind != PM_FACT_BLOCK || f->depth ? 0
				   : pm_ev_own_words(w, pm_str_of(f->text), block, 12);

		for (unsigned a = 0; a < n; a++)
			for (unsigned b = 0; b < m; b++)
				if (own[a].text && own[a].text == block[b].text)
					return true;
	}
	return false;
}

/* The address stands in a setting that says who may come from, or go back to, where. */
static bool sets_browser(const struct pm_hit *h)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_IDENT && h->facts[i].depth == 0)
			return pm_ev_has_address(h) &&
			       pm_ev_is_browser_setting(pm_str_of(h->facts[i].text));
	return false;
}

/* Take back what the block of a container says of it, and its own name in a variable: of everybody,
 * or of those who do not move. */
static void unspeak_block(struct pm_ev_work *w, bool everybody)
{
	for (unsigned i = 0; i < w->claim->n; i++) {
		struct pm_party *p = &w->claim->party[i];

		if (!everybody && p->target >= 0)
			continue;
		if (!p->weight[PM_BY_BLOCK] && (p->target >= 0 || !shares_word(w, p->name)))
			continue;
		for (int k = PM_BY_BLOCK; k <= PM_BY_OUTER; k++)
			p->weight[k] = 0;
		rescore(p);
	}
}

void pm_attribute(struct pm_claim *out, struct pm_arena *a, const struct pm_registry *r,
		  const struct pm_target *targets, unsigned n_targets,
		  const struct pm_config *config, const struct pm_inv_file *f,
		  const struct pm_hit *h)
{
	bool foreign[PM_MAX_TARGETS] = { false };
	struct pm_ev_work w = { out, a, r, targets, n_targets, config, f, h, foreign, false };

	memset(out, 0, sizeof(*out));
	for (unsigned t = 0; t < n_targets; t++)
		foreign[t] = pm_ev_is_foreign(&w, &targets[t]);
	pm_weigh_config(&w);
	for (uint32_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *x = &h->facts[i];

		if (x->kind == PM_FACT_HOST)
			pm_weigh_host(&w, x);
		else if ((x->kind == PM_FACT_BLOCK && x->depth < 100) ||
			 x->kind == PM_FACT_CONTAINER || x->kind == PM_FACT_BUILD)
			pm_weigh_block(&w, x);
		else if (x->kind == PM_FACT_IDENT)
			pm_weigh_ident(&w, x);
	}
	for (unsigned i = 0; i < out->n; i++)
		w.line_speaks |= out->party[i].score >= 50;
	pm_weigh_line(&w);
	pm_weigh_surroundings(&w);
	if (pm_reaches_host(h))
		unspeak_block(&w, true);
	else if (sets_browser(h)) /* CORS_ORIGINS of the back end: anybody but itself */
		unspeak_block(&w, false);
	pm_weigh_path(&w);
	pm_weigh_use(&w);
}
