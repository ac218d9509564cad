/*
 * registry.c - see registry.h. Declarations that share a specific key (directory, container,
 * package, Kubernetes name, compose key of one stack) are one service.
 */
#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 0
#include <uthash.h>

enum { MAX_WORDS = 12 };

struct word_entry {
	const char *text;
	bool project;
	UT_hash_handle hh;
};

struct key_entry { /* "dir:apps/web" -> declaration that first had it */
	const char *key;
	unsigned decl;
	unsigned uses;
	UT_hash_handle hh;
};

/* All aliases that start with one word, longest first. */
struct alias_entry {
	const char *first;
	struct { struct pm_name_alias **v; size_t n, cap; } list;
	UT_hash_handle hh;
};

/* A folder of Compose files that runs the services of a project above it: no stack of its own. */
struct deployment {
	const char *folder, *project;
};

struct pm_registry {
	struct pm_arena *arena;
	struct word_entry *words;
	struct alias_entry *aliases;
	struct { struct pm_entity *v; size_t n, cap; } entities;
	struct { const char **v; size_t n, cap; } stacks;
	const char *const *paths; /* of the commit */
	size_t n_paths;
	struct { struct deployment *v; size_t n, cap; } deployments;
};


/* ---- words ---- */

static struct word_entry *find_word(const struct pm_registry *r, const char *p, size_t n)
{
	struct word_entry *e = NULL;

	HASH_FIND(hh, r->words, p, (unsigned)n, e);
	return e;
}

static struct word_entry *intern(struct pm_registry *r, const char *p, size_t n)
{
	struct word_entry *e = find_word(r, p, n);

	if (e)
		return e;
	e = PM_NEW(r->arena, struct word_entry);
	e->text = pm_arena_strndup(r->arena, p, n);
	HASH_ADD_KEYPTR(hh, r->words, e->text, (unsigned)n, e);
	return e;
}

static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_alpha(char c)
{
	c = to_lower(c);
	return c >= 'a' && c <= 'z';
}

/* A letter, or the first byte of a two-byte one (German and Greek names are words, too; arrows,
 * boxes and emoji, which take three and four bytes, are not). */
