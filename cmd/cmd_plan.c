/* cmd_plan.c - portmig plan: what a migration would change, whose each place is, and why. */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "plan_file.h"
#include "plan_options.h"

#include "questions.h"
#include "resource_plan.h"
#include "rollout.h"
#include "suggest.h"
#include "timing.h"

enum { FORMAT_TEXT, FORMAT_MARKDOWN, FORMAT_JSON, FORMAT_DIFF };

struct plan {
	struct pm_plan_request request;
	int format;
	bool exit_code, strict;
	unsigned long max_bytes;
	const char *out, *answers;
};

/* What the document asks of people beside the edits: in Markdown as sections of their own, which
 * leave less room for the others. */
static void add_rollout(const struct pm_rollout *r, struct pm_report_options *ro, struct pm_buf *more)
{
	pm_rollout_write(r, true, more);
	if (more->n < ro->max_bytes / 2)
		ro->max_bytes -= more->n;
	else
		pm_buf_clear(more);
}

static int write_report(const struct plan *o, const struct pm_ctx *ctx, struct pm_planned *d,
			const struct pm_view *v, struct pm_err *err)
{
	struct pm_plan *p = &d->plan;
	struct pm_rollout rollout = { 0 };
	struct pm_report_options ro = {
		.color = ctx->color_out && !o->out, .verbose = ctx->verbose,
		.max_bytes = o->max_bytes, .rollout = &rollout,
	};
	PM_CLEAN_BUF struct pm_buf b = { 0 }, more = { 0 };
	int rc = 0;

	if (d->has_schema)
		pm_rollout_find(&rollout, &p->arena, p, &d->schema);
	switch (o->format) {
	case FORMAT_TEXT: pm_report_text(p, &ro, &b); break;
	case FORMAT_MARKDOWN:
		add_rollout(&rollout, &ro, &more);
		pm_report_markdown(p, &ro, &b);
		pm_buf_add(&b, pm_buf_str(&more), more.n);
		break;
	case FORMAT_JSON: pm_plan_write(p, &b); break;
	case FORMAT_DIFF: rc = pm_report_diff(p, v->repo, &ro, &b, err); break;
	}
	pm_rollout_release(&rollout);
	return rc ? rc : pm_out(o->out, &b, err);
}

/* Where the report does not say it: findings and what was not read. */
static void remarks(const struct plan *o, const struct pm_ctx *ctx, const struct pm_view *v,
		    const struct pm_planned *d)
{
	if (!d->plan.moves.n)
		pm_cmd_note(ctx, "nothing to move: %s",
			    !d->has_schema ? "no moves"
			    : o->request.all ? "no service declares another port than the schema has"
					     : "the schema has no guide or note with ports that can "
					       "be planned; see --move, --from, --all");
	if (o->format != FORMAT_TEXT || o->out)
		pm_cmd_diags(ctx, &d->plan.diags);
	pm_view_tell_missing(v, ctx, d->plan.skips.v, d->plan.skips.n);
}

/* Answers of an older plan; what it held before and what it says now is for review to tell. */
static int take_answers(const struct plan *o, const struct pm_ctx *ctx, struct pm_plan *p,
			struct pm_err *err)
{
	PM_CLEAN_PLAN struct pm_plan old = { 0 };
	size_t held = 0, taken;
	int rc = o->answers ? pm_plan_load(&old, o->answers, err) : 0;

	if (rc || !o->answers)
		return rc;
	taken = pm_answers_carry(p, &old);
	for (size_t i = 0; i < p->edits.n; i++)
		held += p->edits.v[i].disposition == PM_REVIEW;
	pm_cmd_note(ctx, "%zu of %zu held place%s answered as in %s", taken, held,
		    held == 1 ? "" : "s", o->answers);
	return 0;
}

/* What in portmig.yaml would save the next review. */
static void suggest(const struct plan *o, const struct pm_view *v, struct pm_planned *d)
{
	const struct pm_plan_options po = {
		.schema = d->has_schema ? &d->schema : NULL,
		.config = v->has_config ? &v->config : NULL,
		.host_scope = o->request.scope == 1,
	};

	if (!pm_plan_is_resource(&d->plan))
		pm_suggest(&d->plan, &d->inv, &po);
}

static int plan(const struct plan *o, const struct pm_ctx *ctx, struct pm_err *err)
{
	PM_CLEAN_VIEW struct pm_view v = { 0 };
	PM_CLEAN_PLANNED struct pm_planned d = { 0 };
	bool changes = false;
	int rc = pm_view_open(&v, ctx, o->request.rev, err);

	v.reading = o->request.reading;
	if (!rc)
		rc = pm_plan_make(&d, ctx, &v, &o->request, err);
	if (!rc)
		rc = take_answers(o, ctx, &d.plan, err);
	if (!rc && o->request.all)
		rc = pm_planned_accept_size(&d, &v, err);
	if (!rc && d.has_inv)
		suggest(o, &v, &d);
	if (!rc)
		rc = write_report(o, ctx, &d, &v, err);
	pm_timing_lap(ctx->timing, "report");
	if (rc)
		return rc;
	remarks(o, ctx, &v, &d);
	if (d.refused && (o->strict || o->exit_code)) {
		*err = d.refusal;
		return PM_E_REFUSED;
	}
	if (d.refused)
		pm_cmd_note(ctx, "%s; apply refuses this plan", d.refusal.text);
	if (o->strict && d.plan.skips.n)
		return 4;
	for (size_t i = 0; i < d.plan.edits.n; i++)
		changes = changes || pm_edit_final(&d.plan.edits.v[i]) == PM_APPLY;
	return o->exit_code && changes ? 1 : 0;
}

int pm_cmd_plan(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct plan o = { .max_bytes = 60000 };
	const struct pm_opt opts[] = {
		PM_PLAN_REQUEST_OPTS(o.request),
		{ 0, "format", PM_OPT_CHOICE, &o.format, "text|markdown|json|diff",
		  "form of the report; json is what apply reads" },
		{ 'o', "output", PM_OPT_STRING, &o.out, "FILE", "write the report to FILE" },
		{ 0, "answers", PM_OPT_STRING, &o.answers, "PLAN.json",
		  "an older, reviewed plan: its answers hold for the same\n"
		  "places, though lines have shifted" },
		{ 0, "max-bytes", PM_OPT_NUMBER, &o.max_bytes, "N",
		  "longest Markdown report (60000)", 1000, 100000000 },
		{ 0, "exit-code", PM_OPT_FLAG, &o.exit_code, NULL,
		  "exit 1 if there is anything to apply, 3 if apply would\nrefuse the moves" },
		{ 0, "strict", PM_OPT_FLAG, &o.strict, NULL, "exit 4 if anything was not read" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"plan", "[options]",
		"Plan a migration: every place where a moved number stands, with what would happen\n"
		"to it and why. The moves come from --move and --from; without these, from the\n"
		"schema's own migration guide and notes. Nothing is written to the repository.",
		opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, 0, 0, err);
	if (!rc)
		rc = plan(&o, ctx, err);
	else if (rc == PM_OPT_HELPED)
		rc = 0;
	pm_plan_request_release(&o.request);
	return rc;
}
