/*
 * test_objects.c - the object layer against the git program: every object of a repository in many
 * shapes, damaged packs, differences of trees, commits and their order.
 */
#include "cases.h"
#include "objects.h"
#include "repo.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a repository with some history ---- */

static uint32_t noise_state;

static uint32_t noise(uint32_t below)
{
	noise_state = noise_state * 1664525u + 1013904223u;
	return (noise_state >> 8) % below;
}

enum { FILES = 12, LINES = 120, COMMITS = 60 };
static unsigned content[FILES][LINES];

static void put_line(struct pm_buf *b, unsigned file, unsigned line)
{
	pm_buf_addf(b, "orchard %u row %u holds %u trees\n", file, line, content[file][line]);
}

static void put_commit(FILE *f, unsigned i, unsigned mark, unsigned from, unsigned merge)
{
	fprintf(f, "commit refs/heads/work%u\nmark :%u\n", i % 3, mark);
	fprintf(f, "author A. Thor <a@example.org> %u +0130\n", 1700000000 + i * 50);
	/* dates that go back now and then, and equal ones */
	fprintf(f, "committer C. Mitter <c@example.org> %u -0500\n",
		1700000000 + i / 2 * 100 - (i % 7 == 3 ? 5000 : 0));
	fprintf(f, "data 9\ncommit %02u\n", i);
	if (from)
		fprintf(f, "from :%u\n", from);
	if (merge)
		fprintf(f, "merge :%u\n", merge);
}

static void put_files(FILE *f, unsigned i)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };

	for (unsigned n = 0; n < 3; n++) {
		unsigned file = noise(FILES);

		for (unsigned k = 0; k < 4; k++)
			content[file][noise(LINES)] = noise(60000);
		pm_buf_clear(&text);
		for (unsigned line = 0; line < LINES; line++)
			put_line(&text, file, line);
		fprintf(f, "M 100644 inline row%u/%s/f%u\ndata %zu\n", file % 3,
			file % 2 ? "deep/er" : "flat", file, text.n);
		fwrite(text.v, 1, text.n, f);
		fputc('\n', f);
	}
	fprintf(f, "M 100644 inline empty%u\ndata 0\n\n", i % 5);
}

/* Three branches that grow, fork and merge; a tag of a tag; dates out of order. */
static void make_history(struct pm_test_repo *r)
{
	PM_CLEAN_BUF struct pm_buf command = { 0 };
	FILE *f;

	noise_state = 7;
	pm_buf_addf(&command, "cd '%s' && git -c fastimport.unpackLimit=0 fast-import --quiet",
		    r->dir);
	f = popen(command.v, "w");
	assert_non_null(f);
	for (unsigned i = 0; i < COMMITS; i++) {
		unsigned from = i < 3 ? i : i % 4 == 1 ? i - 1 : i - 2;
		unsigned merge = i > 6 && i % 5 == 0 ? i - 4 : 0;

		put_commit(f, i, i + 1, from, merge);
		put_files(f, i);
	}
	fprintf(f, "reset refs/heads/main\nfrom :%u\n", COMMITS);
	fprintf(f, "tag v1\nfrom :%u\ntagger T <t@example.org> 1700009000 +0000\ndata 1\nx\n",
		COMMITS - 5);
	fprintf(f, "done\n");
	assert_int_equal(pclose(f), 0);
	assert_int_equal(pm_test_git(r, NULL, "-c user.name=x -c user.email=x tag -a -m y v2 v1"), 0);
}

/* ---- what git says ---- */

struct truth {
	struct pm_buf text;
	struct { struct want { struct pm_oid id; enum pm_object_type type; struct pm_str bytes; } *v;
		 size_t n, cap; } all;
};

static enum pm_object_type type_of(const char *name)
{
	for (int t = PM_OBJECT_COMMIT; t <= PM_OBJECT_TAG; t++)
		if (strcmp(pm_object_type_name((enum pm_object_type)t), name) == 0)
			return (enum pm_object_type)t;
	fail_msg("type %s", name);
	return PM_OBJECT_NONE;
}

/* Every object, of `git cat-file --batch`: "<id> <type> <size>\n<bytes>\n". */
static void truth_read(struct truth *t, const struct pm_test_repo *r)
{
	const char *p;

	memset(t, 0, sizeof(*t));
	assert_int_equal(pm_test_git(r, &t->text, "cat-file --batch-all-objects --batch"), 0);
	for (p = t->text.v; p < t->text.v + t->text.n;) {
		struct want *w = PM_VEC_ADD(&t->all);
		char hex[PM_OID_HEX] = "", type[16] = "";
		int at = 0;

		assert_int_equal(sscanf(p, "%40s %15s %zu%n", hex, type, &w->bytes.n, &at), 3);
		assert_true(pm_oid_parse(&w->id, hex));
		w->type = type_of(type);
		w->bytes.p = p + at + 1;
		p = w->bytes.p + w->bytes.n + 1;
	}
	assert_true(t->all.n > 0);
}

