/* main.c - the program: global options, dispatch, and printing the error once. */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "timing.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the order in which they are used. */
static const struct pm_command commands[] = {
	{ "init", pm_cmd_init, "write a first portmig.yaml and draft a schema" },
	{ "schema", pm_cmd_schema, "show, export or compare port schemas" },
	{ "scan", pm_cmd_scan, "list every place of a commit that looks like a port" },
	{ "check", pm_cmd_check, "is the schema right, and does the repository agree with it" },
	{ "reconcile", pm_cmd_reconcile, "bring the schema to what the commit says" },
	{ "alloc", pm_cmd_alloc, "the next free port for a service, and why not another" },
	{ "plan", pm_cmd_plan, "what a migration would change, and why" },
	{ "review", pm_cmd_review, "decide about the places that a plan holds" },
	{ "apply", pm_cmd_apply, "make a plan one new branch" },
	{ "verify", pm_cmd_verify, "is a commit that portmig made still what it states" },
	{ "revert", pm_cmd_revert, "take back the moves of a commit, on the current tip" },
	{ "history", pm_cmd_history, "when each service's port changed, by whom, what was left" },
	{ "explain", pm_cmd_explain, "why one number is a port or not, and whose" },
	{ "cache", pm_cmd_cache, "what is kept between runs: how much, remove it, read ahead" },
	{ NULL, NULL, NULL }
};

/* ---- messages ---- */

/* Text that may hold strings of a repository, made harmless for a terminal. */
static void add_safe(struct pm_buf *b, const char *s)
{
	pm_excerpt(b, pm_str_of(s), 0, 4096);
}

static void print_error(const struct pm_ctx *ctx, const struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_buf_adds(&b, ctx->color_err ? "portmig: \033[31m" : "portmig: ");
	add_safe(&b, err->text);
	if (ctx->color_err)
		pm_buf_adds(&b, "\033[0m");
	pm_buf_addc(&b, '\n');
	if (err->where[0]) {
		pm_buf_adds(&b, "  at ");
		add_safe(&b, err->where);
		pm_buf_addc(&b, '\n');
	}
	if (err->hint[0]) {
		pm_buf_adds(&b, "  try: ");
		add_safe(&b, err->hint);
		pm_buf_addc(&b, '\n');
	}
	fputs(pm_buf_str(&b), stderr);
}

void pm_cmd_note(const struct pm_ctx *ctx, const char *fmt, ...)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 }, b = { 0 };
	va_list ap;

	if (ctx->verbose < 0)
		return;
	va_start(ap, fmt);
	pm_buf_vaddf(&text, fmt, ap);
	va_end(ap);
	add_safe(&b, pm_buf_str(&text));
	fprintf(stderr, "portmig: %s\n", pm_buf_str(&b));
}

static void print_diag(const struct pm_ctx *ctx, const struct pm_diag *d)
{
	static const char *const colors[] = { "\033[36m", "\033[33m", "\033[31m" };
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	if (d->path && *d->path) {
		pm_quote_text(&b, pm_str_of(d->path));
		if (d->line)
			pm_buf_addf(&b, ":%u", d->line);
		if (d->line && d->col)
			pm_buf_addf(&b, ":%u", d->col);
		pm_buf_adds(&b, ": ");
	}
	pm_buf_addf(&b, "%s%s%s: ", ctx->color_err ? colors[d->severity] : "",
		    pm_severity_name(d->severity), ctx->color_err ? "\033[0m" : "");
	add_safe(&b, d->text);
	pm_buf_addf(&b, " [%s]\n", d->rule);
	if (d->hint) {
		pm_buf_adds(&b, "  try: ");
		add_safe(&b, d->hint);
		pm_buf_addc(&b, '\n');
	}
	fputs(pm_buf_str(&b), stderr);
}

size_t pm_cmd_diags(const struct pm_ctx *ctx, const struct pm_diags *d)
{
	size_t errors = 0;

	for (size_t i = 0; i < d->n; i++) {
		const int least = ctx->verbose > 0 ? PM_NOTE : ctx->verbose < 0 ? PM_ERROR
										: PM_WARNING;

		errors += d->v[i].severity == PM_ERROR;
		if ((int)d->v[i].severity >= least)
			print_diag(ctx, &d->v[i]);
	}
	return errors;
}

/* ---- the program ---- */

static const char about[] =
	"Find every port literal in a commit, say whose it is, plan a port migration from a\n"
	"schema document and apply it as a reviewed commit.";

/* What the options of the program say, before the command or behind it. */
struct globals {
	struct pm_ctx *ctx;
	struct pm_timing *timing;
	const char *dir, *config;
	int color, quiet, verbose;
	bool version, timings;
};

static const char *environment(const char *name)
{
	return getenv(name);
}

/* Colour where a person looks: a terminal that can, unless NO_COLOR says no. */
static bool colored(int choice, int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (choice)
		return choice == 1;
	return !(no && *no) && term && *term && strcmp(term, "dumb") != 0 && isatty(fd);
}

static int enter(const char *dir, struct pm_err *err)
{
	if (!dir || chdir(dir) == 0)
		return 0;
	return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "cannot enter '%.300s': %s", dir,
			  strerror(errno));
}

