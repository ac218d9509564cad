/* test_moves.c - which moves: --move, the difference of two schemas, guide and notes. */
#include "cases.h"

#include "moves.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Moves as "service from>to source" and findings as "!rule@line", one per line. */
static void show(struct pm_buf *b, const struct pm_plan *p)
{
	for (size_t i = 0; i < p->moves.n; i++)
		pm_buf_addf(b, "%s %u>%u %s\n", p->moves.v[i].service, p->moves.v[i].from,
			    p->moves.v[i].to, pm_move_source_name(p->moves.v[i].source));
	for (size_t i = 0; i < p->diags.n; i++)
		pm_buf_addf(b, "!%s@%u\n", p->diags.v[i].rule, p->diags.v[i].line);
}

/* ---- --move ---- */

static const struct { const char *name, *in, *want; } commands[] = {
	{ "move one", "api=4900:4600", "api 4900>4600 command\n" },
	{ "move several from", "api=4900,4000:4600",
	  "api 4900>4600 command\napi 4000>4600 command\n" },
	{ "move same port twice", "api=4900,4900:4600", "api 4900>4600 command\n" },
	{ "move odd service name", "a=b:c=443:8443", "a=b:c 443>8443 command\n" },
	{ "move spaces around the name", " api =1:2", "api 1>2 command\n" },
	{ "move without target", "api=4900", "no SERVICE=FROM:TO" },
	{ "move without from", "api=:4600", "'' is not a port from 1 to 65535" },
	{ "move without service", "=4900:4600", "no service" },
	{ "move empty", "", "no SERVICE=FROM:TO" },
	{ "move target too high", "api=4900:70000", "'70000' is not a port from 1 to 65535" },
	{ "move from zero", "api=0:4600", "'0' is not a port from 1 to 65535" },
	{ "move leading zero", "api=04900:4600", "'04900' is not a port from 1 to 65535" },
	{ "move trailing comma", "api=4900,:4600", "'' is not a port from 1 to 65535" },
	{ "move trailing text", "api=4900:4600x", "'4600x' is not a port from 1 to 65535" },
	{ "move wraps 32 bits", "api=4294971296:1", "'4294971296' is not a port from 1 to 65535" },
	{ "move nowhere", "api=4900:4900", "it already is there: FROM equals TO" },
};

static void command_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_plan p = { 0 };
	struct pm_err err = { 0 };
	char full[300];

	if (pm_moves_parse(&p, commands[i].in, &err) == 0) {
		show(&b, &p);
		assert_string_equal(pm_buf_str(&b), commands[i].want);
	} else {
		snprintf(full, sizeof(full), "--move '%s': %s", commands[i].in, commands[i].want);
		assert_int_equal(err.code, PM_E_USAGE);
		assert_string_equal(err.text, full);
	}
	pm_plan_release(&p);
}

static void command_twice(void **state)
{
	struct pm_plan p = { 0 };
	struct pm_err err = { 0 };

	(void)state;
	assert_int_equal(pm_moves_parse(&p, "api=4900:4600", &err), 0);
	assert_int_equal(pm_moves_parse(&p, "api=4900:4600", &err), 0);
	assert_int_equal(p.moves.n, 1);
	assert_int_equal(pm_moves_parse(&p, "api=4900:4700", &err), PM_E_USAGE);
	assert_int_equal(pm_moves_parse(&p, "web=4900:4700", &err), 0);
	assert_int_equal(p.moves.n, 2);
	pm_plan_release(&p);
}

/* ---- documents ---- */

#define TABLES                                                                                   \
	"# Ports\n\n## Shop 4600-4699\n\n| Port | Service | Container |\n|---|---|---|\n"        \
	"| 4600 | API | shop-api |\n| 4601 | Web | shop-web |\n\n"                                \
	"## Forum 4900-4999\n\n| Port | Service | Container |\n|---|---|---|\n"                   \
	"| 4900 | API | forum-api |\n\n"

static void parse(struct pm_schema *s, const char *text)
{
	struct pm_err err = { 0 };

	memset(s, 0, sizeof(*s));
	if (pm_schema_parse_md(s, "PORTS.md", pm_str_of(text), &err))
		fail_msg("%s at %s", err.text, err.where);
}

static const struct { const char *name, *text, *want; } guides[] = {
	{ "guide none", TABLES, "" },
	{ "guide one step", TABLES "## Migration Guide\n\n1. **Shop** (4900 \xe2\x86\x92 4600)\n",
	  "shop-api 4900>4600 guide\n" },
	{ "guide in its order",
	  TABLES "## Migration Guide\n\n1. **Forum** (5100 -> 4900)\n2. **Shop** (4900 -> 4600)\n"
		 "3. **Remaining services** (as they come online)\n",
	  "forum-api 5100>4900 guide\nshop-api 4900>4600 guide\n" },
	{ "guide lacks a pair of the note",
	  TABLES "**Migration Note**: Shop currently uses 4900/3060. Migrate to 4600/4601.\n\n"
		 "## Migration Guide\n\n1. **Shop** (4900 -> 4600)\n",
	  "shop-api 4900>4600 guide\nshop-web 3060>4601 note\n!guide-incomplete@16\n" },
	{ "guide contradicted by a note",
	  TABLES "**Migration Note**: Shop currently uses 4900. Migrate to 4601.\n\n"
		 "## Migration Guide\n\n1. **Shop** (4900 -> 4600)\n",
	  "!guide-contradicted@20\n!guide-contradicted@16\n" },
	{ "guide of an unknown service",
	  TABLES "## Migration Guide\n\n1. **Blog** (4900 -> 4600)\n",
	  "!guide-service-unknown@18\n" },
	{ "guide to a port without a row",
	  TABLES "## Migration Guide\n\n1. **Shop** (4900 -> 4666)\n",
	  "!guide-target-unknown@18\n" },
	{ "guide to the port of another service",
	  TABLES "## Migration Guide\n\n1. **Shop** (4200 -> 4900)\n",
	  "!guide-target-unknown@18\n" },
	{ "guide nowhere", TABLES "## Migration Guide\n\n1. **Shop** (4600 -> 4600)\n", "" },
	{ "guide within the block",
	  TABLES "## Migration Guide\n\n1. **Shop** (4650 -> 4600)\n",
	  "shop-api 4650>4600 guide\n!from-inside-target-block@18\n" },
};

