/* check_role.c - what a row or an offset is for, by its words. */
#include "check_impl.h"

struct role {
	unsigned class;
	const char *const *words;
};

#define WORDS(...) (const char *const[]){ __VA_ARGS__, NULL }

/* Where a program runs outweighs what it is: "API (Dev)" is for development. */
static const struct role environments[] = {
	{ PM_IS_DEV, WORDS("dev", "development") },
	{ PM_IS_TEST, WORDS("test", "tests", "testing", "e2e") },
	{ PM_IS_STAGING, WORDS("staging", "preview", "previews") },
};

/* The more special before the more general: an admin's user interface is the former. */
static const struct role special[] = {
	{ PM_IS_METRICS, WORDS("metrics", "observability", "prometheus", "exporter", "tracing",
			       "telemetry", "monitoring") },
	{ PM_IS_ADMIN, WORDS("admin", "administration", "backoffice", "back office") },
	{ PM_IS_DOCS, WORDS("docs", "documentation", "swagger", "storybook") },
	{ PM_IS_SITE, WORDS("marketing", "landing", "website") },
	{ PM_IS_DEMO, WORDS("demo", "demos") },
	{ PM_IS_FLAGS, WORDS("flags", "feature flags", "a-b", "experiments") },
	{ PM_IS_EDGE, WORDS("edge", "cdn") },
	{ PM_IS_REALTIME, WORDS("websocket", "websockets", "ws", "sse", "real-time", "realtime",
				"collaboration", "socket", "streaming") },
	{ PM_IS_WORKER, WORDS("worker", "workers", "crawler", "indexer", "executor", "scheduler",
			      "queue", "cron", "job", "jobs", "consumer", "processor", "analyzer",
			      "analyser", "calculator", "renderer", "sync", "background") },
	{ PM_IS_INTERNAL, WORDS("internal", "grpc", "registry", "search", "opensearch",
				"elasticsearch", "meilisearch", "typesense", "localstack", "minio",
				"object storage", "cache", "postgres", "postgresql", "redis",
				"valkey", "mysql", "mongodb", "database", "rabbitmq", "kafka",
				"nats", "memcached") },
};
static const struct role general[] = {
	{ PM_IS_API, WORDS("api", "rest", "graphql", "backend", "gateway", "http") },
	{ PM_IS_WEB, WORDS("web", "ui", "frontend", "dashboard", "studio", "app", "portal",
			   "storefront", "site", "console", "playground") },
};

static unsigned find(const struct role *v, size_t n, struct pm_str s)
{
	unsigned found = 0;

	for (size_t i = 0; i < n; i++)
		if (pm_has_any(s, v[i].words))
			found |= v[i].class;
	return found;
}

#define FIND(table, s) find(table, sizeof(table) / sizeof((table)[0]), s)

unsigned pm_role_of_text(struct pm_str s)
{
	unsigned found = FIND(environments, s);

	if (!found)
		found = FIND(special, s);
	return found ? found : FIND(general, s);
}

unsigned pm_role_of_row(const struct pm_endpoint *e)
{
	const char *said[] = { e->role, e->container, e->name, e->note };
	unsigned found = 0;

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]) && !found; i++)
		found = pm_role_of_text(pm_str_of(said[i]));
	return found;
}
