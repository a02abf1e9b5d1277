#!/usr/bin/env bash
# The long campaigns: every fuzz target for TAKT_SOAK_S seconds (600), and the tests with TAKT_CAMPAIGN=20, by which
# property tests multiply their number of cases.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/fuzz.sh "${TAKT_SOAK_S:-600}"
scripts/build.sh release
TAKT_CAMPAIGN="${TAKT_CAMPAIGN:-20}" scripts/test.sh release --timeout 3600
