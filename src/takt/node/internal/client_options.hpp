#pragma once

#include <cstdint>
#include <optional>

#include "takt/async/tasks/clocks.hpp"
#include "takt/bus/qos.hpp"

namespace takt::node {

struct ClientOptions {
  bus::Qos qos{};
  bool in_process_only{false};  ///< not on transports: for types without a wire form
};

struct CallOptions {
  std::optional<async::Duration> timeout{};  ///< of the loop's clock, for request and response; nothing: no limit
};

struct ClientStatistics {
  std::uint64_t calls{0};
  std::uint64_t responses{0};  ///< that a caller got
  std::uint64_t late{0};       ///< responses that nobody waited for any more
  std::uint64_t malformed{0};
};

}  // namespace takt::node
