/*
 * plan.c - see plan.h: weigh every place, learn from the whole commit who owns each number,
 * decide, and order the moves.
 */
#include "plan.h"

#include "attribute.h"
#include "questions.h"
#include "verdict.h"
#include "weights.h"

#include "base/port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 0
#include <uthash.h>

struct build {
	struct pm_plan *plan;
	const struct pm_inventory *inv;
	const struct pm_plan_options *opt;
	struct pm_registry *reg;
	struct pm_target *targets;
	unsigned n_targets;
	unsigned *move_target;          /* target of each move */
	struct pm_claim *claims;        /* one per hit, in inventory order */
	struct pm_number_stats *stats;  /* [n_targets][n_ports][4], see stats_of */
	unsigned *ports;                /* distinct from-ports */
	unsigned n_ports;
	struct fp_entry *prints;        /* fingerprints seen, with counts */
};

struct fp_entry {
	const char *key;
	unsigned n;
	UT_hash_handle hh;
};

void pm_plan_release(struct pm_plan *p)
{
	PM_VEC_FREE(&p->moves);
	PM_VEC_FREE(&p->edits);
	PM_VEC_FREE(&p->changes);
	PM_VEC_FREE(&p->texts);
	PM_VEC_FREE(&p->skips);
	pm_diags_release(&p->diags);
	pm_arena_release(&p->arena);
	memset(p, 0, sizeof(*p));
}

/* ---- targets ---- */

static int make_targets(struct build *b, struct pm_err *err)
{
	size_t n = b->plan->moves.n;

	b->targets = PM_NEW_N(&b->plan->arena, struct pm_target, n + 1);
	b->move_target = PM_NEW_N(&b->plan->arena, unsigned, n + 1);
	b->ports = PM_NEW_N(&b->plan->arena, unsigned, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct pm_move *m = &b->plan->moves.v[i];
		unsigned t = 0, p = 0;

		while (t < b->n_targets && strcmp(b->targets[t].name, m->service) != 0)
			t++;
		if (t == PM_MAX_TARGETS) {
			pm_err_set(err, PM_E_LIMIT, PM_NOWHERE, "more than %d services move",
				   PM_MAX_TARGETS);
			return pm_err_hint(err, "move some at a time, with --service");
		}
		if (t == b->n_targets)
			pm_target_init(&b->targets[b->n_targets++], b->reg, m->service);
		if (b->targets[t].n_from < 8)
			b->targets[t].from[b->targets[t].n_from++] = m->from;
		b->move_target[i] = t;
		while (p < b->n_ports && b->ports[p] != m->from)
			p++;
		if (p == b->n_ports)
			b->ports[b->n_ports++] = m->from;
	}
	return 0;
}

static int move_for(const struct build *b, int target, unsigned port)
{
	for (size_t i = 0; i < b->plan->moves.n; i++)
		if (b->move_target[i] == (unsigned)target && b->plan->moves.v[i].from == port)
			return (int)i;
	return -1;
}

/* The one move of a target, or -1 when it has several: where a straggler would go. */
static int only_move(const struct build *b, int target)
{
	int found = -1;

	for (size_t i = 0; i < b->plan->moves.n; i++) {
		if (b->move_target[i] != (unsigned)target)
			continue;
		if (found >= 0 && b->plan->moves.v[i].to != b->plan->moves.v[found].to)
			return -1;
		found = (int)i;
	}
	return found;
}

static int port_index(const struct build *b, unsigned port)
{
	for (unsigned p = 0; p < b->n_ports; p++)
		if (b->ports[p] == port)
			return (int)p;
	return -1;
}

/* ---- weighing ---- */

static bool is_past(const struct pm_inv_file *f)
{
	return f->class == PM_CLASS_PAST || f->class == PM_CLASS_GENERATED ||
	       f->class == PM_CLASS_VENDORED;
}

