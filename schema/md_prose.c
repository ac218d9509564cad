/*
 * md_prose.c - what stands outside tables: dates, lists of reserved and of real ports, migration
 * guide and notes, checklists, variables in code blocks.
 *
 * A line that names a port and is none of these goes to the leftovers.
 */
#include "reader.h"

#include "base/port.h"

#include <string.h>

#define PORTS "\\d{2,5}(?:\\s*(?:/|,|&|\\band\\b)\\s*\\d{2,5})*(?!\\w)"

enum { RE_NOTE_USES, RE_NOTE_FROM, RE_ARROW, RE_REAL, RE_AVOID, RE_PUBLIC };

static const char *const patterns[PM_READER_RES] = {
	[RE_NOTE_USES] = "(?<svc>[A-Za-z][\\w.&-]*(?: [\\w.&-]+){0,3}?)\\s+(?:currently|still|today|now)\\s+"
		"(?:uses?|runs?\\s+on|listens?\\s+on|(?:is\\s+)?(?:on|at))\\s+(?:ports?\\s+)?(?<from>" PORTS
		")[^.;\\n]{0,80}[.;,]?\\s*(?:(?:it\\s+)?(?:should|must|will)\\s+)?"
		"(?:migrate|move|change|switch|keep)\\s+(?:it\\s+|them\\s+)?(?:to|at|on)\\s+"
		"(?:ports?\\s+)?(?<to>" PORTS ")",
	[RE_NOTE_FROM] = "(?:migrate|move)s?\\s+(?<svc>[A-Za-z][\\w.&-]*(?: [\\w.&-]+){0,3}?)\\s+from\\s+"
		"(?:ports?\\s+)?(?<from>" PORTS ")\\s+to\\s+(?:ports?\\s+)?(?<to>" PORTS ")",
	[RE_ARROW] = "(?<![\\w-])(?<from>\\d{2,5}(?:\\s*[/&]\\s*\\d{2,5})*)\\s*"
		"(?:\xe2\x86\x92|\xe2\x87\x92|\xe2\x9e\x9c|\xe2\x9e\x94|->|=>|-->|to)\\s*"
		"(?<to>\\d{2,5}(?:\\s*[/&]\\s*\\d{2,5})*)(?!\\w)",
	[RE_REAL] = "(?<svc>[A-Za-z][\\w.-]*)(?:[ \\t]*[:=][ \\t]*|[ \\t]+)(?:\\((?:default )?port[ \\t]+|(?:default )?port[ \\t]+)?"
		"(?<from>\\d{2,5})(?![\\w-])",
	[RE_AVOID] = "\\bavoid(?:s|ing)?:?\\s+(?:ports?\\s+)?(?<from>\\d{2,5}(?:\\s*,\\s*\\d{2,5})+|\\d{4,5})(?![\\w-])"
		"(?:\\s*\\((?<svc>[^)]*)\\))?",
	[RE_PUBLIC] = "public:?\\s*(?<svc>[a-z0-9][a-z0-9-]*(?:\\.[a-z0-9-]+)+)",
};

struct match {
	struct pm_str all, svc, from, to;
	size_t from_at, end;
};

static int find(struct pm_reader *r, int which, struct pm_str s, size_t at, struct match *m)
{
	struct pm_span g[8];
	struct pm_str *out[] = { &m->svc, &m->from, &m->to };
	static const char *const names[] = { "svc", "from", "to" };
	int rc;

	if (!r->re[which]) {
		rc = pm_re_compile(&r->re[which], patterns[which], PM_RE_ICASE, r->err);
		if (rc)
			return rc;
	}
	rc = pm_re_match(r->re[which], s, at, g, 8);
	if (rc < 0)
		return pm_err_set(r->err, PM_E_LIMIT, (struct pm_loc){ r->path, 0, 0 },
				  "a paragraph is too involved for our patterns");
	if (rc == 0)
		return 0;
	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < 3; i++) {
		int k = pm_re_group(r->re[which], names[i]);

		*out[i] = (struct pm_str){ "", 0 };
		if (k > 0 && k < 8 && g[k].off != UINT32_MAX)
			*out[i] = (struct pm_str){ s.p + g[k].off, g[k].len };
		if (i == 1 && out[i]->n)
			m->from_at = g[k].off;
	}
	m->all = (struct pm_str){ s.p + g[0].off, g[0].len };
	m->end = g[0].off + g[0].len;
	return 1;
}

