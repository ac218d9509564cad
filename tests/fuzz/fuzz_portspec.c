/* fuzz_portspec.c - a port mapping in one string, as Compose has it. */
#include "fuzz.h"
#include "portspec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct pm_str s = fuzz_str(data, n);
	struct pm_portspec out = { 0 };
	size_t end = 0;

	pm_portspec_parse(&out, s);
	FUZZ_CHECK(out.n <= PM_PORTSPEC_MAX);
	for (size_t i = 0; i < out.n; i++) {
		const struct pm_portnum *v = &out.v[i];

		FUZZ_CHECK(v->len && v->off >= end && v->off <= n && v->len <= n - v->off);
		FUZZ_CHECK(pm_str_all_digits((struct pm_str){ s.p + v->off, v->len }));
		end = v->off + v->len;
		if (v->name.n)
			FUZZ_CHECK(v->name.p >= s.p && v->name.p + v->name.n <= s.p + n);
	}
	return 0;
}
