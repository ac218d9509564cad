/* pieces.c - see pieces.h. */
#include "pieces.h"

#include "pattern.h"

#include <stdlib.h>
#include <string.h>

enum {
	LEAD = 300, /* bytes of a piece before its number, in a long line */
	WORDS = 64 * PM_GATE_SETS,
	CLASSES = 64
};

/*
 * The words of all gates, found in one pass over a text: bytes that begin a word, or are the
 * second of one, have classes of their own, and a pair of classes leads to the words that begin
 * so. `next` chains words with the same pair; 0 ends a chain, entry i is word i - 1.
 */
static struct {
	struct { const char *p; uint8_t n; } words[WORDS];
	uint16_t next[WORDS + 1];
	unsigned n, n_classes;
	uint8_t class[256];
	uint16_t single[CLASSES], pair[CLASSES * CLASSES];
} gates = { .n_classes = 1 };

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static unsigned class_of(char c)
{
	unsigned char l = lower(c);

	if (!gates.class[l]) {
		PM_ASSERT(gates.n_classes < CLASSES, "gates begin with too many bytes");
		gates.class[l] = (uint8_t)gates.n_classes++;
		if (l >= 'a' && l <= 'z')
			gates.class[l - 32] = gates.class[l];
	}
	return gates.class[l];
}

