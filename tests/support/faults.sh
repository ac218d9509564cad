# Functions for tests/cases/faults/*/run, on top of cli.sh. A case builds a repository in the empty
# directory it starts in, and then says what portmig must do there:
#
#   expect STATUS [-e REGEX] [-o REGEX] [-n REGEX] [-b BRANCH] [-x] -- ARG...
#
# runs portmig and requires: this exit status; -e: a line of standard error that matches (extended
# regular expression), -o: one of standard output, -n: no line of either. Each may be repeated.
# Beyond what is said, every call requires that nothing here changed: not a byte, a name or a time
# of any file, Git's included. `apply` may add objects, and with -b exactly this branch, whose commit
# differs from its parent in digits only. -x allows changes (the case compares by itself).
# The output stays in $out and $err for further looks.
. "$SUPPORT/cli.sh"

here=$PWD
out=${here%/*}/out err=${here%/*}/err
checks=0 failures=0

complain() {
	failures=$((failures + 1))
	printf '%s\n' "$@"
}

# skip REASON: this machine cannot run the case.
skip() {
	echo "SKIP $1"
	exit 77
}

# Every name here with its kind, mode, size and times; a write that keeps the times still moves the
# time of change. The objects and branches that apply may write are left out of its snapshot.
snapshot_all() {
	find "$here" -printf '%p\t%y %m %s %T@ %C@ %l\n' | LC_ALL=C sort
}

snapshot_apply() {
	find "$here" \( -path '*/objects' -o -path '*/refs/heads' -o -path '*/logs/refs/heads' \) -prune \
		-o -type d -printf '%p\td\n' -o -printf '%p\t%y %m %s %T@ %C@ %l\n' | LC_ALL=C sort
}

branches() {
	find "$here" -path '*/refs/heads/*' ! -path '*/logs/*' -type f -printf '%P ' -exec cat {} \; |
		LC_ALL=C sort
}

# digits_only BRANCH: what the commit changed, without its digits, is what was there before.
digits_only() {
	git diff --no-ext-diff --unified=0 "$1~" "$1" | grep -v '^---\|^+++' >"$here/../diff"
	sed -n 's/^-//p' "$here/../diff" | sed 's/[0-9]//g' >"$here/../was"
	sed -n 's/^+//p' "$here/../diff" | sed 's/[0-9]//g' >"$here/../is"
	[ -s "$here/../diff" ] && cmp -s "$here/../was" "$here/../is"
}

is_apply() {
	word=
	for word; do
		case $word in
		apply) return 0 ;;
		-n | --dry-run) return 1 ;;
		esac
	done
	return 1
}

# What must hold for every call, whatever it is about.
always() {
	if grep -qaE 'Sanitizer|runtime error:' "$err"; then
		complain "undefined behaviour: $call"
		head -n 30 "$err"
	fi
	if [ "$status" -ge 70 ] && [ "$status" -ne 130 ] && [ "$status" -ne 143 ]; then
		complain "status $status: $call"
	fi
	if LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]' \
		"$err"; then
		complain "control characters on standard error: $call"
	fi
	if [ "$status" -ge 2 ] && ! grep -q '^portmig: ' "$err"; then
		complain "status $status and no message: $call"
	fi
}

compare() {
	if [ "$1" != "$2" ]; then
		complain "$3: $call"
		printf '%s\n' "$1" >"$here/../1"
		printf '%s\n' "$2" >"$here/../2"
		diff "$here/../1" "$here/../2" | head -n 20
	fi
}

expect() {
	want=$1 patterns='' branch='' allowed=''
	shift
	while [ "$1" != -- ]; do
		case $1 in
		-x) allowed=1 && shift ;;
		-b) branch=$2 && shift 2 ;;
		*)
			patterns="$patterns$1 $2
"
			shift 2
			;;
		esac
	done
	shift
	call=$(printf '%.300s' "portmig $*") status=0 snap=snapshot_all old=
	checks=$((checks + 1))
	is_apply "$@" && ! [ "$1" = review ] && snap=snapshot_apply old=$(branches)
	before=$($snap)
	"$PM" "$@" >"$out" 2>"$err" </dev/null || status=$?
	after=$($snap)
	[ "$status" -eq "$want" ] || {
		complain "status $status, not $want: $call"
		head -n 10 "$err"
	}
	always
	[ -n "$allowed" ] || compare "$before" "$after" "the repository changed"
	[ "$snap" = snapshot_all ] || expect_branch
	printf '%s' "$patterns" >"$here/../patterns"
	while read -r kind regex; do
		expect_pattern
	done <"$here/../patterns"
}

expect_branch() {
	new=$(branches)
	if [ -n "$branch" ]; then
		added=$(printf '%s\n' "$new" | grep -F "refs/heads/$branch " | tail -n 1)
		[ -n "$added" ] || complain "no branch $branch: $call"
		new=$(printf '%s\n' "$new" | grep -vF "refs/heads/$branch ")
		digits_only "$branch" || complain "more than digits changed: $call"
	fi
	[ -n "$allowed" ] || compare "$old" "$new" "branches changed"
}

