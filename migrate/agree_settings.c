/*
 * agree_settings.c - variables: fallbacks of one variable that differ, env templates against the
 * fallbacks of Compose, keys that stand twice, the standard variables of the document, and the
 * numbers of Redis databases.
 */
#include "agree_impl.h"

#include "resource.h"

#include <stdlib.h>
#include <string.h>

/* One value of one variable. */
struct setting {
	const char *name;
	const struct pm_inv_file *file;
	const struct pm_hit *hit;
};

struct settings {
	struct pm_agree *g;
	struct { struct setting *v; size_t n, cap; } all;
};

static const char *fact_of(const struct pm_hit *h, enum pm_fact_kind kind)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == kind && !h->facts[i].depth)
			return h->facts[i].text;
	return NULL;
}

static bool starts(const char *s, const char *head)
{
	return strncmp(s, head, strlen(head)) == 0;
}

/* SHOP_API_URL, not "port" or "baseUrl": a name that one value is looked up by. */
static bool is_variable(const char *name)
{
	size_t n = 0;

	for (; name[n]; n++)
		if (!(name[n] >= 'A' && name[n] <= 'Z') && !pm_is_digit(name[n]) && name[n] != '_')
			return false;
	return n > 2;
}

static void collect(struct settings *s)
{
	for (size_t i = 0; i < s->g->in->inv->files.n; i++) {
		const struct pm_inv_file *f = &s->g->in->inv->files.v[i];

		if (f->class != PM_CLASS_ORDINARY || pm_path_is_markdown(f->path) ||
		    pm_where_is_aside(f->path))
			continue;
		for (size_t k = 0; k < f->n_hits; k++) {
			const char *name = fact_of(&f->hits[k], PM_FACT_IDENT);

			if (name && is_variable(name) && f->hits[k].certainty >= PM_LIKELY &&
			    !pm_agree_is_data(f, &f->hits[k]) &&
			    f->hits[k].role != PM_ROLE_DOC)
				*PM_VEC_ADD(&s->all) = (struct setting){ name, f, &f->hits[k] };
		}
	}
}

static struct pm_diag *say(struct settings *s, const char *rule, enum pm_severity severity,
			   const struct setting *at, const char *text)
{
	struct pm_diag *d = pm_diag_add(s->g->out, s->g->a, rule, severity, at->file->path,
					at->hit->line, at->hit->col, "%s", text);

	pm_diag_key(d, s->g->a, NULL, at->hit->port, at->name);
	return d;
}

#define SAY(s, rule, severity, at, ...) \
	say(s, rule, severity, at, pm_arena_printf((s)->g->a, __VA_ARGS__))

static void also(struct settings *s, struct pm_diag *d, const struct setting *x)
{
	pm_diag_also(d, s->g->a, x->file->path, x->hit->line, x->hit->col, "%s %u", x->name,
		     x->hit->port);
}

/* ---- fallbacks in code ---- */

/* Fallbacks in programs, at one kind of address: a local one, or none. */
static bool is_fallback(const struct setting *x)
{
	const char *host = fact_of(x->hit, PM_FACT_HOST);

	return x->hit->role == PM_ROLE_DEFAULT && starts(x->hit->rule, "source/") &&
	       (!host || strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
		strcmp(host, "0.0.0.0") == 0);
}

static int by_path(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

/* The nearest directory above the file that is a program of its own: it has a manifest. Without any,
 * the file's directory. */
static const char *program_of(struct settings *s, const char *path)
{
	static const char *const manifests[] = { "package.json", "go.mod", "Cargo.toml",
						 "pyproject.toml", "requirements.txt", "pom.xml",
						 "build.gradle", "composer.json", "mix.exs",
						 "Gemfile", "Dockerfile" };
	const struct pm_inventory *inv = s->g->in->inv;

	const struct pm_str own = pm_path_dir(path);

	for (struct pm_str dir = own;; dir = pm_path_dir(path)) {
		const char *in = dir.n ? pm_arena_printf(s->g->a, "%.*s/", (int)dir.n, dir.p) : "";

		for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++)
			if (bsearch(pm_arena_printf(s->g->a, "%s%s", in, manifests[i]), inv->paths,
				    inv->n_paths, sizeof(*inv->paths), by_path))
				return in;
		if (!dir.n)
			return pm_arena_printf(s->g->a, "%.*s/", (int)own.n, own.p);
		path = pm_arena_strndup(s->g->a, dir.p, dir.n);
	}
}

