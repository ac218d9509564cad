/* cmd_schema.c - portmig schema show|export|diff: a schema as understood, and two compared. */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "source.h"

#include "schema.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_YAML };

static void release_schema(struct pm_schema *s)
{
	pm_schema_release(s);
}

#define CLEAN_SCHEMA __attribute__((cleanup(release_schema)))

/* Read SRC, or the schema of the commit when it is NULL. A file on disk needs no repository. */
static int read_schema(struct pm_schema *out, const struct pm_ctx *ctx, const char *rev,
		       const char *src, struct pm_err *err)
{
	PM_CLEAN_VIEW struct pm_view view = { 0 };
	PM_CLEAN_SOURCE struct pm_source doc = { 0 };
	PM_CLEAN_BUF struct pm_buf others = { 0 };
	int rc = 0;

	if (!src || access(src, F_OK) != 0)
		rc = pm_view_open(&view, ctx, rev, err);
	if (rc == PM_E_REPO && src && !view.repo && !strchr(src, ':')) {
		/* the file is what was asked for; a repository was only the second place to look */
		pm_err_set(err, PM_E_USAGE, (struct pm_loc){ src, 0, 0 },
			   "cannot read '%.300s': there is no such file, and no repository here",
			   src);
		return pm_err_hint(err, "name a file, or a repository with -C DIR");
	}
	if (rc == 0)
		rc = src ? pm_source_read(&doc, &view, src, err)
			 : pm_source_schema(&doc, &view, &others, err);
	if (rc)
		return rc;
	if (!src && !rev)
		pm_source_note_disk(&doc, ctx, &view);
	if (others.n)
		pm_cmd_note(ctx, "reading %s; there are also %s", pm_buf_str(&doc.shown),
			    pm_buf_str(&others));
	return pm_schema_parse(out, pm_buf_str(&doc.shown),
			       (struct pm_str){ pm_buf_str(&doc.text), doc.text.n }, err);
}

static void write_schema(const struct pm_schema *s, int format, struct pm_buf *out)
{
	switch (format) {
	case FORMAT_JSON: pm_schema_export_json(s, out); break;
	case FORMAT_YAML: pm_schema_export_yaml(s, out); break;
	default: pm_schema_show(s, out);
	}
}

static int show(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	CLEAN_SCHEMA struct pm_schema s = { 0 };
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	const char *rev = NULL;
	int format = FORMAT_TEXT, n, rc;
	const struct pm_opt opts[] = {
		{ 0, "rev", PM_OPT_STRING, &rev, "REV", "the commit to read (HEAD)" },
		{ 0, "format", PM_OPT_CHOICE, &format, "text|json|yaml", "form of the output" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"schema show", "[options] [SRC]",
		"Show a schema as it is understood: every value with its line, and what was not\n"
		"understood. What is wrong with the document goes to standard error. SRC is FILE,\n"
		"REV:PATH or OTHER-REPO@REV:PATH; without it, the schema of the commit.", opts, false
	};

	rc = pm_opt_parse(&spec, argc, argv, &n, err);
	if (rc)
		return rc == PM_OPT_HELPED ? 0 : rc;
	rc = pm_opt_operands(&spec, n, argv, 0, 1, err);
	if (rc == 0)
		rc = read_schema(&s, ctx, rev, n ? argv[0] : NULL, err);
	if (rc)
		return rc;
	pm_schema_check(&s, &s.arena, &s.diags);
	pm_diags_sort(&s.diags);
	pm_cmd_diags(ctx, &s.diags);
	write_schema(&s, format, &out);
	return pm_out_stdout(&out, err);
}

static int export(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	CLEAN_SCHEMA struct pm_schema s = { 0 };
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	const char *rev = NULL, *path = NULL;
	int json = 0, n, rc;
	const struct pm_opt opts[] = {
		{ 0, "rev", PM_OPT_STRING, &rev, "REV", "the commit to read (HEAD)" },
		{ 0, "format", PM_OPT_CHOICE, &json, "yaml|json", "form of the document" },
		{ 'o', "output", PM_OPT_STRING, &path, "FILE", "write to FILE" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"schema export", "[options] [SRC]",
		"Write a schema in portmig's own form (docs/schema.md), which reads back to an equal\n"
		"schema. SRC as in 'schema show'.", opts, false
	};

	rc = pm_opt_parse(&spec, argc, argv, &n, err);
	if (rc)
		return rc == PM_OPT_HELPED ? 0 : rc;
	rc = pm_opt_operands(&spec, n, argv, 0, 1, err);
	if (rc == 0)
		rc = read_schema(&s, ctx, rev, n ? argv[0] : NULL, err);
	if (rc)
		return rc;
	pm_cmd_diags(ctx, &s.diags);
	if (s.leftovers.n)
		pm_cmd_note(ctx, "%zu places were not understood; see: portmig schema show",
			    s.leftovers.n);
	write_schema(&s, json ? FORMAT_JSON : FORMAT_YAML, &out);
	return pm_out(path, &out, err);
}

/* ---- diff ---- */

static const char *const kinds[] = {
	[PM_CHANGE_ADDED] = "added", [PM_CHANGE_REMOVED] = "removed",
	[PM_CHANGE_MOVED] = "moved", [PM_CHANGE_RENAMED] = "renamed",
};

static void diff_text(const struct pm_changes *c, struct pm_buf *out)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct pm_change *v = &c->v[i];

		pm_buf_addf(out, "%-8s ", kinds[v->kind]);
		pm_quote_text(out, pm_str_of(v->endpoint));
		if (v->kind == PM_CHANGE_MOVED)
			pm_buf_addf(out, "  %u -> %u", v->from, v->to);
		else
			pm_buf_addf(out, "  %u", v->to ? v->to : v->from);
		if (v->old_name) {
			pm_buf_adds(out, "  was ");
			pm_quote_text(out, pm_str_of(v->old_name));
		}
		if (v->from)
			pm_buf_addf(out, "  (old line %u%s", v->old_src.line, v->to ? ", " : ")");
		if (v->to)
			pm_buf_addf(out, v->from ? "new line %u)" : "  (new line %u)",
				    v->new_src.line);
		pm_buf_addc(out, '\n');
	}
}

