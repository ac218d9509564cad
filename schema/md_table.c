/*
 * md_table.c - tables: what the columns mean, and what each row says.
 *
 * Columns are known by their headings. A row that cannot be understood goes to the leftovers; a
 * cell that was meant as a port and is none is an error with the cell quoted.
 */
#include "reader.h"

#include "base/port.h"

#include <string.h>

enum column {
	COL_PORT, COL_RANGE, COL_SERVICE, COL_PROJECT, COL_LAYER, COL_CONTAINER, COL_DESC,
	COL_RESERVED_FOR, COL_PAIR, COL_OFFSET, COL_DB, COL_FROM, COL_TO, COL_HOST, COL_PUBLIC,
	COL_EXPOSURE, COL_STATE, COL_VAR, COL_VALUE, COL_DATE, COL_CHANGE, COL_AUTHOR, N_COLUMNS
};

/* Whole headings (as slugs) and what they mean; a '*' at the end matches any rest. */
static const struct { const char *slug; enum column col; } headings[] = {
	{ "port", COL_PORT }, { "ports", COL_PORT }, { "port-s", COL_PORT },
	{ "host-port*", COL_PORT }, { "external-port*", COL_PORT }, { "dev-port*", COL_PORT },
	{ "port-number*", COL_PORT }, { "default-port*", COL_PORT }, { "assigned-port*", COL_PORT },
	{ "published-port*", COL_PORT }, { "local-port*", COL_PORT }, { "service-port*", COL_PORT },
	{ "range", COL_RANGE }, { "port-range*", COL_RANGE }, { "ranges", COL_RANGE },
	{ "port-block*", COL_RANGE }, { "block", COL_RANGE }, { "ports-range", COL_RANGE },
	{ "service", COL_SERVICE }, { "service-name", COL_SERVICE }, { "name", COL_SERVICE },
	{ "component", COL_SERVICE }, { "app", COL_SERVICE }, { "application", COL_SERVICE },
	{ "system", COL_SERVICE }, { "module", COL_SERVICE }, { "microservice", COL_SERVICE },
	{ "tool", COL_SERVICE }, { "process", COL_SERVICE }, { "package", COL_SERVICE },
	{ "endpoint", COL_SERVICE },
	{ "project*", COL_PROJECT }, { "product", COL_PROJECT }, { "repository", COL_PROJECT },
	{ "repo", COL_PROJECT },
	{ "layer*", COL_LAYER }, { "tier", COL_LAYER }, { "category", COL_LAYER },
	{ "group", COL_LAYER }, { "domain-group", COL_LAYER }, { "type", COL_LAYER },
	{ "container", COL_CONTAINER }, { "container-name*", COL_CONTAINER },
	{ "description", COL_DESC }, { "purpose", COL_DESC }, { "note*", COL_DESC },
	{ "usage", COL_DESC }, { "use", COL_DESC }, { "details", COL_DESC },
	{ "comment*", COL_DESC }, { "function", COL_DESC }, { "services", COL_DESC },
	{ "reserved-for*", COL_RESERVED_FOR }, { "reason*", COL_RESERVED_FOR },
	{ "reserved", COL_RESERVED_FOR },
	{ "correspond*", COL_PAIR }, { "pair*", COL_PAIR }, { "backend", COL_PAIR },
	{ "talks-to*", COL_PAIR }, { "upstream", COL_PAIR },
	{ "offset*", COL_OFFSET },
	{ "db", COL_DB }, { "database", COL_DB }, { "redis-db*", COL_DB }, { "db-number", COL_DB },
	{ "db-index", COL_DB }, { "database-number", COL_DB },
	{ "from", COL_FROM }, { "from-port", COL_FROM }, { "old*", COL_FROM },
	{ "current*", COL_FROM }, { "before", COL_FROM }, { "previous*", COL_FROM },
	{ "to", COL_TO }, { "to-port", COL_TO }, { "new*", COL_TO }, { "target*", COL_TO },
	{ "after", COL_TO }, { "proposed*", COL_TO }, { "planned-port*", COL_TO },
	{ "host", COL_HOST }, { "machine", COL_HOST }, { "node", COL_HOST },
	{ "runs-on", COL_HOST }, { "server", COL_SERVICE },
	{ "public*", COL_PUBLIC }, { "domain", COL_PUBLIC }, { "hostname", COL_PUBLIC },
	{ "url", COL_PUBLIC },
	{ "exposure", COL_EXPOSURE }, { "exposed", COL_EXPOSURE }, { "access", COL_EXPOSURE },
	{ "visibility", COL_EXPOSURE },
	{ "status", COL_STATE }, { "state", COL_STATE },
	{ "variable*", COL_VAR }, { "env*", COL_VAR }, { "value", COL_VALUE },
	{ "default", COL_VALUE }, { "default-value", COL_VALUE }, { "example", COL_VALUE },
	{ "date", COL_DATE }, { "change*", COL_CHANGE }, { "author", COL_AUTHOR },
	{ "by", COL_AUTHOR },
};

