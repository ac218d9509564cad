/*
 * fuzz.h - the contract of the targets in this folder: one file for each reader of bytes that somebody
 * else wrote. A target reads the input as the program would and checks what must hold of any input.
 *
 * With clang they are libFuzzer programs (scripts/fuzz, https://llvm.org/docs/LibFuzzer.html); with any
 * compiler driver.c runs them over their seeds (seeds.sh) and over what once broke them (corpus/).
 */
#ifndef PM_FUZZ_H
#define PM_FUZZ_H

#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Must hold for every input. */
#define FUZZ_CHECK(cond)                                                          \
	((cond) ? (void)0                                                         \
		: (fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond), abort()))

/* The input as text; it is the fuzzer's copy, of exactly this size. */
static inline struct pm_str fuzz_str(const uint8_t *data, size_t n)
{
	return (struct pm_str){ n ? (const char *)data : "", n };
}

/* The first line, and what follows it: for inputs that begin with a name. */
static inline struct pm_str fuzz_line(struct pm_str *rest)
{
	const char *lf = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	struct pm_str line = { rest->p, lf ? (size_t)(lf - rest->p) : rest->n };

	rest->p += line.n + (lf != NULL);
	rest->n -= line.n + (lf != NULL);
	return line;
}

/* A copy that ends where its memory ends, so that a sanitizer sees what is read behind it. */
static inline char *fuzz_copy(struct pm_str s)
{
	char *p = malloc(s.n ? s.n : 1);

	if (!p)
		abort();
	memcpy(p, s.p, s.n);
	return p;
}

static inline void fuzz_inside(struct pm_span span, size_t n)
{
	FUZZ_CHECK(span.off <= n && span.len <= n - span.off);
}

#endif
