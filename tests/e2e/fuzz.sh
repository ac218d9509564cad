#!/bin/bash
# fuzz.sh - the targets of tests/fuzz over their seeds, and over what once broke them, without clang.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
build=${PM_BUILD:-$PM_SRC/build-asan}

corpus() {
	"$PM_SRC/tests/fuzz/seeds.sh" "$1" "$tmp/$1" && timeout 300 "$build/tests/fuzz/fuzz_$1" "$tmp/$1" \
		>"$tmp/$1.out" 2>"$tmp/$1.err" && return
	tail -n 30 "$tmp/$1.err"
	return 1
}
found=0
for file in "$PM_SRC"/tests/fuzz/fuzz_*.c; do
	name=$(basename "$file" .c)
	name=${name#fuzz_}
	ok "$name" corpus "$name"
	found=$((found + 1))
	rm -rf "${tmp:?}/$name"
done
ok "there are targets" test "$found" -ge 12
finish
