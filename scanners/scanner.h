/*
 * scanner.h - what is written here? The contract of all scanners.
 *
 * A scanner turns the bytes of one file into hits: spans that spell a port number, with the role
 * the place gives it and facts about it. It never says whose port it is (migrate/attribute.c
 * does) and never drops a file: what cannot be parsed gets the line-wise pass and a finding.
 * Scanners are pure: bytes in, hits out.
 */
#ifndef PM_SCANNER_H
#define PM_SCANNER_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/port.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* One file of a commit. Borrowed by scanners. */
struct pm_file {
	const char *path; /* '/'-separated, raw bytes, NUL-terminated */
	const char *bytes;
	size_t len;
	/* what pm_file_look has found out, so that nobody has to look again; 0: not looked */
	unsigned kind, tops;
};
void pm_file_look(struct pm_file *f);

/* What the number does at its place. */
enum pm_role {
	PM_ROLE_NUMBER,     /* a whole number equal to a port; nothing says that it is one */
	PM_ROLE_HOST_PORT,  /* published on the host: compose "H:c", hostPort, nodePort */
	PM_ROLE_CONTAINER,  /* inside the container or pod: "h:C", EXPOSE, containerPort */
	PM_ROLE_LISTEN,     /* what a process binds: PORT=, listen(), --port, server.port */
	PM_ROLE_DEFAULT,    /* fallback of a configured value: ${PORT:-4000}, PORT || 4000 */
	PM_ROLE_URL,        /* the port of a URL or host:port address */
	PM_ROLE_PROBE,      /* health check, readiness probe */
	PM_ROLE_POLICY,     /* network policy, firewall, security group */
	PM_ROLE_ROUTE,      /* proxy route, tunnel, Service port, ingress backend, scrape target */
	PM_ROLE_DOC,        /* documentation, comment, message */
	PM_ROLE_COUNT
};
const char *pm_role_name(enum pm_role r); /* "number", "host-port", ... */

/* Which side of a container boundary sees the number. */
enum pm_side {
	PM_SIDE_UNKNOWN,
	PM_SIDE_HOST,      /* seen from the host: published half, localhost URL of a client */
	PM_SIDE_CONTAINER  /* container half, in-network address, check run inside */
};

/* How sure the place is that this is a port: PM_SURE by syntax, PM_LIKELY by idiom, PM_MAYBE when
 * only words say so. PM_ROLE_NUMBER hits have PM_NOT. */
enum pm_certainty { PM_NOT, PM_MAYBE, PM_LIKELY, PM_SURE };

/* Facts about a place: never a verdict. */
enum pm_fact_kind {
	PM_FACT_HOST,      /* host part of the address at the span: "shop-events", "localhost" */
	PM_FACT_IDENT,     /* variable, key or function that holds the value: MANA_EVENTS_URL */
	PM_FACT_BLOCK,     /* name of an enclosing block: compose service, k8s object, job */
	PM_FACT_CONTAINER, /* container_name, of the block */
	PM_FACT_IMAGE,     /* image of the block, without tag */
	PM_FACT_BUILD,     /* build context or dockerfile path of the block, repo-relative */
	PM_FACT_HEADING,   /* Markdown heading, section comment */
	PM_FACT_ROW,       /* other cells of a table row */
	PM_FACT_NEAR,      /* a neighbouring line that introduces this one (hostname: above) */
	PM_FACT_KEYPATH,   /* "services.api.ports[0]" */
	PM_FACT_URLPATH,   /* path of the URL after the port: "/health" */
	PM_FACT_SHARED,    /* another block that uses the value, through a YAML alias */
	PM_FACT_TEMPLATE   /* the file has template markers: weaker evidence */
};

struct pm_fact {
	enum pm_fact_kind kind;
	const char *text;
	uint32_t line;  /* 1-based line it stands on, 0 when derived */
	uint16_t depth; /* 0 nearest enclosing block, 1 the next ... */
};