static void set(json_t *o, const char *key, json_t *v)
{
	if (!v || json_object_set_new(o, key, v))
		pm_die_oom();
}

static void set_text(json_t *o, const char *key, const char *s)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	if (!s)
		return;
	pm_quote_json(&b, pm_str_of(s), NULL);
	set(o, key, json_stringn(pm_buf_str(&b), b.n));
}

static void diff_json(const struct pm_changes *c, struct pm_buf *out)
{
	json_t *top = json_object(), *list = json_array();

	if (!top || !list)
		pm_die_oom();
	for (size_t i = 0; i < c->n; i++) {
		const struct pm_change *v = &c->v[i];
		json_t *o = json_object();

		if (!o)
			pm_die_oom();
		set_text(o, "change", kinds[v->kind]);
		set_text(o, "service", v->service);
		set_text(o, "endpoint", v->endpoint);
		set_text(o, "old_name", v->old_name);
		if (v->from) {
			set(o, "from", json_integer(v->from));
			set(o, "old_line", json_integer(v->old_src.line));
		}
		if (v->to) {
			set(o, "to", json_integer(v->to));
			set(o, "new_line", json_integer(v->new_src.line));
		}
		if (json_array_append_new(list, o))
			pm_die_oom();
	}
	set(top, "changes", list);
	pm_json_write(out, top, JSON_INDENT(2));
	pm_buf_addc(out, '\n');
}

static int diff(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	CLEAN_SCHEMA struct pm_schema a = { 0 }, b = { 0 };
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	struct pm_changes c = { 0 };
	const char *rev = NULL;
	bool exit_code = false;
	int json = 0, n, rc;
	const struct pm_opt opts[] = {
		{ 0, "rev", PM_OPT_STRING, &rev, "REV", "the commit to read (HEAD)" },
		{ 0, "format", PM_OPT_CHOICE, &json, "text|json", "form of the output" },
		{ 0, "exit-code", PM_OPT_FLAG, &exit_code, NULL, "exit 1 if there are differences" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"schema diff", "[options] OLD [NEW]",
		"Ports that were added, removed, moved or renamed from OLD to NEW. Both as SRC in\n"
		"'schema show'; without NEW, the schema of the commit.", opts, false
	};

	rc = pm_opt_parse(&spec, argc, argv, &n, err);
	if (rc)
		return rc == PM_OPT_HELPED ? 0 : rc;
	rc = pm_opt_operands(&spec, n, argv, 1, 2, err);
	if (rc == 0)
		rc = read_schema(&a, ctx, rev, argv[0], err);
	if (rc == 0)
		rc = read_schema(&b, ctx, rev, n > 1 ? argv[1] : NULL, err);
	if (rc)
		return rc;
	pm_schema_diff(&a, &b, &c);
	if (json)
		diff_json(&c, &out);
	else
		diff_text(&c, &out);
	rc = pm_out_stdout(&out, err);
	if (rc == 0 && exit_code && c.n)
		rc = 1;
	free(c.v);
	return rc;
}

int pm_cmd_schema(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	static const struct {
		const char *name;
		int (*run)(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err);
	} subs[] = { { "show", show }, { "export", export }, { "diff", diff } };
	static const char *const names[] = { "show", "export", "diff" };
	const struct pm_opt opts[] = { { 0 } };
	const struct pm_opt_spec spec = {
		"schema", "show|export|diff [options] [SRC]...",
		"show    the schema as it is understood\n"
		"export  the schema in portmig's own form, YAML or JSON\n"
		"diff    what changes from one schema to another", opts, true
	};
	const char *near;
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (rc)
		return rc == PM_OPT_HELPED ? 0 : rc;
	if (!n) {
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "schema needs a word: show, export or diff");
		return pm_err_hint(err, "portmig schema show");
	}
	for (size_t i = 0; i < sizeof(subs) / sizeof(subs[0]); i++)
		if (strcmp(argv[0], subs[i].name) == 0)
			return subs[i].run(ctx, n, argv, err);
	near = pm_opt_nearest(argv[0], names, 3);
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "'%.100s' is not a command of schema", argv[0]);
	return pm_err_hint(err, "portmig schema %s", near ? near : "show");
}
