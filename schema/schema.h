/*
 * schema.h - the port schema of a team as values: who owns which port, and what is planned.
 *
 * One model for every document we read (Markdown as teams write it, our own YAML). A schema
 * lives in its arena; every row knows where it stands in the document, so that reports can cite
 * it and the document itself can be edited in place.
 */
#ifndef PM_SCHEMA_H
#define PM_SCHEMA_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>

/* Where a value stands: 1-based line and byte column, and the span of its digits (len 0: none). */
struct pm_src {
	const char *path;
	unsigned line, col;
	struct pm_span span;
};

enum pm_state {
	PM_STATE_PLANNED,      /* a row of the tables: the target */
	PM_STATE_REAL,         /* listed as running today */
	PM_STATE_NOT_DEPLOYED, /* has a default port, runs nowhere */
	PM_STATE_FUTURE,       /* "(future)" */
	PM_STATE_DYNAMIC       /* no fixed port */
};

enum pm_exposure { PM_EXPOSE_HOST, PM_EXPOSE_INTERNAL };

enum pm_strength { /* of a reservation */
	PM_RESERVED_SLOT, /* kept free inside a range: allocation refuses unless asked */
	PM_RESERVED_MAY,  /* "may conflict": warning */
	PM_RESERVED_NEVER /* "never use": error */
};

enum pm_range_kind {
	PM_RANGE_PROJECT, /* top level, one per project */
	PM_RANGE_LAYER,   /* contains blocks */
	PM_RANGE_BLOCK,   /* one service's ports */
	PM_RANGE_GROUP    /* a heading with a range over service rows */
};

/* A range of ports with a name. `parent` indexes pm_schema.ranges, -1 at the top. `declared`
 * counts the places that state it (strategy table and heading). */
struct pm_range {
	enum pm_range_kind kind;
	unsigned lo, hi;
	const char *name;  /* "Core Platform Services", "Shop" */
	const char *note;  /* text under the heading, parenthesis; or NULL */
	int parent;
	bool from_table;   /* stated in a strategy table, not by a heading */
	struct pm_src src;
};

struct pm_reserved {
	unsigned lo, hi;
	enum pm_strength strength;
	const char *reason; /* or NULL */
	unsigned table;     /* as in pm_endpoint */
	struct pm_src src;
};

/* One port (or span lo-hi) of a service. */
struct pm_endpoint {
	const char *name;      /* best single name: container, else service(-role): "shop-api" */
	const char *role;      /* as written, "API", "Console"; "" when the service has one port */
	const char *container; /* container name or pattern ("ceq-worker-{n}"), or NULL */
	const char *note;      /* description, purpose */
	unsigned lo, hi;       /* 0: PM_STATE_DYNAMIC */
	enum pm_exposure exposure;
	enum pm_state state;
	const char *host;      /* name of a pm_host, or NULL */
	const char *public_name; /* "stt.example.com", or NULL */
	const char *proto;     /* "udp", "sctp"; NULL: TCP, as nothing else is said */
	bool claims_collision; /* the document says here that the port collides */
	unsigned pair_port;    /* "corresponds to server": 0 when none */
	const char *pair_name; /* or NULL */
	bool fixed;            /* a third party's conventional port: never moved unless named */
	int range;             /* index of the heading's range it stands under, -1 */
	unsigned table;        /* 1 + index in pm_schema.tables; 0: it stands in no table */
	struct pm_src src;     /* span: the digits of lo */
	/* For editing in place; len 0 where it is not in one piece in the file. */
	struct pm_span name_span, pair_span, pair_name_span;
};

struct pm_service {
	const char *name;    /* slug, unique: "shop-auth", "shop", "acme/ml-service" */
	const char *title;   /* as written */
	const char *project; /* slug of the project, or NULL */
	const char *inside;  /* slug of the service it is embedded in, or NULL */
	const char **aliases; /* n_aliases other names learned from the document */
	size_t n_aliases;
	struct pm_endpoint *endpoints;
	size_t n, cap; /* of endpoints; heap while reading, the schema owns it */
	struct pm_src src;
};

struct pm_host {
	const char *name;     /* "Mac Mini" */
	const char *address;  /* or NULL */
	const char *platform; /* "macos", "windows", "linux", or NULL */
	struct pm_src src;
};

/* A row of an offset table: base + lo .. base + hi is for `purpose`. */
struct pm_offset {
	unsigned lo, hi;
	int range;           /* the layer or block under whose heading it stands; -1: for all */
	const char *purpose;
	bool reserved;
	struct pm_src src;
};

/* What the document promises about itself: ports of each range, service, project or layer; that
 * partners end in the same digits. */
