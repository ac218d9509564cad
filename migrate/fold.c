/*
 * fold.c - many findings of one kind that ask for one answer, as one: a commit with fifty templates is
 * told so once, with the places, not fifty times.
 */
#include "findings.h"

#include <string.h>

enum { MAX_ALSO = 20 };

/* Findings of `rule` whose text begins with one of `heads` (none: all) become one, per document where
 * `by_path` says so. */
struct fold {
	const char *rule;
	const char *heads[4];
	bool by_path;
	const char *text; /* behind their number */
};

static const struct fold folds[] = {
	{ "line-too-long", { NULL }, false,
	  "lines are longer than 64 KiB, and no patterns looked at them" },
	{ "yaml-unparsed", { "a template", NULL }, false,
	  "files are no YAML before they are filled in; they were read without their actions" },
	{ "schema-not-understood",
	  { "text that names a port", "code that names a port", "HTML that names a port", NULL }, true,
	  "places of text and code name ports, and are not read as rows" },
};
enum { N_FOLDS = sizeof(folds) / sizeof(folds[0]) };

static const struct fold *fold_of(const struct pm_diag *d)
{
	for (size_t i = 0; i < N_FOLDS; i++) {
		if (strcmp(folds[i].rule, d->rule) != 0)
			continue;
		if (!folds[i].heads[0])
			return &folds[i];
		for (size_t k = 0; k < 4 && folds[i].heads[k]; k++)
			if (strncmp(d->text, folds[i].heads[k], strlen(folds[i].heads[k])) == 0)
				return &folds[i];
	}
	return NULL;
}

/* A finding of `n`, named by its rule: that one of them goes is no news. */
static void name(struct pm_finding *x, struct pm_arena *a, size_t n)
{
	const struct fold *f = fold_of(&x->d);
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	x->d.text = pm_arena_printf(a, "%zu %s", n, f->text);
	pm_diag_key(&x->d, a, NULL, 0, f->rule);
	pm_diag_fingerprint(&b, &x->d);
	x->fingerprint = pm_arena_strndup(a, pm_buf_str(&b), b.n);
}

/* Findings stand in the order of paths: those of one document are neighbours of their kind. */
void pm_findings_fold(struct pm_findings *all, struct pm_arena *a)
{
	size_t *n = PM_NEW_N(a, size_t, all->n + 1), kept = 0;
	struct pm_finding *last[N_FOLDS][PM_ERROR + 1] = { { NULL } };

	for (size_t i = 0; i < all->n; i++) {
		const struct pm_finding *x = &all->v[i];
		const struct fold *f = x->hidden == PM_SHOWN ? fold_of(&x->d) : NULL;
		struct pm_finding **to = f ? &last[f - folds][x->d.severity] : NULL;

		if (to && *to && (!f->by_path || strcmp((*to)->d.path, x->d.path) == 0)) {
			if ((*to)->d.n_also < MAX_ALSO)
				pm_diag_also(&(*to)->d, a, x->d.path, x->d.line, x->d.col, "%s",
					     x->d.text);
			n[*to - all->v]++;
			continue;
		}
		n[kept] = to != NULL;
		all->v[kept] = *x;
		if (to)
			*to = &all->v[kept];
		kept++;
	}
	all->n = kept;
	for (size_t i = 0; i < all->n; i++)
		if (n[i] > 1)
			name(&all->v[i], a, n[i]);
}
