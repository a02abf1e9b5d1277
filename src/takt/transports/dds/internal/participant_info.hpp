#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/transports/dds/internal/user_data.hpp"

/// What participants tell each other of their nodes, on the topic "ros_discovery_info": rmw_dds_common's messages.
namespace takt::dds {

struct Gid {
  Guid data{};
};
BOOST_DESCRIBE_STRUCT(Gid, (), (data))

struct NodeEntitiesInfo {
  std::string node_namespace;
  std::string node_name;
  std::vector<Gid> reader_gid_seq;
  std::vector<Gid> writer_gid_seq;
};
BOOST_DESCRIBE_STRUCT(NodeEntitiesInfo, (), (node_namespace, node_name, reader_gid_seq, writer_gid_seq))

struct ParticipantEntitiesInfo {
  Gid gid;
  std::vector<NodeEntitiesInfo> node_entities_info_seq;
};
BOOST_DESCRIBE_STRUCT(ParticipantEntitiesInfo, (), (gid, node_entities_info_seq))

inline constexpr std::string_view kDiscoveryInfoTopic = "ros_discovery_info";
inline constexpr std::string_view kDiscoveryInfoType = "rmw_dds_common::msg::dds_::ParticipantEntitiesInfo_";

/// RIHS01 of ParticipantEntitiesInfo.
inline constexpr TypeHash kDiscoveryInfoHash = {0x91, 0xa0, 0x59, 0x3b, 0xac, 0xdc, 0xc5, 0x0e, 0xa9, 0xbd, 0xcf,
                                                0x84, 0x9a, 0x93, 0x8b, 0x12, 0x84, 0x12, 0xcc, 0x1e, 0xa8, 0x21,
                                                0x24, 0x5c, 0x66, 0x3b, 0xcd, 0x26, 0xf8, 0x3c, 0x29, 0x5e};

}  // namespace takt::dds
