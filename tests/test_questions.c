/* test_questions.c - what held places ask, in words; and answers that outlive a plan. */
#include "cases.h"

#include "questions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a key in words ---- */

static const struct words {
	const char *name, *key;
	unsigned n, to;
	const char *want;
} words[] = {
	{ "words unnamed", "shop-api:4000:unnamed:docs", 17, 4100,
	  "17 places in docs/ name no service: are they shop-api's 4000?" },
	{ "words of one", "shop-api:4000:unnamed:docs", 1, 4100,
	  "1 place in docs/ names no service: is it shop-api's 4000?" },
	{ "words at the root", "shop-api:4000:weak:.", 2, 4100,
	  "2 places at the root only hint at shop-api: are they shop-api's 4000?" },
	{ "words two services", "shop-api:4000:or:apps/admin:ledger", 3, 4100,
	  "3 places in apps/admin/ point to both shop-api and ledger: are they shop-api's 4000?" },
	{ "words another service", "shop-api:4000:but:apps/admin:ledger", 3, 4100,
	  "3 places in apps/admin/ point to ledger, yet 4000 may be shop-api's there: "
	  "are they shop-api's 4000?" },
	{ "words shared", "shop-api:4000:shared:docs", 1, 4100,
	  "1 place in docs/ says little, and most uses of 4000 are others': "
	  "is it shop-api's 4000?" },
	{ "words left behind", "shop-api:4000:left:apps/admin", 2, 4100,
	  "2 places in apps/admin/ are shop-api's at 4000, a port it was not said to use: "
	  "do they move to 4100, too?" },
	{ "words without a target", "shop-api:4000:left:apps/admin", 1, 0,
	  "1 place in apps/admin/ is shop-api's at 4000, a port it was not said to use: "
	  "where to?" },
	{ "words of a verdict", "shop-api:4000:one+end+of+a+range:docs", 2, 4100,
	  "2 places in docs/: one end of a range: are they shop-api's 4000?" },
	{ "words escaped", "shop%3Aapi:4000:or:a%2Bb:x+y%25", 2, 4100,
	  "2 places in a+b/ point to both shop:api and x y%: are they shop:api's 4000?" },
	{ "words bad escape", "shop%zz:4000:unnamed:docs%4", 2, 4100,
	  "2 places in docs%4/ name no service: are they shop%zz's 4000?" },
	{ "words of a foreign key", "which side?", 2, 4100, "2 places: which side?" },
	{ "words without a key", NULL, 1, 4100, "1 place: does it change?" },
};

static void in_words(void **state)
{
	const struct words *w = &words[(uintptr_t)*state];
	PM_CLEAN_BUF struct pm_buf got = { 0 };
	struct pm_plan p = { 0 };
	struct pm_question q = { .key = w->key };
	struct pm_edit *e = PM_VEC_ADD(&p.edits);

	e->new_port = w->to;
	pm_question_text(&got, &p, &q, w->n);
	assert_string_equal(pm_buf_str(&got), w->want);
	pm_plan_release(&p);
}

/* ---- keys ---- */

