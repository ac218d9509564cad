#!/bin/bash
# check.sh - portmig check where it is used: machine-readable forms against their schemas, the hook
# of the pre-commit framework, a server that refuses pushes, the steps of a GitHub workflow.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1

export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
mkdir "$tmp/bin"
ln -s "$PORTMIG" "$tmp/bin/portmig"
PATH=$tmp/bin:$PATH

# schema ROW...: a document with rows "PORT SERVICE"
schema() {
	mkdir -p docs
	{
		printf '# Ports\n\n| Port | Service |\n|---|---|\n'
		printf '| %s | %s |\n' "$@"
	} >docs/PORTS.md
}
fresh() { # NAME: a repository with one commit, which is good
	git init -q -b main "$tmp/$1" && cd "$tmp/$1" || exit 1
	schema 4600 shop-api 4601 shop-web
	echo 'PORT=4600' >shop.env
	git add . && git commit -qm base
}

# ---- forms

fresh forms
schema 4600 shop-api 4600 press 5000 'gallery <b>' 70 a 3000-3009 'r<x>|y'
printf 'PORT=4600\n' >"$(printf 'odd\377name.env')"
git add . && git commit -qm findings
json() {
	"$PORTMIG" check --format json >"$tmp/check.json"
	[ $? -eq 1 ] || return 1
	python3 -W ignore -c '
import json, sys, jsonschema
value, schema = (json.load(open(n, encoding="utf-8")) for n in sys.argv[1:3])
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.validate(value, schema)
counts = value["counts"]
assert counts["found"] == len(value["findings"]) > 0
assert counts["found"] == sum(n for k, n in counts.items() if k != "found")' \
		"$tmp/check.json" "$PM_SRC/docs/check.schema.json"
}
ok "the JSON of check matches docs/check.schema.json" json

# What SARIF 2.1.0 and GitHub's code scanning require of a result.
sarif() {
	"$PORTMIG" check --format sarif -o "$tmp/check.sarif"
	[ $? -eq 1 ] || return 1
	python3 -c '
import json, re, sys
log = json.load(open(sys.argv[1], encoding="utf-8"))
assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
run, = log["runs"]
driver = run["tool"]["driver"]
rules = {rule["id"]: rule for rule in driver["rules"]}
assert driver["name"] == "portmig" and len(rules) == len(driver["rules"]) > 40
for rule in rules.values():
    assert rule["shortDescription"]["text"] and rule["help"]["text"] and rule["help"]["markdown"]
    assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
assert run["results"]
for result in run["results"]:
    assert result["ruleId"] in rules and result["message"]["text"]
    assert result["level"] in ("note", "warning", "error")
    assert re.fullmatch("[0-9a-f]{64}", result["partialFingerprints"]["portmigFinding/v1"])
    for place in result["locations"] + result["relatedLocations"]:
        where = place["physicalLocation"]
        assert re.fullmatch("[A-Za-z0-9/._~%-]+", where["artifactLocation"]["uri"])
        assert where["region"]["startLine"] >= 1
    assert len(result["locations"]) == 1
assert run["invocations"][0]["executionSuccessful"] is True' "$tmp/check.sarif"
}
ok "the SARIF of check has what code scanning needs" sarif
deterministic() {
	(TZ=Asia/Tokyo LC_ALL=C.UTF-8 "$PORTMIG" check --format json | cmp - "$tmp/check.json") &&
		mkdir -p sub && cd sub && "$PORTMIG" check --format json | cmp - "$tmp/check.json"
}
ok "the same bytes in any locale, time zone and directory" deterministic

# ---- the hook of the pre-commit framework

fresh staged
entry=$(sed -n 's/^  entry: //p' "$PM_SRC/.pre-commit-hooks.yaml")
ok "the hook has one entry" same "$entry" 'portmig check --staged'
printf '#!/bin/sh\nexec %s\n' "$entry" >.git/hooks/pre-commit
chmod +x .git/hooks/pre-commit
ok "a good commit passes" git commit -q --allow-empty -m good
schema 4600 shop-api 4601 shop-web 4601 forum
ok "what is not staged does not count" git commit -q --allow-empty -m unstaged
git add docs
ok "a bad commit is refused" exits 1 git commit -m bad
ok "and says why" grep -q 'error: 4601 .*\[port-duplicate\]' "$tmp/out" "$tmp/err"
ok "so with git commit PATH" exits 1 git commit -m bad docs/PORTS.md
ok "nothing was committed" same "$(git log --format=%s -1)" unstaged
schema 4600 shop-api 4601 shop-web 4602 forum
ok "corrected, it passes, with -a" git commit -qam corrected