static size_t numbers(struct pm_str s, unsigned *v, size_t max)
{
	size_t pos = 0, len, n = 0;
	unsigned port;

	while (n < max && (port = pm_port_next(s, &pos, &len))) {
		v[n++] = port;
		pos += len;
	}
	return n;
}

/* The span of the first number of a match. */
static struct pm_src number_src(struct pm_reader *r, const struct pm_md_text *t, size_t at)
{
	size_t end = at;

	while (end < t->n && pm_is_digit(t->p[end]))
		end++;
	return pm_reader_src(r, pm_md_at(t, at), pm_md_span(t, at, end));
}

/* -- dates --------------------------------------------------------------------------------- */

static void keep_value(struct pm_reader *r, const struct pm_md_text *t, const char *key,
		       const char **out, struct pm_src *src)
{
	struct pm_str s = { t->p, t->n }, v;
	size_t i = pm_str_find(s, key, true), end, at;

	if (*out || i == SIZE_MAX || (i && pm_is_word(s.p[i - 1])))
		return;
	i += strlen(key);
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '*'))
		i++;
	if (i >= s.n || s.p[i] != ':')
		return;
	v = pm_str_trim((struct pm_str){ s.p + i + 1, s.n - i - 1 });
	for (end = 0; end < v.n && v.p[end] != '\n' && end < 40; end++)
		if (end >= 10 && v.p[4] == '-' && v.p[7] == '-' && v.p[end] == ' ')
			break; /* an ISO date ends here, whatever follows */
	v.n = end;
	v = pm_str_trim(v);
	if (!v.n)
		return;
	*out = pm_arena_str(r->a, v);
	at = (size_t)(v.p - t->p);
	if (src)
		*src = pm_reader_src(r, pm_md_at(t, at), pm_md_span(t, at, at + v.n));
}

static void read_dates(struct pm_reader *r, const struct pm_md_text *t)
{
	static const char *const doubt[] = { "aspirational", "does not match running",
		"does not match reality", "has not been executed", NULL };
	struct pm_schema *s = r->s;

	keep_value(r, t, "last updated", &s->updated, &s->updated_src);
	keep_value(r, t, "updated", &s->updated, &s->updated_src);
	keep_value(r, t, "originally drafted", &s->drafted, NULL);
	keep_value(r, t, "drafted", &s->drafted, NULL);
	keep_value(r, t, "reality reconciled", &s->reconciled, &s->reconciled_src);
	keep_value(r, t, "reconciled", &s->reconciled, &s->reconciled_src);
	keep_value(r, t, "version", &s->version, NULL);
	s->aspirational |= pm_has_any((struct pm_str){ t->p, t->n }, doubt);
}

/* "Real ports today (2026-02-03)". */
static void read_real_date(struct pm_reader *r, const struct pm_md_text *t)
{
	for (size_t i = 0; i + 10 <= t->n && !r->s->real_date; i++) {
		size_t n = 0;

		while (n < 10 && (n == 4 || n == 7 ? t->p[i + n] == '-' : pm_is_digit(t->p[i + n])))
			n++;
		if (n < 10 || (i && pm_is_word(t->p[i - 1])) ||
		    (i + n < t->n && pm_is_word(t->p[i + n])))
			continue;
		r->s->real_date = pm_arena_strndup(r->a, t->p + i, n);
		r->s->real_src = pm_reader_src(r, pm_md_at(t, i), pm_md_span(t, i, i + n));
	}
}

/* -- migration ----------------------------------------------------------------------------- */

static struct pm_str service_of_step(struct pm_str s)
{
	size_t n = 0;

