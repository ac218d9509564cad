/*
 * dockerfile.c - Dockerfiles: EXPOSE, ENV, ARG, LABEL, HEALTHCHECK, CMD, ENTRYPOINT.
 *
 * Continued lines are one instruction; comment lines inside one are skipped, here documents are
 * left to the line rules. All numbers are those inside the container.
 * https://docs.docker.com/reference/dockerfile/
 */
#include "formats.h"

#include <string.h>

static bool accepts(const struct pm_file *f)
{
	struct pm_str base = pm_path_base(f->path);

	if (pm_path_has_ext(f->path, ".dockerignore") || pm_path_has_ext(f->path, ".md"))
		return false;
	return pm_str_ieq(base, "Dockerfile") || pm_str_ieq(base, "Containerfile") ||
	       pm_str_find(base, "Dockerfile.", true) == 0 ||
	       pm_str_find(base, "Dockerfile-", true) == 0 ||
	       pm_str_find(base, "Containerfile.", true) == 0 ||
	       pm_path_has_ext(f->path, ".Dockerfile");
}

static struct pm_span span_of(const struct pm_place *p, struct pm_str s)
{
	return (struct pm_span){ (uint32_t)(s.p - p->sink->file->bytes), (uint32_t)s.n };
}

static void read_expose(struct pm_place *p, struct pm_str s)
{
	struct pm_spot o;
	size_t pos = 0;

	while (pm_spot_next(s, &pos, &o)) {
		struct pm_hit *h = pm_place_hit(
			p, (size_t)(s.p - p->sink->file->bytes) + o.off, o.len,
			o.kind == PM_SPOT_DEFAULT ? PM_ROLE_DEFAULT : PM_ROLE_CONTAINER,
			PM_SIDE_CONTAINER, PM_SURE);

		if (o.kind == PM_SPOT_DEFAULT)
			pm_sink_fact(p->sink, h, PM_FACT_IDENT, o.name, 0, 0);
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\\';
}

/* End of a value: the closing quote, or white space that is not escaped. */
static size_t value_end(struct pm_str s, size_t i)
{
	char quote = 0;

	for (; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] != '\n' && s.p[i + 1] != '\r')
			i++;
		else if (quote && s.p[i] == quote)
			quote = 0;
		else if (!quote && (s.p[i] == '"' || s.p[i] == '\''))
			quote = s.p[i];
		else if (!quote && is_blank(s.p[i]))
			break;
	}
	return i < s.n ? i : s.n;
}

static void read_pair(struct pm_place *p, struct pm_str key, struct pm_str value)
{
	size_t was = p->n;

	if (value.n && (value.p[0] == '"' || value.p[0] == '\'')) {
		bool closed = value.n > 1 && value.p[value.n - 1] == value.p[0];

		value = (struct pm_str){ value.p + 1, value.n - (closed ? 2 : 1) };
	}
	pm_place_push(p, PM_FACT_IDENT, key, 0, 0);
	pm_place_setting(p, span_of(p, value), key);
	p->n = was;
}

/* KEY=value KEY="value" ..., or the old ENV KEY value. */
static void read_pairs(struct pm_place *p, struct pm_str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t from, to;
		struct pm_str key;

		while (i < s.n && (is_blank(s.p[i]) || s.p[i] == '#'))
			if (s.p[i++] == '#') /* a comment between continued lines */
				while (i < s.n && s.p[i] != '\n')
					i++;
		from = i;
		while (i < s.n && !is_blank(s.p[i]) && s.p[i] != '=')
			i++;
		key = (struct pm_str){ s.p + from, i - from };
		if (i >= s.n)
			return;
		if (s.p[i] != '=') {
			read_pair(p, key, pm_str_trim((struct pm_str){ s.p + i, s.n - i }));
			return;
		}
		to = value_end(s, i + 1);
		read_pair(p, key, (struct pm_str){ s.p + i + 1, to - i - 1 });
		i = to;
	}
}

static void read_probe(struct pm_place *p, struct pm_str s)
{
	/* --interval=30s and the like stand before CMD */
	size_t cmd = pm_str_find(s, "CMD", false);

	if (cmd != SIZE_MAX)
		s = (struct pm_str){ s.p + cmd, s.n - cmd };
	pm_place_command(p, span_of(p, s), PM_ROLE_PROBE);
}

static void read_command(struct pm_place *p, struct pm_str s)
{
	pm_place_command(p, span_of(p, s), PM_ROLE_URL);
}

static const struct instruction {
	const char *name, *rule;
	void (*read)(struct pm_place *p, struct pm_str arguments);
} instructions[] = {
	{ "EXPOSE", "dockerfile/expose", read_expose },
	{ "ENV", "dockerfile/env", read_pairs },
	{ "ARG", "dockerfile/arg", read_pairs },
	{ "LABEL", "dockerfile/label", read_pairs },
	{ "HEALTHCHECK", "dockerfile/healthcheck", read_probe },
	{ "CMD", "dockerfile/command", read_command },
	{ "ENTRYPOINT", "dockerfile/command", read_command },
	{ "RUN", "dockerfile/run", read_command },
};

/* One instruction with its continuation lines. */
static void read_instruction(struct pm_place *p, struct pm_str s)
{
	size_t n = 0;

	while (n < s.n && pm_is_word(s.p[n]))
		n++;
	for (size_t i = 0; i < sizeof(instructions) / sizeof(*instructions); i++) {
		if (!pm_str_ieq((struct pm_str){ s.p, n }, instructions[i].name))
			continue;
		p->rule = instructions[i].rule;
		p->n = 0;
		instructions[i].read(p, (struct pm_str){ s.p + n, s.n - n });
	}
}

/* Does the line (without its LF) end with a backslash? */
static bool is_continued(struct pm_str line)
{
	line = pm_str_trim(line);
	return line.n && line.p[line.n - 1] == '\\';
}

static int scan(const struct pm_file *f, struct pm_sink *out, struct pm_err *err)
{
	struct pm_place place = { .sink = out, .inside = PM_SIDE_CONTAINER };
	const char *p = f->bytes, *end = p + f->len, *start = NULL;

	(void)err;
	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		const char *next = lf ? lf + 1 : end;
		struct pm_str line = { p, (size_t)((lf ? lf : end) - p) };
		struct pm_str text = pm_str_trim(line);
		bool comment = text.n && text.p[0] == '#';

		if (!start && !comment)
			start = text.n ? text.p : p;
		if (start && !comment && !is_continued(line)) {
			read_instruction(&place, (struct pm_str){ start,
								  (size_t)(p + line.n - start) });
			start = NULL;
		}
		p = next;
	}
	if (start)
		read_instruction(&place, (struct pm_str){ start, (size_t)(end - start) });
	pm_buf_release(&place.path);
	return 0;
}

static const char *const globs[] = { "**/Dockerfile", "**/Dockerfile.*", "**/*.Dockerfile",
				     "**/Containerfile", NULL };

const struct pm_scanner pm_scanner_dockerfile = {
	.name = "dockerfile",
	.summary = "Dockerfiles: EXPOSE, ENV, ARG, HEALTHCHECK, CMD",
	.globs = globs,
	.accepts = accepts,
	.scan = scan,
};
