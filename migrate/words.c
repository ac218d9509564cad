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
	{ "rest", 2 },       { "server", 2 },     { "site", 8 },      { "socket", 11 },
	{ "swagger", 2 },    { "ui", 1 },         { "web", 1 },       { "webapp", 1 },
	{ "website", 8 },    { "websocket", 11 }, { "worker", 6 },    { "workers", 6 },
	{ "ws", 11 },        { "www", 8 },
};

/* Sorted. */
static const char *const noise[] = {
	"a", "addr", "address", "allowed", "an", "and", "app", "application", "apps", "arg",
	"args", "as", "at", "auto", "available", "base", "be", "bind", "browser", "build", "by",
	"canary", "cd", "check", "ci", "client", "cluster", "cmd", "code", "com", "command",
	"compose", "config", "configuration", "connect", "const", "container",
	"cors", "curl", "data", "default", "deploy", "deployment", "dev", "development", "docker",
	"dockerfile", "domain", "e2e", "echo", "endpoint", "entry", "env", "environment", "expect",
	"expo", "export", "expose", "external", "false", "fetch", "file", "for", "from", "fs",
	"func", "function", "get", "getenv", "global", "go", "grpc", "has", "health", "healthcheck",
	"healthy", "helm", "host", "hosts", "http", "https", "id", "if", "image", "import", "in",
	"info", "int", "internal", "io", "is", "it", "java", "job", "js", "json", "k8s", "key",
	"kube", "kubernetes", "let", "lib", "listen", "live", "load", "local", "localhost", "log",
	"main", "manager", "md", "module", "monorepo", "name", "net", "network", "new", "next",
	"node", "none", "not", "null", "number", "nuxt", "of", "old", "on", "open",
	"option", "options", "or", "org", "origin", "origins", "package", "path", "php", "platform",
	"pm", "pod", "port", "ports", "prefix", "preview", "primary", "private", "process", "prod",
	"production", "project", "protocol", "public", "py", "python", "react", "readme", "ready",
	"redirect", "release", "remote", "repo", "response", "result", "return", "root", "route",
	"routes", "rs", "run", "running", "rust", "schema", "script", "sdk", "secret", "secure",
	"self", "serve", "service", "services", "set", "settings", "setup", "shared", "src",
	"stack", "stage", "staging", "start", "static", "status", "stop", "str", "string", "svc",
	"system", "tcp", "template", "test", "testing", "tests", "the", "this", "to", "true", "ts",
	"type", "udp", "unit", "up", "uri", "url", "urls", "use", "utils", "v1",
	"v2", "value", "values", "var", "version", "vite", "wait", "with", "yaml", "yml", "your",
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

const char *pm_word_noise_at(size_t i)
{
	return i < sizeof(noise) / sizeof(noise[0]) ? noise[i] : NULL;
}

const char *pm_word_role_at(size_t i)
{
	return i < sizeof(roles) / sizeof(roles[0]) ? roles[i].word : NULL;
}
