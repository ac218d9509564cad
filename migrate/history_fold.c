/*
 * history_fold.c - what one commit did to the ports of services: statements gone and statements
 * that came, paired where they are the same statement about another port; what is left over counts
 * only where it is the first or the last of its kind. Pure.
 */
#include "history_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- the difference of two versions ---- */

struct mark {
	const struct pm_evidence *what;
	size_t at;
};

static int by_what(const void *pa, const void *pb)
{
	const struct mark *a = pa, *b = pb;

	if (a->what != b->what)
		return (uintptr_t)a->what < (uintptr_t)b->what ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static struct mark *marks_of(const struct pm_seen_list *l)
{
	struct mark *m = pm_xrealloc(NULL, pm_size_mul(l->n + 1, sizeof(*m)));

	for (size_t i = 0; i < l->n; i++)
		m[i] = (struct mark){ l->v[i].what, i };
	qsort(m, l->n, sizeof(*m), by_what);
	return m;
}

static struct pm_hseen *keep_marked(struct pm_arena *a, const struct pm_seen_list *l,
				     const bool *extra, size_t n)
{
	struct pm_hseen *out = PM_NEW_N(a, struct pm_hseen, n + 1);

	for (size_t i = 0, k = 0; i < l->n; i++)
		if (extra[i])
			out[k++] = (struct pm_hseen){ l->v[i], -1 };
	return out;
}

void pm_delta_make(struct pm_delta *out, struct pm_arena *a, const char *path,
		   const struct pm_seen_list *before, const struct pm_seen_list *after)
{
	struct mark *m = marks_of(before), *k = marks_of(after);
	bool *gone = pm_xcalloc(before->n + 1, sizeof(*gone));
	bool *came = pm_xcalloc(after->n + 1, sizeof(*came));
	size_t i = 0, j = 0;

	*out = (struct pm_delta){ .path = path };
	/* of equal ones, the first of each side are the same */
	while (i < before->n || j < after->n) {
		int c = i == before->n ? 1 : j == after->n ? -1
			: m[i].what == k[j].what ? 0
			: (uintptr_t)m[i].what < (uintptr_t)k[j].what ? -1 : 1;

		if (c < 0)
			gone[m[i].at] = true;
		else if (c > 0)
			came[k[j].at] = true;
		out->n_gone += c < 0;
		out->n_came += c > 0;
		i += c <= 0;
		j += c >= 0;
	}
	out->gone = keep_marked(a, before, gone, out->n_gone);
	out->came = keep_marked(a, after, came, out->n_came);
	free(m);
	free(k);
	free(gone);
	free(came);
}

bool pm_delta_needs(const struct pm_delta *d, const struct pm_hseen *s)
{
	return pm_stmt_declares((enum pm_stmt)s->seen.what->use) ||
	       (!d->quiet && d->n_gone && d->n_came);
}

/* ---- tallies ---- */

static size_t tally_slot(const struct pm_tally *t, uint32_t key)
{
	size_t i = (key * UINT32_C(2654435761)) >> 7 & (t->cap - 1);

	while (t->keys[i] && t->keys[i] != key)
		i = (i + 1) & (t->cap - 1);
	return i;
}

static void tally_grow(struct pm_tally *t)
{
	struct pm_tally old = *t;

	t->cap = old.cap ? old.cap * 2 : 64;
	t->keys = pm_xcalloc(t->cap, sizeof(*t->keys));
	t->counts = pm_xcalloc(t->cap, sizeof(*t->counts));
	for (size_t i = 0; i < old.cap; i++)
		if (old.keys[i]) {
			size_t k = tally_slot(t, old.keys[i]);

			t->keys[k] = old.keys[i];
			t->counts[k] = old.counts[i];
		}
	free(old.keys);
	free(old.counts);
}

static void tally_one(struct pm_tally *t, uint32_t key, int n)
{
	size_t i;

	if (t->n * 2 >= t->cap)
		tally_grow(t);
	i = tally_slot(t, key);
	t->n += !t->keys[i];
	t->keys[i] = key;
	t->counts[i] += n;
}

static uint32_t tally_key(int service, unsigned port)
{
	return ((uint32_t)service << 16 | port) + 1;
}

void pm_tally_add(struct pm_tally *t, int service, unsigned port, int n)
{
	if (service < 0)
		return;
	tally_one(t, tally_key(service, port), n);
	tally_one(t, tally_key(service, 0), n);
}

int pm_tally_get(const struct pm_tally *t, int service, unsigned port)
{
	return service >= 0 && t->cap ? t->counts[tally_slot(t, tally_key(service, port))] : 0;
}

void pm_tally_release(struct pm_tally *t)
{
	free(t->keys);
	free(t->counts);
	memset(t, 0, sizeof(*t));
}

static void tally_all(struct pm_tally *t, const struct pm_hseen *v, size_t n, int sign)
{
	for (size_t i = 0; i < n; i++)
		if (pm_stmt_declares((enum pm_stmt)v[i].seen.what->use))
			pm_tally_add(t, v[i].owner, v[i].seen.what->port, sign);
}

void pm_tally_change(struct pm_tally *t, const struct pm_delta *d, size_t n, int sign)
{
	for (size_t i = 0; i < n; i++) {
		tally_all(t, d[i].gone, d[i].n_gone, -sign);
		tally_all(t, d[i].came, d[i].n_came, sign);
	}
}

/* ---- pairing ---- */

struct end { /* a statement on one side */
	const struct pm_hseen *s;
	const char *path;
	unsigned path_index;
	bool used;
	uint64_t key; /* in the pass that runs */
};

struct pair {
	const struct end *gone, *came;
	int service;
};

struct record { /* one place of an event */
	int service;
	unsigned from, to;
	const struct end *at;
};
struct records { struct record *v; size_t n, cap; };

struct owned { /* a port that a service got or lost as a whole */
	unsigned port;
	int service;
};
struct owneds { struct owned *v; size_t n, cap; };

struct fold {
	struct pm_arena *arena;
	const struct pm_tally *before;
	struct pm_tally change;   /* net, of this commit */
	struct pm_tally from, to; /* ends of moves that declare */
	struct { struct end *v; size_t n, cap; } gone, came;
	struct { struct pair *v; size_t n, cap; } pairs;
	struct records records;
	struct owneds lost, won;
	unsigned commit;
};

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* Which statements may be the same: a hash, 0 for none. A pass each; the first ones are surer. */
static uint64_t key_of(const struct end *e, int pass)
{
	const struct pm_evidence *w = e->s->seen.what;
	uint64_t h = mix(1, (uint64_t)e->path_index), owner = (uint64_t)(e->s->owner + 1);

	switch (pass) {
	case 0: return mix(mix(h, w->mask), w->port) | 1;
	case 1: return mix(h, w->mask) | 1;
	case 2: return e->s->seen.slot ? mix(mix(h, e->s->seen.slot), w->port) | 1 : 0;
	case 3: return e->s->seen.slot ? mix(h, e->s->seen.slot) | 1 : 0;
	case 4: return owner ? mix(mix(mix(h, owner), w->use), w->port) | 1 : 0;
	case 5: return owner ? mix(mix(h, owner), w->use) | 1 : 0;
	case 6: return owner ? mix(mix(mix(2, owner), w->use), w->port) | 1 : 0;
	case 7:
		return owner ? mix(mix(mix(3, owner), pm_stmt_declares((enum pm_stmt)w->use)),
				   w->port) | 1
			     : 0;
	default:
		return owner && pm_stmt_declares((enum pm_stmt)w->use) ? mix(4, owner) | 1 : 0;
	}
}

enum { PASSES = 9 };

/* In these passes nothing but the owner says that it is the same statement. */
static bool needs_care(int pass)
{
	return pass == 5 || pass == 8;
}

static int by_key(const void *pa, const void *pb)
{
	const struct end *a = *(const struct end *const *)pa, *b = *(const struct end *const *)pb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a < b ? -1 : a > b; /* one array: in order of paths and places */
}

static struct end **open_ends(struct end *v, size_t n, int pass, size_t *n_open)
{
	struct end **out = pm_xrealloc(NULL, pm_size_mul(n + 1, sizeof(*out)));

	*n_open = 0;
	for (size_t i = 0; i < n; i++) {
		if (v[i].used || !(v[i].key = key_of(&v[i], pass)))
			continue;
		out[(*n_open)++] = &v[i];
	}
	qsort(out, *n_open, sizeof(*out), by_key);
	return out;
}

static bool one_port(struct end *const *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (v[i]->s->seen.what->port != v[0]->s->seen.what->port)
			return false;
	return true;
}

static bool may_pair(const struct end *g, const struct end *c)
{
	return g->s->owner == c->s->owner || g->s->owner < 0 || c->s->owner < 0;
}

/* Ends of equal keys: in their order. Where only the owner ties them: as many on either side, or
 * one port on either side. */
static void pair_run(struct fold *f, struct end **g, size_t n_g, struct end **c, size_t n_c,
		     int pass)
{
	if (needs_care(pass) && !(one_port(g, n_g) && one_port(c, n_c)) &&
	    (n_g != n_c || pass == 8))
		return;
	for (size_t i = 0, k = 0; i < n_g && k < n_c; i++) {
		if (!may_pair(g[i], c[k]))
			continue;
		g[i]->used = c[k]->used = true;
		*PM_VEC_ADD(&f->pairs) = (struct pair){
			g[i], c[k], c[k]->s->owner >= 0 ? c[k]->s->owner : g[i]->s->owner,
		};
		k++;
	}
}

static void run_pass(struct fold *f, int pass)
{
	size_t n_g, n_c;
	struct end **g = open_ends(f->gone.v, f->gone.n, pass, &n_g);
	struct end **c = open_ends(f->came.v, f->came.n, pass, &n_c);

	for (size_t i = 0, k = 0; i < n_g && k < n_c;) {
		size_t i2 = i, k2 = k;

		if (g[i]->key != c[k]->key) {
			*(g[i]->key < c[k]->key ? &i : &k) += 1;
			continue;
		}
		while (i2 < n_g && g[i2]->key == g[i]->key)
			i2++;
		while (k2 < n_c && c[k2]->key == c[k]->key)
			k2++;
		pair_run(f, g + i, i2 - i, c + k, k2 - k, pass);
		i = i2;
		k = k2;
	}
	free(g);
	free(c);
}

static void collect_ends(struct fold *f, const struct pm_delta *d, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (d[i].quiet)
			continue;
		for (size_t k = 0; k < d[i].n_gone; k++)
			*PM_VEC_ADD(&f->gone) = (struct end){
				.s = &d[i].gone[k], .path = d[i].path, .path_index = (unsigned)i,
			};
		for (size_t k = 0; k < d[i].n_came; k++)
			*PM_VEC_ADD(&f->came) = (struct end){
				.s = &d[i].came[k], .path = d[i].path, .path_index = (unsigned)i,
			};
	}
}

