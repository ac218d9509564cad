/* reconcile.c - see reconcile.h. */
#include "reconcile.h"

#include "base/port.h"
#include "doc_plan.h"
#include "reader.h"

#include <stdlib.h>
#include <string.h>

struct work {
	struct pm_plan *p;
	const struct pm_schema *s;
	const struct pm_realities *all;
	const struct pm_reconcile_options *o;
	const struct pm_reality **of; /* of each change of p: why it is there */
	size_t passed_over;           /* services of the tree that the document has no place for */
};

/* ---- whom a person named ---- */

/* Does the name mean this row or service? */
static bool is_named(const struct work *w, const struct pm_reality *r, const char *name)
{
	struct pm_arena a = { 0 };
	const char *slug = pm_slug(&a, pm_str_of(name));
	const bool yes = strcmp(slug, pm_slug(&a, pm_str_of(r->service))) == 0 ||
			 (r->owner && pm_schema_service(w->s, name) == r->owner);

	pm_arena_release(&a);
	return yes;
}

static bool in_list(const struct work *w, const struct pm_reality *r, const char *const *names)
{
	for (; names && *names; names++)
		if (is_named(w, r, *names))
			return true;
	return false;
}

static int check_names(const struct work *w, const char *option, const char *const *names,
		       struct pm_err *err)
{
	for (; names && *names; names++) {
		bool any = false;

		for (size_t i = 0; i < w->all->n; i++)
			any |= is_named(w, &w->all->v[i], *names);
		if (!any)
			return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
					  "%s %.200s: no row or service that can change is called so",
					  option, *names);
	}
	return 0;
}

/* The port that --take gives it, or 0. */
static unsigned taken(const struct work *w, const struct pm_reality *r)
{
	for (const char *const *t = w->o->takes; t && *t; t++) {
		const char *eq = strrchr(*t, '=');
		char *name = pm_arena_strndup(&w->p->arena, *t, (size_t)(eq - *t));

		if (is_named(w, r, name))
			return pm_port_parse(pm_str_of(eq + 1));
	}
	return 0;
}

