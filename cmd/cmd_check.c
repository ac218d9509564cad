/* cmd_check.c - portmig check: is the document right, and does the repository agree with it? */
#include "check_run.h"
#include "check_state.h"
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "timing.h"

#include "check_report.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_COMMENT = 60000 };

struct check {
	const struct pm_ctx *ctx;
	struct pm_check_states states;
	struct pm_check_how how;
	const char *baseline, *out;
	int against, fail_on, format;
	bool write_baseline, prune, gaps, list_rules;
	struct pm_arena arena;
	struct pm_baseline known, gone;
	bool has_known;
};

/* ---- baseline ---- */

static int baseline_options(const struct check *k, struct pm_err *err)
{
	const struct pm_check_states *s = &k->states;

	if ((k->write_baseline || k->prune) && !k->baseline)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--%s needs --baseline FILE",
				  k->prune ? "prune" : "write-baseline");
	if (k->write_baseline && k->prune)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "--write-baseline and --prune exclude each other");
	if ((k->write_baseline || k->prune) && (s->since || s->merge || s->staged))
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "a baseline is written of all findings, not of what is new");
	return 0;
}

static int read_baseline(struct check *k, const struct pm_check_run *run, struct pm_err *err)
{
	PM_CLEAN_SOURCE struct pm_source src = { 0 };
	int rc;

	if (!k->baseline || (k->write_baseline && access(k->baseline, F_OK) != 0))
		return 0;
	rc = pm_source_read(&src, &run->view, k->baseline, err);
	if (!rc)
		rc = pm_baseline_parse(&k->known, &k->arena, k->baseline,
				       (struct pm_str){ pm_buf_str(&src.text), src.text.n }, err);
	k->has_known = !rc;
	return rc;
}

/* Hide what the baseline knows, and write it anew when asked to. */
static int use_baseline(struct check *k, struct pm_check_run *run, struct pm_err *err)
{
	struct pm_baseline next = { 0 };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	int rc = read_baseline(k, run, err);

	if (rc || !k->baseline)
		return rc;
	if (k->has_known)
		pm_baseline_hide(&k->known, &run->findings, &k->gone);
	if (k->write_baseline) {
		pm_baseline_of(&next, &run->findings);
		PM_VEC_FREE(&k->gone);
		pm_baseline_hide(&next, &run->findings, &k->gone);
	} else if (k->prune) {
		pm_baseline_minus(&next, &k->known, &k->gone);
	} else {
		return 0;
	}
	pm_baseline_write(&next, &b);
	PM_VEC_FREE(&next);
	return pm_out_file(k->baseline, &b, err);
}

/* ---- the report ---- */

static int report(struct check *k, const struct pm_check_run *run, struct pm_err *err)
{
	static void (*const forms[])(const struct pm_check_report *, struct pm_buf *) = {
		pm_check_text, pm_check_json, pm_check_markdown, pm_check_sarif, pm_check_github,
	};
	const bool has_old = k->states.compared.n > 0;
	const bool in_memory = k->states.staged || k->states.merge;
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	const struct pm_check_report r = {
		.what = pm_buf_str(&k->states.what),
		.commit = in_memory ? "" : run->view.commit, .tree = run->tree,
		.compared = has_old ? pm_buf_str(&k->states.compared) : NULL,
		.schemas = run->docs.v, .n_schemas = run->docs.n, .inv = &run->inv,
		.findings = &run->findings, .gone = k->baseline ? &k->gone : NULL,
		.stats = &run->stats, .real = k->how.real,
		.fail_on = k->how.strict && k->fail_on == 0
			   ? PM_WARNING : (enum pm_severity)(PM_ERROR - k->fail_on),
		.notes = k->ctx->verbose > 0, .gaps = k->gaps,
		.color = k->ctx->color_out && !k->out, .max_bytes = MAX_COMMENT,
	};
	int rc;

	forms[k->format](&r, &b);
	rc = pm_out(k->out, &b, err);
	pm_timing_lap(k->ctx->timing, "report");
	return rc ? rc : pm_check_failed(&r) ? 1 : 0;
}

/* ---- the check ---- */

static int check_old(struct check *k, struct pm_check_run *old, const char *commit,
		     struct pm_err *err)
{
	struct pm_check_how how = k->how;
	int rc = pm_view_open(&old->view, k->ctx, commit, err);

	how.without = true;
	how.disk = false;
	if (!rc)
		rc = pm_check_run_documents(old, k->ctx, &how, err);
	return rc ? rc : pm_check_run(old, k->ctx, &how, "reading the older state", NULL, err);
}

static int hide_old(struct check *k, struct pm_check_run *run, struct pm_err *err)
{
	struct pm_check_run old[2] = { { .view = { 0 } }, { .view = { 0 } } };
	const struct pm_findings *all[2] = { &old[0].findings, &old[1].findings };
	const size_t n = k->states.n_old;
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = check_old(k, &old[i], k->states.old[i], err);
	if (!rc && n)
		pm_findings_hide_old(&run->findings, all, n);
	for (size_t i = 0; i < n; i++)
		pm_check_run_release(&old[i]);
	return rc;
}

