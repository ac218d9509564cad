/*
 * weigh_words.c - evidence of free text: names on the line, in its comment, in lines around it,
 * headings and rows of tables. What a format defines is for weigh_place.c.
 */
#include "attribute_impl.h"

#include <string.h>

/* ---- what one mention is worth ---- */

/* All own words of the target are in this alias: its whole name, though it may be one word. */
static bool is_whole_target(const struct pm_ev_work *w, int target, const struct pm_name_alias *al)
{
	const struct pm_target *t = &w->targets[target];

	for (unsigned i = 0; i < t->n_words; i++) {
		unsigned k = 0;

		while (k < al->n && al->words[k] != t->words[i])
			k++;
		if (k == al->n)
			return false;
	}
	return t->n_words > 0;
}

static int mention_weight(const struct pm_ev_work *w, const struct pm_mention *m, int target)
{
	if (target >= 0 && m->alias->class == PM_ALIAS_CORE && !m->label &&
	    is_whole_target(w, target, m->alias))
		return (W.core + W.core_label) / 2;
	switch (m->alias->class) {
	case PM_ALIAS_FULL:
		return m->joined || m->label ? W.full_joined : W.full;
	case PM_ALIAS_CORE:
		return m->label ? W.core_label : W.core;
	case PM_ALIAS_APP: /* in prose it is a word like others: "the storage is full" */
		return m->label ? W.core_label : target >= 0 ? W.core : 0;
	default:
		return m->label ? W.role_label : W.role;
	}
}

/* Another port number stands between the name and the number: the name goes with that one. */
static bool separated(struct pm_str text, const struct pm_mention *m, size_t at, unsigned port)
{
	unsigned other;
	size_t from = m->off + m->len < at ? m->off + m->len : at, len, pos = 0;
	size_t to = m->off + m->len < at ? at : m->off;
	struct pm_str between = { text.p + from, to > from ? to - from : 0 };

	if (at >= text.n || !between.n)
		return false;
	/* 'shop-api': { port: 8080, gauges: 4000 } is one record */
	if (from < at && memchr(between.p, '{', between.n) && !memchr(between.p, '}', between.n))
		return false;
	/* the number itself, when the name follows */
	while (pos < between.n && from == at && pm_is_digit(between.p[pos]))
		pos++;
	while ((other = pm_port_next(between, &pos, &len))) {
		if (other >= 1024 && other != port && !(other >= 1990 && other <= 2035))
			return true;
		pos += len;
	}
	return false;
}

/* Inside a URL: the names of buckets, pages and repositories. (The hit's own address is passed over
 * by the caller.) */
static bool in_other_url(struct pm_str text, size_t at)
{
	for (size_t i = at; i > 2; i--) {
		if (strchr(" \t\"'`(<,|=", text.p[i - 1]))
			return false;
		if (text.p[i - 1] == '/' && text.p[i - 2] == '/' && text.p[i - 3] == ':')
			return true;
	}
	return false;
}

/* "deployment/shop-web", "svc/shop-web": the very name of an object. */
static bool is_object(struct pm_str text, size_t off)
{
	static const char *const kinds[] = { "deployment/", "deploy/", "svc/", "service/", "pod/",
					     "statefulset/", "job/", NULL };

	for (size_t i = 0; kinds[i]; i++) {
		size_t n = strlen(kinds[i]);

		if (off >= n && memcmp(text.p + off - n, kinds[i], n) == 0 &&
		    (off == n || text.p[off - n - 1] == ' '))
			return true;
	}
	return false;
}

/* "kubectl -n acme exec", "namespace: acme": where something runs, not whose it is. */
static bool is_namespace(struct pm_str text, size_t off)
{
	static const char *const marks[] = { "-n ", "-n=", "--namespace ", "--namespace=",
					     "namespace: ", "namespace/", NULL };

	for (size_t i = 0; marks[i]; i++) {
		size_t n = strlen(marks[i]);

		if (off >= n && memcmp(text.p + off - n, marks[i], n) == 0 &&
		    (off == n || !pm_is_word(text.p[off - n - 1])))
			return true;
	}
	return false;
}

