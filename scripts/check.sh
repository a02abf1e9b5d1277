#!/usr/bin/env bash
# scripts/check.sh [STEP...]: what must hold before a change goes in. All steps, or the named ones, run even when one
# fails; the last lines are the ends of what the failed ones said (all of it is in build/check/), and which they are.
# Seconds per fuzz target: TAKT_FUZZ_S (30, a twentieth of `make soak`).
set -uo pipefail
cd "$(dirname "$0")/.."

all_steps=(format layers files scripts tidy headers asan tsan fuzz)

our_sources() {
  find src apps bench examples fuzz tests \( -name '*.cpp' -o -name '*.hpp' \) -print0
}

check_format() { our_sources | xargs -0 clang-format-19 --dry-run -Werror; }
check_layers() { python3 -B scripts/check_layers.py; }
check_files() { python3 -B scripts/check_files.py; }
check_scripts() { python3 -B -m unittest discover -q -s scripts/test -p '*_test.py'; }
check_tidy() { cmake --preset dev --log-level=NOTICE >/dev/null && python3 -B scripts/tidy.py; }
check_headers() { scripts/build.sh dev all_verify_interface_header_sets; }
check_asan() { scripts/build.sh asan && scripts/test.sh asan; }
check_tsan() { scripts/build.sh tsan && scripts/test.sh tsan; }
check_fuzz() { scripts/fuzz.sh "${TAKT_FUZZ_S:-30}"; }

[ $# -gt 0 ] || set -- "${all_steps[@]}"
mkdir -p build/check
failed=()
for step in "$@"; do
  echo "== check $step"
  start=$SECONDS
  "check_$step" </dev/null 2>&1 | tee "build/check/$step.log" || failed+=("$step")
  echo "== check $step: $((SECONDS - start)) s"
done
if [ ${#failed[@]} -gt 0 ]; then
  for step in "${failed[@]}"; do
    echo "== the end of check $step"
    tail -n 25 "build/check/$step.log"
  done
  echo "check failed: ${failed[*]}"
  exit 1
fi
echo "check passed: $*"
