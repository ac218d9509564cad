/*
 * objects_list.c - commits reachable from some and not from others, children before parents.
 *
 * First the commits are found, each loaded once, the newest first, so that hidden history is
 * followed only as far as it can matter. Then they are put in order: of those whose children are all
 * out, the newest is next; of equals, the one found first.
 */
#include "graph_impl.h"
#include "objects_impl.h"

#include <stdlib.h>

enum {
	SEEN_WITHIN = 30 * 24 * 3600, /* seconds of wrong clocks that are allowed for */
	PARENTS_MAX = 4096, /* of a commit in a commit-graph */
	LOADED = 1, QUEUED = 2, TAKEN = 4, HIDDEN = 8, LOST = 16, STARTED = 32
};

struct node {
	struct pm_commit c; /* c.first, c.n_parents: all its parents */
	unsigned state;
	uint32_t graph;     /* position in the commit-graph plus 1; 0: not known */
	uint32_t children;  /* listed ones that are not out yet */
};

/* The newest first; of equals, the one that came first. */
struct queue {
	struct waiting { int64_t when; uint32_t order, node; } *v;
	size_t n, cap;
	uint32_t order;
};

struct list {
	struct pm_objects *o;
	struct pm_objreader *rd;
	const struct pm_commits_options *opt;
	struct pm_graph graph; /* empty: commits are read */
	bool odd;              /* something in the graph cannot be */
	struct { struct node *v; size_t n, cap; } nodes;
	struct { struct pm_parent *v; size_t n, cap; } parents; /* `at`: index of nodes */
	uint32_t *slots; /* open addressing by id: index of nodes plus 1; 0 is free */
	size_t n_slots;
	struct queue queue;
	size_t wanted;   /* queued and not hidden */
	int64_t oldest;  /* of the listed ones */
	struct pm_err *err;
};

/* ---- queue ---- */

static bool before(const struct waiting *a, const struct waiting *b)
{
	return a->when != b->when ? a->when > b->when : a->order < b->order;
}

static void push(struct queue *q, uint32_t node, int64_t when)
{
	struct waiting new = { when, q->order++, node };
	size_t i = q->n;

	PM_VEC_ADD(q);
	for (; i && before(&new, &q->v[(i - 1) / 2]); i = (i - 1) / 2)
		q->v[i] = q->v[(i - 1) / 2];
	q->v[i] = new;
}

static uint32_t pop(struct queue *q)
{
	uint32_t top = q->v[0].node;
	struct waiting last = q->v[--q->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < q->n) {
		if (child + 1 < q->n && before(&q->v[child + 1], &q->v[child]))
			child++;
		if (!before(&q->v[child], &last))
			break;
		q->v[i] = q->v[child];
		i = child;
	}
	q->v[i] = last;
	return top;
}

/* ---- nodes ---- */

static size_t slot_of(const struct list *l, const struct pm_oid *id)
{
	uint64_t h;
	size_t i;

	memcpy(&h, id->id, sizeof(h));
	for (i = h & (l->n_slots - 1); l->slots[i]; i = (i + 1) & (l->n_slots - 1))
		if (pm_oid_eq(&l->nodes.v[l->slots[i] - 1].c.id, id))
			break;
	return i;
}

static void grow_slots(struct list *l)
{
	size_t n = l->n_slots ? l->n_slots * 2 : 1024;

	free(l->slots);
	l->slots = pm_xcalloc(n, sizeof(*l->slots));
	l->n_slots = n;
	for (size_t i = 0; i < l->nodes.n; i++)
		l->slots[slot_of(l, &l->nodes.v[i].c.id)] = (uint32_t)i + 1;
}

static uint32_t node_of(struct list *l, const struct pm_oid *id)
{
	size_t slot;

	if (l->nodes.n * 2 >= l->n_slots)
		grow_slots(l);
	slot = slot_of(l, id);
	if (!l->slots[slot]) {
		PM_VEC_ADD(&l->nodes)->c.id = *id;
		l->slots[slot] = (uint32_t)l->nodes.n;
	}
	return l->slots[slot] - 1;
}

