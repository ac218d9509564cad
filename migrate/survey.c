/* survey.c - see survey.h. */
#include "survey.h"

#include "report.h"
#include "spot.h"
#include "verdict.h"
#include "weights.h"

#include <stdlib.h>
#include <string.h>

#define W pm_weights

const char *pm_use_kind_name(enum pm_use_kind k)
{
	static const char *const names[] = { "published", "container", "listens", "health check",
					     "network policy", "route", "caller", "document" };

	return names[k];
}

bool pm_use_declares(const struct pm_use *u)
{
	return u->main && (u->kind == PM_USE_PUBLISHED || u->kind == PM_USE_INNER ||
			   u->kind == PM_USE_LISTEN);
}

static const char *fact_of(const struct pm_hit *h, enum pm_fact_kind kind)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == kind)
			return h->facts[i].text;
	return NULL;
}

const char *pm_use_fact(const struct pm_use *u, enum pm_fact_kind kind)
{
	return fact_of(u->hit, kind);
}

/* ---- services ---- */

struct build {
	struct pm_survey *s;
	struct pm_arena *a;
	const struct pm_survey_input *in;
	struct { struct pm_survey_service *v; size_t n, cap; } services;
	struct { struct pm_use *v; size_t n, cap; } uses;
	bool *known; /* per entity of the registry: some target is it */
	unsigned n_known;
};

static struct pm_survey_service *find_service(struct build *b, const char *name)
{
	for (size_t i = 0; i < b->services.n; i++)
		if (strcmp(b->services.v[i].name, name) == 0)
			return &b->services.v[i];
	return NULL;
}

/* A target for each service; what it resolves to needs none of its own. */
static struct pm_survey_service *add_service(struct build *b, const char *name)
{
	struct pm_survey_service *v = find_service(b, name);
	struct pm_target *t;

	if (v)
		return v;
	if (b->services.n == PM_MAX_TARGETS) {
		b->s->left_out++;
		return NULL;
	}
	t = &b->s->targets[b->services.n];
	v = PM_VEC_ADD(&b->services);
	v->name = pm_arena_strdup(b->a, name);
	pm_target_init(t, b->in->registry, v->name);
	for (unsigned i = 0; i < t->n_entities; i++)
		if (t->entities[i] < b->n_known)
			b->known[t->entities[i]] = true;
	return v;
}

/* Does something of the tree go by exactly this name? */
static bool is_tree_name(const struct build *b, const char *name)
{
	const struct pm_registry *r = b->in->registry;
	struct pm_mention m;

	if (!pm_registry_find(r, pm_str_of(name), &m, 1) || m.off || m.len != strlen(name))
		return false;
	for (unsigned i = 0; i < m.alias->n_entities; i++) {
		const struct pm_entity *e = pm_registry_entity(r, m.alias->entities[i]);

		if (e->declared || e->n_dirs)
			return true;
	}
	return false;
}

/* Whose row it is: "minio (Console)" is one of minio's ports, not a service, unless something is
 * called minio-console. */
static const char *row_name(const struct build *b, const struct pm_service *sv,
			    const struct pm_endpoint *e)
{
	if (e->container || sv->n < 2 || is_tree_name(b, e->name) || !is_tree_name(b, sv->name))
		return e->name;
	return sv->name;
}

static void add_rows(struct build *b)
{
	const struct pm_schema *s = b->in->schema;
	size_t n = 0;

	for (size_t i = 0; s && i < s->services.n; i++)
		n += s->services.v[i].n;
	for (size_t i = 0; s && i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_service *sv = &s->services.v[i];
			struct pm_survey_service *v =
				add_service(b, row_name(b, sv, &sv->endpoints[k]));

			if (!v)
				continue;
			if (!v->rows)
				v->rows = PM_NEW_N(b->a, const struct pm_endpoint *, n);
			v->entry = v->entry ? v->entry : sv;
			v->rows[v->n_rows++] = &sv->endpoints[k];
		}
}

/* "api" of the folder shop is called shop-api: a role alone would mean that of the root. */
static const char *entity_name(struct build *b, const struct pm_entity *e)
{
	const char *base, *slash;

	if (!e->scope || !*e->scope ||
	    pm_registry_word_class(b->in->registry, pm_slug(b->a, pm_str_of(e->name))) !=
		    PM_WORD_ROLE)
		return e->name;
	slash = strrchr(e->scope, '/');
	base = slash ? slash + 1 : e->scope;
	return pm_arena_printf(b->a, "%s-%s", base, e->name);
}

