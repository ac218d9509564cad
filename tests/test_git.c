/*
 * test_git.c - the Git edge: what opens and what is said when not, what a walk sees, attributes,
 * identities, trees rewritten and compared.
 */
#include "cases.h"
#include "config.h"
#include "git.h"
#include "inventory.h"
#include "repo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- opening ---- */

/* `setup` runs in an empty directory with $R, a bare repository with one commit. */
static const struct opening {
	const char *name, *setup, *open;
	int code;           /* of pm_repo_open; 1: of resolving HEAD */
	const char *say, *hint;
} openings[] = {
	{ "nothing there", "mkdir x", "x", PM_E_REPO, "no Git repository at or above", "-C DIR" },
	{ "no such directory", ":", "x", PM_E_REPO, "No such file", "" },
	{ "a file", "touch x", "x", PM_E_REPO, "no Git repository", "" },
	{ "bare", "git clone -q --bare $R x", "x", 0, "", "" },
	{ "inside a bare one", "git clone -q --bare $R x", "x/refs", PM_E_REPO, "no Git", "" },
	{ "working tree", "git clone -q $R x", "x", 0, "", "" },
	{ "below a working tree", "git clone -q $R x && mkdir -p x/n/b", "x/n/b", 0, "", "" },
	{ "the .git directory", "git clone -q $R x", "x/.git", 0, "", "" },
	{ "linked working tree",
	  "git clone -q $R x && git -C x worktree add -q ../y -b y && mkdir y/z", "y/z", 0, "", "" },
	{ "bare one inside a tree is not taken",
	  "git clone -q $R x && git init -q --bare x/trap.git", "x/trap.git/refs", 0, "", "" },
	{ "shallow", "git clone -q --depth 1 file://$R x", "x", 0, "", "" },
	{ "unborn", "git init -q x", "x", 1, "no commit yet", "--rev" },
	{ "detached", "git clone -q $R x && git -C x checkout -q --detach", "x", 0, "", "" },
	{ "SHA-256", "git init -q --object-format=sha256 x", "x", PM_E_REPO, "SHA-256",
	  "SHA-1 repositories only" },
	{ "reftable", "git clone -q $R x && git -C x config core.repositoryformatversion 1 && "
		      "git -C x config extensions.refStorage reftable", "x", PM_E_REPO, "reftable",
	  "refs migrate" },
	{ "format version 2", "git clone -q $R x && "
			      "sed -i 's/formatversion = 0/formatversion = 2/' x/.git/config",
	  "x", PM_E_REPO, "newer than", "repositoryFormatVersion" },
	{ "unknown extension", "git clone -q $R x && git -C x config extensions.mystery 1 && "
			       "git -C x config core.repositoryformatversion 1", "x", PM_E_REPO,
	  "unknown to this build", "extensions." },
	{ "partial clone", "git clone -q $R x && git -C x config extensions.partialClone origin && "
			   "git -C x config core.repositoryformatversion 1", "x", 0, "", "" },
	{ "configuration per worktree",
	  "git clone -q $R x && git -C x config extensions.worktreeConfig true && "
	  "git -C x config core.repositoryformatversion 1", "x", 0, "", "" },
	{ "damaged configuration", "git clone -q $R x && echo '[core' >x/.git/config", "x",
	  PM_E_REPO, "cannot open", "" },
	{ "lost commit", "git clone -q --bare $R x && rm -rf x/objects/*", "x", 1,
	  "is not in this repository", "fsck" },
	{ "damaged index is not opened", "git clone -q $R x && echo junk >x/.git/index", "x", 0, "",
	  "" },
	{ "merge and rebase in progress", "git clone -q $R x && touch x/.git/MERGE_HEAD "
					  "x/.git/index.lock && mkdir x/.git/rebase-merge", "x", 0,
	  "", "" },
};

static const struct pm_test_file one_file[] = { { "a", "PORT=4900\n" }, { NULL } };

