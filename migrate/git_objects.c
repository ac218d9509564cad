/*
 * git_objects.c - what the object layer asks of libgit2: where the objects are, loose ones, whatever
 * a pack did not give, and refs.
 *
 * Each reader has an object database of its own, so that threads do not wait for each other. When
 * objects are written to memory only, there is one that knows them; readers then take turns. For what
 * stands in a damaged pack only loose copies are looked for: libgit2 follows deltas that are made
 * from each other in a circle for ever.
 */
#include "git_impl.h"
#include "objects_impl.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pm_fallback {
	git_odb *all, *loose;  /* opened when first needed */
	pthread_mutex_t *lock; /* of `all`; NULL: nobody else uses it */
};

/* ---- opening ---- */

/* Whole file; false when there is none. */
static bool read_file(const char *dir, const char *name, struct pm_buf *out)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };
	char chunk[4096];
	ssize_t n;
	int fd;

	pm_buf_addf(&path, "%s/%s", dir, name);
	fd = open(path.v, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		pm_buf_add(out, chunk, (size_t)n);
	close(fd);
	return n == 0;
}

static int by_id(const void *a, const void *b)
{
	return pm_oid_cmp(a, b);
}

/* One id a line: https://git-scm.com/docs/shallow */
static void read_shallow(struct pm_objects *o, const char *dir)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	char *save = NULL;

	if (!read_file(dir, "shallow", &text) || !text.n)
		return;
	for (char *l = strtok_r(text.v, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		struct pm_oid id;

		if (pm_oid_parse(&id, l))
			*PM_VEC_ADD(&o->shallow) = id;
	}
	if (o->shallow.n)
		qsort(o->shallow.v, o->shallow.n, sizeof(*o->shallow.v), by_id);
}

struct pm_objects *pm_repo_objects(struct pm_repo *r)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	git_buf dir = { 0 };
	struct pm_objects *o;

	if (r->objects)
		return r->objects;
	o = r->objects = pm_xcalloc(1, sizeof(*o));
	o->repo = r;
	o->promisor = r->promisor;
	pthread_mutex_init(&o->lock, NULL);
	if (git_repository_item_path(&dir, r->git, GIT_REPOSITORY_ITEM_OBJECTS) == 0)
		pm_packs_add(&o->packs, &o->dirs, dir.ptr);
	git_buf_dispose(&dir);
	for (size_t i = 0; i < r->added.n; i++)
		pm_packs_add(&o->packs, &o->dirs, r->added.v[i]);
	pm_packs_sort(&o->packs);
	read_shallow(o, git_repository_commondir(r->git));
	o->grafts = read_file(git_repository_commondir(r->git), "info/grafts", &text) && text.n;
	return o;
}

void pm_objects_free(struct pm_objects *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->dirs.n; i++)
		free(o->dirs.v[i]);
	PM_VEC_FREE(&o->dirs);
	pm_packs_release(&o->packs);
	PM_VEC_FREE(&o->shallow);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

/* ---- reading ---- */

static git_odb *open_all(const struct pm_objects *o)
{
	git_odb *odb = NULL;
	bool ok = !o->repo->in_memory && o->dirs.n && git_odb_open(&odb, o->dirs.v[0]) == 0;

	/* one that is there already is not added again */
	for (size_t i = 1; ok && i < o->dirs.n; i++)
		ok = git_odb_add_disk_alternate(odb, o->dirs.v[i]) == 0;
	if (ok)
		return odb;
	git_odb_free(odb);
	return NULL;
}

static git_odb *open_loose(const struct pm_objects *o)
{
	git_odb *odb = NULL;
	bool ok = git_odb_new(&odb) == 0;

	for (size_t i = 0; ok && i < o->dirs.n; i++) {
		git_odb_backend *b = NULL;

		ok = git_odb_backend_loose(&b, o->dirs.v[i], -1, 0, 0, 0) == 0 &&
		     git_odb_add_backend(odb, b, 1) == 0;
	}
	if (!odb)
		pm_die_oom();
	return odb;
}

/* The database to ask. */
static git_odb *open_fallback(struct pm_objreader *rd, bool loose)
{
	struct pm_fallback *f = rd->fallback;

	if (!f)
		f = rd->fallback = pm_xcalloc(1, sizeof(*f));
	if (loose) {
		f->loose = f->loose ? f->loose : open_loose(rd->o);
		return f->loose;
	}
	if (!f->all)
		f->all = open_all(rd->o);
	if (!f->all) {
		f->all = rd->o->repo->odb;
		f->lock = &rd->o->lock;
	}
	return f->all;
}

void pm_fallback_free(struct pm_fallback *f)
{
	if (f && !f->lock)
		git_odb_free(f->all);
	if (f)
		git_odb_free(f->loose);
	free(f);
}

static int failed(struct pm_objreader *rd, int rc, const struct pm_oid *id,
		  enum pm_object_type what, struct pm_err *err)
{
	return rc == GIT_ENOTFOUND ? pm_object_missing(rd->o, id, what, err)
				   : pm_object_damaged(id, what, pm_git_message(), err);
}

static int read_header(struct pm_objreader *rd, git_odb *odb, const struct pm_wanted *want,
		       enum pm_object_type *type, uint64_t *size, struct pm_err *err)
{
	git_object_t t;
	git_oid oid;
	size_t n;
	int rc;

