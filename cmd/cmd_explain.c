/* cmd_explain.c - portmig explain: why a literal is (not) a port, whose it is, what a plan does. */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "plan_options.h"

#include "attribute.h"
#include "rules.h"
#include "weights.h"

#include <stdlib.h>
#include <string.h>

struct explain {
	struct pm_plan_request request;
	const char *path;
	unsigned line, col; /* col 0: every number of the line */
	const struct pm_ctx *ctx;
	struct pm_view view;
	struct pm_source file;
	struct pm_inventory inv; /* of this file, with the names of the whole commit */
	struct pm_planned planned;
	bool has_plan;
	struct pm_registry *reg;
	struct pm_target *targets; /* services of the plan's moves */
	unsigned n_targets;
	struct pm_buf out;
};

/* ---- PATH:LINE[:COL] ---- */

static unsigned number(struct pm_str s)
{
	unsigned n = 0;

	if (!s.n || s.n > 9)
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!pm_is_digit(s.p[i]))
			return 0;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	return n;
}

/* Cut ":NUMBER" from the end of `s`; 0 when there is none. */
static unsigned cut_number(struct pm_str *s)
{
	size_t at = s->n;
	unsigned n;

	while (at && s->p[at - 1] != ':')
		at--;
	n = at ? number((struct pm_str){ s->p + at, s->n - at }) : 0;
	if (n)
		s->n = at - 1;
	return n;
}

static int take_place(struct explain *x, const char *word, struct pm_err *err)
{
	struct pm_str s = pm_str_of(word);
	unsigned last = cut_number(&s), first = last ? cut_number(&s) : 0;

	if (!last || !s.n) {
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
			   "'%.300s' is neither PATH:LINE[:COL] nor a rule", word);
		return pm_err_hint(err, "portmig explain docker-compose.yml:12; rules: "
					"portmig check --list-rules");
	}
	x->line = first ? first : last;
	x->col = first ? last : 0;
	x->path = pm_arena_strndup(&x->planned.plan.arena, s.p, s.n);
	return 0;
}

/* ---- reading ---- */

static void make_targets(struct explain *x)
{
	const struct pm_plan *p = &x->planned.plan;

	x->targets = PM_NEW_N(&x->inv.arena, struct pm_target, p->moves.n + 1);
	for (size_t i = 0; i < p->moves.n; i++) {
		unsigned t = 0;

		while (t < x->n_targets &&
		       strcmp(x->targets[t].name, p->moves.v[i].service) != 0)
			t++;
		if (t == x->n_targets)
			pm_target_init(&x->targets[x->n_targets++], x->reg,
				       p->moves.v[i].service);
	}
}

static int read_file(struct explain *x, struct pm_err *err)
{
	const char *only[] = { x->path, NULL };
	const struct pm_inv_options opt = { .numbers = true, .names = true, .only_paths = only };
	int rc = pm_source_commit(&x->file, &x->view, x->path, err);

	if (rc == PM_E_NOTFOUND) {
		err->code = PM_E_USAGE;
		return pm_err_hint(err, "paths start at the root of the commit, ./PATH here");
	}
	if (rc)
		return rc;
	rc = pm_view_inventory(&x->inv, x->ctx, &x->view, opt, "reading", err);
	if (rc)
		return rc;
	x->reg = pm_registry_build(&x->inv.arena, &x->inv,
				   x->planned.has_schema ? &x->planned.schema : NULL,
				   x->view.has_config ? &x->view.config : NULL);
	make_targets(x);
	return 0;
}

/* A plan is made when there are moves to make it from; without any, nothing is missing. */
static int make_plan(struct explain *x, struct pm_err *err)
{
	const bool asked = x->request.moves.n || x->request.schema || x->request.from ||
			   x->request.all;
	struct pm_err why = { 0 };
	int rc = pm_plan_make(&x->planned, x->ctx, &x->view, &x->request, &why);

	x->has_plan = !rc && x->planned.plan.moves.n;
	if (!rc || (!asked && (rc == PM_E_NOTFOUND || rc == PM_E_PARSE || rc == PM_E_SCHEMA)))
		return 0;
	*err = why;
	return rc;
}

/* ---- telling ---- */

static void safe(struct explain *x, const char *s)
{
	pm_excerpt(&x->out, pm_str_of(s), 0, 200);
}

static bool told_before(const struct pm_hit *h, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (h->facts[k].kind == h->facts[i].kind && h->facts[k].line == h->facts[i].line &&
		    strcmp(h->facts[k].text, h->facts[i].text) == 0)
			return true;
	return false;
}

