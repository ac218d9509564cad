/* resource_plan.c - see resource_plan.h. */
#include "resource_plan.h"

#include "attribute.h"
#include "questions.h"
#include "resource.h"
#include "verdict.h"
#include "weights.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 24, REDIS_DATABASES = 16 };

/* ---- names ---- */

const char *pm_move_resource(const char *service, struct pm_str *name)
{
	const char *colon = strrchr(service, ':');
	const char *kind = colon ? pm_resource_kind(pm_str_of(colon + 1)) : NULL;

	*name = (struct pm_str){ service, kind ? (size_t)(colon - service) : strlen(service) };
	return kind;
}

bool pm_plan_is_resource(const struct pm_plan *p)
{
	struct pm_str name;

	return p->moves.n && pm_move_resource(p->moves.v[0].service, &name);
}

bool pm_edit_is_resource(const struct pm_edit *e)
{
	return e->rule && strncmp(e->rule, "resource/", 9) == 0;
}

bool pm_edit_has_new(const struct pm_edit *e)
{
	return e->move >= 0 && (e->new_port || pm_edit_is_resource(e));
}

/* ---- whose ---- */

struct work {
	struct pm_plan *p;
	const struct pm_inventory *inv;
	const struct pm_plan_options *opt;
	struct pm_registry *reg;
	const char **names; /* of each move's service, without the kind */
	bool *projects;     /* it is the whole repository's */
	bool project;       /* of the move in question */
};

/* Who is named in a text. */
struct named {
	bool mine;
	const char *other; /* somebody else; NULL */
};

static bool is_own(const struct work *w, const char *word, const char *service, bool project)
{
	struct pm_word own[MAX_WORDS];
	unsigned n = pm_registry_words(w->reg, pm_str_of(service), own, MAX_WORDS);

	for (unsigned i = 0; i < n; i++) {
		enum pm_word_class c = pm_registry_word_class(w->reg, own[i].text);

		if (word && own[i].text == word &&
		    (c == PM_WORD_OTHER || (project && c == PM_WORD_PROJECT)))
			return true;
	}
	return false;
}

/* Is the whole repository this service's, by the name in a manifest at its root? Then the services in
 * there are its parts. */
static bool is_project(const struct work *w, const char *service)
{
	struct pm_word own[MAX_WORDS];
	const char *name = NULL;
	unsigned n = pm_registry_words(w->reg, pm_str_of(service), own, MAX_WORDS);

	if (n != 1 || !own[0].text)
		return false;
	for (size_t i = 0; i < w->inv->decls.n; i++) {
		const struct pm_decl *d = &w->inv->decls.v[i];

		for (size_t k = 0; !strchr(d->path, '/') && k < d->n; k++) {
			struct pm_word words[MAX_WORDS];
			unsigned m;

			if (d->names[k].kind != PM_NAME_PROJECT && d->names[k].kind != PM_NAME_PACKAGE)
				continue;
			m = pm_registry_words(w->reg, pm_str_of(d->names[k].text), words, MAX_WORDS);
			if (m && words[0].text == own[0].text)
				name = d->names[k].text;
		}
	}
	return name != NULL;
}

