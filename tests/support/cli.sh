# Functions for tests/cases/cli/*/run. Ids are stable: identity and clock are fixed.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY NO_COLOR
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null HOME="$PWD" LC_ALL=C TERM=xterm
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_AUTHOR_DATE='1700000000 +0000'
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
export GIT_COMMITTER_DATE='1700000000 +0000'

# put PATH TEXT...: a file, one line per TEXT
put() {
	put_path=$1
	shift
	mkdir -p "$(dirname "$put_path")"
	printf '%s\n' "$@" >"$put_path"
}

# commit: all files of this directory as one commit on main
commit() {
	[ -d .git ] || git init -q -b main .
	git add -A
	git commit -qm base
}

# portmig ARG...: run it and print the exit status behind its output
portmig() {
	status=0
	"$PM" "$@" || status=$?
	echo "[exit $status]"
}
