/* path.c - see path.h. */
#include "base/path.h"

#include <string.h>

struct pm_str pm_path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return pm_str_of(slash ? slash + 1 : path);
}

struct pm_str pm_path_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (struct pm_str){ path, slash ? (size_t)(slash - path) : 0 };
}

/* Append the parts of `s` to the path in `b`; ".." takes the last one away. false when none is
 * left to take. */
static bool add_parts(struct pm_buf *b, struct pm_str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t end = i;
		struct pm_str part;

		while (end < s.n && s.p[end] != '/')
			end++;
		part = (struct pm_str){ s.p + i, end - i };
		i = end + 1;
		if (!part.n || pm_str_eq(part, "."))
			continue;
		if (pm_str_eq(part, "..")) {
			if (!b->n)
				return false;
			while (b->n && b->v[--b->n] != '/')
				;
			continue;
		}
		if (b->n)
			pm_buf_addc(b, '/');
		pm_buf_add(b, part.p, part.n);
	}
	return true;
}

const char *pm_path_join(struct pm_arena *a, struct pm_str dir, struct pm_str rel)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	if ((rel.n && (rel.p[0] == '/' || rel.p[0] == '~')) || !add_parts(&b, dir) ||
	    !add_parts(&b, rel))
		return NULL;
	return pm_arena_strndup(a, b.n ? b.v : "", b.n);
}

bool pm_path_has_ext(const char *path, const char *ext)
{
	size_t n = strlen(path), k = strlen(ext);

	return n > k && pm_str_ieq((struct pm_str){ path + n - k, k }, ext);
}

bool pm_path_is_yaml(const char *path)
{
	return pm_path_has_ext(path, ".yml") || pm_path_has_ext(path, ".yaml");
}

bool pm_path_is_markdown(const char *path)
{
	return pm_path_has_ext(path, ".md") || pm_path_has_ext(path, ".mdx") ||
	       pm_path_has_ext(path, ".markdown");
}