static bool is_letter(char c)
{
	return is_alpha(c) || ((unsigned char)c >= 0xc3 && (unsigned char)c <= 0xdf);
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* End of the word that starts at i: camelCase humps and acronyms ("URLPath" -> URL, Path). */
static size_t word_end(struct pm_str s, size_t i)
{
	size_t k = i + 1;

	if (is_capital(s.p[i])) {
		while (k < s.n && is_capital(s.p[k]))
			k++;
		if (k - i > 1) {
			if (k < s.n && is_alpha(s.p[k]) && !(s.p[k] == 's' && (k + 1 == s.n ||
			    !is_alpha(s.p[k + 1]))))
				return k - 1;
			goto digits;
		}
	}
	while (k < s.n && !is_capital(s.p[k]) &&
	       (is_letter(s.p[k]) || (is_continuation(s.p[k]) && !is_alpha(s.p[k - 1]) &&
				      (is_letter(s.p[k - 1])))))
		k++;
digits:
	while (k < s.n && pm_is_digit(s.p[k]))
		k++;
	return k;
}

static unsigned split_words(const struct pm_registry *r, struct pm_registry *add,
			    struct pm_str text, struct pm_word *out, unsigned max)
{
	unsigned n = 0;

	for (size_t i = 0; i < text.n && n < max;) {
		char lower[64];
		size_t end, len;
		struct word_entry *e;

		if (!is_letter(text.p[i])) {
			i++;
			continue;
		}
		end = word_end(text, i);
		len = end - i < sizeof(lower) ? end - i : sizeof(lower);
		for (size_t k = 0; k < len; k++)
			lower[k] = to_lower(text.p[i + k]);
		e = add ? intern(add, lower, len) : find_word(r, lower, len);
		out[n++] = (struct pm_word){ e ? e->text : NULL, (uint32_t)i,
					     (uint32_t)(end - i) };
		i = end;
	}
	return n;
}

unsigned pm_registry_words(const struct pm_registry *r, struct pm_str text, struct pm_word *out,
			   unsigned max)
{
	return split_words(r, NULL, text, out, max);
}

enum pm_word_class pm_registry_word_class(const struct pm_registry *r, const char *lower)
{
	const struct word_entry *e;

	if (!lower)
		return PM_WORD_OTHER;
	e = find_word(r, lower, strlen(lower));
	if (e && e->project)
		return PM_WORD_PROJECT;
	if (pm_role_group(lower))
		return PM_WORD_ROLE;
	return pm_word_is_noise(lower) ? PM_WORD_NOISE : PM_WORD_OTHER;
}

/* ---- aliases ---- */

static int longer_first(const void *pa, const void *pb)
{
	const struct pm_name_alias *a = *(struct pm_name_alias *const *)pa;
	const struct pm_name_alias *b = *(struct pm_name_alias *const *)pb;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	for (unsigned i = 0; i < a->n; i++) {
		int c = strcmp(a->words[i], b->words[i]);

		if (c)
			return c;
	}
	return 0;
}

static struct pm_name_alias *find_alias(const struct pm_registry *r, const char *const *words,
					unsigned n)
{
	struct alias_entry *e = NULL;

	HASH_FIND(hh, r->aliases, words[0], (unsigned)strlen(words[0]), e);
	for (size_t i = 0; e && i < e->list.n; i++) {
		struct pm_name_alias *al = e->list.v[i];
		unsigned k = 0;

		while (al->n == n && k < n && al->words[k] == words[k])
			k++;
		if (al->n == n && k == n)
			return al;
	}
	return NULL;
}

static void add_entity_to(struct pm_registry *r, struct pm_name_alias *al, unsigned entity)
{
	unsigned *grown;

	for (unsigned i = 0; i < al->n_entities; i++)
		if (al->entities[i] == entity)
			return;
	grown = PM_NEW_N(r->arena, unsigned, al->n_entities + 1);
	if (al->n_entities)
		memcpy(grown, al->entities, al->n_entities * sizeof(*grown));
	grown[al->n_entities++] = entity;
	al->entities = grown;
}

static void add_alias(struct pm_registry *r, const char *const *words, unsigned n,
		      enum pm_alias_class class, unsigned entity, const char *shown)
{
	struct pm_name_alias *al;
	struct alias_entry *e = NULL;

	if (!n)
		return;
	al = find_alias(r, words, n);
	if (!al) {
		al = PM_NEW(r->arena, struct pm_name_alias);
		al->words = PM_NEW_N(r->arena, const char *, n);
		memcpy(al->words, words, n * sizeof(*words));
		al->n = n;
		al->class = class;
		al->shown = shown;
		HASH_FIND(hh, r->aliases, words[0], (unsigned)strlen(words[0]), e);
		if (!e) {
			e = PM_NEW(r->arena, struct alias_entry);
			e->first = words[0];
			HASH_ADD_KEYPTR(hh, r->aliases, e->first, (unsigned)strlen(e->first), e);
		}
		*PM_VEC_ADD(&e->list) = al;
		qsort(e->list.v, e->list.n, sizeof(*e->list.v), longer_first);
	}
	if (class < al->class)
		al->class = class;
	add_entity_to(r, al, entity);
}

/* What is left of a name without the project's words and without affixes: the part that tells
 * it from its neighbours. "acme-image-gen-service" -> image gen. */
static unsigned core_of(const struct pm_registry *r, const struct pm_word *w, unsigned n,
			const char **core)
{
	unsigned kept = 0, from = 0;

	for (unsigned i = 0; i < n; i++)
		if (pm_registry_word_class(r, w[i].text) != PM_WORD_PROJECT)
			core[kept++] = w[i].text;
	while (kept > 1 && pm_word_is_affix(core[kept - 1]))
		kept--;
	while (from + 1 < kept && pm_word_is_affix(core[from]))
		from++;
	for (unsigned i = from; from && i < kept; i++)
		core[i - from] = core[i];
	kept -= from;
	return kept == 1 && (pm_word_is_affix(core[0]) || pm_word_is_noise(core[0])) ? 0 : kept;
}

static void count_classes(const struct pm_registry *r, const char *const *words, unsigned n,
			  unsigned *count)
{
	memset(count, 0, (PM_WORD_NOISE + 1) * sizeof(*count));
	for (unsigned i = 0; i < n; i++)
		count[pm_registry_word_class(r, words[i])]++;
}

/* "image-gen" is also written "imagegen". */
static void add_joined(struct pm_registry *r, const char *const *words, unsigned n,
		       enum pm_alias_class class, unsigned entity, const char *name)
{
	char joined[64];
	size_t len = 0;
	const char *word;

	for (unsigned i = 0; i < n; i++) {
		if (len + strlen(words[i]) >= sizeof(joined))
			return;
		memcpy(joined + len, words[i], strlen(words[i]));
		len += strlen(words[i]);
	}
	if (n < 2 || len < 6)
		return;
	word = intern(r, joined, len)->text;
	add_alias(r, &word, 1, class, entity, name);
}

/* "cartservice" is also "cart". */
static void add_stem(struct pm_registry *r, const char *word, unsigned entity, const char *name)
{
	static const char *const ends[] = { "service", "svc", "server", NULL };
	size_t n = strlen(word);

	for (size_t i = 0; ends[i]; i++) {
		size_t len = strlen(ends[i]);
		const char *stem;

		if (n < len + 3 || strcmp(word + n - len, ends[i]) != 0)
			continue;
		stem = intern(r, word, n - len)->text;
		if (pm_registry_word_class(r, stem) == PM_WORD_OTHER)
			add_alias(r, &stem, 1, PM_ALIAS_CORE, entity, name);
	}
}

/* "socket-proxy", "api-gateway": two different roles make a name. */
static bool has_two_roles(const char *const *words, unsigned n)
{
	unsigned first = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned group = pm_role_group(words[i]);

		if (first && group && group != first)
			return true;
		first = first ? first : group;
	}
	return false;
}