struct pm_hit {
	struct pm_span span; /* the digits; bytes at the span spell `port` */
	uint32_t line, col;  /* 1-based; filled by the sink */
	uint16_t port;
	uint8_t role;      /* enum pm_role */
	uint8_t side;      /* enum pm_side */
	uint8_t certainty; /* enum pm_certainty */
	const char *rule;  /* static string, id of the scanner's rule: "compose/ports" */
	uint32_t order;    /* of adding, within the file; for pm_sink_settle */
	struct pm_fact *facts;
	uint32_t n_facts;
};

/* The ports that matter; NULL means all. Bit p of the set. */
struct pm_port_set {
	uint64_t bits[1024];
};
void pm_port_set_add(struct pm_port_set *s, unsigned port);
bool pm_port_set_has(const struct pm_port_set *s, unsigned port); /* NULL: true */

/* Finds of one file, those of several rules at one place counted each; see pm_scan_file. */
enum { PM_SINK_MAX = 250000 };

/* Where hits of one file go. Use only the functions below. */
struct pm_sink {
	struct pm_arena *arena;         /* hits, facts and copied strings */
	struct pm_arena scratch;        /* what is needed until release: lines, parsed YAML */
	const struct pm_file *file;
	const struct pm_port_set *want; /* or NULL */
	struct pm_lines lines;          /* of file->bytes, in scratch; use pm_sink_lines */
	bool has_lines;
	bool bare;                      /* set it for hits without facts: faster */
	bool every_line;                /* pieces also of lines that no table matches; own.c */
	bool close;                     /* or for facts of the statement alone, not of what
					 * stands around: no neighbours, one heading, two
					 * enclosing lines */
	bool over;                      /* more finds than PM_SINK_MAX: the file is given up */
	struct pm_pieces *pieces;       /* lines with a wanted number; pieces.h */
	bool has_pieces;                /* they are those of the file */
	struct pm_memo *memo;           /* borrowed, or NULL: set it where lines come again; memo.h */
	const char **line_texts;        /* by line, from 0: what pm_sink_line_fact copied */
	struct { struct pm_hit *v; size_t n, cap; } hits;
	struct pm_diags diags;
};
void pm_sink_init(struct pm_sink *s, struct pm_arena *a, const struct pm_file *f,
		  const struct pm_port_set *want);
void pm_sink_release(struct pm_sink *s); /* all but what is in the arena */
/* As a release and an init for the next file, but cheaper. */
void pm_sink_next(struct pm_sink *s, const struct pm_file *f);
const struct pm_lines *pm_sink_lines(struct pm_sink *s);

/* Add a hit at bytes [off, off+len) of the file. What is not a whole number that spells a wanted
 * port is passed over and NULL is returned; the other pm_sink_* calls accept NULL then.
 * The pointer is valid until the next call. Several rules may report one place:
 * pm_sink_settle keeps the surest, then the first. */
struct pm_hit *pm_sink_add(struct pm_sink *s, size_t off, size_t len, enum pm_role role,
			   enum pm_side side, enum pm_certainty certainty, const char *rule);
/* The same for a number that is no port, and may be 0 (resource.h): the caller has read it. */
struct pm_hit *pm_sink_add_number(struct pm_sink *s, size_t off, size_t len, unsigned number,
				  const char *rule);
/* Sort hits by place and keep one for each. */
void pm_sink_settle(struct pm_sink *s);
/* Attach a fact; the text is copied. */
void pm_sink_fact(struct pm_sink *s, struct pm_hit *h, enum pm_fact_kind kind,
		  struct pm_str text, unsigned line, unsigned depth);
/* Attach the start of a line: copied once, however many hits it is a fact of. */
void pm_sink_line_fact(struct pm_sink *s, struct pm_hit *h, enum pm_fact_kind kind,
		       unsigned line, unsigned depth);
