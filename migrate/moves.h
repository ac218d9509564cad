/*
 * moves.h - which moves: from the command line, from the difference of two schemas, from the
 * document's own migration guide and notes. Pure.
 *
 * All functions add to plan->moves and plan->diags and copy what they keep into plan->arena. A
 * move that is there already (same service, same `from`) stays as it is: call them in the order
 * of their authority.
 */
#ifndef PM_MOVES_H
#define PM_MOVES_H

#include "config.h"
#include "plan.h"
#include "reality.h"
#include "registry.h"

/* One --move: "SERVICE=FROM[,FROM...]:TO", one move per FROM. PM_E_USAGE with what is wrong. */
int pm_moves_parse(struct pm_plan *p, const char *text, struct pm_err *err);

/* Every endpoint whose port differs between the schemas. */
void pm_moves_from_diff(struct pm_plan *p, const struct pm_schema *old,
			const struct pm_schema *target);

/*
 * The guide's steps in their order, each with the notes of its service; then the other notes.
 * A pair becomes a move of the endpoint that has its `to` port in the tables. What cannot be
 * trusted is a finding and no move: guide-service-unknown, guide-target-unknown,
 * guide-contradicted. guide-incomplete says that a note has a pair which the guide lacks (the
 * pair is planned); from-inside-target-block, that the old port is inside the new block.
 */
void pm_moves_from_guide(struct pm_plan *p, const struct pm_schema *s);

/* Keep only moves of these services (NULL-terminated; a project's or service's name stands for
 * all its endpoints). PM_E_USAGE when a name has no move. `s` may be NULL. */
int pm_moves_only(struct pm_plan *p, const char *const *services, const struct pm_schema *s,
		  struct pm_err *err);

/* --all: every row of the tables whose service really has one other port (reality.h). What is not
 * clear is a finding (declared-ambiguous) and no move. */
void pm_moves_from_reality(struct pm_plan *p, const struct pm_realities *r);

/* The ports that the moves leave. */
void pm_moves_want(const struct pm_plan *p, struct pm_port_set *want);

/* After pm_plan_build: in the schema itself, lines of the guide and notes that state a move stay as
 * they are, and so do the rows of other services. */
void pm_moves_keep_schema(struct pm_plan *p, const struct pm_schema *s);

/*
 * Verify the from-side of the moves against all ports of the tree (`inv`: built with want NULL and
 * names): where the service's own defaults, listeners and published ports use another number,
 * m->from_note says which, and a finding from-side-disagrees cites the first place. `s` and
 * `config` may be NULL.
 */
void pm_moves_verify(struct pm_plan *p, const struct pm_inventory *inv,
		     const struct pm_schema *s, const struct pm_config *config);

#endif