struct table {
	struct pm_reader *r;
	const struct pm_md_block *b;
	const struct pm_section *sec; /* NULL above the first heading */
	int col[N_COLUMNS];           /* index of the column, -1 */
	unsigned index;               /* 1 + index in the schema's tables, 0 */
};

static bool slug_matches(const char *slug, const char *pattern)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return strncmp(slug, pattern, n - 1) == 0;
	return strcmp(slug, pattern) == 0;
}

static void classify(struct table *t)
{
	struct pm_arena scratch = { 0 };

	for (int c = 0; c < N_COLUMNS; c++)
		t->col[c] = -1;
	for (size_t i = 0; i < t->b->n_cols && t->b->n_rows; i++) {
		const struct pm_md_text *cell = &t->b->rows[0].cells[i].text;
		const char *slug = pm_slug(&scratch, pm_md_str(cell));

		for (size_t k = 0; k < sizeof(headings) / sizeof(headings[0]); k++)
			if (slug_matches(slug, headings[k].slug)) {
				if (t->col[headings[k].col] < 0)
					t->col[headings[k].col] = (int)i;
				break;
			}
	}
	pm_arena_release(&scratch);
	if (t->col[COL_SERVICE] < 0 && t->col[COL_PORT] >= 0 && t->col[COL_PROJECT] >= 0)
		t->col[COL_SERVICE] = t->col[COL_PROJECT];
}

static const struct pm_md_text *cell_text(const struct table *t, size_t row, enum column c)
{
	static const struct pm_md_text none = { "", NULL, 0 };
	int i = t->col[c];

	if (i < 0 || !t->b->rows[row].cells)
		return &none;
	return &t->b->rows[row].cells[i].text;
}

static struct pm_str cell(const struct table *t, size_t row, enum column c)
{
	return pm_str_trim(pm_md_str(cell_text(t, row, c)));
}

/* Where in the file a part of the cell's text stands. */
static struct pm_span cell_span(const struct table *t, size_t row, enum column c,
				struct pm_str part)
{
	const struct pm_md_text *text = cell_text(t, row, c);
	const size_t from = part.n ? (size_t)(part.p - text->p) : 0;

	return part.n ? pm_md_span(text, from, from + part.n) : (struct pm_span){ 0, 0 };
}

/* Source of a row: its line, the column of the cell `c`. */
static struct pm_src row_src(const struct table *t, size_t row, enum column c,
			     struct pm_span digits)
{
	struct pm_src src = { t->r->s->path, t->b->rows[row].line, 1, digits };
	int i = t->col[c];

	if (digits.len)
		return pm_reader_src(t->r, digits.off, digits);
	if (i >= 0 && t->b->rows[row].cells && t->b->rows[row].cells[i].raw.len)
		return pm_reader_src(t->r, t->b->rows[row].cells[i].raw.off, digits);
	return src;
}

/* Take a cell apart that should hold ports; dashes that searches do not find are remembered. */
static void take_cell(const struct table *t, size_t row, enum column c, bool zero,
		      struct pm_port_cell *out)
{
	pm_port_cell_parse(out, t->r->a, cell_text(t, row, c), zero);
	if (out->odd_dash && !t->r->n_odd_dashes++)
		t->r->odd_dash = row_src(t, row, c, (struct pm_span){ 0, 0 });
}

static struct pm_str row_line(const struct table *t, size_t row)
{
	return pm_str_trim(pm_lines_get(&t->r->md.lines, t->b->rows[row].line));
}

static void leftover_row(const struct table *t, size_t row, const char *why)
{
	pm_reader_leftover(t->r, row_line(t, row), why, row_src(t, row, COL_PORT,
								(struct pm_span){ 0, 0 }));
}

