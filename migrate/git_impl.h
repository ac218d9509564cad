/*
 * git_impl.h - what the git_*.c files share. Nobody else includes this: it shows libgit2.
 */
#ifndef PM_GIT_IMPL_H
#define PM_GIT_IMPL_H

#include "git.h"
#include "objects.h"

#include <git2.h>

/* An object that was made, and is not on the disk yet. */
struct pm_made {
	git_oid id;
	git_object_t type;
	struct pm_buf bytes;
};

/* A setting that the environment gives (git -c); later ones win. */
struct pm_setting { char *key, *value; };

struct pm_repo {
	git_repository *git;
	git_odb *odb;
	char *dir;     /* the directory really opened */
	bool promisor; /* a partial clone: objects may be elsewhere */
	bool in_memory; /* only `odb` has what was written */
	struct { char **v; size_t n, cap; } added; /* object directories named by the caller */
	struct { struct pm_setting *v; size_t n, cap; } said; /* by the environment */
	struct { struct pm_made *v; size_t n, cap; } made; /* in memory, for pm_repo_publish */
	struct pm_objects *objects; /* opened when first needed, as is the reader */
	struct pm_objreader *reader;
};

#define PM_CLEAN_TREE __attribute__((cleanup(pm_git_tree_done))) git_tree *
void pm_git_tree_done(git_tree **t);

/* Start libgit2, as git_libgit2_init: as often as git_libgit2_shutdown is called. */
int pm_git_start(struct pm_err *err);
/* libgit2's last message; never NULL (with a full disk libgit2 sets none). */
const char *pm_git_message(void);
/* Fill `err` from libgit2's last error: "what: message". */
int pm_git_fail(struct pm_err *err, enum pm_code code, const char *what);
/* Say that an object is not here, and how to get it when this is a partial clone. */
int pm_git_missing(struct pm_repo *r, const char *what, const char *oid, struct pm_err *err);
/* A hex id as libgit2 wants it; PM_E_USAGE when it is not one. */
int pm_git_oid(git_oid *out, const char *hex, struct pm_err *err);
void pm_git_hex(char out[PM_OID_HEX], const git_oid *oid);
/* The same for the object layer. */
int pm_git_id(struct pm_oid *out, const char *hex, struct pm_err *err);
/* The reader of whoever uses `r` itself: its threads have readers of their own. */
struct pm_objreader *pm_git_reader(struct pm_repo *r);
/* pm_objreader_need, for objects that others say are here: not to find one is PM_E_REPO. */
int pm_git_need(struct pm_repo *r, const struct pm_oid *id, enum pm_object_type type,
		struct pm_str *bytes, struct pm_err *err);
/* Id of a commit's tree. */
int pm_git_tree_id(struct pm_repo *r, const char *commit, struct pm_oid *tree, struct pm_err *err);

/* Remember an object that was written to memory: it belongs to what is published (git_publish.c). */
void pm_git_keep(struct pm_repo *r, const git_oid *id, struct pm_str bytes, git_object_t type);
void pm_git_forget_made(struct pm_repo *r);

/* ---- configuration (git_config.c) ---- */

/* The value of a setting, as Git would see it; false when there is none, or an empty one. The second
 * asks the environment, the user and the system only, never the repository. Keys in lower case. */
bool pm_git_setting(struct pm_repo *r, const char *key, struct pm_buf *out);
bool pm_git_trusted(struct pm_repo *r, const char *key, struct pm_buf *out);
void pm_git_forget_settings(struct pm_repo *r);

/* ---- signing (git_sign.c) ---- */

/* Does the configuration ask for signed commits? PM_E_USAGE when it says neither yes nor no. */
int pm_git_wants_signature(struct pm_repo *r, bool *wants, struct pm_err *err);
/* A detached signature of `text` by the program of the user's configuration, never that of the
 * repository. PM_E_REFUSED when it cannot be had. */
int pm_git_sign(struct pm_repo *r, const struct pm_ident *committer, struct pm_str text,
		struct pm_buf *signature, struct pm_err *err);

/* ---- .gitattributes of a commit (git_attr.c) ---- */

enum pm_attr_name {
	PM_ATTR_BINARY, PM_ATTR_LINGUIST_GENERATED, PM_ATTR_LINGUIST_VENDORED,
	PM_ATTR_LINGUIST_DOCUMENTATION, PM_ATTR_PORTMIG, PM_ATTR_NAMES
};
enum pm_attr_state { PM_ATTR_UNSAID, PM_ATTR_ON, PM_ATTR_OFF };

/* Rules of all files from the root down to the directory being walked; deeper ones win. */
struct pm_attr_rules {
	struct pm_attr_rule *v;
	size_t n, cap;
};
/* Add the rules of one .gitattributes file that stands in directory `dir` ("" or "a/b/"). */
void pm_attr_push(struct pm_attr_rules *rules, const char *dir, const char *text, size_t len);
/* Forget the rules from the n-th on (leaving a directory). */
void pm_attr_pop(struct pm_attr_rules *rules, size_t n);
void pm_attr_find(const struct pm_attr_rules *rules, const char *path,
		  enum pm_attr_state state[PM_ATTR_NAMES]);

#endif
