/* opt.c - see opt.h. */
#include "opt.h"

#include "output.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the program: pm_opt_common. */
static struct {
	const struct pm_opt *opts;
	int (*settle)(void *data, struct pm_err *err);
	void *data;
} common;

void pm_opt_common(const struct pm_opt *opts, int (*settle)(void *data, struct pm_err *err),
		   void *data)
{
	common.opts = opts;
	common.settle = settle;
	common.data = data;
}

void pm_opt_list_add(struct pm_opt_list *l, const char *value)
{
	/* the element behind the last one stays NULL */
	if (!l->n)
		*PM_VEC_ADD(l) = NULL;
	else
		l->n++;
	l->v[l->n - 1] = value;
	*PM_VEC_ADD(l) = NULL;
	l->n--;
}

/* ---- help ---- */

static void show_option(struct pm_buf *b, const struct pm_opt *o)
{
	const size_t at = b->n, column = 26;
	const char *p;

	if (o->letter)
		pm_buf_addf(b, "  -%c, --%s", o->letter, o->name);
	else
		pm_buf_addf(b, "      --%s", o->name);
	if (o->arg)
		pm_buf_addf(b, " %s", o->arg);
	if (b->n - at + 2 > column)
		pm_buf_addf(b, "\n%*s", (int)column, "");
	else
		pm_buf_pad(b, ' ', column - (b->n - at));
	for (p = o->help; *p; p++) {
		pm_buf_addc(b, *p);
		if (*p == '\n')
			pm_buf_pad(b, ' ', column);
	}
	pm_buf_addc(b, '\n');
}

static int show_help(const struct pm_opt_spec *spec, struct pm_err *err)
{
	static const struct pm_opt help = { 'h', "help", PM_OPT_FLAG, NULL, NULL, "show this" };
	PM_CLEAN_BUF struct pm_buf b = { 0 };
	int rc;

	pm_buf_addf(&b, "usage: portmig%s%s %s\n\n%s\n\noptions%s:\n", *spec->command ? " " : "",
		    spec->command, spec->synopsis, spec->about,
		    *spec->command ? "" : ", before or behind the command");
	for (const struct pm_opt *o = spec->opts; o && o->name; o++)
		show_option(&b, o);
	show_option(&b, &help);
	rc = pm_out_stdout(&b, err);
	return rc < 0 ? rc : PM_OPT_HELPED;
}

/* ---- suggestions ---- */

/* Optimal string alignment distance, cut at words of 31 bytes. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][33];
	size_t na = strlen(a), nb = strlen(b);

	if (na > 31 || nb > 31)
		return 99;
	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *now = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t best = up[j - 1] + (a[i - 1] != b[j - 1]);

			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    up2[j - 2] + 1 < best)
				best = up2[j - 2] + 1;
			now[j] = best;
		}
	}
	return rows[na % 3][nb];
}

const char *pm_opt_nearest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t least = strlen(word) / 3 + 1;

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, names[i]);

		if (strlen(word) >= 3 && strncmp(word, names[i], strlen(word)) == 0)
			d = 1;
		if (d <= least && (!best || d < least)) {
			best = names[i];
			least = d;
		}
	}
	return best;
}

static int help_hint(const struct pm_opt_spec *spec, struct pm_err *err)
{
	return pm_err_hint(err, "portmig%s%s --help", *spec->command ? " " : "", spec->command);
}

static int unknown(const struct pm_opt_spec *spec, const char *word, struct pm_err *err)
{
	const char *names[64], *near;
	char name[64];
	size_t n = 0;

	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "unknown option '%.200s'", word);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	for (const struct pm_opt *o = spec->opts; o && o->name && n < 63; o++)
		names[n++] = o->name;
	names[n++] = "help";
	near = strncmp(name, "--", 2) == 0 ? pm_opt_nearest(name + 2, names, n) : NULL;
	if (near)
		return pm_err_hint(err, "--%s; or portmig%s%s --help", near,
				   *spec->command ? " " : "", spec->command);
	return help_hint(spec, err);
}

/* ---- values ---- */

static int set_choice(const struct pm_opt *o, const char *value, struct pm_err *err)
{
	const char *p = o->arg;

	for (int i = 0;; i++) {
		size_t n = strcspn(p, "|");

		if (strlen(value) == n && memcmp(p, value, n) == 0) {
			*(int *)o->out = i;
			return 0;
		}
		if (!p[n])
			break;
		p += n + 1;
	}
	pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--%s cannot be '%.200s'", o->name, value);
	return pm_err_hint(err, "--%s %s", o->name, o->arg);
}

static int set_number(const struct pm_opt *o, const char *value, struct pm_err *err)
{
	size_t digits = strspn(value, "0123456789");
	unsigned long n = digits && digits <= 18 ? strtoul(value, NULL, 10) : 0;

	if (!digits || digits > 18 || value[digits] || n < o->lo || n > o->hi)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "--%s needs a number from %lu to %lu, not '%.200s'", o->name,
				  o->lo, o->hi, value);
	*(unsigned long *)o->out = n;
	return 0;
}

