/* filekind.c - see filekind.h. */
#include "filekind.h"

#include "formats.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>

struct named { const char *name; unsigned kind; };

static const struct named by_ext[] = {
	{ "js", PM_KIND_JS }, { "jsx", PM_KIND_JS }, { "ts", PM_KIND_JS }, { "tsx", PM_KIND_JS },
	{ "mjs", PM_KIND_JS }, { "cjs", PM_KIND_JS }, { "mts", PM_KIND_JS }, { "cts", PM_KIND_JS },
	{ "vue", PM_KIND_JS }, { "svelte", PM_KIND_JS }, { "astro", PM_KIND_JS },
	{ "coffee", PM_KIND_JS },
	{ "py", PM_KIND_PYTHON }, { "pyi", PM_KIND_PYTHON }, { "ipynb", PM_KIND_PYTHON },
	{ "go", PM_KIND_GO }, { "rs", PM_KIND_RUST },
	{ "java", PM_KIND_JVM }, { "kt", PM_KIND_JVM }, { "kts", PM_KIND_JVM },
	{ "scala", PM_KIND_JVM }, { "groovy", PM_KIND_JVM }, { "gradle", PM_KIND_JVM },
	{ "clj", PM_KIND_JVM },
	{ "cs", PM_KIND_DOTNET }, { "fs", PM_KIND_DOTNET }, { "vb", PM_KIND_DOTNET },
	{ "php", PM_KIND_PHP }, { "rb", PM_KIND_RUBY }, { "ru", PM_KIND_RUBY },
	{ "rake", PM_KIND_RUBY },
	{ "c", PM_KIND_C }, { "h", PM_KIND_C }, { "cc", PM_KIND_C }, { "cpp", PM_KIND_C },
	{ "cxx", PM_KIND_C }, { "hpp", PM_KIND_C }, { "m", PM_KIND_C }, { "mm", PM_KIND_C },
	{ "zig", PM_KIND_C },
	{ "swift", PM_KIND_SWIFT }, { "dart", PM_KIND_DART },
	{ "ex", PM_KIND_ELIXIR }, { "exs", PM_KIND_ELIXIR }, { "erl", PM_KIND_ELIXIR },
	{ "sh", PM_KIND_SHELL }, { "bash", PM_KIND_SHELL }, { "zsh", PM_KIND_SHELL },
	{ "fish", PM_KIND_SHELL }, { "mk", PM_KIND_SHELL }, { "just", PM_KIND_SHELL },
	{ "ps1", PM_KIND_POWERSHELL }, { "psm1", PM_KIND_POWERSHELL },
	{ "bat", PM_KIND_POWERSHELL }, { "cmd", PM_KIND_POWERSHELL },
	{ "md", PM_KIND_DOC }, { "mdx", PM_KIND_DOC }, { "markdown", PM_KIND_DOC },
	{ "mdc", PM_KIND_DOC }, { "rst", PM_KIND_DOC }, { "adoc", PM_KIND_DOC },
	{ "asciidoc", PM_KIND_DOC }, { "txt", PM_KIND_DOC }, { "org", PM_KIND_DOC },
	{ "mmd", PM_KIND_DOC }, { "puml", PM_KIND_DOC },
	{ "yml", PM_KIND_YAML }, { "yaml", PM_KIND_YAML }, { "tpl", PM_KIND_YAML },
	{ "json", PM_KIND_JSON }, { "jsonc", PM_KIND_JSON }, { "json5", PM_KIND_JSON },
	{ "har", PM_KIND_JSON },
	{ "toml", PM_KIND_TOML },
	{ "ini", PM_KIND_INI }, { "cfg", PM_KIND_INI }, { "conf", PM_KIND_INI },
	{ "cnf", PM_KIND_INI }, { "properties", PM_KIND_INI }, { "env", PM_KIND_INI },
	{ "service", PM_KIND_INI }, { "socket", PM_KIND_INI }, { "desktop", PM_KIND_INI },
	{ "caddy", PM_KIND_INI }, { "vcl", PM_KIND_INI }, { "pp", PM_KIND_INI },
	{ "http", PM_KIND_INI }, { "rest", PM_KIND_INI },
	{ "tf", PM_KIND_HCL }, { "tfvars", PM_KIND_HCL }, { "hcl", PM_KIND_HCL },
	{ "nomad", PM_KIND_HCL }, { "bicep", PM_KIND_HCL },
	{ "xml", PM_KIND_XML }, { "plist", PM_KIND_XML }, { "csproj", PM_KIND_XML },
	{ "pubxml", PM_KIND_XML }, { "iml", PM_KIND_XML },
	{ "html", PM_KIND_HTML }, { "htm", PM_KIND_HTML }, { "hbs", PM_KIND_HTML },
	{ "ejs", PM_KIND_HTML }, { "erb", PM_KIND_HTML }, { "njk", PM_KIND_HTML },
	{ "css", PM_KIND_CSS }, { "scss", PM_KIND_CSS }, { "less", PM_KIND_CSS },
	{ "sass", PM_KIND_CSS },
	{ "sql", PM_KIND_SQL }, { "dockerfile", PM_KIND_DOCKER },
	{ "csv", PM_KIND_DATA }, { "tsv", PM_KIND_DATA }, { "svg", PM_KIND_DATA },
	{ "po", PM_KIND_DATA }, { "geojson", PM_KIND_DATA }, { "map", PM_KIND_DATA },
	{ "snap", PM_KIND_DATA },
};