/* The aliases one name gives: itself, and its core. */
static void add_name(struct pm_registry *r, const char *name, unsigned entity)
{
	struct pm_word w[MAX_WORDS];
	const char *all[MAX_WORDS], *core[MAX_WORDS];
	unsigned n = split_words(r, r, pm_str_of(name), w, MAX_WORDS), n_core;
	unsigned whole[PM_WORD_NOISE + 1], part[PM_WORD_NOISE + 1];

	for (unsigned i = 0; i < n; i++)
		all[i] = w[i].text;
	if (n == 1)
		add_stem(r, all[0], entity, name);
	for (size_t i = 0; n == 1 && pm_word_also(all[0], i); i++) {
		const char *also = pm_word_also(all[0], i);

		also = intern(r, also, strlen(also))->text;
		add_alias(r, &also, 1, PM_ALIAS_CORE, entity, name);
	}
	n_core = core_of(r, w, n, core);
	/* "config-server": nothing but common words, yet a name; so is the project's own */
	if (!n_core && (n >= 2 || (n == 1 && pm_registry_word_class(r, all[0]) == PM_WORD_PROJECT)))
		add_alias(r, all, n, n >= 2 ? PM_ALIAS_FULL : PM_ALIAS_ROLE, entity, name);
	if (!n_core)
		return;
	count_classes(r, all, n, whole);
	count_classes(r, core, n_core, part);
	if (part[PM_WORD_OTHER] || part[PM_WORD_NOISE] || has_two_roles(core, n_core)) {
		enum pm_alias_class c = n_core > 1 ? PM_ALIAS_FULL : PM_ALIAS_CORE;

		if (n_core == 1 && part[PM_WORD_NOISE])
			return;
		add_alias(r, all, n, n > 1 ? PM_ALIAS_FULL : PM_ALIAS_CORE, entity, name);
		add_alias(r, core, n_core, c, entity, name);
		add_joined(r, core, n_core, PM_ALIAS_CORE, entity, name);
	} else {
		add_alias(r, all, n, whole[PM_WORD_PROJECT] ? PM_ALIAS_FULL : PM_ALIAS_ROLE, entity,
			  name);
		add_alias(r, core, n_core, PM_ALIAS_ROLE, entity, name);
	}
}

/* ---- building: declarations to services ---- */

static unsigned find_root(unsigned *parent, unsigned i)
{
	while (parent[i] != i) {
		parent[i] = parent[parent[i]];
		i = parent[i];
	}
	return i;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *dir_of(struct pm_arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? pm_arena_strndup(a, path, (size_t)(slash - path)) : "";
}

/* Directories that hold services rather than being one. */
static bool is_holder(struct pm_str name)
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
static bool holds_services(const char *dir)
{
	static const char *const names[] = { "apps", "services", "servers", "microservices", NULL };
	const char *slash = strrchr(dir, '/');

	for (size_t i = 0; names[i]; i++)
		if (strcmp(slash ? slash + 1 : dir, names[i]) == 0)
			return true;
	return false;
}

/* The project's directory: `dir` without trailing components that only hold services. */
static const char *scope_of(struct pm_arena *a, const char *dir)
{
	size_t n = strlen(dir);

	while (n) {
		size_t from = n;

		while (from && dir[from - 1] != '/')
			from--;
		if (!is_holder((struct pm_str){ dir + from, n - from }))
			break;
		n = from ? from - 1 : 0;
	}
	return pm_arena_strndup(a, dir, n);
}

/* Has the name a word that is neither a role nor common? */
static bool tells_apart(const struct pm_registry *r, const char *name)
{
	struct pm_word w[MAX_WORDS];
	unsigned n = split_words(r, NULL, pm_str_of(name), w, MAX_WORDS);

	for (unsigned i = 0; i < n; i++) {
		enum pm_word_class c = pm_registry_word_class(r, w[i].text);

		if (c == PM_WORD_OTHER || c == PM_WORD_PROJECT)
			return true;
	}
	return false;
}

static bool is_key_kind(enum pm_name_kind k)
{
	return k == PM_NAME_DIR || k == PM_NAME_PACKAGE || k == PM_NAME_COMPOSE ||
	       k == PM_NAME_CONTAINER || k == PM_NAME_K8S || k == PM_NAME_IMAGE;
}

/* The directory of the stack that a file declares services of. */
static const char *stack_of(const struct pm_registry *r, const char *path)
{
	const char *folder = scope_of(r->arena, dir_of(r->arena, path));

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
			    strcasecmp(base_name(nm->text), name) == 0 &&
			    strncmp(nm->text, folder, strlen(folder)) != 0 &&
			    strcmp(scope_of(r->arena, dir_of(r->arena, nm->text)), project) == 0)
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
		if (strcmp(scope_of(r->arena, dir_of(r->arena, decls->v[i].path)), folder) != 0)
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
static void find_deployments(struct pm_registry *r, const struct pm_decls *decls)
{
	for (size_t i = 0; i < decls->n && r->deployments.n < 64; i++) {
		const char *folder = scope_of(r->arena, dir_of(r->arena, decls->v[i].path));
		const char *project;

		if (!*folder || !decls->v[i].n || decls->v[i].names[0].kind != PM_NAME_COMPOSE ||
		    is_deployment(r, folder))
			continue;
		project = scope_of(r->arena, dir_of(r->arena, folder));
		if (count_deployed(r, decls, folder, project) < 2 && *project)
			project = "";
		if (count_deployed(r, decls, folder, project) >= 2)
			*PM_VEC_ADD(&r->deployments) = (struct deployment){ folder, project };
	}
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
	if (nm->kind != PM_NAME_DIR && nm->kind != PM_NAME_COMPOSE && !tells_apart(r, nm->text))
		return NULL;
	switch (nm->kind) {
	case PM_NAME_DIR:
		return pm_arena_printf(a, "dir:%s", nm->text);
	case PM_NAME_COMPOSE:
		return pm_arena_printf(a, "compose:%s:%s", stack_of(r, d->path), nm->text);
	case PM_NAME_CONTAINER:
		return pm_arena_printf(a, "name:%s", nm->text);
	case PM_NAME_IMAGE: /* built by the module of the same long name */
		return strchr(base_name(nm->text), '-')
			       ? pm_arena_printf(a, "package:%s", base_name(nm->text)) : NULL;
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

static void join_decls(const struct pm_registry *r, const struct pm_decls *decls,
		       unsigned *parent)
{
	struct pm_arena *a = r->arena;
	struct key_entry *keys = NULL, *e, *tmp;

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
				e = PM_NEW(a, struct key_entry);
				e->key = key;
				e->decl = i;
				HASH_ADD_KEYPTR(hh, keys, e->key, (unsigned)strlen(key), e);
			} else if (!same_file_services(&decls->v[e->decl], &decls->v[i])) {
				unsigned x = find_root(parent, e->decl);
				unsigned y = find_root(parent, i);

				parent[x < y ? y : x] = x < y ? x : y;
			}
		}
	}
	HASH_ITER(hh, keys, e, tmp)
		HASH_DEL(keys, e);
}

