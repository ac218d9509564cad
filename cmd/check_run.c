/* check_run.c - see check_run.h: gathers the inputs of a check and runs all of its rules. */
#include "check_run.h"
#include "timing.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- documents ---- */

static int parse(struct pm_check_run *run, const struct pm_source *doc, struct pm_err *err)
{
	struct pm_schema s = { 0 };
	int rc = pm_schema_parse(&s, pm_buf_str(&doc->shown),
				 (struct pm_str){ pm_buf_str(&doc->text), doc->text.n }, err);

	if (rc)
		return rc;
	if (!run->docs.n && doc->in_commit)
		run->schema_path = pm_arena_strdup(&run->arena, pm_buf_str(&doc->shown));
	*PM_VEC_ADD(&run->docs) = s;
	return 0;
}

static int named_document(struct pm_check_run *run, const struct pm_check_how *how,
			  const char *src, struct pm_err *err)
{
	PM_CLEAN_SOURCE struct pm_source doc = { 0 };
	int rc = PM_E_NOTFOUND;

	if (how->of_commit && !strchr(src, ':'))
		rc = pm_source_commit(&doc, &run->view, src, err);
	if (rc == PM_E_NOTFOUND)
		rc = pm_source_read(&doc, &run->view, src, err);
	return rc ? rc : parse(run, &doc, err);
}

/* Other documents with a usual name. One that is no schema is none; it says so. */
static void other_documents(struct pm_check_run *run)
{
	const char *first = run->docs.v[0].path;

	for (size_t i = 0; i < run->inv.n_paths; i++) {
		const char *path = run->inv.paths[i];
		PM_CLEAN_SOURCE struct pm_source doc = { 0 };
		struct pm_err err = { 0 };

		if (strcmp(path, first) == 0 || !pm_source_is_usual(path) ||
		    pm_source_commit(&doc, &run->view, path, &err) < 0)
			continue;
		if (parse(run, &doc, &err) < 0)
			pm_diag_add(&run->diags, &run->arena, "schema-not-read", PM_NOTE, path, 0, 0,
				    "not compared with %s: %s", first, err.text);
	}
}

static int found_documents(struct pm_check_run *run, const struct pm_ctx *ctx,
			   const struct pm_check_how *how, struct pm_err *err)
{
	PM_CLEAN_SOURCE struct pm_source doc = { 0 };
	PM_CLEAN_BUF struct pm_buf others = { 0 };
	int rc = pm_source_schema(&doc, &run->view, &others, err);

	if (!rc)
		rc = parse(run, &doc, err);
	if (rc)
		return rc;
	if (how->disk)
		pm_source_note_disk(&doc, ctx, &run->view);
	return 0;
}

int pm_check_run_documents(struct pm_check_run *run, const struct pm_ctx *ctx,
			   const struct pm_check_how *how, struct pm_err *err)
{
	int rc = 0;

	if (!how->schemas.n)
		rc = found_documents(run, ctx, how, err);
	for (size_t i = 0; !rc && i < how->schemas.n; i++)
		rc = named_document(run, how, how->schemas.v[i], err);
	if (how->without && (rc == PM_E_NOTFOUND || rc == PM_E_SCHEMA || rc == PM_E_PARSE))
		rc = 0;
	return rc;
}

/* ---- when rows changed last ---- */

struct last_change {
	struct pm_check_run *run;
	unsigned day;
};

/* The day on which somebody made it, as he saw it. */
static unsigned day_of(const struct pm_path_commit *c)
{
	const time_t t = (time_t)(c->when + (int64_t)c->offset_min * 60);
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		return 0;
	return (unsigned)(tm.tm_year + 1900) * 10000 + (unsigned)(tm.tm_mon + 1) * 100 +
	       (unsigned)tm.tm_mday;
}

static bool read_blob(struct pm_check_run *run, const char *oid, struct pm_schema *out)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	return *oid && pm_repo_blob(run->view.repo, oid, &b, NULL) == 0 &&
	       pm_schema_parse(out, run->schema_path, (struct pm_str){ pm_buf_str(&b), b.n },
			       NULL) == 0;
}

