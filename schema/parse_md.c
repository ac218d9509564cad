/*
 * parse_md.c - reads a port schema written in GitHub Markdown. Drives the parts; see reader.h.
 *
 * What we understand is documented in docs/schema.md.
 */
#include "reader.h"

#include <string.h>

static const char *title_of(const struct pm_reader *r, size_t *at)
{
	const struct pm_section *best = NULL;

	for (size_t i = 0; i < r->sections.n; i++)
		if (!best || r->sections.v[i].level < best->level)
			best = &r->sections.v[i];
	if (!best)
		return NULL;
	*at = (size_t)(best->block - r->md.v);
	return best->title;
}

/* What stands above the title of a copied page is not part of the document. */
static size_t skip_chrome(struct pm_reader *r)
{
	struct pm_heading head;
	size_t at = 0;

	r->s->title = title_of(r, &at);
	if (!r->s->title || r->sections.v[0].block != &r->md.v[at])
		return 0;
	pm_heading_parse(&head, r->a, &r->md.v[at].text);
	if (*head.name && !head.lo)
		r->s->title = head.name;
	for (size_t i = 0; i < at; i++)
		if (r->md.v[i].kind == PM_MD_TABLE)
			return 0;
	if (at) {
		struct pm_src src = { r->s->path, r->md.v[0].line, 1, { 0, 0 } };

		pm_reader_diag(r, "schema-page-chrome", PM_NOTE, src,
			       "lines %u to %u stand above the title and are not read", src.line,
			       r->md.v[at].line - 1);
	}
	return at;
}

static const struct pm_section *next_section(const struct pm_reader *r, size_t block, size_t *i)
{
	while (*i < r->sections.n && r->sections.v[*i].block <= &r->md.v[block])
		++*i;
	return *i ? &r->sections.v[*i - 1] : NULL;
}

/* Strategy tables first: they say what kind of range the headings state. */
static int read_strategy(struct pm_reader *r, size_t from)
{
	size_t s = 0;
	int rc = 0;

	for (size_t i = from; i < r->md.n && rc == 0; i++) {
		const struct pm_section *sec = next_section(r, i, &s);

		if (r->md.v[i].kind == PM_MD_TABLE && pm_table_is_strategy(&r->md.v[i]) &&
		    !(sec && sec->reserved))
			rc = pm_reader_table(r, &r->md.v[i], sec);
	}
	return rc;
}

static int read_blocks(struct pm_reader *r, size_t from)
{
	size_t s = 0;
	int rc = 0;

	for (size_t i = from; i < r->md.n && rc == 0; i++) {
		const struct pm_md_block *b = &r->md.v[i];
		const struct pm_section *sec = next_section(r, i, &s);

		switch (b->kind) {
		case PM_MD_TABLE:
			if (!pm_table_is_strategy(b) || (sec && sec->reserved))
				rc = pm_reader_table(r, b, sec);
			break;
		case PM_MD_CODE: case PM_MD_HTML: rc = pm_reader_code(r, b, sec); break;
		default: rc = pm_reader_prose(r, b, sec);
		}
	}
	return rc;
}

/* A line this long with a whole table on it is no prose about tables. */
enum { FLAT_LINE = 120 };

static int verdict(struct pm_reader *r)
{
	const struct pm_diag *d = &r->first_bad;

	if (r->n_bad) {
		pm_err_set(r->err, PM_E_SCHEMA, (struct pm_loc){ r->path, d->line, d->col },
			   "cannot read schema '%s': %s%s", r->path, d->text,
			   r->n_bad > 1 ? pm_arena_printf(r->a, " (and %zu more cells)", r->n_bad - 1)
					: "");
		return pm_err_hint(r->err, "%s", d->hint ? d->hint : "correct the cell");
	}
	/* in a document without a row, a short line is suspect, too */
	if (!r->n_rows && pm_reader_flattened(r, 0) < 0)
		return PM_E_SCHEMA;
	if (!r->n_rows) {
		pm_err_set(r->err, PM_E_SCHEMA, (struct pm_loc){ r->path, 0, 0 },
			   "cannot read schema '%s': no service row understood", r->path);
		return pm_err_hint(r->err, "rows stand in tables with the columns Port and Service; "
				   "see docs/schema.md");
	}
	return 0;
}

static void remark_on_encoding(struct pm_reader *r)
{
	char meant[PM_MOJIBAKE_MAX];
	size_t off, len;

	if (pm_mojibake(r->text, &off, &len, meant))
		pm_reader_diag(r, "schema-mojibake", PM_NOTE,
			       pm_reader_src(r, off, (struct pm_span){ 0, 0 }),
			       "'%.*s' is text in a wrong encoding; meant was '%s', perhaps",
			       (int)len, r->text.p + off, meant)
			->hint = "it is kept as it is; save the file again as UTF-8";
}

static int read_document(struct pm_reader *r)
{
	size_t from;
	int rc = pm_md_parse(&r->md, r->a, r->path, r->text, r->err);

	if (rc == 0)
		rc = pm_reader_flattened(r, FLAT_LINE);
	if (rc == 0 && pm_reader_is_loose(r))
		rc = pm_reader_loosen(r);
	if (rc)
		return rc;
	remark_on_encoding(r);
	pm_reader_headings(r);
	from = skip_chrome(r);
	rc = read_strategy(r, from);
	if (rc)
		return rc;
	pm_reader_sections(r);
	rc = read_blocks(r, from);
	if (rc)
		return rc;
	pm_reader_finish(r);
	if (r->n_odd_dashes)
		pm_reader_diag(r, "odd-dash", PM_NOTE, r->odd_dash,
			       "%zu port cell%s a dash that is no '-': who searches for the range "
			       "does not find it", r->n_odd_dashes,
			       r->n_odd_dashes == 1 ? " has" : "s have");
	return verdict(r);
}

int pm_schema_parse_md(struct pm_schema *out, const char *path, struct pm_str text,
		       struct pm_err *err)
{
	struct pm_schema s = { 0 };
	struct pm_reader r = { .s = &s, .a = &s.arena, .path = path, .text = text, .err = err };
	int rc;

	s.path = pm_arena_strdup(&s.arena, path);
	rc = read_document(&r);
	pm_reader_release(&r);
	if (rc) {
		pm_schema_release(&s);
		return rc;
	}
	pm_diags_sort(&s.diags);
	*out = s;
	return 0;
}

int pm_schema_parse(struct pm_schema *out, const char *path, struct pm_str text,
		    struct pm_err *err)
{
	static const char *const md[] = { ".md", ".markdown", ".txt", ".mdx" };
	static const char *const yaml[] = { ".yaml", ".yml", ".json" };

	for (size_t i = 0; i < sizeof(yaml) / sizeof(yaml[0]); i++)
		if (pm_str_iends(pm_str_of(path), yaml[i]))
			return pm_schema_parse_yaml(out, path, text, err);
	for (size_t i = 0; i < sizeof(md) / sizeof(md[0]); i++)
		if (pm_str_iends(pm_str_of(path), md[i]))
			return pm_schema_parse_md(out, path, text, err);
	pm_err_set(err, PM_E_SCHEMA, (struct pm_loc){ path, 0, 0 },
		   "cannot read schema '%s': the name says neither Markdown nor YAML", path);
	return pm_err_hint(err, "schemas end in .md, .markdown, .txt, .yaml, .yml or .json");
}
