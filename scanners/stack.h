/*
 * stack.h - what a Compose file runs, as values: its services, what they publish where, and when
 * they run. The scanner (compose.c) finds every number of such a file; this says how mappings work
 * together: addresses, protocols, ranges, profiles.
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md
 */
#ifndef PM_STACK_H
#define PM_STACK_H

#include "scanner.h"

/* One entry of `ports`. */
struct pm_stack_port {
	const char *ip;          /* address that it is bound to; "" for every one */
	unsigned lo, hi;         /* on the host; 0: Docker chooses, or a variable decides */
	unsigned in_lo, in_hi;   /* in the container; 0 when unknown */
	bool udp;
	const char *variable;    /* that decides the host port, or NULL */
	unsigned line, col;      /* of the entry */
};

struct pm_stack_service {
	const char *name;        /* its key */
	const char *container;   /* container_name, or NULL */
	const char *image;       /* without registry path and tag: "postgres"; or NULL */
	const char *build;       /* context, from the root of the commit; NULL when not built here */
	bool host_network;       /* network_mode: host: what it listens on is published */
	bool replaces;           /* ports: !override or !reset: those of the base file do not hold */
	const char **profiles;   /* none: it always runs */
	size_t n_profiles;
	const char **env_files;  /* from the root of the commit */
	size_t n_env_files;
	struct pm_stack_port *ports;
	size_t n_ports;
	unsigned line;
};

/* A key that stands twice in one map: Compose refuses the file. */
struct pm_stack_twice {
	const char *key;
	unsigned line, col, first; /* of the second one; line of the first */
};

struct pm_stack {
	const char *path;
	struct pm_stack_twice *twice;
	size_t n_twice;
	struct pm_stack_service *v; /* in the order of the file */
	size_t n;
};

/* The value of a variable in this file, or NULL; a fallback in the file counts then. */
typedef const char *pm_stack_value_fn(void *data, const char *name);

/* Read a Compose file into `a`. false: it is none, or no valid YAML. */
bool pm_stack_read(struct pm_stack *out, struct pm_arena *a, const struct pm_file *f,
		   pm_stack_value_fn *value, void *data);

/* One mapping such as "127.0.0.1:8000-8003:80/udp", with variables; false when it is none. */
bool pm_stack_mapping(struct pm_stack_port *out, struct pm_arena *a, struct pm_str text,
		      pm_stack_value_fn *value, void *data);

#endif
