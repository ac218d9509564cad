/* test_report.c - a plan as text and as Markdown. Goldens in tests/cases/report. */
#include "cases.h"

#include "plan.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

struct place {
	const char *path;
	unsigned line, col;
	int move;
	enum pm_disposition disposition;
	const char *role, *excerpt, *reason, *group, *answer;
};

static const struct place places[] = {
	{ ".env.example", 3, 6, 0, PM_APPLY, "listen", "PORT=4900", "directory of 'shop-api' +70" },
	{ "CHANGELOG.md", 9, 20, -1, PM_KEEP, "doc", "- moved from 4900", "a changelog" },
	{ "compose.yaml", 12, 10, 0, PM_APPLY, "host-port", "- \"4900:4900\"",
	  "compose service 'api' +80" },
	{ "compose.yaml", 12, 15, 0, PM_APPLY, "container-port", "- \"4900:4900\"",
	  "compose service 'api' +80" },
	{ "compose.yaml", 30, 8, -1, PM_KEEP, "number", "timeout: 4900",
	  "nothing says that this number is a port" },
	{ "docs/a|b <script>@x`.md", 7, 1, 0, PM_REVIEW, "doc", "| 4900 | _x_ |",
	  "shop-api 40, forum 38", "shop-api:4900:or:docs:forum" },
	{ "docs/\033[31mred\n.md", 1, 1, 0, PM_APPLY, "doc", "port 4900 \033[2J", "words +20" },
	{ "infra/cloudflared.yml", 4, 30, 0, PM_REVIEW, "route", "service: http://localhost:4900",
	  "shop-api 60", "shop-api:4900:unnamed:infra", "y" },
	{ "src/main.ts", 2, 33, 1, PM_APPLY, "default", "process.env.PORT || 3060",
	  "directory of 'shop-web' +70" },
};

static void add_move(struct pm_plan *p, const char *service, unsigned from, unsigned to,
		     enum pm_move_source source, const char *text, int after)
{
	struct pm_move *m = PM_VEC_ADD(&p->moves);

	*m = (struct pm_move){ .service = service, .from = from, .to = to, .source = source,
			       .source_text = text, .after = after };
}

static void make(struct pm_plan *p)
{
	memset(p, 0, sizeof(*p));
	memset(p->base, 'a', PM_OID_HEX - 1);
	p->complete = true;
	p->n_files = 12;
	p->n_bytes = 3456;
	add_move(p, "shop-api", 4900, 4600, PM_MOVE_GUIDE, "docs/PORTS.md:20: Shop (4900 -> 4600)",
		 -1);
	p->moves.v[0].from_note = "the guide says 4900 (7 places); code says 4000 (2 places)";
	add_move(p, "shop-web", 3060, 4900, PM_MOVE_COMMAND, "--move shop-web=3060:4900", 0);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const struct place *s = &places[i];
		struct pm_edit *e = PM_VEC_ADD(&p->edits);

		*e = (struct pm_edit){ .path = s->path, .line = s->line, .col = s->col,
				       .move = s->move, .disposition = s->disposition,
				       .role = s->role, .rule = "x/y", .excerpt = s->excerpt,
				       .group = s->group, .answer = s->answer,
				       .old_port = s->move == 1 ? 3060 : 4900,
				       .new_port = s->move < 0 ? 0 : s->move ? 4900 : 4600,
				       .service = s->move < 0 ? NULL : s->move ? "shop-web"
									      : "shop-api" };
		e->reasons = PM_NEW(&p->arena, const char *);
		e->reasons[0] = s->reason;
		e->n_reasons = 1;
	}
	*PM_VEC_ADD(&p->skips) = (struct pm_skip){ "logo.png", "binary", 999, true };
	*PM_VEC_ADD(&p->skips) = (struct pm_skip){ "dump.sql", "over 4 MiB", 9999999, true };
	*PM_VEC_ADD(&p->skips) = (struct pm_skip){ "icon.png", "binary", 9, true };
	pm_diag_add(&p->diags, &p->arena, "guide-incomplete", PM_WARNING, "docs/PORTS.md", 30, 1,
		    "the guide lacks 3060")->hint = "--move shop-web=3060:4601";
	pm_diag_add(&p->diags, &p->arena, "vacate-first", PM_NOTE, "docs/PORTS.md", 40, 3,
		    "forum-api may take 4900 only after shop-api leaves it");
	pm_diag_add(&p->diags, &p->arena, "settle-held", PM_NOTE, "portmig.yaml", 0, 0,
		    "would settle 2 of 2 held places: past: ['docs/a|b/**']")
		->hint = "past: ['docs/a|b/**']";
	pm_diag_add(&p->diags, &p->arena, "ephemeral-range", PM_NOTE, NULL, 0, 0, "only with -v");
}

