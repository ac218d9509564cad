/*
 * report_history.c - a history for a terminal. Services that changed come first, each with its
 * changes from the oldest to the newest; then, a line each, those that stayed where they appeared.
 */
#include "report_history.h"

#include "base/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- shared ---- */

const char *pm_event_name(enum pm_event_kind k)
{
	static const char *const names[] = {
		[PM_EVENT_APPEARED] = "appeared", [PM_EVENT_MOVED] = "moved",
		[PM_EVENT_CALLERS] = "callers",   [PM_EVENT_DOCUMENTS] = "documents",
		[PM_EVENT_GONE] = "gone",
	};

	return names[k];
}

unsigned pm_event_uses(const struct pm_hist_event *e)
{
	unsigned uses = 0;

	for (size_t i = 0; i < e->n; i++)
		uses |= 1u << e->places[i].use;
	return uses;
}

size_t pm_event_files(const struct pm_hist_event *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n; i++)
		n += !i || strcmp(e->places[i].path, e->places[i - 1].path) != 0;
	return n;
}

void pm_stmts_add(struct pm_buf *b, unsigned uses)
{
	const char *between = "";

	for (int u = 0; u < PM_STMT_COUNT; u++)
		if (uses & 1u << u) {
			pm_buf_addf(b, "%s%s", between, pm_stmt_name((enum pm_stmt)u));
			between = ", ";
		}
}

const struct pm_hist_event *pm_history_next(const struct pm_history *h, int service, size_t *at)
{
	while (*at < h->events.n)
		if (h->events.v[(*at)++].service == service)
			return &h->events.v[*at - 1];
	return NULL;
}

const char *pm_row_name(enum pm_hist_row_kind k)
{
	static const char *const names[] = {
		[PM_ROW_DOCUMENT] = "document",
		[PM_ROW_ELSEWHERE] = "document-moved",
		[PM_ROW_GONE] = "document-gone",
		[PM_ROW_UNREADABLE] = "document-unreadable",
		[PM_ROW_ALLOCATED] = "allocated",
		[PM_ROW_RELEASED] = "released",
		[PM_ROW_MOVED] = "moved",
		[PM_ROW_RENAMED] = "renamed",
		[PM_ROW_REAL_LIST] = "real-list",
		[PM_REAL_ROW_ADDED] = "real-listed",
		[PM_REAL_ROW_REMOVED] = "real-dropped",
		[PM_REAL_ROW_MOVED] = "real-moved",
		[PM_RANGE_ROW_ADDED] = "range-added",
		[PM_RANGE_ROW_REMOVED] = "range-removed",
		[PM_RANGE_ROW_MOVED] = "range-moved",
		[PM_RANGE_ROW_RENAMED] = "range-renamed",
		[PM_RANGE_ROW_SWAPPED] = "range-swapped",
	};

	return names[k];
}

static void add_ports(struct pm_buf *b, unsigned lo, unsigned hi)
{
	if (lo)
		pm_buf_addf(b, "%u", lo);
	if (lo && hi)
		pm_buf_addf(b, "-%u", hi);
}

void pm_row_ports(struct pm_buf *b, const struct pm_hist_row *row)
{
	add_ports(b, row->from, row->from_hi);
	if (row->from == row->to && row->from_hi == row->to_hi)
		return;
	pm_buf_adds(b, row->from ? " ->" : "->");
	if (row->to)
		pm_buf_addc(b, ' ');
	add_ports(b, row->to, row->to_hi);
}

/* ---- words ---- */

enum color { PLAIN, BOLD, DIM, GREEN, YELLOW, RED };

struct out {
	struct pm_buf *b;
	const struct pm_history *h;
	const struct pm_report_options *o;
};

static void color(const struct out *w, enum color c)
{
	static const char *const codes[] = { "\033[0m", "\033[1m", "\033[2m", "\033[32m",
					     "\033[33m", "\033[31m" };

	if (w->o->color)
		pm_buf_adds(w->b, codes[c]);
}

