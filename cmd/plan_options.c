/* plan_options.c - see plan_options.h. */
#include "plan_options.h"

#include "timing.h"

#include "moves.h"
#include "resource_plan.h"

#include <stdlib.h>
#include <string.h>

void pm_plan_request_release(struct pm_plan_request *r)
{
	PM_VEC_FREE(&r->moves);
	PM_VEC_FREE(&r->services);
}

/* Has an earlier move the same service leave the same port? Then it stands for both: of several
 * ways back the plan itself takes the first (see revert.h). */
static bool is_repeated(const struct pm_stated *s, size_t i, bool back)
{
	const struct pm_stated_move *m = &s->moves.v[i];

	for (size_t k = 0; k < i; k++) {
		const struct pm_stated_move *o = &s->moves.v[k];

		if (strcmp(o->service, m->service) == 0 && (!back || !o->elsewhere) &&
		    (back ? o->to == m->to : o->from == m->from))
			return true;
	}
	return false;
}

void pm_plan_request_stated(struct pm_plan_request *r, struct pm_arena *a,
			    const struct pm_stated *s, bool back)
{
	for (size_t i = 0; i < s->moves.n; i++) {
		const struct pm_stated_move *m = &s->moves.v[i];

		if ((back && m->elsewhere) || is_repeated(s, i, back))
			continue;
		pm_opt_list_add(&r->moves, pm_arena_printf(a, "%s=%u:%u", m->service,
							   back ? m->to : m->from,
							   back ? m->from : m->to));
	}
	r->scope = s->host_scope;
}

void pm_planned_release(struct pm_planned *p)
{
	if (p->has_inv)
		pm_inventory_release(&p->inv);
	PM_VEC_FREE(&p->real);
	pm_registry_release(p->reg);
	if (p->has_whole)
		pm_inventory_release(&p->whole);
	if (p->has_schema)
		pm_schema_release(&p->schema);
	pm_plan_release(&p->plan);
	memset(p, 0, sizeof(*p));
}

/* ---- schema ---- */

static int parse(struct pm_schema *out, const struct pm_source *s, struct pm_err *err)
{
	return pm_schema_parse(out, pm_buf_str(&s->shown),
			       (struct pm_str){ pm_buf_str(&s->text), s->text.n }, err);
}

static void take_schema(struct pm_planned *out, const struct pm_source *s)
{
	out->has_schema = true;
	out->plan.schema_path = pm_arena_strdup(&out->plan.arena, pm_buf_str(&s->shown));
	memcpy(out->plan.schema_blob, s->oid, PM_OID_HEX);
}

/* Rows may have been read otherwise than they were meant: say so where plans are made from them. */
static void tell_findings(const struct pm_ctx *ctx, const struct pm_schema *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->diags.n; i++)
		n += s->diags.v[i].severity != PM_NOTE;
	if (n)
		pm_cmd_note(ctx, "%zu finding%s in the schema; see: portmig schema show %s", n,
			    n == 1 ? "" : "s", s->path);
}

/* The schema is optional where the command line names the moves. */
int pm_planned_find_schema(struct pm_planned *out, const struct pm_ctx *ctx, const struct pm_view *v,
		       const struct pm_plan_request *r, struct pm_err *err)
{
	const bool needed = !r->moves.n || r->from || r->all;
	PM_CLEAN_SOURCE struct pm_source s = { 0 };
	PM_CLEAN_BUF struct pm_buf others = { 0 };
	struct pm_err why = { 0 };
	int rc;

	if (r->commit_schema) {
		rc = pm_source_commit(&s, v, r->commit_schema, err);
	} else if (r->schema) {
		rc = pm_source_read(&s, v, r->schema, err);
	} else {
		rc = pm_source_schema(&s, v, &others, err);
		if (rc == PM_E_NOTFOUND && !needed)
			return 0;
		if (!rc && !r->rev)
			pm_source_note_disk(&s, ctx, v);
		if (!rc)
			pm_cmd_note(ctx, "schema: %s%s%s%s", pm_buf_str(&s.shown),
				    others.n ? " (also there: " : "", pm_buf_str(&others),
				    others.n ? ")" : "");
	}
	if (rc)
		return rc;
	rc = parse(&out->schema, &s, &why);
	if (rc && !needed && !r->schema && !(v->has_config && v->config.schema)) {
		/* nobody asked for this document */
		pm_cmd_note(ctx, "schema ignored: %s", why.text);
		return 0;
	}
	if (rc) {
		*err = why;
		return rc;
	}
	take_schema(out, &s);
	tell_findings(ctx, &out->schema);
	return 0;
}

/* ---- moves ---- */

static int from_older(struct pm_planned *out, const struct pm_view *v, const char *src,
		      struct pm_err *err)
{
	PM_CLEAN_SOURCE struct pm_source s = { 0 };
	struct pm_schema old = { 0 };
	int rc = pm_source_read(&s, v, src, err);

	if (!rc)
		rc = parse(&old, &s, err);
	if (rc)
		return rc;
	pm_moves_from_diff(&out->plan, &old, &out->schema);
	pm_schema_release(&old);
	return 0;
}

