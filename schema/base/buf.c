/* buf.c - see buf.h. */
#include "base/buf.h"

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pm_buf_release(struct pm_buf *b)
{
	free(b->v);
	b->v = NULL;
	b->n = b->cap = 0;
}

void pm_buf_clear(struct pm_buf *b)
{
	b->n = 0;
	if (b->v)
		b->v[0] = '\0';
}

static void reserve(struct pm_buf *b, size_t more)
{
	size_t want = b->n + more + 1;

	if (more > SIZE_MAX / 2)
		pm_die_oom();
	if (want <= b->cap)
		return;
	if (want < b->cap * 2)
		want = b->cap * 2;
	b->v = pm_xrealloc(b->v, want);
	b->cap = want;
}

void pm_buf_add(struct pm_buf *b, const void *bytes, size_t n)
{
	reserve(b, n);
	if (n)
		memcpy(b->v + b->n, bytes, n);
	b->n += n;
	b->v[b->n] = '\0';
}

void pm_buf_adds(struct pm_buf *b, const char *s)
{
	pm_buf_add(b, s, strlen(s));
}

void pm_buf_addc(struct pm_buf *b, char c)
{
	pm_buf_add(b, &c, 1);
}

void pm_buf_pad(struct pm_buf *b, char c, size_t n)
{
	reserve(b, n);
	memset(b->v + b->n, c, n);
	b->n += n;
	b->v[b->n] = '\0';
}

void pm_buf_addu(struct pm_buf *b, uint64_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + n % 10);
	while (n /= 10);
	pm_buf_add(b, digits + i, sizeof(digits) - i);
}

void pm_buf_vaddf(struct pm_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	PM_ASSERT(n >= 0, "bad format");
	reserve(b, (size_t)n);
	vsnprintf(b->v + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void pm_buf_addf(struct pm_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	pm_buf_vaddf(b, fmt, ap);
	va_end(ap);
}

const char *pm_buf_str(const struct pm_buf *b)
{
	return b->v ? b->v : "";
}
