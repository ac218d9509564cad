/*
 * history_results.c - from all events to the answer: which are the first of their kind, who had a
 * port from when to when, what was asked for, and the names of it all. The services of the answer
 * are those that it names, by name.
 */
#include "history_impl.h"

#include <stdlib.h>
#include <string.h>

struct results {
	struct pm_hbuild *b;
	struct pm_history *h;
	struct pm_tally now; /* declarations at the newest commit */
	bool *asked;         /* services, by owner; NULL: all */
	int *index;          /* of each owner among the results, -1 */
	struct pm_hist_port **ports; /* of each owner */
	size_t *n_ports;
};

/* ---- the newest commit ---- */

static struct pm_hist_port *port_of(struct results *r, int owner, unsigned port)
{
	const size_t n = r->n_ports[owner];
	struct pm_hist_port *grown;

	for (size_t i = 0; i < n; i++)
		if (r->ports[owner][i].port == port)
			return &r->ports[owner][i];
	if ((n & (n - 1)) == 0) {
		grown = PM_NEW_N(&r->h->arena, struct pm_hist_port, n ? n * 2 : 1);
		if (n)
			memcpy(grown, r->ports[owner], n * sizeof(*grown));
		r->ports[owner] = grown;
	}
	r->ports[owner][r->n_ports[owner]++].port = port;
	return &r->ports[owner][n];
}

static int by_weight(const void *pa, const void *pb)
{
	const struct pm_hist_port *a = pa, *b = pb;

	if (a->declares != b->declares)
		return a->declares > b->declares ? -1 : 1;
	return a->port < b->port ? -1 : a->port > b->port;
}

static void read_today(struct results *r)
{
	const struct pm_hread *all = &r->b->all;
	const unsigned n = pm_owners_count(r->b->owners);

	r->ports = PM_NEW_N(&r->b->arena, struct pm_hist_port *, n + 1);
	r->n_ports = PM_NEW_N(&r->b->arena, size_t, n + 1);
	for (size_t i = 0; i < all->n_today; i++) {
		const struct pm_version *v = &all->versions.v[all->today[i]];

		for (size_t k = 0; k < v->seen.n; k++) {
			const struct pm_evidence *e = v->seen.v[k].what;
			const int owner = pm_hist_owner(r->b, e, v->path);
			const bool declares = pm_stmt_declares((enum pm_stmt)e->use);
			struct pm_hist_port *p;

			if (owner < 0)
				continue;
			if (declares)
				pm_tally_add(&r->now, owner, e->port, 1);
			p = port_of(r, owner, e->port);
			p->declares += declares;
			p->others += !declares;
			p->uses |= 1u << e->use;
		}
	}
	for (unsigned i = 0; i < n; i++)
		if (r->n_ports[i])
			qsort(r->ports[i], r->n_ports[i], sizeof(*r->ports[i]), by_weight);
}

/* ---- first times and tenures ---- */

struct tenure_key {
	uint64_t key; /* service and port */
	int open;     /* tenure that is open, -1 */
	UT_hash_handle hh;
};

/* Made when it is not there yet. */
static struct tenure_key *key_of(struct results *r, struct tenure_key **all, int service,
				 unsigned port)
{
	uint64_t key = (uint64_t)service << 16 | port;
	struct tenure_key *k;

	HASH_FIND(hh, *all, &key, sizeof(key), k);
	if (k)
		return k;
	k = PM_NEW(&r->b->arena, struct tenure_key);
	k->key = key;
	k->open = -1;
	HASH_ADD(hh, *all, key, sizeof(key), k);
	return k;
}

static struct tenure_key *tenure_of(struct results *r, struct tenure_key **all, int service,
				    unsigned port)
{
	const size_t known = HASH_COUNT(*all);
	struct tenure_key *k = key_of(r, all, service, port);

	if (HASH_COUNT(*all) == known)
		return k;
	if (pm_tally_get(&r->b->base, service, port) > 0) {
		k->open = (int)r->h->tenures.n;
		*PM_VEC_ADD(&r->h->tenures) = (struct pm_hist_tenure){ port, service, -1, -1, false };
	}
	return k;
}

