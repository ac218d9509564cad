/* fuzz_yaml.c - YAML: the span of a scalar lies in the file, and has its text where it says so. */
#include "base/yaml.h"
#include "fuzz.h"

static void check_node(const struct pm_yaml_node *v, struct pm_str text, unsigned depth)
{
	FUZZ_CHECK(depth <= 130);
	fuzz_inside(v->span, text.n);
	FUZZ_CHECK(v->line >= 1);
	if (v->kind == PM_YAML_SCALAR) {
		FUZZ_CHECK(v->n == 0);
		if (v->exact)
			FUZZ_CHECK(v->span.len == v->text.n &&
				   memcmp(text.p + v->span.off, v->text.p, v->text.n) == 0);
		return;
	}
	FUZZ_CHECK(v->kind == PM_YAML_SEQ || v->n % 2 == 0);
	for (size_t i = 0; i < v->n; i++)
		if (!v->items[i]->aliased)
			check_node(v->items[i], text, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct pm_str text = fuzz_str(data, n);
	struct pm_arena a = { 0 };
	struct pm_yaml y = { 0 };
	struct pm_err err = { 0 };
	int rc = pm_yaml_parse(&y, &a, "a.yaml", text, &err);

	FUZZ_CHECK(rc == 0 || rc == PM_E_PARSE || rc == PM_E_LIMIT);
	for (size_t i = 0; rc == 0 && i < y.n; i++)
		if (y.docs[i]) {
			check_node(y.docs[i], text, 0);
			pm_yaml_get(y.docs[i], "services");
		}
	pm_arena_release(&a);
	return 0;
}
