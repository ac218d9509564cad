/* place.c - see place.h. */
#include "place.h"

#include <string.h>

enum { MAX_LIST = 1024 }; /* bytes of a value that lists ports */

void pm_place_push(struct pm_place *p, enum pm_fact_kind kind, struct pm_str text,
		   unsigned line, unsigned depth)
{
	/* a template action was here, see lenient.c: not a name */
	if (!text.n || p->n == PM_PLACE_MAX || pm_str_find(text, "____", false) != SIZE_MAX)
		return;
	p->v[p->n].kind = kind;
	p->v[p->n].text = text;
	p->v[p->n].line = line;
	p->v[p->n++].depth = depth;
}

void pm_place_push_node(struct pm_place *p, enum pm_fact_kind kind,
			const struct pm_yaml_node *node, unsigned depth)
{
	if (node && node->kind == PM_YAML_SCALAR)
		pm_place_push(p, kind, node->text, node->line, depth);
}

size_t pm_place_key(struct pm_place *p, struct pm_str key)
{
	size_t was = p->path.n;

	if (was)
		pm_buf_addc(&p->path, '.');
	pm_buf_add(&p->path, key.p, key.n < 128 ? key.n : 128);
	return was;
}

size_t pm_place_index(struct pm_place *p, size_t i)
{
	size_t was = p->path.n;

	pm_buf_addf(&p->path, "[%zu]", i);
	return was;
}

void pm_place_cut(struct pm_place *p, size_t path_len)
{
	p->path.n = path_len;
	if (p->path.v)
		p->path.v[path_len] = '\0';
}

bool pm_place_wanted(const struct pm_place *p, struct pm_span raw)
{
	const struct pm_str text = { p->sink->file->bytes, (size_t)raw.off + raw.len };
	size_t pos = raw.off, len;
	unsigned port;

	for (; (port = pm_port_next(text, &pos, &len)); pos += len)
		if (pm_port_set_has(p->sink->want, port))
			return true;
	return false;
}

struct pm_hit *pm_place_hit(struct pm_place *p, size_t off, size_t len, enum pm_role role,
			    enum pm_side side, enum pm_certainty certainty)
{
	const struct pm_file *f = p->sink->file;
	struct pm_hit *h;

	/* where broken syntax cuts a value inside a number, the rest is no port */
	if ((off && pm_is_digit(f->bytes[off - 1])) ||
	    (off + len < f->len && pm_is_digit(f->bytes[off + len])))
		return NULL;
	h = pm_sink_add(p->sink, off, len, role, side, certainty, p->rule);
	if (!h)
		return NULL;
	for (size_t i = 0; i < p->n; i++)
		pm_sink_fact(p->sink, h, p->v[i].kind, p->v[i].text, p->v[i].line,
			     p->v[i].depth);
	if (p->path.n)
		pm_sink_fact(p->sink, h, PM_FACT_KEYPATH,
			     (struct pm_str){ p->path.v, p->path.n }, 0, 0);
	return h;
}

struct pm_hit *pm_place_number(struct pm_place *p, const struct pm_yaml_node *node,
			       enum pm_role role, enum pm_side side,
			       enum pm_certainty certainty)
{
	if (!node || node->kind != PM_YAML_SCALAR || !node->exact || !pm_port_parse(node->text))
		return NULL;
	return pm_place_hit(p, node->span.off, node->span.len, role, side, certainty);
}

enum pm_side pm_place_side(struct pm_str host, enum pm_side local)
{
	if (!host.n)
		return local;
	if (memchr(host.p, '$', host.n) || memchr(host.p, '{', host.n))
		return PM_SIDE_UNKNOWN;
	switch (pm_host_classify(host)) {
	case PM_HOST_LOCAL: return local;
	case PM_HOST_GATEWAY: return PM_SIDE_HOST;
	case PM_HOST_NETWORK: return PM_SIDE_CONTAINER;
	default: return PM_SIDE_UNKNOWN;
	}
}

const char *pm_place_host_key(struct pm_arena *a, struct pm_str key)
{
	static const char *const ends[][2] = {
		{ "PORT", "HOST" }, { "Port", "Host" }, { "port", "host" }
	};

	for (size_t i = 0; key.n >= 4 && i < 3; i++)
		if (memcmp(key.p + key.n - 4, ends[i][0], 4) == 0)
			return pm_arena_printf(a, "%.*s%s", (int)(key.n - 4), key.p, ends[i][1]);
	return NULL;
}

void pm_place_peer(struct pm_place *p, struct pm_str key, struct pm_str host)
{
	enum pm_host_class class = pm_host_classify(host);

	p->peer = (struct pm_str){ "", 0 };
	if (!host.n || memchr(host.p, '$', host.n) || memchr(host.p, '{', host.n) ||
	    memchr(host.p, ' ', host.n) || memchr(host.p, '/', host.n))
		return;
	/* "host" and "port" alone may well be the own public name */
	if (class == PM_HOST_NETWORK || class == PM_HOST_GATEWAY ||
	    (class == PM_HOST_PUBLIC && key.n > 4))
		p->peer = host;
}