/* Services that run here and that no row means. */
static void add_entities(struct build *b)
{
	for (unsigned i = 0; i < b->n_known; i++) {
		const struct pm_entity *e = pm_registry_entity(b->in->registry, i);

		if (!b->known[i] && e->name && (e->declared || e->n_ports))
			add_service(b, entity_name(b, e));
	}
}

/* ---- what a place does ---- */

static bool is_bind_all(const char *host)
{
	return !*host || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0 ||
	       strcmp(host, "[::]") == 0 || strcmp(host, "*") == 0;
}

static bool is_local(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
	       strcmp(host, "[::1]") == 0 || strcmp(host, "::1") == 0;
}

static bool starts(const char *s, const char *head)
{
	return strncmp(s, head, strlen(head)) == 0;
}

static enum pm_use_kind kind_of(const struct pm_hit *h, enum pm_work work)
{
	const char *host = fact_of(h, PM_FACT_HOST), *ident = fact_of(h, PM_FACT_IDENT);
	bool mapping = starts(h->rule, "compose/ports");

	if (work == PM_WORK_DOCS)
		return PM_USE_DOC;
	/* user: "101:101" only looks like a mapping */
	if (ident && strncmp(h->rule, "config/mapping", 14) == 0 &&
	    pm_key_classify(pm_str_of(ident)) != PM_KEY_PORT)
		return PM_USE_DOC;
	switch ((enum pm_role)h->role) {
	case PM_ROLE_HOST_PORT:
		return strstr(h->rule, "forward") ? PM_USE_DOC : PM_USE_PUBLISHED;
	case PM_ROLE_CONTAINER:
		return PM_USE_INNER;
	case PM_ROLE_LISTEN:
	case PM_ROLE_DEFAULT:
		if (mapping)
			return h->side == PM_SIDE_HOST ? PM_USE_PUBLISHED : PM_USE_INNER;
		return host && !is_bind_all(host) ? PM_USE_CALL : PM_USE_LISTEN;
	case PM_ROLE_PROBE:
		return PM_USE_PROBE;
	case PM_ROLE_POLICY:
		return PM_USE_POLICY;
	case PM_ROLE_ROUTE:
		return PM_USE_ROUTE;
	case PM_ROLE_URL:
		return PM_USE_CALL;
	default:
		return PM_USE_DOC;
	}
}

static enum pm_origin origin_of(const struct pm_hit *h, enum pm_use_kind kind, enum pm_work work)
{
	if (kind == PM_USE_DOC || work == PM_WORK_DOCS)
		return PM_ORIGIN_DOCS;
	if (kind == PM_USE_ROUTE || kind == PM_USE_CALL)
		return PM_ORIGIN_ROUTES;
	if (starts(h->rule, "compose/"))
		return PM_ORIGIN_COMPOSE;
	if (starts(h->rule, "k8s/"))
		return PM_ORIGIN_KUBERNETES;
	if (starts(h->rule, "dockerfile/"))
		return PM_ORIGIN_DOCKER;
	if (work == PM_WORK_COMPOSE)
		return PM_ORIGIN_COMPOSE;
	if (work == PM_WORK_ENV)
		return PM_ORIGIN_ENV;
	return work == PM_WORK_TUNNEL ? PM_ORIGIN_ROUTES : PM_ORIGIN_CODE;
}