/* Whole names, or their beginning up to a '.' or '-': Dockerfile.web, .env.local. */
static const struct named by_name[] = {
	{ "dockerfile", PM_KIND_DOCKER }, { "containerfile", PM_KIND_DOCKER },
	{ "makefile", PM_KIND_SHELL }, { "gnumakefile", PM_KIND_SHELL },
	{ "justfile", PM_KIND_SHELL }, { "procfile", PM_KIND_SHELL },
	{ "taskfile", PM_KIND_SHELL }, { "earthfile", PM_KIND_SHELL },
	{ ".bashrc", PM_KIND_SHELL }, { ".envrc", PM_KIND_SHELL },
	{ "caddyfile", PM_KIND_INI }, { ".env", PM_KIND_INI }, { "env", PM_KIND_INI },
	{ "inventory", PM_KIND_INI }, { "hosts", PM_KIND_INI }, { ".npmrc", PM_KIND_INI },
	{ "gemfile", PM_KIND_RUBY }, { "rakefile", PM_KIND_RUBY },
	{ "vagrantfile", PM_KIND_RUBY }, { "jenkinsfile", PM_KIND_JVM },
	{ "readme", PM_KIND_DOC }, { "changelog", PM_KIND_DOC }, { ".cursorrules", PM_KIND_DOC },
};

/* Words in "#!/usr/bin/env python3". */
static const struct named by_shebang[] = {
	{ "python", PM_KIND_PYTHON }, { "node", PM_KIND_JS }, { "deno", PM_KIND_JS },
	{ "bun", PM_KIND_JS }, { "ruby", PM_KIND_RUBY }, { "php", PM_KIND_PHP },
	{ "pwsh", PM_KIND_POWERSHELL }, { "sh", PM_KIND_SHELL },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static unsigned kind_of_name(const char *base)
{
	for (size_t i = 0; i < COUNT(by_name); i++) {
		size_t n = strlen(by_name[i].name);

		if (strncasecmp(base, by_name[i].name, n) == 0 &&
		    (base[n] == '\0' || base[n] == '.' || base[n] == '-'))
			return by_name[i].kind;
	}
	return 0;
}

/* The endings by hash, made once; collisions go to the next place. */
enum { PLACES = 512 };
static uint8_t places[PLACES]; /* index in by_ext + 1; 0: free */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static unsigned hash_of(const char *ext, size_t n)
{
	unsigned h = 0;

	for (size_t i = 0; i < n; i++)
		h = h * 31 + (unsigned char)pm_lower(ext[i]);
	return (h ^ h >> 9) % PLACES;
}

static void place_all(void)
{
	_Static_assert(COUNT(by_ext) < UINT8_MAX, "too many endings");
	for (size_t i = 0; i < COUNT(by_ext); i++) {
		unsigned at = hash_of(by_ext[i].name, strlen(by_ext[i].name));

		while (places[at])
			at = (at + 1) % PLACES;
		places[at] = (uint8_t)(i + 1);
	}
}

static unsigned kind_of_ext(const char *ext, size_t n)
{
	pthread_once(&once, place_all);
	if (n > 16)
		return 0;
	for (unsigned at = hash_of(ext, n); places[at]; at = (at + 1) % PLACES)
		if (pm_str_ieq((struct pm_str){ ext, n }, by_ext[places[at] - 1].name))
			return by_ext[places[at] - 1].kind;
	return 0;
}

static unsigned kind_of_shebang(const struct pm_file *f)
{
	const char *end;
	struct pm_str line;

	if (f->len < 2 || memcmp(f->bytes, "#!", 2) != 0)
		return 0;
	end = memchr(f->bytes, '\n', f->len < 200 ? f->len : 200);
	line = (struct pm_str){ f->bytes, end ? (size_t)(end - f->bytes) : f->len };
	for (size_t i = 0; i < COUNT(by_shebang); i++)
		if (pm_str_find(line, by_shebang[i].name, false) != SIZE_MAX)
			return by_shebang[i].kind;
	return 0;
}

static unsigned find_kind(const struct pm_file *f)
{
	const char *base = pm_path_base(f->path).p, *dot = strrchr(base, '.');
	/* "README.md" and "env.ts" are what their ending says, "Dockerfile.web" and
	 * ".env.example" what their beginning says */
	unsigned kind = dot && dot != base ? kind_of_ext(dot + 1, strlen(dot + 1)) : 0;

	/* a template is what it becomes */
	if (dot && !kind && (!strcasecmp(dot, ".template") || !strcasecmp(dot, ".example") ||
			     !strcasecmp(dot, ".sample") || !strcasecmp(dot, ".j2") ||
			     !strcasecmp(dot, ".tmpl") || !strcasecmp(dot, ".dist"))) {
		for (const char *p = dot; p > base && !kind; p--)
			if (p[-1] == '.')
				kind = kind_of_ext(p, (size_t)(dot - p));
	}
	if (!kind)
		kind = kind_of_name(base);
	if (!kind && dot == base && base[1])
		kind = kind_of_ext(base + 1, strlen(base + 1));
	if (!kind)
		kind = kind_of_shebang(f);
	return kind ? kind : PM_KIND_OTHER;
}

unsigned pm_file_kind(const struct pm_file *f)
{
	return f->kind ? f->kind : find_kind(f);
}

void pm_file_look(struct pm_file *f)
{
	f->kind = find_kind(f);
	f->tops = pm_file_tops(f);
}
