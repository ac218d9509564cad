/*
 * history.h - when did each service's port change, in which commit, and what was left behind?
 *
 * An event is what one commit did to the ports of one service, compared with its first parent: a
 * pure function of the two trees. A merge counts only where it differs from all of its parents, as
 * `git log` has it, or, with first_parent, as one change of the mainline. Services are those of the
 * newest commit, and those of the past that it does not know any more, so that the same place has
 * the same owner whichever commit it stands in.
 */
#ifndef PM_HISTORY_H
#define PM_HISTORY_H

#include "config.h"
#include "evidence.h"
#include "git.h"
#include "schema.h"

#include <stdbool.h>

struct pm_cache;

/* One commit that has an event or is named in the results. Strings are bytes of the commit, as
 * UTF-8 where its encoding header allows. */
struct pm_hist_commit {
	char oid[PM_OID_HEX];
	const char *subject, *message;
	const char *name, *mail; /* of the author, by .mailmap */
	int64_t when;            /* author date, seconds */
	int zone;                /* minutes east of UTC */
	unsigned order;          /* position in the walk, the oldest is 0 */
	bool portmig;            /* portmig made it: the trailers say so */
};

enum pm_event_kind {
	PM_EVENT_APPEARED,   /* declares `to`, which it did not before */
	PM_EVENT_MOVED,      /* a declaration changed from `from` to `to` */
	PM_EVENT_CALLERS,    /* only addresses, probes and the like changed from `from` to `to` */
	PM_EVENT_DOCUMENTS,  /* only documents did */
	PM_EVENT_GONE        /* nothing declares `from` any more */
};

struct pm_hist_place {
	const char *path;    /* in the commit; of the parent where it is gone */
	uint32_t line;       /* the same */
	uint8_t use;         /* enum pm_stmt */
};

struct pm_hist_event {
	enum pm_event_kind kind;
	int service;         /* index of pm_history.services; -1: nobody is named */
	unsigned from, to;   /* 0 where there is none */
	int had;             /* the service that had `to` until this commit and lost it; -1 */
	int has;             /* the service that has `from` from now on, and had it not; -1 */
	bool renamed;        /* had (of APPEARED), has (of GONE): the same one by another name */
	unsigned commit;     /* index of pm_history.commits */
	struct pm_hist_place *places; /* by path and line */
	size_t n;
	unsigned left;       /* declarations of the service still at `from`, after the commit */
	int documented;      /* MOVED: the commit that first gave the service this port in the schema;
			      * -1: none */
	bool first;          /* no earlier event, and nothing before, has the service at `to` */
};

/* A port that a service has at the newest commit. */
struct pm_hist_port {
	unsigned port, declares, others; /* numbers of places */
	unsigned uses;                   /* set of 1 << enum pm_stmt */
};

struct pm_hist_service {
	const char *name;
	struct pm_hist_port *now; /* most declarations first, then by port */
	size_t n_now;
	bool asked;               /* by options.services; all are when there are none */
	bool asked_by_name;       /* there were some */
	int owner;                /* while building */
};

/* How long a service declared a port. */
struct pm_hist_tenure {
	unsigned port;
	int service;
	int from, to; /* indexes of events; from -1: since before the walk; to -1: a merge ended it,
		       * or, with `now`, it still has it */
	bool now;
};

/* A place that was the service's and stayed at the old port when it moved. */
enum pm_hist_fate {
	PM_FATE_STILL,   /* it is there at the newest commit */
	PM_FATE_FIXED,   /* `commit` took it along to the port of the move */
	PM_FATE_CHANGED, /* `commit` gave it another one, `to` */
	PM_FATE_REMOVED, /* `commit` took it away */
	PM_FATE_MERGED   /* a merge did not keep it */
};
struct pm_hist_left {
	struct pm_hist_place at;   /* in the commit of the move */
	bool doubtful;             /* a plan would ask whether it is the service's */
	enum pm_hist_fate fate;
	unsigned to;               /* FIXED, CHANGED */
	int commit;                /* index of pm_history.commits; FIXED, CHANGED, REMOVED */
	struct pm_hist_place now;  /* STILL */
};
/* What a move left behind. Of events with kind MOVED the first one for its service and ports; later
 * ones go on with it, until the service moves back. */
struct pm_hist_move {
	unsigned event;
	struct pm_hist_left *left; /* by path and place */
	size_t n_left, n_still;    /* of these, at the newest commit, doubtful ones not counted */
	size_t commits;            /* walked after it */
	bool reversed;             /* a later commit moved the service back */
};