static void opening(void **state)
{
	const struct opening *row = *state;
	char dir[] = "/tmp/pm-open-XXXXXX", path[256], oid[PM_OID_HEX], want[PM_OID_HEX];
	struct pm_test_repo r;
	struct pm_repo *repo = NULL;
	struct pm_err err = { 0 };
	int rc;

	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, one_file, want);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(pm_test_run(NULL, "cd %s && R=%s && %s", dir, r.dir, row->setup), 0);
	snprintf(path, sizeof(path), "%s/%s", dir, row->open);
	rc = pm_repo_open(&repo, path, &err);
	assert_int_equal(rc, row->code < 0 ? row->code : 0);
	if (rc == 0) {
		rc = pm_repo_commit(repo, "HEAD", oid, &err);
		assert_int_equal(rc, row->code == 1 ? PM_E_REPO : 0);
	}
	if (rc == 0)
		assert_string_equal(oid, want);
	if (!strstr(err.text, row->say) || !strstr(err.hint, row->hint))
		print_error("%s\n  try: %s\n", err.text, err.hint);
	assert_non_null(strstr(err.text, row->say));
	assert_non_null(strstr(err.hint, row->hint));
	pm_repo_free(repo);
	pm_test_run(NULL, "rm -rf %s", dir);
	pm_test_repo_done(&r);
}

static void other_owner(void **state)
{
	struct pm_test_repo r;
	struct pm_repo *repo = NULL;
	struct pm_err err = { 0 };

	(void)state;
	if (geteuid() != 0) {
		print_message("other owner: skipped, needs root\n");
		skip();
	}
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, one_file, NULL);
	assert_int_equal(pm_test_run(NULL, "chown -R 12345 %s", r.dir), 0);
	assert_int_equal(pm_repo_open(&repo, r.dir, &err), PM_E_REPO);
	assert_non_null(strstr(err.text, "belongs to another user"));
	assert_non_null(strstr(err.hint, "git config --global --add safe.directory /tmp/"));
	pm_test_repo_done(&r);
}

static void revisions(void **state)
{
	static const struct { const char *rev; int code; const char *say; } rows[] = {
		{ "HEAD", 0, "" }, { "main", 0, "" }, { "refs/heads/main", 0, "" },
		{ "v1", 0, "" }, { "main~1", 0, "" }, { "nope", PM_E_USAGE, "is not known" },
		{ "main:a", PM_E_USAGE, "not a commit" },
		{ "a..b", PM_E_USAGE, "a range" }, { "\x1b[31m", PM_E_USAGE, "\\033[31m" },
		{ "1234567890123456789012345678901234567890", PM_E_USAGE, "is not known" },
	};
	struct pm_test_repo r;
	struct pm_repo *repo;
	char oid[PM_OID_HEX];

	(void)state;
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, one_file, NULL);
	pm_test_repo_commit(&r, one_file, NULL);
	pm_test_git(&r, NULL, "-c user.name=x -c user.email=x tag -a -m x v1");
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct pm_err err = { 0 };

		assert_int_equal(pm_repo_commit(repo, rows[i].rev, oid, &err), rows[i].code);
		if (!strstr(err.text, rows[i].say))
			print_error("%s: %s\n", rows[i].rev, err.text);
		assert_non_null(strstr(err.text, rows[i].say));
	}
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

/* ---- walking ---- */

static const char *const attributes =
	"*.dat binary\n"
	"# a comment\n"
	"*.gen linguist-generated\n"
	"vendor/** linguist-vendored=true\n"
	"/root-only.txt -portmig\n"
	"\"with space.txt\" -portmig\n"
	"*.txt -text -diff\n"
	"docs/*.md linguist-documentation\n"
	"[attr]macro -portmig\n";

