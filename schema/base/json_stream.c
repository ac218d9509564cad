/* json_stream.c - see json_stream.h. https://www.rfc-editor.org/rfc/rfc8259 */
#include "base/json_stream.h"

#include "base/escape.h"

#include <string.h>

static void add_escaped(struct pm_buf *b, unsigned char c)
{
	static const char named[] = "\bb\ff\nn\rr\tt\"\"\\\\";

	for (const char *p = named; *p; p += 2)
		if ((unsigned char)*p == c) {
			pm_buf_addc(b, '\\');
			pm_buf_addc(b, p[1]);
			return;
		}
	pm_buf_addf(b, "\\u%04X", c);
}

/* Valid UTF-8 between quotes. */
static void add_quoted(struct pm_buf *b, struct pm_str s)
{
	const size_t begun = b->n;
	size_t from = 0;
	bool odd = false;

	pm_buf_addc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		odd |= c >= 0x7f || c == '#';
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		pm_buf_add(b, s.p + from, i - from);
		add_escaped(b, c);
		from = i + 1;
	}
	pm_buf_add(b, s.p + from, s.n - from);
	pm_buf_addc(b, '"');
	if (odd)
		pm_json_inert(b, begun);
}

static void new_line(struct pm_json_stream *j)
{
	if (!j->indented)
		return;
	pm_buf_addc(j->out, '\n');
	pm_buf_pad(j->out, ' ', j->depth);
}

/* What stands before a value. */
static void begin(struct pm_json_stream *j, const char *key)
{
	if (j->more)
		pm_buf_addc(j->out, ',');
	if (j->depth)
		new_line(j);
	j->more = true;
	if (!key)
		return;
	add_quoted(j->out, pm_str_of(key));
	pm_buf_add(j->out, ": ", j->indented ? 2 : 1);
}

static void enter(struct pm_json_stream *j, const char *key, char bracket)
{
	begin(j, key);
	pm_buf_addc(j->out, bracket);
	j->depth++;
	j->more = false;
}

void pm_js_object(struct pm_json_stream *j, const char *key)
{
	enter(j, key, '{');
}

void pm_js_array(struct pm_json_stream *j, const char *key)
{
	enter(j, key, '[');
}

void pm_js_end(struct pm_json_stream *j, char bracket)
{
	j->depth--;
	if (j->more)
		new_line(j);
	pm_buf_addc(j->out, bracket);
	j->more = true;
}

void pm_js_text(struct pm_json_stream *j, const char *key, struct pm_str s)
{
	PM_CLEAN_BUF struct pm_buf valid = { 0 };

	begin(j, key);
	if (pm_is_utf8(s.p, s.n)) {
		add_quoted(j->out, s);
		return;
	}
	pm_quote_json(&valid, s, NULL);
	add_quoted(j->out, (struct pm_str){ valid.v, valid.n });
}

void pm_js_string(struct pm_json_stream *j, const char *key, const char *s)
{
	pm_js_text(j, key, pm_str_of(s));
}

void pm_js_number(struct pm_json_stream *j, const char *key, uint64_t n)
{
	begin(j, key);
	pm_buf_addu(j->out, n);
}

void pm_js_path(struct pm_json_stream *j, const char *path)
{
	static const char digits[] = "0123456789abcdef";
	PM_CLEAN_BUF struct pm_buf hex = { 0 };

	pm_js_string(j, "path", path);
	if (pm_is_utf8(path, strlen(path)))
		return;
	for (const char *p = path; *p; p++) {
		pm_buf_addc(&hex, digits[(unsigned char)*p >> 4]);
		pm_buf_addc(&hex, digits[(unsigned char)*p & 15]);
	}
	pm_js_string(j, "path_hex", pm_buf_str(&hex));
}
