/*
 * agree_units.c - the container side of one Compose service: what its process is told to bind, the
 * inner half of its mapping, the health check that runs inside, the label by which a proxy finds
 * it, and those who call it by name inside the network, must all mean one port. Nothing here
 * compares with the host side or with the document.
 */
#include "agree_impl.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PORTS = 32 };

/* One hit in the block of a unit. */
struct seat {
	const struct pm_inv_file *file;
	const struct pm_hit *hit;
};
struct seats { struct seat v[MAX_PORTS]; size_t n; };

struct unit {
	struct pm_agree *g;
	const struct pm_agree_stack *k;
	const struct pm_stack_service *s;
	struct seats binds;  /* what the process is told: PORT, --port */
	struct seats others; /* further ports that a setting names: METRICS_PORT */
	struct seats opened; /* expose */
	struct seats probes;
	struct seats labels;
	const char *bind_from; /* the env file that `binds` come from, or NULL */
};

static const char *fact_of(const struct pm_hit *h, enum pm_fact_kind kind)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == kind && !h->facts[i].depth)
			return h->facts[i].text;
	return NULL;
}

static bool is_local(const char *host)
{
	return !host || !*host || strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
	       strcmp(host, "0.0.0.0") == 0 || strcmp(host, "[::1]") == 0;
}

/* Names of the variable that a process commonly takes its port from. */
static bool is_port_variable(const char *name)
{
	static const char *const names[] = { "PORT", "HTTP_PORT", "SERVER_PORT", "APP_PORT",
					     "LISTEN_PORT", "SERVICE_PORT", "NITRO_PORT",
					     "NUXT_PORT", "UVICORN_PORT", "WEB_PORT", "API_PORT" };

	for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* --port 4000, -p=4000, "--http-port", "4000"; not --metrics-port=9000. */
static bool is_port_flag(const struct pm_inv_file *f, const struct pm_hit *h)
{
	static const char *const flags[] = { "port", "p", "http-port", "server-port", "listen-port",
					     "http.port", "server.port" };
	size_t end = h->span.off, from, dashes = 0;

	while (end > 0 && strchr("\"', =\t\r\n", f->bytes[end - 1]))
		end--;
	for (from = end; from > 0 && (pm_is_word(f->bytes[from - 1]) ||
				      strchr("-.", f->bytes[from - 1])); from--)
		;
	while (from < end && f->bytes[from] == '-') {
		from++;
		dashes++;
	}
	for (size_t i = 0; dashes && i < sizeof(flags) / sizeof(flags[0]); i++)
		if (pm_str_ieq((struct pm_str){ f->bytes + from, end - from }, flags[i]))
			return true;
	return false;
}

static void add(struct seats *list, const struct pm_inv_file *f, const struct pm_hit *h)
{
	if (list->n < MAX_PORTS)
		list->v[list->n++] = (struct seat){ f, h };
}

static bool has(const struct seats *list, unsigned port)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].hit->port == port)
			return true;
	return false;
}

/* ---- what stands in the block ---- */

static bool rule_is(const struct pm_hit *h, const char *rule)
{
	return strcmp(h->rule, rule) == 0;
}

static void add_setting(struct unit *u, const struct pm_inv_file *f, const struct pm_hit *h)
{
	const char *name = fact_of(h, PM_FACT_IDENT);

	if (h->role != PM_ROLE_LISTEN && h->role != PM_ROLE_DEFAULT)
		return;
	if (!is_local(fact_of(h, PM_FACT_HOST)))
		return;
	add(is_port_variable(name) ? &u->binds : &u->others, f, h);
}

static void add_hit(struct unit *u, const struct pm_inv_file *f, const struct pm_hit *h)
{
	if (rule_is(h, "compose/environment"))
		add_setting(u, f, h);
	else if (rule_is(h, "compose/command") && h->role == PM_ROLE_LISTEN)
		add(is_port_flag(f, h) ? &u->binds : &u->others, f, h);
	else if (rule_is(h, "compose/expose"))
		add(&u->opened, f, h);
	else if (rule_is(h, "compose/healthcheck") && is_local(fact_of(h, PM_FACT_HOST)))
		add(&u->probes, f, h);
	else if (rule_is(h, "compose/label") && h->role == PM_ROLE_ROUTE)
		add(&u->labels, f, h);
}

static void read_block(struct unit *u)
{
	for (size_t i = 0; i < u->k->file->n_hits; i++) {
		const struct pm_hit *h = &u->k->file->hits[i];
		const char *block = fact_of(h, PM_FACT_BLOCK);

		if (block && strncmp(h->rule, "compose/", 8) == 0 && strcmp(block, u->s->name) == 0)
			add_hit(u, u->k->file, h);
	}
}

