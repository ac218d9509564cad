/* scan_cases.c - see scan_cases.h. */
#include "scan_cases.h"

#include "base/buf.h"
#include "scanner.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct pm_scanner *find_scanner(const char *name)
{
	for (size_t i = 0; i < pm_scanners_n; i++)
		if (strcmp(pm_scanners[i]->name, name) == 0)
			return pm_scanners[i];
	fail_msg("no scanner '%s' in scanners/registry.c", name);
	return NULL;
}

static void show_hit(struct pm_buf *b, const struct pm_hit *h)
{
	static const char *const sides[] = { "unknown", "host", "container" };
	static const char *const certainties[] = { "not", "maybe", "likely", "sure" };
	static const char *const facts[] = {
		"host",    "ident", "block", "container", "image",   "build",
		"heading", "row",   "near",  "keypath",   "urlpath", "shared", "template",
	};

	pm_buf_addf(b, "%u:%u %u %s %s %s %s\n", h->line, h->col, h->port,
		    pm_role_name(h->role), sides[h->side], certainties[h->certainty], h->rule);
	for (size_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *f = &h->facts[i];

		pm_buf_addf(b, "\t%s", facts[f->kind]);
		if (f->kind == PM_FACT_BLOCK)
			pm_buf_addf(b, " %u", f->depth);
		pm_buf_addf(b, ": %s\n", f->text);
	}
}

static void check_hit(const struct pm_file *f, const struct pm_hit *h)
{
	struct pm_str s = { f->bytes + h->span.off, h->span.len };

	assert_true(h->span.off + (size_t)h->span.len <= f->len);
	assert_int_equal(pm_port_parse(s), h->port);
}

/* Run one scanner; `b` may be NULL. The bytes are copied to their exact size first, so that a
 * read past the end is seen by the sanitizer. */
static void run(struct pm_buf *b, const struct pm_scanner *s, const char *path,
		const char *bytes, size_t len)
{
	char *copy = pm_xrealloc(NULL, len ? len : 1);
	const struct pm_file f = { path, copy, len };
	struct pm_arena arena = { 0 };
	struct pm_sink sink;
	struct pm_err err = { 0 };

	memcpy(copy, bytes, len);
	pm_sink_init(&sink, &arena, &f, NULL);
	if (!s->accepts(&f)) {
		if (b)
			pm_buf_adds(b, "not accepted\n");
	} else {
		assert_int_equal(s->scan(&f, &sink, &err), 0);
		pm_sink_settle(&sink);
		pm_diags_sort(&sink.diags);
	}
	for (size_t i = 0; i < sink.hits.n; i++) {
		check_hit(&f, &sink.hits.v[i]);
		if (b)
			show_hit(b, &sink.hits.v[i]);
	}
	for (size_t i = 0; b && i < sink.diags.n; i++)
		pm_buf_addf(b, "! %u:%u %s\n", sink.diags.v[i].line, sink.diags.v[i].col,
			    sink.diags.v[i].rule);
	pm_sink_release(&sink);
	pm_arena_release(&arena);
	free(copy);
}

char *pm_scan_show(const char *scanner, const char *path, const char *bytes, size_t len)
{
	struct pm_buf b = { 0 };

	run(&b, find_scanner(scanner), path, bytes, len);
	return b.v ? b.v : pm_xstrdup("");
}

/* Name of the one file that is not `expected`. */
static void input_name(const char *folder, char *name, size_t size)
{
	struct dirent *e;
	DIR *d = opendir(folder);

	assert_non_null(d);
	name[0] = '\0';
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' || strncmp(e->d_name, ".env", 4) == 0)
			if (strcmp(e->d_name, "expected") != 0)
				snprintf(name, size, "%s", e->d_name);
	closedir(d);
	assert_true(name[0] != '\0');
}

/* The path told to the scanner: from the first line of `expected`, or the file's name. */
static char *told_path(const char *expected, const char *name)
{
	char *text = pm_read_file(expected, NULL);
	char *path = NULL;

	if (text && strncmp(text, "file: ", 6) == 0) {
		text[strcspn(text, "\n")] = '\0';
		path = pm_xstrdup(text + 6);
	}
	free(text);
	return path ? path : pm_xstrdup(name);
}

static void folder_case(void **state)
{
	const char *folder = *state;
	char scanner[256], name[256], file[8192], expected[8192];
	const char *last = strrchr(folder, '/'), *start = last;
	const struct pm_scanner *s;
	struct pm_buf b = { 0 };
	char *bytes, *path;
	size_t len;

	while (start > folder && start[-1] != '/')
		start--;
	snprintf(scanner, sizeof(scanner), "%.*s", (int)(last - start), start);
	s = find_scanner(scanner);
	input_name(folder, name, sizeof(name));
	snprintf(file, sizeof(file), "%s/%s", folder, name);
	snprintf(expected, sizeof(expected), "%s/expected", folder);
	bytes = pm_read_file(file, &len);
	assert_non_null(bytes);
	path = told_path(expected, name);
	pm_buf_addf(&b, "file: %s\n", path);
	run(&b, s, path, bytes, len);
	pm_assert_golden(expected, pm_buf_str(&b));
	for (size_t cut = 0; cut < len; cut++)
		run(NULL, s, path, bytes, cut);
	pm_buf_release(&b);
	free(path);
	free(bytes);
}

void pm_scan_cases_add(struct pm_cases *c, const char *scanner)
{
	char dir[512];

	snprintf(dir, sizeof(dir), "scan/%s", scanner);
	pm_cases_add_folders(c, dir, folder_case);
}
