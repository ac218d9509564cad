/*
 * evidence.c - see evidence.h. The serial form is that of this version of portmig only:
 *
 *   port 2 | role 1 | side 1 | certainty 1 | use 1 | digits 1 | column 2 | line length 2 | facts 2
 *   rule NUL | line
 *   per fact: kind 1 | depth 2 | lines above 2 (two's complement) | text NUL
 *
 * numbers with the low byte first.
 */
#include "evidence.h"

#include "config.h"
#include "own.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEAD = 13,
	LINE_MAX_KEPT = 1200, /* of a longer line, what stands around the number */
	FACT_MAX = 512,
	SHARDS = 64,
	FAR = 400 /* lines between a statement and a fact of it, at most */
};

/* ---- uses ---- */

static const struct { const char *name; bool declares; } uses[PM_STMT_COUNT] = {
	[PM_STMT_DEFAULT] = { "default", true },
	[PM_STMT_ENV] = { "env", true },
	[PM_STMT_LISTEN] = { "listen", true },
	[PM_STMT_COMPOSE_HOST] = { "compose host", true },
	[PM_STMT_COMPOSE_CONTAINER] = { "compose container", true },
	[PM_STMT_HOST] = { "host", true },
	[PM_STMT_CONTAINER] = { "container", true },
	[PM_STMT_K8S] = { "k8s", true },
	[PM_STMT_URL] = { "url", false },
	[PM_STMT_PROBE] = { "probe", false },
	[PM_STMT_POLICY] = { "policy", false },
	[PM_STMT_ROUTE] = { "route", false },
	[PM_STMT_DOC] = { "doc", false },
	[PM_STMT_SCHEMA] = { "schema row", false },
};

const char *pm_stmt_name(enum pm_stmt u)
{
	return uses[u].name;
}

bool pm_stmt_declares(enum pm_stmt u)
{
	return uses[u].declares;
}

bool pm_stmt_tells(enum pm_stmt u)
{
	return u == PM_STMT_DOC || u == PM_STMT_SCHEMA;
}

static bool of_format(const struct pm_hit *h, const char *format)
{
	size_t n = strlen(format);

	return strncmp(h->rule, format, n) == 0 && h->rule[n] == '/';
}

static bool has_fact(const struct pm_hit *h, enum pm_fact_kind kind)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == kind)
			return true;
	return false;
}

/* Only words say that this is a port: told, not declared. */
static enum pm_stmt use_of(const struct pm_hit *h, bool is_schema)
{
	const bool compose = of_format(h, "compose"), k8s = of_format(h, "k8s");

	if (h->certainty == PM_MAYBE || h->role == PM_ROLE_DOC)
		return is_schema ? PM_STMT_SCHEMA : PM_STMT_DOC;
	switch ((enum pm_role)h->role) {
	case PM_ROLE_HOST_PORT:
		/* a wish of an editor */
		if (strstr(h->rule, "forward"))
			return PM_STMT_URL;
		return compose ? PM_STMT_COMPOSE_HOST : k8s ? PM_STMT_K8S : PM_STMT_HOST;
	case PM_ROLE_CONTAINER:
		return compose ? PM_STMT_COMPOSE_CONTAINER : k8s ? PM_STMT_K8S : PM_STMT_CONTAINER;
	case PM_ROLE_LISTEN:
		return compose || of_format(h, "env") ? PM_STMT_ENV
		       : k8s			      ? PM_STMT_K8S : PM_STMT_LISTEN;
	case PM_ROLE_DEFAULT:
		/* the fallback of a client's address */
		return has_fact(h, PM_FACT_HOST) ? PM_STMT_URL : PM_STMT_DEFAULT;
	case PM_ROLE_PROBE: return PM_STMT_PROBE;
	case PM_ROLE_POLICY: return PM_STMT_POLICY;
	case PM_ROLE_ROUTE: return k8s && !has_fact(h, PM_FACT_HOST) ? PM_STMT_K8S : PM_STMT_ROUTE;
	default: return PM_STMT_URL;
	}
}

/* ---- hashes ---- */

