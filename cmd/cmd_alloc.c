/* cmd_alloc.c - portmig alloc: the next free port, or block of ports, for a service, and why not the
 * ones before it. */
#include "apply_tell.h"
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "plan_options.h"
#include "timing.h"
#include "uses.h"

#include "alloc.h"
#include "apply.h"
#include "doc_plan.h"
#include "report.h"
#include "steps.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT_TEXT, FORMAT_JSON };
enum { SHOWN = 24 };

struct alloc {
	struct pm_plan_request request;
	struct pm_alloc_request want;
	unsigned long n;
	bool block, all_branches, write, apply;
	const char *title, *container, *note, *branch, *out;
	int format;
	/* what is found */
	struct pm_planned d;
	struct pm_alloc_place place;
	struct pm_alloc got;
	struct pm_port_uses uses;
	struct pm_branches looked_at;
	struct pm_step_files steps;
	unsigned size; /* of a block */
};

/* ---- looking ---- */

static int search(struct alloc *o, const struct pm_ctx *ctx, const struct pm_view *v,
		  struct pm_err *err)
{
	struct pm_arena *a = &o->d.plan.arena;
	int rc = 0;

	if (!o->block)
		rc = pm_alloc_place(&o->place, a, &o->d.schema, &o->want, err);
	if (!rc)
		rc = pm_uses_of_commit(&o->uses, a, ctx, v, &o->d, &o->place, err);
	if (!rc && o->all_branches)
		rc = pm_uses_of_branches(&o->uses, &o->looked_at, a, ctx, v, &o->d, &o->place,
					 err);
	if (!rc && o->block)
		return pm_alloc_blocks(&o->got, &o->size, a, &o->d.schema, &o->want, &o->uses, err);
	if (!rc)
		pm_alloc_ports(&o->got, a, &o->d.schema, &o->want, &o->place, &o->uses);
	return rc;
}

/* The document's own steps, with what its files say of the service. */
static int find_steps(struct alloc *o, const struct pm_view *v, struct pm_err *err)
{
	pm_steps_find(&o->steps, &o->d.schema, o->d.inv.paths, o->d.inv.n_paths);
	for (size_t i = 0; i < o->steps.n; i++) {
		struct pm_step_file *f = &o->steps.v[i];
		PM_CLEAN_SOURCE struct pm_source s = { 0 };
		int rc = f->path && !f->document ? pm_source_commit(&s, v, f->path, err) : 0;

		if (rc)
			return rc;
		if (f->path && !f->document)
			f->line = pm_steps_mention((struct pm_str){ pm_buf_str(&s.text), s.text.n },
						   o->want.service);
	}
	return 0;
}

/* ---- the row ---- */

static void add_row(struct alloc *o)
{
	const struct pm_schema *s = &o->d.schema;
	struct pm_wish w = PM_WISH(PM_WISH_ADD);
	const struct pm_table *t = NULL;

	for (size_t i = 0; i < s->tables.n && !t; i++)
		if (s->tables.v[i].kind == PM_TABLE_SERVICES &&
		    (o->place.range < 0 || s->tables.v[i].range == o->place.range))
			t = &s->tables.v[i];
	w.service = o->title ? o->title : t && t->service && o->want.role ? o->want.role
							       : o->want.service;
	w.container = o->container ? o->container
		    : t && t->service && t->container >= 0 ? o->want.service : NULL;
	w.note = o->note;
	w.to = o->got.ports[0];
	if (o->place.range >= 0)
		w.under = s->ranges.v[o->place.range].src.span.off;
	if (o->place.like)
		w.row = o->place.like->src.span.off;
	if (o->place.pair && t && t->pair >= 0) {
		w.pair_port = o->place.pair->lo;
		w.pair_name = o->place.pair->name;
	}
	pm_change_because(&o->d.plan, pm_plan_add_change(&o->d.plan, w), "the next free port");
}

