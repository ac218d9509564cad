/*
 * history_message.c - do messages tell what commits do? Changes of the schema that a message does
 * not speak of; numbers that a message says have come and that the commit does not bring; moves
 * that portmig's own trailers state and that are not there.
 *
 * Only plain statements count: "A -> B", "move ... to port N", "ports (web: N, api: N)". A number
 * that is mentioned otherwise (as a reason, as somebody else's) claims nothing.
 */
#include "history_impl.h"
#include "resource_plan.h"

#include "stated.h"

#include "base/re.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CLAIMS = 64, MAX_NAMED = 4 };

/* ---- words ---- */

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "port", "ports", also in PORT_SCHEMA and ports.md; not in "support". */
static bool speaks_of_ports(struct pm_str s)
{
	for (size_t i = 0; i + 4 <= s.n; i++) {
		size_t end = i + 4;

		if (strncasecmp(s.p + i, "port", 4) != 0 || (i && is_alpha(s.p[i - 1])))
			continue;
		end += end < s.n && pm_lower(s.p[end]) == 's';
		if (end == s.n || !is_alpha(s.p[end]))
			return true;
	}
	return false;
}

static bool has_number(struct pm_str s, unsigned port)
{
	size_t pos = 0, len;
	unsigned p;

	for (; (p = pm_port_next(s, &pos, &len)); pos += len)
		if (p == port)
			return true;
	return false;
}

/* Does a word of its own of this name stand in the text? */
static bool has_name(const struct pm_registry *reg, struct pm_str text, const char *name)
{
	struct pm_word w[16], in[64];
	unsigned n = pm_registry_words(reg, pm_str_of(name), w, 16);

	for (size_t from = 0; from < text.n; from += 400) {
		/* in pieces that overlap: no word is longer than 100 */
		struct pm_str piece = { text.p + from,
					text.n - from < 500 ? text.n - from : 500 };
		unsigned k = pm_registry_words(reg, piece, in, 64);

		for (unsigned i = 0; i < n; i++)
			for (unsigned q = 0; q < k; q++)
				if (w[i].len >= 3 && w[i].len == in[q].len &&
				    strncasecmp(name + w[i].off, piece.p + in[q].off, w[i].len) == 0 &&
				    pm_registry_word_class(reg, w[i].text) == PM_WORD_OTHER)
					return true;
	}
	return false;
}

/* ---- the schema ---- */

static bool is_said(const struct pm_registry *reg, const struct pm_hist_commit *c,
		    const struct pm_hist_row *row)
{
	struct pm_str message = pm_str_of(c->message);

	return (row->from && has_number(message, row->from)) ||
	       (row->to && has_number(message, row->to)) ||
	       has_name(reg, message, row->name) ||
	       (row->old_name && has_name(reg, message, row->old_name));
}

/* "shop-api 4900 -> 4950" */
static void add_row(struct pm_buf *b, const struct pm_hist_row *row)
{
	pm_buf_adds(b, row->name);
	if (row->from_hi || row->to_hi) {
		if (row->from)
			pm_buf_addf(b, " %u-%u", row->from, row->from_hi);
		if (row->to)
			pm_buf_addf(b, " -> %u-%u", row->to, row->to_hi);
		if (row->kind == PM_RANGE_ROW_SWAPPED)
			pm_buf_addf(b, " (swapped with %s)", row->old_name);
	} else {
		if (row->from)
			pm_buf_addf(b, " %u", row->from);
		if (row->to != row->from)
			pm_buf_adds(b, row->to ? " ->" : " released");
		if (row->to && row->to != row->from)
			pm_buf_addf(b, " %u", row->to);
	}
}

static void tell_unsaid(struct pm_hbuild *b, const struct pm_hist_row *rows, size_t n)
{
	const struct pm_hist_commit *c = &b->h->commits.v[rows->commit];
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	struct pm_diag *d;
	size_t all = 0;

	for (size_t i = 0; i < n; i++) {
		if (!rows[i].unsaid)
			continue;
		if (all++ < MAX_NAMED) {
			pm_buf_adds(&text, text.n ? ", " : "");
			add_row(&text, &rows[i]);
		}
	}
	if (!all)
		return;
	if (all > MAX_NAMED)
		pm_buf_addf(&text, " and %zu more", all - MAX_NAMED);
	d = pm_diag_add(&b->h->diags, &b->h->arena, "schema-change-unsaid", PM_WARNING, rows->path,
			rows->line, 0, "%.9s \"%.80s\" does not speak of ports nor of: %s", c->oid,
			c->subject, pm_buf_str(&text));
	d->key = pm_arena_strdup(&b->h->arena, c->oid);
}