static const struct {
	const char *name;
	bool markdown;
	struct pm_report_options o;
} rows[] = {
	{ "text", false, { false, 0, 0 } },
	{ "text-verbose", false, { false, 1, 0 } },
	{ "text-color", false, { true, 0, 0 } },
	{ "markdown", true, { false, 0, 0 } },
	{ "markdown-cut", true, { false, 0, 2000 } },
};

static void golden(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_plan p;
	char path[1024];

	make(&p);
	if (rows[i].markdown)
		pm_report_markdown(&p, &rows[i].o, &b);
	else
		pm_report_text(&p, &rows[i].o, &b);
	snprintf(path, sizeof(path), "%s/cases/report/%s", PM_TEST_DIR, rows[i].name);
	pm_assert_golden(path, pm_buf_str(&b));
	pm_plan_release(&p);
}

/* Cut Markdown stays within the limit at every limit, and what is left out is counted. */
static void limits(void **state)
{
	struct pm_plan p;
	size_t full;
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_report_options o = { false, 0, 0 };

	(void)state;
	make(&p);
	pm_report_markdown(&p, &o, &b);
	full = b.n;
	assert_null(strstr(b.v, "left out"));
	for (o.max_bytes = 1000; o.max_bytes < full; o.max_bytes += 97) {
		pm_buf_clear(&b);
		pm_report_markdown(&p, &o, &b);
		assert_true(b.n <= o.max_bytes);
		assert_non_null(strstr(b.v, "left out"));
		assert_non_null(strstr(b.v, "found 9 = apply 5 + review 2 + keep 2"));
	}
	pm_plan_release(&p);
}

/* A question with many places shows some of them, and all with -v. */
static void many(void **state)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_report_options o = { false, 0, 0 };
	struct pm_plan p;

	(void)state;
	make(&p);
	for (unsigned i = 0; i < 20; i++) {
		struct pm_edit *e = PM_VEC_ADD(&p.edits);

		*e = p.edits.v[7];
		e->line = 1000 + i;
	}
	pm_report_text(&p, &o, &b);
	assert_non_null(strstr(b.v, "review (22 in 2 questions)"));
	assert_non_null(strstr(b.v, "21 places in infra/ name no service: are they shop-api's 4900?"));
	assert_non_null(strstr(b.v, "infra/cloudflared.yml:1006:"));
	assert_null(strstr(b.v, "infra/cloudflared.yml:1007:"));
	assert_non_null(strstr(b.v, "and 13 more"));
	pm_buf_clear(&b);
	o.verbose = 1;
	pm_report_text(&p, &o, &b);
	assert_non_null(strstr(b.v, "infra/cloudflared.yml:1019:"));
	assert_null(strstr(b.v, " more (-v"));
	pm_plan_release(&p);
}

static void empty(void **state)
{
	struct pm_plan p = { 0 };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_report_options o = { false, 0, 0 };

	(void)state;
	p.complete = true;
	pm_report_text(&p, &o, &b);
	assert_string_equal(b.v, "nothing to move\n\nread 0 files, 0 bytes, of commit ; not read: "
				 "none\nfound 0 = apply 0 + review 0 + keep 0\n");
	pm_plan_release(&p);
}

static const struct { const char *path; enum pm_work want; } works[] = {
	{ "docker-compose.yml", PM_WORK_COMPOSE },
	{ "deploy/compose.prod.yaml", PM_WORK_COMPOSE },
	{ ".env", PM_WORK_ENV },
	{ "apps/a/.env.example", PM_WORK_ENV },
	{ "prod.env", PM_WORK_ENV },
	{ "README.md", PM_WORK_DOCS },
	{ "docs/compose.md", PM_WORK_DOCS },
	{ "infra/cloudflared/config.yml", PM_WORK_TUNNEL },
	{ "docs/cloudflare.md", PM_WORK_DOCS },
	{ "src/env.ts", PM_WORK_CODE },
	{ "k8s/deployment.yaml", PM_WORK_CONFIG },
	{ "Dockerfile", PM_WORK_CONFIG },
};

static void work_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;

	assert_string_equal(pm_work_name(pm_work_of(works[i].path)), pm_work_name(works[i].want));
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		pm_cases_add(&c, rows[i].name, golden, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		pm_cases_add(&c, works[i].path, work_row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "markdown keeps every limit", limits, NULL);
	pm_cases_add(&c, "text of an empty plan", empty, NULL);
	pm_cases_add(&c, "many places of a question", many, NULL);
	return pm_cases_run(&c, "report");
}
