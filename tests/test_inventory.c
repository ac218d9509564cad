/* test_inventory.c - reading a commit: the same result however many threads, with and without facts. */
#include "cases.h"
#include "repo.h"

#include "cache.h"
#include "config.h"
#include "inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 60, KINDS = 9 };

/* Everything that an inventory tells, as text. */
static void show(struct pm_buf *b, const struct pm_inventory *inv)
{
	for (size_t i = 0; i < inv->n_paths; i++)
		pm_buf_addf(b, "path %s\n", inv->paths[i]);
	for (size_t i = 0; i < inv->files.n; i++) {
		const struct pm_inv_file *f = &inv->files.v[i];

		pm_buf_addf(b, "file %s %s %o %zu %s\n", f->path, f->oid, f->mode, f->len,
			    f->class_why ? f->class_why : "-");
		for (size_t k = 0; k < f->n_hits; k++) {
			const struct pm_hit *h = &f->hits[k];

			pm_buf_addf(b, "  %u:%u %u %u %u %u %s", h->line, h->col, h->port, h->role,
				    h->side, h->certainty, h->rule);
			for (size_t n = 0; n < h->n_facts; n++)
				pm_buf_addf(b, " %u=%s", h->facts[n].kind, h->facts[n].text);
			pm_buf_addf(b, " %s\n", f->excerpts ? f->excerpts[k] : "");
		}
	}
	for (size_t i = 0; i < inv->decls.n; i++)
		for (size_t k = 0; k < inv->decls.v[i].n; k++)
			pm_buf_addf(b, "decl %s %s\n", inv->decls.v[i].path,
				    inv->decls.v[i].names[k].text);
	for (size_t i = 0; i < inv->allows.n; i++)
		pm_buf_addf(b, "allow %s:%u covers %u %s\n", inv->allows.v[i].path,
			    inv->allows.v[i].line, inv->allows.v[i].covers, inv->allows.v[i].reason);
	for (size_t i = 0; i < inv->skips.n; i++)
		pm_buf_addf(b, "skip %s %s %d\n", inv->skips.v[i].path, inv->skips.v[i].why,
			    inv->skips.v[i].readable);
	for (size_t i = 0; i < inv->diags.n; i++)
		pm_buf_addf(b, "diag %s:%u %s %s\n", inv->diags.v[i].path, inv->diags.v[i].line,
			    inv->diags.v[i].rule, inv->diags.v[i].text);
	pm_buf_addf(b, "%zu %llu %zu\n", inv->n_files, (unsigned long long)inv->n_bytes,
		    inv->n_hits);
}

/* A tree with something of everything; blobs that are there twice, one that is not there. */
static void make(struct pm_test_repo *r, char oid[PM_OID_HEX])
{
	static const char *const texts[] = {
		"const port = process.env.PORT || 4000;\n",
		"services:\n  shop:\n    image: acme/shop\n    ports: ['4001:3000']\n",
		"ports:\n  - {{ .x }}\n  port: 4002: [\n",
		"| Service | Port |\n|---|---|\n| forum | 4003 |\n",
		"{ \"name\": \"@acme/orchard\", \"scripts\": { \"dev\": \"next dev -p 4004\" } }\n",
		"nothing here but 4900 apples\n",
		"FORUM_URL=http://forum:4005\nSHOP_PORT=4006\n",
		"binary\1port 4007\n",
		"serve # portmig:allow port-duplicate on purpose\n",
	};
	static const char *const ends[] = { ".ts", "/docker-compose.yml", ".yaml", ".md",
					    "/package.json", ".txt", ".env", ".bin", ".sh" };
	struct pm_test_file files[FILES + 1] = { { NULL } };
	char paths[FILES][40], blob[PM_OID_HEX];
	char text[FILES][120];

	pm_test_repo_init(r);
	for (unsigned i = 0; i < FILES; i++) {
		char *one;

		snprintf(paths[i], sizeof(paths[i]), "%c%02u%s", 'a' + (int)(i % KINDS), i, ends[i % KINDS]);
		/* every second one as another file has it */
		snprintf(text[i], sizeof(text[i]), "%s%.*s", texts[i % KINDS], i % (2 * KINDS) < KINDS ? 0 : 1, "\n");
		one = strchr(text[i], '\1');
		files[i] = (struct pm_test_file){ paths[i], text[i], strlen(text[i]), 0 };
		if (one)
			*one = '\0';
	}
	pm_test_repo_commit(r, files, oid);
	pm_blob_id((struct pm_str){ text[6], strlen(text[6]) }, blob);
	assert_int_equal(pm_test_run(NULL, "rm %s/objects/%.2s/%s", r->dir, blob, blob + 2), 0);
}

