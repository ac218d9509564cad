/*
 * pieces.h - where patterns have to look: the lines of a file with a wanted number, found once per
 * file for all tables, with the gate words that stand in each.
 */
#ifndef PM_PIECES_H
#define PM_PIECES_H

#include "lead.h"
#include "scanner.h"

enum {
	PM_PIECE_MAX = 2000,      /* bytes of a line that one match sees */
	PM_PIECE_LINE_MAX = 65536, /* longer lines have no pieces */
	PM_GATE_SETS = 8          /* of 64 words each: all gates of all tables */
};

/* A wanted whole number of the file. `bounded`: pm_port_bounded in its line; only such a number can
 * become a hit of a pattern. */
struct pm_number {
	uint32_t off;
	uint8_t len;
	bool bounded;
};

/* One line, or of a long one the neighbourhood of a number. Numbers are not cut at its ends, and at
 * least one is bounded. */
struct pm_piece {
	struct pm_str text, line; /* text is a part of line */
	unsigned number;          /* of the line, 1-based */
	uint32_t first, n;        /* its numbers */
	uint64_t words[PM_GATE_SETS];
	bool port_word;           /* a PM_PW stands in the text */
	struct pm_lead lead;      /* what stands before its bounded numbers */
};

struct pm_pieces {
	struct { struct pm_piece *v; size_t n, cap; } pieces;
	struct { struct pm_number *v; size_t n, cap; } numbers;
};


/* The id of a gate's word (ASCII case ignored, one byte: exact), below 64 * PM_GATE_SETS. All words
 * must be known before the first file is cut into pieces. */
unsigned pm_gate_word(const char *p, size_t n);

/* The pieces of the sink's file, made at the first call. */
const struct pm_pieces *pm_sink_pieces(struct pm_sink *s);
void pm_pieces_free(struct pm_pieces *p); /* NULL allowed */

#endif
