/*
 * reality.h - which port a row of the schema document has in reality: what the tree declares for its
 * service, and what the document itself says runs today. Pure.
 *
 * Both directions of a migration are made from this: moves that bring the tree to the document
 * (plan --all), and changes that bring the document to the tree (reconcile). So what the one would
 * do, the other would undo. In doubt a move is planned, since each of its places is weighed by itself
 * and the odd ones are told; a row, which says one thing only, waits for review.
 */
#ifndef PM_REALITY_H
#define PM_REALITY_H

#include "survey.h"

/* One port that speaks for the service, with who says so. */
struct pm_real_port {
	unsigned port;
	const struct pm_endpoint *list; /* of "real ports today", or NULL */
	const struct pm_use *use;       /* the most authoritative place, or NULL */
	size_t n_uses, n_deployed;      /* declaring places; of these in Compose, Kubernetes */
	size_t n_code;                  /* and of these in code, as defaults of its own */
	unsigned rank;                  /* of its best source; less is better */
};

enum pm_real_verdict {
	PM_REAL_UNKNOWN, /* nobody says anything: the row stands */
	PM_REAL_SAME,    /* somebody says what the row says, and nobody with more authority else */
	PM_REAL_OTHER,   /* all say one other port */
	PM_REAL_DOUBT,   /* the best source says one other port; others differ, or it is the only one and
			  * an env file, which may be of yesterday */
	PM_REAL_UNCLEAR  /* the best sources differ among themselves, or it is another's port, too */
};

struct pm_reality {
	const char *service;            /* name of the row, or of the service without one */
	const struct pm_service *owner; /* of the document, or NULL */
	const struct pm_endpoint *row;  /* the planned row, or NULL: the document has none */
	enum pm_real_verdict verdict;
	unsigned port;                  /* of OTHER and DOUBT, and of UNCLEAR the likeliest */
	struct pm_real_port *ports;     /* the best first */
	size_t n_ports;
	const char *why;                /* of UNCLEAR */
	const struct pm_reality *shared; /* another one with the same port, or NULL */
};
struct pm_realities {
	struct pm_reality *v; /* PM_VEC_FREE */
	size_t n, cap;
	size_t left_out; /* services beyond PM_MAX_TARGETS: nobody looked at them */
};

/*
 * Rows with one port of services with one such row; those of third parties ("fixed") and those
 * that are internal stand as they are. Then services without a row that the document says run
 * today, and, with `missing`, those that the tree publishes; these come with row NULL. In document
 * order. Strings and arrays in `a`.
 */
void pm_reality_find(struct pm_realities *out, struct pm_arena *a,
		     const struct pm_survey_input *in, bool missing);

/* "docs/PORTS.md:28 says 3061, docker-compose.yml:40 publishes 3061 (2 places)"; one text per
 * port. */
const char *pm_reality_said(struct pm_arena *a, const struct pm_real_port *p);
/* More than a value in an env file says so. */
bool pm_reality_is_strong(const struct pm_real_port *p);

#endif
