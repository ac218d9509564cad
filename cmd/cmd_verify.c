/*
 * cmd_verify.c - portmig verify: is a commit of ours what it states? Its plan is made again from
 * what the commit was made on.
 */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "plan_options.h"

#include "proof.h"
#include "revert.h"

#include <stdlib.h>
#include <string.h>

struct verify {
	const char *schema;
	struct pm_arena arena;
	char commit[PM_OID_HEX];
	struct pm_commit_info text;
	struct pm_stated stated;
	struct pm_diags diags;
};

static int read_commit(struct verify *o, struct pm_repo *repo, const char *rev,
		       struct pm_err *err)
{
	int rc = pm_repo_commit(repo, rev, o->commit, err);

	if (!rc)
		rc = pm_repo_commit_info(repo, o->commit, &o->arena, &o->text, err);
	if (!rc)
		rc = pm_stated_read(&o->stated, &o->arena, o->text.message, err);
	if (rc == PM_E_NOTFOUND) {
		pm_err_wrap(err, "%.12s", o->commit);
		return pm_err_hint(err, "name a commit that portmig apply made");
	}
	if (!rc && o->text.n_parents != 1)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "%.12s has %u parents; portmig's commits have one", o->commit,
				  o->text.n_parents);
	return rc;
}

/* What a reverting commit took back decides some of its places. */
static int fit(struct verify *o, struct pm_repo *repo, struct pm_plan *plan, struct pm_err *err)
{
	struct pm_commit_info taken;
	struct pm_stated stated = { 0 };
	struct pm_puts puts = { 0 };
	int rc = pm_repo_commit_info(repo, o->stated.reverts, &o->arena, &taken, err);

	if (!rc)
		rc = pm_stated_read(&stated, &o->arena, taken.message, err);
	if (!rc)
		rc = pm_puts_read(&puts, repo, &taken, &o->arena, err);
	if (!rc)
		rc = pm_revert_fit(plan, repo, &taken, &stated, o->stated.reverts, &puts, err);
	pm_stated_release(&stated);
	PM_VEC_FREE(&puts);
	return rc;
}

/* The schema that stands in the base under the stated name, unless the caller gives one. */
static void choose_schema(const struct verify *o, const struct pm_view *v,
			  struct pm_plan_request *r)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	char oid[PM_OID_HEX];

	r->schema = o->schema;
	if (!o->schema && o->stated.schema_path &&
	    pm_repo_file(v->repo, v->commit, o->stated.schema_path, oid, &text, NULL) == 0)
		r->commit_schema = o->stated.schema_path;
}

/* What the commit states to have been made from, as it is there. */
static int read_inputs(const struct verify *o, const struct pm_view *v, struct pm_plan *plan)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };

	if (o->stated.schema_path &&
	    pm_repo_file(v->repo, v->commit, o->stated.schema_path, plan->schema_blob, &text,
			 NULL) < 0)
		plan->schema_blob[0] = '\0';
	memcpy(plan->config_blob, v->config_blob, PM_OID_HEX);
	return 0;
}

static int check(struct verify *o, const struct pm_ctx *ctx, const struct pm_view *v,
		 struct pm_proof_counts *n, struct pm_err *err)
{
	PM_CLEAN_REQUEST struct pm_plan_request r = { 0 };
	PM_CLEAN_PLANNED struct pm_planned d = { 0 };
	struct pm_ctx quiet = *ctx;
	int rc;

	quiet.verbose = ctx->verbose > 0 ? ctx->verbose : -1;
	pm_plan_request_stated(&r, &o->arena, &o->stated, false);
	choose_schema(o, v, &r);
	/* without moves there is nothing to plan: what the document says is compared */
	rc = o->stated.moves.n ? pm_plan_make(&d, &quiet, v, &r, err)
			       : (d.plan.complete = true, read_inputs(o, v, &d.plan));
	if (!rc && o->stated.reverts)
		rc = fit(o, v->repo, &d.plan, err);
	if (!rc && !d.plan.complete) {
		pm_err_set(err, PM_E_REPO, PM_NOWHERE,
			   "the plan cannot be made again: some files of %.12s could not be read",
			   v->commit);
		return pm_err_hint(err, "fetch the missing objects");
	}
	if (!rc)
		rc = pm_proof_check(n, v->repo, o->commit, &o->text, &o->stated, &d.plan, &o->arena,
				    &o->diags, err);
	return rc;
}

