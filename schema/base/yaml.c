/*
 * yaml.c - libyaml's events as a tree with byte spans; see yaml.h.
 *
 * Three things differ between a mark and a place in the file: marks count characters, not bytes;
 * they include quotes, anchors and tags; and their lines also end at U+0085, U+2028 and U+2029.
 * The cursor below turns an index into a byte and an LF-counted line; the rest is trimmed here.
 * https://yaml.org/spec/1.1/ is what libyaml reads.
 */
#include "base/yaml.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MAX_DEPTH = 128, MAX_NODES = 2000000, MAX_MERGES = 256 };

/* A character index, and the byte and line it stands at. Moves both ways, so that a token's
 * start and end can be asked for in any order at the cost of its length. */
struct cursor {
	struct pm_str s; /* after the BOM */
	size_t index, byte;
	unsigned line;
};

struct anchor {
	char *name;
	struct pm_yaml_node *node;
	UT_hash_handle hh;
};

struct frame {
	struct pm_yaml_node *node;
	struct { struct pm_yaml_node **v; size_t n, cap; } items;
	bool flow;
};

struct parser {
	yaml_parser_t lib;
	struct pm_arena *a;
	const char *path;
	struct cursor at;
	size_t bom; /* bytes before at.s */
	struct anchor *anchors;
	struct frame stack[MAX_DEPTH];
	size_t depth, n_nodes;
	struct { struct pm_yaml_node **v; size_t n, cap; } docs;
	struct pm_err *err;
};

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t byte_of(struct cursor *c, size_t index)
{
	while (c->index < index && c->byte < c->s.n) {
		if (c->s.p[c->byte++] == '\n')
			c->line++;
		while (c->byte < c->s.n && continues(c->s.p[c->byte]))
			c->byte++;
		c->index++;
	}
	while (c->index > index && c->byte > 0) {
		while (c->byte > 1 && continues(c->s.p[c->byte - 1]))
			c->byte--;
		if (c->s.p[--c->byte] == '\n')
			c->line--;
		c->index--;
	}
	return c->byte;
}

/* The line of a byte near the cursor. */
static unsigned line_of(const struct cursor *c, size_t byte)
{
	unsigned line = c->line;

	for (size_t i = c->byte; i < byte; i++)
		line += c->s.p[i] == '\n';
	for (size_t i = byte; i < c->byte; i++)
		line -= c->s.p[i] == '\n';
	return line;
}

static int fail_parse(struct parser *p)
{
	struct pm_loc loc = { p->path, 1, 1 };
	size_t byte;

	if (p->lib.error == YAML_MEMORY_ERROR)
		pm_die_oom();
	if (p->lib.error == YAML_READER_ERROR) {
		/* no mark: the reader counts bytes */
		byte = p->lib.problem_offset <= p->at.s.n ? p->lib.problem_offset : p->at.s.n;
		loc.line = line_of(&p->at, byte);
	} else {
		byte = byte_of(&p->at, p->lib.problem_mark.index);
		loc.line = p->at.line;
	}
	for (loc.col = 1; byte > 0 && p->at.s.p[byte - 1] != '\n'; byte--)
		loc.col++;
	if (loc.line == 1)
		loc.col += (unsigned)p->bom;
	return pm_err_set(p->err, PM_E_PARSE, loc, "not YAML: %s",
			  p->lib.problem ? p->lib.problem : "malformed");
}

static int fail_limit(struct parser *p, const char *what)
{
	return pm_err_set(p->err, PM_E_LIMIT, (struct pm_loc){ p->path, p->at.line, 0 },
			  "YAML with more than %s", what);
}

/* `anchor` names `node` from here on; a later one of the same name replaces it. */
static void set_anchor(struct parser *p, const yaml_char_t *name, struct pm_yaml_node *node)
{
	struct anchor *found;

	if (!name)
		return;
	HASH_FIND_STR(p->anchors, (const char *)name, found);
	if (!found) {
		found = PM_NEW(p->a, struct anchor);
		found->name = pm_arena_strdup(p->a, (const char *)name);
		HASH_ADD_KEYPTR(hh, p->anchors, found->name, strlen(found->name), found);
	}
	found->node = node;
}

static struct pm_yaml_node *new_node(struct parser *p, enum pm_yaml_kind kind,
				     const yaml_char_t *tag)
{
	struct pm_yaml_node *node = PM_NEW(p->a, struct pm_yaml_node);

	node->kind = kind;
	node->tag = tag ? pm_arena_strdup(p->a, (const char *)tag) : NULL;
	node->text.p = "";
	p->n_nodes++;
	return node;
}

/* Hand a finished node to its parent, or make it a document. */
static void put(struct parser *p, struct pm_yaml_node *node)
{
	if (p->depth)
		*PM_VEC_ADD(&p->stack[p->depth - 1].items) = node;
	else
		*PM_VEC_ADD(&p->docs) = node;
}

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Past "&anchor" and "!tag" in either order, with the white space and comments after them: an
 * event starts at its properties, we want the content. */
