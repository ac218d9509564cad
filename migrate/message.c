/*
 * message.c - see message.h. Trailers as `git interpret-trailers` reads them: the last paragraph,
 * nothing else in it.
 */
#include "message.h"

#include "resource_plan.h"

#include "proof.h"
#include "stated.h"

#include <stdlib.h>
#include <string.h>

static bool is_ours(const struct pm_message *m, size_t move)
{
	return m->group_of[move] == m->group;
}

struct counts { size_t places, files; };

static struct counts count(const struct pm_plan *p, size_t move)
{
	struct counts c = { 0 };
	const char *last = NULL;

	for (size_t i = 0; i < p->edits.n; i++) {
		const struct pm_edit *e = &p->edits.v[i];

		if (e->move != (int)move || pm_edit_final(e) != PM_APPLY)
			continue;
		c.places++;
		c.files += !last || strcmp(last, e->path) != 0;
		last = e->path;
	}
	return c;
}

/* The changes of the document that this commit has: `n` of them about rows. */
static bool has_change(const struct pm_message *m, size_t i)
{
	return m->last && pm_unit_applies(m->plan, m->plan->changes.v[i].unit);
}

static void add_document_summary(const struct pm_message *m, struct pm_buf *out)
{
	const struct pm_wish *only = NULL;
	size_t rows = 0;

	for (size_t i = 0; i < m->plan->changes.n; i++)
		if (has_change(m, i) && pm_wish_is_row(m->plan->changes.v[i].wish.kind)) {
			only = &m->plan->changes.v[i].wish;
			rows++;
		}
	if (rows == 1 && only->kind == PM_WISH_ADD) {
		pm_buf_adds(out, "Give ");
		pm_quote_text(out, pm_str_of(only->service));
		pm_buf_addf(out, " port %u", only->to);
	} else if (rows) {
		pm_buf_addf(out, "Change %zu row%s of the port schema", rows, rows == 1 ? "" : "s");
	} else {
		pm_buf_adds(out, "Bring the port schema up to date");
	}
}

static void add_summary(const struct pm_message *m, struct pm_buf *out)
{
	const struct pm_move *first = NULL;
	size_t moves = 0, services = 0;

	for (size_t i = 0; i < m->plan->moves.n; i++) {
		const struct pm_move *v = &m->plan->moves.v[i];
		bool known = false;

		if (!is_ours(m, i))
			continue;
		for (size_t k = 0; k < i; k++)
			known |= is_ours(m, k) && !strcmp(m->plan->moves.v[k].service, v->service);
		first = first ? first : v;
		services += !known;
		moves++;
	}
	if (!first) {
		add_document_summary(m, out);
		return;
	}
	if (services > 1) {
		pm_buf_addf(out, m->plan->reverts ? "Move %zu services back to their old ports"
						  : "Move %zu services to new ports", services);
		return;
	}
	pm_buf_adds(out, "Move ");
	pm_quote_text(out, pm_str_of(first->service));
	if (moves == 1)
		pm_buf_addf(out, "%s from %s%u to %u", m->plan->reverts ? " back" : "",
			    pm_plan_is_resource(m->plan) ? "" : "port ", first->from, first->to);
	else
		pm_buf_addf(out, m->plan->reverts ? " back to its old ports (%zu)"
						  : " to new ports (%zu)", moves);
}

static void port_cell(struct pm_buf *out, unsigned port)
{
	if (port)
		pm_buf_addf(out, " %u |", port);
	else
		pm_buf_adds(out, " |");
}