static bool is_shallow(const struct pm_objects *o, const struct pm_oid *id)
{
	size_t lo = 0, hi = o->shallow.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = pm_oid_cmp(&o->shallow.v[mid], id);

		if (c == 0)
			return true;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static void name_parent(struct list *l, const struct pm_oid *id, uint32_t graph)
{
	struct pm_parent *p = PM_VEC_ADD(&l->parents);
	uint32_t node = node_of(l, id);

	l->nodes.v[node].graph = graph;
	*p = (struct pm_parent){ *id, node };
}

/* A commit as the commit-graph has it; false when it has not. */
static bool load_from_graph(struct list *l, uint32_t at)
{
	struct pm_commit *c = &l->nodes.v[at].c;
	uint32_t parents[PARENTS_MAX], pos = l->nodes.v[at].graph;
	size_t n;

	if (!l->graph.n || (!pos && !pm_graph_find(&l->graph, &c->id, &pos)))
		return false;
	pos -= l->nodes.v[at].graph != 0;
	if (!pm_graph_commit(&l->graph, pos, &c->tree, &c->when, parents, PARENTS_MAX, &n)) {
		l->odd = true;
		return false;
	}
	c->first = (uint32_t)l->parents.n;
	c->n_parents = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		name_parent(l, pm_graph_id(&l->graph, parents[i]), parents[i] + 1);
	return true;
}

/* A commit as it was read before, if it is here. */
static bool load_known(struct list *l, uint32_t at)
{
	const struct pm_oid id = l->nodes.v[at].c.id;
	struct pm_known_commit k;
	struct pm_commit *c;

	if (!l->opt->known || !l->opt->known(l->opt->data, &id, &k) ||
	    !pm_objreader_has(l->rd, &id))
		return false;
	c = &l->nodes.v[at].c;
	c->tree = k.tree;
	c->when = k.when;
	c->first = (uint32_t)l->parents.n;
	c->n_parents = k.n_parents;
	c->flags = l->o->shallow.n && is_shallow(l->o, &id) ? PM_COMMIT_SHALLOW : 0;
	for (uint32_t i = 0; i < k.n_parents; i++)
		name_parent(l, &k.parents[i], 0);
	return true;
}

/* Read a commit and name its parents. A commit that is not here is LOST, without an error. */
static int load(struct list *l, uint32_t at)
{
	struct pm_oid id = l->nodes.v[at].c.id, parent;
	struct pm_commit_text text;
	struct pm_commit *c;
	struct pm_str bytes;
	int rc;

	if (l->nodes.v[at].state & LOADED)
		return 0;
	l->nodes.v[at].state |= LOADED;
	if (load_from_graph(l, at) || load_known(l, at))
		return 0;
	rc = pm_objreader_need(l->rd, &id, PM_OBJECT_COMMIT, &bytes, l->err);
	if (rc == PM_E_NOTFOUND) {
		l->nodes.v[at].state |= LOST;
		return 0;
	}
	if (rc == 0 && !pm_commit_parse(&text, bytes))
		rc = pm_object_damaged(&id, PM_OBJECT_COMMIT, "malformed commit", l->err);
	if (rc < 0)
		return rc;
	c = &l->nodes.v[at].c;
	c->tree = text.tree;
	c->when = text.committer.when;
	c->first = (uint32_t)l->parents.n;
	c->n_parents = (uint32_t)text.n_parents;
	c->flags = l->o->shallow.n && is_shallow(l->o, &id) ? PM_COMMIT_SHALLOW : 0;
	for (size_t i = 0; i < text.n_parents; i++) {
		pm_commit_parent(&parent, bytes, &text, i);
		name_parent(l, &parent, 0);
	}
	return 0;
}

/* Parents to follow: those of a shallow commit are not there. */
static uint32_t followed(const struct list *l, const struct node *n)
{
	if (n->c.flags & PM_COMMIT_SHALLOW)
		return 0;
	if (l->opt->first_parent && !(n->state & HIDDEN) && n->c.n_parents > 1)
		return 1;
	return n->c.n_parents;
}

/* ---- finding ---- */

/* Put a commit on the queue once. */
static int enqueue(struct list *l, uint32_t at)
{
	int rc;

	if (l->nodes.v[at].state & QUEUED)
		return 0;
	rc = load(l, at);
	if (rc < 0)
		return rc;
	l->nodes.v[at].state |= QUEUED;
	if (l->nodes.v[at].state & LOST)
		return 0;
	push(&l->queue, at, l->nodes.v[at].c.when);
	if (!(l->nodes.v[at].state & HIDDEN))
		l->wanted++;
	return 0;
}

/* Hide a commit, and what is known to be behind it. */
static int hide(struct list *l, uint32_t from)
{
	struct { uint32_t *v; size_t n, cap; } stack = { 0 };
	int rc = 0;

	*PM_VEC_ADD(&stack) = from;
	while (rc == 0 && stack.n) {
		uint32_t at = stack.v[--stack.n];
		struct node *n = &l->nodes.v[at];

		if (n->state & HIDDEN)
			continue;
		/* not taken yet: it waits as a hidden one from here on */
		if ((n->state & (QUEUED | TAKEN | LOST)) == QUEUED)
			l->wanted--;
		n->state |= HIDDEN;
		for (uint32_t i = 0; (n->state & TAKEN) && i < followed(l, n); i++)
			*PM_VEC_ADD(&stack) = l->parents.v[n->c.first + i].at;
		rc = enqueue(l, at);
	}
	PM_VEC_FREE(&stack);
	return rc;
}

static int take(struct list *l, uint32_t at)
{
	struct node *n = &l->nodes.v[at];
	uint32_t first = n->c.first, count = followed(l, n);
	bool hidden = n->state & HIDDEN;
	int rc = 0;

	n->state |= TAKEN;
	if (!hidden) {
		l->wanted--;
		if (n->c.when < l->oldest)
			l->oldest = n->c.when;
	}
	for (uint32_t i = 0; rc == 0 && i < count; i++) {
		uint32_t parent = l->parents.v[first + i].at;

		rc = hidden ? hide(l, parent) : enqueue(l, parent);
	}
	return rc;
}

/* Can what is on the queue still matter? */
static bool unfinished(const struct list *l)
{
	if (l->wanted)
		return true;
	return l->queue.n && l->oldest != INT64_MAX &&
	       l->queue.v[0].when >= l->oldest - SEEN_WITHIN;
}

static int find(struct list *l)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < l->opt->n_hide; i++)
		rc = hide(l, node_of(l, &l->opt->hide[i]));
	for (size_t i = 0; rc == 0 && i < l->opt->n_tips; i++) {
		uint32_t at = node_of(l, &l->opt->tips[i]);

		rc = enqueue(l, at);
		if (rc == 0 && (l->nodes.v[at].state & LOST))
			rc = pm_object_missing(l->o, &l->opt->tips[i], PM_OBJECT_COMMIT, l->err);
	}
	while (rc == 0 && unfinished(l))
		rc = take(l, pop(&l->queue));
	return rc;
}

