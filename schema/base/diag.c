/* diag.c - see diag.h. */
#include "base/diag.h"

#include "base/err.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 0)))
static char *print(struct pm_arena *a, const char *fmt, va_list ap)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_buf_vaddf(&b, fmt, ap);
	return pm_arena_strndup(a, pm_buf_str(&b), b.n);
}

struct pm_diag *pm_diag_add(struct pm_diags *d, struct pm_arena *a, const char *rule,
			    enum pm_severity severity, const char *path, unsigned line,
			    unsigned col, const char *fmt, ...)
{
	struct pm_diag *x = PM_VEC_ADD(d);
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = print(a, fmt, ap);
	va_end(ap);
	x->rule = rule;
	x->severity = severity;
	x->path = pm_arena_strdup(a, path);
	x->line = line;
	x->col = col;
	x->text = text;
	return x;
}

void pm_diag_key(struct pm_diag *x, struct pm_arena *a, const char *service, unsigned port,
		 const char *key)
{
	x->service = pm_arena_strdup(a, service);
	x->port = port;
	x->key = pm_arena_strdup(a, key);
}

void pm_diag_also(struct pm_diag *x, struct pm_arena *a, const char *path, unsigned line,
		  unsigned col, const char *fmt, ...)
{
	const size_t n = x->n_also;
	va_list ap;

	/* grown when full, at powers of two: the old array stays in the arena */
	if (!(n & (n - 1)) || !n) {
		struct pm_diag_place *v = PM_NEW_N(a, struct pm_diag_place, n ? 2 * n : 1);

		if (n)
			memcpy(v, x->also, n * sizeof(*v));
		x->also = v;
	}
	va_start(ap, fmt);
	x->also[n] = (struct pm_diag_place){ pm_arena_strdup(a, path), line, col,
					     print(a, fmt, ap) };
	va_end(ap);
	x->n_also = n + 1;
}

/* Quoted where it holds anything odd, so that neither tabs nor line ends are inside. */
static void add_part(struct pm_buf *out, const char *s, bool numbers)
{
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_quote_text(&b, pm_str_of(s));
	for (const char *p = pm_buf_str(&b); *p; p++) {
		if (!pm_is_digit(*p) || numbers) {
			pm_buf_addc(out, *p);
			continue;
		}
		while (pm_is_digit(p[1]))
			p++;
		pm_buf_addc(out, '#');
	}
}

void pm_diag_fingerprint(struct pm_buf *out, const struct pm_diag *x)
{
	pm_buf_adds(out, x->rule);
	pm_buf_addc(out, '\t');
	add_part(out, x->path, true);
	pm_buf_addc(out, '\t');
	add_part(out, x->service, true);
	pm_buf_addc(out, '\t');
	if (x->port)
		pm_buf_addf(out, "%u", x->port);
	pm_buf_addc(out, '\t');
	if (x->key)
		add_part(out, x->key, true);
	else if (!x->service && !x->port)
		add_part(out, x->text, false);
}

void pm_diags_release(struct pm_diags *d)
{
	PM_VEC_FREE(d);
}

int pm_diag_compare(const struct pm_diag *a, const struct pm_diag *b)
{
	int c = strcmp(a->path ? a->path : "", b->path ? b->path : "");

	if (c)
		return c;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->col != b->col)
		return a->col < b->col ? -1 : 1;
	c = strcmp(a->rule, b->rule);
	return c ? c : strcmp(a->text, b->text);
}

static int compare(const void *a, const void *b)
{
	return pm_diag_compare(a, b);
}

void pm_diags_sort(struct pm_diags *d)
{
	if (d->n)
		qsort(d->v, d->n, sizeof(*d->v), compare);
}

const char *pm_severity_name(enum pm_severity s)
{
	static const char *const names[] = { "note", "warning", "error" };

	return names[s];
}
