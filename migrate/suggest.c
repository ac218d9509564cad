/* suggest.c - see suggest.h. */
#include "suggest.h"

#include "questions.h"
#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tries are whole plans: few. A line that settles less than two places is not worth having. */
enum { MAX_TRIES = 12, MAX_CANDIDATES = 4000, MIN_SETTLED = 2, MAX_LEVELS = 6 };

enum kind { ALIAS, OWNER, PAST };

struct candidate {
	enum kind kind;
	const char *service;  /* not for PAST */
	const char *text;     /* alias, or glob */
	size_t held;          /* places that it may settle */
	bool tried, named;    /* settles a place where another service is named */
	bool *settles;        /* when tried: per place of the plan */
	size_t n_settles, n_changes;
};

struct suggest {
	struct pm_plan *plan;
	const struct pm_inventory *inv;
	const struct pm_plan_options *opt;
	struct pm_arena arena;
	struct pm_registry *reg;
	struct { struct candidate *v; size_t n, cap; } all;
	struct pm_plan base; /* as built without any of them */
	size_t n_held;
};

static bool is_held(const struct pm_edit *e)
{
	return e->disposition == PM_REVIEW && !e->answer;
}

/* ---- candidates ---- */

static void propose(struct suggest *s, enum kind kind, const char *service, const char *text)
{
	struct candidate *c;

	for (size_t i = 0; i < s->all.n; i++) {
		c = &s->all.v[i];
		if (c->kind == kind && strcmp(c->text, text) == 0 &&
		    (kind == PAST || strcmp(c->service, service) == 0)) {
			c->held++;
			return;
		}
	}
	if (s->all.n == MAX_CANDIDATES)
		return;
	c = PM_VEC_ADD(&s->all);
	c->kind = kind;
	c->service = service;
	c->text = pm_arena_strdup(&s->arena, text);
	c->held = 1;
}

/* What a glob would take for more than itself, and what one line of YAML cannot hold. */
static bool is_plain_path(const char *path, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)path[i] < 0x20 || path[i] == 0x7f || strchr("*?[]{}\\", path[i]))
			return false;
	return pm_is_utf8(path, n);
}

static void propose_folders(struct suggest *s, const struct pm_edit *e)
{
	const char *slash = e->path;

	for (unsigned i = 0; i < MAX_LEVELS && (slash = strchr(slash, '/')); i++, slash++) {
		const size_t n = (size_t)(slash - e->path);

		if (is_plain_path(e->path, n))
			propose(s, OWNER, e->service,
				pm_arena_printf(&s->arena, "%.*s/**", (int)n, e->path));
	}
	if (is_plain_path(e->path, strlen(e->path)))
		propose(s, OWNER, e->service, e->path);
}

/* Words of a name that are its own: CASHDESK_URL is cashdesk. Empty when they are known already,
 * or say nothing. */
static void own_name(const struct suggest *s, const char *name, char *out, size_t max)
{
	struct pm_str text = pm_str_of(name);
	struct pm_mention m[1];
	struct pm_word w[8];
	unsigned n = pm_registry_words(s->reg, text, w, 8), own = 0;
	size_t at = 0;

	*out = '\0';
	if (pm_registry_find(s->reg, text, m, 1) && m[0].alias->class != PM_ALIAS_ROLE)
		return;
	for (unsigned i = 0; i < n; i++) {
		enum pm_word_class c = pm_registry_word_class(s->reg, w[i].text);

		if (c != PM_WORD_OTHER && c != PM_WORD_ROLE)
			continue;
		own += c == PM_WORD_OTHER && w[i].len > 2;
		for (uint32_t k = 0; k < w[i].len && at + 2 < max; k++) {
			char ch = text.p[w[i].off + k];

			if (!k && at)
				out[at++] = '-';
			out[at++] = ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
		}
	}
	out[own ? at : 0] = '\0';
}

static void propose_alias(struct suggest *s, const struct pm_edit *e)
{
	char rival[128], alias[128];

	if (!pm_question_rival(e, rival, sizeof(rival)))
		return;
	own_name(s, rival, alias, sizeof(alias));
	if (*alias && is_plain_path(alias, strlen(alias)))
		propose(s, ALIAS, e->service, alias);
}

/* "2025-03-14", 2025_03, 20250314 in the name of a file. */
static bool is_dated(const char *path)
{
	const char *slash = strrchr(path, '/');

	for (const char *p = slash ? slash + 1 : path; *p; p++) {
		const char *q = p + 4;

		if ((p != path && pm_is_digit(p[-1])) || strspn(p, "0123456789") < 4 ||
		    (memcmp(p, "19", 2) != 0 && memcmp(p, "20", 2) != 0))
			continue;
		q += *q == '-' || *q == '_' || *q == '.';
		if ((*q == '0' && q[1] >= '1' && q[1] <= '9') ||
		    (*q == '1' && q[1] >= '0' && q[1] <= '2'))
			return true;
	}
	return false;
}

