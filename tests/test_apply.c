/*
 * test_apply.c - plans made by hand, applied to small repositories: what changes, what must not,
 * the way back, and everything that is refused.
 */
#include "apply.h"
#include "cases.h"
#include "plans.h"
#include "repo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOVES = 4, FILES = 6 };

/* A repository with one commit, open, and a plan for it. */
struct scene {
	struct pm_test_repo on_disk;
	struct pm_repo *repo;
	char base[PM_OID_HEX];
	struct pm_plan plan;
	struct pm_apply_options opt;
	struct pm_apply_result result;
	struct pm_err err;
};

static void open_scene(struct scene *s, const struct pm_test_file *files,
		       const struct pm_test_move *moves)
{
	size_t n = 0;

	memset(s, 0, sizeof(*s));
	pm_test_repo_init(&s->on_disk);
	pm_test_repo_commit(&s->on_disk, files, s->base);
	assert_int_equal(pm_repo_open(&s->repo, s->on_disk.dir, &s->err), 0);
	while (n < MOVES && moves[n].service)
		n++;
	pm_test_plan(&s->plan, s->repo, s->base, moves, n);
	s->opt.env = pm_test_env;
	s->opt.branch = "moved";
}

static void close_scene(struct scene *s)
{
	pm_plan_release(&s->plan);
	pm_repo_free(s->repo);
	pm_test_repo_done(&s->on_disk);
}

static int apply(struct scene *s)
{
	memset(&s->err, 0, sizeof(s->err));
	memset(&s->result, 0, sizeof(s->result));
	return pm_apply(s->repo, &s->plan, &s->opt, &s->result, &s->err);
}

static void assert_applied(struct scene *s)
{
	int rc = apply(s);

	if (rc)
		print_error("%d %s\n", rc, s->err.text);
	assert_int_equal(rc, 0);
}

static void assert_fsck_clean(const struct scene *s)
{
	PM_CLEAN_BUF struct pm_buf out = { 0 };

	assert_int_equal(pm_test_git(&s->on_disk, &out, "fsck --strict --no-dangling"), 0);
	assert_string_equal(pm_buf_str(&out), "");
}

static void assert_file(const struct scene *s, const char *commit, const char *path,
			const char *want)
{
	PM_CLEAN_BUF struct pm_buf bytes = { 0 };
	struct pm_err err = { 0 };

	assert_int_equal(pm_repo_file(s->repo, commit, path, NULL, &bytes, &err), 0);
	assert_string_equal(pm_buf_str(&bytes), want);
}

/* ---- there and back ---- */