static void start(struct results *r, struct tenure_key **all, int event)
{
	struct pm_hist_event *e = &r->h->events.v[event];
	const size_t known = HASH_COUNT(*all);
	struct tenure_key *k = tenure_of(r, all, e->service, e->to);

	e->first = HASH_COUNT(*all) > known && k->open < 0;
	if (k->open >= 0)
		return;
	k->open = (int)r->h->tenures.n;
	*PM_VEC_ADD(&r->h->tenures) =
		(struct pm_hist_tenure){ e->to, e->service, event, -1, false };
}

static void stop(struct results *r, struct tenure_key **all, int event)
{
	const struct pm_hist_event *e = &r->h->events.v[event];
	struct tenure_key *k = tenure_of(r, all, e->service, e->from);

	if (k->open < 0 || e->left)
		return;
	r->h->tenures.v[k->open].to = event;
	k->open = -1;
}

/* Events are in the order of commits: of two branches, too, which is why an end may come twice. */
static void find_tenures(struct results *r)
{
	struct tenure_key *all = NULL;

	for (size_t i = 0; i < r->h->events.n; i++) {
		const struct pm_hist_event *e = &r->h->events.v[i];

		if (e->service < 0 || e->kind == PM_EVENT_CALLERS || e->kind == PM_EVENT_DOCUMENTS)
			continue;
		if (e->from)
			stop(r, &all, (int)i);
		if (e->to)
			start(r, &all, (int)i);
	}
	/* who has it now had it all the time; what no event says came or went with a merge */
	for (unsigned s = 0; s < pm_owners_count(r->b->owners); s++)
		for (size_t i = 0; i < r->n_ports[s]; i++)
			if (r->ports[s][i].declares) {
				struct tenure_key *k = tenure_of(r, &all, (int)s, r->ports[s][i].port);

				if (k->open < 0) {
					k->open = (int)r->h->tenures.n;
					*PM_VEC_ADD(&r->h->tenures) = (struct pm_hist_tenure){
						r->ports[s][i].port, (int)s, -1, -1, false,
					};
				}
				r->h->tenures.v[k->open].now = true;
			}
	HASH_CLEAR(hh, all);
}

/* ---- the schema that follows ---- */

static bool is_documented(const struct pm_hist_event *e)
{
	for (size_t i = 0; e->to && i < e->n; i++)
		if (e->places[i].use == PM_STMT_SCHEMA)
			return true;
	return false;
}

/* For each move, the first commit that gave the service its new port in the schema. */
static void find_documented(struct results *r)
{
	struct tenure_key *all = NULL, *k;

	for (size_t i = r->h->events.n; i-- > 0;) {
		struct pm_hist_event *e = &r->h->events.v[i];

		e->documented = -1;
		if (e->service < 0 || !is_documented(e))
			continue;
		k = key_of(r, &all, e->service, e->to);
		k->open = (int)e->commit;
	}
	for (size_t i = 0; i < r->h->events.n; i++) {
		struct pm_hist_event *e = &r->h->events.v[i];

		if (e->kind != PM_EVENT_MOVED || e->service < 0)
			continue;
		k = key_of(r, &all, e->service, e->to);
		e->documented = k->open;
	}
	HASH_CLEAR(hh, all);
}

/* ---- what was asked for ---- */

static int find_asked(struct results *r, struct pm_err *err)
{
	const unsigned n = pm_owners_count(r->b->owners);
	unsigned *found = PM_NEW_N(&r->b->arena, unsigned, n + 1);

	if (!r->b->o->services)
		return 0;
	r->asked = PM_NEW_N(&r->b->arena, bool, n + 1);
	for (const char *const *s = r->b->o->services; *s; s++) {
		const unsigned k = pm_owners_named(r->b->owners, *s, found, n);

		if (!k) {
			pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				   "no service of this history is called '%.200s'", *s);
			return pm_err_hint(err, "portmig history lists the services that it knows");
		}
		for (unsigned i = 0; i < k; i++)
			r->asked[found[i]] = true;
	}
	return 0;
}

