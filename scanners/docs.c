/*
 * docs.c - ports in documentation: prose, tables with a column or a row about ports, lists below a
 * heading about ports, diagrams. Addresses, commands and settings in documents are found by the
 * other tables. Words alone never make a number sure.
 */
#include "formats.h"
#include "pattern.h"
#include "portmap.h"

#include <string.h>

#define DOC PM_KIND_DOC
#define NOT_YEAR "(?!(?:19|20)[0-9]{2}(?![0-9]))"
#define BIG "(?=[1-9][0-9]{3})" /* four digits or more: years are excluded where no word helps */
/* A number in a list of ports: "port 4400, 10 domains" is none. */
#define LISTED "(?=[1-9][0-9]{2}|80|22|25|53)"
/* Words that name something with a port. */
#define SERVICE \
	"(?:api|apis|web|webapp|app|apps|server|service|backend|frontend|front-end|back-end|" \
	"dashboard|" \
	"gateway|proxy|auth|admin|landing|website|site|docs|ui|client|worker|sync|search|db|" \
	"database|" \
	"postgres|postgresql|mysql|mariadb|mongo|mongodb|redis|minio|console|kafka|rabbitmq|" \
	"nats|" \
	"elasticsearch|grafana|prometheus|loki|tempo|jaeger|alertmanager|metrics|health|" \
	"nginx|caddy|" \
	"traefik|vite|next\\.js|nextjs|nuxt|express|nestjs|fastapi|django|flask|rails|hono|gin|" \
	"websocket|socket|grpc|http|https|rest|graphql|storybook|swagger|bot|llm|mailhog|" \
	"astro|remix|svelte|sveltekit|angular|uvicorn|spring|streamlit|gradio|actix|axum|phoenix|" \
	"mailpit|smtp)"

