/* resource.c - see resource.h. One table of expressions over the lines that speak of Redis. */
#include "resource.h"

#include "context.h"

#include "base/re.h"

#include <string.h>

enum { MAX_LINE = 2000, LOOK_UP = 40, LEVELS = 4, GROUPS = 3 /* all, host, number */ };

#define SCHEME "\\b(?:rediss?|valkeys?)(?:\\+[a-z]+)?://"
#define USER "(?:(?:\\$\\{[^}]*\\}|[^\\s\"'<>@/])*@)?"
#define HOST "(?<host>(?:\\$\\{[^}]*\\}|[^\\s\"'<>@/:?])*)"
#define NUMBER "(?<number>\\d{1,5})"
/* what may stand between a name and its value: "NAME=5", NAME: "5", ${NAME:-5}, get("NAME", 5),
 * NAME ?? '5' */
#define GIVES "[\"'\\])]*\\s*(?:=>|:=|:-|:|=|,|\\|\\||\\?\\?)\\s*(?:(?:int|parseInt|Number)\\s*\\(\\s*)?[\"']?"
#define END "(?![\\w.:/-])"

#define ROW(rule, pattern, hit, miss) \
	{ { rule, pattern, hit, miss }, { pattern, PM_RE_ICASE, NULL } }

static struct { struct pm_resource_row row; struct pm_re_once re; } rows[] = {
	ROW("resource/redis-url", SCHEME USER HOST "(?::[^\\s\"'<>/@?]*)?/" NUMBER "(?![\\w.%/-])",
	    "REDIS_URL=redis://:secret@cache:6379/5", "SITE=https://cache:6379/5 for redis"),
	ROW("resource/redis-query", SCHEME "[^\\s\"'<>]*[?&](?:db|database)=" NUMBER END,
	    "redis://cache?x=1&db=5", "postgres://main:5432/app?db=5"),
	ROW("resource/redis-variable",
	    "(?<![A-Za-z0-9])(?:[A-Za-z0-9]+[_.-])*(?:redis|valkey)(?:[_.-][A-Za-z0-9]+)*?[_.-]?"
	    "(?:database|db)(?:[_.-]?(?:index|number|num|id))?" GIVES NUMBER END,
	    "const db = Number(process.env.REDIS_DB ?? '5');", "REDIS_DB_PORT=6379"),
	ROW("resource/redis-key",
	    "(?<![\\w.-])[\"']?(?:database|db)(?:_?index)?[\"']?\\s*[:=]\\s*[\"']?" NUMBER END,
	    "client = redis.Redis(host=\"cache\", db=5)", "client = sqlite.open(db=5)"),
	ROW("resource/redis-cli", "\\b(?:redis|valkey)-cli\\b[^\\n|;&]*?\\s-n\\s*" NUMBER END,
	    "redis-cli -h cache -n 5 ping", "redis-server & head -n 5"),
};
enum { N_ROWS = sizeof(rows) / sizeof(rows[0]), KEY_ROW = 3, VARIABLE_ROW = 2 };

/* "- name: REDIS_DB" on the line above "value: 5", as in lists of Kubernetes. */
static struct pm_re_once name_line = {
	"\\bname\\s*:\\s*[\"']?(?:[A-Za-z0-9]+_)*(?:REDIS|VALKEY)(?:_[A-Z0-9]+)*_(?:DB|DATABASE)"
	"(?:_(?:INDEX|NUMBER|NUM|ID))?[\"']?\\s*$", 0, NULL
};
static struct pm_re_once value_line = {
	"^\\s*(?:-\\s*)?value\\s*:\\s*[\"']?(?<number>\\d{1,5})[\"']?\\s*(?:#.*)?$", 0, NULL
};

const struct pm_resource_row *pm_resource_row(size_t i)
{
	return i < N_ROWS ? &rows[i].row : NULL;
}

const char *pm_resource_kind(struct pm_str text)
{
	return pm_str_eq(text, "redis-db") ? "redis-db" : NULL;
}