static void guide_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_plan p = { 0 };
	struct pm_schema s;

	parse(&s, guides[i].text);
	pm_moves_from_guide(&p, &s);
	show(&b, &p);
	assert_string_equal(pm_buf_str(&b), guides[i].want);
	pm_plan_release(&p);
	pm_schema_release(&s);
}

static void guide_cites(void **state)
{
	struct pm_plan p = { 0 };
	struct pm_schema s;

	(void)state;
	parse(&s, guides[1].text);
	pm_moves_from_guide(&p, &s);
	assert_int_equal(p.moves.n, 1);
	assert_string_equal(p.moves.v[0].source_text, "PORTS.md:18: Shop (4900 \xe2\x86\x92 4600)");
	pm_plan_release(&p);
	pm_schema_release(&s);
}

static void diff(void **state)
{
	static const char older[] =
		"# Ports\n\n## Shop 4600-4699\n\n| Port | Service | Container |\n|---|---|---|\n"
		"| 3000 | API | shop-api |\n| 4601 | Web | shop-web |\n\n"
		"## Forum 4900-4999\n\n| Port | Service | Container |\n|---|---|---|\n"
		"| 4600 | API | forum-api |\n";
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_plan p = { 0 };
	struct pm_schema old, target;

	(void)state;
	parse(&old, older);
	parse(&target, TABLES);
	pm_moves_from_diff(&p, &old, &target);
	show(&b, &p);
	assert_string_equal(pm_buf_str(&b),
			    "shop-api 3000>4600 diff\nforum-api 4600>4900 diff\n");
	assert_string_equal(p.moves.v[0].source_text, "PORTS.md:7: 3000 in PORTS.md:7");
	pm_plan_release(&p);
	pm_schema_release(&old);
	pm_schema_release(&target);
}

/* ---- --service ---- */

static const struct { const char *name, *service, *want; } filters[] = {
	{ "only an endpoint", "shop-web", "shop-web 3060>4601 command\n" },
	{ "only a service", "Shop", "shop-api 4900>4600 command\nshop-web 3060>4601 command\n" },
	{ "only another service", "forum", "forum-api 5100>4900 command\n" },
	{ "only an unknown one", "blog", "--service blog: no move has this name" },
};

static void filter_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	const char *only[] = { filters[i].service, NULL };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_plan p = { 0 };
	struct pm_err err = { 0 };
	struct pm_schema s;

	parse(&s, TABLES);
	assert_int_equal(pm_moves_parse(&p, "shop-api=4900:4600", &err), 0);
	assert_int_equal(pm_moves_parse(&p, "shop-web=3060:4601", &err), 0);
	assert_int_equal(pm_moves_parse(&p, "forum-api=5100:4900", &err), 0);
	if (pm_moves_only(&p, only, &s, &err) == 0)
		show(&b, &p);
	else
		pm_buf_adds(&b, err.text);
	assert_string_equal(pm_buf_str(&b), filters[i].want);
	pm_plan_release(&p);
	pm_schema_release(&s);
}

/* What the command line and guides do not let through, a plan made otherwise may have. */
static void contradiction(void **state)
{
	struct pm_plan p = { 0 };
	struct pm_schema s = { 0 };
	struct pm_err err = { 0 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct pm_move *m = PM_VEC_ADD(&p.moves);

		*m = (struct pm_move){ .service = "shop-api", .from = 4900, .to = 4600 + i, .after = -1 };
	}
	assert_int_equal(pm_plan_conflicts(&p, &s, &err), PM_E_REFUSED);
	assert_string_equal(p.diags.v[0].rule, "move-contradicts");
	pm_plan_release(&p);
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		pm_cases_add(&c, commands[i].name, command_row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "move twice", command_twice, NULL);
	for (size_t i = 0; i < sizeof(guides) / sizeof(guides[0]); i++)
		pm_cases_add(&c, guides[i].name, guide_row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "guide is cited", guide_cites, NULL);
	pm_cases_add(&c, "diff of two schemas", diff, NULL);
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		pm_cases_add(&c, filters[i].name, filter_row, (void *)(uintptr_t)i);
	pm_cases_add(&c, "one port to two places", contradiction, NULL);
	return pm_cases_run(&c, "moves");
}
