#!/bin/bash
# shapes.sh - one repository in every shape that Git gives it: what portmig says of its commit is the same,
# byte for byte, or the refusal that the manual states. And the promises, by name:
#
#   P1  commands that read leave the repository as it was, bit for bit, times included
#   P5  the same bytes in every locale and time zone, with any number of threads, loose or packed
#   P6  what a repository configures is not run, and leads nowhere outside
#   P7  everything that was not read is listed
. "$(dirname "$0")/lib.sh"

# some five hundred runs: of the release build where it is there
[ ! -x "$PM_SRC/build/cmd/portmig" ] || PORTMIG=$PM_SRC/build/cmd/portmig

mkdir "$tmp/base" && cd "$tmp/base" || exit 1
(
	. "$PM_SRC/tests/support/cli.sh"
	shop
	put .gitattributes '*.txt eol=crlf' '*.env text' '*.gen linguist-generated'
	put notes.txt 'shop-api is at http://shop-api:4900'
	commit && git config commit.gpgsign false
	put apps/api/.env 'PORT=4900'
	git add -A && GIT_AUTHOR_DATE='1700000100 +0000' GIT_COMMITTER_DATE='1700000100 +0000' git commit -qm second
) || exit 1
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
export GIT_AUTHOR_DATE='1700000200 +0000' GIT_COMMITTER_DATE='1700000200 +0000'

commands=('scan --format json' 'plan --format json' 'plan --format markdown' 'check --format json'
	'history --format json' 'explain docker-compose.yml:6' 'schema export' 'reconcile'
	'apply --dry-run --branch new --accept-holds=skip --allow-incomplete')

# answers DIR: all that is said on standard output, with the statuses
answers() {
	local command

	for command in "${commands[@]}"; do
		echo "== $command"
		# shellcheck disable=SC2086 # words
		"$PORTMIG" -C "$1" -q $command 2>"$tmp/err" </dev/null
		echo "[$?]"
	done
}
answers "$tmp/base" >"$tmp/plain"
grep -c '^\[[01]\]$' "$tmp/plain" >"$tmp/good"

# shape NAME: made by the function of that name in a copy, which may print where to go
shape() {
	local dir

	rm -rf "$tmp/s"
	mkdir "$tmp/s" && cp -a "$tmp/base" "$tmp/s/r" && cd "$tmp/s/r" || return
	dir=$("$1" 2>"$tmp/made") || { cat "$tmp/made" && return 1; }
	answers "${dir:-$tmp/s/r}" >"$tmp/said.$1"
	diff "$tmp/plain" "$tmp/said.$1"
}

bare() { git clone -q --bare . ../bare.git && echo "$tmp/s/bare.git"; }
git_directory() { echo "$tmp/s/r/.git"; }
below() { echo "$tmp/s/r/apps/api"; }
linked_worktree() { git worktree add -q -b other ../tree && echo "$tmp/s/tree"; }
packed() { git repack -adq && git pack-refs --all; }
one_pack_of_two() { git repack -dq && git commit -q --allow-empty -m x && git repack -dq && git reset -q --hard HEAD~; }
alternates() { git clone -q --shared . ../shared && echo "$tmp/s/shared"; }
multi_pack_index() { git repack -dq && git multi-pack-index write; }
bitmaps() { git repack -adbq; }
commit_graph() { git commit-graph write --reachable; }
split_commit_graph() { git commit-graph write --reachable --split; }
sparse_checkout() { git sparse-checkout set --cone docs >/dev/null; }
sparse_index() { git sparse-checkout set --cone --sparse-index docs >/dev/null; }
split_index() { git update-index --split-index; }
index_version_4() { git update-index --index-version 4; }
no_index() { rm .git/index; }
damaged_index() { echo x >.git/index; }
detached() { git checkout -q --detach; }
case_and_forms() { git config core.ignoreCase true && git config core.precomposeUnicode true && git config core.autocrlf true; }
git_file() { mv .git ../real && echo 'gitdir: ../real' >.git; }
embedded_bare() { git clone -q --bare . inside.git; }
untracked_cache() { git update-index --untracked-cache; }
no_files() { find . -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} +; }
replaced() { git replace HEAD HEAD~; }
renormalized() { printf 'x\r\n' >notes.txt; }

for name in bare git_directory below linked_worktree packed one_pack_of_two alternates multi_pack_index bitmaps commit_graph \
	split_commit_graph sparse_checkout sparse_index split_index index_version_4 no_index damaged_index detached \
	case_and_forms git_file embedded_bare untracked_cache no_files renormalized replaced; do
	ok "the same as ever: ${name//_/ }" shape "$name"