/* Names of the instance itself, and of the libraries that speak to it, say nothing about who uses it. */
static bool is_instance(const struct pm_name_alias *al)
{
	static const char *const words[] = { "redis", "valkey", "cache", "queue", "broker", "db",
					     "database", "session", "celery", "bull", "bullmq",
					     "sidekiq", "rq" };

	for (unsigned i = 0; i < al->n; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (strcmp(al->words[i], words[k]) == 0)
				return true;
	return false;
}

static bool same_entity(struct work *w, unsigned entity, const char *service)
{
	unsigned e[16], n = pm_registry_resolve(w->reg, service, e, 16);

	for (unsigned i = 0; i < n; i++)
		if (e[i] == entity)
			return true;
	return false;
}

/* Another service that runs in the tree, and other rows of the document. */
static const char *other_in(struct work *w, struct pm_str text, const char *service)
{
	struct pm_mention m[8];
	struct pm_word words[MAX_WORDS];
	unsigned n = pm_registry_find(w->reg, text, m, 8);

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; !is_instance(m[i].alias) && k < m[i].alias->n_entities; k++) {
			const struct pm_entity *e =
				pm_registry_entity(w->reg, m[i].alias->entities[k]);

			if (!w->project && m[i].alias->class != PM_ALIAS_ROLE && e->declared &&
			    !same_entity(w, m[i].alias->entities[k], service))
				return e->name;
		}
	n = w->opt->schema ? pm_registry_words(w->reg, text, words, MAX_WORDS) : 0;
	for (size_t r = 0; n && r < w->opt->schema->resources.n; r++) {
		const char *holder = w->opt->schema->resources.v[r].service;

		for (unsigned i = 0; i < n; i++)
			if (is_own(w, words[i].text, holder, true) &&
			    !is_own(w, words[i].text, service, true))
				return holder;
	}
	return NULL;
}

static struct named who(struct work *w, struct pm_str text, const char *service)
{
	struct pm_word words[MAX_WORDS];
	unsigned n = pm_registry_words(w->reg, text, words, MAX_WORDS);
	struct named x = { 0 };

	for (unsigned i = 0; i < n; i++)
		x.mine |= is_own(w, words[i].text, service, false);
	x.other = other_in(w, text, service);
	/* "orders-worker" is a part of orders */
	if (x.mine && x.other && is_own(w, words[0].text, service, false))
		x.other = NULL;
	return x;
}

/* What a place says, and by what. */
struct answer {
	struct named who;
	enum pm_level level;
	int weight;
	const char *what;
	struct pm_str seen;
};

static bool ask(struct work *w, struct answer *a, const char *service, enum pm_level level, int weight,
		const char *what, struct pm_str text)
{
	a->who = who(w, text, service);
	if (!a->who.mine && !a->who.other)
		return false;
	a->level = level;
	a->weight = weight;
	a->what = what;
	a->seen = text;
	return true;
}

static bool ask_directory(struct work *w, struct answer *a, const char *service, const char *path)
{
	int owner = pm_registry_dir_owner(w->reg, path);

	if (owner < 0 || w->project)
		return false;
	a->who.mine = same_entity(w, (unsigned)owner, service);
	a->who.other = a->who.mine ? NULL : pm_registry_entity(w->reg, (unsigned)owner)->name;
	a->level = PM_BY_DIR;
	a->weight = pm_weights.dir;
	a->what = "in the directory of";
	a->seen = pm_str_of(pm_registry_entity(w->reg, (unsigned)owner)->name);
	return true;
}

/* The nearest that names anybody. */
static bool nearest(struct work *w, struct answer *a, const char *service, const char *path,
		    const struct pm_hit *h)
{
	static const struct {
		enum pm_fact_kind kind;
		enum pm_level level;
		int weight;
		const char *what;
	} order[] = {
		{ PM_FACT_IDENT, PM_BY_IDENT, 80, "name" },
		{ PM_FACT_BLOCK, PM_BY_BLOCK, 85, "block" },
		{ PM_FACT_HEADING, PM_BY_HEADING, 60, "under" },
	};

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		if (k == 2 && (ask_directory(w, a, service, path) ||
			       ask(w, a, service, PM_BY_PATH, 60, "path names", pm_str_of(path))))
			return true;
		for (uint32_t i = 0; i < h->n_facts; i++)
			if (h->facts[i].kind == order[k].kind &&
			    (k || h->facts[i].depth < 10) &&
			    ask(w, a, service, order[k].level, order[k].weight, order[k].what,
				pm_str_of(h->facts[i].text)))
				return true;
	}
	return false;
}

/* ---- records ---- */

static const char *excerpt_of(struct work *w, const struct pm_inv_file *f, const struct pm_hit *h)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };

	pm_excerpt(&text, pm_lines_get(&f->lines, h->line), h->col - 1, 120);
	return pm_arena_strndup(&w->p->arena, pm_buf_str(&text), text.n);
}

