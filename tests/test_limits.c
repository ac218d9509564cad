/*
 * test_limits.c - every limit that a user can meet (docs/limits.md), at it and one past it: at it all is
 * well, past it there is a message that names it. tests/e2e/limits.sh compares the page with the code,
 * and has the limits of files on the disk.
 */
#include "cases.h"
#include "repo.h"

#include "apply.h"
#include "attribute.h"
#include "base/md.h"
#include "base/re.h"
#include "base/yaml.h"
#include "cache.h"
#include "config.h"
#include "findings.h"
#include "git.h"
#include "pack_impl.h"
#include "plan.h"
#include "scanner.h"
#include "schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text, and what reads it. `past` makes the text that is one too much. */
struct row {
	const char *name;
	void (*make)(struct pm_buf *text, bool past);
	int (*read)(struct pm_str text, struct pm_err *err);
	int at, beyond;   /* what `read` returns */
	const char *says; /* past the limit */
};

static void repeat(struct pm_buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pm_buf_adds(b, s);
}

/* ---- documents ---- */

static int read_md(struct pm_str text, struct pm_err *err)
{
	struct pm_schema s = { 0 };
	int rc = pm_schema_parse_md(&s, "PORTS.md", text, err);

	if (rc == 0)
		pm_schema_release(&s);
	return rc;
}

static int read_schema_yaml(struct pm_str text, struct pm_err *err)
{
	struct pm_schema s = { 0 };
	int rc = pm_schema_parse_yaml(&s, "ports.yaml", text, err);

	if (rc == 0)
		pm_schema_release(&s);
	return rc;
}

static const char table[] = "| Port | Service |\n|---|---|\n| 4100 | shop |\n";

static void document(struct pm_buf *b, bool past)
{
	pm_buf_adds(b, table);
	pm_buf_pad(b, '\n', (8u << 20) + past - b->n);
}

static void line(struct pm_buf *b, bool past)
{
	pm_buf_adds(b, table);
	pm_buf_addc(b, '\n');
	pm_buf_pad(b, 'x', (64u << 10) + past);
	pm_buf_addc(b, '\n');
}

static void columns(struct pm_buf *b, bool past)
{
	const size_t n = 254u + past;

	pm_buf_adds(b, "| Port | Service |");
	repeat(b, " x |", n);
	pm_buf_adds(b, "\n|---|---|");
	repeat(b, "---|", n);
	pm_buf_adds(b, "\n| 4100 | shop |");
	repeat(b, " x |", n);
}

static void ports_of_service(struct pm_buf *b, bool past)
{
	pm_buf_adds(b, "portmig-schema: 1\nservices:\n- name: shop\n  endpoints:\n");
	for (unsigned i = 0; i < 4096u + past; i++)
		pm_buf_addf(b, "  - ports: %u\n    role: r%u\n", 10000 + i, i);
}

static void ports_of_cell(struct pm_buf *b, bool past)
{
	pm_buf_adds(b, "| Port | Service |\n|---|---|\n| 4100");
	for (unsigned i = 1; i < 64u + past; i++)
		pm_buf_addf(b, ", %u", 4100 + i);
	pm_buf_adds(b, " | shop |\n");
}

/* ---- YAML, portmig.yaml, a baseline ---- */

static int read_yaml(struct pm_str text, struct pm_err *err)
{
	struct pm_arena a = { 0 };
	struct pm_yaml y;
	int rc = pm_yaml_parse(&y, &a, "a.yaml", text, err);

	pm_arena_release(&a);
	return rc;
}

static void levels(struct pm_buf *b, bool past)
{
	pm_buf_pad(b, '[', 128u + past);
	pm_buf_pad(b, ']', 128u + past);
}

static void nodes(struct pm_buf *b, bool past)
{
	repeat(b, "- 1\n", 1999999u + past); /* and the list itself */
}

static int read_config(struct pm_str text, struct pm_err *err)
{
	struct pm_config c = { 0 };
	int rc = pm_config_parse(&c, "portmig.yaml", text, err);

	if (rc == 0)
		pm_config_release(&c);
	return rc;
}

static void config(struct pm_buf *b, bool past)
{
	pm_buf_adds(b, "past: [docs]\n#");
	pm_buf_pad(b, 'x', (1u << 20) + past - b->n);
}

static void regex(struct pm_buf *b, bool past)
{
	static const char re[] = "(?<port>\\d+)";

	pm_buf_addf(b, "patterns:\n- name: own\n  regex: '%s", re);
	pm_buf_pad(b, 'x', 4096u + past - (sizeof(re) - 1));
	pm_buf_adds(b, "'\n");
}

static int read_baseline(struct pm_str text, struct pm_err *err)
{
	struct pm_arena a = { 0 };
	struct pm_baseline b = { 0 };
	int rc = pm_baseline_parse(&b, &a, "baseline.json", text, err);

	pm_arena_release(&a);
	return rc;
}

