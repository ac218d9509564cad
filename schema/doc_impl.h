/* doc_impl.h - what the doc_*.c files share. Nobody else includes this. */
#ifndef PM_DOC_IMPL_H
#define PM_DOC_IMPL_H

#include "doc.h"
#include "reader.h"

/* One run over the wishes. Patches carry the index of their wish in `unit` until the end. */
struct pm_doc {
	struct pm_arena *a;
	const struct pm_schema *s;
	struct pm_str text;
	struct pm_lines lines;
	const struct pm_wish *w;
	const bool *doubtful; /* of each wish; or NULL */
	size_t n;
	size_t *up;           /* of each wish: another of its unit, or itself */
	const char **why_not; /* of each wish; one that has a reason is passed over */
	struct { struct pm_patch *v; size_t n, cap; } patches; /* in the order of adding */
};

/* The wish cannot be carried out. */
void pm_doc_refuse(struct pm_doc *d, size_t wish, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The two stand or fall together. */
void pm_doc_join(struct pm_doc *d, size_t one, size_t other);
/* Replace [off, off+len) of the text. */
void pm_doc_put(struct pm_doc *d, size_t wish, size_t off, size_t len, struct pm_str with);

const struct pm_endpoint *pm_doc_endpoint(const struct pm_schema *s, uint32_t off,
					  const struct pm_service **owner);
int pm_doc_range(const struct pm_schema *s, uint32_t off); /* -1: none there */
bool pm_doc_refers(const struct pm_schema *s, const struct pm_endpoint *from,
		   const struct pm_endpoint *to);
bool pm_doc_is_target(const struct pm_endpoint *e);
/* The line, from 1, that holds the place. */
unsigned pm_doc_line(const struct pm_doc *d, size_t off);
size_t pm_doc_line_start(const struct pm_doc *d, unsigned line);
/* Behind the line and its line end. */
size_t pm_doc_line_end(const struct pm_doc *d, unsigned line);
/* "\n", "\r\n", or "" at the end of a text without a last line end. */
struct pm_str pm_doc_eol(const struct pm_doc *d, unsigned line);

/* ---- rows of tables (doc_rows.c) ---- */

enum { PM_ROW_CELLS = 256 };

/* A line of a table taken apart; spans are offsets in `line`. */
struct pm_row {
	struct pm_str line;   /* without line end */
	size_t prefix;        /* length of quote marks and indentation */
	bool lead, trail;     /* pipes at its ends */
	size_t n;
	struct pm_span cell[PM_ROW_CELLS]; /* between the pipes, padding included */
};
/* False for a line with too many cells. */
bool pm_row_split(struct pm_row *out, struct pm_str line);
struct pm_str pm_row_cell(const struct pm_row *r, size_t i); /* without padding; "" beyond */

/* How the rows of one table are written. */
struct pm_layout {
	struct pm_row header;
	struct pm_str eol;
	size_t blank; /* width of a cell without text, where columns are not padded */
	bool padded;  /* some cells have more than a space on each side */
	size_t n;
	struct pm_layout_col {
		size_t width;       /* of most cells, padding included; 0: they differ */
		size_t left, right; /* least padding */
		char align;         /* 'l', 'r', 'c' */
		struct pm_str empty; /* "", or the dash that stands for nothing */
	} col[PM_ROW_CELLS];
};
bool pm_layout_of(struct pm_layout *out, const struct pm_doc *d, const struct pm_table *t);
/* A row of these cells, without line end. */
const char *pm_layout_row(struct pm_arena *a, const struct pm_layout *l,
			  const struct pm_str *cells);
/* The emphasis around a cell's text: "**3001**" gives "**" and "**". */
void pm_cell_markup(struct pm_str cell, struct pm_str *before, struct pm_str *inner,
		    struct pm_str *after);

/* Any text (may be NULL) as that of a cell. */
struct pm_str pm_cell_escaped(struct pm_arena *a, const char *s);

/* ---- formats ---- */

void pm_doc_md(struct pm_doc *d);    /* moves, new rows, removals, names */
void pm_doc_words(struct pm_doc *d); /* Markdown: dates, paragraphs, changelog */
void pm_doc_yaml(struct pm_doc *d);

#endif