static void read_with(struct pm_buf *out, struct pm_repo *repo, const char *commit,
		      struct pm_inv_options opt, unsigned jobs)
{
	struct pm_inventory inv = { 0 };
	struct pm_err err = { 0 };

	opt.jobs = jobs;
	opt.limits = PM_LIMITS_DEFAULT;
	if (pm_inventory_build(&inv, repo, commit, &opt, &err) < 0)
		fail_msg("%s", err.text);
	show(out, &inv);
	pm_inventory_release(&inv);
}

/* Rows: what is asked for. */
static const struct ask { const char *name; bool bare, names, numbers, allows; unsigned port; } asks[] = {
	{ "bare", true, false, false, false, 0 },
	{ "with names and facts", false, true, false, true, 0 },
	{ "one number", false, true, true, false, 4003 },
	{ "a number that is nowhere", true, true, true, true, 9 },
	{ "one port, bare", true, false, false, false, 4000 },
};
enum { ASKS = sizeof(asks) / sizeof(asks[0]) };

static struct pm_inv_options options_of(const struct ask *a, struct pm_port_set *want)
{
	if (a->port)
		pm_port_set_add(want, a->port);
	return (struct pm_inv_options){ .bare = a->bare, .names = a->names, .numbers = a->numbers,
					.allows = a->allows, .want = a->port ? want : NULL };
}

static void any_number_of_threads(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	struct pm_port_set want = { { 0 } };
	const struct pm_inv_options opt = options_of(&asks[i], &want);
	struct pm_test_repo r;
	struct pm_repo *repo;
	char oid[PM_OID_HEX];
	PM_CLEAN_BUF struct pm_buf one = { 0 };

	make(&r, oid);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	read_with(&one, repo, oid, opt, 1);
	assert_non_null(strstr(one.v, "skip g06.env object is not in this repository 0"));
	assert_non_null(strstr(one.v, "skip h07.bin binary 1"));
	if (asks[i].names)
		assert_non_null(strstr(one.v, "decl e04/package.json @acme/orchard"));
	if (!asks[i].port)
		assert_non_null(strstr(one.v, " yaml-unparsed "));
	if (asks[i].port != 9)
		assert_non_null(strstr(one.v, asks[i].port == 4000 ? "file a00.ts" : "file d03.md"));
	if (asks[i].allows)
		assert_non_null(strstr(one.v, "allow i08.sh:1 covers 1"));
	for (unsigned jobs = 0; jobs <= 70; jobs = jobs * 3 + 2) {
		PM_CLEAN_BUF struct pm_buf many = { 0 };

		read_with(&many, repo, oid, opt, jobs);
		assert_string_equal(many.v, one.v);
	}
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

/* ---- with what was read before ---- */

static char dir[64];

static struct pm_cache *open_cache(uint64_t generation)
{
	struct pm_cache *c = NULL;

	assert_int_equal(pm_cache_open(&c, dir, generation, PM_CACHE_SIZE_DEFAULT, NULL), 0);
	return c;
}

/* One reading with the cache as it is, compared with one without. */
static void compare(struct pm_repo *repo, const char *commit, const struct ask *a,
		    const struct pm_config *config, uint64_t generation)
{
	PM_CLEAN_BUF struct pm_buf without = { 0 };
	PM_CLEAN_BUF struct pm_buf with = { 0 };
	struct pm_port_set want = { { 0 } };
	struct pm_inv_options opt = options_of(a, &want);

	opt.config = config;
	read_with(&without, repo, commit, opt, 2);
	opt.cache = open_cache(generation);
	read_with(&with, repo, commit, opt, 2);
	assert_int_equal(pm_cache_close(opt.cache, NULL), 0);
	if (strcmp(with.v, without.v) != 0)
		fail_msg("%s\nwith the cache:\n%s\nwithout:\n%s", a->name, with.v, without.v);
}

/* Whatever was asked for before, in any order, by any settings. */
static void the_cache_changes_nothing(void **state)
{
	struct pm_config configs[2] = { { .path = NULL }, { .path = NULL } };
	struct pm_test_repo r;
	struct pm_repo *repo;
	char oid[PM_OID_HEX];

	(void)state;
	*PM_VEC_ADD(&configs[0].patterns) = (struct pm_pattern){
		.name = "none", .regex = "nothing here(?<port>[0-9]+)" };
	*PM_VEC_ADD(&configs[1].patterns) = (struct pm_pattern){
		.name = "word", .regex = "but (?<port>[0-9]+) apples", .glob = "**/*.txt" };
	snprintf(dir, sizeof(dir), "/tmp/portmig-inv.XXXXXX");
	assert_non_null(mkdtemp(dir));
	make(&r, oid);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	for (size_t i = 0; i < ASKS; i++)
		for (size_t k = 0; k < ASKS; k++) {
			const uint64_t generation = 1 + i * ASKS + k; /* nothing is known at first */

			compare(repo, oid, &asks[i], NULL, generation);
			compare(repo, oid, &asks[k], NULL, generation);
			compare(repo, oid, &asks[k], &configs[k % 2], generation);
			compare(repo, oid, &asks[i], NULL, generation);
			compare(repo, oid, &asks[k], NULL, generation);
		}
	pm_repo_free(repo);
	pm_test_repo_done(&r);
	PM_VEC_FREE(&configs[0].patterns);
	PM_VEC_FREE(&configs[1].patterns);
	assert_int_equal(pm_test_run(NULL, "rm -rf %s", dir), 0);
}

/* A file whose blob the cache knows need not be there to be read, but must be there. */
static void missing_stays_missing(void **state)
{
	const struct pm_test_file files[] = { { "a.env", "PORT=4900" }, { "b", "4901" }, { NULL } };
	struct pm_inv_options opt = { .bare = true };
	PM_CLEAN_BUF struct pm_buf first = { 0 };
	PM_CLEAN_BUF struct pm_buf second = { 0 };
	char oid[PM_OID_HEX], blob[PM_OID_HEX];
	struct pm_test_repo r;
	struct pm_repo *repo;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/portmig-inv.XXXXXX");
	assert_non_null(mkdtemp(dir));
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, files, oid);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	opt.cache = open_cache(1);
	read_with(&first, repo, oid, opt, 1);
	assert_int_equal(pm_cache_close(opt.cache, NULL), 0);
	assert_null(strstr(first.v, "skip"));
	pm_repo_free(repo);
	pm_blob_id(PM_STR("PORT=4900"), blob);
	assert_int_equal(pm_test_run(NULL, "rm %s/objects/%.2s/%s", r.dir, blob, blob + 2), 0);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	opt.cache = open_cache(1);
	read_with(&second, repo, oid, opt, 1);
	assert_int_equal(pm_cache_close(opt.cache, NULL), 0);
	assert_non_null(strstr(second.v, "skip a.env object is not in this repository 0"));
	pm_repo_free(repo);
	pm_test_repo_done(&r);
	assert_int_equal(pm_test_run(NULL, "rm -rf %s", dir), 0);
}

