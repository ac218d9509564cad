/*
 * check_offset.c - offset tables: is the program at +10 of a block what the table puts there? Roles
 * are read from names, so nothing here is more than a warning. And projects against each other.
 */
#include "check_impl.h"

#include <string.h>

/* ---- the rules that hold for a block ---- */

static bool is_above(const struct pm_schema *s, int above, int range)
{
	for (unsigned depth = 0; range >= 0 && depth < 64; depth++) {
		if (range == above)
			return true;
		range = s->ranges.v[range].parent;
	}
	return false;
}

/* Are there offsets of the block's own, or of its layer? They replace the general ones. */
static bool has_own(const struct pm_schema *s, int range)
{
	for (size_t i = 0; i < s->offsets.n; i++)
		if (s->offsets.v[i].range >= 0 && is_above(s, s->offsets.v[i].range, range))
			return true;
	return false;
}

static bool holds(const struct pm_schema *s, const struct pm_offset *o, int range)
{
	if (has_own(s, range))
		return o->range >= 0 && is_above(s, o->range, range);
	return o->range < 0 || s->ranges.v[o->range].kind == PM_RANGE_GROUP;
}

static const struct pm_offset *slot_at(const struct pm_schema *s, int range, unsigned offset)
{
	for (size_t i = 0; i < s->offsets.n; i++)
		if (offset >= s->offsets.v[i].lo && offset <= s->offsets.v[i].hi &&
		    holds(s, &s->offsets.v[i], range))
			return &s->offsets.v[i];
	return NULL;
}

static const struct pm_offset *slot_for(const struct pm_schema *s, int range, unsigned class)
{
	for (size_t i = 0; i < s->offsets.n; i++)
		if (!s->offsets.v[i].reserved && holds(s, &s->offsets.v[i], range) &&
		    (pm_role_of_text(pm_str_of(s->offsets.v[i].purpose)) & class))
			return &s->offsets.v[i];
	return NULL;
}

/* The block whose offsets the row obeys, or NULL: an embedded service shares the block of another,
 * whose slots are taken. */
static const struct pm_range *block_of(const struct pm_doc_check *c, const struct pm_row *r)
{
	const struct pm_range *g;

	if (!pm_row_is_target(r->e) || r->e->range < 0 || r->v->inside ||
	    (size_t)r->e->range >= c->s->ranges.n)
		return NULL;
	g = &c->s->ranges.v[r->e->range];
	return g->kind == PM_RANGE_BLOCK && r->e->lo >= g->lo && r->e->lo <= g->hi ? g : NULL;
}

static const char *purpose_of(struct pm_arena *a, const struct pm_offset *o)
{
	return o->lo == o->hi ? pm_arena_printf(a, "+%02u is for '%s'", o->lo, o->purpose)
			      : pm_arena_printf(a, "+%02u-%02u is for '%s'", o->lo, o->hi, o->purpose);
}

/* ---- a layer's own habit ---- */

enum { HABIT = 3 }; /* as many blocks with the same role at the same offset are one */

struct habit {
	size_t with_role, at_offset; /* blocks of the layer */
	const struct pm_row *first;
};

/* How the blocks of the row's layer place its role. */
static struct habit habit_of(const struct pm_doc_check *c, const struct pm_row *r,
			     const struct pm_range *block)
{
	struct habit h = { 0, 0, NULL };

	if (block->parent < 0)
		return h;
	for (size_t i = 0; i < c->n; i++) {
		const struct pm_range *g = block_of(c, &c->rows[i]);

		if (!g || g->parent != block->parent ||
		    !pm_str_ieq(pm_str_of(c->rows[i].e->role), r->e->role))
			continue;
		h.with_role++;
		h.at_offset += c->rows[i].e->lo - g->lo == r->e->lo - block->lo;
		h.first = h.first ? h.first : &c->rows[i];
	}
	return h;
}

/* All blocks of the layer do it like this: its own rule, remarked on once. */
static bool is_habit(struct pm_doc_check *c, const struct pm_row *r, const struct pm_range *block,
		     const struct pm_offset *o)
{
	const struct habit h = habit_of(c, r, block);
	const struct pm_range *layer;

	if (h.at_offset < HABIT || h.at_offset < h.with_role)
		return false;
	layer = &c->s->ranges.v[block->parent];
	if (h.first->e == r->e)
		pm_doc_say_row(c, "offset-violated", PM_NOTE, r->e, layer->name,
			       "all %zu blocks of %s have %s at +%02u; %s (line %u). Taken as the "
			       "layer's own rule", h.at_offset, layer->name, r->e->role,
			       r->e->lo - block->lo, purpose_of(c->a, o), o->src.line)
			->hint = "put an offset table of its own under the layer's heading";
	return true;
}

/* ---- rows ---- */

/* "+30-39 is for 'Internal Services': 4230-4239" */
static const char *advice(const struct pm_doc_check *c, const struct pm_range *g,
			  const struct pm_offset *right)
{
	const unsigned lo = g->lo + right->lo;
	const unsigned hi = g->lo + right->hi < g->hi ? g->lo + right->hi : g->hi;
	const struct pm_endpoint *taken = lo == hi ? pm_schema_owner(c->s, lo, NULL) : NULL;
	const char *purpose = purpose_of(c->a, right);

	if (lo > g->hi)
		return pm_arena_printf(c->a, "%s: %u, but the block ends at %u", purpose, lo, g->hi);
	if (taken)
		return pm_arena_printf(c->a, "%s: %u, which %s has", purpose, lo, taken->name);
	return lo == hi ? pm_arena_printf(c->a, "%s: %u", purpose, lo)
			: pm_arena_printf(c->a, "%s: %u-%u", purpose, lo, hi);
}

