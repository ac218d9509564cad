/*
 * user_cache.h - the user's cache of results: where it is, and opening it. Never inside a
 * repository, and never needed: what keeps it from being used is only said with -v.
 */
#ifndef PM_USER_CACHE_H
#define PM_USER_CACHE_H

#include "cmd.h"

#include "base/buf.h"
#include "cache.h"
#include "git.h"

/* $XDG_CACHE_HOME/portmig, else ~/.cache/portmig, into `out`. PM_E_USAGE when there is neither.
 * https://specifications.freedesktop.org/basedir-spec/latest/ */
int pm_user_cache_dir(const struct pm_ctx *ctx, struct pm_buf *out, struct pm_err *err);

/* Open it for work on `repo`; NULL when it cannot be used. */
struct pm_cache *pm_user_cache_open(const struct pm_ctx *ctx, const struct pm_repo *repo);
void pm_user_cache_close(const struct pm_ctx *ctx, struct pm_cache *c);

#endif
