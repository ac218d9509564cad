/*
 * yaml_out.h - writing YAML (libyaml's emitter): block style, UTF-8, quotes only where needed.
 *
 * Calls nest: map, (text key, value)*, end. A value is a text, or map ... end, or seq ... end.
 */
#ifndef PM_YAML_OUT_H
#define PM_YAML_OUT_H

#include "base/buf.h"
#include "base/text.h"

struct pm_yaml_out;

struct pm_yaml_out *pm_yaml_out_begin(struct pm_buf *out);
void pm_yaml_out_map(struct pm_yaml_out *o);
void pm_yaml_out_seq(struct pm_yaml_out *o);
void pm_yaml_out_end(struct pm_yaml_out *o); /* of the innermost map or seq */
void pm_yaml_out_text(struct pm_yaml_out *o, struct pm_str s); /* must be valid UTF-8 */
void pm_yaml_out_finish(struct pm_yaml_out *o); /* ends the document and frees `o` */

#endif
