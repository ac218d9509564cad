/* yaml_out.c - see yaml_out.h. */
#include "base/yaml_out.h"

#include "base/err.h"
#include "base/escape.h"

#include <stdlib.h>
#include <yaml.h>

enum { MAX_DEPTH = 32 };

struct pm_yaml_out {
	yaml_emitter_t lib;
	bool is_map[MAX_DEPTH];
	size_t depth;
	struct pm_buf *out;
	size_t from; /* where this document begins in `out` */
};

static int append(void *buf, unsigned char *bytes, size_t n)
{
	pm_buf_add(buf, bytes, n);
	return 1;
}

/* The emitter fails for lack of memory, or when we call it in the wrong order. */
static void emit(struct pm_yaml_out *o, yaml_event_t *event, int made)
{
	if (!made)
		pm_die_oom();
	if (!yaml_emitter_emit(&o->lib, event)) {
		if (o->lib.error == YAML_MEMORY_ERROR)
			pm_die_oom();
		PM_ASSERT(false, "YAML events out of order");
	}
}

struct pm_yaml_out *pm_yaml_out_begin(struct pm_buf *out)
{
	struct pm_yaml_out *o = pm_xrealloc(NULL, sizeof(*o));
	yaml_event_t e;

	o->depth = 0;
	o->out = out;
	o->from = out->n;
	if (!yaml_emitter_initialize(&o->lib))
		pm_die_oom();
	yaml_emitter_set_output(&o->lib, append, out);
	yaml_emitter_set_unicode(&o->lib, 1);
	yaml_emitter_set_width(&o->lib, -1);
	emit(o, &e, yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING));
	emit(o, &e, yaml_document_start_event_initialize(&e, NULL, NULL, NULL, 1));
	return o;
}

static void enter(struct pm_yaml_out *o, bool is_map)
{
	PM_ASSERT(o->depth < MAX_DEPTH, "YAML nested too deep");
	o->is_map[o->depth++] = is_map;
}

void pm_yaml_out_map(struct pm_yaml_out *o)
{
	yaml_event_t e;

	enter(o, true);
	emit(o, &e, yaml_mapping_start_event_initialize(&e, NULL, NULL, 1,
							YAML_BLOCK_MAPPING_STYLE));
}

void pm_yaml_out_seq(struct pm_yaml_out *o)
{
	yaml_event_t e;

	enter(o, false);
	emit(o, &e, yaml_sequence_start_event_initialize(&e, NULL, NULL, 1,
							 YAML_BLOCK_SEQUENCE_STYLE));
}

void pm_yaml_out_end(struct pm_yaml_out *o)
{
	yaml_event_t e;

	PM_ASSERT(o->depth > 0, "YAML ends more than it begins");
	emit(o, &e, o->is_map[--o->depth] ? yaml_mapping_end_event_initialize(&e)
					  : yaml_sequence_end_event_initialize(&e));
}

void pm_yaml_out_text(struct pm_yaml_out *o, struct pm_str s)
{
	yaml_event_t e;

	emit(o, &e, yaml_scalar_event_initialize(&e, NULL, NULL, (const yaml_char_t *)s.p,
						 (int)s.n, 1, 1,
						 s.n && !pm_acts(s)
							 ? YAML_ANY_SCALAR_STYLE
							 : YAML_DOUBLE_QUOTED_SCALAR_STYLE));
}

void pm_yaml_out_finish(struct pm_yaml_out *o)
{
	yaml_event_t e;

	emit(o, &e, yaml_document_end_event_initialize(&e, 1));
	emit(o, &e, yaml_stream_end_event_initialize(&e));
	yaml_emitter_delete(&o->lib);
	pm_json_inert(o->out, o->from);
	free(o);
}
