#!/usr/bin/env bash
# scripts/test.sh PRESET [CTEST OPTION...]: runs the tests of build/PRESET and ends with one plain line,
# "N passed, N failed, N skipped", read from ctest's own report. The exit code is ctest's; with TAKT_REQUIRE_INTEROP=1 it is 1
# as well when tests were skipped because what they test takt with, others' programs, is not installed.
set -uo pipefail
cd "$(dirname "$0")/.."

preset="$1"
shift

# Recordings of real robots, where there are some; the tests that want them are skipped elsewhere, and say so.
if [ -z "${TAKT_DATA:-}" ] && [ -d ../shared/data ]; then
  TAKT_DATA=$(realpath ../shared/data)
  export TAKT_DATA
fi

report="$PWD/build/$preset/test_report.xml"
rm -f "$report"
code=0
ctest --preset "$preset" --output-on-failure --no-tests=error --output-junit "$report" "$@" </dev/null || code=$?
python3 scripts/count_tests.py "$report" || code=1
exit "$code"