/* As with ports: what stays when lines shift, and a count for equal ones. */
static const char *fingerprint(struct work *w, const struct pm_edit *e)
{
	struct pm_arena *a = &w->p->arena;
	const char *print = pm_arena_printf(a, "%s|%s|%s|%u|", e->rule, e->path,
					    e->service ? e->service : "", e->old_port);
	unsigned n = 1;

	for (size_t i = 0; i + 1 < w->p->edits.n; i++) {
		const struct pm_edit *o = &w->p->edits.v[i];

		n += strcmp(o->path, e->path) == 0 && strcmp(o->rule, e->rule) == 0 &&
		     o->old_port == e->old_port;
	}
	return n == 1 ? print : pm_arena_printf(a, "%s|%u", print, n);
}

static struct pm_edit *add_edit(struct work *w, size_t move, const char *path, const char *oid,
				struct pm_span span, unsigned line, unsigned col, const char *rule)
{
	const struct pm_move *m = &w->p->moves.v[move];
	struct pm_edit *e = PM_VEC_ADD(&w->p->edits);

	e->path = pm_arena_strdup(&w->p->arena, path);
	memcpy(e->blob, oid, sizeof(e->blob));
	e->span = span;
	e->line = line;
	e->col = col;
	e->old_port = m->from;
	e->move = -1;
	e->role = "redis-db";
	e->rule = rule;
	e->disposition = PM_KEEP;
	e->reasons = PM_NEW_N(&w->p->arena, const char *, 4);
	return e;
}

/* Of a place that stays for a reason. */
static void keep(struct pm_edit *e, const char *reason)
{
	e->reasons[e->n_reasons++] = reason;
}

static void hold(struct work *w, struct pm_edit *e, const struct answer *a, const char *service)
{
	const char *asks = a ? PM_ASK_TWO : PM_ASK_LITTLE;
	struct pm_verdict v = { PM_REVIEW, 0, 0, asks, asks };
	struct pm_claim c = { .n = 0 };

	if (a) {
		pm_claim_add(&c, service, 0, a->level, a->weight, "");
		pm_claim_add(&c, a->who.other, -1, a->level, a->weight, "");
	}
	e->disposition = PM_REVIEW;
	e->group = pm_question_key(&w->p->arena, w->p, e, w->reg, &c, &v);
	keep(e, a ? pm_arena_printf(&w->p->arena, "names %s, too", a->who.other)
		  : "names no service: any that speaks to this instance may be meant");
}

static void decide(struct work *w, const struct pm_inv_file *f, const struct pm_hit *h, size_t move)
{
	struct pm_edit *e = add_edit(w, move, f->path, f->oid, h->span, h->line, h->col, h->rule);
	const struct pm_move *m = &w->p->moves.v[move];
	const char *service = w->names[move];
	struct answer a = { .who = { 0 } };
	const struct pm_exception *kept =
		pm_config_keeps(w->opt->config, f->path, h->rule, h->port);
	const char *record = pm_verdict_is_record(&w->p->arena, f, h);
	bool any;

	w->project = w->projects[move];
	any = nearest(w, &a, service, f->path, h);
	e->excerpt = excerpt_of(w, f, h);
	if (kept) {
		keep(e, pm_arena_printf(&w->p->arena, "portmig.yaml keeps it: %s", kept->reason));
	} else if (record) {
		keep(e, record);
	} else if (any && !a.who.mine && !(w->project && a.level == PM_BY_PATH)) {
		keep(e, pm_arena_printf(&w->p->arena, "another service: %s '%.*s' is %s", a.what,
					(int)(a.seen.n < 60 ? a.seen.n : 60), a.seen.p,
					a.who.other));
	} else {
		e->move = (int)move;
		e->new_port = m->to;
		e->service = m->service;
		e->score = a.weight;
		if (any && a.who.other) {
			hold(w, e, &a, m->service);
		} else if (!any && !w->project) {
			hold(w, e, NULL, m->service);
		} else {
			e->disposition = PM_APPLY;
			keep(e, any ? pm_arena_printf(&w->p->arena, "%s '%.*s' +%d", a.what,
						      (int)(a.seen.n < 60 ? a.seen.n : 60),
						      a.seen.p, a.weight)
				    : pm_arena_printf(&w->p->arena, "the repository is %s's",
						      service));
		}
	}
	e->fingerprint = fingerprint(w, e);
}

