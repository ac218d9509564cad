/*
 * git_tree.c - new trees from old ones, and what differs between two.
 *
 * A tree is rewritten by replacing 20 bytes of its stored form for each changed entry: names,
 * order and modes, however odd, cannot change. Format: "<mode> <name>\0<20 bytes of id>" ...
 */
#include "git_impl.h"

#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>

#include <stdlib.h>
#include <string.h>

enum { RAW_ID = 20, MEMORY_FIRST = 1000 };

struct raw_entry {
	uint32_t mode;
	struct pm_str name;
	size_t id_at; /* offset of the id */
};

/* The entry at *at; false at the end or when the tree is malformed (*at is then not the end). */
static bool next_entry(struct pm_str tree, size_t *at, struct raw_entry *e)
{
	size_t i = *at;
	const char *nul;

	e->mode = 0;
	while (i < tree.n && tree.p[i] >= '0' && tree.p[i] <= '7' && e->mode < 01000000)
		e->mode = e->mode * 8 + (uint32_t)(tree.p[i++] - '0');
	if (i == *at || i >= tree.n || tree.p[i] != ' ')
		return false;
	e->name.p = tree.p + ++i;
	nul = memchr(tree.p + i, '\0', tree.n - i);
	if (!nul)
		return false;
	e->name.n = (size_t)(nul - e->name.p);
	e->id_at = (size_t)(nul - tree.p) + 1;
	if (tree.n - e->id_at < RAW_ID)
		return false;
	*at = e->id_at + RAW_ID;
	return true;
}

static int damaged(const char *what, const char *hex, struct pm_err *err)
{
	return pm_err_set(err, PM_E_REPO, PM_NOWHERE, "the repository is damaged: %s %s", what,
			  hex);
}

/* The stored bytes of a tree, checked against its id: what we copy must be what we were given. */
static int read_raw_tree(struct pm_repo *r, const git_oid *id, struct pm_buf *out,
			 struct pm_err *err)
{
	git_odb_object *obj = NULL;
	char hex[PM_OID_HEX];
	git_oid real;
	int rc = git_odb_read(&obj, r->odb, id);

	pm_git_hex(hex, id);
	if (rc == GIT_ENOTFOUND)
		return pm_git_missing(r, "tree", hex, err);
	if (rc < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot read tree");
	pm_buf_clear(out);
	pm_buf_add(out, git_odb_object_data(obj), git_odb_object_size(obj));
	if (git_odb_object_type(obj) != GIT_OBJECT_TREE ||
	    git_odb_hash(&real, out->v, out->n, GIT_OBJECT_TREE) < 0 || !git_oid_equal(&real, id))
		rc = damaged("wrong content of tree", hex, err);
	git_odb_object_free(obj);
	return rc;
}

static int store(struct pm_repo *r, const void *bytes, size_t n, git_object_t type, git_oid *id,
		 struct pm_err *err)
{
	if (git_odb_write(id, r->odb, bytes, n, type) < 0)
		return pm_git_fail(err, PM_E_IO, "cannot write an object");
	return 0;
}

/* Find `name` in a tree; exactly one entry may have it. */
static int find_entry(struct pm_str tree, struct pm_str name, struct raw_entry *found,
		      struct pm_err *err)
{
	struct raw_entry e;
	size_t at = 0, n = 0;

	while (next_entry(tree, &at, &e))
		if (e.name.n == name.n && memcmp(e.name.p, name.p, name.n) == 0) {
			*found = e;
			n++;
		}
	if (at != tree.n || n > 1)
		return damaged("malformed tree with", n > 1 ? "a name twice" : "broken entries", err);
	return n ? 0 : PM_E_NOTFOUND;
}

struct rewrite {
	struct pm_repo *r;
	const struct pm_blob_edit *e;
	struct pm_err *err;
};

static int changed_meanwhile(const struct pm_blob_edit *e, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };

	pm_quote_text(&shown, pm_str_of(e->path));
	return pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "%s is not the file of the plan",
			  pm_buf_str(&shown));
}

static int replace_blob(struct rewrite *w, const struct pm_blob_edit *e,
			const struct raw_entry *entry, const git_oid *old, git_oid *new)
{
	char hex[PM_OID_HEX];

	pm_git_hex(hex, old);
	if ((entry->mode & 0170000) != 0100000 || strcmp(hex, e->old_oid) != 0)
		return changed_meanwhile(e, w->err);
	return store(w->r, e->bytes.p, e->bytes.n, GIT_OBJECT_BLOB, new, w->err);
}