static int check_takes(const struct work *w, struct pm_err *err)
{
	for (const char *const *t = w->o->takes; t && *t; t++) {
		const char *eq = strrchr(*t, '=');
		const char *one[2] = { NULL, NULL };
		int rc;

		if (!eq || eq == *t || !pm_port_parse(pm_str_of(eq + 1))) {
			pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--take '%.200s': no SERVICE=PORT", *t);
			return pm_err_hint(err, "--take shop-api=4600");
		}
		one[0] = pm_arena_strndup(&w->p->arena, *t, (size_t)(eq - *t));
		rc = check_names(w, "--take", one, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* ---- changes ---- */

static void because(struct work *w, struct pm_doc_change *c, const struct pm_reality *r)
{
	for (size_t i = 0; i < r->n_ports && i < 4; i++)
		pm_change_because(w->p, c, "%s", pm_reality_said(&w->p->arena, &r->ports[i]));
	if (r->n_ports > 4)
		pm_change_because(w->p, c, "and %zu other ports", r->n_ports - 4);
}

static struct pm_doc_change *add(struct work *w, const struct pm_reality *r, struct pm_wish wish)
{
	w->of[w->p->changes.n] = r;
	return pm_plan_add_change(w->p, wish);
}

static void hold(struct work *w, struct pm_doc_change *c)
{
	c->disposition = PM_REVIEW;
	c->group = pm_arena_printf(&w->p->arena, "%s:%u:row:%s", c->wish.service, c->wish.to,
				   w->s->path);
}

static const struct pm_src *place_of(const struct work *w, const struct pm_reality *r)
{
	static const struct pm_src none = { 0 };

	(void)w;
	return r->row ? &r->row->src : r->owner ? &r->owner->src : &none;
}

/* The row stays, and it is said why. */
static void stay(struct work *w, struct pm_doc_change *c, const struct pm_reality *r,
		 enum pm_severity severity, const char *why)
{
	const struct pm_src *at = place_of(w, r);
	PM_CLEAN_BUF struct pm_buf ports = { 0 };
	struct pm_diag *d;

	c->disposition = PM_KEEP;
	c->group = NULL;
	pm_change_because(w->p, c, "stays: %s", why);
	for (size_t i = 0; i < r->n_ports && i < 6; i++)
		pm_buf_addf(&ports, "%s%u", i ? " or " : "", r->ports[i].port);
	d = pm_diag_add(&w->p->diags, &w->p->arena, "reality-unclear", severity,
			at->line ? w->s->path : NULL, at->line, at->col, "%s%s is not changed: %s",
			r->row ? "the row of " : "", r->service, why);
	d->hint = pm_arena_printf(&w->p->arena, "--take %s=PORT%s%s%s, or --keep %s", r->service,
				  ports.n ? " with " : "", pm_buf_str(&ports), ports.n ? "" : "",
				  r->service);
	pm_diag_key(d, &w->p->arena, r->service, r->row ? r->row->lo : r->port, NULL);
}

static const char *range_text(struct work *w, int range)
{
	const struct pm_range *g = range >= 0 ? &w->s->ranges.v[range] : NULL;

	return g ? pm_arena_printf(&w->p->arena, "%u-%u %s", g->lo, g->hi, g->name) : "its table";
}

/* ---- rows ---- */

static void move_row(struct work *w, const struct pm_reality *r, unsigned to, bool sure)
{
	struct pm_wish wish = PM_WISH(PM_WISH_MOVE);
	const int range = pm_doc_range_for(w->s, to, r->row);
	const bool block = r->row->table && w->s->tables.v[r->row->table - 1].service;
	struct pm_doc_change *c;

	wish.service = r->service;
	wish.row = r->row->src.span.off;
	wish.from = r->row->lo;
	wish.to = to;
	if (range >= 0 && range != r->row->range)
		wish.under = w->s->ranges.v[range].src.span.off;
	c = add(w, r, wish);
	because(w, c, r);
	if (range >= 0 && range != r->row->range)
		pm_change_because(w->p, c, "moves from %s to %s", range_text(w, r->row->range),
				  range_text(w, range));
	else if (range < 0 && r->row->range >= 0)
		pm_change_because(w->p, c, block ? "%u is outside of its block %s"
				  : "no heading has %u: it stays under %s", to,
				  range_text(w, r->row->range));
	if (!sure || (block && range < 0))
		hold(w, c);
}

/* What the document says of today, where the tree says otherwise. */
static void move_lists(struct work *w, const struct pm_reality *r, unsigned to)
{
	for (size_t i = 0; r->owner && i < r->owner->n; i++) {
		const struct pm_endpoint *e = &r->owner->endpoints[i];
		struct pm_wish wish = PM_WISH(PM_WISH_MOVE);
		struct pm_doc_change *c;

		if (e->state != PM_STATE_REAL || e->lo == to || e->lo != e->hi || !e->src.span.len)
			continue;
		wish.service = r->service;
		wish.row = e->src.span.off;
		wish.from = e->lo;
		wish.to = to;
		c = add(w, r, wish);
		pm_change_because(w->p, c, "the list of what runs today, at line %u", e->src.line);
		because(w, c, r);
		hold(w, c);
	}
}

static void reconcile_row(struct work *w, const struct pm_reality *r)
{
	const unsigned decided = taken(w, r);
	struct pm_wish wish = PM_WISH(PM_WISH_MOVE);
	struct pm_doc_change *c;

	if (decided) {
		if (decided != r->row->lo) {
			move_row(w, r, decided, true);
			pm_change_because(w->p, &w->p->changes.v[w->p->changes.n - 1], "--take");
		}
		return;
	}
	switch (r->verdict) {
	case PM_REAL_UNKNOWN: return;
	case PM_REAL_SAME:
		if (r->ports[0].use && r->ports[0].port == r->row->lo)
			move_lists(w, r, r->row->lo);
		return;
	case PM_REAL_OTHER: move_row(w, r, r->port, true); return;
	case PM_REAL_DOUBT:
		move_row(w, r, r->port, false);
		if (r->ports[0].use)
			move_lists(w, r, r->port);
		return;
	case PM_REAL_UNCLEAR:
		wish.service = r->service;
		wish.row = r->row->src.span.off;
		wish.from = r->row->lo;
		wish.to = r->port;
		c = add(w, r, wish);
		because(w, c, r);
		stay(w, c, r, PM_WARNING, r->why);
	}
}

/* ---- services without a row ---- */

/* In a document of blocks the row belongs to the block's service only if the name says so: what is
 * behind its name is the role. NULL when it does not. */
static const char *role_in_block(const struct pm_table *t, const char *name)
{
	const char *own = strrchr(t->service, '/');
	size_t n;

	own = own ? own + 1 : t->service;
	n = strlen(own);
	return strncmp(name, own, n) == 0 && name[n] == '-' && name[n + 1] ? name + n + 1 : NULL;
}

static const struct pm_table *table_under(const struct pm_schema *s, int range)
{
	for (size_t i = 0; i < s->tables.n; i++)
		if (s->tables.v[i].kind == PM_TABLE_SERVICES && s->tables.v[i].range == range)
			return &s->tables.v[i];
	return NULL;
}

static void add_missing(struct work *w, const struct pm_reality *r)
{
	const unsigned decided = taken(w, r), port = decided ? decided : r->port;
	const int range = pm_doc_range_for(w->s, port, NULL);
	const struct pm_table *t = range >= 0 ? table_under(w->s, range) : NULL;
	const char *title = r->owner ? r->owner->title : r->service;
	const char *role = t && t->service ? role_in_block(t, r->service) : NULL;
	struct pm_wish wish = PM_WISH(PM_WISH_ADD);
	struct pm_doc_change *c;

	if (!decided && (r->verdict == PM_REAL_UNKNOWN || r->verdict == PM_REAL_SAME))
		return;
	/* of what only the tree has, the document wants what it has a place for */
	if (!r->owner && !decided && (r->verdict != PM_REAL_OTHER || !r->ports[0].n_deployed || !t)) {
		w->passed_over++;
		return;
	}
	wish.service = title;
	wish.to = port;
	if (role) {
		wish.service = role;
		wish.container = t->container >= 0 ? r->service : NULL;
	}
	if (range >= 0)
		wish.under = w->s->ranges.v[range].src.span.off;
	c = add(w, r, wish);
	because(w, c, r);
	if (!t && w->s->ranges.n)
		stay(w, c, r, decided ? PM_WARNING : PM_NOTE,
		     pm_arena_printf(&w->p->arena, "no heading has %u", port));
	else if (t && t->service && !role)
		stay(w, c, r, PM_WARNING, pm_arena_printf(&w->p->arena,
							  "%u is in the block of %s", port,
							  t->service));
	else if (!decided && r->verdict == PM_REAL_UNCLEAR)
		stay(w, c, r, PM_WARNING, r->why);
	else if (!decided && r->verdict == PM_REAL_DOUBT)
		hold(w, c);
	else
		pm_change_because(w->p, c, "no row is called so; it goes under %s",
				  range_text(w, range));
}

/* ---- rows in the way ---- */

static bool is_target(const struct pm_endpoint *e)
{
	return e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE;
}

/* Is the change one that gives a row of the tables a port? */
static bool gives_port(const struct pm_doc_change *c, const struct pm_reality *r)
{
	return c->wish.kind == PM_WISH_ADD ||
	       (c->wish.kind == PM_WISH_MOVE && r->row && c->wish.row == r->row->src.span.off);
}

/* The row that has the port then, besides the changed one: NULL when it is free. */
static const struct pm_endpoint *holder(const struct work *w, size_t self)
{
	const struct pm_wish *mine = &w->p->changes.v[self].wish;

	for (size_t i = 0; i < w->s->services.n; i++)
		for (size_t k = 0; k < w->s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &w->s->services.v[i].endpoints[k];
			bool leaves = false;

			if (!is_target(e) || mine->to < e->lo || mine->to > e->hi ||
			    e->exposure == PM_EXPOSE_INTERNAL || e->src.span.off == mine->row)
				continue;
			for (size_t c = 0; c < w->p->changes.n; c++)
				leaves |= w->p->changes.v[c].wish.kind == PM_WISH_MOVE &&
					  w->p->changes.v[c].wish.row == e->src.span.off &&
					  w->p->changes.v[c].disposition == PM_APPLY;
			if (!leaves)
				return e;
		}
	return NULL;
}

/* A row may take only what is free: what nobody has, or what somebody surely leaves. */
static void find_occupied(struct work *w)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < w->p->changes.n; i++) {
			struct pm_doc_change *c = &w->p->changes.v[i];
			const struct pm_endpoint *e;

			if (c->disposition == PM_KEEP || !gives_port(c, w->of[i]))
				continue;
			e = holder(w, i);
			if (!e)
				continue;
			stay(w, c, w->of[i], PM_WARNING,
			     pm_arena_printf(&w->p->arena, "%u is the row of %s (line %u), which is not "
					     "sure to leave it", c->wish.to, e->name, e->src.line));
			again = true;
		}
	}
}

