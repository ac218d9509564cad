/*
 * objects_tree.c - the entries of a tree, and what two trees do not have in common.
 *
 * Format: "<mode> <name>\0<20 bytes of id>" ... sorted by name, as if directories ended in a slash;
 * https://git-scm.com/docs/user-manual#tree-object
 */
#include "objects_impl.h"

#include <stdlib.h>

enum { DEPTH_MAX = 4096 };

bool pm_tree_next(struct pm_str tree, size_t *at, struct pm_tree_entry *e)
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
	if (!nul || nul == e->name.p)
		return false;
	e->name.n = (size_t)(nul - e->name.p);
	i = (size_t)(nul - tree.p) + 1;
	if (tree.n - i < PM_OID_RAW)
		return false;
	e->id = (const struct pm_oid *)(tree.p + i);
	*at = i + PM_OID_RAW;
	return true;
}

int pm_tree_entry_cmp(const struct pm_tree_entry *a, const struct pm_tree_entry *b)
{
	size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
	int c = memcmp(a->name.p, b->name.p, n);
	unsigned char ca, cb;

	if (c)
		return c;
	ca = n < a->name.n ? (unsigned char)a->name.p[n] : pm_mode_is_dir(a->mode) ? '/' : 0;
	cb = n < b->name.n ? (unsigned char)b->name.p[n] : pm_mode_is_dir(b->mode) ? '/' : 0;
	return ca < cb ? -1 : ca > cb;
}

/* One side of a comparison: the entries of a tree, one at a time. */
struct side {
	struct pm_str tree;
	size_t at;
	bool has;  /* `e` is an entry */
	bool lost; /* cannot be read, and shall be passed over */
	struct pm_tree_entry e;
};

struct compare {
	struct pm_objreader *rd;
	const struct pm_tree_diff *d;
	struct pm_buf path;
	unsigned max_depth;
	struct pm_err *err;
};

static void advance(struct side *s)
{
	s->has = pm_tree_next(s->tree, &s->at, &s->e);
}

/* A buffer of the reader for the bytes of one tree; they are kept for the next comparison. */
static struct pm_buf *level(struct pm_objreader *rd, size_t i)
{
	while (rd->levels.n <= i)
		PM_VEC_ADD(&rd->levels);
	return &rd->levels.v[i];
}

/* Read one side (NULL: nothing). */
static int load(struct compare *c, const struct pm_oid *id, size_t buffer, struct side *s)
{
	struct pm_err err = { 0 };
	struct pm_buf *buf;
	struct pm_str bytes;
	int rc;

	*s = (struct side){ 0 };
	if (!id)
		return 0;
	rc = pm_objreader_need(c->rd, id, PM_OBJECT_TREE, &bytes, &err);
	if (rc < 0 && c->d->lost) {
		rc = c->d->lost(c->d->data, (struct pm_str){ pm_buf_str(&c->path), c->path.n }, id,
				rc, &err);
		s->lost = true;
		return rc;
	}
	if (rc < 0) {
		if (c->err)
			*c->err = err;
		return rc;
	}
	buf = level(c->rd, buffer);
	pm_buf_clear(buf);
	pm_buf_add(buf, bytes.p, bytes.n);
	/* the buffer's bytes stay where they are when the list of buffers grows */
	s->tree = (struct pm_str){ pm_buf_str(buf), buf->n };
	advance(s);
	return 0;
}

static int compare_trees(struct compare *c, const struct pm_oid *a, const struct pm_oid *b,
			 unsigned depth);

static int compare_dirs(struct compare *c, const struct pm_oid *a, const struct pm_oid *b,
			unsigned depth)
{
	pm_buf_addc(&c->path, '/');
	if (c->d->enter && !c->d->enter(c->d->data, (struct pm_str){ c->path.v, c->path.n }))
		return 0;
	if (depth >= c->max_depth)
		return pm_err_set(c->err, PM_E_LIMIT, PM_NOWHERE,
				  "directories nested deeper than %u levels", c->max_depth);
	return compare_trees(c, a, b, depth + 1);
}

static int report(struct compare *c, const struct pm_tree_entry *a, const struct pm_tree_entry *b)
{
	struct pm_tree_change change = {
		.path = { c->path.v, c->path.n },
		.old_mode = a ? a->mode : 0, .old_id = a ? a->id : NULL,
		.new_mode = b ? b->mode : 0, .new_id = b ? b->id : NULL,
	};

	return c->d->change(c->d->data, &change);
}

/* Entries of the same name, or one alone (the other is NULL). */
static int compare_entries(struct compare *c, const struct pm_tree_entry *a,
			   const struct pm_tree_entry *b, unsigned depth)
{
	const struct pm_tree_entry *e = a ? a : b;
	size_t len = c->path.n;
	int rc;

	if (a && b && a->mode == b->mode && pm_oid_eq(a->id, b->id))
		return 0;
	pm_buf_add(&c->path, e->name.p, e->name.n);
	rc = pm_mode_is_dir(e->mode)
		     ? compare_dirs(c, a ? a->id : NULL, b ? b->id : NULL, depth)
		     : report(c, a, b);
	c->path.n = len;
	c->path.v[len] = '\0';
	return rc;
}

/* Merge the entries of two trees. Ids point into the buffers of the level above, which stay. */
static int compare_trees(struct compare *c, const struct pm_oid *a, const struct pm_oid *b,
			 unsigned depth)
{
	struct side sa, sb;
	int rc;

	if (a && b && pm_oid_eq(a, b))
		return 0;
	rc = load(c, a, 2 * (size_t)depth, &sa);
	if (rc == 0)
		rc = load(c, b, 2 * (size_t)depth + 1, &sb);
	if (rc || sa.lost || sb.lost)
		return rc;
	while (rc == 0 && (sa.has || sb.has)) {
		int order = !sa.has ? 1 : !sb.has ? -1 : pm_tree_entry_cmp(&sa.e, &sb.e);

		rc = compare_entries(c, order <= 0 ? &sa.e : NULL, order >= 0 ? &sb.e : NULL, depth);
		if (order <= 0)
			advance(&sa);
		if (order >= 0)
			advance(&sb);
	}
	if (rc == 0 && sa.at != sa.tree.n)
		return pm_object_damaged(a, PM_OBJECT_TREE, "malformed entries", c->err);
	if (rc == 0 && sb.at != sb.tree.n)
		return pm_object_damaged(b, PM_OBJECT_TREE, "malformed entries", c->err);
	return rc;
}

int pm_tree_compare(struct pm_objreader *rd, const struct pm_tree_diff *d, struct pm_err *err)
{
	struct compare c = { .rd = rd, .d = d, .err = err };
	int rc;

	c.max_depth = d->max_depth && d->max_depth < DEPTH_MAX ? d->max_depth : DEPTH_MAX;
	rc = compare_trees(&c, d->a, d->b, 0);
	pm_buf_release(&c.path);
	return rc;
}