	while (n < s.n && !strchr("(:\n", s.p[n]) && !pm_dash_len(s, n) &&
	       !(pm_is_digit(s.p[n]) && n && s.p[n - 1] == ' '))
		n++;
	/* A dash inside a name ("shop-api") belongs to it. */
	while (n < s.n && s.p[n] == '-' && n && pm_is_word(s.p[n - 1]) && n + 1 < s.n &&
	       pm_is_word(s.p[n + 1])) {
		n++;
		while (n < s.n && pm_is_word(s.p[n]))
			n++;
	}
	return pm_str_trim((struct pm_str){ s.p, n });
}

static struct pm_step *add_step(struct pm_reader *r, struct pm_str service, struct pm_str text,
				unsigned order, struct pm_src src)
{
	struct pm_step *v = PM_VEC_ADD(&r->s->steps);

	v->order = order;
	v->service = pm_arena_str(r->a, service);
	v->is_note = order == 0;
	v->text = pm_arena_str(r->a, text);
	v->src = src;
	return v;
}

static void add_pairs(struct pm_step *v, struct pm_str from, struct pm_str to)
{
	unsigned f[8], t[8];
	size_t nf = numbers(from, f, 8), nt = numbers(to, t, 8);

	for (size_t i = 0; i < nf && i < nt && v->n < 8; i++) {
		v->from[v->n] = f[i];
		v->to[v->n++] = t[i];
	}
}

/* "SHOP (4900 -> 4600)"; 1 when it was a step. */
static int read_step(struct pm_reader *r, const struct pm_md_block *b,
		     const struct pm_section *sec)
{
	static const char *const order_words[] = { "order", "priority", "sequence", "guide",
						   "phases", "plan", NULL };
	struct pm_str s = pm_md_str(&b->text);
	struct pm_step *v = NULL;
	struct match m;
	size_t at = 0;
	int rc;

	if (!sec || !sec->migration || b->task || !service_of_step(s).n)
		return 0;
	while ((rc = find(r, RE_ARROW, s, at, &m)) == 1) {
		if (!v)
			v = add_step(r, service_of_step(s), s, b->number,
				     number_src(r, &b->text, m.from_at));
		add_pairs(v, m.from, m.to);
		at = m.end;
	}
	if (rc < 0)
		return rc;
	if (!v && b->number && pm_has_any(pm_str_of(sec->title), order_words))
		v = add_step(r, service_of_step(s), s, b->number,
			     pm_reader_text_src(r, &b->text, 0));
	return v != NULL;
}

static struct pm_str drop_label(struct pm_str s)
{
	static const char *const labels[] = { "migration note", "note", NULL };

	for (size_t i = 0; labels[i]; i++) {
		size_t n = strlen(labels[i]);

		if (s.n > n && pm_str_ieq((struct pm_str){ s.p, n }, labels[i]))
			return pm_str_trim((struct pm_str){ s.p + n, s.n - n });
	}
	return s;
}

static int read_note(struct pm_reader *r, const struct pm_md_block *b)
{
	struct pm_str s = pm_md_str(&b->text);
	int found = 0;

	for (int which = RE_NOTE_USES; which <= RE_NOTE_FROM; which++) {
		struct match m;
		size_t at = 0;
		int rc;

		while ((rc = find(r, which, s, at, &m)) == 1) {
			struct pm_str service = drop_label(m.svc);

			at = m.end;
			if (!service.n)
				continue;
			add_pairs(add_step(r, service, s, 0,
					   number_src(r, &b->text, m.from_at)),
				  m.from, m.to);
			found = 1;
		}
		if (rc < 0)
			return rc;
	}
	return found;
}

/* -- reserved, real ------------------------------------------------------------------------ */