/* The first unreadable path counts, whichever thread comes first to another one. */
static void damage_is_told_in_order(void **state)
{
	struct pm_test_file files[FILES + 1] = { { NULL } };
	struct pm_inv_options opt = { .limits = PM_LIMITS_DEFAULT, .jobs = 4 };
	char paths[FILES][16], text[FILES][2000], oid[PM_OID_HEX], blob[PM_OID_HEX];
	struct pm_inventory inv;
	struct pm_test_repo r;
	struct pm_repo *repo;

	(void)state;
	for (unsigned i = 0; i < FILES; i++) {
		snprintf(paths[i], sizeof(paths[i]), "f%02u", i);
		snprintf(text[i], sizeof(text[i]), "port %u%1900s", 4000 + i, "");
		files[i] = (struct pm_test_file){ .path = paths[i], .text = text[i] };
	}
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, files, oid);
	for (unsigned i = 7; i < FILES; i += 11) {
		pm_blob_id(pm_str_of(text[i]), blob);
		/* the checksum at its end: the size can still be read */
		assert_int_equal(pm_test_run(NULL, "cd %s/objects/%.2s && chmod u+w %s && printf '\\1\\2' |"
					     " dd of=%s bs=1 conv=notrunc seek=$(($(stat -c %%s %s) - 2))",
					     r.dir, blob, blob + 2, blob + 2, blob + 2), 0);
	}
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	for (unsigned i = 0; i < 10; i++) {
		struct pm_err err = { 0 };

		assert_int_equal(pm_inventory_build(&inv, repo, oid, &opt, &err), PM_E_REPO);
		if (strncmp(err.text, "f07: ", 5) != 0)
			fail_msg("%s", err.text);
	}
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		pm_cases_add(&c, asks[i].name, any_number_of_threads, (void *)(uintptr_t)i);
	pm_cases_add(&c, "the cache changes nothing", the_cache_changes_nothing, NULL);
	pm_cases_add(&c, "what is missing stays missing", missing_stays_missing, NULL);
	pm_cases_add(&c, "damage is told in order", damage_is_told_in_order, NULL);
	return pm_cases_run(&c, "inventory");
}
