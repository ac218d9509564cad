/*
 * compose.c - Compose files, by structure.
 *
 * Every hit of a service carries the service's key, container name, image and build place; whose
 * port it is, is for others to say. Comments are left to the line rules.
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md
 */
#include "formats.h"

#include <stdlib.h>
#include <string.h>

/* How often an anchored value is used through aliases. What one service alone uses is that
 * service's; what several share is read where it stands. */
struct use {
	uint32_t off;
	unsigned n;
};

/* A service that uses an anchored value, read here or where it stands. */
struct share {
	struct pm_span span;
	struct pm_str service;
};

struct compose {
	struct pm_place place;
	struct { struct use *v; size_t n, cap; } uses;
	struct { struct share *v; size_t n, cap; } shares;
	struct pm_str service; /* at hand */
	unsigned budget; /* maps looked into: merge keys could multiply them */
};

static struct use *find_use(struct compose *c, const struct pm_yaml_node *n)
{
	for (size_t i = 0; i < c->uses.n; i++)
		if (c->uses.v[i].off == n->span.off)
			return &c->uses.v[i];
	return NULL;
}

static void count_uses(struct compose *c, const struct pm_yaml_node *n, int depth)
{
	struct use *u;

	if (n->aliased) {
		u = find_use(c, n);
		if (!u) {
			u = PM_VEC_ADD(&c->uses);
			u->off = n->span.off;
		}
		u->n++;
		return;
	}
	for (size_t i = 0; depth < 6 && i < n->n; i++)
		count_uses(c, n->items[i], depth + 1);
}

static void note_share(struct compose *c, const struct pm_yaml_node *n)
{
	if (n->aliased && c->service.n)
		*PM_VEC_ADD(&c->shares) = (struct share){ n->span, c->service };
}

static bool is_in(const struct pm_hit *h, struct pm_str service)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_BLOCK && pm_str_eq(service, h->facts[i].text))
			return true;
	return false;
}

/* Tell the places inside anchored values of those who use them from elsewhere. */
static void add_shares(struct compose *c)
{
	struct pm_sink *s = c->place.sink;

	for (size_t i = 0; i < s->hits.n; i++)
		for (size_t k = 0; k < c->shares.n; k++) {
			const struct share *use = &c->shares.v[k];
			struct pm_hit *h = &s->hits.v[i];

			if (h->span.off >= use->span.off &&
			    h->span.off + h->span.len <= use->span.off + use->span.len &&
			    !is_in(h, use->service))
				pm_sink_fact(s, h, PM_FACT_SHARED, use->service, 0, 0);
		}
}

/* May this value be read as part of the service that refers to it? */
static bool own(struct compose *c, const struct pm_yaml_node *n)
{
	struct use *u = n->aliased ? find_use(c, n) : NULL;

	if (c->budget == 0)
		return false;
	c->budget--;
	return !u || u->n < 2;
}

static void long_port(struct compose *c, const struct pm_yaml_node *map)
{
	static const struct { const char *key; enum pm_role role; enum pm_side side; } halves[] = {
		{ "published", PM_ROLE_HOST_PORT, PM_SIDE_HOST },
		{ "target", PM_ROLE_CONTAINER, PM_SIDE_CONTAINER },
	};

	for (size_t h = 0; h < 2; h++) {
		const struct pm_yaml_node *n = pm_yaml_get(map, halves[h].key);
		struct pm_spot o;
		struct pm_str s;
		size_t pos = 0;

		if (!n || n->kind != PM_YAML_SCALAR)
			continue;
		s = (struct pm_str){ c->place.sink->file->bytes + n->span.off, n->span.len };
		while (pm_spot_next(s, &pos, &o)) {
			bool fallback = o.kind == PM_SPOT_DEFAULT;
			struct pm_hit *hit = pm_place_hit(
				&c->place, n->span.off + o.off, o.len,
				fallback ? PM_ROLE_DEFAULT : halves[h].role, halves[h].side,
				PM_SURE);

			pm_sink_fact(c->place.sink, hit, PM_FACT_IDENT,
				     fallback ? o.name : PM_STR(""), n->line, 0);
		}
	}
}

