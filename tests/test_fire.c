/*
 * test_fire.c - the program of a release build while things break: every call that changes a file
 * fails or is the last one, every allocation fails, reading fails. Whatever happens, the repository
 * is as it was or the branch is there and complete; no result is wrong without a word.
 *
 * A row runs one command again and again: the first call fails, then the second, until the command
 * comes through without a failure. Rows with a stride leave calls out, for time; with
 * PM_EVERY_CALL=1 in the environment they do not.
 */
#include "cases.h"
#include "fault.h"
#include "files.h"
#include "repo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The repository as it is before each run, where it runs, and where it writes its files. */
static struct {
	char dir[64], work[80], out[80];
	struct pm_test_files base;
} scene;

static const char *const apply[] = { PM_BINARY, "apply", "../plan.json", "--accept-holds=skip",
				     NULL };
static const char *const apply_dry[] = { PM_BINARY, "apply", "../plan.json",
					 "--accept-holds=skip", "--dry-run", NULL };
static const char *const plan_new[] = { PM_BINARY, "plan", "--format", "json", "-o", "../out/new",
					NULL };
static const char *const plan_old[] = { PM_BINARY, "plan", "--format", "json", "-o", "../out/old",
					NULL };
static const char *const scan_json[] = { PM_BINARY, "scan", "--format", "json", NULL };
static const char *const plan_text[] = { PM_BINARY, "plan", NULL };
static const char *const schema_yaml[] = { PM_BINARY, "schema", "export", "--format", "yaml",
					   NULL };
static const char *const explain[] = { PM_BINARY, "explain", "docker-compose.yml:6", NULL };

static const struct row {
	const char *name;
	const char *const *argv;
	struct pm_fault fault;
	unsigned stride; /* not every call but every so many; 0 is 1 */
} rows[] = {
	{ "apply, killed", apply, { PM_CALLS_WRITE, PM_FAULT_KILL } },
	{ "apply, disk full once", apply, { PM_CALLS_WRITE, PM_FAULT_ERROR, ENOSPC }, 4 },
	{ "apply, disk full", apply, { PM_CALLS_WRITE, PM_FAULT_ERROR, ENOSPC, .forever = true } },
	{ "apply, EIO", apply, { PM_CALLS_WRITE, PM_FAULT_ERROR, EIO } },
	{ "apply, EACCES", apply, { PM_CALLS_WRITE, PM_FAULT_ERROR, EACCES, .forever = true }, 3 },
	{ "apply, EROFS", apply, { PM_CALLS_WRITE, PM_FAULT_ERROR, EROFS, .forever = true }, 3 },
	{ "apply, interrupted", apply, { PM_CALLS_WRITE, PM_FAULT_ERROR, EINTR } },
	{ "apply, short write", apply, { PM_CALLS_WRITE, PM_FAULT_SHORT }, 5 },
	{ "apply, short writes", apply, { PM_CALLS_WRITE, PM_FAULT_SHORT, .forever = true }, 19 },
	{ "new file, killed", plan_new, { PM_CALLS_WRITE, PM_FAULT_KILL } },
	{ "new file, disk full", plan_new,
	  { PM_CALLS_WRITE, PM_FAULT_ERROR, ENOSPC, .forever = true } },
	{ "new file, EIO", plan_new, { PM_CALLS_WRITE, PM_FAULT_ERROR, EIO } },
	{ "old file, killed", plan_old, { PM_CALLS_WRITE, PM_FAULT_KILL } },
	{ "old file, EIO", plan_old, { PM_CALLS_WRITE, PM_FAULT_ERROR, EIO } },
	{ "old file, disk full", plan_old,
	  { PM_CALLS_WRITE, PM_FAULT_ERROR, ENOSPC, .forever = true } },
	{ "old file, EACCES", plan_old, { PM_CALLS_WRITE, PM_FAULT_ERROR, EACCES } },
	{ "old file, interrupted", plan_old, { PM_CALLS_WRITE, PM_FAULT_ERROR, EINTR } },
	{ "old file, short writes", plan_old, { PM_CALLS_WRITE, PM_FAULT_SHORT, .forever = true } },
	{ "apply, reading EIO", apply, { PM_CALLS_READ, PM_FAULT_ERROR, EIO }, 3 },
	{ "apply, reading EMFILE", apply, { PM_CALLS_READ, PM_FAULT_ERROR, EMFILE, .forever = true }, 7 },
	{ "scan, reading EIO", scan_json, { PM_CALLS_READ, PM_FAULT_ERROR, EIO }, 2 },
	{ "scan, reading EACCES", scan_json, { PM_CALLS_READ, PM_FAULT_ERROR, EACCES }, 3 },
	{ "scan, reading interrupted", scan_json, { PM_CALLS_READ, PM_FAULT_ERROR, EINTR }, 2 },
	{ "scan, short reads", scan_json, { PM_CALLS_READ, PM_FAULT_SHORT, .forever = true }, 27 },
	{ "apply, no memory once", apply, { PM_CALLS_MEMORY, PM_FAULT_ERROR, ENOMEM }, 211 },
	{ "apply, no memory", apply,
	  { PM_CALLS_MEMORY, PM_FAULT_ERROR, ENOMEM, .forever = true }, 241 },
	{ "apply --dry-run, no memory once", apply_dry,
	  { PM_CALLS_MEMORY, PM_FAULT_ERROR, ENOMEM }, 229 },
	{ "scan, no memory once", scan_json, { PM_CALLS_MEMORY, PM_FAULT_ERROR, ENOMEM }, 157 },
	{ "plan, no memory once", plan_text, { PM_CALLS_MEMORY, PM_FAULT_ERROR, ENOMEM }, 179 },
	{ "schema export, no memory once", schema_yaml,
	  { PM_CALLS_MEMORY, PM_FAULT_ERROR, ENOMEM }, 199 },
	{ "explain, no memory once", explain, { PM_CALLS_MEMORY, PM_FAULT_ERROR, ENOMEM }, 251 },
};

