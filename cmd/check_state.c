/* check_state.c - see check_state.h. */
#include "check_state.h"

#include <stdlib.h>
#include <string.h>

void pm_check_states_release(struct pm_check_states *s)
{
	pm_view_release(&s->view);
	pm_buf_release(&s->what);
	pm_buf_release(&s->compared);
	pm_diags_release(&s->diags);
	pm_arena_release(&s->arena);
}

static int one_way(const struct pm_check_states *s, struct pm_err *err)
{
	if ((s->since != NULL) + (s->merge != NULL) + s->staged > 1)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "--since, --staged and --merge exclude each other");
	if (s->staged && s->rev)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "--staged checks the index, not a revision");
	return 0;
}

static void say(struct pm_buf *b, const char *rev, const char *commit)
{
	pm_buf_addf(b, "%s (%.12s)", rev, commit);
}

/* What has changed since a branch left REV, as `git diff REV...` has it. */
static int open_since(struct pm_check_states *s, const struct pm_ctx *ctx, struct pm_err *err)
{
	char rev[PM_OID_HEX];
	int rc = pm_repo_commit(s->view.repo, s->since, rev, err);

	if (rc)
		return rc;
	s->n_old = 1;
	rc = pm_repo_merge_base(s->view.repo, rev, s->view.commit, s->old[0], err);
	if (rc && rc != PM_E_NOTFOUND)
		return rc;
	if (rc) {
		pm_cmd_note(ctx, "%s; comparing with %s itself", err->text, s->since);
		memcpy(s->old[0], rev, PM_OID_HEX);
	}
	say(&s->compared, s->since, s->old[0]);
	return 0;
}

static int open_staged(struct pm_check_states *s, const struct pm_ctx *ctx, struct pm_err *err)
{
	char commit[PM_OID_HEX];
	struct pm_repo *repo = NULL;
	int rc = pm_repo_of(&repo, ctx, err);

	if (!rc)
		rc = pm_repo_index_commit(repo, ctx->env("GIT_INDEX_FILE"), s->old[0], commit, err);
	if (rc) {
		pm_repo_free(repo);
		return rc;
	}
	s->n_old = *s->old[0] ? 1 : 0;
	pm_buf_adds(&s->what, "the index");
	pm_buf_adds(&s->compared, s->n_old ? "HEAD" : "nothing: there is no commit yet");
	return pm_view_take(&s->view, ctx, repo, commit, err);
}

static void conflict(struct pm_check_states *s, const char *path)
{
	pm_diag_add(&s->diags, &s->arena, "merge-conflict", PM_NOTE, path, 0, 0,
		    "Git cannot merge this file; our side of it is checked");
	pm_diag_key(&s->diags.v[s->diags.n - 1], &s->arena, NULL, 0, "");
}

static int open_merge(struct pm_check_states *s, const struct pm_ctx *ctx, struct pm_err *err)
{
	struct pm_paths conflicts = { 0 };
	char commit[PM_OID_HEX];
	struct pm_repo *repo = NULL;
	int rc = pm_repo_of(&repo, ctx, err);

	if (!rc)
		rc = pm_repo_commit(repo, s->rev ? s->rev : "HEAD", s->old[0], err);
	if (!rc)
		rc = pm_repo_commit(repo, s->merge, s->old[1], err);
	if (!rc)
		rc = pm_repo_merge_commit(repo, s->old[0], s->old[1], &s->arena, &conflicts, commit,
					  err);
	if (rc) {
		pm_repo_free(repo);
		return rc;
	}
	s->n_old = 2;
	for (size_t i = 0; i < conflicts.n; i++)
		conflict(s, conflicts.v[i]);
	PM_VEC_FREE(&conflicts);
	pm_buf_addf(&s->what, "the merge of %s into %s", s->merge, s->rev ? s->rev : "HEAD");
	pm_buf_adds(&s->compared, "both sides");
	return pm_view_take(&s->view, ctx, repo, commit, err);
}

int pm_check_states_open(struct pm_check_states *s, const struct pm_ctx *ctx, struct pm_err *err)
{
	int rc = one_way(s, err);

	if (rc)
		return rc;
	if (s->staged)
		return open_staged(s, ctx, err);
	if (s->merge)
		return open_merge(s, ctx, err);
	rc = pm_view_open(&s->view, ctx, s->rev, err);
	if (!rc)
		pm_buf_addf(&s->what, "commit %.12s", s->view.commit);
	if (!rc && s->since)
		rc = open_since(s, ctx, err);
	return rc;
}
