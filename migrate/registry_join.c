/*
 * registry_join.c - which declarations are one service: those that share a specific key (directory,
 * container, package, Kubernetes name, compose key of one stack). Here is, too, what a directory
 * is by custom: a holder of services, a project, a stack, a deployment of another's services.
 */
#include "registry_impl.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPLOYMENTS = 64 };

/* ---- directories ---- */

const char *pm_reg_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *pm_reg_dir(struct pm_arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? pm_arena_strndup(a, path, (size_t)(slash - path)) : "";
}

/* Directories that hold services rather than being one. */
bool pm_reg_is_holder(struct pm_str name)
{
	static const char *const holders[] = {
		"apps", "services", "packages", "libs", "modules", "projects", "crates", "cmd",
		"src", "servers", "microservices", "deploy", "deployment", "deployments", "docker",
		"infra", "infrastructure", "k8s", "kubernetes", "helm", "charts", "config",
		"configs", "ops", "scripts", "manifests", "base", "overlays", "production",
		"staging", "terraform", "ansible", ".github", "workflows", "monitoring",
		"prometheus", "environments", "compose", "stacks", "templates", "nginx",
		"observability", "argocd", "gitops", "tools", "build", "ci", NULL
	};

	static const char *const stems[] = { "k8s", "kube", "manifest", "helm", "kustom", "deploy",
					     "release", "chart", "gitops", "compose", "docker", NULL };

	for (size_t i = 0; holders[i]; i++)
		if (pm_str_ieq(name, holders[i]))
			return true;
	for (size_t i = 0; stems[i]; i++)
		if (pm_str_find(name, stems[i], true) != SIZE_MAX)
			return true;
	return name.n && name.p[0] == '.';
}

/* Directories whose children are services by custom. */
bool pm_reg_holds_services(const char *dir)
{
	static const char *const names[] = { "apps", "services", "servers", "microservices", NULL };
	const char *slash = strrchr(dir, '/');

	/* "apps/shop/src/services": parts of the code of one */
	if (strstr(dir, "/src/"))
		return false;
	for (size_t i = 0; names[i]; i++)
		if (strcmp(slash ? slash + 1 : dir, names[i]) == 0)
			return true;
	return false;
}

/* The project's directory: `dir` without trailing components that only hold services. */
const char *pm_reg_scope(struct pm_arena *a, const char *dir)
{
	size_t n = strlen(dir);

	while (n) {
		size_t from = n;

		while (from && dir[from - 1] != '/')
			from--;
		if (!pm_reg_is_holder((struct pm_str){ dir + from, n - from }))
			break;
		n = from ? from - 1 : 0;
	}
	return pm_arena_strndup(a, dir, n);
}

/* ---- stacks and deployments ---- */

/* The directory of the stack that a file declares services of. */
const char *pm_reg_stack_of(const struct pm_registry *r, const char *path)
{
	const char *folder = pm_reg_scope(r->arena, pm_reg_dir(r->arena, path));

	for (size_t i = 0; i < r->deployments.n; i++)
		if (strcmp(r->deployments.v[i].folder, folder) == 0)
			return r->deployments.v[i].project;
	return folder;
}

/* What declarations say about folders, each path taken apart once. */
struct folder {
	const char *path; /* scope of the files in it */
	struct { const struct pm_decl **v; size_t n, cap; } decls;
	UT_hash_handle hh;
};

struct child { /* directories of one name in one project */
	const char *key;
	struct { const char **v; size_t n, cap; } dirs;
	UT_hash_handle hh;
};

struct layout {
	struct pm_arena *arena;
	struct folder *folders;
	struct child *children;
};

static const char *child_key(struct pm_arena *a, const char *project, const char *name)
{
	char *key = pm_arena_strdup(a, name);

	for (char *p = key; *p; p++)
		*p = pm_lower(*p);
	return pm_arena_printf(a, "%s//%s", project, key);
}

