/* rollout.c - see rollout.h. */
#include "rollout.h"

#include "report.h"
#include "resource_plan.h"

#include "base/escape.h"
#include "reader.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_COMMANDS = 20, MAX_LINE = 200 };

/* ---- steps ---- */

/* What kinds of work a step is about, by its words; the first that fits. */
static const struct { enum pm_work work; const char *const words[12]; } kinds[] = {
	{ PM_WORK_COMPOSE, { "compose", "docker-compose", "docker-compose.yml", "compose.yml", NULL } },
	{ PM_WORK_ENV, { ".env", "env", "environment", NULL } },
	{ PM_WORK_TUNNEL, { "tunnel", "cloudflare", "cloudflared", "ingress", NULL } },
	{ PM_WORK_DOCS, { "documentation", "docs", "readme", "readme.md", "claude.md", "documents",
			  NULL } },
	{ PM_WORK_CONFIG, { "kubernetes", "manifests", "k8s", "helm", "prometheus", "nginx", "traefik",
			    "proxy", "configs", "configuration", NULL } },
	{ PM_WORK_CODE, { "code", "hardcoded", "hard-coded", "source", "sources", "cors", "urls", NULL } },
};

static bool is_migration(const struct pm_checklist_item *c)
{
	static const char *const words[] = { "migration", "migrate", "move", "moving", "rollout",
					     "cutover", NULL };

	return !c->ticked && c->section && pm_has_any(pm_str_of(c->section), words);
}

static const struct pm_service *owner_of(const struct pm_schema *s, const struct pm_move *m)
{
	const struct pm_service *v = NULL;
	struct pm_arena a = { 0 };
	struct pm_str name;

	pm_move_resource(m->service, &name);
	if (!pm_schema_endpoint(s, pm_arena_strndup(&a, name.p, name.n), &v))
		v = pm_schema_service(s, pm_arena_strndup(&a, name.p, name.n));
	pm_arena_release(&a);
	return v;
}

/* The project or service that the step names, if any: then it is about its moves only. */
static const char *named(const struct pm_schema *s, const char *text)
{
	for (size_t i = 0; i < s->services.n; i++) {
		const struct pm_service *v = &s->services.v[i];

		if (v->project && pm_has_word(pm_str_of(text), v->project))
			return v->project;
	}
	return NULL;
}

/* How many places of one kind of work the plan changes, and asks about. */
static void count(const struct pm_plan *p, const struct pm_schema *s, enum pm_work work,
		  const char *project, size_t *edits, size_t *held)
{
	*edits = *held = 0;
	for (size_t i = 0; i < p->edits.n; i++) {
		const struct pm_edit *e = &p->edits.v[i];
		const struct pm_service *v =
			project && e->move >= 0 ? owner_of(s, &p->moves.v[e->move]) : NULL;

		if (e->move < 0 || pm_work_of(e->path) != work ||
		    (project && (!v || !v->project || strcmp(v->project, project) != 0)))
			continue;
		*edits += pm_edit_final(e) == PM_APPLY;
		*held += pm_edit_final(e) == PM_REVIEW;
	}
}

static bool moves_any(const struct pm_plan *p, const struct pm_schema *s, const char *project)
{
	for (size_t i = 0; i < p->moves.n; i++) {
		const struct pm_service *v = owner_of(s, &p->moves.v[i]);

		if (v && v->project && strcmp(v->project, project) == 0)
			return true;
	}
	return false;
}

static void add_step(struct pm_rollout *out, struct pm_arena *a, const struct pm_plan *p,
		     const struct pm_schema *s, const struct pm_checklist_item *c)
{
	const char *project = named(s, c->text);
	struct pm_rollout_step x = { c, false, "by hand" };
	size_t edits, held;

	if (project && !moves_any(p, s, project))
		return;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!pm_has_any(pm_str_of(c->text), kinds[i].words))
			continue;
		count(p, s, kinds[i].work, project, &edits, &held);
		x.done = !held;
		x.state = held ? pm_arena_printf(a, "%zu place%s in this plan, %zu to review", edits,
						 edits == 1 ? "" : "s", held)
			: edits ? pm_arena_printf(a, "%zu place%s in this plan", edits,
						  edits == 1 ? "" : "s")
				: "nothing to change";
		break;
	}
	*PM_VEC_ADD(&out->steps) = x;
}

/* ---- beside the tree ---- */

static void add_names(struct pm_rollout *out, struct pm_arena *a, const struct pm_plan *p,
		      const struct pm_schema *s)
{
	for (size_t i = 0; i < p->moves.n; i++) {
		const struct pm_service *v = owner_of(s, &p->moves.v[i]);

		for (size_t k = 0; v && k < v->n; k++)
			if (v->endpoints[k].public_name)
				*PM_VEC_ADD(&out->outside) = pm_arena_printf(
					a, "%s leads to %s, which leaves %u for %u: DNS, tunnel or "
					"proxy, where they are not in this repository",
					v->endpoints[k].public_name, v->endpoints[k].name,
					p->moves.v[i].from, p->moves.v[i].to);
	}
}

