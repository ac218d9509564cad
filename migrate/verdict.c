/* verdict.c - see verdict.h. */
#include "verdict.h"

#include "weights.h"

#include <string.h>

#define W pm_weights

int pm_verdict_strong(const struct pm_claim *c, const struct pm_hit *h)
{
	const struct pm_party *best = pm_claim_rival(c, -2), *second = NULL;

	if (!best || best->score < W.strong || h->certainty == PM_NOT)
		return -2;
	for (unsigned i = 0; i < c->n; i++)
		if (&c->party[i] != best && (!second || c->party[i].score > second->score) &&
		    (c->party[i].target >= 0 || best->target >= 0))
			second = &c->party[i];
	if (second && best->score - second->score < W.strong_margin)
		return -2;
	return best->target;
}

bool pm_verdict_is_stranger(const struct pm_claim *c)
{
	const struct pm_party *best = pm_claim_rival(c, -2);

	return best && best->stranger;
}

static int strongest(const struct pm_party *p)
{
	int best = 0;

	for (unsigned i = 0; p && i < PM_BY_COUNT; i++)
		best = p->weight[i] > best ? p->weight[i] : best;
	return best;
}

/* Evidence by words around the place, not merely by where the file lies. */
static int in_words(const struct pm_party *p)
{
	int best = 0;

	for (unsigned i = 0; p && i < PM_BY_COUNT; i++)
		if (i != PM_BY_DIR && i != PM_BY_PATH && i != PM_BY_NUMBER && p->weight[i] > best)
			best = p->weight[i];
	return best;
}

/* The most that words around the place say for anybody but the target. */
static int rivals_in_words(const struct pm_claim *c, int target)
{
	int best = 0;

	for (unsigned i = 0; i < c->n; i++)
		if (c->party[i].target != target && in_words(&c->party[i]) > best)
			best = in_words(&c->party[i]);
	return best;
}

/* Evidence that stands on the line itself. */
static int on_line(const struct pm_party *p)
{
	static const enum pm_level levels[] = { PM_BY_HOST, PM_BY_IDENT, PM_BY_WORDS };
	int best = 0;

	for (unsigned i = 0; p && i < sizeof(levels) / sizeof(levels[0]); i++)
		best = p->weight[levels[i]] > best ? p->weight[levels[i]] : best;
	return best;
}

static bool is_local_address(const struct pm_hit *h)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_HOST)
			return strcmp(h->facts[i].text, "localhost") == 0 ||
			       strcmp(h->facts[i].text, "127.0.0.1") == 0;
	return false;
}

/* Seen from outside of containers: localhost, an address to fill in, or no address at all. */
static bool is_host_address(const struct pm_hit *h)
{
	if (h->role == PM_ROLE_HOST_PORT && strstr(h->rule, "forward"))
		return true;
	if (h->side == PM_SIDE_CONTAINER ||
	    (h->certainty < PM_LIKELY && strcmp(h->rule, "docs/port") != 0) ||
	    (h->role != PM_ROLE_URL && h->role != PM_ROLE_DOC && h->role != PM_ROLE_PROBE))
		return false;
	for (uint32_t i = 0; i < h->n_facts; i++)
		if (h->facts[i].kind == PM_FACT_HOST)
			return is_local_address(h) || h->facts[i].text[0] == '<' ||
			       (strchr("${", h->facts[i].text[0]) &&
				!strchr(h->facts[i].text, '.'));
	return h->role == PM_ROLE_PROBE && h->side == PM_SIDE_HOST; /* lsof -i :4000 */
}

