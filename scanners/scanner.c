/*
 * scanner.c - the sink that every scanner writes to, and the run over one file.
 */
#include "scanner.h"

#include "context.h"
#include "pieces.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_LINE = 240 }; /* bytes of a line kept as a fact */

const char *pm_role_name(enum pm_role r)
{
	static const char *const names[PM_ROLE_COUNT] = {
		"number", "host-port", "container-port", "listen", "default",
		"url",    "probe",     "policy",         "route",  "doc",
	};

	return names[r];
}

void pm_port_set_add(struct pm_port_set *s, unsigned port)
{
	s->bits[(port & 0xffff) / 64] |= UINT64_C(1) << (port % 64);
}

bool pm_port_set_has(const struct pm_port_set *s, unsigned port)
{
	return !s || (s->bits[(port & 0xffff) / 64] >> (port % 64) & 1);
}

void pm_sink_init(struct pm_sink *s, struct pm_arena *a, const struct pm_file *f,
		  const struct pm_port_set *want)
{
	memset(s, 0, sizeof(*s));
	s->arena = a;
	s->file = f;
	s->want = want;
}

void pm_sink_release(struct pm_sink *s)
{
	PM_VEC_FREE(&s->hits);
	pm_diags_release(&s->diags);
	pm_pieces_free(s->pieces);
	s->pieces = NULL;
	free(s->line_texts);
	s->line_texts = NULL;
	pm_arena_release(&s->scratch);
}

void pm_sink_next(struct pm_sink *s, const struct pm_file *f)
{
	s->file = f;
	s->hits.n = 0;
	s->diags.n = 0;
	s->has_lines = s->every_line = s->over = false;
	if (s->pieces)
		pm_pieces_clear(s->pieces);
	s->has_pieces = false;
	free(s->line_texts);
	s->line_texts = NULL;
	pm_arena_clear(&s->scratch);
}

const struct pm_lines *pm_sink_lines(struct pm_sink *s)
{
	if (!s->has_lines) {
		pm_lines_init(&s->lines, &s->scratch, s->file->bytes, s->file->len);
		s->has_lines = true;
	}
	return &s->lines;
}

/* The port that a span spells; 0 when it is not a whole number (a digit on either side): a rule
 * that matched a part of "13000" has found nothing. */
static unsigned spelled_port(const struct pm_file *f, size_t off, size_t len)
{
	PM_ASSERT(len > 0 && off <= f->len && len <= f->len - off, "hit outside its file");
	if ((off && pm_is_digit(f->bytes[off - 1])) ||
	    (off + len < f->len && pm_is_digit(f->bytes[off + len])))
		return 0;
	return pm_port_parse((struct pm_str){ f->bytes + off, len });
}

static struct pm_hit *add_hit(struct pm_sink *s, size_t off, size_t len, unsigned port,
			      const char *rule)
{
	struct pm_hit *h;

	if (s->hits.n == PM_SINK_MAX) {
		s->over = true;
		return NULL;
	}
	h = PM_VEC_ADD(&s->hits);
	h->order = (uint32_t)s->hits.n;
	h->span = (struct pm_span){ (uint32_t)off, (uint32_t)len };
	h->line = pm_lines_line(pm_sink_lines(s), off);
	h->col = pm_lines_col(pm_sink_lines(s), off);
	h->port = (uint16_t)port;
	h->rule = rule;
	return h;
}

struct pm_hit *pm_sink_add(struct pm_sink *s, size_t off, size_t len, enum pm_role role,
			   enum pm_side side, enum pm_certainty certainty, const char *rule)
{
	unsigned port = spelled_port(s->file, off, len);
	struct pm_hit *h;

	if (!port || !pm_port_set_has(s->want, port))
		return NULL;
	h = add_hit(s, off, len, port, rule);
	if (!h)
		return NULL;
	h->role = (uint8_t)role;
	h->side = (uint8_t)side;
	h->certainty = (uint8_t)certainty;
	return h;
}

struct pm_hit *pm_sink_add_number(struct pm_sink *s, size_t off, size_t len, unsigned number,
				  const char *rule)
{
	struct pm_hit *h;

	PM_ASSERT(len > 0 && off <= s->file->len && len <= s->file->len - off, "hit outside its file");
	h = number <= 65535 ? add_hit(s, off, len, number, rule) : NULL;
	if (h)
		h->certainty = PM_SURE;
	return h;
}

