/*
 * report_history_json.c - a history as JSON (docs/history.schema.json), as JSON lines, and as CSV.
 */
#include "report_history.h"

#include "base/date.h"
#include "base/json.h"

#include <string.h>

static void set_date(json_t *o, const char *key, int64_t when, int zone)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_date_add_iso(&b, when, zone);
	pm_json_set_text(o, key, pm_buf_str(&b));
}

static void set_commit(json_t *o, const struct pm_hist_commit *c)
{
	json_t *author = pm_json_object();

	pm_json_set_text(o, "commit", c->oid);
	set_date(o, "date", c->when, c->zone);
	pm_json_set_text(author, "name", c->name);
	pm_json_set_text(author, "email", c->mail);
	pm_json_set(o, "author", author);
	pm_json_set_text(o, "subject", c->subject);
	if (c->portmig)
		pm_json_set(o, "portmig", json_true());
}

static json_t *uses_value(unsigned uses)
{
	json_t *list = pm_json_array();

	for (int u = 0; u < PM_STMT_COUNT; u++)
		if (uses & 1u << u)
			pm_json_append(list, pm_json_text(pm_stmt_name((enum pm_stmt)u)));
	return list;
}

static json_t *places_value(const struct pm_hist_event *e)
{
	json_t *list = pm_json_array();

	for (size_t i = 0; i < e->n; i++) {
		json_t *o = pm_json_object();

		pm_json_set_path(o, e->places[i].path);
		pm_json_set_number(o, "line", e->places[i].line);
		pm_json_set_text(o, "kind", pm_stmt_name((enum pm_stmt)e->places[i].use));
		pm_json_append(list, o);
	}
	return list;
}

static const char *name_of(const struct pm_history *h, int service)
{
	return service < 0 ? NULL : h->services.v[service].name;
}

static void set_port(json_t *o, const char *key, unsigned port)
{
	if (port)
		pm_json_set_number(o, key, port);
}

static json_t *event_value(const struct pm_history *h, const struct pm_hist_event *e, bool lines)
{
	json_t *o = pm_json_object();

	if (lines)
		pm_json_set_text(o, "type", "event");
	pm_json_set_text(o, "event", pm_event_name(e->kind));
	pm_json_set(o, "service", pm_json_text(name_of(h, e->service)));
	set_port(o, "from", e->from);
	set_port(o, "to", e->to);
	set_commit(o, &h->commits.v[e->commit]);
	pm_json_set(o, "kinds", uses_value(pm_event_uses(e)));
	pm_json_set(o, "places", places_value(e));
	if (e->kind == PM_EVENT_MOVED)
		pm_json_set_number(o, "left", e->left);
	if (e->to && (e->kind == PM_EVENT_APPEARED || e->kind == PM_EVENT_MOVED))
		pm_json_set(o, "first", json_boolean(e->first));
	pm_json_set_text(o, "had_by", name_of(h, e->had));
	pm_json_set_text(o, "goes_to", name_of(h, e->has));
	if (e->renamed)
		pm_json_set(o, "renamed", json_true());
	return o;
}

static json_t *service_value(const struct pm_hist_service *s, bool lines)
{
	json_t *o = pm_json_object(), *ports = pm_json_array();

	if (lines)
		pm_json_set_text(o, "type", "service");
	pm_json_set_text(o, "name", s->name);
	for (size_t i = 0; i < s->n_now; i++) {
		json_t *p = pm_json_object();

		pm_json_set_number(p, "port", s->now[i].port);
		pm_json_set_number(p, "declarations", s->now[i].declares);
		pm_json_set_number(p, "other_places", s->now[i].others);
		pm_json_set(p, "kinds", uses_value(s->now[i].uses));
		pm_json_append(ports, p);
	}
	pm_json_set(o, "ports", ports);
	return o;
}

static void set_end(json_t *o, const char *key, const struct pm_history *h, int event)
{
	json_t *v;

	if (event < 0)
		return;
	v = pm_json_object();
	set_commit(v, &h->commits.v[h->events.v[event].commit]);
	pm_json_set(o, key, v);
}

static json_t *tenure_value(const struct pm_history *h, const struct pm_hist_tenure *t, bool lines)
{
	json_t *o = pm_json_object();

	if (lines)
		pm_json_set_text(o, "type", "tenure");
	pm_json_set_number(o, "port", t->port);
	pm_json_set_text(o, "service", name_of(h, t->service));
	set_end(o, "from", h, t->from);
	set_end(o, "to", h, t->to);
	pm_json_set(o, "now", json_boolean(t->now));
	return o;
}

