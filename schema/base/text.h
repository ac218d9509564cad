/*
 * text.h - bytes as text: slices, line index, boundaries, escaping.
 *
 * Files are bytes. Lines end at LF (a CR before it belongs to the line); columns count bytes
 * from 1. Nothing here assumes valid UTF-8.
 */
#ifndef PM_TEXT_H
#define PM_TEXT_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes. */
struct pm_str {
	const char *p;
	size_t n;
};

/* A place in a file's bytes. */
struct pm_span {
	uint32_t off, len;
};

#define PM_STR(lit) ((struct pm_str){ (lit), sizeof(lit) - 1 })
struct pm_str pm_str_of(const char *s); /* NULL gives an empty slice */
bool pm_str_eq(struct pm_str a, const char *s);
bool pm_str_ieq(struct pm_str a, const char *s); /* ASCII case ignored */
struct pm_str pm_str_trim(struct pm_str s);      /* spaces, tabs, CR, LF */
bool pm_str_ends(struct pm_str s, const char *tail);
bool pm_str_iends(struct pm_str s, const char *tail); /* ASCII case ignored */
bool pm_str_all_digits(struct pm_str s);              /* also when empty */
/* First offset of `needle` in `s` (ASCII case ignored if `icase`), or SIZE_MAX. */
size_t pm_str_find(struct pm_str s, const char *needle, bool icase);

/* Start offsets of all lines of a text; built once per file that has something to report. */
struct pm_lines {
	uint32_t *start; /* n entries; start[0] is 0 */
	size_t n;
	const char *p;
	size_t len;
};
void pm_lines_init(struct pm_lines *l, struct pm_arena *a, const char *p, size_t len);
unsigned pm_lines_line(const struct pm_lines *l, size_t off);  /* 1-based */
unsigned pm_lines_col(const struct pm_lines *l, size_t off);   /* 1-based, bytes */
struct pm_str pm_lines_get(const struct pm_lines *l, unsigned line); /* without LF and CR */

static inline bool pm_is_digit(char c)
{
	return c >= '0' && c <= '9';
}
static inline bool pm_is_word(char c) /* [A-Za-z0-9_] */
{
	return pm_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static inline bool pm_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
static inline char pm_lower(char c) /* ASCII */
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
bool pm_is_utf8(const char *p, size_t n);
/* Length of the valid UTF-8 sequence at p (n > 0 bytes), or 0; RFC 3629: no surrogates, no
 * overlong forms. */
size_t pm_utf8_len(const unsigned char *p, size_t n);

#include "base/escape.h" /* what is read from a file is printed sooner or later */

#endif