done

# Where the answer must be another, it is the stated one. expect NAME STATUS WORDS COMMAND...
refusal() {
	local want=$2 words=$3

	rm -rf "$tmp/s"
	mkdir "$tmp/s" && cp -a "$tmp/base" "$tmp/s/r" && cd "$tmp/s/r" || return
	"$1" >"$tmp/made" 2>&1 || { cat "$tmp/made" && return 1; }
	shift 3
	# libgit2 1.5 leaks where extensions are set (tests/support/faults.sh)
	exits "$want" env ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" "$PORTMIG" "$@" && says "$tmp/err" "$words"
}
unborn() { git checkout -q --orphan none; }
shallow() { cd "$tmp" && rm -rf "$tmp/s/r" && git clone -q --depth 1 "file://$tmp/base" "$tmp/s/r" && cd "$tmp/s/r"; }
missing() { local id && id=$(git rev-parse HEAD:README.md) && rm -f ".git/objects/${id:0:2}/${id:2}"; }
sha256() { rm -rf .git && git init -q --object-format=sha256 . && git add -A && git commit -qm x; }
ok "unborn: no commit yet" refusal unborn 4 'no commit yet' scan
ok "shallow: the horizon is told" refusal shallow 0 'history begins' history
ok "shallow: what is there is read as ever" refusal shallow 0 '' -v plan
ok "missing objects: a skip with its reason" refusal missing 0 'not in this repository' scan
ok "missing objects: apply refuses" refusal missing 3 'incomplete' apply --accept-holds=skip
ok "SHA-256: refused in plain words" refusal sha256 4 'SHA-256' scan
ok "every command answered for the plain shape" same "$(cat "$tmp/good")" "${#commands[@]}"

# ---- P1 ----
everything() { find "$1" -printf '%P %y %m %s %T@ %C@ %l\n' | sort && find "$1" -type f -print0 | sort -z | xargs -0 sha256sum; }
reading=("${commands[@]}" 'plan --all' 'plan --format diff' 'scan --strict' 'check --staged' 'check --since HEAD~' 'check --merge HEAD~'
	'check --all-branches' 'history --schema' 'history --stragglers' 'history --all' 'alloc shop-new --range 4600-4699'
	'alloc shop-new --range 4600-4699 --write' 'schema show' 'schema diff HEAD~:docs/PORTS.md HEAD:docs/PORTS.md'
	'init --print' 'verify HEAD' 'explain port-drift' 'cache info' 'cache warm' '--version' 'no-such-command')
leaves_all() {
	local command before

	cd "$1" || return
	before=$(everything "$1")
	for command in "${reading[@]}"; do
		# shellcheck disable=SC2086
		"$PORTMIG" $command >/dev/null 2>&1 </dev/null
		[ "$(everything "$1")" = "$before" ] || { echo "something changed: $command" && return 1; }
	done
}
git clone -q --bare "$tmp/base" "$tmp/bare.git"
ok "P1: reading leaves a working tree as it was" leaves_all "$tmp/base"
ok "P1: reading leaves a bare repository as it was" leaves_all "$tmp/bare.git"

# ---- P5 ----
same_bytes() {
	local set

	cp -a "$tmp/base" "$tmp/p5" && git -C "$tmp/p5" gc -q || return
	for set in LC_ALL=C.UTF-8 LC_ALL=tr_TR.UTF-8 LANG=ja_JP.SJIS TZ=Pacific/Chatham TZ=UTC-14; do
		(export "$set" && answers "$tmp/p5" >"$tmp/said") && diff "$tmp/plain" "$tmp/said" || return
	done
	commands=("${commands[@]/%/ --jobs 1}")
	commands=("${commands[@]/schema export --jobs 1/schema export}")
	answers "$tmp/base" | sed 's/ --jobs 1$//' | diff "$tmp/plain" - || return
	commands=("${commands[@]/--jobs 1/--jobs 7 --no-cache}")
	answers "$tmp/p5" | sed 's/ --jobs 7 --no-cache$//' | diff "$tmp/plain" -
}
ok "P5: the same bytes in all surroundings" same_bytes