static bool is_asked(const struct results *r, int service)
{
	return !r->asked || (service >= 0 && r->asked[service]);
}

static bool is_wanted(const struct results *r, const struct pm_hist_event *e)
{
	const struct pm_port_set *p = r->b->o->ports;

	if (!is_asked(r, e->service) && !(e->had >= 0 && is_asked(r, e->had)) &&
	    !(e->has >= 0 && is_asked(r, e->has)))
		return false;
	return !p || (e->from && pm_port_set_has(p, e->from)) ||
	       (e->to && pm_port_set_has(p, e->to));
}

/* ---- names ---- */

static int by_name(const void *pa, const void *pb)
{
	const struct pm_hist_service *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

static void use_service(struct results *r, int owner)
{
	struct pm_hist_service *s;

	if (owner < 0 || r->index[owner] >= 0)
		return;
	r->index[owner] = (int)r->h->services.n;
	s = PM_VEC_ADD(&r->h->services);
	s->name = pm_arena_strdup(&r->h->arena, pm_owners_name(r->b->owners, (unsigned)owner));
	s->now = r->ports[owner];
	s->n_now = r->n_ports[owner];
	s->asked = is_asked(r, owner);
	s->asked_by_name = s->asked && r->asked;
	s->owner = owner;
}

static bool has_wanted_port(const struct results *r, unsigned owner)
{
	for (size_t i = 0; i < r->n_ports[owner]; i++)
		if (r->ports[owner][i].declares &&
		    pm_port_set_has(r->b->o->ports, r->ports[owner][i].port))
			return true;
	return false;
}

/* Services that the results name, sorted; owners become indexes of them. */
static void take_services(struct results *r)
{
	const unsigned n = pm_owners_count(r->b->owners);

	r->index = PM_NEW_N(&r->b->arena, int, n + 1);
	for (unsigned i = 0; i < n; i++)
		r->index[i] = -1;
	for (size_t i = 0; i < r->h->events.n; i++) {
		use_service(r, r->h->events.v[i].service);
		use_service(r, r->h->events.v[i].had);
		use_service(r, r->h->events.v[i].has);
	}
	for (size_t i = 0; i < r->h->tenures.n; i++)
		use_service(r, r->h->tenures.v[i].service);
	for (unsigned i = 0; i < n; i++)
		if (is_asked(r, (int)i) && has_wanted_port(r, i))
			use_service(r, (int)i);
	if (r->h->services.n)
		qsort(r->h->services.v, r->h->services.n, sizeof(*r->h->services.v), by_name);
	for (size_t i = 0; i < r->h->services.n; i++)
		r->index[r->h->services.v[i].owner] = (int)i;
}

static int renamed(const struct results *r, int owner)
{
	return owner < 0 ? -1 : r->index[owner];
}

/* ---- keeping what is wanted ---- */

struct path_copy {
	const char *text, *copy;
	UT_hash_handle hh;
};

static void copy_paths(struct results *r)
{
	struct path_copy *all = NULL, *c;

	for (size_t i = 0; i < r->h->events.n; i++)
		for (size_t k = 0; k < r->h->events.v[i].n; k++) {
			const char **p = &r->h->events.v[i].places[k].path;

			HASH_FIND_STR(all, *p, c);
			if (!c) {
				c = PM_NEW(&r->b->arena, struct path_copy);
				c->text = *p;
				c->copy = pm_arena_strdup(&r->h->arena, *p);
				HASH_ADD_KEYPTR(hh, all, c->text, (unsigned)strlen(c->text), c);
			}
			*p = c->copy;
		}
	HASH_CLEAR(hh, all);
}

/* Keep the events with `keep`; what refers to them follows. */
static void keep_events(struct results *r, const bool *keep)
{
	int *at = PM_NEW_N(&r->b->arena, int, r->h->events.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < r->h->events.n; i++) {
		at[i] = keep[i] ? (int)n : -1;
		if (keep[i])
			r->h->events.v[n++] = r->h->events.v[i];
	}
	r->h->events.n = n;
	for (size_t i = 0; i < r->h->tenures.n; i++) {
		struct pm_hist_tenure *t = &r->h->tenures.v[i];

		t->from = t->from < 0 ? -1 : at[t->from];
		t->to = t->to < 0 ? -1 : at[t->to];
	}
	n = 0;
	for (size_t i = 0; i < r->h->moves.n; i++) {
		struct pm_hist_move *m = &r->h->moves.v[i];

		if (at[m->event] < 0)
			continue;
		m->event = (unsigned)at[m->event];
		r->h->moves.v[n++] = *m;
	}
	r->h->moves.n = n;
}

static int by_port(const void *pa, const void *pb)
{
	const struct pm_hist_tenure *a = pa, *b = pb;

	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->service < b->service ? -1 : a->service > b->service;
}

static void keep_tenures(struct results *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->h->tenures.n; i++) {
		const struct pm_hist_tenure *t = &r->h->tenures.v[i];

		if (r->b->o->ports && pm_port_set_has(r->b->o->ports, t->port) &&
		    is_asked(r, t->service))
			r->h->tenures.v[n++] = *t;
	}
	r->h->tenures.n = n;
}