static int read_reserved_item(struct pm_reader *r, const struct pm_md_block *b)
{
	struct pm_md_text t = b->text;
	struct pm_port_cell p;
	struct pm_str reason;
	size_t colon = 0;

	while (colon < t.n && t.p[colon] != ':')
		colon++;
	reason = colon < t.n ? (struct pm_str){ t.p + colon + 1, t.n - colon - 1 }
			     : (struct pm_str){ "", 0 };
	t.n = colon;
	pm_port_cell_parse(&p, r->a, &t, true);
	if (p.kind == PM_CELL_BAD) {
		struct pm_diag *d = pm_reader_diag(r, p.rule, PM_ERROR,
						   pm_reader_text_src(r, &b->text, 0),
						   "'%.*s' is not a port: %s", (int)t.n, t.p,
						   p.problem);
		if (p.meant)
			d->hint = pm_arena_printf(r->a, "did you mean %s?", p.meant);
		return 0;
	}
	if (p.kind != PM_CELL_PORTS)
		return 0;
	reason = reason.n ? pm_str_trim(reason) : pm_str_of(p.note);
	for (size_t i = 0; i < p.n; i++)
		pm_reader_reserved(r, p.v[i].lo, p.v[i].hi, r->intro.strength,
				   pm_arena_str(r->a, reason), 0,
				   pm_reader_src(r, p.v[i].span.off, p.v[i].span));
	return 1;
}

static int read_avoided(struct pm_reader *r, const struct pm_md_block *b)
{
	struct pm_str s = pm_md_str(&b->text);
	unsigned v[16];
	struct match m;
	int rc = find(r, RE_AVOID, s, 0, &m);
	size_t n;

	if (rc != 1)
		return rc;
	n = numbers(m.from, v, 16);
	for (size_t i = 0; i < n; i++)
		pm_reader_reserved(r, v[i], v[i], PM_RESERVED_MAY, pm_arena_str(r->a, m.svc), 0,
				   number_src(r, &b->text, m.from_at));
	return n > 0;
}

static bool is_name(struct pm_str s)
{
	static const char *const not_names[] = { "port", "ports", "default", "at", "on", "from",
		"to", "and", "not", "is", "the", "in", "of", "range", "by", "since", "default port",
		"version", "uses", "with", "for", "than", "until", "localhost", NULL };

	for (size_t i = 0; not_names[i]; i++)
		if (pm_str_ieq(s, not_names[i]))
			return false;
	return true;
}

/* "(moved because the gate reserves 4100)": a remark about the port, not another one. */
static bool in_remark(struct pm_str s, struct pm_str name)
{
	int depth = 0;

	for (const char *p = s.p; p < name.p; p++)
		depth += *p == '(' ? 1 : *p == ')' && depth ? -1 : 0;
	return depth > 0;
}

/* What is said behind a port, up to the next one of the list. */
static struct pm_str remark(struct pm_str s, size_t at)
{
	size_t end = at;

	while (end < s.n && s.p[end] != ',' && s.p[end] != ';' && !pm_is_digit(s.p[end]))
		end++;
	return (struct pm_str){ s.p + at, end - at };
}

static int read_real(struct pm_reader *r, const struct pm_md_block *b, bool deployed)
{
	struct pm_str s = pm_md_str(&b->text);
	struct match m, name;
	size_t at = 0;
	int rc, found = 0;

	while ((rc = find(r, RE_REAL, s, at, &m)) == 1) {
		struct pm_endpoint e = { .role = "", .range = -1 };
		struct pm_str rest;
		size_t next, service;

		at = m.end;
		e.lo = e.hi = pm_port_parse(m.from);
		if (!e.lo || !is_name(m.svc) || in_remark(s, m.svc))
			continue;
		e.state = deployed ? PM_STATE_REAL : PM_STATE_NOT_DEPLOYED;
		e.host = deployed ? r->intro.host : NULL;
		e.src = number_src(r, &b->text, m.from_at);
		e.claims_collision = pm_claims_collision(remark(s, at));
		if (!e.src.span.len)
			continue; /* markup inside the number */
		rest = (struct pm_str){ s.p + at, s.n - at };
		next = pm_str_find(rest, ")", false);
		if (next != SIZE_MAX && rest.n > 1 && strchr(" (", rest.p[0])) {
			rest.n = next;
			rc = find(r, RE_PUBLIC, rest, 0, &name);
			if (rc < 0)
				return rc;
			e.public_name = rc ? pm_arena_str(r->a, name.svc) : NULL;
			while (rest.n && strchr(" (", rest.p[0]))
				rest = (struct pm_str){ rest.p + 1, rest.n - 1 };
			e.note = pm_arena_str(r->a, rest);
		}
		e.name_span = pm_md_span(&b->text, (size_t)(m.svc.p - s.p),
					 (size_t)(m.svc.p - s.p) + m.svc.n);
		service = pm_reader_service(r, pm_reader_slug(r, m.svc, e.src.line),
					    pm_arena_str(r->a, m.svc),
					    e.src);
		rc = pm_reader_endpoint(r, service, &e);
		if (rc)
			return rc;
		found = 1;
	}
	return rc < 0 ? rc : found;
}

