/*
 * test_cli.c - the program from end to end. Each folder of tests/cases/cli has `run`, a shell
 * script that builds a repository and runs $PM in an empty directory (with the functions of
 * tests/support/cli.sh), and `expected`: its standard output, then its standard error.
 */
#include "cases.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static void add_file(struct pm_buf *b, const char *dir, const char *name)
{
	char path[4200];
	char *text;
	size_t n = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	text = pm_read_file(path, &n);
	assert_non_null(text);
	pm_buf_add(b, text, n);
	free(text);
}

static void folder(void **state)
{
	const char *dir = *state;
	char tmp[] = "/tmp/pm-cli-XXXXXX", path[8300];
	PM_CLEAN_BUF struct pm_buf command = { 0 }, got = { 0 };
	int status;

	assert_non_null(mkdtemp(tmp));
	pm_buf_addf(&command,
		    "mkdir %s/w && cd %s/w && PM='%s' CASE='%s' XDG_CACHE_HOME=%s/cache timeout 60 "
		    "sh -u -c '. %s/support/cli.sh; . %s/run' >%s/out 2>%s/err </dev/null",
		    tmp, tmp, PM_BINARY, dir, tmp, PM_TEST_DIR, dir, tmp, tmp);
	status = system(pm_buf_str(&command));
	pm_buf_clear(&command);
	pm_buf_addf(&command, "sed -i 's,%s/w,HERE,g' %s/out %s/err", tmp, tmp, tmp);
	assert_int_equal(system(pm_buf_str(&command)), 0);
	add_file(&got, tmp, "out");
	pm_buf_adds(&got, "== stderr ==\n");
	add_file(&got, tmp, "err");
	pm_buf_clear(&command);
	pm_buf_addf(&command, "rm -rf %s", tmp);
	assert_int_equal(system(pm_buf_str(&command)), 0);
	snprintf(path, sizeof(path), "%s/expected", dir);
	pm_assert_golden(path, pm_buf_str(&got));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	struct pm_cases c = { 0 };

	pm_cases_add_folders(&c, "cli", folder);
	return pm_cases_run(&c, "cli");
}
