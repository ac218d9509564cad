/*
 * history_schema.c - the port schema's own history, row by row: every version is read as a document
 * (schema.h) and compared with the one before. A document that came from another path is followed
 * there.
 */
#include "history_impl.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

struct paper { /* a path that was the document for some time */
	uint32_t path;
	int32_t since; /* commit that moved it here, -1: none known */
	uint32_t from; /* path where it was */
};

struct rows {
	struct pm_hbuild *b;
	struct pm_objreader *rd;
	struct { struct paper *v; size_t n, cap; } papers;
	int32_t last_good; /* the last version that could be read */
};

static const char *path_text(const struct rows *r, uint32_t path)
{
	return r->b->all.paths.v[path].text;
}

/* ---- which paths ---- */

static bool is_document(const char *path)
{
	return pm_path_is_markdown(path) || pm_path_is_yaml(path) || pm_path_has_ext(path, ".txt") ||
	       pm_path_has_ext(path, ".json");
}

static int read_text(struct rows *r, int32_t version, struct pm_buf *out)
{
	struct pm_str bytes;
	int rc = pm_objreader_need(r->rd, &r->b->all.versions.v[version].blob, PM_OBJECT_BLOB,
				   &bytes, NULL);

	pm_buf_clear(out);
	if (rc == 0)
		pm_buf_add(out, bytes.p, bytes.n);
	return rc;
}

struct line_count {
	uint64_t hash;
	size_t n;
	UT_hash_handle hh;
};

