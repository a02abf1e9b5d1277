#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <boost/describe.hpp>

/// What the bench of the nodes sends. bench_messages.idl has the same.
namespace takt::bench {

/// 64 bytes.
struct Sample {
  static constexpr std::string_view kRosName = "bench_msgs/msg/Sample";

  std::int64_t stamp_ns{0};
  std::array<std::uint8_t, 56> padding{};
};
BOOST_DESCRIBE_STRUCT(Sample, (), (stamp_ns, padding))

struct Echo {
  static constexpr std::string_view kRosName = "bench_msgs/srv/Echo";

  struct Request {
    static constexpr std::string_view kRosName = "bench_msgs/srv/Echo_Request";
    std::int64_t stamp_ns{0};
  };
  struct Response {
    static constexpr std::string_view kRosName = "bench_msgs/srv/Echo_Response";
    std::int64_t stamp_ns{0};
  };
};
BOOST_DESCRIBE_STRUCT(Echo::Request, (), (stamp_ns))
BOOST_DESCRIBE_STRUCT(Echo::Response, (), (stamp_ns))

}  // namespace takt::bench