static void tell_facts(struct explain *x, const struct pm_hit *h)
{
	static const char *const kinds[] = { "host", "identifier", "block", "container", "image",
					     "build", "heading", "row", "near", "key", "url path",
					     "also used by", "template" };

	for (uint32_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *f = &h->facts[i];

		if ((f->kind == PM_FACT_NEAR && x->ctx->verbose <= 0) || told_before(h, i))
			continue;
		pm_buf_addf(&x->out, "    %s: ", kinds[f->kind]);
		safe(x, f->text);
		if (f->line && f->line != h->line)
			pm_buf_addf(&x->out, " (line %u)", f->line);
		pm_buf_addc(&x->out, '\n');
	}
}

/* Why a number is only a number: what touches it, or that no rule took it. */
static void tell_number(struct explain *x, const struct pm_file *f, const struct pm_hit *h)
{
	const char before = h->span.off ? f->bytes[h->span.off - 1] : ' ';
	const size_t end = h->span.off + h->span.len;
	const char after = end < f->len ? f->bytes[end] : ' ';
	const char next = end + 1 < f->len ? f->bytes[end + 1] : ' ';
	size_t looked = 0;

	pm_buf_adds(&x->out, "  not a port: ");
	if ((before == '.' || before == ',') && h->span.off > 1 &&
	    pm_is_digit(f->bytes[h->span.off - 2]))
		pm_buf_adds(&x->out, "it is the end of a longer number");
	else if ((after == '.' || after == ',') && pm_is_digit(next))
		pm_buf_adds(&x->out, "it is the beginning of a longer number");
	else if (pm_is_word(before) || pm_is_word(after))
		pm_buf_adds(&x->out, "it is part of a longer word");
	else
		pm_buf_adds(&x->out, "no rule takes this place for one");
	pm_buf_adds(&x->out, "\n    looked: ");
	for (size_t i = 0; i < pm_scanners_n; i++)
		if (pm_scanners[i]->accepts(f))
			pm_buf_addf(&x->out, "%s%s", looked++ ? ", " : "", pm_scanners[i]->name);
	pm_buf_adds(&x->out, looked ? "\n" : "no scanner reads this kind of file\n");
}

static void tell_parties(struct explain *x, const struct pm_claim *c)
{
	bool told[PM_MAX_PARTIES] = { false };

	for (unsigned k = 0; k < c->n && k < 3; k++) {
		const struct pm_party *p = NULL;
		bool any = false;

		for (unsigned i = 0; i < c->n; i++)
			if (!told[i] && (!p || c->party[i].score > p->score))
				p = &c->party[i];
		told[p - c->party] = true;
		pm_buf_adds(&x->out, k ? "         " : "  whose: ");
		safe(x, p->name);
		pm_buf_addf(&x->out, " %d:", p->score);
		for (unsigned i = 0; i < PM_BY_COUNT; i++)
			if (p->weight[i]) {
				pm_buf_adds(&x->out, any ? ", " : " ");
				safe(x, p->why[i]);
				pm_buf_addf(&x->out, " +%d", p->weight[i]);
				any = true;
			}
		pm_buf_addc(&x->out, '\n');
	}
	if (!c->n)
		pm_buf_adds(&x->out, "  whose: nothing here names a service\n");
}

static const struct pm_edit *edit_of(const struct explain *x, const struct pm_hit *h)
{
	const struct pm_plan *p = &x->planned.plan;

	for (size_t i = 0; i < p->edits.n; i++)
		if (strcmp(p->edits.v[i].path, x->path) == 0 &&
		    p->edits.v[i].span.off == h->span.off)
			return &p->edits.v[i];
	return NULL;
}

/* `owner`: the service with the most evidence, or NULL. */
static void tell_plan(struct explain *x, const struct pm_hit *h, const char *owner)
{
	const struct pm_plan *p = &x->planned.plan;
	const struct pm_edit *e = edit_of(x, h);

	if (!x->has_plan) {
		pm_buf_addf(&x->out, "  plan: there are no moves; --move %s=%u:NEW shows what one "
			    "would do\n", owner ? owner : "SERVICE", h->port);
		return;
	}
	if (!e) {
		pm_buf_addf(&x->out, "  plan: no move leaves %u\n", h->port);
		return;
	}
	pm_buf_addf(&x->out, "  plan: %s", pm_disposition_name(e->disposition));
	if (e->move >= 0) {
		const struct pm_move *m = &p->moves.v[e->move];

		pm_buf_addf(&x->out, ", %u -> %u for ", m->from, m->to);
		safe(x, m->service);
		pm_buf_addf(&x->out, " (%s)", pm_move_source_name(m->source));
	}
	pm_buf_addc(&x->out, '\n');
	for (size_t i = 0; i < e->n_reasons; i++) {
		pm_buf_adds(&x->out, "    ");
		safe(x, e->reasons[i]);
		pm_buf_addc(&x->out, '\n');
	}
}

