/* slug.c - the canonical form of a name. */
#include "schema.h"

const char *pm_slug(struct pm_arena *a, struct pm_str title)
{
	char *out = pm_arena_alloc(a, title.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < title.n; i++) {
		char c = title.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		if (pm_is_digit(c) || (c >= 'a' && c <= 'z'))
			out[n++] = c;
		else if (n && out[n - 1] != '-')
			out[n++] = '-';
	}
	while (n && out[n - 1] == '-')
		n--;
	out[n] = '\0';
	return out;
}
