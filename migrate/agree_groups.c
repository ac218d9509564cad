/*
 * agree_groups.c - the ports of one service, over the whole commit. Ports that one manifest names
 * together (both halves of a mapping, the health check inside) are one *group*. A service with one
 * group tells one story; every further group is one finding, with all its places: a drift from the
 * document where a row says which is right, else a disagreement. Places that only speak to the
 * service, at a port that no group has, are callers to be told.
 */
#include "agree_impl.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_BACK = 32 }; /* uses: those of one block stand together */

/* ---- grouping ---- */

static size_t node_of(struct pm_agree_service *s, unsigned port)
{
	size_t *at = &s->g->node_at[port];

	if (*at >= s->n_nodes || s->nodes[*at].port != port) {
		*at = s->n_nodes;
		s->nodes[s->n_nodes++] = (struct pm_agree_node){ .port = port, .parent = *at,
								 .finding = SIZE_MAX,
								 .inner_finding = SIZE_MAX };
	}
	return *at;
}

static size_t root(struct pm_agree_service *s, size_t i)
{
	while (s->nodes[i].parent != i)
		i = s->nodes[i].parent = s->nodes[s->nodes[i].parent].parent;
	return i;
}

static void unite(struct pm_agree_service *s, unsigned a, unsigned b)
{
	size_t x = root(s, node_of(s, a)), y = root(s, node_of(s, b));

	if (x != y)
		s->nodes[x > y ? x : y].parent = x < y ? x : y;
}

/* One block of a manifest, or one image. A caller in a block speaks of another one's port. */
static bool same_manifest(const struct pm_use *a, const struct pm_use *b)
{
	if (a->file != b->file || a->kind == PM_USE_CALL || b->kind == PM_USE_CALL ||
	    a->kind == PM_USE_DOC || b->kind == PM_USE_DOC)
		return false;
	if (a->unit && b->unit)
		return strcmp(a->unit, b->unit) == 0;
	return a->origin == PM_ORIGIN_DOCKER && b->origin == PM_ORIGIN_DOCKER;
}

/* The node of a published port, or of the row that covers it; 0: neither knows it. */
static unsigned known_port(const struct pm_agree_service *s, unsigned port)
{
	for (size_t i = 0; i < s->v->n_rows; i++)
		if (s->v->rows[i]->lo && s->v->rows[i]->lo <= port && port <= s->v->rows[i]->hi)
			return s->v->rows[i]->lo;
	return pm_agree_node_of(s, port) ? port : 0;
}

/* Both halves of a mapping of its own stack, whatever the variable in one of them is called. */
static void group_mappings(struct pm_agree_service *s)
{
	const int self = (int)(s->v - s->g->survey.services);

	for (size_t i = 0; i < s->g->n_stacks; i++) {
		const struct pm_agree_stack *k = &s->g->stacks[i];

		for (size_t q = 0; q < k->stack.n && !k->is_aside; q++)
			for (size_t p = 0; k->services[q] == self && p < k->stack.v[q].n_ports; p++) {
				const struct pm_stack_port *x = &k->stack.v[q].ports[p];
				const unsigned outer = x->lo ? known_port(s, x->lo) : 0;

				if (outer && x->in_lo && pm_agree_node_of(s, x->in_lo))
					unite(s, outer, x->in_lo);
			}
	}
}

static void group_ports(struct pm_agree_service *s)
{
	const struct pm_survey_service *v = s->v;

	for (size_t i = 0; i < v->n_uses; i++) {
		s->nodes[node_of(s, v->uses[i].hit->port)].n++;
		for (size_t k = i; k > 0 && i - k < LOOK_BACK; k--)
			if (same_manifest(&v->uses[k - 1], &v->uses[i])) {
				unite(s, v->uses[k - 1].hit->port, v->uses[i].hit->port);
				break;
			}
	}
	/* rows of one kind are different ports of one service, not rivals */
	for (size_t i = 0; i < v->n_rows; i++)
		for (size_t k = 0; k < i; k++)
			if (v->rows[i]->lo && v->rows[k]->lo &&
			    v->rows[i]->state == v->rows[k]->state &&
			    v->rows[i]->host == v->rows[k]->host)
				unite(s, v->rows[i]->lo, v->rows[k]->lo);
	group_mappings(s);
}