static const struct row {
	const char *name;
	struct pm_test_move moves[MOVES + 1];
	struct pm_test_file files[FILES + 1];
	const char *want[FILES];
	unsigned split_commits; /* with --split */
} rows[] = {
	{ "one move", { { "api", 4900, 4600 } },
	  { { "api/.env", "PORT=4900\n# 4900 here, 49000 and 14900 not\nDB_PORT=5432\n" },
	    { "README.md", "The API is on 4900.\n" } },
	  { "PORT=4600\n# 4600 here, 49000 and 14900 not\nDB_PORT=5432\n", "The API is on 4900.\n" }, 1 },
	{ "chain", { { "a", 4000, 4001 }, { "b", 4001, 4002 } },
	  { { "a/x", "4000 4001" }, { "b/x", "4001:4000" } },
	  { "4001 4001", "4002:4000" }, 1 },
	{ "swap", { { "a", 4000, 4001 }, { "b", 4001, 4000 } },
	  { { "a/x", "4000\n4001\n" }, { "b/x", "4001\n4000\n" } },
	  { "4001\n4001\n", "4000\n4000\n" }, 1 },
	{ "three-cycle", { { "a", 1001, 1002 }, { "b", 1002, 1003 }, { "c", 1003, 1001 } },
	  { { "a/x", "1001" }, { "b/x", "1002" }, { "c/x", "1003" }, { "d/x", "1001 1002" } },
	  { "1002", "1003", "1001", "1001 1002" }, 1 },
	{ "one old number to several", { { "a", 4000, 4001 }, { "b", 4000, 4002 } },
	  { { "a/x", "4000" }, { "b/x", "4000" }, { "c/x", "4000" } },
	  { "4001", "4002", "4000" }, 2 },
	{ "two services apart", { { "b", 4000, 5000 }, { "a", 4100, 5100 } },
	  { { "a/x", "4100" }, { "b/x", "4000" } }, { "5100", "5000" }, 2 },
	{ "more digits and fewer", { { "a", 443, 16910 }, { "b", 30080, 80 } },
	  { { "a/x", "443,443 443\n443" }, { "b/x", "30080" } },
	  { "16910,16910 16910\n16910", "80" }, 2 },
	{ "YAML keeps its shape", { { "a", 4900, 16900 } },
	  { { "a/docker-compose.yml",
	      "services:\n  a:\n    ports: &p\n      - \"4900:4900\"\n    expose: [4900]\n"
	      "  b:\n    ports: *p\n" } },
	  { "services:\n  a:\n    ports: &p\n      - \"16900:16900\"\n    expose: [16900]\n"
	    "  b:\n    ports: *p\n" }, 1 },
	{ "JSON keeps its shape", { { "a", 4900, 4600 } },
	  { { "a/x.json", "{\"port\": 4900, \"4900\": [\"http://x:4900/\"]}\n" } },
	  { "{\"port\": 4600, \"4600\": [\"http://x:4600/\"]}\n" }, 1 },
	{ "CRLF, BOM, no last newline", { { "a", 4900, 46 } },
	  { { "a/x.yml", "\xef\xbb\xbfport: 4900\r\nurl: http://x:4900\r\n# \xc3\xa9 4900" } },
	  { "\xef\xbb\xbfport: 46\r\nurl: http://x:46\r\n# \xc3\xa9 46" }, 1 },
	{ "bytes that are not UTF-8", { { "a", 4900, 4600 } },
	  { { "a/x.py", "# caf\xe9\nPORT = 4900\n" } }, { "# caf\xe9\nPORT = 4600\n" }, 1 },
	{ "hostile path", { { "a", 4900, 4600 } },
	  { { "a/-x \"\n\x1b[31m|`\xff.env", "PORT=4900\n" } }, { "PORT=4600\n" }, 1 },
	{ "deep path and executable", { { "a", 4900, 4600 } },
	  { { "a/b/c/d/e/f/g/h/run.sh", "exec serve --port 4900\n", 0, 0100755 } },
	  { "exec serve --port 4600\n" }, 1 },
	{ "beside links and submodules", { { "a", 4900, 4600 } },
	  { { "a/link", "x4900", 0, 0120000 }, { "a/x", "4900" },
	    { "a/sub", "1234567890123456789012345678901234567890", 0, 0160000 } },
	  { NULL, "4600" }, 1 },
};

static void assert_wanted(const struct scene *s, const struct row *row)
{
	for (size_t i = 0; i < FILES && row->files[i].path; i++)
		if (row->want[i])
			assert_file(s, s->result.commit, row->files[i].path, row->want[i]);
}

/* The same moves backwards, on the result, give the base tree. */
static void assert_way_back(struct scene *s, const struct row *row)
{
	struct pm_test_move back[MOVES];
	struct pm_plan *p = &s->plan;
	size_t n = 0;

	for (; n < MOVES && row->moves[n].service; n++)
		back[n] = (struct pm_test_move){ row->moves[n].service, row->moves[n].to,
						 row->moves[n].from };
	pm_plan_release(p);
	pm_test_plan(p, s->repo, s->result.commit, back, n);
	/* places that already had the new number stay: they were nobody's before */
	for (size_t i = 0; i < p->edits.n; i++)
		if (strstr(row->name, "chain") || strstr(row->name, "swap"))
			p->edits.v[i].disposition =
				p->edits.v[i].move >= 0 && p->edits.v[i].col == 1 &&
				p->edits.v[i].line == 1 ? PM_APPLY : PM_KEEP;
	s->opt.branch = "back";
	s->opt.rev = "moved";
	assert_applied(s);
	assert_false(s->result.already);
}

static void there_and_back(void **state)
{
	const struct row *row = *state;
	char base_tree[PM_OID_HEX];
	struct scene s;

	open_scene(&s, row->files, row->moves);
	memcpy(base_tree, s.plan.base_tree, PM_OID_HEX);
	assert_applied(&s);
	assert_false(s.result.already);
	assert_int_equal(s.result.n_commits, 1);
	assert_wanted(&s, row);
	assert_fsck_clean(&s);
	assert_applied(&s);
	assert_true(s.result.already);
	assert_way_back(&s, row);
	assert_string_equal(s.result.tree, base_tree);
	close_scene(&s);
}