/* A finding in this file at byte `off` (SIZE_MAX: whole file). */
void pm_sink_diag(struct pm_sink *s, const char *rule, enum pm_severity sev, size_t off,
		  const char *text);

/*
 * One scanner. `accepts` looks at the path and the first bytes; several scanners may accept one
 * file (a Markdown document with YAML inside is still one docs file; a compose file is scanned
 * by compose and by the generic line rules): registry.c says which run and in which order, and
 * hits that overlap are settled by certainty.
 */
struct pm_scanner {
	const char *name, *summary;
	const char *const *globs; /* NULL-terminated, shown by `portmig scan --list`; or NULL */
	bool (*accepts)(const struct pm_file *f);
	/* Scan and add to `out`. Malformed content is a diag in `out`. Returns 0 or PM_E_LIMIT. */
	int (*scan)(const struct pm_file *f, struct pm_sink *out, struct pm_err *err);
};
extern const struct pm_scanner *const pm_scanners[]; /* NULL-terminated, registry.c */
extern const size_t pm_scanners_n;

/* Run every accepting scanner over one file, then (when `numbers`) add a PM_ROLE_NUMBER hit for
 * every remaining whole number that is wanted. Hits come out sorted by offset, disjoint.
 * PM_E_LIMIT when there are more than PM_SINK_MAX finds: a table of data, of which some would be
 * changed and some not. */
int pm_scan_file(struct pm_sink *out, const struct pm_file *f, bool numbers, struct pm_err *err);

/*
 * What a file tells about the services of the repository: names that belong together. Read from
 * manifests (package.json, go.mod, compose, Kubernetes, Cargo.toml, pyproject.toml, ...).
 */
enum pm_name_kind {
	PM_NAME_DIR,       /* directory that holds a service, repo-relative, "" for the root */
	PM_NAME_PACKAGE,   /* package or module name: "@shop/api", "shop-auth" */
	PM_NAME_COMPOSE,   /* compose service key */
	PM_NAME_CONTAINER, /* container_name */
	PM_NAME_IMAGE,     /* image name without registry and tag: "shop-api" */
	PM_NAME_K8S,       /* name of a Deployment, Service, StatefulSet */
	PM_NAME_JOB,       /* prometheus job, launchd label, systemd unit */
	PM_NAME_HOSTNAME,  /* public host name routed to it */
	PM_NAME_VARIABLE,  /* environment variable that holds its published port */
	PM_NAME_PROJECT    /* name of the whole repository or of one app's project */
};
struct pm_name {
	enum pm_name_kind kind;
	const char *text;
	unsigned line;
};
/* Names that one file says belong to one service: e.g. compose key, container, image, build dir. */
struct pm_decl {
	const char *path; /* file that says so */
	struct pm_name *names;
	size_t n;
	unsigned *ports; /* ports the same block publishes or listens on, host side first */
	size_t n_ports;
};
struct pm_decls { struct pm_decl *v; size_t n, cap; };
bool pm_names_accepts(const char *path); /* is this a manifest worth reading for names? */
/* Read names from a manifest. Never fails: what does not parse says nothing. */
void pm_names_read(struct pm_decls *out, struct pm_arena *a, const struct pm_file *f);

/* What kind of file this is, by path and first lines: used by attribution and reports. */
enum pm_file_class {
	PM_CLASS_ORDINARY,
	PM_CLASS_PAST,      /* changelog, devlog, dated report, archive, completed plan */
	PM_CLASS_GENERATED, /* lock files, minified, build output, snapshots */
	PM_CLASS_VENDORED,  /* third-party code */
	PM_CLASS_SCHEMA     /* a port schema document (set by the caller) */
};
/* `*why` gets a static or arena reason such as "changelog" (NULL for ordinary). */
enum pm_file_class pm_file_classify(const struct pm_file *f, struct pm_arena *a,
				    const char **why);

#endif
