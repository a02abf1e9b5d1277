#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <boost/describe.hpp>

/// Names that nobody else has. Of the package unique_identifier_msgs of ROS 2.
namespace takt::unique_identifier_msgs {

struct UUID {
  static constexpr std::string_view kRosName = "unique_identifier_msgs/msg/UUID";

  std::array<std::uint8_t, 16> uuid{};

  friend bool operator==(const UUID&, const UUID&) = default;
};
BOOST_DESCRIBE_STRUCT(UUID, (), (uuid))

}  // namespace takt::unique_identifier_msgs
