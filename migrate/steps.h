/*
 * steps.h - the document's own steps for adding a service, as a checklist: which files each names,
 * and whether these speak of the service yet. Pure.
 */
#ifndef PM_STEPS_H
#define PM_STEPS_H

#include "schema.h"

/* One file that a step names, or a step that names none (path NULL). */
struct pm_step_file {
	const struct pm_checklist_item *item;
	const char *path;
	unsigned line;   /* where it first mentions the service; 0: not yet. Filled by the caller */
	bool document;   /* the schema document itself */
	bool pick;       /* "pick the next free port" */
	bool done;       /* one of the two: allocation has done it */
};
struct pm_step_files { struct pm_step_file *v; size_t n, cap; }; /* PM_VEC_FREE */

/* Steps under headings such as "Adding a New Service", in order; `paths` are those of the commit,
 * sorted. */
void pm_steps_find(struct pm_step_files *out, const struct pm_schema *s, const char *const *paths,
		   size_t n_paths);
/* Line of `text`, from 1, that mentions a name in any of its spellings ("shop-mail", "SHOP_MAIL",
 * "shopMail"), or 0. */
unsigned pm_steps_mention(struct pm_str text, const char *name);

#endif
