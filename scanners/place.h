/*
 * place.h - what a structured scanner knows about where it is (facts), and how a value is read
 * there. A scanner pushes facts while it descends and cuts back to a saved length.
 */
#ifndef PM_PLACE_H
#define PM_PLACE_H

#include "base/yaml.h"
#include "scanner.h"
#include "spot.h"

enum { PM_PLACE_MAX = 32 };

struct pm_place {
	struct pm_sink *sink;
	struct { enum pm_fact_kind kind; struct pm_str text; unsigned line, depth; }
		v[PM_PLACE_MAX]; /* borrowed texts */
	size_t n;
	struct pm_buf path;  /* key path: "services.api.ports[0]" */
	const char *rule;
	enum pm_side inside; /* side of what a process here binds */
	enum pm_side local;  /* side of localhost in a setting */
	struct pm_str peer;  /* DB_HOST's value while DB_PORT is read: that is whose port it is */
	enum pm_role bare;   /* of "port: 4000" read as a line; PM_ROLE_NUMBER: a listener */
};

/* Facts; empty texts and those beyond PM_PLACE_MAX are passed over. */
void pm_place_push(struct pm_place *p, enum pm_fact_kind kind, struct pm_str text,
		   unsigned line, unsigned depth);
void pm_place_push_node(struct pm_place *p, enum pm_fact_kind kind,
			const struct pm_yaml_node *node, unsigned depth);
/* Extend the key path; returns the length to cut back to. */
size_t pm_place_key(struct pm_place *p, struct pm_str key);
size_t pm_place_index(struct pm_place *p, size_t i);
void pm_place_cut(struct pm_place *p, size_t path_len);

/* Does a number that the sink wants stand in these bytes? Most parts of a file need no look. */
bool pm_place_wanted(const struct pm_place *p, struct pm_span raw);

/* A hit with all facts of the place. NULL when the sink does not want it. */
struct pm_hit *pm_place_hit(struct pm_place *p, size_t off, size_t len, enum pm_role role,
			    enum pm_side side, enum pm_certainty certainty);

/* The whole number at `node`, if it is one. */
struct pm_hit *pm_place_number(struct pm_place *p, const struct pm_yaml_node *node,
			       enum pm_role role, enum pm_side side,
			       enum pm_certainty certainty);

/* The value of a setting: KEY=value, "KEY: value". `raw` are its bytes in the file. */
void pm_place_setting(struct pm_place *p, struct pm_span raw, struct pm_str key);
/* A command line or script. `role` is that of the addresses in it (PM_ROLE_PROBE: local ones are
 * seen from inside); numbers after --port and the like are PM_ROLE_LISTEN unless probing. */
void pm_place_command(struct pm_place *p, struct pm_span raw, enum pm_role role);
/* The same for a list of arguments, where a flag and its number are two items; or a scalar. */
void pm_place_argv(struct pm_place *p, const struct pm_yaml_node *node, enum pm_role role);
/* Addresses only: URL, host:port, :port. */
void pm_place_address(struct pm_place *p, struct pm_span raw, enum pm_role role,
		      enum pm_side local);

/* Name of the host that goes with a port: DB_HOST for DB_PORT, dbHost for dbPort; NULL when the
 * key does not end in "port". */
const char *pm_place_host_key(struct pm_arena *a, struct pm_str key);
/* Set or clear (empty value) p->peer for `key`; hosts that a process binds are no peers. */
void pm_place_peer(struct pm_place *p, struct pm_str key, struct pm_str host);

/* Which side sees an address; `local` for the host itself. */
enum pm_side pm_place_side(struct pm_str host, enum pm_side local);

#endif
