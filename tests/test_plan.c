/*
 * test_plan.c - whole small repositories as one text each: moves, files, expected dispositions.
 *
 * tests/cases/plan/<case>/case.txt:
 *     move SERVICE=FROM:TO      (any number)
 *     scope host                (optional)
 *     === path/of/file
 *     ...its text...
 * and beside it `expected`: one line per record, "path:line:col disposition new reason".
 */
#include "cases.h"

#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world {
	struct pm_inventory inv;
	struct pm_plan plan;
	struct pm_port_set want;
	bool host_scope;
};

static void read_head(struct world *w, struct pm_str line)
{
	char service[128];
	unsigned from, to;
	char text[256];

	snprintf(text, sizeof(text), "%.*s", (int)line.n, line.p);
	if (sscanf(text, "move %127[^=]=%u:%u", service, &from, &to) == 3) {
		struct pm_move *m = PM_VEC_ADD(&w->plan.moves);

		m->service = pm_arena_strdup(&w->plan.arena, service);
		m->from = from;
		m->to = to;
		pm_port_set_add(&w->want, from);
	} else if (strcmp(text, "scope host") == 0) {
		w->host_scope = true;
	} else {
		assert_string_equal(text, "");
	}
}

static void add_file(struct world *w, const char *path, struct pm_str bytes)
{
	struct pm_inventory *inv = &w->inv;
	struct pm_file f = { path, bytes.p, bytes.n };
	struct pm_inv_file *x;
	struct pm_sink sink;

	/* room for 64 files: small repositories */
	if (!inv->paths)
		inv->paths = PM_NEW_N(&inv->arena, const char *, 64);
	assert_true(inv->n_paths < 64);
	inv->paths[inv->n_paths++] = path;
	if (pm_names_accepts(path))
		pm_names_read(&inv->decls, &inv->arena, &f);
	pm_sink_init(&sink, &inv->arena, &f, &w->want);
	assert_int_equal(pm_scan_file(&sink, &f, true, NULL), 0);
	x = PM_VEC_ADD(&inv->files);
	x->path = path;
	x->bytes = bytes.p;
	x->len = bytes.n;
	x->class = pm_file_classify(&f, &inv->arena, &x->class_why);
	pm_lines_init(&x->lines, &inv->arena, bytes.p, bytes.n);
	x->n_hits = sink.hits.n;
	x->hits = PM_NEW_N(&inv->arena, struct pm_hit, sink.hits.n + 1);
	if (sink.hits.n)
		memcpy(x->hits, sink.hits.v, sink.hits.n * sizeof(*x->hits));
	inv->n_hits += x->n_hits;
	inv->n_files++;
	pm_sink_release(&sink);
}

/* Split the case into its head and its files. */
static void read_case(struct world *w, const char *text)
{
	struct pm_str all = pm_str_of(text);
	struct pm_lines lines;
	const char *path = NULL, *from = NULL;

	pm_lines_init(&lines, &w->inv.arena, all.p, all.n);
	for (unsigned i = 1; i <= lines.n; i++) {
		struct pm_str line = pm_lines_get(&lines, i);

		if (line.n > 4 && memcmp(line.p, "=== ", 4) == 0) {
			if (path)
				add_file(w, path, (struct pm_str){ from, (size_t)(line.p - from) });
			path = pm_arena_strndup(&w->inv.arena, line.p + 4, line.n - 4);
			from = line.p + line.n + 1;
		} else if (!path) {
			read_head(w, line);
		}
	}
	if (path)
		add_file(w, path, (struct pm_str){ from, (size_t)(all.p + all.n - from) });
}

static void plan_case(void **state)
{
	const char *folder = *state;
	struct world *w = calloc(1, sizeof(*w));
	struct pm_plan_options opt = { 0 };
	struct pm_buf got = { 0 };
	char path[4096], *text;

	snprintf(path, sizeof(path), "%s/case.txt", folder);
	text = pm_read_file(path, NULL);
	assert_non_null(text);
	read_case(w, text);
	opt.host_scope = w->host_scope;
	assert_int_equal(pm_plan_build(&w->plan, &w->inv, &opt, NULL), 0);
	for (size_t i = 0; i < w->plan.edits.n; i++) {
		const struct pm_edit *e = &w->plan.edits.v[i];

		pm_buf_addf(&got, "%s:%u:%u %s", e->path, e->line, e->col,
			    pm_disposition_name(e->disposition));
		if (e->disposition != PM_KEEP)
			pm_buf_addf(&got, " %u", e->new_port);
		else if (e->n_reasons)
			pm_buf_addf(&got, " %s", e->reasons[0]);
		pm_buf_addc(&got, '\n');
	}
	snprintf(path, sizeof(path), "%s/expected", folder);
	pm_assert_golden(path, pm_buf_str(&got));
	pm_buf_release(&got);
	pm_plan_release(&w->plan);
	pm_inventory_release(&w->inv);
	free(w);
	free(text);
}

int main(void)
{
	struct pm_cases c = { 0 };

	pm_cases_add_folders(&c, "plan", plan_case);
	return pm_cases_run(&c, "plan");
}