static void truth_release(struct truth *t)
{
	pm_buf_release(&t->text);
	PM_VEC_FREE(&t->all);
}

/* ---- reading ---- */

static void assert_same(const struct want *w, enum pm_object_type type, struct pm_str bytes)
{
	assert_int_equal(type, w->type);
	assert_int_equal(bytes.n, w->bytes.n);
	assert_memory_equal(bytes.p, w->bytes.p, w->bytes.n);
	assert_int_equal(bytes.p[bytes.n], 0);
}

static void read_each(const struct truth *t, struct pm_objects *o)
{
	struct pm_objreader *rd = pm_objreader_open(o, 0);
	struct pm_oid none = { { 1, 2, 3 } };
	enum pm_object_type type;
	struct pm_str bytes;
	uint64_t size;

	for (size_t i = 0; i < t->all.n; i++) {
		/* in an order that is not that of the ids, so that deltas come before bases */
		const struct want *w = &t->all.v[i * 7919 % t->all.n];

		assert_int_equal(pm_objreader_size(rd, &w->id, &type, &size, NULL), 0);
		assert_int_equal(type, w->type);
		assert_int_equal(size, w->bytes.n);
		assert_int_equal(pm_objreader_get(rd, &w->id, &type, &bytes, NULL), 0);
		assert_same(w, type, bytes);
	}
	assert_int_equal(pm_objreader_get(rd, &none, &type, &bytes, NULL), PM_E_NOTFOUND);
	assert_int_equal(pm_objreader_size(rd, &none, &type, &size, NULL), PM_E_NOTFOUND);
	pm_objreader_free(rd);
}

/* A visit of every `step`-th object, one that is not there, and one a second time. */
struct visiting {
	const struct truth *t;
	size_t step, n;
	uint64_t max;
	unsigned *calls;
	pthread_mutex_t lock;
};

static int seen(void *data, const struct pm_visited *v)
{
	struct visiting *s = data;
	const struct want *w = &s->t->all.v[v->index == s->n + 1 ? 0 : v->index * s->step];

	pthread_mutex_lock(&s->lock);
	s->calls[v->index]++;
	pthread_mutex_unlock(&s->lock);
	if (v->index == s->n)
		return v->rc == PM_E_NOTFOUND && v->err ? 0 : 17;
	if (v->type != w->type || v->size != w->bytes.n)
		return 18;
	if (w->bytes.n > s->max)
		return v->rc == PM_E_LIMIT ? 0 : 19;
	if (v->rc || v->bytes.n != w->bytes.n || v->bytes.p[v->bytes.n] ||
	    memcmp(v->bytes.p, w->bytes.p, w->bytes.n) != 0)
		return 20;
	return 0;
}

static void visit_all(const struct truth *t, struct pm_objects *o, unsigned jobs, size_t step,
		      uint64_t max)
{
	struct visiting s = { .t = t, .step = step, .n = (t->all.n + step - 1) / step, .max = max };
	struct pm_oid *ids = pm_xcalloc(s.n + 2, sizeof(*ids));

	s.calls = pm_xcalloc(s.n + 2, sizeof(*s.calls));
	pthread_mutex_init(&s.lock, NULL);
	for (size_t i = 0; i < s.n; i++)
		ids[i] = t->all.v[i * step].id;
	ids[s.n] = (struct pm_oid){ { 9, 9, 9 } };
	ids[s.n + 1] = t->all.v[0].id;
	assert_int_equal(pm_objects_visit(o, ids, s.n + 2, jobs, max, seen, &s), 0);
	for (size_t i = 0; i < s.n + 2; i++)
		assert_int_equal(s.calls[i], 1);
	pthread_mutex_destroy(&s.lock);
	free(s.calls);
	free(ids);
}

