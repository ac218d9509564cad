/*
 * evidence.h - what one place of a file says about a port, as a value by itself: port, what it is
 * used for, the line, and the facts of the statement. Made from a hit, without its file; equal
 * statements are one value however many versions of a file they stand in, and can be attributed
 * as the hit itself would be. History (history.h) is made of these.
 *
 * What stands around a statement is left out (pm_sink.close), so that a change next to it is no
 * change of it.
 */
#ifndef PM_EVIDENCE_H
#define PM_EVIDENCE_H

#include "inventory.h"

#include <stdbool.h>
#include <stdint.h>

/* What a statement does with a port. The first ones make the port the service's own; then those that reach
 * it; then those that tell of it. */
enum pm_stmt {
	PM_STMT_DEFAULT,           /* PORT || 4000 */
	PM_STMT_ENV,               /* PORT=4000 in an env file or a block of settings */
	PM_STMT_LISTEN,            /* listen(4000), --port 4000 */
	PM_STMT_COMPOSE_HOST,      /* "4000:80" */
	PM_STMT_COMPOSE_CONTAINER, /* the other half */
	PM_STMT_HOST,              /* published otherwise: docker run -p */
	PM_STMT_CONTAINER,         /* EXPOSE 4000 */
	PM_STMT_K8S,               /* containerPort, port and targetPort of a Service */
	PM_STMT_URL,
	PM_STMT_PROBE,
	PM_STMT_POLICY,
	PM_STMT_ROUTE,
	PM_STMT_DOC,
	PM_STMT_SCHEMA, /* in the port schema itself */
	PM_STMT_COUNT
};
const char *pm_stmt_name(enum pm_stmt u); /* "default", "compose host", ..., "schema row" */
bool pm_stmt_declares(enum pm_stmt u);
bool pm_stmt_tells(enum pm_stmt u); /* document or schema */

/* One statement. Values of one table are equal exactly when their pointers are. */
struct pm_evidence {
	const unsigned char *bytes; /* serial form: two statements are equal if their bytes are */
	uint32_t n;
	uint16_t port;
	uint8_t use; /* enum pm_stmt */
	uint32_t id; /* number among those of its table: below pm_evidence_count; of no meaning */
	uint64_t hash; /* of the bytes */
	uint64_t mask; /* of the same with the numbers of the line left out: the statement about
			* another port has the same */
};

/* A statement at its place in one version of a file. */
struct pm_seen {
	const struct pm_evidence *what;
	uint64_t slot; /* of the setting that holds the value (key path or name), 0: none */
	uint32_t line, col; /* 1-based */
};
struct pm_seen_list { struct pm_seen *v; size_t n, cap; }; /* by place; PM_VEC_FREE */

/* Where statements are kept, each once. Any thread may add. */
struct pm_evidence_table;
struct pm_evidence_table *pm_evidence_table_new(void);
void pm_evidence_table_free(struct pm_evidence_table *t); /* NULL allowed */
uint32_t pm_evidence_count(const struct pm_evidence_table *t); /* while nobody adds */
/* The value of these bytes (copied). NULL when they are none: a damaged cache. */
const struct pm_evidence *pm_evidence_get(struct pm_evidence_table *t, const unsigned char *bytes,
					  size_t n);

/* The patterns of portmig.yaml (NULL: none), for one thread; they live in `a`, free them as well. */
struct pm_own;
struct pm_memo;
struct pm_config;
int pm_seen_own(struct pm_own **out, struct pm_arena *a, const struct pm_config *c,
		struct pm_err *err);
void pm_seen_own_free(struct pm_own *own); /* NULL allowed */

/* Everything that the scanners see in a file, in the order of its places. Nothing in files of the
 * past, generated and third-party ones. `is_schema`: the file is a port schema. `own` and `memo`
 * (memo.h: of this thread, and of these files only) may be NULL. PM_E_LIMIT as pm_scan_file. */
int pm_seen_read(struct pm_seen_list *out, struct pm_evidence_table *t, const struct pm_file *f,
		 struct pm_own *own, struct pm_memo *memo, bool is_schema, struct pm_err *err);

/* The statement as a hit of a file of that path, for pm_attribute; all in `a`. */
struct pm_evidence_hit {
	struct pm_inv_file file;
	struct pm_hit hit;
};
void pm_evidence_hit(struct pm_evidence_hit *out, struct pm_arena *a, const struct pm_evidence *e,
		     const char *path);
/* What the format itself says of the place: text of the nth fact of the kind, borrowed; or NULL. */
const char *pm_evidence_fact(const struct pm_evidence *e, enum pm_fact_kind kind, size_t nth);

#endif