/* PORT means each program's own; SHOP_API_URL means one thing everywhere. */
static const char *scope_of(struct settings *s, const struct setting *x)
{
	const struct pm_registry *r = s->g->in->registry;
	struct pm_word w[16];
	unsigned n = pm_registry_words(r, pm_str_of(x->name), w, 16);

	for (unsigned i = 0; i < n; i++)
		if (w[i].text && pm_registry_word_class(r, w[i].text) == PM_WORD_OTHER)
			return ":"; /* no directory */
	return program_of(s, x->file->path);
}

static size_t count(const struct setting **v, size_t n, unsigned port)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += v[i]->hit->port == port;
	return found;
}

/* All fallbacks of one variable in one scope: the odd ones out, one finding per port. */
static void compare(struct settings *s, const struct setting **v, size_t n)
{
	unsigned most = v[0]->hit->port;

	for (size_t i = 1; i < n; i++)
		if (count(v, n, v[i]->hit->port) > count(v, n, most))
			most = v[i]->hit->port;
	for (size_t i = 0; i < n; i++) {
		const unsigned port = v[i]->hit->port;
		struct pm_diag *d;

		if (port == most || count(v, i, port) ||
		    pm_agree_said(s->g, v[i]->file->path, v[i]->hit->line, v[i]->hit->col))
			continue;
		d = SAY(s, "default-disagrees", PM_WARNING, v[i],
			"%s falls back to %u here and to %u in %zu other place%s", v[i]->name, port,
			most, count(v, n, most), count(v, n, most) == 1 ? "" : "s");
		for (size_t k = 0, others = 0; k < n && d->n_also < 20; k++)
			if (k != i && (v[k]->hit->port == port ||
				       (v[k]->hit->port == most && others++ < 3)))
				also(s, d, v[k]);
	}
}

/* v[0..n) are all values of one variable. */
static void check_fallbacks(struct settings *s, const struct setting *v, size_t n)
{
	const struct setting **same = PM_NEW_N(s->g->a, const struct setting *, n + 1);
	const char **scope = PM_NEW_N(s->g->a, const char *, n + 1);

	for (size_t i = 0; i < n; i++)
		scope[i] = is_fallback(&v[i]) ? scope_of(s, &v[i]) : NULL;
	for (size_t i = 0; i < n; i++) {
		size_t found = 0;

		if (!scope[i])
			continue;
		for (size_t k = n; k-- > i;)
			if (scope[k] && k != i && strcmp(scope[k], scope[i]) == 0)
				scope[k] = scope[i];
		for (size_t k = i; k < n; k++)
			if (scope[k] == scope[i])
				same[found++] = &v[k];
		for (size_t k = n; k-- > i;)
			if (k != i && scope[k] == scope[i])
				scope[k] = NULL;
		compare(s, same, found);
	}
}

/* ---- env templates ---- */

static bool in_one_folder(const char *a, const char *b)
{
	struct pm_str x = pm_path_dir(a), y = pm_path_dir(b);

	return x.n == y.n && memcmp(x.p, y.p, x.n) == 0;
}

static bool is_template(const char *path)
{
	struct pm_str base = pm_path_base(path);

	return pm_str_find(base, "env", false) != SIZE_MAX &&
	       (pm_str_iends(base, ".example") || pm_str_iends(base, ".sample") ||
		pm_str_iends(base, ".template") || pm_str_iends(base, ".dist"));
}

