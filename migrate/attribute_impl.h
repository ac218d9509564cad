/*
 * attribute_impl.h - what attribute.c, targets.c and weigh_*.c share: one hit being weighed, and
 * what they ask of each other. Nobody else includes this.
 */
#ifndef PM_ATTRIBUTE_IMPL_H
#define PM_ATTRIBUTE_IMPL_H

#include "attribute.h"
#include "weights.h"

#define W pm_weights

/* One hit being weighed; all is borrowed for the call. */
struct pm_ev_work {
	struct pm_claim *claim;
	struct pm_arena *arena;
	const struct pm_registry *reg;
	const struct pm_target *targets;
	unsigned n_targets;
	const struct pm_config *config;
	const struct pm_inv_file *file;
	const struct pm_hit *hit;
	bool *foreign;    /* per target: the file lies in another stack */
	bool line_speaks; /* the line or a defined block names somebody: neighbours matter less */
};

/* ---- claims and places (attribute.c) ---- */

/* Evidence for a target, or for `name` (borrowed) when that is -1; the reason reads: what 'seen'.
 * A weight of 0 or less is none. */
void pm_ev_add(struct pm_ev_work *w, const char *name, int target, enum pm_level level, int weight,
	       const char *what, struct pm_str seen);
/* Is there an address, with a host, around the number? */
bool pm_ev_has_address(const struct pm_hit *h);
/* The place makes its own service use the port, rather than speak to somebody else's. */
bool pm_ev_is_declaration(const struct pm_hit *h);
/* A block defined by the format speaks for routes and policies inside it, too. */
bool pm_ev_is_block_bound(const struct pm_hit *h);

/* ---- names and targets (targets.c): an index into the targets, or -1 ---- */

/* The file lies in another stack, where only the full name of the target means it. */
bool pm_ev_is_foreign(const struct pm_ev_work *w, const struct pm_target *t);
/* Does it leave this port? One of which nothing is said may leave any. */
bool pm_ev_leaves_port(const struct pm_target *t, unsigned port);
/* The moved service that a name means in this file. */
int pm_ev_target(const struct pm_ev_work *w, const struct pm_name_alias *al);
/* The service "shop-api" that leaves this port, by "shop" alone. */
int pm_ev_app_target(const struct pm_ev_work *w, const struct pm_name_alias *al);
/* By an index of the registry; -1 (nobody) is allowed. */
int pm_ev_entity_target(const struct pm_ev_work *w, int entity);
/* By a role word, for a service with only a role for a name; NULL is allowed. */
int pm_ev_role_target(const struct pm_ev_work *w, const char *word);
/* The service among whose words are all of these. */
int pm_ev_part_target(const struct pm_ev_work *w, const struct pm_word *words, unsigned n);
/* By a text that is one name as a whole; *known: it names somebody, moved or not. `loose`: role
 * words beside a name of its own do not matter. */
int pm_ev_whole_name(const struct pm_ev_work *w, struct pm_str text, bool *known, bool loose);
/* The same, for names in dots, too: "billing.example.org". */
int pm_ev_dotted_name(const struct pm_ev_work *w, struct pm_str text, bool *known);
/* The words of a text that tell services apart, at most `max`; their number. */
unsigned pm_ev_own_words(const struct pm_ev_work *w, struct pm_str text, struct pm_word *out,
			 unsigned max);
/* Is the word a role that a moved role service has not? */
bool pm_ev_contrasts(const struct pm_ev_work *w, const char *word);
/* Is it the whole name of anybody who can own a port, in whatever stack? */
bool pm_ev_runs(const struct pm_ev_work *w, const struct pm_name_alias *al);
/* Does the name mean, in this file, anybody who can own a port? */
bool pm_ev_names_service(const struct pm_ev_work *w, const struct pm_name_alias *al);

/* ---- evidence of the place (weigh_place.c): one fact each ---- */

void pm_weigh_host(struct pm_ev_work *w, const struct pm_fact *f);
void pm_weigh_block(struct pm_ev_work *w, const struct pm_fact *f);
void pm_weigh_ident(struct pm_ev_work *w, const struct pm_fact *f);

/* ---- evidence of texts (weigh_words.c) ---- */

/* Sets line_speaks when a name on the line weighs enough. */
void pm_weigh_line(struct pm_ev_work *w);
/* After the line: weighs less when that spoke. */
void pm_weigh_surroundings(struct pm_ev_work *w);

/* ---- evidence of the file (weigh_path.c) ---- */

/* A setting that holds the address a browser opens, or is allowed to come from. */
bool pm_ev_is_browser_setting(struct pm_str s);
void pm_weigh_path(struct pm_ev_work *w);
void pm_weigh_use(struct pm_ev_work *w);
void pm_weigh_config(struct pm_ev_work *w);

#endif