static void add_share(struct pm_claim *c, struct pm_arena *a, const struct pm_hit *h,
		      const struct pm_target *t, int target, const struct pm_number_stats *s)
{
	const struct pm_party *mine = pm_claim_target(c, target);
	const struct pm_party *rival = pm_claim_rival(c, target);
	unsigned all = s->target + s->others, share = all ? s->target * 100 / all : 0;
	bool doubted = s->published_elsewhere || rivals_in_words(c, target) >= 30;
	int weight = share >= 95 ? W.number_most : share >= 88 ? W.number_much : W.number_many;

	if (mine && mine->weight[PM_BY_DIR] >= 35 && s->target >= 2 && on_line(rival) < 45)
		pm_claim_add(c, t->name, target, PM_BY_NUMBER, W.number_own,
			     pm_arena_printf(a, "it uses %u itself", h->port));
	/* an address of the machine is that of the one service that publishes the number there */
	if (s->published && !s->published_others && on_line(rival) < 75 && is_host_address(h))
		pm_claim_add(c, t->name, target, PM_BY_NUMBER,
			     doubted ? W.number_published_doubt : W.number_published,
			     pm_arena_printf(a, "only it publishes %u on the host", h->port));
	/* or of the one that listens on it there, where nobody is named */
	else if (s->listens && !s->listens_others && !s->published_others &&
		 on_line(rival) < 45 && is_host_address(h))
		pm_claim_add(c, t->name, target, PM_BY_NUMBER,
			     doubted ? W.number_published_doubt : W.number_listens,
			     pm_arena_printf(a, "only it listens on %u", h->port));
	/* an unknown name on the line may well be its client's word for it: worth a question */
	if (all >= 2 && share >= 25 && is_local_address(h) && rival &&
	    rival->weight[PM_BY_IDENT] > 50 && on_line(rival) <= 60)
		pm_claim_add(c, t->name, target, PM_BY_NUMBER, W.number_doubt,
			     pm_arena_printf(a, "%u of %u clear uses of %u are its", s->target, all,
					     h->port));
	/* another's directory says only who calls: whom, perhaps this one */
	if (all >= 2 && share >= 50 && is_local_address(h) && rival && rival->weight[PM_BY_DIR] &&
	    in_words(rival) < 45 && strongest(rival) <= W.other_dir)
		pm_claim_add(c, t->name, target, PM_BY_NUMBER, W.number_doubt,
			     pm_arena_printf(a, "%u of %u clear uses of %u are its", s->target, all,
					     h->port));
	if (all == 1 && s->target == 1 && on_line(rival) < 45)
		pm_claim_add(c, t->name, target, PM_BY_NUMBER, W.number_only,
			     pm_arena_printf(a, "the only clear use of %u is its", h->port));
	if (all < 2 || share < 80)
		return;
	if (on_line(rival) >= 75 && strongest(mine) < 35)
		return;
	if (h->certainty == PM_MAYBE && weight > W.number_maybe && all < 5)
		weight = W.number_maybe;
	if (on_line(rival) >= 45 && on_line(mine) >= 60 && share >= 88)
		weight = W.number_tie;
	pm_claim_add(c, t->name, target, PM_BY_NUMBER, weight,
		     pm_arena_printf(a, "%u of %u clear uses of %u are its", s->target, all,
				     h->port));
}

/*
 * Who else owns the number decides only where little else does: it does not outvote a name on
 * the line, nor the service's own directory. Between two names on one line it breaks the tie.
 */
void pm_verdict_add_number(struct pm_claim *c, struct pm_arena *a, const struct pm_hit *h,
			   const struct pm_target *targets, unsigned n_targets,
			   const struct pm_number_stats *stats)
{
	unsigned strangers = 0, all = 0, share;
	bool alone = false;
	int known = 0;

	if (h->certainty == PM_NOT)
		return;
	for (unsigned t = 0; t < n_targets; t++) {
		const struct pm_party *p = pm_claim_target(c, (int)t);

		add_share(c, a, h, &targets[t], (int)t, &stats[t]);
		alone |= stats[t].published && !stats[t].published_others && is_host_address(h);
		if (stats[t].target + stats[t].others > all) {
			all = stats[t].target + stats[t].others;
			strangers = stats[t].strangers;
		}
		known = strongest(p) > known ? strongest(p) : known;
		/* in its own directory, where it uses the number itself, others' uses say nothing */
		if (p && p->weight[PM_BY_DIR] >= 35 && p->weight[PM_BY_NUMBER] && is_local_address(h))
			alone = true;
	}
	share = all ? strangers * 100 / all : 0;
	if (all >= 3 && share >= 65 && known < 45 && !alone)
		pm_claim_add(c, "another service", -1, PM_BY_NUMBER,
			     share >= 90 ? W.number_others : W.number_others_many,
			     pm_arena_printf(a, "%u of %u clear uses of %u are others'", strangers,
					     all, h->port));
}

