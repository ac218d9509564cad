/* cmd_revert.c - portmig revert: the moves of a commit taken back on the current tip. */
#include "cmd.h"
#include "apply_tell.h"
#include "opt.h"
#include "output.h"
#include "plan_file.h"
#include "plan_options.h"

#include "apply.h"
#include "revert.h"

#include <stdlib.h>
#include <string.h>

struct revert {
	const char *rev, *branch, *out;
	bool signoff, dry_run;
	int holds;
	struct pm_arena arena;
	char commit[PM_OID_HEX];
	struct pm_commit_info text;
	struct pm_stated stated;
	struct pm_puts puts;
};

/* The commit that carries out a plan: one of the tip's history that states its digest. */
static int commit_of_plan(struct revert *o, const struct pm_view *v, const char *path,
			  struct pm_err *err)
{
	PM_CLEAN_PLAN struct pm_plan plan = { 0 };
	size_t n = 0;
	int rc = pm_plan_load(&plan, path, err);

	if (!rc)
		rc = pm_repo_find_stated(v->repo, v->commit, plan.base, plan.digest, o->commit, &n,
					 err);
	if (rc)
		return rc;
	if (n == 1)
		return 0;
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "%s commit%s between %.12s and %.12s %s this plan",
		   n ? "several" : "no", n ? "s" : "", plan.base, v->commit,
		   n ? "carry out" : "carries out");
	return pm_err_hint(err, n ? "take them back one by one: portmig revert COMMIT"
				  : "portmig revert COMMIT, or --rev with the branch it is on");
}

static bool is_file(const char *word)
{
	size_t n = strlen(word);

	return n > 5 && strcmp(word + n - 5, ".json") == 0;
}

static int read_commit(struct revert *o, const struct pm_view *v, const char *word,
		       struct pm_err *err)
{
	int rc = is_file(word) ? commit_of_plan(o, v, word, err)
			       : pm_repo_commit(v->repo, word, o->commit, err);

	if (!rc)
		rc = pm_repo_commit_info(v->repo, o->commit, &o->arena, &o->text, err);
	if (!rc)
		rc = pm_stated_read(&o->stated, &o->arena, o->text.message, err);
	if (rc == PM_E_NOTFOUND) {
		pm_err_wrap(err, "%.12s", o->commit);
		return pm_err_hint(err, "git revert takes back commits that portmig did not make");
	}
	if (!rc && o->text.n_parents != 1)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "%.12s has %u parents; portmig's commits have one", o->commit,
				  o->text.n_parents);
	/* without moves there is no way back to plan, and a plan without moves takes the guide's */
	if (!rc && o->stated.document_path) {
		pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
			   "%.12s changes the schema document, not ports of services", o->commit);
		return pm_err_hint(err, "git revert %.12s", o->commit);
	}
	if (!rc)
		rc = pm_puts_read(&o->puts, v->repo, &o->text, &o->arena, err);
	return rc;
}

static int carry_out(struct revert *o, const struct pm_ctx *ctx, const struct pm_view *v,
		     struct pm_plan *plan, struct pm_err *err)
{
	const struct pm_apply_options opt = {
		.rev = o->rev, .branch = o->branch, .signoff = o->signoff, .dry_run = o->dry_run,
		.skip_holds = o->holds, .env = ctx->env,
	};
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_apply_result result;
	int rc;

	if (o->out) {
		pm_plan_write(plan, &b);
		return pm_out(o->out, &b, err);
	}
	rc = pm_apply(v->repo, plan, &opt, &result, err);
	return rc ? rc : pm_apply_tell(ctx, v->repo, o->dry_run, &result, err);
}

/* Most likely the branch of the commit was never merged, or was reverted before. */
static void tell_if_absent(const struct pm_ctx *ctx, const struct revert *o,
			   const struct pm_plan *plan)
{
	for (size_t i = 0; i < plan->edits.n; i++)
		if (plan->edits.v[i].disposition != PM_KEEP)
			return;
	pm_cmd_note(ctx, "%s has nothing of what %.12s moved; --rev names another commit",
		    o->rev ? o->rev : "HEAD", o->commit);
}

static int revert(struct revert *o, const struct pm_ctx *ctx, const char *word,
		  struct pm_err *err)
{
	PM_CLEAN_REQUEST struct pm_plan_request r = { .rev = o->rev };
	PM_CLEAN_VIEW struct pm_view v = { 0 };
	PM_CLEAN_PLANNED struct pm_planned d = { 0 };
	struct pm_err refusal = { 0 };
	int rc = pm_view_open(&v, ctx, o->rev, err);

	if (!rc)
		rc = read_commit(o, &v, word, err);
	if (rc)
		return rc;
	pm_plan_request_stated(&r, &o->arena, &o->stated, true);
	rc = pm_plan_make(&d, ctx, &v, &r, err);
	if (rc)
		return rc;
	rc = pm_revert_fit(&d.plan, v.repo, &o->text, &o->stated, o->commit, &o->puts,
			   &refusal);
	pm_cmd_diags(ctx, &d.plan.diags);
	if (rc < 0) {
		*err = refusal;
		return rc;
	}
	tell_if_absent(ctx, o, &d.plan);
	return carry_out(o, ctx, &v, &d.plan, err);
}

int pm_cmd_revert(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct revert o = { 0 };
	const struct pm_opt opts[] = {
		{ 0, "rev", PM_OPT_STRING, &o.rev, "REV", "the commit to go back on (HEAD)" },
		{ 'b', "branch", PM_OPT_STRING, &o.branch, "NAME",
		  "name of the new branch (portmig/SERVICE-PORT)" },
		{ 's', "signoff", PM_OPT_FLAG, &o.signoff, NULL, "add Signed-off-by" },
		{ 'n', "dry-run", PM_OPT_FLAG, &o.dry_run, NULL,
		  "do everything but write to the repository" },
		{ 0, "accept-holds", PM_OPT_CHOICE, &o.holds, "ask|skip",
		  "skip: leave places that wait for review as they are" },
		{ 'o', "output", PM_OPT_STRING, &o.out, "PLAN.json",
		  "write the plan for review and apply; change nothing" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"revert", "[options] COMMIT|PLAN.json",
		"Take back the moves of a commit that portmig made: the other way round, on the current\n"
		"tip, planned and proved like any migration, on a new branch. In files that nobody\n"
		"touched since, exactly the places that the commit changed go back.",
		opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, 1, 1, err);
	if (!rc)
		rc = pm_apply_check_hook(ctx, err);
	if (!rc)
		rc = revert(&o, ctx, argv[0], err);
	else if (rc == PM_OPT_HELPED)
		rc = 0;
	PM_VEC_FREE(&o.puts);
	pm_stated_release(&o.stated);
	pm_arena_release(&o.arena);
	return rc;
}