static void safe(const struct out *w, const char *text, size_t max)
{
	pm_excerpt(w->b, pm_str_of(text), 0, max);
}

static const char *service_name(const struct out *w, int service)
{
	return service < 0 ? "nobody" : w->h->services.v[service].name;
}

static void plural(const struct out *w, size_t n, const char *what)
{
	pm_buf_addf(w->b, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

/* ---- ports of today ---- */

/* "3115 (default, listen)"; ports that nothing declares only when nothing else is there. */
static void now(const struct out *w, const struct pm_hist_service *s)
{
	size_t shown = 0;

	for (size_t i = 0; i < s->n_now; i++) {
		const struct pm_hist_port *p = &s->now[i];
		unsigned uses = p->uses, declaring = 0;

		if (!p->declares)
			continue;
		for (int u = 0; u < PM_STMT_COUNT; u++)
			if (pm_stmt_declares((enum pm_stmt)u))
				declaring |= uses & 1u << u;
		pm_buf_addf(w->b, "%s%u (", shown++ ? ", " : "now ", p->port);
		pm_stmts_add(w->b, declaring);
		pm_buf_addc(w->b, ')');
	}
	if (!shown)
		pm_buf_adds(w->b, "nothing declares a port now");
}

/* ---- events ---- */

static void commit_line(const struct out *w, const struct pm_hist_commit *c)
{
	pm_buf_adds(w->b, "  ");
	pm_date_add(w->b, c->when, c->zone);
	color(w, YELLOW);
	pm_buf_addf(w->b, "  %.9s  ", c->oid);
	color(w, PLAIN);
	safe(w, c->name, 60);
	pm_buf_adds(w->b, ": ");
	safe(w, c->subject, 100);
	pm_buf_adds(w->b, c->portmig ? "  [portmig]\n" : "\n");
}

static void ports(const struct out *w, const struct pm_hist_event *e)
{
	static const enum color colors[] = { GREEN, BOLD, PLAIN, DIM, RED };
	char from[12] = "", to[12] = "";

	if (e->from)
		snprintf(from, sizeof(from), "%u", e->from);
	if (e->to)
		snprintf(to, sizeof(to), "%u", e->to);
	color(w, colors[e->kind]);
	pm_buf_addf(w->b, "    %5s -> %-5s", from, to);
	color(w, PLAIN);
}

static void remarks(const struct out *w, const struct pm_hist_event *e)
{
	if (e->kind == PM_EVENT_APPEARED && e->had < 0 && e->first)
		pm_buf_adds(w->b, "; appears");
	if (e->kind == PM_EVENT_APPEARED && e->had < 0 && !e->first)
		pm_buf_adds(w->b, "; is back");
	if (e->had >= 0) {
		pm_buf_addf(w->b, e->renamed ? "; renamed from " : "; %u was until now of ", e->to);
		safe(w, service_name(w, e->had), 80);
	}
	if (e->has >= 0) {
		pm_buf_addf(w->b, e->renamed ? "; renamed to " : "; %u goes to ", e->from);
		safe(w, service_name(w, e->has), 80);
	} else if (e->kind == PM_EVENT_GONE) {
		pm_buf_adds(w->b, "; gone");
	}
	if (e->kind == PM_EVENT_CALLERS)
		pm_buf_adds(w->b, "; callers only");
	if (e->kind == PM_EVENT_DOCUMENTS)
		pm_buf_adds(w->b, "; documents only");
	if (e->kind == PM_EVENT_MOVED && e->left) {
		pm_buf_adds(w->b, "; ");
		color(w, YELLOW);
		plural(w, e->left, "declaration");
		pm_buf_addf(w->b, " left at %u", e->from);
		color(w, PLAIN);
	}
}

static void event_line(const struct out *w, const struct pm_hist_event *e)
{
	const size_t files = pm_event_files(e);

	ports(w, e);
	pm_buf_adds(w->b, "  ");
	pm_stmts_add(w->b, pm_event_uses(e));
	remarks(w, e);
	pm_buf_adds(w->b, "; ");
	if (w->o->verbose > 0) {
		plural(w, e->n, "place");
		pm_buf_addc(w->b, '\n');
		for (size_t i = 0; i < e->n; i++) {
			pm_buf_adds(w->b, "                      ");
			pm_quote_text(w->b, pm_str_of(e->places[i].path));
			pm_buf_addf(w->b, ":%u  %s\n", e->places[i].line,
				    pm_stmt_name((enum pm_stmt)e->places[i].use));
		}
		return;
	}
	pm_quote_text(w->b, pm_str_of(e->places[0].path));
	if (files > 1)
		pm_buf_addf(w->b, " +%zu", files - 1);
	pm_buf_addc(w->b, '\n');
}

static void events(const struct out *w, int service)
{
	const struct pm_hist_event *e;
	unsigned commit = UINT32_MAX;

	for (size_t at = 0; (e = pm_history_next(w->h, service, &at));) {
		if (e->service < 0 && e->kind != PM_EVENT_MOVED && w->o->verbose <= 0)
			continue;
		if (e->commit != commit)
			commit_line(w, &w->h->commits.v[e->commit]);
		commit = e->commit;
		event_line(w, e);
	}
}

/* ---- services ---- */

/* More than an appearance: what somebody reads a history for. */
static bool is_changed(const struct out *w, int service)
{
	const struct pm_hist_event *e;

	for (size_t at = 0; (e = pm_history_next(w->h, service, &at));)
		if (e->kind != PM_EVENT_APPEARED || e->had >= 0 || !e->first)
			return true;
	return false;
}

static void title(const struct out *w, const char *text)
{
	if (w->b->n)
		pm_buf_addc(w->b, '\n');
	color(w, BOLD);
	safe(w, text, 120);
	color(w, PLAIN);
}

static void changed_services(const struct out *w)
{
	for (size_t i = 0; i < w->h->services.n; i++) {
		const struct pm_hist_service *s = &w->h->services.v[i];

		if (!s->asked || !(s->asked_by_name || is_changed(w, (int)i)))
			continue;
		title(w, s->name);
		pm_buf_adds(w->b, "  ");
		color(w, DIM);
		now(w, s);
		color(w, PLAIN);
		pm_buf_addc(w->b, '\n');
		events(w, (int)i);
	}
}

static void still_services(const struct out *w)
{
	size_t width = 0;
	bool any = false;

	for (size_t i = 0; i < w->h->services.n; i++)
		if (strlen(w->h->services.v[i].name) > width)
			width = strlen(w->h->services.v[i].name);
	width = width > 40 ? 40 : width;
	for (size_t i = 0; i < w->h->services.n; i++) {
		const struct pm_hist_service *s = &w->h->services.v[i];
		const struct pm_hist_event *e;
		size_t at = 0, from;

		if (!s->asked || s->asked_by_name || is_changed(w, (int)i))
			continue;
		e = pm_history_next(w->h, (int)i, &at);
		if (!e)
			continue;
		if (!any) {
			title(w, "never changed");
			pm_buf_addc(w->b, '\n');
		}
		any = true;
		pm_buf_adds(w->b, "  ");
		pm_date_add_day(w->b, w->h->commits.v[e->commit].when,
				w->h->commits.v[e->commit].zone);
		pm_buf_addf(w->b, "  %.9s  ", w->h->commits.v[e->commit].oid);
		from = w->b->n;
		safe(w, s->name, 80);
		if (w->b->n - from < width)
			pm_buf_pad(w->b, ' ', width - (w->b->n - from));
		pm_buf_adds(w->b, "  ");
		now(w, s);
		pm_buf_addc(w->b, '\n');
	}
}

static void nobodys(const struct out *w)
{
	const struct pm_hist_event *e;
	bool any = false;

	for (size_t at = 0; (e = pm_history_next(w->h, -1, &at));)
		any |= e->kind == PM_EVENT_MOVED || w->o->verbose > 0;
	if (!any)
		return;
	title(w, "whose is not clear");
	pm_buf_addc(w->b, '\n');
	events(w, -1);
}

/* ---- ports ---- */

static void day_of(const struct out *w, int event)
{
	const struct pm_hist_commit *c = &w->h->commits.v[w->h->events.v[event].commit];

	pm_date_add_day(w->b, c->when, c->zone);
	pm_buf_addf(w->b, " %.9s", c->oid);
}

static void tenures(const struct out *w)
{
	unsigned port = 0;

	for (size_t i = 0; i < w->h->tenures.n; i++) {
		const struct pm_hist_tenure *t = &w->h->tenures.v[i];
		char name[24];

		if (t->port != port) {
			snprintf(name, sizeof(name), "port %u", t->port);
			title(w, name);
			pm_buf_addc(w->b, '\n');
		}
		port = t->port;
		pm_buf_adds(w->b, "  ");
		if (t->from >= 0)
			day_of(w, t->from);
		else
			pm_buf_adds(w->b, "before the history  ");
		pm_buf_adds(w->b, " .. ");
		if (t->to >= 0)
			day_of(w, t->to);
		else
			pm_buf_adds(w->b, t->now ? "now                 " : "a merge             ");
		pm_buf_adds(w->b, "  ");
		color(w, BOLD);
		safe(w, service_name(w, t->service), 80);
		color(w, PLAIN);
		pm_buf_addc(w->b, '\n');
	}
}

/* ---- rows of the schema ---- */

static void row_line(const struct out *w, const struct pm_hist_row *row, bool mark)
{
	static const enum color colors[] = {
		[PM_ROW_DOCUMENT] = GREEN, [PM_ROW_ALLOCATED] = GREEN,
		[PM_RANGE_ROW_ADDED] = GREEN, [PM_ROW_GONE] = RED, [PM_ROW_RELEASED] = RED,
		[PM_RANGE_ROW_REMOVED] = RED, [PM_ROW_UNREADABLE] = YELLOW,
		[PM_RANGE_ROW_SWAPPED] = BOLD, [PM_ROW_MOVED] = BOLD, [PM_RANGE_ROW_MOVED] = BOLD,
		[PM_REAL_ROW_ADDED] = GREEN, [PM_REAL_ROW_REMOVED] = RED,
		[PM_REAL_ROW_MOVED] = BOLD,
	};
	size_t from;

	pm_buf_adds(w->b, "    ");
	color(w, colors[row->kind]);
	from = w->b->n;
	pm_buf_adds(w->b, pm_row_name(row->kind));
	if (w->b->n - from < 14)
		pm_buf_pad(w->b, ' ', 14 - (w->b->n - from));
	color(w, PLAIN);
	pm_buf_adds(w->b, "  ");
	safe(w, row->name, 100);
	if (*row->name)
		pm_buf_adds(w->b, "  ");
	pm_row_ports(w->b, row);
	if (row->kind == PM_ROW_DOCUMENT)
		plural(w, row->n, "row");
	if (row->kind == PM_ROW_REAL_LIST)
		plural(w, row->n, "port");
	if (row->old_name) {
		pm_buf_adds(w->b, row->kind == PM_RANGE_ROW_SWAPPED ? "  with "
				  : row->kind == PM_ROW_UNREADABLE  ? "" : "  from ");
		safe(w, row->old_name, 200);
	}
	if (mark && row->unsaid) {
		color(w, YELLOW);
		pm_buf_adds(w->b, "  (not said)");
		color(w, PLAIN);
	}
	pm_buf_addc(w->b, '\n');
}

/* Does the message speak of none of the commit's rows? Then it is said once. */
static bool all_unsaid(const struct out *w, size_t first)
{
	for (size_t i = first; i < w->h->rows.n && w->h->rows.v[i].commit == w->h->rows.v[first].commit;
	     i++)
		if (!w->h->rows.v[i].unsaid)
			return false;
	return true;
}

static void rows(const struct out *w)
{
	const char *path = "";
	bool mark = true;

	for (size_t i = 0; i < w->h->rows.n; i++) {
		const struct pm_hist_row *row = &w->h->rows.v[i];

		if (strcmp(row->path, path) != 0) {
			title(w, row->path);
			pm_buf_addc(w->b, '\n');
			path = row->path;
		}
		if (!i || row[-1].commit != row->commit) {
			commit_line(w, &w->h->commits.v[row->commit]);
			mark = !all_unsaid(w, i);
			color(w, YELLOW);
			pm_buf_adds(w->b, mark ? "" : "    the message does not speak of this:\n");
			color(w, PLAIN);
		}
		row_line(w, row, mark);
	}
}

/* ---- what moves left behind ---- */

enum { DAY = 86400 };

static void add_days(const struct out *w, int64_t seconds)
{
	const int64_t s = seconds < 0 ? -seconds : seconds;

	if (s < 2 * 3600)
		pm_buf_addf(w->b, "%lld minutes", (long long)(s / 60));
	else if (s < 2 * DAY)
		pm_buf_addf(w->b, "%lld hours", (long long)(s / 3600));
	else
		pm_buf_addf(w->b, "%lld days", (long long)(s / DAY));
}

static void left_place(const struct out *w, const struct pm_hist_move *m,
		       const struct pm_hist_left *x, size_t n)
{
	static const char *const fates[] = { "still", "fixed", "changed", "removed", "removed" };
	const struct pm_hist_event *e = &w->h->events.v[m->event];
	const struct pm_hist_place *p = x->fate == PM_FATE_STILL ? &x->now : &x->at;

	pm_buf_addf(w->b, "    %-8s", fates[x->fate]);
	pm_quote_text(w->b, pm_str_of(p->path));
	pm_buf_addf(w->b, ":%u  %s", p->line, pm_stmt_name((enum pm_stmt)p->use));
	if (n > 1)
		pm_buf_addf(w->b, " (%zu)", n);
	if (x->commit >= 0) {
		const struct pm_hist_commit *c = &w->h->commits.v[x->commit];

		pm_buf_adds(w->b, "  after ");
		add_days(w, c->when - w->h->commits.v[e->commit].when);
		pm_buf_addf(w->b, " in %.9s", c->oid);
		if (x->fate == PM_FATE_CHANGED)
			pm_buf_addf(w->b, ", to %u", x->to);
	} else if (x->fate == PM_FATE_MERGED) {
		pm_buf_adds(w->b, "  by a merge");
	}
	pm_buf_adds(w->b, x->doubtful ? "  (perhaps not its)\n" : "\n");
}

static bool same_place(const struct pm_hist_left *a, const struct pm_hist_left *b)
{
	return a->fate == b->fate && a->commit == b->commit && a->doubtful == b->doubtful &&
	       a->at.line == b->at.line && a->at.use == b->at.use &&
	       strcmp(a->at.path, b->at.path) == 0;
}

static void left_places(const struct out *w, const struct pm_hist_move *m, enum pm_hist_fate fate)
{
	for (size_t i = 0, k; i < m->n_left; i = k) {
		for (k = i + 1; k < m->n_left && same_place(&m->left[i], &m->left[k]); k++)
			;
		if (m->left[i].fate == fate)
			left_place(w, m, &m->left[i], k - i);
	}
}

static void schema_lag(const struct out *w, const struct pm_hist_event *e)
{
	const struct pm_hist_commit *c = &w->h->commits.v[e->commit], *d;
	int64_t lag;

	if (e->documented < 0 || e->documented == (int)e->commit)
		return;
	d = &w->h->commits.v[e->documented];
	lag = d->when - c->when;
	pm_buf_adds(w->b, "    the schema ");
	pm_buf_adds(w->b, lag < 0 ? "said so " : "followed after ");
	add_days(w, lag);
	pm_buf_addf(w->b, "%s in %.9s\n", lag < 0 ? " before" : "", d->oid);
}

static void left_move(const struct out *w, const struct pm_hist_move *m)
{
	const struct pm_hist_event *e = &w->h->events.v[m->event];
	const struct pm_hist_commit *c = &w->h->commits.v[e->commit];
	size_t fixed = 0, gone = 0, doubtful = 0;

	for (size_t i = 0; i < m->n_left; i++) {
		fixed += m->left[i].fate == PM_FATE_FIXED;
		gone += m->left[i].fate > PM_FATE_FIXED;
		doubtful += m->left[i].fate == PM_FATE_STILL && m->left[i].doubtful;
	}
	title(w, service_name(w, e->service));
	pm_buf_addf(w->b, "  %u -> %u%s\n", e->from, e->to,
		    m->reversed ? ", taken back since" : "");
	commit_line(w, c);
	pm_buf_adds(w->b, "    ");
	color(w, m->n_still ? YELLOW : PLAIN);
	pm_buf_addf(w->b, "%zu of ", m->n_still);
	plural(w, m->n_left, "place");
	pm_buf_addf(w->b, " still at %u", e->from);
	color(w, PLAIN);
	pm_buf_adds(w->b, ", after ");
	add_days(w, w->h->newest_when - c->when);
	pm_buf_adds(w->b, " and ");
	plural(w, m->commits, "commit");
	if (doubtful)
		pm_buf_addf(w->b, "; %zu more perhaps", doubtful);
	if (fixed)
		pm_buf_addf(w->b, "; %zu fixed since", fixed);
	if (gone)
		pm_buf_addf(w->b, "; %zu gone since", gone);
	pm_buf_addc(w->b, '\n');
	schema_lag(w, e);
	left_places(w, m, PM_FATE_STILL);
	left_places(w, m, PM_FATE_FIXED);
	if (w->o->verbose > 0)
		for (int fate = PM_FATE_CHANGED; fate <= PM_FATE_MERGED; fate++)
			left_places(w, m, (enum pm_hist_fate)fate);
}

/* Moves with something left come first, the newest first of all. */
static void moves(const struct out *w)
{
	size_t clean = 0, reversed = 0;

	for (size_t i = w->h->moves.n; i-- > 0;) {
		const struct pm_hist_move *m = &w->h->moves.v[i];

		reversed += m->reversed;
		clean += !m->reversed && !m->n_still;
		if (!m->reversed && m->n_still)
			left_move(w, m);
	}
	for (size_t i = w->h->moves.n; w->o->verbose > 0 && i-- > 0;)
		if (w->h->moves.v[i].reversed || !w->h->moves.v[i].n_still)
			left_move(w, &w->h->moves.v[i]);
	if (w->b->n)
		pm_buf_addc(w->b, '\n');
	plural(w, w->h->moves.n, "move");
	pm_buf_addf(w->b, ": %zu left places behind that are still there, %zu nothing",
		    w->h->moves.n - clean - reversed, clean);
	if (reversed)
		pm_buf_addf(w->b, ", %zu taken back since", reversed);
	pm_buf_adds(w->b, (clean || reversed) && w->o->verbose <= 0 ? " (-v shows all)\n" : "\n");
}

void pm_report_history_text(const struct pm_history *h, enum pm_history_part part,
			    const struct pm_report_options *o, struct pm_buf *out)
{
	const struct out w = { out, h, o };

	if (part == PM_HISTORY_SCHEMA) {
		rows(&w);
		return;
	}
	if (part == PM_HISTORY_LEFT) {
		moves(&w);
		return;
	}
	tenures(&w);
	changed_services(&w);
	nobodys(&w);
	still_services(&w);
}
