/* test_schema_yaml.c - portmig's own schema format: what it reads, refuses and writes. */
#include "cases.h"
#include "schema.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *input(void **state)
{
	char path[4096];
	size_t n;
	char *text;

	snprintf(path, sizeof(path), "%s/input.md", (const char *)*state);
	text = pm_read_file(path, &n);
	assert_non_null(text);
	return text;
}

/* pm_schema_show without line numbers and without what was not understood. */
static void show(const struct pm_schema *s, struct pm_buf *out)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	const char *end, *p;

	pm_schema_show(s, &b);
	end = strstr(pm_buf_str(&b), "\nNot understood");
	end = end ? end : b.v + b.n;
	for (p = b.v; p < end; p++) {
		if (strncmp(p, "  (line ", 8) == 0)
			while (p < end && *p != '\n')
				p++;
		pm_buf_addc(out, *p);
	}
}

static void round_trip(void **state, const char *path,
		       void (*export)(const struct pm_schema *s, struct pm_buf *out))
{
	char *text = input(state);
	struct pm_schema a = { 0 }, b = { 0 };
	struct pm_err err = { 0 };
	struct pm_buf first = { 0 }, second = { 0 }, shown_a = { 0 }, shown_b = { 0 };

	assert_int_equal(pm_schema_parse(&a, "input.md", pm_str_of(text), &err), 0);
	export(&a, &first);
	if (pm_schema_parse(&b, path, (struct pm_str){ first.v, first.n }, &err))
		fail_msg("%s at %s\n%s", err.text, err.where, pm_buf_str(&first));
	export(&b, &second);
	assert_string_equal(pm_buf_str(&first), pm_buf_str(&second));
	show(&a, &shown_a);
	show(&b, &shown_b);
	assert_string_equal(pm_buf_str(&shown_a), pm_buf_str(&shown_b));
	for (size_t i = 0; i < b.services.n; i++)
		for (size_t k = 0; k < b.services.v[i].n; k++) {
			const struct pm_endpoint *e = &b.services.v[i].endpoints[k];
			char port[16];
			int n = snprintf(port, sizeof(port), "%u", e->lo);

			if (e->lo)
				assert_memory_equal(first.v + e->src.span.off, port, (size_t)n);
		}
	pm_buf_release(&first);
	pm_buf_release(&second);
	pm_buf_release(&shown_a);
	pm_buf_release(&shown_b);
	pm_schema_release(&a);
	pm_schema_release(&b);
	free(text);
}

static void yaml_folder(void **state)
{
	round_trip(state, "x.yaml", pm_schema_export_yaml);
}

static void json_folder(void **state)
{
	round_trip(state, "x.json", pm_schema_export_json);
}

#define DOC "portmig-schema: 1\n"

/* Documents that are read: the text form of what they say about services. */
static const struct { const char *name, *in; const char *endpoint; unsigned lo, hi; } good[] = {
	{ "yaml: shortest", DOC "services:\n- {name: api, ports: 3001}\n", "api", 3001, 3001 },
	{ "yaml: endpoints", DOC "services:\n- name: api\n  endpoints:\n  - {ports: 3001-3009, role: Workers}\n",
	  "api-workers", 3001, 3009 },
	{ "yaml: quoted", DOC "services:\n- {name: \"api\", ports: '3001'}\n", "api", 3001, 3001 },
	{ "yaml: dynamic", DOC "services:\n- {name: api, state: dynamic}\n- {name: b, ports: 1}\n",
	  "api", 0, 0 },
	{ "yaml: container", DOC "services:\n- {name: api, ports: 3001, container: shop-api}\n",
	  "shop-api", 3001, 3001 },
	{ "yaml: JSON", "{\"portmig-schema\": 1, \"services\": [{\"name\": \"a\", \"ports\": 7101}]}",
	  "a", 7101, 7101 },
	{ "yaml: range by id", DOC "ranges:\n- {id: core, ports: 3000-3099, name: Core}\n"
	  "services:\n- {name: a, ports: 3001, range: core}\n", "a", 3001, 3001 },
};