/* ---- dates and remarks ---- */

static void set_date(struct work *w, const char *which, const char *old)
{
	const char *now = old ? pm_doc_date_like(&w->p->arena, old, w->o->date) : NULL;
	const char *iso = old ? pm_doc_date_iso(&w->p->arena, old) : NULL;
	struct pm_wish wish = PM_WISH(PM_WISH_DATE);

	if (!old || (now && strcmp(now, old) == 0))
		return;
	if (iso && strcmp(iso, w->o->date) > 0) {
		pm_diag_add(&w->p->diags, &w->p->arena, "row-not-written", PM_NOTE, w->s->path, 0, 0,
			    "the date '%s' is later than %s, and stays", old, w->o->date);
		return;
	}
	if (!now) {
		pm_diag_add(&w->p->diags, &w->p->arena, "row-not-written", PM_WARNING, w->s->path, 0,
			    0, "the date '%s' is not written in a way that portmig knows", old)
			->hint = "change it by hand";
		return;
	}
	wish.service = which;
	wish.date = now;
	pm_plan_add_change(w->p, wish);
}

/* "2026-02-05: reconciled with commit 1a2b3c4d. shop-cart 3061 (was 3002), ..." in lines. */
static void add_note(struct work *w)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 }, item = { 0 };
	struct pm_wish wish = PM_WISH(PM_WISH_NOTE);
	size_t column;
	bool any = false;

	pm_buf_addf(&b, "%s: reconciled with commit %.12s.\n", w->o->date, w->o->commit);
	column = 0;
	for (size_t i = 0; i < w->p->changes.n; i++) {
		const struct pm_doc_change *c = &w->p->changes.v[i];

		if (c->disposition != PM_APPLY || !pm_wish_is_row(c->wish.kind))
			continue;
		pm_buf_clear(&item);
		if (c->wish.from)
			pm_buf_addf(&item, "%s is at %u (was %u)", c->wish.service, c->wish.to,
				    c->wish.from);
		else
			pm_buf_addf(&item, "%s is at %u (new)", c->wish.service, c->wish.to);
		if (any) {
			pm_buf_addc(&b, ',');
			pm_buf_addc(&b, column + item.n > 76 ? '\n' : ' ');
			column = column + item.n > 76 ? 0 : column + 2;
		}
		pm_buf_add(&b, item.v, item.n);
		column += item.n;
		any = true;
	}
	pm_buf_adds(&b, ".");
	if (!any)
		return;
	wish.text = b.v;
	pm_plan_add_change(w->p, wish);
}

