/* findings.c - see findings.h. */
#include "findings.h"

#include "rules.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

struct settle {
	struct pm_findings *out;
	struct pm_arena *a;
	const struct pm_config *config;
	const struct pm_allows *allows;
	bool *used_config, *used_comment; /* by index */
};

/* ---- severities ---- */

static const struct pm_config_rule *config_rule(const struct pm_config *c, const char *rule)
{
	for (size_t i = 0; c && i < c->rules.n; i++)
		if (strcmp(c->rules.v[i].rule, rule) == 0)
			return &c->rules.v[i];
	return NULL;
}

static void add(struct settle *s, const struct pm_diag *d)
{
	const struct pm_config_rule *rule = config_rule(s->config, d->rule);
	const struct pm_rule *known = pm_rule_find(d->rule);
	struct pm_finding *f = PM_VEC_ADD(s->out);
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	pm_diag_fingerprint(&b, d);
	f->d = *d;
	if (!f->d.hint && known)
		f->d.hint = known->advice;
	f->fingerprint = pm_arena_strndup(s->a, pm_buf_str(&b), b.n);
	if (rule && rule->severity == PM_RULE_OFF)
		f->hidden = PM_HIDDEN_OFF;
	else if (rule)
		f->d.severity = (enum pm_severity)rule->severity;
}

/* ---- exceptions ---- */

static bool config_allows(const struct pm_config_allow *x, const struct pm_diag *d)
{
	return strcmp(x->rule, d->rule) == 0 && (!x->port || x->port == d->port) &&
	       (!x->service || (d->service && pm_str_ieq(pm_str_of(d->service), x->service))) &&
	       (!x->glob || (d->path && pm_config_covers(x->glob, x->re, d->path)));
}

static bool at(const struct pm_allow *x, const char *path, unsigned line)
{
	return path && (x->covers == line || x->line == line) && strcmp(x->path, path) == 0;
}

/* At the place of the finding, or at another that it speaks of: either of two rows. */
static bool comment_allows(const struct pm_allow *x, const struct pm_diag *d)
{
	bool here = at(x, d->path, d->line);

	for (size_t i = 0; i < d->n_also && !here; i++)
		here = at(x, d->also[i].path, d->also[i].line);
	return here && *x->reason && pm_allow_names(x, d->rule);
}

static void except(struct settle *s, struct pm_finding *f)
{
	for (size_t i = 0; s->config && i < s->config->allow.n; i++)
		if (config_allows(&s->config->allow.v[i], &f->d)) {
			s->used_config[i] = true;
			f->reason = s->config->allow.v[i].reason;
		}
	for (size_t i = 0; i < s->allows->n; i++)
		if (comment_allows(&s->allows->v[i], &f->d)) {
			s->used_comment[i] = true;
			f->reason = s->allows->v[i].reason;
		}
	if (f->reason && f->hidden == PM_SHOWN)
		f->hidden = PM_HIDDEN_ALLOWED;
}

/* ---- what is wrong with the exceptions ---- */

static void unknown(struct settle *s, struct pm_diags *d, const char *path, unsigned line,
		    unsigned col, const char *rule)
{
	pm_diag_add(d, s->a, "rule-unknown", PM_WARNING, path, line, col,
		    "there is no rule '%s'", rule)->hint = "portmig check --list-rules";
	pm_diag_key(&d->v[d->n - 1], s->a, NULL, 0, rule);
}

static void check_config(struct settle *s, struct pm_diags *d)
{
	const struct pm_config *c = s->config;

	for (size_t i = 0; c && i < c->rules.n; i++)
		if (!pm_rule_find(c->rules.v[i].rule))
			unknown(s, d, c->path, c->rules.v[i].line, 0, c->rules.v[i].rule);
	for (size_t i = 0; c && i < c->allow.n; i++) {
		const struct pm_config_allow *x = &c->allow.v[i];

		if (!pm_rule_find(x->rule))
			unknown(s, d, c->path, x->line, 0, x->rule);
		else if (!s->used_config[i])
			pm_diag_add(d, s->a, "allow-unused", PM_WARNING, c->path, x->line, 0,
				    "no finding of %s needs this exception ('%s')", x->rule,
				    x->reason)->hint = "remove it";
	}
}

