#pragma once

#include <algorithm>
#include <string_view>

#include "takt/messages/packages/rmw_dds_common.hpp"
#include "takt/messages/type_description.hpp"
#include "takt/transports/dds/internal/user_data.hpp"

/// What participants tell each other of their nodes, on the topic "ros_discovery_info".
namespace takt::dds {

using rmw_dds_common::Gid;
using rmw_dds_common::NodeEntitiesInfo;
using rmw_dds_common::ParticipantEntitiesInfo;

inline constexpr std::string_view kDiscoveryInfoTopic = "ros_discovery_info";
inline constexpr std::string_view kDiscoveryInfoType = "rmw_dds_common::msg::dds_::ParticipantEntitiesInfo_";

inline const TypeHash& discovery_info_hash() {
  return messages::ros_type<ParticipantEntitiesInfo>().hash;
}

/// Whether both are entities of one participant, or itself: their first 12 bytes.
[[nodiscard]] inline bool same_participant(const Guid& a, const Guid& b) {
  constexpr std::size_t kPrefix = 12;
  return std::equal(a.begin(), a.begin() + kPrefix, b.begin());
}

}  // namespace takt::dds
