/*
 * resource.h - places of small numbers that services share, such as Redis databases.
 *
 * Such a number is any number, so it never counts by itself: it stands in the path of a redis://
 * address (https://www.iana.org/assignments/uri-schemes/prov/redis), in a variable whose name says
 * Redis and database, under a key "db" or "database" of a block that says Redis, or behind
 * `redis-cli -n`. Valkey is the same.
 */
#ifndef PM_RESOURCE_H
#define PM_RESOURCE_H

#include "scanner.h"

/* The kinds that are known, as documents and moves call them: "redis-db"; NULL for others. */
const char *pm_resource_kind(struct pm_str text);
/* A decimal number from 0 on without leading zeros; false when it is none. */
bool pm_resource_number(struct pm_str s, unsigned *out);

/* A file with more places than anybody writes by hand is data. */
enum { PM_RESOURCE_MAX = 5000 };

/* Add all places of one file: hits with the number as `port`, which may be 0, the digits as their
 * span, and rules "resource/..."; with the host of the instance, where an address has it, and the
 * facts that any text gives. Sorted. Beyond PM_RESOURCE_MAX none are added, and out->over is set. */
void pm_resource_scan(struct pm_sink *out, const struct pm_file *f);

/* One row of the table, with a line that it takes and one that it passes over; NULL at the end. */
struct pm_resource_row { const char *rule, *pattern, *hit, *miss; };
const struct pm_resource_row *pm_resource_row(size_t i);

#endif
