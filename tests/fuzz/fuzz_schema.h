/* fuzz_schema.h - what must hold of any schema document that can be read. */
#ifndef PM_FUZZ_SCHEMA_H
#define PM_FUZZ_SCHEMA_H

#include "base/port.h"
#include "fuzz.h"
#include "schema.h"

#include <jansson.h>

/* Where a port stands, its digits stand. */
static inline void fuzz_src(const struct pm_src *src, unsigned port, struct pm_str text)
{
	fuzz_inside(src->span, text.n);
	if (src->span.len)
		FUZZ_CHECK(pm_port_parse((struct pm_str){ text.p + src->span.off,
							  src->span.len }) == port);
}

static inline void fuzz_endpoints(const struct pm_schema *s, struct pm_str text)
{
	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];

			FUZZ_CHECK(e->lo <= e->hi && e->hi <= 65535);
			fuzz_src(&e->src, e->lo, text);
			fuzz_inside(e->name_span, text.n);
			fuzz_inside(e->pair_span, text.n);
			fuzz_inside(e->pair_name_span, text.n);
		}
}

/* The YAML form reads back to a schema with the same YAML form. */
static inline void fuzz_export(const struct pm_schema *s)
{
	PM_CLEAN_BUF struct pm_buf first = { 0 };
	PM_CLEAN_BUF struct pm_buf second = { 0 };
	PM_CLEAN_BUF struct pm_buf json = { 0 };
	struct pm_schema again = { 0 };
	struct pm_err err = { 0 };
	json_t *v;

	pm_schema_export_yaml(s, &first);
	if (pm_schema_parse_yaml(&again, "again.yaml",
				 (struct pm_str){ pm_buf_str(&first), first.n }, &err) < 0) {
		fprintf(stderr, "%s at %s\n%s", err.text, err.where, pm_buf_str(&first));
		abort();
	}
	pm_schema_export_yaml(&again, &second);
	if (strcmp(pm_buf_str(&first), pm_buf_str(&second)) != 0)
		fprintf(stderr, "%s\n-- and again:\n%s", pm_buf_str(&first), pm_buf_str(&second));
	FUZZ_CHECK(first.n == second.n && memcmp(first.v, second.v, first.n) == 0);
	pm_schema_release(&again);
	pm_schema_export_json(s, &json);
	v = json_loadb(pm_buf_str(&json), json.n, JSON_REJECT_DUPLICATES, NULL);
	FUZZ_CHECK(v);
	json_decref(v);
}

static inline void fuzz_schema(const char *path, struct pm_str text)
{
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	struct pm_range_fills fills = { 0 };
	struct pm_arena a = { 0 };
	struct pm_diags diags = { 0 };
	struct pm_schema s = { 0 };
	struct pm_err err = { 0 };

	if (pm_schema_parse(&s, path, text, &err) < 0) {
		FUZZ_CHECK(err.code == PM_E_PARSE || err.code == PM_E_SCHEMA || err.code == PM_E_LIMIT);
		FUZZ_CHECK(err.text[0]);
		return;
	}
	FUZZ_CHECK(s.services.n);
	fuzz_endpoints(&s, text);
	pm_schema_check(&s, &a, &diags);
	pm_schema_fill(&s, &a, &fills);
	pm_schema_show(&s, &shown);
	fuzz_export(&s);
	PM_VEC_FREE(&fills);
	pm_diags_release(&diags);
	pm_schema_release(&s);
	pm_arena_release(&a);
}

#endif