/* Tree `id` with the edits [lo, hi), whose paths agree in their first `skip` bytes. The depth is
 * that of paths that the walk accepted. */
static int rewrite_tree(struct rewrite *w, const git_oid *id, size_t lo, size_t hi, size_t skip,
			git_oid *out)
{
	PM_CLEAN_BUF struct pm_buf raw = { 0 };
	int rc = read_raw_tree(w->r, id, &raw, w->err);

	while (rc == 0 && lo < hi) {
		const char *name = w->e[lo].path + skip;
		const char *slash = strchr(name, '/');
		size_t n = slash ? (size_t)(slash - name) : strlen(name), next = lo + 1;
		struct raw_entry entry = { 0 };
		git_oid old, new;

		while (slash && next < hi &&
		       strncmp(w->e[next].path + skip, name, n + 1) == 0)
			next++;
		rc = find_entry((struct pm_str){ raw.v, raw.n }, (struct pm_str){ name, n },
				&entry, w->err);
		if (rc == PM_E_NOTFOUND || (rc == 0 && slash && entry.mode != 040000))
			return changed_meanwhile(&w->e[lo], w->err);
		if (rc < 0)
			return rc;
		git_oid_fromraw(&old, (unsigned char *)raw.v + entry.id_at);
		rc = slash ? rewrite_tree(w, &old, lo, next, skip + n + 1, &new)
			   : replace_blob(w, &w->e[lo], &entry, &old, &new);
		if (rc == 0)
			memcpy(raw.v + entry.id_at, new.id, RAW_ID);
		lo = next;
	}
	return rc < 0 ? rc : store(w->r, raw.v, raw.n, GIT_OBJECT_TREE, out, w->err);
}

int pm_repo_write_tree(struct pm_repo *r, const char *base_tree, const struct pm_blob_edit *e,
		       size_t n, char tree[PM_OID_HEX], struct pm_err *err)
{
	struct rewrite w = { r, e, err };
	git_oid base, new;
	int rc = pm_git_oid(&base, base_tree, err);

	for (size_t i = 1; i < n; i++)
		PM_ASSERT(strcmp(e[i - 1].path, e[i].path) < 0, "files of a commit not in order");
	if (rc == 0 && n == 0)
		git_oid_cpy(&new, &base);
	else if (rc == 0)
		rc = rewrite_tree(&w, &base, 0, n, 0, &new);
	if (rc == 0)
		pm_git_hex(tree, &new);
	return rc;
}