static bool same_word(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

unsigned pm_gate_word(const char *p, size_t n)
{
	uint16_t *chain;

	PM_ASSERT(n > 0 && n < 256, "gate of a pattern");
	for (unsigned i = 0; i < gates.n; i++)
		if (gates.words[i].n == n && same_word(gates.words[i].p, p, n))
			return i;
	PM_ASSERT(gates.n < WORDS, "too many words in gates");
	gates.words[gates.n].p = p;
	gates.words[gates.n].n = (uint8_t)n;
	gates.n++;
	chain = n == 1 ? &gates.single[class_of(p[0])]
		       : &gates.pair[class_of(p[0]) * CLASSES + class_of(p[1])];
	gates.next[gates.n] = *chain;
	*chain = (uint16_t)gates.n;
	return gates.n - 1;
}

static void find_words(struct pm_piece *p)
{
	const char *s = p->text.p;
	size_t n = p->text.n;
	unsigned a = n ? gates.class[(unsigned char)s[0]] : 0;

	for (size_t i = 0; i < n; i++) {
		unsigned b = i + 1 < n ? gates.class[(unsigned char)s[i + 1]] : 0;

		if (a && gates.single[a]) {
			unsigned w = gates.single[a] - 1u;

			p->words[w / 64] |= UINT64_C(1) << (w % 64);
		}
		for (unsigned k = a && b ? gates.pair[a * CLASSES + b] : 0; k; k = gates.next[k]) {
			size_t len = gates.words[k - 1].n;

			if (len <= n - i && same_word(s + i + 2, gates.words[k - 1].p + 2, len - 2))
				p->words[(k - 1) / 64] |= UINT64_C(1) << ((k - 1) % 64);
		}
		a = b;
	}
}

static bool has_word(const struct pm_piece *p, unsigned w)
{
	return p->words[w / 64] >> (w % 64) & 1;
}

/* "port" as a word of an identifier, which most of its mentions are not: import, support. */
static bool has_port_word(struct pm_str text)
{
	static struct pm_re *re;
	struct pm_err err;

	if (!re && pm_re_compile(&re, PM_PW, 0, &err) < 0)
		pm_bug(__FILE__, __LINE__, err.text);
	/* given up: let the patterns see for themselves */
	return pm_re_match(re, text, 0, NULL, 0) != 0;
}

/* The window around the number at `pos` of the file; a window must not cut a number. */
static struct pm_str window(const struct pm_file *f, struct pm_str line, size_t pos)
{
	size_t begin = (size_t)(line.p - f->bytes), b = begin, e = begin + line.n;

	if (line.n > PM_PIECE_MAX) {
		if (pos - b > LEAD)
			b = pos - LEAD;
		if (e - b > PM_PIECE_MAX)
			e = b + PM_PIECE_MAX;
		while (e < begin + line.n && pm_is_digit(f->bytes[e]))
			e++;
		while (b > begin && pm_is_digit(f->bytes[b - 1]))
			b--;
	}
	return (struct pm_str){ f->bytes + b, e - b };
}

static void find_numbers(struct pm_pieces *out, const struct pm_file *f,
			 const struct pm_port_set *want)
{
	struct pm_str all = { f->bytes, f->len };
	size_t pos = 0, len;
	unsigned port;

	while ((port = pm_port_next(all, &pos, &len))) {
		if (pm_port_set_has(want, port))
			*PM_VEC_ADD(&out->numbers) =
				(struct pm_number){ .off = (uint32_t)pos, .len = (uint8_t)len };
		pos += len;
	}
}

/* One past the last number that begins before `end`; tells which are bounded. */
static size_t numbers_until(struct pm_pieces *all, const struct pm_file *f, struct pm_piece *p,
			    size_t first, size_t end, bool *any)
{
	size_t line = (size_t)(p->line.p - f->bytes), text = (size_t)(p->text.p - f->bytes);
	size_t i = first;

	for (*any = false; i < all->numbers.n && all->numbers.v[i].off < end; i++) {
		struct pm_number *n = &all->numbers.v[i];

		n->bounded = pm_port_bounded(p->line, n->off - line, n->len);
		*any |= n->bounded;
		if (n->bounded)
			pm_lead_add(&p->lead, n->off == text ? (unsigned)PM_LEAD_START
						     : (unsigned char)f->bytes[n->off - 1]);
	}
	return i;
}

static void cut(struct pm_pieces *out, const struct pm_file *f, const struct pm_lines *lines)
{
	const unsigned port = pm_gate_word("port", 4);
	size_t line = 0, at = 0;

	while (at < out->numbers.n) {
		struct pm_piece p = { .number = 0 };
		size_t pos = out->numbers.v[at].off, end, line_end, first = at;
		bool any;

		while (line < lines->n && lines->start[line] <= pos)
			line++;
		p.number = (unsigned)line;
		p.line = pm_lines_get(lines, p.number);
		line_end = (size_t)(p.line.p - f->bytes) + p.line.n;
		if (p.line.n > PM_PIECE_LINE_MAX) {
			while (at < out->numbers.n && out->numbers.v[at].off < line_end)
				at++;
			continue;
		}
		p.text = window(f, p.line, pos);
		end = (size_t)(p.text.p - f->bytes) + p.text.n;
		/* a window may begin before this number */
		while (first && out->numbers.v[first - 1].off >= (size_t)(p.text.p - f->bytes))
			first--;
		p.first = (uint32_t)first;
		p.n = (uint32_t)(numbers_until(out, f, &p, first, end, &any) - first);
		if (any) {
			find_words(&p);
			p.port_word = has_word(&p, port) && has_port_word(p.text);
			*PM_VEC_ADD(&out->pieces) = p;
		}
		/* on behind this line, or in a long one shortly before the window's end */
		if (end < line_end)
			end -= LEAD;
		while (at < out->numbers.n && out->numbers.v[at].off < end)
			at++;
	}
}

const struct pm_pieces *pm_sink_pieces(struct pm_sink *s)
{
	if (!s->pieces) {
		s->pieces = pm_xrealloc(NULL, sizeof(*s->pieces));
		memset(s->pieces, 0, sizeof(*s->pieces));
		find_numbers(s->pieces, s->file, s->want);
		if (s->pieces->numbers.n)
			cut(s->pieces, s->file, pm_sink_lines(s));
	}
	return s->pieces;
}

void pm_pieces_free(struct pm_pieces *p)
{
	if (!p)
		return;
	PM_VEC_FREE(&p->pieces);
	PM_VEC_FREE(&p->numbers);
	free(p);
}
