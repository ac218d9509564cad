#!/bin/bash
# install.sh - what `cmake --install` puts where, and that it runs there.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1

build=${PM_BUILD:-$PM_SRC/build}

ok "cmake --install ends with 0" exits 0 cmake --install "$build" --prefix "$tmp/usr"
ok "the program is in bin" test -x "$tmp/usr/bin/portmig"
ok "it runs there" exits 0 "$tmp/usr/bin/portmig" --version
ok "and names itself and its version" grep -Eq '^portmig [0-9]+\.[0-9]+\.[0-9]+' "$tmp/out"
ok "the JSON Schema of plans is in share/portmig" cmp "$tmp/usr/share/portmig/plan.schema.json" \
	"$PM_SRC/docs/plan.schema.json"
ok "and that of histories" cmp "$tmp/usr/share/portmig/history.schema.json" \
	"$PM_SRC/docs/history.schema.json"
ok "the license is in share/doc/portmig" cmp "$tmp/usr/share/doc/portmig/LICENSE" "$PM_SRC/LICENSE"
ok "nothing else is installed" same "$(cd "$tmp/usr" && find . -type f | sort | tr '\n' ' ')" \
	"./bin/portmig ./share/doc/portmig/LICENSE ./share/doc/portmig/README.md ./share/portmig/check.schema.json ./share/portmig/history.schema.json ./share/portmig/plan.schema.json "

finish
