/* names.c - names of the values in plan.h and git.h as they appear in reports. */
#include "plan.h"

const char *pm_move_source_name(enum pm_move_source s)
{
	static const char *const names[] = { "command", "diff", "guide", "note", "declared" };

	return names[s];
}

const char *pm_disposition_name(enum pm_disposition d)
{
	static const char *const names[] = { "apply", "review", "keep" };

	return names[d];
}

enum pm_disposition pm_edit_final(const struct pm_edit *e)
{
	if (e->disposition == PM_REVIEW && e->answer)
		return e->answer[0] == 'y' ? PM_APPLY : PM_KEEP;
	return e->disposition;
}

bool pm_unit_applies(const struct pm_plan *p, unsigned unit)
{
	bool any = false;

	for (size_t i = 0; i < p->changes.n; i++) {
		const struct pm_doc_change *c = &p->changes.v[i];

		if (c->unit != unit)
			continue;
		if (c->disposition == PM_KEEP ||
		    (c->disposition == PM_REVIEW && (!c->answer || c->answer[0] != 'y')))
			return false;
		any = true;
	}
	return any;
}