/* ${SHOP_PORT:-4000} in the Compose file and SHOP_PORT=4100 in the template beside it. */
static void check_templates(struct settings *s, const struct setting *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct setting *x = &v[i];
		struct pm_where here;

		if (!starts(x->hit->rule, "compose/ports") || x->hit->role != PM_ROLE_DEFAULT)
			continue;
		here = pm_where_of(s->g->in->config, s->g->schema, x->file->path);
		for (size_t k = 0; k < n; k++) {
			const struct setting *t = &v[k];
			struct pm_where there;

			if (x->hit->port == t->hit->port || !is_template(t->file->path) ||
			    !in_one_folder(x->file->path, t->file->path) ||
			    pm_agree_said(s->g, t->file->path, t->hit->line, t->hit->col))
				continue;
			there = pm_where_of(s->g->in->config, s->g->schema, t->file->path);
			if (pm_where_meet(&here, &there))
				also(s, SAY(s, "env-mapping", PM_WARNING, t,
					    "%s is %u here, and without it %s publishes %u", t->name,
					    t->hit->port, x->file->path, x->hit->port), x);
		}
	}
}

/* Values of one variable stand in the order of paths and places. */
static void check_twice(struct settings *s, const struct setting *v, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		const struct setting *a = &v[i], *b = &v[i + 1];

		if (a->file != b->file || !starts(a->hit->rule, "env/") ||
		    !starts(b->hit->rule, "env/") || a->hit->line == b->hit->line ||
		    a->hit->port == b->hit->port)
			continue;
		also(s, SAY(s, "env-duplicate-key", PM_WARNING, b,
			    "%s stands twice in this file: %u here and %u at line %u", b->name,
			    b->hit->port, a->hit->port, a->hit->line), a);
	}
}

/* ---- standard variables ---- */

/* Host and port of a value: "http://shop-api:4100" or "4100". */
static unsigned split_value(const char *value, struct pm_str *host)
{
	struct pm_str s = pm_str_of(value);
	size_t at = pm_str_find(s, "://", false), pos = 0, len;
	unsigned port;

	s = at == SIZE_MAX ? s : (struct pm_str){ s.p + at + 3, s.n - at - 3 };
	port = pm_port_next(s, &pos, &len);
	*host = (struct pm_str){ s.p, port && pos && s.p[pos - 1] == ':' ? pos - 1 : 0 };
	return port;
}

static bool is_own_machine(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0;
}

/* What a build machine starts for its own jobs is where that job put it. */
static bool is_ci(const char *path)
{
	return strncmp(path, ".github/", 8) == 0 || strncmp(path, ".gitlab", 7) == 0;
}

static void check_standard(struct settings *s, const struct pm_envvar *e)
{
	struct pm_str host;
	unsigned port = split_value(e->value, &host);

	for (size_t i = 0; port && i < s->all.n; i++) {
		const struct setting *x = &s->all.v[i];
		const char *mine = fact_of(x->hit, PM_FACT_HOST);
		bool wrong_host = host.n && mine && !pm_str_eq(host, mine) && !is_own_machine(mine);
		struct pm_diag *d;

		if (strcmp(x->name, e->name) != 0 || (x->hit->port == port && !wrong_host) ||
		    (mine && is_own_machine(mine) && is_ci(x->file->path)))
			continue;
		/* on one's own machine the names of the network do not hold */
		d = SAY(s, "env-standard",
			(wrong_host && x->hit->port == port) || (host.n && mine && is_own_machine(mine))
				? PM_NOTE
				: PM_WARNING,
			x, "%s is %s%s%u here; the standard of the document is %s", e->name,
			mine ? mine : "", mine ? ":" : "", x->hit->port, e->value);
		pm_diag_also(d, s->g->a, e->src.path, e->src.line, e->src.col, "the standard");
	}
}

/* ---- Redis databases ---- */

/* All places of databases, with their files; the hits are in the arena. */
struct databases { struct setting *v; size_t n, cap; };

/* The second line that encloses the place: of "orders: environment: REDIS_URL", the service. */
static const char *enclosing(const struct pm_hit *h)
{
	const char *last = NULL;
	unsigned n = 0;

	for (uint32_t i = 0; i < h->n_facts && n < 2; i++)
		if (h->facts[i].kind == PM_FACT_BLOCK) {
			last = h->facts[i].text;
			n++;
		}
	return last;
}