# ---- P6 ----
trap_repository() {
	local hook name

	cp -a "$tmp/base" "$tmp/hostile" && cd "$tmp/hostile" || return
	printf '#!/bin/sh\necho "$0 $*" >>%s/trapped\n' "$tmp" >"$tmp/mark" && chmod +x "$tmp/mark"
	mkdir -p .git/hooks
	for hook in pre-commit commit-msg post-commit prepare-commit-msg reference-transaction post-checkout post-index-change \
		fsmonitor-watchman pre-auto-gc; do
		cp "$tmp/mark" ".git/hooks/$hook"
	done
	for name in core.fsmonitor core.pager core.editor core.sshCommand core.askPass core.gitProxy diff.external credential.helper \
		filter.x.clean filter.x.smudge filter.x.process merge.x.driver diff.x.textconv diff.x.command gpg.program \
		gpg.ssh.program gpg.x509.program gpg.openpgp.program gpg.ssh.defaultKeyCommand alias.scan sequence.editor \
		pager.log interactive.diffFilter uploadpack.packObjectsHook core.alternateRefsCommand; do
		git config "$name" "$tmp/mark"
	done
	git config filter.x.required true
	echo '* filter=x diff=x merge=x' >.git/info/attributes
	git config core.worktree /etc
	git config core.attributesFile "$tmp/secret"
	git config core.excludesFile "$tmp/secret"
	git config mailmap.file "$tmp/secret"
	echo "PORT=4900 # never to be read" >"$tmp/secret"
	ln -s "$tmp/secret" .git/linked
	rm -f "$tmp/trapped"
}
nothing_runs() {
	local command

	for command in "${commands[@]}" 'check --staged' 'check --merge HEAD~' 'apply --branch real --accept-holds=skip' 'revert real --branch unreal'; do
		# shellcheck disable=SC2086
		"$PORTMIG" $command >/dev/null 2>"$tmp/err" </dev/null
	done
	[ ! -e "$tmp/trapped" ] || { cat "$tmp/trapped" && return 1; }
	# it did work: the branch is there
	git --git-dir=.git -c core.worktree= rev-parse --verify -q real >/dev/null
}
reads_nothing_outside() {
	strace -f -qq -e trace=open,openat,execve,connect -o "$tmp/trace" "$PORTMIG" plan --format json >/dev/null 2>&1
	grep -c openat "$tmp/trace" >/dev/null || { echo 'nothing was traced' && return 1; }
	! grep -E "$tmp/(secret|mark)|\"/etc/(passwd|PORTS|docs)|connect\(" "$tmp/trace" || return
	same "$(grep -c execve "$tmp/trace")" 1
}
commands=('scan' 'plan' 'check' 'history' 'explain docker-compose.yml:6')
if trap_repository; then
	ok "P6: nothing that a repository names is run" nothing_runs
	if command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null; then
		ok "P6: nothing outside is opened, nobody is called" env ASAN_OPTIONS=detect_leaks=0 bash -c "$(declare -f reads_nothing_outside same); tmp=$tmp PORTMIG=$PORTMIG; reads_nothing_outside"
	else
		skip "P6: nothing outside is opened" "no strace here, or it may not trace"
	fi
fi

# ---- P7 ----
list_all() {
	local word

	mkdir "$tmp/p7" && cd "$tmp/p7" && git init -q . || return
	printf 'PORT=4900\0' >binary.bin
	head -c 4194305 /dev/zero | tr '\0' a >large.txt
	printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 4900\n' 0 >pointer.dat
	printf '\377\376P\0O\0R\0T\0=\0004\0009\0000\0000\0' >wide.env
	ln -s ../outside link.env
	printf 'PORT=4900\n' >excluded.env
	printf 'PORT=4900\n' >attribute.env
	printf 'attribute.env -portmig\n' >.gitattributes
	printf 'exclude: [excluded.env]\n' >portmig.yaml
	printf 'PORT=4900\n' >missing.env
	git add -A && git update-index --add --cacheinfo "160000,$(git -C "$tmp/base" rev-parse HEAD),module" && git commit -qm x || return
	word=$(git rev-parse HEAD:missing.env) && rm -f ".git/objects/${word:0:2}/${word:2}"
	"$PORTMIG" -v scan --format json >"$tmp/out" 2>"$tmp/err"
	for word in binary.bin large.txt pointer.dat wide.env link.env excluded.env attribute.env missing.env module; do
		says "$tmp/out" "\"path\": \"$word\"" || return
		says "$tmp/err" "not read: $word (" || return
	done
	same "$(grep -c '"why": "..*"' "$tmp/out")" 9
}
ok "P7: everything that was not read is listed with its reason" list_all
finish
