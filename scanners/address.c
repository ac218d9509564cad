/*
 * address.c - URLs and host:port in any text of any file.
 *
 * Not addresses: key:value pairs, times, line references (file.ts:3000), image tags, IPv6 groups.
 */
#include "pattern.h"

/* What may stand for the host in a URL: a literal, a variable, a placeholder. */
#define USERINFO "(?:[^\\s\"'`/@]{1,200}@)?"
#define HOST \
	"(?:\\[[0-9A-Fa-f:.]{2,45}(?:%\\w+)?\\]|\\$\\{[^}\\s]{1,80}\\}|\\$\\([^)\\n]{1,80}\\)|" \
	"\\{\\{[^}\\n]{1,80}\\}\\}|\\{[^}\\s]{1,60}\\}|<[^>\\n]{1,60}>|" \
	"[^\\s\"'`/:?#\\\\<>(){}|,;]{1,200})"
/* This machine, as seen from it or from a container on it. */
#define LOCAL \
	"(?:localhost|127\\.[0-9]+\\.[0-9]+\\.[0-9]+|0\\.0\\.0\\.0|\\[::1?\\]|" \
	"host\\.docker\\.internal|gateway\\.docker\\.internal|host\\.containers\\.internal|" \
	"10\\.0\\.2\\.2)"
/* A name without dots: only a container network or a hosts file knows it. */
#define LABEL "[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
#define NOT_HOST \
	"(?!(?:https?|wss?|tcp|udp|line|lines|l|id|uid|gid|user|root|node|image|sha256|tag|rev|" \
	"version|v|time|date|year|port|ports|max|min|limit|count|size|len|length|ttl|timeout|" \
	"delay|" \
	"duration|interval|ms|width|height|index|z-index|weight|scale|amount|price|total|cost|" \
	"budget|balance|value|number|offset|page|step|steps|epoch|seed|score|" \
	"[a-z-]*-(?:index|width|height|size|timeout|delay|duration|limit|count|weight|radius|" \
	"age|" \
	"ms|ttl|length|amount|price|total|max|min)):)"
/* File names with line numbers: "main.ts:3000". */
#define NOT_FILE \
	"(?![^\\s:]*\\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|scala|rb|php|cs|c|cc|cpp|h|hpp|swift|" \
	"dart|" \
	"exs?|vue|svelte|astro|css|scss|html?|md|mdx|json|ya?ml|toml|xml|sql|sh|bash|ps1|txt|" \
	"log|" \
	"lock|proto|graphql|prisma|tf|env|conf|cfg|ini|png|svg):)"
#define IN_CONTAINER \
	"\\b(?:docker|podman|kubectl|oc|nerdctl)(?:-compose)?\\b[^\\n|;&]{0,80}?\\sexec\\b"

