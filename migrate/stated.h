/*
 * stated.h - what a commit of ours states about itself, as trailers at the end of its message
 * (https://git-scm.com/docs/git-interpret-trailers):
 *
 *	Portmig-Version: 0.1.0                          who made it
 *	Portmig-Plan: SHA-256                           digest of the plan's text
 *	Portmig-Base: COMMIT                            what was planned on
 *	Portmig-Schema: BLOB PATH                       when a schema was read
 *	Portmig-Config: BLOB                            when a portmig.yaml was read
 *	Portmig-Scope: host                             unless everything moves
 *	Portmig-Moves: SERVICE FROM->TO; ...            what this commit does
 *	Portmig-Other-Moves: SERVICE FROM->TO; ...      what other commits of the plan do (--split)
 *	Portmig-Document: BLOB PATH                     what the schema document becomes
 *	Portmig-Rows: KIND SERVICE FROM->TO; ...        of these rows: add, move, remove; rename OLD=NEW
 *	Portmig-Reverts: COMMIT                         for a revert
 *	Reviewed-by: NAME <MAIL>
 *	Portmig-Proof: SHA-256                          see pm_proof_digest
 *
 * Names of services have '%XX' for what is not [A-Za-z0-9._/-].
 */
#ifndef PM_STATED_H
#define PM_STATED_H

#include "git.h"

#include <stdbool.h>

struct pm_stated_move {
	const char *service;
	unsigned from, to;
	bool elsewhere; /* in another commit of the same plan */
};

/* A row of the document; ports that do not apply are 0. */
struct pm_stated_row {
	const char *kind, *service;
	unsigned from, to;
};

/* Strings live in the arena of the call; NULL for what the message does not say. */
struct pm_stated {
	struct pm_trailers all;
	const char *version, *plan, *base, *schema_blob, *schema_path, *config_blob, *reverts,
		*proof;
	bool host_scope;
	struct { struct pm_stated_move *v; size_t n, cap; } moves;
	const char *document_blob, *document_path;
	struct { struct pm_stated_row *v; size_t n, cap; } rows;
};

/* Read them. PM_E_NOTFOUND when the message states no plan (Portmig-Plan, Portmig-Base, and
 * Portmig-Moves or Portmig-Document); PM_E_PARSE for values that are none. Release `out` on success. */
int pm_stated_read(struct pm_stated *out, struct pm_arena *a, const char *message,
		   struct pm_err *err);
void pm_stated_release(struct pm_stated *s);

/* "SERVICE FROM->TO" with the name as above. */
void pm_stated_add_move(struct pm_buf *b, const char *service, unsigned from, unsigned to);

#endif