static bool has_dir(const struct pm_entity *e, const char *dir)
{
	for (unsigned i = 0; i < e->n_dirs; i++)
		if (strcmp(e->dirs[i], dir) == 0)
			return true;
	return false;
}

static void add_dir(struct pm_arena *a, struct pm_entity *e, const char *dir)
{
	const char **grown;

	if (!*dir || has_dir(e, dir))
		return;
	grown = PM_NEW_N(a, const char *, e->n_dirs + 1);
	if (e->n_dirs)
		memcpy(grown, e->dirs, e->n_dirs * sizeof(*grown));
	grown[e->n_dirs++] = dir;
	e->dirs = grown;
}

static void add_stack(struct pm_registry *r, struct pm_entity *e, const char *stack)
{
	const char **grown = PM_NEW_N(r->arena, const char *, e->n_stacks + 1);
	size_t i = 0;

	while (i < r->stacks.n && strcmp(r->stacks.v[i], stack) != 0)
		i++;
	if (i == r->stacks.n)
		*PM_VEC_ADD(&r->stacks) = stack;
	if (e->n_stacks)
		memcpy(grown, e->stacks, e->n_stacks * sizeof(*grown));
	grown[e->n_stacks++] = stack;
	e->stacks = grown;
}

static void add_variable(struct pm_arena *a, struct pm_entity *e, const char *name)
{
	const char **grown = PM_NEW_N(a, const char *, e->n_variables + 1);

	if (e->n_variables)
		memcpy(grown, e->variables, e->n_variables * sizeof(*grown));
	grown[e->n_variables++] = name;
	e->variables = grown;
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

/* The first label of a public host name names the service it routes to. */
static const char *first_label(struct pm_arena *a, const char *host)
{
	size_t n = strcspn(host, ".");

	return pm_arena_strndup(a, host, n);
}

static bool has_own_word(struct pm_registry *r, const char *name)
{
	struct pm_word w[MAX_WORDS];
	unsigned n = split_words(r, r, pm_str_of(name), w, MAX_WORDS);

	for (unsigned i = 0; i < n; i++) {
		enum pm_word_class c = pm_registry_word_class(r, w[i].text);

		if (c == PM_WORD_OTHER || c == PM_WORD_ROLE)
			return true;
	}
	return false;
}

static bool is_role_only(struct pm_registry *r, const char *name)
{
	struct pm_word w[MAX_WORDS];
	unsigned n = split_words(r, r, pm_str_of(name), w, MAX_WORDS);

	for (unsigned i = 0; i < n; i++)
		if (pm_registry_word_class(r, w[i].text) == PM_WORD_OTHER)
			return false;
	return true;
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
	if (image && (is_role_only(r, key) || strstr(base_name(image), key)))
		add_name(r, base_name(image), index);
	if (has_own_word(r, key)) {
		if (*scope)
			add_name(r, pm_arena_printf(r->arena, "%s-%s", base_name(scope), key),
				 index);
		return;
	}
	if (*scope)
		add_name(r, base_name(scope), index);
	if (image && has_own_word(r, base_name(image)))
		add_name(r, base_name(image), index);
}

/* "api" in the compose file of one service's directory is that service, not the repository's
 * api; add_scoped_names gives it a name that tells. */
static bool is_local_role(struct pm_registry *r, const struct pm_decl *d, const struct pm_name *nm)
{
	if (nm->kind != PM_NAME_COMPOSE || !*stack_of(r, d->path) || !is_role_only(r, nm->text))
		return false;
	for (size_t k = 0; k < d->n; k++)
		if (d->names[k].kind == PM_NAME_DIR &&
		    has_own_word(r, base_name(d->names[k].text)))
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
			if (is_holder(pm_str_of(base_name(nm->text))))
				break;
			e->declared |= holds_services(dir_of(r->arena, nm->text));
			add_dir(r->arena, e, nm->text);
			add_name(r, base_name(nm->text), index);
			break;
		case PM_NAME_HOSTNAME:
			add_name(r, first_label(r->arena, nm->text), index);
			break;
		case PM_NAME_PROJECT:
		case PM_NAME_IMAGE:
			break;
		case PM_NAME_VARIABLE:
			add_variable(r->arena, e, nm->text);
			break;
		case PM_NAME_COMPOSE:
			add_stack(r, e, stack_of(r, d->path));
			/* fall through */
		case PM_NAME_CONTAINER:
		case PM_NAME_K8S:
			e->declared = true;
			/* fall through */
		default:
			if (!is_local_role(r, d, nm))
				add_name(r, nm->text, index);
			if (!e->name || nm->kind == PM_NAME_COMPOSE || nm->kind == PM_NAME_K8S)
				e->name = nm->text;
		}
	}
	for (size_t k = 0; k < d->n_ports; k++)
		add_port(r->arena, e, d->ports[k]);
	if (!e->name && e->n_dirs)
		e->name = base_name(e->dirs[0]);
	if (!e->scope)
		e->scope = e->n_dirs ? scope_of(r->arena, dir_of(r->arena, e->dirs[0]))
				     : stack_of(r, d->path);
	add_scoped_names(r, index, d);
}