static const struct pm_test_file many[] = {
	{ ".gitattributes", NULL }, { "a-b/x", "1" }, { "a.b", "1" }, { "a/x", "1" },
	{ "a/.gitattributes", "*.dat -binary\nx.gen -linguist-generated\n" }, { "a/k.dat", "1" },
	{ "a/root-only.txt", "1" }, { "a/x.gen", "1" }, { "a0", "1" }, { "docs/x.md", "1" },
	{ "docs/deep/x.md", "1" }, { "k.dat", "1" }, { "link", "a", 0, 0120000 },
	{ "root-only.txt", "1" }, { "run.sh", "1", 0, 0100755 },
	{ "sub", "1234567890123456789012345678901234567890", 0, 0160000 }, { "vendor/a/b.c", "1" },
	{ "with space.txt", "1" }, { "x.gen", "1" }, { "\xff\x1b\n", "1" }, { NULL }
};

static void add_entry(struct pm_buf *b, const struct pm_entry *e)
{
	pm_quote_text(b, pm_str_of(e->path));
	if (e->mode != 0100644)
		pm_buf_addf(b, " %o", e->mode);
	if (e->attrs)
		pm_buf_addf(b, " attrs=%u", e->attrs);
	if (e->skip)
		pm_buf_addf(b, " skip=%s", pm_skip_text(e->skip));
	pm_buf_addc(b, '\n');
}

static void walk_text(struct pm_test_repo *r, const char *oid, const struct pm_limits *lim,
		      struct pm_buf *out)
{
	struct pm_arena arena = { 0 };
	struct pm_tree tree = { 0 };
	struct pm_repo *repo;
	struct pm_err err = { 0 };
	int rc;

	assert_int_equal(pm_repo_open(&repo, r->dir, &err), 0);
	rc = pm_repo_walk(repo, oid, lim, &arena, &tree, &err);
	if (rc)
		pm_buf_addf(out, "%d %s", rc, err.text);
	for (size_t i = 0; rc == 0 && i < tree.n; i++)
		add_entry(out, &tree.v[i]);
	pm_tree_release(&tree);
	pm_arena_release(&arena);
	pm_repo_free(repo);
}

static void walk(void **state)
{
	struct pm_test_file files[sizeof(many) / sizeof(*many)];
	struct pm_limits lim = PM_LIMITS_DEFAULT;
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	struct pm_test_repo r;
	char oid[PM_OID_HEX];

	(void)state;
	memcpy(files, many, sizeof(many));
	files[0].text = attributes;
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, files, oid);
	walk_text(&r, oid, &lim, &out);
	assert_string_equal(pm_buf_str(&out),
		".gitattributes\na-b/x\na.b\na/.gitattributes\na/k.dat\na/root-only.txt\na/x\n"
		"a/x.gen attrs=8\na0\ndocs/deep/x.md\ndocs/x.md attrs=4\nk.dat skip=binary\n"
		"link 120000 skip=symbolic link\n"
		"root-only.txt skip=-portmig in .gitattributes\nrun.sh 100755\n"
		"sub 160000 skip=submodule: run portmig inside it\nvendor/a/b.c attrs=2\n"
		"with space.txt skip=-portmig in .gitattributes\nx.gen attrs=1\n"
		"\"\\377\\033\\n\"\n");
	pm_test_repo_done(&r);
}

static void limits(void **state)
{
	const struct pm_test_file files[] = {
		{ "a/b/c/d", "1" }, { "big", "12345678901" }, { "small", "1234567890" }, { NULL }
	};
	struct pm_limits lim = { 10, 2 };
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	struct pm_test_repo r;
	char oid[PM_OID_HEX];

	(void)state;
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, files, oid);
	walk_text(&r, oid, &lim, &out);
	assert_string_equal(pm_buf_str(&out), "a/b 40000 skip=directories nested too deep\n"
					      "big skip=over the size limit\nsmall\n");
	pm_test_repo_done(&r);
}

