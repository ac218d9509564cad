/* questions.c - see questions.h. */
#include "questions.h"
#include "resource_plan.h"

#include "base/hash.h"
#include "weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELD = 160, N_FIELDS = 5 };

/* ---- keys ---- */

/* Letters, digits and what is harmless in shells and names stay; the rest as in a URL. */
static void add_field(struct pm_buf *b, const char *s)
{
	const bool utf8 = pm_is_utf8(s, strlen(s));

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == ' ')
			pm_buf_addc(b, '+');
		else if (pm_is_word(*s) || strchr("-./@,", *s) || (c >= 0x80 && utf8))
			pm_buf_addc(b, *s);
		else
			pm_buf_addf(b, "%%%02X", c);
	}
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void plain(char out[MAX_FIELD], const char *from, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n && k + 1 < MAX_FIELD; i++) {
		if (from[i] == '%' && i + 2 < n && hex(from[i + 1]) >= 0 && hex(from[i + 2]) >= 0) {
			out[k++] = (char)(hex(from[i + 1]) * 16 + hex(from[i + 2]));
			i += 2;
		} else {
			out[k++] = from[i] == '+' ? ' ' : from[i];
		}
	}
	out[k] = '\0';
}

enum field { SERVICE, PORT, KIND, FOLDER, RIVAL };

struct parts {
	char field[N_FIELDS][MAX_FIELD];
	unsigned n;
};

/* False when the key is not one of ours. */
static bool take_apart(struct parts *out, const char *key)
{
	out->n = 0;
	while (key && out->n < N_FIELDS) {
		size_t n = strcspn(key, ":");

		plain(out->field[out->n++], key, n);
		key = key[n] ? key + n + 1 : NULL;
	}
	return !key && out->n >= 4;
}

/* ---- the question of one place ---- */

/* Where service directories lie ("apps/", "services/") the folder is one of them; elsewhere the top
 * of the tree is enough. */
static bool holds_services(const struct pm_registry *r, const char *path, size_t top)
{
	for (unsigned i = 0; r && i < pm_registry_count(r); i++) {
		const struct pm_entity *e = pm_registry_entity(r, i);

		for (unsigned k = 0; k < e->n_dirs; k++)
			if (strncmp(e->dirs[k], path, top + 1) == 0)
				return true;
	}
	return false;
}

static const char *folder_of(struct pm_arena *a, const struct pm_registry *r, const char *path)
{
	const char *slash = strchr(path, '/'), *second = slash ? strchr(slash + 1, '/') : NULL;

	if (!slash)
		return ".";
	if (second && holds_services(r, path, (size_t)(slash - path)))
		slash = second;
	return pm_arena_strndup(a, path, (size_t)(slash - path));
}

/* The strongest evidence that names the party, as opposed to where it stands and who usually has
 * the number. */
static int named(const struct pm_party *p)
{
	int best = 0;

	for (unsigned i = 0; p && i < PM_BY_DIR; i++)
		best = p->weight[i] > best ? p->weight[i] : best;
	return best;
}

static bool by_number_only(const struct pm_party *p)
{
	for (unsigned i = 0; i < PM_BY_COUNT; i++)
		if (i != PM_BY_NUMBER && i != PM_BY_USE && p->weight[i])
			return false;
	return true;
}

static bool is_left(const struct pm_plan *p, const struct pm_edit *e)
{
	return e->move < 0 || p->moves.v[e->move].from != e->old_port;
}

static const char *kind_of(const struct pm_plan *p, const struct pm_edit *e,
			   const struct pm_party *mine, const struct pm_party *rival,
			   const char *asks)
{
	if (is_left(p, e))
		return "left";
	if (asks && strcmp(asks, PM_ASK_TWO) != 0 && strcmp(asks, PM_ASK_LITTLE) != 0)
		return asks;
	if (rival && rival->score >= pm_weights.ask && !by_number_only(rival))
		return named(mine) ? "or" : "but";
	if (rival && rival->score >= pm_weights.ask)
		return "shared";
	return named(mine) ? "weak" : "unnamed";
}

const char *pm_question_key(struct pm_arena *a, const struct pm_plan *p, const struct pm_edit *e,
			    const struct pm_registry *r, const struct pm_claim *c,
			    const struct pm_verdict *v)
{
	const struct pm_party *mine = v->target >= 0 ? pm_claim_target(c, v->target) : NULL;
	const struct pm_party *rival = pm_claim_rival(c, v->target >= 0 ? v->target : -2);
	const char *kind = kind_of(p, e, mine, rival, v->group);
	PM_CLEAN_BUF struct pm_buf b = { 0 };

	add_field(&b, e->service ? e->service : "");
	pm_buf_addf(&b, ":%u:", e->old_port);
	add_field(&b, kind);
	pm_buf_addc(&b, ':');
	add_field(&b, folder_of(a, r, e->path));
	if (strcmp(kind, "or") == 0 || strcmp(kind, "but") == 0) {
		pm_buf_addc(&b, ':');
		add_field(&b, rival->name);
	}
	return pm_arena_strndup(a, pm_buf_str(&b), b.n);
}

