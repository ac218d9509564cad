/*
 * history_names.c - who exists in a history: the services of the newest commit, named and joined as
 * `plan` does it, and behind them those of the past that nobody there is called like.
 *
 * A name of the past never joins, moves or shadows a service of today: its declarations have no
 * stack, and only directories that nobody owns today. So the newest commit is attributed as if it
 * had no past.
 */
#include "history_impl.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_BUILDS = 4 };

void pm_past_release(struct pm_past *p)
{
	PM_VEC_FREE(&p->decls);
	PM_VEC_FREE(&p->paths);
	pm_arena_release(&p->arena);
}

static void add_name(struct pm_past *p, struct pm_decl *d, enum pm_name_kind kind, const char *text,
		     size_t len)
{
	d->names[d->n++] = (struct pm_name){ kind, pm_arena_strndup(&p->arena, text, len), 0 };
}

/* The directory of what is built: its context, or where its Dockerfile stands. */
static void add_build(struct pm_past *p, struct pm_decl *d, const char *build)
{
	const char *base = pm_path_base(build).p;
	size_t n = strlen(build);

	if (pm_str_find(pm_str_of(base), "dockerfile", true) != SIZE_MAX)
		n = base > build ? (size_t)(base - build) - 1 : 0;
	if (memchr(build, '/', n))
		add_name(p, d, PM_NAME_DIR, build, n);
}

void pm_past_add_statement(struct pm_past *p, const struct pm_evidence *e)
{
	const char *block = pm_evidence_fact(e, PM_FACT_BLOCK, 0), *container, *build;
	struct pm_decl *d;

	if (!block || !pm_stmt_declares((enum pm_stmt)e->use))
		return;
	container = pm_evidence_fact(e, PM_FACT_CONTAINER, 0);
	d = PM_VEC_ADD(&p->decls);
	d->path = "";
	d->names = PM_NEW_N(&p->arena, struct pm_name, 2 + MAX_BUILDS);
	add_name(p, d, PM_NAME_K8S, block, strlen(block));
	if (container)
		add_name(p, d, PM_NAME_CONTAINER, container, strlen(container));
	for (size_t i = 0; i < MAX_BUILDS && (build = pm_evidence_fact(e, PM_FACT_BUILD, i)); i++)
		add_build(p, d, build);
}

/* ---- who is known ---- */

enum known { NOBODY, SOMEBODY, STRANGER };

/* Whose name is the text as a whole: that of somebody of today, of a stranger, or does it tell
 * nobody apart? */
static enum known whose_name(const struct pm_registry *today, const char *text)
{
	struct pm_str s = pm_str_of(text);
	struct pm_word w[16];
	struct pm_mention m[2];
	unsigned n = pm_registry_words(today, s, w, 16);
	bool own = false;

	for (unsigned i = 0; i < n; i++)
		own |= pm_registry_word_class(today, w[i].text) == PM_WORD_OTHER;
	if (!own)
		return NOBODY;
	return pm_registry_find(today, s, m, 2) == 1 && m[0].off == w[0].off &&
			       m[0].off + m[0].len == w[n - 1].off + w[n - 1].len
		       ? SOMEBODY : STRANGER;
}

static bool names_somebody(enum pm_name_kind kind)
{
	return kind == PM_NAME_PACKAGE || kind == PM_NAME_COMPOSE || kind == PM_NAME_CONTAINER ||
	       kind == PM_NAME_K8S;
}

/* The declaration as one of the past; false when somebody of today is called so, or nobody. */
static bool as_past(struct pm_decl *out, struct pm_arena *a, const struct pm_registry *today,
		    const struct pm_decl *d)
{
	bool stranger = false;

	*out = (struct pm_decl){ .path = "", .names = PM_NEW_N(a, struct pm_name, d->n + 1) };
	for (size_t i = 0; i < d->n; i++) {
		struct pm_name nm = d->names[i];
		const bool dir = nm.kind == PM_NAME_DIR;
		enum known who;

		if (!dir && !names_somebody(nm.kind))
			continue;
		who = whose_name(today, dir ? pm_path_base(nm.text).p : nm.text);
		if (who == SOMEBODY || (who == NOBODY && !dir))
			return false;
		if (dir && pm_registry_dir_owner(today, nm.text) >= 0)
			continue;
		stranger |= !dir;
		if (nm.kind == PM_NAME_COMPOSE)
			nm.kind = PM_NAME_K8S; /* names as well, and makes no stack */
		nm.line = 0;
		out->names[out->n++] = nm;
	}
	return stranger;
}

/* ---- in one order ---- */

static int by_names(const void *pa, const void *pb)
{
	const struct pm_decl *a = pa, *b = pb;

	for (size_t i = 0; i < a->n && i < b->n; i++) {
		int c = strcmp(a->names[i].text, b->names[i].text);

		if (c)
			return c;
		if (a->names[i].kind != b->names[i].kind)
			return a->names[i].kind < b->names[i].kind ? -1 : 1;
	}
	return a->n < b->n ? -1 : a->n > b->n;
}

static int by_text(const void *pa, const void *pb)
{
	return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

/* The paths of both, sorted, each once. */
static const char **all_paths(struct pm_arena *a, const struct pm_past *p,
			      const struct pm_inventory *tip, size_t *n)
{
	const char **v = PM_NEW_N(a, const char *, p->paths.n + tip->n_paths + 1);
	size_t kept = 0;

	*n = 0;
	for (size_t i = 0; i < tip->n_paths; i++)
		v[(*n)++] = tip->paths[i];
	for (size_t i = 0; i < p->paths.n; i++)
		v[(*n)++] = pm_arena_strdup(a, p->paths.v[i]);
	qsort(v, *n, sizeof(*v), by_text);
	for (size_t i = 0; i < *n; i++)
		if (!kept || strcmp(v[kept - 1], v[i]) != 0)
			v[kept++] = v[i];
	*n = kept;
	return v;
}

void pm_past_names(struct pm_inventory *out, struct pm_arena *a, struct pm_past *p,
		   const struct pm_inventory *tip, const struct pm_schema *schema,
		   const struct pm_config *config)
{
	struct pm_registry *today = pm_registry_build(a, tip, schema, config);
	struct pm_decls past = { 0 };

	if (p->decls.n)
		qsort(p->decls.v, p->decls.n, sizeof(*p->decls.v), by_names);
	for (size_t i = 0; i < p->decls.n; i++) {
		struct pm_decl d;

		if (i && by_names(&p->decls.v[i - 1], &p->decls.v[i]) == 0)
			continue;
		if (as_past(&d, a, today, &p->decls.v[i]))
			*PM_VEC_ADD(&past) = d;
	}
	if (past.n)
		qsort(past.v, past.n, sizeof(*past.v), by_names);
	for (size_t i = 0; i < tip->decls.n; i++)
		*PM_VEC_ADD(&out->decls) = tip->decls.v[i];
	for (size_t i = 0; i < past.n; i++)
		if (!i || by_names(&past.v[i - 1], &past.v[i]) != 0)
			*PM_VEC_ADD(&out->decls) = past.v[i];
	out->paths = all_paths(a, p, tip, &out->n_paths);
	PM_VEC_FREE(&past);
	pm_registry_release(today);
}
