/* repo.c - see repo.h. */
#include "repo.h"

#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { START = 1700000000 };

/* libgit2 1.5 forgets PCRE2's match data when it looks for extensions.* in a configuration. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2-8.so\n";
}

static int run(struct pm_buf *out, const char *command)
{
	char chunk[4096];
	size_t n;
	FILE *f = popen(command, "r");
	int status;

	assert_non_null(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		if (out)
			pm_buf_add(out, chunk, n);
	status = pclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

int pm_test_run(struct pm_buf *out, const char *fmt, ...)
{
	PM_CLEAN_BUF struct pm_buf command = { 0 };
	va_list ap;

	pm_buf_adds(&command, "{ ");
	va_start(ap, fmt);
	pm_buf_vaddf(&command, fmt, ap);
	va_end(ap);
	pm_buf_adds(&command, "\n} 2>&1");
	return run(out, command.v);
}

int pm_test_git(const struct pm_test_repo *r, struct pm_buf *out, const char *fmt, ...)
{
	PM_CLEAN_BUF struct pm_buf command = { 0 };
	va_list ap;

	pm_buf_addf(&command, "{ cd '%s' && git ", r->dir);
	va_start(ap, fmt);
	pm_buf_vaddf(&command, fmt, ap);
	va_end(ap);
	pm_buf_adds(&command, "\n} 2>&1");
	return run(out, command.v);
}

void pm_test_repo_init(struct pm_test_repo *r)
{
	memset(r, 0, sizeof(*r));
	snprintf(r->dir, sizeof(r->dir), "/tmp/pm-repo-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->home, sizeof(r->home), "/tmp/pm-home-XXXXXX");
	assert_non_null(mkdtemp(r->home));
	setenv("HOME", r->home, 1);
	setenv("XDG_CONFIG_HOME", r->home, 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	unsetenv("GIT_DIR");
	assert_int_equal(pm_test_git(r, NULL, "init -q --bare --initial-branch=main"), 0);
}

void pm_test_repo_done(struct pm_test_repo *r)
{
	pm_test_run(NULL, "rm -rf '%s' '%s'", r->dir, r->home);
}

/* A path as fast-import reads it. */
static void put_path(FILE *f, const char *path)
{
	fputc('"', f);
	for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
		if (*p < 0x20 || *p >= 0x7f || *p == '"' || *p == '\\')
			fprintf(f, "\\%03o", *p);
		else
			fputc(*p, f);
	}
	fputc('"', f);
}

static void put_file(FILE *f, const struct pm_test_file *file)
{
	size_t len = file->len ? file->len : strlen(file->text);
	unsigned mode = file->mode ? file->mode : 0100644;

	if (mode == 0160000) {
		fprintf(f, "M %o %s ", mode, file->text);
		put_path(f, file->path);
	} else {
		fprintf(f, "M %o inline ", mode);
		put_path(f, file->path);
		fprintf(f, "\ndata %zu\n", len);
		fwrite(file->text, 1, len, f);
	}
	fputc('\n', f);
}

void pm_test_repo_commit(struct pm_test_repo *r, const struct pm_test_file *files,
			 char oid[PM_OID_HEX])
{
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	char command[256];
	FILE *f;

	snprintf(command, sizeof(command), "cd '%s' && git fast-import --quiet >/dev/null 2>&1",
		 r->dir);
	f = popen(command, "w");
	assert_non_null(f);
	fprintf(f, "commit refs/heads/main\ncommitter Test <test@example.org> %u +0000\n",
		START + r->clock);
	fprintf(f, "data 5\nstate\n");
	if (r->clock)
		fprintf(f, "from refs/heads/main^0\n");
	fprintf(f, "deleteall\n");
	for (; files->path; files++)
		put_file(f, files);
	fprintf(f, "\ndone\n");
	assert_int_equal(pclose(f), 0);
	r->clock += 60;
	assert_int_equal(pm_test_git(r, &out, "rev-parse main"), 0);
	if (oid) {
		memcpy(oid, out.v, PM_OID_HEX - 1);
		oid[PM_OID_HEX - 1] = '\0';
	}
}

void pm_test_repo_state(const struct pm_test_repo *r, struct pm_buf *out)
{
	pm_test_git(r, out, "for-each-ref");
	pm_test_run(out, "cd '%s' && cat HEAD config packed-refs; ls logs index; true", r->dir);
}

const char *pm_test_env(const char *name)
{
	static const char *const known[][2] = {
		{ "GIT_AUTHOR_NAME", "A. Thor" },
		{ "GIT_AUTHOR_EMAIL", "author@example.org" },
		{ "GIT_AUTHOR_DATE", "1700001000 +0100" },
		{ "GIT_COMMITTER_NAME", "C. Mitter" },
		{ "GIT_COMMITTER_EMAIL", "committer@example.org" },
		{ "GIT_COMMITTER_DATE", "2023-11-14T22:30:00+00:00" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i][0], name) == 0)
			return known[i][1];
	return NULL;
}
