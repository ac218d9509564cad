/* json.c - see json.h. */
#include "base/json.h"

#include "base/err.h"
#include "base/text.h"

#include <string.h>

static json_t *must(json_t *v)
{
	if (!v)
		pm_die_oom();
	return v;
}

json_t *pm_json_object(void)
{
	return must(json_object());
}

json_t *pm_json_array(void)
{
	return must(json_array());
}

json_t *pm_json_text(const char *s)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	if (!s)
		return must(json_null());
	pm_quote_json(&b, pm_str_of(s), NULL);
	return must(json_stringn_nocheck(pm_buf_str(&b), b.n));
}

void pm_json_set(json_t *object, const char *key, json_t *v)
{
	if (json_object_set_new_nocheck(object, key, must(v)))
		pm_die_oom();
}

void pm_json_append(json_t *array, json_t *v)
{
	if (json_array_append_new(array, must(v)))
		pm_die_oom();
}

void pm_json_set_text(json_t *object, const char *key, const char *s)
{
	if (s)
		pm_json_set(object, key, pm_json_text(s));
}

void pm_json_set_number(json_t *object, const char *key, uint64_t n)
{
	pm_json_set(object, key, json_integer((json_int_t)n));
}

void pm_json_set_path(json_t *object, const char *path)
{
	PM_CLEAN_BUF struct pm_buf hex = { 0 };

	pm_json_set(object, "path", pm_json_text(path));
	if (!path || pm_is_utf8(path, strlen(path)))
		return;
	for (const char *p = path; *p; p++)
		pm_buf_addf(&hex, "%02x", (unsigned char)*p);
	pm_json_set_text(object, "path_hex", pm_buf_str(&hex));
}

static int to_buf(const char *bytes, size_t n, void *buf)
{
	pm_buf_add(buf, bytes, n);
	return 0;
}

void pm_json_write(struct pm_buf *out, json_t *v, size_t flags)
{
	const size_t from = out->n;

	if (!v || json_dump_callback(v, to_buf, out, flags) < 0)
		pm_die_oom();
	pm_json_inert(out, from);
	json_decref(v);
}
