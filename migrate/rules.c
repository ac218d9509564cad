/* rules.c - see rules.h. */
#include "rules.h"

#include <string.h>

const struct pm_rule pm_rules[] = {
	{ "airplay", PM_NOTE, "macOS listens on this port for AirPlay" },
	{ "block-outside-layer", PM_WARNING,
	  "a block leaves the range of its layer or project" },
	{ "browser-refused", PM_ERROR,
	  "browsers and Node's fetch refuse to connect to this port" },
	{ "collision-latent", PM_WARNING,
	  "two services share a port and meet on no host that is known" },
	{ "commit-amended", PM_ERROR, "a commit has another port than its plan" },
	{ "commit-base", PM_ERROR, "a commit does not stand on what it was planned on" },
	{ "commit-dropped", PM_ERROR, "a commit leaves out a place of its plan" },
	{ "commit-foreign", PM_ERROR, "a commit changes more than port numbers" },
	{ "commit-trailer", PM_ERROR, "a trailer is not as portmig wrote it" },
	{ "commit-unplanned", PM_ERROR, "a commit changes a number that its plan does not" },
	{ "config-dead", PM_WARNING, "a glob of portmig.yaml matches no file" },
	{ "config-hides-schema", PM_WARNING,
	  "portmig.yaml excludes the schema document itself" },
	{ "confusable", PM_ERROR, "a character of a port cell looks like another one" },
	{ "declared-ambiguous", PM_WARNING,
	  "the tree declares several other ports for a service" },
	{ "ephemeral-range", PM_NOTE, "Linux gives this port to outgoing connections" },
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
	{ "line-too-long", PM_NOTE, "a line is too long for patterns" },
	{ "malformed-port", PM_ERROR, "a cell that should be a port is not one" },
	{ "malformed-range", PM_ERROR,
	  "a range has no end, ends before it begins or lost its dash" },
	{ "move-collides", PM_ERROR, "two services of a plan would get the same port" },
	{ "move-contradicts", PM_ERROR, "one port of a service would move to two targets" },
	{ "nodeport-range", PM_NOTE, "Kubernetes gives out this port as a NodePort" },
	{ "pair-broken", PM_WARNING, "a row pairs with a port or a name that no row has" },
	{ "pattern-limit", PM_WARNING, "a regular expression ran into its limit" },
	{ "port-duplicate", PM_ERROR, "two rows have the same port" },
	{ "port-outside-range", PM_WARNING,
	  "a row stands under a range that does not hold its port" },
	{ "range-disagrees", PM_WARNING,
	  "a heading and a table give a block different ranges" },
	{ "range-overlap", PM_WARNING, "two ranges of one level claim the same ports" },
	{ "reserved-used", PM_ERROR, "a row uses a port that the document reserves" },
	{ "resource-duplicate", PM_ERROR, "two services have the same numbered resource" },
	{ "row-repeated", PM_NOTE, "the same row stands twice" },
	{ "schema-loose-heading", PM_WARNING, "headings without '#' were read as such" },
	{ "schema-page-chrome", PM_NOTE, "lines above the title are not read" },
	{ "schema-table-not-read", PM_NOTE, "a table inside code or HTML is not read" },
	{ "settle-held", PM_NOTE, "a line for portmig.yaml would settle held places" },
	{ "table-row-cells", PM_WARNING, "a row has more or fewer cells than its table" },
	{ "target-in-use", PM_WARNING, "a manifest gives the target port to somebody else" },
	{ "target-occupied", PM_ERROR,
	  "the schema gives the target port to another service" },
	{ "target-reserved", PM_ERROR, "the schema reserves the target port" },
	{ "vacate-first", PM_NOTE,
	  "another service waits for the port that this one leaves" },
	{ "yaml-base60", PM_WARNING, "YAML reads an unquoted pair of numbers as one number" },
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
