/* pieces.c - see pieces.h. */
#include "pieces.h"

#include "digits.h"
#include "pattern.h"

#include "base/buf.h"

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
	struct pm_memo *memo; /* or NULL */
	struct pm_buf key;    /* scratch */
	struct pm_piece line; /* the line at hand, its numbers being found */
	size_t end;           /* of it, in the file */
	bool done;            /* nothing to find in it */
};

/* The line around `pos`, which is behind the line before. */
static struct pm_str line_at(const struct cutter *c, size_t pos)
{
	const char *bytes = c->f->bytes, *lf;
	size_t from = c->end, to = c->f->len;

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

/* A number of the piece's text, if what surrounds it in its line allows. */
static void add_number(struct cutter *c, struct pm_piece *p, size_t off, size_t len)
{
	if (!pm_port_bounded(p->line, off - (size_t)(p->line.p - c->f->bytes), len))
		return;
	*PM_VEC_ADD(&c->out->numbers) =
		(struct pm_number){ .off = (uint32_t)off, .len = (uint8_t)len };
	if (!p->known)
		pm_rows_add(&p->rows, p->text, off - (size_t)(p->text.p - c->f->bytes), len);
	p->n++;
}

/* What decides what is found in a piece: a line; or, of a long one, the text and which numbers of it
 * are bounded, what stands around it being no part of it. */
static struct pm_str key_of(struct pm_buf *b, const struct pm_pieces *all, const struct pm_piece *p,
			    const struct pm_file *f)
{
	if (p->text.n == p->line.n)
		return p->line;
	pm_buf_clear(b);
	pm_buf_addc(b, '\n'); /* no line begins so */
	pm_buf_add(b, p->text.p, p->text.n);
	for (uint32_t i = 0; i < p->n; i++) {
		const struct pm_number *n = &all->numbers.v[p->first + i];
		const uint16_t place[] = {
			(uint16_t)(n->off - (size_t)(p->text.p - f->bytes)), n->len,
		};

		pm_buf_add(b, place, sizeof(place));
	}
	return (struct pm_str){ b->v, b->n };
}

/* Was the like of the piece seen before? */
static void recall(struct cutter *c, struct pm_piece *p)
{
	struct pm_str key = key_of(&c->key, c->out, p, c->f);
	const struct pm_find *finds;
	size_t n;

	p->kept = key.n <= PM_MEMO_MAX;
	p->known = p->kept && pm_memo_get(c->memo, c->kind, key, &p->rows, &finds, &n);
	for (size_t i = 0; p->known && i < n; i++)
		pm_piece_found(c->out, p, &finds[i]);
}

/* All numbers of the piece are known: keep it if something may match. */
static void add_piece(struct cutter *c, struct pm_piece *p)
{
	if (!p->n)
		return;
	if (c->memo && !p->kept)
		recall(c, p);
	if (!p->known)
		pm_rows_keep(&p->rows, p->text, c->kind);
	if (c->every_line || pm_rows_any(&p->rows)) {
		*PM_VEC_ADD(&c->out->pieces) = *p;
	} else {
		if (p->kept && !p->known)
			pm_memo_put(c->memo, c->kind, key_of(&c->key, c->out, p, c->f), &p->rows,
				    NULL, 0);
		c->out->numbers.n = p->first;
	}
	p->n = 0;
}

static void add_window(struct cutter *c, struct pm_str line, struct pm_str text)
{
	struct pm_piece p = { .text = text, .line = line, .first = (uint32_t)c->out->numbers.n };
	const size_t from = (size_t)(text.p - c->f->bytes);
	struct pm_digits d;
	size_t off, len;
	unsigned port;

	pm_digits_init(&d, (struct pm_str){ c->f->bytes, from + text.n });
	pm_digits_seek(&d, from);
	while ((port = pm_digits_next(&d, &off, &len)))
		if (pm_port_set_has(c->want, port))
			add_number(c, &p, off, len);
	add_piece(c, &p);
}

/* A piece for each number that is not in the one before, or too near to its end. */
static void cut_long_line(struct cutter *c, struct pm_str line)
{
	const size_t line_end = (size_t)(line.p - c->f->bytes) + line.n;
	const struct pm_str all = { c->f->bytes, line_end };
	size_t pos = (size_t)(line.p - c->f->bytes), end, len;
	unsigned port;

	while ((port = pm_port_next(all, &pos, &len))) {
		struct pm_str text;

		if (!pm_port_set_has(c->want, port)) {
			pos += len;
			continue;
		}
		text = window(c->f, line, pos);
		add_window(c, line, text);
		end = (size_t)(text.p - c->f->bytes) + text.n;
		if (end < line_end)
			end -= LEAD;
		pos = end > pos + len ? end : pos + len;
	}
}

/* The first number of a new line is at `off`. */
static void begin_line(struct cutter *c, struct pm_digits *d, size_t off)
{
	struct pm_str line = line_at(c, off);

	c->line = (struct pm_piece){ .text = line, .line = line,
				     .first = (uint32_t)c->out->numbers.n };
	c->end = (size_t)(line.p - c->f->bytes) + line.n;
	c->done = line.n > PM_PIECE_MAX;
	if (c->memo && line.n <= PM_MEMO_LINE_MAX) {
		recall(c, &c->line);
		c->done = c->line.known && !pm_rows_any(&c->line.rows);
	}
	if (c->done && line.n > PM_PIECE_MAX && line.n <= PM_PIECE_LINE_MAX)
		cut_long_line(c, line);
	if (c->done)
		pm_digits_seek(d, c->end);
}

static void cut(struct cutter *c)
{
	struct pm_digits d;
	size_t off, len;
	unsigned port;

	pm_digits_init(&d, (struct pm_str){ c->f->bytes, c->f->len });
	while ((port = pm_digits_next(&d, &off, &len))) {
		if (!pm_port_set_has(c->want, port))
			continue;
		if (off >= c->end) {
			add_piece(c, &c->line);
			begin_line(c, &d, off);
		}
		if (!c->done)
			add_number(c, &c->line, off, len);
	}
	add_piece(c, &c->line);
}

struct pm_pieces *pm_sink_pieces(struct pm_sink *s)
{
	if (!s->has_pieces) {
		struct cutter c = {
			.f = s->file, .want = s->want, .kind = pm_file_kind(s->file),
			.every_line = s->every_line,
		};

		c.memo = s->every_line ? NULL : s->memo;
		if (!s->pieces)
			s->pieces = pm_xcalloc(1, sizeof(*s->pieces));
		c.out = s->pieces;
		s->has_pieces = true;
		cut(&c);
		pm_buf_release(&c.key);
	}
	return s->pieces;
}

void pm_piece_found(struct pm_pieces *all, struct pm_piece *p, const struct pm_find *f)
{
	*PM_VEC_ADD(&all->found) = (struct pm_found){ *f, 0 };
	*(p->found ? &all->found.v[p->last - 1].next : &p->found) = (uint32_t)all->found.n;
	p->last = (uint32_t)all->found.n;
}

static void remember(struct pm_sink *s, unsigned kind, const struct pm_piece *p)
{
	const struct pm_pieces *all = s->pieces;
	PM_CLEAN_BUF struct pm_buf key = { 0 };
	struct pm_find finds[PM_FINDS_MAX];
	size_t n = 0;

	for (uint32_t i = p->found; i; i = all->found.v[i - 1].next) {
		if (n == PM_FINDS_MAX)
			return;
		finds[n++] = all->found.v[i - 1].find;
	}
	pm_memo_put(s->memo, kind, key_of(&key, all, p, s->file), &p->matched, finds, n);
}

void pm_pieces_remember(struct pm_sink *s)
{
	const unsigned kind = pm_file_kind(s->file);

	if (!s->has_pieces || !s->memo || s->every_line)
		return;
	for (size_t i = 0; i < s->pieces->pieces.n; i++) {
		const struct pm_piece *p = &s->pieces->pieces.v[i];

		if (p->kept && !p->known && !p->hard)
			remember(s, kind, p);
	}
}

void pm_pieces_clear(struct pm_pieces *p)
{
	p->pieces.n = p->numbers.n = p->found.n = 0;
}

void pm_pieces_free(struct pm_pieces *p)
{
	if (!p)
		return;
	PM_VEC_FREE(&p->pieces);
	PM_VEC_FREE(&p->numbers);
	PM_VEC_FREE(&p->found);
	free(p);
}
