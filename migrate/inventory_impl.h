/*
 * inventory_impl.h - what the inventory*.c files share: the commit as it is being read.
 */
#ifndef PM_INVENTORY_IMPL_H
#define PM_INVENTORY_IMPL_H

#include "cache.h"
#include "config.h"
#include "inventory.h"
#include "objects.h"

#include "own.h"

#include <stdatomic.h>

struct pm_globs {
	struct { struct pm_re **v; size_t n, cap; } re;
};
/* Does the path, or one of its directories, match? */
bool pm_globs_match(const struct pm_globs *g, const char *path);

/* One entry of the tree: what it is read for, or why it is not read. */
struct pm_inv_job {
	bool wanted;       /* for its places: what is not read is told */
	bool asked, names; /* what is still to be read */
	bool digested;     /* the cache has the blob's digest */
	enum pm_skip_reason skip;
};

/* The class of a file by its path and bytes alone. */
struct pm_inv_class {
	enum pm_file_class class;
	const char *why;
};

/* What reading one entry told, in the arena of the thread that did it. */
struct pm_inv_seen {
	enum pm_skip_reason skip;
	struct pm_inv_file *file; /* when there are hits */
	const char *gave_up;      /* the scanners' reason for none, or NULL */
	struct pm_diag *diags;
	size_t n_diags;
	struct pm_decl *decls;
	size_t n_decls;
	struct pm_allow *allows;
	size_t n_allows;
	int rc;                   /* the object cannot be read: `err` says why */
	struct pm_err *err;
};

/* What a thread has of its own. */
struct pm_inv_worker {
	struct pm_arena arena;
	struct pm_sink sink;  /* made at the first file */
	bool has_sink;
	struct pm_decls decls;
	struct pm_allows allows;
	struct pm_buf key, value; /* of a record of the cache */
	uint64_t names, scan; /* time */
	size_t n_files;
	uint64_t n_bytes;
};

/* Constant while files are read, but for what each index or thread writes for itself. */
struct pm_inv_build {
	struct pm_inventory *inv;
	struct pm_repo *repo;
	const struct pm_inv_options *opt;
	struct pm_globs exclude, past;
	struct pm_own own; /* patterns of portmig.yaml */
	char settings[33]; /* hash of what portmig.yaml changes in scanning */
	struct pm_tree tree;
	struct pm_inv_job *jobs;   /* by entry */
	struct pm_inv_seen **seen; /* by entry; NULL: nothing to tell */
	struct { size_t *v; size_t n, cap; } entries; /* by index of the visit */
	struct pm_inv_worker *workers;
	atomic_size_t done;
};

/* Read and scan the bytes of entry `i`; any number of threads at once. */
void pm_inv_read(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i, struct pm_str bytes);
/* The entry's record, made at the first call. */
struct pm_inv_seen *pm_inv_seen(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i);
/* The class of a file, now that attributes and portmig.yaml have been heard. */
void pm_inv_class_settle(struct pm_inv_build *b, const struct pm_entry *e,
			 const struct pm_inv_class *own, struct pm_inv_file *out);

/* ---- the cache (inventory_cache.c); without one these do nothing ---- */

void pm_inv_settings(struct pm_inv_build *b);
/* Take what is known of entry `i` and need not be read; true when nothing remains. */
bool pm_inv_recall(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i);
/* Keep what is in the thread's hands: the blob's digest; finds of all ports, in its sink; names. */
void pm_inv_keep_bytes(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i,
		       enum pm_skip_reason skip, struct pm_str bytes);
void pm_inv_keep_finds(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i, size_t len,
		       const char *gave_up, const char *const *excerpts,
		       const struct pm_inv_class *class);
void pm_inv_keep_names(struct pm_inv_build *b, struct pm_inv_worker *w, size_t i);

#endif
