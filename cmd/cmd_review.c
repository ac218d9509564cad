/*
 * cmd_review.c - portmig review: a person decides what the plan holds. The answers, who gave them
 * and when are written into the plan, after each session, as a whole file or not at all.
 */
#include "cmd.h"
#include "opt.h"
#include "output.h"
#include "plan_file.h"
#include "review_doc.h"
#include "source.h"

#include "git.h"
#include "plan.h"
#include "questions.h"
#include "resource_plan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct review {
	const struct pm_ctx *ctx;
	struct pm_plan *plan;
	size_t answered;
};

static bool is_open(const struct pm_edit *e)
{
	return e->disposition == PM_REVIEW && !e->answer;
}

/* What asks the same question about the same move; or the place alone. */
static bool same_question(const struct pm_edit *a, const struct pm_edit *b)
{
	return a == b || (a->move == b->move && a->group && b->group &&
			  strcmp(a->group, b->group) == 0);
}

/* Without a new number there is nothing to change: such a place can only be left. */
static void answer(struct review *r, struct pm_edit *e, const char *yes)
{
	e->answer = pm_edit_has_new(e) ? yes : "n";
	r->answered++;
}

static void answer_group(struct review *r, const struct pm_edit *e, const char *yes)
{
	for (size_t i = 0; i < r->plan->edits.n; i++)
		if (is_open(&r->plan->edits.v[i]) && same_question(e, &r->plan->edits.v[i]))
			answer(r, &r->plan->edits.v[i], yes);
}

static void answer_file(struct review *r, const struct pm_edit *e, const char *yes)
{
	const char *path = e->path;

	for (size_t i = 0; i < r->plan->edits.n; i++)
		if (is_open(&r->plan->edits.v[i]) && strcmp(r->plan->edits.v[i].path, path) == 0)
			answer(r, &r->plan->edits.v[i], yes);
}

static size_t count_open(const struct pm_plan *p, const struct pm_edit *like)
{
	size_t n = 0;

	for (size_t i = 0; i < p->edits.n; i++)
		n += is_open(&p->edits.v[i]) && (!like || same_question(like, &p->edits.v[i]));
	return n;
}

/* ---- asking ---- */

static const char keys[] =
	"y  change this place\n"
	"n  leave it\n"
	"a  change all open places of this file\n"
	"d  leave all open places of this file\n"
	"g  change all places that raise the same question\n"
	"s  leave all places that raise the same question\n"
	"k  decide later\n"
	"q  stop; the answers so far are saved\n";

/* "QUESTION in words", and the key that answers it. */
static void add_question(struct pm_buf *b, const struct pm_plan *p, const struct pm_question *q,
			 size_t n)
{
	PM_CLEAN_BUF struct pm_buf words = { 0 };

	pm_question_text(&words, p, q, n);
	pm_excerpt(b, pm_str_of(pm_buf_str(&words)), 0, 400);
	if (q->key) {
		pm_buf_adds(b, "  [");
		pm_excerpt(b, pm_str_of(q->key), 0, 400);
		pm_buf_addc(b, ']');
	}
	pm_buf_addc(b, '\n');
}

static void show_question(const struct review *r, const struct pm_question *q)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_buf_addc(&b, '\n');
	add_question(&b, r->plan, q, count_open(r->plan, &r->plan->edits.v[q->first]));
	fputs(pm_buf_str(&b), stderr);
}

static void show(const struct review *r, const struct pm_edit *e)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	bool color = r->ctx->color_err;

	pm_buf_addf(&b, "\n(%zu open) %s", count_open(r->plan, NULL), color ? "\033[1m" : "");
	pm_quote_text(&b, pm_str_of(e->path));
	pm_buf_addf(&b, ":%u:%u%s", e->line, e->col, color ? "\033[0m" : "");
	if (e->service) {
		pm_buf_adds(&b, "  ");
		pm_quote_text(&b, pm_str_of(e->service));
	}
	pm_buf_addf(&b, "  %u -> %u\n  ", e->old_port, e->new_port);
	pm_excerpt(&b, pm_str_of(e->excerpt), 0, 400);
	pm_buf_addc(&b, '\n');
	for (size_t i = 0; i < e->n_reasons; i++) {
		pm_buf_adds(&b, "    - ");
		pm_excerpt(&b, pm_str_of(e->reasons[i]), 0, 400);
		pm_buf_addc(&b, '\n');
	}
	fputs(pm_buf_str(&b), stderr);
}

