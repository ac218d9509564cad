/* agree.c - does the repository agree with the document, and with itself? See check.h. */
#include "check.h"

void pm_check_tree(const struct pm_check_input *in, struct pm_arena *a, struct pm_diags *out,
		   struct pm_check_stats *stats)
{
	(void)in;
	(void)a;
	(void)out;
	(void)stats;
}
