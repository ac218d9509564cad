/* doc_date.c - dates as documents write them. English months only; nothing depends on a locale. */
#include "doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* y: year, m and d: two digits, D: day as short as it goes, B: month, b: its first three letters;
 * anything else stands for itself. */
static const char *const formats[] = {
	"y-m-d", "y/m/d", "y.m.d", "d.m.y", "B D, y", "B d, y", "b D, y", "b d, y",
	"D B y", "d B y", "D b y", "d b y", NULL
};
static const char *const months[] = {
	"January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December"
};

struct date { unsigned y, m, d; };

static void write_date(struct pm_buf *b, const char *format, struct date t)
{
	for (; *format; format++)
		switch (*format) {
		case 'y': pm_buf_addf(b, "%04u", t.y); break;
		case 'm': pm_buf_addf(b, "%02u", t.m); break;
		case 'd': pm_buf_addf(b, "%02u", t.d); break;
		case 'D': pm_buf_addf(b, "%u", t.d); break;
		case 'B': pm_buf_adds(b, months[t.m - 1]); break;
		case 'b': pm_buf_add(b, months[t.m - 1], 3); break;
		default: pm_buf_addc(b, *format);
		}
}

static bool read_month(const char **s, bool whole, unsigned *out)
{
	for (unsigned i = 0; i < 12; i++) {
		const size_t n = whole ? strlen(months[i]) : 3;

		if (strncmp(*s, months[i], n) == 0) {
			*out = i + 1;
			*s += n;
			return true;
		}
	}
	return false;
}

static bool read_digits(const char **s, size_t least, size_t most, unsigned *out)
{
	size_t n = 0;

	*out = 0;
	for (; n < most && pm_is_digit((*s)[n]); n++)
		*out = *out * 10 + (unsigned)((*s)[n] - '0');
	*s += n;
	return n >= least;
}

static bool read_date(const char *s, const char *format, struct date *t)
{
	bool ok = true;

	for (; *format && ok; format++)
		switch (*format) {
		case 'y': ok = read_digits(&s, 4, 4, &t->y); break;
		case 'm': ok = read_digits(&s, 2, 2, &t->m); break;
		case 'd': ok = read_digits(&s, 2, 2, &t->d); break;
		case 'D': ok = read_digits(&s, 1, 2, &t->d); break;
		case 'B': ok = read_month(&s, true, &t->m); break;
		case 'b': ok = read_month(&s, false, &t->m); break;
		default: ok = *s++ == *format;
		}
	return ok && !*s && t->m >= 1 && t->m <= 12 && t->d >= 1 && t->d <= 31;
}

const char *pm_doc_date_like(struct pm_arena *a, const char *like, const char *iso)
{
	struct date t = { 0 }, old = { 0 };

	if (!read_date(iso, "y-m-d", &t))
		return NULL;
	for (size_t i = 0; formats[i]; i++) {
		PM_CLEAN_BUF struct pm_buf b = { 0 };

		if (!read_date(like, formats[i], &old))
			continue;
		write_date(&b, formats[i], old);
		if (strcmp(pm_buf_str(&b), like) != 0)
			continue;
		pm_buf_clear(&b);
		write_date(&b, formats[i], t);
		return pm_arena_strndup(a, pm_buf_str(&b), b.n);
	}
	return NULL;
}

const char *pm_doc_date_iso(struct pm_arena *a, const char *date)
{
	struct date t = { 0 };

	for (size_t i = 0; formats[i]; i++)
		if (read_date(date, formats[i], &t))
			return pm_arena_printf(a, "%04u-%02u-%02u", t.y, t.m, t.d);
	return NULL;
}