/* Plain 2222:22 is one number to YAML 1.1. */
static void warn_base60(struct compose *c, const struct pm_yaml_node *n)
{
	size_t colon = n->style == PM_YAML_PLAIN ? pm_str_find(n->text, ":", false) : SIZE_MAX;

	if (colon == SIZE_MAX || n->text.n - colon > 3 ||
	    (n->text.n - colon == 3 && n->text.p[colon + 1] > '5'))
		return;
	for (size_t i = 0; i < n->text.n; i++)
		if (i != colon && !pm_is_digit(n->text.p[i]))
			return;
	pm_sink_diag(c->place.sink, "yaml-base60", PM_WARNING, n->span.off,
		     "unquoted, YAML 1.1 reads this mapping as one number in base 60; quote it");
}

/* "3000-3010" at `i`, whole numbers on both sides of the dash; `*i` moves behind it. */
static bool next_range(struct pm_str s, size_t *i, unsigned *lo, unsigned *hi, size_t *at)
{
	size_t a, b, len;

	for (; *i < s.n; *i = b) {
		*lo = pm_port_next(s, i, &len);
		if (!*lo)
			return false;
		*at = *i;
		a = b = *i + len;
		if (a >= s.n || s.p[a] != '-')
			continue;
		b = a + 1;
		*hi = pm_port_next(s, &b, &len);
		if (*hi && b == a + 1) {
			*i = b + len;
			return *hi > *lo;
		}
		b = a;
	}
	return false;
}

/* A move of one port leaves ranges alone: say where one holds a wanted port. Halves of different
 * size are refused by Compose. */
static void warn_ranges(struct compose *c, const struct pm_yaml_node *n)
{
	const struct pm_port_set *want = c->place.sink->want;
	struct pm_str s = { c->place.sink->file->bytes + n->span.off, n->span.len };
	unsigned lo, hi, told = 0, size = 0;
	size_t i = 0, at;

	while (next_range(s, &i, &lo, &hi, &at)) {
		for (unsigned port = lo; want && lo != told && port <= hi; port++)
			if (pm_port_set_has(want, port)) {
				pm_sink_diag(c->place.sink, "range-holds-port", PM_WARNING,
					     n->span.off + at,
					     pm_arena_printf(c->place.sink->arena,
							     "the range %u-%u holds %u; a move of one port "
							     "changes no range", lo, hi, port));
				break;
			}
		if (size && size != hi - lo)
			pm_sink_diag(c->place.sink, "range-unequal", PM_WARNING, n->span.off,
				     "the two ranges of this mapping differ in size");
		size = hi - lo;
		told = lo;
	}
}

static void read_ports(struct compose *c, const struct pm_yaml_node *n)
{
	for (size_t i = 0; n->kind == PM_YAML_SEQ && i < n->n; i++) {
		size_t was = pm_place_index(&c->place, i);

		if (n->items[i]->kind == PM_YAML_MAP) {
			long_port(c, n->items[i]);
		} else if (n->items[i]->kind == PM_YAML_SCALAR) {
			warn_base60(c, n->items[i]);
			warn_ranges(c, n->items[i]);
			pm_formats_mapping(&c->place, n->items[i], PM_SURE);
		}
		pm_place_cut(&c->place, was);
	}
}

static void read_expose(struct compose *c, const struct pm_yaml_node *n)
{
	for (size_t i = 0; n->kind == PM_YAML_SEQ && i < n->n; i++) {
		size_t was = pm_place_index(&c->place, i);

		pm_formats_mapping(&c->place, n->items[i], PM_SURE);
		pm_place_cut(&c->place, was);
	}
}

/* Value of the variable with the host that goes with the port `key`. */
static struct pm_str host_beside(struct compose *c, const struct pm_yaml_node *all,
				 struct pm_str key)
{
	const char *name = pm_place_host_key(c->place.sink->arena, key);
	size_t n = name ? strlen(name) : 0;

	if (name && all->kind == PM_YAML_MAP)
		return pm_yaml_get_str(all, name);
	for (size_t i = 0; name && i < all->n; i++) {
		struct pm_str s = all->items[i]->text;

		if (s.n > n && s.p[n] == '=' && memcmp(s.p, name, n) == 0)
			return (struct pm_str){ s.p + n + 1, s.n - n - 1 };
	}
	return (struct pm_str){ "", 0 };
}

/* One label or variable. */
typedef void pair_fn(struct compose *c, struct pm_str key, struct pm_span value);

