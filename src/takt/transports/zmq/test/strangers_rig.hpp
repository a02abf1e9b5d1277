#pragma once

#include <cstddef>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/sanitizers.hpp"
#include "takt/transports/zmq/test/stranger.hpp"
#include "takt/transports/zmq/test/zmq_rig.hpp"

/// What all tests of strangers have in common.
namespace takt::bus::test {

inline constexpr int kNoHeartbeat_ms = 60'000;  // strangers answer none

inline TopicEndpoint topic() {
  return {.name = "/topic", .type = {.name = "std_msgs/msg/String"}, .qos = {}, .node = {}};
}

inline std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// A sanitizer keeps what was freed, and says nothing of this.
inline void expect_at_most_more(std::size_t now, std::size_t before, std::size_t mebibytes, const char* what) {
  if (!TAKT_SANITIZED) {
    EXPECT_LT(now, before + (mebibytes << 20U)) << what;
  }
}

inline Announcement invented() {
  Announcement made;
  made.kind = zmq::internal::Kind::kPublisher;
  made.name = "/topic";
  made.type.name = "std_msgs/msg/String";
  return made;
}

}  // namespace takt::bus::test
