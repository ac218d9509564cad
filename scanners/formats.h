/*
 * formats.h - which YAML file is what, and small readers that several scanners and names.c share.
 */
#ifndef PM_FORMATS_H
#define PM_FORMATS_H

#include "base/path.h"
#include "place.h"

/* Compose file: by name, or by a top-level `services:` whose entries have image or build. */
bool pm_is_compose(const struct pm_file *f);
/* Kubernetes manifest, Helm template or Kustomize patch. */
bool pm_is_k8s(const struct pm_file *f);
/* Which of these lines of a YAML file start with, in column 1; looks at the first 256 KiB. */
enum {
	PM_TOP_LOOKED = 1, PM_TOP_SERVICES = 2, PM_TOP_JOBS = 4, PM_TOP_API_VERSION = 8,
	PM_TOP_KIND = 16, PM_TOP_OP = 32, PM_TOP_SCRAPE = 64, PM_TOP_INGRESS = 128,
	PM_TOP_OPENAPI = 256, PM_TOP_ENTRY_POINTS = 512
};
unsigned pm_file_tops(const struct pm_file *f);
/* Does a line start (in column 1) with `head`? Looks at the first 256 KiB. */
bool pm_has_line(const struct pm_file *f, const char *head);

/* "ghcr.io/acme/api" of "ghcr.io/acme/api:1.2@sha256:..." */
struct pm_str pm_image_untagged(struct pm_str image);

/* Parse the file. What does not parse becomes the finding yaml-unparsed; then what is not YAML
 * in it (template actions, single broken lines) is taken out of a copy and the rest parsed: PART,
 * unless that could move a line under another parent: NONE. Spans are those of the file. */
enum pm_yaml_parsed { PM_YAML_NONE, PM_YAML_PART, PM_YAML_WHOLE };
enum pm_yaml_parsed pm_formats_yaml(struct pm_yaml *out, struct pm_sink *s);
/* Read `raw` line by line as "key: value", "KEY=value", "- host:container": for YAML that does
 * not parse and for files embedded in it. Nothing found this way is surer than PM_LIKELY. */
void pm_formats_lines(struct pm_place *p, struct pm_span raw, const char *rule);
/* A port mapping such as "4900:3000" at `node`. false when it is none. */
bool pm_formats_mapping(struct pm_place *p, const struct pm_yaml_node *node,
			enum pm_certainty certainty);

/* Facts from a build section: a context, or a map with context and dockerfile; NULL is none. */
void pm_formats_build(struct pm_place *p, const struct pm_yaml_node *build);

#endif
