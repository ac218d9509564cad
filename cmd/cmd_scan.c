/* cmd_scan.c - portmig scan: every place of a commit that looks like a port. */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "source.h"
#include "timing.h"

#include "attribute.h"
#include "inventory.h"
#include "report.h"
#include "verdict.h"

#include "base/json_stream.h"

#include <stdlib.h>
#include <string.h>

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_NDJSON };
enum { PART = 256 * 1024 }; /* bytes of output written at once */

struct scan {
	const char *rev, *service;
	struct pm_opt_list ports;
	int format;
	bool list, strict;
	struct pm_reading reading;
	struct pm_port_set want;
	struct pm_opt_list paths;
	/* with --service: whose each place is */
	struct pm_registry *reg;
	struct pm_target target;
	const struct pm_config *config;
	struct pm_arena arena;
};

/* ---- text ---- */

static void add_place(struct pm_buf *b, const struct pm_inv_file *f, const struct pm_hit *h,
		      const char *excerpt, bool color)
{
	pm_buf_adds(b, color ? "\033[35m" : "");
	pm_quote_text(b, pm_str_of(f->path));
	pm_buf_addf(b, "%s:%u:%u  %s%u%s  %s  %s  ", color ? "\033[0m" : "", h->line, h->col,
		    color ? "\033[1m" : "", h->port, color ? "\033[0m" : "",
		    pm_role_name((enum pm_role)h->role), h->rule);
	pm_buf_adds(b, excerpt);
	pm_buf_addc(b, '\n');
}

/* ---- JSON ---- */

static void put_hit(struct pm_json_stream *j, const struct pm_inv_file *f, const struct pm_hit *h,
		    const char *excerpt)
{
	static const char *const sides[] = { "unknown", "host", "container" };
	static const char *const certainties[] = { "not", "maybe", "likely", "sure" };

	pm_js_object(j, NULL);
	pm_js_path(j, f->path);
	pm_js_number(j, "line", h->line);
	pm_js_number(j, "column", h->col);
	pm_js_number(j, "port", h->port);
	pm_js_string(j, "role", pm_role_name((enum pm_role)h->role));
	pm_js_string(j, "side", sides[h->side]);
	pm_js_string(j, "certainty", certainties[h->certainty]);
	pm_js_string(j, "rule", h->rule);
	pm_js_string(j, "excerpt", excerpt);
	if (f->class != PM_CLASS_ORDINARY)
		pm_js_string(j, "class", f->class_why ? f->class_why : "special");
	pm_js_end(j, '}');
}

static void put_skips(struct pm_json_stream *j, const struct pm_inventory *inv)
{
	pm_js_array(j, "skipped");
	for (size_t i = 0; i < inv->skips.n; i++) {
		pm_js_object(j, NULL);
		pm_js_path(j, inv->skips.v[i].path);
		pm_js_string(j, "why", inv->skips.v[i].why);
		pm_js_number(j, "size", inv->skips.v[i].size);
		pm_js_end(j, '}');
	}
	pm_js_end(j, ']');
}

static void put_findings(struct pm_json_stream *j, const struct pm_diags *d)
{
	pm_js_array(j, "findings");
	for (size_t i = 0; i < d->n; i++) {
		pm_js_object(j, NULL);
		pm_js_string(j, "rule", d->v[i].rule);
		pm_js_string(j, "severity", pm_severity_name(d->v[i].severity));
		if (d->v[i].path)
			pm_js_path(j, d->v[i].path);
		pm_js_number(j, "line", d->v[i].line);
		pm_js_number(j, "column", d->v[i].col);
		pm_js_string(j, "text", d->v[i].text);
		pm_js_end(j, '}');
	}
	pm_js_end(j, ']');
}

/* Everything but the hits: before them, and behind. */
static void put_head(struct pm_json_stream *j, const struct pm_inventory *inv)
{
	pm_js_object(j, NULL);
	pm_js_string(j, "format", "portmig-scan");
	pm_js_number(j, "version", 1);
	pm_js_string(j, "commit", inv->commit);
	pm_js_string(j, "tree", inv->tree);
}

static void put_tail(struct pm_json_stream *j, const struct pm_inventory *inv, size_t n_hits)
{
	put_skips(j, inv);
	put_findings(j, &inv->diags);
	pm_js_object(j, "counts");
	pm_js_number(j, "files", inv->n_files);
	pm_js_number(j, "bytes", inv->n_bytes);
	pm_js_number(j, "skipped", inv->skips.n);
	pm_js_number(j, "hits", n_hits);
	pm_js_end(j, '}');
	pm_js_end(j, '}');
}