static int make_plan(struct alloc *o, const struct pm_view *v, struct pm_err *err)
{
	PM_CLEAN_SOURCE struct pm_source text = { 0 };
	int rc = pm_planned_document(&text, v, &o->d, err);

	if (rc)
		return rc;
	add_row(o);
	pm_plan_document(&o->d.plan, &o->d.schema,
			 (struct pm_str){ pm_buf_str(&text.text), text.text.n });
	if (pm_unit_applies(&o->d.plan, 0))
		return 0;
	pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "the row of %s",
		   o->d.plan.diags.n ? o->d.plan.diags.v[0].text : "the service");
	return pm_err_hint(err, "add it by hand with port %u", o->got.ports[0]);
}

/* ---- text ---- */

static void add_range(const struct alloc *o, struct pm_buf *b)
{
	const struct pm_range *g = o->place.range >= 0
		? &o->d.schema.ranges.v[o->place.range] : NULL;

	if (!g)
		return;
	pm_buf_addf(b, ", under %u-%u ", g->lo, g->hi);
	pm_excerpt(b, pm_str_of(g->name), 0, 120);
}

static bool kept_free(const struct alloc *o)
{
	for (size_t i = 0; i < o->got.passed.n; i++)
		if (o->got.passed.v[i].why == PM_ALLOC_SLOT || o->got.passed.v[i].why == PM_ALLOC_OFFSET)
			return true;
	return false;
}

static void add_found(const struct alloc *o, struct pm_buf *b)
{
	for (size_t i = 0; i < o->got.n; i++) {
		if (o->block)
			pm_buf_addf(b, "%u-%u", o->got.ports[i], o->got.ports[i] + o->size - 1);
		else
			pm_buf_addf(b, "%u", o->got.ports[i]);
		pm_buf_adds(b, " for ");
		pm_excerpt(b, pm_str_of(o->want.service), 0, 120);
		add_range(o, b);
		if (o->place.role && *o->place.role) {
			pm_buf_adds(b, ", ");
			pm_excerpt(b, pm_str_of(o->place.role), 0, 120);
		}
		if (o->place.pair) {
			pm_buf_adds(b, ", beside ");
			pm_excerpt(b, pm_str_of(o->place.pair->name), 0, 120);
			pm_buf_addf(b, " at %u", o->place.pair->lo);
		}
		pm_buf_addc(b, '\n');
	}
	if (o->got.n < o->n)
		pm_buf_addf(b, "%zu of %lu found: nothing more is free there%s\n", o->got.n, o->n,
			    kept_free(o) ? "; --from-reserved takes what is kept free" : "");
}

static void add_passed(const struct alloc *o, const struct pm_ctx *ctx, struct pm_buf *b)
{
	const size_t most = ctx->verbose > 0 ? SIZE_MAX : SHOWN;

	pm_buf_adds(b, o->got.passed.n ? "passed over:\n" : "");
	for (size_t i = 0; i < o->got.passed.n && i < most; i++) {
		const struct pm_alloc_pass *p = &o->got.passed.v[i];

		pm_buf_addf(b, p->lo == p->hi ? "  %u       " : "  %u-%u  ", p->lo, p->hi);
		pm_excerpt(b, pm_str_of(p->text), 0, 300);
		pm_buf_addc(b, '\n');
	}
	if (o->got.passed.n > most)
		pm_buf_addf(b, "  and %zu more reasons (-v shows them)\n", o->got.passed.n - most);
	for (size_t i = 0; i < o->got.notes.n; i++) {
		pm_buf_adds(b, "note: ");
		pm_excerpt(b, pm_str_of(o->got.notes.v[i]), 0, 300);
		pm_buf_addc(b, '\n');
	}
	pm_buf_addf(b, "read %zu file%s of commit %.12s", o->d.inv.n_files,
		    o->d.inv.n_files == 1 ? "" : "s", o->d.plan.base);
	if (o->all_branches)
		pm_buf_addf(b, ", what differs on %zu branch%s", o->looked_at.n,
			    o->looked_at.n == 1 ? "" : "es");
	pm_buf_adds(b, "; not read: ");
	pm_report_skips(b, o->d.inv.skips.v, o->d.inv.skips.n);
	pm_buf_addc(b, '\n');
}

