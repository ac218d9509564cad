/*
 * escape.h - text of a repository in our output: one function per format, so that nothing in it can
 * act on what shows it.
 *
 * Acting bytes, everywhere: control bytes, ESC, DEL, C1 controls, bidi controls, zero-width
 * characters, invalid UTF-8, and "##[", which CI runners take for a command.
 */
#ifndef PM_ESCAPE_H
#define PM_ESCAPE_H

#include "base/buf.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* For a terminal, as Git's core.quotePath does it: as is, or, with acting bytes, a quote, a
 * backslash, or "::" at the start, inside double quotes with C escapes. */
void pm_quote_text(struct pm_buf *b, struct pm_str s);
/* Valid UTF-8 for a JSON writer, which escapes what JSON needs: invalid bytes become U+FFFD, and
 * `*lossy` (may be NULL) tells. No quotes are added. */
void pm_quote_json(struct pm_buf *b, struct pm_str s, bool *lossy);
/* Is there anything in it that acts where it is shown, and that JSON would have as it is? */
bool pm_acts(struct pm_str s);
/* Write what acts in finished JSON text from `from` on as \uXXXX, which says the same; also for YAML
 * whose texts that act are in double quotes. */
void pm_json_inert(struct pm_buf *b, size_t from);
/* Text of a GitHub Markdown paragraph or table cell. */
void pm_quote_md(struct pm_buf *b, struct pm_str s);
/* Text of an HTML element, inside which GitHub reads no Markdown; not for attributes. */
void pm_quote_html(struct pm_buf *b, struct pm_str s);
/* A path as a relative URI reference: all but letters, digits and "/.-_~" as %XX.
 * https://www.rfc-editor.org/rfc/rfc3986 */
void pm_quote_uri(struct pm_buf *b, struct pm_str s);
/* Message, or value of a property, of a GitHub workflow command.
 * https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
void pm_quote_action(struct pm_buf *b, struct pm_str s, bool property);
/* An excerpt of a line for reports: at most `max` bytes around `col`, acting bytes escaped, and
 * user:password@ of URLs cut. */
void pm_excerpt(struct pm_buf *b, struct pm_str line, size_t col, size_t max);

#endif
