/*
 * md_loose.c - documents that lost their form: pages scraped from a web view.
 *
 * Loose: no heading has its '#', no empty line stands around tables. Read by lines: runs of
 * table lines and runs of prose are handed to the Markdown parser one by one, and lines that
 * introduce a table or a list are headings.
 * Flattened: everything on one line. Not read; said clearly.
 */
#include "reader.h"

#include <string.h>

static bool is_table_start(const struct pm_lines *l, unsigned line)
{
	return line < l->n && pm_str_find(pm_lines_get(l, line), "|", false) != SIZE_MAX &&
	       pm_md_is_delimiter_row(pm_lines_get(l, line + 1));
}

bool pm_reader_is_loose(const struct pm_reader *r)
{
	bool table = false;

	for (size_t i = 0; i < r->md.n; i++)
		if (r->md.v[i].kind == PM_MD_HEADING)
			return false;
	for (unsigned i = 1; i < r->md.lines.n && !table; i++)
		table = is_table_start(&r->md.lines, i);
	return table;
}

int pm_reader_flattened(const struct pm_reader *r, size_t least)
{
	for (unsigned i = 1; i <= r->md.lines.n; i++) {
		struct pm_str s = pm_lines_get(&r->md.lines, i);
		size_t bar = pm_str_find(s, "|--", false);

		if (bar == SIZE_MAX)
			bar = pm_str_find(s, "| --", false);
		if (s.n < least || bar == SIZE_MAX || pm_md_is_delimiter_row(s) ||
		    pm_str_find(s, "port", true) == SIZE_MAX ||
		    pm_str_find((struct pm_str){ s.p, bar }, "|", false) == SIZE_MAX)
			continue;
		pm_err_set(r->err, PM_E_SCHEMA, (struct pm_loc){ r->path, i, 1 },
			   "cannot read schema '%s': schema-flattened: a whole table stands on one "
			   "line; the line breaks are lost", r->path);
		return pm_err_hint(r->err, "take the file itself instead of copied text, for "
				   "example: git show REV:%s", r->path);
	}
	return 0;
}

static bool begins_list(struct pm_str s)
{
	size_t i = 0;

	s = pm_str_trim(s);
	while (i < s.n && pm_is_digit(s.p[i]))
		i++;
	if (i && i + 1 < s.n)
		return strchr(".)", s.p[i]) && s.p[i + 1] == ' ';
	return s.n > 2 && strchr("-*+", s.p[0]) && s.p[1] == ' ';
}

static bool ends_like_text(struct pm_str s)
{
	return !s.n || strchr(".,;:(", s.p[s.n - 1]) != NULL;
}

/* 0: no heading; else its level. */
static unsigned heading_level(const struct pm_reader *r, unsigned line, bool titled)
{
	static const char *const titles[] = { "schema", "allocation", "allocations", "assignments",
					      "map", "registry", "ports", NULL };
	const struct pm_lines *l = &r->md.lines;
	struct pm_str s = pm_str_trim(pm_lines_get(l, line));
	struct pm_str next = line < l->n ? pm_lines_get(l, line + 1) : (struct pm_str){ "", 0 };
	size_t digits = 0, end;

	if (!s.n || s.n > 100 || begins_list(s))
		return 0;
	while (digits < s.n && pm_is_digit(s.p[digits]))
		digits++;
	end = digits + pm_dash_len(s, digits);
	if (digits >= 3 && end > digits && end < s.n && pm_is_digit(s.p[end]) &&
	    pm_str_find(s, ":", false) != SIZE_MAX)
		return 2;
	if (!titled && s.n < 80 && pm_str_find(s, "port", true) != SIZE_MAX &&
	    pm_has_any(s, titles) && !ends_like_text(s))
		return 1;
	if (!titled || ends_like_text(s) || s.n > 60)
		return 0;
	return is_table_start(l, line + 1) || begins_list(next) ? 2 : 0;
}

static size_t line_end(const struct pm_lines *l, unsigned line)
{
	return line < l->n ? l->start[line] : l->len;
}

static int add_part(struct pm_reader *r, struct pm_md *out, unsigned from, unsigned to,
		    unsigned level)
{
	size_t off = r->md.lines.start[from - 1], first = out->n;
	int rc = pm_md_parse_part(out, r->a, r->path, r->text, off,
				  line_end(&r->md.lines, to) - off, r->err);

	for (size_t i = first; rc == 0 && level && i < out->n; i++) {
		out->v[i].kind = PM_MD_HEADING;
		out->v[i].level = level;
	}
	return rc;
}

int pm_reader_loosen(struct pm_reader *r)
{
	struct pm_md out = { .lines = r->md.lines };
	const struct pm_lines *l = &out.lines;
	unsigned line = 1, first = 0, count = 0;
	bool titled = false;
	int rc = 0;

	while (line <= l->n && rc == 0) {
		unsigned end = line, level = heading_level(r, line, titled);

		if (level) {
			titled = true;
			first = first ? first : line;
			count++;
		} else if (is_table_start(l, line)) {
			while (end < l->n && pm_str_find(pm_lines_get(l, end + 1), "|", false) !=
					     SIZE_MAX && !is_table_start(l, end + 1))
				end++;
		} else {
			while (end < l->n && !is_table_start(l, end + 1) &&
			       !heading_level(r, end + 1, titled))
				end++;
		}
		rc = add_part(r, &out, line, end, level);
		line = end + 1;
	}
	pm_md_release(&r->md);
	r->md = out;
	r->loose = true;
	if (rc == 0 && count) {
		struct pm_src at = { r->s->path, first, 1, { 0, 0 } };

		pm_reader_diag(r, "schema-loose-heading", PM_WARNING, at,
			       "%u headings have no '#'; taken from the lines before tables and lists",
			       count)->hint = "write them as '## 3000-3009: Name'";
	}
	return rc;
}
