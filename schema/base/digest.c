/* digest.c - see digest.h. */
#include "base/digest.h"

#include <sys/types.h>

#include <sha2.h>

void pm_sha256_hex(struct pm_str a, struct pm_str b, char out[PM_SHA256_HEX])
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)a.p, a.n);
	SHA256Update(&ctx, (const uint8_t *)b.p, b.n);
	SHA256End(&ctx, out);
}