static uint64_t hash_line(const char *p, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* Is at least half of the larger text in the other one, by whole lines? */
static bool is_similar(struct pm_str a, struct pm_str b)
{
	struct pm_arena arena = { 0 };
	struct line_count *lines = NULL, *l;
	size_t common = 0;

	for (size_t i = 0, n; i < a.n; i += n + 1) {
		const char *end = memchr(a.p + i, '\n', a.n - i);
		uint64_t h;

		n = end ? (size_t)(end - a.p) - i : a.n - i;
		h = hash_line(a.p + i, n);
		HASH_FIND(hh, lines, &h, sizeof(h), l);
		if (!l) {
			l = PM_NEW(&arena, struct line_count);
			l->hash = h;
			HASH_ADD(hh, lines, hash, sizeof(h), l);
		}
		l->n++;
	}
	for (size_t i = 0, n; i < b.n; i += n + 1) {
		const char *end = memchr(b.p + i, '\n', b.n - i);
		uint64_t h;

		n = end ? (size_t)(end - b.p) - i : b.n - i;
		h = hash_line(b.p + i, n);
		HASH_FIND(hh, lines, &h, sizeof(h), l);
		if (l && l->n) {
			l->n--;
			common += n + 1;
		}
	}
	HASH_CLEAR(hh, lines);
	pm_arena_release(&arena);
	return common * 2 >= (a.n > b.n ? a.n : b.n);
}

/* The file that this commit deleted and that is the document which it added; -1. */
static int32_t origin_of(struct rows *r, const struct pm_hcommit *c, const struct pm_hchange *added)
{
	PM_CLEAN_BUF struct pm_buf new = { 0 }, old = { 0 };

	if (read_text(r, added->after, &new) < 0)
		return PM_NO_VERSION;
	for (size_t i = 0; i < c->n_changes; i++) {
		const struct pm_hchange *x = &c->changes[i];

		if (x->after != PM_NO_VERSION || x->before == PM_NO_VERSION ||
		    !is_document(path_text(r, x->path)) || read_text(r, x->before, &old) < 0)
			continue;
		if (is_similar((struct pm_str){ pm_buf_str(&old), old.n },
			       (struct pm_str){ pm_buf_str(&new), new.n }))
			return (int32_t)i;
	}
	return -1;
}

static struct paper *paper_of(struct rows *r, uint32_t path)
{
	for (size_t i = 0; i < r->papers.n; i++)
		if (r->papers.v[i].path == path)
			return &r->papers.v[i];
	return NULL;
}

/* From the newest commit to the oldest: where it was added, where did it come from? */
static void find_papers(struct rows *r)
{
	for (size_t i = r->b->all.commits.n; i-- > 0;) {
		const struct pm_hcommit *c = &r->b->all.commits.v[i];

		for (size_t k = 0; k < c->n_changes; k++) {
			const struct pm_hchange *x = &c->changes[k];
			struct paper *p = paper_of(r, x->path);
			int32_t from;

			if (!p || p->since >= 0 || x->merged || x->before != PM_NO_VERSION ||
			    x->after == PM_NO_VERSION)
				continue;
			from = origin_of(r, c, x);
			if (from < 0)
				continue;
			p->since = (int32_t)i;
			p->from = c->changes[from].path;
			if (!paper_of(r, p->from))
				*PM_VEC_ADD(&r->papers) =
					(struct paper){ c->changes[from].path, -1, 0 };
		}
	}
}

/* The schema of the newest commit; when it has none, the one that was there last. */
static bool find_first(struct rows *r)
{
	const struct pm_hread *all = &r->b->all;

	for (const char *const *s = r->b->o->schema_paths; s && *s; s++)
		for (uint32_t i = 0; i < all->paths.n; i++)
			if (all->paths.v[i].today && strcmp(all->paths.v[i].text, *s) == 0) {
				*PM_VEC_ADD(&r->papers) = (struct paper){ i, -1, 0 };
				return true;
			}
	for (size_t i = all->commits.n; i-- > 0;)
		for (size_t k = 0; k < all->commits.v[i].n_changes; k++) {
			const uint32_t path = all->commits.v[i].changes[k].path;

			if (!all->paths.v[path].schema)
				continue;
			*PM_VEC_ADD(&r->papers) = (struct paper){ path, -1, 0 };
			return true;
		}
	return false;
}

/* ---- rows ---- */

static struct pm_hist_row *add(struct rows *r, enum pm_hist_row_kind kind, unsigned commit,
			       uint32_t path, const char *name, const char *old_name)
{
	struct pm_arena *a = &r->b->h->arena;
	struct pm_hist_row *row = PM_VEC_ADD(&r->b->h->rows);

	row->kind = kind;
	row->commit = commit;
	row->path = pm_arena_strdup(a, path_text(r, path));
	row->name = pm_arena_strdup(a, name ? name : "");
	row->old_name = pm_arena_strdup(a, old_name);
	return row;
}

struct by_name {
	const char *name;
	size_t gone, came;    /* index, where there is one */
	unsigned n_gone, n_came;
	UT_hash_handle hh;
};

/* An endpoint that is there under another service has moved, where its name is the only such one. */
static void join_moves(struct pm_changes *c)
{
	struct pm_arena a = { 0 };
	struct by_name *all = NULL, *n, *tmp;
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (c->v[i].kind != PM_CHANGE_ADDED && c->v[i].kind != PM_CHANGE_REMOVED)
			continue;
		HASH_FIND_STR(all, c->v[i].endpoint, n);
		if (!n) {
			n = PM_NEW(&a, struct by_name);
			n->name = c->v[i].endpoint;
			HASH_ADD_KEYPTR(hh, all, n->name, (unsigned)strlen(n->name), n);
		}
		*(c->v[i].kind == PM_CHANGE_ADDED ? &n->came : &n->gone) = i;
		*(c->v[i].kind == PM_CHANGE_ADDED ? &n->n_came : &n->n_gone) += 1;
	}
	HASH_ITER(hh, all, n, tmp) {
		if (n->n_gone != 1 || n->n_came != 1)
			continue;
		c->v[n->came].kind = PM_CHANGE_MOVED;
		c->v[n->came].from = c->v[n->gone].from;
		c->v[n->gone].endpoint = NULL;
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].endpoint && !(c->v[i].kind == PM_CHANGE_MOVED &&
					  c->v[i].from == c->v[i].to))
			c->v[kept++] = c->v[i];
	c->n = kept;
	HASH_CLEAR(hh, all);
	pm_arena_release(&a);
}

