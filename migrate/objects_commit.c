/*
 * objects_commit.c - the parts of a commit: https://git-scm.com/docs/user-manual#commit-object
 *
 *	tree <40 hex digits>
 *	parent <40 hex digits>          any number of them
 *	author Name <mail> <seconds> <zone>
 *	committer Name <mail> <seconds> <zone>
 *	encoding <name>                 seldom; other lines may follow, continued ones with a space
 *
 *	message
 */
#include "objects_impl.h"

enum { TREE_LINE = 5 + 40 + 1, PARENT_LINE = 7 + 40 + 1 };

static bool id_at(struct pm_oid *out, const char *p)
{
	char hex[PM_OID_HEX];

	memcpy(hex, p, PM_OID_HEX - 1);
	hex[PM_OID_HEX - 1] = '\0';
	return pm_oid_parse(out, hex);
}

static bool starts(struct pm_str s, const char *word, size_t n)
{
	return s.n >= n && memcmp(s.p, word, n) == 0;
}

/* Minutes of "+0130". */
static int parse_zone(const char *p, const char *end)
{
	int n = 0, digits = 0;
	bool west;

	while (p < end && *p == ' ')
		p++;
	if (p >= end || (*p != '+' && *p != '-'))
		return 0;
	west = *p++ == '-';
	for (; p < end && pm_is_digit(*p) && digits < 4; p++, digits++)
		n = n * 10 + (*p - '0');
	n = n / 100 * 60 + n % 100;
	return west ? -n : n;
}

/* What stands behind the last '>': dates far away are no dates. */
static void parse_date(struct pm_stamp *out, const char *p, const char *end)
{
	int64_t n = 0;
	bool before;
	int digits = 0;

	while (p < end && *p == ' ')
		p++;
	before = p < end && *p == '-';
	p += before;
	for (; p < end && pm_is_digit(*p) && digits < 18; p++, digits++)
		n = n * 10 + (*p - '0');
	if (!digits || (p < end && *p != ' '))
		return;
	out->dated = true;
	out->when = before ? -n : n;
	out->zone = parse_zone(p, end);
}

void pm_stamp_parse(struct pm_stamp *out, struct pm_str line)
{
	const char *end = line.p + line.n, *open, *close, *last;

	*out = (struct pm_stamp){ .name = pm_str_trim(line) };
	open = line.n ? memchr(line.p, '<', line.n) : NULL;
	if (!open)
		return;
	out->name = pm_str_trim((struct pm_str){ line.p, (size_t)(open - line.p) });
	close = memchr(open, '>', (size_t)(end - open));
	if (!close)
		return;
	out->mail = (struct pm_str){ open + 1, (size_t)(close - open - 1) };
	last = memrchr(close, '>', (size_t)(end - close));
	parse_date(out, last + 1, end);
}

/* One header line behind the parents. */
static void parse_header(struct pm_commit_text *out, struct pm_str line)
{
	if (starts(line, "author ", 7) && !out->author.name.p)
		pm_stamp_parse(&out->author, (struct pm_str){ line.p + 7, line.n - 7 });
	else if (starts(line, "committer ", 10) && !out->committer.name.p)
		pm_stamp_parse(&out->committer, (struct pm_str){ line.p + 10, line.n - 10 });
	else if (starts(line, "encoding ", 9))
		out->encoding = (struct pm_str){ line.p + 9, line.n - 9 };
}

bool pm_commit_parse(struct pm_commit_text *out, struct pm_str bytes)
{
	const char *p = bytes.p, *end = bytes.p + bytes.n;
	struct pm_oid parent;

	*out = (struct pm_commit_text){ .parents_at = TREE_LINE };
	if (bytes.n < TREE_LINE || !starts(bytes, "tree ", 5) || p[TREE_LINE - 1] != '\n' ||
	    !id_at(&out->tree, p + 5))
		return false;
	p += TREE_LINE;
	while (end - p >= 7 && memcmp(p, "parent ", 7) == 0) {
		if (end - p < PARENT_LINE || p[PARENT_LINE - 1] != '\n' || !id_at(&parent, p + 7))
			return false;
		out->n_parents++;
		p += PARENT_LINE;
	}
	while (p < end && *p != '\n') {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (!nl)
			nl = end;
		parse_header(out, (struct pm_str){ p, (size_t)(nl - p) });
		p = nl < end ? nl + 1 : end;
	}
	if (p < end)
		out->message = (struct pm_str){ p + 1, (size_t)(end - p - 1) };
	return true;
}

void pm_commit_parent(struct pm_oid *out, struct pm_str bytes, const struct pm_commit_text *c,
		      size_t i)
{
	bool ok;

	PM_ASSERT(i < c->n_parents, "a commit has no such parent");
	ok = id_at(out, bytes.p + c->parents_at + i * PARENT_LINE + 7);
	PM_ASSERT(ok, "a parent that was read once");
}
