/*
 * cmd_apply.c - portmig apply: a plan becomes one new branch. The plan is a file, or made on the
 * spot from the same options as `portmig plan`.
 */
#include "cmd.h"
#include "apply_tell.h"
#include "opt.h"
#include "plan_file.h"
#include "plan_options.h"

#include "apply.h"

#include <string.h>

enum { HOLDS_ASK, HOLDS_SKIP };

struct apply {
	struct pm_plan_request request;
	const char *branch;
	bool split, signoff, dry_run, allow_incomplete;
	int holds;
};

/* Does any option of planning stand beside a plan file? */
static bool plans_anew(const struct pm_plan_request *r)
{
	return r->schema || r->from || r->moves.n || r->services.n || r->scope || r->all;
}

static int load(struct pm_plan *out, const char *path, const struct pm_plan_request *r,
		struct pm_err *err)
{
	if (plans_anew(r)) {
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
			   "a plan file and options that make a plan exclude each other");
		return pm_err_hint(err, "portmig apply '%s', or leave the file out", path);
	}
	return pm_plan_load(out, path, err);
}

static int carry_out(const struct apply *o, const struct pm_ctx *ctx, struct pm_repo *repo,
		     const struct pm_plan *plan, struct pm_err *err)
{
	const struct pm_apply_options opt = {
		.rev = o->request.rev, .branch = o->branch, .split = o->split,
		.signoff = o->signoff, .dry_run = o->dry_run,
		.skip_holds = o->holds == HOLDS_SKIP, .allow_incomplete = o->allow_incomplete,
		.env = ctx->env,
	};
	struct pm_apply_result result;
	int rc = pm_apply(repo, plan, &opt, &result, err);

	return rc ? rc : pm_apply_tell(ctx, repo, o->dry_run, &result, err);
}

static int apply_file(const struct apply *o, const struct pm_ctx *ctx, const char *path,
		      struct pm_err *err)
{
	PM_CLEAN_PLAN struct pm_plan plan = { 0 };
	struct pm_repo *repo = NULL;
	int rc = load(&plan, path, &o->request, err);

	if (!rc)
		rc = pm_repo_of(&repo, ctx, err);
	if (!rc)
		rc = carry_out(o, ctx, repo, &plan, err);
	pm_repo_free(repo);
	return rc;
}

static int apply_request(const struct apply *o, const struct pm_ctx *ctx, struct pm_err *err)
{
	PM_CLEAN_VIEW struct pm_view v = { 0 };
	PM_CLEAN_PLANNED struct pm_planned d = { 0 };
	int rc = pm_view_open(&v, ctx, o->request.rev, err);

	v.reading = o->request.reading;
	if (!rc)
		rc = pm_plan_make(&d, ctx, &v, &o->request, err);
	if (rc)
		return rc;
	pm_cmd_diags(ctx, &d.plan.diags);
	if (d.refused) {
		*err = d.refusal;
		return PM_E_REFUSED;
	}
	return carry_out(o, ctx, v.repo, &d.plan, err);
}

int pm_cmd_apply(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct apply o = { 0 };
	const struct pm_opt opts[] = {
		{ 'b', "branch", PM_OPT_STRING, &o.branch, "NAME",
		  "name of the new branch (portmig/SERVICE-PORT)" },
		{ 0, "split", PM_OPT_FLAG, &o.split, NULL,
		  "one commit per service, in the order of the moves;\n"
		  "chains and swaps stay in one" },
		{ 's', "signoff", PM_OPT_FLAG, &o.signoff, NULL, "add Signed-off-by" },
		{ 'n', "dry-run", PM_OPT_FLAG, &o.dry_run, NULL,
		  "do everything but write to the repository" },
		{ 0, "accept-holds", PM_OPT_CHOICE, &o.holds, "ask|skip",
		  "skip: leave places that wait for review as they are" },
		{ 0, "allow-incomplete", PM_OPT_FLAG, &o.allow_incomplete, NULL,
		  "apply although some files could not be read" },
		PM_PLAN_REQUEST_OPTS(o.request),
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"apply", "[options] [PLAN.json]",
		"Carry out a plan: from a file, or made now from the options of plan. Every change is\n"
		"proved in memory, then one new branch appears. The working tree, the index and all\n"
		"other branches stay as they are.",
		opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, 0, 1, err);
	if (!rc)
		rc = pm_apply_check_hook(ctx, err);
	if (!rc)
		rc = n ? apply_file(&o, ctx, argv[0], err) : apply_request(&o, ctx, err);
	else if (rc == PM_OPT_HELPED)
		rc = 0;
	pm_plan_request_release(&o.request);
	return rc;
}