static const struct key {
	const char *name, *path, *service, *asks, *rival;
	unsigned from;
	int mine[PM_BY_COUNT], theirs[PM_BY_COUNT];
	const char *want;
} keys[] = {
	{ "key unnamed", "docs/a/b.md", "shop-api", PM_ASK_LITTLE, NULL, 4000,
	  { [PM_BY_DIR] = 40 }, { 0 }, "shop-api:4000:unnamed:docs" },
	{ "key weak", "README.md", "shop-api", PM_ASK_LITTLE, NULL, 4000,
	  { [PM_BY_NEAR] = 30 }, { 0 }, "shop-api:4000:weak:." },
	{ "key two", "README.md", "shop-api", PM_ASK_TWO, "ledger", 4000,
	  { [PM_BY_WORDS] = 35 }, { [PM_BY_WORDS] = 35 }, "shop-api:4000:or:.:ledger" },
	{ "key another", "README.md", "shop-api", PM_ASK_TWO, "ledger", 4000,
	  { [PM_BY_NUMBER] = 52 }, { [PM_BY_IDENT] = 60 }, "shop-api:4000:but:.:ledger" },
	{ "key shared", "a/b", "shop-api", PM_ASK_TWO, "another service", 4000,
	  { [PM_BY_NEAR] = 35 }, { [PM_BY_NUMBER] = 35 }, "shop-api:4000:shared:a" },
	{ "key left", "a/b", "shop-api", PM_ASK_LEFT, NULL, 3999,
	  { [PM_BY_HOST] = 100 }, { 0 }, "shop-api:4000:left:a" },
	{ "key of a new verdict", "a/b", "shop-api", "is it a date?", NULL, 4000,
	  { [PM_BY_HOST] = 100 }, { 0 }, "shop-api:4000:is+it+a+date%3F:a" },
	{ "key escaped", "a b=%/\xc3\xa9:\xff", "x:y", PM_ASK_TWO, "caf\xc3\xa9 $1", 4000,
	  { [PM_BY_WORDS] = 35 }, { [PM_BY_WORDS] = 35 },
	  "x%3Ay:4000:or:a+b%3D%25:caf\xc3\xa9+%241" },
};

static void add_party(struct pm_claim *c, const char *name, int target, const int *weight)
{
	for (unsigned i = 0; i < PM_BY_COUNT; i++)
		if (weight[i])
			pm_claim_add(c, name, target, (enum pm_level)i, weight[i], "why");
}

static void make_key(void **state)
{
	const struct key *k = &keys[(uintptr_t)*state];
	struct pm_verdict v = { PM_REVIEW, 0, 40, NULL, k->asks };
	struct pm_claim claim = { 0 };
	struct pm_plan p = { 0 };
	struct pm_edit e = { .path = k->path, .service = k->service, .old_port = 4000 };

	PM_VEC_ADD(&p.moves)->from = k->from;
	add_party(&claim, k->service, 0, k->mine);
	if (k->rival)
		add_party(&claim, k->rival, -1, k->theirs);
	assert_string_equal(pm_question_key(&p.arena, &p, &e, NULL, &claim, &v), k->want);
	pm_plan_release(&p);
}

/* ---- answers ---- */

/* "FINGERPRINT excerpt answer" of each place of the old plan; the new one; the answers wanted there,
 * '-' for none. Places are in one file, a. */
struct spot { const char *print, *excerpt, *answer; };
static const struct carry {
	const char *name;
	struct spot old[4], new[4];
	const char *want;
} carries[] = {
	{ "answer by key path", { { "r|a|s|1|k", "x: 1", "y" } }, { { "r|a|s|1|k", "x:  1", 0 } },
	  "y" },
	{ "no answer of another key", { { "r|a|s|1|k", "x: 1", "y" } },
	  { { "r|a|s|1|l", "x: 1", 0 } }, "-" },
	{ "no answer to give", { { "r|a|s|1|k", "x: 1", 0 } }, { { "r|a|s|1|k", "x: 1", 0 } },
	  "-" },
	{ "answer by line without key path", { { "r|a|s|1|", "see 1", "n" } },
	  { { "r|a|s|1|", "see 1", 0 } }, "n" },
	{ "no answer for another line without key path", { { "r|a|s|1|", "see 1", "y" } },
	  { { "r|a|s|1|", "use 1", 0 } }, "-" },
	{ "namesakes by line", { { "r|a|s|1|k", "p 1", "y" }, { "r|a|s|1|k|2", "q 1", "n" } },
	  { { "r|a|s|1|k", "q 1", 0 }, { "r|a|s|1|k|2", "new 1", 0 },
	    { "r|a|s|1|k|3", "p 1", 0 } }, "n-y" },
	{ "namesakes that disagree", { { "r|a|s|1|k", "p 1", "y" }, { "r|a|s|1|k|2", "p 1", "n" } },
	  { { "r|a|s|1|k", "p 1", 0 } }, "-" },
	{ "namesakes, one open", { { "r|a|s|1|k", "p 1", "y" }, { "r|a|s|1|k|2", "p 1", 0 } },
	  { { "r|a|s|1|k", "p 1", 0 } }, "-" },
	{ "an answer that is there stays", { { "r|a|s|1|k", "p 1", "y" } },
	  { { "r|a|s|1|k", "p 1", "n" } }, "n" },
	{ "no fingerprint", { { NULL, "p 1", "y" } }, { { NULL, "p 1", 0 } }, "" },
};

