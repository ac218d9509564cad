/*
 * env.c - env files and their templates: .env, .env.production, api.env, env.example.
 *
 * Lines are KEY=value, with export, quotes and comments as dotenv libraries take them. A comment
 * line introduces the settings below it, until an empty line.
 */
#include "formats.h"

#include "base/hash.h"

#include <stdlib.h>
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

/* A setting of the file by its name; of several lines the first. */
struct setting {
	struct pm_str key, value; /* borrowed */
	UT_hash_handle hh;
};

struct env {
	struct pm_place place;
	struct pm_str heading;
	unsigned heading_line;
	bool open; /* the last line was a comment */
	struct setting *settings; /* all of the file; read when the first NAME_PORT is met */
	bool has_settings;
};

/* The line that begins at *pos, which moves on to the next one. */
static struct pm_str next_line(const struct pm_file *f, size_t *pos)
{
	const char *p = f->bytes + *pos, *lf = memchr(p, '\n', f->len - *pos);
	size_t n = lf ? (size_t)(lf - p) : f->len - *pos;

	*pos += n + (lf != NULL);
	return (struct pm_str){ p, n };
}

static void read_settings(struct env *e)
{
	const struct pm_file *f = e->place.sink->file;
	struct pm_str key, value;

	for (size_t pos = 0; pos < f->len;) {
		struct setting *s = NULL;

		if (!split(pm_str_trim(next_line(f, &pos)), &key, &value))
			continue;
		HASH_FIND(hh, e->settings, key.p, key.n, s);
		if (s)
			continue;
		s = PM_NEW(e->place.sink->arena, struct setting);
		s->key = key;
		s->value = value_only(value);
		HASH_ADD_KEYPTR(hh, e->settings, s->key.p, s->key.n, s);
	}
	e->has_settings = true;
}

/* Value of the setting `name`; empty when there is none. */
static struct pm_str value_of(struct env *e, const char *name)
{
	struct setting *s = NULL;

	if (!e->has_settings)
		read_settings(e);
	HASH_FIND(hh, e->settings, name, strlen(name), s);
	return s ? s->value : (struct pm_str){ "", 0 };
}

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
			pm_place_peer(&e->place, key, value_of(e, host));
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
	unsigned number = 0;

	(void)err;
	for (size_t pos = 0; pos < f->len;)
		read_line(&e, pm_str_trim(next_line(f, &pos)), ++number);
	HASH_CLEAR(hh, e.settings);
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