/* ---- the line's own words ---- */

static struct pm_str line_of(const struct pm_inv_file *f, const struct pm_hit *h)
{
	return pm_lines_get(&f->lines, h->line);
}

/* The text before the number says that it belongs to the past. */
static const char *past_phrase(struct pm_str line, size_t at)
{
	static const char *const phrases[] = {
		"moved from", "migrated from", "changed from", "formerly", "previously",
		"used to be", "used to run", "was on", "was port", "old port", "instead of",
		"no longer", "renamed from", "switched from", "until recently", "ehemals",
		"fr\xc3\xbcher", "vorher", "statt ", "bisher", "port von", "avoid", "(was ",
		"previous:", "before:", "deprecated", NULL
	};
	size_t from = at > 60 ? at - 60 : 0;
	struct pm_str before = { line.p + from, at - from };

	for (size_t i = 0; phrases[i]; i++)
		if (pm_str_find(before, phrases[i], true) != SIZE_MAX)
			return phrases[i];
	return NULL;
}

static size_t skip_spaces(struct pm_str s, size_t i)
{
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '`' || s.p[i] == '*'))
		i++;
	return i;
}

static bool starts(struct pm_str s, size_t i, const char *what)
{
	size_t n = strlen(what);

	return i + n <= s.n && memcmp(s.p + i, what, n) == 0;
}

static unsigned digits_at(struct pm_str s, size_t i)
{
	unsigned n = 0;

	while (i + n < s.n && pm_is_digit(s.p[i + n]))
		n++;
	return n;
}

/* "4900 -> 4600": the number leads to its successor; a record of the move itself. */
static bool is_arrow_record(struct pm_str line, size_t end, size_t len)
{
	static const char *const arrows[] = { "->", "=>", "\xe2\x86\x92", "\xe2\x9e\x9c", NULL };
	size_t i = skip_spaces(line, end);

	for (size_t k = 0; arrows[k]; k++)
		if (starts(line, i, arrows[k])) {
			i = skip_spaces(line, i + strlen(arrows[k]));
			/* "8000->8000/tcp" is a mapping, and so is "5300 -> 80" */
			return i < line.n && digits_at(line, i) == len &&
			       !(i + len <= line.n &&
				 memcmp(line.p + i, line.p + end - len, len) == 0);
		}
	return false;
}

/* The word right before `at`, through blanks and marks, is one of `words`. */
static bool word_before(struct pm_str s, size_t at, const char *const *words)
{
	size_t n;

	while (at && strchr(" `*:", s.p[at - 1]))
		at--;
	for (size_t k = 0; words[k]; k++) {
		n = strlen(words[k]);
		if (at >= n && pm_str_find((struct pm_str){ s.p + at - n, n }, words[k], true) == 0 &&
		    (at == n || strchr(" (*_`", s.p[at - n - 1])))
			return true;
	}
	return false;
}

/*
 * "from 4900 to 4600", the first number at `at`: where the second one begins, else 0.
 * Numbers of unequal length ("from 8080 to 80") rather say what is forwarded where.
 */
