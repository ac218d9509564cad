#!/bin/bash
# make-repo.sh - turn the files of this example into a Git repository with a few dated commits.
#
#   examples/solarpunk/make-repo.sh DIR      DIR must not exist, or be empty
#
# Names, dates and settings are fixed, so the commit ids are the same everywhere.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
dir=$1
if [ -e "$dir" ] && [ -n "$(ls -A "$dir")" ]; then
	echo "make-repo.sh: '$dir' is not empty" >&2
	exit 2
fi

# Nothing of the user's own setup may change the result.
unset "${!GIT_@}"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1 LC_ALL=C TZ=UTC

git init -q --template= --initial-branch=main "$dir"
cd "$dir"
git config core.autocrlf false
git config user.name "Solarpunk Example"
git config user.email "example@solarpunk.example"
cp -R "$here/files/." .

# commit DATE NAME SUBJECT PATH...
commit() {
	export GIT_AUTHOR_DATE="$1" GIT_COMMITTER_DATE="$1"
	export GIT_AUTHOR_NAME="$2" GIT_COMMITTER_NAME="$2"
	export GIT_AUTHOR_EMAIL="${2,,}@solarpunk.example"
	export GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
	subject=$3
	shift 3
	git add -f -- "$@"
	git commit -q --no-verify -m "$subject"
}

commit "2025-09-01T09:00:00+0000" Ines "Start the stack: sign-in and deployments" \
	README.md CLAUDE.md .env.example docker-compose.yml docker-compose.override.yml \
	apps/janua apps/enclii
commit "2025-10-14T16:20:00+0000" Tomas "Move in AVALA and Dhanam" \
	apps/avala apps/dhanam clients infra .github scripts
commit "2025-11-20T18:45:00+0000" Ines "Add Coforma, Forj and the port audit" \
	apps/coforma apps/forj data docs/reports
commit "2025-12-02T11:30:00+0000" Ines "Decide one port scheme for all services" docs

if [ -n "$(git status --porcelain)" ]; then
	echo "make-repo.sh: files that no commit holds:" >&2
	git status --short >&2
	exit 1
fi
