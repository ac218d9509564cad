/*
 * config.c - ports in configuration files that need no parser: nginx, Apache, Caddy, haproxy,
 * traefik, systemd, launchd, Terraform and other HCL, Spring, .NET, wrangler, vite, playwright,
 * package.json, devcontainer, TOML, INI, JSON, XML. YAML and env files have scanners of their own;
 * rows run on them too, for comments and templates that do not parse.
 */
#include "pattern.h"

#define TEXT (PM_KIND_ANY & ~(PM_KIND_DATA | PM_KIND_CSS | PM_KIND_SQL))
/* Server configurations come as .conf, without ending, in heredocs and in documents. */
#define CONF \
	(PM_KIND_INI | PM_KIND_OTHER | PM_KIND_DOC | PM_KIND_SHELL | PM_KIND_YAML | PM_KIND_HCL)

static const struct pm_row rows[] = {
	/* proxies */
	{ "config/nginx-listen", CONF, "listen",
	  "^\\s*listen\\s+(?:[\\w.*]+:|\\[[0-9a-f:]*\\]:)?" PM_N "(?=\\s|;|$)",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "  listen [::]:4000 ssl;", "  listen_timeout 4000;" },
	{ "config/nginx-listen-inside", PM_KIND_DOCKER | PM_KIND_SHELL | PM_KIND_YAML, "listen", /* in a heredoc */
	  "^\\s*listen\\s+(?:[\\w.*]+:|\\[[0-9a-f:]*\\]:)?" PM_N "(?:\\s[\\w ]{0,40})?;",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "  listen 4000 ssl;", "  listen 4000" },
	{ "config/proxy-pass", TEXT, "proxy_pass|fastcgi|uwsgi|grpc_pass|reverse_proxy|proxypass|"
	  "balancermember",
	  "(?i)\\b(?:proxy_pass|fastcgi_pass|uwsgi_pass|grpc_pass|reverse_proxy|to|"
	  "ProxyPass(?:Reverse)?|BalancerMember)\\b"
	  "[^\\n]{0,120}?[\\w\\]}*.]?:" PM_N "\\z",
	  PM_ROLE_ROUTE, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "    proxy_pass http://shop:4000;", "    proxy_pass_timeout 4000;" },
	{ "config/proxy-bare", TEXT, "reverse_proxy",
	  "\\breverse_proxy\\b[^\\n]{0,80}?\\s:" PM_N,
	  PM_ROLE_ROUTE, PM_SIDE_HOST, PM_SURE, NULL,
	  "reverse_proxy /api/* :4000", "reverse_proxy_wait 4000" },
	{ "config/upstream-server", CONF, "server",
	  "^\\s*server\\s+(?:[\\w-]+\\s+)?(?!\\S*\\.(?:py|js|ts|go):)[\\w.$\\[{-][\\w.:$\\[\\]{}"
	  "-]*:" PM_N "(?=\\s|;|/|$)",
	  PM_ROLE_ROUTE, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "    server shop1 shop:4000 check", "    server shop 4000" },
	{ "config/caddy-site", PM_KIND_INI | PM_KIND_DOC, "{",
	  "^(?:[\\w.*-]*|https?://[\\w.*-]+):" PM_N "\\s*(?:,[^{]*)?\\{\\s*$",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  ":4000 {", "limit 4000 {" },
	{ "config/bind", CONF, "bind",
	  "^\\s*bind\\s+(?:[\\w.*]*|\\[[0-9a-f:]*\\])?:" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "    bind *:4000", "    bind_wait 4000" },
	{ "config/apache-listen", CONF, "listen|virtualhost",
	  "^\\s*(?:Listen\\s+(?:[\\w.]+:)?|<VirtualHost\\s+[\\w.*]+:)" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "<VirtualHost *:4000>", "ListenBacklog 4000" },
	{ "config/loadbalancer-port", TEXT, "loadbalancer",
	  "(?i)loadbalancer\\.(?:server|healthcheck)\\.port\\s*[=:]\\s*[\"']?" PM_N,
	  PM_ROLE_ROUTE, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "- \"traefik.http.services.shop.loadbalancer.server.port=4000\"",
	  "loadbalancer.server.weight=4000" },
	{ "config/scrape-annotation", TEXT, "prometheus.io",
	  "prometheus\\.io/port[\"']?\\s*[:=]\\s*[\"']?" PM_N,
	  PM_ROLE_ROUTE, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "  prometheus.io/port: \"4000\"", "  prometheus.io/scrape: \"4000\"" },

	/* systemd, launchd */
	{ "config/systemd-listen", PM_KIND_INI | PM_KIND_DOC | PM_KIND_SHELL, "listen",
	  "^\\s*Listen(?:Stream|Datagram)=(?:[\\w.]+:|\\[[0-9a-f:]*\\]:)?" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "ListenStream=4000", "ListenBacklog=4000" },
	/* <key>PORT</key> or <string>--port</string> above */
	{ "config/plist-below", TEXT, "string>|integer>",
	  "<(?:string|integer)>\\s*" PM_N "\\s*</",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY,
	  "(?:<key>[^<]*" PM_PW "[^<]*</key>|<string>-{1,2}(?:p|[\\w.-]*" PM_PW ")</string>)$",
	  "  <string>--port</string>\n  <string>4000</string>",
	  "  <key>ThrottleInterval</key>\n  <integer>4000</integer>" },
	{ "config/plist-inline", TEXT, "string>|integer>",
	  "<key>(?<ident>[^<]*" PM_PW "[^<]*)</key>\\s*<(?:string|integer)>" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "<key>PORT</key><string>4000</string>", "<key>Delay</key><integer>4000</integer>" },
	{ "config/xml-port", PM_KIND_XML | PM_KIND_HTML | PM_KIND_DOC, "port",
	  "(?:<(?<ident>[\\w.:-]*?" PM_PW "[\\w.-]*)(?:\\s[^>]*)?>\\s*|\\b(?:key|name)"
	  "=\"[^\"]*" PM_PW
	  "[^\"]*\"\\s+value=\"|<[^>\\n]*\\s[\\w.:-]*?" PM_PW "[\\w.-]*=\")" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY, NULL,
	  "<Connector port=\"4000\" protocol=\"HTTP/1.1\"/>", "<report id=\"4000\"/>" },

	/* HCL, CloudFormation, task definitions */
	{ "config/hcl-policy", TEXT, "from_port|to_port|fromport|toport",
	  "\\b(?:from_?[pP]ort|to_?[pP]ort|FromPort|ToPort)[\"']?\\s*[=:]\\s*[\"']?" PM_N,
	  PM_ROLE_POLICY, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "    from_port       = 4000", "    from_part = 4000" },
	{ "config/hcl-container", TEXT, "container",
	  "\\b(?<ident>[cC]ontainer_?[pP]ort|target_?[pP]ort|target_port)[\"']?\\s*[=:]\\s*[\"']"
	  "?" PM_N,
	  PM_ROLE_CONTAINER, PM_SIDE_CONTAINER, PM_SURE, NULL,
	  "      container_port   = 4000", "      container_name = 4000" },
	{ "config/hcl-host", TEXT, "host|node|static|published",
	  "(?:\\b(?<ident>host_?[pP]ort|node_?[pP]ort|published_?[pP]ort)[\"']?\\s*[=:]|"
	  "^\\s*static\\s*=)\\s*[\"']?" PM_N,
	  PM_ROLE_HOST_PORT, PM_SIDE_HOST, PM_SURE, NULL,
	  "      \"hostPort\": 4000,", "      \"hostName\": 4000," },
	{ "config/nomad-to", PM_KIND_HCL, "to",
	  "^\\s*to\\s*=\\s*" PM_N "\\s*$",
	  PM_ROLE_CONTAINER, PM_SIDE_CONTAINER, PM_LIKELY, "port\\s+\"[^\"]*\"\\s*\\{[^}]*$",
	  "port \"http\" {\n  to = 4000", "delay {\n  to = 4000" },
	{ "config/number-under-port", PM_KIND_YAML, "number", /* Ingress, Istio */
	  "^\\s*number:\\s*" PM_N "\\s*$",
	  PM_ROLE_ROUTE, PM_SIDE_UNKNOWN, PM_LIKELY, "(?i)\\bport:\\s*$",
	  "  port:\n    number: 4000", "  issue:\n    number: 4000" },

	/* lists and maps of ports */
	/* devcontainer, docker compose by hand, "3000:4000" */
	{ "config/forward-ports", TEXT, "port",
	  "(?i)\\b(?:forward|app|expose|publish)\\w*ports?[\"']?\\s*[:=]\\s*\\[(?:[^\\]\\n]"
	  "{0,200}?[\"'\\s,])?" PM_N "\\z",
	  PM_ROLE_HOST_PORT, PM_SIDE_HOST, PM_SURE, NULL,
	  "\"forwardPorts\": [4000, 5432],", "\"forwardLimits\": [4000]," },
	{ "config/ports-attribute", PM_KIND_JSON, "label|portsattributes|{",
	  "^\\s*\"" PM_N "\"\\s*:\\s*\\{",
	  PM_ROLE_HOST_PORT, PM_SIDE_HOST, PM_LIKELY, "(?i)port\\w*\"\\s*:\\s*\\{[^}]*$",
	  "\"portsAttributes\": {\n  \"4000\": {", "\"codes\": {\n  \"4000\": {" },
	{ "config/mappin"
	  "g", PM_KIND_YAML | PM_KIND_JSON | PM_KIND_TOML | PM_KIND_HCL | PM_KIND_DOC | PM_KIND_SHELL, ":",
	  "^[\\s>│|]*-\\s+[\"']?(?:[0-9.]+:)?" PM_N ":(?:[0-9]{2,5}|\\$\\{?\\w+[^}\"']*\\}?)"
	  "(?:/(?:tcp|udp))?[\"']?\\s*(?:#.*)?$",
	  PM_ROLE_HOST_PORT, PM_SIDE_HOST, PM_LIKELY, NULL,
	  "      - \"4000:3000\"  # web", "      - 4000:ab" },
	{ "config/mapping-inne"
	  "r", PM_KIND_YAML | PM_KIND_JSON | PM_KIND_TOML | PM_KIND_HCL | PM_KIND_DOC | PM_KIND_SHELL, ":",
	  "^[\\s>│|]*-\\s+[\"']?(?:[0-9.]+:)?(?:[0-9]{2,5}|\\$\\{\\w+[^}\"']*\\})"
	  ":" PM_N "(?:/(?:tcp|udp))?[\"']?\\s*(?:#.*)?$",
	  PM_ROLE_CONTAINER, PM_SIDE_CONTAINER, PM_LIKELY, NULL,
	  "      - \"${WEB_PORT:-3000}:4000\"", "      - \"x:4000\"" },
	{ "config/mapping-quoted", TEXT, ":",
	  "[\"'`](?=[0-9.])(?=[^\"'`]*[0-9]{3})(?:[0-9.]+:)?" PM_N ":[0-9]{2,5}(?:/(?:tcp|udp))?[\"'`]",
	  PM_ROLE_HOST_PORT, PM_SIDE_HOST, PM_LIKELY, NULL,
	  "ports = [\"4000:3000\"]", "ratio = \"4000:x\"" },
	{ "config/mapping-quoted-inner", TEXT, ":",
	  "[\"'`](?=[0-9.])(?=[^\"'`]*[0-9]{3})(?:[0-9.]+:)?[0-9]{2,5}:" PM_N "(?:/(?:tcp|udp))?[\"'`]",
	  PM_ROLE_CONTAINER, PM_SIDE_CONTAINER, PM_LIKELY, NULL,
	  "ports = [\"3000:4000\"]", "ratio = \"x:4000\"" },
	{ "config/mapping-flow", PM_KIND_YAML | PM_KIND_DOC, "ports", /* ports: [8002:8000] */
	  "\\bports:\\s*\\[(?:[^\\]\\n]{0,100}?[,\\s])?" PM_N ":[0-9]{2,5}\\b",
	  PM_ROLE_HOST_PORT, PM_SIDE_HOST, PM_LIKELY, NULL,
	  "ports: [4000:8000]", "parts: [4000:8000]" },
	{ "config/mapping-flow-inner", PM_KIND_YAML | PM_KIND_DOC, "ports",
	  "\\bports:\\s*\\[[^\\]\\n]{0,100}?[0-9]{2,5}:" PM_N "\\b",
	  PM_ROLE_CONTAINER, PM_SIDE_CONTAINER, PM_LIKELY, NULL,
	  "ports: [8002:4000]", "parts: [8002:4000]" },
	/* Istio portLevelMtls: 8000: */
	{ "config/port-key", PM_KIND_YAML | PM_KIND_TOML | PM_KIND_JSON, ":",
	  "^\\s*[\"']?" PM_N "[\"']?:\\s*$",
	  PM_ROLE_POLICY, PM_SIDE_CONTAINER, PM_LIKELY, "(?i)ports?(?:level\\w*)?[\"']?:\\s*$",
	  "  portLevelMtls:\n    4000:", "  codes:\n    4000:" },
	{ "config/ports-item", TEXT & ~PM_KIND_DOC, NULL, /* first entry of a list of ports */
	  "^\\s*-?\\s*[\"']?" PM_N "(?:/(?:tcp|udp))?[\"']?,?\\s*(?:(?:#|//).*)?$",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_LIKELY,
	  "(?i)(?:^|[^a-z])(?:[\\w-]*[_-])?ports?[\"']?\\s*[:=]\\s*[\\[(]?(?:\\s*-?\\s*[\"']?"
	  "[0-9]{1,5}(?:/\\w+)?[\"']?,?"
	  "[ \\t]*(?:(?:#|//)[^\\n]*)?\\n)*\\s*-?\\s*(?:[\"']?[0-9]{1,5}(?:/\\w+)?[\"']?,?[ \\t]*"
	  "(?:(?:#|//)[^\\n]*)?)?$",
	  "ports:\n  - 3000\n  - 4000  # web", "reports:\n  lines:\n  - 4000" },

	/* frameworks */
	{ "config/aspnet-urls", TEXT, "urls|url",
	  "(?i)(?:(?<ident>ASPNETCORE_URLS|applicationUrl|UseUrls|--urls)[\"']?\\s*(?:[=:(]|\\s)"
	  "\\s*[\"']?"
	  "(?:https?://[\\w.*+\\[\\]-]+:[0-9]+;)*|\"Url\":\\s*\"(?=https?://(?:[*+]|"
	  "0\\.0\\.0\\.0|\\[::\\])))"
	  "https?://[\\w.*+\\[\\]-]+:" PM_N "\\z",
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "\"applicationUrl\": \"https://localhost:5001;http://localhost:4000\",",
	  "\"applicationUrl\": \"https://localhost/4000\"," },
	{ "config/server-port", TEXT, "server",
	  "(?i)\\b(?<ident>(?:management\\.)?server\\.(?:https?[._-]?)?port)\\s*[=:]\\s*" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "server.port=4000", "server.portal=4000" },
	{ "config/ansible-port", PM_KIND_INI, "ansible",
	  "\\b(?<ident>ansible_port|ansible_ssh_port)\\s*=\\s*" PM_N,
	  PM_ROLE_URL, PM_SIDE_HOST, PM_SURE, NULL,
	  "web1 ansible_port=4000", "web1 ansible_forks=4000" },
	{ "config/inet-http", PM_KIND_INI, "=",
	  "(?i)^\\s*(?<ident>bind|listen|address|addr|http|https|endpoint|serve)"
	  "\\w*\\s*=\\s*[\"']?(?:[\\w.*]*|\\[[0-9a-f:]*\\]):" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "bind = 0.0.0.0:4000", "bind_max = 4000" },
	{ "config/toml-listen", PM_KIND_TOML | PM_KIND_YAML | PM_KIND_JSON, ":",
	  "(?i)\\b(?<ident>bind|listen|address|addr|httpListenAddr|listen_addr\\w*|http|endpoint|"
	  "entrypoint)\\w*[\"']?"
	  "\\s*[=:]\\s*[\"'](?:[\\w.*]*|\\[[0-9a-f:]*\\]):" PM_N,
	  PM_ROLE_LISTEN, PM_SIDE_UNKNOWN, PM_SURE, NULL,
	  "address = \":4000\"", "address = \"x 4000\"" },
};
PM_TABLE(pm_table_config, rows);

static bool accepts(const struct pm_file *f)
{
	return (pm_file_kind(f) & TEXT) != 0;
}

static int scan(const struct pm_file *f, struct pm_sink *out, struct pm_err *err)
{
	return pm_table_scan(&pm_table_config, f, out, err);
}

static const char *const globs[] = {
	"*.conf", "Caddyfile", "*.service", "*.plist", "*.tf", "*.properties", "appsettings*"
	  ".json",
	"package.json", "*.toml", "*.ini", "*.json", "*.xml", NULL
};

const struct pm_scanner pm_scanner_config = {
	.name = "config",
	.summary = "configuration files of servers, tools and frameworks",
	.globs = globs,
	.accepts = accepts,
	.scan = scan,
};