/* Is something of this tree called so: "shop-redis", "shop-redis.prod.svc"? */
static bool is_declared(const struct settings *s, const char *host)
{
	const struct pm_registry *r = s->g->in->registry;
	const struct pm_str name = { host, strcspn(host, ".") };
	struct pm_mention m;

	if (!pm_registry_find(r, name, &m, 1) || m.off || m.len != name.n)
		return false;
	for (unsigned i = 0; i < m.alias->n_entities; i++)
		if (pm_registry_entity(r, m.alias->entities[i])->declared)
			return true;
	return false;
}

/* Blocks and folders that speak to the host with a number, other than the one of `x`. */
static bool is_used_by_others(const struct databases *d, const struct setting *x, const char *host)
{
	const char *unit = enclosing(x->hit);

	for (size_t i = 0; i < d->n; i++) {
		const struct setting *o = &d->v[i];
		const char *there = fact_of(o->hit, PM_FACT_HOST), *block = enclosing(o->hit);

		if (there && strcmp(there, host) == 0 &&
		    (unit && block ? strcmp(unit, block) != 0
				   : !in_one_folder(o->file->path, x->file->path)))
			return true;
	}
	return false;
}

/* An instance that nobody else uses has databases of its own: one on the machine; one that this tree
 * runs while the document speaks for several repositories, or that one service alone speaks to. */
static bool is_own_instance(const struct settings *s, const struct databases *d,
			    const struct setting *x)
{
	const char *host = fact_of(x->hit, PM_FACT_HOST);

	if (!host)
		return s->g->outside; /* a number alone: of whichever instance is set beside it */
	if (is_own_machine(host) || strchr("${<", host[0]) || strcmp(host, "host") == 0 ||
	    pm_is_placeholder_host(pm_str_of(host)))
		return true;
	return is_declared(s, host) && (s->g->outside || !is_used_by_others(d, x, host));
}

/* Words of the place: the file's path, the block, and the whole project's. */
static bool speaks_of(const struct settings *s, const struct setting *x, const char *service)
{
	const struct pm_registry *r = s->g->in->registry;
	struct pm_word w[12], p[64];
	unsigned n = pm_registry_words(r, pm_str_of(service), w, 12);
	unsigned m = pm_registry_words(r, pm_str_of(x->file->path), p, 24);

	for (uint32_t i = 0; i < x->hit->n_facts && m < 60; i++)
		if (x->hit->facts[i].kind == PM_FACT_BLOCK || x->hit->facts[i].kind == PM_FACT_IDENT)
			m += pm_registry_words(r, pm_str_of(x->hit->facts[i].text), p + m, 64 - m);
	for (unsigned i = 0; i < n; i++) {
		enum pm_word_class c = pm_registry_word_class(r, w[i].text);

		if (c == PM_WORD_PROJECT)
			return true;
		for (unsigned k = 0; k < m && c == PM_WORD_OTHER; k++)
			if (w[i].text && w[i].text == p[k].text)
				return true;
	}
	return false;
}

static void check_database(struct settings *s, const struct setting *x, unsigned number)
{
	const struct pm_resource *mine = NULL, *other = NULL;
	struct pm_diag *d;

	for (size_t i = 0; i < s->g->schema->resources.n; i++) {
		const struct pm_resource *r = &s->g->schema->resources.v[i];

		if (strcmp(r->kind, "redis-db") != 0)
			continue;
		if (speaks_of(s, x, r->service)) {
			if (r->number == number)
				return;
			mine = r;
		} else if (r->number == number) {
			other = r;
		}
	}
	if (!mine && !other)
		return;
	d = SAY(s, "resource-disagrees", mine ? PM_WARNING : PM_NOTE, x,
		"Redis database %u is used here%s%s%s", number,
		other ? pm_arena_printf(s->g->a, "; it is that of %s", other->service) : "",
		mine ? pm_arena_printf(s->g->a, "; %s has database %u", mine->service, mine->number)
		     : "",
		other || mine ? " in the document" : "");
	if (mine) {
		d->hint = pm_arena_printf(s->g->a, "portmig plan --move %s:redis-db=%u:%u, or correct "
					  "the document", pm_slug(s->g->a, pm_str_of(mine->service)),
					  number, mine->number);
		pm_diag_also(d, s->g->a, mine->src.path, mine->src.line, mine->src.col,
			     "database %u is that of %s", mine->number, mine->service);
	}
	if (other)
		pm_diag_also(d, s->g->a, other->src.path, other->src.line, other->src.col,
			     "database %u is that of %s", other->number, other->service);
}