static void fill(struct pm_plan *p, const struct spot *v)
{
	for (size_t i = 0; i < 4 && v[i].excerpt; i++) {
		struct pm_edit *e = PM_VEC_ADD(&p->edits);

		*e = (struct pm_edit){ .path = "a", .rule = "r", .fingerprint = v[i].print,
				       .excerpt = v[i].excerpt, .answer = v[i].answer,
				       .new_port = 2, .disposition = PM_REVIEW };
	}
}

static void carry(void **state)
{
	const struct carry *c = &carries[(uintptr_t)*state];
	struct pm_plan old = { 0 }, new = { 0 };
	char got[8] = "";
	size_t taken, n = 0;

	fill(&old, c->old);
	fill(&new, c->new);
	old.reviewer = "R <r@example.org>";
	taken = pm_answers_carry(&new, &old);
	for (size_t i = 0; i < new.edits.n && *c->want; i++) {
		got[i] = new.edits.v[i].answer ? *new.edits.v[i].answer : '-';
		n += got[i] != '-' && !c->new[i].answer;
	}
	assert_string_equal(got, c->want);
	assert_int_equal(taken, n);
	assert_true((new.reviewer != NULL) == (taken > 0));
	pm_plan_release(&old);
	pm_plan_release(&new);
}

/* Without a move there is nothing to say yes to. */
static void carry_needs_a_move(void **state)
{
	static const struct spot place[4] = { { "r|a|s|1|k", "x", "y" } };
	static const struct spot same[4] = { { "r|a|s|1|k", "x", NULL } };
	struct pm_plan old = { 0 }, new = { 0 };

	(void)state;
	fill(&old, place);
	fill(&new, same);
	new.edits.v[0].move = -1;
	assert_int_equal(pm_answers_carry(&new, &old), 0);
	old.edits.v[0].answer = "n";
	assert_int_equal(pm_answers_carry(&new, &old), 1);
	pm_plan_release(&old);
	pm_plan_release(&new);
}

/* Most places first; places without a key stand alone; settled places do not ask. */
static void listed(void **state)
{
	static const char *const groups[] = { "b", "a", NULL, "a", NULL, "c" };
	struct pm_plan p = { 0 };
	struct pm_questions q;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct pm_edit *e = PM_VEC_ADD(&p.edits);

		e->group = groups[i];
		e->disposition = i == 5 ? PM_KEEP : PM_REVIEW;
		e->answer = i == 3 ? "y" : NULL;
	}
	pm_questions_list(&q, &p);
	assert_int_equal(q.n, 4);
	assert_string_equal(q.v[0].key, "a");
	assert_int_equal(q.v[0].n, 2);
	assert_int_equal(q.v[0].n_open, 1);
	assert_string_equal(q.v[1].key, "b");
	assert_null(q.v[2].key);
	assert_int_equal(q.v[3].first, 4);
	assert_true(pm_question_has(&p, &q.v[0], &p.edits.v[3]));
	assert_false(pm_question_has(&p, &q.v[2], &p.edits.v[4]));
	PM_VEC_FREE(&q);
	pm_plan_release(&p);
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		pm_cases_add(&c, words[i].name, in_words, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		pm_cases_add(&c, keys[i].name, make_key, (void *)(uintptr_t)i);
	for (size_t i = 0; i < sizeof(carries) / sizeof(carries[0]); i++)
		pm_cases_add(&c, carries[i].name, carry, (void *)(uintptr_t)i);
	pm_cases_add(&c, "answer needs a move", carry_needs_a_move, NULL);
	pm_cases_add(&c, "questions listed", listed, NULL);
	return pm_cases_run(&c, "questions");
}
