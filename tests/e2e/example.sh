#!/bin/bash
# example.sh - the whole way on the bundled example: repository, plan, apply, plan again.
# The truth is examples/solarpunk/expected/places.tsv.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1

example=$PM_SRC/examples/solarpunk
table=$example/expected/places.tsv
repo=$tmp/repo
plan=$tmp/plan.json
places() { python3 "$PM_SRC/tests/e2e/places.py" "$@"; }
pm() { "$PORTMIG" -C "$repo" "$@"; }

# Everything a user would notice: files, index, refs, HEAD.
state() {
	(cd "$repo" && find . -path ./.git -prune -o -type f -print0 | LC_ALL=C sort -z |
		xargs -0 sha256sum && sha256sum .git/index .git/HEAD)
}
refs() { git -C "$repo" for-each-ref; }

# ---- the example itself

ok "the example becomes a repository" "$example/make-repo.sh" "$repo"
base=$(git -C "$repo" rev-parse HEAD)
other_surroundings() {
	(umask 077; export TZ=Asia/Tokyo GIT_AUTHOR_NAME=X; "$example/make-repo.sh" "$tmp/again") &&
		same "$(git -C "$tmp/again" rev-parse HEAD)" "$base"
}
ok "its commit ids do not depend on the surroundings" other_surroundings
ok "the table of places is complete" places table "$table" "$example/files"

# ---- schema and plan

ok "schema show reads the document" exits 0 pm schema show
ok "schema show lists AVALA's API" says "$tmp/out" avala 4600
ok "schema show lists the reserved range" says "$tmp/out" 3000 3999

before=$(state) before_refs=$(refs)
ok "plan ends with 0" exits 0 pm plan --format json -o "$plan"
ok "plan as text ends with 0" exits 0 pm plan
cp "$tmp/out" "$tmp/plan.txt"
cat "$tmp/err" >>"$tmp/plan.txt"

move() {
	python3 - "$plan" "$@" <<'END'
import json, sys
moves = json.load(open(sys.argv[1], encoding="utf-8"))["moves"]
word, old, new = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
found = [m for m in moves if word in m["service"].lower() and int(m["from"]) == old
         and int(m["to"]) == new]
if len(found) != 1:
    print(json.dumps(moves, indent=1)[:3000])
sys.exit(len(found) != 1)
END
}
ok "AVALA's API moves from 4900 to 4600" move avala 4900 4600
ok "AVALA's web app moves from 3060 to 4601" move avala 3060 4601
ok "Dhanam moves from 4000 to 4700" move dhanam 4000 4700
ok "Coforma moves from 5100 to 5050" move coforma 5100 5050
ok "the report says where the moves came from" says "$tmp/plan.txt" docs/PORT_ALLOCATION.md:187
ok "every place has one record with a reason" places recorded "$table" "$plan"
for old in 4900 3060 4000 5100; do
	ok "every true place of $old is applied" places moved "$table" "$plan" "$old"
	ok "no decoy of $old is applied" places decoys "$table" "$plan" "$old"
done
ok "asks only where there is a question" places asked "$table" "$plan"
ok "the straggler at 4000 is pointed out" says "$tmp/plan.txt" apps/avala/api/start.sh:5
ok "Forj may take 4900 only afterwards" says "$tmp/plan.txt" forj 4900 after
ok "plan as Markdown ends with 0" exits 0 pm plan --format markdown
ok "plan --exit-code tells of changes" exits 1 pm plan --exit-code
ok "the same plan comes out twice" eval \
	'pm plan --format json >"$tmp/a" && pm plan --format json >"$tmp/b" && cmp "$tmp/a" "$tmp/b"'
bare() {
	git clone -q --bare "$repo" "$tmp/bare.git" &&
		"$PORTMIG" -C "$tmp/bare.git" plan --format json >"$tmp/b" && cmp "$tmp/a" "$tmp/b"
}
ok "a bare clone gives the same plan" bare
patch() {
	pm plan --format diff >"$tmp/patch" && mkdir "$tmp/patched" &&
		cp -R "$example/files/." "$tmp/patched" &&
		(cd "$tmp/patched" && git apply "$tmp/patch") &&
		places tree "$table" "$example/files" "$tmp/patched"
}
ok "the diff applies and gives exactly the true places" patch
if [ -f "$PM_SRC/docs/plan.schema.json" ]; then
	ok "the plan matches docs/plan.schema.json" python3 -W ignore -c '
import json, sys, jsonschema
jsonschema.validate(*(json.load(open(n, encoding="utf-8")) for n in sys.argv[1:3]))' \
		"$plan" "$PM_SRC/docs/plan.schema.json"
else
	skip "the plan matches docs/plan.schema.json" "no such file"
fi

# ---- apply