static void read_setting(struct compose *c, struct pm_str key, struct pm_span value)
{
	pm_place_setting(&c->place, value, key);
}

static void read_label(struct compose *c, struct pm_str key, struct pm_span value)
{
	struct pm_str text = { c->place.sink->file->bytes + value.off, value.len };
	const bool proxy = pm_str_find(key, "server.port", true) != SIZE_MAX ||
			   pm_str_find(key, "prometheus", true) != SIZE_MAX ||
			   pm_str_find(key, "reverse_proxy", true) != SIZE_MAX ||
			   pm_str_find(key, "server.url", true) != SIZE_MAX;
	struct pm_spot o;
	size_t pos = 0;

	while (proxy && pm_spot_next(text, &pos, &o))
		pm_place_hit(&c->place, value.off + o.off, o.len, PM_ROLE_ROUTE,
			     PM_SIDE_CONTAINER,
			     o.kind == PM_SPOT_OTHER ? PM_LIKELY : PM_SURE);
	if (!proxy)
		pm_place_setting(&c->place, value, key);
}

/* "KEY=value" in a list: find the "=" in the bytes, so that the value's span is right even where
 * the item is quoted and escaped. */
static void list_pair(struct compose *c, const struct pm_yaml_node *all,
		      const struct pm_yaml_node *n, pair_fn *fn)
{
	const char *bytes = c->place.sink->file->bytes + n->span.off;
	const char *eq = memchr(bytes, '=', n->span.len);
	size_t from = n->exact || n->span.len == 0 ? 0 : strchr("\"'", bytes[0]) != NULL;
	size_t was = c->place.n;
	struct pm_span value;
	struct pm_str key;

	if (n->kind != PM_YAML_SCALAR || !eq)
		return;
	key = (struct pm_str){ bytes + from, (size_t)(eq - bytes) - from };
	value.off = n->span.off + (uint32_t)(eq + 1 - bytes);
	value.len = n->span.off + n->span.len - value.off;
	pm_place_push(&c->place, PM_FACT_IDENT, key, n->line, 0);
	pm_place_peer(&c->place, key, host_beside(c, all, key));
	fn(c, key, value);
	c->place.n = was;
}

/* A map or list of KEY=value. */
static void read_pairs(struct compose *c, const struct pm_yaml_node *n, pair_fn *fn)
{
	for (size_t i = 0; n->kind == PM_YAML_SEQ && i < n->n; i++) {
		size_t was = pm_place_index(&c->place, i);

		list_pair(c, n, n->items[i], fn);
		pm_place_cut(&c->place, was);
	}
	for (size_t i = 0; n->kind == PM_YAML_MAP && i + 1 < n->n; i += 2) {
		const struct pm_yaml_node *key = n->items[i], *value = n->items[i + 1];
		size_t was = pm_place_key(&c->place, key->text), facts = c->place.n;

		note_share(c, value);
		if (value->kind == PM_YAML_SCALAR) {
			pm_place_push_node(&c->place, PM_FACT_IDENT, key, 0);
			pm_place_peer(&c->place, key->text, host_beside(c, n, key->text));
			if (!value->aliased || own(c, value))
				fn(c, key->text, value->span);
			c->place.n = facts;
		} else if (pm_str_eq(key->text, "<<") && own(c, value)) {
			for (size_t k = 0; value->kind == PM_YAML_SEQ && k < value->n; k++)
				if (value->items[k]->kind == PM_YAML_MAP &&
				    own(c, value->items[k]))
					read_pairs(c, value->items[k], fn);
			if (value->kind == PM_YAML_MAP)
				read_pairs(c, value, fn);
		}
		pm_place_cut(&c->place, was);
	}
}

static void read_environment(struct compose *c, const struct pm_yaml_node *n)
{
	read_pairs(c, n, read_setting);
}

static void read_labels(struct compose *c, const struct pm_yaml_node *n)
{
	read_pairs(c, n, read_label);
}

static void read_healthcheck(struct compose *c, const struct pm_yaml_node *n)
{
	pm_place_argv(&c->place, n->kind == PM_YAML_MAP ? pm_yaml_get(n, "test") : n,
		      PM_ROLE_PROBE);
}

static void read_command(struct compose *c, const struct pm_yaml_node *n)
{
	pm_place_argv(&c->place, n, PM_ROLE_URL);
}