/* ---- order ---- */

static bool is_listed(const struct node *n)
{
	return (n->state & (TAKEN | HIDDEN | LOST)) == TAKEN;
}

static void give(struct list *l, struct pm_commits *out, const struct node *n)
{
	struct pm_commit *c = PM_VEC_ADD(out);

	*c = n->c;
	c->first = (uint32_t)out->parents.n;
	for (uint32_t i = 0; i < n->c.n_parents; i++) {
		struct pm_parent p = l->parents.v[n->c.first + i];

		if (i < followed(l, n) && (l->nodes.v[p.at].state & LOST))
			c->flags |= PM_COMMIT_LOST;
		*PM_VEC_ADD(&out->parents) = p;
	}
}

static void sort_tips(struct list *l)
{
	l->queue.n = l->queue.order = 0;
	for (size_t i = 0; i < l->opt->n_tips; i++) {
		uint32_t at = node_of(l, &l->opt->tips[i]);
		struct node *n = &l->nodes.v[at];

		if (is_listed(n) && n->children == 0 && !(n->state & STARTED)) {
			n->state |= STARTED; /* a tip may be named twice */
			push(&l->queue, at, n->c.when);
		}
	}
}

/* False when commits are their own ancestors. */
static bool put_in_order(struct list *l, struct pm_commits *out)
{
	uint32_t *place = pm_xcalloc(l->nodes.n ? l->nodes.n : 1, sizeof(*place));
	size_t n_listed = 0;

	for (size_t i = 0; i < l->nodes.n; i++) {
		struct node *n = &l->nodes.v[i];

		place[i] = PM_COMMIT_NONE;
		n_listed += is_listed(n);
		for (uint32_t k = 0; is_listed(n) && k < followed(l, n); k++)
			l->nodes.v[l->parents.v[n->c.first + k].at].children++;
	}
	sort_tips(l);
	while (l->queue.n) {
		uint32_t at = pop(&l->queue);
		const struct node *n = &l->nodes.v[at];

		place[at] = (uint32_t)out->n;
		give(l, out, n);
		for (uint32_t k = 0; k < followed(l, n); k++) {
			uint32_t p = l->parents.v[n->c.first + k].at;

			if (--l->nodes.v[p].children == 0 && is_listed(&l->nodes.v[p]))
				push(&l->queue, p, l->nodes.v[p].c.when);
		}
	}
	for (size_t i = 0; i < out->parents.n; i++)
		out->parents.v[i].at = place[out->parents.v[i].at];
	free(place);
	return out->n == n_listed;
}

