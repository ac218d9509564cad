/*
 * portspec.h - a port mapping in one string, as Compose and docker run -p take it:
 *
 *	[IP:][host port or range:]container port or range[/protocol]
 *
 * with variables and their fallbacks anywhere. IPv6 binds come with or without brackets.
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ports
 */
#ifndef PM_PORTSPEC_H
#define PM_PORTSPEC_H

#include "base/text.h"

#include <stdbool.h>

struct pm_portnum {
	size_t off, len;    /* digits, in the string */
	bool host;          /* the published half */
	bool fallback;      /* stands in ${name:-here} */
	struct pm_str name; /* of the variable */
};

enum { PM_PORTSPEC_MAX = 8 };
struct pm_portspec {
	struct pm_portnum v[PM_PORTSPEC_MAX];
	size_t n;
	bool base60; /* unquoted, YAML 1.1 reads it as a number: 2222:22 */
};

/* false when the string is not a mapping; numbers found before that stay in `out`. */
bool pm_portspec_parse(struct pm_portspec *out, struct pm_str s);

#endif