static void bad_cell(const struct table *t, size_t row, enum column c,
		     const struct pm_port_cell *p)
{
	struct pm_reader *r = t->r;
	struct pm_span raw = t->b->rows[row].cells[t->col[c]].raw;
	struct pm_str as_written = { r->text.p + raw.off, raw.len < 80 ? raw.len : 80 };
	PM_CLEAN_BUF struct pm_buf quoted = { 0 };
	struct pm_diag *d;

	pm_quote_text(&quoted, as_written);
	d = pm_reader_diag(r, p->rule, PM_ERROR, row_src(t, row, c, (struct pm_span){ 0, 0 }),
			   "'%s' is not a port: %s", pm_buf_str(&quoted), p->problem);
	if (p->meant)
		d->hint = pm_arena_printf(r->a, "did you mean %s?", p->meant);
	if (!r->n_bad++)
		r->first_bad = *d;
}

/* "*(reserved)*", "Reserved", "reserved for future": the words before and after are a reason. */
static bool says_reserved(struct pm_str s)
{
	return pm_has_word(s, "reserved") && s.n < 120 &&
	       (pm_str_find(s, "reserved", true) <= 2 || s.p[s.n - 1] == ')' ||
		pm_str_find(s, "reserved", true) + 8 == s.n);
}

static const char *reason_of(struct pm_arena *a, struct pm_str s)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_str out;

	if (!pm_has_word(s, "reserved"))
		return pm_arena_str(a, s);
	for (size_t i = 0; i < s.n; i++) {
		if (s.n - i >= 8 && pm_str_ieq((struct pm_str){ s.p + i, 8 }, "reserved")) {
			i += 7;
			continue;
		}
		if (!strchr("*()_", s.p[i]))
			pm_buf_addc(&b, s.p[i]);
	}
	out = pm_str_trim((struct pm_str){ pm_buf_str(&b), b.n });
	return pm_arena_str(a, out);
}

static const char *note_of(struct pm_arena *a, struct pm_str x, struct pm_str y)
{
	if (!x.n || !y.n)
		return pm_arena_str(a, x.n ? x : y);
	return pm_arena_printf(a, "%.*s; %.*s", (int)x.n, x.p, (int)y.n, y.p);
}

/* A cell that says something: not empty, not a dash. */
static bool says(struct pm_str s)
{
	return s.n && pm_dash_len(s, 0) != s.n && !pm_str_ieq(s, "n/a");
}

static bool is_future(struct pm_str s)
{
	return pm_str_ieq(s, "(future)") || pm_str_ieq(s, "future") ||
	       pm_str_ieq(s, "planned (future)");
}

/* "3030 chat-server", or a remark such as "(local-first only)". */
static void read_pair(const struct table *t, size_t row, struct pm_endpoint *e)
{
	struct pm_str s = cell(t, row, COL_PAIR);
	size_t pos = 0, len = 0;
	unsigned port;

	if (!says(s))
		return;
	port = pm_port_next(s, &pos, &len);
	if (is_future(s)) {
		e->state = PM_STATE_FUTURE;
		return;
	}
	if (port && pos <= 1) {
		struct pm_str name = pm_str_trim((struct pm_str){ s.p + pos + len,
								  s.n - pos - len });

		e->pair_port = port;
		e->pair_span = cell_span(t, row, COL_PAIR, (struct pm_str){ s.p + pos, len });
		e->pair_name = name.n ? pm_arena_str(t->r->a, name) : NULL;
		e->pair_name_span = cell_span(t, row, COL_PAIR, name);
		return;
	}
	e->note = note_of(t->r->a, pm_str_of(e->note), s);
}

static void read_exposure(const struct table *t, size_t row, struct pm_endpoint *e)
{
	static const char *const internal[] = { "internal", "private", "container only", "no",
						"none", NULL };
	static const char *const said[] = { "internal only", "not exposed", "(internal)",
					    "no host port", NULL };
	struct pm_str note = pm_str_of(e->note);
	bool in_note = false;

	for (size_t i = 0; said[i]; i++)
		in_note |= pm_str_find(note, said[i], true) != SIZE_MAX;
	if (in_note || (t->sec && t->sec->internal) ||
	    pm_has_any(cell(t, row, COL_EXPOSURE), internal))
		e->exposure = PM_EXPOSE_INTERNAL;
}

