/*
 * date.h - dates as commits have them: seconds and a zone of its own. Never the machine's clock or
 * zone: the same commit is printed alike everywhere.
 */
#ifndef PM_DATE_H
#define PM_DATE_H

#include "base/buf.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* "2026-05-06 20:38 +0200"; years beyond 0 to 9999 are "@" and the seconds. `zone`: minutes east. */
void pm_date_add(struct pm_buf *b, int64_t when, int zone);
/* ISO 8601, "2026-05-06T20:38:46+02:00"; the same beyond. */
void pm_date_add_iso(struct pm_buf *b, int64_t when, int zone);
/* "2026-05-06". */
void pm_date_add_day(struct pm_buf *b, int64_t when, int zone);

/* "YYYY-MM-DD", then optionally "T" or " " with "HH:MM" or "HH:MM:SS", then optionally a zone ("Z",
 * "+02:00", "+0200", UTC without); or "@SECONDS". A day alone is its first second, or with `end` its
 * last. False for anything else. */
bool pm_date_parse(struct pm_str s, bool end, int64_t *when);

#endif
