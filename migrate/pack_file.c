/*
 * pack_file.c - the packs of object directories, mapped; and which of them has an object.
 *
 * A mapping stays valid when `git repack` removes the file. What it then wrote instead is found by
 * libgit2, which looks at the directory again. A pack without a sound index of version 2, or that
 * is not the one its index was made for, is left to libgit2, too; so are multi-pack-indexes, beside
 * which each pack keeps its own.
 */
#include "objects_impl.h"
#include "pack_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PACK_HEAD = 12, /* "PACK", version, number of objects */
	NESTED = 5      /* alternates of alternates that Git follows */
};

/* ---- mapping ---- */

unsigned char *pm_map_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *p = MAP_FAILED;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (uint64_t)st.st_size <= SIZE_MAX) {
		*size = (size_t)st.st_size;
		p = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

static void unmap(struct pm_pack *p)
{
	if (p->bytes)
		munmap(p->bytes, p->size);
	if (p->index_bytes)
		munmap(p->index_bytes, p->index_size);
}

/* Is this the pack that its index was made for? */
static bool fits(struct pm_pack *p)
{
	static const unsigned char head[8] = { 'P', 'A', 'C', 'K', 0, 0, 0, 2 };
	const unsigned char *n = p->bytes + 8;

	if (p->size < PACK_HEAD + PM_OID_RAW || memcmp(p->bytes, head, sizeof(head)) != 0)
		return false;
	if (((uint32_t)n[0] << 24 | (uint32_t)n[1] << 16 | (uint32_t)n[2] << 8 | n[3]) !=
	    p->index.n)
		return false;
	p->end = p->size - PM_OID_RAW;
	return memcmp(p->bytes + p->end, p->index.pack_sum, PM_OID_RAW) == 0;
}

/* `path` is that of the index; it is changed. */
static void add_pack(struct pm_packs *packs, struct pm_buf *path)
{
	struct pm_pack p = { 0 };

	p.index_bytes = pm_map_file(path->v, &p.index_size);
	path->n -= strlen("idx");
	pm_buf_adds(path, "pack");
	if (p.index_bytes && pm_pack_index_parse(&p.index, p.index_bytes, p.index_size))
		p.bytes = pm_map_file(path->v, &p.size);
	if (p.bytes && fits(&p) && packs->n < PM_PACK_MAX)
		*PM_VEC_ADD(packs) = p;
	else
		unmap(&p);
}

/* ---- directories ---- */

static void add_packs_of(struct pm_packs *packs, const char *objects_dir)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };
	struct dirent *e;
	size_t len;
	DIR *d;

	pm_buf_addf(&path, "%s/pack/", objects_dir);
	len = path.n;
	d = opendir(path.v);
	while (d && (e = readdir(d))) {
		if (!pm_str_ends(pm_str_of(e->d_name), ".idx"))
			continue;
		path.n = len;
		pm_buf_adds(&path, e->d_name);
		add_pack(packs, &path);
	}
	if (d)
		closedir(d);
}

static void add_dir(struct pm_packs *packs, struct pm_pack_dirs *seen, const char *dir,
		    unsigned nested);

/* One path a line, relative to the object directory: https://git-scm.com/docs/gitrepository-layout */
static void add_alternates(struct pm_packs *packs, struct pm_pack_dirs *seen, const char *dir,
			   unsigned nested)
{
	PM_CLEAN_BUF struct pm_buf path = { 0 };
	unsigned char *text;
	size_t size, at = 0;

	pm_buf_addf(&path, "%s/info/alternates", dir);
	text = pm_map_file(path.v, &size);
	while (text && at < size) {
		const unsigned char *nl = memchr(text + at, '\n', size - at);
		size_t n = nl ? (size_t)(nl - text) - at : size - at;

		pm_buf_clear(&path);
		if (n && text[at] != '/')
			pm_buf_addf(&path, "%s/", dir);
		pm_buf_add(&path, text + at, n);
		if (n && text[at] != '#')
			add_dir(packs, seen, path.v, nested + 1);
		at += n + 1;
	}
	if (text)
		munmap(text, size);
}

static void add_dir(struct pm_packs *packs, struct pm_pack_dirs *seen, const char *dir,
		    unsigned nested)
{
	char *real = nested <= NESTED ? realpath(dir, NULL) : NULL;

	for (size_t i = 0; real && i < seen->n; i++)
		if (strcmp(seen->v[i], real) == 0) {
			free(real);
			real = NULL;
		}
	if (!real)
		return;
	*PM_VEC_ADD(seen) = real;
	add_packs_of(packs, real);
	add_alternates(packs, seen, real, nested);
}

void pm_packs_add(struct pm_packs *packs, struct pm_pack_dirs *seen, const char *objects_dir)
{
	add_dir(packs, seen, objects_dir, 0);
}

/* What an object is does not depend on the pack that it is taken from, only how fast it is found. */
static int by_size(const void *a, const void *b)
{
	const struct pm_pack *x = a, *y = b;

	if (x->index.n != y->index.n)
		return x->index.n > y->index.n ? -1 : 1;
	return memcmp(x->index.pack_sum, y->index.pack_sum, PM_OID_RAW);
}

void pm_packs_sort(struct pm_packs *packs)
{
	if (packs->n)
		qsort(packs->v, packs->n, sizeof(*packs->v), by_size);
}

void pm_packs_release(struct pm_packs *packs)
{
	for (size_t i = 0; i < packs->n; i++)
		unmap(&packs->v[i]);
	PM_VEC_FREE(packs);
}

/* ---- finding ---- */

bool pm_packs_find(const struct pm_packs *packs, const struct pm_oid *id, uint32_t first,
		   uint32_t *tried, struct pm_pack_place *out)
{
	while (*tried < packs->n) {
		uint32_t i = (first + (*tried)++) % (uint32_t)packs->n;

		if (pm_pack_index_find(&packs->v[i].index, id, &out->at)) {
			out->pack = i;
			return true;
		}
	}
	return false;
}

bool pm_pack_base(const struct pm_pack *p, const struct pm_pack_entry *e, uint64_t at,
		  uint64_t *base)
{
	if (e->type == PM_PACK_OFFSET_DELTA)
		*base = e->base;
	else if (!pm_pack_index_find(&p->index, e->base_id, base) || *base == at)
		return false;
	return true;
}

int pm_objects_openable(struct pm_err *err)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), why = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	if (why != EMFILE && why != ENFILE)
		return 0;
	pm_err_set(err, PM_E_IO, PM_NOWHERE, "cannot read the repository: %s", strerror(why));
	return pm_err_hint(err, "ulimit -n tells how many files a process may open");
}
