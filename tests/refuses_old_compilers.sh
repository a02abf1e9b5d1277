#!/usr/bin/env bash
# Configures takt with every too old compiler of this machine (GCC 9 to 12, clang 11 to 18) and expects CMake to refuse and
# to say what to use instead. Exits 77 (skipped) where no such compiler is installed.
set -euo pipefail

source="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
tried=0

expect_refusal() {  # compiler family version
  local said
  if said="$(cmake -S "$source" -B "$work/$2-$3" -G Ninja -DCMAKE_CXX_COMPILER="$1" 2>&1)"; then
    echo "$1 ($2 $3) was accepted"
    exit 1
  fi
  said="$(tr -s ' \n' ' ' <<<"$said")"  # CMake breaks lines where it likes
  if ! grep -q "takt refuses $2 $3" <<<"$said" || ! grep -q "Use GCC 13 or newer\|Use clang 19 or newer" <<<"$said"; then
    echo "$1 ($2 $3) was refused for another reason: $said"
    exit 1
  fi
  echo "$1: takt refuses $2 $3"
  tried=$((tried + 1))
}

for compiler in g++ g++-9 g++-10 g++-11 g++-12; do
  path="$(command -v "$compiler")" || continue
  version="$("$path" -dumpfullversion)"
  [ "${version%%.*}" -ge 13 ] || expect_refusal "$path" GCC "$version"
done
for major in 11 12 13 14 15 16 17 18; do
  path="$(command -v "clang++-$major")" || continue
  expect_refusal "$path" clang "$("$path" -dumpversion)"
done

[ "$tried" -gt 0 ] || { echo "no compiler here is too old"; exit 77; }
