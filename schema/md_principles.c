/*
 * md_principles.c - what a document promises about itself in prose: "100 ports per range", "matching
 * last digits"; and where it says of a port that it collides.
 */
#include "reader.h"

#include <string.h>

static const char size_pattern[] =
	"(?<size>\\d{1,3}(?:,\\d{3})+|\\d{1,5})[ -]+ports?\\s+(?:per|for\\s+each|for\\s+every)\\s+"
	"(?<of>range|group|category|service|app|application|product|project|repo|repository|layer)";

/* Words behind "per": what has this size. */
static const struct { const char *word; enum pm_principle_kind kind; } units[] = {
	{ "range", PM_PRINCIPLE_RANGE_SIZE }, { "group", PM_PRINCIPLE_RANGE_SIZE },
	{ "category", PM_PRINCIPLE_RANGE_SIZE }, { "service", PM_PRINCIPLE_SERVICE_SIZE },
	{ "app", PM_PRINCIPLE_SERVICE_SIZE }, { "application", PM_PRINCIPLE_SERVICE_SIZE },
	{ "product", PM_PRINCIPLE_SERVICE_SIZE }, { "project", PM_PRINCIPLE_PROJECT_SIZE },
	{ "repo", PM_PRINCIPLE_PROJECT_SIZE }, { "repository", PM_PRINCIPLE_PROJECT_SIZE },
	{ "layer", PM_PRINCIPLE_LAYER_SIZE },
};

/* The first of a kind counts. */
static void add(struct pm_reader *r, enum pm_principle_kind kind, unsigned size,
		const struct pm_md_block *b, size_t at)
{
	struct pm_str line = pm_md_str(&b->text);
	struct pm_principle *p;

	for (size_t i = 0; i < r->s->principles.n; i++)
		if (r->s->principles.v[i].kind == kind)
			return;
	p = PM_VEC_ADD(&r->s->principles);
	p->kind = kind;
	p->size = size;
	line.n = line.n < 120 ? line.n : 120;
	p->text = pm_arena_str(r->a, line);
	p->src = pm_reader_text_src(r, &b->text, at);
}

static unsigned number(struct pm_str s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.n && n < 100000; i++)
		if (pm_is_digit(s.p[i]))
			n = n * 10 + (unsigned)(s.p[i] - '0');
	return n;
}

static int read_size(struct pm_reader *r, const struct pm_md_block *b)
{
	struct pm_str s = pm_md_str(&b->text), of;
	struct pm_span g[4];
	unsigned size;
	int rc = 0;

	if (!r->size_re)
		rc = pm_re_compile(&r->size_re, size_pattern, PM_RE_ICASE, r->err);
	if (!rc)
		rc = pm_re_match(r->size_re, s, 0, g, 4);
	if (rc < 0)
		return pm_err_set(r->err, PM_E_LIMIT, (struct pm_loc){ r->path, 0, 0 },
				  "a paragraph is too involved for our patterns");
	if (!rc)
		return 0;
	size = number((struct pm_str){ s.p + g[1].off, g[1].len });
	of = (struct pm_str){ s.p + g[2].off, g[2].len };
	for (size_t i = 0; size > 1 && i < sizeof(units) / sizeof(units[0]); i++)
		if (pm_str_ieq(of, units[i].word))
			add(r, units[i].kind, size, b, g[0].off);
	return 0;
}

int pm_reader_principles(struct pm_reader *r, const struct pm_md_block *b)
{
	static const char *const digits[] = { "matching last digit", "matching last digits",
		"same last digit", "same last digits", "last digits match", "last digit matches",
		"matching suffix", "same suffix", NULL };
	struct pm_str s = pm_md_str(&b->text);

	if (pm_has_any(s, digits))
		add(r, PM_PRINCIPLE_PAIR_DIGITS, 0, b, 0);
	if (pm_str_find(s, "port", true) == SIZE_MAX)
		return 0;
	return read_size(r, b);
}

bool pm_claims_collision(struct pm_str s)
{
	static const char *const said[] = { "collision", "collides", "conflicts", "clash", "clashes",
					    NULL };
	static const char *const denied[] = { "no", "not", "never", "avoid", "avoids", "avoiding",
		"without", "resolved", "fixed", "may", "might", "could", "would", "prevent",
		"prevents", "former", "was", "detection", "check", NULL };

	return pm_has_any(s, said) && !pm_has_any(s, denied);
}
