/*
 * fuzz_manifest.c - what files say besides ports: names, Compose stacks, Kubernetes objects, exceptions
 * in comments. The first line of the input is the file's path.
 */
#include "allow.h"
#include "fuzz.h"
#include "kube.h"
#include "stack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pm_str rest = fuzz_str(data, n), line = fuzz_line(&rest);
	struct pm_arena a = { 0 };
	char *bytes = fuzz_copy(rest);
	struct pm_file f = { .path = pm_arena_strndup(&a, line.p, line.n), .bytes = bytes,
			     .len = rest.n };
	struct pm_decls decls = { 0 };
	struct pm_kube kube = { 0 };
	struct pm_allows allows = { 0 };

	if (rest.n <= 64 << 10) {
		struct pm_stack stack = { 0 };

		pm_file_look(&f);
		pm_names_read(&decls, &a, &f);
		pm_stack_read(&stack, &a, &f, NULL, NULL);
		pm_kube_read(&kube, &a, &f);
		pm_allow_find(&allows, &a, &f);
		for (size_t i = 0; i < decls.n; i++)
			for (size_t k = 0; k < decls.v[i].n_ports; k++)
				FUZZ_CHECK(decls.v[i].ports[k] && decls.v[i].ports[k] <= 65535);
	}
	PM_VEC_FREE(&allows);
	PM_VEC_FREE(&kube);
	PM_VEC_FREE(&decls);
	free(bytes);
	pm_arena_release(&a);
	return 0;
}