bool pm_agree_in_rows(const struct pm_agree_service *s, unsigned port)
{
	for (size_t i = 0; i < s->v->n_rows; i++) {
		const struct pm_endpoint *e = s->v->rows[i];

		if (e->lo <= port && port <= e->hi && pm_agree_counts(s->g, s->v, e))
			return true;
	}
	return false;
}

static size_t places_of(const struct pm_agree_service *s, unsigned port)
{
	const struct pm_agree_node *n = pm_agree_node_of(s, port);

	return n ? n->n : 0;
}

/* Is `a` more authoritative than `b`, which may be NULL? */
static bool outranks(const struct pm_agree_service *s, const struct pm_use *a, const struct pm_use *b)
{
	unsigned x, y;

	if (!b)
		return true;
	x = pm_config_origin_rank(s->g->in->config, a->origin);
	y = pm_config_origin_rank(s->g->in->config, b->origin);
	if (x != y)
		return x < y;
	if ((a->kind == PM_USE_PUBLISHED) != (b->kind == PM_USE_PUBLISHED))
		return a->kind == PM_USE_PUBLISHED;
	/* a debugger is published beside the port that all speak to */
	if (places_of(s, a->hit->port) != places_of(s, b->hit->port))
		return places_of(s, a->hit->port) > places_of(s, b->hit->port);
	return a->named && !b->named;
}

/* A number in code that names nobody, and another service's port: said of that one. */
static bool is_strangers(const struct pm_agree_service *s, const struct pm_use *u)
{
	return u->origin == PM_ORIGIN_CODE && !u->sure && !pm_agree_in_rows(s, u->hit->port) &&
	       (pm_agree_row_at(s->g, u->hit->port) ||
		(s->g->owner[u->hit->port] != PM_NOBODY &&
		 s->g->owner[u->hit->port] != u->service));
}

/* 80 and the like inside a container say nothing: only published they are a service's choice. */
static bool is_inner_standard(const struct pm_agree_service *s, const struct pm_use *u)
{
	return u->hit->port < 1024 && u->kind != PM_USE_PUBLISHED && !pm_agree_in_rows(s, u->hit->port);
}

static void add_use(struct pm_agree_service *s, struct pm_agree_group *x, const struct pm_use *u)
{
	x->uses[x->n++] = u;
	if (pm_use_declares(u) && !is_strangers(s, u) && !is_inner_standard(s, u) &&
	    outranks(s, u, x->chief))
		x->chief = u;
}

static void fill_groups(struct pm_agree_service *s)
{
	const struct pm_survey_service *v = s->v;

	s->groups = PM_NEW_N(s->g->a, struct pm_agree_group, s->n_nodes + 1);
	for (size_t i = 0; i < s->n_nodes; i++)
		s->groups[root(s, i)].known |= pm_agree_in_rows(s, s->nodes[i].port);
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < v->n_uses; i++) {
			struct pm_agree_group *x =
				&s->groups[root(s, node_of(s, v->uses[i].hit->port))];

			if (pm_agree_is_aside(&v->uses[i]))
				continue;
			if (!pass) {
				x->n_max++;
				continue;
			}
			if (!x->uses)
				x->uses = PM_NEW_N(s->g->a, const struct pm_use *, x->n_max);
			add_use(s, x, &v->uses[i]);
		}
}

struct pm_agree_node *pm_agree_node_of(const struct pm_agree_service *s, unsigned port)
{
	size_t i = s->g->node_at[port];

	return i < s->n_nodes && s->nodes[i].port == port ? &s->nodes[i] : NULL;
}