/* ---- moves ---- */

static unsigned port_at(const struct end *e)
{
	return e->s->seen.what->port;
}

static bool declares(const struct end *e)
{
	return pm_stmt_declares((enum pm_stmt)e->s->seen.what->use);
}

static int by_ports(const void *pa, const void *pb)
{
	const struct record *a = pa, *b = pb;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return a->service < b->service ? -1 : a->service > b->service;
}

/* The only service among the records (by ports) that has this very move; -1. */
static int only_mover(const struct records *r, unsigned from, unsigned to)
{
	size_t lo = 0, hi = r->n;
	int service;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r->v[mid].from < from || (r->v[mid].from == from && r->v[mid].to < to))
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == r->n || r->v[lo].from != from || r->v[lo].to != to)
		return -1;
	service = r->v[lo].service;
	while (lo < r->n && r->v[lo].from == from && r->v[lo].to == to)
		if (r->v[lo++].service != service)
			return -1;
	return service;
}

/* Pairs whose port changed. Those of nobody go with the one service that moves likewise. */
static void add_moves(struct fold *f)
{
	size_t known;

	for (size_t i = 0; i < f->pairs.n; i++) {
		const struct pair *p = &f->pairs.v[i];
		unsigned from = port_at(p->gone), to = port_at(p->came);

		if (from == to || p->service < 0)
			continue;
		*PM_VEC_ADD(&f->records) = (struct record){ p->service, from, to, p->came };
		if (declares(p->came)) {
			pm_tally_add(&f->from, p->service, from, 1);
			pm_tally_add(&f->to, p->service, to, 1);
		}
	}
	if (f->records.n)
		qsort(f->records.v, f->records.n, sizeof(*f->records.v), by_ports);
	known = f->records.n;
	for (size_t i = 0; i < f->pairs.n; i++) {
		const struct pair *p = &f->pairs.v[i];
		const struct records sorted = { f->records.v, known, 0 };
		unsigned from = port_at(p->gone), to = port_at(p->came);
		int service;

		if (from == to || p->service >= 0)
			continue;
		service = only_mover(&sorted, from, to);
		*PM_VEC_ADD(&f->records) = (struct record){ service, from, to, p->came };
	}
}

