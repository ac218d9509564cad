/*
 * cmd_init.c - portmig init: a first portmig.yaml and, where there is no schema, one drafted from
 * what the tree declares. Writes new files only.
 */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "source.h"

#include "check.h"
#include "schema_draft.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DRAFT "docs/PORT_SCHEMA.md"
#define CONFIG "portmig.yaml"

struct init {
	const char *rev;
	bool print;
	struct pm_arena arena;
	struct pm_view view;
	struct pm_inventory inv;
	struct pm_registry *reg;
	struct pm_buf schema_path, draft, config;
	struct pm_draft_counts counts;
};

static void release(struct init *o)
{
	pm_buf_release(&o->schema_path);
	pm_buf_release(&o->draft);
	pm_buf_release(&o->config);
	pm_registry_release(o->reg);
	pm_inventory_release(&o->inv);
	pm_view_release(&o->view);
	pm_arena_release(&o->arena);
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* Files go into the root of the working tree, which is where the commit's paths begin. */
static int check_place(const struct init *o, struct pm_err *err)
{
	if (o->print)
		return 0;
	if (!exists(".git")) {
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
			   "this is not the root of a working tree; no files are written here");
		return pm_err_hint(err, "go there, or --print");
	}
	if (exists(CONFIG) || o->view.has_config) {
		pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, CONFIG " exists already");
		return pm_err_hint(err, "edit it (docs/configuration.md), or --print");
	}
	return 0;
}

/* A report about ports that is called like a schema is none: said, and not written down as one. */
static bool is_schema(const struct pm_ctx *ctx, const struct pm_source *s)
{
	struct pm_schema schema = { 0 };
	struct pm_err why = { 0 };

	if (pm_schema_parse(&schema, pm_buf_str(&s->shown),
			    (struct pm_str){ pm_buf_str(&s->text), s->text.n }, &why) < 0) {
		pm_cmd_note(ctx, "%s is not taken for the schema: %s", pm_buf_str(&s->shown),
			    why.text);
		return false;
	}
	pm_schema_release(&schema);
	return true;
}

/* The document that is there, or a draft. */
static int find_schema(struct init *o, const struct pm_ctx *ctx, struct pm_err *err)
{
	PM_CLEAN_SOURCE struct pm_source s = { 0 };
	PM_CLEAN_BUF struct pm_buf others = { 0 };
	const struct pm_inv_options opt = { .names = true };
	struct pm_survey_input in = { .inv = &o->inv };
	struct pm_survey survey;
	int rc = pm_source_schema(&s, &o->view, &others, err);

	if (rc == 0 && strcmp(pm_buf_str(&s.shown), DRAFT) != 0 && !is_schema(ctx, &s))
		rc = PM_E_NOTFOUND;
	if (rc == 0) {
		pm_buf_adds(&o->schema_path, pm_buf_str(&s.shown));
		return 0;
	}
	if (rc != PM_E_NOTFOUND)
		return rc;
	if (!o->print && exists(DRAFT)) {
		pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
			   DRAFT " is on the disk and not in the commit");
		return pm_err_hint(err, "commit it first, or move it away");
	}
	rc = pm_view_inventory(&o->inv, ctx, &o->view, opt, "reading", err);
	if (rc)
		return rc;
	in.config = o->view.has_config ? &o->view.config : NULL;
	in.registry = o->reg = pm_registry_build(&o->arena, &o->inv, NULL, in.config);
	pm_survey_build(&survey, &o->arena, &in);
	if (survey.left_out)
		return pm_err_set(err, PM_E_LIMIT, PM_NOWHERE, "cannot draft a schema: there are %zu "
				  "more services than %d", survey.left_out, PM_MAX_TARGETS);
	pm_schema_draft(&o->draft, &o->counts, &survey, o->view.commit);
	pm_buf_adds(&o->schema_path, DRAFT);
	return 0;
}

