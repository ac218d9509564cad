/*
 * pack_inflate.c - zlib streams: by libdeflate where it was there at build time, which is about
 * twice as fast but only for whole streams, else by zlib, which is also asked for beginnings.
 */
#include "pack_impl.h"

#include <limits.h>
#include <stdlib.h>

#include <zlib.h>
#ifdef PM_HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

struct pm_inflater {
	z_stream stream;
#ifdef PM_HAVE_LIBDEFLATE
	struct libdeflate_decompressor *whole;
#endif
};

struct pm_inflater *pm_inflater_new(void)
{
	struct pm_inflater *z = pm_xcalloc(1, sizeof(*z));

	if (inflateInit(&z->stream) != Z_OK)
		pm_die_oom();
#ifdef PM_HAVE_LIBDEFLATE
	z->whole = libdeflate_alloc_decompressor();
	if (!z->whole)
		pm_die_oom();
#endif
	return z;
}

void pm_inflater_free(struct pm_inflater *z)
{
	if (!z)
		return;
	inflateEnd(&z->stream);
#ifdef PM_HAVE_LIBDEFLATE
	libdeflate_free_decompressor(z->whole);
#endif
	free(z);
}

static uInt part(size_t n)
{
	return n > UINT_MAX ? UINT_MAX : (uInt)n;
}

static void begin(struct pm_inflater *z, const unsigned char *in, size_t in_n, unsigned char *out,
		  size_t out_n)
{
	inflateReset(&z->stream);
	/* zlib's type is not const, but it does not write there */
	z->stream.next_in = (z_const Bytef *)(uintptr_t)in;
	z->stream.avail_in = part(in_n);
	z->stream.next_out = out;
	z->stream.avail_out = part(out_n);
}

#ifdef PM_HAVE_LIBDEFLATE

bool pm_inflate(struct pm_inflater *z, const unsigned char *in, size_t in_n, unsigned char *out,
		size_t out_n)
{
	return libdeflate_zlib_decompress(z->whole, in, in_n, out, out_n, NULL) ==
	       LIBDEFLATE_SUCCESS;
}

#else

bool pm_inflate(struct pm_inflater *z, const unsigned char *in, size_t in_n, unsigned char *out,
		size_t out_n)
{
	int rc;

	if (out_n > UINT_MAX)
		return false;
	begin(z, in, in_n, out, out_n);
	in_n -= part(in_n);
	/* with nothing left to read or to write it ends with Z_BUF_ERROR */
	while ((rc = inflate(&z->stream, Z_NO_FLUSH)) == Z_OK)
		if (z->stream.avail_in == 0) {
			z->stream.avail_in = part(in_n);
			in_n -= part(in_n);
		}
	return rc == Z_STREAM_END && z->stream.avail_out == 0;
}

#endif

size_t pm_inflate_head(struct pm_inflater *z, const unsigned char *in, size_t in_n,
		       unsigned char *out, size_t cap)
{
	int rc;

	begin(z, in, in_n, out, cap);
	rc = inflate(&z->stream, Z_SYNC_FLUSH);
	return rc == Z_OK || rc == Z_STREAM_END ? cap - z->stream.avail_out : 0;
}