/* How the history may be stored; `setup` runs in the bare repository. */
static const struct shape {
	const char *name, *setup;
} shapes[] = {
	{ "one pack of fast-import", ":" },
	{ "loose", "mkdir ../x.$$ && mv objects/pack/* ../x.$$ && "
		   "cat ../x.$$/*.pack | git unpack-objects -q && rm -rf ../x.$$" },
	{ "offset deltas", "git repack -adfq --depth=50 --window=50" },
	{ "id deltas", "git -c repack.useDeltaBaseOffset=false repack -adfq --depth=50" },
	{ "no deltas", "git repack -adfq --window=0" },
	{ "offsets of 64 bits", "git repack -adfq && cd objects/pack && chmod +w *.idx && "
				"git index-pack --index-version=2,0x40 -o new.idx *.pack && "
				"mv new.idx pack-*.idx" },
	{ "an index of version 1", "git repack -adfq && cd objects/pack && chmod +w *.idx && "
				   "git index-pack --index-version=1 -o new.idx *.pack && "
				   "mv new.idx pack-*.idx" },
	{ "several packs",
	  "mkdir ../x.$$ && git rev-list --objects work0~4 | git pack-objects -q ../x.$$/pack && "
	  "git rev-list --objects main --not work0~4 | git pack-objects -q ../x.$$/pack && "
	  "git repack -adq && mv ../x.$$/* objects/pack && rmdir ../x.$$" },
	{ "a thin pack made whole",
	  "printf 'work1\\n^work1~6\\n' | git pack-objects -q --thin --revs --stdout >../x.$$ && "
	  "git index-pack --stdin --fix-thin <../x.$$ && rm ../x.$$" },
	{ "multi-pack-index",
	  "mkdir ../x.$$ && git rev-list --objects work0~4 | git pack-objects -q ../x.$$/pack && "
	  "mv ../x.$$/* objects/pack && rmdir ../x.$$ && git multi-pack-index write" },
	{ "packed and loose", "git repack -adq && git hash-object -w --stdin </etc/passwd && "
			      "git -c user.name=x -c user.email=x commit-tree -m z main^{tree}" },
	{ "alternates", "mkdir ../x.$$ && mv objects/* ../x.$$ && mkdir -p objects/info && "
			"cd .. && mv x.$$ alt.${OLDPWD##*/} && cd - && "
			"echo \"$PWD/../alt.${PWD##*/}\" >objects/info/alternates" },
	{ "after gc", "git gc -q" },
	{ "commit-graph", "git commit-graph write --reachable" },
	{ "commit-graph without corrected dates",
	  "git -c commitGraph.generationVersion=1 commit-graph write --reachable" },
	{ "commit-graph with changed paths",
	  "git commit-graph write --reachable --changed-paths" },
	{ "split commit-graph",
	  "git rev-parse main~8 | git commit-graph write --stdin-commits --split=no-merge && "
	  "git rev-parse main~4 | git commit-graph write --stdin-commits --split=no-merge && "
	  "git commit-graph write --reachable --split=no-merge" },
};

static void shape_open(struct pm_test_repo *r, const struct shape *shape)
{
	pm_test_repo_init(r);
	make_history(r);
	assert_int_equal(pm_test_run(NULL, "cd '%s' && { %s; }", r->dir, shape->setup), 0);
}

static void shape_close(struct pm_test_repo *r)
{
	pm_test_run(NULL, "rm -rf /tmp/alt.%s", r->dir + strlen("/tmp/"));
	pm_test_repo_done(r);
}

static void every_object(void **state)
{
	struct pm_test_repo r;
	struct pm_repo *repo;
	struct truth t;

	shape_open(&r, *state);
	truth_read(&t, &r);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	read_each(&t, pm_repo_objects(repo));
	visit_all(&t, pm_repo_objects(repo), 1, 1, UINT64_MAX);
	visit_all(&t, pm_repo_objects(repo), 3, 1, UINT64_MAX);
	visit_all(&t, pm_repo_objects(repo), 2, 5, 300);
	visit_all(&t, pm_repo_objects(repo), 1, 11, 0);
	pm_repo_free(repo);
	truth_release(&t);
	shape_close(&r);
}

static void objects_named_by_the_caller(void **state)
{
	struct pm_test_repo r, other;
	struct pm_repo *repo;
	struct truth t;
	char dir[256];

	(void)state;
	pm_test_repo_init(&r);
	make_history(&r);
	truth_read(&t, &r);
	pm_test_repo_init(&other);
	snprintf(dir, sizeof(dir), "%s/objects", r.dir);
	assert_int_equal(pm_repo_open(&repo, other.dir, NULL), 0);
	assert_int_equal(pm_repo_add_objects(repo, dir, NULL), 0);
	read_each(&t, pm_repo_objects(repo));
	pm_repo_free(repo);
	truth_release(&t);
	pm_test_repo_done(&other);
	pm_test_repo_done(&r);
}

static int stop_at_once(void *data, const struct pm_visited *v)
{
	(void)v;
	++*(unsigned *)data;
	return 42;
}

