/* fuzz_baseline.c - a baseline of findings: what was read, written and read again is the same. */
#include "findings.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	PM_CLEAN_BUF struct pm_buf first = { 0 };
	PM_CLEAN_BUF struct pm_buf second = { 0 };
	struct pm_arena a = { 0 };
	struct pm_baseline b = { 0 }, again = { 0 };
	struct pm_err err = { 0 };
	int rc = pm_baseline_parse(&b, &a, "baseline.json", fuzz_str(data, n), &err);

	FUZZ_CHECK(rc == 0 || rc == PM_E_USAGE);
	if (rc == 0) {
		pm_baseline_write(&b, &first);
		FUZZ_CHECK(pm_baseline_parse(&again, &a, "again",
					     (struct pm_str){ pm_buf_str(&first), first.n }, &err) == 0);
		pm_baseline_write(&again, &second);
		FUZZ_CHECK(first.n == second.n && memcmp(first.v, second.v, first.n) == 0);
		PM_VEC_FREE(&again);
		PM_VEC_FREE(&b);
	}
	pm_arena_release(&a);
	return 0;
}
