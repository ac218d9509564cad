/*
 * conflicts.c - moves that cannot work, all of them at once, and moves that must wait.
 *
 * Errors refuse `apply`; the plan itself is still reported, so that a person sees what it would
 * do and why it may not.
 */
#include "plan.h"

#include "registry.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void add(struct pm_plan *p, const char *rule, enum pm_severity severity,
		const struct pm_src *src, const char *text, const char *hint)
{
	struct pm_diag *d = pm_diag_add(&p->diags, &p->arena, rule, severity,
					src ? src->path : NULL, src ? src->line : 0,
					src ? src->col : 0, "%s", text);

	d->hint = hint;
}

/* Two moves in one plan: the same target port, or one service's port to two places. */
static unsigned check_pairs(struct pm_plan *p)
{
	unsigned errors = 0;

	for (size_t i = 0; i < p->moves.n; i++)
		for (size_t k = i + 1; k < p->moves.n; k++) {
			const struct pm_move *a = &p->moves.v[i], *b = &p->moves.v[k];
			bool same = strcmp(a->service, b->service) == 0;

			if (same && a->from == b->from && a->to != b->to) {
				add(p, "move-contradicts", PM_ERROR, NULL,
				    pm_arena_printf(&p->arena, "%s moves from %u to both %u and %u",
						    a->service, a->from, a->to, b->to),
				    "name one target");
				errors++;
			} else if (!same && a->to == b->to) {
				add(p, "move-collides", PM_ERROR, NULL,
				    pm_arena_printf(&p->arena, "%s and %s would both move to %u",
						    a->service, b->service, a->to),
				    "give one of them another port");
				errors++;
			}
		}
	return errors;
}

static bool same_service(const struct pm_schema *s, const struct pm_move *m,
			 const struct pm_service *owner, const struct pm_endpoint *ep)
{
	const struct pm_service *of = NULL;
	const struct pm_endpoint *mine = pm_schema_endpoint(s, m->service, &of);
	struct pm_arena tmp = { 0 };
	bool same;

	if (mine)
		return mine == ep || of == owner;
	if (pm_schema_service(s, m->service) == owner)
		return true;
	/* "web" for "shop-web": the schema's name ends with the user's */
	{
		const char *a = pm_slug(&tmp, pm_str_of(m->service));
		const char *b = pm_slug(&tmp, pm_str_of(ep->name));
		size_t na = strlen(a), nb = strlen(b);

		same = strcmp(a, b) == 0 ||
		       (nb > na && b[nb - na - 1] == '-' && strcmp(b + nb - na, a) == 0) ||
		       (na > nb && a[na - nb - 1] == '-' && strcmp(a + na - nb, b) == 0);
	}
	pm_arena_release(&tmp);
	return same;
}

/* Does the service that the schema puts at this port leave it in this plan? */
static bool leaves(const struct pm_plan *p, const struct pm_schema *s,
		   const struct pm_service *owner, const struct pm_endpoint *ep, unsigned port)
{
	for (size_t i = 0; i < p->moves.n; i++)
		if (p->moves.v[i].from == port && p->moves.v[i].to != port &&
		    same_service(s, &p->moves.v[i], owner, ep))
			return true;
	return false;
}

static unsigned check_schema(struct pm_plan *p, const struct pm_schema *s)
{
	unsigned errors = 0;

	for (size_t i = 0; i < p->moves.n; i++) {
		const struct pm_move *m = &p->moves.v[i];
		const struct pm_service *owner = NULL;
		const struct pm_endpoint *ep = pm_schema_owner(s, m->to, &owner);
		const struct pm_reserved *res = pm_schema_reserved(s, m->to);

		if (ep && !same_service(s, m, owner, ep) && !leaves(p, s, owner, ep, m->to)) {
			add(p, "target-occupied", PM_ERROR, &ep->src,
			    pm_arena_printf(&p->arena,
					    "%s would move to %u, which the schema gives to %s",
					    m->service, m->to, ep->name),
			    "choose a free port, or move that service too");
			errors++;
		} else if (!ep && res) {
			bool never = res->strength == PM_RESERVED_NEVER;

			add(p, "target-reserved", never ? PM_ERROR : PM_WARNING, &res->src,
			    pm_arena_printf(&p->arena, "%s would move to %u, which is reserved (%s)",
					    m->service, m->to,
					    res->reason ? res->reason : "no reason given"),
			    "choose a port outside the reserved ranges");
			errors += never;
		}
	}
	return errors;
}

/* Services that the schema sends to a port which a moved service still holds. */
static void note_waiting(struct pm_plan *p, const struct pm_schema *s)
{
	for (size_t i = 0; i < p->moves.n; i++) {
		const struct pm_move *m = &p->moves.v[i];
		const struct pm_service *owner = NULL;
		const struct pm_endpoint *ep = pm_schema_owner(s, m->from, &owner);

		if (!ep || m->from == m->to || same_service(s, m, owner, ep))
			continue;
		add(p, "vacate-first", PM_NOTE, &ep->src,
		    pm_arena_printf(&p->arena, "%s may take %u only after %s has left it",
				    ep->name, m->from, m->service),
		    NULL);
	}
}

