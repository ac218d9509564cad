/*
 * port.h - port numbers as text, and facts about them.
 *
 * Sources of the facts: Fetch standard, "port blocking"
 * (https://fetch.spec.whatwg.org/#port-blocking, as of commit 586cd2a, 83 entries);
 * Linux net.ipv4.ip_local_port_range default 32768-60999; IANA classes (RFC 6335);
 * Kubernetes NodePort 30000-32767, of which 30000-30085 are for fixed ones
 * (https://github.com/kubernetes/enhancements/issues/3668).
 */
#ifndef PM_PORT_H
#define PM_PORT_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* 1 to 5 digits, no leading zero, 1..65535, nothing else: returns the port, else 0. */
unsigned pm_port_parse(struct pm_str s);

/* The next run of digits in `s` at or after *pos that is a whole number (no digit on either
 * side) and a valid port in the sense of pm_port_parse. Sets *pos to its offset and *len, returns
 * the port; 0 when there is none. */
unsigned pm_port_next(struct pm_str s, size_t *pos, size_t *len);

/* Refused by browsers and by Node's fetch; the version of the list for reports. */
bool pm_port_browser_refused(unsigned port);
#define PM_PORT_REFUSED_VERSION "586cd2a"
bool pm_port_ephemeral(unsigned port); /* Linux default range */
bool pm_port_nodeport(unsigned port);
bool pm_port_nodeport_static(unsigned port); /* 30000-30085: not handed out by itself */
bool pm_port_airplay(unsigned port);   /* 5000, 7000: macOS */
/* Name of a user port in the IANA registry, of the better known ones, or NULL.
 * https://www.iana.org/assignments/service-names-port-numbers */
const char *pm_port_iana_name(unsigned port);

#endif