static void split_gives_the_same_tree(void **state)
{
	const struct row *row = *state;
	char tree[PM_OID_HEX];
	struct scene s;

	open_scene(&s, row->files, row->moves);
	assert_applied(&s);
	memcpy(tree, s.result.tree, PM_OID_HEX);
	s.opt.split = true;
	s.opt.branch = "split";
	assert_applied(&s);
	assert_int_equal(s.result.n_commits, row->split_commits);
	assert_string_equal(s.result.tree, tree);
	assert_wanted(&s, row);
	assert_fsck_clean(&s);
	close_scene(&s);
}

/* ---- random permutations ---- */

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

enum { SERVICES = 8 };

struct shuffled {
	char names[SERVICES][8], paths[SERVICES][16], texts[SERVICES][128];
	struct pm_test_file files[SERVICES + 1];
	struct pm_test_move there[SERVICES], back[SERVICES];
	size_t n;
};

/* n services on n numbers, each told to take the number of another (or to stay). */
static void shuffle(struct shuffled *x, unsigned seed)
{
	unsigned to[SERVICES];

	memset(x, 0, sizeof(*x));
	x->n = 2 + next_random(&seed) % (SERVICES - 1);
	for (unsigned i = 0; i < x->n; i++)
		to[i] = 4000 + i * 1500;
	for (size_t i = x->n - 1; i > 0; i--) {
		size_t k = next_random(&seed) % (i + 1);
		unsigned t = to[i];

		to[i] = to[k];
		to[k] = t;
	}
	for (unsigned i = 0; i < x->n; i++) {
		unsigned port = 4000 + i * 1500;

		snprintf(x->names[i], sizeof(x->names[i]), "s%u", i);
		snprintf(x->paths[i], sizeof(x->paths[i]), "s%u/x.env", i);
		snprintf(x->texts[i], sizeof(x->texts[i]),
			 "PORT=%u\nURL=http://localhost:%u/%u\n", port, port,
			 next_random(&seed) % 100000);
		x->files[i] = (struct pm_test_file){ x->paths[i], x->texts[i] };
		x->there[i] = (struct pm_test_move){ x->names[i], port, to[i] };
		x->back[i] = (struct pm_test_move){ x->names[i], to[i], port };
	}
}

/* Moves to the same number are no moves: `plan` never makes them. */
static size_t drop_idle(struct pm_test_move *m, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (m[i].from != m[i].to)
			m[kept++] = m[i];
	return kept;
}

static void permutation(void **state)
{
	const unsigned seed = (unsigned)(uintptr_t)*state;
	struct pm_test_move none[1] = { { 0 } };
	char base_tree[PM_OID_HEX];
	struct shuffled x;
	struct scene s;
	size_t n;

	shuffle(&x, seed);
	open_scene(&s, x.files, none);
	n = drop_idle(x.there, x.n);
	drop_idle(x.back, x.n);
	pm_plan_release(&s.plan);
	pm_test_plan(&s.plan, s.repo, s.base, x.there, n);
	memcpy(base_tree, s.plan.base_tree, PM_OID_HEX);
	s.opt.split = seed % 2;
	assert_applied(&s);
	assert_int_equal(s.result.n_edits >= 2 * n, 1);
	if (n) {
		assert_string_not_equal(s.result.tree, base_tree);
		pm_plan_release(&s.plan);
		pm_test_plan(&s.plan, s.repo, s.result.commit, x.back, n);
		s.opt.rev = "moved";
		s.opt.branch = "back";
		assert_applied(&s);
		assert_string_equal(s.result.tree, base_tree);
		assert_fsck_clean(&s);
	}
	close_scene(&s);
}

/* ---- refusals ---- */

static const struct pm_test_file two_files[] = {
	{ "api/.env", "PORT=4900\nOTHER=4900\n" }, { "api/x.md", "on 4900\n" }, { NULL }
};
static const struct pm_test_move one_move[] = { { "api", 4900, 4600 }, { NULL } };

static void set_hold(struct scene *s)
{
	s->plan.edits.v[1].disposition = PM_REVIEW;
}

static void set_incomplete(struct scene *s)
{
	s->plan.complete = false;
}

static void make_branch(struct scene *s)
{
	assert_int_equal(pm_test_git(&s->on_disk, NULL, "branch moved main"), 0);
}

static void make_folder_branch(struct scene *s)
{
	assert_int_equal(pm_test_git(&s->on_disk, NULL, "branch moved/deeper main"), 0);
}