/* ---- what is there ---- */

/* Objects may be added, in whole files: git fsck looks at them. */
static bool is_object(const char *path)
{
	return strncmp(path, ".git/objects", 12) == 0;
}

/* Of the new branch, in refs/ and logs/. */
static bool is_branch(const char *path)
{
	return strstr(path, "/refs/heads/portmig") != NULL;
}

/* What a process leaves behind that had to stop. */
static bool is_left(const char *path)
{
	return strstr(path, ".lock") || strstr(path, "/tmp_") || strstr(path, ".tmp") ||
	       strcmp(path, ".git/gc.pid") == 0;
}

struct state {
	struct pm_buf branch; /* what the new branch is, "" for none */
	struct pm_buf files;  /* the others, with times and bytes */
	struct pm_buf left;
};

static void state_release(struct state *s)
{
	pm_buf_release(&s->branch);
	pm_buf_release(&s->files);
	pm_buf_release(&s->left);
}

static void look(struct state *s)
{
	struct pm_test_files f = { 0 };

	pm_test_files_load(&f, scene.work);
	for (size_t i = 0; i < f.n; i++) {
		const struct pm_test_entry *e = &f.v[i];

		if (is_left(e->path))
			pm_buf_addf(&s->left, "%s\n", e->path);
		else if (S_ISDIR(e->st.st_mode) || is_object(e->path))
			continue;
		else if (is_branch(e->path) && strncmp(e->path, ".git/logs", 9) != 0)
			pm_buf_addf(&s->branch, "%s %s", e->path, pm_buf_str(&e->bytes));
		else if (!is_branch(e->path)) {
			pm_buf_addf(&s->files, "%s %o %lld.%09ld\n", e->path, e->st.st_mode,
				    (long long)e->st.st_mtim.tv_sec, e->st.st_mtim.tv_nsec);
			pm_buf_add(&s->files, pm_buf_str(&e->bytes), e->bytes.n);
		}
	}
	pm_test_files_release(&f);
}

/* The folder beside the repository where the commands write their files. */
static void look_out(struct pm_buf *out, bool with_temporary)
{
	struct pm_test_files f = { 0 };

	pm_test_files_load(&f, scene.out);
	for (size_t i = 0; i < f.n; i++)
		if (with_temporary || !strchr(f.v[i].path, '.'))
			pm_buf_addf(out, "%s\n%s", f.v[i].path, pm_buf_str(&f.v[i].bytes));
	pm_test_files_release(&f);
}

static void fresh(void)
{
	struct pm_buf before = { (char[]){ "before\n" }, 7, 8 };
	struct pm_test_entry old = { (char[]){ "old" }, { .st_mode = S_IFREG | 0644 }, before };
	const struct pm_test_files out = { &old, 1, 1 };

	pm_test_files_write(&scene.base, scene.work);
	pm_test_files_write(&out, scene.out);
}

static bool every_call_wanted(void)
{
	return getenv("PM_EVERY_CALL") != NULL;
}

/* ---- one run ---- */

