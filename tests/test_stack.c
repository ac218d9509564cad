/* test_stack.c - Compose files as values: mappings, variables, when a service runs. */
#include "cases.h"

#include "stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *value(void *data, const char *name)
{
	(void)data;
	return strcmp(name, "SET") == 0 ? "7000" : NULL;
}

/* "ip lo-hi>inlo-inhi udp variable"; "none" when it is no mapping. */
static const struct { const char *name, *in, *want; } rows[] = {
	{ "mapping empty", "", "none" },
	{ "mapping word", "web", "none" },
	{ "mapping container only", "3000", " 0-0>3000-3000 tcp" },
	{ "mapping pair", "4900:3000", " 4900-4900>3000-3000 tcp" },
	{ "mapping equal", "4900:4900", " 4900-4900>4900-4900 tcp" },
	{ "mapping address", "127.0.0.1:4900:3000", "127.0.0.1 4900-4900>3000-3000 tcp" },
	{ "mapping address without host port", "127.0.0.1::3000", "127.0.0.1 0-0>3000-3000 tcp" },
	{ "mapping brackets", "[::1]:4900:3000", "::1 4900-4900>3000-3000 tcp" },
	{ "mapping without brackets", "::1:4900:3000", "::1 4900-4900>3000-3000 tcp" },
	{ "mapping udp", "53:53/udp", " 53-53>53-53 udp" },
	{ "mapping tcp in capitals", "53:53/TCP", " 53-53>53-53 tcp" },
	{ "mapping ranges", "8000-8003:9000-9003", " 8000-8003>9000-9003 tcp" },
	{ "mapping range onto one", "8000-8003:80", " 8000-8003>80-80 tcp" },
	{ "mapping range backwards", "8003-8000:80", "none" },
	{ "mapping host port 0", "0:80", " 0-0>80-80 tcp" },
	{ "mapping too large", "70000:80", "none" },
	{ "mapping fallback", "${PORT:-4900}:3000", " 4900-4900>3000-3000 tcp PORT" },
	{ "mapping fallback with a dash", "${PORT-4900}:3000", " 4900-4900>3000-3000 tcp PORT" },
	{ "mapping set variable", "${SET:-4900}:3000", " 7000-7000>3000-3000 tcp SET" },
	{ "mapping bare variable", "$SET:3000", " 7000-7000>3000-3000 tcp SET" },
	{ "mapping unknown variable", "${PORT}:3000", " 0-0>3000-3000 tcp PORT" },
	{ "mapping required variable", "${PORT:?set it}:3000", " 0-0>3000-3000 tcp PORT" },
	{ "mapping nested fallback", "${A:-${B:-4900}}:80", " 4900-4900>80-80 tcp A" },
	{ "mapping in one variable", "${MAP:-127.0.0.1:4900:80}",
	  "127.0.0.1 4900-4900>80-80 tcp MAP" },
	{ "mapping container variable", "4900:${INNER}", " 4900-4900>0-0 tcp INNER" },
	{ "mapping escaped dollar", "$$PORT:80", "none" },
	{ "mapping brace not closed", "${PORT:80", "none" },
};

static void mapping(void **state)
{
	const char *in = rows[(uintptr_t)*state].in;
	struct pm_arena a = { 0 };
	struct pm_stack_port p;
	char got[200] = "none";

	if (pm_stack_mapping(&p, &a, pm_str_of(in), value, NULL))
		snprintf(got, sizeof(got), "%s %u-%u>%u-%u %s%s%s", p.ip, p.lo, p.hi, p.in_lo,
			 p.in_hi, p.udp ? "udp" : "tcp", p.variable ? " " : "",
			 p.variable ? p.variable : "");
	assert_string_equal(got, rows[(uintptr_t)*state].want);
	pm_arena_release(&a);
}

static const char text[] = "services:\n"
			   "  shop:\n"
			   "    build: {context: ./shop}\n"
			   "    container_name: shop-1\n"
			   "    env_file: [.env, {path: shop/x.env, required: false}]\n"
			   "    profiles: [full]\n"
			   "    ports:\n"
			   "      - \"4900:3000\"\n"
			   "      - target: 80\n"
			   "        published: \"8080\"\n"
			   "        host_ip: 127.0.0.1\n"
			   "        protocol: udp\n"
			   "      - nonsense\n"
			   "  db:\n"
			   "    image: docker.io/library/postgres:16\n"
			   "    network_mode: host\n"
			   "    ports: !override []\n"
			   "  word: no\n";

static void file(void **state)
{
	struct pm_file f = { "deploy/compose.yml", text, sizeof(text) - 1 };
	struct pm_arena a = { 0 };
	struct pm_stack s = { 0 };

	(void)state;
	assert_true(pm_stack_read(&s, &a, &f, NULL, NULL));
	assert_int_equal(s.n, 2);
	assert_string_equal(s.v[0].name, "shop");
	assert_string_equal(s.v[0].container, "shop-1");
	assert_string_equal(s.v[0].build, "deploy/shop");
	assert_int_equal(s.v[0].n_env_files, 2);
	assert_string_equal(s.v[0].env_files[0], "deploy/.env");
	assert_string_equal(s.v[0].env_files[1], "deploy/shop/x.env");
	assert_string_equal(s.v[0].profiles[0], "full");
	assert_int_equal(s.v[0].n_ports, 2);
	assert_int_equal(s.v[0].ports[0].line, 8);
	assert_int_equal(s.v[0].ports[0].col, 10);
	assert_int_equal(s.v[0].ports[1].lo, 8080);
	assert_int_equal(s.v[0].ports[1].in_lo, 80);
	assert_true(s.v[0].ports[1].udp);
	assert_string_equal(s.v[0].ports[1].ip, "127.0.0.1");
	assert_string_equal(s.v[1].image, "postgres");
	assert_true(s.v[1].host_network);
	assert_true(s.v[1].replaces);
	assert_null(s.v[1].build);
	pm_arena_release(&a);
}

/* Cut at every byte: a stack or none, never a crash. */
static void cut(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		char *copy = pm_xrealloc(NULL, n + 1);
		struct pm_file f = { "compose.yml", copy, n };
		struct pm_arena a = { 0 };
		struct pm_stack s = { 0 };

		memcpy(copy, text, n);
		pm_stack_read(&s, &a, &f, NULL, NULL);
		pm_arena_release(&a);
		free(copy);
	}
}

static void others(void **state)
{
	struct pm_file f = { "notes.yml", "a: 1\n", 5 };
	struct pm_file list = { "compose.yml", "services: [a]\n", 14 };
	struct pm_file top = { "compose.yml", "- a\n", 4 };
	struct pm_arena a = { 0 };
	struct pm_stack s = { 0 };

	(void)state;
	assert_false(pm_stack_read(&s, &a, &f, NULL, NULL));
	assert_true(pm_stack_read(&s, &a, &list, NULL, NULL));
	assert_int_equal(s.n, 0);
	assert_true(pm_stack_read(&s, &a, &top, NULL, NULL));
	assert_int_equal(s.n, 0);
	pm_arena_release(&a);
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		pm_cases_add(&c, rows[i].name, mapping, (void *)(uintptr_t)i);
	pm_cases_add(&c, "stack file", file, NULL);
	pm_cases_add(&c, "stack cut at every byte", cut, NULL);
	pm_cases_add(&c, "stack other files", others, NULL);
	return pm_cases_run(&c, "stack");
}