	memcpy(oid.id, want->id->id, PM_OID_RAW);
	rc = git_odb_read_header(&n, &t, odb, &oid);
	if (rc < 0)
		return failed(rd, rc, want->id, want->type, err);
	if (t < GIT_OBJECT_COMMIT || t > GIT_OBJECT_TAG)
		return pm_object_damaged(want->id, want->type, "unknown type", err);
	*type = (enum pm_object_type)t; /* the same numbers */
	*size = n;
	return 0;
}

static int read_all(struct pm_objreader *rd, git_odb *odb, const struct pm_wanted *want,
		    enum pm_object_type *type, struct pm_err *err)
{
	git_odb_object *obj = NULL;
	uint64_t size = 0;
	git_oid oid;
	int rc = read_header(rd, odb, want, type, &size, err);

	if (rc == 0 && size > PM_OBJECT_MAX)
		rc = pm_object_large(want->id, want->type, size, PM_OBJECT_MAX, err);
	if (rc < 0)
		return rc;
	memcpy(oid.id, want->id->id, PM_OID_RAW);
	rc = git_odb_read(&obj, odb, &oid);
	if (rc < 0)
		return failed(rd, rc, want->id, want->type, err);
	pm_buf_clear(&rd->spare);
	pm_buf_add(&rd->spare, git_odb_object_data(obj), git_odb_object_size(obj));
	git_odb_object_free(obj);
	return 0;
}

int pm_fallback_read(struct pm_objreader *rd, const struct pm_wanted *want,
		     enum pm_object_type *type, uint64_t *size, struct pm_err *err)
{
	git_odb *odb = open_fallback(rd, want->loose);
	pthread_mutex_t *lock = want->loose ? NULL : rd->fallback->lock;
	int rc;

	if (lock)
		pthread_mutex_lock(lock);
	rc = size ? read_header(rd, odb, want, type, size, err) : read_all(rd, odb, want, type, err);
	if (lock)
		pthread_mutex_unlock(lock);
	return rc;
}

/* ---- refs ---- */

enum { TAGS_DEEP = 64 };

/* The object that a tag names. */
static bool tagged(struct pm_oid *out, struct pm_str tag)
{
	char hex[PM_OID_HEX];

	if (tag.n < 7 + PM_OID_HEX || memcmp(tag.p, "object ", 7) != 0 || tag.p[47] != '\n')
		return false;
	memcpy(hex, tag.p + 7, PM_OID_HEX - 1);
	hex[PM_OID_HEX - 1] = '\0';
	return pm_oid_parse(out, hex);
}

/* From what a ref names to a commit. 0 with *type COMMIT, or another type when it is none. */
static int peel(struct pm_objreader *rd, struct pm_oid *id, enum pm_object_type *type)
{
	struct pm_str bytes;
	uint64_t size;
	int rc = pm_objreader_size(rd, id, type, &size, NULL);

	for (int i = 0; rc == 0 && *type == PM_OBJECT_TAG; i++) {
		rc = i < TAGS_DEEP ? pm_objreader_get(rd, id, type, &bytes, NULL) : PM_E_REPO;
		if (rc == 0 && !tagged(id, bytes))
			rc = PM_E_REPO;
		if (rc == 0)
			rc = pm_objreader_size(rd, id, type, &size, NULL);
	}
	return rc;
}

static void add_tip(struct pm_objreader *rd, struct pm_arena *a, struct pm_tips *out,
		    const char *name, const git_oid *oid)
{
	enum pm_object_type type;
	struct pm_tip tip = { 0 };

	memcpy(tip.id.id, oid->id, PM_OID_RAW);
	tip.rc = peel(rd, &tip.id, &type);
	if (tip.rc == 0 && type != PM_OBJECT_COMMIT)
		return;
	tip.ref = pm_arena_strdup(a, name);
	*PM_VEC_ADD(out) = tip;
}

static int by_ref(const void *a, const void *b)
{
	const struct pm_tip *x = a, *y = b;

	return strcmp(x->ref, y->ref);
}

int pm_repo_tips(struct pm_repo *r, struct pm_arena *a, struct pm_tips *out, struct pm_err *err)
{
	struct pm_objreader *rd;
	struct pm_tips found = { 0 };
	git_reference_iterator *it = NULL;
	git_reference *ref;
	git_oid id;
	int rc;

	if (git_reference_iterator_new(&it, r->git) < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot list the refs");
	rd = pm_objreader_open(pm_repo_objects(r), 0);
	while ((rc = git_reference_next(&ref, it)) == 0) {
		const char *name = git_reference_name(ref);
		const git_oid *direct = git_reference_target(ref);

		/* one that points to a ref which is not there (a remote's HEAD) names nothing */
		if (direct || git_reference_name_to_id(&id, r->git, name) == 0)
			add_tip(rd, a, &found, name, direct ? direct : &id);
		git_reference_free(ref);
	}
	git_reference_iterator_free(it);
	if (rc == GIT_ITEROVER && git_reference_name_to_id(&id, r->git, "HEAD") == 0)
		add_tip(rd, a, &found, "HEAD", &id);
	pm_objreader_free(rd);
	if (rc != GIT_ITEROVER) {
		pm_git_fail(err, PM_E_REPO, "cannot list the refs");
		PM_VEC_FREE(&found);
		return PM_E_REPO;
	}
	if (found.n)
		qsort(found.v, found.n, sizeof(*found.v), by_ref);
	*out = found;
	return 0;
}

void pm_tips_release(struct pm_tips *t)
{
	PM_VEC_FREE(t);
}
