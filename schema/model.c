/*
 * model.c - adding values to a schema under the rules that hold for every document format, and
 * releasing it. Readers say what stands in the document; here it is decided what may stand twice.
 */
#include "reader.h"

#include "base/hash.h"
#include "base/port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ENDPOINTS = 4096 };

struct pm_name_entry {
	const char *slug;
	size_t index;
	UT_hash_handle hh;
};

struct pm_src pm_reader_src(const struct pm_reader *r, size_t off, struct pm_span digits)
{
	return (struct pm_src){ r->s->path, pm_lines_line(&r->md.lines, off),
				pm_lines_col(&r->md.lines, off), digits };
}

struct pm_src pm_reader_text_src(const struct pm_reader *r, const struct pm_md_text *t, size_t i)
{
	return pm_reader_src(r, pm_md_at(t, i), (struct pm_span){ 0, 0 });
}

struct pm_diag *pm_reader_diag(struct pm_reader *r, const char *rule, enum pm_severity sev,
			       struct pm_src at, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return pm_diag_add(&r->s->diags, r->a, rule, sev, at.path, at.line, at.col, "%s", buf);
}

void pm_reader_leftover(struct pm_reader *r, struct pm_str text, const char *why,
			struct pm_src at)
{
	struct pm_leftover *l = PM_VEC_ADD(&r->s->leftovers);

	l->text = pm_arena_strndup(r->a, text.p, text.n < 400 ? text.n : 400);
	l->why = why;
	l->src = at;
}

size_t pm_reader_find(const struct pm_reader *r, const char *slug)
{
	struct pm_name_entry *e = NULL;

	HASH_FIND_STR(r->names, slug, e);
	return e ? e->index : SIZE_MAX;
}

const char *pm_reader_slug(struct pm_reader *r, struct pm_str title, unsigned line)
{
	const char *slug = pm_slug(r->a, title);

	return *slug ? slug : pm_arena_printf(r->a, "line-%u", line);
}

size_t pm_reader_service(struct pm_reader *r, const char *slug, const char *title,
			 struct pm_src at)
{
	size_t i = pm_reader_find(r, slug);
	struct pm_name_entry *e;
	struct pm_service *s;

	if (i != SIZE_MAX)
		return i;
	s = PM_VEC_ADD(&r->s->services);
	s->name = slug;
	s->title = title;
	s->src = at;
	e = PM_NEW(r->a, struct pm_name_entry);
	e->slug = slug;
	e->index = r->s->services.n - 1;
	HASH_ADD_KEYPTR(hh, r->names, e->slug, strlen(e->slug), e);
	return e->index;
}

