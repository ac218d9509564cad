/* port.c - see port.h. */
#include "base/port.h"

#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

unsigned pm_port_parse(struct pm_str s)
{
	unsigned value = 0;

	if (s.n < 1 || s.n > 5 || s.p[0] == '0')
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!pm_is_digit(s.p[i]))
			return 0;
		value = value * 10 + (unsigned)(s.p[i] - '0');
	}
	return value <= 65535 ? value : 0;
}

/* First digit at or after i, or s.n. Most of a file is none: sixteen bytes a step where the
 * processor can. */
static size_t next_digit(struct pm_str s, size_t i)
{
#ifdef __SSE2__
	const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);

	for (; i + 16 <= s.n; i += 16) {
		__m128i v = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(s.p + i)), zero);
		int found = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, nine), v));

		if (found)
			return i + (size_t)__builtin_ctz((unsigned)found);
	}
#endif
	while (i < s.n && !pm_is_digit(s.p[i]))
		i++;
	return i;
}

unsigned pm_port_next(struct pm_str s, size_t *pos, size_t *len)
{
	size_t i = *pos;

	/* a start inside a run of digits is not a start */
	while (i && i < s.n && pm_is_digit(s.p[i]) && pm_is_digit(s.p[i - 1]))
		i++;
	while ((i = next_digit(s, i)) < s.n) {
		size_t end;
		unsigned port;

		for (end = i; end < s.n && pm_is_digit(s.p[end]); end++)
			;
		port = pm_port_parse((struct pm_str){ s.p + i, end - i });
		if (port) {
			*pos = i;
			*len = end - i;
			return port;
		}
		i = end;
	}
	return 0;
}

/* Fetch standard, bad ports, in order (0 is not a valid port here, so 82 of the 83). */
static const uint16_t refused[] = {
	1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,   37,
	42,   43,   53,   69,   77,   79,   87,   95,   101,  102,  103,  104,  109,  110,
	111,  113,  115,  117,  119,  123,  135,  137,  139,  143,  161,  179,  389,  427,
	465,  512,  513,  514,  515,  526,  530,  531,  532,  540,  548,  554,  556,  563,
	587,  601,  636,  989,  990,  993,  995,  1719, 1720, 1723, 2049, 3659, 4045, 4190,
	5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
};

static int compare(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

bool pm_port_browser_refused(unsigned port)
{
	uint16_t key = (uint16_t)port;

	return port <= 65535 && bsearch(&key, refused, sizeof(refused) / sizeof(refused[0]),
					sizeof(refused[0]), compare) != NULL;
}

bool pm_port_ephemeral(unsigned port)
{
	return port >= 32768 && port <= 60999;
}

bool pm_port_nodeport(unsigned port)
{
	return port >= 30000 && port <= 32767;
}

bool pm_port_nodeport_static(unsigned port)
{
	return port >= 30000 && port <= 30085;
}

bool pm_port_airplay(unsigned port)
{
	return port == 5000 || port == 7000;
}

/* The better known user ports of the registry: those that a machine in use may really have. */
static const struct { uint16_t port; const char *name; } registered[] = {
	{ 1080, "socks" }, { 1194, "openvpn" }, { 1433, "ms-sql-s" }, { 1434, "ms-sql-m" },
	{ 1701, "l2f" }, { 1812, "radius" }, { 1813, "radius-acct" },
	{ 2000, "cisco-sccp" }, { 2049, "nfs" }, { 2401, "cvspserver" }, { 2628, "dict" },
	{ 2947, "gpsd" }, { 3050, "gds-db" }, { 3260, "iscsi-target" }, { 3306, "mysql" },
	{ 3389, "ms-wbt-server" }, { 3493, "nut" }, { 3632, "distcc" }, { 3689, "daap" },
	{ 3690, "svn" }, { 4190, "sieve" }, { 4369, "epmd" }, { 4460, "ntske" },
	{ 4500, "ipsec-nat-t" }, { 4569, "iax" }, { 4899, "radmin-port" },
	{ 4949, "munin" }, { 5060, "sip" }, { 5061, "sips" }, { 5222, "xmpp-client" },
	{ 5269, "xmpp-server" }, { 5353, "mdns" }, { 5432, "postgresql" },
	{ 5666, "nrpe" }, { 5671, "amqps" }, { 5672, "amqp" }, { 6000, "x11" },
	{ 6001, "x11" }, { 6379, "redis" }, { 6514, "syslog-tls" }, { 6566, "sane-port" },
	{ 6667, "ircu" }, { 6697, "ircs-u" }, { 7100, "font-service" }, { 8140, "puppet" },
	{ 9418, "git" }, { 10000, "ndmp" }, { 10050, "zabbix-agent" },
	{ 10051, "zabbix-trapper" }, { 10080, "amanda" }, { 10081, "famdc" },
	{ 10809, "nbd" }, { 11112, "dicom" }, { 11371, "hkp" },
};

const char *pm_port_iana_name(unsigned port)
{
	for (size_t i = 0; i < sizeof(registered) / sizeof(registered[0]); i++)
		if (registered[i].port == port)
			return registered[i].name;
	return NULL;
}
