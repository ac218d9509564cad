/*
 * md.h - Markdown (GitHub flavour) as a flat list of blocks with byte positions. The only user
 * of md4c.
 *
 * Text comes without its markup (emphasis, code spans, links, escapes), and every byte of it
 * knows where it stands in the file, so that digits can be edited in place.
 * Format: https://github.github.com/gfm/
 */
#ifndef PM_MD_H
#define PM_MD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#define PM_MD_NOWHERE UINT32_MAX

/* `at[i]` is the offset in the file of byte i, or PM_MD_NOWHERE (line breaks, entities).
 * Soft and hard breaks are '\n'. `p` is NUL-terminated. */
struct pm_md_text {
	const char *p;
	const uint32_t *at;
	size_t n;
};

struct pm_md_cell {
	struct pm_md_text text;
	struct pm_span raw; /* as written, with markup, trimmed; len 0 for an empty cell */
};

struct pm_md_row {
	struct pm_md_cell *cells; /* always `n_cols` of the table */
	unsigned line;            /* 0 when unknown (a table of empty cells) */
	unsigned written;         /* cells as written; differs from n_cols in an odd row */
};

enum pm_md_kind {
	PM_MD_HEADING, /* level */
	PM_MD_PARA,
	PM_MD_ITEM,    /* first paragraph of a list item: number, task */
	PM_MD_TABLE,   /* rows[0] is the header */
	PM_MD_CODE,    /* fenced or indented: info, text with its line ends */
	PM_MD_HTML
};

struct pm_md_block {
	enum pm_md_kind kind;
	unsigned level;    /* of a heading; of an item: depth of its list, from 1 */
	unsigned number;   /* ordered item: its number, else 0 */
	char task;         /* ' ' or 'x' for a task list item, else 0 */
	unsigned quote;    /* depth of block quotes around it */
	unsigned line;     /* 1-based line of its first byte of text; 0 when it has none */
	struct pm_md_text text;
	struct pm_str info; /* of a code block */
	struct pm_md_row *rows;
	size_t n_rows, n_cols;
};

struct pm_md {
	struct pm_md_block *v; /* heap; free with pm_md_release. Contents are in the arena. */
	size_t n, cap;
	struct pm_lines lines; /* of the whole file; points into the file */
};

/* Parse `text` (shown as `path`). Limits, PM_E_LIMIT: 8 MB, 64 KiB in one line, 256 columns of a
 * table. A table may interrupt a paragraph, as on GitHub. The positions refer to `text`. */
int pm_md_parse(struct pm_md *out, struct pm_arena *a, const char *path, struct pm_str text,
		struct pm_err *err);
/* Parse only text[off, off+len) of a file whose lines are in `out->lines` already, and append. */
int pm_md_parse_part(struct pm_md *out, struct pm_arena *a, const char *path,
		     struct pm_str text, size_t off, size_t len, struct pm_err *err);
void pm_md_release(struct pm_md *m);

/* File span of t[from, to): len 0 when the bytes are not in one piece in the file. */
struct pm_span pm_md_span(const struct pm_md_text *t, size_t from, size_t to);
/* Offset in the file of t[i] or of the nearest byte before it that has one. */
size_t pm_md_at(const struct pm_md_text *t, size_t i);

/* "|---|:--:|": the row under a table's header. */
bool pm_md_is_delimiter_row(struct pm_str line);

#endif
