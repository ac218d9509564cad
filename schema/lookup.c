/* lookup.c - who is meant by a name, and whose is a port. Names are compared as slugs. */
#include "schema.h"

#include <stdio.h>
#include <string.h>

static bool alnum(char c)
{
	return pm_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *skip(const char *s)
{
	while (*s && !alnum(*s))
		s++;
	return s;
}

/* pm_slug(a) equals pm_slug(b), without building them; an empty slug equals nothing. */
static bool same_slug(const char *a, const char *b)
{
	if (!a || !b)
		return false;
	a = skip(a);
	b = skip(b);
	if (!*a)
		return false;
	for (;;) {
		while (alnum(*a) && pm_lower(*a) == pm_lower(*b)) {
			a++;
			b++;
		}
		if (alnum(*a) || alnum(*b))
			return false;
		a = skip(a);
		b = skip(b);
		if (!*a || !*b)
			return !*a && !*b;
	}
}

static bool service_is(const struct pm_service *v, const char *name)
{
	if (same_slug(v->name, name) || same_slug(v->title, name))
		return true;
	for (size_t i = 0; i < v->n_aliases; i++)
		if (same_slug(v->aliases[i], name))
			return true;
	return false;
}

/* "shop-api" for the role API of shop. */
static bool is_owner_role(const struct pm_service *v, const struct pm_endpoint *e,
			  const char *name)
{
	const char *slash = strchr(v->name, '/');
	char buf[256];
	int n = snprintf(buf, sizeof(buf), "%s-%s", slash ? slash + 1 : v->name, e->role);

	return *e->role && n > 0 && (size_t)n < sizeof(buf) && same_slug(buf, name);
}

static bool endpoint_is(const struct pm_service *v, const struct pm_endpoint *e,
			const char *name)
{
	return same_slug(e->name, name) || same_slug(e->container, name) ||
	       is_owner_role(v, e, name);
}

static bool is_target(const struct pm_endpoint *e)
{
	return e->state == PM_STATE_PLANNED || e->state == PM_STATE_FUTURE;
}

const struct pm_service *pm_schema_service(const struct pm_schema *s, const char *name)
{
	const struct pm_service *found = NULL;

	for (size_t i = 0; i < s->services.n; i++)
		if (same_slug(s->services.v[i].name, name))
			return &s->services.v[i];
	for (size_t i = 0; i < s->services.n; i++)
		if (service_is(&s->services.v[i], name)) {
			if (found)
				return NULL; /* an alias of two: "redis" of two projects */
			found = &s->services.v[i];
		}
	for (size_t i = 0; i < s->services.n && !found; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++)
			if (endpoint_is(&s->services.v[i], &s->services.v[i].endpoints[k], name))
				return &s->services.v[i];
	return found;
}

/* Matches among the targets, or among what runs today; how many there are. */
static size_t find_endpoints(const struct pm_schema *s, const char *name, bool target,
			     const struct pm_endpoint **out, const struct pm_service **owner)
{
	size_t n = 0;

	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];

			if (is_target(e) != target || !endpoint_is(&s->services.v[i], e, name))
				continue;
			*out = e;
			*owner = &s->services.v[i];
			n++;
		}
	return n;
}

/* The only port of a service that is named itself. */
static size_t find_only(const struct pm_schema *s, const char *name, bool target,
			const struct pm_endpoint **out, const struct pm_service **owner)
{
	const struct pm_service *v = pm_schema_service(s, name);
	size_t n = 0;

	for (size_t k = 0; v && k < v->n; k++)
		if (is_target(&v->endpoints[k]) == target) {
			*out = &v->endpoints[k];
			*owner = v;
			n++;
		}
	return n;
}

const struct pm_endpoint *pm_schema_endpoint(const struct pm_schema *s, const char *name,
					     const struct pm_service **owner)
{
	for (int target = 1; target >= 0; target--) {
		const struct pm_endpoint *e = NULL;
		const struct pm_service *v = NULL;
		size_t n = find_endpoints(s, name, target, &e, &v);

		if (n == 0)
			n = find_only(s, name, target, &e, &v);
		if (n > 1)
			return NULL;
		if (n == 1) {
			if (owner)
				*owner = v;
			return e;
		}
	}
	return NULL;
}

const struct pm_endpoint *pm_schema_owner(const struct pm_schema *s, unsigned port,
					  const struct pm_service **owner)
{
	for (size_t i = 0; i < s->services.n; i++)
		for (size_t k = 0; k < s->services.v[i].n; k++) {
			const struct pm_endpoint *e = &s->services.v[i].endpoints[k];

			if (!is_target(e) || port < e->lo || port > e->hi || !port)
				continue;
			if (owner)
				*owner = &s->services.v[i];
			return e;
		}
	return NULL;
}

const struct pm_reserved *pm_schema_reserved(const struct pm_schema *s, unsigned port)
{
	const struct pm_reserved *best = NULL;

	for (size_t i = 0; i < s->reserved.n; i++) {
		const struct pm_reserved *v = &s->reserved.v[i];

		if (port >= v->lo && port <= v->hi && (!best || v->strength > best->strength))
			best = v;
	}
	return best;
}
