/*
 * git_walk.c - the files of a commit in path order, with what keeps one from being read.
 *
 * The stack is ours, so that a hostile depth costs memory and not the process. Sizes come from
 * object headers: no content is loaded here but that of .gitattributes.
 */
#include "git_impl.h"

#include <stdlib.h>
#include <string.h>

enum { ATTRIBUTES_MAX = 1 << 20 };

struct level {
	git_tree *tree;
	size_t next;      /* index of the entry to look at */
	size_t path_len;  /* of the directory's path with its slash */
	size_t n_rules;   /* attribute rules before this directory's own */
};

struct walk {
	struct pm_repo *r;
	const struct pm_limits *lim;
	struct pm_arena *arena;
	struct pm_tree *out;
	struct { struct level *v; size_t n, cap; } stack;
	struct pm_attr_rules rules;
	struct pm_buf path;
};

static void walk_release(struct walk *w)
{
	while (w->stack.n)
		git_tree_free(w->stack.v[--w->stack.n].tree);
	PM_VEC_FREE(&w->stack);
	pm_attr_pop(&w->rules, 0);
	pm_buf_release(&w->path);
}

/* The directory's own .gitattributes: a regular file of sane size, else as if there were none. */
static void read_attributes(struct walk *w, git_tree *tree)
{
	const git_tree_entry *e = git_tree_entry_byname(tree, ".gitattributes");
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	char hex[PM_OID_HEX];
	git_object_t type;
	size_t size;

	if (!e || git_tree_entry_type(e) != GIT_OBJECT_BLOB ||
	    git_tree_entry_filemode_raw(e) == GIT_FILEMODE_LINK)
		return;
	if (git_odb_read_header(&size, &type, w->r->odb, git_tree_entry_id(e)) < 0 ||
	    size > ATTRIBUTES_MAX)
		return;
	pm_git_hex(hex, git_tree_entry_id(e));
	if (pm_repo_blob(w->r, hex, &text, NULL) == 0)
		pm_attr_push(&w->rules, pm_buf_str(&w->path), pm_buf_str(&text), text.n);
}

/* Go into a tree; owns `tree` from here on. */
static void enter(struct walk *w, git_tree *tree)
{
	*PM_VEC_ADD(&w->stack) = (struct level){
		.tree = tree, .path_len = w->path.n, .n_rules = w->rules.n,
	};
	read_attributes(w, tree);
}

static void leave(struct walk *w)
{
	struct level *l = &w->stack.v[--w->stack.n];

	pm_attr_pop(&w->rules, l->n_rules);
	git_tree_free(l->tree);
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
static int look_at_blob(struct walk *w, const git_oid *id, struct pm_entry *e,
			struct pm_err *err)
{
	enum pm_attr_state state[PM_ATTR_NAMES];
	git_object_t type;
	size_t size = 0;
	int rc = git_odb_read_header(&size, &type, w->r->odb, id);

	if (rc == GIT_ENOTFOUND) {
		e->skip = PM_SKIP_MISSING;
		return 0;
	}
	if (rc < 0 || type != GIT_OBJECT_BLOB) {
		pm_err_set(err, PM_E_REPO, PM_NOWHERE, "%s",
			   rc < 0 ? pm_git_message() : "not a blob");
		return pm_err_wrap(err, "the repository is damaged: blob %s", e->oid);
	}
	e->size = size;
	if (size > w->lim->max_file)
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

static struct pm_entry *add_entry(struct walk *w, const git_tree_entry *te,
				  enum pm_skip_reason skip)
{
	struct pm_entry *e = PM_VEC_ADD(w->out);

	e->path = pm_arena_strndup(w->arena, w->path.v, w->path.n);
	pm_git_hex(e->oid, git_tree_entry_id(te));
	e->mode = (uint32_t)git_tree_entry_filemode_raw(te);
	e->skip = skip;
	return e;
}

static int enter_entry(struct walk *w, const git_tree_entry *te, struct pm_err *err)
{
	char hex[PM_OID_HEX];
	git_tree *sub = NULL;
	int rc;

	if (w->stack.n >= w->lim->max_depth) {
		add_entry(w, te, PM_SKIP_DEPTH);
		return 0;
	}
	pm_git_hex(hex, git_tree_entry_id(te));
	rc = git_tree_lookup(&sub, w->r->git, git_tree_entry_id(te));
	if (rc == GIT_ENOTFOUND)
		return pm_git_missing(w->r, "tree", hex, err);
	if (rc < 0) {
		pm_git_fail(err, PM_E_REPO, "the repository is damaged");
		return pm_err_wrap(err, "tree %s", hex);
	}
	pm_buf_addc(&w->path, '/');
	enter(w, sub);
	return 0;
}

static int visit(struct walk *w, const git_tree_entry *te, struct pm_err *err)
{
	uint32_t type = (uint32_t)git_tree_entry_filemode_raw(te) & 0170000;
	const struct pm_entry *last = w->out->n ? &w->out->v[w->out->n - 1] : NULL;

	/* Git writes files in the order of their paths; a tree that does not is damaged, and a
	 * second entry of the same name could hide the first */
	if (last && type != 0040000 && strcmp(last->path, pm_buf_str(&w->path)) >= 0) {
		PM_CLEAN_BUF struct pm_buf shown = { 0 };

		pm_quote_text(&shown, pm_str_of(pm_buf_str(&w->path)));
		return pm_err_set(err, PM_E_REPO, PM_NOWHERE,
				  "the repository is damaged: tree entry %s is out of order",
				  pm_buf_str(&shown));
	}
	switch (type) {
	case 0040000: return enter_entry(w, te, err);
	case 0160000: add_entry(w, te, PM_SKIP_SUBMODULE); return 0;
	case 0120000: add_entry(w, te, PM_SKIP_SYMLINK); return 0;
	default:
		return look_at_blob(w, git_tree_entry_id(te), add_entry(w, te, PM_SKIP_NONE), err);
	}
}

static int walk_all(struct walk *w, struct pm_err *err)
{
	int rc = 0;

	while (rc == 0 && w->stack.n) {
		struct level *l = &w->stack.v[w->stack.n - 1];
		const git_tree_entry *te = git_tree_entry_byindex(l->tree, l->next);

		if (!te) {
			leave(w);
			continue;
		}
		l->next++;
		w->path.n = l->path_len;
		pm_buf_adds(&w->path, git_tree_entry_name(te));
		rc = visit(w, te, err);
	}
	return rc;
}

int pm_repo_walk(struct pm_repo *r, const char *commit, const struct pm_limits *lim,
		 struct pm_arena *a, struct pm_tree *out, struct pm_err *err)
{
	struct pm_tree found = { 0 };
	struct walk w = { .r = r, .lim = lim, .arena = a, .out = &found };
	git_tree *root = NULL;
	int rc = pm_git_commit_tree(r, commit, &root, err);

	if (rc < 0)
		return rc;
	memcpy(found.commit, commit, PM_OID_HEX);
	pm_git_hex(found.tree, git_tree_id(root));
	enter(&w, root);
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
