/*
 * test_check_tree.c - whole small repositories as one text each: files, expected findings of the
 * rules that compare the document with the repository, and the repository with itself.
 *
 * tests/cases/check/<case>/case.txt:
 *     schema PATH           (optional: the document, one of the files)
 *     real                  (optional: compare with what runs today)
 *     === path/of/file
 *     ...its text...
 * and beside it `expected`: each finding with its places and its hint, and last the counts.
 */
#include "cases.h"

#include "check.h"
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 64 };

struct world {
	struct pm_inventory inv;
	struct pm_schema schema;
	struct pm_config config;
	const char *schema_path;
	bool real, has_config, has_schema;
};

static void read_head(struct world *w, struct pm_str line)
{
	if (pm_str_find(line, "schema ", false) == 0)
		w->schema_path = pm_arena_strndup(&w->inv.arena, line.p + 7, line.n - 7);
	else if (pm_str_eq(line, "real"))
		w->real = true;
	else
		assert_int_equal(line.n, 0);
}

static void add_file(struct world *w, const char *path, struct pm_str bytes)
{
	struct pm_inventory *inv = &w->inv;
	struct pm_file f = { path, bytes.p, bytes.n };
	struct pm_err err = { 0 };
	struct pm_inv_file *x;
	struct pm_sink sink;

	if (!inv->paths)
		inv->paths = PM_NEW_N(&inv->arena, const char *, MAX_FILES);
	assert_true(inv->n_paths < MAX_FILES);
	/* as the inventory has them */
	assert_true(!inv->n_paths || strcmp(inv->paths[inv->n_paths - 1], path) < 0);
	inv->paths[inv->n_paths++] = path;
	if (w->schema_path && strcmp(path, w->schema_path) == 0) {
		assert_int_equal(pm_schema_parse(&w->schema, path, bytes, &err), 0);
		w->has_schema = true;
	}
	if (strcmp(path, "portmig.yaml") == 0) {
		assert_int_equal(pm_config_parse(&w->config, path, bytes, &err), 0);
		w->has_config = true;
	}
	if (pm_names_accepts(path))
		pm_names_read(&inv->decls, &inv->arena, &f);
	pm_sink_init(&sink, &inv->arena, &f, NULL);
	assert_int_equal(pm_scan_file(&sink, &f, false, NULL), 0);
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
	const char *mark = strncmp(text, "=== ", 4) == 0 ? text : strstr(text, "\n=== ");
	const char *head = text, *end = mark ? mark : text + strlen(text);

	while (head < end) {
		const char *lf = memchr(head, '\n', (size_t)(end - head));

		read_head(w, (struct pm_str){ head, (size_t)((lf ? lf : end) - head) });
		head = lf ? lf + 1 : end;
	}
	while (mark) {
		const char *name = mark + (*mark == '\n' ? 5 : 4), *lf = strchr(name, '\n');
		const char *next = strstr(lf, "\n=== ");
		size_t n = next ? (size_t)(next - lf) : strlen(lf + 1);

		add_file(w, pm_arena_strndup(&w->inv.arena, name, (size_t)(lf - name)),
			 (struct pm_str){ pm_arena_strndup(&w->inv.arena, lf + 1, n), n });
		mark = next;
	}
}

static void print_finding(struct pm_buf *b, const struct pm_diag *d)
{
	pm_buf_addf(b, "%s:%u:%u: %s: %s [%s]\n", d->path, d->line, d->col,
		    pm_severity_name(d->severity), d->text, d->rule);
	for (size_t i = 0; i < d->n_also; i++)
		pm_buf_addf(b, "    %s:%u:%u: %s\n", d->also[i].path, d->also[i].line,
			    d->also[i].col, d->also[i].text);
	if (d->hint)
		pm_buf_addf(b, "    try: %s\n", d->hint);
}

/* Every finding names a rule of the table, is no worse than that says, and can be recognised. */
static void check_finding(const struct pm_diag *d)
{
	const struct pm_rule *r = pm_rule_find(d->rule);

	assert_non_null(r);
	assert_true(d->severity <= r->severity);
	assert_true(d->service || d->key);
	assert_true(d->line > 0);
}

static void case_folder(void **state)
{
	PM_CLEAN_BUF struct pm_buf got = { 0 };
	struct pm_check_stats stats = { 0 };
	struct pm_diags found = { 0 };
	struct pm_arena a = { 0 };
	struct world w = { 0 };
	struct pm_check_input in = { .inv = &w.inv };
	char path[8300];
	char *text;

	snprintf(path, sizeof(path), "%s/case.txt", (const char *)*state);
	text = pm_read_file(path, NULL);
	assert_non_null(text);
	read_case(&w, text);
	assert_true(!w.schema_path || w.has_schema);
	in.schemas = &w.schema;
	in.n_schemas = w.has_schema;
	in.config = w.has_config ? &w.config : NULL;
	in.real = w.real;
	in.registry = pm_registry_build(&a, &w.inv, w.has_schema ? &w.schema : NULL, in.config);
	pm_check_tree(&in, &a, &found, &stats);
	pm_diags_sort(&found);
	for (size_t i = 0; i < found.n; i++) {
		check_finding(&found.v[i]);
		print_finding(&got, &found.v[i]);
	}
	pm_buf_addf(&got, "%u of %u services match, %u absent\n", stats.matching, stats.services,
		    stats.absent);
	snprintf(path, sizeof(path), "%s/expected", (const char *)*state);
	pm_assert_golden(path, pm_buf_str(&got));
	pm_registry_release(in.registry);
	pm_diags_release(&found);
	pm_arena_release(&a);
	if (w.has_schema)
		pm_schema_release(&w.schema);
	if (w.has_config)
		pm_config_release(&w.config);
	pm_inventory_release(&w.inv);
	free(text);
}

int main(void)
{
	struct pm_cases c = { 0 };

	pm_cases_add_folders(&c, "check", case_folder);
	return pm_cases_run(&c, "check tree");
}