/* A thousand levels: the walk has no stack to overflow. */
static void deep_tree(void **state)
{
	struct pm_limits lim = PM_LIMITS_DEFAULT;
	struct pm_test_file files[2] = { { NULL } };
	PM_CLEAN_BUF struct pm_buf path = { 0 };
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	struct pm_test_repo r;
	char oid[PM_OID_HEX];

	(void)state;
	for (int i = 0; i < 1000; i++)
		pm_buf_adds(&path, "d/");
	pm_buf_adds(&path, "x");
	files[0] = (struct pm_test_file){ path.v, "1" };
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, files, oid);
	walk_text(&r, oid, &lim, &out);
	pm_buf_addc(&path, '\n');
	assert_string_equal(pm_buf_str(&out), path.v);
	pm_test_repo_done(&r);
}

/* Trees that Git would not write: mode and name of entries that all have the content "4900\n". */
static const struct hostile { const char *name, *entries[2], *want; size_t cut; } hostiles[] = {
	{ "odd mode", { "100664 x" }, "x 100664\n" },
	{ "name twice", { "100644 x", "100644 x" },
	  "-5 the repository is damaged: tree entry x is out of order" },
	{ "unsorted", { "100644 y", "100644 x" },
	  "-5 the repository is damaged: tree entry x is out of order" },
	{ ".git", { "100644 .git" }, ".git\n" },
	{ "dots", { "100644 .." }, "..\n" },
	{ "slash", { "100644 a/b" }, "a/b\n" },
	{ "cut in an id", { "100644 a", "100644 b" }, "-5 tree b353386bc3d238960420b1f5da5138b6ce4c1efc: the repository is "
	  "damaged: malformed entries", 1 },
	{ "cut in a name", { "100644 a", "100644 b" }, "-5 tree 35c5a77046e770336c61c9a1c072ce1243b688e3: the repository is "
	  "damaged: malformed entries", 22 },
};

/* Store such a tree, without its last `cut` bytes; its id. */
static void store_tree(struct pm_test_repo *r, const char *const entries[2], size_t cut,
		       char id[PM_OID_HEX])
{
	PM_CLEAN_BUF struct pm_buf raw = { 0 };
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	char hex[PM_OID_HEX], path[128];
	FILE *f;

	pm_blob_id(PM_STR("4900\n"), hex);
	for (size_t i = 0; i < 2 && entries[i]; i++) {
		pm_buf_adds(&raw, entries[i]);
		pm_buf_addc(&raw, '\0');
		for (size_t k = 0; k < 20; k++) {
			unsigned byte;

			assert_int_equal(sscanf(hex + 2 * k, "%2x", &byte), 1);
			pm_buf_addc(&raw, (char)byte);
		}
	}
	snprintf(path, sizeof(path), "%s/tree", r->home);
	f = fopen(path, "wb");
	assert_non_null(f);
	fwrite(raw.v, 1, raw.n - cut, f);
	fclose(f);
	assert_int_equal(pm_test_git(r, &out, "version >/dev/null && "
		"echo 4900 | git hash-object -w --stdin >/dev/null && "
		"git hash-object -w -t tree --literally %s", path), 0);
	memcpy(id, out.v, PM_OID_HEX - 1);
	id[PM_OID_HEX - 1] = '\0';
}

static void hostile(void **state)
{
	const struct hostile *row = *state;
	struct pm_limits lim = PM_LIMITS_DEFAULT;
	PM_CLEAN_BUF struct pm_buf id = { 0 };
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	char tree[PM_OID_HEX];
	struct pm_test_repo r;

	pm_test_repo_init(&r);
	store_tree(&r, row->entries, row->cut, tree);
	assert_int_equal(pm_test_git(&r, &id, "-c user.name=x -c user.email=x commit-tree -m x %s",
				     tree), 0);
	id.v[PM_OID_HEX - 1] = '\0';
	walk_text(&r, id.v, &lim, &out);
	assert_string_equal(pm_buf_str(&out), row->want);
	pm_test_repo_done(&r);
}

