#!/bin/sh
# Start the built API outside of Docker, as on the old staging host.
set -eu
cd "$(dirname "$0")"
export PORT="${PORT:-4000}"
exec node dist/main.js
