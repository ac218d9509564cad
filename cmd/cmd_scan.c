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

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_NDJSON };

struct scan {
	const char *rev, *service;
	struct pm_opt_list ports;
	int format;
	bool no_cache, list, strict;
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
		      bool color)
{
	pm_buf_adds(b, color ? "\033[35m" : "");
	pm_quote_text(b, pm_str_of(f->path));
	pm_buf_addf(b, "%s:%u:%u  %s%u%s  %s  %s  ", color ? "\033[0m" : "", h->line, h->col,
		    color ? "\033[1m" : "", h->port, color ? "\033[0m" : "",
		    pm_role_name((enum pm_role)h->role), h->rule);
	pm_excerpt(b, pm_lines_get(&f->lines, h->line), h->col, 120);
	pm_buf_addc(b, '\n');
}

/* ---- JSON ---- */

static json_t *text_value(struct pm_str s)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	json_t *v;

	pm_quote_json(&b, s, NULL);
	v = json_stringn_nocheck(pm_buf_str(&b), b.n);
	if (!v)
		pm_die_oom();
	return v;
}

static void set_text(json_t *o, const char *key, const char *s)
{
	json_object_set_new_nocheck(o, key, text_value(pm_str_of(s)));
}

static void set_number(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new_nocheck(o, key, json_integer((json_int_t)n));
}

/* A path as text, and as hexadecimal bytes when it is not UTF-8. */
static void set_path(json_t *o, const char *path)
{
	PM_CLEAN_BUF struct pm_buf hex = { 0 };

	set_text(o, "path", path);
	if (pm_is_utf8(path, strlen(path)))
		return;
	for (const char *p = path; *p; p++)
		pm_buf_addf(&hex, "%02x", (unsigned char)*p);
	set_text(o, "path_hex", pm_buf_str(&hex));
}

static json_t *hit_value(const struct pm_inv_file *f, const struct pm_hit *h)
{
	static const char *const sides[] = { "unknown", "host", "container" };
	static const char *const certainties[] = { "not", "maybe", "likely", "sure" };
	PM_CLEAN_BUF struct pm_buf line = { 0 };
	json_t *o = json_object();

	if (!o)
		pm_die_oom();
	pm_excerpt(&line, pm_lines_get(&f->lines, h->line), h->col, 120);
	set_path(o, f->path);
	set_number(o, "line", h->line);
	set_number(o, "column", h->col);
	set_number(o, "port", h->port);
	set_text(o, "role", pm_role_name((enum pm_role)h->role));
	set_text(o, "side", sides[h->side]);
	set_text(o, "certainty", certainties[h->certainty]);
	set_text(o, "rule", h->rule);
	set_text(o, "excerpt", pm_buf_str(&line));
	if (f->class != PM_CLASS_ORDINARY)
		set_text(o, "class", f->class_why ? f->class_why : "special");
	return o;
}

static json_t *skips_value(const struct pm_inventory *inv)
{
	json_t *list = json_array();

	for (size_t i = 0; i < inv->skips.n; i++) {
		json_t *o = json_object();

		set_path(o, inv->skips.v[i].path);
		set_text(o, "why", inv->skips.v[i].why);
		set_number(o, "size", inv->skips.v[i].size);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *findings_value(const struct pm_diags *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n; i++) {
		json_t *o = json_object();

		set_text(o, "rule", d->v[i].rule);
		set_text(o, "severity", pm_severity_name(d->v[i].severity));
		if (d->v[i].path)
			set_path(o, d->v[i].path);
		set_number(o, "line", d->v[i].line);
		set_number(o, "column", d->v[i].col);
		set_text(o, "text", d->v[i].text);
		json_array_append_new(list, o);
	}
	return list;
}

static void dump(struct pm_buf *b, json_t *o, size_t flags)
{
	char *s = json_dumps(o, flags | JSON_PRESERVE_ORDER);

	if (!s)
		pm_die_oom();
	pm_buf_adds(b, s);
	pm_buf_addc(b, '\n');
	free(s);
	json_decref(o);
}

/* Everything but the hits: the whole of the last line of ndjson. */
static json_t *head_value(const struct pm_inventory *inv, size_t n_hits, json_t *hits)
{
	json_t *o = json_object(), *counts = json_object();

	set_text(o, "format", "portmig-scan");
	set_number(o, "version", 1);
	set_text(o, "commit", inv->commit);
	set_text(o, "tree", inv->tree);
	if (hits)
		json_object_set_new_nocheck(o, "hits", hits);
	json_object_set_new_nocheck(o, "skipped", skips_value(inv));
	json_object_set_new_nocheck(o, "findings", findings_value(&inv->diags));
	set_number(counts, "files", inv->n_files);
	set_number(counts, "bytes", inv->n_bytes);
	set_number(counts, "skipped", inv->skips.n);
	set_number(counts, "hits", n_hits);
	json_object_set_new_nocheck(o, "counts", counts);
	return o;
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

static size_t show(struct scan *s, const struct pm_ctx *ctx,
		   const struct pm_inventory *inv, struct pm_buf *b)
{
	json_t *all = s->format == FORMAT_JSON ? json_array() : NULL;
	size_t n = 0;

	for (size_t i = 0; i < inv->files.n; i++) {
		const struct pm_inv_file *f = &inv->files.v[i];

		for (size_t k = 0; k < f->n_hits; k++) {
			if (!is_shown(s, f, &f->hits[k]))
				continue;
			n++;
			if (s->format == FORMAT_TEXT)
				add_place(b, f, &f->hits[k], ctx->color_out);
			else if (s->format == FORMAT_NDJSON)
				dump(b, hit_value(f, &f->hits[k]), JSON_COMPACT);
			else
				json_array_append_new(all, hit_value(f, &f->hits[k]));
		}
	}
	if (s->format == FORMAT_JSON)
		dump(b, head_value(inv, n, all), JSON_INDENT(1));
	if (s->format == FORMAT_NDJSON)
		dump(b, head_value(inv, n, NULL), JSON_COMPACT);
	return n;
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
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_inv_options opt = {
		.want = s->ports.n ? &s->want : NULL, .names = s->service != NULL,
		.bare = s->service == NULL,
	};
	struct pm_inventory inv = { 0 };
	size_t n;
	int rc = pm_view_open(&t, ctx, s->rev, err);

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
		n = show(s, ctx, &inv, &b);
		rc = pm_out_stdout(&b, err);
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
		{ 0, "no-cache", PM_OPT_FLAG, &s.no_cache, NULL, "reserved; there is no cache" },
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
