/*
 * export.c - a schema as portmig's own document (docs/schema.md), in JSON or YAML.
 *
 * One tree for both: built here, written by jansson or by libyaml's emitter. What a reader would
 * assume anyway is left out. Findings and leftovers are about the old document and stay behind.
 */
#include "reader.h"

#include "base/json.h"
#include "base/yaml_out.h"

#include <stdlib.h>
#include <string.h>

static json_t *must(json_t *j)
{
	if (!j)
		pm_die_oom();
	return j;
}

static void set(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new(o, key, must(value)))
		pm_die_oom();
}

static void add(json_t *list, json_t *value)
{
	if (json_array_append_new(list, must(value)))
		pm_die_oom();
}

static json_t *text_of(const char *s)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_quote_json(&b, pm_str_of(s), NULL);
	return must(json_stringn(pm_buf_str(&b), b.n));
}

/* Empty texts are left out. */
static void put(json_t *o, const char *key, const char *s)
{
	if (s && *s)
		set(o, key, text_of(s));
}

static const char *suffix(const struct pm_endpoint *e)
{
	return e->proto && strcmp(e->proto, "sctp") == 0 ? "/sctp" : e->proto ? "/udp" : "";
}

static json_t *ports_of(unsigned lo, unsigned hi)
{
	return lo == hi ? json_integer(lo) : json_sprintf("%u-%u", lo, hi);
}

static const char *const kinds[] = {
	[PM_RANGE_PROJECT] = "project", [PM_RANGE_LAYER] = "layer",
	[PM_RANGE_BLOCK] = "block", [PM_RANGE_GROUP] = "group",
};
static const char *const states[] = {
	[PM_STATE_PLANNED] = NULL, [PM_STATE_REAL] = "real",
	[PM_STATE_NOT_DEPLOYED] = "not-deployed", [PM_STATE_FUTURE] = "future",
	[PM_STATE_DYNAMIC] = "dynamic",
};
static const char *const strengths[] = {
	[PM_RESERVED_SLOT] = "slot", [PM_RESERVED_MAY] = "may", [PM_RESERVED_NEVER] = "never",
};

/* "r7": ranges may share names, and references must not break when one is renamed. */
static json_t *range_id(int i)
{
	return json_sprintf("r%d", i + 1);
}

static json_t *ranges_of(const struct pm_schema *s)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < s->ranges.n; i++) {
		const struct pm_range *g = &s->ranges.v[i];
		json_t *o = must(json_object());

		set(o, "id", range_id((int)i));
		set(o, "ports", ports_of(g->lo, g->hi));
		set(o, "kind", json_string(kinds[g->kind]));
		put(o, "name", g->name);
		put(o, "note", g->note);
		if (g->parent >= 0)
			set(o, "inside", range_id(g->parent));
		if (g->from_table)
			set(o, "strategy", json_true());
		add(list, o);
	}
	return list;
}

/* Endpoints of one row of the document: "3017, 3019". */
static size_t ports_of_row(const struct pm_service *v, size_t k, json_t *o)
{
	const struct pm_endpoint *e = &v->endpoints[k];
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t n = 1;

	while (k + n < v->n && e->lo && v->endpoints[k + n].src.line == e->src.line &&
	       v->endpoints[k + n].state == e->state &&
	       strcmp(v->endpoints[k + n].role, e->role) == 0)
		n++;
	if (n == 1) {
		if (e->lo && e->proto)
			set(o, "ports", e->lo == e->hi
			    ? json_sprintf("%u%s", e->lo, suffix(e))
			    : json_sprintf("%u-%u%s", e->lo, e->hi, suffix(e)));
		else if (e->lo)
			set(o, "ports", ports_of(e->lo, e->hi));
		return 1;
	}
	for (size_t i = 0; i < n; i++) {
		const struct pm_endpoint *x = &v->endpoints[k + i];

		pm_buf_addf(&b, x->lo == x->hi ? "%s%u" : "%s%u-%u", i ? ", " : "", x->lo, x->hi);
		pm_buf_adds(&b, suffix(x));
	}
	set(o, "ports", json_string(pm_buf_str(&b)));
	return n;
}

