/*
 * objects.h - Git's objects, read only and many at a time: by id, as whole sets, as trees, as
 * commits. No libgit2 type is visible here.
 *
 * Packs are read by portmig itself (pack_*.c); what is not found there, loose objects among it, and
 * what a pack does not give is asked of libgit2 (git_objects.c). Ids are not hashed again: what is
 * checked is that every stored stream has its checksum and every size is the one announced.
 *
 * Replace refs and grafts are not followed: an id always means the object that it names. `shallow`
 * is honoured where commits are listed.
 */
#ifndef PM_OBJECTS_H
#define PM_OBJECTS_H

#include "git.h"

#include <string.h>

enum { PM_OID_RAW = 20 };
/* Alignment 1: may point into a tree's bytes. */
struct pm_oid {
	unsigned char id[PM_OID_RAW];
};

/* Exactly 40 hex digits and nothing behind them. */
bool pm_oid_parse(struct pm_oid *out, const char *hex);
void pm_oid_hex(char out[PM_OID_HEX], const struct pm_oid *id);
static inline int pm_oid_cmp(const struct pm_oid *a, const struct pm_oid *b)
{
	return memcmp(a->id, b->id, PM_OID_RAW);
}
static inline bool pm_oid_eq(const struct pm_oid *a, const struct pm_oid *b)
{
	return memcmp(a->id, b->id, PM_OID_RAW) == 0;
}

/* Numbered as in packs: https://git-scm.com/docs/gitformat-pack */
enum pm_object_type {
	PM_OBJECT_NONE, PM_OBJECT_COMMIT, PM_OBJECT_TREE, PM_OBJECT_BLOB, PM_OBJECT_TAG
};
const char *pm_object_type_name(enum pm_object_type t); /* "blob", ... "object" for none */

/* ---- one object at a time ---- */

/* The object stores of a repository: its own, its alternates, those added by pm_repo_add_objects.
 * Does not change any more, so that any number of threads may use it. */
struct pm_objects;
/* Opened at the first call and owned by `r`: add objects before, free after the last reader.
 * Packs that are damaged at first sight are left to libgit2. */
struct pm_objects *pm_repo_objects(struct pm_repo *r);

/* What one thread needs to read: buffers, and a cache of what it read last (trees of neighbouring
 * commits, bases of deltas). */
struct pm_objreader;
enum { PM_OBJREADER_CACHE = 16 << 20 };
/* An object over this is PM_E_LIMIT everywhere. */
#define PM_OBJECT_MAX ((uint64_t)1 << 30)

/* `cache`: bytes to keep at most; 0 for PM_OBJREADER_CACHE. */
struct pm_objreader *pm_objreader_open(struct pm_objects *o, size_t cache);
void pm_objreader_free(struct pm_objreader *rd); /* NULL allowed */

/* Type and bytes of an object: valid until the next call with this reader; a NUL follows them.
 * PM_E_NOTFOUND when it is not here (with a hint for partial clones), PM_E_REPO when it is damaged,
 * PM_E_LIMIT. */
int pm_objreader_get(struct pm_objreader *rd, const struct pm_oid *id, enum pm_object_type *type,
		     struct pm_str *bytes, struct pm_err *err);
/* The same, and PM_E_REPO when it is of another type. */
int pm_objreader_need(struct pm_objreader *rd, const struct pm_oid *id, enum pm_object_type type,
		      struct pm_str *bytes, struct pm_err *err);
/* Type and size without unpacking it. Bytes handed out before stay valid. */
int pm_objreader_size(struct pm_objreader *rd, const struct pm_oid *id, enum pm_object_type *type,
		      uint64_t *size, struct pm_err *err);

/* Is it here? Its bytes are not looked at. Those handed out before stay valid. */
bool pm_objreader_has(struct pm_objreader *rd, const struct pm_oid *id);

/* ---- many objects ---- */

