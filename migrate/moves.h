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

#include "plan.h"

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

/* Number the moves, set `after`, and tell (finding vacate-first) which service of the schema may
 * take a port only when a move has left it. `s` may be NULL. */
void pm_moves_order(struct pm_plan *p, const struct pm_schema *s);

/* The ports that the moves leave. */
void pm_moves_want(const struct pm_plan *p, struct pm_port_set *want);

/* Kinds of work that a migration has, as reports count them. */
enum pm_work { PM_WORK_COMPOSE, PM_WORK_ENV, PM_WORK_DOCS, PM_WORK_TUNNEL, PM_WORK_CONFIG,
	       PM_WORK_CODE, PM_WORK_COUNT };
const char *pm_work_name(enum pm_work w); /* "compose", "env", ... */
enum pm_work pm_work_of(const char *path);

#endif