static size_t told_move(struct pm_str line, size_t at, size_t len)
{
	static const char *const from[] = { "from", "from port", "von", "von port", NULL };
	static const char *const to[] = { "to ", "to port ", "auf ", "nach ", "zu ", NULL };
	size_t end = skip_spaces(line, at + len), second;

	if (digits_at(line, at) != len || (at && pm_is_digit(line.p[at - 1])) ||
	    !word_before(line, at, from))
		return 0;
	for (size_t k = 0; to[k]; k++) {
		second = skip_spaces(line, end + strlen(to[k]));
		if (starts(line, end, to[k]) && digits_at(line, second) == len)
			return second;
	}
	return 0;
}

/* The number is one of the two: the sentence is about the move, made or to make. */
static bool is_of_told_move(struct pm_str line, size_t at, size_t len)
{
	if (told_move(line, at, len))
		return true;
	for (size_t k = at > 24 ? at - 24 : 0; k + len < at; k++)
		if (told_move(line, k, len) == at)
			return true;
	return false;
}

static size_t dash_at(struct pm_str s, size_t i)
{
	static const char *const dashes[] = { "-", "\xe2\x80\x93", "\xe2\x80\x94", "..", NULL };

	i = skip_spaces(s, i);
	for (size_t k = 0; dashes[k]; k++)
		if (starts(s, i, dashes[k]))
			return skip_spaces(s, i + strlen(dashes[k]));
	return 0;
}

/* An argument of "range(3030, 3050)" or "seq 3030 3049". */
static bool is_range_call(struct pm_str line, size_t at)
{
	static const char *const calls[] = { "range(", "seq ", "seq(" };

	/* numbers before it, with commas or blanks between */
	while (at && (pm_is_digit(line.p[at - 1]) || line.p[at - 1] == ',' ||
		      (line.p[at - 1] == ' ' && at > 1 &&
		       (pm_is_digit(line.p[at - 2]) || line.p[at - 2] == ','))))
		at--;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		size_t n = strlen(calls[i]);

		if (at >= n && memcmp(line.p + at - n, calls[i], n) == 0 &&
		    (at == n || !pm_is_word(line.p[at - n - 1]) || line.p[at - n - 1] == 'x'))
			return true;
	}
	return false;
}

/* One end of a range "3030-3049", "8001-9000", ":8000-:9003", "3030..3049", or open-ended "3030+". */
static bool is_range(struct pm_str line, size_t at, size_t end)
{
	size_t i = dash_at(line, end), k = at;

	if ((end < line.n && line.p[end] == '+') || is_range_call(line, at))
		return true;
	if (i) {
		if (i < line.n && line.p[i] == ':')
			i++;
		if (digits_at(line, i) >= 4)
			return true;
	}
	while (k && (line.p[k - 1] == ' ' || line.p[k - 1] == ':'))
		k--;
	if (k && line.p[k - 1] == '-')
		k--;
	else if (k >= 2 && memcmp(line.p + k - 2, "..", 2) == 0)
		k -= 2;
	else if (k >= 3 && (memcmp(line.p + k - 3, "\xe2\x80\x93", 3) == 0 ||
			    memcmp(line.p + k - 3, "\xe2\x80\x94", 3) == 0))
		k -= 3;
	else
		return false;
	while (k && line.p[k - 1] == ' ')
		k--;
	i = k;
	while (k && pm_is_digit(line.p[k - 1]))
		k--;
	return i - k >= 4;
}

