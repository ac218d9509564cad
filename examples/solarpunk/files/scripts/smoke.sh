#!/bin/sh
# Ask every service whether it is well.
set -eu

check() {
	curl -fsS --max-time 5 "$2" >/dev/null && echo "$1 ok"
}

check janua http://localhost:4100/health
check enclii http://localhost:4200/health
check avala http://localhost:4900/health
check avala-web http://localhost:3060/
check dhanam http://localhost:4000/health
check coforma http://localhost:5100/healthz
check forj http://localhost:8400/health
