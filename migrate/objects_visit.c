/*
 * objects_visit.c - every object of a list, once, on several threads.
 *
 * What packs have is visited along the forest of deltas: each entry is inflated once, and an object
 * is kept only while others are still to be made from it. Threads take roots, in the order of the
 * pack, from one counter; then single objects from another: those that no pack has.
 *
 * Memory of a thread: the object at hand, and the objects above it from which more is to be made, at
 * most HELD_MAX bytes of them together. An object that does not fit is let go, and what is made from
 * it is read by itself, with the chain below it. The cache of its reader comes on top.
 */
#include "objects_impl.h"
#include "pack_impl.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
	HELD_MAX = 64 << 20,    /* bytes */
	ROOTS = 16,             /* taken at a time */
	SCRATCH_KEPT = 8 << 20  /* bytes */
};

struct visit {
	struct pm_objects *o;
	const struct pm_oid *ids;
	uint64_t max_size;
	pm_visit_fn fn;
	void *data;
	struct pm_pack_forest forest;
	atomic_size_t next_root, next_other;
	atomic_int stop; /* what `fn` returned first */
};

/* A node of the forest from which more is to be made. */
struct frame {
	uint32_t child;       /* the next to be made */
	enum pm_object_type type;
	unsigned char *bytes; /* NULL: could not be had, or was let go */
	size_t n;
};

struct worker {
	struct visit *v;
	struct pm_objreader *rd;
	unsigned thread;
	pthread_t id;
	struct { struct frame *v; size_t n, cap; } frames;
	size_t held;            /* bytes in frames */
	unsigned char *scratch; /* an object from which nothing is made */
	size_t scratch_cap;
};

static bool stopped(const struct visit *v)
{
	return atomic_load_explicit(&v->stop, memory_order_relaxed) != 0;
}

static void give(struct worker *w, struct pm_visited *seen)
{
	int none = 0, rc;

	if (stopped(w->v))
		return;
	seen->thread = w->thread;
	rc = w->v->fn(w->v->data, seen);
	if (rc)
		atomic_compare_exchange_strong(&w->v->stop, &none, rc);
}

/* ---- one object by itself ---- */

static void visit_one(struct worker *w, size_t index)
{
	const struct pm_oid *id = &w->v->ids[index];
	struct pm_visited seen = { .index = index };
	struct pm_err err = { 0 };

	seen.rc = pm_objreader_size(w->rd, id, &seen.type, &seen.size, &err);
	if (seen.rc == 0 && seen.size > w->v->max_size)
		seen.rc = pm_object_large(id, seen.type, seen.size, w->v->max_size, &err);
	else if (seen.rc == 0)
		seen.rc = pm_objreader_get(w->rd, id, &seen.type, &seen.bytes, &err);
	if (seen.rc == 0)
		seen.size = seen.bytes.n;
	seen.err = seen.rc ? &err : NULL;
	give(w, &seen);
}

/* ---- the forest ---- */

/* An unpacked object; bytes are NULL when only its size is known. */
struct made {
	enum pm_object_type type;
	uint64_t size;
	unsigned char *bytes;
	bool known; /* else it could not be made */
};

static unsigned char *scratch(struct worker *w, size_t n)
{
	if (w->scratch_cap < n || (w->scratch_cap > SCRATCH_KEPT && n <= SCRATCH_KEPT)) {
		free(w->scratch);
		w->scratch_cap = n < 65536 ? 65536 : n + n / 4;
		w->scratch = pm_xrealloc(NULL, w->scratch_cap);
	}
	return w->scratch;
}

/* Room for an object: of its own when others are made from it. */
static unsigned char *room(struct worker *w, const struct pm_pack_node *n, size_t size)
{
	return n->child == PM_PACK_NONE ? scratch(w, size + 1) : pm_xrealloc(NULL, size + 1);
}

static bool is_needed(const struct worker *w, const struct pm_pack_node *n, uint64_t size)
{
	return size <= (n->child == PM_PACK_NONE ? w->v->max_size : PM_OBJECT_MAX);
}

static void make_whole(struct worker *w, const struct pm_pack_node *n, const struct pm_pack *p,
		       const struct pm_pack_entry *e, struct made *out)
{
	out->type = (enum pm_object_type)e->type;
	out->size = e->size;
	out->known = true;
	if (!is_needed(w, n, e->size))
		return;
	out->bytes = room(w, n, e->size);
	out->known = pm_inflate(w->rd->packs.z, p->bytes + e->data, p->end - e->data, out->bytes,
				e->size);
}

static void make_delta(struct worker *w, const struct pm_pack_node *n, const struct pm_pack *p,
		       const struct pm_pack_entry *e, const struct frame *base, struct made *out)
{
	uint64_t base_size;
	const unsigned char *delta = pm_pack_delta(&w->rd->packs, p, e, &base_size, &out->size);

	if (!delta || base_size != base->n)
		return;
	out->type = base->type;
	out->known = true;
	if (!is_needed(w, n, out->size))
		return;
	out->bytes = room(w, n, out->size);
	out->known = pm_pack_delta_apply(delta, e->size, base->bytes, base->n, out->bytes, out->size);
}