enum pm_principle_kind {
	PM_PRINCIPLE_RANGE_SIZE, PM_PRINCIPLE_SERVICE_SIZE, PM_PRINCIPLE_PROJECT_SIZE,
	PM_PRINCIPLE_LAYER_SIZE, PM_PRINCIPLE_PAIR_DIGITS
};
struct pm_principle {
	enum pm_principle_kind kind;
	unsigned size; /* 0 for PM_PRINCIPLE_PAIR_DIGITS */
	const char *text;
	struct pm_src src;
};

/* A small integer that services share, such as Redis databases. */
struct pm_resource {
	const char *kind; /* "redis-db" */
	unsigned number;
	const char *service, *note;
	struct pm_src src;
};

/* A standard environment variable every service should use. */
struct pm_envvar {
	const char *name, *value;
	struct pm_src src;
};

/* A step of a migration guide, or a migration note in prose: pairs from[i] -> to[i]. A step
 * without pairs ("Shop (blocks all others)") only orders. */
struct pm_step {
	unsigned order;      /* 1-based in the guide; 0 for notes */
	const char *service; /* as written: "SHOP" */
	unsigned from[8], to[8];
	size_t n;
	bool is_note;
	const char *text;
	struct pm_src src;
};

/* A table of service rows, or the changelog, as it stands in a Markdown document: what editing it
 * needs to know. Columns are indices, -1 where there is none. */
enum pm_table_kind { PM_TABLE_SERVICES, PM_TABLE_CHANGES };
struct pm_table {
	enum pm_table_kind kind;
	unsigned head, last;  /* lines of its header and of its last row (the delimiter's if none) */
	unsigned n_cols;
	int range;            /* of the heading it stands under, -1 */
	const char *service;  /* slug, when all rows are roles of one service; else NULL */
	const char *project;  /* slug, or NULL */
	int port, name, container, note, pair; /* PM_TABLE_SERVICES */
	int date, change, author;              /* PM_TABLE_CHANGES */
};

/* "Dependencies: Gate (auth), Redis" under the heading of a service. */
struct pm_depends {
	const char *service; /* as the heading has it */
	const char *on;      /* as written */
	struct pm_src src;
};

/* A line of the document that a reader could not turn into a value. Listed, never dropped. */
struct pm_leftover {
	const char *text, *why;
	struct pm_src src;
};

struct pm_checklist_item {
	const char *text;
	bool ticked;
	const char *section; /* heading above */
	struct pm_src src;
};

/* A row of the document's own changelog. */
struct pm_change_note {
	const char *date, *text, *author; /* author may be NULL */
	struct pm_src src;
};

#define PM_VEC_OF(type) struct { type *v; size_t n, cap; }

struct pm_schema {
	struct pm_arena arena;
	const char *path;  /* as shown to the user */
	const char *title; /* or NULL */
	const char *updated, *drafted, *reconciled, *version; /* as written, or NULL */
	const char *real_date; /* "Real ports today (2026-02-03)": the date, or NULL */
	struct pm_src updated_src, reconciled_src, real_src; /* of these values; span len 0: unknown */
	bool aspirational; /* the document says that it does not match reality */
	PM_VEC_OF(struct pm_range) ranges;
	PM_VEC_OF(struct pm_reserved) reserved;
	PM_VEC_OF(struct pm_service) services;
	PM_VEC_OF(struct pm_host) hosts;
	PM_VEC_OF(struct pm_offset) offsets;
	PM_VEC_OF(struct pm_principle) principles; /* each kind once */
	PM_VEC_OF(struct pm_resource) resources;
	PM_VEC_OF(struct pm_envvar) envvars;
	PM_VEC_OF(struct pm_step) steps;
	PM_VEC_OF(struct pm_checklist_item) checklist; /* "adding a service", "migration steps" */
	PM_VEC_OF(struct pm_change_note) changelog;
	PM_VEC_OF(struct pm_depends) depends;
	PM_VEC_OF(struct pm_table) tables;
	PM_VEC_OF(struct pm_leftover) leftovers;
	struct pm_diags diags;
};

/* All readers: parse `text` (borrowed for the call), shown as `path`. `out` is an empty schema;
 * on success the caller releases it. Findings go to out->diags. Returns 0, or PM_E_PARSE /
 * PM_E_SCHEMA (no row understood, the same service twice, malformed port), or PM_E_LIMIT. */
int pm_schema_parse_md(struct pm_schema *out, const char *path, struct pm_str text,
		       struct pm_err *err);
int pm_schema_parse_yaml(struct pm_schema *out, const char *path, struct pm_str text,
			 struct pm_err *err);
/* Chooses the reader by the name of the file (.md .markdown .txt / .yaml .yml .json). */
int pm_schema_parse(struct pm_schema *out, const char *path, struct pm_str text,
		    struct pm_err *err);