/* ---- first and last ---- */

static int after(const struct fold *f, int service, unsigned port)
{
	return pm_tally_get(f->before, service, port) + pm_tally_get(&f->change, service, port);
}

/* Declarations that nothing pairs with: the first ones of their port, and the last. */
static void add_first_and_last(struct fold *f)
{
	for (size_t i = 0; i < f->came.n; i++) {
		const struct end *e = &f->came.v[i];
		const int s = e->s->owner;

		if (!e->used && s >= 0 && declares(e) && !pm_tally_get(&f->to, s, port_at(e)) &&
		    pm_tally_get(f->before, s, port_at(e)) <= 0 && after(f, s, port_at(e)) > 0)
			*PM_VEC_ADD(&f->records) = (struct record){ s, 0, port_at(e), e };
	}
	for (size_t i = 0; i < f->gone.n; i++) {
		const struct end *e = &f->gone.v[i];
		const int s = e->s->owner;

		if (!e->used && s >= 0 && declares(e) && !pm_tally_get(&f->from, s, port_at(e)) &&
		    pm_tally_get(f->before, s, port_at(e)) > 0 && after(f, s, port_at(e)) <= 0)
			*PM_VEC_ADD(&f->records) = (struct record){ s, port_at(e), 0, e };
	}
}

/* ---- who had it before, who has it now ---- */

