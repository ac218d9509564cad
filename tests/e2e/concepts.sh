#!/bin/bash
# concepts.sh - the table of what documents hold (tests/concepts.tsv): every row names a test that is
# there and shows it, and no row of a part is missing. What these tests say, they say themselves.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
cd "$PM_SRC/tests" || exit 1

# row KIND TEST TEXT
row() {
	case $1 in
	cli | check | schema | doc | plan) grep -qF -- "$3" "cases/$1/$2/expected" ;;
	scan) grep -qF -- "$3" "cases/scan/$2/expected" ;;
	faults) grep -qF -- "$3" "cases/faults/$2/run" ;;
	test_*) grep -qF -- "\"$2\"" "$1.c" ;;
	e2e) grep -qF -- "\"$3\"" "e2e/$2.sh" ;;
	*) echo "no kind '$1'" && false ;;
	esac
}

# Of each part the numbers from 1 on, each once.
numbers() {
	awk -F'\t' '!/^#/ {
		split($1, id, "/")
		if (NF != 5 || id[2] != ++n[id[1]]) { print "after " last ": " $0; bad = 1 }
		last = $1
	} END {
		for (part in n) parts++
		if (parts != 6) { print parts " parts"; bad = 1 }
		exit bad
	}' concepts.tsv
}
ok "ids are complete, rows have five columns" numbers
while IFS=$'\t' read -r id what kind test text; do
	case $id in '#'* | '') continue ;; esac
	ok "$id: $what" row "$kind" "$test" "$text"
done <concepts.tsv

finish