static void wrong_slot(struct pm_doc_check *c, const struct pm_row *r, const struct pm_range *g,
		       const struct pm_offset *o, unsigned class)
{
	const struct pm_offset *right = slot_for(c->s, r->e->range, class);
	const struct pm_endpoint *e = r->e;
	struct pm_diag *d;

	d = pm_doc_say_row(c, "offset-violated", right ? PM_WARNING : PM_NOTE, e, NULL,
			   "%s at %u (+%02u of %s): %s (line %u)", e->name, e->lo, e->lo - g->lo,
			   g->name, purpose_of(c->a, o), o->src.line);
	if (right)
		d->hint = advice(c, g, right);
	pm_doc_also(c, d, &o->src, "the offset table");
}

static void check_slot(struct pm_doc_check *c, const struct pm_row *r)
{
	const struct pm_range *g = block_of(c, r);
	const struct pm_offset *o = g ? slot_at(c->s, r->e->range, r->e->lo - g->lo) : NULL;
	const struct pm_endpoint *e = r->e;
	unsigned slot, class;

	if (!o)
		return;
	slot = pm_role_of_text(pm_str_of(o->purpose));
	class = pm_role_of_row(e);
	if (o->reserved) {
		pm_doc_also(c, pm_doc_say_row(c, "offset-violated", PM_WARNING, e, NULL,
					      "%s at %u (+%02u of %s): %s and reserved (line %u)",
					      e->name, e->lo, e->lo - g->lo, g->name,
					      purpose_of(c->a, o), o->src.line),
			    &o->src, "the offset table");
		return;
	}
	if (!slot || (slot & class) || is_habit(c, r, g, o))
		return;
	if (class)
		wrong_slot(c, r, g, o, class);
	else if (o->lo == o->hi)
		/* a range of slots holds whatever works there; a single one has its purpose */
		pm_doc_say_row(c, "offset-violated", PM_NOTE, e, NULL,
			       "%s at %u (+%02u of %s): %s (line %u), and nothing says that it is one",
			       e->name, e->lo, e->lo - g->lo, g->name, purpose_of(c->a, o),
			       o->src.line);
}

void pm_doc_check_offsets(struct pm_doc_check *c)
{
	for (size_t i = 0; c->s->offsets.n && i < c->n; i++)
		check_slot(c, &c->rows[i]);
}

/* ---- projects ---- */

struct place {
	const struct pm_row *r;
	const char *name; /* of the service without its project, and role */
	unsigned offset;  /* from the start of the project */
};

enum { MAX_PLACES = 2048 };

static const struct pm_range *project_of(const struct pm_doc_check *c, int range)
{
	for (unsigned depth = 0; range >= 0 && depth < 64; depth++) {
		if (c->s->ranges.v[range].kind == PM_RANGE_PROJECT)
			return &c->s->ranges.v[range];
		range = c->s->ranges.v[range].parent;
	}
	return NULL;
}

static size_t gather(struct pm_doc_check *c, struct place *v)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n && n < MAX_PLACES; i++) {
		const struct pm_row *r = &c->rows[i];
		const struct pm_range *p = project_of(c, r->e->range);
		const char *slash = strchr(r->v->name, '/');

		if (!p || !slash || !pm_row_is_target(r->e) || r->e->lo < p->lo || r->e->lo > p->hi)
			continue;
		v[n].r = r;
		v[n].offset = r->e->lo - p->lo;
		v[n++].name = *r->e->role ? pm_arena_printf(c->a, "%s %s", slash + 1, r->e->role)
					  : slash + 1;
	}
	return n;
}

/* The offset that most projects give to what is called so, when three or more agree. */
static const struct place *usual(const struct place *v, size_t n, const struct place *x,
				 size_t *votes)
{
	const struct place *best = NULL;

	*votes = 0;
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		if (strcmp(v[i].name, x->name) != 0)
			continue;
		for (size_t j = 0; j < n; j++)
			k += strcmp(v[j].name, x->name) == 0 && v[j].offset == v[i].offset;
		if (k > *votes) {
			*votes = k;
			best = &v[i];
		}
	}
	return *votes >= 3 ? best : NULL;
}

void pm_doc_check_layouts(struct pm_doc_check *c)
{
	struct place *v = PM_NEW_N(c->a, struct place, c->n + 1);
	const size_t n = gather(c, v);

	for (size_t i = 0; i < n && n <= 512; i++) {
		size_t votes;
		const struct place *most = usual(v, n, &v[i], &votes);

		if (most && most->offset != v[i].offset)
			pm_doc_say_row(c, "layout-differs", PM_NOTE, v[i].r->e, NULL,
				       "%s is at +%u of its project here, and at +%u in %zu others "
				       "(line %u)", v[i].name, v[i].offset, most->offset, votes,
				       most->r->e->src.line);
	}
}
