/*
 * attribute.h - whose is it? Facts about a place become evidence for parties: the services of a
 * move, and everybody else. One table of weights (weights.h, docs/attribution.md); every number
 * in a report comes from it.
 */
#ifndef PM_ATTRIBUTE_H
#define PM_ATTRIBUTE_H

#include "inventory.h"
#include "base/re.h"
#include "config.h"
#include "registry.h"

/* Kinds of evidence, strongest first. */
enum pm_level {
	PM_BY_CONFIG,  /* portmig.yaml says so */
	PM_BY_HOST,    /* host name in the address */
	PM_BY_BLOCK,   /* enclosing block that the format defines */
	PM_BY_IDENT,   /* variable or key that holds the value */
	PM_BY_WORDS,   /* names on the line */
	PM_BY_OUTER,   /* enclosing lines by indentation */
	PM_BY_NEAR,    /* neighbouring lines */
	PM_BY_HEADING, /* headings and section comments */
	PM_BY_DIR,     /* directory of a service */
	PM_BY_PATH,    /* names in the path */
	PM_BY_USE,     /* what is done with the address */
	PM_BY_NUMBER,  /* who else owns this number in the repository */
	PM_BY_COUNT
};

/* A service that moves, as the registry knows it. */
struct pm_target {
	const char *name;
	unsigned entities[16], n_entities;
	const char *words[12]; /* of its name, interned; without project and common words */
	unsigned n_words;
	const char *all[12];   /* without project words only */
	unsigned n_all;
	const char *full[12];  /* all of them */
	unsigned n_full;
	bool is_project;       /* it has project words only, and these count */
	bool of_part;          /* one project word, which is `app`, and a role */
	unsigned role;   /* group of its role word, 0 when it has a word of its own */
	const char *app[12]; /* of "shop-api": shop; empty unless it has both kinds of words */
	unsigned n_app, app_role;  /* and the group of "api" */
	unsigned from[8], n_from; /* ports it leaves; none given: any */
};

/* Evidence for one party at one place. */
struct pm_party {
	const char *name;  /* as seen at the place */
	int target;        /* index into the targets, -1: somebody else */
	int weight[PM_BY_COUNT];
	const char *why[PM_BY_COUNT];
	int score;
	bool stranger;     /* known by nothing but a variable that nobody's name is in */
};

enum { PM_MAX_PARTIES = 12, PM_MAX_TARGETS = 1024 };
struct pm_claim {
	struct pm_party party[PM_MAX_PARTIES];
	unsigned n;
};

/* Fill `t` from a user's name for a service. */
void pm_target_init(struct pm_target *t, struct pm_registry *r, const char *name);
/* The same for known services of one name (at most 16), without adding anything to the registry. */
void pm_target_of(struct pm_target *t, const struct pm_registry *r, const char *name,
		  const unsigned *entities, unsigned n);

/* Weigh the facts of one hit; at most PM_MAX_TARGETS targets. `out` is zeroed by the call; strings
 * live in `a`. */
void pm_attribute(struct pm_claim *out, struct pm_arena *a, const struct pm_registry *r,
		  const struct pm_target *targets, unsigned n_targets,
		  const struct pm_config *config, const struct pm_inv_file *f,
		  const struct pm_hit *h);

/* An address by which a container reaches the machine it runs on: a service outside of its stack. */
bool pm_reaches_host(const struct pm_hit *h);

/* "your_host_or_ip": stands for any machine. */
bool pm_is_placeholder_host(struct pm_str host);

/* Add evidence (the strongest of each level counts) and recompute the party's score. */
void pm_claim_add(struct pm_claim *c, const char *name, int target, enum pm_level level,
		  int weight, const char *why);
/* The party of a target, or of anybody who is not `target`, with the highest score; or NULL. */
const struct pm_party *pm_claim_target(const struct pm_claim *c, int target);
const struct pm_party *pm_claim_rival(const struct pm_claim *c, int target);

#endif
