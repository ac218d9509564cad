/*
 * baseline.c - a file of findings that a team lives with: fingerprints with how often, no line
 * numbers. See findings.h.
 *
 * The form, JSON: {"format": "portmig-baseline", "version": 1, "findings": [{"rule": "...",
 * "path": "...", "key": "...", "count": 1}]}; "key" is what a fingerprint has behind rule and path.
 */
#include "findings.h"

#include "base/hash.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 64 << 20 };

/* ---- comparing ---- */

static int by_fingerprint(const void *a, const void *b)
{
	return strcmp(((const struct pm_known *)a)->fingerprint,
		      ((const struct pm_known *)b)->fingerprint);
}

static void sort_and_join(struct pm_baseline *b)
{
	size_t n = 0;

	if (b->n)
		qsort(b->v, b->n, sizeof(*b->v), by_fingerprint);
	for (size_t i = 0; i < b->n; i++)
		if (n && by_fingerprint(&b->v[n - 1], &b->v[i]) == 0)
			b->v[n - 1].count += b->v[i].count;
		else
			b->v[n++] = b->v[i];
	b->n = n;
}

static struct pm_known *find(const struct pm_baseline *b, const char *fingerprint)
{
	struct pm_known key = { fingerprint, 0 };

	return b->n ? bsearch(&key, b->v, b->n, sizeof(*b->v), by_fingerprint) : NULL;
}

void pm_baseline_hide(const struct pm_baseline *b, struct pm_findings *f,
		      struct pm_baseline *gone)
{
	for (size_t i = 0; i < b->n; i++)
		*PM_VEC_ADD(gone) = b->v[i];
	for (size_t i = 0; i < f->n; i++) {
		struct pm_known *k;

		if (f->v[i].hidden != PM_SHOWN)
			continue;
		k = find(gone, f->v[i].fingerprint);
		if (k && k->count) {
			k->count--;
			f->v[i].hidden = PM_HIDDEN_KNOWN;
		}
	}
	for (size_t i = gone->n = 0; i < b->n; i++)
		if (gone->v[i].count)
			gone->v[gone->n++] = gone->v[i];
}

void pm_baseline_of(struct pm_baseline *out, const struct pm_findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].hidden == PM_SHOWN || f->v[i].hidden == PM_HIDDEN_KNOWN)
			*PM_VEC_ADD(out) = (struct pm_known){ f->v[i].fingerprint, 1 };
	sort_and_join(out);
}

void pm_baseline_minus(struct pm_baseline *out, const struct pm_baseline *b,
		       const struct pm_baseline *gone)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct pm_known *g = find(gone, b->v[i].fingerprint);

		if (!g || g->count < b->v[i].count)
			*PM_VEC_ADD(out) = (struct pm_known){ b->v[i].fingerprint,
							      b->v[i].count - (g ? g->count : 0) };
	}
}

/* ---- the file ---- */

/* The parts of a fingerprint: rule, path, and the rest. */
static void split(const char *s, struct pm_str part[3])
{
	for (size_t i = 0; i < 3; i++) {
		const size_t n = i < 2 ? strcspn(s, "\t") : strlen(s);

		part[i] = (struct pm_str){ s, n };
		s += n + (s[n] == '\t');
	}
}

static void put_text(struct pm_buf *out, const char *key, struct pm_str s)
{
	json_t *v = json_stringn(s.p, s.n);

	pm_buf_addf(out, "\"%s\": ", key);
	pm_json_write(out, v ? v : pm_json_text(""), JSON_ENCODE_ANY);
}

void pm_baseline_write(const struct pm_baseline *b, struct pm_buf *out)
{
	pm_buf_adds(out, "{\n \"format\": \"portmig-baseline\",\n \"version\": 1,\n"
			 " \"findings\": [");
	for (size_t i = 0; i < b->n; i++) {
		struct pm_str part[3];

		split(b->v[i].fingerprint, part);
		pm_buf_adds(out, i ? ",\n  {" : "\n  {");
		put_text(out, "rule", part[0]);
		pm_buf_adds(out, ", ");
		put_text(out, "path", part[1]);
		pm_buf_adds(out, ", ");
		put_text(out, "key", part[2]);
		pm_buf_addf(out, ", \"count\": %u}", b->v[i].count);
	}
	pm_buf_adds(out, b->n ? "\n ]\n}\n" : "]\n}\n");
}

static int bad(const char *path, int line, const char *what, struct pm_err *err)
{
	pm_err_set(err, PM_E_USAGE, (struct pm_loc){ path, line > 0 ? (unsigned)line : 0, 0 },
		   "cannot read baseline '%.300s': %s", path, what);
	return pm_err_hint(err, "write it again: portmig check --baseline FILE --write-baseline");
}

static bool read_one(struct pm_baseline *out, struct pm_arena *a, const json_t *v)
{
	const char *rule = json_string_value(json_object_get(v, "rule"));
	const char *path = json_string_value(json_object_get(v, "path"));
	const char *key = json_string_value(json_object_get(v, "key"));
	const json_int_t count = json_integer_value(json_object_get(v, "count"));

	if (!rule || !path || !key || count < 1 || count > 1000000)
		return false;
	*PM_VEC_ADD(out) = (struct pm_known){
		pm_arena_printf(a, "%s\t%s\t%s", rule, path, key), (unsigned)count };
	return true;
}

int pm_baseline_parse(struct pm_baseline *out, struct pm_arena *a, const char *path,
		      struct pm_str text, struct pm_err *err)
{
	struct pm_baseline b = { 0 };
	json_error_t why;
	json_t *top, *list, *v;
	const char *format;
	size_t i;

	if (text.n > MAX_BYTES)
		return bad(path, 0, "it is larger than 64 MiB", err);
	top = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &why);
	if (!top)
		return bad(path, why.line, why.text, err);
	format = json_string_value(json_object_get(top, "format"));
	list = json_object_get(top, "findings");
	if (!format || strcmp(format, "portmig-baseline") != 0 || !json_is_array(list) ||
	    json_integer_value(json_object_get(top, "version")) != 1) {
		json_decref(top);
		return bad(path, 0, "it is no baseline of version 1", err);
	}
	json_array_foreach(list, i, v)
		if (!read_one(&b, a, v)) {
			PM_VEC_FREE(&b);
			json_decref(top);
			return bad(path, 0, pm_arena_printf(a, "finding %zu needs rule, path, key "
				   "and count", i + 1), err);
		}
	json_decref(top);
	sort_and_join(&b);
	*out = (struct pm_baseline){ b.v, b.n, b.cap };
	return 0;
}