static void missing_and_damaged_blobs(void **state)
{
	const struct pm_test_file files[] = { { "a", "4900" }, { "b", "4901" }, { NULL } };
	struct pm_inv_options opt = { .limits = PM_LIMITS_DEFAULT };
	struct pm_inventory inv;
	struct pm_test_repo r;
	struct pm_repo *repo;
	struct pm_err err = { 0 };
	char oid[PM_OID_HEX], blob[PM_OID_HEX];

	(void)state;
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, files, oid);
	pm_blob_id(PM_STR("4901"), blob);
	assert_int_equal(pm_test_run(NULL, "rm %s/objects/%.2s/%s", r.dir, blob, blob + 2), 0);
	assert_int_equal(pm_repo_open(&repo, r.dir, &err), 0);
	assert_int_equal(pm_inventory_build(&inv, repo, oid, &opt, &err), 0);
	assert_int_equal(inv.skips.n, 1);
	assert_string_equal(inv.skips.v[0].path, "b");
	assert_false(inv.skips.v[0].readable);
	pm_inventory_release(&inv);
	pm_blob_id(PM_STR("4900"), blob);
	assert_int_equal(pm_test_run(NULL, "chmod u+w %s/objects/%.2s/%s; echo junk >%s/objects/%.2s/%s",
				     r.dir, blob, blob + 2, r.dir, blob, blob + 2), 0);
	pm_repo_free(repo);
	assert_int_equal(pm_repo_open(&repo, r.dir, &err), 0);
	assert_int_equal(pm_inventory_build(&inv, repo, oid, &opt, &err), PM_E_REPO);
	assert_non_null(strstr(err.text, "damaged"));
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

static void single_files(void **state)
{
	static const struct { const char *path; int code; const char *say; } rows[] = {
		{ "a", 0, "" }, { "d/x", 0, "" }, { "nope", PM_E_NOTFOUND, "no file nope" },
		{ "a/x", PM_E_NOTFOUND, "no file" }, { "d", PM_E_USAGE, "is a directory" },
		{ "l", PM_E_USAGE, "symbolic link to d/x" }, { "s", PM_E_USAGE, "submodule" },
	};
	const struct pm_test_file files[] = {
		{ "a", "1" }, { "d/x", "2" }, { "l", "d/x", 0, 0120000 },
		{ "s", "1234567890123456789012345678901234567890", 0, 0160000 }, { NULL }
	};
	struct pm_test_repo r;
	struct pm_repo *repo;
	char oid[PM_OID_HEX];

	(void)state;
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, files, oid);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		PM_CLEAN_BUF struct pm_buf b = { 0 };
		struct pm_err err = { 0 };

		assert_int_equal(pm_repo_file(repo, oid, rows[i].path, NULL, &b, &err),
				 rows[i].code);
		assert_non_null(strstr(err.text, rows[i].say));
	}
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

static const struct content {
	const char *name, *bytes;
	size_t len;
	enum pm_skip_reason want;
} contents[] = {
	{ "empty", "", 0, PM_SKIP_NONE },
	{ "text", "PORT=4900\n", 10, PM_SKIP_NONE },
	{ "Latin-1", "caf\xe9 4900", 9, PM_SKIP_NONE },
	{ "UTF-8 with BOM", "\xef\xbb\xbf" "4900", 7, PM_SKIP_NONE },
	{ "NUL at the end", "4900\0", 5, PM_SKIP_BINARY },
	{ "UTF-16 little", "\xff\xfe" "4\0", 4, PM_SKIP_ENCODING },
	{ "UTF-16 big", "\xfe\xff\0" "4", 4, PM_SKIP_ENCODING },
	{ "UTF-32 big", "\0\0\xfe\xff\0\0\0" "4", 8, PM_SKIP_ENCODING },
	{ "LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 4900\n", 0,
	  PM_SKIP_LFS },
	{ "about LFS", "# version https://git-lfs.github.com/spec/v1\n", 45, PM_SKIP_NONE },
};

