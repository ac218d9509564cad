/* stack.c - see stack.h. */
#include "stack.h"

#include "formats.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TEXT = 512, MAX_NESTING = 4 };

struct reader {
	struct pm_arena *a;
	const struct pm_file *f;
	pm_stack_value_fn *value;
	void *data;
};

/* ---- variables ---- */

/* Text with variables replaced; the first of their names. */
struct expanded {
	struct pm_buf text;
	const char *variable;
	bool unknown; /* one has no value */
	bool malformed;
};

static void expand(struct reader *r, struct expanded *x, struct pm_str s, int nesting);

/* End of the "{...}" at s.p[0], past its brace; 0 when it is not closed. */
static size_t brace_end(struct pm_str s)
{
	int depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		depth += s.p[i] == '{';
		if (s.p[i] == '}' && --depth == 0)
			return i + 1;
	}
	return 0;
}

/* NAME and what stands behind it in the braces: ":-4000", "-4000", ":?message", "". */
static void replace(struct reader *r, struct expanded *x, struct pm_str name, struct pm_str rest,
		    int nesting)
{
	const char *key = pm_arena_strndup(r->a, name.p, name.n);
	const char *value = r->value ? r->value(r->data, key) : NULL;

	if (!x->variable)
		x->variable = key;
	if (value && *value) {
		pm_buf_adds(&x->text, value);
		return;
	}
	if (rest.n && rest.p[0] == ':')
		rest = (struct pm_str){ rest.p + 1, rest.n - 1 };
	if (rest.n > 1 && rest.p[0] == '-' && nesting < MAX_NESTING)
		expand(r, x, (struct pm_str){ rest.p + 1, rest.n - 1 }, nesting + 1);
	else
		x->unknown = true;
}

static void expand(struct reader *r, struct expanded *x, struct pm_str s, int nesting)
{
	for (size_t i = 0; i < s.n;) {
		bool braces = i + 1 < s.n && s.p[i + 1] == '{';
		size_t from = i + 1 + braces, to = from, end;

		if (s.p[i] != '$' || (i + 1 < s.n && s.p[i + 1] == '$')) {
			pm_buf_addc(&x->text, s.p[i]);
			i += s.p[i] == '$' ? 2 : 1;
			continue;
		}
		while (to < s.n && pm_is_word(s.p[to]))
			to++;
		end = braces ? brace_end((struct pm_str){ s.p + i + 1, s.n - i - 1 }) + i + 1 : to;
		if (to == from || (braces && end == i + 1)) {
			x->malformed = true;
			return;
		}
		replace(r, x, (struct pm_str){ s.p + from, to - from },
			(struct pm_str){ s.p + to, braces ? end - 1 - to : 0 }, nesting);
		i = end;
	}
}

/* ---- mappings ---- */

/* "4000" or "4000-4003"; false when it is neither. */
static bool read_range(struct pm_str s, unsigned *lo, unsigned *hi)
{
	const char *dash = memchr(s.p, '-', s.n);
	struct pm_str first = { s.p, dash ? (size_t)(dash - s.p) : s.n };

	*lo = *hi = pm_port_parse(first);
	if (dash)
		*hi = pm_port_parse((struct pm_str){ dash + 1, s.n - first.n - 1 });
	return *lo && *hi >= *lo;
}

/* What stands behind the last colon outside of brackets; `*s` keeps what is in front. */
static struct pm_str last_field(struct pm_str *s)
{
	struct pm_str field = *s;

	for (size_t i = s->n; i > 0 && s->p[i - 1] != ']'; i--)
		if (s->p[i - 1] == ':') {
			field = (struct pm_str){ s->p + i, s->n - i };
			s->n = i - 1;
			return field;
		}
	s->n = 0;
	return field;
}