static int by_owned(const void *pa, const void *pb)
{
	const struct owned *a = pa, *b = pb;

	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	return a->service < b->service ? -1 : a->service > b->service;
}

static void find_owned(struct fold *f)
{
	for (size_t i = 0; i < f->change.cap; i++) {
		const uint32_t key = f->change.keys[i] - 1;
		const struct owned o = { key & 0xffff, (int)(key >> 16) };
		bool was, is;

		if (!f->change.keys[i] || !o.port)
			continue;
		was = pm_tally_get(f->before, o.service, o.port) > 0;
		is = after(f, o.service, o.port) > 0;
		if (was && !is)
			*PM_VEC_ADD(&f->lost) = o;
		else if (is && !was)
			*PM_VEC_ADD(&f->won) = o;
	}
	if (f->lost.n)
		qsort(f->lost.v, f->lost.n, sizeof(*f->lost.v), by_owned);
	if (f->won.n)
		qsort(f->won.v, f->won.n, sizeof(*f->won.v), by_owned);
}

/* The one service of the list, other than this, with the port; -1. */
static int counterpart(const struct owneds *o, int service, unsigned port)
{
	size_t lo = 0, hi = o->n;
	int found = -1;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		*(o->v[mid].port < port ? &lo : &hi) = o->v[mid].port < port ? mid + 1 : mid;
	}
	for (; lo < o->n && o->v[lo].port == port; lo++) {
		if (o->v[lo].service == service)
			continue;
		if (found >= 0)
			return -1;
		found = o->v[lo].service;
	}
	return found;
}

