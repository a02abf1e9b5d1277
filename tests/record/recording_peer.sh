#!/usr/bin/env bash
# recording_peer.sh TAKT READ: runs recording_peer.cjs. Exits 77 (skipped) where there is no node.
command -v node >/dev/null || { echo "not installed: node; apt install nodejs npm"; exit 77; }
exec node "$(dirname "$0")/recording_peer.cjs" "$@"