static int check(struct check *k, struct pm_check_run *run, struct pm_err *err)
{
	struct pm_check_states *s = &k->states;
	int rc = pm_check_states_open(s, k->ctx, err);

	if (rc)
		return rc;
	k->how.of_commit = s->since || s->merge || s->staged || s->all_branches;
	k->how.disk = !s->rev && !s->merge && !s->staged;
	run->view = s->view;
	rc = pm_check_run_documents(run, k->ctx, &k->how, err);
	if (!rc && run->schema_path && (s->all_branches || s->merge))
		rc = pm_check_states_branches(s, k->ctx, run->schema_path, err);
	memset(&s->view, 0, sizeof(s->view)); /* it is the run's from here on */
	if (!rc)
		rc = pm_check_run(run, k->ctx, &k->how, "reading", &s->diags, err);
	if (!rc)
		rc = hide_old(k, run, err);
	if (!rc)
		rc = use_baseline(k, run, err);
	if (!rc)
		pm_findings_fold(&run->findings, &run->arena);
	return rc ? rc : report(k, run, err);
}

static int list_rules(struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	for (size_t i = 0; i < pm_rules_n; i++)
		pm_buf_addf(&b, "%-8s %-25s %s\n", pm_severity_name(pm_rules[i].severity),
			    pm_rules[i].id, pm_rules[i].summary);
	return pm_out_stdout(&b, err);
}

static void release(struct check *k)
{
	pm_check_states_release(&k->states);
	PM_VEC_FREE(&k->how.schemas);
	PM_VEC_FREE(&k->known);
	PM_VEC_FREE(&k->gone);
	pm_arena_release(&k->arena);
}

int pm_cmd_check(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct check k = { .ctx = ctx };
	PM_CLEAN_RUN struct pm_check_run run = { .view = { 0 } };
	const struct pm_opt opts[] = {
		{ 0, "rev", PM_OPT_STRING, &k.states.rev, "REV", "the commit to read (HEAD)" },
		{ 0, "schema", PM_OPT_LIST, &k.how.schemas, "SRC",
		  "the schema: FILE, REV:PATH or OTHER-REPO@REV:PATH;\n"
		  "further ones are compared with the first" },
		{ 0, "against", PM_OPT_CHOICE, &k.against, "planned|real",
		  "compare with the tables, or with what the document\nsays runs today" },
		{ 0, "since", PM_OPT_STRING, &k.states.since, "REV",
		  "only what is new since the branch left REV" },
		{ 0, "staged", PM_OPT_FLAG, &k.states.staged, NULL,
		  "check the index; only what is new against HEAD" },
		{ 0, "merge", PM_OPT_STRING, &k.states.merge, "REV",
		  "merge REV in memory; only what neither side has" },
		{ 0, "all-branches", PM_OPT_FLAG, &k.states.all_branches, NULL,
		  "also ports that branches take independently" },
		{ 0, "baseline", PM_OPT_STRING, &k.baseline, "FILE",
		  "hide the findings that FILE knows" },
		{ 0, "write-baseline", PM_OPT_FLAG, &k.write_baseline, NULL,
		  "write all findings to the file of --baseline" },
		{ 0, "prune", PM_OPT_FLAG, &k.prune, NULL,
		  "drop from it what is found no more" },
		{ 0, "strict", PM_OPT_FLAG, &k.how.strict, NULL,
		  "warnings fail the check, and so do files that could\n"
		  "hold ports and were not read" },
		{ 0, "fail-on", PM_OPT_CHOICE, &k.fail_on, "error|warning|note",
		  "the least severity that ends with status 1" },
		{ 0, "gaps", PM_OPT_FLAG, &k.gaps, NULL, "list the free ports of every range" },
		{ 0, "format", PM_OPT_CHOICE, &k.format, "text|json|markdown|sarif|github",
		  "form of the output" },
		{ 'o', "output", PM_OPT_STRING, &k.out, "FILE", "write to FILE" },
		PM_READING_OPTS(k.how.reading),
		{ 0, "list-rules", PM_OPT_FLAG, &k.list_rules, NULL, "list the rules and end" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"check", "[options]",
		"Check the schema document, and the repository against it. Findings are explained by\n"
		"'portmig explain RULE'; severities and exceptions stand in portmig.yaml. Status 1\n"
		"when there is an error.", opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);
	const bool helped = rc == PM_OPT_HELPED;

	k.how.real = k.against == 1;
	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, 0, 0, err);
	if (!rc)
		rc = baseline_options(&k, err);
	if (!rc)
		rc = k.list_rules ? list_rules(err) : check(&k, &run, err);
	release(&k);
	return helped ? 0 : rc;
}
