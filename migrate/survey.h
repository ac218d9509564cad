/*
 * survey.h - who uses which port where: every clear use of a port in a commit, with the service
 * that it is attributed to, what the place does, and for which environment and host it holds.
 *
 * The services are those of the schema and those that run in the tree. Whose a place is comes from
 * attribute.h, so that `check` and `plan` agree; places that are nobody's clearly, that tell the
 * past, or that are ends of ranges are left out.
 */
#ifndef PM_SURVEY_H
#define PM_SURVEY_H

#include "attribute.h"
#include "schema.h"
#include "where.h"

enum { PM_SURVEY_LINE = 1000 }; /* bytes: a longer line is data, not written by hand */

/* What a place does with the port of its service. */
enum pm_use_kind {
	PM_USE_PUBLISHED, /* published on the host: Compose, docker run -p, hostPort, nodePort */
	PM_USE_INNER,     /* named as the container's: inner half, EXPOSE, containerPort */
	PM_USE_LISTEN,    /* what a process binds or is told to bind: PORT=, listen(), defaults */
	PM_USE_PROBE,     /* health check */
	PM_USE_POLICY,    /* network policy */
	PM_USE_ROUTE,     /* proxy, tunnel, Service port, scrape target */
	PM_USE_CALL,      /* its address in somebody's settings or code */
	PM_USE_DOC        /* documentation, comment */
};
const char *pm_use_kind_name(enum pm_use_kind k); /* "published", "container", ... */

struct pm_use {
	const struct pm_inv_file *file;
	const struct pm_hit *hit;
	int service;           /* index */
	enum pm_use_kind kind;
	enum pm_origin origin; /* kind of evidence, for `sources` */
	struct pm_where where;
	bool by_host;          /* the host of its address is the service's name */
	bool named;            /* the place names the service: not merely its directory or number */
	bool sure;             /* by its host, block or variable, or by more than its role in words */
	bool variable;         /* by a variable like API_URL that has its role, and nobody is nearer */
	bool foreign;          /* its variable has a word that is not the service's: SHOP_VIEWER_URL */
	bool main;             /* the service's own port, in its own directory or under its name; not
				* one for metrics, a debugger, a database that it speaks to */
	bool local;            /* an address of the machine itself: localhost, 127.0.0.1 */
	const char *unit;      /* the Compose service or object of this file, or NULL */
};

/* A service as check knows it. */
struct pm_survey_service {
	const char *name;
	const struct pm_service *entry;   /* of the schema, or NULL */
	const struct pm_endpoint **rows;  /* its rows, in document order */
	size_t n_rows;
	bool adopted;                     /* its rows were found to be those of another one */
	const struct pm_use *uses;        /* in path order */
	size_t n_uses;
};

struct pm_survey {
	struct pm_survey_service *services;
	size_t n;
	struct pm_target *targets;        /* one per service */
	struct pm_use *uses;              /* by service, path, place */
	size_t n_uses;
	size_t left_out;                  /* services beyond PM_MAX_TARGETS */
};

struct pm_survey_input {
	const struct pm_inventory *inv;   /* all ports, with facts and names */
	struct pm_registry *registry;     /* of inv, schema and config; gets names of services */
	const struct pm_schema *schema;   /* or NULL */
	const struct pm_config *config;   /* or NULL */
};

/* All is borrowed by `out`, which lives in `a`. */
void pm_survey_build(struct pm_survey *out, struct pm_arena *a, const struct pm_survey_input *in);

/* Does the use make the port the service's, rather than speak to it? */
bool pm_use_declares(const struct pm_use *u);
/* The usual port of a database, broker, mail server and the like, which programs speak to. */
bool pm_survey_product_port(unsigned port);
/* First fact of a kind, or NULL. */
const char *pm_use_fact(const struct pm_use *u, enum pm_fact_kind kind);

#endif
