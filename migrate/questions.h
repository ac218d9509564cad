/*
 * questions.h - what held places ask. Places that raise the same question about the same move in
 * the same folder share a key (pm_edit.group), so that one answer settles them all; the sentence
 * a person reads follows from the key and the number of places.
 *
 * A key is SERVICE:PORT:KIND:FOLDER, with :RIVAL behind it where another service is named; what is
 * not plain in it is written as in a URL (%3A), a space as '+'. Kinds:
 *
 *     unnamed  nothing at the places names a service
 *     weak     the moved service is named nearby only, and nobody else
 *     or       the moved service and another are both named
 *     but      another is named; that it is the moved one's port, the number says
 *     shared   nothing names anybody, and most uses of the number are others'
 *     left     clearly the moved service's, at a port that it was not said to use
 *
 * Any other kind is the verdict's own sentence.
 */
#ifndef PM_QUESTIONS_H
#define PM_QUESTIONS_H

#include "plan.h"
#include "registry.h"
#include "verdict.h"

/* The key for a held place; lives in `a`. `e` has its path, service, move and ports. */
const char *pm_question_key(struct pm_arena *a, const struct pm_plan *p, const struct pm_edit *e,
			    const struct pm_registry *r, const struct pm_claim *c,
			    const struct pm_verdict *v);

struct pm_question {
	const char *key;  /* of its places; a place without one is a question of its own */
	size_t first;     /* index of its first place in the plan */
	size_t n, n_open; /* places; those without an answer */
};
struct pm_questions { struct pm_question *v; size_t n, cap; };

/* The questions of a plan, most places first, then by place. Strings belong to the plan; free with
 * PM_VEC_FREE. */
void pm_questions_list(struct pm_questions *out, const struct pm_plan *p);
/* Is this held place one of the question's? */
bool pm_question_has(const struct pm_plan *p, const struct pm_question *q, const struct pm_edit *e);

/* "17 places in docs/ name no service: are they shop-api's 4000?" for `n` places. Not escaped. */
void pm_question_text(struct pm_buf *out, const struct pm_plan *p, const struct pm_question *q,
		      size_t n);

/* The other service that the question of a held place names, unescaped; false when there is none.
 * `out` may be NULL. */
bool pm_question_rival(const struct pm_edit *e, char *out, size_t max);

/*
 * Take the answers of an older plan over to held places without one: where rule, path, service,
 * port and key path agree, and the line too if several places have these in common. Returns how
 * many; the reviewer is taken over with the first.
 */
size_t pm_answers_carry(struct pm_plan *to, const struct pm_plan *from);

#endif
