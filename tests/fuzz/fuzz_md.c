/* fuzz_md.c - Markdown as blocks: every byte of a text stands where it says that it stands. */
#include "base/md.h"
#include "fuzz.h"

static void check_text(const struct pm_md_text *t, struct pm_str file)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->at[i] == PM_MD_NOWHERE)
			continue;
		FUZZ_CHECK(t->at[i] < file.n);
		FUZZ_CHECK(file.p[t->at[i]] == t->p[i]);
	}
	fuzz_inside(pm_md_span(t, 0, t->n), file.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct pm_str text = fuzz_str(data, n);
	struct pm_arena a = { 0 };
	struct pm_md m = { 0 };
	struct pm_err err = { 0 };
	int rc = pm_md_parse(&m, &a, "a.md", text, &err);

	FUZZ_CHECK(rc == 0 || rc == PM_E_LIMIT);
	for (size_t i = 0; i < m.n; i++) {
		const struct pm_md_block *b = &m.v[i];

		check_text(&b->text, text);
		for (size_t r = 0; r < b->n_rows; r++)
			for (size_t c = 0; c < b->n_cols; c++) {
				check_text(&b->rows[r].cells[c].text, text);
				fuzz_inside(b->rows[r].cells[c].raw, text.n);
			}
	}
	pm_md_release(&m);
	pm_arena_release(&a);
	return 0;
}
