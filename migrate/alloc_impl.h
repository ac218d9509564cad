/* alloc_impl.h - what the alloc*.c files share. Nobody else includes this. */
#ifndef PM_ALLOC_IMPL_H
#define PM_ALLOC_IMPL_H

#include "alloc.h"
#include "where.h"

/* What is known about every port. */
struct pm_alloc_search {
	struct pm_arena *a;
	const struct pm_schema *s;
	const struct pm_alloc_request *r;
	const struct pm_alloc_place *place;
	const struct pm_port_use **tree, **branch; /* by port */
	const struct pm_endpoint **rows, **runs;
	const char *host; /* by its one name, or NULL */
	enum pm_speaks speaks;
	bool soft[PM_ALLOC_FREE + 1]; /* holds for every candidate: told, not minded */
};

void pm_alloc_start(struct pm_alloc_search *x, struct pm_arena *a, const struct pm_schema *s,
		    const struct pm_alloc_request *r, const struct pm_port_uses *uses);
/* What one port has against it, in words, behind the head of its reason. */
const char *pm_alloc_detail(const struct pm_alloc_search *x, unsigned port, enum pm_alloc_why why);
const char *pm_alloc_head(enum pm_alloc_why w);
void pm_alloc_note(struct pm_alloc *out, const char *text);

/* Does the place use its port on the host side: published, bound, routed, addressed? */
bool pm_alloc_uses_port(const struct pm_hit *h);
/* Do files of this path say anything about that? Documents do not. */
bool pm_alloc_reads(const char *path);

/* "LO-HI", or the name of a range with a heading: its index, or -1 for numbers alone. PM_E_USAGE
 * naming the choices. */
int pm_alloc_range(struct pm_arena *a, const struct pm_schema *s, const char *text, unsigned *lo,
		   unsigned *hi, int *range, struct pm_err *err);

#endif