/* The row that the line is, or that the service has. */
static const struct pm_endpoint *row_of(const struct explain *x, const struct pm_hit *h,
					const char *owner)
{
	const struct pm_schema *s = &x->planned.schema;

	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];

			if (e->src.line == h->line && strcmp(s->path, x->path) == 0 &&
			    e->lo <= h->port && h->port <= e->hi)
				return e;
		}
	return owner ? pm_schema_endpoint(s, owner, NULL) : NULL;
}

/* What the document has on it: the row, the heading above and its note, and where its digits come
 * from. */
static void tell_row(struct explain *x, const struct pm_hit *h, const char *owner)
{
	const struct pm_endpoint *e = x->planned.has_schema ? row_of(x, h, owner) : NULL;
	const struct pm_range *g = e && e->range >= 0 ? &x->planned.schema.ranges.v[e->range] : NULL;
	const struct pm_service *v = NULL;
	unsigned like;

	if (!e)
		return;
	pm_schema_endpoint(&x->planned.schema, e->name, &v);
	like = pm_port_suffix_of(v ? v->name : e->name, e->lo);
	pm_buf_adds(&x->out, "  row: ");
	safe(x, e->name);
	pm_buf_addf(&x->out, " at %u (line %u)", e->lo, e->src.line);
	if (g) {
		pm_buf_addf(&x->out, ", under %u-%u ", g->lo, g->hi);
		safe(x, g->name);
	}
	if (g && g->note) {
		pm_buf_adds(&x->out, ": ");
		safe(x, g->note);
	}
	if (like)
		pm_buf_addf(&x->out, "; ends like %u, the usual port", like);
	pm_buf_addc(&x->out, '\n');
}

static const char *best_party(const struct pm_claim *c)
{
	const struct pm_party *p = NULL;

	for (unsigned i = 0; i < c->n; i++)
		if (!p || c->party[i].score > p->score)
			p = &c->party[i];
	return p ? p->name : NULL;
}

static void tell_hit(struct explain *x, const struct pm_inv_file *inv_file,
		     const struct pm_hit *h)
{
	static const char *const sides[] = { "", ", seen from the host", ", inside the container" };
	static const char *const sure[] = { "not", "perhaps", "probably", "certainly" };
	const struct pm_file f = { x->path, inv_file->bytes, inv_file->len };
	struct pm_claim claim;

	pm_quote_text(&x->out, pm_str_of(x->path));
	pm_buf_addf(&x->out, ":%u:%u  %u\n", h->line, h->col, h->port);
	if (h->certainty == PM_NOT) {
		tell_number(x, &f, h);
		if (!x->col && !edit_of(x, h))
			return; /* "1." at the start of a line: asked for by its column, all is told */
	} else {
		pm_buf_addf(&x->out, "  %s a port: %s%s (rule %s)\n", sure[h->certainty],
			    pm_role_name((enum pm_role)h->role), sides[h->side], h->rule);
	}
	tell_facts(x, h);
	if (inv_file->class != PM_CLASS_ORDINARY) {
		pm_buf_adds(&x->out, "    file: ");
		safe(x, inv_file->class_why ? inv_file->class_why : "special");
		pm_buf_addc(&x->out, '\n');
	}
	pm_attribute(&claim, &x->inv.arena, x->reg, x->targets, x->n_targets,
		     x->view.has_config ? &x->view.config : NULL, inv_file, h);
	tell_parties(x, &claim);
	tell_row(x, h, best_party(&claim));
	tell_plan(x, h, best_party(&claim));
}

/* Digits on the line that cannot be a port: too large, with a leading zero. */
static size_t tell_other_digits(struct explain *x, struct pm_str line)
{
	size_t told = 0, end;

	for (size_t i = 0; i < line.n; i = end + 1) {
		for (end = i; end < line.n && pm_is_digit(line.p[end]); end++)
			;
		if (end == i || pm_port_parse((struct pm_str){ line.p + i, end - i }) ||
		    (x->col && (x->col < i + 1 || x->col > end)))
			continue;
		pm_quote_text(&x->out, pm_str_of(x->path));
		pm_buf_addf(&x->out, ":%u:%zu  %.*s\n  not a port: ports are 1 to 65535 without "
			    "leading zeros\n", x->line, i + 1,
			    (int)(end - i < 40 ? end - i : 40), line.p + i);
		told++;
	}
	return told;
}

static bool tell_skip(struct explain *x)
{
	for (size_t i = 0; i < x->inv.skips.n; i++)
		if (strcmp(x->inv.skips.v[i].path, x->path) == 0) {
			pm_buf_adds(&x->out, "the file was not read: ");
			safe(x, x->inv.skips.v[i].why);
			pm_buf_addc(&x->out, '\n');
			return true;
		}
	return false;
}

