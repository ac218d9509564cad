/* cmd_history.c - portmig history: when each service's port changed, who did it, what was left. */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "source.h"
#include "timing.h"
#include "user_cache.h"

#include "history.h"
#include "report_history.h"

#include "base/date.h"

#include <stdlib.h>
#include <string.h>

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_NDJSON, FORMAT_CSV, FORMAT_MARKDOWN };

struct history {
	const char *rev, *since, *until;
	struct pm_opt_list services, ports, schema_paths;
	struct pm_port_set want;
	bool all, first_parent, strict, schema, stragglers;
	struct pm_reading reading;
	int format;
};

/* ---- what was asked ---- */

static int read_date(const char *text, bool end, const char *option, int64_t *when,
		     struct pm_err *err)
{
	if (!text || pm_date_parse(pm_str_of(text), end, when))
		return 0;
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--%s: '%.100s' is not a date", option, text);
	return pm_err_hint(err, "YYYY-MM-DD, with \"HH:MM\" and a zone such as +0200 behind it (UTC "
				"without), or @SECONDS; \"yesterday\" would be another day tomorrow");
}

/* The newest commit of a range, as pm_view_open takes it. */
static const char *tip_of(const char *range)
{
	const char *dots = range && !strchr(range, ':') ? strstr(range, "..") : NULL;

	if (!dots)
		return range;
	return dots[2] && dots[2] != '.' ? dots + 2 : "HEAD"; /* A...B is refused where it is read */
}

/* Who the schema of the newest commit names; a document that cannot be read names nobody. */
static bool read_schema(struct history *o, const struct pm_ctx *ctx, const struct pm_view *v,
			struct pm_schema *out, struct pm_buf *about)
{
	PM_CLEAN_SOURCE struct pm_source s = { 0 };
	PM_CLEAN_BUF struct pm_buf others = { 0 };
	struct pm_err why = { 0 };

	for (const char *const *name = pm_source_usual; *name; name++)
		pm_opt_list_add(&o->schema_paths, *name);
	if (v->has_config && v->config.schema)
		pm_opt_list_add(&o->schema_paths, v->config.schema);
	if (pm_source_schema(&s, v, &others, &why) < 0)
		return false;
	if (pm_schema_parse(out, pm_buf_str(&s.shown),
			    (struct pm_str){ pm_buf_str(&s.text), s.text.n }, &why) == 0) {
		pm_buf_addf(about, " schema %s %s", s.oid, pm_buf_str(&s.shown));
		return true;
	}
	pm_cmd_note(ctx, "schema ignored: %s", why.text);
	return false;
}

/* ---- results ---- */

static int write_report(const struct history *o, const struct pm_ctx *ctx,
			const struct pm_history *h, struct pm_err *err)
{
	const struct pm_report_options ro = { .color = ctx->color_out, .verbose = ctx->verbose };
	const enum pm_history_part part = o->schema	? PM_HISTORY_SCHEMA
					: o->stragglers ? PM_HISTORY_LEFT : PM_HISTORY_EVENTS;
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	switch (o->format) {
	case FORMAT_JSON: pm_report_history_json(h, false, &b); break;
	case FORMAT_NDJSON: pm_report_history_json(h, true, &b); break;
	case FORMAT_CSV: pm_report_history_csv(h, part, &b); break;
	default: pm_report_history_text(h, part, &ro, &b); break;
	}
	return pm_out_stdout(&b, err);
}

static void remarks(const struct pm_ctx *ctx, const struct pm_history *h)
{
	for (size_t i = 0; i < h->horizon.n; i++)
		pm_cmd_note(ctx, "history begins at %.12s here (%s): what was there before is not known",
			    h->horizon.v[i].commit, h->horizon.v[i].why);
	pm_cmd_diags(ctx, &h->diags);
	if (h->n_missing)
		pm_cmd_note(ctx, "%zu objects are not in this repository: changes in them are not seen",
			    h->n_missing);
	if (h->n_skipped)
		pm_cmd_note(ctx, "%zu versions of files are over a limit and were not read",
			    h->n_skipped);
	pm_cmd_note(ctx, "%zu commit%s, %zu event%s, %zu service%s", h->n_commits,
		    h->n_commits == 1 ? "" : "s", h->events.n, h->events.n == 1 ? "" : "s",
		    h->services.n, h->services.n == 1 ? "" : "s");
}

