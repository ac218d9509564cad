#!/bin/bash
# accuracy.sh - scripts/accuracy: its arithmetic on a plan made up for it, its refusals, and the
# bundled example as a case.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1

accuracy=$PM_SRC/scripts/accuracy
mkdir -p "$tmp/cases" "$tmp/clones" "$tmp/empty"
git init -q --template= "$tmp/clones/shop"
git -C "$tmp/clones/shop" -c user.name=N -c user.email=n@example.com commit -q --allow-empty -m x
base=$(git -C "$tmp/clones/shop" rev-parse HEAD)

# Two moves of one old number; a plan with every kind of outcome.
python3 - "$tmp" "$base" <<'END'
import json, sys
tmp, base = sys.argv[1:]
def row(line, label, **more):
    return dict(path="a", line=line, col=1, port=4000, label=label, why="w%d" % line, **more)
case = {"id": "shop", "repo": "owner/shop", "base": base, "scope": "all",
        "moves": [{"service": "api", "from": 4000, "to": 4100},
                  {"service": "web", "from": 4000, "to": 4200}],
        "occurrences": [row(1, "move", to=4100), row(2, "move", to=4200), row(3, "move", to=4100),
                        row(4, "move", to=4100), row(5, "keep"), row(6, "keep"), row(7, "review"),
                        dict(row(0, "keep"), path="lock")],
        "human": {"moved": 1, "missed": 3, "wrong": 1}}
json.dump(case, open(tmp + "/cases/shop.json", "w"))
def edit(line, disposition, new, path="a"):
    return {"path": path, "line": line, "column": 1, "old": "4000", "new": new,
            "disposition": disposition}
json.dump({"edits": [edit(1, "apply", "4100"), edit(2, "apply", "4100"), edit(3, "review", "4100"),
                     edit(4, "keep", None), edit(5, "apply", "4100"), edit(6, "review", "4100"),
                     edit(7, "apply", "4100"), edit(9, "apply", "4100", "lock")]},
          open(tmp + "/plan.json", "w"))
END
printf '#!/bin/sh\necho "$*" >%s/called\ncat %s/plan.json\n' "$tmp" "$tmp" >"$tmp/planner"
printf '#!/bin/sh\necho "cannot" >&2\nexit 4\n' >"$tmp/broken"
printf '#!/bin/sh\necho "no JSON"\n' >"$tmp/chatty"
chmod +x "$tmp/planner" "$tmp/broken" "$tmp/chatty"
measure() { "$accuracy" --cases "$tmp/cases" --clones "$tmp/clones" --portmig "$@"; }

ok "a case is run" exits 0 measure "$tmp/planner" --verbose
# right: line 1. wrong: 2 (other port), 5 (keep), lock. surfaced: 1, 2, 3. asked: 6.
ok "the counts are right" says "$tmp/out" "shop     4      1       3      3      1"
ok "so are the rates" says "$tmp/out" "precision 0.250 recall 0.250 surfaced 0.750 (1 cases, 0 failed)"
ok "replacing all takes the first target: 3 right, 1 + 2 wrong" says "$tmp/out" \
	"shop  " "0.500 0.750"
ok "by hand: 1 of 4, 1 wrong" says "$tmp/out" "shop  " "0.500 0.250"
ok "a wrong place is named with its label" says "$tmp/out" "wrong shop a:5:1" w5
ok "a place with another port is named" says "$tmp/out" "wrong shop a:2:1" "needs 4200, got 4100"
ok "portmig was asked for both moves at the base" says "$tmp/called" "--rev $base" \
	"--move api=4000:4100 --move web=4000:4200"
ok "without a configuration there is none" same "$(grep -c -e --config "$tmp/called")" 0
mkdir "$tmp/configs"
echo 'past: [old/**]' >"$tmp/configs/owner+shop.yaml"
ok "a case may have a portmig.yaml" exits 0 measure "$tmp/planner" --configs "$tmp/configs"
ok "it is passed on" says "$tmp/called" "--config $tmp/configs/owner+shop.yaml"
ok "no such folder of configurations: status 2" exits 2 measure "$tmp/planner" --configs "$tmp/none"
ok "a refusing portmig is a failed case" exits 1 measure "$tmp/broken"
ok "with its status" says "$tmp/out" "failed shop" "status 4" cannot
ok "and everything is missed" says "$tmp/out" "recall 0.000" "1 failed"
ok "output that is no plan is a failed case" exits 1 measure "$tmp/chatty"
ok "no cases: status 2" exits 2 "$accuracy" --cases "$tmp/empty" --clones "$tmp" --portmig "$tmp/planner"
ok "with a clear text" says "$tmp/err" "no cases in $tmp/empty"
ok "no such folder: status 2" exits 2 "$accuracy" --cases "$tmp/none" --clones "$tmp"
ok "no such case: status 2" exits 2 measure "$tmp/planner" nothing
mv "$tmp/clones/shop" "$tmp/clones/elsewhere"
ok "a missing clone is a failed case" exits 1 measure "$tmp/planner"
ok "that says which" says "$tmp/out" "no clone of owner/shop has"

# The example, with all its moves at once.
rm "$tmp/cases/shop.json"
"$PM_SRC/examples/solarpunk/make-repo.sh" "$tmp/clones/stack" &&
	python3 - "$PM_SRC/examples/solarpunk/expected/places.tsv" \
		"$(git -C "$tmp/clones/stack" rev-parse HEAD)" >"$tmp/cases/stack.json" <<'END'
import json, sys
rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[1]) if line[0] != "#"]
label = {"keep": "keep", "ask": "review"}
print(json.dumps({
    "id": "stack", "repo": "owner/stack", "base": sys.argv[2],
    "moves": [{"service": s, "from": f, "to": t} for s, f, t in (
        ("avala-api", 4900, 4600), ("avala-web", 3060, 4601), ("dhanam-api", 4000, 4700),
        ("coforma-api", 5100, 5050))],
    "occurrences": [dict(path=p, line=int(l), col=int(c), port=int(o), why=w,
                         label=label.get(v, "move"), **({"to": int(v)} if v.isdigit() else {}))
                    for p, l, c, o, v, w in rows]}))
END
ok "the example runs as a case" exits 0 measure "$PORTMIG" --verbose
ok "all right, nothing wrong" says "$tmp/out" "precision 1.000 recall 1.000 surfaced 1.000 (1 cases"

finish