static void set_ports(json_t *o, const char *key, unsigned lo, unsigned hi)
{
	json_t *v;

	if (!lo || !hi) {
		set_port(o, key, lo);
		return;
	}
	v = pm_json_array();
	pm_json_append(v, json_integer(lo));
	pm_json_append(v, json_integer(hi));
	pm_json_set(o, key, v);
}

static json_t *row_value(const struct pm_history *h, const struct pm_hist_row *row, bool lines)
{
	json_t *o = pm_json_object();

	if (lines)
		pm_json_set_text(o, "type", "row");
	pm_json_set_text(o, "change", pm_row_name(row->kind));
	if (*row->name)
		pm_json_set_text(o, "name", row->name);
	pm_json_set_text(o, row->kind == PM_RANGE_ROW_SWAPPED ? "with"
			    : row->kind == PM_ROW_UNREADABLE  ? "why" : "old_name",
			 row->old_name);
	set_ports(o, "from", row->from, row->from_hi);
	set_ports(o, "to", row->to, row->to_hi);
	if (row->n)
		pm_json_set_number(o, "rows", row->n);
	set_commit(o, &h->commits.v[row->commit]);
	pm_json_set_path(o, row->path);
	if (row->line)
		pm_json_set_number(o, "line", row->line);
	if (row->kind >= PM_ROW_ALLOCATED)
		pm_json_set(o, "said", json_boolean(!row->unsaid));
	return o;
}

static const char *fate_name(enum pm_hist_fate f)
{
	static const char *const names[] = { "still", "fixed", "changed", "removed",
					     "merged" };

	return names[f];
}

static json_t *left_value(const struct pm_history *h, const struct pm_hist_left *x)
{
	json_t *o = pm_json_object();

	pm_json_set_path(o, x->at.path);
	pm_json_set_number(o, "line", x->at.line);
	pm_json_set_text(o, "kind", pm_stmt_name((enum pm_stmt)x->at.use));
	if (x->doubtful)
		pm_json_set(o, "doubtful", json_true());
	pm_json_set_text(o, "fate", fate_name(x->fate));
	if (x->fate == PM_FATE_FIXED || x->fate == PM_FATE_CHANGED)
		pm_json_set_number(o, "to", x->to);
	if (x->commit >= 0) {
		json_t *c = pm_json_object();

		set_commit(c, &h->commits.v[x->commit]);
		pm_json_set(o, "in", c);
	}
	if (x->fate == PM_FATE_STILL) {
		json_t *now = pm_json_object();

		pm_json_set_path(now, x->now.path);
		pm_json_set_number(now, "line", x->now.line);
		pm_json_set(o, "now", now);
	}
	return o;
}

static json_t *move_value(const struct pm_history *h, const struct pm_hist_move *m, bool lines)
{
	const struct pm_hist_event *e = &h->events.v[m->event];
	json_t *o = pm_json_object(), *left = pm_json_array();

	if (lines)
		pm_json_set_text(o, "type", "move");
	pm_json_set_text(o, "service", name_of(h, e->service));
	set_port(o, "from", e->from);
	set_port(o, "to", e->to);
	set_commit(o, &h->commits.v[e->commit]);
	pm_json_set(o, "age_seconds",
		    json_integer((json_int_t)(h->newest_when - h->commits.v[e->commit].when)));
	pm_json_set_number(o, "age_commits", m->commits);
	if (e->documented >= 0) {
		json_t *c = pm_json_object();

		set_commit(c, &h->commits.v[e->documented]);
		pm_json_set(c, "after_seconds",
			    json_integer((json_int_t)(h->commits.v[e->documented].when -
						      h->commits.v[e->commit].when)));
		pm_json_set(o, "schema", c);
	}
	if (m->reversed)
		pm_json_set(o, "reversed", json_true());
	pm_json_set_number(o, "still", m->n_still);
	for (size_t i = 0; i < m->n_left; i++)
		pm_json_append(left, left_value(h, &m->left[i]));
	pm_json_set(o, "left", left);
	return o;
}

