/*
 * git_mailmap.c - who somebody is, by .mailmap: that of HEAD, as Git takes it in a bare repository.
 * https://git-scm.com/docs/gitmailmap
 */
#include "git_impl.h"

#include <stdlib.h>

struct pm_mailmap {
	git_mailmap *map;
};

struct pm_mailmap *pm_mailmap_open(struct pm_repo *r)
{
	PM_CLEAN_BUF struct pm_buf text = { 0 };
	struct pm_mailmap *m = pm_xcalloc(1, sizeof(*m));
	char commit[PM_OID_HEX];

	if (pm_repo_commit(r, "HEAD", commit, NULL) == 0 &&
	    pm_repo_file(r, commit, ".mailmap", NULL, &text, NULL) == 0 &&
	    git_mailmap_from_buffer(&m->map, pm_buf_str(&text), text.n) < 0)
		m->map = NULL;
	return m;
}

void pm_mailmap_resolve(const struct pm_mailmap *m, const char **name, const char **mail)
{
	const char *real_name, *real_mail;

	if (!m->map || git_mailmap_resolve(&real_name, &real_mail, m->map, *name, *mail) < 0)
		return;
	*name = real_name;
	*mail = real_mail;
}

void pm_mailmap_free(struct pm_mailmap *m)
{
	if (m)
		git_mailmap_free(m->map);
	free(m);
}