/* Keep these events, and what a tenure names. */
static void keep_named(struct results *r, bool *keep)
{
	for (size_t i = 0; i < r->h->tenures.n; i++) {
		const struct pm_hist_tenure *t = &r->h->tenures.v[i];

		if (t->from >= 0)
			keep[t->from] = true;
		if (t->to >= 0)
			keep[t->to] = true;
	}
	keep_events(r, keep);
}

static void select_events(struct results *r)
{
	bool *keep = PM_NEW_N(&r->b->arena, bool, r->h->events.n + 1);

	for (size_t i = 0; i < r->h->events.n; i++)
		keep[i] = is_wanted(r, &r->h->events.v[i]);
	keep_named(r, keep);
}

/* ---- commits ---- */

static int by_number(const void *pa, const void *pb)
{
	const unsigned a = *(const unsigned *)pa, b = *(const unsigned *)pb;

	return a < b ? -1 : a > b;
}

static unsigned place_of(const unsigned *v, size_t n, unsigned commit)
{
	size_t lo = 0;

	while (n > 1) {
		size_t half = n / 2;

		if (v[lo + half] <= commit)
			lo += half;
		n -= half;
	}
	PM_ASSERT(v[lo] == commit, "a commit that was not asked for");
	return (unsigned)lo;
}

static bool is_fixed(const struct pm_hist_left *x)
{
	return x->fate == PM_FATE_FIXED || x->fate == PM_FATE_CHANGED ||
	       x->fate == PM_FATE_REMOVED;
}

