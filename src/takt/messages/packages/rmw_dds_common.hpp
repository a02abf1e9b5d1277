#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/core/fixed_string.hpp"

/// Which endpoints belong to which node, on the topic ros_discovery_info. Of the package rmw_dds_common of ROS 2.
namespace takt::rmw_dds_common {

struct Gid {
  static constexpr std::string_view kRosName = "rmw_dds_common/msg/Gid";

  std::array<std::uint8_t, 16> data{};

  friend bool operator==(const Gid&, const Gid&) = default;
};
BOOST_DESCRIBE_STRUCT(Gid, (), (data))

struct NodeEntitiesInfo {
  static constexpr std::string_view kRosName = "rmw_dds_common/msg/NodeEntitiesInfo";

  core::FixedString<257> node_namespace;
  core::FixedString<257> node_name;
  std::vector<Gid> reader_gid_seq;
  std::vector<Gid> writer_gid_seq;

  friend bool operator==(const NodeEntitiesInfo&, const NodeEntitiesInfo&) = default;
};
BOOST_DESCRIBE_STRUCT(NodeEntitiesInfo, (), (node_namespace, node_name, reader_gid_seq, writer_gid_seq))

struct ParticipantEntitiesInfo {
  static constexpr std::string_view kRosName = "rmw_dds_common/msg/ParticipantEntitiesInfo";

  Gid gid;
  std::vector<NodeEntitiesInfo> node_entities_info_seq;

  friend bool operator==(const ParticipantEntitiesInfo&, const ParticipantEntitiesInfo&) = default;
};
BOOST_DESCRIBE_STRUCT(ParticipantEntitiesInfo, (), (gid, node_entities_info_seq))

}  // namespace takt::rmw_dds_common