static void add_rows(const struct pm_message *m, struct pm_buf *out)
{
	bool any = false;

	for (size_t i = 0; i < m->plan->changes.n; i++) {
		const struct pm_wish *w = &m->plan->changes.v[i].wish;

		if (!has_change(m, i) || !pm_wish_is_row(w->kind))
			continue;
		if (!any)
			pm_buf_adds(out, "| row | change | from | to |\n|---|---|---:|---:|\n");
		any = true;
		pm_buf_adds(out, "| ");
		pm_quote_md(out, pm_str_of(w->service));
		pm_buf_addf(out, " | %s |", pm_wish_kind_name(w->kind));
		port_cell(out, w->from);
		port_cell(out, w->to);
		pm_buf_addc(out, '\n');
	}
	pm_buf_adds(out, any ? "\n" : "");
}

static void add_table(const struct pm_message *m, struct pm_buf *out)
{
	bool any = false;

	for (size_t i = 0; i < m->plan->moves.n; i++)
		any |= is_ours(m, i);
	if (!any)
		return;
	pm_buf_adds(out, "| service | from | to | places | files |\n"
			 "|---|---:|---:|---:|---:|\n");
	for (size_t i = 0; i < m->plan->moves.n; i++) {
		const struct pm_move *v = &m->plan->moves.v[i];
		struct counts c;

		if (!is_ours(m, i))
			continue;
		c = count(m->plan, i);
		pm_buf_adds(out, "| ");
		pm_quote_md(out, pm_str_of(v->service));
		pm_buf_addf(out, " | %u | %u | %zu | %zu |\n", v->from, v->to, c.places, c.files);
	}
}

static void add_sources(const struct pm_message *m, struct pm_buf *out)
{
	const char *last = NULL;

	for (size_t i = 0; i < m->plan->moves.n; i++) {
		const char *s = m->plan->moves.v[i].source_text;

		if (!is_ours(m, i) || !s || (last && strcmp(last, s) == 0))
			continue;
		pm_buf_adds(out, last ? "" : "\n");
		pm_buf_adds(out, "From ");
		pm_quote_text(out, pm_str_of(s));
		pm_buf_addc(out, '\n');
		last = s;
	}
}

static void add_checklist(const struct pm_message *m, struct pm_buf *out)
{
	size_t kept = 0, open = 0, edits = 0, changes = 0;

	for (size_t i = 0; i < m->plan->changes.n; i++)
		changes += has_change(m, i);
	for (size_t i = 0; i < m->plan->edits.n; i++) {
		const struct pm_edit *e = &m->plan->edits.v[i];

		if (e->move < 0 || !is_ours(m, (size_t)e->move))
			continue;
		edits += pm_edit_final(e) == PM_APPLY;
		open += pm_edit_final(e) == PM_REVIEW;
		kept += pm_edit_final(e) == PM_KEEP;
	}
	if (changes)
		pm_buf_addf(out, "%s- [x] the changed document was read again and says this and "
			    "nothing else; no other byte differs\n", edits ? "\n" : "");
	if (!edits)
		return;
	pm_buf_addf(out, "%s- [x] each changed place was scanned again and reads the new port; "
			 "no other byte differs\n", changes ? "" : "\n");
	if (open)
		pm_buf_addf(out, "- [ ] %zu place%s left as before without a decision\n", open,
			    open == 1 ? "" : "s");
	if (kept)
		pm_buf_addf(out, "- [x] %zu place%s kept on purpose; the plan has the reasons\n",
			    kept, kept == 1 ? "" : "s");
	pm_buf_adds(out, "- [ ] restart what listens or connects; change what is not in this "
			 "repository\n");
}

static void add_moves_trailer(const struct pm_message *m, bool ours, struct pm_buf *out)
{
	const char *between = ours ? "Portmig-Moves: " : "Portmig-Other-Moves: ";
	bool any = false;

	for (size_t i = 0; i < m->plan->moves.n; i++) {
		const struct pm_move *v = &m->plan->moves.v[i];

		if (is_ours(m, i) != ours)
			continue;
		pm_buf_adds(out, between);
		pm_stated_add_move(out, v->service, v->from, v->to);
		between = "; ";
		any = true;
	}
	pm_buf_adds(out, any ? "\n" : "");
}

