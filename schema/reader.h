/*
 * reader.h - what the parts of the Markdown reader share. Internal to schema/.
 *
 * parse_md.c drives: blocks -> sections (md_sections.c) -> rows (md_table.c) and prose
 * (md_prose.c). Every reader adds to the schema through model.c, so that both document formats
 * obey the same rules.
 */
#ifndef PM_READER_H
#define PM_READER_H

#include "base/md.h"
#include "base/re.h"
#include "schema.h"

/* A cell that should hold ports, taken apart. */
enum pm_cell_kind {
	PM_CELL_PORTS,   /* v[0..n) */
	PM_CELL_EMPTY,   /* nothing, "-", "n/a" */
	PM_CELL_DYNAMIC, /* "dynamic", "random" */
	PM_CELL_TEXT,    /* words, no port at its start */
	PM_CELL_BAD      /* meant as a port but malformed: problem, rule, perhaps meant */
};

struct pm_port_item {
	unsigned lo, hi;
	struct pm_span span; /* digits of lo in the file */
	const char *proto;   /* as in pm_endpoint */
};

enum { PM_CELL_MAX = 64 };

struct pm_port_cell {
	enum pm_cell_kind kind;
	struct pm_port_item v[PM_CELL_MAX];
	size_t n;
	bool odd_dash;       /* a range has another dash than '-' */
	const char *note;    /* what follows the ports, "" if nothing */
	const char *problem; /* BAD: why */
	const char *meant;   /* BAD: "3000-3009", or NULL */
	const char *rule;    /* BAD: "malformed-range", "malformed-port", "confusable" */
};

/* Take `t` apart; `zero` accepts 0 (reserved ranges begin there). */
void pm_port_cell_parse(struct pm_port_cell *out, struct pm_arena *a, const struct pm_md_text *t,
			bool zero);
/* Length of a dash, ellipsis or ".." at s[i], else 0. */
size_t pm_dash_len(struct pm_str s, size_t i);
/* "30003009": a range that lost its dash; both ends, or false. */
bool pm_lost_dash(struct pm_str digits, unsigned *lo, unsigned *hi);

/* A heading taken apart: "Shop (Orders & Carts) - 4100-4199". */
struct pm_heading {
	const char *name;   /* "Shop" */
	const char *note;   /* "Identity & Auth", or NULL */
	const char *inside; /* "Embedded in X": X, or NULL */
	unsigned lo, hi;    /* 0: no range */
	struct pm_span span;
	const char *lost;   /* digits that look like a range without its dash, or NULL */
	unsigned lost_lo, lost_hi;
};
void pm_heading_parse(struct pm_heading *out, struct pm_arena *a, const struct pm_md_text *t);

struct pm_section {
	const struct pm_md_block *block;
	const char *title;  /* as written */
	unsigned level;
	int parent;         /* index, -1 */
	struct pm_heading head;
	int own_range;      /* index in schema.ranges, -1 */
	int range;          /* own or inherited, -1 */
	const char *project; /* slug, or NULL */
	bool block_style;   /* rows are roles of one service named by the heading */
	bool reserved, migration, environment, real, internal; /* said by it or above it */
	enum pm_strength strength;
};

struct pm_name_entry;

/* What the last introducing line ("Reserved ranges (NEVER USE):") says about the list below. */
struct pm_intro {
	bool reserved, real, not_deployed;
	enum pm_strength strength;
	const char *host; /* or NULL */
};

enum { PM_READER_RES = 6 };

struct pm_reader {
	struct pm_schema *s;
	struct pm_arena *a; /* of the schema */
	const char *path;
	struct pm_str text;
	struct pm_md md;
	struct { struct pm_section *v; size_t n, cap; } sections;
	struct pm_name_entry *names; /* service slug -> index */
	struct pm_err *err;
	size_t n_bad;       /* malformed port cells */
	struct pm_diag first_bad;
	size_t n_odd_dashes; /* port cells with a dash that is no '-' */
	struct pm_src odd_dash; /* the first of them */
	size_t n_rows;      /* service rows understood */
	struct pm_intro intro;
	bool own_format;    /* our YAML: names and `fixed` are as written */
	bool loose;         /* headings without '#': see md_loose.c */
	struct pm_re *re[PM_READER_RES]; /* of md_prose.c, compiled when first needed */
	struct pm_re *size_re;           /* of md_principles.c */
};

