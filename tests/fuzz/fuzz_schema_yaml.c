/* fuzz_schema_yaml.c - a schema document in our YAML form, or as JSON. */
#include "fuzz_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_schema("ports.yaml", fuzz_str(data, n));
	return 0;
}