/* ---- project words ---- */

struct word_count {
	struct word_entry *e;
	unsigned n;       /* names that begin with it */
	unsigned n_other; /* those that go on with a word of their own, not merely a role */
};

/* Was this name met before? One service is named alike in many manifests, and counts once. */
static bool seen_before(struct pm_arena *a, struct key_entry **seen, const struct pm_word *w,
			unsigned n)
{
	const char *key = "";
	struct key_entry *e = NULL;

	for (unsigned i = 0; i < n; i++)
		key = pm_arena_printf(a, "%s %s", key, w[i].text);
	HASH_FIND_STR(*seen, key, e);
	if (e)
		return true;
	e = PM_NEW(a, struct key_entry);
	e->key = key;
	HASH_ADD_KEYPTR(hh, *seen, e->key, (unsigned)strlen(key), e);
	return false;
}

static bool tells_nothing(const char *word)
{
	return pm_role_group(word) || pm_word_is_noise(word);
}

/* The name of the whole repository or of an application in it. */
static void read_project_name(struct pm_registry *r, const struct pm_word *w, unsigned n)
{
	for (unsigned i = 0; n <= 2 && i < n; i++)
		if (!tells_nothing(w[i].text))
			find_word(r, w[i].text, strlen(w[i].text))->project = true;
}

/* Count the word that follows the project words of a name. False when the name tells nothing. */
static bool count_prefix(struct pm_registry *r, const struct pm_word *w, unsigned n, bool runs,
			 struct word_count *counts, unsigned *n_counts)
{
	unsigned i = 0, c = 0;

	while (i < n && find_word(r, w[i].text, strlen(w[i].text))->project)
		i++;
	if (n - i < 2 || tells_nothing(w[i].text))
		return n > i;
	while (c < *n_counts && counts[c].e->text != w[i].text)
		c++;
	if (c == *n_counts) {
		if (c == 256)
			return true;
		counts[c].e = find_word(r, w[i].text, strlen(w[i].text));
		counts[c].n = counts[c].n_other = 0;
		(*n_counts)++;
	}
	counts[c].n++;
	counts[c].n_other += runs && !tells_nothing(w[i + 1].text);
	return true;
}

/*
 * One pass: words that many of the repository's names begin with tell projects apart, not
 * services: "acme-billing", "acme-ledger". Where only roles follow ("shop-api", "shop-web") the
 * word is one application among others, unless nearly all names begin with it. True when a new
 * word was found.
 */
static bool find_prefix_words(struct pm_registry *r, const struct pm_decls *decls)
{
	struct key_entry *seen = NULL, *e, *tmp;
	struct word_count counts[256];
	unsigned n_counts = 0, total = 0;
	bool found = false;

	for (size_t i = 0; i < decls->n; i++)
		for (size_t k = 0; k < decls->v[i].n; k++) {
			const struct pm_name *nm = &decls->v[i].names[k];
			struct pm_word w[MAX_WORDS];
			unsigned n = split_words(r, r, pm_str_of(nm->text), w, MAX_WORDS);

			if (n && nm->kind == PM_NAME_PROJECT)
				read_project_name(r, w, n);
			else if (n && nm->kind != PM_NAME_DIR && nm->kind != PM_NAME_HOSTNAME &&
				 nm->kind != PM_NAME_IMAGE && !seen_before(r->arena, &seen, w, n))
				total += count_prefix(r, w, n,
						      nm->kind == PM_NAME_COMPOSE ||
							      nm->kind == PM_NAME_CONTAINER ||
							      nm->kind == PM_NAME_PACKAGE,
						      counts, &n_counts);
		}
	for (unsigned c = 0; c < n_counts; c++)
		if (counts[c].n >= 4 && ((counts[c].n * 5 >= total && counts[c].n_other >= 4) ||
					 counts[c].n * 5 >= total * 3)) {
			counts[c].e->project = true;
			found = true;
		}
	HASH_ITER(hh, seen, e, tmp)
		HASH_DEL(seen, e);
	return found;
}