/* Is name:number in a setting of this class an address? A scheme or a key says so; else the
 * shape has to: "redis:7" is more often a tag. */
static enum pm_certainty hostport_certainty(const struct pm_spot *o, enum pm_key_class class)
{
	if (class == PM_KEY_ADDR || class == PM_KEY_LISTEN || class == PM_KEY_PORT ||
	    pm_host_classify(o->host) == PM_HOST_LOCAL)
		return PM_SURE;
	if (o->port >= 1024 || memchr(o->host.p, '.', o->host.n))
		return PM_LIKELY;
	return PM_NOT;
}

/* "4000,4001" or "4000-4010": digits and separators only. */
static bool is_list(struct pm_str s)
{
	if (s.n > MAX_LIST)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!pm_is_digit(s.p[i]) && !strchr(" ,;-[]\"'\t", s.p[i]))
			return false;
	return true;
}

static void setting_spot(struct pm_place *p, struct pm_str text, size_t base,
			 const struct pm_spot *o, enum pm_key_class class)
{
	enum pm_role role = PM_ROLE_LISTEN;
	enum pm_side side = p->inside;
	enum pm_certainty sure = PM_NOT;
	const bool own = class == PM_KEY_PORT;

	switch (o->kind) {
	case PM_SPOT_WHOLE:
		if (own && p->peer.n) {
			role = PM_ROLE_URL;
			side = pm_place_side(p->peer, p->local);
		}
		sure = own ? PM_SURE : class == PM_KEY_LISTEN ? PM_LIKELY : PM_NOT;
		break;
	case PM_SPOT_URL:
		role = PM_ROLE_URL;
		side = pm_place_side(o->host, p->local);
		sure = PM_SURE;
		break;
	case PM_SPOT_HOSTPORT:
		if (class == PM_KEY_NEVER)
			return;
		sure = hostport_certainty(o, class);
		if (pm_str_eq(o->host, "0.0.0.0") || pm_str_eq(o->host, "::") ||
		    (class == PM_KEY_LISTEN && pm_host_classify(o->host) == PM_HOST_LOCAL))
			break;
		role = PM_ROLE_URL;
		side = pm_place_side(o->host, p->local);
		break;
	case PM_SPOT_COLON:
		sure = own || class == PM_KEY_LISTEN || class == PM_KEY_ADDR ? PM_SURE
		       : class == PM_KEY_NONE && o->port >= 1024	     ? PM_LIKELY
									     : PM_NOT;
		break;
	case PM_SPOT_DEFAULT:
		role = PM_ROLE_DEFAULT;
		sure = own || pm_key_classify(o->name) == PM_KEY_PORT ? PM_SURE : PM_NOT;
		break;
	case PM_SPOT_FLAG:
	case PM_SPOT_ASSIGN:
		sure = class == PM_KEY_NEVER ? PM_NOT : PM_LIKELY;
		break;
	default:
		sure = own && is_list(text) ? PM_LIKELY : PM_NOT;
	}
	if (sure != PM_NOT) {
		struct pm_hit *h = pm_place_hit(p, base + o->off, o->len, role, side, sure);

		if (o->kind == PM_SPOT_DEFAULT)
			pm_sink_fact(p->sink, h, PM_FACT_IDENT, o->name, 0, 1);
		if (o->kind == PM_SPOT_WHOLE)
			pm_sink_fact(p->sink, h, PM_FACT_HOST, p->peer, 0, 0);
	}
}

static struct pm_str raw_text(const struct pm_place *p, struct pm_span raw)
{
	return (struct pm_str){ p->sink->file->bytes + raw.off, raw.len };
}

void pm_place_setting(struct pm_place *p, struct pm_span raw, struct pm_str key)
{
	struct pm_str text = raw_text(p, raw);
	enum pm_key_class class;
	struct pm_spot o;
	size_t pos = 0;

	if (!pm_place_wanted(p, raw))
		return;
	class = pm_key_classify(key);
	while (pm_spot_next(text, &pos, &o))
		setting_spot(p, text, raw.off, &o, class);
}

/* A command being read: what the current line says about the numbers to come. Every byte is
 * looked at once, however many numbers a line has. */
struct command {
	struct pm_str text;
	size_t base; /* of the text, in the file */
	enum pm_role role;
	size_t seen;
	bool comment, client;
};

/* Programs whose -p and --port say where somebody else listens. */
static bool is_client(struct pm_str word)
{
	static const char *const programs[] = {
		"ssh", "scp", "sftp", "rsync", "psql", "pg_dump", "pg_isready", "pg_restore",
		"redis-cli", "mysql", "mysqladmin", "mysqldump", "mongosh", "nc", "curl",
		"telnet", "createdb", "clickhouse-client", NULL,
	};

	for (size_t k = 0; programs[k]; k++)
		if (pm_str_eq(word, programs[k]))
			return true;
	return false;
}

