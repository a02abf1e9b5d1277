#pragma once

#include "takt/core/time.hpp"

namespace takt::zmq::internal {

/// Tells what happens now and then from what happens all the time. One thread at a time.
class Pace {
 public:
  /// It happens once more. @param now_ns  of one clock, which may jump. @return it did often of late
  [[nodiscard]] bool is_fast(core::Nanoseconds now_ns) noexcept {
    if (now_ns < since_ns_ || now_ns - since_ns_ >= kPeriod_ns) {
      since_ns_ = now_ns;
      count_ = 0;
    }
    return ++count_ > kOften;
  }

 private:
  static constexpr core::Nanoseconds kPeriod_ns = 1'000'000;
  static constexpr int kOften = 32;
  core::Nanoseconds since_ns_{0};
  int count_{0};
};

}  // namespace takt::zmq::internal