/* "Windows GPU server (`192.168.178.11`):" */
static void read_host(struct pm_reader *r, const struct pm_md_block *b)
{
	struct pm_str s = pm_md_str(&b->text), name, address = { "", 0 };
	size_t open = pm_str_find(s, "(", false), close = pm_str_find(s, ")", false);
	bool ip = false;

	name = pm_str_trim((struct pm_str){ s.p, open != SIZE_MAX ? open : s.n - 1 });
	if (open != SIZE_MAX && close != SIZE_MAX && close > open) {
		address = pm_str_trim((struct pm_str){ s.p + open + 1, close - open - 1 });
		ip = address.n && pm_str_find(address, ".", false) != SIZE_MAX;
	}
	if (!name.n || name.n > 60)
		return;
	r->intro.host = pm_reader_host(r, pm_arena_str(r->a, name),
				       ip ? pm_arena_str(r->a, address) : NULL,
				       pm_reader_text_src(r, &b->text, 0));
}

/* -- introducing lines --------------------------------------------------------------------- */

static bool introduces(struct pm_str s)
{
	s = pm_str_trim(s);
	return s.n && s.p[s.n - 1] == ':';
}

static int read_intro(struct pm_reader *r, const struct pm_md_block *b,
		      const struct pm_section *sec)
{
	static const char *const never[] = { "never", "do not use", "don't use", "must not",
					     "forbidden", NULL };
	static const char *const may[] = { "may", "avoid", "avoided", "conflict", "conflicts", NULL };
	static const char *const real[] = { "real", "real-world", "actual", "currently", "today",
					    "running", NULL };
	struct pm_str s = pm_md_str(&b->text);
	bool was_real = r->intro.real || (sec && sec->real);

	if (pm_has_word(s, "not deployed") && was_real) {
		int rc = read_real(r, b, false);

		r->intro.not_deployed = introduces(s);
		return rc;
	}
	if (!introduces(s))
		return 0;
	if (pm_has_word(s, "reserved") || pm_has_any(s, never)) {
		r->intro = (struct pm_intro){ .reserved = true };
		r->intro.strength = pm_has_any(s, never) ? PM_RESERVED_NEVER
				  : pm_has_any(s, may) ? PM_RESERVED_MAY : PM_RESERVED_SLOT;
		return 1;
	}
	r->intro.reserved = r->intro.not_deployed = false;
	if (pm_has_any(s, real) && pm_str_find(s, "port", true) != SIZE_MAX) {
		r->intro = (struct pm_intro){ .real = true };
		read_real_date(r, &b->text);
		return s.n < 200;
	}
	if (was_real && s.n < 100)
		read_host(r, b);
	return was_real && s.n < 100;
}

/* -- checklists ---------------------------------------------------------------------------- */

static void add_check(struct pm_reader *r, struct pm_str text, bool ticked,
		      const struct pm_section *sec, struct pm_src src)
{
	struct pm_checklist_item *v = PM_VEC_ADD(&r->s->checklist);

	v->text = pm_arena_str(r->a, text);
	v->ticked = ticked;
	v->section = sec ? sec->title : "";
	v->src = src;
}

static int read_check(struct pm_reader *r, const struct pm_md_block *b,
		      const struct pm_section *sec)
{
	static const char *const words[] = { "adding", "steps", "checklist", "how to", "procedure",
					     NULL };
	bool section = sec && pm_has_any(pm_str_of(sec->title), words);

	if (!b->task && !(section && b->kind == PM_MD_ITEM))
		return 0;
	add_check(r, pm_md_str(&b->text), b->task == 'x', sec, pm_reader_text_src(r, &b->text, 0));
	return 1;
}

/* -- what is left -------------------------------------------------------------------------- */

