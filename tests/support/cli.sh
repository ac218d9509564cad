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

# shop [ROW...]: files of a shop, whose api is at 4900 by its documents and at 4000 in a client
# file that nobody cared for; the schema wants it at 4600. Not committed yet.
shop() {
	put docs/PORTS.md '# Ports' '' '**Reserved Ranges (NEVER USE):**' '- `8000-8999`: defaults' '' \
		'## Shop 4600-4699' '' '| Port | Service | Container |' '|---|---|---|' \
		'| 4600 | API | shop-api |' '| 4601 | Web | shop-web |' '' \
		'**Migration Note**: Shop currently uses 4900/3060. Migrate to 4600/4601.' '' \
		'## Forum 4900-4999' '' '| Port | Service | Container |' '|---|---|---|' \
		'| 4900 | API | forum-api |' '| 4901 | Web | forum-web |' '' \
		'## Migration Guide' '' '1. **Shop** (4900 -> 4600)' '2. **Others** (later)'
	put docker-compose.yml 'services:' '  shop-api:' '    container_name: shop-api' \
		'    build: apps/api' '    ports:' '      - "4900:4900"' '    environment:' \
		'      - PORT=4900' '  shop-web:' '    build: apps/web' '    ports:' '      - "3060:3060"'
	put apps/api/package.json '{' '  "name": "shop-api",' '  "scripts": { "dev": "api --port 4900" }' '}'
	put apps/api/src/main.js 'const port = process.env.PORT || 4000;' 'app.listen(port);' \
		'const retryMs = 4900;'
	put apps/web/.env.example 'PORT=3060' 'API_URL=http://localhost:4900'
	put README.md '# Shop' '' '- API: http://localhost:4900' '- Web: http://localhost:3060'
	put CHANGELOG.md '# Changelog' '' '- the API moved from 4800 to 4900'
}

# weightless: a filter for reports without scores and reasons that have one: these are attribution's
weightless() {
	sed -E 's/^(  whose: [^ ]+) [0-9]+:.*/\1/; / \+[0-9]+$/d; s/\| [^|]* \+[0-9]+[^|]* \|$/| WHY |/'
}

# step DATE MESSAGE [NAME <MAIL>]: all files of this directory as one commit, made then
step() {
	[ -d .git ] || git init -q -b main .
	git add -A
	GIT_AUTHOR_DATE=$1 GIT_COMMITTER_DATE=$1 git commit -qm "$2" ${3:+--author="$3"}
}