static void a_visit_can_be_ended(void **state)
{
	struct pm_test_repo r;
	struct pm_repo *repo;
	struct truth t;
	unsigned calls = 0;

	shape_open(&r, *state);
	truth_read(&t, &r);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	assert_int_equal(pm_objects_visit(pm_repo_objects(repo), NULL, 0, 4, 1, stop_at_once,
					  &calls), 0);
	assert_int_equal(pm_objects_visit(pm_repo_objects(repo), &t.all.v[0].id, 1, 4, UINT64_MAX,
					  stop_at_once, &calls), 42);
	assert_int_equal(calls, 1);
	pm_repo_free(repo);
	truth_release(&t);
	shape_close(&r);
}

/* ---- commits ---- */

static void list_text(struct pm_buf *out, struct pm_objects *o,
		      const struct pm_commits_options *opt)
{
	struct pm_commits list = { 0 };
	struct pm_err err = { 0 };
	char hex[PM_OID_HEX];
	int rc = pm_commits_list(&list, o, opt, &err);

	if (rc < 0)
		pm_buf_addf(out, "%d %s\n", rc, err.text);
	for (size_t i = 0; i < list.n; i++) {
		const struct pm_commit *c = &list.v[i];

		pm_oid_hex(hex, &c->tree);
		pm_buf_addf(out, "%lld %s ", (long long)c->when, hex);
		pm_oid_hex(hex, &c->id);
		pm_buf_adds(out, hex);
		for (uint32_t k = 0; k < c->n_parents; k++) {
			const struct pm_parent *p = &list.parents.v[c->first + k];

			pm_oid_hex(hex, &p->id);
			pm_buf_addf(out, " %s", hex);
			if (p->at != PM_COMMIT_NONE) {
				assert_true(p->at > i && p->at < list.n);
				assert_true(pm_oid_eq(&list.v[p->at].id, &p->id));
			}
		}
		if (c->flags)
			pm_buf_addf(out, " flags=%u", c->flags);
		pm_buf_addc(out, '\n');
	}
	pm_commits_release(&list);
}

/* Ids of revisions in a text, up to the end of it. */
static size_t ids_of(const struct pm_test_repo *r, const char *revs, struct pm_oid *out)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	size_t n = 0;

	if (!*revs)
		return 0;
	assert_int_equal(pm_test_git(r, &text, "rev-parse %s", revs), 0);
	for (const char *p = text.v; *p; p += PM_OID_HEX) {
		char hex[PM_OID_HEX];

		memcpy(hex, p, PM_OID_HEX - 1);
		hex[PM_OID_HEX - 1] = '\0';
		assert_true(pm_oid_parse(&out[n++], hex));
	}
	return n;
}

static const struct { const char *tips, *hide, *git; bool first; } lists[] = {
	{ "main", "", "main", false },
	{ "main", "", "--first-parent main", true },
	{ "work0 work1 work2", "", "work0 work1 work2", false },
	{ "work2 main work0 main", "", "work2 main work0 main", false },
	{ "main", "main~5", "main ^main~5", false },
	{ "main work1", "work0 work2~3", "main work1 ^work0 ^work2~3", false },
	{ "main", "work1~2", "--first-parent main ^work1~2", true },
	{ "main", "main", "main ^main", false },
	{ "main~9", "main", "main~9 ^main", false },
};

static void commits_in_order(void **state)
{
	struct pm_test_repo r;
	struct pm_repo *repo;

	shape_open(&r, *state);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	for (size_t i = 0; i < 2 * (sizeof(lists) / sizeof(*lists)); i++) {
		PM_CLEAN_BUF struct pm_buf want = { 0 };
		PM_CLEAN_BUF struct pm_buf got = { 0 };
		struct pm_commits_options opt = { .first_parent = lists[i / 2].first, .plain = i % 2 };
		struct pm_oid tips[8], hide[8];

		opt.tips = tips;
		opt.hide = hide;
		opt.n_tips = ids_of(&r, lists[i / 2].tips, tips);
		opt.n_hide = ids_of(&r, lists[i / 2].hide, hide);
		pm_test_git(&r, &want, "log --date-order --format='%%ct %%T %%H %%P' %s | "
			    "sed 's/ *$//'", lists[i / 2].git);
		list_text(&got, pm_repo_objects(repo), &opt);
		assert_string_equal(pm_buf_str(&got), pm_buf_str(&want));
	}
	pm_repo_free(repo);
	shape_close(&r);
}