/* What one commit did to the port schema. */
enum pm_hist_row_kind {
	PM_ROW_DOCUMENT,   /* it appeared, or is there at the beginning; `n` rows */
	PM_ROW_ELSEWHERE,  /* it moved here from `old_name` */
	PM_ROW_GONE,       /* it is deleted */
	PM_ROW_UNREADABLE, /* this version cannot be understood: `old_name` says why */
	PM_ROW_REAL_LIST,  /* ports said to be in use today were first listed; `n` */
	PM_ROW_ALLOCATED, PM_ROW_RELEASED, PM_ROW_MOVED, PM_ROW_RENAMED,
	PM_REAL_ROW_ADDED, PM_REAL_ROW_REMOVED, PM_REAL_ROW_MOVED, /* in that list */
	PM_RANGE_ROW_ADDED, PM_RANGE_ROW_REMOVED, PM_RANGE_ROW_MOVED, PM_RANGE_ROW_RENAMED,
	PM_RANGE_ROW_SWAPPED /* with `old_name`, which has `from` now */
};
struct pm_hist_row {
	enum pm_hist_row_kind kind;
	const char *name, *old_name; /* of the endpoint or range; of RENAMED the older one, too */
	unsigned from, from_hi, to, to_hi; /* ports; _hi of ranges only */
	const char *path;
	unsigned line;   /* of the row, in this version or, where it is gone, in the one before */
	size_t n;
	unsigned commit; /* index of pm_history.commits */
	bool unsaid;     /* the message speaks neither of ports nor of this */
};

/* Where the walk ended though there is more, or may be. */
struct pm_hist_horizon {
	char commit[PM_OID_HEX];
	const char *why; /* "shallow", "its parent is not in this repository" */
};

struct pm_history {
	struct pm_arena arena;
	char newest[PM_OID_HEX];
	int64_t newest_when; /* its author date */
	size_t n_commits; /* walked */
	struct { struct pm_hist_commit *v; size_t n, cap; } commits; /* oldest first */
	struct pm_hist_events { struct pm_hist_event *v; size_t n, cap; }
		events; /* by commit, service, ports; those that were asked for */
	struct { struct pm_hist_service *v; size_t n, cap; } services;
	struct { struct pm_hist_tenure *v; size_t n, cap; } tenures; /* by port, then time */
	struct { struct pm_hist_row *v; size_t n, cap; } rows; /* by commit; with options.rows */
	struct { struct pm_hist_move *v; size_t n, cap; } moves; /* with options.left; by event */
	struct { struct pm_hist_horizon *v; size_t n, cap; } horizon;
	struct pm_diags diags; /* pm_diag.key is the commit */
	size_t n_missing; /* versions of files that could not be read; changes in them are not seen */
	size_t n_skipped; /* versions over the size limit or the limit of finds */
	struct { uint64_t commits, trees, blobs, owners, fold; } times; /* with `now` */
};

struct pm_hist_options {
	const char *range; /* "A..B", "REV"; NULL: HEAD */
	bool all;          /* all references, too */
	bool first_parent;
	const char *const *services; /* NULL-terminated names, or NULL: all */
	const struct pm_port_set *ports; /* NULL: all */
	int64_t since, until; /* author dates, inclusive */
	const char *newest;                   /* commit whose files give names and configuration */
	const struct pm_config *config;       /* portmig.yaml there, or NULL */
	const struct pm_schema *schema;       /* or NULL */
	const char *const *schema_paths;      /* NULL-terminated: files that are port schemas; the
					       * first that is there is the schema */
	bool rows;                            /* the schema's own history, too */
	bool left;                            /* what moves left behind, too */
	unsigned jobs;                        /* threads; 0: one */
	struct pm_cache *cache;               /* history_keep.h; NULL: nothing is kept */
	const char *about;                    /* with it: names what config and schema say */
	uint64_t (*now)(void);                /* a clock, or NULL */
	void (*progress)(void *data, size_t done, size_t total);
	void *progress_data;
};

/* Read a history. `out` is zeroed; release it on success. PM_E_USAGE for a range or a service that
 * is not there, PM_E_REPO when commits or trees cannot be read. */
int pm_history_build(struct pm_history *out, struct pm_repo *repo, const struct pm_hist_options *o,
		     struct pm_err *err);
void pm_history_release(struct pm_history *h);

#endif
