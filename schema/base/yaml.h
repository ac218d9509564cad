/*
 * yaml.h - YAML as a tree of nodes with byte spans. The only reader that uses libyaml.
 *
 * libyaml's marks count characters after the BOM and include quotes; here every scalar has the
 * span of its content bytes in the file (inside the quotes), so that digits can be edited in
 * place. Where the content differs from the bytes (escapes, folded lines), `exact` is false and
 * the span covers the whole token. Aliases point to the anchored node; nothing is expanded.
 */
#ifndef PM_YAML_H
#define PM_YAML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

enum pm_yaml_kind { PM_YAML_SCALAR, PM_YAML_SEQ, PM_YAML_MAP };
enum pm_yaml_style { PM_YAML_PLAIN, PM_YAML_SINGLE, PM_YAML_DOUBLE, PM_YAML_LITERAL,
		     PM_YAML_FOLDED };

struct pm_yaml_node {
	enum pm_yaml_kind kind;
	enum pm_yaml_style style;
	struct pm_span span;     /* scalar: content; collections: first to last byte */
	bool exact;              /* bytes at span equal `text` */
	struct pm_str text;      /* scalar value (arena) */
	const char *tag;         /* explicit tag or NULL */
	bool aliased;            /* reached through *alias */
	struct pm_yaml_node **items; /* SEQ: items; MAP: key, value, key, value ... */
	size_t n;                /* number of entries in items */
	unsigned line;           /* 1-based, by LF */
};

struct pm_yaml {
	struct pm_yaml_node **docs;
	size_t n;
};

/* Parse all documents. Limits: depth 128, 2 million nodes. PM_E_PARSE with line (and what libyaml
 * says), PM_E_LIMIT. `text` may have a BOM; UTF-16 is PM_E_PARSE. */
int pm_yaml_parse(struct pm_yaml *out, struct pm_arena *a, const char *path, struct pm_str text,
		  struct pm_err *err);
/* Value of `key` in a map, or NULL. Follows merge keys ("<<"). */
const struct pm_yaml_node *pm_yaml_get(const struct pm_yaml_node *map, const char *key);
/* Scalar text of `key`, or an empty slice. */
struct pm_str pm_yaml_get_str(const struct pm_yaml_node *map, const char *key);

const char *pm_yaml_version(void); /* of the library at hand */

#endif
