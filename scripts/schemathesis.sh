#!/usr/bin/env bash
# Attacks the built server by its own description, GET /openapi.json, with all checks of schemathesis: in both modes, with the
# sum and with a task that returns its input. Ends with the exit code of the first run that found something.
#
#   scripts/schemathesis.sh [options of `schemathesis run`]
#
# Needs a built server and Python 3.10 or newer. Schemathesis comes from PyPI, into a folder that is gone afterwards;
# to save that, name an installed one in SCHEMATHESIS.
set -euo pipefail
cd "$(dirname "$0")/.."

version=4.32.5
scratch=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null || true; rm -rf "$scratch"' EXIT

if [[ -z ${SCHEMATHESIS:-} ]]; then
  python3 -m venv "$scratch/venv"
  "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
  SCHEMATHESIS=$scratch/venv/bin/schemathesis
fi
schemathesis=$(realpath "$(command -v "$SCHEMATHESIS")")
echo 'export default (input) => input;' >"$scratch/echo.mjs"

# Prints where the server listens, once it does.
url_of() {
  local deadline=$((SECONDS + 30))
  until grep -q 'running on' "$scratch/out"; do
    if ! kill -0 "$server" 2>/dev/null || ((SECONDS > deadline)); then
      echo "The server did not start: $(<"$scratch/err")" >&2
      return 1
    fi
    sleep 0.1
  done
  sed -n 's/^Server is running on //p' "$scratch/out"
}

attack() {
  local mode=$1 task=$2 url status=0
  shift 2
  printf '\n=== COMPUTE_MODE=%s COMPUTE_TASK=%s\n' "$mode" "$task"
  HOST=127.0.0.1 PORT=0 COMPUTE_MODE=$mode COMPUTE_TASK=$task node dist/src/server.js \
    >"$scratch/out" 2>"$scratch/err" &
  server=$!
  url=$(url_of) || return 1
  # Its files of a run stay out of the project.
  (cd "$scratch" && "$schemathesis" run "$url/openapi.json" --checks all --no-color \
    --generation-deterministic --max-examples 50 "$@") || status=$?
  kill "$server"
  wait "$server" || status=$?
  server=
  # Nothing of a stranger's doing is an error of the server's.
  if grep -E '"level":(50|60)' "$scratch/err"; then status=1; fi
  return "$status"
}

status=0
for mode in inline pool; do
  for task in '' "$scratch/echo.mjs"; do
    attack "$mode" "$task" "$@" || { code=$?; ((status != 0)) || status=$code; }
  done
done
exit "$status"
