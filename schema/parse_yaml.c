/*
 * parse_yaml.c - reads portmig's own schema format (docs/schema.md), in YAML or JSON.
 *
 * Every map is read by a table of its keys; a key that is not in the table is an error with its
 * place, so that a misspelt one never changes what a document means.
 */
#include "reader.h"

#include "base/hash.h"
#include "base/port.h"
#include "base/yaml.h"

#include <string.h>

enum field_kind { F_TEXT, F_BOOL, F_NUMBER, F_PORT, F_PORTS, F_WORD, F_NODE };

struct field {
	const char *key;
	enum field_kind kind;
	void *out; /* const char **, bool *, unsigned *, struct pm_port_cell *, int *, node ** */
	const char *const *words; /* F_WORD */
	bool zero;                /* F_PORTS: 0 is allowed */
};

struct range_name {
	const char *id;
	int index;
	UT_hash_handle hh;
};

struct yaml_reader {
	struct pm_reader r;
	struct range_name *ranges;
};

#define N_FIELDS(v) (sizeof(v) / sizeof((v)[0]))

static struct pm_src src_of(const struct yaml_reader *y, const struct pm_yaml_node *n)
{
	return pm_reader_src(&y->r, n->span.off, (struct pm_span){ 0, 0 });
}

static int fail(struct yaml_reader *y, const struct pm_yaml_node *n, const char *text)
{
	struct pm_src at = src_of(y, n);

	return pm_err_set(y->r.err, PM_E_SCHEMA, (struct pm_loc){ y->r.path, at.line, at.col },
			  "cannot read schema '%s': %s", y->r.path, text);
}

#define FAIL(y, n, ...) fail(y, n, pm_arena_printf((y)->r.a, __VA_ARGS__))

static int read_ports(struct yaml_reader *y, const struct pm_yaml_node *n, bool zero,
		      struct pm_port_cell *out)
{
	uint32_t *at = PM_NEW_N(y->r.a, uint32_t, n->text.n + 1);
	struct pm_md_text t = { n->text.p, at, n->text.n };
	int rc;

	if (!n->exact)
		return FAIL(y, n, "write ports without escapes or line breaks");
	for (size_t i = 0; i < n->text.n; i++)
		at[i] = n->span.off + (uint32_t)i;
	pm_port_cell_parse(out, y->r.a, &t, zero);
	if (out->kind == PM_CELL_PORTS && !*out->note)
		return 0;
	rc = FAIL(y, n, "'%.*s' is not a port: %s", n->text.n < 80 ? (int)n->text.n : 80, n->text.p,
		  out->kind == PM_CELL_BAD ? out->problem
		  : "write 3001, 3001-3009 or a list of these");
	if (out->kind == PM_CELL_BAD && out->meant)
		pm_err_hint(y->r.err, "did you mean %s?", out->meant);
	return rc;
}

static int read_number(struct yaml_reader *y, const struct pm_yaml_node *n, unsigned lowest,
		       unsigned *out)
{
	unsigned v = 0;

	for (size_t i = 0; i < n->text.n; i++) {
		if (!pm_is_digit(n->text.p[i]) || i > 5)
			return FAIL(y, n, "'%.*s' is not a number", n->text.n < 80 ? (int)n->text.n : 80,
				    n->text.p);
		v = v * 10 + (unsigned)(n->text.p[i] - '0');
	}
	if (!n->text.n || v < lowest || v > 65535)
		return FAIL(y, n, "the number must be between %u and 65535", lowest);
	*out = v;
	return 0;
}

static int read_word(struct yaml_reader *y, const struct pm_yaml_node *n, const struct field *f)
{
	PM_CLEAN_BUF struct pm_buf known = { 0 };

	for (int i = 0; f->words[i]; i++) {
		if (pm_str_eq(n->text, f->words[i])) {
			*(int *)f->out = i;
			return 0;
		}
		pm_buf_addf(&known, "%s%s", i ? ", " : "", f->words[i]);
	}
	FAIL(y, n, "'%.*s' is no %s", n->text.n < 80 ? (int)n->text.n : 80, n->text.p, f->key);
	return pm_err_hint(y->r.err, "one of %s", pm_buf_str(&known));
}