/* ---- the questions of a plan ---- */

struct seen {
	const char *key;
	size_t index;
	UT_hash_handle hh;
};

static int most_first(const void *x, const void *y)
{
	const struct pm_question *a = x, *b = y;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return a->first < b->first ? -1 : 1;
}

void pm_questions_list(struct pm_questions *out, const struct pm_plan *p)
{
	struct pm_arena a = { 0 };
	struct seen *all = NULL, *s, *tmp;

	*out = (struct pm_questions){ 0 };
	for (size_t i = 0; i < p->edits.n; i++) {
		const struct pm_edit *e = &p->edits.v[i];

		s = NULL;
		if (e->disposition != PM_REVIEW)
			continue;
		if (e->group)
			HASH_FIND_STR(all, e->group, s);
		if (!s) {
			struct pm_question *q = PM_VEC_ADD(out);

			q->key = e->group;
			q->first = i;
			s = PM_NEW(&a, struct seen);
			s->key = e->group;
			s->index = out->n - 1;
			if (e->group)
				HASH_ADD_KEYPTR(hh, all, s->key, (unsigned)strlen(s->key), s);
		}
		out->v[s->index].n++;
		out->v[s->index].n_open += !e->answer;
	}
	HASH_ITER(hh, all, s, tmp)
		HASH_DEL(all, s);
	pm_arena_release(&a);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), most_first);
}

bool pm_question_has(const struct pm_plan *p, const struct pm_question *q, const struct pm_edit *e)
{
	if (e->disposition != PM_REVIEW)
		return false;
	if (!q->key || !e->group)
		return e == &p->edits.v[q->first];
	return strcmp(e->group, q->key) == 0;
}

/* ---- in words ---- */

static void add_where(struct pm_buf *out, const struct parts *q, size_t n)
{
	pm_buf_addf(out, "%zu place%s ", n, n == 1 ? "" : "s");
	if (strcmp(q->field[FOLDER], ".") == 0)
		pm_buf_adds(out, "at the root");
	else
		pm_buf_addf(out, "in %s/", q->field[FOLDER]);
}

static void add_left(struct pm_buf *out, const struct parts *q, const struct pm_edit *e, size_t n)
{
	pm_buf_addf(out, " %s %s's at %s, a port it was not said to use: ", n == 1 ? "is" : "are",
		    q->field[SERVICE], q->field[PORT]);
	if (pm_edit_has_new(e))
		pm_buf_addf(out, "%s to %u, too?", n == 1 ? "does it move" : "do they move",
			    e->new_port);
	else
		pm_buf_adds(out, "where to?");
}

static void add_ours(struct pm_buf *out, const struct parts *q, const struct pm_edit *e, size_t n)
{
	const char *kind = q->field[KIND], *s = n == 1 ? "s" : "";
	const char *service = q->field[SERVICE], *rival = q->n > RIVAL ? q->field[RIVAL] : "another";

	if (strcmp(kind, "left") == 0) {
		add_left(out, q, e, n);
		return;
	}
	if (strcmp(kind, "unnamed") == 0)
		pm_buf_addf(out, " name%s no service", s);
	else if (strcmp(kind, "weak") == 0)
		pm_buf_addf(out, " only hint%s at %s", s, service);
	else if (strcmp(kind, "or") == 0)
		pm_buf_addf(out, " point%s to both %s and %s", s, service, rival);
	else if (strcmp(kind, "but") == 0)
		pm_buf_addf(out, " point%s to %s, yet %s may be %s's there", s, rival,
			    q->field[PORT], service);
	else if (strcmp(kind, "base60") == 0)
		pm_buf_addf(out, " would be one number in base 60 to YAML 1.1, without quotes");
	else if (strcmp(kind, "data") == 0)
		pm_buf_addf(out, " %s of a test or a database, where any number may stand",
			    n == 1 ? "is" : "are");
	else if (strcmp(kind, "shared") == 0)
		pm_buf_addf(out, " %s little, and most uses of %s are others'",
			    n == 1 ? "says" : "say", q->field[PORT]);
	else
		pm_buf_addf(out, ": %s", kind);
	pm_buf_addf(out, ": %s %s's %s?", n == 1 ? "is it" : "are they", service, q->field[PORT]);
}