static void read_state(const struct table *t, size_t row, struct pm_endpoint *e)
{
	struct pm_str s = cell(t, row, COL_STATE), desc = cell(t, row, COL_DESC);

	if (is_future(s) || is_future(desc) || pm_has_word(s, "future"))
		e->state = PM_STATE_FUTURE;
	else if (pm_has_word(s, "not deployed"))
		e->state = PM_STATE_NOT_DEPLOYED;
}

/* The service's own words of the row: "minio (S3 API)" gives base and role; rows side by side
 * with one container give their common first words as base. */
static void split_name(const struct table *t, size_t row, struct pm_str name,
		       struct pm_str *base, struct pm_str *role)
{
	struct pm_str mine = cell(t, row, COL_CONTAINER);
	size_t open = pm_str_find(name, "(", false);

	*base = name;
	*role = (struct pm_str){ "", 0 };
	if (open != SIZE_MAX && open > 0 && name.p[name.n - 1] == ')') {
		*base = pm_str_trim((struct pm_str){ name.p, open });
		*role = (struct pm_str){ name.p + open + 1, name.n - open - 2 };
		return;
	}
	for (int step = -1; step <= 1 && mine.n; step += 2) {
		size_t other = row + (size_t)step, n = 0, k = 0;
		struct pm_str o;

		if (other < 1 || other >= t->b->n_rows)
			continue;
		o = cell(t, other, COL_SERVICE);
		if (cell(t, other, COL_CONTAINER).n != mine.n ||
		    memcmp(cell(t, other, COL_CONTAINER).p, mine.p, mine.n) != 0)
			continue;
		for (; k < name.n && k < o.n && name.p[k] == o.p[k]; k++)
			if (name.p[k] == ' ')
				n = k;
		if (n) {
			*base = pm_str_trim((struct pm_str){ name.p, n });
			*role = pm_str_trim((struct pm_str){ name.p + n, name.n - n });
			return;
		}
	}
}

static const char *block_slug(const struct table *t)
{
	const char *slug = pm_reader_slug(t->r, pm_str_of(t->sec->head.name), t->sec->block->line);

	return t->sec->project ? pm_arena_printf(t->r->a, "%s/%s", t->sec->project, slug) : slug;
}

static size_t block_service(const struct table *t, size_t row)
{
	const struct pm_section *sec = t->sec;
	struct pm_reader *r = t->r;
	size_t i = pm_reader_service(r, block_slug(t), sec->head.name,
				     row_src(t, row, COL_PORT, (struct pm_span){ 0, 0 }));

	r->s->services.v[i].project = sec->project;
	if (sec->head.inside)
		r->s->services.v[i].inside = pm_slug(r->a, pm_str_of(sec->head.inside));
	return i;
}

static size_t flat_service(const struct table *t, size_t row, struct pm_str name,
			   struct pm_str *role, struct pm_span *name_span)
{
	struct pm_reader *r = t->r;
	const char *project = t->sec ? t->sec->project : NULL, *slug;
	struct pm_str base, owner = cell(t, row, COL_PROJECT);
	size_t i;

	split_name(t, row, name, &base, role);
	*name_span = cell_span(t, row, COL_SERVICE, base);
	if (t->col[COL_PROJECT] != t->col[COL_SERVICE] && owner.n)
		project = pm_slug(r->a, owner);
	slug = pm_reader_slug(r, base, t->b->rows[row].line);
	if (project && *project)
		slug = pm_arena_printf(r->a, "%s/%s", project, slug);
	i = pm_reader_service(r, slug, pm_arena_str(r->a, base),
			      row_src(t, row, COL_PORT, (struct pm_span){ 0, 0 }));
	r->s->services.v[i].project = project;
	return i;
}

static int add_endpoints(const struct table *t, size_t row, const struct pm_port_cell *p,
			 struct pm_str name)
{
	struct pm_reader *r = t->r;
	struct pm_str role = name;
	bool block = t->sec && t->sec->block_style;
	struct pm_endpoint e = { .state = PM_STATE_PLANNED, .table = t->index };
	size_t service = block ? block_service(t, row)
			       : flat_service(t, row, name, &role, &e.name_span);
	struct pm_str container = cell(t, row, COL_CONTAINER), host = cell(t, row, COL_HOST);
	struct pm_str public_name = cell(t, row, COL_PUBLIC), note = cell(t, row, COL_DESC);

