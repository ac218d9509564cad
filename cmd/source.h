/*
 * source.h - where a command's inputs come from: the repository, the commit, its portmig.yaml, and
 * documents named as FILE, REV:PATH or OTHER-REPO@REV:PATH.
 */
#ifndef PM_SOURCE_H
#define PM_SOURCE_H

#include "cmd.h"

#include "config.h"
#include "git.h"
#include "inventory.h"

/* How a commit is read: options of every command that reads files of one. */
struct pm_reading {
	unsigned long jobs; /* threads; 0: one for each processor at hand, at most PM_JOBS_MAX */
	bool no_cache;
};
enum { PM_JOBS_MAX = 64 };
#define PM_READING_OPTS(r)                                                                      \
	{ 0, "jobs", PM_OPT_NUMBER, &(r).jobs, "N",                                             \
	  "read with N threads (one for each processor)", 1, PM_JOBS_MAX },                     \
	{ 0, "no-cache", PM_OPT_FLAG, &(r).no_cache, NULL, "read all files, and keep nothing" }

/* The number of threads: as asked for, else processors that this process may use. */
unsigned pm_reading_jobs(const struct pm_reading *r);

/* The commit that a command looks at. Release it in any case. */
struct pm_view {
	struct pm_repo *repo;
	char commit[PM_OID_HEX];
	struct pm_config config;
	bool has_config;
	char config_blob[PM_OID_HEX]; /* "" when there is none */
	struct pm_reading reading;    /* set it before pm_view_inventory */
};

/* Open the repository at or above the current directory, or the one that GIT_DIR names, with the
 * objects of GIT_OBJECT_DIRECTORY and GIT_ALTERNATE_OBJECT_DIRECTORIES (set inside hooks). */
int pm_repo_of(struct pm_repo **out, const struct pm_ctx *ctx, struct pm_err *err);

/* A path of the commit as a user writes it: from the root, or, with "./" or "../" in front as in
 * Git's REV:./PATH, from the current directory. Returns it from the root, in `a`, without a final
 * slash; "" is the whole tree. Above the root: PM_E_USAGE and NULL. */
const char *pm_view_path(const struct pm_view *v, struct pm_arena *a, const char *word,
			 struct pm_err *err);

/* Open the repository and resolve `rev` (NULL: HEAD); read portmig.yaml of the commit, or the
 * file of --config. Zeroed `out`. */
int pm_view_open(struct pm_view *out, const struct pm_ctx *ctx, const char *rev,
		   struct pm_err *err);
/* The same for a commit of a repository that is open already, and that the view takes over, also on
 * failure: perhaps one that exists in memory only. */
int pm_view_take(struct pm_view *out, const struct pm_ctx *ctx, struct pm_repo *repo,
		 const char *commit, struct pm_err *err);
/* pm_inventory_build with the view's configuration and the usual limits; `what` stands beside the
 * progress bar, which appears on a terminal when it takes long. */
int pm_view_inventory(struct pm_inventory *out, const struct pm_ctx *ctx, const struct pm_view *v,
		      struct pm_inv_options opt, const char *what, struct pm_err *err);
/* Say how many files of the commit have no object here, and how to get them. */
void pm_view_tell_missing(const struct pm_view *v, const struct pm_ctx *ctx,
			  const struct pm_skip *skips, size_t n);
void pm_view_release(struct pm_view *t);
#define PM_CLEAN_VIEW __attribute__((cleanup(pm_view_release)))

/* A document. `shown` is its name in messages. */
struct pm_source {
	struct pm_buf text;
	struct pm_buf shown;
	char oid[PM_OID_HEX]; /* blob id of the text */
	bool in_commit;       /* `shown` is a path of the view's commit */
};
void pm_source_release(struct pm_source *s);
#define PM_CLEAN_SOURCE __attribute__((cleanup(pm_source_release)))

/*
 * Read SRC. A word with a colon is REV:PATH, or OTHER-REPO@REV:PATH when an '@' that does not
 * begin "@{" stands in front of REV; unless a file has exactly that name. Any other word is a file
 * on disk, or, when there is none, a path of the view's commit. PM_E_USAGE, PM_E_REPO, PM_E_IO.
 */
int pm_source_read(struct pm_source *out, const struct pm_view *t, const char *src,
		   struct pm_err *err);

/* A path of the view's commit; PM_E_NOTFOUND when it is not there. */
int pm_source_commit(struct pm_source *out, const struct pm_view *t, const char *path,
		     struct pm_err *err);

/* Say so when the file on disk, in a working tree, is not what the commit has: the commit counts. */
void pm_source_note_disk(const struct pm_source *s, const struct pm_ctx *ctx,
			 const struct pm_view *v);

/* The usual names of schema documents, NULL-terminated, most explicit first. */
extern const char *const pm_source_usual[];

/* Is this the name of such a document, more loosely: docs/OUR_PORT_ASSIGNMENTS.md? */
bool pm_source_is_usual(const char *path);

/* Find the schema: the configured one, else the first of the usual names. `others` gets the other
 * usual names that exist, separated by ", ". PM_E_NOTFOUND when there is none. */
int pm_source_schema(struct pm_source *out, const struct pm_view *t, struct pm_buf *others,
		     struct pm_err *err);

#endif
