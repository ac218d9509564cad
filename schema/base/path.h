/*
 * path.h - paths of a commit as text: '/'-separated, relative to its root, raw bytes.
 */
#ifndef PM_PATH_H
#define PM_PATH_H

#include "base/arena.h"
#include "base/text.h"

#include <stdbool.h>

/* Both point into `path`. */
struct pm_str pm_path_base(const char *path); /* "b.yml" of "a/b.yml"; NUL-terminated */
struct pm_str pm_path_dir(const char *path);  /* "a"; empty for the root */
/* `rel` as seen from directory `dir`, without "." and ".."; NULL when it is absolute or leaves
 * the repository. */
const char *pm_path_join(struct pm_arena *a, struct pm_str dir, struct pm_str rel);

/* By the end of the name, ASCII case ignored; a name that is only the ending has none. */
bool pm_path_has_ext(const char *path, const char *ext); /* ".yml" */
bool pm_path_is_yaml(const char *path);                  /* .yml .yaml */
bool pm_path_is_markdown(const char *path);              /* .md .mdx .markdown */

#endif