	e.role = pm_arena_str(r->a, role);
	e.container = says(container) ? pm_arena_str(r->a, container) : NULL;
	e.note = note_of(r->a, says(note) ? note : (struct pm_str){ "", 0 },
			 pm_str_of(p->kind == PM_CELL_DYNAMIC ? "" : p->note));
	e.range = t->sec ? t->sec->range : -1;
	e.public_name = says(public_name) ? pm_arena_str(r->a, public_name) : NULL;
	if (says(host))
		e.host = pm_reader_host(r, pm_arena_str(r->a, host), NULL,
					row_src(t, row, COL_HOST, (struct pm_span){ 0, 0 }));
	read_pair(t, row, &e);
	read_state(t, row, &e);
	read_exposure(t, row, &e);
	e.claims_collision = pm_claims_collision(pm_str_of(e.note));
	if (p->kind == PM_CELL_DYNAMIC) {
		e.state = PM_STATE_DYNAMIC;
		e.src = row_src(t, row, COL_PORT, (struct pm_span){ 0, 0 });
		return pm_reader_endpoint(r, service, &e);
	}
	for (size_t i = 0; i < p->n; i++) {
		int rc;

		e.lo = p->v[i].lo;
		e.hi = p->v[i].hi;
		e.proto = p->v[i].proto;
		e.src = row_src(t, row, COL_PORT, p->v[i].span);
		rc = pm_reader_endpoint(r, service, &e);
		if (rc)
			return rc;
	}
	return 0;
}

static enum pm_strength strength_of(const struct table *t, struct pm_str said)
{
	if (pm_has_word(said, "may conflict") || pm_has_word(said, "may"))
		return PM_RESERVED_MAY;
	return t->sec ? t->sec->strength : PM_RESERVED_SLOT;
}

static void add_reserved(const struct table *t, size_t row, const struct pm_port_cell *p,
			 enum column c, struct pm_str said, enum pm_strength strength)
{
	const char *reason = reason_of(t->r->a, said);

	for (size_t i = 0; i < p->n; i++)
		pm_reader_reserved(t->r, p->v[i].lo, p->v[i].hi, strength, reason, t->index,
				   row_src(t, row, c, p->v[i].span));
}

static bool row_is_empty(const struct table *t, size_t row)
{
	for (size_t i = 0; i < t->b->n_cols && t->b->rows[row].cells; i++)
		if (t->b->rows[row].cells[i].text.n)
			return false;
	return true;
}

static int service_row(const struct table *t, size_t row, enum column c)
{
	struct pm_port_cell p;
	struct pm_str name = cell(t, row, COL_SERVICE);

	take_cell(t, row, c, false, &p);
	switch (p.kind) {
	case PM_CELL_BAD: bad_cell(t, row, c, &p); return 0;
	case PM_CELL_EMPTY: leftover_row(t, row, "the row has no port"); return 0;
	case PM_CELL_TEXT: leftover_row(t, row, "the port cell does not begin with a port"); return 0;
	default: break;
	}
	if (p.kind == PM_CELL_PORTS &&
	    (says_reserved(name) || (says_reserved(pm_str_of(p.note)) && !name.n))) {
		add_reserved(t, row, &p, c, name.n ? name : pm_str_of(p.note), PM_RESERVED_SLOT);
		return 0;
	}
	if (!name.n) {
		leftover_row(t, row, "the row names no service");
		return 0;
	}
	return add_endpoints(t, row, &p, name);
}

static void reserved_row(const struct table *t, size_t row, enum column c)
{
	struct pm_port_cell p;
	struct pm_str said = cell(t, row, COL_RESERVED_FOR);

	take_cell(t, row, c, true, &p);
	if (!said.n)
		said = cell(t, row, COL_DESC).n ? cell(t, row, COL_DESC) : cell(t, row, COL_SERVICE);
	if (p.kind == PM_CELL_BAD)
		bad_cell(t, row, c, &p);
	else if (p.kind != PM_CELL_PORTS)
		leftover_row(t, row, "a reservation without a port");
	else
		add_reserved(t, row, &p, c, said, strength_of(t, said));
}