static void baseline(struct pm_buf *b, bool past)
{
	pm_buf_adds(b, "{\"format\": \"portmig-baseline\", \"version\": 1, \"findings\": []}");
	pm_buf_pad(b, '\n', (64u << 20) + past - b->n);
}

/* ---- files of a repository ---- */

static int scan(struct pm_str text, struct pm_err *err)
{
	struct pm_file f = { "data.txt", text.p, text.n };
	struct pm_arena a = { 0 };
	struct pm_sink s;
	int rc;

	pm_sink_init(&s, &a, &f, NULL);
	s.bare = true;
	rc = pm_scan_file(&s, &f, true, err); /* a number alone is one find */
	pm_sink_release(&s);
	pm_arena_release(&a);
	return rc;
}

static void finds(struct pm_buf *b, bool past)
{
	repeat(b, "80\n", 250000u + past);
}

static const struct row rows[] = {
	{ "document", document, read_md, 0, PM_E_LIMIT, "8 MB" },
	{ "document-line", line, read_md, 0, PM_E_LIMIT, "64 KiB" },
	{ "table-columns", columns, read_md, 0, PM_E_LIMIT, "256 columns" },
	{ "service-ports", ports_of_service, read_schema_yaml, 0, PM_E_LIMIT, "4096 ports" },
	{ "cell-ports", ports_of_cell, read_md, 0, PM_E_SCHEMA, "64 ports" },
	{ "yaml-depth", levels, read_yaml, 0, PM_E_LIMIT, "128 levels" },
	{ "yaml-nodes", nodes, read_yaml, 0, PM_E_LIMIT, "2 million nodes" },
	{ "config", config, read_config, 0, PM_E_USAGE, "1 MiB" },
	{ "config-regex", regex, read_config, 0, PM_E_USAGE, "4096 bytes" },
	{ "baseline", baseline, read_baseline, 0, PM_E_USAGE, "64 MiB" },
	{ "finds", finds, scan, 0, PM_E_LIMIT, "250000 finds" },
};

static void at_and_past(void **state)
{
	const struct row *row = *state;

	for (int past = 0; past < 2; past++) {
		PM_CLEAN_BUF struct pm_buf text = { 0 };
		struct pm_err err = { 0 };
		int rc;

		row->make(&text, past);
		rc = row->read((struct pm_str){ pm_buf_str(&text), text.n }, &err);
		if (rc != (past ? row->beyond : row->at))
			fail_msg("%s the limit: %d, %s (%s)", past ? "past" : "at", rc, err.text,
				 err.where);
		if (past && !strstr(err.text, row->says))
			fail_msg("'%s' does not say '%s'", err.text, row->says);
	}
}

/* ---- a commit ---- */

static enum pm_skip_reason skip_of(const struct pm_test_file *files)
{
	struct pm_limits lim = PM_LIMITS_DEFAULT;
	struct pm_arena a = { 0 };
	struct pm_tree tree = { 0 };
	struct pm_err err = { 0 };
	struct pm_test_repo r;
	struct pm_repo *repo;
	enum pm_skip_reason skip;
	char oid[PM_OID_HEX];

	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, files, oid);
	assert_int_equal(pm_repo_open(&repo, r.dir, &err), 0);
	assert_int_equal(pm_repo_walk(repo, oid, &lim, &a, &tree, &err), 0);
	assert_int_equal(tree.n, 1);
	skip = tree.v[0].skip;
	pm_tree_release(&tree);
	pm_arena_release(&a);
	pm_repo_free(repo);
	pm_test_repo_done(&r);
	return skip;
}

static void file_size(void **state)
{
	for (unsigned past = 0; past < 2; past++) {
		PM_CLEAN_BUF struct pm_buf b = { 0 };

		pm_buf_pad(&b, 'x', (4u << 20) + past);
		assert_int_equal(skip_of((struct pm_test_file[]){ { "x", b.v, b.n, 0 }, { NULL } }),
				 past ? PM_SKIP_LARGE : PM_SKIP_NONE);
	}
	assert_string_equal(pm_skip_text(PM_SKIP_LARGE), "over the size limit");
	(void)state;
}

static void directories(void **state)
{
	for (unsigned past = 0; past < 2; past++) {
		PM_CLEAN_BUF struct pm_buf path = { 0 };

		/* the root is the first level */
		repeat(&path, "d/", 4095 + past);
		pm_buf_addc(&path, 'x');
		assert_int_equal(skip_of((struct pm_test_file[]){ { path.v, "1", 0, 0 }, { NULL } }),
				 past ? PM_SKIP_DEPTH : PM_SKIP_NONE);
	}
	assert_string_equal(pm_skip_text(PM_SKIP_DEPTH), "directories nested too deep");
	(void)state;
}

/* ---- objects ---- */