static void good_row(void **state)
{
	size_t row = (size_t)(uintptr_t)*state;
	struct pm_schema s = { 0 };
	struct pm_err err = { 0 };
	const struct pm_endpoint *e;

	if (pm_schema_parse(&s, "s.yml", pm_str_of(good[row].in), &err))
		fail_msg("%s at %s", err.text, err.where);
	e = &s.services.v[0].endpoints[0];
	assert_string_equal(e->name, good[row].endpoint);
	assert_int_equal(e->lo, good[row].lo);
	assert_int_equal(e->hi, good[row].hi);
	pm_schema_release(&s);
}

static const struct { const char *name, *in, *text, *where; } bad[] = {
	{ "yaml: empty", "", "no service row understood", "s.yml" },
	{ "yaml: no format", "services:\n- {name: a, ports: 1}\n", "'portmig-schema' is missing", "s.yml:1:1" },
	{ "yaml: other format", "portmig-schema: 2\n", "format 2", "s.yml:1:1" },
	{ "yaml: unknown key", DOC "servces: []\n", "unknown key 'servces' of a schema", "s.yml:2:1" },
	{ "yaml: unknown key of a service", DOC "services:\n- {name: a, port: 1}\n",
	  "unknown key 'port' of a service", "s.yml:3:13" },
	{ "yaml: key twice", DOC "title: a\ntitle: b\n", "stands twice", "s.yml:3:1" },
	{ "yaml: port 70000", DOC "services:\n- {name: a, ports: 70000}\n",
	  "'70000' is not a port: a port is between 1 and 65535", "s.yml:3:20" },
	{ "yaml: lost dash", DOC "services:\n- {name: a, ports: 30003009}\n", "a dash seems to be lost", "s.yml:3:20" },
	{ "yaml: port with words", DOC "services:\n- {name: a, ports: 3001 or so}\n", "write 3001", "s.yml:3" },
	{ "yaml: no ports", DOC "services:\n- {name: a}\n", "needs the key 'ports'", "s.yml:3" },
	{ "yaml: no name", DOC "services:\n- {ports: 3001}\n", "needs the key 'name'", "s.yml:3" },
	{ "yaml: dynamic with port", DOC "services:\n- {name: a, ports: 1, state: dynamic}\n",
	  "a dynamic endpoint has no ports", "s.yml:3" },
	{ "yaml: same service", DOC "services:\n- {name: a, ports: 1}\n- {name: a, ports: 2}\n",
	  "duplicate service 'a', first at line 3", "s.yml:4" },
	{ "yaml: same role", DOC "services:\n- name: a\n  endpoints:\n  - {ports: 1}\n  - {ports: 2}\n",
	  "duplicate service 'a': 2 here, 1 at line 5", "s.yml:6" },
	{ "yaml: unknown state", DOC "services:\n- {name: a, ports: 1, state: gone}\n",
	  "'gone' is no state", "s.yml:3" },
	{ "yaml: services is a map", DOC "services: {a: 1}\n", "services is a list", "s.yml:2" },
	{ "yaml: a service is a text", DOC "services: [a]\n", "a service is a map", "s.yml:2:12" },
	{ "yaml: title is a list", DOC "title: [a]\n", "'title' takes a single value", "s.yml:2:8" },
	{ "yaml: range unknown", DOC "services:\n- {name: a, ports: 1, range: x}\n",
	  "no range above has the id 'x'", "s.yml:3" },
	{ "yaml: range id twice", DOC "ranges:\n- {id: x, ports: 1-2}\n- {id: x, ports: 3-4}\n",
	  "two ranges have the id 'x'", "s.yml:4" },
	{ "yaml: not boolean", DOC "aspirational: maybe\n", "is true or false", "s.yml:2" },
	{ "yaml: move without to", DOC "migration:\n- {service: a, moves: [{from: 1}]}\n",
	  "a move needs 'from' and 'to'", "s.yml:3" },
	{ "yaml: ports and endpoints", DOC "services:\n- {name: a, ports: 1, endpoints: []}\n",
	  "not both", "s.yml:3" },
	{ "yaml: two documents", DOC "---\n" DOC, "2 documents", "s.yml" },
	{ "yaml: broken", DOC "services: [\n", "", "s.yml" },
};

