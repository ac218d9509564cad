/* rows.c - see rows.h. The index is made once, from the constant tables. */
#include "rows.h"

#include "around.h"
#include "gates.h"
#include "pattern.h"

#include <pthread.h>
#include <string.h>

static const struct pm_table *const tables[] = {
	&pm_table_address, &pm_table_source, &pm_table_config, &pm_table_docs,
};
enum { TABLES = sizeof(tables) / sizeof(tables[0]), EDGES = PM_BYTES_EDGE + 1 };

static struct {
	unsigned base[TABLES];
	/* by the byte before and behind a number, and by its digits */
	struct pm_row_set before[EDGES], after[EDGES], digits[6];
	struct pm_row_set first[256]; /* by the first visible byte */
	struct pm_row_set kind[32];
	struct pm_row_set open, word[64 * PM_GATE_SETS]; /* without gate; with this word in it */
	struct pm_row_set port_word;                     /* matches hold a PM_PW */
	unsigned port;                                   /* the word "port" */
	struct pm_re *port_re;
} ix;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void set(struct pm_row_set *s, unsigned row)
{
	s->v[row / 64] |= UINT64_C(1) << (row % 64);
}

/* The gate "a|b" of a row. */
static void index_gate(const char *gate, unsigned i)
{
	if (!gate)
		set(&ix.open, i);
	while (gate && *gate) {
		size_t n = strcspn(gate, "|");

		set(&ix.word[pm_gate_word(gate, n)], i);
		gate += n + (gate[n] == '|');
	}
}

static void index_row(const struct pm_row *row, unsigned i)
{
	struct pm_around a = pm_around_of(row->re, PM_PW);

	if (pm_row_at_each(row))
		memset(&a.after, 0xff, sizeof(a.after));
	index_gate(row->gate, i);
	for (unsigned b = 0; b < EDGES; b++) {
		if (pm_bytes_has(&a.before, b))
			set(&ix.before[b], i);
		if (pm_bytes_has(&a.after, b))
			set(&ix.after[b], i);
		if (b < 256 && pm_bytes_has(&a.first, b))
			set(&ix.first[b], i);
	}
	for (unsigned n = a.digits; n < 6; n++)
		set(&ix.digits[n], i);
	for (unsigned k = 0; k < 32; k++)
		if (row->kinds >> k & 1)
			set(&ix.kind[k], i);
	if (a.needs)
		set(&ix.port_word, i);
}

static void make_index(void)
{
	struct pm_err err;
	unsigned n = 0;

	for (unsigned t = 0; t < TABLES; t++) {
		ix.base[t] = n;
		PM_ASSERT(n + tables[t]->n <= 64 * PM_ROW_SETS, "too many rows in the tables");
		for (size_t i = 0; i < tables[t]->n; i++)
			index_row(&tables[t]->rows[i], n++);
	}
	ix.port = pm_gate_word("port", 4);
	if (pm_re_compile(&ix.port_re, PM_PW, 0, &err) < 0)
		pm_bug(__FILE__, __LINE__, err.text);
}

unsigned pm_rows_base(const struct pm_table *t)
{
	pthread_once(&once, make_index);
	for (unsigned i = 0; i < TABLES; i++)
		if (tables[i] == t)
			return ix.base[i];
	pm_bug(__FILE__, __LINE__, "not one of the tables");
}

static unsigned byte_before(struct pm_str text, size_t off)
{
	return off ? (unsigned char)text.p[off - 1] : (unsigned)PM_BYTES_EDGE;
}

static unsigned byte_behind(struct pm_str text, size_t end)
{
	return end < text.n ? (unsigned char)text.p[end] : (unsigned)PM_BYTES_EDGE;
}

void pm_rows_add(struct pm_row_set *s, struct pm_str text, size_t off, size_t len)
{
	const struct pm_row_set *before = &ix.before[byte_before(text, off)];
	const struct pm_row_set *after = &ix.after[byte_behind(text, off + len)];

	pthread_once(&once, make_index);
	for (unsigned i = 0; i < PM_ROW_SETS; i++)
		s->v[i] |= before->v[i] & after->v[i] & ix.digits[len < 5 ? len : 5].v[i];
}

bool pm_row_may(unsigned row, struct pm_str text, size_t off, size_t len)
{
	struct pm_row_set s = { { 0 } };

	pm_rows_add(&s, text, off, len);
	return s.v[row / 64] >> (row % 64) & 1;
}

/* Rows without a gate, and those of the words in the text. */
static struct pm_row_set gated(struct pm_str text)
{
	uint64_t words[PM_GATE_SETS] = { 0 };
	struct pm_row_set out = ix.open;
	uint64_t no_port_word = 0;

	pm_gate_find(text, words);
	for (unsigned s = 0; s < PM_GATE_SETS; s++)
		for (uint64_t bits = words[s]; bits; bits &= bits - 1) {
			const struct pm_row_set *w =
				&ix.word[s * 64 + (unsigned)__builtin_ctzll(bits)];

			for (unsigned i = 0; i < PM_ROW_SETS; i++)
				out.v[i] |= w->v[i];
		}
	/* "port" as a word of an identifier, which most of its mentions are not: import, support;
	 * given up: let the patterns see for themselves */
	if (!pm_gate_has(words, ix.port) || pm_re_match(ix.port_re, text, 0, NULL, 0) == 0)
		no_port_word = UINT64_MAX;
	for (unsigned i = 0; i < PM_ROW_SETS; i++)
		out.v[i] &= ~(ix.port_word.v[i] & no_port_word);
	return out;
}

void pm_rows_keep(struct pm_row_set *s, struct pm_str text, unsigned kind)
{
	const struct pm_row_set *of_kind = &ix.kind[__builtin_ctz(kind)], *first;
	struct pm_row_set words;
	size_t i = 0;

	while (i + 1 < text.n && (text.p[i] == ' ' || (text.p[i] >= '\t' && text.p[i] <= '\r')))
		i++;
	first = &ix.first[text.n ? (unsigned char)text.p[i] : 0];
	for (unsigned k = 0; k < PM_ROW_SETS; k++)
		s->v[k] &= of_kind->v[k] & first->v[k];
	if (!pm_rows_any(s))
		return;
	words = gated(text);
	for (unsigned k = 0; k < PM_ROW_SETS; k++)
		s->v[k] &= words.v[k];
}