static void check_facts(struct pm_plan *p)
{
	for (size_t i = 0; i < p->moves.n; i++) {
		const struct pm_move *m = &p->moves.v[i];

		if (pm_port_browser_refused(m->to))
			add(p, "browser-refused", PM_WARNING, NULL,
			    pm_arena_printf(&p->arena,
					    "%s would move to %u: browsers and Node's fetch refuse "
					    "it (curl does not)", m->service, m->to),
			    "fine for a database; choose another port for anything with HTTP");
		if (pm_port_ephemeral(m->to))
			add(p, "ephemeral-range", PM_NOTE, NULL,
			    pm_arena_printf(&p->arena,
					    "%u for %s lies in Linux's ephemeral range 32768-60999",
					    m->to, m->service),
			    "reserve it with net.ipv4.ip_local_reserved_ports");
	}
}

static bool vacated(const struct pm_plan *p, unsigned port)
{
	for (size_t i = 0; i < p->moves.n; i++)
		if (p->moves.v[i].from == port && p->moves.v[i].to != port)
			return true;
	return false;
}

/* "shop.example.org" and "shop-api.example.org" are addresses of shop-api: every word of the first
 * label is one of the service's name. */
static bool is_address_of(const struct pm_registry *reg, const char *host, const char *service)
{
	struct pm_word label[8], name[12];
	const struct pm_str first = { host, strcspn(host, ".") };
	const unsigned n = pm_registry_words(reg, first, label, 8);
	const unsigned m = pm_registry_words(reg, pm_str_of(service), name, 12);
	unsigned found = 0;

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < m; k++)
			if (label[i].len == name[k].len &&
			    strncasecmp(host + label[i].off, service + name[k].off,
					label[i].len) == 0) {
				found++;
				break;
			}
	return n && found == n;
}

/* Is it the moved service itself that the manifest talks of, under whichever of its names? It
 * stands on its target already where an earlier run moved it. */
static bool is_own(struct pm_registry *reg, const char *service, const struct pm_decl *d)
{
	unsigned mine[16], theirs[16];
	const unsigned n = pm_registry_resolve(reg, service, mine, 16);
	const int dir = pm_registry_dir_owner(reg, d->path);

	for (size_t i = 0; i < d->n; i++) {
		unsigned m;

		/* an image called "api" is anybody's; the block has a name of its own */
		if (d->names[i].kind == PM_NAME_IMAGE && d->n > 1)
			continue;
		m = pm_registry_resolve(reg, d->names[i].text, theirs, 16);
		if (d->names[i].kind == PM_NAME_HOSTNAME &&
		    is_address_of(reg, d->names[i].text, service))
			return true;
		for (unsigned a = 0; a < n; a++)
			for (unsigned b = 0; b < m; b++)
				if (mine[a] == theirs[b] || (int)mine[a] == dir)
					return true;
	}
	return false;
}

static bool holds_port(const struct pm_decl *d, unsigned port)
{
	for (size_t i = 0; i < d->n_ports; i++)
		if (d->ports[i] == port)
			return d->n > 0;
	return false;
}

void pm_plan_note_occupied(struct pm_plan *p, const struct pm_inventory *inv,
			   const struct pm_plan_options *opt)
{
	struct pm_registry *reg = NULL;

	for (size_t i = 0; i < p->moves.n; i++) {
		const struct pm_move *m = &p->moves.v[i];

		for (size_t k = 0; !vacated(p, m->to) && k < inv->decls.n; k++) {
			const struct pm_decl *d = &inv->decls.v[k];
			struct pm_src src = { .path = d->path };

			if (!holds_port(d, m->to))
				continue;
			if (!reg)
				reg = pm_registry_build(&p->arena, inv, opt->schema, opt->config);
			if (is_own(reg, m->service, d))
				continue;
			src.line = d->names[0].line;
			add(p, "target-in-use", PM_WARNING, &src,
			    pm_arena_printf(&p->arena, "%s would move to %u, which %s holds here",
					    m->service, m->to, d->names[0].text),
			    "move that service first, or in the same plan");
			break;
		}
	}
	pm_registry_release(reg);
}

/* Does the path have these digits, with no other beside them? */
static bool has_number(const char *path, const char *digits)
{
	const size_t n = strlen(digits);

	for (const char *at = path; (at = strstr(at, digits)); at += n)
		if ((at == path || !pm_is_digit(at[-1])) && !pm_is_digit(at[n]))
			return true;
	return false;
}

void pm_plan_note_paths(struct pm_plan *p, const struct pm_inventory *inv)
{
	for (size_t i = 0; i < p->moves.n; i++) {
		struct pm_src src = { 0 };
		char digits[8];
		size_t n = 0;
		bool told = false;

		for (size_t k = 0; k < i && !told; k++)
			told = p->moves.v[k].from == p->moves.v[i].from;
		snprintf(digits, sizeof(digits), "%u", p->moves.v[i].from);
		for (size_t k = 0; k < inv->n_paths && !told; k++)
			if (has_number(inv->paths[k], digits) && !n++)
				src.path = inv->paths[k];
		if (n)
			add(p, "path-has-port", PM_NOTE, &src,
			    n == 1 ? pm_arena_printf(&p->arena, "the name of this file has %s; names "
						     "are not changed", digits)
				   : pm_arena_printf(&p->arena, "the names of this and %zu more files "
						     "have %s; names are not changed", n - 1, digits),
			    NULL);
	}
}

int pm_plan_conflicts(struct pm_plan *p, const struct pm_schema *schema, struct pm_err *err)
{
	unsigned errors = check_pairs(p);

	if (schema) {
		errors += check_schema(p, schema);
		note_waiting(p, schema);
	}
	check_facts(p);
	if (!errors)
		return 0;
	pm_err_set(err, PM_E_REFUSED, PM_NOWHERE, "%u of the moves cannot be made as they are",
		   errors);
	return pm_err_hint(err, "see the findings of the plan; all conflicts are listed");
}
