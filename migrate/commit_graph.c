/* commit_graph.c - commits from a commit-graph file or a chain of them. See graph_impl.h. */
#include "graph_impl.h"
#include "pack_impl.h"

#include "base/digest.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
	HEAD = 8, CHUNK = 12, FANOUT = 256 * 4, COMMIT = PM_OID_RAW + 16, FILES_MAX = 255,
	NO_PARENT = 0x70000000
};
#define EDGE_FLAG 0x80000000u /* second parent: goes on in the list of edges; there: the last */

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const unsigned char *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

/* ---- one file ---- */

/* A chunk by its name; NULL when it is not there or reaches out of the file. */
static const unsigned char *chunk(const unsigned char *bytes, size_t n, const char *name,
				  uint64_t *size)
{
	unsigned chunks = bytes[6];
	size_t table = HEAD + ((size_t)chunks + 1) * CHUNK;

	if (n < table + PM_OID_RAW)
		return NULL;
	for (unsigned i = 0; i < chunks; i++) {
		const unsigned char *row = bytes + HEAD + i * CHUNK;
		uint64_t from = be64(row + 4), to = be64(row + CHUNK + 4);

		if (memcmp(row, name, 4) != 0)
			continue;
		if (from < table || to < from || to > n - PM_OID_RAW)
			return NULL;
		*size = to - from;
		return bytes + from;
	}
	return NULL;
}

static bool parse_ids(struct pm_graph_file *out, const unsigned char *bytes, size_t n)
{
	uint64_t size;
	uint32_t last = 0;

	out->fanout = chunk(bytes, n, "OIDF", &size);
	if (!out->fanout || size != FANOUT)
		return false;
	for (int i = 0; i < 256; i++) {
		uint32_t next = be32(out->fanout + 4 * i);

		if (next < last)
			return false;
		last = next;
	}
	out->n = last;
	out->ids = chunk(bytes, n, "OIDL", &size);
	return out->ids && size == (uint64_t)out->n * PM_OID_RAW;
}

bool pm_graph_file_parse(struct pm_graph_file *out, const unsigned char *bytes, size_t n)
{
	uint64_t size;

	*out = (struct pm_graph_file){ 0 };
	/* version 1, ids by SHA-1 */
	if (n < HEAD + CHUNK + PM_OID_RAW || memcmp(bytes, "CGPH\1\1", 6) != 0 ||
	    !parse_ids(out, bytes, n))
		return false;
	out->commits = chunk(bytes, n, "CDAT", &size);
	if (!out->commits || size != (uint64_t)out->n * COMMIT)
		return false;
	out->edges = chunk(bytes, n, "EDGE", &size);
	if (out->edges)
		out->n_edges = size / 4 > UINT32_MAX ? UINT32_MAX : (uint32_t)(size / 4);
	out->n_bases = bytes[7];
	if (out->n_bases) {
		out->bases = chunk(bytes, n, "BASE", &size);
		if (!out->bases || size != (uint64_t)out->n_bases * PM_OID_RAW)
			return false;
	}
	out->sum = bytes + n - PM_OID_RAW;
	return true;
}

/* ---- files of a repository ---- */

static bool is_whole(const struct pm_graph_layer *l)
{
	unsigned char sum[PM_SHA1_RAW];

	pm_sha1(l->bytes, l->size - PM_OID_RAW, sum);
	return memcmp(sum, l->f.sum, sizeof(sum)) == 0;
}

/* Add a file: the next of a chain when `name`, its checksum, is not NULL. */
static bool add_layer(struct pm_graph *g, const char *path, const struct pm_oid *name)
{
	struct pm_graph_layer *l = PM_VEC_ADD(g);

	l->bytes = pm_map_file(path, &l->size);
	if (!l->bytes || !pm_graph_file_parse(&l->f, l->bytes, l->size) || !is_whole(l))
		return false;
	if (name ? l->f.n_bases != g->n - 1 || memcmp(l->f.sum, name->id, PM_OID_RAW) != 0
		 : l->f.n_bases != 0)
		return false;
	for (uint32_t i = 0; i < l->f.n_bases; i++)
		if (memcmp(l->f.bases + (size_t)i * PM_OID_RAW, g->v[i].f.sum, PM_OID_RAW) != 0)
			return false;
	if (l->f.n >= NO_PARENT - g->total)
		return false;
	l->first = g->total;
	g->total += l->f.n;
	return true;
}