void pm_hist_unsaid(struct pm_hbuild *b)
{
	for (size_t i = 0, k; i < b->h->rows.n; i = k) {
		const unsigned commit = b->h->rows.v[i].commit;
		const struct pm_hist_commit *c = &b->h->commits.v[commit];
		const bool ports = speaks_of_ports(pm_str_of(c->subject));

		for (k = i; k < b->h->rows.n && b->h->rows.v[k].commit == commit; k++) {
			struct pm_hist_row *row = &b->h->rows.v[k];

			row->unsaid = row->kind >= PM_ROW_ALLOCATED && !ports &&
				      !is_said(b->reg, c, row);
		}
		tell_unsaid(b, &b->h->rows.v[i], k - i);
	}
}

/* ---- numbers that have come ---- */

struct claims { unsigned v[MAX_CLAIMS]; size_t n; };

static void claim(struct claims *c, struct pm_str s, struct pm_span g)
{
	unsigned port = g.off == UINT32_MAX ? 0
			: pm_port_parse((struct pm_str){ s.p + g.off, g.len });

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i] == port)
			return;
	if (port >= 1024 && c->n < MAX_CLAIMS)
		c->v[c->n++] = port;
}

#define NUMBER "(?<![0-9A-Za-z.#/])([1-9][0-9]{3,4})(?![0-9A-Za-z]|\\.[0-9])"
#define TO "[ \\t]*(?:->|=>|-->|\xe2\x86\x92|\xe2\x9e\x9c|\xe2\x9e\xa1)[ \\t]*"

/* "3065 -> 3115": the second one comes. */
static struct pm_re_once arrow = { .pattern = NUMBER TO NUMBER, .flags = 0 };
/* "move mana-events to port 3115", "use port 3060" */
static struct pm_re_once verb = {
	.pattern = "\\b(?:move|moves|moved|change|changes|changed|switch|switched|set|update|updated|"
		   "bump|bumped|migrate|migrated|use)\\b[^.;()\\[\\]0-9]{0,60}?"
		   "(?:\\bto|(?<!\\bfrom )\\bports?)[ \\t:]*" NUMBER,
	.flags = PM_RE_ICASE,
};
/* "from 3065 to 3115" */
static struct pm_re_once from_to = {
	.pattern = "\\bfrom(?: port)? " NUMBER " to(?: port)? " NUMBER, .flags = PM_RE_ICASE,
};
/* "ports (web: 3060, api: 8800)" */
static struct pm_re_once list = {
	.pattern = "\\bports?\\b[^\\n()]{0,60}\\(([^()\\n]*)\\)", .flags = PM_RE_ICASE,
};
static struct pm_re_once item = {
	.pattern = "(?:^|[,;(])[ \\t]*[A-Za-z][A-Za-z0-9 _/-]{0,40}[:=][ \\t]*" NUMBER,
	.flags = PM_RE_ICASE,
};

static void claim_all(struct claims *c, struct pm_re_once *re, struct pm_str s, size_t group)
{
	struct pm_span g[3];

	for (size_t from = 0; from < s.n && pm_re_match(pm_re_once(re), s, from, g, 3) == 1;) {
		claim(c, s, g[group]);
		from = g[0].off + (g[0].len ? g[0].len : 1);
	}
}

/* What the subject says, and arrows of the body. */
static void read_claims(struct claims *c, const struct pm_hist_commit *commit)
{
	struct pm_str subject = pm_str_of(commit->subject), message = pm_str_of(commit->message);
	struct pm_span g[2];

	if (speaks_of_ports(subject)) {
		claim_all(c, &verb, subject, 1);
		claim_all(c, &arrow, subject, 2);
		claim_all(c, &from_to, subject, 2);
		if (pm_re_match(pm_re_once(&list), subject, 0, g, 2) == 1)
			claim_all(c, &item, (struct pm_str){ subject.p + g[1].off, g[1].len }, 1);
	}
	for (size_t i = 0, n; i < message.n; i += n + 1) {
		const char *end = memchr(message.p + i, '\n', message.n - i);
		struct pm_str line;

		n = end ? (size_t)(end - message.p) - i : message.n - i;
		line = (struct pm_str){ message.p + i, n < 400 ? n : 400 };
		if (speaks_of_ports(line) && strncmp(line.p, "Portmig-", n < 8 ? n : 8) != 0)
			claim_all(c, &arrow, line, 2);
	}
}