/* "API docs", "api-docs", "apiDocs", "Swagger UI": the pages that an API itself serves. */
static bool is_api_page(struct pm_str text, const struct pm_mention *m)
{
	static const char *const pages[] = { "docs", "doc", "documentation", "ui", NULL };
	static const char *const before[] = { "api", "swagger", "openapi", "graphql", "redoc", NULL };
	struct pm_str name = { text.p + m->off, m->len };
	size_t end = m->off;
	bool page = false;

	for (size_t i = 0; pages[i] && !page; i++)
		page = pm_str_ieq(name, pages[i]);
	if (end && strchr(" -_/", text.p[end - 1]))
		end--;
	for (size_t i = 0; before[i] && page; i++) {
		size_t n = strlen(before[i]);

		if (end >= n && pm_str_ieq((struct pm_str){ text.p + end - n, n }, before[i]))
			return true;
	}
	return false;
}

/* "traefik.http.routers...": whom the label is for, not whose it is. */
static bool is_vendor_prefix(struct pm_str text, size_t end)
{
	static const char *const next[] = { ".http.", ".tcp.", ".udp.", ".io/", NULL };
	struct pm_str rest = { text.p + end, text.n - end };

	for (size_t i = 0; next[i]; i++)
		if (pm_str_find(rest, next[i], false) == 0)
			return true;
	return false;
}

/* "acme-portal", where nobody is called so: somebody whom we do not know. */
static bool is_part_of_name(struct pm_str text, const struct pm_mention *m)
{
	size_t end = m->off + m->len;

	return (end + 1 < text.n && strchr("-_", text.p[end]) && pm_is_word(text.p[end + 1])) ||
	       (m->off > 1 && strchr("-_", text.p[m->off - 1]) && pm_is_word(text.p[m->off - 2]));
}

/* "Mail API": the role right behind the name of a service that leaves this port is its own. */
static bool completes(const struct pm_ev_work *w, struct pm_str text, const struct pm_mention *name,
		      const struct pm_mention *role)
{
	int t = name->alias->class != PM_ALIAS_ROLE && name->off + name->len + 1 == role->off &&
				strchr(" -_", text.p[role->off - 1])
			? pm_ev_target(w, name->alias)
			: -1;

	return t >= 0 && pm_ev_leaves_port(&w->targets[t], w->hit->port);
}

/* The name of the project itself: all that is written in it is the project's. */
static bool is_projects(const struct pm_ev_work *w, const struct pm_name_alias *al)
{
	for (unsigned i = 0; i < al->n; i++)
		if (pm_registry_word_class(w->reg, al->words[i]) != PM_WORD_PROJECT ||
		    pm_registry_is_part(w->reg, al->words[i]))
			return false;
	return true;
}

/* ---- the line ---- */

/* Names in a text, the nearest to `at` first; every further one counts less. */
static void weigh_text(struct pm_ev_work *w, struct pm_str text, size_t at, size_t skip_from,
		       size_t skip_to, enum pm_level level, int percent, const char *what)
{
	struct pm_mention m[24];
	unsigned n = pm_registry_find(w->reg, text, m, 24), order[24], kept = 0, rank = 0;
	size_t dist[24];

	for (unsigned i = 0; i < n; i++) {
		size_t end = m[i].off + m[i].len, d;

		if ((end > skip_from && m[i].off < skip_to) || in_other_url(text, m[i].off) ||
		    is_vendor_prefix(text, end) || is_namespace(text, m[i].off) ||
		    is_api_page(text, &m[i]))
			continue;
		/* a name that follows is farther than one that leads to the number */
		d = end <= at ? at - end : (m[i].off - at) * 3 / 2 + 2;
		if (d > 200)
			continue;
		order[kept] = i;
		dist[kept++] = d;
	}
	for (unsigned i = 1; i < kept; i++)
		for (unsigned k = i; k && dist[k] < dist[k - 1]; k--) {
			size_t d = dist[k];
			unsigned o = order[k];

			dist[k] = dist[k - 1], dist[k - 1] = d;
			order[k] = order[k - 1], order[k - 1] = o;
		}
	for (unsigned i = 0; i < kept; i++) {
		const struct pm_mention *x = &m[order[i]];
		int t = pm_ev_target(w, x->alias);
		int weight = (is_object(text, x->off) ? W.full_joined : mention_weight(w, x, t)) *
			     percent / 100;
		struct pm_str seen = { text.p + x->off, x->len };

		if (t < 0 && x->alias->class != PM_ALIAS_ROLE &&
		    !pm_ev_names_service(w, x->alias) &&
		    !(level == PM_BY_WORDS && x->joined && pm_ev_runs(w, x->alias)))
			continue;
		if (t < 0 && is_projects(w, x->alias) && !is_part_of_name(text, x))
			continue;
		if (x->alias->class == PM_ALIAS_ROLE && order[i] && completes(w, text, x - 1, x))
			continue;
		if (separated(text, x, at, w->hit->port))
			weight = weight * 3 / 10;
		if (t < 0 && x->alias->class == PM_ALIAS_ROLE) {
			t = pm_ev_role_target(w, x->alias->words[0]);
			if (t < 0 && !pm_ev_contrasts(w, x->alias->words[0]))
				continue;
		}
		weight = rank == 0 ? weight : rank == 1 ? weight * 6 / 10 : weight * 4 / 10;
		rank++; /* names of nobody take no place */
		pm_ev_add(w, x->alias->shown, t, level, weight, what, seen);
		if (level == PM_BY_WORDS && weight >= 35)
			w->line_speaks = true;
	}
}

