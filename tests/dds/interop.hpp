#pragma once

#include <ostream>
#include <string>

#include "takt/messages/cdr.hpp"
#include "takt/transports/dds/test/dds_test.hpp"

#include "child.hpp"

/// What the tests with peers share: programs that are not takt's, as processes beside this one, all on the loopback
/// interface.
namespace takt::dds::test {

/// A peer program; empty where it was not built.
struct Peer {
  const char* name;
  const char* program;
  const char* prefix;  ///< of what it echoes
  const char* wants;   ///< what its tests say when it was not built, as scripts/count_tests.py reads it
};

inline void PrintTo(const Peer& peer, std::ostream* out) {
  *out << peer.name;
}

#ifndef TAKT_DDS_IDL_PEER
#define TAKT_DDS_IDL_PEER ""
#endif
#ifndef TAKT_DDS_FAST_PEER
#define TAKT_DDS_FAST_PEER ""
#endif
inline constexpr Peer kIdlPeer{.name = "idl",
                               .program = TAKT_DDS_IDL_PEER,
                               .prefix = "idl:",
                               .wants = "not installed: idlc; apt install cyclonedds-tools, and build again"};
inline constexpr Peer kFastPeer{
    .name = "fast",
    .program = TAKT_DDS_FAST_PEER,
    .prefix = "fast:",
    .wants = "not installed: Fast DDS 2; apt install libfastrtps-dev libfastcdr-dev, and build again"};

inline bool was_built(const Peer& peer) {
  return *peer.program != '\0';
}

/// That of options(), as an argument.
inline std::string domain() {
  return std::to_string(options().domain);
}

/// What tells another program of Cyclone DDS to stay on the loopback interface and find us there. @param more  XML of
/// <Discovery>
inline std::string on_loopback(const std::string& more = "") {
  return "CYCLONEDDS_URI=<General><Interfaces><NetworkInterface address=\"127.0.0.1\"/></Interfaces>"
         "<AllowMulticast>false</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex>"
         "<MaxAutoParticipantIndex>63</MaxAutoParticipantIndex><Peers><Peer address=\"127.0.0.1\"/></Peers>" +
         more + "</Discovery>";
}

inline bool boolean_of(bus::Bytes bytes) {
  const auto value = messages::from_cdr<std::tuple<bool>>(bytes);
  return value && std::get<0>(*value);
}

}  // namespace takt::dds::test