/* Offset of a number that looks like a port in prose (no year, no small count), or SIZE_MAX. */
static size_t port_in_prose(struct pm_str s)
{
	size_t pos = 0, len;
	unsigned port;

	for (; (port = pm_port_next(s, &pos, &len)); pos += len) {
		bool date = pos + len + 1 < s.n && s.p[pos + len] == '-' && len == 4 &&
			    port >= 1990 && port < 2050;

		if (len >= 4 && !date && !(port >= 2020 && port <= 2035))
			return pos;
	}
	return SIZE_MAX;
}

static void lost_dashes(struct pm_reader *r, const struct pm_md_block *b)
{
	struct pm_str s = pm_md_str(&b->text);
	size_t end;

	for (size_t i = 0; i < s.n; i = end + 1) {
		unsigned lo, hi;

		for (end = i; end < s.n && pm_is_digit(s.p[end]); end++)
			;
		if (end - i != 8 && end - i != 10)
			continue;
		if ((i && pm_is_word(s.p[i - 1])) || (end < s.n && pm_is_word(s.p[end])))
			continue;
		if (pm_lost_dash((struct pm_str){ s.p + i, end - i }, &lo, &hi) && hi - lo <= 1000)
			pm_reader_diag(r, "malformed-range", PM_WARNING,
				       pm_reader_text_src(r, &b->text, i),
				       "'%.*s' is not a port: did you mean %u-%u?", (int)(end - i),
				       s.p + i, lo, hi);
	}
}

/* "Only apps that need a server" right under the heading of a range: a remark on the range. */
/* "Dependencies: Gate (auth), Redis (queue)" below the heading of a block. */
static int read_depends(struct pm_reader *r, const struct pm_md_block *b,
			const struct pm_section *sec)
{
	static const char *const words[] = { "dependencies:", "depends on:", "requires:", NULL };
	const struct pm_str s = pm_md_str(&b->text);
	struct pm_depends *v;

	for (size_t i = 0; words[i] && sec && sec->range >= 0; i++) {
		const size_t n = strlen(words[i]);

		if (s.n <= n || !pm_str_ieq((struct pm_str){ s.p, n }, words[i]))
			continue;
		v = PM_VEC_ADD(&r->s->depends);
		v->service = r->s->ranges.v[sec->range].name;
		v->on = pm_arena_str(r->a, pm_str_trim((struct pm_str){ s.p + n, s.n - n }));
		v->src = pm_reader_text_src(r, &b->text, 0);
		return 1;
	}
	return 0;
}

static void heading_note(struct pm_reader *r, const struct pm_md_block *b,
			 const struct pm_section *sec)
{
	struct pm_str s = pm_md_str(&b->text);
	struct pm_range *g;

	if (b->kind != PM_MD_PARA || !sec || sec->own_range < 0 || b != sec->block + 1)
		return;
	g = &r->s->ranges.v[sec->own_range];
	s.n = s.n < 300 ? s.n : 300;
	g->note = g->note ? pm_arena_printf(r->a, "%s; %.*s", g->note, (int)s.n, s.p)
			  : pm_arena_str(r->a, s);
}

int pm_reader_prose(struct pm_reader *r, const struct pm_md_block *b,
		    const struct pm_section *sec)
{
	struct pm_str s = pm_md_str(&b->text);
	/* In a page without form, names and numbers of a list run into each other. */
	bool real = !r->loose && (r->intro.real || (sec && sec->real));
	int rc = 0;
	size_t at;

	if (b->kind == PM_MD_HEADING) {
		r->intro = (struct pm_intro){ 0 };
		if (sec && sec->real && sec->block == b)
			read_real_date(r, &b->text);
		return 0;
	}
	read_dates(r, &b->text);
	lost_dashes(r, b);
	heading_note(r, b, sec);
	rc = pm_reader_principles(r, b);
	if (rc)
		return rc;
	if (b->kind == PM_MD_PARA && !r->loose)
		rc = read_intro(r, b, sec);
	if (!rc)
		rc = read_step(r, b, sec);
	if (!rc)
		rc = read_note(r, b);
	if (!rc && b->kind == PM_MD_ITEM && r->intro.reserved)
		rc = read_reserved_item(r, b);
	if (!rc && b->kind == PM_MD_ITEM && real)
		rc = read_real(r, b, !r->intro.not_deployed);
	if (!rc)
		rc = read_depends(r, b, sec);
	if (!rc)
		rc = read_check(r, b, sec);
	if (!rc)
		rc = read_avoided(r, b);
	at = rc ? SIZE_MAX : port_in_prose(s);
	if (at != SIZE_MAX)
		pm_reader_leftover(r, s, "text that names a port",
				   pm_reader_text_src(r, &b->text, at));
	return rc < 0 ? rc : 0;
}

