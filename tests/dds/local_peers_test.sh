#!/usr/bin/env bash
# local_peers_test.sh DDS_INTEROP: a host with a network interface, where peers stay local in either way: announcing the
# loopback address only, or, as rmw_cyclonedds does when told LOCALHOST, that of the network only. In a network namespace of
# its own; skipped (77) where none can be made.
set -euo pipefail

if [ "${2:-}" != inside ]; then
  unshare -n true 2>/dev/null || { echo "skipped: no network namespace can be made here"; exit 77; }
  exec unshare -n "$0" "$1" inside
fi
ip link set lo up
ip link add v0 type veth peer name v1 2>/dev/null || { echo "skipped: no network interface can be made here"; exit 77; }
ip addr add 10.9.9.1/24 dev v0
ip link set v0 up
ip link set v1 up

run() {  # and be skipped when it was
  local said
  said="$("$1" --gtest_filter="$2" --gtest_brief=1)" || { echo "$said"; exit 1; }
  echo "$said"
  ! grep -q '^not installed: ' <<<"$said" || exit 77
}
run "$1" 'Peers/*'
export CYCLONEDDS_URI='<General><AllowMulticast>false</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex>
<MaxAutoParticipantIndex>32</MaxAutoParticipantIndex><Peers><Peer Address="localhost"/></Peers></Discovery>'
run "$1" 'Peers/*idl'
