/* report.c - see report.h. */
#include "report.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

/* ---- kinds of work ---- */

const char *pm_work_name(enum pm_work w)
{
	static const char *const names[] = { "compose", "env", "docs", "tunnel", "config", "code" };

	return names[w];
}

static bool ends(struct pm_str s, const char *const *tails)
{
	for (; *tails; tails++)
		if (pm_str_iends(s, *tails))
			return true;
	return false;
}

enum pm_work pm_work_of(const char *path)
{
	static const char *const yaml[] = { ".yml", ".yaml", NULL };
	static const char *const docs[] = { ".md", ".mdx", ".markdown", ".rst", ".adoc", ".txt",
					    ".html", NULL };
	static const char *const code[] = {
		".js",  ".jsx", ".ts",	 ".tsx", ".mjs", ".cjs",   ".mts", ".cts",  ".vue",
		".svelte", ".astro", ".py", ".go", ".rs", ".java",  ".kt",	".kts", ".cs",
		".php", ".rb",	".c",	 ".h",	 ".cc",	 ".cpp",   ".hpp", ".swift", ".dart",
		".ex",	".exs", ".sh",	 ".bash", ".zsh", ".ps1",  ".scala", ".clj", ".lua",
		".sql", NULL
	};
	const struct pm_str whole = pm_str_of(path), base = pm_path_base(path);

	if (ends(base, yaml) && pm_str_find(base, "compose", true) != SIZE_MAX)
		return PM_WORK_COMPOSE;
	if (pm_str_find(whole, "cloudflare", true) != SIZE_MAX ||
	    pm_str_find(base, "tunnel", true) != SIZE_MAX ||
	    pm_str_find(base, "ngrok", true) != SIZE_MAX)
		return ends(base, docs) ? PM_WORK_DOCS : PM_WORK_TUNNEL;
	if (pm_str_find(base, ".env", true) == 0 ||
	    ends(base, (const char *const[]){ ".env", ".envrc", NULL }))
		return PM_WORK_ENV;
	if (ends(base, docs))
		return PM_WORK_DOCS;
	return ends(base, code) ? PM_WORK_CODE : PM_WORK_CONFIG;
}

/* ---- counting ---- */

static int most_first(const void *a, const void *b)
{
	const struct pm_report_reason *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->what, y->what);
}

static int by_text(const void *a, const void *b)
{
	const struct pm_report_reason *x = a, *y = b;

	return strcmp(x->what, y->what);
}

static void add_one(struct pm_report_reasons *r, const char *what)
{
	*PM_VEC_ADD(r) = (struct pm_report_reason){ what, 1 };
}

/* Merge equal texts and put the most frequent first. */
static void fold(struct pm_report_reasons *r)
{
	size_t n = 0;

	if (!r->n)
		return;
	qsort(r->v, r->n, sizeof(*r->v), by_text);
	for (size_t i = 0; i < r->n; i++)
		if (n && strcmp(r->v[n - 1].what, r->v[i].what) == 0)
			r->v[n - 1].n++;
		else
			r->v[n++] = r->v[i];
	r->n = n;
	qsort(r->v, r->n, sizeof(*r->v), most_first);
}

void pm_report_skips(struct pm_buf *b, const struct pm_skip *v, size_t n)
{
	struct pm_report_reasons why = { 0 };

	if (!n) {
		pm_buf_adds(b, "none");
		return;
	}
	for (size_t i = 0; i < n; i++)
		add_one(&why, v[i].why);
	fold(&why);
	pm_buf_addf(b, "%zu (", n);
	for (size_t k = 0; k < why.n; k++) {
		pm_buf_addf(b, "%s%zu ", k ? ", " : "", why.v[k].n);
		pm_excerpt(b, pm_str_of(why.v[k].what), 0, 100);
	}
	pm_buf_addc(b, ')');
	PM_VEC_FREE(&why);
}

void pm_report_count(const struct pm_plan *p, int move, struct pm_report_counts *out)
{
	*out = (struct pm_report_counts){ 0 };
	for (size_t i = 0; i < p->edits.n; i++) {
		const struct pm_edit *e = &p->edits.v[i];

		if (move >= 0 && e->move != move)
			continue;
		out->by[e->disposition]++;
		if (pm_edit_final(e) == PM_APPLY)
			out->work[pm_work_of(e->path)]++;
	}
}

void pm_report_kept(const struct pm_plan *p, struct pm_report_reasons *out)
{
	for (size_t i = 0; i < p->edits.n; i++)
		if (p->edits.v[i].disposition == PM_KEEP)
			add_one(out, p->edits.v[i].n_reasons ? p->edits.v[i].reasons[0]
							     : "no reason recorded");
	fold(out);
}

void pm_report_arithmetic(const struct pm_plan *p, struct pm_buf *b)
{
	struct pm_report_counts c;
	size_t answered = 0;

	pm_report_count(p, -1, &c);
	for (size_t i = 0; i < p->edits.n; i++)
		answered += p->edits.v[i].disposition == PM_REVIEW && p->edits.v[i].answer;
	pm_buf_addf(b, "found %zu = apply %zu + review %zu + keep %zu", p->edits.n,
		    c.by[PM_APPLY], c.by[PM_REVIEW], c.by[PM_KEEP]);
	if (answered)
		pm_buf_addf(b, "; %zu of the review answered", answered);
}

bool pm_report_is_order(const struct pm_plan *p, const struct pm_diag *d, bool *said)
{
	*said = false;
	if (strcmp(d->rule, "vacate-first") != 0)
		return false;
	for (size_t i = 0; i < p->moves.n && !*said; i++) {
		const struct pm_move *m = &p->moves.v[i];
		const size_t n = strlen(m->service);

		*said = m->after >= 0 && strncmp(d->text, m->service, n) == 0 && d->text[n] == ' ';
	}
	return true;
}
