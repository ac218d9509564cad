/*
 * alloc_branches.c - ports that branches take: rows of the document as it is there, and files that
 * differ from those of the commit. Two branches that allocate at once see each other by this.
 */
#include "alloc_impl.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

struct seen { /* a blob at a path, or a commit: looked at already */
	const char *key;
	UT_hash_handle hh;
};

struct gather {
	struct pm_port_uses *out;
	struct pm_arena *a;
	struct pm_repo *repo;
	const struct pm_alloc_base *base;
	const struct pm_port_set *want;
	struct seen *seen;
	size_t unread;
};

static bool is_new(struct gather *g, const char *key)
{
	struct seen *s = NULL;

	HASH_FIND_STR(g->seen, key, s);
	if (s)
		return false;
	s = PM_NEW(g->a, struct seen);
	s->key = pm_arena_strdup(g->a, key);
	HASH_ADD_KEYPTR(hh, g->seen, s->key, strlen(s->key), s);
	return true;
}

static void add(struct gather *g, unsigned port, const char *who, const char *path, unsigned line,
		const char *branch, const char *host)
{
	if (pm_port_set_has(g->want, port))
		*PM_VEC_ADD(g->out) = (struct pm_port_use){
			port, who ? pm_arena_strdup(g->a, who) : NULL, path, line, branch, host };
}

/* ---- the document there ---- */

static void add_rows(struct gather *g, const struct pm_schema *s, const char *path,
		     const char *branch)
{
	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];

			for (unsigned p = e->lo; p && p <= e->hi; p++)
				add(g, p, e->name, path, e->src.line, branch,
				    e->host ? pm_arena_strdup(g->a, e->host) : NULL);
		}
}

static void read_document(struct gather *g, struct pm_str text, const char *path,
			  const char *branch)
{
	struct pm_schema s = { 0 };

	if (pm_schema_parse(&s, path, text, NULL) < 0) {
		g->unread++;
		return;
	}
	add_rows(g, &s, path, branch);
	pm_schema_release(&s);
}

/* ---- files that differ ---- */

static void scan(struct gather *g, struct pm_str text, const char *path, const char *branch)
{
	const struct pm_file file = { path, text.p, text.n };
	const struct pm_where where = pm_where_of(g->base->config, g->base->schema, path);
	struct pm_arena scratch = { 0 };
	const char *why;
	struct pm_sink sink;

	if (pm_file_classify(&file, &scratch, &why) == PM_CLASS_ORDINARY && !where.aside) {
		pm_sink_init(&sink, &scratch, &file, g->want);
		sink.bare = true;
		if (pm_scan_file(&sink, &file, false, NULL) < 0)
			g->unread++;
		else
			for (size_t i = 0; i < sink.hits.n; i++)
				if (pm_alloc_uses_port(&sink.hits.v[i]))
					add(g, sink.hits.v[i].port, NULL, path, sink.hits.v[i].line,
					    branch, where.host);
		pm_sink_release(&sink);
	}
	pm_arena_release(&scratch);
}

static bool is_excluded(const struct gather *g, const char *path)
{
	for (size_t i = 0; g->base->config && i < g->base->config->n_exclude; i++)
		if (pm_config_covers(g->base->config->exclude[i], NULL, path))
			return true;
	return false;
}

static int read_file(struct gather *g, const struct pm_path_change *c, const char *branch,
		     struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf bytes = { 0 };
	const bool document = strcmp(c->path, g->base->schema->path) == 0;
	struct pm_str text;
	int rc;

	if (!*c->new_oid || (c->new_mode & 0170000) != 0100000 || is_excluded(g, c->path) ||
	    (!document && !pm_alloc_reads(c->path)) ||
	    !is_new(g, pm_arena_printf(g->a, "%s %s", c->new_oid, c->path)))
		return 0;
	if (pm_repo_blob_size(g->repo, c->new_oid) > PM_LIMITS_DEFAULT.max_file)
		return 0; /* as in the commit itself */
	rc = pm_repo_blob(g->repo, c->new_oid, &bytes, err);
	if (rc == PM_E_NOTFOUND) {
		g->unread++;
		return 0;
	}
	text = (struct pm_str){ pm_buf_str(&bytes), bytes.n };
	if (rc < 0 || pm_content_skip(text.p, text.n) != PM_SKIP_NONE)
		return rc;
	if (document)
		read_document(g, text, pm_arena_strdup(g->a, c->path), branch);
	else
		scan(g, text, pm_arena_strdup(g->a, c->path), branch);
	return 0;
}

static int read_branch(struct gather *g, const struct pm_branch *b, struct pm_err *err)
{
	struct pm_path_changes d = { 0 };
	struct pm_arena paths = { 0 };
	char tree[PM_OID_HEX];
	int rc = pm_repo_tree_of(g->repo, b->commit, tree, err);

	if (rc == 0)
		rc = pm_repo_tree_diff(g->repo, g->base->tree, tree, &paths, &d, err);
	for (size_t i = 0; rc == 0 && i < d.n; i++)
		rc = read_file(g, &d.v[i], b->name, err);
	PM_VEC_FREE(&d);
	pm_arena_release(&paths);
	return rc;
}

int pm_alloc_branch_uses(struct pm_port_uses *out, struct pm_branches *looked_at, size_t *unread,
			 struct pm_arena *a, struct pm_repo *repo,
			 const struct pm_alloc_base *base, const struct pm_port_set *want,
			 struct pm_err *err)
{
	struct gather g = { .out = out, .a = a, .repo = repo, .base = base, .want = want };
	int rc = pm_repo_branches(repo, a, looked_at, err);

	is_new(&g, base->commit);
	for (size_t i = 0; rc == 0 && i < looked_at->n; i++)
		if (is_new(&g, looked_at->v[i].commit))
			rc = read_branch(&g, &looked_at->v[i], err);
	HASH_CLEAR(hh, g.seen);
	*unread = g.unread;
	return rc;
}
