/* plan_document.c - plans that change the schema document: its text, and what is real. */
#include "plan_options.h"

#include "timing.h"

#include "doc_plan.h"
#include "plan_file.h"

#include <string.h>

int pm_planned_schema(struct pm_planned *out, const struct pm_ctx *ctx, const struct pm_view *v,
		      const struct pm_plan_request *r, struct pm_err *err)
{
	int rc = pm_planned_find_schema(out, ctx, v, r, err);

	if (rc)
		return rc;
	memcpy(out->plan.base, v->commit, PM_OID_HEX);
	if (v->has_config)
		memcpy(out->plan.config_blob, v->config_blob, PM_OID_HEX);
	out->plan.complete = true;
	return pm_repo_tree_of(v->repo, v->commit, out->plan.base_tree, err);
}

int pm_planned_document(struct pm_source *text, const struct pm_view *v,
			const struct pm_planned *d, struct pm_err *err)
{
	struct pm_err why = { 0 };
	int rc = pm_source_commit(text, v, d->plan.schema_path, &why);

	if (rc == 0 && strcmp(text->oid, d->plan.schema_blob) == 0)
		return 0;
	if (rc == PM_E_REPO) {
		*err = why;
		return rc;
	}
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "'%.300s' is no file of commit %.12s: only a schema "
		   "of the commit itself can be edited", d->plan.schema_path, v->commit);
	return pm_err_hint(err, "name it by its path in the commit, or run where it lives");
}

int pm_planned_reality(struct pm_planned *d, const struct pm_ctx *ctx, const struct pm_view *v,
		       struct pm_err *err)
{
	const struct pm_config *config = v->has_config ? &v->config : NULL;
	const struct pm_inv_options opt = { .names = true };
	struct pm_survey_input in = { .schema = &d->schema, .config = config };
	int rc = 0;

	if (d->has_whole)
		return 0;
	rc = pm_view_inventory(&d->whole, ctx, v, opt, "looking at what is real", err);
	if (rc)
		return rc;
	d->has_whole = true;
	d->reg = pm_registry_build(&d->whole.arena, &d->whole, &d->schema, config);
	in.inv = &d->whole;
	in.registry = d->reg;
	pm_reality_find(&d->real, &d->plan.arena, &in, true);
	pm_timing_lap(ctx->timing, "reality");
	if (d->real.left_out)
		return pm_err_set(err, PM_E_LIMIT, PM_NOWHERE, "cannot tell the ports of all services: "
				  "there are %zu more than %d", d->real.left_out, PM_MAX_TARGETS);
	return 0;
}

static void take_skips(struct pm_plan *p, const struct pm_inventory *inv)
{
	p->n_files = inv->n_files;
	p->n_bytes = inv->n_bytes;
	for (size_t i = 0; i < inv->skips.n; i++) {
		struct pm_skip *s = PM_VEC_ADD(&p->skips);

		*s = inv->skips.v[i];
		s->path = pm_arena_strdup(&p->arena, s->path);
		s->why = pm_arena_strdup(&p->arena, s->why);
		p->complete = p->complete && s->readable;
	}
}

/* ---- both directions ---- */

static void count_execute(struct pm_directions *d, const struct pm_plan *p)
{
	const char *last = NULL;

	for (size_t i = 0; i < p->edits.n; i++) {
		const struct pm_edit *e = &p->edits.v[i];

		d->edits_held += e->disposition == PM_REVIEW && !e->answer;
		if (pm_edit_final(e) != PM_APPLY)
			continue;
		d->edits++;
		d->files += !last || strcmp(last, e->path) != 0;
		last = e->path;
	}
}

static void count_accept(struct pm_directions *d, const struct pm_plan *p)
{
	const struct pm_doc_counts n = pm_plan_count_changes(p);

	d->rows = n.rows;
	d->rows_held = n.held;
}

int pm_planned_execute_size(struct pm_planned *d, const struct pm_ctx *ctx,
			    const struct pm_view *v, const struct pm_plan_request *r,
			    struct pm_err *err)
{
	PM_CLEAN_PLANNED struct pm_planned other = { 0 };
	struct pm_plan_request all = { .schema = r->schema, .rev = r->rev, .all = true, .only_all = true,
				       .services = r->services };
	struct pm_ctx quiet = *ctx;
	int rc;

	quiet.verbose = -1;
	rc = pm_plan_make(&other, &quiet, v, &all, err);
	if (rc == PM_E_USAGE && r->services.n)
		rc = 0; /* none of these has a move */
	if (rc)
		return rc;
	d->plan.directions.known = true;
	count_execute(&d->plan.directions, &other.plan);
	count_accept(&d->plan.directions, &d->plan);
	return 0;
}

int pm_planned_accept_size(struct pm_planned *d, const struct pm_view *v, struct pm_err *err)
{
	PM_CLEAN_SOURCE struct pm_source text = { 0 };
	PM_CLEAN_PLAN struct pm_plan other = { 0 };
	const struct pm_reconcile_options none = { 0 };
	int rc;

	if (!d->has_whole || pm_planned_document(&text, v, d, NULL) < 0)
		return 0; /* a document that cannot be edited here has no other direction */
	other.schema_path = d->plan.schema_path;
	memcpy(other.schema_blob, d->plan.schema_blob, PM_OID_HEX);
	rc = pm_reconcile(&other, &d->schema, &d->real, &none, err);
	if (rc)
		return rc;
	pm_plan_document(&other, &d->schema,
			 (struct pm_str){ pm_buf_str(&text.text), text.text.n });
	d->plan.directions.known = true;
	count_execute(&d->plan.directions, &d->plan);
	count_accept(&d->plan.directions, &other);
	return 0;
}

int pm_planned_reconcile(struct pm_planned *d, const struct pm_ctx *ctx, const struct pm_view *v,
			 struct pm_reconcile_options *o, struct pm_err *err)
{
	PM_CLEAN_SOURCE struct pm_source text = { 0 };
	struct pm_ident who;
	struct pm_str bytes;
	char day[11];
	int rc = pm_planned_document(&text, v, d, err);

	if (!rc)
		rc = pm_planned_reality(d, ctx, v, err);
	if (!rc && !o->date) {
		rc = pm_repo_day(v->repo, ctx->env, v->commit, day, err);
		o->date = pm_arena_strdup(&d->plan.arena, day);
	}
	if (!rc && o->log && !o->author) {
		rc = pm_repo_ident(v->repo, ctx->env, false, &who, err);
		o->author = pm_arena_strdup(&d->plan.arena, who.name);
	}
	o->commit = v->commit;
	if (!rc)
		rc = pm_reconcile(&d->plan, &d->schema, &d->real, o, err);
	if (rc)
		return rc;
	take_skips(&d->plan, &d->whole);
	bytes = (struct pm_str){ pm_buf_str(&text.text), text.text.n };
	pm_plan_document(&d->plan, &d->schema, bytes);
	if (pm_reconcile_remarks(&d->plan, &d->schema, o))
		pm_plan_document(&d->plan, &d->schema, bytes);
	pm_reconcile_mentions(&d->plan, &d->schema, bytes);
	pm_diags_sort(&d->plan.diags);
	return 0;
}