/* A row's command without a fault: what it prints, and what is there afterwards. */
struct good {
	const struct row *row;
	struct pm_fault_run run;
	struct state before, after;
	struct pm_buf out_before, out_after;
};

static void complain(const struct pm_fault_run *run, const char *what)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_fault_tell(&b, run);
	fail_msg("%s\n%s%s", what, pm_buf_str(&b), pm_buf_str(&run->out));
}

#define REQUIRE(run, cond, what) ((cond) ? (void)0 : complain(run, what))

static bool same(const struct pm_buf *a, const struct pm_buf *b)
{
	return a->n == b->n && (!a->n || memcmp(a->v, b->v, a->n) == 0);
}

static bool says(const struct pm_fault_run *run, const char *words)
{
	return run->err.n && strstr(run->err.v, words);
}

/* The branch is not there or complete; everything else is as before. */
static void check_repository(const struct good *g, const struct pm_fault_run *run,
			     const struct state *now)
{
	bool complete = same(&now->branch, &g->after.branch);

	REQUIRE(run, complete || !now->branch.n, "the branch is neither there nor not there");
	REQUIRE(run, same(&now->files, &g->before.files), "files of the repository differ");
	if (run->status == 0)
		REQUIRE(run, complete, "success, and no branch");
	if (says(run, "nothing was published"))
		REQUIRE(run, !now->branch.n, "it says that nothing was published");
	if (says(run, "portmig: the branch was created") || says(run, "; the branch was created"))
		REQUIRE(run, complete, "it says that the branch was created");
	if (run->status && run->status < 128 && now->branch.n)
		REQUIRE(run, says(run, "the branch was created"), "a branch in silence");
	/* what cannot be removed stays */
	if (run->status < 128 && run->seen.fault.calls != PM_CALLS_MEMORY &&
	    strncmp(run->seen.call, "unlink", 6) != 0 && !run->seen.fault.forever)
		REQUIRE(run, !now->left.n, "locks or temporary files are left");
}

static void check_objects(const struct pm_fault_run *run)
{
	PM_CLEAN_BUF struct pm_buf said = { 0 };

	REQUIRE(run, pm_test_run(&said, "git -C '%s' fsck --strict --no-dangling --no-progress",
				 scene.work) == 0, pm_buf_str(&said));
}

/* Output files hold what was there, or all that is new. */
static void check_out(const struct good *g, const struct pm_fault_run *run)
{
	PM_CLEAN_BUF struct pm_buf now = { 0 };
	bool unremovable = strncmp(run->seen.call, "unlink", 6) == 0 ||
			   (run->seen.fault.forever && run->seen.fault.error != ENOSPC);

	look_out(&now, run->status < 128 && !unremovable);
	REQUIRE(run, same(&now, &g->out_after) || (run->status && same(&now, &g->out_before)),
		"an output file is neither old nor new, or one is left over");
}

/* Calls that a signal really interrupts. */
static bool is_transfer(const char *call)
{
	return strncmp(call, "read ", 5) == 0 || strncmp(call, "write ", 6) == 0 ||
	       strncmp(call, "pread ", 6) == 0;
}

static void check_answer(const struct good *g, const struct pm_fault_run *run)
{
	const struct pm_fault *f = &run->seen.fault;

	if (f->kind == PM_FAULT_KILL) {
		REQUIRE(run, run->status == 137, "it was not killed");
		return;
	}
	REQUIRE(run, run->status < 128, "it crashed");
	if (run->status == g->run.status)
		REQUIRE(run, same(&run->out, &g->run.out), "another result, in silence");
	else
		REQUIRE(run, says(run, "portmig: "), "no message");
	if (f->kind == PM_FAULT_SHORT || (f->error == EINTR && is_transfer(run->seen.call)))
		REQUIRE(run, run->status == g->run.status, "it did not try again");
	else if (f->calls == PM_CALLS_READ)
		REQUIRE(run, run->status == g->run.status || (run->status >= 2 && run->status <= 5),
			"status is none of a failure to read");
	else
		REQUIRE(run, run->status == g->run.status || run->status == 5,
			"status is not that of disk and memory");
}

/* After the fault is gone the same command comes through, or names the lock that is in the way. */
static void check_retry(const struct good *g, const struct state *left)
{
	const struct pm_fault none = { 0 };
	struct pm_fault_run again = { 0 };

	pm_fault_exec(&again, scene.work, g->row->argv, &none);
	if (again.status != g->run.status) {
		REQUIRE(&again, again.status == 3 && says(&again, ".lock") && says(&again, "try:"),
			"the second try fails and does not say how to go on");
		REQUIRE(&again, left->left.n > 0, "no lock is there");
		assert_int_equal(pm_test_run(NULL, "find '%s/.git/refs' -name '*.lock' -delete",
					     scene.work), 0);
		pm_fault_exec(&again, scene.work, g->row->argv, &none);
		REQUIRE(&again, again.status == g->run.status, "without the lock it fails, too");
	}
	pm_fault_run_release(&again);
}