static bool parse_mapping(struct reader *r, struct pm_stack_port *p, struct pm_str s, bool unknown)
{
	const char *slash = memchr(s.p, '/', s.n);
	struct pm_str inner, host;

	if (slash) {
		p->udp = pm_str_ieq((struct pm_str){ slash + 1,
						     s.n - (size_t)(slash - s.p) - 1 }, "udp");
		s.n = (size_t)(slash - s.p);
	}
	inner = last_field(&s);
	if (!read_range(inner, &p->in_lo, &p->in_hi)) {
		if (!unknown || inner.n)
			return false;
		p->in_lo = p->in_hi = 0;
	}
	p->ip = "";
	if (!s.n)
		return true; /* Docker chooses the host port */
	host = last_field(&s);
	if (s.n && s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = (struct pm_str){ s.p + 1, s.n - 2 };
	p->ip = pm_arena_strndup(r->a, s.p, s.n);
	if (!host.n || pm_str_eq(host, "0"))
		return true;
	return read_range(host, &p->lo, &p->hi);
}

static bool read_mapping(struct reader *r, struct pm_stack_port *p, struct pm_str text)
{
	struct expanded x = { 0 };
	bool ok;

	if (text.n > MAX_TEXT)
		return false;
	expand(r, &x, text, 0);
	ok = !x.malformed &&
	     parse_mapping(r, p, pm_str_trim((struct pm_str){ pm_buf_str(&x.text), x.text.n }),
			   x.unknown);
	p->variable = x.variable;
	pm_buf_release(&x.text);
	return ok;
}

bool pm_stack_mapping(struct pm_stack_port *out, struct pm_arena *a, struct pm_str text,
		      pm_stack_value_fn *value, void *data)
{
	struct reader r = { a, NULL, value, data };

	memset(out, 0, sizeof(*out));
	return read_mapping(&r, out, text);
}

/* { target: 80, published: "8080", host_ip: 127.0.0.1, protocol: tcp } */
static bool read_long(struct reader *r, struct pm_stack_port *p, const struct pm_yaml_node *map)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_str ip = pm_yaml_get_str(map, "host_ip");
	struct pm_str published = pm_yaml_get_str(map, "published");

	if (ip.n)
		pm_buf_addf(&b, "%.*s:", (int)(ip.n < 64 ? ip.n : 64), ip.p);
	if (published.n && published.n < MAX_TEXT / 2) {
		pm_buf_add(&b, published.p, published.n);
		pm_buf_addc(&b, ':');
	}
	pm_buf_add(&b, pm_yaml_get_str(map, "target").p, pm_yaml_get_str(map, "target").n);
	if (!read_mapping(r, p, (struct pm_str){ pm_buf_str(&b), b.n }))
		return false;
	p->udp = pm_str_ieq(pm_yaml_get_str(map, "protocol"), "udp");
	return true;
}

static unsigned column_of(const struct reader *r, size_t off)
{
	size_t i = off;

	while (i > 0 && r->f->bytes[i - 1] != '\n')
		i--;
	return (unsigned)(off - i) + 1;
}

static void read_ports(struct reader *r, struct pm_stack_service *s, const struct pm_yaml_node *n)
{
	if (!n || n->kind != PM_YAML_SEQ)
		return;
	s->replaces = n->tag && (strcmp(n->tag, "!override") == 0 || strcmp(n->tag, "!reset") == 0);
	s->ports = PM_NEW_N(r->a, struct pm_stack_port, n->n + 1);
	for (size_t i = 0; i < n->n; i++) {
		const struct pm_yaml_node *item = n->items[i];
		struct pm_stack_port *p = &s->ports[s->n_ports];

		memset(p, 0, sizeof(*p));
		if (item->kind == PM_YAML_MAP ? read_long(r, p, item)
					      : read_mapping(r, p, item->text)) {
			p->line = item->line;
			p->col = column_of(r, item->span.off);
			s->n_ports++;
		}
	}
}

/* ---- services ---- */

static const char *scalar(struct reader *r, const struct pm_yaml_node *n)
{
	return n && n->kind == PM_YAML_SCALAR && n->text.n
		       ? pm_arena_strndup(r->a, n->text.p, n->text.n)
		       : NULL;
}

static const char *path_at(struct reader *r, struct pm_str rel)
{
	return pm_path_join(r->a, pm_path_dir(r->f->path), rel);
}

/* One word, a list of words, or (env_file) a list of maps with `path`. */
static const char **read_list(struct reader *r, const struct pm_yaml_node *n, bool paths,
			      size_t *n_out)
{
	size_t n_max = !n ? 0 : n->kind == PM_YAML_SEQ ? n->n : 1;
	const char **list = PM_NEW_N(r->a, const char *, n_max + 1);

	for (size_t i = 0; i < n_max; i++) {
		const struct pm_yaml_node *item = n->kind == PM_YAML_SEQ ? n->items[i] : n;
		struct pm_str text = item->kind == PM_YAML_MAP ? pm_yaml_get_str(item, "path")
							       : item->text;
		const char *s = paths ? path_at(r, text) : pm_arena_strndup(r->a, text.p, text.n);

		if (item->kind != PM_YAML_SEQ && text.n && s)
			list[(*n_out)++] = s;
	}
	return list;
}