/* Most files right in this folder have a date for a name. */
static bool is_dated_folder(const struct suggest *s, const char *path, size_t len)
{
	size_t files = 0, dated = 0;

	for (size_t i = 0; i < s->inv->n_paths; i++) {
		const char *p = s->inv->paths[i];

		if (strncmp(p, path, len + 1) != 0 || strchr(p + len + 1, '/'))
			continue;
		files++;
		dated += is_dated(p);
	}
	return dated >= 2 && dated * 2 >= files;
}

static void propose_past(struct suggest *s, const struct pm_edit *e)
{
	const char *slash = strrchr(e->path, '/');
	const size_t n = slash ? (size_t)(slash - e->path) : 0;

	if (n && is_dated(e->path) && is_plain_path(e->path, n) && is_dated_folder(s, e->path, n))
		propose(s, PAST, NULL, pm_arena_printf(&s->arena, "%.*s/**", (int)n, e->path));
}

static void propose_all(struct suggest *s, const struct pm_edit *e)
{
	if (pm_question_rival(e, NULL, 0))
		propose_alias(s, e);
	else
		propose_folders(s, e);
	propose_past(s, e);
}

/* ---- trying ---- */

static int build(struct suggest *s, struct pm_plan *out, const struct pm_inventory *inv,
		 const struct pm_config *config)
{
	struct pm_plan_options opt = *s->opt;

	opt.config = config;
	for (size_t i = 0; i < s->plan->moves.n; i++)
		*PM_VEC_ADD(&out->moves) = s->plan->moves.v[i];
	return pm_plan_build(out, inv, &opt, NULL);
}

/* The plan with one more line in the configuration. Vectors of the copy are the arena's. */
static int build_with(struct suggest *s, struct pm_plan *out, const struct candidate *c)
{
	struct pm_config config = { 0 };
	struct pm_inventory inv = *s->inv;

	if (s->opt->config)
		config = *s->opt->config;
	if (c->kind == ALIAS) {
		struct pm_alias *v = PM_NEW_N(&s->arena, struct pm_alias, config.aliases.n + 1);
		const char **names = PM_NEW(&s->arena, const char *);

		if (config.aliases.n)
			memcpy(v, config.aliases.v, config.aliases.n * sizeof(*v));
		*names = c->text;
		v[config.aliases.n++] = (struct pm_alias){ c->service, names, 1 };
		config.aliases.v = v;
	} else if (c->kind == OWNER) {
		struct pm_path_owner *v =
			PM_NEW_N(&s->arena, struct pm_path_owner, config.owners.n + 1);

		if (config.owners.n)
			memcpy(v, config.owners.v, config.owners.n * sizeof(*v));
		v[config.owners.n++] = (struct pm_path_owner){ c->text, c->service, NULL };
		config.owners.v = v;
	} else {
		inv.files.v = PM_NEW_N(&s->arena, struct pm_inv_file, inv.files.n + 1);
		memcpy(inv.files.v, s->inv->files.v, inv.files.n * sizeof(*inv.files.v));
		for (size_t i = 0; i < inv.files.n; i++)
			if (pm_config_covers(c->text, NULL, inv.files.v[i].path)) {
				inv.files.v[i].class = PM_CLASS_PAST;
				inv.files.v[i].class_why = "listed as past in portmig.yaml";
			}
	}
	return build(s, out, &inv, &config);
}

/* Places stand in the same order in every plan of one inventory. */
static void try(struct suggest *s, struct candidate *c)
{
	struct pm_plan with = { 0 };
	size_t n = s->plan->edits.n;

	c->tried = true;
	c->settles = PM_NEW_N(&s->arena, bool, n + 1);
	if (build_with(s, &with, c) < 0 || with.edits.n != n) {
		pm_plan_release(&with);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		enum pm_disposition was = s->base.edits.v[i].disposition;
		enum pm_disposition is = with.edits.v[i].disposition;

		c->settles[i] = is_held(&s->plan->edits.v[i]) && is != PM_REVIEW;
		c->n_settles += c->settles[i];
		c->named = c->named ||
			   (c->settles[i] && pm_question_rival(&s->plan->edits.v[i], NULL, 0));
		c->n_changes += was != PM_REVIEW && is != was;
	}
	pm_plan_release(&with);
}

/* An owner must not take what may be or is somebody else's; a name or a record may well. */
static bool is_worth_it(const struct candidate *c)
{
	return c->n_settles >= MIN_SETTLED && c->n_changes <= c->n_settles &&
	       (c->kind != OWNER || (!c->n_changes && !c->named));
}

/* ---- choosing ---- */

/* Most held places first; then what says most with least: past, aliases, the wider folder. */
static int most_first(const void *x, const void *y)
{
	static const int rank[] = { [PAST] = 0, [ALIAS] = 1, [OWNER] = 2 };
	const struct candidate *a = x, *b = y;

	if (a->held != b->held)
		return a->held > b->held ? -1 : 1;
	if (a->kind != b->kind)
		return rank[a->kind] - rank[b->kind];
	/* a folder that holds all places of a wider one says the same, more carefully */
	if (strlen(a->text) != strlen(b->text))
		return strlen(a->text) > strlen(b->text) ? -1 : 1;
	return strcmp(a->text, b->text);
}

