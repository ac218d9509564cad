/*
 * history_impl.h - what the history_*.c files share. Nobody else includes this.
 */
#ifndef PM_HISTORY_IMPL_H
#define PM_HISTORY_IMPL_H

#include "history.h"
#include "objects.h"
#include "owners.h"

#include "base/hash.h"

/* ---- folding one commit (history_fold.c): pure ---- */

/* A statement that one side of a changed path has and the other has not. */
struct pm_hseen {
	struct pm_seen seen;
	int owner; /* service, -1 */
};

/* One changed path of a commit. */
struct pm_delta {
	const char *path;
	uint32_t path_index; /* pm_hread.paths */
	struct pm_hseen *gone, *came; /* by place */
	size_t n_gone, n_came;
	bool merged; /* another parent of the merge has it */
	bool blind;  /* one side cannot be read */
	bool quiet;  /* one of these: it counts, but is no change of this commit */
};

/* The statements that only one of two versions has. In `a`; owners are -1. */
void pm_delta_make(struct pm_delta *out, struct pm_arena *a, const char *path,
		   const struct pm_seen_list *before, const struct pm_seen_list *after);

/* How many declarations there are, by service and port; by service alone under port 0. */
struct pm_tally {
	uint32_t *keys; /* open addressing; service << 16 | port, plus 1; 0 is free */
	int32_t *counts;
	size_t n, cap;
};
void pm_tally_add(struct pm_tally *t, int service, unsigned port, int n);
int pm_tally_get(const struct pm_tally *t, int service, unsigned port);
void pm_tally_release(struct pm_tally *t);
/* Apply the declarations of a change; `sign` -1 takes it back. */
void pm_tally_change(struct pm_tally *t, const struct pm_delta *d, size_t n, int sign);

/* The owner that counts for a use of a port is needed only where it can matter. */
bool pm_delta_needs(const struct pm_delta *d, const struct pm_hseen *s);
/* Add the events of a commit, by service and ports; `before` is the state of its first parent.
 * `commit` is copied into them. Places live in `a`. */
void pm_history_fold(struct pm_hist_events *out, struct pm_arena *a, const struct pm_delta *d, size_t n,
		     const struct pm_tally *before, unsigned commit);

/* ---- services of the past (history_names.c) ---- */

/* What files that the newest commit has not, or not any more in that form, said about names. */
struct pm_past {
	struct pm_arena arena;
	struct pm_decls decls; /* of manifests as they were last; PM_VEC_FREE */
	struct { const char **v; size_t n, cap; } paths; /* that declared ports and are gone */
};
void pm_past_release(struct pm_past *p);
/* Names that the format gives a declaration: Compose and Kubernetes. */
void pm_past_add_statement(struct pm_past *p, const struct pm_evidence *e);

/* The names of everybody: those of `tip` (an inventory with names), and those of the past that
 * nobody of it has; for pm_registry_build. Only decls and paths are filled; decls.v is to be freed,
 * all else is in `a`, or borrowed. The order in which the past was added does not matter. */
void pm_past_names(struct pm_inventory *out, struct pm_arena *a, struct pm_past *p,
		   const struct pm_inventory *tip, const struct pm_schema *schema,
		   const struct pm_config *config);

/* ---- reading (history_read.c, history_walk.c) ---- */

/* What is kept for the next history, see history_keep.h. */
enum { PM_HKEEP_HASH = 33 }; /* hex digits and NUL */

struct pm_hkeep {
	struct pm_cache *cache; /* NULL: nothing is kept */
	char settings[PM_HKEEP_HASH];
	char names[PM_HKEEP_HASH]; /* "" until pm_hkeep_names */
};
struct pm_hkept;


