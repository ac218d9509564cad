/* review_doc.c - see review_doc.h. */
#include "review_doc.h"

#include "report_doc.h"

#include <stdio.h>
#include <string.h>

static bool is_open(const struct pm_doc_change *c)
{
	return c->disposition == PM_REVIEW && !c->answer;
}

static bool has_key(const struct pm_doc_change *c, struct pm_str key)
{
	return c->group && strlen(c->group) == key.n && memcmp(c->group, key.p, key.n) == 0;
}

size_t pm_review_changes_open(const struct pm_plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->changes.n; i++)
		n += is_open(&p->changes.v[i]);
	return n;
}

size_t pm_review_changes_answer(struct pm_plan *p, struct pm_str key, const char *answer)
{
	size_t n = 0;

	for (size_t i = 0; i < p->changes.n; i++)
		if (is_open(&p->changes.v[i]) && has_key(&p->changes.v[i], key)) {
			p->changes.v[i].answer = answer;
			n++;
		}
	return n;
}

static void add_change(struct pm_buf *b, const struct pm_plan *p, const struct pm_doc_change *c)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	const unsigned line = pm_report_change_line(p, c);

	pm_report_change(&text, c);
	pm_quote_text(b, pm_str_of(p->schema_path));
	if (line)
		pm_buf_addf(b, ":%u", line);
	pm_buf_adds(b, ": ");
	pm_excerpt(b, pm_str_of(pm_buf_str(&text)), 0, 400);
}

/* Is it the first open change with its key? */
static bool is_first(const struct pm_plan *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (is_open(&p->changes.v[k]) && p->changes.v[i].group &&
		    has_key(&p->changes.v[k], pm_str_of(p->changes.v[i].group)))
			return false;
	return is_open(&p->changes.v[i]);
}

void pm_review_changes_list(const struct pm_plan *p, struct pm_buf *b)
{
	for (size_t i = 0; i < p->changes.n; i++) {
		const struct pm_doc_change *c = &p->changes.v[i];

		if (!is_first(p, i))
			continue;
		add_change(b, p, c);
		if (c->group) {
			pm_buf_adds(b, "  [");
			pm_excerpt(b, pm_str_of(c->group), 0, 400);
			pm_buf_addc(b, ']');
		}
		pm_buf_addc(b, '\n');
	}
}

static void show(const struct pm_ctx *ctx, const struct pm_plan *p, const struct pm_doc_change *c)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_buf_addf(&b, "\n(%zu open) %s", pm_review_changes_open(p),
		    ctx->color_err ? "\033[1m" : "");
	add_change(&b, p, c);
	pm_buf_adds(&b, ctx->color_err ? "\033[0m\n" : "\n");
	for (size_t i = 0; i < c->n_reasons; i++) {
		pm_buf_adds(&b, "    - ");
		pm_excerpt(&b, pm_str_of(c->reasons[i]), 0, 400);
		pm_buf_addc(&b, '\n');
	}
	fputs(pm_buf_str(&b), stderr);
}

/* One answer settles all changes with its key: a row, and the list that says the same. */
static size_t answer(struct pm_plan *p, struct pm_doc_change *c, const char *yes)
{
	if (c->group)
		return pm_review_changes_answer(p, pm_str_of(c->group), yes);
	c->answer = yes;
	return 1;
}

bool pm_review_changes_ask(const struct pm_ctx *ctx, struct pm_plan *p, int (*ask)(void),
			   size_t *answered)
{
	for (size_t i = 0; i < p->changes.n; i++) {
		struct pm_doc_change *c = &p->changes.v[i];
		int key = '?';

		if (!is_open(c))
			continue;
		show(ctx, p, c);
		while (key == '?') {
			key = ask();
			switch (key) {
			case 'y': case 'a': case 'g': *answered += answer(p, c, "y"); break;
			case 'n': case 'd': case 's': *answered += answer(p, c, "n"); break;
			case 'k': break;
			case 'q': return false;
			default:
				fputs("y  change it\nn  leave it\nk  decide later\n"
				      "q  stop; the answers so far are saved\n", stderr);
				key = '?';
			}
		}
	}
	return true;
}