/* A pack of one blob that announces so many bytes, in enough of its own to be believed. */
static enum pm_pack_rc announced(uint64_t size)
{
	const size_t room = 2u << 20;
	unsigned char *p = pm_xcalloc(1, room), id[PM_OID_RAW] = { 0 };
	unsigned char index[8 + 1024 + 28 + 40] = "\377tOc\0\0\0\2";
	struct pm_pack pack = { .bytes = p, .size = room, .end = room - PM_OID_RAW };
	struct pm_packs packs = { &pack, 1, 1 };
	struct pm_pack_reader r;
	enum pm_object_type type;
	enum pm_pack_rc rc;
	struct pm_str bytes;
	size_t at = 12;

	for (int i = 0; i < 256; i++)
		index[8 + 4 * i + 3] = 1;
	index[8 + 1024 + PM_OID_RAW + 4 + 3] = (unsigned char)at;
	p[at++] = (unsigned char)(0x80 | PM_OBJECT_BLOB << 4 | (size & 15));
	for (size >>= 4; size >= 0x80; size >>= 7)
		p[at++] = (unsigned char)(0x80 | (size & 0x7f));
	p[at] = (unsigned char)size;
	assert_true(pm_pack_index_parse(&pack.index, index, sizeof(index)));
	pm_pack_reader_init(&r, &packs, 1 << 16);
	rc = pm_pack_get(&r, (const struct pm_oid *)id, &type, &bytes);
	pm_pack_reader_release(&r);
	free(p);
	return rc;
}

static void object(void **state)
{
	(void)state;
	assert_int_equal(PM_OBJECT_MAX, (uint64_t)1 << 30);
	assert_int_equal(announced(PM_OBJECT_MAX), PM_PACK_BAD); /* it has no such bytes */
	assert_int_equal(announced(PM_OBJECT_MAX + 1), PM_PACK_LARGE);
}

/* ---- plans ---- */

static void services(void **state)
{
	struct pm_inventory inv = { 0 };

	(void)state;
	for (unsigned past = 0; past < 2; past++) {
		struct pm_plan_options opt = { 0 };
		struct pm_plan p = { 0 };
		struct pm_err err = { 0 };

		for (unsigned i = 0; i < PM_MAX_TARGETS + past; i++) {
			struct pm_move *m = PM_VEC_ADD(&p.moves);

			m->service = pm_arena_printf(&p.arena, "service-%u", i);
			m->from = 10000 + i;
			m->to = 20000 + i;
		}
		assert_int_equal(pm_plan_build(&p, &inv, &opt, &err), past ? PM_E_LIMIT : 0);
		assert_true(!past || strstr(err.text, "1024 services"));
		pm_plan_release(&p);
	}
}

/* ---- expressions ---- */

static void matching(void **state)
{
	struct pm_span g[1];
	struct pm_re *re;

	(void)state;
	assert_int_equal(pm_re_compile(&re, "^(a+)+$", PM_RE_USER, NULL), 0);
	assert_int_equal(pm_re_match(re, PM_STR("aaaaaaa!"), 0, g, 1), 0);
	assert_int_equal(pm_re_match(re, PM_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"), 0, g, 1),
			 PM_E_LIMIT);
	pm_re_free(re);
}

/* ---- the cache ---- */

static void cache_key(void **state)
{
	char dir[] = "/tmp/portmig-limits-XXXXXX", where[64];
	PM_CLEAN_BUF struct pm_buf key = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(where, sizeof(where), "%s/c", dir);
	pm_buf_pad(&key, 'k', PM_CACHE_KEY_MAX + 1);
	for (unsigned past = 0; past < 2; past++) {
		const struct pm_str k = { key.v, PM_CACHE_KEY_MAX + past };
		struct pm_cache *c;
		struct pm_str value;

		assert_int_equal(pm_cache_open(&c, where, 7, PM_CACHE_SIZE_DEFAULT, NULL), 0);
		pm_cache_put(c, PM_CACHE_FILE, k, PM_STR("4100"));
		assert_int_equal(pm_cache_close(c, NULL), 0);
		assert_int_equal(pm_cache_open(&c, where, 7, PM_CACHE_SIZE_DEFAULT, NULL), 0);
		assert_int_equal(pm_cache_get(c, PM_CACHE_FILE, k, &value), !past);
		assert_int_equal(pm_cache_close(c, NULL), 0);
	}
	assert_int_equal(pm_test_run(NULL, "rm -r %s", dir), 0);
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		pm_cases_add(&c, rows[i].name, at_and_past, &rows[i]);
	pm_cases_add(&c, "file", file_size, NULL);
	pm_cases_add(&c, "directories", directories, NULL);
	pm_cases_add(&c, "object", object, NULL);
	pm_cases_add(&c, "services", services, NULL);
	pm_cases_add(&c, "matching", matching, NULL);
	pm_cases_add(&c, "cache-key", cache_key, NULL);
	return pm_cases_run(&c, "limits");
}