/* Of the files that have ports: an instance has a port, and is named where its number is. */
static void collect_databases(struct settings *s, struct databases *out)
{
	for (size_t i = 0; i < s->g->in->inv->files.n; i++) {
		const struct pm_inv_file *f = &s->g->in->inv->files.v[i];
		const struct pm_file file = { f->path, f->bytes, f->len };
		struct pm_sink sink;

		if (f->class != PM_CLASS_ORDINARY || pm_path_is_markdown(f->path) ||
		    pm_where_is_aside(f->path))
			continue;
		pm_sink_init(&sink, s->g->a, &file, NULL);
		pm_resource_scan(&sink, &file);
		for (size_t k = 0; k < sink.hits.n && out->n < PM_RESOURCE_MAX; k++) {
			struct pm_hit *h = PM_NEW(s->g->a, struct pm_hit);

			*h = sink.hits.v[k];
			*PM_VEC_ADD(out) = (struct setting){ "redis-db", f, h };
		}
		pm_sink_release(&sink);
	}
}

static void check_databases(struct settings *s)
{
	struct databases d = { 0 };

	if (!s->g->schema->resources.n)
		return;
	collect_databases(s, &d);
	for (size_t i = 0; i < d.n; i++) {
		struct pm_where w = pm_where_of(s->g->in->config, s->g->schema, d.v[i].file->path);

		/* staging and the like have an instance of their own */
		if (!is_own_instance(s, &d, &d.v[i]) &&
		    !(w.environment && (strcmp(w.environment, "staging") == 0 ||
					strcmp(w.environment, "preview") == 0)))
			check_database(s, &d.v[i], d.v[i].hit->port);
	}
	PM_VEC_FREE(&d);
}

static int by_name(const void *x, const void *y)
{
	const struct setting *a = x, *b = y;
	int d = strcmp(a->name, b->name);

	if (!d)
		d = strcmp(a->file->path, b->file->path);
	if (d)
		return d;
	return a->hit->span.off < b->hit->span.off ? -1 : a->hit->span.off > b->hit->span.off;
}

/* More values of one variable than anybody has written by hand are not compared. */
enum { MAX_VALUES = 2000 };

void pm_agree_settings(struct pm_agree *g)
{
	struct settings s = { .g = g };

	collect(&s);
	if (s.all.n)
		qsort(s.all.v, s.all.n, sizeof(*s.all.v), by_name);
	for (size_t from = 0, to; from < s.all.n; from = to) {
		for (to = from + 1; to < s.all.n && strcmp(s.all.v[from].name, s.all.v[to].name) == 0;)
			to++;
		if (to - from > MAX_VALUES) {
			say(&s, "not-compared", PM_NOTE, &s.all.v[from],
			    pm_arena_printf(g->a, "%s has %zu values, more than are compared",
					    s.all.v[from].name, to - from));
			continue;
		}
		check_fallbacks(&s, s.all.v + from, to - from);
		check_templates(&s, s.all.v + from, to - from);
		check_twice(&s, s.all.v + from, to - from);
	}
	for (size_t i = 0; g->schema && i < g->schema->envvars.n; i++)
		check_standard(&s, &g->schema->envvars.v[i]);
	if (g->schema && g->schema->resources.n)
		check_databases(&s);
	PM_VEC_FREE(&s.all);
}
