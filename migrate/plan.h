/*
 * plan.h - what should happen: moves, and a disposition with reasons for every place where a
 * moved old number stands. Pure values; written to and read from JSON (plan_json.c), reported
 * (report*.c), applied (apply.c).
 */
#ifndef PM_PLAN_H
#define PM_PLAN_H

#include "config.h"
#include "doc.h"
#include "git.h"
#include "inventory.h"
#include "schema.h"

/* Where a move came from. */
enum pm_move_source {
	PM_MOVE_COMMAND,  /* --move */
	PM_MOVE_DIFF,     /* --from: older schema against target */
	PM_MOVE_GUIDE,    /* the document's migration guide */
	PM_MOVE_NOTE,     /* a migration note in prose */
	PM_MOVE_DECLARED  /* --all: declared port differs from the schema */
};
const char *pm_move_source_name(enum pm_move_source s);

struct pm_move {
	const char *service;  /* as the user names it: "shop-events", "shop-api" */
	unsigned from, to;
	enum pm_move_source source;
	const char *source_text; /* "docs/PORT_SCHEMA.md:241: SHOP (4900 -> 4600)" */
	unsigned order;       /* 0-based, guide order */
	/* From-side as found in the tree (verified, never trusted). */
	unsigned n_apply, n_review, n_keep;
	const char *from_note; /* "guide says 4900 (18 places, docs); compose says 4000 ..." */
	int after; /* index of the move that must vacate `to` first, or -1 */
};

enum pm_disposition { PM_APPLY, PM_REVIEW, PM_KEEP };
const char *pm_disposition_name(enum pm_disposition d); /* "apply", "review", "keep" */

/* One place where a moved old number stands as a whole number. */
struct pm_edit {
	const char *path;
	char blob[PM_OID_HEX];
	struct pm_span span;
	unsigned line, col;      /* 1-based, bytes */
	unsigned old_port, new_port; /* new_port is 0 when no move applies */
	int move;                /* index of the move, -1 */
	const char *service;     /* whose it is taken for, or NULL */
	const char *role, *rule; /* names as in scanner.h */
	enum pm_disposition disposition;
	int score;               /* of the claim for the moved service; higher is surer */
	const char **reasons;    /* "compose service 'api' +80" */
	size_t n_reasons;
	const char *group;       /* the question a held place raises, or NULL */
	const char *fingerprint; /* rule, path, service, key path: survives line shifts */
	const char *answer;      /* review: "y", "n", or NULL */
	const char *excerpt;     /* the line, cut and escaped */
};

/* What apply will do at a place: the disposition after the reviewer's answer. */
enum pm_disposition pm_edit_final(const struct pm_edit *e);

/*
 * One change of what the schema document says: a row moved, added, removed ... Changes of one
 * `unit` touch the same words: all of them are carried out or none. A change that was refused or is
 * doubtful waits for review; one without patches cannot be answered with yes.
 */
struct pm_doc_change {
	struct pm_wish wish;
	unsigned unit;           /* index of the first change of its unit */
	enum pm_disposition disposition;
	const char *answer;      /* review: "y", "n", or NULL */
	const char *group;       /* key of the question when it waits, else NULL */
	const char **reasons;    /* evidence, or why it is held */
	size_t n_reasons;
};
/* Is the unit to be carried out: do all its changes say so, after the reviewer's answers? */
struct pm_plan;
bool pm_unit_applies(const struct pm_plan *p, unsigned unit);

/* A change of text beside the digits of moves. Paths and bytes are compared as with edits. */
struct pm_text_edit {
	const char *path;
	char blob[PM_OID_HEX];
	struct pm_patch patch;
};

/* What it takes to bring the tree to the document (plan --all), or the document to the tree
 * (reconcile): a plan knows it that was made with both in view. */
struct pm_directions {
	bool known;
	size_t edits, edits_held, files;
	size_t rows, rows_held;
};

