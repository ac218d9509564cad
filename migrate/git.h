/*
 * git.h - the only door to Git. No libgit2 type is visible here; only migrate/git_*.c include
 * libgit2. Nothing found in a repository is executed; no index, no working tree, no checkout.
 */
#ifndef PM_GIT_H
#define PM_GIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

#define PM_OID_HEX 41 /* 40 hex digits and NUL: SHA-1 repositories only */

struct pm_repo; /* opaque */

/* Open the repository at or above `dir` (bare ones only when `dir` itself is one). PM_E_REPO with
 * a plain-words text for what we cannot read: none there, other owner, SHA-256, reftable. */
int pm_repo_open(struct pm_repo **out, const char *dir, struct pm_err *err);
/* Open exactly this Git directory, as GIT_DIR names one: nothing above it is looked at. */
int pm_repo_open_at(struct pm_repo **out, const char *git_dir, struct pm_err *err);
/* Also read objects from this directory, as GIT_OBJECT_DIRECTORY and GIT_ALTERNATE_OBJECT_DIRECTORIES
 * name them. PM_E_REPO when that cannot be done. */
int pm_repo_add_objects(struct pm_repo *r, const char *dir, struct pm_err *err);
/* A lookup in the environment: only cmd/ touches it. */
typedef const char *(*pm_env_fn)(const char *name);
/* Read user, signing and branch settings as Git does: the files that GIT_CONFIG_GLOBAL and
 * GIT_CONFIG_SYSTEM name, or where Git looks by itself, the repository's own and that of its working
 * tree, and what GIT_CONFIG_COUNT and GIT_CONFIG_PARAMETERS (`git -c`) say. Whether the repository may
 * be opened (safe.directory) was decided before, by the usual files. PM_E_USAGE when the variables
 * are malformed. */
int pm_repo_use_config(struct pm_repo *r, pm_env_fn env, struct pm_err *err);
void pm_repo_free(struct pm_repo *r); /* NULL allowed */
const char *pm_repo_dir(const struct pm_repo *r); /* the directory really opened */
const char *pm_repo_git_dir(const struct pm_repo *r); /* its Git directory, ending in a slash */
/* How to get objects that are not here, as a hint. */
const char *pm_repo_missing_hint(const struct pm_repo *r);
bool pm_repo_is_shallow(const struct pm_repo *r);

/* Resolve a revision to a commit id (hex). PM_E_REPO for an unborn HEAD or missing objects,
 * PM_E_USAGE for a name that does not resolve. */
int pm_repo_commit(struct pm_repo *r, const char *rev, char oid[PM_OID_HEX],
		   struct pm_err *err);
int pm_repo_tree_of(struct pm_repo *r, const char *commit, char tree[PM_OID_HEX],
		    struct pm_err *err);

enum pm_skip_reason {
	PM_SKIP_NONE,
	PM_SKIP_BINARY,    /* NUL byte, or attribute */
	PM_SKIP_LARGE,     /* over the limit */
	PM_SKIP_SUBMODULE,
	PM_SKIP_SYMLINK,
	PM_SKIP_LFS,       /* LFS pointer */
	PM_SKIP_ATTR,      /* -portmig */
	PM_SKIP_MISSING,   /* object is not in the repository */
	PM_SKIP_ENCODING,  /* UTF-16/32 */
	PM_SKIP_DEPTH,     /* nested too deep */
	PM_SKIP_CONFIG     /* excluded by portmig.yaml */
};
const char *pm_skip_text(enum pm_skip_reason r); /* "binary", "over 4 MiB", ... */

enum pm_attr {
	PM_ATTR_GENERATED = 1, PM_ATTR_VENDORED = 2, PM_ATTR_DOCUMENTATION = 4,
	/* said not to be: overrules what the path looks like */
	PM_ATTR_NOT_GENERATED = 8, PM_ATTR_NOT_VENDORED = 16
};

/* One entry of a commit's tree, in path order. */
struct pm_entry {
	const char *path;
	char oid[PM_OID_HEX];
	uint32_t mode; /* as in the tree: 0100644 ... */
	uint64_t size; /* 0 for skips that have none */
	enum pm_skip_reason skip;
	unsigned attrs; /* enum pm_attr bits, from .gitattributes of the commit */
};
struct pm_tree {
	struct pm_entry *v;
	size_t n, cap;
	char commit[PM_OID_HEX], tree[PM_OID_HEX];
};

struct pm_limits {
	uint64_t max_file;  /* bytes; default 4 MiB */
	unsigned max_depth; /* tree levels; default 4096 */
};
#define PM_LIMITS_DEFAULT ((struct pm_limits){ 4u << 20, 4096 })

