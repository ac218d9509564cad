/*
 * registry_find.c - the questions to a built registry: the names in a text, whose a directory, a
 * variable or a stack is, what a name means in a file and what a user means by it.
 */
#include "registry_impl.h"

#include <string.h>

/* ---- a user's name for a service ---- */

static unsigned collect(const struct pm_registry *r, const struct pm_name_alias *al, bool root_only,
			unsigned *out, unsigned n, unsigned max)
{
	if (al && al->class == PM_ALIAS_APP)
		return n; /* one part is not the whole */
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
		if (pm_reg_has_dir(&r->entities.v[i], dir)) {
			*out = i;
			return 1;
		}
	*out = pm_reg_new_entity(r, name);
	r->entities.v[*out].scope = pm_reg_scope(r->arena, pm_reg_dir(r->arena, dir));
	r->entities.v[*out].declared = true;
	pm_reg_add_dir(r, *out, dir);
	return 1;
}

/* Services of the same core beside those found by their whole name: only in the same project. */
static unsigned collect_near(const struct pm_registry *r, const struct pm_name_alias *al,
			     unsigned *out, unsigned n, unsigned max)
{
	const unsigned exact = n;

	if (al && al->class == PM_ALIAS_APP)
		return n;
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

static unsigned count_applications(const struct pm_registry *r)
{
	struct pm_reg_alias *e, *tmp;
	unsigned n = 0;

	HASH_ITER(hh, r->aliases, e, tmp)
		for (size_t i = 0; i < e->list.n; i++)
			n += e->list.v[i]->class == PM_ALIAS_APP;
	return n;
}

/* Where "shop" is the only application, "shop-api" is also what is called "api" at the root; or,
 * when nothing is called so, what has another word for that role, like "backend". */
static unsigned collect_role(const struct pm_registry *r, const char *const *core, unsigned n_core,
			     unsigned *out, unsigned n, unsigned max)
{
	const char *role = n_core > 1 ? core[n_core - 1] : NULL;
	const struct pm_name_alias *al = NULL;
	unsigned group = role ? pm_role_group(role) : 0, words = 0;

	for (unsigned i = 0; i + 1 < n_core; i++)
		if (pm_role_group(core[i]))
			return n;
	if (!group || count_applications(r) != 1)
		return n;
	/* "minio-api" has a role, too, and is no part of the application */
	al = pm_reg_find_alias(r, core, n_core - 1);
	if (!al || al->class != PM_ALIAS_APP)
		return n;
	al = pm_reg_find_alias(r, &role, 1);
	for (size_t i = 0; !al && pm_word_role_at(i); i++) {
		const char *word = pm_word_role_at(i);
		struct pm_reg_word *w = pm_role_group(word) == group
						? pm_reg_find_word(r, word, strlen(word)) : NULL;
		const struct pm_name_alias *other = w ? pm_reg_find_alias(r, &w->text, 1) : NULL;

		if (other && words++ == 0)
			al = other;
	}
	return al && words < 2 ? collect(r, al, true, out, n, max) : n;
}

/* All that run under the name do so in one project: its Compose service and its directory. */
static bool is_of_one_project(const struct pm_registry *r, const struct pm_name_alias *al)
{
	const char *scope = NULL;

	for (unsigned i = 0; al && i < al->n_entities; i++) {
		const struct pm_entity *e = &r->entities.v[al->entities[i]];

		if (!e->declared)
			continue;
		if (scope && strcmp(scope, e->scope ? e->scope : "") != 0)
			return false;
		scope = e->scope ? e->scope : "";
	}
	return scope != NULL;
}

unsigned pm_registry_resolve(struct pm_registry *r, const char *name, unsigned *out, unsigned max)
{
	struct pm_word w[PM_REG_WORDS];
	const char *all[PM_REG_WORDS], *core[PM_REG_WORDS];
	unsigned n = pm_reg_split(r, r, pm_str_of(name), w, PM_REG_WORDS), n_core, found = 0;
	unsigned part[PM_WORD_NOISE + 1];
	const struct pm_name_alias *al;
	bool role;

	for (unsigned i = 0; i < n; i++)
		all[i] = w[i].text;
	n_core = pm_reg_core(r, w, n, core);
	pm_reg_classes(r, core, n_core, part);
	role = n_core && !part[PM_WORD_OTHER] && !part[PM_WORD_NOISE] &&
	       !pm_reg_has_two_roles(core, n_core);
	if (n)
		found = collect(r, pm_reg_find_alias(r, all, n), role && n == n_core, out, 0, max);
	if (!found && max && !role)
		found = add_named_directory(r, name, out);
	al = n_core ? pm_reg_find_alias(r, core, n_core) : NULL;
	/* "shop-api" by its whole name is not every "api" */
	if (found && !role)
		found = collect_near(r, al, out, found, max);
	else if (!found)
		found = collect(r, al, role, out, found, max);
	/* a role that one project alone has needs no project's name */
	if (!found && al && al->n_entities == 1)
		found = collect(r, al, false, out, found, max);
	if (found && !role)
		found = collect_role(r, core, n_core, out, found, max);
	if (!found && is_of_one_project(r, al))
		found = collect(r, al, false, out, found, max);
	if (!found && max) {
		out[found++] = pm_reg_new_entity(r, name);
		r->entities.v[out[0]].scope = "";
	}
	for (unsigned i = 0; i < found; i++)
		pm_reg_add_name(r, name, out[i]);
	return found;
}

/* ---- names in a text ---- */

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
		struct pm_reg_alias *e = NULL;

		if ((k > i && w[k].off != w[k - 1].off + w[k - 1].len) ||
		    len + w[k].len >= sizeof(joined))
			return NULL;
		for (uint32_t c = 0; c < w[k].len; c++)
			joined[len++] = pm_reg_lower(text.p[w[k].off + c]);
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
	struct pm_reg_alias *e = NULL;

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
	if (pm_reg_is_capital(text.p[off]) || (!off && end == text.n))
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
	unsigned n = pm_reg_split(r, NULL, text, w, 128), found = 0;

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

/* ---- owners ---- */

static bool is_inside(const char *path, const char *dir)
{
	size_t n = 0;

	while (dir[n] && path[n] == dir[n])
		n++;
	return !dir[n] && (!n || path[n] == '/' || path[n] == '\0');
}

static const struct pm_reg_owner *find_owner(const struct pm_reg_owner *all, const char *text,
					     size_t n)
{
	struct pm_reg_owner *o;

	HASH_FIND(hh, all, text, (unsigned)n, o);
	return o;
}

int pm_registry_dir_owner(const struct pm_registry *r, const char *path)
{
	const struct pm_reg_owner *o;

	for (size_t n = strlen(path); n; n--)
		if ((!path[n] || path[n] == '/') && (o = find_owner(r->dirs, path, n)))
			return (int)o->entity;
	return -1;
}

int pm_registry_variable_owner(const struct pm_registry *r, const char *variable)
{
	const struct pm_reg_owner *o = find_owner(r->variables, variable, strlen(variable));

	return o && !o->several ? (int)o->entity : -1;
}

bool pm_registry_has_role(const struct pm_registry *r, unsigned group)
{
	enum { FRONT = 1, BACK = 2 };

	return group == FRONT || group == BACK || (group < 32 && r->roles >> group & 1);
}

static int compare_dir(const char *s, struct pm_str dir)
{
	int c = strncmp(s, dir.p, dir.n);

	return c ? c : s[dir.n] != '\0';
}

bool pm_reg_find_stack(const struct pm_registry *r, struct pm_str dir, size_t *at)
{
	size_t lo = 0, hi = r->stacks.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = compare_dir(r->stacks.v[mid], dir);

		if (c == 0) {
			*at = mid;
			return true;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*at = lo;
	return false;
}

const char *pm_registry_stack(const struct pm_registry *r, const char *path)
{
	size_t n = strlen(path), at;

	for (; n; n -= n > 0) {
		if (pm_reg_find_stack(r, (struct pm_str){ path, n }, &at))
			return r->stacks.v[at];
		while (n && path[n - 1] != '/')
			n--;
	}
	return "";
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
