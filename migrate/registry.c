/*
 * registry.c - see registry.h. Fills the services from joined declarations, directories, the
 * schema and the configuration. Words, aliases, joining, project words and the questions have a
 * file each: registry_*.c.
 */
#include "registry_impl.h"

#include <string.h>

/* ---- what an entity has ---- */

unsigned pm_reg_new_entity(struct pm_registry *r, const char *name)
{
	struct pm_entity *e = PM_VEC_ADD(&r->entities);

	e->name = name;
	return (unsigned)r->entities.n - 1;
}

bool pm_reg_has_dir(const struct pm_entity *e, const char *dir)
{
	for (unsigned i = 0; i < e->n_dirs; i++)
		if (strcmp(e->dirs[i], dir) == 0)
			return true;
	return false;
}

static void add_owner(struct pm_arena *a, struct pm_reg_owner **all, const char *text,
		      unsigned entity)
{
	struct pm_reg_owner *o;

	HASH_FIND_STR(*all, text, o);
	if (!o) {
		o = PM_NEW(a, struct pm_reg_owner);
		o->text = text;
		o->entity = entity;
		HASH_ADD_KEYPTR(hh, *all, o->text, (unsigned)strlen(text), o);
		return;
	}
	o->several |= entity != o->entity;
	if (entity < o->entity)
		o->entity = entity;
}

void pm_reg_add_dir(struct pm_registry *r, unsigned entity, const char *dir)
{
	struct pm_entity *e = &r->entities.v[entity];
	const char **grown;

	if (!*dir || pm_reg_has_dir(e, dir))
		return;
	grown = PM_NEW_N(r->arena, const char *, e->n_dirs + 1);
	if (e->n_dirs)
		memcpy(grown, e->dirs, e->n_dirs * sizeof(*grown));
	grown[e->n_dirs++] = dir;
	e->dirs = grown;
	add_owner(r->arena, &r->dirs, dir, entity);
}

static void add_stack(struct pm_registry *r, struct pm_entity *e, const char *stack)
{
	const char **grown = PM_NEW_N(r->arena, const char *, e->n_stacks + 1);
	size_t at;

	if (!pm_reg_find_stack(r, pm_str_of(stack), &at)) {
		PM_VEC_ADD(&r->stacks);
		memmove(r->stacks.v + at + 1, r->stacks.v + at,
			(r->stacks.n - 1 - at) * sizeof(*r->stacks.v));
		r->stacks.v[at] = stack;
	}
	if (e->n_stacks)
		memcpy(grown, e->stacks, e->n_stacks * sizeof(*grown));
	grown[e->n_stacks++] = stack;
	e->stacks = grown;
}

static void add_variable(struct pm_registry *r, unsigned entity, const char *name)
{
	struct pm_entity *e = &r->entities.v[entity];
	const char **grown = PM_NEW_N(r->arena, const char *, e->n_variables + 1);

	if (e->n_variables)
		memcpy(grown, e->variables, e->n_variables * sizeof(*grown));
	grown[e->n_variables++] = name;
	e->variables = grown;
	add_owner(r->arena, &r->variables, name, entity);
}

static void add_port(struct pm_arena *a, struct pm_entity *e, unsigned port)
{
	unsigned *grown;

	for (unsigned i = 0; i < e->n_ports; i++)
		if (e->ports[i] == port)
			return;
	grown = PM_NEW_N(a, unsigned, e->n_ports + 1);
	if (e->n_ports)
		memcpy(grown, e->ports, e->n_ports * sizeof(*grown));
	grown[e->n_ports++] = port;
	e->ports = grown;
}

/* ---- from declarations ---- */

/* The first label of a public host name names the service it routes to. */
static const char *first_label(struct pm_arena *a, const char *host)
{
	size_t n = strcspn(host, ".");

	return pm_arena_strndup(a, host, n);
}

/* In a repository of many projects, "web" of "shop" is also "shop-web"; and a service called
 * "app" goes by its project's or its image's name. */
