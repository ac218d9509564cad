/* test_scan_struct.c - scanners of structured files, case by case; and the port mapping string. */
#include "cases.h"
#include "scan_cases.h"

#include "formats.h"
#include "portspec.h"

#include <stdlib.h>
#include <string.h>

/* Numbers in order: h host, c container, lower case d in front for a fallback; "!" refused. */
static const struct { const char *name, *in, *want; } specs[] = {
	{ "spec pair", "4900:3000", "h4900 c3000" },
	{ "spec container only", "3000", "c3000" },
	{ "spec protocol", "53:5353/udp", "h53 c5353" },
	{ "spec bind", "127.0.0.1:4900:3000", "h4900 c3000" },
	{ "spec bind without host port", "127.0.0.1::3000", "c3000" },
	{ "spec bracketed ipv6", "[::1]:4900:3000", "h4900 c3000" },
	{ "spec bare ipv6", "::1:6000:6001", "h6000 c6001" },
	{ "spec ranges", "3000-3005:4000-4005", "h3000 h3005 c4000 c4005" },
	{ "spec fallback", "${P:-4900}:3000", "dh4900 c3000" },
	{ "spec short fallback", "${P-4900}:3000", "dh4900 c3000" },
	{ "spec nested fallback", "${A:-${B:-4900}}:3000", "dh4900 c3000" },
	{ "spec fallback with bind", "${A:-127.0.0.1:4900}:3000", "dh4900 c3000" },
	{ "spec whole fallback", "${A:-4900:3000}", "dh4900 dc3000" },
	{ "spec both sides", "${A:-4900}:${B:-3000}/tcp", "dh4900 dc3000" },
	{ "spec variables only", "${A}:$B", "" },
	{ "spec bind variable", "${IP}:${A:-4900}:3000", "dh4900 c3000" },
	{ "spec required variable", "${A:?set 4900}:3000", "c3000" },
	{ "spec any port", "0:3000", "c3000" },
	{ "spec empty", "", "!" },
	{ "spec words", "api:3000x", "!" },
	{ "spec too high", "70000:3000", "!" },
	{ "spec leading zero", "04900:3000", "!" },
	{ "spec open brace", "${A:-4900", "!" },
	{ "spec open bracket", "[::1:4900", "!" },
	{ "spec many colons", "1:2:3:4:5:6:7:8:9:1:2:3:4", "!" },
};

static void spec_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	struct pm_portspec spec;
	struct pm_buf b = { 0 };
	bool ok = pm_portspec_parse(&spec, pm_str_of(specs[i].in));

	for (size_t k = 0; ok && k < spec.n; k++)
		pm_buf_addf(&b, "%s%s%c%.*s", k ? " " : "", spec.v[k].fallback ? "d" : "",
			    spec.v[k].host ? 'h' : 'c', (int)spec.v[k].len,
			    specs[i].in + spec.v[k].off);
	assert_string_equal(ok ? pm_buf_str(&b) : "!", specs[i].want);
	pm_buf_release(&b);
}

static bool slow_number(const char *s, size_t n)
{
	unsigned long v = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (unsigned long)(s[i] - '0');
	}
	return n > 0 && v <= 65535 && (s[0] != '0' || n == 1);
}

static bool slow_half(const char *s)
{
	const char *dash = strchr(s, '-');

	if (!dash)
		return slow_number(s, strlen(s));
	return slow_number(s, (size_t)(dash - s)) && slow_number(dash + 1, strlen(dash + 1));
}

/* IP fields may hold anything: only the last two fields are numbers. */
static bool slow_spec(const char *s)
{
	char copy[16];
	char *last, *host;

	strcpy(copy, s);
	last = strrchr(copy, '/');
	if (last)
		*last = '\0';
	last = strrchr(copy, ':');
	if (!last)
		return slow_half(copy);
	*last++ = '\0';
	host = strrchr(copy, ':');
	host = host ? host + 1 : copy;
	return slow_half(last) && (!host[0] || slow_half(host));
}

/* Every string up to six bytes long, against a reader that splits copies. */
static void all_short_specs(void **state)
{
	static const char alphabet[] = "04:-/9";
	const size_t k = sizeof(alphabet) - 1;
	char s[8];

	(void)state;
	for (size_t len = 0, total = 1; len <= 6; len++, total *= k)
		for (size_t code = 0; code < total; code++) {
			struct pm_portspec spec;
			size_t rest = code;

			for (size_t i = 0; i < len; i++, rest /= k)
				s[i] = alphabet[rest % k];
			s[len] = '\0';
			if (pm_portspec_parse(&spec, pm_str_of(s)) != slow_spec(s))
				fail_msg("'%s': %d", s, slow_spec(s));
		}
}

/* Hostile strings: no crash and no number outside. */
static void hostile_specs(void **state)
{
	static const char alphabet[] = "4:-/[].${}";
	const size_t k = sizeof(alphabet) - 1;
	char s[8];

	(void)state;
	for (size_t len = 0, total = 1; len <= 5; len++, total *= k)
		for (size_t code = 0; code < total; code++) {
			struct pm_portspec spec;
			size_t rest = code;

			for (size_t i = 0; i < len; i++, rest /= k)
				s[i] = alphabet[rest % k];
			pm_portspec_parse(&spec, (struct pm_str){ s, len });
			for (size_t i = 0; i < spec.n; i++)
				assert_true(spec.v[i].off + spec.v[i].len <= len);
		}
}

