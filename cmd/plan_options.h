/*
 * plan_options.h - the options that say which plan to make, and making it: schema, moves,
 * inventory, plan, conflicts. Used by plan, apply and explain.
 */
#ifndef PM_PLAN_OPTIONS_H
#define PM_PLAN_OPTIONS_H

#include "opt.h"
#include "source.h"

#include "plan.h"
#include "reconcile.h"
#include "schema.h"
#include "stated.h"

struct pm_plan_request {
	const char *rev, *schema, *from;
	const char *commit_schema; /* a path of the commit, before all other ways; or NULL */
	struct pm_opt_list moves, services;
	int scope; /* 0 all, 1 host */
	bool all;
	struct pm_reading reading;
	bool only_all; /* not the guide: what is real alone says what moves */
};
void pm_plan_request_release(struct pm_plan_request *r);
#define PM_CLEAN_REQUEST __attribute__((cleanup(pm_plan_request_release)))

/* Rows for a table of options; `r` is a struct pm_plan_request. */
#define PM_PLAN_REQUEST_OPTS(r)                                                                  \
	{ 0, "rev", PM_OPT_STRING, &(r).rev, "REV", "the commit to read (HEAD)" },               \
	{ 0, "schema", PM_OPT_STRING, &(r).schema, "SRC",                                        \
	  "the schema: FILE, REV:PATH or OTHER-REPO@REV:PATH;\n"                                 \
	  "else of portmig.yaml, else docs/PORT_SCHEMA.md and\nthe like" },                      \
	{ 0, "from", PM_OPT_STRING, &(r).from, "SRC",                                            \
	  "an older schema: move what differs from it" },                                        \
	{ 0, "move", PM_OPT_LIST, &(r).moves, "S=FROM[,FROM...]:TO",                             \
	  "move service S, or with S:redis-db its database of\n" \
	  "Redis; may be repeated" },                              \
	{ 0, "service", PM_OPT_LIST, &(r).services, "S",                                         \
	  "only moves of this service; may be repeated" },                                       \
	{ 0, "all", PM_OPT_FLAG, &(r).all, NULL,                                                 \
	  "also every service whose declared port differs from\nthe schema" },                   \
	{ 0, "scope", PM_OPT_CHOICE, &(r).scope, "all|host",                                     \
	  "host: published sides and addresses seen from the\nhost only" },                      \
	PM_READING_OPTS((r).reading)

/* A plan with what it was made from. */
struct pm_planned {
	struct pm_plan plan;
	struct pm_schema schema;
	bool has_schema;
	struct pm_inventory inv; /* of the moved numbers */
	bool has_inv;
	struct pm_inventory whole; /* of all ports, with names: for what is real */
	bool has_whole;
	struct pm_registry *reg;
	struct pm_realities real;
	bool refused;            /* the moves conflict; `refusal` says so */
	struct pm_err refusal;
};
void pm_planned_release(struct pm_planned *p);
#define PM_CLEAN_PLANNED __attribute__((cleanup(pm_planned_release)))

/* Ask for the moves that a commit states, or for the way back; strings in `a`. */
void pm_plan_request_stated(struct pm_plan_request *r, struct pm_arena *a,
			    const struct pm_stated *s, bool back);

/* Find and read the schema only: out->schema, plan.schema_*, plan.base and trees. It must be there. */
int pm_planned_schema(struct pm_planned *out, const struct pm_ctx *ctx, const struct pm_view *v,
		      const struct pm_plan_request *r, struct pm_err *err);
/* The text of that schema, as the commit has it: it is to be edited. PM_E_USAGE when it is not a file
 * of the commit. */
int pm_planned_document(struct pm_source *text, const struct pm_view *v,
			const struct pm_planned *d, struct pm_err *err);

/* What is real (out->real), once the schema is there; done once. */
int pm_planned_reality(struct pm_planned *d, const struct pm_ctx *ctx, const struct pm_view *v,
		       struct pm_err *err);
/* The schema of a request that may do without one: out->has_schema says. */
int pm_planned_find_schema(struct pm_planned *out, const struct pm_ctx *ctx,
			   const struct pm_view *v, const struct pm_plan_request *r,
			   struct pm_err *err);
/* After pm_planned_schema: what is real, and the changes that bring the document there, with their
 * patches. Missing parts of `o` (commit, date, author) are filled in: the date is that of the committer
 * to be (GIT_COMMITTER_DATE), else SOURCE_DATE_EPOCH, else that of the commit; never the clock's. */
int pm_planned_reconcile(struct pm_planned *d, const struct pm_ctx *ctx, const struct pm_view *v,
			 struct pm_reconcile_options *o, struct pm_err *err);

/* The sizes of both directions: of the plan --all beside a reconciliation, and the other way round. */
int pm_planned_execute_size(struct pm_planned *d, const struct pm_ctx *ctx,
			    const struct pm_view *v, const struct pm_plan_request *r,
			    struct pm_err *err);
int pm_planned_accept_size(struct pm_planned *d, const struct pm_view *v, struct pm_err *err);

/* Find the schema and the moves only: plan.moves, plan.schema_*, plan.config_blob. */
int pm_plan_moves(struct pm_planned *out, const struct pm_ctx *ctx, const struct pm_view *v,
		  const struct pm_plan_request *r, struct pm_err *err);

/* The whole plan. A conflict between the moves is no failure: see `refused`. Without any move the
 * plan has no edits. */
int pm_plan_make(struct pm_planned *out, const struct pm_ctx *ctx, const struct pm_view *v,
		 const struct pm_plan_request *r, struct pm_err *err);

#endif