/* List the files of a commit. Entries' paths live in `a`. Skips are entries with `skip` set. */
int pm_repo_walk(struct pm_repo *r, const char *commit, const struct pm_limits *lim,
		 struct pm_arena *a, struct pm_tree *out, struct pm_err *err);
void pm_tree_release(struct pm_tree *t);

/* Bytes of a blob, into `out` (cleared first). PM_E_NOTFOUND when the object is not here,
 * PM_E_REPO when it is damaged. */
int pm_repo_blob(struct pm_repo *r, const char *oid, struct pm_buf *out, struct pm_err *err);
/* Size of a blob in bytes, without reading it; UINT64_MAX when it cannot be told. */
uint64_t pm_repo_blob_size(struct pm_repo *r, const char *oid);
/* Blob of a path in a commit: id and bytes. PM_E_NOTFOUND when there is none, PM_E_USAGE with what
 * it is when it is a symlink, submodule or directory. */
int pm_repo_file(struct pm_repo *r, const char *commit, const char *path,
		 char oid[PM_OID_HEX], struct pm_buf *out, struct pm_err *err);
/* Why content cannot be read as text: looks at the bytes (NUL, LFS pointer, UTF-16). */
enum pm_skip_reason pm_content_skip(const char *bytes, size_t len);

/* What a commit says: its tree, its first parent ("" for a root) and its message, in `a`. */
struct pm_commit_info {
	char tree[PM_OID_HEX], parent[PM_OID_HEX];
	unsigned n_parents;
	const char *message;
};
int pm_repo_commit_info(struct pm_repo *r, const char *commit, struct pm_arena *a,
			struct pm_commit_info *out, struct pm_err *err);
/* The trailers of a message as `git interpret-trailers --parse` gives them, in order, in `a`. */
struct pm_trailer { const char *key, *value; };
struct pm_trailers { struct pm_trailer *v; size_t n; };
struct pm_trailers pm_trailers_read(struct pm_arena *a, const char *message);

/* Commits between `base` and `tip` whose message states this plan (Portmig-Plan): how many, and the
 * newest. */
int pm_repo_find_stated(struct pm_repo *r, const char *tip, const char *base, const char *digest,
			char commit[PM_OID_HEX], size_t *n, struct pm_err *err);
/* A commit that changed a file against all of its parents; "" where there is no such file. */
struct pm_path_commit {
	char commit[PM_OID_HEX], now[PM_OID_HEX], before[PM_OID_HEX];
	int64_t when; /* of the committer */
	int offset_min;
};
/* Anything but 0 ends the walk, and is returned. */
typedef int (*pm_path_commit_fn)(void *data, const struct pm_path_commit *c);
/* The changes of `path` in the history of `commit`, the newest first, back to the time `since` and over
 * 20,000 commits at most. Where history is cut off, it ends. */
int pm_repo_path_commits(struct pm_repo *r, const char *commit, const char *path, int64_t since,
			 pm_path_commit_fn fn, void *data, struct pm_err *err);

/* ---- states that no commit has yet, and branches (git_states.c) ---- */

/* The index as a commit on top of HEAD, in memory only (pm_repo_write_in_memory). `index_file` is
 * that of GIT_INDEX_FILE, or NULL; `head` gets HEAD's commit, "" when there is none yet. PM_E_USAGE
 * for a bare repository, PM_E_REFUSED for unmerged paths, PM_E_REPO, in plain words, for a sparse or
 * split index. */
int pm_repo_index_commit(struct pm_repo *r, const char *index_file, char head[PM_OID_HEX],
			 char commit[PM_OID_HEX], struct pm_err *err);
/* The merge of two commits as a commit in memory. Paths that conflict are listed (in `a`), and our
 * side of them stands in it. */
struct pm_paths { const char **v; size_t n, cap; }; /* PM_VEC_FREE */
int pm_repo_merge_commit(struct pm_repo *r, const char *ours, const char *theirs,
			 struct pm_arena *a, struct pm_paths *conflicts, char commit[PM_OID_HEX],
			 struct pm_err *err);
/* PM_E_NOTFOUND when there is none, or history is cut off before it. */
int pm_repo_merge_base(struct pm_repo *r, const char *one, const char *two, char base[PM_OID_HEX],
		       struct pm_err *err);
/* Local and remote-tracking branches by name; names in `a`. Those whose commit is not here are left
 * out. */
struct pm_branch { const char *name; char commit[PM_OID_HEX]; };
struct pm_branches { struct pm_branch *v; size_t n, cap; }; /* PM_VEC_FREE */
int pm_repo_branches(struct pm_repo *r, struct pm_arena *a, struct pm_branches *out,
		     struct pm_err *err);

/* The lines that differ between two texts, in hunks with so many lines around: `mark` is '-', '+' or
 * ' ', the line has its line end if it has one. */
