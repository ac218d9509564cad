/* test_resource.c - numbers that services share: every row of the table, whole texts, and files cut at
 * every byte. */
#include "cases.h"

#include "resource.h"

#include <stdlib.h>
#include <string.h>

/* What is found, as "line:number rule" joined with commas. */
static void scan(struct pm_buf *got, const char *path, struct pm_str text)
{
	struct pm_file f = { path, text.p, text.n };
	struct pm_arena arena = { 0 };
	struct pm_sink sink;

	pm_sink_init(&sink, &arena, &f, NULL);
	pm_resource_scan(&sink, &f);
	for (size_t i = 0; i < sink.hits.n; i++) {
		const struct pm_hit *h = &sink.hits.v[i];
		unsigned n;

		assert_true(h->span.off + h->span.len <= text.n);
		assert_true(pm_resource_number((struct pm_str){ text.p + h->span.off, h->span.len },
					       &n));
		assert_int_equal(n, h->port);
		pm_buf_addf(got, "%s%u:%u %s", i ? "," : "", h->line, h->port,
			    h->rule + strlen("resource/"));
	}
	pm_sink_release(&sink);
	pm_arena_release(&arena);
}

static void row(void **state)
{
	const struct pm_resource_row *r = pm_resource_row((size_t)(uintptr_t)*state);
	PM_CLEAN_BUF struct pm_buf hit = { 0 }, miss = { 0 }, want = { 0 };

	pm_buf_addf(&want, "1:5 %s", r->rule + strlen("resource/"));
	scan(&hit, "a.conf", pm_str_of(r->hit));
	scan(&miss, "a.conf", pm_str_of(r->miss));
	assert_string_equal(pm_buf_str(&hit), pm_buf_str(&want));
	assert_string_equal(pm_buf_str(&miss), "");
}

static const struct { const char *name, *in, *want; } texts[] = {
	{ "empty", "", "" },
	{ "no number", "REDIS_URL=redis://cache:6379\nREDIS_DB=\n", "" },
	{ "addresses", "A=redis://cache/0\nB=rediss://u:p@cache:6379/15?ssl=1\nC=valkey://${H:-c}/2\n",
	  "1:0 redis-url,2:15 redis-url,3:2 redis-url" },
	{ "an address with more path", "A=redis://cache:6379/5/x\nB=redis://cache:6379/5.1\n", "" },
	{ "variables", "REDIS_DB=5\n- SHOP_REDIS_DB_INDEX=6\nREDIS_CACHE_DB: \"7\"\nVALKEY_DATABASE: 8\n"
	  "x: ${REDIS_DB:-9}\n", "1:5 redis-variable,2:6 redis-variable,3:7 redis-variable,"
	  "4:8 redis-variable,5:9 redis-variable" },
	{ "defaults in programs", "int(os.getenv(\"REDIS_DB\", \"1\"))\nprocess.env.REDIS_DB || 2\n"
	  "parseInt(process.env['REDIS_DB'] ?? '3', 10)\nredisDb: 4,\nspring.redis.database=5\n",
	  "1:1 redis-variable,2:2 redis-variable,3:3 redis-variable,4:4 redis-variable,"
	  "5:5 redis-variable" },
	{ "a list of Kubernetes", "- name: REDIS_DB\n  value: \"5\"\n- name: OTHER\n  value: \"6\"\n",
	  "2:5 redis-variable" },
	{ "a key in a block", "redis:\n  host: cache\n  db: 5\nother:\n  db: 6\n", "3:5 redis-key" },
	{ "a key of a client", "c := redis.NewClient(&redis.Options{\n\tAddr: a,\n\tDB:   5,\n})\n",
	  "3:5 redis-key" },
	{ "a command", "redis-cli -n 5 ping | head -n 6\n", "1:5 redis-cli" },
	{ "no other number", "# redis\nREDIS_DB_PORT=6379\nREDIS_PORT=6379\nDB_POOL=5\nredis:7\nredis 5\n"
	  "image: redis:7.2\nREDIS_DB=05\nREDIS_DB=5.5\nREDIS_DB=5x\nREDIS_DBS=16\n", "" },
	{ "two on a line", "redis://cache/1 redis://cache/2\n", "1:1 redis-url,1:2 redis-url" },
};

static void text(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	PM_CLEAN_BUF struct pm_buf got = { 0 };

	scan(&got, "a.conf", pm_str_of(texts[i].in));
	assert_string_equal(pm_buf_str(&got), texts[i].want);
}

static void cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t n = 0; n <= strlen(texts[i].in); n++) {
			PM_CLEAN_BUF struct pm_buf got = { 0 };
			char *part = malloc(n + 1);

			assert_non_null(part);
			memcpy(part, texts[i].in, n);
			scan(&got, "a.yaml", (struct pm_str){ part, n });
			free(part);
		}
}

static void too_many(void **state)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	struct pm_arena arena = { 0 };
	struct pm_file f = { "dump.sql", NULL, 0 };
	struct pm_sink sink;

	(void)state;
	for (int i = 0; i <= PM_RESOURCE_MAX; i++)
		pm_buf_adds(&text, "REDIS_DB=5\n");
	f.bytes = text.v;
	f.len = text.n;
	pm_sink_init(&sink, &arena, &f, NULL);
	sink.bare = true;
	pm_resource_scan(&sink, &f);
	assert_int_equal(sink.hits.n, PM_RESOURCE_MAX);
	assert_true(sink.over);
	pm_sink_release(&sink);
	pm_arena_release(&arena);
}

static void numbers(void **state)
{
	static const struct { const char *in; bool is; unsigned n; } v[] = {
		{ "0", true, 0 }, { "15", true, 15 }, { "", false, 0 }, { "00", false, 0 },
		{ "05", false, 0 }, { "-1", false, 0 }, { "70000", false, 0 }, { "5 ", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		unsigned n = 99;

		assert_int_equal(pm_resource_number(pm_str_of(v[i].in), &n), v[i].is);
		if (v[i].is)
			assert_int_equal(n, v[i].n);
	}
	assert_string_equal(pm_resource_kind(PM_STR("redis-db")), "redis-db");
	assert_null(pm_resource_kind(PM_STR("redis")));
	assert_null(pm_resource_kind(PM_STR("")));
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; pm_resource_row(i); i++)
		pm_cases_add(&c, pm_resource_row(i)->rule, row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		pm_cases_add(&c, texts[i].name, text, (void *)(uintptr_t)i);
	pm_cases_add(&c, "cut at every byte", cut, NULL);
	pm_cases_add(&c, "too many to be written by hand", too_many, NULL);
	pm_cases_add(&c, "numbers and kinds", numbers, NULL);
	return pm_cases_run(&c, "resource");
}