static void strategy_row(const struct table *t, size_t row)
{
	enum column by = t->col[COL_PROJECT] >= 0 ? COL_PROJECT
		       : t->col[COL_LAYER] >= 0 ? COL_LAYER
		       : t->col[COL_SERVICE] >= 0 ? COL_SERVICE : COL_DESC;
	struct pm_str name = cell(t, row, by), note = cell(t, row, COL_DESC);
	struct pm_port_cell p;

	take_cell(t, row, COL_RANGE, false, &p);
	if (p.kind == PM_CELL_BAD) {
		bad_cell(t, row, COL_RANGE, &p);
		return;
	}
	if (p.kind != PM_CELL_PORTS) {
		leftover_row(t, row, "a range without ports");
		return;
	}
	if (pm_has_word(name, "reserved")) {
		add_reserved(t, row, &p, COL_RANGE, note.n ? note : name, PM_RESERVED_SLOT);
		return;
	}
	for (size_t i = 0; i < p.n; i++) {
		struct pm_range *g = PM_VEC_ADD(&t->r->s->ranges);

		g->kind = by == COL_PROJECT ? PM_RANGE_PROJECT
			: by == COL_LAYER ? PM_RANGE_LAYER : PM_RANGE_GROUP;
		g->lo = p.v[i].lo;
		g->hi = p.v[i].hi;
		g->name = pm_arena_str(t->r->a, name);
		g->note = note.n && by != COL_DESC ? pm_arena_str(t->r->a, note) : NULL;
		g->parent = -1;
		g->from_table = true;
		g->src = row_src(t, row, COL_RANGE, p.v[i].span);
	}
}

/* "+06-09 | Reserved UI slots" */
static void offset_row(const struct table *t, size_t row)
{
	const struct pm_md_text *text = cell_text(t, row, COL_OFFSET);
	struct pm_str s = pm_md_str(text), purpose;
	struct pm_offset *o;
	unsigned v[2] = { 0, 0 }, n = 0;
	size_t i = 0, start = 0, stop = 0;

	for (; i < s.n && n < 2; i++) {
		size_t end = i;

		while (end < s.n && pm_is_digit(s.p[end]) && end - i < 6)
			v[n] = v[n] * 10 + (unsigned)(s.p[end++] - '0');
		if (end == i)
			continue;
		if (!n) {
			start = i;
			stop = end;
		}
		n++;
		i = end;
	}
	if (!n || v[0] > 65535 || v[1] > 65535 || (n == 2 && v[1] < v[0])) {
		leftover_row(t, row, "not an offset");
		return;
	}
	purpose = cell(t, row, COL_DESC).n ? cell(t, row, COL_DESC) : cell(t, row, COL_SERVICE);
	o = PM_VEC_ADD(&t->r->s->offsets);
	o->range = t->sec ? t->sec->range : -1;
	o->lo = v[0];
	o->hi = n == 2 ? v[1] : v[0];
	o->purpose = pm_arena_str(t->r->a, purpose);
	o->reserved = pm_has_word(purpose, "reserved");
	o->src = row_src(t, row, COL_OFFSET, pm_md_span(text, start, stop));
}

static void resource_row(const struct table *t, size_t row)
{
	const struct pm_md_text *text = cell_text(t, row, COL_DB);
	struct pm_str s = pm_str_trim(pm_md_str(text)), note = cell(t, row, COL_DESC);
	struct pm_resource *v;
	unsigned number = 0;
	size_t n = 0;

	while (n < s.n && n < 6 && pm_is_digit(s.p[n]))
		number = number * 10 + (unsigned)(s.p[n++] - '0');
	if (!n || n < s.n || !cell(t, row, COL_SERVICE).n) {
		leftover_row(t, row, "not a numbered database with a service");
		return;
	}
	v = PM_VEC_ADD(&t->r->s->resources);
	v->kind = "redis-db";
	v->number = number;
	v->service = pm_arena_str(t->r->a, cell(t, row, COL_SERVICE));
	v->note = note.n ? pm_arena_str(t->r->a, note) : NULL;
	v->src = row_src(t, row, COL_DB, pm_md_span(text, (size_t)(s.p - text->p),
						    (size_t)(s.p - text->p) + n));
}

