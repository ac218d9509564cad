/*
 * classify.c - does a file tell the present, or the past, or is it not written by hand?
 *
 * The past: changelogs, archives, dated posts and reports, completed plans, decision records. A
 * single weak sign is not enough: a report needs a date, a plan needs "completed". Documents that
 * people work from (README, guides, runbooks) tell the present whatever date they carry.
 */
#include "filekind.h"
#include "scanner.h"

#include "base/re.h"

#include <string.h>

enum { HEAD_LINES = 30, HEAD_BYTES = 6000, MARK_LINES = 10 };

static bool match(struct pm_re_once *s, struct pm_str text, struct pm_span *whole)
{
	struct pm_span g[1];

	if (pm_re_match(pm_re_once(s), text, 0, g, 1) != 1)
		return false;
	if (whole)
		*whole = g[0];
	return true;
}

/* A sign is an expression over a path or the first lines; ^ and $ are those of lines. */
#define SIGN(...) { .pattern = __VA_ARGS__, .flags = PM_RE_ICASE | PM_RE_MULTILINE }
#define MONTHS \
	"(?:jan|feb|m(?:a|ae|\xc3\xa4)r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]|ene|abr|" \
	"ago|dic)[a-z]*"
#define DATE \
	"(?:(?:19|20)[0-9]{2}[-_./](?:0[1-9]|1[0-2]|xx)(?:[-_./](?:[0-3][0-9]|xx))?|" \
	"[0-3]?[0-9]\\.\\s?(?:[01]?[0-9]\\.|" MONTHS ")\\s?20[0-9]{2}|" \
	MONTHS "\\.?[\\s_-]?(?:[0-3]?[0-9](?:st|nd|rd|th)?,?)?[\\s_-]?20[0-9]{2}|" \
	"[0-3]?[0-9]/[01]?[0-9]/20[0-9]{2}|" \
	"[0-3]?[0-9]\\s" MONTHS "\\s20[0-9]{2})"

/* Names. A word ends at '_', '-', '.', ' ' or '/'. */
#define W_BEGIN "(?:^|[/_. -])"
#define W_END "(?:$|[/_. -])"

static struct pm_re_once changelog = SIGN(
	"(?:^|/)(?:(?:change|dev)-?log[^/]*|(?:changes|history|news|releases|release[-_]?notes|"
	"whats[-_]?new)"
	"(?:[-_.]?v?[0-9][^/]*)?(?:\\.[a-z]{2})?(?:\\.\\w+)?)$");
static struct pm_re_once past_dir = SIGN(
	"(?:^|/)(?:[^/]*[-_])?(?:archives?|archived|archiv|devlogs?|changelogs?|post-?mortems?|"
	"retros?|"
	"retrospectives?|attic|obsolete|old-docs)/");
static struct pm_re_once decision_dir = SIGN("(?:^|/)(?:adrs?|decisions|decision-records|"
	"architecture-decisions)/");
static struct pm_re_once decision_name = SIGN("(?:^|/)(?:[0-9]+[-_. ]?)?(?:adrs?|decisions?(?:[-_]?(?:log|records?))?)"
	"\\.(?:md|mdx|rst|adoc|txt)$");
static struct pm_re_once retro_name = SIGN(
	"(?:^|/)[^/]*(?:lessons?[-_ ]?learn(?:ed|t)|post-?mortem|retrospective)[^/]*\\.\\w+$");
static struct pm_re_once dated_path = SIGN(
	"(?:^|[/_.-])(?:(?:(?:19|20)[0-9]{2}[-_](?:0[1-9]|1[0-2])(?:[-_][0-3][0-9])?|"
	"20[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9])(?![0-9])|(?:" MONTHS "[_-]?(?:[0-3]?[0-9][_-])"
	"?20[0-9]{2}(?![0-9])))");
static struct pm_re_once report_path = SIGN(
	W_BEGIN "(?:reports?|audits?|summary|completion|completed?|verification|assessments?|"
	"incidents?|"
	"findings|results|analysis|analyses|status|reviews?|sessions?|memories|comparison|"
	"evaluation|"
	"benchmarks?|postmortem|retro|retrospective|bericht|berichte|analyse|protokolle?|"
	"informes?|journal)" W_END);
static struct pm_re_once done_path = SIGN(W_BEGIN "(?:completed?|completion|done|finished|erledigt|"
	"abgeschlossen)" W_END);
static struct pm_re_once plan_path = SIGN(
	W_BEGIN "(?:plans?|planning|proposals?|rfcs?|roadmap|migration|migrations|refactor\\w*|"
	"tasks?|todo|sprints?|specs?)" W_END);