/* A draft that we cannot read ourselves must not leave the house. */
static int prove_draft(const struct init *o, struct pm_err *err)
{
	struct pm_schema s = { 0 };
	struct pm_err why = { 0 };
	size_t rows = 0;
	int rc;

	if (!o->draft.n)
		return 0;
	if (!o->counts.rows) {
		pm_err_set(err, PM_E_NOTFOUND, PM_NOWHERE,
			   "no service of commit %.12s clearly publishes or listens on a port",
			   o->view.commit);
		return pm_err_hint(err, "portmig scan shows what was found; write the first rows by "
				   "hand: docs/schema.md");
	}
	rc = pm_schema_parse(&s, DRAFT,
			     (struct pm_str){ pm_buf_str(&o->draft), o->draft.n }, &why);
	if (rc < 0)
		return pm_err_set(err, PM_E_BUG, PM_NOWHERE, "the draft cannot be read: %s",
				  why.text);
	for (size_t i = 0; i < s.services.n; i++)
		rows += s.services.v[i].n;
	pm_schema_release(&s);
	if (rows != o->counts.rows)
		return pm_err_set(err, PM_E_BUG, PM_NOWHERE,
				  "the draft has %zu rows, and %zu of them can be read",
				  o->counts.rows, rows);
	return 0;
}

static void write_config(struct init *o)
{
	pm_buf_adds(&o->config, "# Lasting answers for portmig. What each key does: "
				"docs/configuration.md of portmig.\nschema: '");
	/* a path with a quote or a line break is not among the usual names */
	pm_buf_adds(&o->config, pm_buf_str(&o->schema_path));
	pm_buf_adds(&o->config,
		    "'\n\n"
		    "# Records of the past, beyond changelogs, reports and archives: never changed.\n"
		    "# past: [docs/meetings/**]\n\n"
		    "# Other names of a service.\n"
		    "# aliases: {billing-api: [invoicing]}\n\n"
		    "# Whose everything below a path is.\n"
		    "# owners: {legacy/pay/**: billing-api}\n");
}

static int write_all(const struct init *o, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	int rc = 0;

	if (o->print) {
		pm_buf_addf(&b, "== %s ==\n%s", CONFIG, pm_buf_str(&o->config));
		if (o->draft.n)
			pm_buf_addf(&b, "== %s ==\n%s", DRAFT, pm_buf_str(&o->draft));
		return pm_out_stdout(&b, err);
	}
	if (o->draft.n && !exists("docs") && mkdir("docs", 0777) < 0)
		return pm_err_set(err, PM_E_IO, PM_NOWHERE, "cannot make the directory docs");
	if (o->draft.n)
		rc = pm_out_file(DRAFT, &o->draft, err);
	if (!rc)
		rc = pm_out_file(CONFIG, &o->config, err);
	if (rc)
		return rc;
	if (o->draft.n)
		pm_buf_addf(&b, "wrote " DRAFT ": %zu row%s of %zu service%s%s\n", o->counts.rows,
			    o->counts.rows == 1 ? "" : "s", o->counts.services,
			    o->counts.services == 1 ? "" : "s",
			    o->counts.shared ? "; some share a port" : "");
	pm_buf_adds(&b, "wrote " CONFIG ": schema ");
	pm_quote_text(&b, pm_str_of(pm_buf_str(&o->schema_path)));
	pm_buf_adds(&b, "\nnext: read and commit them, then portmig check\n");
	return pm_out_stdout(&b, err);
}

int pm_cmd_init(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct init o = { 0 };
	const struct pm_opt opts[] = {
		{ 0, "rev", PM_OPT_STRING, &o.rev, "REV", "the commit to read (HEAD)" },
		{ 0, "print", PM_OPT_FLAG, &o.print, NULL,
		  "print the files instead of writing them" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"init", "[options]",
		"Write a first portmig.yaml into the root of the working tree and, where the commit has\n"
		"no port schema, a " DRAFT " drafted from the ports that its services declare.\n"
		"Existing files stay as they are.",
		opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, 0, 0, err);
	if (rc == PM_OPT_HELPED) {
		rc = 0;
	} else if (!rc) {
		rc = pm_view_open(&o.view, ctx, o.rev, err);
		if (!rc)
			rc = check_place(&o, err);
		if (!rc)
			rc = find_schema(&o, ctx, err);
		if (!rc)
			rc = prove_draft(&o, err);
		write_config(&o);
		if (!rc)
			rc = write_all(&o, err);
	}
	release(&o);
	return rc;
}