const struct pm_agree_group *pm_agree_group_of(const struct pm_agree_service *s, unsigned port)
{
	const struct pm_agree_node *n = pm_agree_node_of(s, port);
	size_t i = n ? (size_t)(n - s->nodes) : 0;

	if (!n)
		return NULL;
	while (s->nodes[i].parent != i)
		i = s->nodes[i].parent;
	return &s->groups[i];
}

/* The group that is right: of a row, else the most authoritative, else the one with most places. */
static void choose_winner(struct pm_agree_service *s)
{
	s->winner = SIZE_MAX;
	for (size_t i = 0; i < s->n_nodes; i++) {
		const struct pm_agree_group *x = &s->groups[i];
		const struct pm_agree_group *best = s->winner == SIZE_MAX ? NULL : &s->groups[s->winner];

		if (root(s, i) != i || !x->chief)
			continue;
		if (!best || (x->known && !best->known) ||
		    (x->known == best->known &&
		     (outranks(s, x->chief, best->chief) ||
		      (!outranks(s, best->chief, x->chief) && x->n > best->n))))
			s->winner = i;
	}
}

/* ---- findings ---- */

/* "3 places: compose 2, docs 1" */
static const char *count_text(struct pm_agree_service *s, const struct pm_agree_group *x)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	unsigned by[PM_ORIGIN_COUNT] = { 0 };
	bool first = true;

	pm_buf_addf(&b, "%zu place%s: ", x->n, x->n == 1 ? "" : "s");
	for (size_t i = 0; i < x->n; i++)
		by[x->uses[i]->origin]++;
	for (unsigned k = 0; k < PM_ORIGIN_COUNT; k++)
		if (by[k]) {
			pm_buf_addf(&b, "%s%s %u", first ? "" : ", ",
				    pm_origin_name((enum pm_origin)k), by[k]);
			first = false;
		}
	return pm_arena_strndup(s->g->a, b.v, b.n);
}

static void add_places(struct pm_agree_service *s, struct pm_diag *x, const struct pm_agree_group *group)
{
	for (size_t i = 0; i < group->n; i++)
		if (group->uses[i] != group->chief)
			pm_agree_also(s->g, x, group->uses[i]);
}

static const struct pm_endpoint *row_of(const struct pm_agree_service *s)
{
	for (size_t i = 0; i < s->v->n_rows; i++)
		if (pm_agree_counts(s->g, s->v, s->v->rows[i]))
			return s->v->rows[i];
	return NULL;
}

/* The rows' own group beside this one. */
static const char *agreeing(struct pm_agree_service *s)
{
	const struct pm_agree_group *x = s->winner == SIZE_MAX ? NULL : &s->groups[s->winner];
	const char *where;

	if (!x || !x->known || !x->chief)
		return "";
	where = pm_agree_where(s->g, &x->chief->where);
	return pm_arena_printf(s->g->a, ", as do%s %s, first %s:%u%s%s", x->n == 1 ? "es" : "",
			       count_text(s, x), x->chief->file->path, x->chief->hit->line, *where ? ", " : "",
			       where);
}

/* "4600", or "4600, 4601 and 4690": what the rows to compare with say. */
static const char *ports_of_rows(const struct pm_agree_service *s, size_t *n)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t left = 0;

	for (size_t i = 0; i < s->v->n_rows; i++)
		left += pm_agree_counts(s->g, s->v, s->v->rows[i]);
	*n = left;
	for (size_t i = 0; i < s->v->n_rows; i++)
		if (pm_agree_counts(s->g, s->v, s->v->rows[i]))
			pm_buf_addf(&b, "%s%u", !b.n ? "" : left == 1 ? " and " : ", ",
				    s->v->rows[i]->lo), left--;
	return pm_arena_strndup(s->g->a, pm_buf_str(&b), b.n);
}

