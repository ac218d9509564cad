/*
 * json_stream.h - writing JSON without building it first, for results of many parts. The bytes are
 * those of pm_json_write with JSON_INDENT(1), or with JSON_COMPACT.
 */
#ifndef PM_JSON_STREAM_H
#define PM_JSON_STREAM_H

#include "base/buf.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Begin with { &buf, indented }. Keys are given inside objects, NULL inside arrays and outside. */
struct pm_json_stream {
	struct pm_buf *out;
	bool indented;
	unsigned depth;
	bool more; /* the object or array at hand has something in it */
};

void pm_js_object(struct pm_json_stream *j, const char *key);
void pm_js_array(struct pm_json_stream *j, const char *key);
void pm_js_end(struct pm_json_stream *j, char bracket); /* '}' or ']', as it was opened */
/* Any bytes: what is not UTF-8 becomes U+FFFD. */
void pm_js_text(struct pm_json_stream *j, const char *key, struct pm_str s);
void pm_js_string(struct pm_json_stream *j, const char *key, const char *s);
void pm_js_number(struct pm_json_stream *j, const char *key, uint64_t n);
/* "path", and "path_hex" when its bytes are no UTF-8. */
void pm_js_path(struct pm_json_stream *j, const char *path);

#endif