/* ---- all formats ---- */

static bool is_shown(struct scan *s, const struct pm_inv_file *f, const struct pm_hit *h)
{
	struct pm_claim claim;

	if (h->certainty == PM_NOT)
		return false;
	if (!s->reg)
		return true;
	pm_attribute(&claim, &s->arena, s->reg, &s->target, 1, s->config, f, h);
	return pm_verdict_strong(&claim, h) == 0;
}

/* The excerpt of hit k. */
static const char *excerpt_of(const struct pm_inv_file *f, size_t k, struct pm_buf *b)
{
	if (f->excerpts)
		return f->excerpts[k];
	pm_buf_clear(b);
	pm_excerpt(b, pm_lines_get(&f->lines, f->hits[k].line), f->hits[k].col, PM_INV_EXCERPT);
	return pm_buf_str(b);
}

static size_t show_file(struct scan *s, const struct pm_ctx *ctx, const struct pm_inv_file *f,
			struct pm_json_stream *j)
{
	PM_CLEAN_BUF struct pm_buf line = { 0 };
	size_t n = 0;

	for (size_t k = 0; k < f->n_hits; k++) {
		const char *text;

		if (!is_shown(s, f, &f->hits[k]))
			continue;
		n++;
		text = excerpt_of(f, k, &line);
		if (s->format == FORMAT_TEXT) {
			add_place(j->out, f, &f->hits[k], text, ctx->color_out);
			continue;
		}
		put_hit(j, f, &f->hits[k], text);
		if (s->format == FORMAT_NDJSON) {
			pm_buf_addc(j->out, '\n');
			j->more = false;
		}
	}
	return n;
}

/* Written in parts: a large result is not kept as a whole. */
static int show(struct scan *s, const struct pm_ctx *ctx, const struct pm_inventory *inv,
		size_t *n_hits, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_json_stream j = { .out = &b, .indented = s->format == FORMAT_JSON };
	int rc = 0;

	if (s->format == FORMAT_JSON) {
		put_head(&j, inv);
		pm_js_array(&j, "hits");
	}
	for (size_t i = 0; rc == 0 && i < inv->files.n; i++) {
		*n_hits += show_file(s, ctx, &inv->files.v[i], &j);
		if (b.n < PART)
			continue;
		rc = pm_out_stdout(&b, err);
		pm_buf_clear(&b);
	}
	if (s->format == FORMAT_JSON)
		pm_js_end(&j, ']');
	if (s->format == FORMAT_NDJSON)
		put_head(&j, inv);
	if (s->format != FORMAT_TEXT) {
		put_tail(&j, inv, *n_hits);
		pm_buf_addc(&b, '\n');
	}
	return rc ? rc : pm_out_stdout(&b, err);
}

static void summary(const struct pm_ctx *ctx, const struct pm_view *v,
		    const struct pm_inventory *inv, size_t n)
{
	PM_CLEAN_BUF struct pm_buf skips = { 0 };

	pm_report_skips(&skips, inv->skips.v, inv->skips.n);
	pm_cmd_note(ctx, "%zu place%s; read %zu file%s, %llu bytes; not read: %s", n,
		    n == 1 ? "" : "s", inv->n_files, inv->n_files == 1 ? "" : "s",
		    (unsigned long long)inv->n_bytes, pm_buf_str(&skips));
	for (size_t i = 0; ctx->verbose > 0 && i < inv->skips.n; i++)
		pm_cmd_note(ctx, "not read: %s (%s, %llu bytes)", inv->skips.v[i].path,
			    inv->skips.v[i].why, (unsigned long long)inv->skips.v[i].size);
	pm_view_tell_missing(v, ctx, inv->skips.v, inv->skips.n);
}

static int list_scanners(struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	for (size_t i = 0; i < pm_scanners_n; i++) {
		const struct pm_scanner *s = pm_scanners[i];

		pm_buf_addf(&b, "%-12s %s\n", s->name, s->summary);
		for (const char *const *g = s->globs; g && *g; g++)
			pm_buf_addf(&b, "%-12s %s\n", "", *g);
	}
	return pm_out_stdout(&b, err);
}