static void add_moves(const struct verify *o, struct pm_buf *b)
{
	const char *between = "  moves ";

	if (!o->stated.moves.n)
		return;
	for (size_t i = 0; i < o->stated.moves.n; i++) {
		const struct pm_stated_move *m = &o->stated.moves.v[i];

		if (m->elsewhere)
			continue;
		pm_buf_adds(b, between);
		pm_quote_text(b, pm_str_of(m->service));
		pm_buf_addf(b, " %u -> %u", m->from, m->to);
		between = ", ";
	}
	pm_buf_addc(b, '\n');
}

static int tell(const struct verify *o, const struct pm_proof_counts *n, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_buf_addf(&b, "%s %s\n", o->commit, o->diags.n ? "is not what it states" : "is proved");
	add_moves(o, &b);
	if (n->astray)
		return pm_out_stdout(&b, err);
	for (size_t i = 0; i < o->stated.rows.n; i++) {
		const struct pm_stated_row *r = &o->stated.rows.v[i];

		pm_buf_addf(&b, "  document: %s ", r->kind);
		pm_quote_text(&b, pm_str_of(r->service));
		if (r->from)
			pm_buf_addf(&b, " %u ->", r->from);
		if (r->to)
			pm_buf_addf(&b, " %u", r->to);
		pm_buf_addc(&b, '\n');
	}
	if (!o->stated.moves.n) {
		pm_buf_adds(&b, o->diags.n ? "" : "  the document reads so, and no other byte "
						  "differs\n");
		return pm_out_stdout(&b, err);
	}
	pm_buf_addf(&b, "  planned again on %.12s: %zu place%s in %zu file%s as planned", o->stated.base,
		    n->planned, n->planned == 1 ? "" : "s", n->files, n->files == 1 ? "" : "s");
	if (n->decided || n->left)
		pm_buf_addf(&b, "; of %zu held, a person moved %zu", n->decided + n->left,
			    n->decided);
	pm_buf_adds(&b, o->diags.n ? "\n" : "; no other byte differs\n");
	if (o->diags.n && o->stated.version && strcmp(o->stated.version, PM_VERSION) != 0) {
		pm_buf_adds(&b, "  made by portmig ");
		pm_quote_text(&b, pm_str_of(o->stated.version));
		pm_buf_adds(&b, ", planned again by " PM_VERSION
				": they may judge a place differently\n");
	}
	return pm_out_stdout(&b, err);
}

static int verify(struct verify *o, const struct pm_ctx *ctx, const char *rev, struct pm_err *err)
{
	PM_CLEAN_VIEW struct pm_view v = { 0 };
	struct pm_proof_counts n = { 0 };
	struct pm_repo *repo = NULL;
	int rc = pm_repo_of(&repo, ctx, err);

	if (!rc)
		rc = read_commit(o, repo, rev, err);
	pm_repo_free(repo);
	if (!rc)
		rc = pm_view_open(&v, ctx, o->stated.base, err);
	if (!rc)
		rc = check(o, ctx, &v, &n, err);
	if (!rc)
		rc = tell(o, &n, err);
	pm_diags_sort(&o->diags);
	pm_cmd_diags(ctx, &o->diags);
	return rc ? rc : o->diags.n ? 3 : 0;
}

int pm_cmd_verify(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct verify o = { 0 };
	const struct pm_opt opts[] = {
		{ 0, "schema", PM_OPT_STRING, &o.schema, "SRC",
		  "the schema of the plan, where it was not in the commit:\n"
		  "FILE, REV:PATH or OTHER-REPO@REV:PATH" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"verify", "[options] COMMIT",
		"Is a commit that portmig made still what it states? The plan is made again on the\n"
		"commit's base and compared with what the commit changed, byte by byte; its trailers\n"
		"must be as portmig wrote them. Exit status 0: proved; 3: not.",
		opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, 1, 1, err);
	if (!rc)
		rc = verify(&o, ctx, argv[0], err);
	else if (rc == PM_OPT_HELPED)
		rc = 0;
	pm_stated_release(&o.stated);
	pm_diags_release(&o.diags);
	pm_arena_release(&o.arena);
	return rc;
}
