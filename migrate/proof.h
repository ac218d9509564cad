/*
 * proof.h - does a commit do what it states? The plan is made again from what the commit was made
 * on, and compared with what the commit changed, byte by byte.
 */
#ifndef PM_PROOF_H
#define PM_PROOF_H

#include "base/digest.h"
#include "plan.h"
#include "stated.h"

/* A whole number in another's place; `off` in the old text. */
struct pm_digit_edit { uint32_t off; unsigned from, to; };
struct pm_digit_edits { struct pm_digit_edit *v; size_t n, cap; };
/* The numbers in which `b` differs from `a`, added to `out`; false when anything else differs. */
bool pm_digit_diff(struct pm_digit_edits *out, struct pm_str a, struct pm_str b);

/* A number that a commit changed: where it stood in the plan's base. */
struct pm_place { const char *path; uint32_t off; unsigned from, to; };
struct pm_places { struct pm_place *v; size_t n, cap; };

/*
 * The digest that stands in Portmig-Proof: SHA-256 of "portmig-proof 1\n", "parent COMMIT\n", the
 * trailers above it that are portmig's or a reviewer's, as "Key: value\n", and one line "PATH OFFSET
 * FROM TO\n" for each changed number, PATH quoted as Git does, in order of path and offset.
 */
void pm_proof_digest(const char *parent, struct pm_str trailers, const struct pm_places *places,
		     char out[PM_SHA256_HEX]);
/* Does the digest cover this trailer, when it stands above Portmig-Proof? */
bool pm_proof_covers(const char *key);

struct pm_proof_counts {
	size_t planned; /* changed as the plan says */
	size_t decided; /* put up for review by the plan, and changed: somebody decided */
	size_t left;    /* put up for review, and not changed */
	size_t files;
	bool astray;    /* it does not stand on what it was made on: nothing was compared */
};
/*
 * Compare. `plan` was made anew on the stated base (pm_stated.base) with all stated moves. Adds a
 * finding for everything that is not as stated: commit-base, commit-trailer, commit-dropped,
 * commit-amended, commit-unplanned, commit-foreign, and, where it changed the schema document,
 * commit-rows. None means proved. Without moves only the document is compared; `plan` then has none.
 */
int pm_proof_check(struct pm_proof_counts *out, struct pm_repo *r, const char *commit,
		   const struct pm_commit_info *text, const struct pm_stated *s,
		   const struct pm_plan *plan, struct pm_arena *a, struct pm_diags *diags,
		   struct pm_err *err);

#endif