static int take_paths(struct scan *s, const struct pm_view *v, int n, char **argv,
		      struct pm_err *err)
{
	for (int i = 0; i < n; i++) {
		const char *p = pm_view_path(v, &s->arena, argv[i], err);

		if (!p)
			return PM_E_USAGE;
		pm_opt_list_add(&s->paths, p);
	}
	return 0;
}

static int check_paths(const struct scan *s, const struct pm_inventory *inv, struct pm_err *err)
{
	for (size_t i = 0; i < s->paths.n; i++) {
		const char *p = s->paths.v[i];
		size_t n = strlen(p);
		bool any = false;

		while (n && p[n - 1] == '/')
			n--;
		for (size_t k = 0; k < inv->n_paths && !any; k++)
			any = strncmp(inv->paths[k], p, n) == 0 &&
			      (!n || !inv->paths[k][n] || inv->paths[k][n] == '/');
		if (any)
			continue;
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "there is no path '%.300s' in commit %.12s",
			   p, inv->commit);
		return pm_err_hint(err, "paths start at the root of the commit, ./PATH here");
	}
	return 0;
}

static int scan(struct scan *s, const struct pm_ctx *ctx, int argc, char **argv,
		struct pm_err *err)
{
	PM_CLEAN_VIEW struct pm_view t = { 0 };
	struct pm_inv_options opt = {
		.want = s->ports.n ? &s->want : NULL, .names = s->service != NULL,
		.bare = s->service == NULL,
	};
	struct pm_inventory inv = { 0 };
	size_t n = 0;
	int rc = pm_view_open(&t, ctx, s->rev, err);

	t.reading = s->reading;
	if (!rc)
		rc = take_paths(s, &t, argc, argv, err);
	s->config = t.has_config ? &t.config : NULL;
	opt.only_paths = s->paths.n ? s->paths.v : NULL;
	if (!rc)
		rc = pm_view_inventory(&inv, ctx, &t, opt, "scanning", err);
	if (rc)
		return rc;
	rc = check_paths(s, &inv, err);
	if (!rc && s->service) {
		s->reg = pm_registry_build(&s->arena, &inv, NULL, s->config);
		pm_target_init(&s->target, s->reg, s->service);
	}
	pm_timing_lap(ctx->timing, "attribute");
	if (!rc && s->config)
		pm_config_check(s->config, inv.paths, inv.n_paths, &inv.arena, &inv.diags);
	if (!rc) {
		rc = show(s, ctx, &inv, &n, err);
		pm_cmd_diags(ctx, &inv.diags);
		summary(ctx, &t, &inv, n);
		pm_timing_lap(ctx->timing, "report");
	}
	if (!rc && s->strict && inv.skips.n)
		rc = 4;
	pm_registry_release(s->reg);
	pm_arena_release(&s->arena);
	pm_inventory_release(&inv);
	return rc;
}

int pm_cmd_scan(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct scan s = { 0 };
	const struct pm_opt opts[] = {
		{ 0, "rev", PM_OPT_STRING, &s.rev, "REV", "the commit to read (HEAD)" },
		{ 0, "service", PM_OPT_STRING, &s.service, "S",
		  "only places that clearly are of this service" },
		{ 'p', "port", PM_OPT_PORTS, &s.ports, "N", "only this port; may be repeated" },
		{ 0, "format", PM_OPT_CHOICE, &s.format, "text|json|ndjson", "form of the output" },
		{ 0, "strict", PM_OPT_FLAG, &s.strict, NULL,
		  "exit 4 if anything was not read" },
		PM_READING_OPTS(s.reading),
		{ 0, "list", PM_OPT_FLAG, &s.list, NULL, "list the scanners and their files" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"scan", "[options] [PATH...]",
		"List every place of a commit that looks like a port, sorted by path and line:\n"
		"path:line:column  port  role  rule  line. PATHs start at the root of the commit,\n"
		"./PATHs at the current directory.",
		opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc && s.list) {
		rc = list_scanners(err);
	} else if (!rc) {
		for (size_t i = 0; i < s.ports.n; i++)
			pm_port_set_add(&s.want, pm_port_parse(pm_str_of(s.ports.v[i])));
		rc = scan(&s, ctx, n, argv, err);
	} else if (rc == PM_OPT_HELPED) {
		rc = 0;
	}
	PM_VEC_FREE(&s.ports);
	PM_VEC_FREE(&s.paths);
	return rc;
}