static const struct pm_row rows[] = {
	{ "docs/port", DOC, "port|puerto|porta|\xd0\xbf\xd0\xbe\xd1\x80\xd1\x82|"
	  "\xe7\xab\xaf\xe5\x8f\xa3|\xe3\x83\x9d\xe3\x83\xbc\xe3\x83\x88",
	  "(?:(?<![A-Za-z])(?i:ports?|puertos?|portas?)(?![a-z])|\xd0\xbf\xd0\xbe\xd1\x80\xd1\x82"
	  "\\S{0,4}|"
	  "\xe7\xab\xaf\xe5\x8f\xa3|\xe3\x83\x9d\xe3\x83\xbc\xe3\x83\x88)[\\s`*_\"'():=#\\-|"
	  "]{0,8}"
	  "(?:(?:is|are|on|to|numbers?|range|series|nr\\.?|no\\.?|von|auf|ist|is now|currently|"
	  "default|defaults? to|e\\.g\\.?)[\\s`*_\"':(]{1,4})?" PM_N,
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "- **Port**: 4000", "portfolio of 4000" },
	{ "docs/ports", DOC, "port", /* "ports 3000, 3001 and 4000", "Port von 3025 auf 4000" */
	  "(?i)(?<![a-z])ports?(?![a-z])[\\s:=(`\"'*]{1,6}(?:(?:von|from|between|numbers?|range|"
	  "series)[:\\s]+)?"
	  "(?:[`*]{0,2}" PM_NX "[`\"')*]{0,3}(?:\\s*\\([^)\\n]{1,40}\\))?\\s*(?:(?:,|/|&|-|"
	  "\xe2\x80\x93|and|or|to|und|oder|auf|bis|y|o|et|ou|e|->|"
	  "\xe2\x86\x92|\\|)\\s*){1,2}[`\"'(*]{0,3}){1,20}" LISTED PM_N "\\z",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "uses ports 3000, `3001` and 4000", "supports 3000, 4000" },
	{ "docs/then-port", DOC, "port", /* "4000 (port)", "the 4000 port" */
	  "(?<![\\w.-])[`*]{0,2}" PM_N "[`*)\"']{0,3}\\s*[(]?(?:[a-z]+\\s)?(?i:port)\\b",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "uses the `4000` port", "4000 portfolios" },
	{ "docs/ports-named", DOC, "port", /* "Ports: API 4000, web 3000" */
	  "(?i)(?<![a-z])ports?(?![a-z])[`*]{0,2}\\s*[:(][^\\n]{1,200}?(?:[\\s`=]|(?<!\\w)"
	  "\\()" BIG NOT_YEAR PM_N "(?=[\\s`),;.*]|$)",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "Ports: API 4000, web 3000", "Supports: API 4000" },
	{ "docs/colon", DOC, ":", /* ":4000" in prose and diagrams */
	  "(?:^|(?<=[\\s`(|/>*~])|(?<=[\"'])(?=:[0-9]{1,5}[\"'])|(?<=\xe2\x94\x82|\xe2\x95\x91|"
	  "\xe2\x94\x83|\xe2\x86\x92))(?<!::):" PM_N
	  "(?=[\\s`)|,;.\"'/<*\\]]|-:[0-9]|\xe2|$)",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "\xe2\x94\x82 API (NestJS on :4000)  \xe2\x94\x82", "ratio 3:4000" },
	{ "docs/name-colon", DOC, ":", /* diagram: "shop:4000" inside a box, with spaces around */
	  "(?:(?<=\\s)|(?<=[`(|])|^)(?!(?:https?|line|lines|id|uid|time|date|year|image|v|l|"
	  "limit|max|min|"
	  "size|count|total|amount|ms|timeout|delay):)(?<!image: )(?<!IMAGE )(?![^\\s:]*\\.\\w+:)"
	  "[A-Za-z][\\w-]{1,40}:" BIG NOT_YEAR PM_N "(?=[\\s`)|,;]|$)",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "\xe2\x94\x82   minio:4000   \xe2\x94\x82", "see main.ts:4000" },
	{ "docs/list", DOC, NULL, /* "- 4000: API server" */
	  "^[\\s>\xe2\x94\x82\xe2\x94\x9c\xe2\x94\x94\xe2\x94\x80|]*(?:[-*+]\\s+|\xe2\x80\xa2\\s*"
	  "|\xe2\x94\x80\\s)[`*]{0,2}" BIG NOT_YEAR PM_N
	  "(?:/(?:tcp|udp))?[`*]{0,2}\\s*(?::|-|\xe2\x80\x93|\xe2\x80\x94|\xe2\x86\x92|->|=)"
	  "\\s*[`*]{0,2}[A-Za-z]",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "- 4000: API server", "- 2024: founded" },
	{ "docs/service-paren", DOC, "(", /* "API (4000)", "`shop-auth` (4000, Go)" */
	  "(?:`[\\w@./-]+`|\\*\\*[\\w@ ./-]+\\*\\*|\\b[A-Za-z][\\w]*(?:-[\\w]+)+|"
	  "\\b(?i:" SERVICE "))\\s*\\(:?" BIG NOT_YEAR PM_N
	  "(?=[),;]|\\s+(?:dev|prod|local|internal|external|host|default))",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "Services: API (4000), Landing (3000)", "totalIncome (4000)" },
	{ "docs/service-on", DOC, " on ", /* "the landing site on 4000" */
	  "\\b(?i:" SERVICE "|portal)\\s+on\\s+[`*:]{0,3}" BIG NOT_YEAR PM_N "(?=[`*]{0,2}(?:[,.;)]|\\s+(?:and|or|by)\\b|\\s*$))",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "the landing site on 4000, the portal on 3001", "the landing site on 4000 pages" },
	{ "docs/marked-default", DOC, "port|compose|docker|localhost", /* "on host **4000**", "default `4000`" */
	  "\\b(?:default|host|or|on)\\s+(?:`:?|\\*\\*)" BIG NOT_YEAR PM_N "(?:`|\\*\\*)(?!\\s*(?:ms|s|px|MB|KB|tokens|chars|bytes|rows)\\b)",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "Docker publishes the API on host **4000** instead", "Docker takes `4000` of them" },
	{ "docs/colon-role", DOC, "(", /* "- Shop: 4000 (API), 3000 (Web)" */
	  "\\b[A-Z][\\w. -]{1,30}[*`]{0,3}:[*`\\s]{1,6}" BIG NOT_YEAR PM_N "[*`]{0,3}\\s\\((?i:api|web|http|https|ui|frontend|backend|grpc|admin|host|internal|external)\\)",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "- Shop: 4000 (API), 3000 (Web)", "- Shop: 4000 (about)" },
	{ "docs/code-numbers", DOC, "port|compose|docker|localhost", /* "ports are `4000`, web `3000`" */
	  "`:?" BIG NOT_YEAR PM_N "`(?=[^`\\n]{1,60}`:?[1-9][0-9]{3,4}`)",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "The ports of Docker are API `4000`, web `3000`.", "docker takes `4000` of them" },
	{ "docs/code-numbers-last", DOC, "port|compose|docker|localhost",
	  "`:?[1-9][0-9]{3,4}`[^`\\n]{1,60}`:?" BIG NOT_YEAR PM_N "`",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "The ports of Docker are API `3000`, web `4000`.", "docker takes `4000` of them" },
	{ "docs/tree-paren", DOC, "(", /* "+-- shop/   # Orders (4000)" */
	  "(?:\xe2\x94\x9c|\xe2\x94\x94|[|`+]--)[^\\n]{1,160}?\\s\\((?:[a-z]+\\s)?"
	  BIG NOT_YEAR PM_N "\\)\\s*$",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "\xe2\x94\x82   \xe2\x94\x9c\xe2\x94\x80\xe2\x94\x80 shop/   # Orders (4000)", "| shop | about (4000)" },
	/* "Services: API (3000), Shop (4000)" */
	{ "docs/services-list", DOC, "services|apps|servers|urls|dienste",
	  "(?i)\\b(?:services|apps|servers|urls|dienste|servicios)\\b[^\\n:(]{0,20}:[^\\n]{0,400}"
	  "?\\(:?" BIG NOT_YEAR PM_N "\\z",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "- Services: API (3000), Shop (4000)", "- Costs: rent (4000)" },
	{ "docs/service-code", DOC, "`", /* "shop-credits `4000`" */
	  "\\b[A-Za-z][\\w]*(?:-[\\w]+)+`?\\s*(?:auf|on|at|=|:|\xe2\x86\x92)"
	  "?\\s*`:?" BIG NOT_YEAR PM_N "`",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "- shop-credits `4000`, shop-user `3062`", "- total `4000`" },
	{ "docs/service-at", DOC, NULL, /* "shop-credits is at 4000 not 3002" */
	  "\\b[A-Za-z][\\w]*(?:-[\\w]+)+`?\\s+(?:(?:is|runs|listens|lives|now|moved|still|"
	  "l\xc3\xa4uft)\\s+"
	  "(?:(?:at|on|auf|to|nach|from|von)\\s+)?)?[`*]{0,2}" BIG NOT_YEAR PM_N "[`*]{0,2}(?=\\s"
	  "*(?:[,;.)(|]|$|not|and|und))",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "(shop-credits is at 4000 not 3002, shop-user 3062 not 3004)", "a well-known 4000-yea"
	  "r" },
	{ "docs/aligned", DOC, ":", /* "HTTP API:          4000  (inference)" */
	  "(?i)(?:^|\xe2\x94\x82|\xe2\x95\x91|[|(,])[\\s>|*-]*(?:[\\w./@-]+\\s)"
	  "{0,4}?\\(?(?:" SERVICE ")\\b[^\\n:|,]{0,24}:\\s{1,24}`?"
	  BIG NOT_YEAR PM_N "`?(?=\\s*(?:\\(|#|-|,|\\)|\xe2|\\||$))",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "HTTP API:          4000  (inference endpoint)", "Total cost:   4000" },
	{ "docs/arrow", DOC, "port|intern|extern|container|docker|host|http", /* "8002 -> 4000" */
	  "(?<![\\w.,-])(?:" PM_NX "\\s*(?:\xe2\x86\x92|->|=>|\xe2\x9e\x9c|\xe2\x9e\x94|=&gt;)"
	  "\\s*(?:external |internal |host |container )?)?"
	  "(?:(?i:internal|external|host|container)\\s+)?" BIG PM_N
	  "(?=\\s*(?:\xe2\x86\x92|->|=>|\xe2\x9e\x9c|\xe2\x9e\x94|=&gt;)\\s*(?:\\w+ )"
	  "?[1-9][0-9]{1,4})",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "internal 4000 \xe2\x86\x92 external 16081", "grew 4000 \xe2\x86\x92 5000" },
	{ "docs/arrow-to", DOC, "port|intern|extern|container|docker|host|http",
	  "[0-9](?:/tcp)?\\s*(?:\xe2\x86\x92|->|=>|\xe2\x9e\x9c|\xe2\x9e\x94|=&gt;)"
	  "\\s*(?:external |internal |host |container )?" BIG PM_N,
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "container 8002\xe2\x86\x92" "4000", "grew 3000 \xe2\x86\x92 4000" },
	{ "docs/pair", DOC, ":", /* "4000:4000" in prose and tables */
	  "(?<![\\w:.-])" BIG PM_N ":" NOT_YEAR "(?:[1-9][0-9]{2,4}|80|22|25|53)(?![\\w:.-])",
	  PM_ROLE_DOC, PM_SIDE_HOST, PM_MAYBE, NULL,
	  "maps `4000:3000`", "at 12:30" },
	{ "docs/pair-inner", DOC, ":",
	  "(?<![\\w:.-])(?:[1-9][0-9]{2,4}|80|22|25|53):" BIG NOT_YEAR PM_N "(?![\\w:.-])",
	  PM_ROLE_DOC, PM_SIDE_CONTAINER, PM_MAYBE, NULL,
	  "maps `3000:4000`", "at 12:30" },
	{ "docs/protocol", DOC, "tcp|udp",
	  "(?i)\\b(?:tcp|udp)[\\s/:]{1,3}" PM_N,
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "open TCP 4000", "tcpdump 4000" },
	{ "docs/slash-tcp", DOC, "/tcp|/udp",
	  "\\b" PM_N "/(?:tcp|udp)\\b",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "open 4000/tcp", "4000/tcpdump" },
	{ "docs/path-comma", DOC, "`", /* "(`services/shop-events`, 4000)" */
	  "`[\\w./@-]+`,\\s+" BIG NOT_YEAR PM_N "\\)",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "Events (`services/shop-events`, 4000)", "(about `x`, 4000 of them)" },
	{ "docs/port-other", DOC, "port", /* "port 3010 instead of 4000" */
	  "(?<![A-Za-z])[Pp]orts?(?![a-z])[^\\n.]{1,60}?(?:\\b(?:statt|instead of|not|was|war|"
	  "vs\\.?|"
	  "rather than|formerly)\\s|\\()\\s*`?" BIG NOT_YEAR PM_N,
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "sync uses port 3010 instead of 4000", "port 3010, in all 4000 tests" },
	{ "docs/port-stage", DOC, "port", /* "port 3025 dev, 4000 prod" */
	  "(?<![A-Za-z])[Pp]orts?(?![a-z])[^\\n.]{1,60}?[,;/]\\s*`?" BIG NOT_YEAR PM_N
	  "`?\\s+(?:dev|prod|local|internal|external|test|staging|(?i:" SERVICE "))\\b",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "(port 3025 dev, 4000 prod)", "port 3010, 4000 tests" },
	/* "listens on 4000" */
	{ "docs/bound", DOC, "listen|bind|bound|serves|l\xc3\xa4uft|runs on|running on|start|expos|tourne|coute|escucha|corre",
	  "(?i)\\b(?:listen(?:s|ing)?|bind(?:s|ing)?|bound|serv(?:es|ed|ing)|runs?|running|exposed|"
	  "expos\xc3\xa9|tourne|\xc3\xa9" "coute|escucha|corre|started?|l\xc3\xa4uft|lauscht)\\s+"
	  "(?:locally\\s+)?(?:on|to|at|auf|sur|en)\\s+[`*:]{0,3}" BIG NOT_YEAR PM_N,
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "The API listens on 4000.", "The API listens to 400" },
	{ "docs/cell-html", DOC, "<td", /* <td>API</td><td>4000</td> */
	  "<td[^>]*>\\s*(?:<code>)?" BIG NOT_YEAR PM_N "(?:</code>)?\\s*</td>",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, "(?i)\\bports?\\b|https?://",
	  "<th>Port</th>\n<td>4000</td>", "<th>Sum</th>\n<td>4000</td>" },
};
PM_TABLE(pm_table_docs, rows);