/* Documents that people work from. */
static struct pm_re_once present_name = SIGN(
	"(?:^|/)(?:readme|claude|agents|gemini|contributing|index|install\\w*|setup|faq|overview|"
	"usage|"
	"quick[-_]?start|getting[-_]?started|[^/]*(?:guide|runbook|playbook|handbook|how-?to|"
	"manual|"
	"reference|troubleshooting|tutorial|cheat-?sheet|quick-?start|walkthrough|instructions|"
	"anleitung|handbuch))[^/]*\\.\\w+$");

/* First lines. */
static struct pm_re_once dated_head = SIGN(
	"^[\\s>*_#|-]*(?:(?:report|assessment|audit|session|completion|review|test|incident|"
	"meeting|analysis)\\s+)?"
	"(?:date|datum|fecha|data|erstellt|created|stand|completed|abgeschlossen)"
	"(?:\\s+(?:completed|am|on))?"
	"[*_]*\\s*[:|][*_\\s]*(?:on\\s+)?" DATE);
static struct pm_re_once dated_title = SIGN("\\A(?:\\s*<[^>]*>)*\\s*#[^\\n]*" DATE);
static struct pm_re_once post = SIGN("\\A---\\r?\\n(?:[^\\n]*\\n){0,12}?(?:date|pubdate|publishdate|"
	"published|pubDatetime):\\s*[\"']?20[0-9]{2}-");
static struct pm_re_once done_head = SIGN(
	"^[\\s>*_#|-]*(?:\\w+\\s+)?(?:status|estado|zustand)\\b[^\\n:]{0,12}[:|][^\\n]{0,40}?(?"
	":complete|completed|done|finished|"
	"resolved|shipped|implemented|closed|superseded|obsolete|deprecated|abgeschlossen|fertig|"
	"erledigt|umgesetzt|"
	"completado|termin\xc3\xa9|\xe2\x9c\x85)");
static struct pm_re_once not_done = SIGN(
	"^[\\s>*_#|-]*(?:\\w+\\s+)?(?:status|estado|zustand)\\b[^\\n]*(?:\\bnot\\b|"
	"\\bin progress|partial|pending|planned|draft|proposed|"
	"ready for|noch nicht|noch kein|nicht|offen|teilweise|in arbeit|\\bto ?do\\b|\\bwip\\b|"
	"[1-9]0? ?%)");
static struct pm_re_once done_heading = SIGN(
	"^\\s*#{2,4}\\s[^\\n]{0,20}?(?:\xe2\x9c\x85|\\bcompleted?\\b|\\bdone\\b|\\berledigt\\b|"
	"\\babgeschlossen\\b)");
static struct pm_re_once done_title = SIGN("\\A\\s*#[^\\n]*(?:\xe2\x9c\x85|\\bcompleted?\\b|\\bdone\\b|"
	"\\babgeschlossen\\b)");

static struct pm_re_once generated_name = SIGN(
	"(?:^|/)(?:package-lock\\.json|npm-shrinkwrap\\.json|pnpm-lock\\.yaml|go\\.sum|"
	"bun\\.lockb?|[^/]*\\.lock|"
	"[^/]*\\.lockfile|[^/]*\\.min\\.(?:js|css|mjs)|[^/]*\\.map|[^/]*\\.snap|"
	"[^/]*\\.tsbuildinfo|[^/]*\\.po|[^/]*\\.pot|"
	"[^/]*\\.pb\\.(?:go|cc|h)|[^/]*_pb2(?:_grpc)?\\.py|[^/]*\\.g\\.dart|"
	"[^/]*\\.freezed\\.dart|"
	"[^/]*\\.generated\\.\\w+|[^/]*\\.designer\\.cs)$");
static struct pm_re_once output_dir = SIGN(
	"(?:^|/)(?:dist|\\.next|\\.nuxt|\\.svelte-kit|\\.output|\\.turbo|\\.cache|coverage|"
	"__snapshots__|"
	"__pycache__|target/(?:test-)?classes|\\.terraform|\\.astro|\\.playwright-\\w+|storybook-static)/");
static struct pm_re_once build_dir = SIGN("(?:^|/)(?:build|out|target|obj|bin/(?:debug|release))/(?:.*/)?[^/]*\\.(?:js|mjs|"
	"css|html|json|map|txt|d\\.ts)$");
