/*
 * alloc.h - the next free port, or the next free block of ports, for a service: where the schema
 * lets it look, what stands in the way of each candidate, and which is taken. Pure, but for branches.
 *
 * A candidate is passed over for one reason, the first that holds; reasons are told, never only
 * counted. Facts that hold for every candidate (a document that lives in the ephemeral range) are
 * remarks: the document has chosen.
 */
#ifndef PM_ALLOC_H
#define PM_ALLOC_H

#include "config.h"
#include "inventory.h"
#include "schema.h"

/* Why a port is not free, strongest first. */
enum pm_alloc_why {
	PM_ALLOC_ROW,       /* a row has it */
	PM_ALLOC_RUNS,      /* the document says that somebody runs there */
	PM_ALLOC_NEVER,     /* reserved: never to be used */
	PM_ALLOC_SLOT,      /* kept free */
	PM_ALLOC_MAY,       /* reserved: may conflict */
	PM_ALLOC_OFFSET,    /* its place in the block is for something else */
	PM_ALLOC_TREE,      /* a file of the commit uses it */
	PM_ALLOC_BRANCH,    /* a branch uses it, or gives it to somebody */
	PM_ALLOC_REFUSED,   /* browsers and Node's fetch refuse it */
	PM_ALLOC_AIRPLAY, PM_ALLOC_EPHEMERAL, PM_ALLOC_NODEPORT,
	PM_ALLOC_FREE
};
const char *pm_alloc_why_name(enum pm_alloc_why w); /* "row", "runs", ... for JSON */

/* Somebody's use of a port: in a file of the commit, or on a branch. */
struct pm_port_use {
	unsigned port;
	const char *who;    /* whose, as far as it is known; or NULL */
	const char *path;
	unsigned line;
	const char *branch; /* or NULL: the commit itself */
	const char *host;   /* where it runs, or NULL */
};
struct pm_port_uses { struct pm_port_use *v; size_t n, cap; };

/* Uses by the files of a commit of the ports lo to hi: what is published, bound, routed or
 * addressed there; the first place of each port on each host. The schema document itself, other
 * documents, files put aside (tests, examples) and inner sides of containers do not count. `config` may be NULL. */
void pm_alloc_tree_uses(struct pm_port_uses *out, const struct pm_inventory *inv,
			const struct pm_schema *s, const struct pm_config *config);

/* What branches are compared with. */
struct pm_alloc_base {
	const char *commit, *tree;
	const struct pm_schema *schema; /* its path is that of the document on every branch */
	const struct pm_config *config; /* or NULL */
};
/* Uses of wanted ports on all local and remote-tracking branches: rows of the document there, and
 * files that differ from those of the base. `looked_at` gets the branches (PM_VEC_FREE), `unread` how
 * many files could not be read. PM_E_REPO. */
int pm_alloc_branch_uses(struct pm_port_uses *out, struct pm_branches *looked_at, size_t *unread,
			 struct pm_arena *a, struct pm_repo *repo,
			 const struct pm_alloc_base *base, const struct pm_port_set *want,
			 struct pm_err *err);

/* Where to look. `row` is NULL when nothing stands for it. */
struct pm_alloc_place {
	unsigned lo, hi;
	int range;                      /* of the schema, whose heading the row shall stand under */
	const struct pm_endpoint *like; /* a row to stand beside */
	bool by_offset;                 /* within a block: only those for the role */
	const bool *allowed, *kept;     /* by p - lo: for the role; for it, but kept free */
	const char *role;               /* purpose of the offsets, as the document has it */
	const char *note;               /* why these; or NULL */
	unsigned prefer;                /* port of its partner: the same last digits are nicer */
	const struct pm_endpoint *pair; /* that partner, or NULL */
};

struct pm_alloc_request {
	const char *service;
	const char *range; /* name, or "LO-HI"; or NULL */
	const char *like;  /* a service whose neighbour it shall be; or NULL */
	const char *role;  /* of an offset table; or NULL */
	const char *host;  /* or NULL: any */
	bool from_reserved, nodeport;
	unsigned n;        /* how many */
	const struct pm_config *config; /* for names of hosts; or NULL */
};

/* PM_E_USAGE naming the choices, or the hosts that are known; PM_E_REFUSED when the service has a port
 * already. Strings in `a`. */
int pm_alloc_place(struct pm_alloc_place *out, struct pm_arena *a, const struct pm_schema *s,
		   const struct pm_alloc_request *r, struct pm_err *err);

/* Neighbours that were passed over for one reason. */
struct pm_alloc_pass {
	unsigned lo, hi;
	enum pm_alloc_why why;
	const char *text; /* in words, without the ports */
};
struct pm_alloc {
	unsigned *ports;
	size_t n;         /* fewer than asked for: the place is full */
	struct { struct pm_alloc_pass *v; size_t n, cap; } passed;
	struct { const char **v; size_t n, cap; } notes;
	unsigned n_free;  /* candidates that nothing stands against */
};
void pm_alloc_ports(struct pm_alloc *out, struct pm_arena *a, const struct pm_schema *s,
		    const struct pm_alloc_request *r, const struct pm_alloc_place *place,
		    const struct pm_port_uses *uses);

/*
 * Whole blocks, of the size and alignment that most blocks of the document have: `ports` are their
 * first ports. They come from `range`, or from what the document keeps for future services, or else
 * from gaps between its blocks. `size` gets the size of a block. PM_E_USAGE when the document has
 * no blocks, or no such range.
 */
int pm_alloc_blocks(struct pm_alloc *out, unsigned *size, struct pm_arena *a,
		    const struct pm_schema *s, const struct pm_alloc_request *r,
		    const struct pm_port_uses *uses, struct pm_err *err);
void pm_alloc_release(struct pm_alloc *x);

#endif
