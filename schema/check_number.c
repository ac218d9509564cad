/* check_number.c - facts of the world about the ports of rows: reserved ones, refused ones ... */
#include "check_impl.h"

#include "base/port.h"

#include <string.h>

/* ---- reservations of the document ---- */

void pm_doc_check_reserved(struct pm_doc_check *c)
{
	static const char *const how[] = { "kept free", "may conflict", "never to be used" };

	for (size_t i = 0; i < c->n; i++) {
		const struct pm_endpoint *e = c->rows[i].e;
		const struct pm_reserved *r = NULL;
		enum pm_severity sev = PM_WARNING;
		struct pm_diag *d;

		if (pm_row_is_target(e) && e->exposure == PM_EXPOSE_HOST)
			r = pm_schema_reserved(c->s, e->lo);
		if (!r)
			continue;
		if (r->strength == PM_RESERVED_NEVER && !e->fixed)
			sev = PM_ERROR;
		if (r->strength == PM_RESERVED_SLOT && e->fixed)
			sev = PM_NOTE;
		d = pm_doc_say_row(c, "reserved-used", sev, e, NULL, "%s at %u: %u-%u is %s "
				   "(line %u%s%s)", e->name, e->lo, r->lo, r->hi, how[r->strength], r->src.line,
				   r->reason ? ": " : "", r->reason ? r->reason : "");
		pm_doc_also(c, d, &r->src, "%s", how[r->strength]);
		if (e->fixed)
			d->hint = "leave this port out of what the document reserves";
	}
}

/* ---- refused by browsers ---- */

static enum pm_severity refusal(const struct pm_endpoint *e)
{
	static const enum pm_severity how[] = { PM_ERROR, PM_NOTE, PM_WARNING };

	return e->proto ? PM_NOTE : how[pm_schema_speaks(e->name, e->role, e->note)];
}

static void refused(struct pm_doc_check *c, const struct pm_row *r)
{
	const struct pm_endpoint *e = r->e;

	for (unsigned p = e->lo; p <= e->hi; p++)
		if (pm_port_browser_refused(p)) {
			pm_doc_say_row(c, "browser-refused", refusal(e), e, NULL,
				       "%s at %u: browsers and Node's fetch refuse this port",
				       e->name, p)
				->hint = "curl will work, browsers will not; take another port";
			return;
		}
}

/* ---- ranges of operating systems ---- */

static bool in_windows_range(unsigned port)
{
	return port >= 49152;
}

/* A range of ports that something else hands out. */
struct world {
	const char *rule;
	enum pm_severity severity;
	bool (*covers)(unsigned port);
	const char *platform; /* of rows whose host is known to have it; NULL: unless it has another */
	const char *what, *hint;
};

static const struct world worlds[] = {
	{ "ephemeral-range", PM_WARNING, pm_port_ephemeral, NULL,
	  "Linux hands out 32768-60999 to outgoing connections",
	  "reserve it on each machine: sysctl net.ipv4.ip_local_reserved_ports" },
	{ "ephemeral-range", PM_WARNING, in_windows_range, "windows",
	  "Windows hands out 49152-65535 to outgoing connections, and Hyper-V takes blocks of it",
	  "netsh int ipv4 show excludedportrange protocol=tcp" },
	{ "ephemeral-range", PM_WARNING, in_windows_range, "macos",
	  "macOS hands out 49152-65535 to outgoing connections",
	  "sysctl net.inet.ip.portrange.first" },
	{ "nodeport-range", PM_NOTE, pm_port_nodeport, NULL,
	  "Kubernetes hands out 30000-32767 as NodePorts",
	  "ask for it with nodePort, below 30086, or take another port" },
};
enum { N_WORLDS = sizeof(worlds) / sizeof(worlds[0]) };