static struct pm_re_once vendored = SIGN(
	"(?:^|/)(?:node_modules|third[-_]?party|Pods|\\.yarn|bower_components|jspm_packages|"
	"site-packages|\\.venv|"
	"\\.bundle)/|^vendor/|(?:^|/)(?!(?:src|apps?|services?|modules|pages|routes|components|"
	"packages|lib|internal|views|features)/)"
	"[^/]+/vendor/");
static struct pm_re_once generated_mark = SIGN(
	"^\\W{0,6}\\s*(?:code generated\\b.*\\bdo not edit|@generated\\b|(?:this (?:file|code|"
	"header) (?:is|was|has been) )?"
	"auto(?:matically)?[- ]?generated\\b.*(?:do not|don't) (?:edit|modify|change)|"
	"this file (?:is|was) (?:auto(?:matically)?[- ]?)?generated\\b)");
static struct pm_re_once sql_migration = SIGN("(?:^|/)migrations?/(?:.*/)?[^/]*[0-9]{3,}[^/]*(?:/[^/]*)"
	"?\\.sql$");

static struct pm_str head_of(const struct pm_file *f, unsigned lines, size_t bytes)
{
	size_t n = 0;

	while (n < f->len && n < bytes && lines) {
		const char *nl = memchr(f->bytes + n, '\n', f->len - n);

		n = nl ? (size_t)(nl - f->bytes) + 1 : f->len;
		lines--;
	}
	return (struct pm_str){ f->bytes, n < bytes ? n : bytes };
}

/* "dated report (2025-11-16)": the first date that `s` finds is in the reason. */
static const char *dated(struct pm_arena *a, const char *what, struct pm_re_once *s, struct pm_str text)
{
	static struct pm_re_once date = SIGN(DATE);
	struct pm_span at, d;
	struct pm_str found;

	if (!match(s, text, &at))
		return what;
	found = (struct pm_str){ text.p + at.off, at.len };
	if (!match(&date, found, &d))
		return what;
	return pm_arena_printf(a, "%s (%.*s)", what, (int)d.len, found.p + d.off);
}

static const char *past_reason(const struct pm_file *f, struct pm_arena *a)
{
	struct pm_str path = pm_str_of(f->path), head;
	bool doc = pm_file_kind(f) == PM_KIND_DOC, report, date_in_path;

	if (match(&past_dir, path, NULL))
		return "archive or log";
	if (match(&sql_migration, path, NULL))
		return "database migration";
	if (!doc)
		return NULL;
	if (match(&changelog, path, NULL))
		return "changelog";
	if (match(&present_name, path, NULL))
		return NULL;
	if (match(&decision_dir, path, NULL) || match(&decision_name, path, NULL))
		return "decision record";
	if (match(&retro_name, path, NULL))
		return "retrospective";
	head = head_of(f, HEAD_LINES, HEAD_BYTES);
	date_in_path = match(&dated_path, path, NULL);
	if (date_in_path)
		return dated(a, "dated document", &dated_path, path);
	if (match(&post, head, NULL))
		return dated(a, "dated post", &post, head);
	report = match(&report_path, path, NULL);
	if (report && match(&dated_head, head, NULL))
		return dated(a, "dated report", &dated_head, head);
	if (report && match(&dated_title, head, NULL))
		return dated(a, "dated report", &dated_title, head);
	if ((match(&plan_path, path, NULL) || match(&done_path, path, NULL)) &&
	    (match(&done_title, head, NULL) || match(&done_head, head, NULL)) &&
	    !match(&not_done, head, NULL))
		return "completed plan";
	if (match(&plan_path, path, NULL) && match(&dated_head, head, NULL) &&
	    match(&done_heading, head, NULL) && !match(&not_done, head, NULL))
		return dated(a, "plan that records finished work", &dated_head, head);
	return NULL;
}

enum pm_file_class pm_file_classify(const struct pm_file *f, struct pm_arena *a, const char **why)
{
	struct pm_str path = pm_str_of(f->path);
	const char *reason;

	*why = NULL;
	if (match(&vendored, path, NULL)) {
		*why = "third-party code";
		return PM_CLASS_VENDORED;
	}
	if (match(&generated_name, path, NULL) || match(&output_dir, path, NULL) ||
	    match(&build_dir, path, NULL)) {
		*why = "generated file, by its name";
		return PM_CLASS_GENERATED;
	}
	if (match(&generated_mark, head_of(f, MARK_LINES, HEAD_BYTES), NULL)) {
		*why = "generated file, says its head";
		return PM_CLASS_GENERATED;
	}
	reason = past_reason(f, a);
	if (!reason)
		return PM_CLASS_ORDINARY;
	*why = reason;
	return PM_CLASS_PAST;
}