static size_t new_places(const struct suggest *s, const struct candidate *c, const bool *settled)
{
	size_t n = 0;

	for (size_t i = 0; i < s->plan->edits.n; i++)
		n += c->settles[i] && !settled[i];
	return n;
}

/* The tried candidate that settles most of what is left. */
static struct candidate *next_best(struct suggest *s, const bool *settled)
{
	struct candidate *best = NULL;
	size_t most = MIN_SETTLED - 1;

	for (size_t i = 0; i < s->all.n; i++) {
		struct candidate *c = &s->all.v[i];
		size_t n;

		if (!c->tried || !is_worth_it(c))
			continue;
		n = new_places(s, c, settled);
		if (n > most) {
			most = n;
			best = c;
		}
	}
	return best;
}

/* ---- telling ---- */

/* A scalar of YAML, quoted when it is not plainly a word or a path. */
static void add_scalar(struct pm_buf *b, const char *s)
{
	bool plain = pm_is_word(*s) || *s == '.';
	bool letters = false;

	for (const char *p = s; *p; p++) {
		plain = plain && (pm_is_word(*p) || strchr("./*-@", *p));
		letters = letters || (pm_is_word(*p) && !pm_is_digit(*p));
	}
	if (plain && letters) {
		pm_buf_adds(b, s);
		return;
	}
	pm_buf_addc(b, '\'');
	for (; *s; s++) {
		pm_buf_addc(b, *s);
		if (*s == '\'')
			pm_buf_addc(b, '\'');
	}
	pm_buf_addc(b, '\'');
}

static void tell(struct suggest *s, const struct candidate *c)
{
	PM_CLEAN_BUF struct pm_buf line = { 0 }, more = { 0 };

	pm_buf_adds(&line, c->kind == ALIAS ? "aliases: {" : c->kind == OWNER ? "owners: {"
									      : "past: [");
	add_scalar(&line, c->kind == ALIAS ? c->service : c->text);
	if (c->kind == ALIAS) {
		pm_buf_adds(&line, ": [");
		add_scalar(&line, c->text);
		pm_buf_addc(&line, ']');
	} else if (c->kind == OWNER) {
		pm_buf_adds(&line, ": ");
		add_scalar(&line, c->service);
	}
	pm_buf_addc(&line, c->kind == PAST ? ']' : '}');
	if (c->n_changes)
		pm_buf_addf(&more, ", and decide %zu other%s anew", c->n_changes,
			    c->n_changes == 1 ? "" : "s");
	pm_diag_add(&s->plan->diags, &s->plan->arena, "settle-held", PM_NOTE, "portmig.yaml", 0,
		    0, "would settle %zu of %zu held places%s: %s",
		    c->n_settles, s->n_held, pm_buf_str(&more), pm_buf_str(&line))
		->hint = pm_arena_strdup(&s->plan->arena, pm_buf_str(&line));
}

static void choose(struct suggest *s)
{
	bool *settled = PM_NEW_N(&s->arena, bool, s->plan->edits.n + 1);

	for (unsigned k = 0; k < PM_MAX_SUGGESTIONS; k++) {
		const struct candidate *c = next_best(s, settled);

		if (!c)
			return;
		for (size_t i = 0; i < s->plan->edits.n; i++)
			settled[i] = settled[i] || c->settles[i];
		tell(s, c);
	}
}

void pm_suggest(struct pm_plan *p, const struct pm_inventory *inv,
		const struct pm_plan_options *opt)
{
	struct suggest s = { .plan = p, .inv = inv, .opt = opt };
	size_t tries = 0;

	for (size_t i = 0; i < p->edits.n; i++)
		s.n_held += is_held(&p->edits.v[i]);
	if (s.n_held < MIN_SETTLED)
		return;
	s.reg = pm_registry_build(&s.arena, inv, opt->schema, opt->config);
	for (size_t i = 0; i < p->edits.n; i++)
		if (is_held(&p->edits.v[i]) && p->edits.v[i].service)
			propose_all(&s, &p->edits.v[i]);
	if (s.all.n && build(&s, &s.base, inv, opt->config) == 0 &&
	    s.base.edits.n == p->edits.n) {
		qsort(s.all.v, s.all.n, sizeof(*s.all.v), most_first);
		for (size_t i = 0; i < s.all.n && tries < MAX_TRIES; i++)
			if (s.all.v[i].held >= MIN_SETTLED) {
				try(&s, &s.all.v[i]);
				tries++;
			}
		choose(&s);
	}
	pm_plan_release(&s.base);
	pm_registry_release(s.reg);
	PM_VEC_FREE(&s.all);
	pm_arena_release(&s.arena);
}
