/*
 * spot.h - numbers in a value and what stands right around them: URL, host:port, flag, fallback
 * of a variable. For scanners that know where a value starts and ends (a YAML scalar, a line of
 * an env file); they decide what the number does there.
 */
#ifndef PM_SPOT_H
#define PM_SPOT_H

#include "scanner.h"

enum pm_spot_kind {
	PM_SPOT_OTHER,
	PM_SPOT_WHOLE,    /* the number is the whole value */
	PM_SPOT_URL,      /* http://api:4000/x */
	PM_SPOT_HOSTPORT, /* api:4000, 127.0.0.1 4000, /dev/tcp/localhost/4000 */
	PM_SPOT_COLON,    /* :4000, nothing in front */
	PM_SPOT_PAIR,     /* either half of 4900:3000 */
	PM_SPOT_DEFAULT,  /* ${NAME:-4000}, ${NAME-4000}, ${NAME:=4000}, ${NAME:4000} */
	PM_SPOT_FLAG,     /* --port 4000, --listen=4000, -p 4000 */
	PM_SPOT_ASSIGN    /* PORT=4000, port: 4000 inside a longer text */
};

struct pm_spot {
	enum pm_spot_kind kind;
	size_t off, len;    /* the digits, in the text */
	unsigned port;
	struct pm_str host; /* URL, HOSTPORT: without brackets; may hold a variable */
	struct pm_str name; /* DEFAULT, FLAG, ASSIGN: the name in front */
};

/* The next number at or after *pos that is not part of a word, a decimal or an address. */
bool pm_spot_next(struct pm_str text, size_t *pos, struct pm_spot *out);

enum pm_host_class {
	PM_HOST_LOCAL,   /* localhost, 127.0.0.1, ::1, 0.0.0.0 */
	PM_HOST_GATEWAY, /* host.docker.internal and the like: the host, seen from a container */
	PM_HOST_NETWORK, /* a bare name, *.svc, *.local: inside one network */
	PM_HOST_PUBLIC   /* anything else */
};
enum pm_host_class pm_host_classify(struct pm_str host);

/* What the words of a key or variable say about its value. */
enum pm_key_class {
	PM_KEY_NONE,
	PM_KEY_PORT,   /* PORT, httpPort, API_PORT, ports */
	PM_KEY_LISTEN, /* listen, bind, addr: what a process binds */
	PM_KEY_ADDR,   /* url, host, endpoint, target, origins: where somebody else is */
	PM_KEY_NEVER   /* image, version, tag, timeout: a number here is something else */
};
enum pm_key_class pm_key_classify(struct pm_str key);
bool pm_key_has_word(struct pm_str key, const char *const *words); /* NULL-terminated */

#endif