static void add_scoped_names(struct pm_registry *r, unsigned index, const struct pm_decl *d)
{
	const char *scope = r->entities.v[index].scope, *image = NULL, *key = NULL;

	for (size_t k = 0; k < d->n; k++) {
		if (d->names[k].kind == PM_NAME_IMAGE)
			image = d->names[k].text;
		else if (d->names[k].kind == PM_NAME_COMPOSE || d->names[k].kind == PM_NAME_K8S)
			key = d->names[k].text;
	}
	if (!key)
		return;
	if (image && (pm_reg_is_role_only(r, key) || strstr(pm_reg_base(image), key)))
		pm_reg_add_name(r, pm_reg_base(image), index);
	if (pm_reg_has_own_word(r, key)) {
		if (*scope)
			pm_reg_add_name(r,
					pm_arena_printf(r->arena, "%s-%s", pm_reg_base(scope), key),
					index);
		return;
	}
	if (*scope)
		pm_reg_add_name(r, pm_reg_base(scope), index);
	if (image && pm_reg_has_own_word(r, pm_reg_base(image)))
		pm_reg_add_name(r, pm_reg_base(image), index);
}

/* "api" in the compose file of one service's directory is that service, not the repository's
 * api; add_scoped_names gives it a name that tells. */
static bool is_local_role(struct pm_registry *r, const struct pm_decl *d, const struct pm_name *nm)
{
	if (nm->kind != PM_NAME_COMPOSE || !*pm_reg_stack_of(r, d->path) ||
	    !pm_reg_is_role_only(r, nm->text))
		return false;
	for (size_t k = 0; k < d->n; k++)
		if (d->names[k].kind == PM_NAME_DIR &&
		    pm_reg_has_own_word(r, pm_reg_base(d->names[k].text)))
			return true;
	return false;
}

static void fill_entity(struct pm_registry *r, unsigned index, const struct pm_decl *d)
{
	struct pm_entity *e = &r->entities.v[index];

	for (size_t k = 0; k < d->n; k++) {
		const struct pm_name *nm = &d->names[k];

		switch (nm->kind) {
		case PM_NAME_DIR:
			if (pm_reg_is_holder(pm_str_of(pm_reg_base(nm->text))))
				break;
			e->declared |= pm_reg_holds_services(pm_reg_dir(r->arena, nm->text));
			pm_reg_add_dir(r, index, nm->text);
			pm_reg_add_name(r, pm_reg_base(nm->text), index);
			break;
		case PM_NAME_HOSTNAME:
			pm_reg_add_name(r, first_label(r->arena, nm->text), index);
			break;
		case PM_NAME_PROJECT:
		case PM_NAME_IMAGE:
			break;
		case PM_NAME_VARIABLE:
			add_variable(r, index, nm->text);
			break;
		case PM_NAME_COMPOSE:
			add_stack(r, e, pm_reg_stack_of(r, d->path));
			/* fall through */
		case PM_NAME_CONTAINER:
		case PM_NAME_K8S:
			e->declared = true;
			/* fall through */
		default:
			if (!is_local_role(r, d, nm))
				pm_reg_add_name(r, nm->text, index);
			if (!e->name || nm->kind == PM_NAME_COMPOSE || nm->kind == PM_NAME_K8S)
				e->name = nm->text;
		}
	}
	for (size_t k = 0; k < d->n_ports; k++)
		add_port(r->arena, e, d->ports[k]);
	if (!e->name && e->n_dirs)
		e->name = pm_reg_base(e->dirs[0]);
	if (!e->scope)
		e->scope = e->n_dirs ? pm_reg_scope(r->arena, pm_reg_dir(r->arena, e->dirs[0]))
				     : pm_reg_stack_of(r, d->path);
	add_scoped_names(r, index, d);
}

/* A public name that nothing else goes by. Where a label is a service's own name, the tunnel
 * routes to that service, and adding another would only make the name ambiguous. */
static bool is_lone_hostname(struct pm_registry *r, const struct pm_decl *d, bool *taken)
{
	for (size_t k = 0; k < d->n; k++)
		if (d->names[k].kind != PM_NAME_HOSTNAME)
			return false;
	*taken = d->n == 0;
	for (size_t k = 0; k < d->n; k++) {
		struct pm_word w[PM_REG_WORDS];
		const char *all[PM_REG_WORDS];
		unsigned n = pm_reg_split(r, r, pm_str_of(first_label(r->arena, d->names[k].text)),
					  w, PM_REG_WORDS);

		for (unsigned i = 0; i < n; i++)
			all[i] = w[i].text;
		*taken |= n && pm_reg_find_alias(r, all, n);
	}
	return true;
}

/* ---- from the schema and the directories ---- */

/* Only third-party or schema-known services get an entity from the schema: names that no manifest
 * has are names nevertheless. */
