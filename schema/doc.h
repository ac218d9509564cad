/*
 * doc.h - changing the schema document itself: wishes become patches of its text, and proof that
 * the patched text says what was wished and nothing else. Pure.
 *
 * A wish says what the document shall state. doc_md.c and doc_yaml.c know how such documents state
 * it: order, columns, padding, dashes, markup as the neighbours have them. Bytes outside of the
 * patches are never touched. The proof (doc_prove.c) knows nothing of that: it reads the new text
 * like any schema and compares every value with the old ones, changed as wished.
 */
#ifndef PM_DOC_H
#define PM_DOC_H

#include "schema.h"

/* Places in the document are named by the offset of a number's digits (pm_src.span.off): exact, as
 * long as the bytes are the same. PM_DOC_NONE: no place. */
#define PM_DOC_NONE UINT32_MAX

enum pm_wish_kind {
	PM_WISH_MOVE,   /* the port at `row` becomes `to`, and whoever refers to it follows */
	PM_WISH_ADD,    /* a new row */
	PM_WISH_REMOVE, /* the row at `row` goes */
	PM_WISH_RENAME, /* service `service` is called `text`, in rows, lists and pairs */
	PM_WISH_DATE,   /* updated, reconciled or real (`service` says which) becomes `date` */
	PM_WISH_NOTE,   /* a dated paragraph `text` behind the dates */
	PM_WISH_LOG,    /* a row of the document's changelog: `date`, `text`, `author` */
	PM_WISH_KINDS
};
const char *pm_wish_kind_name(enum pm_wish_kind k); /* "move", "add", ... */
bool pm_wish_is_row(enum pm_wish_kind k); /* about a row, not about dates and remarks */

/* Texts that do not apply are NULL, ports 0, places PM_DOC_NONE. */
struct pm_wish {
	enum pm_wish_kind kind;
	const char *service;   /* as written: the first cell of a new row; else for messages */
	uint32_t row;          /* MOVE, REMOVE: the row; ADD: a row to stand beside (may be none) */
	uint32_t under;        /* MOVE, ADD: the range whose heading it shall stand under; none:
				* where it is */
	unsigned from, to;
	const char *container, *note; /* ADD */
	unsigned pair_port;           /* ADD */
	const char *pair_name;
	const char *date, *text, *author;
};
#define PM_WISH(k) ((struct pm_wish){ .kind = (k), .row = PM_DOC_NONE, .under = PM_DOC_NONE })

/* One change of the text. An empty span inserts. `old` points into the text. */
struct pm_patch {
	struct pm_span span;
	struct pm_str old, new;
	unsigned line, col; /* of its first byte, from 1 */
	unsigned unit;
};

/*
 * What became of the wishes. Wishes that touch the same words (a row that moves and refers to one
 * that moves, too) are one unit: all of them or none. `why_not` says why a wish cannot be carried
 * out; it then has no patches, and neither have the others of its unit.
 */
struct pm_doc_edits {
	struct { struct pm_patch *v; size_t n, cap; } patches; /* by place, disjoint; PM_VEC_FREE */
	unsigned *unit;       /* of each wish */
	const char **why_not; /* of each wish, or NULL */
};

/* Patches for the wishes on the document `s` that was read from `text`. `doubtful` (NULL: none) marks
 * wishes that may yet be dropped: the others are put in order as if these were not. Strings and
 * arrays live in `a`, but for patches.v. Never fails as a whole: see why_not. */
void pm_doc_edit(struct pm_doc_edits *out, struct pm_arena *a, const struct pm_schema *s,
		 struct pm_str text, const struct pm_wish *w, const bool *doubtful, size_t n);

/* Append `text` with the patches of the units for which take[unit] is set (NULL: all). */
void pm_doc_patch(struct pm_buf *out, struct pm_str text, const struct pm_patch *v, size_t n,
		  const bool *take);

/* Prove that `after` states what `before` does with exactly these wishes come true. PM_E_SCHEMA
 * with the first difference otherwise. */
int pm_doc_prove(const char *path, struct pm_str before, struct pm_str after,
		 const struct pm_wish *const *w, size_t n, struct pm_err *err);

/* The date "2026-02-03" as another is written: "December 18, 2025" gives "February 3, 2026". NULL
 * when that is not written in a way we know. */
const char *pm_doc_date_like(struct pm_arena *a, const char *like, const char *iso);
/* A date in one of these ways as "2026-02-03", or NULL. */
const char *pm_doc_date_iso(struct pm_arena *a, const char *date);

/*
 * The most specific range with a heading that covers the port and may hold the row of `like` (an
 * endpoint of the schema, or NULL): within the same service's block, the same project. -1: none.
 */
int pm_doc_range_for(const struct pm_schema *s, unsigned port, const struct pm_endpoint *like);

#endif