static void content(void **state)
{
	const struct content *row = *state;

	size_t len = row->len ? row->len : strlen(row->bytes);

	assert_int_equal(pm_content_skip(row->bytes, len), row->want);
}

/* ---- inventory ---- */

static void inventory(void **state)
{
	const struct pm_test_file files[] = {
		{ ".gitattributes", "gen.env linguist-generated\n" }, { "a.env", "PORT=4900\n" },
		{ "b/c.env", "PORT=4900\n" }, { "b/none.env", "NAME=x\n" },
		{ "gen.env", "PORT=4900\n" }, { "old/x.env", "PORT=4900\n" },
		{ "out/d/x.env", "PORT=4900\n" }, { NULL }
	};
	static const char *exclude[] = { "out" }, *past[] = { "old/**" };
	static const char *const only[] = { "b/", "a.env", NULL };
	struct pm_config config = { .exclude = exclude, .n_exclude = 1, .past = past, .n_past = 1 };
	struct pm_inv_options opt = { .config = &config, .limits = PM_LIMITS_DEFAULT };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_inventory inv;
	struct pm_test_repo r;
	struct pm_repo *repo;
	char oid[PM_OID_HEX];

	(void)state;
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, files, oid);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	assert_int_equal(pm_inventory_build(&inv, repo, oid, &opt, NULL), 0);
	for (size_t i = 0; i < inv.files.n; i++)
		pm_buf_addf(&b, "%s %zu %s\n", inv.files.v[i].path, inv.files.v[i].n_hits,
			    inv.files.v[i].class_why ? inv.files.v[i].class_why : "-");
	assert_string_equal(b.v, "a.env 1 -\nb/c.env 1 -\n"
				 "gen.env 1 linguist-generated in .gitattributes\n"
				 "old/x.env 1 listed as past in portmig.yaml\n");
	assert_int_equal(inv.n_paths, 7);
	assert_int_equal(inv.skips.n, 1);
	assert_string_equal(inv.skips.v[0].why, "excluded by portmig.yaml");
	pm_inventory_release(&inv);
	opt.only_paths = only;
	assert_int_equal(pm_inventory_build(&inv, repo, oid, &opt, NULL), 0);
	assert_int_equal(inv.files.n, 2);
	assert_int_equal(inv.n_files, 3);
	pm_inventory_release(&inv);
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

/* ---- identities ---- */

static const char *const *fake_env; /* NAME, value, ..., NULL */

static const char *env_of_row(const char *name)
{
	for (const char *const *p = fake_env; p && *p; p += 2)
		if (strcmp(*p, name) == 0)
			return p[1];
	return NULL;
}