static void shallow_and_lost_parents(void **state)
{
	struct pm_test_repo r, clone;
	struct pm_repo *repo;
	struct pm_oid tip, gone;
	struct pm_commits_options opt = { .tips = &tip, .n_tips = 1 };
	struct pm_commits list = { 0 };
	char hex[PM_OID_HEX];

	(void)state;
	pm_test_repo_init(&r);
	make_history(&r);
	pm_test_repo_init(&clone);
	assert_int_equal(pm_test_git(&clone, NULL,
				     "-c fetch.unpackLimit=1 fetch -q --depth=3 file://%s main:main", r.dir), 0);
	assert_int_equal(ids_of(&clone, "main", &tip), 1);
	assert_int_equal(pm_repo_open(&repo, clone.dir, NULL), 0);
	assert_int_equal(pm_commits_list(&list, pm_repo_objects(repo), &opt, NULL), 0);
	assert_true(list.n >= 3);
	assert_true(list.v[list.n - 1].flags & PM_COMMIT_SHALLOW);
	assert_true(list.v[list.n - 1].n_parents > 0);
	assert_int_equal(list.parents.v[list.v[list.n - 1].first].at, PM_COMMIT_NONE);
	assert_int_equal(list.v[0].flags, 0);
	pm_commits_release(&list);
	pm_repo_free(repo);

	/* a commit that is gone without being noted in `shallow` */
	assert_int_equal(pm_test_run(NULL, "cd %s && mkdir x && mv objects/pack/* x && "
				     "cat x/*.pack | git unpack-objects -q", clone.dir), 0);
	assert_int_equal(ids_of(&clone, "main~1", &gone), 1);
	pm_oid_hex(hex, &gone);
	assert_int_equal(pm_test_run(NULL, "rm %s/objects/%.2s/%s", clone.dir, hex, hex + 2), 0);
	assert_int_equal(pm_repo_open(&repo, clone.dir, NULL), 0);
	assert_int_equal(pm_commits_list(&list, pm_repo_objects(repo), &opt, NULL), 0);
	assert_true(pm_oid_eq(&list.v[0].id, &tip));
	assert_true(list.v[0].flags & PM_COMMIT_LOST);
	pm_commits_release(&list);
	opt.tips = &gone;
	assert_int_equal(pm_commits_list(&list, pm_repo_objects(repo), &opt, NULL), PM_E_NOTFOUND);
	pm_repo_free(repo);
	pm_test_repo_done(&clone);
	pm_test_repo_done(&r);
}