/* Words of a variable that make it the port of something beside the service's main one. */
static bool is_secondary(const char *word)
{
	static const char *const words[] = {
		"admin", "debug", "debugger", "inspect", "metrics", "grpc", "health", "ws",
		"websocket", "socket", "hmr", "prometheus", "monitoring", "management", "udp",
		"smtp", "db", "database", "mail", "proxy", "peer", "cluster", "console", "internal",
		"remote", "target", "upstream", "client", "mock", "preview", "storybook", "test",
		"https", "tls", "ssl", "dashboard", "forward", "livereload", "reload",
	};

	for (size_t i = 0; word && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static bool has_word(const struct pm_target *t, const char *word)
{
	for (unsigned i = 0; word && i < t->n_all; i++)
		if (t->all[i] == word)
			return true;
	return false;
}

static bool has_other_role(const struct pm_target *t, const char *role)
{
	for (unsigned i = 0; i < t->n_all; i++)
		if (pm_role_group(t->all[i]) && pm_role_group(t->all[i]) != pm_role_group(role))
			return true;
	return false;
}

/* The name of its own project, where there are several: "forum" of forum-postgres. */
static bool has_project(const struct pm_registry *r, const struct pm_target *t)
{
	for (unsigned i = 0; i < t->n_full; i++)
		if (pm_registry_word_class(r, t->full[i]) == PM_WORD_PROJECT)
			return true;
	return false;
}

static bool in_full_name(const struct pm_target *t, const char *word)
{
	for (unsigned i = 0; word && i < t->n_full; i++)
		if (t->full[i] == word)
			return true;
	return false;
}

/* "forum-db" of the project forum is told from other databases by that word alone: DB_PORT is anybody's,
 * FORUM_DB_PORT is its. */
static bool lacks_project(const struct build *b, const struct pm_target *t, const struct pm_hit *h)
{
	static const char *const kinds[] = { "db", "database", "cache", "queue", "redis", "postgres",
					     "postgresql", "mysql", "mongo", "storage" };
	const struct pm_registry *r = b->in->registry;
	const char *ident = fact_of(h, PM_FACT_IDENT);
	struct pm_word w[16];
	unsigned n = ident ? pm_registry_words(r, pm_str_of(ident), w, 16) : 0;
	bool other = false;

	if (!n || !has_project(r, t))
		return false;
	for (unsigned i = 0; i < t->n_full; i++) {
		bool kind = pm_registry_word_class(r, t->full[i]) != PM_WORD_OTHER;

		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			kind |= strcmp(kinds[k], t->full[i]) == 0;
		other |= !kind;
	}
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < t->n_full; k++)
			other |= w[i].text == t->full[k] &&
				 pm_registry_word_class(r, w[i].text) == PM_WORD_PROJECT;
	return !other;
}

/* PORT, SHOP_API_PORT, server.port of shop-api: not METRICS_PORT, not LEDGER_PORT; and
 * ORCHARD_POSTGRES_PORT is not that of forum-postgres. */
static bool has_main_name(const struct pm_registry *r, const struct pm_target *t, const char *text)
{
	struct pm_word w[16];
	unsigned n = pm_registry_words(r, pm_str_of(text), w, 16);

	for (unsigned k = 0; k < n; k++) {
		enum pm_word_class c = pm_registry_word_class(r, w[k].text);

		if (has_word(t, w[k].text))
			continue;
		/* CLOCK_BACKEND_PORT is not the port of clock-web */
		if (is_secondary(w[k].text) || c == PM_WORD_OTHER ||
		    (c == PM_WORD_PROJECT && has_project(r, t) && !in_full_name(t, w[k].text)) ||
		    (c == PM_WORD_ROLE && has_other_role(t, w[k].text)))
			return false;
	}
	return true;
}

bool pm_survey_product_port(unsigned port)
{
	static const unsigned short ports[] = {
		22,   25,   53,	  80,	110,  143,  389,  443,	465,   587,   636,   993,  995,
		1025, 1433, 1521, 1883, 2181, 2379, 3306, 4222, 4317,  4318,  5432,  5672, 6333,
		6379, 6831, 7474, 7687, 8086, 8125, 9042, 9092, 9200,  11211, 11434, 15672, 27017,
	};

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* A page shows ports; it does not bind them. */
static bool is_page(const char *path)
{
	static const char *const tails[] = { ".tsx", ".jsx", ".vue", ".svelte", ".html", ".css" };

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		if (pm_str_iends(pm_str_of(path), tails[i]))
			return true;
	return false;
}

/* What a script tells its user; `echo PORT=4000 >>.env` writes a setting. */
static bool is_message(const struct pm_inv_file *f, const struct pm_hit *h)
{
	const struct pm_str line = pm_str_trim(pm_lines_get(&f->lines, h->line));

	return (pm_str_find(line, "echo ", false) == 0 || pm_str_find(line, "printf ", false) == 0) &&
	       pm_str_find(line, "> ", false) == SIZE_MAX && pm_str_find(line, ">>", false) == SIZE_MAX;
}

/* "port = 5007" in Connect() of a driver is the port of what it speaks to. */
static bool speaks_to_others(const struct pm_hit *h)
{
	static const char *const words[] = { "connect", "dial", "client", "adapter", "discover",
					     "driver", "scanner" };

	if (!starts(h->rule, "source/port-assigned") && !starts(h->rule, "source/port-list"))
		return false;
	for (uint32_t i = 0; i < h->n_facts; i++)
		for (size_t k = 0; h->facts[i].kind == PM_FACT_BLOCK &&
				   k < sizeof(words) / sizeof(words[0]); k++)
			if (pm_str_find(pm_str_of(h->facts[i].text), words[k], true) != SIZE_MAX)
				return true;
	return false;
}

static bool is_main(const struct build *b, const struct pm_claim *claim, const struct pm_use *u)
{
	const struct pm_party *p = pm_claim_target(claim, u->service);
	const struct pm_hit *h = u->hit;

	if (u->origin == PM_ORIGIN_CODE &&
	    (pm_survey_product_port(h->port) || speaks_to_others(h) || is_page(u->file->path) ||
	     is_message(u->file, h)))
		return false;
	/* in its block, in its directory, or under its name */
	if (!u->unit && p->weight[PM_BY_DIR] < W.dir &&
	    (!u->sure || lacks_project(b, &b->s->targets[u->service], h)))
		return false;
	for (uint32_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *f = &h->facts[i];

		if (f->kind != PM_FACT_IDENT || f->depth >= 20)
			continue;
		/* of names farther on the line and of keys above, only those that say port count */
		if (f->depth && f->depth < 10 && pm_key_classify(pm_str_of(f->text)) != PM_KEY_PORT)
			continue;
		if (f->depth >= 10 ? is_secondary(f->text)
				   : !has_main_name(b->in->registry,
						    &b->s->targets[u->service], f->text))
			return false;
	}
	return true;
}

/* The block that the file's own format puts the place into. */
static const char *unit_of(const struct pm_hit *h)
{
	if (!starts(h->rule, "compose/") && !starts(h->rule, "k8s/"))
		return NULL;
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_BLOCK && h->facts[i].depth == 0)
			return h->facts[i].text;
	return NULL;
}

/* By what the place itself says, and by more than a role word, which any service may have. */
static bool is_sure(const struct pm_party *p, const struct pm_target *t)
{
	const bool has_own_word = t->n_app || !t->role;

	return p->weight[PM_BY_CONFIG] || p->weight[PM_BY_HOST] >= W.public_host ||
	       p->weight[PM_BY_BLOCK] >= W.block_key || p->weight[PM_BY_IDENT] >= W.ident_core ||
	       p->weight[PM_BY_WORDS] >= W.full ||
	       (has_own_word && p->weight[PM_BY_WORDS] >= W.core_label);
}

/* A variable, not a label such as "API" in a message. */
static bool has_variable(const struct pm_hit *h)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_IDENT && h->facts[i].depth < 10 &&
		    strchr(h->facts[i].text, '_'))
			return true;
	return false;
}

