/* check_branches.c - the schema of every branch, for --all-branches and --merge; see check_state.h. */
#include "check_state.h"

#include "branches.h"

#include <stdlib.h>
#include <string.h>

/* A document by blob: branches mostly share them. */
struct document {
	char oid[PM_OID_HEX];
	struct pm_schema schema;
	bool read;
};

struct gather {
	const struct pm_ctx *ctx;
	struct pm_check_states *s;
	const char *path;
	struct { struct document **v; size_t n, cap; } docs;
	struct { struct pm_branch_doc *v; size_t n, cap; } branches;
};

/* The document at a commit; NULL when there is none that can be read. */
static const struct pm_schema *document_at(struct gather *g, const char *commit, const char *name)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	char oid[PM_OID_HEX];
	struct pm_err err = { 0 };
	struct document *d;

	if (pm_repo_file(g->s->view.repo, commit, g->path, oid, &text, &err) < 0)
		return NULL;
	for (size_t i = 0; i < g->docs.n; i++)
		if (strcmp(g->docs.v[i]->oid, oid) == 0)
			return g->docs.v[i]->read ? &g->docs.v[i]->schema : NULL;
	d = PM_NEW(&g->s->arena, struct document);
	memcpy(d->oid, oid, PM_OID_HEX);
	d->read = pm_schema_parse(&d->schema, g->path, (struct pm_str){ pm_buf_str(&text), text.n },
				  &err) == 0;
	if (!d->read)
		pm_cmd_note(g->ctx, "%s of %s is not compared: %s", g->path, name, err.text);
	*PM_VEC_ADD(&g->docs) = d;
	return d->read ? &d->schema : NULL;
}

static void add_branch(struct gather *g, const char *name, const char *commit, const char *ours)
{
	const struct pm_schema *tip = document_at(g, commit, name), *base = NULL;
	char fork[PM_OID_HEX];

	if (!tip || tip == g->branches.v[0].tip)
		return;
	if (pm_repo_merge_base(g->s->view.repo, commit, ours, fork, NULL) == 0)
		base = document_at(g, fork, name);
	for (size_t i = 1; i < g->branches.n; i++) {
		struct pm_branch_doc *b = &g->branches.v[i];

		if (b->tip != tip || b->base != base)
			continue;
		if (strlen(b->name) < 100)
			b->name = pm_arena_printf(&g->s->arena, "%s, %s", b->name, name);
		return;
	}
	*PM_VEC_ADD(&g->branches) = (struct pm_branch_doc){ name, tip, base };
}

static int add_branches(struct gather *g, const char *ours, struct pm_err *err)
{
	struct pm_branches all = { 0 };
	int rc;

	if (!g->s->all_branches) {
		add_branch(g, g->s->merge, g->s->old[1], ours);
		return 0;
	}
	rc = pm_repo_branches(g->s->view.repo, &g->s->arena, &all, err);
	for (size_t i = 0; !rc && i < all.n; i++)
		add_branch(g, all.v[i].name, all.v[i].commit, ours);
	PM_VEC_FREE(&all);
	return rc;
}

int pm_check_states_branches(struct pm_check_states *s, const struct pm_ctx *ctx, const char *path,
			     struct pm_err *err)
{
	struct gather g = { .ctx = ctx, .s = s, .path = path };
	/* of a merge, the sides are compared; the index stands on HEAD */
	const char *ours = s->merge || s->staged ? s->old[0] : s->view.commit;
	const char *tip = s->merge ? s->old[0] : s->view.commit;
	int rc = 0;

	*PM_VEC_ADD(&g.branches) = (struct pm_branch_doc){
		s->staged ? "the index" : s->rev ? s->rev : "HEAD", document_at(&g, tip, "HEAD"),
		NULL };
	if (*ours && g.branches.v[0].tip)
		rc = add_branches(&g, ours, err);
	if (!rc)
		pm_check_branches(g.branches.v, g.branches.n, &s->arena, &s->diags);
	for (size_t i = 0; i < g.docs.n; i++)
		if (g.docs.v[i]->read)
			pm_schema_release(&g.docs.v[i]->schema);
	PM_VEC_FREE(&g.docs);
	PM_VEC_FREE(&g.branches);
	return rc;
}
