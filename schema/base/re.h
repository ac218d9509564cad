/*
 * re.h - regular expressions (PCRE2, JIT, byte mode) with limits. A match that runs into a limit
 * is an error, never "no match".
 */
#ifndef PM_RE_H
#define PM_RE_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>

struct pm_re; /* opaque; any number of threads may match with one */
/* Compile; `flags`: PM_RE_ICASE. User patterns: PM_RE_USER (rejects empty matches, \C). */
enum { PM_RE_ICASE = 1, PM_RE_USER = 2, PM_RE_EXTENDED = 4, PM_RE_MULTILINE = 8 };
int pm_re_compile(struct pm_re **out, const char *pattern, unsigned flags, struct pm_err *err);
void pm_re_free(struct pm_re *re);
/* First match at or after `from`: 1 and `groups[0..n)` (len 0 and off UINT32_MAX when unset), 0 for
 * no match, PM_E_LIMIT. */
int pm_re_match(const struct pm_re *re, struct pm_str s, size_t from, struct pm_span *groups,
		size_t n);
int pm_re_group(const struct pm_re *re, const char *name); /* number of a named group, or -1 */
/* A path glob ('*' stays within a directory, '**' does not) as an anchored expression. */
int pm_re_glob(struct pm_re **out, const char *glob, struct pm_err *err);
/* An expression of our own, compiled at its first use by whichever thread has it:
 * static struct pm_re_once port = { "...", PM_RE_ICASE }; */
struct pm_re_once {
	const char *pattern;
	unsigned flags;
	struct pm_re *_Atomic re;
};
const struct pm_re *pm_re_once(struct pm_re_once *o);
void pm_re_version(struct pm_buf *out); /* of the library at hand */

#endif