/* FNV-1a over 8 bytes at a time, mixed at the end: equality is decided by the bytes, not by this. */
static uint64_t hash_add(uint64_t h, const void *p, size_t n)
{
	const unsigned char *b = p;
	uint64_t w;

	for (; n >= 8; n -= 8, b += 8) {
		memcpy(&w, b, 8);
		h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	for (; n; n--, b++)
		h = (h ^ *b) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t hash_end(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

/* ---- the serial form ---- */

static void put2(struct pm_buf *b, unsigned v)
{
	pm_buf_addc(b, (char)(v & 0xff));
	pm_buf_addc(b, (char)(v >> 8 & 0xff));
}

static unsigned get2(const unsigned char *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

/* The line without the white space around it, and of an overlong one the neighbourhood of the
 * number; *col becomes the offset of the number in it. */
static struct pm_str kept_line(struct pm_str line, size_t *col)
{
	while (line.n && *col && pm_is_space(line.p[0])) {
		line.p++;
		line.n--;
		--*col;
	}
	while (line.n && pm_is_space(line.p[line.n - 1]))
		line.n--;
	if (line.n > LINE_MAX_KEPT) {
		size_t from = *col > LINE_MAX_KEPT / 2 ? *col - LINE_MAX_KEPT / 2 : 0;

		line = (struct pm_str){ line.p + from, line.n - from };
		*col -= from;
		if (line.n > LINE_MAX_KEPT)
			line.n = LINE_MAX_KEPT;
	}
	return line;
}

static bool is_kept(const struct pm_fact *f)
{
	return f->kind != PM_FACT_KEYPATH && f->kind != PM_FACT_IMAGE && f->kind != PM_FACT_TEMPLATE &&
	       f->kind != PM_FACT_SHARED;
}

static int lines_above(const struct pm_hit *h, const struct pm_fact *f)
{
	int64_t d = f->line ? (int64_t)h->line - f->line : 0;

	return d > FAR ? FAR : d < -FAR ? -FAR : (int)d;
}

static void put(struct pm_buf *b, const struct pm_lines *lines, const struct pm_hit *h,
		enum pm_stmt use)
{
	size_t col = h->col - 1;
	struct pm_str line = kept_line(pm_lines_get(lines, h->line), &col);
	unsigned n_facts = 0;

	for (uint32_t i = 0; i < h->n_facts && n_facts < UINT16_MAX; i++)
		n_facts += is_kept(&h->facts[i]);
	put2(b, h->port);
	pm_buf_addc(b, (char)h->role);
	pm_buf_addc(b, (char)h->side);
	pm_buf_addc(b, (char)h->certainty);
	pm_buf_addc(b, (char)use);
	pm_buf_addc(b, (char)h->span.len);
	put2(b, (unsigned)col);
	put2(b, (unsigned)line.n);
	put2(b, n_facts);
	pm_buf_add(b, h->rule, strlen(h->rule) + 1);
	pm_buf_add(b, line.p, line.n);
	for (uint32_t i = 0; i < h->n_facts && n_facts; i++) {
		const struct pm_fact *f = &h->facts[i];
		size_t n = strlen(f->text);

		if (!is_kept(f))
			continue;
		pm_buf_addc(b, (char)f->kind);
		put2(b, f->depth);
		put2(b, (unsigned)lines_above(h, f) & 0xffff);
		pm_buf_add(b, f->text, n < FACT_MAX ? n : FACT_MAX);
		pm_buf_addc(b, '\0');
		n_facts--;
	}
}

/* What parsing finds; all borrowed from the bytes. */
struct parts {
	const unsigned char *b;
	const char *rule;
	struct pm_str line;
	unsigned col, digits, n_facts;
	const unsigned char *facts, *end;
};

struct part_fact {
	enum pm_fact_kind kind;
	unsigned depth;
	int above;
	const char *text;
};

static bool next_fact(const unsigned char **p, const unsigned char *end, struct part_fact *f)
{
	const unsigned char *nul;

	if (end - *p < 6 || (*p)[0] > PM_FACT_TEMPLATE)
		return false;
	f->kind = (enum pm_fact_kind)(*p)[0];
	f->depth = get2(*p + 1);
	f->above = (int16_t)get2(*p + 3);
	f->text = (const char *)*p + 5;
	nul = memchr(*p + 5, '\0', (size_t)(end - *p) - 5);
	if (!nul || f->above > FAR || f->above < -FAR)
		return false;
	*p = nul + 1;
	return true;
}

static bool parse(struct parts *out, const unsigned char *b, size_t n)
{
	const unsigned char *nul, *p;
	struct part_fact f;

	if (n < HEAD || b[2] >= PM_ROLE_COUNT || b[3] > PM_SIDE_CONTAINER || b[4] > PM_SURE ||
	    b[5] >= PM_STMT_COUNT)
		return false;
	nul = memchr(b + HEAD, '\0', n - HEAD);
	*out = (struct parts){ .b = b, .rule = (const char *)b + HEAD, .end = b + n };
	out->digits = b[6];
	out->col = get2(b + 7);
	out->line.n = get2(b + 9);
	out->n_facts = get2(b + 11);
	if (!nul || (size_t)(out->end - nul) - 1 < out->line.n ||
	    out->col + out->digits > out->line.n || !out->digits)
		return false;
	out->line.p = (const char *)nul + 1;
	if (pm_port_parse((struct pm_str){ out->line.p + out->col, out->digits }) != get2(b))
		return false;
	out->facts = p = nul + 1 + out->line.n;
	for (unsigned i = 0; i < out->n_facts; i++)
		if (!next_fact(&p, out->end, &f))
			return false;
	return p == out->end;
}

/* The statement about any port: use, names of the format, the line without its numbers, and which
 * of them it is. */
static uint64_t mask_of(const struct parts *p)
{
	const unsigned char *at = p->facts;
	uint64_t h = hash_add(0, p->b + 5, 1);
	size_t from = 0, pos = 0, len;
	unsigned which = 0;
	struct part_fact f;

	for (; pm_port_next(p->line, &pos, &len); pos += len) {
		h = hash_add(h, p->line.p + from, pos - from);
		from = pos + len;
		which += pos < p->col;
	}
	h = hash_add(h, p->line.p + from, p->line.n - from);
	h = hash_add(h, &which, sizeof(which));
	for (unsigned i = 0; i < p->n_facts && next_fact(&at, p->end, &f); i++)
		if ((f.kind == PM_FACT_BLOCK && f.depth < 100) || f.kind == PM_FACT_CONTAINER)
			h = hash_add(h, f.text, strlen(f.text) + 1);
	return hash_end(h);
}

/* ---- the table ---- */

struct shard {
	pthread_mutex_t lock;
	struct pm_arena arena;
	const struct pm_evidence **v; /* open addressing; cap is a power of two */
	size_t n, cap;
};

struct pm_evidence_table {
	struct shard shards[SHARDS];
	atomic_uint n;
};

struct pm_evidence_table *pm_evidence_table_new(void)
{
	struct pm_evidence_table *t = pm_xcalloc(1, sizeof(*t));

	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&t->shards[i].lock, NULL);
	return t;
}

void pm_evidence_table_free(struct pm_evidence_table *t)
{
	for (size_t i = 0; t && i < SHARDS; i++) {
		pthread_mutex_destroy(&t->shards[i].lock);
		pm_arena_release(&t->shards[i].arena);
		free(t->shards[i].v);
	}
	free(t);
}

uint32_t pm_evidence_count(const struct pm_evidence_table *t)
{
	return atomic_load(&t->n);
}

static void grow(struct shard *s)
{
	size_t cap = s->cap ? s->cap * 2 : 64;
	const struct pm_evidence **v = pm_xcalloc(cap, sizeof(*v));

	for (size_t i = 0; i < s->cap; i++) {
		size_t k;

		if (!s->v[i])
			continue;
		for (k = s->v[i]->hash >> 6 & (cap - 1); v[k]; k = (k + 1) & (cap - 1))
			;
		v[k] = s->v[i];
	}
	free(s->v);
	s->v = v;
	s->cap = cap;
}

static const struct pm_evidence *add(struct shard *s, const struct parts *p, uint64_t hash,
				     uint32_t id)
{
	struct pm_evidence *e = PM_NEW(&s->arena, struct pm_evidence);
	size_t n = (size_t)(p->end - p->b);

	e->bytes = (const unsigned char *)pm_arena_strndup(&s->arena, (const char *)p->b, n);
	e->n = (uint32_t)n;
	e->port = (uint16_t)get2(p->b);
	e->use = p->b[5];
	e->id = id;
	e->hash = hash;
	e->mask = mask_of(p);
	return e;
}

const struct pm_evidence *pm_evidence_get(struct pm_evidence_table *t, const unsigned char *bytes,
					  size_t n)
{
	uint64_t hash = hash_end(hash_add(n, bytes, n));
	struct shard *s = &t->shards[hash % SHARDS];
	const struct pm_evidence *e = NULL;
	struct parts p;
	size_t k;

	pthread_mutex_lock(&s->lock);
	if (s->n * 2 >= s->cap)
		grow(s);
	for (k = hash >> 6 & (s->cap - 1); s->v[k]; k = (k + 1) & (s->cap - 1))
		if (s->v[k]->hash == hash && s->v[k]->n == n &&
		    memcmp(s->v[k]->bytes, bytes, n) == 0) {
			e = s->v[k];
			break;
		}
	if (!e && parse(&p, bytes, n)) {
		e = s->v[k] = add(s, &p, hash, atomic_fetch_add(&t->n, 1));
		s->n++;
	}
	pthread_mutex_unlock(&s->lock);
	return e;
}

/* ---- reading a file ---- */

/* What holds the value: its key path, else the nearest name. */
static uint64_t slot_of(const struct pm_hit *h, enum pm_stmt use)
{
	const char *best = NULL;

	for (uint32_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *f = &h->facts[i];

		if (f->kind == PM_FACT_KEYPATH)
			best = f->text;
		else if (f->kind == PM_FACT_IDENT && !f->depth && !best)
			best = f->text;
	}
	return best ? hash_end(hash_add(use, best, strlen(best))) | 1 : 0;
}

static void keep(struct pm_seen_list *out, struct pm_evidence_table *t, struct pm_sink *s,
		 bool is_schema)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	for (size_t i = 0; i < s->hits.n; i++) {
		const struct pm_hit *h = &s->hits.v[i];
		const enum pm_stmt use = use_of(h, is_schema);
		const struct pm_evidence *e;

		if (h->certainty == PM_NOT)
			continue;
		pm_buf_clear(&b);
		put(&b, pm_sink_lines(s), h, use);
		e = pm_evidence_get(t, (const unsigned char *)b.v, b.n);
		PM_ASSERT(e, "evidence that cannot be read back");
		*PM_VEC_ADD(out) = (struct pm_seen){ e, slot_of(h, use), h->line, h->col };
	}
}

int pm_seen_own(struct pm_own **out, struct pm_arena *a, const struct pm_config *c,
		struct pm_err *err)
{
	int rc = 0;

	*out = PM_NEW(a, struct pm_own);
	for (size_t i = 0; rc == 0 && c && i < c->patterns.n; i++)
		rc = pm_own_add(*out, pm_arena_printf(a, "own/%s", c->patterns.v[i].name),
				c->patterns.v[i].regex, c->patterns.v[i].glob, err);
	return rc;
}

void pm_seen_own_free(struct pm_own *own)
{
	if (own)
		pm_own_release(own);
}

int pm_seen_read(struct pm_seen_list *out, struct pm_evidence_table *t, const struct pm_file *f,
		 struct pm_own *own, struct pm_memo *memo, bool is_schema, struct pm_err *err)
{
	struct pm_arena a = { 0 };
	struct pm_sink sink;
	const char *why;
	int rc;

	pm_sink_init(&sink, &a, f, NULL);
	sink.close = true;
	sink.memo = memo;
	rc = own ? pm_own_scan(own, f, &sink, err) : 0;
	if (rc >= 0)
		rc = pm_scan_file(&sink, f, false, err);
	if (rc >= 0 && sink.hits.n && pm_file_classify(f, &a, &why) == PM_CLASS_ORDINARY)
		keep(out, t, &sink, is_schema);
	pm_sink_release(&sink);
	pm_arena_release(&a);
	return rc < 0 ? rc : 0;
}

/* ---- back to a hit ---- */

void pm_evidence_hit(struct pm_evidence_hit *out, struct pm_arena *a, const struct pm_evidence *e,
		     const char *path)
{
	uint32_t *starts = PM_NEW_N(a, uint32_t, FAR + 1);
	const unsigned char *at;
	struct part_fact f;
	struct parts p;
	char *text;

	PM_ASSERT(parse(&p, e->bytes, e->n), "damaged evidence");
	/* the line is line FAR + 1 of a file whose other lines are empty */
	text = pm_arena_alloc(a, FAR + p.line.n + 1);
	memset(text, '\n', FAR);
	memcpy(text + FAR, p.line.p, p.line.n);
	for (uint32_t i = 0; i <= FAR; i++)
		starts[i] = i;
	memset(out, 0, sizeof(*out));
	out->file.path = path;
	out->file.bytes = text;
	out->file.len = FAR + p.line.n;
	out->file.lines = (struct pm_lines){ starts, FAR + 1, text, FAR + p.line.n };
	out->hit.span = (struct pm_span){ FAR + p.col, p.digits };
	out->hit.line = FAR + 1;
	out->hit.col = p.col + 1;
	out->hit.port = e->port;
	out->hit.role = p.b[2];
	out->hit.side = p.b[3];
	out->hit.certainty = p.b[4];
	out->hit.rule = p.rule;
	out->hit.n_facts = p.n_facts;
	out->hit.facts = PM_NEW_N(a, struct pm_fact, p.n_facts + 1);
	at = p.facts;
	for (unsigned i = 0; i < p.n_facts && next_fact(&at, p.end, &f); i++)
		out->hit.facts[i] = (struct pm_fact){
			.kind = f.kind, .text = f.text, .depth = (uint16_t)f.depth,
			.line = (uint32_t)(FAR + 1 - f.above),
		};
}

const char *pm_evidence_fact(const struct pm_evidence *e, enum pm_fact_kind kind, size_t nth)
{
	const unsigned char *at;
	struct part_fact f;
	struct parts p;

	if (!parse(&p, e->bytes, e->n))
		return NULL;
	at = p.facts;
	for (unsigned i = 0; i < p.n_facts && next_fact(&at, p.end, &f); i++)
		if (f.kind == kind && f.depth < 100 && nth-- == 0)
			return f.text;
	return NULL;
}
