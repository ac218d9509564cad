/*
 * words.c - words that say what a service does (roles) or nothing at all (noise).
 *
 * General vocabulary of port schemas, compose files and environment variables; no name of any
 * particular project belongs here.
 */
#include "words.h"

#include <stdlib.h>
#include <string.h>

/* Role words by group: words of one group are used for each other. Sorted by word. */
static const struct { const char *word; unsigned group; } roles[] = {
	{ "admin", 3 },      { "api", 2 },        { "backend", 2 },   { "backoffice", 3 },
	{ "console", 5 },    { "dashboard", 5 },  { "docs", 4 },      { "documentation", 4 },
	{ "front", 1 },      { "frontend", 1 },   { "gateway", 7 },   { "graphql", 2 },
	{ "landing", 8 },    { "landings", 8 },   { "marketing", 8 }, { "metrics", 9 },
	{ "mobile", 10 },    { "panel", 3 },      { "proxy", 7 },     { "realtime", 11 },
	{ "rest", 2 },       { "site", 8 },       { "socket", 11 },
	{ "swagger", 2 },    { "ui", 1 },         { "web", 1 },       { "webapp", 1 },
	{ "website", 8 },    { "websocket", 11 }, { "worker", 6 },    { "workers", 6 },
	{ "ws", 11 },        { "www", 8 },
};

/* Sorted. */
static const char *const noise[] = {
	"a", "access", "actuator", "addr", "address", "all", "allow", "allowed", "an", "and",
	"any", "app", "application", "apps", "arg", "args", "as", "at", "authentication",
	"authorization", "auto", "available", "back", "backends", "base", "baseurl", "be",
	"bin", "bind", "brand", "browser", "build", "by", "callback", "canary", "cancel", "cd",
	"check", "ci", "cli", "client", "cluster", "cmd", "code", "com", "command", "common",
	"component", "components", "compose", "config", "configuration", "conn", "connect",
	"connection", "const", "container", "core", "cors", "curl", "data", "default", "deny",
	"deploy", "deployment", "destination", "dev", "development", "doc", "docker",
	"dockerfile", "domain", "dsn", "e2e", "echo", "egress", "endpoint", "entry", "env",
	"environment", "error", "example", "expect", "expo", "export", "expose", "exposed",
	"external", "fake", "fallback", "false", "feature", "features", "fetch", "file",
	"first", "for", "forward", "from", "fs", "full", "func", "function", "get", "getenv",
	"global", "go", "grpc", "has", "health", "healthcheck", "healthy", "helm", "helper",
	"helpers", "host", "hosts", "hpa", "http", "https", "id", "if", "image", "import", "in",
	"index", "info", "ingress", "instance", "int", "internal", "io", "is", "it", "item",
	"items", "java", "job", "js", "json", "k8s", "key", "kube", "kubernetes", "label",
	"labels", "last", "let", "level", "lib", "libs", "line", "list", "listen", "listener",
	"live", "load", "local", "localhost", "log", "login", "logout", "machine", "main",
	"management", "manager", "match", "md", "mock", "mode", "module", "monorepo", "mtls",
	"name", "net", "netpol", "network", "networkpolicy", "new", "next", "no", "node",
	"none", "not", "note", "null", "num", "number", "nuxt", "of", "ok", "old", "on", "open",
	"option", "options", "or", "org", "origin", "origins", "package", "page", "pages",
	"path", "pdb", "peer", "php", "platform", "pm", "pod", "policies", "policy", "port",
	"ports", "prefix", "preview", "primary", "private", "process", "prod", "production",
	"project", "protocol", "public", "publish", "published", "py", "python", "quick",
	"react", "readme", "ready", "redirect", "release", "remote", "replica", "repo",
	"response", "result", "return", "root", "route", "routes", "rs", "rule", "rules", "run",
	"running", "rust", "sample", "schema", "script", "sdk", "secret", "section", "secure",
	"self", "serve", "server", "servers", "service", "services", "set", "settings", "setup",
	"shared", "source", "spec", "src", "ssl", "stack", "stage", "staging", "start",
	"static", "status", "stop", "str", "string", "success", "svc", "system", "target",
	"tcp", "template", "test", "testing", "tests", "text", "the", "this", "tls", "to",
	"token", "tool", "tools", "total", "true", "ts", "type", "udp", "unit", "up",
	"upstream", "uri", "url", "urls", "use", "util", "utils", "v1", "v2", "value", "values",
	"var", "vendor", "version", "virtual", "vite", "wait", "warn", "warning", "window",
	"with", "yaml", "yes", "yml", "your",
};

/* Words at the end (or the beginning) of a service's name that do not tell it from others. Sorted. */
static const char *const affixes[] = {
	"allow", "app", "application", "canary", "client", "cluster", "config", "configmap",
	"container", "cpp", "default", "deny", "deploy", "deployment", "dev", "development",
	"docker", "dotnet", "egress", "external", "go", "golang", "hpa", "ingress", "internal",
	"java", "js", "kotlin", "lib", "local", "main", "netpol", "network", "networkpolicy",
	"node", "nodejs", "pdb", "php", "pod", "policy", "primary", "prod", "production", "pvc",
	"py", "python", "rs", "rust", "sa", "sdk", "secret", "secrets", "server", "service",
	"services", "src", "stage", "staging", "svc", "test", "testing", "ts", "v1", "v2",
};

static int compare_role(const void *key, const void *row)
{
	return strcmp(key, *(const char *const *)row);
}

unsigned pm_role_group(const char *lower)
{
	const void *row = bsearch(lower, roles, sizeof(roles) / sizeof(roles[0]),
				  sizeof(roles[0]), compare_role);

	return row ? roles[((const char *)row - (const char *)roles) / sizeof(roles[0])].group : 0;
}

bool pm_word_is_noise(const char *lower)
{
	return bsearch(lower, noise, sizeof(noise) / sizeof(noise[0]), sizeof(noise[0]),
		       compare_role) != NULL;
}

bool pm_word_is_affix(const char *lower)
{
	return bsearch(lower, affixes, sizeof(affixes) / sizeof(affixes[0]), sizeof(affixes[0]),
		       compare_role) != NULL;
}

const char *pm_word_affix_at(size_t i)
{
	return i < sizeof(affixes) / sizeof(affixes[0]) ? affixes[i] : NULL;
}

/* What products are called in settings: by their protocol, or by their other name. */
static const struct { const char *product, *also[3]; } others[] = {
	{ "amqp", { "rabbitmq" } },       { "elasticsearch", { "elastic" } },
	{ "mariadb", { "mysql" } },       { "minio", { "s3" } },
	{ "mongo", { "mongodb" } },       { "mongodb", { "mongo" } },
	{ "postgres", { "postgresql", "pg" } }, { "postgresql", { "postgres", "pg" } },
	{ "rabbitmq", { "amqp" } },       { "smtp", { "mail" } },
};

const char *pm_word_also(const char *lower, size_t i)
{
	for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
		if (strcmp(others[k].product, lower) == 0)
			return i < 3 ? others[k].also[i] : NULL;
	return NULL;
}

const char *pm_word_noise_at(size_t i)
{
	return i < sizeof(noise) / sizeof(noise[0]) ? noise[i] : NULL;
}

const char *pm_word_role_at(size_t i)
{
	return i < sizeof(roles) / sizeof(roles[0]) ? roles[i].word : NULL;
}