static void make_lock(struct scene *s)
{
	pm_test_run(NULL, "touch '%s/refs/heads/moved.lock'", s->on_disk.dir);
}

static void name_space(struct scene *s) { s->opt.branch = "a b"; }
static void name_dash(struct scene *s) { s->opt.branch = "-x"; }
static void name_head(struct scene *s) { s->opt.branch = "HEAD"; }
static void name_main(struct scene *s) { s->opt.branch = "master"; }
static void name_release(struct scene *s) { s->opt.branch = "release/1"; }

static void name_long(struct scene *s)
{
	char *name = pm_arena_alloc(&s->plan.arena, 400);

	memset(name, 'x', 399);
	s->opt.branch = name;
}

static void change_file(struct scene *s)
{
	const struct pm_test_file files[] = {
		{ "api/.env", "PORT=4900\nOTHER=4900\nNEW=1\n" }, { "api/x.md", "on 4900\n" }, { NULL }
	};

	pm_test_repo_commit(&s->on_disk, files, NULL);
}

static void change_other(struct scene *s)
{
	const struct pm_test_file files[] = { two_files[0], two_files[1], { "new", "x" }, { NULL } };

	pm_test_repo_commit(&s->on_disk, files, NULL);
}

static void add_place(struct scene *s)
{
	const struct pm_test_file files[] = {
		two_files[0], two_files[1], { "new", "\nhttp://api:4900" }, { NULL }
	};

	pm_test_repo_commit(&s->on_disk, files, NULL);
}

static void change_schema(struct scene *s)
{
	s->plan.schema_path = "PORTS.md";
	change_other(s);
	const struct pm_test_file files[] = {
		two_files[0], two_files[1], { "PORTS.md", "x" }, { NULL }
	};

	pm_test_repo_commit(&s->on_disk, files, NULL);
}

static void other_repository(struct scene *s)
{
	memset(s->plan.base, '1', PM_OID_HEX - 1);
}

static void other_tree(struct scene *s)
{
	memset(s->plan.base_tree, '1', PM_OID_HEX - 1);
}

static void overlap(struct scene *s)
{
	s->plan.edits.v[1].span = s->plan.edits.v[0].span;
}

static void disorder(struct scene *s)
{
	struct pm_edit e = s->plan.edits.v[0];

	s->plan.edits.v[0] = s->plan.edits.v[1];
	s->plan.edits.v[1] = e;
}

static void wrong_place(struct scene *s) { s->plan.edits.v[0].span.off--; }
static void past_end(struct scene *s) { s->plan.edits.v[2].span.off = 4000000000u; }
static void wrong_number(struct scene *s) { s->plan.edits.v[0].old_port = 4901; }
static void no_move(struct scene *s) { s->plan.edits.v[0].move = -1; }
static void no_such_move(struct scene *s) { s->plan.edits.v[0].move = 7; }
static void no_such_file(struct scene *s) { s->plan.edits.v[2].path = "api/y"; }

static void wrong_blob(struct scene *s)
{
	memset(s->plan.edits.v[2].blob, '2', PM_OID_HEX - 1);
}

static const char *no_identity(const char *name)
{
	return strcmp(name, "GIT_AUTHOR_DATE") == 0 ? "1700000000 +0000" : NULL;
}

static void without_identity(struct scene *s) { s->opt.env = no_identity; }

static const char *bad_date(const char *name)
{
	return strstr(name, "_DATE") ? "yesterday" : pm_test_env(name);
}

static void with_bad_date(struct scene *s) { s->opt.env = bad_date; }

static const char *bad_name(const char *name)
{
	return strstr(name, "_NAME") ? "Eve <eve@example.org>\nparent x" : pm_test_env(name);
}

static void with_bad_name(struct scene *s) { s->opt.env = bad_name; }

static void demand_signature(struct scene *s)
{
	pm_test_run(NULL, "printf '[gpg]\\nprogram = /bin/false\\n' > '%s/.gitconfig'",
		    s->on_disk.home);
	pm_test_git(&s->on_disk, NULL, "config commit.gpgsign true");
	/* libgit2 looks for the files of the configuration when a repository is opened */
	pm_repo_free(s->repo);
	assert_int_equal(pm_repo_open(&s->repo, s->on_disk.dir, &s->err), 0);
}

/* A signer that the repository names is not run. */
static void offer_signer(struct scene *s)
{
	demand_signature(s);
	pm_test_git(&s->on_disk, NULL, "config gpg.program 'touch %s/ran; true'", s->on_disk.dir);
}