static void read_build(struct compose *c, const struct pm_yaml_node *n)
{
	const struct pm_yaml_node *args = pm_yaml_get(n, "args");

	size_t was;

	if (!args)
		return;
	was = pm_place_key(&c->place, PM_STR("args"));
	read_environment(c, args);
	pm_place_cut(&c->place, was);
}

static void read_fields(struct compose *c, const struct pm_yaml_node *map);

static void read_deploy(struct compose *c, const struct pm_yaml_node *n)
{
	const struct pm_yaml_node *labels = pm_yaml_get(n, "labels");

	if (labels)
		read_labels(c, labels);
}

static void read_merge(struct compose *c, const struct pm_yaml_node *n)
{
	if (n->kind == PM_YAML_MAP)
		read_fields(c, n);
	for (size_t i = 0; n->kind == PM_YAML_SEQ && i < n->n; i++)
		if (n->items[i]->kind == PM_YAML_MAP && own(c, n->items[i]))
			read_fields(c, n->items[i]);
}

static void read_nothing(struct compose *c, const struct pm_yaml_node *n)
{
	(void)c;
	(void)n;
}

/* Anything else: settings by their key. */
static void read_other(struct compose *c, const struct pm_yaml_node *n)
{
	if (n->kind == PM_YAML_MAP || n->kind == PM_YAML_SEQ)
		read_pairs(c, n, read_setting);
}

static const struct field {
	const char *key, *rule;
	void (*read)(struct compose *c, const struct pm_yaml_node *n);
} fields[] = {
	{ "ports", "compose/ports", read_ports },
	{ "expose", "compose/expose", read_expose },
	{ "environment", "compose/environment", read_environment },
	{ "healthcheck", "compose/healthcheck", read_healthcheck },
	{ "command", "compose/command", read_command },
	{ "entrypoint", "compose/command", read_command },
	{ "labels", "compose/label", read_labels },
	{ "deploy", "compose/label", read_deploy },
	{ "build", "compose/build-arg", read_build },
	{ "<<", "compose/other", read_merge },
	{ "image", "compose/other", read_nothing },
	{ "container_name", "compose/other", read_nothing },
	{ "user", "compose/other", read_nothing },
	{ "volumes", "compose/other", read_nothing },
	{ "networks", "compose/other", read_nothing },
	{ "depends_on", "compose/other", read_nothing },
	{ "extra_hosts", "compose/other", read_nothing },
	{ NULL, "compose/other", read_other },
};

static void read_fields(struct compose *c, const struct pm_yaml_node *map)
{
	for (size_t i = 0; i + 1 < map->n; i += 2) {
		const struct field *f = fields;
		const char *rule = c->place.rule;
		size_t was;

		note_share(c, map->items[i + 1]);
		if (!own(c, map->items[i + 1]))
			continue;
		while (f->key && !pm_str_eq(map->items[i]->text, f->key))
			f++;
		was = pm_place_key(&c->place, map->items[i]->text);
		c->place.rule = f->rule;
		f->read(c, map->items[i + 1]);
		c->place.rule = rule;
		pm_place_cut(&c->place, was);
	}
}

static void read_service(struct compose *c, const struct pm_yaml_node *key,
			 const struct pm_yaml_node *service)
{
	const struct pm_yaml_node *image = pm_yaml_get(service, "image");
	size_t was, facts = c->place.n;

	if (service->kind != PM_YAML_MAP)
		return;
	c->service = key->text;
	note_share(c, service);
	was = pm_place_key(&c->place, key->text);
	pm_place_push_node(&c->place, PM_FACT_BLOCK, key, 0);
	pm_place_push_node(&c->place, PM_FACT_CONTAINER, pm_yaml_get(service, "container_name"),
			   0);
	if (image && image->kind == PM_YAML_SCALAR)
		pm_place_push(&c->place, PM_FACT_IMAGE, pm_image_untagged(image->text),
			      image->line, 0);
	pm_formats_build(&c->place, pm_yaml_get(service, "build"));
	read_fields(c, service);
	c->service.n = 0;
	c->place.n = facts;
	pm_place_cut(&c->place, was);
}

