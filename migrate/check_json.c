/* check_json.c - a check as JSON; docs/check.schema.json describes it. */
#include "check_report.h"

#include "base/json.h"

static void set_place(json_t *o, const char *path, unsigned line, unsigned col)
{
	pm_json_set_path(o, path);
	pm_json_set_number(o, "line", line);
	pm_json_set_number(o, "column", col);
}

static const char *const hidden_names[PM_HIDDEN_COUNT] = {
	[PM_HIDDEN_OFF] = "off", [PM_HIDDEN_ALLOWED] = "allowed",
	[PM_HIDDEN_OLD] = "not-new", [PM_HIDDEN_KNOWN] = "baseline",
};

static json_t *finding(const struct pm_finding *f)
{
	json_t *o = pm_json_object(), *also = pm_json_array();
	const struct pm_diag *d = &f->d;

	pm_json_set_text(o, "rule", d->rule);
	pm_json_set_text(o, "severity", pm_severity_name(d->severity));
	set_place(o, d->path, d->line, d->col);
	pm_json_set_text(o, "text", d->text);
	pm_json_set_text(o, "hint", d->hint);
	pm_json_set_text(o, "service", d->service);
	if (d->port)
		pm_json_set_number(o, "port", d->port);
	pm_json_set_text(o, "key", d->key);
	pm_json_set_text(o, "fingerprint", f->fingerprint);
	for (size_t i = 0; i < d->n_also; i++) {
		json_t *x = pm_json_object();

		set_place(x, d->also[i].path, d->also[i].line, d->also[i].col);
		pm_json_set_text(x, "text", d->also[i].text);
		pm_json_append(also, x);
	}
	pm_json_set(o, "also", also);
	pm_json_set_text(o, "hidden", hidden_names[f->hidden]);
	pm_json_set_text(o, "reason", f->reason);
	return o;
}

static json_t *findings(const struct pm_check_report *r)
{
	json_t *list = pm_json_array();

	for (size_t i = 0; i < r->findings->n; i++)
		pm_json_append(list, finding(&r->findings->v[i]));
	return list;
}

static json_t *counts(const struct pm_check_report *r)
{
	static const char *const names[] = { "notes", "warnings", "errors" };
	json_t *o = pm_json_object();

	pm_json_set_number(o, "found", r->findings->n);
	for (int s = PM_ERROR; s >= PM_NOTE; s--)
		pm_json_set_number(o, names[s], pm_findings_count(r->findings,
								  (enum pm_severity)s));
	for (int h = PM_SHOWN + 1; h < PM_HIDDEN_COUNT; h++)
		pm_json_set_number(o, hidden_names[h],
				   pm_findings_hidden(r->findings, (enum pm_hidden)h));
	return o;
}

static json_t *schemas(const struct pm_check_report *r)
{
	json_t *list = pm_json_array();

	for (size_t i = 0; i < r->n_schemas; i++) {
		const struct pm_schema *s = &r->schemas[i];
		json_t *o = pm_json_object();
		size_t ports = 0;

		for (size_t k = 0; k < s->services.n; k++)
			ports += s->services.v[k].n;
		pm_json_set_path(o, s->path);
		pm_json_set_number(o, "services", s->services.n);
		pm_json_set_number(o, "ports", ports);
		pm_json_set(o, "aspirational", json_boolean(s->aspirational));
		pm_json_append(list, o);
	}
	return list;
}

static json_t *ranges(const struct pm_check_stats *s)
{
	json_t *list = pm_json_array();

	for (size_t i = 0; i < s->fill.n; i++) {
		const struct pm_range_fill *f = &s->fill.v[i];
		json_t *o = pm_json_object(), *gaps = pm_json_array();

		for (size_t k = 0; k < f->n_gaps; k++) {
			json_t *gap = pm_json_object();

			pm_json_set_number(gap, "from", f->gaps[k].lo);
			pm_json_set_number(gap, "to", f->gaps[k].hi);
			pm_json_append(gaps, gap);
		}
		pm_json_set_number(o, "from", f->range->lo);
		pm_json_set_number(o, "to", f->range->hi);
		pm_json_set_text(o, "name", f->range->name);
		pm_json_set_number(o, "used", f->used);
		pm_json_set_number(o, "reserved", f->reserved);
		pm_json_set_number(o, "free", f->size - f->used - f->reserved);
		pm_json_set(o, "gaps", gaps);
		pm_json_append(list, o);
	}
	return list;
}

static json_t *skipped(const struct pm_inventory *inv)
{
	json_t *list = pm_json_array();

	for (size_t i = 0; i < inv->skips.n; i++) {
		json_t *o = pm_json_object();

		pm_json_set_path(o, inv->skips.v[i].path);
		pm_json_set_text(o, "why", inv->skips.v[i].why);
		pm_json_set_number(o, "size", inv->skips.v[i].size);
		pm_json_append(list, o);
	}
	return list;
}

static json_t *gone(const struct pm_baseline *b)
{
	json_t *list = pm_json_array();

	for (size_t i = 0; b && i < b->n; i++) {
		json_t *o = pm_json_object();

		pm_json_set_text(o, "fingerprint", b->v[i].fingerprint);
		pm_json_set_number(o, "count", b->v[i].count);
		pm_json_append(list, o);
	}
	return list;
}

void pm_check_json(const struct pm_check_report *r, struct pm_buf *out)
{
	json_t *top = pm_json_object(), *services = pm_json_object();

	pm_json_set_text(top, "format", "portmig-check");
	pm_json_set_number(top, "version", 1);
	pm_json_set(top, "commit", pm_json_text(*r->commit ? r->commit : NULL));
	pm_json_set_text(top, "tree", r->tree);
	pm_json_set_text(top, "checked", r->what);
	pm_json_set(top, "compared", pm_json_text(r->compared));
	pm_json_set_text(top, "against", r->real ? "real" : "planned");
	pm_json_set(top, "schemas", schemas(r));
	pm_json_set_text(top, "fail_on", pm_severity_name(r->fail_on));
	pm_json_set(top, "failed", json_boolean(pm_check_failed(r)));
	pm_json_set(top, "counts", counts(r));
	pm_json_set(top, "findings", findings(r));
	pm_json_set(top, "fixed", gone(r->gone));
	pm_json_set_number(services, "compared", r->stats->services);
	pm_json_set_number(services, "matching", r->stats->matching);
	pm_json_set_number(services, "absent", r->stats->absent);
	pm_json_set(top, "services", services);
	pm_json_set(top, "ranges", ranges(r->stats));
	pm_json_set_number(top, "files", r->inv->n_files);
	pm_json_set_number(top, "bytes", r->inv->n_bytes);
	pm_json_set(top, "skipped", skipped(r->inv));
	pm_json_write(out, top, JSON_INDENT(1));
	pm_buf_addc(out, '\n');
}