static void add_child(struct layout *l, const char *dir)
{
	const char *project = pm_reg_scope(l->arena, pm_reg_dir(l->arena, dir));
	const char *key = child_key(l->arena, project, pm_reg_base(dir));
	struct child *c;

	HASH_FIND_STR(l->children, key, c);
	if (!c) {
		c = PM_NEW(l->arena, struct child);
		c->key = key;
		HASH_ADD_KEYPTR(hh, l->children, c->key, (unsigned)strlen(key), c);
	}
	if (!c->dirs.n || strcmp(c->dirs.v[c->dirs.n - 1], dir) != 0)
		*PM_VEC_ADD(&c->dirs) = dir;
}

static void add_to_folder(struct layout *l, const struct pm_decl *d)
{
	const char *path = pm_reg_scope(l->arena, pm_reg_dir(l->arena, d->path));
	struct folder *f;

	HASH_FIND_STR(l->folders, path, f);
	if (!f) {
		f = PM_NEW(l->arena, struct folder);
		f->path = path;
		HASH_ADD_KEYPTR(hh, l->folders, f->path, (unsigned)strlen(path), f);
	}
	*PM_VEC_ADD(&f->decls) = d;
}

static void free_layout(struct layout *l)
{
	struct folder *f, *next_folder;
	struct child *c, *next_child;

	HASH_ITER(hh, l->folders, f, next_folder) {
		HASH_DEL(l->folders, f);
		PM_VEC_FREE(&f->decls);
	}
	HASH_ITER(hh, l->children, c, next_child) {
		HASH_DEL(l->children, c);
		PM_VEC_FREE(&c->dirs);
	}
	pm_arena_release(l->arena);
}

/* Is there a directory of this name among those of the project (outside `folder`)? */
static bool project_has(const struct layout *l, const char *project, const char *folder,
			const char *name)
{
	const char *key = child_key(l->arena, project, name);
	struct child *c;

	HASH_FIND_STR(l->children, key, c);
	for (size_t i = 0; c && i < c->dirs.n; i++)
		if (strncmp(c->dirs.v[i], folder, strlen(folder)) != 0)
			return true;
	return false;
}

/* Are two or more Compose services of the folder directories of the project? */
static bool runs_project(const struct layout *l, const struct folder *f, const char *project)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->decls.n && n < 2; i++)
		for (size_t k = 0; k < f->decls.v[i]->n && n < 2; k++)
			n += f->decls.v[i]->names[k].kind == PM_NAME_COMPOSE &&
			     project_has(l, project, f->path, f->decls.v[i]->names[k].text);
	return n == 2;
}

static bool declares_compose(const struct folder *f)
{
	for (size_t i = 0; i < f->decls.n; i++)
		if (f->decls.v[i]->n && f->decls.v[i]->names[0].kind == PM_NAME_COMPOSE)
			return true;
	return false;
}

/* Folders such as docker/community whose Compose services are the apps/ of the repository. */
void pm_reg_find_deployments(struct pm_registry *r, const struct pm_decls *decls)
{
	struct pm_arena scratch = { 0 };
	struct layout l = { .arena = &scratch };
	struct folder *f, *next;

	for (size_t i = 0; i < decls->n; i++) {
		add_to_folder(&l, &decls->v[i]);
		for (size_t k = 0; k < decls->v[i].n; k++)
			if (decls->v[i].names[k].kind == PM_NAME_DIR)
				add_child(&l, decls->v[i].names[k].text);
	}
	HASH_ITER(hh, l.folders, f, next) { /* in the order of the declarations */
		const char *project = pm_reg_scope(r->arena, pm_reg_dir(r->arena, f->path));

		if (!*f->path || !declares_compose(f) || r->deployments.n == MAX_DEPLOYMENTS)
			continue;
		if (!runs_project(&l, f, project)) {
			project = "";
			if (!runs_project(&l, f, project))
				continue;
		}
		*PM_VEC_ADD(&r->deployments) = (struct pm_reg_deployment){
			pm_arena_strdup(r->arena, f->path), project };
	}
	free_layout(&l);
}

/* ---- keys ---- */

