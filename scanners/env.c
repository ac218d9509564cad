/*
 * env.c - env files and their templates: .env, .env.production, api.env, env.example.
 *
 * Lines are KEY=value, with export, quotes and comments as dotenv libraries take them. A comment
 * line introduces the settings below it, until an empty line.
 */
#include "formats.h"

#include <string.h>

static bool accepts(const struct pm_file *f)
{
	static const char *const exact[] = { "env", "env.example", "env.sample", "env.template",
					     "env.dist", ".flaskenv", "dotenv", NULL };
	struct pm_str base = pm_path_base(f->path);

	if (pm_str_eq(base, ".env") || pm_str_find(base, ".env.", false) != SIZE_MAX ||
	    pm_str_find(base, ".env-", false) == 0 || pm_path_has_ext(f->path, ".env"))
		return !pm_path_has_ext(f->path, ".ts") && !pm_path_has_ext(f->path, ".js") &&
		       !pm_path_has_ext(f->path, ".md") && !pm_path_has_ext(f->path, ".py");
	for (size_t i = 0; exact[i]; i++)
		if (pm_str_eq(base, exact[i]))
			return true;
	return false;
}

/* Split "export KEY = value"; false for anything else. `line` is trimmed. */
static bool split(struct pm_str line, struct pm_str *key, struct pm_str *value)
{
	size_t i = 0, from;

	if (line.n > 7 && memcmp(line.p, "export ", 7) == 0)
		i = 7;
	while (i < line.n && line.p[i] == ' ')
		i++;
	for (from = i; i < line.n && (pm_is_word(line.p[i]) || line.p[i] == '.' ||
				      line.p[i] == '-');
	     i++)
		;
	*key = (struct pm_str){ line.p + from, i - from };
	while (i < line.n && line.p[i] == ' ')
		i++;
	if (!key->n || i == line.n || line.p[i] != '=')
		return false;
	*value = pm_str_trim((struct pm_str){ line.p + i + 1, line.n - i - 1 });
	return true;
}

/* The value proper: within its quotes, or up to a comment. */
static struct pm_str value_only(struct pm_str v)
{
	if (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'' || v.p[0] == '`')) {
		const char *close = memchr(v.p + 1, v.p[0], v.n - 1);

		return (struct pm_str){ v.p + 1, close ? (size_t)(close - v.p) - 1 : v.n - 1 };
	}
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == '#' && (i == 0 || v.p[i - 1] == ' ' || v.p[i - 1] == '\t'))
			v.n = i;
	return pm_str_trim(v);
}

/* The words of a comment: without # and the rules people draw with = and -. */
static struct pm_str comment_text(struct pm_str line)
{
	static const char drawn[] = "#=-*~ \t";

	while (line.n && strchr(drawn, line.p[0])) {
		line.p++;
		line.n--;
	}
	while (line.n && strchr(drawn, line.p[line.n - 1]))
		line.n--;
	return line;
}

/* Value of the line that sets `name`; empty when there is none. */
static struct pm_str value_of(const struct pm_file *f, const char *name)
{
	struct pm_str all = { f->bytes, f->len }, key, value;
	size_t pos = 0, at, end;

	while (pos < all.n) {
		at = pm_str_find((struct pm_str){ all.p + pos, all.n - pos }, name, false);
		if (at == SIZE_MAX)
			break;
		at += pos;
		pos = at + 1;
		for (end = at; end < all.n && all.p[end] != '\n'; end++)
			;
		if ((at == 0 || all.p[at - 1] == '\n' || all.p[at - 1] == ' ') &&
		    split(pm_str_trim((struct pm_str){ all.p + at, end - at }), &key, &value) &&
		    pm_str_eq(key, name))
			return value_only(value);
	}
	return (struct pm_str){ "", 0 };
}

struct env {
	struct pm_place place;
	struct pm_str heading;
	unsigned heading_line;
	bool open; /* the last line was a comment */
};

static void read_line(struct env *e, struct pm_str line, unsigned number)
{
	const char *bytes = e->place.sink->file->bytes;
	struct pm_str key, value, text;
	const char *host;

	if (!line.n)
		return;
	if (split(line.p[0] == '#' ? (struct pm_str){ "", 0 } : line, &key, &value)) {
		e->open = false;
		value = value_only(value);
		pm_place_push(&e->place, PM_FACT_IDENT, key, number, 0);
		pm_place_push(&e->place, PM_FACT_HEADING, e->heading, e->heading_line, 0);
		host = pm_place_host_key(e->place.sink->arena, key);
		if (host)
			pm_place_peer(&e->place, key, value_of(e->place.sink->file, host));
		pm_place_setting(&e->place,
				 (struct pm_span){ (uint32_t)(value.p - bytes),
						   (uint32_t)value.n },
				 key);
		e->place.peer.n = 0;
		e->place.n = 0;
		return;
	}
	if (line.p[0] != '#')
		return;
	text = comment_text(line);
	/* a setting that is commented out introduces nothing */
	if (!text.n || split(text, &key, &value))
		return;
	/* of several comment lines the first is the title */
	if (!e->open) {
		e->heading = text;
		e->heading_line = number;
	}
	e->open = true;
}

static int scan(const struct pm_file *f, struct pm_sink *out, struct pm_err *err)
{
	struct env e = { .place = { .sink = out, .rule = "env/setting",
				    .local = PM_SIDE_HOST } };
	const char *p = f->bytes, *end = p + f->len;

	(void)err;
	for (unsigned number = 1; p < end; number++) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		struct pm_str line = { p, (size_t)((lf ? lf : end) - p) };

		read_line(&e, pm_str_trim(line), number);
		p = lf ? lf + 1 : end;
	}
	pm_buf_release(&e.place.path);
	return 0;
}

static const char *const globs[] = { "**/.env", "**/.env.*", "**/*.env", "**/env.example", NULL };

const struct pm_scanner pm_scanner_env = {
	.name = "env",
	.summary = "env files and their templates",
	.globs = globs,
	.accepts = accepts,
	.scan = scan,
};
