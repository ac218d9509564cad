/*
 * fuzz_plan.c - a plan as JSON. The digest at its end is made right first, as that would stop nearly
 * every input. What is read and written again is the same text the second time.
 */
#include "base/digest.h"
#include "fuzz.h"
#include "plan.h"
#include "report.h"

enum { DIGEST = 64 };

/* A copy with the right digest, where one would stand. */
static struct pm_str signed_copy(char *copy, size_t n)
{
	static const char tail[] = "\"\n}\n";
	const size_t t = sizeof(tail) - 1;
	char hex[PM_SHA256_HEX];

	if (n > DIGEST + t && memcmp(copy + n - t, tail, t) == 0) {
		pm_sha256_hex((struct pm_str){ copy, n - t - DIGEST }, (struct pm_str){ tail, t }, hex);
		memcpy(copy + n - t - DIGEST, hex, DIGEST);
	}
	return (struct pm_str){ copy, n };
}

static void read_again(struct pm_plan *p)
{
	PM_CLEAN_BUF struct pm_buf first = { 0 };
	PM_CLEAN_BUF struct pm_buf second = { 0 };
	PM_CLEAN_BUF struct pm_buf shown = { 0 };
	const struct pm_report_options o = { .verbose = 1 };
	struct pm_plan again = { 0 };
	struct pm_err err = { 0 };

	pm_plan_write(p, &first);
	if (pm_plan_read(&again, (struct pm_str){ pm_buf_str(&first), first.n }, "again", &err) < 0) {
		fprintf(stderr, "%s\n%s", err.text, pm_buf_str(&first));
		abort();
	}
	pm_plan_write(&again, &second);
	FUZZ_CHECK(first.n == second.n && memcmp(first.v, second.v, first.n) == 0);
	pm_report_text(&again, &o, &shown);
	pm_report_markdown(&again, &o, &shown);
	pm_plan_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *copy = fuzz_copy(fuzz_str(data, n));
	struct pm_plan p = { 0 };
	struct pm_err err = { 0 };
	int rc = pm_plan_read(&p, signed_copy(copy, n), "plan.json", &err);

	FUZZ_CHECK(rc == 0 || rc == PM_E_REFUSED);
	if (rc == 0) {
		read_again(&p);
		pm_plan_release(&p);
	} else {
		FUZZ_CHECK(err.text[0]);
	}
	free(copy);
	return 0;
}