static int tell(struct explain *x, struct pm_err *err)
{
	const struct pm_inv_file *f = x->inv.files.n ? &x->inv.files.v[0] : NULL;
	struct pm_lines lines;
	struct pm_str line;
	size_t told = 0;

	pm_lines_init(&lines, &x->inv.arena, pm_buf_str(&x->file.text), x->file.text.n);
	if (lines.n > 1 && lines.start[lines.n - 1] == lines.len)
		lines.n--; /* what follows the last newline is no line */
	if (x->line > lines.n)
		return pm_err_set(err, PM_E_USAGE, (struct pm_loc){ x->path, 0, 0 },
				  "'%.300s' has %zu line%s, not %u", x->path, lines.n,
				  lines.n == 1 ? "" : "s", x->line);
	line = pm_lines_get(&lines, x->line);
	pm_excerpt(&x->out, line, x->col ? x->col - 1 : 0, 200);
	pm_buf_addc(&x->out, '\n');
	if (tell_skip(x))
		return pm_out_stdout(&x->out, err);
	for (size_t i = 0; f && i < f->n_hits; i++) {
		const struct pm_hit *h = &f->hits[i];

		if (h->line != x->line ||
		    (x->col && (x->col < h->col || x->col >= h->col + h->span.len)))
			continue;
		tell_hit(x, f, h);
		told++;
	}
	told += tell_other_digits(x, line);
	if (!told)
		pm_buf_addf(&x->out, x->col ? "no number at column %u of this line\n"
					    : "no number on this line\n", x->col);
	return pm_out_stdout(&x->out, err);
}

/* ---- the command ---- */

static int explain(struct explain *x, struct pm_err *err)
{
	int rc = pm_view_open(&x->view, x->ctx, x->request.rev, err);

	x->view.reading = x->request.reading;
	if (!rc) {
		x->path = pm_view_path(&x->view, &x->planned.plan.arena, x->path, err);
		rc = x->path ? 0 : PM_E_USAGE;
	}
	if (!rc)
		rc = make_plan(x, err);
	if (!rc)
		rc = read_file(x, err);
	return rc ? rc : tell(x, err);
}

static void release(struct explain *x)
{
	pm_registry_release(x->reg);
	pm_inventory_release(&x->inv);
	pm_source_release(&x->file);
	pm_planned_release(&x->planned);
	pm_view_release(&x->view);
	pm_plan_request_release(&x->request);
	pm_buf_release(&x->out);
}

/* The table of docs/attribution.md. */
static int tell_weights(struct explain *x, struct pm_err *err)
{
	const struct pm_weight *w;

	pm_buf_adds(&x->out, "| weight | value | because |\n|---|--:|---|\n");
	for (size_t i = 0; (w = pm_weight_at(i)); i++)
		pm_buf_addf(&x->out, "| `%s` | %d | %s |\n", w->name, w->value, w->why);
	return pm_out_stdout(&x->out, err);
}

/* `portmig explain RULE`: the section of docs/rules.md. */
static int tell_rule(struct explain *x, const struct pm_rule *rule, struct pm_err *err)
{
	const struct pm_str page = pm_rule_page(rule->id);

	pm_buf_addf(&x->out, "%s: %s\n\n", rule->id, rule->summary);
	pm_buf_add(&x->out, page.p, page.n);
	pm_buf_addc(&x->out, '\n');
	return pm_out_stdout(&x->out, err);
}

int pm_cmd_explain(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct explain x = { .ctx = ctx };
	bool weights = false;
	const struct pm_opt opts[] = {
		PM_PLAN_REQUEST_OPTS(x.request),
		{ 0, "weights", PM_OPT_FLAG, &weights, NULL,
		  "print the table of weights instead; no place is needed" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"explain", "[options] PATH:LINE[:COL]|RULE",
		"Say for every number on a line of a commit why it is taken for a port or not, whose\n"
		"it is, and what a plan with these options would do to it. Or say what a rule of\n"
		"'portmig check' means, and what to do about its findings.",
		opts, false
	};
	const struct pm_rule *rule = NULL;
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, !weights, !weights, err);
	if (!rc && !weights)
		rule = pm_rule_find(argv[0]);
	if (!rc && !weights && !rule)
		rc = take_place(&x, argv[0], err);
	if (!rc)
		rc = rule ? tell_rule(&x, rule, err)
		   : weights ? tell_weights(&x, err) : explain(&x, err);
	else if (rc == PM_OPT_HELPED)
		rc = 0;
	release(&x);
	return rc;
}