/* Ends at the first commit that changed a row; prose is not what the date is about. */
static int look_at_change(void *data, const struct pm_path_commit *c)
{
	struct last_change *l = data;
	struct pm_schema now = { 0 }, before = { 0 };
	struct pm_changes changes = { 0 };
	bool any;

	if (read_blob(l->run, c->now, &now) && read_blob(l->run, c->before, &before))
		pm_schema_diff(&before, &now, &changes);
	pm_schema_release(&now);
	pm_schema_release(&before);
	any = changes.n > 0;
	PM_VEC_FREE(&changes);
	if (!any)
		return 0;
	l->day = day_of(c);
	l->run->table_commit = pm_arena_strdup(&l->run->arena, c->commit);
	return 1;
}

/* Only as far back as it matters: to the day that the document states. */
static unsigned table_day(struct pm_check_run *run)
{
	struct last_change l = { run, 0 };
	const unsigned stated = run->docs.n && run->schema_path ? pm_schema_day(run->docs.v) : 0;
	struct tm tm = { .tm_year = (int)(stated / 10000) - 1900,
			 .tm_mon = (int)(stated / 100 % 100) - 1, .tm_mday = (int)(stated % 100) };

	if (stated)
		pm_repo_path_commits(run->view.repo, run->view.commit, run->schema_path,
				     (int64_t)timegm(&tm), look_at_change, &l, NULL);
	return l.day;
}

/* ---- all rules ---- */

static void add_all(struct pm_check_run *run, const struct pm_diags *d)
{
	for (size_t i = 0; d && i < d->n; i++)
		*PM_VEC_ADD(&run->diags) = d->v[i];
}

int pm_check_run(struct pm_check_run *run, const struct pm_ctx *ctx, const struct pm_check_how *how,
		 const char *what, const struct pm_diags *more, struct pm_err *err)
{
	const struct pm_config *config = run->view.has_config ? &run->view.config : NULL;
	const struct pm_inv_options opt = { .names = true, .allows = true };
	struct pm_check_input in = { .inv = &run->inv, .config = config, .real = how->real,
				     .strict = how->strict };
	int rc = pm_repo_tree_of(run->view.repo, run->view.commit, run->tree, err);

	run->view.reading = how->reading;
	if (!rc)
		rc = pm_view_inventory(&run->inv, ctx, &run->view, opt, what, err);
	if (rc)
		return rc;
	if (!how->schemas.n && run->docs.n)
		other_documents(run);
	for (size_t i = 0; i < run->docs.n; i++)
		add_all(run, &run->docs.v[i].diags);
	in.table_day = table_day(run);
	in.table_commit = run->table_commit;
	in.schemas = run->docs.v;
	in.n_schemas = run->docs.n;
	in.registry = run->registry =
		pm_registry_build(&run->arena, &run->inv, run->docs.n ? run->docs.v : NULL, config);
	pm_timing_lap(ctx->timing, "registry");
	add_all(run, &run->inv.diags);
	if (config)
		pm_config_check(config, run->inv.paths, run->inv.n_paths, &run->arena,
				&run->diags);
	pm_check_document(&in, &run->arena, &run->diags, &run->stats);
	pm_timing_lap(ctx->timing, "document");
	pm_check_tree(&in, &run->arena, &run->diags, &run->stats);
	pm_timing_lap(ctx->timing, "agreement");
	pm_check_coverage_rules(&in, &run->arena, &run->diags);
	add_all(run, more);
	pm_findings_settle(&run->findings, &run->arena, &run->diags, config, &run->inv.allows);
	pm_timing_lap(ctx->timing, "settle");
	return 0;
}

void pm_check_run_release(struct pm_check_run *run)
{
	for (size_t i = 0; i < run->docs.n; i++)
		pm_schema_release(&run->docs.v[i]);
	PM_VEC_FREE(&run->docs);
	PM_VEC_FREE(&run->stats.fill);
	PM_VEC_FREE(&run->findings);
	pm_diags_release(&run->diags);
	pm_registry_release(run->registry);
	pm_inventory_release(&run->inv);
	pm_view_release(&run->view);
	pm_arena_release(&run->arena);
}