struct pm_visited {
	size_t index;             /* of the list of ids */
	unsigned thread;          /* below `jobs`; 0 is the caller's own */
	int rc;                   /* 0, or PM_E_NOTFOUND, PM_E_REPO, PM_E_LIMIT: then no bytes */
	enum pm_object_type type; /* known unless rc is PM_E_NOTFOUND or PM_E_REPO */
	uint64_t size;            /* likewise */
	struct pm_str bytes;      /* until the function returns; a NUL follows */
	const struct pm_err *err; /* of rc */
};
/* Anything but 0 ends the visit: the value comes out of pm_objects_visit. */
typedef int (*pm_visit_fn)(void *data, const struct pm_visited *v);

/* Call `fn` once for every id of a list, in whatever order is fastest, on up to `jobs` threads at
 * once (0 counts as 1). Objects over `max_size` bytes come as PM_E_LIMIT without being unpacked,
 * unless others are made from them. Nothing is dropped: one call for each id, also when it is
 * there twice, unless `fn` ends it. Returns 0, or what `fn` returned first. */
int pm_objects_visit(struct pm_objects *o, const struct pm_oid *ids, size_t n, unsigned jobs,
		     uint64_t max_size, pm_visit_fn fn, void *data);

/* ---- trees ---- */

struct pm_tree_entry {
	uint32_t mode;    /* as written: 0100644, 040000, ... */
	struct pm_str name;
	const struct pm_oid *id; /* in the tree's bytes */
};
enum { PM_MODE_TYPE = 0170000, PM_MODE_DIR = 040000, PM_MODE_FILE = 0100000,
       PM_MODE_LINK = 0120000, PM_MODE_COMMIT = 0160000 };
static inline bool pm_mode_is_dir(uint32_t mode)
{
	return (mode & PM_MODE_TYPE) == PM_MODE_DIR;
}
/* The entry at *at (start with 0) of a tree's bytes. False at the end, and where the tree is
 * malformed: then *at is not tree.n. */
bool pm_tree_next(struct pm_str tree, size_t *at, struct pm_tree_entry *e);
/* Order of entries in a tree: by name, as if those of directories ended in a slash. */
int pm_tree_entry_cmp(const struct pm_tree_entry *a, const struct pm_tree_entry *b);

/* A file (or link, or submodule) that two trees do not have in common. */
struct pm_tree_change {
	struct pm_str path;      /* until the function returns; a NUL follows */
	uint32_t old_mode, new_mode;
	const struct pm_oid *old_id, *new_id; /* NULL: not in that tree */
};
struct pm_tree_diff {
	/* The two trees; NULL is the empty one. */
	const struct pm_oid *a, *b;
	unsigned max_depth; /* of directories; 0: 4096. Deeper is PM_E_LIMIT. */
	void *data;
	/* Every difference, in Git's order of paths within each directory. Anything but 0 ends. */
	int (*change)(void *data, const struct pm_tree_change *c);
	/* Shall this directory ("a/b/") that differs be compared? NULL: all are. */
	bool (*enter)(void *data, struct pm_str path);
	/* A tree that cannot be read (rc as of pm_objreader_need), at "a/b/" or "": what stands below
	 * it on either side is passed over when this returns 0. NULL: the difference fails. */
	int (*lost)(void *data, struct pm_str path, const struct pm_oid *id, int rc,
		    const struct pm_err *err);
};
/* Compare; equal subtrees are never opened. The functions may read with `rd`, but not compare. A
 * file that became a directory is gone first, then the directory's files come. Returns 0, what a
 * function returned, PM_E_NOTFOUND, PM_E_REPO, PM_E_LIMIT. */
int pm_tree_compare(struct pm_objreader *rd, const struct pm_tree_diff *d, struct pm_err *err);

/* ---- commits ---- */