static void bad_row(void **state)
{
	size_t row = (size_t)(uintptr_t)*state;
	struct pm_schema s = { 0 };
	struct pm_err err = { 0 };
	int rc = pm_schema_parse(&s, "s.yml", pm_str_of(bad[row].in), &err);

	assert_true(rc == PM_E_SCHEMA || rc == PM_E_PARSE);
	if (!strstr(err.text, bad[row].text))
		fail_msg("'%s' lacks '%s'", err.text, bad[row].text);
	if (!strstr(err.where, bad[row].where))
		fail_msg("'%s' is not '%s'", err.where, bad[row].where);
	assert_null(s.services.v);
}

static void hostile_names(void **state)
{
	struct pm_schema s = { 0 }, again = { 0 };
	struct pm_err err = { 0 };
	struct pm_buf yaml = { 0 }, json = { 0 };
	json_t *tree;

	(void)state;
	assert_int_equal(pm_schema_parse(&s, "p.md", pm_str_of(
		"# P\n\n| Port | Service | Notes |\n|---|---|---|\n"
		"| 7101 | a: b # c | - [x] \"y\" \xf0\x9f\x94\xb5 \xff \x1b[2J |\n"
		"| 7102 | yes | null |\n"), &err), 0);
	pm_schema_export_yaml(&s, &yaml);
	if (pm_schema_parse(&again, "p.yaml", (struct pm_str){ yaml.v, yaml.n }, &err))
		fail_msg("%s at %s\n%s", err.text, err.where, pm_buf_str(&yaml));
	assert_string_equal(again.services.v[0].title, s.services.v[0].title);
	assert_string_equal(again.services.v[1].endpoints[0].note, "null");
	pm_schema_export_json(&s, &json);
	tree = json_loadb(json.v, json.n, 0, NULL);
	assert_non_null(tree);
	json_decref(tree);
	pm_schema_release(&s);
	pm_schema_release(&again);
	pm_buf_release(&yaml);
	pm_buf_release(&json);
}

static void unknown_extension(void **state)
{
	struct pm_schema s = { 0 };
	struct pm_err err = { 0 };

	(void)state;
	assert_int_equal(pm_schema_parse(&s, "ports.xls", pm_str_of("x"), &err), PM_E_SCHEMA);
	assert_non_null(strstr(err.text, "neither Markdown nor YAML"));
}

/* The example of docs/schema.md is what we read. */
static void documented_example(void **state)
{
	size_t n;
	char *text = pm_read_file(PM_SOURCE_DIR "/docs/schema.md", &n), *from, *to;
	struct pm_schema s = { 0 };
	struct pm_err err = { 0 };

	(void)state;
	assert_non_null(text);
	from = strstr(text, "```yaml\nportmig-schema: 1");
	assert_non_null(from);
	from += 8;
	to = strstr(from, "```");
	assert_non_null(to);
	if (pm_schema_parse(&s, "docs.yaml", (struct pm_str){ from, (size_t)(to - from) }, &err))
		fail_msg("%s at %s", err.text, err.where);
	assert_true(s.services.n && s.ranges.n && s.reserved.n && s.hosts.n && s.steps.n &&
		    s.offsets.n && s.resources.n && s.envvars.n && s.checklist.n && s.changelog.n);
	pm_schema_release(&s);
	free(text);
}

int main(void)
{
	struct pm_cases c = { 0 };

	pm_cases_add_folders(&c, "schema", yaml_folder);
	pm_cases_add_folders(&c, "schema", json_folder);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		pm_cases_add(&c, good[i].name, good_row, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		pm_cases_add(&c, bad[i].name, bad_row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "yaml: hostile names", hostile_names, NULL);
	pm_cases_add(&c, "yaml: unknown extension", unknown_extension, NULL);
	pm_cases_add(&c, "yaml: the documented example", documented_example, NULL);
	return pm_cases_run(&c, "schema_yaml");
}