static int read_value(struct yaml_reader *y, const struct pm_yaml_node *n, const struct field *f)
{
	if (f->kind == F_NODE) {
		*(const struct pm_yaml_node **)f->out = n;
		return 0;
	}
	if (n->kind != PM_YAML_SCALAR)
		return FAIL(y, n, "'%s' takes a single value", f->key);
	switch (f->kind) {
	case F_TEXT:
		*(const char **)f->out = pm_arena_str(y->r.a, n->text);
		return 0;
	case F_BOOL:
		if (!pm_str_eq(n->text, "true") && !pm_str_eq(n->text, "false"))
			return FAIL(y, n, "'%s' is true or false", f->key);
		*(bool *)f->out = pm_str_eq(n->text, "true");
		return 0;
	case F_NUMBER: return read_number(y, n, 0, f->out);
	case F_PORT: return read_number(y, n, 1, f->out);
	case F_PORTS: return read_ports(y, n, f->zero, f->out);
	default: return read_word(y, n, f);
	}
}

static int read_map(struct yaml_reader *y, const struct pm_yaml_node *map, const char *what,
		    const struct field *fields, size_t n)
{
	uint64_t seen = 0;

	if (map->kind != PM_YAML_MAP)
		return FAIL(y, map, "%s is a map of keys and values", what);
	for (size_t i = 0; i + 1 < map->n; i += 2) {
		const struct pm_yaml_node *key = map->items[i];
		size_t k = 0;
		int rc;

		while (k < n && !(key->kind == PM_YAML_SCALAR && pm_str_eq(key->text, fields[k].key)))
			k++;
		if (k == n) {
			PM_CLEAN_BUF struct pm_buf known = { 0 };

			for (k = 0; k < n; k++)
				pm_buf_addf(&known, "%s%s", k ? ", " : "", fields[k].key);
			FAIL(y, key, "unknown key '%.*s' of %s",
			     key->text.n < 80 ? (int)key->text.n : 80, key->text.p ? key->text.p : "",
			     what);
			return pm_err_hint(y->r.err, "the keys are %s", pm_buf_str(&known));
		}
		if (seen & (uint64_t)1 << k)
			return FAIL(y, key, "the key '%s' of %s stands twice", fields[k].key, what);
		seen |= (uint64_t)1 << k;
		rc = read_value(y, map->items[i + 1], &fields[k]);
		if (rc)
			return rc;
	}
	return 0;
}

typedef int item_fn(struct yaml_reader *y, const struct pm_yaml_node *item, size_t index);

static int read_list(struct yaml_reader *y, const struct pm_yaml_node *list, const char *what,
		     item_fn *item)
{
	if (!list)
		return 0;
	if (list->kind != PM_YAML_SEQ)
		return FAIL(y, list, "%s is a list", what);
	for (size_t i = 0; i < list->n; i++) {
		int rc = item(y, list->items[i], i);

		if (rc)
			return rc;
	}
	return 0;
}

static int needs(struct yaml_reader *y, const struct pm_yaml_node *map, bool given,
		 const char *what, const char *key)
{
	return given ? 0 : FAIL(y, map, "%s needs the key '%s'", what, key);
}

/* One range: `ports` with a single item. */
static int one_span(struct yaml_reader *y, const struct pm_yaml_node *map,
		    const struct pm_port_cell *ports, const char *what)
{
	int rc = needs(y, map, ports->n > 0, what, "ports");

	if (rc == 0 && ports->n != 1)
		rc = FAIL(y, map, "%s has one range of ports", what);
	return rc;
}

static int read_host(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	struct pm_host h = { 0 };
	const struct field fields[] = {
		{ "name", F_TEXT, &h.name }, { "address", F_TEXT, &h.address },
		{ "platform", F_TEXT, &h.platform },
	};
	int rc = read_map(y, map, "a host", fields, N_FIELDS(fields));

	(void)index;
	if (rc == 0)
		rc = needs(y, map, h.name != NULL, "a host", "name");
	if (rc)
		return rc;
	h.src = src_of(y, map);
	*PM_VEC_ADD(&y->r.s->hosts) = h;
	return 0;
}

