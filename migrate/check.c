/* check.c - see check.h: the rules that need the documents only. */
#include "check.h"

void pm_check_document(const struct pm_check_input *in, struct pm_arena *a, struct pm_diags *out,
		       struct pm_check_stats *stats)
{
	(void)stats;
	for (size_t i = 0; i < in->n_schemas; i++)
		pm_schema_check(&in->schemas[i], a, out);
}