static bool is_rename(const struct fold *f, int old, int new)
{
	return old >= 0 && new >= 0 && after(f, old, 0) <= 0 &&
	       pm_tally_get(f->before, new, 0) <= 0;
}

static void find_counterparts(const struct fold *f, struct pm_hist_event *e)
{
	if (e->service < 0 || e->kind == PM_EVENT_CALLERS || e->kind == PM_EVENT_DOCUMENTS)
		return;
	if (e->from && after(f, e->service, e->from) > 0)
		e->left = (unsigned)after(f, e->service, e->from);
	if (e->to && pm_tally_get(f->before, e->service, e->to) <= 0)
		e->had = counterpart(&f->lost, e->service, e->to);
	if (e->from && !e->left)
		e->has = counterpart(&f->won, e->service, e->from);
	e->renamed = e->kind == PM_EVENT_APPEARED ? is_rename(f, e->had, e->service)
		   : e->kind == PM_EVENT_GONE     ? is_rename(f, e->service, e->has)
						  : false;
}

/* ---- the whole ---- */

static int by_event(const void *pa, const void *pb)
{
	const struct record *a = pa, *b = pb;
	const struct pm_seen *x = &a->at->s->seen, *y = &b->at->s->seen;
	int c;

	if (a->service != b->service)
		return a->service < b->service ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	if ((c = strcmp(a->at->path, b->at->path)))
		return c;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->what->use < y->what->use ? -1 : x->what->use > y->what->use;
}

static enum pm_event_kind kind_of(const struct record *r, size_t n)
{
	enum pm_event_kind kind = PM_EVENT_DOCUMENTS;

	if (!r->from)
		return PM_EVENT_APPEARED;
	if (!r->to)
		return PM_EVENT_GONE;
	for (size_t i = 0; i < n; i++) {
		if (declares(r[i].at))
			return PM_EVENT_MOVED;
		if (!pm_stmt_tells((enum pm_stmt)r[i].at->s->seen.what->use))
			kind = PM_EVENT_CALLERS;
	}
	return kind;
}

static void add_event(struct fold *f, struct pm_hist_events *out, const struct record *r, size_t n)
{
	struct pm_hist_event *e = PM_VEC_ADD(out);

	*e = (struct pm_hist_event){
		.kind = kind_of(r, n), .service = r->service, .from = r->from, .to = r->to,
		.had = -1, .has = -1, .documented = -1, .commit = f->commit,
		.places = PM_NEW_N(f->arena, struct pm_hist_place, n), .n = n,
	};
	for (size_t i = 0; i < n; i++)
		e->places[i] = (struct pm_hist_place){ r[i].at->path, r[i].at->s->seen.line,
						       r[i].at->s->seen.what->use };
	find_counterparts(f, e);
}

void pm_history_fold(struct pm_hist_events *out, struct pm_arena *a, const struct pm_delta *d, size_t n,
		     const struct pm_tally *before, unsigned commit)
{
	struct fold f = { .arena = a, .before = before, .commit = commit };
	struct record *r;

	collect_ends(&f, d, n);
	pm_tally_change(&f.change, d, n, 1);
	for (int pass = 0; pass < PASSES && f.gone.n && f.came.n; pass++)
		run_pass(&f, pass);
	add_moves(&f);
	add_first_and_last(&f);
	find_owned(&f);
	r = f.records.v;
	if (f.records.n)
		qsort(r, f.records.n, sizeof(*r), by_event);
	for (size_t i = 0, k; i < f.records.n; i = k) {
		for (k = i + 1; k < f.records.n && r[k].service == r[i].service &&
				r[k].from == r[i].from && r[k].to == r[i].to;
		     k++)
			;
		add_event(&f, out, r + i, k - i);
	}
	PM_VEC_FREE(&f.records);
	PM_VEC_FREE(&f.gone);
	PM_VEC_FREE(&f.came);
	PM_VEC_FREE(&f.pairs);
	PM_VEC_FREE(&f.lost);
	PM_VEC_FREE(&f.won);
	pm_tally_release(&f.change);
	pm_tally_release(&f.from);
	pm_tally_release(&f.to);
}