/* "curl localhost:9000   # Ledger (metrics)": a comment of one title names whose it is, known to us
 * or not. */
static void weigh_comment(struct pm_ev_work *w, struct pm_str line, size_t end)
{
	static const char *const marks[] = { "# ", "// ", NULL };
	struct pm_str rest = { line.p + end, line.n - end };

	for (size_t i = 0; marks[i]; i++) {
		size_t at = pm_str_find(rest, marks[i], false), n;
		struct pm_str title;
		struct pm_word own[4];
		struct pm_mention m[2];

		if (at == SIZE_MAX || at == 0 || rest.p[at - 1] != ' ')
			continue;
		at += strlen(marks[i]);
		title = pm_str_trim((struct pm_str){ rest.p + at, rest.n - at });
		for (n = 0; n < title.n && title.p[n] != ' '; n++)
			;
		if (n == title.n || (n + 1 < title.n && title.p[n + 1] == '(')) {
			title.n = n;
			if ((title.n && (title.p[0] < 'A' || title.p[0] > 'Z') &&
			     (unsigned char)title.p[0] < 0x80) ||
			    !pm_ev_own_words(w, title, own, 4) ||
			    pm_registry_word_class(w->reg, own[0].text) != PM_WORD_OTHER ||
			    (pm_registry_find(w->reg, title, m, 2) &&
			     pm_ev_target(w, m[0].alias) >= 0))
				return;
			pm_ev_add(w, pm_arena_strndup(w->arena, title.p, title.n), -1, PM_BY_WORDS,
				  W.row_unknown, "comment names", title);
			return;
		}
	}
}

void pm_weigh_line(struct pm_ev_work *w)
{
	const struct pm_hit *h = w->hit;
	struct pm_str line = pm_lines_get(&w->file->lines, h->line);
	size_t at = h->col - 1, end = at + h->span.len, from = at;

	/* the address itself speaks through its host; its path is not a name */
	while (from && !strchr(" \t\"'`(<>,;|=[", line.p[from - 1]))
		from--;
	while (end < line.n && !strchr(" \t\"'`)<>,;|]", line.p[end]))
		end++;
	if (line.n > 2000) {
		size_t left = at > 200 ? at - 200 : 0;

		line.n = end + 200 < line.n ? end + 200 : line.n;
		line.p += left;
		line.n -= left;
		at -= left;
		from = from > left ? from - left : 0;
		end -= left;
	}
	weigh_text(w, line, at, from, end, PM_BY_WORDS, 100, "line names");
	weigh_comment(w, line, end);
}

/* ---- around it ---- */

/* Is another cell of the row a moved service's name? Then the rest says of what kind it is. */
static bool row_names_target(struct pm_ev_work *w)
{
	for (uint32_t i = 0; i < w->hit->n_facts; i++) {
		const struct pm_fact *f = &w->hit->facts[i];
		struct pm_mention m[4];
		unsigned n = f->kind == PM_FACT_ROW && f->line == w->hit->line
				     ? pm_registry_find(w->reg, pm_str_of(f->text), m, 4)
				     : 0;

		for (unsigned k = 0; k < n; k++)
			if (m[k].alias->class != PM_ALIAS_ROLE && pm_ev_target(w, m[k].alias) >= 0)
				return true;
	}
	return false;
}

static bool has_letter(const char *s)
{
	for (; *s; s++)
		if (pm_is_word(*s) && !pm_is_digit(*s) && *s != '_')
			return true;
	return false;
}

/* The first cell of the number's row that says anything; not the header of its column. */
static bool heads_row(const struct pm_hit *h, const struct pm_fact *cell)
{
	if (cell->line != h->line)
		return false;
	for (uint32_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *f = &h->facts[i];

		if (f->kind == PM_FACT_ROW && f->line == h->line && f->depth < cell->depth &&
		    has_letter(f->text))
			return false;
	}
	return true;
}