/* A path that some commit of the walk changed, or the newest one has. */
struct pm_hpath {
	const char *text;
	bool skipped;  /* its content says nothing: binary by name, generated, excluded, of the past;
			* of versions that are wanted */
	bool classified; /* that is known */
	bool schema;   /* a port schema */
	bool manifest; /* worth reading for names */
	bool today;    /* the newest commit has it */
	bool past;     /* it has not, and some version of it declares a port */
	bool named;    /* a manifest whose names were recalled from the cache */
	int32_t last;  /* the version that was written last, PM_NO_VERSION */
};

enum pm_hread_state { PM_HREAD_YES, PM_HREAD_MISSING, PM_HREAD_SKIPPED };

struct pm_hpath_key {
	const char *text;
	uint32_t index; /* of pm_hread.paths */
	UT_hash_handle hh;
};

/* One content of one path. */
struct pm_version {
	uint32_t path;
	struct pm_oid blob;
	uint8_t read; /* enum pm_hread_state */
	bool wanted;  /* its statements are; else only the names in it may be */
	bool whole;   /* it stands in the newest commit's tree, or in one where the walk begins */
	bool known;   /* its statements were recalled from the cache */
	struct pm_seen_list seen;
};

struct pm_hversion_key {
	struct { uint32_t path; struct pm_oid blob; } key;
	uint32_t index; /* of pm_hread.versions */
	UT_hash_handle hh;
};

enum { PM_NO_VERSION = -1 };

struct pm_hchange { /* of one path in one commit, against its first parent */
	uint32_t path;
	int32_t before, after; /* versions, or PM_NO_VERSION */
	bool merged;           /* a merge that took another parent's version: no change of its own */
};

enum pm_hparent {
	PM_PARENT_NONE,    /* a root */
	PM_PARENT_WALKED,
	PM_PARENT_OUTSIDE, /* of the range: known, not walked */
	PM_PARENT_LOST     /* shallow, or not in the repository: nothing is known */
};

struct pm_hcommit {
	struct pm_oid id, tree;
	enum pm_hparent kind;      /* of the first parent */
	int parent;                /* its index, when walked */
	struct pm_oid parent_tree; /* when walked or outside */
	struct pm_oid *others;     /* trees of the other parents, in the arena */
	unsigned n_others;
	struct pm_oid *parents;    /* as the commit names them, in the arena; with a cache */
	uint32_t n_parents;
	int64_t when;              /* committer's date */
	struct pm_hkept *kept;     /* what was recalled of it: then it has no changes; or NULL */
	bool lost;                 /* a tree of it, or of a parent, is not here */
	struct pm_hchange *changes; /* by path; in the arena */
	size_t n_changes;
};

/* Versions of all files of a tree: what was there before the walk begins. */
struct pm_hbase {
	unsigned commit; /* for the parent of this one; or, when that is lost, this one itself */
	int32_t *versions;
	size_t n;
};

/* Everything read, nothing decided. */
struct pm_hread {
	struct pm_arena arena;
	struct pm_evidence_table *table;
	struct pm_hpath_key *path_keys;
	struct pm_hversion_key *version_keys;
	struct { struct pm_hcommit *v; size_t n, cap; } commits; /* parents first, else the oldest */
	struct { struct pm_hpath *v; size_t n, cap; } paths;
	struct { struct pm_version *v; size_t n, cap; } versions;
	struct pm_oid newest;
	int32_t *today; /* versions of the newest commit's files */
	size_t n_today;
	struct pm_hbase *bases;
	size_t n_bases;
	struct pm_past past;
	struct pm_hkeep *keep;
	struct pm_arena *kept; /* of what was recalled of commits, by run */
	size_t n_kept;
};

/* ---- commits in words (history_commits.c) ---- */

/* Fill in who, when and what for these commits of the walk (indexes, ascending), in h->commits. */
int pm_hist_commits(struct pm_history *h, const struct pm_hread *all, struct pm_repo *repo,
		    const unsigned *indexes, size_t n, struct pm_err *err);

/* The version of a path with this content; PM_NO_VERSION when the walk has none. */
int32_t pm_hist_version(const struct pm_hread *all, struct pm_str path, const struct pm_oid *blob);