/* Services of which both sides move: who is called goes first, or all at once. */
static void add_order(struct pm_rollout *out, struct pm_arena *a, const struct pm_plan *p,
		      const struct pm_schema *s)
{
	for (size_t i = 0; i < s->depends.n; i++) {
		const struct pm_depends *d = &s->depends.v[i];
		const struct pm_service *user = pm_schema_service(s, d->service);
		bool mine = false;

		for (size_t k = 0; k < p->moves.n; k++)
			mine |= user && owner_of(s, &p->moves.v[k]) == user;
		for (size_t k = 0; mine && k < p->moves.n; k++) {
			const struct pm_service *v = owner_of(s, &p->moves.v[k]);
			bool again = false;

			for (size_t q = 0; q < k; q++)
				again |= owner_of(s, &p->moves.v[q]) == v;
			if (v && v != user && !again && pm_has_word(pm_str_of(d->on), v->title))
				*PM_VEC_ADD(&out->order) = pm_arena_printf(
					a, "%s depends on %s (line %u): restart %s first, or both at "
					"once", user->title, v->title, d->src.line, v->title);
		}
	}
}

/* ---- commands ---- */

static unsigned target_of(const struct pm_plan *p, unsigned port)
{
	for (size_t i = 0; i < p->moves.n; i++)
		if (p->moves.v[i].from == port)
			return p->moves.v[i].to;
	for (size_t i = 0; i < p->moves.n; i++)
		if (p->moves.v[i].to == port)
			return port;
	return 0;
}

/* The line with moved ports in place of the old ones; NULL: it has none. */
static const char *moved_line(struct pm_arena *a, const struct pm_plan *p, struct pm_str line)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t at = 0, pos = 0, len;
	bool any = false;
	unsigned port;

	for (; (port = pm_port_next(line, &pos, &len)); pos += len) {
		const unsigned to = target_of(p, port);

		if (!to)
			continue;
		pm_buf_add(&b, line.p + at, pos - at);
		pm_buf_addf(&b, "%u", to);
		at = pos + len;
		any = true;
	}
	pm_buf_add(&b, line.p + at, line.n - at);
	return any ? pm_arena_strndup(a, pm_buf_str(&b), b.n) : NULL;
}

static void add_commands(struct pm_rollout *out, struct pm_arena *a, const struct pm_plan *p,
			 const struct pm_leftover *l)
{
	struct pm_str rest = pm_str_of(l->text);

	while (rest.n && out->commands.n < MAX_COMMANDS) {
		const size_t end = pm_str_find(rest, "\n", false);
		const struct pm_str line = pm_str_trim((struct pm_str){ rest.p,
									end < rest.n ? end : rest.n });
		const char *text = line.n && line.n <= MAX_LINE && line.p[0] != '#'
				   ? moved_line(a, p, line) : NULL;
		bool known = false;

		for (size_t i = 0; text && i < out->commands.n; i++)
			known |= strcmp(out->commands.v[i], text) == 0;
		if (text && !known)
			*PM_VEC_ADD(&out->commands) = text;
		rest = end < rest.n ? (struct pm_str){ rest.p + end + 1, rest.n - end - 1 }
				    : (struct pm_str){ rest.p, 0 };
	}
}

/* ---- the whole ---- */

void pm_rollout_find(struct pm_rollout *out, struct pm_arena *a, const struct pm_plan *p,
		     const struct pm_schema *s)
{
	bool any = false;

	for (size_t i = 0; i < p->edits.n; i++)
		any |= pm_edit_final(&p->edits.v[i]) != PM_KEEP;
	if (!any || !p->moves.n)
		return;
	for (size_t i = 0; i < s->checklist.n; i++)
		if (is_migration(&s->checklist.v[i]))
			add_step(out, a, p, s, &s->checklist.v[i]);
	add_order(out, a, p, s);
	if (pm_plan_is_resource(p))
		return;
	add_names(out, a, p, s);
	for (size_t i = 0; i < s->leftovers.n; i++)
		if (strncmp(s->leftovers.v[i].why, "code ", 5) == 0)
			add_commands(out, a, p, &s->leftovers.v[i]);
}

void pm_rollout_release(struct pm_rollout *r)
{
	PM_VEC_FREE(&r->steps);
	PM_VEC_FREE(&r->outside);
	PM_VEC_FREE(&r->order);
	PM_VEC_FREE(&r->commands);
}

static void heading(struct pm_buf *b, bool markdown, const char *text)
{
	pm_buf_addf(b, markdown ? "\n## %s\n\n" : "\n%s\n", text);
}

static void put(struct pm_buf *b, bool markdown, const char *text)
{
	if (markdown)
		pm_quote_md(b, pm_str_of(text));
	else
		pm_excerpt(b, pm_str_of(text), 0, 2 * MAX_LINE);
}

static void lines(struct pm_buf *b, bool markdown, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		pm_buf_adds(b, markdown ? "- " : "  ");
		put(b, markdown, v[i]);
		pm_buf_addc(b, '\n');
	}
}

void pm_rollout_write(const struct pm_rollout *r, bool markdown, struct pm_buf *b)
{
	if (r->steps.n)
		heading(b, markdown, "the document's own steps");
	for (size_t i = 0; i < r->steps.n; i++) {
		pm_buf_addf(b, "%s[%c] ", markdown ? "- " : "  ", r->steps.v[i].done ? 'x' : ' ');
		put(b, markdown, r->steps.v[i].item->text);
		pm_buf_addf(b, ": %s\n", r->steps.v[i].state);
	}
	if (r->order.n + r->outside.n)
		heading(b, markdown, "outside of the files");
	lines(b, markdown, r->order.v, r->order.n);
	lines(b, markdown, r->outside.v, r->outside.n);
	if (r->commands.n)
		heading(b, markdown, "the document's own commands, with the new ports");
	lines(b, markdown, r->commands.v, r->commands.n);
}