static void say_drift(struct pm_agree_service *s, const struct pm_agree_group *x)
{
	const struct pm_endpoint *row = row_of(s);
	const char *where = pm_agree_where(s->g, &x->chief->where), *name = s->v->name;
	enum pm_severity severity = PM_WARNING;
	size_t n;
	const char *rows = ports_of_rows(s, &n);
	struct pm_diag *d;

	/* a manifest is what runs; the rest may be a template, or a default that is overridden */
	if (x->chief->kind == PM_USE_PUBLISHED && x->chief->origin == PM_ORIGIN_COMPOSE &&
	    !s->g->schema->aspirational && !s->g->in->real)
		severity = PM_ERROR;
	/* inside a cluster the number on the host does not matter */
	if (pm_agree_is_aspirational(s->g, row) || x->chief->origin == PM_ORIGIN_KUBERNETES ||
	    x->chief->origin == PM_ORIGIN_DOCKER || row->exposure == PM_EXPOSE_INTERNAL)
		severity = PM_NOTE;
	d = pm_agree_at(s->g, s->g->in->real ? "real-stale" : "port-drift", severity, x->chief, NULL,
			"%s uses %u here%s%s (%s); %s:%u says %s%s", name, x->chief->hit->port,
			*where ? ", " : "", where, count_text(s, x), row->src.path, row->src.line,
			rows, agreeing(s));
	pm_agree_also_row(s->g, d, row);
	add_places(s, d, x);
	d->hint = pm_arena_printf(s->g->a,
				  "move it: portmig plan --move %s=%u:%s; or accept it: portmig "
				  "reconcile --service %s",
				  name, x->chief->hit->port, n == 1 ? rows : "PORT", name);
}

/* Where the places of a group hold, when they all agree on it. */
static const char *environment_of(const struct pm_agree_group *x)
{
	const char *env = NULL;

	for (size_t i = 0; i < x->n; i++) {
		const struct pm_where *w = &x->uses[i]->where;
		const char *mine = w->environment ? w->environment : w->host;

		if (!pm_use_declares(x->uses[i]) || !mine)
			continue;
		if (env && strcmp(env, mine) != 0)
			return NULL;
		env = mine;
	}
	return env;
}

/* The process is told its port where it runs: the default in code does not matter there. */
static bool is_overridden(const struct pm_agree_group *loser, const struct pm_agree_group *winner)
{
	for (size_t i = 0; i < loser->n; i++)
		if (pm_use_declares(loser->uses[i]) && loser->uses[i]->origin != PM_ORIGIN_CODE)
			return false;
	for (size_t i = 0; i < winner->n; i++)
		if (winner->uses[i]->kind == PM_USE_LISTEN &&
		    winner->uses[i]->origin != PM_ORIGIN_CODE)
			return true;
	return false;
}

/* Stacks side by side have services of their own, whatever they are called. */
static bool in_different_stacks(const struct pm_agree_service *s, const struct pm_use *a,
				const struct pm_use *b)
{
	const char *x = pm_registry_stack(s->g->in->registry, a->file->path);
	const char *y = pm_registry_stack(s->g->in->registry, b->file->path);

	return *x && *y && strcmp(x, y) != 0;
}

/* The directory of the service, among several, that holds the file. */
static const char *own_dir(const struct pm_agree_service *s, const char *path)
{
	int owner = pm_registry_dir_owner(s->g->in->registry, path);
	const struct pm_entity *e =
		owner < 0 ? NULL : pm_registry_entity(s->g->in->registry, (unsigned)owner);

	for (unsigned i = 0; e && i < e->n_dirs; i++)
		if (pm_agree_is_below(path, e->dirs[i]))
			return e->dirs[i];
	return NULL;
}

/* Built by the stack from the directory that holds the file. */
static bool builds(const struct pm_agree_service *s, const struct pm_use *unit, const char *path)
{
	for (size_t i = 0; i < s->g->n_stacks; i++)
		for (size_t k = 0; s->g->stacks[i].file == unit->file && k < s->g->stacks[i].stack.n;
		     k++) {
			const struct pm_stack_service *v = &s->g->stacks[i].stack.v[k];

			if (strcmp(v->name, unit->unit) == 0)
				return v->build && *v->build && pm_agree_is_below(path, v->build);
		}
	return false;
}