/* -- model.c: adding to the schema ------------------------------------------------------- */

struct pm_src pm_reader_src(const struct pm_reader *r, size_t off, struct pm_span digits);
struct pm_src pm_reader_text_src(const struct pm_reader *r, const struct pm_md_text *t, size_t i);
struct pm_diag *pm_reader_diag(struct pm_reader *r, const char *rule, enum pm_severity sev,
			       struct pm_src at, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void pm_reader_leftover(struct pm_reader *r, struct pm_str text, const char *why,
			struct pm_src at);
/* Slug of a service's title; of one without letters and digits "line-14", so that it has a name. */
const char *pm_reader_slug(struct pm_reader *r, struct pm_str title, unsigned line);
/* Index of the service with this slug; added when new. */
size_t pm_reader_service(struct pm_reader *r, const char *slug, const char *title,
			 struct pm_src at);
/* Index, or SIZE_MAX. */
size_t pm_reader_find(const struct pm_reader *r, const char *slug);
/* Add an endpoint. PM_E_SCHEMA when the service has the same role twice at different ports;
 * a repeated row is a note. */
int pm_reader_endpoint(struct pm_reader *r, size_t service, const struct pm_endpoint *e);
void pm_reader_alias(struct pm_reader *r, size_t service, const char *alias);
void pm_reader_reserved(struct pm_reader *r, unsigned lo, unsigned hi, enum pm_strength strength,
			const char *reason, unsigned table, struct pm_src at);
const char *pm_reader_host(struct pm_reader *r, const char *name, const char *address,
			   struct pm_src at);
/* Is this the port that a well-known third party's service has by default? */
bool pm_port_conventional(const char *service, unsigned port);
/* After the last row: endpoint names, roles, aliases, conventional ports. */
void pm_reader_finish(struct pm_reader *r);
void pm_reader_release(struct pm_reader *r);

/* -- the parts --------------------------------------------------------------------------- */

/* The headings as sections; then, once the strategy tables have been read, their ranges. */
void pm_reader_headings(struct pm_reader *r);
void pm_reader_sections(struct pm_reader *r);
int pm_reader_table(struct pm_reader *r, const struct pm_md_block *b, const struct pm_section *sec);
/* What a table is for is decided by its header. */
bool pm_table_is_block_style(const struct pm_md_block *b, const struct pm_heading *head);
bool pm_table_is_strategy(const struct pm_md_block *b); /* ranges with names */

/* One paragraph, list item or heading; a code block. */
int pm_reader_prose(struct pm_reader *r, const struct pm_md_block *b,
		    const struct pm_section *sec);
/* Promises of one paragraph or item (md_principles.c). */
int pm_reader_principles(struct pm_reader *r, const struct pm_md_block *b);
/* Text that was read in a wrong encoding once: where it first stands, and what was meant. */
enum { PM_MOJIBAKE_MAX = 33 };
bool pm_mojibake(struct pm_str s, size_t *off, size_t *len, char meant[PM_MOJIBAKE_MAX]);
/* Does this remark on a port say that it collides? */
bool pm_claims_collision(struct pm_str s);
int pm_reader_code(struct pm_reader *r, const struct pm_md_block *b,
		   const struct pm_section *sec);

/* Documents whose headings lost their '#' (scraped pages): fills r->md by lines. */
bool pm_reader_is_loose(const struct pm_reader *r);
int pm_reader_loosen(struct pm_reader *r);
/* A whole table on one line of at least `least` bytes: PM_E_SCHEMA with the hint, else 0. */
int pm_reader_flattened(const struct pm_reader *r, size_t least);

/* -- words ------------------------------------------------------------------------------- */

/* `word` stands in `s` as a whole word (ASCII case ignored; may contain spaces). */
bool pm_has_word(struct pm_str s, const char *word);
bool pm_has_any(struct pm_str s, const char *const *words);
const char *pm_arena_str(struct pm_arena *a, struct pm_str s);
struct pm_str pm_md_str(const struct pm_md_text *t);

#endif