/* The row of a table names something that we do not know: not a moved service, anyway. */
static void weigh_unknown_row(struct pm_ev_work *w, const struct pm_fact *f)
{
	struct pm_str text = pm_str_of(f->text);
	struct pm_word own[8];
	struct pm_mention m[4];
	unsigned n = pm_ev_own_words(w, text, own, 8), other = 0, known, parts = 0;

	if (!heads_row(w->hit, f) || row_names_target(w))
		return;
	for (unsigned i = 0; i < n; i++)
		other += pm_registry_word_class(w->reg, own[i].text) == PM_WORD_OTHER;
	known = pm_registry_find(w->reg, text, m, 4);
	for (unsigned i = 0; i < known; i++) /* "shop-portal" is not shop */
		parts += (m[i].alias->class == PM_ALIAS_APP || is_projects(w, m[i].alias)) &&
			 is_part_of_name(text, &m[i]);
	if (other && n <= 3 && text.n < 40 && parts == known && !memchr(text.p, ':', text.n))
		pm_ev_add(w, f->text, -1, PM_BY_WORDS, W.row_unknown, "row names", text);
}

/* "| shop | API | ... |": the first two cells are the two parts of one name. */
static void weigh_split_name(struct pm_ev_work *w)
{
	const char *first = NULL, *second = NULL, *both;
	struct pm_mention m[2];
	int t;

	for (uint32_t i = 0; i < w->hit->n_facts && !second; i++) {
		const struct pm_fact *f = &w->hit->facts[i];

		if (f->kind == PM_FACT_ROW && f->line == w->hit->line)
			*(first ? &second : &first) = f->text;
	}
	if (!second || strlen(first) + strlen(second) > 60)
		return;
	both = pm_arena_printf(w->arena, "%s %s", first, second);
	if (pm_registry_find(w->reg, pm_str_of(both), m, 2) != 1 || m[0].off ||
	    m[0].len != strlen(both) || m[0].alias->class != PM_ALIAS_FULL)
		return;
	t = pm_ev_target(w, m[0].alias);
	if (t >= 0 || pm_ev_names_service(w, m[0].alias))
		pm_ev_add(w, m[0].alias->shown, t, PM_BY_WORDS, W.full, "row names",
			  pm_str_of(both));
}

static bool has_other_port(struct pm_str s, unsigned port)
{
	size_t pos = 0, len;
	unsigned p;

	while ((p = pm_port_next(s, &pos, &len))) {
		if (len >= 4 && p != port && !(p >= 1990 && p <= 2035))
			return true;
		pos += len;
	}
	return false;
}

/* The name of a block by its first line: "prometheus:", "billing: {", "service \"billing\" {". Empty
 * when the line is something else. */
static struct pm_str block_key(struct pm_str line)
{
	struct pm_str none = { line.p, 0 };
	size_t from = 0, to = line.n;

	if (line.n < 2)
		return none;
	if (to > 3 && (memcmp(line.p + to - 3, ": {", 3) == 0 || memcmp(line.p + to - 3, ": [", 3) == 0))
		to -= 2;
	if (line.p[to - 1] == ':' && !memchr(line.p, ' ', to)) {
		to--;
	} else if (line.p[line.n - 1] == '{' && memchr(line.p, '"', line.n)) {
		while (to && line.p[to - 1] != '"')
			to--;
		to -= to > 0;
		for (from = to; from && line.p[from - 1] != '"'; from--)
			;
	} else {
		return none;
	}
	while (from < to && strchr("\"'", line.p[from]))
		from++;
	while (to > from && strchr("\"'", line.p[to - 1]))
		to--;
	return (struct pm_str){ line.p + from, to - from };
}

/* A block that carries exactly a moved service's name, in whatever format. */
static bool weigh_key(struct pm_ev_work *w, const struct pm_fact *f, struct pm_str line)
{
	struct pm_str key = block_key(line);
	bool known;
	int t = key.n ? pm_ev_whole_name(w, key, &known, false) : -1;
	int weight = W.block_key - 8 * (f->depth - 100);

	if (t < 0 || (w->line_speaks && w->hit->role == PM_ROLE_URL))
		return false;
	if (!pm_ev_is_block_bound(w->hit) && w->hit->role != PM_ROLE_DOC)
		weight = weight * W.block_url_percent / 100;
	pm_ev_add(w, NULL, t, PM_BY_OUTER, weight, "inside", key);
	return true;
}

