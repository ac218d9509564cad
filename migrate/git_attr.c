/*
 * git_attr.c - the few attributes of .gitattributes that matter to us, read from the commit and
 * not from the working tree. Format: https://git-scm.com/docs/gitattributes. User-defined macros
 * are not expanded; the built-in `binary` is an attribute here.
 */
#include "git_impl.h"

#include "base/re.h"

#include <stdlib.h>
#include <string.h>

struct pm_attr_rule {
	struct pm_re *re;
	size_t dir_len; /* of the directory that holds the file */
	bool basename;  /* no slash in the pattern: compare the last part of the path */
	uint8_t state[PM_ATTR_NAMES];
	bool says[PM_ATTR_NAMES];
};

static const char *const attr_names[PM_ATTR_NAMES] = {
	"binary", "linguist-generated", "linguist-vendored", "linguist-documentation", "portmig",
};

/* The next word of a line, quotes undone for a pattern ("a b" with C escapes is rare: only \\ and
 * \" are understood, others give up the line). False at the end. */
static bool next_word(struct pm_str *line, struct pm_buf *word)
{
	size_t i = 0;

	pm_buf_clear(word);
	*line = pm_str_trim(*line);
	if (!line->n)
		return false;
	if (line->p[0] == '"') {
		for (i = 1; i < line->n && line->p[i] != '"'; i++) {
			if (line->p[i] == '\\' && i + 1 < line->n &&
			    (line->p[i + 1] == '"' || line->p[i + 1] == '\\'))
				i++;
			pm_buf_addc(word, line->p[i]);
		}
		i += i < line->n;
	} else {
		while (i < line->n && line->p[i] != ' ' && line->p[i] != '\t')
			i++;
		pm_buf_add(word, line->p, i);
	}
	line->p += i;
	line->n -= i;
	return true;
}

/* One attribute of a line: name, -name, !name, name=value. */
static bool read_attr(const char *word, struct pm_attr_rule *rule)
{
	enum pm_attr_state state = PM_ATTR_ON;
	const char *value;
	size_t len;

	if (*word == '-' || *word == '!') {
		state = *word == '-' ? PM_ATTR_OFF : PM_ATTR_UNSAID;
		word++;
	}
	value = strchr(word, '=');
	len = value ? (size_t)(value - word) : strlen(word);
	if (value && (strcmp(value, "=false") == 0 || strcmp(value, "=no") == 0))
		state = PM_ATTR_OFF;
	for (size_t i = 0; i < PM_ATTR_NAMES; i++)
		if (strlen(attr_names[i]) == len && memcmp(attr_names[i], word, len) == 0) {
			rule->says[i] = true;
			rule->state[i] = (uint8_t)state;
			return true;
		}
	return false;
}

static void read_line(struct pm_attr_rules *rules, size_t dir_len, struct pm_str line)
{
	PM_CLEAN_BUF struct pm_buf pattern = { 0 };
	PM_CLEAN_BUF struct pm_buf word = { 0 };
	struct pm_attr_rule rule = { .dir_len = dir_len };
	const char *p;
	bool useful = false;

	if (!next_word(&line, &pattern) || pm_buf_str(&pattern)[0] == '#' ||
	    pm_buf_str(&pattern)[0] == '!' || pm_buf_str(&pattern)[0] == '[')
		return;
	while (next_word(&line, &word))
		useful |= read_attr(pm_buf_str(&word), &rule);
	if (!useful)
		return;
	p = pm_buf_str(&pattern);
	rule.basename = !strchr(p, '/');
	/* a pattern that does not compile matches nothing, as in Git */
	if (pm_re_glob(&rule.re, *p == '/' ? p + 1 : p, NULL) == 0)
		*PM_VEC_ADD(rules) = rule;
}

void pm_attr_push(struct pm_attr_rules *rules, const char *dir, const char *text, size_t len)
{
	size_t from = 0;

	while (from < len) {
		const char *end = memchr(text + from, '\n', len - from);
		size_t n = end ? (size_t)(end - text) - from : len - from;

		read_line(rules, strlen(dir), (struct pm_str){ text + from, n });
		from += n + 1;
	}
}

void pm_attr_pop(struct pm_attr_rules *rules, size_t n)
{
	while (rules->n > n)
		pm_re_free(rules->v[--rules->n].re);
	if (n == 0)
		PM_VEC_FREE(rules);
}

void pm_attr_find(const struct pm_attr_rules *rules, const char *path,
		  enum pm_attr_state state[PM_ATTR_NAMES])
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;

	for (size_t i = 0; i < PM_ATTR_NAMES; i++)
		state[i] = PM_ATTR_UNSAID;
	for (size_t i = 0; i < rules->n; i++) {
		const struct pm_attr_rule *rule = &rules->v[i];
		struct pm_str s = pm_str_of(rule->basename ? base : path + rule->dir_len);

		if (pm_re_match(rule->re, s, 0, NULL, 0) != 1)
			continue;
		for (size_t k = 0; k < PM_ATTR_NAMES; k++)
			if (rule->says[k])
				state[k] = rule->state[k];
	}
}
