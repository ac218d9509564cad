/*
 * check_impl.h - what the check*.c files share. Nobody else includes this.
 */
#ifndef PM_SCHEMA_CHECK_IMPL_H
#define PM_SCHEMA_CHECK_IMPL_H

#include "reader.h"

/* An endpoint with a port, and whose it is. */
struct pm_row {
	const struct pm_service *v;
	const struct pm_endpoint *e;
};

struct pm_doc_check {
	const struct pm_schema *s;
	struct pm_arena *a;
	struct pm_diags *out;
	struct pm_row *rows; /* all endpoints with a port, in document order */
	size_t n;
};

/* Add a finding at a place of the document. */
struct pm_diag *pm_doc_say(struct pm_doc_check *c, const char *rule, enum pm_severity severity,
			   const struct pm_src *at, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* The same about a row: service and port identify it, and `key` (may be NULL). */
struct pm_diag *pm_doc_say_row(struct pm_doc_check *c, const char *rule,
			       enum pm_severity severity, const struct pm_endpoint *e,
			       const char *key, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* Another row that the finding speaks of. */
void pm_doc_also(struct pm_doc_check *c, struct pm_diag *d, const struct pm_src *at,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

bool pm_row_is_target(const struct pm_endpoint *e); /* of the tables: planned or future */
bool pm_same_text(const char *a, const char *b);    /* NULL and "" are the same */
/* The platform of the machine that a row is for, as far as the document tells; else NULL. */
const char *pm_row_platform(const struct pm_doc_check *c, const struct pm_row *r);

/* What a row is, by its role, container and note: bits of pm_role_class (check_role.c). */
enum pm_role_class {
	PM_IS_API = 1, PM_IS_WEB = 2, PM_IS_ADMIN = 4, PM_IS_DOCS = 8, PM_IS_SITE = 16,
	PM_IS_DEMO = 32, PM_IS_WORKER = 64, PM_IS_REALTIME = 128, PM_IS_INTERNAL = 256,
	PM_IS_EDGE = 512, PM_IS_DEV = 1024, PM_IS_TEST = 2048, PM_IS_STAGING = 4096,
	PM_IS_FLAGS = 8192, PM_IS_METRICS = 16384
};
/* Of words: the role of a row, the purpose of an offset. Of an environment and a kind of program
 * ("API (Dev)"), the environment; of an administration's user interface, the former. */
unsigned pm_role_of_text(struct pm_str s);
/* By the role, else the container, else the note; 0 when nothing says so. */
unsigned pm_role_of_row(const struct pm_endpoint *e);

/* The groups of rules. */
void pm_doc_check_duplicates(struct pm_doc_check *c); /* check.c */
void pm_doc_check_today(struct pm_doc_check *c);
void pm_doc_check_outside(struct pm_doc_check *c);    /* check_range.c */
void pm_doc_check_overlaps(struct pm_doc_check *c);
void pm_doc_check_nesting(struct pm_doc_check *c);
void pm_doc_check_disagreement(struct pm_doc_check *c);
void pm_doc_check_sizes(struct pm_doc_check *c);
void pm_doc_check_fill(struct pm_doc_check *c);
void pm_doc_check_offsets(struct pm_doc_check *c);    /* check_offset.c */
void pm_doc_check_layouts(struct pm_doc_check *c);
void pm_doc_check_reserved(struct pm_doc_check *c);   /* check_number.c */
void pm_doc_check_numbers(struct pm_doc_check *c);
void pm_doc_check_pairs(struct pm_doc_check *c);      /* check_link.c */
void pm_doc_check_guide(struct pm_doc_check *c);
void pm_doc_check_resources(struct pm_doc_check *c);
void pm_doc_check_variables(struct pm_doc_check *c);
void pm_doc_check_dates(struct pm_doc_check *c);
void pm_doc_check_leftovers(struct pm_doc_check *c);

#endif
