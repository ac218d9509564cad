/* weights.c - see weights.h. */
#include "weights.h"

#define VALUE(name, value, why) .name = (value),
const struct pm_weights pm_weights = { PM_WEIGHTS(VALUE) };

#define ROW(name, value, why) { #name, (value), (why) },
static const struct pm_weight rows[] = { PM_WEIGHTS(ROW) };

const struct pm_weight *pm_weight_at(size_t i)
{
	return i < sizeof(rows) / sizeof(rows[0]) ? &rows[i] : NULL;
}
