/* fuzz_config.c - portmig.yaml. */
#include "config.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const paths[] = { "apps/shop/api/main.ts", "docs/ports.md", "a" };
	struct pm_arena a = { 0 };
	struct pm_diags diags = { 0 };
	struct pm_config c = { 0 };
	struct pm_err err = { 0 };

	if (pm_config_parse(&c, "portmig.yaml", fuzz_str(data, n), &err) < 0) {
		FUZZ_CHECK(err.code == PM_E_USAGE || err.code == PM_E_PARSE || err.code == PM_E_LIMIT);
		FUZZ_CHECK(err.text[0]);
		return 0;
	}
	for (size_t i = 0; i < 3; i++) {
		pm_config_keeps(&c, paths[i], "address/url", 4000);
		pm_config_env(&c, paths[i]);
	}
	FUZZ_CHECK(c.n_sources <= PM_ORIGIN_COUNT);
	pm_config_check(&c, paths, 3, &a, &diags);
	pm_diags_release(&diags);
	pm_config_release(&c);
	pm_arena_release(&a);
	return 0;
}
