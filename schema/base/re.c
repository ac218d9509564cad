/* re.c - see re.h. PCRE2 in byte mode, JIT when there is one. */
#include "base/re.h"

#include "base/arena.h"
#include "base/buf.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	MATCH_LIMIT = 200000,
	DEPTH_LIMIT = 2000,
	JIT_STACK = 256 * 1024,
	GROUPS = 64 /* that a match tells of, at most */
};

/* Never changed after it is made: any number of threads may match with it. */
struct pm_re {
	pcre2_code *code;
	pcre2_match_context *ctx;
	bool jit;
};

/* What a thread needs to match, made at its first match and gone with it. */
struct scratch {
	pcre2_match_data *data;
	pcre2_jit_stack *stack;
};
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static _Thread_local struct scratch *mine;

static void *take(size_t size, void *unused)
{
	(void)unused;
	return pm_xrealloc(NULL, size);
}

static void give_back(void *p, void *unused)
{
	(void)unused;
	free(p);
}

/* PCRE2 with our memory: what it lacks would be "no match" or "no such pattern" otherwise. */
static pcre2_general_context *memory(void)
{
	return pcre2_general_context_create(take, give_back, NULL);
}

static void free_scratch(void *p)
{
	struct scratch *s = p;

	pcre2_match_data_free(s->data);
	pcre2_jit_stack_free(s->stack);
	free(s);
}

static void make_key(void)
{
	if (pthread_key_create(&key, free_scratch) != 0)
		pm_die_oom();
}

static struct scratch *scratch(void)
{
	pcre2_general_context *mem;

	if (mine)
		return mine;
	pthread_once(&once, make_key);
	mine = pm_xcalloc(1, sizeof(*mine));
	mem = memory();
	mine->data = pcre2_match_data_create(GROUPS, mem);
	mine->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK, mem);
	pcre2_general_context_free(mem);
	if (pthread_setspecific(key, mine) != 0)
		pm_die_oom();
	return mine;
}

/* No stack of ours: the processor's. */
static pcre2_jit_stack *jit_stack(void *unused)
{
	(void)unused;
	return scratch()->stack;
}

static int compile_failed(int code, size_t at, const char *pattern, struct pm_err *err)
{
	PCRE2_UCHAR text[160] = "";

	pcre2_get_error_message(code, text, sizeof(text));
	return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "regular expression '%.200s': %s at %zu",
			  pattern, (const char *)text, at);
}

static bool matches_empty(struct pm_re *re)
{
	return pcre2_match(re->code, (PCRE2_SPTR) "", 0, 0, 0, scratch()->data, re->ctx) >= 0;
}

int pm_re_compile(struct pm_re **out, const char *pattern, unsigned flags, struct pm_err *err)
{
	uint32_t options = PCRE2_NEVER_BACKSLASH_C;
	pcre2_general_context *mem = memory();
	pcre2_compile_context *ctx = pcre2_compile_context_create(mem);
	struct pm_re *re = NULL;
	PCRE2_SIZE at = 0;
	pcre2_code *code;
	int rc = 0;

	if (flags & PM_RE_ICASE)
		options |= PCRE2_CASELESS;
	if (flags & PM_RE_EXTENDED)
		options |= PCRE2_EXTENDED;
	if (flags & PM_RE_MULTILINE)
		options |= PCRE2_MULTILINE;
	code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &rc, &at, ctx);
	pcre2_compile_context_free(ctx);
	if (!code) {
		pcre2_general_context_free(mem);
		return compile_failed(rc, at, pattern, err);
	}
	re = pm_xrealloc(NULL, sizeof(*re));
	memset(re, 0, sizeof(*re));
	re->code = code;
	re->ctx = pcre2_match_context_create(mem);
	pcre2_general_context_free(mem);
	pcre2_set_match_limit(re->ctx, MATCH_LIMIT);
	pcre2_set_depth_limit(re->ctx, DEPTH_LIMIT);
	pcre2_jit_stack_assign(re->ctx, jit_stack, NULL);
	re->jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
	if ((flags & PM_RE_USER) && matches_empty(re)) {
		pm_re_free(re);
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "regular expression '%.200s' matches the empty text", pattern);
	}
	*out = re;
	return 0;
}

void pm_re_free(struct pm_re *re)
{
	if (!re)
		return;
	pcre2_code_free(re->code);
	pcre2_match_context_free(re->ctx);
	free(re);
}

int pm_re_match(const struct pm_re *re, struct pm_str s, size_t from, struct pm_span *groups,
		size_t n)
{
	pcre2_match_data *data = scratch()->data;
	const PCRE2_SIZE *ov;
	int rc;

	if (from > s.n)
		return 0;
	/* both check the limits; what the first leaves out are checks of its arguments */
	rc = (re->jit ? pcre2_jit_match : pcre2_match)(re->code, (PCRE2_SPTR)s.p, s.n, from, 0, data,
						       re->ctx);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc < 0)
		return PM_E_LIMIT;
	rc = rc ? rc : GROUPS; /* there are more */
	ov = pcre2_get_ovector_pointer(data);
	for (size_t i = 0; i < n; i++) {
		bool set = (int)i < rc && ov[2 * i] != PCRE2_UNSET;

		groups[i] = set ? (struct pm_span){ (uint32_t)ov[2 * i],
						    (uint32_t)(ov[2 * i + 1] - ov[2 * i]) }
				: (struct pm_span){ UINT32_MAX, 0 };
	}
	return 1;
}

int pm_re_group(const struct pm_re *re, const char *name)
{
	int n = pcre2_substring_number_from_name(re->code, (PCRE2_SPTR)name);

	return n < 0 ? -1 : n;
}

int pm_re_glob(struct pm_re **out, const char *glob, struct pm_err *err)
{
	PCRE2_UCHAR *pattern = NULL;
	PCRE2_SIZE len = 0;
	pcre2_general_context *mem = memory();
	pcre2_convert_context *ctx = pcre2_convert_context_create(mem);
	int rc = pcre2_pattern_convert((PCRE2_SPTR)glob, strlen(glob), PCRE2_CONVERT_GLOB,
				       &pattern, &len, ctx);

	pcre2_convert_context_free(ctx);
	pcre2_general_context_free(mem);
	if (rc)
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE, "glob '%.200s' is malformed", glob);
	rc = pm_re_compile(out, (const char *)pattern, 0, err);
	pcre2_converted_pattern_free(pattern);
	return rc;
}

const struct pm_re *pm_re_once(struct pm_re_once *o)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct pm_re *re = atomic_load_explicit(&o->re, memory_order_acquire);
	struct pm_err err;

	if (re)
		return re;
	pthread_mutex_lock(&lock);
	re = atomic_load_explicit(&o->re, memory_order_relaxed);
	if (!re && pm_re_compile(&re, o->pattern, o->flags, &err) < 0)
		pm_bug(__FILE__, __LINE__, err.text);
	atomic_store_explicit(&o->re, re, memory_order_release);
	pthread_mutex_unlock(&lock);
	return re;
}

void pm_re_version(struct pm_buf *out)
{
	char text[64] = ""; /* "10.42 2022-12-11" */

	if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) <= (int)sizeof(text))
		pcre2_config(PCRE2_CONFIG_VERSION, text);
	pm_buf_adds(out, text);
}