static int run(struct history *o, const struct pm_ctx *ctx, struct pm_err *err)
{
	PM_CLEAN_VIEW struct pm_view v = { 0 };
	struct pm_hist_options ho = {
		.range = o->rev, .all = o->all, .first_parent = o->first_parent,
		.since = INT64_MIN, .until = INT64_MAX, .newest = v.commit,
		.now = ctx->timing ? pm_timing_now : NULL,
	};
	PM_CLEAN_BUF struct pm_buf about = { 0 };
	struct pm_history h = { 0 };
	struct pm_schema schema = { 0 };
	struct pm_progress bar;
	bool has_schema = false;
	int rc = read_date(o->since, false, "since", &ho.since, err);

	if (!rc)
		rc = read_date(o->until, true, "until", &ho.until, err);
	if (!rc)
		rc = pm_view_open(&v, ctx, tip_of(o->rev), err);
	if (rc)
		return rc;
	pm_buf_addf(&about, "config %s", v.config_blob);
	has_schema = read_schema(o, ctx, &v, &schema, &about);
	ho.config = v.has_config ? &v.config : NULL;
	ho.schema = has_schema ? &schema : NULL;
	ho.schema_paths = o->schema_paths.v;
	ho.services = o->services.n ? o->services.v : NULL;
	ho.ports = o->ports.n ? &o->want : NULL;
	ho.about = pm_buf_str(&about);
	ho.cache = o->reading.no_cache ? NULL : pm_user_cache_open(ctx, v.repo);
	ho.jobs = pm_reading_jobs(&o->reading);
	ho.rows = o->schema;
	ho.left = o->stragglers;
	pm_progress_init(&bar, ctx->verbose >= 0, "reading");
	ho.progress = pm_progress_show;
	ho.progress_data = &bar;
	pm_timing_lap(ctx->timing, "prepare");
	rc = pm_history_build(&h, v.repo, &ho, err);
	pm_progress_end(&bar);
	pm_timing_add(ctx->timing, "commits", h.times.commits);
	pm_timing_add(ctx->timing, "trees", h.times.trees);
	pm_timing_add(ctx->timing, "blobs", h.times.blobs);
	pm_timing_add(ctx->timing, "attribute", h.times.owners);
	pm_timing_add(ctx->timing, "fold", h.times.fold);
	pm_timing_lap(ctx->timing, "collect");
	pm_user_cache_close(ctx, ho.cache);
	if (ho.cache)
		pm_timing_lap(ctx->timing, "keep");
	if (!rc) {
		rc = write_report(o, ctx, &h, err);
		remarks(ctx, &h);
		pm_timing_lap(ctx->timing, "report");
		if (!rc && o->strict && (h.horizon.n || h.n_missing || h.n_skipped))
			rc = 4;
	}
	pm_history_release(&h);
	if (has_schema)
		pm_schema_release(&schema);
	return rc;
}

int pm_cmd_history(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct history o = { 0 };
	const struct pm_opt opts[] = {
		{ 0, "rev", PM_OPT_STRING, &o.rev, "RANGE",
		  "the commits to look at: REV, or A..B (HEAD)" },
		{ 0, "all", PM_OPT_FLAG, &o.all, NULL, "all references, not only the range" },
		{ 0, "first-parent", PM_OPT_FLAG, &o.first_parent, NULL,
		  "the mainline only, a merge as one change" },
		{ 0, "service", PM_OPT_LIST, &o.services, "S",
		  "only this service; may be repeated" },
		{ 'p', "port", PM_OPT_PORTS, &o.ports, "N",
		  "only this port, and who had it when; may be repeated" },
		{ 0, "since", PM_OPT_STRING, &o.since, "DATE",
		  "only changes authored on DATE or later; YYYY-MM-DD" },
		{ 0, "until", PM_OPT_STRING, &o.until, "DATE", "only those until DATE" },
		{ 0, "schema", PM_OPT_FLAG, &o.schema, NULL,
		  "the history of the port schema itself, row by row" },
		{ 0, "stragglers", PM_OPT_FLAG, &o.stragglers, NULL,
		  "what each move left at the old port, and who fixed it" },
		{ 0, "format", PM_OPT_CHOICE, &o.format, "text|json|ndjson|csv|markdown",
		  "form of the report" },
		{ 0, "strict", PM_OPT_FLAG, &o.strict, NULL,
		  "exit 4 if anything was not read, or the history is cut" },
		PM_READING_OPTS(o.reading),
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"history", "[options]",
		"When the ports of each service changed: by which commit, whose, where, and what was\n"
		"left behind. Dates are the authors'; merges count only for what they change\n"
		"themselves.",
		opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, 0, 0, err);
	for (size_t i = 0; i < o.ports.n; i++)
		pm_port_set_add(&o.want, pm_port_parse(pm_str_of(o.ports.v[i])));
	if (!rc)
		rc = run(&o, ctx, err);
	else if (rc == PM_OPT_HELPED)
		rc = 0;
	PM_VEC_FREE(&o.services);
	PM_VEC_FREE(&o.ports);
	PM_VEC_FREE(&o.schema_paths);
	return rc;
}
