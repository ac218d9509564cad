/*
 * agree_impl.h - what the rules "document against repository" share: agree.c, agree_groups.c,
 * agree_units.c, collide.c, drift.c. Nobody else includes this.
 */
#ifndef PM_AGREE_IMPL_H
#define PM_AGREE_IMPL_H

#include "check.h"
#include "survey.h"

#include "base/path.h"
#include "stack.h"

/* A Compose file, and whose its services are. */
struct pm_agree_stack {
	struct pm_stack stack;
	const struct pm_inv_file *file;
	const struct pm_agree_stack *base; /* compose.yml of a compose.override.yml, or NULL */
	struct pm_where where;
	bool configured;               /* portmig.yaml says where it runs */
	bool is_aside;
	int *services;                 /* of the survey, one per service of the stack; -1: nobody's */
};

/* One run of pm_check_tree; all lives in the arena `a`. */
struct pm_agree {
	const struct pm_check_input *in;
	const struct pm_schema *schema; /* in->schemas[0], or NULL */
	struct pm_arena *a;
	struct pm_diags *out;
	struct pm_check_stats *stats;
	struct pm_survey survey;
	struct pm_agree_stack *stacks;
	size_t n_stacks;
	int *owner;                     /* per port: the service that declares it, PM_NOBODY, PM_SEVERAL */
	bool outside;                   /* the schema is no file of this commit */
	const char **hosts;             /* names of the stacks' services, sorted */
	size_t n_hosts;
	size_t *node_at;                /* per port: scratch of the groups of one service */
};

/* ---- the ports of one service (agree_groups.c) ---- */

/* One port, as a node of a forest. */
struct pm_agree_node {
	unsigned port;
	size_t parent;
	size_t n;       /* places */
	bool bare;      /* the program has it without a container, too */
	unsigned outer; /* inside a container: where it is published; 0: nowhere */
	size_t finding, inner_finding; /* indices into the findings, SIZE_MAX: none yet */
};

/* Places of ports that belong together. `chief` is the most authoritative one that declares its
 * port; NULL: they only speak to the service. */
struct pm_agree_group {
	const struct pm_use **uses;
	size_t n, n_max;
	const struct pm_use *chief;
	bool known; /* one of its ports is in a row to compare with */
};

struct pm_agree_service {
	struct pm_agree *g;
	const struct pm_survey_service *v;
	struct pm_agree_node *nodes;
	size_t n_nodes;
	struct pm_agree_group *groups; /* one per node; those of roots count */
	size_t winner;                 /* the group that is right; SIZE_MAX: none declares anything */
};

/* The node of a port that the service has a place with; NULL: it has none. */
struct pm_agree_node *pm_agree_node_of(const struct pm_agree_service *s, unsigned port);
/* Is the port in a row to compare with? */
bool pm_agree_in_rows(const struct pm_agree_service *s, unsigned port);
/* The group of a port; NULL: the service has no place with it. */
const struct pm_agree_group *pm_agree_group_of(const struct pm_agree_service *s, unsigned port);

enum { PM_NOBODY = -1, PM_SEVERAL = -2 };

/* ---- findings (agree.c) ---- */

/* A finding at a use; service and port make its key, with `key` (may be NULL). */
struct pm_diag *pm_agree_at(struct pm_agree *g, const char *rule, enum pm_severity severity,
			    const struct pm_use *u, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* Another place of the finding: a use, with what it does; a row of the document. */
void pm_agree_also(struct pm_agree *g, struct pm_diag *x, const struct pm_use *u);
void pm_agree_also_row(struct pm_agree *g, struct pm_diag *x, const struct pm_endpoint *e);
/* "production", "mac-mini", "production on mac-mini"; "" when nothing is known. */
const char *pm_agree_where(struct pm_agree *g, const struct pm_where *w);
/* The path is the directory, or inside it. */
bool pm_agree_is_below(const char *path, const char *dir);
/* A line too long to be written by hand: a dump, a snapshot. */
bool pm_agree_is_data(const struct pm_inv_file *f, const struct pm_hit *h);
/* Is there a finding at this place already? */
bool pm_agree_said(const struct pm_agree *g, const char *path, unsigned line, unsigned col);
/* Places for tests, or put aside, say nothing about what runs. */
bool pm_agree_is_aside(const struct pm_use *u);
/* The document describes what shall be rather than what is, for this row. */
bool pm_agree_is_aspirational(const struct pm_agree *g, const struct pm_endpoint *e);
/* The row is one to compare with: planned ones, or with --against real what runs today. */
bool pm_agree_counts(const struct pm_agree *g, const struct pm_survey_service *v,
		     const struct pm_endpoint *e);

/* The row that gives this port to somebody, or NULL: planned, else what runs today. */
const struct pm_endpoint *pm_agree_row_at(const struct pm_agree *g, unsigned port);
/* Does a service of a stack share a word of its own with the row's service? */
bool pm_agree_related(const struct pm_agree *g, const struct pm_stack_service *s,
		      const struct pm_endpoint *row);
/* Have the names a word in common that tells services apart? */
bool pm_agree_same_word(const struct pm_agree *g, const char *a, const char *b);
/* Has the name a word of its own that stands in the row's name? */
bool pm_agree_shares_word(const struct pm_agree *g, const char *name,
			  const struct pm_endpoint *row);
/* The same for any name; true where one of the two has no word of its own. */
bool pm_agree_related_name(const struct pm_agree *g, const char *name,
			   const struct pm_endpoint *row);

/* ---- the stacks (agree_stacks.c) ---- */

void pm_agree_read_stacks(struct pm_agree *g);
/* Is this the name of a service or container of some stack? */
bool pm_agree_is_host(const struct pm_agree *g, const char *name);

/* ---- the rules, in the order in which they are asked: a later one is silent about a place that an
 * earlier one has spoken of, where it would only say the same in other words ---- */

/* The container side of each Compose service, and those who call it there. */
void pm_agree_units(struct pm_agree *g);
/* What the manifests of a cluster say of one port. */
void pm_agree_kube(struct pm_agree *g);
/* Ports of each service: against its rows, and against each other. */
void pm_agree_groups(struct pm_agree *g);
/* Who speaks to the service at a port that it does not have, or not there. */
void pm_agree_callers(struct pm_agree_service *s);
/* Published ports on one host. */
void pm_agree_collisions(struct pm_agree *g);
/* Public names that are routed to ports of the machine. */
void pm_agree_tunnels(struct pm_agree *g);
/* The document as a whole against the tree. */
void pm_agree_document(struct pm_agree *g);
/* Variables and their values. */
void pm_agree_settings(struct pm_agree *g);

#endif