void pm_reader_alias(struct pm_reader *r, size_t service, const char *alias)
{
	struct pm_service *s = &r->s->services.v[service];
	const char **v;

	if (!*alias || strcmp(alias, s->name) == 0)
		return;
	for (size_t i = 0; i < s->n_aliases; i++)
		if (strcmp(s->aliases[i], alias) == 0)
			return;
	if (s->n_aliases >= 64)
		return;
	v = PM_NEW_N(r->a, const char *, s->n_aliases + 1);
	if (s->n_aliases)
		memcpy(v, s->aliases, s->n_aliases * sizeof(*v));
	v[s->n_aliases++] = alias;
	s->aliases = v;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Rows of one service that may stand side by side: other role, container, host, or both facts
 * of different kinds (planned and real). One row with several ports is one statement. */
static bool may_coexist(const struct pm_endpoint *a, const struct pm_endpoint *b)
{
	bool real_a = a->state == PM_STATE_REAL || a->state == PM_STATE_NOT_DEPLOYED;
	bool real_b = b->state == PM_STATE_REAL || b->state == PM_STATE_NOT_DEPLOYED;

	return !same(a->role, b->role) || !same(a->container, b->container) ||
	       !same(a->host, b->host) || real_a || real_b || a->src.line == b->src.line;
}

int pm_reader_endpoint(struct pm_reader *r, size_t service, const struct pm_endpoint *e)
{
	struct pm_service *s = &r->s->services.v[service];

	if (s->n >= MAX_ENDPOINTS)
		return pm_err_set(r->err, PM_E_LIMIT,
				  (struct pm_loc){ r->path, e->src.line, e->src.col },
				  "service '%s' has more than %d ports", s->name, MAX_ENDPOINTS);
	for (size_t i = 0; i < s->n; i++) {
		const struct pm_endpoint *o = &s->endpoints[i];

		if (may_coexist(o, e))
			continue;
		if (o->lo == e->lo && o->hi == e->hi) {
			pm_reader_diag(r, "row-repeated", PM_NOTE, e->src,
				       "'%s' at %u stands at line %u already", s->name, e->lo,
				       o->src.line);
			return 0;
		}
		pm_err_set(r->err, PM_E_SCHEMA,
			   (struct pm_loc){ r->path, e->src.line, e->src.col },
			   "cannot read schema '%s': duplicate service '%s': %u here, %u at line %u",
			   r->path, s->name, e->lo, o->lo, o->src.line);
		return pm_err_hint(r->err, "rename one of the two rows, or give each a role");
	}
	s->endpoints = pm_vec_grow(s->endpoints, s->n, &s->cap, sizeof(*s->endpoints));
	s->endpoints[s->n++] = *e;
	if (e->state != PM_STATE_REAL && e->state != PM_STATE_NOT_DEPLOYED)
		r->n_rows++;
	return 0;
}

void pm_reader_reserved(struct pm_reader *r, unsigned lo, unsigned hi, enum pm_strength strength,
			const char *reason, unsigned table, struct pm_src at)
{
	struct pm_reserved *v;

	/* A strategy table and a heading often state the same one. */
	for (size_t i = r->s->reserved.n; i > 0 && i + 64 > r->s->reserved.n; i--) {
		v = &r->s->reserved.v[i - 1];
		if (v->lo == lo && v->hi == hi && v->strength == strength) {
			if (!v->reason)
				v->reason = reason;
			return;
		}
	}
	v = PM_VEC_ADD(&r->s->reserved);
	v->lo = lo;
	v->hi = hi;
	v->strength = strength;
	v->reason = reason && *reason ? reason : NULL;
	v->table = table;
	v->src = at;
}

const char *pm_reader_host(struct pm_reader *r, const char *name, const char *address,
			   struct pm_src at)
{
	struct pm_host *h;
	struct pm_str n = pm_str_of(name);

	for (size_t i = 0; i < r->s->hosts.n; i++)
		if (pm_str_ieq(n, r->s->hosts.v[i].name))
			return r->s->hosts.v[i].name;
	if (r->s->hosts.n >= 1024)
		return name;
	h = PM_VEC_ADD(&r->s->hosts);
	h->name = name;
	h->address = address;
	h->src = at;
	if (pm_has_word(n, "windows"))
		h->platform = "windows";
	else if (pm_has_word(n, "mac") || pm_has_word(n, "macos") || pm_has_word(n, "macbook"))
		h->platform = "macos";
	else if (pm_has_word(n, "linux") || pm_has_word(n, "ubuntu") || pm_has_word(n, "debian"))
		h->platform = "linux";
	return h->name;
}

/* Ports that third parties chose: moving them needs a reason of its own. Vendors' defaults. */
static const struct { const char *name; unsigned short port; } known[] = {
	{ "postgres", 5432 }, { "postgresql", 5432 }, { "mysql", 3306 },
	{ "mariadb", 3306 }, { "redis", 6379 }, { "valkey", 6379 }, { "mongo", 27017 },
	{ "mongodb", 27017 }, { "minio", 9000 }, { "minio", 9001 },
	{ "prometheus", 9090 }, { "victoriametrics", 8428 }, { "alertmanager", 9093 },
	{ "pushgateway", 9091 }, { "node-exporter", 9100 },
	{ "postgres-exporter", 9187 }, { "redis-exporter", 9121 }, { "grafana", 3000 },
	{ "rabbitmq", 5672 }, { "rabbitmq", 15672 }, { "nats", 4222 }, { "nats", 8222 },
	{ "elasticsearch", 9200 }, { "opensearch", 9200 }, { "kafka", 9092 },
	{ "mailhog", 1025 }, { "mailhog", 8025 }, { "mailpit", 1025 },
	{ "mailpit", 8025 }, { "ollama", 11434 }, { "jaeger", 16686 }, { "loki", 3100 },
	{ "etcd", 2379 }, { "consul", 8500 }, { "vault", 8200 }, { "memcached", 11211 },
	{ "cassandra", 9042 }, { "neo4j", 7474 }, { "neo4j", 7687 },
	{ "clickhouse", 8123 }, { "meilisearch", 7700 }, { "qdrant", 6333 },
	{ "localstack", 4566 }, { "zookeeper", 2181 }, { "influxdb", 8086 },
};
enum { N_KNOWN = sizeof(known) / sizeof(known[0]) };

static bool is_called(const char *service, const char *product)
{
	const char *slash = strchr(service, '/'), *name = slash ? slash + 1 : service;
	const size_t n = strlen(product);

	return strncmp(name, product, n) == 0 && (name[n] == '\0' || name[n] == '-');
}

bool pm_port_conventional(const char *service, unsigned port)
{
	for (size_t i = 0; i < N_KNOWN; i++)
		if (known[i].port == port && is_called(service, known[i].name))
			return true;
	return false;
}

unsigned pm_port_suffix_of(const char *service, unsigned port)
{
	for (size_t i = 0; i < N_KNOWN; i++)
		if (known[i].port != port && port >= 10000 && port % 1000 == known[i].port % 1000 &&
		    is_called(service, known[i].name))
			return known[i].port;
	return 0;
}

static const char *default_name(struct pm_arena *a, const struct pm_endpoint *e,
				const char *local)
{
	const char *role = *e->role ? pm_slug(a, pm_str_of(e->role)) : "";

	return e->container ? e->container : *role ? pm_arena_printf(a, "%s-%s", local, role) : local;
}

static void finish_endpoint(struct pm_reader *r, struct pm_endpoint *e, const char *local,
			    bool only)
{
	if (r->own_format) {
		if (!e->name || !*e->name)
			e->name = default_name(r->a, e, local);
		return;
	}
	if (only && *e->role && !e->container) { /* "shop-web (SvelteKit)": a remark, no role */
		e->note = !e->note || !*e->note ? e->role
			: pm_arena_printf(r->a, "%s; %s", e->role, e->note);
		e->role = "";
	}
	e->name = default_name(r->a, e, local);
	e->fixed = pm_port_conventional(local, e->lo) && e->state != PM_STATE_NOT_DEPLOYED;
}

/* The common start of all container names up to a '-': "compendium" of compendium-api and
 * compendium-web. Empty when there is none. */
static const char *container_prefix(struct pm_arena *a, const struct pm_service *s)
{
	const char *first = NULL;
	size_t n = 0, count = 0;

	for (size_t i = 0; i < s->n; i++) {
		const char *c = s->endpoints[i].container;
		size_t k = 0;

		if (!c)
			continue;
		if (!first) {
			first = c;
			n = strlen(c);
		}
		while (k < n && c[k] == first[k])
			k++;
		n = k;
		count++;
	}
	if (count < 2)
		return "";
	if (!first || (first[n] && first[n] != '-'))
		while (n && first[n] != '-')
			n--;
	return n >= 3 ? pm_arena_strndup(a, first, n) : "";
}

/* Does a container of another service begin with this word? Then it names no one. */
static bool prefix_is_shared(const struct pm_schema *s, size_t self, const char *prefix)
{
	size_t n = strlen(prefix);

	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; i != self && k < s->services.v[i].n; k++) {
			const char *c = s->services.v[i].endpoints[k].container;

			if (c && strncmp(c, prefix, n) == 0 && (c[n] == '-' || !c[n]))
				return true;
		}
	return false;
}

