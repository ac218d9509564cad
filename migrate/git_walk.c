/*
 * git_walk.c - the files of a commit in path order, with what keeps one from being read.
 *
 * The stack is ours, so that a hostile depth costs memory and not the process. Sizes come from
 * object headers: no content is loaded here but that of .gitattributes.
 */
#include "git_impl.h"

#include <stdlib.h>
#include <string.h>

struct level {
	struct pm_buf tree; /* its bytes; memory is kept for the next tree at this level */
	struct pm_oid id;
	size_t at;          /* the entry to look at */
	size_t path_len;    /* of the directory's path with its slash */
	size_t n_rules;     /* attribute rules before this directory's own */
};

struct walk {
	struct pm_repo *r;
	const struct pm_limits *lim;
	struct pm_arena *arena;
	struct pm_tree *out;
	struct { struct level *v; size_t n, cap; } levels;
	size_t depth; /* levels in use */
	struct pm_attr_rules rules;
	struct pm_buf path;
};

static void walk_release(struct walk *w)
{
	for (size_t i = 0; i < w->levels.n; i++)
		pm_buf_release(&w->levels.v[i].tree);
	PM_VEC_FREE(&w->levels);
	pm_attr_pop(&w->rules, 0);
	pm_buf_release(&w->path);
}

static struct pm_str tree_of(const struct level *l)
{
	return (struct pm_str){ pm_buf_str(&l->tree), l->tree.n };
}

/* The directory's own .gitattributes: a regular file of sane size, else as if there were none. */
static void read_attributes(struct walk *w, struct pm_str tree)
{
	struct pm_objreader *rd = pm_git_reader(w->r);
	enum pm_object_type type;
	struct pm_tree_entry e;
	struct pm_str text;
	uint64_t size;
	size_t at = 0;
	bool found = false;

	while (!found && pm_tree_next(tree, &at, &e) && e.name.p[0] <= '.')
		found = pm_str_eq(e.name, ".gitattributes");
	if (!found || (e.mode & PM_MODE_TYPE) != PM_MODE_FILE)
		return;
	if (pm_objreader_size(rd, e.id, &type, &size, NULL) == 0 && size <= w->lim->max_file &&
	    pm_objreader_need(rd, e.id, PM_OBJECT_BLOB, &text, NULL) == 0)
		pm_attr_push(&w->rules, pm_buf_str(&w->path), text.p, text.n);
}

/* Go into a tree. */
static int enter(struct walk *w, const struct pm_oid *id, struct pm_err *err)
{
	struct pm_str bytes;
	struct level *l;
	int rc = pm_git_need(w->r, id, PM_OBJECT_TREE, &bytes, err);

	if (rc < 0)
		return rc;
	if (w->depth == w->levels.n)
		PM_VEC_ADD(&w->levels);
	l = &w->levels.v[w->depth++];
	l->id = *id;
	l->at = 0;
	l->path_len = w->path.n;
	l->n_rules = w->rules.n;
	pm_buf_clear(&l->tree);
	pm_buf_add(&l->tree, bytes.p, bytes.n);
	read_attributes(w, tree_of(l));
	return 0;
}

static unsigned attr_bits(const enum pm_attr_state s[PM_ATTR_NAMES])
{
	return (s[PM_ATTR_LINGUIST_GENERATED] == PM_ATTR_ON ? PM_ATTR_GENERATED : 0) |
	       (s[PM_ATTR_LINGUIST_GENERATED] == PM_ATTR_OFF ? PM_ATTR_NOT_GENERATED : 0) |
	       (s[PM_ATTR_LINGUIST_VENDORED] == PM_ATTR_ON ? PM_ATTR_VENDORED : 0) |
	       (s[PM_ATTR_LINGUIST_VENDORED] == PM_ATTR_OFF ? PM_ATTR_NOT_VENDORED : 0) |
	       (s[PM_ATTR_LINGUIST_DOCUMENTATION] == PM_ATTR_ON ? PM_ATTR_DOCUMENTATION : 0);
}

/* Size and reason to skip for a blob. */
static int look_at_blob(struct walk *w, const struct pm_oid *id, struct pm_entry *e,
			struct pm_err *err)
{
	enum pm_attr_state state[PM_ATTR_NAMES];
	enum pm_object_type type;
	int rc = pm_objreader_size(pm_git_reader(w->r), id, &type, &e->size, err);

