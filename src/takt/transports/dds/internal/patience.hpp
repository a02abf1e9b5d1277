#pragma once

#include <utility>

#include "takt/core/time.hpp"

namespace takt::dds {

/// How long a reader that keeps all, and is full, presses back: Cyclone DDS then waits for room on the thread that
/// receives, so that everybody else waits with it. So long without being read, and so much longer while it is read but
/// never empty; then its oldest are to give way, until it is empty. One thread at a time.
class Patience {
 public:
  /// While it is read, it may be full for this many times as long.
  static constexpr int kWhileRead = 10;

  explicit Patience(core::Nanoseconds longest_ns) noexcept : longest_ns_(longest_ns) {}

  /// There was no room. Cyclone DDS tries again every few milliseconds. @return the oldest is to give way
  [[nodiscard]] bool is_over(core::Nanoseconds now_ns) noexcept {
    if (!full_ || now_ns - last_ns_ > longest_ns_) {  // there was room meanwhile
      since_ns_ = now_ns;
      read_ns_ = now_ns;
    }
    full_ = true;
    last_ns_ = now_ns;
    read_ns_ = std::exchange(read_, false) ? now_ns : read_ns_;
    over_ = over_ || now_ns - read_ns_ >= longest_ns_ || now_ns - since_ns_ >= kWhileRead * longest_ns_;
    return over_;
  }

  void on_read() noexcept { read_ = true; }
  void on_empty() noexcept {
    full_ = false;
    over_ = false;
  }
  [[nodiscard]] core::Nanoseconds longest_ns() const noexcept { return longest_ns_; }

 private:
  const core::Nanoseconds longest_ns_;
  bool full_{false};  // at some time since it was empty
  bool over_{false};
  bool read_{false};               // since it was full last
  core::Nanoseconds since_ns_{0};  // full, or nearly
  core::Nanoseconds read_ns_{0};
  core::Nanoseconds last_ns_{0};  // full
};

}  // namespace takt::dds