static int range_index(struct yaml_reader *y, const struct pm_yaml_node *at, const char *id,
		       int *out)
{
	struct range_name *found = NULL;

	*out = -1;
	if (!id)
		return 0;
	HASH_FIND_STR(y->ranges, id, found);
	if (!found)
		return FAIL(y, at, "no range above has the id '%s'", id);
	*out = found->index;
	return 0;
}

static int read_range(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	static const char *const kinds[] = { "project", "layer", "block", "group", NULL };
	struct pm_range g = { .name = "" };
	struct pm_port_cell ports = { 0 };
	const char *id = NULL, *inside = NULL;
	int kind = PM_RANGE_GROUP, rc;
	const struct field fields[] = {
		{ "id", F_TEXT, &id }, { "ports", F_PORTS, &ports },
		{ "kind", F_WORD, &kind, kinds }, { "name", F_TEXT, &g.name },
		{ "note", F_TEXT, &g.note }, { "inside", F_TEXT, &inside },
		{ "strategy", F_BOOL, &g.from_table },
	};

	rc = read_map(y, map, "a range", fields, N_FIELDS(fields));
	if (rc == 0)
		rc = one_span(y, map, &ports, "a range");
	if (rc == 0)
		rc = range_index(y, map, inside, &g.parent);
	if (rc)
		return rc;
	g.kind = (enum pm_range_kind)kind;
	g.lo = ports.v[0].lo;
	g.hi = ports.v[0].hi;
	g.src = pm_reader_src(&y->r, ports.v[0].span.off, ports.v[0].span);
	*PM_VEC_ADD(&y->r.s->ranges) = g;
	if (id) {
		struct range_name *name = NULL;

		HASH_FIND_STR(y->ranges, id, name);
		if (name)
			return FAIL(y, map, "two ranges have the id '%s'", id);
		name = PM_NEW(y->r.a, struct range_name);
		name->id = id;
		name->index = (int)index;
		HASH_ADD_KEYPTR(hh, y->ranges, name->id, strlen(name->id), name);
	}
	return 0;
}

static int read_reserved(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	static const char *const strengths[] = { "slot", "may", "never", NULL };
	struct pm_port_cell ports = { 0 };
	const char *reason = NULL;
	int strength = PM_RESERVED_SLOT, rc;
	const struct field fields[] = {
		{ "ports", F_PORTS, &ports, NULL, true }, { "reason", F_TEXT, &reason },
		{ "strength", F_WORD, &strength, strengths },
	};

	(void)index;
	rc = read_map(y, map, "a reservation", fields, N_FIELDS(fields));
	if (rc == 0)
		rc = needs(y, map, ports.n > 0, "a reservation", "ports");
	for (size_t i = 0; rc == 0 && i < ports.n; i++)
		pm_reader_reserved(&y->r, ports.v[i].lo, ports.v[i].hi, (enum pm_strength)strength,
				   reason, 0, pm_reader_src(&y->r, ports.v[i].span.off, ports.v[i].span));
	return rc;
}

/* The keys of an endpoint; a service with one endpoint may have them itself. */
struct endpoint_fields {
	struct pm_endpoint e;
	struct pm_port_cell ports;
	const struct pm_yaml_node *fixed;
	const char *range;
	int state, exposure;
};

static int add_endpoints(struct yaml_reader *y, const struct pm_yaml_node *map, size_t service,
			 struct endpoint_fields *f)
{
	struct pm_endpoint *e = &f->e;
	const char *name = y->r.s->services.v[service].name;
	int rc = range_index(y, map, f->range, &e->range);

