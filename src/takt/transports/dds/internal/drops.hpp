#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "takt/core/log.hpp"
#include "takt/core/time.hpp"

namespace takt::dds {

/// Counts what came and could not be used, and says so in the log, now and then. One thread at a time.
class Drops {
 public:
  /// @param what  "a request to '/set_bool'"
  explicit Drops(std::string what) : what_(std::move(what)) {}

  /// @param why  "has no header"
  void note(std::string_view why) {
    ++count_;
    if (gate_.pass(core::monotonic_now_ns())) {
      core::log(core::LogLevel::kWarning, fmt::format("dds: {} {}; dropped, {} so far", what_, why, count_));
    }
  }

 private:
  std::string what_;
  std::uint64_t count_{0};
  core::RateGate gate_;
};

}  // namespace takt::dds
