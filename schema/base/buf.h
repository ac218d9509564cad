/* buf.h - a growing byte buffer, always NUL-terminated. Release with pm_buf_release. */
#ifndef PM_BUF_H
#define PM_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct pm_buf {
	char *v;
	size_t n, cap;
};

void pm_buf_release(struct pm_buf *b);
void pm_buf_clear(struct pm_buf *b); /* empty, memory kept */
void pm_buf_add(struct pm_buf *b, const void *bytes, size_t n);
void pm_buf_adds(struct pm_buf *b, const char *s);
void pm_buf_addc(struct pm_buf *b, char c);
void pm_buf_pad(struct pm_buf *b, char c, size_t n);
void pm_buf_addu(struct pm_buf *b, uint64_t n); /* in decimal */
void pm_buf_addf(struct pm_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void pm_buf_vaddf(struct pm_buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
const char *pm_buf_str(const struct pm_buf *b); /* never NULL */

#define PM_CLEAN_BUF __attribute__((cleanup(pm_buf_release)))

#endif