/* `text` lives as long as the hit. */
static void add_fact(struct pm_sink *s, struct pm_hit *h, enum pm_fact_kind kind,
		     const char *text, unsigned line, unsigned depth)
{
	struct pm_fact *grown;

	/* powers of two: room is known from the count */
	if ((h->n_facts & (h->n_facts - 1)) == 0) {
		grown = PM_NEW_N(s->arena, struct pm_fact, h->n_facts ? h->n_facts * 2 : 1);
		if (h->n_facts)
			memcpy(grown, h->facts, h->n_facts * sizeof(*grown));
		h->facts = grown;
	}
	h->facts[h->n_facts++] = (struct pm_fact){
		.kind = kind, .text = text, .line = line, .depth = (uint16_t)depth,
	};
}

void pm_sink_fact(struct pm_sink *s, struct pm_hit *h, enum pm_fact_kind kind,
		  struct pm_str text, unsigned line, unsigned depth)
{
	text = pm_str_trim(text);
	if (h && !s->bare && text.n)
		add_fact(s, h, kind, pm_arena_strndup(s->arena, text.p, text.n), line, depth);
}

void pm_sink_line_fact(struct pm_sink *s, struct pm_hit *h, enum pm_fact_kind kind,
		       unsigned line, unsigned depth)
{
	const struct pm_lines *l = pm_sink_lines(s);
	const char **known;

	if (!h || s->bare)
		return;
	if (!s->line_texts)
		s->line_texts = pm_xcalloc(l->n, sizeof(*s->line_texts));
	known = &s->line_texts[line - 1];
	if (!*known) {
		struct pm_str t = pm_str_trim(pm_lines_get(l, line));

		t = pm_str_trim((struct pm_str){ t.p, t.n < MAX_LINE ? t.n : MAX_LINE });
		*known = pm_arena_strndup(s->arena, t.p, t.n);
	}
	if (**known)
		add_fact(s, h, kind, *known, line, depth);
}

void pm_sink_diag(struct pm_sink *s, const char *rule, enum pm_severity sev, size_t off,
		  const char *text)
{
	unsigned line = 0, col = 0;

	if (off != SIZE_MAX && off <= s->file->len) {
		line = pm_lines_line(pm_sink_lines(s), off);
		col = pm_lines_col(pm_sink_lines(s), off);
	}
	pm_diag_add(&s->diags, s->arena, rule, sev, s->file->path, line, col, "%s", text);
}

/* Every remaining whole number that is wanted. */
static void add_numbers(struct pm_sink *s, const struct pm_file *f)
{
	struct pm_str all = { f->bytes, f->len };
	size_t pos = 0, len;

	while (pm_port_next(all, &pos, &len)) {
		pm_sink_add(s, pos, len, PM_ROLE_NUMBER, PM_SIDE_UNKNOWN, PM_NOT, "number");
		pos += len;
	}
}

/* By place; at one place the surest first, then the one that came first. */
static int by_place(const void *pa, const void *pb)
{
	const struct pm_hit *a = pa, *b = pb;

	if (a->span.off != b->span.off)
		return a->span.off < b->span.off ? -1 : 1;
	if (a->certainty != b->certainty)
		return a->certainty > b->certainty ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

void pm_sink_settle(struct pm_sink *s)
{
	size_t kept = 0;

	if (s->hits.n)
		qsort(s->hits.v, s->hits.n, sizeof(*s->hits.v), by_place);
	for (size_t i = 0; i < s->hits.n; i++)
		if (!kept || s->hits.v[kept - 1].span.off != s->hits.v[i].span.off)
			s->hits.v[kept++] = s->hits.v[i];
	s->hits.n = kept;
}

/* Anything wanted in this file at all? Most files end here. */
static bool has_wanted(const struct pm_file *f, const struct pm_port_set *want)
{
	struct pm_str all = { f->bytes, f->len };
	size_t pos = 0, len;
	unsigned port;

	while ((port = pm_port_next(all, &pos, &len))) {
		if (pm_port_set_has(want, port))
			return true;
		pos += len;
	}
	return false;
}

int pm_scan_file(struct pm_sink *out, const struct pm_file *f, bool numbers, struct pm_err *err)
{
	if (!has_wanted(f, out->want))
		return 0;
	for (size_t i = 0; i < pm_scanners_n; i++) {
		int rc = pm_scanners[i]->accepts(f) ? pm_scanners[i]->scan(f, out, err) : 0;

		if (rc < 0)
			return rc;
	}
	pm_pieces_remember(out);
	if (numbers)
		add_numbers(out, f);
	if (out->over)
		return pm_err_set(err, PM_E_LIMIT, (struct pm_loc){ f->path, 0, 0 },
				  "over %d finds of ports", PM_SINK_MAX);
	pm_sink_settle(out);
	if (!out->bare)
		pm_context_add(out);
	return 0;
}
