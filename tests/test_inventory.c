/* test_inventory.c - reading a commit: the same result however many threads, with and without facts. */
#include "cases.h"
#include "repo.h"

#include "inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 60 };

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
		"nothing here\n",
		"FORUM_URL=http://forum:4005\nSHOP_PORT=4006\n",
		"binary\1port 4007\n",
	};
	static const char *const ends[] = { ".ts", "/docker-compose.yml", ".yaml", ".md",
					    "/package.json", ".txt", ".env", ".bin" };
	struct pm_test_file files[FILES + 1] = { { NULL } };
	char paths[FILES][40], blob[PM_OID_HEX];
	char text[FILES][120];

	pm_test_repo_init(r);
	for (unsigned i = 0; i < FILES; i++) {
		char *one;

		snprintf(paths[i], sizeof(paths[i]), "%c%02u%s", 'a' + (int)(i % 8), i, ends[i % 8]);
		/* every second one as another file has it */
		snprintf(text[i], sizeof(text[i]), "%s%.*s", texts[i % 8], i % 16 < 8 ? 0 : 1, "\n");
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
	struct pm_inventory inv;
	struct pm_err err = { 0 };

	opt.jobs = jobs;
	opt.limits = PM_LIMITS_DEFAULT;
	if (pm_inventory_build(&inv, repo, commit, &opt, &err) < 0)
		fail_msg("%s", err.text);
	show(out, &inv);
	pm_inventory_release(&inv);
}

/* Rows: what is asked for. */
static const struct { const char *name; bool bare, names, numbers; unsigned port; } asks[] = {
	{ "bare", true, false, false, 0 },
	{ "with names and facts", false, true, false, 0 },
	{ "one number", false, true, true, 4003 },
	{ "a number that is nowhere", true, true, true, 9 },
};

static void any_number_of_threads(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	struct pm_port_set want = { { 0 } };
	struct pm_inv_options opt = { .bare = asks[i].bare, .names = asks[i].names,
				      .numbers = asks[i].numbers };
	struct pm_test_repo r;
	struct pm_repo *repo;
	char oid[PM_OID_HEX];
	PM_CLEAN_BUF struct pm_buf one = { 0 };

	pm_port_set_add(&want, asks[i].port);
	opt.want = asks[i].port ? &want : NULL;
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
		assert_non_null(strstr(one.v, "file d03.md"));
	for (unsigned jobs = 0; jobs <= 70; jobs = jobs * 3 + 2) {
		PM_CLEAN_BUF struct pm_buf many = { 0 };

		read_with(&many, repo, oid, opt, jobs);
		assert_string_equal(many.v, one.v);
	}
	pm_repo_free(repo);
	pm_test_repo_done(&r);
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
	pm_cases_add(&c, "damage is told in order", damage_is_told_in_order, NULL);
	return pm_cases_run(&c, "inventory");
}
