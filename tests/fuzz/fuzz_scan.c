/*
 * fuzz_scan.c - every scanner. The first line of the input is the file's path, the rest its bytes.
 * Every hit spells its port, and those of a whole file are sorted and disjoint.
 */
#include "fuzz.h"
#include "scanner.h"

static void check_hits(const struct pm_file *f, const struct pm_sink *s, bool settled)
{
	size_t end = 0;

	for (size_t i = 0; i < s->hits.n; i++) {
		const struct pm_hit *h = &s->hits.v[i];

		fuzz_inside(h->span, f->len);
		FUZZ_CHECK(h->port && pm_port_parse((struct pm_str){ f->bytes + h->span.off,
								     h->span.len }) == h->port);
		FUZZ_CHECK(h->line && h->col && h->role < PM_ROLE_COUNT && h->rule);
		if (settled)
			FUZZ_CHECK(h->span.off >= end);
		end = h->span.off + h->span.len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct pm_str rest = fuzz_str(data, n), line = fuzz_line(&rest);
	struct pm_arena a = { 0 };
	const char *why;
	char *bytes = fuzz_copy(rest);
	struct pm_file f = { .path = pm_arena_strndup(&a, line.p, line.n), .bytes = bytes,
			     .len = rest.n };
	struct pm_err err = { 0 };
	struct pm_sink s;

	if (rest.n > 64 << 10) {
		free(bytes);
		pm_arena_release(&a);
		return 0;
	}
	pm_file_look(&f);
	pm_sink_init(&s, &a, &f, NULL);
	for (size_t i = 0; i < pm_scanners_n; i++)
		if (pm_scanners[i]->accepts(&f))
			FUZZ_CHECK(pm_scanners[i]->scan(&f, &s, &err) == 0);
	check_hits(&f, &s, false);
	pm_sink_next(&s, &f);
	FUZZ_CHECK(pm_scan_file(&s, &f, true, &err) == 0);
	check_hits(&f, &s, true);
	pm_sink_release(&s);
	pm_file_classify(&f, &a, &why);
	free(bytes);
	pm_arena_release(&a);
	return 0;
}