struct pm_diff_sink {
	void (*hunk)(void *data, unsigned old_from, unsigned old_n, unsigned new_from,
		     unsigned new_n);
	void (*line)(void *data, char mark, struct pm_str line);
};
int pm_repo_diff(struct pm_repo *r, struct pm_str old, struct pm_str new, unsigned context,
		 const struct pm_diff_sink *to, void *data, struct pm_err *err);

/* Who somebody is, by the .mailmap of HEAD; without one, or a readable one, as written. */
struct pm_mailmap;
struct pm_mailmap *pm_mailmap_open(struct pm_repo *r);
/* Replace both where the map says so; what it gives lives as long as the map. */
void pm_mailmap_resolve(const struct pm_mailmap *m, const char **name, const char **mail);
void pm_mailmap_free(struct pm_mailmap *m); /* NULL allowed */

/* ---- writing (git_write.c) ---- */

struct pm_ident {
	char name[256], email[256];
	int64_t when;
	int offset_min;
};
/* Author or committer in Git's order: GIT_AUTHOR_* / GIT_COMMITTER_* of `env`, configuration, else
 * PM_E_USAGE. */
int pm_repo_ident(struct pm_repo *r, pm_env_fn env, bool committer, struct pm_ident *out,
		  struct pm_err *err);
/* "2026-02-03": the day that a document made from a commit may call today. That of the committer to
 * be when the environment gives it (GIT_COMMITTER_DATE, SOURCE_DATE_EPOCH), else the day of the commit,
 * both in their own zone; never the clock's. */
int pm_repo_day(struct pm_repo *r, pm_env_fn env, const char *commit, char day[11],
		struct pm_err *err);

/* A changed file of a commit to be made. */
struct pm_blob_edit {
	const char *path;
	const char *old_oid;
	struct pm_str bytes; /* the new content */
};
/* Write blobs and trees: the tree of `base` with the files replaced, modes kept. */
int pm_repo_write_tree(struct pm_repo *r, const char *base_tree, const struct pm_blob_edit *e,
		       size_t n, char tree[PM_OID_HEX], struct pm_err *err);
/* Write a commit object (no ref). Signs if commit.gpgsign asks for it, or refuses. */
int pm_repo_write_commit(struct pm_repo *r, const char *tree, const char *parent,
			 const struct pm_ident *author, const struct pm_ident *committer,
			 const char *message, char commit[PM_OID_HEX], struct pm_err *err);
/* Is the name one that a new branch may have? Refuses (PM_E_REFUSED) bad names, those that are kept
 * for others, and those where one branch would be a folder of the other. */
int pm_repo_may_create(struct pm_repo *r, const char *branch, struct pm_err *err);
/* Create refs/heads/`branch`; refuses (PM_E_REFUSED) an existing one, and as above. */
int pm_repo_create_branch(struct pm_repo *r, const char *branch, const char *commit,
			  struct pm_err *err);
/* Write to the disk what pm_repo_write_tree and _commit made in memory, and then the branch; PM_E_REFUSED
 * when git gc runs here and does not end within half a minute. The one time that `apply` writes. */
int pm_repo_publish(struct pm_repo *r, const char *branch, const char *commit, struct pm_err *err);
/* From here on objects are written to memory only, and are gone with `r` if nobody publishes them. */
int pm_repo_write_in_memory(struct pm_repo *r, struct pm_err *err);
/* A name like `branch` that is free: itself, or with -2, -3 ... behind it. */
void pm_repo_free_branch(struct pm_repo *r, const char *branch, char *out, size_t cap);
/* Tip of a branch, or PM_E_NOTFOUND. */
int pm_repo_branch(struct pm_repo *r, const char *branch, char commit[PM_OID_HEX],
		   struct pm_err *err);
/* Paths (in `a`) whose blob differs between two trees; modes too. For the proof before publishing
 * and for "which files changed since the plan". */
struct pm_path_change { const char *path; char old_oid[PM_OID_HEX], new_oid[PM_OID_HEX];
			uint32_t old_mode, new_mode; };
struct pm_path_changes { struct pm_path_change *v; size_t n, cap; };
int pm_repo_tree_diff(struct pm_repo *r, const char *tree_a, const char *tree_b,
		      struct pm_arena *a, struct pm_path_changes *out, struct pm_err *err);
/* Names of hooks that a normal `git commit` would run here and portmig does not, with ", " between
 * them; returns how many. */
int pm_repo_hooks(struct pm_repo *r, struct pm_buf *out);
/* SHA-1 blob id of bytes, as Git computes it. */
void pm_blob_id(struct pm_str bytes, char oid[PM_OID_HEX]);

#endif
