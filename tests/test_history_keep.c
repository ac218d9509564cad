/*
 * test_history_keep.c - records of a history: what is kept comes back, and what is cut, longer or
 * has a wrong number in it does not. (What the cache does with damage: test_cache.c.)
 */
#include "cases.h"

#include "cache.h"
#include "history_keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GENERATION = 7 };

static char dir[64];

/* A commit that changes the port of a file, of two parents. */
struct sample {
	struct pm_hread all;
	struct pm_hcommit commit;
	struct pm_hkeep keep;
	struct pm_hist_options options;
	struct pm_delta delta;
	struct pm_arena arena;
};

static struct pm_seen_list read_file(struct sample *s, const char *text)
{
	const struct pm_file f = { "services/api/.env", text, strlen(text) };
	struct pm_seen_list seen = { 0 };

	assert_int_equal(pm_seen_read(&seen, s->all.table, &f, NULL, NULL, false, NULL), 0);
	return seen;
}

static void open_cache(struct sample *s)
{
	struct pm_cache *c;

	assert_int_equal(pm_cache_open(&c, dir, GENERATION, PM_CACHE_SIZE_DEFAULT, NULL), 0);
	s->options.cache = c;
	pm_hkeep_init(&s->keep, &s->options);
}

static void close_cache(struct sample *s)
{
	assert_int_equal(pm_cache_close(s->keep.cache, NULL), 0);
}

static void make(struct sample *s)
{
	static struct pm_hchange change = { .path = 0, .before = 0, .after = 1 };
	struct pm_hpath *p;

	memset(s, 0, sizeof(*s));
	s->all.table = pm_evidence_table_new();
	p = PM_VEC_ADD(&s->all.paths);
	p->text = "services/api/.env";
	p->manifest = true;
	for (unsigned i = 0; i < 2; i++) {
		struct pm_version *v = PM_VEC_ADD(&s->all.versions);

		memset(v->blob.id, (int)i + 10, PM_OID_RAW);
		v->wanted = true;
		v->seen = read_file(s, i ? "PORT=4950\nDB_PORT=5432\n" : "# the api\nPORT=4900\n");
	}
	pm_delta_make(&s->delta, &s->arena, p->text, &s->all.versions.v[0].seen,
		      &s->all.versions.v[1].seen);
	s->commit.changes = &change;
	s->commit.n_changes = 1;
	s->commit.when = -5;
	s->commit.kind = PM_PARENT_WALKED;
	s->commit.n_parents = 2;
	s->commit.n_others = 1;
	s->commit.parents = PM_NEW_N(&s->arena, struct pm_oid, 2);
	memset(s->commit.parents[1].id, 77, PM_OID_RAW);
	memset(s->commit.tree.id, 3, PM_OID_RAW);
}

static void done(struct sample *s)
{
	for (size_t i = 0; i < s->all.versions.n; i++)
		PM_VEC_FREE(&s->all.versions.v[i].seen);
	PM_VEC_FREE(&s->all.versions);
	PM_VEC_FREE(&s->all.paths);
	pm_evidence_table_free(s->all.table);
	pm_arena_release(&s->arena);
}

static void put(struct sample *s)
{
	struct pm_hdeltas d = { &s->delta, 1 };

	pm_hkeep_put_commit(&s->keep, &s->all, &s->commit, &d, false);
	pm_hkeep_put_version(&s->keep, "services/api/.env", &s->all.versions.v[1]);
}

static bool get(struct sample *s, const struct pm_oid *id, struct pm_hkept *k)
{
	memset(k, 0, sizeof(*k));
	return pm_hkeep_commit(&s->keep, s->all.table, &s->arena, id, false, k);
}

/* The record's key and value as they are in the cache. */
static void raw(struct sample *s, struct pm_buf *key, struct pm_str *value)
{
	pm_buf_adds(key, s->keep.settings);
	pm_buf_addc(key, 'c');
	pm_buf_add(key, s->commit.id.id, PM_OID_RAW);
	assert_true(pm_cache_get(s->keep.cache, PM_CACHE_COMMIT,
				 (struct pm_str){ key->v, key->n }, value));
}