static const struct ident {
	const char *name, *config;
	const char *env[9];
	const char *want; /* or the text of the error */
	int code;
} idents[] = {
	{ "environment", "", { "GIT_AUTHOR_NAME", "A B", "GIT_AUTHOR_EMAIL", "a@b",
			       "GIT_AUTHOR_DATE", "1700000000 +0130" },
	  "A B <a@b> 1700000000 90", 0 },
	{ "configuration", "[user]\nname=U\nemail=u@x\n", { "GIT_AUTHOR_DATE", "@5 -0800" },
	  "U <u@x> 5 -480", 0 },
	{ "author.* before user.*", "[user]\nname=U\nemail=u@x\n[author]\nname=W\n",
	  { "GIT_AUTHOR_DATE", "@5 +0000" }, "W <u@x> 5 0", 0 },
	{ "environment before configuration", "[user]\nname=U\nemail=u@x\n",
	  { "GIT_AUTHOR_NAME", "E", "GIT_AUTHOR_DATE", "@5 +0000" }, "E <u@x> 5 0", 0 },
	{ "EMAIL comes last", "[user]\nname=U\n", { "EMAIL", "m@x", "GIT_AUTHOR_DATE", "@5 +0000" },
	  "U <m@x> 5 0", 0 },
	{ "ISO 8601", "[user]\nname=U\nemail=u@x\n",
	  { "GIT_AUTHOR_DATE", "2005-04-07T22:13:13+02:00" }, "U <u@x> 1112904793 120", 0 },
	{ "ISO 8601 with a space", "[user]\nname=U\nemail=u@x\n",
	  { "GIT_AUTHOR_DATE", "2005-04-07 22:13:13 Z" }, "U <u@x> 1112911993 0", 0 },
	{ "RFC 2822", "[user]\nname=U\nemail=u@x\n",
	  { "GIT_AUTHOR_DATE", "Thu, 07 Apr 2005 22:13:13 +0200" }, "U <u@x> 1112904793 120", 0 },
	{ "SOURCE_DATE_EPOCH", "[user]\nname=U\nemail=u@x\n", { "SOURCE_DATE_EPOCH", "1700000000" },
	  "U <u@x> 1700000000 0", 0 },
	{ "no name", "[user]\nemail=u@x\n", { NULL }, "no name", PM_E_USAGE },
	{ "no mail", "[user]\nname=U\n", { NULL }, "no mail", PM_E_USAGE },
	{ "blank name", "[user]\nemail=u@x\n", { "GIT_AUTHOR_NAME", "  " }, "no name", PM_E_USAGE },
	{ "angle bracket", "[user]\nemail=u@x\n", { "GIT_AUTHOR_NAME", "a<b" }, "cannot hold",
	  PM_E_USAGE },
	{ "no date", "[user]\nname=U\nemail=u@x\n", { "GIT_AUTHOR_DATE", "now" }, "not a date",
	  PM_E_USAGE },
	{ "date with a tail", "[user]\nname=U\nemail=u@x\n", { "GIT_AUTHOR_DATE", "1700000000 x" },
	  "not a date", PM_E_USAGE },
};

