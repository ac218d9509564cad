/* test_weights.c - docs/attribution.md has every weight, with the code's value and reason. */
#include "cases.h"

#include "base/buf.h"
#include "weights.h"

#include <stdlib.h>
#include <string.h>

static const char head[] = "| weight | value | because |\n|---|--:|---|\n";

static void documented(void **state)
{
	PM_CLEAN_BUF struct pm_buf want = { 0 };
	char *doc = pm_read_file(PM_SOURCE_DIR "/docs/attribution.md", NULL), *table, *end;
	const struct pm_weight *w;

	(void)state;
	assert_non_null(doc);
	table = strstr(doc, head);
	assert_non_null(table);
	table += strlen(head);
	end = strstr(table, "\n\n");
	assert_non_null(end);
	end[1] = '\0';
	for (size_t i = 0; (w = pm_weight_at(i)); i++)
		pm_buf_addf(&want, "| `%s` | %d | %s |\n", w->name, w->value, w->why);
	/* differs? put the output of `portmig explain --weights` there */
	assert_string_equal(table, pm_buf_str(&want));
	free(doc);
}

static void one_of_each(void **state)
{
	const struct pm_weight *w, *o;

	(void)state;
	for (size_t i = 0; (w = pm_weight_at(i)); i++) {
		assert_true(w->value > 0 && w->value <= 200);
		assert_true(strlen(w->why) >= 15);
		for (size_t k = 0; k < i && (o = pm_weight_at(k)); k++)
			assert_string_not_equal(w->name, o->name);
	}
}

/* What the code relies on: one host name decides, one word in prose does not, and a person is asked
 * before anything is changed. */
static void order(void **state)
{
	const struct pm_weights *w = &pm_weights;

	(void)state;
	assert_true(w->config > w->host + w->ident_full / 2 + w->block / 4 + w->full_joined / 8);
	assert_true(w->host >= w->apply + w->apply_margin);
	assert_true(w->core < w->apply && w->role < w->apply && w->path_role < w->apply);
	assert_true(w->package_dir < w->ask && w->ask < w->apply);
	assert_true(w->strong >= w->apply && w->strong_margin >= w->apply_margin);
	assert_true(w->number_most < w->full);
}

int main(void)
{
	struct pm_cases c = { 0 };

	pm_cases_add(&c, "weights documented", documented, NULL);
	pm_cases_add(&c, "weights named once, with a reason", one_of_each, NULL);
	pm_cases_add(&c, "weights in order", order, NULL);
	return pm_cases_run(&c, "weights");
}
