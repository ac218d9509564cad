/* report_history.h - a history in words: for a terminal, Markdown, JSON, CSV. */
#ifndef PM_REPORT_HISTORY_H
#define PM_REPORT_HISTORY_H

#include "history.h"
#include "plan.h"

/* What a report is about: JSON has it all. */
enum pm_history_part {
	PM_HISTORY_EVENTS,
	PM_HISTORY_SCHEMA, /* the rows of the schema */
	PM_HISTORY_LEFT    /* moves, with what they left behind */
};
void pm_report_history_text(const struct pm_history *h, enum pm_history_part part,
			    const struct pm_report_options *o, struct pm_buf *out);
void pm_report_history_markdown(const struct pm_history *h, enum pm_history_part part,
				const struct pm_report_options *o, struct pm_buf *out);
/* docs/history.schema.json; `lines`: one object per line, each with its "type". */
void pm_report_history_json(const struct pm_history *h, bool lines, struct pm_buf *out);
/* RFC 4180 with a header line, one line per event or row. */
void pm_report_history_csv(const struct pm_history *h, enum pm_history_part part, struct pm_buf *out);

/* ---- what they have in common ---- */

/* "appeared", "moved", "callers", "documents", "gone" */
const char *pm_event_name(enum pm_event_kind k);
/* The uses of an event's places, as a set of 1 << enum pm_stmt; the number of its files. */
unsigned pm_event_uses(const struct pm_hist_event *e);
size_t pm_event_files(const struct pm_hist_event *e);
/* "default, compose host" */
void pm_stmts_add(struct pm_buf *b, unsigned uses);
/* "document", "allocated", "range-moved", ... */
const char *pm_row_name(enum pm_hist_row_kind k);
/* "4900 -> 4950", "6000-6099 -> 6100-6199", "-> 4950" */
void pm_row_ports(struct pm_buf *b, const struct pm_hist_row *row);
/* The events of one service (-1: of nobody) in order: the next at or after *at; NULL at the end. */
const struct pm_hist_event *pm_history_next(const struct pm_history *h, int service, size_t *at);

#endif
