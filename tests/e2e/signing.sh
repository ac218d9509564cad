#!/bin/bash
# signing.sh - where commit.gpgsign is set, commits of apply and revert are signed as Git signs them, with
# keys made here, and Git says that the signatures are good. That portmig refuses where it cannot sign
# is tested in tests/cases/faults/A12-signing.
. "$(dirname "$0")/lib.sh"

# short, as the socket of the agent lies in it
export GNUPGHOME=$tmp/g GIT_CONFIG_GLOBAL=$tmp/gitconfig
mkdir -m 700 "$GNUPGHOME" "$tmp/repo"
: >"$GIT_CONFIG_GLOBAL"
end() {
	gpgconf --kill all >/dev/null 2>&1
	rm -rf "$tmp"
}
trap end EXIT

cd "$tmp/repo" || exit 1
(. "$PM_SRC/tests/support/cli.sh" && shop && commit) || exit 1
export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.org
export GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.org

user() { git config --global "$@"; }
move() { "$PORTMIG" -q apply --move shop-api=4900:4600 "$@"; }

# good BRANCH WORDS...: Git verifies the signature, and says so.
good() {
	git verify-commit -v "$1" >"$tmp/said" 2>&1 || { cat "$tmp/said" && return 1; }
	shift
	says "$tmp/said" "$@"
}

signed() {
	move --branch "$1" || return
	good "$@" || return
	git fsck --strict --no-dangling
}

headers() {
	git cat-file commit "$1" | sed '/^$/q' | sed -n 's/^\([a-z]\{1,\}\) .*/\1/p' | tr '\n' ' '
}

user commit.gpgsign true
if ! command -v gpg >/dev/null; then
	skip "openpgp" "no gpg here"
elif ! gpg --batch --quiet --passphrase '' --quick-generate-key 'Ann <ann@example.org>' ed25519 sign never \
	>"$tmp/keys" 2>&1; then
	skip "openpgp" "gpg makes no key here: $(head -n 1 "$tmp/keys")"
else
	ok "openpgp, the key found by name and mail" signed pgp 'Good signature from "Ann <ann@example.org>"'
	ok "the headers are those of Git" same "$(headers pgp)" 'tree parent author committer gpgsig '
	git commit-tree -S -p main -m x 'main^{tree}' >"$tmp/theirs"
	ok "in the order of Git" same "$(headers "$(cat "$tmp/theirs")")" "$(headers pgp)"
	user user.signingKey "$(gpg --list-keys --with-colons | sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p')"
	ok "openpgp, the key named" signed pgp-named 'Good signature'
	# one key of the user, another of the repository, as for work and for home
	gpg --batch --quiet --passphrase '' --quick-generate-key 'Work <work@example.org>' ed25519 sign never 2>/dev/null
	git config user.signingKey work@example.org
	ok "openpgp, the key of the repository" signed pgp-work 'Good signature from "Work <work@example.org>"'
	git config --unset user.signingKey
	objects() { find .git -type f | sort; }
	objects >"$tmp/before"
	ok "a dry run signs" move --dry-run --branch dry
	ok "and writes nothing" same "$(objects)" "$(cat "$tmp/before")"
	ok "several commits" move --move shop-web=3060:4601 --split --accept-holds=skip --branch split
	ok "each of them signed" good split~1 'Good signature'
	ok "the last, too" good split 'Good signature'
	ok "revert" "$PORTMIG" -q revert pgp --rev pgp --branch back
	ok "revert is signed" good back 'Good signature'
	user user.signingKey nobody@example.org
	ok "no such key: refused" exits 3 move --branch none
	ok "and no branch is there" same "$(git branch --list none)" ''
	# a key with a passphrase, and nobody to type it
	gpg --batch --quiet --passphrase secret --pinentry-mode loopback \
		--quick-generate-key 'Locked <locked@example.org>' ed25519 sign never 2>/dev/null
	gpgconf --kill gpg-agent
	echo "pinentry-program $(command -v false)" >"$GNUPGHOME/gpg-agent.conf"
	user user.signingKey locked@example.org
	ok "a passphrase that nobody types: refused" exits 3 move --branch locked
	ok "and no branch is there, either" same "$(git branch --list locked)" ''
	ok "gpg.program exits with 1: refused" exits 3 env GIT_CONFIG_PARAMETERS="'gpg.program'='false'" \
		"$PORTMIG" -q apply --move shop-api=4900:4600 --branch none
	user --unset user.signingKey
fi

user gpg.format ssh
if ! command -v ssh-keygen >/dev/null; then
	skip "ssh" "no ssh-keygen here"
elif ! ssh-keygen -q -t ed25519 -N '' -C ann -f "$tmp/key" >"$tmp/keys" 2>&1; then
	skip "ssh" "ssh-keygen makes no key here: $(head -n 1 "$tmp/keys")"
else
	echo "ann@example.org $(cut -d' ' -f1,2 "$tmp/key.pub")" >"$tmp/allowed"
	user gpg.ssh.allowedSignersFile "$tmp/allowed"
	user user.signingKey "$tmp/key"
	ok "ssh, a private key" signed ssh 'Good "git" signature for ann@example.org'
	user user.signingKey "$tmp/key.pub"
	ok "ssh, a public key with the private one beside it" signed ssh-public 'Good "git" signature'
	user user.signingKey '~/key'
	ok "ssh, a key below the home directory" signed ssh-home 'Good "git" signature'
	ok "of all formats, a header only more" same "$(headers ssh)" 'tree parent author committer gpgsig '
	user user.signingKey "$tmp/none"
	ok "ssh, no such file: refused" exits 3 move --branch ssh-none
	ssh-keygen -q -t ed25519 -N secret -f "$tmp/locked"
	user user.signingKey "$tmp/locked"
	ok "ssh, a passphrase that nobody types: refused" exits 3 setsid -w "$PORTMIG" -q apply \
		--move shop-api=4900:4600 --branch ssh-locked
	ok "no branch of what was refused" same "$(git branch --list ssh-none ssh-locked)" ''
fi
user gpg.format x509
ok "x509 without a certificate: refused" exits 3 move --branch x509
ok "and no branch" same "$(git branch --list x509)" ''
finish
