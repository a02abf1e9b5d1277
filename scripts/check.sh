#!/usr/bin/env bash
# scripts/check.sh [STEP...]: what must hold before a change goes in. All steps, or the named ones, run even when one
# fails; the last line says which failed. Seconds per fuzz target: TAKT_FUZZ_S (30, a twentieth of `make soak`).
set -uo pipefail
cd "$(dirname "$0")/.."

all_steps=(format layers files scripts tidy headers asan tsan fuzz)

our_sources() {
  find src apps bench examples tests \( -name '*.cpp' -o -name '*.hpp' \) -print0
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
failed=()
for step in "$@"; do
  echo "== check $step"
  start=$SECONDS
  "check_$step" </dev/null || failed+=("$step")
  echo "== check $step: $((SECONDS - start)) s"
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "check failed: ${failed[*]}"
  exit 1
fi
echo "check passed: $*"
