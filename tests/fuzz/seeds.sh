#!/bin/bash
# seeds.sh - put the first inputs of a target into a folder: fixtures of the tests and files of the
# example, in the form that the target reads, and tests/fuzz/corpus/TARGET.
#
#   tests/fuzz/seeds.sh TARGET FOLDER
set -u -o pipefail
src=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd) || exit 2
[ $# -eq 2 ] || {
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}
target=$1
mkdir -p "$2" && out=$(cd "$2" && pwd) && cd "$src" || exit 2
export LC_ALL=C
n=0

# Files as they are.
plain() {
	local file

	for file; do
		[ -f "$file" ] || continue
		n=$((n + 1))
		cp -- "$file" "$out/$(printf %04d $n)"
	done
}

# A first line, then the file.
headed() {
	n=$((n + 1))
	{ printf '%s\n' "$1"; cat -- "$2"; } >"$out/$(printf %04d $n)"
}

# Inputs of the scanners' cases, with the path that the scanner is told; files of the example.
scanned() {
	local folder file path

	for folder in tests/cases/scan/*/*/; do
		path=$(sed -n '1s/^file: //p' "$folder/expected")
		for file in "$folder"* "$folder".env*; do
			[ -f "$file" ] && [ "${file##*/}" != expected ] && headed "${path:-${file##*/}}" "$file"
		done
	done
	while IFS= read -r file; do
		headed "${file#examples/solarpunk/files/}" "$file"
	done < <(find examples/solarpunk/files -type f -size -16k | sort)
}

# A repository of a few versions of one file, so that its pack has deltas.
repository() {
	local i

	unset "${!GIT_@}"
	export HOME=$1 GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.com \
		GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.com \
		GIT_AUTHOR_DATE='1700000000 +0100' GIT_COMMITTER_DATE='1700000000 +0100'
	git init -q -b main "$1" && cd "$1" || return
	for i in 1 2 3 4; do
		seq 1 60 >list
		echo "PORT=410$i" >>list
		git add list && git commit -qm "Version $i" || return
	done
	git checkout -q -b other HEAD~2 && git commit -q --allow-empty -m Other &&
		git merge -q --no-edit main && git repack -adfq && git commit-graph write --reachable
}

# Two bytes, the higher one first.
two_bytes() {
	printf '%b' "\\x$(printf %02x $(($1 / 256)))\\x$(printf %02x $(($1 % 256)))"
}

from_git() {
	local repo commit index

	repo=$(mktemp -d) || return
	(
		repository "$repo" >/dev/null 2>&1 || exit
		case $target in
		graph) cp .git/objects/info/commit-graph "$out/graph" ;;
		commit)
			for commit in $(git rev-list --all); do
				git cat-file commit "$commit" >"$out/$commit"
				git cat-file tree "$commit^{tree}" >"$out/$commit-tree"
			done
			;;
		pack)
			index=$(echo .git/objects/pack/*.idx)
			{ printf '\002'; cat "$index"; } >"$out/index"
			{
				printf '\003'
				two_bytes "$(stat -c %s "$index")"
				cat "$index" "${index%.idx}.pack"
			} >"$out/pack"
			;;
		esac
	)
	rm -rf "$repo"
}

documents="tests/cases/schema/*/input.md examples/solarpunk/files/docs/*.md examples/solarpunk/files/*.md tests/cases/doc/*/*.md"
case $target in
baseline | cache | escape | portspec | words | schema_yaml) ;;
commit)
	plain tests/cases/apply/message.txt
	from_git
	;;
config) plain tests/accuracy/configs/*.yaml ;;
doc)
	for file in $documents; do
		[ -f "$file" ] && headed "0 4100 0; 1 4101 2; 3 4102 3" "$file"
	done
	;;
graph | pack) from_git ;;
manifest | scan) scanned ;;
md) plain $documents docs/cli.md README.md tests/cases/scan/docs/*/*.md ;;
plan) plain tests/cases/apply/*.json ;;
schema_md) plain $documents ;;
yaml) plain tests/cases/scan/{compose,k8s,yaml}/*/*.y*ml tests/accuracy/configs/*.yaml ;;
*)
	echo "seeds.sh: no target '$target'" >&2
	exit 2
	;;
esac
for file in tests/fuzz/corpus/"$target"/*; do
	[ -f "$file" ] && cp -- "$file" "$out/known-${file##*/}"
done
[ -n "$(ls -A "$out")" ]