static void add_steps(const struct alloc *o, struct pm_buf *b)
{
	const struct pm_checklist_item *last = NULL;

	pm_buf_adds(b, o->steps.n ? "the document's own steps:\n" : "");
	for (size_t i = 0; i < o->steps.n; i++) {
		const struct pm_step_file *f = &o->steps.v[i];

		if (f->item != last) {
			pm_buf_addf(b, "  [%c] ", f->done || f->line ? 'x' : ' ');
			pm_excerpt(b, pm_str_of(f->item->text), 0, 200);
			pm_buf_addc(b, '\n');
		}
		last = f->item;
		if (f->pick)
			pm_buf_addf(b, "        %u\n", o->got.ports[0]);
		if (!f->path && !f->document)
			continue;
		pm_buf_adds(b, "        ");
		pm_quote_text(b, pm_str_of(f->path ? f->path : o->d.schema.path));
		if (f->document)
			pm_buf_adds(b, ": the row is in this plan\n");
		else if (f->line)
			pm_buf_addf(b, ":%u mentions it\n", f->line);
		else
			pm_buf_adds(b, " does not mention it yet\n");
	}
}

static int tell_text(struct alloc *o, const struct pm_ctx *ctx, const struct pm_view *v,
		     struct pm_err *err)
{
	const struct pm_report_options ro = { .color = ctx->color_out };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	int rc = 0;

	add_found(o, &b);
	add_passed(o, ctx, &b);
	if (o->write && o->got.n) {
		pm_buf_addc(&b, '\n');
		rc = pm_report_diff(&o->d.plan, v->repo, &ro, &b, err);
		pm_buf_addc(&b, '\n');
		add_steps(o, &b);
	}
	return rc ? rc : pm_out_stdout(&b, err);
}

/* ---- JSON ---- */

static json_t *text(const char *s)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	if (!s)
		return json_null();
	pm_quote_json(&b, pm_str_of(s), NULL);
	return json_stringn(pm_buf_str(&b), b.n);
}

static json_t *passed_json(const struct alloc *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->got.passed.n; i++) {
		const struct pm_alloc_pass *p = &o->got.passed.v[i];
		json_t *x = json_object();

		json_object_set_new(x, "from", json_integer(p->lo));
		json_object_set_new(x, "to", json_integer(p->hi));
		json_object_set_new(x, "why", text(pm_alloc_why_name(p->why)));
		json_object_set_new(x, "text", text(p->text));
		json_array_append_new(list, x);
	}
	return list;
}

static json_t *steps_json(const struct alloc *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->steps.n; i++) {
		const struct pm_step_file *f = &o->steps.v[i];
		json_t *x = json_object();

		json_object_set_new(x, "text", text(f->item->text));
		json_object_set_new(x, "path", text(f->document ? o->d.schema.path : f->path));
		json_object_set_new(x, "line", f->line ? json_integer(f->line) : json_null());
		json_object_set_new(x, "done", json_boolean(f->done || f->line));
		json_array_append_new(list, x);
	}
	return list;
}

static json_t *range_json(const struct alloc *o)
{
	const struct pm_range *g = o->place.range >= 0
		? &o->d.schema.ranges.v[o->place.range] : NULL;
	json_t *x = json_object();

	if (!g) {
		json_decref(x);
		return json_null();
	}
	json_object_set_new(x, "from", json_integer(g->lo));
	json_object_set_new(x, "to", json_integer(g->hi));
	json_object_set_new(x, "name", text(g->name));
	return x;
}