/* Do both places belong to one thing that runs, not merely to one name? */
static bool is_one_thing(const struct pm_agree_service *s, const struct pm_use *a,
			 const struct pm_use *b)
{
	const char *x, *y;

	if (a->unit && b->unit)
		return strcmp(a->unit, b->unit) == 0;
	if (a->unit || b->unit)
		return a->unit ? builds(s, a, b->file->path) : builds(s, b, a->file->path);
	x = own_dir(s, a->file->path);
	y = own_dir(s, b->file->path);
	return x && y && strcmp(x, y) == 0;
}

static void say_disagreement(struct pm_agree_service *s, const struct pm_agree_group *x)
{
	const struct pm_agree_group *best = &s->groups[s->winner];
	const char *mine = environment_of(x), *other = environment_of(best);
	bool split = mine && other && strcmp(mine, other) != 0;
	struct pm_diag *d;

	if (pm_agree_said(s->g, x->chief->file->path, x->chief->hit->line, x->chief->hit->col) ||
	    in_different_stacks(s, x->chief, best->chief))
		return;
	d = pm_agree_at(s->g, "ports-disagree",
			split || is_overridden(x, best) || !is_one_thing(s, x->chief, best->chief)
				? PM_NOTE
				: PM_WARNING,
			x->chief, NULL,
			"%s uses %u here%s%s (%s), and %u at %s:%u%s%s (%s)", s->v->name,
			x->chief->hit->port, mine ? ", " : "", mine ? mine : "", count_text(s, x),
			best->chief->hit->port, best->chief->file->path, best->chief->hit->line,
			other ? ", " : "", other ? other : "", count_text(s, best));
	pm_agree_also(s->g, d, best->chief);
	add_places(s, d, x);
}

/* The rows say where the service is reached on a machine: some mapping leads from there to another port
 * inside. Then what an image or a cluster names is the inner one, and no rival. */
static bool has_host_rows(const struct pm_agree_service *s)
{
	for (size_t i = 0; i < s->g->n_stacks; i++) {
		const struct pm_agree_stack *k = &s->g->stacks[i];

		for (size_t q = 0; q < k->stack.n && !k->is_aside; q++)
			for (size_t p = 0; p < k->stack.v[q].n_ports; p++) {
				const struct pm_stack_port *x = &k->stack.v[q].ports[p];

				if (x->in_lo && x->lo != x->in_lo && pm_agree_in_rows(s, x->lo))
					return true;
			}
	}
	return false;
}

static bool is_inside(const struct pm_use *chief)
{
	return chief->kind != PM_USE_PUBLISHED && (chief->origin == PM_ORIGIN_KUBERNETES ||
						   chief->origin == PM_ORIGIN_DOCKER);
}

/* ---- the whole ---- */

static void check_service(struct pm_agree *g, const struct pm_survey_service *v)
{
	struct pm_agree_service s = { .g = g, .v = v };
	bool drift = false;

	/* at most one for each use, and one for each row */
	s.nodes = PM_NEW_N(g->a, struct pm_agree_node, v->n_uses + v->n_rows + 1);
	group_ports(&s);
	fill_groups(&s);
	choose_winner(&s);
	for (size_t i = 0; i < s.n_nodes; i++) {
		const struct pm_agree_group *x = &s.groups[i];

		if (root(&s, i) != i || !x->chief || x->known)
			continue;
		if (row_of(&s)) {
			if (is_inside(x->chief) && has_host_rows(&s))
				continue;
			say_drift(&s, x);
			drift = true;
		} else if (i != s.winner && s.winner != SIZE_MAX) {
			say_disagreement(&s, x);
		}
	}
	pm_agree_callers(&s);
	if (!row_of(&s))
		return;
	g->stats->services += s.winner != SIZE_MAX;
	g->stats->matching += s.winner != SIZE_MAX && !drift;
	g->stats->absent += v->n_uses == 0;
}

void pm_agree_groups(struct pm_agree *g)
{
	g->node_at = PM_NEW_N(g->a, size_t, 65536);
	for (size_t i = 0; i < g->survey.n; i++)
		check_service(g, &g->survey.services[i]);
}
