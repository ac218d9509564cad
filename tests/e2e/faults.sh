#!/bin/bash
# faults.sh - faults of documents, repositories, files, configuration and machines, and what portmig
# does about each: the folders of tests/cases/faults. A folder's `run` is a script in the words of
# tests/support/faults.sh. They run on all cores; each is one test.
#
#   faults.sh [FOLDER...]     only these, such as S1-nothing-there, or S for a whole section
. "$(dirname "$0")/lib.sh"

root=$PM_SRC/tests/cases/faults
one() {
	local dir=$tmp/$1

	mkdir -p "$dir/w"
	(cd "$dir/w" && PM=$PORTMIG CASE=$root/$1 SUPPORT=$PM_SRC/tests/support XDG_CACHE_HOME=$dir/cache \
		timeout 120 sh -u -c '. "$SUPPORT/faults.sh"; . "$CASE/run"; finish') \
		>"$dir/said" 2>&1 </dev/null
	echo $? >"$dir/status"
	# a case may have taken away the right to write
	chmod -R u+rwX "$dir/w" 2>/dev/null
	rm -rf "$dir/w" "$dir/cache"
}

report() {
	local status

	status=$(cat "$tmp/$1/status")
	tests=$((tests + 1))
	case $status in
	0) echo "ok $tests - $1" ;;
	77) echo "ok $tests - # SKIP $1: $(sed -n 's/^SKIP //p' "$tmp/$1/said")" ;;
	*)
		echo "not ok $tests - $1"
		cut -c1-300 "$tmp/$1/said" | sed 's/^/# /' | head -n 60
		failures=$((failures + 1))
		;;
	esac
}

cases=()
for dir in "$root"/*/; do
	name=${dir%/} name=${name##*/}
	[ $# -eq 0 ] && cases+=("$name")
	for want; do
		case $name in "$want" | "$want"[0-9-]*) cases+=("$name") && break ;; esac
	done
done
at_once=$(nproc)
for name in "${cases[@]}"; do
	while [ "$(jobs -rp | wc -l)" -ge "$at_once" ]; do wait -n; done
	one "$name" &
done
wait
for name in "${cases[@]}"; do report "$name"; done
finish
