/*
 * json.h - building JSON with jansson: texts of a repository made valid, allocation failure ends
 * the process as everywhere else. Objects keep the order of their keys.
 * https://jansson.readthedocs.io/
 */
#ifndef PM_JSON_H
#define PM_JSON_H

#include "base/buf.h"

#include <jansson.h>
#include <stdint.h>

json_t *pm_json_object(void);
json_t *pm_json_array(void);
json_t *pm_json_text(const char *s); /* NULL gives null */
/* These take over `v`, which may be the result of a json_* call that failed. */
void pm_json_set(json_t *object, const char *key, json_t *v);
void pm_json_append(json_t *array, json_t *v);
void pm_json_set_text(json_t *object, const char *key, const char *s); /* not when NULL */
void pm_json_set_number(json_t *object, const char *key, uint64_t n);
/* "path", and "path_hex" when its bytes are no UTF-8; null for NULL. */
void pm_json_set_path(json_t *object, const char *path);
/* Append the text of `v` and release it; `flags` of json_dumps. What acts on a terminal or in the log
 * of a CI runner (escape.h) and is ordinary to JSON is written as \uXXXX: the same text to a reader. */
void pm_json_write(struct pm_buf *out, json_t *v, size_t flags);

#endif