/* A commit's or tag's person and date. */
struct pm_stamp {
	struct pm_str name, mail; /* as written, without the angle brackets; may be empty */
	int64_t when;             /* seconds since 1970; 0 when there is no date */
	int zone;                 /* minutes east of UTC */
	bool dated;
};
struct pm_commit_text {
	struct pm_oid tree;
	size_t n_parents, parents_at; /* parent lines begin there, 48 bytes each */
	struct pm_stamp author, committer;
	struct pm_str encoding; /* empty: UTF-8 */
	struct pm_str message;  /* behind the empty line */
};
/* The parts of a commit's bytes (borrowed). False when it has no tree line or a parent line is
 * malformed; all else may be missing. */
bool pm_commit_parse(struct pm_commit_text *out, struct pm_str bytes);
/* The i-th parent; i < n_parents. */
void pm_commit_parent(struct pm_oid *out, struct pm_str bytes, const struct pm_commit_text *c,
		      size_t i);
/* "Name <mail> 1700000000 +0100", without line end. */
void pm_stamp_parse(struct pm_stamp *out, struct pm_str line);

enum {
	PM_COMMIT_SHALLOW = 1, /* its parents are cut off: listed in `shallow` */
	PM_COMMIT_LOST = 2     /* a parent is not in this repository */
};
enum { PM_COMMIT_NONE = 0xffffffff };

struct pm_commit {
	struct pm_oid id, tree;
	int64_t when;                  /* committer's date */
	uint32_t first, n_parents;     /* into pm_commits.parents */
	unsigned flags;
};
/* A parent, as the commit names it: also when it is cut off, lost or hidden. */
struct pm_parent {
	struct pm_oid id;
	uint32_t at; /* index of pm_commits.v; PM_COMMIT_NONE when it is not listed */
};
struct pm_commits {
	struct pm_commit *v; /* children before parents, else the newest first */
	size_t n, cap;
	struct { struct pm_parent *v; size_t n, cap; } parents;
};

struct pm_known_commit {
	struct pm_oid tree;
	int64_t when;                 /* committer's date */
	const struct pm_oid *parents; /* valid until the list is made */
	uint32_t n_parents;
};

struct pm_commits_options {
	const struct pm_oid *tips, *hide; /* commits; hidden are these and their ancestors */
	size_t n_tips, n_hide;
	bool first_parent; /* follow first parents only (hidden ones: all) */
	bool plain;        /* do not use a commit-graph file */
	/* What was known of a commit before, of those that no commit-graph has; false: it is read. */
	bool (*known)(void *data, const struct pm_oid *id, struct pm_known_commit *out);
	void *data;
};
/* Commits reachable from the tips and not from the hidden ones, in the order of `git rev-list
 * --date-order`. Missing parents and those cut off by `shallow` are flags, not errors; a hidden tip
 * that is not here hides nothing. PM_E_NOTFOUND for a tip that is not here, PM_E_REPO for damage.
 * Trees, parents and dates come from a commit-graph file where there is one; a commit that is in it
 * but not in the repository is then listed like any other.
 * Hidden history is followed to 30 days before the oldest commit listed: beyond, a wrong clock can
 * bring up a commit that should be hidden, as with Git. */
int pm_commits_list(struct pm_commits *out, struct pm_objects *o,
		    const struct pm_commits_options *opt, struct pm_err *err);
void pm_commits_release(struct pm_commits *c);

/* Where history can start: the commits of all refs and of HEAD, by name of the ref; tags are
 * peeled. Refs to trees and blobs are left out. */
struct pm_tip {
	const char *ref; /* in the arena */
	struct pm_oid id;
	int rc; /* PM_E_NOTFOUND, PM_E_REPO: the ref's object cannot be read; `id` is what it names */
};
struct pm_tips {
	struct pm_tip *v;
	size_t n, cap;
};
int pm_repo_tips(struct pm_repo *r, struct pm_arena *a, struct pm_tips *out, struct pm_err *err);
void pm_tips_release(struct pm_tips *t);

#endif