/* The object of a file is a good one, but of another file: its bytes are not those of its id. */
static void swap_blob(struct scene *s)
{
	const char *id = s->plan.edits.v[2].blob;

	assert_int_equal(pm_test_run(NULL, "cd '%s' && other=$(printf 'on 4900?' | git hash-object -w "
				     "--stdin) && cp -f objects/$(echo $other | cut -c1-2)/$(echo $other | "
				     "cut -c3-) objects/%.2s/%s", s->on_disk.dir, id, id + 2), 0);
	pm_repo_free(s->repo);
	assert_int_equal(pm_repo_open(&s->repo, s->on_disk.dir, &s->err), 0);
}

static void lose_blob(struct scene *s)
{
	const char *id = s->plan.edits.v[2].blob;

	assert_int_equal(pm_test_run(NULL, "rm '%s/objects/%.2s/%s'", s->on_disk.dir, id, id + 2), 0);
	pm_repo_free(s->repo);
	assert_int_equal(pm_repo_open(&s->repo, s->on_disk.dir, &s->err), 0);
}

static const struct refusal {
	const char *name;
	void (*prepare)(struct scene *s);
	int code;
	const char *text, *hint;
} refusals[] = {
	{ "open hold", set_hold, PM_E_REFUSED, "1 place in the plan still waits", "--accept-holds" },
	{ "incomplete plan", set_incomplete, PM_E_REFUSED, "incomplete", "--allow-incomplete" },
	{ "branch exists", make_branch, PM_E_REFUSED, "branch moved exists", "--branch moved-2" },
	{ "branch is a folder", make_folder_branch, PM_E_REFUSED, "in the way", "--branch" },
	{ "branch is locked", make_lock, PM_E_REFUSED, "moved.lock exists", "another name" },
	{ "branch name with a space", name_space, PM_E_REFUSED, "not a valid branch name", "" },
	{ "branch name with a dash", name_dash, PM_E_REFUSED, "not a valid branch name", "" },
	{ "branch name HEAD", name_head, PM_E_REFUSED, "kept for other uses", "" },
	{ "branch name master", name_main, PM_E_REFUSED, "kept for other uses", "" },
	{ "branch name release", name_release, PM_E_REFUSED, "kept for other uses", "" },
	{ "branch name too long", name_long, PM_E_REFUSED, "longer than", "" },
	{ "a file of the plan changed", change_file, PM_E_REFUSED,
	  "changed files of the plan: api/.env (", "plan again" },
	{ "another file changed", change_other, PM_E_REFUSED, "none of its files changed",
	  "same edits" },
	{ "a new place appeared", add_place, PM_E_REFUSED,
	  "new places of moved numbers: new:2 (4900)", "" },
	{ "the schema changed", change_schema, PM_E_REFUSED, "the schema changed", "" },
	{ "plan of another repository", other_repository, PM_E_REFUSED, "another repository", "" },
	{ "plan with another tree", other_tree, PM_E_REFUSED, "does not fit", "" },
	{ "overlapping places", overlap, PM_E_REFUSED, "overlaps", "" },
	{ "unsorted places", disorder, PM_E_REFUSED, "out of order", "" },
	{ "wrong place", wrong_place, PM_E_REFUSED, "the plan expects 4900 here", "" },
	{ "place past the end", past_end, PM_E_REFUSED, "end of file", "" },
	{ "wrong number", wrong_number, PM_E_REFUSED, "the plan expects 4901 here", "" },
	{ "edit without a move", no_move, PM_E_REFUSED, "no move says to what", "" },
	{ "edit of an unknown move", no_such_move, PM_E_REFUSED, "not in the plan", "" },
	{ "file that is not there", no_such_file, PM_E_REFUSED, "does not fit", "" },
	{ "file of another version", wrong_blob, PM_E_REFUSED, "does not fit", "" },
	{ "no identity", without_identity, PM_E_USAGE, "no name", "git config" },
	{ "date that is none", with_bad_date, PM_E_USAGE, "not a date", "1700000000" },
	{ "name with a newline", with_bad_name, PM_E_USAGE, "cannot hold", "" },
	{ "signer fails", demand_signature, PM_E_REFUSED, "cannot sign", "gpg.program" },
	{ "signer of the repository", offer_signer, PM_E_REFUSED, "cannot sign", "" },
	{ "blob of another id", swap_blob, PM_E_REPO, "the repository is damaged: blob", "" },
	{ "missing blob", lose_blob, PM_E_REPO, "is not in this repository", "fsck" },
};