static json_t *endpoint_of(const struct pm_service *v, size_t *k)
{
	const struct pm_endpoint *e = &v->endpoints[*k];
	json_t *o = must(json_object());
	bool known = pm_port_conventional(v->name, e->lo);

	*k += ports_of_row(v, *k, o);
	put(o, "name", e->name);
	put(o, "role", e->role);
	put(o, "container", e->container);
	put(o, "note", e->note);
	put(o, "state", states[e->state]);
	if (e->exposure == PM_EXPOSE_INTERNAL)
		set(o, "exposure", json_string("internal"));
	put(o, "host", e->host);
	put(o, "public", e->public_name);
	if (e->claims_collision)
		set(o, "collides", json_true());
	if (e->pair_port)
		set(o, "pair-port", json_integer(e->pair_port));
	put(o, "pair-name", e->pair_name);
	if (e->fixed || known)
		set(o, "fixed", json_boolean(e->fixed));
	if (e->range >= 0)
		set(o, "range", range_id(e->range));
	return o;
}

static json_t *services_of(const struct pm_schema *s)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < s->services.n; i++) {
		const struct pm_service *v = &s->services.v[i];
		json_t *o = must(json_object()), *ports = must(json_array());

		put(o, "name", v->name);
		put(o, "title", v->title);
		put(o, "project", v->project);
		put(o, "inside", v->inside);
		if (v->n_aliases) {
			json_t *names = must(json_array());

			for (size_t k = 0; k < v->n_aliases; k++)
				add(names, text_of(v->aliases[k]));
			set(o, "aliases", names);
		}
		for (size_t k = 0; k < v->n;)
			add(ports, endpoint_of(v, &k));
		set(o, "endpoints", ports);
		add(list, o);
	}
	return list;
}

static json_t *reserved_of(const struct pm_schema *s)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < s->reserved.n; i++) {
		json_t *o = must(json_object());

		set(o, "ports", ports_of(s->reserved.v[i].lo, s->reserved.v[i].hi));
		set(o, "strength", json_string(strengths[s->reserved.v[i].strength]));
		put(o, "reason", s->reserved.v[i].reason);
		add(list, o);
	}
	return list;
}

static json_t *hosts_of(const struct pm_schema *s)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < s->hosts.n; i++) {
		json_t *o = must(json_object());

		put(o, "name", s->hosts.v[i].name);
		put(o, "address", s->hosts.v[i].address);
		put(o, "platform", s->hosts.v[i].platform);
		add(list, o);
	}
	return list;
}

static json_t *offsets_of(const struct pm_schema *s)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < s->offsets.n; i++) {
		json_t *o = must(json_object());

		set(o, "from", json_integer(s->offsets.v[i].lo));
		set(o, "to", json_integer(s->offsets.v[i].hi));
		put(o, "purpose", s->offsets.v[i].purpose);
		if (s->offsets.v[i].reserved)
			set(o, "reserved", json_true());
		if (s->offsets.v[i].range >= 0)
			set(o, "range", range_id(s->offsets.v[i].range));
		add(list, o);
	}
	return list;
}

static json_t *principles_of(const struct pm_schema *s)
{
	static const char *const names[] = { "range-size", "service-size", "project-size",
					     "layer-size", "pair-digits" };
	json_t *list = must(json_array());

	for (size_t i = 0; i < s->principles.n; i++) {
		json_t *o = must(json_object());

		set(o, "kind", json_string(names[s->principles.v[i].kind]));
		if (s->principles.v[i].size)
			set(o, "size", json_integer(s->principles.v[i].size));
		put(o, "text", s->principles.v[i].text);
		add(list, o);
	}
	return list;
}

static json_t *resources_of(const struct pm_schema *s)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < s->resources.n; i++) {
		json_t *o = must(json_object());

		put(o, "kind", s->resources.v[i].kind);
		set(o, "number", json_integer(s->resources.v[i].number));
		put(o, "service", s->resources.v[i].service);
		put(o, "note", s->resources.v[i].note);
		add(list, o);
	}
	return list;
}

static json_t *steps_of(const struct pm_schema *s)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < s->steps.n; i++) {
		const struct pm_step *v = &s->steps.v[i];
		json_t *o = must(json_object()), *moves = must(json_array());

		if (!v->is_note)
			set(o, "order", json_integer(v->order));
		put(o, "service", v->service);
		for (size_t k = 0; k < v->n; k++) {
			json_t *m = must(json_object());

			set(m, "from", json_integer(v->from[k]));
			set(m, "to", json_integer(v->to[k]));
			add(moves, m);
		}
		if (v->n)
			set(o, "moves", moves);
		else
			json_decref(moves);
		put(o, "text", v->text);
		add(list, o);
	}
	return list;
}

