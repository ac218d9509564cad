/*
 * history_commits.c - commits in words: subject, author, date, and whether portmig made them.
 * Texts in another encoding that the C library knows become UTF-8; others stay as they are, and
 * every writer escapes.
 */
#include "history_impl.h"

#include "stated.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECT_MAX = 1000, MESSAGE_MAX = 1 << 20 };

static bool is_utf8_name(struct pm_str s)
{
	return !s.n || pm_str_ieq(s, "utf-8") || pm_str_ieq(s, "utf8");
}

/* `text` in UTF-8, in `a`. */
static const char *as_utf8(struct pm_arena *a, struct pm_str text, struct pm_str encoding)
{
	PM_CLEAN_BUF struct pm_buf out = { 0 };
	char *in = (char *)(uintptr_t)text.p, block[4096];
	size_t left = text.n;
	iconv_t cd = (iconv_t)-1;

	if (!is_utf8_name(encoding) && encoding.n < 64)
		cd = iconv_open("UTF-8", pm_arena_strndup(a, encoding.p, encoding.n));
	if (cd == (iconv_t)-1)
		return pm_arena_strndup(a, text.p, text.n);
	while (left) {
		char *to = block;
		size_t room = sizeof(block), rc = iconv(cd, &in, &left, &to, &room);

		pm_buf_add(&out, block, (size_t)(to - block));
		if (rc == (size_t)-1 && errno != E2BIG) {
			iconv_close(cd);
			return pm_arena_strndup(a, text.p, text.n);
		}
	}
	iconv_close(cd);
	return pm_arena_strndup(a, pm_buf_str(&out), out.n);
}

/* The first paragraph as one line, as Git has it. */
static struct pm_str subject_of(struct pm_arena *a, struct pm_str message)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	size_t i = 0;

	while (i < message.n && pm_is_space(message.p[i]))
		i++;
	while (i < message.n && b.n < SUBJECT_MAX) {
		const char *end = memchr(message.p + i, '\n', message.n - i);
		size_t n = end ? (size_t)(end - message.p) - i : message.n - i;
		struct pm_str line = pm_str_trim((struct pm_str){ message.p + i, n });

		if (!line.n)
			break;
		if (b.n)
			pm_buf_addc(&b, ' ');
		pm_buf_add(&b, line.p, line.n < SUBJECT_MAX ? line.n : SUBJECT_MAX);
		i += n + (end != NULL);
	}
	return (struct pm_str){ pm_arena_strndup(a, pm_buf_str(&b), b.n), b.n };
}

static void read_text(struct pm_hist_commit *out, struct pm_arena *a, struct pm_arena *scratch,
		      const struct pm_mailmap *map, const struct pm_commit_text *t)
{
	struct pm_str message = t->message;
	const char *name = as_utf8(scratch, t->author.name, t->encoding);
	const char *mail = as_utf8(scratch, t->author.mail, t->encoding);
	struct pm_stated stated;

	if (message.n > MESSAGE_MAX)
		message.n = MESSAGE_MAX;
	pm_mailmap_resolve(map, &name, &mail);
	out->name = pm_arena_strdup(a, name);
	out->mail = pm_arena_strdup(a, mail);
	out->when = t->author.when;
	out->zone = t->author.zone;
	out->subject = as_utf8(a, subject_of(scratch, message), t->encoding);
	out->message = as_utf8(a, message, t->encoding);
	if (pm_stated_read(&stated, scratch, out->message, NULL) == 0) {
		out->portmig = true;
		pm_stated_release(&stated);
	}
}

int pm_hist_commits(struct pm_history *h, const struct pm_hread *all, struct pm_repo *repo,
		    const unsigned *indexes, size_t n, struct pm_err *err)
{
	struct pm_objreader *rd = pm_objreader_open(pm_repo_objects(repo), 0);
	struct pm_mailmap *map = pm_mailmap_open(repo);
	struct pm_commit_text newest;
	struct pm_str head;
	int rc = pm_objreader_need(rd, &all->newest, PM_OBJECT_COMMIT, &head, err);

	if (rc == 0 && pm_commit_parse(&newest, head))
		h->newest_when = newest.author.when;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct pm_oid *id = &all->commits.v[indexes[i]].id;
		struct pm_arena scratch = { 0 };
		struct pm_commit_text text;
		struct pm_hist_commit *c;
		struct pm_str bytes;

		rc = pm_objreader_need(rd, id, PM_OBJECT_COMMIT, &bytes, err);
		if (rc == 0 && !pm_commit_parse(&text, bytes))
			rc = pm_err_set(err, PM_E_REPO, PM_NOWHERE,
					"the repository is damaged: a commit");
		if (rc)
			break;
		c = PM_VEC_ADD(&h->commits);
		pm_oid_hex(c->oid, id);
		c->order = indexes[i];
		read_text(c, &h->arena, &scratch, map, &text);
		pm_arena_release(&scratch);
	}
	pm_mailmap_free(map);
	pm_objreader_free(rd);
	return rc;
}