/* First letter of the next line; 'q' at the end of the input. */
static int ask(void)
{
	char line[256];

	fputs("change it? [y,n,a,d,g,s,k,q,?] ", stderr);
	fflush(stderr);
	if (!fgets(line, sizeof(line), stdin)) {
		fputc('\n', stderr);
		return 'q';
	}
	for (const char *p = line; *p; p++)
		if (!isspace((unsigned char)*p))
			return tolower((unsigned char)*p);
	return '?';
}

/* False to stop. A place without a move to make cannot be answered with yes. */
static bool take(struct review *r, struct pm_edit *e, int key, bool *decided)
{
	*decided = true;
	switch (key) {
	case 'y': answer(r, e, "y"); return true;
	case 'n': answer(r, e, "n"); return true;
	case 'a': answer_file(r, e, "y"); return true;
	case 'd': answer_file(r, e, "n"); return true;
	case 'g': answer_group(r, e, "y"); return true;
	case 's': answer_group(r, e, "n"); return true;
	case 'k': return true;
	case 'q': return false;
	default:
		fputs(keys, stderr);
		*decided = false;
		return true;
	}
}

/* The open places of one question; false to stop. */
static bool ask_question(struct review *r, const struct pm_question *q)
{
	bool told = false;

	for (size_t i = q->first; i < r->plan->edits.n; i++) {
		struct pm_edit *e = &r->plan->edits.v[i];
		bool decided = false;

		if (!is_open(e) || !pm_question_has(r->plan, q, e))
			continue;
		if (!told)
			show_question(r, q);
		told = true;
		show(r, e);
		while (!decided)
			if (!take(r, e, ask(), &decided))
				return false;
	}
	return true;
}

/* The questions with most places first: one answer may do for many. */
static void ask_all(struct review *r)
{
	struct pm_questions all;

	if (!pm_review_changes_ask(r->ctx, r->plan, ask, &r->answered))
		return;
	pm_questions_list(&all, r->plan);
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].n_open && !ask_question(r, &all.v[i]))
			break;
	PM_VEC_FREE(&all);
}

/* --list: the open questions on standard output, nothing else. */
static int list(const struct pm_plan *p, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_questions all;

	pm_review_changes_list(p, &b);
	pm_questions_list(&all, p);
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].n_open)
			add_question(&b, p, &all.v[i], all.v[i].n_open);
	PM_VEC_FREE(&all);
	return pm_out_stdout(&b, err);
}

/* ---- answers from the command line ---- */

/* GROUP=y, GROUP=n, or PATH:LINE=y: which open places, and what. */
static int take_option(struct review *r, const char *word, struct pm_err *err)
{
	const char *eq = strrchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : 0, before = r->answered;

	if (!eq || (strcmp(eq, "=y") != 0 && strcmp(eq, "=n") != 0))
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "--answer wants QUESTION=y or QUESTION=n, not '%.200s'", word);
	for (size_t i = 0; i < r->plan->edits.n; i++) {
		struct pm_edit *e = &r->plan->edits.v[i];
		PM_CLEAN_BUF struct pm_buf place = { 0 };

		pm_buf_addf(&place, "%s:%u", e->path, e->line);
		if (is_open(e) && ((e->group && strlen(e->group) == len &&
				    memcmp(e->group, word, len) == 0) ||
				   (place.n == len && memcmp(place.v, word, len) == 0)))
			answer(r, e, eq[1] == 'y' ? "y" : "n");
	}
	r->answered += pm_review_changes_answer(r->plan, (struct pm_str){ word, len },
						eq[1] == 'y' ? "y" : "n");
	if (r->answered > before)
		return 0;
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "nothing open in the plan is called '%.*s'",
		   (int)(len < 200 ? len : 200), word);
	return pm_err_hint(err, "a key of `portmig review --list PLAN.json`, or PATH:LINE");
}