/* The moves of one number, in their order: the first that has the place. */
static void add_place(struct work *w, const struct pm_inv_file *f, const struct pm_hit *h)
{
	struct pm_edit *last;

	for (size_t i = 0; i < w->p->moves.n; i++) {
		if (w->p->moves.v[i].from != h->port)
			continue;
		decide(w, f, h, i);
		last = &w->p->edits.v[w->p->edits.n - 1];
		if (last->disposition != PM_KEEP)
			return;
		for (size_t k = i + 1; k < w->p->moves.n; k++)
			if (w->p->moves.v[k].from == h->port) {
				w->p->edits.n--; /* perhaps the next one's */
				break;
			}
	}
}

/* ---- the document ---- */

static bool is_holder(struct work *w, const char *holder, const char *service)
{
	const struct pm_service *a = pm_schema_service(w->opt->schema, holder);
	const struct pm_service *b = pm_schema_service(w->opt->schema, service);

	return pm_str_ieq(pm_str_of(holder), service) || (a && a == b);
}

/* Its row, where the document is a file of this commit. */
static void add_row(struct work *w, const char *oid, const struct pm_resource *r)
{
	for (size_t i = 0; i < w->p->moves.n; i++) {
		const struct pm_move *m = &w->p->moves.v[i];
		struct pm_edit *e;

		if (m->from != r->number || !r->src.span.len || !is_holder(w, r->service, w->names[i]))
			continue;
		e = add_edit(w, i, w->p->schema_path, oid, r->src.span, r->src.line, r->src.col,
			     "resource/row");
		e->move = (int)i;
		e->new_port = m->to;
		e->service = m->service;
		e->disposition = PM_APPLY;
		e->score = 100;
		keep(e, "the schema's row");
		e->excerpt = pm_arena_printf(&w->p->arena, "%u %s", r->number, r->service);
		e->fingerprint = fingerprint(w, e);
	}
}

static int by_place(const void *x, const void *y)
{
	const struct pm_edit *a = x, *b = y;
	int d = strcmp(a->path, b->path);

	return d ? d : a->span.off < b->span.off ? -1 : a->span.off > b->span.off;
}

static void add_document(struct work *w)
{
	const struct pm_schema *s = w->opt->schema;
	bool in_tree = false;

	for (size_t i = 0; s && i < w->inv->n_paths; i++)
		in_tree |= strcmp(w->inv->paths[i], s->path) == 0;
	if (!in_tree || !w->p->schema_path)
		return;
	for (size_t i = 0; i < s->resources.n; i++)
		add_row(w, w->p->schema_blob, &s->resources.v[i]);
}

/* ---- the whole ---- */

static void copy_skips(struct work *w)
{
	w->p->complete = true;
	for (size_t i = 0; i < w->inv->skips.n; i++) {
		struct pm_skip *s = PM_VEC_ADD(&w->p->skips);

		*s = w->inv->skips.v[i];
		s->path = pm_arena_strdup(&w->p->arena, s->path);
		s->why = pm_arena_strdup(&w->p->arena, s->why);
		w->p->complete &= s->readable;
	}
}

static void note_unfound(struct pm_plan *p)
{
	for (size_t i = 0; i < p->moves.n; i++) {
		const struct pm_move *m = &p->moves.v[i];

		if (!m->n_apply && !m->n_review)
			pm_diag_add(&p->diags, &p->arena, "from-not-found", PM_WARNING, NULL, 0, 0,
				    "no place says that %s is %u (%u place%s with that number kept)",
				    m->service, m->from, m->n_keep, m->n_keep == 1 ? "" : "s");
	}
}

