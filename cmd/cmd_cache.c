/* cmd_cache.c - portmig cache: what is kept between runs. */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "source.h"
#include "timing.h"
#include "user_cache.h"

#include <string.h>

/* What there is of each kind, in words of users. */
static void info_kinds(struct pm_buf *b, const struct pm_cache_info *i)
{
	static const struct { enum pm_cache_kind kind; const char *what; } kinds[] = {
		{ PM_CACHE_FILE, "files, for scan, plan and check" },
		{ PM_CACHE_COMMIT, "commits, for history" },
		{ PM_CACHE_VERSION, "files of a commit, for history" },
		{ PM_CACHE_NAMES, "manifests of the past, for history" },
		{ PM_CACHE_OWNER, "owners of statements, for history" },
	};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		if (i->kinds[kinds[k].kind].entries)
			pm_buf_addf(b, "  %-35s  %zu, %.1f MiB\n", kinds[k].what,
				    i->kinds[kinds[k].kind].entries,
				    (double)i->kinds[kinds[k].kind].bytes / (1 << 20));
}

static int info(const char *dir, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_cache_info i;
	int rc = pm_cache_info(&i, dir, pm_cache_generation(), err);

	if (rc)
		return rc;
	pm_buf_adds(&b, "directory      ");
	pm_quote_text(&b, pm_str_of(dir));
	pm_buf_addf(&b, "\nthis version   %zu record%s in %zu file%s, %.1f MiB\n", i.entries,
		    i.entries == 1 ? "" : "s", i.segments, i.segments == 1 ? "" : "s",
		    (double)i.bytes / (1 << 20));
	info_kinds(&b, &i);
	pm_buf_addf(&b, "others         %zu file%s, %.1f MiB\n", i.old_segments,
		    i.old_segments == 1 ? "" : "s", (double)i.old_bytes / (1 << 20));
	pm_buf_addf(&b, "at most        %llu MiB\n",
		    (unsigned long long)(PM_CACHE_SIZE_DEFAULT >> 20));
	return pm_out_stdout(&b, err);
}

/* Read a commit as scan and plan would. */
static int warm(const struct pm_ctx *ctx, const char *rev, const struct pm_reading *reading,
		struct pm_err *err)
{
	PM_CLEAN_VIEW struct pm_view v = { 0 };
	const struct pm_inv_options opt = { .bare = true, .names = true };
	struct pm_inventory inv = { 0 };
	int rc = pm_view_open(&v, ctx, rev, err);

	v.reading = *reading;
	if (!rc)
		rc = pm_view_inventory(&inv, ctx, &v, opt, "reading", err);
	if (rc)
		return rc;
	pm_cmd_note(ctx, "commit %.12s: %zu files, %zu places of ports", v.commit, inv.n_files,
		    inv.n_hits);
	pm_inventory_release(&inv);
	return 0;
}

static int run(const struct pm_ctx *ctx, int n, char **words, const struct pm_reading *reading,
	       struct pm_err *err)
{
	static const char *const names[] = { "info", "clear", "warm" };
	PM_CLEAN_BUF struct pm_buf dir = { 0 };
	const char *what = n ? words[0] : "info", *near;
	int rc = pm_user_cache_dir(ctx, &dir, err);

	if (rc)
		return rc;
	if (strcmp(what, "warm") == 0) {
		rc = n > 1 ? 0 : warm(ctx, NULL, reading, err);
		for (int i = 1; i < n && !rc; i++)
			rc = warm(ctx, words[i], reading, err);
		return rc;
	}
	if (n > 1)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "'%.200s' is one word too many",
				  words[1]);
	if (strcmp(what, "info") == 0)
		return info(pm_buf_str(&dir), err);
	if (strcmp(what, "clear") == 0)
		return pm_cache_clear(pm_buf_str(&dir), err);
	near = pm_opt_nearest(what, names, 3);
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "there is no '%.200s' of the cache", what);
	return pm_err_hint(err, "portmig cache %s", near ? near : "--help");
}

int pm_cmd_cache(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct pm_reading reading = { 0 };
	const struct pm_opt opts[] = {
		{ 0, "jobs", PM_OPT_NUMBER, &reading.jobs, "N",
		  "read with N threads (one for each processor)", 1, PM_JOBS_MAX },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"cache", "[options] [info|clear|warm [REV...]]",
		"What was worked out about files is kept for the next run, in one place per user\n"
		"and never in a repository: $XDG_CACHE_HOME/portmig, else ~/.cache/portmig.\n"
		"info tells how much that is, clear removes it, warm reads commits (HEAD) ahead.\n"
		"Commands have --no-cache.",
		opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (rc)
		return rc == PM_OPT_HELPED ? 0 : rc;
	return run(ctx, n, argv, &reading, err);
}