enum { COLUMNS = 32 }; /* of a table, that are looked at */

/* Where a document stands while it is read line by line. */
struct reader {
	const struct pm_file *f;
	struct pm_sink *out;
	const struct pm_lines *lines;
	bool port_section; /* the nearest heading (or the file's name) speaks of ports */
	bool port_file;
	unsigned table;    /* line of the current table's header, 0 outside */
	uint32_t columns;  /* of it: bit i, the header of column i speaks of ports */
};

static bool is_table_line(struct pm_str line)
{
	const char *first = memchr(line.p, '|', line.n);

	return first && memchr(first + 1, '|', line.n - (size_t)(first + 1 - line.p));
}

/* Cell number `i` of a table line (from 0), without its pipes; empty when there is none. */
static struct pm_str table_cell(struct pm_str line, size_t i)
{
	struct pm_str t = line;
	const char *end;

	while (t.n && (t.p[0] == ' ' || t.p[0] == '\t' || t.p[0] == '>')) {
		t.p++;
		t.n--;
	}
	if (t.n && t.p[0] == '|') {
		t.p++;
		t.n--;
	}
	for (;; i--) {
		end = memchr(t.p, '|', t.n);
		if (i == 0)
			return (struct pm_str){ t.p, end ? (size_t)(end - t.p) : t.n };
		if (!end)
			return (struct pm_str){ t.p + t.n, 0 };
		t.n -= (size_t)(end + 1 - t.p);
		t.p = end + 1;
	}
}