static void add_schema(struct pm_registry *r, const struct pm_schema *schema)
{
	for (size_t i = 0; i < schema->services.n; i++) {
		const struct pm_service *s = &schema->services.v[i];

		for (size_t k = 0; k < s->n; k++) {
			const struct pm_endpoint *ep = &s->endpoints[k];
			unsigned e = pm_reg_new_entity(r, ep->name);

			r->entities.v[e].scope = "";
			pm_reg_add_name(r, ep->name, e);
			if (s->n == 1)
				pm_reg_add_name(r, s->title ? s->title : s->name, e);
			for (size_t q = 0; s->n == 1 && q < s->n_aliases; q++)
				pm_reg_add_name(r, s->aliases[q], e);
			if (ep->state == PM_STATE_REAL)
				add_port(r->arena, &r->entities.v[e], ep->lo);
		}
	}
}

/* A directory around directories of services is theirs together, or that of the only one. */
static bool holds_entities(struct pm_registry *r, const char *dir)
{
	size_t n = strlen(dir);
	unsigned inside = 0;
	int only = -1;

	for (unsigned i = 0; i < r->entities.n; i++)
		for (unsigned k = 0; k < r->entities.v[i].n_dirs; k++) {
			const char *d = r->entities.v[i].dirs[k];

			if (strncmp(d, dir, n) == 0 && d[n] == '/' && only != (int)i) {
				only = (int)i;
				inside++;
			}
		}
	if (inside == 1) {
		pm_reg_add_dir(r, (unsigned)only, dir);
		pm_reg_add_name(r, pm_reg_base(dir), (unsigned)only);
	}
	return inside > 0;
}

/* Children of services/ and the like that no manifest describes are services, too. */
static void add_directories(struct pm_registry *r, const char *const *paths, size_t n)
{
	const char *last = "";

	for (size_t i = 0; i < n; i++) {
		for (const char *s = strchr(paths[i], '/'); s; s = strchr(s + 1, '/')) {
			const char *dir = pm_arena_strndup(r->arena, paths[i],
							   (size_t)(s - paths[i]));
			unsigned e;
			int owner;

			if (strcmp(dir, last) == 0 ||
			    !pm_reg_holds_services(pm_reg_dir(r->arena, dir)))
				continue;
			last = dir;
			owner = pm_registry_dir_owner(r, paths[i]);
			if (owner >= 0 && pm_reg_has_dir(&r->entities.v[owner], dir))
				continue;
			if (holds_entities(r, dir))
				continue;
			e = pm_reg_new_entity(r, pm_reg_base(dir));
			r->entities.v[e].declared = true;
			r->entities.v[e].scope = pm_reg_scope(r->arena, pm_reg_dir(r->arena, dir));
			pm_reg_add_dir(r, e, dir);
			pm_reg_add_name(r, pm_reg_base(dir), e);
		}
	}
}

/* Beside these, a package runs: settings of its environment, or for the server that shows it. */
static const char *const running_files[] = {
	".env.example", ".env.sample", ".env.template", ".env", ".env.local.example",
	"vite.config.ts", "vite.config.js", "next.config.js", "next.config.mjs", "next.config.ts",
	"nuxt.config.ts", "angular.json", "Procfile", "manage.py", "wrangler.toml",
	"ecosystem.config.js", NULL
};

static bool tells_running(const char *path)
{
	const char *base = pm_reg_base(path);

	for (size_t k = 0; running_files[k]; k++)
		if (strcmp(base, running_files[k]) == 0)
			return true;
	return false;
}

static void find_running(struct pm_registry *r)
{
	for (size_t i = 0; i < r->n_paths; i++) {
		const char *dir;
		int owner;

		if (!tells_running(r->paths[i]))
			continue;
		dir = pm_reg_dir(r->arena, r->paths[i]);
		owner = *dir ? pm_registry_dir_owner(r, dir) : -1;
		if (owner >= 0 && pm_reg_has_dir(&r->entities.v[owner], dir))
			r->entities.v[owner].declared = true;
	}
}

struct directory {
	const char *text;
	UT_hash_handle hh;
};

