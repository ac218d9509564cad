/*
 * filekind.h - which kind of text is this file? By its name, else by its first line. Says nothing
 * about what the file is for (see pm_file_classify).
 */
#ifndef PM_FILEKIND_H
#define PM_FILEKIND_H

#include "scanner.h"

/* One bit per kind, so that a pattern can name several. */
enum pm_kind {
	PM_KIND_JS = 1 << 0, /* JavaScript, TypeScript, Vue, Svelte, Astro */
	PM_KIND_PYTHON = 1 << 1,
	PM_KIND_GO = 1 << 2,
	PM_KIND_RUST = 1 << 3,
	PM_KIND_JVM = 1 << 4, /* Java, Kotlin, Scala, Groovy, Gradle */
	PM_KIND_DOTNET = 1 << 5,
	PM_KIND_PHP = 1 << 6,
	PM_KIND_RUBY = 1 << 7,
	PM_KIND_C = 1 << 8, /* C, C++, Objective-C */
	PM_KIND_SWIFT = 1 << 9,
	PM_KIND_DART = 1 << 10,
	PM_KIND_ELIXIR = 1 << 11, /* and Erlang */
	PM_KIND_SHELL = 1 << 12,  /* also Makefile, justfile, Procfile */
	PM_KIND_POWERSHELL = 1 << 13,
	PM_KIND_DOC = 1 << 14, /* Markdown, reStructuredText, AsciiDoc, plain text */
	PM_KIND_YAML = 1 << 15,
	PM_KIND_JSON = 1 << 16,
	PM_KIND_TOML = 1 << 17,
	PM_KIND_INI = 1 << 18,  /* ini, conf, properties, env, systemd units, nginx, haproxy, Caddy */
	PM_KIND_HCL = 1 << 19,  /* Terraform, Nomad, Packer */
	PM_KIND_XML = 1 << 20,  /* plist, csproj, pom */
	PM_KIND_HTML = 1 << 21, /* HTML and templates */
	PM_KIND_CSS = 1 << 22,
	PM_KIND_SQL = 1 << 23,
	PM_KIND_DOCKER = 1 << 24, /* Dockerfile, Containerfile */
	PM_KIND_DATA = 1 << 25,   /* csv, svg, notebooks' data: numbers, not settings */
	PM_KIND_OTHER = 1 << 26
};
#define PM_KIND_ANY 0x7ffffffu
#define PM_KIND_CODE 0x3fffu /* programming languages and shells */

/* Exactly one bit. */
unsigned pm_file_kind(const struct pm_file *f);

#endif
