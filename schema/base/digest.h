/* digest.h - SHA-256, by libmd. */
#ifndef PM_DIGEST_H
#define PM_DIGEST_H

#include "base/text.h"

enum { PM_SHA256_HEX = 65 }; /* 64 hex digits and NUL */

/* Of the two texts one after the other. */
void pm_sha256_hex(struct pm_str a, struct pm_str b, char out[PM_SHA256_HEX]);

#endif
