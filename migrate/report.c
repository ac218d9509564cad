/* report.c - see report.h. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

struct count {
	const char *what;
	size_t n;
};

static int most_first(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->what, y->what);
}

void pm_report_skips(struct pm_buf *b, const struct pm_skip *v, size_t n)
{
	struct { struct count *v; size_t n, cap; } why = { 0 };

	if (!n) {
		pm_buf_adds(b, "none");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < why.n && strcmp(why.v[k].what, v[i].why) != 0)
			k++;
		if (k == why.n)
			PM_VEC_ADD(&why)->what = v[i].why;
		why.v[k].n++;
	}
	qsort(why.v, why.n, sizeof(*why.v), most_first);
	pm_buf_addf(b, "%zu (", n);
	for (size_t k = 0; k < why.n; k++) {
		pm_buf_addf(b, "%s%zu ", k ? ", " : "", why.v[k].n);
		pm_excerpt(b, pm_str_of(why.v[k].what), 0, 100);
	}
	pm_buf_addc(b, ')');
	PM_VEC_FREE(&why);
}
