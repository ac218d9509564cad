/*
 * graph_impl.h - commit-graph files: https://git-scm.com/docs/gitformat-commit-graph
 *
 * They repeat what commits say: tree, parents, date. When anything in them is odd, the commits
 * themselves are read instead. Generation numbers and Bloom filters are not used.
 *
 * The checksum at the end is compared before anything is believed, which Git leaves out: a turned bit
 * in a tree's id would be believed otherwise. It takes about 2 ms for a MiB, or 14,000 commits; reading
 * these from a pack takes 50.
 */
#ifndef PM_GRAPH_IMPL_H
#define PM_GRAPH_IMPL_H

#include "objects.h"

/* One file, in borrowed bytes; of a chain, the n-th has n base files. */
struct pm_graph_file {
	const unsigned char *fanout, *ids, *commits, *edges, *bases, *sum;
	uint32_t n, n_edges, n_bases;
};
bool pm_graph_file_parse(struct pm_graph_file *out, const unsigned char *bytes, size_t n);

struct pm_graph_layer {
	struct pm_graph_file f;
	unsigned char *bytes; /* mapped */
	size_t size;
	uint32_t first; /* positions of all files are counted together, bases first */
};
/* Does not change after opening. */
struct pm_graph {
	struct pm_graph_layer *v;
	size_t n, cap;
	uint32_t total;
};
/* The file or chain of an object directory; false when there is none, or an odd or damaged one. */
bool pm_graph_open(struct pm_graph *out, const char *objects_dir);
void pm_graph_close(struct pm_graph *g);

bool pm_graph_find(const struct pm_graph *g, const struct pm_oid *id, uint32_t *at);
/* The commit at a position below `total`. */
const struct pm_oid *pm_graph_id(const struct pm_graph *g, uint32_t at);
/* Its tree, date and parents: positions, at most `cap`. False when it is odd or has more. */
bool pm_graph_commit(const struct pm_graph *g, uint32_t at, struct pm_oid *tree, int64_t *when,
		     uint32_t *parents, size_t cap, size_t *n);

#endif
