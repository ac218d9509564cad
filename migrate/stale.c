/* stale.c - see stale.h. */
#include "stale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 6 }; /* of each list in the message */

struct list {
	struct pm_buf text;
	size_t n;
};

static void add(struct list *l, const char *path, const char *more)
{
	if (l->n++ < SHOWN) {
		pm_buf_adds(&l->text, l->text.n ? ", " : "");
		pm_quote_text(&l->text, pm_str_of(path));
		pm_buf_adds(&l->text, more);
	}
}

static void end(struct pm_buf *out, const char *head, struct list *l)
{
	if (l->n)
		pm_buf_addf(out, "; %s: %s", head, l->text.v);
	if (l->n > SHOWN)
		pm_buf_addf(out, " and %zu more", l->n - SHOWN);
	pm_buf_release(&l->text);
}

static bool in_plan(const struct pm_plan *p, const char *path)
{
	size_t lo = 0, hi = p->edits.n;

	for (size_t i = 0; i < p->texts.n; i++)
		if (strcmp(p->texts.v[i].path, path) == 0)
			return true;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(p->edits.v[mid].path, path);

		if (c == 0)
			return true;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static bool is_moved(const struct pm_plan *p, unsigned port)
{
	for (size_t i = 0; i < p->moves.n; i++)
		if (p->moves.v[i].from == port)
			return true;
	return false;
}

/* The first moved number in a file that the plan does not know. */
static void find_new_place(struct pm_repo *r, const struct pm_plan *p,
			   const struct pm_path_change *c, struct list *out)
{
	PM_CLEAN_BUF struct pm_buf bytes = { 0 };
	size_t pos = 0, len, line = 1, from = 0;
	struct pm_str s;
	char more[64];
	unsigned port;

	if (!*c->new_oid || (c->new_mode & 0170000) != 0100000 ||
	    pm_repo_blob_size(r, c->new_oid) > PM_LIMITS_DEFAULT.max_file ||
	    pm_repo_blob(r, c->new_oid, &bytes, NULL) < 0 ||
	    pm_content_skip(pm_buf_str(&bytes), bytes.n) != PM_SKIP_NONE)
		return;
	s = (struct pm_str){ pm_buf_str(&bytes), bytes.n };
	while ((port = pm_port_next(s, &pos, &len)) && !is_moved(p, port))
		pos += len;
	if (!port)
		return;
	for (; from < pos; from++)
		line += s.p[from] == '\n';
	snprintf(more, sizeof(more), ":%zu (%u)", line, port);
	add(out, c->path, more);
}

int pm_stale(struct pm_repo *r, const struct pm_plan *p, const char *tip, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	struct list changed = { 0 }, fresh = { 0 };
	struct pm_path_changes d = { 0 };
	struct pm_arena arena = { 0 };
	bool schema = false, config = false;
	char tree[PM_OID_HEX];
	int rc = pm_repo_tree_of(r, tip, tree, err);

	if (rc == 0)
		rc = pm_repo_tree_diff(r, p->base_tree, tree, &arena, &d, err);
	for (size_t i = 0; rc == 0 && i < d.n; i++) {
		char more[64];

		schema |= p->schema_path && strcmp(d.v[i].path, p->schema_path) == 0;
		config |= strcmp(d.v[i].path, "portmig.yaml") == 0;
		snprintf(more, sizeof(more), " (%.7s -> %.7s)", d.v[i].old_oid,
			 *d.v[i].new_oid ? d.v[i].new_oid : "deleted");
		if (in_plan(p, d.v[i].path))
			add(&changed, d.v[i].path, more);
		else
			find_new_place(r, p, &d.v[i], &fresh);
	}
	if (rc == 0) {
		pm_buf_addf(&text, "the plan is stale: made for commit %.12s, now it is %.12s",
			    p->base, tip);
		if (schema)
			pm_buf_adds(&text, "; the schema changed");
		if (config)
			pm_buf_adds(&text, "; portmig.yaml changed");
		if (!changed.n && !fresh.n && !schema && !config)
			pm_buf_adds(&text, "; none of its files changed");
	}
	end(&text, "changed files of the plan", &changed);
	end(&text, "new places of moved numbers", &fresh);
	PM_VEC_FREE(&d);
	pm_arena_release(&arena);
	if (rc < 0)
		return rc;
	pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "%s", pm_buf_str(&text));
	return pm_err_hint(err, "make the plan again with the same options%s",
			   changed.n || fresh.n || schema || config ? "" : "; it should have the same edits");
}