static json_t *checklist_of(const struct pm_schema *s)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < s->checklist.n; i++) {
		json_t *o = must(json_object());

		put(o, "text", s->checklist.v[i].text);
		if (s->checklist.v[i].ticked)
			set(o, "ticked", json_true());
		put(o, "section", s->checklist.v[i].section);
		add(list, o);
	}
	return list;
}

static json_t *pairs_of(const struct pm_schema *s, bool variables)
{
	json_t *list = must(json_array());

	for (size_t i = 0; variables && i < s->envvars.n; i++) {
		json_t *o = must(json_object());

		put(o, "name", s->envvars.v[i].name);
		put(o, "value", s->envvars.v[i].value);
		add(list, o);
	}
	for (size_t i = 0; !variables && i < s->changelog.n; i++) {
		json_t *o = must(json_object());

		put(o, "date", s->changelog.v[i].date);
		put(o, "text", s->changelog.v[i].text);
		put(o, "author", s->changelog.v[i].author);
		add(list, o);
	}
	return list;
}

static json_t *depends_of(const struct pm_schema *s)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < s->depends.n; i++) {
		json_t *o = must(json_object());

		put(o, "service", s->depends.v[i].service);
		put(o, "on", s->depends.v[i].on);
		add(list, o);
	}
	return list;
}

static void set_list(json_t *o, const char *key, json_t *list)
{
	if (json_array_size(list))
		set(o, key, list);
	else
		json_decref(list);
}

static json_t *tree_of(const struct pm_schema *s)
{
	json_t *o = must(json_object());

	set(o, "portmig-schema", json_integer(1));
	put(o, "title", s->title);
	put(o, "updated", s->updated);
	put(o, "drafted", s->drafted);
	put(o, "reconciled", s->reconciled);
	put(o, "version", s->version);
	if (s->aspirational)
		set(o, "aspirational", json_true());
	set_list(o, "hosts", hosts_of(s));
	set_list(o, "ranges", ranges_of(s));
	set_list(o, "services", services_of(s));
	set_list(o, "reserved", reserved_of(s));
	set_list(o, "migration", steps_of(s));
	set_list(o, "offsets", offsets_of(s));
	set_list(o, "principles", principles_of(s));
	set_list(o, "resources", resources_of(s));
	set_list(o, "variables", pairs_of(s, true));
	set_list(o, "checklist", checklist_of(s));
	set_list(o, "changelog", pairs_of(s, false));
	set_list(o, "depends", depends_of(s));
	return o;
}

static void write_yaml(struct pm_yaml_out *out, const json_t *j)
{
	const char *key;
	json_t *value;
	char number[32];
	size_t i;

	switch (json_typeof(j)) {
	case JSON_OBJECT:
		pm_yaml_out_map(out);
		json_object_foreach((json_t *)j, key, value) {
			pm_yaml_out_text(out, pm_str_of(key));
			write_yaml(out, value);
		}
		pm_yaml_out_end(out);
		break;
	case JSON_ARRAY:
		pm_yaml_out_seq(out);
		json_array_foreach(j, i, value)
			write_yaml(out, value);
		pm_yaml_out_end(out);
		break;
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(j));
		pm_yaml_out_text(out, pm_str_of(number));
		break;
	case JSON_TRUE: pm_yaml_out_text(out, PM_STR("true")); break;
	case JSON_FALSE: pm_yaml_out_text(out, PM_STR("false")); break;
	default:
		pm_yaml_out_text(out, (struct pm_str){ json_string_value(j),
						       json_string_length(j) });
	}
}

void pm_schema_export_yaml(const struct pm_schema *s, struct pm_buf *out)
{
	json_t *tree = tree_of(s);
	struct pm_yaml_out *o = pm_yaml_out_begin(out);

	write_yaml(o, tree);
	pm_yaml_out_finish(o);
	json_decref(tree);
}

void pm_schema_export_json(const struct pm_schema *s, struct pm_buf *out)
{
	pm_json_write(out, tree_of(s), JSON_INDENT(2));
	pm_buf_addc(out, '\n');
}