static void weigh_all(struct build *b)
{
	size_t k = 0;

	b->claims = calloc(b->inv->n_hits + 1, sizeof(*b->claims));
	if (!b->claims)
		pm_die_oom();
	for (size_t i = 0; i < b->inv->files.n; i++) {
		const struct pm_inv_file *f = &b->inv->files.v[i];

		for (size_t q = 0; q < f->n_hits; q++, k++)
			if (port_index(b, f->hits[q].port) >= 0)
				pm_attribute(&b->claims[k], &b->plan->arena, b->reg, b->targets,
					     b->n_targets, b->opt->config, f, &f->hits[q]);
	}
}

/* The project that a target belongs to: numbers of other projects in the same repository say
 * nothing about it. */
static const char *scope_of_target(const struct build *b, unsigned t)
{
	const char *scope = NULL;

	for (unsigned i = 0; i < b->targets[t].n_entities; i++) {
		const char *s = pm_registry_entity(b->reg, b->targets[t].entities[i])->scope;

		if (!s || !*s)
			return "";
		if (!scope || strlen(s) < strlen(scope))
			scope = s;
	}
	return scope ? scope : "";
}

static bool in_scope(const char *path, const char *scope)
{
	size_t n = strlen(scope);

	return !n || (strncmp(path, scope, n) == 0 && path[n] == '/');
}

/* A port inside a container does not contend for the same number outside: an address seen from
 * the host is compared with other uses outside only. */
static bool is_inside(const struct pm_hit *h)
{
	return h->side == PM_SIDE_CONTAINER;
}

/* Counts are kept for uses outside of containers and for all; and for the target's own stack with
 * the root, and for all stacks: a document at the root of many stacks may mean any of them. */
static struct pm_number_stats *stats_of(struct build *b, unsigned target, unsigned port,
					bool everywhere, bool all_stacks)
{
	return &b->stats[(target * b->n_ports + port) * 4 + everywhere * 2 + all_stacks];
}

/* Another stack of the repository: what its services publish runs at another time or place. */
static bool in_foreign_stack(const struct build *b, unsigned t, const char *path)
{
	const char *stack = pm_registry_stack(b->reg, path);

	for (unsigned i = 0; *stack && i < b->targets[t].n_entities; i++)
		if (pm_registry_in_stack(b->reg, b->targets[t].entities[i], stack))
			return false;
	return *stack != '\0';
}

static bool has_host(const struct pm_hit *h)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_HOST)
			return true;
	return false;
}

/* Who uses a number, beside a target (from 0) and somebody else who is known (-1). */
enum { NOBODY = -2, STRANGER = -3 };

/* How the number is taken on the host, if it is. */
enum taken { NOT_TAKEN, PUBLISHED, LISTENED };

/* Published: in the mapping itself or in the variable that the mapping names. */
static enum taken taken_by(const struct build *b, const struct pm_hit *h)
{
	if (h->role == PM_ROLE_HOST_PORT) /* forwarding is a wish of an editor */
		return strstr(h->rule, "forward") ? NOT_TAKEN : PUBLISHED;
	if ((h->role != PM_ROLE_LISTEN && h->role != PM_ROLE_DEFAULT) ||
	    h->side == PM_SIDE_CONTAINER || has_host(h))
		return NOT_TAKEN;
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_IDENT && h->facts[i].depth == 0 &&
		    pm_registry_variable_owner(b->reg, h->facts[i].text) >= 0)
			return PUBLISHED;
	return LISTENED;
}

static void count_one(struct pm_number_stats *s, int target, int who, enum taken taken)
{
	const bool mine = target == who, other = !mine && who != STRANGER;

	s->target += mine;
	s->others += other && who != NOBODY;
	s->strangers += who < 0 && who != NOBODY;
	s->published += mine && taken == PUBLISHED;
	s->published_others += other && who != NOBODY && taken == PUBLISHED;
	s->listens += mine && taken;
	s->listens_others += !mine && taken;
}