static void add_log(struct work *w, size_t rows)
{
	const char *like = w->s->changelog.n ? w->s->changelog.v[0].date : NULL;
	const char *date = like ? pm_doc_date_like(&w->p->arena, like, w->o->date) : NULL;
	struct pm_wish wish = PM_WISH(PM_WISH_LOG);

	wish.date = date ? date : w->o->date;
	wish.text = pm_arena_printf(&w->p->arena, "%zu row%s brought to what runs, as of commit %.12s",
				    rows, rows == 1 ? "" : "s", w->o->commit);
	wish.author = w->o->author;
	pm_plan_add_change(w->p, wish);
}

bool pm_reconcile_remarks(struct pm_plan *p, const struct pm_schema *s,
			  const struct pm_reconcile_options *o)
{
	struct work w = { .p = p, .s = s, .o = o };
	const size_t before = p->changes.n;
	size_t rows = 0;

	for (size_t i = 0; i < p->changes.n; i++)
		rows += p->changes.v[i].disposition == PM_APPLY;
	if (!rows || !o->date)
		return false;
	if (o->note)
		add_note(&w);
	/* of two dates the first tells when it was drafted */
	if (s->reconciled)
		set_date(&w, "reconciled", s->reconciled);
	else
		set_date(&w, "updated", s->updated);
	if (o->log)
		add_log(&w, rows);
	return p->changes.n > before;
}

/* ---- names ---- */

/* "OLD=NEW" for each: rows, references and lists of the document. */
static int rename_all(struct work *w, struct pm_err *err)
{
	for (const char *const *t = w->o->renames; *t; t++) {
		const char *eq = strchr(*t, '=');
		const char *one[2] = { NULL, NULL };
		struct pm_wish wish = PM_WISH(PM_WISH_RENAME);
		struct pm_doc_change *c;
		int rc;

		if (!eq || eq == *t || !eq[1]) {
			pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--rename '%.200s': no OLD=NEW", *t);
			return pm_err_hint(err, "--rename shop-cart=shop-basket");
		}
		one[0] = pm_arena_strndup(&w->p->arena, *t, (size_t)(eq - *t));
		rc = check_names(w, "--rename", one, err);
		if (rc)
			return rc;
		wish.service = one[0];
		wish.text = pm_arena_strdup(&w->p->arena, eq + 1);
		c = pm_plan_add_change(w->p, wish);
		pm_change_because(w->p, c, "only the document: code, folders and manifests keep their "
				  "names; until they follow, portmig.yaml: aliases: { %s: [%s] }",
				  wish.text, wish.service);
	}
	return 0;
}

