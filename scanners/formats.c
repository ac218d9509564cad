/* formats.c - see formats.h. */
#include "formats.h"

#include "portspec.h"

#include <stdlib.h>
#include <string.h>

static struct pm_str head_of(const struct pm_file *f)
{
	return (struct pm_str){ f->bytes, f->len < 262144 ? f->len : 262144 };
}

bool pm_has_line(const struct pm_file *f, const char *head)
{
	struct pm_str s = head_of(f);
	size_t n = strlen(head), skip = s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	for (const char *p = s.p + skip, *end = s.p + s.n; p && p < end;) {
		if ((size_t)(end - p) >= n && memcmp(p, head, n) == 0)
			return true;
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	return false;
}

/* Words that begin a line, in column 1, of a YAML file. */
static const struct { const char *word; unsigned bit; } top_words[] = {
	{ "services:", PM_TOP_SERVICES }, { "jobs:", PM_TOP_JOBS },
	{ "apiVersion:", PM_TOP_API_VERSION }, { "kind:", PM_TOP_KIND },
	{ "- op:", PM_TOP_OP }, { "scrape_configs:", PM_TOP_SCRAPE },
	{ "ingress:", PM_TOP_INGRESS }, { "openapi:", PM_TOP_OPENAPI },
	{ "swagger:", PM_TOP_OPENAPI }, { "entryPoints:", PM_TOP_ENTRY_POINTS },
};

static unsigned top_of(const char *p, const char *end)
{
	for (size_t i = 0; i < sizeof(top_words) / sizeof(top_words[0]); i++)
		if (*p == top_words[i].word[0] && (size_t)(end - p) >= strlen(top_words[i].word) &&
		    memcmp(p, top_words[i].word, strlen(top_words[i].word)) == 0)
			return top_words[i].bit;
	return 0;
}

unsigned pm_file_tops(const struct pm_file *f)
{
	struct pm_str s = head_of(f);
	size_t skip = s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	unsigned found = PM_TOP_LOOKED;

	if (f->tops || !pm_path_is_yaml(f->path))
		return f->tops ? f->tops : found;
	for (const char *p = s.p + skip, *end = s.p + s.n; p && p < end;) {
		if (*p != ' ' && *p != '\n')
			found |= top_of(p, end);
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	return found;
}

bool pm_is_compose(const struct pm_file *f)
{
	struct pm_str base = pm_path_base(f->path), head = head_of(f);

	if (!pm_path_is_yaml(f->path))
		return false;
	if (pm_str_find(base, "compose", true) == 0 ||
	    pm_str_find(base, "docker-compose", true) != SIZE_MAX ||
	    pm_str_find(base, "docker-stack", true) == 0)
		return true;
	return (pm_file_tops(f) & (PM_TOP_SERVICES | PM_TOP_JOBS | PM_TOP_API_VERSION)) ==
		       PM_TOP_SERVICES &&
	       (pm_str_find(head, "\n    image:", false) != SIZE_MAX ||
		pm_str_find(head, "\n    build:", false) != SIZE_MAX);
}

bool pm_is_k8s(const struct pm_file *f)
{
	struct pm_str path = pm_str_of(f->path), head = head_of(f);
	unsigned tops;

	if (pm_str_find(path, "templates/", false) != SIZE_MAX &&
	    (pm_path_is_yaml(f->path) || pm_path_has_ext(f->path, ".tpl")) &&
	    pm_str_find(head, "{{", false) != SIZE_MAX)
		return true;
	if (!pm_path_is_yaml(f->path))
		return false;
	tops = pm_file_tops(f);
	if (tops & PM_TOP_API_VERSION && tops & PM_TOP_KIND)
		return true;
	return pm_str_ieq(pm_path_base(f->path), "kustomization.yaml") ||
	       pm_str_ieq(pm_path_base(f->path), "kustomization.yml") ||
	       (tops & PM_TOP_OP &&
		(pm_str_find(head, "path: /spec", false) != SIZE_MAX ||
		 pm_str_find(head, "path: \"/spec", false) != SIZE_MAX));
}

struct pm_str pm_image_untagged(struct pm_str image)
{
	size_t slash = 0;

	for (size_t i = 0; i < image.n; i++) {
		if (image.p[i] == '@')
			image.n = i;
		else if (image.p[i] == '/')
			slash = i;
	}
	for (size_t i = slash; i < image.n; i++)
		if (image.p[i] == ':')
			image.n = i;
	return image;
}

static enum pm_certainty weaker(enum pm_certainty c, enum pm_certainty most)
{
	return c < most ? c : most;
}

static bool add_mapping(struct pm_place *p, size_t base, struct pm_str s, unsigned line,
			enum pm_certainty certainty, bool pair_only)
{
	struct pm_portspec spec;
	bool pair = false;

	if (!pm_portspec_parse(&spec, s) || !spec.n)
		return false;
	for (size_t i = 0; i < spec.n; i++)
		pair |= spec.v[i].host;
	if (pair_only && !pair)
		return false;
	for (size_t i = 0; i < spec.n; i++) {
		const struct pm_portnum *n = &spec.v[i];
		struct pm_hit *h = pm_place_hit(
			p, base + n->off, n->len,
			n->fallback ? PM_ROLE_DEFAULT : n->host ? PM_ROLE_HOST_PORT
								: PM_ROLE_CONTAINER,
			n->host ? PM_SIDE_HOST : PM_SIDE_CONTAINER, certainty);

		pm_sink_fact(p->sink, h, PM_FACT_IDENT, n->name, line, 0);
	}
	return true;
}

bool pm_formats_mapping(struct pm_place *p, const struct pm_yaml_node *node,
			enum pm_certainty certainty)
{
	struct pm_str raw = { p->sink->file->bytes + node->span.off, node->span.len };
	size_t base = node->span.off;

	if (node->kind != PM_YAML_SCALAR)
		return false;
	if (!node->exact && raw.n >= 2 && (raw.p[0] == '"' || raw.p[0] == '\'')) {
		raw = (struct pm_str){ raw.p + 1, raw.n - 2 };
		base++;
	}
	return add_mapping(p, base, raw, node->line, certainty, false);
}

/* Split "key: value" or "KEY=value" (export, list dash and quotes around the key allowed). */
static bool split_line(struct pm_str line, struct pm_str *key, struct pm_str *value)
{
	size_t i = 0, from;

	while (i < line.n && strchr(" \t-\"'", line.p[i]))
		i++;
	for (from = i; i < line.n && (pm_is_word(line.p[i]) || strchr(".-/", line.p[i]));)
		i++;
	*key = (struct pm_str){ line.p + from, i - from };
	while (i < line.n && strchr(" \t\"'", line.p[i]))
		i++;
	if (!key->n || i >= line.n || (line.p[i] != ':' && line.p[i] != '='))
		return false;
	if (line.p[i] == ':' && i + 1 < line.n && !strchr(" \t", line.p[i + 1]))
		return false;
	i++;
	*value = pm_str_trim((struct pm_str){ line.p + i, line.n - i });
	return value->n > 0;
}

/* Without a comment that starts after white space. */
static struct pm_str uncommented(struct pm_str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '#' && (i == 0 || strchr(" \t", line.p[i - 1])))
			line.n = i;
	return pm_str_trim(line);
}

static struct pm_str unquoted(struct pm_str s)
{
	if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
		return (struct pm_str){ s.p + 1, s.n - 2 };
	return s;
}

/* Role of a bare number under a key that names a side by itself. */
static enum pm_role role_of_key(struct pm_str key, enum pm_side inside, enum pm_side *side)
{
	static const struct { const char *key; enum pm_role role; enum pm_side side; } keys[] = {
		{ "containerPort", PM_ROLE_CONTAINER, PM_SIDE_CONTAINER },
		{ "targetPort", PM_ROLE_CONTAINER, PM_SIDE_CONTAINER },
		{ "hostPort", PM_ROLE_HOST_PORT, PM_SIDE_HOST },
		{ "nodePort", PM_ROLE_HOST_PORT, PM_SIDE_HOST },
		{ "published", PM_ROLE_HOST_PORT, PM_SIDE_HOST },
		{ "target", PM_ROLE_CONTAINER, PM_SIDE_CONTAINER },
		{ "servicePort", PM_ROLE_ROUTE, PM_SIDE_CONTAINER },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (pm_str_eq(key, keys[i].key)) {
			*side = keys[i].side;
			return keys[i].role;
		}
	*side = inside;
	return PM_ROLE_LISTEN;
}

/* "| default 4900" of a Helm template. */
static void read_helm_default(struct pm_place *p, struct pm_str value, struct pm_str key)
{
	size_t at = pm_str_find(value, "default ", false), pos = 0, len;
	struct pm_str rest;

	if (at == SIZE_MAX || pm_str_find(value, "{{", false) == SIZE_MAX ||
	    pm_key_classify(key) != PM_KEY_PORT)
		return;
	rest = (struct pm_str){ value.p + at + 8, value.n - at - 8 };
	while (rest.n && strchr("\"' ", rest.p[0]))
		rest = (struct pm_str){ rest.p + 1, rest.n - 1 };
	if (pm_port_next(rest, &pos, &len) && pos == 0)
		pm_place_hit(p, (size_t)(rest.p - p->sink->file->bytes), len, PM_ROLE_DEFAULT,
			     p->inside, PM_LIKELY);
}

/* `name` is that of a "name: PORT" line just before, for the "value:" line below it. */
static void read_line(struct pm_place *p, struct pm_str line, unsigned number,
		      struct pm_str *name)
{
	const char *bytes = p->sink->file->bytes;
	struct pm_str text = uncommented(line), key, value, item = text;
	size_t was = p->n;
	enum pm_side side;
	enum pm_role role;

	if (item.n && item.p[0] == '-')
		item = unquoted(pm_str_trim((struct pm_str){ item.p + 1, item.n - 1 }));
	if (item.p != text.p &&
	    add_mapping(p, (size_t)(item.p - bytes), item, number, PM_LIKELY, true))
		return;
	if (!split_line(text, &key, &value)) {
		pm_place_address(p, (struct pm_span){ (uint32_t)(text.p - bytes),
						      (uint32_t)text.n },
				 PM_ROLE_URL, PM_SIDE_UNKNOWN);
		return;
	}
	value = unquoted(value);
	if (pm_str_eq(key, "value") && name->n)
		key = *name;
	*name = pm_str_eq(key, "name") ? value : (struct pm_str){ "", 0 };
	pm_place_push(p, PM_FACT_IDENT, key, number, 0);
	read_helm_default(p, value, key);
	role = role_of_key(key, p->inside, &side);
	if (p->bare != PM_ROLE_NUMBER && (pm_str_eq(key, "port") || pm_str_eq(key, "number")))
		role = p->bare;
	if (role != PM_ROLE_LISTEN && pm_port_parse(value))
		pm_place_hit(p, (size_t)(value.p - bytes), value.n, role, side, PM_LIKELY);
	else
		pm_place_setting(p, (struct pm_span){ (uint32_t)(value.p - bytes),
						      (uint32_t)value.n }, key);
	p->n = was;
}

void pm_formats_lines(struct pm_place *p, struct pm_span raw, const char *rule)
{
	const char *bytes = p->sink->file->bytes;
	const char *kept = p->rule;
	struct pm_str name = { "", 0 };
	size_t end = (size_t)raw.off + raw.len, first = p->sink->hits.n;
	unsigned number;

	if (!pm_place_wanted(p, raw))
		return;
	number = pm_lines_line(pm_sink_lines(p->sink), raw.off);
	p->rule = rule;
	for (size_t i = raw.off; i < end; number++) {
		const char *lf = memchr(bytes + i, '\n', end - i);
		size_t to = lf ? (size_t)(lf - bytes) : end;

		read_line(p, (struct pm_str){ bytes + i, to - i }, number, &name);
		i = to + 1;
	}
	for (size_t i = first; i < p->sink->hits.n; i++)
		p->sink->hits.v[i].certainty =
			(uint8_t)weaker(p->sink->hits.v[i].certainty, PM_LIKELY);
	p->rule = kept;
}

void pm_formats_build(struct pm_place *p, const struct pm_yaml_node *build)
{
	struct pm_str context = build && build->kind == PM_YAML_SCALAR
					? build->text
					: pm_yaml_get_str(build, "context");
	struct pm_str dockerfile = pm_yaml_get_str(build, "dockerfile");
	struct pm_str here = pm_path_dir(p->sink->file->path);
	struct pm_arena *a = p->sink->arena;
	const char *dir;

	if (!build || pm_str_find(context, "://", false) != SIZE_MAX ||
	    pm_str_find(context, "${", false) != SIZE_MAX)
		return;
	/* a context outside is often another checkout of this repository: the Dockerfile's path
	 * still tells */
	dir = pm_path_join(a, here, context);
	pm_place_push(p, PM_FACT_BUILD, pm_str_of(dir), build->line, 0);
	if (dockerfile.n)
		pm_place_push(p, PM_FACT_BUILD,
			      pm_str_of(pm_path_join(a, pm_str_of(dir), dockerfile)),
			      build->line, 0);
	/* files in deploy/ and the like are often run with the root as project directory */
	dir = here.n ? pm_path_join(a, (struct pm_str){ "", 0 }, context) : NULL;
	if (dir && strchr(dir, '/'))
		pm_place_push(p, PM_FACT_BUILD, pm_str_of(dir), build->line, 0);
}
