/* apply_tell.c - see apply_tell.h. */
#include "apply_tell.h"

#include "output.h"

static void tell_hooks(const struct pm_ctx *ctx, struct pm_repo *repo)
{
	PM_CLEAN_BUF struct pm_buf hooks = { 0 };
	int n = pm_repo_hooks(repo, &hooks);

	if (n)
		pm_cmd_note(ctx, "%s of this repository did not run: %s", n == 1 ? "a hook" : "hooks",
			    hooks.v);
}

int pm_apply_tell(const struct pm_ctx *ctx, struct pm_repo *repo, bool dry_run,
		  const struct pm_apply_result *r, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf out = { 0 };

	if (r->already) {
		pm_buf_addf(&out, "already applied in %s\n", r->commit);
		return pm_out_stdout(&out, err);
	}
	if (!r->n_edits && !r->n_changes) {
		pm_buf_adds(&out, "nothing to do: the plan changes no place\n");
		return pm_out_stdout(&out, err);
	}
	pm_buf_adds(&out, dry_run ? "would create branch " : "created branch ");
	pm_quote_text(&out, pm_str_of(r->branch));
	pm_buf_addf(&out, " at %s\n  %u commit%s, ", r->commit, r->n_commits,
		    r->n_commits == 1 ? "" : "s");
	if (r->n_edits || !r->n_changes)
		pm_buf_addf(&out, "%u place%s in %u file%s, each proved\n", r->n_edits,
			    r->n_edits == 1 ? "" : "s", r->n_files, r->n_files == 1 ? "" : "s");
	if (r->n_changes)
		pm_buf_addf(&out, "%s%u change%s of the schema document, proved\n",
			    r->n_edits ? "  and " : "", r->n_changes, r->n_changes == 1 ? "" : "s");
	if (!dry_run) {
		pm_buf_adds(&out, "next: git switch ");
		pm_quote_text(&out, pm_str_of(r->branch));
		pm_buf_addc(&out, '\n');
		tell_hooks(ctx, repo);
	}
	return pm_out_stdout(&out, err);
}

/* Inside a hook Git says where it is; a new branch from there would surprise both. */
int pm_apply_check_hook(const struct pm_ctx *ctx, struct pm_err *err)
{
	static const char *const set[] = { "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
					   "GIT_QUARANTINE_PATH" };

	for (size_t i = 0; i < sizeof(set) / sizeof(*set); i++)
		if (ctx->env(set[i]))
			return pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
					  "branches are not made inside a Git hook (%s is set)",
					  set[i]);
	return 0;
}
