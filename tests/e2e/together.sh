#!/bin/bash
# together.sh - several that write at once: two `apply`, and `apply` beside git gc --prune=now and git
# repack -ad, which delete what no ref leads to. One wins or all do, and nothing is lost: every
# branch that was made is there, whole.
#
# Some rounds of each; with PM_EVERY_CALL=1 (scripts/test --full) a hundred.
. "$(dirname "$0")/lib.sh"

rounds=3
[ -z "${PM_EVERY_CALL-}" ] || rounds=100
mkdir "$tmp/base" "$tmp/o" && cd "$tmp/base" || exit 1
(. "$PM_SRC/tests/support/cli.sh" && shop && commit) || exit 1
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
"$PORTMIG" -q plan --move shop-api=4900:4600 --format json -o "$tmp/api.json"
"$PORTMIG" -q plan --move shop-web=3060:4601 --format json -o "$tmp/web.json"

# start NAME ARG...: apply in the background; status and words in o/NAME.*
start() {
	local name=$1

	shift
	{
		"$PORTMIG" -q apply "$@" >"$tmp/o/$name.out" 2>"$tmp/o/$name.err"
		echo $? >"$tmp/o/$name.status"
	} &
}
status() { cat "$tmp/o/$1.status"; }
fresh() {
	rm -rf "$tmp/w" "$tmp"/o/*
	cp -a "$tmp/base" "$tmp/w"
	cd "$tmp/w" || exit 1
}
# whole BRANCH...: all there, as git sees it, and nothing else is wrong
whole() {
	local branch

	for branch; do
		git rev-list --objects "$branch" >/dev/null || return
		git diff --quiet main "$branch" && return 1
	done
	git fsck --strict --no-dangling --no-progress || return
	[ ! -e .git/gc.pid ] && [ -z "$(find .git -name '*.lock')" ]
}

same_name() {
	local i

	for ((i = 0; i < rounds; i++)); do
		fresh
		start 1 --branch moved "$1"
		start 2 --branch moved "$2"
		wait
		whole moved || return
		case $(status 1)$(status 2) in
		03 | 30) ;;
		# the same plan, and the other was there first
		00) [ "$1" = "$2" ] && cat "$tmp/o/"*.out | grep -c '^created' | same "$(cat)" 1 || return ;;
		*) cat "$tmp/o/"*.err && return 1 ;;
		esac
	done
}

other_names() {
	local i

	for ((i = 0; i < rounds; i++)); do
		fresh
		start 1 --branch one "$tmp/api.json"
		start 2 --branch two "$tmp/web.json"
		start 3 --branch three "$tmp/api.json"
		wait
		same "$(status 1)$(status 2)$(status 3)" 000 && whole one two three || return
	done
}

# beside COMMAND...: Git cleans up again and again while branches are made. Half of the objects were there
# before, in a pack and without a ref.
beside() {
	local i cleaner k

	fresh
	"$PORTMIG" -q apply --branch old "$tmp/api.json" >/dev/null && git repack -adq && git branch -qD old &&
		git reflog expire --expire=now --all || return
	for ((i = 0; i < rounds; i++)); do
		while [ ! -e "$tmp/o/enough" ]; do "$@" >/dev/null 2>&1; done &
		cleaner=$!
		for k in a b c; do
			"$PORTMIG" -q apply --branch "b$i$k" "$([ $k = b ] && echo "$tmp/web.json" || echo "$tmp/api.json")" \
				>"$tmp/o/out" 2>"$tmp/o/err" || { cat "$tmp/o/err" && touch "$tmp/o/enough" && wait && return 1; }
			# deleted again, so that the next one writes what has no ref
			[ $k = c ] || git update-ref -d "refs/heads/b$i$k"
		done
		touch "$tmp/o/enough"
		wait "$cleaner"
		rm "$tmp/o/enough"
		whole "b${i}c" || return
	done
}

held_gc() {
	fresh
	echo "$$ $(hostname)" >.git/gc.pid
	start 1 --branch moved "$tmp/api.json"
	sleep 0.3
	[ ! -e .git/refs/heads/moved ] || { echo 'it does not wait' && return 1; }
	rm .git/gc.pid
	wait
	same "$(status 1)" 0 && whole moved
}

# one that died, and one of another machine that is old
left_gc() {
	fresh
	(echo "$BASHPID $(hostname)" >.git/gc.pid)
	"$PORTMIG" -q apply --branch moved "$tmp/api.json" && whole moved || return
	echo "1 elsewhere" >.git/gc.pid
	touch -d '13 hours ago' .git/gc.pid
	"$PORTMIG" -q apply --branch again "$tmp/web.json" && whole again
}

ok "one plan twice for one branch: one creates it ($rounds rounds)" same_name "$tmp/api.json" "$tmp/api.json"
ok "two plans for one branch: one creates it, the other is refused" same_name "$tmp/api.json" "$tmp/web.json"
ok "three branches at once: all are made" other_names
ok "beside git gc --prune=now nothing is lost" beside git gc --quiet --prune=now
ok "beside git repack -ad nothing is lost" beside git repack -adq
ok "it waits for git gc" held_gc
ok "a gc.pid that was left over is in nobody's way" left_gc
finish
