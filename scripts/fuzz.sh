#!/usr/bin/env bash
# scripts/fuzz.sh SECONDS: builds every fuzz target and runs each for so long, under AddressSanitizer and UBSan (preset asan).
# Seeds are fuzz/corpus/<name>/; what is learned stays in build/fuzz/corpus/; an input that breaks the
# program is kept in build/fuzz/found/ and named.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds="$1"
scripts/build.sh asan fuzzers

targets=()
while IFS= read -r -d '' program; do
  targets+=("$program")
done < <(find build/asan -name 'fuzz_*' -type f -executable -print0 | sort -z)
if [ ${#targets[@]} -eq 0 ]; then
  echo "no fuzz targets were built" >&2
  exit 1
fi

mkdir -p build/fuzz/found

# As many at a time as there are processors: libFuzzer uses one. Ends with 1 when the target was broken.
fuzz_one() {
  local program="$1" seconds="$2" name folders log
  name="$(basename "$program" | sed 's/^fuzz_//')"
  folders=("build/fuzz/corpus/$name")
  mkdir -p "${folders[0]}"
  [ -d "fuzz/corpus/$name" ] && folders+=("fuzz/corpus/$name")
  log="build/fuzz/found/$name.log"
  if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
    -artifact_prefix="build/fuzz/found/$name-" "${folders[@]}" >"$log" 2>&1 </dev/null; then
    echo "fuzzed $name for $seconds s: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
  else
    tail -n 40 "$log"
    echo "fuzzing found something in $name (input and log: build/fuzz/found/)"
    return 1
  fi
}
export -f fuzz_one

printf '%s\0' "${targets[@]}" | xargs -0 -P "$(nproc)" -I {} bash -c 'fuzz_one "$@"' fuzz {} "$seconds" || exit 1
echo "fuzzing: ${#targets[@]} targets, $seconds s each, nothing found"
