/*
 * md_sections.c - the headings of a document as a tree, and the ranges they state.
 *
 * What a heading's range is (a project, a layer, one service's block, a group of services) is
 * decided by what stands under it and by the strategy table, never by a project's name.
 */
#include "reader.h"

#include "base/port.h"

#include <string.h>

static struct pm_str sub(struct pm_str s, size_t from, size_t to)
{
	/* an empty text may have no address */
	return (struct pm_str){ from ? s.p + from : s.p, to - from };
}

/* Years, not ports: "Roadmap 2025-2027". */
static bool are_years(unsigned lo, unsigned hi)
{
	return lo >= 1990 && hi <= 2049 && hi - lo < 10;
}

/* First "lo-hi" of 3 to 5 digits each; [*from, *to) is what it covers in `s`. */
static bool find_range(struct pm_str s, unsigned *lo, unsigned *hi, size_t *from, size_t *to)
{
	for (size_t i = 0; i < s.n; i++) {
		size_t end = i, at, stop;

		if (!pm_is_digit(s.p[i]) || (i && (pm_is_word(s.p[i - 1]) || s.p[i - 1] == '-')))
			continue;
		while (end < s.n && pm_is_digit(s.p[end]))
			end++;
		at = end;
		while (at < s.n && s.p[at] == ' ')
			at++;
		stop = at + pm_dash_len(s, at);
		while (stop > at && stop < s.n && s.p[stop] == ' ')
			stop++;
		at = stop;
		while (stop < s.n && pm_is_digit(s.p[stop]))
			stop++;
		*lo = pm_port_parse(sub(s, i, end));
		*hi = pm_port_parse(sub(s, at, stop));
		if (end - i >= 3 && at > end && stop > at && *lo && *hi > *lo &&
		    !are_years(*lo, *hi) &&
		    (stop == s.n || (!pm_is_word(s.p[stop]) && s.p[stop] != '-'))) {
			*from = i;
			*to = stop;
			return true;
		}
		i = end;
	}
	return false;
}

/* Separators and brackets left over around a name. */
static struct pm_str tidy(struct pm_str s)
{
	for (;;) {
		size_t n = s.n, dash;

		s = pm_str_trim(s);
		while (s.n && strchr(":|,;", s.p[0]))
			s = sub(s, 1, s.n);
		while (s.n && strchr(":|,;", s.p[s.n - 1]))
			s.n--;
		dash = s.n ? pm_dash_len(s, 0) : 0;
		s = sub(s, dash, s.n);
		for (size_t k = 1; k <= 3 && k <= s.n; k++)
			if (pm_dash_len(s, s.n - k) == k) {
				s.n -= k;
				break;
			}
		if (s.n >= 2 && memcmp(s.p + s.n - 2, "()", 2) == 0)
			s.n -= 2;
		if (s.n == n)
			return s;
	}
}

/* Drop words without a letter or digit at the start: emoji, also damaged ones. */
static struct pm_str skip_ornaments(struct pm_str s)
{
	struct pm_str whole = s;

	while (s.n) {
		size_t end = 0;
		bool plain = false;

		while (end < s.n && s.p[end] != ' ')
			plain |= pm_is_word(s.p[end++]);
		if (plain || end == s.n)
			return plain ? s : whole;
		s = pm_str_trim(sub(s, end, s.n));
	}
	return whole;
}

static void take_inside(struct pm_heading *out, struct pm_arena *a, struct pm_str *s)
{
	static const char *const said[] = { "embedded in ", "part of ", "runs inside ",
					    "inside ", NULL };

	for (size_t k = 0; said[k]; k++) {
		size_t i = pm_str_find(*s, said[k], true), n = strlen(said[k]);

		if (i == SIZE_MAX || i == 0 || pm_is_word(s->p[i - 1]))
			continue;
		out->inside = pm_arena_str(a, tidy(sub(*s, i + n, s->n)));
		*s = tidy(sub(*s, 0, i));
		return;
	}
}

