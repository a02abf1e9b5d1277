#!/usr/bin/env bash
# The long campaigns: every fuzz target for TAKT_SOAK_S seconds (600), and the tests with TAKT_CAMPAIGN=20, by which
# property tests multiply their number of cases; all tests under the sanitizers; and the linter over tests and benches.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/fuzz.sh "${TAKT_SOAK_S:-600}"
scripts/build.sh release
TAKT_CAMPAIGN="${TAKT_CAMPAIGN:-20}" scripts/test.sh release --timeout 3600
for preset in asan tsan; do
  cmake --preset "$preset" -B "build/soak_$preset" -DTAKT_SANITIZE_ALL=ON --log-level=NOTICE
  cmake --build "build/soak_$preset"
  TSAN_OPTIONS="suppressions=$PWD/scripts/tsan_suppressions.txt" ctest --test-dir "build/soak_$preset" --output-on-failure --timeout 3600
done
cmake --preset dev --log-level=NOTICE
python3 -B scripts/tidy.py --all