static struct pm_str strip_marks(struct pm_str s)
{
	s = pm_str_trim(s);
	while (s.n && strchr("`*_~ ", s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && strchr("`*_~ ", s.p[s.n - 1]))
		s.n--;
	return s;
}

static void add_cell_facts(struct reader *r, struct pm_hit *h, struct pm_str line, size_t cell)
{
	struct pm_str header = pm_lines_get(r->lines, r->table);

	if (!h)
		return;
	for (size_t i = 0; i < COLUMNS; i++) {
		struct pm_str c = table_cell(line, i);

		if (i != cell)
			pm_sink_fact(r->out, h, PM_FACT_ROW, strip_marks(c), h->line, (unsigned)i);
		if (c.p + c.n >= line.p + line.n)
			break;
	}
	pm_sink_fact(r->out, h, PM_FACT_ROW, strip_marks(table_cell(header, cell)), r->table,
		     (unsigned)cell);
}

/* Behind the host of a URL that begins earlier on the line: "https://forum.example/topics/4900". */
static bool in_url_path(struct pm_str line, size_t at)
{
	size_t from = at;

	while (from && !strchr(" \t|<>\"'`()[]", line.p[from - 1]))
		from--;
	for (size_t i = from; i + 3 < at; i++)
		if (memcmp(line.p + i, "://", 3) == 0)
			return memchr(line.p + i + 3, '/', at - i - 3) != NULL ||
			       memchr(line.p + i + 3, '?', at - i - 3) != NULL;
	return false;
}

/* A number in a body line: its column's header or its row's first cell must speak of ports. */
static enum pm_side side_of_column(struct pm_str header)
{
	static const char *const inside[] = { "container", "internal", "inside", "pod", NULL };
	static const char *const outside[] = { "host", "external", "published", "outside", NULL };