void pm_reader_finish(struct pm_reader *r)
{
	struct pm_schema *s = r->s;

	for (size_t i = 0; i < s->services.n; i++) {
		struct pm_service *v = &s->services.v[i];
		const char *slash = strchr(v->name, '/'), *local = slash ? slash + 1 : v->name;
		size_t planned = 0;

		for (size_t k = 0; k < v->n; k++)
			planned += v->endpoints[k].state == PM_STATE_PLANNED ||
				   v->endpoints[k].state == PM_STATE_FUTURE;
		for (size_t k = 0; k < v->n; k++)
			finish_endpoint(r, &v->endpoints[k], local, planned == 1);
		if (slash)
			pm_reader_alias(r, i, local);
		/* A document of some thousand services is not one of blocks: skip the square. */
		if (s->services.n <= 2000) {
			const char *prefix = container_prefix(r->a, v);

			if (*prefix && !prefix_is_shared(s, i, prefix))
				pm_reader_alias(r, i, prefix);
		}
	}
}

void pm_reader_release(struct pm_reader *r)
{
	HASH_CLEAR(hh, r->names);
	pm_md_release(&r->md);
	PM_VEC_FREE(&r->sections);
	for (size_t i = 0; i < PM_READER_RES; i++)
		pm_re_free(r->re[i]);
	pm_re_free(r->size_re);
}

void pm_schema_release(struct pm_schema *s)
{
	for (size_t i = 0; i < s->services.n; i++)
		free(s->services.v[i].endpoints);
	PM_VEC_FREE(&s->ranges);
	PM_VEC_FREE(&s->reserved);
	PM_VEC_FREE(&s->services);
	PM_VEC_FREE(&s->hosts);
	PM_VEC_FREE(&s->offsets);
	PM_VEC_FREE(&s->principles);
	PM_VEC_FREE(&s->resources);
	PM_VEC_FREE(&s->envvars);
	PM_VEC_FREE(&s->steps);
	PM_VEC_FREE(&s->checklist);
	PM_VEC_FREE(&s->changelog);
	PM_VEC_FREE(&s->depends);
	PM_VEC_FREE(&s->tables);
	PM_VEC_FREE(&s->leftovers);
	pm_diags_release(&s->diags);
	pm_arena_release(&s->arena);
	memset(s, 0, sizeof(*s));
}