static const struct { const char *name, *dir, *rel, *want; } joins[] = {
	{ "join plain", "a/b", "c", "a/b/c" },
	{ "join dot", "a", "./", "a" },
	{ "join up", "a/b", "../c/./d", "a/c/d" },
	{ "join above the root", "a", "../../x", NULL },
	{ "join absolute", "a", "/srv/x", NULL },
	{ "join root", "", ".", "" },
};

static void join_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;
	struct pm_arena a = { 0 };
	const char *got = pm_path_join(&a, pm_str_of(joins[i].dir), pm_str_of(joins[i].rel));

	assert_int_equal(got == NULL, joins[i].want == NULL);
	if (got && joins[i].want)
		assert_string_equal(got, joins[i].want);
	pm_arena_release(&a);
}

static const struct { const char *name, *key; enum pm_key_class want; } keys[] = {
	{ "key PORT", "PORT", PM_KEY_PORT },
	{ "key snake", "API_PORT", PM_KEY_PORT },
	{ "key camel", "httpPort", PM_KEY_PORT },
	{ "key joined", "webport", PM_KEY_PORT },
	{ "key report is no port", "REPORT_ID", PM_KEY_NONE },
	{ "key timeout wins", "PORT_TIMEOUT", PM_KEY_NEVER },
	{ "key url", "BILLING_URL", PM_KEY_ADDR },
	{ "key listen", "listenAddr", PM_KEY_LISTEN },
	{ "key none", "NAME", PM_KEY_NONE },
	{ "key empty", "", PM_KEY_NONE },
};

static void key_row(void **state)
{
	const size_t i = (size_t)(uintptr_t)*state;

	assert_int_equal(pm_key_classify(pm_str_of(keys[i].key)), keys[i].want);
}

/* Every spot as kind:port with its host or name. */
static const struct { const char *name, *in, *want; } spots[] = {
	{ "spot whole", "4000", "whole:4000" },
	{ "spot quoted", "\"4000\"", "whole:4000" },
	{ "spot url", "http://api:4000/x", "url:4000 api" },
	{ "spot url with user", "pg://u:p@db.x:5432/n", "url:5432 db.x" },
	{ "spot url ipv6", "http://[::1]:4000", "url:4000 ::1" },
	{ "spot url with variable", "http://${HOST:-a}:4000", "url:4000 ${HOST:-a}" },
	{ "spot host", "api:4000", "hostport:4000 api" },
	{ "spot two", "a:4000,b:4001", "hostport:4000 a hostport:4001 b" },
	{ "spot colon", ":4000", "colon:4000" },
	{ "spot pair", "4900:3000", "pair:4900 pair:3000" },
	{ "spot default", "${P:-4000}", "default:4000 P" },
	{ "spot short default", "${P-4000}", "default:4000 P" },
	{ "spot spring default", "${server.port:4000}", "default:4000 server.port" },
	{ "spot flag", "x --port 4000", "flag:4000 port" },
	{ "spot flag with equals", "x --http-port=4000", "flag:4000 http-port" },
	{ "spot json argv", "[\"--port\", \"4000\"]", "flag:4000 port" },
	{ "spot short flag", "x -p 4000", "flag:4000 p" },
	{ "spot other flag", "x --workers 4000", "other:4000" },
	{ "spot assignment", "A=b PORT=4000 c", "assign:4000 PORT" },
	{ "spot nc", "nc -z localhost 4000", "hostport:4000 localhost" },
	{ "spot dev tcp", "</dev/tcp/db/4000", "hostport:4000 db" },
	{ "spot word", "after 4000 ms", "other:4000" },
	{ "spot unit", "4000ms 4000m v4000 x_4000", "" },
	{ "spot decimal", "1.4000 4000.5 127.0.0.1", "" },
	{ "spot long", "123456 04000", "" },
	{ "spot tunnel status", "http_status:404", "other:404" },
	{ "spot empty", "", "" },
};

static void spot_row(void **state)
{
	static const char *const kinds[] = { "other", "whole",	 "url",	 "hostport", "colon",
					     "pair",  "default", "flag", "assign" };
	const size_t i = (size_t)(uintptr_t)*state;
	struct pm_str s = pm_str_of(spots[i].in);
	struct pm_buf b = { 0 };
	struct pm_spot o;
	size_t pos = 0;

	while (pm_spot_next(s, &pos, &o)) {
		struct pm_str who = o.host.n ? o.host : o.name;

		pm_buf_addf(&b, "%s%s:%u", b.n ? " " : "", kinds[o.kind], o.port);
		if (who.n)
			pm_buf_addf(&b, " %.*s", (int)who.n, who.p);
	}
	assert_string_equal(pm_buf_str(&b), spots[i].want);
	pm_buf_release(&b);
}

#define ADD_ROWS(c, rows, fn) \
	for (size_t i_ = 0; i_ < sizeof(rows) / sizeof(*(rows)); i_++) \
		pm_cases_add((c), (rows)[i_].name, (fn), (void *)(uintptr_t)i_)

int main(void)
{
	static const char *const scanners[] = { "compose", "env", "dockerfile", "k8s", "yaml" };
	struct pm_cases c = { 0 };

	ADD_ROWS(&c, specs, spec_row);
	pm_cases_add(&c, "all short specs", all_short_specs, NULL);
	pm_cases_add(&c, "hostile specs", hostile_specs, NULL);
	ADD_ROWS(&c, spots, spot_row);
	ADD_ROWS(&c, joins, join_row);
	ADD_ROWS(&c, keys, key_row);
	for (size_t i = 0; i < sizeof(scanners) / sizeof(*scanners); i++)
		pm_scan_cases_add(&c, scanners[i]);
	return pm_cases_run(&c, "scan_struct");
}
