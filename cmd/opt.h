/*
 * opt.h - options from tables: what parses the words also prints the help.
 *
 * Long options take `--name=value` or `--name value`, short ones `-n value` or `-nvalue`; short
 * flags may be clustered; `--` ends the options; a lone `-` is an operand. Options and operands may
 * be mixed. Long names may not be abbreviated. --help and -h are in every table by themselves, the
 * options of the program in every command's.
 */
#ifndef PM_OPT_H
#define PM_OPT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum pm_opt_kind {
	PM_OPT_FLAG,   /* bool *: set to true */
	PM_OPT_COUNT,  /* int *: raised by one each time */
	PM_OPT_STRING, /* const char **; not empty; may be given once */
	PM_OPT_LIST,   /* struct pm_opt_list *; not empty; may be repeated */
	PM_OPT_NUMBER, /* unsigned long *: decimal, within lo..hi; once */
	PM_OPT_PORTS,  /* struct pm_opt_list *: like LIST, each value a port 1..65535 */
	PM_OPT_CHOICE  /* int *: index of the value among the words of `arg`, "text|json"; once */
};

struct pm_opt {
	char letter;      /* 0: none */
	const char *name; /* NULL ends a table */
	enum pm_opt_kind kind;
	void *out;
	const char *arg;  /* shown in the help; choices for PM_OPT_CHOICE */
	const char *help; /* lines separated by \n */
	unsigned long lo, hi; /* PM_OPT_NUMBER */
};

/* A list of values in the order given, with a NULL behind the last one. */
struct pm_opt_list {
	const char **v; /* heap: PM_VEC_FREE */
	size_t n, cap;
};

struct pm_opt_spec {
	const char *command;  /* "plan", "schema show"; "" for the program itself */
	const char *synopsis; /* behind the name: "[options] [PATH...]" */
	const char *about;    /* a paragraph */
	const struct pm_opt *opts;
	bool stop_at_operand; /* options end at the first operand */
};

enum { PM_OPT_HELPED = 1 };

/* Parse argv[1..argc). Operands are moved to the front of argv (argv[0] on) and counted in
 * *n_operands. Returns 0; PM_OPT_HELPED when --help was asked for and printed to stdout; PM_E_USAGE.
 * String values point into argv. */
int pm_opt_parse(const struct pm_opt_spec *spec, int argc, char **argv, int *n_operands,
		 struct pm_err *err);

/* Options of the program, which every command takes as well; `settle(data)` is called when the words
 * of a command are parsed, and fails the parse when it is negative. Kept by reference. */
void pm_opt_common(const struct pm_opt *opts, int (*settle)(void *data, struct pm_err *err),
		   void *data);

/* The name among `names` (n of them) that `word` was probably meant to be, or NULL. */
const char *pm_opt_nearest(const char *word, const char *const *names, size_t n);

/* PM_E_USAGE unless there are between lo and hi operands. */
int pm_opt_operands(const struct pm_opt_spec *spec, int n, char **argv, int lo, int hi,
		    struct pm_err *err);

/* Add a value behind the others. */
void pm_opt_list_add(struct pm_opt_list *l, const char *value);

#endif
