/* digest.h - SHA-256, and the SHA-1 of Git's files, by libmd. */
#ifndef PM_DIGEST_H
#define PM_DIGEST_H

#include "base/text.h"

enum { PM_SHA256_HEX = 65 }; /* 64 hex digits and NUL */

/* Of the two texts one after the other. */
void pm_sha256_hex(struct pm_str a, struct pm_str b, char out[PM_SHA256_HEX]);

enum { PM_SHA1_RAW = 20 };
/* Tells damage, not intent. */
void pm_sha1(const void *bytes, size_t n, unsigned char out[PM_SHA1_RAW]);

#endif
