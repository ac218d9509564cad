/*
 * check_sarif.c - a check as SARIF 2.1.0, as code scanning services read it.
 *
 * Fingerprints are those of findings.h, hashed, so that a finding is recognised when lines move.
 * Columns count code points; where a line is not at hand, the region is the line.
 */
#include "check_report.h"

#include "rules.h"

#include "base/json.h"

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RESULTS = 25000 };

static const char *const levels[] = { "note", "warning", "error" };

static json_t *message(const char *s)
{
	json_t *o = pm_json_object();

	pm_json_set_text(o, "text", s);
	return o;
}

/* ---- rules ---- */

static json_t *rule_value(const struct pm_rule *rule)
{
	json_t *o = pm_json_object(), *help = pm_json_object(), *level = pm_json_object();
	const struct pm_str page = pm_rule_page(rule->id);
	json_t *markdown = json_stringn(page.p, page.n);

	pm_json_set_text(o, "id", rule->id);
	pm_json_set(o, "shortDescription", message(rule->summary));
	pm_json_set_text(help, "text", rule->summary);
	pm_json_set(help, "markdown", markdown);
	pm_json_set(o, "help", help);
	pm_json_set_text(level, "level", levels[rule->severity]);
	pm_json_set(o, "defaultConfiguration", level);
	return o;
}

static json_t *driver(void)
{
	json_t *tool = pm_json_object(), *o = pm_json_object(), *rules = pm_json_array();

	for (size_t i = 0; i < pm_rules_n; i++)
		pm_json_append(rules, rule_value(&pm_rules[i]));
	pm_json_set_text(o, "name", "portmig");
	pm_json_set_text(o, "semanticVersion", PM_VERSION);
	pm_json_set(o, "rules", rules);
	pm_json_set(tool, "driver", o);
	return tool;
}

/* ---- places ---- */

static int by_path(const void *key, const void *file)
{
	return strcmp(key, ((const struct pm_inv_file *)file)->path);
}

/* The column in code points, or 0 when the line is not at hand. */
static size_t column(const struct pm_inventory *inv, const char *path, unsigned line, unsigned col)
{
	const struct pm_inv_file *f = NULL;
	struct pm_str s;
	size_t n = 1;

	if (col && inv->files.n)
		f = bsearch(path, inv->files.v, inv->files.n, sizeof(*f), by_path);
	if (!f || !f->bytes || line > f->lines.n)
		return 0;
	s = pm_lines_get(&f->lines, line);
	if (col - 1 > s.n || !pm_is_utf8(s.p, s.n))
		return 0;
	for (unsigned i = 0; i + 1 < col; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static json_t *location(const struct pm_check_report *r, const char *path, unsigned line,
			unsigned col, const char *text)
{
	json_t *o = pm_json_object(), *physical = pm_json_object(), *artifact = pm_json_object();
	json_t *region = pm_json_object();
	PM_CLEAN_BUF struct pm_buf uri = { 0 };
	const size_t at = line ? column(r->inv, path, line, col) : 0;

	pm_quote_uri(&uri, pm_str_of(path));
	pm_json_set_text(artifact, "uri", pm_buf_str(&uri));
	pm_json_set_text(artifact, "uriBaseId", "%SRCROOT%");
	pm_json_set(physical, "artifactLocation", artifact);
	/* code scanning shows nothing without a line */
	pm_json_set_number(region, "startLine", line ? line : 1);
	if (at)
		pm_json_set_number(region, "startColumn", at);
	pm_json_set(physical, "region", region);
	pm_json_set(o, "physicalLocation", physical);
	if (text)
		pm_json_set(o, "message", message(text));
	return o;
}

/* ---- results ---- */

static json_t *fingerprints(const struct pm_finding *f)
{
	json_t *o = pm_json_object();
	char hex[SHA256_DIGEST_STRING_LENGTH];

	SHA256Data((const uint8_t *)f->fingerprint, strlen(f->fingerprint), hex);
	pm_json_set_text(o, "portmigFinding/v1", hex);
	return o;
}

static json_t *result(const struct pm_check_report *r, const struct pm_finding *f)
{
	const struct pm_diag *d = &f->d;
	json_t *o = pm_json_object(), *places = pm_json_array(), *also = pm_json_array();
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	/* a finding about the whole commit stands at its document */
	const char *path = d->path && *d->path ? d->path : r->n_schemas ? r->schemas[0].path : ".";

	pm_buf_adds(&text, d->text);
	if (d->hint)
		pm_buf_addf(&text, "\ntry: %s", d->hint);
	pm_json_set_text(o, "ruleId", d->rule);
	pm_json_set_text(o, "level", levels[d->severity]);
	pm_json_set(o, "message", message(pm_buf_str(&text)));
	pm_json_append(places, location(r, path, d->line, d->col, NULL));
	pm_json_set(o, "locations", places);
	for (size_t i = 0; i < d->n_also; i++)
		if (d->also[i].path)
			pm_json_append(also, location(r, d->also[i].path, d->also[i].line,
						      d->also[i].col, d->also[i].text));
	pm_json_set(o, "relatedLocations", also);
	pm_json_set(o, "partialFingerprints", fingerprints(f));
	return o;
}

/* What was not read, and what did not fit. */
static json_t *invocations(const struct pm_check_report *r, size_t left_out)
{
	json_t *list = pm_json_array(), *o = pm_json_object(), *said = pm_json_array();
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	json_t *x = pm_json_object();

	pm_check_coverage(r, &text);
	pm_json_set(x, "message", message(pm_buf_str(&text)));
	pm_json_set_text(x, "level", "note");
	pm_json_append(said, x);
	if (left_out) {
		pm_buf_clear(&text);
		pm_buf_addf(&text, "%zu more findings do not fit into %d results", left_out,
			    MAX_RESULTS);
		x = pm_json_object();
		pm_json_set(x, "message", message(pm_buf_str(&text)));
		pm_json_set_text(x, "level", "warning");
		pm_json_append(said, x);
	}
	pm_json_set(o, "executionSuccessful", json_true());
	pm_json_set(o, "toolExecutionNotifications", said);
	pm_json_append(list, o);
	return list;
}

void pm_check_sarif(const struct pm_check_report *r, struct pm_buf *out)
{
	json_t *top = pm_json_object(), *runs = pm_json_array(), *run = pm_json_object();
	json_t *results = pm_json_array();
	const struct pm_finding **v;
	size_t n, most;

	v = pm_check_worst_first(r, &n);
	most = n < MAX_RESULTS ? n : MAX_RESULTS;
	for (size_t i = 0; i < most; i++)
		pm_json_append(results, result(r, v[i]));
	free(v);
	pm_json_set_text(top, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	pm_json_set_text(top, "version", "2.1.0");
	pm_json_set(run, "tool", driver());
	pm_json_set_text(run, "columnKind", "unicodeCodePoints");
	pm_json_set(run, "invocations", invocations(r, n - most));
	pm_json_set(run, "results", results);
	pm_json_append(runs, run);
	pm_json_set(top, "runs", runs);
	pm_json_write(out, top, JSON_INDENT(1));
	pm_buf_addc(out, '\n');
}
