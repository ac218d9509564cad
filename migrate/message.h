/* message.h - the commit message of an applied plan. */
#ifndef PM_MESSAGE_H
#define PM_MESSAGE_H

#include "plan.h"

struct pm_message {
	const struct pm_plan *plan;
	const char *digest;       /* sha256 of the plan's text */
	const unsigned *group_of; /* group of each move */
	unsigned group;           /* the one this commit is about */
	const char *parent;       /* the commit that this one stands on */
	const char *document, *document_blob; /* the schema document as it becomes, or NULL */
	bool last;                /* the changes of the document are in this commit */
	const struct pm_ident *signoff; /* or NULL */
};
/* Summary, table of moves with counts, remarks, trailers (stated.h). */
void pm_message_write(const struct pm_message *m, struct pm_buf *out);

#endif
