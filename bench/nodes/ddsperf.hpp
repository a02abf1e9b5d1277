#pragma once

#include <cstdint>
#include <string_view>

#include <boost/describe.hpp>
#include <sys/types.h>

#include "takt/transports/dds/dds_transport.hpp"

/// ddsperf of Cyclone DDS, the flood that nobody here wrote.
namespace takt::bench {

/// What it publishes with -T OU: its one topic without a key.
struct DdsperfSample {
  static constexpr std::string_view kRosName = "bench_msgs/msg/OneULong";

  std::uint32_t sequence{0};
};
BOOST_DESCRIBE_STRUCT(DdsperfSample, (), (sequence))

/// Where a bus has it: "/ddsperf".
[[nodiscard]] dds::PlainTopic ddsperf_topic();

/// It publishes as fast as it can, on the loopback interface, for as long as this lives. A resource.
class Ddsperf {
 public:
  /// @throws SystemError when it is not there
  explicit Ddsperf(std::uint32_t domain);
  ~Ddsperf();
  Ddsperf(const Ddsperf&) = delete;
  Ddsperf& operator=(const Ddsperf&) = delete;

 private:
  pid_t pid_{-1};
};

}  // namespace takt::bench