static void refused(void **state)
{
	const struct refusal *row = *state;
	PM_CLEAN_BUF struct pm_buf before = { 0 };
	PM_CLEAN_BUF struct pm_buf after = { 0 };
	struct scene s;

	open_scene(&s, two_files, one_move);
	row->prepare(&s);
	pm_test_repo_state(&s.on_disk, &before);
	assert_int_equal(apply(&s), row->code);
	if (!strstr(s.err.text, row->text) || !strstr(s.err.hint, row->hint))
		print_error("%s\n  try: %s\n", s.err.text, s.err.hint);
	assert_non_null(strstr(s.err.text, row->text));
	assert_non_null(strstr(s.err.hint, row->hint));
	pm_test_repo_state(&s.on_disk, &after);
	assert_string_equal(pm_buf_str(&before), pm_buf_str(&after));
	close_scene(&s);
}

/* ---- the rest ---- */

static void holds(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, two_files, one_move);
	set_hold(&s);
	s.opt.skip_holds = true;
	assert_applied(&s);
	assert_file(&s, s.result.commit, "api/.env", "PORT=4600\nOTHER=4900\n");
	s.opt.skip_holds = false;
	s.opt.branch = "yes";
	s.plan.edits.v[1].answer = "y";
	assert_applied(&s);
	assert_file(&s, s.result.commit, "api/.env", "PORT=4600\nOTHER=4600\n");
	s.opt.branch = "no";
	s.plan.edits.v[1].answer = "n";
	s.plan.edits.v[0].disposition = PM_KEEP;
	assert_applied(&s);
	assert_file(&s, s.result.commit, "api/.env", "PORT=4900\nOTHER=4900\n");
	close_scene(&s);
}

static void nothing_to_do(void **state)
{
	PM_CLEAN_BUF struct pm_buf before = { 0 };
	PM_CLEAN_BUF struct pm_buf after = { 0 };
	struct scene s;

	(void)state;
	open_scene(&s, two_files, one_move);
	for (size_t i = 0; i < s.plan.edits.n; i++)
		s.plan.edits.v[i].disposition = PM_KEEP;
	pm_test_repo_state(&s.on_disk, &before);
	assert_applied(&s);
	assert_int_equal(s.result.n_edits, 0);
	pm_test_repo_state(&s.on_disk, &after);
	assert_string_equal(before.v, after.v);
	close_scene(&s);
}

static void dry_run_writes_nothing(void **state)
{
	PM_CLEAN_BUF struct pm_buf before = { 0 };
	PM_CLEAN_BUF struct pm_buf after = { 0 };
	struct scene s;

	(void)state;
	open_scene(&s, two_files, one_move);
	s.opt.dry_run = true;
	pm_test_run(&before, "find '%s' -type f | sort | xargs sha1sum", s.on_disk.dir);
	assert_applied(&s);
	assert_int_equal(s.result.n_commits, 1);
	pm_test_run(&after, "find '%s' -type f | sort | xargs sha1sum", s.on_disk.dir);
	assert_string_equal(before.v, after.v);
	close_scene(&s);
}

/* After `git switch` to the result, the same plan is known to be applied. */
static void applied_under_another_name(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, two_files, one_move);
	assert_applied(&s);
	assert_int_equal(pm_test_git(&s.on_disk, NULL, "update-ref refs/heads/main moved"), 0);
	s.opt.branch = "again";
	assert_applied(&s);
	assert_true(s.result.already);
	close_scene(&s);
}

static void signed_commit(void **state)
{
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	struct scene s;

	(void)state;
	open_scene(&s, two_files, one_move);
	demand_signature(&s);
	pm_test_run(NULL, "cd '%s' && printf '#!/bin/sh\\ncat >payload\\necho \"$@\" >args\\n"
		    "echo -----BEGIN PGP SIGNATURE-----\\necho\\necho made up\\n"
		    "echo -----END PGP SIGNATURE-----\\n' >signer && sed -i \"s|>payload|>$PWD/payload|;"
		    "s|>args|>$PWD/args|\" signer && chmod +x signer && "
		    "printf \"[gpg]\\nprogram = $PWD/signer\\n\" >.gitconfig", s.on_disk.home);
	pm_repo_free(s.repo);
	assert_int_equal(pm_repo_open(&s.repo, s.on_disk.dir, &s.err), 0);
	assert_applied(&s);
	pm_test_git(&s.on_disk, &out, "cat-file commit moved");
	assert_non_null(strstr(out.v, "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n made up\n"));
	pm_buf_clear(&out);
	/* what was signed is the commit without the signature */
	pm_test_run(&out, "cd '%s' && git -C '%s' cat-file commit moved | "
		    "sed '/^gpgsig/,/^ -----END/d' | cmp - payload && cat args", s.on_disk.home,
		    s.on_disk.dir);
	assert_string_equal(out.v, "-bsau C. Mitter <committer@example.org>\n");
	assert_fsck_clean(&s);
	close_scene(&s);
}

