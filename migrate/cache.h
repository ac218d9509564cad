/*
 * cache.h - what was once worked out about objects that never change, kept for the next run.
 *
 * One store per user, shared by all clones, processes and commands. It is never needed: a lost, old
 * or damaged entry is worked out again. Nothing in it can change a result, as long as its maker puts
 * everything that decides the value into the key: an object's id, a path, a hash of the settings.
 * What the code itself decides is in `generation`: a value made by another one is never seen.
 *
 * On disk: a directory of segments, each written once under a name of its own and renamed into
 * place, never changed after that. So a process can be killed at any moment, a disk can fill up, and
 * any number of processes can read and write at the same time; two that work out the same thing
 * write it twice, and merging keeps one. Every entry has a checksum over its generation, key and
 * value, and every offset is checked before it is followed: what is damaged is not there.
 */
#ifndef PM_CACHE_H
#define PM_CACHE_H

#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Who keeps what, so that keys of two kinds never meet. Say here what a key is. */
enum pm_cache_kind {
	PM_CACHE_FILE = 1, /* inventory_cache.c: settings, blob id, path -> what the scanners say */
	PM_CACHE_COMMIT,   /* these of history_keep.h: what a commit did */
	PM_CACHE_VERSION,  /* statements of a file */
	PM_CACHE_NAMES,    /* what a manifest declared */
	PM_CACHE_OWNER,    /* whose a statement is */
	PM_CACHE_KINDS
};

enum {
	PM_CACHE_KEY_MAX = 8192,      /* bytes; longer keys are not kept */
	PM_CACHE_VALUE_MAX = 64 << 20 /* bytes; longer values are not kept */
};
#define PM_CACHE_SIZE_DEFAULT ((uint64_t)512 << 20) /* bytes on disk */

/* Names this code: all sources below cmd/, and the libraries at hand that read YAML and match. */
uint64_t pm_cache_generation(void);

struct pm_cache; /* opaque. NULL is a cache that is not there: it has nothing and takes nothing. */

/* Open the store in `dir`, made if need be (only for this user, as its parents). `generation` names
 * the code that makes the values. PM_E_IO when it cannot be used: not ours, not a directory, ...
 * A directory that cannot be written to is read only. The caller goes on with NULL. */
int pm_cache_open(struct pm_cache **out, const char *dir, uint64_t generation, uint64_t max_bytes,
		  struct pm_err *err);

/* The value of a key, valid until the cache is closed; false when there is none. What was put since
 * opening is not seen. Any number of threads at once. */
bool pm_cache_get(struct pm_cache *c, enum pm_cache_kind kind, struct pm_str key,
		  struct pm_str *value);

/* Keep a value (copied). Any number of threads at once. It is written when much has come together,
 * and at closing. */
void pm_cache_put(struct pm_cache *c, enum pm_cache_kind kind, struct pm_str key,
		  struct pm_str value);

/* Write what was put, merge small segments, drop the least recently used above the size, and free.
 * PM_E_IO when something could not be written: it is then not kept, and nothing else is wrong. */
int pm_cache_close(struct pm_cache *c, struct pm_err *err);

struct pm_cache_info {
	size_t segments, entries; /* of this generation */
	uint64_t bytes;           /* of this generation */
	struct { size_t entries; uint64_t bytes; } kinds[PM_CACHE_KINDS]; /* those that are whole */
	size_t old_segments;      /* of other generations, or damaged */
	uint64_t old_bytes;
};
/* What is there. No directory: all zero. PM_E_IO. */
int pm_cache_info(struct pm_cache_info *out, const char *dir, uint64_t generation,
		  struct pm_err *err);
/* Remove all segments of all generations; nothing else in the directory is touched. */
int pm_cache_clear(const char *dir, struct pm_err *err);

#endif