static void add_endpoints(struct rows *r, unsigned commit, uint32_t path, const struct pm_schema *old,
			  const struct pm_schema *new, bool real)
{
	static const enum pm_hist_row_kind kinds[][2] = {
		[PM_CHANGE_ADDED] = { PM_ROW_ALLOCATED, PM_REAL_ROW_ADDED },
		[PM_CHANGE_REMOVED] = { PM_ROW_RELEASED, PM_REAL_ROW_REMOVED },
		[PM_CHANGE_MOVED] = { PM_ROW_MOVED, PM_REAL_ROW_MOVED },
		[PM_CHANGE_RENAMED] = { PM_ROW_RENAMED, PM_ROW_RENAMED }, /* of plans only */
	};
	struct pm_changes changes = { 0 };

	(real ? pm_schema_diff_real : pm_schema_diff)(old, new, &changes);
	join_moves(&changes);
	for (size_t i = 0; i < changes.n; i++) {
		const struct pm_change *c = &changes.v[i];
		struct pm_hist_row *row;

		if (c->from == c->to && c->old_name && strcmp(c->old_name, c->endpoint) == 0)
			continue; /* its service has another title: the endpoint is as before */
		row = add(r, kinds[c->kind][real], commit, path, c->endpoint, c->old_name);
		row->from = c->from;
		row->to = c->to;
		row->line = c->kind == PM_CHANGE_REMOVED ? c->old_src.line : c->new_src.line;
	}
	PM_VEC_FREE(&changes);
}

static void add_ranges(struct rows *r, unsigned commit, uint32_t path, const struct pm_schema *old,
		       const struct pm_schema *new)
{
	static const enum pm_hist_row_kind kinds[] = {
		[PM_RANGE_ADDED] = PM_RANGE_ROW_ADDED, [PM_RANGE_REMOVED] = PM_RANGE_ROW_REMOVED,
		[PM_RANGE_MOVED] = PM_RANGE_ROW_MOVED, [PM_RANGE_RENAMED] = PM_RANGE_ROW_RENAMED,
		[PM_RANGE_SWAPPED] = PM_RANGE_ROW_SWAPPED,
	};
	struct pm_range_changes changes = { 0 };

	pm_schema_diff_ranges(old, new, &changes);
	for (size_t i = 0; i < changes.n; i++) {
		const struct pm_range_change *c = &changes.v[i];
		const struct pm_range *is = c->new ? c->new : c->old;
		struct pm_hist_row *row =
			add(r, kinds[c->kind], commit, path, is->name,
			    c->kind == PM_RANGE_SWAPPED ? c->with->name
			    : c->kind == PM_RANGE_RENAMED ? c->old->name : NULL);

		row->from = c->old ? c->old->lo : 0;
		row->from_hi = c->old ? c->old->hi : 0;
		row->to = c->new ? c->new->lo : 0;
		row->to_hi = c->new ? c->new->hi : 0;
		row->line = is->src.line;
	}
	PM_VEC_FREE(&changes);
}

static int parse(struct rows *r, int32_t version, struct pm_schema *out, struct pm_err *why)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	int rc = read_text(r, version, &text);

	if (rc < 0)
		return pm_err_set(why, PM_E_PARSE, PM_NOWHERE, "its content cannot be read");
	return pm_schema_parse(out, path_text(r, r->b->all.versions.v[version].path),
			       (struct pm_str){ pm_buf_str(&text), text.n }, why);
}

static size_t count_rows(const struct pm_schema *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->services.n; i++)
		n += s->services.v[i].n;
	return n;
}

static size_t count_real(const struct pm_schema *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++)
			n += s->services.v[i].endpoints[k].state == PM_STATE_REAL;
	return n;
}

/* The move of the other name that changed places with this one; NULL. */
static const struct pm_loose_move *counterpart(const struct pm_loose_moves *m, size_t at)
{
	const struct pm_loose_move *a = &m->v[at];

	for (size_t i = 0; i < m->n && i < at + 64; i++)
		if (m->v[i].from == a->to && m->v[i].from_hi == a->to_hi && m->v[i].to == a->from &&
		    m->v[i].to_hi == a->from_hi)
			return &m->v[i];
	return NULL;
}

