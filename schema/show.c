/* show.c - the schema as understood, as text: every value with the line it stands on. */
#include "schema.h"

#include <string.h>

static void put(struct pm_buf *b, const char *s)
{
	pm_quote_text(b, pm_str_of(s));
}

static void put_ports(struct pm_buf *b, unsigned lo, unsigned hi)
{
	PM_CLEAN_BUF struct pm_buf t = { 0 };

	if (!hi)
		pm_buf_adds(&t, "dynamic");
	else if (lo == hi)
		pm_buf_addf(&t, "%u", lo);
	else
		pm_buf_addf(&t, "%u-%u", lo, hi);
	pm_buf_addf(b, "%-12s", pm_buf_str(&t));
}

static void put_src(struct pm_buf *b, const struct pm_src *src)
{
	pm_buf_addf(b, "  (line %u)\n", src->line);
}

static void put_field(struct pm_buf *b, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	pm_buf_addf(b, "  %s ", name);
	put(b, value);
}

static const char *const kinds[] = {
	[PM_RANGE_PROJECT] = "project", [PM_RANGE_LAYER] = "layer",
	[PM_RANGE_BLOCK] = "block", [PM_RANGE_GROUP] = "group",
};
static const char *const states[] = {
	[PM_STATE_PLANNED] = "", [PM_STATE_REAL] = "real", [PM_STATE_NOT_DEPLOYED] = "not-deployed",
	[PM_STATE_FUTURE] = "future", [PM_STATE_DYNAMIC] = "dynamic",
};
static const char *const strengths[] = {
	[PM_RESERVED_SLOT] = "slot", [PM_RESERVED_MAY] = "may conflict",
	[PM_RESERVED_NEVER] = "never use",
};

static void show_head(const struct pm_schema *s, struct pm_buf *b)
{
	put(b, s->title ? s->title : s->path);
	pm_buf_adds(b, "\n");
	put_field(b, "updated", s->updated);
	put_field(b, "drafted", s->drafted);
	put_field(b, "reconciled", s->reconciled);
	put_field(b, "version", s->version);
	if (s->aspirational)
		pm_buf_adds(b, "  says that it does not match what runs");
	if (s->updated || s->drafted || s->reconciled || s->version || s->aspirational)
		pm_buf_adds(b, "\n");
}

static void show_ranges(const struct pm_schema *s, struct pm_buf *b)
{
	if (s->ranges.n)
		pm_buf_addf(b, "\nRanges (%zu)\n", s->ranges.n);
	for (size_t i = 0; i < s->ranges.n; i++) {
		const struct pm_range *g = &s->ranges.v[i];
		unsigned depth = 0;

		for (int p = g->parent; p >= 0 && depth < 8; p = s->ranges.v[p].parent)
			depth++;
		pm_buf_adds(b, "  ");
		pm_buf_pad(b, ' ', depth * 2);
		put_ports(b, g->lo, g->hi);
		pm_buf_addf(b, " %-8s", kinds[g->kind]);
		put(b, g->name);
		if (g->from_table)
			pm_buf_adds(b, "  [strategy table]");
		if (g->note) {
			pm_buf_adds(b, "  -- ");
			put(b, g->note);
		}
		put_src(b, &g->src);
	}
}

static void show_endpoint(const struct pm_endpoint *e, struct pm_buf *b)
{
	pm_buf_adds(b, "    ");
	put_ports(b, e->lo, e->hi);
	pm_buf_adds(b, " ");
	put(b, e->name);
	put_field(b, "protocol", e->proto);
	put_field(b, "role", e->role);
	put_field(b, "host", e->host);
	put_field(b, "public", e->public_name);
	if (e->pair_port)
		pm_buf_addf(b, "  pairs with %u", e->pair_port);
	if (e->pair_name) {
		pm_buf_adds(b, " ");
		put(b, e->pair_name);
	}
	put_field(b, "state", states[e->state]);
	if (e->exposure == PM_EXPOSE_INTERNAL)
		pm_buf_adds(b, "  internal");
	if (e->fixed)
		pm_buf_adds(b, "  conventional port");
	if (e->note && *e->note) {
		pm_buf_adds(b, "  -- ");
		put(b, e->note);
	}
	put_src(b, &e->src);
}

static void show_services(const struct pm_schema *s, struct pm_buf *b)
{
	size_t rows = 0;

	for (size_t i = 0; i < s->services.n; i++)
		rows += s->services.v[i].n;
	pm_buf_addf(b, "\nServices (%zu, %zu ports)\n", s->services.n, rows);
	for (size_t i = 0; i < s->services.n; i++) {
		const struct pm_service *v = &s->services.v[i];

		pm_buf_adds(b, "  ");
		put(b, v->name);
		put_field(b, "inside", v->inside);
		for (size_t k = 0; k < v->n_aliases; k++)
			put_field(b, k ? "," : "also", v->aliases[k]);
		pm_buf_adds(b, "\n");
		for (size_t k = 0; k < v->n; k++)
			show_endpoint(&v->endpoints[k], b);
	}
}