void pm_heading_parse(struct pm_heading *out, struct pm_arena *a, const struct pm_md_text *t)
{
	struct pm_str s = pm_md_str(t), name;
	size_t from = 0, to = 0, open;

	memset(out, 0, sizeof(*out));
	if (find_range(s, &out->lo, &out->hi, &from, &to)) {
		size_t digits = from;
		char *joined;

		while (digits < s.n && pm_is_digit(s.p[digits]))
			digits++;
		out->span = pm_md_span(t, from, digits);
		while (from && strchr("([ ", s.p[from - 1]))
			from--;
		while (to < s.n && strchr(")] ", s.p[to]))
			to++;
		joined = pm_arena_printf(a, "%.*s %.*s", (int)from, s.p, (int)(s.n - to), s.p + to);
		s = pm_str_of(joined);
	} else {
		size_t end;

		out->lo = out->hi = 0;
		for (size_t i = 0; i < s.n; i = end + 1) {
			for (end = i; end < s.n && pm_is_digit(s.p[end]); end++)
				;
			if (end - i >= 8 && pm_lost_dash(sub(s, i, end), &out->lost_lo, &out->lost_hi))
				out->lost = pm_arena_str(a, sub(s, i, end));
		}
	}
	name = skip_ornaments(tidy(s));
	take_inside(out, a, &name);
	open = pm_str_find(name, "(", false);
	if (open != SIZE_MAX && open > 0 && name.p[name.n - 1] == ')') {
		out->note = pm_arena_str(a, sub(name, open + 1, name.n - 1));
		name = tidy(sub(name, 0, open));
	}
	out->name = pm_arena_str(a, name);
}

static const char *const never_words[] = { "never", "do not use", "don't use", "must not",
					   "forbidden", "prohibited", NULL };
static const char *const reserved_words[] = { "reserved", "blocked ports", "forbidden",
					      "avoided ports", NULL };
static const char *const migration_words[] = { "migration", "migrate", "migrating",
					       "priority order", NULL };
static const char *const real_words[] = { "real", "actual", "actually", "current", "currently",
					  "running", "real-world", "as deployed", NULL };
static const char *const internal_words[] = { "internal only", "not exposed", "internal-only",
					      "(internal)", NULL };

static void describe(struct pm_reader *r, struct pm_section *sec)
{
	struct pm_str t = pm_str_of(sec->title);
	const struct pm_section *up = sec->parent >= 0 ? &r->sections.v[sec->parent] : NULL;

	sec->reserved = pm_has_any(t, reserved_words);
	sec->strength = pm_has_any(t, never_words) ? PM_RESERVED_NEVER : PM_RESERVED_SLOT;
	sec->migration = pm_has_any(t, migration_words) || (up && up->migration);
	sec->environment = pm_has_word(t, "environment") || pm_has_word(t, "env") ||
			   (up && up->environment);
	sec->real = (pm_has_any(t, real_words) && pm_str_find(t, "port", true) != SIZE_MAX) ||
		    (up && up->real && !sec->head.lo);
	sec->internal = pm_has_any(t, internal_words) || (up && up->internal);
}

void pm_reader_headings(struct pm_reader *r)
{
	for (size_t i = 0; i < r->md.n; i++) {
		const struct pm_md_block *b = &r->md.v[i];
		struct pm_section *sec;
		int parent;

		if (b->kind != PM_MD_HEADING)
			continue;
		parent = (int)r->sections.n - 1;
		while (parent >= 0 && r->sections.v[parent].level >= b->level)
			parent = r->sections.v[parent].parent;
		sec = PM_VEC_ADD(&r->sections);
		sec->block = b;
		sec->title = b->text.p;
		sec->level = b->level;
		sec->parent = parent;
		sec->own_range = sec->range = -1;
		pm_heading_parse(&sec->head, r->a, &b->text);
		describe(r, sec);
	}
}

/* Blocks of section i itself, without its subsections: [from, to) in md. */
static void body(const struct pm_reader *r, size_t i, size_t *from, size_t *to)
{
	*from = (size_t)(r->sections.v[i].block - r->md.v) + 1;
	*to = i + 1 < r->sections.n ? (size_t)(r->sections.v[i + 1].block - r->md.v) : r->md.n;
}

static bool has_range_below(const struct pm_reader *r, size_t i)
{
	for (size_t k = i + 1; k < r->sections.n && r->sections.v[k].level > r->sections.v[i].level;
	     k++)
		if (r->sections.v[k].head.lo)
			return true;
	return false;
}

