#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "takt/bus/transport.hpp"

/// The bus on DDS, spoken so that ROS 2 programs take us for one of theirs: their names, their bytes, their discovery,
/// without ROS installed. docs/transports/dds.md says what becomes what.
///
/// Eclipse Cyclone DDS carries it; messages go through it as the CDR they are, so that no type is compiled in.
namespace takt::dds {

/// How far others are looked for, as ROS_AUTOMATIC_DISCOVERY_RANGE has it.
enum class DiscoveryRange : std::uint8_t {
  kOff,        ///< nobody is found but this process's own transports
  kLocalhost,  ///< this host; nothing leaves it
  kSubnet,     ///< whoever a multicast reaches, over the interface that Cyclone DDS chooses
};

/// The largest message that Cyclone DDS carries.
inline constexpr std::size_t kMaxMessageBytes = 2'147'483'647;

/// A topic of programs that know nothing of ROS, under the names that they have for it.
struct PlainTopic {
  std::string name;   ///< on the bus: "/load"
  std::string topic;  ///< on DDS: "DDSPerfRDataOU"
  std::string type;   ///< on DDS, without a key: "OneULong"
};

struct DdsOptions {
  // Behaviour.
  std::uint32_t domain{0};  ///< ROS_DOMAIN_ID: 0 to 232; above 101 its ports are the system's own on Linux
  DiscoveryRange discovery{DiscoveryRange::kLocalhost};
  std::vector<std::string> static_peers;  ///< ROS_STATIC_PEERS: further hosts to ask, by name or address
  std::string enclave{"/"};               ///< what this process calls its security enclave
  std::vector<PlainTopic> plain_topics;   ///< not to be named as ROS names them; the graph does not have them

  // Performance.
  std::uint32_t max_processes{32};  ///< on one host without multicast; each is announced to so many ports

  /// What a subscription that keeps all holds before it presses back, which is said in the log, once. While one is
  /// full, all else on this transport waits: Cyclone DDS waits for room on the thread that receives.
  std::uint32_t keep_all_samples{2000};

  /// So long nobody waits for one that is not read, nor ten times as long for one that is read but never empty: its
  /// oldest are lost then, and counted, until it is empty.
  std::uint32_t keep_all_patience_ms{1000};

  std::size_t max_message_bytes{kMaxMessageBytes};  ///< to send; what is larger is refused as too large

  /// Further configuration of Cyclone DDS, as CYCLONEDDS_URI has it: XML or file names, separated by commas. Wins.
  std::string cyclone_config;

  /// The defaults, with what the environment says: ROS_DOMAIN_ID, ROS_AUTOMATIC_DISCOVERY_RANGE, ROS_LOCALHOST_ONLY,
  /// ROS_STATIC_PEERS, CYCLONEDDS_URI.
  /// @throws ConfigError for a value that is none, naming the variable.
  [[nodiscard]] static DdsOptions from_environment();
};

/// A participant of the domain. Shared by the buses that plug it in. Its events run on the receive threads of Cyclone
/// DDS (on_data) and on a thread of its own, "dds.events" (all others). Endpoints may be destroyed inside events of
/// others; they are deleted on "dds.deletions", which the transport's end waits for.
///
/// Two of one process hear each other as two processes do, through the loopback interface.
/// @throws ConfigError for options that make no sense, SystemError when Cyclone DDS fails.
[[nodiscard]] std::shared_ptr<bus::Transport> open_dds(const DdsOptions& options = {});

}  // namespace takt::dds
