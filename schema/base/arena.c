/* arena.c - see arena.h. */
#include "base/arena.h"

#include "base/err.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pm_arena_block {
	struct pm_arena_block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char data[];
};

enum { BLOCK = 64 * 1024 };

void pm_arena_release(struct pm_arena *a)
{
	struct pm_arena_block *b = a->head;

	while (b) {
		struct pm_arena_block *next = b->next;

		free(b);
		b = next;
	}
	a->head = NULL;
	a->used = 0;
}

void pm_arena_clear(struct pm_arena *a)
{
	struct pm_arena_block *kept = a->head;

	while (kept && kept->size != BLOCK)
		kept = kept->next;
	for (struct pm_arena_block *b = a->head, *next; b; b = next) {
		next = b->next;
		if (b != kept)
			free(b);
	}
	if (kept) {
		kept->next = NULL;
		kept->used = 0;
	}
	a->head = kept;
	a->used = 0;
}

void *pm_arena_alloc(struct pm_arena *a, size_t size)
{
	struct pm_arena_block *b = a->head;
	const size_t align = alignof(max_align_t);
	void *p;

	if (size > SIZE_MAX / 2)
		pm_die_oom();
	size = (size + align - 1) / align * align;
	if (!b || b->size - b->used < size) {
		size_t room = size > BLOCK ? size : BLOCK;

		b = pm_xrealloc(NULL, sizeof(*b) + room);
		b->size = room;
		b->used = 0;
		b->next = a->head;
		a->head = b;
	}
	p = b->data + b->used;
	b->used += size;
	a->used += size;
	return memset(p, 0, size);
}

char *pm_arena_strndup(struct pm_arena *a, const char *s, size_t n)
{
	char *p = pm_arena_alloc(a, n + 1);

	if (n)
		memcpy(p, s, n);
	return p;
}

char *pm_arena_strdup(struct pm_arena *a, const char *s)
{
	return s ? pm_arena_strndup(a, s, strlen(s)) : NULL;
}

char *pm_arena_printf(struct pm_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	PM_ASSERT(n >= 0, "bad format");
	p = pm_arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

size_t pm_size_mul(size_t a, size_t b)
{
	if (b && a > SIZE_MAX / b)
		pm_die_oom();
	return a * b;
}

void *pm_xrealloc(void *p, size_t size)
{
	void *q = realloc(p, size ? size : 1);

	if (!q)
		pm_die_oom();
	return q;
}

void *pm_xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		pm_die_oom();
	return p;
}

char *pm_xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(pm_xrealloc(NULL, n), s, n);
}

void *pm_vec_grow(void *v, size_t n, size_t *cap, size_t size)
{
	if (n == *cap) {
		*cap = *cap ? *cap * 2 : 16;
		v = pm_xrealloc(v, pm_size_mul(*cap, size));
	}
	memset((char *)v + n * size, 0, size);
	return v;
}