/* A commit-graph written before history was cut off still has the parents; `shallow` decides. */
static void shallow_beats_commit_graph(void **state)
{
	PM_CLEAN_BUF struct pm_buf count = { 0 };
	struct pm_test_repo r;
	struct pm_repo *repo;
	struct pm_oid tip;
	struct pm_commits_options opt = { .tips = &tip, .n_tips = 1 };
	struct pm_commits list = { 0 };

	(void)state;
	pm_test_repo_init(&r);
	make_history(&r);
	assert_int_equal(pm_test_git(&r, NULL, "repack -adq && git commit-graph write --reachable && "
				     "git rev-parse main~2 >shallow"), 0);
	assert_int_equal(pm_test_git(&r, &count, "rev-list --count main"), 0);
	assert_int_equal(ids_of(&r, "main", &tip), 1);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	assert_int_equal(pm_commits_list(&list, pm_repo_objects(repo), &opt, NULL), 0);
	assert_int_equal(list.n, atoi(pm_buf_str(&count)));
	assert_true(list.v[list.n - 1].flags & PM_COMMIT_SHALLOW);
	pm_commits_release(&list);
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

static void tips_of_all_refs(void **state)
{
	struct pm_test_repo r;
	struct pm_repo *repo;
	struct pm_arena arena = { 0 };
	struct pm_tips tips = { 0 };
	PM_CLEAN_BUF struct pm_buf got = { 0 };
	PM_CLEAN_BUF struct pm_buf want = { 0 };
	char hex[PM_OID_HEX];

	(void)state;
	pm_test_repo_init(&r);
	make_history(&r);
	assert_int_equal(pm_test_git(&r, NULL, "tag tree main^{tree} && git tag blob main:empty1 && "
				     "git symbolic-ref refs/heads/sym refs/heads/work1 && "
				     "git symbolic-ref refs/heads/dangling refs/heads/none && "
				     "echo 1234567890123456789012345678901234567890 >refs/heads/bad"), 0);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	assert_int_equal(pm_repo_tips(repo, &arena, &tips, NULL), 0);
	for (size_t i = 0; i < tips.n; i++) {
		pm_oid_hex(hex, &tips.v[i].id);
		pm_buf_addf(&got, "%s %s%s\n", hex, tips.v[i].ref,
			    tips.v[i].rc == PM_E_NOTFOUND ? " lost" : tips.v[i].rc ? " ?" : "");
	}
	pm_test_git(&r, &want, "for-each-ref --format='%%(if)%%(*objectname)%%(then)x%%(end)"
		    "%%(objectname) %%(refname)' refs/none; for n in HEAD refs/heads/bad "
		    "refs/heads/main refs/heads/sym refs/heads/work0 refs/heads/work1 "
		    "refs/heads/work2 refs/tags/v1 refs/tags/v2; do "
		    "case $n in */bad) echo \"$(cat refs/heads/bad) $n lost\" ;; "
		    "*) echo \"$(git rev-parse $n^{commit}) $n\" ;; esac; done");
	assert_string_equal(got.v, want.v);
	pm_tips_release(&tips);
	pm_arena_release(&arena);
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

static const struct stamp_row {
	const char *name, *line, *want;
} stamps[] = {
	{ "empty", "", "||0|0|0" },
	{ "usual", "A. Thor <a@example.org> 1700000000 +0130", "A. Thor|a@example.org|1700000000|90|1" },
	{ "west", "A <a> 1 -0930", "A|a|1|-570|1" },
	{ "no name", " <a> 1 +0000", "|a|1|0|1" },
	{ "no mail", "A", "A||0|0|0" },
	{ "mail without end", "A <a", "A||0|0|0" },
	{ "no date", "A <a>", "A|a|0|0|0" },
	{ "no zone", "A <a> 12", "A|a|12|0|1" },
	{ "brackets in the name", "A <b <a>> 12 +0100", "A|b <a|12|60|1" },
	{ "before 1970", "A <a> -5 +0000", "A|a|-5|0|1" },
	{ "a date that is none", "A <a> 12x +0000", "A|a|0|0|0" },
	{ "far away", "A <a> 9999999999999999999999 +0000", "A|a|0|0|0" },
	{ "odd zone", "A <a> 12 +99999", "A|a|12|6039|1" },
};

static void stamp(void **state)
{
	const struct stamp_row *row = *state;
	PM_CLEAN_BUF struct pm_buf got = { 0 };
	struct pm_stamp s;

	pm_stamp_parse(&s, pm_str_of(row->line));
	pm_buf_addf(&got, "%.*s|%.*s|%lld|%d|%d", (int)s.name.n, s.name.p ? s.name.p : "",
		    (int)s.mail.n, s.mail.p ? s.mail.p : "", (long long)s.when, s.zone, s.dated);
	assert_string_equal(got.v, row->want);
}

#define HEX40 "1234567890123456789012345678901234567890"
static const struct commit_row {
	const char *name, *text;
	int parents; /* -1: malformed */
	const char *message;
} commits[] = {
	{ "empty", "", -1, "" },
	{ "no tree", "parent " HEX40 "\n\nx", -1, "" },
	{ "only a tree", "tree " HEX40 "\n", 0, "" },
	{ "tree without line end", "tree " HEX40, -1, "" },
	{ "two parents", "tree " HEX40 "\nparent " HEX40 "\nparent " HEX40 "\nauthor a <b> 1 +0000\n"
			 "committer c <d> 2 +0000\n\nhello\n", 2, "hello\n" },
	{ "parent cut off", "tree " HEX40 "\nparent 1234", -1, "" },
	{ "parent is no id", "tree " HEX40 "\nparent " "x234567890123456789012345678901234567890"
			     "\n\n", -1, "" },
	{ "signed", "tree " HEX40 "\nauthor a <b> 1 +0000\ngpgsig -----\n \n author x\n\nhi", 0, "hi" },
};

static void commit_text(void **state)
{
	const struct commit_row *row = *state;
	struct pm_commit_text c;
	struct pm_str text = pm_str_of(row->text);
	bool ok = pm_commit_parse(&c, text);

	assert_int_equal(ok, row->parents >= 0);
	if (ok) {
		struct pm_oid id;

		assert_int_equal(c.n_parents, row->parents);
		assert_int_equal(c.message.n, strlen(row->message));
		assert_memory_equal(c.message.p ? c.message.p : "", row->message, c.message.n);
		for (size_t i = 0; i < c.n_parents; i++)
			pm_commit_parent(&id, text, &c, i);
	}
	/* cut at every byte */
	for (size_t n = 0; n < text.n; n++) {
		char *part = malloc(n ? n : 1);

		memcpy(part, text.p, n);
		pm_commit_parse(&c, (struct pm_str){ part, n });
		free(part);
	}
}

/* ---- trees ---- */

static const struct tree_row {
	const char *name, *bytes;
	size_t len;
	int entries; /* -1: malformed */
} trees[] = {
#define ROW(name, bytes, n) { name, bytes, sizeof(bytes) - 1, n }
	ROW("no entry", "", 0),
	ROW("one", "100644 a\0" "12345678901234567890", 1),
	ROW("two", "100644 a\0" "12345678901234567890" "40000 b\0" "12345678901234567890", 2),
	ROW("id cut off", "100644 a\0" "1234567890123456789", -1),
	ROW("no NUL", "100644 a", -1),
	ROW("no name", "100644 \0" "12345678901234567890", -1),
	ROW("no mode", " a\0" "12345678901234567890", -1),
	ROW("not octal", "8 a\0" "12345678901234567890", -1),
	ROW("endless mode", "777777777777 a\0" "12345678901234567890", -1),
#undef ROW
};

static void tree_entries(void **state)
{
	const struct tree_row *row = *state;
	char *bytes = malloc(row->len ? row->len : 1);
	struct pm_tree_entry e;
	size_t at = 0;
	int n = 0;

	memcpy(bytes, row->bytes, row->len);
	while (pm_tree_next((struct pm_str){ bytes, row->len }, &at, &e))
		n++;
	assert_int_equal(at == row->len ? n : -1, row->entries);
	free(bytes);
}

static int add_change(void *data, const struct pm_tree_change *c)
{
	char old[PM_OID_HEX] = "0000000000000000000000000000000000000000", new[PM_OID_HEX];
	bool both = c->old_id && c->new_id;

	memcpy(new, old, sizeof(new));
	if (c->old_id)
		pm_oid_hex(old, c->old_id);
	if (c->new_id)
		pm_oid_hex(new, c->new_id);
	pm_buf_addf(data, ":%06o %06o %s %s %c\t%.*s\n", c->old_mode, c->new_mode, old, new,
		    both ? 'M' : c->new_id ? 'A' : 'D', (int)c->path.n, c->path.p);
	assert_int_equal(c->path.p[c->path.n], 0);
	return 0;
}

static const struct pm_test_file before_files[] = {
	{ "a", "1" }, { "a.b", "1" }, { "a/x", "1" }, { "d/e/f", "1" }, { "d/e/g", "1" }, { "d/h", "1" },
	{ "m/1", "1" }, { "same/deep/x", "1" }, { "z", "1" }, { NULL }
};
static const struct pm_test_file after_files[] = {
	{ "a.b", "1", 0, 0100755 }, { "a/x/y", "2" }, { "b", "1" }, { "d/e", "1" }, { "d/h", "2" },
	{ "m", "x", 0, 0120000 }, { "same/deep/x", "1" }, { "z/q", "1" }, { NULL }
};

/* Between all neighbours of a history, and trees made to be awkward, against git diff-tree. */
static void trees_compared(void **state)
{
	PM_CLEAN_BUF struct pm_buf want = { 0 };
	PM_CLEAN_BUF struct pm_buf got = { 0 };
	struct pm_test_repo r;
	struct pm_objreader *rd;
	struct pm_repo *repo;
	struct pm_oid ids[2 * COMMITS + 8];
	size_t n;

	(void)state;
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, before_files, NULL);
	pm_test_repo_commit(&r, after_files, NULL);
	pm_test_git(&r, NULL, "branch -m main awkward");
	make_history(&r);
	n = ids_of(&r, "$(git log --format=%T main) $(git log --format=%T awkward) "
		   "$(git log --format=%T --reverse awkward)", ids);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	rd = pm_objreader_open(pm_repo_objects(repo), 0);
	for (size_t i = 0; i <= n; i++) {
		static const char none[] = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
		struct pm_tree_diff d = { .data = &got, .change = add_change };
		char a[PM_OID_HEX], b[PM_OID_HEX];

		d.a = i ? &ids[i - 1] : NULL;
		d.b = i < n ? &ids[i] : NULL;
		memcpy(a, none, sizeof(a));
		memcpy(b, none, sizeof(b));
		if (d.a)
			pm_oid_hex(a, d.a);
		if (d.b)
			pm_oid_hex(b, d.b);
		assert_int_equal(pm_tree_compare(rd, &d, NULL), 0);
		pm_test_git(&r, &want, "diff-tree -r --no-renames %s %s | sed 's/ T\t/ M\t/'", a, b);
	}
	assert_string_equal(got.v, want.v);
	pm_objreader_free(rd);
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

static bool not_d(void *data, struct pm_str path)
{
	(void)data;
	return !pm_str_eq(path, "d/");
}

static int note_lost(void *data, struct pm_str path, const struct pm_oid *id, int rc,
		     const struct pm_err *err)
{
	(void)id;
	pm_buf_addf(data, "lost %.*s %d %s\n", (int)path.n, path.p, rc,
		    strstr(err->text, "not in this repository") ? "missing" : err->text);
	return 0;
}

static void comparing_has_bounds(void **state)
{
	PM_CLEAN_BUF struct pm_buf got = { 0 };
	struct pm_tree_diff d = { .data = &got, .change = add_change, .enter = not_d };
	struct pm_test_repo r;
	struct pm_objreader *rd;
	struct pm_repo *repo;
	struct pm_oid ids[3];
	char hex[PM_OID_HEX];

	(void)state;
	pm_test_repo_init(&r);
	pm_test_repo_commit(&r, before_files, NULL);
	pm_test_repo_commit(&r, after_files, NULL);
	assert_int_equal(ids_of(&r, "main~1^{tree} main^{tree} main~1:d/e", ids), 3);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	rd = pm_objreader_open(pm_repo_objects(repo), 0);
	d.a = &ids[0];
	d.b = &ids[1];
	assert_int_equal(pm_tree_compare(rd, &d, NULL), 0);
	assert_null(strstr(got.v, "\td/"));
	assert_non_null(strstr(got.v, "\tz/q\n"));
	d.enter = NULL;
	d.max_depth = 1;
	assert_int_equal(pm_tree_compare(rd, &d, NULL), PM_E_LIMIT);
	d.max_depth = 0;
	pm_objreader_free(rd);
	pm_repo_free(repo);

	pm_oid_hex(hex, &ids[2]);
	assert_int_equal(pm_test_run(NULL, "rm %s/objects/%.2s/%s", r.dir, hex, hex + 2), 0);
	assert_int_equal(pm_repo_open(&repo, r.dir, NULL), 0);
	rd = pm_objreader_open(pm_repo_objects(repo), 0);
	assert_int_equal(pm_tree_compare(rd, &d, NULL), PM_E_NOTFOUND);
	pm_buf_clear(&got);
	d.lost = note_lost;
	assert_int_equal(pm_tree_compare(rd, &d, NULL), 0);
	assert_non_null(strstr(got.v, "lost d/e/ -9 missing\n"));
	assert_non_null(strstr(got.v, "\tz/q\n"));
	pm_objreader_free(rd);
	pm_repo_free(repo);
	pm_test_repo_done(&r);
}

static void ids(void **state)
{
	struct pm_oid id;
	char hex[PM_OID_HEX];

	(void)state;
	assert_true(pm_oid_parse(&id, "00ff123456789012345678901234567890aBcDeF"));
	pm_oid_hex(hex, &id);
	assert_string_equal(hex, "00ff123456789012345678901234567890abcdef");
	assert_false(pm_oid_parse(&id, ""));
	assert_false(pm_oid_parse(&id, "00ff123456789012345678901234567890abcde"));
	assert_false(pm_oid_parse(&id, "00ff123456789012345678901234567890abcdef0"));
	assert_false(pm_oid_parse(&id, "00ff123456789012345678901234567890abcdeg"));
}

int main(void)
{
	struct pm_cases c = { 0 };

	pm_cases_add(&c, "ids", ids, NULL);
	for (size_t i = 0; i < sizeof(stamps) / sizeof(*stamps); i++)
		pm_cases_add(&c, stamps[i].name, stamp, &stamps[i]);
	for (size_t i = 0; i < sizeof(commits) / sizeof(*commits); i++)
		pm_cases_add(&c, commits[i].name, commit_text, &commits[i]);
	for (size_t i = 0; i < sizeof(trees) / sizeof(*trees); i++)
		pm_cases_add(&c, trees[i].name, tree_entries, &trees[i]);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		pm_cases_add(&c, shapes[i].name, every_object, &shapes[i]);
	pm_cases_add(&c, "objects named by the caller", objects_named_by_the_caller, NULL);
	pm_cases_add(&c, "a visit can be ended", a_visit_can_be_ended, &shapes[0]);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		char name[128];

		snprintf(name, sizeof(name), "commits: %s", shapes[i].name);
		pm_cases_add(&c, name, commits_in_order, &shapes[i]);
	}
	pm_cases_add(&c, "shallow and lost parents", shallow_and_lost_parents, NULL);
	pm_cases_add(&c, "shallow beats commit-graph", shallow_beats_commit_graph, NULL);
	pm_cases_add(&c, "tips of all refs", tips_of_all_refs, NULL);
	pm_cases_add(&c, "trees compared", trees_compared, NULL);
	pm_cases_add(&c, "comparing has bounds", comparing_has_bounds, NULL);
	return pm_cases_run(&c, "objects");
}