/* SHOP_METRICS_URL does not say where shop itself is. */
static bool is_other_port(const char *word)
{
	static const char *const words[] = { "management", "metrics", "debug", "debugger", "inspect",
					     "hmr", "livereload", "storybook" };

	for (size_t i = 0; word && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* A word of the nearest variable that is neither common nor the service's. */
static bool has_foreign_word(const struct build *b, const struct pm_target *t, const struct pm_hit *h)
{
	const char *ident = fact_of(h, PM_FACT_IDENT);
	struct pm_word w[16];
	unsigned n = ident ? pm_registry_words(b->in->registry, pm_str_of(ident), w, 16) : 0;

	for (unsigned i = 0; i < n; i++)
		if ((pm_registry_word_class(b->in->registry, w[i].text) == PM_WORD_OTHER ||
		     is_other_port(w[i].text)) && !has_word(t, w[i].text))
			return true;
	return false;
}

/* Evidence beyond the directory, the path and the number. */
static bool is_named(const struct pm_party *p)
{
	static const enum pm_level levels[] = { PM_BY_CONFIG, PM_BY_HOST, PM_BY_BLOCK, PM_BY_IDENT,
						PM_BY_WORDS, PM_BY_HEADING };

	for (size_t i = 0; p && i < sizeof(levels) / sizeof(levels[0]); i++)
		if (p->weight[levels[i]] >= 45)
			return true;
	return false;
}

/* ---- uses ---- */

static void add_use(struct build *b, struct pm_arena *scratch, const struct pm_inv_file *f,
		    const struct pm_hit *h, const struct pm_where *where)
{
	enum pm_work work = pm_work_of(f->path);
	const char *host = fact_of(h, PM_FACT_HOST);
	const struct pm_party *party, *rival;
	struct pm_claim claim;
	struct pm_use *u;
	int service;

	pm_attribute(&claim, scratch, b->in->registry, b->s->targets, (unsigned)b->services.n,
		     b->in->config, f, h);
	service = pm_verdict_strong(&claim, h);
	if (service < 0 || pm_verdict_is_record(scratch, f, h))
		return;
	u = PM_VEC_ADD(&b->uses);
	u->file = f;
	u->hit = h;
	u->service = service;
	u->kind = kind_of(h, work);
	u->origin = origin_of(h, u->kind, work);
	u->where = *where;
	party = pm_claim_target(&claim, service);
	u->by_host = party->weight[PM_BY_HOST] > 0;
	u->named = is_named(party);
	u->sure = is_sure(party, &b->s->targets[service]);
	rival = pm_claim_rival(&claim, service);
	u->variable = party->weight[PM_BY_IDENT] >= W.ident_role && has_variable(h) &&
		      (!rival || rival->score < W.strong);
	u->foreign = has_foreign_word(b, &b->s->targets[service], h) ||
		     lacks_project(b, &b->s->targets[service], h);
	u->unit = unit_of(h);
	u->main = (u->kind != PM_USE_LISTEN && u->origin != PM_ORIGIN_CODE) ||
		  is_main(b, &claim, u);
	u->local = host && is_local(host);
}

static void add_file(struct build *b, const struct pm_inv_file *f)
{
	struct pm_where where = pm_where_of(b->in->config, b->in->schema, f->path);
	struct pm_arena scratch = { 0 };

	if (f->class != PM_CLASS_ORDINARY ||
	    (b->in->schema && strcmp(f->path, b->in->schema->path) == 0))
		return;
	for (size_t i = 0; i < f->n_hits; i++)
		if (f->hits[i].certainty != PM_NOT &&
		    pm_lines_get(&f->lines, f->hits[i].line).n <= PM_SURVEY_LINE)
			add_use(b, &scratch, f, &f->hits[i], &where);
	pm_arena_release(&scratch);
}

static int by_place(const void *x, const void *y)
{
	const struct pm_use *a = x, *b = y;
	int d;

	if (a->service != b->service)
		return a->service < b->service ? -1 : 1;
	d = strcmp(a->file->path, b->file->path);
	if (d)
		return d;
	return a->hit->span.off < b->hit->span.off ? -1 : a->hit->span.off > b->hit->span.off;
}

void pm_survey_build(struct pm_survey *out, struct pm_arena *a, const struct pm_survey_input *in)
{
	struct build b = { .s = out, .a = a, .in = in };
	size_t at = 0;

	memset(out, 0, sizeof(*out));
	out->targets = PM_NEW_N(a, struct pm_target, PM_MAX_TARGETS);
	b.n_known = pm_registry_count(in->registry);
	b.known = PM_NEW_N(a, bool, b.n_known + 1);
	add_rows(&b);
	add_entities(&b);
	for (size_t i = 0; i < in->inv->files.n; i++)
		add_file(&b, &in->inv->files.v[i]);
	if (b.uses.n)
		qsort(b.uses.v, b.uses.n, sizeof(*b.uses.v), by_place);
	out->n = b.services.n;
	out->services = PM_NEW_N(a, struct pm_survey_service, out->n + 1);
	out->n_uses = b.uses.n;
	out->uses = PM_NEW_N(a, struct pm_use, out->n_uses + 1);
	if (out->n)
		memcpy(out->services, b.services.v, out->n * sizeof(*out->services));
	if (out->n_uses)
		memcpy(out->uses, b.uses.v, out->n_uses * sizeof(*out->uses));
	for (size_t i = 0; i < out->n; i++) {
		out->services[i].uses = out->uses + at;
		while (at < out->n_uses && out->uses[at].service == (int)i)
			at++;
		out->services[i].n_uses = (size_t)(out->uses + at - out->services[i].uses);
	}
	PM_VEC_FREE(&b.services);
	PM_VEC_FREE(&b.uses);
}