/* "acme-shop-": at most three words deep. */
static void find_project_words(struct pm_registry *r, const struct pm_decls *decls)
{
	for (unsigned depth = 0; depth < 3 && find_prefix_words(r, decls); depth++)
		;
}

static void intern_vocabulary(struct pm_registry *r)
{
	const char *w;

	for (size_t i = 0; (w = pm_word_noise_at(i)); i++)
		intern(r, w, strlen(w));
	for (size_t i = 0; (w = pm_word_role_at(i)); i++)
		intern(r, w, strlen(w));
}

static unsigned new_entity(struct pm_registry *r, const char *name)
{
	struct pm_entity *e = PM_VEC_ADD(&r->entities);

	e->name = name;
	return (unsigned)r->entities.n - 1;
}

/* Only third-party or schema-known services get an entity from the schema: names that no manifest
 * has are names nevertheless. */
static void add_schema(struct pm_registry *r, const struct pm_schema *schema)
{
	for (size_t i = 0; i < schema->services.n; i++) {
		const struct pm_service *s = &schema->services.v[i];

		for (size_t k = 0; k < s->n; k++) {
			const struct pm_endpoint *ep = &s->endpoints[k];
			unsigned e = new_entity(r, ep->name);

			r->entities.v[e].scope = "";
			add_name(r, ep->name, e);
			if (s->n == 1)
				add_name(r, s->title ? s->title : s->name, e);
			for (size_t q = 0; s->n == 1 && q < s->n_aliases; q++)
				add_name(r, s->aliases[q], e);
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
		add_dir(r->arena, &r->entities.v[only], dir);
		add_name(r, base_name(dir), (unsigned)only);
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

			if (strcmp(dir, last) == 0 || !holds_services(dir_of(r->arena, dir)))
				continue;
			last = dir;
			owner = pm_registry_dir_owner(r, paths[i]);
			if (owner >= 0 && has_dir(&r->entities.v[owner], dir))
				continue;
			if (holds_entities(r, dir))
				continue;
			e = new_entity(r, base_name(dir));
			r->entities.v[e].declared = true;
			r->entities.v[e].scope = scope_of(r->arena, dir_of(r->arena, dir));
			add_dir(r->arena, &r->entities.v[e], dir);
			add_name(r, base_name(dir), e);
		}
	}
}

/* What one manifest runs runs under all its names: the directory of a Compose service's code is
 * a service though only its name tells. */
static void spread_declared(struct pm_registry *r)
{
	struct alias_entry *e, *tmp;

	HASH_ITER(hh, r->aliases, e, tmp)
		for (size_t i = 0; i < e->list.n; i++) {
			const struct pm_name_alias *al = e->list.v[i];
			bool declared = false;

			for (unsigned k = 0; k < al->n_entities; k++)
				declared |= r->entities.v[al->entities[k]].declared;
			for (unsigned k = 0; declared && al->class != PM_ALIAS_ROLE &&
					     k < al->n_entities; k++)
				r->entities.v[al->entities[k]].declared = true;
		}
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
		struct pm_word w[MAX_WORDS];
		const char *all[MAX_WORDS];
		unsigned n = split_words(r, r, pm_str_of(first_label(r->arena, d->names[k].text)),
					 w, MAX_WORDS);

		for (unsigned i = 0; i < n; i++)
			all[i] = w[i].text;
		*taken |= n && find_alias(r, all, n);
	}
	return true;
}

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
	r->paths = inv->paths;
	r->n_paths = inv->n_paths;
	intern_vocabulary(r);
	find_deployments(r, decls);
	find_project_words(r, decls);
	for (unsigned i = 0; i < decls->n; i++)
		parent[i] = i;
	join_decls(r, decls, parent);
	for (unsigned i = 0; i < decls->n; i++) {
		unsigned root = find_root(parent, i);

		if (is_lone_hostname(r, &decls->v[i], &taken))
			continue; /* never joined; below, when all other names are known */
		if (root == i)
			index[i] = new_entity(r, NULL);
		fill_entity(r, index[root], &decls->v[i]);
	}
	add_directories(r, inv->paths, inv->n_paths);
	for (unsigned i = 0; i < decls->n; i++)
		if (is_lone_hostname(r, &decls->v[i], &taken) && !taken)
			fill_entity(r, new_entity(r, NULL), &decls->v[i]);
	spread_declared(r);
	if (schema)
		add_schema(r, schema);
	for (size_t i = 0; config && i < config->aliases.n; i++) {
		const struct pm_alias *al = &config->aliases.v[i];
		unsigned found[16], n = pm_registry_resolve(r, al->service, found, 16);

		for (unsigned k = 0; k < n; k++)
			for (size_t q = 0; q < al->n; q++)
				add_name(r, al->names[q], found[k]);
	}
	return r;
}

void pm_registry_release(struct pm_registry *r)
{
	struct alias_entry *al, *al_tmp;
	struct word_entry *w, *w_tmp;

	if (!r)
		return;
	HASH_ITER(hh, r->aliases, al, al_tmp) {
		HASH_DEL(r->aliases, al);
		PM_VEC_FREE(&al->list);
	}
	HASH_ITER(hh, r->words, w, w_tmp)
		HASH_DEL(r->words, w);
	PM_VEC_FREE(&r->entities);
	PM_VEC_FREE(&r->stacks);
	PM_VEC_FREE(&r->deployments);
}

/* ---- questions ---- */

