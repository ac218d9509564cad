/*
 * inventory.h - every place of one commit where a port number stands, sorted; what was not read;
 * and what the manifests of the commit say about the names of its services.
 *
 * Files are read in the order in which packs give them and scanned on several threads; the result is
 * in the order of paths and does not depend on either.
 */
#ifndef PM_INVENTORY_H
#define PM_INVENTORY_H

#include "allow.h"
#include "git.h"
#include "scanner.h"

struct pm_cache;

struct pm_inv_file {
	const char *path;
	char oid[PM_OID_HEX];
	uint32_t mode;
	enum pm_file_class class;
	const char *class_why;  /* "changelog"; NULL when ordinary */
	const char *bytes;      /* NULL when `bare` */
	size_t len;
	struct pm_lines lines;  /* valid when bytes is set */
	struct pm_hit *hits;    /* sorted by offset, disjoint */
	const char *const *excerpts; /* of each hit's line (pm_inv_excerpt), when `bare` */
	size_t n_hits;
};

/* What a report shows of a hit's line. */
enum { PM_INV_EXCERPT = 120 };

struct pm_skip {
	const char *path;
	const char *why; /* pm_skip_text or a scanner's reason */
	uint64_t size;
	bool readable;   /* false: the object itself could not be read; the plan is incomplete */
};

struct pm_inventory {
	struct pm_arena arena;
	struct { struct pm_arena *v; size_t n, cap; } parts; /* of each thread that read files */
	char commit[PM_OID_HEX], tree[PM_OID_HEX];
	struct { struct pm_inv_file *v; size_t n, cap; } files; /* those with hits, path order */
	const char **paths; /* all paths of the tree, in order */
	size_t n_paths;
	struct pm_decls decls;
	struct { struct pm_skip *v; size_t n, cap; } skips;
	struct pm_diags diags;
	struct pm_allows allows; /* exceptions in comments, in path order */
	size_t n_files;  /* files read */
	uint64_t n_bytes;
	size_t n_hits;
	/* what it took: the tree; asking the cache; getting content; manifests; scanners (with `now`). The last three
	 * go on at the same time on several threads: their shares of the time that all took. */
	struct { uint64_t walk, recall, read, names, scan; } times;
};

struct pm_inv_options {
	const struct pm_port_set *want; /* NULL: all ports, in port-like context only */
	bool resources; /* instead of ports: numbers that services share (resource.h) */
	bool numbers;  /* also whole numbers without port context (needs `want`) */
	bool bare;     /* hits without facts, files without bytes: nobody will ask whose they are */
	bool names;    /* read manifests for service names */
	bool allows;   /* look for exceptions in comments */
	uint64_t (*now)(void); /* a clock, to fill `times` in some unit; or NULL */
	const char *const *only_paths; /* NULL-terminated path prefixes, or NULL */
	const struct pm_config *config; /* portmig.yaml of the commit, or NULL */
	struct pm_limits limits;
	unsigned jobs; /* threads; 0 counts as 1 */
	struct pm_cache *cache; /* what was read before, or NULL */
	/* Called now and then, by the thread that called; NULL: nobody watches. */
	void (*progress)(void *data, size_t done, size_t total);
	void *progress_data;
};

/* Read a commit. Unreadable files are skips. `out` is zeroed; release it on success. */
int pm_inventory_build(struct pm_inventory *out, struct pm_repo *repo, const char *commit,
		       const struct pm_inv_options *opt, struct pm_err *err);
void pm_inventory_release(struct pm_inventory *inv);

#endif