static int set_value(const struct pm_opt *o, const char *value, struct pm_err *err)
{
	if (!*value)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--%s needs %s, not an empty word",
				  o->name, o->arg);
	switch (o->kind) {
	case PM_OPT_STRING:
		*(const char **)o->out = value;
		return 0;
	case PM_OPT_PORTS:
		if (!pm_port_parse(pm_str_of(value)))
			return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
					  "--%s needs a port from 1 to 65535, not '%.200s'",
					  o->name, value);
		pm_opt_list_add(o->out, value);
		return 0;
	case PM_OPT_LIST:
		pm_opt_list_add(o->out, value);
		return 0;
	case PM_OPT_NUMBER:
		return set_number(o, value, err);
	case PM_OPT_CHOICE:
		return set_choice(o, value, err);
	case PM_OPT_FLAG:
	case PM_OPT_COUNT:
		break;
	}
	return pm_err_set(err, PM_E_BUG, PM_NOWHERE, "option --%s has no value", o->name);
}

/* ---- parsing ---- */

struct parse {
	const struct pm_opt_spec *spec;
	char **argv;
	int argc, at;
	unsigned long long seen, seen_common; /* single-valued ones given, by index in the table */
};

static bool takes_value(const struct pm_opt *o)
{
	return o->kind != PM_OPT_FLAG && o->kind != PM_OPT_COUNT;
}

/* The table's option, else the program's, of this letter, or of this name of `n` bytes; or NULL. */
static const struct pm_opt *find(const struct parse *p, char letter, const char *name, size_t n,
				 bool *is_common)
{
	const struct pm_opt *tables[] = { p->spec->opts, *p->spec->command ? common.opts : NULL };

	for (size_t i = 0; i < 2; i++)
		for (const struct pm_opt *o = tables[i]; o && o->name; o++)
			if (name ? strlen(o->name) == n && memcmp(o->name, name, n) == 0
				 : o->letter == letter) {
				*is_common = i == 1;
				return o;
			}
	return NULL;
}

static int give(struct parse *p, const struct pm_opt *o, bool is_common, const char *value,
		struct pm_err *err)
{
	const size_t index = (size_t)(o - (is_common ? common.opts : p->spec->opts));
	unsigned long long *seen = is_common ? &p->seen_common : &p->seen;

	if (o->kind == PM_OPT_FLAG) {
		*(bool *)o->out = true;
		return 0;
	}
	if (o->kind == PM_OPT_COUNT) {
		*(int *)o->out += 1;
		return 0;
	}
	if (!value && p->at + 1 < p->argc)
		value = p->argv[++p->at];
	if (!value) {
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--%s needs %s", o->name, o->arg);
		return help_hint(p->spec, err);
	}
	if (o->kind != PM_OPT_LIST && o->kind != PM_OPT_PORTS) {
		PM_ASSERT(index < 64, "too many options in a table");
		if (*seen >> index & 1)
			return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--%s is given twice",
					  o->name);
		*seen |= 1ull << index;
	}
	return set_value(o, value, err);
}

static int long_option(struct parse *p, const char *word, struct pm_err *err)
{
	const size_t n = strcspn(word + 2, "=");
	const char *value = word[2 + n] ? word + 2 + n + 1 : NULL;
	const struct pm_opt *o;
	bool is_common;

	if (strcmp(word, "--help") == 0)
		return show_help(p->spec, err);
	o = find(p, 0, word + 2, n, &is_common);
	if (!o)
		return unknown(p->spec, word, err);
	if (value && !takes_value(o))
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "--%s takes no value", o->name);
	return give(p, o, is_common, value, err);
}

static int short_options(struct parse *p, const char *word, struct pm_err *err)
{
	for (const char *c = word + 1; *c; c++) {
		bool is_common;
		const struct pm_opt *o = find(p, *c, NULL, 0, &is_common);
		int rc;

		if (*c == 'h')
			return show_help(p->spec, err);
		if (!o)
			return unknown(p->spec, word, err);
		if (takes_value(o))
			return give(p, o, is_common, c[1] ? c + 1 : NULL, err);
		rc = give(p, o, is_common, NULL, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int pm_opt_parse(const struct pm_opt_spec *spec, int argc, char **argv, int *n_operands,
		 struct pm_err *err)
{
	struct parse p = { spec, argv, argc, 1, 0, 0 };
	bool options = true;
	int n = 0;

	for (; p.at < argc; p.at++) {
		char *word = argv[p.at];
		int rc = 0;

		if (!options || word[0] != '-' || !word[1]) {
			argv[n++] = word;
			options = options && !spec->stop_at_operand;
		} else if (strcmp(word, "--") == 0) {
			options = false;
		} else if (word[1] == '-') {
			rc = long_option(&p, word, err);
		} else {
			rc = short_options(&p, word, err);
		}
		if (rc)
			return rc;
	}
	*n_operands = n;
	return *spec->command && common.settle ? common.settle(common.data, err) : 0;
}

int pm_opt_operands(const struct pm_opt_spec *spec, int n, char **argv, int lo, int hi,
		    struct pm_err *err)
{
	if (n < lo)
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "'%s' needs %s", spec->command,
			   lo == 1 ? "an argument" : "more arguments");
	else if (n > hi)
		pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "'%s' cannot use the argument '%.200s'",
			   spec->command, argv[hi]);
	else
		return 0;
	return pm_err_hint(err, "portmig %s %s", spec->command, spec->synopsis);
}