static void move_row(const struct table *t, size_t row)
{
	struct pm_port_cell from, to;
	struct pm_str name = cell(t, row, COL_SERVICE);
	struct pm_step *v;

	take_cell(t, row, COL_FROM, false, &from);
	take_cell(t, row, COL_TO, false, &to);
	if (from.kind == PM_CELL_BAD)
		bad_cell(t, row, COL_FROM, &from);
	if (to.kind == PM_CELL_BAD)
		bad_cell(t, row, COL_TO, &to);
	if (from.kind != PM_CELL_PORTS || to.kind != PM_CELL_PORTS || from.n != to.n ||
	    from.n > 8 || !name.n) {
		leftover_row(t, row, "not a move of one service from ports to as many ports");
		return;
	}
	v = PM_VEC_ADD(&t->r->s->steps);
	v->order = (unsigned)row;
	v->service = pm_arena_str(t->r->a, name);
	v->n = from.n;
	for (size_t i = 0; i < from.n; i++) {
		v->from[i] = from.v[i].lo;
		v->to[i] = to.v[i].lo;
	}
	v->text = pm_arena_str(t->r->a, row_line(t, row));
	v->src = row_src(t, row, COL_FROM, from.v[0].span);
}

static void envvar_row(const struct table *t, size_t row)
{
	struct pm_str name = cell(t, row, COL_VAR), value = cell(t, row, COL_VALUE);
	struct pm_envvar *v = PM_VEC_ADD(&t->r->s->envvars);

	v->name = pm_arena_str(t->r->a, name);
	v->value = pm_arena_str(t->r->a, value);
	v->src = row_src(t, row, COL_VAR, (struct pm_span){ 0, 0 });
}

static void change_row(const struct table *t, size_t row)
{
	struct pm_change_note *v = PM_VEC_ADD(&t->r->s->changelog);
	struct pm_str author = cell(t, row, COL_AUTHOR), text = cell(t, row, COL_CHANGE);

	if (!text.n)
		text = cell(t, row, COL_DESC);
	v->date = pm_arena_str(t->r->a, cell(t, row, COL_DATE));
	v->text = pm_arena_str(t->r->a, text);
	v->author = author.n ? pm_arena_str(t->r->a, author) : NULL;
	v->src = row_src(t, row, COL_DATE, (struct pm_span){ 0, 0 });
}

/* "Port Range | Service" with mostly single ports is a table of services. */
static bool mostly_single(const struct table *t)
{
	size_t single = 0, all = 0;

	for (size_t row = 1; row < t->b->n_rows; row++) {
		struct pm_str s = cell(t, row, COL_RANGE);
		size_t pos = 0, len;

		all++;
		single += pm_port_next(s, &pos, &len) && pos + len == s.n && pos == 0;
	}
	return single * 2 > all;
}

enum use { USE_SERVICES, USE_RANGE_SERVICES, USE_RESERVED, USE_STRATEGY, USE_OFFSETS,
	   USE_RESOURCES, USE_MOVES, USE_ENV, USE_CHANGES, USE_NONE };

static enum use use_of(const struct table *t)
{
	const int *c = t->col;
	bool range = c[COL_RANGE] >= 0, service = c[COL_SERVICE] >= 0;
	bool reserved = c[COL_RESERVED_FOR] >= 0 || (t->sec && t->sec->reserved);

	if (c[COL_OFFSET] >= 0)
		return USE_OFFSETS;
	if (c[COL_FROM] >= 0 && c[COL_TO] >= 0 && service)
		return USE_MOVES;
	if (reserved && (range || c[COL_PORT] >= 0) && !service)
		return USE_RESERVED;
	if (c[COL_PORT] >= 0 && service)
		return USE_SERVICES;
	if (range && service && mostly_single(t))
		return USE_RANGE_SERVICES;
	if (range && (service || c[COL_PROJECT] >= 0 || c[COL_LAYER] >= 0 || c[COL_DESC] >= 0))
		return USE_STRATEGY;
	if (c[COL_DB] >= 0 && service)
		return USE_RESOURCES;
	if (c[COL_VAR] >= 0 && c[COL_VALUE] >= 0)
		return USE_ENV;
	if (c[COL_DATE] >= 0 && (c[COL_CHANGE] >= 0 || c[COL_DESC] >= 0))
		return USE_CHANGES;
	return USE_NONE;
}

bool pm_table_is_strategy(const struct pm_md_block *b)
{
	struct table t = { .b = b };

	classify(&t);
	return use_of(&t) == USE_STRATEGY;
}