/* "- ~~Move the port 4900~~", "- ~~Timeouts~~ - closed: was 4900": struck out, or done as a whole. */
static bool is_struck(struct pm_str line, size_t at)
{
	static const char *const done[] = { "closed", "done", "fixed", "resolved", "completed",
					    "erledigt", "\xe2\x9c\x85", NULL };
	size_t i = 0, open = 0, end;
	struct pm_str rest;

	for (; i + 1 < at; i++)
		if (line.p[i] == '~' && line.p[i + 1] == '~') {
			open++;
			i++;
		}
	if (open % 2)
		return pm_str_find((struct pm_str){ line.p + at, line.n - at }, "~~", false) !=
		       SIZE_MAX;
	/* the first words of the item are struck out, and what follows says how it ended */
	for (i = 0; i < line.n && strchr(" -*+0123456789.>", line.p[i]); i++)
		;
	if (open < 2 || !starts(line, i, "~~"))
		return false;
	rest = (struct pm_str){ line.p + i + 2, line.n - i - 2 };
	end = pm_str_find(rest, "~~", false);
	rest = (struct pm_str){ rest.p + end + 2, rest.n - end - 2 };
	rest.n = rest.n < 24 ? rest.n : 24;
	for (size_t k = 0; done[k]; k++)
		if (pm_str_find(rest, done[k], true) != SIZE_MAX)
			return true;
	return false;
}

static bool heading_has(const struct pm_hit *h, const char *const *words)
{
	for (uint32_t i = 0; i < h->n_facts; i++)
		for (size_t k = 0; h->facts[i].kind == PM_FACT_HEADING && words[k]; k++)
			if (h->facts[i].text[0] == '#' &&
			    pm_str_find(pm_str_of(h->facts[i].text), words[k], true) != SIZE_MAX)
				return true;
	return false;
}

static bool is_markdown(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcmp(dot, ".md") == 0 || strcmp(dot, ".mdx") == 0 ||
		       strcmp(dot, ".markdown") == 0);
}

/* Sections that record: logs of changes, and in a plan what is done already. */
static bool heading_is_past(const struct pm_inv_file *f, const struct pm_hit *h)
{
	static const char *const logs[] = { "changelog", "change log", "history", "decision log",
					    "historie", "verlauf", "resolved", NULL };
	static const char *const done[] = { "completed", "done", "finished", "erledigt",
					    "abgeschlossen", "\xe2\x9c\x85", NULL };

	if (!is_markdown(f->path))
		return false;
	return heading_has(h, logs) ||
	       (pm_str_find(pm_str_of(f->path), "plan", true) != SIZE_MAX && heading_has(h, done));
}

/* ---- verdict ---- */

static struct pm_verdict keep(int target, int score, const char *reason)
{
	return (struct pm_verdict){ PM_KEEP, target, score, reason, NULL };
}

static bool verdict_by_text(struct pm_verdict *out, struct pm_arena *a, const struct pm_inv_file *f,
			    const struct pm_hit *h)
{
	struct pm_str line = line_of(f, h);
	size_t at = h->col - 1;
	static const char *const was[] = { "was", "were", "war", NULL };
	size_t end = at + h->span.len;
	const char *phrase = word_before(line, at, was) ? "was" : past_phrase(line, at);

	if (f->class == PM_CLASS_PAST || f->class == PM_CLASS_GENERATED ||
	    f->class == PM_CLASS_VENDORED)
		*out = keep(-1, 0, pm_arena_printf(a, "file is %s", f->class_why));
	else if (phrase)
		*out = keep(-1, 0, pm_arena_printf(a, "tells the past: '%s'", phrase));
	else if (is_arrow_record(line, end, h->span.len) || is_of_told_move(line, at, h->span.len))
		*out = keep(-1, 0, "records a move from here");
	else if (line.n < 4096 && is_struck(line, at))
		*out = keep(-1, 0, "struck out");
	else if (heading_is_past(f, h))
		*out = keep(-1, 0, "under a heading about the past");
	else
		return false;
	return true;
}

const char *pm_verdict_is_record(struct pm_arena *a, const struct pm_inv_file *f,
				 const struct pm_hit *h)
{
	struct pm_verdict v;

	if (verdict_by_text(&v, a, f, h))
		return v.reason;
	return is_range(line_of(f, h), h->col - 1, h->col - 1 + h->span.len)
		       ? "one end of a range of ports"
		       : NULL;
}