static bool concerns(const struct pm_doc_check *c, const struct world *w, const struct pm_row *r)
{
	const char *platform = pm_row_platform(c, r);

	if (!pm_row_is_target(r->e) || !w->covers(r->e->lo))
		return false;
	if (w->platform)
		return platform && strcmp(platform, w->platform) == 0;
	return !platform || strcmp(platform, "linux") == 0;
}

/* The outermost range around the row that lies in it whole: then it is a decision about the range,
 * and one finding. */
static int whole_range(const struct pm_schema *s, const struct world *w, int range)
{
	int best = -1;

	for (unsigned depth = 0; range >= 0 && depth < 64; depth++) {
		const struct pm_range *g = &s->ranges.v[range];

		if (w->covers(g->lo) && w->covers(g->hi))
			best = range;
		range = g->parent;
	}
	return best;
}

static void handed_out(struct pm_doc_check *c, const struct world *w)
{
	size_t *n = PM_NEW_N(c->a, size_t, c->s->ranges.n + 1);

	for (size_t i = 0; i < c->n; i++) {
		const struct pm_endpoint *e = c->rows[i].e;
		int whole;

		if (!concerns(c, w, &c->rows[i]))
			continue;
		whole = whole_range(c->s, w, e->range);
		if (whole >= 0)
			n[whole]++;
		else
			pm_doc_say_row(c, w->rule, w->severity, e, w->platform, "%s at %u: %s",
				       e->name, e->lo, w->what)->hint = w->hint;
	}
	for (size_t i = 0; i < c->s->ranges.n; i++) {
		const struct pm_range *g = &c->s->ranges.v[i];
		struct pm_diag *d;

		if (!n[i])
			continue;
		d = pm_doc_say(c, w->rule, w->severity, &g->src, "%s (%u-%u) with %zu port%s: %s",
			       g->name, g->lo, g->hi, n[i], n[i] == 1 ? "" : "s", w->what);
		d->hint = w->hint;
		pm_diag_key(d, c->a, NULL, 0, pm_arena_printf(c->a, "%s%s", g->name, w->platform
							      ? w->platform : ""));
	}
}

/* ---- known services ---- */

static void airplay(struct pm_doc_check *c, const struct pm_row *r)
{
	const char *platform = pm_row_platform(c, r);
	const bool mac = platform && strcmp(platform, "macos") == 0;

	if (!pm_port_airplay(r->e->lo) || (platform && !mac) || r->e->proto)
		return;
	pm_doc_say_row(c, "airplay", mac ? PM_WARNING : PM_NOTE, r->e, NULL,
		       "%s at %u: macOS listens there for AirPlay", r->e->name, r->e->lo)
		->hint = "take another port, or switch the AirPlay receiver off";
}

/* A database on a database's port has it for that very reason, whatever both are called. */
static void iana(struct pm_doc_check *c, const struct pm_row *r)
{
	const struct pm_endpoint *e = r->e;
	const char *name = e->fixed ? NULL : pm_port_iana_name(e->lo);

	if (!name || pm_str_find(pm_str_of(e->name), name, true) != SIZE_MAX ||
	    pm_str_find(pm_str_of(r->v->name), name, true) != SIZE_MAX ||
	    (pm_schema_speaks(e->name, e->role, e->note) == PM_SPEAKS_OTHER &&
	     pm_schema_speaks("", "", name) == PM_SPEAKS_OTHER))
		return;
	pm_doc_say_row(c, "iana-name", PM_NOTE, e, NULL, "%s at %u: the IANA registry knows this "
		       "port as %s", e->name, e->lo, name);
}

void pm_doc_check_numbers(struct pm_doc_check *c)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!pm_row_is_target(c->rows[i].e) ||
		    c->rows[i].e->exposure == PM_EXPOSE_INTERNAL)
			continue;
		refused(c, &c->rows[i]);
		airplay(c, &c->rows[i]);
		iana(c, &c->rows[i]);
	}
	for (size_t i = 0; i < N_WORLDS; i++)
		handed_out(c, &worlds[i]);
}
