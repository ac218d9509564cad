/*
 * bench_objects.c - time and check the object layer on a real repository; not a test.
 *
 *	bench_objects visit|verify|get|size|list|order|diff REPOSITORY [JOBS]
 *
 * visit: unpack every object of the packs. verify: the same, and each must have its id as SHA-1.
 * get, size: one at a time, in the order of ids. list: commits of all refs; order:
 * their ids. diff: trees of all
 * commits of all refs against those of their first parents.
 */
#include "objects_impl.h"

#include <sha1.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct ids { struct pm_oid *v; size_t n, cap; };

struct seen {
	const struct ids *ids;
	bool verify;
	atomic_size_t objects, bad, wrong;
	atomic_ullong bytes;
};

static bool has_id(const struct pm_oid *id, enum pm_object_type type, struct pm_str bytes)
{
	uint8_t sum[SHA1_DIGEST_LENGTH];
	char head[32];
	SHA1_CTX c;
	int n = snprintf(head, sizeof(head), "%s %zu", pm_object_type_name(type), bytes.n);

	SHA1Init(&c);
	SHA1Update(&c, (const uint8_t *)head, (size_t)n + 1);
	SHA1Update(&c, (const uint8_t *)bytes.p, bytes.n);
	SHA1Final(sum, &c);
	return memcmp(sum, id->id, PM_OID_RAW) == 0;
}

static int count(void *data, const struct pm_visited *v)
{
	struct seen *s = data;

	s->objects++;
	if (v->rc) {
		s->bad++;
		fprintf(stderr, "%s\n", v->err->text);
		return 0;
	}
	s->bytes += v->bytes.n;
	if (s->verify && !has_id(&s->ids->v[v->index], v->type, v->bytes))
		s->wrong++;
	return 0;
}

static void read_singly(struct pm_objects *o, const struct ids *ids, bool sizes)
{
	struct pm_objreader *rd = pm_objreader_open(o, 0);
	enum pm_object_type type;
	struct pm_str bytes;
	uint64_t size, sum = 0;
	size_t bad = 0;

	for (size_t i = 0; i < ids->n; i++) {
		int rc = sizes ? pm_objreader_size(rd, &ids->v[i], &type, &size, NULL)
			       : pm_objreader_get(rd, &ids->v[i], &type, &bytes, NULL);

		bad += rc != 0;
		sum += rc ? 0 : sizes ? size : bytes.n;
	}
	printf("%zu objects, %llu bytes, %zu bad, libgit2 %s\n", ids->n, (unsigned long long)sum, bad,
	       rd->fallback ? "needed" : "not needed");
	pm_objreader_free(rd);
}

static int nothing(void *data, const struct pm_tree_change *c)
{
	(void)c;
	++*(size_t *)data;
	return 0;
}

static int lost(void *data, struct pm_str path, const struct pm_oid *id, int rc,
		const struct pm_err *err)
{
	(void)data, (void)path, (void)id, (void)rc, (void)err;
	return 0;
}

static void commits(struct pm_repo *repo, bool diff, bool ids)
{
	struct pm_arena arena = { 0 };
	struct pm_tips tips = { 0 };
	struct pm_commits list = { 0 };
	struct ids from = { 0 };
	struct pm_commits_options opt = { 0 };
	struct pm_err err = { 0 };
	size_t changes = 0;
	double start = now();

	if (pm_repo_tips(repo, &arena, &tips, &err) < 0)
		exit(fprintf(stderr, "%s\n", err.text));
	for (size_t i = 0; i < tips.n; i++)
		if (tips.v[i].rc == 0)
			*PM_VEC_ADD(&from) = tips.v[i].id;
	printf("%zu tips in %.3f s\n", tips.n, now() - start);
	start = now();
	opt.tips = from.v;
	opt.n_tips = from.n;
	if (pm_commits_list(&list, pm_repo_objects(repo), &opt, &err) < 0)
		exit(fprintf(stderr, "%s\n", err.text));
	printf("%zu commits in %.3f s\n", list.n, now() - start);
	start = now();
	for (size_t i = 0; ids && i < list.n; i++) {
		char hex[PM_OID_HEX];

		pm_oid_hex(hex, &list.v[i].id);
		puts(hex);
	}
	if (diff) {
		struct pm_objreader *rd = pm_objreader_open(pm_repo_objects(repo), 0);

		for (size_t i = 0; i < list.n; i++) {
			const struct pm_commit *c = &list.v[i];
			struct pm_tree_diff d = { .b = &c->tree, .data = &changes, .change = nothing,
						  .lost = lost };
			uint32_t p = c->n_parents ? list.parents.v[c->first].at : PM_COMMIT_NONE;

			if (c->n_parents > 1)
				continue;
			d.a = p == PM_COMMIT_NONE ? NULL : &list.v[p].tree;
			pm_tree_compare(rd, &d, &err);
		}
		pm_objreader_free(rd);
		printf("%zu changes in %.3f s\n", changes, now() - start);
	}
	PM_VEC_FREE(&from);
	pm_commits_release(&list);
	pm_tips_release(&tips);
	pm_arena_release(&arena);
}

int main(int argc, char **argv)
{
	struct pm_repo *repo;
	struct pm_objects *o;
	struct ids ids = { 0 };
	struct pm_err err = { 0 };
	struct seen s = { .ids = &ids };
	double start = now();

	if (argc < 3 || pm_repo_open(&repo, argv[2], &err) < 0)
		return fprintf(stderr, "bench_objects WHAT REPOSITORY [JOBS]: %s\n", err.text), 2;
	o = pm_repo_objects(repo);
	for (size_t p = 0; p < o->packs.n; p++)
		for (uint32_t i = 0; i < o->packs.v[p].index.n; i++)
			memcpy(PM_VEC_ADD(&ids), o->packs.v[p].index.ids + (size_t)i * PM_OID_RAW,
			       PM_OID_RAW);
	printf("opened in %.3f s\n", now() - start);
	start = now();
	s.verify = strcmp(argv[1], "verify") == 0;
	if (s.verify || strcmp(argv[1], "visit") == 0) {
		pm_objects_visit(o, ids.v, ids.n, argc > 3 ? (unsigned)atoi(argv[3]) : 1, UINT64_MAX,
				 count, &s);
		printf("%zu objects, %llu bytes, %zu bad, %zu wrong\n", (size_t)s.objects,
		       (unsigned long long)s.bytes, (size_t)s.bad, (size_t)s.wrong);
	} else if (strchr("lod", argv[1][0])) {
		commits(repo, argv[1][0] == 'd', argv[1][0] == 'o');
	} else {
		read_singly(o, &ids, argv[1][0] == 's');
	}
	printf("%.3f s\n", now() - start);
	PM_VEC_FREE(&ids);
	pm_repo_free(repo);
	return s.bad || s.wrong;
}