void pm_question_text(struct pm_buf *out, const struct pm_plan *p, const struct pm_question *q,
		      size_t n)
{
	const struct pm_edit *e = &p->edits.v[q->first];
	struct parts parts;

	if (q->key && take_apart(&parts, q->key)) {
		add_where(out, &parts, n);
		add_ours(out, &parts, e, n);
	} else {
		pm_buf_addf(out, "%zu place%s: %s", n, n == 1 ? "" : "s",
			    q->key ? q->key : "does it change?");
	}
}

bool pm_question_rival(const struct pm_edit *e, char *out, size_t max)
{
	struct parts parts;

	if (!e->group || !take_apart(&parts, e->group) || parts.n <= RIVAL)
		return false;
	if (out)
		snprintf(out, max, "%s", parts.field[RIVAL]);
	return true;
}

/* ---- answers of an older plan ---- */

/* Places that share a fingerprint, apart from the count that tells them from each other. */
struct print {
	char *key;
	const struct pm_edit *first; /* place with an answer in the old plan, or the only one */
	size_t n_old, n_new;
	UT_hash_handle hh;
};

/* "rule|path|service|port|key path", without "|2" behind it. */
static size_t print_len(const struct pm_edit *e)
{
	const size_t head = strlen(e->rule) + 1 + strlen(e->path);
	const size_t n = e->fingerprint ? strlen(e->fingerprint) : 0;
	const char *p = e->fingerprint, *bar = n > head ? strrchr(p + head, '|') : NULL;
	unsigned bars = 0;

	for (const char *s = bar ? p + head : ""; *s; s++)
		bars += *s == '|';
	if (bars <= 3 || strspn(bar + 1, "0123456789") != strlen(bar + 1))
		return n;
	return (size_t)(bar - p);
}

static struct print *print_of(struct print **all, const struct pm_edit *e, bool add)
{
	size_t n = print_len(e);
	struct print *f = NULL;

	if (!n)
		return NULL;
	HASH_FIND(hh, *all, e->fingerprint, n, f);
	if (!f && add) {
		f = pm_xrealloc(NULL, sizeof(*f));
		memset(f, 0, sizeof(*f));
		f->key = pm_xrealloc(NULL, n);
		memcpy(f->key, e->fingerprint, n);
		HASH_ADD_KEYPTR(hh, *all, f->key, (unsigned)n, f);
	}
	return f;
}

/* The answer that the old plan has for this place: of its only namesake, if a key path tells it
 * from others; or of those with the same line, if they agree. */
static const char *old_answer(const struct pm_plan *from, const struct print *f,
			      const struct pm_edit *e)
{
	const char *answer = NULL;

	if (f->n_old == 1 && f->n_new == 1 && e->fingerprint[print_len(e) - 1] != '|')
		return f->first->answer;
	for (size_t i = 0; i < from->edits.n; i++) {
		const struct pm_edit *o = &from->edits.v[i];

		if (o->disposition != PM_REVIEW || strcmp(o->path, e->path) != 0 ||
		    print_len(o) != print_len(e) ||
		    memcmp(o->fingerprint, e->fingerprint, print_len(e)) != 0 || !o->excerpt ||
		    !e->excerpt || strcmp(o->excerpt, e->excerpt) != 0)
			continue;
		if (!o->answer || (answer && strcmp(answer, o->answer) != 0))
			return NULL;
		answer = o->answer;
	}
	return answer;
}

static bool can_take(const struct pm_edit *e, const char *answer)
{
	return answer && (*answer == 'n' || pm_edit_has_new(e));
}

size_t pm_answers_carry(struct pm_plan *to, const struct pm_plan *from)
{
	struct print *all = NULL, *f, *tmp;
	size_t taken = 0;

	for (size_t i = 0; i < from->edits.n; i++)
		if ((f = print_of(&all, &from->edits.v[i], true))) {
			f->first = &from->edits.v[i];
			f->n_old++;
		}
	for (size_t i = 0; i < to->edits.n; i++)
		if ((f = print_of(&all, &to->edits.v[i], false)))
			f->n_new++;
	for (size_t i = 0; i < to->edits.n; i++) {
		struct pm_edit *e = &to->edits.v[i];
		const char *answer;

		f = print_of(&all, e, false);
		if (!f || e->disposition != PM_REVIEW || e->answer)
			continue;
		answer = old_answer(from, f, e);
		if (!can_take(e, answer))
			continue;
		e->answer = *answer == 'y' ? "y" : "n";
		taken++;
	}
	HASH_ITER(hh, all, f, tmp) {
		HASH_DEL(all, f);
		free(f->key);
		free(f);
	}
	if (taken && !to->reviewer && from->reviewer) {
		to->reviewer = pm_arena_strdup(&to->arena, from->reviewer);
		to->reviewed_at = pm_arena_strdup(&to->arena, from->reviewed_at);
	}
	return taken;
}
