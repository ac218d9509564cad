/* err.c - see err.h. */
#include "base/err.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void format_where(struct pm_err *err, struct pm_loc loc)
{
	err->where[0] = '\0';
	if (!loc.path)
		return;
	if (loc.line && loc.col)
		snprintf(err->where, sizeof(err->where), "%s:%u:%u", loc.path, loc.line, loc.col);
	else if (loc.line)
		snprintf(err->where, sizeof(err->where), "%s:%u", loc.path, loc.line);
	else
		snprintf(err->where, sizeof(err->where), "%s", loc.path);
}

int pm_err_set(struct pm_err *err, enum pm_code code, struct pm_loc loc, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	format_where(err, loc);
	return code;
}

int pm_err_wrap(struct pm_err *err, const char *fmt, ...)
{
	char head[256];
	char tail[sizeof(err->text)];
	va_list ap;

	if (!err)
		return PM_E_BUG;
	va_start(ap, fmt);
	vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	memcpy(tail, err->text, sizeof(tail));
	tail[sizeof(tail) - 1] = '\0';
	snprintf(err->text, sizeof(err->text), "%.255s: %.760s", head, tail);
	return err->code;
}

int pm_err_hint(struct pm_err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return PM_E_BUG;
	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return err->code;
}

int pm_err_exit(enum pm_code code)
{
	switch (code) {
	case PM_OK:
		return 0;
	case PM_E_USAGE:
	case PM_E_PARSE:
	case PM_E_SCHEMA:
	case PM_E_NOTFOUND:
		return 2;
	case PM_E_REFUSED:
		return 3;
	case PM_E_REPO:
		return 4;
	case PM_E_IO:
	case PM_E_LIMIT:
		return 5;
	case PM_E_BUG:
		break;
	}
	return 70;
}

static atomic_bool published;

void pm_published(void)
{
	published = true;
}

bool pm_is_published(void)
{
	return published;
}

void pm_bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "portmig: bug: %s (%s:%d); %s\n", what, file, line,
		published ? "the branch was created" : "nothing was published");
	_exit(70);
}

void pm_die_oom(void)
{
	static const char before[] = "portmig: out of memory; nothing was published\n";
	static const char after[] = "portmig: out of memory; the branch was created\n";
	ssize_t n = published ? write(STDERR_FILENO, after, sizeof(after) - 1)
			      : write(STDERR_FILENO, before, sizeof(before) - 1);

	(void)n;
	_exit(5);
}