expect_pattern() {
	case $kind in
	-e) grep -qaE -- "$regex" "$err" || {
		complain "standard error has no /$regex/: $call"
		head -n 10 "$err"
	} ;;
	-o) grep -qaE -- "$regex" "$out" || {
		complain "standard output has no /$regex/: $call"
		head -n 30 "$out"
	} ;;
	-n) ! cat "$out" "$err" | grep -aE -- "$regex" || complain "must not be there: /$regex/: $call" ;;
	*) complain "expect: what is $kind?" ;;
	esac
}

# same WHAT A B: two texts are equal.
same() {
	checks=$((checks + 1)) call=$1
	compare "$2" "$3" "differs"
}

# libgit2_leaks: libgit2 1.5 leaks at every setting that it compares with a pattern, which it does where
# extensions are set (https://github.com/libgit2/libgit2/pull/6382); leaks are not looked for then.
libgit2_leaks() {
	export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0"
}

# lines PATH <<TABLE: a file whose lines come with what a plan must make of the numbers on them:
#   apply | PORT=4900        each number in order; - for a line where the number does not stand
lines() {
	mkdir -p "$(dirname "$1")" "$here/../want/$(dirname "$1")"
	: >"$1"
	: >"$here/../want/$1"
	while IFS= read -r row; do
		printf '%s\n' "${row#*| }" >>"$1"
		# shellcheck disable=SC2086 # the words, with one blank between
		echo ${row%%|*} >>"$here/../want/$1"
	done
}

# fates: the places of the plan in $out, one a line: PATH:LINE:COLUMN OLD NEW DISPOSITION
fates() {
	sed -nE 's/^\t\t\{"path": "(([^"\\]|\\.)*)", "line": ([0-9]+), "column": ([0-9]+), "old": ("([^"]*)"|null), "new": ("([^"]*)"|null), .*"disposition": "([a-z]+)".*/\1:\3:\4 \6 \8 \9/p' "$out"
}

# expect_lines ARG...: `plan ARG...` does with every line of the `lines` files what is said there.
expect_lines() {
	expect 0 -- -q plan --format json "$@"
	fates >"$here/../fates"
	(cd "$here/../want" && find . -type f | sed 's,^\./,,' | LC_ALL=C sort) >"$here/../files"
	while IFS= read -r path; do
		n=0
		while IFS= read -r wanted; do
			n=$((n + 1))
			got=$(grep -F "$path:$n:" "$here/../fates" | awk '{ printf "%s ", $NF }')
			got=${got% }
			checks=$((checks + 1))
			[ "${got:--}" = "$wanted" ] || complain "$path:$n: ${got:--}, not $wanted: $(sed -n "${n}p" "$path")"
		done <"$here/../want/$path"
	done <"$here/../files"
}

# with_fault WORDS: from here on portmig is that of the release build, with calls that fail, as
# fault_shim.c has it; none ends it. The program with sanitizers has an allocator of its own.
with_fault() {
	built=$SUPPORT/../../build
	if [ "$1" = none ]; then
		PM=$usual
		return
	fi
	usual=${usual-$PM}
	[ -f "$built/tests/libpm_fault.so" ] || skip "no release build with tests/libpm_fault.so"
	put ../faulty '#!/bin/sh' "LD_PRELOAD='$built/tests/libpm_fault.so' $1 exec '$built/cmd/portmig' \"\$@\""
	chmod +x ../faulty
	PM=$here/../faulty
}

# try_apply AT STATUS...: apply the plan with a fault at the AT-th call. Its status is one of these;
# the branch is not there, or whole; nothing else changed. Each begins with the repository as it was.
try_apply() {
	call="apply, fault at $1" snap=snapshot_apply status=0
	shift
	checks=$((checks + 1))
	[ -d ../objects ] || cp -a .git/objects ../objects
	rm -rf .git/objects .git/refs/heads/moved.lock .git/logs/refs/heads/moved.lock .git/gc.pid*
	cp -a ../objects .git/objects
	git update-ref -d refs/heads/moved
	before=$($snap) old=$(git for-each-ref)
	"$PM" -q apply ../plan.json --branch moved >"$out" 2>"$err" </dev/null || status=$?
	case " $* " in
	*" $status "*) ;;
	*) complain "status $status, not of $*: $call" "$(cat "$err")" ;;
	esac
	[ "$status" -eq 137 ] || always
	compare "$before" "$($snap | grep -v '/moved.lock\|/gc.pid')" 'the repository changed'
	[ -z "$(git rev-parse -q --verify refs/heads/moved)" ] || digits_only moved || complain "a branch that is not whole: $call"
	compare "$old" "$(git for-each-ref | grep -v 'heads/moved$')" 'branches changed'
	[ -z "$(git fsck --strict --no-dangling 2>&1)" ] || complain "fsck: $call" "$(git fsck --strict --no-dangling 2>&1)"
}

# digest <TEXT: a plan whose text was changed, with a digest that fits again.
digest() {
	head -n -2 >"$here/../undigested"
	printf '\t"digest": "' >>"$here/../undigested"
	sum=$({ cat "$here/../undigested" && printf '"\n}\n'; } | sha256sum | cut -c1-64)
	cat "$here/../undigested"
	printf '%s"\n}\n' "$sum"
}

# rows ROW...: docs/PORTS.md is one table with these rows.
rows() {
	put docs/PORTS.md '# Ports' '' '| Port | Service |' '|---|---|' "$@"
}

# finish: called by the driver behind each case.
finish() {
	[ "$checks" -gt 0 ] || complain "nothing was checked"
	[ "$failures" -eq 0 ]
	exit
}