	e->role = e->role ? e->role : "";
	e->state = (enum pm_state)f->state;
	e->exposure = (enum pm_exposure)f->exposure;
	if (rc == 0 && (e->state == PM_STATE_DYNAMIC) != (f->ports.n == 0))
		rc = f->ports.n ? FAIL(y, map, "a dynamic endpoint has no ports")
				: needs(y, map, false, "an endpoint", "ports");
	if (rc == 0 && f->fixed && f->fixed->kind == PM_YAML_SCALAR &&
	    !pm_str_eq(f->fixed->text, "true") && !pm_str_eq(f->fixed->text, "false"))
		rc = FAIL(y, f->fixed, "'fixed' is true or false");
	if (rc)
		return rc;
	if (!f->ports.n) {
		e->src = src_of(y, map);
		return pm_reader_endpoint(&y->r, service, e);
	}
	for (size_t i = 0; rc == 0 && i < f->ports.n; i++) {
		e->lo = f->ports.v[i].lo;
		e->hi = f->ports.v[i].hi;
		e->proto = f->ports.v[i].proto;
		e->fixed = f->fixed ? pm_str_eq(f->fixed->text, "true")
				    : pm_port_conventional(name, e->lo);
		e->src = pm_reader_src(&y->r, f->ports.v[i].span.off, f->ports.v[i].span);
		rc = pm_reader_endpoint(&y->r, service, e);
	}
	return rc;
}

static const char *const state_words[] = { "planned", "real", "not-deployed", "future", "dynamic",
					   NULL };
static const char *const exposure_words[] = { "host", "internal", NULL };

#define ENDPOINT_FIELDS(f) \
	{ "ports", F_PORTS, &(f).ports }, { "role", F_TEXT, &(f).e.role }, \
	{ "container", F_TEXT, &(f).e.container }, { "note", F_TEXT, &(f).e.note }, \
	{ "state", F_WORD, &(f).state, state_words }, \
	{ "exposure", F_WORD, &(f).exposure, exposure_words }, \
	{ "host", F_TEXT, &(f).e.host }, { "public", F_TEXT, &(f).e.public_name }, \
	{ "pair-port", F_PORT, &(f).e.pair_port }, { "pair-name", F_TEXT, &(f).e.pair_name }, \
	{ "fixed", F_NODE, &(f).fixed }, { "range", F_TEXT, &(f).range }, \
	{ "collides", F_BOOL, &(f).e.claims_collision }

static int read_endpoint(struct yaml_reader *y, const struct pm_yaml_node *map, size_t service)
{
	struct endpoint_fields f = { 0 };
	const struct field fields[] = { { "name", F_TEXT, &f.e.name }, ENDPOINT_FIELDS(f) };
	int rc = read_map(y, map, "an endpoint", fields, N_FIELDS(fields));

	return rc ? rc : add_endpoints(y, map, service, &f);
}

static int read_aliases(struct yaml_reader *y, const struct pm_yaml_node *list, size_t service)
{
	if (!list)
		return 0;
	if (list->kind != PM_YAML_SEQ)
		return FAIL(y, list, "aliases is a list");
	for (size_t i = 0; i < list->n; i++) {
		if (list->items[i]->kind != PM_YAML_SCALAR)
			return FAIL(y, list->items[i], "an alias is a name");
		pm_reader_alias(&y->r, service, pm_arena_str(y->r.a, list->items[i]->text));
	}
	return 0;
}

