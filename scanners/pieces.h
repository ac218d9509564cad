/*
 * pieces.h - where patterns have to look: the lines of a file with a wanted number, found once per
 * file for all tables, with the rows of the tables that may match each.
 */
#ifndef PM_PIECES_H
#define PM_PIECES_H

#include "memo.h"
#include "rows.h"
#include "scanner.h"

enum {
	PM_PIECE_MAX = 2000,       /* bytes of a line that one match sees */
	PM_PIECE_LINE_MAX = 65536  /* longer lines have no pieces */
};

/* A wanted whole number that is pm_port_bounded in its line: only such one can become a hit of a
 * pattern. */
struct pm_number {
	uint32_t off;
	uint8_t len;
};

/* One line, or of a long one the neighbourhood of a number. Numbers are not cut at its ends, and at
 * least one is bounded. */
struct pm_piece {
	struct pm_str text, line; /* text is a part of line */
	uint32_t first, n;        /* its numbers */
	struct pm_row_set rows;   /* that may match; with `every_line` perhaps none */
	struct pm_row_set matched; /* that did */
	bool kept;                /* there is a memo, for this piece, too */
	bool known;               /* `rows` and finds come from it */
	bool hard;                /* some row gave up */
	uint32_t found, last;     /* of its finds in pm_pieces.found, plus 1; 0: none */
};
/* A find of a piece, with the next one of the same piece, plus 1. */
struct pm_found {
	struct pm_find find;
	uint32_t next;
};
enum { PM_FINDS_MAX = 64 }; /* of a line that is remembered */

struct pm_pieces {
	struct { struct pm_piece *v; size_t n, cap; } pieces;
	struct { struct pm_number *v; size_t n, cap; } numbers;
	struct { struct pm_found *v; size_t n, cap; } found;
};

/* The pieces of the sink's file, made at the first call. The caller notes in `matched` what did. */
struct pm_pieces *pm_sink_pieces(struct pm_sink *s);
void pm_piece_found(struct pm_pieces *all, struct pm_piece *p, const struct pm_find *f);
/* All tables have seen the pieces: remember which rows matched. */
void pm_pieces_remember(struct pm_sink *s);
void pm_pieces_clear(struct pm_pieces *p); /* for another file */
void pm_pieces_free(struct pm_pieces *p); /* NULL allowed */

#endif
