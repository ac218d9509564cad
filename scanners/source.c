/*
 * source.c - ports in programs and scripts: what a process listens on, defaults of configured
 * values, constants and arguments named like ports. The same idioms occur in documentation, CI
 * files and heredocs, so most rows run on all text.
 */
#include "pattern.h"
#include "portmap.h"

#define TEXT (PM_KIND_ANY & ~(PM_KIND_DATA | PM_KIND_CSS | PM_KIND_SQL))
#define SCRIPT (TEXT & ~(PM_KIND_JSON | PM_KIND_HTML))
/* Words behind "port" that make the number something else. */
#define NOT_AMOUNT \
	"(?!\\w*?(?:[Tt]imeout|TIMEOUT|[Cc]ount|COUNT|[Ss]ize|SIZE|[Dd]elay|DELAY|[Ll]imit|" \
	"LIMIT|" \
	"[Rr]etr|RETR|[Ii]nterval|INTERVAL|[Ll]ength|[Ww]idth|[Hh]eight|[Ww]eight|Ms\\b|_MS\\b))"
/* Where an identifier begins: in the middle of one there is nothing that was not there before. */
#define WORD_START "(?<![A-Za-z_])[A-Za-z_]"
/* An identifier that says port: API_PORT, server.port, devBackendPort, "--web-port". */
#define PW_TAIL PM_PW NOT_AMOUNT "\\w{0,24}"
#define KEY "(?<ident>(?:" WORD_START "[\\w.-]{0,60}?)?" PW_TAIL ")"
/* Between a quoted default and its digits: "http://...:" is address.c's. */
#define LIT "[\"'`]?:?"

