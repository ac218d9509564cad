/*
 * hash.h - uthash, with an allocation failure that ends the process as everywhere else.
 * https://troydhanson.github.io/uthash/userguide.html
 */
#ifndef PM_HASH_H
#define PM_HASH_H

#include "base/err.h"

#define uthash_fatal(msg) pm_die_oom()
#include <uthash.h>

#endif
