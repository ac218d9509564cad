/* rules.c - see rules.h. */
#include "rules.h"

#include <string.h>

const struct pm_rule pm_rules[] = {
	{ "airplay", PM_WARNING, "macOS listens on this port for AirPlay" },
	{ "allow-unused", PM_WARNING, "an exception excepts nothing" },
	{ "allow-without-reason", PM_WARNING, "an exception gives no rule or no reason" },
	{ "block-alignment", PM_WARNING,
	  "a block does not begin at a multiple of the promised size" },
	{ "block-outside-layer", PM_WARNING,
	  "a block leaves the range of its layer or project" },
	{ "block-size", PM_WARNING, "a range has another size than the document promises" },
	{ "branch-collision", PM_ERROR, "two branches give one port to different services" },
	{ "browser-refused", PM_ERROR,
	  "browsers and Node's fetch refuse to connect to this port" },
	{ "caller-disagrees", PM_ERROR,
	  "an address uses a port that its service does not have" },
	{ "claim-outdated", PM_WARNING,
	  "the document says that a port collides, and nobody else has it" },
	{ "collision-latent", PM_WARNING,
	  "two services share a port and meet on no host that is known" },
	{ "commit-amended", PM_ERROR, "a commit has another port than its plan" },
	{ "commit-base", PM_ERROR, "a commit does not stand on what it was planned on" },
	{ "commit-dropped", PM_ERROR, "a commit leaves out a place of its plan" },
	{ "commit-foreign", PM_ERROR, "a commit changes more than port numbers" },
	{ "commit-rows", PM_ERROR, "a commit changes other rows of the document than it states" },
	{ "commit-trailer", PM_ERROR, "a trailer is not as portmig wrote it" },
	{ "commit-unplanned", PM_ERROR, "a commit changes a number that its plan does not" },
	{ "config-dead", PM_WARNING, "a glob of portmig.yaml matches no file" },
	{ "config-hides-schema", PM_WARNING,
	  "portmig.yaml excludes the schema document itself" },
	{ "confusable", PM_ERROR, "a character of a port cell looks like another one" },
	{ "container-port-disagrees", PM_ERROR,
	  "inside a container, the places for its port do not mean one port" },
	{ "declared-ambiguous", PM_WARNING,
	  "the tree declares several other ports for a service" },
	{ "default-disagrees", PM_WARNING, "one variable falls back to different ports" },
	{ "env-duplicate-key", PM_WARNING, "a variable stands twice in an env file" },
	{ "env-mapping", PM_ERROR,
	  "an env file and the port mapping that it feeds do not agree" },
	{ "env-standard", PM_WARNING,
	  "a standard variable of the document has another host or port" },
	{ "ephemeral-range", PM_WARNING,
	  "an operating system gives this port to outgoing connections" },
	{ "exposure-violated", PM_WARNING,
	  "a service that is internal in the document is published" },
	{ "from-inside-target-block", PM_NOTE,
	  "the port to be left is already inside the service's own block" },
	{ "from-not-found", PM_WARNING,
	  "no place says that the service uses the port that it shall leave" },
	{ "from-side-disagrees", PM_WARNING,
	  "the service's own files use another port than the one it shall leave" },
	{ "guide-contradicted", PM_WARNING,
	  "two places of the document send a port to different targets" },
	{ "guide-disagrees", PM_WARNING,
	  "a migration note and the guide send a port to different targets" },
	{ "guide-incomplete", PM_WARNING,
	  "a migration note has a pair that the guide lacks" },
	{ "guide-service-unknown", PM_WARNING,
	  "no row is named like the service of a guide step" },
	{ "guide-target-unknown", PM_WARNING,
	  "no row gives the service the port that the guide sends it to" },
	{ "history-ref-unreadable", PM_WARNING,
	  "a reference leads to an object that is not here" },
	{ "iana-name", PM_NOTE, "the IANA registry knows the port by another name" },
	{ "inner-port-outside", PM_NOTE,
	  "an address of the machine uses the port inside the container" },
	{ "k8s-port-group", PM_ERROR,
	  "container, probe, Service, Ingress or policy name different ports" },
	{ "k8s-port-name", PM_ERROR, "a named port of Kubernetes names nothing" },
	{ "layout-differs", PM_NOTE,
	  "a project places a service elsewhere than the others do" },
	{ "line-too-long", PM_NOTE, "a line is too long for patterns" },
	{ "malformed-port", PM_ERROR, "a cell that should be a port is not one" },
	{ "malformed-range", PM_ERROR,
	  "a range has no end, ends before it begins or lost its dash" },
	{ "mention-left", PM_NOTE,
	  "the document still has a port elsewhere that a row leaves" },
	{ "merge-conflict", PM_NOTE, "Git cannot merge a file; our side of it is checked" },
	{ "message-disagrees", PM_WARNING,
	  "a commit's message says a port that the commit does not bring" },
	{ "move-collides", PM_ERROR, "two services of a plan would get the same port" },
	{ "move-contradicts", PM_ERROR, "one port of a service would move to two targets" },
	{ "nodeport-range", PM_NOTE, "Kubernetes gives out this port as a NodePort" },
	{ "not-compared", PM_WARNING, "there is more of something than check compares" },
	{ "not-read", PM_WARNING, "a file that could hold ports was not read" },
	{ "nothing-found", PM_WARNING, "no file but the schema has a port" },
	{ "odd-dash", PM_NOTE, "port cells have dashes that are no '-'" },
	{ "offset-violated", PM_WARNING,
	  "a row stands at an offset of its block that is for something else" },
	{ "pair-broken", PM_WARNING, "a row pairs with a port or a name that no row has" },
	{ "pair-digit", PM_NOTE, "partners end in different digits" },
	{ "path-has-port", PM_NOTE, "the name of a file has the number of a moved port" },
	{ "pattern-idle", PM_WARNING, "a pattern of portmig.yaml matches nowhere" },
	{ "pattern-limit", PM_WARNING, "a regular expression ran into its limit" },
	{ "port-collision", PM_ERROR, "two services publish one port of one host" },
	{ "port-drift", PM_ERROR, "a service uses another port than its row" },
	{ "port-duplicate", PM_ERROR, "two rows have the same port" },
	{ "port-outside-range", PM_WARNING,
	  "a row stands under a range that does not hold its port" },
	{ "port-unowned", PM_NOTE, "a port is used that belongs to nobody" },
	{ "ports-disagree", PM_WARNING, "the places of a service give it different ports" },
	{ "put-aside", PM_NOTE,
	  "files that are tests, examples or old copies are not compared" },
	{ "range-disagrees", PM_WARNING,
	  "a heading and a table give a block different ranges" },
	{ "range-full", PM_WARNING, "all ports of a range have a row" },
	{ "range-holds-port", PM_WARNING, "a range in a mapping holds a moved port" },
	{ "range-nearly-full", PM_NOTE, "few ports of a range are left" },
	{ "range-overlap", PM_WARNING, "two ranges of one level claim the same ports" },
	{ "range-unequal", PM_WARNING, "the two ranges of a mapping differ in size" },
	{ "real-stale", PM_WARNING,
	  "a service uses another port than the list of real ports says" },
	{ "reality-unclear", PM_WARNING,
	  "reconcile leaves a row, for the tree does not say one thing" },
	{ "reserved-used", PM_ERROR, "a row uses a port that the document reserves" },
	{ "resource-disagrees", PM_WARNING,
	  "a numbered resource is used that the document gives to another service" },
	{ "resource-duplicate", PM_ERROR, "two services have the same numbered resource" },
	{ "resource-full", PM_WARNING,
	  "a numbered resource has no number left, or one too many" },
	{ "resource-missing", PM_NOTE,
	  "a service has no number of a resource that most have" },
	{ "row-not-written", PM_WARNING,
	  "a change of the schema document cannot be written safely" },
	{ "row-repeated", PM_NOTE, "the same row stands twice" },
	{ "rule-unknown", PM_WARNING,
	  "portmig.yaml or an exception names a rule that does not exist" },
	{ "schema-change-unsaid", PM_WARNING,
	  "the schema changes in a commit whose message does not say so" },
	{ "schema-date-older-than-table", PM_WARNING,
	  "rows have changed since the date that the document states" },
	{ "schema-dates", PM_WARNING, "dates of the document contradict each other" },
	{ "schema-disagree", PM_WARNING,
	  "two schema documents give a port or a service different owners or ports" },
	{ "schema-flattened", PM_ERROR, "the line breaks of the document are lost" },
	{ "schema-loose-heading", PM_WARNING, "headings without '#' were read as such" },
	{ "schema-mojibake", PM_NOTE, "text of the document was saved in a wrong encoding" },
	{ "schema-not-read", PM_NOTE, "a document with the name of a schema is none" },
	{ "schema-not-understood", PM_NOTE,
	  "a place of the document names a port and was not understood" },
	{ "schema-page-chrome", PM_NOTE, "lines above the title are not read" },
	{ "schema-table-not-read", PM_NOTE, "a table inside code or HTML is not read" },
	{ "service-undocumented", PM_WARNING, "a service publishes a port and has no row" },
	{ "service-unused", PM_NOTE, "a row names a service that the tree does not have" },
	{ "settle-held", PM_NOTE, "a line for portmig.yaml would settle held places" },
	{ "slot-occupied", PM_WARNING,
	  "a service publishes the port that the document gives to another" },
	{ "table-row-cells", PM_WARNING, "a row has more or fewer cells than its table" },
	{ "target-in-use", PM_WARNING, "a manifest gives the target port to somebody else" },
	{ "target-occupied", PM_ERROR,
	  "the schema gives the target port to another service" },
	{ "target-reserved", PM_ERROR, "the schema reserves the target port" },
	{ "tunnel-mismatch", PM_WARNING,
	  "a public name is routed to a port where its service is not" },
	{ "vacate-first", PM_NOTE,
	  "another service waits for the port that this one leaves" },
	{ "variable-disagrees", PM_WARNING,
	  "a standard variable of the document contradicts a row" },
	{ "yaml-base60", PM_WARNING, "YAML reads an unquoted pair of numbers as one number" },
	{ "yaml-duplicate-key", PM_ERROR, "a key of a Compose file stands twice in one map" },
	{ "yaml-unparsed", PM_NOTE, "a file is no valid YAML and was read line by line" },
};
const size_t pm_rules_n = sizeof(pm_rules) / sizeof(pm_rules[0]);

const struct pm_rule *pm_rule_find(const char *id)
{
	size_t lo = 0, hi = pm_rules_n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const int c = strcmp(id, pm_rules[mid].id);

		if (!c)
			return &pm_rules[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/* docs/rules.md, put into the program when it is built (migrate/CMakeLists.txt). */
extern const unsigned char pm_rules_md[];
extern const size_t pm_rules_md_n;

struct pm_str pm_rule_page(const char *id)
{
	const struct pm_str all = { (const char *)pm_rules_md, pm_rules_md_n };
	PM_CLEAN_BUF struct pm_buf heading = { 0 };
	struct pm_str page;
	size_t at, end;

	pm_buf_addf(&heading, "\n### %s\n", id);
	at = pm_str_find(all, pm_buf_str(&heading), false);
	if (at == SIZE_MAX)
		return (struct pm_str){ "", 0 };
	at += heading.n;
	page = (struct pm_str){ all.p + at, all.n - at };
	end = pm_str_find(page, "\n### ", false);
	page.n = end < page.n ? end : page.n;
	end = pm_str_find(page, "\n## ", false);
	page.n = end < page.n ? end : page.n;
	return pm_str_trim(page);
}
