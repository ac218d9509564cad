/* fuzz_graph.c - a commit-graph file: every commit of it is looked up and read. */
#include "fuzz.h"
#include "graph_impl.h"

enum { PARENTS = 4, COMMITS = 256 };

static void read_all(const struct pm_graph *g)
{
	for (uint32_t i = 0; i < g->total && i < COMMITS; i++) {
		const struct pm_oid *id = pm_graph_id(g, i);
		uint32_t parents[PARENTS], at;
		struct pm_oid tree;
		int64_t when;
		size_t n;

		if (pm_graph_find(g, id, &at))
			FUZZ_CHECK(at < g->total && pm_oid_eq(pm_graph_id(g, at), id));
		if (!pm_graph_commit(g, i, &tree, &when, parents, PARENTS, &n))
			continue;
		FUZZ_CHECK(n <= PARENTS);
		for (size_t k = 0; k < n; k++)
			FUZZ_CHECK(parents[k] < g->total);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pm_graph_layer layer = { 0 };
	struct pm_graph g = { &layer, 1, 1, 0 };

	if (pm_graph_file_parse(&layer.f, data, n)) {
		g.total = layer.f.n;
		read_all(&g);
	}
	return 0;
}
