#!/bin/bash
# docs.sh - what the documents say about the project itself: links lead somewhere, commands and
# options that README shows exist.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
cd "$PM_SRC" || exit 1

links() {
	python3 - <<'END'
import os, re, sys
wrong = []
roots = [n for n in os.listdir(".") if n.endswith(".md")]
roots += [os.path.join("docs", n) for n in os.listdir("docs") if n.endswith(".md")]
roots += ["tests/accuracy/README.md", "examples/solarpunk/README.md"]
for name in roots:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", open(name, encoding="utf-8").read(), flags=re.S)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target and not os.path.exists(os.path.join(os.path.dirname(name), target)):
            wrong.append("%s: %s" % (name, target))
print("\n".join(wrong))
sys.exit(bool(wrong) or len(roots) < 5)
END
}
ok "links between documents lead somewhere" links

commands=$(sed -n '/^## Commands/,/^## /s/^| `\([a-z]*\).*/\1/p' README.md)
ok "README lists commands" test "$(echo "$commands" | wc -l)" -ge 6
for command in $commands; do
	ok "portmig $command --help ends with 0" exits 0 "$PORTMIG" "$command" --help
done
ok "portmig --help ends with 0" exits 0 "$PORTMIG" --help
for command in $commands; do
	ok "and lists $command" grep -qw -- "$command" "$tmp/out"
done
options() {
	local option help

	help=$("$PORTMIG" plan --help; "$PORTMIG" scan --help; "$PORTMIG" apply --help)
	for option in --move --from --all --service --port --format --exit-code --rev --branch \
		--split --signoff --dry-run --scope --accept-holds; do
		printf '%s\n' "$help" | grep -qe "$option" || { echo "no $option"; return 1; }
	done
}
ok "the options of README and tests are in the help" options
ok "an unknown command ends with 2" exits 2 "$PORTMIG" frobnicate
ok "an unknown option ends with 2" exits 2 "$PORTMIG" plan --frobnicate
mkdir "$tmp/nowhere"
ok "no repository ends with 4" exits 4 "$PORTMIG" -C "$tmp/nowhere" plan
scripts() {
	local name

	for name in scripts/quickstart scripts/test scripts/accuracy .ci/run examples/solarpunk/make-repo.sh; do
		[ -x "$name" ] || { echo "not executable: $name"; return 1; }
	done
}
ok "the scripts can be run" scripts

finish
