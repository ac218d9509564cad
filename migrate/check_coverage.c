/*
 * check_coverage.c - a check that looked at nothing must not be green: files that could hold ports
 * and were not read, patterns that match nowhere, a commit in which no port was found.
 */
#include "check.h"

#include <string.h>

/* Reasons that say nothing about ports: there is no text, or the team decided so. */
static bool is_harmless(const char *why)
{
	static const enum pm_skip_reason harmless[] = { PM_SKIP_BINARY, PM_SKIP_SUBMODULE,
							PM_SKIP_SYMLINK, PM_SKIP_ATTR,
							PM_SKIP_CONFIG };

	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (strcmp(why, pm_skip_text(harmless[i])) == 0)
			return true;
	return false;
}

static void unread(const struct pm_check_input *in, struct pm_arena *a, struct pm_diags *out)
{
	for (size_t i = 0; i < in->inv->skips.n; i++) {
		const struct pm_skip *s = &in->inv->skips.v[i];
		const bool loud = in->strict || !s->readable;

		if (is_harmless(s->why))
			continue;
		pm_diag_add(out, a, "not-read", loud ? PM_WARNING : PM_NOTE, s->path, 0, 0,
			    "not read: %s", s->why);
		pm_diag_key(&out->v[out->n - 1], a, NULL, 0, s->why);
	}
}

/* A rule of portmig.yaml's own that found no place. */
static void idle_patterns(const struct pm_check_input *in, struct pm_arena *a,
			  struct pm_diags *out)
{
	for (size_t p = 0; in->config && p < in->config->patterns.n; p++) {
		const struct pm_pattern *own = &in->config->patterns.v[p];
		const char *rule = pm_arena_printf(a, "own/%s", own->name);
		bool any = false;

		for (size_t i = 0; i < in->inv->files.n && !any; i++)
			for (size_t k = 0; k < in->inv->files.v[i].n_hits && !any; k++)
				any = strcmp(in->inv->files.v[i].hits[k].rule, rule) == 0;
		if (any)
			continue;
		pm_diag_add(out, a, "pattern-idle", PM_WARNING, in->config->path, own->line, 0,
			    "the pattern '%s' matches no place of the commit", own->name)
			->hint = "correct it, or remove it";
		pm_diag_key(&out->v[out->n - 1], a, NULL, 0, own->name);
	}
}

static void nothing_found(const struct pm_check_input *in, struct pm_arena *a,
			  struct pm_diags *out)
{
	size_t n = 0;

	for (size_t i = 0; i < in->inv->files.n; i++) {
		bool is_schema = false;

		for (size_t k = 0; k < in->n_schemas; k++)
			is_schema |= strcmp(in->schemas[k].path, in->inv->files.v[i].path) == 0;
		n += !is_schema && in->inv->files.v[i].class == PM_CLASS_ORDINARY;
	}
	if (!n)
		pm_diag_add(out, a, "nothing-found", PM_WARNING, NULL, 0, 0,
			    "no file but the schema has a port: there is nothing to compare it "
			    "with")
			->hint = "is this the right repository and commit? "
				 "portmig scan --list tells which files are read";
}

void pm_check_coverage_rules(const struct pm_check_input *in, struct pm_arena *a,
			     struct pm_diags *out)
{
	unread(in, a, out);
	idle_patterns(in, a, out);
	nothing_found(in, a, out);
}
