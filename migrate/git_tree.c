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

enum { MEMORY_FIRST = 1000 };

static int damaged(const char *what, const char *hex, struct pm_err *err)
{
	return pm_err_set(err, PM_E_REPO, PM_NOWHERE, "the repository is damaged: %s %s", what,
			  hex);
}

/* The stored bytes of a tree, checked against its id: what we copy must be what we were given. */
static int read_raw_tree(struct pm_repo *r, const struct pm_oid *id, struct pm_buf *out,
			 struct pm_err *err)
{
	char hex[PM_OID_HEX];
	struct pm_str bytes;
	git_oid real;
	int rc = pm_git_need(r, id, PM_OBJECT_TREE, &bytes, err);

	if (rc < 0)
		return rc;
	pm_oid_hex(hex, id);
	pm_buf_clear(out);
	pm_buf_add(out, bytes.p, bytes.n);
	if (git_odb_hash(&real, out->v, out->n, GIT_OBJECT_TREE) < 0 ||
	    memcmp(real.id, id->id, PM_OID_RAW) != 0)
		return damaged("wrong content of tree", hex, err);
	return 0;
}

static int store(struct pm_repo *r, const void *bytes, size_t n, git_object_t type,
		 struct pm_oid *id, struct pm_err *err)
{
	git_oid new;

	if (git_odb_write(&new, r->odb, bytes, n, type) < 0)
		return pm_git_fail(err, PM_E_IO, "cannot write an object");
	pm_git_keep(r, &new, (struct pm_str){ bytes, n }, type);
	memcpy(id->id, new.id, PM_OID_RAW);
	return 0;
}

/* Find `name` in a tree; exactly one entry may have it. */
static int find_entry(struct pm_str tree, struct pm_str name, struct pm_tree_entry *found,
		      struct pm_err *err)
{
	struct pm_tree_entry e;
	size_t at = 0, n = 0;

	while (pm_tree_next(tree, &at, &e))
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
			const struct pm_tree_entry *entry, struct pm_oid *new)
{
	char hex[PM_OID_HEX];

	pm_oid_hex(hex, entry->id);
	if ((entry->mode & 0170000) != 0100000 || strcmp(hex, e->old_oid) != 0)
		return changed_meanwhile(e, w->err);
	return store(w->r, e->bytes.p, e->bytes.n, GIT_OBJECT_BLOB, new, w->err);
}

/* Tree `id` with the edits [lo, hi), whose paths agree in their first `skip` bytes. The depth is
 * that of paths that the walk accepted. */
static int rewrite_tree(struct rewrite *w, const struct pm_oid *id, size_t lo, size_t hi,
			size_t skip, struct pm_oid *out)
{
	PM_CLEAN_BUF struct pm_buf raw = { 0 };
	int rc = read_raw_tree(w->r, id, &raw, w->err);

	while (rc == 0 && lo < hi) {
		const char *name = w->e[lo].path + skip;
		const char *slash = strchr(name, '/');
		size_t n = slash ? (size_t)(slash - name) : strlen(name), next = lo + 1;
		struct pm_tree_entry entry = { 0 };
		struct pm_oid old, new;

		while (slash && next < hi &&
		       strncmp(w->e[next].path + skip, name, n + 1) == 0)
			next++;
		rc = find_entry((struct pm_str){ raw.v, raw.n }, (struct pm_str){ name, n },
				&entry, w->err);
		if (rc == PM_E_NOTFOUND || (rc == 0 && slash && entry.mode != 040000))
			return changed_meanwhile(&w->e[lo], w->err);
		if (rc < 0)
			return rc;
		old = *entry.id;
		rc = slash ? rewrite_tree(w, &old, lo, next, skip + n + 1, &new)
			   : replace_blob(w, &w->e[lo], &entry, &new);
		if (rc == 0)
			memcpy(raw.v + ((const char *)entry.id - raw.v), new.id, PM_OID_RAW);
		lo = next;
	}
	return rc < 0 ? rc : store(w->r, raw.v, raw.n, GIT_OBJECT_TREE, out, w->err);
}

int pm_repo_write_tree(struct pm_repo *r, const char *base_tree, const struct pm_blob_edit *e,
		       size_t n, char tree[PM_OID_HEX], struct pm_err *err)
{
	struct rewrite w = { r, e, err };
	struct pm_oid base, new;
	int rc = pm_git_id(&base, base_tree, err);

	for (size_t i = 1; i < n; i++)
		PM_ASSERT(strcmp(e[i - 1].path, e[i].path) < 0, "files of a commit not in order");
	if (rc == 0 && n == 0)
		new = base;
	else if (rc == 0)
		rc = rewrite_tree(&w, &base, 0, n, 0, &new);
	if (rc == 0)
		pm_oid_hex(tree, &new);
	return rc;
}

/* libgit2 sets the time of an object on the disk when the same is written anywhere, so that gc spares it:
 * who only reads must leave the disk alone. */
static void touch_nothing(git_odb *odb)
{
	for (size_t i = 0; i < git_odb_num_backends(odb); i++) {
		git_odb_backend *b;

		if (git_odb_get_backend(&b, odb, i) == 0)
			b->freshen = NULL;
	}
}

int pm_repo_write_in_memory(struct pm_repo *r, struct pm_err *err)
{
	git_odb_backend *memory = NULL;

	touch_nothing(r->odb);

	if (git_mempack_new(&memory) < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot keep objects in memory");
	if (git_odb_add_backend(r->odb, memory, MEMORY_FIRST) < 0) {
		memory->free(memory);
		return pm_git_fail(err, PM_E_REPO, "cannot keep objects in memory");
	}
	r->in_memory = true;
	/* one that knows only what is on the disk may be open */
	pm_objreader_free(r->reader);
	r->reader = NULL;
	return 0;
}

/* ---- differences ---- */

struct diff {
	struct pm_arena *arena;
	struct pm_path_changes *out;
};

static int add_change(void *data, const struct pm_tree_change *from)
{
	struct diff *d = data;
	struct pm_path_change *c = PM_VEC_ADD(d->out);

	c->path = pm_arena_strndup(d->arena, from->path.p, from->path.n);
	if (from->old_id)
		pm_oid_hex(c->old_oid, from->old_id);
	if (from->new_id)
		pm_oid_hex(c->new_oid, from->new_id);
	c->old_mode = from->old_mode;
	c->new_mode = from->new_mode;
	return 0;
}

int pm_repo_tree_diff(struct pm_repo *r, const char *tree_a, const char *tree_b,
		      struct pm_arena *a, struct pm_path_changes *out, struct pm_err *err)
{
	struct pm_path_changes found = { 0 };
	struct diff d = { a, &found };
	struct pm_oid ida, idb;
	struct pm_tree_diff what = { .a = &ida, .b = &idb, .data = &d, .change = add_change };
	int rc = pm_git_id(&ida, tree_a, err);

	if (rc == 0)
		rc = pm_git_id(&idb, tree_b, err);
	if (rc == 0)
		rc = pm_tree_compare(pm_git_reader(r), &what, err);
	if (rc == PM_E_NOTFOUND) {
		rc = PM_E_REPO;
		if (err)
			err->code = rc;
	}
	if (rc < 0) {
		PM_VEC_FREE(&found);
		return rc;
	}
	*out = found;
	return 0;
}