int pm_plan_moves(struct pm_planned *out, const struct pm_ctx *ctx, const struct pm_view *v,
		  const struct pm_plan_request *r, struct pm_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < r->moves.n && !rc; i++)
		rc = pm_moves_parse(&out->plan, r->moves.v[i], err);
	if (!rc)
		rc = pm_planned_find_schema(out, ctx, v, r, err);
	if (!rc && r->from)
		rc = from_older(out, v, r->from, err);
	if (!rc && !r->moves.n && !r->from && !r->only_all)
		pm_moves_from_guide(&out->plan, &out->schema);
	if (!rc && r->all)
		rc = pm_planned_reality(out, ctx, v, err);
	if (!rc && r->all)
		pm_moves_from_reality(&out->plan, &out->real);
	if (!rc && r->services.n)
		rc = pm_moves_only(&out->plan, r->services.v,
				   out->has_schema ? &out->schema : NULL, err);
	if (!rc && v->has_config)
		memcpy(out->plan.config_blob, v->config_blob, PM_OID_HEX);
	return rc;
}

/* ---- the plan ---- */

/* Other people's words about the from-side, and moves that found nothing, are checked against all
 * ports of the tree: a second look, since the first one was for the moved numbers only. */
static int verify(struct pm_planned *out, const struct pm_ctx *ctx, const struct pm_view *v,
		  struct pm_err *err)
{
	const struct pm_config *config = v->has_config ? &v->config : NULL;
	const struct pm_inv_options opt = { .names = true };
	struct pm_inventory inv = { 0 };
	bool needed = false;
	int rc;

	for (size_t i = 0; i < out->plan.moves.n; i++)
		needed = needed || out->plan.moves.v[i].source != PM_MOVE_COMMAND ||
			 !out->plan.moves.v[i].n_apply;
	if (!needed)
		return 0;
	rc = pm_view_inventory(&inv, ctx, v, opt, "checking", err);
	if (rc)
		return rc;
	pm_moves_verify(&out->plan, &inv, out->has_schema ? &out->schema : NULL, config);
	pm_inventory_release(&inv);
	return 0;
}

static void mark_schema(struct pm_inventory *inv, const char *path)
{
	for (size_t i = 0; path && i < inv->files.n; i++)
		if (strcmp(inv->files.v[i].path, path) == 0)
			inv->files.v[i].class = PM_CLASS_SCHEMA;
}

/* Port tables in the tree that are not the schema of this plan: an older copy, another team's. Their
 * guides and the rows of other services are as true as before. */
static void keep_other_schemas(struct pm_planned *out, const struct pm_view *v)
{
	for (const char *const *name = pm_source_usual; *name; name++) {
		PM_CLEAN_SOURCE struct pm_source s = { 0 };
		struct pm_schema other = { 0 };
		bool used = false;

		for (size_t i = 0; i < out->plan.edits.n && !used; i++)
			used = strcmp(out->plan.edits.v[i].path, *name) == 0;
		if (!used || (out->has_schema && strcmp(out->schema.path, *name) == 0) ||
		    pm_source_commit(&s, v, *name, NULL) < 0 || parse(&other, &s, NULL) < 0)
			continue;
		pm_moves_keep_schema(&out->plan, &other);
		pm_schema_release(&other);
	}
}

/* Moves of databases and the like: from places of their own, with conflicts of their own. */
static int make_resources(struct pm_planned *out, const struct pm_ctx *ctx, const struct pm_view *v,
			  struct pm_err *err)
{
	const struct pm_inv_options opt = { .resources = true, .names = true };
	const struct pm_plan_options po = {
		.config = v->has_config ? &v->config : NULL,
		.schema = out->has_schema ? &out->schema : NULL,
	};
	int rc = pm_view_inventory(&out->inv, ctx, v, opt, "scanning", err);

	if (rc)
		return rc;
	out->has_inv = true;
	mark_schema(&out->inv, out->plan.schema_path);
	rc = pm_resource_plan(&out->plan, &out->inv, &po);
	pm_timing_lap(ctx->timing, "attribute");
	out->refused = pm_resource_conflicts(&out->plan, po.schema, &out->refusal) < 0;
	pm_diags_sort(&out->plan.diags);
	return rc;
}

int pm_plan_make(struct pm_planned *out, const struct pm_ctx *ctx, const struct pm_view *v,
		 const struct pm_plan_request *r, struct pm_err *err)
{
	struct pm_port_set *want = PM_NEW(&out->plan.arena, struct pm_port_set);
	const struct pm_config *config = v->has_config ? &v->config : NULL;
	const struct pm_inv_options opt = { .want = want, .numbers = true, .names = true };
	struct pm_plan_options po = { .host_scope = r->scope == 1, .config = config };
	int rc = pm_plan_moves(out, ctx, v, r, err);

	if (rc)
		return rc;
	if (pm_plan_is_resource(&out->plan))
		return make_resources(out, ctx, v, err);
	pm_moves_want(&out->plan, want);
	rc = pm_view_inventory(&out->inv, ctx, v, opt, "scanning", err);
	if (rc)
		return rc;
	out->has_inv = true;
	mark_schema(&out->inv, out->plan.schema_path);
	if (config)
		pm_config_check(config, out->inv.paths, out->inv.n_paths, &out->inv.arena,
				&out->inv.diags);
	po.schema = out->has_schema ? &out->schema : NULL;
	rc = pm_plan_build(&out->plan, &out->inv, &po, err);
	pm_timing_lap(ctx->timing, "attribute");
	if (!rc && out->has_schema)
		pm_moves_keep_schema(&out->plan, &out->schema);
	if (!rc)
		keep_other_schemas(out, v);
	if (!rc)
		rc = verify(out, ctx, v, err);
	if (rc)
		return rc;
	pm_plan_note_occupied(&out->plan, &out->inv, &po);
	pm_plan_note_paths(&out->plan, &out->inv);
	out->refused = pm_plan_conflicts(&out->plan, po.schema, &out->refusal) < 0;
	pm_diags_sort(&out->plan.diags);
	return 0;
}