static const struct pm_row rows[] = {
	{ "address/exec", PM_KIND_ANY, "exec", /* a command inside the container */
	  IN_CONTAINER "[^\\n]{0,300}?\\b" LOCAL ":" PM_N,
	  PM_ROLE_PROBE, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "docker compose -f x.yml exec web curl http://localhost:4000/health", "docker exec web "
	  "ls -l 4000" },
	{ "address/healthcheck", PM_KIND_ANY, "healthcheck|health-cmd",
	  "(?:HEALTHCHECK|--health-cmd)\\b[^\\n]{0,300}?\\b" LOCAL ":" PM_N,
	  PM_ROLE_PROBE, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "HEALTHCHECK CMD curl -f http://localhost:4000/ || exit 1",
	  "HEALTHCHECK --interval=4000s CMD /bin/check" },
	{ "address/compose-tes"
	  "t", PM_KIND_YAML | PM_KIND_DOC | PM_KIND_SHELL | PM_KIND_JSON | PM_KIND_HCL, "cmd",
	  "(?:\\btest[\"']?\\s*[:=]|\\bcommand[\"']?\\s*[:=])\\s*\\[?\\s*[\"']?CMD(?:-SHELL)"
	  "?\\b[^\\n]{0,200}?\\b" LOCAL ":" PM_N,
	  PM_ROLE_PROBE, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "test: [\"CMD\", \"curl\", \"-f\", \"http://localhost:4000/live\"]", "test: localhost:4"
	  "000" },
	{ "address/dockerfile", PM_KIND_DOCKER, "http",
	  "^\\s*(?:CMD\\s+)?(?:\\[?\\s*\"?CMD\"?[,\\s]+)?\"?(?:curl|wget|node|python3?)"
	  "\\b[^\\n]{0,300}?"
	  LOCAL ":" PM_N,
	  PM_ROLE_PROBE, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "  CMD wget -q --spider http://localhost:4000/health || exit 1",
	  "ENV API_URL=http://localhost:4000" },
	{ "address/probe", PM_KIND_ANY, "curl|wget|wait-on",
	  "\\b(?:curl|wget|wait-on|http-get|httpie)\\b[^\\n]{0,200}?\\b(?:https?://)"
	  "?" LOCAL ":" PM_N
	  "(?=/(?:[\\w./-]*/)?(?:health|healthz|healthcheck|ready|readyz|live|livez|status|ping|"
	  "-/healthy|-/ready)\\b)",
	  PM_ROLE_PROBE, PM_SIDE_HOST, PM_SURE, NULL,
	  "curl -sf http://localhost:4000/api/health || exit 1",
	  "curl -sf http://localhost:4000/users" },
	{ "address/url-local", PM_KIND_ANY, "://",
	  "://" USERINFO LOCAL ":" PM_N,
	  PM_ROLE_URL, PM_SIDE_HOST, PM_SURE, NULL,
	  "API_URL=http://localhost:4000/v1", "http://localhost/4000" },
	{ "address/url-name", PM_KIND_ANY, "://",
	  "://" USERINFO "(?!localhost:)" LABEL ":" PM_N,
	  PM_ROLE_URL, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "redis://:secret@cache:4000/0", "https://example.com/a:4000" },
	{ "address/url-cluster", PM_KIND_ANY, "://",
	  ":///?" USERINFO "[\\w.-]+\\.(?:svc|local|internal|cluster|consul)(?:\\.[\\w.-]+)"
	  "?:" PM_N,
	  PM_ROLE_URL, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "http://api.shop.svc.cluster.local:4000", "http://api.shop.svc.cluster.local/4000" },
	{ "address/url", PM_KIND_ANY, "//",
	  "(?::///?|(?<![:/\\w])//)" USERINFO HOST ":" PM_N,
	  PM_ROLE_URL, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "base: 'https://${HOST}:4000/api'", "https://example.com/path/4000" },
	{ "address/url-regexp", PM_KIND_CODE, "\\/\\/", /* /http:\/\/127\.0\.0\.1:4000/ */
	  ":\\\\/\\\\/(?:localhost|[0-9]+(?:\\\\?\\.[0-9]+){3}|" LABEL "):" PM_N,
	  PM_ROLE_URL, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "expect(url).toMatch(/^http:\\/\\/127\\.0\\.0\\.1:4000\\/login/)", "s/\\/\\/4000/x/" },
	{ "address/url-list", PM_KIND_ANY, "://", /* mongodb://a:27017,b:27018 */
	  "://" USERINFO "[\\w.-]+:[0-9]{1,5}(?:,[\\w.-]+:[0-9]{1,5})*,[\\w.-]+:" PM_N "\\z",
	  PM_ROLE_URL, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "mongodb://db1:27017,db2:4000/shop", "http://db1:27017, db2:x 4000" },
	{ "address/url-encoded", PM_KIND_ANY, "%3a",
	  "%3A%2F%2F[\\w.-]+%3A" PM_N,
	  PM_ROLE_URL, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "redirect=http%3A%2F%2Flocalhost%3A4000%2Fcb", "redirect=%2F4000" },
	{ "address/local", PM_KIND_ANY, "localhost|127.|0.0.0.0|::|internal|10.0.2.2",
	  "(?<![\\w.-])" LOCAL ":" PM_N,
	  PM_ROLE_URL, PM_SIDE_HOST, PM_SURE, NULL,
	  "upstream localhost:4000", "mylocalhost:4000" },
	/* nc -z localhost 4000 */
	{ "address/localhost-port", PM_KIND_ANY, "localhost|127.0.0.1|0.0.0.0",
	  "(?:\\b(?:nc|ncat|telnet|wait-for|check_port|wait_for_port|is_port_open)\\b[^\\n]{0,80}"
	  "?|"
	  "[(,]\\s*)[\"']?(?:localhost|127\\.0\\.0\\.1|0\\.0\\.0\\.0)[\"']?[\\s,]+[\"']?" PM_N,
	  PM_ROLE_URL, PM_SIDE_HOST, PM_LIKELY, NULL,
	  "nc -z localhost 4000", "ping localhost; sleep 4000" },
	{ "address/ipv4", PM_KIND_ANY & ~PM_KIND_DATA, ".",
	  "(?<![\\w.-])(?:[0-9]{1,3}\\.){3}[0-9]{1,3}:" PM_N,
	  PM_ROLE_URL, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "reverse_proxy 10.0.0.2:4000", "version 1.2.3:4000" },
	{ "address/ipv6", PM_KIND_ANY & ~PM_KIND_DATA, "]:",
	  "\\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\\]:" PM_N,
	  PM_ROLE_URL, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "listen [fe80::1]:4000", "addr fe80::4000:1" },
	{ "address/any-ipv6", PM_KIND_ANY & ~PM_KIND_DATA, ":::", /* EADDRINUSE :::4000 */
	  "(?<![\\w:]):::" PM_N "(?![\\w:])",
	  PM_ROLE_URL, PM_SIDE_HOST, PM_LIKELY, NULL,
	  "address already in use :::4000", "std::::4000" },
	{ "address/variable", PM_KIND_ANY & ~(PM_KIND_DATA | PM_KIND_CSS), "host|addr|ip|server|"
	  "url|domain|origin",
	  "(?i)(?:\\$\\{?\\w*(?:host|addr|ip|server|domain|url|origin)\\w*(?::-[\\w.-]+)?\\}?|"
	  "\\{\\{?[\\s\\w.$]*(?:host|addr|ip|server|domain)[\\w.\\s]*\\}?\\}|"
	  "<[\\w. -]*(?:host|addr|ip|server|domain)[\\w. -]*>|%h):" PM_N,
	  PM_ROLE_URL, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "ssh -L 1:${DB_HOST}:4000 me", "${NAME}:4000" },
	{ "address/fqdn", PM_KIND_ANY & ~(PM_KIND_DATA | PM_KIND_CSS), ".",
	  "(?<![\\w./@:{-])" NOT_FILE "[A-Za-z0-9][\\w-]*(?:\\.[A-Za-z0-9][\\w-]*)"
	  "*\\.[A-Za-z]{2,24}:" PM_N
	  "(?![\\w:]|-[A-Za-z])",
	  PM_ROLE_URL, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "db = \"pg.example.com:4000\"", "see src/main.ts:4000" },
	{ "address/quoted-word", PM_KIND_CODE & ~PM_KIND_SHELL, ":", /* may be any key:number */
	  "[\"'`]" NOT_HOST NOT_FILE LABEL ":(?=[1-9][0-9]{3})" PM_N "(?=/[\\w/.-]*[\"'`]|"
	  "[\"'`])",
	  PM_ROLE_ROUTE, PM_SIDE_CONTAINER, PM_MAYBE, NULL,
	  "brokers: ['kafka:4000']", "'limit:4000'" },
	{ "address/quoted",
	  PM_KIND_ANY & ~(PM_KIND_DATA | PM_KIND_CSS | PM_KIND_DOCKER |
			   (PM_KIND_CODE & ~PM_KIND_SHELL)), ":",
	  "(?<![Ii]mage[:=] )(?<![Ii]mage\": )"
	  "[\"'`]" NOT_HOST NOT_FILE LABEL ":(?=[1-9][0-9]{3}|80(?![0-9])|443(?![0-9])"
	  ")" PM_N "(?=/[\\w/.-]*[\"'`]|[\"'`])",
	  PM_ROLE_ROUTE, PM_SIDE_CONTAINER, PM_LIKELY, NULL,
	  "- targets: ['shop-api:4000']", "'limit:4000'" },
	{ "address/hyphenated", PM_KIND_ANY & ~(PM_KIND_DATA | PM_KIND_CSS | PM_KIND_DOCKER), "-",
	  "(?<![\\w./@:-])(?<![Ii]mage[:=] )" NOT_HOST NOT_FILE
	  "[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)+:" PM_N "(?![\\w:]|-[A-Za-z])",
	  PM_ROLE_ROUTE, PM_SIDE_CONTAINER, PM_LIKELY, NULL,
	  "forward to shop-api:4000 now", "z-index:4000" },
	{ "address/directive", PM_KIND_ANY & ~(PM_KIND_DATA | PM_KIND_CSS), ":",
	  "(?i)\\b(?:server|proxy_pass|reverse_proxy|upstream|targets?|endpoint|hosts?|address|"
	  "addr|"
	  "backends?|connect|dial|brokers?|url|nc|fetch|to|via|at|on|from)[\"']?(?:\\s*[:=]\\s*|"
	  "\\s+)"
	  "[\"'\\[]{0,2}" NOT_HOST NOT_FILE LABEL ":" PM_N "(?![\\w:]|-[A-Za-z])",
	  PM_ROLE_ROUTE, PM_SIDE_CONTAINER, PM_LIKELY, NULL,
	  "  endpoint: minio:4000", "  limits: burst:4000" },
	{ "address/assigned", PM_KIND_ANY & ~(PM_KIND_DATA | PM_KIND_CSS | PM_KIND_DOCKER), "=",
	  "(?<ident>\\b[A-Za-z_][\\w.]*)=[\"']?" NOT_HOST NOT_FILE LABEL ":" PM_N
	  "(?=[\"'/,;\\s]|$)",
	  PM_ROLE_URL, PM_SIDE_CONTAINER, PM_LIKELY, NULL,
	  "KAFKA_BROKERS=kafka:4000", "IMAGE=limit:4000" },
	{ "address/path", PM_KIND_ANY & ~(PM_KIND_DATA | PM_KIND_CSS), "/",
	  "(?<![\\w./@:-])" NOT_HOST NOT_FILE LABEL ":" PM_N "/[A-Za-z]",
	  PM_ROLE_URL, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "for svc in \"Auth:3001/health\" \"Sync:4000/health\"; do", "limit:4000/day" },
};
PM_TABLE(pm_table_address, rows);

static bool accepts(const struct pm_file *f)
{
	(void)f;
	return true;
}

static int scan(const struct pm_file *f, struct pm_sink *out, struct pm_err *err)
{
	pm_long_lines_report(out);
	return pm_table_scan(&pm_table_address, f, out, err);
}

const struct pm_scanner pm_scanner_address = {
	.name = "address",
	.summary = "URLs and host:port in any text",
	.accepts = accepts,
	.scan = scan,
};