/* ---- the whole ---- */

int pm_reconcile(struct pm_plan *p, const struct pm_schema *s, const struct pm_realities *r,
		 const struct pm_reconcile_options *o, struct pm_err *err)
{
	struct work w = { .p = p, .s = s, .all = r, .o = o };
	int rc = check_names(&w, "--keep", o->keeps, err);
	size_t lists = 0;

	for (size_t i = 0; i < s->services.n; i++)
		lists += s->services.v[i].n;
	if (rc == 0 && o->renames)
		return rename_all(&w, err);
	w.of = PM_NEW_N(&p->arena, const struct pm_reality *, r->n + lists + 8);
	if (rc == 0)
		rc = check_names(&w, "--service", o->services, err);
	if (rc == 0)
		rc = check_takes(&w, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < r->n; i++) {
		const struct pm_reality *x = &r->v[i];

		if (in_list(&w, x, o->keeps) || (o->services && *o->services &&
						 !in_list(&w, x, o->services)))
			continue;
		if (x->row)
			reconcile_row(&w, x);
		else
			add_missing(&w, x);
	}
	find_occupied(&w);
	if (w.passed_over)
		pm_diag_add(&p->diags, &p->arena, "service-undocumented", PM_NOTE, NULL, 0, 0,
			    "%zu service%s of the tree %s no row, and no heading or no clear port; "
			    "portmig check names them", w.passed_over, w.passed_over == 1 ? "" : "s",
			    w.passed_over == 1 ? "has" : "have");
	return 0;
}

/* ---- what is left ---- */

static bool still_has(const struct pm_schema *s, const struct pm_plan *p, unsigned port)
{
	for (size_t i = 0; i < p->changes.n; i++)
		if (p->changes.v[i].disposition != PM_KEEP && p->changes.v[i].wish.to == port)
			return true;
	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];
			bool leaves = false;

			for (size_t c = 0; c < p->changes.n; c++)
				leaves |= p->changes.v[c].wish.kind == PM_WISH_MOVE &&
					  p->changes.v[c].disposition != PM_KEEP &&
					  p->changes.v[c].wish.row == e->src.span.off;
			if (!leaves && e->lo <= port && port <= e->hi)
				return true;
		}
	return false;
}

static bool is_patched(const struct pm_plan *p, size_t off)
{
	for (size_t i = 0; i < p->texts.n; i++)
		if (p->texts.v[i].patch.span.off <= off &&
		    off < (size_t)p->texts.v[i].patch.span.off + p->texts.v[i].patch.span.len)
			return true;
	return false;
}

/* "4100-4199": the end of a range, which stays whatever its rows do. */
static bool ends_range(struct pm_str text, size_t pos, size_t len)
{
	size_t i = pos + len;
	size_t dash;

	while (i < text.n && text.p[i] == ' ')
		i++;
	dash = pm_dash_len(text, i);
	for (i += dash; i < text.n && text.p[i] == ' '; i++)
		;
	return dash && i < text.n && pm_is_digit(text.p[i]);
}

static void find_mentions(struct pm_plan *p, const struct pm_schema *s, struct pm_str text,
			  const struct pm_doc_change *c)
{
	PM_CLEAN_BUF struct pm_buf lines = { 0 };
	unsigned line = 1, first = 0, n = 0;
	size_t pos = 0, len = 0, at = 0;
	unsigned port;

	for (; (port = pm_port_next(text, &pos, &len)); pos += len) {
		for (; at < pos; at++)
			line += text.p[at] == '\n';
		if (port != c->wish.from || is_patched(p, pos) || ends_range(text, pos, len))
			continue;
		first = first ? first : line;
		if (n++ < 8)
			pm_buf_addf(&lines, "%s%u", n > 1 ? ", " : "", line);
	}
	if (n)
		pm_diag_add(&p->diags, &p->arena, "mention-left", PM_NOTE, s->path, first, 0,
			    "%s leaves %u, which the document still has at line %s%s", c->wish.service,
			    c->wish.from, lines.v, n > 8 ? " and more" : "")->hint =
			"prose and examples are left to you";
}

void pm_reconcile_mentions(struct pm_plan *p, const struct pm_schema *s, struct pm_str text)
{
	for (size_t i = 0; i < p->changes.n; i++) {
		const struct pm_doc_change *c = &p->changes.v[i];

		if (c->wish.kind == PM_WISH_MOVE && c->disposition != PM_KEEP &&
		    !still_has(s, p, c->wish.from))
			find_mentions(p, s, text, c);
	}
}