/* The object of a node, from that of the frame below. */
static void make(struct worker *w, const struct pm_pack_node *n, const struct frame *base,
		 struct made *out)
{
	struct pm_pack_place place = pm_pack_place_of(n->key);
	const struct pm_pack *p = &w->v->o->packs.v[place.pack];
	struct pm_pack_entry e;

	*out = (struct made){ 0 };
	if (pm_pack_entry_parse(&e, p->bytes, p->end, place.at)) {
		if (e.type <= PM_OBJECT_TAG)
			make_whole(w, n, p, &e, out);
		else if (base && base->bytes)
			make_delta(w, n, p, &e, base, out);
	}
	if (out->bytes && out->known)
		out->bytes[out->size] = '\0';
	else if (out->bytes && n->child != PM_PACK_NONE)
		free(out->bytes);
	if (!out->known)
		out->bytes = NULL;
}

static void give_items(struct worker *w, const struct pm_pack_node *n, const struct made *m)
{
	for (uint32_t k = 0; k < n->n_items; k++) {
		size_t index = w->v->forest.items[n->item + k].index;
		struct pm_visited seen = { .index = index, .type = m->type, .size = m->size };
		struct pm_err err = { 0 };

		if (!m->known) {
			/* another pack may have it, or libgit2 says what is wrong */
			visit_one(w, index);
			continue;
		}
		if (m->size > w->v->max_size) {
			seen.rc = pm_object_large(&w->v->ids[index], m->type, m->size,
						  w->v->max_size, &err);
			seen.err = &err;
		} else {
			seen.bytes = (struct pm_str){ (const char *)m->bytes, m->size };
		}
		give(w, &seen);
	}
}

static void let_go(struct worker *w, struct frame *f)
{
	if (!f->bytes)
		return;
	free(f->bytes);
	f->bytes = NULL;
	w->held -= f->n;
}

/* Visit a node; what is made from it comes next. `base` is the frame below, whose last child this
 * may be. */
static void enter(struct worker *w, uint32_t at, struct frame *base)
{
	const struct pm_pack_node *n = &w->v->forest.nodes.v[at];
	struct frame *f;
	struct made m;

	make(w, n, base, &m);
	if (base && base->child == PM_PACK_NONE)
		let_go(w, base);
	give_items(w, n, &m);
	if (n->child == PM_PACK_NONE)
		return;
	f = PM_VEC_ADD(&w->frames);
	*f = (struct frame){ n->child, m.type, m.bytes, m.bytes ? m.size : 0 };
	w->held += f->n;
	if (w->held > HELD_MAX && w->held > f->n)
		let_go(w, f);
}

static void visit_tree(struct worker *w, uint32_t root)
{
	enter(w, root, NULL);
	while (w->frames.n) {
		struct frame *f = &w->frames.v[w->frames.n - 1];
		uint32_t child = f->child;

		if (child == PM_PACK_NONE || stopped(w->v)) {
			let_go(w, f);
			w->frames.n--;
			continue;
		}
		f->child = w->v->forest.nodes.v[child].sibling;
		enter(w, child, f);
	}
}

/* ---- threads ---- */

static void *work(void *arg)
{
	struct worker *w = arg;
	struct visit *v = w->v;
	size_t i, n = v->forest.n_roots;

	w->rd = pm_objreader_open(v->o, 0);
	while (!stopped(v) && (i = atomic_fetch_add(&v->next_root, ROOTS)) < n)
		for (size_t end = i + ROOTS < n ? i + ROOTS : n; i < end && !stopped(v); i++)
			visit_tree(w, v->forest.roots[i]);
	while (!stopped(v) && (i = atomic_fetch_add(&v->next_other, 1)) < v->forest.n_others)
		visit_one(w, v->forest.others[i]);
	PM_VEC_FREE(&w->frames);
	free(w->scratch);
	pm_objreader_free(w->rd);
	return NULL;
}

int pm_objects_visit(struct pm_objects *o, const struct pm_oid *ids, size_t n, unsigned jobs,
		     uint64_t max_size, pm_visit_fn fn, void *data)
{
	struct visit v = { .o = o, .ids = ids, .max_size = max_size, .fn = fn, .data = data };
	struct worker *w;
	unsigned started = 1;

	PM_ASSERT(n < PM_PACK_NONE, "more objects than can be counted");
	if (v.max_size > PM_OBJECT_MAX)
		v.max_size = PM_OBJECT_MAX;
	pm_pack_forest_build(&v.forest, &o->packs, ids, n);
	if (jobs > v.forest.n_roots + v.forest.n_others)
		jobs = (unsigned)(v.forest.n_roots + v.forest.n_others);
	if (jobs < 1)
		jobs = 1;
	w = pm_xcalloc(jobs, sizeof(*w));
	for (unsigned i = 0; i < jobs; i++)
		w[i] = (struct worker){ .v = &v, .thread = i };
	/* fewer threads than wanted do the same work */
	while (started < jobs && pthread_create(&w[started].id, NULL, work, &w[started]) == 0)
		started++;
	work(&w[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(w[i].id, NULL);
	free(w);
	pm_pack_forest_release(&v.forest);
	return atomic_load(&v.stop);
}
