/*
 * test_layers.c - the rules of docs/architecture.md that the compiler does not check: which
 * folder may include which, who alone includes a library's header, who alone touches the
 * environment, the standard streams, files, the clock and exit.
 */
#include "base/arena.h"
#include "base/text.h"
#include "cases.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Left to right: each may include itself and what stands after it. */
static const char *const layers[] = { "cmd", "migrate", "scanners", "schema", "schema/base" };
enum { N_LAYERS = sizeof(layers) / sizeof(*layers) };

struct source {
	char path[512]; /* relative to the project */
	char name[256]; /* without the folder */
	int layer;
	char *code; /* comments and string contents blanked, except in #include lines */
};
static struct { struct source *v; size_t n, cap; } sources;

/* Blank comments, and what stands in quotes outside of #include lines; lines stay in place. */
static void blank(char *s)
{
	bool include = false, fresh = true;

	while (*s) {
		if (fresh)
			include = strncmp(s, "#include", 8) == 0;
		fresh = *s == '\n';
		if (s[0] == '/' && s[1] == '*') {
			while (*s && !(s[0] == '*' && s[1] == '/')) {
				*s = *s == '\n' ? '\n' : ' ';
				s++;
			}
			if (*s)
				s[0] = s[1] = ' ';
		} else if (s[0] == '/' && s[1] == '/') {
			while (*s && *s != '\n')
				*s++ = ' ';
		} else if (!include && (*s == '"' || *s == '\'')) {
			char quote = *s++;

			while (*s && *s != quote && *s != '\n') {
				if (*s == '\\' && s[1])
					*s++ = ' ';
				*s++ = ' ';
			}
			if (*s == quote)
				s++;
		} else {
			s++;
		}
	}
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static void load(void)
{
	for (int l = 0; l < N_LAYERS; l++) {
		char dir[1024];
		struct dirent *e;
		DIR *d;

		snprintf(dir, sizeof(dir), "%s/%s", PM_SOURCE_DIR, layers[l]);
		d = opendir(dir);
		if (!d) {
			fprintf(stderr, "no folder %s\n", dir);
			exit(1);
		}
		while ((e = readdir(d))) {
			char full[2048];
			struct source *s;

			if (!ends_with(e->d_name, ".c") && !ends_with(e->d_name, ".h"))
				continue;
			s = PM_VEC_ADD(&sources);
			snprintf(s->path, sizeof(s->path), "%s/%.250s", layers[l], e->d_name);
			snprintf(s->name, sizeof(s->name), "%.250s", e->d_name);
			snprintf(full, sizeof(full), "%s/%.500s", PM_SOURCE_DIR, s->path);
			s->layer = l;
			s->code = pm_read_file(full, NULL);
			if (!s->code) {
				fprintf(stderr, "cannot read %s\n", full);
				exit(1);
			}
			blank(s->code);
		}
		closedir(d);
	}
}

/* The layer of a quoted include written in `from`, or -1 when no folder has such a header. */
static int layer_of(const struct source *from, const char *header)
{
	const char *base = strncmp(header, "base/", 5) == 0 ? header + 5 : NULL;

	for (size_t i = 0; !base && i < sources.n; i++)
		if (sources.v[i].layer == from->layer && !strcmp(sources.v[i].name, header))
			return from->layer;
	for (size_t i = 0; i < sources.n; i++)
		if (base ? sources.v[i].layer == N_LAYERS - 1 && !strcmp(sources.v[i].name, base)
			 : sources.v[i].layer < N_LAYERS - 1 && !strcmp(sources.v[i].name, header))
			return sources.v[i].layer;
	return -1;
}

/* The next #include at or after *at: its name without quotes or brackets, and which of them. */
static bool next_include(const char *code, const char **at, char *name, size_t cap, char *open)
{
	const char *p;

	while ((p = strstr(*at, "#include"))) {
		const char *from = p + strspn(p + 8, " \t") + 8;
		size_t n = strcspn(from + (*from != '\0'), "\">\n");

		*at = from;
		if ((p != code && p[-1] != '\n') || (*from != '"' && *from != '<'))
			continue;
		*open = *from;
		snprintf(name, cap, "%.*s", (int)n, from + 1);
		return true;
	}
	return false;
}

static unsigned check_direction(const struct source *s)
{
	const char *at = s->code;
	unsigned bad = 0;
	char name[256], open;

	while (next_include(s->code, &at, name, sizeof(name), &open)) {
		int l = open == '"' ? layer_of(s, name) : s->layer;

		if (l >= s->layer)
			continue;
		print_error("%s includes \"%s\"%s%s\n", s->path, name,
			    l < 0 ? ", which no folder has" : " of ", l < 0 ? "" : layers[l]);
		bad++;
	}
	return bad;
}

static void includes_point_right(void **state)
{
	int layer = *(const int *)*state;
	unsigned bad = 0, seen = 0;

	for (size_t i = 0; i < sources.n; i++) {
		if (sources.v[i].layer != layer)
			continue;
		bad += check_direction(&sources.v[i]);
		seen++;
	}
	assert_true(seen > 0);
	assert_int_equal(bad, 0);
}

/* A header of a library, or a function, and the only files that may use it (fnmatch). */
struct only {
	const char *name;
	const char *what[12];
	const char *where[8];
};

static const struct only headers[] = {
	{ "libgit2 is included by migrate/git_*", { "git2.h", "git2/*" }, { "migrate/git_*.[ch]" } },
	{ "libyaml is included by base/yaml*.c", { "yaml.h" }, { "schema/base/yaml*.c" } },
	{ "PCRE2 is included by base/re.c", { "pcre2.h" }, { "schema/base/re.c" } },
	{ "md4c is included in schema/", { "md4c*.h" }, { "schema/*.c" } },
	{ "cmocka is included by no product file", { "cmocka.h" }, { NULL } },
	{ "sockets are included by nobody", { "sys/socket.h", "netdb.h", "curl/*" }, { NULL } },
};

static const struct only functions[] = {
	{ "only cmd/ reads the environment",
	  { "getenv", "secure_getenv" }, { "cmd/*" } },
	{ "only cmd/ and the signer hand on the environment",
	  { "environ" }, { "cmd/*", "migrate/git_sign.c" } },
	/* base/arena.c and base/err.c end the process for want of memory, and for a bug */
	{ "only cmd/ writes to the standard streams",
	  { "printf", "vprintf", "puts", "putchar", "stdout", "stderr", "perror" },
	  { "cmd/*", "schema/base/err.c" } },
	{ "only cmd/ and the two ends in base leave the process",
	  { "exit", "_exit", "_Exit", "abort", "quick_exit" }, { "cmd/*", "schema/base/err.c" } },
	{ "only cmd/, the Git edge and the cache open files",
	  { "fopen", "open", "openat", "opendir", "mkstemp", "stat", "lstat", "unlink", "unlinkat",
	    "rename", "renameat" },
	  { "cmd/*", "migrate/git_*.c", "migrate/cache*.c", "migrate/pack_file.c" } },
	{ "only cmd/, the Git edge and the cache ask the clock",
	  { "time", "clock_gettime", "gettimeofday", "localtime", "localtime_r" },
	  { "cmd/*", "migrate/git_*.c", "migrate/cache*.c" } },
	{ "only cmd/ and the Git edge start a process",
	  { "system", "popen", "fork", "execvp", "execv", "execl", "posix_spawn", "posix_spawnp" },
	  { "cmd/*", "migrate/git_*.c" } },
	{ "nobody uses unbounded or shared-state string functions",
	  { "gets", "strcpy", "strcat", "sprintf", "vsprintf", "strtok", "alloca", "rand",
	    "tmpnam" },
	  { NULL } },
};

static bool may(const struct only *o, const char *path)
{
	for (size_t i = 0; i < 8 && o->where[i]; i++)
		if (fnmatch(o->where[i], path, 0) == 0)
			return true;
	return false;
}

static unsigned headers_used(const struct only *o, const char *path, const char *code)
{
	const char *at = code;
	unsigned n = 0;
	char name[256], open;

	while (next_include(code, &at, name, sizeof(name), &open))
		for (size_t i = 0; i < 12 && o->what[i]; i++)
			if (open == '<' && fnmatch(o->what[i], name, 0) == 0) {
				print_error("%s includes <%s>\n", path, name);
				n++;
			}
	return n;
}

/* Uses of a name as a whole word, not as a member; calls only, but for variables of libc. */
static unsigned words_used(const char *word, const char *code)
{
	bool variable = !strcmp(word, "stdout") || !strcmp(word, "stderr") ||
			!strcmp(word, "environ");
	size_t len = strlen(word);
	unsigned n = 0;

	for (const char *p = code; (p = strstr(p, word)); p += len) {
		if (p != code && (pm_is_word(p[-1]) || p[-1] == '.' || p[-1] == '>'))
			continue;
		if (pm_is_word(p[len]))
			continue;
		n += variable || p[len + strspn(p + len, " ")] == '(';
	}
	return n;
}

static void check_headers(void **state)
{
	const struct only *o = *state;
	unsigned bad = 0;

	for (size_t i = 0; i < sources.n; i++)
		if (!may(o, sources.v[i].path))
			bad += headers_used(o, sources.v[i].path, sources.v[i].code);
	assert_int_equal(bad, 0);
}

static void check_functions(void **state)
{
	const struct only *o = *state;
	unsigned bad = 0;

	for (size_t i = 0; i < sources.n; i++) {
		const struct source *s = &sources.v[i];

		for (size_t k = 0; k < 12 && o->what[k] && !may(o, s->path); k++) {
			unsigned n = words_used(o->what[k], s->code);

			if (n)
				print_error("%s uses %s %u times\n", s->path, o->what[k], n);
			bad += n;
		}
	}
	assert_int_equal(bad, 0);
}

/* The checks themselves: code, a word, how often it counts. */
static const struct probe {
	const char *name, *code, *word;
	unsigned want;
} probes[] = {
	{ "a call counts", "\treturn getenv(name);\n", "getenv", 1 },
	{ "a call after a space counts", "if (exit (1))\n", "exit", 1 },
	{ "part of a word does not", "snprintf(b, n, s); pm_err_exit(c);\n", "exit", 0 },
	{ "a comment does not", "/* exit(1) ends\n * exit(2) */ int x;\n", "exit", 0 },
	{ "a line comment does not", "int x; // exit(1)\n", "exit", 0 },
	{ "a string does not", "f(\"a \\\" exit(1)\");\n", "exit", 0 },
	{ "code after a string does", "f(\"a\\\\\"); exit(1);\n", "exit", 1 },
	{ "a quote character opens nothing", "if (c == '\"') exit(1);\n", "exit", 1 },
	{ "a member does not", "s->open(x); s.open(x);\n", "open", 0 },
	{ "a declared field does not", "char *open; bool stat;\n", "open", 0 },
	{ "a stream counts without a call", "fputs(s, stdout);\n", "stdout", 1 },
};

static void probe_counts(void **state)
{
	const struct probe *p = *state;
	char *code = pm_xstrdup(p->code);

	blank(code);
	assert_int_equal(words_used(p->word, code), p->want);
	free(code);
}

static void wrong_includes_are_seen(void **state)
{
	char code[] = "/* x */\n#include \"base/err.h\"\n#include \"plan.h\"\n#include <git2.h>\n";
	struct source s = { .path = "scanners/x.c", .name = "x.c", .layer = 2, .code = code };

	(void)state;
	blank(code);
	assert_int_equal(check_direction(&s), 1);
	assert_int_equal(headers_used(&headers[0], s.path, code), 1);
	assert_false(may(&headers[0], s.path));
	assert_true(may(&headers[0], "migrate/git_read.c"));
}

int main(void)
{
	static const int index[N_LAYERS] = { 0, 1, 2, 3, 4 };
	struct pm_cases c = { 0 };
	char name[128];

	load();
	for (size_t i = 0; i < sizeof(probes) / sizeof(*probes); i++)
		pm_cases_add(&c, probes[i].name, probe_counts, &probes[i]);
	pm_cases_add(&c, "wrong includes are seen", wrong_includes_are_seen, NULL);
	for (int i = 0; i < N_LAYERS; i++) {
		snprintf(name, sizeof(name), "%s includes only itself and what is below", layers[i]);
		pm_cases_add(&c, name, includes_point_right, &index[i]);
	}
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		pm_cases_add(&c, headers[i].name, check_headers, &headers[i]);
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		pm_cases_add(&c, functions[i].name, check_functions, &functions[i]);
	return pm_cases_run(&c, "layers");
}