void pm_schema_release(struct pm_schema *s);

/* Slug of a title: lower case, runs of anything but [a-z0-9] become one '-'. */
const char *pm_slug(struct pm_arena *a, struct pm_str title);

/* Look-ups. A name matches by slug: service name, title, alias, endpoint name or container,
 * "owner-role". Returns NULL when nothing (or, for _endpoint, more than one) matches. */
const struct pm_service *pm_schema_service(const struct pm_schema *s, const char *name);
const struct pm_endpoint *pm_schema_endpoint(const struct pm_schema *s, const char *name,
					     const struct pm_service **owner);
/* The planned endpoint that owns a port (first in document order), or NULL. */
const struct pm_endpoint *pm_schema_owner(const struct pm_schema *s, unsigned port,
					  const struct pm_service **owner);
/* The strongest reservation that covers a port, or NULL. */
const struct pm_reserved *pm_schema_reserved(const struct pm_schema *s, unsigned port);

/* Do browsers, or Node's fetch, speak to it? By the words of its name, role and note. */
enum pm_speaks { PM_SPEAKS_HTTP, PM_SPEAKS_OTHER, PM_SPEAKS_UNKNOWN };
enum pm_speaks pm_schema_speaks(const char *name, const char *role, const char *note);

/* Checks of the document alone that make a migration impossible or doubtful (duplicates, rows
 * outside their range, reserved use, overlap ...). Adds to `out`; see docs/rules.md. */
void pm_schema_check(const struct pm_schema *s, struct pm_arena *a, struct pm_diags *out);

/* The usual port of a third party's service whose last digits `port` ends with ("16432" of a postgres:
 * 5432); 0 when there is none, or `port` is that port. */
unsigned pm_port_suffix_of(const char *service, unsigned port);

/* A date as people write it ("2025-12-18", "December 18, 2025", "18.12.2025") as the number 20251218;
 * 0 when it is none, or could be read in two ways. */
unsigned pm_day(const char *text);
/* The newest day on which the document says that it was right: updated, reconciled, last change. */
unsigned pm_schema_day(const struct pm_schema *s);

/* How full a heading's range is: ports of rows and reserved ports among `size`; what is neither. */
struct pm_gap { unsigned lo, hi; };
struct pm_range_fill {
	const struct pm_range *range;
	unsigned size, used, reserved;
	struct pm_gap *gaps; /* in the arena */
	size_t n_gaps;
};
struct pm_range_fills { struct pm_range_fill *v; size_t n, cap; }; /* PM_VEC_FREE */
/* Of every range without ranges below it, in document order. */
void pm_schema_fill(const struct pm_schema *s, struct pm_arena *a, struct pm_range_fills *out);

/* Writers: append to `out`. The YAML form reads back to an equal schema. */
void pm_schema_show(const struct pm_schema *s, struct pm_buf *out);
void pm_schema_export_yaml(const struct pm_schema *s, struct pm_buf *out);
void pm_schema_export_json(const struct pm_schema *s, struct pm_buf *out);

/* One difference between two schemas. Ports are 0 when the side does not exist. */
enum pm_change_kind { PM_CHANGE_ADDED, PM_CHANGE_REMOVED, PM_CHANGE_MOVED, PM_CHANGE_RENAMED };
struct pm_change {
	enum pm_change_kind kind;
	const char *service, *endpoint; /* new name; old name for removals */
	const char *old_name;           /* for renames, else NULL */
	unsigned from, to;
	struct pm_src old_src, new_src;
};
struct pm_changes { struct pm_change *v; size_t n, cap; };
/* Differences from `a` to `b`, ordered by the place in `b`, then `a`. Strings belong to the two
 * schemas. Free out->v with free(). Of what they plan, or of what they list as running today. */
void pm_schema_diff(const struct pm_schema *a, const struct pm_schema *b,
		    struct pm_changes *out);
void pm_schema_diff_real(const struct pm_schema *a, const struct pm_schema *b,
			 struct pm_changes *out);

/* One difference between the named ranges of two schemas, which own them; NULL where it is not. */
enum pm_range_change_kind {
	PM_RANGE_ADDED, PM_RANGE_REMOVED, PM_RANGE_MOVED, PM_RANGE_RENAMED,
	PM_RANGE_SWAPPED /* with `with`, which has the ports that `old` had, and the other way round */
};
struct pm_range_change {
	enum pm_range_change_kind kind;
	const struct pm_range *old, *new, *with;
};
struct pm_range_changes { struct pm_range_change *v; size_t n, cap; };
/* Differences from `a` to `b`, by the place in `b`, then `a`. Free out->v with free(). */
void pm_schema_diff_ranges(const struct pm_schema *a, const struct pm_schema *b,
			   struct pm_range_changes *out);

#endif