unsigned pm_reg_root(unsigned *parent, unsigned i)
{
	while (parent[i] != i) {
		parent[i] = parent[parent[i]];
		i = parent[i];
	}
	return i;
}

static bool is_key_kind(enum pm_name_kind k)
{
	return k == PM_NAME_DIR || k == PM_NAME_PACKAGE || k == PM_NAME_COMPOSE ||
	       k == PM_NAME_CONTAINER || k == PM_NAME_K8S || k == PM_NAME_IMAGE || k == PM_NAME_JOB;
}

/* The key by which a name joins declarations, or NULL: directories and packages are global,
 * compose keys belong to their stack. */
static const char *join_key(const struct pm_registry *r, const struct pm_decl *d,
			    const struct pm_name *nm)
{
	struct pm_arena *a = r->arena;

	if (!is_key_kind(nm->kind) || !*nm->text)
		return NULL;
	/* "server", "web", "project": many things are called so, and are not one thing */
	if (nm->kind != PM_NAME_DIR && nm->kind != PM_NAME_COMPOSE &&
	    !pm_reg_tells_apart(r, nm->text))
		return NULL;
	switch (nm->kind) {
	case PM_NAME_DIR:
		return pm_arena_printf(a, "dir:%s", nm->text);
	case PM_NAME_COMPOSE:
		return pm_arena_printf(a, "compose:%s:%s", pm_reg_stack_of(r, d->path), nm->text);
	case PM_NAME_CONTAINER:
		return pm_arena_printf(a, "name:%s", nm->text);
	case PM_NAME_JOB: /* that scrapes the service of the same long name */
		return strchr(nm->text, '-') ? pm_arena_printf(a, "name:%s", nm->text) : NULL;
	case PM_NAME_IMAGE: /* built by the module of the same long name */
		return strchr(pm_reg_base(nm->text), '-')
			       ? pm_arena_printf(a, "name:%s", pm_reg_base(nm->text)) : NULL;
	case PM_NAME_PACKAGE: /* what runs under the long name of a package is that package */
		return pm_arena_printf(a, strchr(nm->text, '-') ? "name:%s" : "package:%s", nm->text);
	default:
		return pm_arena_printf(a, "name:%s", nm->text);
	}
}

/* Two services of one compose file built from one directory stay two services. */
static bool same_file_services(const struct pm_decl *x, const struct pm_decl *y)
{
	bool cx = false, cy = false;

	for (size_t i = 0; i < x->n; i++)
		cx |= x->names[i].kind == PM_NAME_COMPOSE;
	for (size_t i = 0; i < y->n; i++)
		cy |= y->names[i].kind == PM_NAME_COMPOSE;
	return cx && cy && strcmp(x->path, y->path) == 0;
}

void pm_reg_join(const struct pm_registry *r, const struct pm_decls *decls,
		 unsigned *parent)
{
	struct pm_arena *a = r->arena;
	struct pm_reg_key *keys = NULL, *e, *tmp;

	for (unsigned i = 0; i < decls->n; i++) {
		bool first_k8s = true;

		for (size_t k = 0; k < decls->v[i].n; k++) {
			const struct pm_name *nm = &decls->v[i].names[k];
			const char *key;

			if (nm->kind == PM_NAME_K8S && !first_k8s)
				continue; /* labels are shared by whole applications */
			first_k8s &= nm->kind != PM_NAME_K8S;
			key = join_key(r, &decls->v[i], nm);
			if (!key)
				continue;
			e = NULL;
			HASH_FIND_STR(keys, key, e);
			if (!e) {
				e = PM_NEW(a, struct pm_reg_key);
				e->key = key;
				e->decl = i;
				HASH_ADD_KEYPTR(hh, keys, e->key, (unsigned)strlen(key), e);
			} else if (!same_file_services(&decls->v[e->decl], &decls->v[i])) {
				unsigned x = pm_reg_root(parent, e->decl);
				unsigned y = pm_reg_root(parent, i);

				parent[x < y ? y : x] = x < y ? x : y;
			}
		}
	}
	HASH_ITER(hh, keys, e, tmp)
		HASH_DEL(keys, e);
}