ok "a dry run ends with 0" exits 0 pm apply "$plan" --dry-run --accept-holds=skip
ok "a dry run makes no branch" same "$(refs)" "$before_refs"
ok "apply ends with 0" exits 0 pm apply "$plan" --branch port-scheme --accept-holds=skip
tip=$(git -C "$repo" rev-parse --verify -q port-scheme)
ok "apply makes the branch, one commit on the base" same \
	"$(git -C "$repo" rev-list --parents -1 port-scheme --)" "$tip $base"
fsck() { same "$(git -C "$repo" fsck --strict --no-dangling 2>&1)" ""; }
ok "git fsck --strict is clean" fsck
ok "working tree, index and HEAD are byte-identical" same "$(state)" "$before"
ok "git status sees no change" same "$(git -C "$repo" status --porcelain)" ""
ok "only the one ref is new" same "$(refs | grep -v port-scheme)" "$before_refs"
tree_is() {
	rm -rf "$tmp/tree" && mkdir "$tmp/tree" &&
		git -C "$repo" archive "$1" | tar -x -C "$tmp/tree" &&
		places tree "$table" "$example/files" "$tmp/tree"
}
ok "the branch holds exactly the true places moved" tree_is port-scheme
modes() {
	same "$(git -C "$repo" ls-tree -r --format='%(objectmode) %(path)' port-scheme --)" \
		"$(git -C "$repo" ls-tree -r --format='%(objectmode) %(path)' "$base" --)"
}
ok "file modes stay" modes
git -C "$repo" log -1 --format='%(trailers:only,unfold)' port-scheme -- >"$tmp/trailers" 2>&1
for trailer in Portmig-Plan Portmig-Base Portmig-Schema Portmig-Moves; do
	ok "the commit has the trailer $trailer" says "$tmp/trailers" "$trailer:"
done
ok "the trailer names the base" says "$tmp/trailers" Portmig-Base "$base"
ok "the author is the repository's user" same "$(git -C "$repo" log -1 --format=%an port-scheme --)" \
	"Solarpunk Example"

# ---- afterwards

ok "the same plan again ends with 0" exits 0 pm apply "$plan" --branch port-scheme --accept-holds=skip
ok "and says that it is already applied" eval \
	'cat "$tmp/out" "$tmp/err" >"$tmp/both"; says "$tmp/both" "already applied"'
again() {
	pm plan --rev port-scheme --format json >"$tmp/again.json" && places idle "$tmp/again.json"
}
ok "planning again on the branch applies nothing" again
ok "and --exit-code tells of no change" exits 0 pm plan --rev port-scheme --exit-code
ok "another plan does not take an existing branch" exits 3 \
	pm apply --move dhanam-api=4000:4710 --branch port-scheme --accept-holds=skip
split() {
	pm apply "$plan" --split --branch one-by-one --accept-holds=skip &&
		[ "$(git -C "$repo" rev-list --count "$base..one-by-one")" -gt 1 ] &&
		same "$(git -C "$repo" rev-parse 'one-by-one^{tree}')" \
			"$(git -C "$repo" rev-parse 'port-scheme^{tree}')"
}
ok "--split makes several commits and the same tree" split
stale() {
	git clone -q "$repo" "$tmp/stale" && cd "$tmp/stale" || return 1
	git config user.name Ines && git config user.email ines@solarpunk.example
	sed -i 's/AVALA_API_PORT=4900/AVALA_API_PORT=4950/' .env.example && git commit -qam "Try 4950"
	exits 3 "$PORTMIG" -C . apply "$plan" --branch late --accept-holds=skip &&
		says "$tmp/err" .env.example
}
ok "a plan that HEAD has overtaken is refused, naming the file" stale

# ---- Forj, and one place

ok "Forj alone can be planned to 4900" exits 0 pm plan --move forj-api=8400:4900
ok "with a warning that AVALA is there" says "$tmp/out" warning 4900 avala
chain() {
	pm plan --move avala-api=4900:4600 --move forj-api=8400:4900 --format json >"$tmp/chain.json" &&
		python3 - "$tmp/chain.json" <<'END'
import json, sys
edits = json.load(open(sys.argv[1], encoding="utf-8"))["edits"]
done = {(e["path"], e["line"], e["column"]): str(e["new"]) for e in edits
        if e["disposition"] == "apply"}
want = {("docker-compose.yml", 34, 13): "4600", ("docker-compose.yml", 82, 14): "4900",
        ("docker-compose.yml", 84, 10): "4900", ("docker-compose.yml", 84, 15): "4900",
        ("apps/forj/api/Dockerfile", 5, 8): "4900", ("apps/forj/api/app.py", 7, 62): "4600"}
wrong = {p: done.get(p) for p in want if done.get(p) != want[p]}
print(wrong)
sys.exit(bool(wrong))
END
}
ok "together with AVALA's move it can" chain
ok "explain a true place" exits 0 pm explain docker-compose.yml:34
ok "and name its service" says "$tmp/out" avala
ok "explain a decoy" exits 0 pm explain docker-compose.yml:38
ok "scan lists the places of a port" exits 0 pm scan --port 4900
ok "with path and line" says "$tmp/out" infra/nginx/avala.conf:2

finish