/* That a browser opens it is true of every front end: support, not evidence. */
static bool only_use(const struct pm_party *p)
{
	for (unsigned i = 0; i < PM_BY_COUNT; i++)
		if (i != PM_BY_USE && p->weight[i] >= 20)
			return false;
	return true;
}

static const struct pm_party *best_target(const struct pm_claim *c, const bool *wanted,
					  unsigned n_targets)
{
	const struct pm_party *best = NULL;

	for (unsigned t = 0; t < n_targets; t++) {
		const struct pm_party *p = wanted[t] ? pm_claim_target(c, (int)t) : NULL;

		if (p && (!best || p->score > best->score))
			best = p;
	}
	return best;
}

static const char STRAGGLER[] = PM_ASK_LEFT;

/* Clearly a moved service's, at a number that only another move leaves: an address left behind
 * by an earlier move, perhaps. */
static bool is_straggler(const struct pm_claim *c, const struct pm_hit *h,
			 const struct pm_party *mine, const bool *wanted, unsigned n_targets)
{
	const struct pm_party *rival = pm_claim_rival(c, mine ? mine->target : -2);

	return rival && rival->target >= 0 && (unsigned)rival->target < n_targets &&
	       !wanted[rival->target] && h->certainty >= PM_LIKELY && rival->score >= W.strong &&
	       rival->score - (mine ? mine->score : 0) >= W.strong_margin;
}

/* LEDGER_PORT beside LEDGER_HOST="ledger.svc": the port of that host. */
static bool has_sibling_host(const struct pm_hit *h)
{
	const char *name = NULL;
	size_t n = 0;

	for (uint32_t i = 0; i < h->n_facts && !name; i++)
		if (h->facts[i].kind == PM_FACT_IDENT && h->facts[i].depth == 0)
			name = h->facts[i].text;
	if (name)
		n = strlen(name);
	if (n < 6 || strcasecmp(name + n - 5, "_port") != 0)
		return false;
	for (uint32_t i = 0; i < h->n_facts; i++) {
		const char *near = h->facts[i].text;

		if (h->facts[i].kind != PM_FACT_NEAR || h->facts[i].depth > 2 ||
		    strncmp(near, name, n - 4) != 0 || strncasecmp(near + n - 4, "host", 4) != 0)
			continue;
		return !strstr(near, "localhost") && !strstr(near, "127.0.0.1") &&
		       !strstr(near, "0.0.0.0");
	}
	return false;
}

static bool is_in_network(const struct pm_hit *h)
{
	if (has_sibling_host(h))
		return true;
	for (uint32_t i = 0; i < h->n_facts; i++) {
		const char *host = h->facts[i].text;

		if (h->facts[i].kind != PM_FACT_HOST)
			continue;
		/* a name without dots, not the machine itself, is an address inside a network */
		return !strchr(host, '.') && !pm_is_placeholder_host(pm_str_of(host)) &&
		       strcmp(host, "host") != 0 && strcmp(host, "localhost") != 0 &&
		       host[0] != '<' && host[0] != '[' && host[0] != '$' && host[0] != '{';
	}
	return false;
}

/* What a proxy's configuration listens on, in an image: its own container's port. */
static bool listens_inside(const struct pm_inv_file *f, const struct pm_hit *h)
{
	struct pm_str line = pm_lines_get(&f->lines, h->line);
	size_t at = h->col - 1;

	if (h->role == PM_ROLE_LISTEN && strcmp(h->rule, "config/nginx-listen") == 0)
		return true;
	/* the inner half of a mapping whose outer half is a template, a proxy's label */
	return (at > 2 && memcmp(line.p + at - 2, "}:", 2) == 0) ||
	       pm_str_find(line, "loadbalancer.server.port", false) != SIZE_MAX;
}