/* PORT of an env file holds unless the block says otherwise. */
static void read_env_files(struct unit *u)
{
	for (size_t i = 0; i < u->s->n_env_files && !u->binds.n; i++)
		for (size_t k = 0; k < u->g->in->inv->files.n; k++) {
			const struct pm_inv_file *f = &u->g->in->inv->files.v[k];

			if (strcmp(f->path, u->s->env_files[i]) != 0)
				continue;
			for (size_t q = 0; q < f->n_hits; q++) {
				const char *name = fact_of(&f->hits[q], PM_FACT_IDENT);

				if (f->hits[q].role == PM_ROLE_LISTEN && name &&
				    strcmp(name, "PORT") == 0) {
					add(&u->binds, f, &f->hits[q]);
					u->bind_from = f->path;
				}
			}
		}
}

/* ---- comparing ---- */

static const struct pm_stack_port *mapping_of(const struct unit *u, unsigned port)
{
	for (size_t i = 0; i < u->s->n_ports; i++)
		if (u->s->ports[i].in_lo <= port && port <= u->s->ports[i].in_hi)
			return &u->s->ports[i];
	return NULL;
}

/* Anything in the block makes the process listen there. */
static bool listens(const struct unit *u, unsigned port)
{
	return has(&u->binds, port) || has(&u->others, port) || has(&u->opened, port) ||
	       mapping_of(u, port);
}

static bool has_known_mapping(const struct unit *u)
{
	for (size_t i = 0; i < u->s->n_ports; i++)
		if (u->s->ports[i].in_lo)
			return true;
	return false;
}

static const char *service_name(const struct unit *u)
{
	for (size_t i = 0; i < u->k->stack.n; i++)
		if (&u->k->stack.v[i] == u->s && u->k->services[i] >= 0)
			return u->g->survey.services[u->k->services[i]].name;
	return u->s->name;
}

static struct pm_diag *say(struct unit *u, const char *rule, enum pm_severity severity,
			   const struct seat *at, const char *key, const char *text)
{
	struct pm_diag *d = pm_diag_add(u->g->out, u->g->a, rule, severity, at->file->path,
					at->hit->line, at->hit->col, "%s", text);

	pm_diag_key(d, u->g->a, service_name(u), at->hit->port, key);
	return d;
}

#define SAY(u, rule, severity, at, key, ...) \
	say(u, rule, severity, at, key, pm_arena_printf((u)->g->a, __VA_ARGS__))

/* A program built here follows what it is told; an image of others may not know the variable. */
static enum pm_severity severity_of(const struct unit *u)
{
	return u->s->build ? PM_ERROR : PM_WARNING;
}

/* The process binds one port and the mapping leads to another. */
static void check_mapping(struct unit *u)
{
	const struct seat *bind = u->binds.n ? &u->binds.v[0] : NULL;
	const struct pm_stack_port *p = u->s->n_ports ? &u->s->ports[0] : NULL;
	struct pm_diag *d;

	if (!bind || !p || !has_known_mapping(u))
		return;
	for (size_t i = 0; i < u->binds.n; i++)
		if (mapping_of(u, u->binds.v[i].hit->port))
			return;
	/* an image that others made may know the variable or not */
	if (!u->s->build && has(&u->probes, p->in_lo))
		return;
	d = SAY(u, u->bind_from ? "env-mapping" : "container-port-disagrees", severity_of(u), bind,
		u->s->name, "%s is told to listen on %u, but %s:%u maps %u of the container",
		service_name(u), bind->hit->port, u->k->file->path, p->line, p->in_lo);
	pm_diag_also(d, u->g->a, u->k->file->path, p->line, p->col, "the mapping");
	d->hint = pm_arena_printf(u->g->a, "map %u, or let it listen on %u", bind->hit->port,
				  p->in_lo);
}

/* What runs or looks inside must find the port that is bound. */
static void check_inside(struct unit *u, const struct seats *list, const char *what)
{
	const struct seat *bind = u->binds.n ? &u->binds.v[0] : NULL;

	for (size_t i = 0; i < list->n; i++) {
		unsigned port = list->v[i].hit->port;
		struct pm_diag *d;

		/* without a setting the process may listen on more than what is published */
		if (!bind || has(&u->binds, port) || has(&u->others, port) ||
		    (!u->s->build && listens(u, port)))
			continue;
		d = SAY(u, "container-port-disagrees", severity_of(u), &list->v[i], u->s->name,
			"%s of %s asks for %u; inside, it listens on %u", what, service_name(u),
			port, bind->hit->port);
		pm_diag_also(d, u->g->a, bind->file->path, bind->hit->line, bind->hit->col,
			     "told to listen on %u", bind->hit->port);
	}
}

