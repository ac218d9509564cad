/* day.c - dates as people write them. */
#include "schema.h"

#include <string.h>

static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep",
				      "oct", "nov", "dec" };

static unsigned month_of(struct pm_str s)
{
	for (unsigned m = 0; s.n >= 3 && m < 12; m++)
		if (pm_str_ieq((struct pm_str){ s.p, 3 }, months[m]))
			return m + 1;
	return 0;
}

/* The runs of digits and of letters at the start: "December 18, 2025" has three. */
static size_t parts(struct pm_str s, struct pm_str out[3])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < 3;) {
		const size_t from = i;
		const bool digit = pm_is_digit(s.p[i]);

		while (i < s.n && pm_is_word(s.p[i]) && pm_is_digit(s.p[i]) == digit)
			i++;
		if (i > from)
			out[n++] = (struct pm_str){ s.p + from, i - from };
		else
			i++;
	}
	return n;
}

static unsigned number(struct pm_str s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.n && i < 5; i++) {
		if (!pm_is_digit(s.p[i]))
			return 0;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	return n;
}

unsigned pm_day(const char *text)
{
	struct pm_str p[3], s = pm_str_of(text);
	unsigned year, month, day;

	if (parts(s, p) < 3)
		return 0;
	if (p[0].n == 4) { /* 2025-12-18, 2025/12/18, 2025 December 18 */
		year = number(p[0]);
		month = month_of(p[1]) ? month_of(p[1]) : number(p[1]);
		day = number(p[2]);
	} else if (month_of(p[0])) { /* December 18, 2025 */
		year = number(p[2]);
		month = month_of(p[0]);
		day = number(p[1]);
	} else { /* 18 December 2025, 18.12.2025; 12/18/2025 is as good a guess as the other: not read */
		if (pm_str_find(s, "/", false) != SIZE_MAX)
			return 0;
		year = number(p[2]);
		month = month_of(p[1]) ? month_of(p[1]) : number(p[1]);
		day = number(p[0]);
	}
	if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
		return 0;
	return year * 10000 + month * 100 + day;
}