bool pm_resource_number(struct pm_str s, unsigned *out)
{
	*out = pm_port_parse(s);
	return *out || pm_str_eq(s, "0");
}

static bool says_redis(struct pm_str line)
{
	return pm_str_find(line, "redis", true) != SIZE_MAX ||
	       pm_str_find(line, "valkey", true) != SIZE_MAX;
}

static size_t indent_of(struct pm_str line)
{
	size_t n = 0;

	while (n < line.n && pm_is_space(line.p[n]))
		n++;
	return n;
}

/* Does a line that encloses this one, by its smaller indentation, say Redis? */
static bool in_block(const struct pm_lines *l, unsigned line)
{
	size_t limit = indent_of(pm_lines_get(l, line));
	unsigned levels = 0;

	for (unsigned i = line; i-- > 1 && line - i <= LOOK_UP && levels < LEVELS && limit;) {
		const struct pm_str s = pm_lines_get(l, i);
		const size_t indent = indent_of(s);

		if (indent == s.n || indent >= limit)
			continue;
		if (says_redis(s))
			return true;
		limit = indent;
		levels++;
	}
	return false;
}

static void add(struct pm_sink *out, size_t line_off, struct pm_str line, const char *rule,
		struct pm_span number, struct pm_span host)
{
	struct pm_hit *h;
	unsigned n;

	if (out->hits.n >= PM_RESOURCE_MAX) {
		out->over = true;
		return;
	}
	if (!pm_resource_number((struct pm_str){ line.p + number.off, number.len }, &n))
		return;
	h = pm_sink_add_number(out, line_off + number.off, number.len, n, rule);
	if (h && host.len)
		pm_sink_fact(out, h, PM_FACT_HOST, (struct pm_str){ line.p + host.off, host.len },
			     h->line, 0);
}

/* All places of one row on one line. */
static void match_row(struct pm_sink *out, size_t row, unsigned nr, struct pm_str line, size_t off)
{
	const struct pm_re *re;
	struct pm_span g[GROUPS];
	int number, host;

	re = pm_re_once(&rows[row].re);
	number = pm_re_group(re, "number");
	host = pm_re_group(re, "host");
	for (size_t from = 0; pm_re_match(re, line, from, g, GROUPS) == 1;
	     from = g[number].off + g[number].len) {
		const struct pm_str head = { line.p, g[number].off };

		if (row == KEY_ROW && !says_redis(head) && !in_block(pm_sink_lines(out), nr))
			continue;
		add(out, off, line, rows[row].row.rule, g[number],
		    host >= 0 ? g[host] : (struct pm_span){ 0, 0 });
	}
}

static void match_list(struct pm_sink *out, unsigned nr, struct pm_str line, size_t off)
{
	const struct pm_re *re = pm_re_once(&value_line);
	struct pm_span g[2];

	if (nr > 1 && pm_re_match(re, line, 0, g, 2) == 1 &&
	    pm_re_match(pm_re_once(&name_line), pm_lines_get(pm_sink_lines(out), nr - 1), 0, NULL,
			0) == 1)
		add(out, off, line, rows[VARIABLE_ROW].row.rule, g[1], (struct pm_span){ 0, 0 });
}

void pm_resource_scan(struct pm_sink *out, const struct pm_file *f)
{
	const struct pm_str all = { f->bytes, f->len };
	const struct pm_lines *l;

	if (!says_redis(all))
		return;
	l = pm_sink_lines(out);
	for (unsigned nr = 1; nr <= l->n; nr++) {
		const struct pm_str line = pm_lines_get(l, nr);
		const size_t off = l->start[nr - 1];
		const bool redis = says_redis(line);

		if (line.n > MAX_LINE)
			continue;
		for (size_t row = 0; row < N_ROWS; row++)
			if (redis || row == KEY_ROW)
				match_row(out, row, nr, line, off);
		match_list(out, nr, line, off);
	}
	pm_sink_settle(out);
	if (!out->bare)
		pm_context_add(out);
}
