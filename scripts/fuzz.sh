#!/usr/bin/env bash
# scripts/fuzz.sh SECONDS: builds every fuzz target and runs each for so long, under AddressSanitizer and UBSan.
# Seeds are fuzz/corpus/<name>/; what is learned stays in build/fuzz/corpus/; an input that breaks the
# program is kept in build/fuzz/found/ and named.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds="$1"
scripts/build.sh fuzz fuzzers

targets=()
while IFS= read -r -d '' program; do
  targets+=("$program")
done < <(find build/fuzz -name 'fuzz_*' -type f -executable -print0 | sort -z)
if [ ${#targets[@]} -eq 0 ]; then
  echo "no fuzz targets were built" >&2
  exit 1
fi

mkdir -p build/fuzz/found
failed=()
for program in "${targets[@]}"; do
  name="$(basename "$program" | sed 's/^fuzz_//')"
  folders=("build/fuzz/corpus/$name")
  mkdir -p "${folders[0]}"
  for seeds in fuzz/corpus/"$name"; do
    [ -d "$seeds" ] && folders+=("$seeds")
  done
  echo "fuzzing $name for $seconds s"
  log="build/fuzz/found/$name.log"
  if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
    -artifact_prefix="build/fuzz/found/$name-" "${folders[@]}" >"$log" 2>&1 </dev/null; then
    grep -E 'stat::number_of_executed_units' "$log" || true
  else
    tail -n 40 "$log"
    failed+=("$name")
  fi
done

if [ ${#failed[@]} -gt 0 ]; then
  echo "fuzzing found something in: ${failed[*]} (inputs and logs: build/fuzz/found/)"
  exit 1
fi
echo "fuzzing: ${#targets[@]} targets, $seconds s each, nothing found"