/* -- code ---------------------------------------------------------------------------------- */

static bool variable(struct pm_str s, struct pm_str *name, struct pm_str *value)
{
	size_t n = 0;

	s = pm_str_trim(s);
	if (s.n > 7 && memcmp(s.p, "export ", 7) == 0)
		s = pm_str_trim((struct pm_str){ s.p + 7, s.n - 7 });
	while (n < s.n && pm_is_word(s.p[n]))
		n++;
	if (!n || n >= s.n || s.p[n] != '=' || pm_is_digit(s.p[0]))
		return false;
	*name = (struct pm_str){ s.p, n };
	*value = (struct pm_str){ s.p + n + 1, s.n - n - 1 };
	return true;
}

/* "# 3. Update the documents": a step written as a comment. */
static bool commented_step(struct pm_str s, struct pm_str *step)
{
	size_t i = 1;

	s = pm_str_trim(s);
	if (!s.n || s.p[0] != '#')
		return false;
	while (i < s.n && s.p[i] == ' ')
		i++;
	if (i >= s.n || !pm_is_digit(s.p[i]))
		return false;
	while (i < s.n && pm_is_digit(s.p[i]))
		i++;
	if (i >= s.n || !strchr(".)", s.p[i]))
		return false;
	*step = pm_str_trim((struct pm_str){ s.p + i + 1, s.n - i - 1 });
	return true;
}

static void add_variable(struct pm_reader *r, const struct pm_md_block *b, struct pm_str name,
			 struct pm_str value)
{
	struct pm_envvar *v = PM_VEC_ADD(&r->s->envvars);
	size_t at = (size_t)(value.p - b->text.p), pos = 0, len = 0;

	v->name = pm_arena_str(r->a, name);
	v->value = pm_arena_str(r->a, value);
	v->src = pm_reader_text_src(r, &b->text, (size_t)(name.p - b->text.p));
	if (pm_port_next(value, &pos, &len))
		v->src.span = pm_md_span(&b->text, at + pos, at + pos + len);
}

int pm_reader_code(struct pm_reader *r, const struct pm_md_block *b,
		   const struct pm_section *sec)
{
	struct pm_str s = pm_md_str(&b->text);
	bool used = false, table = false;
	size_t at = 0, end;

	for (; at < s.n; at = end + 1) {
		struct pm_str line, name, value;

		for (end = at; end < s.n && s.p[end] != '\n'; end++)
			;
		line = (struct pm_str){ s.p + at, end - at };
		table |= pm_md_is_delimiter_row(line);
		if (sec && sec->environment && variable(line, &name, &value)) {
			add_variable(r, b, name, value);
			used = true;
		} else if (sec && sec->migration && commented_step(line, &name)) {
			add_check(r, name, false, sec,
				  pm_reader_text_src(r, &b->text, (size_t)(name.p - s.p)));
			used = true;
		}
	}
	if (table)
		pm_reader_diag(r, "schema-table-not-read", PM_NOTE,
			       pm_reader_text_src(r, &b->text, 0),
			       b->kind == PM_MD_HTML ? "a table inside HTML or a comment is not a table"
						     : "a table inside a code block is not a table");
	at = used ? SIZE_MAX : port_in_prose(s);
	if (at != SIZE_MAX)
		pm_reader_leftover(r, pm_str_trim(s), b->kind == PM_MD_HTML
				   ? "HTML that names a port" : "code that names a port",
				   pm_reader_text_src(r, &b->text, at));
	return 0;
}
