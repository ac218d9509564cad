/* fuzz_words.c - what people write by hand: dates, moves of --move, globs, dates of documents. */
#include "base/date.h"
#include "base/path.h"
#include "base/re.h"
#include "fuzz.h"
#include "moves.h"
#include "resource_plan.h"
#include "schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct pm_str s = fuzz_str(data, n);
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	struct pm_arena a = { 0 };
	const char *text = pm_arena_strndup(&a, s.p, s.n), *joined;
	struct pm_plan p = { 0 };
	struct pm_err err = { 0 };
	struct pm_re *re;
	int64_t when;
	unsigned day;

	if (pm_date_parse(s, true, &when)) {
		pm_date_add(&b, when, 90);
		pm_date_add_iso(&b, when, -90);
	}
	day = pm_day(text);
	FUZZ_CHECK(day == 0 || (day / 100 % 100 >= 1 && day / 100 % 100 <= 12 && day % 100 >= 1 &&
				day % 100 <= 31));
	if (pm_moves_parse(&p, text, &err) == 0)
		for (size_t i = 0; i < p.moves.n; i++)
			/* databases count from 0, ports do not */
			FUZZ_CHECK(pm_plan_is_resource(&p) ||
				   (p.moves.v[i].from && p.moves.v[i].to));
	pm_plan_release(&p);
	joined = pm_path_join(&a, PM_STR("apps/shop"), s);
	if (joined)
		FUZZ_CHECK(joined[0] != '/' && strncmp(joined, "../", 3) != 0);
	if (n < 1000 && pm_re_glob(&re, text, &err) == 0) {
		struct pm_span whole;

		pm_re_match(re, PM_STR("apps/shop/api/main.ts"), 0, &whole, 1);
		pm_re_free(re);
	}
	pm_arena_release(&a);
	return 0;
}
