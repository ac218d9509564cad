#!/bin/bash
# rules.sh - every rule that portmig can find has a test that shows it.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
cd "$PM_SRC" || exit 1

rules=$("$PORTMIG" check --list-rules | awk '{ print $2 }' | grep '^[a-z][a-z0-9-]*$')
shown() {
	grep -rqw --include=expected --include=run --include='*.c' --include='*.sh' \
		--include=case.txt -- "$1" tests/cases tests/e2e tests/*.c
}
all_shown() {
	local rule missing=''

	for rule in $rules; do
		shown "$rule" || missing="$missing $rule"
	done
	[ -z "$missing" ] || { echo "no test of$missing"; return 1; }
}
ok "rules are listed" test "$(wc -l <<<"$rules")" -ge 100
ok "each is in a test" all_shown
finish