/* ---- callers inside the network ---- */

static bool is_named(const struct pm_stack_service *s, const char *host)
{
	return strcmp(s->name, host) == 0 || (s->container && strcmp(s->container, host) == 0);
}

/* Is the port known to be open in some stack that has a service of this name? `*found`: one that
 * tells its ports. */
static bool is_open(struct pm_agree *g, const struct pm_agree_stack *only, const char *host,
		    unsigned port, struct unit *found)
{
	for (size_t i = 0; i < g->n_stacks; i++)
		for (size_t k = 0; k < g->stacks[i].stack.n; k++) {
			struct unit u = { .g = g, .k = &g->stacks[i],
					  .s = &g->stacks[i].stack.v[k] };

			if ((only && only != u.k) || !is_named(u.s, host))
				continue;
			read_block(&u);
			read_env_files(&u);
			/* not told: it may listen on anything */
			if (!u.binds.n || listens(&u, port) || has(&u.probes, port))
				return true;
			*found = u;
		}
	return false;
}

static const struct pm_agree_stack *stack_of(const struct pm_agree *g, const struct pm_inv_file *f)
{
	for (size_t i = 0; i < g->n_stacks; i++)
		if (g->stacks[i].file == f)
			return &g->stacks[i];
	return NULL;
}

static bool defines(const struct pm_agree_stack *k, const char *host)
{
	for (size_t i = 0; k && i < k->stack.n; i++)
		if (is_named(&k->stack.v[i], host))
			return true;
	return false;
}

/* http://shop-api:4900 where shop-api is a service of the stack that listens on 3000. */
static void check_caller(struct pm_agree *g, const struct pm_inv_file *f, const struct pm_hit *h)
{
	const char *host = fact_of(h, PM_FACT_HOST);
	const struct pm_agree_stack *own;
	struct unit u = { 0 };
	struct seat at = { f, h };
	struct pm_diag *d;

	/* in a cluster the names are those of Services; a long line is data */
	if (strncmp(h->rule, "k8s/", 4) == 0 || pm_agree_is_data(f, h))
		return;
	if (!host || is_local(host) || h->certainty < PM_LIKELY || strchr(host, '.') ||
	    (h->role != PM_ROLE_URL && h->role != PM_ROLE_ROUTE && h->role != PM_ROLE_DEFAULT &&
	     h->role != PM_ROLE_PROBE))
		return;
	if (!pm_agree_is_host(g, host))
		return;
	own = stack_of(g, f);
	if (is_open(g, defines(own, host) ? own : NULL, host, h->port, &u) || !u.s)
		return;
	d = SAY(&u, "caller-disagrees", severity_of(&u), &at, host,
		"%s is called at %u; inside the network it listens on %u", host, h->port,
		u.binds.v[0].hit->port);
	pm_diag_also(d, g->a, u.binds.v[0].file->path, u.binds.v[0].hit->line,
		     u.binds.v[0].hit->col, "told to listen on %u", u.binds.v[0].hit->port);
	for (size_t i = 0; i < u.s->n_ports; i++)
		if (u.s->ports[i].lo <= h->port && h->port <= u.s->ports[i].hi)
			d->hint = pm_arena_printf(
				g->a, "%u is its port on the host; in the network it is %u", h->port,
				u.s->ports[i].in_lo);
}

static void check_callers(struct pm_agree *g)
{
	for (size_t i = 0; i < g->in->inv->files.n; i++) {
		const struct pm_inv_file *f = &g->in->inv->files.v[i];

		if (f->class != PM_CLASS_ORDINARY || pm_path_is_markdown(f->path) ||
		    pm_where_is_aside(f->path))
			continue;
		for (size_t k = 0; k < f->n_hits; k++)
			check_caller(g, f, &f->hits[k]);
	}
}

void pm_agree_units(struct pm_agree *g)
{
	for (size_t i = 0; i < g->n_stacks; i++)
		for (size_t k = 0; k < g->stacks[i].stack.n; k++) {
			struct unit u = { .g = g, .k = &g->stacks[i],
					  .s = &g->stacks[i].stack.v[k] };

			read_block(&u);
			read_env_files(&u);
			check_mapping(&u);
			check_inside(&u, &u.probes, "the health check");
			check_inside(&u, &u.labels, "the label");
		}
	check_callers(g);
}
