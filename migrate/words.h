/* words.h - what a word says about a service by itself. Words are lower case. */
#ifndef PM_WORDS_H
#define PM_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Role words that stand for each other share a group (web, frontend, ui); 0: not a role. */
unsigned pm_role_group(const char *lower);
bool pm_word_is_noise(const char *lower); /* "service", "url", "production" */
bool pm_word_is_affix(const char *lower); /* at the ends of a name: "service", "prod", "go" */
/* The i-th word that settings use for a product ("s3" for "minio"); NULL when there is none. */
const char *pm_word_also(const char *lower, size_t i);
/* The tables, in order, for tests and interning; NULL past the end. */
const char *pm_word_noise_at(size_t i);
const char *pm_word_role_at(size_t i);
const char *pm_word_affix_at(size_t i);

#endif