static void compare_loosely(struct rows *r, unsigned commit, uint32_t path, int32_t before,
			    int32_t after)
{
	PM_CLEAN_BUF struct pm_buf old = { 0 }, new = { 0 };
	struct pm_arena scratch = { 0 };
	struct pm_loose_moves m = { 0 };

	if (before != PM_NO_VERSION && read_text(r, before, &old) == 0 &&
	    read_text(r, after, &new) == 0)
		pm_loose_moves(&m, &scratch, path_text(r, r->b->all.versions.v[before].path),
			       (struct pm_str){ pm_buf_str(&old), old.n }, path_text(r, path),
			       (struct pm_str){ pm_buf_str(&new), new.n });
	for (size_t i = 0; i < m.n; i++) {
		const struct pm_loose_move *with = counterpart(&m, i);
		struct pm_hist_row *row;

		if (with && with < &m.v[i])
			continue; /* told there */
		row = add(r, with ? PM_RANGE_ROW_SWAPPED : PM_RANGE_ROW_MOVED, commit, path,
			  m.v[i].name, with ? with->name : NULL);
		row->from = m.v[i].from;
		row->from_hi = m.v[i].from_hi;
		row->to = m.v[i].to;
		row->to_hi = m.v[i].to_hi;
		row->line = m.v[i].line;
	}
	PM_VEC_FREE(&m);
	pm_arena_release(&scratch);
}

/* Two versions; before: PM_NO_VERSION when the document is new. */
static void compare(struct rows *r, unsigned commit, uint32_t path, int32_t before, int32_t after)
{
	struct pm_schema old = { 0 }, new = { 0 };
	struct pm_err why = { 0 };

	if (parse(r, after, &new, &why) < 0) {
		const char *text = strstr(why.text, "': ");

		/* which document it is, is said beside it */
		add(r, PM_ROW_UNREADABLE, commit, path, "", text ? text + 3 : why.text);
		compare_loosely(r, commit, path, before, after);
		return;
	}
	if (before != PM_NO_VERSION && parse(r, before, &old, &why) < 0) {
		/* compare with what was understood last */
		memset(&old, 0, sizeof(old));
		before = r->last_good;
		if (before != PM_NO_VERSION && parse(r, before, &old, &why) < 0)
			before = PM_NO_VERSION;
	}
	if (before == PM_NO_VERSION) {
		add(r, PM_ROW_DOCUMENT, commit, path, new.title, NULL)->n = count_rows(&new);
	} else {
		size_t real = count_real(&new);

		add_endpoints(r, commit, path, &old, &new, false);
		if (count_real(&old))
			add_endpoints(r, commit, path, &old, &new, true);
		else if (real)
			add(r, PM_ROW_REAL_LIST, commit, path, "", NULL)->n = real;
		add_ranges(r, commit, path, &old, &new);
		pm_schema_release(&old);
	}
	r->last_good = after;
	pm_schema_release(&new);
}

static const struct pm_hchange *change_of(const struct pm_hcommit *c, uint32_t path)
{
	for (size_t i = 0; i < c->n_changes; i++)
		if (c->changes[i].path == path)
			return &c->changes[i];
	return NULL;
}

static bool moved_away(const struct rows *r, unsigned commit, uint32_t path)
{
	for (size_t i = 0; i < r->papers.n; i++)
		if (r->papers.v[i].since == (int32_t)commit && r->papers.v[i].from == path)
			return true;
	return false;
}

static void read_change(struct rows *r, unsigned commit, const struct pm_hchange *x)
{
	const struct paper *p = paper_of(r, x->path);
	int32_t before = x->before;

	if (!p || x->merged)
		return;
	if (x->after == PM_NO_VERSION) {
		if (!moved_away(r, commit, x->path))
			add(r, PM_ROW_GONE, commit, x->path, "", NULL);
		return;
	}
	if (p->since == (int32_t)commit && before == PM_NO_VERSION) {
		const struct pm_hchange *old = change_of(&r->b->all.commits.v[commit], p->from);

		add(r, PM_ROW_ELSEWHERE, commit, x->path, "", path_text(r, p->from));
		before = old ? old->before : PM_NO_VERSION;
	}
	compare(r, commit, x->path, before, x->after);
}

void pm_hist_schema(struct pm_hbuild *b)
{
	struct rows r = { .b = b, .last_good = PM_NO_VERSION };

	r.rd = pm_objreader_open(pm_repo_objects(b->repo), 0);
	if (find_first(&r)) {
		find_papers(&r);
		for (size_t i = 0; i < b->all.commits.n; i++)
			for (size_t k = 0; k < b->all.commits.v[i].n_changes; k++)
				read_change(&r, (unsigned)i, &b->all.commits.v[i].changes[k]);
	}
	pm_objreader_free(r.rd);
	PM_VEC_FREE(&r.papers);
}