/* "project" or "layer" when a strategy table lists this range or name in such a column. */
static const char *listed_as(const struct pm_reader *r, const struct pm_heading *h)
{
	for (size_t i = 0; i < r->s->ranges.n; i++) {
		const struct pm_range *g = &r->s->ranges.v[i];

		if (g->from_table && ((g->lo == h->lo && g->hi == h->hi) ||
				      pm_str_ieq(pm_str_of(g->name), h->name)))
			return g->kind == PM_RANGE_PROJECT ? "project"
			     : g->kind == PM_RANGE_LAYER ? "layer" : NULL;
	}
	return NULL;
}

static enum pm_range_kind kind_of(const struct pm_reader *r, size_t i)
{
	const struct pm_section *sec = &r->sections.v[i];
	struct pm_str t = pm_str_of(sec->title);
	const char *listed = listed_as(r, &sec->head);
	bool below = has_range_below(r, i), blocks = false;

	if (sec->block_style)
		return PM_RANGE_BLOCK;
	if (listed && below)
		return strcmp(listed, "project") == 0 ? PM_RANGE_PROJECT : PM_RANGE_LAYER;
	if (pm_has_word(t, "layer") || pm_has_word(t, "tier") || !below)
		return below ? PM_RANGE_LAYER : PM_RANGE_GROUP;
	for (size_t k = i + 1; k < r->sections.n && r->sections.v[k].level > sec->level; k++)
		blocks |= r->sections.v[k].block_style;
	return blocks ? PM_RANGE_LAYER : PM_RANGE_PROJECT;
}

static void add_range(struct pm_reader *r, size_t i)
{
	struct pm_section *sec = &r->sections.v[i];
	struct pm_range *g;

	if (sec->head.lost)
		pm_reader_diag(r, "malformed-range", PM_ERROR,
			       pm_reader_text_src(r, &sec->block->text, 0),
			       "'%s' in the heading '%s' is not a range: did you mean %u-%u?",
			       sec->head.lost, sec->title, sec->head.lost_lo, sec->head.lost_hi);
	if (!sec->head.lo)
		return;
	if (pm_has_word(pm_str_of(sec->head.name), "reserved")) {
		pm_reader_reserved(r, sec->head.lo, sec->head.hi, sec->strength, sec->head.note, 0,
				   pm_reader_src(r, sec->head.span.off, sec->head.span));
		return;
	}
	g = PM_VEC_ADD(&r->s->ranges);
	g->kind = kind_of(r, i);
	g->lo = sec->head.lo;
	g->hi = sec->head.hi;
	g->name = sec->head.name;
	g->note = sec->head.note;
	g->parent = sec->parent >= 0 ? r->sections.v[sec->parent].range : -1;
	g->src = pm_reader_src(r, sec->head.span.off, sec->head.span);
	sec->own_range = (int)r->s->ranges.n - 1;
	if (g->kind == PM_RANGE_PROJECT)
		sec->project = pm_slug(r->a, pm_str_of(g->name));
}

/* An embedded service uses the range of the one it stands in. */
static int range_of_host(const struct pm_reader *r, const char *inside)
{
	for (size_t i = 0; i < r->s->ranges.n; i++)
		if (pm_str_ieq(pm_str_of(inside), r->s->ranges.v[i].name))
			return (int)i;
	return -1;
}

void pm_reader_sections(struct pm_reader *r)
{
	for (size_t i = 0; i < r->sections.n; i++) {
		struct pm_section *sec = &r->sections.v[i];
		size_t from, to;

		body(r, i, &from, &to);
		for (; from < to; from++)
			if (r->md.v[from].kind == PM_MD_TABLE &&
			    (sec->head.lo || sec->head.inside) &&
			    pm_table_is_block_style(&r->md.v[from], &sec->head))
				sec->block_style = true;
	}
	for (size_t i = 0; i < r->sections.n; i++) {
		struct pm_section *sec = &r->sections.v[i];
		struct pm_section *up = sec->parent >= 0 ? &r->sections.v[sec->parent] : NULL;

		add_range(r, i);
		if (!sec->project && up)
			sec->project = up->project;
		sec->range = sec->own_range >= 0 ? sec->own_range
			   : sec->head.inside ? range_of_host(r, sec->head.inside)
			   : up ? up->range : -1;
	}
}
