/*
 * fuzz_doc.c - changing a schema document. The first line is a list of wishes, each three words (row,
 * new port, range, as numbers), the rest the document. Patches lie in it, are disjoint, and a document
 * that is proved reads as wished.
 */
#include "doc.h"
#include "fuzz.h"

enum { WISHES = 4 };

static unsigned number(struct pm_str *s)
{
	unsigned n = 0;

	while (s->n && !pm_is_digit(*s->p))
		s->p++, s->n--;
	for (; s->n && pm_is_digit(*s->p); s->p++, s->n--)
		n = (n * 10 + (unsigned)(*s->p - '0')) & 0xffff;
	return n;
}

static const struct pm_endpoint *row(const struct pm_schema *s, unsigned i, const char **service)
{
	const struct pm_service *v = &s->services.v[i % s->services.n];

	*service = v->title;
	return v->n ? &v->endpoints[i / s->services.n % v->n] : NULL;
}

static size_t wish(struct pm_wish *w, const struct pm_schema *s, struct pm_str line)
{
	size_t n = 0;

	while (n < WISHES && line.n) {
		unsigned i = number(&line), to = number(&line), kind = number(&line);
		const char *service;
		const struct pm_endpoint *e = row(s, i, &service);

		w[n] = PM_WISH((enum pm_wish_kind)(kind % PM_WISH_KINDS));
		w[n].service = service;
		w[n].to = to ? to : 1;
		w[n].date = "2026-02-03";
		w[n].text = w[n].note = "Orchard";
		w[n].author = "Ada";
		if (e && e->lo) {
			w[n].row = e->src.span.off;
			w[n].from = e->lo;
		}
		if (w[n].kind == PM_WISH_DATE)
			w[n].service = "updated";
		if (w[n].kind == PM_WISH_ADD)
			w[n].service = "Orchard", w[n].from = 0;
		n += e && e->lo && e->src.span.len;
	}
	return n;
}

static void check_patches(const struct pm_doc_edits *d, struct pm_str text)
{
	size_t end = 0;

	for (size_t i = 0; i < d->patches.n; i++) {
		const struct pm_patch *p = &d->patches.v[i];

		fuzz_inside(p->span, text.n);
		FUZZ_CHECK(p->span.off >= end);
		FUZZ_CHECK(p->old.n == p->span.len &&
			   memcmp(p->old.p, text.p + p->span.off, p->old.n) == 0);
		end = p->span.off + p->span.len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pm_str text = fuzz_str(data, n), line = fuzz_line(&text);
	PM_CLEAN_BUF struct pm_buf after = { 0 };
	struct pm_arena a = { 0 };
	struct pm_doc_edits edits = { 0 };
	struct pm_schema s = { 0 };
	struct pm_wish w[WISHES];
	const struct pm_wish *kept[WISHES];
	struct pm_err err = { 0 };
	size_t n_w, n_kept = 0;

	if (pm_schema_parse(&s, "PORTS.md", text, &err) < 0)
		return 0;
	n_w = wish(w, &s, line);
	if (n_w) {
		pm_doc_edit(&edits, &a, &s, text, w, NULL, n_w);
		check_patches(&edits, text);
		pm_doc_patch(&after, text, edits.patches.v, edits.patches.n, NULL);
		for (size_t i = 0; i < n_w; i++)
			if (!edits.why_not[i])
				kept[n_kept++] = &w[i];
		/* refusing is right, lying is not: what that would be is doc_prove's to know */
		pm_doc_prove("PORTS.md", text, (struct pm_str){ pm_buf_str(&after), after.n }, kept,
			     n_kept, &err);
		PM_VEC_FREE(&edits.patches);
	}
	pm_schema_release(&s);
	pm_arena_release(&a);
	return 0;
}