static bool is_test(const char *path)
{
	static const char *const marks[] = { "/tests/", "/test/", "__tests__/", ".test.", ".spec.",
					     "_test.", "/fixtures/", NULL };

	for (size_t i = 0; marks[i]; i++)
		if (strstr(path, marks[i]))
			return true;
	return strncmp(path, "tests/", 6) == 0 || strncmp(path, "test/", 5) == 0;
}

/* Rows of a database, and fields of a test's objects, hold any number: { api_port: 4000 }. */
static bool is_data(const struct pm_inv_file *f, const struct pm_hit *h)
{
	const char *name = NULL;

	if (pm_str_iends(pm_str_of(f->path), ".sql"))
		return true;
	if (h->role != PM_ROLE_LISTEN || !is_test(f->path))
		return false;
	for (uint32_t i = 0; i < h->n_facts && !name; i++)
		if (h->facts[i].kind == PM_FACT_HOST)
			return false;
		else if (h->facts[i].kind == PM_FACT_IDENT && h->facts[i].depth == 0)
			name = h->facts[i].text;
	return name && name[strlen(name) - 1] >= 'a' && name[strlen(name) - 1] <= 'z';
}

struct pm_verdict pm_verdict(const struct pm_claim *c, struct pm_arena *a,
			     const struct pm_inv_file *f, const struct pm_hit *h,
			     const bool *wanted, unsigned n_targets, bool host_scope)
{
	const struct pm_party *mine = best_target(c, wanted, n_targets), *rival;
	struct pm_verdict v;
	int other;

	if (verdict_by_text(&v, a, f, h))
		return v;
	if (host_scope && (h->side == PM_SIDE_CONTAINER || is_in_network(h) ||
			   listens_inside(f, h)))
		return keep(mine ? mine->target : -1, mine ? mine->score : 0,
			    "inside the container network; this plan moves host ports only");
	rival = pm_claim_rival(c, mine ? mine->target : -2);
	other = rival ? rival->score : 0;
	if (is_straggler(c, h, mine, wanted, n_targets))
		return (struct pm_verdict){ PM_REVIEW, rival->target, rival->score, STRAGGLER,
					    STRAGGLER };
	/* "/shop/cart:8080": the name of the service itself stands before the colon */
	if (h->certainty == PM_NOT && !(mine && mine->weight[PM_BY_HOST] >= 100))
		return keep(-1, 0, "nothing says that this number is a port");
	if (is_range(line_of(f, h), h->col - 1, h->col - 1 + h->span.len))
		return keep(-1, mine ? mine->score : 0, "one end of a range of ports");
	/* "shop-api:4000" is decided, whoever holds the address; only portmig.yaml knows better */
	if (mine && mine->weight[PM_BY_HOST] >= 100 &&
	    !(rival && (rival->weight[PM_BY_HOST] >= 90 || rival->weight[PM_BY_CONFIG])))
		return (struct pm_verdict){ PM_APPLY, mine->target, mine->score, NULL, NULL };
	if (mine && mine->score >= W.apply && is_data(f, h) && on_line(mine) < 50)
		return (struct pm_verdict){ PM_REVIEW, mine->target, mine->score,
					    "may be any number of a test or a database",
					    PM_ASK_DATA };
	if (mine && mine->score >= W.apply && mine->score - other >= W.apply_margin)
		return (struct pm_verdict){ PM_APPLY, mine->target, mine->score, NULL, NULL };
	if (mine && mine->score >= W.ask && !only_use(mine) && mine->score - other >= -W.apply_margin) {
		const char *question = other >= W.ask ? PM_ASK_TWO : PM_ASK_LITTLE;

		return (struct pm_verdict){ PM_REVIEW, mine->target, mine->score, question,
					    question };
	}
	if (other)
		return keep(-1, mine ? mine->score : 0,
			    pm_arena_printf(a, "belongs to %s", rival->name));
	return keep(-1, mine ? mine->score : 0, "nothing ties it to a moved service");
}