static void count_claim(struct build *b, const struct pm_inv_file *f, const struct pm_hit *h,
			unsigned port, int who)
{
	const enum taken taken = taken_by(b, h);

	if (who == NOBODY && !taken)
		return;
	for (unsigned t = 0; t < b->n_targets; t++) {
		bool near = in_scope(f->path, scope_of_target(b, t)) &&
			    !in_foreign_stack(b, t, f->path);

		for (int everywhere = is_inside(h); everywhere <= 1; everywhere++) {
			if (near)
				count_one(stats_of(b, t, port, everywhere, false), (int)t, who,
					  taken);
			count_one(stats_of(b, t, port, everywhere, true), (int)t, who, taken);
		}
	}
}

/* A target that lives in a stack of its own: only the files there are surely about it. */
static bool is_beyond_stack(const struct build *b, unsigned t, const char *path)
{
	unsigned stacks = 0;

	for (unsigned i = 0; i < b->targets[t].n_entities; i++) {
		const struct pm_entity *e = pm_registry_entity(b->reg, b->targets[t].entities[i]);

		stacks += e->n_stacks;
		for (unsigned k = 0; k < e->n_stacks; k++)
			if (in_scope(path, e->stacks[k]))
				return false;
	}
	return stacks > 0;
}

/* Count the clear uses of every number, per target, within its project. */
static void count_numbers(struct build *b)
{
	size_t k = 0;

	b->stats = PM_NEW_N(&b->plan->arena, struct pm_number_stats,
			    (size_t)b->n_targets * b->n_ports * 4 + 1);
	for (size_t i = 0; i < b->inv->files.n; i++) {
		const struct pm_inv_file *f = &b->inv->files.v[i];

		for (size_t q = 0; q < f->n_hits; q++, k++) {
			int p = port_index(b, f->hits[q].port), who;

			if (p < 0 || is_past(f))
				continue;
			who = pm_verdict_strong(&b->claims[k], &f->hits[q]);
			if (who == -1 && pm_verdict_is_stranger(&b->claims[k]))
				who = STRANGER;
			count_claim(b, f, &f->hits[q], (unsigned)p, who);
		}
	}
}

/* ---- records ---- */

static const char *fact_text(const struct pm_hit *h, enum pm_fact_kind kind)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == kind)
			return h->facts[i].text;
	return "";
}

/* Rule, path, service, key path, and a count for equal ones: stays when lines shift. */
static const char *fingerprint(struct build *b, const struct pm_edit *e, const struct pm_hit *h)
{
	const char *key = fact_text(h, PM_FACT_KEYPATH);
	struct fp_entry *f = NULL;
	const char *print;

	if (!*key)
		key = fact_text(h, PM_FACT_IDENT);
	print = pm_arena_printf(&b->plan->arena, "%s|%s|%s|%u|%s", e->rule, e->path,
				e->service ? e->service : "", e->old_port, key);
	HASH_FIND_STR(b->prints, print, f);
	if (!f) {
		f = PM_NEW(&b->plan->arena, struct fp_entry);
		f->key = print;
		HASH_ADD_KEYPTR(hh, b->prints, f->key, (unsigned)strlen(print), f);
	}
	f->n++;
	return f->n == 1 ? print : pm_arena_printf(&b->plan->arena, "%s|%u", print, f->n);
}

static void add_party_reasons(struct build *b, struct pm_edit *e, const struct pm_party *p,
			      bool rival)
{
	bool said[PM_BY_COUNT] = { false };

	for (unsigned k = 0; k < 4; k++) {
		unsigned best = PM_BY_COUNT;

		for (unsigned i = 0; i < PM_BY_COUNT; i++)
			if (p->weight[i] && !said[i] &&
			    (best == PM_BY_COUNT || p->weight[i] > p->weight[best]))
				best = i;
		if (best == PM_BY_COUNT)
			return;
		said[best] = true;
		e->reasons[e->n_reasons++] =
			rival ? pm_arena_printf(&b->plan->arena, "%s: %s +%d", p->name,
						p->why[best], p->weight[best])
			      : pm_arena_printf(&b->plan->arena, "%s +%d", p->why[best],
						p->weight[best]);
	}
}