bool pm_table_is_block_style(const struct pm_md_block *b, const struct pm_heading *head)
{
	static const char *const roles[] = { "api", "web", "ui", "admin", "dashboard", "docs",
		"website", "demo", "metrics", "websocket", "worker", "workers", "frontend",
		"backend", "studio", "scheduler", "gateway", "health", "debug", "grpc", NULL };
	struct table t = { .b = b };
	struct pm_str name = pm_str_of(head->name);
	size_t n = 0;

	classify(&t);
	if (use_of(&t) != USE_SERVICES)
		return false;
	if (t.col[COL_CONTAINER] >= 0)
		return true;
	if (pm_has_word(name, "tier") || pm_has_word(name, "layer") || pm_has_word(name, "services"))
		return false;
	for (size_t row = 1; row < b->n_rows; row++)
		for (size_t k = 0; roles[k]; k++)
			n += pm_str_ieq(cell(&t, row, COL_SERVICE), roles[k]);
	return n >= 2 && n * 2 >= b->n_rows - 1;
}

static void check_shape(const struct table *t, size_t row)
{
	const struct pm_md_row *v = &t->b->rows[row];

	/* One cell less is how teams write a reserved row; more cells lose what they say. */
	if (v->written > t->b->n_cols)
		pm_reader_diag(t->r, "table-row-cells", PM_WARNING,
			       row_src(t, row, COL_PORT, (struct pm_span){ 0, 0 }),
			       "the row has %u cells, the table %zu columns; what is beyond is not read",
			       v->written, t->b->n_cols);
	else if (v->written < t->b->n_cols)
		pm_reader_diag(t->r, "table-row-cells", PM_NOTE,
			       row_src(t, row, COL_PORT, (struct pm_span){ 0, 0 }),
			       "the row has %u cells, the table %zu columns", v->written, t->b->n_cols);
}

/* Remember where the table stands, for editing it. */
static void note_table(struct table *t, enum use use)
{
	struct pm_table *v;

	if (use != USE_SERVICES && use != USE_RANGE_SERVICES && use != USE_CHANGES)
		return;
	v = PM_VEC_ADD(&t->r->s->tables);
	v->kind = use == USE_CHANGES ? PM_TABLE_CHANGES : PM_TABLE_SERVICES;
	v->head = t->b->rows[0].line;
	v->last = v->head + 1;
	for (size_t i = 1; i < t->b->n_rows; i++)
		v->last = t->b->rows[i].line > v->last ? t->b->rows[i].line : v->last;
	v->n_cols = (unsigned)t->b->n_cols;
	v->range = t->sec ? t->sec->range : -1;
	v->project = t->sec ? t->sec->project : NULL;
	v->port = t->col[use == USE_RANGE_SERVICES ? COL_RANGE : COL_PORT];
	v->name = t->col[COL_SERVICE];
	v->container = t->col[COL_CONTAINER];
	v->note = t->col[COL_DESC];
	v->pair = t->col[COL_PAIR];
	v->date = t->col[COL_DATE];
	v->change = t->col[t->col[COL_CHANGE] >= 0 ? COL_CHANGE : COL_DESC];
	v->author = t->col[COL_AUTHOR];
	if (t->sec && t->sec->block_style && use != USE_CHANGES)
		v->service = block_slug(t);
	t->index = (unsigned)t->r->s->tables.n;
}

int pm_reader_table(struct pm_reader *r, const struct pm_md_block *b,
		    const struct pm_section *sec)
{
	struct table t = { .r = r, .b = b, .sec = sec };
	enum use use;
	int rc = 0;

	classify(&t);
	use = use_of(&t);
	if (use == USE_NONE) {
		leftover_row(&t, 0, "no column of this table says port, range, offset or database");
		return 0;
	}
	note_table(&t, use);
	for (size_t row = 1; row < b->n_rows && rc == 0; row++) {
		if (row_is_empty(&t, row))
			continue;
		check_shape(&t, row);
		switch (use) {
		case USE_SERVICES: rc = service_row(&t, row, COL_PORT); break;
		case USE_RANGE_SERVICES: rc = service_row(&t, row, COL_RANGE); break;
		case USE_RESERVED:
			reserved_row(&t, row, t.col[COL_RANGE] >= 0 ? COL_RANGE : COL_PORT);
			break;
		case USE_STRATEGY: strategy_row(&t, row); break;
		case USE_OFFSETS: offset_row(&t, row); break;
		case USE_RESOURCES: resource_row(&t, row); break;
		case USE_MOVES: move_row(&t, row); break;
		case USE_ENV: envvar_row(&t, row); break;
		case USE_CHANGES: change_row(&t, row); break;
		case USE_NONE: break;
		}
	}
	return rc;
}