static void read_up_to(struct command *c, size_t end)
{
	const char *p = c->text.p;
	size_t i = c->seen;

	while (i < end) {
		const size_t from = i;

		if (pm_is_word(p[i])) {
			while (i < end && (pm_is_word(p[i]) || p[i] == '-'))
				i++;
			c->client |= is_client((struct pm_str){ p + from, i - from });
			continue;
		}
		if (p[i] == '\n')
			c->comment = c->client = false;
		else if (p[i] == '#')
			c->comment |= i == 0 || p[i - 1] == ' ' || p[i - 1] == '\t' || p[i - 1] == '\n';
		i++;
	}
	c->seen = end;
}

static void command_spot(struct pm_place *p, struct command *c, const struct pm_spot *o)
{
	enum pm_role role = c->role;
	const bool probe = role == PM_ROLE_PROBE;
	const enum pm_role own = probe ? PM_ROLE_PROBE : PM_ROLE_LISTEN;
	enum pm_side side = p->inside;
	enum pm_certainty sure = PM_NOT;

	read_up_to(c, o->off);
	if (c->comment)
		return; /* for the rules that read words */
	switch (o->kind) {
	case PM_SPOT_URL:
	case PM_SPOT_HOSTPORT:
		if (o->kind == PM_SPOT_URL || probe)
			sure = PM_SURE;
		else
			sure = hostport_certainty(o, PM_KEY_NONE);
		/* a server's own bind address: gunicorn -b 0.0.0.0:8000 */
		if (!probe && (pm_str_eq(o->host, "0.0.0.0") || pm_str_eq(o->host, "::")))
			role = PM_ROLE_LISTEN;
		side = pm_place_side(o->host, p->inside);
		break;
	case PM_SPOT_COLON:
		role = own;
		sure = o->port >= 1024 || probe ? PM_LIKELY : PM_NOT;
		break;
	case PM_SPOT_DEFAULT:
		if (pm_key_classify(o->name) == PM_KEY_PORT)
			sure = PM_SURE;
		role = PM_ROLE_DEFAULT;
		break;
	case PM_SPOT_FLAG:
		role = c->client ? role : own;
		sure = o->name.n == 1 && o->port < 80 ? PM_NOT : PM_SURE;
		break;
	case PM_SPOT_ASSIGN:
		role = own;
		sure = PM_SURE;
		break;
	default:
		break;
	}
	if (sure != PM_NOT)
		pm_place_hit(p, c->base + o->off, o->len, role, side, sure);
}

void pm_place_command(struct pm_place *p, struct pm_span raw, enum pm_role role)
{
	struct command c = { .text = raw_text(p, raw), .base = raw.off, .role = role };
	struct pm_spot o;
	size_t pos = 0;

	while (pm_spot_next(c.text, &pos, &o))
		command_spot(p, &c, &o);
}

/* Does an argument make the next one a port? */
static bool announces_port(struct pm_str arg)
{
	enum pm_key_class class = pm_key_classify(arg);

	if (!arg.n)
		return false;
	if (arg.p[0] != '-')
		return pm_host_classify(arg) == PM_HOST_LOCAL;
	return class == PM_KEY_PORT || class == PM_KEY_LISTEN || pm_str_eq(arg, "-p") ||
	       pm_str_eq(arg, "-P");
}

void pm_place_argv(struct pm_place *p, const struct pm_yaml_node *node, enum pm_role role)
{
	if (!node)
		return;
	if (node->kind == PM_YAML_SCALAR)
		pm_place_command(p, node->span, role);
	for (size_t i = 0; node->kind == PM_YAML_SEQ && i < node->n; i++) {
		const struct pm_yaml_node *item = node->items[i];

		if (item->kind != PM_YAML_SCALAR)
			continue;
		if (i && announces_port(node->items[i - 1]->text))
			pm_place_number(p, item,
					role == PM_ROLE_PROBE ? role : PM_ROLE_LISTEN,
					p->inside, PM_SURE);
		pm_place_command(p, item->span, role);
	}
}

void pm_place_address(struct pm_place *p, struct pm_span raw, enum pm_role role,
		      enum pm_side local)
{
	struct pm_str text = raw_text(p, raw);
	struct pm_spot o;
	size_t pos = 0;

	while (pm_spot_next(text, &pos, &o))
		if (o.kind == PM_SPOT_URL || o.kind == PM_SPOT_HOSTPORT ||
		    o.kind == PM_SPOT_COLON)
			pm_place_hit(p, raw.off + o.off, o.len, role,
				     pm_place_side(o.host, local), PM_SURE);
}
