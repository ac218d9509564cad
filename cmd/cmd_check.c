/* cmd_check.c - portmig check: is the document right, and does the repository agree with it? */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "source.h"
#include "timing.h"

#include "check.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>

struct check {
	const char *rev, *out;
	struct pm_opt_list schemas;
	int against, fail_on;
	bool strict, list_rules;
	struct pm_arena arena;
	struct pm_view view;
	struct pm_inventory inv;
	struct { struct pm_schema *v; size_t n, cap; } docs;
	struct pm_registry *reg;
	struct pm_check_stats stats;
	struct pm_diags diags;
};

static void release(struct check *k)
{
	for (size_t i = 0; i < k->docs.n; i++)
		pm_schema_release(&k->docs.v[i]);
	PM_VEC_FREE(&k->docs);
	PM_VEC_FREE(&k->stats.fill);
	PM_VEC_FREE(&k->schemas);
	pm_diags_release(&k->diags);
	pm_registry_release(k->reg);
	pm_inventory_release(&k->inv);
	pm_view_release(&k->view);
	pm_arena_release(&k->arena);
}

static int list_rules(struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	for (size_t i = 0; i < pm_rules_n; i++)
		pm_buf_addf(&b, "%-8s %-25s %s\n", pm_severity_name(pm_rules[i].severity),
			    pm_rules[i].id, pm_rules[i].summary);
	return pm_out_stdout(&b, err);
}

static int add_document(struct check *k, const char *src, struct pm_err *err)
{
	PM_CLEAN_SOURCE struct pm_source doc = { 0 };
	PM_CLEAN_BUF struct pm_buf others = { 0 };
	int rc = src ? pm_source_read(&doc, &k->view, src, err)
		     : pm_source_schema(&doc, &k->view, &others, err);

	if (rc)
		return rc;
	return pm_schema_parse(PM_VEC_ADD(&k->docs), pm_buf_str(&doc.shown),
			       (struct pm_str){ pm_buf_str(&doc.text), doc.text.n }, err);
}

static void add_all(struct check *k, const struct pm_diags *d)
{
	for (size_t i = 0; i < d->n; i++)
		*PM_VEC_ADD(&k->diags) = d->v[i];
}

static int run(struct check *k, const struct pm_ctx *ctx, struct pm_err *err)
{
	const struct pm_inv_options opt = { .names = true };
	struct pm_check_input in = { .inv = &k->inv, .real = k->against == 1 };
	int rc = pm_view_open(&k->view, ctx, k->rev, err);

	if (!rc && !k->schemas.n)
		rc = add_document(k, NULL, err);
	for (size_t i = 0; !rc && i < k->schemas.n; i++)
		rc = add_document(k, k->schemas.v[i], err);
	if (!rc)
		rc = pm_view_inventory(&k->inv, ctx, &k->view, opt, "reading", err);
	if (rc)
		return rc;
	in.schemas = k->docs.v;
	in.n_schemas = k->docs.n;
	in.config = k->view.has_config ? &k->view.config : NULL;
	in.registry = k->reg = pm_registry_build(&k->arena, &k->inv, in.schemas, in.config);
	for (size_t i = 0; i < k->docs.n; i++)
		add_all(k, &k->docs.v[i].diags);
	add_all(k, &k->inv.diags);
	pm_check_document(&in, &k->arena, &k->diags, &k->stats);
	pm_check_tree(&in, &k->arena, &k->diags, &k->stats);
	pm_diags_sort(&k->diags);
	return 0;
}

int pm_cmd_check(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct check k = { 0 };
	const struct pm_opt opts[] = {
		{ 0, "rev", PM_OPT_STRING, &k.rev, "REV", "the commit to read (HEAD)" },
		{ 0, "schema", PM_OPT_LIST, &k.schemas, "SRC",
		  "the schema: FILE, REV:PATH or OTHER-REPO@REV:PATH;\n"
		  "further ones are compared with the first" },
		{ 0, "against", PM_OPT_CHOICE, &k.against, "planned|real",
		  "the tables, or what the document says runs today" },
		{ 0, "list-rules", PM_OPT_FLAG, &k.list_rules, NULL, "list the rules and end" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"check", "[options]",
		"Check the schema document, and the repository against it.", opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, 0, 0, err);
	if (rc == PM_OPT_HELPED) {
		rc = 0;
	} else if (!rc && k.list_rules) {
		rc = list_rules(err);
	} else if (!rc) {
		rc = run(&k, ctx, err);
		if (!rc)
			rc = pm_cmd_diags(ctx, &k.diags) ? 1 : 0;
	}
	release(&k);
	return rc;
}