static bool looks_like_service(const struct pm_yaml_node *n)
{
	static const char *const keys[] = { "image",       "build",  "ports",   "environment",
					    "healthcheck", "labels", "command", "expose" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (pm_yaml_get(n, keys[i]))
			return true;
	return false;
}

/* x-common: anchors that services share; read as a service's body, or as settings. */
static void read_extension(struct compose *c, const struct pm_yaml_node *key,
			   const struct pm_yaml_node *n)
{
	size_t was = pm_place_key(&c->place, key->text), facts = c->place.n;

	pm_place_push_node(&c->place, PM_FACT_BLOCK, key, 0);
	if (n->kind == PM_YAML_MAP && looks_like_service(n)) {
		read_fields(c, n);
	} else if (pm_str_find(key->text, "health", true) != SIZE_MAX) {
		c->place.rule = "compose/healthcheck";
		read_healthcheck(c, n);
	} else {
		c->place.rule = "compose/environment";
		read_environment(c, n);
	}
	c->place.n = facts;
	pm_place_cut(&c->place, was);
}

/* Services that slipped below another top-level key: Compose ignores or refuses them, but they
 * are meant as services, and somebody will move them back. */
static void read_misplaced(struct compose *c, const struct pm_yaml_node *key,
			   const struct pm_yaml_node *map)
{
	size_t was = pm_place_key(&c->place, key->text);

	for (size_t i = 0; map->kind == PM_YAML_MAP && i + 1 < map->n; i += 2)
		if (pm_yaml_get(map->items[i + 1], "image") ||
		    pm_yaml_get(map->items[i + 1], "build"))
			read_service(c, map->items[i], map->items[i + 1]);
	pm_place_cut(&c->place, was);
}

static void read_document(struct compose *c, const struct pm_yaml_node *doc)
{
	const struct pm_yaml_node *services = pm_yaml_get(doc, "services");
	size_t was = 0;

	if (doc->kind != PM_YAML_MAP)
		return;
	count_uses(c, doc, 0);
	if (services)
		was = pm_place_key(&c->place, PM_STR("services"));
	for (size_t i = 0; services && services->kind == PM_YAML_MAP && i + 1 < services->n; i += 2)
		read_service(c, services->items[i], services->items[i + 1]);
	pm_place_cut(&c->place, was);
	for (size_t i = 0; i + 1 < doc->n; i += 2) {
		if (pm_str_find(doc->items[i]->text, "x-", false) == 0)
			read_extension(c, doc->items[i], doc->items[i + 1]);
		else if (pm_str_eq(doc->items[i]->text, "networks") ||
			 pm_str_eq(doc->items[i]->text, "volumes"))
			read_misplaced(c, doc->items[i], doc->items[i + 1]);
		else if (!services && looks_like_service(doc->items[i + 1]))
			read_service(c, doc->items[i], doc->items[i + 1]); /* version 1 */
	}
}

static int scan(const struct pm_file *f, struct pm_sink *out, struct pm_err *err)
{
	struct compose c = { .place = { .sink = out, .inside = PM_SIDE_CONTAINER,
					.rule = "compose/other" },
			     .budget = 200000 };
	enum pm_yaml_parsed parsed;
	struct pm_yaml yaml;

	(void)err;
	parsed = pm_formats_yaml(&yaml, out);
	if (parsed == PM_YAML_PART)
		pm_place_push(&c.place, PM_FACT_TEMPLATE, PM_STR("partly parsed"), 0, 0);
	for (size_t i = 0; i < yaml.n; i++)
		read_document(&c, yaml.docs[i]);
	add_shares(&c);
	if (parsed != PM_YAML_WHOLE) {
		c.place.n = 0;
		pm_place_push(&c.place, PM_FACT_TEMPLATE, PM_STR("not parsed"), 0, 0);
		pm_formats_lines(&c.place, (struct pm_span){ 0, (uint32_t)f->len }, "compose/line");
	}
	pm_buf_release(&c.place.path);
	PM_VEC_FREE(&c.uses);
	PM_VEC_FREE(&c.shares);
	return 0;
}

static const char *const globs[] = { "**/*compose*.y?(a)ml", "**/docker-stack*.y?(a)ml", NULL };

const struct pm_scanner pm_scanner_compose = {
	.name = "compose",
	.summary = "Compose files: ports, environment, health checks, labels",
	.globs = globs,
	.accepts = pm_is_compose,
	.scan = scan,
};
