/* digest.c - see digest.h. */
#include "base/digest.h"

#include <sys/types.h>

#include <sha1.h>
#include <sha2.h>

void pm_sha256_hex(struct pm_str a, struct pm_str b, char out[PM_SHA256_HEX])
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)a.p, a.n);
	SHA256Update(&ctx, (const uint8_t *)b.p, b.n);
	SHA256End(&ctx, out);
}

void pm_sha1(const void *bytes, size_t n, unsigned char out[PM_SHA1_RAW])
{
	SHA1_CTX ctx;

	SHA1Init(&ctx);
	SHA1Update(&ctx, bytes, n);
	SHA1Final(out, &ctx);
}
