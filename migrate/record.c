/* record.c - see record.h. */
#include "record.h"

#include <string.h>

/* ---- writing ---- */

void pm_put_u32(struct pm_buf *b, uint32_t n)
{
	pm_buf_add(b, &n, sizeof(n));
}

void pm_put_u64(struct pm_buf *b, uint64_t n)
{
	pm_buf_add(b, &n, sizeof(n));
}

void pm_put_oid(struct pm_buf *b, const struct pm_oid *id)
{
	pm_buf_add(b, id->id, sizeof(id->id));
}

void pm_put_text(struct pm_buf *b, const char *s)
{
	pm_buf_add(b, s ? s : "", (s ? strlen(s) : 0) + 1);
}

void pm_put_decls(struct pm_buf *b, const struct pm_decl *v, size_t n)
{
	pm_put_u32(b, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		pm_put_u32(b, (uint32_t)v[i].n);
		for (size_t k = 0; k < v[i].n; k++) {
			pm_put_u32(b, v[i].names[k].kind);
			pm_put_u32(b, v[i].names[k].line);
			pm_put_text(b, v[i].names[k].text);
		}
		pm_put_u32(b, (uint32_t)v[i].n_ports);
		for (size_t k = 0; k < v[i].n_ports; k++)
			pm_put_u32(b, v[i].ports[k]);
	}
}

/* ---- reading ---- */

const char *pm_get_bytes(struct pm_record *r, size_t n)
{
	const char *p = r->p;

	if ((size_t)(r->end - r->p) < n) {
		r->bad = true;
		r->p = r->end;
		return NULL;
	}
	r->p += n;
	return p;
}

uint32_t pm_get_u32(struct pm_record *r)
{
	const char *p = pm_get_bytes(r, 4);
	uint32_t n = 0;

	if (p)
		memcpy(&n, p, sizeof(n));
	return n;
}

uint64_t pm_get_u64(struct pm_record *r)
{
	const char *p = pm_get_bytes(r, 8);
	uint64_t n = 0;

	if (p)
		memcpy(&n, p, sizeof(n));
	return n;
}

const struct pm_oid *pm_get_oids(struct pm_record *r, size_t n)
{
	return (const void *)pm_get_bytes(r, n * PM_OID_RAW);
}

uint32_t pm_get_count(struct pm_record *r, size_t size)
{
	uint32_t n = pm_get_u32(r);

	if (n > (size_t)(r->end - r->p) / size) {
		r->bad = true;
		return 0;
	}
	return n;
}

const char *pm_get_word(struct pm_record *r)
{
	const char *nul = r->p < r->end ? memchr(r->p, '\0', (size_t)(r->end - r->p)) : NULL;

	return pm_get_bytes(r, nul ? (size_t)(nul - r->p) + 1 : SIZE_MAX);
}

const char *pm_get_text(struct pm_record *r, struct pm_arena *a)
{
	const char *s = pm_get_word(r);

	return s && *s ? pm_arena_strdup(a, s) : NULL;
}

static void get_decl(struct pm_record *r, struct pm_arena *a, struct pm_decl *d)
{
	d->n = pm_get_count(r, 2 * 4 + 1);
	d->names = PM_NEW_N(a, struct pm_name, d->n + 1);
	for (size_t n = 0; n < d->n; n++) {
		d->names[n].kind = (enum pm_name_kind)pm_get_u32(r);
		d->names[n].line = pm_get_u32(r);
		d->names[n].text = pm_get_text(r, a);
		if (!d->names[n].text)
			d->names[n].text = "";
		r->bad |= d->names[n].kind > PM_NAME_PROJECT;
	}
	d->n_ports = pm_get_count(r, 4);
	d->ports = PM_NEW_N(a, unsigned, d->n_ports + 1);
	for (size_t n = 0; n < d->n_ports; n++)
		d->ports[n] = pm_get_u32(r);
}

struct pm_decl *pm_get_decls(struct pm_record *r, struct pm_arena *a, const char *path, size_t *n)
{
	struct pm_decl *v;

	*n = pm_get_count(r, 2 * 4);
	v = PM_NEW_N(a, struct pm_decl, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		v[i].path = path;
		get_decl(r, a, &v[i]);
	}
	return v;
}