static void good_record(struct good *g, const struct row *row)
{
	const struct pm_fault none = { .calls = row->fault.calls };

	g->row = row;
	fresh();
	look(&g->before);
	look_out(&g->out_before, true);
	pm_fault_exec(&g->run, scene.work, row->argv, &none);
	REQUIRE(&g->run, g->run.status == 0, "the command fails by itself");
	look(&g->after);
	look_out(&g->out_after, true);
	REQUIRE(&g->run, same(&g->before.files, &g->after.files), "it changes files");
	REQUIRE(&g->run, !g->after.left.n, "it leaves files over");
}

static void good_release(struct good *g)
{
	pm_fault_run_release(&g->run);
	state_release(&g->before);
	state_release(&g->after);
	pm_buf_release(&g->out_before);
	pm_buf_release(&g->out_after);
}

/* The n-th call fails; false when there is no such call any more. */
static bool strike(const struct good *g, uint64_t n)
{
	bool writes = g->after.branch.n || !same(&g->out_before, &g->out_after);
	struct pm_fault f = g->row->fault;
	struct pm_fault_run run = { 0 };
	struct state now = { 0 };
	bool fired;

	f.at = n;
	fresh();
	pm_fault_exec(&run, scene.work, g->row->argv, &f);
	fired = run.seen.fired;
	look(&now);
	if (fired)
		check_answer(g, &run);
	else
		REQUIRE(&run, run.status == g->run.status && same(&run.out, &g->run.out),
			"no fault, and another result");
	check_repository(g, &run, &now);
	check_out(g, &run);
	/* costly, and dull where nothing was interrupted halfway */
	if (fired && writes && (f.kind == PM_FAULT_KILL || every_call_wanted() || n % 8 == 1)) {
		check_retry(g, &now);
		check_objects(&run);
	}
	state_release(&now);
	pm_fault_run_release(&run);
	return fired;
}

static void every_call(void **state)
{
	const struct row *row = *state;
	uint64_t stride = row->stride && !every_call_wanted() ? row->stride : 1, n = 1;
	struct good g = { 0 };

	good_record(&g, row);
	/* the last run is the one in which nothing fails */
	while (strike(&g, n))
		n += stride;
	print_message("%s: %llu of %llu calls\n", row->name, (unsigned long long)((n - 1) / stride),
		      (unsigned long long)g.run.seen.count[row->fault.calls]);
	assert_true(n > 1);
	good_release(&g);
}

/* ---- the scene ---- */

static void build_scene(void)
{
	PM_CLEAN_BUF struct pm_buf out = { 0 };

	snprintf(scene.dir, sizeof(scene.dir), "/tmp/pm-fire-XXXXXX");
	assert_non_null(mkdtemp(scene.dir));
	snprintf(scene.work, sizeof(scene.work), "%s/w", scene.dir);
	snprintf(scene.out, sizeof(scene.out), "%s/out", scene.dir);
	if (pm_test_run(&out, "mkdir '%s' && cd '%s' && . %s/support/cli.sh && shop && commit && "
			"rm -rf .git/hooks && '%s' plan --format json -o ../plan.json",
			scene.work, scene.work, PM_TEST_DIR, PM_BINARY) != 0)
		fail_msg("%s", pm_buf_str(&out));
	pm_test_files_load(&scene.base, scene.work);
	setenv("HOME", scene.dir, 1);
	setenv("XDG_CONFIG_HOME", scene.dir, 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("LC_ALL", "C", 1);
	for (const char *const *name = (const char *const[]){ "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL",
			"GIT_AUTHOR_DATE", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL",
			"GIT_COMMITTER_DATE", NULL }; *name; name++)
		setenv(*name, pm_test_env(*name), 1);
}

static int begin(void **state)
{
	(void)state;
	build_scene();
	return 0;
}

static int end(void **state)
{
	(void)state;
	pm_test_files_release(&scene.base);
	pm_test_files_remove(scene.dir);
	return 0;
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		pm_cases_add(&c, rows[i].name, every_call, &rows[i]);
	return _cmocka_run_group_tests("fire", c.v, c.n, begin, end);
}
