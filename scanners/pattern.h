/*
 * pattern.h - tables of patterns over lines: the engine of the scanners that need no parser.
 *
 * A row says what a line looks like that spells a port, and what it means. Each row carries a line
 * that it hits (the number 4000 in it) and one that it must not; tests/test_patterns.c runs both.
 */
#ifndef PM_PATTERN_H
#define PM_PATTERN_H

#include "base/re.h"
#include "filekind.h"
#include "pieces.h"
#include "scanner.h"

#include <stdatomic.h>

struct pm_row {
	const char *id;     /* "source/listen"; the rule of its hits */
	unsigned kinds;     /* PM_KIND_* bits: files it runs on */
	const char *gate;   /* the line must contain one of these (case ignored, '|' between, at
	                     * most 20 bytes each); NULL: no gate */
	const char *re;     /* PCRE2 with group `port`; group `ident` becomes PM_FACT_IDENT,
	                     * `service` PM_FACT_BLOCK */
	uint8_t role, side, certainty;
	const char *before; /* the four lines above must match this ($: the end of them); or NULL */
	const char *hit, *miss;
	/* what stands above the line must say so, however far; or NULL */
	bool (*above)(const struct pm_file *f, struct pm_str line);
};

/* A row's compiled form; zeroed at first. */
struct pm_row_re {
	struct pm_re *re, *before;
	int port, ident, service; /* numbers of the groups, or -1 */
	bool at_each;             /* pm_row_at_each */
	atomic_bool ready;        /* all of this is there */
};

struct pm_table {
	const struct pm_row *rows;
	struct pm_row_re *compiled; /* one per row, filled at the first need */
	size_t n;
};

#define PM_TABLE(name, table_rows) \
	static struct pm_row_re name##_re[sizeof(table_rows) / sizeof((table_rows)[0])]; \
	const struct pm_table name = { table_rows, name##_re, \
				       sizeof(table_rows) / sizeof((table_rows)[0]) }

/* Pieces of patterns. PM_N: the number. PM_PW: "port" as a word of an identifier (API_PORT,
 * apiPort, server.port, targetport; not report, viewport, PORTFOLIO). PM_Q: optional quote. */
#define PM_N "(?<![0-9])(?<port>[1-9][0-9]{0,4}+)(?![0-9])"
#define PM_NX "[0-9]{1,5}(?![0-9])" /* any other number */
#define PM_Q "[\"'`]?"
#define PM_PW \
	"(?:(?<![A-Za-z])ports?(?![a-z])|(?<![A-Z])PORTS?(?![A-Z])|Ports?(?![a-z])|" \
	"(?<![A-Za-z])(?:https?|web|api|app|host|server|local|remote|container|target|node|listen|" \
	"db|d|s|tcp|udp|grpc|metrics|health|admin|proxy|smtp|redis|debug|inspect)ports?(?![a-z]))"

/* Run the rows for this file's kind over every line with a wanted number.
 * Returns 0 or PM_E_LIMIT. */
int pm_table_scan(const struct pm_table *t, const struct pm_file *f, struct pm_sink *out,
		  struct pm_err *err);
/* The same for one row: for tests. */
int pm_row_scan(const struct pm_table *t, size_t row, const struct pm_file *f,
		struct pm_sink *out, struct pm_err *err);

/* One row that is in no table, on every line with a wanted number, whatever the kind of the file. The
 * first scan of a sink: what tables turn away is then kept too. */
int pm_row_scan_all(const struct pm_row *row, struct pm_row_re *re, const struct pm_file *f,
		    struct pm_sink *out, struct pm_err *err);

/* A pattern that ends in \z looks at what leads to one number: it is tried at each, on the text up to
 * there. */
bool pm_row_at_each(const struct pm_row *row);

/* Look up the groups of a compiled row. PM_E_USAGE when there is no `port`. */
int pm_row_groups(struct pm_row_re *re, const char *id, struct pm_err *err);

/* A finding for every line that is too long for patterns and has a wanted number. */
void pm_long_lines_report(struct pm_sink *out);

/* May the digits at [off, off+len) of `s` be a whole port number? No: part of a decimal, version,
 * word, hash, UUID, grouped number, IPv6 address, money, or with a unit behind. */
/* Is the number a group of an IPv6 or MAC address? */
bool pm_in_ipv6(struct pm_str s, size_t off, size_t len);
bool pm_port_bounded(struct pm_str s, size_t off, size_t len);

/* A unit behind the digits that end at `end`: "8000 ms", "4000 tokens", "3000 USD". */
bool pm_has_unit(struct pm_str s, size_t end);

/* Is the place `at` of the line inside a comment, by the usual markers? */
bool pm_in_comment(unsigned kind, struct pm_str line, size_t at);

/* The tables, for the test that runs every row. */
extern const struct pm_table pm_table_address, pm_table_source, pm_table_config, pm_table_docs;

extern const struct pm_scanner pm_scanner_address, pm_scanner_source, pm_scanner_config,
	pm_scanner_docs;

#endif
