/*
 * history_keep.h - what a history keeps in the cache (cache.h) for the next one.
 *
 *   kind     key                                  value
 *   COMMIT   settings, mode, commit id            what it did: statements gone and come, by path
 *   VERSION  settings, blob id, path              the statements of a file of a whole tree
 *   NAMES    blob id, path                        what a manifest that is gone declared
 *   OWNER    names of everybody, path, statement  whose it is
 *
 * Settings are all options that decide what is read and how: the patterns, `exclude` and `past` of
 * portmig.yaml and which paths are port schemas. Mode tells a merge taken as one change of the
 * mainline from all else. What a commit did follows from its tree and those of its parents, which its
 * id names, whichever other commits are walked; so a record is made, and used, only where all parents
 * are here and no object is missing.
 *
 * A record stands for objects, so these are looked up: the blobs that it was made of. Where one is
 * missing in this repository no record of a commit is used, and what is missing is told as without
 * a cache. (Of trees only the commit's own is looked up.)
 *
 * Size: for 4,000 commits with 39,000 statements that came or went 17 MiB; see
 * docs/performance.md.
 */
#ifndef PM_HISTORY_KEEP_H
#define PM_HISTORY_KEEP_H

#include "history_impl.h"

void pm_hkeep_init(struct pm_hkeep *k, const struct pm_hist_options *o);

/* ---- commits ---- */

struct pm_hkept_file {
	const char *path;
	struct pm_oid blob;
};
/* A commit's record; borrowed from the cache and `a`. */
struct pm_hkept {
	struct pm_known_commit head;
	const struct pm_oid *blobs; /* read for it */
	size_t n_blobs;
	struct pm_hkept_file *manifests; /* as written by it */
	size_t n_manifests;
	struct pm_hkept_file *large; /* over a limit */
	size_t n_large;
	struct pm_delta *deltas; /* path_index is not set */
	size_t n_deltas;
};
/* What the listing needs; for pm_commits_options.known, data is the struct pm_hkeep. */
bool pm_hkeep_head(void *data, const struct pm_oid *id, struct pm_known_commit *out);
/* False when there is no record, or none that can be read. */
bool pm_hkeep_commit(const struct pm_hkeep *k, struct pm_evidence_table *t, struct pm_arena *a,
		     const struct pm_oid *id, bool first_parent, struct pm_hkept *out);
/* Keep what was worked out of a commit: when nothing was missing. */
void pm_hkeep_put_commit(const struct pm_hkeep *k, const struct pm_hread *all,
			 const struct pm_hcommit *c, const struct pm_hdeltas *d, bool first_parent);

/* ---- versions and manifests ---- */

/* Was the file read before? */
bool pm_hkeep_has_version(const struct pm_hkeep *k, const char *path, const struct pm_oid *blob);
/* Fill v->seen and v->read; false when it is not known. */
bool pm_hkeep_version(const struct pm_hkeep *k, struct pm_evidence_table *t, const char *path,
		      struct pm_version *v);
void pm_hkeep_put_version(const struct pm_hkeep *k, const char *path, const struct pm_version *v);
/* Append what the manifest declared. */
bool pm_hkeep_manifest(const struct pm_hkeep *k, const char *path, const struct pm_oid *blob,
		       struct pm_past *past);
void pm_hkeep_put_manifest(const struct pm_hkeep *k, const char *path, const struct pm_oid *blob,
			   const struct pm_decl *v, size_t n);

/* ---- owners ---- */

/* Who is asked: `names` as pm_registry_build gets them, the schema and portmig.yaml by `about`. */
void pm_hkeep_names(struct pm_hkeep *k, struct pm_arena *a, const struct pm_inventory *names,
		    const char *about);
bool pm_hkeep_owner(const struct pm_hkeep *k, const char *path, const struct pm_evidence *what,
		    unsigned n_owners, int *owner);
void pm_hkeep_put_owner(const struct pm_hkeep *k, const char *path, const struct pm_evidence *what,
			int owner);

#endif