static void add_reasons(struct build *b, struct pm_edit *e, const struct pm_claim *c,
			const struct pm_verdict *v)
{
	const struct pm_party *mine = v->target >= 0 ? pm_claim_target(c, v->target) : NULL;
	const struct pm_party *rival = pm_claim_rival(c, v->target >= 0 ? v->target : -2);

	e->reasons = PM_NEW_N(&b->plan->arena, const char *, 10);
	if (v->reason)
		e->reasons[e->n_reasons++] = v->reason;
	if (mine)
		add_party_reasons(b, e, mine, false);
	if (rival && rival->score > 0)
		add_party_reasons(b, e, rival, true);
}

static const char *excerpt_of(struct build *b, const struct pm_inv_file *f,
			      const struct pm_hit *h)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };

	pm_excerpt(&text, pm_lines_get(&f->lines, h->line), h->col - 1, 120);
	return pm_arena_strndup(&b->plan->arena, pm_buf_str(&text), text.n);
}

/* ---- values that several services use ---- */

static int target_called(const struct build *b, const char *name, const char *path)
{
	struct pm_mention m[4];
	unsigned n = pm_registry_find(b->reg, pm_str_of(name), m, 4);

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < m[i].alias->n_entities; k++)
			for (unsigned t = 0; t < b->n_targets; t++)
				for (unsigned e = 0; e < b->targets[t].n_entities; e++)
					if (b->targets[t].entities[e] == m[i].alias->entities[k] &&
					    pm_registry_means(b->reg, m[i].alias,
							      m[i].alias->entities[k], path))
						return (int)t;
	return -1;
}

/* A list of ports behind a YAML anchor is edited once for all who use it. Where one of them stays, a
 * person decides; an address in there is the same for all. */
static void hold_shared(struct build *b, const struct pm_inv_file *f, const struct pm_hit *h,
			struct pm_claim *c, struct pm_verdict *v)
{
	const struct pm_party *mine = pm_claim_target(c, v->target);
	int move = v->target >= 0 ? move_for(b, v->target, h->port) : -1;

	if (v->disposition != PM_APPLY || move < 0 || h->role == PM_ROLE_URL || !mine ||
	    mine->weight[PM_BY_HOST] || mine->weight[PM_BY_IDENT])
		return;
	for (uint32_t i = 0; i < h->n_facts; i++) {
		const char *user = h->facts[i].text;
		int t, theirs;

		if (h->facts[i].kind != PM_FACT_SHARED)
			continue;
		t = target_called(b, user, f->path);
		theirs = t >= 0 ? move_for(b, t, h->port) : -1;
		if (t == v->target ||
		    (theirs >= 0 && b->plan->moves.v[theirs].to == b->plan->moves.v[move].to))
			continue;
		pm_claim_add(c, user, t, PM_BY_BLOCK, pm_weights.block,
			     pm_arena_printf(&b->plan->arena, "'%s' uses it through an alias", user));
		v->disposition = PM_REVIEW;
		v->reason = v->group = PM_ASK_TWO;
		return;
	}
}

/* "4900:22" without quotes is one number to YAML 1.1 (base 60): an edit must not make such a thing. */
static void hold_base60(const struct build *b, const struct pm_inv_file *f, const struct pm_hit *h,
			struct pm_verdict *v)
{
	const char *p = f->bytes;
	size_t from = h->span.off, to = h->span.off + h->span.len, colon;
	int move = v->target >= 0 ? move_for(b, v->target, h->port) : -1;
	unsigned inner;

	if (v->disposition != PM_APPLY || move < 0 || strcmp(h->rule, "compose/ports") != 0)
		return;
	while (from > 0 && (pm_is_digit(p[from - 1]) || p[from - 1] == ':'))
		from--;
	while (to < f->len && (pm_is_digit(p[to]) || p[to] == ':'))
		to++;
	if (from == 0 || !pm_is_space(p[from - 1]) || (to < f->len && !pm_is_space(p[to])))
		return;
	colon = from + pm_str_find((struct pm_str){ p + from, to - from }, ":", false);
	if (colon >= to || memchr(p + colon + 1, ':', to - colon - 1))
		return;
	inner = pm_port_parse((struct pm_str){ p + colon + 1, to - colon - 1 });
	if (inner < 60 || inner != h->port || b->plan->moves.v[move].to >= 60)
		return;
	v->disposition = PM_REVIEW;
	v->group = "base60";
	v->reason = "unquoted, YAML 1.1 would read the new mapping as one number in base 60: quote it";
}