static int read_service(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	const char *name = NULL, *title = NULL, *project = NULL, *inside = NULL;
	const struct pm_yaml_node *aliases = NULL, *endpoints = NULL;
	struct endpoint_fields f = { 0 };
	const struct field fields[] = {
		{ "name", F_TEXT, &name }, { "title", F_TEXT, &title },
		{ "project", F_TEXT, &project }, { "inside", F_TEXT, &inside },
		{ "aliases", F_NODE, &aliases }, { "endpoints", F_NODE, &endpoints },
		ENDPOINT_FIELDS(f),
	};
	struct pm_src at;
	size_t i;
	int rc = read_map(y, map, "a service", fields, N_FIELDS(fields));

	(void)index;
	if (rc == 0)
		rc = needs(y, map, name && *name, "a service", "name");
	if (rc)
		return rc;
	at = src_of(y, map);
	i = pm_reader_find(&y->r, name);
	if (i != SIZE_MAX)
		return FAIL(y, map, "duplicate service '%s', first at line %u", name,
			    y->r.s->services.v[i].src.line);
	i = pm_reader_service(&y->r, name, title ? title : name, at);
	y->r.s->services.v[i].project = project;
	y->r.s->services.v[i].inside = inside;
	rc = read_aliases(y, aliases, i);
	if (rc == 0 && (f.ports.n || !endpoints))
		rc = endpoints ? FAIL(y, map, "a service has 'ports' or 'endpoints', not both")
			       : add_endpoints(y, map, i, &f);
	if (rc == 0 && endpoints && endpoints->kind != PM_YAML_SEQ)
		rc = FAIL(y, endpoints, "endpoints is a list");
	for (size_t k = 0; rc == 0 && endpoints && k < endpoints->n; k++)
		rc = read_endpoint(y, endpoints->items[k], i);
	return rc;
}

static int read_moves(struct yaml_reader *y, const struct pm_yaml_node *list, struct pm_step *v)
{
	if (!list)
		return 0;
	if (list->kind != PM_YAML_SEQ || list->n > 8)
		return FAIL(y, list, "moves is a list of at most 8");
	for (size_t i = 0; i < list->n; i++) {
		const struct field fields[] = {
			{ "from", F_PORT, &v->from[v->n] }, { "to", F_PORT, &v->to[v->n] },
		};
		int rc = read_map(y, list->items[i], "a move", fields, N_FIELDS(fields));

		if (rc == 0 && (!v->from[v->n] || !v->to[v->n]))
			rc = FAIL(y, list->items[i], "a move needs 'from' and 'to'");
		if (rc)
			return rc;
		v->n++;
	}
	return 0;
}

static int read_step(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	struct pm_step v = { .text = "" };
	const struct pm_yaml_node *moves = NULL;
	const struct field fields[] = {
		{ "order", F_NUMBER, &v.order }, { "service", F_TEXT, &v.service },
		{ "moves", F_NODE, &moves }, { "text", F_TEXT, &v.text },
	};
	int rc = read_map(y, map, "a migration step", fields, N_FIELDS(fields));

	(void)index;
	if (rc == 0)
		rc = needs(y, map, v.service != NULL, "a migration step", "service");
	if (rc == 0)
		rc = read_moves(y, moves, &v);
	if (rc)
		return rc;
	v.is_note = v.order == 0;
	v.src = src_of(y, map);
	*PM_VEC_ADD(&y->r.s->steps) = v;
	return 0;
}

static int read_offset(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	struct pm_offset v = { .purpose = "", .range = -1 };
	const char *range = NULL;
	const struct field fields[] = {
		{ "from", F_NUMBER, &v.lo }, { "to", F_NUMBER, &v.hi },
		{ "purpose", F_TEXT, &v.purpose }, { "reserved", F_BOOL, &v.reserved },
		{ "range", F_TEXT, &range },
	};
	int rc = read_map(y, map, "an offset", fields, N_FIELDS(fields));

	(void)index;
	v.hi = v.hi ? v.hi : v.lo;
	if (rc == 0 && v.hi < v.lo)
		rc = FAIL(y, map, "the offsets end before they begin");
	if (rc == 0)
		rc = range_index(y, map, range, &v.range);
	if (rc)
		return rc;
	v.src = src_of(y, map);
	*PM_VEC_ADD(&y->r.s->offsets) = v;
	return 0;
}