int pm_repo_write_in_memory(struct pm_repo *r, struct pm_err *err)
{
	git_odb_backend *memory = NULL;

	if (git_mempack_new(&memory) < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot keep objects in memory");
	if (git_odb_add_backend(r->odb, memory, MEMORY_FIRST) < 0) {
		memory->free(memory);
		return pm_git_fail(err, PM_E_REPO, "cannot keep objects in memory");
	}
	r->in_memory = true;
	return 0;
}

/* ---- differences ---- */

struct diff {
	struct pm_repo *r;
	struct pm_arena *arena;
	struct pm_path_changes *out;
	struct pm_buf path;
	struct pm_err *err;
};

enum { DIFF_DEPTH = 4096 };

static bool is_dir(const struct raw_entry *e)
{
	return e->mode == 040000;
}

/* Order of entries in a tree: by name, as if directories ended in a slash. */
static int compare_entries(const struct raw_entry *a, const struct raw_entry *b)
{
	size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
	int c = memcmp(a->name.p, b->name.p, n);
	unsigned char ca, cb;

	if (c)
		return c;
	ca = n < a->name.n ? (unsigned char)a->name.p[n] : is_dir(a) ? '/' : 0;
	cb = n < b->name.n ? (unsigned char)b->name.p[n] : is_dir(b) ? '/' : 0;
	return ca < cb ? -1 : ca > cb;
}

static void add_change(struct diff *d, const char *a, const struct raw_entry *ea, const char *b,
		       const struct raw_entry *eb)
{
	struct pm_path_change *c = PM_VEC_ADD(d->out);
	git_oid id;

	c->path = pm_arena_strndup(d->arena, d->path.v, d->path.n);
	if (ea) {
		git_oid_fromraw(&id, (const unsigned char *)a + ea->id_at);
		pm_git_hex(c->old_oid, &id);
		c->old_mode = ea->mode;
	}
	if (eb) {
		git_oid_fromraw(&id, (const unsigned char *)b + eb->id_at);
		pm_git_hex(c->new_oid, &id);
		c->new_mode = eb->mode;
	}
}

static int diff_trees(struct diff *d, const unsigned char *a, const unsigned char *b,
		      unsigned depth);

/* The same name on both sides (or one missing): a difference, a directory to enter, or nothing. */
static int diff_entry(struct diff *d, const char *a, const struct raw_entry *ea, const char *b,
		      const struct raw_entry *eb, unsigned depth)
{
	const struct raw_entry *e = ea ? ea : eb;
	const unsigned char *ida = ea ? (const unsigned char *)a + ea->id_at : NULL;
	const unsigned char *idb = eb ? (const unsigned char *)b + eb->id_at : NULL;
	size_t len = d->path.n;
	int rc = 0;

	if (ea && eb && ea->mode == eb->mode && memcmp(ida, idb, RAW_ID) == 0)
		return 0;
	pm_buf_add(&d->path, e->name.p, e->name.n);
	if (is_dir(e)) {
		pm_buf_addc(&d->path, '/');
		rc = depth < DIFF_DEPTH
			     ? diff_trees(d, ida, idb, depth + 1)
			     : pm_err_set(d->err, PM_E_LIMIT, PM_NOWHERE,
					  "directories nested deeper than %d levels", DIFF_DEPTH);
	} else {
		add_change(d, a, ea, b, eb);
	}
	d->path.n = len;
	return rc;
}

static int load_side(struct diff *d, const unsigned char *id, struct pm_buf *raw)
{
	git_oid oid;

	if (!id)
		return 0;
	git_oid_fromraw(&oid, id);
	return read_raw_tree(d->r, &oid, raw, d->err);
}

/* Merge the entries of two trees; a NULL side is empty. */
static int diff_trees(struct diff *d, const unsigned char *a, const unsigned char *b,
		      unsigned depth)
{
	PM_CLEAN_BUF struct pm_buf ra = { 0 };
	PM_CLEAN_BUF struct pm_buf rb = { 0 };
	struct raw_entry ea, eb;
	size_t ia = 0, ib = 0;
	bool has_a, has_b;
	int rc = load_side(d, a, &ra);

	if (rc == 0)
		rc = load_side(d, b, &rb);
	if (rc < 0)
		return rc;
	has_a = next_entry((struct pm_str){ ra.v, ra.n }, &ia, &ea);
	has_b = next_entry((struct pm_str){ rb.v, rb.n }, &ib, &eb);
	while (rc == 0 && (has_a || has_b)) {
		int c = !has_a ? 1 : !has_b ? -1 : compare_entries(&ea, &eb);

		rc = diff_entry(d, ra.v, c <= 0 ? &ea : NULL, rb.v, c >= 0 ? &eb : NULL, depth);
		if (c <= 0)
			has_a = next_entry((struct pm_str){ ra.v, ra.n }, &ia, &ea);
		if (c >= 0)
			has_b = next_entry((struct pm_str){ rb.v, rb.n }, &ib, &eb);
	}
	if (rc == 0 && (ia != ra.n || ib != rb.n))
		rc = damaged("malformed tree below", pm_buf_str(&d->path), d->err);
	return rc;
}

int pm_repo_tree_diff(struct pm_repo *r, const char *tree_a, const char *tree_b,
		      struct pm_arena *a, struct pm_path_changes *out, struct pm_err *err)
{
	struct pm_path_changes found = { 0 };
	struct diff d = { .r = r, .arena = a, .out = &found, .err = err };
	git_oid ida, idb;
	int rc = pm_git_oid(&ida, tree_a, err);

	if (rc == 0)
		rc = pm_git_oid(&idb, tree_b, err);
	if (rc == 0 && !git_oid_equal(&ida, &idb))
		rc = diff_trees(&d, ida.id, idb.id, 0);
	pm_buf_release(&d.path);
	if (rc < 0) {
		PM_VEC_FREE(&found);
		return rc;
	}
	*out = found;
	return 0;
}
