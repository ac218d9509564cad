/*
 * registry.h - who exists: the services of a repository and all the names they go by.
 *
 * Built from the declarations of manifests (scanner.h: pm_decl), the schema and the
 * configuration. Names are compared as sequences of words: "shop-events", "SHOP_EVENTS" and
 * "shopEvents" are the same name.
 */
#ifndef PM_REGISTRY_H
#define PM_REGISTRY_H

#include "inventory.h"
#include "config.h"
#include "schema.h"
#include "words.h"

#include <stdbool.h>

/* How much a name says by itself. */
enum pm_alias_class {
	PM_ALIAS_FULL, /* a service's whole name with a word of its own: "billing-worker" */
	PM_ALIAS_CORE, /* the same without project and role words: "billing" */
	PM_ALIAS_ROLE, /* role words only: "api", "web": counts within its project only */
	PM_ALIAS_APP   /* "shop" of "shop-api": one of its parts, where it is written as a title */
};

struct pm_word {
	const char *text; /* lower case, interned: equal words are equal pointers */
	uint32_t off, len; /* place in the text it was read from */
};

struct pm_name_alias {
	const char **words; /* n interned words */
	unsigned n;
	enum pm_alias_class class;
	unsigned *entities; /* indices of the services that go by it */
	unsigned n_entities;
	const char *shown;
};

/* One service. */
struct pm_entity {
	const char *name;      /* the best name to show */
	const char **dirs;     /* its directories, repo-relative, no trailing slash */
	unsigned n_dirs;
	const char *scope;     /* directory of the project it belongs to, "" for the root */
	unsigned *ports;
	unsigned n_ports;
	const char **stacks;   /* directories of the Compose files that declare it; "" is the root */
	unsigned n_stacks;
	const char **variables; /* environment variables that hold its published ports */
	unsigned n_variables;
	bool declared;         /* runs (compose, k8s, child of services/), not a mere package */
};

struct pm_registry; /* opaque; lives in the arena it was built in, plus heap released below */

/* Of the paths of a commit, all that a registry is told by: each directory with files, once ("a/b/"),
 * and files whose names tell that something runs. In `a`; `*kept` of them. A registry reads no other:
 * what is remembered for one (history_keep.h) holds for all commits with these. */
const char **pm_registry_paths(struct pm_arena *a, const char *const *paths, size_t n, size_t *kept);

/* Build from the declarations and paths of an inventory; `schema` and `config` may be NULL.
 * Borrowed values must outlive it. */
struct pm_registry *pm_registry_build(struct pm_arena *a, const struct pm_inventory *inv,
				      const struct pm_schema *schema,
				      const struct pm_config *config);
void pm_registry_release(struct pm_registry *r);

unsigned pm_registry_count(const struct pm_registry *r);
const struct pm_entity *pm_registry_entity(const struct pm_registry *r, unsigned i);

/* The services that a user's name for one means: exact names first, then "project-role". Returns
 * how many of `out[0..max)` were filled; when there is none, a new entity with only this name is
 * made, so the result is at least 1. */
unsigned pm_registry_resolve(struct pm_registry *r, const char *name, unsigned *out,
			     unsigned max);

/* A name found in a text. */
struct pm_mention {
	const struct pm_name_alias *alias;
	uint32_t off, len; /* bytes in the text */
	bool joined;       /* written as one identifier: "shop-events", SHOP_EVENTS, shopEvents */
	bool label;        /* capitalised, quoted, closed by a colon, or alone: a title, not prose */
};
/* Longest, leftmost, disjoint names in `text`. Returns how many of `out[0..max)` were filled. */
unsigned pm_registry_find(const struct pm_registry *r, struct pm_str text,
			  struct pm_mention *out, unsigned max);

/* Deepest service directory that contains `path`; -1 when none. */
int pm_registry_dir_owner(const struct pm_registry *r, const char *path);

/* Does alias `al`, seen in the file `path`, mean entity `e`? Role names count only within the
 * project of the entity, and not where a nearer project has the same role. */
bool pm_registry_means(const struct pm_registry *r, const struct pm_name_alias *al, unsigned e,
		       const char *path);

/* The deepest directory above `path` that is a stack of its own (holds a Compose file and is not
 * merely a folder for such files); "" for none. */
const char *pm_registry_stack(const struct pm_registry *r, const char *path);
/* Is the service declared in this stack, or does it live there? */
bool pm_registry_in_stack(const struct pm_registry *r, unsigned entity, const char *stack);

/* Has any service this role (pm_role_group) for a name? Front ends and what answers them always
 * have each other. */
bool pm_registry_has_role(const struct pm_registry *r, unsigned group);

/* The service whose published port this environment variable holds; -1 when none or several. */
int pm_registry_variable_owner(const struct pm_registry *r, const char *variable);

/* Split into words (at most max); exposed for identifiers: SHOP_EVENTS_URL -> shop events url. */
unsigned pm_registry_words(const struct pm_registry *r, struct pm_str text, struct pm_word *out,
			   unsigned max);
/* What a word is by itself. NULL text (unknown word) gives PM_WORD_OTHER. */
enum pm_word_class { PM_WORD_OTHER, PM_WORD_PROJECT, PM_WORD_ROLE, PM_WORD_NOISE };
enum pm_word_class pm_registry_word_class(const struct pm_registry *r, const char *lower);

/* A project word of one application among others: "shop" where "bank-api" runs, too. */
bool pm_registry_is_part(const struct pm_registry *r, const char *lower);

/* What tells a name from its neighbours, as words with spaces between them, in `a`: without the
 * words of the project and of what it runs on. NULL when nothing or only roles are left. */
const char *pm_registry_core(const struct pm_registry *r, struct pm_arena *a, const char *name);

#endif
