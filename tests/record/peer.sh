#!/usr/bin/env bash
# peer.sh PROGRAM [SCRIPT]: runs peer.cjs, or another script of this folder. Exits 77 (skipped) where there is no node.
command -v node >/dev/null || { echo "not installed: node; apt install nodejs npm"; exit 77; }
exec node "$(dirname "$0")/${2:-peer.cjs}" "$1"
