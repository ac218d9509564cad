/*
 * check.h - is the document right by itself, and does the repository agree with it?
 *
 * Findings only: nothing here fails because of what a user's file says. What a rule is, how
 * severe by default and what to do about it, is one row of rules.h and one section of
 * docs/rules.md.
 */
#ifndef PM_CHECK_H
#define PM_CHECK_H

#include "config.h"
#include "inventory.h"
#include "registry.h"
#include "schema.h"

/* What is checked: values of one commit, all borrowed for the call. */
struct pm_check_input {
	const struct pm_inventory *inv;  /* the whole commit: every port, with facts and names */
	struct pm_registry *registry;    /* built from inv, schemas[0] and config */
	const struct pm_schema *schemas; /* [0] is the schema; the others are further documents */
	size_t n_schemas;                /* 0: there is none */
	const struct pm_config *config;  /* portmig.yaml of the commit, or NULL */
	bool real;                       /* compare with what the document says runs today */
	unsigned table_day;              /* day (pm_day) of the last commit that changed rows of
					  * schemas[0], as far as anybody has looked; or 0 */
	const char *table_commit;        /* that commit */
	bool strict;                     /* what was not read is a warning, not a note */
};

/* Arithmetic for the last lines of a report. Zeroed by the caller. */
struct pm_check_stats {
	/* Services of the document that the tree declares a port for, and of these, those that
	 * agree with their rows in all their ports; services that the tree does not know. */
	unsigned services, matching, absent;
	struct pm_range_fills fill; /* of the schema; PM_VEC_FREE */
};

/* Rules that need the documents only. */
void pm_check_document(const struct pm_check_input *in, struct pm_arena *a, struct pm_diags *out,
		       struct pm_check_stats *stats);
/* The check of the checker: what was not read, and what found nothing at all. */
void pm_check_coverage_rules(const struct pm_check_input *in, struct pm_arena *a,
			     struct pm_diags *out);
/* Rules that compare the documents with the repository, and the repository with itself. */
void pm_check_tree(const struct pm_check_input *in, struct pm_arena *a, struct pm_diags *out,
		   struct pm_check_stats *stats);

#endif
