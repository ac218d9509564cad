#!/bin/bash
# needs.sh - what the entry points do when something is missing: root installs it and says so,
# others get the one line to run. `id` and `apt-get` are stand-ins that record their words.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1

bin=${tmp:?}/bin
mkdir "$bin" || exit 1
printf '#!/bin/sh\necho "${PM_UID:-0}"\n' >"$bin/id"
printf '#!/bin/sh\necho "$*" >>%s/apt\nexit "${PM_APT:-0}"\n' "$tmp" >"$bin/apt-get"
chmod +x "$bin/id" "$bin/apt-get"

# A machine on which no library is found, as user $1, where apt-get ends with $2.
bare() {
	local uid=$1 apt=$2

	shift 2
	: >"$tmp/apt"
	env PATH="$bin:$PATH" PKG_CONFIG_LIBDIR="$tmp/none" PKG_CONFIG_PATH='' PM_UID="$uid" \
		PM_APT="$apt" "$@"
}

for script in quickstart test; do
	ok "$script as a user: status 2" exits 2 bare 1000 0 "$PM_SRC/scripts/$script"
	ok "$script says what to run, in one line" says "$tmp/err" \
		"apt-get update && apt-get install -y" libgit2-dev libyaml-dev libpcre2-dev \
		libjansson-dev libmd4c-dev libmd-dev libcmocka-dev
	ok "$script runs no apt-get as a user" same "$(cat "$tmp/apt")" ""
	ok "$script as root, apt-get fails: status 2" exits 2 bare 0 100 "$PM_SRC/scripts/$script"
	ok "$script says what it installs" says "$tmp/err" installing: libgit2-dev
	ok "$script refreshes the lists when the first try fails" says "$tmp/apt" update
	ok "$script as root, apt-get brings nothing: status 2" exits 2 bare 0 0 "$PM_SRC/scripts/$script"
	ok "$script says what is still missing" says "$tmp/err" "still missing" libgit2-dev
	ok "$script installs only what is missing" eval '! grep -qw -- git "$tmp/apt"'
done
ok "test refuses an unknown word" exits 2 "$PM_SRC/scripts/test" --frobnicate
ok "quickstart refuses an unknown word" exits 2 "$PM_SRC/scripts/quickstart" --frobnicate

finish
