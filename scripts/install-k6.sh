#!/usr/bin/env bash
# Builds the k6 that the lab's scripts were written for and prints where it is. Needs Go 1.25 or newer.
#
#   scripts/install-k6.sh <folder>
set -euo pipefail
shopt -s inherit_errexit

version=2.2.0
module=go.k6.io/k6/v2
oldest_go_minor=25

if [[ $# != 1 || -z $1 ]]; then
  echo 'Usage: scripts/install-k6.sh <folder>' >&2
  exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
binary=$folder/k6

is_installed() {
  [[ -x $binary && $("$binary" version) == "k6 v$version "* ]]
}

if is_installed; then
  echo "$binary"
  exit
fi

# The Go that is here has to do it: one that is too old would fetch another by itself.
export GOTOOLCHAIN=local CGO_ENABLED=0
if ! command -v go >/dev/null; then
  echo "Building k6 $version needs Go 1.$oldest_go_minor or newer, and there is no go on the PATH." >&2
  exit 1
fi
found=$(go env GOVERSION)
if [[ ! $found =~ ^go1\.([0-9]+) ]] || ((BASH_REMATCH[1] < oldest_go_minor)); then
  echo "Building k6 $version needs Go 1.$oldest_go_minor or newer, and this is $found." >&2
  exit 1
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A proxy that does not list versions cannot tell `go install` whether this one is deprecated, and it gives up.
# A module that requires it asks for nothing but the version itself.
build_as_dependency() {
  cd "$scratch"
  printf 'module install-k6\n\ngo 1.%s.0\n\nrequire %s v%s\n' "$oldest_go_minor" "$module" "$version" >go.mod
  GOFLAGS=-mod=mod go build -trimpath -o "$binary" "$module"
}

if ! GOFLAGS='' GOBIN=$folder go install -trimpath "$module@v$version" 2>"$scratch/install.log"; then
  echo "go install failed; building k6 as a dependency. It said: $(tail -n 1 "$scratch/install.log")" >&2
  (build_as_dependency)
fi
is_installed || { echo "$binary is not k6 $version." >&2; exit 1; }
echo "$binary"
