/* git_diff.c - lines that differ between two texts, as Git finds them. */
#include "git_impl.h"

#include <string.h>

struct sink {
	const struct pm_diff_sink *to;
	void *data;
};

static int on_hunk(const git_diff_delta *delta, const git_diff_hunk *h, void *payload)
{
	const struct sink *s = payload;

	(void)delta;
	s->to->hunk(s->data, (unsigned)h->old_start, (unsigned)h->old_lines,
		    (unsigned)h->new_start, (unsigned)h->new_lines);
	return 0;
}

static int on_line(const git_diff_delta *delta, const git_diff_hunk *h, const git_diff_line *line,
		   void *payload)
{
	const struct sink *s = payload;

	(void)delta;
	(void)h;
	switch (line->origin) {
	case GIT_DIFF_LINE_CONTEXT: case GIT_DIFF_LINE_ADDITION: case GIT_DIFF_LINE_DELETION:
		s->to->line(s->data, line->origin,
			    (struct pm_str){ line->content, line->content_len });
		break;
	default: break; /* that a last line has no end shows in its bytes */
	}
	return 0;
}

int pm_repo_diff(struct pm_repo *r, struct pm_str old, struct pm_str new, unsigned context,
		 const struct pm_diff_sink *to, void *data, struct pm_err *err)
{
	struct sink s = { to, data };
	git_diff_options o;

	(void)r; /* one that is open has set libgit2 up */
	git_diff_options_init(&o, GIT_DIFF_OPTIONS_VERSION);
	o.context_lines = context;
	o.flags = GIT_DIFF_FORCE_TEXT;
	if (git_diff_buffers(old.p, old.n, NULL, new.p, new.n, NULL, &o, NULL, NULL, on_hunk,
			     on_line, &s) < 0)
		return pm_git_fail(err, PM_E_REPO, "cannot compare two texts");
	return 0;
}
