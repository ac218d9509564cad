/* fuzz_commit.c - bytes of commits and trees, and what a message of ours states. */
#include "fuzz.h"
#include "objects.h"
#include "stated.h"

#include <git2.h>

static void commit(struct pm_str s)
{
	struct pm_commit_text c;
	struct pm_oid parent;

	if (!pm_commit_parse(&c, s))
		return;
	for (size_t i = 0; i < c.n_parents; i++)
		pm_commit_parent(&parent, s, &c, i);
	FUZZ_CHECK(c.message.n <= s.n && c.author.name.n <= s.n && c.committer.mail.n <= s.n);
}

static void tree(struct pm_str s)
{
	struct pm_tree_entry e;
	size_t at = 0, last = 0;

	for (; pm_tree_next(s, &at, &e); last = at) {
		FUZZ_CHECK(at > last && at <= s.n && e.name.n);
		FUZZ_CHECK((const char *)e.id + PM_OID_RAW <= s.p + s.n);
	}
}

/* A move that was read is written so that it reads the same. */
static void same_again(struct pm_arena *a, const struct pm_stated_move *m)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_stated again = { 0 };
	struct pm_err err = { 0 };

	pm_buf_addf(&b, "x\n\nPortmig-Plan: 1\nPortmig-Base: %040d\nPortmig-Moves: ", 0);
	pm_stated_add_move(&b, m->service, m->from, m->to);
	pm_buf_addc(&b, '\n');
	FUZZ_CHECK(pm_stated_read(&again, a, pm_buf_str(&b), &err) == 0 && again.moves.n == 1);
	FUZZ_CHECK(strcmp(again.moves.v[0].service, m->service) == 0);
	FUZZ_CHECK(again.moves.v[0].from == m->from && again.moves.v[0].to == m->to);
	pm_stated_release(&again);
}

static void stated(const char *message)
{
	struct pm_arena a = { 0 };
	struct pm_stated out = { 0 };
	struct pm_err err = { 0 };
	int rc = pm_stated_read(&out, &a, message, &err);

	FUZZ_CHECK(rc == 0 || rc == PM_E_NOTFOUND || rc == PM_E_PARSE);
	for (size_t i = 0; rc == 0 && i < out.moves.n; i++) {
		FUZZ_CHECK(out.moves.v[i].from && out.moves.v[i].from <= 65535);
		FUZZ_CHECK(out.moves.v[i].to && out.moves.v[i].to <= 65535);
		same_again(&a, &out.moves.v[i]);
	}
	if (rc == 0)
		pm_stated_release(&out);
	pm_arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct pm_str s = fuzz_str(data, n);
	struct pm_arena a = { 0 };
	static int started;

	started = started ? started : git_libgit2_init(); /* reads trailers */
	FUZZ_CHECK(started > 0);
	commit(s);
	tree(s);
	stated(pm_arena_strndup(&a, s.p, s.n));
	pm_arena_release(&a);
	return 0;
}
