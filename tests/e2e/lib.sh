# shellcheck shell=bash
# lib.sh - TAP for shell tests. Sourced; the test calls `finish` at its end.
#
# From scripts/test: PORTMIG (the program), PM_SRC (the project). By hand, both have defaults.

PM_SRC=${PM_SRC:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
PORTMIG=${PORTMIG:-$PM_SRC/build/cmd/portmig}
[ -x "$PORTMIG" ] || {
	echo "Bail out! no program $PORTMIG"
	exit 1
}
tmp=$(mktemp -d) && [ -d "$tmp" ] || exit 1
trap 'rm -rf "$tmp"' EXIT
unset "${!GIT_@}"
export HOME=$tmp GIT_CONFIG_NOSYSTEM=1 LC_ALL=C NO_COLOR=1
tests=0 failures=0

# ok NAME COMMAND...: the command succeeds. What it prints is shown when it does not.
ok() {
	local name=$1

	shift
	tests=$((tests + 1))
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok $tests - $name"
	else
		echo "not ok $tests - $name"
		sed 's/^/# /' "$tmp/said" | head -n 60
		failures=$((failures + 1))
	fi
}

skip() {
	tests=$((tests + 1))
	echo "ok $tests - # SKIP $1: $2"
}

# exits STATUS[,STATUS] COMMAND...: ends with this status; what it printed goes to $tmp/out, err.
exits() {
	local want=$1 got

	shift
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	case ",$want," in *,"$got",*) return 0 ;; esac
	echo "status $got, not $want: $*"
	tail -n 20 "$tmp/err"
	return 1
}

# says FILE WORDS...: some line of the file holds all the words (case ignored).
says() {
	local file=$1 word lines

	shift
	lines=$(cat "$file")
	for word; do
		lines=$(printf '%s\n' "$lines" | grep -iF -- "$word") || {
			echo "no line with: $*"
			head -n 60 "$file"
			return 1
		}
	done
}

same() { [ "$1" = "$2" ] || { printf '%s\n' "got:  $1" "want: $2"; return 1; }; }

finish() {
	echo "1..$tests"
	[ "$failures" -eq 0 ]
	exit
}