/* Of a number in another stack only this much matters: whether it is the target's in all of them. */
static struct pm_number_stats taken_alone(const struct pm_number_stats *all)
{
	if (all->published_others || all->listens_others)
		return (struct pm_number_stats){ 0 };
	return (struct pm_number_stats){ .published = all->published, .listens = all->listens };
}

static void add_record(struct build *b, const struct pm_inv_file *f, const struct pm_hit *h,
		       struct pm_claim *c)
{
	struct pm_arena *a = &b->plan->arena;
	bool *wanted = PM_NEW_N(a, bool, b->n_targets + 1);
	struct pm_number_stats *stats = PM_NEW_N(a, struct pm_number_stats, b->n_targets + 1);
	int p = port_index(b, h->port);
	const struct pm_exception *kept;
	struct pm_verdict v;
	struct pm_edit *e;

	for (unsigned t = 0; t < b->n_targets; t++) {
		wanted[t] = move_for(b, (int)t, h->port) >= 0;
		if (wanted[t] &&
		    (pm_reaches_host(h) ||
		     (!in_foreign_stack(b, t, f->path) &&
		      (in_scope(f->path, scope_of_target(b, t)) ||
		       !*pm_registry_stack(b->reg, f->path)))))
			stats[t] = *stats_of(b, t, (unsigned)p, is_inside(h),
					     !in_scope(f->path, scope_of_target(b, t)) ||
						     is_beyond_stack(b, t, f->path));
		else if (wanted[t])
			stats[t] = taken_alone(stats_of(b, t, (unsigned)p, false, true));
		if (wanted[t])
			stats[t].published_elsewhere =
				stats_of(b, t, (unsigned)p, is_inside(h), true)->published_others;
	}
	pm_verdict_add_number(c, a, h, b->targets, b->n_targets, stats);
	v = pm_verdict(c, a, f, h, wanted, b->n_targets, b->opt->host_scope);
	hold_shared(b, f, h, c, &v);
	hold_base60(b, f, h, &v);
	if ((kept = pm_config_keeps(b->opt->config, f->path, h->rule, h->port)))
		v = (struct pm_verdict){ PM_KEEP, -1, 0,
					 pm_arena_printf(a, "portmig.yaml keeps it: %s",
							 kept->reason), NULL };
	e = PM_VEC_ADD(&b->plan->edits);
	e->path = pm_arena_strdup(a, f->path);
	memcpy(e->blob, f->oid, sizeof(e->blob));
	e->span = h->span;
	e->line = h->line;
	e->col = h->col;
	e->old_port = h->port;
	e->move = v.target >= 0 ? move_for(b, v.target, h->port) : -1;
	if (e->move < 0 && v.target >= 0 && v.disposition == PM_REVIEW)
		e->move = only_move(b, v.target);
	e->new_port = e->move >= 0 ? b->plan->moves.v[e->move].to : 0;
	e->service = v.target >= 0 ? b->targets[v.target].name : NULL;
	e->role = pm_role_name((enum pm_role)h->role);
	e->rule = h->rule;
	e->disposition = v.disposition;
	e->score = v.score;
	if (v.disposition == PM_REVIEW)
		e->group = pm_question_key(a, b->plan, e, b->reg, c, &v);
	add_reasons(b, e, c, &v);
	e->fingerprint = fingerprint(b, e, h);
	e->excerpt = excerpt_of(b, f, h);
}

/* ---- moves ---- */