struct pm_plan {
	struct pm_arena arena;
	char base[PM_OID_HEX], base_tree[PM_OID_HEX];
	const char *schema_path;      /* or NULL when moves came from the command line only */
	char schema_blob[PM_OID_HEX]; /* "" when there is none */
	char config_blob[PM_OID_HEX]; /* portmig.yaml, "" when there is none */
	bool host_scope;
	bool complete;                /* false: some object could not be read */
	struct { struct pm_move *v; size_t n, cap; } moves;
	struct { struct pm_edit *v; size_t n, cap; } edits; /* by path, offset */
	struct { struct pm_doc_change *v; size_t n, cap; } changes; /* of the schema document */
	struct { struct pm_text_edit *v; size_t n, cap; } texts;    /* by path, offset */
	struct { struct pm_skip *v; size_t n, cap; } skips;
	struct pm_directions directions;
	struct pm_diags diags;        /* conflicts, stragglers, notes */
	size_t n_files;
	uint64_t n_bytes;
	const char *reverts;          /* commit that this plan takes back, or NULL */
	const char *reviewer;         /* "Name <mail>" or NULL */
	const char *reviewed_at;
	char digest[65];              /* sha256 of the plan's text without this line; "" = not yet */
};
void pm_plan_release(struct pm_plan *p);

struct pm_plan_options {
	const struct pm_schema *schema; /* target, or NULL */
	const struct pm_config *config; /* portmig.yaml, or NULL */
	bool host_scope;
};

/* Attribute every hit of the inventory and decide. `out` is zeroed with its moves filled in.
 * PM_E_LIMIT when more than PM_MAX_TARGETS services move. */
int pm_plan_build(struct pm_plan *out, const struct pm_inventory *inv,
		  const struct pm_plan_options *opt, struct pm_err *err);

/* Count the places of each move anew, and find the move that must go before it. */
void pm_plan_count(struct pm_plan *p);

/* Refuse moves that cannot work (target occupied by a service that stays, reserved, refused by
 * browsers, the same service twice ...): adds one diag per conflict, all at once; returns 0 or
 * PM_E_REFUSED when there was an error-level one. */
int pm_plan_conflicts(struct pm_plan *p, const struct pm_schema *schema, struct pm_err *err);
/* Warn of targets that a manifest of the tree gives to somebody who does not leave. A warning only:
 * two stacks may use one number without ever meeting. */
void pm_plan_note_occupied(struct pm_plan *p, const struct pm_inventory *inv,
			   const struct pm_plan_options *opt);

/* Note the moved numbers that stand in names of files: those are never changed. */
void pm_plan_note_paths(struct pm_plan *p, const struct pm_inventory *inv);

/* Is this plan one that may be carried out? Ids, numbers and indexes in range, places sorted and
 * disjoint. PM_E_REFUSED naming the first that is not. */
int pm_plan_check(const struct pm_plan *p, struct pm_err *err);

/* JSON, docs/plan.schema.json: version 1, or 2 when the plan changes the document; both are read.
 * Writing sets p->digest. read(write(p)) equals p. Reading refuses
 * (PM_E_REFUSED) a plan whose digest does not match, overlapping or unsorted spans. */
void pm_plan_write(struct pm_plan *p, struct pm_buf *out);
int pm_plan_read(struct pm_plan *out, struct pm_str text, const char *shown_as,
		 struct pm_err *err);

/* Reports: plan in, text out. `color` adds SGR sequences. */
struct pm_rollout;
struct pm_report_options {
	bool color;
	int verbose;
	size_t max_bytes;
	const struct pm_rollout *rollout; /* what is asked beside the edits, or NULL: for the text */
};
void pm_report_text(const struct pm_plan *p, const struct pm_report_options *o,
		    struct pm_buf *out);
void pm_report_markdown(const struct pm_plan *p, const struct pm_report_options *o,
			struct pm_buf *out);
/* Unified diff of the applied edits (three lines of context), readable by `git apply`. */
int pm_report_diff(const struct pm_plan *p, struct pm_repo *r, const struct pm_report_options *o,
		   struct pm_buf *out, struct pm_err *err);

#endif