/* Into the context: once for the words before the command, once for all. */
static int settle(void *data, struct pm_err *err)
{
	struct globals *g = data;
	const char *dir = g->dir;

	g->dir = NULL; /* the next -C is relative to this one, as Git has it */
	g->ctx->color_out = colored(g->color, STDOUT_FILENO);
	g->ctx->color_err = colored(g->color, STDERR_FILENO);
	g->ctx->verbose = g->quiet ? -1 : g->verbose > 2 ? 2 : g->verbose;
	g->ctx->config = g->config;
	g->ctx->timing = g->timings ? g->timing : NULL;
	return enter(dir, err);
}

static int unknown_command(const char *word, struct pm_err *err)
{
	struct { const char **v; size_t n, cap; } names = { 0 };
	const char *near;

	for (const struct pm_command *c = commands; c->name; c++)
		*PM_VEC_ADD(&names) = c->name;
	near = pm_opt_nearest(word, names.v, names.n);
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "there is no command '%.200s'", word);
	pm_err_hint(err, "portmig %s", near ? near : "--help");
	PM_VEC_FREE(&names);
	return PM_E_USAGE;
}

static int dispatch(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	static char help[] = "--help";
	char *swapped[3];

	if (strcmp(argv[0], "help") == 0 && argc == 2) {
		swapped[0] = argv[1];
		swapped[1] = help;
		swapped[2] = NULL;
		argv = swapped;
	}
	for (const struct pm_command *c = commands; c->name; c++)
		if (strcmp(c->name, argv[0]) == 0)
			return c->run(ctx, argc, argv, err);
	return unknown_command(argv[0], err);
}

static void list_commands(struct pm_buf *b)
{
	pm_buf_adds(b, about);
	pm_buf_adds(b, "\n\ncommands:\n");
	for (const struct pm_command *c = commands; c->name; c++)
		pm_buf_addf(b, "  %-10s %s\n", c->name, c->summary);
	pm_buf_adds(b, "\n'portmig COMMAND --help' tells more. Results go to standard output, all "
		       "else to\nstandard error. Exit status: 0 done; 1 findings, or changes under "
		       "--exit-code;\n2 usage, configuration or schema; 3 refused; 4 repository "
		       "cannot be read fully;\n5 disk, memory, limits; 70 a bug of ours.");
}

static int run(struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct globals g = { .ctx = ctx, .timing = ctx->timing };
	const struct pm_opt opts[] = {
		{ 0, "version", PM_OPT_FLAG, &g.version, NULL, "show the version" },
		/* the others stand behind the command as well */
		{ 'C', "directory", PM_OPT_STRING, &g.dir, "DIR", "work as if started in DIR" },
		{ 0, "config", PM_OPT_STRING, &g.config, "FILE",
		  "use FILE instead of the commit's portmig.yaml" },
		{ 0, "color", PM_OPT_CHOICE, &g.color, "auto|always|never",
		  "colour the output (auto: on a terminal)" },
		{ 'q', "quiet", PM_OPT_COUNT, &g.quiet, NULL, "errors only on standard error" },
		{ 'v', "verbose", PM_OPT_COUNT, &g.verbose, NULL, "say more; twice: everything" },
		{ 0, "timings", PM_OPT_FLAG, &g.timings, NULL,
		  "say on standard error where the time went" },
		{ 0 }
	};
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	struct pm_opt_spec spec = { "", "[options] COMMAND ...", NULL, opts, true };
	int n, rc;

	list_commands(&text);
	spec.about = pm_buf_str(&text);
	rc = pm_opt_parse(&spec, argc, argv, &n, err);
	if (rc) {
		ctx->color_err = colored(g.color, STDERR_FILENO);
		return rc == PM_OPT_HELPED ? 0 : rc;
	}
	if (g.version) {
		pm_buf_clear(&text);
		pm_buf_adds(&text, "portmig " PM_VERSION "\n");
		return pm_out_stdout(&text, err);
	}
	if (!n) {
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "which command?");
		return pm_err_hint(err, "portmig --help");
	}
	rc = settle(&g, err);
	argv[n] = NULL;
	pm_opt_common(opts + 1, settle, &g);
	if (!rc)
		rc = dispatch(ctx, n, argv, err);
	pm_opt_common(NULL, NULL, NULL);
	pm_timing_print(ctx->timing);
	return rc;
}

int main(int argc, char **argv)
{
	struct pm_timing timing;
	struct pm_ctx ctx = { .dir = ".", .env = environment, .timing = &timing };
	struct pm_err err = { 0 };
	int rc;

	pm_memory_init();
	pm_timing_init(&timing);
	/* write errors must come back as such; see docs/cli.md */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	rc = run(&ctx, argc, argv, &err);
	if (rc >= 0 && pm_out_close(&err) < 0)
		rc = err.code;
	if (rc < 0) {
		PM_ASSERT(err.text[0], "a failure without a text");
		if (pm_is_published())
			pm_err_wrap(&err, "the branch was created, but");
		print_error(&ctx, &err);
		rc = pm_err_exit((enum pm_code)rc);
	}
	return rc;
}
