#!/usr/bin/env bash
# compare.sh PARQUET_TABLES NODE_MODULES: runs compare.mjs. Exits 77 (skipped) where there is no node.
command -v node >/dev/null || { echo "not installed: node; apt install nodejs npm"; exit 77; }
exec node "$(dirname "$0")/compare.mjs" "$@"