static size_t count_number(struct pm_objreader *rd, const struct pm_hread *all, int32_t version,
			   unsigned port)
{
	enum pm_object_type type;
	struct pm_str bytes;
	size_t n = 0, pos = 0, len;
	unsigned p;

	if (version == PM_NO_VERSION ||
	    pm_objreader_get(rd, &all->versions.v[version].blob, &type, &bytes, NULL) < 0 ||
	    bytes.n > PM_LIMITS_DEFAULT.max_file)
		return 0;
	for (; (p = pm_port_next(bytes, &pos, &len)); pos += len)
		n += p == port;
	return n;
}

/* Is the number in more places of a changed file than before? */
static bool has_come(struct pm_hbuild *b, struct pm_objreader *rd, unsigned walked, unsigned port)
{
	const struct pm_hcommit *c = &b->all.commits.v[walked];
	const struct pm_hdeltas *d = &b->deltas[walked];

	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->v[i].n_came; k++)
			if (d->v[i].came[k].seen.what->port == port)
				return true;
	for (size_t i = 0; i < c->n_changes; i++)
		if (count_number(rd, &b->all, c->changes[i].after, port) >
		    count_number(rd, &b->all, c->changes[i].before, port))
			return true;
	return false;
}

static void disagree(struct pm_hbuild *b, const struct pm_hist_commit *c, unsigned port)
{
	struct pm_diag *d =
		pm_diag_add(&b->h->diags, &b->h->arena, "message-disagrees", PM_WARNING, NULL, 0, 0,
			    "%.9s \"%.80s\" says %u, and nothing in the commit comes to it", c->oid,
			    c->subject, port);

	d->key = pm_arena_strdup(&b->h->arena, c->oid);
	d->port = port;
}

/* ---- trailers ---- */

static bool has_move(const struct pm_history *h, unsigned commit, const struct pm_stated_move *m)
{
	for (size_t i = 0; i < h->events.n; i++)
		if (h->events.v[i].commit == commit && h->events.v[i].from == m->from &&
		    h->events.v[i].to == m->to)
			return true;
	return false;
}

static void check_trailers(struct pm_hbuild *b, unsigned commit)
{
	const struct pm_hist_commit *c = &b->h->commits.v[commit];
	struct pm_arena scratch = { 0 };
	struct pm_stated s;

	if (!c->portmig || pm_stated_read(&s, &scratch, c->message, NULL) < 0) {
		pm_arena_release(&scratch);
		return;
	}
	for (size_t i = 0; i < s.moves.n; i++) {
		struct pm_diag *d;
		struct pm_str bare;

		if (pm_move_resource(s.moves.v[i].service, &bare))
			continue; /* no port */
		if (s.moves.v[i].elsewhere || has_move(b->h, commit, &s.moves.v[i]))
			continue;
		d = pm_diag_add(&b->h->diags, &b->h->arena, "message-disagrees", PM_WARNING, NULL, 0,
				0, "%.9s states that %s moves from %u to %u, and it does not: "
				"portmig verify tells more",
				c->oid, s.moves.v[i].service, s.moves.v[i].from, s.moves.v[i].to);
		d->key = pm_arena_strdup(&b->h->arena, c->oid);
		d->port = s.moves.v[i].to;
	}
	pm_stated_release(&s);
	pm_arena_release(&scratch);
}

void pm_hist_disagree(struct pm_hbuild *b)
{
	struct pm_objreader *rd = pm_objreader_open(pm_repo_objects(b->repo), 0);

	for (unsigned i = 0; i < b->h->commits.n; i++) {
		const struct pm_hist_commit *c = &b->h->commits.v[i];
		struct claims claims = { .n = 0 };

		if (!c->portmig) /* whose trailers say it */
			read_claims(&claims, c);
		for (size_t k = 0; k < claims.n; k++)
			if (!has_come(b, rd, c->order, claims.v[k]))
				disagree(b, c, claims.v[k]);
		check_trailers(b, i);
	}
	pm_objreader_free(rd);
}