	for (size_t i = 0; inside[i]; i++)
		if (pm_str_find(header, inside[i], true) != SIZE_MAX)
			return PM_SIDE_CONTAINER;
	for (size_t i = 0; outside[i]; i++)
		if (pm_str_find(header, outside[i], true) != SIZE_MAX)
			return PM_SIDE_HOST;
	return PM_SIDE_UNKNOWN;
}

static void scan_table_line(struct reader *r, struct pm_str line)
{
	const bool row = pm_says_port(table_cell(line, 0));

	for (size_t i = 0; (r->columns || row) && i < COLUMNS; i++) {
		struct pm_str c = table_cell(line, i);
		struct pm_str bare = strip_marks(c);
		size_t pos = 0, len;

		if (r->columns >> i & 1 || (i > 0 && row)) {
			while (pm_port_next(c, &pos, &len)) {
				bool whole = bare.p == c.p + pos && bare.n == len;
				size_t at = (size_t)(c.p - line.p) + pos;

				if (pm_port_bounded(line, at, len) && !in_url_path(line, at))
					add_cell_facts(r, pm_sink_add(r->out,
						(size_t)(line.p - r->f->bytes) + at, len,
						PM_ROLE_DOC,
						side_of_column(table_cell(pm_lines_get(r->lines, r->table), i)),
						whole ? PM_LIKELY : PM_MAYBE, "docs/table"),
						line, i);
				pos += len;
			}
		}
		if (c.p + c.n >= line.p + line.n)
			break;
	}
}

/* A column's title that is nothing but the side on which a port is seen. */
static bool is_side(struct pm_str title)
{
	static const char *const sides[] = { "host", "container", "internal", "external", "published",
					     "target", "inside", "outside", "local", NULL };

	for (size_t i = 0; sides[i]; i++)
		if (pm_str_ieq(title, sides[i]))
			return true;
	return false;
}

/* The header of a table: which columns speak of ports? */
static void read_header(struct reader *r, struct pm_str line)
{
	uint32_t sides = 0;

	r->columns = 0;
	for (size_t i = 0; i < COLUMNS; i++) {
		struct pm_str c = table_cell(line, i);

		r->columns |= (uint32_t)pm_says_port(c) << i;
		sides |= (uint32_t)is_side(strip_marks(c)) << i;
		if (c.p + c.n >= line.p + line.n)
			break;
	}
	if (sides & (sides - 1)) /* "| Service | Host | Container |" */
		r->columns |= sides;
}

/* Below a heading about ports every bare number of four digits or more may be one. */
static void scan_section_line(struct reader *r, struct pm_str line)
{
	size_t pos = 0, len;
	unsigned port;

	while ((port = pm_port_next(line, &pos, &len))) {
		char before = pos ? line.p[pos - 1] : ' ';
		bool year = port >= 1900 && port < 2100;

		if (len >= 4 && !year && strchr(" \t`*(:-|~/=", before) &&
		    pm_port_bounded(line, pos, len) && !pm_has_unit(line, pos + len) &&
		    !in_url_path(line, pos))
			pm_sink_add(r->out, (size_t)(line.p - r->f->bytes) + pos, len, PM_ROLE_DOC,
				    PM_SIDE_UNKNOWN, PM_MAYBE, "docs/section");
		pos += len;
	}
}

static bool is_heading(struct pm_str line)
{
	struct pm_str t = pm_str_trim(line);

	return t.n > 2 && ((t.p[0] == '#' && (t.p[1] == '#' || t.p[1] == ' ')) ||
			   (t.p[0] == '=' && t.p[1] == '=' && t.p[2] != '='));
}

static void read_line(struct reader *r, unsigned n)
{
	struct pm_str line = pm_lines_get(r->lines, n);
	size_t pos = 0, len;

	if (line.n > 4096)
		return;
	if (is_heading(line))
		r->port_section = r->port_file || pm_says_port(line);
	if (!is_table_line(line)) {
		r->table = 0;
	} else if (!r->table) {
		r->table = n;
		read_header(r, line);
		return;
	} else if (pm_port_next(line, &pos, &len)) {
		scan_table_line(r, line);
	}
	if (r->port_section && !is_heading(line))
		scan_section_line(r, line);
}

static bool accepts(const struct pm_file *f)
{
	return pm_file_kind(f) == PM_KIND_DOC;
}

static int scan(const struct pm_file *f, struct pm_sink *out, struct pm_err *err)
{
	struct reader r = { .f = f, .out = out };

	r.port_file = pm_says_port(pm_path_base(f->path));
	r.port_section = r.port_file;
	/* tables and sections that speak of ports */
	if (r.port_file || pm_says_port((struct pm_str){ f->bytes, f->len }) ||
	    pm_str_find((struct pm_str){ f->bytes, f->len }, "| container", true) != SIZE_MAX)
		r.lines = pm_sink_lines(out);
	for (unsigned i = 1; r.lines && i <= r.lines->n; i++)
		read_line(&r, i);
	return pm_table_scan(&pm_table_docs, f, out, err);
}

static const char *const globs[] = { "*.md", "*.mdx", "*.rst", "*.adoc", "*.txt", NULL };

const struct pm_scanner pm_scanner_docs = {
	.name = "docs",
	.summary = "prose, tables, lists and diagrams of documentation",
	.globs = globs,
	.accepts = accepts,
	.scan = scan,
};