	if (rc == PM_E_NOTFOUND) {
		e->skip = PM_SKIP_MISSING;
		return 0;
	}
	if (rc < 0)
		return rc;
	if (type != PM_OBJECT_BLOB)
		return pm_err_set(err, PM_E_REPO, PM_NOWHERE,
				  "blob %s: the repository is damaged: not a blob", e->oid);
	if (e->size > w->lim->max_file)
		e->skip = PM_SKIP_LARGE;
	if (w->rules.n) {
		pm_attr_find(&w->rules, e->path, state);
		e->attrs = attr_bits(state);
		if (state[PM_ATTR_PORTMIG] == PM_ATTR_OFF)
			e->skip = PM_SKIP_ATTR;
		else if (state[PM_ATTR_BINARY] == PM_ATTR_ON)
			e->skip = PM_SKIP_BINARY;
	}
	return 0;
}

static struct pm_entry *add_entry(struct walk *w, const struct pm_tree_entry *te,
				  enum pm_skip_reason skip)
{
	struct pm_entry *e = PM_VEC_ADD(w->out);

	e->path = pm_arena_strndup(w->arena, w->path.v, w->path.n);
	pm_oid_hex(e->oid, te->id);
	e->mode = te->mode;
	e->skip = skip;
	return e;
}

static int enter_entry(struct walk *w, const struct pm_tree_entry *te, struct pm_err *err)
{
	struct pm_oid id = *te->id;

	if (w->depth >= w->lim->max_depth) {
		add_entry(w, te, PM_SKIP_DEPTH);
		return 0;
	}
	pm_buf_addc(&w->path, '/');
	return enter(w, &id, err);
}

static int visit(struct walk *w, const struct pm_tree_entry *te, struct pm_err *err)
{
	uint32_t type = te->mode & PM_MODE_TYPE;
	const struct pm_entry *last = w->out->n ? &w->out->v[w->out->n - 1] : NULL;

	/* Git writes files in the order of their paths; a tree that does not is damaged, and a
	 * second entry of the same name could hide the first */
	if (last && type != PM_MODE_DIR && strcmp(last->path, pm_buf_str(&w->path)) >= 0) {
		PM_CLEAN_BUF struct pm_buf shown = { 0 };

		pm_quote_text(&shown, pm_str_of(pm_buf_str(&w->path)));
		return pm_err_set(err, PM_E_REPO, PM_NOWHERE,
				  "the repository is damaged: tree entry %s is out of order",
				  pm_buf_str(&shown));
	}
	switch (type) {
	case PM_MODE_DIR: return enter_entry(w, te, err);
	case PM_MODE_COMMIT: add_entry(w, te, PM_SKIP_SUBMODULE); return 0;
	case PM_MODE_LINK: add_entry(w, te, PM_SKIP_SYMLINK); return 0;
	default: return look_at_blob(w, te->id, add_entry(w, te, PM_SKIP_NONE), err);
	}
}

/* The end of a directory. */
static int leave(struct walk *w, struct pm_err *err)
{
	const struct level *l = &w->levels.v[--w->depth];
	char hex[PM_OID_HEX];

	pm_attr_pop(&w->rules, l->n_rules);
	if (l->at == l->tree.n)
		return 0;
	pm_oid_hex(hex, &l->id);
	return pm_err_set(err, PM_E_REPO, PM_NOWHERE,
			  "tree %s: the repository is damaged: malformed entries", hex);
}

static int walk_all(struct walk *w, struct pm_err *err)
{
	int rc = 0;

	while (rc == 0 && w->depth) {
		struct level *l = &w->levels.v[w->depth - 1];
		struct pm_tree_entry te;

		if (!pm_tree_next(tree_of(l), &l->at, &te)) {
			rc = leave(w, err);
			continue;
		}
		w->path.n = l->path_len;
		pm_buf_add(&w->path, te.name.p, te.name.n);
		rc = visit(w, &te, err);
	}
	return rc;
}

int pm_repo_walk(struct pm_repo *r, const char *commit, const struct pm_limits *lim,
		 struct pm_arena *a, struct pm_tree *out, struct pm_err *err)
{
	struct pm_tree found = { 0 };
	struct walk w = { .r = r, .lim = lim, .arena = a, .out = &found };
	struct pm_oid root;
	int rc = pm_git_tree_id(r, commit, &root, err);

	if (rc < 0)
		return rc;
	memcpy(found.commit, commit, PM_OID_HEX);
	pm_oid_hex(found.tree, &root);
	rc = enter(&w, &root, err);
	if (rc == 0)
		rc = walk_all(&w, err);
	walk_release(&w);
	if (rc < 0) {
		pm_tree_release(&found);
		return rc;
	}
	*out = found;
	return 0;
}

void pm_tree_release(struct pm_tree *t)
{
	PM_VEC_FREE(t);
}
