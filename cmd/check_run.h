/*
 * check_run.h - one state of a repository, checked: a commit, the index, a merge.
 */
#ifndef PM_CHECK_RUN_H
#define PM_CHECK_RUN_H

#include "opt.h"
#include "source.h"

#include "check.h"
#include "findings.h"

/* How to check, the same for every state that is compared. */
struct pm_check_how {
	struct pm_opt_list schemas; /* --schema */
	struct pm_reading reading;
	bool real, strict;
	bool of_commit; /* a schema without a colon is first looked up in the commit */
	bool disk;      /* remark on uncommitted changes of the schema */
	bool without;   /* a state without a schema is checked as far as that goes */
};

struct pm_check_run {
	struct pm_arena arena;
	struct pm_view view;
	struct { struct pm_schema *v; size_t n, cap; } docs;
	struct pm_inventory inv;
	const char *schema_path; /* of the first document in the commit; NULL when it is elsewhere */
	const char *table_commit; /* the last one that changed rows of it, if that is late */
	struct pm_registry *registry;
	struct pm_check_stats stats;
	struct pm_diags diags; /* before severities and exceptions */
	struct pm_findings findings;
	char tree[PM_OID_HEX];
};

/* Read the schema documents of run->view, which is open. PM_E_NOTFOUND without one. */
int pm_check_run_documents(struct pm_check_run *run, const struct pm_ctx *ctx,
			   const struct pm_check_how *how, struct pm_err *err);
/* Then everything else; `what` stands beside the progress bar. `more` are findings to add, or
 * NULL. */
int pm_check_run(struct pm_check_run *run, const struct pm_ctx *ctx, const struct pm_check_how *how,
		 const char *what, const struct pm_diags *more, struct pm_err *err);
void pm_check_run_release(struct pm_check_run *run);
#define PM_CLEAN_RUN __attribute__((cleanup(pm_check_run_release)))

#endif