static json_t *findings_value(const struct pm_diags *d)
{
	json_t *list = pm_json_array();

	for (size_t i = 0; i < d->n; i++) {
		json_t *o = pm_json_object();

		pm_json_set_text(o, "rule", d->v[i].rule);
		pm_json_set_text(o, "severity", pm_severity_name(d->v[i].severity));
		if (d->v[i].path)
			pm_json_set_path(o, d->v[i].path);
		pm_json_set_text(o, "commit", d->v[i].key);
		pm_json_set_text(o, "text", d->v[i].text);
		pm_json_append(list, o);
	}
	return list;
}

/* All that is neither service, event nor tenure: the head of the object, and the last line. */
static json_t *head_value(const struct pm_history *h)
{
	json_t *o = pm_json_object(), *list = pm_json_array(), *counts = pm_json_object();

	pm_json_set_text(o, "format", "portmig-history");
	pm_json_set_number(o, "version", 1);
	pm_json_set_text(o, "newest", h->newest);
	for (size_t i = 0; i < h->horizon.n; i++) {
		json_t *z = pm_json_object();

		pm_json_set_text(z, "commit", h->horizon.v[i].commit);
		pm_json_set_text(z, "why", h->horizon.v[i].why);
		pm_json_append(list, z);
	}
	pm_json_set(o, "horizon", list);
	pm_json_set(o, "findings", findings_value(&h->diags));
	pm_json_set_number(counts, "commits", h->n_commits);
	pm_json_set_number(counts, "events", h->events.n);
	pm_json_set_number(counts, "missing", h->n_missing);
	pm_json_set_number(counts, "skipped", h->n_skipped);
	pm_json_set(o, "counts", counts);
	return o;
}

static void line(struct pm_buf *out, json_t *v)
{
	pm_json_write(out, v, JSON_COMPACT);
	pm_buf_addc(out, '\n');
}

static void write_lines(const struct pm_history *h, struct pm_buf *out)
{
	json_t *head = head_value(h);

	for (size_t i = 0; i < h->services.n; i++)
		line(out, service_value(&h->services.v[i], true));
	for (size_t i = 0; i < h->events.n; i++)
		line(out, event_value(h, &h->events.v[i], true));
	for (size_t i = 0; i < h->tenures.n; i++)
		line(out, tenure_value(h, &h->tenures.v[i], true));
	for (size_t i = 0; i < h->rows.n; i++)
		line(out, row_value(h, &h->rows.v[i], true));
	for (size_t i = 0; i < h->moves.n; i++)
		line(out, move_value(h, &h->moves.v[i], true));
	pm_json_set_text(head, "type", "end");
	line(out, head);
}

void pm_report_history_json(const struct pm_history *h, bool lines, struct pm_buf *out)
{
	json_t *head, *services, *events, *tenures;

	if (lines) {
		write_lines(h, out);
		return;
	}
	head = head_value(h);
	services = pm_json_array();
	events = pm_json_array();
	tenures = pm_json_array();
	for (size_t i = 0; i < h->services.n; i++)
		pm_json_append(services, service_value(&h->services.v[i], false));
	for (size_t i = 0; i < h->events.n; i++)
		pm_json_append(events, event_value(h, &h->events.v[i], false));
	for (size_t i = 0; i < h->tenures.n; i++)
		pm_json_append(tenures, tenure_value(h, &h->tenures.v[i], false));
	pm_json_set(head, "services", services);
	pm_json_set(head, "events", events);
	pm_json_set(head, "tenures", tenures);
	if (h->rows.n) {
		json_t *rows = pm_json_array();

		for (size_t i = 0; i < h->rows.n; i++)
			pm_json_append(rows, row_value(h, &h->rows.v[i], false));
		pm_json_set(head, "schema", rows);
	}
	if (h->moves.n) {
		json_t *moves = pm_json_array();

		for (size_t i = 0; i < h->moves.n; i++)
			pm_json_append(moves, move_value(h, &h->moves.v[i], false));
		pm_json_set(head, "moves", moves);
	}
	pm_json_write(out, head, JSON_INDENT(1));
	pm_buf_addc(out, '\n');
}

/* ---- CSV ---- */

/* Quoted always; a formula's first character gets a quote in front, so that no spreadsheet runs
 * what a commit says. https://owasp.org/www-community/attacks/CSV_Injection */
static void cell(struct pm_buf *b, const char *text, const char *end)
{
	PM_CLEAN_BUF struct pm_buf safe = { 0 };

	pm_excerpt(&safe, pm_str_of(text), 0, 4096);
	pm_buf_addc(b, '"');
	if (safe.n && strchr("=+-@\t\r", safe.v[0]))
		pm_buf_addc(b, '\'');
	for (size_t i = 0; i < safe.n; i++) {
		if (safe.v[i] == '"')
			pm_buf_addc(b, '"');
		pm_buf_addc(b, safe.v[i]);
	}
	pm_buf_adds(b, "\"");
	pm_buf_adds(b, end);
}