/* The directory of "cd apps/ledger && npm start"; empty when the line goes nowhere. */
static struct pm_str cd_target(struct pm_str line)
{
	struct pm_str s = pm_str_trim(line), none = { "", 0 };
	size_t n = 0;

	if (s.n > 2 && (s.p[0] == '$' || s.p[0] == '>') && s.p[1] == ' ')
		s.p += 2, s.n -= 2;
	if (s.n < 4 || memcmp(s.p, "cd ", 3) != 0)
		return none;
	s = pm_str_trim((struct pm_str){ s.p + 3, s.n - 3 });
	if (s.n > 2 && s.p[0] == '.' && s.p[1] == '/')
		s.p += 2, s.n -= 2;
	while (n < s.n && (pm_is_word(s.p[n]) || strchr("-./@", s.p[n])))
		n++;
	while (n && s.p[n - 1] == '/')
		n--;
	return (struct pm_str){ s.p, n };
}

/* Commands behind "cd apps/ledger", in the same block of code, speak to what was started there. */
static void weigh_cd(struct pm_ev_work *w)
{
	const struct pm_lines *l = &w->file->lines;
	const unsigned stop = w->hit->line > 15 ? w->hit->line - 15 : 1;

	for (unsigned i = w->hit->line; i-- > stop;) {
		struct pm_str line = pm_lines_get(l, i), dir = cd_target(line);
		int owner;

		if (pm_str_find(pm_str_trim(line), "```", false) == 0)
			return;
		if (!dir.n)
			continue;
		owner = pm_registry_dir_owner(w->reg, pm_arena_strndup(w->arena, dir.p, dir.n));
		if (owner >= 0)
			pm_ev_add(w, pm_registry_entity(w->reg, (unsigned)owner)->name,
				  pm_ev_entity_target(w, owner), PM_BY_NEAR,
				  w->line_speaks ? W.cd_dir / 2 : W.cd_dir, "behind 'cd' to", dir);
		return;
	}
}

static bool is_bullet(struct pm_str s)
{
	return s.n > 2 && (s.p[0] == '*' || s.p[0] == '-' || s.p[0] == '+' || s.p[0] == '|') &&
	       s.p[1] == ' ';
}

void pm_weigh_surroundings(struct pm_ev_work *w)
{
	static const int above[] = { 0, 50, 40, 30, 25, 25, 25, 25, 25, 25, 25 };
	static const int below[] = { 0, 40, 25, 20, 20 };
	const struct pm_hit *h = w->hit;
	int damp = w->line_speaks ? 40 : 100;
	bool own_bullet = h->role == PM_ROLE_DOC &&
			  is_bullet(pm_str_trim(pm_lines_get(&w->file->lines, h->line)));

	for (uint32_t i = 0; i < h->n_facts; i++) {
		const struct pm_fact *f = &h->facts[i];
		struct pm_str text = pm_str_of(f->text);

		if (is_bullet(text) && f->kind != PM_FACT_ROW &&
		    (f->kind == PM_FACT_HEADING || own_bullet))
			continue; /* each point of a list speaks for itself */
		if (f->kind == PM_FACT_BLOCK && f->depth >= 100 && weigh_key(w, f, text))
			continue;
		if (f->kind == PM_FACT_BLOCK && f->depth >= 100) {
			int percent = 80 - 15 * (f->depth - 100);

			weigh_text(w, text, text.n, SIZE_MAX, 0, PM_BY_OUTER,
				   (percent > 20 ? percent : 20) * damp / 100, "inside");
		} else if (f->kind == PM_FACT_HEADING) {
			int percent = f->line + 1 == h->line ? 90 : 70 - 20 * f->depth;

			weigh_text(w, text, 0, SIZE_MAX, 0, PM_BY_HEADING,
				   (percent > 20 ? percent : 20) * damp / 100, "under");
		} else if (f->kind == PM_FACT_NEAR && !has_other_port(text, h->port)) {
			int percent = f->depth >= 20 ? 45
				    : f->line < h->line ? above[f->depth] : below[f->depth];

			weigh_text(w, text, f->line < h->line ? text.n : 0, SIZE_MAX, 0,
				   PM_BY_NEAR, percent * damp / 100, "near");
		} else if (f->kind == PM_FACT_ROW) {
			weigh_text(w, text, 0, SIZE_MAX, 0, PM_BY_WORDS, 60, "row names");
			weigh_unknown_row(w, f);
		}
	}
	weigh_split_name(w);
	weigh_cd(w);
}
