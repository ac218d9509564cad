/*
 * schema_draft.h - a first schema document, from what a commit declares: what a team without one
 * starts with. Markdown that schema/ reads back; every row says where its port was found.
 */
#ifndef PM_SCHEMA_DRAFT_H
#define PM_SCHEMA_DRAFT_H

#include "survey.h"

struct pm_draft_counts {
	size_t services, rows; /* in the document */
	size_t shared;         /* ports that stand in rows of two services or more */
};

/* Append the document. A service gets a row for each port that it publishes; where it publishes
 * none, for the one that it listens on. Tests are left out. `commit` is named in the text. */
void pm_schema_draft(struct pm_buf *out, struct pm_draft_counts *counts, const struct pm_survey *survey,
		    const char *commit);

#endif
