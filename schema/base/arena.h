/*
 * arena.h - memory of one run, freed as a whole; and growing arrays.
 *
 * Results live in one arena; strings are copied there, never borrowed from a blob.
 * Allocation failure ends the process (exit 5): no caller checks for NULL.
 */
#ifndef PM_ARENA_H
#define PM_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct pm_arena_block;
struct pm_arena {
	struct pm_arena_block *head;
	size_t used; /* bytes handed out so far */
};

void pm_arena_release(struct pm_arena *a); /* frees everything; the arena may be used again */
/* Forget everything that was allocated, but keep some memory for what comes next. */
void pm_arena_clear(struct pm_arena *a);
void *pm_arena_alloc(struct pm_arena *a, size_t size); /* zeroed, aligned for any type */
char *pm_arena_strndup(struct pm_arena *a, const char *s, size_t n);
char *pm_arena_strdup(struct pm_arena *a, const char *s); /* NULL gives NULL */
char *pm_arena_printf(struct pm_arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define PM_NEW(arena, type) ((type *)pm_arena_alloc((arena), sizeof(type)))
#define PM_NEW_N(arena, type, n) \
	((type *)pm_arena_alloc((arena), pm_size_mul(sizeof(type), (size_t)(n))))

/* Let jansson end the process in the same way. Once, before anything else. */
void pm_memory_init(void);

size_t pm_size_mul(size_t a, size_t b); /* ends the process on overflow */

/* malloc family that ends the process instead of returning NULL. Free with free(). */
void *pm_xrealloc(void *p, size_t size);
void *pm_xcalloc(size_t n, size_t size);
char *pm_xstrdup(const char *s);

/*
 * Growing arrays, for structs with members `v`, `n`, `cap` (heap memory, free(x.v) or
 * PM_VEC_FREE): struct { struct thing *v; size_t n, cap; } things = { 0 };
 * PM_VEC_ADD(&things) returns a pointer to a new zeroed element.
 */
#define PM_VEC_ADD(vec) \
	((vec)->v = pm_vec_grow((vec)->v, (vec)->n, &(vec)->cap, sizeof(*(vec)->v)), \
	 &(vec)->v[(vec)->n++])
#define PM_VEC_FREE(vec) (free((vec)->v), (vec)->v = NULL, (vec)->n = (vec)->cap = 0)
void *pm_vec_grow(void *v, size_t n, size_t *cap, size_t size); /* zeroes element n */

#endif
