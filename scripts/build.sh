#!/usr/bin/env bash
# scripts/build.sh PRESET [TARGET...]: configures and builds one preset of CMakePresets.json into build/PRESET.
set -euo pipefail
cd "$(dirname "$0")/.."

preset="$1"
shift
cmake --preset "$preset" --log-level=NOTICE
if [ $# -gt 0 ]; then
  cmake --build --preset "$preset" --target "$@"
else
  cmake --build --preset "$preset"
fi