static int tell_json(const struct alloc *o, const struct pm_view *v, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	json_t *x = json_object(), *ports = json_array(), *notes = json_array();
	json_t *branches = json_array();
	char *s;

	for (size_t i = 0; i < o->got.n; i++)
		json_array_append_new(ports, json_integer(o->got.ports[i]));
	for (size_t i = 0; i < o->got.notes.n; i++)
		json_array_append_new(notes, text(o->got.notes.v[i]));
	for (size_t i = 0; i < o->looked_at.n; i++)
		json_array_append_new(branches, text(o->looked_at.v[i].name));
	json_object_set_new(x, "format", json_string("portmig-alloc"));
	json_object_set_new(x, "version", json_integer(1));
	json_object_set_new(x, "commit", text(v->commit));
	json_object_set_new(x, "schema", text(o->d.plan.schema_path));
	json_object_set_new(x, "service", text(o->want.service));
	json_object_set_new(x, "range", range_json(o));
	json_object_set_new(x, "block", o->block ? json_integer(o->size) : json_null());
	json_object_set_new(x, "ports", ports);
	json_object_set_new(x, "free", json_integer(o->got.n_free));
	json_object_set_new(x, "passed", passed_json(o));
	json_object_set_new(x, "notes", notes);
	json_object_set_new(x, "branches", o->all_branches ? branches : json_null());
	if (!o->all_branches)
		json_decref(branches);
	json_object_set_new(x, "refused_list", json_string(PM_PORT_REFUSED_VERSION));
	json_object_set_new(x, "steps", steps_json(o));
	s = json_dumps(x, JSON_INDENT(2));
	json_decref(x);
	if (!s)
		pm_die_oom();
	pm_buf_adds(&b, s);
	pm_buf_addc(&b, '\n');
	free(s);
	return pm_out(o->write ? NULL : o->out, &b, err);
}

/* ---- the command ---- */

static int save_or_apply(struct alloc *o, const struct pm_ctx *ctx, const struct pm_view *v,
			 struct pm_err *err)
{
	const struct pm_apply_options opt = { .rev = o->request.rev, .branch = o->branch,
					      .env = ctx->env };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_apply_result result;
	int rc = 0;

	if (o->out) {
		pm_plan_write(&o->d.plan, &b);
		rc = pm_out_file(o->out, &b, err);
	}
	if (!rc && o->apply)
		rc = pm_apply(v->repo, &o->d.plan, &opt, &result, err);
	if (!rc && o->apply)
		return pm_apply_tell(ctx, v->repo, false, &result, err);
	if (!rc && !o->out)
		pm_cmd_note(ctx, "nothing was written: -o PLAN.json keeps the plan, --apply makes it "
			    "a branch");
	return rc;
}

static int alloc(struct alloc *o, const struct pm_ctx *ctx, struct pm_err *err)
{
	PM_CLEAN_VIEW struct pm_view v = { 0 };
	int rc = o->apply ? pm_apply_check_hook(ctx, err) : 0;

	if (!rc)
		rc = pm_view_open(&v, ctx, o->request.rev, err);
	v.reading = o->request.reading;
	if (!rc)
		rc = pm_planned_schema(&o->d, ctx, &v, &o->request, err);
	o->want.config = v.has_config ? &v.config : NULL;
	if (!rc)
		rc = search(o, ctx, &v, err);
	if (!rc && o->write && o->got.n)
		rc = make_plan(o, &v, err);
	if (!rc && o->write)
		rc = find_steps(o, &v, err);
	pm_timing_lap(ctx->timing, "allocate");
	if (!rc)
		rc = o->format == FORMAT_JSON ? tell_json(o, &v, err) : tell_text(o, ctx, &v, err);
	if (!rc && o->write && o->got.n)
		rc = save_or_apply(o, ctx, &v, err);
	pm_timing_lap(ctx->timing, "report");
	return rc ? rc : o->got.n < o->n;
}

static int check_options(struct alloc *o, struct pm_err *err)
{
	o->write = o->write || o->apply;
	o->want.n = (unsigned)o->n;
	if (o->write && o->block) {
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--write adds rows; a block needs a heading");
		return pm_err_hint(err, "write '### NAME - LO-HI' with a table, then alloc --role for "
				   "its rows");
	}
	if (o->write && o->n > 1)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--write adds one row: -n 1");
	if (o->out && o->format == FORMAT_TEXT && !o->write)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "-o keeps the plan of --write, or the result of --format json");
	if (o->block && (o->want.role || o->want.like || o->want.nodeport))
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "--block takes a whole block: without --role, --like, --nodeport");
	return 0;
}

