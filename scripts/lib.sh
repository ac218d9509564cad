# shellcheck shell=bash disable=SC2034
# lib.sh - what the scripts share: finding the project, installing what is missing, building.
# Sourced by bash scripts; leaves the shell in the project's folder.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 2

say() { printf '%s\n' "$*" >&2; }
die() {
	say "${0##*/}: $1"
	exit "${2:-2}"
}

# Debian package, and a command that succeeds when what it brings is here (from wherever).
build_needs='
git|command -v git
cmake|command -v cmake
ninja-build|command -v ninja
gcc|command -v gcc
libc6-dev|header stdio.h
pkg-config|command -v pkg-config
libgit2-dev|pkg-config --exists libgit2
libyaml-dev|pkg-config --exists yaml-0.1
libpcre2-dev|pkg-config --exists libpcre2-8
libjansson-dev|pkg-config --exists jansson
libmd4c-dev|pkg-config --exists md4c
libmd-dev|pkg-config --exists libmd
zlib1g-dev|pkg-config --exists zlib
libdeflate-dev|pkg-config --exists libdeflate
uthash-dev|header uthash.h
libxxhash-dev|header xxhash.h
libcmocka-dev|pkg-config --exists cmocka
'
test_needs='
python3|command -v python3
python3-jsonschema|python3 -W ignore -c "import jsonschema"
valgrind|command -v valgrind
gnupg|command -v gpg
openssh-client|command -v ssh-keygen
'

# For the fuzzers of tests/fuzz: clang, and its runtime library, which links them.
fuzz_needs='
clang|command -v clang
libclang-rt-14-dev|links_fuzzer
'

links_fuzzer() {
	local out status

	out=$(mktemp) || return
	echo 'int LLVMFuzzerTestOneInput(const char *p, long n) { return p == 0 && n == 1; }' |
		clang -fsanitize=fuzzer,address -x c -o "$out" -
	status=$?
	rm -f "$out"
	return "$status"
}
header() { printf '#include <%s>\n' "$1" | gcc -E -x c - ; }

# Packages of the table in $1 whose check fails.
missing_of() {
	local package check

	while IFS='|' read -r package check; do
		[ -n "${package// /}" ] || continue
		eval "$check" >/dev/null 2>&1 || printf '%s ' "$package"
	done <<<"$1"
}

# Install what is missing of the tables given, or say how and exit 2.
need() {
	local missing line

	missing=$(missing_of "$*")
	[ -n "$missing" ] || return 0
	line="apt-get install -y --no-install-recommends ${missing% }"
	if ! command -v apt-get >/dev/null; then
		die "missing (names of Debian's packages): ${missing% }"
	fi
	if [ "$(id -u)" -ne 0 ]; then
		say "${0##*/}: packages are missing; as root:"
		say "apt-get update && $line"
		exit 2
	fi
	say "installing: ${missing% }"
	export DEBIAN_FRONTEND=noninteractive
	# Lists may be old or absent: refresh them once, only when the install fails without.
	$line >/dev/null 2>&1 || { apt-get update -qq && $line >&2; } ||
		die "apt-get could not install: ${missing% }"
	missing=$(missing_of "$*")
	[ -z "$missing" ] || die "still missing after the installation: $missing"
}

# The same, for what one can do without: false when it is not there.
want() { (need "$@") >/dev/null 2>&1; }

# Configure and build a preset of CMakePresets.json; quiet unless it fails.
build() {
	local log

	log=$(mktemp)
	say "building ($1)"
	if ! { cmake --preset "$1" && cmake --build --preset "$1"; } >"$log" 2>&1; then
		tail -n 60 "$log" >&2
		rm -f "$log"
		die "the build '$1' failed" 1
	fi
	rm -f "$log"
}