static const char *image_name(struct reader *r, const struct pm_yaml_node *n)
{
	struct pm_str s;

	if (!n || n->kind != PM_YAML_SCALAR)
		return NULL;
	s = pm_image_untagged(n->text);
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == '/') {
			s = (struct pm_str){ s.p + i, s.n - i };
			break;
		}
	return s.n ? pm_arena_strndup(r->a, s.p, s.n) : NULL;
}

static const char *build_context(struct reader *r, const struct pm_yaml_node *n)
{
	struct pm_str context;
	const char *path;

	if (!n)
		return NULL;
	context = n->kind == PM_YAML_SCALAR ? n->text : pm_yaml_get_str(n, "context");
	path = path_at(r, context);
	return path ? path : "";
}

static void read_service(struct reader *r, struct pm_stack_service *s,
			 const struct pm_yaml_node *key, const struct pm_yaml_node *n)
{
	s->name = pm_arena_strndup(r->a, key->text.p, key->text.n);
	s->line = key->line;
	s->container = scalar(r, pm_yaml_get(n, "container_name"));
	s->image = image_name(r, pm_yaml_get(n, "image"));
	s->build = build_context(r, pm_yaml_get(n, "build"));
	s->host_network = pm_str_eq(pm_yaml_get_str(n, "network_mode"), "host");
	s->profiles = read_list(r, pm_yaml_get(n, "profiles"), false, &s->n_profiles);
	s->env_files = read_list(r, pm_yaml_get(n, "env_file"), true, &s->n_env_files);
	read_ports(r, s, pm_yaml_get(n, "ports"));
}

/* ---- keys that stand twice ---- */

enum { MAX_TWICE = 16, MAX_DEPTH = 6, MAX_KEYS = 512 };

static void find_twice(struct reader *r, struct pm_stack *s, const struct pm_yaml_node *n, int depth)
{
	for (size_t i = 0; i < n->n && n->kind == PM_YAML_MAP && n->n <= MAX_KEYS; i += 2)
		for (size_t k = 0; k < i && s->n_twice < MAX_TWICE; k += 2) {
			const struct pm_yaml_node *a = n->items[k], *b = n->items[i];

			if (a->text.n != b->text.n || !b->text.n || pm_str_eq(b->text, "<<") ||
			    memcmp(a->text.p, b->text.p, b->text.n) != 0)
				continue;
			s->twice[s->n_twice++] = (struct pm_stack_twice){
				pm_arena_strndup(r->a, b->text.p, b->text.n), b->line,
				column_of(r, b->span.off), a->line };
			break;
		}
	for (size_t i = 0; depth < MAX_DEPTH && i < n->n; i++)
		if (!n->items[i]->aliased)
			find_twice(r, s, n->items[i], depth + 1);
}

bool pm_stack_read(struct pm_stack *out, struct pm_arena *a, const struct pm_file *f,
		   pm_stack_value_fn *value, void *data)
{
	struct reader r = { a, f, value, data };
	const struct pm_yaml_node *services;
	struct pm_yaml y = { 0 };

	if (!pm_is_compose(f) ||
	    pm_yaml_parse(&y, a, f->path, (struct pm_str){ f->bytes, f->len }, NULL) < 0 || !y.n)
		return false;
	services = y.docs[0]->kind == PM_YAML_MAP ? pm_yaml_get(y.docs[0], "services") : NULL;
	*out = (struct pm_stack){ .path = f->path };
	out->twice = PM_NEW_N(a, struct pm_stack_twice, MAX_TWICE);
	find_twice(&r, out, y.docs[0], 0);
	if (!services || services->kind != PM_YAML_MAP)
		return true;
	out->v = PM_NEW_N(a, struct pm_stack_service, services->n / 2 + 1);
	for (size_t i = 0; i + 1 < services->n; i += 2)
		if (services->items[i + 1]->kind == PM_YAML_MAP &&
		    !pm_str_eq(services->items[i]->text, "<<"))
			read_service(&r, &out->v[out->n++], services->items[i],
				     services->items[i + 1]);
	return true;
}
