#!/usr/bin/env bash
# Formats every source file of the project in place.
set -euo pipefail
cd "$(dirname "$0")/.."

find src apps bench examples tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 | xargs -0 clang-format-19 -i