/* What becomes of the document, and of which rows. */
static void add_document_trailers(const struct pm_message *m, struct pm_buf *out)
{
	const char *between = "Portmig-Rows: ";
	PM_CLEAN_BUF struct pm_buf name = { 0 };
	bool any = false;

	if (!m->document)
		return;
	pm_buf_addf(out, "Portmig-Document: %s ", m->document_blob);
	pm_quote_text(out, pm_str_of(m->document));
	pm_buf_addc(out, '\n');
	for (size_t i = 0; i < m->plan->changes.n; i++) {
		const struct pm_wish *w = &m->plan->changes.v[i].wish;

		if (!has_change(m, i) || !pm_wish_is_row(w->kind))
			continue;
		pm_buf_adds(out, between);
		pm_buf_addf(out, "%s ", pm_wish_kind_name(w->kind));
		if (w->kind == PM_WISH_RENAME)
			pm_buf_addf(&name, "%s=%s", w->service, w->text);
		pm_stated_add_move(out, name.n ? pm_buf_str(&name) : w->service, w->from, w->to);
		pm_buf_clear(&name);
		between = "; ";
		any = true;
	}
	pm_buf_adds(out, any ? "\n" : "");
}

/* All that the digest covers. */
static void add_covered(const struct pm_message *m, struct pm_buf *out)
{
	const struct pm_plan *p = m->plan;

	pm_buf_addf(out, "Portmig-Version: " PM_VERSION "\nPortmig-Plan: %s\nPortmig-Base: %s\n",
		    m->digest, p->base);
	if (p->schema_path) {
		pm_buf_addf(out, "Portmig-Schema: %s%s", p->schema_blob, *p->schema_blob ? " " : "");
		pm_quote_text(out, pm_str_of(p->schema_path));
		pm_buf_addc(out, '\n');
	}
	if (*p->config_blob)
		pm_buf_addf(out, "Portmig-Config: %s\n", p->config_blob);
	if (p->host_scope)
		pm_buf_adds(out, "Portmig-Scope: host\n");
	add_moves_trailer(m, true, out);
	add_moves_trailer(m, false, out);
	add_document_trailers(m, out);
	if (p->reverts)
		pm_buf_addf(out, "Portmig-Reverts: %s\n", p->reverts);
	if (p->reviewer) {
		pm_buf_adds(out, "Reviewed-by: ");
		pm_quote_text(out, pm_str_of(p->reviewer));
		pm_buf_addc(out, '\n');
	}
}

static void add_proof(const struct pm_message *m, struct pm_str covered, struct pm_buf *out)
{
	struct pm_places places = { 0 };
	char digest[PM_SHA256_HEX];

	for (size_t i = 0; i < m->plan->edits.n; i++) {
		const struct pm_edit *e = &m->plan->edits.v[i];

		if (pm_edit_final(e) == PM_APPLY && is_ours(m, (size_t)e->move))
			*PM_VEC_ADD(&places) = (struct pm_place){ e->path, e->span.off,
								  e->old_port, e->new_port };
	}
	pm_proof_digest(m->parent, covered, &places, digest);
	pm_buf_addf(out, "Portmig-Proof: %s\n", digest);
	PM_VEC_FREE(&places);
}

void pm_message_write(const struct pm_message *m, struct pm_buf *out)
{
	size_t covered;

	add_summary(m, out);
	pm_buf_adds(out, "\n\n");
	if (m->last)
		add_rows(m, out);
	add_table(m, out);
	add_sources(m, out);
	add_checklist(m, out);
	pm_buf_addc(out, '\n');
	covered = out->n;
	add_covered(m, out);
	add_proof(m, (struct pm_str){ pm_buf_str(out) + covered, out->n - covered }, out);
	if (m->signoff)
		pm_buf_addf(out, "Signed-off-by: %s <%s>\n", m->signoff->name, m->signoff->email);
}
