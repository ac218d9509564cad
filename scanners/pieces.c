/* pieces.c - see pieces.h. */
#include "pieces.h"

#include "pattern.h"

#include <stdlib.h>
#include <string.h>

enum { LEAD = 300 }; /* bytes of a piece before its number, in a long line */

/* A file being cut into pieces. */
struct cutter {
	struct pm_pieces *out;
	const struct pm_file *f;
	const struct pm_port_set *want;
	unsigned kind;
	bool every_line;
	size_t behind; /* of the last line taken */
};

/* Does the byte before, or the one behind, alone tell that a number is no port? A part of what
 * pm_port_bounded asks, and most numbers end here. */
static bool is_stuck(const struct pm_file *f, size_t off, size_t len)
{
	const char b = off ? f->bytes[off - 1] : ' ';

	if (off + len < f->len && pm_is_word(f->bytes[off + len]))
		return true;
	if (pm_is_word(b))
		return b != 'p' && b != 'A' && b != 'n'; /* -p4000, %3A4000, \n4000 */
	return b == '#' || b == '$' || b == '@' || b == '+';
}

/* The line around `pos`, without its end; lines are asked for one after the other. */
static struct pm_str line_at(const struct cutter *c, size_t pos)
{
	const char *bytes = c->f->bytes, *lf;
	size_t from = c->behind, to = c->f->len;

	lf = memrchr(bytes + from, '\n', pos - from);
	from = lf ? (size_t)(lf - bytes) + 1 : from;
	lf = memchr(bytes + pos, '\n', c->f->len - pos);
	to = lf ? (size_t)(lf - bytes) : to;
	if (to > from && bytes[to - 1] == '\r')
		to--;
	return (struct pm_str){ bytes + from, to - from };
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

/* Numbers of the text at or behind `pos` of the file; of the line, what bounds them. */
static void add_numbers(struct cutter *c, struct pm_piece *p, size_t pos)
{
	const size_t line = (size_t)(p->line.p - c->f->bytes), text = (size_t)(p->text.p - c->f->bytes);
	const struct pm_str seen = { c->f->bytes, text + p->text.n };
	unsigned port;
	size_t len;

	p->first = (uint32_t)c->out->numbers.n;
	for (; (port = pm_port_next(seen, &pos, &len)); pos += len) {
		if (is_stuck(c->f, pos, len) || !pm_port_set_has(c->want, port) ||
		    !pm_port_bounded(p->line, pos - line, len))
			continue;
		*PM_VEC_ADD(&c->out->numbers) =
			(struct pm_number){ .off = (uint32_t)pos, .len = (uint8_t)len };
		pm_rows_add(&p->rows, p->text, pos - text, len);
	}
	p->n = (uint32_t)(c->out->numbers.n - p->first);
}

static void add_piece(struct cutter *c, struct pm_piece *p)
{
	if (p->n)
		pm_rows_keep(&p->rows, p->text, c->kind);
	if (p->n && (c->every_line || pm_rows_any(&p->rows)))
		*PM_VEC_ADD(&c->out->pieces) = *p;
	else
		c->out->numbers.n = p->first;
}

/* The line has a number at `pos`, the first that is not stuck. */
static void cut_line(struct cutter *c, struct pm_str line, size_t pos)
{
	struct pm_piece p = { .text = line, .line = line };

	add_numbers(c, &p, pos);
	add_piece(c, &p);
}

/* A piece for each number that is not in the one before, or too near to its end. */
static void cut_long_line(struct cutter *c, struct pm_str line)
{
	const size_t line_end = (size_t)(line.p - c->f->bytes) + line.n;
	struct pm_str all = { c->f->bytes, line_end };
	size_t pos = (size_t)(line.p - c->f->bytes), end, len;
	unsigned port;

	while ((port = pm_port_next(all, &pos, &len))) {
		struct pm_piece p = { .line = line };

		if (!pm_port_set_has(c->want, port)) {
			pos += len;
			continue;
		}
		p.text = window(c->f, line, pos);
		add_numbers(c, &p, (size_t)(p.text.p - c->f->bytes));
		add_piece(c, &p);
		end = (size_t)(p.text.p - c->f->bytes) + p.text.n;
		if (end < line_end)
			end -= LEAD;
		pos = end > pos + len ? end : pos + len;
	}
}

static void cut(struct cutter *c)
{
	struct pm_str all = { c->f->bytes, c->f->len };
	size_t pos = 0, len;
	unsigned port;

	while ((port = pm_port_next(all, &pos, &len))) {
		struct pm_str line;

		if (is_stuck(c->f, pos, len) || !pm_port_set_has(c->want, port)) {
			pos += len;
			continue;
		}
		line = line_at(c, pos);
		if (line.n <= PM_PIECE_MAX)
			cut_line(c, line, pos);
		else if (line.n <= PM_PIECE_LINE_MAX)
			cut_long_line(c, line);
		c->behind = pos = (size_t)(line.p - c->f->bytes) + line.n;
	}
}

const struct pm_pieces *pm_sink_pieces(struct pm_sink *s)
{
	if (!s->pieces) {
		struct cutter c = {
			.f = s->file, .want = s->want, .kind = pm_file_kind(s->file),
			.every_line = s->every_line,
		};

		s->pieces = pm_xcalloc(1, sizeof(*s->pieces));
		c.out = s->pieces;
		cut(&c);
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
