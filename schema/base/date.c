/* date.c - see date.h. The calendar is the proleptic Gregorian one. */
#include "base/date.h"

#include <string.h>

struct civil {
	int64_t year;
	unsigned month, day, hour, minute, second;
};

/* Days since 1970-01-01; eras of 400 years that begin in March.
 * https://howardhinnant.github.io/date_algorithms.html */
static int64_t days_of(int64_t y, unsigned m, unsigned d)
{
	int64_t era;
	unsigned yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (unsigned)(y - era * 400);
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + (int64_t)doe - 719468;
}

static void civil_of(struct civil *c, int64_t seconds)
{
	int64_t days = seconds / 86400, rest = seconds % 86400, era;
	unsigned doe, yoe, doy, mp;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = (unsigned)(days - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c->day = doy - (153 * mp + 2) / 5 + 1;
	c->month = mp < 10 ? mp + 3 : mp - 9;
	c->year = (int64_t)yoe + era * 400 + (c->month <= 2);
	c->hour = (unsigned)(rest / 3600);
	c->minute = (unsigned)(rest / 60 % 60);
	c->second = (unsigned)(rest % 60);
}

/* False when the year has not four digits. */
static bool local(struct civil *c, int64_t when, int zone)
{
	if (when < INT64_C(-62167219200) || when > INT64_C(253402300799) - 2 * 86400 ||
	    zone < -24 * 60 || zone > 24 * 60)
		return false;
	civil_of(c, when + (int64_t)zone * 60);
	return c->year >= 0 && c->year <= 9999;
}

static void add_seconds(struct pm_buf *b, int64_t when)
{
	pm_buf_addf(b, "@%lld", (long long)when);
}

void pm_date_add_day(struct pm_buf *b, int64_t when, int zone)
{
	struct civil c;

	if (local(&c, when, zone))
		pm_buf_addf(b, "%04d-%02u-%02u", (int)c.year, c.month, c.day);
	else
		add_seconds(b, when);
}

void pm_date_add(struct pm_buf *b, int64_t when, int zone)
{
	const unsigned z = (unsigned)(zone < 0 ? -zone : zone);
	struct civil c;

	if (local(&c, when, zone))
		pm_buf_addf(b, "%04d-%02u-%02u %02u:%02u %c%02u%02u", (int)c.year, c.month, c.day,
			    c.hour, c.minute, zone < 0 ? '-' : '+', z / 60, z % 60);
	else
		add_seconds(b, when);
}

void pm_date_add_iso(struct pm_buf *b, int64_t when, int zone)
{
	const unsigned z = (unsigned)(zone < 0 ? -zone : zone);
	struct civil c;

	if (local(&c, when, zone))
		pm_buf_addf(b, "%04d-%02u-%02uT%02u:%02u:%02u%c%02u:%02u", (int)c.year, c.month,
			    c.day, c.hour, c.minute, c.second, zone < 0 ? '-' : '+', z / 60, z % 60);
	else
		add_seconds(b, when);
}

/* ---- reading ---- */

/* Exactly n digits at the start of *s. */
static bool digits(struct pm_str *s, size_t n, unsigned *out)
{
	*out = 0;
	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!pm_is_digit(s->p[i]))
			return false;
		*out = *out * 10 + (unsigned)(s->p[i] - '0');
	}
	s->p += n;
	s->n -= n;
	return true;
}

static bool one_of(struct pm_str *s, const char *chars)
{
	if (!s->n || !strchr(chars, s->p[0]))
		return false;
	s->p++;
	s->n--;
	return true;
}

static bool read_seconds(struct pm_str s, int64_t *when)
{
	bool minus = one_of(&s, "-");

	*when = 0;
	if (!s.n || s.n > 15 || !pm_str_all_digits(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		*when = *when * 10 + (s.p[i] - '0');
	*when = minus ? -*when : *when;
	return true;
}

static bool read_zone(struct pm_str s, int *zone)
{
	unsigned h, m;
	bool minus;

	*zone = 0;
	one_of(&s, " ");
	if (!s.n || (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')))
		return true;
	minus = s.p[0] == '-';
	if (!one_of(&s, "+-") || !digits(&s, 2, &h))
		return false;
	one_of(&s, ":");
	if (!digits(&s, 2, &m) || s.n || h > 24 || m > 59)
		return false;
	*zone = (int)(h * 60 + m) * (minus ? -1 : 1);
	return true;
}

static unsigned month_days(unsigned y, unsigned m)
{
	static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[m - 1] + (m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0));
}

bool pm_date_parse(struct pm_str s, bool end, int64_t *when)
{
	unsigned y, mo, d, h = 0, mi = 0, sec = 0;
	int zone;

	if (one_of(&s, "@"))
		return read_seconds(s, when);
	if (!digits(&s, 4, &y) || !one_of(&s, "-") || !digits(&s, 2, &mo) || !one_of(&s, "-") ||
	    !digits(&s, 2, &d) || !mo || mo > 12 || !d || d > month_days(y, mo))
		return false;
	if (s.n > 2 && pm_is_digit(s.p[1]) && one_of(&s, "T ")) {
		if (!digits(&s, 2, &h) || !one_of(&s, ":") || !digits(&s, 2, &mi) || h > 23 || mi > 59)
			return false;
		if (one_of(&s, ":") && (!digits(&s, 2, &sec) || sec > 59))
			return false;
		end = false;
	}
	if (!read_zone(s, &zone))
		return false;
	*when = days_of(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec - (int64_t)zone * 60;
	if (end)
		*when += 86399;
	return true;
}