static void message(void **state)
{
	const struct pm_test_file files[] = {
		{ "avala/.env", "PORT=4900\nWEB=4901\n" }, { "avala/x", "4900 4900" },
		{ "forj/x", "4000" }, { NULL }
	};
	const struct pm_test_move moves[] = {
		{ "avala", 4900, 4600 }, { "avala", 4901, 4601 }, { "forj", 4000, 4900 }, { NULL }
	};
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	struct scene s;

	(void)state;
	open_scene(&s, files, moves);
	s.plan.schema_path = "docs/PORTS.md";
	memcpy(s.plan.schema_blob, s.plan.base_tree, PM_OID_HEX);
	s.plan.reviewer = "R. Eader <reader@example.org>";
	s.plan.edits.v[3].disposition = PM_REVIEW;
	s.plan.edits.v[3].answer = "n";
	s.opt.signoff = true;
	assert_applied(&s);
	pm_test_git(&s.on_disk, &out, "cat-file commit moved");
	pm_assert_golden(PM_TEST_DIR "/cases/apply/message.txt", pm_buf_str(&out));
	pm_buf_clear(&out);
	pm_test_git(&s.on_disk, &out, "log -1 --format='%%(trailers:only,unfold)' moved | "
		    "cut -d: -f1 | tr '\\n' ' '");
	assert_string_equal(out.v, "Portmig-Version Portmig-Plan Portmig-Base Portmig-Schema "
				   "Portmig-Moves Reviewed-by Portmig-Proof Signed-off-by  ");
	close_scene(&s);
}

/* Commits stand in the order of the guide, and moves that need each other in one. */
static void split_order(void **state)
{
	const struct pm_test_file files[] = {
		{ "a/x", "1000" }, { "b/x", "2000" }, { "c/x", "3000" }, { "d/x", "4000" }, { NULL }
	};
	const struct pm_test_move moves[] = {
		{ "d", 4000, 4500 }, { "a", 1000, 2000 }, { "c", 3000, 3500 }, { "b", 2000, 2500 },
		{ NULL }
	};
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	struct scene s;

	(void)state;
	open_scene(&s, files, moves);
	s.opt.split = true;
	assert_applied(&s);
	pm_test_git(&s.on_disk, &out, "log --reverse --format=%%s main..moved");
	assert_string_equal(out.v, "Move d from port 4000 to 4500\nMove 2 services to new ports\n"
				   "Move c from port 3000 to 3500\n");
	close_scene(&s);
}

static void default_branch(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, two_files, one_move);
	s.opt.branch = NULL;
	assert_applied(&s);
	assert_string_equal(s.result.branch, "portmig/api-4600");
	s.plan.moves.v[0].service = "../a b~.lock";
	assert_applied(&s);
	assert_int_equal(s.result.already, 0);
	assert_fsck_clean(&s);
	close_scene(&s);
}

/* The program asks on standard error and saves; what was saved is applied as answered. */
static const struct review {
	const char *name, *how, *want, *say;
} reviews[] = {
	{ "keys", "printf 'x\\ny\\nn\\n' | %s review %s", "PORT=4600\nOTHER=4900\n",
	  "2 decided, 0 still open" },
	{ "all of the file", "printf 'a\\n' | %s review %s", "PORT=4600\nOTHER=4600\n", "2 decided" },
	{ "the same question", "printf 's\\n' | %s review %s", "PORT=4900\nOTHER=4900\n",
	  "2 decided" },
	{ "end of input", "printf 'y\\n' | %s review %s", NULL, "1 decided, 1 still open" },
	{ "no input", "%s review %s </dev/null", NULL, "0 decided, 2 still open" },
	{ "answer for a question", "%s review --answer 'which side?=y' %s",
	  "PORT=4600\nOTHER=4600\n", "2 decided" },
	{ "answers for places", "%s review --answer api/.env:1=n --answer api/.env:2=y %s",
	  "PORT=4900\nOTHER=4600\n", "2 decided" },
	{ "list", "%s review --list %s", NULL, "2 places: which side?  [which side?]" },
	{ "answer for nothing", "%s review --answer nobody=y %s", NULL, "nothing open" },
};

