/* spot.c - see spot.h. */
#include "spot.h"

#include "pattern.h"

#include <string.h>

enum { MAX_AROUND = 256 }; /* blanks and quotes around a number that is the whole value */

static bool in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static char at(struct pm_str s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

/* The byte before i, or NUL at the start. */
static char before(struct pm_str s, size_t i)
{
	return i > 0 ? s.p[i - 1] : '\0';
}

static struct pm_str slice(struct pm_str s, size_t from, size_t to)
{
	return (struct pm_str){ s.p + from, to > from ? to - from : 0 };
}

/* "NAME" when the text up to `end` closes with "${NAME", else empty. */
static struct pm_str variable_before(struct pm_str s, size_t end)
{
	size_t from = end;

	while (from > 0 && (pm_is_word(s.p[from - 1]) || in(s.p[from - 1], ".-")))
		from--;
	if (from == end || from < 2 || s.p[from - 1] != '{' || s.p[from - 2] != '$')
		return slice(s, end, end);
	return slice(s, from, end);
}

static bool find_default(struct pm_str s, struct pm_spot *o)
{
	size_t end = o->off;

	if (at(s, o->off + o->len) != '}' || end == 0)
		return false;
	if (in(s.p[end - 1], "-=:"))
		end--;
	else
		return false;
	if (s.p[end] != ':' && before(s, end) == ':')
		end--;
	o->name = variable_before(s, end);
	return o->name.n > 0;
}

/* Start of the host that ends at `end`: a name, an IPv6 in brackets, or a variable. */
static size_t host_start(struct pm_str s, size_t end)
{
	size_t i = end;

	if (before(s, i) == ']') {
		while (i > 0 && end - i < 64 && s.p[i - 1] != '[')
			i--;
		return i > 0 && s.p[i - 1] == '[' ? i - 1 : end;
	}
	while (i > 0) {
		char c = s.p[i - 1];

		if (pm_is_word(c) || in(c, ".-*$")) {
			i--;
		} else if (c == '}') {
			size_t k = i - 1;

			while (k > 0 && i - k < 128 && s.p[k] != '{')
				k--;
			if (s.p[k] != '{')
				break;
			while (k > 0 && in(s.p[k - 1], "{$"))
				k--;
			i = k;
		} else {
			break;
		}
	}
	while (i < end && s.p[i] == '-')
		i++;
	return i;
}

/* Is there "//" before the host, possibly with user:password@ between? */
static bool has_scheme(struct pm_str s, size_t host)
{
	size_t i = host;

	if (before(s, i) == '@')
		for (size_t k = 0; i > 0 && k < 256 && !in(s.p[i - 1], "/ \t\r\n\"'`"); k++)
			i--;
	return i >= 2 && s.p[i - 1] == '/' && s.p[i - 2] == '/';
}

static bool find_after_colon(struct pm_str s, struct pm_spot *o)
{
	const size_t colon = o->off - 1;
	size_t host = host_start(s, colon);
	char front = before(s, host);

	o->host = slice(s, host, colon);
	if (pm_str_eq(o->host, "http_status")) /* cloudflared: an answer, not a port */
		return false;
	if (has_scheme(s, host) && o->host.n) {
		o->kind = PM_SPOT_URL;
	} else if (!o->host.n) {
		if (front != '\0' && !pm_is_space(front) && !in(front, "\"'`=(,[>"))
			return false;
		o->kind = PM_SPOT_COLON;
	} else if (pm_str_all_digits(o->host)) {
		o->kind = PM_SPOT_PAIR;
	} else if (pm_key_classify(o->host) == PM_KEY_PORT && !in(o->host.p[0], "$[{")) {
		o->kind = PM_SPOT_ASSIGN;
		o->name = o->host;
	} else {
		o->kind = PM_SPOT_HOSTPORT;
	}
	if (o->kind == PM_SPOT_URL || o->kind == PM_SPOT_HOSTPORT) {
		if (o->host.p[0] == '[' && o->host.n > 2)
			o->host = slice(o->host, 1, o->host.n - 1);
	} else {
		o->host.n = 0;
	}
	return true;
}

/* /dev/tcp/localhost/4000 of bash */
static bool find_dev_tcp(struct pm_str s, struct pm_spot *o)
{
	size_t host = host_start(s, o->off - 1);

	if (host == o->off - 1 || host < 5 || memcmp(s.p + host - 5, "/tcp/", 5) != 0)
		return false;
	o->kind = PM_SPOT_HOSTPORT;
	o->host = slice(s, host, o->off - 1);
	return true;
}

/* The word in front, past quotes and one separator: a flag, a name, a host. */
static bool find_word_before(struct pm_str s, struct pm_spot *o)
{
	size_t end = o->off, from;
	bool equals = false, apart = false;
	enum pm_key_class class;
	struct pm_str word;

	while (end > 0 && (pm_is_space(s.p[end - 1]) || in(s.p[end - 1], "\"'`(,=:"))) {
		equals |= in(s.p[end - 1], "=:(");
		apart |= pm_is_space(s.p[end - 1]) || s.p[end - 1] == ',';
		end--;
	}
	if (!(equals || apart))
		return false;
	for (from = end; from > 0 && (pm_is_word(s.p[from - 1]) || in(s.p[from - 1], ".-$"));)
		from--;
	word = slice(s, from, end);
	if (!word.n)
		return false;
	class = pm_key_classify(word);
	o->name = word;
	if (word.p[0] == '-') {
		o->kind = PM_SPOT_FLAG;
		while (o->name.n && o->name.p[0] == '-')
			o->name = slice(o->name, 1, o->name.n);
		return class == PM_KEY_PORT || class == PM_KEY_LISTEN || pm_str_eq(word, "-p") ||
		       pm_str_eq(word, "-P");
	}
	if (equals && (class == PM_KEY_PORT || pm_str_ieq(word, "listen"))) {
		o->kind = PM_SPOT_ASSIGN;
		return true;
	}
	if (apart && !equals && pm_host_classify(word) == PM_HOST_LOCAL) {
		o->kind = PM_SPOT_HOSTPORT;
		o->host = word;
		return true;
	}
	return false;
}

static bool is_whole(struct pm_str s, const struct pm_spot *o)
{
	if (s.n > o->len + MAX_AROUND)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((i < o->off || i >= o->off + o->len) && !pm_is_space(s.p[i]) &&
		    !in(s.p[i], "\"'"))
			return false;
	return true;
}

static void classify(struct pm_str s, struct pm_spot *o)
{
	char front = before(s, o->off);

	if (is_whole(s, o)) {
		o->kind = PM_SPOT_WHOLE;
		return;
	}
	if (find_default(s, o)) {
		o->kind = PM_SPOT_DEFAULT;
		return;
	}
	o->name.n = 0;
	if (front == ':' && find_after_colon(s, o))
		return;
	if (front == '/' && find_dev_tcp(s, o))
		return;
	/* the left half of a pair */
	if (at(s, o->off + o->len) == ':' && pm_is_digit(at(s, o->off + o->len + 1))) {
		o->kind = PM_SPOT_PAIR;
		return;
	}
	o->host.n = 0;
	if (find_word_before(s, o))
		return;
	o->kind = PM_SPOT_OTHER;
	o->name.n = o->host.n = 0;
}

bool pm_spot_next(struct pm_str text, size_t *pos, struct pm_spot *out)
{
	unsigned port;
	size_t len;

	while ((port = pm_port_next(text, pos, &len))) {
		size_t off = *pos, end = off + len;
		char front = before(text, off), back = at(text, end);

		*pos = end;
		if (pm_is_word(front) || pm_is_word(back) ||
		    (front == '.' && off > 1 && pm_is_digit(text.p[off - 2])) ||
		    (back == '.' && pm_is_digit(at(text, end + 1))) ||
		    /* a number may go on in the next line */
		    (back == '\\' && in(at(text, end + 1), "\r\n")) ||
		    pm_in_ipv6(text, off, len))
			continue;
		memset(out, 0, sizeof(*out));
		out->off = off;
		out->len = len;
		out->port = port;
		out->host.p = out->name.p = text.p;
		classify(text, out);
		return true;
	}
	return false;
}

enum pm_host_class pm_host_classify(struct pm_str host)
{
	static const char *const tails[] = { ".svc", ".local", ".internal", ".localdomain", NULL };

	if (pm_str_ieq(host, "localhost") || pm_str_eq(host, "0.0.0.0") ||
	    pm_str_eq(host, "::1") || pm_str_eq(host, "::") || pm_str_eq(host, "*") ||
	    pm_str_iends(host, ".localhost") || (host.n > 4 && memcmp(host.p, "127.", 4) == 0))
		return PM_HOST_LOCAL;
	if (pm_str_eq(host, "host.docker.internal") || pm_str_eq(host, "172.17.0.1") ||
	    pm_str_eq(host, "host.containers.internal") || pm_str_eq(host, "10.0.2.2"))
		return PM_HOST_GATEWAY;
	if (!host.n || !memchr(host.p, '.', host.n))
		return PM_HOST_NETWORK;
	for (size_t i = 0; tails[i]; i++)
		if (pm_str_iends(host, tails[i]))
			return PM_HOST_NETWORK;
	return PM_HOST_PUBLIC;
}

/* The next word of a key: split at anything but letters and digits, and at aB. */
static struct pm_str next_word(struct pm_str key, size_t *pos)
{
	size_t from, i = *pos;

	while (i < key.n && (!pm_is_word(key.p[i]) || key.p[i] == '_'))
		i++;
	for (from = i; i < key.n && pm_is_word(key.p[i]) && key.p[i] != '_'; i++)
		if (i > from && key.p[i] >= 'A' && key.p[i] <= 'Z' &&
		    !(key.p[i - 1] >= 'A' && key.p[i - 1] <= 'Z'))
			break;
	*pos = i;
	return slice(key, from, i);
}

static bool one_of(struct pm_str word, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (pm_str_ieq(word, words[i]))
			return true;
	return false;
}

bool pm_key_has_word(struct pm_str key, const char *const *words)
{
	struct pm_str w;
	size_t pos = 0;

	while ((w = next_word(key, &pos)).n)
		if (one_of(w, words))
			return true;
	return false;
}

static bool is_port_word(struct pm_str w)
{
	static const char *const not_ports[] = {
		"report", "support", "export", "import", "transport", "passport", "viewport",
		"airport", "reports", "exports", "imports", "supports", "transports", "rapport",
		NULL,
	};

	return pm_str_ieq(w, "port") || pm_str_ieq(w, "ports") ||
	       ((pm_str_iends(w, "port") || pm_str_iends(w, "ports")) && !one_of(w, not_ports));
}

enum pm_key_class pm_key_classify(struct pm_str key)
{
	static const char *const never[] = {
		"image", "version", "tag", "timeout", "ms", "seconds", "interval", "retries",
		"count", "size", "limit", "limits", "max", "min", "memory", "cpu", "cpus", "ttl",
		"uid", "gid", "user", "mode", "delay", "duration", "period", "replicas", "width",
		"height", "schedule", "cron", "date", "year", "digest", "sha", "checksum",
		"subnet", "mtu", "bytes", "tokens", "rate", "expiry", "age", "secs", NULL,
	};
	static const char *const listen[] = {
		"listen", "listener", "bind", "addr", "binding", NULL,
	};
	static const char *const addr[] = {
		"url", "urls", "uri", "uris", "host", "hosts", "hostname", "endpoint",
		"endpoints", "target", "targets", "address", "addresses", "origin", "origins",
		"server", "servers", "upstream", "upstreams", "dsn", "broker", "brokers",
		"proxy", "callback", "redirect", "domain", "domains", "base", "api", "service",
		"backend", "issuer", "cors", "href", "link", "gateway", "peer", "peers",
		"connect", "connection", "webhook", "nodes", "seeds", "bootstrap", NULL,
	};
	struct pm_str w;
	size_t pos = 0;
	bool port = false;

	if (pm_key_has_word(key, never))
		return PM_KEY_NEVER;
	while ((w = next_word(key, &pos)).n)
		port |= is_port_word(w);
	if (port)
		return PM_KEY_PORT;
	if (pm_key_has_word(key, listen))
		return PM_KEY_LISTEN;
	return pm_key_has_word(key, addr) ? PM_KEY_ADDR : PM_KEY_NONE;
}