static void release(struct alloc *o)
{
	pm_alloc_release(&o->got);
	PM_VEC_FREE(&o->uses);
	PM_VEC_FREE(&o->looked_at);
	PM_VEC_FREE(&o->steps);
	pm_planned_release(&o->d);
	pm_plan_request_release(&o->request);
}

int pm_cmd_alloc(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct alloc o = { .n = 1, .place = { .range = -1, .lo = 1, .hi = 65535 } };
	const struct pm_opt opts[] = {
		{ 0, "range", PM_OPT_STRING, &o.want.range, "R",
		  "look in this range: its name, or LO-HI" },
		{ 0, "like", PM_OPT_STRING, &o.want.like, "S",
		  "look where service S has its port; a partner with the\n"
		  "same last digits is preferred" },
		{ 0, "role", PM_OPT_STRING, &o.want.role, "WORD",
		  "a part of the service's block, by the document's\ntable of offsets: worker, web" },
		{ 0, "block", PM_OPT_FLAG, &o.block, NULL, "a whole block of ports" },
		{ 'n', "count", PM_OPT_NUMBER, &o.n, "N", "so many (1)", 1, 1000 },
		{ 0, "host", PM_OPT_STRING, &o.want.host, "H",
		  "for this host: what runs on others is not in the way" },
		{ 0, "all-branches", PM_OPT_FLAG, &o.all_branches, NULL,
		  "nor taken on any local or remote-tracking branch" },
		{ 0, "from-reserved", PM_OPT_FLAG, &o.want.from_reserved, NULL,
		  "also ports that the document keeps free" },
		{ 0, "nodeport", PM_OPT_FLAG, &o.want.nodeport, NULL,
		  "a Kubernetes NodePort, best of 30000-30085" },
		{ 0, "write", PM_OPT_FLAG, &o.write, NULL,
		  "add the row: show it, and the document's own steps" },
		{ 0, "title", PM_OPT_STRING, &o.title, "TEXT", "what the row calls it (SERVICE)" },
		{ 0, "container", PM_OPT_STRING, &o.container, "NAME", "container of the row" },
		{ 0, "note", PM_OPT_STRING, &o.note, "TEXT", "description of the row" },
		{ 'o', "output", PM_OPT_STRING, &o.out, "FILE",
		  "write the plan to FILE, for apply; without --write,\nthe JSON" },
		{ 0, "apply", PM_OPT_FLAG, &o.apply, NULL,
		  "make the row a commit on a new branch at once" },
		{ 'b', "branch", PM_OPT_STRING, &o.branch, "NAME",
		  "name of that branch (portmig/alloc-SERVICE-PORT)" },
		{ 0, "rev", PM_OPT_STRING, &o.request.rev, "REV", "the commit to read (HEAD)" },
		PM_READING_OPTS(o.request.reading),
		{ 0, "schema", PM_OPT_STRING, &o.request.schema, "SRC",
		  "the schema: FILE, REV:PATH or OTHER-REPO@REV:PATH" },
		{ 0, "format", PM_OPT_CHOICE, &o.format, "text|json", "form of the report" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"alloc", "[options] SERVICE",
		"The next free port for a service: free in the document, allowed by its rules, not\n"
		"used in the commit, refused by no browser. Says why each one before it is not.\n"
		"Exit status 1 when fewer are free than asked for.",
		opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, 1, 1, err);
	if (!rc)
		rc = check_options(&o, err);
	if (!rc) {
		o.want.service = argv[0];
		rc = alloc(&o, ctx, err);
	} else if (rc == PM_OPT_HELPED) {
		rc = 0;
	}
	release(&o);
	return rc;
}