/* One checksum a line, bases first. */
static bool add_chain(struct pm_graph *g, const char *dir, const char *text, size_t n)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };
	char hex[PM_OID_HEX];
	struct pm_oid name;

	if (n % PM_OID_HEX || n / PM_OID_HEX > FILES_MAX)
		return false;
	for (size_t i = 0; i < n; i += PM_OID_HEX) {
		memcpy(hex, text + i, PM_OID_HEX - 1);
		hex[PM_OID_HEX - 1] = '\0';
		pm_buf_clear(&path);
		pm_buf_addf(&path, "%s/info/commit-graphs/graph-%s.graph", dir, hex);
		if (!pm_oid_parse(&name, hex) || !add_layer(g, path.v, &name))
			return false;
	}
	return n > 0;
}

bool pm_graph_open(struct pm_graph *out, const char *objects_dir)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };
	unsigned char *chain;
	size_t size;
	bool ok;

	*out = (struct pm_graph){ 0 };
	pm_buf_addf(&path, "%s/info/commit-graph", objects_dir);
	if (add_layer(out, path.v, NULL))
		return true;
	pm_graph_close(out);
	pm_buf_adds(&path, "s/commit-graph-chain");
	chain = pm_map_file(path.v, &size);
	if (!chain)
		return false;
	ok = add_chain(out, objects_dir, (const char *)chain, size);
	munmap(chain, size);
	if (!ok)
		pm_graph_close(out);
	return ok;
}

void pm_graph_close(struct pm_graph *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->v[i].bytes)
			munmap(g->v[i].bytes, g->v[i].size);
	PM_VEC_FREE(g);
	g->total = 0;
}

/* ---- commits ---- */

static bool find_in(const struct pm_graph_file *f, const struct pm_oid *id, uint32_t *at)
{
	uint32_t lo = id->id[0] ? be32(f->fanout + 4 * (id->id[0] - 1)) : 0;
	uint32_t hi = be32(f->fanout + 4 * id->id[0]);

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = memcmp(f->ids + (size_t)mid * PM_OID_RAW, id->id, PM_OID_RAW);

		if (c == 0) {
			*at = mid;
			return true;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool pm_graph_find(const struct pm_graph *g, const struct pm_oid *id, uint32_t *at)
{
	for (size_t i = g->n; i-- > 0;)
		if (find_in(&g->v[i].f, id, at)) {
			*at += g->v[i].first;
			return true;
		}
	return false;
}

static const struct pm_graph_layer *layer_of(const struct pm_graph *g, uint32_t at)
{
	size_t i = g->n - 1;

	while (g->v[i].first > at)
		i--;
	return &g->v[i];
}

const struct pm_oid *pm_graph_id(const struct pm_graph *g, uint32_t at)
{
	const struct pm_graph_layer *l = layer_of(g, at);

	return (const struct pm_oid *)(l->f.ids + (size_t)(at - l->first) * PM_OID_RAW);
}

/* Parents from the second on, when there are more than two. */
static bool more_parents(const struct pm_graph_file *f, uint32_t edge, uint32_t *parents,
			 size_t cap, size_t *n)
{
	for (;; edge++) {
		uint32_t p;

		if (edge >= f->n_edges || *n == cap)
			return false;
		p = be32(f->edges + (size_t)edge * 4);
		parents[(*n)++] = p & ~EDGE_FLAG;
		if (p & EDGE_FLAG)
			return true;
	}
}

bool pm_graph_commit(const struct pm_graph *g, uint32_t at, struct pm_oid *tree, int64_t *when,
		     uint32_t *parents, size_t cap, size_t *n)
{
	const struct pm_graph_layer *l = layer_of(g, at);
	const unsigned char *row = l->f.commits + (size_t)(at - l->first) * COMMIT;
	uint32_t first = be32(row + PM_OID_RAW), second = be32(row + PM_OID_RAW + 4);

	memcpy(tree->id, row, PM_OID_RAW);
	/* 30 bits of generation, 34 of date */
	*when = (int64_t)(be64(row + PM_OID_RAW + 8) & (((uint64_t)1 << 34) - 1));
	*n = 0;
	if (first != NO_PARENT)
		parents[(*n)++] = first;
	if (second & EDGE_FLAG) {
		if (!more_parents(&l->f, second & ~EDGE_FLAG, parents, cap, n))
			return false;
	} else if (second != NO_PARENT) {
		parents[(*n)++] = second;
	}
	for (size_t i = 0; i < *n; i++)
		if (parents[i] >= l->first + l->f.n)
			return false;
	return true;
}