static void list_release(struct list *l)
{
	pm_objreader_free(l->rd);
	pm_graph_close(&l->graph);
	PM_VEC_FREE(&l->nodes);
	PM_VEC_FREE(&l->parents);
	PM_VEC_FREE(&l->queue);
	free(l->slots);
}

/* The commit-graph, where Git would use one. It does not know about commits that are cut off. */
static void open_graph(struct list *l)
{
	bool found = l->o->shallow.n || l->o->grafts;

	for (size_t i = 0; !found && i < l->o->dirs.n; i++)
		found = pm_graph_open(&l->graph, l->o->dirs.v[i]);
}

/* 1: not with this commit-graph. */
static int list_with(struct list *l, struct pm_commits *found)
{
	int rc = find(l);
	bool whole = rc == 0 && put_in_order(l, found);

	if (l->graph.n && (l->odd || (rc == 0 && !whole)))
		return 1;
	if (rc == 0 && !whole)
		return pm_err_set(l->err, PM_E_REPO, PM_NOWHERE, "the repository is damaged: "
				  "a commit is its own ancestor");
	return rc;
}

int pm_commits_list(struct pm_commits *out, struct pm_objects *o,
		    const struct pm_commits_options *opt, struct pm_err *err)
{
	struct pm_commits found = { 0 };
	bool graph = !opt->plain;
	int rc;

	do {
		struct list l = { .o = o, .opt = opt, .err = err, .oldest = INT64_MAX };

		l.rd = pm_objreader_open(o, 0);
		if (graph)
			open_graph(&l);
		graph = false;
		rc = list_with(&l, &found);
		list_release(&l);
		if (rc)
			pm_commits_release(&found);
	} while (rc > 0);
	if (rc == 0)
		*out = found;
	return rc;
}

void pm_commits_release(struct pm_commits *c)
{
	PM_VEC_FREE(&c->parents);
	PM_VEC_FREE(c);
}