static void a_commit_comes_back(void **state)
{
	struct pm_known_commit head;
	struct pm_version v = { 0 };
	struct pm_hkept k;
	struct sample s;

	(void)state;
	make(&s);
	open_cache(&s);
	put(&s);
	close_cache(&s);
	open_cache(&s);
	assert_true(get(&s, &s.commit.id, &k));
	assert_true(k.head.when == -5 && k.head.n_parents == 2);
	assert_true(pm_oid_eq(&k.head.tree, &s.commit.tree));
	assert_true(pm_oid_eq(&k.head.parents[1], &s.commit.parents[1]));
	assert_true(k.n_blobs == 1 && pm_oid_eq(&k.blobs[0], &s.all.versions.v[1].blob));
	assert_true(k.n_manifests == 1 && k.n_large == 0 && k.n_deltas == 1);
	assert_int_equal(k.deltas[0].n_gone, 1);
	assert_int_equal(k.deltas[0].n_came, s.all.versions.v[1].seen.n);
	/* the very statement, at its place */
	assert_ptr_equal(k.deltas[0].gone[0].seen.what, s.delta.gone[0].seen.what);
	assert_int_equal(k.deltas[0].gone[0].seen.line, 2);
	assert_true(k.deltas[0].gone[0].seen.slot == s.delta.gone[0].seen.slot);
	assert_true(pm_hkeep_head(&s.keep, &s.commit.id, &head) && head.when == -5);
	v.blob = s.all.versions.v[1].blob;
	assert_true(pm_hkeep_version(&s.keep, s.all.table, "services/api/.env", &v));
	assert_int_equal(v.seen.n, s.all.versions.v[1].seen.n);
	assert_false(pm_hkeep_has_version(&s.keep, "services/web/.env", &v.blob));
	PM_VEC_FREE(&v.seen);
	close_cache(&s);
	done(&s);
}

/* What was not whole, or is asked for with other settings, is not there. */
static void not_kept(void **state)
{
	static const char *exclude[] = { "attic/" };
	struct pm_config config = { .exclude = exclude, .n_exclude = 1 };
	struct pm_hkept k;
	struct sample s;

	(void)state;
	make(&s);
	open_cache(&s);
	s.commit.id.id[0] = 1;
	s.all.versions.v[0].read = PM_HREAD_MISSING;
	put(&s);
	s.all.versions.v[0].read = PM_HREAD_YES;
	s.commit.id.id[0] = 2;
	s.commit.n_others = 0;
	put(&s);
	s.commit.n_others = 1;
	s.commit.id.id[0] = 3;
	s.commit.lost = true;
	put(&s);
	s.commit.lost = false;
	s.commit.id.id[0] = 4;
	put(&s);
	close_cache(&s);
	open_cache(&s);
	for (unsigned char i = 1; i <= 4; i++) {
		s.commit.id.id[0] = i;
		assert_int_equal(get(&s, &s.commit.id, &k), i == 4);
	}
	s.options.config = &config;
	pm_hkeep_init(&s.keep, &s.options);
	assert_false(get(&s, &s.commit.id, &k));
	close_cache(&s);
	done(&s);
}

/* Cut at every byte, one byte more, and every byte turned over: none, or something that holds. */
static void odd_records(void **state)
{
	PM_CLEAN_BUF struct pm_buf key = { 0 }, odd = { 0 };
	struct pm_str value;
	struct pm_hkept k;
	struct sample s;
	size_t n, found = 0;

	(void)state;
	make(&s);
	s.commit.id.id[0] = 200;
	open_cache(&s);
	put(&s);
	close_cache(&s);
	open_cache(&s);
	raw(&s, &key, &value);
	n = value.n;
	for (size_t i = 0; i <= 2 * n; i++) {
		const uint32_t number = (uint32_t)i;

		pm_buf_clear(&odd);
		pm_buf_add(&odd, value.p, i < n ? i : n);
		if (i == n)
			pm_buf_addc(&odd, 0);
		else if (i > n)
			odd.v[i - n - 1] = (char)~odd.v[i - n - 1];
		memcpy(key.v + key.n - sizeof(number), &number, sizeof(number));
		pm_cache_put(s.keep.cache, PM_CACHE_COMMIT, (struct pm_str){ key.v, key.n },
			     (struct pm_str){ odd.v, odd.n });
	}
	close_cache(&s);
	open_cache(&s);
	for (size_t i = 0; i <= 2 * n; i++) {
		const uint32_t number = (uint32_t)i;

		memcpy(s.commit.id.id + PM_OID_RAW - sizeof(number), &number, sizeof(number));
		if (i <= n)
			assert_false(get(&s, &s.commit.id, &k));
		else
			found += get(&s, &s.commit.id, &k);
	}
	assert_in_range(found, 1, n - 1);
	close_cache(&s);
	done(&s);
}

static int remove_dir(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	struct pm_cases c = { 0 };
	int rc;

	snprintf(dir, sizeof(dir), "/tmp/portmig-keep.XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	pm_cases_add(&c, "a commit comes back", a_commit_comes_back, NULL);
	pm_cases_add(&c, "not kept", not_kept, NULL);
	pm_cases_add(&c, "odd records", odd_records, NULL);
	rc = pm_cases_run(&c, "history_keep");
	return remove_dir() ? 1 : rc;
}