static size_t skip_properties(struct pm_str s, size_t from, size_t to)
{
	for (int k = 0; k < 2 && from < to && (s.p[from] == '&' || s.p[from] == '!'); k++) {
		while (from < to && !is_white(s.p[from]))
			from++;
		while (from < to && (is_white(s.p[from]) || s.p[from] == '#')) {
			if (s.p[from] == '#')
				while (from < to && s.p[from] != '\n')
					from++;
			else
				from++;
		}
	}
	return from;
}

/* The raw lines of a block scalar: from the line after its "|2-" to its last visible byte. */
static void trim_block(struct pm_str s, size_t *from, size_t *to)
{
	while (*from < *to && s.p[*from] != '\n')
		++*from;
	if (*from < *to)
		++*from;
	while (*to > *from && is_white(s.p[*to - 1]))
		--*to;
}

static bool same_bytes(struct pm_str s, size_t from, size_t to, struct pm_str text)
{
	return to >= from && to - from == text.n &&
	       (text.n == 0 || memcmp(s.p + from, text.p, text.n) == 0);
}

static void add_scalar(struct parser *p, const yaml_event_t *e)
{
	static const enum pm_yaml_style styles[] = {
		[YAML_PLAIN_SCALAR_STYLE] = PM_YAML_PLAIN,
		[YAML_SINGLE_QUOTED_SCALAR_STYLE] = PM_YAML_SINGLE,
		[YAML_DOUBLE_QUOTED_SCALAR_STYLE] = PM_YAML_DOUBLE,
		[YAML_LITERAL_SCALAR_STYLE] = PM_YAML_LITERAL,
		[YAML_FOLDED_SCALAR_STYLE] = PM_YAML_FOLDED,
	};
	struct pm_yaml_node *node = new_node(p, PM_YAML_SCALAR, e->data.scalar.tag);
	struct pm_str s = p->at.s;
	size_t from = byte_of(&p->at, e->start_mark.index);
	size_t to = byte_of(&p->at, e->end_mark.index);

	node->style = styles[e->data.scalar.style];
	node->text.n = e->data.scalar.length;
	node->text.p = pm_arena_strndup(p->a, (const char *)e->data.scalar.value, node->text.n);
	if (e->data.scalar.anchor || e->data.scalar.tag)
		from = skip_properties(s, from, to);
	if (node->style == PM_YAML_LITERAL || node->style == PM_YAML_FOLDED) {
		trim_block(s, &from, &to);
	} else if ((node->style == PM_YAML_SINGLE || node->style == PM_YAML_DOUBLE) &&
		   to - from >= 2 && same_bytes(s, from + 1, to - 1, node->text)) {
		from++;
		to--;
	}
	node->exact = same_bytes(s, from, to, node->text);
	node->span = (struct pm_span){ (uint32_t)(p->bom + from), (uint32_t)(to - from) };
	node->line = line_of(&p->at, from);
	set_anchor(p, e->data.scalar.anchor, node);
	put(p, node);
}

static int open_collection(struct parser *p, enum pm_yaml_kind kind, const yaml_event_t *e)
{
	const bool map = kind == PM_YAML_MAP;
	struct frame *f;
	size_t from = byte_of(&p->at, e->start_mark.index);

	if (p->depth == MAX_DEPTH)
		return fail_limit(p, "128 levels of nesting");
	f = &p->stack[p->depth++];
	memset(f, 0, sizeof(*f));
	f->node = new_node(p, kind, map ? e->data.mapping_start.tag : e->data.sequence_start.tag);
	f->node->span.off = (uint32_t)(p->bom + from);
	f->node->line = line_of(&p->at, from);
	f->flow = map ? e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
		      : e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	/* an alias to a collection from inside itself gets an empty node: no cycles */
	set_anchor(p, map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor,
		   f->node);
	return 0;
}

static void close_collection(struct parser *p, const yaml_event_t *e)
{
	struct frame *f = &p->stack[--p->depth];
	struct pm_yaml_node *node = f->node;
	uint32_t end = node->span.off;

	node->n = f->items.n;
	node->items = PM_NEW_N(p->a, struct pm_yaml_node *, node->n ? node->n : 1);
	if (node->n)
		memcpy(node->items, f->items.v, node->n * sizeof(*node->items));
	PM_VEC_FREE(&f->items);
	if (f->flow) {
		end = (uint32_t)(p->bom + byte_of(&p->at, e->end_mark.index));
	} else {
		/* a block ends where the next token starts, lines below: take its last entry;
		 * what an alias points to may stand elsewhere */
		for (size_t i = 0; i < node->n; i++) {
			struct pm_span s = node->items[i]->span;

			if (!node->items[i]->aliased && s.off + s.len > end)
				end = s.off + s.len;
		}
	}
	node->span.len = end - node->span.off;
	put(p, node);
}