static const struct pm_row rows[] = {
	/* defaults of configured values */
	{ "source/env-url", TEXT, "://", /* process.env.X_URL || 'http://localhost:4000' */
	  "(?:env(?:iron)?(?:\\.get)?[.(\\[\"']{1,3}|getenv\\w*\\([\"']|get(?:<[^>]*>)?\\([\"']|"
	  "ENV\\.fetch\\([\"']|ENV\\[[\"']|env[A-Za-z]*\\([\"']|[Gg]et[Ee]nv\\w*\\([\"']|"
	  "[Gg]et\\w*\\([\"'])(?<ident>[A-Za-z_][\\w.]*)[^\\n:]{0,40}?"
	  "(?:\\|\\||\\?\\?|\\?:|,|\\bor\\b)[^\\n:]{0,12}?[\"'`]\\w{2,10}://[^\\s\"'`/]{1,120}?"
	  ":" PM_N,
	  PM_ROLE_DEFAULT, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "const u = process.env.AUTH_URL || 'http://localhost:4000';",
	  "const u = process.env.AUTH_URL || 'http://localhost/4000';" },
	{ "source/env-port-or", TEXT, "port", /* PORT || 4000, ?? 4000, ?: 4000, or 4000 */
	  KEY "[\"'`]?[\\])}]*(?:\\s+as\\s+\\w+\\)?|(?:\\??\\.\\w+\\([^()]{0,20}\\)){1,3})"
	  "?\\s*(?:,\\s*10\\s*\\))?\\s*(?:\\|\\||\\?\\?|\\?:|\\bor\\b)\\s*"
	  "[\\w.]*\\(?\\s*" LIT PM_N,
	  PM_ROLE_DEFAULT, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "const port = parseInt(process.env.PORT || '4000', 10);",
	  "const timeout = process.env.TIMEOUT || 4000;" },
	/* x.port() catch / else 4000 / : 4000 */
	{ "source/port-else", TEXT & ~PM_KIND_DOC, "port",
	  KEY "[^\\n;]{0,60}?(?:\\|\\||\\?\\?|\\belse\\b|\\?\\s*[\\w.()]+\\s*:)\\s*" LIT PM_N,
	  PM_ROLE_DEFAULT, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "port = int(args.port) if args.port else 4000", "if (port) { wait(4000) }" },
	/* getenv("PORT", "4000"), get<number>('port', 4000) */
	{ "source/get-default", TEXT, "port",
	  "(?<!define\\()[\"'](?<ident>(?:[A-Za-z_][\\w.:{}-]{0,60}?)?" PW_TAIL ")[\"']\\s*(?"
	  ":,\\s*|\\)\\s*\\{\\s*)(?:\\w+\\s*[=:]\\s*)?"
	  "(?:\\w+\\()?" LIT PM_N,
	  PM_ROLE_DEFAULT, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "PORT = int(os.getenv(\"PORT\", \"4000\"))", "t = os.getenv(\"REPORT\", \"4000\")" },
	{ "source/default-call", TEXT, "default|unwrap_or|fallback|field(|option(",
	  PM_PW NOT_AMOUNT "\\w*\\b[^\\n;]{0,120}?(?i:\\bdefault(?:_?value)?(?:_t|Value)?|"
	  "unwrap_or\\w*|fallback|"
	  "\\bor_else|\\bfield|\\boption)\\s*(?:[(=:]\\s*|\\s)(?:\\|[\\w ]*\\|\\s*)?(?:Some\\()?"
	  "(?:default\\s*=\\s*)?[\"'`]?:?" PM_N,
	  PM_ROLE_DEFAULT, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "PORT: Joi.number().default(4000),", "LIMIT: Joi.number().default(4000)," },
	{ "source/default-then-port", TEXT, "default",
	  "(?i)\\bdefault(?:_?value)?(?:_t)?\\s*[=(:]\\s*[\"']?" PM_N "[^\\n;]{0,80}?\\b(?:env|"
	  "name|help|long)\\b"
	  "[^\\n]{0,20}?\\bport\\b",
	  PM_ROLE_DEFAULT, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "#[arg(default_value = \"4000\", env = \"PORT\")]", "default = 4000, help = \"report"
	  "\"" },
	{ "source/default-under-port", SCRIPT, "default|value",
	  "^\\s*[\"']?(?:default|value)[\"']?\\s*[=:]\\s*[\"']?" PM_N "[\"']?,?\\s*(?:#.*)?$",
	  PM_ROLE_DEFAULT, PM_SIDE_UNKNOWN, PM_LIKELY,
	  "(?i)(?:variable\\s+\"(?:[^\"]*[_-])?port\"\\s*\\{[^}]*|(?:^|[^a-z])(?:[\\w.-]*[_-])"
	  "?port[\"']?\\s*[:={(,]+\\s*)$",
	  "variable \"api_port\" {\n  type = number\n  default = 4000",
	  "variable \"timeout\" {\n  default = 4000" },
	{ "source/shell-default", TEXT, "port",
	  "\\$\\{(?<ident>\\w*?" PM_PW "\\w*):?[-=]\"?" PM_N,
	  PM_ROLE_DEFAULT, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "export PORT=${PORT:-4000}", "sleep ${DELAY:-4000}" },
	/* db_port="${M[2]:-5432}", PORT=$(x || echo 4000) */
	{ "source/shell-default-of-port", TEXT, "port",
	  KEY "=[\"']?(?:\\$\\{[^}\\n]{1,60}:?[-=]|\\$\\([^\\n]{1,200}?\\|\\|\\s*echo\\s+)"
	  "[\"']?" PM_N,
	  PM_ROLE_DEFAULT, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "local db_port=\"${BASH_REMATCH[2]:-4000}\"", "local size=\"${BASH_REMATCH[2]:-4000}"
	  "\"" },
	{ "source/placeholder-default", TEXT, "port", /* ${server.port:8080} */
	  "\\$\\{(?<ident>[\\w.-]*?" PM_PW "[\\w.-]*):" PM_N "\\}",
	  PM_ROLE_DEFAULT, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "@Value(\"${server.port:4000}\")", "@Value(\"${request.timeout:4000}\")" },
	{ "source/template-default", TEXT, "default",
	  "(?i)\\bport\\w*[^\\n]{0,40}?\\bdefault\\b\\s*\\(?\\s*[\"']?" PM_N,
	  PM_ROLE_DEFAULT, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "port: {{ .Values.port | default 4000 }}", "size: {{ .Values.size | default 4000 }}" },

	/* what binds */
	{ "source/listen", TEXT, "listen|bind|serve|socket|addr|port(|htons",
	  "(?<![A-Za-z])(?:[Ll]isten(?:AndServe)?(?:TLS)?|[Ll]istenAnyIP|[Ll]istenLocalhost|bind|"
	  "[Ss]erve|start_http_server|start_server|createServer|ServerSocket|"
	  "InetSocketAddress|SocketAddr::from|forPort|bindNow|htons|AddrPort|TcpListener)"
	  "\\s*\\(\\s*"
	  "(?:\\(?\\[[0-9, ]*\\]\\s*,\\s*|\\w+\\s*,\\s*[\"'][\\w.:]*[\"']\\s*,\\s*|"
	  "\\(?[\"'`][^\"'`\\n]{0,40}[\"'`]\\s*,\\s*|[\\w.]+(?:::\\w+)*\\s*,\\s*)?"
	  "[\"'`]?(?:[\\w.*\\[\\]-]{0,40}:)?" PM_N "(?=[\"'`)\\s,/])",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "app.listen(4000, () => {})", "setTimeout(run, 4000)" },
	{ "source/run-addr", TEXT, ".run(|.start(", /* r.Run(":4000") */
	  "\\.(?:[Rr]un|[Ss]tart)\\(\\s*[\"'`][\\w.*-]*:" PM_N "[\"'`]",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "r.Run(\":4000\")", "recorder.start(4000)" },
	{ "source/go-addr", TEXT & ~(PM_KIND_YAML | PM_KIND_DOC | PM_KIND_INI), ":",
	  "(?<![\\w\\\\])[\"'`]:" PM_N "(?=[\"'`/])",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "srv := &http.Server{Addr: \":4000\"}", "fmt.Println(\"4000\")" },
	{ "source/address-option", TEXT, "addr|listen|bind", /* --console-address ":9001" */
	  "(?<![\\w-])-{1,2}(?<ident>[\\w.-]*(?:addr|address|listen|bind)[\\w.-]*)[\\s=]+[\"']?(?"
	  ":[\\w.*-]*|\\[[0-9a-f:]*\\]):" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "command: server /data --console-address \":4000\"", "--address-count 4000" },
	{ "source/http-server", TEXT, "http.server|runserver|http-server|serve|rails|puma|flask",
	  "\\b(?:http\\.server|SimpleHTTPServer|runserver|http-server|rails s(?:erver)?|puma|"
	  "serve)\\s+"
	  "(?:-[lpb]\\s+|(?:[\\w.]+:))?" PM_N "(?=\\s|$|[\"'`&;)])",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "python3 -m http.server 4000", "http.server.timeout = 4000" },

	/* arguments */
	{ "source/port-option", TEXT, "port", /* --port 4000, --web.port=4000, -LocalPort 4000 */
	  "(?<![\\w-])-{1,2}(?<ident>(?:[A-Za-z][\\w.-]{0,40}?)?" PW_TAIL ")(?:\\s*=\\s*|\\s+|:)"
	  "[\"']?" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "uvicorn app:app --host 0.0.0.0 --port 4000 --reload", "tool --timeout 4000" },
	{ "source/port-option-list", TEXT, "port", /* "--port", "4000" */
	  "[\"']-{1,2}(?<ident>(?:[A-Za-z][\\w.-]{0,40}?)?" PW_TAIL ")[\"']\\s*,\\s*[\"']?" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "CMD [\"uvicorn\", \"main:app\", \"--port\", \"4000\"]", "[\"--report\", \"4000\"]" },
	{ "source/port-option-next", TEXT, NULL, /* the option stands on the line above */
	  "^\\s*(?:-\\s+)?[\"']?" PM_N "[\"']?,?\\s*\\]?\\)?,?\\s*$",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY,
	  "(?:^|[\\s\"'>])-{1,2}(?:p|[\\w.-]*[Pp]ort)[\"']?,?\\s*$",
	  "    \"--port\",\n    \"4000\",", "    \"--timeout\",\n    \"4000\"," },
	{ "source/docker-host", TEXT, "-p|publish", /* docker run -p 4000:3000 */
	  "(?<![\\w-])(?:-p|--publish)(?:\\s+|=)?[\"']?(?:[0-9.]+:|\\[[0-9a-f:]+\\]:)"
	  "?(?:" PM_NX "-)?"
	  PM_N "(?:-" PM_NX ")?:(?:\\$|[0-9])",
	  PM_ROLE_HOST_PORT, PM_SIDE_HOST, PM_SURE, NULL,
	  "docker run -d -p 4000:3000 web", "mkdir -p 4000" },
	{ "source/docker-container", TEXT, "-p|publish",
	  "(?<![\\w-])(?:-p|--publish)(?:\\s+|=)?[\"']?(?:[0-9.]+:|\\[[0-9a-f:]+\\]:)?"
	  "(?:[0-9]{1,5}(?:-[0-9]{1,5})?|\\$\\{?\\w+(?::-[0-9]+)?\\}?):(?:" PM_NX "-)?" PM_N,
	  PM_ROLE_CONTAINER, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "docker run -d -p 3000:4000 web", "tool -p 3000 4000" },
	{ "source/dash-p", TEXT, "-p", /* next dev -p 4000 */
	  "\\b(?:next|vite|nuxt|astro|remix|ng|serve|http-server|rails|puma|thin|rackup|gunicorn|"
	  "uvicorn|"
	  "hypercorn|flask|daphne|php|psql|mysql|mongo|mongosh|redis-cli|pg_isready|ssh|scp|nc|"
	  "start|dev|"
	  "server?|pnpm|npm|yarn|bun|vercel|wrangler|netlify|hugo|jekyll|mkdocs|json-server|"
	  "npx|mosquitto_\\w+|nmap|kcat)\\b[^\\n|;&]{0,100}?\\s-[pP]\\s*[=\"']"
	  "?" PM_N "(?![:/\\w])",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "\"dev\": \"next dev -p 4000\",", "mkdir -p build/4000" },
	{ "source/dash-p-any", SCRIPT, "-p",
	  "(?<![\\w-])(?<!mkdir )(?<!cp )-p\\s+" PM_N "(?![:/\\w])",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "./run.sh -p 4000", "kill -p4 4000" },
	/* kubectl port-forward svc/x 4000:80 */
	{ "source/forward-local", TEXT, "port-forward|-l",
	  "\\bport-forward\\b[^\\n]{0,160}?\\s" PM_N "(?::(?:\\$[\\w{}]+|" PM_NX "))?(?=\\s|$|"
	  "[\"'`&;,)])",
	  PM_ROLE_ROUTE, PM_SIDE_HOST, PM_SURE, NULL,
	  "kubectl port-forward svc/web 4000:80 -n x", "kubectl port-forward svc/web-4000" },
	{ "source/forward-remote", TEXT, "port-forward",
	  "\\bport-forward\\b[^\\n]{0,160}?\\s" PM_NX ":" PM_N,
	  PM_ROLE_ROUTE, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "kubectl port-forward svc/web 8080:4000", "kubectl port-forward svc/web 8080" },
	{ "source/ssh-tunnel", TEXT, "-l|-r",
	  "\\bssh\\b[^\\n]{0,200}?\\s-[LR]\\s*(?:[\\w.*]+:)?" PM_N ":[\\w.\\[-]+:",
	  PM_ROLE_ROUTE, PM_SIDE_HOST, PM_SURE, NULL,
	  "ssh -L 4000:localhost:3000 me@box", "ssh -l 4000 box" },
	{ "source/tunnel", TEXT, "ngrok|kill-port|fuser|wait-on|localtunnel|lt ",
	  "\\b(?:ngrok\\s+(?:http|tcp)|kill-port|fuser(?:\\s+-\\w+)*|localtunnel|lt\\s+--port|"
	  "wait-on\\s+tcp:|"
	  "portless)\\s*(?:" PM_NX "(?:/tcp)?\\s+){0,8}" PM_N,
	  PM_ROLE_ROUTE, PM_SIDE_HOST, PM_LIKELY, NULL,
	  "npx kill-port 3000 4000", "fuser --timeout=4000" },
	{ "source/who-listens", TEXT, "lsof|netstat|ss -|nc -|docker ps|get-nettcp",
	  "\\b(?:lsof|netstat|ss|nc|docker ps|Get-NetTCPConnection)\\b[^\\n]{0,80}?(?::|(?:grep|"
	  "findstr|Select-String)(?:\\s+-\\w+)*\\s+[\"']?:?|"
	  "[\\w.]+\\s+)(?=[1-9][0-9])" PM_N "(?![\\w.>])",
	  PM_ROLE_PROBE, PM_SIDE_HOST, PM_LIKELY, NULL,
	  "lsof -ti:4000 | xargs kill -9", "lsof | head -n4000" },
	{ "source/who-listens-also", TEXT, "lsof|netstat", /* lsof -i :3000  # or :4000 */
	  "\\b(?:lsof|netstat)\\b[^\\n]{0,120}?#[^\\n]{0,60}?:" PM_N,
	  PM_ROLE_DOC, PM_SIDE_HOST, PM_MAYBE, NULL,
	  "lsof -i :3000  # or :4000 for the API", "lsof  # 4000" },

	/* identifiers that say port */
	/* const API_PORT: u16 = 4000; port: 4000; PORT=4000 */
	{ "source/port-assigned", TEXT, "port",
	  KEY "[\"'`\\])>}]{0,3}\\s*(?::\\s*[\\w<>:| ?]{1,30}?\\s*=|:=|\\?=|=>|=|:|\\bis\\b|"
	  "\\{\\s*get;[^}]*\\}\\s*=)\\s*"
	  "(?:[A-Za-z][\\w.:<>]{0,30}\\(|&|Some\\(|u?int\\d*\\()?\\s*(?:\\\\)"
	  "?" LIT PM_N "(?![:\\w]|-[A-Za-z])",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "pub const DEFAULT_PORT: u16 = 4000;", "const portTimeout = 4000;" },
	/* #define PORT 4000, ENV PORT 4000, set(PORT 4000) */
	{ "source/port-declared", SCRIPT, "port",
	  "(?:#\\s*define|\\bENV|\\bARG|\\bset\\w*\\(?|\\bsetenv|\\bdef|\\bexport|@|\\bdefine\\()"
	  "\\s*[\"':]?" KEY
	  "[\"']?[\\s,]+[\"']?" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "#define HTTP_PORT 4000", "#define REPORT 4000" },
	/* .port(4000), waitForPort('x', 4000) */
	{ "source/port-call", TEXT & ~PM_KIND_DOC, "port",
	  "(?<ident>(?:" WORD_START "[\\w.]{0,60}?)?" PW_TAIL ")\\s*\\(\\s*(?:[\"'][^\"'\\n]{0,40}"
	  "[\"']\\s*,\\s*)?"
	  "[\"']?" PM_N "(?=[\"')\\s,])",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "builder.port(4000)", "transport(4000)" },
	{ "source/port-compared", TEXT & ~PM_KIND_DOC, "port",
	  KEY "[\"'\\])]{0,2}\\s*(?:[=!]==?|eq|-eq|-ne)\\s*[(\\[\"']{0,2}" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "if (url.port === '4000') return", "if (report === 4000) return" },
	{ "source/port-expected", TEXT & ~PM_KIND_DOC, "port", /* expect(c.port).toBe(4000) */
	  KEY "[\"'\\])]{0,3}\\.(?:to\\w+|should\\w*|be|equal\\w*)\\(\\s*[\"']?" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "expect(cfg.port).toBe(4000)", "expect(cfg.total).toBe(4000)" },
	{ "source/port-list", TEXT, "port", /* ports = [3000, 4000]; for port in 3000 4000 */
	  "(?<ident>(?:" WORD_START "[\\w.]{0,60}?)?" PW_TAIL ")[\"']?\\s*(?:=>|:=|[=:]|\\bin\\b|\\+=)"
	  "\\s*[\\[({\"'@]{0,3}"
	  "\\s*(?:[\"']?" PM_NX "[\"']?[\\s,;|]+){0,40}[\"']?" PM_N "\\z",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "for port in 3000 3001 4000; do", "for x in 3000 3001 4000; do" },
	{ "source/port-range", TEXT & ~PM_KIND_DOC, "range",
	  "(?i)\\bport\\w*\\b[^\\n]{0,60}?\\brange\\(\\s*(?:" PM_NX "\\s*,\\s*)?" PM_N "\\z",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "for port in range(4000, 4020):", "for i in range(4000):" },
	{ "source/port-keyed", TEXT & ~PM_KIND_DOC, "port", /* PORTS = { api: 4000, web: 3000 } */
	  "(?<ident>(?:" WORD_START "[\\w.]{0,60}?)?(?:(?<![A-Za-z])ports(?![a-z])|(?<![A-Z])"
	  "PORTS(?![A-Z])|Ports(?![a-z]))"
	  "\\w*)\\b[^\\n]{0,12}?[=:]\\s*\\{[^}\\n]{0,400}?[\\w\"']\\s*(?::|=>)"
	  "\\s*[\"']?" PM_N "\\z",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "const PORTS = { api: 4000, web: 3000 };", "const LIMITS = { api: 4000 };" },
	{ "source/port-sides", TEXT, "ports", /* ports: [{ host: 8080, container: 4000 }] */
	  "\\b[Pp]orts[\"']?\\b[^\\n]{0,40}\\{[^}\\n]{0,80}?\\b(?:host|container|published|"
	  "target|internal|external)"
	  "[\"']?\\s*[:=]\\s*[\"']?" PM_N "\\z",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "ports: [{ host: 8080, container: 4000 }],", "parts: [{ host: 4000 }]" },
	/* value of a key that says port, one line down */
	{ "source/port-below", SCRIPT & ~PM_KIND_DOC, NULL,
	  "^\\s*(?:-\\s+)?(?:[\"']?(?:value|default\\w*)[\"']?\\s*[:=]\\s*)"
	  "?[\"']?" PM_N "[\"']?[,)\\]};]*\\s*$",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY,
	  "(?:^|[^A-Za-z])(?:(?i:name)[\"']?\\s*[:=]\\s*[\"']?)?(?:[A-Z][A-Z0-9_]*_)"
	  "?PORT[\"']?[,:]?\\s*$",
	  "  - name: PORT\n    value: \"4000\"", "  - name: TIMEOUT\n    value: \"4000\"" },
	{ "source/port-pair", TEXT & ~PM_KIND_DOC, "port", /* { name = "PORT", value = "4000" } */
	  "(?i:\\bname[\"']?\\s*[:=]\\s*[\"'])(?<ident>\\w*?" PM_PW "\\w*)[\"'],?\\s*[\"']?(?"
	  "i:value)[\"']?\\s*[:=]\\s*"
	  "[\"']?" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "{ name = \"PORT\", value = \"4000\" }", "{ name = \"SIZE\", value = \"4000\" }" },

	/* lists of names and ports */
#define ENTRY "[A-Za-z@][\\w.@/ -]{0,47}?[\"'`*\\]]{0,3}\\s*(?::|=>?)[\\s\"'`*]*(?=[1-9][0-9]{3})" PM_N \
	"[\"'`*]{0,3}\\s*(?:[,;}]|[#(/-]|\\xe2|$)"
	{ "source/port-map", SCRIPT & ~PM_KIND_DOC, NULL,
	  "^[\\s\"'`\\[-]*" ENTRY,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "const PORTS = {\n  web: 3000,\n  api: 4000, // backend", "const TIMES = {\n  web: 3000,\n  api: 4000,",
	  .above = pm_portmap_block },
	{ "source/ports-member", TEXT & ~PM_KIND_DOC, "ports.", /* config.ports.shop !== 4000 */
	  "\\b[Pp]orts\\.(?<ident>\\w+)\\s*(?:[!=]==?|=|:)\\s*" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "if (config.ports.shop !== 4000) throw x;", "if (config.reports.shop !== 4000) throw x;" },
	{ "source/sql-setting", PM_KIND_SQL, "port", /* ('shop_port', '4000', ...) */
	  "\\(\\s*'(?<ident>(?:\\w{0,40}_)?port)'\\s*,\\s*'" PM_N "'",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "('shop_port', '4000', 'Where the shop is'),", "('shop_report', '4000')," },
	{ "source/port-map-comment", SCRIPT & ~PM_KIND_DOC, NULL,
	  "^\\s*(?:#|//|\\*|--)[\\s*-]*" ENTRY,
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "# Ports of this machine:\n#   web:  3000\n#   api:  4000", "# Limits of this machine:\n#   api:  4000",
	  .above = pm_portmap_comment },
#undef ENTRY

	{ "source/port-number", PM_KIND_YAML | PM_KIND_DOC, "number", /* port:\n  number: 4000 */
	  "^\\s*number:\\s*" PM_N "\\s*$",
	  PM_ROLE_ROUTE, PM_SIDE_CONTAINER, PM_LIKELY, "\\bport:\\s*$",
	  "port:\n  number: 4000", "phone:\n  number: 4000" },

	/* checks and firewalls */
	{ "source/check", PM_KIND_SHELL | PM_KIND_POWERSHELL | PM_KIND_YAML | PM_KIND_DOC,
	  "check|health|wait|service|status|probe|start|test",
	  "(?i)^\\s*(?:if\\s+(?:!\\s+)?)?\\w*(?:check|health|wait_for|wait-for|service|probe|"
	  "start_|test_)\\w*\\s+"
	  "(?:[\"'][^\"'\\n]{1,60}[\"']\\s+|[\\w.-]+\\s+){0,2}[\"']?(?:https?://[^\\s:]+:)"
	  "?(?=[1-9][0-9]{3}|80\\b|443\\b)" PM_N "(?=[\\s\"'/]|$)",
	  PM_ROLE_PROBE, PM_SIDE_HOST, PM_MAYBE, NULL,
	  "check_service \"Shop API\" 4000 /health", "sleep 4000" },
	{ "source/check-label", SCRIPT, "check|health|service|status|probe|test|echo|log|print|"
	  "wait",
	  "(?i)\\w*(?:check|health|service|status|probe|echo|log|print|wait)\\w*\\b[^\\n\"']"
	  "{0,20}[\"'][^\"'\\n]{1,60}"
	  "\\s\\((?:port\\s+|:)?(?=[1-9][0-9]{3})(?!(?:19|20)[0-9]{2}\\))" PM_N "\\)",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "check_health \"shop-api (4000)\" x", "check_health \"shop\" (x)" },
	{ "source/comment-listen", SCRIPT & ~PM_KIND_DOC, "listen|bind|runs on|running on",
	  "(?:#|//|\\*)[^\\n]*?\\b(?:listen(?:s|ing)?|bind(?:s|ing)?|runs|running)\\s+(?:on|to)\\s+[`:]{0,2}(?=[1-9][0-9]{3})" PM_N,
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "# - listen on 4000 (not privileged)", "# - listens for 4000 of them" },
	{ "source/comment-paren", SCRIPT & ~PM_KIND_DOC, "(", /* "# shop (4000 dev), web (3000)" */
	  "^\\s*(?:#|//|\\*|--)[^\\n]*?\\b[A-Za-z][\\w-]*\\s\\(:?(?=[1-9][0-9]{3})(?!(?:19|20)[0-9]{2}(?![0-9]))"
	  PM_N "(?=\\)\\s*(?:[,/+&]|and\\b|$)|\\s+(?:dev|prod|docker|local|host|in)\\b)",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "# Covers shop (4000 dev / 3000 docker), web (3001)", "# waits (4000) before it goes on" },
	{ "source/loop-of-names", TEXT, "for ", /* for s in shop:4000 web:3000; do */
	  "\\bfor\\s+\\S{1,20}\\s+in\\b[^\\n]{0,200}?[\\s(\"'][A-Za-z][\\w-]{1,40}:(?=[1-9][0-9]{3})" PM_N "\\z",
	  PM_ROLE_PROBE, PM_SIDE_HOST, PM_LIKELY, NULL,
	  "for s in web:3000 shop:4000; do", "wait for it in 4000" },
	{ "source/loop-of-ports", TEXT, "for ", /* for p in 3000 4000; do */
	  "\\bfor\\s+(?:p|prt|port|ports)\\s+in\\s+(?:" PM_NX "\\s+){0,40}(?=[1-9][0-9]{3})" PM_N "\\z",
	  PM_ROLE_PROBE, PM_SIDE_HOST, PM_LIKELY, NULL,
	  "for p in 3000 3001 4000; do curl localhost:$p; done", "for part in 3000 4000; do" },
	{ "source/who-listens-list", TEXT, "lsof|netstat|kill-port|fuser|ss -", /* findstr "3000 4000" */
	  "\\b(?:lsof|netstat|kill-port|fuser|ss)\\b[^\\n]{0,60}?[\\s\"':](?:" PM_NX "[\\s,|]{1,2}){1,12}" PM_N "\\z",
	  PM_ROLE_PROBE, PM_SIDE_HOST, PM_LIKELY, NULL,
	  "netstat -ano | findstr \"3000 3001 4000\"", "netstat -n; sleep 4000" },
	{ "source/firewall", TEXT, "ufw|iptables|firewall|nft|--dport",
	  "\\b(?:ufw|iptables|ip6tables|firewall-cmd|nft|New-NetFirewallRule|netsh)"
	  "\\b[^\\n]{0,200}?"
	  "(?:\\ballow\\s+(?:in\\s+)?(?:proto\\s+\\w+\\s+)?|--dports?\\s+|--add-port=|"
	  "\\bdport\\s+|\\bport\\s+|"
	  "-LocalPort\\s+|localport=)(?:" PM_NX "[,:])*" PM_N,
	  PM_ROLE_POLICY, PM_SIDE_HOST, PM_SURE, NULL,
	  "ufw allow 4000/tcp", "ufw limit 22 # 4000" },
	{ "source/expose", TEXT, "expose",
	  "^\\s*(?:(?:#\\s*)?EXPOSE\\s+|#\\s*Exposes?:\\s+)(?:" PM_NX "(?:/\\w+)?\\s+)*" PM_N "\\z",
	  PM_ROLE_CONTAINER, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "EXPOSE 3000 4000", "EXPOSED 4000" },
	{ "source/expose-option", TEXT, "--expose",
	  "--expose[= ]" PM_N,
	  PM_ROLE_CONTAINER, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "docker run --expose 4000 web", "--exposed 4000" },

	/* words in strings and comments of programs */
	{ "source/port-word", TEXT & ~PM_KIND_DOC, "port|puerto|porta",
	  "(?i)(?<![a-z])(?:ports?|puertos?|portas?)(?![a-z])(?!\\s*[:=]?\\s*[\"']"
	  "?" PM_NX "\\s*(?:ms|px))"
	  "[\\s\"'`*=:#(-]{1,6}(?:(?:is|to|on|number|nr\\.?|no\\.?|von|auf)\\s+)?[\"'`]?" PM_N,
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "// Shop service (Hono, port 4000)", "// transport 4000" },
	{ "source/port-words", TEXT & ~PM_KIND_DOC, "port", /* ports 3000, 3001 and 4000 */
	  "(?i)(?<![a-z])ports?(?![a-z])[\\s:=(`\"']{1,4}(?:" PM_NX "[`\"')]?(?:\\s*(?:,|/|&|-|"
	  "and|or|to|und|auf|bis|->|→)\\s*){1,2}"
	  "[`\"'(]?){1,20}" PM_N "\\z",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "# ports 3000, 3001 and 4000", "# porters 3000, 4000" },
	{ "source/port-names", TEXT & ~PM_KIND_DOC, /* "# all ports: web(3000), shop(4000)" */
	  "port|\xed\x8f\xac\xed\x8a\xb8|\xe7\xab\xaf\xe5\x8f\xa3|"
	  "\xe3\x83\x9d\xe3\x83\xbc\xe3\x83\x88",
	  "^\\s*(?:#|//|\\*|--)[^\\n]{0,200}?(?:(?<![A-Za-z])(?i:ports?)(?![a-z])|\xed\x8f\xac\xed\x8a\xb8|\xe7\xab\xaf\xe5\x8f\xa3|"
	  "\xe3\x83\x9d\xe3\x83\xbc\xe3\x83\x88)[^\\n]{1,200}?[A-Za-z][\\w-]*\\s?\\((?=[1-9][0-9]{3})"
	  PM_N "\\z",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "# all ports: web(3000), shop(4000)", "# reports: web(3000), shop(4000)" },
	{ "source/then-port", TEXT & ~PM_KIND_DOC, "port", /* 4000  # metrics port */
	  "\\b" PM_N "[\"'`)]*,?\\s*(?:(?:#|//)[^\\n]{0,40}?\\b)?(?i:ports?)\\b(?![\\w/(=:]|"
	  "\\s*[=:])",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "- 4000 # metrics port", "limit: 4000 # of report" },
	{ "source/port-usually", TEXT, "port", /* "agent port (typically 4000)" */
	  "(?<![A-Za-z])[Pp]orts?(?![a-z])[^\\n]{0,40}?\\b(?:typically|usually|normally|default|"
	  "defaults to|default is|e\\.g\\.?),?:?\\s+"
	  "[`\"']?" PM_N,
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "agent UDP port (typically 4000)", "reports, typically 4000 of them" },
	{ "source/port-wanted", TEXT & ~PM_KIND_DOC, "port", /* "Port = %d, want 4000" */
	  "[\"'`][^\"'`\\n]*(?<![A-Za-z])[Pp]orts?(?![a-z])[^\"'`\\n]{1,40}?\\b(?:want|wanted|"
	  "expected|got|instead of|not|should be|must be)\\s+"
	  PM_N,
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "t.Errorf(\"Port = %d, want 4000\", c.Port)", "t.Errorf(\"Report = %d, want 4000\", n"
	  ")" },
	/* "internal 4000 -> external 16081" */
	{ "source/inside-outside", TEXT & ~PM_KIND_DOC, "intern|extern|container|host|extern",
	  "(?i)(?:(?:#|//|\\*)[^\\n]*?|[\"'][^\"'\\n]*?)\\b(?:internal|external|intern|extern|"
	  "host|container)\\s+(?:port\\s+)?"
	  "(?=[1-9][0-9]{2})" PM_N,
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "- x # Shop (internal 4000 -> external 16081)", "# host timeout 4000" },
	{ "source/colon-comment", SCRIPT & ~PM_KIND_DOC, ":",
	  "(?:(?:#|//|\\*)[^\\n]*?|echo[^\\n]*?|print[^\\n]*?|log[^\\n]*?)"
	  "[\\s(`]:" PM_N "(?=[\\s)`,.;\"'/]|$)",
	  PM_ROLE_DOC, PM_SIDE_UNKNOWN, PM_MAYBE, NULL,
	  "# proxied to the API on :4000", "x = a ? b :4000" },
};
PM_TABLE(pm_table_source, rows);

static bool accepts(const struct pm_file *f)
{
	return (pm_file_kind(f) & (TEXT | PM_KIND_SQL)) != 0;
}

static int scan(const struct pm_file *f, struct pm_sink *out, struct pm_err *err)
{
	return pm_table_scan(&pm_table_source, f, out, err);
}

const struct pm_scanner pm_scanner_source = {
	.name = "source",
	.summary = "defaults, listeners, constants and arguments in programs and scripts",
	.accepts = accepts,
	.scan = scan,
};
