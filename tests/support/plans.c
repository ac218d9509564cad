/* plans.c - see plans.h. */
#include "plans.h"

#include "base/port.h"
#include "cases.h"

#include <string.h>

static bool in_folder(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && path[n] == '/';
}

static bool is_moved(const struct pm_plan *p, unsigned port)
{
	for (size_t i = 0; i < p->moves.n; i++)
		if (p->moves.v[i].from == port)
			return true;
	return false;
}

static int move_of(const struct pm_plan *p, const char *path, unsigned port)
{
	for (size_t i = 0; i < p->moves.n; i++)
		if (p->moves.v[i].from == port && in_folder(path, p->moves.v[i].service))
			return (int)i;
	return -1;
}

static void add_edit(struct pm_plan *p, const struct pm_entry *f, const struct pm_lines *l,
		     size_t off, size_t len, unsigned port)
{
	struct pm_edit *e = PM_VEC_ADD(&p->edits);
	PM_CLEAN_BUF struct pm_buf line = { 0 };
	struct pm_move *m;

	e->path = f->path;
	memcpy(e->blob, f->oid, PM_OID_HEX);
	e->span = (struct pm_span){ (uint32_t)off, (uint32_t)len };
	e->line = pm_lines_line(l, off);
	e->col = pm_lines_col(l, off);
	e->old_port = port;
	e->move = move_of(p, f->path, port);
	e->role = "number";
	e->rule = "number";
	e->disposition = e->move < 0 ? PM_KEEP : PM_APPLY;
	e->reasons = PM_NEW_N(&p->arena, const char *, 1);
	e->reasons[e->n_reasons++] = e->move < 0 ? "in no folder of a service" : "in its folder";
	pm_excerpt(&line, pm_lines_get(l, e->line), e->col, 100);
	e->excerpt = pm_arena_strdup(&p->arena, pm_buf_str(&line));
	if (e->move < 0)
		return;
	m = &p->moves.v[e->move];
	e->new_port = m->to;
	e->service = m->service;
	e->score = 100;
	m->n_apply++;
}

static void add_file(struct pm_plan *p, struct pm_repo *repo, const struct pm_entry *f)
{
	PM_CLEAN_BUF struct pm_buf bytes = { 0 };
	struct pm_lines lines;
	size_t pos = 0, len;
	struct pm_str s;
	unsigned port;

	assert_int_equal(pm_repo_blob(repo, f->oid, &bytes, NULL), 0);
	s = (struct pm_str){ pm_buf_str(&bytes), bytes.n };
	pm_lines_init(&lines, &p->arena, s.p, s.n);
	p->n_files++;
	p->n_bytes += s.n;
	for (; (port = pm_port_next(s, &pos, &len)); pos += len)
		if (is_moved(p, port))
			add_edit(p, f, &lines, pos, len, port);
}

void pm_test_plan(struct pm_plan *out, struct pm_repo *repo, const char *commit,
		  const struct pm_test_move *moves, size_t n)
{
	struct pm_limits lim = PM_LIMITS_DEFAULT;
	struct pm_tree tree = { 0 };
	struct pm_err err = { 0 };

	memset(out, 0, sizeof(*out));
	out->complete = true;
	for (size_t i = 0; i < n; i++) {
		struct pm_move *m = PM_VEC_ADD(&out->moves);

		m->service = pm_arena_strdup(&out->arena, moves[i].service);
		m->from = moves[i].from;
		m->to = moves[i].to;
		m->order = (unsigned)i;
		m->after = -1;
		m->source_text = "by hand";
	}
	assert_int_equal(pm_repo_walk(repo, commit, &lim, &out->arena, &tree, &err), 0);
	memcpy(out->base, tree.commit, PM_OID_HEX);
	memcpy(out->base_tree, tree.tree, PM_OID_HEX);
	for (size_t i = 0; i < tree.n; i++)
		if (tree.v[i].skip == PM_SKIP_NONE)
			add_file(out, repo, &tree.v[i]);
	pm_tree_release(&tree);
}