static int read_principle(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	static const char *const kinds[] = { "range-size", "service-size", "project-size",
					     "layer-size", "pair-digits", NULL };
	struct pm_principle v = { .text = "" };
	int kind = -1, rc;
	const struct field fields[] = {
		{ "kind", F_WORD, &kind, kinds }, { "size", F_NUMBER, &v.size },
		{ "text", F_TEXT, &v.text },
	};

	(void)index;
	rc = read_map(y, map, "a principle", fields, N_FIELDS(fields));
	if (rc == 0)
		rc = needs(y, map, kind >= 0, "a principle", "kind");
	if (rc == 0 && (v.size > 1) != (kind != PM_PRINCIPLE_PAIR_DIGITS))
		rc = v.size ? FAIL(y, map, "such a principle has no size")
			    : needs(y, map, false, "a principle", "size");
	for (size_t i = 0; rc == 0 && i < y->r.s->principles.n; i++)
		if ((int)y->r.s->principles.v[i].kind == kind)
			rc = FAIL(y, map, "two principles of the kind '%s'", kinds[kind]);
	if (rc)
		return rc;
	v.kind = (enum pm_principle_kind)kind;
	v.src = src_of(y, map);
	*PM_VEC_ADD(&y->r.s->principles) = v;
	return 0;
}

static int read_resource(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	struct pm_resource v = { 0 };
	const struct field fields[] = {
		{ "kind", F_TEXT, &v.kind }, { "number", F_NUMBER, &v.number },
		{ "service", F_TEXT, &v.service }, { "note", F_TEXT, &v.note },
	};
	int rc = read_map(y, map, "a resource", fields, N_FIELDS(fields));

	(void)index;
	if (rc == 0)
		rc = needs(y, map, v.kind != NULL, "a resource", "kind");
	if (rc == 0)
		rc = needs(y, map, v.service != NULL, "a resource", "service");
	if (rc)
		return rc;
	v.src = src_of(y, map);
	*PM_VEC_ADD(&y->r.s->resources) = v;
	return 0;
}

static int read_variable(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	struct pm_envvar v = { .value = "" };
	const struct field fields[] = {
		{ "name", F_TEXT, &v.name }, { "value", F_TEXT, &v.value },
	};
	int rc = read_map(y, map, "a variable", fields, N_FIELDS(fields));

	(void)index;
	if (rc == 0)
		rc = needs(y, map, v.name != NULL, "a variable", "name");
	if (rc)
		return rc;
	v.src = src_of(y, map);
	*PM_VEC_ADD(&y->r.s->envvars) = v;
	return 0;
}

static int read_depends(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	struct pm_depends v = { .service = NULL };
	const struct field fields[] = {
		{ "service", F_TEXT, &v.service }, { "on", F_TEXT, &v.on },
	};
	int rc = read_map(y, map, "a dependency", fields, N_FIELDS(fields));

	(void)index;
	if (rc == 0)
		rc = needs(y, map, v.service && v.on, "a dependency", "service and on");
	if (rc)
		return rc;
	v.src = src_of(y, map);
	*PM_VEC_ADD(&y->r.s->depends) = v;
	return 0;
}

static int read_check(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	struct pm_checklist_item v = { .text = "", .section = "" };
	const struct field fields[] = {
		{ "text", F_TEXT, &v.text }, { "ticked", F_BOOL, &v.ticked },
		{ "section", F_TEXT, &v.section },
	};
	int rc = read_map(y, map, "a checklist item", fields, N_FIELDS(fields));

	(void)index;
	if (rc)
		return rc;
	v.src = src_of(y, map);
	*PM_VEC_ADD(&y->r.s->checklist) = v;
	return 0;
}

static int read_change(struct yaml_reader *y, const struct pm_yaml_node *map, size_t index)
{
	struct pm_change_note v = { .date = "", .text = "" };
	const struct field fields[] = {
		{ "date", F_TEXT, &v.date }, { "text", F_TEXT, &v.text },
		{ "author", F_TEXT, &v.author },
	};
	int rc = read_map(y, map, "a change", fields, N_FIELDS(fields));

	(void)index;
	if (rc)
		return rc;
	v.src = src_of(y, map);
	*PM_VEC_ADD(&y->r.s->changelog) = v;
	return 0;
}