static void show_reserved(const struct pm_schema *s, struct pm_buf *b)
{
	if (s->reserved.n)
		pm_buf_addf(b, "\nReserved (%zu)\n", s->reserved.n);
	for (size_t i = 0; i < s->reserved.n; i++) {
		const struct pm_reserved *v = &s->reserved.v[i];

		pm_buf_adds(b, "  ");
		put_ports(b, v->lo, v->hi ? v->hi : v->lo);
		pm_buf_addf(b, " %-12s ", strengths[v->strength]);
		put(b, v->reason);
		put_src(b, &v->src);
	}
}

static void show_steps(const struct pm_schema *s, struct pm_buf *b)
{
	if (s->steps.n)
		pm_buf_addf(b, "\nMigration (%zu)\n", s->steps.n);
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct pm_step *v = &s->steps.v[i];

		pm_buf_addf(b, v->is_note ? "  note " : "  %u. ", v->order);
		put(b, v->service);
		for (size_t k = 0; k < v->n; k++)
			pm_buf_addf(b, "%s%u -> %u", k ? ", " : "  ", v->from[k], v->to[k]);
		put_src(b, &v->src);
	}
}

static void show_small(const struct pm_schema *s, struct pm_buf *b)
{
	for (size_t i = 0; i < s->hosts.n; i++) {
		pm_buf_adds(b, i ? "  " : "\nHosts\n  ");
		put(b, s->hosts.v[i].name);
		put_field(b, "address", s->hosts.v[i].address);
		put_field(b, "platform", s->hosts.v[i].platform);
		put_src(b, &s->hosts.v[i].src);
	}
	for (size_t i = 0; i < s->offsets.n; i++) {
		const struct pm_offset *v = &s->offsets.v[i];

		pm_buf_addf(b, "%s  +%02u", i ? "" : "\nOffsets\n", v->lo);
		pm_buf_addf(b, v->lo == v->hi ? "     " : "-%02u  ", v->hi);
		put(b, v->purpose);
		put_src(b, &v->src);
	}
	for (size_t i = 0; i < s->principles.n; i++) {
		pm_buf_adds(b, i ? "  " : "\nPrinciples\n  ");
		put(b, s->principles.v[i].text);
		put_src(b, &s->principles.v[i].src);
	}
	for (size_t i = 0; i < s->resources.n; i++) {
		pm_buf_addf(b, "%s  %s %u  ", i ? "" : "\nNumbered resources\n",
			    s->resources.v[i].kind, s->resources.v[i].number);
		put(b, s->resources.v[i].service);
		put_src(b, &s->resources.v[i].src);
	}
	for (size_t i = 0; i < s->envvars.n; i++) {
		pm_buf_adds(b, i ? "  " : "\nStandard variables\n  ");
		put(b, s->envvars.v[i].name);
		pm_buf_adds(b, "=");
		put(b, s->envvars.v[i].value);
		put_src(b, &s->envvars.v[i].src);
	}
	for (size_t i = 0; i < s->depends.n; i++) {
		pm_buf_adds(b, i ? "  " : "\nDependencies\n  ");
		put(b, s->depends.v[i].service);
		pm_buf_adds(b, " on ");
		put(b, s->depends.v[i].on);
		put_src(b, &s->depends.v[i].src);
	}
	for (size_t i = 0; i < s->checklist.n; i++) {
		pm_buf_addf(b, "%s  [%c] ", i ? "" : "\nChecklists\n",
			    s->checklist.v[i].ticked ? 'x' : ' ');
		put(b, s->checklist.v[i].text);
		put_src(b, &s->checklist.v[i].src);
	}
	for (size_t i = 0; i < s->changelog.n; i++) {
		pm_buf_adds(b, i ? "  " : "\nChangelog\n  ");
		put(b, s->changelog.v[i].date);
		pm_buf_adds(b, "  ");
		put(b, s->changelog.v[i].text);
		put_src(b, &s->changelog.v[i].src);
	}
}

static void show_leftovers(const struct pm_schema *s, struct pm_buf *b)
{
	if (s->leftovers.n)
		pm_buf_addf(b, "\nNot understood (%zu)\n", s->leftovers.n);
	for (size_t i = 0; i < s->leftovers.n; i++) {
		const struct pm_leftover *v = &s->leftovers.v[i];
		PM_CLEAN_BUF struct pm_buf text = { 0 };

		pm_excerpt(&text, pm_str_of(v->text), 0, 100);
		pm_buf_addf(b, "  line %u: %s: %s\n", v->src.line, v->why, pm_buf_str(&text));
	}
}

void pm_schema_show(const struct pm_schema *s, struct pm_buf *out)
{
	show_head(s, out);
	show_ranges(s, out);
	show_services(s, out);
	show_reserved(s, out);
	show_steps(s, out);
	show_small(s, out);
	show_leftovers(s, out);
}