static int take_commits(struct results *r, struct pm_err *err)
{
	struct pm_history *h = r->h;
	size_t n = 0, kept = 0, max = 2 * h->events.n + h->rows.n + 1;
	unsigned *v;
	int rc;

	for (size_t i = 0; i < h->moves.n; i++)
		max += h->moves.v[i].n_left;
	v = PM_NEW_N(&r->b->arena, unsigned, max);
	for (size_t i = 0; i < h->events.n; i++) {
		v[n++] = h->events.v[i].commit;
		if (h->events.v[i].documented >= 0)
			v[n++] = (unsigned)h->events.v[i].documented;
	}
	for (size_t i = 0; i < h->moves.n; i++)
		for (size_t k = 0; k < h->moves.v[i].n_left; k++)
			if (is_fixed(&h->moves.v[i].left[k]))
				v[n++] = (unsigned)h->moves.v[i].left[k].commit;
	for (size_t i = 0; i < h->rows.n; i++)
		v[n++] = h->rows.v[i].commit;
	qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 0; i < n; i++)
		if (!kept || v[kept - 1] != v[i])
			v[kept++] = v[i];
	rc = pm_hist_commits(h, &r->b->all, r->b->repo, v, kept, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < h->events.n; i++) {
		struct pm_hist_event *e = &h->events.v[i];

		e->commit = place_of(v, kept, e->commit);
		if (e->documented >= 0)
			e->documented = (int)place_of(v, kept, (unsigned)e->documented);
	}
	for (size_t i = 0; i < h->moves.n; i++)
		for (size_t k = 0; k < h->moves.v[i].n_left; k++) {
			struct pm_hist_left *x = &h->moves.v[i].left[k];

			x->commit = is_fixed(x) ? (int)place_of(v, kept, (unsigned)x->commit) : -1;
		}
	for (size_t i = 0; i < h->rows.n; i++)
		h->rows.v[i].commit = place_of(v, kept, h->rows.v[i].commit);
	return 0;
}

/* Author dates are known only now. */
static bool is_dated(const struct results *r, unsigned commit)
{
	const int64_t when = r->h->commits.v[commit].when;

	return when >= r->b->o->since && when <= r->b->o->until;
}

static void select_dates(struct results *r)
{
	bool *keep = PM_NEW_N(&r->b->arena, bool, r->h->events.n + 1);

	for (size_t i = 0; i < r->h->events.n; i++)
		keep[i] = is_dated(r, r->h->events.v[i].commit);
	keep_named(r, keep);
}

/* ---- rows of the schema ---- */

static bool is_row_wanted(const struct results *r, const struct pm_hist_row *row)
{
	const struct pm_port_set *p = r->b->o->ports;
	unsigned found[16], n;
	bool asked = !r->asked;

	if (!is_dated(r, row->commit))
		return false;
	n = asked ? 0 : pm_owners_named(r->b->owners, row->name, found, 16);
	for (unsigned i = 0; i < n; i++)
		asked |= r->asked[found[i]];
	if (!p || !asked)
		return asked;
	for (unsigned k = row->from; k && k <= (row->from_hi ? row->from_hi : row->from); k++)
		if (pm_port_set_has(p, k))
			return true;
	for (unsigned k = row->to; k && k <= (row->to_hi ? row->to_hi : row->to); k++)
		if (pm_port_set_has(p, k))
			return true;
	return false;
}

static void select_rows(struct results *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->h->rows.n; i++)
		if (is_row_wanted(r, &r->h->rows.v[i]))
			r->h->rows.v[n++] = r->h->rows.v[i];
	r->h->rows.n = n;
}

int pm_hist_results(struct pm_hbuild *b, struct pm_err *err)
{
	struct results r = { .b = b, .h = b->h };
	int rc;

	read_today(&r);
	find_tenures(&r);
	find_documented(&r);
	rc = find_asked(&r, err);
	if (rc == 0) {
		keep_tenures(&r);
		select_events(&r);
		if (b->o->left)
			rc = pm_hist_left(b, err);
	}
	if (rc == 0)
		rc = take_commits(&r, err);
	if (rc == 0) {
		select_dates(&r);
		select_rows(&r);
		pm_hist_unsaid(b);
		pm_hist_disagree(b);
		take_services(&r);
		copy_paths(&r);
		for (size_t i = 0; i < r.h->events.n; i++) {
			struct pm_hist_event *e = &r.h->events.v[i];

			e->service = renamed(&r, e->service);
			e->had = renamed(&r, e->had);
			e->has = renamed(&r, e->has);
		}
		for (size_t i = 0; i < r.h->tenures.n; i++)
			r.h->tenures.v[i].service = renamed(&r, r.h->tenures.v[i].service);
		if (r.h->tenures.n)
			qsort(r.h->tenures.v, r.h->tenures.n, sizeof(*r.h->tenures.v), by_port);
	}
	pm_tally_release(&r.now);
	return rc;
}
