/* fuzz_schema_md.c - a schema document in Markdown: read, checked, shown, and its YAML form read back. */
#include "fuzz_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_schema("PORTS.md", fuzz_str(data, n));
	return 0;
}
