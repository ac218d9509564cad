/*
 * registry_impl.h - what registry.c and the registry_*.c files share: the registry itself, and what
 * they ask of each other. Nobody else includes this.
 */
#ifndef PM_REGISTRY_IMPL_H
#define PM_REGISTRY_IMPL_H

#include "registry.h"

#include "base/hash.h"

enum { PM_REG_WORDS = 12 };

struct pm_reg_word {
	const char *text;
	bool project;
	bool whole; /* ... the whole repository's, not that of one application among others */
	UT_hash_handle hh;
};

struct pm_reg_key { /* "dir:apps/web" -> declaration that first had it */
	const char *key;
	unsigned decl;
	UT_hash_handle hh;
};

/* All aliases that start with one word, longest first. */
struct pm_reg_alias {
	const char *first;
	struct { struct pm_name_alias **v; size_t n, cap; } list;
	UT_hash_handle hh;
};

/* A folder of Compose files that runs the services of a project above it: no stack of its own. */
struct pm_reg_deployment {
	const char *folder, *project;
};

/* Who has a directory, or a variable: the first entity that does. */
struct pm_reg_owner {
	const char *text;
	unsigned entity;
	bool several; /* others have it as well */
	UT_hash_handle hh;
};

struct pm_registry {
	struct pm_arena *arena;
	struct pm_reg_word *words;
	struct pm_reg_owner *dirs, *variables;
	struct pm_reg_alias *aliases;
	struct { struct pm_entity *v; size_t n, cap; } entities;
	struct { const char **v; size_t n, cap; } stacks; /* sorted */
	const char *const *paths; /* of the commit */
	size_t n_paths;
	struct { struct pm_reg_deployment *v; size_t n, cap; } deployments;
	uint32_t roles; /* bit g: a service has a role of group g for a name, or for a part of it */
};

/* ---- words (registry_words.c) ---- */

/* The entry of a word in lower case; NULL when nobody used it yet. */
struct pm_reg_word *pm_reg_find_word(const struct pm_registry *r, const char *p, size_t n);
/* The same, made when it is not there. */
struct pm_reg_word *pm_reg_intern(struct pm_registry *r, const char *p, size_t n);
/* Intern all role and noise words. */
void pm_reg_intern_vocabulary(struct pm_registry *r);
/* ASCII only. */
char pm_reg_lower(char c);
bool pm_reg_is_capital(char c);
/* Split `text` into at most `max` words. Unknown words are interned in `add`;
 * when that is NULL their text is NULL. */
unsigned pm_reg_split(const struct pm_registry *r, struct pm_registry *add,
		      struct pm_str text, struct pm_word *out, unsigned max);
/* Has the name a word that is neither a role nor common? */
bool pm_reg_tells_apart(const struct pm_registry *r, const char *name);
/* Has the name a word beside project and common words? Interns its words. */
bool pm_reg_has_own_word(struct pm_registry *r, const char *name);
/* Has it none but project, role and common words? Interns its words. */
bool pm_reg_is_role_only(struct pm_registry *r, const char *name);

/* ---- aliases (registry_alias.c) ---- */

/* The alias of exactly these n >= 1 interned words; NULL when there is none. */
struct pm_name_alias *pm_reg_find_alias(const struct pm_registry *r, const char *const *words,
					unsigned n);
/* Fill `core` (n places) with the words that tell a name from its neighbours; their number. */
unsigned pm_reg_core(const struct pm_registry *r, const struct pm_word *w, unsigned n,
		     const char **core);
/* Fill count[0..PM_WORD_NOISE] with how many of the words are of each class. */
void pm_reg_classes(const struct pm_registry *r, const char *const *words, unsigned n,
		    unsigned *count);
/* "socket-proxy", "api-gateway": two different roles make a name. */
bool pm_reg_has_two_roles(const char *const *words, unsigned n);
/* Let `entity` go by `name` and by all aliases that this gives. */
void pm_reg_add_name(struct pm_registry *r, const char *name, unsigned entity);

/* ---- directories and joining (registry_join.c) ---- */

/* The last component of a path, borrowed from it. */
const char *pm_reg_base(const char *path);
/* What stands before the last "/"; "" when there is none. */
const char *pm_reg_dir(struct pm_arena *a, const char *path);
/* A component that by custom holds services rather than being one. */
bool pm_reg_is_holder(struct pm_str name);
/* Are the children of this directory services by custom? */
bool pm_reg_holds_services(const char *dir);
/* The project's directory: `dir` without trailing holders. */
const char *pm_reg_scope(struct pm_arena *a, const char *dir);
/* The directory of the stack that a file declares services of; needs the deployments. */
const char *pm_reg_stack_of(const struct pm_registry *r, const char *path);
/* Is the directory one of r->stacks? Where it is, or would be. */
bool pm_reg_find_stack(const struct pm_registry *r, struct pm_str dir, size_t *at);
/* Fill r->deployments. */
void pm_reg_find_deployments(struct pm_registry *r, const struct pm_decls *decls);
/* The first declaration of the service that declaration i belongs to. */
unsigned pm_reg_root(unsigned *parent, unsigned i);
/* Unite declarations of one service in `parent`, in which each is its own parent at first. */
void pm_reg_join(const struct pm_registry *r, const struct pm_decls *decls,
		 unsigned *parent);

/* ---- project words (registry_project.c) ---- */

/* Mark the words that many names of the repository begin with. */
void pm_reg_find_project_words(struct pm_registry *r, const struct pm_decls *decls);

/* ---- entities (registry.c) ---- */

/* A new service, known by nothing but `name` (may be NULL); its index. Moves the others. */
unsigned pm_reg_new_entity(struct pm_registry *r, const char *name);
bool pm_reg_has_dir(const struct pm_entity *e, const char *dir);
/* Add a directory (kept) unless it is "" or there already. */
void pm_reg_add_dir(struct pm_registry *r, unsigned entity, const char *dir);

#endif
