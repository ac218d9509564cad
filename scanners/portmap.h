/*
 * portmap.h - does a text speak of ports, and is a line an entry of a list of names and ports? Such
 * entries ("api: 4000,") say nothing by themselves; rows of patterns ask here (pm_row.above).
 */
#ifndef PM_PORTMAP_H
#define PM_PORTMAP_H

#include "scanner.h"

/* "port" or "ports" as a word, in some languages; '_' ends one: API_PORT, PORT_SCHEMA. */
bool pm_says_port(struct pm_str s);

/* Is the line (of the file's bytes) an entry of a block whose key is one for ports: PORTS = {? */
bool pm_portmap_block(const struct pm_file *f, struct pm_str line);
/* The same of a comment, below one that speaks of ports. */
bool pm_portmap_comment(const struct pm_file *f, struct pm_str line);

#endif