int pm_resource_plan(struct pm_plan *out, const struct pm_inventory *inv,
		     const struct pm_plan_options *opt)
{
	struct work w = { .p = out, .inv = inv, .opt = opt };

	memcpy(out->base, inv->commit, sizeof(out->base));
	memcpy(out->base_tree, inv->tree, sizeof(out->base_tree));
	out->n_files = inv->n_files;
	out->n_bytes = inv->n_bytes;
	w.reg = pm_registry_build(&out->arena, inv, opt->schema, opt->config);
	w.names = PM_NEW_N(&out->arena, const char *, out->moves.n + 1);
	w.projects = PM_NEW_N(&out->arena, bool, out->moves.n + 1);
	for (size_t i = 0; i < out->moves.n; i++) {
		struct pm_str name;

		pm_move_resource(out->moves.v[i].service, &name);
		w.names[i] = pm_arena_strndup(&out->arena, name.p, name.n);
		w.projects[i] = is_project(&w, w.names[i]);
	}
	for (size_t i = 0; i < inv->files.n; i++)
		for (size_t k = 0; k < inv->files.v[i].n_hits; k++)
			add_place(&w, &inv->files.v[i], &inv->files.v[i].hits[k]);
	add_document(&w);
	if (out->edits.n)
		qsort(out->edits.v, out->edits.n, sizeof(*out->edits.v), by_place);
	copy_skips(&w);
	pm_plan_count(out);
	note_unfound(out);
	pm_registry_release(w.reg);
	return 0;
}

/* ---- conflicts ---- */

static void say(struct pm_plan *p, const char *rule, enum pm_severity severity,
		const struct pm_src *at, const char *text, const char *hint)
{
	pm_diag_add(&p->diags, &p->arena, rule, severity, at ? at->path : NULL, at ? at->line : 0,
		    at ? at->col : 0, "%s", text)->hint = hint;
}

static bool is_left(const struct pm_plan *p, unsigned number)
{
	for (size_t i = 0; i < p->moves.n; i++)
		if (p->moves.v[i].from == number)
			return true;
	return false;
}

static unsigned check_pairs(struct pm_plan *p)
{
	unsigned errors = 0;

	for (size_t i = 0; i < p->moves.n; i++)
		for (size_t k = i + 1; k < p->moves.n; k++) {
			const struct pm_move *a = &p->moves.v[i], *b = &p->moves.v[k];

			if (a->to != b->to || strcmp(a->service, b->service) == 0)
				continue;
			say(p, "move-collides", PM_ERROR, NULL,
			    pm_arena_printf(&p->arena, "%s and %s would both be %u", a->service,
					    b->service, a->to), "give one of them another number");
			errors++;
		}
	return errors;
}

int pm_resource_conflicts(struct pm_plan *p, const struct pm_schema *s, struct pm_err *err)
{
	unsigned errors = check_pairs(p);

	for (size_t i = 0; i < p->moves.n; i++) {
		const struct pm_move *m = &p->moves.v[i];
		struct pm_str name;

		pm_move_resource(m->service, &name);
		for (size_t r = 0; s && r < s->resources.n; r++) {
			const struct pm_resource *x = &s->resources.v[r];

			if (x->number != m->to || pm_str_ieq(name, x->service) || is_left(p, m->to))
				continue;
			say(p, "target-occupied", PM_ERROR, &x->src,
			    pm_arena_printf(&p->arena, "%s would be %u, which the schema gives to %s",
					    m->service, m->to, x->service),
			    "choose a free number, or move that service too");
			errors++;
		}
		if (m->to >= REDIS_DATABASES)
			say(p, "resource-full", PM_WARNING, NULL,
			    pm_arena_printf(&p->arena, "%s would be %u; Redis has 0 to 15 unless "
					    "'databases' says otherwise", m->service, m->to),
			    "raise 'databases' in the instance's configuration first");
	}
	if (!errors)
		return 0;
	pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "%u of the moves cannot be made as they are",
		   errors);
	return pm_err_hint(err, "see the findings of the plan; all conflicts are listed");
}