# ---- a server

git init -q --bare -b main "$tmp/server.git"
cp "$PM_SRC/examples/hooks/pre-receive" "$tmp/server.git/hooks/"
fresh client
git remote add origin "$tmp/server.git"
ok "the first push is accepted" git push -q origin main
schema 4600 shop-api 4601 shop-web 4601 forum
git commit -qam collision
ok "a push that collides is refused" exits 1 git push origin main
ok "the client is told the finding" grep -q 'remote: .*\[port-duplicate\]' "$tmp/err"
ok "the branch did not move" same "$(git --git-dir="$tmp/server.git" log --format=%s main)" base
objects() { find "$tmp/server.git/objects" -type f | wc -l; }
before=$(objects)
git push -q origin main 2>/dev/null
ok "nothing of it stays" same "$(objects)" "$before"
ok "so for a new branch" exits 1 git push origin main:topic
git --git-dir="$tmp/server.git" config portmig.branches 'main release/*'
ok "branches that are not guarded pass" git push -q origin main:topic
ok "and those that are do not" exits 1 git push origin main:release/1
ok "a tag passes" git push -q origin main:refs/tags/v1
ok "a branch may go away" git push -q origin :topic
git rm -q docs/PORTS.md && git commit -qm 'no schema'
ok "what cannot be checked is refused" exits 1 git push origin main
git --git-dir="$tmp/server.git" config portmig.schema docs/PORTS.md
ok "a push that removes the schema is refused" exits 1 git push origin main
ok "and says so" grep -q 'docs/PORTS.md is gone' "$tmp/err"
git checkout -q --orphan pages && git rm -rqf . && echo x >index.html && git add . && git commit -qm pages
git --git-dir="$tmp/server.git" config portmig.branches '*'
ok "a branch that never had one passes" git push -q origin pages
git checkout -q main && git reset -q --hard HEAD~1
schema 4600 shop-api 4601 shop-web 4602 forum
git commit -qam corrected
ok "corrected, it is accepted" git push -q origin main
old_findings() {
	schema 4600 shop-api 4601 shop-web 4602 forum 4602 orchard
	git commit -qam old
	mv "$tmp/server.git/hooks/pre-receive" "$tmp/held" && git push -q origin main &&
		mv "$tmp/held" "$tmp/server.git/hooks/pre-receive"
	echo 'PORT=4601' >web.env
	git add . && git commit -qm more
	git push -q origin main
}
ok "findings that were there before do not count" old_findings

# ---- the steps of the workflow

fresh workflow
git checkout -q -b topic
schema 4600 shop-api 4601 shop-web 4601 forum
git commit -qam collision
# run NAME: the script of a step, as the runner starts it
run() {
	awk -v name="$1" '
		/^      - / { on = 0 }
		$0 == "      - name: " name { on = 1 }
		on && /^        run: \|$/ { body = 1; next }
		body && !/^          / { body = 0 }
		on && body { print substr($0, 11) }' "$PM_SRC/examples/ci/github-workflow.yml" >"$tmp/step"
	[ -s "$tmp/step" ] && BASE=main GITHUB_STEP_SUMMARY=$tmp/summary bash -e "$tmp/step"
}
: >"$tmp/summary"
ok "the workflow finds the program" exits 0 run 'Find portmig'
ok "its report does not fail for findings" exits 0 run Report
ok "it writes the summary" grep -q '^## Port check of .*: 1 error' "$tmp/summary"
ok "and the results of code scanning" grep -q '"version": "2.1.0"' portmig.sarif
ok "its check fails" exits 1 run Check
ok "with an annotation" grep -q '^::error file=docs/PORTS.md,line=7,col=3,title=port-duplicate::' "$tmp/out"
git checkout -q main
ok "and passes without findings" exits 0 run Check

finish