static int read_document(struct yaml_reader *y, const struct pm_yaml_node *root)
{
	enum { HOSTS, RANGES, SERVICES, RESERVED, MIGRATION, OFFSETS, PRINCIPLES, RESOURCES, VARIABLES,
	       CHECKLIST, CHANGELOG, DEPENDS, N_LISTS };
	static const struct { const char *key; item_fn *item; } lists[N_LISTS] = {
		[HOSTS] = { "hosts", read_host }, [RANGES] = { "ranges", read_range },
		[SERVICES] = { "services", read_service },
		[RESERVED] = { "reserved", read_reserved },
		[MIGRATION] = { "migration", read_step }, [OFFSETS] = { "offsets", read_offset },
		[PRINCIPLES] = { "principles", read_principle },
		[RESOURCES] = { "resources", read_resource },
		[VARIABLES] = { "variables", read_variable },
		[CHECKLIST] = { "checklist", read_check },
		[CHANGELOG] = { "changelog", read_change },
		[DEPENDS] = { "depends", read_depends },
	};
	const struct pm_yaml_node *v[N_LISTS] = { NULL };
	struct pm_schema *s = y->r.s;
	unsigned format = 0;
	struct field fields[7 + N_LISTS] = {
		{ "portmig-schema", F_NUMBER, &format }, { "title", F_TEXT, &s->title },
		{ "updated", F_TEXT, &s->updated }, { "drafted", F_TEXT, &s->drafted },
		{ "reconciled", F_TEXT, &s->reconciled }, { "version", F_TEXT, &s->version },
		{ "aspirational", F_BOOL, &s->aspirational },
	};
	int rc;

	for (size_t i = 0; i < N_LISTS; i++)
		fields[7 + i] = (struct field){ lists[i].key, F_NODE, &v[i] };
	rc = read_map(y, root, "a schema", fields, N_FIELDS(fields));
	if (rc == 0 && format != 1) {
		FAIL(y, root, format ? "this is format %u of a schema; we read 1"
				     : "the key 'portmig-schema' is missing", format);
		return pm_err_hint(y->r.err, "begin the document with: portmig-schema: 1");
	}
	for (size_t i = 0; rc == 0 && i < N_LISTS; i++)
		rc = read_list(y, v[i], lists[i].key, lists[i].item);
	return rc;
}

static int read_text(struct yaml_reader *y)
{
	struct pm_yaml doc = { 0 };
	int rc;

	if (y->r.text.n > 8u << 20)
		return pm_err_set(y->r.err, PM_E_LIMIT, (struct pm_loc){ y->r.path, 0, 0 },
				  "the document has %zu bytes; the limit is 8 MB", y->r.text.n);
	rc = pm_yaml_parse(&doc, y->r.a, y->r.path, y->r.text, y->r.err);
	if (rc)
		return rc;
	pm_lines_init(&y->r.md.lines, y->r.a, y->r.text.p, y->r.text.n);
	if (doc.n == 1)
		rc = read_document(y, doc.docs[0]);
	if (rc)
		return rc;
	pm_reader_finish(&y->r);
	if (doc.n > 1)
		return pm_err_set(y->r.err, PM_E_SCHEMA, (struct pm_loc){ y->r.path, 0, 0 },
				  "cannot read schema '%s': it has %zu documents, not one",
				  y->r.path, doc.n);
	if (!y->r.n_rows)
		return pm_err_set(y->r.err, PM_E_SCHEMA, (struct pm_loc){ y->r.path, 0, 0 },
				  "cannot read schema '%s': no service row understood", y->r.path);
	return 0;
}

int pm_schema_parse_yaml(struct pm_schema *out, const char *path, struct pm_str text,
			 struct pm_err *err)
{
	struct pm_schema s = { 0 };
	struct yaml_reader y = { .r = { .s = &s, .a = &s.arena, .path = path, .text = text,
					.err = err, .own_format = true } };
	int rc;

	s.path = pm_arena_strdup(&s.arena, path);
	rc = read_text(&y);
	HASH_CLEAR(hh, y.ranges);
	pm_reader_release(&y.r);
	if (rc) {
		pm_schema_release(&s);
		return rc;
	}
	pm_diags_sort(&s.diags);
	*out = s;
	return 0;
}