unsigned pm_registry_count(const struct pm_registry *r)
{
	return (unsigned)r->entities.n;
}

const struct pm_entity *pm_registry_entity(const struct pm_registry *r, unsigned i)
{
	return &r->entities.v[i];
}

static unsigned collect(const struct pm_registry *r, const struct pm_name_alias *al, bool root_only,
			unsigned *out, unsigned n, unsigned max)
{
	for (unsigned i = 0; al && i < al->n_entities && n < max; i++) {
		unsigned e = al->entities[i], k = 0;

		if (root_only && r->entities.v[e].scope && *r->entities.v[e].scope)
			continue;
		while (k < n && out[k] != e)
			k++;
		if (k == n)
			out[n++] = e;
	}
	return n;
}

/* A directory of the very name, though no manifest knows it: an application in a repository of
 * many. The shallowest one counts. Returns 1 when there is one. */
static unsigned add_named_directory(struct pm_registry *r, const char *name, unsigned *out)
{
	size_t n = strlen(name), best = SIZE_MAX;
	const char *dir = NULL;

	for (size_t i = 0; i < r->n_paths; i++)
		for (const char *p = r->paths[i], *s; (s = strchr(p, '/')); p = s + 1)
			if ((size_t)(s - p) == n && strncasecmp(p, name, n) == 0 &&
			    (size_t)(s - r->paths[i]) < best) {
				best = (size_t)(s - r->paths[i]);
				dir = pm_arena_strndup(r->arena, r->paths[i], best);
			}
	if (!dir)
		return 0;
	for (unsigned i = 0; i < r->entities.n; i++)
		if (has_dir(&r->entities.v[i], dir)) {
			*out = i;
			return 1;
		}
	*out = new_entity(r, name);
	r->entities.v[*out].scope = scope_of(r->arena, dir_of(r->arena, dir));
	r->entities.v[*out].declared = true;
	add_dir(r->arena, &r->entities.v[*out], dir);
	return 1;
}

/* Services of the same core beside those found by their whole name: only in the same project. */
static unsigned collect_near(const struct pm_registry *r, const struct pm_name_alias *al,
			     unsigned *out, unsigned n, unsigned max)
{
	const unsigned exact = n;

	for (unsigned i = 0; al && i < al->n_entities && n < max; i++) {
		const struct pm_entity *e = &r->entities.v[al->entities[i]];
		bool near = false, there = false;

		for (unsigned k = 0; k < n; k++) {
			const struct pm_entity *o = &r->entities.v[out[k]];

			there |= out[k] == al->entities[i];
			near |= k < exact && strcmp(o->scope ? o->scope : "",
						    e->scope ? e->scope : "") == 0;
		}
		if (near && !there)
			out[n++] = al->entities[i];
	}
	return n;
}

unsigned pm_registry_resolve(struct pm_registry *r, const char *name, unsigned *out, unsigned max)
{
	struct pm_word w[MAX_WORDS];
	const char *all[MAX_WORDS], *core[MAX_WORDS];
	unsigned n = split_words(r, r, pm_str_of(name), w, MAX_WORDS), n_core, found = 0;
	unsigned part[PM_WORD_NOISE + 1];
	const struct pm_name_alias *al;
	bool role;

	for (unsigned i = 0; i < n; i++)
		all[i] = w[i].text;
	n_core = core_of(r, w, n, core);
	count_classes(r, core, n_core, part);
	role = n_core && !part[PM_WORD_OTHER] && !part[PM_WORD_NOISE] &&
	       !has_two_roles(core, n_core);
	if (n)
		found = collect(r, find_alias(r, all, n), role && n == n_core, out, 0, max);
	if (!found && max && !role)
		found = add_named_directory(r, name, out);
	al = n_core ? find_alias(r, core, n_core) : NULL;
	/* "shop-api" by its whole name is not every "api" */
	if (found && !role)
		found = collect_near(r, al, out, found, max);
	else if (!found)
		found = collect(r, al, role, out, found, max);
	/* a role that one project alone has needs no project's name */
	if (!found && al && al->n_entities == 1)
		found = collect(r, al, false, out, found, max);
	if (!found && max) {
		out[found++] = new_entity(r, name);
		r->entities.v[out[0]].scope = "";
	}
	for (unsigned i = 0; i < found; i++)
		add_name(r, name, out[i]);
	return found;
}

static bool is_joint(struct pm_str text, size_t from, size_t to)
{
	if (from == to)
		return true;
	if (to - from > 1)
		return false;
	return strchr("-_./@: ", text.p[from]) != NULL;
}

/* A name of one word that the text writes with inner capitals: "MinIO", "ChromaDB". Sets *used. */
static const struct pm_name_alias *humped_at(const struct pm_registry *r, struct pm_str text,
					     const struct pm_word *w, unsigned n, unsigned i,
					     unsigned *used)
{
	char joined[64];
	size_t len = 0;

	for (unsigned k = i; k < n && k < i + 4; k++) {
		struct alias_entry *e = NULL;

		if ((k > i && w[k].off != w[k - 1].off + w[k - 1].len) ||
		    len + w[k].len >= sizeof(joined))
			return NULL;
		for (uint32_t c = 0; c < w[k].len; c++)
			joined[len++] = to_lower(text.p[w[k].off + c]);
		if (k == i)
			continue;
		HASH_FIND(hh, r->aliases, joined, (unsigned)len, e);
		for (size_t a = 0; e && a < e->list.n; a++)
			if (e->list.v[a]->n == 1) {
				*used = k - i + 1;
				return e->list.v[a];
			}
	}
	return NULL;
}

