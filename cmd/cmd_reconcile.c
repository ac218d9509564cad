/* cmd_reconcile.c - portmig reconcile: a plan that brings the schema document to what the tree says,
 * instead of the tree to the document. */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "plan_options.h"
#include "timing.h"

#include "doc_plan.h"
#include "reconcile.h"

#include <stdlib.h>
#include <string.h>

enum { FORMAT_TEXT, FORMAT_MARKDOWN, FORMAT_JSON, FORMAT_DIFF };

struct reconcile {
	struct pm_plan_request request;
	struct pm_reconcile_options want;
	struct pm_opt_list takes, keeps, renames;
	bool exit_code;
	int format;
	unsigned long max_bytes;
	const char *out, *date;
};

/* "of 73 rows that can change, 41 say what the tree says; of 19 the tree says nothing" */
static void add_rows(struct pm_buf *b, const struct pm_realities *all)
{
	size_t rows = 0, same = 0, unknown = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (!all->v[i].row)
			continue;
		rows++;
		same += all->v[i].verdict == PM_REAL_SAME;
		unknown += all->v[i].verdict == PM_REAL_UNKNOWN;
	}
	pm_buf_addf(b, "of %zu row%s that can change, %zu say%s what the tree says; of %zu the tree "
		    "says nothing\n", rows, rows == 1 ? "" : "s", same, same == 1 ? "s" : "", unknown);
}

static int write_report(const struct reconcile *o, const struct pm_ctx *ctx, struct pm_plan *p,
			const struct pm_realities *all, const struct pm_view *v,
			struct pm_err *err)
{
	const struct pm_report_options ro = {
		.color = ctx->color_out && !o->out, .verbose = ctx->verbose,
		.max_bytes = o->max_bytes,
	};
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	int rc = 0;

	switch (o->format) {
	case FORMAT_TEXT:
		pm_report_text(p, &ro, &b);
		add_rows(&b, all);
		break;
	case FORMAT_MARKDOWN: pm_report_markdown(p, &ro, &b); break;
	case FORMAT_JSON: pm_plan_write(p, &b); break;
	case FORMAT_DIFF: rc = pm_report_diff(p, v->repo, &ro, &b, err); break;
	}
	return rc ? rc : pm_out(o->out, &b, err);
}

static int reconcile(struct reconcile *o, const struct pm_ctx *ctx, struct pm_err *err)
{
	PM_CLEAN_VIEW struct pm_view v = { 0 };
	PM_CLEAN_PLANNED struct pm_planned d = { 0 };
	int rc = pm_view_open(&v, ctx, o->request.rev, err);

	v.reading = o->request.reading;
	if (!rc)
		rc = pm_planned_schema(&d, ctx, &v, &o->request, err);
	if (!rc)
		rc = pm_planned_reconcile(&d, ctx, &v, &o->want, err);
	if (!rc)
		rc = pm_planned_execute_size(&d, ctx, &v, &o->request, err);
	if (!rc)
		rc = write_report(o, ctx, &d.plan, &d.real, &v, err);
	pm_timing_lap(ctx->timing, "report");
	if (rc)
		return rc;
	if (o->format != FORMAT_TEXT || o->out)
		pm_cmd_diags(ctx, &d.plan.diags);
	return o->exit_code && d.plan.texts.n ? 1 : 0;
}

static int check_options(struct reconcile *o, struct pm_err *err)
{
	struct pm_arena a = { 0 };
	const bool ok = !o->date || pm_doc_date_like(&a, "2026-02-03", o->date);

	pm_arena_release(&a);
	o->want.takes = o->takes.n ? o->takes.v : NULL;
	o->want.keeps = o->keeps.n ? o->keeps.v : NULL;
	o->want.renames = o->renames.n ? o->renames.v : NULL;
	o->want.services = o->request.services.n ? o->request.services.v : NULL;
	o->want.date = o->date;
	if (!ok)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--date '%.40s': not YYYY-MM-DD", o->date);
	return 0;
}

int pm_cmd_reconcile(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct reconcile o = { .max_bytes = 60000 };
	const struct pm_opt opts[] = {
		{ 0, "service", PM_OPT_LIST, &o.request.services, "S",
		  "only rows of this service; may be repeated" },
		{ 0, "take", PM_OPT_LIST, &o.takes, "S=PORT",
		  "what is right where the tree is not clear; may be\nrepeated" },
		{ 0, "keep", PM_OPT_LIST, &o.keeps, "S", "leave the rows of this service; may be repeated" },
		{ 0, "rename", PM_OPT_LIST, &o.renames, "OLD=NEW",
		  "call a service otherwise in rows and references, and\nchange nothing else; may be repeated" },
		{ 0, "note", PM_OPT_FLAG, &o.want.note, NULL, "add a dated paragraph behind the dates" },
		{ 0, "changelog", PM_OPT_FLAG, &o.want.log, NULL,
		  "add a row to the document's own changelog" },
		{ 0, "date", PM_OPT_STRING, &o.date, "YYYY-MM-DD",
		  "the date to write (GIT_COMMITTER_DATE, else\nSOURCE_DATE_EPOCH, else that of the commit)" },
		{ 0, "rev", PM_OPT_STRING, &o.request.rev, "REV", "the commit to read (HEAD)" },
		PM_READING_OPTS(o.request.reading),
		{ 0, "schema", PM_OPT_STRING, &o.request.schema, "PATH", "the document: a path of the commit" },
		{ 0, "format", PM_OPT_CHOICE, &o.format, "text|markdown|json|diff",
		  "form of the report; json is what apply reads" },
		{ 'o', "output", PM_OPT_STRING, &o.out, "FILE", "write the report to FILE" },
		{ 0, "max-bytes", PM_OPT_NUMBER, &o.max_bytes, "N", "longest Markdown report (60000)",
		  1000, 100000000 },
		{ 0, "exit-code", PM_OPT_FLAG, &o.exit_code, NULL, "exit 1 if there is anything to change" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"reconcile", "[options]",
		"Bring the schema document to reality: a plan that gives its rows the ports that the\n"
		"tree declares, moves them under the right heading, and adds the services that have\n"
		"no row. Every other byte of the document stays. What is not clear stays, too, and\n"
		"is said. The other direction is portmig plan --all.",
		opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, 0, 0, err);
	if (!rc)
		rc = check_options(&o, err);
	if (!rc)
		rc = reconcile(&o, ctx, err);
	else if (rc == PM_OPT_HELPED)
		rc = 0;
	pm_plan_request_release(&o.request);
	PM_VEC_FREE(&o.takes);
	PM_VEC_FREE(&o.keeps);
	PM_VEC_FREE(&o.renames);
	return rc;
}
