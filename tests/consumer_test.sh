#!/usr/bin/env bash
# tests/consumer_test.sh BUILD_DIR COMPILER: installs a build to a temporary prefix, and configures, builds and runs
# tests/consumer/ against what was installed, as a user of takt would.
set -euo pipefail

build="$1"
compiler="$2"
source="$(cd "$(dirname "$0")" && pwd)/consumer"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" || { cat "$work/install.log"; exit 1; }
cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_PREFIX_PATH="$work/prefix"
cmake --build "$work/build"
expect() {  # program, what it prints
  local output
  output="$("$work/build/$1")"
  echo "$1: $output"
  [ "$output" = "$2" ]
}
expect consumer "joints 2 hops 1"
expect sim_consumer "dof 7 stands"
if grep -rnF "$(dirname "$(dirname "$source")")" "$work/prefix/lib"*/cmake "$work/prefix"/lib/*/cmake 2>/dev/null; then
  echo "the installed package names the source tree"
  exit 1
fi
