/*
 * registry_join.c - which declarations are one service: those that share a specific key (directory,
 * container, package, Kubernetes name, compose key of one stack). Here is, too, what a directory
 * is by custom: a holder of services, a project, a stack, a deployment of another's services.
 */
#include "registry_impl.h"

#include <string.h>

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

/* Is there a directory of this name among those of the project (outside `folder`)? */
static bool project_has(const struct pm_registry *r, const struct pm_decls *decls,
			const char *project, const char *folder, const char *name)
{
	for (size_t i = 0; i < decls->n; i++)
		for (size_t k = 0; k < decls->v[i].n; k++) {
			const struct pm_name *nm = &decls->v[i].names[k];

			if (nm->kind == PM_NAME_DIR &&
			    strcasecmp(pm_reg_base(nm->text), name) == 0 &&
			    strncmp(nm->text, folder, strlen(folder)) != 0 &&
			    strcmp(pm_reg_scope(r->arena, pm_reg_dir(r->arena, nm->text)),
				   project) == 0)
				return true;
		}
	return false;
}

/* How many Compose services of a folder are directories of the project. */
static unsigned count_deployed(const struct pm_registry *r, const struct pm_decls *decls,
			       const char *folder, const char *project)
{
	unsigned n = 0;

	for (size_t i = 0; i < decls->n; i++) {
		if (strcmp(pm_reg_scope(r->arena, pm_reg_dir(r->arena, decls->v[i].path)),
			   folder) != 0)
			continue;
		for (size_t k = 0; k < decls->v[i].n; k++)
			n += decls->v[i].names[k].kind == PM_NAME_COMPOSE &&
			     project_has(r, decls, project, folder, decls->v[i].names[k].text);
	}
	return n;
}

static bool is_deployment(const struct pm_registry *r, const char *folder)
{
	for (size_t i = 0; i < r->deployments.n; i++)
		if (strcmp(r->deployments.v[i].folder, folder) == 0)
			return true;
	return false;
}

/* Folders such as docker/community whose Compose services are the apps/ of the repository. */
void pm_reg_find_deployments(struct pm_registry *r, const struct pm_decls *decls)
{
	for (size_t i = 0; i < decls->n && r->deployments.n < 64; i++) {
		const char *folder = pm_reg_scope(r->arena, pm_reg_dir(r->arena, decls->v[i].path));
		const char *project;

		if (!*folder || !decls->v[i].n || decls->v[i].names[0].kind != PM_NAME_COMPOSE ||
		    is_deployment(r, folder))
			continue;
		project = pm_reg_scope(r->arena, pm_reg_dir(r->arena, folder));
		if (count_deployed(r, decls, folder, project) < 2 && *project)
			project = "";
		if (count_deployed(r, decls, folder, project) >= 2)
			*PM_VEC_ADD(&r->deployments) =
				(struct pm_reg_deployment){ folder, project };
	}
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
	       k == PM_NAME_CONTAINER || k == PM_NAME_K8S || k == PM_NAME_IMAGE;
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
	case PM_NAME_IMAGE: /* built by the module of the same long name */
		return strchr(pm_reg_base(nm->text), '-')
			       ? pm_arena_printf(a, "package:%s", pm_reg_base(nm->text)) : NULL;
	case PM_NAME_PACKAGE:
		return pm_arena_printf(a, "package:%s", nm->text);
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
