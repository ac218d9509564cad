/*
 * objects_impl.h - what the files behind objects.h share. Nobody else includes this.
 */
#ifndef PM_OBJECTS_IMPL_H
#define PM_OBJECTS_IMPL_H

#include "objects.h"
#include "pack_impl.h"

#include <pthread.h>

/* Does not change after opening, but for the lock. */
struct pm_objects {
	struct pm_repo *repo;
	struct pm_pack_dirs dirs; /* object directories, own first, with alternates */
	struct { struct pm_oid *v; size_t n, cap; } shallow; /* sorted */
	struct pm_packs packs;
	bool grafts;       /* info/grafts is there: a commit-graph may be older */
	bool promisor;     /* a partial clone */
	pthread_mutex_t lock; /* of the repository's own libgit2 object database */
};

struct pm_fallback; /* an object database of libgit2 */

struct pm_objreader {
	struct pm_objects *o;
	struct pm_pack_reader packs;
	struct pm_fallback *fallback; /* opened when first needed */
	struct pm_buf spare;          /* what libgit2 gave */
	struct { struct pm_buf *v; size_t n, cap; } levels; /* trees being compared */
};

/* ---- libgit2 (git_objects.c) ---- */

struct pm_wanted {
	const struct pm_oid *id;
	enum pm_object_type type; /* for messages; PM_OBJECT_NONE: not known */
	bool loose;               /* look only among loose objects */
};
/* Read through libgit2: the size only, when `size` is not NULL, else the bytes into rd->spare. Errors
 * as of pm_objreader_get. */
int pm_fallback_read(struct pm_objreader *rd, const struct pm_wanted *want,
		     enum pm_object_type *type, uint64_t *size, struct pm_err *err);
void pm_fallback_free(struct pm_fallback *f); /* NULL allowed */

/* ---- messages (objects.c) ---- */

int pm_object_damaged(const struct pm_oid *id, enum pm_object_type what, const char *why,
		      struct pm_err *err);
int pm_object_missing(const struct pm_objects *o, const struct pm_oid *id,
		      enum pm_object_type what, struct pm_err *err);
int pm_object_large(const struct pm_oid *id, enum pm_object_type what, uint64_t size, uint64_t max,
		    struct pm_err *err);

/* pm_objreader_get with the type that messages name; any type will do. */
int pm_objreader_get_as(struct pm_objreader *rd, const struct pm_oid *id, enum pm_object_type what,
			enum pm_object_type *type, struct pm_str *bytes, struct pm_err *err);

void pm_objects_free(struct pm_objects *o); /* NULL allowed */

/* Libraries tell of a file that could not be opened as of one that is not there. So before an object is
 * called damaged or missing: PM_E_IO when no file can be opened at all (pack_file.c). */
int pm_objects_openable(struct pm_err *err);

#endif
