/* words.c - small text helpers of the schema reader. */
#include "reader.h"

#include <string.h>

struct pm_str pm_md_str(const struct pm_md_text *t)
{
	return (struct pm_str){ t->p, t->n };
}

const char *pm_arena_str(struct pm_arena *a, struct pm_str s)
{
	return pm_arena_strndup(a, s.p, s.n);
}

bool pm_has_word(struct pm_str s, const char *word)
{
	size_t n = strlen(word), from = 0;

	for (;;) {
		struct pm_str rest = { s.p + from, s.n - from };
		size_t i = pm_str_find(rest, word, true);

		if (i == SIZE_MAX)
			return false;
		i += from;
		if ((i == 0 || !pm_is_word(s.p[i - 1])) &&
		    (i + n == s.n || !pm_is_word(s.p[i + n])))
			return true;
		from = i + 1;
	}
}

bool pm_has_any(struct pm_str s, const char *const *words)
{
	for (; *words; words++)
		if (pm_has_word(s, *words))
			return true;
	return false;
}

enum pm_speaks pm_schema_speaks(const char *name, const char *role, const char *note)
{
	static const char *const web[] = { "api", "web", "ui", "docs", "metrics", "dashboard",
		"admin", "frontend", "site", "website", "console", "http", "rest", "app",
		/* engines that programs and pages ask over HTTP */
		"search", "meilisearch", "typesense", "elasticsearch", "opensearch", "solr", "searxng",
		NULL };
	static const char *const other[] = { "postgres", "postgresql", "redis", "mysql", "mongodb",
		"database", "db", "mariadb", "mongo", "valkey", "memcached", "rabbitmq", "mqtt", "smtp",
		"amqp", "kafka", "nats", "worker", "bolt", "tcp", "udp", NULL };
	const struct pm_str texts[] = { pm_str_of(role), pm_str_of(name), pm_str_of(note) };

	for (size_t i = 0; i < 3; i++)
		if (pm_has_any(texts[i], web))
			return PM_SPEAKS_HTTP;
	for (size_t i = 0; i < 3; i++)
		if (pm_has_any(texts[i], other))
			return PM_SPEAKS_OTHER;
	return PM_SPEAKS_UNKNOWN;
}
