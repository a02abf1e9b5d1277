#!/usr/bin/env bash
# scripts/bench.sh [NAME...]: runs the bench programs build/release/bench/<name>_bench (all, or the named ones), writes
# bench/results/<name>.json and renews the table in README.md.
#
# A bench program is called with one argument, the file it writes: {"bench": name, "figures": [{"name", "value", "unit",
# "baseline", "ratio", "goal"}]}. Machine, compiler and commit are added here.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -eq 0 ]; then
  for program in build/release/bench/*_bench; do
    [ -x "$program" ] && set -- "$@" "$(basename "$program" _bench)"
  done
fi
if [ $# -eq 0 ]; then
  echo "no bench programs in build/release/bench; make build first" >&2
  exit 1
fi

mkdir -p bench/results
for name in "$@"; do
  program="build/release/bench/${name}_bench"
  if ! [ -x "$program" ]; then
    echo "no bench program '$name'; there are: $(cd build/release/bench && echo *_bench | sed 's/_bench//g')" >&2
    exit 2
  fi
  echo "== bench $name"
  rm -f "build/release/bench/$name.json"
  "$program" "build/release/bench/$name.json" </dev/null
  python3 -B scripts/bench_result.py "build/release/bench/$name.json" "bench/results/$name.json"
done
python3 -B scripts/readme_figures.py