/* Longest alias that starts at word i; its words must be adjacent. */
static const struct pm_name_alias *longest_at(const struct pm_registry *r, struct pm_str text,
					      const struct pm_word *w, unsigned n, unsigned i)
{
	struct alias_entry *e = NULL;

	if (w[i].text)
		HASH_FIND(hh, r->aliases, w[i].text, (unsigned)strlen(w[i].text), e);
	for (size_t a = 0; e && a < e->list.n; a++) {
		const struct pm_name_alias *al = e->list.v[a];
		unsigned k = 1;

		if (al->n > n - i)
			continue;
		while (k < al->n && al->words[k] == w[i + k].text &&
		       is_joint(text, w[i + k - 1].off + w[i + k - 1].len, w[i + k].off))
			k++;
		if (k == al->n)
			return al;
	}
	return NULL;
}

static bool is_label(struct pm_str text, size_t off, size_t end)
{
	if (is_capital(text.p[off]))
		return true;
	if (off && end < text.n && strchr("\"'`*(/[", text.p[off - 1]) &&
	    strchr("\"'`*)/]", text.p[end]))
		return true;
	return end < text.n && (text.p[end] == ':' || text.p[end] == ')' || text.p[end] == '/');
}

static bool is_one_identifier(struct pm_str text, const struct pm_word *w, unsigned n)
{
	for (unsigned k = 1; k < n; k++) {
		size_t gap = w[k - 1].off + w[k - 1].len;

		if (gap < w[k].off && text.p[gap] == ' ')
			return false;
	}
	return n > 1;
}

unsigned pm_registry_find(const struct pm_registry *r, struct pm_str text, struct pm_mention *out,
			  unsigned max)
{
	struct pm_word w[128];
	unsigned n = split_words(r, NULL, text, w, 128), found = 0;

	for (unsigned i = 0; i < n && found < max;) {
		const struct pm_name_alias *al = longest_at(r, text, w, n, i);
		unsigned used = al ? al->n : 0;
		size_t end;

		if (!al)
			al = humped_at(r, text, w, n, i, &used);
		if (!al) {
			i++;
			continue;
		}
		end = w[i + used - 1].off + w[i + used - 1].len;
		out[found++] = (struct pm_mention){
			.alias = al,
			.off = w[i].off,
			.len = (uint32_t)(end - w[i].off),
			.joined = is_one_identifier(text, w + i, used),
			.label = is_label(text, w[i].off, end),
		};
		i += used;
	}
	return found;
}

static bool is_inside(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !n || (strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

int pm_registry_dir_owner(const struct pm_registry *r, const char *path)
{
	size_t best = 0;
	int owner = -1;

	for (unsigned i = 0; i < r->entities.n; i++)
		for (unsigned k = 0; k < r->entities.v[i].n_dirs; k++) {
			const char *dir = r->entities.v[i].dirs[k];

			if (is_inside(path, dir) && strlen(dir) > best) {
				best = strlen(dir);
				owner = (int)i;
			}
		}
	return owner;
}

int pm_registry_variable_owner(const struct pm_registry *r, const char *variable)
{
	int owner = -1;

	for (unsigned i = 0; i < r->entities.n; i++)
		for (unsigned k = 0; k < r->entities.v[i].n_variables; k++)
			if (strcmp(r->entities.v[i].variables[k], variable) == 0) {
				if (owner >= 0 && owner != (int)i)
					return -1;
				owner = (int)i;
			}
	return owner;
}

const char *pm_registry_stack(const struct pm_registry *r, const char *path)
{
	const char *best = "";

	for (size_t i = 0; i < r->stacks.n; i++)
		if (strlen(r->stacks.v[i]) > strlen(best) && is_inside(path, r->stacks.v[i]))
			best = r->stacks.v[i];
	return best;
}

bool pm_registry_in_stack(const struct pm_registry *r, unsigned entity, const char *stack)
{
	const struct pm_entity *e = &r->entities.v[entity];

	for (unsigned i = 0; i < e->n_stacks; i++)
		if (strcmp(e->stacks[i], stack) == 0)
			return true;
	for (unsigned i = 0; i < e->n_dirs; i++)
		if (is_inside(e->dirs[i], stack))
			return true;
	return false;
}

bool pm_registry_means(const struct pm_registry *r, const struct pm_name_alias *al, unsigned e,
		       const char *path)
{
	const char *scope = r->entities.v[e].scope ? r->entities.v[e].scope : "";
	bool has = false, inside = is_inside(path, scope), any_inside = false;

	for (unsigned i = 0; i < al->n_entities; i++) {
		const struct pm_entity *o = &r->entities.v[al->entities[i]];

		has |= al->entities[i] == e;
		if (al->entities[i] == e || !o->scope || !is_inside(path, o->scope))
			continue;
		any_inside = true;
		if (inside && strlen(o->scope) > strlen(scope))
			return false;
	}
	if (!has)
		return false;
	return inside || (al->class != PM_ALIAS_ROLE && !any_inside);
}