static void ident(void **state)
{
	const struct ident *row = *state;
	PM_CLEAN_BUF struct pm_buf got = { 0 };
	struct pm_test_repo r;
	struct pm_repo *repo;
	struct pm_ident id;
	struct pm_err err = { 0 };

	pm_test_repo_init(&r);
	pm_test_run(NULL, "printf '%s' >>%s/config", row->config, r.dir);
	assert_int_equal(pm_repo_open(&repo, r.dir, &err), 0);
	fake_env = row->env;
	assert_int_equal(pm_repo_ident(repo, env_of_row, false, &id, &err), row->code);
	if (row->code) {
		assert_non_null(strstr(err.text, row->want));
	} else {
		pm_buf_addf(&got, "%s <%s> %lld %d", id.name, id.email, (long long)id.when,
			    id.offset_min);
		assert_string_equal(got.v, row->want);
	}
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

/* ---- trees ---- */

static void odd_modes_survive(void **state)
{
	static const char *const entries[2] = { "100664 x", "100600 y" };
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	struct pm_blob_edit e = { .path = "x", .bytes = PM_STR("4600\n") };
	char old[PM_OID_HEX], before[PM_OID_HEX], tree[PM_OID_HEX];
	struct pm_test_repo r;
	struct pm_repo *repo;
	struct pm_err err = { 0 };

	(void)state;
	pm_test_repo_init(&r);
	store_tree(&r, entries, 0, before);
	pm_blob_id(PM_STR("4900\n"), old);
	e.old_oid = old;
	assert_int_equal(pm_repo_open(&repo, r.dir, &err), 0);
	assert_int_equal(pm_repo_write_tree(repo, before, &e, 1, tree, &err), 0);
	assert_string_not_equal(tree, before);
	pm_test_git(&r, &out, "cat-file tree %s | tr '\\0' '\\n' | grep -ao '100[0-9]* [xy]'", tree);
	assert_string_equal(out.v, "100664 x\n100600 y\n");
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

static void tree_differences(void **state)
{
	const struct pm_test_file before[] = {
		{ "a", "1" }, { "b/x", "1" }, { "b/y", "1" }, { "c", "1" }, { "d/x", "1" },
		{ "e", "1" }, { "f", "1" }, { "g-h", "1" }, { "g/x", "1" }, { NULL }
	};
	const struct pm_test_file after[] = {
		{ "a", "1" }, { "b/x", "2" }, { "b/z", "1" }, { "c", "1", 0, 0100755 },
		{ "d", "1" }, { "e/deep/x", "1" }, { "f", "1", 0, 0120000 }, { "g-h", "1" },
		{ "g/x", "2" }, { NULL }
	};
	struct pm_path_changes d = { 0 };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	char c1[PM_OID_HEX], c2[PM_OID_HEX], t1[PM_OID_HEX], t2[PM_OID_HEX];
	struct pm_arena arena = { 0 };
	struct pm_test_repo r;
	struct pm_repo *repo;

	(void)state;
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, before, c1);
	pm_test_repo_commit(&r, after, c2);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	assert_int_equal(pm_repo_tree_of(repo, c1, t1, NULL), 0);
	assert_int_equal(pm_repo_tree_of(repo, c2, t2, NULL), 0);
	assert_int_equal(pm_repo_tree_diff(repo, t1, t2, &arena, &d, NULL), 0);
	for (size_t i = 0; i < d.n; i++)
		pm_buf_addf(&b, "%s %o>%o\n", d.v[i].path, d.v[i].old_mode, d.v[i].new_mode);
	assert_string_equal(b.v, "b/x 100644>100644\nb/y 100644>0\nb/z 0>100644\n"
				 "c 100644>100755\nd 0>100644\nd/x 100644>0\ne 100644>0\n"
				 "e/deep/x 0>100644\nf 100644>120000\ng/x 100644>100644\n");
	PM_VEC_FREE(&d);
	assert_int_equal(pm_repo_tree_diff(repo, t1, t1, &arena, &d, NULL), 0);
	assert_int_equal(d.n, 0);
	pm_arena_release(&arena);
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

static void hooks(void **state)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_test_repo r;
	struct pm_repo *repo;

	(void)state;
	pm_test_repo_init(&r);
	pm_test_run(NULL, "mkdir -p %s/hooks && cd %s/hooks && rm -f * && touch pre-commit commit-msg "
		    "update && chmod +x pre-commit update", r.dir, r.dir);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	assert_int_equal(pm_repo_hooks(repo, &b), 1);
	assert_string_equal(b.v, "pre-commit");
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

#define ADD_ROWS(c, head, fn, rows) \
	for (size_t i_ = 0; i_ < sizeof(rows) / sizeof(*(rows)); i_++) { \
		char name_[160]; \
		snprintf(name_, sizeof(name_), "%s: %s", (head), (rows)[i_].name); \
		pm_cases_add((c), name_, (fn), &(rows)[i_]); \
	}

int main(void)
{
	struct pm_cases c = { 0 };

	ADD_ROWS(&c, "open", opening, openings);
	pm_cases_add(&c, "open: other owner", other_owner, NULL);
	pm_cases_add(&c, "revisions", revisions, NULL);
	pm_cases_add(&c, "walk: order, skips, attributes", walk, NULL);
	pm_cases_add(&c, "walk: limits", limits, NULL);
	pm_cases_add(&c, "walk: deep tree", deep_tree, NULL);
	ADD_ROWS(&c, "hostile tree", hostile, hostiles);
	pm_cases_add(&c, "missing and damaged blobs", missing_and_damaged_blobs, NULL);
	pm_cases_add(&c, "single files", single_files, NULL);
	ADD_ROWS(&c, "content", content, contents);
	pm_cases_add(&c, "inventory", inventory, NULL);
	ADD_ROWS(&c, "identity", ident, idents);
	pm_cases_add(&c, "odd modes survive", odd_modes_survive, NULL);
	pm_cases_add(&c, "tree differences", tree_differences, NULL);
	pm_cases_add(&c, "hooks", hooks, NULL);
	return pm_cases_run(&c, "git");
}