int pm_hist_read(struct pm_hread *all, struct pm_history *h, struct pm_repo *repo,
		 const struct pm_hist_options *o, struct pm_err *err);
void pm_hist_read_release(struct pm_hread *all);

/* The commits of the walk; horizons and what could not be resolved go to `h`. */
int pm_hist_list(struct pm_hread *all, struct pm_history *h, struct pm_repo *repo,
		 struct pm_objects *objects, const struct pm_hist_options *o, struct pm_err *err);
/* The tree of a commit that is not walked; PM_E_NOTFOUND. */
int pm_hist_outer_tree(struct pm_objreader *rd, const struct pm_oid *id, struct pm_oid *tree,
		       struct pm_err *err);
enum { PM_HIST_RUN = 256 }; /* neighbouring commits that a thread takes at once */
/* What the cache knows of the commits: c->kept. */
void pm_hist_recall(struct pm_hread *all, struct pm_objects *objects,
		    const struct pm_hist_options *o);
/* Use nothing of it after all. */
void pm_hist_forget(struct pm_hread *all);
/* Paths, versions and changes of the others. */
int pm_hist_walk(struct pm_hread *all, struct pm_history *h, struct pm_objects *objects,
		 const struct pm_hist_options *o, struct pm_err *err);

/* ---- putting it together (history.c, history_results.c) ---- */

struct pm_hquestion { /* whose is this statement in a file of this path? */
	struct { const struct pm_evidence *what; uint64_t path; } key;
	int owner;
	UT_hash_handle hh;
};

struct pm_hdeltas { struct pm_delta *v; size_t n; };

struct pm_hbuild {
	struct pm_history *h;
	struct pm_hread all;
	struct pm_repo *repo;
	const struct pm_hist_options *o;
	struct pm_hkeep keep;
	struct pm_inventory tip, names; /* of the newest commit; of all times: decls and paths only */
	struct pm_registry *reg;
	struct pm_owners *owners;
	struct pm_arena arena;
	struct pm_hdeltas *deltas; /* by commit */
	struct pm_hquestion *asked;
	struct { struct pm_hquestion **v; size_t n, cap; } questions;
	struct pm_arena *scratch; /* one per thread */
	struct pm_tally base;     /* ports that somebody had before the walk */
};

/* The owner of a statement that was asked for; -1 when it was not. */
int pm_hist_owner(const struct pm_hbuild *b, const struct pm_evidence *what, uint32_t path);

/* From all events, by commit, to those asked for, with everything that they name. */
int pm_hist_results(struct pm_hbuild *b, struct pm_err *err);

/* ---- the schema's own history (history_schema.c) ---- */

/* Fill h->rows; commits are those of the walk. */
void pm_hist_schema(struct pm_hbuild *b);

/* A name that stands at another range than before, in documents that cannot be read as schemas. */
struct pm_loose_move { const char *name; unsigned from, from_hi, to, to_hi, line; };
struct pm_loose_moves { struct pm_loose_move *v; size_t n, cap; };
/* By line. Names are in `a`. */
void pm_loose_moves(struct pm_loose_moves *out, struct pm_arena *a, const char *old_path,
		    struct pm_str old, const char *new_path, struct pm_str new);

/* ---- what messages say (history_message.c) ---- */

/* Mark rows that their commit's message does not speak of; one finding per commit. */
void pm_hist_unsaid(struct pm_hbuild *b);
/* A finding for each number that a message or a trailer says came or went and that did not. The
 * events are those of h->commits, which know their place in the walk (order). */
void pm_hist_disagree(struct pm_hbuild *b);

/* ---- what moves left behind (history_left.c) ---- */

/* Fill h->moves for the events (whose commits are those of the walk, services owners). */
int pm_hist_left(struct pm_hbuild *b, struct pm_err *err);

#endif
