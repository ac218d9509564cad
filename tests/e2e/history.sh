#!/bin/bash
# history.sh - `portmig history` against a slow and simple answer, on made-up histories with merges,
# renames, swaps, reverts and deletions (tests/history_oracle.py).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1

for seed in 2 5 9 10; do
	ok "the made-up history $seed" env PM_HISTORY_COMMITS=24 \
		python3 "$PM_SRC/tests/history_oracle.py" "$PORTMIG" "$seed"
done

finish