/* ---- the reviewer ---- */

static void set_reviewer(struct pm_plan *p, const struct pm_ident *id)
{
	time_t t = (time_t)id->when;
	struct tm tm = { 0 };
	char at[64] = "";

	gmtime_r(&t, &tm);
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
	p->reviewer = pm_arena_printf(&p->arena, "%s <%s>", id->name, id->email);
	p->reviewed_at = pm_arena_strdup(&p->arena, at);
}

/* Who answers must be known before the first question. */
static int identify(const struct pm_ctx *ctx, struct pm_ident *id, struct pm_err *err)
{
	struct pm_repo *repo;
	int rc = pm_repo_of(&repo, ctx, err);

	if (rc == 0) {
		rc = pm_repo_ident(repo, ctx->env, true, id, err);
		pm_repo_free(repo);
	}
	return rc ? pm_err_wrap(err, "cannot say who reviews") : 0;
}

static int review(const struct pm_ctx *ctx, const char *path, const struct pm_opt_list *answers,
		  bool only_list, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	PM_CLEAN_PLAN struct pm_plan plan = { 0 };
	struct review r = { .ctx = ctx, .plan = &plan };
	struct pm_ident id;
	size_t open;
	int rc = pm_plan_load(&plan, path, err);

	if (rc == 0 && only_list)
		return list(&plan, err);
	if (rc == 0 && !count_open(&plan, NULL) && !pm_review_changes_open(&plan)) {
		pm_cmd_note(ctx, "nothing to decide: no open place in the plan");
		return 0;
	}
	if (rc == 0)
		rc = identify(ctx, &id, err);
	for (size_t i = 0; rc == 0 && i < answers->n; i++)
		rc = take_option(&r, answers->v[i], err);
	if (rc)
		return rc;
	if (!answers->n)
		ask_all(&r);
	open = count_open(&plan, NULL) + pm_review_changes_open(&plan);
	if (r.answered) {
		set_reviewer(&plan, &id);
		pm_plan_write(&plan, &text);
		rc = pm_out_file(path, &text, err);
	}
	if (rc == 0)
		pm_cmd_note(ctx, "%zu decided, %zu still open%s%s", r.answered, open,
			    r.answered ? "; saved in " : "", r.answered ? path : "");
	return rc;
}

int pm_cmd_review(const struct pm_ctx *ctx, int argc, char **argv, struct pm_err *err)
{
	struct pm_opt_list answers = { 0 };
	bool only_list = false;
	const struct pm_opt opts[] = {
		{ 0, "answer", PM_OPT_LIST, &answers, "QUESTION=y|n",
		  "answer without asking: a key of --list, or PATH:LINE;\n"
		  "may be repeated" },
		{ 0, "list", PM_OPT_FLAG, &only_list, NULL,
		  "print the open questions with their keys, and stop" },
		{ 0 }
	};
	const struct pm_opt_spec spec = {
		"review", "[options] PLAN.json",
		"Decide about the places that a plan holds for review, question by question. For each\n"
		"place: where it is, what would change, and why it is in doubt; one answer may settle\n"
		"all that raise the same question. The answers, your name and the time are written into\n"
		"the plan. Ending the input stops and saves. `plan --answers` keeps them for a new plan.",
		opts, false
	};
	int n, rc = pm_opt_parse(&spec, argc, argv, &n, err);

	if (!rc)
		rc = pm_opt_operands(&spec, n, argv, 1, 1, err);
	if (!rc)
		rc = review(ctx, argv[0], &answers, only_list, err);
	else if (rc == PM_OPT_HELPED)
		rc = 0;
	PM_VEC_FREE(&answers);
	return rc;
}