static void number(struct pm_buf *b, unsigned port)
{
	if (port)
		pm_buf_addf(b, "%u", port);
	pm_buf_addc(b, ',');
}

static void rows_csv(const struct pm_history *h, struct pm_buf *out)
{
	pm_buf_adds(out, "date,commit,author,change,name,ports,other,path,line,said,subject\r\n");
	for (size_t i = 0; i < h->rows.n; i++) {
		const struct pm_hist_row *row = &h->rows.v[i];
		const struct pm_hist_commit *c = &h->commits.v[row->commit];
		PM_CLEAN_BUF struct pm_buf ports = { 0 };

		pm_row_ports(&ports, row);
		pm_date_add_iso(out, c->when, c->zone);
		pm_buf_addf(out, ",%s,", c->oid);
		cell(out, c->name, ",");
		pm_buf_addf(out, "%s,", pm_row_name(row->kind));
		cell(out, row->name, ",");
		cell(out, pm_buf_str(&ports), ",");
		cell(out, row->old_name ? row->old_name : "", ",");
		cell(out, row->path, ",");
		pm_buf_addf(out, "%u,%s,", row->line, row->unsaid ? "no" : "yes");
		cell(out, c->subject, "\r\n");
	}
}

static void left_csv(const struct pm_history *h, struct pm_buf *out)
{
	pm_buf_adds(out, "date,commit,service,from,to,path,line,kind,doubtful,fate,fixed_in,now_path,"
			 "now_line\r\n");
	for (size_t i = 0; i < h->moves.n; i++)
		for (size_t k = 0; k < h->moves.v[i].n_left; k++) {
			const struct pm_hist_event *e = &h->events.v[h->moves.v[i].event];
			const struct pm_hist_left *x = &h->moves.v[i].left[k];

			pm_date_add_iso(out, h->commits.v[e->commit].when, h->commits.v[e->commit].zone);
			pm_buf_addf(out, ",%s,", h->commits.v[e->commit].oid);
			cell(out, h->services.v[e->service].name, ",");
			pm_buf_addf(out, "%u,%u,", e->from, e->to);
			cell(out, x->at.path, ",");
			pm_buf_addf(out, "%u,%s,%s,%s,%s,", x->at.line,
				    pm_stmt_name((enum pm_stmt)x->at.use),
				    x->doubtful ? "yes" : "no", fate_name(x->fate),
				    x->commit < 0 ? "" : h->commits.v[x->commit].oid);
			cell(out, x->now.path ? x->now.path : "", ",");
			number(out, x->now.line);
			out->n--;
			pm_buf_adds(out, "\r\n");
		}
}

void pm_report_history_csv(const struct pm_history *h, enum pm_history_part part,
			   struct pm_buf *out)
{
	if (part == PM_HISTORY_LEFT) {
		left_csv(h, out);
		return;
	}
	if (part == PM_HISTORY_SCHEMA) {
		rows_csv(h, out);
		return;
	}
	pm_buf_adds(out, "date,commit,author,service,event,from,to,kinds,places,files,left,had_by,"
			 "goes_to,subject\r\n");
	for (size_t i = 0; i < h->events.n; i++) {
		const struct pm_hist_event *e = &h->events.v[i];
		const struct pm_hist_commit *c = &h->commits.v[e->commit];
		PM_CLEAN_BUF struct pm_buf uses = { 0 };

		pm_stmts_add(&uses, pm_event_uses(e));
		pm_date_add_iso(out, c->when, c->zone);
		pm_buf_addf(out, ",%s,", c->oid);
		cell(out, c->name, ",");
		cell(out, e->service < 0 ? "" : h->services.v[e->service].name, ",");
		pm_buf_addf(out, "%s,", pm_event_name(e->kind));
		number(out, e->from);
		number(out, e->to);
		cell(out, pm_buf_str(&uses), ",");
		pm_buf_addf(out, "%zu,%zu,%u,", e->n, pm_event_files(e), e->left);
		cell(out, e->had < 0 ? "" : h->services.v[e->had].name, ",");
		cell(out, e->has < 0 ? "" : h->services.v[e->has].name, ",");
		cell(out, c->subject, "\r\n");
	}
}