static void check_comment(struct settle *s, struct pm_diags *d, const struct pm_allow *x,
			  bool used)
{
	size_t known = 0, n;

	for (const char *p = x->rules; *p; p += n + (p[n] == ',')) {
		const char *rule;

		n = strcspn(p, ",");
		rule = pm_arena_strndup(s->a, p, n);
		if (pm_rule_find(rule))
			known++;
		else
			unknown(s, d, x->path, x->line, x->col, rule);
	}
	if (!*x->rules || !*x->reason)
		pm_diag_add(d, s->a, "allow-without-reason", PM_WARNING, x->path, x->line, x->col,
			    "%s: it does not count", !*x->rules
			    ? "this exception names no rule and no reason"
			    : "this exception gives no reason")
			->hint = "portmig:allow RULE reason";
	else if (known && !used)
		pm_diag_add(d, s->a, "allow-unused", PM_WARNING, x->path, x->line, x->col,
			    "no finding of %s at line %u needs this exception", x->rules,
			    x->covers)->hint = "remove it";
}

/* ---- all ---- */

static int by_place(const void *pa, const void *pb)
{
	const struct pm_finding *a = pa, *b = pb;

	return pm_diag_compare(&a->d, &b->d);
}

static void sort_once(struct pm_findings *f)
{
	size_t n = 0;

	if (f->n)
		qsort(f->v, f->n, sizeof(*f->v), by_place);
	for (size_t i = 0; i < f->n; i++)
		if (!n || by_place(&f->v[n - 1], &f->v[i]) != 0)
			f->v[n++] = f->v[i];
	f->n = n;
}

void pm_findings_settle(struct pm_findings *out, struct pm_arena *a, const struct pm_diags *diags,
			const struct pm_config *config, const struct pm_allows *allows)
{
	struct settle s = { .out = out, .a = a, .config = config, .allows = allows };
	struct pm_diags own = { 0 };

	s.used_config = PM_NEW_N(a, bool, config ? config->allow.n + 1 : 1);
	s.used_comment = PM_NEW_N(a, bool, allows->n + 1);
	for (size_t i = 0; i < diags->n; i++)
		add(&s, &diags->v[i]);
	for (size_t i = 0; i < out->n; i++)
		except(&s, &out->v[i]);
	check_config(&s, &own);
	for (size_t i = 0; i < allows->n; i++)
		check_comment(&s, &own, &allows->v[i], s.used_comment[i]);
	for (size_t i = 0; i < own.n; i++)
		add(&s, &own.v[i]);
	pm_diags_release(&own);
	sort_once(out);
}

/* ---- older states ---- */

struct tally {
	const char *fingerprint;
	size_t most, now; /* in one of the older states; in the one that is counted */
	UT_hash_handle hh;
};

static struct tally *tally_of(struct tally **all, struct pm_arena *a, const char *fingerprint)
{
	struct tally *t = NULL;

	HASH_FIND_STR(*all, fingerprint, t);
	if (!t) {
		t = PM_NEW(a, struct tally);
		t->fingerprint = fingerprint;
		HASH_ADD_KEYPTR(hh, *all, t->fingerprint, strlen(t->fingerprint), t);
	}
	return t;
}

void pm_findings_hide_old(struct pm_findings *f, const struct pm_findings *const *old, size_t n)
{
	struct pm_arena scratch = { 0 };
	struct tally *all = NULL, *t, *next;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < old[i]->n; k++)
			if (old[i]->v[k].hidden == PM_SHOWN)
				tally_of(&all, &scratch, old[i]->v[k].fingerprint)->now++;
		HASH_ITER(hh, all, t, next) {
			t->most = t->now > t->most ? t->now : t->most;
			t->now = 0;
		}
	}
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].hidden != PM_SHOWN)
			continue;
		t = tally_of(&all, &scratch, f->v[i].fingerprint);
		if (t->now++ < t->most)
			f->v[i].hidden = PM_HIDDEN_OLD;
	}
	HASH_CLEAR(hh, all);
	pm_arena_release(&scratch);
}

size_t pm_findings_count(const struct pm_findings *f, enum pm_severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].hidden == PM_SHOWN && f->v[i].d.severity == severity;
	return n;
}

size_t pm_findings_hidden(const struct pm_findings *f, enum pm_hidden why)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].hidden == why;
	return n;
}