void pm_plan_count(struct pm_plan *p)
{
	for (size_t i = 0; i < p->moves.n; i++) {
		struct pm_move *m = &p->moves.v[i];

		m->n_apply = m->n_review = m->n_keep = 0;
		m->after = -1;
		for (size_t k = 0; k < p->moves.n; k++)
			if (k != i && p->moves.v[k].from == m->to)
				m->after = (int)k;
	}
	for (size_t i = 0; i < p->edits.n; i++) {
		const struct pm_edit *e = &p->edits.v[i];

		for (size_t k = 0; k < p->moves.n; k++) {
			struct pm_move *m = &p->moves.v[k];

			if (e->move == (int)k && e->disposition == PM_APPLY)
				m->n_apply++;
			else if (e->move == (int)k && e->disposition == PM_REVIEW)
				m->n_review++;
			else if (e->old_port == m->from && e->disposition == PM_KEEP)
				m->n_keep++;
		}
	}
}

/* "-p 3000:3000": both halves of one mapping are one service's; the surer half decides. */
static void join_halves(struct pm_plan *p)
{
	for (size_t i = 1; i < p->edits.n; i++) {
		struct pm_edit *a = &p->edits.v[i - 1], *b = &p->edits.v[i];
		struct pm_edit *from = a->disposition == PM_APPLY ? a : b;
		struct pm_edit *to = from == a ? b : a;

		if (strcmp(a->path, b->path) != 0 || a->old_port != b->old_port ||
		    b->span.off != a->span.off + a->span.len + 1 ||
		    from->disposition != PM_APPLY || to->disposition != PM_REVIEW ||
		    to->move != from->move)
			continue;
		to->disposition = PM_APPLY;
		to->group = NULL;
	}
}

static void note_unfound(struct pm_plan *p)
{
	for (size_t i = 0; i < p->moves.n; i++) {
		const struct pm_move *m = &p->moves.v[i];

		if (m->n_apply || m->n_review || m->from == m->to)
			continue;
		pm_diag_add(&p->diags, &p->arena, "from-not-found", PM_WARNING, NULL, 0, 0,
			    "no place says that %s uses %u (%u place%s with that number kept)",
			    m->service, m->from, m->n_keep, m->n_keep == 1 ? "" : "s");
	}
}

static void copy_skips(struct build *b)
{
	b->plan->complete = true;
	for (size_t i = 0; i < b->inv->skips.n; i++) {
		struct pm_skip *s = PM_VEC_ADD(&b->plan->skips);

		*s = b->inv->skips.v[i];
		s->path = pm_arena_strdup(&b->plan->arena, s->path);
		s->why = pm_arena_strdup(&b->plan->arena, s->why);
		b->plan->complete &= s->readable;
	}
	for (size_t i = 0; i < b->inv->diags.n; i++) {
		const struct pm_diag *d = &b->inv->diags.v[i];

		pm_diag_add(&b->plan->diags, &b->plan->arena, d->rule, d->severity, d->path, d->line,
			    d->col, "%s", d->text);
	}
}

int pm_plan_build(struct pm_plan *out, const struct pm_inventory *inv,
		  const struct pm_plan_options *opt, struct pm_err *err)
{
	struct build b = { .plan = out, .inv = inv, .opt = opt };
	struct fp_entry *f, *tmp;
	size_t k = 0;
	int rc;

	memcpy(out->base, inv->commit, sizeof(out->base));
	memcpy(out->base_tree, inv->tree, sizeof(out->base_tree));
	out->host_scope = opt->host_scope;
	out->n_files = inv->n_files;
	out->n_bytes = inv->n_bytes;
	b.reg = pm_registry_build(&out->arena, inv, opt->schema, opt->config);
	rc = make_targets(&b, err);
	if (rc < 0) {
		pm_registry_release(b.reg);
		return rc;
	}
	weigh_all(&b);
	count_numbers(&b);
	for (size_t i = 0; i < inv->files.n; i++)
		for (size_t q = 0; q < inv->files.v[i].n_hits; q++, k++)
			if (port_index(&b, inv->files.v[i].hits[q].port) >= 0)
				add_record(&b, &inv->files.v[i], &inv->files.v[i].hits[q],
					   &b.claims[k]);
	join_halves(out);
	copy_skips(&b);
	pm_plan_count(out);
	note_unfound(out);
	HASH_ITER(hh, b.prints, f, tmp)
		HASH_DEL(b.prints, f);
	free(b.claims);
	pm_registry_release(b.reg);
	return 0;
}
