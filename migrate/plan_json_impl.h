/* plan_json_impl.h - what plan_json.c and plan_json_doc.c share. Nobody else includes this. */
#ifndef PM_PLAN_JSON_IMPL_H
#define PM_PLAN_JSON_IMPL_H

#include "plan.h"

#include <jansson.h>

/* ---- writing ---- */

json_t *pm_pj_text(const char *s); /* NULL: null */
json_t *pm_pj_port(unsigned n);    /* 0: null */
/* The bytes under `key`; what is not UTF-8 stands in hex under "KEY_bytes" as well. */
void pm_pj_set_bytes(json_t *o, const char *key, struct pm_str s);
void pm_pj_set_path(json_t *o, const char *path); /* NULL: null */
json_t *pm_pj_reasons(const char *const *v, size_t n);

/* ---- reading: the first wrong member decides, later reads give harmless values ---- */

struct pm_pj {
	struct pm_plan *p;
	const char *shown_as;
	struct pm_err *err;
	const char *list; /* "edits[12]" of messages */
	size_t index;
	int rc;
};

enum { MUST = 0, MAY = 1 };

void pm_pj_wrong(struct pm_pj *r, const char *key, const char *what);
const char *pm_pj_get_text(struct pm_pj *r, const json_t *o, const char *key, int may);
int64_t pm_pj_get_int(struct pm_pj *r, const json_t *o, const char *key, int64_t lo, int64_t hi);
unsigned pm_pj_get_port(struct pm_pj *r, const json_t *o, const char *key, int may);
int pm_pj_get_name(struct pm_pj *r, const json_t *o, const char *key, const char *(*name)(int),
		   int n);
void pm_pj_get_id(struct pm_pj *r, const json_t *o, const char *key, char out[PM_OID_HEX],
		  int may);
/* Bytes as pm_pj_set_bytes writes them; .p is NULL for null. */
struct pm_str pm_pj_get_bytes(struct pm_pj *r, const json_t *o, const char *key, int may);
const char *pm_pj_get_path(struct pm_pj *r, const json_t *o, int may);
const char **pm_pj_get_reasons(struct pm_pj *r, const json_t *o, size_t *n);
const char *pm_pj_disposition(int i);

/* ---- the document (plan_json_doc.c) ---- */

json_t *pm_pj_change(const struct pm_doc_change *c);
json_t *pm_pj_patch(const struct pm_text_edit *t);
json_t *pm_pj_directions(const struct pm_directions *d);
void pm_pj_read_directions(struct pm_pj *r, const json_t *o);
void pm_pj_read_change(struct pm_pj *r, const json_t *o);
void pm_pj_read_patch(struct pm_pj *r, const json_t *o);
/* Units, texts and their order. PM_E_REFUSED naming what is wrong. */
int pm_pj_check_document(const struct pm_plan *p, struct pm_err *err);

#endif