static void save(struct pm_plan *p, const char *path)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	pm_plan_write(p, &text);
	fwrite(text.v, 1, text.n, f);
	fclose(f);
}

/* The two %s of a template; formats are not data for printf. */
static void fill(char *out, size_t cap, const char *how, const char *a, const char *b)
{
	const char *one = strstr(how, "%s"), *two = strstr(one + 2, "%s");

	snprintf(out, cap, "%.*s%s%.*s%s%s", (int)(one - how), how, a, (int)(two - one - 2), one + 2,
		 b, two + 2);
}

static void review(void **state)
{
	const struct review *row = *state;
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	char path[128], command[512], *text;
	struct scene s;

	open_scene(&s, two_files, one_move);
	for (size_t i = 0; i < 2; i++) {
		s.plan.edits.v[i].disposition = PM_REVIEW;
		s.plan.edits.v[i].group = "which side?";
	}
	snprintf(path, sizeof(path), "%s/plan.json", s.on_disk.home);
	save(&s.plan, path);
	fill(command, sizeof(command), row->how, PM_BINARY, path);
	pm_test_run(&out, "cd %s && export GIT_COMMITTER_NAME=R GIT_COMMITTER_EMAIL=r@x && %s",
		    s.on_disk.dir, command);
	if (!strstr(pm_buf_str(&out), row->say))
		print_error("%s\n", pm_buf_str(&out));
	assert_non_null(strstr(pm_buf_str(&out), row->say));
	pm_plan_release(&s.plan);
	text = pm_read_file(path, NULL);
	assert_int_equal(pm_plan_read(&s.plan, pm_str_of(text), path, &s.err), 0);
	free(text);
	assert_int_equal(apply(&s), row->want ? 0 : PM_E_REFUSED);
	if (row->want) {
		assert_file(&s, s.result.commit, "api/.env", row->want);
		assert_string_equal(s.plan.reviewer, "R <r@x>");
	}
	close_scene(&s);
}

static void changed_key_must_not_collide(void **state)
{
	const struct pm_test_file files[] = {
		{ "api/x.json", "{\"4900\": 1, \"4600\": 2}\n" }, { NULL }
	};
	struct scene s;

	(void)state;
	open_scene(&s, files, one_move);
	assert_int_equal(apply(&s), PM_E_BUG);
	assert_non_null(strstr(s.err.text, "JSON structure"));
	close_scene(&s);
}

int main(void)
{
	struct pm_cases c = { 0 };
	char name[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		pm_cases_add(&c, rows[i].name, there_and_back, &rows[i]);
		snprintf(name, sizeof(name), "split: %s", rows[i].name);
		pm_cases_add(&c, name, split_gives_the_same_tree, &rows[i]);
	}
	for (uintptr_t seed = 1; seed <= 24; seed++) {
		snprintf(name, sizeof(name), "permutation %u", (unsigned)seed);
		pm_cases_add(&c, name, permutation, (void *)seed);
	}
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		snprintf(name, sizeof(name), "refused: %s", refusals[i].name);
		pm_cases_add(&c, name, refused, &refusals[i]);
	}
	for (size_t i = 0; i < sizeof(reviews) / sizeof(*reviews); i++) {
		snprintf(name, sizeof(name), "review: %s", reviews[i].name);
		pm_cases_add(&c, name, review, &reviews[i]);
	}
	pm_cases_add(&c, "holds", holds, NULL);
	pm_cases_add(&c, "nothing to do", nothing_to_do, NULL);
	pm_cases_add(&c, "dry run writes nothing", dry_run_writes_nothing, NULL);
	pm_cases_add(&c, "applied under another name", applied_under_another_name, NULL);
	pm_cases_add(&c, "signed commit", signed_commit, NULL);
	pm_cases_add(&c, "commit message", message, NULL);
	pm_cases_add(&c, "order of split commits", split_order, NULL);
	pm_cases_add(&c, "default branch", default_branch, NULL);
	pm_cases_add(&c, "changed key must not collide", changed_key_must_not_collide, NULL);
	return pm_cases_run(&c, "apply");
}