static int add_alias(struct parser *p, const yaml_event_t *e)
{
	struct pm_yaml_node *node = new_node(p, PM_YAML_SCALAR, NULL);
	struct anchor *found;

	HASH_FIND_STR(p->anchors, (const char *)e->data.alias.anchor, found);
	byte_of(&p->at, e->start_mark.index);
	if (!found)
		return pm_err_set(p->err, PM_E_PARSE,
				  (struct pm_loc){ p->path, p->at.line, 0 },
				  "not YAML: alias '%s' has no anchor",
				  (const char *)e->data.alias.anchor);
	*node = *found->node;
	node->aliased = true;
	put(p, node);
	return 0;
}

static int take(struct parser *p, const yaml_event_t *e)
{
	if (p->n_nodes > MAX_NODES)
		return fail_limit(p, "2 million nodes");
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		add_scalar(p, e);
		return 0;
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(p, PM_YAML_SEQ, e);
	case YAML_MAPPING_START_EVENT:
		return open_collection(p, PM_YAML_MAP, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_collection(p, e);
		return 0;
	case YAML_ALIAS_EVENT:
		return add_alias(p, e);
	case YAML_DOCUMENT_START_EVENT:
		HASH_CLEAR(hh, p->anchors); /* anchors are of one document */
		return 0;
	default:
		return 0;
	}
}

static int pull_all(struct parser *p)
{
	for (;;) {
		yaml_event_t e;
		bool end;
		int rc;

		if (!yaml_parser_parse(&p->lib, &e))
			return fail_parse(p);
		end = e.type == YAML_STREAM_END_EVENT;
		rc = take(p, &e);
		yaml_event_delete(&e);
		if (rc < 0 || end)
			return rc;
	}
}

static bool starts(struct pm_str s, const char *bytes, size_t n)
{
	return s.n >= n && memcmp(s.p, bytes, n) == 0;
}

int pm_yaml_parse(struct pm_yaml *out, struct pm_arena *a, const char *path, struct pm_str text,
		  struct pm_err *err)
{
	struct parser p;
	int rc;

	if (starts(text, "\xff\xfe", 2) || starts(text, "\xfe\xff", 2))
		return pm_err_set(err, PM_E_PARSE, (struct pm_loc){ path, 1, 1 },
				  "not YAML in UTF-8: UTF-16");
	if (text.n > UINT32_MAX / 2)
		return pm_err_set(err, PM_E_LIMIT, (struct pm_loc){ path, 0, 0 },
				  "YAML with more than 2 GiB");
	memset(&p, 0, sizeof(p));
	if (!yaml_parser_initialize(&p.lib))
		pm_die_oom();
	p.a = a;
	p.path = path;
	p.err = err;
	p.bom = starts(text, "\xef\xbb\xbf", 3) ? 3 : 0;
	p.at.s = (struct pm_str){ text.p + p.bom, text.n - p.bom };
	p.at.line = 1;
	yaml_parser_set_encoding(&p.lib, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p.lib, (const unsigned char *)p.at.s.p, p.at.s.n);
	rc = pull_all(&p);
	if (rc == 0) {
		out->n = p.docs.n;
		out->docs = PM_NEW_N(a, struct pm_yaml_node *, p.docs.n ? p.docs.n : 1);
		if (p.docs.n)
			memcpy(out->docs, p.docs.v, p.docs.n * sizeof(*out->docs));
	}
	while (p.depth)
		free(p.stack[--p.depth].items.v);
	free(p.docs.v);
	HASH_CLEAR(hh, p.anchors);
	yaml_parser_delete(&p.lib);
	return rc;
}

/* `merges` bounds the maps looked at, which merge keys could multiply. */
static const struct pm_yaml_node *get(const struct pm_yaml_node *map, const char *key,
				      unsigned *merges)
{
	const struct pm_yaml_node *found = NULL;

	if (!map || map->kind != PM_YAML_MAP || *merges == 0)
		return NULL;
	--*merges;
	for (size_t i = 0; i + 1 < map->n; i += 2)
		if (map->items[i]->kind == PM_YAML_SCALAR && pm_str_eq(map->items[i]->text, key))
			return map->items[i + 1];
	for (size_t i = 0; i + 1 < map->n && !found; i += 2) {
		const struct pm_yaml_node *from = map->items[i + 1];

		if (map->items[i]->kind != PM_YAML_SCALAR ||
		    !pm_str_eq(map->items[i]->text, "<<"))
			continue;
		if (from->kind != PM_YAML_SEQ)
			found = get(from, key, merges);
		for (size_t k = 0; from->kind == PM_YAML_SEQ && k < from->n && !found; k++)
			found = get(from->items[k], key, merges);
	}
	return found;
}

const struct pm_yaml_node *pm_yaml_get(const struct pm_yaml_node *map, const char *key)
{
	unsigned merges = MAX_MERGES;

	return get(map, key, &merges);
}

struct pm_str pm_yaml_get_str(const struct pm_yaml_node *map, const char *key)
{
	const struct pm_yaml_node *node = pm_yaml_get(map, key);

	return node && node->kind == PM_YAML_SCALAR ? node->text : (struct pm_str){ "", 0 };
}

const char *pm_yaml_version(void)
{
	return yaml_get_version_string();
}