const char **pm_registry_paths(struct pm_arena *a, const char *const *paths, size_t n, size_t *kept)
{
	const char **v = PM_NEW_N(a, const char *, n + 1);
	struct directory *seen = NULL, *d;

	*kept = 0;
	for (size_t i = 0; i < n; i++) {
		const char *slash = strrchr(paths[i], '/');
		const size_t len = slash ? (size_t)(slash - paths[i]) + 1 : 0;

		HASH_FIND(hh, seen, paths[i], (unsigned)len, d);
		if (!d) {
			d = PM_NEW(a, struct directory);
			d->text = pm_arena_strndup(a, paths[i], len);
			HASH_ADD_KEYPTR(hh, seen, d->text, (unsigned)len, d);
			v[(*kept)++] = d->text;
		}
		if (tells_running(paths[i])) {
			if (v[*kept - 1] == d->text)
				--*kept; /* the file tells of its directory as well */
			v[(*kept)++] = paths[i];
		}
	}
	HASH_CLEAR(hh, seen);
	return v;
}

/* What one manifest runs runs under all its names: the directory of a Compose service's code is
 * a service though only its name tells. */
static void spread_declared(struct pm_registry *r)
{
	struct pm_reg_alias *e, *tmp;

	HASH_ITER(hh, r->aliases, e, tmp)
		for (size_t i = 0; i < e->list.n; i++) {
			const struct pm_name_alias *al = e->list.v[i];
			bool declared = false;

			for (unsigned k = 0; k < al->n_entities; k++)
				declared |= r->entities.v[al->entities[k]].declared;
			for (unsigned k = 0; declared && al->class < PM_ALIAS_ROLE &&
					     k < al->n_entities; k++)
				r->entities.v[al->entities[k]].declared = true;
		}
}

/* ---- the whole ---- */

struct pm_registry *pm_registry_build(struct pm_arena *a, const struct pm_inventory *inv,
				      const struct pm_schema *schema,
				      const struct pm_config *config)
{
	struct pm_registry *r = PM_NEW(a, struct pm_registry);
	const struct pm_decls *decls = &inv->decls;
	unsigned *parent = PM_NEW_N(a, unsigned, decls->n + 1);
	unsigned *index = PM_NEW_N(a, unsigned, decls->n + 1);
	bool taken;

	r->arena = a;
	r->paths = pm_registry_paths(a, inv->paths, inv->n_paths, &r->n_paths);
	pm_reg_intern_vocabulary(r);
	pm_reg_find_deployments(r, decls);
	pm_reg_find_project_words(r, decls);
	for (unsigned i = 0; i < decls->n; i++)
		parent[i] = i;
	pm_reg_join(r, decls, parent);
	for (unsigned i = 0; i < decls->n; i++) {
		unsigned root = pm_reg_root(parent, i);

		if (is_lone_hostname(r, &decls->v[i], &taken))
			continue; /* never joined; below, when all other names are known */
		if (root == i)
			index[i] = pm_reg_new_entity(r, NULL);
		fill_entity(r, index[root], &decls->v[i]);
	}
	add_directories(r, r->paths, r->n_paths);
	for (unsigned i = 0; i < decls->n; i++)
		if (is_lone_hostname(r, &decls->v[i], &taken) && !taken)
			fill_entity(r, pm_reg_new_entity(r, NULL), &decls->v[i]);
	find_running(r);
	spread_declared(r);
	if (schema)
		add_schema(r, schema);
	for (size_t i = 0; config && i < config->aliases.n; i++) {
		const struct pm_alias *al = &config->aliases.v[i];
		unsigned found[16], n = pm_registry_resolve(r, al->service, found, 16);

		for (unsigned k = 0; k < n; k++)
			for (size_t q = 0; q < al->n; q++)
				pm_reg_add_name(r, al->names[q], found[k]);
	}
	return r;
}

void pm_registry_release(struct pm_registry *r)
{
	struct pm_reg_alias *al, *al_tmp;
	struct pm_reg_word *w, *w_tmp;

	if (!r)
		return;
	HASH_ITER(hh, r->aliases, al, al_tmp) {
		HASH_DEL(r->aliases, al);
		PM_VEC_FREE(&al->list);
	}
	HASH_ITER(hh, r->words, w, w_tmp)
		HASH_DEL(r->words, w);
	HASH_CLEAR(hh, r->dirs);
	HASH_CLEAR(hh, r->variables);
	PM_VEC_FREE(&r->entities);
	PM_VEC_FREE(&r->stacks);
	PM_VEC_FREE(&r->deployments);
}

unsigned pm_registry_count(const struct pm_registry *r)
{
	return (unsigned)r->entities.n;
}

const struct pm_entity *pm_registry_entity(const struct pm_registry *r, unsigned i)
{
	return &r->entities.v[i];
}
